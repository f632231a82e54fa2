//! A database for one trial, fresh and gone afterwards.

use crate::machine;
use anyhow::Context;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio_postgres::NoTls;

/// How long it is waited for a program that writes.
const BUSY: Duration = Duration::from_secs(5);

/// Which engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Engine {
    /// A file.
    Sqlite,
    /// The server of `--postgres`.
    Postgres,
}

impl Engine {
    /// As reports name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
    /// The one that is wanted, or both in turn.
    pub fn or_both(wanted: Option<Self>) -> Vec<Self> {
        wanted.map_or_else(|| vec![Self::Sqlite, Self::Postgres], |one| vec![one])
    }
}

/// Where fresh databases come from.
#[derive(clap::Args)]
pub struct Server {
    /// A database in which others may be created.
    #[arg(long, env = "SAMOVAR_TEST_POSTGRES")]
    postgres: Option<String>,
}

impl Server {
    /// One of that engine.
    pub async fn fresh(&self, engine: Engine) -> anyhow::Result<Database> {
        Database::create(engine, self.postgres.as_deref()).await
    }
}

/// The databases that a benchmark runs on.
#[derive(clap::Args)]
pub struct Engines {
    /// Only this engine; both in turn when not given.
    #[arg(long)]
    engine: Option<Engine>,
    #[command(flatten)]
    server: Server,
}

impl Engines {
    /// The engines, in turn.
    pub fn each(&self) -> Vec<Engine> {
        Engine::or_both(self.engine)
    }
    /// A fresh database of one.
    pub async fn fresh(&self, engine: Engine) -> anyhow::Result<Database> {
        self.server.fresh(engine).await
    }
}

/// A fresh database.
pub struct Database {
    /// For `[store] url`.
    pub url: String,
    /// The process of the server, whose children do the work.
    pub server: Option<u32>,
    file: Option<PathBuf>,
    admin: Option<(String, String)>,
}

static MADE: AtomicU32 = AtomicU32::new(0);

impl Database {
    async fn create(engine: Engine, postgres: Option<&str>) -> anyhow::Result<Self> {
        let name = format!("samovar_trial_{}_{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        if engine == Engine::Sqlite {
            let file = std::env::temp_dir().join(format!("{name}.sqlite"));
            return Ok(Self {
                url: format!("sqlite:{}", file.display()),
                server: None,
                file: Some(file),
                admin: None,
            });
        }
        let admin = postgres.context("PostgreSQL needs --postgres or SAMOVAR_TEST_POSTGRES")?.to_owned();
        let (client, connection) = tokio_postgres::connect(&admin, NoTls).await?;
        tokio::spawn(connection);
        client.batch_execute(&format!("CREATE DATABASE {name}")).await?;
        let backend: i32 = client.query_one("SELECT pg_backend_pid()", &[]).await?.get(0);
        let server = u32::try_from(backend).ok().and_then(machine::parent_of);
        let (base, _) = admin.rsplit_once('/').context("the address ends with a database")?;
        Ok(Self { url: format!("{base}/{name}"), server, file: None, admin: Some((admin, name)) })
    }

    /// Bytes on disk.
    pub async fn bytes(&self) -> anyhow::Result<u64> {
        if let Some(file) = &self.file {
            let size = |ending: &str| {
                std::fs::metadata(format!("{}{ending}", file.display())).map_or(0, |meta| meta.len())
            };
            return Ok(size("") + size("-wal"));
        }
        let (client, connection) = tokio_postgres::connect(&self.url, NoTls).await?;
        tokio::spawn(connection);
        let bytes: i64 = client.query_one("SELECT pg_database_size(current_database())", &[]).await?.get(0);
        Ok(u64::try_from(bytes)?)
    }

    /// Carries statements out in one transaction, beside the program.
    pub async fn bare(&self, statements: &[String]) -> anyhow::Result<()> {
        let text = format!("BEGIN;\n{};\nCOMMIT;", statements.join(";\n"));
        let Some(file) = self.file.clone() else {
            let (client, connection) = tokio_postgres::connect(&self.url, NoTls).await?;
            tokio::spawn(connection);
            client.batch_execute(&text).await?;
            return Ok(());
        };
        tokio::task::spawn_blocking(move || {
            let db = rusqlite::Connection::open(file)?;
            db.busy_timeout(BUSY)?;
            db.execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -32000;",
            )?;
            db.execute_batch(&text)
        })
        .await??;
        Ok(())
    }

    /// Removes it.
    pub async fn drop(self) -> anyhow::Result<()> {
        if let Some(file) = &self.file {
            for ending in ["", "-wal", "-shm", ".lock"] {
                std::fs::remove_file(format!("{}{ending}", file.display())).ok();
            }
        }
        if let Some((admin, name)) = &self.admin {
            let (client, connection) = tokio_postgres::connect(admin, NoTls).await?;
            tokio::spawn(connection);
            client.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
        }
        Ok(())
    }
}
