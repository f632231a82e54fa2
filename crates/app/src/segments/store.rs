//! The SQL of saved segments.

use samovar_store::{query, table_write};

query! {
    pub(super) static SEGMENT =
        "SELECT id, name, document, revision, created_at, updated_at FROM segment WHERE tenant_id = $1 AND id = $2";
    pub(super) static SEGMENTS =
        "SELECT id, name, document, revision, created_at, updated_at FROM segment
         WHERE tenant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
    pub(super) static NAMED = "SELECT id FROM segment WHERE tenant_id = $1 AND name = $2";
    pub(super) static SEGMENT_COUNT = "SELECT COUNT(*) FROM segment WHERE tenant_id = $1";
}

table_write! {
    pub(super) static SEGMENT_NEW = insert segment key(id int)
        set(name text, document text, revision int, created_at int, updated_at int);
    pub(super) static SEGMENT_SAVE = update segment key(id int) guard(revision int)
        set(revision int, name text, document text, updated_at int);
    pub(super) static SEGMENT_GONE = delete segment key(id int) guard(revision int);
}
