//! Edits and deletions.

use crate::call::{Scene, png};
use samovar_base::ManualClock;
use samovar_fakes::telegram::Config;
use serde_json::{Value, json};
use std::sync::Arc;

fn keyboard(label: &str) -> Value {
    json!({"inline_keyboard": [[{"text": label, "callback_data": label}]]})
}

#[tokio::test]
async fn a_message_is_edited_and_the_old_button_goes() {
    let scene = Scene::started().await;
    let id = scene.send(json!({"text": "один", "reply_markup": keyboard("a")})).await["message_id"].clone();
    let to = scene.ann.id();
    let edited = scene.ok("editMessageText", json!({"chat_id": to, "message_id": id, "text": "два"})).await;
    assert_eq!(edited["text"], "два");
    assert!(edited.get("reply_markup").is_none() && edited["edit_date"].is_i64());
    assert!(scene.chat.presses("a").is_err());
    let again = json!({"chat_id": to, "message_id": id, "text": "два"});
    assert_eq!(
        scene.refused("editMessageText", again).await,
        "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message"
    );
    scene
        .ok("editMessageReplyMarkup", json!({"chat_id": to, "message_id": id, "reply_markup": keyboard("b")}))
        .await;
    assert!(scene.chat.view().messages[1].button("b").is_some());
}

#[tokio::test]
async fn what_cannot_be_edited() {
    let scene = Scene::started().await;
    let to = scene.ann.id();
    let edit = |id: i64| json!({"chat_id": to, "message_id": id, "text": "x"});
    scene.send(json!({"text": "с клавиатурой", "reply_markup": {"keyboard": [["a"]]}})).await;
    assert_eq!(scene.refused("editMessageText", edit(1)).await, "Bad Request: message can't be edited");
    assert_eq!(scene.refused("editMessageText", edit(2)).await, "Bad Request: message can't be edited");
    assert_eq!(scene.refused("editMessageText", edit(77)).await, "Bad Request: message to edit not found");
    assert_eq!(
        scene.refused("editMessageText", json!({"text": "x"})).await,
        "Bad Request: message identifier is not specified"
    );
    let photo =
        scene.upload("sendPhoto", &[("chat_id", &to.to_string())], &[("photo", "a.png", &png(9, 9))]).await;
    let photo = photo.body["result"]["message_id"].as_i64().unwrap();
    assert_eq!(
        scene.refused("editMessageText", edit(photo)).await,
        "Bad Request: there is no text in the message to edit"
    );
    scene.ok("editMessageCaption", json!({"chat_id": to, "message_id": photo, "caption": "подпись"})).await;
    assert_eq!(scene.chat.view().messages[2].text, "подпись");
    let reply =
        json!({"chat_id": to, "message_id": photo, "caption": "y", "reply_markup": {"keyboard": [["a"]]}});
    assert_eq!(scene.refused("editMessageCaption", reply).await, "Bad Request: inline keyboard expected");
}

#[tokio::test]
async fn old_messages_stay() {
    let clock = Arc::new(ManualClock::at_rfc3339("2026-11-21T10:00:00Z"));
    let scene = Scene::with(Config { clock: clock.clone(), ..Config::for_tests() }).await;
    scene.chat.starts(None).unwrap();
    let to = scene.ann.id();
    scene.send(json!({"text": "старое"})).await;
    clock.advance_seconds(48 * 3600 + 1);
    scene.send(json!({"text": "новое"})).await;
    let delete = |id: i64| json!({"chat_id": to, "message_id": id});
    assert_eq!(scene.refused("deleteMessage", delete(2)).await, "Bad Request: message can't be deleted");
    scene.ok("deleteMessage", delete(3)).await;
    assert_eq!(scene.refused("deleteMessage", delete(3)).await, "Bad Request: message to delete not found");
    scene.send(json!({"text": "ещё"})).await;
    scene.ok("deleteMessages", json!({"chat_id": to, "message_ids": [2, 4, 99]})).await;
    let left: Vec<i64> = scene.chat.view().messages.iter().map(|message| message.message_id).collect();
    assert_eq!(left, [1, 2]);
}

#[tokio::test]
async fn a_press_under_a_vanished_message_says_so() {
    let scene = Scene::started().await;
    scene.send(json!({"text": "a", "reply_markup": keyboard("a")})).await;
    scene.ok("deleteMessage", json!({"chat_id": scene.ann.id(), "message_id": 2})).await;
    scene.chat.presses_data(2, "a").unwrap();
    let query = scene.ok("getUpdates", json!({})).await[0]["callback_query"].clone();
    assert_eq!((&query["message"]["date"], &query["message"]["message_id"]), (&json!(0), &json!(2)));
}
