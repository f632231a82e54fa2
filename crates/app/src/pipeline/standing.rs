//! How things stand between a person and a channel: read by one query, at the beginning of a unit.

use super::store::{SESSION_ADD, SESSION_SAVE};
use crate::app::App;
use crate::contacts::{self, Contact, contact_columns};
use crate::directory::ChannelInfo;
use crate::problem::Fail;
use samovar_base::message::Incoming;
use samovar_base::{ChannelId, ContactId, Instant};
use samovar_engine::Session;
use samovar_store::{Row, Tx, params, query};

macro_rules! standing {
    ($who:literal) => {
        concat!(
            "SELECT i.blocked_at, s.state, s.revision, ",
            contact_columns!(),
            " FROM identity i \
             JOIN contact c ON c.tenant_id = i.tenant_id AND c.id = i.contact_id \
             LEFT JOIN session s ON s.tenant_id = i.tenant_id AND s.channel_id = i.channel_id AND s.contact_id = i.contact_id \
             WHERE i.tenant_id = $1 AND i.channel_id = $2 AND ",
            $who
        )
    };
}

query! {
    static OF_PERSON = standing!("i.external_id = $3");
    static OF_CONTACT = standing!("i.contact_id = $3 AND i.chat = $4");
}

/// A person, as this channel knows them.
pub struct Standing {
    /// Who.
    pub contact: Contact,
    /// Where they are in the channel's scenario.
    pub session: Option<Session>,
    /// The session's row as it was read; none when there is no row.
    pub revision: Option<i64>,
    /// They forbade the bot to write.
    pub blocked: bool,
}

/// By the messenger's id of a person.
pub async fn of_person(tx: &Tx, channel: ChannelId, external_id: &str) -> Result<Option<Standing>, Fail> {
    tx.one(&OF_PERSON, params![channel, external_id]).await?.map(|row| read(&row)).transpose()
}

/// By contact and conversation.
pub async fn of_contact(
    tx: &Tx,
    channel: ChannelId,
    contact: ContactId,
    chat: &str,
) -> Result<Option<Standing>, Fail> {
    tx.one(&OF_CONTACT, params![channel, contact, chat]).await?.map(|row| read(&row)).transpose()
}

/// A person who writes for the first time becomes a contact.
pub fn meet(app: &App, tx: &Tx, channel: &ChannelInfo, incoming: &Incoming, now: Instant) -> Standing {
    let mut contact = Contact::new(ContactId::new(&app.ids, app.clock.as_ref()), &channel.locale, now);
    contact.staff_side = channel.audience.is_staff();
    contact.last_seen_at = Some(now);
    contacts::create(tx, &contact);
    contacts::add_identity(tx, channel.id, contact.id, &incoming.chat, &incoming.person, now);
    Standing { contact, session: None, revision: None, blocked: false }
}

/// Writes the session back, guarded by what was read.
pub fn save_session(
    tx: &Tx,
    channel: ChannelId,
    contact: ContactId,
    session: &Session,
    revision: Option<i64>,
    now: Instant,
) {
    let state = serde_json::to_string(session).unwrap_or_default();
    match revision {
        None => tx.put(&SESSION_ADD, params![channel, contact, state, 1_i64, now]),
        Some(read) => tx.put(&SESSION_SAVE, params![channel, contact, read, state, read + 1, now]),
    }
}

/// A session that cannot be read (written by a much newer program) is begun anew rather than blocking the person.
fn read(row: &Row) -> Result<Standing, Fail> {
    let session = row.opt_text(1)?.and_then(|state| match serde_json::from_str(state) {
        Ok(session) => Some(session),
        Err(error) => {
            tracing::error!(%error, "a session cannot be read and is begun anew");
            None
        }
    });
    Ok(Standing {
        session,
        revision: row.opt_int(2)?,
        blocked: row.opt_int(0)?.is_some(),
        contact: Contact::from_row(row, 3)?,
    })
}
