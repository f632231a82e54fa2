//! Publication: a draft becomes a version, and every node begins to use it.

use super::{Scenario, Version, drafted, load, not_found, problems, rules, store};
use crate::access::{Actor, Right, audit};
use crate::app::App;
use crate::pipeline;
use crate::problem::{Fail, Problem};
use crate::tenants::{WAKE_DIRECTORY, changed_meanwhile, unit_key};
use samovar_engine::{Draft, TriggerOn};
use samovar_store::{Tx, params};
use serde_json::json;

/// How publication ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Publication {
    /// The version people start on now.
    pub version: i64,
    /// It is a new one; the same source as the published one makes none.
    pub new: bool,
    /// What is not quite right with it.
    pub warnings: Vec<samovar_engine::Problem>,
}

/// Publishes the draft. Refused with every error when there are any. With a `revision`, only if the scenario still has
/// it.
pub async fn publish(
    app: &App,
    actor: &Actor,
    key: &str,
    revision: Option<i64>,
) -> Result<Publication, Fail> {
    actor.require(Right::ScenariosWrite)?;
    let owned = key.to_owned();
    let found = app
        .store
        .read(actor.tenant, move |tx| {
            let key = owned.clone();
            async move { drafted(&tx, &key).await?.ok_or_else(|| not_found(&key)) }
        })
        .await?;
    if revision.is_some_and(|seen| seen != found.scenario.revision) {
        return Err(changed_meanwhile(found.scenario.revision).into());
    }
    let seen = Some(found.scenario.revision);
    make_version(app, actor, found.scenario, seen, found.draft, json!({})).await
}

/// Publishes the source of an earlier version anew, as a version of its own. The draft stays as it is.
pub async fn roll_back(app: &App, actor: &Actor, key: &str, version: i64) -> Result<Publication, Fail> {
    actor.require(Right::ScenariosWrite)?;
    let owned = key.to_owned();
    let (scenario, draft) = app
        .store
        .read(actor.tenant, move |tx| {
            let key = owned.clone();
            async move {
                let scenario = load(&tx, &key).await?;
                let row = tx.one(&store::SOURCE, params![scenario.id, version]).await?;
                let row = row.ok_or_else(|| no_version(version))?;
                Ok::<_, Fail>((scenario, row.json::<Draft>(0)?))
            }
        })
        .await?;
    make_version(app, actor, scenario, None, draft, json!({ "rolled_back_to": version })).await
}

/// Up to `limit` versions, the youngest first, from `after` on.
pub async fn versions(
    app: &App,
    actor: &Actor,
    key: &str,
    after: Option<i64>,
    limit: u32,
) -> Result<Vec<Version>, Fail> {
    actor.require(Right::ScenariosRead)?;
    let (owned, before) = (key.to_owned(), after.unwrap_or(i64::MAX));
    app.store
        .read(actor.tenant, move |tx| {
            let key = owned.clone();
            async move {
                let scenario = load(&tx, &key).await?;
                let rows = tx.all(&store::VERSIONS, params![scenario.id, before, limit]).await?;
                Ok(rows.iter().map(Version::from_row).collect::<Result<_, _>>()?)
            }
        })
        .await
}

/// What a version says and does.
pub async fn source(app: &App, actor: &Actor, key: &str, version: i64) -> Result<Draft, Fail> {
    actor.require(Right::ScenariosRead)?;
    let owned = key.to_owned();
    app.store
        .read(actor.tenant, move |tx| {
            let key = owned.clone();
            async move {
                let scenario = load(&tx, &key).await?;
                let row = tx.one(&store::SOURCE, params![scenario.id, version]).await?;
                Ok(row.ok_or_else(|| no_version(version))?.json::<Draft>(0)?)
            }
        })
        .await
}

/// The draft is checked before the unit: a large one would keep the others waiting.
async fn make_version(
    app: &App,
    actor: &Actor,
    scenario: Scenario,
    seen: Option<i64>,
    draft: Draft,
    data: serde_json::Value,
) -> Result<Publication, Fail> {
    let warnings = problems(app, &draft);
    if rules::has_errors(&warnings) {
        return Err(Fail::Problems(rules::refusal(&warnings)));
    }
    let (source, hash, now) = (rules::to_json(&draft)?, rules::source_hash(&draft), app.clock.now());
    let waits_for_dates = draft.triggers.iter().any(|trigger| matches!(trigger.on, TriggerOn::Date { .. }));
    let (unit_app, unit_actor) = (app.clone(), actor.clone());
    let (version, new) = app
        .store
        .run(actor.tenant, unit_key(actor.tenant), move |tx| {
            let (app, actor, data, key) =
                (unit_app.clone(), unit_actor.clone(), data.clone(), scenario.key.clone());
            let (source, hash) = (source.clone(), hash.clone());
            async move {
                let current = load(&tx, &key).await?;
                if seen.is_some_and(|seen| seen != current.revision) {
                    return Err(changed_meanwhile(current.revision).into());
                }
                if let Some(version) = current.published
                    && published_hash(&tx, &current, version).await?.as_deref() == Some(&hash)
                {
                    return Ok((version, false));
                }
                let (version, old) = (current.published.unwrap_or(0) + 1, current.revision);
                let by = actor.who.to_string();
                tx.put(&store::VERSION_NEW, params![current.id, version, source, hash, now, by]);
                tx.put(&store::PUBLISHED_SAVE, params![current.id, old, old + 1, version]);
                tx.wake(WAKE_DIRECTORY, &actor.tenant.to_string());
                if waits_for_dates {
                    pipeline::dates::watch(&app, &tx, now).await?;
                }
                let mut data = data;
                data["version"] = version.into();
                audit(&tx, &app, &actor, "scenario.publish", &key, &data);
                Ok::<_, Fail>((version, true))
            }
        })
        .await?;
    Ok(Publication { version, new, warnings })
}

async fn published_hash(tx: &Tx, scenario: &Scenario, version: i64) -> Result<Option<String>, Fail> {
    let row = tx.one(&store::SOURCE_HASH, params![scenario.id, version]).await?;
    Ok(row.map(|row| row.text(0).map(str::to_owned)).transpose()?)
}

fn no_version(version: i64) -> Problem {
    Problem::not_found("версия", "version", version)
}
