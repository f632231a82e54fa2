//! Orders from the catalogue: points and pieces are set aside in the unit in which the deal is made.

use super::model::{
    Deal, DealId, DealItem, NewDeal, ORDERS, Order, OrderRefusal, OrderState, Placed, Source, StageKind,
};
use super::moves::{self, By, Moved};
use super::work::ExpireOrder;
use super::{desk, rules, store};
use crate::access::{Actor, Right, audit};
use crate::app::App;
use crate::catalogue::{self, Item};
use crate::contacts::{self, Contact};
use crate::ledger::{self, Act, OPEN_HOLDS_MAX, Operation, POINTS, Wallet};
use crate::pipeline::Ready;
use crate::problem::{Fail, Problem};
use crate::visit::{Cause, Visit};
use crate::work::enqueue;
use samovar_base::{ContactId, HoldId, Instant, Points};
use samovar_store::Tx;
use serde_json::json;

const DAY_SECONDS: i64 = 86_400;
/// Orders of one person for one item that are counted.
const COUNTED_MAX: u32 = 10_000;

/// An order in the name of a contact, once for `key`: a deal in the pipeline [`ORDERS`]. What the rules say no to is a
/// problem: `not_offered`, `sold_out`, `person_limit`, `not_enough_points`.
pub async fn order(
    app: &App,
    actor: &Actor,
    contact: ContactId,
    item: &str,
    quantity: u32,
    key: String,
) -> Result<Deal, Fail> {
    actor.require(Right::PointsWrite)?;
    let now = app.clock.now();
    let (services, actor_of_unit, item) = (app.clone(), actor.clone(), item.to_owned());
    let (deal, ready) = app
        .store
        .run(actor.tenant, contacts::unit_key(contact), move |tx| {
            let (app, actor) = (services.clone(), actor_of_unit.clone());
            let (item, key) = (item.clone(), key.clone());
            async move { order_in(&app, &tx, &actor, contact, &item, quantity, key, now).await }
        })
        .await?;
    app.pipeline.send(app, ready);
    Ok(deal)
}

/// [`order`] inside a unit.
#[allow(clippy::too_many_arguments, reason = "what the verb takes, and the unit")]
pub(crate) async fn order_in(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    contact: ContactId,
    item: &str,
    quantity: u32,
    key: String,
    now: Instant,
) -> Result<(Deal, Vec<Ready>), Fail> {
    actor.require(Right::PointsWrite)?;
    rules::quantity(quantity)?;
    let person = contacts::load(tx, contact).await?.ok_or_else(|| contacts::not_found(contact))?;
    let item = catalogue::find(tx, item).await?.ok_or_else(|| catalogue::not_found(item))?;
    let mut wallet = ledger::load(app, tx, contact, POINTS).await?;
    let key = format!("request:{key}");
    let wish = Wish { person: &person, item: &item, quantity, key, by: By::actor(actor, None) };
    match place(app, tx, &mut wallet, wish, now).await? {
        Taken::Now(moved) => {
            let data = json!({ "item": item.key, "quantity": quantity, "points": moved.deal.points });
            audit(tx, app, actor, "deal.order", moved.deal.id, &data);
            moved.raise(app, tx).await
        }
        Taken::Already(deal) => Ok((deal, Vec::new())),
        Taken::Refused(refusal) => Err(problem(refusal).into()),
    }
}

/// An order of one piece by the person of a visit, once for `once`.
pub(crate) async fn order_of_visit(visit: &mut Visit, item: &Item, once: &str) -> Result<Placed, Fail> {
    ledger::of_visit(visit).await?;
    let Some(mut wallet) = visit.wallet.take() else { return Ok(Placed::Refused(OrderRefusal::Gone)) };
    let (app, tx, now, person) = (visit.app.clone(), visit.tx.clone(), visit.now, visit.contact.clone());
    let key = format!("visit:{}:{once}", person.id);
    let wish = Wish { person: &person, item, quantity: 1, key, by: By::visit(visit) };
    let taken = place(&app, &tx, &mut wallet, wish, now).await;
    visit.wallet = Some(wallet);
    Ok(match taken? {
        Taken::Now(moved) => Placed::Now(moved.raise_in_visit(visit).await?),
        Taken::Already(deal) => Placed::Already(deal),
        Taken::Refused(refusal) => Placed::Refused(refusal),
    })
}

/// An order of one piece by the contact themselves, outside of a conversation, once for `once`.
pub(crate) async fn order_of_contact(
    app: &App,
    tx: &Tx,
    person: &Contact,
    item: &Item,
    once: &str,
    cause: Cause,
    now: Instant,
) -> Result<(Deal, Vec<Ready>), Fail> {
    let mut wallet = ledger::load(app, tx, person.id, POINTS).await?;
    let by = By { who: person.id.to_string(), cause, note: None, expired: false };
    let key = format!("own:{}:{once}", person.id);
    let wish = Wish { person, item, quantity: 1, key, by };
    match place(app, tx, &mut wallet, wish, now).await? {
        Taken::Now(moved) => moved.raise(app, tx).await,
        Taken::Already(deal) => Ok((deal, Vec::new())),
        Taken::Refused(refusal) => Err(problem(refusal).into()),
    }
}

/// Gives whoever registered a deal in each pipeline that wants it, once for ever.
pub(crate) async fn at_registration(visit: &mut Visit) -> Result<(), Fail> {
    let pipelines = store::pipelines(&visit.tx).await?;
    for pipeline in pipelines.into_iter().filter(|pipeline| pipeline.fields.at_registration) {
        let person = &visit.contact;
        let title = if person.name.is_empty() { &visit.person.name } else { &person.name };
        let new = NewDeal {
            contact: person.id,
            title: rules::cut_title(title),
            stage: None,
            sum: None,
            items: Vec::new(),
            source: Source::Registration,
            responsible: None,
            key: format!("registration:{}:{}", person.id, pipeline.id),
            pipeline: Some(pipeline.key),
        };
        moves::create_of_visit(visit, new).await?;
    }
    Ok(())
}

struct Wish<'a> {
    person: &'a Contact,
    item: &'a Item,
    quantity: u32,
    key: String,
    by: By,
}

enum Taken {
    Now(Moved),
    Already(Deal),
    Refused(OrderRefusal),
}

/// Everything is looked at first. Then the pieces are taken, which decides between those who want the last one; then
/// nothing can say no any more.
async fn place(app: &App, tx: &Tx, wallet: &mut Wallet, wish: Wish<'_>, now: Instant) -> Result<Taken, Fail> {
    let Wish { person, item, quantity, key, by } = wish;
    if let Some(deal) = store::find(tx, &key).await? {
        return if deal.contact == person.id {
            Ok(Taken::Already(deal))
        } else {
            Err(rules::key_reused().into())
        };
    }
    let Some(price) = item.fields.points.filter(|_| item.fields.active) else {
        return Ok(Taken::Refused(OrderRefusal::Gone));
    };
    let points = Points(price.0.saturating_mul(i64::from(quantity)));
    let available = wallet.available(now);
    if available < points {
        return Ok(Taken::Refused(OrderRefusal::Poor { missing: Points(points.0 - available.0) }));
    }
    if wallet.holds.len() >= OPEN_HOLDS_MAX {
        return Ok(Taken::Refused(OrderRefusal::Limit));
    }
    if let Some(limit) = item.fields.per_person {
        let since = limit.days.map_or(Instant(0), |days| now.minus_seconds(i64::from(days) * DAY_SECONDS));
        let had = store::ordered(tx, person.id, item.id, since, COUNTED_MAX).await?;
        if had.saturating_add(quantity) > limit.count {
            return Ok(Taken::Refused(OrderRefusal::Limit));
        }
    }
    let pipeline = moves::pipeline_of(app, tx, ORDERS, now).await?;
    let pipeline = pipeline.ok_or_else(|| super::no_pipeline(ORDERS))?;
    let stage = pipeline.first(StageKind::Open).ok_or_else(|| rules::no_stage(""))?;
    if !catalogue::take(tx, item.id, quantity).await? {
        return Ok(Taken::Refused(OrderRefusal::SoldOut));
    }
    if item.fields.per_person.is_some() {
        store::alone(tx, person.id).await?;
    }
    let id = DealId::new(&app.ids, app.clock.as_ref());
    let name = item.fields.name.text(&person.locale).to_owned();
    let title = rules::cut_title(&if quantity > 1 { format!("{name} × {quantity}") } else { name.clone() });
    let hold = HoldId::new(&app.ids, app.clock.as_ref());
    // The hold has no term of its own: the order's job releases it together with the pieces.
    let operation = Operation {
        key: format!("deal:{id}:hold"),
        kind: "hold".into(),
        note: Some(title.clone()),
        cause: by.cause.clone(),
        act: Act::Hold { hold, points, until: None },
    };
    ledger::post(app, tx, wallet, operation, now).await?.entry()?;
    let until = pipeline.fields.order_days.map(|days| now.plus_seconds(i64::from(days) * DAY_SECONDS));
    let deal = Deal {
        id,
        key,
        contact: person.id,
        pipeline: pipeline.id,
        stage: stage.key.clone(),
        kind: stage.kind,
        title,
        sum: item.fields.money.and_then(|sum| sum.checked_mul(i64::from(quantity))),
        items: vec![DealItem {
            item: item.id,
            key: item.key.clone(),
            name,
            quantity,
            weight: item.fields.weight,
        }],
        source: Source::Order,
        responsible: None,
        points,
        order: Some(Order { state: OrderState::Open, item: item.id, until, hold: Some(hold) }),
        accrued: Points::ZERO,
        rounds: 0,
        revision: 1,
        created_at: now,
        changed_at: now,
    };
    if let Some(until) = until {
        enqueue(app, tx, &ExpireOrder { deal: id }, until, Some(&id.to_string())).await?;
    }
    let mut moved = moves::begin(app, tx, &by, deal, &pipeline, stage, now);
    let told = desk::tell_staff(app, tx, &by, &moved.deal, &pipeline, person).await?;
    moved.ready.extend(told);
    Ok(Taken::Now(moved))
}

fn problem(refusal: OrderRefusal) -> Problem {
    match refusal {
        OrderRefusal::Gone => Problem::refused(
            "not_offered",
            "Эту позицию за баллы не заказать",
            "This item cannot be ordered for points",
        ),
        OrderRefusal::SoldOut => {
            Problem::refused("sold_out", "Столько нет в наличии", "There are not so many left")
        }
        OrderRefusal::Limit => Problem::refused(
            "person_limit",
            "Больше одному человеку не положено",
            "One person may not have more",
        ),
        OrderRefusal::Poor { missing } => ledger::Refusal::NotEnough { missing }.into(),
    }
}
