//! The SQL of scenarios.

use samovar_store::{query, table_write};

query! {
    pub(super) static PASSAGE_ADD =
        "INSERT INTO scenario_passage (tenant_id, scenario_id, day, step, port, version, times) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) \
         ON CONFLICT (tenant_id, scenario_id, day, step, port, version) \
         DO UPDATE SET times = scenario_passage.times + excluded.times";
    pub(super) static PASSAGES =
        "SELECT step, port, CAST(SUM(times) AS BIGINT) FROM scenario_passage \
         WHERE tenant_id = $1 AND scenario_id = $2 AND day >= $3 AND version >= $4 AND version <= $5 \
         GROUP BY step, port ORDER BY step, port";
    pub(super) static PUBLISHED_OTHERS =
        "SELECT s.key, s.name, v.source FROM scenario s \
         JOIN scenario_version v ON v.tenant_id = s.tenant_id AND v.scenario_id = s.id AND v.version = s.published \
         WHERE s.tenant_id = $1 AND s.key <> $2 ORDER BY s.id DESC LIMIT $3";
    pub(super) static BEGUN =
        "SELECT s.id, CAST(COALESCE((SELECT SUM(p.times) FROM scenario_passage p WHERE p.tenant_id = s.tenant_id \
            AND p.scenario_id = s.id AND p.day >= $2 AND p.step = ''), 0) AS BIGINT) \
         FROM scenario s WHERE s.tenant_id = $1 ORDER BY s.id";
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
