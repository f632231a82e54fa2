//! Migrations: one numbered list, each applied once.

use crate::StoreError;

/// A step of the schema.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Its place in the list; never reused.
    pub number: u32,
    /// What it brings, in a word or two.
    pub name: &'static str,
    /// Its statements, for both databases.
    pub sql: &'static str,
    /// Its statements for PostgreSQL where they must differ.
    pub postgres: Option<&'static str>,
}

/// Tables of the store itself, on both databases.
pub(crate) const SYSTEM_TABLES: &str = "
    CREATE TABLE IF NOT EXISTS store_migration (
        number BIGINT NOT NULL PRIMARY KEY,
        name TEXT NOT NULL,
        hash TEXT NOT NULL,
        applied_at BIGINT NOT NULL
    );
    CREATE TABLE IF NOT EXISTS store_lease (
        name TEXT NOT NULL PRIMARY KEY,
        holder TEXT NOT NULL,
        epoch BIGINT NOT NULL,
        until BIGINT NOT NULL
    );";

impl Migration {
    pub(crate) fn text_for_postgres(&self) -> &'static str {
        self.postgres.unwrap_or(self.sql)
    }

    pub(crate) fn hash(&self, text: &str) -> String {
        samovar_base::vault::fingerprint(text.as_bytes())
    }

    /// Whether the record says that this very migration was applied; an error when it was another.
    pub(crate) fn is_applied(
        &self,
        recorded: Option<(String, String)>,
        hash: &str,
    ) -> Result<bool, StoreError> {
        match recorded {
            None => Ok(false),
            Some((name, _)) if name != self.name => {
                Err(self.failed(format!("was applied to this database under the name «{name}»")))
            }
            Some((_, recorded)) if recorded != hash => {
                Err(self.failed("its text has changed since it was applied to this database".to_owned()))
            }
            Some(_) => Ok(true),
        }
    }

    pub(crate) fn failed(&self, what: String) -> StoreError {
        StoreError::Migration { number: self.number, name: self.name, what }
    }
}
