//! One message to many.

use super::{shapes, word_of};
use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Json, Path, Query};
use crate::page::{Page, PageQuery, Paging};
use axum::extract::State;
use axum::http::StatusCode;
use samovar_app::App;
use samovar_app::broadcasts::{self, BroadcastId, Content, Draft, Outcome};
use samovar_app::segments::Audience;
use samovar_base::{ContactId, Instant};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Broadcasts and what became of them.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_broadcasts, create_broadcast))
        .routes(routes!(get_broadcast, update_broadcast, remove_broadcast))
        .routes(routes!(preview_broadcast))
        .routes(routes!(start_broadcast))
        .routes(routes!(pause_broadcast))
        .routes(routes!(resume_broadcast))
        .routes(routes!(stop_broadcast))
        .routes(routes!(repeat_failed_messages))
        .routes(routes!(list_broadcast_messages))
}

/// A broadcast to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Осень",
    "content": {
        "text": "{{ contact.first_name }}, в «{{ business.name }}» новый раф.",
        "buttons": [{ "label": "Меню осени", "url": "https://coffee.example/autumn" }, { "label": "Мои баллы", "scenario": "coffee-loyalty" }]
    },
    "audience": { "to": "all" }, "purpose": "mailing", "starts_at": "2026-11-22T15:00:00Z"
}))]
pub struct BroadcastDraft {
    /// Of a change: refused when the draft has another revision by now.
    #[serde(default)]
    pub revision: Option<i64>,
    /// For staff; the beginning of the text when empty.
    #[serde(default)]
    pub name: String,
    /// What is said.
    #[schema(value_type = shapes::BroadcastContent)]
    pub content: Content,
    /// To whom.
    #[schema(value_type = shapes::Audience)]
    pub audience: Audience,
    /// Only to those who gave a consent to this purpose.
    #[serde(default)]
    pub purpose: Option<String>,
    /// When; at the start when absent.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub starts_at: Option<Instant>,
    /// Not to those who are there, but to each of the audience who registers from the start on.
    #[serde(default)]
    pub newcomers: Option<Newcomers>,
}

/// For how long a broadcast goes to newcomers.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "until": "2026-12-31T21:00:00Z" }))]
pub struct Newcomers {
    /// Who registers at this moment or later does not get it; absent is without an end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Instant>,
}

/// A broadcast and how far it is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "bro_00fs4w8m5xv1g", "name": "Осень", "state": "running", "content": { "text": "В «Уголке» новый раф." },
    "audience": { "to": "all" }, "total": 1200, "looked_at": 400, "queued": 380, "silent": 12, "unreachable": 8,
    "without_consent": 0, "created_by": "key_00fs4w8m5xv1g", "created_at": "2026-11-21T10:00:00Z",
    "started_at": "2026-11-21T10:00:02Z", "revision": 3
}))]
pub struct Broadcast {
    /// Id.
    pub id: String,
    /// For staff.
    pub name: String,
    /// Where it stands.
    #[schema(schema_with = state)]
    pub state: String,
    /// What is said.
    #[schema(value_type = shapes::BroadcastContent)]
    pub content: Content,
    /// To whom.
    #[schema(value_type = shapes::Audience)]
    pub audience: Audience,
    /// Only to those who gave a consent to this purpose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub starts_at: Option<Instant>,
    /// It goes to those who register from the start on, until then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newcomers: Option<Newcomers>,
    /// The audience, as counted at the start; of newcomers, those who registered so far.
    pub total: i64,
    /// So many of it were looked at.
    pub looked_at: i64,
    /// So many get it.
    pub queued: i64,
    /// Passed over: asked for silence.
    pub silent: i64,
    /// Passed over: cannot be written to.
    pub unreachable: i64,
    /// Passed over: gave no consent to the purpose.
    pub without_consent: i64,
    /// What became of the messages; only of one broadcast.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcomes: Option<BTreeMap<String, i64>>,
    /// Who made it.
    pub created_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Instant,
    /// When its first message was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub started_at: Option<Instant>,
    /// When it came to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub finished_at: Option<Instant>,
    /// Grows with every change.
    pub revision: i64,
}

/// Whose eyes a preview is for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PreviewQuery {
    /// A contact to read the text as.
    #[param(schema_with = shapes::contact_id)]
    pub contact: Option<ContactId>,
}

/// Whom a broadcast would reach.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "total": 1200, "looked_at": 1200, "reachable": 1180, "by_channel": { "chn_00fs4w8m5xv1g": 1180 }, "silent": 12,
    "unreachable": 8, "without_consent": 0, "seconds": 66, "sample": "Анна, в «Уголок» новый раф."
}))]
pub struct Preview {
    /// The audience.
    pub total: i64,
    /// So many of it were looked at: all, or the first ten thousand or so. The counts below are of these.
    pub looked_at: i64,
    /// Those who would get it.
    pub reachable: i64,
    /// The same by channel.
    pub by_channel: BTreeMap<String, i64>,
    /// Asked for silence.
    pub silent: i64,
    /// Cannot be written to.
    pub unreachable: i64,
    /// Gave no consent to the purpose.
    pub without_consent: i64,
    /// About how long it would take.
    pub seconds: i64,
    /// What that contact would read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample: Option<String>,
}

/// One person's message.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "contact_id": "con_00fs4w8m5xv1g", "outcome": "sent", "sent_at": "2026-11-21T10:00:03Z" }))]
pub struct BroadcastMessage {
    /// To whom.
    pub contact_id: String,
    /// What became of it.
    #[schema(schema_with = outcome)]
    pub outcome: String,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// When it was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub sent_at: Option<Instant>,
}

/// Of which outcome.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OutcomeQuery {
    /// `waiting`, `sent`, `unsure`, `failed`, `blocked` or `stopped`; all when absent.
    pub outcome: Option<String>,
}

/// List broadcasts
///
/// The youngest first. Needs the right `broadcasts_send`.
#[utoipa::path(
    get, path = "/broadcasts", tag = "broadcasts", params(PageQuery),
    responses((status = 200, description = "A page of broadcasts", body = Page<Broadcast>))
)]
async fn list_broadcasts(
    State(app): State<App>,
    Signed(actor): Signed,
    paging: Paging,
) -> Result<Json<Page<Broadcast>>, Error> {
    let all = broadcasts::list(&app, &actor, paging.after()?, paging.to_read()).await?;
    Ok(Json(Page::cut(all, paging.limit, |one| one.id).map(Broadcast::from)))
}

/// Make a broadcast
///
/// A draft; nobody gets it before it is started. Needs the right `broadcasts_send`.
#[utoipa::path(
    post, path = "/broadcasts", tag = "broadcasts", request_body = BroadcastDraft,
    responses((status = 201, description = "The draft", body = Broadcast))
)]
async fn create_broadcast(
    State(app): State<App>,
    Signed(actor): Signed,
    Json(new): Json<BroadcastDraft>,
) -> Result<(StatusCode, Json<Broadcast>), Error> {
    Ok((StatusCode::CREATED, Json(broadcasts::create(&app, &actor, new.draft()).await?.into())))
}

/// Read a broadcast
///
/// How far it is and what became of its messages. Needs the right `broadcasts_send`.
#[utoipa::path(
    get, path = "/broadcasts/{id}", tag = "broadcasts", params(("id" = String, Path, description = "bro_…")),
    responses((status = 200, description = "The broadcast", body = Broadcast))
)]
async fn get_broadcast(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<BroadcastId>,
) -> Result<Json<Broadcast>, Error> {
    let mut one = Broadcast::from(broadcasts::get(&app, &actor, id).await?);
    let counts = broadcasts::counts(&app, &actor, id).await?;
    let named = [
        (Outcome::Waiting, counts.waiting),
        (Outcome::Sent, counts.sent),
        (Outcome::Unsure, counts.unsure),
        (Outcome::Failed, counts.failed),
        (Outcome::Blocked, counts.blocked),
        (Outcome::Stopped, counts.stopped),
    ];
    one.outcomes = Some(named.map(|(outcome, count)| (outcome.as_str().to_owned(), count)).into());
    Ok(Json(one))
}

/// Change a draft
///
/// As a whole: what is absent is gone. Needs the right `broadcasts_send`.
#[utoipa::path(
    put, path = "/broadcasts/{id}", tag = "broadcasts", params(("id" = String, Path, description = "bro_…")),
    request_body = BroadcastDraft,
    responses((status = 200, description = "The draft", body = Broadcast))
)]
async fn update_broadcast(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<BroadcastId>,
    Json(new): Json<BroadcastDraft>,
) -> Result<Json<Broadcast>, Error> {
    let revision = new.revision;
    Ok(Json(broadcasts::update(&app, &actor, id, revision, new.draft()).await?.into()))
}

/// Remove a draft
///
/// Needs the right `broadcasts_send`.
#[utoipa::path(
    delete, path = "/broadcasts/{id}", tag = "broadcasts", params(("id" = String, Path, description = "bro_…")),
    responses((status = 204, description = "It is gone"))
)]
async fn remove_broadcast(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<BroadcastId>,
) -> Result<StatusCode, Error> {
    broadcasts::remove(&app, &actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Preview a broadcast
///
/// Whom it would reach, about how long it would take, and what a contact would read. Needs the right
/// `broadcasts_send`.
#[utoipa::path(
    get, path = "/broadcasts/{id}/preview", tag = "broadcasts",
    params(("id" = String, Path, description = "bro_…"), PreviewQuery),
    responses((status = 200, description = "Whom it would reach", body = Preview))
)]
async fn preview_broadcast(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<BroadcastId>,
    Query(query): Query<PreviewQuery>,
) -> Result<Json<Preview>, Error> {
    let found = broadcasts::preview(&app, &actor, id, query.contact).await?;
    let reachable = found.reach.reachable();
    let reach = found.reach;
    Ok(Json(Preview {
        total: reach.total,
        looked_at: reach.looked_at,
        reachable,
        by_channel: reach.by_channel.iter().map(|(id, count)| (id.to_string(), *count)).collect(),
        silent: reach.silent,
        unreachable: reach.unreachable,
        without_consent: reach.without_consent,
        seconds: found.seconds,
        sample: found.sample,
    }))
}

/// Start a broadcast
///
/// At its time, or now. Needs the right `broadcasts_send`.
#[utoipa::path(
    post, path = "/broadcasts/{id}/start", tag = "broadcasts",
    params(("id" = String, Path, description = "bro_…")),
    responses((status = 200, description = "As it is now", body = Broadcast))
)]
async fn start_broadcast(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<BroadcastId>,
) -> Result<Json<Broadcast>, Error> {
    Ok(Json(broadcasts::start(&app, &actor, id).await?.into()))
}

/// Pause a broadcast
///
/// What is in a messenger's hands already goes out. Needs the right `broadcasts_send`.
#[utoipa::path(
    post, path = "/broadcasts/{id}/pause", tag = "broadcasts",
    params(("id" = String, Path, description = "bro_…")),
    responses((status = 200, description = "As it is now", body = Broadcast))
)]
async fn pause_broadcast(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<BroadcastId>,
) -> Result<Json<Broadcast>, Error> {
    Ok(Json(broadcasts::pause(&app, &actor, id).await?.into()))
}

/// Resume a broadcast
///
/// It goes on where it was paused. Needs the right `broadcasts_send`.
#[utoipa::path(
    post, path = "/broadcasts/{id}/resume", tag = "broadcasts",
    params(("id" = String, Path, description = "bro_…")),
    responses((status = 200, description = "As it is now", body = Broadcast))
)]
async fn resume_broadcast(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<BroadcastId>,
) -> Result<Json<Broadcast>, Error> {
    Ok(Json(broadcasts::resume(&app, &actor, id).await?.into()))
}

/// Stop a broadcast
///
/// Whose turn has not come gets nothing. Needs the right `broadcasts_send`.
#[utoipa::path(
    post, path = "/broadcasts/{id}/stop", tag = "broadcasts",
    params(("id" = String, Path, description = "bro_…")),
    responses((status = 200, description = "As it is now", body = Broadcast))
)]
async fn stop_broadcast(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<BroadcastId>,
) -> Result<Json<Broadcast>, Error> {
    Ok(Json(broadcasts::stop(&app, &actor, id).await?.into()))
}

/// Repeat failed messages
///
/// Sends once more what surely did not arrive, to nobody else; of a broadcast that is done. Needs the right
/// `broadcasts_send`.
#[utoipa::path(
    post, path = "/broadcasts/{id}/repeat-failed", tag = "broadcasts",
    params(("id" = String, Path, description = "bro_…")),
    responses((status = 200, description = "As it is now", body = Broadcast))
)]
async fn repeat_failed_messages(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<BroadcastId>,
) -> Result<Json<Broadcast>, Error> {
    Ok(Json(broadcasts::repeat_failed(&app, &actor, id).await?.into()))
}

/// List messages of a broadcast
///
/// Person by person, with what became of each. Needs the right `broadcasts_send`.
#[utoipa::path(
    get, path = "/broadcasts/{id}/messages", tag = "broadcasts",
    params(("id" = String, Path, description = "bro_…"), OutcomeQuery, PageQuery),
    responses((status = 200, description = "A page of messages", body = Page<BroadcastMessage>))
)]
async fn list_broadcast_messages(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<BroadcastId>,
    Query(query): Query<OutcomeQuery>,
    paging: Paging,
) -> Result<Json<Page<BroadcastMessage>>, Error> {
    let outcome: Option<Outcome> = query.outcome.as_deref().map(str::parse).transpose()?;
    let all = broadcasts::messages(&app, &actor, id, outcome, paging.after()?, paging.to_read()).await?;
    Ok(Json(Page::cut(all, paging.limit, |one| one.contact).map(|one| BroadcastMessage {
        contact_id: one.contact.to_string(),
        outcome: one.outcome.as_str().to_owned(),
        note: one.note,
        sent_at: one.sent_at,
    })))
}

impl BroadcastDraft {
    fn draft(self) -> Draft {
        let Self { name, content, audience, purpose, starts_at, newcomers, .. } = self;
        let newcomers = newcomers.map(|Newcomers { until }| broadcasts::Newcomers { until });
        Draft { name, content, audience, purpose, starts_at, newcomers }
    }
}

impl From<broadcasts::Broadcast> for Broadcast {
    fn from(one: broadcasts::Broadcast) -> Self {
        let broadcasts::Broadcast { draft, progress, .. } = one;
        Self {
            id: one.id.to_string(),
            name: draft.name,
            state: one.state.as_str().to_owned(),
            content: draft.content,
            audience: draft.audience,
            purpose: draft.purpose,
            starts_at: draft.starts_at,
            newcomers: draft.newcomers.map(|newcomers| Newcomers { until: newcomers.until }),
            total: progress.total,
            looked_at: progress.queued + progress.silent + progress.unreachable + progress.without_consent,
            queued: progress.queued,
            silent: progress.silent,
            unreachable: progress.unreachable,
            without_consent: progress.without_consent,
            outcomes: None,
            created_by: one.created_by,
            created_at: one.created_at,
            started_at: one.started_at,
            finished_at: one.finished_at,
            revision: one.revision,
        }
    }
}

fn state() -> Object {
    word_of(&broadcasts::State::ALL.map(broadcasts::State::as_str))
}

fn outcome() -> Object {
    word_of(&Outcome::ALL.map(Outcome::as_str))
}
