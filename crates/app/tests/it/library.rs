//! The ready bots of `examples`: they compile, and a first visit to each reads well in both languages.

use crate::common::{Bed, both};
use samovar_app::{deals, scenarios};
use samovar_testkit::{Engine, Guest, Setting, TestApp, on_both};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Every scenario file of every example.
fn scenario_files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let bots = std::fs::read_dir(folder).expect("examples").filter_map(|entry| Some(entry.ok()?.path()));
    let mut files: Vec<PathBuf> = bots
        .filter(|path| path.is_dir())
        .flat_map(|bot| ["ru.toml", "en.toml"].map(|name| bot.join(name)))
        .filter(|file| file.is_file())
        .collect();
    files.sort();
    files
}

#[tokio::test]
async fn every_ready_bot_compiles_without_a_problem() {
    both(async |bed: Bed| {
        let files = scenario_files();
        assert!(files.len() >= 6, "{files:?}");
        for file in files {
            let text = std::fs::read_to_string(&file).expect("a text");
            let imported = scenarios::import(&bed.app, &bed.owner, &text).await.expect("a draft");
            assert!(imported.problems.is_empty(), "{}: {:#?}", file.display(), imported.problems);
            let key = imported.drafted.scenario.key;
            scenarios::publish(&bed.app, &bed.owner, &key, None).await.expect("a version");
        }
    })
    .await;
}

async fn set(engine: Engine, bot: &'static str, locale: &'static str) -> TestApp {
    TestApp::set(Setting { bot, locale, ..Setting::new(engine) }).await
}

/// Joins in English, from the first word to the menu.
async fn joins(ann: &Guest) {
    ann.starts(None).await;
    ann.presses("I agree, let's start").await;
    ann.presses("Ann").await;
    ann.shares_phone().await;
}

on_both! {
    async fn first_visit_to_the_nail_shop(engine: Engine) {
        let app = set(engine, "nail-shop-loyalty", "ru").await;
        let anna = app.telegram("Анна");
        anna.registers().await;
        anna.says("17.05.1990").await;
        anna.presses("Баланс").await;
        anna.says("помощь").await;
        insta::assert_snapshot!("first_visit_to_the_nail_shop", anna.transcript().await);
        app.finish().await;
    }

    async fn first_visit_to_the_nail_shop_in_english(engine: Engine) {
        let app = set(engine, "nail-shop-loyalty", "en").await;
        let ann = app.telegram("Ann");
        joins(&ann).await;
        ann.presses("I would rather not say").await;
        ann.presses("Balance").await;
        ann.says("help").await;
        insta::assert_snapshot!("first_visit_to_the_nail_shop_in_english", ann.transcript().await);
        app.finish().await;
    }

    async fn first_visit_to_the_studio_in_english(engine: Engine) {
        let app = set(engine, "service-points", "en").await;
        let ann = app.telegram("Ann");
        joins(&ann).await;
        ann.presses("My orders").await;
        ann.presses("To the catalogue").await;
        ann.presses("Wooden comb · 400\u{a0}points").await;
        ann.presses("Order").await;
        ann.presses("← Back to the list").await;
        ann.presses("Studio mug · 90\u{a0}points").await;
        ann.presses("Order").await;
        ann.presses("Yes, order it").await;
        ann.presses("My orders").await;
        insta::assert_snapshot!("first_visit_to_the_studio_in_english", ann.transcript().await);
        app.finish().await;
    }

    /// The order is taken, made ready and handed over; then there are too few points for another.
    async fn an_order_that_succeeds(engine: Engine) {
        let app = set(engine, "service-points", "ru").await;
        let anna = app.telegram("Анна");
        anna.registers().await;
        anna.presses("Каталог").await;
        anna.presses("Массаж головы · 80\u{a0}баллов").await;
        anna.presses("Заказать").await;
        anna.presses("Да, заказать").await;
        anna.presses("Баланс").await;
        moved(&app, &anna, "ready").await;
        moved(&app, &anna, "done").await;
        anna.says("мои заказы").await;
        anna.presses("В каталог").await;
        anna.presses("Кружка студии · 90\u{a0}баллов").await;
        anna.presses("Заказать").await;
        anna.says("история").await;
        insta::assert_snapshot!("an_order_that_succeeds", anna.transcript().await);
        app.finish().await;
    }

    /// The order is refused: the points are free again, and so is the mug. One mug is all that one person may have.
    async fn an_order_that_is_refused(engine: Engine) {
        let app = set(engine, "service-points", "ru").await;
        let boris = app.telegram("Борис");
        boris.registers().await;
        orders_a_mug(&boris).await;
        moved(&app, &boris, "refused").await;
        boris.says("баланс").await;
        orders_a_mug(&boris).await;
        let path = format!("/contacts/{}/wallet/grant", boris.contact_id().await);
        app.api().post(&path, &json!({ "points": 200, "comment": "За отзыв" })).await;
        boris.looks().await;
        orders_a_mug(&boris).await;
        insta::assert_snapshot!("an_order_that_is_refused", boris.transcript().await);
        app.finish().await;
    }

    /// The same button twice orders once, however late the second press comes.
    async fn a_double_press_orders_once(engine: Engine) {
        let app = set(engine, "service-points", "ru").await;
        let anna = app.telegram("Анна");
        anna.registers().await;
        anna.presses("Каталог").await;
        anna.presses("Массаж головы · 80\u{a0}баллов").await;
        anna.presses("Заказать").await;
        let question = anna.last();
        let yes = question.button("Да, заказать").expect("a button").value.clone().expect("data");
        anna.presses("Да, заказать").await;
        let path = format!("/contacts/{}/wallet/grant", anna.contact_id().await);
        app.api().post(&path, &json!({ "points": 100 })).await;
        anna.presses_again(question.message_id, &yes).await;
        let owner = app.owner();
        let orders = deals::list(&app.app(), &owner, &deals::DealFilter::default(), None, 10).await.expect("a list");
        assert_eq!(orders.len(), 1, "{orders:#?}");
        app.finish().await;
    }
}

async fn orders_a_mug(guest: &Guest) {
    guest.says("каталог").await;
    guest.presses("Кружка студии · 90\u{a0}баллов").await;
    guest.presses("Заказать").await;
    if guest.last().button("Да, заказать").is_some() {
        guest.presses("Да, заказать").await;
    }
}

/// The operator moves the guest's newest deal.
async fn moved(app: &TestApp, guest: &Guest, stage: &str) {
    let api = app.api();
    let found = api.get(&format!("/deals?contact_id={}&limit=1", guest.contact_id().await)).await;
    let id = found.body["items"][0]["id"].as_str().expect("a deal").to_owned();
    let reply = api.post(&format!("/deals/{id}/stage"), &json!({ "stage": stage })).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    guest.looks().await;
}
