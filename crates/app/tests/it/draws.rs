//! Draws: from the frozen list to the prize that was handed over.

use crate::receipts_ways::exported;
use samovar_app::draws;
use samovar_app::exports::What;
use samovar_base::{Clock, ContactId, PromotionId};
use samovar_draw::{Outcome, commitment, verify};
use samovar_store::{params, table_write};
use samovar_testkit::{Engine, Guest, Reply, Setting, TestApp, on_both};
use serde_json::{Value, json};
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3_600);
const SECRET: &str = "придумано заранее и записано на листке в сейфе";

table_write! {
    static TICKET = insert promo_ticket key(promotion_id int, number int)
        set(receipt_id int, contact_id int, arrived_at int, issued_at int);
    static RECEIPT = insert receipts_receipt key(promotion_id int, id int) set(
        contact_id int, channel_id int, cause text, arrived_at int, source int, picture text, code text, drive text,
        document int, sign int, operation int, sum int, bought_at text, state int, holds bool, reason text, note text,
        version int, score int, signs text, tries int, waits int, outcome text, check_at int, judged_by text, revision int
    );
    static RECEIPT_DONE = update receipts_receipt key(promotion_id int, id int) guard(state int) set(state int);
}

/// A promotion that has begun this day.
pub async fn promotion(app: &TestApp) -> PromotionId {
    let day = app.clock.now().to_jiff().in_tz("UTC").unwrap().start_of_day().unwrap();
    let ends = day.saturating_add(jiff::Span::new().days(30));
    let new = json!({
        "key": "autumn", "name": "Осень с призами", "starts_at": day.timestamp(), "ends_at": ends.timestamp(),
        "terms": { "rules": { "text": { "ru": "Участвуют все чеки.", "en": "All receipts take part." } } }
    });
    let made = app.api().post("/promotions", &new).await;
    let id = text(&made, "id");
    let started = app.api().post(&format!("/promotions/{id}/start"), &json!({})).await;
    assert_eq!(started.status, 200, "{}", started.body);
    app.settle().await;
    id.parse().unwrap()
}

/// Gives out tickets as receipts would bring them: to each contact in turn, a second apart.
pub async fn tickets(app: &TestApp, of: PromotionId, from: i64, to: &[ContactId]) {
    let now = app.app().clock.now();
    let rows: Vec<(i64, ContactId)> = (from..).zip(to.iter().copied()).collect();
    let store = app.app().store.clone();
    let given = store.run(app.tenant, 1, move |tx| {
        for (number, contact) in &rows {
            let arrived = now.plus_seconds(*number);
            tx.put(&TICKET, params![of, *number, 1_000 + *number, *contact, arrived, arrived]);
        }
        std::future::ready(Ok::<_, samovar_app::Fail>(()))
    });
    given.await.expect("tickets");
}

/// A receipt that waits for its check; none when it is checked.
async fn waiting(app: &TestApp, of: PromotionId, contact: ContactId, waits: bool) {
    let now = app.app().clock.now();
    let channel = app.channel("telegram").id;
    let store = app.app().store.clone();
    let written = store.run(app.tenant, 1, move |tx| {
        if waits {
            let row = params![
                of,
                1_i64,
                contact,
                channel,
                "",
                now,
                0_i64,
                "",
                "",
                "9960440300000001",
                1_i64,
                1_i64,
                1_i64,
                100_i64,
                "2026-11-21T12:00:00",
                0_i64,
                true,
                "",
                "",
                1_i64,
                0_i64,
                "[]",
                0_i64,
                0_i64,
                "",
                now.plus_seconds(86_400 * 300),
                "",
                1_i64
            ];
            tx.put(&RECEIPT, row);
        } else {
            tx.put(&RECEIPT_DONE, params![of, 1_i64, 0_i64, 4_i64]);
        }
        std::future::ready(Ok::<_, samovar_app::Fail>(()))
    });
    written.await.expect("a receipt");
}

fn plan(prizes: Value, reserve: u32) -> Value {
    json!({
        "name": "Первая неделя", "from": "2026-11-21T00:00:00Z", "until": "2026-11-21T10:00:00Z",
        "planned_at": "2026-11-21T12:00:00Z", "prizes": prizes, "reserve": reserve,
        "source": { "kind": "reveal", "commitment": commitment(SECRET) }
    })
}

pub fn text(reply: &Reply, field: &str) -> String {
    reply.body[field].as_str().unwrap_or_else(|| panic!("no {field}: {}", reply.body)).to_owned()
}

fn secret() -> Value {
    json!({ "randomness": { "kind": "reveal", "secret": SECRET } })
}

pub async fn guests(app: &TestApp, names: &[&str]) -> (Vec<Guest>, Vec<ContactId>) {
    let (mut guests, mut ids) = (Vec::new(), Vec::new());
    for name in names {
        let guest = app.telegram(name);
        guest.registers().await;
        ids.push(guest.contact_id().await);
        guests.push(guest);
    }
    (guests, ids)
}

/// Lets the bot run the scenario in which winners say where their prize goes.
async fn runs_delivery(app: &TestApp) {
    let file = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../examples/prize-delivery/ru.toml"
    ));
    let owner = app.owner();
    let imported = samovar_app::scenarios::import(&app.app(), &owner, &file.expect("the example"))
        .await
        .expect("a draft");
    assert!(imported.problems.is_empty(), "{:#?}", imported.problems);
    samovar_app::scenarios::publish(&app.app(), &owner, "prize-delivery", None).await.expect("a version");
    let channel = app.channel("telegram").id;
    let change = json!({ "scenarios": ["coffee-loyalty", "prize-delivery"] });
    let changed = app.api().patch(&format!("/channels/{channel}"), &change).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    app.settle().await;
}

/// Plans, freezes and holds a draw; gives its address.
async fn held(app: &TestApp, of: PromotionId, plan: &Value) -> String {
    let api = app.api();
    let made = api.post(&format!("/promotions/{of}/draws"), plan).await;
    let at = format!("/promotions/{of}/draws/{}", text(&made, "id"));
    app.advance(2 * HOUR).await;
    let frozen = api.post(&format!("{at}/freeze"), &json!({})).await;
    assert_eq!(frozen.status, 202, "{}", frozen.body);
    app.advance(HOUR).await;
    let held = api.post(&format!("{at}/hold"), &secret()).await;
    assert_eq!((held.status, text(&held, "state").as_str()), (200, "drawn"), "{}", held.body);
    at
}

on_both! {
    async fn a_draw_from_the_list_to_the_prize(app: TestApp) {
        let (guests, ids) = guests(&app, &["Анна", "Борис", "Вера"]).await;
        runs_delivery(&app).await;
        let of = promotion(&app).await;
        tickets(&app, of, 1, &[ids[0], ids[1], ids[2], ids[0], ids[1]]).await;
        waiting(&app, of, ids[0], true).await;
        let api = app.api();
        let prizes = json!([{ "name": "Кофемашина", "count": 1, "value": 4_990_000 }]);
        let made = api.post(&format!("/promotions/{of}/draws"), &plan(prizes, 2)).await;
        assert_eq!(made.status, 200, "{}", made.body);
        let at = format!("/promotions/{of}/draws/{}", text(&made, "id"));

        // Not before its time, and not while a receipt waits.
        assert_eq!(api.post(&format!("{at}/freeze"), &json!({})).await.body["code"], "period_not_over");
        assert_eq!(api.post(&format!("{at}/hold"), &secret()).await.body["code"], "wrong_draw_state");
        let rehearsed = api.post(&format!("{at}/rehearse"), &json!({})).await;
        let report = verify(&text(&rehearsed, "protocol"), None, None, None);
        assert!(report.rehearsal && !report.is_broken(), "{report:#?}");
        app.advance(2 * HOUR).await;
        let refused = api.post(&format!("{at}/freeze"), &json!({})).await;
        assert_eq!((refused.status, &refused.body["code"]), (409, &json!("receipts_wait")), "{}", refused.body);
        waiting(&app, of, ids[0], false).await;
        assert_eq!(api.get(&format!("{at}/readiness")).await.body["ready"], true);
        assert_eq!(api.post(&format!("{at}/freeze"), &json!({})).await.status, 202);
        app.advance(Duration::from_secs(5)).await;
        let frozen = api.get(&at).await;
        assert_eq!((&frozen.body["state"], &frozen.body["tickets"]), (&json!("frozen"), &json!(5)), "{}", frozen.body);
        assert_eq!(api.put(&at, &json!({ "revision": frozen.body["revision"], "plan": plan(json!([{ "name": "Ручка", "count": 1, "value": 1 }]), 0) })).await.body["code"], "wrong_draw_state");

        // Only what was announced decides, and only once.
        let other = json!({ "randomness": { "kind": "reveal", "secret": "другой секрет, который подошёл бы больше" } });
        assert_eq!(api.post(&format!("{at}/hold"), &other).await.body["code"], "wrong_randomness");
        let drawn = api.post(&format!("{at}/hold"), &secret()).await;
        assert_eq!(drawn.body["state"], "drawn", "{}", drawn.body);
        assert_eq!(api.post(&format!("{at}/hold"), &secret()).await.body["held"]["seed"], drawn.body["held"]["seed"]);
        assert_eq!(api.post(&format!("{at}/hold"), &other).await.body["code"], "wrong_draw_state");

        // Anybody can count it again.
        let draw = draws::get(&app.app(), &app.owner(), text(&drawn, "id").parse().unwrap()).await.unwrap();
        let list = api.download(&format!("{at}/list")).await;
        assert_eq!(list.iter().filter(|byte| **byte == b'\n').count(), 5);
        let key = draws::instance_key(&app.app()).public();
        assert_eq!(api.get("/draw-key").await.body["key"], key);
        let report = verify(&draw.protocol, Some(list), Some(&key), Some(&text(&Reply { status: 200, body: frozen.body["announced"].clone() }, "hash")));
        assert!(report.holds(), "{report:#?}");
        assert!(report.checks.iter().any(|check| check.name == "winners" && check.outcome == Outcome::Holds));

        // Nobody is told before it is published.
        app.settle().await;
        assert!(!guests[0].looks().await.contains("Кофемашина"));
        assert_eq!(api.post(&format!("{at}/publish"), &json!({})).await.body["state"], "published");
        app.advance(Duration::from_secs(1)).await;
        let winners = api.get(&format!("{at}/winners")).await;
        let all = winners.body["items"].as_array().unwrap().clone();
        assert_eq!(all.len(), 3, "{}", winners.body);
        assert_eq!((&all[0]["state"], &all[1]["state"], &all[0]["prize_number"]), (&json!("told"), &json!("reserve"), &json!(1)));
        let guest = |contact: &Value| &guests[ids.iter().position(|id| json!(id) == *contact).unwrap()];

        // The first refuses by the bot; the next in reserve is told, takes it, and says where it goes.
        let told = guest(&all[0]["contact"]).looks().await;
        assert!(told.contains("выиграл: Кофемашина") && told.contains("24.11.2026"), "{told}");
        let stranger = guest(&all[1]["contact"]);
        let token = guest(&all[0]["contact"]).last().button("Беру приз").unwrap().value.clone().unwrap();
        stranger.presses_again(stranger.last().message_id, &token).await;
        assert_eq!(api.get(&format!("{at}/winners/1")).await.body["state"], "told", "another's button does nothing");
        guest(&all[0]["contact"]).presses("Отказаться").await;
        app.advance(Duration::from_secs(1)).await;
        let first = api.get(&format!("{at}/winners/1")).await;
        assert_eq!(first.body["state"], "refused");
        let second = api.get(&format!("{at}/winners/2")).await;
        assert_eq!((&second.body["state"], &second.body["instead_of"], &second.body["prize_number"]), (&json!("told"), &json!(1), &json!(1)), "{}", second.body);
        let vera = guest(&all[1]["contact"]);
        vera.looks().await;
        vera.presses("Беру приз").await;
        vera.says("Вера").await;
        vera.says("Павлова Вера Николаевна").await;
        vera.says("+7 916 123-45-67").await;
        let seen = vera.says("101000, Москва, Мясницкая, 1, кв. 2").await;
        assert!(seen.contains("Павлова Вера Николаевна") && seen.contains("Мясницкая"), "{}", vera.transcript().await);
        vera.presses("Верно, согласен").await;
        insta::assert_snapshot!("a_prize_in_the_chat", vera.transcript().await.lines().rev().take(30).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("\n"));

        // Sent and handed over; the tax is written down.
        let sent = api.put(&format!("{at}/winners/2/state"), &json!({ "state": "sent", "note": "Трек 8008" })).await;
        assert_eq!((&sent.body["state"], &sent.body["delivery"]["phone"]), (&json!("sent"), &json!("+7 916 123-45-67")), "{}", sent.body);
        app.settle().await;
        assert!(vera.looks().await.contains("Трек 8008"));
        assert_eq!(api.put(&format!("{at}/winners/2/state"), &json!({ "state": "handed" })).await.body["state"], "handed");
        assert_eq!(api.put(&format!("{at}/winners/2/state"), &json!({ "state": "handed" })).await.body["state"], "handed");
        let journal = api.get("/prize-tax?year=2026").await;
        let lines = journal.body["items"].as_array().unwrap();
        assert_eq!(lines.len(), 1, "{}", journal.body);
        assert_eq!((&lines[0]["taxable"], &lines[0]["tax"]), (&json!(4_590_000), &json!(1_606_500)));
        assert_eq!(api.get("/prize-tax/2026").await.body["tax"], 1_606_500);
        assert_eq!(api.get(&format!("/promotions/{of}/winners")).await.body["items"].as_array().unwrap().len(), 3);
        let published = draws::get(&app.app(), &app.owner(), draw.id).await.unwrap();
        let passed = draws::winners::successions(&app.app(), app.tenant, &[draw, published]).await.unwrap();
        let passed: Vec<_> = passed.iter().map(|one| (one.place, one.instead_of, one.holds)).collect();
        assert_eq!(passed, [(1, None, false), (2, Some(1), true)], "nothing of a draw that is not published");
        for what in [What::Winners, What::PrizeTax] {
            insta::assert_snapshot!(format!("file_of_{}", what.as_str()), exported(&app, what).await);
        }
        app.finish().await;
    }

    /// Who does not answer loses the prize to the reserve, one after another, until nobody is left.
    async fn silence_passes_the_prize_on(app: TestApp) {
        let (guests, ids) = guests(&app, &["Анна", "Борис"]).await;
        let of = promotion(&app).await;
        tickets(&app, of, 1, &ids).await;
        let at = held(&app, of, &plan(json!([{ "name": "Ручка", "count": 1, "value": 1_000 }]), 5)).await;
        let api = app.api();
        assert_eq!(api.post(&format!("{at}/publish"), &json!({})).await.status, 200);
        app.advance(Duration::from_secs(1)).await;
        let states = async || {
            let winners = api.get(&format!("{at}/winners")).await;
            let items = winners.body["items"].as_array().unwrap().clone();
            items.iter().map(|one| one["state"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(states().await, ["told", "reserve"]);
        app.advance(73 * HOUR).await;
        assert_eq!(states().await, ["silent", "told"]);
        let late = guests.iter().find(|guest| guest.last().button("Беру приз").is_some()).unwrap();
        app.advance(73 * HOUR).await;
        assert_eq!(states().await, ["silent", "silent"]);
        late.presses("Беру приз").await;
        assert!(late.transcript().await.contains("уже не ждёт ответа"));
        app.finish().await;
    }

    /// Ten operators press the same button at a time: the draw is frozen, held and published once.
    async fn however_many_hold_it_there_is_one_draw(app: TestApp) {
        let (_guests, ids) = guests(&app, &["Анна", "Борис"]).await;
        let of = promotion(&app).await;
        tickets(&app, of, 1, &[ids[0], ids[1], ids[0]]).await;
        let api = app.api();
        let made = api.post(&format!("/promotions/{of}/draws"), &plan(json!([{ "name": "Ручка", "count": 1, "value": 1 }]), 1)).await;
        let at = format!("/promotions/{of}/draws/{}", text(&made, "id"));
        app.advance(2 * HOUR).await;
        let many = async |path: &str, body: &Value| {
            let asked = (0..10).map(|_| api.post(path, body));
            futures::future::join_all(asked).await
        };
        let turned = async |at: &str, state: &str| {
            let (path, body) = (format!("{at}/winners/1/state"), json!({ "state": state }));
            let asked = (0..10).map(|_| api.put(&path, &body));
            futures::future::join_all(asked).await
        };
        let frozen = many(&format!("{at}/freeze"), &json!({})).await;
        assert!(frozen.iter().all(|reply| reply.status == 202 || reply.body["code"] == "wrong_draw_state"), "{frozen:?}");
        app.advance(Duration::from_secs(1)).await;
        let held = many(&format!("{at}/hold"), &secret()).await;
        assert!(held.iter().any(|reply| reply.status == 200), "{held:?}");
        assert!(held.iter().all(|reply| reply.status == 200 || reply.body["code"] == "wrong_draw_state"), "{held:?}");
        let published = many(&format!("{at}/publish"), &json!({})).await;
        assert!(published.iter().all(|reply| reply.status == 200), "{published:?}");
        app.advance(Duration::from_secs(1)).await;
        let winners = api.get(&format!("{at}/winners")).await;
        assert_eq!(winners.body["items"].as_array().unwrap().len(), 2);
        let accepted = turned(&at, "accepted").await;
        assert!(accepted.iter().all(|reply| reply.status == 200), "{accepted:?}");
        let handed = turned(&at, "handed").await;
        assert!(handed.iter().all(|reply| reply.status == 200), "{handed:?}");
        assert_eq!(api.get("/prize-tax/2026").await.body["prizes"], 1);
        app.finish().await;
    }

    /// The node dies while the list is written, and again before the winners are told: another one goes on.
    async fn a_crash_between_the_steps_loses_nothing(engine: Engine) {
        let app = TestApp::set(Setting::new(engine)).await;
        let (_guests, ids) = guests(&app, &["Анна", "Борис"]).await;
        let of = promotion(&app).await;
        let to: Vec<ContactId> = (0..25_000).map(|at| ids[at % 2]).collect();
        tickets(&app, of, 1, &to).await;
        let api = app.api();
        let mut long = plan(json!([{ "name": "Ручка", "count": 1, "value": 1 }]), 1);
        long["until"] = json!("2026-11-23T00:00:00Z");
        long["planned_at"] = json!("2026-11-23T12:00:00Z");
        let made = api.post(&format!("/promotions/{of}/draws"), &long).await;
        let id: samovar_base::DrawId = text(&made, "id").parse().unwrap();
        app.advance(48 * HOUR).await;
        draws::freeze(&app.app(), &app.owner(), id, false).await.unwrap();
        app.crash(0).await;
        app.revive().await;
        // What a dead node had in hand comes free after a while, and is done piece by piece.
        app.advance(Duration::from_secs(300)).await;
        let at = format!("/promotions/{of}/draws/{id}");
        for _ in 0..20 {
            if api.get(&at).await.body["state"] == "frozen" {
                break;
            }
            app.advance(Duration::from_secs(1)).await;
        }
        let frozen = api.get(&at).await;
        assert_eq!((&frozen.body["state"], &frozen.body["tickets"]), (&json!("frozen"), &json!(25_000)), "{}", frozen.body);
        assert_eq!(api.post(&format!("{at}/hold"), &secret()).await.status, 200);
        draws::publish(&app.app(), &app.owner(), id).await.unwrap();
        app.crash(0).await;
        app.revive().await;
        app.advance(Duration::from_secs(300)).await;
        let winners = api.get(&format!("{at}/winners")).await;
        assert_eq!(winners.body["items"][0]["state"], "told", "{}", winners.body);
        let draw = draws::get(&app.app(), &app.owner(), id).await.unwrap();
        let report = verify(&draw.protocol, Some(api.download(&format!("{at}/list")).await), None, None);
        assert!(report.holds(), "{report:#?}");
        app.finish().await;
    }
}
