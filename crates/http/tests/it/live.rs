//! The stream that says what changed.

use crate::chat::Visitor;
use crate::face::{Face, KEY, READER, on_both};
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use std::time::Duration;

/// An open stream.
struct Stream(Body);

impl Stream {
    async fn open(face: &Face, key: &str) -> Self {
        let request = Request::get("/api/v1/live").header("authorization", format!("Bearer {key}"));
        let response = face.send(request.body(Body::empty()).expect("a request")).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self(response.into_body())
    }

    /// Reads on until a change of that noun is told.
    async fn until(&mut self, noun: &str) -> Value {
        let found = async {
            loop {
                let frame = self.0.frame().await.expect("it goes on").expect("a frame");
                let text = String::from_utf8_lossy(frame.data_ref().expect("data")).into_owned();
                let told = text.lines().filter_map(|line| line.strip_prefix("data: "));
                let told = told.filter_map(|data| serde_json::from_str::<Value>(data).ok());
                if let Some(change) = told.into_iter().find(|change| change["noun"] == noun) {
                    return change;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(10), found).await.expect("it is told")
    }

    /// Nothing is told for a while.
    async fn is_silent(&mut self) {
        let told = tokio::time::timeout(Duration::from_millis(600), self.0.frame()).await;
        assert!(told.is_err(), "{told:?}");
    }
}

on_both! {
    async fn pages_hear_what_changed_and_nothing_more_than_they_may(face) {
        face.app.start().await.expect("started");
        let mut all = Stream::open(&face, KEY).await;
        let mut reader = Stream::open(&face, READER).await;
        let contact = face.api("POST", "/contacts").json(&json!({"fields": {"name": "Анна"}})).expect(201).await;
        let told = all.until("contacts").await;
        assert_eq!(told, json!({"noun": "contacts", "id": contact["id"]}), "where to look, and no data");
        let anna = Visitor::new(&face).await;
        assert_eq!(anna.post(&json!({"id": "1", "text": "Здравствуйте"})).await.status, 202);
        let told = all.until("conversations").await;
        assert!(told["id"].as_str().is_some_and(|id| id.starts_with("con_")), "{told}");
        face.app.pipeline.idle().await;
        reader.is_silent().await;
        assert_eq!(face.ask("GET", "/api/v1/live").refusal().await.0, 401);
        face.app.shut_down(Duration::from_secs(5)).await;
        let ended = async { while all.0.frame().await.is_some() {} };
        tokio::time::timeout(Duration::from_secs(5), ended).await.expect("streams end with the program");
    }
}
