//! What the tax service keeps of a receipt.

use crate::{Key, Operation};
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

/// A receipt as a provider of checks knows it, without what is personal: no cashier, no buyer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Which receipt it is.
    pub key: Key,
    /// By the clock of the till; `None` when the source does not say.
    pub at: Option<DateTime>,
    /// In kopecks; may differ from the sum of the items by rounding.
    pub total: i64,
    /// What was done.
    pub operation: Operation,
    /// Who sold.
    pub seller: Seller,
    /// Two digits of the region of the sale, when it is told.
    pub region: Option<String>,
    /// The goods, in the order of the receipt. Equal lines are normal.
    pub items: Vec<Item>,
}

/// Who sold, and where.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seller {
    /// Tax number without blanks; may be empty.
    pub inn: String,
    /// As printed; may be empty.
    pub name: String,
    /// Name of the place; may be empty.
    pub place: String,
    /// Address of the place; may be empty.
    pub address: String,
}

/// A line of a receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// As printed.
    pub name: String,
    /// In thousandths of the measure: 308 is 0.308 kg.
    pub quantity: i64,
    /// Of one, in kopecks.
    pub price: i64,
    /// Of the line, in kopecks.
    pub sum: i64,
    /// Kind of the goods (tag 1212): 2, 30 and 31 are excise goods.
    pub product_type: Option<i64>,
    /// Number of the goods of a marking code; may be empty.
    pub gtin: String,
    /// The marking code is one of alcohol (EGAIS).
    pub egais: bool,
    /// Tax number of who really sold through an agent; may be empty.
    pub provider_inn: String,
}
