//! What `web/` needs of the rest: its checks, and the console's client that learns the REST API anew.

use crate::shell;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::PathBuf;

/// The generated types, inside the repository.
const TYPES: &str = "web/src/api/schema.d.ts";

/// Chores of `web/`.
#[derive(clap::Subcommand)]
pub enum Chore {
    /// Write the types of the REST API for the console.
    Types,
}

/// Does the chore.
pub fn run(chore: &Chore) -> Result<()> {
    match chore {
        Chore::Types => fs::write(shell::root().join(TYPES), types()?).context("cannot write the types"),
    }
}

/// Style, types, budgets, and that the client knows the API as it is now.
pub fn check() -> Result<()> {
    install()?;
    let npm = |task: &str| {
        let mut npm = shell::command("npm");
        npm.args(["run", "--silent", task]).current_dir(shell::root().join("web"));
        npm
    };
    shell::run(&mut npm("check"))?;
    shell::run(&mut npm("test"))?;
    shell::run(&mut npm("budgets"))?;
    check_types()
}

fn check_types() -> Result<()> {
    if fs::read_to_string(shell::root().join(TYPES))? == types()? {
        return Ok(());
    }
    bail!("{TYPES} is older than the API: cargo xtask web types")
}

/// What the generator makes of the description that the program prints.
fn types() -> Result<String> {
    install()?;
    let folder = shell::root().join("target");
    fs::create_dir_all(&folder)?;
    let (description, made) = (folder.join("openapi.json"), folder.join("schema.d.ts"));
    let told = shell::cargo(["run", "--quiet", "--package", "samovar", "--", "openapi"])
        .env("SAMOVAR_WEB", "stub")
        .stderr(std::process::Stdio::inherit())
        .output()?;
    if !told.status.success() {
        bail!("samovar openapi: {}", told.status);
    }
    fs::write(&description, told.stdout)?;
    let mut generator = shell::command("npx");
    generator.args(["--no-install", "openapi-typescript"]).arg(&description).arg("--output").arg(&made);
    shell::run(generator.current_dir(shell::root().join("web")))?;
    fs::read_to_string(made).context("the generator wrote nothing")
}

/// Brings the packages of `web/` when the lock file is newer than they are.
pub fn install() -> Result<()> {
    let web: PathBuf = shell::root().join("web");
    let modified = |path: &str| fs::metadata(web.join(path)).and_then(|meta| meta.modified()).ok();
    let installed = modified("node_modules/.package-lock.json");
    if installed.is_some() && installed >= modified("package-lock.json") {
        return Ok(());
    }
    let mut npm = shell::command("npm");
    shell::run(npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(web))
}
