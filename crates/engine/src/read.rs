//! Drafts from and to files and documents.
//!
//! What is not understood is left out and told, part by part: one mistyped step does not hide the other problems.

use crate::{Draft, Place, Problem, Step, Trigger, TriggerOn};
use serde_json::{Map, Number, Value};
use std::collections::BTreeMap;

/// Fields of a draft; a test holds them equal to what is written.
const DRAFT: &[&str] = &[
    "key",
    "name",
    "locale",
    "help",
    "tries",
    "inputs_per_minute",
    "triggers",
    "edges",
    "texts",
    "steps",
    "layout",
];
const TRIGGER: &[&str] = &["on", "goto", "interrupts"];
const CHOICE: &[&str] = &["key", "label", "set"];
const SILENCE: &[&str] = &["after", "goto"];
const PICTURE: &[&str] = &["kind", "key"];

/// Fields of a trigger, besides those that all have.
fn trigger_fields(on: &str) -> &'static [&'static str] {
    match on {
        "link" => &["payload", "prefix", "source"],
        "phrase" => &["phrases"],
        "button" => &["label"],
        "silence" => &["after"],
        "event" => &["event", "values"],
        "date" => &["field", "days_before", "at"],
        _ => &[],
    }
}

/// Fields of a step, besides its kind.
fn step_fields(kind: &str) -> &'static [&'static str] {
    match kind {
        "say" => &["text", "media", "buttons", "once"],
        "ask" => &[
            "text",
            "expects",
            "into",
            "min",
            "max",
            "again",
            "retries",
            "share_phone",
            "typed",
            "suggest",
            "skip",
            "silence",
        ],
        "choose" => &["text", "media", "choices", "columns", "anytime", "again", "silence"],
        "branch" => &["cases"],
        "set" => &["values", "add_tags", "remove_tags"],
        "act" => &["action", "params"],
        "show" => &["screen", "params", "choices", "columns", "anytime", "silence"],
        "wait" => &["for", "until"],
        "hand_off" => &["reason", "text"],
        "goto" => &["scenario", "step"],
        _ => &[],
    }
}

impl Draft {
    /// From a readable file. What is not understood is left out and told.
    pub fn from_toml(text: &str) -> (Self, Vec<Problem>) {
        match toml::from_str::<Value>(text) {
            Ok(document) => Self::from_json(document),
            Err(error) => {
                let line =
                    error.span().map_or(0, |span| text[..span.start.min(text.len())].lines().count().max(1));
                let at = Place::Scenario { field: String::new() };
                let problem = Problem::error(at, "syntax", format!("{line}: {}", error.message()));
                (Self::default(), vec![problem])
            }
        }
    }

    /// From a document. What is not understood is left out and told.
    pub fn from_json(document: Value) -> (Self, Vec<Problem>) {
        let mut reader = Reader { problems: Vec::new() };
        let draft = reader.draft(document);
        (draft, reader.problems)
    }

    /// As a readable file; [`Draft::from_toml`] gives the same draft back. `null` inside parameters and layout, which
    /// TOML does not know, is left out.
    pub fn to_toml(&self) -> String {
        let mut document = self.clone();
        document.layout = writable(document.layout);
        for trigger in &mut document.triggers {
            if let TriggerOn::Event { values, .. } = &mut trigger.on {
                clean_map(values);
            }
        }
        for step in document.steps.values_mut() {
            clean(step);
        }
        toml::to_string_pretty(&document).unwrap_or_default()
    }
}

fn clean_map(values: &mut BTreeMap<String, Value>) {
    *values = std::mem::take(values).into_iter().filter(|(_, value)| !value.is_null()).collect();
    values.values_mut().for_each(|value| *value = writable(value.take()));
}

fn clean(step: &mut Step) {
    match step {
        Step::Set(set) => clean_map(&mut set.values),
        Step::Act(act) => clean_map(&mut act.params),
        Step::Show(show) => {
            clean_map(&mut show.params);
            show.choices.iter_mut().for_each(|choice| clean_map(&mut choice.set));
        }
        Step::Choose(choose) => choose.choices.iter_mut().for_each(|choice| clean_map(&mut choice.set)),
        _ => {}
    }
}

/// What TOML can hold: no `null`, no whole number beyond 64 bits.
fn writable(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().filter(|item| !item.is_null()).map(writable).collect(),
        Value::Object(map) => {
            let kept = map.into_iter().filter(|(_, item)| !item.is_null());
            Value::Object(kept.map(|(name, item)| (name, writable(item))).collect())
        }
        Value::Number(number) if !number.is_i64() => {
            number.as_f64().and_then(Number::from_f64).map_or(Value::Null, Value::Number)
        }
        other => other,
    }
}

struct Reader {
    problems: Vec<Problem>,
}

impl Reader {
    fn draft(&mut self, document: Value) -> Draft {
        let whole = |field: &str| Place::Scenario { field: field.to_owned() };
        let Value::Object(mut map) = document else {
            self.problems.push(Problem::error(whole(""), "bad_value", document.to_string()));
            return Draft::default();
        };
        self.known(&map, DRAFT, &[], &whole(""));
        let triggers = map.remove("triggers").unwrap_or_else(|| Value::Array(Vec::new()));
        let steps = map.remove("steps").unwrap_or_else(|| Value::Object(Map::new()));
        let mut draft = self.plain_fields(map);
        match triggers {
            Value::Array(items) => {
                draft.triggers = items
                    .into_iter()
                    .enumerate()
                    .filter_map(|(index, item)| self.trigger(index, item))
                    .collect();
            }
            other => self.problems.push(Problem::error(whole("triggers"), "bad_value", other.to_string())),
        }
        match steps {
            Value::Object(items) => {
                draft.steps = items
                    .into_iter()
                    .filter_map(|(name, item)| self.step(&name, item).map(|step| (name, step)))
                    .collect();
            }
            other => self.problems.push(Problem::error(whole("steps"), "bad_value", other.to_string())),
        }
        draft
    }

    /// All fields but triggers and steps; one that does not fit is left out.
    fn plain_fields(&mut self, map: Map<String, Value>) -> Draft {
        let mut good = Map::from_iter([("key".to_owned(), Value::from(""))]);
        for (name, value) in map.into_iter().filter(|(name, _)| DRAFT.contains(&name.as_str())) {
            let earlier = good.insert(name.clone(), value);
            if let Err(error) = serde_json::from_value::<Draft>(Value::Object(good.clone())) {
                let at = Place::Scenario { field: name.clone() };
                self.problems.push(Problem::error(at, "bad_value", error.to_string()));
                good.remove(&name);
                good.extend(earlier.map(|earlier| (name, earlier)));
            }
        }
        serde_json::from_value(Value::Object(good)).unwrap_or_default()
    }

    fn trigger(&mut self, index: usize, item: Value) -> Option<Trigger> {
        let at = Place::Trigger { index, field: String::new() };
        if let Some(map) = item.as_object() {
            let on = map.get("on").and_then(Value::as_str).unwrap_or_default();
            self.known(map, TRIGGER, trigger_fields(on), &at);
        }
        self.read(item, &at)
    }

    fn step(&mut self, name: &str, item: Value) -> Option<Step> {
        let at = |field: &str| Place::Step { step: name.to_owned(), field: field.to_owned() };
        if let Some(map) = item.as_object() {
            let kind = map.get("kind").and_then(Value::as_str).unwrap_or_default();
            self.known(map, &["kind"], step_fields(kind), &at(""));
            for (field, known) in [("silence", SILENCE), ("media", PICTURE)] {
                if let Some(inner) = map.get(field).and_then(Value::as_object) {
                    self.known(inner, known, &[], &at(field));
                }
            }
            for (field, known) in
                [("choices", CHOICE), ("cases", &["when", "port"]), ("buttons", &["label", "url"])]
            {
                let items = map.get(field).and_then(Value::as_array).into_iter().flatten();
                for inner in items.filter_map(Value::as_object) {
                    self.known(inner, known, &[], &at(field));
                }
            }
        }
        self.read(item, &at(""))
    }

    fn known(&mut self, map: &Map<String, Value>, fields: &[&str], more: &[&str], at: &Place) {
        for name in
            map.keys().filter(|name| !fields.contains(&name.as_str()) && !more.contains(&name.as_str()))
        {
            self.problems.push(Problem::error(at.clone(), "unknown_key", name));
        }
    }

    fn read<T: serde::de::DeserializeOwned>(&mut self, item: Value, at: &Place) -> Option<T> {
        match serde_json::from_value(item) {
            Ok(read) => Some(read),
            Err(error) => {
                self.problems.push(Problem::error(at.clone(), "bad_value", error.to_string()));
                None
            }
        }
    }
}
