//! What the description says of values that are read and written by the app's own types: whom something goes to, what
//! is said, and what scenarios are made of.

use super::word_of;
use samovar_app::segments::{FIELDS, FieldKind};
use samovar_base::{ChannelId, ContactId, FileId, ReceiptId, StaffId, TenantId};
use samovar_engine::Operator;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa::openapi::schema::{AnyOfBuilder, Array, ArrayBuilder, Object, ObjectBuilder, Schema, Type};

/// The schema of an id.
fn id(prefix: &str) -> Object {
    let shape = format!("^{prefix}_[0-7][0-9a-hjkmnp-tv-z]{{12}}$");
    ObjectBuilder::new().schema_type(Type::String).pattern(Some(shape)).build()
}

macro_rules! ids {
    ($($name:ident $id:ty),+ $(,)?) => {$(
        #[doc = concat!("The schema of a `", stringify!($id), "`.")]
        pub(super) fn $name() -> Object {
            id(<$id>::PREFIX)
        }
    )+};
}

ids! {
    channel_id ChannelId,
    contact_id ContactId,
    file_id FileId,
    receipt_id ReceiptId,
    segment_id samovar_app::segments::SegmentId,
    staff_id StaffId,
    tenant_id TenantId,
}

/// The schema of files that go with a message.
pub(super) fn files() -> Array {
    ArrayBuilder::new().items(file_id()).max_items(Some(10)).build()
}

/// The company's own fields by their names: texts, numbers, yes or no, days; `null` takes one away.
pub(super) fn own_fields() -> Object {
    let text = ObjectBuilder::new().schema_type(Type::String).max_length(Some(2000));
    let of = |kind| ObjectBuilder::new().schema_type(kind);
    let value =
        AnyOfBuilder::new().item(text).item(of(Type::Number)).item(of(Type::Boolean)).item(of(Type::Null));
    let name = ObjectBuilder::new().schema_type(Type::String).pattern(Some(format!("^{OWN_NAME}$")));
    ObjectBuilder::new()
        .property_names(Some(name))
        .additional_properties(Some(Schema::from(value.build())))
        .build()
}

/// A name that a company may give.
const OWN_NAME: &str = "[a-z][a-z0-9_-]{0,39}";

fn field() -> Schema {
    let known = word_of(&FIELDS.iter().map(|(path, ..)| *path).collect::<Vec<_>>());
    let own = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(format!("^contact\\.fields\\.{OWN_NAME}$")));
    // What means nothing may stand in drafts: it is refused when it is to be used.
    let other = ObjectBuilder::new().schema_type(Type::String);
    AnyOfBuilder::new().item(known).item(own).item(other).build().into()
}

fn operator() -> Object {
    word_of(&FieldKind::Own.operators().iter().copied().map(Operator::name).collect::<Vec<_>>())
}

/// Who is meant: comparisons, joined by `all`, `any` and `not`. With more than 100 comparisons, or on more than 8 levels,
/// it is refused when it is to be used.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(no_recursion, example = json!({ "all": [
    { "field": "contact.last_seen_at", "op": "older_than_days", "value": 60 },
    { "field": "loyalty.available", "op": "ge", "value": 100 }
] }))]
#[allow(dead_code, reason = "a description")]
pub(super) enum Condition {
    /// Every one holds; an empty list holds.
    All {
        /// These.
        all: Vec<Condition>,
    },
    /// At least one holds; an empty list does not.
    Any {
        /// Of these.
        any: Vec<Condition>,
    },
    /// It does not hold.
    Not {
        /// This.
        not: Box<Condition>,
    },
    /// A field compared with a value; which operators a field knows tells `GET /segments/fields`.
    Is {
        /// One of `GET /segments/fields`, or a field of the company: `contact.fields.<name>`.
        #[schema(schema_with = field)]
        field: String,
        /// How.
        #[schema(schema_with = operator)]
        op: String,
        /// With what: a text, a whole number, yes or no, a day `2026-11-21`; a list of them for `in`, a number of days
        /// for `in_next_days`, `in_last_days` and `older_than_days`; absent for `set` and `unset`.
        #[serde(skip_serializing_if = "Option::is_none")]
        value: Option<Value>,
    },
}

/// Whom something goes to. People whose data was erased, and people of the company itself, are in no audience.
#[derive(Serialize, ToSchema)]
#[serde(tag = "to", rename_all = "snake_case")]
#[schema(example = json!({ "to": "all" }))]
#[allow(dead_code, reason = "a description")]
pub(super) enum Audience {
    /// Everybody.
    All,
    /// One contact.
    One {
        /// Who.
        #[schema(schema_with = contact_id)]
        contact: String,
    },
    /// These and nobody else.
    These {
        /// Who.
        #[schema(schema_with = chosen)]
        contacts: Vec<String>,
    },
    /// Who belongs to a saved segment.
    Segment {
        /// Which.
        #[schema(schema_with = segment_id)]
        segment: String,
    },
    /// Who meets a condition.
    Condition {
        /// This.
        condition: Condition,
    },
}

fn chosen() -> Array {
    ArrayBuilder::new().items(contact_id()).max_items(Some(1000)).build()
}

/// What a broadcast says: a text, a picture, or both.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "text": "{{ contact.name | default('Здравствуйте') }}, в «{{ business.name }}» новый раф.",
    "buttons": [{ "label": "Посмотреть", "url": "https://coffee.example/raf" }]
}))]
#[allow(dead_code, reason = "a description")]
pub(super) struct BroadcastContent {
    /// Template over `contact.…` and `business.name`; under a picture it is the caption. At most 4000 characters.
    #[schema(max_length = 4000)]
    text: Option<String>,
    /// A picture: `file/fil_…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    picture: Option<String>,
    /// One in a row.
    #[schema(max_items = 8)]
    buttons: Option<Vec<BroadcastButton>>,
}

/// A button under a broadcast: exactly one of `url` and `scenario`.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "label": "Посмотреть", "url": "https://coffee.example/raf" }))]
#[allow(dead_code, reason = "a description")]
pub(super) struct BroadcastButton {
    /// What is written on it.
    #[schema(min_length = 1, max_length = 40)]
    label: String,
    /// Opens this address.
    url: Option<String>,
    /// Leads into the scenario of this key.
    scenario: Option<String>,
}

/// Until when points can be spent.
#[derive(Serialize, ToSchema)]
#[serde(tag = "ends", rename_all = "snake_case")]
#[schema(example = json!({ "ends": "days", "days": 30 }))]
#[allow(dead_code, reason = "a description")]
pub(super) enum AccrualTerm {
    /// As the programme says.
    Programme,
    /// So many days after the day of the start.
    Days {
        /// How many.
        #[schema(minimum = 1)]
        days: u32,
    },
    /// With the end of this day.
    On {
        /// Where the business is.
        #[schema(value_type = String, format = Date)]
        date: String,
    },
    /// Never.
    Never,
}

/// A scenario as people write it; what its steps and triggers may hold tells `GET /catalogue` and the page of help on
/// scenarios. May be incomplete or wrong: what is wrong is told by `check`.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "key": "hello", "name": "Приветствие", "triggers": [{ "on": "start", "goto": "greet" }],
    "steps": { "greet": { "kind": "say", "text": "Здравствуйте, {{ contact.name }}!" } }, "edges": {}
}))]
#[allow(dead_code, reason = "a description")]
pub(super) struct ScenarioDraft {
    /// Its name among the scenarios of the company; part of every button, so it stays when texts change.
    key: String,
    /// For staff.
    name: Option<String>,
    /// Language of the texts that are not stated here: `ru`, `en`.
    locale: Option<String>,
    /// The step to which those who got lost are led.
    help: Option<String>,
    /// So many misunderstood answers in a row lead to help; 3 unless told.
    tries: Option<u32>,
    /// A person who does more than this is asked to slow down and not heard until then; 120 unless told, 0 for no guard.
    inputs_per_minute: Option<u32>,
    /// What starts it.
    triggers: Option<Vec<ScenarioTrigger>>,
    /// Where it goes: from `step` or `step.port` to a step.
    edges: Option<BTreeMap<String, String>>,
    /// Own wording of the system's sentences.
    texts: Option<BTreeMap<String, String>>,
    /// What is said, asked and done, by name.
    steps: Option<BTreeMap<String, ScenarioStep>>,
    /// Where the builder draws the steps.
    layout: Option<Value>,
}

/// What starts a scenario; beside these fields those of its kind: `payload`, `phrases`, `label`, `after`, `event`,
/// `values`, `field`, `days_before`, `at`.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "on": "start", "goto": "greet" }))]
#[allow(dead_code, reason = "a description")]
pub(super) struct ScenarioTrigger {
    /// What.
    #[schema(schema_with = starts)]
    on: String,
    /// The first step.
    goto: String,
    /// It is heard before the step at which the person is; false when absent.
    interrupts: Option<bool>,
}

fn starts() -> Object {
    word_of(&["start", "link", "phrase", "button", "silence", "event", "date"])
}

/// A step; beside `kind` the fields of that kind.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "kind": "say", "text": "Здравствуйте!" }))]
#[allow(dead_code, reason = "a description")]
pub(super) struct ScenarioStep {
    /// What it does.
    #[schema(schema_with = steps)]
    kind: String,
}

fn steps() -> Object {
    word_of(&["say", "ask", "choose", "branch", "set", "act", "show", "wait", "hand_off", "goto", "end"])
}

/// What a simulated person does, or what happens to them.
#[derive(Serialize, ToSchema)]
#[serde(tag = "do", rename_all = "snake_case")]
#[schema(example = json!({ "do": "start" }))]
#[allow(dead_code, reason = "a description")]
pub(super) enum SimulatedAct {
    /// The bot is opened, perhaps by a link.
    Start {
        /// Its payload.
        #[serde(skip_serializing_if = "Option::is_none")]
        payload: Option<String>,
    },
    /// The person writes.
    Text {
        /// As written.
        text: String,
    },
    /// The person presses the button of a label.
    Press {
        /// Under which message of the bot, counted from 0.
        message: usize,
        /// What is written on it.
        label: String,
    },
    /// The person sends a picture.
    Photo,
    /// The person shares a phone number of their own.
    Phone {
        /// The number.
        number: String,
    },
    /// Time goes by, and nothing else.
    Pass {
        /// So many minutes.
        minutes: i64,
    },
    /// Time goes by until something happens by itself: a delay is over, a silence was long enough.
    Silence,
    /// The scenario is begun at a step.
    Enter {
        /// Which.
        step: String,
    },
}
