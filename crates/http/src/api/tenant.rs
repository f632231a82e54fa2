//! The company itself.

use super::user::User;
use crate::auth::{Person, Signed};
use crate::error::Error;
use crate::extract::{Change, Json};
use axum::extract::State;
use samovar_app::App;
use samovar_app::access::Right;
use samovar_app::tenants::{self, Changes};
use samovar_app::users;
use samovar_base::Instant;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The company and who asks.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_tenant, update_tenant)).routes(routes!(get_me))
}

/// A company.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "ten_00fs4w8m5xv1g", "key": "coffee", "name": "Кофейня «Самовар»", "zone": "Europe/Moscow", "locale": "ru",
    "policy_url": "https://example.org/privacy", "logo": "file/fil_00fs4w8m5xv1g", "revision": 3, "created_at": "2026-11-21T10:00:00Z"
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
    /// The picture beside its name on public pages: `file/fil_…`.
    pub logo: Option<String>,
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
    /// The `key` of a picture that was brought by `POST /pictures`; `null` removes it.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub logo: Change<String>,
}

/// Who asks.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "actor": "stf_00fs4w8m5xv1g", "tenant_id": "ten_00fs4w8m5xv1g", "rights": ["contacts_read"], "locale": "ru",
    "company": { "id": "ten_00fs4w8m5xv1g", "name": "Кофейня", "role_title": "кассир" }, "zone": "Europe/Moscow",
    "user": { "id": "usr_00fs4w8m5xv1g", "email": "anna@example.org", "name": "Анна", "locale": "ru",
              "has_password": true, "recovery_codes_left": 0, "created_at": "2026-11-21T10:00:00Z" },
    "staff_id": "stf_00fs4w8m5xv1g", "role": "cashier", "role_title": "кассир",
    "companies": [{ "id": "ten_00fs4w8m5xv1g", "name": "Кофейня", "role_title": "кассир" }]
}))]
pub struct Me {
    /// The id of the key or the staff member.
    pub actor: String,
    /// The company.
    pub tenant_id: String,
    /// What may be done.
    #[schema(value_type = Vec<String>)]
    pub rights: Vec<Right>,
    /// The only channels that are seen; absent: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channels: Option<Vec<String>>,
    /// The language to speak: `ru` or `en`.
    pub locale: String,
    /// The company, in short.
    pub company: Company,
    /// Its time zone, by its IANA name.
    pub zone: String,
    /// The person; absent for a key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<User>,
    /// Who they are among the staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub staff_id: Option<String>,
    /// Their role: a name, or `rol_…` of one the company made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The role as people read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role_title: Option<String>,
    /// Companies they can switch to, this one among them; empty for a key.
    pub companies: Vec<Company>,
}

/// A company in which somebody works.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "id": "ten_00fs4w8m5xv1g", "name": "Кофейня", "role_title": "кассир" }))]
pub struct Company {
    /// Id.
    pub id: String,
    /// As customers read it.
    pub name: String,
    /// What the person is there; absent for a key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role_title: Option<String>,
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
    let TenantPatch { revision, name, zone, locale, policy_url, logo } = patch;
    let (policy_url, logo) = (policy_url.into_option(), logo.into_option());
    let changes = Changes { name, zone, locale, policy_url, logo };
    Ok(Json(tenants::update(&app, &actor, revision, changes).await?.into()))
}

/// Tell who I am
///
/// Whose key or session it is, and what it may do. Needs no right.
#[utoipa::path(get, path = "/me", tag = "tenant", responses((status = 200, description = "Who asks", body = Me)))]
async fn get_me(
    State(app): State<App>,
    Signed(actor): Signed,
    person: Option<Person>,
) -> Result<Json<Me>, Error> {
    let tenant = app.directory.tenant(actor.tenant);
    let (name, zone) = tenant.map(|one| (one.name.clone(), one.zone.clone())).unwrap_or_default();
    let mut me = Me {
        actor: actor.who.to_string(),
        tenant_id: actor.tenant.to_string(),
        rights: actor.rights.iter().collect(),
        channels: actor.channels.as_deref().map(|only| only.iter().map(ToString::to_string).collect()),
        company: Company { id: actor.tenant.to_string(), name, role_title: None },
        zone,
        user: None,
        staff_id: None,
        role: None,
        role_title: None,
        companies: Vec::new(),
        locale: actor.locale,
    };
    if let Some(Person(signed)) = person {
        let (user, places) = users::own(&app, &signed).await?;
        if let Some(here) = places.iter().find(|place| place.tenant == actor.tenant) {
            me.staff_id = Some(here.staff.to_string());
            me.role =
                Some(here.own_role.as_ref().map_or_else(|| here.role.to_string(), |(id, _)| id.to_string()));
            me.role_title = Some(here.role_title(&user.locale));
            me.company.role_title.clone_from(&me.role_title);
        }
        me.companies = places.iter().map(|place| company(place, &user.locale)).collect();
        me.user = Some(user.into());
    }
    Ok(Json(me))
}

fn company(place: &users::Workplace, locale: &str) -> Company {
    let role_title = Some(place.role_title(locale));
    Company { id: place.tenant.to_string(), name: place.company.clone(), role_title }
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
            logo: tenant.settings.logo,
            revision: tenant.revision,
            created_at: tenant.created_at,
        }
    }
}
