use super::rules::{breakage, liability};
use super::store::{Born, Ending, QUARTER};
use super::tables::{file, sheet};
use super::{Group, Month, Period, Returning};
use crate::sheets::Language;
use jiff::civil::date;
use jiff::tz::TimeZone;
use samovar_base::{Clock, ManualClock};

fn quarter(text: &str) -> i64 {
    ManualClock::at_rfc3339(text).now().0 / QUARTER
}

#[test]
fn points_are_owed_by_the_month_of_their_last_day_in_the_zone_of_the_business() {
    let moscow = TimeZone::get("Europe/Moscow").unwrap();
    let now = ManualClock::at_rfc3339("2026-11-21T10:00:00Z").now();
    let lot = |quarter, over, remaining, held| Ending { quarter, over, remaining, held, lots: 1 };
    let lots = [
        lot(Some(quarter("2026-11-30T21:00:00Z")), false, 100, 10),
        lot(Some(quarter("2026-12-01T20:45:00Z")), false, 7, 0),
        lot(Some(quarter("2026-11-01T21:00:00Z")), true, 50, 20),
        lot(None, false, 5, 1),
    ];
    let told = liability(&lots, 3, now, &moscow);
    let month = |month: &str, points, held| Month { month: month.into(), points, held, lots: 1 };
    assert_eq!(told.months, [month("2026-11", 100, 10), month("2026-12", 7, 0)]);
    assert_eq!((told.never.points, told.over, told.points, told.held, told.debt), (5, 20, 132, 31, 3));
}

#[test]
fn what_was_never_used_is_told_by_the_month_of_earning() {
    let born = |text, points, expired, remaining| Born { quarter: quarter(text), points, expired, remaining };
    let lots = [
        born("2026-10-31T21:00:00Z", 100, 40, 10),
        born("2026-11-15T10:00:00Z", 100, 0, 100),
        born("2026-10-31T20:45:00Z", 1, 1, 0),
    ];
    let told = breakage(&lots, &TimeZone::get("Europe/Moscow").unwrap());
    let cohort = &told.cohorts[1];
    assert_eq!(
        (cohort.month.as_str(), cohort.earned, cohort.expired, cohort.used, cohort.left),
        ("2026-11", 200, 40, 50, 110)
    );
    assert_eq!(
        (told.cohorts[0].month.as_str(), told.cohorts[0].share(), cohort.share()),
        ("2026-10", 10_000, 2_000)
    );
}

#[test]
fn a_period_has_an_end_and_a_table_its_words() {
    let period = |from, to| Period { from, to }.check().map_err(|problem| problem.code);
    assert_eq!(period(date(2026, 1, 1), date(2026, 1, 1)), Ok(()));
    assert_eq!(period(date(2026, 1, 2), date(2026, 1, 1)), Err("bad_period"));
    assert_eq!(period(date(2025, 1, 1), date(2026, 12, 1)), Err("bad_period"));
    let warned = Group { customers: 3, returned: 1, points: 70 };
    let report = Returning { warned, ..Returning::default() };
    let csv = file(&sheet(&report, Language::Ru), Language::Ru, false);
    assert!(String::from_utf8(csv).unwrap().contains("получили предупреждение;3;1;33,33%;70\r\n"));
}
