//! A visit: everything one event of one conversation needs inside its unit of work.
//!
//! What will be changed is loaded once, changed in memory, and written once when the unit ends.

use crate::app::App;
use crate::contacts::Contact;
use crate::directory::{ChannelInfo, Published};
use crate::ledger::Wallet;
use crate::pipeline::{NewOutbound, Ready};
use crate::staff::Member;
use samovar_base::Instant;
use samovar_base::message::Person;
use samovar_engine::Values;
use samovar_store::Tx;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What caused a change: kept beside every message and posting (PL8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// What it was: `update`, `timer`, `operator`, `staff`, `api`, `job`, `setup`, `mini`
    /// (the contact's own hand in the Mini App).
    pub by: String,
    /// Which: an inbound dedup key, a staff or key id, a job id.
    pub id: String,
    /// The scenario's key and version and the step, where a scenario did it: `coffee-loyalty@3/menu`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// What the caller named the request by which it was done, so that it finds its own words again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub once: Option<String>,
}

impl Cause {
    /// A cause outside scenarios.
    pub fn new(by: &str, id: impl Into<String>) -> Self {
        Self { by: by.to_owned(), id: id.into(), step: None, once: None }
    }
    /// As stored.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// One event of one conversation, inside its unit of work.
pub struct Visit {
    /// Services of the program.
    pub app: App,
    /// The unit's transaction; carries the tenant.
    pub tx: Tx,
    /// When the unit began; the only time it knows.
    pub now: Instant,
    /// Where the conversation takes place. Its tenant is `channel.tenant`.
    pub channel: Arc<ChannelInfo>,
    /// The conversation in the messenger's terms.
    pub chat: String,
    /// The messenger's view of the person; empty for timers.
    pub person: Person,
    /// Who; saved at the end when changed.
    pub contact: Contact,
    /// The wallet, once somebody needed it; changed only by `ledger`.
    pub wallet: Option<Wallet>,
    /// Why all this happens.
    pub cause: Cause,
    /// Who of the staff it is, in the staff's bot: what the visit does, it does with their rights. Nobody elsewhere.
    pub staff: Option<Member>,
    /// Variables of the scenario, in the staff's bot: what capabilities are asked about, such as the chosen customer.
    pub vars: Values,
    /// What will be said, in order.
    pub outbox: Vec<NewOutbound>,
    /// Messages to other people, written in this unit; handed on after its commit.
    pub ready: Vec<Ready>,
    /// How many events of the business led here one through another; 0 when a person did something.
    pub depth: u32,
    /// When what led here was stored: what came before a moment is in time for it, however late it is handled.
    pub arrived_at: Instant,
    /// The scenario that goes on.
    pub scenario: Option<Arc<Published>>,
}
