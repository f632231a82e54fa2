//! The SQL of scenarios.

use samovar_store::{query, table_write};

query! {
    pub(super) static SCENARIOS =
        "SELECT id, key, name, published, revision, created_at, updated_at FROM scenario \
         WHERE tenant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
    pub(super) static SCENARIO_BY_KEY =
        "SELECT id, key, name, published, revision, created_at, updated_at FROM scenario \
         WHERE tenant_id = $1 AND key = $2";
    pub(super) static DRAFT_BY_KEY =
        "SELECT id, key, name, published, revision, created_at, updated_at, draft FROM scenario \
         WHERE tenant_id = $1 AND key = $2";
    pub(super) static VERSIONS =
        "SELECT version, source_hash, published_at, published_by FROM scenario_version \
         WHERE tenant_id = $1 AND scenario_id = $2 AND version < $3 ORDER BY version DESC LIMIT $4";
    pub(super) static SOURCE =
        "SELECT source FROM scenario_version WHERE tenant_id = $1 AND scenario_id = $2 AND version = $3";
    pub(super) static SOURCE_HASH =
        "SELECT source_hash FROM scenario_version WHERE tenant_id = $1 AND scenario_id = $2 AND version = $3";
}

table_write! {
    pub(super) static SCENARIO_NEW = insert scenario key(id int)
        set(key text, name text, draft text, revision int, created_at int, updated_at int);
    pub(super) static DRAFT_SAVE = update scenario key(id int) guard(revision int)
        set(revision int, name text, draft text, updated_at int);
    pub(super) static PUBLISHED_SAVE = update scenario key(id int) guard(revision int)
        set(revision int, published int);
    pub(super) static VERSION_NEW = insert scenario_version key(scenario_id int, version int)
        set(source text, source_hash text, published_at int, published_by text);
}
