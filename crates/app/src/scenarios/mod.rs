//! Scenarios: drafts, and the versions people get.
//!
//! A draft may be incomplete or wrong; what is wrong is told and nothing is refused. A version is published from a
//! draft without errors and never changes; whoever is inside a scenario stays on the version they began with.

mod clashes;
mod compare;
mod library;
mod model;
mod publish;
mod rules;
mod simulate;
mod statistics;
mod store;
#[cfg(test)]
mod tests;

pub use clashes::{Clash, clashes};
pub use compare::{Change, ChangeKind, compare};
pub use library::{Template, templates};
pub use model::{Drafted, Scenario, Version};
pub use publish::{Publication, publish, roll_back, source, versions};
pub use rules::path;
pub use simulate::{Guest, Happens, Preview, Simulation, preview, simulate};
pub(crate) use statistics::Passage;
pub use statistics::{Passages, Times, begun, statistics};

use crate::access::{Actor, Right, audit};
use crate::app::App;
use crate::problem::{Fail, Problem};
use crate::tenants::{changed_meanwhile, unit_key, word};
use samovar_base::ScenarioId;
use samovar_engine::Draft;
use samovar_store::{Tx, params};
use serde_json::{Value, json};

/// A draft as it is stored now, and what is wrong with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// The scenario and its draft.
    pub drafted: Drafted,
    /// Errors forbid publication, warnings do not.
    pub problems: Vec<samovar_engine::Problem>,
    /// Something was written.
    pub changed: bool,
}

/// Up to `limit` scenarios, the youngest first, from `after` on.
pub async fn list(
    app: &App,
    actor: &Actor,
    after: Option<ScenarioId>,
    limit: u32,
) -> Result<Vec<Scenario>, Fail> {
    actor.require(Right::ScenariosRead)?;
    let before = after.unwrap_or(ScenarioId(i64::MAX));
    app.store
        .read(actor.tenant, move |tx| async move {
            let rows = tx.all(&store::SCENARIOS, params![before, limit]).await?;
            Ok(rows.iter().map(Scenario::from_row).collect::<Result<_, _>>()?)
        })
        .await
}

/// A scenario with its draft.
pub async fn get(app: &App, actor: &Actor, key: &str) -> Result<Drafted, Fail> {
    actor.require(Right::ScenariosRead)?;
    let owned = key.to_owned();
    app.store
        .read(actor.tenant, move |tx| {
            let key = owned.clone();
            async move { drafted(&tx, &key).await?.ok_or_else(|| not_found(&key)) }
        })
        .await
}

/// What is wrong with a scenario's draft.
pub async fn check(app: &App, actor: &Actor, key: &str) -> Result<Vec<samovar_engine::Problem>, Fail> {
    let found = get(app, actor, key).await?;
    Ok(problems(app, &found.draft))
}

/// What would be wrong with a draft that is not stored.
pub fn check_document(
    app: &App,
    actor: &Actor,
    document: Value,
) -> Result<Vec<samovar_engine::Problem>, Fail> {
    actor.require(Right::ScenariosRead)?;
    let (draft, mut unread) = Draft::from_json(document);
    unread.extend(problems(app, &draft));
    Ok(unread)
}

/// Stores a draft under `key`, and makes the scenario when there is none yet. With a `revision`, only if the scenario
/// still has it; 0 stands for one that is not there yet. What is not understood of the document is left out and told.
pub async fn put_draft(
    app: &App,
    actor: &Actor,
    key: &str,
    revision: Option<i64>,
    document: Value,
) -> Result<Checked, Fail> {
    actor.require(Right::ScenariosWrite)?;
    let (mut draft, unread) = Draft::from_json(document);
    if let Some(syntax) = rules::unreadable(&unread) {
        return Err(Fail::Problems(syntax));
    }
    draft.key = word("key", key)?;
    store_draft(app, actor, revision, draft, unread).await
}

/// Stores the draft of a readable file under the key it names. A file that is not understood to the last field is
/// refused: whoever wrote it would not see what was left out.
pub async fn import(app: &App, actor: &Actor, file: &str) -> Result<Checked, Fail> {
    actor.require(Right::ScenariosWrite)?;
    let (draft, unread) = Draft::from_toml(file);
    if rules::has_errors(&unread) {
        return Err(Fail::Problems(rules::refusal(&unread)));
    }
    word("key", &draft.key)?;
    store_draft(app, actor, None, draft, unread).await
}

/// The draft as a readable file, which [`import`] takes back.
pub async fn export(app: &App, actor: &Actor, key: &str) -> Result<String, Fail> {
    Ok(get(app, actor, key).await?.draft.to_toml())
}

async fn store_draft(
    app: &App,
    actor: &Actor,
    revision: Option<i64>,
    draft: Draft,
    unread: Vec<samovar_engine::Problem>,
) -> Result<Checked, Fail> {
    let source = rules::to_json(&draft)?;
    let fresh = fresh(app, &draft);
    let now = fresh.created_at;
    let (unit_app, unit_actor, unit_draft) = (app.clone(), actor.clone(), draft.clone());
    let (scenario, changed) = app
        .store
        .run(actor.tenant, unit_key(actor.tenant), move |tx| {
            let (app, actor, draft) = (unit_app.clone(), unit_actor.clone(), unit_draft.clone());
            let (source, fresh) = (source.clone(), fresh.clone());
            async move {
                let Some(before) = drafted(&tx, &fresh.key).await? else {
                    if revision.is_some_and(|seen| seen != 0) {
                        return Err(not_found(&fresh.key));
                    }
                    tx.put(
                        &store::SCENARIO_NEW,
                        params![fresh.id, fresh.key, fresh.name, source, 1, now, now],
                    );
                    audit(&tx, &app, &actor, "scenario.create", &fresh.key, &json!({}));
                    return Ok((fresh, true));
                };
                let mut scenario = before.scenario;
                if revision.is_some_and(|seen| seen != scenario.revision) {
                    return Err(changed_meanwhile(scenario.revision).into());
                }
                if before.draft == draft {
                    return Ok((scenario, false));
                }
                let old = scenario.revision;
                (scenario.revision, scenario.name, scenario.updated_at) = (old + 1, fresh.name, now);
                tx.put(&store::DRAFT_SAVE, params![scenario.id, old, old + 1, scenario.name, source, now]);
                let data = json!({ "source_hash": rules::source_hash(&draft) });
                audit(&tx, &app, &actor, "scenario.draft", &scenario.key, &data);
                Ok((scenario, true))
            }
        })
        .await?;
    let mut problems_all = unread;
    problems_all.extend(problems(app, &draft));
    Ok(Checked { drafted: Drafted { scenario, draft }, problems: problems_all, changed })
}

fn fresh(app: &App, draft: &Draft) -> Scenario {
    let now = app.clock.now();
    let name = if draft.name.trim().is_empty() { &draft.key } else { draft.name.trim() };
    Scenario {
        id: ScenarioId::new(&app.ids, app.clock.as_ref()),
        key: draft.key.clone(),
        name: name.to_owned(),
        published: None,
        revision: 1,
        created_at: now,
        updated_at: now,
    }
}

fn problems(app: &App, draft: &Draft) -> Vec<samovar_engine::Problem> {
    samovar_engine::Scenario::compile(draft, app.capabilities.catalogue()).1
}

async fn drafted(tx: &Tx, key: &str) -> Result<Option<Drafted>, Fail> {
    let row = tx.one(&store::DRAFT_BY_KEY, params![key]).await?;
    Ok(row.map(|row| Drafted::from_row(&row)).transpose()?)
}

async fn load(tx: &Tx, key: &str) -> Result<Scenario, Fail> {
    let row = tx.one(&store::SCENARIO_BY_KEY, params![key]).await?;
    let row = row.ok_or_else(|| not_found(key))?;
    Ok(Scenario::from_row(&row)?)
}

fn not_found(key: &str) -> Fail {
    Problem::not_found("сценарий", "scenario", key).into()
}
