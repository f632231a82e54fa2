//! The SQL of users.

use samovar_store::{query, table_write};

query! {
    instance pub(super) static USERS_ANY = "SELECT id FROM user_login LIMIT 1";
    instance pub(super) static USER_BY_ID =
        "SELECT id, email, name, locale, password_hash, totp_sealed, totp_since, totp_step, recovery, revision, created_at \
         FROM user_login WHERE id = $1";
    instance pub(super) static USER_BY_EMAIL =
        "SELECT id, email, name, locale, password_hash, totp_sealed, totp_since, totp_step, recovery, revision, created_at \
         FROM user_login WHERE email = $1";
    /// Decides between two that come with the same address at once.
    instance pub(super) static USER_CREATE =
        "INSERT INTO user_login (id, email, name, locale, password_hash, revision, created_at) \
         VALUES ($1, $2, $3, $4, $5, 1, $6) ON CONFLICT DO NOTHING";
    instance pub(super) static OWNER_CREATE =
        "INSERT INTO staff (tenant_id, id, email, name, role, revision, created_at, user_id) \
         VALUES ($1, $2, $3, $4, 'owner', 1, $5, $6)";
    /// The places where somebody was written down by the address that is theirs.
    instance pub(super) static STAFF_ADOPT =
        "UPDATE staff SET user_id = $1 WHERE email = $2 AND email <> '' AND user_id IS NULL AND NOT EXISTS \
         (SELECT 1 FROM staff other WHERE other.tenant_id = staff.tenant_id AND other.user_id = $1)";
    instance pub(super) static STAFF_BY_ADDRESS =
        "SELECT f.name, t.locale FROM staff f JOIN tenant t ON t.tenant_id = f.tenant_id \
         WHERE f.email = $1 AND f.email <> '' AND f.disabled_at IS NULL ORDER BY f.tenant_id LIMIT 1";
    instance pub(super) static WORKPLACES =
        "SELECT f.tenant_id, t.name, f.id, f.name, f.role, f.role_id, r.title, r.rights, f.channels FROM staff f \
         JOIN tenant t ON t.tenant_id = f.tenant_id \
         LEFT JOIN staff_role r ON r.tenant_id = f.tenant_id AND r.id = f.role_id \
         WHERE f.user_id = $1 AND f.disabled_at IS NULL ORDER BY f.tenant_id LIMIT 500";

    instance pub(super) static SESSION_BY_TOKEN =
        "SELECT s.id, s.user_id, s.company_id, s.created_at, s.used_at, u.locale FROM user_session s \
         JOIN user_login u ON u.id = s.user_id WHERE s.token_hash = $1";
    instance pub(super) static SESSIONS =
        "SELECT id, device, address, created_at, used_at FROM user_session WHERE user_id = $1 ORDER BY id DESC LIMIT 200";
    /// A session that was ended meanwhile stays so.
    instance pub(super) static SESSION_USED = "UPDATE user_session SET used_at = $2 WHERE id = $1";
    instance pub(super) static SESSION_COMPANY = "UPDATE user_session SET company_id = $2 WHERE id = $1";
    instance pub(super) static SESSION_END = "DELETE FROM user_session WHERE user_id = $1 AND id = $2";
    instance pub(super) static SESSIONS_END_OTHERS = "DELETE FROM user_session WHERE user_id = $1 AND id <> $2";
    instance pub(super) static SESSIONS_END_OLD =
        "DELETE FROM user_session WHERE user_id = $1 AND (used_at < $2 OR created_at < $3)";

    instance pub(super) static LINK = "SELECT user_id, purpose, tries, expires_at FROM user_link WHERE token_hash = $1";
    /// Good once: whoever comes second removes nothing.
    instance pub(super) static LINK_TAKE = "DELETE FROM user_link WHERE token_hash = $1";
    instance pub(super) static LINKS_END = "DELETE FROM user_link WHERE user_id = $1 AND (purpose = $2 OR expires_at < $3)";
    instance pub(super) static LINKS_END_ALL = "DELETE FROM user_link WHERE user_id = $1";
    instance pub(super) static LINK_ADDRESS = "SELECT email FROM user_link WHERE token_hash = $1 AND email IS NOT NULL";
    /// Somebody else signs in by the address, or stands under it in a company of this person.
    instance pub(super) static ADDRESS_HELD =
        "SELECT 1 FROM user_login WHERE email = $2 AND id <> $1 \
         UNION ALL SELECT 1 FROM staff other JOIN staff mine ON mine.tenant_id = other.tenant_id AND mine.user_id = $1 \
         WHERE other.email = $2 AND other.id <> mine.id LIMIT 1";
    instance pub(super) static USER_ADDRESS = "UPDATE user_login SET email = $2, revision = revision + 1 WHERE id = $1";
    /// Where the old address is written down; who stands under another one there keeps it.
    instance pub(super) static STAFF_ADDRESS =
        "UPDATE staff SET email = $2, revision = revision + 1 WHERE user_id = $1 AND email = $3";
    instance pub(super) static ADDRESS_NOTED =
        "INSERT INTO audit (tenant_id, id, at, actor, action, object, data) VALUES ($1, $2, $3, $4, 'staff.email', $5, '{}')";
    instance pub(super) static LINK_TRIED = "UPDATE user_link SET tries = tries + 1 WHERE token_hash = $1";
}

table_write! {
    instance pub(super) static SESSION_NEW = insert user_session key(id int)
        set(user_id int, token_hash text, company_id int, device text, address text, created_at int, used_at int);
    instance pub(super) static LINK_NEW = insert user_link key(token_hash text)
        set(user_id int, purpose text, tries int, expires_at int, email text);
    instance pub(super) static USER_SAVE = update user_login key(id int) guard(revision int)
        set(revision int, name text, locale text, password_hash text, totp_sealed bytes, totp_since int, totp_step int, recovery text);
}
