//! What was posted, read back.

use super::OperationId;
use super::model::{Posting, Wallet};
use super::operation::{Entry, entry};
use super::store;
use samovar_base::{AccountId, ContactId, Instant, Points, PostingId};
use samovar_store::{Row, StoreError, Tx, params, query};

query! {
    static HISTORY =
        "SELECT o.id, o.key, o.kind, o.points, o.balance, o.subject, o.note, o.cause, o.at
         FROM ledger_wallet w
         JOIN ledger_operation o ON o.tenant_id = w.tenant_id AND o.account_id = w.account_id
         WHERE w.tenant_id = $1 AND w.contact_id = $2 AND w.code = $3 AND o.id < $4 AND o.points <> 0
         ORDER BY o.id DESC LIMIT $5";
    static HISTORY_PAGE =
        "SELECT o.id, o.key, o.kind, o.points, o.balance, o.subject, o.note, o.cause, o.at
         FROM ledger_operation o
         WHERE o.tenant_id = $1 AND o.account_id = $2 AND o.points <> 0
         ORDER BY o.id DESC LIMIT $3 OFFSET $4";
    static ACCOUNT = "SELECT account_id FROM ledger_wallet WHERE tenant_id = $1 AND contact_id = $2 AND code = $3";
    /// What was posted by then, less lots whose time was over by then and of which nothing is posted yet.
    static BALANCE_AT =
        "SELECT CAST(
             COALESCE((SELECT SUM(points) FROM ledger_posting
                       WHERE tenant_id = $1 AND credit > 4 AND credit = $2 AND at <= $3), 0)
             - COALESCE((SELECT SUM(points) FROM ledger_posting
                         WHERE tenant_id = $1 AND debit > 4 AND debit = $2 AND at <= $3), 0)
             - COALESCE((SELECT SUM(remaining - held) FROM ledger_lot
                         WHERE tenant_id = $1 AND account_id = $2 AND expires_at <= $3 AND remaining > held), 0)
         AS BIGINT)";
    static LINES =
        "SELECT id, operation, kind, debit, credit, points, lot_id, reverses, at FROM ledger_posting
         WHERE tenant_id = $1 AND debit > 4 AND debit = $2 AND id < $3
         UNION ALL
         SELECT id, operation, kind, debit, credit, points, lot_id, reverses, at FROM ledger_posting
         WHERE tenant_id = $1 AND credit > 4 AND credit = $2 AND id < $3
         ORDER BY 1 DESC LIMIT $4";
}

/// A posting as it stands in the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its id, which tells when it was written down.
    pub id: PostingId,
    /// The key of its operation.
    pub operation: String,
    /// What moved.
    pub posting: Posting,
}

/// The operations that changed the contact's balance, the youngest first, from `before` on.
pub async fn history(
    tx: &Tx,
    contact: ContactId,
    code: &str,
    before: Option<OperationId>,
    limit: u32,
) -> Result<Vec<Entry>, StoreError> {
    let before = before.unwrap_or(OperationId(i64::MAX));
    let rows = tx.all(&HISTORY, params![contact, code, before, limit]).await?;
    rows.iter().map(entry).collect()
}

/// The same for a view that counts pages: `limit` operations after the first `skip`.
pub async fn page(tx: &Tx, wallet: &Wallet, skip: u32, limit: u32) -> Result<Vec<Entry>, StoreError> {
    let rows = tx.all(&HISTORY_PAGE, params![wallet.account, limit, skip]).await?;
    rows.iter().map(entry).collect()
}

/// The contact's balance at a moment, held points included. Of the past it is the same whenever it is asked: an expiry
/// counts from the lot's own moment, whether or not it is posted yet.
pub async fn balance_at(tx: &Tx, contact: ContactId, code: &str, at: Instant) -> Result<Points, StoreError> {
    let Some(row) = tx.one(&ACCOUNT, params![contact, code]).await? else { return Ok(Points::ZERO) };
    let account: AccountId = row.id(0)?;
    tx.one(&BALANCE_AT, params![account, at]).await?.map_or(Ok(Points::ZERO), |row| row.id(0))
}

/// The postings of an account, the youngest first, from `before` on.
pub async fn lines(
    tx: &Tx,
    account: AccountId,
    before: Option<PostingId>,
    limit: u32,
) -> Result<Vec<Line>, StoreError> {
    let before = before.unwrap_or(PostingId(i64::MAX));
    let rows = tx.all(&LINES, params![account, before, limit]).await?;
    rows.iter().map(line).collect()
}

fn line(row: &Row) -> Result<Line, StoreError> {
    Ok(Line { id: row.id(0)?, operation: row.text(1)?.to_owned(), posting: store::posting(row, 2)? })
}
