//! A receipt that somebody sent, as stored, and who checks it.

use crate::promo::Reason;
use jiff::civil::DateTime;
use samovar_base::{ChannelId, ContactId, Instant, PromotionId, ProviderId, ReceiptId};
use samovar_connectors::receipt_check::{Account, Kind};
use samovar_fiscal::{Code, Key, Operation};
use samovar_store::{Row, StoreError};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use url::Url;

/// The columns that [`Receipt::from_row`] reads, of `receipts_receipt` with the alias `r`.
macro_rules! receipt_columns {
    () => {
        "r.promotion_id, r.id, r.contact_id, r.channel_id, r.cause, r.arrived_at, r.source, r.picture, r.code, r.drive, \
         r.document, r.sign, r.operation, r.sum, r.bought_at, r.state, r.holds, r.reason, r.note, r.version, r.score, \
         r.signs, r.tries, r.waits, r.outcome, r.check_at, r.ticket, r.judged_by, r.judged_at, r.revision"
    };
}
pub(crate) use receipt_columns;

/// A receipt that somebody sent to a promotion.
#[derive(Debug, Clone, PartialEq)]
pub struct Receipt {
    /// To which.
    pub promotion: PromotionId,
    /// Id.
    pub id: ReceiptId,
    /// Who sent it.
    pub contact: ContactId,
    /// By which channel.
    pub channel: ChannelId,
    /// JSON of the [cause](crate::visit::Cause): the event it came with.
    pub cause: String,
    /// When the message arrived: this moment decides.
    pub arrived_at: Instant,
    /// In which form.
    pub source: Source,
    /// Key of the kept picture; may be empty.
    pub picture: String,
    /// The code in its own writing; empty when none could be read.
    pub text: String,
    /// The code.
    pub code: Option<Code>,
    /// Where it stands.
    pub state: State,
    /// No other receipt of the promotion may be the same.
    pub holds: bool,
    /// Why it was refused, or why a person is to look.
    pub reason: Option<Reason>,
    /// What of it the reason is about, or what a person wrote to it.
    pub note: String,
    /// Of the terms by which it was judged.
    pub version: i64,
    /// Of suspicion, 0..100.
    pub score: i64,
    /// Why it is suspicious: JSON.
    pub signs: String,
    /// Questions asked about it.
    pub tries: i64,
    /// How often it was put off because the tax service did not know it.
    pub waits: i64,
    /// What the last question led to; empty: none was asked.
    pub outcome: String,
    /// When it is due to be checked.
    pub check_at: Instant,
    /// The number it got.
    pub ticket: Option<i64>,
    /// `rules`, or who decided.
    pub judged_by: String,
    /// When.
    pub judged_at: Option<Instant>,
    /// Grows with every change.
    pub revision: i64,
}

impl Receipt {
    /// How many columns [`Receipt::from_row`] reads.
    pub(crate) const COLUMNS: usize = 30;

    /// From a row in which the columns begin at `at`.
    pub(crate) fn from_row(row: &Row, at: usize) -> Result<Self, StoreError> {
        let number = |place: usize| row.int(at + place);
        Ok(Self {
            promotion: row.id(at)?,
            id: row.id(at + 1)?,
            contact: row.id(at + 2)?,
            channel: row.id(at + 3)?,
            cause: row.text(at + 4)?.to_owned(),
            arrived_at: row.instant(at + 5)?,
            source: Source::from_number(number(6)?),
            picture: row.text(at + 7)?.to_owned(),
            text: row.text(at + 8)?.to_owned(),
            code: code(row, at + 9)?,
            state: State::from_number(number(15)?)
                .ok_or_else(|| row.bad_as(at + 15, "no state of a receipt"))?,
            holds: row.bool(at + 16)?,
            reason: Reason::from_name(row.text(at + 17)?),
            note: row.text(at + 18)?.to_owned(),
            version: number(19)?,
            score: number(20)?,
            signs: row.text(at + 21)?.to_owned(),
            tries: number(22)?,
            waits: number(23)?,
            outcome: row.text(at + 24)?.to_owned(),
            check_at: row.instant(at + 25)?,
            ticket: row.opt_int(at + 26)?,
            judged_by: row.text(at + 27)?.to_owned(),
            judged_at: row.opt_instant(at + 28)?,
            revision: number(29)?,
        })
    }

    /// What makes it this receipt; none of one that could not be read.
    pub fn key(&self) -> Option<&Key> {
        self.code.as_ref().map(|code| &code.key)
    }
}

fn code(row: &Row, at: usize) -> Result<Option<Code>, StoreError> {
    let (Some(operation), Ok(bought)) =
        (Operation::of(row.int(at + 3)?), row.text(at + 5)?.parse::<DateTime>())
    else {
        return Ok(None);
    };
    let key = Key { drive: row.text(at)?.to_owned(), document: row.int(at + 1)?, sign: row.int(at + 2)? };
    Ok(Some(Code { key, at: bought, sum: row.int(at + 4)?, operation }))
}

/// In which form a receipt came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The text of its code.
    Words,
    /// A picture.
    Picture,
    /// A file.
    File,
    /// A link.
    Link,
    /// Fields typed one by one.
    Fields,
    /// By somebody of the staff.
    Staff,
}

impl Source {
    const ALL: [Self; 6] = [Self::Words, Self::Picture, Self::File, Self::Link, Self::Fields, Self::Staff];

    fn from_number(number: i64) -> Self {
        Self::ALL.into_iter().find(|one| *one as i64 == number).unwrap_or(Self::Words)
    }
    /// The name in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Words => "words",
            Self::Picture => "picture",
            Self::File => "file",
            Self::Link => "link",
            Self::Fields => "fields",
            Self::Staff => "staff",
        }
    }
}

/// Where a receipt stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Waits for its check.
    Waiting,
    /// With a provider.
    Checking,
    /// Waits for a person.
    Person,
    /// Has a number.
    Accepted,
    /// Has none.
    Refused,
}

impl State {
    /// All of them, in the order of their numbers in the table.
    pub const ALL: [Self; 5] = [Self::Waiting, Self::Checking, Self::Person, Self::Accepted, Self::Refused];

    /// The name in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Checking => "checking",
            Self::Person => "person",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
        }
    }
    /// In the table.
    pub const fn number(self) -> i64 {
        self as i64
    }
    /// From the table.
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.number() == number)
    }
}

impl std::str::FromStr for State {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|one| one.as_str() == text).ok_or(())
    }
}

/// A question to a provider, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Who was asked.
    pub provider: ProviderId,
    /// When.
    pub asked_at: Instant,
    /// How long it took.
    pub took_ms: i64,
    /// `found`, `not_yet`, `unknown`, `refused`, `quota`, `later`, `error`.
    pub outcome: String,
    /// In the words of the provider, cut.
    pub words: String,
}

/// Where receipts are checked.
#[derive(Debug, Clone)]
pub struct Provider {
    /// Id.
    pub id: ProviderId,
    /// Which service.
    pub kind: Kind,
    /// As the staff calls it.
    pub name: String,
    /// In the ladder, from 1: the first is asked first.
    pub place: i64,
    /// What it needs to know.
    pub settings: ProviderSettings,
    /// The token; what it is, nobody is told.
    pub token: SecretString,
    /// Somebody switched it off.
    pub paused: bool,
    /// Grows with every change.
    pub revision: i64,
    /// When it was made.
    pub created_at: Instant,
}

impl Provider {
    /// Whether a token is kept.
    pub fn has_token(&self) -> bool {
        !self.token.expose_secret().is_empty()
    }
    /// As its connector takes it.
    pub(super) fn account(&self) -> Account {
        Account {
            address: self.settings.address.clone(),
            token: self.token.clone(),
            proxy: self.settings.proxy.clone(),
        }
    }
}

/// What is set of a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProviderSettings {
    /// Where it is called; its own address when empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Url>,
    /// Through which it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy: Option<Url>,
    /// Questions in a minute.
    pub per_minute: i64,
    /// Questions in a day of the business; none: as many as it takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_day: Option<i64>,
    /// Questions at once.
    pub at_once: i64,
}

impl Default for ProviderSettings {
    fn default() -> Self {
        Self { address: None, proxy: None, per_minute: 60, per_day: None, at_once: 4 }
    }
}
