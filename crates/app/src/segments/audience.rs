//! Whom mass work goes to, walked page by page in the order of ids.
//!
//! People whose data was erased, and people of the company itself, are in no audience. Somebody who becomes a contact while an audience is walked is met
//! if the walk has not ended: new ids are the largest.

use crate::contacts::{Contact, contact_columns};
use crate::problem::Fail;
use samovar_base::{ContactId, Instant};
use samovar_store::{Row, StoreError, Tx, params, query};
use serde::{Deserialize, Serialize};

/// Contacts that one page may have.
pub const PAGE_MAX: u32 = 1_000;

/// Whom mass work goes to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "to", rename_all = "snake_case", deny_unknown_fields)]
pub enum Audience {
    /// Everybody.
    All,
    /// One contact.
    One {
        /// Who.
        contact: ContactId,
    },
}

query! {
    static EVERYBODY = concat!("SELECT ", contact_columns!(), " FROM contact c
        WHERE c.tenant_id = $1 AND c.erased_at IS NULL AND c.staff_side = FALSE AND c.id > $2 ORDER BY c.id LIMIT $3");
    static EVERYBODY_COUNT = "SELECT COUNT(*) FROM contact c WHERE c.tenant_id = $1 AND c.erased_at IS NULL AND c.staff_side = FALSE";
    static ONE = concat!("SELECT ", contact_columns!(), " FROM contact c
        WHERE c.tenant_id = $1 AND c.erased_at IS NULL AND c.staff_side = FALSE AND c.id > $2 AND c.id = $3");
}

/// How many they are at `now`.
pub async fn count(tx: &Tx, audience: &Audience, now: Instant) -> Result<i64, Fail> {
    match audience {
        Audience::All => Ok(number(tx.one(&EVERYBODY_COUNT, ()).await?)?),
        Audience::One { .. } => {
            Ok(i64::try_from(page(tx, audience, now, None, 1).await?.len()).unwrap_or_default())
        }
    }
}

/// Up to `limit` of them, [`PAGE_MAX`] at most, those after `after` in the order of ids. `now` decides conditions that
/// count days: give all pages of one walk the same.
pub async fn page(
    tx: &Tx,
    audience: &Audience,
    _now: Instant,
    after: Option<ContactId>,
    limit: u32,
) -> Result<Vec<Contact>, Fail> {
    let (after, limit) = (after.unwrap_or(ContactId(0)), limit.min(PAGE_MAX));
    let rows = match audience {
        Audience::All => tx.all(&EVERYBODY, params![after, limit]).await?,
        Audience::One { contact } => tx.all(&ONE, params![after, *contact]).await?,
    };
    Ok(rows.iter().map(|row| Contact::from_row(row, 0)).collect::<Result<_, _>>()?)
}

fn number(row: Option<Row>) -> Result<i64, StoreError> {
    row.map_or(Ok(0), |row| row.int(0))
}
