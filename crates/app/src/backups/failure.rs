//! A backup that was not made: remembered until one is, and told to the owners in the bot for the staff.

use super::rules;
use crate::access::{Actor, Right, Role, audit};
use crate::app::App;
use crate::pipeline::Ready;
use crate::problem::{Fail, Problem};
use crate::{staff, tenants};
use samovar_base::message::Body;
use samovar_base::{Instant, TenantId};
use samovar_store::{Tx, params, query};
use serde_json::json;

/// One day's tries are told of once.
const TOLD_AGAIN_SECONDS: i64 = 20 * 3_600;

query! {
    static FAILURE = "SELECT at, ru, en, told_at FROM backups_failure WHERE tenant_id = $1";
    static FAILURE_PUT = "INSERT INTO backups_failure (tenant_id, at, ru, en, told_at) VALUES ($1, $2, $3, $4, $5) \
        ON CONFLICT (tenant_id) DO UPDATE SET at = excluded.at, ru = excluded.ru, en = excluded.en, told_at = excluded.told_at";
    static FAILURE_GONE = "DELETE FROM backups_failure WHERE tenant_id = $1";
}

/// A backup that was not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// When it was tried.
    pub at: Instant,
    /// Why, in the reader's language.
    pub why: String,
}

/// Why there is no newer backup, if the last try went wrong; none for those who may not make backups.
pub async fn failure(app: &App, actor: &Actor) -> Result<Option<Failure>, Fail> {
    if !actor.may(Right::BackupsMake) {
        return Ok(None);
    }
    let told_in = if actor.locale.starts_with("ru") { 1 } else { 2 };
    app.store
        .read(actor.tenant, move |tx| async move {
            let Some(row) = tx.one(&FAILURE, params![]).await? else { return Ok(None) };
            Ok(Some(Failure { at: row.instant(0)?, why: row.text(told_in)?.to_owned() }))
        })
        .await
}

/// It went wrong: kept, and told once a day.
pub(super) async fn failed(app: &App, tenant: TenantId, why: &Problem) -> Result<(), Fail> {
    let (services, why, now) = (app.clone(), why.clone(), app.clock.now());
    let ready = app
        .store
        .run(tenant, tenants::unit_key(tenant), move |tx| {
            let (app, why) = (services.clone(), why.clone());
            async move {
                let known = tx.one(&FAILURE, params![]).await?;
                let told = known.map(|row| row.instant(3)).transpose()?;
                let told = told.filter(|at| now < at.plus_seconds(TOLD_AGAIN_SECONDS));
                let ready = match told {
                    Some(_) => Vec::new(),
                    None => tell(&app, &tx, tenant, |locale| rules::apology(locale, &why)).await?,
                };
                let row = params![now, why.ru.as_str(), why.en.as_str(), told.unwrap_or(now)];
                tx.exec(&FAILURE_PUT, row).await?;
                Ok::<_, Fail>(ready)
            }
        })
        .await?;
    app.pipeline.send(app, ready);
    Ok(())
}

/// One was made.
pub(super) async fn made(app: &App, tenant: TenantId) -> Result<(), Fail> {
    app.store
        .run(tenant, tenants::unit_key(tenant), move |tx| async move {
            tx.exec(&FAILURE_GONE, params![]).await?;
            Ok(())
        })
        .await
}

/// None can be made by itself any more: the schedule is switched off, and the owners are told why.
pub(super) async fn ended(app: &App, tenant: TenantId, why: &Problem) -> Result<(), Fail> {
    let (services, why) = (app.clone(), why.clone());
    let ready = app
        .store
        .run(tenant, tenants::unit_key(tenant), move |tx| {
            let (app, why) = (services.clone(), why.clone());
            async move {
                let before = tenants::load(&tx).await?.ok_or_else(|| tenants::not_found(tenant))?;
                let ready = tell(&app, &tx, tenant, |locale| rules::farewell(locale, &why)).await?;
                tx.exec(&FAILURE_GONE, params![]).await?;
                let mut company = before.clone();
                company.settings.backups.hour = None;
                tenants::save(&tx, &before, &mut company);
                let schedule = json!(company.settings.backups);
                audit(&tx, &app, &Actor::system(tenant), "backup.schedule", tenant, &schedule);
                Ok::<_, Fail>(ready)
            }
        })
        .await?;
    app.pipeline.send(app, ready);
    Ok(())
}

/// Inside a unit: something about backups, to the owners.
async fn tell(
    app: &App,
    tx: &Tx,
    tenant: TenantId,
    words: impl Fn(&str) -> String,
) -> Result<Vec<Ready>, Fail> {
    let company = tenants::load(tx).await?.ok_or_else(|| tenants::not_found(tenant))?;
    let body = Body::text(words(&company.locale));
    staff::tell(app, tx, &[Role::Owner], &body, &Actor::system(tenant).cause()).await
}
