//! What can go wrong between a unit of work and its database.

/// Why a unit of work was not done, or a statement not carried out.
///
/// Unless a variant says otherwise, nothing of the unit was kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Too much work waits already; nothing was begun. Worth trying later.
    #[error("too much work is waiting for the database")]
    Busy,
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// The database could not be reached for longer than a unit may wait.
    #[error("the database cannot be reached: {0}")]
    Unavailable(String),
    /// The connection was lost during a commit and did not return in time: the unit may have been done.
    #[error("the database was lost during a commit, and whether it took place is unknown")]
    OutcomeUnknown,
    /// A held write missed its row in every attempt: others changed what the unit had read.
    #[error("{statement}: the row was changed by others in every attempt")]
    Stale {
        /// The write that missed.
        statement: &'static str,
    },
    /// A row with this key exists already.
    #[error("{table}: a row with this key exists already")]
    Conflict {
        /// The table of the write, or the name of a free-form statement.
        table: &'static str,
    },
    /// The unit panicked. Other units of its batch are not affected.
    #[error("a unit of work panicked: {0}")]
    Panicked(String),
    /// A value read is not what the program expects of this column.
    #[error("{statement}: column {column}: {what}")]
    BadData {
        /// The statement that read it.
        statement: &'static str,
        /// Position in its row, from zero.
        column: usize,
        /// What was found instead.
        what: String,
    },
    /// The database refused a statement.
    #[error("{statement}: {message}")]
    Database {
        /// The statement, or what was being done.
        statement: &'static str,
        /// The database's own words.
        message: String,
    },
    /// The program used the store in a way it does not allow; a mistake to be corrected in code.
    #[error("{statement}: {what}")]
    Misused {
        /// The statement, or the call.
        statement: &'static str,
        /// What is wrong with its use.
        what: String,
    },
    /// Migrations in the program and in the database do not agree.
    #[error("migration {number} {name}: {what}")]
    Migration {
        /// Its number in the list.
        number: u32,
        /// Its name in the list.
        name: &'static str,
        /// What does not agree, or why it failed.
        what: String,
    },
    /// The address of the database, or another option, cannot be used.
    #[error("the address of the database cannot be used: {0}")]
    Options(String),
}

impl StoreError {
    pub(crate) fn misused(statement: &'static str, what: impl Into<String>) -> Self {
        Self::Misused { statement, what: what.into() }
    }

    pub(crate) fn database(statement: &'static str, error: &dyn std::fmt::Display) -> Self {
        Self::Database { statement, message: error.to_string() }
    }
}
