//! The SQL of the counter: customers as they are looked for at the till.

use crate::contacts::{Contact, contact_columns};
use samovar_store::{StoreError, Tx, params, query};

query! {
    static BY_NAME = concat!(
        "SELECT ", contact_columns!(), " FROM contact c WHERE c.tenant_id = $1 AND c.name_key LIKE $2 ESCAPE '!' \
         AND c.staff_side = FALSE AND c.erased_at IS NULL ORDER BY c.name_key, c.id LIMIT $3 OFFSET $4"
    );
    static BY_PHONE = concat!(
        "SELECT ", contact_columns!(), " FROM contact c WHERE c.tenant_id = $1 AND c.phone LIKE $2 \
         AND c.staff_side = FALSE AND c.erased_at IS NULL ORDER BY c.name_key, c.id LIMIT $3 OFFSET $4"
    );
}

/// Customers whose name contains the words of a pattern for `LIKE … ESCAPE '!'`, by name.
pub(super) async fn by_name(
    tx: &Tx,
    pattern: &str,
    skip: u32,
    limit: u32,
) -> Result<Vec<Contact>, StoreError> {
    read(&tx.all(&BY_NAME, params![pattern, limit, skip]).await?)
}

/// Customers whose number contains the digits, by name.
pub(super) async fn by_phone(
    tx: &Tx,
    digits: &str,
    skip: u32,
    limit: u32,
) -> Result<Vec<Contact>, StoreError> {
    read(&tx.all(&BY_PHONE, params![format!("%{digits}%"), limit, skip]).await?)
}

fn read(rows: &[samovar_store::Row]) -> Result<Vec<Contact>, StoreError> {
    rows.iter().map(|row| Contact::from_row(row, 0)).collect()
}
