//! The chat on a web page, as a browser speaks it.

use crate::face::{Answer, Face, on_both};
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use std::time::Duration;

/// A visitor of the site's chat.
pub struct Visitor<'a> {
    face: &'a Face,
    base: String,
    token: String,
}

impl<'a> Visitor<'a> {
    pub async fn new(face: &'a Face) -> Self {
        let base = format!("/chat/{}", face.channel("site").hook);
        let met =
            face.ask("POST", &format!("{base}/session")).json(&json!({"language": "ru"})).expect(200).await;
        Self { face, base, token: met["token"].as_str().expect("a token").to_owned() }
    }
    pub async fn post(&self, body: &Value) -> Answer {
        self.face.ask("POST", &format!("{}/messages", self.base)).key(&self.token).json(body).answer().await
    }
    pub async fn history(&self) -> Vec<Value> {
        let history =
            self.face.ask("GET", &format!("{}/history?token={}", self.base, self.token)).expect(200).await;
        history["items"].as_array().expect("items").clone()
    }
    async fn upload(&self, bytes: &[u8]) -> Answer {
        let mut form =
            b"--cut\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\n".to_vec();
        form.extend_from_slice(bytes);
        form.extend_from_slice(b"\r\n--cut--\r\n");
        let ask = self.face.ask("POST", &format!("{}/files", self.base)).key(&self.token);
        ask.bytes("multipart/form-data; boundary=cut", form).answer().await
    }
    async fn file(&self, key: &str) -> Answer {
        let key = key.replace('/', "%2F");
        self.face.ask("GET", &format!("{}/files/{key}?token={}", self.base, self.token)).answer().await
    }
}

on_both! {
    async fn a_visitor_talks_with_the_bot(face) {
        face.app.start().await.expect("started");
        let anna = Visitor::new(&face).await;
        assert!(anna.history().await.is_empty());
        let start = json!({"id": "1", "start": {}});
        for _ in 0..2 {
            assert_eq!(anna.post(&start).await.status, 202);
        }
        face.app.pipeline.idle().await;
        let said = anna.history().await;
        let asked = said.iter().find(|line| line["buttons"].is_array()).expect("the bot asks with buttons");
        let button = &asked["buttons"][0][0];
        let press = json!({"id": "2", "press": button["action"]["press"], "message": asked["id"]});
        assert_eq!(anna.post(&press).await.status, 202);
        face.app.pipeline.idle().await;
        let after = anna.history().await;
        assert!(after.len() > said.len() + 1, "the press and an answer to it: {after:#?}");
        assert!(after.iter().any(|line| line["mine"] == true && line["text"] == button["label"]));
        assert!(Visitor::new(&face).await.history().await.is_empty(), "another visitor sees nothing of it");
    }

    async fn the_stream_tells_what_the_bot_says(face) {
        face.app.start().await.expect("started");
        let anna = Visitor::new(&face).await;
        let request = Request::get(format!("{}/events?token={}", anna.base, anna.token)).header("last-event-id", "x");
        let response = face.send(request.body(Body::empty()).expect("a request")).await;
        assert_eq!(response.status(), 200);
        let mut stream = response.into_body();
        let mut next = async || {
            let frame = tokio::time::timeout(Duration::from_secs(10), stream.frame()).await.expect("in time");
            let bytes = frame.expect("open").expect("whole").into_data().expect("data");
            String::from_utf8_lossy(&bytes).into_owned()
        };
        assert!(next().await.contains(r#"data: {"event":"reread"}"#), "a stream opened again begins so");
        anna.post(&json!({"id": "1", "start": {}})).await;
        let first = next().await;
        assert!(first.contains(r#""event":"message""#) && first.contains("id: out_"), "{first}");
    }

    async fn a_session_opens_one_chat_of_one_channel(face) {
        let anna = Visitor::new(&face).await;
        let history = |token: &str| face.ask("GET", &format!("{}/history?token={token}", anna.base));
        for bad in ["", "x", &anna.token[..anna.token.len() - 1], &anna.token.replace('.', ",")] {
            assert_eq!(history(bad).refusal().await, (401, "unauthorized".into()), "{bad}");
        }
        face.clock.advance_seconds(100 * 24 * 3600);
        let aged = history(&anna.token).expect(200).await;
        let fresh = aged["token"].as_str().expect("a fresh token");
        face.clock.advance_seconds(100 * 24 * 3600);
        assert_eq!(history(&anna.token).refusal().await.0, 401);
        history(fresh).expect(200).await;
    }

    async fn posts_that_do_not_fit_are_refused(face) {
        let anna = Visitor::new(&face).await;
        for bad in [json!({}), json!({"id": "1"}), json!({"id": "a b", "text": "x"}), json!({"id": "1", "text": " "}),
            json!({"id": "1", "text": "x", "chat": "other"}), json!({"id": "1", "text": "x".repeat(5000)}), json!([])] {
            let answer = anna.post(&bad).await;
            assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (422, &"bad_post".into()), "{bad}");
        }
        let huge = anna.post(&json!({"id": "1", "text": "x".repeat(70_000)})).await;
        assert_eq!(huge.status, 413);
        let foreign = anna.post(&json!({"id": "1", "file": {"vendor_id": "fil_0000000000001", "kind": "photo"}})).await;
        assert_eq!(foreign.status, 404, "a file nobody handed in here");
    }

    async fn who_writes_too_much_waits(face) {
        let anna = Visitor::new(&face).await;
        let mut taken = 0;
        let refused = loop {
            let answer = anna.post(&json!({"id": taken.to_string(), "text": "а"})).await;
            if answer.status != 202 { break answer; }
            taken += 1;
        };
        assert_eq!((taken, refused.status.as_u16(), refused.header("retry-after")), (20, 429, "1"));
        face.clock.advance_seconds(1);
        assert_eq!(anna.post(&json!({"id": "later", "text": "а"})).await.status, 202);
        let mut sessions = 1;
        while face.ask("POST", &format!("{}/session", anna.base)).json(&json!({})).answer().await.status == 200 {
            sessions += 1;
        }
        assert_eq!(sessions, 20, "of one address");
    }

    async fn files_are_seen_only_in_their_chat(face) {
        let (anna, boris) = (Visitor::new(&face).await, Visitor::new(&face).await);
        let picture = b"\x89PNG\r\n\x1a\n-picture-";
        let received = anna.upload(picture).await;
        assert_eq!((received.status.as_u16(), &received.json()["kind"]), (200, &"photo".into()), "{}", received.text);
        let id = received.json()["id"].as_str().expect("an id").to_owned();
        let post = json!({"id": "1", "file": {"vendor_id": id, "kind": "photo"}, "caption": "чек"});
        assert_eq!(boris.post(&post).await.status, 404);
        assert_eq!(anna.post(&post).await.status, 202);
        let history = anna.history().await;
        let shown = history.iter().find(|line| line["mine"] == true).expect("what was sent");
        assert_eq!(shown["text"], "чек");
        let key = shown["media"]["key"].as_str().expect("a key");
        let seen = anna.file(key).await;
        assert_eq!((seen.status.as_u16(), seen.header("content-type")), (200, "image/png"));
        assert_eq!(boris.file(key).await.status, 404);
        assert_eq!(anna.file("file/fil_0000000000001").await.status, 404);
        assert_eq!(anna.upload(b"").await.status, 422);
        assert_eq!(anna.upload(&vec![0; 26 << 20]).await.status, 413);
        let page = anna.upload(b"<script>alert(1)</script>").await;
        assert_eq!(page.json()["kind"], "document");
    }
}
