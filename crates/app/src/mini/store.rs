//! The statements of the Mini App.

use crate::contacts::{Contact, contact_columns};
use samovar_base::ChannelId;
use samovar_store::{StoreError, Tx, params, query};

query! {
    static CONTACT = concat!(
        "SELECT ", contact_columns!(), " FROM identity i \
         JOIN contact c ON c.tenant_id = i.tenant_id AND c.id = i.contact_id \
         WHERE i.tenant_id = $1 AND i.channel_id = $2 AND i.external_id = $3 AND c.erased_at IS NULL \
         AND c.staff_side = FALSE"
    );
}

/// The contact who writes to a channel under a messenger's id.
pub(super) async fn contact(
    tx: &Tx,
    channel: ChannelId,
    person: &str,
) -> Result<Option<Contact>, StoreError> {
    tx.one(&CONTACT, params![channel, person]).await?.map(|row| Contact::from_row(&row, 0)).transpose()
}
