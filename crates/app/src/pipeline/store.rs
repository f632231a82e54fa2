//! The statements of the one flow.

use samovar_store::{query, table_write};

/// An inbound row nobody has handled yet.
pub(super) const STATE_NEW: i64 = 0;
/// Handled: its effects are in the tables.
pub(super) const STATE_DONE: i64 = 1;
/// Kept raw; there was nothing to do.
pub(super) const STATE_SKIPPED: i64 = 2;
/// Could not be handled however often it was tried.
pub(super) const STATE_DEAD: i64 = 3;

/// An event of the business that waits until it would take the person away from nothing.
pub(super) const STATE_LATER: i64 = 4;

/// An outbound row that waits for its time.
pub(super) const STATE_WAITING: i64 = 0;
/// In the hands of a node.
pub(super) const STATE_SENDING: i64 = 1;
/// At the messenger.
pub(super) const STATE_SENT: i64 = 2;
/// Perhaps at the messenger; nobody will ever know.
pub(super) const STATE_UNSURE: i64 = 3;
/// Surely not at the messenger, and given up.
pub(super) const STATE_FAILED: i64 = 4;

table_write! {
    pub(super) static INBOUND_ADD = add inbound key(channel_id int, dedup text)
        set(bucket int, position int, source text, raw bytes, state int, note text, received_at int);
    pub(super) static INBOUND_ENDED = update inbound key(channel_id int, dedup text) guard(state int)
        set(state int, contact_id int, note text);

    pub(super) static OUTBOUND_ADD = insert outbound key(id int)
        set(channel_id int, contact_id int, chat text, bucket int, class int, policy int, body text, state int, due_at int,
            attempts int, cause text, page bool, created_at int);
    pub(super) static OUTBOUND_SENT = update outbound key(id int)
        set(state int, vendor_message text, attempts int, sent_at int);
    pub(super) static OUTBOUND_ENDED = update outbound key(id int) set(state int, note text, attempts int);
    pub(super) static OUTBOUND_LATER = update outbound key(id int) set(state int, due_at int, note text, attempts int);
    pub(super) static OUTBOUND_BACK = update outbound key(id int) guard(state int, attempts int)
        set(state int, due_at int, attempts int);
    pub(super) static OUTBOUND_CLAIM = update outbound key(id int) guard(state int, attempts int) set(state int, attempts int);

    pub(super) static SESSION_ADD = insert session key(channel_id int, contact_id int)
        set(state text, revision int, updated_at int);
    pub(super) static SESSION_SAVE = update session key(channel_id int, contact_id int) guard(revision int)
        set(state text, revision int, updated_at int);

    pub(super) static TIMER_SET = upsert timer key(channel_id int, contact_id int, key text)
        set(bucket int, chat text, due_at int, held_since int);
    /// One that was held is due now; since when it is overdue stays.
    pub(super) static TIMER_RELEASE = update timer key(channel_id int, contact_id int, key text) guard(due_at int) set(due_at int);

    pub(super) static MEDIA_KEEP = upsert media_upload key(channel_id int, key text) set(vendor_id text, uploaded_at int);
}

query! {
    /// Not held back: whether the row still waits decides.
    pub(super) static INBOUND_AGAIN =
        "UPDATE inbound SET state = 0 WHERE tenant_id = $1 AND channel_id = $2 AND dedup = $3 AND state = 4";
    /// Whether anything of a class waits for its turn.
    pub(super) static OUTBOUND_WAITS =
        "SELECT 1 FROM outbound WHERE state < 2 AND state = 0 AND channel_id = $2 AND class = $3 AND tenant_id = $1 LIMIT 1";
    pub(super) static INBOUND_STATE = "SELECT state FROM inbound WHERE tenant_id = $1 AND channel_id = $2 AND dedup = $3";
    pub(super) static TIMERS_HELD =
        "SELECT contact_id, key FROM timer WHERE tenant_id = $1 AND channel_id = $2 AND due_at = 9223372036854775807 \
         ORDER BY contact_id, key LIMIT $3";
    pub(super) static TIMER_CANCEL = "DELETE FROM timer WHERE tenant_id = $1 AND channel_id = $2 AND contact_id = $3 AND key = $4";
    pub(super) static MEDIA_KNOWN = "SELECT vendor_id FROM media_upload WHERE tenant_id = $1 AND channel_id = $2 AND key = $3";
    pub(super) static IDENTITY_BLOCK = "UPDATE identity SET blocked_at = $4 WHERE tenant_id = $1 AND channel_id = $2 AND contact_id = $3";
    pub(super) static MEDIA_FORGET = "DELETE FROM media_upload WHERE tenant_id = $1 AND channel_id = $2 AND key = $3";
}

/// As [`ready`](super::resume::ready) reads it.
macro_rules! outbound_row {
    () => {
        "SELECT tenant_id, id, channel_id, contact_id, chat, class, policy, body, state, attempts, created_at FROM outbound "
    };
}

query! {
    // What a node takes up of a bucket it has gained: the open work of all companies.
    instance pub(super) static INBOUND_OPEN =
        "SELECT tenant_id, channel_id, dedup, position, source, raw, received_at FROM inbound \
         WHERE state = 0 AND bucket = $1 AND received_at >= $2 ORDER BY received_at, dedup LIMIT 500";
    // Events that wait for longer than events wait: a hint about them was lost.
    instance pub(super) static INBOUND_LOST = "SELECT DISTINCT bucket FROM inbound WHERE state = 0 AND received_at <= $1";
    instance pub(super) static OUTBOUND_OPEN = concat!(outbound_row!(),
        "WHERE state < 2 AND state = 1 AND bucket IN (SELECT value FROM json_each($1)) AND id > $2 ORDER BY id LIMIT 500"),
        postgres = concat!(outbound_row!(),
        "WHERE state < 2 AND state = 1 AND bucket IN (SELECT CAST(value AS BIGINT) \
            FROM jsonb_array_elements_text(CAST(CAST($1 AS TEXT) AS JSONB)) AS held(value)) AND id > $2 ORDER BY id LIMIT 500");
    // What waits is read by ranges of `outbound_open` alone, however much waits. SQLite takes the index only when its
    // condition is said word for word. The channels first, each by one step in the index;
    instance pub(super) static OUTBOUND_CHANNELS =
        "WITH RECURSIVE lane(channel_id) AS ( \
            SELECT MIN(channel_id) FROM outbound WHERE state < 2 AND state = 0 \
            UNION ALL \
            SELECT (SELECT MIN(o.channel_id) FROM outbound o WHERE o.state < 2 AND o.state = 0 AND o.channel_id > lane.channel_id) \
            FROM lane WHERE lane.channel_id IS NOT NULL) \
         SELECT channel_id FROM lane WHERE channel_id IS NOT NULL";
    // then which buckets of some of them have due rows of a class, those of the oldest row first;
    instance pub(super) static OUTBOUND_PLACES =
        "SELECT channel_id, bucket, first_at FROM ( \
            SELECT lane.value AS channel_id, held.value AS bucket, \
                (SELECT o.due_at FROM outbound o WHERE o.state < 2 AND o.state = 0 AND o.channel_id = lane.value \
                    AND o.class = $3 AND o.bucket = held.value ORDER BY o.due_at LIMIT 1) AS first_at \
            FROM json_each($1) AS lane CROSS JOIN json_each($2) AS held) AS place \
         WHERE first_at <= $4 ORDER BY first_at, channel_id, bucket",
        postgres =
        "SELECT channel_id, bucket, first_at FROM ( \
            SELECT CAST(lane.value AS BIGINT) AS channel_id, CAST(held.value AS BIGINT) AS bucket, \
                (SELECT o.due_at FROM outbound o WHERE o.state < 2 AND o.state = 0 AND o.channel_id = CAST(lane.value AS BIGINT) \
                    AND o.class = $3 AND o.bucket = CAST(held.value AS BIGINT) ORDER BY o.due_at LIMIT 1) AS first_at \
            FROM jsonb_array_elements_text(CAST(CAST($1 AS TEXT) AS JSONB)) AS lane(value) \
            CROSS JOIN jsonb_array_elements_text(CAST(CAST($2 AS TEXT) AS JSONB)) AS held(value)) AS place \
         WHERE first_at <= $4 ORDER BY first_at, channel_id, bucket";
    // and of such a bucket as many rows as there is room for.
    instance pub(super) static OUTBOUND_DUE = concat!(outbound_row!(),
        "WHERE state < 2 AND state = 0 AND channel_id = $1 AND class = $2 AND bucket = $3 AND due_at <= $4 \
         ORDER BY due_at, id LIMIT $5");
    instance pub(super) static TIMER_DUE =
        "SELECT tenant_id, channel_id, contact_id, key, chat, due_at, held_since FROM timer \
         WHERE bucket = $1 AND due_at <= $2 ORDER BY due_at LIMIT 500";
    instance pub(super) static OPEN_COUNTS =
        "SELECT (SELECT COUNT(*) FROM inbound WHERE state = 0), (SELECT COUNT(*) FROM outbound WHERE state < 2)";
}
