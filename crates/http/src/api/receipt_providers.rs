//! Where receipts are checked.

use super::word_of;
use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Json, Path};
use axum::extract::State;
use axum::http::StatusCode;
use samovar_app::App;
use samovar_app::problem::Problem;
use samovar_app::receipts::{self, Health, Listed, NewProvider, ProviderChange, ProviderSettings};
use samovar_base::{Instant, ProviderId};
use samovar_connectors::receipt_check::Kind;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The ladder of providers.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_receipt_providers, add_receipt_provider))
        .routes(routes!(change_receipt_provider, remove_receipt_provider))
}

/// A provider of checks, and how it does.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "prv_00fs4w8m5xv1g", "kind": "proverkacheka", "name": "Проверка чека", "place": 1,
    "settings": { "per_minute": 60, "per_day": 5000, "at_once": 4 }, "has_token": true, "paused": false, "revision": 1,
    "health": "works", "health_ru": "Работает: ответил на 50 из 50 последних запросов.",
    "health_en": "Works: answered 50 of the last 50 questions.", "asked_today": 812, "asked_at": "2026-11-30T21:00:04Z",
    "answers_in_ms": 410, "created_at": "2026-10-20T09:00:00Z"
}))]
pub struct ReceiptProvider {
    /// Id.
    pub id: String,
    /// Which service.
    #[schema(schema_with = kind)]
    pub kind: &'static str,
    /// As the staff calls it.
    pub name: String,
    /// In the ladder: the smallest is asked first.
    pub place: i64,
    /// Its pace and address.
    #[schema(value_type = ReceiptProviderSettings)]
    pub settings: ProviderSettings,
    /// A token is kept; what it is, is not told.
    pub has_token: bool,
    /// Somebody switched it off.
    pub paused: bool,
    /// Grows with every change.
    pub revision: i64,
    /// How it does.
    #[schema(schema_with = health)]
    pub health: &'static str,
    /// The same in plain words.
    pub health_ru: String,
    /// The same in English.
    pub health_en: String,
    /// Questions on this day of the business.
    pub asked_today: i64,
    /// When it was asked last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub asked_at: Option<Instant>,
    /// The mean time of its last answers, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answers_in_ms: Option<i64>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Instant,
}

/// A provider to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "kind": "proverkacheka", "name": "Проверка чека", "token": "12345.abcdef", "settings": { "per_minute": 60, "per_day": 5000 }
}))]
pub struct NewReceiptProvider {
    /// Which service: `proverkacheka`, or `kkt`, the open API of the tax service.
    #[schema(schema_with = kind)]
    pub kind: String,
    /// As the staff calls it.
    pub name: String,
    /// The token of your account there.
    pub token: String,
    /// In the ladder: the smallest is asked first; last when absent.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1000)]
    pub place: Option<i64>,
    /// Its pace and address.
    #[serde(default)]
    #[schema(value_type = Option<ReceiptProviderSettings>)]
    pub settings: ProviderSettings,
}

/// What to change of a provider; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "revision": 1, "paused": true }))]
pub struct ReceiptProviderChanges {
    /// Refused when it has another revision by now.
    #[serde(default)]
    pub revision: Option<i64>,
    /// As the staff calls it.
    #[serde(default)]
    pub name: Option<String>,
    /// Another token.
    #[serde(default)]
    pub token: Option<String>,
    /// In the ladder.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1000)]
    pub place: Option<i64>,
    /// Its pace and address, all of it.
    #[serde(default)]
    #[schema(value_type = Option<ReceiptProviderSettings>)]
    pub settings: Option<ProviderSettings>,
    /// Switched off or on.
    #[serde(default)]
    pub paused: Option<bool>,
}

/// List providers of checks
///
/// In the order of the ladder, with how each does. Needs the right `promotions`.
#[utoipa::path(
    get, path = "/receipt-providers", tag = "promotions",
    responses((status = 200, description = "All of them", body = Vec<ReceiptProvider>))
)]
async fn list_receipt_providers(
    State(app): State<App>,
    Signed(actor): Signed,
) -> Result<Json<Vec<ReceiptProvider>>, Error> {
    let all = receipts::providers(&app, &actor).await?;
    Ok(Json(all.into_iter().map(ReceiptProvider::from).collect()))
}

/// Add a provider of checks
///
/// The token is kept encrypted. Needs the right `promotions`.
#[utoipa::path(
    post, path = "/receipt-providers", tag = "promotions", request_body = NewReceiptProvider,
    responses((status = 201, description = "The provider", body = ReceiptProvider))
)]
async fn add_receipt_provider(
    State(app): State<App>,
    Signed(actor): Signed,
    Json(new): Json<NewReceiptProvider>,
) -> Result<(StatusCode, Json<ReceiptProvider>), Error> {
    let kind = new.kind.parse::<Kind>().map_err(|_| {
        let (ru, en) = ("Такой службы проверки нет", "There is no such service of checks");
        Error::from(Problem::invalid("kind", "malformed", ru, en))
    })?;
    let NewReceiptProvider { name, token, place, settings, .. } = new;
    let made = receipts::add_provider(
        &app,
        &actor,
        NewProvider { kind, name, place, settings, token: token.into() },
    )
    .await?;
    Ok((StatusCode::CREATED, Json(one(&app, &actor, made.id).await?)))
}

/// Change a provider of checks
///
/// The next question goes by it; what was wrong with it before is forgotten. Needs the right `promotions`.
#[utoipa::path(
    patch, path = "/receipt-providers/{id}", tag = "promotions", params(("id" = String, Path, description = "prv_…")),
    request_body = ReceiptProviderChanges,
    responses((status = 200, description = "As it is now", body = ReceiptProvider))
)]
async fn change_receipt_provider(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ProviderId>,
    Json(new): Json<ReceiptProviderChanges>,
) -> Result<Json<ReceiptProvider>, Error> {
    let ReceiptProviderChanges { revision, name, token, place, settings, paused } = new;
    let token = token.map(Into::into);
    let change = ProviderChange { revision, name, place, settings, token, paused };
    receipts::change_provider(&app, &actor, id, change).await?;
    Ok(Json(one(&app, &actor, id).await?))
}

/// Remove a provider of checks
///
/// What it answered stays; receipts wait for the others. Needs the right `promotions`.
#[utoipa::path(
    delete, path = "/receipt-providers/{id}", tag = "promotions", params(("id" = String, Path, description = "prv_…")),
    responses((status = 204, description = "It is gone"))
)]
async fn remove_receipt_provider(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ProviderId>,
) -> Result<StatusCode, Error> {
    receipts::remove_provider(&app, &actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn one(
    app: &App,
    actor: &samovar_app::access::Actor,
    id: ProviderId,
) -> Result<ReceiptProvider, Error> {
    let found = receipts::providers(app, actor).await?.into_iter().find(|known| known.provider.id == id);
    let missing = || Problem::not_found("провайдер проверки", "provider of checks", id);
    Ok(found.ok_or_else(missing)?.into())
}

impl From<Listed> for ReceiptProvider {
    fn from(listed: Listed) -> Self {
        let Listed { provider, health, words: [health_ru, health_en], asked_today, asked_at, answers_in_ms } =
            listed;
        Self {
            id: provider.id.to_string(),
            kind: provider.kind.as_str(),
            has_token: provider.has_token(),
            name: provider.name,
            place: provider.place,
            settings: provider.settings,
            paused: provider.paused,
            revision: provider.revision,
            health: health.as_str(),
            health_ru,
            health_en,
            asked_today,
            asked_at,
            answers_in_ms,
            created_at: provider.created_at,
        }
    }
}

// What the description says of values that are read and written by the app's own types.

/// The pace and address of a provider.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "a description")]
#[schema(example = json!({ "per_minute": 60, "per_day": 5000, "at_once": 4 }))]
pub struct ReceiptProviderSettings {
    /// Where it is called; at its own address when absent.
    address: Option<String>,
    /// Through which proxy.
    proxy: Option<String>,
    /// Questions in a minute, from 1 to 60000; 60 when absent.
    per_minute: Option<i64>,
    /// Questions in a day of the business; as many as it takes when absent.
    per_day: Option<i64>,
    /// Questions at once, from 1 to 256; 4 when absent.
    at_once: Option<i64>,
}

fn kind() -> Object {
    word_of(&["proverkacheka", "kkt"])
}

fn health() -> Object {
    word_of(
        &[Health::Unknown, Health::Works, Health::Silent, Health::Quota, Health::Token, Health::Paused]
            .map(Health::as_str),
    )
}
