//! What starts a scenario: triggers resolved and checked.

use super::Compiler;
use crate::scenario::Gate;
use crate::{Place, TriggerOn, check};
use jiff::civil::Time;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Days from a date of a person at which something may start.
const DAYS_MAX: i16 = 180;

/// The triggers, the phrases that lead to them, and what becomes of silence.
type Triggers = (Vec<Gate>, HashMap<String, usize>, Option<(crate::Span, usize)>);

impl Compiler<'_> {
    pub(super) fn triggers(&mut self) -> Triggers {
        let (mut gates, mut phrases, mut silence) = (Vec::new(), HashMap::new(), None);
        let mut seen = BTreeSet::new();
        for (index, trigger) in self.draft.triggers.iter().enumerate() {
            let at = |field: &str| Place::Trigger { index, field: field.to_owned() };
            let goto = self.step(&trigger.goto, at("goto")).unwrap_or_default();
            for (sign, is_phrase) in check::signs(&trigger.on) {
                if sign.trim_end_matches(':').is_empty() || (is_phrase && sign == "text:") {
                    self.error(at(""), "empty_phrase", "");
                } else if !seen.insert(sign.clone()) {
                    self.error(
                        at(""),
                        "doubled_trigger",
                        sign.split_once(':').map_or(sign.as_str(), |(_, rest)| rest),
                    );
                } else if is_phrase {
                    phrases.insert(sign["text:".len()..].to_owned(), index);
                }
            }
            match &trigger.on {
                TriggerOn::Link(link) if link.payload.is_some() == link.prefix.is_some() => {
                    self.error(at(""), "one_of", "payload, prefix");
                }
                TriggerOn::Event { event, values } => self.event(index, event, values),
                TriggerOn::Date { field, days_before, at: time } => {
                    if !check::is_date_of_person(field, self.catalogue) {
                        self.error(at("field"), "not_a_date", field);
                    }
                    if !(-DAYS_MAX..=DAYS_MAX).contains(days_before) {
                        self.error(at("days_before"), "bad_days", days_before.to_string());
                    }
                    if time.len() != 5 || time.parse::<Time>().is_err() {
                        self.error(at("at"), "bad_time", time);
                    }
                }
                TriggerOn::Silence { after } => silence = Some((*after, goto)),
                _ => {}
            }
            gates.push(Gate { on: trigger.on.clone(), goto, interrupts: trigger.interrupts });
        }
        (gates, phrases, silence)
    }

    /// An event of the catalogue, and what it must have brought.
    fn event(&mut self, index: usize, event: &str, values: &BTreeMap<String, Value>) {
        let at = |field: &str| Place::Trigger { index, field: field.to_owned() };
        let catalogue = self.catalogue;
        let Some(spec) = catalogue.event(event) else {
            return self.error(at("event"), "unknown_event", event);
        };
        for (name, value) in values {
            match spec.values.iter().find(|known| known.path == *name) {
                None => self.error(at("values"), "unknown_value", name),
                Some(known)
                    if value.as_str().is_some_and(|text| text.contains('{'))
                        || !check::fits(known.kind, value) =>
                {
                    self.error(at("values"), "bad_value", value.to_string());
                }
                Some(_) => {}
            }
        }
    }
}
