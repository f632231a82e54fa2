//! A program of the company that asks by the REST API.

use serde_json::Value;
use std::sync::atomic::{AtomicU64, Ordering};
use url::Url;

/// An answer of the API.
#[derive(Debug)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// The body as JSON; null when there is none.
    pub body: Value,
}

/// A client of the API.
pub struct Api {
    base: String,
    client: reqwest::Client,
    key: String,
}

impl Api {
    pub(crate) fn new(base: &Url) -> Self {
        let client = samovar_connectors::client(None).expect("an HTTP client");
        let base = base.as_str().trim_end_matches('/').to_owned();
        Self { base, client, key: crate::API_KEY.to_owned() }
    }

    /// The same with another key.
    #[must_use]
    pub fn with_key(mut self, key: &str) -> Self {
        key.clone_into(&mut self.key);
        self
    }

    /// Reads; `path` begins behind `/api/v1`.
    pub async fn get(&self, path: &str) -> Reply {
        self.send(self.client.get(self.address(path))).await
    }

    /// Asks for a change, under an idempotency key of its own.
    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        static SENT: AtomicU64 = AtomicU64::new(0);
        let key = format!("test-{}", SENT.fetch_add(1, Ordering::Relaxed));
        self.post_as(&key, path, body).await
    }

    /// Asks for a change under that idempotency key.
    pub async fn post_as(&self, key: &str, path: &str, body: &Value) -> Reply {
        self.send(self.client.post(self.address(path)).header("idempotency-key", key).json(body)).await
    }

    /// Changes a part of something.
    pub async fn patch(&self, path: &str, body: &Value) -> Reply {
        self.send(self.client.patch(self.address(path)).json(body)).await
    }

    /// Puts a whole in the place of another.
    pub async fn put(&self, path: &str, body: &Value) -> Reply {
        self.send(self.client.put(self.address(path)).json(body)).await
    }

    /// The bytes of a file.
    ///
    /// # Panics
    /// When there is none.
    pub async fn download(&self, path: &str) -> Vec<u8> {
        let answer =
            self.client.get(self.address(path)).bearer_auth(&self.key).send().await.expect("an answer");
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.bytes().await.expect("a body").to_vec()
    }

    /// Sends a file.
    pub async fn upload(&self, path: &str, bytes: &[u8]) -> Reply {
        self.send(self.client.post(self.address(path)).body(bytes.to_vec())).await
    }

    fn address(&self, path: &str) -> String {
        format!("{}/api/v1{path}", self.base)
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Reply {
        let answer = request.bearer_auth(&self.key).send().await.expect("an answer of the API");
        let status = answer.status().as_u16();
        let body = answer.bytes().await.expect("a body");
        Reply { status, body: serde_json::from_slice(&body).unwrap_or(Value::Null) }
    }
}
