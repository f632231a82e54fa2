//! Conversations with contacts, taken over by a person of the company and given back to the bot.

use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Json, Path};
use axum::extract::State;
use axum::http::StatusCode;
use samovar_app::App;
use samovar_app::pipeline::desk;
use samovar_base::{ChannelId, ContactId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Conversations.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(answer_contact)).routes(routes!(give_back_contact))
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

/// Where it takes place.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "contact_id": "con_00fs4w8m5xv1g", "channel_id": "chn_00fs4w8m5xv1h" }))]
pub struct Conversation {
    /// With whom.
    pub contact_id: String,
    /// By which channel: the last one in which the contact was met and that they did not forbid.
    pub channel_id: String,
}

/// Answer a contact
///
/// The words of a person of the company, in the conversation with the bot. From now on the bot is silent there, until
/// `give-back` or until the contact opens it anew. When there is no way to write to the contact, the answer is 409
/// `unreachable`. Needs the right `conversations_write`.
#[utoipa::path(
    post, path = "/contacts/{id}/conversation/answer", tag = "conversations",
    params(("id" = String, Path, description = "con_…")), request_body = NewAnswer,
    responses((status = 202, description = "It is stored and will be sent", body = Conversation))
)]
async fn answer_contact(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ContactId>,
    Json(new): Json<NewAnswer>,
) -> Result<(StatusCode, Json<Conversation>), Error> {
    let channel = desk::answer(&app, &actor, id, new.text).await?;
    Ok((StatusCode::ACCEPTED, Json(Conversation::of(id, channel))))
}

/// Give a conversation back to the bot
///
/// The bot goes on where it fell silent. Where it is not silent, nothing happens. Needs the right
/// `conversations_write`.
#[utoipa::path(
    post, path = "/contacts/{id}/conversation/give-back", tag = "conversations",
    params(("id" = String, Path, description = "con_…")),
    responses((status = 202, description = "It is stored and will be done", body = Conversation))
)]
async fn give_back_contact(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ContactId>,
) -> Result<(StatusCode, Json<Conversation>), Error> {
    let channel = desk::give_back(&app, &actor, id).await?;
    Ok((StatusCode::ACCEPTED, Json(Conversation::of(id, channel))))
}

impl Conversation {
    fn of(contact: ContactId, channel: ChannelId) -> Self {
        Self { contact_id: contact.to_string(), channel_id: channel.to_string() }
    }
}
