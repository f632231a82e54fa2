//! The SQL of the ledger, and the way between rows and a wallet in memory.

use super::Entry;
use super::model::{Account, Change, Hold, HoldState, Lot, Original, Posting, PostingKind, Wallet};
use crate::app::App;
use samovar_base::{AccountId, ContactId, Instant, LotId, Points, PostingId};
use samovar_store::{Params, Row, StoreError, Tx, params, query, table_write};
use std::collections::HashMap;

query! {
    /// The wallet and its open lots in one go: a wallet without lots is one row with NULLs.
    static WALLET =
        "SELECT w.account_id, w.balance, w.held, w.debt, w.revision,
                l.id, l.points, l.remaining, l.held, l.expired, l.earned_at, l.expires_at
         FROM ledger_wallet w
         LEFT JOIN ledger_lot l ON l.tenant_id = w.tenant_id AND l.account_id = w.account_id AND l.remaining > 0
         WHERE w.tenant_id = $1 AND w.contact_id = $2 AND w.code = $3";
    static HOLDS_OPEN =
        "SELECT id, points, parts, state, made_at, expires_at FROM ledger_hold
         WHERE tenant_id = $1 AND account_id = $2 AND state = 'open' ORDER BY id";
    static LOT =
        "SELECT id, points, remaining, held, expired, earned_at, expires_at FROM ledger_lot
         WHERE tenant_id = $1 AND account_id = $2 AND id = $3";
    static POSTINGS_OF_OPERATION =
        "SELECT id, kind, points, lot_id FROM ledger_posting
         WHERE tenant_id = $1 AND debit > 4 AND debit = $2 AND operation = $3
         UNION ALL
         SELECT id, kind, points, lot_id FROM ledger_posting
         WHERE tenant_id = $1 AND credit > 4 AND credit = $2 AND operation = $3
         ORDER BY 1";
    /// Of each posting of the wallet that was undone, how much. A debit is undone by a credit and the reverse.
    static REVERSED =
        "SELECT reverses, CAST(SUM(points) AS BIGINT) FROM ledger_posting
         WHERE tenant_id = $1 AND debit > 4 AND debit = $2 AND reverses IS NOT NULL GROUP BY reverses
         UNION ALL
         SELECT reverses, CAST(SUM(points) AS BIGINT) FROM ledger_posting
         WHERE tenant_id = $1 AND credit > 4 AND credit = $2 AND reverses IS NOT NULL GROUP BY reverses";
}

table_write! {
    static WALLET_ADD = add ledger_wallet key(contact_id int, code text)
        set(account_id int, balance int, held int, debt int, revision int, created_at int);
    static WALLET_SAVE = update ledger_wallet key(contact_id int, code text) guard(revision int)
        set(revision int, balance int, held int, debt int);
    static LOT_SAVE = upsert ledger_lot key(account_id int, id int)
        set(points int, remaining int, held int, expired int, earned_at int, expires_at int);
    static HOLD_SAVE = upsert ledger_hold key(account_id int, id int)
        set(points int, parts text, state text, made_at int, expires_at int);
    static TERM_ADD = insert ledger_term key(account_id int, lot_id int, operation text) set(was int, became int, at int);
    static POSTING_ADD = insert ledger_posting key(id int)
        set(operation text, kind text, debit int, credit int, points int, lot_id int, reverses int, at int);
}

/// The contact's wallet; one that has no row yet is empty. At most once in a unit: afterwards the one in memory counts.
pub async fn load(app: &App, tx: &Tx, contact: ContactId, code: &str) -> Result<Wallet, StoreError> {
    match find(tx, contact, code).await? {
        Some(wallet) => Ok(wallet),
        None => Ok(Wallet::empty(contact, code, AccountId::new(&app.ids, app.clock.as_ref()))),
    }
}

/// The contact's wallet, if it has ever had points.
pub async fn find(tx: &Tx, contact: ContactId, code: &str) -> Result<Option<Wallet>, StoreError> {
    let rows = tx.all(&WALLET, params![contact, code]).await?;
    let Some(first) = rows.first() else { return Ok(None) };
    let mut wallet = wallet(first, contact, code)?;
    for row in &rows {
        if row.opt_int(5)?.is_some() {
            wallet.lots.push(lot(row, 5)?);
        }
    }
    wallet.lots.sort_unstable_by_key(Lot::order);
    if wallet.held.is_positive() {
        let rows = tx.all(&HOLDS_OPEN, params![wallet.account]).await?;
        wallet.holds = rows.iter().map(hold).collect::<Result<_, _>>()?;
    }
    Ok(Some(wallet))
}

/// Makes all units that loaded the wallet as this one did run again, though nothing in it changes.
pub(crate) async fn touch(tx: &Tx, wallet: &mut Wallet, now: Instant) -> Result<(), StoreError> {
    match wallet.revision {
        None if tx.add(&WALLET_ADD, wallet_params(wallet, now)).await? => wallet.revision = Some(1),
        loaded => {
            let (key, read) = ((wallet.contact, wallet.code.as_str()), loaded.unwrap_or(0));
            let sums = (wallet.balance, wallet.held, wallet.debt);
            tx.put(&WALLET_SAVE, params![key.0, key.1, read, read + 1, sums.0, sums.1, sums.2]);
        }
    }
    Ok(())
}

/// What is to be undone of an operation of this wallet; the lots it names are brought back into memory.
pub(super) async fn recall(tx: &Tx, wallet: &mut Wallet, key: &str) -> Result<Vec<Original>, StoreError> {
    let account = wallet.account;
    let rows = tx.all(&POSTINGS_OF_OPERATION, params![account, key]).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let mut reversed: HashMap<PostingId, Points> = HashMap::new();
    for row in tx.all(&REVERSED, params![account]).await? {
        reversed.insert(row.id(0)?, row.id(1)?);
    }
    let mut originals = Vec::with_capacity(rows.len());
    for row in &rows {
        let id: PostingId = row.id(0)?;
        let original = Original {
            id,
            kind: kind(row, 1)?,
            points: row.id(2)?,
            reversed: reversed.get(&id).copied().unwrap_or_default(),
            lot: row.opt_id(3)?,
        };
        if let Some(lot) = original.lot {
            recall_lot(tx, wallet, lot).await?;
        }
        originals.push(original);
    }
    Ok(originals)
}

/// Writes what a change makes, at the end of the unit. The wallet's revision guards all of it: of two units that
/// loaded the same revision one is run again.
pub(super) async fn save(
    app: &App,
    tx: &Tx,
    wallet: &mut Wallet,
    change: Change,
    entry: &Entry,
) -> Result<(), StoreError> {
    let Change { after, postings, lots, holds } = change;
    for posting in &postings {
        tx.put(
            &POSTING_ADD,
            posting_params(PostingId::new(&app.ids, app.clock.as_ref()), &entry.key, posting),
        );
    }
    for lot in &lots {
        if let Some(known) = wallet.lots.iter().find(|known| known.id == lot.id)
            && known.expires_at != lot.expires_at
        {
            let moved = params![
                after.account,
                lot.id,
                entry.key.as_str(),
                known.expires_at,
                lot.expires_at,
                entry.at
            ];
            tx.put(&TERM_ADD, moved);
        }
        tx.put(&LOT_SAVE, lot_params(after.account, lot));
    }
    for hold in &holds {
        tx.put(&HOLD_SAVE, hold_params(after.account, hold));
    }
    let loaded = wallet.revision.unwrap_or(0);
    let fresh = wallet.revision.is_none() && tx.add(&WALLET_ADD, wallet_params(&after, entry.at)).await?;
    if !fresh {
        // Of a wallet that somebody else made meanwhile this misses the row, and the unit runs again.
        let sums = (after.balance, after.held, after.debt);
        tx.put(
            &WALLET_SAVE,
            params![after.contact, after.code.as_str(), loaded, loaded + 1, sums.0, sums.1, sums.2],
        );
    }
    *wallet = Wallet { revision: Some(if fresh { 1 } else { loaded }), ..after };
    Ok(())
}

/// A wallet, its lots and holds not yet among it, whose columns stand first in the row.
pub(super) fn wallet(row: &Row, contact: ContactId, code: &str) -> Result<Wallet, StoreError> {
    Ok(Wallet {
        contact,
        code: code.to_owned(),
        account: row.id(0)?,
        balance: row.id(1)?,
        held: row.id(2)?,
        debt: row.id(3)?,
        revision: Some(row.int(4)?),
        lots: Vec::new(),
        holds: Vec::new(),
    })
}

pub(super) fn hold(row: &Row) -> Result<Hold, StoreError> {
    let state = HoldState::from_name(row.text(3)?).ok_or_else(|| row.bad_as(3, "no state of a hold"))?;
    Ok(Hold {
        id: row.id(0)?,
        points: row.id(1)?,
        parts: row.json(2)?,
        state,
        made_at: row.instant(4)?,
        expires_at: row.opt_instant(5)?,
    })
}

pub(super) fn kind(row: &Row, at: usize) -> Result<PostingKind, StoreError> {
    PostingKind::from_name(row.text(at)?).ok_or_else(|| row.bad_as(at, "no kind of a posting"))
}

/// A posting whose columns `kind, debit, credit, points, lot_id, reverses, at` begin at `at`.
pub(super) fn posting(row: &Row, at: usize) -> Result<Posting, StoreError> {
    Ok(Posting {
        kind: kind(row, at)?,
        debit: Account::from_number(row.int(at + 1)?),
        credit: Account::from_number(row.int(at + 2)?),
        points: row.id(at + 3)?,
        lot: row.opt_id(at + 4)?,
        reverses: row.opt_id(at + 5)?,
        at: row.instant(at + 6)?,
    })
}

pub(super) fn lot(row: &Row, at: usize) -> Result<Lot, StoreError> {
    Ok(Lot {
        id: row.id(at)?,
        points: row.id(at + 1)?,
        remaining: row.id(at + 2)?,
        held: row.id(at + 3)?,
        expired: row.id(at + 4)?,
        earned_at: row.instant(at + 5)?,
        expires_at: row.opt_id::<Instant>(at + 6)?,
    })
}

async fn recall_lot(tx: &Tx, wallet: &mut Wallet, id: LotId) -> Result<(), StoreError> {
    if wallet.lots.iter().all(|known| known.id != id)
        && let Some(row) = tx.one(&LOT, params![wallet.account, id]).await?
    {
        wallet.recall(vec![lot(&row, 0)?]);
    }
    Ok(())
}

fn wallet_params(wallet: &Wallet, now: Instant) -> Params {
    params![
        wallet.contact,
        wallet.code.as_str(),
        wallet.account,
        wallet.balance,
        wallet.held,
        wallet.debt,
        1_i64,
        now
    ]
}

fn posting_params(id: PostingId, key: &str, posting: &Posting) -> Params {
    params![
        id,
        key,
        posting.kind.name(),
        posting.debit.number(),
        posting.credit.number(),
        posting.points,
        posting.lot,
        posting.reverses,
        posting.at
    ]
}

fn lot_params(account: AccountId, lot: &Lot) -> Params {
    params![account, lot.id, lot.points, lot.remaining, lot.held, lot.expired, lot.earned_at, lot.expires_at]
}

fn hold_params(account: AccountId, hold: &Hold) -> Params {
    let parts = serde_json::to_string(&hold.parts).unwrap_or_default();
    params![account, hold.id, hold.points, parts, hold.state.name(), hold.made_at, hold.expires_at]
}
