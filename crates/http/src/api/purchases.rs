//! Purchases: what they earn, paying with points, bringing back.

use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Json, Path};
use crate::idempotency::IdempotencyKey;
use crate::page::{Page, PageQuery, Paging};
use axum::extract::State;
use samovar_app::App;
use samovar_app::ledger::Standing;
use samovar_app::loyalty::{self, PurchaseId};
use samovar_base::{ContactId, Instant, Points, Rate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Purchases of contacts.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(quote_purchase))
        .routes(routes!(list_purchases, book_purchase))
        .routes(routes!(get_purchase))
        .routes(routes!(refund_purchase))
}

/// What was bought. Sums are in the smallest units of money: 159000 is 1590 roubles.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "sum_minor": 159_000, "pay_points": 300, "receipt": "1207",
    "items": [{ "key": "manicure", "quantity": 1, "sum_minor": 120_000, "earns_percent_bp": 1_000 }]
}))]
pub struct NewPurchase {
    /// The whole sum, that which is paid with points included.
    #[schema(minimum = 1, maximum = 1_000_000_000_000_i64)]
    pub sum_minor: i64,
    /// How many points pay a part of it; absent is nothing.
    #[serde(default)]
    pub pay_points: Option<i64>,
    /// What earns otherwise than the programme says; the rest of the sum earns as it says. At most 200.
    #[serde(default)]
    pub items: Vec<PurchaseItem>,
    /// The number on the receipt; at most 100 characters.
    #[serde(default)]
    pub receipt: Option<String>,
    /// The customer sees it in the history; at most 500 characters.
    #[serde(default)]
    pub note: Option<String>,
}

/// A line of a purchase. It earns a share of its price or so many points for each; neither is as the programme says.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "key": "manicure", "quantity": 1, "sum_minor": 120_000, "earns_percent_bp": 1_000 }))]
pub struct PurchaseItem {
    /// Of the service or product.
    pub key: String,
    /// How many; 1 when absent.
    #[serde(default = "one")]
    pub quantity: u32,
    /// What they cost together.
    pub sum_minor: i64,
    /// A share of the price in basis points: 500 is five percent, zero is nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earns_percent_bp: Option<u32>,
    /// So many points for each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earns_points: Option<i64>,
}

/// What a purchase would come to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "sum_minor": 159_000, "spends": 300, "spends_minor": 30_000, "to_pay_minor": 129_000, "earns": 64,
    "most": 542, "available": 542, "available_after": 306, "ends": "2027-05-21T21:00:00Z"
}))]
pub struct PurchaseQuote {
    /// The whole sum.
    pub sum_minor: i64,
    /// Points taken.
    pub spends: i64,
    /// What they are worth.
    pub spends_minor: i64,
    /// What is left to be paid with money.
    pub to_pay_minor: i64,
    /// Points given.
    pub earns: i64,
    /// With at most so many points it could be paid now.
    pub most: i64,
    /// What may be spent now.
    pub available: i64,
    /// What may be spent afterwards.
    pub available_after: i64,
    /// When what is earned ends; absent is never, or nothing earned.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ends: Option<Instant>,
}

/// A purchase as it stands in the books.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "pur_00fs4w8m5xv1g", "contact_id": "con_00fs4w8m5xv1g", "sum_minor": 159_000, "spent": 300,
    "to_pay_minor": 129_000, "earned": 64, "refunded_minor": 0, "returned": 0, "taken": 0, "money_back_minor": 0,
    "items": [], "receipt": "1207", "at": "2026-11-21T10:00:00Z"
}))]
pub struct Purchase {
    /// Id.
    pub id: String,
    /// Whose.
    pub contact_id: String,
    /// The whole sum.
    pub sum_minor: i64,
    /// Points that paid for it.
    pub spent: i64,
    /// What was left to be paid with money.
    pub to_pay_minor: i64,
    /// Points that it earned.
    pub earned: i64,
    /// Of the sum, brought back by now.
    pub refunded_minor: i64,
    /// Spent points that returned by now.
    pub returned: i64,
    /// Earned points that were taken back by now.
    pub taken: i64,
    /// Money that was to be given back by now.
    pub money_back_minor: i64,
    /// Lines.
    pub items: Vec<PurchaseItem>,
    /// The number on the receipt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
    /// In the words of whoever sold it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
}

/// A purchase that was booked, and the wallet as it is now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "purchase": {
        "id": "pur_00fs4w8m5xv1g", "contact_id": "con_00fs4w8m5xv1g", "sum_minor": 159_000, "spent": 300,
        "to_pay_minor": 129_000, "earned": 64, "refunded_minor": 0, "returned": 0, "taken": 0,
        "money_back_minor": 0, "items": [], "receipt": "1207", "at": "2026-11-21T10:00:00Z"
    },
    "balance": 306, "held": 0, "available": 306, "repeated": false
}))]
pub struct BookedPurchase {
    /// The purchase.
    pub purchase: Purchase,
    /// Points that are there, held ones among them; negative is a debt.
    pub balance: i64,
    /// Set aside.
    pub held: i64,
    /// May be spent now.
    pub available: i64,
    /// It was booked before by the same key; nothing changed now.
    pub repeated: bool,
}

/// How much of a purchase is brought back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "sum_minor": 50_000, "note": "Вернули один товар" }))]
pub struct NewRefund {
    /// Of its sum, that which was paid with points included; absent is all that is left.
    #[serde(default)]
    pub sum_minor: Option<i64>,
    /// Why; at most 500 characters.
    #[serde(default)]
    pub note: Option<String>,
}

/// What was brought back, and the wallet as it is now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "rfd_00fs4w8m5xv1g", "sum_minor": 50_000, "returned": 94, "taken": 20, "money_back_minor": 40_600,
    "purchase": {
        "id": "pur_00fs4w8m5xv1g", "contact_id": "con_00fs4w8m5xv1g", "sum_minor": 159_000, "spent": 300,
        "to_pay_minor": 129_000, "earned": 64, "refunded_minor": 50_000, "returned": 94, "taken": 20,
        "money_back_minor": 40_600, "items": [], "receipt": "1207", "at": "2026-11-21T10:00:00Z"
    },
    "balance": 380, "held": 0, "available": 380, "repeated": false, "at": "2026-11-22T10:00:00Z"
}))]
pub struct RefundedPurchase {
    /// Id.
    pub id: String,
    /// Of the purchase's sum, brought back now.
    pub sum_minor: i64,
    /// Spent points that returned.
    pub returned: i64,
    /// Earned points that were taken back.
    pub taken: i64,
    /// Money to be given back.
    pub money_back_minor: i64,
    /// The purchase as it stands now.
    pub purchase: Purchase,
    /// Points that are there, held ones among them; negative is a debt.
    pub balance: i64,
    /// Set aside.
    pub held: i64,
    /// May be spent now.
    pub available: i64,
    /// It was done before by the same key; nothing changed now.
    pub repeated: bool,
    /// When it was done.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
}

/// Quote a purchase
///
/// What booking it would come to now: points given and taken, what is left to be paid with money, the wallet
/// afterwards. Nothing changes. Needs the right `points_read`.
#[utoipa::path(
    post, path = "/contacts/{id}/purchases/quote", tag = "purchases",
    params(("id" = String, Path, description = "con_…")), request_body = NewPurchase,
    responses((status = 200, description = "What it would come to", body = PurchaseQuote))
)]
async fn quote_purchase(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ContactId>,
    Json(new): Json<NewPurchase>,
) -> Result<Json<PurchaseQuote>, Error> {
    let quote = loyalty::quote(&app, &actor, id, new.into()).await?;
    let sums = quote.sums;
    Ok(Json(PurchaseQuote {
        sum_minor: sums.sum_minor,
        spends: sums.pays.0,
        spends_minor: sums.pays_minor,
        to_pay_minor: sums.to_pay_minor,
        earns: sums.earns.0,
        most: sums.most.0,
        available: quote.before.available.0,
        available_after: quote.after.available.0,
        ends: quote.ends,
    }))
}

/// Book a purchase
///
/// Takes the points that pay for it and gives those that it earns, by the rules of the programme; the customer is told
/// in one message. `Idempotency-Key` is required and is the purchase's key for ever: the same key again changes nothing
/// and is answered by what was booked. Needs the right `points_write`.
#[utoipa::path(
    post, path = "/contacts/{id}/purchases", tag = "purchases",
    params(("id" = String, Path, description = "con_…"), ("Idempotency-Key" = String, Header, description = "Yours")),
    request_body = NewPurchase, responses((status = 200, description = "What was booked", body = BookedPurchase))
)]
async fn book_purchase(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ContactId>,
    IdempotencyKey(key): IdempotencyKey,
    Json(new): Json<NewPurchase>,
) -> Result<Json<BookedPurchase>, Error> {
    let bought = loyalty::checkout(&app, &actor, id, new.into(), key).await?;
    Ok(Json(bought.into()))
}

/// List the purchases of a contact
///
/// The youngest first. Needs the right `points_read`.
#[utoipa::path(
    get, path = "/contacts/{id}/purchases", tag = "purchases",
    params(("id" = String, Path, description = "con_…"), PageQuery),
    responses((status = 200, description = "A page of purchases", body = Page<Purchase>))
)]
async fn list_purchases(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ContactId>,
    paging: Paging,
) -> Result<Json<Page<Purchase>>, Error> {
    let found = loyalty::list_purchases(&app, &actor, id, paging.after()?, paging.to_read()).await?;
    Ok(Json(Page::cut(found, paging.limit, |purchase| purchase.id).map(Purchase::from)))
}

/// Read a purchase
///
/// Needs the right `points_read`.
#[utoipa::path(
    get, path = "/purchases/{id}", tag = "purchases", params(("id" = String, Path, description = "pur_…")),
    responses((status = 200, description = "The purchase", body = Purchase))
)]
async fn get_purchase(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<PurchaseId>,
) -> Result<Json<Purchase>, Error> {
    Ok(Json(loyalty::get_purchase(&app, &actor, id).await?.into()))
}

/// Bring a purchase back
///
/// All that is left of it or a part: points that paid for it return, points that it earned are taken back in
/// proportion; what becomes of earned points that are spent already is the programme's rule of debt. The parts together
/// never come to more than the whole. `Idempotency-Key` is required. Needs the right `points_write`.
#[utoipa::path(
    post, path = "/purchases/{id}/refunds", tag = "purchases",
    params(("id" = String, Path, description = "pur_…"), ("Idempotency-Key" = String, Header, description = "Yours")),
    request_body = NewRefund, responses((status = 200, description = "What was done", body = RefundedPurchase))
)]
async fn refund_purchase(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<PurchaseId>,
    IdempotencyKey(key): IdempotencyKey,
    Json(new): Json<NewRefund>,
) -> Result<Json<RefundedPurchase>, Error> {
    let refund = loyalty::Refund { sum_minor: new.sum_minor, note: new.note };
    let done = loyalty::refund(&app, &actor, id, refund, key).await?;
    let Standing { balance, held, available } = done.standing;
    Ok(Json(RefundedPurchase {
        id: done.id.to_string(),
        sum_minor: done.back.sum_minor,
        returned: done.back.returns.0,
        taken: done.back.takes.0,
        money_back_minor: done.back.money_minor,
        purchase: done.purchase.into(),
        balance: balance.0,
        held: held.0,
        available: available.0,
        repeated: done.already,
        at: done.at,
    }))
}

fn one() -> u32 {
    1
}

impl From<NewPurchase> for loyalty::Purchase {
    fn from(new: NewPurchase) -> Self {
        Self {
            sum_minor: new.sum_minor,
            items: new.items.into_iter().map(loyalty::Item::from).collect(),
            pay_points: new.pay_points.map(Points),
            receipt: new.receipt,
            note: new.note,
        }
    }
}

impl From<PurchaseItem> for loyalty::Item {
    fn from(item: PurchaseItem) -> Self {
        let points = item.earns_points.map(|points| loyalty::Weight::Points(Points(points)));
        let weight = points.or(item.earns_percent_bp.map(|share| loyalty::Weight::PercentBp(Rate(share))));
        Self { key: item.key, quantity: item.quantity, sum_minor: item.sum_minor, weight }
    }
}

impl From<loyalty::Item> for PurchaseItem {
    fn from(item: loyalty::Item) -> Self {
        let (earns_percent_bp, earns_points) = match item.weight {
            Some(loyalty::Weight::PercentBp(share)) => (Some(share.0), None),
            Some(loyalty::Weight::Points(points)) => (None, Some(points.0)),
            None => (None, None),
        };
        Self {
            key: item.key,
            quantity: item.quantity,
            sum_minor: item.sum_minor,
            earns_percent_bp,
            earns_points,
        }
    }
}

impl From<loyalty::Bought> for BookedPurchase {
    fn from(bought: loyalty::Bought) -> Self {
        let Standing { balance, held, available } = bought.standing;
        Self {
            purchase: bought.purchase.into(),
            balance: balance.0,
            held: held.0,
            available: available.0,
            repeated: bought.already,
        }
    }
}

impl From<loyalty::PurchaseRecord> for Purchase {
    fn from(record: loyalty::PurchaseRecord) -> Self {
        let booked = record.booked;
        Self {
            id: record.id.to_string(),
            contact_id: record.contact.to_string(),
            sum_minor: booked.sum_minor,
            spent: booked.paid.0,
            to_pay_minor: booked.sum_minor - booked.paid.0 * booked.point_minor,
            earned: booked.earned.0,
            refunded_minor: booked.refunded_minor,
            returned: record.returned.0,
            taken: record.taken.0,
            money_back_minor: booked.money_back_minor,
            items: record.items.into_iter().map(PurchaseItem::from).collect(),
            receipt: record.receipt,
            note: record.note,
            at: record.at,
        }
    }
}
