//! Messages that are not at their messenger, or perhaps not.

use super::ledger::Cause;
use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Json, Path, Query};
use crate::page::{Page, PageQuery, Paging};
use axum::extract::State;
use axum::http::StatusCode;
use samovar_app::App;
use samovar_app::pipeline::desk::{self, MessageState};
use samovar_base::{Instant, OutboundId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Messages.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_messages)).routes(routes!(repeat_message))
}

/// A message to a contact.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "out_00fs4w8m5xv1m", "contact_id": "con_00fs4w8m5xv1g", "channel_id": "chn_00fs4w8m5xv1h", "class": "service",
    "text": "Вам начислено 100 баллов", "state": "unsure", "note": "the connection was lost", "attempts": 1,
    "created_at": "2026-11-21T10:00:00Z", "cause": { "by": "staff", "id": "stf_00fs4w8m5xv1q" }
}))]
pub struct Message {
    /// Id.
    pub id: String,
    /// To whom.
    pub contact_id: String,
    /// By which channel.
    pub channel_id: String,
    /// `answer` to a person who waits for it, `service`: about something that happened to them, `bulk`: to many.
    #[schema(schema_with = class)]
    pub class: &'static str,
    /// What it says; empty when it is only a picture, and when the person was erased.
    pub text: String,
    /// The picture or file in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media: Option<String>,
    /// `waiting` until `due_at`; `unsure`: perhaps it arrived; `failed`: it did not, and was given up.
    #[schema(schema_with = state)]
    pub state: &'static str,
    /// Why, in the words of the program or the messenger.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// How often it was handed to the messenger.
    pub attempts: i64,
    /// When it may be sent; only of messages that wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due_at: Option<Instant>,
    /// When it was decided.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Instant,
    /// What it comes from.
    pub cause: Cause,
}

/// Which messages.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MessageQuery {
    /// `unsure`, `failed` or `waiting`.
    #[param(schema_with = state)]
    pub state: MessageState,
}

/// List messages that were not simply sent
///
/// The youngest first. Needs the right `conversations_read`.
#[utoipa::path(
    get, path = "/messages", tag = "conversations", params(MessageQuery, PageQuery),
    responses((status = 200, description = "A page of messages", body = Page<Message>))
)]
async fn list_messages(
    State(app): State<App>,
    Signed(actor): Signed,
    Query(query): Query<MessageQuery>,
    paging: Paging,
) -> Result<Json<Page<Message>>, Error> {
    let found = desk::messages(&app, &actor, query.state, paging.after()?, paging.to_read()).await?;
    Ok(Json(Page::cut(found, paging.limit, |message| message.id).map(Message::from)))
}

/// Send a message again
///
/// Only of those that are `unsure` or `failed`; of an unsure one you decide that it may arrive twice. A message that is
/// older than a day is not tried again when the messenger is away. Needs the right `conversations_write`.
#[utoipa::path(
    post, path = "/messages/{id}/repeat", tag = "conversations",
    params(("id" = String, Path, description = "out_…")),
    responses((status = 202, description = "It waits to be sent, now", body = Message))
)]
async fn repeat_message(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<OutboundId>,
) -> Result<(StatusCode, Json<Message>), Error> {
    let message = desk::repeat_message(&app, &actor, id).await?;
    Ok((StatusCode::ACCEPTED, Json(message.into())))
}

impl From<desk::Message> for Message {
    fn from(message: desk::Message) -> Self {
        let desk::Message { cause, .. } = message;
        Self {
            id: message.id.to_string(),
            contact_id: message.contact.to_string(),
            channel_id: message.channel.to_string(),
            class: message.class,
            text: message.text,
            media: message.media,
            state: message.state.as_str(),
            note: message.note,
            attempts: message.attempts,
            due_at: message.due_at,
            created_at: message.created_at,
            cause: Cause { by: cause.by, id: cause.id, step: cause.step },
        }
    }
}

fn class() -> utoipa::openapi::schema::Object {
    super::word_of(&["answer", "service", "bulk"])
}

fn state() -> utoipa::openapi::schema::Object {
    super::word_of(&["unsure", "failed", "waiting"])
}
