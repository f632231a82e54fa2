//! The project's own rules of style, as a test.
//!
//! A rule looks at one thing and gives a line for each place where it is broken. Why each rule is there stands in
//! CONTRIBUTING.md; a new rule is a function and one line in [`RULES`].

mod manifest;
mod source;
mod tables;
mod twins;

use crate::shell;
use anyhow::{Result, bail};
use std::path::Path;
use std::process::Command;

/// All text files that git knows or would take up.
pub struct Files(Vec<File>);

/// A file by its path in the repository.
pub struct File {
    /// With `/` between its parts.
    pub path: String,
    /// Its content; empty for what is no text.
    pub text: String,
}

type Rule = fn(&Files) -> Vec<String>;

const RULES: &[Rule] = &[
    source::length,
    source::names,
    source::words,
    source::ignored_tests,
    manifest::reasons,
    manifest::layers,
    tables::listed,
    tables::numbered,
    tables::by_tenant,
    twins::pages,
    twins::examples,
    twins::paths_in_documents,
];

/// Checks all rules and names every place where one is broken.
pub fn run() -> Result<()> {
    let files = Files::read(&shell::root())?;
    let broken: Vec<String> = RULES.iter().flat_map(|rule| rule(&files)).collect();
    for line in &broken {
        eprintln!("{line}");
    }
    if broken.is_empty() { Ok(()) } else { bail!("{} places break a rule", broken.len()) }
}

impl Files {
    fn read(root: &Path) -> Result<Self> {
        let listed = Command::new("git")
            .current_dir(root)
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .output()?;
        let paths = String::from_utf8_lossy(&listed.stdout).into_owned();
        let paths = paths.split('\0').filter(|path| !path.is_empty() && root.join(path).is_file());
        let read = |path: &str| {
            let bytes = std::fs::read(root.join(path)).unwrap_or_default();
            File { path: path.to_owned(), text: String::from_utf8(bytes).unwrap_or_default() }
        };
        Ok(Self(paths.map(read).collect()))
    }

    /// Those whose path ends so.
    pub fn ending(&self, end: &str) -> impl Iterator<Item = &File> {
        self.0.iter().filter(move |file| file.path.ends_with(end))
    }

    /// Those of a folder.
    pub fn under(&self, folder: &str) -> impl Iterator<Item = &File> {
        self.0.iter().filter(move |file| file.path.starts_with(folder))
    }

    /// The file of a path.
    pub fn find(&self, path: &str) -> Option<&File> {
        self.0.iter().find(|file| file.path == path)
    }

    /// Whether there is a file or a folder of this path.
    pub fn has(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        self.0.iter().any(|file| {
            file.path == path || file.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'))
        })
    }
}

impl File {
    /// The last part of the path.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// Lines with their numbers, from 1.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(at, line)| (at + 1, line))
    }
}

/// Files made up for tests of the rules.
#[cfg(test)]
pub fn made_of(files: &[(&str, &str)]) -> Files {
    Files(
        files
            .iter()
            .map(|(path, text)| File { path: (*path).to_owned(), text: (*text).to_owned() })
            .collect(),
    )
}
