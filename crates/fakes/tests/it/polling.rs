//! `getUpdates`.

use crate::call::Scene;
use serde_json::{Value, json};

fn texts(updates: &Value) -> Vec<&str> {
    updates
        .as_array()
        .unwrap()
        .iter()
        .map(|update| update["message"]["text"].as_str().unwrap_or("?"))
        .collect()
}

#[tokio::test]
async fn an_offset_confirms_what_lies_below() {
    let scene = Scene::new().await;
    for words in ["/start", "a", "b", "c"] {
        scene.chat.says(words).unwrap();
    }
    let all = scene.ok("getUpdates", json!({"limit": 2})).await;
    assert_eq!(texts(&all), ["/start", "a"]);
    assert_eq!(all[0]["message"]["entities"], json!([{"type": "bot_command", "offset": 0, "length": 6}]));
    let first = all[0]["update_id"].as_i64().unwrap();
    assert_eq!(all[1]["update_id"], first + 1);
    let rest = scene.ok("getUpdates", json!({"offset": first + 2})).await;
    assert_eq!(texts(&rest), ["b", "c"]);
    assert_eq!(scene.bot.pending(), 2);
    let last = scene.ok("getUpdates", json!({"offset": -1})).await;
    assert_eq!(texts(&last), ["c"]);
    assert_eq!(scene.bot.pending(), 1);
}

#[tokio::test]
async fn a_long_poll_ends_with_an_update() {
    let scene = Scene::new().await;
    let poll = scene.ok("getUpdates", json!({"timeout": 50}));
    let speak = async {
        tokio::task::yield_now().await;
        scene.chat.says("a").unwrap();
    };
    let (updates, ()) = tokio::join!(poll, speak);
    assert_eq!(texts(&updates), ["a"]);
}

#[tokio::test]
async fn a_second_poll_ends_the_first() {
    let scene = Scene::new().await;
    let first = scene.refused("getUpdates", json!({"timeout": 50}));
    let second = async {
        // The second comes when the first is inside; it is repeated until one of them has been turned out.
        loop {
            let answer = scene.call("getUpdates", json!({"timeout": 0})).await.unwrap();
            if answer.status == 200 {
                return;
            }
        }
    };
    let rival = async {
        loop {
            second_round(&scene).await;
        }
    };
    let refused = tokio::select! {
        refused = first => refused,
        () = rival => unreachable!("it never ends"),
    };
    second.await;
    assert_eq!(
        refused,
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
    );
}

async fn second_round(scene: &Scene) {
    scene.call("getUpdates", json!({"timeout": 0})).await;
}

#[tokio::test]
async fn a_webhook_and_polling_exclude_each_other() {
    let scene = Scene::new().await;
    scene.ok("setWebhook", json!({"url": "http://127.0.0.1:9/hook"})).await;
    assert_eq!(
        scene.refused("getUpdates", json!({})).await,
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
    );
    scene.ok("deleteWebhook", json!({})).await;
    scene.chat.says("a").unwrap();
    assert_eq!(texts(&scene.ok("getUpdates", json!({})).await), ["a"]);
}

#[tokio::test]
async fn allowed_updates_are_remembered() {
    let scene = Scene::new().await;
    scene.ok("getUpdates", json!({"allowed_updates": ["my_chat_member"]})).await;
    scene.chat.says("a").unwrap();
    scene.chat.blocks();
    let updates = scene.ok("getUpdates", json!({})).await;
    assert_eq!(updates.as_array().unwrap().len(), 1);
    assert_eq!(updates[0]["my_chat_member"]["new_chat_member"]["status"], "kicked");
    scene.chat.unblocks();
    scene.ok("getUpdates", json!({"allowed_updates": []})).await;
    let id = scene.chat.says("b").unwrap();
    scene.chat.edits(id, "c").unwrap();
    let updates = scene.ok("getUpdates", json!({"offset": -1})).await;
    assert_eq!(updates[0]["edited_message"]["text"], "c");
}
