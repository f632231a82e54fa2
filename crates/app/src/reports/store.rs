//! The SQL of reports.

use super::model::{Group, Period, Returning};
use crate::visit::Cause;
use samovar_base::Instant;
use samovar_store::{StoreError, Tx, params, query};

/// Microseconds of a quarter hour.
pub(super) const QUARTER: i64 = 900_000_000;
/// Operations read at a time.
pub(super) const PAGE: usize = 5_000;

query! {
    static LOTS_BY_END =
        "SELECT expires_at / 900000000, CASE WHEN expires_at <= $2 THEN 1 ELSE 0 END,
             CAST(SUM(remaining) AS BIGINT), CAST(SUM(held) AS BIGINT), COUNT(*)
         FROM ledger_lot WHERE tenant_id = $1 AND remaining > 0 GROUP BY 1, 2 ORDER BY 1, 2";
    static LOTS_BY_BIRTH =
        "SELECT earned_at / 900000000, CAST(SUM(points) AS BIGINT), CAST(SUM(expired) AS BIGINT),
             CAST(SUM(remaining) AS BIGINT)
         FROM ledger_lot WHERE tenant_id = $1 GROUP BY 1 ORDER BY 1";
    static DEBT = "SELECT CAST(COALESCE(SUM(debt), 0) AS BIGINT) FROM ledger_wallet WHERE tenant_id = $1";
    /// By time: there is an index for it.
    static OPERATIONS =
        "SELECT at, id, kind, points, cause FROM ledger_operation
         WHERE tenant_id = $1 AND (at, id) > ($2, $3) AND at < $4 ORDER BY at, id LIMIT $5";
    /// Each customer by the first day on which their points were about to expire; came back is who bought or paid with
    /// points after that, in time.
    static RETURNING_ONES =
        "SELECT f.told, COUNT(*), CAST(SUM(f.points) AS BIGINT), CAST(SUM(CASE WHEN EXISTS (
             SELECT 1 FROM ledger_wallet w
             JOIN ledger_operation o ON o.tenant_id = w.tenant_id AND o.account_id = w.account_id
             WHERE w.tenant_id = $1 AND w.contact_id = f.contact_id AND o.at > f.at AND o.at <= f.at + $4
               AND o.kind IN ('spend', 'capture', 'purchase', 'order')) THEN 1 ELSE 0 END) AS BIGINT)
         FROM (SELECT contact_id, MAX(CASE WHEN told THEN 1 ELSE 0 END) AS told, MIN(at) AS at, MAX(points) AS points
               FROM loyalty_warning
               WHERE tenant_id = $1 AND day >= $2 AND day <= $3 AND kind = 'expiring' GROUP BY contact_id) AS f
         GROUP BY f.told";
}

/// Lots that end in one quarter hour; none: they never end.
pub(super) struct Ending {
    pub quarter: Option<i64>,
    /// Their time is over.
    pub over: bool,
    pub remaining: i64,
    pub held: i64,
    pub lots: i64,
}

/// Lots that were earned in one quarter hour.
pub(super) struct Born {
    pub quarter: i64,
    pub points: i64,
    pub expired: i64,
    pub remaining: i64,
}

/// An operation as reports need it.
pub(super) struct Operation {
    pub key: (i64, i64),
    pub at: Instant,
    pub kind: String,
    pub points: i64,
    pub cause: Cause,
}

pub(super) async fn lots_by_end(tx: &Tx, now: Instant) -> Result<Vec<Ending>, StoreError> {
    let rows = tx.all(&LOTS_BY_END, params![now]).await?;
    let read = |row: &samovar_store::Row| {
        Ok(Ending {
            quarter: row.opt_int(0)?,
            over: row.int(1)? == 1,
            remaining: row.int(2)?,
            held: row.int(3)?,
            lots: row.int(4)?,
        })
    };
    rows.iter().map(read).collect()
}

pub(super) async fn lots_by_birth(tx: &Tx) -> Result<Vec<Born>, StoreError> {
    let rows = tx.all(&LOTS_BY_BIRTH, ()).await?;
    let read = |row: &samovar_store::Row| {
        Ok(Born { quarter: row.int(0)?, points: row.int(1)?, expired: row.int(2)?, remaining: row.int(3)? })
    };
    rows.iter().map(read).collect()
}

/// What customers owe.
pub(super) async fn debt(tx: &Tx) -> Result<i64, StoreError> {
    tx.one(&DEBT, ()).await?.map_or(Ok(0), |row| row.int(0))
}

/// Up to [`PAGE`] operations after a key and before a moment, the oldest first.
pub(super) async fn operations(
    tx: &Tx,
    after: (i64, i64),
    before: Instant,
) -> Result<Vec<Operation>, StoreError> {
    let rows = tx.all(&OPERATIONS, params![after.0, after.1, before, PAGE as i64]).await?;
    let read = |row: &samovar_store::Row| {
        Ok(Operation {
            key: (row.int(0)?, row.int(1)?),
            at: row.instant(0)?,
            kind: row.text(2)?.to_owned(),
            points: row.int(3)?,
            cause: row.json(4)?,
        })
    };
    rows.iter().map(read).collect()
}

pub(super) async fn returning(tx: &Tx, period: Period, within_days: u32) -> Result<Returning, StoreError> {
    let within = i64::from(within_days) * 86_400_000_000;
    let (from, to) = (period.from.to_string(), period.to.to_string());
    let mut told = Returning::default();
    for row in tx.all(&RETURNING_ONES, params![from, to, within]).await? {
        let group = Group { customers: row.int(1)?, points: row.int(2)?, returned: row.int(3)? };
        if row.int(0)? == 1 {
            told.warned = group;
        } else {
            told.not_warned = group;
        }
    }
    Ok(told)
}
