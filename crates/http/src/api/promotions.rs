//! Receipt promotions: their terms, people, numbers and partners' codes.

mod launch;
mod moderation;
mod people;
mod pools;
mod terms;

use super::{shapes, word_of};
use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Change, Json, Path, Query};
use crate::page::{Page, PageQuery, Paging};
use axum::extract::State;
use axum::http::StatusCode;
use samovar_app::App;
use samovar_app::promo::{self, Changes, Reason, Terms, Wording, suspicion, texts};
use samovar_base::{ChannelId, Instant, PromotionId};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use terms::{PromotionTerms, PromotionWording};
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Promotions and what is in them.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_promotions, create_promotion))
        .routes(routes!(get_promotion, update_promotion))
        .routes(routes!(test_promotion))
        .routes(routes!(start_promotion))
        .routes(routes!(finish_promotion))
        .routes(routes!(extend_promotion))
        .routes(routes!(archive_promotion))
        .routes(routes!(list_terms_versions))
        .routes(routes!(preview_promotion_text))
        .routes(routes!(list_promotion_words))
        .merge(launch::routes())
        .merge(moderation::routes())
        .merge(people::routes())
        .merge(pools::routes())
}

/// A promotion.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "prm_00fs4w8m5xv1g", "key": "autumn", "name": "Осень с призами", "state": "running",
    "starts_at": "2026-11-01T00:00:00Z", "ends_at": "2026-12-01T00:00:00Z", "version": 3, "revision": 7,
    "terms": { "minimum": { "sum": 50000, "of": "receipt" } },
    "participants": 1200, "tickets": 2100, "waiting": 12, "moderation": 3,
    "created_at": "2026-10-20T09:00:00Z", "updated_at": "2026-11-02T09:00:00Z"
}))]
pub struct Promotion {
    /// Id.
    pub id: String,
    /// Short name in links and public addresses.
    pub key: String,
    /// As people read it.
    pub name: String,
    /// Where it stands.
    #[schema(schema_with = state)]
    pub state: String,
    /// From this moment receipts are taken.
    #[schema(value_type = String, format = DateTime)]
    pub starts_at: Instant,
    /// The first moment that is too late.
    #[schema(value_type = String, format = DateTime)]
    pub ends_at: Instant,
    /// All settings.
    #[schema(value_type = PromotionTerms)]
    pub terms: Terms,
    /// Of the terms: grows with every change of them.
    pub version: i64,
    /// The bot in which it takes place; absent: every bot that runs its scenario.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_id: Option<String>,
    /// Grows with every change.
    pub revision: i64,
    /// People who accepted the rules.
    pub participants: i64,
    /// Numbers given out.
    pub tickets: i64,
    /// Receipts that wait for their check.
    pub waiting: i64,
    /// Receipts that wait for a person.
    pub moderation: i64,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Instant,
    /// When it was last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Instant,
}

/// A promotion to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "key": "autumn", "name": "Осень с призами", "starts_at": "2026-12-01T00:00:00Z", "ends_at": "2027-01-01T00:00:00Z",
    "terms": {
        "shops": [{ "inn": "7825706086", "note": "Пятёрочка" }], "minimum": { "sum": 50000, "of": "receipt" },
        "rules": { "text": { "ru": "Участвуют чеки от 500 ₽.", "en": "" } },
        "entries": [{ "source": "shelf", "title": "Полка", "phrase": "осень" }]
    }
}))]
pub struct NewPromotion {
    /// Short name in links and public addresses: lower-case Latin letters, digits, dashes; at most 24. Never changes.
    pub key: String,
    /// As people read it.
    pub name: String,
    /// From this moment receipts are taken.
    #[schema(value_type = String, format = DateTime)]
    pub starts_at: Instant,
    /// The first moment that is too late: for a promotion up to and with 31 December, midnight of 1 January where the
    /// business is.
    #[schema(value_type = String, format = DateTime)]
    pub ends_at: Instant,
    /// All settings; what is absent has its default.
    #[serde(default)]
    #[schema(value_type = Option<PromotionTerms>)]
    pub terms: Terms,
    /// The bot in which it takes place; absent: every bot that runs its scenario.
    #[serde(default)]
    #[schema(schema_with = shapes::channel_id)]
    pub channel_id: Option<ChannelId>,
}

/// What to change of a promotion; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "revision": 7, "name": "Осень с призами" }))]
pub struct PromotionChanges {
    /// Refused when the promotion has another revision by now.
    #[serde(default)]
    pub revision: Option<i64>,
    /// As people read it.
    #[serde(default)]
    pub name: Option<String>,
    /// Only before its start.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub starts_at: Option<Instant>,
    /// Only before its start; afterwards it is extended.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ends_at: Option<Instant>,
    /// All settings as a whole: what is absent in them has its default.
    #[serde(default)]
    #[schema(value_type = Option<PromotionTerms>)]
    pub terms: Option<Terms>,
    /// The bot; `null`: every bot that runs its scenario.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub channel_id: Change<ChannelId>,
}

/// A later end.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "ends_at": "2030-01-15T21:00:00Z", "tell": true, "note": { "ru": "Призов стало больше.", "en": "" } }))]
pub struct ExtensionOfPromotion {
    /// The first moment that is too late.
    #[schema(value_type = String, format = DateTime)]
    pub ends_at: Instant,
    /// Participants are told by a broadcast.
    #[serde(default)]
    pub tell: bool,
    /// What is added to the notice.
    #[serde(default)]
    #[schema(value_type = Option<PromotionWording>)]
    pub note: Wording,
}

/// The terms as they once were.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "version": 2, "terms": {}, "actor": "stf_00fs4w8m5xv1g", "created_at": "2026-11-02T09:00:00Z" }))]
pub struct TermsVersion {
    /// From 1.
    pub version: i64,
    /// What they said.
    #[schema(value_type = PromotionTerms)]
    pub terms: Terms,
    /// Who made them so: an id of staff or of a key, `setup`, `system`.
    pub actor: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Instant,
}

/// A text to be looked at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "key": "accepted", "text": "Ваш номер: {{ ticket }}", "locale": "ru" }))]
pub struct TextToPreview {
    /// Which.
    pub key: String,
    /// As it would be worded; the text in force when absent.
    #[serde(default)]
    pub text: Option<String>,
    /// As if it were extended until then.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ends_at: Option<Instant>,
    /// What such an extension would be told with.
    #[serde(default)]
    #[schema(value_type = Option<PromotionWording>)]
    pub note: Wording,
    /// `ru` or `en`.
    #[serde(default = "ru")]
    pub locale: String,
}

/// What a participant would read.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "text": "Ваш номер: 42" }))]
pub struct PreviewedText {
    /// With sample values.
    pub text: String,
}

/// Which promotions.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ArchivedQuery {
    /// Those put away, too.
    #[serde(default)]
    pub archived: bool,
}

/// What promotions can say, and why receipts are refused.
#[derive(Debug, Serialize, ToSchema)]
pub struct PromotionWords {
    /// Texts that can be worded otherwise in the terms.
    pub texts: Vec<KnownText>,
    /// Reasons of refusals and of waiting for a person.
    pub reasons: Vec<KnownReason>,
    /// Signs of cheating; `#` stands for their count.
    pub signs: Vec<KnownSign>,
    /// The words by which alcohol and tobacco are told, unless the terms have their own.
    pub excise: StandardWords,
}

/// Words of goods.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "words": ["водк*", "пив."], "except": ["безалк*"] }))]
pub struct StandardWords {
    /// Any of these.
    pub words: Vec<String>,
    /// But for names with any of these.
    pub except: Vec<String>,
}

/// A text with its default.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "key": "menu", "about_ru": "Меню", "about_en": "The menu", "ru": "Что дальше?", "en": "What next?"
}))]
pub struct KnownText {
    /// By which it is worded otherwise.
    pub key: String,
    /// When it is said.
    pub about_ru: String,
    /// The same in English.
    pub about_en: String,
    /// The default: a template.
    pub ru: String,
    /// The same in English.
    pub en: String,
}

/// A reason.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "code": "small_sum", "ru": "сумма меньше нужной", "en": "the sum is too small", "waits": false }))]
pub struct KnownReason {
    /// Its name.
    pub code: String,
    /// For the staff.
    pub ru: String,
    /// The same in English.
    pub en: String,
    /// The receipt is not refused: a person decides.
    pub waits: bool,
}

/// A sign of cheating.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "sign": "speed", "ru": "Прислано подряд за десять минут: #", "en": "Sent within ten minutes: #" }))]
pub struct KnownSign {
    /// Its name.
    pub sign: String,
    /// For the staff.
    pub ru: String,
    /// The same in English.
    pub en: String,
}

/// List promotions
///
/// The youngest first, with what is in them. Needs the right `promotions` or `moderation`.
#[utoipa::path(
    get, path = "/promotions", tag = "promotions", params(ArchivedQuery, PageQuery),
    responses((status = 200, description = "A page of promotions", body = Page<Promotion>))
)]
async fn list_promotions(
    State(app): State<App>,
    Signed(actor): Signed,
    Query(query): Query<ArchivedQuery>,
    paging: Paging,
) -> Result<Json<Page<Promotion>>, Error> {
    let all = promo::list(&app, &actor, query.archived, paging.after()?, paging.to_read()).await?;
    Ok(Json(Page::cut(all, paging.limit, |(one, _)| one.id).map(Promotion::from)))
}

/// Make a promotion
///
/// A draft: nobody can take part before it is tried or started. Needs the right `promotions`.
#[utoipa::path(
    post, path = "/promotions", tag = "promotions", request_body = NewPromotion,
    responses((status = 201, description = "The draft", body = Promotion))
)]
async fn create_promotion(
    State(app): State<App>,
    Signed(actor): Signed,
    Json(new): Json<NewPromotion>,
) -> Result<(StatusCode, Json<Promotion>), Error> {
    let NewPromotion { key, name, starts_at, ends_at, terms, channel_id } = new;
    let draft = promo::Draft { key, name, starts_at, ends_at, terms, channel: channel_id };
    let made = promo::create(&app, &actor, draft).await?;
    Ok((StatusCode::CREATED, Json((made, promo::Counts::default()).into())))
}

/// Read a promotion
///
/// With what is in it. Needs the right `promotions` or `moderation`.
#[utoipa::path(
    get, path = "/promotions/{id}", tag = "promotions", params(("id" = String, Path, description = "prm_…")),
    responses((status = 200, description = "The promotion", body = Promotion))
)]
async fn get_promotion(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<PromotionId>,
) -> Result<Json<Promotion>, Error> {
    Ok(Json(promo::get(&app, &actor, id).await?.into()))
}

/// Change a promotion
///
/// Receipts are judged by the terms of the moment at which they are judged; every version of the terms is kept. Needs the
/// right `promotions`.
#[utoipa::path(
    patch, path = "/promotions/{id}", tag = "promotions", params(("id" = String, Path, description = "prm_…")),
    request_body = PromotionChanges,
    responses((status = 200, description = "As it is now", body = Promotion))
)]
async fn update_promotion(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<PromotionId>,
    Json(new): Json<PromotionChanges>,
) -> Result<Json<Promotion>, Error> {
    let PromotionChanges { revision, name, starts_at, ends_at, terms, channel_id } = new;
    let changes = Changes { name, starts_at, ends_at, terms, channel: channel_id.into_option() };
    promo::update(&app, &actor, id, revision, changes).await?;
    as_it_is(&app, &actor, id).await
}

/// Try a promotion
///
/// Real receipts are taken, also those of before its start; what comes of it is wiped when it starts. Needs the right
/// `promotions`.
#[utoipa::path(
    post, path = "/promotions/{id}/test", tag = "promotions", params(("id" = String, Path, description = "prm_…")),
    responses((status = 200, description = "As it is now", body = Promotion))
)]
async fn test_promotion(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<PromotionId>,
) -> Result<Json<Promotion>, Error> {
    promo::test(&app, &actor, id).await?;
    as_it_is(&app, &actor, id).await
}

/// Start a promotion
///
/// What came of trying is wiped: receipts, numbers and participants are gone, codes are back in their pools. Needs the
/// right `promotions`.
#[utoipa::path(
    post, path = "/promotions/{id}/start", tag = "promotions", params(("id" = String, Path, description = "prm_…")),
    responses((status = 200, description = "As it is now", body = Promotion))
)]
async fn start_promotion(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<PromotionId>,
) -> Result<Json<Promotion>, Error> {
    promo::start(&app, &actor, id).await?;
    as_it_is(&app, &actor, id).await
}

/// Finish a promotion
///
/// Now, before its end; what arrived in time is still checked. Needs the right `promotions`.
#[utoipa::path(
    post, path = "/promotions/{id}/finish", tag = "promotions", params(("id" = String, Path, description = "prm_…")),
    responses((status = 200, description = "As it is now", body = Promotion))
)]
async fn finish_promotion(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<PromotionId>,
) -> Result<Json<Promotion>, Error> {
    promo::finish(&app, &actor, id).await?;
    as_it_is(&app, &actor, id).await
}

/// Extend a promotion
///
/// One that is over goes on. Participants are told by a broadcast when `tell` is set. Needs the right `promotions`.
#[utoipa::path(
    post, path = "/promotions/{id}/extend", tag = "promotions", params(("id" = String, Path, description = "prm_…")),
    request_body = ExtensionOfPromotion,
    responses((status = 200, description = "As it is now", body = Promotion))
)]
async fn extend_promotion(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<PromotionId>,
    Json(extension): Json<ExtensionOfPromotion>,
) -> Result<Json<Promotion>, Error> {
    let ExtensionOfPromotion { ends_at, tell, note } = extension;
    promo::extend(&app, &actor, id, ends_at, tell.then_some(note)).await?;
    as_it_is(&app, &actor, id).await
}

/// Put a promotion away
///
/// A draft, or one that is over once nothing of it waits. Needs the right `promotions`.
#[utoipa::path(
    post, path = "/promotions/{id}/archive", tag = "promotions", params(("id" = String, Path, description = "prm_…")),
    responses((status = 200, description = "As it is now", body = Promotion))
)]
async fn archive_promotion(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<PromotionId>,
) -> Result<Json<Promotion>, Error> {
    promo::archive(&app, &actor, id).await?;
    as_it_is(&app, &actor, id).await
}

/// List versions of the terms
///
/// The latest 200, the youngest first. Needs the right `promotions`.
#[utoipa::path(
    get, path = "/promotions/{id}/versions", tag = "promotions", params(("id" = String, Path, description = "prm_…")),
    responses((status = 200, description = "The versions", body = Vec<TermsVersion>))
)]
async fn list_terms_versions(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<PromotionId>,
) -> Result<Json<Vec<TermsVersion>>, Error> {
    let version = |one: promo::Version| {
        let promo::Version { version, terms, actor, created_at } = one;
        TermsVersion { version, terms, actor, created_at }
    };
    Ok(Json(promo::versions(&app, &actor, id).await?.into_iter().map(version).collect()))
}

/// Preview a text of a promotion
///
/// As a participant would read it, with sample values. Needs the right `promotions`.
#[utoipa::path(
    post, path = "/promotions/{id}/preview-text", tag = "promotions",
    params(("id" = String, Path, description = "prm_…")), request_body = TextToPreview,
    responses((status = 200, description = "The text", body = PreviewedText))
)]
async fn preview_promotion_text(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<PromotionId>,
    Json(asked): Json<TextToPreview>,
) -> Result<Json<PreviewedText>, Error> {
    let TextToPreview { key, text, ends_at, note, locale } = asked;
    let extension = ends_at.map(|ends_at| (ends_at, note));
    let text = promo::preview_text(&app, &actor, id, &key, text.as_deref(), extension, &locale).await?;
    Ok(Json(PreviewedText { text }))
}

/// List what promotions say
///
/// Texts with their defaults, reasons of refusals, signs of cheating.
#[utoipa::path(
    get, path = "/promotion-words", tag = "promotions",
    responses((status = 200, description = "All of them", body = PromotionWords))
)]
async fn list_promotion_words(Signed(_actor): Signed) -> Json<PromotionWords> {
    let text = |known: &texts::Known| KnownText {
        key: known.key.to_owned(),
        about_ru: known.about.0.to_owned(),
        about_en: known.about.1.to_owned(),
        ru: known.said.0.to_owned(),
        en: known.said.1.to_owned(),
    };
    let of_reason = |reason: &Reason| KnownText {
        key: reason.key(),
        about_ru: reason.title("ru").to_owned(),
        about_en: reason.title("en").to_owned(),
        ru: reason.said("ru").to_owned(),
        en: reason.said("en").to_owned(),
    };
    let reason = |reason: &Reason| KnownReason {
        code: reason.as_str().to_owned(),
        ru: reason.title("ru").to_owned(),
        en: reason.title("en").to_owned(),
        waits: reason.waits(),
    };
    let sign = |sign: &suspicion::Sign| KnownSign {
        sign: sign.as_str().to_owned(),
        ru: sign.title("ru").to_owned(),
        en: sign.title("en").to_owned(),
    };
    let excise = promo::excise_words();
    Json(PromotionWords {
        texts: texts::ALL.iter().map(text).chain(Reason::ALL.iter().map(of_reason)).collect(),
        reasons: Reason::ALL.iter().map(reason).collect(),
        signs: suspicion::Sign::ALL.iter().map(sign).collect(),
        excise: StandardWords { words: excise.include.clone(), except: excise.exclude.clone() },
    })
}

async fn as_it_is(
    app: &App,
    actor: &samovar_app::access::Actor,
    id: PromotionId,
) -> Result<Json<Promotion>, Error> {
    Ok(Json(promo::get(app, actor, id).await?.into()))
}

/// The key of a list in the order of moments: `<microseconds>.<id>`.
struct Moment<K>(Instant, K);

impl<K: fmt::Display> fmt::Display for Moment<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0.0, self.1)
    }
}

impl<K: FromStr> FromStr for Moment<K> {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let (at, key) = text.split_once('.').ok_or(())?;
        Ok(Self(Instant(at.parse().map_err(|_| ())?), key.parse().map_err(|_| ())?))
    }
}

impl From<(promo::Promotion, promo::Counts)> for Promotion {
    fn from((one, counts): (promo::Promotion, promo::Counts)) -> Self {
        Self {
            id: one.id.to_string(),
            key: one.key,
            name: one.name,
            state: one.state.as_str().to_owned(),
            starts_at: one.starts_at,
            ends_at: one.ends_at,
            terms: one.terms,
            version: one.version,
            channel_id: one.channel.map(|id| id.to_string()),
            revision: one.revision,
            participants: counts.participants,
            tickets: counts.tickets,
            waiting: counts.waiting,
            moderation: counts.moderation,
            created_at: one.created_at,
            updated_at: one.updated_at,
        }
    }
}

fn ru() -> String {
    "ru".into()
}

fn state() -> Object {
    word_of(&promo::State::ALL.map(promo::State::as_str))
}
