//! Where the database is and how much may wait for it.

use crate::StoreError;
use std::path::PathBuf;
use std::time::Duration;

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file beside the program; one node.
    Sqlite,
    /// A server; any number of nodes.
    Postgres,
}

/// How a [`Store`](crate::Store) is opened.
#[derive(Clone)]
pub struct StoreOptions {
    /// `sqlite:PATH`, `sqlite::memory:` (a temporary file that goes away with the store, not made to survive a
    /// crash) or `postgres://…`. With `sslmode=require` or `verify-full` PostgreSQL is spoken to by TLS, and its
    /// certificate and name are checked against the authorities of the file `sslrootcert`, or those the system trusts;
    /// otherwise not.
    pub url: String,
    /// Connections that write, on PostgreSQL. SQLite has one writer.
    pub lanes: usize,
    /// Connections that read, beside the writers.
    pub readers: usize,
    /// Units in one commit, at most.
    pub batch_max: usize,
    /// Units waiting in one lane, at most; more are refused with [`StoreError::Busy`].
    pub queue_max: usize,
    /// How long a unit waits for a database that went away.
    pub away_max: Duration,
}

impl StoreOptions {
    /// The usual bounds for a database at `url`.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            lanes: 2,
            readers: 2,
            batch_max: 256,
            queue_max: 4096,
            away_max: Duration::from_secs(10),
        }
    }

    pub(crate) fn place(&self) -> Result<Place, StoreError> {
        if let Some(path) = self.url.strip_prefix("sqlite:") {
            return Ok(match path {
                ":memory:" => Place::Temporary,
                "" => return Err(StoreError::Options("after «sqlite:» comes the path of a file".into())),
                path => Place::File(path.into()),
            });
        }
        if self.url.starts_with("postgres://") || self.url.starts_with("postgresql://") {
            return Ok(Place::Server);
        }
        Err(StoreError::Options("it begins with «sqlite:» or «postgres://»".into()))
    }

    /// Bounds of zero would stop all work.
    pub(crate) fn at_least_one(mut self) -> Self {
        for bound in [&mut self.lanes, &mut self.readers, &mut self.batch_max, &mut self.queue_max] {
            *bound = (*bound).max(1);
        }
        self
    }
}

pub(crate) enum Place {
    File(PathBuf),
    Temporary,
    Server,
}

/// Without the address, which may hold a password.
impl std::fmt::Debug for StoreOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoreOptions")
            .field("lanes", &self.lanes)
            .field("readers", &self.readers)
            .field("batch_max", &self.batch_max)
            .field("queue_max", &self.queue_max)
            .field("away_max", &self.away_max)
            .finish_non_exhaustive()
    }
}
