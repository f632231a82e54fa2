//! What the builder asks for beside drafts: the simulator, previews, statistics of steps, comparison, the library.

use crate::api::word_of;
use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Json, Path, Query};
use crate::watch::Reader;
use axum::Extension;
use axum::extract::State;
use samovar_app::App;
use samovar_app::pipeline::Played;
use samovar_app::problem::Problem;
use samovar_app::scenarios::{self, ChangeKind, Guest, Happens, Simulation};
use samovar_base::message::{Action, Button};
use samovar_base::{ContactId, Instant, Points};
use samovar_connectors::{Drawn, Keys, Kind};
use samovar_engine::{Kind as FactKind, Locale};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What the builder asks for beside drafts.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(simulate))
        .routes(routes!(preview))
        .routes(routes!(list_templates))
        .routes(routes!(count_begun))
        .routes(routes!(read_statistics))
        .routes(routes!(read_version))
        .routes(routes!(compare_versions))
        .routes(routes!(list_clashes))
}

fn messengers() -> Object {
    word_of(&["telegram", "webchat"])
}
fn does() -> Object {
    word_of(&["press", "open", "share_phone"])
}
fn forms() -> Object {
    word_of(&["none", "buttons", "list", "keyboard"])
}
fn waits() -> Object {
    word_of(&["nothing", "person", "timer", "app", "operator"])
}
fn kinds() -> Object {
    word_of(&["added", "removed", "changed"])
}
fn parts() -> Object {
    word_of(&["step", "edge", "trigger", "text", "setting"])
}

/// A draft and what happens with it, from the beginning on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "draft": { "key": "hello", "triggers": [{ "on": "start", "goto": "greet" }],
               "steps": { "greet": { "kind": "say", "text": "Здравствуйте, {{ contact.name }}!" } } },
    "messenger": "telegram", "guest": { "name": "Марина", "points": 100 }, "acts": [{ "do": "start" }]
}))]
pub struct SimulationWanted {
    /// The draft.
    #[schema(value_type = Object)]
    draft: Value,
    /// For which messenger it is drawn.
    #[schema(schema_with = messengers)]
    messenger: Kind,
    /// With whom.
    #[serde(default)]
    guest: GuestWanted,
    /// When it begins; now when absent.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    began: Option<Instant>,
    /// What happens: `{"do": "start", "payload"}`, `{"do": "text", "text"}`, `{"do": "press", "message", "label"}`,
    /// `{"do": "photo"}`, `{"do": "phone", "number"}`, `{"do": "pass", "minutes"}`, `{"do": "silence"}`,
    /// `{"do": "enter", "step"}`. At most 200.
    #[schema(value_type = Vec<Object>)]
    acts: Vec<Happens>,
}

/// Somebody there is, or somebody made up.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({ "name": "Марина", "points": 100 }))]
pub struct GuestWanted {
    /// The id of a contact: everything of theirs is at hand, and nothing is changed. Needs `contacts_read` and
    /// `personal_data_see`.
    contact: Option<String>,
    /// The name of somebody made up.
    name: String,
    /// Their number.
    phone: Option<String>,
    /// Their language.
    locale: Option<String>,
    /// Their tags.
    tags: Vec<String>,
    /// Their points, 0 to 1,000,000.
    points: i64,
}

/// How it went.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Simulated, example = json!({
    "began": "2026-11-21T10:00:00Z", "now": "2026-11-21T10:00:00Z", "awaits": "nothing", "facts": {}, "scenes": []
}))]
pub struct SimulatedView {
    /// When it began: say it with the next request, so that the clock stays the same.
    #[schema(value_type = String, format = DateTime)]
    began: Instant,
    /// The clock's time in the end.
    #[schema(value_type = String, format = DateTime)]
    now: Instant,
    /// The step at which the person is in the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<String>,
    /// What is waited for.
    #[schema(schema_with = waits)]
    awaits: &'static str,
    /// When something happens by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    next_at: Option<Instant>,
    /// What is known of the person in the end, by path.
    #[schema(value_type = Object)]
    facts: Value,
    /// What each act led to.
    scenes: Vec<SceneView>,
}

/// What one act led to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SimulatedScene, example = json!({
    "at": "2026-11-21T10:00:00Z", "messages": [], "notes": [], "passed": [{ "step": "greet", "port": "" }],
    "changes": [{ "path": "loyalty.balance", "title": "баланс", "kind": "points", "before": 0, "after": 100 }]
}))]
pub struct SceneView {
    /// When it ended.
    #[schema(value_type = String, format = DateTime)]
    at: Instant,
    /// What the bot said.
    messages: Vec<MessageView>,
    /// What of the person was changed.
    changes: Vec<FactChange>,
    /// The steps gone through.
    passed: Vec<PassedView>,
    /// What was passed over, and why.
    notes: Vec<String>,
}

/// A step that was entered, or left by a port.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PassedStep, example = json!({ "step": "greet", "port": "next" }))]
pub struct PassedView {
    /// Which.
    step: String,
    /// By which port it was left; empty when it was entered.
    port: String,
}

/// Something known of a person that was changed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "path": "loyalty.balance", "title": "баланс", "kind": "points", "before": 0, "after": 100 }))]
pub struct FactChange {
    /// Which fact.
    path: String,
    /// For people; the path where the catalogue does not know it.
    title: String,
    /// What it holds, as the catalogue says.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    kind: Option<FactKind>,
    /// As it was.
    before: Value,
    /// As it is.
    after: Value,
}

/// A message as its messenger shows it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DrawnMessage, example = json!({
    "at": "2026-11-21T10:00:00Z", "step": "greet", "text": "Здравствуйте, Марина!", "form": "buttons",
    "rows": [[{ "label": "Баланс", "does": "press" }]]
}))]
pub struct MessageView {
    /// When; absent in previews.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<Instant>,
    /// The step that says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<String>,
    /// Words.
    text: String,
    /// The name of its picture or file.
    #[serde(skip_serializing_if = "Option::is_none")]
    media: Option<String>,
    /// The number of the earlier message that it takes the place of.
    #[serde(skip_serializing_if = "Option::is_none")]
    replaces: Option<usize>,
    /// What the keys are.
    #[schema(schema_with = forms)]
    form: &'static str,
    /// What can be pressed, by rows.
    rows: Vec<Vec<KeyView>>,
}

/// Something that can be pressed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DrawnKey, example = json!({ "label": "Баланс", "does": "press" }))]
pub struct KeyView {
    /// What is written on it.
    label: String,
    /// What it does.
    #[schema(schema_with = does)]
    does: &'static str,
    /// The address it opens.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

/// Which step is to be shown.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "draft": { "key": "hello", "steps": { "greet": { "kind": "say", "text": "Здравствуйте!" } } }, "step": "greet"
}))]
pub struct PreviewWanted {
    /// The draft.
    #[schema(value_type = Object)]
    draft: Value,
    /// Which step.
    step: String,
    /// The name of the person it is said to.
    #[serde(default)]
    name: String,
}

/// A step as a messenger shows it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StepPreview, example = json!({ "messenger": "telegram", "messages": [] }))]
pub struct PreviewView {
    /// Which messenger.
    #[schema(schema_with = messengers)]
    messenger: Kind,
    /// Its messages.
    messages: Vec<MessageView>,
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
    #[schema(value_type = Object)]
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
    #[schema(value_type = Object)]
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

/// Play a draft
///
/// Plays a draft with somebody made up, or a copy of somebody there is, by a clock of its own. What actions do is done
/// inside a unit of work that is never committed: nothing of it remains and nothing is sent. Refused with every error of
/// the draft when there are any. Needs the right `scenarios_write`.
#[utoipa::path(
    post, path = "/scenarios/simulate", tag = "scenarios", request_body = SimulationWanted,
    responses((status = 200, description = "How it went", body = SimulatedView))
)]
async fn simulate(
    State(app): State<App>,
    Signed(actor): Signed,
    Extension(reader): Extension<Reader>,
    Json(wanted): Json<SimulationWanted>,
) -> Result<Json<SimulatedView>, Error> {
    let began = wanted.began.unwrap_or_else(|| app.clock.now());
    let simulation = Simulation {
        draft: wanted.draft,
        messenger: wanted.messenger,
        guest: wanted.guest.read()?,
        began: Some(began),
        acts: wanted.acts,
    };
    let played = scenarios::simulate(&app, &actor, simulation).await?;
    Ok(Json(SimulatedView::of(&app, began, played, reader.locale())))
}

/// Show a step
///
/// What one step of a draft says in every messenger, to somebody made up; what is wrong beside it does not matter. Needs
/// the right `scenarios_read`.
#[utoipa::path(
    post, path = "/scenarios/preview", tag = "scenarios", request_body = PreviewWanted,
    responses((status = 200, description = "By messenger", body = Vec<PreviewView>))
)]
async fn preview(
    State(app): State<App>,
    Signed(actor): Signed,
    Json(wanted): Json<PreviewWanted>,
) -> Result<Json<Vec<PreviewView>>, Error> {
    let shown = scenarios::preview(&app, &actor, wanted.draft, &wanted.step, &wanted.name).await?;
    let view = |one: scenarios::Preview| PreviewView {
        messenger: one.messenger,
        messages: one.messages.into_iter().map(|drawn| MessageView::of(drawn, None, None)).collect(),
    };
    Ok(Json(shown.into_iter().map(view).collect()))
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

impl GuestWanted {
    fn read(self) -> Result<Guest, Error> {
        let contact = match &self.contact {
            None => None,
            Some(id) => Some(
                id.parse::<ContactId>()
                    .map_err(|_| Problem::not_found("контакт", "contact", id).at("guest.contact"))?,
            ),
        };
        if !(0..=1_000_000).contains(&self.points) {
            let (ru, en) = ("Баллов может быть от 0 до 1 000 000", "Points are 0 to 1,000,000");
            return Err(Problem::invalid("guest.points", "bad_points", ru, en).into());
        }
        Ok(Guest {
            contact,
            name: self.name,
            phone: self.phone,
            locale: self.locale,
            tags: self.tags.into_iter().collect(),
            points: Points(self.points),
        })
    }
}

impl SimulatedView {
    fn of(app: &App, began: Instant, played: Played, locale: &str) -> Self {
        let catalogue = app.capabilities.catalogue();
        let locale = if locale.starts_with("ru") { Locale::Ru } else { Locale::En };
        let change = |(path, before, after): (String, Value, Value)| {
            let spec = catalogue.fact(&path);
            let title = spec.map_or_else(|| path.clone(), |spec| spec.title.text(locale).to_owned());
            FactChange { kind: spec.map(|spec| spec.kind), path, title, before, after }
        };
        let scene = |one: samovar_app::pipeline::Scene| SceneView {
            at: one.at,
            messages: one
                .messages
                .into_iter()
                .map(|told| MessageView::of(told.drawn, Some(told.at), told.step))
                .collect(),
            changes: one.changes.into_iter().map(change).collect(),
            passed: one.passed.into_iter().map(|(step, port)| PassedView { step, port }).collect(),
            notes: one.notes,
        };
        Self {
            began,
            now: played.now,
            step: played.step,
            awaits: played.awaits,
            next_at: played.next_at,
            facts: json!(played.facts),
            scenes: played.scenes.into_iter().map(scene).collect(),
        }
    }
}

impl MessageView {
    fn of(drawn: Drawn, at: Option<Instant>, step: Option<String>) -> Self {
        let (form, rows) = match drawn.keys {
            Keys::None | Keys::Hide => ("none", Vec::new()),
            Keys::Buttons(rows) => ("buttons", rows),
            Keys::List(rows) => ("list", rows.into_iter().map(|one| vec![one]).collect()),
            Keys::Keyboard(rows) => ("keyboard", rows),
        };
        let keys = |row: Vec<Button>| row.into_iter().map(KeyView::of).collect();
        Self {
            at,
            step,
            text: drawn.text,
            media: drawn.media.map(|media| media.key),
            replaces: drawn.replaces.and_then(|number| number.parse().ok()),
            form,
            rows: rows.into_iter().map(keys).collect(),
        }
    }
}

impl KeyView {
    fn of(button: Button) -> Self {
        let (does, url) = match button.action {
            Action::Press(_) => ("press", None),
            Action::Open(url) => ("open", Some(url)),
            Action::SharePhone => ("share_phone", None),
        };
        Self { label: button.label, does, url }
    }
}
