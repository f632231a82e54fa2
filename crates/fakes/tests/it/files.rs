//! Files both ways.

use crate::call::{Scene, TOKEN, png};
use hyper::Method;
use serde_json::json;

#[tokio::test]
async fn a_photo_of_a_person_is_fetched() {
    let scene = Scene::started().await;
    scene.chat.sends_photo(png(1280, 720), "чек").unwrap();
    let message = scene.ok("getUpdates", json!({})).await[0]["message"].clone();
    assert_eq!(message["caption"], "чек");
    let largest = message["photo"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&largest["width"], &largest["height"]), (&json!(1280), &json!(720)));
    let file = scene.ok("getFile", json!({"file_id": largest["file_id"]})).await;
    let path = format!("/file/bot{TOKEN}/{}", file["file_path"].as_str().unwrap());
    let got = scene.request(Method::GET, &path, "", "").await.unwrap();
    assert_eq!(got.status, 200);
    assert_eq!(file["file_size"], png(1280, 720).len());
    let other =
        scene.request(Method::GET, &format!("/file/bot{TOKEN}/photos/none.jpg"), "", "").await.unwrap();
    assert_eq!(other.status, 404);
}

#[tokio::test]
async fn a_bot_asks_for_pictures_beside_names() {
    let scene = Scene::started().await;
    let ask = |id: i64| json!({"user_id": id, "limit": 1});
    let own = 4100;
    assert_eq!(scene.ok("getUserProfilePhotos", ask(own)).await, json!({"total_count": 0, "photos": []}));
    scene.bot.wears(png(640, 640)).unwrap();
    let found = scene.ok("getUserProfilePhotos", ask(own)).await;
    assert_eq!((&found["total_count"], &found["photos"][0][1]["width"]), (&json!(1), &json!(640)));
    let file = scene.ok("getFile", json!({"file_id": found["photos"][0][0]["file_id"]})).await;
    assert_eq!(file["file_size"], png(640, 640).len());
    assert_eq!(scene.ok("getUserProfilePhotos", ask(scene.ann.id())).await["total_count"], 0);
    assert_eq!(scene.refused("getUserProfilePhotos", ask(77)).await, "Bad Request: user not found");
    assert_eq!(
        scene.refused("getUserProfilePhotos", json!({})).await,
        "Bad Request: invalid user_id specified"
    );
    assert!(scene.bot.wears(b"text".to_vec()).is_err());
}

#[tokio::test]
async fn uploads_are_sent_again_by_id_and_by_reference() {
    let scene = Scene::started().await;
    let to = scene.ann.id().to_string();
    let sent = scene
        .upload("sendPhoto", &[("chat_id", &to), ("caption", "карта")], &[("photo", "c.png", &png(600, 380))])
        .await;
    let id = sent.body["result"]["photo"][1]["file_id"].clone();
    let again = scene.ok("sendPhoto", json!({"chat_id": to, "photo": id})).await;
    assert_eq!(again["photo"], sent.body["result"]["photo"]);
    assert_eq!(
        scene.refused("sendDocument", json!({"chat_id": to, "document": id})).await,
        "Bad Request: can't use file of type Photo as Document"
    );
    let referred = scene
        .upload(
            "sendDocument",
            &[("chat_id", &to), ("document", "attach://doc")],
            &[("doc", "прайс.pdf", b"%PDF-1.4")],
        )
        .await;
    assert_eq!(referred.body["result"]["document"]["file_name"], "прайс.pdf");
    let media = r#"[{"type":"photo","media":"attach://one","caption":"пара"},{"type":"photo","media":"attach://two"}]"#;
    let (one, two) = (png(5, 5), png(6, 6));
    let album = scene
        .upload(
            "sendMediaGroup",
            &[("chat_id", &to), ("media", media)],
            &[("one", "1.png", &one), ("two", "2.png", &two)],
        )
        .await;
    let album = album.body["result"].clone();
    assert_eq!(album[0]["media_group_id"], album[1]["media_group_id"]);
    let view = scene.chat.view();
    assert_eq!(view.messages.len(), 6);
    assert_eq!(view.messages[3].document.as_ref().unwrap().name.as_deref(), Some("прайс.pdf"));
}

#[tokio::test]
async fn wrong_files_are_refused() {
    let scene = Scene::started().await;
    let to = scene.ann.id().to_string();
    let why = async |files: &[(&str, &str, &[u8])]| {
        let answer = scene.upload("sendPhoto", &[("chat_id", &to)], files).await;
        answer.body["description"].as_str().unwrap_or("accepted").to_owned()
    };
    assert_eq!(why(&[]).await, "Bad Request: there is no photo in the request");
    assert_eq!(why(&[("photo", "a.png", b"")]).await, "Bad Request: file must be non-empty");
    assert_eq!(why(&[("photo", "a.png", b"not a picture")]).await, "Bad Request: IMAGE_PROCESS_FAILED");
    assert_eq!(why(&[("photo", "a.png", &png(10_000, 10))]).await, "Bad Request: PHOTO_INVALID_DIMENSIONS");
    let by_id = json!({"chat_id": to, "photo": "AgUnknown"});
    assert_eq!(
        scene.refused("sendPhoto", by_id).await,
        "Bad Request: wrong file identifier/HTTP URL specified"
    );
    let file = json!({"file_id": "AgUnknown"});
    assert_eq!(
        scene.refused("getFile", file).await,
        "Bad Request: wrong file_id or the file is temporarily unavailable"
    );
    let caption = json!({"chat_id": to, "photo": "x", "caption": "я".repeat(1025)});
    assert_eq!(scene.refused("sendPhoto", caption).await, "Bad Request: message caption is too long");
}

#[tokio::test]
async fn a_large_file_can_be_sent_by_a_person_and_not_fetched_by_a_bot() {
    let scene = Scene::started().await;
    scene.chat.sends_document("film.mp4", "video/mp4", vec![1; 20 * 1024 * 1024 + 1], "").unwrap();
    let document = scene.ok("getUpdates", json!({})).await[0]["message"]["document"].clone();
    let why = scene.refused("getFile", json!({"file_id": document["file_id"]})).await;
    assert_eq!(why, "Bad Request: file is too big");
}
