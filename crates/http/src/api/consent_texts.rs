//! The texts people agree to.

use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Json, Path};
use axum::extract::State;
use samovar_app::App;
use samovar_app::contacts;
use samovar_base::Instant;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The texts people agree to.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_texts)).routes(routes!(put_text))
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
