//! The loyalty programme, points by hand, cards.

use super::ledger::{Operation, Receipt};
use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Json, Path};
use crate::idempotency::IdempotencyKey;
use crate::page::{Page, PageQuery, Paging};
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use samovar_app::App;
use samovar_app::loyalty::{self, Programme};
use samovar_base::{ContactId, Points};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::schema::Type;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The programme, points by hand, cards.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_programme, set_programme))
        .routes(routes!(grant_points))
        .routes(routes!(deduct_points))
        .routes(routes!(list_history))
        .routes(routes!(get_card_picture))
        .routes(routes!(resolve_card))
}

/// The programme and the number that guards its changes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "revision": 3,
    "programme": {
        "units": { "ru": ["балл", "балла", "баллов"], "en": ["point", "points"] },
        "welcome_points": 100, "expiry_days": 365,
        "notices": {
            "accrual": { "on": true, "text": { "ru": "Вам начислено {{ points|points }}.", "en": "You got {{ points|points }}." } },
            "write_off": { "on": false, "text": { "ru": "Списано {{ points|points }}.", "en": "{{ points|points }} written off." } }
        },
        "screens": {},
        "card": { "title": "Карта гостя", "ornament": "lattice", "qr": "right" }
    }
}))]
pub struct StoredProgramme {
    /// Grows with every change; zero while the defaults hold.
    pub revision: i64,
    /// The rules.
    #[schema(value_type = LoyaltyProgramme)]
    pub programme: Programme,
}

/// A programme to take the place of the present one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "revision": 3, "programme": { "welcome_points": 100, "expiry_days": 365 } }))]
pub struct NewProgramme {
    /// Refused when the programme has another revision by now.
    #[serde(default)]
    pub revision: Option<i64>,
    /// All of it: what is absent gets its default.
    #[schema(value_type = LoyaltyProgramme)]
    pub programme: Programme,
}

/// Points to be given or taken.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "points": 100, "comment": "За отзыв" }))]
pub struct Movement {
    /// How many, more than zero.
    pub points: i64,
    /// What for: the customer sees it. At most 500 characters.
    #[serde(default)]
    pub comment: Option<String>,
}

/// What a scanner read from a card, or a typed number.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "text": "4821 1365 0977" }))]
pub struct CardText {
    /// The text of the QR, or the number with or without blanks.
    pub text: String,
}

/// A card and whose it is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "contact_id": "con_00fs4w8m5xv1g", "card_number": "482113650977" }))]
pub struct Card {
    /// Whose.
    pub contact_id: String,
    /// Twelve digits.
    pub card_number: String,
}

/// Read the programme
///
/// Needs the right `settings_read`.
#[utoipa::path(
    get, path = "/loyalty/programme", tag = "loyalty",
    responses((status = 200, description = "The programme", body = StoredProgramme))
)]
async fn get_programme(
    State(app): State<App>,
    Signed(actor): Signed,
) -> Result<Json<StoredProgramme>, Error> {
    Ok(Json(loyalty::programme(&app, &actor).await?.into()))
}

/// Set the programme
///
/// Puts the whole programme in the place of the present one; everything wrong with it is told by field. Points that
/// were earned before keep their term. Needs the right `settings_manage`.
#[utoipa::path(
    put, path = "/loyalty/programme", tag = "loyalty", request_body = NewProgramme,
    responses((status = 200, description = "The programme as it is now", body = StoredProgramme))
)]
async fn set_programme(
    State(app): State<App>,
    Signed(actor): Signed,
    Json(new): Json<NewProgramme>,
) -> Result<Json<StoredProgramme>, Error> {
    Ok(Json(loyalty::set_programme(&app, &actor, new.revision, new.programme).await?.into()))
}

/// Give points
///
/// By hand, with the term of the programme; the customer is told if the programme says so. `Idempotency-Key` is
/// required and is the operation's key for ever: the same key again changes nothing and is answered by what was done.
/// Needs the right `points_write`.
#[utoipa::path(
    post, path = "/contacts/{id}/wallet/grant", tag = "wallets",
    params(("id" = String, Path, description = "con_…"), ("Idempotency-Key" = String, Header, description = "Yours")),
    request_body = Movement, responses((status = 200, description = "What was done", body = Receipt))
)]
async fn grant_points(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ContactId>,
    IdempotencyKey(key): IdempotencyKey,
    Json(movement): Json<Movement>,
) -> Result<Json<Receipt>, Error> {
    let points = Points(movement.points);
    Ok(Json(loyalty::grant_by_hand(&app, &actor, id, points, movement.comment, key).await?.into()))
}

/// Take points
///
/// By hand, those that end soonest first; the customer is told if the programme says so. `Idempotency-Key` is required
/// as with giving. Needs the right `points_write`.
#[utoipa::path(
    post, path = "/contacts/{id}/wallet/deduct", tag = "wallets",
    params(("id" = String, Path, description = "con_…"), ("Idempotency-Key" = String, Header, description = "Yours")),
    request_body = Movement, responses((status = 200, description = "What was done", body = Receipt))
)]
async fn deduct_points(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ContactId>,
    IdempotencyKey(key): IdempotencyKey,
    Json(movement): Json<Movement>,
) -> Result<Json<Receipt>, Error> {
    let points = Points(movement.points);
    Ok(Json(loyalty::deduct_by_hand(&app, &actor, id, points, movement.comment, key).await?.into()))
}

/// List the history of a wallet
///
/// Operations that changed the balance, the youngest first. Needs the right `points_read`.
#[utoipa::path(
    get, path = "/contacts/{id}/wallet/history", tag = "wallets",
    params(("id" = String, Path, description = "con_…"), PageQuery),
    responses((status = 200, description = "A page of operations", body = Page<Operation>))
)]
async fn list_history(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ContactId>,
    paging: Paging,
) -> Result<Json<Page<Operation>>, Error> {
    let entries = loyalty::history(&app, &actor, id, paging.after()?, paging.to_read()).await?;
    Ok(Json(Page::cut(entries, paging.limit, |entry| entry.id).map(Operation::from)))
}

/// Draw a card
///
/// The contact's card in the programme's design; a number is issued when there is none. Needs the right `points_read`.
#[utoipa::path(
    get, path = "/contacts/{id}/card.png", tag = "loyalty", params(("id" = String, Path, description = "con_…")),
    responses((status = 200, description = "The picture", body = Vec<u8>, content_type = "image/png"))
)]
async fn get_card_picture(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ContactId>,
) -> Result<impl IntoResponse, Error> {
    let picture = loyalty::card_picture(&app, &actor, id).await?;
    Ok(([(header::CONTENT_TYPE, "image/png"), (header::CACHE_CONTROL, "private, no-cache")], picture))
}

/// Find a card
///
/// Whose card it is: by what a scanner read, or by a typed number. A code that was not issued by this company is
/// refused. Needs the right `contacts_read`.
#[utoipa::path(
    post, path = "/cards/resolve", tag = "loyalty", request_body = CardText,
    responses((status = 200, description = "The card", body = Card))
)]
async fn resolve_card(
    State(app): State<App>,
    Signed(actor): Signed,
    Json(asked): Json<CardText>,
) -> Result<Json<Card>, Error> {
    let holder = loyalty::resolve_card(&app, &actor, &asked.text).await?;
    Ok(Json(Card { contact_id: holder.contact.to_string(), card_number: holder.number.digits() }))
}

impl From<loyalty::Stored> for StoredProgramme {
    fn from(stored: loyalty::Stored) -> Self {
        Self { revision: stored.revision, programme: stored.programme }
    }
}

// What the description says of the programme. The values are read and written by the app's own types; a test holds the
// two together.

/// How a programme works. What is absent has its default.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "a description")]
pub(super) struct LoyaltyProgramme {
    /// How points are called.
    units: Option<PointUnits>,
    /// What one point is worth, in the smallest units of money; 100 when absent.
    #[schema(minimum = 1, maximum = 1_000_000)]
    point_minor: Option<i64>,
    /// Given once to everybody who registers; zero is none.
    #[schema(minimum = 0, maximum = 1_000_000)]
    welcome_points: Option<i64>,
    /// For how many days after the day of earning points can be spent; absent is for ever.
    #[schema(minimum = 1, maximum = 3_653)]
    expiry_days: Option<u32>,
    /// More about the end of points.
    expiry: Option<LoyaltyExpiry>,
    /// What a purchase earns.
    earning: Option<LoyaltyEarning>,
    /// How a purchase is paid with points.
    spending: Option<LoyaltySpending>,
    /// What becomes of points when a purchase is brought back.
    refunds: Option<LoyaltyRefunds>,
    /// When people are told that points end.
    warnings: Option<LoyaltyWarnings>,
    /// Points for birthdays.
    birthday: Option<LoyaltyBirthday>,
    /// What the customer is told of changes that they did not make in the conversation.
    notices: Option<LoyaltyNotices>,
    /// What the screens say, where the company words it itself.
    screens: Option<LoyaltyScreens>,
    /// The look of the card.
    card: Option<CardDesign>,
}

/// How points are called, in the forms that go with numbers.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "a description")]
struct PointUnits {
    /// With 1, 2 and 5.
    #[schema(min_items = 3, max_items = 3)]
    ru: Option<Vec<String>>,
    /// With 1 and 2.
    #[schema(min_items = 2, max_items = 2)]
    en: Option<Vec<String>>,
}

/// When points end, beside `expiry_days`.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "a description")]
struct LoyaltyExpiry {
    /// Points end with this day of each year, `12-31`; instead of `expiry_days`.
    yearly: Option<String>,
    /// A purchase gives the open points of the programme's common term that term anew.
    prolong_on_purchase: Option<bool>,
    /// Points of these kinds (`welcome`, `grant`, `purchase`, `birthday`, …) end so many days after the day of earning;
    /// zero is never.
    #[schema(value_type = Object)]
    days_of: Option<String>,
}

/// What a purchase earns.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "a description")]
struct LoyaltyEarning {
    /// The share that comes back as points, in basis points: 500 is five percent.
    #[schema(minimum = 0, maximum = 10_000)]
    percent_bp: Option<u32>,
    /// Given for each purchase besides.
    #[schema(minimum = 0, maximum = 1_000_000)]
    fixed: Option<i64>,
    /// Of what the share is taken: of what is paid with money, or of the whole.
    #[schema(schema_with = base)]
    of: Option<String>,
    /// What becomes of a part of a point.
    #[schema(schema_with = rounding)]
    rounding: Option<String>,
    /// A smaller purchase earns nothing.
    minimum_minor: Option<i64>,
    /// No purchase earns more.
    maximum: Option<i64>,
}

/// How a purchase is paid with points.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "a description")]
struct LoyaltySpending {
    /// Whether it can be; true when absent.
    on: Option<bool>,
    /// The largest share of a purchase, in basis points.
    #[schema(minimum = 0, maximum = 10_000)]
    max_percent_bp: Option<u32>,
    /// A smaller purchase is paid with money only.
    minimum_minor: Option<i64>,
    /// Exactly so many points are taken at a time.
    fixed: Option<i64>,
}

/// What becomes of points when a purchase is brought back.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "a description")]
struct LoyaltyRefunds {
    /// What becomes of a part of a point when earned points are taken back.
    #[schema(schema_with = rounding)]
    rounding: Option<String>,
    /// When earned points are spent already: `refuse` the refund, `forgive` what is missing, or `{ "owe": 500 }`, a debt
    /// of up to so many points.
    #[schema(schema_with = super::shortfall)]
    debt: Option<String>,
}

/// When people are told that points end.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "a description")]
struct LoyaltyWarnings {
    /// How many days before the last day; at most five, each at most 90.
    #[schema(max_items = 5)]
    days: Option<Vec<u32>>,
    /// The hour of the business at which they go out: `10:00`.
    hour: Option<String>,
    /// From this hour on nobody is disturbed till the next morning.
    until: Option<String>,
}

/// Points for birthdays.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "a description")]
struct LoyaltyBirthday {
    /// How many; zero is none.
    #[schema(minimum = 0, maximum = 1_000_000)]
    points: Option<i64>,
    /// So many days before the birthday they are given.
    #[schema(minimum = 0, maximum = 60)]
    days_before: Option<u32>,
    /// Who tells their birthday late still gets them so many days after it.
    #[schema(minimum = 0, maximum = 60)]
    days_after: Option<u32>,
    /// At which hour of the business: `10:00`.
    hour: Option<String>,
}

/// Messages about changes that the customer did not make in the conversation, each switched and worded by itself. What
/// is absent has its default.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "a description")]
struct LoyaltyNotices {
    /// Points came.
    accrual: Option<LoyaltyNotice>,
    /// Points went.
    write_off: Option<LoyaltyNotice>,
    /// A purchase was paid with points or earned some: `sum`, `spent`, `earned`.
    purchase: Option<LoyaltyNotice>,
    /// Held points paid for something.
    spend: Option<LoyaltyNotice>,
    /// A purchase was brought back: `sum`, `returned`, `taken`, `debt`.
    refund: Option<LoyaltyNotice>,
    /// Points for the birthday: `days` till it, `expires_on`.
    birthday: Option<LoyaltyNotice>,
    /// Points end soon: `ending` is a list of `points` and the last day `on`.
    expiring: Option<LoyaltyNotice>,
    /// The time of points was over; off unless switched on.
    expired: Option<LoyaltyNotice>,
    /// Points were set aside; off unless switched on.
    hold: Option<LoyaltyNotice>,
    /// Points that were set aside are free again.
    released: Option<LoyaltyNotice>,
}

/// One kind of message.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "a description")]
struct LoyaltyNotice {
    /// Whether it is sent.
    on: Option<bool>,
    /// What it says; the program's own words when absent.
    text: Option<LoyaltyWording>,
}

/// A text in both languages, 1 to 1000 characters each: a template over `points`, `balance`, `held`, `comment`, `name`,
/// `business`, `number`, `expiring`, `expires_on`, and what is said at the kind of message. The filter `points` writes a number with its unit.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "a description")]
pub(super) struct LoyaltyWording {
    /// Russian.
    ru: String,
    /// English.
    en: String,
}

/// Texts of the screens; one that is absent is worded by the program.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "a description")]
struct LoyaltyScreens {
    /// The balance.
    balance: Option<LoyaltyWording>,
    /// Under the picture of the card.
    card: Option<LoyaltyWording>,
    /// Above the history.
    history: Option<LoyaltyWording>,
    /// Instead of a history that is empty.
    history_empty: Option<LoyaltyWording>,
}

/// The look of a card.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "a description")]
pub(super) struct CardDesign {
    /// Of everything but the QR, which is always dark on white.
    colours: Option<CardColours>,
    /// Under the name of the business; at most 40 characters.
    title: Option<String>,
    /// The smallest line; at most 60 characters.
    tagline: Option<String>,
    /// A picture of the company in place of the plain lacquer; absent is none.
    picture: Option<CardPicture>,
    /// The pattern of the lacquer.
    #[schema(schema_with = ornament)]
    ornament: Option<String>,
    /// `none`, `monogram` (the first letter of the name), or an object `{ "svg": "<svg…" }` of plain shapes.
    #[schema(schema_with = logo)]
    logo: Option<String>,
    /// Where the QR stands.
    #[schema(schema_with = qr_place)]
    qr: Option<String>,
    /// The QR says something else every so many seconds, against pictures of the card; absent is never.
    #[schema(minimum = 30, maximum = 600)]
    rotating_seconds: Option<u32>,
    /// Radius of the corners, of 1012 pixels.
    #[schema(minimum = 0, maximum = 80)]
    corner: Option<u8>,
}

/// A picture behind a card.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "a description")]
struct CardPicture {
    /// The key of a picture of the company: `file/fil_…`. The card is filled with its middle.
    file: String,
    /// How much of the background's colour lies over it, in percent; 55 when absent.
    #[schema(minimum = 0, maximum = 95)]
    shade: Option<u8>,
}

/// Colours in the form `#rrggbb`.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "a description")]
struct CardColours {
    /// The lacquer.
    background: Option<String>,
    /// Names and number.
    ink: Option<String>,
    /// Title, rim and ornament.
    accent: Option<String>,
    /// The medallion and the small rule.
    mark: Option<String>,
}

fn logo() -> utoipa::openapi::schema::Schema {
    super::word_or(&["none", "monogram"], "svg", Type::String)
}

fn ornament() -> utoipa::openapi::schema::Object {
    super::word_of(&["none", "lattice", "dots"])
}

fn rounding() -> utoipa::openapi::schema::Object {
    super::word_of(&["down", "half_up", "up"])
}

fn base() -> utoipa::openapi::schema::Object {
    super::word_of(&["paid", "whole"])
}

fn qr_place() -> utoipa::openapi::schema::Object {
    super::word_of(&["right", "left", "bottom"])
}

#[cfg(test)]
mod tests {
    use super::*;
    use samovar_app::loyalty::card::Background;
    use samovar_app::loyalty::{Earning, Expiry, Screens, Spending, Wording};
    use serde_json::Value;
    use std::collections::BTreeSet;
    use utoipa::PartialSchema;

    fn described<T: PartialSchema>() -> BTreeSet<String> {
        let schema = serde_json::to_value(T::schema()).unwrap();
        schema["properties"].as_object().unwrap().keys().cloned().collect()
    }

    fn written(value: &Value) -> BTreeSet<String> {
        value.as_object().unwrap().keys().cloned().collect()
    }

    #[test]
    fn the_description_of_the_programme_is_that_of_its_values() {
        let text = Some(Wording::new("а", "a"));
        let screens =
            Screens { balance: text.clone(), card: text.clone(), history: text.clone(), history_empty: text };
        let expiry = Expiry { yearly: Some("12-31".into()), ..Expiry::default() };
        let earning = Earning { maximum: Some(Points(1)), ..Earning::default() };
        let spending = Spending { fixed: Some(Points(1)), ..Spending::default() };
        let mut full =
            Programme { expiry_days: Some(1), expiry, earning, spending, screens, ..Programme::default() };
        full.card.rotating_seconds = Some(60);
        full.card.picture = Some(Background { file: "file/fil_0000000000001".into(), shade: 40 });
        let full = serde_json::to_value(full).unwrap();
        assert_eq!(described::<LoyaltyProgramme>(), written(&full));
        assert_eq!(described::<PointUnits>(), written(&full["units"]));
        assert_eq!(described::<LoyaltyExpiry>(), written(&full["expiry"]));
        assert_eq!(described::<LoyaltyEarning>(), written(&full["earning"]));
        assert_eq!(described::<LoyaltySpending>(), written(&full["spending"]));
        assert_eq!(described::<LoyaltyRefunds>(), written(&full["refunds"]));
        assert_eq!(described::<LoyaltyWarnings>(), written(&full["warnings"]));
        assert_eq!(described::<LoyaltyBirthday>(), written(&full["birthday"]));
        assert_eq!(described::<LoyaltyNotices>(), written(&full["notices"]));
        assert_eq!(described::<LoyaltyNotice>(), written(&full["notices"]["accrual"]));
        assert_eq!(described::<LoyaltyWording>(), written(&full["notices"]["accrual"]["text"]));
        assert_eq!(described::<LoyaltyScreens>(), written(&full["screens"]));
        assert_eq!(described::<CardDesign>(), written(&full["card"]));
        assert_eq!(described::<CardPicture>(), written(&full["card"]["picture"]));
        assert_eq!(described::<CardColours>(), written(&full["card"]["colours"]));
    }
}
