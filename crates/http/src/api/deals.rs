//! Deals, and orders from the catalogue.

use super::pipelines::stage_kind;
use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Change, Json, Path, Query};
use crate::idempotency::IdempotencyKey;
use crate::page::{Page, PageQuery, Paging};
use axum::extract::State;
use samovar_app::App;
use samovar_app::deals::{self, DealChanges, DealFilter, DealId, NewDeal, OrderState, Source, StageKind};
use samovar_app::problem::Problem;
use samovar_base::{ContactId, Instant, StaffId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Deals, orders.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_deals, create_deal))
        .routes(routes!(list_stage_totals))
        .routes(routes!(get_deal, update_deal))
        .routes(routes!(move_deal))
        .routes(routes!(list_deal_changes))
        .routes(routes!(order_item))
}

/// A deal.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "dea_00fs4w8m5xv1g", "contact_id": "con_00fs4w8m5xv1g",
    "contact_name": "Анна", "pipeline_id": "pip_00fs4w8m5xv1g", "stage": "new",
    "kind": "open", "title": "Круассан", "sum": 18000, "source": "order", "points": 90, "accrued": 0, "revision": 1,
    "items": [{ "key": "croissant", "name": "Круассан", "quantity": 1, "weight": 0 }],
    "order": { "state": "open", "until": "2026-12-05T10:00:00Z" },
    "created_at": "2026-11-21T10:00:00Z", "changed_at": "2026-11-21T10:00:00Z"
}))]
pub struct Deal {
    /// Id.
    pub id: String,
    /// With whom.
    pub contact_id: String,
    /// What they are called; in lists only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_name: Option<String>,
    /// Which way it goes.
    pub pipeline_id: String,
    /// Where it stands.
    pub stage: String,
    /// What that means.
    #[schema(schema_with = stage_kind)]
    pub kind: StageKind,
    /// For people.
    pub title: String,
    /// In kopecks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sum: Option<i64>,
    /// What it is about, as it was when the deal was made.
    pub items: Vec<DealItem>,
    /// Where it comes from.
    #[schema(schema_with = source)]
    pub source: Source,
    /// Who cares for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub responsible_id: Option<String>,
    /// Points that it costs: an order's.
    pub points: i64,
    /// Points that success gave and nobody took back.
    pub accrued: i64,
    /// The order that it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<DealOrder>,
    /// Grows with every change.
    pub revision: i64,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Instant,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub changed_at: Instant,
}

/// What a deal is about.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "key": "croissant", "name": "Круассан", "quantity": 1, "weight": 0 }))]
pub struct DealItem {
    /// Short name in the catalogue.
    pub key: String,
    /// What it was called.
    pub name: String,
    /// Pieces.
    pub quantity: u32,
    /// Points that each earns.
    pub weight: i64,
}

/// Where the order of a deal stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "state": "open", "hold_id": "hld_00fs4w8m5xv1k", "until": "2026-12-05T10:00:00Z" }))]
pub struct DealOrder {
    /// `open`: points and pieces are set aside; `done`; `refused` and `expired`: they went back; `refunded`.
    #[schema(schema_with = order_state)]
    pub state: OrderState,
    /// The points that are or were set aside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold_id: Option<String>,
    /// Then an open order is refused by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Instant>,
}

/// What stands at a stage.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "stage": "new", "deals": 14, "sum": 4_200_000 }))]
pub struct StageTotal {
    /// Short name of the stage.
    pub stage: String,
    /// How many deals.
    pub deals: i64,
    /// Their sums together, in kopecks.
    pub sum: i64,
}

/// Whose deals are counted.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TotalsQuery {
    /// stf_…: only those that this person cares for.
    pub responsible_id: Option<String>,
}

/// A deal to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "contact_id": "con_00fs4w8m5xv1g", "title": "Стрижка", "items": [{ "key": "haircut" }] }))]
pub struct NewDealBody {
    /// With whom.
    pub contact_id: String,
    /// For people; 1 to 120 characters.
    pub title: String,
    /// Short name of the pipeline; `main` when absent.
    #[serde(default)]
    pub pipeline: Option<String>,
    /// An open stage; the first one when absent.
    #[serde(default)]
    pub stage: Option<String>,
    /// In kopecks.
    #[serde(default)]
    pub sum: Option<i64>,
    /// What it is about.
    #[serde(default)]
    pub items: Vec<Pieces>,
    /// Who cares for it: stf_….
    #[serde(default)]
    pub responsible_id: Option<String>,
}

/// Pieces of an item of the catalogue.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DealPieces, example = json!({ "key": "haircut", "quantity": 1 }))]
pub struct Pieces {
    /// Short name in the catalogue.
    pub key: String,
    /// 1 when absent.
    #[serde(default = "one")]
    #[schema(minimum = 1, maximum = 1_000)]
    pub quantity: u32,
}

/// What to change; absent leaves as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "sum": 300000 }))]
pub struct DealPatch {
    /// Refused when the deal has another revision by now.
    #[serde(default)]
    pub revision: Option<i64>,
    /// Title.
    #[serde(default)]
    pub title: Option<String>,
    /// In kopecks; null is none.
    #[serde(default)]
    #[schema(value_type = Option<i64>)]
    pub sum: Change<i64>,
    /// stf_…; null is nobody.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub responsible_id: Change<String>,
}

/// Where to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "stage": "done", "note": "Выдано" }))]
pub struct Move {
    /// Short name of a stage of the deal's pipeline.
    pub stage: String,
    /// For the history; at most 500 characters.
    #[serde(default)]
    pub note: Option<String>,
    /// Refused when the deal has another revision by now.
    #[serde(default)]
    pub revision: Option<i64>,
}

/// A move of a deal.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "dch_00fs4w8m5xv1g", "at": "2026-11-21T10:00:00Z", "was": "new", "stage": "done",
    "actor": "stf_00fs4w8m5xv1q", "note": "Выдано"
}))]
pub struct DealChange {
    /// Id.
    pub id: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    /// From which stage; absent: it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub was: Option<String>,
    /// To which.
    pub stage: String,
    /// Who: an id of staff, key or contact, `setup`, `system`.
    pub actor: String,
    /// In their words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Which deals.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DealQuery {
    /// Short name of the pipeline.
    pub pipeline: Option<String>,
    /// Short name of the stage.
    pub stage: Option<String>,
    /// `open`, `success` or `failure`.
    pub kind: Option<String>,
    /// con_….
    pub contact_id: Option<String>,
    /// stf_….
    pub responsible_id: Option<String>,
    /// The `next` of the page before.
    pub after: Option<String>,
    /// From 1 to 200; 50 when absent.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

/// List deals
///
/// The youngest first. Needs the right `contacts_read`.
#[utoipa::path(
    get, path = "/deals", tag = "deals", params(DealQuery),
    responses((status = 200, description = "A page of deals", body = Page<Deal>))
)]
async fn list_deals(
    State(app): State<App>,
    Signed(actor): Signed,
    Query(asked): Query<DealQuery>,
) -> Result<Json<Page<Deal>>, Error> {
    let paging = Paging::try_from(PageQuery { after: asked.after, limit: asked.limit })?;
    let kind =
        asked.kind.map(|kind| StageKind::from_name(&kind).ok_or_else(|| malformed("kind"))).transpose()?;
    let filter = DealFilter {
        pipeline: asked.pipeline,
        stage: asked.stage,
        kind,
        contact: asked.contact_id.map(|id| read("contact_id", &id)).transpose()?,
        responsible: asked.responsible_id.map(|id| read("responsible_id", &id)).transpose()?,
    };
    let found = deals::list(&app, &actor, &filter, paging.after()?, paging.to_read()).await?;
    let names = deals::names(&app, &actor, &found).await?;
    let named = |deal: deals::Deal| {
        let contact_name = names.get(&deal.contact).cloned();
        Deal { contact_name, ..deal.into() }
    };
    Ok(Json(Page::cut(found, paging.limit, |deal| deal.id).map(named)))
}

/// Count deals by stage
///
/// How many stand at each stage of a pipeline and what they are worth together; stages without deals are absent. Needs
/// the right `contacts_read`.
#[utoipa::path(
    get, path = "/pipelines/{key}/totals", tag = "deals", params(("key" = String, Path, description = "Short name"), TotalsQuery),
    responses((status = 200, description = "Stages at which deals stand", body = Vec<StageTotal>))
)]
async fn list_stage_totals(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(key): Path<String>,
    Query(asked): Query<TotalsQuery>,
) -> Result<Json<Vec<StageTotal>>, Error> {
    let responsible = asked.responsible_id.map(|id| read("responsible_id", &id)).transpose()?;
    let totals = deals::totals(&app, &actor, &key, responsible).await?;
    let total = |deals::StageTotal { stage, deals, sum }| StageTotal { stage, deals, sum };
    Ok(Json(totals.into_iter().map(total).collect()))
}

/// Make a deal
///
/// `Idempotency-Key` is required: the same key is the same deal for ever. Needs the right `contacts_write`.
#[utoipa::path(
    post, path = "/deals", tag = "deals", params(("Idempotency-Key" = String, Header, description = "Yours")),
    request_body = NewDealBody, responses((status = 200, description = "The deal", body = Deal))
)]
async fn create_deal(
    State(app): State<App>,
    Signed(actor): Signed,
    IdempotencyKey(key): IdempotencyKey,
    Json(new): Json<NewDealBody>,
) -> Result<Json<Deal>, Error> {
    let new = NewDeal {
        contact: read::<ContactId>("contact_id", &new.contact_id)?,
        pipeline: new.pipeline,
        stage: new.stage,
        title: new.title,
        sum: new.sum,
        items: new.items.into_iter().map(|pieces| (pieces.key, pieces.quantity)).collect(),
        source: Source::Api,
        responsible: new.responsible_id.map(|id| read::<StaffId>("responsible_id", &id)).transpose()?,
        key: format!("request:{key}"),
    };
    Ok(Json(deals::create(&app, &actor, new).await?.into()))
}

/// Read a deal
///
/// Needs the right `contacts_read`.
#[utoipa::path(
    get, path = "/deals/{id}", tag = "deals", params(("id" = String, Path, description = "dea_…")),
    responses((status = 200, description = "The deal", body = Deal))
)]
async fn get_deal(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<DealId>,
) -> Result<Json<Deal>, Error> {
    Ok(Json(deals::get(&app, &actor, id).await?.into()))
}

/// Change a deal
///
/// Needs the right `contacts_write`.
#[utoipa::path(
    patch, path = "/deals/{id}", tag = "deals", params(("id" = String, Path, description = "dea_…")),
    request_body = DealPatch, responses((status = 200, description = "The deal as it is now", body = Deal))
)]
async fn update_deal(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<DealId>,
    Json(patch): Json<DealPatch>,
) -> Result<Json<Deal>, Error> {
    let responsible = patch.responsible_id.into_option();
    let responsible =
        responsible.map(|id| id.map(|id| read::<StaffId>("responsible_id", &id)).transpose()).transpose()?;
    let changes = DealChanges { title: patch.title, sum: patch.sum.into_option(), responsible };
    Ok(Json(deals::update(&app, &actor, id, patch.revision, changes).await?.into()))
}

/// Move a deal
///
/// To a stage of its pipeline. Success pays an order with the points that were set aside and gives the points of the
/// pipeline's rule, once; failure sets them free, and after a success takes back what it gave, if the pipeline says so.
/// The customer is told what the stage tells. Where it stands already nothing happens. Needs the right
/// `contacts_write`.
#[utoipa::path(
    post, path = "/deals/{id}/stage", tag = "deals", params(("id" = String, Path, description = "dea_…")),
    request_body = Move, responses((status = 200, description = "The deal as it is now", body = Deal))
)]
async fn move_deal(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<DealId>,
    Json(to): Json<Move>,
) -> Result<Json<Deal>, Error> {
    Ok(Json(deals::move_to(&app, &actor, id, to.revision, &to.stage, to.note).await?.into()))
}

/// List the moves of a deal
///
/// The youngest first. Needs the right `contacts_read`.
#[utoipa::path(
    get, path = "/deals/{id}/history", tag = "deals",
    params(("id" = String, Path, description = "dea_…"), PageQuery),
    responses((status = 200, description = "A page of moves", body = Page<DealChange>))
)]
async fn list_deal_changes(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<DealId>,
    paging: Paging,
) -> Result<Json<Page<DealChange>>, Error> {
    let changes = deals::changes(&app, &actor, id, paging.after()?, paging.to_read()).await?;
    Ok(Json(Page::cut(changes, paging.limit, |change| change.id).map(DealChange::from)))
}

/// Order from the catalogue
///
/// In a contact's name: points and pieces are set aside and a deal is made in the pipeline `orders`, all or nothing.
/// Refusals: `not_offered`, `sold_out`, `person_limit`, `not_enough_points`. `Idempotency-Key` is required: the same key
/// is the same order for ever. Needs the right `points_write`.
#[utoipa::path(
    post, path = "/contacts/{id}/orders", tag = "deals",
    params(("id" = String, Path, description = "con_…"), ("Idempotency-Key" = String, Header, description = "Yours")),
    request_body = Pieces, responses((status = 200, description = "The deal", body = Deal))
)]
async fn order_item(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ContactId>,
    IdempotencyKey(key): IdempotencyKey,
    Json(wanted): Json<Pieces>,
) -> Result<Json<Deal>, Error> {
    Ok(Json(deals::order(&app, &actor, id, &wanted.key, wanted.quantity, key).await?.into()))
}

fn read<T: std::str::FromStr>(field: &str, text: &str) -> Result<T, Error> {
    text.parse().map_err(|_| malformed(field).into())
}

fn malformed(field: &str) -> Problem {
    Problem::invalid(field, "wrong_value", "Значение не подходит", "The value does not fit")
}

fn one() -> u32 {
    1
}

impl From<deals::Deal> for Deal {
    fn from(deal: deals::Deal) -> Self {
        let item = |item: deals::DealItem| DealItem {
            key: item.key,
            name: item.name,
            quantity: item.quantity,
            weight: item.weight.0,
        };
        Self {
            id: deal.id.to_string(),
            contact_id: deal.contact.to_string(),
            contact_name: None,
            pipeline_id: deal.pipeline.to_string(),
            stage: deal.stage,
            kind: deal.kind,
            title: deal.title,
            sum: deal.sum,
            items: deal.items.into_iter().map(item).collect(),
            source: deal.source,
            responsible_id: deal.responsible.map(|id| id.to_string()),
            points: deal.points.0,
            accrued: deal.accrued.0,
            order: deal.order.map(|order| DealOrder {
                state: order.state,
                hold_id: order.hold.map(|id| id.to_string()),
                until: order.until,
            }),
            revision: deal.revision,
            created_at: deal.created_at,
            changed_at: deal.changed_at,
        }
    }
}

impl From<deals::Change> for DealChange {
    fn from(change: deals::Change) -> Self {
        let deals::Change { id, at, was, stage, actor, note } = change;
        Self { id: id.to_string(), at, was, stage, actor, note }
    }
}

fn source() -> utoipa::openapi::schema::Object {
    super::word_of(&["registration", "order", "scenario", "staff", "api"])
}

fn order_state() -> utoipa::openapi::schema::Object {
    super::word_of(&["open", "done", "refused", "expired", "refunded"])
}
