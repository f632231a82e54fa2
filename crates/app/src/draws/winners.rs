//! Winners, until they hold their prize; and the reserve, whose turn comes when a prize is refused.

use super::model::{
    Delivery, Draw, DrawState, Seen, Step, Succession, TaxId, TaxLine, Texts, Winner, WinnerState,
};
use super::wording::Names;
use super::work::{Late, Tell};
use super::{load, rules, spoken, store, unit_key, words};
use crate::access::{Actor, Right, audit};
use crate::app::App;
use crate::capability;
use crate::contacts::{self, Contact};
use crate::loyalty::{self, Speech, Wording};
use crate::pipeline::{self, Class, Ready};
use crate::problem::{Fail, Problem};
use crate::tenants;
use crate::visit::{Cause, Visit};
use crate::work::enqueue;
use samovar_base::message::{Action, Body, Button};
use samovar_base::{ContactId, DrawId, Instant, PromotionId, TenantId, Vault};
use samovar_engine::Values;
use samovar_store::Tx;
use serde_json::json;

/// Prizes of one person that are looked at.
const OF_ONE_MAX: u32 = 200;
/// Longest note of the staff, in letters.
const NOTE_MAX: usize = 500;

/// Up to `limit` winners of a draw, in the order in which they were drawn, after a place; the reserve behind.
pub async fn list(app: &App, actor: &Actor, draw: DrawId, after: i64, limit: u32) -> Result<Vec<Seen>, Fail> {
    actor.require(Right::Promotions)?;
    let (services, actor_of_unit) = (app.clone(), actor.clone());
    app.store
        .read(actor.tenant, move |tx| {
            let (app, actor) = (services.clone(), actor_of_unit.clone());
            async move {
                let plan = load(&tx, draw).await?;
                let found = store::winners(&tx, draw, after, limit).await?;
                let personal = actor.may(Right::PersonalDataSee);
                Ok(found
                    .into_iter()
                    .map(|(winner, name)| seen(&app.vault, personal, Some(&plan), winner, name))
                    .collect())
            }
        })
        .await
}

/// Up to `limit` winners of all draws of a promotion, after a draw and a place.
pub async fn list_all(
    app: &App,
    actor: &Actor,
    of: PromotionId,
    after: (i64, i64),
    limit: u32,
) -> Result<Vec<Seen>, Fail> {
    actor.require(Right::Promotions)?;
    let (services, actor_of_unit) = (app.clone(), actor.clone());
    app.store
        .read(actor.tenant, move |tx| {
            let (app, actor) = (services.clone(), actor_of_unit.clone());
            async move {
                let found = store::winners_of_all(&tx, of, after, limit).await?;
                let personal = actor.may(Right::PersonalDataSee);
                let all = with_plans(&tx, &app.vault, personal, found).await?;
                Ok(all.into_iter().map(|(seen, _)| seen).collect())
            }
        })
        .await
}

/// One winner.
pub async fn get(app: &App, actor: &Actor, draw: DrawId, place: i64) -> Result<Seen, Fail> {
    actor.require(Right::Promotions)?;
    let (services, actor_of_unit) = (app.clone(), actor.clone());
    app.store
        .read(actor.tenant, move |tx| {
            let (app, actor) = (services.clone(), actor_of_unit.clone());
            async move { one(&app, &tx, &actor, draw, place).await }
        })
        .await
}

/// What became of the prizes of published draws that did not stay where they were drawn to, for the company's public pages.
pub async fn successions(app: &App, tenant: TenantId, of: &[Draw]) -> Result<Vec<Succession>, Fail> {
    let published = of.iter().filter(|draw| draw.state == DrawState::Published);
    let draws: Vec<DrawId> = published.map(|draw| draw.id).collect();
    app.store
        .read(tenant, move |tx| {
            let draws = draws.clone();
            async move {
                let mut all = Vec::new();
                for draw in draws {
                    all.extend(store::successions(&tx, draw).await?);
                }
                Ok(all)
            }
        })
        .await
}

/// The staff writes down where a prize goes.
pub async fn set_delivery(
    app: &App,
    actor: &Actor,
    draw: DrawId,
    place: i64,
    delivery: Delivery,
) -> Result<Seen, Fail> {
    actor.require(Right::Promotions)?;
    actor.require(Right::PersonalDataSee)?;
    let delivery = rules::delivery(delivery).map_err(Fail::Problems)?;
    let (services, actor_of_unit, now) = (app.clone(), actor.clone(), app.clock.now());
    app.store
        .run(actor.tenant, unit_key(draw), move |tx| {
            let (app, actor, delivery) = (services.clone(), actor_of_unit.clone(), delivery.clone());
            async move {
                let seen = one(&app, &tx, &actor, draw, place).await?;
                let mut winner = seen.winner.clone();
                winner.delivery_at = Some(now);
                keep_delivery(&app, &tx, &mut winner, &delivery);
                audit(&tx, &app, &actor, "draw.delivery", draw, &json!({ "place": place }));
                Ok(Seen { winner, delivery: Some(delivery), ..seen })
            }
        })
        .await
}

/// Inside a unit: seals where a prize goes, as far as it was told, and saves the winner.
pub(super) fn keep_delivery(app: &App, tx: &Tx, winner: &mut Winner, delivery: &Delivery) {
    let document = serde_json::to_vec(delivery).unwrap_or_default();
    winner.delivery = Some(app.vault.seal(&app.chance, &delivery_row(winner), &document));
    store::save_winner(tx, winner);
}

/// Where a prize goes, as far as it was told.
pub(super) fn opened(vault: &Vault, winner: &Winner) -> Option<Delivery> {
    let opened = vault.open(&delivery_row(winner), winner.delivery.as_deref()?).ok()?;
    serde_json::from_slice(&opened).ok()
}

/// Inside a unit: the staff's pages learn that a winner told where the prize goes.
pub(super) fn note_delivery(app: &App, tx: &Tx, winner: &Winner) {
    let data = json!({ "place": winner.place });
    audit(tx, app, &Actor::system(tx.tenant()), "draw.delivery", winner.draw, &data);
}

/// Inside a unit: removes where prizes of a contact went, because the contact is erased.
pub(crate) async fn forget(tx: &Tx, contact: ContactId) -> Result<(), Fail> {
    Ok(store::forget(tx, contact).await?)
}

/// Inside a unit: what a person won, the latest last; the reserve is not told.
pub(super) async fn of_contact(tx: &Tx, contact: ContactId) -> Result<Vec<Winner>, Fail> {
    let mut found = store::winners_of_contact(tx, contact, OF_ONE_MAX).await?;
    found.retain(|winner| winner.prize > 0);
    Ok(found)
}

/// A winner answers, by the bot. What is changed is saved; whether the answer came in time.
pub(super) async fn answer(
    visit: &mut Visit,
    draw: &Draw,
    winner: &mut Winner,
    takes: bool,
) -> Result<bool, Fail> {
    let (app, tx, now) = (visit.app.clone(), visit.tx.clone(), visit.now);
    let to = if takes { WinnerState::Accepted } else { WinnerState::Refused };
    match rules::turn(winner, to) {
        Ok(false) => Ok(true),
        Err(_) => Ok(false),
        Ok(true) => {
            winner.state = to;
            winner.answered_at = Some(now);
            if !takes {
                winner.ended_at = Some(now);
                pass_on(&app, &tx, draw, std::slice::from_ref(winner), now).await?;
            }
            let (event, values) = event(&promotion_key(&tx, draw).await?, draw, winner);
            visit.raise(event, values, &once(event, winner)).await?;
            store::save_winner(&tx, winner);
            let actor = Actor::system(tx.tenant());
            audit(
                &tx,
                &app,
                &actor,
                &format!("draw.{}", to.as_str()),
                draw.id,
                &json!({ "place": winner.place }),
            );
            Ok(true)
        }
    }
}

/// What scenarios are told of a winner who stands somewhere else now.
fn event(promotion: &str, draw: &Draw, winner: &Winner) -> (&'static str, Values) {
    let prize = draw.prize(winner.prize).map(|prize| prize.name.as_str()).unwrap_or_default();
    let mut values = Values::new();
    values.insert("promotion".into(), promotion.into());
    values.insert("draw".into(), draw.name.as_str().into());
    values.insert("prize".into(), prize.into());
    values.insert("number".into(), winner.ticket.into());
    if winner.state == WinnerState::Told {
        return (words::WON, values);
    }
    values.insert("state".into(), winner.state.as_str().into());
    (words::PRIZE, values)
}

fn once(event: &str, winner: &Winner) -> String {
    format!("{event}:{}:{}:{}", winner.draw, winner.place, winner.revision)
}

async fn promotion_key(tx: &Tx, draw: &Draw) -> Result<String, Fail> {
    Ok(store::promotion(tx, draw.promotion).await?.map(|of| of.key).unwrap_or_default())
}

/// Inside a unit: scenarios that wait for it hear where a winner stands now.
async fn raise(app: &App, tx: &Tx, promotion: &str, draw: &Draw, winner: &Winner) -> Result<(), Fail> {
    let (event, values) = event(promotion, draw, winner);
    pipeline::raise(app, tx, winner.contact, event, values, &once(event, winner)).await
}

/// Inside a unit: up to `limit` winners who did not answer in time lose their prizes; how many. After the last of them the
/// next moment is waited for.
pub(super) async fn pass_late(
    app: &App,
    tx: &Tx,
    id: DrawId,
    limit: u32,
    now: Instant,
) -> Result<usize, Fail> {
    let draw = load(tx, id).await?;
    let mut late = store::late(tx, id, now, limit).await?;
    if late.is_empty() {
        if let Some(next) = store::next_late(tx, id).await?.filter(|next| *next > now) {
            enqueue(app, tx, &Late { draw: id }, next, Some(&format!("{id}:{}", next.0))).await?;
        }
        return Ok(0);
    }
    let promotion = promotion_key(tx, &draw).await?;
    let actor = Actor::system(tx.tenant());
    pass_on(app, tx, &draw, &late, now).await?;
    for winner in &mut late {
        winner.state = WinnerState::Silent;
        winner.ended_at = Some(now);
        raise(app, tx, &promotion, &draw, winner).await?;
        store::save_winner(tx, winner);
        audit(tx, app, &actor, "draw.silent", id, &json!({ "place": winner.place }));
    }
    Ok(late.len())
}

/// Inside a unit: prizes that are free again go to the next in reserve, who are told soon.
async fn pass_on(app: &App, tx: &Tx, draw: &Draw, free: &[Winner], now: Instant) -> Result<(), Fail> {
    let wanted = u32::try_from(free.len()).unwrap_or(u32::MAX);
    let next = store::reserve(tx, draw.id, wanted).await?;
    if next.is_empty() {
        return Ok(());
    }
    for (mut next, free) in next.into_iter().zip(free) {
        next.prize = free.prize;
        next.instead_of = Some(free.place);
        next.state = WinnerState::Drawn;
        store::save_winner(tx, &mut next);
    }
    let once = format!("{}:{}:{}", draw.id, now.0, free.first().map_or(0, |first| first.place));
    enqueue(app, tx, &Tell { draw: draw.id }, now, Some(&once)).await?;
    Ok(())
}

/// Inside a unit: tells up to `limit` winners that they won, with two buttons; how many. Who cannot be written to stays as
/// drawn: the staff sees it and has until the same moment.
pub(super) async fn tell(app: &App, tx: &Tx, id: DrawId, limit: u32, now: Instant) -> Result<usize, Fail> {
    let draw = &load(tx, id).await?;
    if draw.state != DrawState::Published {
        return Ok(0);
    }
    let to = store::to_tell(tx, id, limit).await?;
    let count = to.len();
    if count == 0 {
        return Ok(0);
    }
    let told = Told::of(app, tx, draw).await?;
    let until = now.plus_seconds(told.answer_hours.saturating_mul(3_600));
    let ids: Vec<ContactId> = to.iter().map(|winner| winner.contact).collect();
    let recipients = pipeline::recipients_of_many(app, tx, &ids).await?;
    let cause = Cause::new("job", draw.id.to_string()).to_json();
    for mut winner in to {
        winner.answer_until = Some(until);
        let person = contacts::load(tx, winner.contact).await?.filter(|person| person.erased_at.is_none());
        if let Some((person, to)) = person.zip(recipients.get(&winner.contact)) {
            let names = told.names(draw, &winner, &person, spoken(until, &told.zone));
            let button = |wording: &Wording, does: &str| Button {
                label: told.say(&person.locale, wording, &names),
                action: Action::Press(capability::button(words::NAME, &words::data(does, &winner))),
            };
            let body = Body {
                text: told.say(&person.locale, &told.texts.won, &names),
                buttons: vec![vec![button(&told.texts.take, "yes"), button(&told.texts.refuse, "no")]],
                ..Body::default()
            };
            pipeline::queue(app, tx, to, &body, Class::Service, &cause, now);
            winner.state = WinnerState::Told;
            winner.told_at = Some(now);
            raise(app, tx, &told.key, draw, &winner).await?;
        }
        store::save_winner(tx, &mut winner);
    }
    let once = format!("{}:{}", draw.id, until.0);
    enqueue(app, tx, &Late { draw: draw.id }, until, Some(&once)).await?;
    Ok(count)
}

/// What is said to winners of a draw, made ready once.
pub(super) struct Told {
    pub texts: Texts,
    pub zone: jiff::tz::TimeZone,
    answer_hours: i64,
    business: String,
    promotion: String,
    /// Its short name.
    key: String,
    units: loyalty::Units,
}

impl Told {
    pub async fn of(app: &App, tx: &Tx, draw: &Draw) -> Result<Self, Fail> {
        let rules = store::rules(tx).await?.rules;
        let tenant = tenants::load(tx).await?;
        let promotion = store::promotion(tx, draw.promotion).await?;
        Ok(Self {
            texts: rules.texts,
            answer_hours: rules.answer_hours,
            zone: tenant.as_ref().map_or(jiff::tz::TimeZone::UTC, |tenant| tenant.time_zone()),
            business: tenant.map(|tenant| tenant.name).unwrap_or_default(),
            key: promotion.as_ref().map(|of| of.key.clone()).unwrap_or_default(),
            promotion: promotion.map(|of| of.name).unwrap_or_default(),
            units: loyalty::current(app, tx).await?.units.clone(),
        })
    }

    pub fn names(&self, draw: &Draw, winner: &Winner, person: &Contact, until: String) -> Names {
        Names {
            prize: draw.prize(winner.prize).map(|prize| prize.name.clone()).unwrap_or_default(),
            draw: draw.name.clone(),
            promotion: self.promotion.clone(),
            ticket: winner.ticket,
            until,
            name: person.first_name().to_owned(),
            business: self.business.clone(),
            note: winner.note.clone(),
        }
    }

    pub fn say(&self, locale: &str, wording: &Wording, names: &Names) -> String {
        Speech { units: &self.units, locale, zone: &self.zone }.render(wording, names)
    }
}

/// Does about a prize what the staff asks for, with a note; asked again it is answered by the winner as they stand.
pub async fn turn(
    app: &App,
    actor: &Actor,
    draw: DrawId,
    place: i64,
    step: Step,
    note: Option<String>,
) -> Result<Seen, Fail> {
    actor.require(Right::Promotions)?;
    let note = note.map(|note| note.trim().to_owned()).filter(|note| !note.is_empty());
    if note.as_ref().is_some_and(|note| note.chars().count() > NOTE_MAX) {
        let ru = format!("Примечание до {NOTE_MAX} знаков");
        let en = format!("A note has at most {NOTE_MAX} characters");
        return Err(Problem::invalid("note", "bad_length", ru, en).into());
    }
    let (services, actor_of_unit, now) = (app.clone(), actor.clone(), app.clock.now());
    let (seen, ready) = app
        .store
        .run(actor.tenant, unit_key(draw), move |tx| {
            let (app, actor, note) = (services.clone(), actor_of_unit.clone(), note.clone());
            async move { turn_in(&app, &tx, &actor, (draw, place), step, note, now).await }
        })
        .await?;
    app.pipeline.send(app, ready);
    Ok(seen)
}

async fn turn_in(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    (draw, place): (DrawId, i64),
    step: Step,
    note: Option<String>,
    now: Instant,
) -> Result<(Seen, Vec<Ready>), Fail> {
    let plan = load(tx, draw).await?;
    rules::is_in(&plan, DrawState::Published)?;
    let seen = one(app, tx, actor, draw, place).await?;
    let mut winner = seen.winner.clone();
    if !rules::turn(&winner, step.state())? {
        return Ok((seen, Vec::new()));
    }
    let from = std::mem::replace(&mut winner.state, step.state());
    if let Some(note) = note {
        winner.note = note;
    }
    let mut ready = Vec::new();
    match step {
        Step::Accepted => winner.answered_at = Some(now),
        Step::Sent => {
            winner.sent_at = Some(now);
            ready = tell_sent(app, tx, actor, &plan, &winner, now).await?;
        }
        Step::Handed => {
            winner.handed_at = Some(now);
            write_tax(app, tx, &plan, &winner, now).await?;
        }
        Step::Refused => {
            winner.ended_at = Some(now);
            pass_on(app, tx, &plan, std::slice::from_ref(&winner), now).await?;
        }
    }
    raise(app, tx, &promotion_key(tx, &plan).await?, &plan, &winner).await?;
    store::save_winner(tx, &mut winner);
    let data = json!({ "place": place, "from": from, "to": step });
    audit(tx, app, actor, &format!("draw.{}", step.as_str()), draw, &data);
    Ok((Seen { winner, ..seen }, ready))
}

async fn tell_sent(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    draw: &Draw,
    winner: &Winner,
    now: Instant,
) -> Result<Vec<Ready>, Fail> {
    let person = contacts::load(tx, winner.contact).await?.filter(|person| person.erased_at.is_none());
    let to = pipeline::recipient(app, tx, winner.contact).await?;
    let Some((person, to)) = person.zip(to) else { return Ok(Vec::new()) };
    let told = Told::of(app, tx, draw).await?;
    let names = told.names(draw, winner, &person, String::new());
    let body = Body::text(told.say(&person.locale, &told.texts.sent, &names));
    let message = pipeline::NewOutbound {
        body,
        class: Class::Service,
        policy: pipeline::Policy::Repeat,
        cause: actor.cause(),
    };
    Ok(pipeline::write(app, tx, &to, vec![message], now))
}

/// A prize that was handed over goes into the journal.
async fn write_tax(app: &App, tx: &Tx, draw: &Draw, winner: &Winner, now: Instant) -> Result<(), Fail> {
    let rule = store::rules(tx).await?.rules.tax;
    let zone = tenants::load(tx).await?.map_or(jiff::tz::TimeZone::UTC, |tenant| tenant.time_zone());
    let year = i64::from(now.in_zone(&zone).year());
    let before = store::year(tx, winner.contact, year).await?;
    let prize = draw.prize(winner.prize);
    let worth = prize.map_or(0, |prize| prize.value);
    let (taxable, tax) = rules::tax(rule, before.worth, worth);
    let line = TaxLine {
        id: TaxId::new(&app.ids, app.clock.as_ref()),
        year,
        contact: winner.contact,
        name: String::new(),
        promotion: winner.promotion,
        draw: winner.draw,
        place: winner.place,
        prize: prize.map(|prize| prize.name.clone()).unwrap_or_default(),
        worth,
        before: before.worth,
        taxable,
        tax,
        rule,
        handed_at: now,
    };
    Ok(store::insert_tax(tx, &before, &line).await?)
}

async fn one(app: &App, tx: &Tx, actor: &Actor, draw: DrawId, place: i64) -> Result<Seen, Fail> {
    let plan = load(tx, draw).await?;
    let winner = store::winner(tx, draw, place).await?;
    let winner = winner.ok_or_else(|| Problem::not_found("победитель", "winner", place))?;
    let name = contacts::load(tx, winner.contact).await?.map(|person| person.name).unwrap_or_default();
    Ok(seen(&app.vault, actor.may(Right::PersonalDataSee), Some(&plan), winner, name))
}

fn seen(vault: &Vault, personal: bool, draw: Option<&Draw>, winner: Winner, contact_name: String) -> Seen {
    // What is told half is nobody's business yet.
    let delivery = opened(vault, &winner).filter(|_| winner.delivery_at.is_some());
    let delivery = delivery.map(|whole| if personal { whole } else { rules::masked(&whole) });
    let prize = draw.and_then(|draw| draw.prize(winner.prize)).cloned();
    Seen { winner, prize, contact_name, delivery }
}

/// Inside a unit: winners with the plans of their draws.
async fn with_plans(
    tx: &Tx,
    vault: &Vault,
    personal: bool,
    found: Vec<(Winner, String)>,
) -> Result<Vec<(Seen, Option<Draw>)>, Fail> {
    let mut all = Vec::with_capacity(found.len());
    let mut plan: Option<Draw> = None;
    for (winner, name) in found {
        if plan.as_ref().is_none_or(|plan| plan.id != winner.draw) {
            plan = store::draw(tx, winner.draw).await?;
        }
        all.push((seen(vault, personal, plan.as_ref(), winner, name), plan.clone()));
    }
    Ok(all)
}

/// Inside a unit: winners of the whole company with their draws, after a draw and a place, for files.
pub(crate) async fn winners_in(
    tx: &Tx,
    vault: &Vault,
    personal: bool,
    after: (i64, i64),
    limit: u32,
) -> Result<Vec<(Seen, Option<Draw>)>, Fail> {
    let found = store::winners_of_company(tx, after, limit).await?;
    with_plans(tx, vault, personal, found).await
}

fn delivery_row(winner: &Winner) -> String {
    format!("draws_winner/{}/{}", winner.draw, winner.place)
}
