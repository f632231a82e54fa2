//! The SQL of the programme and of cards.

use super::card::CardNumber;
use super::model::{Programme, Stored};
use crate::app::App;
use samovar_base::{ContactId, Instant};
use samovar_store::{StoreError, Tx, params, query, table_write};

/// Draws of a number before giving up: with ninety thousand million numbers a second one is already rare.
const DRAWS_MAX: usize = 8;

query! {
    static PROGRAMME = "SELECT document, revision FROM loyalty_programme WHERE tenant_id = $1";
    static PROGRAMME_SAVE =
        "INSERT INTO loyalty_programme (tenant_id, document, revision, updated_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (tenant_id) DO UPDATE SET document = excluded.document, revision = excluded.revision,
             updated_at = excluded.updated_at
         WHERE loyalty_programme.revision = $3 - 1";
    static CARD_OF = "SELECT number FROM loyalty_card WHERE tenant_id = $1 AND contact_id = $2";
    static HOLDER_OF = "SELECT contact_id FROM loyalty_card WHERE tenant_id = $1 AND number = $2";
}

table_write! {
    static CARD_ADD = add loyalty_card key(number text) set(contact_id int, issued_at int);
}

/// The company's programme; the defaults when it has none.
pub(super) async fn programme(tx: &Tx) -> Result<Stored, StoreError> {
    let Some(row) = tx.one(&PROGRAMME, ()).await? else { return Ok(Stored::default()) };
    Ok(Stored { programme: row.json(0)?, revision: row.int(1)? })
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
pub(super) async fn card_of(tx: &Tx, contact: ContactId) -> Result<Option<CardNumber>, StoreError> {
    let row = tx.one(&CARD_OF, params![contact]).await?;
    row.map(|row| row.parse(0)).transpose()
}

/// Whose card it is.
pub(super) async fn holder_of(tx: &Tx, number: CardNumber) -> Result<Option<ContactId>, StoreError> {
    let row = tx.one(&HOLDER_OF, params![number.digits()]).await?;
    row.map(|row| row.id(0)).transpose()
}

/// The contact's card, issued now when there is none.
pub(super) async fn issue_card(
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
