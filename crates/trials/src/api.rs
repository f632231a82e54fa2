//! The API of the running program, asked as the company's own program would.

use anyhow::{Context, bail};
use bytes::Bytes;
use reqwest::RequestBuilder;
use serde_json::Value;
use std::sync::atomic::{AtomicU64, Ordering};

/// The key of the company's own program; it may do everything.
pub const KEY: &str = "sv_trial_key_of_a_company_that_is_made_up";

/// Where the API is.
pub struct Api {
    base: String,
    client: reqwest::Client,
    asked: AtomicU64,
}

impl Api {
    /// Of the program at `base`, or of what stands before it.
    pub fn new(base: &str) -> anyhow::Result<Self> {
        Ok(Self {
            base: base.to_owned(),
            client: samovar_connectors::client(None)?,
            asked: AtomicU64::new(0),
        })
    }

    /// Reads.
    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        whole(self.client.get(self.address(path))).await.and_then(|bytes| json(&bytes))
    }

    /// Downloads.
    pub async fn file(&self, path: &str) -> anyhow::Result<Bytes> {
        whole(self.client.get(self.address(path))).await
    }

    /// Does something.
    pub async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.send(path, |request| request.json(body)).await
    }

    /// Brings a file.
    pub async fn upload(&self, path: &str, file: String) -> anyhow::Result<Value> {
        self.send(path, |request| request.body(file)).await
    }

    async fn send(
        &self,
        path: &str,
        with: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> anyhow::Result<Value> {
        let once = format!("set-{}", self.asked.fetch_add(1, Ordering::Relaxed));
        let request = self.client.post(self.address(path)).header("idempotency-key", once);
        whole(with(request)).await.and_then(|bytes| json(&bytes))
    }

    fn address(&self, path: &str) -> String {
        format!("{}/api/v1{path}", self.base)
    }
}

async fn whole(request: RequestBuilder) -> anyhow::Result<Bytes> {
    let response = request.bearer_auth(KEY).send().await?;
    let status = response.status();
    let bytes = response.bytes().await?;
    if !status.is_success() {
        bail!("the program answered {status}: {}", String::from_utf8_lossy(&bytes));
    }
    Ok(bytes)
}

fn json(bytes: &[u8]) -> anyhow::Result<Value> {
    serde_json::from_slice(bytes).context("the program answered no JSON")
}
