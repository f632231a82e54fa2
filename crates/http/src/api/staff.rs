//! People who work for the company.

use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Json, Path};
use axum::extract::State;
use axum::http::StatusCode;
use samovar_app::App;
use samovar_app::staff::{self, Changes};
use samovar_base::{Instant, StaffId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// People who work for the company.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_staff, add_staff)).routes(routes!(get_staff, update_staff))
}

/// Somebody who works for the company.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "stf_00fs4w8m5xv1g", "email": "anna@example.org", "name": "Анна", "role": "manager", "has_password": false,
    "revision": 1, "created_at": "2026-11-21T10:00:00Z"
}))]
pub struct Staff {
    /// Id.
    pub id: String,
    /// Unique in the company.
    pub email: String,
    /// As colleagues call the person.
    pub name: String,
    /// `owner`, `administrator`, `manager`, `marketer`, `dispatcher`, `cashier`.
    pub role: String,
    /// A password was chosen.
    pub has_password: bool,
    /// Since when they may do nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub disabled_at: Option<Instant>,
    /// Grows with every change.
    pub revision: i64,
    /// When they were added.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Instant,
}

/// Somebody to be added.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "email": "anna@example.org", "name": "Анна", "role": "manager" }))]
pub struct NewStaff {
    /// Unique in the company.
    pub email: String,
    /// 1 to 200 characters.
    pub name: String,
    /// A role whose rights you have yourself.
    pub role: String,
}

/// What to change; what is absent stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "role": "administrator", "revision": 1 }))]
pub struct StaffPatch {
    /// Refused when they have another revision by now.
    pub revision: Option<i64>,
    /// 1 to 200 characters.
    pub name: Option<String>,
    /// A role whose rights you have yourself.
    pub role: Option<String>,
    /// `true` takes all rights away, `false` gives them back.
    pub disabled: Option<bool>,
}

/// List staff
///
/// Everybody, disabled ones too; at most 1000. Needs the right `staff_manage`.
#[utoipa::path(get, path = "/staff", tag = "staff", responses((status = 200, description = "Everybody", body = Vec<Staff>)))]
async fn list_staff(State(app): State<App>, Signed(actor): Signed) -> Result<Json<Vec<Staff>>, Error> {
    Ok(Json(staff::list(&app, &actor).await?.into_iter().map(Staff::from).collect()))
}

/// Add a staff member
///
/// Needs the right `staff_manage` and every right of the role.
#[utoipa::path(
    post, path = "/staff", tag = "staff", request_body = NewStaff,
    responses((status = 201, description = "The new staff member", body = Staff))
)]
async fn add_staff(
    State(app): State<App>,
    Signed(actor): Signed,
    Json(new): Json<NewStaff>,
) -> Result<(StatusCode, Json<Staff>), Error> {
    let staff = staff::add(&app, &actor, &new.email, &new.name, new.role.parse()?).await?;
    Ok((StatusCode::CREATED, Json(staff.into())))
}

/// Read a staff member
///
/// Needs the right `staff_manage`.
#[utoipa::path(
    get, path = "/staff/{id}", tag = "staff", params(("id" = String, Path, description = "stf_…")),
    responses((status = 200, description = "The staff member", body = Staff))
)]
async fn get_staff(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<StaffId>,
) -> Result<Json<Staff>, Error> {
    Ok(Json(staff::get(&app, &actor, id).await?.into()))
}

/// Change a staff member
///
/// The last owner stays an owner. Needs the right `staff_manage` and every right of the old and the new role.
#[utoipa::path(
    patch, path = "/staff/{id}", tag = "staff", params(("id" = String, Path, description = "stf_…")),
    request_body = StaffPatch, responses((status = 200, description = "The staff member as it is now", body = Staff))
)]
async fn update_staff(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<StaffId>,
    Json(patch): Json<StaffPatch>,
) -> Result<Json<Staff>, Error> {
    let role = patch.role.as_deref().map(str::parse).transpose()?;
    let changes = Changes { name: patch.name, role, disabled: patch.disabled };
    Ok(Json(staff::update(&app, &actor, id, patch.revision, changes).await?.into()))
}

impl From<staff::Staff> for Staff {
    fn from(staff: staff::Staff) -> Self {
        Self {
            id: staff.id.to_string(),
            email: staff.email,
            name: staff.name,
            role: staff.role.to_string(),
            has_password: staff.has_password,
            disabled_at: staff.disabled_at,
            revision: staff.revision,
            created_at: staff.created_at,
        }
    }
}
