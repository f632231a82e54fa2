//! The statements of channels.

use samovar_store::{query, table_write};

table_write! {
    pub(super) static CHANNEL_ADD = insert channel key(id int)
        set(key text, messenger text, name text, hook text, token_sealed bytes, secret_sealed bytes, settings text, state text,
            revision int, created_at int);
    pub(super) static CHANNEL_SAVE = update channel key(id int) guard(revision int)
        set(name text, hook text, token_sealed bytes, secret_sealed bytes, settings text, state text, state_reason text, revision int);
    pub(super) static CHANNEL_KNOWN = update channel key(id int) set(identity text);
    pub(super) static CHANNEL_GONE = delete channel key(id int);
    pub(super) static PICTURE_PUT = upsert channels_picture key(channel_id int) set(media_type text, sha256 text, bytes bytes);
    pub(super) static RUNS_ADD = insert channel_scenario key(channel_id int, scenario_id int) set(position int);
}

query! {
    pub(super) static CHANNEL_BY_KEY = "SELECT id, messenger, name, token_sealed, settings, state, state_reason, revision, created_at, hook, key, secret_sealed \
        FROM channel WHERE tenant_id = $1 AND key = $2";
    pub(super) static CHANNEL_BY_ID = "SELECT id, messenger, name, token_sealed, settings, state, state_reason, revision, created_at, hook, key, secret_sealed \
        FROM channel WHERE tenant_id = $1 AND id = $2";
    pub(super) static CHANNEL_LIST = "SELECT id, messenger, name, token_sealed, settings, state, state_reason, revision, created_at, hook, key, secret_sealed \
        FROM channel WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    pub(super) static PICTURE_OF = "SELECT media_type, sha256, bytes FROM channels_picture WHERE tenant_id = $1 AND channel_id = $2";
    pub(super) static PICTURE_GONE = "DELETE FROM channels_picture WHERE tenant_id = $1 AND channel_id = $2";
    pub(super) static PICTURE_TAG = "SELECT sha256 FROM channels_picture WHERE tenant_id = $1 AND channel_id = $2";
    pub(super) static RUNS_OF = "SELECT s.id, s.key FROM channel_scenario b \
        JOIN scenario s ON s.tenant_id = b.tenant_id AND s.id = b.scenario_id \
        WHERE b.tenant_id = $1 AND b.channel_id = $2 ORDER BY b.position";
    pub(super) static RUNS_CLEAR = "DELETE FROM channel_scenario WHERE tenant_id = $1 AND channel_id = $2";
    pub(super) static SCENARIO_BY_KEY = "SELECT id FROM scenario WHERE tenant_id = $1 AND key = $2";
    pub(super) static CHANNEL_BREAK = "UPDATE channel SET state = 'broken', state_reason = $3, revision = revision + 1 \
        WHERE tenant_id = $1 AND id = $2 AND state = 'on'";
    pub(super) static CHAT_OF = "SELECT contact_id, chat FROM identity \
        WHERE tenant_id = $1 AND channel_id = $2 AND contact_id = $3 AND blocked_at IS NULL LIMIT 1";
    /// Somebody of the staff is the same person in every bot of their messenger.
    pub(super) static OWN_CHAT = "SELECT theirs.contact_id, theirs.chat FROM staff_chat c \
        JOIN identity mine ON mine.tenant_id = c.tenant_id AND mine.contact_id = c.contact_id \
        JOIN identity theirs ON theirs.tenant_id = c.tenant_id AND theirs.channel_id = $2 \
            AND theirs.external_id = mine.external_id \
        WHERE c.tenant_id = $1 AND c.staff_id = $3 AND theirs.blocked_at IS NULL LIMIT 1";
    /// When somebody last wrote: the end of an index.
    pub(super) static LAST_RECEIVED = "SELECT MAX(received_at) FROM inbound WHERE tenant_id = $1 AND channel_id = $2";
    /// Looked for among the company's latest messages only.
    pub(super) static LAST_SENT = "SELECT MAX(l.sent_at) FROM (SELECT channel_id, sent_at FROM outbound \
        WHERE tenant_id = $1 ORDER BY id DESC LIMIT 2000) AS l WHERE l.channel_id = $2";
    pub(super) static OPEN_MESSAGES = "SELECT o.state, o.note, COUNT(*) FROM (SELECT state, note FROM outbound \
        WHERE tenant_id = $1 AND state IN (0, 3, 4) AND state <> 1 AND state <> 2 AND channel_id = $2 AND (state = 0 OR created_at >= $3) \
        ORDER BY state, id DESC LIMIT $4) AS o GROUP BY o.state, o.note ORDER BY 3 DESC LIMIT 100";
    pub(super) static ENTRIES = "SELECT e.tag, e.title, e.created_at, \
        (SELECT COUNT(*) FROM contact c WHERE c.tenant_id = $1 AND c.source = e.tag AND c.staff_side = FALSE), \
        (SELECT COUNT(*) FROM contact c WHERE c.tenant_id = $1 AND c.source = e.tag AND c.staff_side = FALSE AND c.registered_at IS NOT NULL) \
        FROM channels_entry e WHERE e.tenant_id = $1 AND e.channel_id = $2 ORDER BY e.created_at, e.tag LIMIT $3";
    pub(super) static ENTRIES_COUNT = "SELECT COUNT(*) FROM channels_entry WHERE tenant_id = $1 AND channel_id = $2";
    pub(super) static ENTRY_PUT = "INSERT INTO channels_entry (tenant_id, tag, channel_id, title, created_at) \
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant_id, tag) DO UPDATE SET title = excluded.title \
        WHERE channels_entry.channel_id = excluded.channel_id";
    pub(super) static ENTRY_GONE = "DELETE FROM channels_entry WHERE tenant_id = $1 AND tag = $2 AND channel_id = $3";
    pub(super) static SAID_BY_BOT = "SELECT id, vendor_message, body, created_at FROM outbound \
        WHERE tenant_id = $1 AND channel_id = $2 AND chat = $3 AND id > $4 AND state IN (1, 2, 3) AND page = TRUE ORDER BY id DESC LIMIT $5";
    pub(super) static SAID_BY_PERSON = "SELECT raw, received_at FROM inbound \
        WHERE tenant_id = $1 AND channel_id = $2 AND dedup >= $3 AND dedup < $4 ORDER BY received_at DESC LIMIT $5";
}
