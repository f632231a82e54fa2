//! `samovar backup`.

use crate::apply::complain;
use crate::config::Config;
use anyhow::{Context, bail};
use samovar_app::backups;
use samovar_base::{Clock, SystemClock};
use samovar_store::Store;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What the command takes.
#[derive(clap::Args)]
pub struct Options {
    /// The file to write (gzip); in the folder of backups beside the database when not given.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Copies the database, checks the copy and packs it. May be run while samovar is serving.
#[allow(clippy::print_stdout)]
pub async fn run(config: &Config, options: Options) -> anyhow::Result<ExitCode> {
    let place = config.store_options();
    let Some(path) = place.url.strip_prefix("sqlite:") else {
        bail!(
            "the database is on PostgreSQL: back it up with `pg_dump --format=custom` (see docs/en/backups.md); \
               `samovar export` writes the data of a company to files"
        );
    };
    if !Path::new(path).exists() {
        bail!("there is no database {path}: say where it is in [store] url");
    }
    if let Some(out) = options.out.as_ref().filter(|out| out.exists()) {
        bail!("{} is already there", out.display());
    }
    // Not by way of the program: it would want the file for itself.
    let store = Store::open(place).await.context("the database cannot be opened")?;
    let name = backups::file_name(SystemClock.now());
    let to = options.out.or_else(|| Some(backups::folder(&store)?.join(name)));
    let Some(to) = to else { bail!("there is no folder for backups") };
    let made = backups::make(&store, &to).await;
    store.close().await;
    match made {
        Ok(made) => {
            println!("{}: {} bytes, checked; companies: {}", to.display(), made.size, made.companies);
            println!("The instance's key is not in it: keep a copy of the key apart.");
            Ok(ExitCode::SUCCESS)
        }
        Err(fail) => {
            complain(&fail);
            Ok(ExitCode::FAILURE)
        }
    }
}
