//! Keys to this API.

use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Json, Path};
use axum::extract::State;
use axum::http::StatusCode;
use samovar_app::App;
use samovar_app::access::{Right, Rights};
use samovar_app::problem::{Fail, Problem};
use samovar_app::staff;
use samovar_base::{ApiKeyId, Instant};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Keys to this API.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_keys, create_key)).routes(routes!(revoke_key))
}

/// A key, without its token.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "key_00fs4w8m5xv1g", "name": "Касса", "scopes": ["contacts_read", "points_write"],
    "created_by": "stf_00fs4w8m5xv1g", "created_at": "2026-11-21T10:00:00Z", "last_used_at": "2026-11-21T12:00:00Z"
}))]
pub struct ApiKey {
    /// Id.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// What it may do.
    #[schema(value_type = Vec<String>)]
    pub scopes: Vec<Right>,
    /// Who made it.
    pub created_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Instant,
    /// When it was used last, to the hour.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_used_at: Option<Instant>,
    /// Since when it opens nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub revoked_at: Option<Instant>,
}

/// A key to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "Касса", "scopes": ["contacts_read", "points_write"] }))]
pub struct NewApiKey {
    /// What it is for, 1 to 200 characters.
    pub name: String,
    /// Names of rights; all of them must be yours.
    pub scopes: Vec<String>,
}

/// A key with its token, which is shown only now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "key_00fs4w8m5xv1g", "name": "Касса", "scopes": ["contacts_read", "points_write"],
    "created_by": "stf_00fs4w8m5xv1g", "created_at": "2026-11-21T10:00:00Z",
    "token": "sv_k7d2mmsjq94hhx3vvn5twa8bcpzzr6ye"
}))]
pub struct CreatedApiKey {
    /// The key.
    #[serde(flatten)]
    pub key: ApiKey,
    /// What to send as `Authorization: Bearer …`. It is not stored: keep it well.
    pub token: String,
}

/// List keys
///
/// The youngest first, revoked ones too; at most 1000. Needs the right `staff_manage`.
#[utoipa::path(get, path = "/api-keys", tag = "api-keys", responses((status = 200, description = "All keys", body = Vec<ApiKey>)))]
async fn list_keys(State(app): State<App>, Signed(actor): Signed) -> Result<Json<Vec<ApiKey>>, Error> {
    Ok(Json(staff::keys(&app, &actor).await?.into_iter().map(ApiKey::from).collect()))
}

/// Make a key
///
/// The answer holds the token, which cannot be read again. Needs the right `staff_manage` and every right that the key
/// is to have.
#[utoipa::path(
    post, path = "/api-keys", tag = "api-keys", request_body = NewApiKey,
    responses((status = 201, description = "The new key with its token", body = CreatedApiKey))
)]
async fn create_key(
    State(app): State<App>,
    Signed(actor): Signed,
    Json(new): Json<NewApiKey>,
) -> Result<(StatusCode, Json<CreatedApiKey>), Error> {
    let made = staff::create_key(&app, &actor, &new.name, scopes(&new.scopes)?).await?;
    Ok((StatusCode::CREATED, Json(CreatedApiKey { key: made.key.into(), token: made.token })))
}

/// Revoke a key
///
/// It opens nothing any more. Doing it again is no error. Needs the right `staff_manage`.
#[utoipa::path(
    delete, path = "/api-keys/{id}", tag = "api-keys", params(("id" = String, Path, description = "key_…")),
    responses((status = 200, description = "The revoked key", body = ApiKey))
)]
async fn revoke_key(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ApiKeyId>,
) -> Result<Json<ApiKey>, Error> {
    Ok(Json(staff::revoke_key(&app, &actor, id).await?.into()))
}

fn scopes(names: &[String]) -> Result<Rights, Error> {
    let (mut rights, mut problems): (Vec<Right>, Vec<Problem>) = (Vec::new(), Vec::new());
    for (at, name) in names.iter().enumerate() {
        match name.parse::<Right>() {
            Ok(right) => rights.push(right),
            Err(problem) => problems.push(problem.at(&format!("scopes[{at}]"))),
        }
    }
    if problems.is_empty() { Ok(Rights::of(&rights)) } else { Err(Fail::Problems(problems).into()) }
}

impl From<staff::ApiKey> for ApiKey {
    fn from(key: staff::ApiKey) -> Self {
        Self {
            id: key.id.to_string(),
            name: key.name,
            scopes: key.scopes.iter().collect(),
            created_by: key.created_by,
            created_at: key.created_at,
            last_used_at: key.last_used_at,
            revoked_at: key.revoked_at,
        }
    }
}
