//! What people agreed to, and the texts they agree to.

use super::contacts::Contact;
use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Json, Path};
use axum::extract::State;
use samovar_app::App;

use samovar_app::contacts;
use samovar_base::{ContactId, Instant};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Consents of contacts, and the texts of consents.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_consents, record_consent))
        .routes(routes!(withdraw_consent))
        .routes(routes!(list_texts))
        .routes(routes!(put_text))
}

/// A consent as it was given.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "cns_00fs4w8m5xv1g", "purpose": "loyalty", "version": 2,
    "text_hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "channel_id": "chn_00fs4w8m5xv1g", "given_at": "2026-11-21T10:00:00Z"
}))]
pub struct Consent {
    /// Id.
    pub id: String,
    /// For what.
    pub purpose: String,
    /// Version of the text; 0 when the company had stored none.
    pub version: i64,
    /// SHA-256 of the text; empty for version 0.
    pub text_hash: String,
    /// Where it was given; absent when it was recorded by staff or a program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_id: Option<String>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub given_at: Instant,
    /// When it was taken back, or replaced by one to a newer text.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub revoked_at: Option<Instant>,
}

/// A consent to be recorded.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "purpose": "loyalty" }))]
pub struct NewConsent {
    /// For what.
    pub purpose: String,
}

/// A version of a text people agree to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "purpose": "loyalty", "version": 2, "text": "Согласие на обработку персональных данных…",
    "text_hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "created_at": "2026-11-21T10:00:00Z"
}))]
pub struct ConsentText {
    /// For what.
    pub purpose: String,
    /// 1, 2, …; the largest is in force.
    pub version: i64,
    /// The text.
    pub text: String,
    /// Its SHA-256; kept beside every consent.
    pub text_hash: String,
    /// When it came into force.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Instant,
}

/// A text to be put in force.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "text": "Согласие на обработку персональных данных…" }))]
pub struct NewConsentText {
    /// 1 to 100 000 characters.
    pub text: String,
}

/// List consents
///
/// The youngest first, ended ones too. Needs the right `contacts_read`.
#[utoipa::path(
    get, path = "/contacts/{id}/consents", tag = "contacts", params(("id" = String, Path, description = "con_…")),
    responses((status = 200, description = "All consents", body = Vec<Consent>))
)]
async fn list_consents(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ContactId>,
) -> Result<Json<Vec<Consent>>, Error> {
    Ok(Json(contacts::consents(&app, &actor, id).await?.into_iter().map(Consent::from).collect()))
}

/// Record a consent
///
/// One that was given elsewhere, on paper for instance; to the text in force. Needs the right `contacts_write`.
#[utoipa::path(
    post, path = "/contacts/{id}/consents", tag = "contacts", params(("id" = String, Path, description = "con_…")),
    request_body = NewConsent, responses((status = 200, description = "The contact as it is now", body = Contact))
)]
async fn record_consent(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ContactId>,
    Json(new): Json<NewConsent>,
) -> Result<Json<Contact>, Error> {
    let contact = contacts::record_consent(&app, &actor, id, &new.purpose).await?;
    Ok(Json(Contact::seen_by(&actor, contact)))
}

/// Take a consent back
///
/// Doing it again is no error. Needs the right `contacts_write`.
#[utoipa::path(
    delete, path = "/contacts/{id}/consents/{purpose}", tag = "contacts",
    params(("id" = String, Path, description = "con_…"), ("purpose" = String, Path, description = "For what")),
    responses((status = 200, description = "The contact as it is now", body = Contact))
)]
async fn withdraw_consent(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((id, purpose)): Path<(ContactId, String)>,
) -> Result<Json<Contact>, Error> {
    let contact = contacts::withdraw_consent(&app, &actor, id, &purpose).await?;
    Ok(Json(Contact::seen_by(&actor, contact)))
}

/// List consent texts
///
/// By purpose, the newest version first; at most 1000. Needs the right `settings_read`.
#[utoipa::path(
    get, path = "/consent-texts", tag = "contacts",
    responses((status = 200, description = "All texts", body = Vec<ConsentText>))
)]
async fn list_texts(State(app): State<App>, Signed(actor): Signed) -> Result<Json<Vec<ConsentText>>, Error> {
    Ok(Json(contacts::consent_texts(&app, &actor).await?.into_iter().map(ConsentText::from).collect()))
}

/// Put a consent text in force
///
/// Makes the next version of the purpose; the same text as the current one makes none. Consents given to older
/// versions stay in force until the person is asked again. Needs the right `settings_manage`.
#[utoipa::path(
    put, path = "/consent-texts/{purpose}", tag = "contacts",
    params(("purpose" = String, Path, description = "For what: `loyalty`, `mailing`")), request_body = NewConsentText,
    responses((status = 200, description = "The text in force", body = ConsentText))
)]
async fn put_text(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(purpose): Path<String>,
    Json(new): Json<NewConsentText>,
) -> Result<Json<ConsentText>, Error> {
    Ok(Json(contacts::put_consent_text(&app, &actor, &purpose, &new.text).await?.into()))
}

impl From<contacts::ConsentText> for ConsentText {
    fn from(text: contacts::ConsentText) -> Self {
        Self {
            purpose: text.purpose,
            version: text.version,
            text: text.text,
            text_hash: text.text_hash,
            created_at: text.created_at,
        }
    }
}

impl From<contacts::Consent> for Consent {
    fn from(consent: contacts::Consent) -> Self {
        Self {
            id: consent.id.to_string(),
            purpose: consent.purpose,
            version: consent.version,
            text_hash: consent.text_hash,
            channel_id: consent.channel.map(|channel| channel.to_string()),
            given_at: consent.given_at,
            revoked_at: consent.revoked_at,
        }
    }
}
