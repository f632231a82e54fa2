//! The audit log: who changed what.

use super::{Actor, Right};
use crate::app::App;
use crate::live;
use crate::problem::Fail;
use samovar_base::{AuditId, Instant};
use samovar_store::{Row, StoreError, Tx, params, query, table_write};
use serde_json::Value;

query! {
    static AUDIT_PAGE =
        "SELECT id, at, actor, action, object, data FROM audit WHERE tenant_id = $1 AND id < $2 \
         AND action LIKE $3 ORDER BY id DESC LIMIT $4";
    static AUDIT_OF_ACTOR =
        "SELECT id, at, actor, action, object, data FROM audit WHERE tenant_id = $1 AND id < $2 \
         AND action LIKE $3 AND actor = $5 ORDER BY id DESC LIMIT $4";
    static AUDIT_OF_OBJECT =
        "SELECT id, at, actor, action, object, data FROM audit WHERE tenant_id = $1 AND id < $2 \
         AND action LIKE $3 AND object = $5 ORDER BY id DESC LIMIT $4";
}

table_write! {
    static AUDIT_NEW =
        insert audit key(id int) set(at int, actor text, action text, object text, data text);
}

/// A line of the audit log.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Id.
    pub id: AuditId,
    /// When.
    pub at: Instant,
    /// Who: an id of staff or key, `setup`, `system`.
    pub actor: String,
    /// What was done: `contact.update`.
    pub action: String,
    /// To what: its id or key.
    pub object: String,
    /// What changed.
    pub data: Value,
}

/// Which lines of the log.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sought {
    /// What this one did.
    pub actor: Option<String>,
    /// What was done to this; not together with `actor`.
    pub object: Option<String>,
    /// Of this noun: `contact`, `staff`.
    pub noun: Option<String>,
}

/// Writes one line, in the unit of the change it tells of; open pages are told after its commit. `data` holds no secrets and no personal data.
pub fn audit(tx: &Tx, app: &App, actor: &Actor, action: &str, object: impl std::fmt::Display, data: &Value) {
    let id = AuditId::new(&app.ids, app.clock.as_ref());
    let object = object.to_string();
    live::acted(tx, action, &object);
    let line = params![id, app.clock.now(), actor.who.to_string(), action, object, data.to_string()];
    tx.put(&AUDIT_NEW, line);
}

/// Up to `limit` lines, the youngest first, from `after` on.
pub async fn entries(
    app: &App,
    actor: &Actor,
    after: Option<AuditId>,
    limit: u32,
) -> Result<Vec<Entry>, Fail> {
    look_up(app, actor, Sought::default(), after, limit).await
}

/// Up to `limit` of the lines sought, the youngest first, from `after` on.
pub async fn look_up(
    app: &App,
    actor: &Actor,
    sought: Sought,
    after: Option<AuditId>,
    limit: u32,
) -> Result<Vec<Entry>, Fail> {
    actor.require(Right::AuditRead)?;
    let before = after.unwrap_or(AuditId(i64::MAX));
    let like = sought.noun.as_ref().map_or_else(|| "%".to_owned(), |noun| format!("{noun}.%"));
    app.store
        .read(actor.tenant, move |tx| {
            let (like, sought) = (like.clone(), sought.clone());
            async move {
                let rows = match (sought.actor, sought.object) {
                    (Some(by), _) => tx.all(&AUDIT_OF_ACTOR, params![before, like, limit, by]).await?,
                    (None, Some(of)) => tx.all(&AUDIT_OF_OBJECT, params![before, like, limit, of]).await?,
                    (None, None) => tx.all(&AUDIT_PAGE, params![before, like, limit]).await?,
                };
                Ok(rows.iter().map(Entry::from_row).collect::<Result<_, _>>()?)
            }
        })
        .await
}

impl Entry {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id(0)?,
            at: row.instant(1)?,
            actor: row.text(2)?.to_owned(),
            action: row.text(3)?.to_owned(),
            object: row.text(4)?.to_owned(),
            data: row.json(5)?,
        })
    }
}
