//! The catalogue of services and goods.

use super::loyalty::LoyaltyWording;
use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Change, Json, Path, Query};
use crate::page::{Page, PageQuery, Paging};
use axum::extract::State;
use samovar_app::App;
use samovar_app::catalogue::{self, CatalogueTexts, ItemFields, ItemFilter};
use samovar_base::Instant;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Items and what the screens say of them.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_items))
        .routes(routes!(get_item, put_item))
        .routes(routes!(add_stock))
        .routes(routes!(get_catalogue_texts, set_catalogue_texts))
}

/// A service or a thing.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "itm_00fs4w8m5xv1g", "key": "croissant", "revision": 2, "stock": 12, "created_at": "2026-11-21T10:00:00Z",
    "item": {
        "kind": "goods", "name": { "ru": "Круассан", "en": "Croissant" }, "points": 90, "money": 18000, "weight": 0,
        "per_person": { "count": 1, "days": 30 }, "active": true, "position": 10, "category": "bakery"
    }
}))]
pub struct Item {
    /// Id.
    pub id: String,
    /// Short name.
    pub key: String,
    /// Grows with every change of `item`; orders do not change it.
    pub revision: i64,
    /// Pieces that can be ordered now; absent is without end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stock: Option<i64>,
    /// What is said of it.
    #[schema(value_type = CatalogueItem)]
    pub item: ItemFields,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Instant,
}

/// An item as it should be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "revision": 0, "stock": 12,
    "item": { "kind": "goods", "name": { "ru": "Круассан", "en": "Croissant" }, "points": 90, "category": "bakery" }
}))]
pub struct NewItem {
    /// Refused when the item has another revision by now; 0 is one that is not there yet.
    #[serde(default)]
    pub revision: Option<i64>,
    /// Pieces that can be ordered from now on; null is without end, absent leaves them.
    #[serde(default)]
    #[schema(value_type = Option<i64>)]
    pub stock: Change<i64>,
    /// All of it: what is absent gets its default.
    #[schema(value_type = CatalogueItem)]
    pub item: ItemFields,
}

/// Pieces that came, or went otherwise.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "pieces": 20 }))]
pub struct Pieces {
    /// How many more; less than zero takes away.
    pub pieces: i64,
}

/// Which items.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ItemQuery {
    /// Only those that are shown, or only those that are not.
    pub active: Option<bool>,
    /// Only of this category.
    pub category: Option<String>,
    /// The `next` of the page before.
    pub after: Option<String>,
    /// From 1 to 200; 50 when absent.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

/// The texts and the number that guards their changes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "revision": 1, "texts": { "list": { "ru": "Что можно получить за баллы.", "en": "What you can get for points." } }
}))]
pub struct StoredCatalogueTexts {
    /// Grows with every change; zero while the defaults hold.
    pub revision: i64,
    /// What the screens say.
    #[schema(value_type = CatalogueSentences)]
    pub texts: CatalogueTexts,
}

/// Texts to take the place of the present ones.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "texts": { "list": { "ru": "Что можно получить за баллы.", "en": "What you can get for points." } }
}))]
pub struct NewCatalogueTexts {
    /// Refused when the texts have another revision by now.
    #[serde(default)]
    pub revision: Option<i64>,
    /// All of them: what is absent gets its default.
    #[schema(value_type = CatalogueSentences)]
    pub texts: CatalogueTexts,
}

/// List the catalogue
///
/// In the order of places, in which customers see it. Needs the right `points_read`.
#[utoipa::path(
    get, path = "/catalogue/items", tag = "catalogue", params(ItemQuery),
    responses((status = 200, description = "A page of items", body = Page<Item>))
)]
async fn list_items(
    State(app): State<App>,
    Signed(actor): Signed,
    Query(asked): Query<ItemQuery>,
) -> Result<Json<Page<Item>>, Error> {
    let paging = Paging::try_from(PageQuery { after: asked.after, limit: asked.limit })?;
    let filter = ItemFilter { active: asked.active, category: asked.category };
    let items = catalogue::list(&app, &actor, &filter, paging.after()?, paging.to_read()).await?;
    Ok(Json(Page::cut(items, paging.limit, catalogue::Item::place).map(Item::from)))
}

/// Read an item
///
/// Needs the right `points_read`.
#[utoipa::path(
    get, path = "/catalogue/items/{key}", tag = "catalogue",
    params(("key" = String, Path, description = "Short name")),
    responses((status = 200, description = "The item", body = Item))
)]
async fn get_item(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(key): Path<String>,
) -> Result<Json<Item>, Error> {
    Ok(Json(catalogue::get(&app, &actor, &key).await?.into()))
}

/// Put an item
///
/// Makes the item of a short name be so, new or not; everything wrong with it is told by field. An item is never
/// deleted: with `active` false it is shown and ordered no more. Deals keep what they were made with. Needs the right
/// `settings_manage`.
#[utoipa::path(
    put, path = "/catalogue/items/{key}", tag = "catalogue",
    params(("key" = String, Path, description = "Short name")), request_body = NewItem,
    responses((status = 200, description = "The item as it is now", body = Item))
)]
async fn put_item(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(key): Path<String>,
    Json(new): Json<NewItem>,
) -> Result<Json<Item>, Error> {
    let stock = new.stock.into_option();
    Ok(Json(catalogue::put(&app, &actor, &key, new.revision, new.item, stock).await?.0.into()))
}

/// Add to a stock
///
/// Exact however many are ordered meanwhile. Send an `Idempotency-Key`, so that a repeated request adds once. Needs the
/// right `settings_manage`.
#[utoipa::path(
    post, path = "/catalogue/items/{key}/stock", tag = "catalogue",
    params(("key" = String, Path, description = "Short name")), request_body = Pieces,
    responses((status = 200, description = "The item as it is now", body = Item))
)]
async fn add_stock(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(key): Path<String>,
    Json(added): Json<Pieces>,
) -> Result<Json<Item>, Error> {
    Ok(Json(catalogue::add_stock(&app, &actor, &key, added.pieces).await?.into()))
}

/// Read the texts of the catalogue
///
/// Needs the right `settings_read`.
#[utoipa::path(
    get, path = "/catalogue/texts", tag = "catalogue",
    responses((status = 200, description = "The texts", body = StoredCatalogueTexts))
)]
async fn get_catalogue_texts(
    State(app): State<App>,
    Signed(actor): Signed,
) -> Result<Json<StoredCatalogueTexts>, Error> {
    Ok(Json(catalogue::texts(&app, &actor).await?.into()))
}

/// Set the texts of the catalogue
///
/// Puts all texts in the place of the present ones; everything wrong with them is told by field. Needs the right
/// `settings_manage`.
#[utoipa::path(
    put, path = "/catalogue/texts", tag = "catalogue", request_body = NewCatalogueTexts,
    responses((status = 200, description = "The texts as they are now", body = StoredCatalogueTexts))
)]
async fn set_catalogue_texts(
    State(app): State<App>,
    Signed(actor): Signed,
    Json(new): Json<NewCatalogueTexts>,
) -> Result<Json<StoredCatalogueTexts>, Error> {
    Ok(Json(catalogue::set_texts(&app, &actor, new.revision, new.texts).await?.into()))
}

impl From<catalogue::Item> for Item {
    fn from(item: catalogue::Item) -> Self {
        Self {
            id: item.id.to_string(),
            key: item.key,
            revision: item.revision,
            stock: item.stock,
            item: item.fields,
            created_at: item.created_at,
        }
    }
}

impl From<catalogue::StoredTexts> for StoredCatalogueTexts {
    fn from(stored: catalogue::StoredTexts) -> Self {
        Self { revision: stored.revision, texts: stored.texts }
    }
}

// What the description says of values that are read and written by the app's own types.

/// What is said of an item.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "a description")]
struct CatalogueItem {
    /// `service` when absent.
    #[schema(schema_with = item_kind)]
    kind: Option<String>,
    /// 1 to 60 characters.
    name: LoyaltyWording,
    /// Up to 600 characters.
    description: Option<LoyaltyWording>,
    /// The key of a stored picture: `file/fil_…`.
    picture: Option<String>,
    /// For how many points it can be ordered; absent is not for points.
    #[schema(minimum = 1)]
    points: Option<i64>,
    /// What it costs in money, in kopecks.
    #[schema(minimum = 0)]
    money: Option<i64>,
    /// Points that are earned when it is sold.
    #[schema(minimum = 0)]
    weight: Option<i64>,
    /// How many one person may order.
    per_person: Option<PerPersonLimit>,
    /// Shown, and can be ordered; true when absent.
    active: Option<bool>,
    /// Its place in lists: smaller ones come first.
    position: Option<i64>,
    /// Screens can be told to show one category only.
    category: Option<String>,
}

/// How many pieces one person may order.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "a description")]
struct PerPersonLimit {
    /// Pieces.
    #[schema(minimum = 1)]
    count: u32,
    /// Within so many days; absent is ever.
    #[schema(minimum = 1)]
    days: Option<u32>,
}

/// Templates over `name`, `description`, `price`, `money`, `weight`, `stock`, `balance`, `left`, `missing`, `count`,
/// `days`, `business`, in both languages. Those of buttons have at most 40 characters.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "a description")]
struct CatalogueSentences {
    /// Above the list.
    list: Option<LoyaltyWording>,
    /// Instead of an empty list.
    empty: Option<LoyaltyWording>,
    /// On the button of an item in the list.
    label: Option<LoyaltyWording>,
    /// One item.
    item: Option<LoyaltyWording>,
    /// The question before an order.
    confirm: Option<LoyaltyWording>,
    /// Button: order.
    order: Option<LoyaltyWording>,
    /// Button: yes, order.
    yes: Option<LoyaltyWording>,
    /// Button: back to the list.
    back: Option<LoyaltyWording>,
    /// Too few points.
    poor: Option<LoyaltyWording>,
    /// None left.
    sold_out: Option<LoyaltyWording>,
    /// The person has had as many as one person may.
    limit: Option<LoyaltyWording>,
    /// Not offered any more.
    gone: Option<LoyaltyWording>,
}

fn item_kind() -> utoipa::openapi::schema::Object {
    super::word_of(&["service", "goods"])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use std::collections::BTreeSet;
    use utoipa::PartialSchema;

    fn described<T: PartialSchema>() -> BTreeSet<String> {
        let schema = serde_json::to_value(T::schema()).unwrap();
        schema["properties"].as_object().unwrap().keys().cloned().collect()
    }

    fn written(value: &Value) -> BTreeSet<String> {
        value.as_object().unwrap().keys().cloned().collect()
    }

    #[test]
    fn the_description_is_that_of_the_values() {
        let word = json!({ "ru": "а", "en": "a" });
        let full = json!({
            "name": word, "description": word, "picture": "file/fil_0000000000001", "points": 1, "money": 1,
            "per_person": { "count": 1, "days": 1 }, "category": "a"
        });
        let item: ItemFields = serde_json::from_value(full).unwrap();
        let item = serde_json::to_value(item).unwrap();
        assert_eq!(described::<CatalogueItem>(), written(&item));
        assert_eq!(described::<PerPersonLimit>(), written(&item["per_person"]));
        let texts = serde_json::to_value(CatalogueTexts::default()).unwrap();
        assert_eq!(described::<CatalogueSentences>(), written(&texts));
    }
}
