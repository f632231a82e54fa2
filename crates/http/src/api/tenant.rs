//! The company itself.

use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Change, Json};
use axum::extract::State;
use samovar_app::App;
use samovar_app::access::{Right, Role};
use samovar_app::tenants::{self, Changes};
use samovar_base::Instant;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The company and who asks.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_tenant, update_tenant))
        .routes(routes!(get_me))
        .routes(routes!(list_roles))
}

/// A company.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "ten_00fs4w8m5xv1g", "key": "coffee", "name": "Кофейня «Самовар»", "zone": "Europe/Moscow", "locale": "ru",
    "policy_url": "https://example.org/privacy", "revision": 3, "created_at": "2026-11-21T10:00:00Z"
}))]
pub struct Tenant {
    /// Id.
    pub id: String,
    /// Short name; never changes.
    pub key: String,
    /// As customers read it.
    pub name: String,
    /// Time zone, by its IANA name.
    pub zone: String,
    /// `ru` or `en`.
    pub locale: String,
    /// Where the privacy policy can be read.
    pub policy_url: Option<String>,
    /// Grows with every change.
    pub revision: i64,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Instant,
}

/// What to change of a company; what is absent stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "Кофейня «Самовар»", "policy_url": null, "revision": 3 }))]
pub struct TenantPatch {
    /// Refused when the company has another revision by now.
    pub revision: Option<i64>,
    /// 1 to 200 characters.
    pub name: Option<String>,
    /// IANA name of a time zone.
    pub zone: Option<String>,
    /// `ru` or `en`.
    pub locale: Option<String>,
    /// `https://…`; `null` removes it.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub policy_url: Change<String>,
}

/// Who asks.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "actor": "key_00fs4w8m5xv1g", "tenant_id": "ten_00fs4w8m5xv1g", "rights": ["contacts_read"] }))]
pub struct Me {
    /// The id of the key or the staff member.
    pub actor: String,
    /// The company.
    pub tenant_id: String,
    /// What may be done.
    #[schema(value_type = Vec<String>)]
    pub rights: Vec<Right>,
}

/// A role.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "role": "cashier", "rights": ["contacts_read", "points_read", "points_write"] }))]
pub struct RoleRights {
    /// Its name.
    #[schema(value_type = String)]
    pub role: Role,
    /// What it may do.
    #[schema(value_type = Vec<String>)]
    pub rights: Vec<Right>,
}

/// Read the company
///
/// Needs the right `settings_read`.
#[utoipa::path(get, path = "/tenant", tag = "tenant", responses((status = 200, description = "The company", body = Tenant)))]
async fn get_tenant(State(app): State<App>, Signed(actor): Signed) -> Result<Json<Tenant>, Error> {
    Ok(Json(tenants::get(&app, &actor).await?.into()))
}

/// Change the company
///
/// Needs the right `settings_manage`.
#[utoipa::path(
    patch, path = "/tenant", tag = "tenant", request_body = TenantPatch,
    responses((status = 200, description = "The company as it is now", body = Tenant))
)]
async fn update_tenant(
    State(app): State<App>,
    Signed(actor): Signed,
    Json(patch): Json<TenantPatch>,
) -> Result<Json<Tenant>, Error> {
    let TenantPatch { revision, name, zone, locale, policy_url } = patch;
    let changes = Changes { name, zone, locale, policy_url: policy_url.into_option() };
    Ok(Json(tenants::update(&app, &actor, revision, changes).await?.into()))
}

/// Tell who I am
///
/// Whose key it is, and what it may do. Needs no right.
#[utoipa::path(get, path = "/me", tag = "tenant", responses((status = 200, description = "Who asks", body = Me)))]
async fn get_me(Signed(actor): Signed) -> Json<Me> {
    Json(Me {
        actor: actor.who.to_string(),
        tenant_id: actor.tenant.to_string(),
        rights: actor.rights.iter().collect(),
    })
}

/// List roles
///
/// All roles with their rights. Needs no right.
#[utoipa::path(
    get, path = "/roles", tag = "staff",
    responses((status = 200, description = "All roles", body = Vec<RoleRights>))
)]
async fn list_roles(Signed(_actor): Signed) -> Json<Vec<RoleRights>> {
    let role = |role: &Role| RoleRights { role: *role, rights: role.rights().iter().collect() };
    Json(Role::ALL.iter().map(role).collect())
}

impl From<tenants::Tenant> for Tenant {
    fn from(tenant: tenants::Tenant) -> Self {
        Self {
            id: tenant.id.to_string(),
            key: tenant.key,
            name: tenant.name,
            zone: tenant.zone,
            locale: tenant.locale,
            policy_url: tenant.settings.policy_url,
            revision: tenant.revision,
            created_at: tenant.created_at,
        }
    }
}
