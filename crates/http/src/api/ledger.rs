//! Wallets: balances, lots, postings, holds.

use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Json, Path, Query};
use crate::idempotency::IdempotencyKey;
use crate::page::{Page, PageQuery, Paging};
use axum::extract::State;
use samovar_app::App;
use samovar_app::ledger::{self, Account, PostingKind, Standing};
use samovar_app::loyalty;
use samovar_app::problem::Problem;
use samovar_base::{ContactId, HoldId, Instant, Points};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Wallets of contacts.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_wallet))
        .routes(routes!(get_balance))
        .routes(routes!(list_postings))
        .routes(routes!(hold_points))
        .routes(routes!(capture_hold))
        .routes(routes!(release_hold))
}

/// What a contact has.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "contact_id": "con_00fs4w8m5xv1g", "balance": 142, "held": 40, "available": 102, "debt": 0,
    "card_number": "482113650977",
    "lots": [{
        "id": "lot_00fs4w8m5xv1h", "points": 150, "remaining": 142, "held": 40,
        "earned_at": "2026-11-21T10:00:00Z", "expires_at": "2026-12-21T21:00:00Z"
    }],
    "holds": [{ "id": "hld_00fs4w8m5xv1k", "points": 40, "made_at": "2026-11-22T10:00:00Z" }]
}))]
pub struct Wallet {
    /// Whose.
    pub contact_id: String,
    /// Points that are there, held ones among them; negative is a debt.
    pub balance: i64,
    /// Set aside by open holds.
    pub held: i64,
    /// May be spent now.
    pub available: i64,
    /// Owed after a claw-back that found too little; the next points pay it.
    pub debt: i64,
    /// Twelve digits; absent until a card is issued.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card_number: Option<String>,
    /// Points by the moment at which they end, in the order in which they are spent.
    pub lots: Vec<Lot>,
    /// Open holds.
    pub holds: Vec<Hold>,
}

/// Points that were earned together and end together.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "lot_00fs4w8m5xv1h", "points": 150, "remaining": 142, "held": 40,
    "earned_at": "2026-11-21T10:00:00Z", "expires_at": "2026-12-21T21:00:00Z"
}))]
pub struct Lot {
    /// Id.
    pub id: String,
    /// Earned.
    pub points: i64,
    /// Not yet gone, held ones among them.
    pub remaining: i64,
    /// In open holds.
    pub held: i64,
    /// When earned.
    #[schema(value_type = String, format = DateTime)]
    pub earned_at: Instant,
    /// From this moment on they cannot be spent; absent is never.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Instant>,
}

/// Points set aside until they are captured or released.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "id": "hld_00fs4w8m5xv1k", "points": 40, "made_at": "2026-11-22T10:00:00Z" }))]
pub struct Hold {
    /// Id.
    pub id: String,
    /// How many.
    pub points: i64,
    /// When made.
    #[schema(value_type = String, format = DateTime)]
    pub made_at: Instant,
    /// When it is released by itself; absent is never.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Instant>,
}

/// A balance at a moment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "balance": 142, "at": "2026-11-30T21:00:00Z" }))]
pub struct Balance {
    /// Points, held ones among them.
    pub balance: i64,
    /// Of which moment.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
}

/// Points moved from one account to another. Never changed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "pst_00fs4w8m5xv1m", "operation": "welcome:con_00fs4w8m5xv1g", "kind": "earn", "debit": "issued",
    "credit": "wallet", "points": 100, "lot_id": "lot_00fs4w8m5xv1h", "at": "2026-11-21T10:00:00Z"
}))]
pub struct Posting {
    /// Id; grows with the order in which postings were written down.
    pub id: String,
    /// The key of the operation it belongs to.
    pub operation: String,
    /// What it does.
    #[schema(schema_with = posting_kind)]
    pub kind: PostingKind,
    /// The account the points leave.
    #[schema(schema_with = account)]
    pub debit: &'static str,
    /// The account they reach.
    #[schema(schema_with = account)]
    pub credit: &'static str,
    /// More than zero.
    pub points: i64,
    /// The lot that grew or shrank; absent when it is the debt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lot_id: Option<String>,
    /// The posting that this one undoes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reverses: Option<String>,
    /// When it takes effect; for an expiry the end of the lot, however late it was written down.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
}

/// An operation as it stands in the journal.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "opn_00fs4w8m5xv1p", "kind": "grant", "points": 100, "balance": 142, "note": "За отзыв",
    "cause": { "by": "staff", "id": "stf_00fs4w8m5xv1q" }, "at": "2026-11-21T10:00:00Z"
}))]
pub struct Operation {
    /// Id; grows with the order of posting.
    pub id: String,
    /// `welcome`, `grant`, `deduct`, `purchase`, `spend`, `refund`, `return`, `birthday`, `hold`, `capture`, `release`,
    /// `expire`, `reverse`.
    pub kind: String,
    /// By how much the balance changed; zero when points were only set aside.
    pub points: i64,
    /// The balance afterwards.
    pub balance: i64,
    /// The hold that it made or closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold_id: Option<String>,
    /// What for, in the words of whoever did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Why.
    pub cause: Cause,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
}

/// What caused a change.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "by": "update", "id": "4815162342", "step": "coffee-loyalty@3/menu" }))]
pub struct Cause {
    /// `update` of a messenger, `timer`, `operator`, `staff`, `api`, `job`, `setup`.
    pub by: String,
    /// Which.
    pub id: String,
    /// The scenario's key, version and step, where a scenario did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
}

/// An operation that was done, and the wallet as it is now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "operation": {
        "id": "opn_00fs4w8m5xv1p", "kind": "grant", "points": 100, "balance": 142, "note": "За отзыв",
        "cause": { "by": "staff", "id": "stf_00fs4w8m5xv1q" }, "at": "2026-11-21T10:00:00Z"
    },
    "balance": 142, "held": 40, "available": 102, "repeated": false
}))]
pub struct Receipt {
    /// What was done.
    pub operation: Operation,
    /// Points that are there, held ones among them.
    pub balance: i64,
    /// Set aside by open holds.
    pub held: i64,
    /// May be spent now.
    pub available: i64,
    /// It had been done before under this key; nothing changed now.
    pub repeated: bool,
}

/// At which moment.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AtQuery {
    /// RFC 3339; now when absent.
    #[param(value_type = Option<String>, format = DateTime)]
    pub at: Option<String>,
}

/// Points to be set aside.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "points": 40, "until": "2026-11-25T18:00:00Z", "note": "Заказ 1207" }))]
pub struct NewHold {
    /// How many.
    pub points: i64,
    /// When it is released by itself; absent is never.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Instant>,
    /// For the journal; at most 500 characters.
    #[serde(default)]
    pub note: Option<String>,
}

/// How much of a hold is needed.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "points": 25 }))]
pub struct Capture {
    /// All when absent; what is not needed goes back.
    pub points: Option<i64>,
}

/// Read a wallet
///
/// Balance, lots and open holds. Needs the right `points_read`.
#[utoipa::path(
    get, path = "/contacts/{id}/wallet", tag = "wallets", params(("id" = String, Path, description = "con_…")),
    responses((status = 200, description = "The wallet; of a contact who never had points it is empty", body = Wallet))
)]
async fn get_wallet(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ContactId>,
) -> Result<Json<Wallet>, Error> {
    let wallet = ledger::wallet(&app, &actor, id).await?;
    let card = loyalty::find_card(&app, &actor, id).await?;
    let now = app.clock.now();
    let standing = wallet.standing(now);
    let alive = |lot: &&ledger::Lot| !lot.is_over(now) || lot.held.is_positive();
    Ok(Json(Wallet {
        contact_id: id.to_string(),
        balance: standing.balance.0,
        held: standing.held.0,
        available: standing.available.0,
        debt: wallet.debt.0,
        card_number: card.map(|number| number.digits()),
        lots: wallet.lots.iter().filter(alive).map(Lot::from).collect(),
        holds: wallet.holds.iter().map(Hold::from).collect(),
    }))
}

/// Read the balance at a moment
///
/// Of the past it is the same whenever it is asked. Needs the right `points_read`.
#[utoipa::path(
    get, path = "/contacts/{id}/wallet/balance", tag = "wallets",
    params(("id" = String, Path, description = "con_…"), AtQuery),
    responses((status = 200, description = "The balance", body = Balance))
)]
async fn get_balance(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ContactId>,
    Query(query): Query<AtQuery>,
) -> Result<Json<Balance>, Error> {
    let at = match &query.at {
        Some(text) => moment(text)?,
        None => app.clock.now(),
    };
    let balance = ledger::balance_on(&app, &actor, id, at).await?;
    Ok(Json(Balance { balance: balance.0, at }))
}

/// List postings
///
/// The youngest first. Needs the right `points_read`.
#[utoipa::path(
    get, path = "/contacts/{id}/wallet/postings", tag = "wallets",
    params(("id" = String, Path, description = "con_…"), PageQuery),
    responses((status = 200, description = "A page of postings", body = Page<Posting>))
)]
async fn list_postings(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ContactId>,
    paging: Paging,
) -> Result<Json<Page<Posting>>, Error> {
    let lines = ledger::postings(&app, &actor, id, paging.after()?, paging.to_read()).await?;
    Ok(Json(Page::cut(lines, paging.limit, |line| line.id).map(Posting::from)))
}

/// Hold points
///
/// Sets points aside until they are captured or released. `Idempotency-Key` is required and is the operation's key for
/// ever: the same key again changes nothing and is answered by what was done. Needs the right `points_write`.
#[utoipa::path(
    post, path = "/contacts/{id}/wallet/holds", tag = "wallets",
    params(("id" = String, Path, description = "con_…"), ("Idempotency-Key" = String, Header, description = "Yours")),
    request_body = NewHold, responses((status = 200, description = "The hold, in `operation.hold_id`", body = Receipt))
)]
async fn hold_points(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ContactId>,
    IdempotencyKey(key): IdempotencyKey,
    Json(new): Json<NewHold>,
) -> Result<Json<Receipt>, Error> {
    Ok(Json(
        loyalty::hold_points(&app, &actor, id, Points(new.points), new.until, new.note, key).await?.into(),
    ))
}

/// Capture a hold
///
/// Pays with held points; what is not needed goes back to the contact. `Idempotency-Key` is required. Needs the right
/// `points_write`.
#[utoipa::path(
    post, path = "/contacts/{id}/wallet/holds/{hold}/capture", tag = "wallets",
    params(
        ("id" = String, Path, description = "con_…"), ("hold" = String, Path, description = "hld_…"),
        ("Idempotency-Key" = String, Header, description = "Yours")
    ),
    request_body = Capture, responses((status = 200, description = "What was done", body = Receipt))
)]
async fn capture_hold(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((id, hold)): Path<(ContactId, HoldId)>,
    IdempotencyKey(key): IdempotencyKey,
    Json(capture): Json<Capture>,
) -> Result<Json<Receipt>, Error> {
    Ok(Json(loyalty::capture_hold(&app, &actor, id, hold, capture.points.map(Points), key).await?.into()))
}

/// Release a hold
///
/// The points go back to the contact; those whose time is over by now expire. `Idempotency-Key` is required. Needs the
/// right `points_write`.
#[utoipa::path(
    post, path = "/contacts/{id}/wallet/holds/{hold}/release", tag = "wallets",
    params(
        ("id" = String, Path, description = "con_…"), ("hold" = String, Path, description = "hld_…"),
        ("Idempotency-Key" = String, Header, description = "Yours")
    ),
    responses((status = 200, description = "What was done", body = Receipt))
)]
async fn release_hold(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((id, hold)): Path<(ContactId, HoldId)>,
    IdempotencyKey(key): IdempotencyKey,
) -> Result<Json<Receipt>, Error> {
    Ok(Json(loyalty::release_hold(&app, &actor, id, hold, key).await?.into()))
}

impl From<&ledger::Lot> for Lot {
    fn from(lot: &ledger::Lot) -> Self {
        Self {
            id: lot.id.to_string(),
            points: lot.points.0,
            remaining: lot.remaining.0,
            held: lot.held.0,
            earned_at: lot.earned_at,
            expires_at: lot.expires_at,
        }
    }
}

impl From<&ledger::Hold> for Hold {
    fn from(hold: &ledger::Hold) -> Self {
        Self {
            id: hold.id.to_string(),
            points: hold.points.0,
            made_at: hold.made_at,
            expires_at: hold.expires_at,
        }
    }
}

impl From<ledger::Line> for Posting {
    fn from(line: ledger::Line) -> Self {
        let ledger::Line { id, operation, posting } = line;
        Self {
            id: id.to_string(),
            operation,
            kind: posting.kind,
            debit: account_name(posting.debit),
            credit: account_name(posting.credit),
            points: posting.points.0,
            lot_id: posting.lot.map(|id| id.to_string()),
            reverses: posting.reverses.map(|id| id.to_string()),
            at: posting.at,
        }
    }
}

impl From<ledger::Entry> for Operation {
    fn from(entry: ledger::Entry) -> Self {
        Self {
            id: entry.id.to_string(),
            hold_id: entry.hold().map(|id| id.to_string()),
            kind: entry.kind,
            points: entry.points.0,
            balance: entry.balance.0,
            note: entry.note,
            cause: Cause { by: entry.cause.by, id: entry.cause.id, step: entry.cause.step },
            at: entry.at,
        }
    }
}

impl From<ledger::Receipt> for Receipt {
    fn from(receipt: ledger::Receipt) -> Self {
        let Standing { balance, held, available } = receipt.standing;
        Self {
            operation: receipt.entry.into(),
            balance: balance.0,
            held: held.0,
            available: available.0,
            repeated: receipt.already,
        }
    }
}

fn account_name(account: Account) -> &'static str {
    match account {
        Account::Issued => "issued",
        Account::Redeemed => "redeemed",
        Account::Expired => "expired",
        Account::Adjusted => "adjusted",
        Account::Wallet(_) => "wallet",
    }
}

fn account() -> utoipa::openapi::schema::Object {
    super::word_of(&["issued", "redeemed", "expired", "adjusted", "wallet"])
}

fn posting_kind() -> utoipa::openapi::schema::Object {
    super::word_of(&["earn", "spend", "deduct", "capture", "expire", "reverse", "repay"])
}

fn moment(text: &str) -> Result<Instant, Problem> {
    serde_json::from_value(text.into()).map_err(|_| {
        let (ru, en) =
            ("Момент пишется так: 2026-11-30T21:00:00Z", "A moment is written 2026-11-30T21:00:00Z");
        Problem::invalid("at", "bad_moment", ru, en)
    })
}
