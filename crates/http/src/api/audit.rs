//! Who changed what.

use crate::auth::Signed;
use crate::error::Error;
use crate::extract::Json;
use crate::page::{Page, PageQuery, Paging};
use axum::extract::State;
use samovar_app::App;
use samovar_app::access;
use samovar_base::Instant;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The audit log.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_audit))
}

/// A line of the audit log.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "aud_00fs4w8m5xv1g", "at": "2026-11-21T10:00:00Z", "actor": "stf_00fs4w8m5xv1g", "action": "contact.update",
    "object": "con_00fs4w8m5xv1g", "data": { "fields": ["name"] }
}))]
pub struct AuditEntry {
    /// Id.
    pub id: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    /// Who: the id of a staff member or key, `setup`, `system`.
    pub actor: String,
    /// What was done: noun and verb.
    pub action: String,
    /// To what: its id or key.
    pub object: String,
    /// What changed; no secrets, no personal data.
    #[schema(value_type = Object)]
    pub data: serde_json::Value,
}

/// Read the audit log
///
/// The youngest first. Needs the right `audit_read`.
#[utoipa::path(
    get, path = "/audit", tag = "audit", params(PageQuery),
    responses((status = 200, description = "A page of the log", body = Page<AuditEntry>))
)]
async fn list_audit(
    State(app): State<App>,
    Signed(actor): Signed,
    paging: Paging,
) -> Result<Json<Page<AuditEntry>>, Error> {
    let found = access::entries(&app, &actor, paging.after()?, paging.to_read()).await?;
    Ok(Json(Page::cut(found, paging.limit, |entry| entry.id).map(AuditEntry::from)))
}

impl From<access::Entry> for AuditEntry {
    fn from(entry: access::Entry) -> Self {
        Self {
            id: entry.id.to_string(),
            at: entry.at,
            actor: entry.actor,
            action: entry.action,
            object: entry.object,
            data: entry.data,
        }
    }
}
