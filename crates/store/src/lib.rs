//! Units of work and group commit over SQLite and PostgreSQL. No business.
//!
//! A *unit of work* is an async function over a [`Tx`]. Units wait in *lanes*; a lane takes whatever waits, runs it in
//! one transaction, commits once and answers all. What a unit [`put`](Tx::put)s is held to its end, and on PostgreSQL
//! the writes of all units of a batch go out as one statement for each table.
//!
//! Statements are declared as statics by [`query!`] and [`table_write!`] in one SQL that both databases take, and are
//! registered, so that one test can prepare them all: see [`check_registry`].
//!
//! Between units of different keys the store promises what PostgreSQL calls *read committed*: rows that two units may
//! change are guarded, by a version in the `guard` of an update or by the condition of an [`exec`](Tx::exec); and where
//! one write is guarded by a version, every write to that row changes it, those that only add numbers too. Tables
//! that are written by `put` should do without foreign keys among each other: the writes of a batch go out by table,
//! not in the order of the calls.

pub mod dialect;
mod error;
mod lease;
mod migrate;
mod options;
mod postgres;
mod queue;
mod row;
mod sqlite;
mod statement;
mod stats;
mod store;
mod tx;
mod unit;
mod value;
mod wake;
mod write;

pub use error::StoreError;
pub use lease::{Lease, LeaseRow};
pub use migrate::Migration;
pub use options::{Engine, StoreOptions};
pub use row::Row;
pub use statement::{Composed, Query, Registered, Scope, registry};
pub use stats::Stats;
pub use store::{Problem, Store, check_registry};
pub use tx::{PLANS, Tx};
pub use value::{FromInt, Params, ToValue, Value};
pub use wake::Wake;
pub use write::{Column, ColumnType, Columns, Write, WriteKind};

#[doc(hidden)]
pub use inventory;

/// Runs of a unit that turns out stale, before it is given up.
const RERUNS_MAX: u32 = 8;
