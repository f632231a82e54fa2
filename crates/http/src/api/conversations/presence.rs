//! Who of the team is in a conversation.

use super::place;
use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Json, Path};
use axum::extract::State;
use axum::http::StatusCode;
use samovar_app::App;
use samovar_app::conversations;
use samovar_base::{ChannelId, ContactId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Who is there.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_present, enter_conversation))
}

/// Whether the asker is in the conversation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "here": true, "writes": true }))]
pub struct Entrance {
    /// False when they leave it.
    pub here: bool,
    /// They write an answer.
    #[serde(default)]
    pub writes: bool,
}

/// Somebody who is in the conversation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "staff_id": "stf_00fs4w8m5xv1q", "name": "Ольга", "writes": true }))]
pub struct Present {
    /// Who.
    pub staff_id: String,
    /// As colleagues call them.
    pub name: String,
    /// They write an answer.
    pub writes: bool,
}

/// Who else is in the conversation.
#[derive(Debug, Serialize, ToSchema)]
pub struct PresentPeople {
    /// Without the asker.
    pub items: Vec<Present>,
}

/// List who is in a conversation
///
/// Who else looks at it, or writes an answer at this moment. Needs the right `conversations_read`.
#[utoipa::path(
    get, path = "/conversations/{contact_id}/{channel_id}/presence", tag = "conversations",
    params(("contact_id" = String, Path, description = "con_…"), ("channel_id" = String, Path, description = "chn_…")),
    responses((status = 200, description = "Who", body = PresentPeople))
)]
async fn list_present(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(at): Path<(ContactId, ChannelId)>,
) -> Result<Json<PresentPeople>, Error> {
    let all = conversations::present(&app, &actor, place(at)).await?;
    let view = |one: conversations::Present| Present {
        staff_id: one.staff.to_string(),
        name: one.name,
        writes: one.writes,
    };
    Ok(Json(PresentPeople { items: all.into_iter().map(view).collect() }))
}

/// Enter or leave a conversation
///
/// Colleagues see who is there. To be said again within 20 seconds. Needs the right `conversations_read`.
#[utoipa::path(
    put, path = "/conversations/{contact_id}/{channel_id}/presence", tag = "conversations",
    params(("contact_id" = String, Path, description = "con_…"), ("channel_id" = String, Path, description = "chn_…")),
    request_body = Entrance, responses((status = 204, description = "It is known"))
)]
async fn enter_conversation(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(at): Path<(ContactId, ChannelId)>,
    Json(new): Json<Entrance>,
) -> Result<StatusCode, Error> {
    conversations::enter(&app, &actor, place(at), new.here.then_some(new.writes)).await?;
    Ok(StatusCode::NO_CONTENT)
}
