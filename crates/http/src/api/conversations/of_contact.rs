//! A contact's conversation, wherever it takes place: for programs that know contacts and not channels.

use super::ConversationPlace;
use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Json, Path};
use axum::extract::State;
use axum::http::StatusCode;
use samovar_app::App;
use samovar_app::pipeline::{desk, waiting};
use samovar_base::{ContactId, Instant};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Most conversations and lines of one answer.
const LISTED: u32 = 200;

/// By contact.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_waiting))
        .routes(routes!(read_conversation))
        .routes(routes!(answer_contact))
        .routes(routes!(give_back_contact))
}

/// An answer of a person of the company.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "text": "Здравствуйте! Да, по воскресеньям мы открыты с девяти до шести." }))]
pub struct NewAnswer {
    /// What to say, from 1 to 4096 characters.
    #[schema(min_length = 1, max_length = 4096)]
    pub text: String,
}

/// A conversation in which a person of the company is wanted, or talks.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "contact_id": "con_00fs4w8m5xv1g", "name": "Мария", "channel_id": "chn_00fs4w8m5xv1h",
    "since": "2026-11-21T10:00:00Z", "reason": "Просит ответа сотрудника"
}))]
pub struct WaitingConversation {
    /// Who waits.
    pub contact_id: String,
    /// Their name; may be empty.
    pub name: String,
    /// Where.
    pub channel_id: String,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub since: Instant,
    /// What for, in the words of the scenario; empty when somebody of the company began.
    pub reason: String,
    /// When somebody answered last; absent while nobody did.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub answered_at: Option<Instant>,
}

/// Something that was said while a person of the company was wanted or talked.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "at": "2026-11-21T10:00:00Z", "author": "stf_00fs4w8m5xv1q", "text": "Да, с девяти до шести."
}))]
pub struct ConversationLine {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    /// Who of the company said it; absent for the customer.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub author: String,
    /// The words.
    pub text: String,
}

/// List conversations that need a person
///
/// Those who wait longest first, at most 200. Needs the right `conversations_read`.
#[utoipa::path(
    get, path = "/conversations/waiting", tag = "conversations",
    responses((status = 200, description = "Conversations", body = Vec<WaitingConversation>))
)]
async fn list_waiting(
    State(app): State<App>,
    Signed(actor): Signed,
) -> Result<Json<Vec<WaitingConversation>>, Error> {
    let all = waiting::waiting(&app, &actor, 0, LISTED).await?;
    let view = |one: waiting::Waiting| WaitingConversation {
        contact_id: one.contact.to_string(),
        name: one.name,
        channel_id: one.channel.to_string(),
        since: one.since,
        reason: one.reason,
        answered_at: one.answered_at,
    };
    Ok(Json(all.into_iter().map(view).collect()))
}

/// Read a conversation
///
/// What was said while a person of the company was wanted or talked, the latest 200 lines, the youngest first. Needs the
/// right `conversations_read`.
#[utoipa::path(
    get, path = "/contacts/{id}/conversation", tag = "conversations",
    params(("id" = String, Path, description = "con_…")),
    responses((status = 200, description = "Lines", body = Vec<ConversationLine>))
)]
async fn read_conversation(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ContactId>,
) -> Result<Json<Vec<ConversationLine>>, Error> {
    let all = waiting::lines(&app, &actor, id, None, LISTED).await?;
    let view = |line: waiting::Line| ConversationLine { at: line.at, author: line.author, text: line.text };
    Ok(Json(all.into_iter().map(view).collect()))
}

/// Answer a contact
///
/// The words of a person of the company, in the conversation with the bot. From now on the bot is silent there, until
/// `give-back` or until the contact opens it anew. When there is no way to write to the contact, the answer is 409
/// `unreachable`. Needs the right `conversations_write`.
#[utoipa::path(
    post, path = "/contacts/{id}/conversation/answer", tag = "conversations",
    params(("id" = String, Path, description = "con_…")), request_body = NewAnswer,
    responses((status = 202, description = "It is stored and will be sent", body = ConversationPlace))
)]
async fn answer_contact(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ContactId>,
    Json(new): Json<NewAnswer>,
) -> Result<(StatusCode, Json<ConversationPlace>), Error> {
    let channel = desk::answer(&app, &actor, id, new.text).await?;
    Ok((StatusCode::ACCEPTED, Json(ConversationPlace::of(id, channel))))
}

/// Give a conversation back to the bot
///
/// The bot goes on where it fell silent. Where it is not silent, nothing happens. Needs the right
/// `conversations_write`.
#[utoipa::path(
    post, path = "/contacts/{id}/conversation/give-back", tag = "conversations",
    params(("id" = String, Path, description = "con_…")),
    responses((status = 202, description = "It is stored and will be done", body = ConversationPlace))
)]
async fn give_back_contact(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ContactId>,
) -> Result<(StatusCode, Json<ConversationPlace>), Error> {
    let channel = desk::give_back(&app, &actor, id).await?;
    Ok((StatusCode::ACCEPTED, Json(ConversationPlace::of(id, channel))))
}
