//! A customer: found, and shown.

use super::{PAGE, customer, outcome, skipped, store, title, typed, view};
use crate::access::{Actor, Right};
use crate::capability::{Look, Outcome, Said, Shown};
use crate::contacts::{self, Contact};
use crate::ledger::{self, POINTS, Wallet};
use crate::loyalty::{self, Speech, Units};
use crate::problem::{Fail, Problem};
use crate::visit::Visit;
use jiff::tz::TimeZone;
use samovar_base::ContactId;
use samovar_engine::Values;
use serde_json::{Value, json};

/// So many digits are a part of a phone number; fewer are looked for in names.
const DIGITS_MIN: usize = 4;
/// Operations shown on the card of a customer.
const LAST: u32 = 3;

/// What somebody looks for, told by what it looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Sought {
    /// The number of a card, or what a scanner read from one.
    Card(String),
    /// A part of a phone number.
    Phone(String),
    /// A part of a name.
    Name(String),
}

impl Sought {
    fn read(query: &str) -> Self {
        let digits: String = query.chars().filter(char::is_ascii_digit).collect();
        let of_number = |c: char| c.is_ascii_digit() || c.is_whitespace() || "+-().".contains(c);
        if query.chars().all(of_number) && digits.len() >= DIGITS_MIN {
            // Eight and seven begin the same Russian number.
            let tail = match digits.strip_prefix('8').or_else(|| digits.strip_prefix('7')) {
                Some(tail) if digits.len() == 11 => tail.to_owned(),
                _ => digits.clone(),
            };
            return if digits.len() == 12 { Self::Card(digits) } else { Self::Phone(tail) };
        }
        let one_word = !query.contains(char::is_whitespace) && query.contains('.');
        if one_word && query.is_ascii() { Self::Card(query.to_owned()) } else { Self::Name(query.to_owned()) }
    }
}

async fn sought(
    actor: &Actor,
    visit: &Visit,
    query: &str,
    skip: u32,
    limit: u32,
) -> Result<Vec<Contact>, Fail> {
    actor.require(Right::ContactsRead)?;
    let tx = &visit.tx;
    Ok(match Sought::read(query) {
        Sought::Card(text) => {
            let holder = loyalty::holder_in(&visit.app, tx, actor, &text, visit.now).await?;
            let found = match holder {
                Some(contact) => contacts::load(tx, contact).await?,
                None => None,
            };
            match found {
                Some(contact) => vec![contact],
                None => store::by_phone(tx, &text, skip, limit).await?,
            }
        }
        Sought::Phone(digits) => store::by_phone(tx, &digits, skip, limit).await?,
        Sought::Name(words) => store::by_name(tx, &contacts::containing(&words), skip, limit).await?,
    })
}

/// Looks for a customer: `one`, `many` or `none`.
pub(super) async fn find(actor: &Actor, params: &Values, visit: &mut Visit) -> Result<Outcome, Fail> {
    by_words(actor, typed(params, "query").ok_or_else(nothing_sought)?, visit).await
}

/// A view that hears whom somebody looks for: typed words, a shared number, a photo of the card's code.
pub(super) async fn search(actor: &Actor, look: Look<'_>, visit: &mut Visit) -> Result<Shown, Fail> {
    match heard(actor, &look, visit).await? {
        Some(outcome) => Ok(Shown::Left(outcome)),
        None => Ok(view(&title(&look), &[], Vec::new(), false)),
    }
}

async fn heard(actor: &Actor, look: &Look<'_>, visit: &mut Visit) -> Result<Option<Outcome>, Fail> {
    match look.said {
        None | Some(Said::File(_)) => Ok(None),
        Some(Said::Text(words)) => by_words(actor, words, visit).await.map(Some),
        Some(Said::Read(reading)) => match reading.codes.first() {
            Some(code) => by_words(actor, code, visit).await.map(Some),
            None => Ok(Some(Outcome::named("unread"))),
        },
    }
}

async fn by_words(actor: &Actor, query: &str, visit: &mut Visit) -> Result<Outcome, Fail> {
    let found = sought(actor, visit, query, 0, 2).await?;
    Ok(match &found[..] {
        [] => outcome("none", json!({ "query": query })),
        [one] => outcome("one", json!({ "customer": one.id, "query": query })),
        _ => outcome("many", json!({ "query": query })),
    })
}

/// The list of those who were found.
pub(super) async fn found(actor: &Actor, look: Look<'_>, visit: &mut Visit) -> Result<Shown, Fail> {
    if let Some(pressed) = look.pressed {
        return Ok(Shown::Left(outcome("chosen", json!({ "customer": pressed }))));
    }
    if let Some(outcome) = heard(actor, &look, visit).await? {
        return Ok(Shown::Left(outcome));
    }
    let query = typed(look.params, "query").ok_or_else(nothing_sought)?.to_owned();
    let mut found = sought(actor, visit, &query, skipped(&look), PAGE + 1).await?;
    let more = found.len() > PAGE as usize;
    found.truncate(PAGE as usize);
    let mut rows = Vec::with_capacity(found.len());
    for one in &found {
        rows.push((label(actor, visit, one).await?, one.id.to_string()));
    }
    Ok(view(&title(&look), &[], rows, more))
}

async fn label(actor: &Actor, visit: &Visit, contact: &Contact) -> Result<String, Fail> {
    let mut parts = vec![name(contact, &actor.locale)];
    if let Some(phone) = &contact.phone {
        let tail: String = phone.chars().skip(phone.chars().count().saturating_sub(4)).collect();
        parts.push(format!("…{tail}"));
    }
    if actor.may(Right::PointsRead) {
        let wallet = ledger::load(&visit.app, &visit.tx, contact.id, POINTS).await?;
        parts.push(wallet.standing(visit.now).available.to_string());
    }
    Ok(parts.join(" · "))
}

/// As colleagues call a customer.
pub(super) fn name(contact: &Contact, locale: &str) -> String {
    match (contact.name.as_str(), locale.starts_with("ru")) {
        ("", true) => "Без имени".to_owned(),
        ("", false) => "No name".to_owned(),
        (name, _) => name.to_owned(),
    }
}

/// What is known of the chosen customer.
pub(super) async fn facts(actor: &Actor, visit: &mut Visit) -> Result<Value, Fail> {
    let chosen = visit.vars.get("customer").and_then(Value::as_str);
    let Some(id) = chosen.and_then(|id| id.parse::<ContactId>().ok()) else { return Ok(json!({})) };
    if !actor.may(Right::ContactsRead) {
        return Ok(json!({}));
    }
    let Some(contact) = contacts::load(&visit.tx, id).await? else { return Ok(json!({})) };
    let mut facts = json!({
        "id": id,
        "name": name(&contact, &actor.locale),
        "phone": contact.phone.as_deref().map(|phone| actor.sees_phone(phone)),
        "birthday": contact.birthday.filter(|_| actor.may(Right::PersonalDataSee)).map(|date| date.to_string()),
        "tags": contact.tags.iter().cloned().collect::<Vec<_>>().join(", "),
        "card": loyalty::card_in(&visit.tx, id).await?.map(|number| number.to_string()),
        "silent": contact.stopped_at.is_some(),
    });
    if actor.may(Right::PointsRead) {
        let counted = Counted::of(actor, visit, id).await?;
        let (standing, next) = (counted.wallet.standing(visit.now), counted.wallet.next_expiry(visit.now));
        let speech = counted.speech(&actor.locale);
        facts["balance"] = json!(standing.balance);
        facts["available"] = json!(standing.available);
        facts["held"] = json!(standing.held);
        if let Some(next) = next {
            facts["expiring_points"] = json!(next.points);
            facts["expiring_date"] = json!(speech.last_day(&next).to_string());
        }
        let entries = ledger::page(&visit.tx, &counted.wallet, 0, LAST).await?;
        let lines: Vec<String> = entries.iter().map(|entry| speech.line(entry)).collect();
        facts["history"] = json!(lines.join("\n"));
    }
    Ok(facts)
}

/// Points of the customer with the dates on which they end.
pub(super) async fn lots(actor: &Actor, look: Look<'_>, visit: &mut Visit) -> Result<Shown, Fail> {
    let counted = Counted::of(actor, visit, customer(look.params)?).await?;
    let speech = counted.speech(&actor.locale);
    let ru = actor.locale.starts_with("ru");
    let mut lots: Vec<_> = counted.wallet.lots.iter().filter(|lot| lot.remaining.is_positive()).collect();
    lots.sort_by_key(|lot| lot.expires_at.map_or(i64::MAX, |at| at.0));
    let skip = skipped(&look) as usize;
    let more = lots.len() > skip + PAGE as usize;
    let mut lines: Vec<String> = lots
        .into_iter()
        .skip(skip)
        .take(PAGE as usize)
        .map(|lot| {
            let points = speech.points(lot.remaining);
            let until = lot
                .expires_at
                .map(|end| speech.date(samovar_base::Instant(end.0 - 1).in_zone(&counted.zone).date()));
            match (until, ru) {
                (Some(day), true) => format!("{points} — до {day}"),
                (Some(day), false) => format!("{points} — through {day}"),
                (None, true) => format!("{points} — без срока"),
                (None, false) => format!("{points} — for ever"),
            }
        })
        .collect();
    if lines.is_empty() {
        lines.push(if ru { "Баллов нет." } else { "No points." }.to_owned());
    }
    Ok(view(&title(&look), &lines, Vec::new(), more))
}

/// What changed the customer's balance.
pub(super) async fn history(actor: &Actor, look: Look<'_>, visit: &mut Visit) -> Result<Shown, Fail> {
    let counted = Counted::of(actor, visit, customer(look.params)?).await?;
    let mut entries = ledger::page(&visit.tx, &counted.wallet, skipped(&look), PAGE + 1).await?;
    let more = entries.len() > PAGE as usize;
    entries.truncate(PAGE as usize);
    let speech = counted.speech(&actor.locale);
    let mut lines: Vec<String> = entries.iter().map(|entry| speech.line(entry)).collect();
    if lines.is_empty() {
        let ru = actor.locale.starts_with("ru");
        lines.push(if ru { "Операций пока не было." } else { "No operations yet." }.to_owned());
    }
    Ok(view(&title(&look), &lines, Vec::new(), more))
}

/// A customer's points, and what is needed to say them.
pub(super) struct Counted {
    pub wallet: Wallet,
    pub units: Units,
    pub zone: TimeZone,
}

impl Counted {
    pub async fn of(actor: &Actor, visit: &Visit, contact: ContactId) -> Result<Self, Fail> {
        actor.require(Right::PointsRead)?;
        contacts::load(&visit.tx, contact).await?.ok_or_else(|| contacts::not_found(contact))?;
        Ok(Self {
            wallet: ledger::load(&visit.app, &visit.tx, contact, POINTS).await?,
            units: loyalty::current(&visit.app, &visit.tx).await?.units.clone(),
            zone: visit.channel.tenant.time_zone(),
        })
    }

    pub fn speech<'a>(&'a self, locale: &'a str) -> Speech<'a> {
        Speech { units: &self.units, locale, zone: &self.zone }
    }
}

fn nothing_sought() -> Problem {
    let ru = "Напишите имя, часть телефона или номер карты";
    Problem::invalid("query", "nothing_sought", ru, "Write a name, a part of the phone or the card number")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sought_is_told_by_its_looks() {
        for (typed, sought) in [
            ("4567", Sought::Phone("4567".into())),
            ("45-67", Sought::Phone("4567".into())),
            ("8 916 123-45-67", Sought::Phone("9161234567".into())),
            ("+7 (916) 123 45 67", Sought::Phone("9161234567".into())),
            ("1234 5678 9012", Sought::Card("123456789012".into())),
            ("smv.123456789012.aGVsbG8", Sought::Card("smv.123456789012.aGVsbG8".into())),
            ("Анна", Sought::Name("Анна".into())),
            ("анна петр.", Sought::Name("анна петр.".into())),
            ("12", Sought::Name("12".into())),
        ] {
            assert_eq!(Sought::read(typed), sought, "{typed}");
        }
    }
}
