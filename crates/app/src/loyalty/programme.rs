//! The company's programme, read and changed by staff and programs.

use super::model::{Programme, Stored};
use super::store;
use crate::access::{Actor, Right, audit};
use crate::app::App;
use crate::ledger;
use crate::problem::Fail;
use crate::tenants;
use samovar_store::{StoreError, Tx};
use serde_json::json;

/// The company's programme.
pub async fn programme(app: &App, actor: &Actor) -> Result<Stored, Fail> {
    actor.require(Right::SettingsRead)?;
    app.store.read(actor.tenant, |tx| async move { Ok(store::programme(&tx).await?) }).await
}

/// Inside a unit: the company's programme.
pub(crate) async fn current(tx: &Tx) -> Result<Programme, StoreError> {
    Ok(store::programme(tx).await?.programme)
}

/// Puts `programme` in the place of the company's. With a `revision`, only if it still has it. The same programme
/// again changes nothing.
pub async fn set_programme(
    app: &App,
    actor: &Actor,
    revision: Option<i64>,
    programme: Programme,
) -> Result<Stored, Fail> {
    actor.require(Right::SettingsManage)?;
    let problems = programme.problems();
    if !problems.is_empty() {
        return Err(Fail::Problems(problems));
    }
    let now = app.clock.now();
    let (services, actor_of_unit) = (app.clone(), actor.clone());
    app.store
        .run(actor.tenant, tenants::unit_key(actor.tenant), move |tx| {
            let (app, actor, programme) = (services.clone(), actor_of_unit.clone(), programme.clone());
            async move {
                let before = store::programme(&tx).await?;
                if revision.is_some_and(|seen| seen != before.revision) {
                    return Err(tenants::changed_meanwhile(before.revision).into());
                }
                if before.revision > 0 && before.programme == programme {
                    return Ok(before);
                }
                let after = Stored { programme, revision: before.revision + 1 };
                if !store::save_programme(&tx, &after.programme, after.revision, now).await? {
                    return Err(tenants::changed_meanwhile(after.revision).into());
                }
                ledger::work::watch(&app, &tx, now).await?;
                let data = json!({ "before": before.programme, "after": after.programme });
                audit(&tx, &app, &actor, "loyalty.programme", actor.tenant, &data);
                Ok(after)
            }
        })
        .await
}
