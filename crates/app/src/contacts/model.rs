//! A contact and what belongs to it, as stored.

use jiff::civil::Date;
use samovar_base::{ChannelId, ConsentId, ContactId, Instant};
use samovar_store::{Row, StoreError};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// [`Contact::COLUMNS`] as a literal, to be put into statements by `concat!`.
macro_rules! contact_columns {
    () => {
        "c.id, c.name, c.phone, c.phone_proved, c.birthday, c.locale, c.fields, c.tags, c.consents, c.source, \
         c.registered_at, c.stopped_at, c.erased_at, c.revision, c.created_at, c.staff_side, \
         c.last_seen_at"
    };
}
pub(crate) use contact_columns;

/// [`Identity::COLUMNS`] as a literal, to be put into statements by `concat!`.
macro_rules! identity_columns {
    () => {
        "i.channel_id, i.external_id, i.contact_id, i.chat, i.name, i.handle, i.language, i.blocked_at, i.created_at"
    };
}
pub(crate) use identity_columns;

/// A person who writes to a bot. Loaded once in a unit, changed in memory, written once by [`super::save`].
#[derive(Debug, Clone, PartialEq)]
pub struct Contact {
    /// Id.
    pub id: ContactId,
    /// As the person wants to be called; empty until told.
    pub name: String,
    /// E.164.
    pub phone: Option<String>,
    /// The messenger vouched for the phone, or a code did.
    pub phone_proved: bool,
    /// Birthday.
    pub birthday: Option<Date>,
    /// The language to speak with the person: `ru`, `en`.
    pub locale: String,
    /// The company's own fields.
    pub fields: Map<String, Value>,
    /// Tags.
    pub tags: BTreeSet<String>,
    /// Consents in force: purpose and the version of the text.
    pub consents: BTreeMap<String, i64>,
    /// Where the person came from: the tag of the first link.
    pub source: Option<String>,
    /// When registration was finished.
    pub registered_at: Option<Instant>,
    /// When the person asked for silence; then only their own requests are answered.
    pub stopped_at: Option<Instant>,
    /// When the personal data was removed on request.
    pub erased_at: Option<Instant>,
    /// Grows with every change; guards against two changes at once.
    pub revision: i64,
    /// When first seen.
    pub created_at: Instant,
    /// Writes to a channel of the staff, or was taken in by another contact: no customer, and in none of their lists.
    pub staff_side: bool,
    /// When they last did something in a chat, to the quarter of an hour. Written by [`super::seen`] alone.
    pub last_seen_at: Option<Instant>,
}

impl Contact {
    /// The columns that [`Contact::from_row`] reads, of a `contact` with the alias `c`.
    pub const COLUMNS: &'static str = contact_columns!();
    /// How many they are.
    pub const COLUMN_COUNT: usize = 17;

    /// Somebody of whom nothing is known yet.
    pub fn new(id: ContactId, locale: &str, now: Instant) -> Self {
        Self {
            id,
            name: String::new(),
            phone: None,
            phone_proved: false,
            birthday: None,
            locale: locale.to_owned(),
            fields: Map::new(),
            tags: BTreeSet::new(),
            consents: BTreeMap::new(),
            source: None,
            registered_at: None,
            stopped_at: None,
            erased_at: None,
            revision: 1,
            created_at: now,
            staff_side: false,
            last_seen_at: None,
        }
    }

    /// From a row in which [`Contact::COLUMNS`] begin at `at`.
    pub fn from_row(row: &Row, at: usize) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id(at)?,
            name: row.text(at + 1)?.to_owned(),
            phone: row.opt_text(at + 2)?.map(str::to_owned),
            phone_proved: row.bool(at + 3)?,
            birthday: birthday(row, at + 4)?,
            locale: row.text(at + 5)?.to_owned(),
            fields: document(row, at + 6)?,
            tags: document(row, at + 7)?,
            consents: document(row, at + 8)?,
            source: row.opt_text(at + 9)?.map(str::to_owned),
            registered_at: row.opt_instant(at + 10)?,
            stopped_at: row.opt_instant(at + 11)?,
            erased_at: row.opt_instant(at + 12)?,
            revision: row.int(at + 13)?,
            created_at: row.instant(at + 14)?,
            staff_side: row.bool(at + 15)?,
            last_seen_at: row.opt_instant(at + 16)?,
        })
    }

    /// The first word of the name.
    pub fn first_name(&self) -> &str {
        first_name(&self.name)
    }
    /// Whether messages that the person did not ask for may be sent.
    pub fn takes_messages(&self) -> bool {
        self.stopped_at.is_none() && self.erased_at.is_none()
    }
}

/// The first word of a name.
pub(crate) fn first_name(name: &str) -> &str {
    name.split_whitespace().next().unwrap_or_default()
}

fn birthday(row: &Row, at: usize) -> Result<Option<Date>, StoreError> {
    match row.opt_text(at)? {
        None => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|_| row.bad_as(at, format!("«{text}» is not a date"))),
    }
}

/// Most contacts have no tags and no fields: `[]` and `{}` are told without a parser.
fn document<T: serde::de::DeserializeOwned + Default>(row: &Row, at: usize) -> Result<T, StoreError> {
    if row.text(at)?.len() <= 2 { Ok(T::default()) } else { row.json(at) }
}

/// What a messenger calls a contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Where.
    pub channel: ChannelId,
    /// The messenger's id of the person.
    pub external_id: String,
    /// Who it is here.
    pub contact: ContactId,
    /// Where to write to the person.
    pub chat: String,
    /// As the person is called there.
    pub name: String,
    /// Public handle.
    pub handle: Option<String>,
    /// Language of the person's program.
    pub language: Option<String>,
    /// Since when the person forbids the bot to write.
    pub blocked_at: Option<Instant>,
    /// When first seen.
    pub created_at: Instant,
}

impl Identity {
    /// The columns that [`Identity::from_row`] reads, of an `identity` with the alias `i`.
    pub const COLUMNS: &'static str = identity_columns!();
    /// How many they are.
    pub const COLUMN_COUNT: usize = 9;

    /// From a row in which [`Identity::COLUMNS`] begin at `at`.
    pub fn from_row(row: &Row, at: usize) -> Result<Self, StoreError> {
        Ok(Self {
            channel: row.id(at)?,
            external_id: row.text(at + 1)?.to_owned(),
            contact: row.id(at + 2)?,
            chat: row.text(at + 3)?.to_owned(),
            name: row.text(at + 4)?.to_owned(),
            handle: row.opt_text(at + 5)?.map(str::to_owned),
            language: row.opt_text(at + 6)?.map(str::to_owned),
            blocked_at: row.opt_instant(at + 7)?,
            created_at: row.instant(at + 8)?,
        })
    }
}

/// A consent as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// Id.
    pub id: ConsentId,
    /// Who gave it.
    pub contact: ContactId,
    /// For what: `loyalty`, `mailing`.
    pub purpose: String,
    /// Version of the text; 0 when the company had stored none.
    pub version: i64,
    /// SHA-256 of the text; empty for version 0.
    pub text_hash: String,
    /// Where it was given; none when staff or a program recorded it.
    pub channel: Option<ChannelId>,
    /// When.
    pub given_at: Instant,
    /// When it was taken back, or replaced by one to a newer text.
    pub revoked_at: Option<Instant>,
}

/// A text people agree to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentText {
    /// For what.
    pub purpose: String,
    /// 1, 2, …
    pub version: i64,
    /// The text.
    pub text: String,
    /// Its SHA-256.
    pub text_hash: String,
    /// When it came into force.
    pub created_at: Instant,
}

impl Consent {
    pub(super) fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id(0)?,
            contact: row.id(1)?,
            purpose: row.text(2)?.to_owned(),
            version: row.int(3)?,
            text_hash: row.text(4)?.to_owned(),
            channel: row.opt_id(5)?,
            given_at: row.instant(6)?,
            revoked_at: row.opt_instant(7)?,
        })
    }
}

impl ConsentText {
    pub(super) fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            purpose: row.text(0)?.to_owned(),
            version: row.int(1)?,
            text: row.text(2)?.to_owned(),
            text_hash: row.text(3)?.to_owned(),
            created_at: row.instant(4)?,
        })
    }
}
