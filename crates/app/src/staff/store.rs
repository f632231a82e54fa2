//! The SQL of staff and keys.

use samovar_store::{query, table_write};

query! {
    pub(super) static STAFF_ALL =
        "SELECT id, email, name, role, password_hash, disabled_at, revision, created_at FROM staff \
         WHERE tenant_id = $1 ORDER BY id LIMIT 1000";
    pub(super) static STAFF_BY_ID =
        "SELECT id, email, name, role, password_hash, disabled_at, revision, created_at FROM staff \
         WHERE tenant_id = $1 AND id = $2";
    pub(super) static STAFF_BY_EMAIL =
        "SELECT id, email, name, role, password_hash, disabled_at, revision, created_at FROM staff \
         WHERE tenant_id = $1 AND email = $2";
    pub(super) static OTHER_OWNERS =
        "SELECT COUNT(*) FROM staff \
         WHERE tenant_id = $1 AND id <> $2 AND role = 'owner' AND disabled_at IS NULL";
    pub(super) static KEYS_ALL =
        "SELECT id, name, scopes, created_by, created_at, last_used_at, revoked_at FROM api_key \
         WHERE tenant_id = $1 ORDER BY id DESC LIMIT 1000";
    pub(super) static KEY_BY_ID =
        "SELECT id, name, scopes, created_by, created_at, last_used_at, revoked_at FROM api_key \
         WHERE tenant_id = $1 AND id = $2";
    pub(super) static KEY_BY_HASH =
        "SELECT id, name, scopes, created_by, created_at, last_used_at, revoked_at FROM api_key \
         WHERE tenant_id = $1 AND secret_hash = $2";
}

table_write! {
    pub(super) static STAFF_NEW = insert staff key(id int)
        set(email text, name text, role text, disabled_at int, revision int, created_at int);
    pub(super) static STAFF_SAVE = update staff key(id int) guard(revision int)
        set(revision int, name text, role text, disabled_at int);
    pub(super) static KEY_NEW = insert api_key key(id int)
        set(name text, secret_hash text, scopes text, created_by text, created_at int);
    pub(super) static KEY_SAVE = update api_key key(id int) set(name text, scopes text, revoked_at int);
}
