//! Polling, hooks, files, and who the bot is.

use crate::server::{Server, channel, telegram};
use samovar_base::Instant;
use samovar_base::message::{Event, FileKind, FileRef};
use samovar_connectors::{BotIdentity, Command, FetchError, Messenger, PollError, Receive, Setup};
use secrecy::SecretString;

const OK: &str = r#"{"ok":true,"result":true}"#;

fn refusal(code: u16, description: &str) -> String {
    format!(r#"{{"ok":false,"error_code":{code},"description":"{description}"}}"#)
}

#[tokio::test]
async fn polled_updates_are_the_bytes_that_came() {
    let (server, telegram) = (Server::start().await, telegram());
    let update = r#"{"update_id":7, "message":{"message_id":1,"date":5,"chat":{"id":42,"type":"private"},"from":{"id":42,"is_bot":false,"first_name":"А"},"text":"да"}}"#;
    server.answers(200, format!(r#"{{"ok":true,"result":[{update},{{"new_kind":[],"update_id":8}}]}}"#));
    let polled = telegram.poll(&server.channel(), 7, 600).await.expect("two updates");
    assert_eq!(polled.iter().map(|update| update.order).collect::<Vec<_>>(), [7, 8]);
    assert_eq!(polled[0].raw, update.as_bytes());
    let accepted = telegram.accept(&polled[0].raw, Instant(0));
    assert_eq!((accepted.order, &accepted.events[0].event), (7, &Event::Text { text: "да".into() }));
    server.answers(200, r#"{"ok":true,"result":[]}"#);
    assert_eq!(telegram.poll(&server.channel(), 9, 0).await, Ok(vec![]));
    insta::assert_snapshot!(server.story(), @r#"
    /bot…/getUpdates {"offset":7,"limit":100,"timeout":50,"allowed_updates":["message","edited_message","callback_query","my_chat_member"]}
    /bot…/getUpdates {"offset":9,"limit":100,"timeout":0,"allowed_updates":["message","edited_message","callback_query","my_chat_member"]}
    "#);
}

#[tokio::test]
async fn polling_fails_by_name() {
    let (server, telegram) = (Server::start().await, telegram());
    let conflict =
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running";
    for (status, body, expected) in [
        (409, refusal(409, conflict), PollError::Conflict(conflict.into())),
        (401, refusal(401, "Unauthorized"), PollError::Unauthorized),
        (404, refusal(404, "Not Found"), PollError::Unauthorized),
        (502, "<html>".into(), PollError::Later(1_000)),
        (200, "<html>".into(), PollError::Later(1_000)),
        (
            404,
            "<html>".into(),
            PollError::Failed(
                "HTTP 404 from somebody who is not the Bot API: are address and proxy right?".into(),
            ),
        ),
        (400, refusal(400, "Bad Request: odd"), PollError::Failed("400: Bad Request: odd".into())),
    ] {
        server.answers(status, body);
        assert_eq!(telegram.poll(&server.channel(), 0, 0).await, Err(expected));
    }
    server.answers_after(429, "4", "");
    assert_eq!(telegram.poll(&server.channel(), 0, 0).await, Err(PollError::Later(4_000)));
    assert_eq!(telegram.poll(&channel("http://127.0.0.1:1"), 0, 0).await, Err(PollError::Later(1_000)));
}

#[tokio::test]
async fn a_bot_is_who_the_messenger_says() {
    let (server, telegram) = (Server::start().await, telegram());
    server.answers(200, r#"{"ok":true,"result":{"id":123,"is_bot":true,"first_name":"Кофе у Ани","username":"anna_coffee_bot"}}"#);
    let expected = BotIdentity {
        id: "123".into(),
        name: "Кофе у Ани".into(),
        handle: Some("anna_coffee_bot".into()),
        link: Some("https://t.me/anna_coffee_bot".into()),
    };
    assert_eq!(telegram.identify(&server.channel()).await, Ok(expected));
}

#[tokio::test]
async fn a_hook_is_set_only_when_something_differs() {
    let (server, telegram) = (Server::start().await, telegram());
    let channel = server.channel();
    let hook = Receive::Webhook {
        url: "https://bots.example.org/hooks/chn_1".parse().expect("an address"),
        secret: SecretString::from("s3cret"),
        connections: 500,
    };
    let info = |url: &str, connections: u32, error: &str| {
        format!(
            r#"{{"ok":true,"result":{{"url":"{url}","has_custom_certificate":false,"pending_update_count":0,"max_connections":{connections},"allowed_updates":["callback_query","message","edited_message","my_chat_member"]{error}}}}}"#
        )
    };
    let ours = "https://bots.example.org/hooks/chn_1";
    server.answers(200, info(ours, 100, ""));
    assert_eq!(telegram.receive_by(&channel, &hook).await, Ok(Setup::Kept));
    insta::assert_snapshot!(server.story(), @"/bot…/getWebhookInfo {}");
    let refused =
        r#","last_error_date":1,"last_error_message":"Wrong response from the webhook: 401 Unauthorized""#;
    for different in [
        info("", 40, ""),
        info("https://other.example.org/", 100, ""),
        info(ours, 40, ""),
        info(ours, 100, refused),
    ] {
        server.answers(200, different).answers(200, OK);
        assert_eq!(telegram.receive_by(&channel, &hook).await, Ok(Setup::Changed));
    }
    insta::assert_snapshot!(server.story().lines().last().expect("a line"), @r#"
    /bot…/setWebhook {"url":"https://bots.example.org/hooks/chn_1","secret_token":"s3cret","max_connections":100,"allowed_updates":["message","edited_message","callback_query","my_chat_member"]}
    "#);
}

#[tokio::test]
async fn polling_takes_a_hook_away() {
    let (server, telegram) = (Server::start().await, telegram());
    let channel = server.channel();
    server.answers(200, r#"{"ok":true,"result":{"url":"","pending_update_count":0}}"#);
    assert_eq!(telegram.receive_by(&channel, &Receive::Polling).await, Ok(Setup::Kept));
    server.answers(200, r#"{"ok":true,"result":{"url":"https://other.example.org/"}}"#).answers(200, OK);
    assert_eq!(telegram.receive_by(&channel, &Receive::Polling).await, Ok(Setup::Changed));
    insta::assert_snapshot!(server.story(), @r"
    /bot…/getWebhookInfo {}
    /bot…/getWebhookInfo {}
    /bot…/deleteWebhook {}
    ");
}

#[tokio::test]
async fn commands_are_told_when_they_differ() {
    let (server, telegram) = (Server::start().await, telegram());
    let channel = server.channel();
    let command =
        |name: &str, description: &str| Command { name: name.into(), description: description.into() };
    let commands = [command("start", "Начать"), command("help", &"Помощь ".repeat(50))];
    server.answers(200, r#"{"ok":true,"result":[{"command":"start","description":"Начать"}]}"#);
    assert_eq!(telegram.describe_commands(&channel, &commands[..1]).await, Ok(Setup::Kept));
    server.answers(200, r#"{"ok":true,"result":[]}"#).answers(200, OK);
    assert_eq!(telegram.describe_commands(&channel, &commands).await, Ok(Setup::Changed));
    let told = server.asked().pop().expect("a request").body;
    assert!(
        told.starts_with(r#"{"commands":[{"command":"start","description":"Начать"},{"command":"help","#),
        "{told}"
    );
    assert!(told.chars().count() < 400 && told.contains('…'), "{told}");
}

#[tokio::test]
async fn a_file_is_read_within_bounds() {
    let (server, telegram) = (Server::start().await, telegram());
    let channel = server.channel();
    let claimed = |media_type: Option<&str>| FileRef {
        vendor_id: "f1".into(),
        kind: FileKind::Document,
        name: None,
        media_type: media_type.map(str::to_owned),
        size: None,
    };
    let path = r#"{"ok":true,"result":{"file_id":"f1","file_unique_id":"u","file_size":8,"file_path":"photos/file_1.jpg"}}"#;
    server.answers(200, path).answers(200, b"\xff\xd8\xff\xe0JPEG");
    let fetched = telegram.fetch(&channel, &claimed(Some("text/plain")), 100).await.expect("it is read");
    assert_eq!(
        (&fetched.bytes[..], fetched.media_type.as_deref()),
        (&b"\xff\xd8\xff\xe0JPEG"[..], Some("image/jpeg"))
    );
    insta::assert_snapshot!(server.story(), @r#"
    /bot…/getFile {"file_id":"f1"}
    /file/bot…/photos/file_1.jpg
    "#);
    server.answers(200, path).answers(200, "a plain text");
    let fetched = telegram.fetch(&channel, &claimed(Some("text/plain")), 100).await.expect("it is read");
    assert_eq!(fetched.media_type.as_deref(), Some("text/plain"));
    server.answers(200, path).answers(200, "longer than was told");
    assert_eq!(telegram.fetch(&channel, &claimed(None), 10).await, Err(FetchError::TooLarge));
    server.answers(200, path);
    assert_eq!(telegram.fetch(&channel, &claimed(None), 7).await, Err(FetchError::TooLarge));
}

#[tokio::test]
async fn a_file_that_cannot_be_read_says_why() {
    let (server, telegram) = (Server::start().await, telegram());
    let file =
        FileRef { vendor_id: "f1".into(), kind: FileKind::Photo, name: None, media_type: None, size: None };
    for (status, body, expected) in [
        (400, refusal(400, "Bad Request: file is too big"), FetchError::TooLarge),
        (
            400,
            refusal(400, "Bad Request: wrong file_id or the file is temporarily unavailable"),
            FetchError::Gone,
        ),
        (400, refusal(400, "Bad Request: invalid file_id"), FetchError::Gone),
        (401, refusal(401, "Unauthorized"), FetchError::Unauthorized),
        (500, refusal(500, "Internal Server Error"), FetchError::Later(1_000)),
        (200, r#"{"ok":true,"result":{"file_id":"f1"}}"#.into(), FetchError::Gone),
    ] {
        server.answers(status, body.clone());
        assert_eq!(telegram.fetch(&server.channel(), &file, 100).await, Err(expected), "{body}");
    }
    for path in ["/var/lib/telegram/file_1.jpg", "../../bot9:other/getMe", "a?b"] {
        server.answers(200, format!(r#"{{"ok":true,"result":{{"file_path":"{path}"}}}}"#));
        let error = telegram.fetch(&server.channel(), &file, 100).await;
        assert!(matches!(error, Err(FetchError::Failed(_))), "{path}");
    }
    server.asked();
    let path = r#"{"ok":true,"result":{"file_path":"photos/file_1.jpg"}}"#;
    for (status, expected) in [
        (404, FetchError::Gone),
        (503, FetchError::Later(1_000)),
        (403, FetchError::Failed("HTTP 403".into())),
    ] {
        server.answers(200, path).answers(status, "");
        assert_eq!(telegram.fetch(&server.channel(), &file, 100).await, Err(expected));
    }
}

#[tokio::test]
async fn the_picture_of_a_bot_is_the_smallest_that_is_wide_enough() {
    let (server, telegram) = (Server::start().await, telegram());
    let bot = BotIdentity { id: "123".into(), name: "Чай".into(), handle: None, link: None };
    server
        .answers(200, r#"{"ok":true,"result":{"total_count":2,"photos":[[{"file_id":"s","width":90},{"file_id":"m","width":320},{"file_id":"l","width":640}]]}}"#)
        .answers(200, r#"{"ok":true,"result":{"file_id":"m","file_path":"photos/m.jpg"}}"#)
        .answers(200, b"\xff\xd8\xff\xe0".to_vec());
    let found = telegram.picture(&server.channel(), &bot, 9).await.expect("an answer").expect("a picture");
    assert_eq!(found.media_type.as_deref(), Some("image/jpeg"));
    server.answers(200, r#"{"ok":true,"result":{"total_count":0,"photos":[]}}"#);
    assert_eq!(telegram.picture(&server.channel(), &bot, 9).await, Ok(None));
    insta::assert_snapshot!(server.story(), @r#"
    /bot…/getUserProfilePhotos {"user_id":123,"limit":1}
    /bot…/getFile {"file_id":"m"}
    /file/bot…/photos/m.jpg 
    /bot…/getUserProfilePhotos {"user_id":123,"limit":1}
    "#);
}
