//! What is sent, letter by letter.

use crate::server::{Server, outgoing, press, telegram, text};
use samovar_base::message::{Action, Button, FileKind, Media};
use samovar_connectors::{Delivery, Drawn, Keys, Messenger, Outgoing, SendError, Upload};

const OK: &str = r#"{"ok":true,"result":true}"#;

fn menu(replaces: Option<&str>) -> Drawn {
    let site = Button { label: "Сайт".into(), action: Action::Open("https://example.org/a?b=1".into()) };
    Drawn {
        text: "Что показать?".into(),
        keys: Keys::Buttons(vec![vec![press("Баланс", "c:1"), press("Карта", "c:2")], vec![site]]),
        replaces: replaces.map(str::to_owned),
        ..Drawn::default()
    }
}

fn picture(upload: Upload, replaces: Option<&str>) -> Outgoing {
    let media = Some(Media { kind: FileKind::Photo, key: "card/con_1/gold".into() });
    let drawn =
        Drawn {
            text: "Ваша карта".into(), media, replaces: replaces.map(str::to_owned), ..menu(None)
        };
    Outgoing { upload: Some(upload), ..outgoing(drawn) }
}

fn new_file(name: &str, media_type: &str) -> Upload {
    Upload::New { bytes: "\u{1}PIXELS\u{2}".into(), name: name.into(), media_type: media_type.into() }
}

fn known(id: &str) -> Upload {
    Upload::Known(id.into())
}

#[tokio::test]
async fn texts_and_keyboards() {
    let (server, telegram) = (Server::start().await, telegram());
    let channel = server.channel();
    let phone = Button { label: "Поделиться номером".into(), action: Action::SharePhone };
    let keyboard = Keys::Keyboard(vec![vec![phone], vec![press("Пропустить", "c:9")]]);
    let list = Keys::List(vec![press("Да", "c:1"), press("Нет", "c:2")]);
    let with = |keys| Drawn { text: "Текст".into(), keys, ..Drawn::default() };
    for drawn in [with(Keys::None), menu(None), with(keyboard), with(Keys::Hide), with(list)] {
        let sent = telegram.send(&channel, &outgoing(drawn)).await;
        assert_eq!(sent, Ok(Delivery { message: Some("77".into()), file: None }));
    }
    let named = Outgoing { chat: "@coffee".into(), ..text("Открылись") };
    telegram.send(&channel, &named).await.expect("it is sent");
    insta::assert_snapshot!(server.story(), @r#"
    /bot…/sendMessage {"chat_id":42,"text":"Текст","link_preview_options":{"is_disabled":true}}
    /bot…/sendMessage {"chat_id":42,"text":"Что показать?","link_preview_options":{"is_disabled":true},"reply_markup":{"inline_keyboard":[[{"text":"Баланс","callback_data":"c:1"},{"text":"Карта","callback_data":"c:2"}],[{"text":"Сайт","url":"https://example.org/a?b=1"}]]}}
    /bot…/sendMessage {"chat_id":42,"text":"Текст","link_preview_options":{"is_disabled":true},"reply_markup":{"keyboard":[[{"text":"Поделиться номером","request_contact":true}],[{"text":"Пропустить"}]],"resize_keyboard":true,"one_time_keyboard":true}}
    /bot…/sendMessage {"chat_id":42,"text":"Текст","link_preview_options":{"is_disabled":true},"reply_markup":{"remove_keyboard":true}}
    /bot…/sendMessage {"chat_id":42,"text":"Текст","link_preview_options":{"is_disabled":true},"reply_markup":{"inline_keyboard":[[{"text":"Да","callback_data":"c:1"}],[{"text":"Нет","callback_data":"c:2"}]]}}
    /bot…/sendMessage {"chat_id":"@coffee","text":"Открылись","link_preview_options":{"is_disabled":true}}
    "#);
}

#[tokio::test]
async fn a_file_is_uploaded_once_and_then_named() {
    let (server, telegram) = (Server::start().await, telegram());
    let channel = server.channel();
    server
        .answers(200, r#"{"ok":true,"result":{"message_id":78,"photo":[{"file_id":"s"},{"file_id":"l"}]}}"#);
    let first = telegram.send(&channel, &picture(new_file("card.png", "image/png"), None)).await;
    assert_eq!(first, Ok(Delivery { message: Some("78".into()), file: Some("l".into()) }));
    let form = server.asked().remove(0);
    assert!(form.path.ends_with("/sendPhoto"));
    let boundary = form.body.lines().next().expect("a form").to_owned();
    insta::assert_snapshot!(form.body.replace(&boundary, "--").replace('\r', ""), @r#"
    --
    Content-Disposition: form-data; name="chat_id"

    42
    --
    Content-Disposition: form-data; name="reply_markup"

    {"inline_keyboard":[[{"text":"Баланс","callback_data":"c:1"},{"text":"Карта","callback_data":"c:2"}],[{"text":"Сайт","url":"https://example.org/a?b=1"}]]}
    --
    Content-Disposition: form-data; name="photo"; filename="card.png"
    Content-Type: image/png

    PIXELS
    --
    Content-Disposition: form-data; name="caption"

    Ваша карта
    ----
    "#);

    telegram.send(&channel, &picture(known("l"), None)).await.expect("it is sent");
    let document = Some(Media { kind: FileKind::Document, key: "file/fil_1".into() });
    let rules = Drawn { media: document, ..Drawn::default() };
    telegram
        .send(&channel, &Outgoing { upload: Some(known("d")), ..outgoing(rules.clone()) })
        .await
        .expect("sent");
    insta::assert_snapshot!(server.story(), @r#"
    /bot…/sendPhoto {"chat_id":42,"photo":"l","caption":"Ваша карта","reply_markup":{"inline_keyboard":[[{"text":"Баланс","callback_data":"c:1"},{"text":"Карта","callback_data":"c:2"}],[{"text":"Сайт","url":"https://example.org/a?b=1"}]]}}
    /bot…/sendDocument {"chat_id":42,"document":"d"}
    "#);

    let odd_name = new_file("Прайс \"май\"/2026\r\n.pdf", "application/pdf");
    server.answers(200, r#"{"ok":true,"result":{"message_id":79,"document":{"file_id":"d2"}}}"#);
    let sent = telegram.send(&channel, &Outgoing { upload: Some(odd_name), ..outgoing(rules) }).await;
    assert_eq!(sent.expect("it is sent").file.as_deref(), Some("d2"));
    let form = server.asked().remove(0).body;
    assert!(form.contains("name=\"document\"; filename=\"Прайс _май__2026__.pdf\""), "{form}");
    assert!(!form.contains("caption") && !form.contains("reply_markup"));
}

#[tokio::test]
async fn media_without_content_or_with_an_odd_type_is_refused_here() {
    let (server, telegram) = (Server::start().await, telegram());
    let channel = server.channel();
    let mut message = picture(new_file("card.png", "no type"), None);
    assert!(matches!(telegram.send(&channel, &message).await, Err(SendError::Rejected { .. })));
    message.upload = None;
    assert!(matches!(telegram.send(&channel, &message).await, Err(SendError::Rejected { .. })));
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn an_earlier_message_is_changed_in_its_place() {
    let (server, telegram) = (Server::start().await, telegram());
    let channel = server.channel();
    let in_place = Ok(Delivery { message: Some("9".into()), file: None });
    assert_eq!(telegram.send(&channel, &outgoing(menu(Some("9")))).await, in_place);
    let plain =
        Drawn { text: "Заказ закрыт".into(), replaces: Some("9".into()), ..Drawn::default() };
    assert_eq!(telegram.send(&channel, &outgoing(plain.clone())).await, in_place);
    assert_eq!(telegram.send(&channel, &picture(known("l"), Some("9"))).await, in_place);
    // A text in the place of a picture becomes its caption.
    server.answers(400, r#"{"ok":false,"error_code":400,"description":"Bad Request: there is no text in the message to edit"}"#);
    assert_eq!(telegram.send(&channel, &outgoing(plain)).await, in_place);
    insta::assert_snapshot!(server.story(), @r#"
    /bot…/editMessageText {"chat_id":42,"message_id":9,"text":"Что показать?","link_preview_options":{"is_disabled":true},"reply_markup":{"inline_keyboard":[[{"text":"Баланс","callback_data":"c:1"},{"text":"Карта","callback_data":"c:2"}],[{"text":"Сайт","url":"https://example.org/a?b=1"}]]}}
    /bot…/editMessageText {"chat_id":42,"message_id":9,"text":"Заказ закрыт","link_preview_options":{"is_disabled":true}}
    /bot…/editMessageMedia {"chat_id":42,"message_id":9,"media":{"type":"photo","media":"l","caption":"Ваша карта"},"reply_markup":{"inline_keyboard":[[{"text":"Баланс","callback_data":"c:1"},{"text":"Карта","callback_data":"c:2"}],[{"text":"Сайт","url":"https://example.org/a?b=1"}]]}}
    /bot…/editMessageText {"chat_id":42,"message_id":9,"text":"Заказ закрыт","link_preview_options":{"is_disabled":true}}
    /bot…/editMessageCaption {"chat_id":42,"message_id":9,"caption":"Заказ закрыт"}
    "#);

    telegram
        .send(&channel, &picture(new_file("card.png", "image/png"), Some("9")))
        .await
        .expect("it is changed");
    let form = server.asked().remove(0);
    assert!(form.path.ends_with("/editMessageMedia"));
    let boundary = form.body.lines().next().expect("a form").to_owned();
    insta::assert_snapshot!(form.body.replace(&boundary, "--").replace('\r', ""), @r#"
    --
    Content-Disposition: form-data; name="chat_id"

    42
    --
    Content-Disposition: form-data; name="reply_markup"

    {"inline_keyboard":[[{"text":"Баланс","callback_data":"c:1"},{"text":"Карта","callback_data":"c:2"}],[{"text":"Сайт","url":"https://example.org/a?b=1"}]]}
    --
    Content-Disposition: form-data; name="message_id"

    9
    --
    Content-Disposition: form-data; name="media"

    {"type":"photo","media":"attach://content","caption":"Ваша карта"}
    --
    Content-Disposition: form-data; name="content"; filename="card.png"
    Content-Type: image/png

    PIXELS
    ----
    "#);
}

#[tokio::test]
async fn what_cannot_be_changed_is_sent_anew() {
    let (server, telegram) = (Server::start().await, telegram());
    let channel = server.channel();
    for text in ["message to edit not found", "message can't be edited", "MESSAGE_ID_INVALID"] {
        server
            .answers(400, format!(r#"{{"ok":false,"error_code":400,"description":"Bad Request: {text}"}}"#));
        let sent = telegram.send(&channel, &outgoing(menu(Some("9")))).await;
        assert_eq!(sent.expect("it is sent").message.as_deref(), Some("77"));
        let methods: Vec<String> = server.asked().into_iter().map(|asked| asked.path).collect();
        assert!(
            methods[0].ends_with("/editMessageText") && methods[1].ends_with("/sendMessage"),
            "{methods:?}"
        );
    }
    let same = r#"{"ok":false,"error_code":400,"description":"Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message"}"#;
    server.answers(400, same);
    let kept = telegram.send(&channel, &outgoing(menu(Some("9")))).await;
    assert_eq!(kept.expect("it is so already").message.as_deref(), Some("9"));
    assert_eq!(server.asked().len(), 1);
    // An id of another messenger is no id here.
    telegram.send(&channel, &outgoing(menu(Some("out_1")))).await.expect("it is sent");
    assert!(server.asked()[0].path.ends_with("/sendMessage"));
}

#[tokio::test]
async fn a_press_is_acknowledged_however_old_it_is() {
    let (server, telegram) = (Server::start().await, telegram());
    let channel = server.channel();
    server.answers(200, OK);
    assert_eq!(telegram.acknowledge(&channel, "4382").await, Ok(()));
    server.answers(400, r#"{"ok":false,"error_code":400,"description":"Bad Request: query is too old and response timeout expired or query ID is invalid"}"#);
    assert_eq!(telegram.acknowledge(&channel, "4383").await, Ok(()));
    insta::assert_snapshot!(server.story(), @r#"
    /bot…/answerCallbackQuery {"callback_query_id":"4382"}
    /bot…/answerCallbackQuery {"callback_query_id":"4383"}
    "#);
}
