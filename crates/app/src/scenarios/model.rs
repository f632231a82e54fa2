//! A scenario and its versions, as stored.

use samovar_base::{Instant, ScenarioId};
use samovar_engine::Draft;
use samovar_store::{Row, StoreError};

/// A scenario of a company.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// Id.
    pub id: ScenarioId,
    /// Short name; unique in the company, never changes.
    pub key: String,
    /// For staff.
    pub name: String,
    /// The version people start on; none until first published.
    pub published: Option<i64>,
    /// Grows with every change of the draft and every publication.
    pub revision: i64,
    /// When it was made.
    pub created_at: Instant,
    /// When its draft was changed last.
    pub updated_at: Instant,
}

/// A scenario with what is being written.
#[derive(Debug, Clone, PartialEq)]
pub struct Drafted {
    /// The scenario.
    pub scenario: Scenario,
    /// Its draft.
    pub draft: Draft,
}

/// A published version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// 1, 2, …
    pub version: i64,
    /// SHA-256 of its source without the layout.
    pub source_hash: String,
    /// When.
    pub published_at: Instant,
    /// Who, as in the audit log.
    pub published_by: String,
}

impl Scenario {
    pub(super) fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id(0)?,
            key: row.text(1)?.to_owned(),
            name: row.text(2)?.to_owned(),
            published: row.opt_int(3)?,
            revision: row.int(4)?,
            created_at: row.instant(5)?,
            updated_at: row.instant(6)?,
        })
    }
}

impl Drafted {
    pub(super) fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self { scenario: Scenario::from_row(row)?, draft: row.json(7)? })
    }
}

impl Version {
    pub(super) fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            version: row.int(0)?,
            source_hash: row.text(1)?.to_owned(),
            published_at: row.instant(2)?,
            published_by: row.text(3)?.to_owned(),
        })
    }
}
