//! A bare client of the Bot API, and a bot with a person for the tests.

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::{Method, Request};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use samovar_fakes::telegram::{BotHandle, Config, Conversation, Person, Telegram};
use serde_json::{Value, json};

pub const TOKEN: &str = "4100:tea";

/// A bot, and Ann who has started it.
pub struct Scene {
    pub telegram: Telegram,
    pub bot: BotHandle,
    pub ann: Person,
    pub chat: Conversation,
    client: Client<HttpConnector, Full<Bytes>>,
}

pub struct Answer {
    pub status: u16,
    pub retry_after: Option<String>,
    pub body: Value,
}

impl Scene {
    pub async fn new() -> Self {
        Self::with(Config::for_tests()).await
    }

    pub async fn with(config: Config) -> Self {
        let telegram = Telegram::start(config).await.expect("a free port");
        let bot = telegram.bot(TOKEN, "tea_bot");
        let ann = telegram.person("Анна Чайкина").with_username("ann");
        let chat = ann.chat(&bot);
        let client = Client::builder(TokioExecutor::new()).build_http();
        Self { telegram, bot, ann, chat, client }
    }

    /// Ann has started the bot, and the bot has seen it.
    pub async fn started() -> Self {
        let scene = Self::new().await;
        scene.chat.starts(None).expect("nothing is blocked");
        scene.forget().await;
        scene
    }

    /// Confirms all updates.
    pub async fn forget(&self) {
        let updates = self.ok("getUpdates", json!({"offset": -1})).await;
        let last = updates[0]["update_id"].as_i64().expect("an update");
        self.ok("getUpdates", json!({"offset": last + 1, "limit": 1})).await;
    }

    pub async fn request(
        &self,
        method: Method,
        path: &str,
        content_type: &str,
        body: impl Into<Bytes>,
    ) -> Option<Answer> {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.telegram.base_url()))
            .header("content-type", content_type)
            .body(Full::new(body.into()))
            .expect("a request");
        let response = self.client.request(request).await.ok()?;
        let (head, body) = response.into_parts();
        let bytes = body.collect().await.ok()?.to_bytes();
        let retry_after =
            head.headers.get("retry-after").and_then(|value| value.to_str().ok()).map(Into::into);
        let body = serde_json::from_slice(&bytes).unwrap_or_else(|_| json!(String::from_utf8_lossy(&bytes)));
        Some(Answer { status: head.status.as_u16(), retry_after, body })
    }

    /// `None` when the connection was cut.
    pub async fn call(&self, method: &str, body: Value) -> Option<Answer> {
        let path = format!("/bot{TOKEN}/{method}");
        self.request(Method::POST, &path, "application/json", body.to_string()).await
    }

    /// The result of a call that must succeed.
    pub async fn ok(&self, method: &str, body: Value) -> Value {
        let answer = self.call(method, body).await.expect("an answer");
        assert_eq!((answer.status, &answer.body["ok"]), (200, &json!(true)), "{}", answer.body);
        answer.body["result"].clone()
    }

    /// The description of a call that must be refused; code and status agree.
    pub async fn refused(&self, method: &str, body: Value) -> String {
        let answer = self.call(method, body).await.expect("an answer");
        assert_eq!(answer.body["ok"], json!(false), "{}", answer.body);
        assert_eq!(answer.body["error_code"], json!(answer.status));
        answer.body["description"].as_str().expect("a description").to_owned()
    }

    /// `sendMessage` to Ann.
    pub async fn send(&self, mut body: Value) -> Value {
        body["chat_id"] = json!(self.ann.id());
        self.ok("sendMessage", body).await
    }

    /// A multipart call: fields, then files as name, file name, content.
    pub async fn upload(
        &self,
        method: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &str, &[u8])],
    ) -> Answer {
        let mut body = Vec::new();
        for (name, value) in fields {
            body.extend(
                format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes(),
            );
        }
        for (name, file, content) in files {
            let head = format!(
                "--b\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
            );
            body.extend(head.bytes());
            body.extend(*content);
            body.extend(b"\r\n");
        }
        body.extend(b"--b--\r\n");
        let path = format!("/bot{TOKEN}/{method}");
        self.request(Method::POST, &path, "multipart/form-data; boundary=b", body).await.expect("an answer")
    }
}

/// The head of a PNG of that size.
pub fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes
}
