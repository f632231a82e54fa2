//! The statements of durable jobs.

use samovar_store::{query, table_write};

/// Waits for its time.
pub(super) const STATE_WAITING: i64 = 0;
/// A node runs it.
pub(super) const STATE_RUNNING: i64 = 1;
/// Over.
pub(super) const STATE_DONE: i64 = 2;
/// Given up; shown to the operator.
pub(super) const STATE_DEAD: i64 = 3;

query! {
    pub(super) static JOB_ADD = "INSERT INTO job (tenant_id, id, name, once, payload, state, due_at, attempts, held_until, created_at) \
        VALUES ($1, $2, $3, $4, $5, 0, $6, 0, 0, $7) ON CONFLICT DO NOTHING";
    pub(super) static JOB_HASTEN = "UPDATE job SET due_at = $3 \
        WHERE tenant_id = $1 AND name = $2 AND state = 0 AND state < 2 AND due_at > $3";
    pub(super) static JOB_CLAIM = "UPDATE job SET state = $4, attempts = $5, held_until = $6 \
        WHERE tenant_id = $1 AND id = $2 AND attempts = $3 AND state < 2";
}
query! {
    instance pub(super) static JOB_DUE = "SELECT tenant_id, id, name, payload, attempts FROM job \
        WHERE state < 2 AND due_at <= $1 AND held_until <= $1 ORDER BY due_at LIMIT 16";
}
table_write! {
    pub(super) static JOB_ENDED = update job key(id int) set(state int, note text);
    pub(super) static JOB_LATER = update job key(id int) set(state int, due_at int, held_until int, attempts int, note text);
}
