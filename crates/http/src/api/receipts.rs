//! Receipts that people sent to promotions.

use super::word_of;
use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Json, Path, Query};
use crate::page::{Page, PageQuery, Paging};
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;
use samovar_app::App;
use samovar_app::problem::Problem;
use samovar_app::promo::Reason;
use samovar_app::receipts::{self, Filter, ListedReceipt, OneReceipt};
use samovar_base::{ContactId, Instant, PromotionId, ReceiptId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;
use std::str::FromStr;
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Receipts of a promotion.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_receipts))
        .routes(routes!(get_receipt_queue))
        .routes(routes!(get_receipt))
        .routes(routes!(get_receipt_picture))
}

/// A receipt that somebody sent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PromotionReceipt, example = json!({
    "id": "rcp_00fs4w8m5xv1g", "contact_id": "con_00fs4w8m5xv1g", "contact_name": "Анна", "channel_id": "chn_00fs4w8m5xv1g",
    "arrived_at": "2026-11-30T20:59:58Z", "source": "picture", "picture": true, "state": "accepted",
    "code": "t=20261130T2301&s=1285.21&fn=7281440500751551&i=30526&fp=1168453787&n=1", "sum": 128_521,
    "bought_at": "2026-11-30T23:01:00", "ticket": 512, "reason_ru": "", "reason_en": "", "note": "", "score": 0, "signs": [],
    "tries": 1, "waits": 0, "outcome": "found", "check_at": "2026-11-30T20:59:58Z", "version": 1, "judged_by": "rules",
    "judged_at": "2026-11-30T21:00:04Z", "revision": 3
}))]
pub struct Receipt {
    /// Id.
    pub id: String,
    /// Who sent it.
    pub contact_id: String,
    /// What they are called; may be empty.
    pub contact_name: String,
    /// By which channel.
    pub channel_id: String,
    /// When the message was stored: this moment decides.
    #[schema(value_type = String, format = DateTime)]
    pub arrived_at: Instant,
    /// In which form.
    #[schema(schema_with = source)]
    pub source: &'static str,
    /// A picture of it is kept.
    pub picture: bool,
    /// Where it stands: waits for its check, is with a provider, waits for a person, has a number, has none.
    #[schema(schema_with = state)]
    pub state: &'static str,
    /// Its code; empty when none could be read.
    pub code: String,
    /// In kopecks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sum: Option<i64>,
    /// By the till, without a zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bought_at: Option<String>,
    /// The number it got.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket: Option<i64>,
    /// Why it was refused or waits for a person: a name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// The same for people; empty when there is no reason.
    pub reason_ru: &'static str,
    /// The same in English.
    pub reason_en: &'static str,
    /// What of it the reason is about, or what a person wrote to it.
    pub note: String,
    /// Of suspicion, 0 to 100.
    pub score: i64,
    /// Why it is suspicious.
    #[schema(value_type = Vec<Object>)]
    pub signs: Value,
    /// Questions asked about it.
    pub tries: i64,
    /// How often it was put off because the tax service did not know it.
    pub waits: i64,
    /// What the last question led to: `found`, `not_yet`, `unknown`, `refused`, `quota`, `later`, `error`; empty when none
    /// was asked.
    pub outcome: String,
    /// When it is due to be checked.
    #[schema(value_type = String, format = DateTime)]
    pub check_at: Instant,
    /// Of the terms by which it was judged.
    pub version: i64,
    /// `rules`, or the id of who decided; empty while nobody has.
    pub judged_by: String,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub judged_at: Option<Instant>,
    /// Grows with every change.
    pub revision: i64,
}

/// A receipt with everything known of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PromotionReceiptDetails, example = json!({
    "receipt": {
        "id": "rcp_00fs4w8m5xv1g", "contact_id": "con_00fs4w8m5xv1g", "contact_name": "Анна",
        "channel_id": "chn_00fs4w8m5xv1g", "arrived_at": "2026-11-30T20:59:58Z", "source": "words", "picture": false,
        "state": "accepted", "code": "t=20261130T2301&s=1285.21&fn=7281440500751551&i=30526&fp=1168453787&n=1",
        "sum": 128_521, "bought_at": "2026-11-30T23:01:00", "ticket": 512, "reason_ru": "", "reason_en": "", "note": "",
        "score": 0, "signs": [], "tries": 1, "waits": 0, "outcome": "found", "check_at": "2026-11-30T20:59:58Z",
        "version": 1, "judged_by": "rules", "judged_at": "2026-11-30T21:00:04Z", "revision": 3
    },
    "document": {
        "provider": "proverkacheka", "fetched_at": "2026-11-30T21:00:04Z", "inn": "7825706086", "seller": "ООО «Агроторг»",
        "place": "Пятёрочка", "address": "Москва, Ленинский пр., 1", "total": 128_521,
        "items": [{ "name": "Молоко 3,2%", "quantity": 1000, "price": 8_990, "sum": 8_990 }]
    },
    "attempts": [{
        "provider_id": "prv_00fs4w8m5xv1g", "asked_at": "2026-11-30T21:00:03Z", "took_ms": 412, "outcome": "found", "words": ""
    }],
    "said": "Чек на 1 285,21 ₽ принят. Ваш номер в розыгрыше: 512."
}))]
pub struct ReceiptDetails {
    /// The receipt.
    pub receipt: Receipt,
    /// What the tax service keeps of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<Document>,
    /// Who was asked, and what they answered, the oldest first.
    pub attempts: Vec<Attempt>,
    /// Its number in the queue, while it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<i64>,
    /// What the person read; empty while nothing is decided.
    pub said: String,
}

/// What the tax service keeps of a receipt.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReceiptDocument, example = json!({
    "provider": "proverkacheka", "fetched_at": "2026-11-30T21:00:04Z", "inn": "7825706086", "seller": "ООО «Агроторг»",
    "place": "Пятёрочка", "address": "Москва, Ленинский пр., 1", "total": 128_521,
    "items": [{ "name": "Молоко 3,2%", "quantity": 1000, "price": 8_990, "sum": 8_990 }]
}))]
pub struct Document {
    /// The kind of provider that told.
    pub provider: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub fetched_at: Instant,
    /// By the till, without a zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bought_at: Option<String>,
    /// Tax number of who sold; may be empty.
    pub inn: String,
    /// Who sold; may be empty.
    pub seller: String,
    /// Name of the place; may be empty.
    pub place: String,
    /// Its address; may be empty.
    pub address: String,
    /// Two digits of the region, when it is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// In kopecks.
    pub total: i64,
    /// The goods, in the order of the receipt.
    pub items: Vec<DocumentItem>,
}

/// A line of a receipt.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReceiptDocumentItem, example = json!({ "name": "Молоко 3,2%", "quantity": 1000, "price": 8_990, "sum": 8_990 }))]
pub struct DocumentItem {
    /// As printed.
    pub name: String,
    /// In thousandths.
    pub quantity: i64,
    /// Of one, in kopecks.
    pub price: i64,
    /// Of the line, in kopecks.
    pub sum: i64,
}

/// A question to a provider.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReceiptAttempt, example = json!({
    "provider_id": "prv_00fs4w8m5xv1g", "asked_at": "2026-11-30T21:00:03Z", "took_ms": 412, "outcome": "error",
    "words": "no answer in time"
}))]
pub struct Attempt {
    /// Who was asked.
    pub provider_id: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub asked_at: Instant,
    /// How long it took.
    pub took_ms: i64,
    /// `found`, `not_yet`, `unknown`, `refused`, `quota`, `later`, `error`.
    pub outcome: String,
    /// In the words of the provider.
    pub words: String,
}

/// What waits in a promotion.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReceiptQueue, example = json!({ "receipts": 1480, "pictures": 12, "person": 3, "oldest": "2026-11-30T20:41:10Z" }))]
pub struct QueueState {
    /// Receipts that wait for their check or are with a provider.
    pub receipts: i64,
    /// Pictures that are not read yet.
    pub pictures: i64,
    /// Receipts that wait for a person.
    pub person: i64,
    /// When the oldest of the waiting ones arrived.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub oldest: Option<Instant>,
}

/// Which receipts.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReceiptQuery {
    /// Of this state.
    #[param(schema_with = state)]
    pub state: Option<String>,
    /// By this reason refused, or waiting for a person: a name out of `/promotion-words`.
    #[param(schema_with = reason)]
    pub reason: Option<String>,
    /// con_…: of this person.
    pub contact_id: Option<String>,
    /// The `next` of the page before.
    pub after: Option<String>,
    /// From 1 to 200; 50 when absent.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

/// After which receipt a page begins.
struct Key(Instant, ReceiptId);

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0.0, self.1)
    }
}

impl FromStr for Key {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let (at, id) = text.split_once('.').ok_or(())?;
        Ok(Self(Instant(at.parse().map_err(|_| ())?), id.parse().map_err(|_| ())?))
    }
}

/// List receipts
///
/// The youngest first; of a state, by a reason, of a person, or all. Needs the right `promotions` or `moderation`.
#[utoipa::path(
    get, path = "/promotions/{id}/receipts", tag = "promotions",
    params(("id" = String, Path, description = "prm_…"), ReceiptQuery),
    responses((status = 200, description = "A page of receipts", body = Page<Receipt>))
)]
async fn list_receipts(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<PromotionId>,
    Query(asked): Query<ReceiptQuery>,
) -> Result<Json<Page<Receipt>>, Error> {
    let paging = Paging::try_from(PageQuery { after: asked.after, limit: asked.limit })?;
    let filter = Filter {
        state: asked.state.map(|state| state.parse().map_err(|()| malformed("state"))).transpose()?,
        reason: asked.reason.as_deref().map(str::parse).transpose()?,
        contact: asked
            .contact_id
            .map(|id| id.parse::<ContactId>().map_err(|_| malformed("contact_id")))
            .transpose()?,
    };
    let after = paging.after::<Key>()?.map(|Key(at, id)| (at, id));
    let found = receipts::receipts(&app, &actor, id, filter, after, paging.to_read()).await?;
    let key = |one: &ListedReceipt| Key(one.receipt.arrived_at, one.receipt.id);
    Ok(Json(Page::cut(found, paging.limit, key).map(Receipt::from)))
}

/// Read the queue of receipts
///
/// How many wait for their check, and since when. Needs the right `promotions` or `moderation`.
#[utoipa::path(
    get, path = "/promotions/{id}/receipts/queue", tag = "promotions",
    params(("id" = String, Path, description = "prm_…")),
    responses((status = 200, description = "What waits", body = QueueState))
)]
async fn get_receipt_queue(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<PromotionId>,
) -> Result<Json<QueueState>, Error> {
    let queue = receipts::queue(&app, &actor, id).await?;
    Ok(Json(QueueState {
        receipts: queue.receipts,
        pictures: queue.pictures,
        person: queue.person,
        oldest: queue.oldest,
    }))
}

/// Read a receipt
///
/// With what the tax service keeps of it, the questions that were asked, and what the person read. Needs the right
/// `promotions` or `moderation`.
#[utoipa::path(
    get, path = "/promotions/{id}/receipts/{rid}", tag = "promotions",
    params(("id" = String, Path, description = "prm_…"), ("rid" = String, Path, description = "rcp_…")),
    responses((status = 200, description = "The receipt", body = ReceiptDetails))
)]
async fn get_receipt(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((id, receipt)): Path<(PromotionId, ReceiptId)>,
) -> Result<Json<ReceiptDetails>, Error> {
    Ok(Json(receipts::receipt(&app, &actor, id, receipt).await?.into()))
}

/// Show the picture of a receipt
///
/// As the person sent it; kept as long as the terms of the promotion say. Needs the right `promotions` or `moderation`.
#[utoipa::path(
    get, path = "/promotions/{id}/receipts/{rid}/picture", tag = "promotions",
    params(("id" = String, Path, description = "prm_…"), ("rid" = String, Path, description = "rcp_…")),
    responses((status = 200, description = "The picture", body = Vec<u8>, content_type = "image/*"))
)]
async fn get_receipt_picture(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((id, receipt)): Path<(PromotionId, ReceiptId)>,
) -> Result<impl IntoResponse, Error> {
    let content = receipts::receipt_picture(&app, &actor, id, receipt).await?;
    let kind = HeaderValue::from_str(&content.media_type);
    let kind = kind.unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let keep = HeaderValue::from_static("private, max-age=3600, immutable");
    Ok(([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, keep)], content.bytes))
}

impl From<ListedReceipt> for Receipt {
    fn from(listed: ListedReceipt) -> Self {
        let ListedReceipt { receipt, name } = listed;
        Self {
            id: receipt.id.to_string(),
            contact_id: receipt.contact.to_string(),
            contact_name: name,
            channel_id: receipt.channel.to_string(),
            arrived_at: receipt.arrived_at,
            source: receipt.source.as_str(),
            picture: !receipt.picture.is_empty(),
            state: receipt.state.as_str(),
            sum: receipt.code.as_ref().map(|code| code.sum),
            bought_at: receipt.code.as_ref().map(|code| code.at.to_string()),
            ticket: receipt.ticket,
            reason: receipt.reason.map(Reason::as_str),
            reason_ru: receipt.reason_title("ru"),
            reason_en: receipt.reason_title("en"),
            code: receipt.text,
            note: receipt.note,
            score: receipt.score,
            signs: serde_json::from_str(&receipt.signs).unwrap_or_default(),
            tries: receipt.tries,
            waits: receipt.waits,
            outcome: receipt.outcome,
            check_at: receipt.check_at,
            version: receipt.version,
            judged_by: receipt.judged_by,
            judged_at: receipt.judged_at,
            revision: receipt.revision,
        }
    }
}

impl From<OneReceipt> for ReceiptDetails {
    fn from(one: OneReceipt) -> Self {
        let document = one.document.map(|(provider, body, fetched_at)| Document {
            provider,
            fetched_at,
            bought_at: body.at.map(|at| at.to_string()),
            inn: body.seller.inn,
            seller: body.seller.name,
            place: body.seller.place,
            address: body.seller.address,
            region: body.region,
            total: body.total,
            items: body
                .items
                .into_iter()
                .map(|item| DocumentItem {
                    name: item.name,
                    quantity: item.quantity,
                    price: item.price,
                    sum: item.sum,
                })
                .collect(),
        });
        let attempt = |attempt: receipts::Attempt| Attempt {
            provider_id: attempt.provider.to_string(),
            asked_at: attempt.asked_at,
            took_ms: attempt.took_ms,
            outcome: attempt.outcome,
            words: attempt.words,
        };
        Self {
            receipt: ListedReceipt { receipt: one.receipt, name: one.name }.into(),
            document,
            attempts: one.attempts.into_iter().map(attempt).collect(),
            place: one.place,
            said: one.said,
        }
    }
}

fn malformed(field: &str) -> Error {
    let (ru, en) = (
        "Значение не читается: возьмите одно из описанных",
        "The value cannot be read: take one of those described",
    );
    Problem::invalid(field, "malformed", ru, en).into()
}

fn source() -> Object {
    word_of(&["words", "picture", "file", "link", "fields", "staff"])
}

fn reason() -> Object {
    word_of(&Reason::ALL.iter().map(|reason| reason.as_str()).collect::<Vec<_>>())
}

fn state() -> Object {
    word_of(&receipts::State::ALL.map(receipts::State::as_str))
}
