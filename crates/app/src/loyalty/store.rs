//! The SQL of the programme and of cards.

use super::card::CardNumber;
use super::model::{Programme, Stored};
use super::programme::Current;
use super::purchase::{Back, Booked, Item, PurchaseId, PurchaseRecord, RefundId};
use crate::app::App;
use crate::visit::Cause;
use samovar_base::{AccountId, ContactId, Instant, LotId};
use samovar_store::{Row, StoreError, Tx, params, query, table_write};

/// Draws of a number before giving up: with ninety thousand million numbers a second one is already rare.
const DRAWS_MAX: usize = 8;

macro_rules! purchase_columns {
    () => {
        "id, key, contact_id, sum_minor, paid_points, point_minor, earned_points, refunded_minor, money_back, \
         returned, taken, receipt, note, items, at, digest"
    };
}

query! {
    /// The document only when the reader does not have that revision.
    static PROGRAMME =
        "SELECT revision, CASE WHEN revision = $2 THEN NULL ELSE document END FROM loyalty_programme WHERE tenant_id = $1";
    static PURCHASE_BY_KEY =
        concat!("SELECT ", purchase_columns!(), " FROM loyalty_purchase WHERE tenant_id = $1 AND key = $2");
    static PURCHASE =
        concat!("SELECT ", purchase_columns!(), " FROM loyalty_purchase WHERE tenant_id = $1 AND id = $2");
    static PURCHASES = concat!(
        "SELECT ", purchase_columns!(), " FROM loyalty_purchase \
         WHERE tenant_id = $1 AND contact_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4"
    );
    static REFUND_BY_KEY =
        "SELECT id, purchase_id, sum_minor, returned, taken, money_back, at, digest FROM loyalty_refund \
         WHERE tenant_id = $1 AND key = $2";
    /// Open lots and the kind of operation they come from.
    static KINDS_OF_LOTS =
        "SELECT l.id, o.kind FROM ledger_lot l
         JOIN ledger_operation o ON o.tenant_id = l.tenant_id AND o.account_id = l.account_id AND o.subject = l.id
         WHERE l.tenant_id = $1 AND l.account_id = $2 AND l.remaining > 0 AND l.expires_at IS NOT NULL AND o.points > 0";
    static PROGRAMME_SAVE =
        "INSERT INTO loyalty_programme (tenant_id, document, revision, updated_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (tenant_id) DO UPDATE SET document = excluded.document, revision = excluded.revision,
             updated_at = excluded.updated_at
         WHERE loyalty_programme.revision = $3 - 1";
    static CARD_OF = "SELECT number FROM loyalty_card WHERE tenant_id = $1 AND contact_id = $2";
    static HOLDER_OF = "SELECT contact_id FROM loyalty_card WHERE tenant_id = $1 AND number = $2";
}

table_write! {
    static PURCHASE_ADD = add loyalty_purchase key(key text)
        set(id int, contact_id int, sum_minor int, paid_points int, point_minor int, earned_points int,
            refunded_minor int, returned int, taken int, money_back int, items text, receipt text, note text, cause text,
            digest text, at int);
    static PURCHASE_REFUNDED = update loyalty_purchase key(key text) guard(refunded_minor int)
        set(refunded_minor int, returned int, taken int, money_back int);
    static REFUND_ADD = add loyalty_refund key(key text)
        set(id int, purchase_id int, contact_id int, sum_minor int, returned int, taken int, money_back int, note text,
            cause text, digest text, at int);
    static CARD_ADD = add loyalty_card key(number text) set(contact_id int, issued_at int);
}

/// The company's programme; the defaults when it has none. Parsed once for each revision.
pub(super) async fn programme(app: &App, tx: &Tx) -> Result<Current, StoreError> {
    let known = app.programmes.of(tx.tenant());
    let seen = known.as_ref().map_or(0, |known| known.revision);
    let Some(row) = tx.one(&PROGRAMME, params![seen]).await? else { return Ok(Current::default()) };
    match (known, row.opt_text(1)?) {
        (Some(known), None) => Ok(known),
        _ => {
            let stored = Stored { programme: row.json(1)?, revision: row.int(0)? };
            Ok(app.programmes.keep(tx.tenant(), stored))
        }
    }
}

/// Writes the programme as `revision`; false when that is not the one after what is there.
pub(super) async fn save_programme(
    tx: &Tx,
    programme: &Programme,
    revision: i64,
    now: Instant,
) -> Result<bool, StoreError> {
    let document = serde_json::to_string(programme).unwrap_or_default();
    Ok(tx.exec(&PROGRAMME_SAVE, params![document, revision, now]).await? == 1)
}

/// The contact's card, if one was issued.
pub(super) async fn card_of(tx: &Tx, contact: ContactId) -> Result<Option<CardNumber>, StoreError> {
    let row = tx.one(&CARD_OF, params![contact]).await?;
    row.map(|row| row.parse(0)).transpose()
}

/// Whose card it is.
pub(super) async fn holder_of(tx: &Tx, number: CardNumber) -> Result<Option<ContactId>, StoreError> {
    let row = tx.one(&HOLDER_OF, params![number.digits()]).await?;
    row.map(|row| row.id(0)).transpose()
}

/// The contact's card, issued now when there is none.
pub(super) async fn issue_card(
    app: &App,
    tx: &Tx,
    contact: ContactId,
    now: Instant,
) -> Result<CardNumber, StoreError> {
    for _ in 0..DRAWS_MAX {
        let number = CardNumber::from_draw(app.chance.below(CardNumber::COUNT));
        if tx.add(&CARD_ADD, params![number.digits(), contact, now]).await? {
            return Ok(number);
        }
        if let Some(number) = card_of(tx, contact).await? {
            return Ok(number);
        }
    }
    Err(StoreError::Conflict { table: "loyalty_card" })
}

/// A purchase as it is written down.
pub(super) struct NewPurchase {
    pub(super) record: PurchaseRecord,
    pub(super) cause: Cause,
    pub(super) digest: String,
}

/// A refund as it is written down.
pub(super) struct NewRefund {
    pub(super) id: RefundId,
    pub(super) key: String,
    pub(super) back: Back,
    pub(super) note: Option<String>,
    pub(super) cause: Cause,
    pub(super) digest: String,
    pub(super) at: Instant,
}

/// A refund found by its key: its id, its purchase, what it came to, when, and the digest of what was asked.
pub(super) struct FoundRefund {
    pub(super) id: RefundId,
    pub(super) purchase: PurchaseId,
    pub(super) back: Back,
    pub(super) at: Instant,
    pub(super) digest: String,
}

/// The purchase of that key with the digest of its content.
pub(super) async fn purchase_by_key(
    tx: &Tx,
    key: &str,
) -> Result<Option<(PurchaseRecord, String)>, StoreError> {
    tx.one(&PURCHASE_BY_KEY, params![key]).await?.map(|row| purchase_of(&row)).transpose()
}

/// The purchase of that id.
pub(super) async fn purchase(tx: &Tx, id: PurchaseId) -> Result<Option<PurchaseRecord>, StoreError> {
    let row = tx.one(&PURCHASE, params![id]).await?;
    row.map(|row| purchase_of(&row).map(|(record, _)| record)).transpose()
}

/// Purchases of a contact, the youngest first.
pub(super) async fn purchases(
    tx: &Tx,
    contact: ContactId,
    before: Option<PurchaseId>,
    limit: u32,
) -> Result<Vec<PurchaseRecord>, StoreError> {
    let before = before.unwrap_or(PurchaseId(i64::MAX));
    let rows = tx.all(&PURCHASES, params![contact, before, limit]).await?;
    rows.iter().map(|row| purchase_of(row).map(|(record, _)| record)).collect()
}

/// Writes a purchase down; false when its key is taken.
pub(super) async fn add_purchase(tx: &Tx, new: &NewPurchase) -> Result<bool, StoreError> {
    let NewPurchase { record, cause, digest } = new;
    let booked = &record.booked;
    let items = serde_json::to_string(&record.items).unwrap_or_default();
    let row = params![
        record.key.as_str(),
        record.id,
        record.contact,
        booked.sum_minor,
        booked.paid,
        booked.point_minor,
        booked.earned,
        booked.refunded_minor,
        record.returned,
        record.taken,
        booked.money_back_minor,
        items,
        record.receipt.as_deref(),
        record.note.as_deref(),
        cause.to_json(),
        digest.as_str(),
        record.at
    ];
    tx.add(&PURCHASE_ADD, row).await
}

/// The refund of that key.
pub(super) async fn refund_by_key(tx: &Tx, key: &str) -> Result<Option<FoundRefund>, StoreError> {
    let Some(row) = tx.one(&REFUND_BY_KEY, params![key]).await? else { return Ok(None) };
    Ok(Some(FoundRefund {
        id: row.id(0)?,
        purchase: row.id(1)?,
        back: Back {
            sum_minor: row.int(2)?,
            returns: row.id(3)?,
            takes: row.id(4)?,
            money_minor: row.int(5)?,
        },
        at: row.instant(6)?,
        digest: row.text(7)?.to_owned(),
    }))
}

/// Writes a refund down and sums it up in its purchase; false when its key is taken.
pub(super) async fn add_refund(
    tx: &Tx,
    purchase: &PurchaseRecord,
    new: &NewRefund,
) -> Result<bool, StoreError> {
    let NewRefund { id, key, back, note, cause, digest, at } = new;
    let row = params![
        key.as_str(),
        *id,
        purchase.id,
        purchase.contact,
        back.sum_minor,
        back.returns,
        back.takes,
        back.money_minor,
        note.as_deref(),
        cause.to_json(),
        digest.as_str(),
        *at
    ];
    if !tx.add(&REFUND_ADD, row).await? {
        return Ok(false);
    }
    let before = &purchase.booked;
    tx.put(
        &PURCHASE_REFUNDED,
        params![
            purchase.key.as_str(),
            before.refunded_minor,
            before.refunded_minor + back.sum_minor,
            purchase.returned.0 + back.returns.0,
            purchase.taken.0 + back.takes.0,
            before.money_back_minor + back.money_minor
        ],
    );
    Ok(true)
}

/// The open lots of an account that end, with the kind of operation they come from.
pub(super) async fn kinds_of_lots(tx: &Tx, account: AccountId) -> Result<Vec<(LotId, String)>, StoreError> {
    let rows = tx.all(&KINDS_OF_LOTS, params![account]).await?;
    rows.iter().map(|row| Ok((row.id(0)?, row.text(1)?.to_owned()))).collect()
}

fn purchase_of(row: &Row) -> Result<(PurchaseRecord, String), StoreError> {
    let items: Vec<Item> = row.json(13)?;
    let record = PurchaseRecord {
        id: row.id(0)?,
        key: row.text(1)?.to_owned(),
        contact: row.id(2)?,
        booked: Booked {
            sum_minor: row.int(3)?,
            paid: row.id(4)?,
            point_minor: row.int(5)?,
            earned: row.id(6)?,
            refunded_minor: row.int(7)?,
            money_back_minor: row.int(8)?,
        },
        returned: row.id(9)?,
        taken: row.id(10)?,
        receipt: row.opt_text(11)?.map(str::to_owned),
        note: row.opt_text(12)?.map(str::to_owned),
        items,
        at: row.instant(14)?,
    };
    Ok((record, row.text(15)?.to_owned()))
}
