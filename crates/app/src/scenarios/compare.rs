//! What differs between two drafts. Pure.

use samovar_engine::Draft;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// How something differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// It is only in the later one.
    Added,
    /// It is only in the earlier one.
    Removed,
    /// It is in both and not the same.
    Changed,
}

/// One difference: a step, a field of a step, a trigger, an edge, a text, a setting.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// How.
    pub kind: ChangeKind,
    /// `step`, `edge`, `trigger`, `text`, `setting`.
    pub of: &'static str,
    /// Which: the name of the step, edge or text, the number of the trigger.
    pub name: String,
    /// Which field of a step; empty where it is all of it.
    pub field: String,
    /// As it was.
    pub before: Value,
    /// As it is.
    pub after: Value,
}

/// What was changed between `before` and `after`. Where the builder draws the steps does not count.
pub fn compare(before: &Draft, after: &Draft) -> Vec<Change> {
    let (before, after) = (document(before), document(after));
    let part = |whole: &Map<String, Value>, name: &str| {
        whole.get(name).and_then(Value::as_object).cloned().unwrap_or_default()
    };
    let mut found = Vec::new();
    let (old, new) = (part(&before, "steps"), part(&after, "steps"));
    each(&old, &new, |name, was, is| match (was, is) {
        (Some(Value::Object(was)), Some(Value::Object(is))) => each(was, is, |field, was, is| {
            found.extend(change("step", name, field, was, is));
        }),
        (was, is) => found.extend(change("step", name, "", was, is)),
    });
    for (of, section) in [("edge", "edges"), ("text", "texts")] {
        let (old, new) = (part(&before, section), part(&after, section));
        each(&old, &new, |name, was, is| found.extend(change(of, name, "", was, is)));
    }
    let triggers = |whole: &Map<String, Value>| {
        let all = whole.get("triggers").and_then(Value::as_array).cloned().unwrap_or_default();
        all.into_iter().enumerate().map(|(at, one)| ((at + 1).to_string(), one)).collect::<Map<_, _>>()
    };
    each(&triggers(&before), &triggers(&after), |name, was, is| {
        found.extend(change("trigger", name, "", was, is));
    });
    each(&before, &after, |name, was, is| {
        if !matches!(name, "steps" | "edges" | "texts" | "triggers" | "layout" | "key") {
            found.extend(change("setting", name, "", was, is));
        }
    });
    found
}

fn document(draft: &Draft) -> Map<String, Value> {
    match serde_json::to_value(draft) {
        Ok(Value::Object(all)) => all,
        _ => Map::new(),
    }
}

/// Both sides of every name there is, where they differ.
fn each<'v>(
    old: &'v Map<String, Value>,
    new: &'v Map<String, Value>,
    mut tell: impl FnMut(&str, Option<&'v Value>, Option<&'v Value>),
) {
    for name in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
        let (was, is) = (old.get(name), new.get(name));
        if was != is {
            tell(name, was, is);
        }
    }
}

fn change(
    of: &'static str,
    name: &str,
    field: &str,
    was: Option<&Value>,
    is: Option<&Value>,
) -> Option<Change> {
    let kind = match (was, is) {
        (None, Some(_)) => ChangeKind::Added,
        (Some(_), None) => ChangeKind::Removed,
        (Some(_), Some(_)) => ChangeKind::Changed,
        (None, None) => return None,
    };
    let value = |side: Option<&Value>| side.cloned().unwrap_or_default();
    let (before, after) = (value(was), value(is));
    Some(Change { kind, of, name: name.to_owned(), field: field.to_owned(), before, after })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn draft(value: Value) -> Draft {
        Draft::from_json(value).0
    }

    #[test]
    fn what_was_changed_is_told_field_by_field() {
        let before = draft(json!({
            "key": "a", "name": "Привет", "triggers": [{ "on": "start", "goto": "hi" }],
            "steps": { "hi": { "kind": "say", "text": "Да" }, "gone": { "kind": "end" } }, "edges": { "hi": "gone" }
        }));
        let after = draft(json!({
            "key": "a", "name": "Пока", "triggers": [{ "on": "start", "goto": "hi" }],
            "steps": { "hi": { "kind": "say", "text": "Нет" }, "new": { "kind": "end" } }, "edges": { "hi": "new" },
            "layout": { "hi": [1, 2] }
        }));
        let told: Vec<_> =
            compare(&before, &after).into_iter().map(|one| (one.kind, one.of, one.name, one.field)).collect();
        let expected = [
            (ChangeKind::Removed, "step", "gone", ""),
            (ChangeKind::Changed, "step", "hi", "text"),
            (ChangeKind::Added, "step", "new", ""),
            (ChangeKind::Changed, "edge", "hi", ""),
            (ChangeKind::Changed, "setting", "name", ""),
        ];
        assert_eq!(
            told,
            expected.map(|(kind, of, name, field)| (kind, of, name.to_owned(), field.to_owned()))
        );
        assert!(compare(&before, &before).is_empty());
    }
}
