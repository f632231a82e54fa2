//! A user, the browsers they are signed in in, and the places where they work.

use crate::access::{Actor, Rights, Role, Who};
use crate::problem::Problem;
use samovar_base::{ChannelId, Instant, RoleId, SessionId, StaffId, TenantId, UserId};
use samovar_store::{Row, StoreError};
use std::sync::Arc;

/// Somebody who signs in.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    /// Id.
    pub id: UserId,
    /// Lower case; unique on the instance.
    pub email: String,
    /// As colleagues call the person.
    pub name: String,
    /// The language of the console: `ru` or `en`.
    pub locale: String,
    /// Since when a second step is asked for.
    pub second_step_since: Option<Instant>,
    /// Recovery codes that are left.
    pub recovery_left: usize,
    /// When they came.
    pub created_at: Instant,
    pub(super) password_hash: Option<String>,
    pub(super) totp_sealed: Option<Vec<u8>>,
    pub(super) totp_step: i64,
    pub(super) recovery: Vec<String>,
    pub(super) revision: i64,
}

impl User {
    pub(super) fn from_row(row: &Row) -> Result<Self, StoreError> {
        let recovery: Vec<String> = row.json(8)?;
        Ok(Self {
            id: row.id(0)?,
            email: row.text(1)?.to_owned(),
            name: row.text(2)?.to_owned(),
            locale: row.text(3)?.to_owned(),
            password_hash: row.opt_text(4)?.map(str::to_owned),
            totp_sealed: row.opt_bytes(5)?.map(<[u8]>::to_vec),
            second_step_since: row.opt_instant(6)?,
            totp_step: row.int(7)?,
            recovery_left: recovery.len(),
            recovery,
            revision: row.int(9)?,
            created_at: row.instant(10)?,
        })
    }

    /// A password was chosen.
    pub fn has_password(&self) -> bool {
        self.password_hash.is_some()
    }

    /// What the sealed secret of the second step is bound to.
    pub(super) fn totp_row(id: UserId) -> String {
        format!("user_login/{id}/totp")
    }
}

impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "User({})", self.id)
    }
}

/// What a request tells of the browser it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Device {
    /// Its `User-Agent`.
    pub agent: String,
    /// Its address.
    pub address: String,
}

/// A browser in which somebody is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Id.
    pub id: SessionId,
    /// Browser and system, in words.
    pub device: String,
    /// Where it was signed in from.
    pub address: String,
    /// Since when.
    pub created_at: Instant,
    /// When it was used last, to ten minutes.
    pub used_at: Instant,
    /// It is the one that asks.
    pub current: bool,
}

/// Who is signed in in the browser that asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// Who.
    pub user: UserId,
    /// Which browser.
    pub session: SessionId,
    /// The language of the console.
    pub locale: String,
    /// Who they are in the company that they look at; none who works nowhere.
    pub actor: Option<Actor>,
}

/// A session that was opened: what the browser keeps.
#[derive(Clone, PartialEq, Eq)]
pub struct Opened {
    /// What goes into the cookie. It is not stored.
    pub token: String,
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Opened")
    }
}

/// How far somebody came by a password or a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entered {
    /// They are in.
    In(Opened),
    /// A code of their authenticator is asked for; this ticket comes back with it.
    SecondStep(String),
}

/// A company in which a user works, and what they are there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workplace {
    /// The company.
    pub tenant: TenantId,
    /// Its name.
    pub company: String,
    /// Who they are there.
    pub staff: StaffId,
    /// As colleagues call them there.
    pub name: String,
    /// What they are.
    pub role: Role,
    /// The company's own role, with its title.
    pub own_role: Option<(RoleId, String)>,
    /// What they may do.
    pub rights: Rights,
    /// The only channels they see; none: all.
    pub channels: Option<Arc<[ChannelId]>>,
}

impl Workplace {
    pub(super) fn from_row(row: &Row) -> Result<Self, StoreError> {
        let role: Role = row.text(4)?.parse().map_err(|problem: Problem| row.bad_as(4, problem.en))?;
        let own = row.opt_text(7)?.map(Rights::parse).transpose();
        let own = own.map_err(|problems| row.bad_as(7, problems[0].en.as_str()))?;
        let title = row.opt_text(6)?.map(str::to_owned);
        Ok(Self {
            tenant: row.id(0)?,
            company: row.text(1)?.to_owned(),
            staff: row.id(2)?,
            name: row.text(3)?.to_owned(),
            role,
            own_role: row.opt_id(5)?.zip(title),
            rights: own.unwrap_or_else(|| role.rights()),
            channels: row.opt_json::<Vec<ChannelId>>(8)?.map(Arc::from),
        })
    }

    /// The name of the role as people read it.
    pub fn role_title(&self, locale: &str) -> String {
        self.own_role.as_ref().map_or_else(|| self.role.title(locale).to_owned(), |(_, title)| title.clone())
    }

    pub(super) fn actor(&self, locale: &str) -> Actor {
        Actor {
            tenant: self.tenant,
            who: Who::Staff(self.staff),
            rights: self.rights,
            channels: self.channels.clone(),
            locale: locale.to_owned(),
        }
    }
}
