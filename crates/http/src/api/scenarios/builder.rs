//! What the builder asks for beside drafts: statistics of steps, versions and their comparison, the library.

use crate::api::{shapes, word_of};
use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Json, Path, Query};
use crate::watch::Reader;
use axum::Extension;
use axum::extract::State;
use samovar_app::App;
use samovar_app::problem::Problem;
use samovar_app::scenarios::{self, ChangeKind};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What the builder asks for beside drafts.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_templates))
        .routes(routes!(count_begun))
        .routes(routes!(read_statistics))
        .routes(routes!(read_version))
        .routes(routes!(compare_versions))
        .routes(routes!(list_clashes))
}

fn kinds() -> Object {
    word_of(&["added", "removed", "changed"])
}
fn parts() -> Object {
    word_of(&["step", "edge", "trigger", "text", "setting"])
}

/// A ready bot.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ScenarioTemplate, example = json!({
    "key": "coffee-loyalty", "title": "Бонусы кофейни", "about": "Регистрация и баллы", "needs": ["loyalty"],
    "draft": { "key": "coffee-loyalty" }
}))]
pub struct TemplateView {
    /// Its name in the library.
    key: &'static str,
    /// In the reader's language.
    title: &'static str,
    /// What it does.
    about: &'static str,
    /// What the company needs for it.
    needs: Vec<&'static str>,
    /// What it says and does.
    #[schema(value_type = shapes::ScenarioDraft)]
    draft: Value,
}

/// For how long, and of which version.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct StatisticsQuery {
    /// The last days, today included: 1 to 731, 30 when absent.
    #[param(minimum = 1, maximum = 731)]
    days: Option<i64>,
    /// Of this version only.
    #[param(minimum = 1)]
    version: Option<i64>,
}

/// For how long.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct DaysQuery {
    /// The last days, today included: 1 to 731, 30 when absent.
    #[param(minimum = 1, maximum = 731)]
    days: Option<i64>,
}

/// How often a step was entered, or left by a port.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StepTimes, example = json!({ "step": "greet", "port": "next", "times": 46902 }))]
pub struct TimesView {
    /// Which step; empty for the beginning.
    step: String,
    /// By which port it was left; empty when it was entered; of the beginning the number of the trigger, from 0.
    port: String,
    /// How often.
    times: i64,
}

/// How often the steps of a scenario were gone through.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "days": 30, "steps": [{ "step": "greet", "port": "", "times": 46902 }] }))]
pub struct ScenarioStatistics {
    /// The last days, today included.
    days: i64,
    /// By step and port.
    steps: Vec<TimesView>,
}

/// How often a scenario was begun.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "id": "scn_00fs4w8m5xv1g", "times": 48210 }))]
pub struct ScenarioBegun {
    /// Which scenario.
    id: String,
    /// How often.
    times: i64,
}

/// How often scenarios were begun.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "days": 30, "scenarios": [{ "id": "scn_00fs4w8m5xv1g", "times": 48210 }] }))]
pub struct ScenariosBegun {
    /// The last days, today included.
    days: i64,
    /// By scenario.
    scenarios: Vec<ScenarioBegun>,
}

/// The source of a version.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "version": 3, "draft": { "key": "hello" } }))]
pub struct VersionSource {
    /// Which.
    version: i64,
    /// What it says and does.
    #[schema(value_type = shapes::ScenarioDraft)]
    draft: Value,
}

/// Which versions are compared.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct CompareQuery {
    /// The earlier one.
    #[param(minimum = 1)]
    from: i64,
    /// The later one; the draft when absent.
    #[param(minimum = 1)]
    to: Option<i64>,
}

/// One difference.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ScenarioChange, example = json!({
    "kind": "changed", "of": "step", "name": "greet", "field": "text", "before": "Привет", "after": "Здравствуйте"
}))]
pub struct ChangeView {
    /// How it differs.
    #[schema(schema_with = kinds)]
    kind: &'static str,
    /// What differs.
    #[schema(schema_with = parts)]
    of: &'static str,
    /// Which: the name of the step, edge or text, the number of the trigger from 1.
    name: String,
    /// Which field of a step; empty where it is all of it.
    field: String,
    /// As it was.
    before: Value,
    /// As it is.
    after: Value,
}

/// What differs.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "changes": [] }))]
pub struct Comparison {
    /// In no more than a few thousand lines: a draft has a limit.
    changes: Vec<ChangeView>,
}

/// Another scenario waits for the same.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TriggerClash, example = json!({ "trigger": 0, "scenario": "hello", "name": "Привет", "what": "меню" }))]
pub struct ClashView {
    /// The number of the trigger in the draft, from 0.
    trigger: usize,
    /// The key of the other scenario.
    scenario: String,
    /// Its name.
    name: String,
    /// What both wait for.
    what: String,
}

/// Who else waits for the same.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "clashes": [] }))]
pub struct Clashes {
    /// By trigger.
    clashes: Vec<ClashView>,
}

/// List ready bots
///
/// To begin from: store one as a draft under a key of its own. Needs the right `scenarios_read`.
#[utoipa::path(
    get, path = "/scenarios/templates", tag = "scenarios",
    responses((status = 200, description = "The library", body = Vec<TemplateView>))
)]
async fn list_templates(
    Signed(actor): Signed,
    Extension(reader): Extension<Reader>,
) -> Result<Json<Vec<TemplateView>>, Error> {
    let view = |one: scenarios::Template| TemplateView {
        key: one.key,
        title: one.title,
        about: one.about,
        needs: one.needs.to_vec(),
        draft: serde_json::to_value(one.draft).unwrap_or_default(),
    };
    Ok(Json(scenarios::templates(&actor, reader.locale())?.into_iter().map(view).collect()))
}

/// Count beginnings
///
/// How often each scenario was begun. Needs the right `scenarios_read`.
#[utoipa::path(
    get, path = "/scenarios/begun", tag = "scenarios", params(DaysQuery),
    responses((status = 200, description = "By scenario", body = ScenariosBegun))
)]
async fn count_begun(
    State(app): State<App>,
    Signed(actor): Signed,
    Query(query): Query<DaysQuery>,
) -> Result<Json<ScenariosBegun>, Error> {
    let days = days(query.days)?;
    let found = scenarios::begun(&app, &actor, days).await?;
    let view = |(id, times): (samovar_base::ScenarioId, i64)| ScenarioBegun { id: id.to_string(), times };
    Ok(Json(ScenariosBegun { days, scenarios: found.into_iter().map(view).collect() }))
}

/// Read the statistics of steps
///
/// How often each step was entered and by which port it was left; those who entered and did not leave have stopped
/// there. Needs the right `scenarios_read`.
#[utoipa::path(
    get, path = "/scenarios/{key}/statistics", tag = "scenarios",
    params(("key" = String, Path, description = "Short name"), StatisticsQuery),
    responses((status = 200, description = "By step and port", body = ScenarioStatistics))
)]
async fn read_statistics(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(key): Path<String>,
    Query(query): Query<StatisticsQuery>,
) -> Result<Json<ScenarioStatistics>, Error> {
    let days = days(query.days)?;
    let found = scenarios::statistics(&app, &actor, &key, days, query.version).await?;
    let view = |one: scenarios::Times| TimesView { step: one.step, port: one.port, times: one.times };
    Ok(Json(ScenarioStatistics { days, steps: found.into_iter().map(view).collect() }))
}

/// Read a version
///
/// Needs the right `scenarios_read`.
#[utoipa::path(
    get, path = "/scenarios/{key}/versions/{version}", tag = "scenarios",
    params(("key" = String, Path, description = "Short name"), ("version" = i64, Path, description = "Its number")),
    responses((status = 200, description = "The version", body = VersionSource))
)]
async fn read_version(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((key, version)): Path<(String, i64)>,
) -> Result<Json<VersionSource>, Error> {
    let draft = scenarios::source(&app, &actor, &key, version).await?;
    Ok(Json(VersionSource { version, draft: serde_json::to_value(draft).unwrap_or_default() }))
}

/// Compare versions
///
/// What was added, removed and changed, field by field. Needs the right `scenarios_read`.
#[utoipa::path(
    get, path = "/scenarios/{key}/compare", tag = "scenarios",
    params(("key" = String, Path, description = "Short name"), CompareQuery),
    responses((status = 200, description = "What differs", body = Comparison))
)]
async fn compare_versions(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(key): Path<String>,
    Query(query): Query<CompareQuery>,
) -> Result<Json<Comparison>, Error> {
    let before = scenarios::source(&app, &actor, &key, query.from).await?;
    let after = match query.to {
        Some(to) => scenarios::source(&app, &actor, &key, to).await?,
        None => scenarios::get(&app, &actor, &key).await?.draft,
    };
    let view = |one: scenarios::Change| ChangeView {
        kind: match one.kind {
            ChangeKind::Added => "added",
            ChangeKind::Removed => "removed",
            ChangeKind::Changed => "changed",
        },
        of: one.of,
        name: one.name,
        field: one.field,
        before: one.before,
        after: one.after,
    };
    Ok(Json(Comparison { changes: scenarios::compare(&before, &after).into_iter().map(view).collect() }))
}

/// List clashes
///
/// Other published scenarios that wait for the same as the draft: on one channel the first of them is heard. Needs the
/// right `scenarios_read`.
#[utoipa::path(
    get, path = "/scenarios/{key}/clashes", tag = "scenarios",
    params(("key" = String, Path, description = "Short name")),
    responses((status = 200, description = "By trigger", body = Clashes))
)]
async fn list_clashes(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(key): Path<String>,
) -> Result<Json<Clashes>, Error> {
    let found = scenarios::clashes(&app, &actor, &key).await?;
    let view = |one: scenarios::Clash| ClashView {
        trigger: one.trigger,
        scenario: one.scenario,
        name: one.name,
        what: one.what,
    };
    Ok(Json(Clashes { clashes: found.into_iter().map(view).collect() }))
}

fn days(asked: Option<i64>) -> Result<i64, Error> {
    match asked.unwrap_or(30) {
        days @ 1..=731 => Ok(days),
        _ => {
            Err(Problem::invalid("days", "bad_days", "Дней может быть от 1 до 731", "Days are 1 to 731")
                .into())
        }
    }
}
