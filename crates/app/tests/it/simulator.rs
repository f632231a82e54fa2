//! The simulator: a draft is played with a clock of its own, everything it does is seen, and no row of it stays.

use samovar_app::Fail;
use samovar_app::contacts;
use samovar_app::pipeline::Played;
use samovar_app::scenarios::{self, Guest, Happens, Simulation};
use samovar_base::{Clock, Points};
use samovar_connectors::Kind;
use samovar_store::{Composed, Row, Tx, params, query};
use samovar_testkit::{TestApp, on_both};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

query! {
    instance static TABLES =
        "SELECT t.name FROM sqlite_master t JOIN pragma_table_info(t.name) c ON c.name = 'tenant_id' \
         WHERE t.type = 'table' ORDER BY t.name",
        postgres =
        "SELECT CAST(table_name AS TEXT) FROM information_schema.columns \
         WHERE table_schema = 'public' AND column_name = 'tenant_id' ORDER BY table_name";
}

/// Every row that the company has, by table.
async fn everything(app: &TestApp) -> BTreeMap<String, Vec<String>> {
    let store = app.app().store.clone();
    let tables = store.read_instance(|tx| async move { Ok::<_, Fail>(tx.all(&TABLES, ()).await?) }).await;
    let names: Vec<String> =
        tables.expect("tables").iter().map(|row| row.text(0).expect("a name").to_owned()).collect();
    let found = store.read(app.tenant, move |tx| {
        let names = names.clone();
        async move { rows(&tx, names).await }
    });
    found.await.expect("rows")
}

async fn rows(tx: &Tx, names: Vec<String>) -> Result<BTreeMap<String, Vec<String>>, Fail> {
    let mut all = BTreeMap::new();
    for name in names {
        let sql = format!("SELECT * FROM {name} WHERE tenant_id = $1");
        let found: Vec<Row> = tx.find(&Composed::new(sql.clone(), sql), params![]).await?;
        let mut lines: Vec<String> = found.iter().map(|row| format!("{row:?}")).collect();
        lines.sort_unstable();
        all.insert(name, lines);
    }
    Ok(all)
}

/// The same, when the program has done what it does by itself.
async fn at_rest(app: &TestApp) -> BTreeMap<String, Vec<String>> {
    let mut before = everything(app).await;
    for _ in 0..20 {
        app.advance(Duration::from_secs(1)).await;
        let now = everything(app).await;
        if now == before {
            return now;
        }
        before = now;
    }
    panic!("the program never rests");
}

/// Asks for a press and a photo, registers, gives points and a tag, and comes back after three days.
fn draft() -> Value {
    json!({
        "key": "surprise", "name": "Сюрприз", "locale": "ru",
        "triggers": [{ "on": "start", "goto": "offer" }],
        "steps": {
            "offer": { "kind": "choose", "text": "Покажете работу?", "choices": [{ "key": "yes", "label": "Да" }] },
            "photo": { "kind": "ask", "text": "Пришлите фото", "expects": "photo", "into": "vars.work",
                       "silence": { "after": "15m", "goto": "nudge" } },
            "nudge": { "kind": "say", "text": "Ждём ваше фото" },
            "agree": { "kind": "act", "action": "consent.give", "params": { "purpose": "loyalty" } },
            "known": { "kind": "act", "action": "contact.register" },
            "gift": { "kind": "act", "action": "loyalty.welcome" },
            "mark": { "kind": "set", "add_tags": ["surprised"], "values": { "contact.fields.work": "есть" } },
            "later": { "kind": "wait", "for": "3d" },
            "thanks": { "kind": "say", "text": "Спасибо, {{ contact.name }}! У вас {{ loyalty.balance|points }}." },
            "help": { "kind": "hand_off", "reason": "Показать работу мастеру" }
        },
        "edges": {
            "offer.yes": "photo", "nudge": "photo", "photo": "agree", "agree": "known", "known": "gift",
            "gift": "mark", "mark": "later", "later": "thanks", "thanks": "help"
        }
    })
}

/// Begins, presses, is silent, sends a photo, is silent again, and three days go by.
fn acts() -> Vec<Happens> {
    vec![
        Happens::Start { payload: None },
        Happens::Press { message: 0, label: "Да".into() },
        Happens::Silence,
        Happens::Photo,
        Happens::Pass { minutes: 3 * 24 * 60 },
    ]
}

fn said(played: &Played) -> Vec<String> {
    let scenes = played.scenes.iter();
    scenes.flat_map(|scene| &scene.messages).map(|told| told.drawn.text.clone()).collect()
}

on_both! {
    async fn a_simulated_conversation_leaves_no_row(app: TestApp) {
        let anna = app.telegram("Анна");
        anna.registers().await;
        let contact = anna.contact_id().await;
        let before = at_rest(&app).await;
        let (services, owner) = (app.app(), app.owner());
        assert!(before.len() > 50 && before["outbound"].len() > 3, "there is something to be lost");
        let anybody = Guest { name: "Марина".into(), points: Points(700), ..Guest::default() };
        let somebody = Guest { contact: Some(contact), ..Guest::default() };
        for (guest, thanks) in [(anybody, "Спасибо, Марина! У вас 800"), (somebody, "Спасибо, Анна! У вас 100")] {
            for messenger in [Kind::Telegram, Kind::Webchat] {
                let simulation =
                    Simulation { draft: draft(), messenger, guest: guest.clone(), began: None, acts: acts() };
                let played = scenarios::simulate(&services, &owner, simulation).await.expect("played");
                let told = said(&played);
                for (at, words) in ["Покажете работу?", "Пришлите фото", "Ждём ваше фото", "Пришлите фото", thanks]
                    .into_iter()
                    .enumerate()
                {
                    assert!(told[at].starts_with(words), "{told:#?}");
                }
                assert_eq!(played.awaits, "operator", "{played:#?}");
                assert_eq!(played.facts.get("contact.fields.work"), Some(&json!("есть")), "{:#?}", played.facts);
                let days = played.now.seconds() - app.clock.now().seconds();
                assert_eq!(days, (3 * 24 * 60 + 15) * 60, "three days and a quarter of an hour");
                app.settle().await;
                assert_eq!(everything(&app).await, before);
            }
        }
        let same = contacts::get(&services, &owner, contact).await.expect("she is there");
        assert!(!same.tags.contains("surprised"), "{:?}", same.tags);
        assert_eq!(anna.looks().await, "", "nobody was written to");
    }
}
