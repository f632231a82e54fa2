//! What one row does: who it is about, what changes, what is posted. The same way is gone for a preview, without
//! writing.

use super::model::{Bad, Counts, Fate, Field, Import, Line};
use super::rules::{self, Person, Wrong};
use super::store;
use crate::app::App;
use crate::contacts::{self, Contact};
use crate::ledger::{self, Act, Operation, POINTS, Posted};
use crate::loyalty::{self, Programme};
use crate::problem::{Fail, Kind, Problem};
use crate::tenants;
use crate::visit::Cause;
use jiff::ToSpan;
use jiff::tz::TimeZone;
use samovar_base::{ConsentId, ContactId, Instant, LotId, Points};
use samovar_store::Tx;
use std::collections::HashSet;
use std::sync::Arc;

/// What all rows of a portion go by.
pub(super) struct Terms {
    zone: TimeZone,
    locale: String,
    programme: Arc<Programme>,
    now: Instant,
}

/// Who tells whether a person was met before in this file.
pub(super) enum Seen<'a> {
    /// The table: the row is carried out.
    Table,
    /// Memory: the row is only looked at.
    Memory(&'a mut HashSet<String>),
}

/// What became, or would become, of a row.
pub(super) struct Done {
    pub fate: Fate,
    pub name: String,
    pub phone: Option<String>,
    pub points: i64,
    pub bad: Vec<Bad>,
}

impl Done {
    pub fn counts(&self) -> Counts {
        let is = |fate| i64::from(self.fate == fate);
        Counts {
            created: is(Fate::Created),
            changed: is(Fate::Changed),
            unchanged: is(Fate::Unchanged),
            bad: is(Fate::Bad),
            points: self.points,
        }
    }
}

pub(super) async fn terms(app: &App, tx: &Tx, now: Instant) -> Result<Terms, Fail> {
    let tenant = tenants::load(tx).await?;
    let zone = tenant.as_ref().map_or(TimeZone::UTC, tenants::Tenant::time_zone);
    let locale = tenant.map_or_else(|| "ru".to_owned(), |tenant| tenant.locale);
    Ok(Terms { zone, locale, programme: loyalty::current(app, tx).await?, now })
}

/// Goes through one row.
pub(super) async fn row(
    app: &App,
    tx: &Tx,
    import: &Import,
    terms: &Terms,
    line: &Line,
    seen: &mut Seen<'_>,
) -> Result<Done, Fail> {
    let outcome = match rules::person(line, &import.mapping) {
        Ok(person) => one(app, tx, import, terms, line, &person, seen).await?,
        Err(wrong) => Err(wrong),
    };
    Ok(outcome.unwrap_or_else(|wrong| Done {
        fate: Fate::Bad,
        name: String::new(),
        phone: None,
        points: 0,
        bad: wrong.into_iter().map(|wrong| told(import, line, wrong)).collect(),
    }))
}

async fn one(
    app: &App,
    tx: &Tx,
    import: &Import,
    terms: &Terms,
    line: &Line,
    person: &Person,
    seen: &mut Seen<'_>,
) -> Result<Result<Done, Vec<Wrong>>, Fail> {
    let wrong = |field: &Field, problem: Problem| Ok(Err(vec![(place(import, field), problem)]));
    let who = person.who().unwrap_or_default();
    let found = match find(tx, person).await? {
        Ok(found) => found,
        Err((field, problem)) => return wrong(&field, problem),
    };
    let id = found.as_ref().map(|contact| contact.id.to_string());
    for key in std::iter::once(who.clone()).chain(id.filter(|id| *id != who)) {
        let first = match seen {
            Seen::Table => store::first_of(tx, import.id, &key, line.0).await?,
            Seen::Memory(all) => all.insert(key),
        };
        if !first {
            return wrong(&Field::Phone, twice());
        }
    }
    let writes = matches!(seen, Seen::Table);
    let is_new = found.is_none();
    let before = found.unwrap_or_else(|| {
        Contact::new(ContactId::new(&app.ids, app.clock.as_ref()), &terms.locale, terms.now)
    });
    let new_card = match card(tx, person, &before, is_new).await? {
        Ok(new_card) => new_card,
        Err(problem) => return wrong(&Field::Card, problem),
    };
    let posted = match post(app, tx, import, terms, person, &who, before.id, writes).await {
        Ok(posted) => posted,
        Err(Fail::Problems(problems)) => {
            return Ok(Err(problems
                .into_iter()
                .map(|problem| (place(import, &Field::Points), problem))
                .collect()));
        }
        Err(fail) => return Err(fail),
    };
    let mut contact = before.clone();
    for (path, value) in &person.fields {
        if let Err(problem) = contacts::set_field(&mut contact, path, value, false) {
            return wrong(&Field::Name, problem);
        }
    }
    for tag in &person.tags {
        if let Err(problem) = contacts::add_tag(&mut contact, tag) {
            return wrong(&Field::Tags, problem);
        }
    }
    for purpose in person.consents.iter().filter(|purpose| !before.consents.contains_key(*purpose)) {
        if writes {
            let id = ConsentId::new(&app.ids, app.clock.as_ref());
            contacts::give_consent(tx, &mut contact, purpose, None, id, terms.now).await?;
        } else {
            contact.consents.insert(purpose.clone(), 0);
        }
    }
    let new_key = match &person.external {
        Some(key) => store::contact_of_key(tx, key).await?.is_none(),
        None => false,
    };
    let changes = contact != before || posted > 0 || new_card || new_key;
    if writes {
        if is_new {
            contacts::create(tx, &contact);
        } else {
            contacts::save(tx, &before, &mut contact, terms.now);
        }
        if let (true, Some(number)) = (new_card, person.card) {
            loyalty::give_card(tx, number, contact.id, terms.now).await?;
        }
        if let (true, Some(key)) = (new_key, &person.external) {
            store::add_key(tx, key, contact.id).await?;
        }
    }
    let fate = match (is_new, changes) {
        (true, _) => Fate::Created,
        (false, true) => Fate::Changed,
        (false, false) => Fate::Unchanged,
    };
    Ok(Ok(Done { fate, name: contact.name, phone: contact.phone, points: posted, bad: Vec::new() }))
}

/// Whom a row is about: by the contact's id, else the phone, else the card, else the other program's id.
async fn find(tx: &Tx, person: &Person) -> Result<Result<Option<Contact>, (Field, Problem)>, Fail> {
    let mut found = None;
    if let Some(id) = person.id {
        found = contacts::load(tx, id).await?;
        if found.is_none() {
            return Ok(Err((Field::ContactId, Problem::not_found("клиент", "contact", id))));
        }
    }
    if let (None, Some(phone)) = (&found, &person.phone) {
        let mut all = contacts::with_phone(tx, phone, 2).await?;
        if all.len() > 1 {
            let (ru, en) = ("С этим телефоном есть два клиента", "Two contacts have this phone");
            return Ok(Err((Field::Phone, Problem::new(Kind::Conflict, "phone_not_unique", ru, en))));
        }
        found = all.pop();
    }
    if let (None, Some(number)) = (&found, person.card)
        && let Some(holder) = loyalty::holder(tx, number).await?
    {
        found = contacts::load(tx, holder).await?;
    }
    if let (None, Some(key)) = (&found, &person.external)
        && let Some(contact) = store::contact_of_key(tx, key).await?
    {
        found = contacts::load(tx, contact).await?;
    }
    if found.as_ref().is_some_and(|contact| contact.erased_at.is_some()) {
        let (ru, en) =
            ("Данные этого клиента стёрты по его просьбе", "The data of this contact was removed on request");
        return Ok(Err((Field::Phone, Problem::new(Kind::Conflict, "erased", ru, en))));
    }
    Ok(Ok(found))
}

/// Whether the row gives the contact a card; one that somebody else holds, or a second one, is a problem.
async fn card(
    tx: &Tx,
    person: &Person,
    contact: &Contact,
    is_new: bool,
) -> Result<Result<bool, Problem>, Fail> {
    let Some(number) = person.card else { return Ok(Ok(false)) };
    let (ru, en) = match loyalty::holder(tx, number).await? {
        Some(holder) if holder == contact.id => return Ok(Ok(false)),
        Some(_) => ("Эта карта выдана другому клиенту", "Another contact holds this card"),
        None if is_new || loyalty::card_in(tx, contact.id).await?.is_none() => return Ok(Ok(true)),
        None => ("У клиента уже есть другая карта", "The contact has another card already"),
    };
    Ok(Err(Problem::new(Kind::Conflict, "card_taken", ru, en)))
}

/// The opening balance, once for this person and this file; how many points are posted now.
#[allow(clippy::too_many_arguments)]
async fn post(
    app: &App,
    tx: &Tx,
    import: &Import,
    terms: &Terms,
    person: &Person,
    who: &str,
    contact: ContactId,
    writes: bool,
) -> Result<i64, Fail> {
    if person.points == 0 {
        return Ok(0);
    }
    let key = format!("import:{}:{who}", import.file_hash.get(..32).unwrap_or(&import.file_hash));
    if let Some(earlier) = ledger::operation(tx, &key).await? {
        if earlier.points.0 == person.points {
            return Ok(0);
        }
        let ru = format!("По этому файлу клиенту уже начислено баллов: {}", earlier.points);
        let en = format!("This file has given {} points to the contact already", earlier.points);
        return Err(Problem::new(Kind::Conflict, "operation_key_reused", ru, en).into());
    }
    let expires_at = match person.expires_on {
        Some(day) => Some(end_of(day, &terms.zone)),
        None => terms.programme.expires_at(terms.now, &terms.zone),
    };
    if expires_at.is_some_and(|end| end <= terms.now) {
        return Err(Problem::from(ledger::Refusal::ExpiryPassed).into());
    }
    if !writes {
        return Ok(person.points);
    }
    let mut wallet = ledger::load(app, tx, contact, POINTS).await?;
    let operation = Operation {
        key,
        kind: "import".into(),
        note: None,
        cause: Cause::new("job", import.id.to_string()),
        act: Act::Earn {
            lot: LotId::new(&app.ids, app.clock.as_ref()),
            points: Points(person.points),
            expires_at,
        },
    };
    match ledger::post(app, tx, &mut wallet, operation, terms.now).await? {
        Posted::Now(entry) => Ok(entry.points.0),
        Posted::Already(_) => Ok(0),
        Posted::Refused(refusal) => Err(Problem::from(refusal).into()),
    }
}

/// The first moment after a day.
fn end_of(day: jiff::civil::Date, zone: &TimeZone) -> Instant {
    let next = day.checked_add(1.day()).unwrap_or(day);
    next.to_zoned(zone.clone()).map_or(Instant(i64::MAX), |at| at.timestamp().into())
}

fn twice() -> Problem {
    Problem::new(
        Kind::Conflict,
        "twice",
        "Этот клиент уже был в файле выше; оставьте одну строку",
        "This customer stood in the file before; leave one row",
    )
}

fn place(import: &Import, field: &Field) -> usize {
    import.mapping.iter().position(|one| one == field).unwrap_or(0)
}

fn told(import: &Import, line: &Line, (place, problem): Wrong) -> Bad {
    Bad {
        line: i64::from(line.0),
        title: import.titles.get(place).cloned().unwrap_or_default(),
        value: line.1.get(place).map(|value| value.chars().take(200).collect()).unwrap_or_default(),
        code: problem.code.to_owned(),
        ru: problem.ru,
        en: problem.en,
    }
}
