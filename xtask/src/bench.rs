//! `cargo xtask bench <trial> …`: the trials of the running program, which is built as it is shipped.

use crate::{postgres, shell};
use anyhow::Result;
use std::path::PathBuf;

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
        shell::run(&mut shell::cargo(build.arguments()))?;
        let server = match std::env::var_os(postgres::VARIABLE) {
            Some(_) => None,
            None => Some(postgres::Server::start()?),
        };
        Ok(Self { build, server })
    }

    /// Runs one to its end.
    pub fn run<S: AsRef<str>>(&self, arguments: &[S]) -> Result<()> {
        let mut command = shell::command(self.build.folder().join("samovar-trials"));
        command.args(arguments.iter().map(AsRef::as_ref));
        if let Some(server) = &self.server {
            command.env(postgres::VARIABLE, server.url());
        }
        shell::run(&mut command)
    }
}

impl Build {
    /// Of cargo. The whole workspace where the tests build it: the same features, so nothing is built twice.
    fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Release => &["build", "--release", "--package", "samovar", "--package", "samovar-trials"],
            Self::Debug => &["build", "--workspace", "--bins"],
        }
    }

    fn folder(self) -> PathBuf {
        shell::target().join(match self {
            Self::Release => "release",
            Self::Debug => "debug",
        })
    }
}
