//! The company's programme, read and changed by staff and programs.

use super::birthdays::Birthdays;
use super::model::{Programme, Stored};
use super::warnings::Warn;
use super::{rules, store};
use crate::access::{Actor, Right, audit};
use crate::app::App;
use crate::ledger;
use crate::pictures;
use crate::problem::Fail;
use crate::tenants;
use crate::work::{self, Job};
use samovar_base::{Instant, TenantId};
use samovar_store::{StoreError, Tx};
use serde_json::json;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Programmes kept in memory.
const KEPT_MAX: usize = 1_000;

/// A programme as it is now, shared by whoever asks.
#[derive(Debug, Clone, Default)]
pub struct Current {
    /// The rules.
    pub programme: Arc<Programme>,
    /// Grows with every change; zero when the defaults hold.
    pub revision: i64,
    /// When it was saved.
    pub(super) saved_at: Instant,
}

/// The programmes that were read of late: their documents are parsed once for each revision.
#[derive(Debug, Default)]
pub struct Programmes(Mutex<HashMap<TenantId, Current>>);

impl Programmes {
    pub(super) fn of(&self, tenant: TenantId) -> Option<Current> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&tenant).cloned()
    }

    pub(super) fn keep(&self, tenant: TenantId, stored: Stored, saved_at: Instant) -> Current {
        let current = Current { programme: Arc::new(stored.programme), revision: stored.revision, saved_at };
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT_MAX && !kept.contains_key(&tenant) {
            kept.clear();
        }
        kept.insert(tenant, current.clone());
        current
    }
}

impl Current {
    fn stored(&self) -> Stored {
        Stored { programme: Programme::clone(&self.programme), revision: self.revision }
    }
}

/// The company's programme.
pub async fn programme(app: &App, actor: &Actor) -> Result<Stored, Fail> {
    actor.require(Right::SettingsRead)?;
    let services = app.clone();
    app.store
        .read(actor.tenant, move |tx| {
            let app = services.clone();
            async move { Ok(store::programme(&app, &tx).await?.stored()) }
        })
        .await
}

/// Inside a unit: what the company's programme needs to be done by itself is done. Called where points can first get
/// an end.
pub async fn watch(app: &App, tx: &Tx, now: Instant) -> Result<(), Fail> {
    ledger::work::watch(app, tx, now).await?;
    work::enqueue(app, tx, &Warn {}, now, Some("")).await?;
    work::enqueue(app, tx, &Birthdays {}, now, Some("")).await?;
    Ok(())
}

/// Inside a unit: the company's programme.
pub(crate) async fn current(app: &App, tx: &Tx) -> Result<Arc<Programme>, StoreError> {
    Ok(store::programme(app, tx).await?.programme)
}

/// [`programme`] inside a unit.
pub(crate) async fn programme_in(app: &App, tx: &Tx, actor: &Actor) -> Result<Stored, Fail> {
    actor.require(Right::SettingsRead)?;
    Ok(store::programme(app, tx).await?.stored())
}

/// Puts `programme` in the place of the company's. With a `revision`, only if it still has it. The same programme
/// again changes nothing.
pub async fn set_programme(
    app: &App,
    actor: &Actor,
    revision: Option<i64>,
    programme: Programme,
) -> Result<Stored, Fail> {
    let now = app.clock.now();
    let (services, actor_of_unit) = (app.clone(), actor.clone());
    app.store
        .run(actor.tenant, tenants::unit_key(actor.tenant), move |tx| {
            let (app, actor, programme) = (services.clone(), actor_of_unit.clone(), programme.clone());
            async move { set_programme_in(&app, &tx, &actor, revision, programme, now).await }
        })
        .await
}

/// [`set_programme`] inside a unit.
pub(crate) async fn set_programme_in(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    revision: Option<i64>,
    programme: Programme,
    now: Instant,
) -> Result<Stored, Fail> {
    actor.require(Right::SettingsManage)?;
    let mut problems = programme.problems();
    let before = store::programme(app, tx).await?.stored();
    if let Some(picture) = &programme.card.picture
        && problems.is_empty()
        && before.programme.card.picture.as_ref().is_none_or(|known| known.file != picture.file)
        && !pictures::is_known(tx, &picture.file).await?
    {
        problems.push(rules::wrong_design("picture.file", "not_a_picture"));
    }
    if !problems.is_empty() {
        return Err(Fail::Problems(problems));
    }
    watch(app, tx, now).await?;
    if revision.is_some_and(|seen| seen != before.revision) {
        return Err(tenants::changed_meanwhile(before.revision).into());
    }
    if before.revision > 0 && before.programme == programme {
        return Ok(before);
    }
    let after = Stored { programme, revision: before.revision + 1 };
    if !store::save_programme(tx, &after.programme, after.revision, now).await? {
        return Err(tenants::changed_meanwhile(after.revision).into());
    }
    // The hours may be other ones: the next look is now.
    work::hasten(tx, Warn::NAME, now).await?;
    work::hasten(tx, Birthdays::NAME, now).await?;
    let data = json!({ "before": before.programme, "after": after.programme });
    audit(tx, app, actor, "loyalty.programme", actor.tenant, &data);
    Ok(after)
}
