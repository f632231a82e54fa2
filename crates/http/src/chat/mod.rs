//! The chat on a web page: a visitor gets a session, posts, listens to a stream and reads the history.
//!
//! | | |
//! |---|---|
//! | `POST /chat/{channel}/session` | `{"language"?}` → `{"token", "chat"}` |
//! | `GET /chat/{channel}/look` | what the widget looks like: `{"title", "greeting"?, "colour"?, "side", "locale"}` |
//! | `POST /chat/{channel}/messages` | a post as in [`samovar_connectors::webchat::post`]; answered when it is durable |
//! | `POST /chat/{channel}/files` | multipart with one `file` → `{"id", "kind", "name"}`; `id` is the `vendor_id` of a post |
//! | `GET /chat/{channel}/files/{key}` | what a message's `media.key` names |
//! | `GET /chat/{channel}/history` | `{"items": […], "token"?}`, oldest first; a `token` given takes the place of the old |
//! | `GET /chat/{channel}/events` | the stream: [`samovar_connectors::webchat::PageEvent`] as JSON in each `data:` |
//!
//! `{channel}` is the last part of the channel's hook. The token comes as `Authorization: Bearer …`, or as `?token=`
//! where a browser cannot send headers; queries are in no log of ours. Pages of other sites may call all of it where the
//! channel's settings let them (`across`).

mod across;
pub(crate) mod files;
mod lines;
mod seal;
mod stream;
mod visitor;

use crate::error::{Error, bare};
use crate::extract::{Json, body};
use crate::limit::{Limiter, Origin};
use crate::{FILE_BYTES_MAX, watch::Reader};
use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRef, Request, State};
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use samovar_app::channels::Side;
use samovar_app::problem::{Kind, Problem};
use samovar_app::{App, pipeline};
use samovar_connectors::webchat::{BadPost, Session, Visitor, envelope, post::POST_BYTES_MAX};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tokio::sync::Semaphore;
use visitor::{Guest, Room};

/// Files that are being received at a time: they lie in memory meanwhile.
const UPLOADS_MAX: usize = 3;

/// What the handlers of the chat share.
#[derive(Clone, FromRef)]
struct Chat {
    app: App,
    desk: Arc<Desk>,
}

struct Desk {
    sessions: Limiter,
    posts: Limiter,
    reads: Limiter,
    files: Limiter,
    uploads: Semaphore,
}

/// The routes.
pub fn routes(app: App) -> Router<App> {
    let desk = Arc::new(Desk {
        sessions: Limiter::new(20, 10_000),
        posts: Limiter::new(20, 1_000),
        reads: Limiter::new(60, 500),
        files: Limiter::new(10, 30_000),
        uploads: Semaphore::new(UPLOADS_MAX),
    });
    Router::new()
        .route("/chat/{channel}/session", post(open))
        .route("/chat/{channel}/messages", post(take).layer(DefaultBodyLimit::max(POST_BYTES_MAX)))
        .route("/chat/{channel}/files", post(files::receive).layer(DefaultBodyLimit::max(FILE_BYTES_MAX)))
        .route("/chat/{channel}/files/{*key}", get(files::give))
        .route("/chat/{channel}/history", get(lines::read))
        .route("/chat/{channel}/events", get(stream::listen))
        .route("/chat/{channel}/look", get(look))
        .layer(from_fn_with_state(app.clone(), across::across))
        .with_state(Chat { app, desk })
}

/// What the widget has to know before anybody speaks.
#[derive(Serialize)]
struct Look {
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    greeting: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    colour: Option<String>,
    side: Side,
    locale: String,
}

async fn look(Room(channel): Room) -> Json<Look> {
    let settings = &channel.widget;
    Json(Look {
        title: settings.title.clone().unwrap_or_else(|| channel.tenant.name.clone()),
        greeting: settings.greeting.clone(),
        colour: settings.colour.clone(),
        side: settings.side,
        locale: channel.locale.clone(),
    })
}

#[derive(Deserialize)]
struct Meet {}

#[derive(Serialize)]
struct Met {
    token: String,
    chat: String,
}

/// A visitor without a session gets one.
async fn open(
    State(app): State<App>,
    State(desk): State<Arc<Desk>>,
    Room(channel): Room,
    Origin(origin): Origin,
    Json(Meet {}): Json<Meet>,
) -> Result<Json<Met>, Error> {
    let now = app.clock.now();
    desk.sessions.take(&origin, now)?;
    let session = Session::new(&app.chance, now);
    Ok(Json(Met { token: session.token(&app.vault, channel.id), chat: session.chat }))
}

/// A visitor said or did something.
async fn take(
    State(app): State<App>,
    State(desk): State<Arc<Desk>>,
    Guest { channel, session }: Guest,
    request: Request,
) -> Result<StatusCode, Error> {
    desk.posts.take(&session.chat, app.clock.now())?;
    let language = request.extensions().get::<Reader>().map(|reader| reader.locale().to_owned());
    let content = body(request, &()).await?;
    let content = seal::open_file(&app, &channel, &session.chat, &content)?;
    let visitor = Visitor { chat: &session.chat, name: "", language: language.as_deref() };
    let raw = envelope(visitor, &content).map_err(bad_post)?;
    pipeline::accept(&app, &channel, raw.into()).await?;
    Ok(StatusCode::ACCEPTED)
}

fn bad_post(bad: BadPost) -> Error {
    let ru = match bad {
        BadPost::TooLarge => {
            return Error::with_status(StatusCode::PAYLOAD_TOO_LARGE, bare(StatusCode::PAYLOAD_TOO_LARGE));
        }
        BadPost::NotAPost => "Это не JSON с известными полями",
        BadPost::Id => "id — от 1 до 64 латинских букв, цифр и дефисов",
        BadPost::NotOneThing => "Должно быть ровно одно из полей text, press, phone, start, file",
        BadPost::Length => "Поле пустое или слишком длинное",
    };
    Problem::new(Kind::Invalid, "bad_post", ru, bad.to_string()).into()
}
