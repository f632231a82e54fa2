//! What a draft must be, step by step and as a whole. Pure questions; the compiler asks them.

use crate::scenario::{Bound, Gate, Node, Work};
use crate::{
    Catalogue, Condition, Draft, Expects, Kind, Operator, Place, Problem, Severity, Step, TriggerOn,
    normalise,
};
use jiff::civil::{Date, DateTime, Time};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const NAME_MAX: usize = 40;
const DEPTH_MAX: usize = 16;
const COMPARISONS_MAX: usize = 200;

/// Steps, choices, ports, variables: lower-case Latin letters, digits, `_`, `-`.
pub(crate) fn is_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_' || byte == b'-';
    (1..=NAME_MAX).contains(&name.len()) && name.bytes().all(fits)
}

/// An address that a button may open.
pub(crate) fn is_address(text: &str) -> bool {
    let rest = ["https://", "http://", "tel:", "mailto:"].iter().find_map(|scheme| text.strip_prefix(scheme));
    rest.is_some_and(|rest| !rest.is_empty() && !text.contains(char::is_whitespace))
}

/// A scenario may write there: a writable fact, or deeper inside of one.
pub(crate) fn is_writable(path: &str, catalogue: &Catalogue) -> bool {
    let deeper = |inner: &str| {
        inner.is_empty() || inner.strip_prefix('.').is_some_and(|rest| rest.split('.').all(is_name))
    };
    let holds = |fact: &crate::FactSpec| fact.writable && path.strip_prefix(&*fact.path).is_some_and(deeper);
    catalogue.facts.iter().any(holds)
}

/// A moment of the calendar without a zone: a time of day, perhaps with its date.
pub(crate) fn moment(text: &str) -> Option<(Option<Date>, Time)> {
    let text = text.trim();
    if text.len() == 5 {
        return text.parse().ok().map(|time| (None, time));
    }
    let at: DateTime = text.parse().ok()?;
    (text.len() >= 16).then(|| (Some(at.date()), at.time()))
}

/// Whether a value may stand where that kind is wanted; any text may, it is converted when it is rendered.
pub(crate) fn fits(kind: Kind, value: &Value) -> bool {
    match (kind, value) {
        (Kind::Flag, Value::Bool(_)) | (Kind::Number, Value::Number(_)) | (Kind::List, Value::Array(_)) => {
            true
        }
        (Kind::Points, Value::Number(number)) => number.is_i64(),
        (Kind::Number | Kind::Points, Value::String(text)) => {
            text.contains('{') || text.trim().parse::<f64>().is_ok()
        }
        (Kind::Flag, Value::String(text)) => text.contains('{') || ["true", "false"].contains(&text.trim()),
        (Kind::Date, Value::String(text)) => text.contains('{') || text.parse::<Date>().is_ok(),
        (_, Value::String(_)) => true,
        _ => false,
    }
}

/// A limit by the kind of answer.
pub(crate) fn bound(expects: Expects, value: &Value) -> Option<Bound> {
    match (expects, value) {
        (Expects::Number | Expects::Money, Value::Number(number)) => number.as_f64().map(Bound::Number),
        (Expects::Date, Value::String(text)) if text == "today" => Some(Bound::Today),
        (Expects::Date, Value::String(text)) => text.parse().ok().map(Bound::Date),
        (Expects::Text, Value::Number(number)) => {
            number.as_u64().and_then(|length| usize::try_from(length).ok()).map(Bound::Letters)
        }
        _ => None,
    }
}

/// The lower limit is above the upper one.
pub(crate) fn crossed(min: Option<Bound>, max: Option<Bound>) -> bool {
    match (min, max) {
        (Some(Bound::Number(min)), Some(Bound::Number(max))) => min > max,
        (Some(Bound::Date(min)), Some(Bound::Date(max))) => min > max,
        (Some(Bound::Letters(min)), Some(Bound::Letters(max))) => min > max,
        _ => false,
    }
}

/// The event by which a date that comes round enters scenarios.
pub(crate) fn date_event(field: &str, days_before: i16, at: &str) -> String {
    format!("date {field} {days_before} {at}")
}

/// A fact of the person that may hold a date.
pub(crate) fn is_date_of_person(path: &str, catalogue: &Catalogue) -> bool {
    let own = path.strip_prefix("contact.fields.").is_some_and(is_name);
    own || (path.starts_with("contact.") && catalogue.fact(path).is_some_and(|fact| fact.kind == Kind::Date))
}

/// By what a trigger is told from others, and whether that is a typed text.
pub(crate) fn signs(on: &TriggerOn) -> Vec<(String, bool)> {
    match on {
        TriggerOn::Start => vec![("start:start".into(), false)],
        TriggerOn::Link(link) => {
            let payload = link.payload.iter().map(|payload| (format!("link:{payload}"), false));
            payload.chain(link.prefix.iter().map(|prefix| (format!("prefix:{prefix}"), false))).collect()
        }
        TriggerOn::Phrase { phrases } if phrases.is_empty() => vec![("text:".into(), true)],
        TriggerOn::Phrase { phrases } => {
            // «/help» and «help» are one phrase, so both may stand in one list.
            let texts: BTreeSet<String> = phrases.iter().map(|phrase| normalise(phrase)).collect();
            texts.into_iter().map(|text| (format!("text:{text}"), true)).collect()
        }
        TriggerOn::Button { label } => vec![(format!("text:{}", normalise(label)), true)],
        TriggerOn::Silence { .. } => vec![("silence:silence".into(), false)],
        TriggerOn::Event { event, values } if values.is_empty() => vec![(format!("event:{event}"), false)],
        TriggerOn::Event { event, values } => {
            let values: Vec<String> = values.iter().map(|(name, value)| format!("{name}={value}")).collect();
            vec![(format!("event:{event} {}", values.join(" ")), false)]
        }
        TriggerOn::Date { field, days_before, at } => {
            vec![(format!("date:{}", date_event(field, *days_before, at)), false)]
        }
    }
}

/// The ports of a step.
pub(crate) struct Ports {
    /// Each must be wired, unless `next` is.
    pub must: Vec<String>,
    /// May be wired.
    pub may: Vec<String>,
}

impl Ports {
    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.must.iter().chain(&self.may).map(String::as_str)
    }
}

/// What ports a step has.
pub(crate) fn ports(step: &Step, catalogue: &Catalogue) -> Ports {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let (must, may) = match step {
        Step::Say(_) | Step::Set(_) | Step::HandOff(_) => (Vec::new(), names(&["next"])),
        Step::Wait(_) => (names(&["next"]), Vec::new()),
        Step::Ask(_) => (names(&["next"]), names(&["skip", "refused", "failed"])),
        Step::Choose(choose) => {
            (choose.choices.iter().map(|choice| choice.key.clone()).collect(), names(&["next", "lost"]))
        }
        Step::Branch(branch) => {
            let cases: BTreeSet<&str> =
                branch.cases.iter().map(|case| case.port.as_str()).chain(["else"]).collect();
            (cases.into_iter().map(str::to_owned).collect(), names(&["next"]))
        }
        Step::Act(act) => {
            let outcomes = catalogue.action(&act.action).map_or(&[][..], |spec| &spec.outcomes);
            (outcomes.iter().map(|outcome| outcome.name.clone()).collect(), names(&["next"]))
        }
        Step::Show(show) => {
            let outcomes = catalogue.screen(&show.screen).map_or(&[][..], |spec| &spec.outcomes);
            let outcomes = outcomes.iter().map(|outcome| outcome.name.clone());
            (
                outcomes.chain(show.choices.iter().map(|choice| choice.key.clone())).collect(),
                names(&["next", "lost"]),
            )
        }
        Step::Goto(_) | Step::End(_) => (Vec::new(), Vec::new()),
    };
    Ports { must, may }
}

/// What texts and conditions of a draft may read.
pub(crate) struct Readable(BTreeMap<String, Option<Kind>>);

/// Gathers what texts and conditions of a draft may read.
pub(crate) fn readable(draft: &Draft, catalogue: &Catalogue) -> Readable {
    let mut paths: BTreeMap<String, Option<Kind>> =
        catalogue.facts.iter().map(|fact| (fact.path.clone(), Some(fact.kind))).collect();
    for name in ["event.payload", "event.source"] {
        paths.insert(name.into(), Some(Kind::Text));
    }
    for trigger in &draft.triggers {
        match &trigger.on {
            TriggerOn::Event { event, .. } => {
                for value in catalogue.event(event).map_or(&[][..], |spec| &spec.values) {
                    paths.insert(format!("event.{}", value.path), Some(value.kind));
                }
            }
            TriggerOn::Date { .. } => {
                paths.insert("event.date".into(), Some(Kind::Date));
            }
            _ => {}
        }
    }
    for step in draft.steps.values() {
        let outcomes = match step {
            Step::Act(act) => catalogue.action(&act.action).map_or(&[][..], |spec| &spec.outcomes),
            Step::Show(show) => catalogue.screen(&show.screen).map_or(&[][..], |spec| &spec.outcomes),
            _ => &[],
        };
        for value in outcomes.iter().flat_map(|outcome| &outcome.values) {
            paths.insert(format!("outcome.{}", value.path), Some(value.kind));
        }
        let choices = match step {
            Step::Choose(choose) => &choose.choices[..],
            Step::Show(show) => &show.choices[..],
            _ => &[],
        };
        let set = match step {
            Step::Set(set) => Some(&set.values),
            _ => None,
        };
        let written =
            set.into_iter().chain(choices.iter().map(|choice| &choice.set)).flat_map(BTreeMap::keys);
        let asked = match step {
            Step::Ask(ask) => Some(&ask.into),
            _ => None,
        };
        for path in written.chain(asked).filter(|path| path.starts_with("vars.")) {
            paths.insert(path.clone(), None);
        }
    }
    Readable(paths)
}

impl Readable {
    /// Refuses with a code. A path may go deeper than what is known, and `for` may read a known list.
    pub fn check(&self, path: &str) -> Result<(), &'static str> {
        let known = path
            .match_indices('.')
            .map(|(at, _)| &path[..at])
            .chain([path])
            .any(|part| self.0.contains_key(part));
        match (known, path.starts_with("vars.")) {
            (true, _) => Ok(()),
            (false, true) => Err("unset_var"),
            (false, false) => Err("unknown_fact"),
        }
    }

    /// What is wrong with a condition.
    pub fn condition(&self, condition: &Condition) -> Vec<(&'static str, String)> {
        let (mut found, mut count) = (Vec::new(), 0);
        if condition.depth() > DEPTH_MAX {
            return vec![("too_large", format!("{DEPTH_MAX}"))];
        }
        condition.each(&mut |field, op, value| {
            count += 1;
            if let Err(code) = self.check(field) {
                found.push((code, field.to_owned()));
            } else if !comparable(self.0.get(field).copied().flatten(), op, value) {
                found.push(("bad_condition", format!("{field} {} {value}", op.name())));
            }
        });
        if count > COMPARISONS_MAX {
            found.push(("too_large", format!("{COMPARISONS_MAX}")));
        }
        found
    }
}

/// Whether the comparison can ever make sense. An unknown kind is a variable's.
fn comparable(kind: Option<Kind>, op: Operator, value: &Value) -> bool {
    let of_kind = |value: &Value| match (kind, value) {
        (None, Value::Null | Value::Object(_)) | (Some(_), Value::Null) => false,
        (None, _) => true,
        (Some(Kind::Number | Kind::Points), value) => value.is_number(),
        (Some(Kind::Flag), value) => value.is_boolean(),
        (Some(Kind::Date), Value::String(text)) => text.parse::<Date>().is_ok(),
        (Some(_), value) => value.is_string(),
    };
    match op {
        Operator::Set | Operator::Unset => value.is_null(),
        Operator::Eq | Operator::Ne => of_kind(value) && kind != Some(Kind::List),
        Operator::Lt | Operator::Le | Operator::Gt | Operator::Ge => {
            let ordered = [Kind::Number, Kind::Points, Kind::Date, Kind::Moment];
            kind.is_none_or(|kind| ordered.contains(&kind)) && of_kind(value)
        }
        Operator::Contains => {
            kind.is_none_or(|kind| [Kind::List, Kind::Text].contains(&kind)) && value.is_string()
        }
        Operator::In => value.as_array().is_some_and(|list| !list.is_empty() && list.iter().all(of_kind)),
        Operator::InNextDays | Operator::InLastDays | Operator::OlderThanDays => {
            kind.is_none_or(|kind| [Kind::Date, Kind::Moment].contains(&kind))
                && value.as_i64().is_some_and(|days| (0..=36_600).contains(&days))
        }
    }
}

/// Names and sizes of the draft as a whole.
pub(crate) fn shape(draft: &Draft, problems: &mut Vec<Problem>) {
    let field = |field: &str| Place::Scenario { field: field.to_owned() };
    if !is_name(&draft.key) {
        problems.push(Problem::error(field("key"), "bad_name", &draft.key));
    }
    if !["ru", "en"].contains(&draft.locale.split(['-', '_']).next().unwrap_or_default()) {
        problems.push(Problem::warning(field("locale"), "bad_locale", &draft.locale));
    }
    if draft.tries.is_some_and(|tries| !(1..=20).contains(&tries)) {
        problems.push(Problem::error(field("tries"), "bad_tries", ""));
    }
    if draft.steps.len() > crate::compile::STEPS_MAX {
        problems.push(Problem::error(field("steps"), "too_large", draft.steps.len().to_string()));
    }
    if draft.triggers.is_empty() {
        problems.push(Problem::error(field("triggers"), "no_entry", ""));
    }
    for name in draft.steps.keys().filter(|name| !is_name(name)) {
        problems.push(Problem::error(
            Place::Step { step: name.clone(), field: String::new() },
            "bad_name",
            name,
        ));
    }
    for edge in draft.edges.keys() {
        let step = edge.split('.').next().unwrap_or_default();
        if !draft.steps.contains_key(step) {
            problems.push(Problem::error(Place::Edge { edge: edge.clone() }, "unknown_step", step));
        }
    }
}

/// Steps that nobody gets to, and circles without a stop.
pub(crate) fn graph(nodes: &[Node], triggers: &[Gate], help: Option<usize>, problems: &mut Vec<Problem>) {
    let mut seen = vec![false; nodes.len()];
    let mut waiting: Vec<usize> = triggers.iter().map(|gate| gate.goto).chain(help).collect();
    waiting.retain(|at| *at < nodes.len());
    while let Some(at) = waiting.pop() {
        if !std::mem::replace(&mut seen[at], true) {
            waiting.extend(exits(&nodes[at]));
        }
    }
    // With errors the ways are not known yet, and half of the steps would be called unreachable.
    if !problems.iter().any(|problem| problem.severity == Severity::Error) {
        for node in nodes.iter().zip(&seen).filter(|(_, seen)| !**seen).map(|(node, _)| node) {
            let at = Place::Step { step: node.name.clone(), field: String::new() };
            problems.push(Problem::warning(at, "unreachable", ""));
        }
    }
    for circle in circles(nodes) {
        let names: Vec<&str> = circle.iter().map(|at| nodes[*at].name.as_str()).collect();
        let at = Place::Step { step: names[0].to_owned(), field: String::new() };
        problems.push(Problem::error(at, "endless", names.join(" → ")));
    }
}

fn exits(node: &Node) -> impl Iterator<Item = usize> {
    let jump = match &node.work {
        Work::Jump(target) => Some(*target),
        _ => None,
    };
    let silence = node.silence.map(|(_, target)| target);
    node.ports.iter().map(|(_, target)| *target).chain(jump).chain(silence)
}

/// Circles of steps that neither stop nor decide: each step has one way on, so following it finds them all.
fn circles(nodes: &[Node]) -> Vec<Vec<usize>> {
    let onward = |at: usize| match &nodes[at].work {
        Work::Jump(target) => Some(*target),
        Work::Say(_) | Work::Set(_) => nodes[at].wired("next"),
        _ => None,
    };
    let mut done = vec![false; nodes.len()];
    let mut found = Vec::new();
    for start in 0..nodes.len() {
        let mut path = Vec::new();
        let mut at = Some(start);
        while let Some(here) = at.filter(|here| !done[*here]) {
            done[here] = true;
            path.push(here);
            at = onward(here);
        }
        if let Some(first) = at.and_then(|here| path.iter().position(|earlier| *earlier == here)) {
            found.push(path.split_off(first));
        }
    }
    found
}
