//! Rules for what people read: both languages, and nothing about last year's code.

use super::Files;

/// Every page of the operator's book is there in Russian and in English.
pub fn pages(files: &Files) -> Vec<String> {
    twins(files, "docs/ru/", "docs/en/").chain(twins(files, "docs/en/", "docs/ru/")).collect()
}

/// Every example bot speaks both languages.
pub fn examples(files: &Files) -> Vec<String> {
    let pairs = [("/ru.toml", "/en.toml"), ("/en.toml", "/ru.toml")];
    let all = pairs.into_iter().flat_map(|(one, other)| {
        let here = files.under("examples/").filter(move |file| file.path.ends_with(one));
        here.map(move |file| (&file.path, file.path.replace(one, other)))
    });
    all.filter(|(_, twin)| !files.has(twin))
        .map(|(path, twin)| format!("{path}: its twin {twin} is missing"))
        .collect()
}

/// A path named in a document exists.
pub fn paths_in_documents(files: &Files) -> Vec<String> {
    let mut broken = Vec::new();
    for file in files.ending(".md").filter(|file| !file.path.contains("/LICENSES/")) {
        for (at, line) in file.lines() {
            let missing = quoted(line).filter(|path| is_path(path) && !files.has(path));
            broken.extend(missing.map(|path| format!("{}:{at}: there is no {path}", file.path)));
        }
    }
    broken
}

fn twins<'a>(files: &'a Files, here: &'static str, there: &'static str) -> impl Iterator<Item = String> + 'a {
    let all = files.under(here).map(move |file| (file, file.path.replacen(here, there, 1)));
    all.filter(|(_, twin)| !files.has(twin))
        .map(|(file, twin)| format!("{}: its twin {twin} is missing", file.path))
}

/// What stands in backticks, up to a `:` or `#` behind the path.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2).map(|text| text.split([':', '#']).next().unwrap_or_default())
}

/// Only what surely is one of ours: it begins with a folder of the repository and has no pattern in it.
fn is_path(text: &str) -> bool {
    let folders = ["crates/", "docs/", "examples/", "xtask/", "tools/", ".ci/"];
    folders.iter().any(|folder| text.starts_with(folder)) && !text.contains([' ', '<', '*', '{', '…', '$'])
}

#[cfg(test)]
mod tests {
    use super::super::made_of;
    use super::*;

    #[test]
    fn a_page_in_one_language_is_found() {
        let files = made_of(&[
            ("docs/ru/a.md", ""),
            ("docs/en/a.md", ""),
            ("docs/en/b.md", ""),
            ("examples/x/ru.toml", ""),
        ]);
        assert_eq!(pages(&files), ["docs/en/b.md: its twin docs/ru/b.md is missing"]);
        assert_eq!(examples(&files), ["examples/x/ru.toml: its twin examples/x/en.toml is missing"]);
    }

    #[test]
    fn a_document_names_only_what_exists() {
        let text = "See `crates/app/src/lib.rs`, `crates/app/`, `crates/gone.rs:12`, `crates/<name>/x` and `cargo test`.";
        let files = made_of(&[("A.md", text), ("crates/app/src/lib.rs", "")]);
        assert_eq!(paths_in_documents(&files), ["A.md:1: there is no crates/gone.rs"]);
    }
}
