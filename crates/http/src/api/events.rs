//! Events that could not be handled.

use super::shapes;
use crate::auth::Signed;
use crate::error::Error;
use crate::extract::Json;
use crate::page::{Page, PageQuery, Paging};
use axum::extract::State;
use axum::http::StatusCode;
use samovar_app::App;
use samovar_app::pipeline::desk;
use samovar_base::{ChannelId, Instant};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Events.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_dead_events)).routes(routes!(repeat_event))
}

/// An event that could not be handled in three tries.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "channel_id": "chn_00fs4w8m5xv1h", "dedup": "4815162342", "source": "update",
    "received_at": "2026-11-21T10:00:00Z", "note": "a unit of work panicked: …"
}))]
pub struct DeadEvent {
    /// By which channel it came.
    pub channel_id: String,
    /// With the channel, its key.
    pub dedup: String,
    /// `update` of a messenger, `timer`, or `operator`: an answer or a conversation given back.
    #[schema(schema_with = source)]
    pub source: String,
    /// When it was stored.
    #[schema(value_type = String, format = DateTime)]
    pub received_at: Instant,
    /// Why it could not be handled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Which event.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "channel_id": "chn_00fs4w8m5xv1h", "dedup": "4815162342" }))]
pub struct EventKey {
    /// By which channel it came.
    #[schema(schema_with = shapes::channel_id)]
    pub channel_id: ChannelId,
    /// Its key within the channel.
    pub dedup: String,
}

/// List events that could not be handled
///
/// The youngest first. Needs the right `work_manage`.
#[utoipa::path(
    get, path = "/events/dead", tag = "work", params(PageQuery),
    responses((status = 200, description = "A page of events", body = Page<DeadEvent>))
)]
async fn list_dead_events(
    State(app): State<App>,
    Signed(actor): Signed,
    paging: Paging,
) -> Result<Json<Page<DeadEvent>>, Error> {
    let found = desk::dead_events(&app, &actor, paging.after()?, paging.to_read()).await?;
    Ok(Json(Page::cut(found, paging.limit, |event| event.place.to_string()).map(DeadEvent::from)))
}

/// Handle an event again
///
/// When what stood in its way is gone. Needs the right `work_manage`.
#[utoipa::path(
    post, path = "/events/repeat", tag = "work", request_body = EventKey,
    responses((status = 202, description = "It waits to be handled, now"))
)]
async fn repeat_event(
    State(app): State<App>,
    Signed(actor): Signed,
    Json(key): Json<EventKey>,
) -> Result<StatusCode, Error> {
    desk::repeat_event(&app, &actor, key.channel_id, &key.dedup).await?;
    Ok(StatusCode::ACCEPTED)
}

impl From<desk::DeadEvent> for DeadEvent {
    fn from(event: desk::DeadEvent) -> Self {
        Self {
            channel_id: event.place.channel.to_string(),
            dedup: event.place.dedup,
            source: event.source,
            received_at: event.place.received_at,
            note: event.note,
        }
    }
}

fn source() -> utoipa::openapi::schema::Object {
    super::word_of(&["update", "timer", "operator"])
}
