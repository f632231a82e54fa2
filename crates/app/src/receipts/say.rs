//! What people read about their receipts. The words are the promotion's ([`promo::texts`]); here they get their values.

use super::model::{Receipt, State};
use super::receive::Taken;
use crate::promo::texts::{Speech, moment, receipt_values, rubles};
use crate::promo::{self, Gift, Promotion, Reason};
use jiff::tz::TimeZone;
use samovar_base::Instant;
use samovar_fiscal::Code;
use serde_json::{Value, json};

/// What became of a receipt.
pub(super) fn outcome(
    promotion: &Promotion,
    receipt: &Receipt,
    gift: Option<&Gift>,
    locale: &str,
    zone: &TimeZone,
) -> String {
    let speech = Speech::new(promotion, locale, zone);
    let mut values = receipt.code.as_ref().map_or_else(|| json!({}), |code| receipt_values(code, locale));
    match receipt.state {
        State::Accepted => {
            values["ticket"] = json!(receipt.ticket);
            let key = if promotion.state == promo::State::Test { "accepted_test" } else { "accepted" };
            let text = speech.say(key, &values);
            match gift {
                Some(gift) => format!("{text}\n\n{}", gift.text(&speech)),
                None => text,
            }
        }
        State::Refused => {
            let reason = receipt.reason.unwrap_or(Reason::ByPerson);
            values["reason"] = json!(speech.reason(reason, &receipt.note, &values));
            speech.say("refused", &values)
        }
        State::Person => {
            let reason = receipt.reason.unwrap_or(Reason::NoAnswer);
            values["reason"] = json!(speech.reason(reason, &receipt.note, &values));
            speech.say("waits", &values)
        }
        State::Waiting | State::Checking => String::new(),
    }
}

/// What is said at once, to all receipts of one message.
pub(super) fn taken(
    promotion: &Promotion,
    taken: &[Taken],
    arrived: Instant,
    locale: &str,
    zone: &TimeZone,
) -> String {
    let speech = Speech::new(promotion, locale, zone);
    let several = taken.len() > 1;
    let said = taken.iter().map(|one| one_taken(&speech, one, arrived, several, locale, zone));
    said.collect::<Vec<_>>().join("\n\n")
}

fn one_taken(
    speech: &Speech<'_>,
    one: &Taken,
    arrived: Instant,
    several: bool,
    locale: &str,
    zone: &TimeZone,
) -> String {
    match one {
        Taken::Queued { code, place } => {
            let mut values = receipt_values(code, locale);
            values["received"] = json!(moment(arrived.in_zone(zone).datetime()));
            values["place"] = json!(place);
            let text = speech.say("received", &values);
            if several { format!("{}. {text}", rubles(code.sum, locale)) } else { text }
        }
        Taken::Refused { code, reason } => refused(speech, code, *reason, locale),
        Taken::NotACode(not) => {
            let [ru, en] = not.says();
            if locale.starts_with("ru") { ru } else { en }.to_owned()
        }
    }
}

fn refused(speech: &Speech<'_>, code: &Code, reason: Reason, locale: &str) -> String {
    let mut values = receipt_values(code, locale);
    values["reason"] = json!(speech.reason(reason, "", &values));
    speech.say("refused", &values)
}

/// A picture has come and waits to be looked at.
pub(super) fn picture(
    promotion: &Promotion,
    place: i64,
    arrived: Instant,
    locale: &str,
    zone: &TimeZone,
) -> String {
    let received = moment(arrived.in_zone(zone).datetime());
    Speech::new(promotion, locale, zone)
        .say("received_picture", &json!({ "received": received, "place": place }))
}

/// A sentence of a reason that is about no code.
pub(super) fn reason(
    promotion: &Promotion,
    reason: Reason,
    details: &str,
    locale: &str,
    zone: &TimeZone,
) -> String {
    Speech::new(promotion, locale, zone).reason(reason, details, &Value::Null)
}

/// One line of the list of a person's receipts.
pub(super) fn line(receipt: &Receipt, place: Option<i64>, locale: &str, zone: &TimeZone) -> String {
    let ru = locale.starts_with("ru");
    let what = receipt.code.as_ref().map_or_else(
        || moment(receipt.arrived_at.in_zone(zone).datetime()),
        |code| format!("{}, {}", rubles(code.sum, locale), promo::texts::day(code.at.date())),
    );
    match receipt.state {
        State::Accepted => {
            let number = receipt.ticket.unwrap_or_default();
            if ru { format!("№ {number} · {what}") } else { format!("No. {number} · {what}") }
        }
        State::Refused => {
            let reason = receipt.reason.unwrap_or(Reason::ByPerson).title(locale);
            if ru {
                format!("✕ {what} · не принят: {reason}")
            } else {
                format!("✕ {what} · refused: {reason}")
            }
        }
        State::Person if ru => format!("… {what} · смотрит сотрудник"),
        State::Person => format!("… {what} · somebody looks at it"),
        State::Waiting | State::Checking => {
            let again = moment(
                receipt.check_at.in_zone(zone).datetime().round(jiff::Unit::Minute).unwrap_or_default(),
            );
            match (receipt.waits > 0, place, ru) {
                (true, _, true) => format!("… {what} · налоговая его пока не знает, спросим снова {again}"),
                (true, _, false) => {
                    format!("… {what} · not known to the tax service yet, asked again {again}")
                }
                (false, Some(place), true) => format!("… {what} · ждёт проверки, в очереди {place}"),
                (false, Some(place), false) => {
                    format!("… {what} · waits for its check, number {place} in the queue")
                }
                (false, None, true) => format!("… {what} · проверяется"),
                (false, None, false) => format!("… {what} · is being checked"),
            }
        }
    }
}
