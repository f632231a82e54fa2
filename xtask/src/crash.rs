//! `cargo xtask crash`: the program killed under load, on both databases, and one of two nodes killed.

use crate::bench::{Build, Trials};
use anyhow::Result;

/// How often, and from which seed.
#[derive(clap::Args)]
pub struct Options {
    /// Kills of the program, on each database.
    #[arg(long, default_value_t = 200)]
    kills: u64,
    /// Kills of one of two nodes.
    #[arg(long, default_value_t = 20)]
    node_kills: u64,
    /// What happens when; any when not given.
    #[arg(long)]
    seed: Option<u64>,
}

impl Options {
    /// Few kills, for `cargo xtask test`.
    pub const SHORT: Self = Self { kills: 12, node_kills: 1, seed: None };
}

/// Runs all three trials.
pub fn run(options: &Options, build: Build) -> Result<()> {
    let trials = Trials::build(build)?;
    let kills = options.kills.to_string();
    for engine in ["sqlite", "postgres"] {
        trials.run(&with_seed(&["crash", "--engine", engine, "--kills", &kills], options.seed))?;
    }
    trials.run(&with_seed(&["nodes", "--kills", &options.node_kills.to_string()], options.seed))
}

fn with_seed(arguments: &[&str], seed: Option<u64>) -> Vec<String> {
    let seed = seed.map(|seed| ["--seed".to_owned(), seed.to_string()]);
    arguments.iter().map(|&argument| argument.to_owned()).chain(seed.into_iter().flatten()).collect()
}
