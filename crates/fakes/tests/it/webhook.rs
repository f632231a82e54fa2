//! Updates brought to a webhook.

use crate::call::Scene;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use samovar_base::ManualClock;
use samovar_fakes::telegram::{Config, Faults, Pressed};
use serde_json::{Value, json};
use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc;

/// A bot's server: answers from a list, then 200; tells the test what came.
#[derive(Clone)]
struct Hook {
    answers: Arc<Mutex<VecDeque<Response>>>,
    came: mpsc::UnboundedSender<(Option<String>, Value)>,
}

struct Server {
    url: String,
    came: mpsc::UnboundedReceiver<(Option<String>, Value)>,
}

async fn receive(State(hook): State<Hook>, headers: HeaderMap, body: String) -> Response {
    let secret = headers.get("x-telegram-bot-api-secret-token").and_then(|value| value.to_str().ok());
    let update = serde_json::from_str(&body).expect("JSON");
    hook.came.send((secret.map(Into::into), update)).expect("the test listens");
    hook.answers.lock().unwrap().pop_front().unwrap_or_else(|| StatusCode::OK.into_response())
}

async fn server(answers: Vec<Response>) -> Server {
    let (sender, came) = mpsc::unbounded_channel();
    let hook = Hook { answers: Arc::new(Mutex::new(answers.into())), came: sender };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let app = axum::Router::new().route("/hook", axum::routing::post(receive)).with_state(hook);
    tokio::spawn(async move { axum::serve(listener, app).await });
    Server { url, came }
}

impl Server {
    async fn next(&mut self) -> Value {
        self.came.recv().await.expect("an update").1
    }
}

#[tokio::test]
async fn an_update_comes_with_the_secret() {
    let mut hook = server(Vec::new()).await;
    let scene = Scene::new().await;
    scene.chat.says("раньше").unwrap();
    scene.ok("setWebhook", json!({"url": hook.url, "secret_token": "s-1_A"})).await;
    let (secret, update) = hook.came.recv().await.unwrap();
    assert_eq!((secret.as_deref(), &update["message"]["text"]), (Some("s-1_A"), &json!("раньше")));
    let info = scene.ok("getWebhookInfo", json!({})).await;
    assert_eq!((&info["url"], &info["max_connections"]), (&json!(hook.url), &json!(40)));
}

#[tokio::test]
async fn a_refused_update_is_repeated_before_the_next_of_its_chat_and_others_go_on() {
    let refusals =
        vec![StatusCode::INTERNAL_SERVER_ERROR.into_response(), StatusCode::BAD_GATEWAY.into_response()];
    let mut hook = server(refusals).await;
    let scene = Scene::new().await;
    scene.ok("setWebhook", json!({"url": hook.url})).await;
    scene.chat.says("a").unwrap();
    scene.chat.says("b").unwrap();
    let mut texts = Vec::new();
    for _ in 0..4 {
        texts.push(hook.next().await["message"]["text"].clone());
    }
    assert_eq!(texts, ["a", "a", "a", "b"]);
    let info = scene.ok("getWebhookInfo", json!({})).await;
    assert_eq!(info["last_error_message"], "Wrong response from the webhook: 502 Bad Gateway");
}

#[tokio::test]
async fn messages_of_a_chat_wait_for_each_other_and_a_press_does_not() {
    let (sender, mut came) = mpsc::unbounded_channel();
    let gate = Arc::new(tokio::sync::Semaphore::new(0));
    let shared = (sender, gate.clone());
    let handler =
        async |State((sender, gate)): State<(mpsc::UnboundedSender<Value>, Arc<tokio::sync::Semaphore>)>,
               body: String| {
            let update: Value = serde_json::from_str(&body).expect("JSON");
            let is_message = update.get("message").is_some();
            sender.send(update).expect("the test listens");
            if is_message {
                gate.acquire().await.expect("open").forget();
            }
            StatusCode::OK
        };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let app = axum::Router::new().route("/hook", axum::routing::post(handler)).with_state(shared);
    tokio::spawn(async move { axum::serve(listener, app).await });
    let scene = Scene::started().await;
    let markup = json!({"inline_keyboard": [[{"text": "b", "callback_data": "b"}]]});
    scene.send(json!({"text": "a", "reply_markup": markup})).await;
    scene.ok("setWebhook", json!({"url": url})).await;
    scene.chat.says("1").unwrap();
    scene.chat.says("2").unwrap();
    assert_eq!(came.recv().await.unwrap()["message"]["text"], "1");
    scene.chat.presses("b").unwrap();
    assert_eq!(came.recv().await.unwrap()["callback_query"]["data"], "b");
    gate.add_permits(1);
    assert_eq!(came.recv().await.unwrap()["message"]["text"], "2");
    gate.add_permits(1);
}

#[tokio::test]
async fn the_answer_may_be_a_call() {
    let scene = Scene::started().await;
    let markup = json!({"inline_keyboard": [[{"text": "b", "callback_data": "b"}]]});
    scene.send(json!({"text": "a", "reply_markup": markup})).await;
    let Ok(Pressed::Callback(id)) = scene.chat.presses("b") else { panic!("not a callback") };
    let body =
        json!({"method": "answerCallbackQuery", "callback_query_id": id, "text": "готово"}).to_string();
    let answer = ([("content-type", "application/json")], body).into_response();
    let hook = server(vec![answer]).await;
    scene.ok("setWebhook", json!({"url": hook.url})).await;
    let view = scene.chat.sees("a notice", |view| !view.notices.is_empty()).await.unwrap();
    assert_eq!(view.notices[0].text, "готово");
}

#[tokio::test]
async fn an_update_past_its_lifetime_is_dropped() {
    let clock = Arc::new(ManualClock::at_rfc3339("2026-11-21T10:00:00Z"));
    let scene = Scene::with(Config { clock: clock.clone(), ..Config::for_tests() }).await;
    scene.chat.starts(None).unwrap();
    let markup = json!({"inline_keyboard": [[{"text": "b", "callback_data": "b"}]]});
    scene.send(json!({"text": "a", "reply_markup": markup})).await;
    scene.chat.presses("b").unwrap();
    clock.advance_seconds(151);
    let mut hook = server(Vec::new()).await;
    scene.ok("setWebhook", json!({"url": hook.url})).await;
    assert_eq!(hook.next().await["message"]["text"], "/start");
    scene.chat.presses_data(2, "later").unwrap();
    assert_eq!(hook.next().await["callback_query"]["data"], "later");
}

#[tokio::test]
async fn a_pause_asked_for_is_made() {
    let later = (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "3")]).into_response();
    let mut hook = server(vec![later]).await;
    let scene = Scene::new().await;
    scene.ok("setWebhook", json!({"url": hook.url})).await;
    let began = std::time::Instant::now();
    scene.chat.says("a").unwrap();
    hook.next().await;
    hook.next().await;
    // A second of the fake lasts 10 ms in tests.
    assert!(began.elapsed() >= std::time::Duration::from_millis(30));
}

#[tokio::test]
async fn cut_connections_bring_an_update_again_and_none_is_lost() {
    let mut hook = server(Vec::new()).await;
    let scene = Scene::new().await;
    scene.telegram.set_faults(Faults { cut_webhooks: 500, doubled: 200, seed: 5, ..Faults::default() });
    scene.ok("setWebhook", json!({"url": hook.url})).await;
    let mut missing: BTreeSet<String> = (0..30).map(|number| number.to_string()).collect();
    for words in &missing {
        scene.chat.says(words).unwrap();
    }
    while !missing.is_empty() {
        missing.remove(hook.next().await["message"]["text"].as_str().unwrap());
    }
}

#[tokio::test]
async fn what_a_webhook_may_not_be() {
    let scene = Scene::new().await;
    let table = [
        (
            json!({"url": "http://shop.example/hook"}),
            "Bad Request: bad webhook: An HTTPS URL must be provided for webhook",
        ),
        (
            json!({"url": "https://shop.example:8080/hook"}),
            "Bad Request: bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443",
        ),
        (json!({"url": "not a url"}), "Bad Request: invalid webhook URL specified"),
        (
            json!({"url": "http://127.0.0.1:9/", "secret_token": "с"}),
            "Bad Request: secret token contains unallowed characters",
        ),
    ];
    for (body, why) in table {
        assert_eq!(scene.refused("setWebhook", body).await, why);
    }
    assert_eq!(scene.ok("getWebhookInfo", json!({})).await["url"], "");
}
