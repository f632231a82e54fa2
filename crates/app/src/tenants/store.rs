//! The SQL of companies.

use samovar_store::{query, table_write};

query! {
    pub(super) static TENANT =
        "SELECT tenant_id, key, name, zone, locale, settings, revision, created_at FROM tenant WHERE tenant_id = $1";
}

query! {
    instance pub(super) static TENANTS =
        "SELECT tenant_id, key, name, zone, locale, settings, revision, created_at FROM tenant \
         WHERE tenant_id > $1 ORDER BY tenant_id LIMIT $2";
    instance pub(super) static TENANT_BY_KEY =
        "SELECT tenant_id, key, name, zone, locale, settings, revision, created_at FROM tenant WHERE key = $1";
    /// Decides between two that create the same company at once.
    instance pub(super) static TENANT_CREATE =
        "INSERT INTO tenant (tenant_id, key, name, zone, locale, settings, revision, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, 1, $7) ON CONFLICT DO NOTHING";
}

table_write! {
    // By its short name, which never changes: the tenant's id is part of every key anyway.
    pub(super) static TENANT_SAVE = update tenant key(key text) guard(revision int)
        set(revision int, name text, zone text, locale text, settings text);
}
