//! The SQL of the programme and of cards.

use super::card::CardNumber;
use super::model::{Programme, Stored};
use super::programme::Current;
use super::purchase::{Back, Booked, Item, PurchaseId, PurchaseRecord, RefundId};
use crate::app::App;
use crate::contacts::{Contact, contact_columns};
use crate::ledger::ids;
use crate::visit::Cause;
use samovar_base::{AccountId, ContactId, Instant, LotId};
use samovar_store::{Row, StoreError, Tx, params, query, table_write};
use std::collections::{HashMap, HashSet};

/// Draws of a number before giving up: with ninety thousand million numbers a second one is already rare.
const DRAWS_MAX: usize = 8;

macro_rules! purchase_columns {
    () => {
        "id, key, contact_id, sum_minor, paid_points, point_minor, earned_points, refunded_minor, money_back, \
         returned, taken, receipt, note, items, at, digest"
    };
}

// Walks by the ends of lots, and by birthdays.
query! {
    static ENDING =
        "SELECT l.expires_at, l.account_id,
                (SELECT w.contact_id FROM ledger_wallet w
                 WHERE w.tenant_id = l.tenant_id AND w.account_id = l.account_id AND w.code = 'points')
         FROM ledger_lot l
         WHERE l.tenant_id = $1 AND l.expires_at IS NOT NULL AND l.remaining > l.held
           AND (l.expires_at, l.account_id) > ($2, $3) AND l.expires_at <= $4
         ORDER BY l.expires_at, l.account_id LIMIT $5";
    static ENDED =
        "SELECT l.expires_at, l.account_id,
                (SELECT w.contact_id FROM ledger_wallet w
                 WHERE w.tenant_id = l.tenant_id AND w.account_id = l.account_id AND w.code = 'points')
         FROM ledger_lot l
         WHERE l.tenant_id = $1 AND l.expired > 0
           AND (l.expires_at, l.account_id) > ($2, $3) AND l.expires_at <= $4
         ORDER BY l.expires_at, l.account_id LIMIT $5";
    /// On SQLite a plus keeps the planner from the index of all lots by their ends: walked for each account.
    static GONE =
        "SELECT l.account_id, CAST(SUM(l.expired) AS BIGINT), MIN(l.expires_at) FROM json_each($2) AS given
         CROSS JOIN ledger_lot l ON l.tenant_id = $1 AND l.account_id = given.value AND l.expired > 0
             AND +l.expires_at > $3 AND +l.expires_at <= $4
         GROUP BY l.account_id",
        postgres =
        "SELECT l.account_id, CAST(SUM(l.expired) AS BIGINT), MIN(l.expires_at)
         FROM jsonb_array_elements_text(CAST(CAST($2 AS TEXT) AS JSONB)) AS given(value)
         CROSS JOIN LATERAL (SELECT x.* FROM ledger_lot x
             WHERE x.tenant_id = $1 AND x.account_id = CAST(given.value AS BIGINT) AND x.expired > 0
                 AND x.expires_at > $3 AND x.expires_at <= $4 OFFSET 0) l
         GROUP BY l.account_id";
    static REACH = "SELECT since, through, account_id FROM loyalty_reach WHERE tenant_id = $1 AND kind = $2";
    static PEOPLE =
        "SELECT c.id, c.name, c.locale, c.stopped_at FROM json_each($2) AS given
         CROSS JOIN contact c ON c.tenant_id = $1 AND c.id = given.value AND c.erased_at IS NULL",
        postgres =
        "SELECT c.id, c.name, c.locale, c.stopped_at
         FROM jsonb_array_elements_text(CAST(CAST($2 AS TEXT) AS JSONB)) AS given(value)
         CROSS JOIN LATERAL (SELECT x.* FROM contact x
             WHERE x.tenant_id = $1 AND x.id = CAST(given.value AS BIGINT) AND x.erased_at IS NULL OFFSET 0) c";
    /// PostgreSQL knows nothing yet of a table that has just grown, and would take the index of days for each contact:
    /// the empty text keeps it from that.
    static MARKED =
        "SELECT t.contact_id FROM json_each($2) AS given
         CROSS JOIN loyalty_warning t ON t.tenant_id = $1 AND t.contact_id = given.value AND t.day = $3 AND t.kind = $4",
        postgres =
        "SELECT t.contact_id FROM jsonb_array_elements_text(CAST(CAST($2 AS TEXT) AS JSONB)) AS given(value)
         CROSS JOIN LATERAL (SELECT x.contact_id FROM loyalty_warning x
             WHERE x.tenant_id = $1 AND x.contact_id = CAST(given.value AS BIGINT) AND x.day || '' = $3
                 AND x.kind || '' = $4 OFFSET 0) t";
    static BORN_ON = concat!(
        "SELECT ", contact_columns!(), " FROM contact c
         WHERE c.tenant_id = $1 AND c.birthday IS NOT NULL AND substr(c.birthday, 6, 5) = $2
           AND c.erased_at IS NULL AND c.staff_side = FALSE
           AND NOT EXISTS (SELECT 1 FROM loyalty_warning t WHERE t.tenant_id = c.tenant_id AND t.contact_id = c.id
               AND t.day = $3 AND t.kind = 'birthday')
         ORDER BY c.id LIMIT $4"
    );
}

query! {
    /// The document only when the reader does not have it. A revision alone does not tell: one that was rolled back with
    /// its batch may have been read, and then another took its number.
    static PROGRAMME =
        "SELECT revision, updated_at, CASE WHEN revision = $2 AND updated_at = $3 THEN NULL ELSE document END
         FROM loyalty_programme WHERE tenant_id = $1";
    static PURCHASE_BY_KEY =
        concat!("SELECT ", purchase_columns!(), " FROM loyalty_purchase WHERE tenant_id = $1 AND key = $2");
    static PURCHASE =
        concat!("SELECT ", purchase_columns!(), " FROM loyalty_purchase WHERE tenant_id = $1 AND id = $2");
    static PURCHASES = concat!(
        "SELECT ", purchase_columns!(), " FROM loyalty_purchase \
         WHERE tenant_id = $1 AND contact_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4"
    );
    static TOTALS =
        "SELECT COUNT(*), CAST(COALESCE(SUM(sum_minor - refunded_minor), 0) AS BIGINT), MAX(at) FROM loyalty_purchase
         WHERE tenant_id = $1 AND contact_id = $2";
    static EARNED =
        "SELECT CAST(COALESCE(SUM(o.points), 0) AS BIGINT) FROM ledger_wallet w
         JOIN ledger_operation o ON o.tenant_id = w.tenant_id AND o.account_id = w.account_id
         WHERE w.tenant_id = $1 AND w.contact_id = $2 AND w.code = 'points' AND o.points > 0
           AND o.kind NOT IN ('return', 'reverse')";
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
    /// The card of somebody who was taken in by another contact leads there.
    static HOLDER_OF =
        "SELECT COALESCE(c.joined_into, k.contact_id) FROM loyalty_card k
         LEFT JOIN contact c ON c.tenant_id = k.tenant_id AND c.id = k.contact_id
         WHERE k.tenant_id = $1 AND k.number = $2";
    static CARD_PASS =
        "UPDATE loyalty_card SET contact_id = $3 WHERE tenant_id = $1 AND contact_id = $2
         AND NOT EXISTS (SELECT 1 FROM loyalty_card o WHERE o.tenant_id = $1 AND o.contact_id = $3)";
}

table_write! {
    static WARNING_NEW = insert loyalty_warning key(contact_id int, day text, kind text)
        set(points int, ends_at int, told bool, at int);
    static REACH_SAVE = upsert loyalty_reach key(kind text) set(since int, through int, account_id int);
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
    let (revision, saved_at) =
        known.as_ref().map_or((0, Instant(0)), |known| (known.revision, known.saved_at));
    let Some(row) = tx.one(&PROGRAMME, params![revision, saved_at]).await? else {
        return Ok(Current::default());
    };
    match (known, row.opt_text(2)?) {
        (Some(known), None) => Ok(known),
        _ => {
            let stored = Stored { programme: row.json(2)?, revision: row.int(0)? };
            Ok(app.programmes.keep(tx.tenant(), stored, row.instant(1)?))
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
pub(crate) async fn card_of(tx: &Tx, contact: ContactId) -> Result<Option<CardNumber>, StoreError> {
    let row = tx.one(&CARD_OF, params![contact]).await?;
    row.map(|row| row.parse(0)).transpose()
}

/// Whose card it is.
pub(crate) async fn holder_of(tx: &Tx, number: CardNumber) -> Result<Option<ContactId>, StoreError> {
    let row = tx.one(&HOLDER_OF, params![number.digits()]).await?;
    row.map(|row| row.id(0)).transpose()
}

/// Gives a contact without a card this number; false when somebody has it, or the contact another.
pub(crate) async fn give_card(
    tx: &Tx,
    number: CardNumber,
    contact: ContactId,
    now: Instant,
) -> Result<bool, StoreError> {
    tx.add(&CARD_ADD, params![number.digits(), contact, now]).await
}

/// The card becomes that of `to`, unless they have one.
pub(crate) async fn pass_card(tx: &Tx, from: ContactId, to: ContactId) -> Result<(), StoreError> {
    tx.exec(&CARD_PASS, params![from, to]).await.map(drop)
}

/// The contact's card, issued now when there is none.
pub(crate) async fn issue_card(
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

/// How far a walk by the ends of lots has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reach {
    /// Where the stretch that is walked begins.
    pub(super) since: Instant,
    /// Up to this end.
    pub(super) through: Instant,
    /// And of that end up to this account.
    pub(super) account: AccountId,
}

/// A lot met on such a walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Met {
    pub(super) ends: Instant,
    pub(super) account: AccountId,
    /// None: it is not of a wallet of points.
    pub(super) contact: Option<ContactId>,
}

pub(super) async fn reach(tx: &Tx, kind: &str) -> Result<Option<Reach>, StoreError> {
    let Some(row) = tx.one(&REACH, params![kind]).await? else { return Ok(None) };
    Ok(Some(Reach { since: row.instant(0)?, through: row.instant(1)?, account: row.id(2)? }))
}

pub(super) fn save_reach(tx: &Tx, kind: &str, reach: Reach) {
    tx.put(&REACH_SAVE, params![kind, reach.since, reach.through, reach.account]);
}

/// Free points that end after `from` and by `through`, by end and account.
pub(super) async fn ending(
    tx: &Tx,
    from: (Instant, AccountId),
    through: Instant,
    limit: u32,
) -> Result<Vec<Met>, StoreError> {
    tx.all(&ENDING, params![from.0, from.1, through, limit]).await?.iter().map(met).collect()
}

/// Points that ended, likewise.
pub(super) async fn ended(
    tx: &Tx,
    from: (Instant, AccountId),
    through: Instant,
    limit: u32,
) -> Result<Vec<Met>, StoreError> {
    tx.all(&ENDED, params![from.0, from.1, through, limit]).await?.iter().map(met).collect()
}

/// Of each account: how many points ended in a stretch, and when the first did.
pub(super) async fn gone(
    tx: &Tx,
    accounts: &[AccountId],
    since: Instant,
    through: Instant,
) -> Result<HashMap<AccountId, (i64, Instant)>, StoreError> {
    let mut accounts = accounts.to_vec();
    accounts.sort_unstable();
    accounts.dedup();
    let rows = tx.all(&GONE, params![ids(&accounts), since, through]).await?;
    rows.iter().map(|row| Ok((row.id(0)?, (row.int(1)?, row.instant(2)?)))).collect()
}

/// As much of a contact as a message to many needs.
pub(super) struct Person {
    pub(super) name: String,
    pub(super) locale: String,
    /// Whether messages that the person did not ask for may be sent.
    pub(super) takes_messages: bool,
}

/// Those of `contacts` whose data was not erased.
pub(super) async fn people(
    tx: &Tx,
    contacts: &[ContactId],
) -> Result<HashMap<ContactId, Person>, StoreError> {
    let rows = tx.all(&PEOPLE, params![ids(contacts)]).await?;
    let person = |row: &Row| {
        let person = Person {
            name: row.text(1)?.to_owned(),
            locale: row.text(2)?.to_owned(),
            takes_messages: row.opt_instant(3)?.is_none(),
        };
        Ok((row.id(0)?, person))
    };
    rows.iter().map(person).collect()
}

/// Who was born on a day (`02-29`) and was not given points for the birthday `date`.
pub(super) async fn born_on(tx: &Tx, born: &str, date: &str, limit: u32) -> Result<Vec<Contact>, StoreError> {
    let rows = tx.all(&BORN_ON, params![born, date, limit]).await?;
    rows.iter().map(|row| Contact::from_row(row, 0)).collect()
}

/// What somebody is told on a day.
pub(super) struct Mark {
    pub(super) contact: ContactId,
    pub(super) points: i64,
    pub(super) ends: Option<Instant>,
    /// False: there was no way to write to them.
    pub(super) told: bool,
}

/// Writes it down; the unit fails when another one did meanwhile.
pub(super) fn mark(tx: &Tx, day: &str, kind: &str, mark: &Mark, now: Instant) {
    tx.put(&WARNING_NEW, params![mark.contact, day, kind, mark.points, mark.ends, mark.told, now]);
}

/// Who of them was told it on that day.
pub(super) async fn marked(
    tx: &Tx,
    contacts: &[ContactId],
    day: &str,
    kind: &str,
) -> Result<HashSet<ContactId>, StoreError> {
    tx.all(&MARKED, params![ids(contacts), day, kind]).await?.iter().map(|row| row.id(0)).collect()
}

fn met(row: &Row) -> Result<Met, StoreError> {
    Ok(Met { ends: row.instant(0)?, account: row.id(1)?, contact: row.opt_id(2)? })
}

/// What somebody's purchases come to.
pub(super) struct Totals {
    pub(super) count: i64,
    pub(super) sum_minor: i64,
    pub(super) last_at: Option<Instant>,
    /// From everywhere, in all the time.
    pub(super) earned: i64,
}

pub(super) async fn totals(tx: &Tx, contact: ContactId) -> Result<Totals, StoreError> {
    let (bought, earned) =
        futures::try_join!(tx.one(&TOTALS, params![contact]), tx.one(&EARNED, params![contact]))?;
    let earned = earned.map_or(Ok(0), |row| row.int(0))?;
    match bought {
        Some(row) => Ok(Totals {
            count: row.int(0)?,
            sum_minor: row.int(1)?,
            last_at: row.opt_id::<Instant>(2)?,
            earned,
        }),
        None => Ok(Totals { count: 0, sum_minor: 0, last_at: None, earned }),
    }
}
