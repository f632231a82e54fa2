//! The SQL of dashboards: sums by quarter hours, read from indexes.

use super::model::{Funnel, Reach, SourceLine, Waiting};
use samovar_base::Instant;
use samovar_store::{Query, Row, StoreError, Tx, params, query};

query! {
    static CAME =
        "SELECT created_at / 900000000, COUNT(*), CAST(SUM(CASE WHEN registered_at IS NULL THEN 0 ELSE 1 END) AS BIGINT)
         FROM contact WHERE tenant_id = $1 AND created_at >= $2 AND created_at < $3 AND staff_side = FALSE GROUP BY 1";
    static BOUGHT =
        "SELECT at / 900000000, COUNT(*), CAST(SUM(sum_minor - refunded_minor) AS BIGINT)
         FROM loyalty_purchase WHERE tenant_id = $1 AND at >= $2 AND at < $3 GROUP BY 1";
    static MOVED =
        "SELECT at / 900000000, kind, COUNT(*), CAST(SUM(points) AS BIGINT) FROM ledger_operation
         WHERE tenant_id = $1 AND at >= $2 AND at < $3 GROUP BY 1, 2";
    static ACTIVE =
        "SELECT COUNT(DISTINCT account_id) FROM ledger_operation
         WHERE tenant_id = $1 AND at >= $2 AND at < $3 AND kind IN ('purchase', 'spend', 'capture', 'deal', 'hold')";
    static FUNNEL =
        "SELECT COUNT(*), CAST(COALESCE(SUM(n.registered), 0) AS BIGINT), CAST(COALESCE(SUM(n.bought), 0) AS BIGINT),
             CAST(COALESCE(SUM(n.again), 0) AS BIGINT)
         FROM (SELECT CASE WHEN c.registered_at IS NULL THEN 0 ELSE 1 END AS registered,
                 CASE WHEN EXISTS (SELECT 1 FROM loyalty_purchase p WHERE p.tenant_id = $1 AND p.contact_id = c.id)
                     OR EXISTS (SELECT 1 FROM deals_deal d WHERE d.tenant_id = $1 AND d.contact_id = c.id
                         AND d.kind = 'success') THEN 1 ELSE 0 END AS bought,
                 CASE WHEN EXISTS (SELECT 1 FROM loyalty_purchase p WHERE p.tenant_id = $1 AND p.contact_id = c.id
                         LIMIT 1 OFFSET 1)
                     OR EXISTS (SELECT 1 FROM deals_deal d WHERE d.tenant_id = $1 AND d.contact_id = c.id
                         AND d.kind = 'success' LIMIT 1 OFFSET 1) THEN 1 ELSE 0 END AS again
               FROM contact c
               WHERE c.tenant_id = $1 AND c.created_at >= $2 AND c.created_at < $3 AND c.staff_side = FALSE) AS n";
    static SOURCES =
        "SELECT g.source, g.came, g.registered, COALESCE(e.title, '') FROM (
             SELECT COALESCE(source, '') AS source, COUNT(*) AS came,
                 CAST(SUM(CASE WHEN registered_at IS NULL THEN 0 ELSE 1 END) AS BIGINT) AS registered
             FROM contact WHERE tenant_id = $1 AND created_at >= $2 AND created_at < $3 AND staff_side = FALSE
             GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 8) AS g
         LEFT JOIN channels_entry e ON e.tenant_id = $1 AND e.tag = g.source ORDER BY 2 DESC, 1";
    static ENDING =
        "SELECT expires_at / 900000000, CAST(SUM(remaining - held) AS BIGINT) FROM ledger_lot
         WHERE tenant_id = $1 AND expires_at IS NOT NULL AND remaining > held AND expires_at > $2 AND expires_at <= $3
         GROUP BY 1 ORDER BY 1";
    static WAITING =
        "SELECT COUNT(*), MIN(waiting_since) FROM conversation \
         WHERE tenant_id = $1 AND state IN (1, 2) AND waiting_since IS NOT NULL";
    static REACH =
        "SELECT (SELECT COUNT(*) FROM contact WHERE tenant_id = $1 AND staff_side = FALSE),
             (SELECT COUNT(*) FROM identity WHERE tenant_id = $1)
             - (SELECT COUNT(*) FROM identity WHERE tenant_id = $1 AND blocked_at IS NOT NULL)
             - (SELECT COUNT(*) FROM contact WHERE tenant_id = $1 AND stopped_at IS NOT NULL)";
}

/// Of one quarter hour: how many, and of them or of their money.
pub(super) struct Came {
    pub(super) quarter: i64,
    pub(super) count: i64,
    pub(super) of_them: i64,
}

/// Operations of one kind in one quarter hour.
pub(super) struct Moved {
    pub(super) quarter: i64,
    pub(super) kind: String,
    pub(super) count: i64,
    pub(super) points: i64,
}

pub(super) async fn came(tx: &Tx, from: Instant, until: Instant) -> Result<Vec<Came>, StoreError> {
    counted(tx, &CAME, from, until).await
}

pub(super) async fn bought(tx: &Tx, from: Instant, until: Instant) -> Result<Vec<Came>, StoreError> {
    counted(tx, &BOUGHT, from, until).await
}

async fn counted(
    tx: &Tx,
    query: &'static Query,
    from: Instant,
    until: Instant,
) -> Result<Vec<Came>, StoreError> {
    let read = |row: &Row| Ok(Came { quarter: row.int(0)?, count: row.int(1)?, of_them: row.int(2)? });
    tx.all(query, params![from, until]).await?.iter().map(read).collect()
}

pub(super) async fn moved(tx: &Tx, from: Instant, until: Instant) -> Result<Vec<Moved>, StoreError> {
    let read = |row: &Row| {
        Ok(Moved {
            quarter: row.int(0)?,
            kind: row.text(1)?.to_owned(),
            count: row.int(2)?,
            points: row.int(3)?,
        })
    };
    tx.all(&MOVED, params![from, until]).await?.iter().map(read).collect()
}

pub(super) async fn active(tx: &Tx, from: Instant, until: Instant) -> Result<i64, StoreError> {
    tx.one(&ACTIVE, params![from, until]).await?.map_or(Ok(0), |row| row.int(0))
}

pub(super) async fn funnel(tx: &Tx, from: Instant, until: Instant) -> Result<Funnel, StoreError> {
    let Some(row) = tx.one(&FUNNEL, params![from, until]).await? else { return Ok(Funnel::default()) };
    Ok(Funnel { came: row.int(0)?, registered: row.int(1)?, bought: row.int(2)?, again: row.int(3)? })
}

pub(super) async fn sources(tx: &Tx, from: Instant, until: Instant) -> Result<Vec<SourceLine>, StoreError> {
    let read = |row: &Row| {
        let (source, title) = (row.text(0)?.to_owned(), row.text(3)?.to_owned());
        Ok(SourceLine { source, title, came: row.int(1)?, registered: row.int(2)? })
    };
    tx.all(&SOURCES, params![from, until]).await?.iter().map(read).collect()
}

/// Quarter hours in which points end, and how many.
pub(super) async fn ending(tx: &Tx, now: Instant, until: Instant) -> Result<Vec<(i64, i64)>, StoreError> {
    let rows = tx.all(&ENDING, params![now, until]).await?;
    rows.iter().map(|row| Ok((row.int(0)?, row.int(1)?))).collect()
}

pub(super) async fn waiting(tx: &Tx) -> Result<Waiting, StoreError> {
    let Some(row) = tx.one(&WAITING, ()).await? else { return Ok(Waiting::default()) };
    Ok(Waiting { count: row.int(0)?, since: row.opt_instant(1)? })
}

pub(super) async fn reach(tx: &Tx) -> Result<Reach, StoreError> {
    let Some(row) = tx.one(&REACH, ()).await? else { return Ok(Reach::default()) };
    let contacts = row.int(0)?;
    Ok(Reach { contacts, reachable: row.int(1)?.clamp(0, contacts) })
}
