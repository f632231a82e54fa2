//! Messages to many, inside a unit: where to write to them is read at once, and the rows wait for their turn.

use super::bucket;
use super::outbound::{Class, Policy, Recipient};
use super::store::{OUTBOUND_ADD, STATE_WAITING};
use crate::app::App;
use crate::ledger::ids;
use crate::problem::Fail;
use samovar_base::message::Body;
use samovar_base::{ChannelId, ContactId, Instant, OutboundId};
use samovar_connectors::draw;
use samovar_store::{Tx, params, query};
use std::collections::HashMap;

query! {
    static REACHABLE =
        "SELECT i.contact_id, i.channel_id, i.chat FROM json_each($2) AS given
         CROSS JOIN identity i ON i.tenant_id = $1 AND i.contact_id = given.value AND i.blocked_at IS NULL
         ORDER BY i.contact_id, i.created_at DESC",
        postgres =
        "SELECT i.contact_id, i.channel_id, i.chat
         FROM jsonb_array_elements_text(CAST(CAST($2 AS TEXT) AS JSONB)) AS given(value)
         CROSS JOIN LATERAL (SELECT x.* FROM identity x
             WHERE x.tenant_id = $1 AND x.contact_id = CAST(given.value AS BIGINT) AND x.blocked_at IS NULL OFFSET 0) i
         ORDER BY i.contact_id, i.created_at DESC";
}

/// Where contacts can be written to, as [`super::recipient`] tells of one. Who cannot be reached is not in it.
pub async fn recipients_of_many(
    app: &App,
    tx: &Tx,
    contacts: &[ContactId],
) -> Result<HashMap<ContactId, Recipient>, Fail> {
    let mut found = HashMap::with_capacity(contacts.len());
    for row in tx.all(&REACHABLE, params![ids(contacts)]).await? {
        let contact: ContactId = row.id(0)?;
        let channel: ChannelId = row.id(1)?;
        if !found.contains_key(&contact)
            && let Some(channel) = app.directory.channel(channel)
        {
            found.insert(contact, Recipient { channel, chat: row.text(2)?.into(), contact });
        }
    }
    Ok(found)
}

/// Queues a message as rows of the unit: they wait in the table, however many they are, until the node that holds
/// their conversation has room for them. `cause` is [`Cause::to_json`](crate::visit::Cause::to_json).
/// The rows in the order of the parts.
pub fn queue(
    app: &App,
    tx: &Tx,
    to: &Recipient,
    body: &Body,
    class: Class,
    cause: &str,
    now: Instant,
) -> Vec<OutboundId> {
    let place = bucket::of(to.channel.id, &to.chat);
    let mut ids = Vec::with_capacity(1);
    for drawn in draw(body, to.channel.messenger.limits(), &to.channel.locale) {
        let id = OutboundId::new(&app.ids, app.clock.as_ref());
        ids.push(id);
        let row = params![
            id,
            to.channel.id,
            to.contact,
            &*to.chat,
            bucket::number(place),
            class as i64,
            Policy::Keep as i64,
            serde_json::to_string(&drawn).unwrap_or_default(),
            STATE_WAITING,
            now,
            0_i64,
            cause,
            to.channel.page,
            now
        ];
        tx.put(&OUTBOUND_ADD, row);
    }
    ids
}
