//! The least a business offers to scenarios: what the library bots need, and a few things for tests.

use samovar_engine::{
    ActionSpec, Catalogue, Draft, EventSpec, FactSpec, Kind, OutcomeSpec, ParamSpec, Problem, Scenario,
    ScreenSpec, Title,
};

/// A catalogue with the names of the real one.
pub fn catalogue() -> Catalogue {
    Catalogue {
        events: vec![EventSpec {
            name: "loyalty.earned".into(),
            values: vec![fact("points", Kind::Points, false)],
            title: title("loyalty.earned"),
        }],
        actions: vec![
            action("consent.give", &[("purpose", Kind::Text)], &["done", "already"], &["contact"]),
            action("contact.register", &[], &["done", "already"], &["contact"]),
            action("contact.stop", &[], &["done"], &["contact"]),
            action("contact.resume", &[], &["done"], &["contact"]),
            action("loyalty.welcome", &[], &["done", "already"], &["loyalty"]),
            with_value(action("test.spend", &[("points", Kind::Points)], &["done", "refused"], &["loyalty"])),
        ],
        screens: vec![
            screen("loyalty.balance", &[]),
            screen("loyalty.card", &[]),
            screen("loyalty.history", &[]),
            screen("test.orders", &["picked"]),
            screen("test.till", &["sold"]),
        ],
        facts: facts(),
    }
}

/// The draft in a text, which must be readable.
pub fn draft(text: &str) -> Draft {
    let (draft, problems) = Draft::from_toml(text);
    assert_eq!(told(&problems), Vec::<String>::new());
    draft
}

/// The scenario in a text, which must have no problems at all.
pub fn scenario(text: &str) -> Scenario {
    let (scenario, problems) = Scenario::compile(&draft(text), &catalogue());
    assert_eq!(told(&problems), Vec::<String>::new());
    scenario.expect("a draft without problems is a scenario")
}

/// Problems as people read them.
pub fn told(problems: &[Problem]) -> Vec<String> {
    problems.iter().map(|problem| problem.text(samovar_engine::Locale::En)).collect()
}

fn facts() -> Vec<FactSpec> {
    let writable = [
        "contact.name",
        "contact.phone",
        "contact.birthday",
        "contact.email",
        "contact.city",
        "contact.fields",
    ];
    [
        ("contact.name", Kind::Text),
        ("contact.first_name", Kind::Text),
        ("contact.phone", Kind::Phone),
        ("contact.email", Kind::Text),
        ("contact.city", Kind::Text),
        ("contact.birthday", Kind::Date),
        ("contact.registered", Kind::Flag),
        ("contact.consented", Kind::Flag),
        ("contact.stopped", Kind::Flag),
        ("contact.messenger_name", Kind::Text),
        ("contact.tags", Kind::List),
        ("contact.fields", Kind::Text),
        ("loyalty.balance", Kind::Points),
        ("loyalty.card_number", Kind::Text),
        ("loyalty.next_expiry_points", Kind::Points),
        ("loyalty.next_expiry_date", Kind::Date),
        ("loyalty.welcome_points", Kind::Points),
        ("business.name", Kind::Text),
        ("business.zone", Kind::Text),
        ("business.locale", Kind::Text),
        ("business.policy_url", Kind::Text),
        ("channel.kind", Kind::Text),
        ("channel.shares_phone", Kind::Flag),
        ("event.payload", Kind::Text),
    ]
    .into_iter()
    .map(|(path, kind)| fact(path, kind, writable.contains(&path)))
    .collect()
}

fn fact(path: &str, kind: Kind, writable: bool) -> FactSpec {
    FactSpec { path: path.into(), kind, writable, title: title(path) }
}

fn action(name: &str, params: &[(&str, Kind)], outcomes: &[&str], changes: &[&str]) -> ActionSpec {
    let param = |(name, kind): &(&str, Kind)| ParamSpec {
        name: (*name).into(),
        kind: *kind,
        required: true,
        title: title(name),
    };
    ActionSpec {
        name: name.into(),
        params: params.iter().map(param).collect(),
        outcomes: outcomes.iter().map(|name| outcome(name)).collect(),
        changes: changes.iter().map(|space| (*space).into()).collect(),
        title: title(name),
    }
}

fn with_value(mut action: ActionSpec) -> ActionSpec {
    action.outcomes[0].values.push(fact("left", Kind::Points, false));
    action
}

fn outcome(name: &str) -> OutcomeSpec {
    OutcomeSpec { name: name.into(), values: Vec::new(), title: title(name) }
}

fn screen(name: &str, outcomes: &[&str]) -> ScreenSpec {
    ScreenSpec {
        name: name.into(),
        params: Vec::new(),
        outcomes: outcomes.iter().map(|name| outcome(name)).collect(),
        hears: name == "test.till",
        takes: false,
        title: title(name),
    }
}

fn title(name: &str) -> Title {
    Title::new(name, name)
}
