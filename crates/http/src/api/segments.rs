//! Segments, and who belongs to an audience.

use super::contacts::Contact;
use super::shapes;
use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Json, Path};
use crate::page::{Page, PageQuery, Paging};
use axum::extract::State;
use axum::http::StatusCode;
use samovar_app::App;
use samovar_app::segments::{self, Audience, FIELDS, SegmentId};
use samovar_base::Instant;
use samovar_engine::Condition;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Segments and audiences.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_segments, create_segment))
        .routes(routes!(get_segment, update_segment, delete_segment))
        .routes(routes!(list_segment_fields))
        .routes(routes!(count_audience))
        .routes(routes!(list_audience))
}

/// A condition with a name.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "seg_00fs4w8m5xv1g", "name": "Давно не были",
    "condition": { "all": [
        { "field": "contact.last_seen_at", "op": "older_than_days", "value": 60 },
        { "field": "loyalty.available", "op": "ge", "value": 100 }
    ] },
    "revision": 1, "created_at": "2026-11-21T09:00:00Z", "updated_at": "2026-11-21T09:00:00Z"
}))]
pub struct Segment {
    /// Id.
    pub id: String,
    /// As staff call it.
    pub name: String,
    /// Who belongs to it.
    #[schema(value_type = shapes::Condition)]
    pub condition: Condition,
    /// Grows with every change.
    pub revision: i64,
    /// When made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Instant,
    /// When last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Instant,
}

/// A segment to be saved.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "Постоянные", "condition": { "field": "contact.tags", "op": "contains", "value": "vip" } }))]
pub struct NewSegment {
    /// 1 to 100 characters, unique.
    pub name: String,
    /// Who belongs to it.
    #[schema(value_type = shapes::Condition)]
    pub condition: Condition,
}

/// What to change of a segment.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "revision": 1, "name": "Постоянные гости" }))]
pub struct SegmentChanges {
    /// Refused when the segment has another revision by now.
    #[serde(default)]
    pub revision: Option<i64>,
    /// New name.
    #[serde(default)]
    pub name: Option<String>,
    /// New condition.
    #[serde(default)]
    #[schema(value_type = Option<shapes::Condition>)]
    pub condition: Option<Condition>,
}

/// Whom something goes to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "audience": { "to": "segment", "segment": "seg_00fs4w8m5xv1g" } }))]
pub struct AudienceQuery {
    /// Whom.
    #[schema(value_type = shapes::Audience)]
    pub audience: Audience,
}

/// How many.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "contacts": 1207 }))]
pub struct AudienceCount {
    /// Contacts that belong to it now.
    pub contacts: i64,
}

/// What conditions may ask about.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "field": "loyalty.balance", "kind": "points", "ru": "баланс вместе с резервом", "en": "balance, held points included",
    "operators": ["eq", "ne", "lt", "le", "gt", "ge", "in", "set", "unset"]
}))]
pub struct SegmentField {
    /// Its name in conditions.
    pub field: &'static str,
    /// What it holds: `text`, `flag`, `date`, `moment` (a day of it is compared), `points`, `list`, `yearly` (a day that
    /// comes round).
    pub kind: &'static str,
    /// In Russian.
    pub ru: &'static str,
    /// In English.
    pub en: &'static str,
    /// How it may be compared.
    pub operators: Vec<&'static str>,
}

/// All fields.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "fields": [
    { "field": "contact.tags", "kind": "list", "ru": "метки", "en": "tags", "operators": ["contains", "set", "unset"] }
] }))]
pub struct SegmentFields {
    /// Beside them `contact.fields.<name>`, the company's own.
    pub fields: Vec<SegmentField>,
}

/// List segments
///
/// The youngest first. Needs the right `contacts_read`.
#[utoipa::path(
    get, path = "/segments", tag = "segments", params(PageQuery),
    responses((status = 200, description = "A page of segments", body = Page<Segment>))
)]
async fn list_segments(
    State(app): State<App>,
    Signed(actor): Signed,
    paging: Paging,
) -> Result<Json<Page<Segment>>, Error> {
    let found = segments::list(&app, &actor, paging.after()?, paging.to_read()).await?;
    Ok(Json(Page::cut(found, paging.limit, |segment| segment.id).map(Segment::from)))
}

/// Save a segment
///
/// Who belongs to it is asked of the tables each time. Everything wrong with the condition is told by the path of the
/// part. Needs the right `segments_write`.
#[utoipa::path(
    post, path = "/segments", tag = "segments", request_body = NewSegment,
    responses((status = 201, description = "The segment", body = Segment))
)]
async fn create_segment(
    State(app): State<App>,
    Signed(actor): Signed,
    Json(new): Json<NewSegment>,
) -> Result<(StatusCode, Json<Segment>), Error> {
    let made = segments::create(&app, &actor, &new.name, new.condition).await?;
    Ok((StatusCode::CREATED, Json(made.into())))
}

/// Read a segment
///
/// Needs the right `contacts_read`.
#[utoipa::path(
    get, path = "/segments/{id}", tag = "segments", params(("id" = String, Path, description = "seg_…")),
    responses((status = 200, description = "The segment", body = Segment))
)]
async fn get_segment(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<SegmentId>,
) -> Result<Json<Segment>, Error> {
    Ok(Json(segments::get(&app, &actor, id).await?.into()))
}

/// Change a segment
///
/// What is absent stays as it is. Runs that were started keep the condition they were started with. Needs the right
/// `segments_write`.
#[utoipa::path(
    patch, path = "/segments/{id}", tag = "segments", params(("id" = String, Path, description = "seg_…")),
    request_body = SegmentChanges, responses((status = 200, description = "The segment as it is now", body = Segment))
)]
async fn update_segment(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<SegmentId>,
    Json(changes): Json<SegmentChanges>,
) -> Result<Json<Segment>, Error> {
    let SegmentChanges { revision, name, condition } = changes;
    Ok(Json(segments::update(&app, &actor, id, revision, name.as_deref(), condition).await?.into()))
}

/// Delete a segment
///
/// What was done for it stays done. Needs the right `segments_write`.
#[utoipa::path(
    delete, path = "/segments/{id}", tag = "segments", params(("id" = String, Path, description = "seg_…")),
    responses((status = 204, description = "It is gone"))
)]
async fn delete_segment(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<SegmentId>,
) -> Result<StatusCode, Error> {
    segments::remove(&app, &actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List the fields of conditions
///
/// With the operators that each of them knows. Needs the right `contacts_read`.
#[utoipa::path(
    get, path = "/segments/fields", tag = "segments",
    responses((status = 200, description = "The fields", body = SegmentFields))
)]
async fn list_segment_fields(Signed(actor): Signed) -> Result<Json<SegmentFields>, Error> {
    actor.require(samovar_app::access::Right::ContactsRead)?;
    let fields = FIELDS
        .iter()
        .map(|(field, kind, ru, en)| SegmentField {
            field,
            kind: kind.name(),
            ru,
            en,
            operators: kind.operators().iter().map(|op| op.name()).collect(),
        })
        .collect();
    Ok(Json(SegmentFields { fields }))
}

/// Count an audience
///
/// How many belong to it now. Needs the right `contacts_read`.
#[utoipa::path(
    post, path = "/audiences/count", tag = "segments", request_body = AudienceQuery,
    responses((status = 200, description = "How many", body = AudienceCount))
)]
async fn count_audience(
    State(app): State<App>,
    Signed(actor): Signed,
    Json(asked): Json<AudienceQuery>,
) -> Result<Json<AudienceCount>, Error> {
    Ok(Json(AudienceCount { contacts: segments::count(&app, &actor, &asked.audience).await? }))
}

/// List an audience
///
/// Who belongs to it now, in the order of ids. Needs the right `contacts_read`.
#[utoipa::path(
    post, path = "/audiences/list", tag = "segments", params(PageQuery), request_body = AudienceQuery,
    responses((status = 200, description = "A page of contacts", body = Page<Contact>))
)]
async fn list_audience(
    State(app): State<App>,
    Signed(actor): Signed,
    paging: Paging,
    Json(asked): Json<AudienceQuery>,
) -> Result<Json<Page<Contact>>, Error> {
    let found = segments::members(&app, &actor, &asked.audience, paging.after()?, paging.to_read()).await?;
    let page = Page::cut(found, paging.limit, |contact| contact.id);
    Ok(Json(page.map(|contact| Contact::seen_by(&actor, contact))))
}

impl From<segments::Segment> for Segment {
    fn from(segment: segments::Segment) -> Self {
        Self {
            id: segment.id.to_string(),
            name: segment.name,
            condition: segment.condition,
            revision: segment.revision,
            created_at: segment.created_at,
            updated_at: segment.updated_at,
        }
    }
}
