//! What goes out: made inside a unit of work, handed to the deliverer after its commit.

use super::bucket;
use super::due;
use super::serial;
use super::store::OUTBOUND_ADD;
use crate::app::App;
use crate::directory::ChannelInfo;
use crate::visit::Cause;
use samovar_base::message::Body;
use samovar_base::{ContactId, Instant, OutboundId};
use samovar_connectors::{Drawn, draw};
use samovar_store::{Tx, params};
use std::sync::Arc;

/// In which order messages are sent when not all can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// To a person who waits for it.
    Answer = 0,
    /// About something that happened to the person: points came, points expire.
    Service = 1,
    /// To many.
    Bulk = 2,
}

/// What becomes of a message when it cannot be known whether it arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// Sent once more: harmless when it comes twice.
    Repeat = 0,
    /// Left alone and shown as unsure: money-like content, and bulk.
    Keep = 1,
}

impl Policy {
    /// How many attempts a row counts more when a node takes it into its hands. One that must not come twice is counted
    /// only when it is handed to the messenger: what a node that dies had not begun is then known not to be sent.
    pub(super) const fn begun_by_claim(self) -> i64 {
        match self {
            Self::Repeat => 1,
            Self::Keep => 0,
        }
    }
}

/// A message that a unit of work decided to send.
#[derive(Debug, Clone)]
pub struct NewOutbound {
    /// What to say.
    pub body: Body,
    /// Its place in the order.
    pub class: Class,
    /// What becomes of it when its answer is lost.
    pub policy: Policy,
    /// Why.
    pub cause: Cause,
}

/// Whom a message goes to.
#[derive(Debug, Clone)]
pub struct Recipient {
    /// By which channel.
    pub channel: Arc<ChannelInfo>,
    /// In which conversation.
    pub chat: Arc<str>,
    /// Who.
    pub contact: ContactId,
}

/// A row of the outbound table in the hands of this node.
#[derive(Debug, Clone)]
pub struct Ready {
    /// The row.
    pub id: OutboundId,
    /// To whom.
    pub to: Recipient,
    /// One message, as its messenger shows it.
    pub drawn: Drawn,
    /// Its place in the order.
    pub class: Class,
    /// What becomes of it when its answer is lost.
    pub policy: Policy,
    /// How often it was handed to the messenger, this time included.
    pub attempts: i64,
    /// The same as the row has it. Of a message that must not come twice this time is not yet included until it is
    /// really handed over.
    pub claimed: i64,
    /// When it was decided.
    pub created: Instant,
    /// When the event it answers was stored, to measure how long people wait.
    pub asked_at: Option<Instant>,
}

impl serial::Item for Ready {
    type Name = OutboundId;
    fn rank(&self) -> i64 {
        self.class as i64
    }
    fn name(&self) -> OutboundId {
        self.id
    }
}

/// Draws messages for their channel and writes them as rows of the unit. What this node may send at once is written
/// as being sent, and returned: give it to [`Pipeline::send`](super::Pipeline::send) after the commit. The rest waits in the table for the node that
/// holds the conversation, and until the channel is neither paused nor broken.
pub fn write(app: &App, tx: &Tx, to: &Recipient, messages: Vec<NewOutbound>, now: Instant) -> Vec<Ready> {
    let at_once = due::open_channel(app, to.channel.id).is_some();
    rows(app, tx, to, messages, at_once, now)
}

/// As [`write()`]; what is not to be sent `at_once` waits in the table, whoever holds the conversation.
pub(super) fn rows(
    app: &App,
    tx: &Tx,
    to: &Recipient,
    messages: Vec<NewOutbound>,
    at_once: bool,
    now: Instant,
) -> Vec<Ready> {
    let place = bucket::of(to.channel.id, &to.chat);
    let ours = at_once && app.pipeline.ownership.holds(place);
    let limits = to.channel.messenger.limits();
    let mut ready = Vec::with_capacity(messages.len());
    for message in messages {
        let cause = message.cause.to_json();
        for drawn in draw(&message.body, limits, &to.channel.locale) {
            let item = Ready {
                id: OutboundId::new(&app.ids, app.clock.as_ref()),
                to: to.clone(),
                drawn,
                class: message.class,
                policy: message.policy,
                attempts: i64::from(ours),
                claimed: if ours { message.policy.begun_by_claim() } else { 0 },
                created: now,
                asked_at: None,
            };
            item.put(tx, place, ours, &cause);
            if ours {
                ready.push(item);
            }
        }
    }
    if !ours {
        tx.wake(super::WAKE_OUTBOUND, &place.to_string());
    }
    ready
}

impl Ready {
    fn put(&self, tx: &Tx, place: usize, ours: bool, cause: &str) {
        let body = serde_json::to_string(&self.drawn).unwrap_or_default();
        tx.put(
            &OUTBOUND_ADD,
            params![
                self.id,
                self.to.channel.id,
                self.to.contact,
                &*self.to.chat,
                bucket::number(place),
                self.class as i64,
                self.policy as i64,
                body,
                i64::from(ours),
                self.created,
                self.claimed,
                cause,
                self.to.channel.page,
                self.created
            ],
        );
    }
}
