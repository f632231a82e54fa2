//! People who work for a company, and keys of programs.

use crate::access::{Rights, Role};
use crate::problem::Problem;
use samovar_base::{ApiKeyId, Instant, StaffId};
use samovar_store::{Row, StoreError};

/// A person who works for a company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staff {
    /// Id.
    pub id: StaffId,
    /// Lower case; unique in the company. Empty for those who joined by an invitation.
    pub email: String,
    /// As colleagues call the person.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// A password was chosen.
    pub has_password: bool,
    /// Since when they may do nothing.
    pub disabled_at: Option<Instant>,
    /// Grows with every change.
    pub revision: i64,
    /// When they were added.
    pub created_at: Instant,
}

impl Staff {
    pub(super) fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id(0)?,
            email: row.text(1)?.to_owned(),
            name: row.text(2)?.to_owned(),
            role: row.text(3)?.parse().map_err(|problem: Problem| row.bad_as(3, problem.en))?,
            has_password: row.opt_text(4)?.is_some(),
            disabled_at: row.opt_instant(5)?,
            revision: row.int(6)?,
            created_at: row.instant(7)?,
        })
    }
    /// May work: nobody took their rights away.
    pub fn is_active(&self) -> bool {
        self.disabled_at.is_none()
    }
    /// Works and owns the company.
    pub fn is_active_owner(&self) -> bool {
        self.role == Role::Owner && self.disabled_at.is_none()
    }
}

/// A key to the REST API, without its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Id.
    pub id: ApiKeyId,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub scopes: Rights,
    /// Who made it, as in the audit log.
    pub created_by: String,
    /// When.
    pub created_at: Instant,
    /// When it was used last, to the hour.
    pub last_used_at: Option<Instant>,
    /// Since when it opens nothing.
    pub revoked_at: Option<Instant>,
}

impl ApiKey {
    pub(super) fn from_row(row: &Row) -> Result<Self, StoreError> {
        let scopes =
            Rights::parse(row.text(2)?).map_err(|problems| row.bad_as(2, problems[0].en.as_str()))?;
        Ok(Self {
            id: row.id(0)?,
            name: row.text(1)?.to_owned(),
            scopes,
            created_by: row.text(3)?.to_owned(),
            created_at: row.instant(4)?,
            last_used_at: row.opt_instant(5)?,
            revoked_at: row.opt_instant(6)?,
        })
    }
}
