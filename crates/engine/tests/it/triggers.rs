//! What starts a scenario.

use crate::fixture;
use crate::world::check;
use insta::assert_snapshot;
use samovar_base::message::Event;
use samovar_engine::{Entry, Scenario};

const DRAFT: &str = r#"
key = "t"
locale = "ru"
[[triggers]]
on = "phrase"
phrases = ["Хочу кофе", "/coffee"]
goto = "promo"
interrupts = true
[[triggers]]
on = "start"
goto = "hello"
[[triggers]]
on = "link"
prefix = "src_"
goto = "promo"
[[triggers]]
on = "link"
prefix = "src_avito_"
source = "avito"
goto = "promo"
[[triggers]]
on = "link"
payload = "src_vip"
goto = "promo"
[[triggers]]
on = "button"
label = "☰ Меню"
goto = "hello"
[[triggers]]
on = "event"
event = "loyalty.earned"
goto = "earned"
[steps.hello]
kind = "ask"
into = "contact.name"
text = "Как вас зовут?"
[steps.promo]
kind = "say"
text = "Акция! {{ event.payload }} {{ event.source }}"
[steps.earned]
kind = "say"
text = "Плюс {{ event.points|points }}."
[edges]
hello = "promo"
"#;

fn matched(scenario: &Scenario, event: Event) -> String {
    scenario.matches(&event).map_or("none".to_owned(), |found| {
        let values = serde_json::Value::Object(found.values);
        format!("{} p{}{} {values}", found.index, found.priority, if found.interrupts { "!" } else { "" })
    })
}

#[test]
fn triggers_are_found() {
    let scenario = fixture::scenario(DRAFT);
    let start = |payload: Option<&str>| Event::Start { payload: payload.map(str::to_owned) };
    let text = |text: &str| Event::Text { text: text.to_owned() };
    let mut found = String::new();
    for event in [
        start(None),
        start(Some("")),
        start(Some("unknown")),
        start(Some("src_site")),
        start(Some("src_avito_7")),
        start(Some("src_vip")),
        text("  хочу КОФЁ!!!"),
        text("/coffee"),
        text("меню"),
        text("хочу кофе и торт"),
        Event::Phone { number: "+79161234567".into(), own: true },
        Event::Blocked,
    ] {
        let line = serde_json::to_string(&event).expect("an event is JSON");
        found.push_str(&format!("{line} -> {}\n", matched(&scenario, event)));
    }
    assert_snapshot!(found, @r#"
    {"kind":"start","payload":null} -> 1 p3 {}
    {"kind":"start","payload":""} -> 1 p3 {}
    {"kind":"start","payload":"unknown"} -> 1 p3 {"payload":"unknown","source":"unknown"}
    {"kind":"start","payload":"src_site"} -> 2 p4 {"payload":"src_site","source":"src_site"}
    {"kind":"start","payload":"src_avito_7"} -> 3 p4 {"payload":"src_avito_7","source":"avito"}
    {"kind":"start","payload":"src_vip"} -> 4 p5 {"payload":"src_vip","source":"src_vip"}
    {"kind":"text","text":"  хочу КОФЁ!!!"} -> 0 p2! {}
    {"kind":"text","text":"/coffee"} -> 0 p2! {}
    {"kind":"text","text":"меню"} -> 5 p1 {}
    {"kind":"text","text":"хочу кофе и торт"} -> none
    {"kind":"phone","number":"+79161234567","own":true} -> none
    {"kind":"blocked"} -> none
    "#);
}

#[test]
fn the_beginning_is_the_start() {
    let scenario = fixture::scenario(DRAFT);
    assert_eq!(scenario.needs(Entry::Beginning), &[] as &[String]);
    assert!(scenario.waits_for("loyalty.earned") && !scenario.waits_for("loyalty.spent"));
}

#[test]
fn a_trigger_that_does_not_interrupt_waits_for_its_turn() {
    let story = check(
        DRAFT,
        &[
            "/start",
            "меню",
            "/start",
            "хочу кофе",
            "/start src_avito_7",
            "event loyalty.earned {\"points\": 3}",
        ],
    );
    assert_snapshot!(story, @r#"
    > /start
    < Как вас зовут?
    > меню
      * contact.name = "меню"
    < Акция!
      (ended)
    > /start
    < Как вас зовут?
    > хочу кофе
    < Акция!
      (ended)
    > /start src_avito_7
      * source avito
    < Акция! src_avito_7 avito
      (ended)
    > event loyalty.earned {"points": 3}
    < Плюс 3 балла.
      (ended)
    "#);
}

#[test]
fn tokens_lead_back_to_their_choices() {
    let scenario = fixture::scenario(include_str!("../../../../examples/coffee-loyalty/ru.toml"));
    let (draft, _) =
        samovar_engine::Draft::from_toml(include_str!("../../../../examples/coffee-loyalty/ru.toml"));
    let mut seen = 0;
    for (name, step) in &draft.steps {
        let choices = match step {
            samovar_engine::Step::Choose(choose) => &choose.choices,
            samovar_engine::Step::Show(show) => &show.choices,
            _ => continue,
        };
        for choice in choices {
            let token = scenario.token(name, &choice.key).expect("a choice has a token");
            assert!(
                token.len() <= 24 && token.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.:-".contains(&b))
            );
            let target = scenario.resolve(token).expect("a token leads back");
            assert_eq!(
                (target.step.as_str(), target.choice.as_deref()),
                (name.as_str(), Some(choice.key.as_str()))
            );
            seen += 1;
        }
    }
    assert!(seen > 10);
    for token in ["", "x", "0000000000000", "0000000000000:p1", ":p1"] {
        assert_eq!(scenario.resolve(token), None);
    }
}

#[test]
fn an_event_goes_to_the_trigger_that_asks_for_most() {
    let scenario = fixture::scenario(
        r#"
key = "t"
locale = "ru"
[[triggers]]
on = "event"
event = "loyalty.earned"
goto = "a"
[[triggers]]
on = "event"
event = "loyalty.earned"
values = { points = 100 }
goto = "a"
[[triggers]]
on = "date"
field = "contact.birthday"
days_before = 3
goto = "a"
[steps.a]
kind = "say"
text = "А"
"#,
    );
    let found = |points: i64| {
        let values = [("points".to_owned(), points.into())].into_iter().collect();
        scenario.listens("loyalty.earned", &values).map(|found| found.index)
    };
    assert_eq!((found(100), found(5)), (Some(1), Some(0)));
    let dates: Vec<_> = scenario.dates().collect();
    assert_eq!((dates.len(), dates[0].field, dates[0].days_before), (1, "contact.birthday", 3));
    let by_date = scenario.listens(&dates[0].event, &serde_json::Map::new());
    assert_eq!(by_date.map(|found| found.index), Some(2));
}
