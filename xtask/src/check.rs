//! `cargo xtask test`: named steps, timed, the tests last so that their summary ends the output.

use crate::bench::Build;
use crate::{browser, crash, deny, fuzz, judges, postgres, shell, tidy, web};
use anyhow::{Result, bail};
use std::time::{Duration, Instant};

/// A step: its name, what it is, and what it does.
struct Step {
    name: &'static str,
    about: &'static str,
    run: fn(&mut Report) -> Result<()>,
}

/// What the steps leave for the end of the output.
#[derive(Default)]
struct Report {
    /// The test runner's own last words.
    summary: Vec<String>,
}

const STEPS: &[Step] = &[
    Step { name: "fmt", about: "code is laid out by rustfmt", run: |_| fmt() },
    Step { name: "tidy", about: "the project's own rules of style", run: |_| tidy::run() },
    Step { name: "deny", about: "licences, bans and sources of dependencies", run: |_| deny::run() },
    Step { name: "clippy", about: "lints, warnings refused", run: |_| clippy() },
    Step {
        name: "web",
        about: "style and types of the console, and the API it was written for",
        run: |_| web::check(),
    },
    Step { name: "doc", about: "documentation builds without warnings", run: |_| doc() },
    Step {
        name: "judges",
        about: "programs of others hold conversations with our fakes and adapters",
        run: |_| judges::run(),
    },
    Step {
        name: "browser",
        about: "people's journeys in a browser, on the real program",
        run: |_| browser::run(),
    },
    Step {
        name: "fuzz",
        about: "the running program is asked everything its description allows and forbids",
        run: |_| fuzz::run(&fuzz::Options::SHORT),
    },
    Step { name: "crash", about: "the program killed under load, a short run", run: |_| crash() },
    Step { name: "test", about: "all tests, on SQLite and on PostgreSQL", run: test },
];

/// Runs all steps, or those named, and prints what each took. Stops at the first that fails.
pub fn run(only: &[String]) -> Result<()> {
    if let Some(unknown) = only.iter().find(|name| STEPS.iter().all(|step| step.name != name.as_str())) {
        bail!("there is no step «{unknown}»; cargo xtask test --list names them");
    }
    let mut report = Report::default();
    let mut times = Vec::new();
    for step in STEPS.iter().filter(|step| only.is_empty() || only.iter().any(|name| name == step.name)) {
        eprintln!("\n=== {}: {}", step.name, step.about);
        let began = Instant::now();
        let done = (step.run)(&mut report);
        times.push((step.name, began.elapsed()));
        if let Err(error) = done {
            print_times(&times);
            return Err(error.context(format!("step {} failed", step.name)));
        }
    }
    print_times(&times);
    for line in report.summary {
        eprintln!("{line}");
    }
    Ok(())
}

/// Says the steps.
pub fn list() -> Result<()> {
    for step in STEPS {
        eprintln!("{:8} {}", step.name, step.about);
    }
    Ok(())
}

fn print_times(times: &[(&str, Duration)]) {
    eprintln!();
    for (name, took) in times {
        eprintln!("{name:8} {:7.1} s", took.as_secs_f64());
    }
    let total: Duration = times.iter().map(|(_, took)| *took).sum();
    eprintln!("{:8} {:7.1} s\n", "total", total.as_secs_f64());
}

fn fmt() -> Result<()> {
    shell::run(&mut shell::cargo(["fmt", "--all", "--check"]))
}

fn clippy() -> Result<()> {
    shell::run(&mut shell::cargo([
        "clippy",
        "--workspace",
        "--all-targets",
        "--quiet",
        "--",
        "-D",
        "warnings",
    ]))
}

fn doc() -> Result<()> {
    let mut doc = shell::cargo(["doc", "--workspace", "--no-deps", "--document-private-items", "--quiet"]);
    shell::run(doc.env("RUSTDOCFLAGS", "-D warnings"))
}

fn crash() -> Result<()> {
    crash::run(&crash::Options::SHORT, Build::Debug)
}

fn test(report: &mut Report) -> Result<()> {
    let server = postgres::Server::start()?;
    shell::run(
        shell::cargo(["test", "--workspace", "--doc", "--quiet"]).env(postgres::VARIABLE, server.url()),
    )?;
    let nextest = shell::is_there("cargo-nextest", "--version");
    let runner: &[&str] =
        if nextest { &["nextest", "run"] } else { &["test", "--lib", "--bins", "--tests", "--examples"] };
    let mut command = shell::cargo(runner);
    command.args(["--workspace", "--no-fail-fast"]).env(postgres::VARIABLE, server.url());
    let kept = shell::run_and_keep(&mut command)?;
    if let Some(failure) = kept.failure {
        bail!(failure);
    }
    report.summary = summary(&kept.lines);
    Ok(())
}

/// nextest says it in one line; without it each binary has a line of its own.
fn summary(lines: &[String]) -> Vec<String> {
    lines
        .iter()
        .filter(|line| line.contains("Summary [") || line.starts_with("test result:"))
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_runners_last_words_are_found_among_the_rest() {
        let lines = [
            "        PASS [   0.1s] store it::lease",
            "     Summary [  12.3s] 345 tests run: 345 passed, 0 skipped",
        ];
        assert_eq!(summary(&lines.map(String::from)), [lines[1]]);
    }

    #[test]
    fn names_of_steps_are_unique() {
        let mut names: Vec<_> = STEPS.iter().map(|step| step.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), STEPS.len());
    }
}
