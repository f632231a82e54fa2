//! The load driver against a bot of a few lines.

use axum::extract::State;
use samovar_fakes::telegram::load::{self, Action, Plan};
use samovar_fakes::telegram::{Config, Telegram};
use serde_json::{Value, json};
use std::time::Duration;

/// Answers every message by a call in the answer of the webhook.
async fn bot(State(()): State<()>, body: String) -> axum::Json<Value> {
    let update: Value = serde_json::from_str(&body).expect("JSON");
    let chat = if update.get("message").is_some() {
        &update["message"]
    } else {
        &update["callback_query"]["message"]
    };
    let markup = json!({"inline_keyboard": [[{"text": "Баланс", "callback_data": "b"}]]});
    axum::Json(
        json!({"method": "sendMessage", "chat_id": chat["chat"]["id"], "text": "ответ", "reply_markup": markup}),
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_action_is_answered_and_counted() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let app = axum::Router::new().route("/hook", axum::routing::post(bot)).with_state(());
    tokio::spawn(async move { axum::serve(listener, app).await });
    let telegram = Telegram::start(Config::for_load()).await.unwrap();
    let bots = vec![telegram.bot("1:a", "one_bot"), telegram.bot("2:b", "two_bot")];
    for bot in &bots {
        bot.set_webhook(&url, None).unwrap();
    }
    let plan = Plan {
        bots,
        customers: 20,
        opening: vec![Action::Start("qr".into())],
        round: vec![Action::Press("Баланс".into()), Action::Say("привет".into())],
        measured: Duration::from_secs(1),
        think: Duration::ZERO,
    };
    let report = load::run(&telegram, plan).await;
    assert_eq!((report.errors, &report.first_error), (0, &None));
    assert!(report.replies > 100 && report.p50_ms > 0.0 && report.p50_ms <= report.p99_ms, "{report:?}");
    assert_eq!(report.per_second.iter().sum::<u64>(), report.replies);
    assert!(telegram.sent_count() >= report.replies + 20);
}
