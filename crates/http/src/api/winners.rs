//! Winners until they hold their prize.

use super::draw_shapes::DrawPrize;
use super::draws::{DrawIds, Meant};
use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Json, Path};
use crate::page::{Page, PageQuery, Paging};
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use samovar_app::App;
use samovar_app::access::Right;
use samovar_app::draws::{self, Seen, Step, WinnerState, winners};
use samovar_base::{Instant, PromotionId};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Winners and prizes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_all_winners))
        .routes(routes!(list_winners))
        .routes(routes!(get_winner))
        .routes(routes!(put_prize_state))
        .routes(routes!(put_delivery))
}

/// Where a prize goes, and to whom.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Каренина Анна Аркадьевна", "phone": "+7 916 123-45-67", "address": "101000, Москва, Мясницкая, 1, кв. 2"
}))]
pub struct PrizeDelivery {
    /// The full name.
    pub name: String,
    /// A phone.
    pub phone: String,
    /// Where to.
    pub address: String,
}

/// What the staff does about a prize.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "state": "sent", "note": "Почта России, трек 80080080080080" }))]
pub struct PrizeState {
    /// `accepted`: the winner takes it, and said so otherwise than by the bot; `sent`: they are told, with the note;
    /// `handed`: it goes into the journal of the tax on prizes; `refused`, also by the staff: it passes to the next in
    /// reserve, who is told.
    #[schema(schema_with = steps)]
    pub state: Step,
    /// At most 500 characters. Absent: the note stays as it is.
    #[serde(default)]
    pub note: Option<String>,
}

/// A ticket that was drawn, and what became of its prize.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "draw": "drw_00fs4w8m5xv1g", "place": 1, "prize_number": 1,
    "prize": { "name": "Кофемашина", "count": 1, "value": 4_990_000 }, "reserve": false, "ticket": 1207,
    "contact": "con_00fs4w8m5xv1g", "name": "Анна К. ··67", "contact_name": "Анна Каренина", "state": "told",
    "answer_until": "2026-11-26T09:00:00Z", "told_at": "2026-11-23T09:00:00Z", "note": "", "revision": 2
}))]
pub struct Winner {
    /// Of which draw.
    pub draw: String,
    /// Its place in the order of the draw, from 1; the reserve behind.
    pub place: i64,
    /// Which prize of the draw, from 1; 0: in reserve and not called.
    pub prize_number: i64,
    /// The prize that is theirs, or was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prize: Option<DrawPrize>,
    /// It was drawn for the reserve.
    pub reserve: bool,
    /// The place whose prize was passed on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instead_of: Option<i64>,
    /// Number of the ticket.
    pub ticket: i64,
    /// Who.
    pub contact: String,
    /// As published.
    pub name: String,
    /// As the contact is called.
    pub contact_name: String,
    /// Where they stand.
    #[schema(schema_with = states)]
    pub state: String,
    /// Until when an answer is waited for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub answer_until: Option<Instant>,
    /// When they were told; absent of one who could not be written to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub told_at: Option<Instant>,
    /// When they answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub answered_at: Option<Instant>,
    /// When the prize was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub sent_at: Option<Instant>,
    /// When it was handed over.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub handed_at: Option<Instant>,
    /// When it was refused, or the time to answer was over.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Instant>,
    /// Where the prize goes: masked without the right `personal_data_see`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery: Option<PrizeDelivery>,
    /// When they told it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub delivery_at: Option<Instant>,
    /// Of the staff.
    pub note: String,
    /// Grows with every change.
    pub revision: i64,
}

/// A draw and a place: where a page begins.
struct Place(i64, i64);

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

impl FromStr for Place {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let (draw, place) = text.split_once('.').ok_or(())?;
        Ok(Self(draw.parse().map_err(drop)?, place.parse().map_err(drop)?))
    }
}

/// Which of the winners of a draw an address means.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
struct WinnerPlace {
    /// From 1.
    place: i64,
}

/// Somebody who may see personal data: whoever may not is told so before anything is looked up.
struct Trusted;

impl FromRequestParts<App> for Trusted {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        Signed::from_request_parts(parts, app).await?.0.require(Right::PersonalDataSee)?;
        Ok(Self)
    }
}

/// List winners of a promotion
///
/// Of all its draws, the reserve among them. Needs the right `promotions`.
#[utoipa::path(
    get, path = "/promotions/{id}/winners", tag = "winners",
    params(("id" = String, Path, description = "prm_…"), PageQuery),
    responses((status = 200, description = "A page of winners", body = Page<Winner>))
)]
async fn list_all_winners(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(of): Path<PromotionId>,
    paging: Paging,
) -> Result<Json<Page<Winner>>, Error> {
    let after = paging.after::<Place>()?.map_or((0, 0), |Place(draw, place)| (draw, place));
    let all = winners::list_all(&app, &actor, of, after, paging.to_read()).await?;
    let key = |seen: &Seen| Place(seen.winner.draw.0, seen.winner.place);
    Ok(Json(Page::cut(all, paging.limit, key).map(Winner::from)))
}

/// List winners of a draw
///
/// In the order in which they were drawn, the reserve behind. Needs the right `promotions`.
#[utoipa::path(
    get, path = "/promotions/{id}/draws/{draw}/winners", tag = "winners",
    params(DrawIds, PageQuery),
    responses((status = 200, description = "A page of winners", body = Page<Winner>))
)]
async fn list_winners(
    State(app): State<App>,
    Meant { actor, draw }: Meant,
    paging: Paging,
) -> Result<Json<Page<Winner>>, Error> {
    let all = winners::list(&app, &actor, draw.id, paging.after()?.unwrap_or(0), paging.to_read()).await?;
    Ok(Json(Page::cut(all, paging.limit, |seen| seen.winner.place).map(Winner::from)))
}

/// Read a winner
///
/// Needs the right `promotions`.
#[utoipa::path(
    get, path = "/promotions/{id}/draws/{draw}/winners/{place}", tag = "winners",
    params(DrawIds, WinnerPlace),
    responses((status = 200, description = "The winner", body = Winner))
)]
async fn get_winner(
    State(app): State<App>,
    Meant { actor, draw }: Meant,
    Path(WinnerPlace { place }): Path<WinnerPlace>,
) -> Result<Json<Winner>, Error> {
    Ok(Json(winners::get(&app, &actor, draw.id, place).await?.into()))
}

/// Say what became of a prize
///
/// A winner takes a prize, then it is sent, then handed over; some of it may be left out. Asked again, it is answered by the
/// winner as they stand. Needs the right `promotions`.
#[utoipa::path(
    put, path = "/promotions/{id}/draws/{draw}/winners/{place}/state", tag = "winners", params(DrawIds, WinnerPlace),
    request_body = PrizeState, responses((status = 200, description = "The winner", body = Winner))
)]
async fn put_prize_state(
    State(app): State<App>,
    Meant { actor, draw }: Meant,
    Path(WinnerPlace { place }): Path<WinnerPlace>,
    Json(PrizeState { state, note }): Json<PrizeState>,
) -> Result<Json<Winner>, Error> {
    Ok(Json(winners::turn(&app, &actor, draw.id, place, state, note).await?.into()))
}

/// Write down where a prize goes
///
/// It is kept sealed. Needs the rights `promotions` and `personal_data_see`.
#[utoipa::path(
    put, path = "/promotions/{id}/draws/{draw}/winners/{place}/delivery", tag = "winners",
    params(DrawIds, WinnerPlace),
    request_body = PrizeDelivery, responses((status = 200, description = "The winner", body = Winner))
)]
async fn put_delivery(
    State(app): State<App>,
    _: Trusted,
    Meant { actor, draw }: Meant,
    Path(WinnerPlace { place }): Path<WinnerPlace>,
    Json(given): Json<PrizeDelivery>,
) -> Result<Json<Winner>, Error> {
    let PrizeDelivery { name, phone, address } = given;
    let delivery = draws::Delivery { name, phone, address };
    Ok(Json(winners::set_delivery(&app, &actor, draw.id, place, delivery).await?.into()))
}

impl From<Seen> for Winner {
    fn from(seen: Seen) -> Self {
        let Seen { winner, prize, contact_name, delivery } = seen;
        Self {
            draw: winner.draw.to_string(),
            place: winner.place,
            prize_number: winner.prize,
            prize: prize.map(Into::into),
            reserve: winner.reserve,
            instead_of: winner.instead_of,
            ticket: winner.ticket,
            contact: winner.contact.to_string(),
            name: winner.name,
            contact_name,
            state: winner.state.as_str().into(),
            answer_until: winner.answer_until,
            told_at: winner.told_at,
            answered_at: winner.answered_at,
            sent_at: winner.sent_at,
            handed_at: winner.handed_at,
            ended_at: winner.ended_at,
            delivery: delivery.map(|draws::Delivery { name, phone, address }| PrizeDelivery {
                name,
                phone,
                address,
            }),
            delivery_at: winner.delivery_at,
            note: winner.note,
            revision: winner.revision,
        }
    }
}

fn states() -> utoipa::openapi::schema::Object {
    super::word_of(&WinnerState::ALL.iter().map(|state| state.as_str()).collect::<Vec<_>>())
}

fn steps() -> utoipa::openapi::schema::Object {
    super::word_of(&Step::ALL.iter().map(|step| step.as_str()).collect::<Vec<_>>())
}
