//! Rules for Rust sources.

use super::{File, Files};

/// Longest source file, tests apart.
const LINES_MAX: usize = 600;
/// Names that say nothing of what is inside, or tell of an unfinished change.
const EMPTY_NAMES: [&str; 7] = ["utils", "util", "helpers", "helper", "misc", "stuff", "shared"];

/// A file is short enough to be read at a sitting.
pub fn length(files: &Files) -> Vec<String> {
    let long = sources(files).filter(|file| !is_test(file) && file.lines().count() > LINES_MAX);
    long.map(|file| {
        format!("{}: {} lines, at most {LINES_MAX}: split it by noun", file.path, file.lines().count())
    })
    .collect()
}

/// A name is a noun of the field.
pub fn names(files: &Files) -> Vec<String> {
    let is_empty = |part: &str| {
        let word = part.trim_end_matches(".rs");
        EMPTY_NAMES.contains(&word)
            || word.ends_with("_v2")
            || word.starts_with("new_")
            || word.starts_with("copy_")
    };
    let bad = sources(files).filter(|file| file.path.split('/').any(is_empty));
    bad.map(|file| format!("{}: name it by what is inside", file.path)).collect()
}

/// What is left to do stands in an issue, not in the code.
pub fn words(files: &Files) -> Vec<String> {
    let marks =
        [["TO", "DO"].concat(), ["FIX", "ME"].concat(), ["XX", "X:"].concat(), ["HA", "CK:"].concat()];
    let marked = |line: &str| marks.iter().any(|mark| line.contains(mark.as_str()));
    lines_that(files, marked, "do it, or leave it to an issue")
}

/// A test that does not run holds nothing.
pub fn ignored_tests(files: &Files) -> Vec<String> {
    let mark = ["#[", "ignore"].concat();
    lines_that(files, |line| line.trim_start().starts_with(&mark), "a test that is skipped holds nothing")
}

fn lines_that(files: &Files, is_bad: impl Fn(&str) -> bool, why: &str) -> Vec<String> {
    let all = sources(files).flat_map(|file| file.lines().map(move |(at, line)| (file, at, line)));
    all.filter(|(_, _, line)| is_bad(line))
        .map(|(file, at, _)| format!("{}:{at}: {why}", file.path))
        .collect()
}

fn sources(files: &Files) -> impl Iterator<Item = &File> {
    files.ending(".rs")
}

fn is_test(file: &File) -> bool {
    file.path.contains("/tests/") || file.name() == "tests.rs" || file.name().ends_with("_tests.rs")
}

#[cfg(test)]
mod tests {
    use super::super::made_of;
    use super::*;

    #[test]
    fn long_files_are_found_and_long_tests_are_not() {
        let long = "\n".repeat(LINES_MAX + 1);
        let files = made_of(&[
            ("a/b.rs", &long),
            ("a/tests.rs", &long),
            ("a/tests/it/b.rs", &long),
            ("a/c.rs", "fn c() {}"),
        ]);
        assert_eq!(length(&files).len(), 1);
    }

    #[test]
    fn empty_names_are_found() {
        let files = made_of(&[
            ("a/utils.rs", ""),
            ("a/helpers/mod.rs", ""),
            ("a/send_v2.rs", ""),
            ("a/ledger.rs", ""),
        ]);
        assert_eq!(names(&files).len(), 3);
    }

    #[test]
    fn unfinished_work_is_found_with_its_line() {
        let text =
            format!("fn a() {{}}\n// {}: later\n  {}]\n", ["TO", "DO"].concat(), ["#[", "ignore"].concat());
        let files = made_of(&[("a.rs", &text)]);
        assert!(words(&files)[0].starts_with("a.rs:2:"));
        assert!(ignored_tests(&files)[0].starts_with("a.rs:3:"));
    }
}
