//! The company's rules of prizes, and the journal of the tax on them.

use super::model::{Rules, StoredRules, TaxId, TaxLine};
use super::store;
use crate::access::{Actor, Right, audit};
use crate::app::App;
use crate::loyalty;
use crate::problem::Fail;
use crate::tenants;
use samovar_store::Tx;
use serde_json::json;

/// A year of the journal, summed up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaxYear {
    /// Which.
    pub year: i64,
    /// Prizes handed over.
    pub prizes: i64,
    /// People who got them.
    pub people: i64,
    /// Their worth together, in kopecks.
    pub worth: i64,
    /// What of it is above the free sum.
    pub taxable: i64,
    /// The tax.
    pub tax: i64,
}

/// The company's rules of prizes.
pub async fn rules(app: &App, actor: &Actor) -> Result<StoredRules, Fail> {
    actor.require(Right::Promotions)?;
    app.store.read(actor.tenant, |tx| async move { Ok(store::rules(&tx).await?) }).await
}

/// Puts `rules` in the place of the company's. With a `revision`, only if they still have it. The same rules again change
/// nothing. What is in the journal stays as it was counted.
pub async fn set_rules(
    app: &App,
    actor: &Actor,
    revision: Option<i64>,
    rules: Rules,
) -> Result<StoredRules, Fail> {
    actor.require(Right::Promotions)?;
    actor.require(Right::SettingsManage)?;
    let (services, actor_of_unit, now) = (app.clone(), actor.clone(), app.clock.now());
    app.store
        .run(actor.tenant, tenants::unit_key(actor.tenant), move |tx| {
            let (app, actor, rules) = (services.clone(), actor_of_unit.clone(), rules.clone());
            async move {
                let problems = rules.problems(&loyalty::current(&app, &tx).await?.units);
                if !problems.is_empty() {
                    return Err(Fail::Problems(problems));
                }
                let before = store::rules(&tx).await?;
                if revision.is_some_and(|seen| seen != before.revision) {
                    return Err(tenants::changed_meanwhile(before.revision).into());
                }
                if before.revision > 0 && before.rules == rules {
                    return Ok(before);
                }
                let after = StoredRules { rules, revision: before.revision + 1 };
                if !store::save_rules(&tx, &after.rules, after.revision, now).await? {
                    return Err(tenants::changed_meanwhile(after.revision).into());
                }
                let data = json!({ "before": before.rules, "after": after.rules });
                audit(&tx, &app, &actor, "draw.rules", actor.tenant, &data);
                Ok(after)
            }
        })
        .await
}

/// Up to `limit` lines of a year, in the order in which prizes were handed over. Names in full need the right to see
/// personal data.
pub async fn tax_journal(
    app: &App,
    actor: &Actor,
    year: i64,
    after: Option<TaxId>,
    limit: u32,
) -> Result<Vec<TaxLine>, Fail> {
    actor.require(Right::Promotions)?;
    let (personal, after) = (actor.may(Right::PersonalDataSee), after.map_or(0, |after| after.0));
    app.store
        .read(actor.tenant, move |tx| async move {
            Ok(masked(store::tax_lines(&tx, year, after, limit).await?, personal))
        })
        .await
}

/// Inside a unit: lines of all years, for files.
pub(crate) async fn tax_lines_in(
    tx: &Tx,
    personal: bool,
    after: i64,
    limit: u32,
) -> Result<Vec<TaxLine>, Fail> {
    Ok(masked(store::tax_lines_of_all(tx, after, limit).await?, personal))
}

fn masked(mut lines: Vec<TaxLine>, personal: bool) -> Vec<TaxLine> {
    for line in lines.iter_mut().filter(|_| !personal) {
        line.name = samovar_draw::mask(&line.name, None);
    }
    lines
}

/// A year of the journal, summed up.
pub async fn tax_year(app: &App, actor: &Actor, year: i64) -> Result<TaxYear, Fail> {
    actor.require(Right::Promotions)?;
    app.store
        .read(actor.tenant, move |tx| async move {
            let [prizes, people, worth, taxable, tax] = store::tax_sums(&tx, year).await?;
            Ok(TaxYear { year, prizes, people, worth, taxable, tax })
        })
        .await
}
