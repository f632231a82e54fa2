//! The lines of a conversation, and its files.

use super::{place, speakers};
use crate::api::word_of;
use crate::auth::Signed;
use crate::chat::files::headers;
use crate::error::{Error, bare};
use crate::extract::{Json, Path, Query};
use crate::page::{PageQuery, Paging};
use axum::extract::multipart::MultipartError;
use axum::extract::{DefaultBodyLimit, Multipart, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use samovar_app::App;
use samovar_app::conversations::{self, LinePlace, Way, What, files};
use samovar_app::problem::Problem;
use samovar_base::message::FileKind;
use samovar_base::{ChannelId, ContactId, Instant};
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::Object;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Lines and files.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_lines)).routes(routes!(read_media)).merge(
        OpenApiRouter::new().routes(routes!(keep_media)).layer(DefaultBodyLimit::max(crate::FILE_BYTES_MAX)),
    )
}

/// A picture or file of a line.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "id": "fil_00fs4w8m5xv1g", "kind": "photo", "name": "чек.jpg" }))]
pub struct LineFile {
    /// Its content is read at `/media/{id}`.
    pub id: String,
    /// `photo` or `document`.
    #[schema(schema_with = file_kinds)]
    pub kind: FileKind,
    /// The sender's name of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// A button of a line.
#[derive(Debug, Serialize, ToSchema)]
pub struct LineButton {
    /// What is written on it.
    pub label: String,
    /// The address that it opens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// A line of a conversation. Which fields there are depends on `kind`.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = ThreadLine, example = json!({
    "id": "out_00fs4w8m5xv1g", "place": "MTc", "at": "2026-11-21T10:00:00Z", "kind": "said", "by": "team",
    "author": "stf_00fs4w8m5xv1q", "text": "Да, с девяти до шести.", "state": "sent", "message_id": "out_00fs4w8m5xv1g"
}))]
pub struct ThreadLine {
    /// Unique in the conversation.
    pub id: String,
    /// Give it as `before` or `after` to read on from here.
    pub place: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    /// `heard` from the contact, `said` to them, a `note` of the team, `done` with the conversation, `points` that came or
    /// went, a `deal` that was made.
    #[schema(schema_with = kinds)]
    pub kind: &'static str,
    /// Who said it: `contact`, `bot`, `team`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = speakers_or_none)]
    pub by: Option<&'static str>,
    /// Who of the team, as in the audit log.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schema(required = false)]
    pub author: String,
    /// The words; the title of a deal.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schema(required = false)]
    pub text: String,
    /// The contact pressed a button with these words.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub pressed: bool,
    /// A picture or file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<LineFile>,
    /// Rows of buttons.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub buttons: Vec<Vec<LineButton>>,
    /// The scenario that said it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// Of what was said: `sending`, `sent`, `unsure`, `failed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = states_or_none)]
    pub state: Option<&'static str>,
    /// Why it did not arrive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The message; one that did not arrive is repeated by `POST /messages/{id}/repeat`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// The `Idempotency-Key` by which it was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub once: Option<String>,
    /// What was done: `taken`, `assigned`, `released`, `closed`, `given_back`, `begun`; what points are for.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schema(required = false)]
    pub what: String,
    /// With whom or what.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schema(required = false)]
    pub detail: String,
    /// By how much the balance changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub points: Option<i64>,
    /// The balance afterwards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub balance: Option<i64>,
    /// Of a deal, in minor units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sum: Option<i64>,
}

/// Lines that follow each other.
#[derive(Debug, Serialize, ToSchema)]
pub struct ThreadLines {
    /// The oldest first.
    pub items: Vec<ThreadLine>,
    /// There are more that way.
    pub more: bool,
}

/// A file that was taken.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "id": "fil_00fs4w8m5xv1g", "kind": "photo" }))]
pub struct KeptMedia {
    /// Name it in `files` of an answer.
    pub id: String,
    /// How it will be shown: `photo` or `document`.
    #[schema(schema_with = file_kinds)]
    pub kind: FileKind,
}

/// A file, as a form with one field.
#[derive(Debug, ToSchema)]
#[allow(dead_code)] // Read as a stream; here it is described.
struct MediaForm {
    /// Its bytes, with a file name.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LinesQuery {
    /// Lines before that place; the latest when neither is given.
    before: Option<String>,
    /// Lines after that place.
    after: Option<String>,
    /// From 1 to 200; 50 when absent.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// Read a conversation by its channel
///
/// What the contact said and what was said to them, by whom and with what outcome, notes of the team, and what happened
/// meanwhile: points, deals, who took it. Needs the right `conversations_read`.
#[utoipa::path(
    get, path = "/conversations/{contact_id}/{channel_id}/lines", tag = "conversations",
    params(
        ("contact_id" = String, Path, description = "con_…"), ("channel_id" = String, Path, description = "chn_…"),
        LinesQuery
    ),
    responses((status = 200, description = "Lines", body = ThreadLines))
)]
async fn list_lines(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(at): Path<(ContactId, ChannelId)>,
    Query(asked): Query<LinesQuery>,
) -> Result<Json<ThreadLines>, Error> {
    let paging = Paging::try_from(PageQuery { after: None, limit: asked.limit })?;
    let way = match (asked.before, asked.after) {
        (None, None) => Way::Latest,
        (Some(before), None) => Way::Before(read_place(&before)?),
        (None, Some(after)) => Way::After(read_place(&after)?),
        (Some(_), Some(_)) => return Err(bad_place()),
    };
    let (lines, more) = conversations::lines(&app, &actor, place(at), way, paging.limit).await?;
    Ok(Json(ThreadLines { items: lines.into_iter().map(ThreadLine::from).collect(), more }))
}

/// Read a file of a conversation
///
/// Pictures are given as they are, anything else to be saved. What lies at a messenger is fetched from there. Needs the
/// right `conversations_read`.
#[utoipa::path(
    get, path = "/media/{id}", tag = "conversations",
    params(("id" = String, Path, description = "As a line has it")),
    responses((status = 200, description = "The content", body = Vec<u8>, content_type = "*/*"))
)]
async fn read_media(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<String>,
) -> Result<(HeaderMap, Bytes), Error> {
    let content = files::read(&app, &actor, &id).await?;
    let mut headers = headers(&content);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Ok((headers, content.bytes))
}

/// Upload a file
///
/// To be sent in an answer: a form with the field `file`, up to 20 MB. Needs the right `conversations_write`.
#[utoipa::path(
    post, path = "/media", tag = "conversations",
    request_body(content = MediaForm, content_type = "multipart/form-data"),
    responses((status = 201, description = "It is kept", body = KeptMedia))
)]
async fn keep_media(
    State(app): State<App>,
    Signed(actor): Signed,
    mut form: Multipart,
) -> Result<(StatusCode, Json<KeptMedia>), Error> {
    while let Some(field) = form.next_field().await.map_err(bad_form)? {
        if field.name() != Some("file") {
            continue;
        }
        let name = field.file_name().unwrap_or_default().to_owned();
        let bytes = field.bytes().await.map_err(bad_form)?;
        let (id, kind) = files::keep(&app, &actor, &name, bytes).await?;
        return Ok((StatusCode::CREATED, Json(KeptMedia { id: id.to_string(), kind })));
    }
    Err(Problem::invalid("file", "no_file", "В поле file нет файла", "There is no file in the field file")
        .into())
}

fn bad_form(error: MultipartError) -> Error {
    Error::with_status(error.status(), bare(error.status()))
}

fn read_place(text: &str) -> Result<LinePlace, Error> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| bad_place())?;
    let text = String::from_utf8(bytes).map_err(|_| bad_place())?;
    text.parse().map_err(|_| bad_place())
}

fn bad_place() -> Error {
    let ru = "Дайте одно из before и after: place одной из строк";
    let en = "Give one of before and after: the place of a line";
    Problem::invalid("before", "bad_place", ru, en).into()
}

fn kinds() -> Object {
    word_of(&["heard", "said", "note", "done", "points", "deal"])
}

fn file_kinds() -> Object {
    word_of(&["photo", "document"])
}

fn states_or_none() -> Object {
    word_of(&["sending", "sent", "unsure", "failed"])
}

fn speakers_or_none() -> Object {
    speakers()
}

impl From<conversations::Line> for ThreadLine {
    fn from(line: conversations::Line) -> Self {
        let shown = |file: conversations::Shown| LineFile { id: file.id, kind: file.kind, name: file.name };
        let base = Self {
            id: line.id,
            place: URL_SAFE_NO_PAD.encode(line.place.to_string()),
            at: line.at,
            ..Self::default()
        };
        match line.what {
            What::Heard { text, pressed, file } => {
                Self { kind: "heard", by: Some("contact"), text, pressed, file: file.map(shown), ..base }
            }
            What::Said { message, text, file, buttons, by, author, scenario, state, note, once } => {
                let button = |(label, url)| LineButton { label, url };
                let rows = buttons.into_iter().map(|row: Vec<_>| row.into_iter().map(button).collect());
                Self {
                    kind: "said",
                    by: Some(by.as_str()),
                    author,
                    text,
                    file: file.map(shown),
                    buttons: rows.collect(),
                    scenario,
                    state: Some(state),
                    note,
                    message_id: Some(message.to_string()),
                    once,
                    ..base
                }
            }
            What::Note { author, text } => Self { kind: "note", by: Some("team"), author, text, ..base },
            What::Done { author, what, detail } => Self { kind: "done", author, what, detail, ..base },
            What::Points { points, balance, kind } => {
                Self { kind: "points", points: Some(points), balance: Some(balance), what: kind, ..base }
            }
            What::Deal { title, sum } => Self { kind: "deal", text: title, sum, ..base },
        }
    }
}
