//! A promotion in a bot, and its terms tried on goods.

use super::terms::PromotionTerms;
use super::{Promotion, as_it_is, ru};
use crate::PublicUrl;
use crate::api::{shapes, word_of};
use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Json, Path};
use axum::Extension;
use axum::extract::State;
use samovar_app::App;
use samovar_app::problem::Problem;
use samovar_app::promo::launch;
use samovar_app::promo::trial::{self, Lesson, Trial};
use samovar_app::promo::{Are, Terms, Tried, Verdict};
use samovar_base::{ChannelId, PromotionId, ReceiptId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Bots, links, trials.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(launch_promotion))
        .routes(routes!(list_promotion_links))
        .routes(routes!(try_promotion_terms))
        .routes(routes!(learn_promotion_shop))
}

/// Into which bot a promotion goes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "channel_id": "chn_00fs4w8m5xv1g", "locale": "ru" }))]
pub struct LaunchOfPromotion {
    /// The bot.
    #[schema(schema_with = shapes::channel_id)]
    pub channel_id: ChannelId,
    /// The language of the ready bot, when its scenario is made now: `ru` or `en`.
    #[serde(default = "ru")]
    pub locale: String,
}

/// A promotion in a bot.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "scenario": "autumn", "version": 1, "clashes": [] }))]
pub struct LaunchedPromotion {
    /// The key of its scenario.
    pub scenario: String,
    /// The version that is published.
    pub version: i64,
    /// What other scenarios wait for, too: on one channel the first is heard.
    pub clashes: Vec<PromotionClash>,
}

/// Another scenario waits for the same.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "scenario": "coffee-loyalty", "name": "Бонусы кофейни", "what": "помощь" }))]
pub struct PromotionClash {
    /// The key of the other scenario.
    pub scenario: String,
    /// Its name.
    pub name: String,
    /// What both wait for.
    pub what: String,
}

/// A way into a promotion.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "source": "shelf", "title": "Полка", "phrase": "осень", "channel_id": "chn_00fs4w8m5xv1g", "tag": "autumn-shelf",
    "link": "https://t.me/coffee_bot?start=autumn-shelf"
}))]
pub struct PromotionLink {
    /// Where people come from by it; empty: unknown.
    pub source: String,
    /// For the staff.
    pub title: String,
    /// What they type; may be empty.
    pub phrase: String,
    /// By which channel.
    pub channel_id: String,
    /// For the QR: `/channels/{channel_id}/qr?tag=…`.
    pub tag: String,
    /// The address; absent while the bot was not connected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// On what terms are tried: names, or a document.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "names": ["Пиво светлое 0,5 л", "Гречка 900 г"] }))]
pub struct TermsTrial {
    /// Names of goods as tills print them; at most 200.
    #[serde(default)]
    pub names: Vec<String>,
    /// A document of a receipt: JSON of the tax service's app, of an operator or of a check service.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub document: Option<Value>,
    /// Terms that are not saved yet; those in force when absent.
    #[serde(default)]
    #[schema(value_type = Option<PromotionTerms>)]
    pub terms: Option<Terms>,
}

/// What the terms make of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "goods": [{ "name": "Пиво светлое 0,5 л", "banned": "yes", "why_ru": "слово «пиво» в названии", "why_en": "“пиво” in the name", "needed": "no" }]
}))]
pub struct TriedTerms {
    /// The names, or the goods of the document.
    pub goods: Vec<TriedGoods>,
    /// Of a document: what would become of it, dates and limits apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<TriedVerdict>,
    /// Of a document: who sold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seller: Option<TriedSeller>,
}

/// Goods that were tried.
#[derive(Debug, Serialize, ToSchema)]
pub struct TriedGoods {
    /// As printed.
    pub name: String,
    /// Whether they are banned.
    #[schema(schema_with = are)]
    pub banned: String,
    /// Why it seems so.
    pub why_ru: String,
    /// The same in English.
    pub why_en: String,
    /// Whether they are among those that are needed.
    #[schema(schema_with = are)]
    pub needed: String,
}

/// What would become of a document.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "outcome": "refuse", "reason": "banned", "ru": "запрещённые товары", "en": "banned goods", "details": "Пиво" }))]
pub struct TriedVerdict {
    /// Accepted, refused, or looked at by a person.
    #[schema(schema_with = outcome)]
    pub outcome: String,
    /// A name out of `/promotion-words`; empty when it is accepted.
    pub reason: String,
    /// In words.
    pub ru: String,
    /// The same in English.
    pub en: String,
    /// What of the document it is about.
    pub details: String,
}

/// Who sold.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "inn": "7825706086", "name": "ООО «Агроторг»", "place": "Пятёрочка", "address": "Москва" }))]
pub struct TriedSeller {
    /// Tax number.
    pub inn: String,
    /// As printed.
    pub name: String,
    /// Name of the place.
    pub place: String,
    /// Address of the place.
    pub address: String,
}

/// From what a shop is learnt: exactly one of both.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "receipt_id": "rcp_00fs4w8m5xv1g" }))]
pub struct ShopLesson {
    /// A receipt that was sent and checked.
    #[serde(default)]
    #[schema(schema_with = shapes::receipt_id)]
    pub receipt_id: Option<ReceiptId>,
    /// A document of a receipt, as for trials.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub document: Option<Value>,
}

/// Put a promotion into a bot
///
/// Its scenario is made from the library's `receipt-draw` under the promotion's key, or given the phrases and links of the
/// terms anew; published, and run by the channel after those it runs already. So is `prize-delivery`, in which winners say
/// where their prizes go. Twice the same changes nothing. Needs the rights `promotions`, `scenarios_write` and
/// `channels_manage`.
#[utoipa::path(
    post, path = "/promotions/{id}/launch", tag = "promotions", params(("id" = String, Path, description = "prm_…")),
    request_body = LaunchOfPromotion,
    responses((status = 200, description = "It is there", body = LaunchedPromotion))
)]
async fn launch_promotion(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<PromotionId>,
    Json(into): Json<LaunchOfPromotion>,
) -> Result<Json<LaunchedPromotion>, Error> {
    let launched = launch::launch(&app, &actor, id, into.channel_id, &into.locale).await?;
    let clashes = launched.clashes.into_iter();
    let clashes =
        clashes.map(|one| PromotionClash { scenario: one.scenario, name: one.name, what: one.what });
    Ok(Json(LaunchedPromotion {
        scenario: launched.scenario,
        version: launched.version,
        clashes: clashes.collect(),
    }))
}

/// List ways into a promotion
///
/// By each channel that runs its scenario: without a source, and by each of its entries. Needs the rights `promotions` and
/// `channels_read`.
#[utoipa::path(
    get, path = "/promotions/{id}/links", tag = "promotions", params(("id" = String, Path, description = "prm_…")),
    responses((status = 200, description = "The links", body = Vec<PromotionLink>))
)]
async fn list_promotion_links(
    State(app): State<App>,
    Signed(actor): Signed,
    Extension(PublicUrl(public_url)): Extension<PublicUrl>,
    Path(id): Path<PromotionId>,
) -> Result<Json<Vec<PromotionLink>>, Error> {
    let ways = launch::ways(&app, &actor, id, public_url.as_ref()).await?;
    let link = |way: launch::Way| PromotionLink {
        source: way.source,
        title: way.title,
        phrase: way.phrase,
        channel_id: way.channel.to_string(),
        tag: way.tag,
        link: way.link,
    };
    Ok(Json(ways.into_iter().map(link).collect()))
}

/// Try terms on goods
///
/// On names, or on the document of a receipt; also terms that are not saved yet. Nothing is changed, nobody is asked.
/// Needs the right `promotions`.
#[utoipa::path(
    post, path = "/promotions/{id}/try", tag = "promotions", params(("id" = String, Path, description = "prm_…")),
    request_body = TermsTrial,
    responses((status = 200, description = "What the terms make of it", body = TriedTerms))
)]
async fn try_promotion_terms(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<PromotionId>,
    Json(asked): Json<TermsTrial>,
) -> Result<Json<TriedTerms>, Error> {
    let TermsTrial { names, document, terms } = asked;
    let outcome = trial::attempt(&app, &actor, id, Trial { names, document, terms }).await?;
    Ok(Json(TriedTerms {
        goods: outcome.goods.into_iter().map(TriedGoods::from).collect(),
        verdict: outcome.verdict.map(TriedVerdict::from),
        seller: outcome.seller.map(|seller| TriedSeller {
            inn: seller.inn,
            name: seller.name,
            place: seller.place,
            address: seller.address,
        }),
    }))
}

/// Learn a shop from a receipt
///
/// Adds the seller to the shops of the promotion. Needs the right `promotions`.
#[utoipa::path(
    post, path = "/promotions/{id}/shops", tag = "promotions", params(("id" = String, Path, description = "prm_…")),
    request_body = ShopLesson,
    responses((status = 200, description = "The promotion with the shop", body = Promotion))
)]
async fn learn_promotion_shop(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<PromotionId>,
    Json(lesson): Json<ShopLesson>,
) -> Result<Json<Promotion>, Error> {
    let lesson = match (lesson.receipt_id, lesson.document) {
        (Some(receipt), None) => Lesson::Receipt(receipt),
        (None, Some(document)) => Lesson::Document(document),
        _ => {
            let (ru, en) = (
                "Нужно что-то одно: receipt_id или document",
                "It takes one of both: receipt_id or document",
            );
            return Err(Problem::invalid("document", "one_of_both", ru, en).into());
        }
    };
    trial::learn_from(&app, &actor, id, lesson).await?;
    as_it_is(&app, &actor, id).await
}

impl From<Tried> for TriedGoods {
    fn from(tried: Tried) -> Self {
        let [why_ru, why_en] = tried.why.says();
        let word = |are| match are {
            Are::Yes => "yes",
            Are::No => "no",
            Are::Doubt => "doubt",
        };
        Self {
            name: tried.name,
            banned: word(tried.banned).to_owned(),
            why_ru,
            why_en,
            needed: word(tried.needed).to_owned(),
        }
    }
}

impl From<Verdict> for TriedVerdict {
    fn from(verdict: Verdict) -> Self {
        let (outcome, why) = match verdict {
            Verdict::Accept => ("accept", None),
            Verdict::Refuse(why) => ("refuse", Some(why)),
            Verdict::Person(why) => ("person", Some(why)),
        };
        let title = |locale| why.as_ref().map_or("", |why| why.reason.title(locale)).to_owned();
        Self {
            outcome: outcome.to_owned(),
            reason: why.as_ref().map_or("", |why| why.reason.as_str()).to_owned(),
            ru: title("ru"),
            en: title("en"),
            details: why.map(|why| why.details).unwrap_or_default(),
        }
    }
}

fn are() -> Object {
    word_of(&["yes", "no", "doubt"])
}

fn outcome() -> Object {
    word_of(&["accept", "refuse", "person"])
}
