//! The rules of a company's programme, as stored.

use super::card::CardDesign;
use super::notices::Notices;
use crate::ledger::Shortfall;
use samovar_base::{Points, Rate, Rounding};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How a company's programme works. What is not said has its default, and a company without a programme has all of
/// them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Programme {
    /// How points are called.
    pub units: Units,
    /// What one point is worth, in the smallest units of money: 100 is a rouble.
    pub point_minor: i64,
    /// Given once to everybody who registers; zero is none.
    pub welcome_points: Points,
    /// For how many days after the day of earning points can be spent; none is for ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expiry_days: Option<u32>,
    /// More about the end of points.
    pub expiry: Expiry,
    /// What a purchase earns.
    pub earning: Earning,
    /// How a purchase is paid with points.
    pub spending: Spending,
    /// What becomes of points when a purchase is brought back.
    pub refunds: Refunds,
    /// When people are told that points end.
    pub warnings: Warnings,
    /// Points for birthdays.
    pub birthday: Birthday,
    /// What the customer is told of changes that they did not make in the conversation.
    pub notices: Notices,
    /// What the screens say, where the company words it itself.
    pub screens: Screens,
    /// The look of the card.
    pub card: CardDesign,
}

/// When points end, beside `expiry_days`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Expiry {
    /// Points end with this day of each year, `12-31`; instead of `expiry_days`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub yearly: Option<String>,
    /// A purchase gives the open points of the programme's common term that term anew.
    pub prolong_on_purchase: bool,
    /// Points that come from here (`welcome`, `grant`, `purchase`, `birthday`, or the kind of another operation) end so
    /// many days after the day of earning, and are not prolonged; zero is never.
    pub days_of: BTreeMap<String, u32>,
}

/// What a purchase earns: a share of the money, and so many points for each.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Earning {
    /// The share that comes back as points, in basis points: 500 is five percent.
    pub percent_bp: Rate,
    /// Given for each purchase besides.
    pub fixed: Points,
    /// Of what the share is taken.
    pub of: Base,
    /// What becomes of a part of a point.
    pub rounding: Rounding,
    /// A smaller purchase earns nothing.
    pub minimum_minor: i64,
    /// No purchase earns more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum: Option<Points>,
}

/// Of what a share is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Base {
    /// Of what is paid with money.
    #[default]
    Paid,
    /// Of the whole purchase, that which is paid with points included.
    Whole,
}

/// How a purchase is paid with points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Spending {
    /// Whether it can be.
    pub on: bool,
    /// The largest share of a purchase, in basis points.
    pub max_percent_bp: Rate,
    /// A smaller purchase is paid with money only.
    pub minimum_minor: i64,
    /// Exactly so many points are taken at a time, no more and no fewer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fixed: Option<Points>,
}

/// What becomes of points when a purchase is brought back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Refunds {
    /// What becomes of a part of a point when earned points are taken back.
    pub rounding: Rounding,
    /// What to do when earned points are spent already.
    pub debt: Shortfall,
}

/// When people are told that points end. The text is `notices.expiring`; without that notice nobody is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Warnings {
    /// How many days before the last day.
    pub days: Vec<u32>,
    /// The hour of the business at which they go out: `10:00`.
    pub hour: String,
    /// From this hour on nobody is disturbed till the next morning.
    pub until: String,
}

/// Points for birthdays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Birthday {
    /// How many; zero is none.
    pub points: Points,
    /// So many days before the birthday they are given.
    pub days_before: u32,
    /// Who tells their birthday late still gets them so many days after it. Their last day, unless `expiry.days_of` says
    /// how long points of `birthday` last, is the programme's.
    pub days_after: u32,
    /// At which hour of the business.
    pub hour: String,
}

/// How points are called, in the forms that go with numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Units {
    /// With 1, 2 and 5: «балл», «балла», «баллов».
    pub ru: [String; 3],
    /// With 1 and 2: “point”, “points”.
    pub en: [String; 2],
}

/// A text in both languages: a template over the fields of [`Names`](super::Names). The filter `points` writes a number
/// with its unit.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wording {
    /// Russian.
    pub ru: String,
    /// English.
    pub en: String,
}

/// Texts of the screens; one that is absent is worded by the program.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Screens {
    /// The balance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub balance: Option<Wording>,
    /// Under the picture of the card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<Wording>,
    /// Above the history.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub history: Option<Wording>,
    /// Instead of a history that is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub history_empty: Option<Wording>,
}

/// A programme with the number that guards its changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stored {
    /// The rules.
    pub programme: Programme,
    /// Grows with every change; zero when the defaults hold.
    pub revision: i64,
}

impl Wording {
    /// From both.
    pub fn new(ru: impl Into<String>, en: impl Into<String>) -> Self {
        Self { ru: ru.into(), en: en.into() }
    }
    /// In a language; English for any but Russian.
    pub fn text(&self, locale: &str) -> &str {
        if locale.starts_with("ru") { &self.ru } else { &self.en }
    }
}

impl Default for Programme {
    fn default() -> Self {
        Self {
            units: Units::default(),
            point_minor: 100,
            welcome_points: Points::ZERO,
            expiry_days: None,
            expiry: Expiry::default(),
            earning: Earning::default(),
            spending: Spending::default(),
            refunds: Refunds::default(),
            warnings: Warnings::default(),
            birthday: Birthday::default(),
            notices: Notices::default(),
            screens: Screens::default(),
            card: CardDesign::default(),
        }
    }
}

impl Default for Spending {
    fn default() -> Self {
        Self { on: true, max_percent_bp: Rate(10_000), minimum_minor: 0, fixed: None }
    }
}

impl Default for Refunds {
    fn default() -> Self {
        Self { rounding: Rounding::Down, debt: Shortfall::Forgive }
    }
}

impl Default for Warnings {
    fn default() -> Self {
        Self { days: vec![4, 1], hour: "10:00".into(), until: "21:00".into() }
    }
}

impl Default for Birthday {
    fn default() -> Self {
        Self { points: Points::ZERO, days_before: 3, days_after: 7, hour: "10:00".into() }
    }
}

impl Default for Units {
    fn default() -> Self {
        Self {
            ru: ["балл", "балла", "баллов"].map(str::to_owned),
            en: ["point", "points"].map(str::to_owned),
        }
    }
}
