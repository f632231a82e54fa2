//! What customers would see of a programme that is not saved yet.

use super::loyalty::{CardDesign, LoyaltyProgramme};
use crate::auth::Signed;
use crate::error::Error;
use crate::extract::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use samovar_app::App;
use samovar_app::loyalty::{self, Programme};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Cards and texts.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(preview_card)).routes(routes!(preview_wording))
}

/// A design of cards to be looked at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "card": { "title": "Карта гостя", "ornament": "dots", "qr": "left" } }))]
pub struct CardSketch {
    /// The design: what is absent gets its default.
    #[schema(value_type = CardDesign)]
    pub card: loyalty::card::CardDesign,
    /// The name on the card; a made-up one when absent. At most 80 characters are drawn.
    #[serde(default)]
    pub holder: Option<String>,
}

/// A programme whose texts are to be looked at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "locale": "ru", "programme": { "welcome_points": 100, "expiry_days": 365 } }))]
pub struct WordingSketch {
    /// The language: `ru`, or English for any other; `ru` when absent.
    #[serde(default)]
    pub locale: Option<String>,
    /// All of the programme: what is absent gets its default.
    #[schema(value_type = LoyaltyProgramme)]
    pub programme: Programme,
}

/// A text as a customer would read it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "key": "notices.accrual", "on": true, "text": "Вам начислено 100 баллов: за отзыв.\nТеперь у вас 440 баллов."
}))]
pub struct SaidText {
    /// Its path in the programme.
    pub key: String,
    /// Whether it is sent at all.
    pub on: bool,
    /// At which time of the day it goes out, where that is fixed: `10:00`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hour: Option<String>,
    /// The text; absent when it is faulty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What is wrong with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}

/// Preview a card
///
/// Draws a card of somebody made up in a design that need not be saved; everything wrong with it is told by field. Needs
/// the right `settings_read`.
#[utoipa::path(
    post, path = "/loyalty/card/preview", tag = "loyalty", request_body = CardSketch,
    responses((status = 200, description = "The picture", body = Vec<u8>, content_type = "image/png"))
)]
async fn preview_card(
    State(app): State<App>,
    Signed(actor): Signed,
    Json(sketch): Json<CardSketch>,
) -> Result<impl IntoResponse, Error> {
    let holder = sketch.holder.map(|name| name.chars().take(80).collect());
    let picture = loyalty::preview_card(&app, &actor, sketch.card, holder).await?;
    Ok(([(header::CONTENT_TYPE, "image/png"), (header::CACHE_CONTROL, "private, no-store")], picture))
}

/// Preview the texts of a programme
///
/// What customers would read by a programme that need not be saved: all its messages and screens, said to somebody made
/// up. A faulty text does not keep the others from being shown. Needs the right `settings_read`.
#[utoipa::path(
    post, path = "/loyalty/wording/preview", tag = "loyalty", request_body = WordingSketch,
    responses((status = 200, description = "All texts", body = Vec<SaidText>))
)]
async fn preview_wording(
    State(app): State<App>,
    Signed(actor): Signed,
    Json(sketch): Json<WordingSketch>,
) -> Result<Json<Vec<SaidText>>, Error> {
    let locale = sketch.locale.as_deref().unwrap_or("ru");
    let said = loyalty::preview_wording(&app, &actor, &sketch.programme, locale).await?;
    let text = |said: loyalty::Said| SaidText {
        key: said.key.to_owned(),
        on: said.on,
        hour: said.hour,
        text: said.text,
        fault: said.fault,
    };
    Ok(Json(said.into_iter().map(text).collect()))
}
