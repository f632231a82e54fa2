//! The SQL of the guard.

use super::model::{Alert, Stored};
use super::rules::Day;
use samovar_base::{AlertId, ContactId, Instant, StaffId};
use samovar_store::{StoreError, Tx, params, query, table_write};

query! {
    static RULES = "SELECT rules, revision FROM guard_rules WHERE tenant_id = $1";
    static RULES_SAVE =
        "INSERT INTO guard_rules (tenant_id, rules, revision, updated_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (tenant_id) DO UPDATE SET rules = excluded.rules, revision = excluded.revision,
             updated_at = excluded.updated_at
         WHERE guard_rules.revision = $3 - 1";
    static DAY = "SELECT points, operations, revision FROM guard_day WHERE tenant_id = $1 AND staff_id = $2 AND day = $3";
    static CUSTOMER =
        "SELECT operations, revision FROM guard_customer
         WHERE tenant_id = $1 AND staff_id = $2 AND contact_id = $3 AND day = $4";
    static OWN_CARD =
        "SELECT 1 FROM staff_chat c
         JOIN identity mine ON mine.tenant_id = c.tenant_id AND mine.contact_id = c.contact_id
         JOIN identity theirs ON theirs.tenant_id = c.tenant_id AND theirs.external_id = mine.external_id
         WHERE c.tenant_id = $1 AND c.staff_id = $2 AND theirs.contact_id = $3 LIMIT 1";
    static ALERTS =
        "SELECT id, at, staff_id, contact_id, reason, points, operation, count, told FROM guard_alert
         WHERE tenant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
    static ALERT =
        "SELECT id, at, staff_id, contact_id, reason, points, operation, count, told FROM guard_alert
         WHERE tenant_id = $1 AND id = $2";
}

table_write! {
    static DAY_ADD = add guard_day key(staff_id int, day text) set(points int, operations int, revision int);
    static DAY_SAVE = update guard_day key(staff_id int, day text) guard(revision int)
        set(points int, operations int, revision int);
    static CUSTOMER_ADD = add guard_customer key(staff_id int, contact_id int, day text) set(operations int, revision int);
    static CUSTOMER_SAVE = update guard_customer key(staff_id int, contact_id int, day text) guard(revision int)
        set(operations int, revision int);
    static ALERT_NEW = insert guard_alert key(id int)
        set(at int, staff_id int, contact_id int, reason text, points int, operation int, count int, told bool);
    static ALERT_TOLD = update guard_alert key(id int) guard(told bool) set(told bool);
}

/// The company's rules; the defaults when it has none.
pub(super) async fn rules(tx: &Tx) -> Result<Stored, StoreError> {
    let Some(row) = tx.one(&RULES, ()).await? else { return Ok(Stored::default()) };
    Ok(Stored { rules: row.json(0)?, revision: row.int(1)? })
}

/// Writes the rules as that revision; false when it is not the one after what is there.
pub(super) async fn save_rules(tx: &Tx, stored: &Stored, now: Instant) -> Result<bool, StoreError> {
    let document = serde_json::to_string(&stored.rules).unwrap_or_default();
    Ok(tx.exec(&RULES_SAVE, params![document, stored.revision, now]).await? == 1)
}

/// What somebody did on a day, and the revision of it; the row is made when it is not there.
pub(super) async fn day(tx: &Tx, staff: StaffId, day: &str) -> Result<(Day, i64), StoreError> {
    if let Some(row) = tx.one(&DAY, params![staff, day]).await? {
        return Ok((Day { points: row.int(0)?, operations: row.int(1)? }, row.int(2)?));
    }
    // Another unit may make it at the same moment: then whoever is later is run again.
    tx.add(&DAY_ADD, params![staff, day, 0_i64, 0_i64, 1_i64]).await?;
    Ok((Day::default(), 1))
}

/// How it is afterwards.
pub(super) fn save_day(tx: &Tx, staff: StaffId, day: &str, revision: i64, after: Day) {
    tx.put(&DAY_SAVE, params![staff, day, revision, after.points, after.operations, revision + 1]);
}

/// Counts one more accrual of somebody to a customer on a day; how many it makes.
pub(super) async fn one_more(
    tx: &Tx,
    staff: StaffId,
    contact: ContactId,
    day: &str,
) -> Result<i64, StoreError> {
    let (count, revision) = match tx.one(&CUSTOMER, params![staff, contact, day]).await? {
        Some(row) => (row.int(0)?, row.int(1)?),
        None => {
            tx.add(&CUSTOMER_ADD, params![staff, contact, day, 0_i64, 1_i64]).await?;
            (0, 1)
        }
    };
    tx.put(&CUSTOMER_SAVE, params![staff, contact, day, revision, count + 1, revision + 1]);
    Ok(count + 1)
}

/// Whether a customer writes to the company by the same account of a messenger as somebody of the staff.
pub(super) async fn is_own_card(tx: &Tx, staff: StaffId, contact: ContactId) -> Result<bool, StoreError> {
    Ok(tx.one(&OWN_CARD, params![staff, contact]).await?.is_some())
}

/// Writes an alert down.
pub(super) fn insert(tx: &Tx, alert: &Alert) {
    let Alert { id, at, staff, contact, reason, points, operation, count, told } = alert;
    tx.put(&ALERT_NEW, params![id, at, staff, contact, reason.as_str(), points, operation, count, told]);
}

/// An alert.
pub(super) async fn alert(tx: &Tx, id: AlertId) -> Result<Option<Alert>, StoreError> {
    tx.one(&ALERT, params![id]).await?.map(|row| Alert::from_row(&row)).transpose()
}

/// Up to `limit` alerts, the youngest first, from `before` on.
pub(super) async fn alerts(tx: &Tx, before: AlertId, limit: u32) -> Result<Vec<Alert>, StoreError> {
    tx.all(&ALERTS, params![before, limit]).await?.iter().map(Alert::from_row).collect()
}

/// The owners were written to; whoever comes second is run again and finds it so.
pub(super) fn told(tx: &Tx, id: AlertId) {
    tx.put(&ALERT_TOLD, params![id, false, true]);
}
