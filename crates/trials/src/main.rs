//! Trials of the running program: benchmarks beside a bare loop, and what is left after `kill -9`.
//!
//! Everything runs on this machine: the program as its own process, a make-believe Telegram in this one, the database
//! that `--postgres` names. `cargo xtask bench` and `cargo xtask crash` build, start and feed it.

mod api;
mod bench;
mod crash;
mod database;
mod machine;
mod program;
mod promotion;

use clap::{Parser, Subcommand};

// Trials that hold the product in this process give it the allocator that it has in its own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Trials of the running program.
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    trial: Trial,
}

#[derive(Subcommand)]
enum Trial {
    /// Closed-loop customers (start, balance) against the program, in turn with a bare loop of the same row writes.
    Pipeline(bench::pipeline::Options),
    /// How file, start after a crash and speed grow with the number of contacts.
    Growth(bench::growth::Options),
    /// The table of customers with very many of them.
    Contacts(bench::contacts::Options),
    /// What a person at the console waits for, in a browser, with very many customers and messages.
    Console(bench::console::Options),
    /// Points for many and their expiry, beside a bare set-based SQL of the same rows.
    Loyalty(bench::loyalty::Options),
    /// Codes in made-up photos of receipts: each reader alone, and the ladder.
    Codes(bench::codes::Options),
    /// Receipts at one, three and ten times the pace of their provider.
    LastDay(bench::last_day::Options),
    /// A draw among very many tickets: frozen, held, published and verified.
    Draw(bench::draw::Options),
    /// The program killed at random moments under load: nothing is lost, nothing is done twice.
    Crash(crash::Options),
    /// Two programs on one database, one of them killed: the other takes over.
    Nodes(crash::nodes::Options),
    /// The bare loop alone; run by `pipeline` and `last-day` as a process of its own.
    Bare(bench::bare::Options),
}

fn main() -> anyhow::Result<()> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match Cli::parse().trial {
            Trial::Pipeline(options) => bench::pipeline::run(options).await,
            Trial::Growth(options) => bench::growth::run(options).await,
            Trial::Contacts(options) => bench::contacts::run(options).await,
            Trial::Console(options) => bench::console::run(options).await,
            Trial::Loyalty(options) => bench::loyalty::run(options).await,
            Trial::Codes(options) => bench::codes::run(&options),
            Trial::LastDay(options) => bench::last_day::run(options).await,
            Trial::Draw(options) => bench::draw::run(options).await,
            Trial::Crash(options) => crash::run(options).await,
            Trial::Nodes(options) => crash::nodes::run(options).await,
            Trial::Bare(options) => bench::bare::run(options).await,
        }
    })
}
