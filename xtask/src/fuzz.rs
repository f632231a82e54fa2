//! `cargo xtask fuzz`: schemathesis asks the running program what its description of the API says may be asked, and
//! what it says may not. No answer may be a failure of ours, and none may differ from the description.
//!
//! The program is the demo: two companies with two years of data, on SQLite, every messenger on this machine. Seed,
//! bounds and what is left out with which reason are in `tools/fuzz`.

use crate::process::Process;
use crate::{installed, shell};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Customers of the demo: enough for second pages.
const CUSTOMERS: &str = "120";

/// How long and what.
#[derive(clap::Args)]
pub struct Options {
    /// Which requests are thought up; the same ones for the same seed and the same description.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Requests thought up for each operation, beside those that the description itself makes necessary.
    #[arg(long, default_value_t = 60)]
    examples: u32,
    /// Only addresses that match this expression.
    #[arg(long, value_name = "REGEX")]
    path: Option<String>,
}

impl Options {
    /// Few requests, for `cargo xtask test`.
    pub const SHORT: Self = Self { seed: 1, examples: 6, path: None };
}

/// Builds the program, starts it with an empty folder of its own and asks it everything.
pub fn run(options: &Options) -> Result<()> {
    let programs = installed::python("fuzz")?;
    shell::run(shell::cargo(["build", "--quiet", "--package", "samovar"]).env("SAMOVAR_WEB", "stub"))?;
    let folder = Folder::new()?;
    let mut program = Process::start("fuzz", &mut demo(&folder.0))?;
    let greeting = folder.0.join("greeting");
    fs::write(&greeting, program.until_said("Ctrl-C")?)?;
    let mut fuzz = shell::command(programs.join("python"));
    fuzz.arg(shell::root().join("tools/fuzz/fuzz.py")).arg(&greeting);
    fuzz.args(["--seed", &options.seed.to_string(), "--examples", &options.examples.to_string()]);
    if let Some(path) = &options.path {
        fuzz.args(["--path", path]);
    }
    shell::run(&mut fuzz).with_context(|| format!("the program said:\n{}", program.last_words()))
}

/// The program, with no setting of whoever runs the checks.
fn demo(folder: &Path) -> Command {
    let mut demo = Command::new(shell::program());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SAMOVAR_")) {
        demo.env_remove(name);
    }
    demo.args(["demo", "--port", "0", "--lang", "en", "--customers", CUSTOMERS, "--database"]);
    demo.arg(folder.join("fuzz.sqlite")).current_dir(folder);
    demo
}

/// A temporary folder; removed when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self> {
        let path = std::env::temp_dir().join(format!("samovar-fuzz-{}", std::process::id()));
        fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left in a temporary folder does no harm.
        let _ = fs::remove_dir_all(&self.0);
    }
}
