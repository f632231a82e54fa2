//! The SQL of contacts.

use super::model::{contact_columns, identity_columns};
use samovar_store::{query, table_write};

query! {
    pub(super) static CONTACT_BY_ID =
        concat!("SELECT ", contact_columns!(), " FROM contact c WHERE c.tenant_id = $1 AND c.id = $2 \
                AND c.staff_side = FALSE");
    /// The youngest first, as all lists. The staff's side is in none, and is not found by id.
    pub(super) static CONTACTS = concat!(
        "SELECT ", contact_columns!(), " FROM contact c WHERE c.tenant_id = $1 AND c.id < $2 AND c.staff_side = FALSE \
         ORDER BY c.id DESC LIMIT $3"
    );
    pub(super) static CONTACTS_BY_PHONE = concat!(
        "SELECT ", contact_columns!(), " FROM contact c WHERE c.tenant_id = $1 AND c.id < $2 AND c.phone = $4 \
         AND c.staff_side = FALSE          ORDER BY c.id DESC LIMIT $3"
    );
    pub(super) static CONTACTS_BY_NAME = concat!(
        "SELECT ", contact_columns!(), " FROM contact c WHERE c.tenant_id = $1 AND c.id < $2 \
         AND c.name_key LIKE $4 ESCAPE '!' AND c.staff_side = FALSE ORDER BY c.id DESC LIMIT $3"
    );
    pub(super) static CONTACTS_BY_TAG = concat!(
        "SELECT ", contact_columns!(), " FROM contact_tag t JOIN contact c ON c.tenant_id = t.tenant_id \
         AND c.id = t.contact_id WHERE t.tenant_id = $1 AND t.contact_id < $2 AND t.tag = $4 \
         AND c.staff_side = FALSE          ORDER BY t.contact_id DESC LIMIT $3"
    );
    /// As whom nobody writes, and who could be the person with this phone.
    pub(super) static UNHEARD_WITH_PHONE = concat!(
        "SELECT ", contact_columns!(), " FROM contact c WHERE c.tenant_id = $1 AND c.phone = $2 AND c.id <> $3 \
         AND c.erased_at IS NULL AND c.staff_side = FALSE AND NOT EXISTS (SELECT 1 FROM identity i \
             WHERE i.tenant_id = c.tenant_id AND i.contact_id = c.id) ORDER BY c.id LIMIT 2"
    );
    pub(super) static IDENTITIES_OF = concat!(
        "SELECT ", identity_columns!(), " FROM identity i WHERE i.tenant_id = $1 AND i.contact_id = $2 \
         ORDER BY i.created_at, i.channel_id, i.external_id"
    );
    pub(super) static IDENTITY_BLOCK =
        "UPDATE identity SET blocked_at = $4 \
         WHERE tenant_id = $1 AND channel_id = $2 AND external_id = $3 AND blocked_at IS NULL";
    pub(super) static IDENTITY_UNBLOCK =
        "UPDATE identity SET blocked_at = NULL \
         WHERE tenant_id = $1 AND channel_id = $2 AND external_id = $3 AND blocked_at IS NOT NULL";
    pub(super) static TAGS_OF =
        "SELECT tag, at FROM contact_tag WHERE tenant_id = $1 AND contact_id = $2 ORDER BY tag";
    pub(super) static CONSENTS_OF =
        "SELECT id, contact_id, purpose, version, text_hash, channel_id, given_at, revoked_at FROM consent \
         WHERE tenant_id = $1 AND contact_id = $2 ORDER BY id DESC";
    /// Not held back: what the same unit gave a moment ago must be seen.
    pub(super) static CONSENT_REVOKE =
        "UPDATE consent SET revoked_at = $4 \
         WHERE tenant_id = $1 AND contact_id = $2 AND purpose = $3 AND revoked_at IS NULL";
    pub(super) static CONSENTS_REVOKE_ALL =
        "UPDATE consent SET revoked_at = $3 WHERE tenant_id = $1 AND contact_id = $2 AND revoked_at IS NULL";
    pub(super) static CONSENT_TEXT_CURRENT =
        "SELECT purpose, version, text, text_hash, created_at FROM consent_text \
         WHERE tenant_id = $1 AND purpose = $2 ORDER BY version DESC LIMIT 1";
    pub(super) static CONSENT_TEXTS =
        "SELECT purpose, version, text, text_hash, created_at FROM consent_text \
         WHERE tenant_id = $1 ORDER BY purpose, version DESC LIMIT 1000";
}

table_write! {
    pub(super) static CONTACT_NEW = insert contact key(id int) set(
        revision int, name text, name_key text, phone text, phone_proved bool, birthday text, locale text,
        fields text, tags text, consents text, source text, registered_at int, stopped_at int, erased_at int,
        created_at int, staff_side bool, last_seen_at int
    );
    pub(super) static CONTACT_SAVE = update contact key(id int) guard(revision int) set(
        revision int, name text, name_key text, phone text, phone_proved bool, birthday text, locale text,
        fields text, tags text, consents text, source text, registered_at int, stopped_at int, erased_at int
    );
    pub(super) static CONTACT_SEEN = update contact key(id int) set(last_seen_at int);
    pub(super) static CONTACT_JOINED = update contact key(id int) set(joined_into int, staff_side bool);
    pub(super) static TAG_PUT = upsert contact_tag key(contact_id int, tag text) set(at int);
    pub(super) static TAG_GONE = delete contact_tag key(contact_id int, tag text);
    pub(super) static IDENTITY_NEW = insert identity key(channel_id int, external_id text) set(
        contact_id int, chat text, name text, handle text, language text, created_at int
    );
    pub(super) static CONSENT_NEW = add consent key(id int) set(
        contact_id int, purpose text, version int, text_hash text, channel_id int, given_at int
    );
    pub(super) static CONSENT_TEXT_NEW =
        insert consent_text key(purpose text, version int) set(text text, text_hash text, created_at int);
}

// What a person wrote and was told. A long way through the tables: read beside the writer lane.
query! {
    pub(super) static RECEIVED_FROM =
        "SELECT received_at, raw FROM inbound WHERE tenant_id = $1 AND contact_id = $2 AND source = 'update' \
         ORDER BY received_at DESC LIMIT $3";
    pub(super) static SENT_TO =
        "SELECT created_at, body FROM outbound WHERE tenant_id = $1 AND contact_id = $2 ORDER BY id DESC LIMIT $3";
}

// What erasure removes beyond the contact's own row. Found beside the writer lane, removed in bounded units.
query! {
    pub(super) static INBOUND_OF =
        "SELECT channel_id, dedup FROM inbound WHERE tenant_id = $1 AND contact_id = $2 AND raw <> $3 LIMIT $4";
    pub(super) static OUTBOUND_OF =
        "SELECT id FROM outbound WHERE tenant_id = $1 AND contact_id = $2 AND body <> $3 LIMIT $4";
    pub(super) static OUTBOUND_CANCEL =
        "UPDATE outbound SET state = 4, note = 'erased' WHERE tenant_id = $1 AND contact_id = $2 AND state = 0 AND state < 2";
    pub(super) static IDENTITIES_GONE = "DELETE FROM identity WHERE tenant_id = $1 AND contact_id = $2";
    pub(super) static SESSIONS_GONE = "DELETE FROM session WHERE tenant_id = $1 AND contact_id = $2";
    pub(super) static TIMERS_GONE = "DELETE FROM timer WHERE tenant_id = $1 AND contact_id = $2";
    pub(super) static LINES_GONE = "DELETE FROM conversation_line WHERE tenant_id = $1 AND contact_id = $2";
    pub(super) static CONVERSATIONS_GONE = "DELETE FROM conversation WHERE tenant_id = $1 AND contact_id = $2";
    pub(super) static FILES_GONE = "DELETE FROM file WHERE tenant_id = $1 AND contact_id = $2";
}

table_write! {
    pub(super) static INBOUND_BLANK = update inbound key(channel_id int, dedup text) set(raw bytes);
    pub(super) static OUTBOUND_BLANK = update outbound key(id int) set(body text, page bool);
}
