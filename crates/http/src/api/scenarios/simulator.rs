//! The simulator and the previews of steps.

use crate::api::{shapes, word_of};
use crate::auth::Signed;
use crate::error::Error;
use crate::extract::Json;
use crate::watch::Reader;
use axum::Extension;
use axum::extract::State;
use samovar_app::App;
use samovar_app::pipeline::Played;
use samovar_app::problem::Problem;
use samovar_app::scenarios::{self, Guest, Happens, Simulation};
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

/// The simulator and the previews of steps.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(simulate)).routes(routes!(preview))
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
    #[schema(value_type = shapes::ScenarioDraft)]
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
    /// What happens, in order.
    #[schema(value_type = Vec<shapes::SimulatedAct>, max_items = 200)]
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
    #[schema(value_type = shapes::ScenarioDraft)]
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
