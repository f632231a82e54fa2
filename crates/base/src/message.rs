//! The words in which every messenger is spoken to: what a person did, and what a bot says.

use crate::Instant;
use serde::{Deserialize, Serialize};

/// One thing that happened in a conversation, decoded from a messenger's update.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incoming {
    /// Unique within the channel; the same delivery twice carries the same.
    pub dedup: String,
    /// Grows in the order in which the messenger made the updates of a channel; 0 when it tells no order.
    pub order: i64,
    /// The conversation, in the messenger's own terms: where an answer goes.
    pub chat: String,
    /// Who did it.
    pub person: Person,
    /// When, by the messenger; of acceptance when it does not say.
    pub at: Instant,
    /// What.
    pub event: Event,
}

/// The messenger's view of a person.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Person {
    /// The messenger's id.
    pub id: String,
    /// As the person is called there.
    pub name: String,
    /// Public handle without `@`, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handle: Option<String>,
    /// IETF language tag of the person's program, where it is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

/// What a person did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// Opened the bot, perhaps by a link that carried `payload`.
    Start {
        /// The deep-link parameter.
        payload: Option<String>,
    },
    /// Wrote a text.
    Text {
        /// As written.
        text: String,
    },
    /// Pressed a button of ours.
    Press {
        /// What the button carried.
        token: String,
        /// The vendor's id of the message under which it stood, where it is told.
        message: Option<String>,
    },
    /// Shared a phone number.
    Phone {
        /// As the messenger gives it.
        number: String,
        /// The messenger vouches that it is the sender's own.
        own: bool,
    },
    /// Sent a file.
    File {
        /// What and where.
        file: FileRef,
        /// The words under it; empty when there are none.
        caption: String,
    },
    /// Changed an earlier message.
    Edited {
        /// The vendor's id of that message.
        message: String,
        /// Its new text.
        text: String,
    },
    /// Forbade the bot to write.
    Blocked,
    /// Allowed it again.
    Unblocked,
    /// Something this program does not know yet; kept raw and skipped.
    Unknown {
        /// The vendor's name of it, for the log.
        what: String,
    },
}

/// A file that lies at the messenger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRef {
    /// The vendor's id or address by which it can be fetched.
    pub vendor_id: String,
    /// Picture or anything else.
    pub kind: FileKind,
    /// The sender's name of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Media type, as claimed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// Bytes, as claimed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<i64>,
}

/// How a file is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// Shown in the conversation.
    Photo,
    /// Shown as a file to open.
    Document,
}

/// What a bot says: drawn for each messenger by what it can do.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Body {
    /// Plain text; with a picture it is the caption.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// A picture or file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media: Option<Media>,
    /// Rows of buttons.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Vec<Button>>,
    /// The vendor's id of an earlier message of ours that this one takes the place of, where the messenger can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
    /// Hide the keyboard that asked for a phone number.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub clears_keyboard: bool,
}

impl Body {
    /// Only words.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}

/// A picture or file to be sent. What lies behind `key` is made, or read, when it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// How it is shown.
    pub kind: FileKind,
    /// The name of the content within the tenant: `file/fil_…`, `card/con_…/<design>`. The same key is the same bytes,
    /// so it is uploaded once for each channel.
    pub key: String,
}

/// A button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// What is written on it.
    pub label: String,
    /// What it does.
    pub action: Action,
}

/// What a button does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Comes back as [`Event::Press`] with this token: at most 64 bytes of `[A-Za-z0-9_.:-]`.
    Press(String),
    /// Opens an address.
    Open(String),
    /// Shares the person's phone number; comes back as [`Event::Phone`].
    SharePhone,
}
