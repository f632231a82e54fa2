//! A connection with its prepared statements.

use crate::tx::{Ask, Bound, Put, Reply, What};
use crate::unit::{Ending, Job, Live, Progress};
use crate::{Row, StoreError, Value, WriteKind, dialect};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, Statement, ToSql, ffi};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

pub(super) struct Session<'c> {
    pub(super) connection: &'c Connection,
    /// By the address of the declaration.
    prepared: HashMap<usize, Statement<'c>>,
}

impl<'c> Session<'c> {
    pub(super) fn new(connection: &'c Connection) -> Self {
        Self { connection, prepared: HashMap::new() }
    }

    /// Carries out a statement of the driver's own, such as COMMIT.
    pub(super) fn control(&self, sql: &'static str) -> Result<(), StoreError> {
        self.connection.execute_batch(sql).map_err(|error| refused(&error, sql, sql))
    }

    /// Runs a unit to its end, without its held writes.
    pub(super) fn drive(&mut self, live: &mut Live) -> Ending {
        loop {
            match live.go_on() {
                Progress::Ended(ending) => return ending,
                Progress::Asks => {
                    for ask in live.tx.take_asks() {
                        let reply = self.reply(&ask);
                        live.tx.answer(&ask, reply);
                    }
                }
            }
        }
    }

    /// Runs a unit that reads: all of it sees one moment.
    pub(super) fn read(&mut self, job: Job) {
        let mut live = job.start();
        match self.control("BEGIN") {
            Ok(()) => {
                self.drive(&mut live);
                if let Err(error) = self.control("COMMIT") {
                    tracing::warn!(%error, "a read could not be ended");
                }
            }
            Err(error) => live.fail(error),
        }
        live.answer();
    }

    /// Carries out a held write; [`StoreError::Stale`] when it misses its row.
    pub(super) fn put(&mut self, put: &Put) -> Result<(), StoreError> {
        let write = put.write;
        let statement = self.statement(write.address(), || write.texts().single.as_str(), write.name)?;
        let count =
            execute(statement, &put.values).map_err(|error| refused(&error, write.name, write.table))?;
        if count == 1 || write.kind == WriteKind::Add {
            Ok(())
        } else {
            Err(StoreError::Stale { statement: write.name })
        }
    }

    fn reply(&mut self, ask: &Ask) -> Result<Reply, StoreError> {
        let (address, name) = (ask.what.address(), ask.what.name());
        match ask.what {
            What::One(query) | What::All(query) => {
                let most = if matches!(ask.what, What::One(_)) { 1 } else { usize::MAX };
                let statement = self.statement(address, || query.sql, name)?;
                let rows =
                    rows(statement, &ask.values, most, name).map_err(|error| refused(&error, name, name))?;
                Ok(Reply::Rows(rows))
            }
            What::Composed => {
                let text = dialect::sqlite(ask.composed.as_ref().map_or("", |read| &*read.sqlite));
                let found = self
                    .connection
                    .prepare(&text)
                    .and_then(|mut statement| rows(&mut statement, &ask.values, usize::MAX, name));
                Ok(Reply::Rows(found.map_err(|error| refused(&error, name, name))?))
            }
            What::Exec(query) => {
                let statement = self.statement(address, || query.sql, name)?;
                let count = execute(statement, &ask.values).map_err(|error| refused(&error, name, name))?;
                Ok(Reply::Count(count as u64))
            }
            What::Add(write) | What::Put(write) => {
                let statement = self.statement(address, || write.texts().single.as_str(), name)?;
                let count =
                    execute(statement, &ask.values).map_err(|error| refused(&error, name, write.table))?;
                Ok(Reply::Count(count as u64))
            }
        }
    }

    fn statement(
        &mut self,
        address: usize,
        sql: impl FnOnce() -> &'static str,
        name: &'static str,
    ) -> Result<&mut Statement<'c>, StoreError> {
        match self.prepared.entry(address) {
            Entry::Occupied(found) => Ok(found.into_mut()),
            Entry::Vacant(room) => {
                let made = self.connection.prepare(&dialect::sqlite(sql()));
                Ok(room.insert(made.map_err(|error| StoreError::database(name, &error))?))
            }
        }
    }
}

fn execute(statement: &mut Statement<'_>, values: &Bound) -> rusqlite::Result<usize> {
    bind(statement, values)?;
    if statement.column_count() == 0 {
        return statement.raw_execute();
    }
    // With RETURNING: as many rows come back as were changed.
    let mut changed = statement.raw_query();
    let mut count = 0;
    while changed.next()?.is_some() {
        count += 1;
    }
    Ok(count)
}

fn rows(
    statement: &mut Statement<'_>,
    values: &Bound,
    most: usize,
    name: &'static str,
) -> rusqlite::Result<Vec<Row>> {
    bind(statement, values)?;
    let columns = statement.column_count();
    let mut found = statement.raw_query();
    let mut rows = Vec::new();
    while rows.len() < most
        && let Some(row) = found.next()?
    {
        let values =
            (0..columns).map(|column| row.get_ref(column).map(value)).collect::<rusqlite::Result<_>>()?;
        rows.push(Row { statement: name, values });
    }
    Ok(rows)
}

fn bind(statement: &mut Statement<'_>, values: &Bound) -> rusqlite::Result<()> {
    values.get().iter().enumerate().try_for_each(|(at, value)| statement.raw_bind_parameter(at + 1, value))
}

fn value(found: ValueRef<'_>) -> Value {
    match found {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(value) => Value::Int(value),
        // No column is of this type; as a text it will not be taken for a number.
        ValueRef::Real(value) => Value::Text(value.to_string().into()),
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Value::Text(text.into()),
            Err(_) => Value::Bytes(bytes.into()),
        },
        ValueRef::Blob(bytes) => Value::Bytes(bytes.into()),
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(value) => ValueRef::Integer(*value),
            Self::Bool(value) => ValueRef::Integer(i64::from(*value)),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// The machine lacks something, a full disk above all: the statement is right and will pass when there is room again.
const STARVED: [ffi::ErrorCode; 4] = [
    ffi::ErrorCode::DiskFull,
    ffi::ErrorCode::SystemIoFailure,
    ffi::ErrorCode::OutOfMemory,
    ffi::ErrorCode::CannotOpen,
];

fn refused(error: &rusqlite::Error, statement: &'static str, table: &'static str) -> StoreError {
    const TAKEN: [i32; 3] =
        [ffi::SQLITE_CONSTRAINT_PRIMARYKEY, ffi::SQLITE_CONSTRAINT_UNIQUE, ffi::SQLITE_CONSTRAINT_ROWID];
    match error.sqlite_error() {
        Some(cause) if TAKEN.contains(&cause.extended_code) => StoreError::Conflict { table },
        Some(cause) if STARVED.contains(&cause.code) => StoreError::Unavailable(error.to_string()),
        _ => StoreError::database(statement, error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_no_mistake_of_the_statement() {
        for code in [ffi::SQLITE_FULL, ffi::SQLITE_IOERR_WRITE, ffi::SQLITE_NOMEM] {
            let error = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
            assert!(matches!(refused(&error, "said", "table"), StoreError::Unavailable(_)), "{code}");
        }
        let error = rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_MISMATCH), None);
        assert!(matches!(refused(&error, "said", "table"), StoreError::Database { .. }));
    }
}
