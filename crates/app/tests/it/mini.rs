//! The Mini App, as a telephone speaks with it: launch data of the fake Telegram, over real HTTP.

use samovar_app::catalogue;
use samovar_base::Clock;
use samovar_testkit::{API_KEY, Engine, Guest, Setting, TestApp, on_both};
use serde_json::{Value, json};
use std::time::Duration;

/// A Mini App in somebody's hands.
struct Phone {
    base: String,
    token: String,
}

/// The launch data in an address, as the page reads it.
fn launch_of(address: &str) -> String {
    let (_, fragment) = address.split_once('#').expect("a fragment");
    let mut fields = url::form_urlencoded::parse(fragment.as_bytes());
    fields.find(|(name, _)| name == "tgWebAppData").expect("launch data").1.into_owned()
}

async fn call(method: &str, address: &str, token: &str, body: Option<&Value>) -> (u16, Value) {
    let client = samovar_connectors::client(None).expect("a client");
    let mut request =
        if method == "GET" { client.get(address) } else { client.post(address) }.bearer_auth(token);
    if let Some(body) = body {
        request = request.json(body);
    }
    let answer = request.send().await.expect("an answer");
    let status = answer.status().as_u16();
    (status, serde_json::from_slice(&answer.bytes().await.expect("a body")).unwrap_or_default())
}

fn base(app: &TestApp, channel: &str) -> String {
    format!("{}api/mini/{}", app.url(), app.channel(channel).id)
}

async fn enter(app: &TestApp, launch: &str) -> (u16, Value) {
    call("POST", &format!("{}/session", base(app, "telegram")), "", Some(&json!({ "launch": launch }))).await
}

impl Phone {
    async fn of(app: &TestApp, guest: &Guest) -> Self {
        let address = guest.chat.opens_app(None).expect("the bot offers the Mini App");
        assert!(address.starts_with(&format!("{}mini/chn_", app.url())), "{address}");
        let (status, session) = enter(app, &launch_of(&address)).await;
        assert_eq!(status, 200, "{session}");
        let token = session["token"].as_str().expect("a token").to_owned();
        Self { base: base(app, "telegram"), token }
    }
    async fn get(&self, path: &str) -> (u16, Value) {
        call("GET", &format!("{}/{path}", self.base), &self.token, None).await
    }
    async fn orders(&self, item: &str, once: &str) -> (u16, Value) {
        let wish = json!({ "item": item, "once": once });
        call("POST", &format!("{}/orders", self.base), &self.token, Some(&wish)).await
    }
}

async fn stage(engine: Engine) -> TestApp {
    let app = TestApp::set(Setting { mini_app: true, ..Setting::new(engine) }).await;
    for (key, points, active) in [("tea", 80, true), ("mug", 90, true), ("gone", 10, false)] {
        let name = json!({ "ru": format!("Вещь {key}"), "en": format!("Thing {key}") });
        let fields = json!({ "name": name, "points": points, "active": active });
        let fields = serde_json::from_value(fields).expect("an item");
        catalogue::put(&app.app(), &app.owner(), key, None, fields, None).await.expect("put");
    }
    app
}

on_both! {
    async fn a_customer_sees_the_card_and_orders(engine: Engine) {
        let app = stage(engine).await;
        let anna = app.telegram("Анна");
        anna.starts(None).await;
        let phone = Phone::of(&app, &anna).await;
        let (_, stranger) = phone.get("face").await;
        assert_eq!((&stranger["business"], &stranger["name"]), (&json!("Уголок"), &Value::Null));
        assert_eq!(phone.get("offers").await.1["code"], "not_registered");
        assert_eq!(phone.orders("tea", "1").await.1["code"], "not_registered");

        anna.registers().await;
        let (_, face) = phone.get("face").await;
        assert_eq!((&face["name"], &face["available"]), (&json!("Анна"), &json!(100)));
        assert_eq!(face["ending"][0]["points"], 100);
        assert!(face["card"]["qr"]["path"].as_str().is_some_and(|path| path.starts_with('M')), "{face}");
        let (_, offers) = phone.get("offers").await;
        let keys: Vec<_> = offers["items"].as_array().expect("items").iter().map(|one| one["key"].clone()).collect();
        assert_eq!(keys, ["tea", "mug"], "what is put away is not shown");

        let (status, first) = phone.orders("tea", "once-1").await;
        assert_eq!((status, &first["points"]), (200, &json!(80)), "{first}");
        assert_eq!(phone.orders("tea", "once-1").await.1["id"], first["id"], "the same order counts once");
        let (status, poor) = phone.orders("mug", "once-2").await;
        assert_eq!((status, &poor["code"]), (409, &json!("not_enough_points")));
        for (item, once) in [("gone", "3"), ("none", "4")] {
            assert_eq!(phone.orders(item, once).await.0, 404);
        }
        assert_eq!(phone.orders("tea", "a/b").await.0, 422);
        let (_, face) = phone.get("face").await;
        assert_eq!((&face["available"], &face["held"]), (&json!(20), &json!(80)));
        let (_, orders) = phone.get("orders").await;
        assert_eq!(orders["items"][0]["state"], "open");
        assert_eq!(orders["items"].as_array().map(Vec::len), Some(1));
        let (_, history) = phone.get("history").await;
        let titles: Vec<_> = history["items"].as_array().expect("items").iter().map(|one| one["title"].clone()).collect();
        assert!(titles.contains(&json!("За знакомство")), "{titles:?}");
        app.settle().await;
        app.finish().await;
    }

    async fn only_who_opened_it_in_the_bot_gets_in_and_sees_themselves(engine: Engine) {
        let app = stage(engine).await;
        let (anna, boris) = (app.telegram("Анна"), app.telegram("Борис"));
        anna.registers().await;
        boris.starts(None).await;
        let good = launch_of(&anna.chat.opens_app(Some("spring")).expect("an app"));
        let forged = good.replace(&anna.person.id().to_string(), &boris.person.id().to_string());
        assert_ne!(good, forged);
        for bad in [forged.as_str(), "", "hash=00", &good[..good.len() - 1]] {
            let (status, problem) = enter(&app, bad).await;
            assert_eq!((status, &problem["code"]), (401, &json!("bad_launch")), "{bad}");
        }
        let phone = Phone::of(&app, &anna).await;
        assert_eq!(Phone::of(&app, &boris).await.get("face").await.1["name"], Value::Null);

        let elsewhere = Phone { base: base(&app, "site"), token: phone.token.clone() };
        assert_eq!(elsewhere.get("face").await.0, 401, "a token is good for one channel");
        let by_key = Phone { base: phone.base.clone(), token: API_KEY.into() };
        assert_eq!(by_key.get("face").await.0, 401, "a key of the API is no customer");
        let contacts = format!("{}api/v1/contacts", app.url());
        assert_eq!(call("GET", &contacts, &phone.token, None).await.0, 401, "a customer is no program");

        app.pass(Duration::from_secs(3_700)).await;
        let (status, old) = enter(&app, &good).await;
        assert_eq!((status, &old["code"]), (401, &json!("bad_launch")), "launch data is good for an hour");
        assert_eq!(phone.get("face").await.0, 200, "the session goes on");
        app.pass(Duration::from_secs(11 * 3_600)).await;
        assert_eq!(phone.get("face").await.0, 401, "at {}", app.clock.now());
        app.advance(Duration::from_secs(1)).await;
        app.finish().await;
    }
}
