//! Free-form statements, registered so that one test can prepare them all.

use crate::{StoreError, Write};
use std::sync::Arc;

/// Whose rows a statement may touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Rows of one tenant, whose id is `$1`.
    Tenant,
    /// Rows of the whole instance.
    Instance,
}

/// Whether a statement only looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Reads,
    Writes,
}

/// One SQL text for both engines, declared by [`query!`](crate::query).
#[derive(Debug)]
pub struct Query {
    pub(crate) name: &'static str,
    pub(crate) sql: &'static str,
    pub(crate) postgres: Option<&'static str>,
    pub(crate) scope: Scope,
    pub(crate) access: Access,
    /// How many values it takes, the tenant included.
    pub(crate) places: usize,
}

/// A read of one tenant whose text is put together when the program runs, out of pieces of the program's own: what
/// comes from outside is among its values. It is prepared anew each time, so it is for searches, not for every event.
#[derive(Debug, Clone)]
pub struct Composed {
    pub(crate) sqlite: Arc<str>,
    pub(crate) postgres: Arc<str>,
    places: usize,
}

/// Anything that [`registry`] goes through.
#[derive(Debug, Clone, Copy)]
pub enum Registered {
    /// A free-form statement.
    Query(&'static Query),
    /// A structured write.
    Write(&'static Write),
}

impl Registered {
    /// The name of its static.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Query(query) => query.name,
            Self::Write(write) => write.name(),
        }
    }
}

inventory::collect!(Registered);

/// Every statement that is linked into this program.
pub fn registry() -> impl Iterator<Item = Registered> {
    inventory::iter::<Registered>.into_iter().copied()
}

/// Declares statements as statics and registers them.
///
/// `$1` of a statement is the tenant's id, which [`Tx`](crate::Tx) supplies; callers give the values from `$2`
/// on. A list that begins with `instance` declares statements over all tenants, whose values begin at `$1`.
/// Where the two databases must differ, a second text follows `postgres =`. Row locks (`FOR UPDATE …`) are
/// left out on SQLite, where writers never meet.
///
/// ```
/// samovar_store::query! {
///     static NOTE_BY_ID = "SELECT text FROM note WHERE tenant_id = $1 AND id = $2";
/// }
/// ```
#[macro_export]
macro_rules! query {
    ($($(#[$about:meta])* instance $vis:vis static $name:ident = $sql:expr $(, postgres = $postgres:expr)?;)+) => {
        $($crate::query!(@one [$(#[$about])*] [$vis] $name Instance $sql $(, $postgres)?);)+
    };
    ($($(#[$about:meta])* $vis:vis static $name:ident = $sql:expr $(, postgres = $postgres:expr)?;)+) => {
        $($crate::query!(@one [$(#[$about])*] [$vis] $name Tenant $sql $(, $postgres)?);)+
    };
    (@one [$(#[$about:meta])*] [$vis:vis] $name:ident $scope:ident $sql:expr) => {
        $(#[$about])*
        $vis static $name: $crate::Query =
            $crate::Query::new(stringify!($name), $sql, None, $crate::Scope::$scope);
        $crate::inventory::submit! { $crate::Registered::Query(&$name) }
    };
    (@one [$(#[$about:meta])*] [$vis:vis] $name:ident $scope:ident $sql:expr, $postgres:expr) => {
        $(#[$about])*
        $vis static $name: $crate::Query =
            $crate::Query::new(stringify!($name), $sql, Some($postgres), $crate::Scope::$scope);
        $crate::inventory::submit! { $crate::Registered::Query(&$name) }
    };
}

impl Query {
    #[doc(hidden)]
    pub const fn new(
        name: &'static str,
        sql: &'static str,
        postgres: Option<&'static str>,
        scope: Scope,
    ) -> Self {
        Self {
            name,
            sql,
            postgres,
            scope,
            access: access_of(sql.as_bytes()),
            places: places_of(sql.as_bytes()),
        }
    }

    /// The name of its static.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// How many values callers give.
    pub(crate) fn wanted(&self) -> usize {
        match self.scope {
            Scope::Tenant => self.places.saturating_sub(1),
            Scope::Instance => self.places,
        }
    }

    pub(crate) fn check_count(&self, given: usize) -> Result<(), StoreError> {
        if given == self.wanted() {
            return Ok(());
        }
        Err(StoreError::misused(self.name, format!("takes {} values, was given {given}", self.wanted())))
    }
}

impl Composed {
    pub(crate) const NAME: &'static str = "composed read";

    /// From the texts for both databases; `$1` is the tenant's id, and both take the same values.
    pub fn new(sqlite: String, postgres: String) -> Self {
        Self { places: places_of(sqlite.as_bytes()), sqlite: sqlite.into(), postgres: postgres.into() }
    }

    /// The question how the database goes about it.
    pub(crate) fn explained(&self) -> Self {
        let sqlite = format!("EXPLAIN QUERY PLAN {}", self.sqlite).into();
        let postgres = format!("EXPLAIN {}", self.postgres).into();
        Self { sqlite, postgres, places: self.places }
    }

    pub(crate) fn check(&self, given: usize) -> Result<(), StoreError> {
        let texts = [&self.sqlite, &self.postgres];
        let wrong = if texts.iter().any(|text| access_of(text.as_bytes()) == Access::Writes) {
            "is a write".to_owned()
        } else if texts.iter().any(|text| !text.contains("tenant_id = $1")) {
            "does not name tenant_id".to_owned()
        } else if given + 1 != self.places || self.places != places_of(self.postgres.as_bytes()) {
            format!("takes {} values, was given {given}", self.places.saturating_sub(1))
        } else {
            return Ok(());
        };
        Err(StoreError::misused(Self::NAME, wrong))
    }
}

const fn access_of(sql: &[u8]) -> Access {
    if has_word(sql, b"INSERT") || has_word(sql, b"UPDATE") || has_word(sql, b"DELETE") {
        Access::Writes
    } else {
        Access::Reads
    }
}

/// Whether `word`, given in capitals, stands in `sql` outside of quotes.
const fn has_word(sql: &[u8], word: &[u8]) -> bool {
    let (mut at, mut quoted) = (0, false);
    while at < sql.len() {
        if sql[at] == b'\'' {
            quoted = !quoted;
        } else if !quoted && (at == 0 || !is_of_word(sql[at - 1])) && begins_with_word(sql, at, word) {
            return true;
        }
        at += 1;
    }
    false
}

const fn begins_with_word(sql: &[u8], from: usize, word: &[u8]) -> bool {
    if from + word.len() > sql.len() {
        return false;
    }
    let mut at = 0;
    while at < word.len() {
        if sql[from + at].to_ascii_uppercase() != word[at] {
            return false;
        }
        at += 1;
    }
    from + at == sql.len() || !is_of_word(sql[from + at])
}

const fn is_of_word(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric()
}

/// The largest `$n` outside of quotes.
const fn places_of(sql: &[u8]) -> usize {
    let (mut at, mut quoted, mut largest) = (0, false, 0);
    while at < sql.len() {
        if sql[at] == b'\'' {
            quoted = !quoted;
        } else if sql[at] == b'$' && !quoted {
            let mut number = 0;
            while at + 1 < sql.len() && sql[at + 1].is_ascii_digit() {
                at += 1;
                number = number * 10 + (sql[at] - b'0') as usize;
            }
            if number > largest {
                largest = number;
            }
        }
        at += 1;
    }
    largest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(sql: &'static str) -> Query {
        Query::new("Q", sql, None, Scope::Tenant)
    }

    #[test]
    fn what_a_statement_does_is_told_from_its_text() {
        for reads in [
            "SELECT updated_at FROM t WHERE tenant_id = $1",
            "WITH x AS (SELECT 1) SELECT * FROM x",
            "SELECT 'delete' FROM t",
        ] {
            assert_eq!(query(reads).access, Access::Reads, "{reads}");
        }
        for writes in
            ["update t set a = 1", "SELECT 1 FROM t FOR UPDATE", "WITH x AS (DELETE FROM t) SELECT 1"]
        {
            assert_eq!(query(writes).access, Access::Writes, "{writes}");
        }
    }

    #[test]
    fn places_are_counted_outside_of_quotes() {
        assert_eq!(query("SELECT $2, '$9', $10, $1").places, 10);
        assert_eq!(query("SELECT 1").wanted(), 0);
        assert!(query("SELECT $1, $2").check_count(1).is_ok());
        assert!(query("SELECT $1, $2").check_count(2).is_err());
    }
}
