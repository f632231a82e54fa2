//! `cargo xtask judges`: programs that others wrote say whether our Telegram is Telegram.
//!
//! 1. Bots on aiogram, grammY and python-telegram-bot, written as their users write them, hold conversations with
//!    our fake, by polling and by webhook. What they do not understand, or what misses, is a fault of the fake.
//! 2. Our connector holds conversations with two emulators that are not ours: `telegram-test-api` by polling and
//!    `telemelya` by webhook, with a picture both ways.
//!
//! Everything is installed into `.tools/judges` at the versions of `tools/judges`; see the README there.

mod adapter;
mod install;
mod libraries;
mod person;
mod web;

use crate::shell;
use anyhow::Result;
use std::time::Instant;

/// Installs what is missing, lets every judge speak, prints a line for each. The first that disagrees is an error
/// with the transcript.
pub fn run() -> Result<()> {
    let began = Instant::now();
    let tools = install::install()?;
    build("samovar-fakes", "fake_telegram")?;
    libraries::judge(&tools)?;
    build("samovar-connectors", "judge_conversation")?;
    adapter::judge(&tools)?;
    eprintln!("all judges agree, after {:.0} s", began.elapsed().as_secs_f64());
    Ok(())
}

fn build(package: &str, example: &str) -> Result<()> {
    shell::run(&mut shell::cargo(["build", "--quiet", "--package", package, "--example", example]))
}

fn say(judge: &str, version: &str, passed: &str, began: Instant) {
    eprintln!("{judge:20} {version:8} {passed} ({:.1} s)", began.elapsed().as_secs_f64());
}
