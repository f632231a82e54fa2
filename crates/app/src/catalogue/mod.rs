//! The catalogue: services and goods, what they cost in points and what is earned by them.
//!
//! An item is never deleted, only put away: deals name it. Its stock is what can be ordered now; an order takes pieces
//! out and a refused one puts them back, so that the number needs no counting.

mod model;
mod rules;
mod store;
#[cfg(test)]
mod tests;
pub mod words;

pub use model::{
    CatalogueTexts, Item, ItemFields, ItemFilter, ItemId, ItemKind, ItemPlace, PerPerson, StoredTexts,
};
pub use rules::{roubles, weight_of};

use crate::access::{Actor, Right, audit};
use crate::app::App;
use crate::loyalty;
use crate::problem::{Fail, Problem};
use crate::tenants;
use samovar_base::Instant;
use samovar_store::{StoreError, Tx};
use serde_json::json;

pub(crate) use store::page as page_in;

/// What became of an item that was put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// It is new.
    Created,
    /// It was different.
    Changed,
    /// It was so already.
    Kept,
}

/// Up to `limit` items in the order of their places, after `after`.
pub async fn list(
    app: &App,
    actor: &Actor,
    filter: &ItemFilter,
    after: Option<ItemPlace>,
    limit: u32,
) -> Result<Vec<Item>, Fail> {
    actor.require(Right::PointsRead)?;
    let filter = filter.clone();
    app.store
        .read(actor.tenant, move |tx| {
            let filter = filter.clone();
            async move { Ok(store::page(&tx, &filter, after, limit).await?) }
        })
        .await
}

/// The item of a short name.
pub async fn get(app: &App, actor: &Actor, key: &str) -> Result<Item, Fail> {
    actor.require(Right::PointsRead)?;
    let key = key.to_owned();
    app.store
        .read(actor.tenant, move |tx| {
            let key = key.clone();
            async move { store::find(&tx, &key).await?.ok_or_else(|| not_found(&key)) }
        })
        .await
}

/// Makes the item of a short name be so. With a `revision`, only if it still has it; 0 is an item that is not there
/// yet. `stock` sets the pieces that can be ordered now, `Some(None)` without end; `None` leaves them, and a new item
/// has no end. The same again changes nothing.
pub async fn put(
    app: &App,
    actor: &Actor,
    key: &str,
    revision: Option<i64>,
    fields: ItemFields,
    stock: Option<Option<i64>>,
) -> Result<(Item, Done), Fail> {
    actor.require(Right::SettingsManage)?;
    let now = app.clock.now();
    let (services, actor_of_unit, key) = (app.clone(), actor.clone(), key.to_owned());
    app.store
        .run(actor.tenant, tenants::unit_key(actor.tenant), move |tx| {
            let (app, actor) = (services.clone(), actor_of_unit.clone());
            let (key, fields) = (key.clone(), fields.clone());
            async move { put_in(&app, &tx, &actor, &key, revision, fields, stock, now).await }
        })
        .await
}

/// [`put`] inside a unit.
#[allow(clippy::too_many_arguments, reason = "what the verb takes, and the unit")]
pub(crate) async fn put_in(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    key: &str,
    revision: Option<i64>,
    fields: ItemFields,
    stock: Option<Option<i64>>,
    now: Instant,
) -> Result<(Item, Done), Fail> {
    actor.require(Right::SettingsManage)?;
    let mut problems = fields.problems();
    problems.extend(tenants::word("key", key).err());
    problems.extend(stock.flatten().and_then(rules::wrong_stock));
    if !problems.is_empty() {
        return Err(Fail::Problems(problems));
    }
    let before = store::find(tx, key).await?;
    let known = before.as_ref().map_or(0, |item| item.revision);
    if revision.is_some_and(|seen| seen != known) {
        return Err(tenants::changed_meanwhile(known).into());
    }
    let Some(before) = before else {
        let id = ItemId::new(&app.ids, app.clock.as_ref());
        let item =
            Item { id, key: key.to_owned(), fields, stock: stock.flatten(), revision: 1, created_at: now };
        store::insert(tx, &item);
        audit(
            tx,
            app,
            actor,
            "catalogue.create",
            &item.key,
            &json!({ "item": item.fields, "stock": item.stock }),
        );
        return Ok((item, Done::Created));
    };
    let mut item = Item { fields, ..before.clone() };
    let mut done = Done::Kept;
    if item.fields != before.fields {
        item.revision = before.revision + 1;
        store::save(tx, &item, before.revision);
        let data = json!({ "before": before.fields, "after": item.fields });
        audit(tx, app, actor, "catalogue.update", &item.key, &data);
        done = Done::Changed;
    }
    if let Some(stock) = stock.filter(|stock| *stock != before.stock) {
        store::set_stock(tx, item.id, stock).await?;
        let data = json!({ "before": before.stock, "after": stock });
        audit(tx, app, actor, "catalogue.stock", &item.key, &data);
        (item.stock, done) = (stock, Done::Changed);
    }
    Ok((item, done))
}

/// Adds pieces to the stock of an item, or takes some away: exact however many are ordered meanwhile.
pub async fn add_stock(app: &App, actor: &Actor, key: &str, pieces: i64) -> Result<Item, Fail> {
    actor.require(Right::SettingsManage)?;
    let (services, actor_of_unit, key) = (app.clone(), actor.clone(), key.to_owned());
    app.store
        .run(actor.tenant, tenants::unit_key(actor.tenant), move |tx| {
            let (app, actor, key) = (services.clone(), actor_of_unit.clone(), key.clone());
            async move {
                let mut item = store::find(&tx, &key).await?.ok_or_else(|| not_found(&key))?;
                let fits = pieces.checked_abs().is_some_and(|pieces| pieces <= rules::NUMBER_MAX);
                if item.stock.is_none() || !fits || !store::give(&tx, item.id, pieces).await? {
                    return Err(no_such_stock().into());
                }
                audit(&tx, &app, &actor, "catalogue.stock", &key, &json!({ "added": pieces }));
                item.stock = item.stock.map(|stock| stock + pieces);
                Ok(item)
            }
        })
        .await
}

/// What the screens say.
pub async fn texts(app: &App, actor: &Actor) -> Result<StoredTexts, Fail> {
    actor.require(Right::SettingsRead)?;
    app.store.read(actor.tenant, |tx| async move { Ok(store::texts(&tx).await?) }).await
}

/// Puts `texts` in the place of the company's. With a `revision`, only if they still have it.
pub async fn set_texts(
    app: &App,
    actor: &Actor,
    revision: Option<i64>,
    texts: CatalogueTexts,
) -> Result<StoredTexts, Fail> {
    actor.require(Right::SettingsManage)?;
    let now = app.clock.now();
    let (services, actor_of_unit) = (app.clone(), actor.clone());
    app.store
        .run(actor.tenant, tenants::unit_key(actor.tenant), move |tx| {
            let (app, actor, texts) = (services.clone(), actor_of_unit.clone(), texts.clone());
            async move {
                let problems = texts.problems(&loyalty::current(&app, &tx).await?.units);
                if !problems.is_empty() {
                    return Err(Fail::Problems(problems));
                }
                let before = store::texts(&tx).await?;
                if revision.is_some_and(|seen| seen != before.revision) {
                    return Err(tenants::changed_meanwhile(before.revision).into());
                }
                if before.revision > 0 && before.texts == texts {
                    return Ok(before);
                }
                let after = StoredTexts { texts, revision: before.revision + 1 };
                if !store::save_texts(&tx, &after.texts, after.revision, now).await? {
                    return Err(tenants::changed_meanwhile(after.revision).into());
                }
                let data = json!({ "before": before.texts, "after": after.texts });
                audit(&tx, &app, &actor, "catalogue.texts", actor.tenant, &data);
                Ok(after)
            }
        })
        .await
}

/// Inside a unit: an item by its short name.
pub(crate) async fn find(tx: &Tx, key: &str) -> Result<Option<Item>, StoreError> {
    store::find(tx, key).await
}

/// Inside a unit: takes pieces of an item that is offered; false when there are not so many.
pub(crate) async fn take(tx: &Tx, id: ItemId, pieces: u32) -> Result<bool, StoreError> {
    store::take(tx, id, i64::from(pieces)).await
}

/// Inside a unit: puts pieces back.
pub(crate) async fn give_back(tx: &Tx, id: ItemId, pieces: u32) -> Result<(), StoreError> {
    store::give(tx, id, i64::from(pieces)).await.map(drop)
}

/// There is no such item in this company.
pub(crate) fn not_found(key: &str) -> Fail {
    Problem::not_found("позиция каталога", "item of the catalogue", key.escape_debug()).into()
}

fn no_such_stock() -> Problem {
    Problem::refused(
        "stock_too_small",
        "Столько не отнять: запас не ведётся или он меньше",
        "So many cannot be taken away: the stock is not counted or is smaller",
    )
    .at("pieces")
}
