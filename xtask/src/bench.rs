//! `cargo xtask bench <trial> …`: the trials of the running program, which is built as it is shipped.

use crate::{browser, postgres, shell};
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

/// The trial that looks at the program in a browser.
const IN_BROWSER: &str = "console";

/// Runs one trial with its own arguments.
pub fn run(arguments: &[String]) -> Result<()> {
    if arguments.first().is_some_and(|trial| trial == IN_BROWSER) {
        let chromium = browser::ready()?;
        let mut trials = Trials::made(Build::Release, &[("SAMOVAR_WEB", "require")])?;
        trials.environment.push((browser::CHROMIUM_VARIABLE.into(), chromium));
        return trials.run(arguments);
    }
    Trials::build(Build::Release)?.run(arguments)
}

/// The built trials, with a PostgreSQL to run on.
pub struct Trials {
    build: Build,
    /// What a trial is told.
    environment: Vec<(String, String)>,
    /// One of our own that stops with this, where the environment names none.
    _server: Option<postgres::Server>,
}

impl Trials {
    /// Builds, and starts a PostgreSQL unless the environment names one.
    pub fn build(build: Build) -> Result<Self> {
        Self::made(build, &[])
    }

    fn made(build: Build, settings: &[(&str, &str)]) -> Result<Self> {
        shell::run(shell::cargo(build.arguments()).envs(settings.iter().copied()))?;
        if std::env::var_os(postgres::VARIABLE).is_some() {
            return Ok(Self { build, environment: Vec::new(), _server: None });
        }
        let server = postgres::Server::start()?;
        let environment = vec![(postgres::VARIABLE.into(), server.url().to_owned())];
        Ok(Self { build, environment, _server: Some(server) })
    }

    /// Runs one to its end.
    pub fn run<S: AsRef<str>>(&self, arguments: &[S]) -> Result<()> {
        let mut command = shell::command(self.build.folder().join("samovar-trials"));
        command.args(arguments.iter().map(AsRef::as_ref)).envs(self.environment.iter().cloned());
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
