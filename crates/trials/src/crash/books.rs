//! What the trial reads of the database by itself, beside the program.

use crate::database::Database;
use anyhow::Context;
use rusqlite::OpenFlags;
use rusqlite::types::ValueRef;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tokio_postgres::{NoTls, SimpleQueryMessage};

/// How long a server may take to notice that a client is gone.
const SESSIONS_END_WITHIN: Duration = Duration::from_secs(10);

/// A reader of either engine.
pub enum Books {
    /// Opened anew for every question.
    Sqlite(PathBuf),
    /// One connection.
    Postgres(tokio_postgres::Client),
}

/// A row as text; none is NULL.
pub struct Row(Vec<Option<String>>);

impl Row {
    /// A text; empty when there is none.
    pub fn text(&self, at: usize) -> &str {
        self.0.get(at).and_then(Option::as_deref).unwrap_or_default()
    }
    /// A number; zero when there is none.
    pub fn int(&self, at: usize) -> i64 {
        self.text(at).parse().unwrap_or_default()
    }
}

impl Books {
    /// Of a database that has its tables already.
    pub async fn open(database: &Database) -> anyhow::Result<Self> {
        if let Some(path) = database.url.strip_prefix("sqlite:") {
            return Ok(Self::Sqlite(path.into()));
        }
        let (client, connection) = tokio_postgres::connect(&database.url, NoTls).await?;
        tokio::spawn(connection);
        Ok(Self::Postgres(client))
    }

    /// All rows of a statement without parameters.
    pub async fn rows(&self, sql: &str) -> anyhow::Result<Vec<Row>> {
        match self {
            Self::Sqlite(path) => of_file(path, sql).with_context(|| sql.to_owned()),
            Self::Postgres(client) => {
                let said = client.simple_query(sql).await.with_context(|| sql.to_owned())?;
                Ok(said.iter().filter_map(of_message).collect())
            }
        }
    }

    /// The first number of the first row.
    pub async fn number(&self, sql: &str) -> anyhow::Result<i64> {
        Ok(self.rows(sql).await?.first().map_or(0, |row| row.int(0)))
    }

    /// Lets the leases of killed nodes end: what the nine seconds of a lease would do, without waiting for them. Only
    /// for when no node lives. What a killed one had sent to the server is finished first, as it would be by then.
    pub async fn end_leases(&self) -> anyhow::Result<()> {
        let Self::Postgres(client) = self else { return Ok(()) };
        let begun = Instant::now();
        let others = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
        while self.number(others).await? > 0 {
            anyhow::ensure!(
                begun.elapsed() < SESSIONS_END_WITHIN,
                "sessions of a killed node stay open at the server"
            );
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        client.batch_execute("UPDATE store_lease SET until = 0").await?;
        Ok(())
    }
}

fn of_file(path: &PathBuf, sql: &str) -> anyhow::Result<Vec<Row>> {
    let connection = rusqlite::Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update(None, "query_only", true)?;
    let mut statement = connection.prepare(sql)?;
    let columns = statement.column_count();
    let mut rows = statement.query([])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let cells: rusqlite::Result<Vec<_>> = (0..columns).map(|at| row.get_ref(at).map(as_text)).collect();
        all.push(Row(cells?));
    }
    Ok(all)
}

fn as_text(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
    }
}

fn of_message(message: &SimpleQueryMessage) -> Option<Row> {
    match message {
        SimpleQueryMessage::Row(row) => {
            Some(Row((0..row.len()).map(|at| row.get(at).map(str::to_owned)).collect()))
        }
        _ => None,
    }
}
