//! Who asks, and what they may do. The one place where rights are checked.
//!
//! Every public verb that serves people or programs takes an [`Actor`] and begins with [`Actor::require`]. What an
//! actor changes leaves one line in the audit log, written by [`audit`] in the same unit as the change.

mod keys;
mod log;
mod objects;
mod rights;
mod seen;
#[cfg(test)]
mod tests;

pub use keys::{Keys, TOKEN_PREFIX, WAKE_ACCESS, authenticate, token_hash};
pub use log::{Entry, Sought, audit, entries, look_up};
pub use objects::objects;
pub use rights::{Right, Rights, Role};
pub(crate) use seen::Seen;

use crate::problem::{Fail, Kind, Problem};
use crate::visit::Cause;
use samovar_base::{ApiKeyId, ChannelId, StaffId, TenantId};
use serde_json::{Map, Value};
use std::sync::Arc;

/// Who asks something of a company, and what they may do there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The company.
    pub tenant: TenantId,
    /// Who.
    pub who: Who,
    /// What they may do.
    pub rights: Rights,
    /// The only channels whose conversations, people and scenarios they may see; none when they see all.
    pub channels: Option<Arc<[ChannelId]>>,
    /// The language to answer in when the request names none.
    pub locale: String,
}

/// Who it is that asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Who {
    /// A person who works for the company.
    Staff(StaffId),
    /// A program with a key.
    ApiKey(ApiKeyId),
    /// The set-up of a company from a file.
    Setup,
    /// The program itself: jobs, scenarios.
    System,
}

impl std::fmt::Display for Who {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Staff(id) => id.fmt(f),
            Self::ApiKey(id) => id.fmt(f),
            Self::Setup => f.write_str("setup"),
            Self::System => f.write_str("system"),
        }
    }
}

impl Actor {
    /// The set-up of a company from a file of the instance's owner: may do everything in that company.
    pub fn setup(tenant: TenantId) -> Self {
        Self { tenant, who: Who::Setup, rights: Rights::ALL, channels: None, locale: "en".into() }
    }
    /// The program itself, for what no person asked for.
    pub fn system(tenant: TenantId) -> Self {
        Self { tenant, who: Who::System, rights: Rights::ALL, channels: None, locale: "en".into() }
    }
    /// A person with a role.
    pub fn staff(tenant: TenantId, id: StaffId, role: Role, locale: &str) -> Self {
        Self { tenant, who: Who::Staff(id), rights: role.rights(), channels: None, locale: locale.to_owned() }
    }
    /// Whether the actor has a right.
    pub fn may(&self, right: Right) -> bool {
        self.rights.has(right)
    }
    /// Whether the actor may see a channel, and what came by it.
    pub fn sees(&self, channel: ChannelId) -> bool {
        self.channels.as_deref().is_none_or(|only| only.contains(&channel))
    }
    /// Refuses the actor who has not the right.
    pub fn require(&self, right: Right) -> Result<(), Fail> {
        if self.may(right) { Ok(()) } else { Err(forbidden(right).into()) }
    }
    /// Refuses the actor who has none of these rights; the first of them is the one that is named.
    pub fn require_any(&self, rights: [Right; 2]) -> Result<(), Fail> {
        if rights.iter().any(|right| self.may(*right)) { Ok(()) } else { Err(forbidden(rights[0]).into()) }
    }
    /// Refuses to hand out rights that the actor does not have.
    pub fn require_all(&self, rights: Rights) -> Result<(), Fail> {
        match rights.iter().find(|right| !self.may(*right)) {
            Some(right) => Err(forbidden(right).into()),
            None => Ok(()),
        }
    }
    /// The actor as the cause of a message or posting.
    pub fn cause(&self) -> Cause {
        let by = match self.who {
            Who::Staff(_) => "staff",
            Who::ApiKey(_) => "api",
            Who::Setup => "setup",
            Who::System => "job",
        };
        Cause::new(by, self.who.to_string())
    }
    /// The phone as this actor may see it: masked without [`Right::PersonalDataSee`].
    pub fn sees_phone(&self, e164: &str) -> String {
        if self.may(Right::PersonalDataSee) { e164.to_owned() } else { samovar_base::phone::masked(e164) }
    }
    /// Words of a conversation as this actor may see them: without [`Right::PersonalDataSee`] phones and e-mail
    /// addresses in them are masked.
    pub fn sees_words(&self, words: String) -> String {
        if self.may(Right::PersonalDataSee) { words } else { samovar_base::personal::masked(&words) }
    }
    /// The company's own fields of a contact as this actor may see them: without [`Right::PersonalDataSee`] texts are
    /// hidden, as any of them may be an address.
    pub fn sees_fields(&self, fields: Map<String, Value>) -> Map<String, Value> {
        if self.may(Right::PersonalDataSee) { fields } else { hidden(fields) }
    }
}

/// Own fields without their texts.
pub(crate) fn hidden(fields: Map<String, Value>) -> Map<String, Value> {
    let seen = |value: Value| if value.is_boolean() || value.is_number() { value } else { "***".into() };
    fields.into_iter().map(|(name, value)| (name, seen(value))).collect()
}

fn forbidden(right: Right) -> Problem {
    let ru = format!("Недостаточно прав: нужно право «{}»", right.title("ru"));
    Problem::new(
        Kind::Forbidden,
        "forbidden",
        ru,
        format!("This needs the right “{}” ({right})", right.title("en")),
    )
}
