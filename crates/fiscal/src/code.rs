//! The code printed on a receipt.

use jiff::SignedDuration;
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What makes a receipt this one and no other, however its code was written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Key {
    /// Number of the fiscal drive (`fn`): 16 digits.
    pub drive: String,
    /// Number of the fiscal document (`i`).
    pub document: i64,
    /// Fiscal sign (`fp`), compared as a number.
    pub sign: i64,
}

/// As people compare receipts: `9282000100254567/11401/371532793`.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.drive, self.document, self.sign)
    }
}

/// What was done at the till (`n`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// 1: something was sold.
    #[default]
    Sale,
    /// 2: it was brought back.
    SaleReturn,
    /// 3: something was bought from a person.
    Purchase,
    /// 4: that was undone.
    PurchaseReturn,
}

impl Operation {
    /// As it stands in codes and documents.
    pub const fn number(self) -> i64 {
        match self {
            Self::Sale => 1,
            Self::SaleReturn => 2,
            Self::Purchase => 3,
            Self::PurchaseReturn => 4,
        }
    }

    /// `None` of a number that is none of the four; 13 was met on a real receipt.
    pub const fn of(number: i64) -> Option<Self> {
        match number {
            1 => Some(Self::Sale),
            2 => Some(Self::SaleReturn),
            3 => Some(Self::Purchase),
            4 => Some(Self::PurchaseReturn),
            _ => None,
        }
    }
}

/// The code of a receipt, read.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Code {
    /// Which receipt it is.
    pub key: Key,
    /// By the clock of the till, without a zone.
    pub at: DateTime,
    /// In kopecks.
    pub sum: i64,
    /// What was done.
    pub operation: Operation,
}

/// Zones of tills and clocks that go wrong differ by this at most.
const AHEAD_MAX: SignedDuration = SignedDuration::from_hours(24);

impl Code {
    /// The same text for every way in which the code can be written: `t=20240917T1801&s=1285.21&fn=…&i=…&fp=…&n=1`.
    /// Seconds are written only where they are not zero.
    pub fn canonical(&self) -> String {
        self.to_string()
    }

    /// Whether the receipt was printed more than a day after `now`, the time by any clock of the country: no zone and
    /// no wrong clock explains that.
    pub fn is_ahead_of(&self, now: DateTime) -> bool {
        now.checked_add(AHEAD_MAX).is_ok_and(|latest| self.at > latest)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, at, sum, operation } = self;
        write!(f, "t={:04}{:02}{:02}T{:02}{:02}", at.year(), at.month(), at.day(), at.hour(), at.minute())?;
        if at.second() != 0 {
            write!(f, "{:02}", at.second())?;
        }
        let (rubles, kopecks) = (sum / 100, sum % 100);
        let (drive, document, sign, number) = (&key.drive, key.document, key.sign, operation.number());
        write!(f, "&s={rubles}.{kopecks:02}&fn={drive}&i={document}&fp={sign}&n={number}")
    }
}
