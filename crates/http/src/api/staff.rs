//! People who work for the company.

use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Json, Path};
use crate::page::{Page, PageQuery, Paging};
use axum::extract::State;
use axum::http::StatusCode;
use samovar_app::App;
use samovar_app::Problem;
use samovar_app::staff::{self, Changes, Whom};
use samovar_base::{Instant, InvitationId, StaffId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// People who work for the company.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_staff, add_staff))
        .routes(routes!(get_staff, update_staff))
        .routes(routes!(list_invitations, invite_staff))
        .routes(routes!(revoke_invitation))
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
    /// Unique in the company; absent for those who joined by an invitation.
    #[serde(skip_serializing_if = "String::is_empty")]
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

/// An invitation to the staff's bot.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "inv_00fs4w8m5xv1g", "name": "Анна", "role": "cashier", "state": "open", "created_by": "stf_00fs4w8m5xv1g",
    "created_at": "2026-11-21T10:00:00Z", "expires_at": "2026-11-28T10:00:00Z",
    "payload": "inv_k7d2mmsjq94hhx3vvn5twa8bcpzzr6ye",
    "link": "https://t.me/sadovaya_staff_bot?start=inv_k7d2mmsjq94hhx3vvn5twa8bcpzzr6ye"
}))]
pub struct Invitation {
    /// Id.
    pub id: String,
    /// Of whoever is invited.
    pub name: String,
    /// What they will be.
    pub role: String,
    /// `open`, `used`, `revoked` or `expired`.
    #[schema(value_type = String)]
    pub state: staff::InvitationState,
    /// Somebody who works here already; of a used one whoever came by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub staff_id: Option<String>,
    /// Who invited, as in the audit log.
    pub created_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Instant,
    /// From then on it is good for nothing.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Instant,
    /// What the bot is opened with; shown once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payload: Option<String>,
    /// The link to forward; shown once, where the messenger has such links.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// Who is invited: somebody new with `name` and `role`, or `staff_id` alone.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "Анна", "role": "cashier" }))]
pub struct NewInvitation {
    /// As colleagues will call the person.
    pub name: Option<String>,
    /// A role whose rights you have yourself.
    pub role: Option<String>,
    /// Somebody who works here already and shall have the bot.
    #[schema(value_type = Option<String>)]
    pub staff_id: Option<StaffId>,
}

/// List invitations
///
/// The youngest first. Needs the right `staff_manage`.
#[utoipa::path(get, path = "/staff-invitations", tag = "staff", params(PageQuery),
    responses((status = 200, description = "Invitations", body = Page<Invitation>)))]
async fn list_invitations(
    State(app): State<App>,
    Signed(actor): Signed,
    paging: Paging,
) -> Result<Json<Page<Invitation>>, Error> {
    let rows = staff::invitations(&app, &actor, paging.after()?, paging.to_read()).await?;
    Ok(Json(Page::cut(rows, paging.limit, |row| row.id).map(Invitation::from)))
}

/// Invite somebody to the staff's bot
///
/// The link is good once and for seven days. Needs the right `staff_manage` and every right of the role; 409
/// `no_staff_channel` when the company has no channel with the audience `staff`.
#[utoipa::path(post, path = "/staff-invitations", tag = "staff", request_body = NewInvitation,
    responses((status = 201, description = "The invitation, with its link", body = Invitation)))]
async fn invite_staff(
    State(app): State<App>,
    Signed(actor): Signed,
    Json(new): Json<NewInvitation>,
) -> Result<(StatusCode, Json<Invitation>), Error> {
    let whom = match new {
        NewInvitation { name: Some(name), role: Some(role), staff_id: None } => {
            Whom::New { name, role: role.parse()? }
        }
        NewInvitation { name: None, role: None, staff_id: Some(id) } => Whom::Known(id),
        _ => {
            let ru = "Назовите имя и роль нового сотрудника или только staff_id того, кто уже работает";
            let en =
                "Give the name and role of somebody new, or only the staff_id of somebody who works here";
            return Err(Problem::invalid("name", "bad_invitation", ru, en).into());
        }
    };
    let made = staff::invite(&app, &actor, whom).await?;
    let view =
        Invitation { payload: Some(made.payload), link: made.link, ..Invitation::from(made.invitation) };
    Ok((StatusCode::CREATED, Json(view)))
}

/// Take an invitation back
///
/// One that is used or too old stays as it is. Needs the right `staff_manage`.
#[utoipa::path(post, path = "/staff-invitations/{id}/revoke", tag = "staff",
    params(("id" = String, Path, description = "inv_…")),
    responses((status = 200, description = "The invitation as it is now", body = Invitation)))]
async fn revoke_invitation(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<InvitationId>,
) -> Result<Json<Invitation>, Error> {
    Ok(Json(staff::revoke_invitation(&app, &actor, id).await?.into()))
}

impl From<staff::Invitation> for Invitation {
    fn from(one: staff::Invitation) -> Self {
        Self {
            id: one.id.to_string(),
            name: one.name,
            role: one.role.to_string(),
            state: one.state,
            staff_id: one.staff.map(|id| id.to_string()),
            created_by: one.created_by,
            created_at: one.created_at,
            expires_at: one.expires_at,
            payload: None,
            link: None,
        }
    }
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
