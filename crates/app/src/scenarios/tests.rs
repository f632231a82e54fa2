use super::rules;
use crate::problem::Kind;
use samovar_engine::{Catalogue, Draft, End, Say, Scenario, Step, Trigger, TriggerOn};
use serde_json::json;

fn draft() -> Draft {
    let mut draft = Draft { key: "hello".into(), ..Draft::default() };
    draft.triggers.push(Trigger { on: TriggerOn::Start, goto: "greet".into(), interrupts: false });
    draft.steps.insert("greet".into(), Step::Say(Say { text: "Здравствуйте!".into(), ..Say::default() }));
    draft.steps.insert("bye".into(), Step::End(End::default()));
    draft.edges.insert("greet".into(), "bye".into());
    draft
}

#[test]
fn moving_a_step_on_the_canvas_changes_nothing_that_is_meant() {
    let moved = Draft { layout: json!({ "greet": [10, 20] }), ..draft() };
    assert_eq!(rules::source_hash(&moved), rules::source_hash(&draft()));
    let mut other = draft();
    other.steps.insert("greet".into(), Step::Say(Say { text: "Добрый день!".into(), ..Say::default() }));
    assert_ne!(rules::source_hash(&other), rules::source_hash(&draft()));
}

#[test]
fn a_refusal_counts_the_errors_and_tells_each_at_its_place() {
    let mut wrong = draft();
    wrong.edges.insert("greet".into(), "nowhere".into());
    wrong.triggers[0].goto = "nobody".into();
    let (scenario, problems) = Scenario::compile(&wrong, &Catalogue::default());
    assert!(scenario.is_none() && rules::has_errors(&problems));
    let refusal = rules::refusal(&problems);
    assert_eq!(
        (refusal[0].code, refusal[0].kind, refusal[0].field.as_deref()),
        ("draft_not_ready", Kind::Invalid, None)
    );
    let places: Vec<_> = refusal[1..].iter().filter_map(|problem| problem.field.as_deref()).collect();
    assert_eq!(places.len(), refusal.len() - 1);
    assert!(places.contains(&"edges.greet") && places.contains(&"triggers.0.goto"), "{places:?}");
}

#[test]
fn a_draft_beyond_the_limit_is_refused() {
    let huge = Draft { layout: json!("x".repeat(rules::DRAFT_BYTES_MAX)), ..draft() };
    assert_eq!(rules::to_json(&huge).map_err(|problem| problem.kind), Err(Kind::TooLarge));
    assert!(rules::to_json(&draft()).is_ok());
}
