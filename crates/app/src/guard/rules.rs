//! What is allowed and what looks odd. Pure.

use super::model::{Alerts, Deed, Limits, Reason};
use crate::problem::Problem;
use samovar_base::Points;

/// What somebody did on a day so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Day {
    /// Points moved, both ways.
    pub points: i64,
    /// Operations.
    pub operations: i64,
}

/// Refuses what goes beyond the limits of a role.
pub fn allow(limits: &Limits, day: Day, deed: &Deed) -> Result<(), Problem> {
    let points = deed.points();
    if let Some(most) = limits.points_per_operation.filter(|most| points > most.0) {
        return Err(beyond(
            "limit_per_operation",
            format!("За одну операцию вам можно не больше {most}. Обратитесь к администратору"),
            format!("You may move at most {most} in one operation. Ask an administrator"),
        ));
    }
    if let Some(most) = limits.points_per_day.filter(|most| day.points.saturating_add(points) > most.0) {
        let left = (most.0 - day.points).max(0);
        return Err(beyond(
            "limit_per_day",
            format!("Дневной лимит {most}, осталось {left}. Обратитесь к администратору"),
            format!("Your daily limit is {most}, {left} are left. Ask an administrator"),
        ));
    }
    if let Some(most) = limits.operations_per_day.filter(|most| day.operations >= *most) {
        return Err(beyond(
            "limit_of_operations",
            format!("Вам можно не больше {most} операций в день. Обратитесь к администратору"),
            format!("You may do at most {most} operations a day. Ask an administrator"),
        ));
    }
    if let Some(most) = limits.discount_percent.filter(|most| deed.discount_percent > *most) {
        return Err(beyond(
            "limit_of_discount",
            format!("Баллами вам можно оплатить не больше {most} % покупки. Обратитесь к администратору"),
            format!("You may let at most {most} % of a purchase be paid with points. Ask an administrator"),
        ));
    }
    Ok(())
}

/// Why an accrual looks odd: `count` by this person to this customer on this day, this one included, at `hour` of the
/// business.
pub fn odd(alerts: &Alerts, gives: Points, count: i64, own: bool, hour: u8) -> Vec<Reason> {
    if !gives.is_positive() {
        return Vec::new();
    }
    let mut found = Vec::new();
    if alerts.own_card && own {
        found.push(Reason::OwnCard);
    }
    // Told once, when it becomes too often.
    if alerts.same_customer_per_day.is_some_and(|most| count == most + 1) {
        found.push(Reason::SameCustomer);
    }
    let round = |from: Points| gives >= from && gives.0 % alerts.round_to.max(1) == 0;
    if alerts.round_from.is_some_and(round) {
        found.push(Reason::RoundSum);
    }
    if alerts.open_hours.is_some_and(|hours| !is_open(hours, hour)) {
        found.push(Reason::AfterHours);
    }
    found
}

/// Whether it is so late within the hours; they may go over midnight.
fn is_open([from, to]: [u8; 2], hour: u8) -> bool {
    if from < to { (from..to).contains(&hour) } else { hour >= from || hour < to }
}

fn beyond(code: &'static str, ru: String, en: String) -> Problem {
    Problem::refused(code, ru, en)
}

impl Deed {
    /// Moved, both ways.
    pub fn points(&self) -> i64 {
        self.gives.0.saturating_add(self.takes.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gives(points: i64) -> Deed {
        Deed { gives: Points(points), ..Deed::default() }
    }

    #[test]
    fn limits_are_kept_to_the_point() {
        let limits = Limits {
            points_per_operation: Some(Points(100)),
            points_per_day: Some(Points(250)),
            operations_per_day: Some(4),
            discount_percent: Some(30),
        };
        let code = |day: Day, deed: Deed| allow(&limits, day, &deed).err().map(|problem| problem.code);
        let day = |points, operations| Day { points, operations };
        assert_eq!(code(day(0, 0), gives(100)), None);
        assert_eq!(code(day(0, 0), gives(101)), Some("limit_per_operation"));
        assert_eq!(code(day(150, 2), gives(100)), None);
        assert_eq!(code(day(151, 2), gives(100)), Some("limit_per_day"));
        assert_eq!(code(day(0, 4), gives(1)), Some("limit_of_operations"));
        let half = Deed { takes: Points(10), discount_percent: 31, ..Deed::default() };
        assert_eq!(code(day(0, 0), half), Some("limit_of_discount"));
        let both = Deed { gives: Points(60), takes: Points(41), ..Deed::default() };
        assert_eq!(code(day(0, 0), both), Some("limit_per_operation"), "both ways count");
        assert!(allow(&Limits::default(), day(i64::MAX, i64::MAX), &gives(i64::MAX)).is_ok());
    }

    #[test]
    fn odd_accruals_are_told_apart() {
        let alerts = Alerts { open_hours: Some([9, 22]), ..Alerts::default() };
        let why = |points, count, own, hour| odd(&alerts, Points(points), count, own, hour);
        assert_eq!(why(120, 1, false, 12), []);
        assert_eq!(why(120, 3, false, 12), []);
        assert_eq!(why(120, 4, false, 12), [Reason::SameCustomer]);
        assert_eq!(why(120, 5, false, 12), [], "told once");
        assert_eq!(why(1_500, 1, false, 12), [Reason::RoundSum]);
        assert_eq!(why(1_501, 1, false, 12), []);
        assert_eq!(why(500, 1, false, 12), [], "round but small");
        assert_eq!(why(10, 1, true, 23), [Reason::OwnCard, Reason::AfterHours]);
        assert_eq!(why(0, 9, true, 23), [], "only accruals");
        assert!(is_open([20, 4], 23) && is_open([20, 4], 3) && !is_open([20, 4], 4));
    }
}
