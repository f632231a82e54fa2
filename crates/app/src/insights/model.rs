//! What a dashboard says.

use crate::promo::numbers::Tile;
use crate::reports::Period;
use jiff::civil::Date;
use samovar_base::Instant;

/// A company's figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dashboard {
    /// Of which days.
    pub period: Period,
    /// The zone of the business.
    pub zone: String,
    /// When it was counted.
    pub at: Instant,
    /// Day by day, those without anything too.
    pub days: Vec<Day>,
    /// The whole period.
    pub now: Sums,
    /// As many days before it.
    pub before: Sums,
    /// How far those came who are new in the period.
    pub funnel: Funnel,
    /// Where they came from, most first.
    pub sources: Vec<SourceLine>,
    /// Points that expire in the next thirty days.
    pub ending: Vec<Ending>,
    /// Conversations that wait for a person, now.
    pub waiting: Waiting,
    /// Who can be written to, now.
    pub reach: Reach,
    /// Promotions that take receipts, now; only for those who run them.
    pub promotions: Vec<Tile>,
}

/// Figures of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// Of the business.
    pub day: Date,
    /// What happened on it.
    pub sums: Sums,
}

/// Figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    /// New contacts.
    pub came: i64,
    /// Of them registered.
    pub registered: i64,
    /// Contacts whose points moved by what they did; only of a whole period.
    pub active: i64,
    /// Points that came.
    pub earned: i64,
    /// Points that paid for something.
    pub spent: i64,
    /// Points that expired.
    pub expired: i64,
    /// Purchases.
    pub purchases: i64,
    /// What they came to, less what was brought back, in the smallest units.
    pub turnover_minor: i64,
    /// Deals that came to success and gave points.
    pub deals: i64,
}

impl Sums {
    pub(super) fn add(&mut self, other: &Self) {
        self.came += other.came;
        self.registered += other.registered;
        self.earned += other.earned;
        self.spent += other.spent;
        self.expired += other.expired;
        self.purchases += other.purchases;
        self.turnover_minor += other.turnover_minor;
        self.deals += other.deals;
    }
}

/// How far new contacts came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Funnel {
    /// Wrote to a bot, or were added.
    pub came: i64,
    /// Registered.
    pub registered: i64,
    /// Bought once, or had a deal that came to success.
    pub bought: i64,
    /// Did it again.
    pub again: i64,
}

/// A source of new contacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceLine {
    /// The tag; empty where it is not known.
    pub source: String,
    /// What the company calls the link with that tag; empty where there is none.
    pub title: String,
    /// How many came.
    pub came: i64,
    /// Of them registered.
    pub registered: i64,
}

/// Points that expire on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ending {
    /// The last day on which they can be spent.
    pub day: Date,
    /// How many.
    pub points: i64,
}

/// Conversations that wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Waiting {
    /// How many.
    pub count: i64,
    /// Since when the oldest one does.
    pub since: Option<Instant>,
}

/// Who can be written to. About: somebody in two messengers counts twice, up to the number of contacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reach {
    /// Contacts.
    pub contacts: i64,
    /// Of them can be written to.
    pub reachable: i64,
}
