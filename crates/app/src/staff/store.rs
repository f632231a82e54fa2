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
    pub(super) static INVITATIONS =
        "SELECT id, name, role, staff_id, created_by, created_at, expires_at, state FROM staff_invitation \
         WHERE tenant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
    pub(super) static INVITATION_BY_ID =
        "SELECT id, name, role, staff_id, created_by, created_at, expires_at, state FROM staff_invitation \
         WHERE tenant_id = $1 AND id = $2";
    pub(super) static INVITATION_BY_SECRET =
        "SELECT id, name, role, staff_id, created_by, created_at, expires_at, state FROM staff_invitation \
         WHERE tenant_id = $1 AND secret_hash = $2";
    pub(super) static STAFF_OF_CHAT =
        "SELECT s.id, s.email, s.name, s.role, s.password_hash, s.disabled_at, s.revision, s.created_at FROM staff_chat c \
         JOIN staff s ON s.tenant_id = c.tenant_id AND s.id = c.staff_id \
         WHERE c.tenant_id = $1 AND c.contact_id = $2 AND s.disabled_at IS NULL";
    pub(super) static CHATS_OF_STAFF =
        "SELECT c.contact_id, s.role FROM staff_chat c \
         JOIN staff s ON s.tenant_id = c.tenant_id AND s.id = c.staff_id \
         WHERE c.tenant_id = $1 AND s.disabled_at IS NULL ORDER BY c.contact_id LIMIT 1000";
    pub(super) static CHATS_OF_ONE =
        "SELECT c.contact_id FROM staff_chat c \
         JOIN staff s ON s.tenant_id = c.tenant_id AND s.id = c.staff_id \
         WHERE c.tenant_id = $1 AND c.staff_id = $2 AND s.disabled_at IS NULL ORDER BY c.contact_id LIMIT 10";
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
    pub(super) static INVITATION_NEW = insert staff_invitation key(id int)
        set(secret_hash text, name text, role text, staff_id int, created_by text, created_at int, expires_at int, state int);
    /// Good once: whoever comes second finds another state and looks again.
    pub(super) static INVITATION_END = update staff_invitation key(id int) guard(state int) set(state int, staff_id int);
    pub(super) static CHAT_PUT = upsert staff_chat key(contact_id int) set(staff_id int, joined_at int);
    pub(super) static STAFF_NEW = insert staff key(id int)
        set(email text, name text, role text, disabled_at int, revision int, created_at int);
    pub(super) static STAFF_SAVE = update staff key(id int) guard(revision int)
        set(revision int, name text, role text, disabled_at int);
    pub(super) static KEY_NEW = insert api_key key(id int)
        set(name text, secret_hash text, scopes text, created_by text, created_at int);
    pub(super) static KEY_SAVE = update api_key key(id int) set(name text, scopes text, revoked_at int);
}
