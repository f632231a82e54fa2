//! A broadcast, as stored and as it is asked for.

use crate::problem::Problem;
use crate::segments::Audience;
use samovar_base::{ChannelId, ContactId, Instant};
use samovar_store::{FromInt, Row, StoreError, ToValue, Value};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

samovar_base::id!(/// A broadcast.
    BroadcastId, "bro");

impl ToValue for BroadcastId {
    fn to_value(&self) -> Value {
        Value::Int(self.0)
    }
}

impl FromInt for BroadcastId {
    fn from_int(value: i64) -> Self {
        Self(value)
    }
}

/// What is said.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// Template over `contact.…` and `business.name`; under a picture it is the caption.
    #[serde(default)]
    pub text: String,
    /// A picture: `file/fil_…`, or one that was sent to the staff's bot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    /// One in a row.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Link>,
}

/// A button: exactly one of `url` and `scenario`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// What is written on it.
    pub label: String,
    /// Opens this address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Leads into the scenario of this key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
}

/// A broadcast to be made, or what a draft becomes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// For staff; the beginning of the text when empty.
    #[serde(default)]
    pub name: String,
    /// What is said.
    pub content: Content,
    /// To whom.
    pub audience: Audience,
    /// Only to those who gave a consent to this purpose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// When; at once when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<Instant>,
    /// Not to those who are there, but to each of the audience who registers from the start on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newcomers: Option<Newcomers>,
}

/// For how long a broadcast goes to newcomers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Newcomers {
    /// Who registers at this moment or later does not get it; absent is without an end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Instant>,
}

/// Where a broadcast stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Can be changed; nobody gets it.
    Draft,
    /// Waits for its time.
    Planned,
    /// On its way.
    Running,
    /// Held; goes on where it stopped.
    Paused,
    /// Everybody's message has its outcome.
    Done,
    /// Ended before everybody got it.
    Stopped,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Draft, Self::Planned, Self::Running, Self::Paused, Self::Done, Self::Stopped];

    /// The name in tables and answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Planned => "planned",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Done => "done",
            Self::Stopped => "stopped",
        }
    }
}

/// How far it is, and who was passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Progress {
    /// The audience, as counted at the start.
    pub total: i64,
    /// Up to whom it was walked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<ContactId>,
    /// Everybody was looked at.
    #[serde(default)]
    pub walked: bool,
    /// Those who get it.
    #[serde(default)]
    pub queued: i64,
    /// Asked for silence.
    #[serde(default)]
    pub silent: i64,
    /// Cannot be written to.
    #[serde(default)]
    pub unreachable: i64,
    /// Gave no consent to the purpose.
    #[serde(default)]
    pub without_consent: i64,
}

/// A broadcast.
#[derive(Debug, Clone, PartialEq)]
pub struct Broadcast {
    /// Id.
    pub id: BroadcastId,
    /// What, to whom and when.
    pub draft: Draft,
    /// Where it stands.
    pub state: State,
    /// How far it is.
    pub progress: Progress,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: Instant,
    /// When the first message was written.
    pub started_at: Option<Instant>,
    /// When it came to its end.
    pub finished_at: Option<Instant>,
    /// Grows with every change.
    pub revision: i64,
}

impl Broadcast {
    pub(super) fn from_row(row: &Row) -> Result<Self, StoreError> {
        let state = row.text(6)?;
        Ok(Self {
            id: row.id(0)?,
            draft: Draft {
                name: row.text(1)?.to_owned(),
                content: row.json(2)?,
                audience: row.json(3)?,
                purpose: row.opt_text(4)?.map(str::to_owned),
                starts_at: row.opt_instant(5)?,
                newcomers: row.opt_text(13)?.map(|_| row.json(13)).transpose()?,
            },
            state: State::ALL
                .into_iter()
                .find(|one| one.as_str() == state)
                .ok_or_else(|| row.bad_as(6, "not a state of a broadcast"))?,
            progress: row.json(7)?,
            created_by: row.text(8)?.to_owned(),
            created_at: row.instant(9)?,
            started_at: row.opt_instant(10)?,
            finished_at: row.opt_instant(11)?,
            revision: row.int(12)?,
        })
    }
}

/// What became of one person's message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Its turn has not come.
    Waiting,
    /// At the messenger.
    Sent,
    /// Perhaps at the messenger.
    Unsure,
    /// Not at the messenger, and given up.
    Failed,
    /// The person does not let the bot write.
    Blocked,
    /// Ended before its turn came.
    Stopped,
}

impl Outcome {
    /// All of them, numbered as the queries tell them.
    pub const ALL: [Self; 6] =
        [Self::Waiting, Self::Sent, Self::Unsure, Self::Failed, Self::Blocked, Self::Stopped];

    /// The name in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Unsure => "unsure",
            Self::Failed => "failed",
            Self::Blocked => "blocked",
            Self::Stopped => "stopped",
        }
    }
    /// As the queries tell it.
    pub const fn number(self) -> i64 {
        match self {
            Self::Waiting => 0,
            Self::Sent => 1,
            Self::Unsure => 2,
            Self::Failed => 3,
            Self::Blocked => 4,
            Self::Stopped => 5,
        }
    }
}

impl FromStr for Outcome {
    type Err = Problem;
    fn from_str(text: &str) -> Result<Self, Problem> {
        Self::ALL.into_iter().find(|one| one.as_str() == text).ok_or_else(|| {
            let known = Self::ALL.map(Self::as_str).join(", ");
            let ru = format!("Здесь не может стоять «{text}»; можно: {known}");
            Problem::invalid(
                "outcome",
                "unknown_outcome",
                ru,
                format!("This cannot be “{text}”; there are {known}"),
            )
        })
    }
}

/// How many messages came to what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Their turn has not come.
    pub waiting: i64,
    /// At the messenger.
    pub sent: i64,
    /// Perhaps at the messenger.
    pub unsure: i64,
    /// Given up.
    pub failed: i64,
    /// Forbidden by the person.
    pub blocked: i64,
    /// Ended before their turn came.
    pub stopped: i64,
}

/// Whom a broadcast would reach.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Reach {
    /// The audience.
    pub total: i64,
    /// So many of it were looked at: all, or the first of very many.
    pub looked_at: i64,
    /// By channel, those who would get it.
    pub by_channel: Vec<(ChannelId, i64)>,
    /// Asked for silence.
    pub silent: i64,
    /// Cannot be written to.
    pub unreachable: i64,
    /// Gave no consent to the purpose.
    pub without_consent: i64,
}

impl Reach {
    /// Those who would get it, of all who were looked at.
    pub fn reachable(&self) -> i64 {
        self.by_channel.iter().map(|(_, count)| count).sum()
    }
}

/// One person's message of a broadcast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// To whom.
    pub contact: ContactId,
    /// What became of it.
    pub outcome: Outcome,
    /// Why.
    pub note: Option<String>,
    /// When it was sent.
    pub sent_at: Option<Instant>,
}
