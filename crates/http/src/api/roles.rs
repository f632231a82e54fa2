//! Roles: those that every company has, and those it makes for itself.

use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Json, Path, Query};
use axum::extract::State;
use axum::http::StatusCode;
use samovar_app::App;
use samovar_app::access::{Right, Rights, Role};
use samovar_app::staff::{self, OwnRole, RoleDraft};
use samovar_base::RoleId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Roles and rights.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_roles, create_role))
        .routes(routes!(update_role, remove_role))
        .routes(routes!(list_rights))
}

/// A role.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "role": "rol_00fs4w8m5xv1g", "title": "Старший кассир", "base": "cashier", "people": 2, "revision": 1,
    "rights": ["contacts_read", "points_read", "points_write"]
}))]
pub struct RoleRights {
    /// Its name, or `rol_…` of one the company made.
    pub role: String,
    /// As people read it.
    pub title: String,
    /// What it may do.
    #[schema(value_type = Vec<String>)]
    pub rights: Vec<Right>,
    /// Of one the company made: the role that stands for it wherever rules go by role.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub base: Option<Role>,
    /// Of one the company made: how many people have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub people: Option<i64>,
    /// Of one the company made: grows with every change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<i64>,
}

/// A role to be made, or what one is to become.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "title": "Старший кассир", "base": "cashier", "rights": ["contacts_read", "points_write"] }))]
pub struct RoleInput {
    /// 1 to 200 characters.
    pub title: String,
    /// The role that stands for it wherever rules go by role; not `owner`.
    pub base: String,
    /// Names of rights; all of them must be yours.
    pub rights: Vec<String>,
    /// Refused when the role has another revision by now; only of a change.
    pub revision: Option<i64>,
}

/// A right.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "right": "contacts_read", "title": "видеть клиентов" }))]
pub struct RightTitle {
    /// Its name.
    #[schema(value_type = String)]
    pub right: Right,
    /// As people read it, in the language of the reader.
    pub title: String,
}

/// In which language.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LocaleQuery {
    /// `ru` or `en`; the reader's own when absent.
    pub locale: Option<String>,
}

/// List roles
///
/// All roles with their rights, those of the company's own at the end. Needs no right.
#[utoipa::path(get, path = "/roles", tag = "staff", params(LocaleQuery),
    responses((status = 200, description = "All roles", body = Vec<RoleRights>)))]
async fn list_roles(
    State(app): State<App>,
    Signed(actor): Signed,
    Query(query): Query<LocaleQuery>,
) -> Result<Json<Vec<RoleRights>>, Error> {
    let locale = query.locale.unwrap_or_else(|| actor.locale.clone());
    let built_in = |role: &Role| RoleRights {
        role: role.to_string(),
        title: role.title(&locale).to_owned(),
        rights: role.rights().iter().collect(),
        base: None,
        people: None,
        revision: None,
    };
    let own = staff::roles(&app, &actor).await?;
    Ok(Json(Role::ALL.iter().map(built_in).chain(own.into_iter().map(RoleRights::from)).collect()))
}

/// Make a role
///
/// Needs the right `staff_manage` and every right of the role.
#[utoipa::path(post, path = "/roles", tag = "staff", request_body = RoleInput,
    responses((status = 201, description = "The new role", body = RoleRights)))]
async fn create_role(
    State(app): State<App>,
    Signed(actor): Signed,
    Json(new): Json<RoleInput>,
) -> Result<(StatusCode, Json<RoleRights>), Error> {
    let role = staff::make_role(&app, &actor, draft(&new)?).await?;
    Ok((StatusCode::CREATED, Json(role.into())))
}

/// Change a role
///
/// For everybody who has it, at once. Needs the right `staff_manage` and every right of the role before and after.
#[utoipa::path(put, path = "/roles/{id}", tag = "staff", params(("id" = String, Path, description = "rol_…")),
    request_body = RoleInput, responses((status = 200, description = "The role as it is now", body = RoleRights)))]
async fn update_role(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<RoleId>,
    Json(change): Json<RoleInput>,
) -> Result<Json<RoleRights>, Error> {
    let role = staff::change_role(&app, &actor, id, change.revision, draft(&change)?).await?;
    Ok(Json(role.into()))
}

/// Remove a role
///
/// One that nobody has. Needs the right `staff_manage` and every right of the role.
#[utoipa::path(delete, path = "/roles/{id}", tag = "staff", params(("id" = String, Path, description = "rol_…")),
    responses((status = 204, description = "Removed")))]
async fn remove_role(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<RoleId>,
) -> Result<StatusCode, Error> {
    staff::remove_role(&app, &actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List rights
///
/// All there are, in words. Needs no right.
#[utoipa::path(get, path = "/rights", tag = "staff", params(LocaleQuery),
    responses((status = 200, description = "All rights", body = Vec<RightTitle>)))]
async fn list_rights(Signed(actor): Signed, Query(query): Query<LocaleQuery>) -> Json<Vec<RightTitle>> {
    let locale = query.locale.unwrap_or(actor.locale);
    let told = |right: &Right| RightTitle { right: *right, title: right.title(&locale).to_owned() };
    Json(Right::ALL.iter().map(told).collect())
}

fn draft(input: &RoleInput) -> Result<RoleDraft, Error> {
    let base = input.base.parse::<Role>().map_err(|problem| problem.at("base"))?;
    let mut rights = Vec::new();
    for name in &input.rights {
        rights.push(name.parse::<Right>().map_err(|problem| problem.at("rights"))?);
    }
    Ok(RoleDraft { title: input.title.clone(), base, rights: Rights::of(&rights) })
}

impl From<OwnRole> for RoleRights {
    fn from(role: OwnRole) -> Self {
        Self {
            role: role.id.to_string(),
            title: role.title,
            rights: role.rights.iter().collect(),
            base: Some(role.base),
            people: Some(role.people),
            revision: Some(role.revision),
        }
    }
}
