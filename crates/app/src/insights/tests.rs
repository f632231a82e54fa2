//! Days and the periods they make up.

use super::rules::{Days, before, check, ending, last_days};
use super::store::{Came, Moved};
use crate::reports::Period;
use jiff::civil::date;
use jiff::tz::TimeZone;
use samovar_base::{Clock, ManualClock};

fn moscow() -> TimeZone {
    TimeZone::get("Europe/Moscow").expect("a zone")
}

fn quarter(text: &str) -> i64 {
    ManualClock::at_rfc3339(text).now().0 / 900_000_000
}

#[test]
fn a_quarter_hour_belongs_to_the_day_of_the_business() {
    let mut days = Days::new(date(2026, 11, 20), date(2026, 11, 22), moscow());
    days.came(&[
        Came { quarter: quarter("2026-11-20T20:45:00Z"), count: 3, of_them: 2 },
        Came { quarter: quarter("2026-11-20T21:00:00Z"), count: 5, of_them: 1 },
    ]);
    let moved = |kind: &str, points| Moved {
        quarter: quarter("2026-11-22T10:00:00Z"),
        kind: kind.into(),
        count: 1,
        points,
    };
    days.moved(&[moved("purchase", 40), moved("spend", -30), moved("expire", -7), moved("deal", 100)]);
    let (days, (now, earlier)) = days.parted(date(2026, 11, 21));
    assert_eq!(days.len(), 2);
    assert_eq!((earlier.came, now.came, now.registered), (3, 5, 1));
    assert_eq!((now.earned, now.spent, now.expired, now.deals), (140, 30, 7, 1));
}

#[test]
fn a_period_is_compared_with_as_many_days_before_it() {
    let now = ManualClock::at_rfc3339("2026-11-22T21:30:00Z").now();
    let period = last_days(now, &moscow());
    assert_eq!((period.from, period.to), (date(2026, 10, 25), date(2026, 11, 23)));
    let earlier = before(period);
    assert_eq!((earlier.from, earlier.to), (date(2026, 9, 25), date(2026, 10, 24)));
    assert!(check(period).is_ok());
    assert!(check(Period { from: period.to, to: period.from }).is_err());
}

#[test]
fn points_end_with_the_last_day_on_which_they_can_be_spent() {
    let now = ManualClock::at_rfc3339("2026-11-22T10:00:00Z").now();
    let days = ending(&[(quarter("2026-11-24T21:00:00Z"), 50)], now, &moscow());
    assert_eq!(days.iter().map(|one| (one.day, one.points)).collect::<Vec<_>>(), [(date(2026, 11, 24), 50)]);
}
