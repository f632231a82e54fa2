//! `cargo xtask bench <trial> …`: the trials of the running program, which is built as it is shipped.

use crate::{postgres, shell};
use anyhow::Result;
use std::process::Command;

/// How the program and its trials are built.
#[derive(Clone, Copy)]
pub enum Build {
    /// As it is shipped.
    Release,
    /// As the tests build it, which takes no time after them.
    Debug,
}

/// Runs one trial with its own arguments.
pub fn run(arguments: &[String]) -> Result<()> {
    let trials = Trials::build(Build::Release)?;
    trials.run(arguments)
}

/// The built trials, with a PostgreSQL to run on.
pub struct Trials {
    build: Build,
    /// The environment's, or one of our own that stops with this.
    server: Option<postgres::Server>,
}

impl Trials {
    /// Builds, and starts a PostgreSQL unless the environment names one.
    pub fn build(build: Build) -> Result<Self> {
        shell::run(build.cargo("build").args(["--package", "samovar", "--package", "samovar-trials"]))?;
        let server = match std::env::var_os(postgres::VARIABLE) {
            Some(_) => None,
            None => Some(postgres::Server::start()?),
        };
        Ok(Self { build, server })
    }

    /// Runs one to its end.
    pub fn run<S: AsRef<str>>(&self, arguments: &[S]) -> Result<()> {
        let mut command = self.build.cargo("run");
        command.args(["--quiet", "--package", "samovar-trials", "--"]);
        command.args(arguments.iter().map(AsRef::as_ref));
        if let Some(server) = &self.server {
            command.env(postgres::VARIABLE, server.url());
        }
        shell::run(&mut command)
    }
}

impl Build {
    fn cargo(self, what: &str) -> Command {
        let mut command = shell::cargo([what]);
        if let Self::Release = self {
            command.arg("--release");
        }
        command
    }
}
