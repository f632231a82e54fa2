//! Drafts as files.

use crate::fixture::{self, told};
use insta::assert_snapshot;
use samovar_engine::{Draft, Scenario};
use serde_json::json;

#[test]
fn a_draft_survives_its_file() {
    for text in [
        include_str!("../../../../examples/coffee-loyalty/ru.toml"),
        include_str!("../../../../examples/coffee-loyalty/en.toml"),
    ] {
        let draft = fixture::draft(text);
        let (again, problems) = Draft::from_toml(&draft.to_toml());
        assert_eq!(told(&problems), Vec::<String>::new());
        assert_eq!(again, draft);
        let document = serde_json::to_value(&draft).expect("a draft is JSON");
        assert_eq!(Draft::from_json(document), (draft, Vec::new()));
    }
}

#[test]
fn every_field_is_known_and_survives() {
    let document = json!({
        "key": "all", "name": "Всё", "locale": "ru", "help": "a", "tries": 4, "inputs_per_minute": 0,
        "triggers": [
            {"on": "start", "goto": "a", "interrupts": true},
            {"on": "link", "payload": "p", "source": "s", "goto": "a"},
            {"on": "link", "prefix": "p", "goto": "a"},
            {"on": "phrase", "phrases": ["x"], "goto": "a"},
            {"on": "button", "label": "x", "goto": "a"},
            {"on": "silence", "after": "15m", "goto": "a"},
            {"on": "event", "event": "e", "goto": "a"},
            {"on": "event", "event": "e", "values": {"tag": "vip", "points": 5}, "goto": "a"},
            {"on": "date", "field": "contact.birthday", "days_before": -3, "at": "09:30", "goto": "a"},
        ],
        "edges": {"a": "b", "b.x": "c"},
        "texts": {"too_fast": "Тише!"},
        "layout": {"a": {"x": 1.5, "y": 2}},
        "steps": {
            "a": {"kind": "say", "text": "x", "media": {"kind": "document", "key": "file/1"},
                  "buttons": [{"label": "x", "url": "https://x"}], "once": true},
            "b": {"kind": "ask", "text": "x", "expects": "number", "into": "vars.x", "min": 1, "max": 2, "again": "x",
                  "retries": 2, "share_phone": "x", "typed": true, "suggest": "x", "skip": "x",
                  "silence": {"after": "1h", "goto": "a"}},
            "c": {"kind": "choose", "text": "x", "media": {"key": "file/1"}, "columns": 2, "anytime": true, "again": "x",
                  "choices": [{"key": "x", "label": "x", "set": {"vars.x": 1}}], "silence": {"after": "1h", "goto": "a"}},
            "d": {"kind": "branch", "cases": [{"when": {"field": "vars.x", "op": "set"}, "port": "x"}]},
            "e": {"kind": "set", "values": {"vars.x": [1, {"y": "z"}]}, "add_tags": ["x"], "remove_tags": ["y"]},
            "f": {"kind": "act", "action": "x", "params": {"a": true}},
            "g": {"kind": "show", "screen": "x", "params": {"a": 1}, "choices": [{"key": "x", "label": "x"}],
                  "columns": 3, "anytime": true, "silence": {"after": "1h", "goto": "a"}},
            "h": {"kind": "wait", "for": "2h"},
            "i": {"kind": "wait", "until": "10:00"},
            "j": {"kind": "hand_off", "reason": "x", "text": "x"},
            "k": {"kind": "goto", "scenario": "x"},
            "l": {"kind": "goto", "step": "x"},
            "m": {"kind": "end"},
        },
    });
    let (draft, problems) = Draft::from_json(document.clone());
    assert_eq!(told(&problems), Vec::<String>::new());
    assert_eq!(serde_json::to_value(&draft).expect("a draft is JSON"), document);
    assert_eq!(Draft::from_toml(&draft.to_toml()), (draft, Vec::new()));
}

#[test]
fn what_is_not_understood_is_told_and_the_rest_kept() {
    let (draft, problems) = Draft::from_toml(
        r#"
key = "t"
nmae = "typo"
tries = "three"
[[triggers]]
on = "start"
goto = "a"
prefix = "x"
[[triggers]]
on = "telepathy"
goto = "a"
[steps.a]
kind = "say"
txet = "typo"
text = "Hello"
[steps.b]
kind = "dance"
[steps.c]
kind = "choose"
text = 5
[steps.d]
kind = "choose"
text = "x"
choices = [{ key = "a", label = "b", colour = "red" }]
silence = { after = "soon", goto = "a" }
[steps.e]
kind = "branch"
cases = [{ port = "x", when = { field = "vars.x", op = "like" } }]
"#,
    );
    assert_eq!(draft.steps.keys().collect::<Vec<_>>(), ["a"]);
    assert_eq!((draft.key.as_str(), draft.triggers.len(), draft.tries), ("t", 1, None));
    assert_snapshot!(told(&problems).join("\n"), @r#"
    scenario: unknown field “nmae”
    scenario, tries: the value does not fit: invalid type: string "three", expected u32
    trigger 1: unknown field “prefix”
    trigger 2: the value does not fit: unknown variant `telepathy`, expected one of `start`, `link`, `phrase`, `button`, `silence`, `event`, `date`
    step “a”: unknown field “txet”
    step “b”: the value does not fit: unknown variant `dance`, expected one of `say`, `ask`, `choose`, `branch`, `set`, `act`, `show`, `wait`, `hand_off`, `goto`, `end`
    step “c”: the value does not fit: invalid type: integer `5`, expected a string
    step “d”, choices: unknown field “colour”
    step “d”: the value does not fit: «soon» is not a length of time such as 90s, 15m, 2h, 3d
    step “e”: the value does not fit: unknown variant `like`, expected one of `eq`, `ne`, `lt`, `le`, `gt`, `ge`, `contains`, `in`, `set`, `unset`, `in_next_days`, `in_last_days`, `older_than_days`
    "#);
}

#[test]
fn broken_files_are_told_by_line() {
    let (draft, problems) = Draft::from_toml("key = \"t\"\n[steps.a\nkind = 1");
    assert_eq!(draft, Draft::default());
    assert_snapshot!(told(&problems).join("\n"), @r#"scenario: the file cannot be read: 2: unclosed table, expected `]`"#);
    for document in [json!(null), json!([]), json!({"steps": 5, "triggers": {}, "edges": [1]})] {
        let (draft, problems) = Draft::from_json(document);
        assert!(!problems.is_empty());
        assert!(Scenario::compile(&draft, &fixture::catalogue()).0.is_none());
    }
}
