//! Limits in time, on a clock moved by hand.

use crate::call::Scene;
use samovar_base::ManualClock;
use samovar_fakes::telegram::{Config, Pace, Paces};
use serde_json::json;
use std::sync::Arc;

async fn scene() -> (Scene, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::at_rfc3339("2026-11-21T10:00:00Z"));
    let paces = Paces {
        chat: Pace { per_minute: 60, burst: 2 },
        group: Pace { per_minute: 20, burst: 1 },
        bot: Pace { per_minute: 60, burst: 4 },
    };
    let scene = Scene::with(Config { clock: clock.clone(), paces: Some(paces), ..Config::for_tests() }).await;
    scene.chat.starts(None).unwrap();
    (scene, clock)
}

#[tokio::test]
async fn the_third_message_at_once_is_refused_with_header_and_parameter() {
    let (scene, clock) = scene().await;
    scene.send(json!({"text": "1"})).await;
    scene.send(json!({"text": "2"})).await;
    let answer = scene.call("sendMessage", json!({"chat_id": scene.ann.id(), "text": "3"})).await.unwrap();
    assert_eq!((answer.status, answer.retry_after.as_deref()), (429, Some("2")));
    assert_eq!(answer.body["description"], "Too Many Requests: retry after 2");
    assert_eq!(answer.body["parameters"], json!({"retry_after": 2}));
    clock.advance_seconds(2);
    scene.send(json!({"text": "3"})).await;
    assert_eq!(scene.telegram.sent_count(), 3);
}

#[tokio::test]
async fn groups_and_the_whole_bot_have_their_own() {
    let (scene, _clock) = scene().await;
    let group = scene.bot.group("Чайная");
    let to = |id: i64| json!({"chat_id": id, "text": "a"});
    scene.ok("sendMessage", to(group)).await;
    assert_eq!(scene.refused("sendMessage", to(group)).await, "Too Many Requests: retry after 4");
    for _ in 0..3 {
        let chat = scene.telegram.person("Гость").chat(&scene.bot);
        chat.starts(None).unwrap();
        scene.ok("sendMessage", to(chat.chat_id())).await;
    }
    assert_eq!(scene.refused("sendMessage", to(scene.ann.id())).await, "Too Many Requests: retry after 2");
}

#[tokio::test]
async fn a_press_grows_old() {
    let (scene, clock) = scene().await;
    let markup = json!({"inline_keyboard": [[{"text": "a", "callback_data": "a"}]]});
    scene.send(json!({"text": "1", "reply_markup": markup})).await;
    let query = scene.chat.presses_data(2, "a").unwrap();
    clock.advance_seconds(151);
    let why = scene.refused("answerCallbackQuery", json!({"callback_query_id": query})).await;
    assert_eq!(why, "Bad Request: query is too old and response timeout expired or query ID is invalid");
    let left = scene.ok("getUpdates", json!({})).await;
    assert_eq!(left.as_array().unwrap().len(), 1, "the press itself has expired, the start has not: {left}");
}
