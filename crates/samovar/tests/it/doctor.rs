//! `samovar doctor` looks and touches nothing.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder of its own, removed when the test has ended.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("samovar-{name}-{}", std::process::id()));
        std::fs::create_dir(&path).expect("a new folder");
        Self(path)
    }
    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.0).expect("a folder");
        let mut names: Vec<_> = entries
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// With the settings that the program has by itself.
fn samovar(folder: &Path, command: &str) -> Output {
    let mut samovar = Command::new(env!("CARGO_BIN_EXE_samovar"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SAMOVAR_")) {
        samovar.env_remove(name);
    }
    samovar.arg(command).current_dir(folder).output().expect("the program starts")
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn in_an_empty_folder_it_makes_neither_database_nor_key() {
    let folder = Folder::new("doctor-empty");
    let output = samovar(&folder.0, "doctor");
    let told = told(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("BAD   there is no database samovar.sqlite in this folder yet"), "{told}");
    assert!(told.contains("-> `samovar apply FILE` or `samovar serve` makes it"), "{told}");
    assert_eq!(folder.names(), [""; 0], "nothing was made");
}

#[test]
fn beside_a_database_it_makes_no_key_that_could_not_read_it() {
    let folder = Folder::new("doctor-keyless");
    let made = samovar(&folder.0, "migrate");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let before = folder.names();
    assert!(before.contains(&"samovar.sqlite".to_owned()), "{before:?}");
    let output = samovar(&folder.0, "doctor");
    let told = told(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("BAD   the instance's key is missing: samovar.key is not there"), "{told}");
    assert_eq!(folder.names(), before, "nothing was made");
}
