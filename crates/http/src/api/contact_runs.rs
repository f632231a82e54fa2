//! What is done to many contacts at once, and contacts that were made one.

use super::contacts::Contact;
use super::shapes;
use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Json, Path};
use crate::page::{Page, PageQuery, Paging};
use axum::extract::State;
use axum::http::StatusCode;
use samovar_app::App;
use samovar_app::contacts::{bulk, merge};
use samovar_app::segments::Audience;
use samovar_base::{ContactId, Instant};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Runs over contacts, and merges.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_contact_runs, start_contact_run))
        .routes(routes!(get_contact_run))
        .routes(routes!(cancel_contact_run))
        .routes(routes!(undo_contact_run))
        .routes(routes!(list_merges, merge_contact))
        .routes(routes!(preview_merge))
        .routes(routes!(undo_merge))
}

/// A tag for many.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "action": "tag", "tag": "весна", "audience": { "to": "segment", "segment": "seg_00fs4w8m5xv1g" } }))]
pub struct NewContactRun {
    /// `tag` gives it, `untag` takes it.
    #[schema(schema_with = actions)]
    pub action: bulk::Action,
    /// 1 to 64 characters.
    pub tag: String,
    /// To whom.
    #[schema(value_type = shapes::Audience)]
    pub audience: Audience,
}

/// A run over many contacts.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "blk_00fs4w8m5xv1g", "action": "tag", "tag": "весна", "audience": { "to": "all" }, "state": "running",
    "total": 12480, "seen": 4000, "changed": 3120, "undoes": null, "created_by": "stf_00fs4w8m5xv1g",
    "created_at": "2026-11-21T10:00:00Z", "finished_at": null
}))]
pub struct ContactRun {
    /// Id.
    pub id: String,
    /// What is done to each.
    #[schema(schema_with = actions)]
    pub action: bulk::Action,
    /// With which tag.
    pub tag: String,
    /// To whom, with the condition as it was at the start.
    #[schema(value_type = shapes::Audience)]
    pub audience: Audience,
    /// `running`, `done` or `cancelled`.
    #[schema(schema_with = states)]
    pub state: bulk::State,
    /// How many they were at the start.
    pub total: i64,
    /// Seen to so far.
    pub seen: i64,
    /// Changed so far; the others were so already.
    pub changed: i64,
    /// The run that this one undoes.
    pub undoes: Option<String>,
    /// Who began it.
    pub created_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Instant,
    /// When it was over.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub finished_at: Option<Instant>,
}

/// Who is taken in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "gone": "con_00fs4w8m5xv1g" }))]
pub struct NewMerge {
    /// The contact that is taken in, and is in no list any more.
    pub gone: ContactIdText,
}

/// The id of a contact.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String)]
pub struct ContactIdText(pub ContactId);

/// Two contacts that were made one.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "mrg_00fs4w8m5xv1g", "kept": "con_00fs4w8m5xv1g", "gone": "con_00fs4w8m5xv1h", "gone_name": "Анна К.",
    "points": 340, "made_by": "stf_00fs4w8m5xv1g", "made_at": "2026-11-21T10:00:00Z", "undone_at": null
}))]
pub struct ContactMerge {
    /// Id.
    pub id: String,
    /// Who goes on.
    pub kept: String,
    /// Who was taken in.
    pub gone: String,
    /// What they were called.
    pub gone_name: String,
    /// Points that came with them.
    pub points: i64,
    /// Who made it.
    pub made_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub made_at: Instant,
    /// When it was undone.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub undone_at: Option<Instant>,
}

/// What a merge would make.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "contact": {}, "points": 340, "deals": 2, "identities": 1, "problems": [] }))]
pub struct MergePreview {
    /// The contact that would go on, as it would be.
    pub contact: Contact,
    /// Points that would come.
    pub points: i64,
    /// Deals that would come.
    pub deals: u64,
    /// Chats that would come.
    pub identities: u64,
    /// What stands in the way; empty when nothing does.
    pub problems: Vec<MergeProblem>,
}

/// What stands in the way of a merge.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "code": "points_bound", "ru": "У второго клиента есть долг", "en": "The other contact has a debt" }))]
pub struct MergeProblem {
    /// Stable.
    pub code: String,
    /// In Russian.
    pub ru: String,
    /// In English.
    pub en: String,
}

/// Tag many contacts
///
/// Goes on by itself, chunk after chunk; read it to see how far it came. Needs the right `contacts_write`.
#[utoipa::path(
    post, path = "/contact-runs", tag = "contacts", request_body = NewContactRun,
    responses((status = 202, description = "The run", body = ContactRun))
)]
async fn start_contact_run(
    State(app): State<App>,
    Signed(actor): Signed,
    Json(new): Json<NewContactRun>,
) -> Result<(StatusCode, Json<ContactRun>), Error> {
    let run = bulk::start(&app, &actor, new.action, &new.tag, new.audience).await?;
    Ok((StatusCode::ACCEPTED, Json(run.into())))
}

/// List runs over contacts
///
/// The youngest first, undoings among them. Needs the right `contacts_read`.
#[utoipa::path(
    get, path = "/contact-runs", tag = "contacts", params(PageQuery),
    responses((status = 200, description = "A page of runs", body = Page<ContactRun>))
)]
async fn list_contact_runs(
    State(app): State<App>,
    Signed(actor): Signed,
    paging: Paging,
) -> Result<Json<Page<ContactRun>>, Error> {
    let found = bulk::list(&app, &actor, paging.after()?, paging.to_read()).await?;
    Ok(Json(Page::cut(found, paging.limit, |run| run.id).map(ContactRun::from)))
}

/// Read a run over contacts
///
/// With its progress. Needs the right `contacts_read`.
#[utoipa::path(
    get, path = "/contact-runs/{id}", tag = "contacts", params(("id" = String, Path, description = "blk_…")),
    responses((status = 200, description = "The run", body = ContactRun))
)]
async fn get_contact_run(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<bulk::BulkId>,
) -> Result<Json<ContactRun>, Error> {
    Ok(Json(bulk::get(&app, &actor, id).await?.into()))
}

/// Cancel a run over contacts
///
/// For ever; whom it changed stays changed until it is undone. Needs the right `contacts_write`.
#[utoipa::path(
    post, path = "/contact-runs/{id}/cancel", tag = "contacts", params(("id" = String, Path, description = "blk_…")),
    responses((status = 200, description = "The run", body = ContactRun))
)]
async fn cancel_contact_run(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<bulk::BulkId>,
) -> Result<Json<ContactRun>, Error> {
    Ok(Json(bulk::cancel(&app, &actor, id).await?.into()))
}

/// Undo a run over contacts
///
/// Those whom it changed are changed back, and nobody else. Only one that is over; asked again it is answered by the
/// undoing as it stands. Needs the right `contacts_write`.
#[utoipa::path(
    post, path = "/contact-runs/{id}/undo", tag = "contacts", params(("id" = String, Path, description = "blk_…")),
    responses((status = 200, description = "The undoing", body = ContactRun))
)]
async fn undo_contact_run(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<bulk::BulkId>,
) -> Result<Json<ContactRun>, Error> {
    Ok(Json(bulk::undo(&app, &actor, id).await?.into()))
}

/// List merges of a contact
///
/// In which it took others in, the youngest first, at most 50. Needs the right `contacts_read`.
#[utoipa::path(
    get, path = "/contacts/{id}/merges", tag = "contacts", params(("id" = String, Path, description = "con_…")),
    responses((status = 200, description = "Merges", body = Vec<ContactMerge>))
)]
async fn list_merges(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ContactId>,
) -> Result<Json<Vec<ContactMerge>>, Error> {
    Ok(Json(merge::list(&app, &actor, id).await?.into_iter().map(ContactMerge::from).collect()))
}

/// Merge contacts
///
/// The contact of the address goes on and takes the other in: chats, points with their terms, card, tags, fields, deals,
/// consents. Can be undone while nobody changed it since. Needs the rights `contacts_write` and `points_write`.
#[utoipa::path(
    post, path = "/contacts/{id}/merges", tag = "contacts", params(("id" = String, Path, description = "con_…")),
    request_body = NewMerge, responses((status = 201, description = "The merge", body = ContactMerge))
)]
async fn merge_contact(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ContactId>,
    Json(new): Json<NewMerge>,
) -> Result<(StatusCode, Json<ContactMerge>), Error> {
    let made = merge::merge(&app, &actor, id, new.gone.0).await?;
    Ok((StatusCode::CREATED, Json(made.into())))
}

/// Preview a merge
///
/// What it would make; changes nothing. Needs the right `contacts_write`.
#[utoipa::path(
    post, path = "/contacts/{id}/merges/preview", tag = "contacts",
    params(("id" = String, Path, description = "con_…")), request_body = NewMerge,
    responses((status = 200, description = "What it would make", body = MergePreview))
)]
async fn preview_merge(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ContactId>,
    Json(new): Json<NewMerge>,
) -> Result<Json<MergePreview>, Error> {
    let seen = merge::preview(&app, &actor, id, new.gone.0).await?;
    let problem = |problem: samovar_app::problem::Problem| MergeProblem {
        code: problem.code.to_owned(),
        ru: problem.ru,
        en: problem.en,
    };
    Ok(Json(MergePreview {
        contact: Contact::seen_by(&actor, seen.contact),
        points: seen.points.0,
        deals: seen.deals as u64,
        identities: seen.identities as u64,
        problems: seen.problems.into_iter().map(problem).collect(),
    }))
}

/// Undo a merge
///
/// Makes them two again, each as it was. Refused when the contact was changed since, or what came with the other was
/// spent. Doing it again is no error. Needs the rights `contacts_write` and `points_write`.
#[utoipa::path(
    post, path = "/merges/{id}/undo", tag = "contacts", params(("id" = String, Path, description = "mrg_…")),
    responses((status = 200, description = "The merge", body = ContactMerge))
)]
async fn undo_merge(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<merge::MergeId>,
) -> Result<Json<ContactMerge>, Error> {
    Ok(Json(merge::undo(&app, &actor, id).await?.into()))
}

impl From<bulk::Bulk> for ContactRun {
    fn from(run: bulk::Bulk) -> Self {
        Self {
            id: run.id.to_string(),
            action: run.action,
            tag: run.tag,
            audience: run.audience,
            state: run.state,
            total: run.total,
            seen: run.seen,
            changed: run.changed,
            undoes: run.undoes.map(|id| id.to_string()),
            created_by: run.created_by,
            created_at: run.created_at,
            finished_at: run.finished_at,
        }
    }
}

impl From<merge::Merge> for ContactMerge {
    fn from(made: merge::Merge) -> Self {
        Self {
            id: made.id.to_string(),
            kept: made.kept.to_string(),
            gone: made.gone.to_string(),
            gone_name: made.gone_name,
            points: made.points.0,
            made_by: made.made_by,
            made_at: made.made_at,
            undone_at: made.undone_at,
        }
    }
}

fn actions() -> utoipa::openapi::schema::Object {
    super::word_of(&["tag", "untag"])
}

fn states() -> utoipa::openapi::schema::Object {
    super::word_of(&["running", "done", "cancelled"])
}
