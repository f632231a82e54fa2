//! Quarter hours put into days. Pure.

use super::model::{Day, Ending, Sums};
use super::store::{Came, Moved};
use crate::problem::Problem;
use crate::reports::Period;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use samovar_base::Instant;
use std::collections::BTreeMap;

/// The longest period of a dashboard.
pub const PERIOD_DAYS_MAX: i32 = 100;
const LAST_DAYS: i32 = 30;
const QUARTER: i64 = 900_000_000;

/// The last thirty days, today among them.
pub(super) fn last_days(now: Instant, zone: &TimeZone) -> Period {
    let to = now.in_zone(zone).date();
    Period { from: to.checked_sub((LAST_DAYS - 1).days()).unwrap_or(to), to }
}

/// As many days right before it.
pub(super) fn before(period: Period) -> Period {
    let days = period.from.until(period.to).map_or(0, |span| span.get_days());
    let to = period.from.yesterday().unwrap_or(period.from);
    Period { from: to.checked_sub(days.days()).unwrap_or(to), to }
}

pub(super) fn check(period: Period) -> Result<(), Problem> {
    let days = period.from.until(period.to).map_or(-1, |span| span.get_days());
    if (0..PERIOD_DAYS_MAX).contains(&days) {
        return Ok(());
    }
    let ru = format!("Период — от одного до {PERIOD_DAYS_MAX} дней, конец не раньше начала");
    let en = format!("A period has one to {PERIOD_DAYS_MAX} days and does not end before it begins");
    Err(Problem::invalid("to", "bad_period", ru, en))
}

fn day_of(quarter: i64, zone: &TimeZone) -> Date {
    Instant(quarter * QUARTER).in_zone(zone).date()
}

/// Days being summed up.
pub(super) struct Days {
    days: BTreeMap<Date, Sums>,
    zone: TimeZone,
}

impl Days {
    /// Nothing has happened yet on any of them.
    pub(super) fn new(from: Date, to: Date, zone: TimeZone) -> Self {
        let days = from.series(1.day()).take_while(|day| *day <= to).map(|day| (day, Sums::default()));
        Self { days: days.collect(), zone }
    }

    fn at(&mut self, quarter: i64) -> Option<&mut Sums> {
        self.days.get_mut(&day_of(quarter, &self.zone))
    }

    pub(super) fn came(&mut self, rows: &[Came]) {
        for row in rows {
            if let Some(day) = self.at(row.quarter) {
                day.came += row.count;
                day.registered += row.of_them;
            }
        }
    }

    pub(super) fn bought(&mut self, rows: &[Came]) {
        for row in rows {
            if let Some(day) = self.at(row.quarter) {
                day.purchases += row.count;
                day.turnover_minor += row.of_them;
            }
        }
    }

    pub(super) fn moved(&mut self, rows: &[Moved]) {
        for row in rows {
            let Some(day) = self.at(row.quarter) else { continue };
            match row.kind.as_str() {
                "spend" | "capture" => day.spent -= row.points,
                "expire" => day.expired -= row.points,
                "hold" | "release" | "prolong" | "return" | "reverse" => {}
                kind => {
                    day.earned += row.points.max(0);
                    day.deals += if kind == "deal" { row.count } else { 0 };
                }
            }
        }
    }

    /// The days from `from` on, their sums, and the sums of those before.
    pub(super) fn parted(self, from: Date) -> (Vec<Day>, (Sums, Sums)) {
        let (mut days, mut now, mut before) = (Vec::new(), Sums::default(), Sums::default());
        for (day, sums) in self.days {
            if day >= from {
                now.add(&sums);
                days.push(Day { day, sums });
            } else {
                before.add(&sums);
            }
        }
        (days, (now, before))
    }
}

/// By the last day on which points can be spent: they end with its midnight.
pub(super) fn ending(rows: &[(i64, i64)], now: Instant, zone: &TimeZone) -> Vec<Ending> {
    let mut days: BTreeMap<Date, i64> = BTreeMap::new();
    for (quarter, points) in rows {
        let last = Instant((quarter * QUARTER - 1).max(now.0)).in_zone(zone).date();
        *days.entry(last).or_default() += points;
    }
    days.into_iter().map(|(day, points)| Ending { day, points }).collect()
}
