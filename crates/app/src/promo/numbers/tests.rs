//! Receipts put into tallies, and tallies read.

use super::model::{Counted, Queue};
use super::rules::{self, Accepted, Kind, Tallies, Tally, Tickets};
use jiff::civil::date;
use jiff::tz::TimeZone;
use samovar_base::{Clock, ContactId, Instant, ManualClock};
use samovar_engine::Draft;
use samovar_fiscal::{Item, Receipt, Seller};
use std::collections::BTreeMap;

fn moscow() -> TimeZone {
    TimeZone::get("Europe/Moscow").expect("a zone")
}

fn at(text: &str) -> Instant {
    ManualClock::at_rfc3339(text).now()
}

fn item(name: &str, sum: i64) -> Item {
    Item { name: name.into(), quantity: 1_000, price: sum, sum, ..Item::default() }
}

fn receipt(names: &[&str]) -> Receipt {
    Receipt {
        total: 10_000,
        seller: Seller { inn: "5406777888".into(), place: "Чай | кофе".into(), ..Seller::default() },
        region: Some("54".into()),
        items: names.iter().map(|name| item(name, 5_000)).collect(),
        ..Receipt::default()
    }
}

fn accepted(number: i64, contact: i64, arrived: &str, sum: i64) -> Accepted {
    Accepted {
        number,
        contact: ContactId(contact),
        arrived: at(arrived),
        sum,
        bought_at: "2026-11-21T18:05:00".into(),
        source: "shelf".into(),
        document: Some(receipt(&["Чай", "Сахар", "Чай"])),
    }
}

fn tickets(all: &[Accepted]) -> Tickets {
    let mut tickets = Tickets::new();
    for one in all {
        tickets.entry(one.contact).or_default().push((one.number, one.arrived));
    }
    tickets
}

/// In portions of `size`, as the job does it.
fn counted(all: &[Accepted], size: usize) -> (Tallies, BTreeMap<String, rules::GoodsTally>) {
    let (mut tallies, mut goods) = (Tallies::new(), BTreeMap::new());
    let tickets = tickets(all);
    for some in all.chunks(size) {
        let (more, lines) = rules::counted(some, &tickets, &moscow());
        for (key, tally) in more {
            tallies.entry(key).or_insert_with(Tally::default).add(tally);
        }
        for (key, line) in lines {
            goods
                .entry(key)
                .or_insert_with(|| rules::GoodsTally { name: line.name.clone(), ..Default::default() })
                .add(&line);
        }
    }
    (tallies, goods)
}

fn listed(tallies: Tallies) -> Vec<(Kind, String, Tally)> {
    tallies.into_iter().map(|((kind, key), tally)| (kind, key, tally)).collect()
}

fn three_people() -> Vec<Accepted> {
    vec![
        accepted(1, 1, "2026-11-20T20:30:00Z", 9_900),
        // Half past midnight in Moscow.
        accepted(2, 1, "2026-11-20T21:30:00Z", 25_000),
        accepted(3, 2, "2026-11-21T10:00:00Z", 2_000_000),
        accepted(4, 1, "2026-11-21T11:00:00Z", 30_000),
        accepted(5, 1, "2026-11-30T11:00:00Z", 30_000),
        accepted(6, 3, "2026-11-30T12:00:00Z", 30_000),
    ]
}

#[test]
fn portions_of_any_size_come_to_the_same() {
    let all = three_people();
    let whole = counted(&all, 100);
    for size in 1..=all.len() {
        assert_eq!(counted(&all, size), whole, "{size}");
    }
}

#[test]
fn a_day_knows_who_is_new_and_who_came_again() {
    let (tallies, _) = counted(&three_people(), 2);
    let quarter = at("2026-11-20T21:30:00Z").0 / rules::QUARTER;
    let counted = Counted { counted: 6, tickets: 6 };
    let told = rules::days(&listed(tallies), &[(quarter, 5, 2)], counted, &moscow());
    assert_eq!(told.days.len(), 11, "days without anything are told, too");
    let of = |day: i8| told.days.iter().find(|one| one.day == date(2026, 11, day)).expect("a day");
    assert_eq!((of(20).accepted, of(20).people, of(20).fresh), (1, 1, 1));
    assert_eq!((of(21).accepted, of(21).people, of(21).fresh, of(21).arrived), (3, 2, 1, 5));
    assert_eq!((of(30).accepted, of(30).people, of(30).fresh), (2, 2, 1));
    assert_eq!((of(21).refused, of(25).accepted), (2, 0));
}

#[test]
fn people_are_told_by_how_often_and_since_when() {
    let (tallies, _) = counted(&three_people(), 4);
    let told = rules::people(&listed(tallies), Counted { counted: 6, tickets: 6 });
    assert_eq!((told.people, told.again, told.each), (3, 1, 200));
    assert_eq!(told.by_receipts[..4], [2, 0, 0, 1]);
    let cohorts: Vec<_> = told.cohorts.iter().map(|one| (one.week, one.active.clone())).collect();
    assert_eq!(cohorts, [(date(2026, 11, 16), vec![2, 0, 1]), (date(2026, 11, 30), vec![1])]);
}

#[test]
fn purchases_are_told_by_sum_hour_region_and_shop() {
    let (tallies, goods) = counted(&three_people(), 3);
    let told = rules::purchases(&listed(tallies), Counted::default());
    assert_eq!((told.receipts, told.sum), (6, 2_124_900));
    let bands: Vec<_> = told.bands.iter().filter(|band| band.receipts > 0).collect();
    assert_eq!(
        bands.iter().map(|band| (band.from, band.receipts)).collect::<Vec<_>>(),
        [(0, 1), (20_000, 1), (30_000, 3), (1_000_000, 1)]
    );
    assert_eq!(bands[3].to, None);
    assert_eq!(
        told.hours.iter().map(|one| (one.weekday, one.hour, one.receipts)).collect::<Vec<_>>(),
        [(6, 18, 6)]
    );
    assert_eq!((told.regions[0].code.as_str(), told.regions[0].receipts), ("54", 6));
    assert_eq!((told.shops[0].name.as_str(), told.shops[0].inn.as_str()), ("Чай / кофе", "5406777888"));
    let tea = goods.values().find(|line| line.name == "Чай").expect("tea");
    assert_eq!((tea.receipts, tea.quantity, tea.sum), (6, 12_000, 60_000));
}

#[test]
fn what_goes_together_is_told_from_what_is_only_frequent() {
    let mut baskets: Vec<Receipt> = (0..40).map(|_| receipt(&["Пакет", "Хлеб"])).collect();
    baskets.extend((0..40).map(|_| receipt(&["Пакет"])));
    baskets.extend((0..10).map(|_| receipt(&["Чай", "Лимон", "Пакет"])));
    baskets.extend((0..10).map(|_| receipt(&["Молоко"])));
    let pairs = rules::pairs(&baskets);
    let tea =
        pairs.iter().position(|one| one.first == "Лимон" && one.second == "Чай").expect("tea and lemon");
    assert_eq!((pairs[tea].receipts, pairs[tea].lift), (10, 1_000));
    assert_eq!(tea, 0, "{pairs:#?}");
    assert!(rules::pairs(&baskets[..2]).is_empty(), "two receipts say nothing");
}

#[test]
fn steps_where_people_fell_silent_come_first() {
    let draft: Draft = serde_json::from_value(serde_json::json!({
        "key": "tea", "steps": {
            "rules": { "kind": "choose", "text": "Согласны?", "choices": [{ "key": "yes", "label": "Да" }] },
            "hello": { "kind": "say", "text": "Здравствуйте" }
        }
    }))
    .expect("a draft");
    let times = |step: &str, port: &str, times| (step.to_owned(), port.to_owned(), times);
    let all = [
        times("", "0", 90),
        times("", "1", 10),
        times("rules", "", 100),
        times("rules", "yes", 70),
        times("hello", "", 100),
    ];
    let (begun, stuck) = rules::passed(&draft, &all, "Чай");
    assert_eq!(begun, 100);
    assert_eq!(
        stuck.iter().map(|one| (one.step.as_str(), one.silent())).collect::<Vec<_>>(),
        [("rules", 30)]
    );
}

#[test]
fn a_scenario_belongs_to_the_promotion_of_which_it_speaks() {
    let draft = |params: serde_json::Value| -> Draft {
        serde_json::from_value(serde_json::json!({
            "key": "draw",
            "edges": { "rules.yes": "join", "read.yes": "join", "join.joined": "hello" },
            "steps": {
                "rules": { "kind": "choose", "text": "Согласны?", "choices": [{ "key": "yes", "label": "Да" }] },
                "read": { "kind": "show", "screen": "promo.rules", "params": params, "choices": [{ "key": "yes", "label": "Да" }] },
                "join": { "kind": "act", "action": "promo.join", "params": params },
                "hello": { "kind": "say", "text": "Вы участвуете в «tea»" }
            }
        }))
        .expect("a draft")
    };
    let (of_tea, open) = (draft(serde_json::json!({ "promotion": "tea" })), draft(serde_json::json!({})));
    assert!(rules::belongs(&of_tea, "tea", false) && !rules::belongs(&of_tea, "tea-2", true));
    assert!(rules::belongs(&open, "draw", false), "by its own key");
    assert!(rules::belongs(&open, "tea", true) && !rules::belongs(&open, "tea", false), "as the open one");
    let talk: Draft = serde_json::from_value(serde_json::json!({
        "key": "talk", "steps": { "hello": { "kind": "say", "text": "promo. \"tea\"" } }
    }))
    .expect("a draft");
    assert!(!rules::belongs(&talk, "tea", true), "words in a text are no promotion");
    let times = |step: &str, port: &str, times| (step.to_owned(), port.to_owned(), times);
    let all =
        [times("rules", "", 100), times("rules", "yes", 60), times("read", "", 40), times("join", "", 80)];
    assert_eq!(rules::asked(&open, &all), 100);
    assert_eq!(rules::asked(&talk, &all), 0);
}

#[test]
fn the_queue_is_drained_at_the_pace_of_the_last_minutes() {
    let drained = |due, asked, answered| {
        let mut queue = Queue { due, asked, answered, ..Queue::default() };
        rules::drained(&mut queue);
        queue.drained_in
    };
    assert_eq!(drained(0, 0, 0), Some(0));
    assert_eq!(drained(100, 0, 0), None, "nothing moves");
    assert_eq!(drained(590, 10, 600), Some(600));
}

#[test]
fn regions_are_found_by_their_codes() {
    assert!(super::regions::ALL.is_sorted_by_key(|(code, ..)| code));
    assert_eq!(super::regions::name("54", "ru"), Some("Новосибирская область"));
    assert_eq!(super::regions::name("93", "ru"), None);
}
