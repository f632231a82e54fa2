//! What waits in memory to be handled: a row of the inbound table, decoded.

use super::serial;
use crate::directory::ChannelInfo;
use samovar_base::message::{Button, Incoming, Media};
use samovar_base::{ContactId, Instant};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// One inbound row on its way through a conversation.
#[derive(Clone)]
pub struct Item {
    /// Where.
    pub channel: Arc<ChannelInfo>,
    /// The conversation.
    pub chat: Arc<str>,
    /// With the channel, the row's key.
    pub dedup: Arc<str>,
    /// The messenger's order; items that wait are handled by it.
    pub position: i64,
    /// What happened.
    pub what: What,
    /// When the row was stored.
    pub accepted_at: Instant,
}

/// What happened in a conversation.
#[derive(Clone)]
pub enum What {
    /// A person did something.
    Said(Vec<Incoming>),
    /// It goes on by itself.
    Own(Own),
}

/// What enters a conversation from our side; stored as JSON in the row's raw bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Own {
    /// A timer of the session is due.
    Timer {
        /// Whose.
        contact: ContactId,
        /// The engine's name of it.
        key: String,
        /// Since when it is overdue, when its channel was paused then.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<Instant>,
    },
    /// A person of the company answers; the bot is silent from now on.
    Taken {
        /// To whom.
        contact: ContactId,
        /// The words; nothing is said when there is nothing else either.
        text: String,
        /// Pictures and files.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        media: Vec<Media>,
        /// Rows of buttons.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        buttons: Vec<Vec<Button>>,
        /// Who.
        cause: crate::visit::Cause,
    },
    /// The conversation is given back to the bot.
    GivenBack {
        /// Whose.
        contact: ContactId,
    },
    /// A person of the company is done with it: the bot hears again, and says nothing now.
    Closed {
        /// Whose.
        contact: ContactId,
    },
    /// A person of the company lets a scenario begin.
    Begun {
        /// With whom.
        contact: ContactId,
        /// The scenario's key.
        scenario: String,
    },
    /// Something happened in the business that a scenario waits for.
    Event {
        /// To whom.
        contact: ContactId,
        /// Its name in the catalogue.
        event: String,
        /// What it brings.
        values: samovar_engine::Values,
        /// How many events led to it one through another.
        #[serde(default)]
        depth: u32,
        /// Not worth telling after that moment.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Instant>,
    },
    /// A picture was looked at.
    Read {
        /// Who sent it.
        contact: ContactId,
        /// The step whose screen wants to know.
        step: String,
        /// What became of it.
        reading: samovar_engine::Reading,
    },
}

impl Own {
    /// Whom it concerns.
    pub const fn contact(&self) -> ContactId {
        match self {
            Self::Timer { contact, .. }
            | Self::Taken { contact, .. }
            | Self::GivenBack { contact }
            | Self::Closed { contact }
            | Self::Begun { contact, .. }
            | Self::Event { contact, .. }
            | Self::Read { contact, .. } => *contact,
        }
    }
    /// The source of its row: `timer`, `event`, `picture`, `operator`.
    pub const fn source(&self) -> &'static str {
        match self {
            Self::Timer { .. } => "timer",
            Self::Event { .. } => "event",
            Self::Read { .. } => "picture",
            Self::Taken { .. } | Self::GivenBack { .. } | Self::Closed { .. } | Self::Begun { .. } => {
                "operator"
            }
        }
    }
}

impl serial::Item for Item {
    type Name = Arc<str>;
    fn rank(&self) -> i64 {
        self.position
    }
    fn name(&self) -> Arc<str> {
        Arc::clone(&self.dedup)
    }
}
