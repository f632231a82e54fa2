//! What changes, as it changes.

use crate::auth::Signed;
use crate::error::Error;
use axum::extract::State;
use axum::http::{HeaderName, header};
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures::stream::{self, Stream, StreamExt};
use samovar_app::App;
use samovar_app::live::{self, Noun};
use serde::Serialize;
use std::convert::Infallible;
use std::time::Duration;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Proxies cut streams that are silent for long.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// A stream ends then and is opened anew, so that nobody listens for ever by a key that was taken from them.
const OPEN_FOR: Duration = Duration::from_secs(3_600);

/// The stream.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(listen))
}

/// What is told of a change, as the data of an event named `changed`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Changed, example = json!({ "noun": "conversations", "id": "con_00fs4w8m5xv1g" }))]
#[allow(dead_code)] // Written by the capability; here it is described.
struct Changed {
    /// What: its addresses in the API begin with it.
    #[schema(schema_with = noun)]
    noun: Noun,
    /// Which one; absent when many did.
    id: Option<String>,
}

fn noun() -> utoipa::openapi::schema::Object {
    super::word_of(&Noun::ALL.iter().map(|noun| noun.as_str()).collect::<Vec<_>>())
}

/// Hear what changes
///
/// A stream of server-sent events that never ends by itself: after each change in the company an event `changed` says
/// where to read again, at most four times a second. It carries no data of the company, and nothing is kept for a
/// stream that is closed: whoever opens one anew reads everything again. Only what the rights of the caller let them see
/// is told.
#[utoipa::path(
    get, path = "/live", tag = "live",
    responses((status = 200, description = "Events", body = Changed, content_type = "text/event-stream"))
)]
async fn listen(
    State(app): State<App>,
    Signed(actor): Signed,
) -> Result<([(HeaderName, &'static str); 2], Sse<impl Stream<Item = Result<Event, Infallible>>>), Error> {
    let listener = live::listen(&app, &actor)?;
    let told =
        stream::unfold(listener, |mut listener| async move { Some((listener.next().await?, listener)) });
    let events = told.flat_map(|changes| {
        stream::iter(changes.into_iter().map(|change| {
            let data = serde_json::to_string(&change).unwrap_or_default();
            Ok(Event::default().event("changed").data(data))
        }))
    });
    let events = events.take_until(Box::pin(tokio::time::sleep(OPEN_FOR)));
    // Proxies of nginx's kind would gather the events.
    let headers = [(header::CACHE_CONTROL, "no-store"), (HeaderName::from_static("x-accel-buffering"), "no")];
    Ok((headers, Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT))))
}
