//! People moved by HTTP.

use crate::call::{Scene, TOKEN, png};
use hyper::Method;
use serde_json::{Value, json};

async fn control(scene: &Scene, method: Method, path: &str, body: Value) -> (u16, Value) {
    let answer = scene
        .request(method, &format!("/control/{path}"), "application/json", body.to_string())
        .await
        .unwrap();
    (answer.status, answer.body)
}

#[tokio::test]
async fn a_conversation_by_http() {
    let scene = Scene::new().await;
    let (_, person) =
        control(&scene, Method::POST, "people", json!({"name": "Борис", "phone": "+79161112233"})).await;
    assert_eq!(person["phone"], "79161112233");
    let id = person["id"].as_i64().unwrap();
    let chat = format!("chats/tea_bot/{id}");
    control(&scene, Method::POST, &format!("{chat}/start"), json!({"payload": "qr1"})).await;
    assert_eq!(scene.ok("getUpdates", json!({})).await[0]["message"]["text"], "/start qr1");
    let markup = json!({"inline_keyboard": [[{"text": "Да", "callback_data": "yes"}]]});
    scene.ok("sendMessage", json!({"chat_id": id, "text": "Начнём?", "reply_markup": markup})).await;
    let (_, view) = control(&scene, Method::GET, &format!("{chat}?after=1&wait=5"), json!({})).await;
    assert_eq!(
        view["messages"][1]["buttons"][0][0],
        json!({"text": "Да", "kind": "callback", "value": "yes"})
    );
    let (_, pressed) = control(&scene, Method::POST, &format!("{chat}/press"), json!({"button": "Да"})).await;
    assert!(pressed["callback"].is_string());
    let (status, refused) =
        control(&scene, Method::POST, &format!("{chat}/press"), json!({"button": "Нет"})).await;
    assert_eq!(status, 400);
    assert!(refused["error"].as_str().unwrap().starts_with("no button «Нет»"));
    let photo = scene
        .request(Method::POST, &format!("/control/{chat}/photo?caption=a"), "image/png", png(4, 4))
        .await
        .unwrap();
    assert_eq!(photo.body["message_id"], 3);
    let (_, view) = control(&scene, Method::GET, &chat, json!({})).await;
    let file = view["messages"][2]["photo"]["file"].as_str().unwrap();
    assert_eq!(control(&scene, Method::GET, &format!("files/{file}"), json!({})).await.0, 200);
    let (_, sent) = control(&scene, Method::GET, "sent", json!({})).await;
    assert_eq!((&sent[0]["text"], &sent[0]["bot"]), (&json!("Начнём?"), &json!("tea_bot")));
    let (_, bots) = control(&scene, Method::GET, "bots", json!({})).await;
    assert_eq!(bots[0]["token"], TOKEN);
    assert_eq!(control(&scene, Method::GET, "chats/nobody/1", json!({})).await.0, 404);
}

#[tokio::test]
async fn faults_by_http() {
    let scene = Scene::started().await;
    assert_eq!(control(&scene, Method::PUT, "faults", json!({"internal_errors": 1000})).await.0, 200);
    let why = scene.refused("sendMessage", json!({"chat_id": scene.ann.id(), "text": "a"})).await;
    assert_eq!(why, "Internal Server Error");
    assert_eq!(control(&scene, Method::PUT, "faults", json!({"earthquakes": 1})).await.0, 400);
}
