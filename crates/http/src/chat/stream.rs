//! What the bot says, as it says it.

use super::visitor::Guest;
use super::{Desk, seal};
use crate::error::{Error, busy};
use crate::limit::Origin;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures::stream::{self, Stream, StreamExt};
use samovar_app::App;
use samovar_app::directory::ChannelInfo;
use samovar_connectors::webchat::PageEvent;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

/// Proxies cut streams that are silent for long.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// The stream. One that is opened again (`Last-Event-ID`) begins with the advice to read the history: what was said
/// meanwhile is there.
pub(super) async fn listen(
    State(app): State<App>,
    State(desk): State<Arc<Desk>>,
    Guest { channel, session }: Guest,
    Origin(origin): Origin,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Error> {
    desk.reads.take(&origin, app.clock.now())?;
    let full = |_| Error::with_status(StatusCode::SERVICE_UNAVAILABLE, busy()).retry_after(5);
    let listener = app.hub.listen(channel.id, &session.chat).map_err(full)?;
    let reopened = headers.contains_key("last-event-id");
    let first = stream::iter(reopened.then(|| event(&PageEvent::Reread)));
    let chat = session.chat;
    let said =
        stream::unfold(listener, |mut listener| async move { Some((listener.next().await?, listener)) });
    let said = said.filter_map(move |json| std::future::ready(sealed(&app, &channel, &chat, &json)));
    Ok(Sse::new(first.chain(said).map(Ok)).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

fn sealed(app: &App, channel: &ChannelInfo, chat: &str, json: &str) -> Option<Event> {
    Some(match serde_json::from_str(json).ok()? {
        PageEvent::Message(message) => {
            let message = seal::seal_message(app, channel, chat, message);
            event(&PageEvent::Message(message.clone())).id(message.id)
        }
        other => event(&other),
    })
}

fn event(what: &PageEvent) -> Event {
    Event::default().data(serde_json::to_string(what).unwrap_or_default())
}
