//! A person who writes to the bot on the company's web page, by the page's own protocol.

use crate::TestApp;
use crate::journal::{self, Journal};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// A visitor with a session. What they do takes two seconds of virtual time (the page allows no more), ends when the
/// program has come to rest, and gives what was seen since.
pub struct Visitor {
    app: TestApp,
    name: String,
    client: reqwest::Client,
    base: String,
    token: String,
    posts: AtomicU64,
    journal: Mutex<Journal>,
}

impl Visitor {
    pub(crate) async fn new(app: &TestApp, name: &str) -> Self {
        let hook = app.channel("site").hook.clone();
        let mut visitor = Self {
            app: app.clone(),
            name: name.to_owned(),
            client: samovar_connectors::client(None).expect("an HTTP client"),
            base: format!("{}chat/{hook}", app.url()),
            token: String::new(),
            posts: AtomicU64::new(0),
            journal: Mutex::default(),
        };
        let met =
            visitor.ask(visitor.client.post(format!("{}/session", visitor.base)).json(&json!({}))).await;
        met["token"].as_str().expect("a token").clone_into(&mut visitor.token);
        visitor
    }

    /// Opens the chat.
    pub async fn starts(&self) -> String {
        self.does("(opens the chat)", json!({"start": {}})).await
    }

    /// Sends a text.
    pub async fn says(&self, words: &str) -> String {
        self.does(words, json!({"text": words})).await
    }

    /// Presses the newest button with that label.
    ///
    /// # Panics
    /// When there is none.
    pub async fn presses(&self, label: &str) -> String {
        let items = self.items().await;
        let found = items.iter().rev().find_map(|item| {
            let button = buttons(item).find(|button| button["label"] == label)?;
            Some((item["id"].clone(), button["action"]["press"].clone()))
        });
        let (message, token) = found.unwrap_or_else(|| panic!("no button «{label}» in {items:#?}"));
        self.does(&format!("[{label}]"), json!({"press": token, "message": message})).await
    }

    /// The token of the newest button with that label.
    ///
    /// # Panics
    /// When there is none.
    pub async fn token_of(&self, label: &str) -> String {
        let items = self.items().await;
        let mut all = items.iter().rev().flat_map(buttons);
        let button =
            all.find(|button| button["label"] == label).unwrap_or_else(|| panic!("no button «{label}»"));
        button["action"]["press"].as_str().expect("a token").to_owned()
    }

    /// The conversation as the page's history tells it.
    pub async fn items(&self) -> Vec<Value> {
        let history =
            self.ask(self.client.get(format!("{}/history", self.base)).bearer_auth(&self.token)).await;
        history["items"].as_array().expect("items").clone()
    }

    /// What a message's media key names.
    pub async fn file(&self, key: &str) -> Vec<u8> {
        let request = self.client.get(format!("{}/files/{key}", self.base)).bearer_auth(&self.token);
        let answer = request.send().await.expect("an answer");
        assert!(answer.status().is_success(), "no file {key}: {}", answer.status());
        answer.bytes().await.expect("bytes").to_vec()
    }

    /// The whole conversation so far.
    pub async fn transcript(&self) -> String {
        self.looks().await;
        self.journal().from(0)
    }

    /// What was seen since the last look, without doing anything.
    pub async fn looks(&self) -> String {
        self.app.settle().await;
        let items = self.items().await;
        let mut journal = self.journal();
        let before = journal.len();
        for item in items.iter().filter(|item| item["mine"] == false) {
            let rows = item["buttons"].as_array().into_iter().flatten().map(|row| {
                journal::row(
                    row.as_array().into_iter().flatten().filter_map(|button| button["label"].as_str()),
                )
            });
            let looks =
                journal::message(!item["media"].is_null(), item["text"].as_str().unwrap_or_default(), rows);
            journal.sees(item["id"].as_str().expect("an id"), looks);
        }
        journal.from(before)
    }

    /// Posts as the page does; gives the HTTP status.
    pub async fn posts(&self, post: &Value) -> u16 {
        let request = self.client.post(format!("{}/messages", self.base)).bearer_auth(&self.token).json(post);
        request.send().await.expect("an answer").status().as_u16()
    }

    async fn does(&self, what: &str, mut post: Value) -> String {
        self.app.pass(Duration::from_secs(2)).await;
        let before = {
            let mut journal = self.journal();
            journal.did(format!("{}: {what}", self.name));
            journal.len()
        };
        post["id"] = json!(format!("post-{}", self.posts.fetch_add(1, Ordering::Relaxed)));
        assert_eq!(self.posts(&post).await, 202, "{post}");
        self.looks().await;
        self.journal().from(before)
    }

    async fn ask(&self, request: reqwest::RequestBuilder) -> Value {
        let answer = request.send().await.expect("an answer");
        let status = answer.status();
        let body = answer.bytes().await.expect("a body");
        assert!(status.is_success(), "{status}: {}", String::from_utf8_lossy(&body));
        serde_json::from_slice(&body).expect("JSON")
    }

    fn journal(&self) -> std::sync::MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn buttons(item: &Value) -> impl Iterator<Item = &Value> {
    item["buttons"].as_array().into_iter().flatten().filter_map(Value::as_array).flatten()
}
