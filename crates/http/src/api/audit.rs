//! Who changed what.

use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Json, Query};
use crate::page::{Page, PageQuery, Paging};
use axum::extract::State;
use samovar_app::App;
use samovar_app::access::{self, Sought};
use samovar_app::staff;
use samovar_base::Instant;
use serde::{Deserialize, Serialize};
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
    /// What they are called; absent for those who are no staff and no key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor_name: Option<String>,
    /// What was done: noun and verb.
    pub action: String,
    /// To what: its id or key.
    pub object: String,
    /// What it is called, when it has a name and is still there; customers have one for those who may look at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object_name: Option<String>,
    /// What changed; no secrets, no personal data.
    #[schema(value_type = Object)]
    pub data: serde_json::Value,
}

/// Which lines.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// What this one did: the id of a staff member or key, `setup`, `system`.
    pub actor: Option<String>,
    /// What was done to this; not together with `actor`.
    pub object: Option<String>,
    /// Of this noun: `contact`, `staff`.
    pub noun: Option<String>,
}

/// Read the audit log
///
/// The youngest first. Needs the right `audit_read`.
#[utoipa::path(
    get, path = "/audit", tag = "audit", params(AuditQuery, PageQuery),
    responses((status = 200, description = "A page of the log", body = Page<AuditEntry>))
)]
async fn list_audit(
    State(app): State<App>,
    Signed(actor): Signed,
    Query(query): Query<AuditQuery>,
    paging: Paging,
) -> Result<Json<Page<AuditEntry>>, Error> {
    let sought = Sought { actor: query.actor, object: query.object, noun: query.noun };
    let found = access::look_up(&app, &actor, sought, paging.after()?, paging.to_read()).await?;
    let mut names = staff::names(&app, &actor).await?;
    names.extend(access::objects(&app, &actor, &found).await?);
    let named = |entry: access::Entry| {
        let actor_name = names.get(&entry.actor).cloned();
        let object_name = names.get(&entry.object).cloned();
        AuditEntry { actor_name, object_name, ..AuditEntry::from(entry) }
    };
    Ok(Json(Page::cut(found, paging.limit, |entry| entry.id).map(named)))
}

impl From<access::Entry> for AuditEntry {
    fn from(entry: access::Entry) -> Self {
        Self {
            id: entry.id.to_string(),
            at: entry.at,
            actor: entry.actor,
            actor_name: None,
            object_name: None,
            action: entry.action,
            object: entry.object,
            data: entry.data,
        }
    }
}
