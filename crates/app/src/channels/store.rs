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
    pub(super) static RUNS_ADD = insert channel_scenario key(channel_id int, scenario_id int) set(position int);
}

query! {
    pub(super) static CHANNEL_BY_KEY = "SELECT id, messenger, name, token_sealed, settings, state, state_reason, revision, created_at, hook, key, secret_sealed \
        FROM channel WHERE tenant_id = $1 AND key = $2";
    pub(super) static CHANNEL_BY_ID = "SELECT id, messenger, name, token_sealed, settings, state, state_reason, revision, created_at, hook, key, secret_sealed \
        FROM channel WHERE tenant_id = $1 AND id = $2";
    pub(super) static CHANNEL_LIST = "SELECT id, messenger, name, token_sealed, settings, state, state_reason, revision, created_at, hook, key, secret_sealed \
        FROM channel WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    pub(super) static RUNS_OF = "SELECT s.id, s.key FROM channel_scenario b \
        JOIN scenario s ON s.tenant_id = b.tenant_id AND s.id = b.scenario_id \
        WHERE b.tenant_id = $1 AND b.channel_id = $2 ORDER BY b.position";
    pub(super) static RUNS_CLEAR = "DELETE FROM channel_scenario WHERE tenant_id = $1 AND channel_id = $2";
    pub(super) static SCENARIO_BY_KEY = "SELECT id FROM scenario WHERE tenant_id = $1 AND key = $2";
    pub(super) static CHANNEL_BREAK = "UPDATE channel SET state = 'broken', state_reason = $3, revision = revision + 1 \
        WHERE tenant_id = $1 AND id = $2 AND state = 'on'";
    pub(super) static SAID_BY_BOT = "SELECT id, vendor_message, body, created_at FROM outbound \
        WHERE tenant_id = $1 AND channel_id = $2 AND chat = $3 AND id > $4 AND state IN (1, 2, 3) AND page = TRUE ORDER BY id DESC LIMIT $5";
    pub(super) static SAID_BY_PERSON = "SELECT raw, received_at FROM inbound \
        WHERE tenant_id = $1 AND channel_id = $2 AND dedup >= $3 AND dedup < $4 ORDER BY received_at DESC LIMIT $5";
}
