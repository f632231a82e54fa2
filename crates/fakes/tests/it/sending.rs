//! What is accepted, what is refused and with which words.

use crate::call::{Scene, TOKEN};
use hyper::Method;
use samovar_fakes::telegram::Pressed;
use serde_json::json;

#[tokio::test]
async fn a_message_is_numbered_in_its_chat_and_seen() {
    let mut scene = Scene::started().await;
    let sent = scene.send(json!({"text": "Здравствуйте, <b>Анна</b>!", "parse_mode": "HTML"})).await;
    assert_eq!(sent["message_id"], 2);
    assert_eq!(
        sent["chat"],
        json!({"id": scene.ann.id(), "type": "private", "first_name": "Анна", "last_name": "Чайкина", "username": "ann"})
    );
    assert_eq!(sent["from"]["is_bot"], true);
    assert_eq!(sent["entities"], json!([{"type": "bold", "offset": 14, "length": 4}]));
    assert!(sent.get("reply_markup").is_none());
    let seen = scene.chat.reply().await.unwrap();
    assert_eq!((seen.message_id, seen.text.as_str()), (2, "Здравствуйте, Анна!"));
    let log = scene.telegram.sent_after(0);
    assert_eq!((log.len(), log[0].method.as_str(), log[0].chat), (1, "sendMessage", scene.ann.id()));
}

#[tokio::test]
async fn every_way_to_give_parameters_works() {
    let scene = Scene::started().await;
    let id = scene.ann.id();
    let path = format!("/bot{TOKEN}/sendmessage?chat_id={id}&text=a%20b");
    let by_query = scene.request(Method::GET, &path, "", "").await.unwrap();
    assert_eq!(by_query.body["result"]["text"], "a b");
    let form = format!("chat_id={id}&text=a+b&disable_notification=True");
    let by_form = scene
        .request(Method::POST, &format!("/bot{TOKEN}/SENDMESSAGE"), "application/x-www-form-urlencoded", form)
        .await
        .unwrap();
    assert_eq!(by_form.body["result"]["text"], "a b");
    let markup = r#"{"inline_keyboard":[[{"text":"a","callback_data":"b"}]]}"#;
    let fields = [("chat_id", id.to_string()), ("text", "a b".into()), ("reply_markup", markup.into())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let by_parts = scene.upload("sendMessage", &fields, &[]).await;
    assert_eq!(by_parts.body["result"]["reply_markup"]["inline_keyboard"][0][0]["callback_data"], "b");
}

#[tokio::test]
async fn refusals_speak_as_the_server_does() {
    let scene = Scene::started().await;
    let id = scene.ann.id();
    let table = [
        ("sendMessage", json!({"text": "a"}), "Bad Request: chat_id is empty"),
        ("sendMessage", json!({"chat_id": 1, "text": "a"}), "Bad Request: chat not found"),
        ("sendMessage", json!({"chat_id": "@nobody", "text": "a"}), "Bad Request: chat not found"),
        ("sendMessage", json!({"chat_id": id}), "Bad Request: message text is empty"),
        ("sendMessage", json!({"chat_id": id, "text": "a".repeat(4097)}), "Bad Request: message is too long"),
        (
            "sendMessage",
            json!({"chat_id": id, "text": "<b>a", "parse_mode": "HTML"}),
            "Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"b\"",
        ),
        (
            "sendMessage",
            json!({"chat_id": id, "text": "a", "reply_markup": {"inline_keyboard": [[{"text": "a"}]]}}),
            "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        (
            "sendMessage",
            json!({"chat_id": id, "text": "a", "reply_markup": {"inline_keyboard": [[{"text": "a", "callback_data": "x".repeat(65)}]]}}),
            "Bad Request: BUTTON_DATA_INVALID",
        ),
        (
            "sendMessage",
            json!({"chat_id": id, "text": "a", "reply_parameters": {"message_id": 99}}),
            "Bad Request: message to be replied not found",
        ),
        (
            "sendChatAction",
            json!({"chat_id": id, "action": "dancing"}),
            "Bad Request: wrong parameter action in request",
        ),
        ("sendDice", json!({"chat_id": id}), "Bad Request: method is not emulated here"),
        ("sendTea", json!({}), "Not Found: method not found"),
        (
            "answerCallbackQuery",
            json!({"callback_query_id": "7"}),
            "Bad Request: query is too old and response timeout expired or query ID is invalid",
        ),
    ];
    for (method, body, why) in table {
        assert_eq!(scene.refused(method, body.clone()).await, why, "{method} {body}");
    }
    assert_eq!(scene.telegram.sent_count(), 0);
}

#[tokio::test]
async fn tokens_are_checked() {
    let scene = Scene::new().await;
    let ask = async |path: &str| {
        let answer = scene.request(Method::GET, path, "", "").await.unwrap();
        (answer.status, answer.body["description"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(ask("/bot4100:wrong/getMe").await, (401, "Unauthorized".into()));
    assert_eq!(ask("/bot4100%3Atea/getMe").await.0, 200);
    assert_eq!(ask("/botnonsense/getMe").await, (404, "Not Found".into()));
    assert_eq!(ask("/nothing").await, (404, "Not Found".into()));
    scene.bot.revoke();
    assert_eq!(ask("/bot4100:tea/getMe").await, (401, "Unauthorized".into()));
}

#[tokio::test]
async fn who_cannot_be_written_to() {
    let scene = Scene::new().await;
    let to = |id: i64| json!({"chat_id": id, "text": "a"});
    assert_eq!(scene.refused("sendMessage", to(scene.ann.id())).await, "Bad Request: chat not found");
    scene.chat.starts(None).unwrap();
    scene.send(json!({"text": "a"})).await;
    scene.chat.blocks();
    assert_eq!(
        scene.refused("sendMessage", to(scene.ann.id())).await,
        "Forbidden: bot was blocked by the user"
    );
    assert!(scene.chat.says("a").is_err());
    scene.chat.unblocks();
    scene.send(json!({"text": "a"})).await;
    let group = scene.bot.group("Чайная");
    scene.ok("sendMessage", to(group)).await;
    let upgraded = scene.bot.upgrade_group(group);
    let moved = scene.call("sendMessage", to(group)).await.unwrap();
    assert_eq!(moved.body["description"], "Bad Request: group chat was upgraded to a supergroup chat");
    assert_eq!(moved.body["parameters"]["migrate_to_chat_id"], upgraded);
    scene.bot.expel(upgraded);
    assert_eq!(
        scene.refused("sendMessage", to(upgraded)).await,
        "Forbidden: bot was kicked from the group chat"
    );
    scene.ann.leaves_telegram();
    assert_eq!(scene.refused("sendMessage", to(scene.ann.id())).await, "Forbidden: user is deactivated");
}

#[tokio::test]
async fn a_press_is_answered_once() {
    let scene = Scene::started().await;
    let keyboard = json!({"inline_keyboard": [[{"text": "💰 Баланс", "callback_data": "bal"}]]});
    scene.send(json!({"text": "Меню", "reply_markup": keyboard})).await;
    let Ok(Pressed::Callback(id)) = scene.chat.presses("Баланс") else { panic!("not a callback") };
    let updates = scene.ok("getUpdates", json!({})).await;
    let query = &updates[0]["callback_query"];
    assert_eq!((&query["id"], &query["data"]), (&json!(id), &json!("bal")));
    assert_eq!(query["message"]["message_id"], 2);
    scene
        .ok("answerCallbackQuery", json!({"callback_query_id": id, "text": "100 баллов", "show_alert": true}))
        .await;
    let notice = &scene.chat.view().notices[0];
    assert_eq!((notice.text.as_str(), notice.alert), ("100 баллов", true));
    assert!(
        scene
            .refused("answerCallbackQuery", json!({"callback_query_id": id}))
            .await
            .contains("query is too old")
    );
}

#[tokio::test]
async fn the_contact_button_shares_the_own_number_and_goes() {
    let scene = Scene::started().await;
    let keyboard = json!({"keyboard": [[{"text": "Поделиться номером", "request_contact": true}], ["Позже"]], "one_time_keyboard": true});
    let sent = scene.send(json!({"text": "Ваш номер?", "reply_markup": keyboard})).await;
    assert!(sent.get("reply_markup").is_none());
    assert_eq!(scene.chat.view().keyboard.unwrap().rows[0][0].kind, "contact");
    scene.chat.presses("Поделиться номером").unwrap();
    assert!(scene.chat.view().keyboard.is_none());
    let own = scene.ok("getUpdates", json!({})).await[0]["message"]["contact"].clone();
    assert_eq!((&own["user_id"], &own["phone_number"]), (&json!(scene.ann.id()), &json!(scene.ann.phone())));
    scene.chat.shares_contact("79160000000", None).unwrap();
    let forged = scene.ok("getUpdates", json!({"offset": -1})).await[0]["message"]["contact"].clone();
    assert!(forged.get("user_id").is_none());
}

#[tokio::test]
async fn misspelt_parameters_are_remembered() {
    let scene = Scene::started().await;
    scene.send(json!({"text": "a", "reply_markups": {}})).await;
    assert_eq!(scene.telegram.unknown_parameters(), ["sendMessage: reply_markups"]);
}
