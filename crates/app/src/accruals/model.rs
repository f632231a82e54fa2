//! A mass accrual as stored, and as it is asked for.

use crate::ledger::Shortfall;
use crate::segments::Audience;
use crate::visit::Cause;
use jiff::civil::Date;
use samovar_base::{ContactId, Instant, Points};
use samovar_store::{FromInt, Row, StoreError, ToValue, Value};
use serde::{Deserialize, Serialize};

samovar_base::id!(/// A mass accrual, or the undoing of one.
    AccrualId, "acr");

impl ToValue for AccrualId {
    fn to_value(&self) -> Value {
        Value::Int(self.0)
    }
}

impl FromInt for AccrualId {
    fn from_int(value: i64) -> Self {
        Self(value)
    }
}

/// Until when the points can be spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "ends", rename_all = "snake_case", deny_unknown_fields)]
pub enum Term {
    /// As the programme says.
    #[default]
    Programme,
    /// So many days after the day of the start.
    Days {
        /// How many.
        days: u32,
    },
    /// With the end of this day.
    On {
        /// Where the business is.
        date: Date,
    },
    /// Never.
    Never,
}

/// Points for many, as somebody asks for them.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAccrual {
    /// To whom.
    pub audience: Audience,
    /// How many to each.
    pub points: Points,
    /// What for: the customer sees it.
    pub comment: Option<String>,
    /// Until when.
    pub term: Term,
    /// Whether each is told, in the words of the programme's notice of accruals, if that is on.
    pub notify: bool,
}

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// At work, or waiting for its turn.
    Running,
    /// Stopped for a while: what was done stays.
    Paused,
    /// Stopped for ever: what was done stays.
    Cancelled,
    /// Everybody was seen to.
    Done,
}

impl State {
    /// As stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Cancelled => "cancelled",
            Self::Done => "done",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::Running, Self::Paused, Self::Cancelled, Self::Done].into_iter().find(|one| one.name() == name)
    }

    /// Nothing will happen any more.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Cancelled | Self::Done)
    }
}

/// A run through an audience: an accrual, or the undoing of one.
#[derive(Debug, Clone, PartialEq)]
pub struct Accrual {
    /// Id.
    pub id: AccrualId,
    /// Of whoever asked: the same key is the same run, for ever.
    pub key: String,
    /// To whom, with the condition as it was at the start.
    pub audience: Audience,
    /// How many to each.
    pub points: Points,
    /// What for.
    pub comment: Option<String>,
    /// Until when the points can be spent; none is for ever.
    pub expires_at: Option<Instant>,
    /// Whether each is told.
    pub notify: bool,
    /// The run that this one undoes.
    pub undoes: Option<AccrualId>,
    /// What an undoing does where the points were spent.
    pub shortfall: Shortfall,
    /// Where it stands.
    pub state: State,
    /// The last contact who was seen to.
    pub cursor: Option<ContactId>,
    /// How many they were at the start.
    pub total: i64,
    /// Contacts whose balance was changed.
    pub done: i64,
    /// Contacts with whom the books refused: nothing was left to undo, or a wallet is full.
    pub refused: i64,
    /// What was moved together; negative when taken back.
    pub moved: Points,
    /// Messages queued.
    pub notified: i64,
    /// Who asked.
    pub cause: Cause,
    /// When it was started, which decides conditions that count days.
    pub created_at: Instant,
    /// When it was over.
    pub finished_at: Option<Instant>,
    /// Grows with every step.
    pub revision: i64,
}

impl Accrual {
    pub(super) fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id(0)?,
            key: row.text(1)?.to_owned(),
            audience: row.json(2)?,
            points: row.id(3)?,
            comment: row.opt_text(4)?.map(str::to_owned),
            expires_at: row.opt_instant(5)?,
            notify: row.bool(6)?,
            undoes: row.opt_id(7)?,
            shortfall: row.json(8)?,
            state: State::from_name(row.text(9)?).ok_or_else(|| row.bad_as(9, "no state of an accrual"))?,
            cursor: row.opt_id(10)?,
            total: row.int(11)?,
            done: row.int(12)?,
            refused: row.int(13)?,
            moved: row.id(14)?,
            notified: row.int(15)?,
            cause: row.json(16)?,
            created_at: row.instant(17)?,
            finished_at: row.opt_instant(18)?,
            revision: row.int(19)?,
        })
    }

    /// Under which its operations stand in the ledger, followed by the contact.
    pub fn prefix(&self) -> String {
        prefix(self.id)
    }
}

/// Under which the operations of a run stand in the ledger.
pub(super) fn prefix(id: AccrualId) -> String {
    format!("accrual:{id}:")
}

/// How a run is undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undoing {
    /// What happens where the points were spent already.
    pub shortfall: Shortfall,
    /// Whether each is told, in the words of the programme's notice of write-offs, if that is on.
    pub notify: bool,
    /// Why: the customer sees it.
    pub comment: Option<String>,
}

impl Default for Undoing {
    /// Takes what is there and tells nobody.
    fn default() -> Self {
        Self { shortfall: Shortfall::Forgive, notify: false, comment: None }
    }
}

/// What a run would do.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// To how many.
    pub contacts: i64,
    /// How many points together.
    pub points: Points,
    /// Until when they could be spent; none is for ever.
    pub expires_at: Option<Instant>,
    /// Some of the people.
    pub sample: Vec<crate::contacts::Contact>,
    /// What the first of them would be told; none when nobody is told.
    pub notice: Option<String>,
}
