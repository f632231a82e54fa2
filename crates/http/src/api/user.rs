//! What somebody who is signed in does with what is their own. By a session only: programs have keys.

use super::entry::LinkToken;
use super::shapes;
use super::staff::QrCode;
use crate::auth::{Person, Secure};
use crate::error::Error;
use crate::extract::{Json, Path};
use crate::{EntryOptions, PublicUrl};
use axum::Extension;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use samovar_app::App;
use samovar_app::problem::Problem;
use samovar_app::users::{self, Profile};
use samovar_base::{Instant, SessionId, TenantId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// One's own affairs.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_user, update_user))
        .routes(routes!(change_password))
        .routes(routes!(change_email))
        .routes(routes!(list_sessions, end_other_sessions))
        .routes(routes!(end_session))
        .routes(routes!(sign_out))
        .routes(routes!(switch_company))
        .routes(routes!(join_company))
        .routes(routes!(begin_second_step, switch_off_second_step))
        .routes(routes!(confirm_second_step))
}

/// Somebody who signs in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "usr_00fs4w8m5xv1g", "email": "anna@example.org", "name": "Анна", "locale": "ru", "has_password": true,
    "second_step_since": "2026-11-21T10:00:00Z", "recovery_codes_left": 9, "created_at": "2026-11-21T10:00:00Z"
}))]
pub struct User {
    /// Id.
    pub id: String,
    /// They sign in by it.
    pub email: String,
    /// As colleagues call the person.
    pub name: String,
    /// Language of the console: `ru` or `en`.
    pub locale: String,
    /// A password was chosen; without one they come by links.
    pub has_password: bool,
    /// Since when a second step is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub second_step_since: Option<Instant>,
    /// Recovery codes that were not used.
    pub recovery_codes_left: u32,
    /// When they came.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Instant,
}

/// What to change; what is absent stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "Анна", "locale": "ru" }))]
pub struct UserPatch {
    /// 1 to 200 characters.
    pub name: Option<String>,
    /// `ru` or `en`.
    pub locale: Option<String>,
}

/// A password for another.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "present": "чайник на плите", "password": "самовар на подносе" }))]
pub struct PasswordChange {
    /// The one they have; may be empty where none was chosen yet.
    pub present: String,
    /// 10 to 200 characters.
    pub password: String,
}

/// Another address to sign in by.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "email": "anna@example.net", "password": "чайник на плите" }))]
pub struct EmailChange {
    /// The new address.
    pub email: String,
    /// The present password; may be empty where none was chosen yet.
    pub password: String,
}

/// A browser in which they are signed in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "ses_00fs4w8m5xv1g", "device": "Chrome, Windows", "address": "203.0.113.7", "current": true,
    "created_at": "2026-11-21T10:00:00Z", "used_at": "2026-11-21T12:00:00Z"
}))]
pub struct Session {
    /// Id.
    pub id: String,
    /// Browser and system; empty when unknown.
    pub device: String,
    /// Where it was signed in from.
    pub address: String,
    /// It is the one that asks.
    pub current: bool,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Instant,
    /// When it was used last, to ten minutes.
    #[schema(value_type = String, format = DateTime)]
    pub used_at: Instant,
}

/// A company to look at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "company_id": "ten_00fs4w8m5xv1g" }))]
pub struct CompanyChoice {
    /// One of [`me`](super::tenant)'s companies.
    #[schema(schema_with = shapes::tenant_id)]
    pub company_id: TenantId,
}

/// A password, to prove who it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "password": "чайник на плите" }))]
pub struct Proof {
    /// The password.
    pub password: String,
}

/// A second step that is being set up.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "secret": "MZXW6YTBOI", "address": "otpauth://totp/Samovar:anna@example.org?secret=MZXW6YTBOI&issuer=Samovar" }))]
pub struct Enrolment {
    /// What to type into the app.
    pub secret: String,
    /// What the QR code for the app says.
    pub address: String,
    /// That code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub qr: Option<QrCode>,
}

/// A code of the authenticator.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "code": "287082" }))]
pub struct Code {
    /// Six digits.
    pub code: String,
}

/// Recovery codes, each good once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "codes": ["k7d2m-msjq9", "4hhx3-vvn5t"] }))]
pub struct RecoveryCodes {
    /// Shown only now.
    pub codes: Vec<String>,
}

/// Read one's own card
///
/// Needs a session.
#[utoipa::path(get, path = "/user", tag = "user", responses((status = 200, description = "Who it is", body = User)))]
async fn get_user(State(app): State<App>, Person(signed): Person) -> Result<Json<User>, Error> {
    Ok(Json(users::own(&app, &signed).await?.0.into()))
}

/// Change one's name or language
///
/// Needs a session.
#[utoipa::path(patch, path = "/user", tag = "user", request_body = UserPatch,
    responses((status = 200, description = "Who it is now", body = User)))]
async fn update_user(
    State(app): State<App>,
    Person(signed): Person,
    Json(patch): Json<UserPatch>,
) -> Result<Json<User>, Error> {
    let profile = Profile { name: patch.name, locale: patch.locale };
    Ok(Json(users::update(&app, &signed, profile).await?.into()))
}

/// Change the password
///
/// All other sessions end. Needs a session and the present password.
#[utoipa::path(post, path = "/user/password", tag = "user", request_body = PasswordChange,
    responses((status = 204, description = "Changed")))]
async fn change_password(
    State(app): State<App>,
    Person(signed): Person,
    Json(change): Json<PasswordChange>,
) -> Result<StatusCode, Error> {
    super::entry::slowly(&app, &signed)?;
    users::change_password(&app, &signed, &change.present, &change.password).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Change the e-mail
///
/// A letter with a link goes to the new address, and another one tells the present address of it. They sign in by the new
/// one once the link was opened, within a day. Needs a session and the password; where no letters are sent, 409 `no_mail`.
#[utoipa::path(post, path = "/user/email", tag = "user", request_body = EmailChange,
    responses((status = 202, description = "The letters are on their way")))]
async fn change_email(
    State(app): State<App>,
    Extension(options): Extension<EntryOptions>,
    Extension(PublicUrl(public)): Extension<PublicUrl>,
    Person(signed): Person,
    Json(change): Json<EmailChange>,
) -> Result<StatusCode, Error> {
    super::entry::slowly(&app, &signed)?;
    let Some(post) = options.post else {
        let ru = "Этот сервер не отправляет писем, а почту нужно подтвердить. Попросите настроить почту на сервере";
        let en =
            "This server sends no letters, and an e-mail has to be confirmed. Ask to have mail set up on it";
        return Err(Problem::refused("no_mail", ru, en).into());
    };
    let base = public.as_ref().map(|url| url.as_str().trim_end_matches('/').to_owned()).unwrap_or_default();
    let link_of = |token: &str| format!("{base}/email/{token}");
    let letters = users::change_email(&app, &signed, &change.password, &change.email, link_of).await?;
    // A server that takes its time with letters is not waited for.
    tokio::spawn(async move {
        for letter in letters {
            post(letter).await;
        }
    });
    Ok(StatusCode::ACCEPTED)
}

/// List one's sessions
///
/// The youngest first. Needs a session.
#[utoipa::path(get, path = "/user/sessions", tag = "user",
    responses((status = 200, description = "All sessions", body = Vec<Session>)))]
async fn list_sessions(State(app): State<App>, Person(signed): Person) -> Result<Json<Vec<Session>>, Error> {
    Ok(Json(users::list_sessions(&app, &signed).await?.into_iter().map(Session::from).collect()))
}

/// End all other sessions
///
/// Needs a session.
#[utoipa::path(delete, path = "/user/sessions", tag = "user", responses((status = 204, description = "Ended")))]
async fn end_other_sessions(State(app): State<App>, Person(signed): Person) -> Result<StatusCode, Error> {
    users::end_others(&app, &signed).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// End a session
///
/// Doing it again is no error. Needs a session.
#[utoipa::path(delete, path = "/user/sessions/{id}", tag = "user",
    params(("id" = String, Path, description = "ses_…")), responses((status = 204, description = "Ended")))]
async fn end_session(
    State(app): State<App>,
    Person(signed): Person,
    Path(id): Path<SessionId>,
) -> Result<StatusCode, Error> {
    users::end_session(&app, &signed, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sign out
///
/// Ends this session. Needs a session.
#[utoipa::path(post, path = "/user/sign-out", tag = "user", responses((status = 204, description = "Signed out")))]
async fn sign_out(State(app): State<App>, Person(signed): Person, secure: Secure) -> Result<Response, Error> {
    users::sign_out(&app, &signed).await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, secure.forget())]).into_response())
}

/// Look at another company
///
/// From now on this session is of that company. Needs a session of somebody who works there.
#[utoipa::path(post, path = "/user/company", tag = "user", request_body = CompanyChoice,
    responses((status = 204, description = "Switched")))]
async fn switch_company(
    State(app): State<App>,
    Person(signed): Person,
    Json(choice): Json<CompanyChoice>,
) -> Result<StatusCode, Error> {
    users::switch(&app, &signed, choice.company_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Join another company
///
/// By the token of an invitation; the session looks at that company from now on. Needs a session.
#[utoipa::path(post, path = "/user/join", tag = "user", request_body = LinkToken,
    responses((status = 204, description = "Joined")))]
async fn join_company(
    State(app): State<App>,
    Person(signed): Person,
    Json(given): Json<LinkToken>,
) -> Result<StatusCode, Error> {
    users::join_as(&app, &signed, &given.token).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Begin to set up the second step
///
/// It is asked for once it is confirmed. Needs a session and the password.
#[utoipa::path(post, path = "/user/second-step", tag = "user", request_body = Proof,
    responses((status = 200, description = "What the authenticator has to know", body = Enrolment)))]
async fn begin_second_step(
    State(app): State<App>,
    Person(signed): Person,
    Json(proof): Json<Proof>,
) -> Result<Json<Enrolment>, Error> {
    super::entry::slowly(&app, &signed)?;
    let users::Enrolment { secret, address } = users::begin(&app, &signed, &proof.password).await?;
    Ok(Json(Enrolment { secret, qr: QrCode::of(&address), address }))
}

/// Confirm the second step
///
/// By a code of the authenticator. All other sessions end. Needs a session.
#[utoipa::path(post, path = "/user/second-step/confirm", tag = "user", request_body = Code,
    responses((status = 200, description = "It is on; recovery codes", body = RecoveryCodes)))]
async fn confirm_second_step(
    State(app): State<App>,
    Person(signed): Person,
    Json(given): Json<Code>,
) -> Result<Json<RecoveryCodes>, Error> {
    super::entry::slowly(&app, &signed)?;
    Ok(Json(RecoveryCodes { codes: users::confirm(&app, &signed, &given.code).await? }))
}

/// Switch the second step off
///
/// Needs a session and the password.
#[utoipa::path(delete, path = "/user/second-step", tag = "user", request_body = Proof,
    responses((status = 204, description = "Switched off")))]
async fn switch_off_second_step(
    State(app): State<App>,
    Person(signed): Person,
    Json(proof): Json<Proof>,
) -> Result<StatusCode, Error> {
    super::entry::slowly(&app, &signed)?;
    users::switch_off(&app, &signed, &proof.password).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<users::User> for User {
    fn from(user: users::User) -> Self {
        Self {
            id: user.id.to_string(),
            has_password: user.has_password(),
            email: user.email,
            name: user.name,
            locale: user.locale,
            second_step_since: user.second_step_since,
            recovery_codes_left: u32::try_from(user.recovery_left).unwrap_or_default(),
            created_at: user.created_at,
        }
    }
}

impl From<users::Session> for Session {
    fn from(session: users::Session) -> Self {
        Self {
            id: session.id.to_string(),
            device: session.device,
            address: session.address,
            current: session.current,
            created_at: session.created_at,
            used_at: session.used_at,
        }
    }
}
