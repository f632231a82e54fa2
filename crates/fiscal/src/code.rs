//! The code printed on a receipt.

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

/// What makes a receipt this one and no other, however its code was written.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Key {
    /// Number of the fiscal drive (`fn`): 16 digits.
    pub drive: String,
    /// Number of the fiscal document (`i`).
    pub document: i64,
    /// Fiscal sign (`fp`), compared as a number.
    pub sign: i64,
}

/// What was done at the till (`n`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// 1: something was sold.
    Sale,
    /// 2: it was brought back.
    SaleReturn,
    /// 3: something was bought from a person.
    Purchase,
    /// 4: that was undone.
    PurchaseReturn,
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
