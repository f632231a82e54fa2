//! What reports say.

use crate::problem::Problem;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use samovar_base::Instant;
use serde::Serialize;

/// The longest period of a report.
pub const PERIOD_DAYS_MAX: i32 = 400;
/// The longest time in which a customer may come back.
pub const RETURN_DAYS_MAX: u32 = 365;

/// Days, the last one among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
}

impl Period {
    pub(super) fn check(self) -> Result<(), Problem> {
        let days = self.from.until(self.to).map_or(-1, |span| span.get_days());
        if (0..PERIOD_DAYS_MAX).contains(&days) {
            return Ok(());
        }
        let ru = format!("Период — от одного до {PERIOD_DAYS_MAX} дней, конец не раньше начала");
        let en = format!("A period has one to {PERIOD_DAYS_MAX} days and does not end before it begins");
        Err(Problem::invalid("to", "bad_period", ru, en))
    }

    /// Its first moment, and the first one after it.
    pub(crate) fn moments(self, zone: &TimeZone) -> (Instant, Instant) {
        let begin = |day: Date| day.to_zoned(zone.clone()).map_or(Instant(0), |at| at.timestamp().into());
        (begin(self.from), begin(self.to.checked_add(1.day()).unwrap_or(self.to)))
    }
}

/// What is owed to customers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Liability {
    /// By the month of expiry, the soonest first.
    pub months: Vec<Month>,
    /// That never expires.
    pub never: Month,
    /// In holds of lots whose time is over: spent, or gone when the hold is released.
    pub over: i64,
    /// All of it.
    pub points: i64,
    /// Of it in holds.
    pub held: i64,
    /// Owed by customers to the business; not subtracted above.
    pub debt: i64,
}

/// Points that expire in one month.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Month {
    /// `2026-12`; empty where there is none.
    pub month: String,
    /// Points, held ones among them.
    pub points: i64,
    /// Of them in holds.
    pub held: i64,
    /// Lots.
    pub lots: i64,
}

/// What was never used.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Breakage {
    /// By the month of earning, the oldest first.
    pub cohorts: Vec<Cohort>,
}

/// Points earned in one month.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Cohort {
    /// `2026-11`.
    pub month: String,
    /// Earned.
    pub earned: i64,
    /// Of them expired unused.
    pub expired: i64,
    /// Spent, taken back or otherwise gone.
    pub used: i64,
    /// Still there.
    pub left: i64,
}

impl Cohort {
    /// The share that expired, in basis points, cut down.
    pub fn share(&self) -> i64 {
        if self.earned == 0 { 0 } else { self.expired.saturating_mul(10_000) / self.earned }
    }
}

/// What came and went.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Flow {
    /// By day, kind of operation and who did it.
    pub lines: Vec<DayLine>,
    /// Points that came.
    pub came: i64,
    /// Points that went.
    pub went: i64,
    /// Operations.
    pub operations: i64,
}

/// One day, one kind of operation, one who did it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DayLine {
    /// The day, of the business.
    pub day: Date,
    /// `grant`, `purchase`, `spend`, `expire`, …
    pub kind: String,
    /// An id of staff or a key, else `bot`, `setup`, `program`.
    pub who: String,
    /// The name of the person or key.
    pub name: Option<String>,
    /// Points that came.
    pub came: i64,
    /// Points that went.
    pub went: i64,
    /// Operations.
    pub operations: i64,
}

/// Who came back.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Returning {
    /// Those who were warned.
    pub warned: Group,
    /// Those whose points were about to expire as well, and who could not be written to.
    pub not_warned: Group,
}

/// A group of customers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Group {
    /// How many.
    pub customers: i64,
    /// Of them came back: bought, or paid with points.
    pub returned: i64,
    /// Points that were about to expire.
    pub points: i64,
}

impl Group {
    /// The share that came back, in basis points, cut down.
    pub fn share(&self) -> i64 {
        if self.customers == 0 { 0 } else { self.returned.saturating_mul(10_000) / self.customers }
    }
}
