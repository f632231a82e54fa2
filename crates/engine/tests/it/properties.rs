//! What holds for any input.

use crate::fixture;
use proptest::prelude::*;
use samovar_base::message::{Action, Body, Button, Event, FileKind, FileRef};
use samovar_base::{Instant, ScenarioId};
use samovar_engine::{Draft, Effect, Entry, Facts, Input, Next, Scenario, Session, Turn, Values, advance};
use serde_json::{Value, json};
use std::sync::LazyLock;

const RU: &str = include_str!("../../../../examples/coffee-loyalty/ru.toml");

static SCENARIO: LazyLock<Scenario> = LazyLock::new(|| fixture::scenario(RU));

/// Every button of the library bot, and some that nobody made.
fn tokens() -> Vec<String> {
    let (draft, _) = Draft::from_toml(RU);
    let document = serde_json::to_value(&draft).expect("a draft is JSON");
    let mut tokens = vec!["x".to_owned(), String::new(), ":p1".to_owned()];
    for (step, value) in document["steps"].as_object().into_iter().flatten() {
        for choice in value["choices"].as_array().into_iter().flatten() {
            let key = choice["key"].as_str().unwrap_or_default();
            let token = SCENARIO.token(step, key).expect("a choice has a token").to_owned();
            tokens.push(format!("{token}:p2"));
            tokens.push(token);
        }
    }
    tokens
}

fn event() -> impl Strategy<Value = Event> {
    let word = prop::sample::select(vec![
        "1",
        "2",
        "стоп",
        "карта",
        "меню",
        "Анна",
        "+79161234567",
        "17.05.1990",
        "помощь",
    ]);
    prop_oneof![
        any::<Option<String>>().prop_map(|payload| Event::Start { payload }),
        "\\PC{0,40}".prop_map(|text| Event::Text { text }),
        word.prop_map(|text| Event::Text { text: text.into() }),
        prop::sample::select(tokens()).prop_map(|token| Event::Press { token, message: Some("1".into()) }),
        (any::<bool>(), "[+0-9]{0,15}").prop_map(|(own, number)| Event::Phone { number, own }),
        Just(Event::File {
            file: FileRef {
                vendor_id: "f".into(),
                kind: FileKind::Photo,
                name: None,
                media_type: None,
                size: None
            },
            caption: String::new(),
        }),
        Just(Event::Blocked),
        Just(Event::Unknown { what: "dice".into() }),
    ]
}

/// Anything the app may come with, fitting or not.
#[derive(Debug, Clone)]
enum Doing {
    Said(Event),
    Enter(usize),
    Facts,
    Outcome(&'static str),
    Shown(String, bool),
    Due(u32),
    TakenOver,
    GivenBack,
}

fn doing() -> impl Strategy<Value = Doing> {
    prop_oneof![
        8 => event().prop_map(Doing::Said),
        2 => (0_usize..12).prop_map(Doing::Enter),
        3 => Just(Doing::Facts),
        3 => prop::sample::select(vec!["done", "already", "nonsense", ""]).prop_map(Doing::Outcome),
        3 => ("\\PC{0,20}", any::<bool>()).prop_map(|(carries, more)| Doing::Shown(carries, more)),
        1 => (0_u32..40).prop_map(Doing::Due),
        1 => Just(Doing::TakenOver),
        2 => Just(Doing::GivenBack),
    ]
}

fn facts(seconds: i64, loaded: &[bool; 4]) -> Facts {
    let known = [
        ("contact", json!({"name": null, "consented": true, "tags": [], "messenger_name": 5})),
        ("loyalty", json!({"balance": "not a number", "welcome_points": 100})),
        ("business", json!({"name": "Зерно", "zone": "Nowhere/City"})),
        ("channel", json!({"shares_phone": true})),
    ];
    let loaded = known.into_iter().zip(loaded).filter(|(_, loaded)| **loaded).map(|(known, _)| known);
    loaded.fold(Facts::at(Instant::from_seconds(seconds)), |facts, (space, values)| facts.with(space, values))
}

fn step<'a>(session: Session, doing: &'a Doing, facts: &Facts, key: &'a str) -> Turn {
    let input = match doing {
        Doing::Said(event) => Input::Said(event),
        Doing::Enter(index) => Input::Enter { entry: Entry::Trigger(*index), values: Values::new() },
        Doing::Facts => Input::Facts,
        Doing::Outcome(name) => Input::Outcome { name: (*name).into(), values: Values::new() },
        Doing::Shown(carries, more) => {
            let button = Button { label: "кнопка".into(), action: Action::Press(carries.clone()) };
            Input::Shown {
                body: Body { buttons: vec![vec![button]], ..Body::text("экран") }, more: *more
            }
        }
        Doing::Due(_) => Input::Due { key },
        Doing::TakenOver => Input::TakenOver,
        Doing::GivenBack => Input::GivenBack,
    };
    advance(&SCENARIO, session, input, facts)
}

fn tokens_of(body: &Body) -> impl Iterator<Item = &String> {
    body.buttons.iter().flatten().filter_map(|button| match &button.action {
        Action::Press(token) => Some(token),
        _ => None,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_input_is_survived(doings in prop::collection::vec((doing(), any::<[bool; 4]>()), 1..60)) {
        let mut session = Session::new(ScenarioId(1), 1);
        for (second, (doing, loaded)) in doings.iter().enumerate() {
            let facts = facts(i64::try_from(second).unwrap_or(0), loaded);
            let key = match doing {
                Doing::Due(mark) => format!("silence:{mark}"),
                _ => String::new(),
            };
            let turn = step(session.clone(), doing, &facts, &key);
            prop_assert_eq!(&step(session, doing, &facts, &key), &turn, "the same arguments give the same turn");
            prop_assert!(turn.session.hops <= 64 && turn.visited.len() <= 130);
            let packed = serde_json::to_string(&turn.session).expect("a session is JSON");
            prop_assert_eq!(&serde_json::from_str::<Session>(&packed).expect("a session is read back"), &turn.session);
            prop_assert!(packed.len() < 20_000);
            if turn.next == Next::Ended {
                prop_assert!(turn.session.step.is_none());
            }
            for effect in &turn.effects {
                let Effect::Send { body, .. } = effect else { continue };
                prop_assert!(!body.text.is_empty() || body.media.is_some());
                for token in tokens_of(body) {
                    prop_assert!(token.len() <= 64 && token.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.:-".contains(&b)));
                    prop_assert!(SCENARIO.resolve(token).is_some(), "every button that is sent is understood");
                }
            }
            session = turn.session;
        }
    }

    #[test]
    fn any_document_is_survived(text in "\\PC{0,200}", step in "[a-z]{0,6}", template in "[{}%|a-z.' \"*(\\[]{0,40}") {
        let (draft, _) = Draft::from_toml(&text);
        let _ = Scenario::compile(&draft, &fixture::catalogue());
        let document = json!({
            "key": "t", "locale": "ru",
            "triggers": [{"on": "start", "goto": "a"}],
            "steps": {"a": {"kind": "say", "text": template}, "b": {"kind": step, "text": text}},
        });
        let (draft, _) = Draft::from_json(document);
        let (scenario, _) = Scenario::compile(&draft, &fixture::catalogue());
        if let Some(scenario) = scenario {
            let enter = Input::Enter { entry: Entry::Beginning, values: Values::new() };
            let facts = facts(0, &[true; 4]);
            let turn = advance(&scenario, Session::new(ScenarioId(1), 1), enter, &facts);
            prop_assert_eq!(turn.next, Next::Ended);
        }
        prop_assert_eq!(Draft::from_toml(&draft.to_toml()).0, draft);
    }

    #[test]
    fn conditions_never_panic(fact in value(), other in value()) {
        for op in ["eq", "ne", "lt", "le", "gt", "ge", "contains", "in", "set", "unset", "in_next_days", "in_last_days", "older_than_days"] {
            let condition = serde_json::from_value(json!({"field": "contact.x", "op": op, "value": other})).expect("a condition");
            let facts = Facts::at(Instant::from_seconds(1_800_000_000)).with("contact", json!({"x": fact}));
            let holds = samovar_engine::eval(&condition, &facts);
            let not = samovar_engine::Condition::Not { not: Box::new(condition) };
            prop_assert_ne!(holds, samovar_engine::eval(&not, &facts));
        }
    }
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        "\\PC{0,12}".prop_map(Value::from),
        "[0-9]{4}-[0-9]{2}-[0-9]{2}(T10:00:00Z)?".prop_map(Value::from),
        prop::collection::vec(any::<i8>(), 0..3).prop_map(|list| json!(list)),
    ]
}
