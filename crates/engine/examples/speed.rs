//! How long one move of a session takes: `cargo run --release -p samovar-engine --example speed`.

use samovar_base::message::{Body, Event};
use samovar_base::{Instant, ScenarioId};
use samovar_engine::{
    Catalogue, Draft, Entry, FactSpec, Facts, Input, Kind, Next, Scenario, ScreenSpec, Session, Title, Turn,
    Values, advance,
};
use serde_json::json;
use std::hint::black_box;

const DRAFT: &str = r#"
key = "speed"
locale = "ru"
inputs_per_minute = 0
triggers = [{ on = "start", goto = "menu", interrupts = true }]
[steps.menu]
kind = "choose"
text = "{{ contact.name|first_name }}, у вас {{ loyalty.balance|points }}. Что показать?"
anytime = true
columns = 2
choices = [
  { key = "balance", label = "Баланс" },
  { key = "card", label = "Моя карта" },
  { key = "history", label = "История" },
  { key = "help", label = "Помощь" },
]
[steps.balance]
kind = "show"
screen = "loyalty.balance"
choices = [{ key = "menu", label = "В меню" }]
[edges]
menu = "balance"
balance = "menu"
"#;

fn main() {
    let fact =
        |path: &str, kind| FactSpec { path: path.into(), kind, writable: false, title: Title::default() };
    let screen = ScreenSpec {
        name: "loyalty.balance".into(),
        params: vec![],
        outcomes: vec![],
        hears: false,
        takes: false,
        title: Title::default(),
    };
    let catalogue = Catalogue {
        screens: vec![screen],
        facts: vec![fact("contact.name", Kind::Text), fact("loyalty.balance", Kind::Points)],
        ..Catalogue::default()
    };
    let (draft, problems) = Draft::from_toml(DRAFT);
    assert!(problems.is_empty(), "{problems:?}");
    let (scenario, problems) = Scenario::compile(&draft, &catalogue);
    let scenario = scenario.unwrap_or_else(|| panic!("{problems:?}"));
    let facts = Facts::at(Instant::from_seconds(1_800_000_000))
        .with("contact", json!({"name": "Анна Каренина", "tags": ["vip"], "fields": {}}))
        .with("loyalty", json!({"balance": 1_250, "available": 1_250}));
    let text = |text: &str| Event::Text { text: text.into() };
    let (label, number, nonsense) = (text("баланс"), text("1"), text("что-то непонятное"));

    let rest = start(&scenario, &facts);
    let packed = serde_json::to_vec(&rest).unwrap_or_default();
    println_row("session, bytes of JSON", packed.len() as f64, "");
    timed("start: menu with a template", || start(&scenario, &facts));
    timed("a label that leads to a screen", || said(&scenario, &rest, &label, &facts));
    timed("a number that leads to a screen", || said(&scenario, &rest, &number, &facts));
    timed("an answer that is not understood", || said(&scenario, &rest, &nonsense, &facts));
    let asked = said(&scenario, &rest, &label, &facts).session;
    timed("a drawn screen", || {
        let drawn = Input::Shown { body: Body::text("У вас 1250 баллов."), more: false };
        advance(&scenario, asked.clone(), drawn, &facts)
    });
    timed("a trigger is looked for", || scenario.matches(&label));
    timed("session to JSON and back", || {
        let packed = serde_json::to_vec(&rest).unwrap_or_default();
        serde_json::from_slice::<Session>(&packed).ok()
    });
    timed("compile", || Scenario::compile(&draft, &catalogue).0.is_some());
}

fn start(scenario: &Scenario, facts: &Facts) -> Session {
    let enter = Input::Enter { entry: Entry::Beginning, values: Values::new() };
    let turn = advance(scenario, Session::new(ScenarioId(1), 1), enter, facts);
    assert_eq!(turn.next, Next::Rest);
    turn.session
}

fn said(scenario: &Scenario, session: &Session, event: &Event, facts: &Facts) -> Turn {
    advance(scenario, session.clone(), Input::Said(event), facts)
}

fn timed<T>(what: &str, mut work: impl FnMut() -> T) {
    const ROUNDS: u32 = 20_000;
    let begun = std::time::Instant::now();
    for _ in 0..ROUNDS {
        black_box(work());
    }
    println_row(what, begun.elapsed().as_secs_f64() * 1e6 / f64::from(ROUNDS), "µs");
}

#[allow(clippy::print_stdout)]
fn println_row(what: &str, value: f64, unit: &str) {
    println!("{what:<36} {value:>8.2} {unit}");
}
