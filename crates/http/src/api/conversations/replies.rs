//! Answers that are ready to be said.

use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Json, Path};
use axum::extract::State;
use axum::http::StatusCode;
use samovar_app::App;
use samovar_app::conversations::{self, Reply, Words};
use samovar_base::ReplyId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Ready answers.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_replies, add_reply)).routes(routes!(change_reply, remove_reply))
}

/// An answer that is ready to be said.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "rpl_00fs4w8m5xv1g", "name": "часы", "text": "{name}, мы открыты с девяти до шести.", "own": false, "revision": 1
}))]
pub struct QuickReply {
    /// Id.
    pub id: String,
    /// What is typed after the slash.
    pub name: String,
    /// The words; `{name}` stands for the contact's first name.
    pub text: String,
    /// Only the asker's.
    pub own: bool,
    /// Grows with every change.
    pub revision: i64,
}

/// What an answer is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "часы", "text": "{name}, мы открыты с девяти до шести.", "own": true }))]
pub struct QuickReplyDraft {
    /// Of a change: the one that was seen.
    #[serde(default)]
    pub revision: Option<i64>,
    /// What is typed after the slash, up to 40 characters.
    #[schema(min_length = 1, max_length = 40)]
    pub name: String,
    /// The words, up to 4096 characters.
    #[schema(min_length = 1, max_length = 4096)]
    pub text: String,
    /// Only for the asker; everybody's need the right `settings_manage`.
    #[serde(default)]
    pub own: bool,
}

/// Everybody's and the asker's own, by name.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuickReplies {
    /// At most 500.
    pub items: Vec<QuickReply>,
}

/// List ready answers
///
/// Everybody's and the asker's own. Needs the right `conversations_read`.
#[utoipa::path(
    get, path = "/conversations/replies", tag = "conversations",
    responses((status = 200, description = "Ready answers", body = QuickReplies))
)]
async fn list_replies(State(app): State<App>, Signed(actor): Signed) -> Result<Json<QuickReplies>, Error> {
    let all = conversations::replies(&app, &actor).await?;
    Ok(Json(QuickReplies { items: all.into_iter().map(QuickReply::from).collect() }))
}

/// Add a ready answer
///
/// Needs the right `conversations_write`; one for everybody `settings_manage` too.
#[utoipa::path(
    post, path = "/conversations/replies", tag = "conversations", request_body = QuickReplyDraft,
    responses((status = 201, description = "It is there", body = QuickReply))
)]
async fn add_reply(
    State(app): State<App>,
    Signed(actor): Signed,
    Json(draft): Json<QuickReplyDraft>,
) -> Result<(StatusCode, Json<QuickReply>), Error> {
    let reply = conversations::add_reply(&app, &actor, draft.into()).await?;
    Ok((StatusCode::CREATED, Json(reply.into())))
}

/// Change a ready answer
///
/// If it still has that revision. Needs the rights of adding one.
#[utoipa::path(
    put, path = "/conversations/replies/{id}", tag = "conversations",
    params(("id" = String, Path, description = "rpl_…")), request_body = QuickReplyDraft,
    responses((status = 200, description = "As it is now", body = QuickReply))
)]
async fn change_reply(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ReplyId>,
    Json(draft): Json<QuickReplyDraft>,
) -> Result<Json<QuickReply>, Error> {
    let revision = draft.revision.unwrap_or_default();
    Ok(Json(conversations::change_reply(&app, &actor, id, revision, draft.into()).await?.into()))
}

/// Remove a ready answer
///
/// Needs the rights of adding one.
#[utoipa::path(
    delete, path = "/conversations/replies/{id}", tag = "conversations",
    params(("id" = String, Path, description = "rpl_…")), responses((status = 204, description = "It is gone"))
)]
async fn remove_reply(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ReplyId>,
) -> Result<StatusCode, Error> {
    conversations::remove_reply(&app, &actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<QuickReplyDraft> for Words {
    fn from(draft: QuickReplyDraft) -> Self {
        Self { name: draft.name, text: draft.text, own: draft.own }
    }
}

impl From<Reply> for QuickReply {
    fn from(reply: Reply) -> Self {
        let Reply { id, staff, name, text, revision } = reply;
        Self { id: id.to_string(), name, text, own: staff.is_some(), revision }
    }
}
