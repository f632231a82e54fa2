//! What may be asked for, and what becomes of it. Pure.

use super::model::{NewAccrual, State, Term};
use crate::loyalty::Programme;
use crate::problem::{Kind, Problem};
use jiff::ToSpan;
use jiff::tz::TimeZone;
use samovar_base::Instant;

/// More are not given to each at once.
pub const POINTS_MAX: i64 = 1_000_000;
const DAYS_MAX: u32 = 3_653;

/// When the points end; a term that cannot be is a problem.
pub(super) fn expires_at(
    term: Term,
    programme: &Programme,
    now: Instant,
    zone: &TimeZone,
) -> Result<Option<Instant>, Problem> {
    let today = now.in_zone(zone).date();
    let end_of = |day: jiff::civil::Date| {
        let next = day.checked_add(1.day()).and_then(|next| next.to_zoned(zone.clone()));
        next.map(|next| Some(next.timestamp().into())).map_err(|_| bad_term())
    };
    match term {
        Term::Programme => Ok(programme.ends("grant", now, zone)),
        Term::Never => Ok(None),
        Term::Days { days } if (1..=DAYS_MAX).contains(&days) => {
            end_of(today.saturating_add(i64::from(days).days()))
        }
        Term::On { date } if date >= today && date <= today.saturating_add(i64::from(DAYS_MAX).days()) => {
            end_of(date)
        }
        Term::Days { .. } | Term::On { .. } => Err(bad_term()),
    }
}

pub(super) fn check(new: &NewAccrual) -> Result<(), Problem> {
    if (1..=POINTS_MAX).contains(&new.points.0) {
        return Ok(());
    }
    let (ru, en) =
        (format!("Нужно число от 1 до {POINTS_MAX}"), format!("A number from 1 to {POINTS_MAX} is needed"));
    Err(Problem::invalid("points", "out_of_range", ru, en))
}

/// Whether a run may go from one state to another; the same state is no change.
pub(super) fn turn(from: State, to: State) -> Result<bool, Problem> {
    match (from, to) {
        _ if from == to => Ok(false),
        (State::Running, State::Paused | State::Cancelled)
        | (State::Paused, State::Running | State::Cancelled) => Ok(true),
        _ => Err(Problem::new(
            Kind::Conflict,
            "accrual_over",
            "Это начисление уже закончено; его можно только отменить обратными проводками",
            "This accrual is over; it can only be undone",
        )),
    }
}

fn bad_term() -> Problem {
    Problem::invalid(
        "term",
        "bad_term",
        format!("Срок бывает от 1 до {DAYS_MAX} дней или дата не раньше сегодняшней"),
        format!("A term is 1 to {DAYS_MAX} days, or a date that is not in the past"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_ends_with_the_day_where_the_business_is() {
        let zone = TimeZone::get("Europe/Moscow").unwrap();
        let now = Instant::from("2026-12-30T21:30:00Z".parse::<jiff::Timestamp>().unwrap());
        let end = |term| {
            expires_at(term, &Programme::default(), now, &zone).map(|end| end.map(|end| end.to_string()))
        };
        assert_eq!(end(Term::Never), Ok(None));
        assert_eq!(end(Term::Programme), Ok(None));
        let day = |text: &str| text.parse().unwrap();
        assert_eq!(end(Term::On { date: day("2026-12-31") }), Ok(Some("2026-12-31T21:00:00Z".into())));
        assert_eq!(end(Term::Days { days: 1 }), Ok(Some("2027-01-01T21:00:00Z".into())));
        assert!(end(Term::On { date: day("2026-12-30") }).is_err(), "there it is the 31st already");
        assert!(end(Term::Days { days: 0 }).is_err());
    }

    #[test]
    fn what_is_over_stays_over() {
        assert_eq!(turn(State::Running, State::Paused), Ok(true));
        assert_eq!(turn(State::Paused, State::Paused), Ok(false));
        assert_eq!(turn(State::Paused, State::Cancelled), Ok(true));
        assert!(turn(State::Cancelled, State::Running).is_err());
        assert!(turn(State::Done, State::Cancelled).is_err());
    }
}
