//! Points for many at once, and the undoing of that.

use super::contacts::Contact;
use super::shapes;
use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Json, Path};
use crate::idempotency::IdempotencyKey;
use crate::page::{Page, PageQuery, Paging};
use axum::extract::State;
use samovar_app::App;
use samovar_app::accruals::{self, AccrualId, NewAccrual, State as Standing, Term, Undoing};
use samovar_app::ledger::Shortfall;
use samovar_app::segments::Audience;
use samovar_base::{Instant, Points};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Mass accruals.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_accruals, start_accrual))
        .routes(routes!(preview_accrual))
        .routes(routes!(get_accrual))
        .routes(routes!(pause_accrual))
        .routes(routes!(resume_accrual))
        .routes(routes!(cancel_accrual))
        .routes(routes!(undo_accrual))
}

/// Points for many.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "audience": { "to": "all" }, "points": 100, "comment": "С Новым годом", "term": { "ends": "days", "days": 30 },
    "notify": true
}))]
pub struct AccrualRequest {
    /// To whom.
    #[schema(value_type = shapes::Audience)]
    pub audience: Audience,
    /// To each, 1 to 1 000 000.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub points: i64,
    /// What for: the customer sees it. At most 500 characters.
    #[serde(default)]
    pub comment: Option<String>,
    /// Until when they can be spent; as the programme says when absent.
    #[serde(default)]
    #[schema(value_type = shapes::AccrualTerm)]
    pub term: Term,
    /// Whether each is told, in the words of the programme's notice of accruals, if that is on; true when absent.
    #[serde(default = "yes")]
    pub notify: bool,
}

/// How a run is undone.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "shortfall": "forgive", "notify": true, "comment": "Начислили по ошибке" }))]
pub struct UndoRequest {
    /// What happens where the points were spent: `"forgive"` (take what is there, also when absent), `"refuse"` (take
    /// nothing from those), `{"owe": 500}` (what is missing becomes a debt of at most so many points).
    #[serde(default = "forgive")]
    #[schema(schema_with = super::shortfall)]
    pub shortfall: Shortfall,
    /// Whether each is told, in the words of the programme's notice of write-offs, if that is on; false when absent.
    #[serde(default)]
    pub notify: bool,
    /// Why: the customer sees it. At most 500 characters.
    #[serde(default)]
    pub comment: Option<String>,
}

/// What a run would do.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "contacts": 1207, "points": 120_700, "expires_at": "2027-01-30T21:00:00Z", "sample": [],
    "notice": "Вам начислено 100 баллов: С Новым годом.\nТеперь у вас 340 баллов."
}))]
pub struct AccrualPreview {
    /// To how many.
    pub contacts: i64,
    /// How many points together.
    pub points: i64,
    /// Until when they could be spent; absent is for ever.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Instant>,
    /// Some of the people.
    pub sample: Vec<Contact>,
    /// What the first of them would be told; absent when nobody is told.
    pub notice: Option<String>,
}

/// A run through an audience.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "acr_00fs4w8m5xv1g", "audience": { "to": "all" }, "points": 100, "comment": "С Новым годом",
    "expires_at": "2027-01-30T21:00:00Z", "notify": true, "undoes": null, "state": "running",
    "total": 1207, "done": 1000, "refused": 0, "moved": 100_000, "notified": 950,
    "created_at": "2026-12-31T09:00:00Z", "finished_at": null
}))]
pub struct Accrual {
    /// Id.
    pub id: String,
    /// To whom, with the condition as it was at the start.
    #[schema(value_type = shapes::Audience)]
    pub audience: Audience,
    /// To each.
    pub points: i64,
    /// What for.
    pub comment: Option<String>,
    /// Until when the points can be spent; absent is for ever.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Instant>,
    /// Whether each is told.
    pub notify: bool,
    /// The run that this one undoes.
    pub undoes: Option<String>,
    /// Where it stands.
    #[schema(schema_with = states)]
    pub state: Standing,
    /// How many they were at the start.
    pub total: i64,
    /// Contacts whose balance was changed.
    pub done: i64,
    /// Contacts with whom the books refused.
    pub refused: i64,
    /// Points moved together; negative when taken back.
    pub moved: i64,
    /// Messages queued.
    pub notified: i64,
    /// When it was started.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Instant,
    /// When it was over.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub finished_at: Option<Instant>,
}

/// Preview a mass accrual
///
/// To how many, how many points together, some of the people and what they would be told. Changes nothing. Needs the
/// right `points_many`.
#[utoipa::path(
    post, path = "/accruals/preview", tag = "accruals", request_body = AccrualRequest,
    responses((status = 200, description = "What it would do", body = AccrualPreview))
)]
async fn preview_accrual(
    State(app): State<App>,
    Signed(actor): Signed,
    Json(asked): Json<AccrualRequest>,
) -> Result<Json<AccrualPreview>, Error> {
    let seen = accruals::preview(&app, &actor, &asked.into()).await?;
    Ok(Json(AccrualPreview {
        contacts: seen.contacts,
        points: seen.points.0,
        expires_at: seen.expires_at,
        sample: seen.sample.into_iter().map(|contact| Contact::seen_by(&actor, contact)).collect(),
        notice: seen.notice,
    }))
}

/// Start a mass accrual
///
/// Goes on by itself, chunk after chunk; read it to see how far it came. `Idempotency-Key` is required and is the
/// run's key for ever: the same key again is answered by the run as it stands. Needs the right `points_many`.
#[utoipa::path(
    post, path = "/accruals", tag = "accruals",
    params(("Idempotency-Key" = String, Header, description = "Yours")),
    request_body = AccrualRequest, responses((status = 200, description = "The run", body = Accrual))
)]
async fn start_accrual(
    State(app): State<App>,
    Signed(actor): Signed,
    IdempotencyKey(key): IdempotencyKey,
    Json(asked): Json<AccrualRequest>,
) -> Result<Json<Accrual>, Error> {
    Ok(Json(accruals::start(&app, &actor, asked.into(), format!("request:{key}")).await?.into()))
}

/// List mass accruals
///
/// The youngest first, undoings among them. Needs the right `points_read`.
#[utoipa::path(
    get, path = "/accruals", tag = "accruals", params(PageQuery),
    responses((status = 200, description = "A page of runs", body = Page<Accrual>))
)]
async fn list_accruals(
    State(app): State<App>,
    Signed(actor): Signed,
    paging: Paging,
) -> Result<Json<Page<Accrual>>, Error> {
    let found = accruals::list(&app, &actor, paging.after()?, paging.to_read()).await?;
    Ok(Json(Page::cut(found, paging.limit, |run| run.id).map(Accrual::from)))
}

/// Read a mass accrual
///
/// With its progress. Needs the right `points_read`.
#[utoipa::path(
    get, path = "/accruals/{id}", tag = "accruals", params(("id" = String, Path, description = "acr_…")),
    responses((status = 200, description = "The run", body = Accrual))
)]
async fn get_accrual(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<AccrualId>,
) -> Result<Json<Accrual>, Error> {
    Ok(Json(accruals::get(&app, &actor, id).await?.into()))
}

/// Pause a mass accrual
///
/// What was done stays. Needs the right `points_many`.
#[utoipa::path(
    post, path = "/accruals/{id}/pause", tag = "accruals", params(("id" = String, Path, description = "acr_…")),
    responses((status = 200, description = "The run", body = Accrual))
)]
async fn pause_accrual(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<AccrualId>,
) -> Result<Json<Accrual>, Error> {
    Ok(Json(accruals::pause(&app, &actor, id).await?.into()))
}

/// Resume a mass accrual
///
/// Goes on where it stood. Needs the right `points_many`.
#[utoipa::path(
    post, path = "/accruals/{id}/resume", tag = "accruals", params(("id" = String, Path, description = "acr_…")),
    responses((status = 200, description = "The run", body = Accrual))
)]
async fn resume_accrual(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<AccrualId>,
) -> Result<Json<Accrual>, Error> {
    Ok(Json(accruals::resume(&app, &actor, id).await?.into()))
}

/// Cancel a mass accrual
///
/// For ever; what was given stays given until it is undone. Needs the right `points_many`.
#[utoipa::path(
    post, path = "/accruals/{id}/cancel", tag = "accruals", params(("id" = String, Path, description = "acr_…")),
    responses((status = 200, description = "The run", body = Accrual))
)]
async fn cancel_accrual(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<AccrualId>,
) -> Result<Json<Accrual>, Error> {
    Ok(Json(accruals::cancel(&app, &actor, id).await?.into()))
}

/// Undo a mass accrual
///
/// By counter-postings, as a run of its own; only one that is over, and only once: asked again it is answered by the
/// undoing as it stands. Needs the right `points_many`.
#[utoipa::path(
    post, path = "/accruals/{id}/undo", tag = "accruals", params(("id" = String, Path, description = "acr_…")),
    request_body = UndoRequest, responses((status = 200, description = "The undoing", body = Accrual))
)]
async fn undo_accrual(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<AccrualId>,
    Json(asked): Json<UndoRequest>,
) -> Result<Json<Accrual>, Error> {
    let how = Undoing { shortfall: asked.shortfall, notify: asked.notify, comment: asked.comment };
    Ok(Json(accruals::undo(&app, &actor, id, how).await?.into()))
}

impl From<AccrualRequest> for NewAccrual {
    fn from(asked: AccrualRequest) -> Self {
        Self {
            audience: asked.audience,
            points: Points(asked.points),
            comment: asked.comment,
            term: asked.term,
            notify: asked.notify,
        }
    }
}

impl From<accruals::Accrual> for Accrual {
    fn from(run: accruals::Accrual) -> Self {
        Self {
            id: run.id.to_string(),
            audience: run.audience,
            points: run.points.0,
            comment: run.comment,
            expires_at: run.expires_at,
            notify: run.notify,
            undoes: run.undoes.map(|id| id.to_string()),
            state: run.state,
            total: run.total,
            done: run.done,
            refused: run.refused,
            moved: run.moved.0,
            notified: run.notified,
            created_at: run.created_at,
            finished_at: run.finished_at,
        }
    }
}

fn yes() -> bool {
    true
}

fn forgive() -> Shortfall {
    Shortfall::Forgive
}

fn states() -> utoipa::openapi::schema::Object {
    super::word_of(&["running", "paused", "cancelled", "done"])
}
