//! A company on this instance.

use crate::backups::Schedule;
use samovar_base::{Instant, TenantId};
use samovar_store::{Row, StoreError};
use serde::{Deserialize, Serialize};

/// A company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// Id.
    pub id: TenantId,
    /// Short name for files of set-up and addresses; unique on the instance, never changes.
    pub key: String,
    /// As customers read it.
    pub name: String,
    /// IANA name of the time zone.
    pub zone: String,
    /// The language of the company: `ru`, `en`.
    pub locale: String,
    /// The rest.
    pub settings: Settings,
    /// Grows with every change.
    pub revision: i64,
    /// When it was made.
    pub created_at: Instant,
}

/// Settings of a company that need no column of their own.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Where the privacy policy can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_url: Option<String>,
    /// The picture beside its name on public pages: `file/fil_…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo: Option<String>,
    /// When the database is copied by itself.
    #[serde(skip_serializing_if = "Schedule::is_default")]
    pub backups: Schedule,
}

impl Tenant {
    pub(super) fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id(0)?,
            key: row.text(1)?.to_owned(),
            name: row.text(2)?.to_owned(),
            zone: row.text(3)?.to_owned(),
            locale: row.text(4)?.to_owned(),
            settings: row.json(5)?,
            revision: row.int(6)?,
            created_at: row.instant(7)?,
        })
    }

    /// The company's time zone; UTC when the stored name is unknown to this program's zone data.
    pub fn time_zone(&self) -> jiff::tz::TimeZone {
        jiff::tz::TimeZone::get(&self.zone).unwrap_or(jiff::tz::TimeZone::UTC)
    }
}
