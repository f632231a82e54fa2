//! Prizes of a person when two contacts turn out to be one person: they go on to the one who stays, with what the year's
//! prizes were worth, and come back when that is undone.

use samovar_base::ContactId;
use samovar_store::{StoreError, Tx, params, query};
use serde::{Deserialize, Serialize};

/// Prizes of one person that are passed on.
const PRIZES_MAX: i64 = 1_000;

query! {
    static WINNERS =
        "SELECT draw_id, place FROM draws_winner WHERE tenant_id = $1 AND contact_id = $2 ORDER BY draw_id, place LIMIT $3";
    // Whoever has it in hand looks at it again.
    static WINNER_MOVE =
        "UPDATE draws_winner SET contact_id = $5, revision = revision + 1
         WHERE tenant_id = $1 AND draw_id = $2 AND place = $3 AND contact_id = $4";
    static TAX_MOVE =
        "UPDATE draws_tax SET contact_id = $5 WHERE tenant_id = $1 AND draw_id = $2 AND place = $3 AND contact_id = $4";
    static YEARS =
        "SELECT year, worth, tax FROM draws_year WHERE tenant_id = $1 AND contact_id = $2 AND worth > 0
         ORDER BY year LIMIT $3";
    static YEAR_MORE =
        "INSERT INTO draws_year (tenant_id, contact_id, year, worth, tax, revision) VALUES ($1, $2, $3, $4, $5, 1)
         ON CONFLICT (tenant_id, contact_id, year) DO UPDATE SET worth = draws_year.worth + excluded.worth,
             tax = draws_year.tax + excluded.tax, revision = draws_year.revision + 1";
}

/// What went on: enough to bring it back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Passed {
    /// Draws and places.
    winners: Vec<(i64, i64)>,
    /// Years with worth and tax.
    years: Vec<(i64, i64, i64)>,
}

/// Inside a unit: all prizes of one contact go on to another.
pub(crate) async fn pass_on(tx: &Tx, from: ContactId, to: ContactId) -> Result<Passed, StoreError> {
    let mut passed = Passed::default();
    for row in tx.all(&WINNERS, params![from, PRIZES_MAX]).await? {
        passed.winners.push((row.int(0)?, row.int(1)?));
    }
    for row in tx.all(&YEARS, params![from, PRIZES_MAX]).await? {
        passed.years.push((row.int(0)?, row.int(1)?, row.int(2)?));
    }
    pass(tx, &passed, from, to).await?;
    Ok(passed)
}

/// Inside a unit: what was passed changes hands. The journal goes with the winner: it is read by persons.
pub(crate) async fn pass(tx: &Tx, passed: &Passed, from: ContactId, to: ContactId) -> Result<(), StoreError> {
    for (draw, place) in &passed.winners {
        tx.exec(&WINNER_MOVE, params![*draw, *place, from, to]).await?;
        tx.exec(&TAX_MOVE, params![*draw, *place, from, to]).await?;
    }
    for (year, worth, tax) in &passed.years {
        tx.exec(&YEAR_MORE, params![to, *year, *worth, *tax]).await?;
        tx.exec(&YEAR_MORE, params![from, *year, -worth, -tax]).await?;
    }
    Ok(())
}
