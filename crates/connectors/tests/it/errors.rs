//! What the answers, and their absence, mean.

use crate::server::{Server, TOKEN, channel, outgoing, telegram, text};
use samovar_base::message::{FileKind, FileRef, Media};
use samovar_connectors::{Drawn, Messenger, Outgoing, Receive, Scope, SendError, Upload};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

fn refusal(code: i64, description: &str, parameters: &str) -> String {
    format!(r#"{{"ok":false,"error_code":{code},"description":"{description}"{parameters}}}"#)
}

fn later(after_ms: u64, scope: Scope) -> SendError {
    SendError::Later { after_ms, scope }
}

/// The name of the variant.
fn kind(error: &SendError) -> &'static str {
    match error {
        SendError::Later { .. } => "later",
        SendError::Blocked(_) => "blocked",
        SendError::Rejected { .. } => "rejected",
        SendError::Unauthorized(_) => "unauthorized",
        SendError::Moved { .. } => "moved",
        SendError::FileUnknown => "file unknown",
        SendError::Unsure(_) => "unsure",
        SendError::NotSent(_) => "not sent",
    }
}

#[tokio::test]
async fn every_refusal_has_its_meaning() {
    let table = [
        (400, "Bad Request: chat not found", "rejected"),
        (400, "Bad Request: message text is empty", "rejected"),
        (400, "Bad Request: message is too long", "rejected"),
        (400, "Bad Request: can't parse entities: Unsupported start tag", "rejected"),
        (400, "Bad Request: BUTTON_DATA_INVALID", "rejected"),
        (400, "Bad Request: reply markup is too long", "rejected"),
        (400, "Bad Request: file is too big", "rejected"),
        (400, "Bad Request: wrong file_id or the file is temporarily unavailable", "file unknown"),
        (400, "Bad Request: Wrong file identifier/HTTP URL specified", "file unknown"),
        (400, "Bad Request: wrong remote file identifier specified: can't unserialize it", "file unknown"),
        (401, "Unauthorized", "unauthorized"),
        (403, "Forbidden: bot was blocked by the user", "blocked"),
        (403, "Forbidden: user is deactivated", "blocked"),
        (403, "Forbidden: bot can't initiate conversation with a user", "blocked"),
        (403, "Forbidden: bot was kicked from the group chat", "blocked"),
        (403, "Forbidden: bot is not a member of the supergroup chat", "blocked"),
        (404, "Not Found", "unauthorized"),
        (404, "Not Found: method not found", "rejected"),
        (409, "Conflict: terminated by other getUpdates request", "rejected"),
        (500, "Internal Server Error: restart", "later"),
        (502, "Bad Gateway", "later"),
        (504, "Gateway Timeout", "later"),
    ];
    let (server, telegram) = (Server::start().await, telegram());
    for (code, description, expected) in table {
        server.answers(u16::try_from(code).expect("a status"), refusal(code, description, ""));
        let error = telegram.send(&server.channel(), &text("a")).await.expect_err(description);
        assert_eq!(kind(&error), expected, "{code} {description}");
        assert_eq!(server.asked().len(), 1, "nothing is tried twice here");
    }
}

#[tokio::test]
async fn a_pause_is_as_long_and_as_wide_as_told() {
    let (server, telegram) = (Server::start().await, telegram());
    let channel = server.channel();
    let group = Outgoing { chat: "-100".into(), ..text("a") };
    let too_many = |seconds| {
        refusal(
            429,
            &format!("Too Many Requests: retry after {seconds}"),
            &format!(r#","parameters":{{"retry_after":{seconds}}}"#),
        )
    };
    server.answers_after(429, "3", &too_many(3));
    assert_eq!(telegram.send(&channel, &text("a")).await, Err(later(3_000, Scope::Chat)));
    server.answers_after(429, "35", &too_many(35));
    assert_eq!(telegram.send(&channel, &text("a")).await, Err(later(35_000, Scope::Bot)));
    server.answers_after(429, "35", &too_many(35));
    assert_eq!(telegram.send(&channel, &group).await, Err(later(35_000, Scope::Chat)));
    server.answers_after(429, "7", "<html>slow down</html>");
    assert_eq!(telegram.send(&channel, &text("a")).await, Err(later(7_000, Scope::Chat)));
    server.answers(429, refusal(429, "Too Many Requests", ""));
    assert_eq!(telegram.send(&channel, &text("a")).await, Err(later(1_000, Scope::Chat)));
    let moved = refusal(
        400,
        "Bad Request: group chat was upgraded to a supergroup chat",
        r#","parameters":{"migrate_to_chat_id":-1001}"#,
    );
    server.answers(400, moved);
    assert_eq!(telegram.send(&channel, &group).await, Err(SendError::Moved { chat: "-1001".into() }));
}

#[tokio::test]
async fn gateways_answer_in_their_own_words() {
    let (server, telegram) = (Server::start().await, telegram());
    for (status, body, expected) in [
        (502, "<html>Bad Gateway</html>", "later"),
        (503, "", "later"),
        (403, "<html>no</html>", "not sent"),
        (401, "<html>no</html>", "not sent"),
        (404, "<html>nothing here</html>", "not sent"),
        (302, "", "not sent"),
        (413, "<html>Request Entity Too Large</html>", "rejected"),
        (407, "", "not sent"),
        (200, "<html>captive portal</html>", "unsure"),
        (200, r#"{"ok":true,"result":{"message":"strange"}}"#, "unsure"),
        (200, "", "unsure"),
    ] {
        server.answers(status, body);
        let error = telegram.send(&server.channel(), &text("a")).await.expect_err(body);
        assert_eq!(kind(&error), expected, "{status} {body}");
        assert_eq!(server.asked().len(), 1, "a redirect is not followed, nothing is tried twice");
    }
}

/// Takes one connection, reads the request, and then does `what`.
async fn listener(what: What) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = [0; 4096];
            let _ = stream.read(&mut head).await;
            match what {
                What::Cut => {}
                What::CutInTheAnswer => {
                    let _ =
                        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"ok\":tr").await;
                }
                What::Hang => std::future::pending::<()>().await,
            }
        }
    });
    base
}

#[derive(Clone, Copy)]
enum What {
    Cut,
    CutInTheAnswer,
    Hang,
}

#[tokio::test]
async fn a_lost_answer_leaves_it_unknown_whether_the_message_arrived() {
    let telegram = telegram();
    for what in [What::Cut, What::CutInTheAnswer, What::Hang] {
        let channel = channel(&listener(what).await);
        let before = Instant::now();
        let error = telegram.send(&channel, &text("a")).await.expect_err("no answer");
        assert_eq!(kind(&error), "unsure", "{error}");
        assert!(before.elapsed() < Duration::from_secs(5));
        // To change a message twice is to change it once.
        let change = outgoing(Drawn { text: "a".into(), replaces: Some("9".into()), ..Drawn::default() });
        let error = telegram.send(&channel, &change).await.expect_err("no answer");
        assert_eq!(kind(&error), "not sent", "{error}");
    }
}

#[tokio::test]
async fn what_never_left_is_known_not_to_have_arrived() {
    let telegram = telegram();
    // A port that was free a moment ago, and a name that is reserved for not being there.
    let free = TcpListener::bind("127.0.0.1:0").await.expect("a free port").local_addr().expect("an address");
    for base in [format!("http://{free}"), "http://nobody.invalid".into(), format!("https://{free}")] {
        let error = telegram.send(&channel(&base), &text("a")).await.expect_err("nobody is there");
        assert_eq!(kind(&error), "not sent", "{base} {error}");
    }
    let mut behind_dead_proxy = channel("http://127.0.0.1:9");
    behind_dead_proxy.proxy = Some(format!("socks5://{free}").parse().expect("an address"));
    let error = telegram.send(&behind_dead_proxy, &text("a")).await.expect_err("the proxy is not there");
    assert_eq!(kind(&error), "not sent", "{error}");
    behind_dead_proxy.proxy = Some("ftp://127.0.0.1:1".parse().expect("an address"));
    let error = telegram.send(&behind_dead_proxy, &text("a")).await.expect_err("that is no proxy");
    assert_eq!(kind(&error), "not sent", "{error}");
}

#[tokio::test]
async fn a_channel_speaks_through_its_proxy() {
    let (proxy, telegram) = (Server::start().await, telegram());
    let mut channel = channel("http://api.telegram.invalid");
    channel.proxy = Some(proxy.base.parse().expect("an address"));
    telegram.send(&channel, &text("a")).await.expect("the proxy answers");
    assert!(proxy.asked()[0].path.ends_with("/sendMessage"));
}

#[tokio::test]
async fn no_error_tells_the_token_or_the_address() {
    let telegram = telegram();
    let media = Some(Media { kind: FileKind::Photo, key: "k".into() });
    let upload =
        Some(Upload::New { bytes: "x".into(), name: "a.png".into(), media_type: "image/png".into() });
    let picture = Outgoing { upload, ..outgoing(Drawn { media, ..Drawn::default() }) };
    let file =
        FileRef { vendor_id: "f".into(), kind: FileKind::Photo, name: None, media_type: None, size: None };
    for base in [
        listener(What::Cut).await,
        listener(What::Hang).await,
        "http://127.0.0.1:1".into(),
        "http://nobody.invalid".into(),
    ] {
        let channel = channel(&base);
        let told = [
            format!("{:?}", telegram.send(&channel, &text("a")).await),
            format!("{:?}", telegram.send(&channel, &picture).await),
            format!("{:?}", telegram.identify(&channel).await),
            format!("{:?}", telegram.poll(&channel, 0, 0).await),
            format!("{:?}", telegram.fetch(&channel, &file, 10).await),
            format!("{:?}", telegram.receive_by(&channel, &Receive::Polling).await),
            format!("{channel:?}").replace(&base, ""),
        ];
        for text in told {
            let host = base.trim_start_matches("http://");
            assert!(
                !text.contains(TOKEN) && !text.contains("Secret-Token") && !text.contains("/bot"),
                "{text}"
            );
            assert!(text.contains("Channel {") || !text.contains(host), "{text}");
        }
    }
}
