//! Deals in the hands of the staff: who hears of an order, what waits, how it is closed.

use super::model::{Deal, DealId, ORDERS, Pipeline, StageKind};
use super::moves::{self, By};
use super::rules::StageNames;
use super::store;
use crate::access::{Actor, Right, Role};
use crate::app::App;
use crate::contacts::Contact;
use crate::loyalty::{self, Speech, Wording};
use crate::pipeline::Ready;
use crate::problem::{Fail, Problem};
use crate::{staff, tenants};
use samovar_base::Instant;
use samovar_base::message::Body;
use samovar_store::Tx;

/// Inside a unit: deals that wait to be done, orders before others, each pipeline by its stages, the oldest first.
pub(crate) async fn open_in(tx: &Tx, actor: &Actor, skip: u32, limit: u32) -> Result<Vec<Deal>, Fail> {
    actor.require(Right::ContactsRead)?;
    let wanted = skip.saturating_add(limit) as usize;
    let mut pipelines = store::pipelines(tx).await?;
    pipelines.sort_by_key(|pipeline| pipeline.key != ORDERS);
    let mut found = Vec::new();
    for pipeline in &pipelines {
        for stage in pipeline.fields.stages.iter().filter(|stage| stage.kind == StageKind::Open) {
            let missing = u32::try_from(wanted - found.len()).unwrap_or(limit);
            if missing == 0 {
                break;
            }
            found.extend(store::waiting(tx, pipeline.id, &stage.key, missing).await?);
        }
    }
    Ok(found.split_off((skip as usize).min(found.len())))
}

/// Inside a unit: a deal and the way it goes.
pub(crate) async fn look_in(tx: &Tx, actor: &Actor, id: DealId) -> Result<(Deal, Pipeline), Fail> {
    actor.require(Right::ContactsRead)?;
    let deal = store::load(tx, id).await?.ok_or_else(|| super::not_found(id))?;
    let pipeline = store::pipeline_by_id(tx, deal.pipeline).await?;
    let pipeline = pipeline.ok_or_else(|| super::no_pipeline(&deal.pipeline.to_string()))?;
    Ok((deal, pipeline))
}

/// Inside a unit: closes an open deal that still has that revision, for good or for bad. One that somebody closed
/// meanwhile stays as it is.
#[allow(clippy::too_many_arguments, reason = "what the verb takes, and the unit")]
pub(crate) async fn close_in(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    id: DealId,
    revision: i64,
    kind: StageKind,
    note: Option<String>,
    now: Instant,
) -> Result<(Deal, Vec<Ready>), Fail> {
    actor.require(Right::ContactsWrite)?;
    let (_, pipeline) = look_in(tx, actor, id).await?;
    let stage = pipeline.first(kind).ok_or_else(|| super::rules::no_stage(kind.name()))?;
    moves::move_in(app, tx, actor, id, Some(revision), &stage.key, note, now).await
}

/// Tells those of the staff who may move deals that there is an order.
pub(super) async fn tell_staff(
    app: &App,
    tx: &Tx,
    by: &By,
    deal: &Deal,
    pipeline: &Pipeline,
    person: &Contact,
) -> Result<Vec<Ready>, Fail> {
    let tenant =
        tenants::load(tx).await?.ok_or_else(|| Problem::not_found("компания", "company", tx.tenant()))?;
    let roles: Vec<Role> =
        Role::ALL.iter().copied().filter(|role| role.rights().has(Right::ContactsWrite)).collect();
    let units = loyalty::current(app, tx).await?.units.clone();
    let zone = tenant.time_zone();
    let speech = Speech { units: &units, locale: &tenant.locale, zone: &zone };
    let usual = ordered();
    let stage = pipeline.stage(&deal.stage).map(|stage| stage.name.text(&tenant.locale).to_owned());
    let names = StageNames {
        title: deal.title.clone(),
        stage: stage.unwrap_or_default(),
        points: deal.points.0,
        name: person.name.clone(),
        business: tenant.name.clone(),
        ..StageNames::default()
    };
    let text = speech.render(pipeline.fields.tells_staff.as_ref().unwrap_or(&usual), &names);
    staff::tell(app, tx, &roles, &Body::text(text), &by.cause).await
}

/// What the staff reads of a new order, unless the pipeline says otherwise.
fn ordered() -> Wording {
    Wording::new(
        "Новый заказ: «{{ title }}».\n\
         {% if name %}Клиент: {{ name }}{% else %}Клиент без имени{% endif %}\
         {% if points %}, отложено {{ points|points }}{% endif %}.\n\
         Чтобы выполнить или отказать, напишите «заказы».",
        "A new order: “{{ title }}”.\n\
         {% if name %}Customer: {{ name }}{% else %}A customer without a name{% endif %}\
         {% if points %}, {{ points|points }} set aside{% endif %}.\n\
         To complete or refuse it, write “orders”.",
    )
}
