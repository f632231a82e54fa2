//! The SQL of mass accruals.

use crate::contacts::contact_columns;
use samovar_store::{query, table_write};

macro_rules! columns {
    () => {
        "id, key, audience, points, comment, expires_at, notify, undoes, shortfall, state, cursor, total, done, refused, \
         moved, notified, cause, created_at, finished_at, revision"
    };
}

query! {
    pub(super) static ACCRUAL = concat!("SELECT ", columns!(), " FROM accrual WHERE tenant_id = $1 AND id = $2");
    pub(super) static ACCRUAL_BY_KEY =
        concat!("SELECT ", columns!(), " FROM accrual WHERE tenant_id = $1 AND key = $2");
    pub(super) static UNDOING =
        concat!("SELECT ", columns!(), " FROM accrual WHERE tenant_id = $1 AND undoes = $2");
    pub(super) static ACCRUALS =
        concat!("SELECT ", columns!(), " FROM accrual WHERE tenant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3");
    pub(super) static PEOPLE =
        concat!("SELECT ", contact_columns!(), " FROM json_each($2) AS given
         CROSS JOIN contact c ON c.tenant_id = $1 AND c.id = given.value"),
        postgres =
        concat!("SELECT ", contact_columns!(), " FROM jsonb_array_elements_text(CAST(CAST($2 AS TEXT) AS JSONB)) AS given(value)
         CROSS JOIN LATERAL (SELECT x.* FROM contact x WHERE x.tenant_id = $1 AND x.id = CAST(given.value AS BIGINT) OFFSET 0) c");
}

table_write! {
    pub(super) static ACCRUAL_NEW = insert accrual key(id int)
        set(key text, audience text, points int, comment text, expires_at int, notify bool, undoes int, shortfall text,
            state text, cursor int, total int, done int, refused int, moved int, notified int, cause text,
            created_at int, finished_at int, revision int);
    pub(super) static ACCRUAL_STEP = update accrual key(id int) guard(revision int)
        set(revision int, state text, cursor int, done int, refused int, moved int, notified int, finished_at int);
}
