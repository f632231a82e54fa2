//! What came of trying a promotion goes when it begins.

use super::look::file_of;
use samovar_base::PromotionId;
use samovar_store::{StoreError, Tx, params, query};

/// Kept pictures that go at once: nobody tries with so many.
const PICTURES_MAX: i64 = 20_000;

query! {
    static KEPT = "SELECT kept FROM receipts_picture WHERE tenant_id = $1 AND promotion_id = $2 AND kept <> '' LIMIT $3";
    static FILES = "DELETE FROM file WHERE tenant_id = $1 AND id IN (SELECT given.value FROM json_each($2) AS given)",
        postgres = "DELETE FROM file WHERE tenant_id = $1 AND id IN (SELECT CAST(given.value AS BIGINT) \
        FROM jsonb_array_elements_text(CAST(CAST($2 AS TEXT) AS JSONB)) AS given(value))";
    static RECEIPTS = "DELETE FROM receipts_receipt WHERE tenant_id = $1 AND promotion_id = $2";
    static PICTURES = "DELETE FROM receipts_picture WHERE tenant_id = $1 AND promotion_id = $2";
    static ATTEMPTS = "DELETE FROM receipts_attempt WHERE tenant_id = $1 AND promotion_id = $2";
    static FORMS = "DELETE FROM receipts_form WHERE tenant_id = $1 AND promotion_id = $2";
    static ASKED = "DELETE FROM receipts_asked WHERE tenant_id = $1 AND promotion_id = $2";
}

/// Inside the unit that begins a promotion: its receipts, their pictures with the files, forms that were being typed, and
/// the questions that count against its budget. What providers know of receipts stays: it was paid for.
pub(crate) async fn wipe(tx: &Tx, promotion: PromotionId) -> Result<(), StoreError> {
    let kept = tx.all(&KEPT, params![promotion, PICTURES_MAX]).await?;
    let files: Vec<i64> = kept.iter().filter_map(|row| file_of(row.text(0).ok()?)).map(|id| id.0).collect();
    if !files.is_empty() {
        tx.exec(&FILES, params![serde_json::to_string(&files).unwrap_or_default()]).await?;
    }
    for gone in [&RECEIPTS, &PICTURES, &ATTEMPTS, &FORMS, &ASKED] {
        tx.exec(gone, params![promotion]).await?;
    }
    Ok(())
}
