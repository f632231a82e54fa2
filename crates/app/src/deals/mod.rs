//! Deals: what is to be done for a contact, on its way through the stages of a pipeline.
//!
//! A deal that reaches success gives points by the weights of its items, once however often it is moved; a failure after
//! that takes them back, if the pipeline says so, and only then may another success give them again. An order from the
//! catalogue is a deal that keeps points and pieces aside: success pays with them, failure sets them free. All of it
//! happens in the unit in which the deal moves, under the deal's revision.

mod desk;
mod model;
mod moves;
mod orders;
mod past;
mod rules;
mod store;
#[cfg(test)]
mod tests;
pub mod words;
pub mod work;

pub(crate) use desk::{close_in, look_in, open_in};
pub use model::{
    Accrual, AfterSuccess, Change, ChangeId, Deal, DealChanges, DealFilter, DealId, DealItem, MAIN, NewDeal,
    ORDERS, Order, OrderRefusal, OrderState, Pipeline, PipelineFields, PipelineId, Placed, Source, Stage,
    StageKind, StageTotal,
};
pub(crate) use moves::{create_in, move_in};
pub use orders::order;
pub(crate) use orders::{at_registration, order_of_contact, order_of_visit};
pub use past::PastDeal;
pub(crate) use past::write_past;
pub(crate) use store::{page as page_in, pipelines as pipelines_in};

use crate::access::{Actor, Right, audit};
use crate::app::App;
use crate::catalogue::Done;
use crate::contacts;
use crate::loyalty;
use crate::problem::{Fail, Problem};
use crate::tenants;
use samovar_base::{ContactId, Instant, StaffId};
use samovar_store::{StoreError, Tx};
use serde_json::json;
use std::collections::HashMap;

/// Pipelines of a company.
const PIPELINES_MAX: usize = 100;

/// All pipelines, the oldest first.
pub async fn pipelines(app: &App, actor: &Actor) -> Result<Vec<Pipeline>, Fail> {
    actor.require(Right::ContactsRead)?;
    app.store.read(actor.tenant, |tx| async move { Ok(store::pipelines(&tx).await?) }).await
}

/// Makes the pipeline of a short name be so. With a `revision`, only if it still has it; 0 is one that is not there yet.
/// The same again changes nothing. A stage at which deals stand cannot be taken away.
pub async fn put_pipeline(
    app: &App,
    actor: &Actor,
    key: &str,
    revision: Option<i64>,
    fields: PipelineFields,
) -> Result<(Pipeline, Done), Fail> {
    actor.require(Right::SettingsManage)?;
    let now = app.clock.now();
    let (services, actor_of_unit, key) = (app.clone(), actor.clone(), key.to_owned());
    app.store
        .run(actor.tenant, tenants::unit_key(actor.tenant), move |tx| {
            let (app, actor) = (services.clone(), actor_of_unit.clone());
            let (key, fields) = (key.clone(), fields.clone());
            async move { put_pipeline_unit(&app, &tx, &actor, &key, revision, fields, now).await }
        })
        .await
}

async fn put_pipeline_unit(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    key: &str,
    revision: Option<i64>,
    fields: PipelineFields,
    now: Instant,
) -> Result<(Pipeline, Done), Fail> {
    let mut problems = fields.problems(&loyalty::current(app, tx).await?.units);
    problems.extend(tenants::word("key", key).err());
    if !problems.is_empty() {
        return Err(Fail::Problems(problems));
    }
    let before = store::pipeline_by_key(tx, key).await?;
    let known = before.as_ref().map_or(0, |pipeline| pipeline.revision);
    if revision.is_some_and(|seen| seen != known) {
        return Err(tenants::changed_meanwhile(known).into());
    }
    let Some(before) = before else {
        if store::pipelines(tx).await?.len() >= PIPELINES_MAX {
            let (ru, en) = ("Воронок уже сто", "There are a hundred pipelines already");
            return Err(Problem::refused("too_many", ru, en).into());
        }
        let id = PipelineId::new(&app.ids, app.clock.as_ref());
        let pipeline = Pipeline { id, key: key.to_owned(), fields, revision: 1 };
        if !store::add_pipeline(tx, &pipeline, now).await? {
            return Err(tenants::changed_meanwhile(1).into());
        }
        audit(tx, app, actor, "deal.pipeline", key, &json!({ "after": pipeline.fields }));
        return Ok((pipeline, Done::Created));
    };
    if before.fields == fields {
        return Ok((before, Done::Kept));
    }
    for stage in &before.fields.stages {
        let kept = fields.stages.iter().any(|other| other.key == stage.key && other.kind == stage.kind);
        let filter = DealFilter { stage: Some(stage.key.clone()), ..DealFilter::default() };
        if !kept && !store::page(tx, &filter, Some(before.id), DealId(i64::MAX), 1).await?.is_empty() {
            return Err(in_use(&stage.key).into());
        }
    }
    let pipeline = Pipeline { fields, revision: before.revision + 1, ..before.clone() };
    store::save_pipeline(tx, &pipeline, before.revision);
    audit(
        tx,
        app,
        actor,
        "deal.pipeline",
        key,
        &json!({ "before": before.fields, "after": pipeline.fields }),
    );
    Ok((pipeline, Done::Changed))
}

/// Up to `limit` deals, the youngest first, from `after` on.
pub async fn list(
    app: &App,
    actor: &Actor,
    filter: &DealFilter,
    after: Option<DealId>,
    limit: u32,
) -> Result<Vec<Deal>, Fail> {
    actor.require(Right::ContactsRead)?;
    let (before, filter) = (after.unwrap_or(DealId(i64::MAX)), filter.clone());
    app.store
        .read(actor.tenant, move |tx| {
            let filter = filter.clone();
            async move {
                let pipeline = match &filter.pipeline {
                    Some(key) => {
                        Some(store::pipeline_by_key(&tx, key).await?.ok_or_else(|| no_pipeline(key))?.id)
                    }
                    None => None,
                };
                Ok(store::page(&tx, &filter, pipeline, before, limit).await?)
            }
        })
        .await
}

/// How many deals stand at each stage of a pipeline, and what they are worth. Stages without deals are absent.
pub async fn totals(
    app: &App,
    actor: &Actor,
    pipeline: &str,
    responsible: Option<StaffId>,
) -> Result<Vec<StageTotal>, Fail> {
    actor.require(Right::ContactsRead)?;
    let key = pipeline.to_owned();
    app.store
        .read(actor.tenant, move |tx| {
            let key = key.clone();
            async move {
                let pipeline = store::pipeline_by_key(&tx, &key).await?.ok_or_else(|| no_pipeline(&key))?.id;
                Ok(store::totals(&tx, pipeline, responsible).await?)
            }
        })
        .await
}

/// What the people of these deals are called.
pub async fn names(app: &App, actor: &Actor, deals: &[Deal]) -> Result<HashMap<ContactId, String>, Fail> {
    actor.require(Right::ContactsRead)?;
    let mut contacts: Vec<ContactId> = deals.iter().map(|deal| deal.contact).collect();
    contacts.sort_unstable();
    contacts.dedup();
    app.store
        .read(actor.tenant, move |tx| {
            let contacts = contacts.clone();
            async move { Ok(store::names(&tx, &contacts).await?) }
        })
        .await
}

/// One deal.
pub async fn get(app: &App, actor: &Actor, id: DealId) -> Result<Deal, Fail> {
    actor.require(Right::ContactsRead)?;
    app.store
        .read(actor.tenant, move |tx| async move { store::load(&tx, id).await?.ok_or_else(|| not_found(id)) })
        .await
}

/// How a deal moved: up to `limit` moves, the youngest first, from `after` on.
pub async fn changes(
    app: &App,
    actor: &Actor,
    id: DealId,
    after: Option<ChangeId>,
    limit: u32,
) -> Result<Vec<Change>, Fail> {
    actor.require(Right::ContactsRead)?;
    let before = after.unwrap_or(ChangeId(i64::MAX));
    app.store
        .read(actor.tenant, move |tx| async move {
            store::load(&tx, id).await?.ok_or_else(|| not_found(id))?;
            Ok(store::changes(&tx, id, before, limit).await?)
        })
        .await
}

/// Makes a deal, once for its key.
pub async fn create(app: &App, actor: &Actor, new: NewDeal) -> Result<Deal, Fail> {
    actor.require(Right::ContactsWrite)?;
    let now = app.clock.now();
    let (services, actor_of_unit) = (app.clone(), actor.clone());
    let (deal, ready) = app
        .store
        .run(actor.tenant, contacts::unit_key(new.contact), move |tx| {
            let (app, actor, new) = (services.clone(), actor_of_unit.clone(), new.clone());
            async move { create_in(&app, &tx, &actor, new, now).await }
        })
        .await?;
    app.pipeline.send(app, ready);
    Ok(deal)
}

/// Changes what is said of a deal. With a `revision`, only if it still has it.
pub async fn update(
    app: &App,
    actor: &Actor,
    id: DealId,
    revision: Option<i64>,
    changes: DealChanges,
) -> Result<Deal, Fail> {
    actor.require(Right::ContactsWrite)?;
    let contact = get_contact(app, actor, id).await?;
    let now = app.clock.now();
    let (services, actor_of_unit) = (app.clone(), actor.clone());
    app.store
        .run(actor.tenant, contacts::unit_key(contact), move |tx| {
            let (app, actor, changes) = (services.clone(), actor_of_unit.clone(), changes.clone());
            async move {
                let before = store::load(&tx, id).await?.ok_or_else(|| not_found(id))?;
                if revision.is_some_and(|seen| seen != before.revision) {
                    return Err(tenants::changed_meanwhile(before.revision).into());
                }
                let mut deal = before.clone();
                if let Some(title) = &changes.title {
                    deal.title = rules::title(title)?;
                }
                if let Some(sum) = changes.sum {
                    rules::sum(sum)?;
                    deal.sum = sum;
                }
                if let Some(responsible) = changes.responsible {
                    deal.responsible = responsible;
                }
                if deal != before {
                    (deal.revision, deal.changed_at) = (before.revision + 1, now);
                    store::save(&tx, &deal, before.revision);
                    audit(
                        &tx,
                        &app,
                        &actor,
                        "deal.update",
                        id,
                        &json!({ "sum": deal.sum, "responsible": deal.responsible }),
                    );
                }
                Ok(deal)
            }
        })
        .await
}

/// Moves a deal to a stage of its pipeline, with all that follows for points, pieces and people. With a `revision`, only
/// if it still has it. Where it stands already nothing happens.
pub async fn move_to(
    app: &App,
    actor: &Actor,
    id: DealId,
    revision: Option<i64>,
    stage: &str,
    note: Option<String>,
) -> Result<Deal, Fail> {
    actor.require(Right::ContactsWrite)?;
    let contact = get_contact(app, actor, id).await?;
    let now = app.clock.now();
    let (services, actor_of_unit, stage) = (app.clone(), actor.clone(), stage.to_owned());
    let (deal, ready) = app
        .store
        .run(actor.tenant, contacts::unit_key(contact), move |tx| {
            let (app, actor) = (services.clone(), actor_of_unit.clone());
            let (stage, note) = (stage.clone(), note.clone());
            async move { move_in(&app, &tx, &actor, id, revision, &stage, note, now).await }
        })
        .await?;
    app.pipeline.send(app, ready);
    Ok(deal)
}

/// Inside a unit: takes the words out of a contact's deals, because the contact is erased. The deals stay.
pub(crate) async fn forget(tx: &Tx, contact: ContactId) -> Result<(), StoreError> {
    store::blank(tx, contact).await
}

/// Inside a unit: the deals with somebody go on with another contact, which took them in.
pub(crate) async fn pass_on(tx: &Tx, from: ContactId, to: ContactId) -> Result<(), StoreError> {
    store::pass_on(tx, from, to).await
}

/// With whom a deal is: the units that change it are the contact's.
async fn get_contact(app: &App, actor: &Actor, id: DealId) -> Result<ContactId, Fail> {
    app.store
        .read(actor.tenant, move |tx| async move {
            Ok(store::load(&tx, id).await?.ok_or_else(|| not_found(id))?.contact)
        })
        .await
}

fn no_pipeline(key: &str) -> Fail {
    Problem::not_found("воронка", "pipeline", key.escape_debug()).into()
}

fn not_found(id: DealId) -> Fail {
    Problem::not_found("сделка", "deal", id).into()
}

fn in_use(stage: &str) -> Problem {
    Problem::refused(
        "stage_in_use",
        format!("На стадии «{stage}» стоят сделки: сначала переведите их"),
        format!("There are deals at the stage “{stage}”: move them first"),
    )
    .at("pipeline.stages")
}
