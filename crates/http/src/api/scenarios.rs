//! What bots say and do.

mod builder;
mod simulator;

use super::shapes;
use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Json, Path, Query};
use crate::page::{Page, PageQuery, Paging};
use crate::watch::Reader;
use axum::Extension;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use samovar_app::App;
use samovar_app::problem::Problem;
use samovar_app::scenarios;
use samovar_base::Instant;
use samovar_engine::{Locale, Severity};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Scenarios, their drafts and versions.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_scenarios))
        .routes(routes!(import_scenario))
        .routes(routes!(check_document))
        .routes(routes!(get_scenario))
        .routes(routes!(put_draft))
        .routes(routes!(check_scenario))
        .routes(routes!(publish_scenario))
        .routes(routes!(roll_back_scenario))
        .routes(routes!(list_versions))
        .routes(routes!(export_scenario))
        .routes(routes!(get_catalogue))
        .merge(builder::routes())
        .merge(simulator::routes())
}

/// A scenario.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "scn_00fs4w8m5xv1g", "key": "coffee-loyalty", "name": "Бонусы кофейни", "published": 3, "revision": 9,
    "created_at": "2026-11-21T10:00:00Z", "updated_at": "2026-11-21T12:00:00Z"
}))]
pub struct Scenario {
    /// Id.
    pub id: String,
    /// Short name; never changes.
    pub key: String,
    /// For staff.
    pub name: String,
    /// The version people start on; absent until first published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published: Option<i64>,
    /// Grows with every change of the draft and every publication.
    pub revision: i64,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Instant,
    /// When its draft was changed last.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Instant,
}

/// A scenario with what is being written, and what is wrong with that.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "scn_00fs4w8m5xv1g", "key": "hello", "name": "Привет", "revision": 1,
    "created_at": "2026-11-21T10:00:00Z", "updated_at": "2026-11-21T10:00:00Z",
    "draft": { "key": "hello", "triggers": [{ "on": "start", "goto": "greet" }],
               "steps": { "greet": { "kind": "say", "text": "Здравствуйте!" } }, "edges": {} },
    "problems": [{ "severity": "warning", "path": "steps.greet", "code": "unwired", "text": "…" }]
}))]
pub struct DraftedScenario {
    /// The scenario.
    #[serde(flatten)]
    pub scenario: Scenario,
    /// The draft, as the builder draws it.
    #[schema(value_type = shapes::ScenarioDraft)]
    pub draft: Value,
    /// What is wrong with the draft.
    pub problems: Vec<DraftProblem>,
}

/// Something that is wrong with a draft.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "severity": "error", "path": "steps.menu.text", "code": "unknown_fact", "detail": "contact.nmae",
    "text": "шаг «menu», text: переменной «contact.nmae» нет"
}))]
pub struct DraftProblem {
    /// `error` forbids publication, `warning` does not.
    pub severity: &'static str,
    /// Where, as a dotted path into the draft.
    pub path: String,
    /// Stable, snake case.
    pub code: String,
    /// The name or value it is about.
    pub detail: String,
    /// Where and what, in the reader's language.
    pub text: String,
}

/// What is wrong with a draft.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "publishable": true, "problems": [] }))]
pub struct DraftReport {
    /// There are no errors.
    pub publishable: bool,
    /// Errors and warnings.
    pub problems: Vec<DraftProblem>,
}

/// Of which revision the caller knows.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RevisionQuery {
    /// Refused when the scenario has another revision by now; 0 stands for one that is not there yet.
    pub revision: Option<i64>,
}

/// Which version to go back to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "version": 1 }))]
pub struct RollBack {
    /// An earlier version; its source is published anew.
    pub version: i64,
}

/// How publication ended.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "version": 4, "new": true, "warnings": [] }))]
pub struct Publication {
    /// The version people start on now.
    pub version: i64,
    /// It is a new one; the same source as the published one makes none.
    pub new: bool,
    /// What is not quite right with it.
    pub warnings: Vec<DraftProblem>,
}

/// A published version.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "version": 3, "source_hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "published_at": "2026-11-21T12:00:00Z", "published_by": "stf_00fs4w8m5xv1g"
}))]
pub struct ScenarioVersion {
    /// 1, 2, …
    pub version: i64,
    /// SHA-256 of its source without the layout.
    pub source_hash: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub published_at: Instant,
    /// Who: the id of a staff member or key, `setup`.
    pub published_by: String,
}

/// List scenarios
///
/// The youngest first, without their drafts. Needs the right `scenarios_read`.
#[utoipa::path(
    get, path = "/scenarios", tag = "scenarios", params(PageQuery),
    responses((status = 200, description = "A page of scenarios", body = Page<Scenario>))
)]
async fn list_scenarios(
    State(app): State<App>,
    Signed(actor): Signed,
    paging: Paging,
) -> Result<Json<Page<Scenario>>, Error> {
    let found = scenarios::list(&app, &actor, paging.after()?, paging.to_read()).await?;
    Ok(Json(Page::cut(found, paging.limit, |scenario| scenario.id).map(Scenario::from)))
}

/// Import a scenario
///
/// Stores the draft of a TOML file under the key it names. Needs the right `scenarios_write`.
#[utoipa::path(
    post, path = "/scenarios/import", tag = "scenarios",
    request_body(
        content = String, content_type = "application/toml", description = "The file",
        example = json!("key = \"hello\"\n\n[[triggers]]\non = \"start\"\ngoto = \"greet\"\n\n[steps.greet]\nkind = \"say\"\ntext = \"Здравствуйте!\"\n")
    ),
    responses((status = 200, description = "The scenario with its draft", body = DraftedScenario))
)]
async fn import_scenario(
    State(app): State<App>,
    Signed(actor): Signed,
    Extension(reader): Extension<Reader>,
    file: axum::body::Bytes,
) -> Result<Json<DraftedScenario>, Error> {
    let file = std::str::from_utf8(&file).map_err(|_| not_text())?;
    let checked = scenarios::import(&app, &actor, file).await?;
    Ok(Json(drafted(checked.drafted, checked.problems, reader.locale())))
}

/// Check a draft
///
/// Tells what would be wrong with a draft, and stores nothing. Needs the right `scenarios_read`.
#[utoipa::path(
    post, path = "/scenarios/check", tag = "scenarios",
    request_body(content = shapes::ScenarioDraft, description = "A draft"),
    responses((status = 200, description = "What is wrong with it", body = DraftReport))
)]
async fn check_document(
    State(app): State<App>,
    Signed(actor): Signed,
    Extension(reader): Extension<Reader>,
    Json(document): Json<Value>,
) -> Result<Json<DraftReport>, Error> {
    let problems = scenarios::check_document(&app, &actor, document)?;
    Ok(Json(DraftReport::of(problems, reader.locale())))
}

/// Read a scenario
///
/// With its draft and what is wrong with that. Needs the right `scenarios_read`.
#[utoipa::path(
    get, path = "/scenarios/{key}", tag = "scenarios", params(("key" = String, Path, description = "Short name")),
    responses((status = 200, description = "The scenario", body = DraftedScenario))
)]
async fn get_scenario(
    State(app): State<App>,
    Signed(actor): Signed,
    Extension(reader): Extension<Reader>,
    Path(key): Path<String>,
) -> Result<Json<DraftedScenario>, Error> {
    let found = scenarios::get(&app, &actor, &key).await?;
    let problems = scenarios::check(&app, &actor, &key).await?;
    Ok(Json(drafted(found, problems, reader.locale())))
}

/// Store a draft
///
/// Makes the scenario when there is none yet. A draft may be incomplete or wrong: what is wrong is told, and what is
/// not understood is left out and told. Needs the right `scenarios_write`.
#[utoipa::path(
    put, path = "/scenarios/{key}/draft", tag = "scenarios",
    params(("key" = String, Path, description = "Short name: Latin letters, digits, `_`, `-`"), RevisionQuery),
    request_body(content = shapes::ScenarioDraft, description = "The draft"),
    responses((status = 200, description = "The scenario with its draft as stored", body = DraftedScenario))
)]
async fn put_draft(
    State(app): State<App>,
    Signed(actor): Signed,
    Extension(reader): Extension<Reader>,
    Path(key): Path<String>,
    Query(query): Query<RevisionQuery>,
    Json(document): Json<Value>,
) -> Result<Json<DraftedScenario>, Error> {
    let checked = scenarios::put_draft(&app, &actor, &key, query.revision, document).await?;
    Ok(Json(drafted(checked.drafted, checked.problems, reader.locale())))
}

/// Check a scenario's draft
///
/// Needs the right `scenarios_read`.
#[utoipa::path(
    post, path = "/scenarios/{key}/check", tag = "scenarios", params(("key" = String, Path, description = "Short name")),
    responses((status = 200, description = "What is wrong with it", body = DraftReport))
)]
async fn check_scenario(
    State(app): State<App>,
    Signed(actor): Signed,
    Extension(reader): Extension<Reader>,
    Path(key): Path<String>,
) -> Result<Json<DraftReport>, Error> {
    let problems = scenarios::check(&app, &actor, &key).await?;
    Ok(Json(DraftReport::of(problems, reader.locale())))
}

/// Publish a scenario
///
/// The draft becomes the version people start on; those inside stay on theirs. Refused with every error when there are
/// any. Needs the right `scenarios_write`.
#[utoipa::path(
    post, path = "/scenarios/{key}/publish", tag = "scenarios",
    params(("key" = String, Path, description = "Short name"), RevisionQuery),
    responses((status = 200, description = "The version people start on now", body = Publication))
)]
async fn publish_scenario(
    State(app): State<App>,
    Signed(actor): Signed,
    Extension(reader): Extension<Reader>,
    Path(key): Path<String>,
    Query(query): Query<RevisionQuery>,
) -> Result<Json<Publication>, Error> {
    let published = scenarios::publish(&app, &actor, &key, query.revision).await?;
    Ok(Json(Publication::of(published, reader.locale())))
}

/// Roll a scenario back
///
/// Publishes the source of an earlier version anew, as a version of its own; the draft stays as it is. Needs the right
/// `scenarios_write`.
#[utoipa::path(
    post, path = "/scenarios/{key}/roll-back", tag = "scenarios",
    params(("key" = String, Path, description = "Short name")), request_body = RollBack,
    responses((status = 200, description = "The version people start on now", body = Publication))
)]
async fn roll_back_scenario(
    State(app): State<App>,
    Signed(actor): Signed,
    Extension(reader): Extension<Reader>,
    Path(key): Path<String>,
    Json(to): Json<RollBack>,
) -> Result<Json<Publication>, Error> {
    let published = scenarios::roll_back(&app, &actor, &key, to.version).await?;
    Ok(Json(Publication::of(published, reader.locale())))
}

/// List versions
///
/// The youngest first. Needs the right `scenarios_read`.
#[utoipa::path(
    get, path = "/scenarios/{key}/versions", tag = "scenarios",
    params(("key" = String, Path, description = "Short name"), PageQuery),
    responses((status = 200, description = "A page of versions", body = Page<ScenarioVersion>))
)]
async fn list_versions(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(key): Path<String>,
    paging: Paging,
) -> Result<Json<Page<ScenarioVersion>>, Error> {
    let found = scenarios::versions(&app, &actor, &key, paging.after()?, paging.to_read()).await?;
    Ok(Json(Page::cut(found, paging.limit, |version| version.version).map(ScenarioVersion::from)))
}

/// Export a scenario
///
/// Its draft as a readable TOML file, which the import takes back. Needs the right `scenarios_read`.
#[utoipa::path(
    get, path = "/scenarios/{key}/export", tag = "scenarios", params(("key" = String, Path, description = "Short name")),
    responses((status = 200, description = "The file", body = String, content_type = "application/toml"))
)]
async fn export_scenario(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(key): Path<String>,
) -> Result<Response, Error> {
    let file = scenarios::export(&app, &actor, &key).await?;
    Ok(([(header::CONTENT_TYPE, "application/toml; charset=utf-8")], file).into_response())
}

/// Read the catalogue
///
/// What scenarios may say: events, actions, screens and facts. Needs no right.
#[utoipa::path(
    get, path = "/catalogue", tag = "scenarios",
    responses((status = 200, description = "The catalogue", body = Object))
)]
async fn get_catalogue(State(app): State<App>, Signed(_actor): Signed) -> Json<Value> {
    Json(serde_json::to_value(app.capabilities.catalogue()).unwrap_or_default())
}

fn drafted(
    found: scenarios::Drafted,
    problems: Vec<samovar_engine::Problem>,
    locale: &str,
) -> DraftedScenario {
    DraftedScenario {
        scenario: found.scenario.into(),
        draft: serde_json::to_value(found.draft).unwrap_or_default(),
        problems: told(problems, locale),
    }
}

fn told(problems: Vec<samovar_engine::Problem>, locale: &str) -> Vec<DraftProblem> {
    problems.into_iter().map(|problem| DraftProblem::of(problem, locale)).collect()
}

fn not_text() -> Error {
    Problem::invalid("body", "not_text", "Файл должен быть в кодировке UTF-8", "The file must be UTF-8 text")
        .into()
}

impl DraftProblem {
    fn of(problem: samovar_engine::Problem, locale: &str) -> Self {
        let locale = if locale.starts_with("ru") { Locale::Ru } else { Locale::En };
        Self {
            severity: match problem.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            },
            path: scenarios::path(&problem.at),
            code: problem.code.to_owned(),
            text: problem.text(locale),
            detail: problem.detail,
        }
    }
}

impl DraftReport {
    fn of(problems: Vec<samovar_engine::Problem>, locale: &str) -> Self {
        let publishable = problems.iter().all(|problem| problem.severity == Severity::Warning);
        Self { publishable, problems: told(problems, locale) }
    }
}

impl Publication {
    fn of(published: scenarios::Publication, locale: &str) -> Self {
        Self { version: published.version, new: published.new, warnings: told(published.warnings, locale) }
    }
}

impl From<scenarios::Scenario> for Scenario {
    fn from(scenario: scenarios::Scenario) -> Self {
        Self {
            id: scenario.id.to_string(),
            key: scenario.key,
            name: scenario.name,
            published: scenario.published,
            revision: scenario.revision,
            created_at: scenario.created_at,
            updated_at: scenario.updated_at,
        }
    }
}

impl From<scenarios::Version> for ScenarioVersion {
    fn from(version: scenarios::Version) -> Self {
        Self {
            version: version.version,
            source_hash: version.source_hash,
            published_at: version.published_at,
            published_by: version.published_by,
        }
    }
}
