//! Licences, bans and sources of dependencies by `cargo deny`; known vulnerabilities where the database is in reach.

use crate::shell;
use anyhow::{Result, bail};
use std::path::PathBuf;

/// Installed when there is none; any installed one is taken.
const VERSION: &str = "0.20.2";

/// The check.
pub fn run() -> Result<()> {
    let program = find_or_install()?;
    let mut rules = shell::command(&program);
    shell::run(rules.args([
        "--all-features",
        "--log-level",
        "error",
        "check",
        "licenses",
        "bans",
        "sources",
    ]))?;
    let mut known = shell::command(&program);
    let known = shell::run_and_keep(known.args(["--all-features", "check", "advisories"]))?;
    match known.failure {
        Some(_) if known.lines.iter().any(|line| is_about_reaching(line)) => {
            eprintln!(
                "warning: the database of advisories is not in reach; vulnerabilities were not looked up"
            );
            Ok(())
        }
        Some(failure) => bail!(failure),
        None => Ok(()),
    }
}

fn is_about_reaching(line: &str) -> bool {
    line.contains("failed to fetch advisory database") || line.contains("failed to load advisory database")
}

fn find_or_install() -> Result<PathBuf> {
    if shell::is_there("cargo-deny", "--version") {
        return Ok("cargo-deny".into());
    }
    let tools = shell::root().join(".tools");
    let program = tools.join("bin/cargo-deny");
    if !program.is_file() {
        let mut install = shell::cargo(["install", "--locked", "--root"]);
        shell::run(install.arg(&tools).arg(format!("cargo-deny@{VERSION}")))?;
    }
    Ok(program)
}
