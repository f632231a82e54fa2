//! People who work for a company, and keys of programs.

use super::roles::RoleRef;
use crate::access::{Actor, Rights, Role, Who};
use crate::problem::Problem;
use samovar_base::{ApiKeyId, ChannelId, Instant, RoleId, StaffId, TenantId};
use samovar_store::{Row, StoreError};
use std::sync::Arc;

/// A person who works for a company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staff {
    /// Id.
    pub id: StaffId,
    /// Lower case; unique in the company. Empty for those who joined by an invitation.
    pub email: String,
    /// As colleagues call the person.
    pub name: String,
    /// What they are; with a role of the company's own, the one it is based on.
    pub role: Role,
    /// The company's own role: its id, title and rights.
    pub own_role: Option<(RoleId, String, Rights)>,
    /// The only channels they see; none: all.
    pub channels: Option<Vec<ChannelId>>,
    /// They come into the console; else only into the staff's bot.
    pub signs_in: bool,
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
            signs_in: row.opt_int(4)?.is_some(),
            disabled_at: row.opt_instant(5)?,
            revision: row.int(6)?,
            created_at: row.instant(7)?,
            own_role: own_role(row)?,
            channels: row.opt_json(11)?,
        })
    }
    /// What they may do.
    pub fn rights(&self) -> Rights {
        self.own_role.as_ref().map_or_else(|| self.role.rights(), |(_, _, rights)| *rights)
    }
    /// Their role by name or id.
    pub fn role_ref(&self) -> RoleRef {
        self.own_role.as_ref().map_or(RoleRef::BuiltIn(self.role), |(id, _, _)| RoleRef::Own(*id))
    }
    /// The name of their role as people read it.
    pub fn role_title(&self, locale: &str) -> String {
        self.own_role
            .as_ref()
            .map_or_else(|| self.role.title(locale).to_owned(), |(_, title, _)| title.clone())
    }
    /// They, as somebody who asks.
    pub fn actor(&self, tenant: TenantId, locale: &str) -> Actor {
        Actor {
            tenant,
            who: Who::Staff(self.id),
            rights: self.rights(),
            channels: self.channels.as_deref().map(Arc::from),
            locale: locale.to_owned(),
        }
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

/// Of a row whose columns 8 to 10 are id, title and rights of the company's own role.
pub(super) fn own_role(row: &Row) -> Result<Option<(RoleId, String, Rights)>, StoreError> {
    let Some(id) = row.opt_id(8)? else { return Ok(None) };
    let rights = Rights::parse(row.opt_text(10)?.unwrap_or_default());
    let rights = rights.map_err(|problems| row.bad_as(10, problems[0].en.as_str()))?;
    Ok(Some((id, row.opt_text(9)?.unwrap_or_default().to_owned(), rights)))
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
