//! Chores of the project: checks, a PostgreSQL for tests, judges, benchmarks.
//!
//! `cargo xtask test` is everything that must hold before a change is taken; each of its steps can be run alone by
//! `--only`. A new chore is a module with a `run` and one line in [`Chore`].

mod bench;
mod browser;
mod check;
mod crash;
mod deny;
mod fuzz;
mod installed;
mod judges;
mod postgres;
mod process;
mod shell;
mod tidy;
mod web;

use clap::Parser;
use std::process::ExitCode;

/// Chores of the project.
#[derive(Parser)]
#[command(bin_name = "cargo xtask", version, about)]
enum Chore {
    /// Everything that must hold: style, lints, licences, tests on both databases, judges.
    Test {
        /// Only these steps, by name; may be given more than once.
        #[arg(long, value_name = "STEP")]
        only: Vec<String>,
        /// Say the steps and do nothing.
        #[arg(long)]
        list: bool,
    },
    /// Measure the running program: `pipeline`, `contacts`, `console` …, and then that trial's own arguments.
    Bench {
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        trial: Vec<String>,
    },
    /// Kill the running program under load, and one of two nodes: nothing is lost, nothing is done twice.
    Crash(crash::Options),
    /// Ask the running program everything its description allows and forbids: no failure, no answer outside of it.
    Fuzz(fuzz::Options),
    /// Start a PostgreSQL for tests and print its address; stops with this command.
    Pg,
    /// The project's own rules of style.
    Tidy,
    /// Programs of others hold conversations with our fakes and adapters.
    Judges,
    /// Chores of the console's pages.
    Web {
        #[command(subcommand)]
        chore: web::Chore,
    },
}

fn main() -> ExitCode {
    let done = match Chore::parse() {
        Chore::Test { list: true, .. } => check::list(),
        Chore::Test { only, .. } => check::run(&only),
        Chore::Bench { trial } => bench::run(&trial),
        Chore::Crash(options) => crash::run(&options, bench::Build::Release),
        Chore::Fuzz(options) => fuzz::run(&options),
        Chore::Pg => postgres::run(),
        Chore::Tidy => tidy::run(),
        Chore::Judges => judges::run(),
        Chore::Web { chore } => web::run(&chore),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
