//! Structured writes: declared once, sent one by one or gathered for a whole batch.

use crate::dialect::WriteTexts;
use crate::{Scope, StoreError, Value};
use std::sync::OnceLock;

/// What a structured write does to the row of its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WriteKind {
    /// Makes the row; an existing one is [`StoreError::Conflict`].
    Insert,
    /// Makes the row unless it is there.
    Add,
    /// Makes the row, or sets its columns.
    Upsert,
    /// Sets columns of the row, if its guard columns still have the values given.
    Update,
    /// Removes the row, if its guard columns still have the values given.
    Delete,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnType {
    /// BIGINT.
    Int,
    /// TEXT.
    Text,
    /// BYTEA or BLOB.
    Bytes,
    /// BOOLEAN.
    Bool,
}

/// A column of a structured write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name in the table.
    pub name: &'static str,
    /// What it holds.
    pub holds: ColumnType,
}

/// The columns of a structured write, by the part they play. Values are given in this order.
#[derive(Debug, Clone, Copy)]
pub struct Columns {
    /// Which row.
    pub key: &'static [Column],
    /// Old values that the row must still have.
    pub guard: &'static [Column],
    /// New values.
    pub set: &'static [Column],
    /// Numbers to be added to what is there.
    pub plus: &'static [Column],
}

/// A write of one row whose form is known: declared by [`table_write!`](crate::table_write).
#[derive(Debug)]
pub struct Write {
    pub(crate) name: &'static str,
    pub(crate) table: &'static str,
    pub(crate) scope: Scope,
    pub(crate) kind: WriteKind,
    pub(crate) columns: Columns,
    texts: OnceLock<WriteTexts>,
}

/// Declares structured writes as statics and registers them.
///
/// The kinds are `insert`, `add`, `upsert`, `update` and `delete`; column types `int`, `text`, `bytes` and `bool`.
/// Values are given in the order `key`, `guard`, `set`, `plus`. `tenant_id` is part of every key and is not
/// named, unless the list begins with `instance`.
///
/// ```
/// samovar_store::table_write! {
///     static NOTE_NEW = insert note key(id int) set(text text, version int);
///     static NOTE_CHANGE = update note key(id int) guard(version int) set(version int, text text);
///     static NOTE_READ = update note key(id int) plus(times_read int);
///     static NOTE_SEEN = add note_seen key(id int, who int) set(at int);
///     static NOTE_GONE = delete note key(id int) guard(version int);
/// }
/// ```
#[macro_export]
macro_rules! table_write {
    ($($(#[$about:meta])* instance $vis:vis static $name:ident = $kind:ident $table:ident
        $($part:ident($($column:ident $holds:ident),+ $(,)?))+;)+) => {
        $($crate::table_write!(@one [$(#[$about])*] [$vis] $name Instance $kind $table
            $($part($($column $holds),+))+);)+
    };
    ($($(#[$about:meta])* $vis:vis static $name:ident = $kind:ident $table:ident
        $($part:ident($($column:ident $holds:ident),+ $(,)?))+;)+) => {
        $($crate::table_write!(@one [$(#[$about])*] [$vis] $name Tenant $kind $table
            $($part($($column $holds),+))+);)+
    };
    (@one [$(#[$about:meta])*] [$vis:vis] $name:ident $scope:ident $kind:ident $table:ident
        $($part:ident($($column:ident $holds:ident),+))+) => {
        $(#[$about])*
        $vis static $name: $crate::Write = $crate::Write::new(
            stringify!($name),
            stringify!($table),
            $crate::Scope::$scope,
            $crate::table_write!(@kind $kind),
            #[allow(clippy::needless_update)]
            $crate::Columns {
                $($part: &[$($crate::Column {
                    name: stringify!($column),
                    holds: $crate::table_write!(@holds $holds),
                }),+],)+
                ..$crate::Columns::NONE
            },
        );
        $crate::inventory::submit! { $crate::Registered::Write(&$name) }
    };
    (@kind insert) => { $crate::WriteKind::Insert };
    (@kind add) => { $crate::WriteKind::Add };
    (@kind upsert) => { $crate::WriteKind::Upsert };
    (@kind update) => { $crate::WriteKind::Update };
    (@kind delete) => { $crate::WriteKind::Delete };
    (@holds int) => { $crate::ColumnType::Int };
    (@holds text) => { $crate::ColumnType::Text };
    (@holds bytes) => { $crate::ColumnType::Bytes };
    (@holds bool) => { $crate::ColumnType::Bool };
}

impl Columns {
    #[doc(hidden)]
    pub const NONE: Self = Self { key: &[], guard: &[], set: &[], plus: &[] };

    /// All of them, in the order in which values are given.
    pub(crate) fn all(&self) -> impl Iterator<Item = &'static Column> {
        self.key.iter().chain(self.guard).chain(self.set).chain(self.plus)
    }

    const fn count(&self) -> usize {
        self.key.len() + self.guard.len() + self.set.len() + self.plus.len()
    }
}

impl Write {
    #[doc(hidden)]
    pub const fn new(
        name: &'static str,
        table: &'static str,
        scope: Scope,
        kind: WriteKind,
        columns: Columns,
    ) -> Self {
        assert!(!columns.key.is_empty(), "a write names the columns of its key");
        let changes = !columns.set.is_empty() || !columns.plus.is_empty();
        match kind {
            WriteKind::Insert | WriteKind::Add => {
                assert!(columns.guard.is_empty(), "a row that is made has no old values to guard");
                assert!(columns.plus.is_empty(), "a row that is made has nothing to add to");
            }
            WriteKind::Upsert => {
                assert!(columns.guard.is_empty(), "an upsert has no guard: use an update");
                assert!(changes, "an upsert sets something: else use an add");
            }
            WriteKind::Update => assert!(changes, "an update sets something"),
            WriteKind::Delete => assert!(!changes, "a delete sets nothing"),
        }
        Self { name, table, scope, kind, columns, texts: OnceLock::new() }
    }

    /// The name of its static.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The table it writes to.
    pub fn table(&self) -> &'static str {
        self.table
    }

    pub(crate) fn texts(&self) -> &WriteTexts {
        self.texts.get_or_init(|| WriteTexts::of(self))
    }

    /// How many leading values tell the row, the tenant's id among them.
    pub(crate) fn key_len(&self) -> usize {
        self.columns.key.len() + usize::from(self.scope == Scope::Tenant)
    }

    /// Whether of two such writes to one row only the later matters.
    pub(crate) fn later_replaces(&self) -> bool {
        matches!(self.kind, WriteKind::Upsert | WriteKind::Update) && self.columns.plus.is_empty()
    }

    /// Whether two such writes to one row are one write of the sum.
    pub(crate) fn sums_up(&self) -> bool {
        matches!(self.kind, WriteKind::Upsert | WriteKind::Update)
            && self.columns.set.is_empty()
            && self.columns.guard.is_empty()
    }

    /// Checks number and types of the values that a caller gave.
    pub(crate) fn check(&self, given: &[Value]) -> Result<(), StoreError> {
        if given.len() != self.columns.count() {
            let what = format!("takes {} values, was given {}", self.columns.count(), given.len());
            return Err(StoreError::misused(self.name, what));
        }
        for (column, value) in self.columns.all().zip(given) {
            if !column.holds.takes(value) {
                let what =
                    format!("column {} holds {:?}, was given {}", column.name, column.holds, value.kind());
                return Err(StoreError::misused(self.name, what));
            }
        }
        match self.columns.key.iter().zip(given).find(|(_, value)| **value == Value::Null) {
            Some((column, _)) => {
                Err(StoreError::misused(self.name, format!("column {} of the key is NULL", column.name)))
            }
            None => Ok(()),
        }
    }
}

impl ColumnType {
    fn takes(self, value: &Value) -> bool {
        match value {
            Value::Null => true,
            Value::Int(_) => self == Self::Int,
            Value::Bool(_) => self == Self::Bool,
            Value::Text(_) => self == Self::Text,
            Value::Bytes(_) => self == Self::Bytes,
        }
    }

    /// Its name in PostgreSQL, for exact casts of arrays.
    pub(crate) fn postgres(self) -> &'static str {
        match self {
            Self::Int => "int8",
            Self::Text => "text",
            Self::Bytes => "bytea",
            Self::Bool => "bool",
        }
    }
}
