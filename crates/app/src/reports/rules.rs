//! From what the database sums up to what people read. Pure.

use super::model::{Breakage, Cohort, DayLine, Flow, Liability, Month};
use super::store::{Born, Ending, Operation, QUARTER};
use crate::visit::Cause;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use samovar_base::Instant;
use std::collections::{BTreeMap, HashMap};

/// Lots were put together by quarter hours: the offset of every zone is a multiple of one, so none lies in two days.
fn day_of(quarter: i64, zone: &TimeZone) -> Date {
    Instant(quarter.saturating_mul(QUARTER)).in_zone(zone).date()
}

/// The month of the last day on which points can be spent: what ends at midnight of 1 December ends with November.
fn last_month(quarter: i64, zone: &TimeZone) -> String {
    month(Instant(quarter.saturating_mul(QUARTER) - 1).in_zone(zone).date())
}

fn month(day: Date) -> String {
    format!("{:04}-{:02}", day.year(), day.month())
}

pub(super) fn liability(lots: &[Ending], debt: i64, now: Instant, zone: &TimeZone) -> Liability {
    let mut months: BTreeMap<String, Month> = BTreeMap::new();
    let mut told = Liability { debt, ..Liability::default() };
    for lot in lots {
        let Some(ends) = lot.quarter else {
            told.never.points += lot.remaining;
            told.never.held += lot.held;
            told.never.lots += lot.lots;
            continue;
        };
        if lot.over {
            // Free points of them are gone, whether or not that is posted yet.
            told.over += lot.held;
            continue;
        }
        let name = last_month(ends, zone).max(month(now.in_zone(zone).date()));
        let month = months.entry(name.clone()).or_insert_with(|| Month { month: name, ..Month::default() });
        month.points += lot.remaining;
        month.held += lot.held;
        month.lots += lot.lots;
    }
    told.months = months.into_values().collect();
    let all = || told.months.iter().chain(std::iter::once(&told.never));
    let (points, held) =
        (all().map(|month| month.points).sum::<i64>(), all().map(|month| month.held).sum::<i64>());
    told.points = points + told.over;
    told.held = held + told.over;
    told
}

pub(super) fn breakage(lots: &[Born], zone: &TimeZone) -> Breakage {
    let mut cohorts: BTreeMap<String, Cohort> = BTreeMap::new();
    for lot in lots {
        let name = month(day_of(lot.quarter, zone));
        let cohort =
            cohorts.entry(name.clone()).or_insert_with(|| Cohort { month: name, ..Cohort::default() });
        cohort.earned += lot.points;
        cohort.expired += lot.expired;
        cohort.left += lot.remaining;
        cohort.used += lot.points - lot.expired - lot.remaining;
    }
    Breakage { cohorts: cohorts.into_values().collect() }
}

/// Operations put together by day, kind, and who did them.
pub(super) struct Days {
    zone: TimeZone,
    lines: BTreeMap<(Date, String, String), (i64, i64, i64)>,
}

impl Days {
    pub(super) fn new(zone: TimeZone) -> Self {
        Self { zone, lines: BTreeMap::new() }
    }

    pub(super) fn add(&mut self, operation: &Operation) {
        let day = operation.at.in_zone(&self.zone).date();
        let line = self.lines.entry((day, operation.kind.clone(), who(&operation.cause))).or_default();
        line.0 += operation.points.max(0);
        line.1 += (-operation.points).max(0);
        line.2 += 1;
    }

    pub(super) fn into_flow(self, names: &HashMap<String, String>) -> Flow {
        let mut flow = Flow::default();
        for ((day, kind, who), (came, went, operations)) in self.lines {
            flow.came += came;
            flow.went += went;
            flow.operations += operations;
            let name = names.get(&who).cloned();
            flow.lines.push(DayLine { day, kind, who, name, came, went, operations });
        }
        flow
    }
}

/// People and keys by their ids; everything else by a word, so that there are few.
fn who(cause: &Cause) -> String {
    match cause.by.as_str() {
        "staff" | "api" => cause.id.clone(),
        "update" | "timer" => "bot".into(),
        "setup" => "setup".into(),
        _ => "program".into(),
    }
}
