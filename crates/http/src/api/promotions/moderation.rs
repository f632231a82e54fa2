//! Receipts that wait for a person.

use super::Moment;
use crate::api::receipts::{Receipt, ReceiptDetails};
use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Json, Path};
use crate::page::{Page, PageQuery, Paging};
use axum::extract::State;
use samovar_app::App;
use samovar_app::promo::Reason;
use samovar_app::promo::moderation::{self, Decision};
use samovar_app::promo::suspicion::Found;
use samovar_base::{PromotionId, ReceiptId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The queue, one of it, and what is decided.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(count_moderation))
        .routes(routes!(list_moderation))
        .routes(routes!(get_moderated_receipt))
        .routes(routes!(decide_over_receipt))
}

/// Something that looks like cheating.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "sign": "in_a_row", "points": 40, "count": 3, "ru": "Чеки одной кассы с соседними номерами: 3",
    "en": "Receipts of one till with numbers side by side: 3"
}))]
pub struct SuspiciousSign {
    /// Its name.
    pub sign: String,
    /// What it adds to the score.
    pub points: i64,
    /// The number it is about.
    pub count: i64,
    /// In words.
    pub ru: String,
    /// The same in English.
    pub en: String,
}

/// What waits for a person.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "receipts": 3 }))]
pub struct ModerationCount {
    /// Receipts of all promotions, counted up to 10,000.
    pub receipts: i64,
}

/// Everything by which a person decides.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModeratedReceipt {
    /// The receipt with its document and the questions that were asked.
    pub receipt: ReceiptDetails,
    /// What looks like cheating, the weightiest first.
    pub signs: Vec<SuspiciousSign>,
    /// Others of the same person, the youngest first.
    pub of_person: Vec<Receipt>,
    /// Others of the same till whose numbers lie near.
    pub of_till: Vec<Receipt>,
}

/// What is decided over a receipt.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "accept": false, "reason": "other_shop", "note": "чек из аптеки рядом", "revision": 3 }))]
pub struct ReceiptDecision {
    /// It gets its number.
    pub accept: bool,
    /// Of a refusal: a name out of `/promotion-words`; `by_person` when absent.
    #[serde(default)]
    pub reason: Option<String>,
    /// Of a refusal: what the participant reads of it besides.
    #[serde(default)]
    pub note: String,
    /// Refused when the receipt has another revision by now: somebody was faster.
    #[serde(default)]
    pub revision: Option<i64>,
}

/// Count receipts that wait for a person
///
/// In all promotions together. Needs the right `moderation`.
#[utoipa::path(
    get, path = "/moderation", tag = "promotions",
    responses((status = 200, description = "How many wait", body = ModerationCount))
)]
async fn count_moderation(
    State(app): State<App>,
    Signed(actor): Signed,
) -> Result<Json<ModerationCount>, Error> {
    Ok(Json(ModerationCount { receipts: moderation::count(&app, &actor).await? }))
}

/// List receipts that wait for a person
///
/// Who waits longest first. Needs the right `moderation`.
#[utoipa::path(
    get, path = "/promotions/{id}/moderation", tag = "promotions",
    params(("id" = String, Path, description = "prm_…"), PageQuery),
    responses((status = 200, description = "A page of receipts", body = Page<Receipt>))
)]
async fn list_moderation(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<PromotionId>,
    paging: Paging,
) -> Result<Json<Page<Receipt>>, Error> {
    let after = paging.after::<Moment<ReceiptId>>()?.map(|key| (key.0, key.1));
    let all = moderation::queue(&app, &actor, id, after, paging.to_read()).await?;
    let page = Page::cut(all, paging.limit, |one| Moment(one.receipt.arrived_at, one.receipt.id));
    Ok(Json(page.map(Receipt::from)))
}

/// Read a receipt to decide over it
///
/// With its document, what looks like cheating, and the receipts beside it. Needs the right `moderation`.
#[utoipa::path(
    get, path = "/promotions/{id}/moderation/{rid}", tag = "promotions",
    params(("id" = String, Path, description = "prm_…"), ("rid" = String, Path, description = "rcp_…")),
    responses((status = 200, description = "Everything about it", body = ModeratedReceipt))
)]
async fn get_moderated_receipt(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((id, rid)): Path<(PromotionId, ReceiptId)>,
) -> Result<Json<ModeratedReceipt>, Error> {
    let case = moderation::case(&app, &actor, id, rid).await?;
    Ok(Json(ModeratedReceipt {
        signs: case.signs.iter().map(SuspiciousSign::from).collect(),
        of_person: case.of_person.into_iter().map(Receipt::from).collect(),
        of_till: case.of_till.into_iter().map(Receipt::from).collect(),
        receipt: case.one.into(),
    }))
}

/// Decide over a receipt
///
/// One that waits is accepted or refused; one that was refused can still be accepted. It gets its number the same way as
/// all others, and the person is told at once. Of two who decide, one is: the other is told. Needs the right `moderation`.
#[utoipa::path(
    post, path = "/promotions/{id}/receipts/{rid}/decision", tag = "promotions",
    params(("id" = String, Path, description = "prm_…"), ("rid" = String, Path, description = "rcp_…")),
    request_body = ReceiptDecision,
    responses((status = 200, description = "As it is now", body = ReceiptDetails))
)]
async fn decide_over_receipt(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((id, rid)): Path<(PromotionId, ReceiptId)>,
    Json(said): Json<ReceiptDecision>,
) -> Result<Json<ReceiptDetails>, Error> {
    let decision = if said.accept {
        Decision::Accept
    } else {
        let reason = said.reason.as_deref().map_or(Ok(Reason::ByPerson), str::parse)?;
        Decision::Refuse { reason, note: said.note }
    };
    Ok(Json(moderation::decide(&app, &actor, id, rid, said.revision, decision).await?.into()))
}

impl From<&Found> for SuspiciousSign {
    fn from(found: &Found) -> Self {
        Self {
            sign: found.sign.as_str().to_owned(),
            points: found.points,
            count: found.count,
            ru: found.text("ru"),
            en: found.text("en"),
        }
    }
}
