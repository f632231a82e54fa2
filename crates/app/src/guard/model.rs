//! What a company allows the people at its till, and what looks odd to it.

use crate::access::Role;
use crate::problem::Problem;
use samovar_base::{AlertId, ContactId, Instant, Points, StaffId};
use samovar_store::{Row, StoreError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A company's rules. What is not said has its default, and a company without rules has all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// What each role may move; a role that is absent has no limits.
    pub limits: BTreeMap<Role, Limits>,
    /// What the owners are told of.
    pub alerts: Alerts,
}

/// What somebody may move by hand; what is absent is not limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Points in one operation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub points_per_operation: Option<Points>,
    /// Points in a day of the business, accrued and written off together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub points_per_day: Option<Points>,
    /// Operations in a day of the business.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operations_per_day: Option<i64>,
    /// The largest part of a purchase that is paid with points, in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount_percent: Option<i64>,
}

/// Which accruals look odd.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Alerts {
    /// More accruals than this by one person to one customer in a day; absent is never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub same_customer_per_day: Option<i64>,
    /// An accrual of at least so many points that is a multiple of `round_to`; absent is never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub round_from: Option<Points>,
    /// What counts as round.
    pub round_to: i64,
    /// An accrual to the card of the person who accrues.
    pub own_card: bool,
    /// The hours of the business, `[9, 22]` is from 9:00 to 22:00: an accrual outside of them is odd; absent is never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_hours: Option<[u8; 2]>,
}

impl Default for Rules {
    fn default() -> Self {
        let cashier = Limits {
            points_per_operation: Some(Points(5_000)),
            points_per_day: Some(Points(50_000)),
            operations_per_day: Some(300),
            discount_percent: None,
        };
        Self { limits: BTreeMap::from([(Role::Cashier, cashier)]), alerts: Alerts::default() }
    }
}

impl Default for Alerts {
    fn default() -> Self {
        Self {
            same_customer_per_day: Some(3),
            round_from: Some(Points(1_000)),
            round_to: 500,
            own_card: true,
            open_hours: None,
        }
    }
}

/// The rules and how often they were changed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stored {
    /// The rules.
    pub rules: Rules,
    /// Grows with every change; 0 while nobody changed them.
    pub revision: i64,
}

/// What somebody of the staff is about to do to a customer's points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Deed {
    /// Accrued.
    pub gives: Points,
    /// Written off or spent.
    pub takes: Points,
    /// The part of a purchase that is paid with points, in percent, rounded up.
    pub discount_percent: i64,
}

/// Why an accrual looks odd.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// To one's own card.
    OwnCard,
    /// Too often to the same customer.
    SameCustomer,
    /// A large round sum.
    RoundSum,
    /// While the business is closed.
    AfterHours,
}

impl Reason {
    /// All of them.
    pub const ALL: &[Self] = &[Self::OwnCard, Self::SameCustomer, Self::RoundSum, Self::AfterHours];

    /// The name in tables and answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OwnCard => "own_card",
            Self::SameCustomer => "same_customer",
            Self::RoundSum => "round_sum",
            Self::AfterHours => "after_hours",
        }
    }
}

/// Something odd that somebody of the staff did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// Id.
    pub id: AlertId,
    /// When.
    pub at: Instant,
    /// Who.
    pub staff: StaffId,
    /// To whom.
    pub contact: ContactId,
    /// Why it looks odd.
    pub reason: Reason,
    /// How many points.
    pub points: Points,
    /// The operation's number in the journal.
    pub operation: i64,
    /// Accruals by this person to this customer on that day, this one included.
    pub count: i64,
    /// The owners were written to.
    pub told: bool,
}

impl Alert {
    pub(super) fn from_row(row: &Row) -> Result<Self, StoreError> {
        let reason =
            Reason::ALL.iter().copied().find(|reason| row.text(4).is_ok_and(|name| name == reason.as_str()));
        Ok(Self {
            id: row.id(0)?,
            at: row.instant(1)?,
            staff: row.id(2)?,
            contact: row.id(3)?,
            reason: reason.ok_or_else(|| row.bad_as(4, "not a reason of an alert"))?,
            points: row.id(5)?,
            operation: row.int(6)?,
            count: row.int(7)?,
            told: row.bool(8)?,
        })
    }
}

impl Rules {
    /// What is wrong with them.
    pub fn problems(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        let mut check = |field: String, value: Option<i64>, most: i64| {
            if value.is_some_and(|value| !(0..=most).contains(&value)) {
                let (ru, en) = (format!("От 0 до {most}"), format!("From 0 to {most}"));
                found.push(Problem::invalid(&field, "out_of_range", ru, en));
            }
        };
        const MOST: i64 = 1_000_000_000;
        for (role, limits) in &self.limits {
            let field = |name: &str| format!("limits.{role}.{name}");
            check(field("points_per_operation"), limits.points_per_operation.map(|points| points.0), MOST);
            check(field("points_per_day"), limits.points_per_day.map(|points| points.0), MOST);
            check(field("operations_per_day"), limits.operations_per_day, MOST);
            check(field("discount_percent"), limits.discount_percent, 100);
        }
        check("alerts.same_customer_per_day".into(), self.alerts.same_customer_per_day, 1_000);
        check("alerts.round_from".into(), self.alerts.round_from.map(|points| points.0), MOST);
        check("alerts.round_to".into(), Some(self.alerts.round_to - 1), MOST);
        if self.alerts.open_hours.is_some_and(|[from, to]| from > 23 || to > 24 || from == to) {
            let (ru, en) =
                ("Часы работы: от 0 до 24, например [9, 22]", "Hours from 0 to 24, such as [9, 22]");
            found.push(Problem::invalid("alerts.open_hours", "bad_hours", ru, en));
        }
        found
    }
}
