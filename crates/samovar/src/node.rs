//! Putting the program together from its settings.

use crate::config::{Config, LogFormat};
use anyhow::{Context, bail};
use samovar_app::App;
use samovar_app::app::Parts;
use samovar_app::pipeline::RENEW_MS;
use samovar_base::{Chance, SystemClock, Vault};
use samovar_connectors::Messenger;
use samovar_connectors::telegram::Telegram;
use samovar_connectors::webchat::{Hub, Webchat};
use samovar_store::{Engine, Store};
use secrecy::{ExposeSecret, SecretString};
use std::convert::Infallible;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tracing_subscriber::EnvFilter;

/// Open pages of web chats on one node.
const PAGES_MAX: usize = 10_000;
/// How often a command says that it is still there.
const KEEP_EVERY: Duration = Duration::from_millis(RENEW_MS.unsigned_abs());
/// Letters of the instance's key.
const KEY_LETTERS_MIN: usize = 32;

/// A node that is put together and does not run yet.
pub struct Node {
    /// Its services.
    pub app: App,
    /// Keeps a second program away from the same SQLite file.
    _lock: Option<File>,
}

/// Opens the database and puts the services together.
pub async fn open(config: &Config) -> anyhow::Result<Node> {
    let lock = lock_file(config)?;
    let store = Store::open(config.store_options()).await.context("the database cannot be opened")?;
    let hub = Hub::new(PAGES_MAX);
    let telegram = Telegram::new()?.with_api_base(config.telegram.api_base.clone());
    let messengers: Vec<Arc<dyn Messenger>> =
        vec![Arc::new(telegram), Arc::new(Webchat::new(Arc::clone(&hub)))];
    let chance = Arc::new(Chance::from_system());
    let vault = Arc::new(Vault::from_text(&key(config, &chance)?));
    let beacon = config.beacon()?;
    let parts = Parts { store, clock: Arc::new(SystemClock), chance, vault, messengers, beacon, hub };
    let app = App::open(parts).await.context("the program cannot start on this database")?;
    Ok(Node { app, _lock: lock })
}

/// Does the work of a command that ends by itself on services that serve nobody. The place among the nodes is kept as long
/// as it takes, and given back however it ends.
pub async fn with<T>(
    config: &Config,
    work: impl AsyncFnOnce(&App) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let node = open(config).await?;
    let done = tokio::select! {
        done = work(&node.app) => done,
        never = keep_place(&node.app) => match never {},
    };
    node.app.shut_down(Duration::from_secs(config.shutdown.patience_seconds)).await;
    node.app.store.clone().close().await;
    done
}

async fn keep_place(app: &App) -> Infallible {
    loop {
        tokio::time::sleep(KEEP_EVERY).await;
        if let Err(error) = app.pipeline.keep_place().await {
            tracing::warn!(%error, "the place among the nodes could not be kept");
        }
    }
}

/// Brings the database up to date.
#[allow(clippy::print_stdout)]
pub async fn migrate(config: &Config) -> anyhow::Result<ExitCode> {
    let _lock = lock_file(config)?;
    let store = Store::open(config.store_options()).await.context("the database cannot be opened")?;
    let applied = store.migrate(samovar_app::migrations::ALL, &SystemClock).await?;
    match applied.as_slice() {
        [] => println!("The database is up to date."),
        applied => println!("Applied: {}", applied.join(", ")),
    }
    store.close().await;
    Ok(ExitCode::SUCCESS)
}

/// Logs go to the standard error output.
pub fn start_logs(config: &Config) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&config.log.filter).context("[log] filter")?;
    let colours = std::io::stderr().is_terminal();
    let logs =
        tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours).with_writer(std::io::stderr);
    match config.log.format {
        LogFormat::Text => logs.try_init(),
        LogFormat::Json => logs.json().try_init(),
    }
    .map_err(|error| anyhow::anyhow!("logs: {error}"))?;
    for variable in &config.unknown {
        tracing::warn!("{}", variable.told());
    }
    Ok(())
}

/// What keeps a database from being opened that is already there; the program itself would make it, and its key.
pub fn missing(config: &Config) -> Option<(String, &'static str)> {
    let options = config.store_options();
    if let Some(path) = options.url.strip_prefix("sqlite:").filter(|path| *path != ":memory:")
        && !Path::new(path).exists()
    {
        return Some((
            format!("there is no database {path} in this folder yet"),
            "`samovar apply FILE` or `samovar serve` makes it; if it is elsewhere, say so in [store] url",
        ));
    }
    let key_file = &config.secrets.key_file;
    if config.secrets.key.expose_secret().is_empty() && !key_file.exists() {
        return Some((
            format!("the instance's key is missing: {} is not there", key_file.display()),
            "put the key back from where you keep its copy: without it tokens in the database cannot be read. On a \
             new database `samovar serve` makes one",
        ));
    }
    None
}

/// The instance's key: as given, or kept in a file that is made at the first start.
pub fn key(config: &Config, chance: &Chance) -> anyhow::Result<SecretString> {
    let given = config.secrets.key.expose_secret();
    if !given.is_empty() {
        return checked(given.to_owned(), "[secrets] key");
    }
    let path = &config.secrets.key_file;
    match std::fs::read_to_string(path) {
        Ok(text) => checked(text.trim().to_owned(), &path.display().to_string()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => make_key(path, chance),
        Err(error) => Err(error).with_context(|| format!("the key cannot be read from {}", path.display())),
    }
}

fn checked(key: String, place: &str) -> anyhow::Result<SecretString> {
    if key.len() < KEY_LETTERS_MIN {
        bail!("the instance's key in {place} has fewer than {KEY_LETTERS_MIN} characters");
    }
    Ok(SecretString::from(key))
}

fn make_key(path: &Path, chance: &Chance) -> anyhow::Result<SecretString> {
    let key = format!("{}{}", chance.token(), chance.token());
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file =
        options.open(path).with_context(|| format!("the key cannot be kept in {}", path.display()))?;
    writeln!(file, "{key}")?;
    file.sync_all()?;
    tracing::info!(file = %path.display(), "made the instance's key; keep a copy of it apart from the database");
    Ok(SecretString::from(key))
}

/// One program at a time on a SQLite file: the lock goes with the process, however it ends.
fn lock_file(config: &Config) -> anyhow::Result<Option<File>> {
    let options = config.store_options();
    let Some(path) = options.url.strip_prefix("sqlite:").filter(|path| *path != ":memory:") else {
        return Ok(None);
    };
    let path = format!("{path}.lock");
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .with_context(|| format!("cannot write beside the database: {path}"))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => {
            bail!("another samovar already works on this database; stop it, or use PostgreSQL for several")
        }
        Err(TryLockError::Error(error)) => Err(error).with_context(|| path),
    }
}

/// Whether several nodes may share the database.
pub fn is_shared(app: &App) -> bool {
    app.store.engine() == Engine::Postgres
}
