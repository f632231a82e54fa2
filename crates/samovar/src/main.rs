//! Samovar: one program on which a business runs its customers through messenger bots.

mod apply;
mod backup;
mod config;
mod demo;
mod doctor;
mod draw;
mod export;
mod import;
mod node;
mod pages;
mod serve;
mod sign_in_link;
mod variables;

use clap::{Parser, Subcommand};
use config::Config;
use std::path::PathBuf;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Samovar: loyalty, promotions and conversations of a business in messenger bots.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    /// The settings; `samovar.toml` in this folder when not given.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve: receive, answer, send. What happens when no command is given.
    Serve,
    /// Show everything at work on this machine: a demo company, its bot, its customers, and you among them.
    Demo(demo::Options),
    /// Say in plain words what is wrong and what to do.
    Doctor,
    /// Bring the database up to date and stop.
    Migrate,
    /// Print the description of the REST API (OpenAPI 3.1).
    Openapi,
    /// Print a link that signs a person in, once: for the first owner, or whoever lost their password or phone.
    SignInLink(sign_in_link::Options),
    /// Set a company up from a file; again with the same file changes nothing.
    Apply(apply::Options),
    /// Copy the database while it is in use, check the copy and pack it (SQLite).
    Backup(backup::Options),
    /// Write the company's data to a file of Excel or CSV.
    Export(export::Options),
    /// Take contacts with their balances from a file of Excel or CSV.
    Import(import::Options),
    /// Check a draw that somebody held: nothing but its protocol and its list is needed.
    #[command(subcommand)]
    Draw(draw::Options),
    /// Print the settings with their defaults and what they mean.
    Config,
}

fn main() -> ExitCode {
    // Clients of TLS share one provider; without it the first connection would fail.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let cli = Cli::parse();
    match run(cli) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("samovar: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[allow(clippy::print_stdout)]
fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    match cli.command {
        Some(Command::Config) => {
            print!("{}", config::DEFAULT);
            return Ok(ExitCode::SUCCESS);
        }
        Some(Command::Draw(options)) => return draw::run(options),
        Some(Command::Openapi) => {
            println!("{}", samovar_http::openapi::document().to_pretty_json()?);
            return Ok(ExitCode::SUCCESS);
        }
        _ => {}
    }
    let config = Config::load(cli.config.as_deref(), std::env::vars())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match cli.command.unwrap_or(Command::Serve) {
            Command::Serve => serve::run(config).await,
            Command::Demo(options) => demo::run(config, options).await,
            Command::Doctor => doctor::run(&config).await,
            Command::Migrate => node::migrate(&config).await,
            Command::SignInLink(options) => sign_in_link::run(&config, options).await,
            Command::Apply(options) => apply::run(&config, options).await,
            Command::Import(options) => import::run(&config, options).await,
            Command::Backup(options) => backup::run(&config, options).await,
            Command::Export(options) => export::run(&config, options).await,
            Command::Config | Command::Openapi | Command::Draw(_) => Ok(ExitCode::SUCCESS),
        }
    })
}
