//! Companies: each has its bots, people and books, and sees nothing of the others.

mod model;
mod rules;
mod store;
pub mod words;

pub use model::{Settings, Tenant};
pub use rules::{WORD_MAX, unknown_locale, word};

use crate::access::{self, Actor, Right, audit};
use crate::app::App;
use crate::pictures;
use crate::problem::{Fail, Kind, Problem};
use samovar_base::TenantId;
use samovar_store::{Tx, params};
use serde_json::json;

/// The topic that tells every node to read a company anew; the payload is its id.
pub const WAKE_DIRECTORY: &str = "directory";

/// A company to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTenant {
    /// Short name; unique on the instance.
    pub key: String,
    /// As customers read it.
    pub name: String,
    /// IANA name of the time zone.
    pub zone: String,
    /// `ru`, `en`.
    pub locale: String,
    /// The rest.
    pub settings: Settings,
}

/// What to change; `None` leaves as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    /// Name.
    pub name: Option<String>,
    /// Time zone.
    pub zone: Option<String>,
    /// Language.
    pub locale: Option<String>,
    /// Where the privacy policy can be read; `Some(None)` removes it.
    pub policy_url: Option<Option<String>>,
    /// The picture beside its name on public pages; `Some(None)` removes it.
    pub logo: Option<Option<String>>,
}

/// Makes a company. For the set-up of the instance; nobody of a company can do this.
pub async fn create(app: &App, new: NewTenant) -> Result<Tenant, Fail> {
    let tenant = self::new(app, new)?;
    app.store
        .run_instance(unit_key(tenant.id), move |tx| {
            let tenant = tenant.clone();
            async move {
                create_in(&tx, &tenant).await?;
                Ok(tenant)
            }
        })
        .await
}

/// A company to be made, checked.
pub(crate) fn new(app: &App, new: NewTenant) -> Result<Tenant, Fail> {
    let tenant = Tenant {
        id: TenantId::new(&app.ids, app.clock.as_ref()),
        key: new.key,
        name: new.name.trim().to_owned(),
        zone: new.zone,
        locale: new.locale,
        settings: new.settings,
        revision: 1,
        created_at: app.clock.now(),
    };
    refuse(rules::check(&tenant))?;
    Ok(tenant)
}

/// Inside a unit of the instance: makes a company, unless its short name is taken.
pub(crate) async fn create_in(tx: &Tx, tenant: &Tenant) -> Result<(), Fail> {
    let (settings, made) = (settings_json(tenant), tenant.created_at);
    let row = params![tenant.id, tenant.key, tenant.name, tenant.zone, tenant.locale, settings, made];
    if tx.exec(&store::TENANT_CREATE, row).await? == 0 {
        return Err(taken(&tenant.key).into());
    }
    tx.wake(WAKE_DIRECTORY, &tenant.id.to_string());
    Ok(())
}

/// The company of a short name. For the set-up of the instance.
pub async fn find(app: &App, key: &str) -> Result<Option<Tenant>, Fail> {
    let key = key.to_owned();
    app.store
        .read_instance(move |tx| {
            let key = key.clone();
            async move {
                let row = tx.one(&store::TENANT_BY_KEY, params![key]).await?;
                Ok(row.map(|row| Tenant::from_row(&row)).transpose()?)
            }
        })
        .await
}

/// Up to `limit` companies of the instance in order of their ids, from `after` on. For the program itself.
pub async fn list(app: &App, after: Option<TenantId>, limit: u32) -> Result<Vec<Tenant>, Fail> {
    let after = after.unwrap_or(TenantId(0));
    app.store
        .read_instance(move |tx| async move {
            let rows = tx.all(&store::TENANTS, params![after, limit]).await?;
            Ok(rows.iter().map(Tenant::from_row).collect::<Result<_, _>>()?)
        })
        .await
}

/// The actor's own company.
pub async fn get(app: &App, actor: &Actor) -> Result<Tenant, Fail> {
    actor.require(Right::SettingsRead)?;
    let id = actor.tenant;
    app.store.read(id, move |tx| async move { load(&tx).await?.ok_or_else(|| not_found(id)) }).await
}

/// Changes the actor's own company. With a `revision`, only if it still has it. Every node hears of it.
pub async fn update(
    app: &App,
    actor: &Actor,
    revision: Option<i64>,
    changes: Changes,
) -> Result<Tenant, Fail> {
    actor.require(Right::SettingsManage)?;
    let (unit_app, unit_actor) = (app.clone(), actor.clone());
    app.store
        .run(actor.tenant, unit_key(actor.tenant), move |tx| {
            let (app, actor, changes) = (unit_app.clone(), unit_actor.clone(), changes.clone());
            async move {
                let before = load(&tx).await?.ok_or_else(|| not_found(actor.tenant))?;
                if revision.is_some_and(|seen| seen != before.revision) {
                    return Err(changed_meanwhile(before.revision).into());
                }
                let mut tenant = before.clone();
                changes.apply(&mut tenant);
                refuse(rules::check(&tenant))?;
                if tenant.settings.logo != before.settings.logo
                    && let Some(logo) = &tenant.settings.logo
                    && !pictures::is_known(&tx, logo).await?
                {
                    return Err(no_logo(logo).into());
                }
                if tenant != before {
                    save(&tx, &before, &mut tenant);
                    audit(&tx, &app, &actor, "tenant.update", tenant.id, &told(&before, &tenant));
                }
                Ok(tenant)
            }
        })
        .await
}

/// Inside a unit: the company of the unit.
pub async fn load(tx: &Tx) -> Result<Option<Tenant>, Fail> {
    let row = tx.one(&store::TENANT, ()).await?;
    Ok(row.map(|row| Tenant::from_row(&row)).transpose()?)
}

/// The key of units that change what a company has but one of: settings, staff, keys, scenarios, texts.
pub fn unit_key(id: TenantId) -> u64 {
    id.0.cast_unsigned()
}

/// Somebody else changed it first.
pub fn changed_meanwhile(revision: i64) -> Problem {
    Problem::new(
        Kind::Conflict,
        "revision_conflict",
        format!("Это уже изменил кто-то другой: теперь здесь редакция {revision}"),
        format!("Somebody else changed this meanwhile: this is revision {revision} now"),
    )
    .at("revision")
}

impl Changes {
    fn apply(self, tenant: &mut Tenant) {
        if let Some(name) = self.name {
            tenant.name = name.trim().to_owned();
        }
        if let Some(zone) = self.zone {
            tenant.zone = zone;
        }
        if let Some(locale) = self.locale {
            tenant.locale = locale;
        }
        if let Some(policy_url) = self.policy_url {
            tenant.settings.policy_url = policy_url;
        }
        if let Some(logo) = self.logo {
            tenant.settings.logo = logo;
        }
    }
}

/// Inside a unit: writes what was changed since `before`.
pub(crate) fn save(tx: &Tx, before: &Tenant, tenant: &mut Tenant) {
    tenant.revision = before.revision + 1;
    let settings = settings_json(tenant);
    let row = params![
        tenant.key,
        before.revision,
        tenant.revision,
        tenant.name,
        tenant.zone,
        tenant.locale,
        settings
    ];
    tx.put(&store::TENANT_SAVE, row);
    tx.wake(WAKE_DIRECTORY, &tenant.id.to_string());
    tx.wake(access::WAKE_ACCESS, &tenant.id.to_string());
}

fn told(before: &Tenant, tenant: &Tenant) -> serde_json::Value {
    let say =
        |t: &Tenant| json!({ "name": t.name, "zone": t.zone, "locale": t.locale, "settings": t.settings });
    json!({ "before": say(before), "after": say(tenant) })
}

fn settings_json(tenant: &Tenant) -> String {
    serde_json::to_string(&tenant.settings).unwrap_or_default()
}

fn refuse(problems: Vec<Problem>) -> Result<(), Fail> {
    if problems.is_empty() { Ok(()) } else { Err(Fail::Problems(problems)) }
}

pub(crate) fn not_found(id: TenantId) -> Fail {
    Problem::not_found("компания", "company", id).into()
}

fn no_logo(key: &str) -> Problem {
    let ru = format!("Картинки «{key}» нет: загрузите логотип ещё раз");
    Problem::invalid(
        "logo",
        "unknown_picture",
        ru,
        format!("There is no picture “{key}”: bring the logo again"),
    )
}

fn taken(key: &str) -> Problem {
    Problem::new(
        Kind::Conflict,
        "key_taken",
        format!("Короткое имя «{key}» уже занято"),
        format!("The short name “{key}” is taken"),
    )
    .at("key")
}
