//! The proof of the books: what is cached against what was posted.

use samovar_base::{AccountId, LotId, Points};
use samovar_store::{Row, StoreError, Tx, params, query};
use std::collections::BTreeMap;
use std::fmt;

/// No more of one kind are told.
const TOLD_MAX: i64 = 100;
/// Wallets with holds looked at in one step.
const STEP: i64 = 500;

/// Something in the books that does not agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discrepancy {
    /// Of which account, where it is one.
    pub account: Option<AccountId>,
    /// Which two things do not agree.
    pub what: String,
}

impl fmt::Display for Discrepancy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.account {
            Some(account) => write!(f, "{account}: {}", self.what),
            None => f.write_str(&self.what),
        }
    }
}

// What must agree is laid one below the other and added up, not joined: one pass over each table, whatever the database
// knows, or does not know yet, of their sizes.
query! {
    static WALLETS_WRONG =
        "SELECT account_id, CAST(SUM(balance) AS BIGINT), CAST(SUM(held) AS BIGINT), CAST(SUM(debt) AS BIGINT),
                CAST(SUM(posted) AS BIGINT), CAST(SUM(remaining) AS BIGINT), CAST(SUM(lots_held) AS BIGINT),
                CAST(SUM(holds) AS BIGINT), CAST(SUM(wrong) AS BIGINT)
         FROM (
             SELECT account_id, balance, held, debt, 0 AS posted, 0 AS remaining, 0 AS lots_held, 0 AS holds, 0 AS wrong,
                    1 AS own
             FROM ledger_wallet WHERE tenant_id = $1
             UNION ALL
             SELECT credit, 0, 0, 0, points, 0, 0, 0, 0, 0 FROM ledger_posting WHERE tenant_id = $1 AND credit > 4
             UNION ALL
             SELECT debit, 0, 0, 0, -points, 0, 0, 0, 0, 0 FROM ledger_posting WHERE tenant_id = $1 AND debit > 4
             UNION ALL
             SELECT account_id, 0, 0, 0, 0, remaining, held, 0,
                    CASE WHEN held < 0 OR held > remaining OR remaining > points OR expired < 0 THEN 1 ELSE 0 END, 0
             FROM ledger_lot WHERE tenant_id = $1
             UNION ALL
             SELECT account_id, 0, 0, 0, 0, 0, 0, points, 0, 0 FROM ledger_hold
             WHERE tenant_id = $1 AND state = 'open'
         ) AS sides
         GROUP BY account_id
         HAVING SUM(own) > 0 AND (
             SUM(balance) <> SUM(posted) OR SUM(balance) <> SUM(remaining) - SUM(debt)
             OR SUM(held) <> SUM(lots_held) OR SUM(held) <> SUM(holds)
             OR SUM(wrong) > 0 OR SUM(debt) < 0 OR SUM(held) < 0 OR (SUM(debt) = 0 AND SUM(balance) < 0))
         ORDER BY account_id LIMIT $2";
    static LOTS_WRONG =
        "SELECT MAX(account_id), lot_id, CAST(SUM(remaining) AS BIGINT), CAST(SUM(posted) AS BIGINT)
         FROM (
             SELECT account_id, id AS lot_id, remaining, 0 AS posted FROM ledger_lot WHERE tenant_id = $1
             UNION ALL
             SELECT 0, lot_id, 0, CASE WHEN credit > 4 THEN points ELSE -points END
             FROM ledger_posting WHERE tenant_id = $1 AND lot_id IS NOT NULL
         ) AS sides
         GROUP BY lot_id HAVING MAX(account_id) > 0 AND SUM(remaining) <> SUM(posted) ORDER BY 1, 2 LIMIT $2";
    static OPERATIONS_WRONG =
        "SELECT MAX(account_id), operation, CAST(SUM(points) AS BIGINT), CAST(SUM(posted) AS BIGINT)
         FROM (
             SELECT account_id, key AS operation, points, 0 AS posted FROM ledger_operation WHERE tenant_id = $1
             UNION ALL
             SELECT 0, operation, 0, CASE WHEN credit > 4 THEN points ELSE -points END
             FROM ledger_posting WHERE tenant_id = $1
         ) AS sides
         GROUP BY operation HAVING MAX(account_id) > 0 AND SUM(points) <> SUM(posted) ORDER BY 1, 2 LIMIT $2";
    /// Without an operation, without points, or between accounts that no wallet has.
    static POSTINGS_WRONG =
        "SELECT p.id, p.operation, p.points FROM ledger_posting p
         LEFT JOIN ledger_operation o ON o.tenant_id = p.tenant_id AND o.key = p.operation
         LEFT JOIN ledger_wallet d ON d.tenant_id = p.tenant_id AND d.account_id = p.debit
         LEFT JOIN ledger_wallet c ON c.tenant_id = p.tenant_id AND c.account_id = p.credit
         WHERE p.tenant_id = $1 AND (
             o.key IS NULL OR p.points <= 0 OR p.debit = p.credit OR (p.debit <= 4 AND p.credit <= 4)
             OR (p.debit > 4 AND d.account_id IS NULL) OR (p.credit > 4 AND c.account_id IS NULL))
         ORDER BY p.id LIMIT $2";
    static WALLETS_WITH_HOLDS =
        "SELECT account_id FROM ledger_wallet WHERE tenant_id = $1 AND held > 0 AND account_id > $2
         ORDER BY account_id LIMIT $3";
    static HOLDS_BETWEEN =
        "SELECT account_id, id, points, parts FROM ledger_hold
         WHERE tenant_id = $1 AND account_id >= $2 AND account_id <= $3 AND state = 'open'";
    static LOTS_HELD_BETWEEN =
        "SELECT id, held FROM ledger_lot WHERE tenant_id = $1 AND account_id >= $2 AND account_id <= $3 AND held > 0";
}

/// Everything in a company's books that does not agree; empty when they are right.
pub async fn check(tx: &Tx) -> Result<Vec<Discrepancy>, StoreError> {
    let mut found = Vec::new();
    for row in tx.all(&WALLETS_WRONG, params![TOLD_MAX]).await? {
        found.push(of_account(&row, wallet(&row)?)?);
    }
    for row in tx.all(&LOTS_WRONG, params![TOLD_MAX]).await? {
        let lot: LotId = row.id(1)?;
        found
            .push(of_account(&row, format!("{lot} has {} left, its postings {}", row.int(2)?, row.int(3)?))?);
    }
    for row in tx.all(&OPERATIONS_WRONG, params![TOLD_MAX]).await? {
        let what = format!("operation {} moved {}, its postings {}", row.text(1)?, row.int(2)?, row.int(3)?);
        found.push(of_account(&row, what)?);
    }
    for row in tx.all(&POSTINGS_WRONG, params![TOLD_MAX]).await? {
        let what = format!(
            "posting {} of {} points under «{}» stands alone",
            row.int(0)?,
            row.int(2)?,
            row.text(1)?
        );
        found.push(Discrepancy { account: None, what });
    }
    check_holds(tx, &mut found).await?;
    Ok(found)
}

fn of_account(row: &Row, what: String) -> Result<Discrepancy, StoreError> {
    Ok(Discrepancy { account: Some(row.id(0)?), what })
}

fn wallet(row: &Row) -> Result<String, StoreError> {
    Ok(format!(
        "balance {}, held {}, debt {}; postings {}, lots {}, held in lots {}, open holds {}, lots out of bounds {}",
        row.int(1)?,
        row.int(2)?,
        row.int(3)?,
        row.int(4)?,
        row.int(5)?,
        row.int(6)?,
        row.int(7)?,
        row.int(8)?
    ))
}

/// What open holds keep of each lot against what the lot says is held.
async fn check_holds(tx: &Tx, found: &mut Vec<Discrepancy>) -> Result<(), StoreError> {
    let mut after = AccountId(0);
    loop {
        let rows = tx.all(&WALLETS_WITH_HOLDS, params![after, STEP]).await?;
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Ok(()) };
        let (first, last): (AccountId, AccountId) = (first.id(0)?, last.id(0)?);
        let mut kept: BTreeMap<LotId, i64> = BTreeMap::new();
        for row in tx.all(&HOLDS_BETWEEN, params![first, last]).await? {
            let parts: Vec<super::Part> = row.json(3)?;
            let sum: i64 = parts.iter().map(|part| part.points.0).sum();
            if sum != row.id::<Points>(2)?.0 {
                found.push(of_account(
                    &row,
                    format!("hold {} keeps {}, its parts {sum}", row.int(1)?, row.int(2)?),
                )?);
            }
            for part in parts {
                *kept.entry(part.lot).or_default() += part.points.0;
            }
        }
        for row in tx.all(&LOTS_HELD_BETWEEN, params![first, last]).await? {
            *kept.entry(row.id(0)?).or_default() -= row.int(1)?;
        }
        for (lot, difference) in kept.into_iter().filter(|(_, difference)| *difference != 0) {
            found.push(Discrepancy {
                account: None,
                what: format!("open holds keep {difference} more of {lot} than it says"),
            });
        }
        after = last;
    }
}
