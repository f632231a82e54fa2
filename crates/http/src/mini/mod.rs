//! The Mini App's own calls: who opened it in a messenger sees themselves, and orders for points.
//!
//! | | |
//! |---|---|
//! | `POST /api/mini/{channel}/session` | `{"launch"}`, as the messenger handed it to the page → `{"token", "expires_at"}` |
//! | `GET /api/mini/{channel}/face` | the first screen: [`samovar_app::mini::Face`] |
//! | `GET /api/mini/{channel}/history?skip=` | `{"items": […], "more"}`, the youngest first |
//! | `GET /api/mini/{channel}/offers` | `{"items": […]}`: what can be had for points |
//! | `GET /api/mini/{channel}/pictures/{item}` | the picture of an item |
//! | `GET /api/mini/{channel}/orders` | `{"items": […]}`, the youngest first |
//! | `POST /api/mini/{channel}/orders` | `{"item", "once"}`; the same `once` again orders nothing more |
//!
//! `{channel}` is its id, `chn_…`. The token comes as `Authorization: Bearer …`, or as `?token=` where a browser cannot
//! send headers; queries are in no log of ours. It opens one person's own things and nothing else: it is no key of the
//! REST API, and no key of the REST API opens these calls.

use crate::auth::bearer;
use crate::error::{Error, bare};
use crate::extract::{Json, Path, Query};
use crate::limit::{Limiter, Origin};
use axum::Router;
use axum::extract::{FromRef, FromRequestParts, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts};
use axum::routing::{get, post};
use bytes::Bytes;
use samovar_app::App;
use samovar_app::directory::ChannelInfo;
use samovar_app::mini::{self, Caller, Entry, Face, Offer, Order, Ordered, Session};
use samovar_app::problem::{Kind, Problem};
use samovar_base::ChannelId;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;

/// What the handlers share.
#[derive(Clone, FromRef)]
struct Faces {
    app: App,
    gate: Arc<Gate>,
}

struct Gate {
    sessions: Limiter,
    reads: Limiter,
    orders: Limiter,
}

/// The routes.
pub fn routes(app: App) -> Router<App> {
    let gate = Gate {
        sessions: Limiter::new(30, 5_000),
        reads: Limiter::new(120, 250),
        orders: Limiter::new(10, 3_000),
    };
    Router::new()
        .route("/api/mini/{channel}/session", post(enter))
        .route("/api/mini/{channel}/face", get(face))
        .route("/api/mini/{channel}/history", get(history))
        .route("/api/mini/{channel}/offers", get(offers))
        .route("/api/mini/{channel}/pictures/{item}", get(picture))
        .route("/api/mini/{channel}/orders", get(orders).post(order))
        .with_state(Faces { app, gate: Arc::new(gate) })
}

/// A channel, named by the address.
struct Room(Arc<ChannelInfo>);

/// Somebody with a session of the channel in the address, within the limits.
struct Known(Caller);

#[derive(Deserialize)]
struct Token {
    token: Option<String>,
}

impl FromRequestParts<Faces> for Room {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, state: &Faces) -> Result<Self, Error> {
        let Path(parameters) = Path::<HashMap<String, String>>::from_request_parts(parts, state).await?;
        let id = parameters.get("channel").and_then(|id| id.parse::<ChannelId>().ok());
        let channel = id.and_then(|id| state.app.directory.channel(id));
        channel.map(Self).ok_or_else(|| {
            let (ru, en) = ("Такого приложения нет", "There is no such app");
            Problem::new(Kind::NotFound, "unknown_app", ru, en).into()
        })
    }
}

impl FromRequestParts<Faces> for Known {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, state: &Faces) -> Result<Self, Error> {
        let Room(channel) = Room::from_request_parts(parts, state).await?;
        let Query(Token { token }) = Query::<Token>::from_request_parts(parts, state).await?;
        let token = bearer(&parts.headers).or(token.as_deref()).unwrap_or_default();
        let caller = mini::open(&state.app, &channel, token)
            .ok_or_else(|| Error::with_status(StatusCode::UNAUTHORIZED, bare(StatusCode::UNAUTHORIZED)))?;
        state.gate.reads.take(token, state.app.clock.now())?;
        Ok(Self(caller))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Launch {
    launch: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    item: String,
    once: String,
}

#[derive(Deserialize)]
struct From {
    skip: Option<u32>,
}

#[derive(Serialize)]
struct List<T> {
    items: Vec<T>,
}

#[derive(Serialize)]
struct Pages {
    items: Vec<Entry>,
    more: bool,
}

/// The launch data is looked at before anybody is known: only the address of the visitor limits it.
async fn enter(
    State(app): State<App>,
    State(gate): State<Arc<Gate>>,
    Room(channel): Room,
    Origin(origin): Origin,
    Json(Launch { launch }): Json<Launch>,
) -> Result<Json<Session>, Error> {
    gate.sessions.take(&origin, app.clock.now())?;
    Ok(Json(mini::enter(&app, &channel, &launch)?))
}

async fn face(State(app): State<App>, Known(caller): Known) -> Result<Json<Face>, Error> {
    Ok(Json(mini::face(&app, &caller).await?))
}

async fn history(
    State(app): State<App>,
    Known(caller): Known,
    Query(From { skip }): Query<From>,
) -> Result<Json<Pages>, Error> {
    let (items, more) = mini::history(&app, &caller, skip.unwrap_or(0)).await?;
    Ok(Json(Pages { items, more }))
}

async fn offers(State(app): State<App>, Known(caller): Known) -> Result<Json<List<Offer>>, Error> {
    Ok(Json(List { items: mini::offers(&app, &caller).await? }))
}

async fn picture(
    State(app): State<App>,
    Known(caller): Known,
    Path((_, item)): Path<(String, String)>,
) -> Result<(HeaderMap, Bytes), Error> {
    let content = mini::picture(&app, &caller, &item).await?;
    let shown = content.media_type.starts_with("image/") && content.media_type != "image/svg+xml";
    let media_type = if shown { content.media_type.as_str() } else { "application/octet-stream" };
    let mut headers = HeaderMap::new();
    let kind =
        HeaderValue::from_str(media_type).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_TYPE, kind);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=3600"));
    Ok((headers, content.bytes))
}

async fn orders(State(app): State<App>, Known(caller): Known) -> Result<Json<List<Order>>, Error> {
    Ok(Json(List { items: mini::orders(&app, &caller).await? }))
}

async fn order(
    State(app): State<App>,
    State(gate): State<Arc<Gate>>,
    Room(channel): Room,
    Known(caller): Known,
    Origin(origin): Origin,
    Json(Wish { item, once }): Json<Wish>,
) -> Result<Json<Ordered>, Error> {
    gate.orders.take(&format!("{}/{origin}", channel.id), app.clock.now())?;
    Ok(Json(mini::order(&app, &caller, &item, &once).await?))
}
