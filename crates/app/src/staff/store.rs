//! The SQL of staff and keys.

use samovar_store::{query, table_write};

query! {
    pub(super) static STAFF_ALL =
        "SELECT s.id, s.email, s.name, s.role, s.user_id, s.disabled_at, s.revision, s.created_at, s.role_id, r.title, r.rights, s.channels \
         FROM staff s LEFT JOIN staff_role r ON r.tenant_id = s.tenant_id AND r.id = s.role_id WHERE s.tenant_id = $1 ORDER BY s.id LIMIT 1000";
    pub(super) static STAFF_BY_ID =
        "SELECT s.id, s.email, s.name, s.role, s.user_id, s.disabled_at, s.revision, s.created_at, s.role_id, r.title, r.rights, s.channels \
         FROM staff s LEFT JOIN staff_role r ON r.tenant_id = s.tenant_id AND r.id = s.role_id WHERE s.tenant_id = $1 AND s.id = $2";
    pub(super) static STAFF_BY_EMAIL =
        "SELECT s.id, s.email, s.name, s.role, s.user_id, s.disabled_at, s.revision, s.created_at, s.role_id, r.title, r.rights, s.channels \
         FROM staff s LEFT JOIN staff_role r ON r.tenant_id = s.tenant_id AND r.id = s.role_id WHERE s.tenant_id = $1 AND s.email = $2";
    pub(super) static OTHER_OWNERS =
        "SELECT COUNT(*) FROM staff \
         WHERE tenant_id = $1 AND id <> $2 AND role = 'owner' AND disabled_at IS NULL";
    pub(super) static INVITATIONS =
        "SELECT s.id, s.name, s.role, s.staff_id, s.created_by, s.created_at, s.expires_at, s.state, s.role_id, r.title, r.rights, s.channels \
         FROM staff_invitation s LEFT JOIN staff_role r ON r.tenant_id = s.tenant_id AND r.id = s.role_id \
         WHERE s.tenant_id = $1 AND s.id < $2 ORDER BY s.id DESC LIMIT $3";
    pub(super) static INVITATION_BY_ID =
        "SELECT s.id, s.name, s.role, s.staff_id, s.created_by, s.created_at, s.expires_at, s.state, s.role_id, r.title, r.rights, s.channels \
         FROM staff_invitation s LEFT JOIN staff_role r ON r.tenant_id = s.tenant_id AND r.id = s.role_id \
         WHERE s.tenant_id = $1 AND s.id = $2";
    pub(super) static INVITATION_BY_SECRET =
        "SELECT s.id, s.name, s.role, s.staff_id, s.created_by, s.created_at, s.expires_at, s.state, s.role_id, r.title, r.rights, s.channels \
         FROM staff_invitation s LEFT JOIN staff_role r ON r.tenant_id = s.tenant_id AND r.id = s.role_id \
         WHERE s.tenant_id = $1 AND s.secret_hash = $2";
    pub(super) static STAFF_OF_CHAT =
        "SELECT s.id, s.email, s.name, s.role, s.user_id, s.disabled_at, s.revision, s.created_at, s.role_id, r.title, r.rights, s.channels \
         FROM staff_chat c JOIN staff s ON s.tenant_id = c.tenant_id AND s.id = c.staff_id LEFT JOIN staff_role r ON r.tenant_id = s.tenant_id AND r.id = s.role_id \
         WHERE c.tenant_id = $1 AND c.contact_id = $2 AND s.disabled_at IS NULL";
    pub(super) static CHATS_OF_STAFF =
        "SELECT c.contact_id, s.role FROM staff_chat c \
         JOIN staff s ON s.tenant_id = c.tenant_id AND s.id = c.staff_id \
         WHERE c.tenant_id = $1 AND s.disabled_at IS NULL ORDER BY c.contact_id LIMIT 1000";
    pub(super) static CHATS_OF_ONE =
        "SELECT c.contact_id FROM staff_chat c \
         JOIN staff s ON s.tenant_id = c.tenant_id AND s.id = c.staff_id \
         WHERE c.tenant_id = $1 AND c.staff_id = $2 AND s.disabled_at IS NULL ORDER BY c.contact_id LIMIT 10";
    pub(super) static STAFF_OF_USER = "SELECT id FROM staff WHERE tenant_id = $1 AND user_id = $2";
    /// Whoever signs in as somebody else already is left alone.
    pub(super) static STAFF_SIGNS_IN = "UPDATE staff SET user_id = $3 WHERE tenant_id = $1 AND id = $2 AND user_id IS NULL";
    pub(super) static ROLES =
        "SELECT r.id, r.title, r.base, r.rights, r.revision, r.created_at, \
         (SELECT COUNT(*) FROM staff s WHERE s.tenant_id = r.tenant_id AND s.role_id = r.id) \
         FROM staff_role r WHERE r.tenant_id = $1 ORDER BY r.id LIMIT 1000";
    pub(super) static ROLE =
        "SELECT r.id, r.title, r.base, r.rights, r.revision, r.created_at, \
         (SELECT COUNT(*) FROM staff s WHERE s.tenant_id = r.tenant_id AND s.role_id = r.id) \
         FROM staff_role r WHERE r.tenant_id = $1 AND r.id = $2";
    pub(super) static ROLE_BASE = "UPDATE staff SET role = $3 WHERE tenant_id = $1 AND role_id = $2";
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

query! {
    instance pub(super) static INVITATION_TENANT = "SELECT tenant_id FROM staff_invitation WHERE secret_hash = $1";
}

table_write! {
    pub(super) static ROLE_NEW = insert staff_role key(id int)
        set(title text, base text, rights text, revision int, created_at int);
    pub(super) static ROLE_SAVE = update staff_role key(id int) guard(revision int)
        set(revision int, title text, base text, rights text);
    pub(super) static ROLE_GONE = delete staff_role key(id int) guard(revision int);
    pub(super) static INVITATION_NEW = insert staff_invitation key(id int)
        set(secret_hash text, name text, role text, staff_id int, created_by text, created_at int, expires_at int, state int, role_id int, channels text);
    /// Good once: whoever comes second finds another state and looks again.
    pub(super) static INVITATION_END = update staff_invitation key(id int) guard(state int) set(state int, staff_id int);
    pub(super) static CHAT_PUT = upsert staff_chat key(contact_id int) set(staff_id int, joined_at int);
    pub(super) static STAFF_NEW = insert staff key(id int)
        set(email text, name text, role text, disabled_at int, revision int, created_at int, role_id int, channels text, user_id int);
    pub(super) static STAFF_SAVE = update staff key(id int) guard(revision int)
        set(revision int, name text, role text, disabled_at int, role_id int, channels text);
    pub(super) static KEY_NEW = insert api_key key(id int)
        set(name text, secret_hash text, scopes text, created_by text, created_at int);
    pub(super) static KEY_SAVE = update api_key key(id int) set(name text, scopes text, revoked_at int);
}
