//! A storm of receipts: many people at once, the same receipt from all of them, every update twice, and a node that dies
//! in the midst of it. Numbers are 1 to N, one for each receipt, and a person has one code at most.

use crate::receipts::{Shop, code, fast, joins, shop, terms};
use samovar_app::promo::pools;
use samovar_app::receipts::{self, Filter, ProviderSettings, State};
use samovar_testkit::{Engine, Guest, on_both};
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

/// People at once.
const PEOPLE: i64 = 64;
/// Receipts of each that are theirs alone.
const OWN: i64 = 3;
/// The receipt that all of them send.
const SHARED: i64 = 9_999;
/// Codes of the partner: fewer than people.
const CODES: i64 = 50;

async fn people(shop: &Shop) -> Vec<Guest> {
    let mut guests = Vec::new();
    for number in 0..PEOPLE {
        let guest = shop.app.telegram(&format!("Гость {number}"));
        joins(&guest).await;
        guests.push(guest);
    }
    for number in 0..PEOPLE * OWN {
        shop.knows(number + 1, 700);
    }
    shop.knows(SHARED, 700);
    guests
}

async fn pool(shop: &Shop) {
    let (app, owner) = (shop.app.app(), shop.app.owner());
    let draft = pools::Draft { partner: "Пекарня".into(), ..pools::Draft::default() };
    let made = pools::create(&app, &owner, shop.promotion, draft).await.expect("a pool");
    let codes: Vec<String> = (0..CODES).map(|number| format!("TEA-{number:03}")).collect();
    pools::upload(&app, &owner, shop.promotion, made.id, codes.join("\n").into()).await.expect("codes");
}

/// Everybody sends everything, twice, without waiting for anything.
fn send_all(guests: &[Guest]) {
    for round in 0..OWN {
        for (place, guest) in (0..PEOPLE).zip(guests) {
            let text = code(place * OWN + round + 1, 700);
            guest.chat.says(&text).expect("a message");
            guest.chat.says(&text).expect("a message");
            if round == 0 {
                guest.chat.says(&code(SHARED, 700)).expect("a message");
            }
        }
    }
}

async fn judge(shop: &Shop) {
    let (app, owner) = (shop.app.app(), shop.app.owner());
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let page = receipts::receipts(&app, &owner, shop.promotion, Filter::default(), after, 200).await;
        let page = page.expect("receipts");
        let Some(last) = page.last() else { break };
        after = Some((last.receipt.arrived_at, last.receipt.id));
        all.extend(page);
    }
    let accepted: Vec<_> = all.iter().filter(|one| one.receipt.state == State::Accepted).collect();
    let undecided = all.iter().filter(|one| (one.receipt.state as i64) < 3).count();
    assert_eq!((accepted.len() as i64, undecided), (PEOPLE * OWN + 1, 0));
    let numbers: BTreeSet<i64> = accepted.iter().filter_map(|one| one.receipt.ticket).collect();
    assert_eq!(numbers, (1..=PEOPLE * OWN + 1).collect(), "no gap, no number twice");
    let keys: BTreeSet<_> = accepted.iter().filter_map(|one| one.receipt.key().cloned()).collect();
    assert_eq!(keys.len(), accepted.len(), "one number for each receipt");
    let (pools, owed) = pools::list(&app, &owner, shop.promotion).await.expect("pools");
    assert_eq!((pools[0].given, owed), (CODES, PEOPLE - CODES));
    let given = pools::given(&app, &owner, shop.promotion, pools[0].id, None, 200).await.expect("codes");
    let mut by_person: HashMap<_, i64> = HashMap::new();
    for one in &given {
        *by_person.entry(one.contact).or_default() += 1;
    }
    assert!(by_person.values().all(|codes| *codes == 1), "{by_person:?}");
}

on_both! {
    async fn many_people_at_once(engine: Engine) {
        let shop = shop(engine, "ru", terms(), fast()).await;
        pool(&shop).await;
        let guests = people(&shop).await;
        send_all(&guests);
        shop.app.settle().await;
        for _ in 0..20 {
            shop.app.advance(Duration::from_secs(1)).await;
        }
        judge(&shop).await;
        shop.app.finish().await;
    }

    async fn a_node_that_dies_again_and_again(engine: Engine) {
        let pace = ProviderSettings { per_minute: 3_000, at_once: 20, ..fast() };
        let shop = shop(engine, "ru", terms(), pace).await;
        pool(&shop).await;
        let guests = people(&shop).await;
        send_all(&guests);
        for round in 0..4 {
            tokio::time::sleep(Duration::from_millis(40 + 70 * round)).await;
            shop.app.clock.advance_seconds(2);
            shop.app.crash(0).await;
            shop.app.clock.advance_seconds(10);
            shop.app.revive().await;
        }
        shop.app.settle().await;
        // What the dead had in their hands is in those of the living, long before a question counts as lost.
        for _ in 0..40 {
            shop.app.advance(Duration::from_secs(1)).await;
        }
        judge(&shop).await;
        shop.app.finish().await;
    }
}
