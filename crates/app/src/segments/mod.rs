//! Segments: conditions with names, and whom mass work goes to.
//!
//! A segment is not a list: who belongs to it is asked of the tables each time. Its condition is the tree that
//! scenarios branch by, translated to SQL in one place. What it may ask about is [`FIELDS`].

pub mod audience;
mod model;
mod narrow;
mod rules;
pub mod search;
mod sql;
mod store;
mod walk;

pub use audience::Audience;
pub(crate) use audience::among;
pub use model::{FIELDS, FieldKind, Segment, SegmentId};
pub use rules::{Known, NAME_MAX, facts, next_birthday};
pub use sql::{COMPARISONS_MAX, DEPTH_MAX};

use crate::access::{Actor, Right, audit};
use crate::app::App;
use crate::contacts::Contact;
use crate::problem::{Fail, Kind, Problem};
use crate::tenants::{self, changed_meanwhile};
use samovar_base::ContactId;
use samovar_engine::Condition;
use samovar_store::{Tx, params};
use serde_json::json;

/// Segments of one company.
pub const SEGMENTS_MAX: i64 = 500;

/// One saved segment.
pub async fn get(app: &App, actor: &Actor, id: SegmentId) -> Result<Segment, Fail> {
    actor.require(Right::ContactsRead)?;
    app.store
        .read(actor.tenant, move |tx| async move { load(&tx, id).await?.ok_or_else(|| not_found(id)) })
        .await
}

/// Up to `limit` saved segments, the youngest first, from `before` on.
pub async fn list(
    app: &App,
    actor: &Actor,
    before: Option<SegmentId>,
    limit: u32,
) -> Result<Vec<Segment>, Fail> {
    actor.require(Right::ContactsRead)?;
    let before = before.unwrap_or(SegmentId(i64::MAX));
    app.store
        .read(actor.tenant, move |tx| async move {
            let rows = tx.all(&store::SEGMENTS, params![before, limit]).await?;
            Ok(rows.iter().map(Segment::from_row).collect::<Result<_, _>>()?)
        })
        .await
}

/// Saves a segment under a new name.
pub async fn create(app: &App, actor: &Actor, name: &str, condition: Condition) -> Result<Segment, Fail> {
    actor.require(Right::SegmentsWrite)?;
    let now = app.clock.now();
    let segment = Segment {
        id: SegmentId::new(&app.ids, app.clock.as_ref()),
        name: rules::name(name)?,
        condition,
        revision: 1,
        created_at: now,
        updated_at: now,
    };
    let (services, actor_of_unit) = (app.clone(), actor.clone());
    app.store
        .run(actor.tenant, tenants::unit_key(actor.tenant), move |tx| {
            let (app, actor, segment) = (services.clone(), actor_of_unit.clone(), segment.clone());
            async move {
                check(&tx, &segment).await?;
                let count = tx.one(&store::SEGMENT_COUNT, ()).await?.map_or(Ok(0), |row| row.int(0))?;
                if count >= SEGMENTS_MAX {
                    return Err(too_many().into());
                }
                tx.put(
                    &store::SEGMENT_NEW,
                    params![segment.id, segment.name, document(&segment), 1_i64, now, now],
                );
                audit(&tx, &app, &actor, "segment.create", segment.id, &json!({ "name": segment.name }));
                Ok(segment)
            }
        })
        .await
}

/// Changes a segment; `None` leaves as it is. With a `revision`, only if it still has it.
pub async fn update(
    app: &App,
    actor: &Actor,
    id: SegmentId,
    revision: Option<i64>,
    name: Option<&str>,
    condition: Option<Condition>,
) -> Result<Segment, Fail> {
    actor.require(Right::SegmentsWrite)?;
    let now = app.clock.now();
    let name = name.map(rules::name).transpose()?;
    let (services, actor_of_unit) = (app.clone(), actor.clone());
    app.store
        .run(actor.tenant, tenants::unit_key(actor.tenant), move |tx| {
            let (app, actor, name, condition) =
                (services.clone(), actor_of_unit.clone(), name.clone(), condition.clone());
            async move {
                let before = load(&tx, id).await?.ok_or_else(|| not_found(id))?;
                if revision.is_some_and(|seen| seen != before.revision) {
                    return Err(changed_meanwhile(before.revision).into());
                }
                let after = Segment {
                    name: name.unwrap_or_else(|| before.name.clone()),
                    condition: condition.unwrap_or_else(|| before.condition.clone()),
                    ..before.clone()
                };
                if after == before {
                    return Ok(before);
                }
                check(&tx, &after).await?;
                let after = Segment { revision: before.revision + 1, updated_at: now, ..after };
                tx.put(
                    &store::SEGMENT_SAVE,
                    params![id, before.revision, after.revision, after.name, document(&after), now],
                );
                let data =
                    json!({ "before": before.condition, "after": after.condition, "name": after.name });
                audit(&tx, &app, &actor, "segment.update", id, &data);
                Ok(after)
            }
        })
        .await
}

/// Removes a segment; what was done for it stays done.
pub async fn remove(app: &App, actor: &Actor, id: SegmentId) -> Result<(), Fail> {
    actor.require(Right::SegmentsWrite)?;
    let (services, actor_of_unit) = (app.clone(), actor.clone());
    app.store
        .run(actor.tenant, tenants::unit_key(actor.tenant), move |tx| {
            let (app, actor) = (services.clone(), actor_of_unit.clone());
            async move {
                let segment = load(&tx, id).await?.ok_or_else(|| not_found(id))?;
                tx.put(&store::SEGMENT_GONE, params![id, segment.revision]);
                audit(&tx, &app, &actor, "segment.remove", id, &json!({ "name": segment.name }));
                Ok(())
            }
        })
        .await
}

/// How many an audience has now.
pub async fn count(app: &App, actor: &Actor, audience: &Audience) -> Result<i64, Fail> {
    actor.require(Right::ContactsRead)?;
    let (audience, now) = (audience.clone(), app.clock.now());
    app.store
        .read(actor.tenant, move |tx| {
            let audience = audience.clone();
            async move { audience::count(&tx, &audience, now).await }
        })
        .await
}

/// Up to `limit` of an audience in the order of ids, from `after` on.
pub async fn members(
    app: &App,
    actor: &Actor,
    audience: &Audience,
    after: Option<ContactId>,
    limit: u32,
) -> Result<Vec<Contact>, Fail> {
    actor.require(Right::ContactsRead)?;
    let (audience, now) = (audience.clone(), app.clock.now());
    app.store
        .read(actor.tenant, move |tx| {
            let audience = audience.clone();
            async move { audience::page(&tx, &audience, now, after, limit).await }
        })
        .await
}

/// Inside a unit: one saved segment.
pub async fn load(tx: &Tx, id: SegmentId) -> Result<Option<Segment>, Fail> {
    let row = tx.one(&store::SEGMENT, params![id]).await?;
    Ok(row.map(|row| Segment::from_row(&row)).transpose()?)
}

fn not_found(id: SegmentId) -> Fail {
    Problem::not_found("сегмент", "segment", id).into()
}

/// Refuses a name that another segment has, and a condition that cannot be asked.
async fn check(tx: &Tx, segment: &Segment) -> Result<(), Fail> {
    let named = tx.one(&store::NAMED, params![segment.name]).await?;
    let taken = named.map(|row| row.id::<SegmentId>(0)).transpose()?.is_some_and(|id| id != segment.id);
    if taken {
        let name = &segment.name;
        return Err(Problem::new(
            Kind::Conflict,
            "name_taken",
            format!("Сегмент «{name}» уже есть; назовите этот иначе"),
            format!("There is a segment “{name}” already; choose another name"),
        )
        .at("name")
        .into());
    }
    let audience = Audience::Condition { condition: segment.condition.clone() };
    audience::freeze(tx, audience, segment.updated_at).await.map(drop)
}

fn document(segment: &Segment) -> String {
    serde_json::to_string(&segment.condition).unwrap_or_default()
}

fn too_many() -> Problem {
    Problem::refused(
        "too_many",
        format!("Больше {SEGMENTS_MAX} сегментов нельзя; удалите ненужные"),
        format!("At most {SEGMENTS_MAX} segments are allowed; remove some"),
    )
}
