//! People who work for the company.

use super::shapes;
use crate::PublicUrl;
use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Change, Json, Path};
use crate::page::{Page, PageQuery, Paging};
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use samovar_app::App;
use samovar_app::Problem;
use samovar_app::access::Actor;
use samovar_app::qr;
use samovar_app::staff::{self, Changes, RoleRef, Whom};
use samovar_base::{ChannelId, Instant, InvitationId, StaffId};
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
    "id": "stf_00fs4w8m5xv1g", "email": "anna@example.org", "name": "Анна", "role": "manager", "role_title": "менеджер",
    "signs_in": true, "revision": 1, "created_at": "2026-11-21T10:00:00Z"
}))]
pub struct Staff {
    /// Id.
    pub id: String,
    /// Unique in the company; absent for those who joined by an invitation.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub email: String,
    /// As colleagues call the person.
    pub name: String,
    /// `owner`, `administrator`, `manager`, `marketer`, `dispatcher`, `cashier`, or `rol_…` of one the company made.
    pub role: String,
    /// The role as people read it.
    pub role_title: String,
    /// The only channels they see; absent: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>)]
    pub channels: Option<Vec<ChannelId>>,
    /// They come into the console; else only into the staff's bot.
    pub signs_in: bool,
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
    /// The only channels they see; `null`: all.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>)]
    pub channels: Change<Vec<ChannelId>>,
}

/// List staff
///
/// Everybody, disabled ones too; at most 1000. Needs the right `staff_manage`.
#[utoipa::path(get, path = "/staff", tag = "staff", responses((status = 200, description = "Everybody", body = Vec<Staff>)))]
async fn list_staff(State(app): State<App>, Signed(actor): Signed) -> Result<Json<Vec<Staff>>, Error> {
    Ok(Json(staff::list(&app, &actor).await?.into_iter().map(|one| told(one, &actor)).collect()))
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
    let staff = staff::add(&app, &actor, &new.email, &new.name, new.role.parse::<RoleRef>()?).await?;
    Ok((StatusCode::CREATED, Json(told(staff, &actor))))
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
    Ok(Json(told(staff::get(&app, &actor, id).await?, &actor)))
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
    let channels = patch.channels.into_option();
    let changes = Changes { name: patch.name, role, disabled: patch.disabled, channels };
    Ok(Json(told(staff::update(&app, &actor, id, patch.revision, changes).await?, &actor)))
}

/// An invitation into the console and the staff's bot.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "inv_00fs4w8m5xv1g", "name": "Анна", "role": "cashier", "state": "open", "created_by": "stf_00fs4w8m5xv1g",
    "created_at": "2026-11-21T10:00:00Z", "expires_at": "2026-11-28T10:00:00Z",
    "payload": "inv_k7d2mmsjq94hhx3vvn5twa8bcpzzr6ye",
    "link": "https://t.me/sadovaya_staff_bot?start=inv_k7d2mmsjq94hhx3vvn5twa8bcpzzr6ye", "role_title": "кассир",
    "console_link": "https://bots.example.org/join/inv_k7d2mmsjq94hhx3vvn5twa8bcpzzr6ye"
}))]
pub struct Invitation {
    /// Id.
    pub id: String,
    /// Of whoever is invited.
    pub name: String,
    /// What they will be: a name, or `rol_…`.
    pub role: String,
    /// The role as people read it.
    pub role_title: String,
    /// The only channels they will see; absent: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>)]
    pub channels: Option<Vec<ChannelId>>,
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
    /// The link into the staff's bot; shown once, where there is such a bot and its messenger has such links.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// The link into the console; shown once. Without the program's own address it begins with a slash.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub console_link: Option<String>,
    /// The QR code of `console_link`; shown once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub console_qr: Option<QrCode>,
}

/// A QR code to be drawn: a path of dark modules, each one unit wide, without the quiet zone of four.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "size": 29, "path": "M0 0h7v1h-7z" }))]
pub struct QrCode {
    /// Modules on a side.
    pub size: u32,
    /// The `d` of an SVG path.
    pub path: String,
}

impl QrCode {
    /// The code of a text; none when it is too long for one.
    pub(super) fn of(text: &str) -> Option<Self> {
        qr::drawn(text).map(|drawn| Self { size: drawn.size, path: drawn.path })
    }
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
    /// The only channels somebody new will see; absent: all that you see.
    #[schema(value_type = Option<Vec<String>>)]
    pub channels: Option<Vec<ChannelId>>,
    /// Somebody who works here already and shall have the bot.
    #[schema(schema_with = shapes::staff_id)]
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
    Ok(Json(Page::cut(rows, paging.limit, |row| row.id).map(|row| invitation(row, &actor))))
}

/// Invite somebody
///
/// One link leads into the console, one into the staff's bot, where there is one; whichever is opened first is good, for
/// seven days. Needs the right `staff_manage` and every right of the role.
#[utoipa::path(post, path = "/staff-invitations", tag = "staff", request_body = NewInvitation,
    responses((status = 201, description = "The invitation, with its link", body = Invitation)))]
async fn invite_staff(
    State(app): State<App>,
    Signed(actor): Signed,
    Extension(PublicUrl(public)): Extension<PublicUrl>,
    Json(new): Json<NewInvitation>,
) -> Result<(StatusCode, Json<Invitation>), Error> {
    let whom = match new {
        NewInvitation { name: Some(name), role: Some(role), staff_id: None, channels } => {
            Whom::New { name, role: role.parse()?, channels }
        }
        NewInvitation { name: None, role: None, staff_id: Some(id), channels: None } => Whom::Known(id),
        _ => {
            let ru = "Назовите имя и роль нового сотрудника или только staff_id того, кто уже работает";
            let en =
                "Give the name and role of somebody new, or only the staff_id of somebody who works here";
            return Err(Problem::invalid("name", "bad_invitation", ru, en).into());
        }
    };
    let made = staff::invite(&app, &actor, whom).await?;
    let base = public.as_ref().map(|url| url.as_str().trim_end_matches('/').to_owned()).unwrap_or_default();
    let console_link = format!("{base}/join/{}", made.payload);
    let view = Invitation {
        payload: Some(made.payload),
        link: made.link,
        console_qr: if base.is_empty() { None } else { QrCode::of(&console_link) },
        console_link: Some(console_link),
        ..invitation(made.invitation, &actor)
    };
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
    Ok(Json(invitation(staff::revoke_invitation(&app, &actor, id).await?, &actor)))
}

fn invitation(one: staff::Invitation, reader: &Actor) -> Invitation {
    Invitation {
        role: one.role_ref().to_string(),
        role_title: one.role_title(&reader.locale),
        id: one.id.to_string(),
        name: one.name,
        channels: one.channels,
        state: one.state,
        staff_id: one.staff.map(|id| id.to_string()),
        created_by: one.created_by,
        created_at: one.created_at,
        expires_at: one.expires_at,
        payload: None,
        link: None,
        console_link: None,
        console_qr: None,
    }
}

fn told(staff: staff::Staff, reader: &Actor) -> Staff {
    Staff {
        role: staff.role_ref().to_string(),
        role_title: staff.role_title(&reader.locale),
        id: staff.id.to_string(),
        email: staff.email,
        name: staff.name,
        channels: staff.channels,
        signs_in: staff.signs_in,
        disabled_at: staff.disabled_at,
        revision: staff.revision,
        created_at: staff.created_at,
    }
}
