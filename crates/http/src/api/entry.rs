//! Coming in: sign-up, sign-in, links. Nobody is signed in yet; what opens a session sets its cookie.

use crate::EntryOptions;
use crate::auth::{Console, Secure};
use crate::error::Error;
use crate::extract::{Json, Path};
use crate::limit::{Limiter, Origin};
use axum::Extension;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use samovar_app::App;
use samovar_app::staff;
use samovar_app::users::{self, Entered, NewCompany};
use samovar_base::Instant;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Ways in.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_entry))
        .routes(routes!(sign_up))
        .routes(routes!(sign_in))
        .routes(routes!(pass_second_step))
        .routes(routes!(sign_in_by_link))
        .routes(routes!(forget_password))
        .routes(routes!(reset_password))
        .routes(routes!(confirm_email))
        .routes(routes!(get_invitation))
        .routes(routes!(join))
}

/// Tries from one address: a household, an office.
static BY_ADDRESS: LazyLock<Limiter> = LazyLock::new(|| Limiter::new(30, 5_000));
/// Tries for one person, from wherever.
static BY_EMAIL: LazyLock<Limiter> = LazyLock::new(|| Limiter::new(10, 30_000));

/// What this instance offers to those who come.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "sign_up": true, "mail": false }))]
pub struct Entry {
    /// A company can be made here.
    pub sign_up: bool,
    /// Letters are sent, so a forgotten password can be reset by one.
    pub mail: bool,
}

/// A company and its owner, both new.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "company": "Кофейня «Самовар»", "zone": "Europe/Moscow", "locale": "ru",
    "name": "Анна", "email": "anna@example.org", "password": "чайник на плите"
}))]
pub struct SignUp {
    /// What customers call the company, 1 to 200 characters.
    pub company: String,
    /// IANA name of its time zone.
    pub zone: String,
    /// Language of the company and of the console: `ru` or `en`.
    pub locale: String,
    /// What colleagues call the owner.
    pub name: String,
    /// Their address; they sign in by it.
    pub email: String,
    /// 10 to 200 characters.
    pub password: String,
}

/// An address and a password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "email": "anna@example.org", "password": "чайник на плите" }))]
pub struct Credentials {
    /// The address.
    pub email: String,
    /// The password.
    pub password: String,
}

/// A code for the second step.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "ticket": "k7d2mmsjq94hhx3vvn5twa8bcpzzr6ye", "code": "287082" }))]
pub struct SecondStep {
    /// The ticket of the answer that asked for it.
    pub ticket: String,
    /// Six digits of the authenticator, or a recovery code.
    pub code: String,
}

/// The token of a link.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "token": "k7d2mmsjq94hhx3vvn5twa8bcpzzr6ye" }))]
pub struct LinkToken {
    /// The last part of the link.
    pub token: String,
}

/// Whose password is forgotten.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "email": "anna@example.org" }))]
pub struct Forgotten {
    /// The address.
    pub email: String,
}

/// A new password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "token": "k7d2mmsjq94hhx3vvn5twa8bcpzzr6ye", "password": "чайник на плите" }))]
pub struct NewPassword {
    /// The last part of the link in the letter.
    pub token: String,
    /// 10 to 200 characters.
    pub password: String,
}

/// An invitation as whoever holds its link sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "company": "Кофейня «Самовар»", "name": "Анна", "role_title": "кассир", "locale": "ru" }))]
pub struct InvitationSeen {
    /// The company.
    pub company: String,
    /// Whom it is for.
    pub name: String,
    /// What they will be, in the company's language.
    pub role_title: String,
    /// The company's language.
    pub locale: String,
    /// From then on it is good for nothing.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Instant,
}

/// Somebody who joins by an invitation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "token": "inv_k7d2mmsjq94hhx3vvn5twa8bcpzzr6ye", "name": "Анна", "email": "anna@example.org",
    "password": "чайник на плите"
}))]
pub struct Joining {
    /// The last part of the link.
    pub token: String,
    /// What colleagues call the person.
    pub name: String,
    /// They will sign in by it; whoever signs in here already gives theirs.
    pub email: String,
    /// 10 to 200 characters; whoever signs in here already gives theirs.
    pub password: String,
}

/// An address that counts from now on.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "email": "anna@example.net" }))]
pub struct EmailConfirmed {
    /// They sign in by it.
    pub email: String,
}

/// How far somebody came.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "state": "signed_in" }))]
pub struct Entering {
    /// `signed_in`: the cookie is set. `second_step`: a code is asked for.
    pub state: Step,
    /// Comes back with the code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
}

/// What comes next.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Nothing: they are in.
    SignedIn,
    /// A code of the authenticator.
    SecondStep,
}

/// What is offered
///
/// Whether a company can be made here, and whether letters are sent. Needs no signature.
#[utoipa::path(get, path = "/entry", tag = "entry", security(()),
    responses((status = 200, description = "What is offered", body = Entry)))]
async fn get_entry(
    State(app): State<App>,
    Extension(options): Extension<EntryOptions>,
) -> Result<Json<Entry>, Error> {
    let sign_up = users::may_sign_up(&app, options.sign_up).await?;
    Ok(Json(Entry { sign_up, mail: options.post.is_some() }))
}

/// Make a company
///
/// With its owner, who is signed in. For pages of the console.
#[utoipa::path(post, path = "/entry/sign-up", tag = "entry", security(()), request_body = SignUp,
    responses((status = 201, description = "The company is made, the owner signed in", body = Entering)))]
async fn sign_up(
    State(app): State<App>,
    Extension(options): Extension<EntryOptions>,
    Console(device): Console,
    secure: Secure,
    Json(new): Json<SignUp>,
) -> Result<Response, Error> {
    BY_ADDRESS.take(&device.address, app.clock.now())?;
    let SignUp { company, zone, locale, name, email, password } = new;
    let new = users::SignUp { company: NewCompany { name: company, zone, locale }, name, email, password };
    let entered = users::sign_up(&app, options.sign_up, new, device).await?;
    Ok((StatusCode::CREATED, answer(secure, entered)).into_response())
}

/// Sign in
///
/// An unknown address and a wrong password are answered alike. For pages of the console.
#[utoipa::path(post, path = "/entry/sign-in", tag = "entry", security(()), request_body = Credentials,
    responses((status = 200, description = "Signed in, or the second step is asked for", body = Entering)))]
async fn sign_in(
    State(app): State<App>,
    Console(device): Console,
    secure: Secure,
    Json(given): Json<Credentials>,
) -> Result<Response, Error> {
    BY_ADDRESS.take(&device.address, app.clock.now())?;
    BY_EMAIL.take(&given.email.trim().to_lowercase(), app.clock.now())?;
    Ok(answer(secure, users::sign_in(&app, &given.email, &given.password, device).await?))
}

/// Pass the second step
///
/// By the code of an authenticator or a recovery code. For pages of the console.
#[utoipa::path(post, path = "/entry/second-step", tag = "entry", security(()), request_body = SecondStep,
    responses((status = 200, description = "Signed in", body = Entering)))]
async fn pass_second_step(
    State(app): State<App>,
    Console(device): Console,
    secure: Secure,
    Json(given): Json<SecondStep>,
) -> Result<Response, Error> {
    BY_ADDRESS.take(&device.address, app.clock.now())?;
    Ok(answer(secure, users::pass(&app, &given.ticket, &given.code, device).await?))
}

/// Sign in by a link
///
/// The link is printed by `samovar sign-in-link` and good once. For pages of the console.
#[utoipa::path(post, path = "/entry/link", tag = "entry", security(()), request_body = LinkToken,
    responses((status = 200, description = "Signed in", body = Entering)))]
async fn sign_in_by_link(
    State(app): State<App>,
    Console(device): Console,
    secure: Secure,
    Json(given): Json<LinkToken>,
) -> Result<Response, Error> {
    BY_ADDRESS.take(&device.address, app.clock.now())?;
    Ok(answer(secure, users::by_link(&app, &given.token, device).await?))
}

/// Ask for a new password
///
/// A letter with a link goes to the address, if anybody signs in by it; the answer does not tell. For pages of the
/// console.
#[utoipa::path(post, path = "/entry/forgotten", tag = "entry", security(()), request_body = Forgotten,
    responses((status = 204, description = "If there is such a person, the letter is on its way")))]
async fn forget_password(
    State(app): State<App>,
    Extension(options): Extension<EntryOptions>,
    Extension(crate::PublicUrl(public)): Extension<crate::PublicUrl>,
    Console(device): Console,
    Json(given): Json<Forgotten>,
) -> Result<StatusCode, Error> {
    BY_ADDRESS.take(&device.address, app.clock.now())?;
    BY_EMAIL.take(&format!("forgotten {}", given.email.trim().to_lowercase()), app.clock.now())?;
    let Some(post) = options.post else { return Ok(StatusCode::NO_CONTENT) };
    // Aside: the time of the answer must not tell whether there is such a person.
    tokio::spawn(async move {
        let base =
            public.as_ref().map(|url| url.as_str().trim_end_matches('/').to_owned()).unwrap_or_default();
        match users::forgotten(&app, &given.email, |token| format!("{base}/reset/{token}")).await {
            Ok(Some(letter)) => post(letter).await,
            Ok(None) => {}
            Err(error) => tracing::error!(%error, "no letter for a forgotten password"),
        }
    });
    Ok(StatusCode::NO_CONTENT)
}

/// Choose a new password
///
/// By the link of the letter. All sessions of the person end. For pages of the console.
#[utoipa::path(post, path = "/entry/reset", tag = "entry", security(()), request_body = NewPassword,
    responses((status = 200, description = "Signed in, or the second step is asked for", body = Entering)))]
async fn reset_password(
    State(app): State<App>,
    Console(device): Console,
    secure: Secure,
    Json(given): Json<NewPassword>,
) -> Result<Response, Error> {
    BY_ADDRESS.take(&device.address, app.clock.now())?;
    Ok(answer(secure, users::reset(&app, &given.token, &given.password, device).await?))
}

/// Confirm an e-mail
///
/// By the link of the letter. They sign in by the new address from now on; nobody is signed in by the link. For pages of
/// the console.
#[utoipa::path(post, path = "/entry/email", tag = "entry", security(()), request_body = LinkToken,
    responses((status = 200, description = "The address counts", body = EmailConfirmed)))]
async fn confirm_email(
    State(app): State<App>,
    Console(device): Console,
    Json(given): Json<LinkToken>,
) -> Result<Json<EmailConfirmed>, Error> {
    BY_ADDRESS.take(&device.address, app.clock.now())?;
    let email = users::confirm_email(&app, &given.token).await?.email;
    Ok(Json(EmailConfirmed { email }))
}

/// Look at an invitation
///
/// By the token of its link. Needs no signature.
#[utoipa::path(get, path = "/entry/invitations/{token}", tag = "entry", security(()),
    params(("token" = String, Path, description = "inv_…")),
    responses((status = 200, description = "Who invites whom", body = InvitationSeen)))]
async fn get_invitation(
    State(app): State<App>,
    Origin(address): Origin,
    Path(token): Path<String>,
) -> Result<Json<InvitationSeen>, Error> {
    BY_ADDRESS.take(&address, app.clock.now())?;
    let seen = staff::invited(&app, &token).await?;
    Ok(Json(InvitationSeen {
        role_title: seen.invitation.role_title(&seen.locale),
        company: seen.company,
        name: seen.invitation.name,
        locale: seen.locale,
        expires_at: seen.invitation.expires_at,
    }))
}

/// Join a company
///
/// By an invitation, as somebody new or with the password one has. For pages of the console.
#[utoipa::path(post, path = "/entry/join", tag = "entry", security(()), request_body = Joining,
    responses((status = 200, description = "Joined and signed in", body = Entering)))]
async fn join(
    State(app): State<App>,
    Console(device): Console,
    secure: Secure,
    Json(new): Json<Joining>,
) -> Result<Response, Error> {
    BY_ADDRESS.take(&device.address, app.clock.now())?;
    BY_EMAIL.take(&new.email.trim().to_lowercase(), app.clock.now())?;
    let Joining { token, name, email, password } = new;
    Ok(answer(secure, users::join(&app, &token, &name, &email, &password, device).await?))
}

fn answer(secure: Secure, entered: Entered) -> Response {
    match entered {
        Entered::In(opened) => {
            let body = Json(Entering { state: Step::SignedIn, ticket: None });
            ([(header::SET_COOKIE, secure.keep(&opened))], body).into_response()
        }
        Entered::SecondStep(ticket) => {
            Json(Entering { state: Step::SecondStep, ticket: Some(ticket) }).into_response()
        }
    }
}

/// Tries of somebody who is signed in to prove who they are.
pub(super) fn slowly(app: &App, signed: &users::SignedIn) -> Result<(), Error> {
    BY_EMAIL.take(&signed.user.to_string(), app.clock.now())
}
