//! SQLite: one thread that writes, some that read, one file.

mod session;
mod writer;

use crate::migrate::{self, Migration};
use crate::options::{Place, StoreOptions};
use crate::queue::Queue;
use crate::stats::Counters;
use crate::wake::Wakes;
use crate::{Registered, StoreError, dialect};
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, OpenFlags};
use samovar_base::Instant;
use session::Session;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::oneshot;
use writer::Writer;

/// The file, and how to open it.
#[derive(Debug, Clone)]
pub(crate) struct File {
    path: PathBuf,
    /// Goes away with the store; need not survive a crash.
    temporary: bool,
}

/// What the threads of a store share.
pub(crate) struct Threads {
    pub(crate) writes: Arc<Queue>,
    pub(crate) reads: Arc<Queue>,
    pub(crate) wakes: Arc<Wakes>,
    pub(crate) counters: Arc<Counters>,
}

impl File {
    pub(crate) fn at(place: Place) -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        if let Place::File(path) = place {
            return Self { path, temporary: false };
        }
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("samovar-{}-{number}.db", std::process::id());
        Self { path: std::env::temp_dir().join(name), temporary: true }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the store's own tables and starts the threads; each receiver resolves when its thread has ended.
    pub(crate) fn start(
        &self,
        threads: &Threads,
        options: &StoreOptions,
    ) -> Result<Vec<oneshot::Receiver<()>>, StoreError> {
        if self.temporary {
            self.remove();
        }
        let connection = self.open()?;
        connection.execute_batch(migrate::SYSTEM_TABLES).map_err(|error| self.unusable(&error))?;
        let mut ended = vec![self.start_writer(connection, threads, options.batch_max)?];
        for _ in 0..options.readers {
            ended.push(self.start_reader(threads)?);
        }
        Ok(ended)
    }

    fn start_writer(
        &self,
        connection: Connection,
        threads: &Threads,
        batch_max: usize,
    ) -> Result<oneshot::Receiver<()>, StoreError> {
        let file = self.clone();
        let queue = Arc::clone(&threads.writes);
        let (wakes, counters) = (Arc::clone(&threads.wakes), Arc::clone(&threads.counters));
        on_thread("samovar-writer", move || {
            let mut writer = Writer::new(Session::new(&connection), wakes, counters);
            while let Some(jobs) = queue.wait_blocking(batch_max) {
                writer.batch(jobs);
            }
            drop(writer);
            if let Err(error) = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())) {
                tracing::warn!(%error, "the write-ahead log could not be folded into the database");
            }
            drop(connection);
            file.let_go();
        })
    }

    fn start_reader(&self, threads: &Threads) -> Result<oneshot::Receiver<()>, StoreError> {
        let connection = self.open()?;
        connection
            .execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -8000")
            .map_err(|error| self.unusable(&error))?;
        let queue = Arc::clone(&threads.reads);
        on_thread("samovar-reader", move || {
            let mut session = Session::new(&connection);
            while let Some(jobs) = queue.wait_blocking(1) {
                jobs.into_iter().for_each(|job| session.read(job));
            }
        })
    }

    fn open(&self) -> Result<Connection, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_PRIVATE_CACHE;
        let connection =
            Connection::open_with_flags(&self.path, flags).map_err(|error| self.unusable(&error))?;
        self.set_up(&connection).map_err(|error| self.unusable(&error))?;
        Ok(connection)
    }

    fn set_up(&self, connection: &Connection) -> rusqlite::Result<()> {
        connection.busy_timeout(Duration::from_secs(10))?;
        connection.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; \
             PRAGMA cache_size = -32000; PRAGMA wal_autocheckpoint = 8000; PRAGMA foreign_keys = ON;",
        )?;
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
        connection.create_scalar_function("lowercase", 1, flags, |call| {
            Ok(call.get::<Option<String>>(0)?.map(|text| text.to_lowercase()))
        })?;
        if self.temporary { connection.execute_batch("PRAGMA synchronous = OFF") } else { Ok(()) }
    }

    /// Removes a temporary file. Called by the last who can open it anew: a program that ends at once would leave it
    /// behind if that were left to the writer alone.
    pub(crate) fn let_go(&self) {
        if self.temporary {
            self.remove();
        }
    }

    fn unusable(&self, error: &rusqlite::Error) -> StoreError {
        StoreError::Unavailable(format!("{}: {error}", self.path.display()))
    }

    fn remove(&self) {
        for suffix in ["", "-wal", "-shm"] {
            let mut path = self.path.clone().into_os_string();
            path.push(suffix);
            // It may never have been there.
            let _ = std::fs::remove_file(path);
        }
    }

    /// Applies what is missing; blocks.
    pub(crate) fn migrate(&self, list: &[Migration], now: Instant) -> Result<Vec<String>, StoreError> {
        let mut connection = self.open()?;
        let mut applied = Vec::new();
        for migration in list {
            let failed = |error: rusqlite::Error| migration.failed(error.to_string());
            let step = connection
                .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
                .map_err(failed)?;
            let recorded = step
                .query_row(
                    "SELECT name, hash FROM store_migration WHERE number = ?1",
                    [migration.number],
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )
                .map(Some)
                .or_else(
                    |error| if error == rusqlite::Error::QueryReturnedNoRows { Ok(None) } else { Err(error) },
                )
                .map_err(failed)?;
            let hash = migration.hash(migration.sql);
            if migration.is_applied(recorded, &hash)? {
                continue;
            }
            step.execute_batch(migration.sql).map_err(failed)?;
            step.execute(
                "INSERT INTO store_migration (number, name, hash, applied_at) VALUES (?1, ?2, ?3, ?4)",
                (migration.number, migration.name, hash, now.0),
            )
            .map_err(failed)?;
            step.commit().map_err(failed)?;
            applied.push(migration.name.to_owned());
        }
        Ok(applied)
    }

    /// Copies the database as it is at one moment, while it is in use; blocks. The copy appears whole or not at all.
    pub(crate) fn back_up(&self, to: &Path) -> Result<(), StoreError> {
        let failed = |error: &dyn std::fmt::Display| StoreError::database("backup", error);
        let mut partial = to.as_os_str().to_owned();
        partial.push(".part");
        let partial = PathBuf::from(partial);
        if partial.exists() {
            std::fs::remove_file(&partial).map_err(|error| failed(&error))?;
        }
        copy(&self.open()?, &partial).map_err(|error| failed(&error))?;
        std::fs::File::open(&partial).and_then(|file| file.sync_all()).map_err(|error| failed(&error))?;
        std::fs::rename(&partial, to).map_err(|error| failed(&error))
    }

    /// Prepares one registered statement; blocks. What is wrong with it, if anything.
    pub(crate) fn prepare(&self, list: &[Registered]) -> Result<Vec<(Registered, String)>, StoreError> {
        let connection = self.open()?;
        let problem = |statement: &Registered| {
            let sql = match statement {
                Registered::Query(query) => dialect::sqlite(query.sql),
                Registered::Write(write) => dialect::sqlite(&write.texts().single),
            };
            connection.prepare(&sql).err().map(|error| (*statement, error.to_string()))
        };
        Ok(list.iter().filter_map(problem).collect())
    }
}

fn copy(from: &Connection, to: &Path) -> rusqlite::Result<()> {
    let mut copy = Connection::open(to)?;
    rusqlite::backup::Backup::new(from, &mut copy)?.step(-1)?;
    // A copy that is a single file: nothing of it is left in a log beside it.
    copy.pragma_update(None, "journal_mode", "DELETE")
}

fn on_thread(name: &str, work: impl FnOnce() + Send + 'static) -> Result<oneshot::Receiver<()>, StoreError> {
    let (end, ended) = oneshot::channel();
    let run = move || {
        work();
        // Nobody waits when the store was dropped without being closed.
        let _ = end.send(());
    };
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(run)
        .map_err(|error| StoreError::Unavailable(error.to_string()))?;
    Ok(ended)
}
