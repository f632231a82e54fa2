//! A server that writes down what it is asked and answers as it was told.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use samovar_base::message::{Action, Button};
use samovar_base::{ChannelId, OutboundId};
use samovar_connectors::telegram::Telegram;
use samovar_connectors::{Channel, Drawn, Kind, Outgoing};
use secrecy::SecretString;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;

pub const TOKEN: &str = "123:Secret-Token_1";

/// What one request carried.
#[derive(Clone)]
pub struct Asked {
    pub path: String,
    pub body: String,
}

#[derive(Default)]
struct Script {
    answers: VecDeque<(u16, Option<&'static str>, Vec<u8>)>,
    asked: Vec<Asked>,
}

#[derive(Clone)]
pub struct Server {
    script: Arc<Mutex<Script>>,
    pub base: String,
}

impl Server {
    /// On a free port; it ends with the test's runtime.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let server = Self { script: Arc::default(), base };
        let app = Router::new().fallback(serve).with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        server
    }

    /// Once, in the order told; afterwards every answer is a sent message.
    pub fn answers(&self, status: u16, body: impl Into<Vec<u8>>) -> &Self {
        self.script.lock().expect("no panic").answers.push_back((status, None, body.into()));
        self
    }

    pub fn answers_after(&self, status: u16, retry_after: &'static str, body: &str) -> &Self {
        self.script.lock().expect("no panic").answers.push_back((status, Some(retry_after), body.into()));
        self
    }

    /// All requests since the last time.
    pub fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.script.lock().expect("no panic").asked)
    }

    /// All requests since the last time, a line for each, without the token.
    pub fn story(&self) -> String {
        let line = |asked: Asked| format!("{} {}", asked.path.replace(TOKEN, "…"), asked.body);
        self.asked().into_iter().map(line).collect::<Vec<_>>().join("\n")
    }

    pub fn channel(&self) -> Channel {
        channel(&self.base)
    }
}

async fn serve(State(server): State<Server>, uri: Uri, body: Bytes) -> Response {
    let mut script = server.script.lock().expect("no panic");
    script
        .asked
        .push(Asked { path: uri.path().to_owned(), body: String::from_utf8_lossy(&body).into_owned() });
    let sent = || {
        (
            200,
            None,
            br#"{"ok":true,"result":{"message_id":77,"date":1,"chat":{"id":42,"type":"private"}}}"#.to_vec(),
        )
    };
    let (status, retry_after, body) = script.answers.pop_front().unwrap_or_else(sent);
    let mut headers = HeaderMap::new();
    if let Some(seconds) = retry_after {
        headers.insert(header::RETRY_AFTER, seconds.parse().expect("a header"));
    }
    if status == 302 {
        headers.insert(header::LOCATION, "/elsewhere".parse().expect("a header"));
    }
    (StatusCode::from_u16(status).expect("a status"), headers, body).into_response()
}

pub fn channel(base: &str) -> Channel {
    Channel {
        id: ChannelId(1),
        kind: Kind::Telegram,
        token: SecretString::from(TOKEN),
        api_base: base.parse().expect("an address"),
        proxy: None,
        secret: None,
        locale: "ru".into(),
    }
}

pub fn telegram() -> Telegram {
    Telegram::new().expect("a client").with_patience(Duration::from_millis(400))
}

pub fn outgoing(drawn: Drawn) -> Outgoing {
    Outgoing { id: OutboundId(1), chat: "42".into(), drawn, upload: None }
}

pub fn text(text: &str) -> Outgoing {
    outgoing(Drawn { text: text.into(), ..Drawn::default() })
}

pub fn press(label: &str, token: &str) -> Button {
    Button { label: label.into(), action: Action::Press(token.into()) }
}
