//! What conditions mean: the same facts in memory that the translator asks the tables for. Pure.

use crate::contacts::Contact;
use crate::ledger::Standing;
use crate::problem::Problem;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use samovar_base::Instant;
use samovar_engine::Facts;
use serde_json::{Map, Value, json};

/// Longest name of a segment, in letters.
pub const NAME_MAX: usize = 100;

/// What is known of a contact beside its row.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The wallet.
    pub standing: Standing,
    /// Keys of the channels in which the bot may write.
    pub channels: Vec<String>,
}

/// The facts that conditions of segments ask about, as [`samovar_engine::eval`] reads them.
pub fn facts(contact: &Contact, known: &Known, zone: &TimeZone, now: Instant) -> Facts {
    let told = |text: &str| if text.is_empty() { Value::Null } else { text.into() };
    let moment = |at: Option<Instant>| {
        at.map_or(Value::Null, |at| at.in_zone(zone).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string().into())
    };
    let today = now.in_zone(zone).date();
    let next = contact.birthday.and_then(|born| next_birthday(born, today));
    let zone_name = zone.iana_name().unwrap_or("UTC");
    let fields: Map<String, Value> = contact.fields.clone();
    Facts::at(now)
        .with("business", json!({ "zone": zone_name }))
        .with(
            "contact",
            json!({
                "name": told(&contact.name),
                "phone": contact.phone,
                "phone_proved": contact.phone_proved,
                "birthday": contact.birthday.map(|date| date.to_string()),
                "next_birthday": next.map(|date| date.to_string()),
                "locale": contact.locale,
                "source": contact.source,
                "registered": contact.registered_at.is_some(),
                "consented": !contact.consents.is_empty(),
                "consents": contact.consents.keys().collect::<Vec<_>>(),
                "stopped": contact.stopped_at.is_some(),
                "tags": contact.tags,
                "created_at": moment(Some(contact.created_at)),
                "registered_at": moment(contact.registered_at),
                "last_seen_at": moment(contact.last_seen_at),
                "reachable": contact.stopped_at.is_none() && !known.channels.is_empty(),
                "channels": known.channels,
                "fields": fields,
            }),
        )
        .with(
            "loyalty",
            json!({
                "balance": known.standing.balance,
                "available": known.standing.available,
                "held": known.standing.held,
            }),
        )
}

/// When a birthday comes round next, today included. Who was born on 29 February has it on the 28th in other years.
pub fn next_birthday(born: Date, today: Date) -> Option<Date> {
    let in_year = |year: i16| {
        Date::new(year, born.month(), born.day())
            .or_else(|_| Date::new(year, born.month(), born.day() - 1))
            .ok()
    };
    in_year(today.year()).filter(|day| *day >= today).or_else(|| in_year(today.year() + 1))
}

/// The ends of the months and days, `MM-DD`, of those who have their birthday from `today` to so many days ahead.
pub(super) fn birthdays(today: Date, days: i64) -> Vec<String> {
    let mut found = Vec::new();
    for ahead in 0..=days.min(366) {
        let Ok(day) = today.checked_add(ahead.days()) else { break };
        found.push(day.strftime("%m-%d").to_string());
        if day.month() == 2 && day.day() == 28 && !day.in_leap_year() {
            found.push("02-29".to_owned());
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// A name as it is kept.
pub(super) fn name(text: &str) -> Result<String, Problem> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if (1..=NAME_MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control) {
        return Ok(text);
    }
    let (ru, en) =
        (format!("Название от 1 до {NAME_MAX} знаков"), format!("A name has 1 to {NAME_MAX} characters"));
    Err(Problem::invalid("name", "bad_length", ru, en))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn a_birthday_comes_round_every_year_and_on_the_last_day_of_february() {
        let next = |born: &str, today: &str| next_birthday(date(born), date(today)).unwrap().to_string();
        assert_eq!(next("1990-05-17", "2026-05-17"), "2026-05-17");
        assert_eq!(next("1990-05-17", "2026-05-18"), "2027-05-17");
        assert_eq!(next("2000-02-29", "2027-02-01"), "2027-02-28");
        assert_eq!(next("2000-02-29", "2028-02-28"), "2028-02-29");
        assert_eq!(next("2000-02-29", "2027-03-01"), "2028-02-29");
    }

    #[test]
    fn the_days_of_birthdays_are_those_that_come_round() {
        for today in ["2027-02-20", "2028-02-20", "2027-12-30", "2028-02-29", "2027-03-01"].map(date) {
            for days in [0, 1, 7, 9, 10, 40, 364, 365, 366] {
                let listed = birthdays(today, days);
                let mut born = date("2000-01-01");
                while born.year() == 2000 {
                    let ahead = today.until(next_birthday(born, today).unwrap()).unwrap().get_days();
                    let key = born.strftime("%m-%d").to_string();
                    assert_eq!(listed.contains(&key), i64::from(ahead) <= days, "{today} {days} {born}");
                    born = born.tomorrow().unwrap();
                }
            }
        }
    }
}
