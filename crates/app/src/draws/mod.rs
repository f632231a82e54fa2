//! Draws: the tickets of a time are frozen, announced, drawn by public randomness, and whoever wins is seen to until they
//! hold their prize.
//!
//! What decides and what anybody can check is the crate `samovar_draw`: this capability writes its list from the tickets
//! ([`freeze()`]), publishes the announcement, brings the randomness ([`hold()`]), keeps the signed protocol, and goes on
//! with the winners ([`winners`]): they are told, answer, say where the prize goes, and get it; a prize that is refused
//! passes to the reserve. A draw goes one way: planned, freezing, frozen, drawn, published.

mod freeze;
mod hold;
mod model;
pub(crate) mod pass;
mod rules;
mod store;
mod tax;
pub mod winners;
mod wording;
pub mod words;
pub mod work;

pub use freeze::{freeze, readiness};
pub use hold::{Key, hold, instance_key, list_file, publish, rehearse};
pub use model::{
    Delivery, Draw, DrawState, NewDraw, Plan, Prize, Readiness, Rehearsal, Rules, Seen, SourcePlan, Step,
    StoredRules, Succession, TaxId, TaxLine, TaxRule, Texts, Winner, WinnerState,
};
pub(crate) use store::{tax_count, winner_count};
pub(crate) use tax::tax_lines_in;
pub use tax::{TaxYear, rules, set_rules, tax_journal, tax_year};
pub(crate) use winners::{forget, winners_in};

use crate::access::{Actor, Right, audit};
use crate::app::App;
use crate::problem::{Fail, Problem};
use crate::tenants;
use samovar_base::{ContactId, DrawId, FileId, Instant, PromotionId, TenantId};
use samovar_draw::{Person, commitment, hex};
use samovar_store::Tx;
use serde_json::json;

/// Plans a draw.
pub async fn create(app: &App, actor: &Actor, of: PromotionId, new: NewDraw) -> Result<Draw, Fail> {
    actor.require(Right::Promotions)?;
    let new = rules::tidy(new).map_err(Fail::Problems)?;
    let id = DrawId::new(&app.ids, app.clock.as_ref());
    let (plan, secret) = with_secret(app, id, new.plan.clone());
    let (services, actor_of_unit, now) = (app.clone(), actor.clone(), app.clock.now());
    app.store
        .run(actor.tenant, unit_key(id), move |tx| {
            let (app, actor) = (services.clone(), actor_of_unit.clone());
            let (new, plan, secret) = (new.clone(), plan.clone(), secret.clone());
            async move {
                store::promotion(&tx, of).await?.ok_or_else(|| no_promotion(of))?;
                let draw = Draw {
                    id,
                    promotion: of,
                    name: new.name,
                    state: DrawState::Planned,
                    plan,
                    from: new.from,
                    until: new.until,
                    planned_at: new.planned_at,
                    secret,
                    file: FileId(0),
                    cursor: 0,
                    pieces: 0,
                    size: 0,
                    tickets: 0,
                    note: String::new(),
                    announcement: String::new(),
                    announced: String::new(),
                    protocol: String::new(),
                    frozen_at: None,
                    drawn_at: None,
                    published_at: None,
                    revision: 1,
                    created_at: now,
                };
                store::insert(&tx, &draw, now);
                audit(&tx, &app, &actor, "draw.create", id, &json!({ "promotion": of, "plan": draw.plan }));
                Ok(draw)
            }
        })
        .await
}

/// Puts another plan in the place of a draw's, if it still has `revision` and its list is not frozen.
pub async fn change(app: &App, actor: &Actor, id: DrawId, revision: i64, new: NewDraw) -> Result<Draw, Fail> {
    actor.require(Right::Promotions)?;
    let new = rules::tidy(new).map_err(Fail::Problems)?;
    let (services, actor_of_unit, now) = (app.clone(), actor.clone(), app.clock.now());
    app.store
        .run(actor.tenant, unit_key(id), move |tx| {
            let (app, actor, mut new) = (services.clone(), actor_of_unit.clone(), new.clone());
            async move {
                let mut draw = load(&tx, id).await?;
                rules::is_in(&draw, DrawState::Planned)?;
                if draw.revision != revision {
                    return Err(tenants::changed_meanwhile(draw.revision).into());
                }
                let before = draw.plan.clone();
                if commitment_of(&new.plan).is_some() && commitment_of(&new.plan) == commitment_of(&before) {
                    draw.plan = new.plan;
                } else {
                    keep_commitment(&mut new.plan, &before);
                    let had = commitment_of(&new.plan).is_some() && draw.secret.is_some();
                    let (plan, secret) =
                        if had { (new.plan, draw.secret.take()) } else { with_secret(&app, id, new.plan) };
                    (draw.plan, draw.secret) = (plan, secret);
                }
                (draw.name, draw.from, draw.until) = (new.name, new.from, new.until);
                (draw.planned_at, draw.note) = (new.planned_at, String::new());
                store::save(&tx, &mut draw, now);
                audit(&tx, &app, &actor, "draw.change", id, &json!({ "before": before, "after": draw.plan }));
                Ok(draw)
            }
        })
        .await
}

/// Removes a draw that is only planned.
pub async fn remove(app: &App, actor: &Actor, id: DrawId) -> Result<(), Fail> {
    actor.require(Right::Promotions)?;
    let (services, actor_of_unit) = (app.clone(), actor.clone());
    app.store
        .run(actor.tenant, unit_key(id), move |tx| {
            let (app, actor) = (services.clone(), actor_of_unit.clone());
            async move {
                let draw = load(&tx, id).await?;
                rules::is_in(&draw, DrawState::Planned)?;
                if !store::remove(&tx, &draw).await? {
                    return Err(tenants::changed_meanwhile(draw.revision).into());
                }
                audit(&tx, &app, &actor, "draw.remove", id, &json!({ "name": draw.name }));
                Ok(())
            }
        })
        .await
}

/// Up to `limit` draws of a promotion, in the order in which they were planned, after `after`.
pub async fn list(
    app: &App,
    actor: &Actor,
    of: PromotionId,
    after: Option<DrawId>,
    limit: u32,
) -> Result<Vec<Draw>, Fail> {
    actor.require(Right::Promotions)?;
    shown(app, actor.tenant, of, after, limit).await
}

/// One draw.
pub async fn get(app: &App, actor: &Actor, id: DrawId) -> Result<Draw, Fail> {
    actor.require(Right::Promotions)?;
    app.store.read(actor.tenant, move |tx| async move { load(&tx, id).await }).await
}

/// The same as [`list`], for the company's public pages. What of a draw may be shown is told by its state: the plan from the
/// beginning, the announcement once it is frozen, who won once it is published.
pub async fn shown(
    app: &App,
    tenant: TenantId,
    of: PromotionId,
    after: Option<DrawId>,
    limit: u32,
) -> Result<Vec<Draw>, Fail> {
    let after = after.unwrap_or(DrawId(0));
    app.store.read(tenant, move |tx| async move { Ok(store::draws(&tx, of, after, limit).await?) }).await
}

/// One draw, for the company's public pages.
pub async fn shown_one(app: &App, tenant: TenantId, id: DrawId) -> Result<Draw, Fail> {
    app.store.read(tenant, move |tx| async move { load(&tx, id).await }).await
}

/// The key of units that change a draw or one of its winners: one at a time.
fn unit_key(id: DrawId) -> u64 {
    id.0.cast_unsigned()
}

async fn load(tx: &Tx, id: DrawId) -> Result<Draw, Fail> {
    store::draw(tx, id).await?.ok_or_else(|| not_found(id))
}

/// A person of a promotion as its lists name them: nobody but the holder of the instance's key can tell who that is.
fn person(app: &App, of: PromotionId, contact: ContactId) -> Person {
    let signed = app.vault.sign("a person in draws", format!("{of}/{contact}").as_bytes());
    Person(signed.iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
}

/// A plan that wants a secret of the program gets its hash; the secret is sealed.
fn with_secret(app: &App, id: DrawId, mut plan: Plan) -> (Plan, Option<Vec<u8>>) {
    let SourcePlan::Reveal { commitment: told @ None } = &mut plan.source else { return (plan, None) };
    let secret = hex(&app.chance.bytes::<32>());
    *told = Some(commitment(&secret));
    let sealed = app.vault.seal(&app.chance, &secret_row(id), secret.as_bytes());
    (plan, Some(sealed))
}

fn secret_row(id: DrawId) -> String {
    format!("draws_draw/{id}")
}

fn commitment_of(plan: &Plan) -> Option<&str> {
    match &plan.source {
        SourcePlan::Reveal { commitment } => commitment.as_deref(),
        _ => None,
    }
}

/// A hash that was told once stays: a plan that names none goes on with it.
fn keep_commitment(plan: &mut Plan, before: &Plan) {
    if let SourcePlan::Reveal { commitment: told @ None } = &mut plan.source {
        *told = commitment_of(before).map(str::to_owned);
    }
}

fn not_found(id: DrawId) -> Fail {
    Problem::not_found("розыгрыш", "draw", id).into()
}

fn no_promotion(id: PromotionId) -> Fail {
    Problem::not_found("акция", "promotion", id).into()
}

/// A moment of the business as people read it: «21.11.2026, 18:00».
fn spoken(at: Instant, zone: &jiff::tz::TimeZone) -> String {
    at.in_zone(zone).strftime("%d.%m.%Y, %H:%M").to_string()
}
