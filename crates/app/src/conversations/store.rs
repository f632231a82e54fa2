//! The SQL of conversations. The list itself is put together in `list.rs`, the lines of one in `thread.rs`.

use super::model::conversation_columns;
use samovar_store::{query, table_write};

query! {
    pub(super) static ONE = concat!(
        "SELECT ", conversation_columns!(), " FROM conversation v \
         JOIN contact c ON c.tenant_id = v.tenant_id AND c.id = v.contact_id \
         WHERE v.tenant_id = $1 AND v.contact_id = $2 AND v.channel_id = $3"
    );
    pub(super) static OF_CONTACT = concat!(
        "SELECT ", conversation_columns!(), " FROM conversation v \
         JOIN contact c ON c.tenant_id = v.tenant_id AND c.id = v.contact_id \
         WHERE v.tenant_id = $1 AND v.contact_id = $2 ORDER BY v.last_at DESC LIMIT 50"
    );
    // Each change of whose it is tells by its count whether it was still as its maker saw it.
    pub(super) static ASSIGN =
        "UPDATE conversation SET state = 2, assignee = $4, snoozed_until = NULL, revision = revision + 1 \
         WHERE tenant_id = $1 AND contact_id = $2 AND channel_id = $3 AND revision = $5";
    pub(super) static RELEASE =
        "UPDATE conversation SET state = CASE WHEN state = 2 THEN 1 ELSE state END, assignee = NULL, \
             snoozed_until = NULL, revision = revision + 1 \
         WHERE tenant_id = $1 AND contact_id = $2 AND channel_id = $3 AND revision = $4";
    pub(super) static CLOSE =
        "UPDATE conversation SET state = 3, assignee = NULL, unread = 0, waiting_since = NULL, reason = '', \
             snoozed_until = NULL, revision = revision + 1 \
         WHERE tenant_id = $1 AND contact_id = $2 AND channel_id = $3 AND state <> 3";
    pub(super) static READ =
        "UPDATE conversation SET unread = $4 \
         WHERE tenant_id = $1 AND contact_id = $2 AND channel_id = $3 AND unread <> $4";
    pub(super) static SNOOZE =
        "UPDATE conversation SET snoozed_until = $4, unread = 0 \
         WHERE tenant_id = $1 AND contact_id = $2 AND channel_id = $3 AND state IN (1, 2)";
    pub(super) static COUNTS =
        "SELECT (SELECT COUNT(*) FROM conversation WHERE tenant_id = $1 AND assignee = $2 AND assignee IS NOT NULL \
                     AND state = 2 AND (snoozed_until IS NULL OR snoozed_until <= $3)), \
                (SELECT COUNT(*) FROM conversation WHERE tenant_id = $1 AND assignee = $2 AND assignee IS NOT NULL \
                     AND state = 2 AND unread > 0 AND (snoozed_until IS NULL OR snoozed_until <= $3)), \
                (SELECT COUNT(*) FROM (SELECT 1 FROM conversation WHERE tenant_id = $1 AND state = 1 \
                     AND (snoozed_until IS NULL OR snoozed_until <= $3) LIMIT 10000) AS few), \
                (SELECT COUNT(*) FROM (SELECT 1 FROM conversation WHERE tenant_id = $1 AND state = 0 LIMIT 10000) AS more)";
    pub(super) static PEOPLE =
        "SELECT id, name, role, disabled_at FROM staff WHERE tenant_id = $1 ORDER BY name, id LIMIT 1000";
    pub(super) static SCENARIOS = "SELECT key, name FROM scenario WHERE tenant_id = $1 ORDER BY key LIMIT 1000";
    pub(super) static REPLIES =
        "SELECT id, staff_id, name, text, revision FROM conversation_reply \
         WHERE tenant_id = $1 AND (staff_id IS NULL OR staff_id = $2) ORDER BY name, id LIMIT 500";
    pub(super) static REPLY =
        "SELECT id, staff_id, name, text, revision FROM conversation_reply WHERE tenant_id = $1 AND id = $2";
    pub(super) static PICTURE_OF =
        "SELECT raw, contact_id FROM inbound \
         WHERE tenant_id = $1 AND channel_id = $2 AND dedup = $3 AND source = 'update'";
}

table_write! {
    pub(super) static REPLY_NEW = insert conversation_reply key(id int)
        set(staff_id int, name text, text text, revision int, created_at int);
    pub(super) static REPLY_SAVE = update conversation_reply key(id int) guard(revision int)
        set(staff_id int, name text, text text, revision int);
    pub(super) static REPLY_GONE = delete conversation_reply key(id int);
}
