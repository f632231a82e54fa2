//! The face of a program with one small company, and words to ask it.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use futures::FutureExt;
use http_body_util::BodyExt;
use samovar_app::App;
use samovar_app::app::Parts;
use samovar_app::directory::ChannelInfo;
use samovar_app::setup::{self, CompanyFile};
use samovar_app::users::Letter;
use samovar_base::{Chance, Clock, ManualClock, Vault};
use samovar_connectors::beacon::Beacon;
use samovar_connectors::telegram::Telegram;
use samovar_connectors::webchat::{Hub, Webchat};
use samovar_http::{EntryOptions, HttpOptions, Post, router};
use samovar_store::{Store, StoreOptions};
use serde_json::Value;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio_postgres::NoTls;
use tower::ServiceExt;

/// May do everything.
pub const KEY: &str = "sv_everything000000000000000000000";
/// May only look at channels.
pub const READER: &str = "sv_reader0000000000000000000000000";

const COMPANY: &str = r#"
[company]
key = "coffee"
name = "Кофейня"
zone = "Europe/Moscow"
locale = "ru"
policy_url = "https://coffee.example/policy"

[owner]
email = "anna@coffee.example"
name = "Анна"

[[api_keys]]
name = "all"
scopes = ["*"]
secret = { value = "sv_everything000000000000000000000" }

[[api_keys]]
name = "reader"
scopes = ["channels_read"]
secret = { value = "sv_reader0000000000000000000000000" }

[[consents]]
purpose = "loyalty"
text = "Я соглашаюсь на участие в программе и обработку данных."

[[scenarios]]
file = "ru.toml"

[[channels]]
key = "site"
messenger = "webchat"
name = "Сайт"
scenarios = ["coffee-loyalty"]

[[channels]]
key = "bot"
messenger = "telegram"
name = "Бот"
token = { value = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw" }
api_base = "http://127.0.0.1:9"
receive = "webhook"
scenarios = ["coffee-loyalty"]
"#;

/// The face, with services behind it.
pub struct Face {
    pub app: App,
    pub clock: Arc<ManualClock>,
    /// Letters that were sent.
    pub letters: Arc<Mutex<Vec<Letter>>>,
    router: Router,
}

/// What was answered.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
    pub text: String,
}

/// What is asked.
pub struct Ask<'a> {
    face: &'a Face,
    request: axum::http::request::Builder,
    body: Body,
}

impl Face {
    pub async fn open(url: &str) -> Self {
        let clock = Arc::new(ManualClock::at_rfc3339("2026-11-21T10:00:00Z"));
        let hub = Hub::new(100);
        let app = App::open(Parts {
            store: Store::open(StoreOptions::new(url)).await.expect("the store opens"),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            chance: Arc::new(Chance::from_seed(7)),
            vault: Arc::new(Vault::new([7; 32])),
            messengers: vec![
                Arc::new(Telegram::new().expect("a client")),
                Arc::new(Webchat::new(Arc::clone(&hub))),
            ],
            beacon: Beacon::new(Vec::new()),
            hub,
        });
        let app = app.await.expect("the app opens");
        let file = CompanyFile::parse(COMPANY).expect("a company file");
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/coffee-loyalty");
        setup::apply(&app, &file, &folder).await.expect("the company is set up");
        let letters = Arc::<Mutex<Vec<Letter>>>::default();
        let sent = Arc::clone(&letters);
        let post: Post = Arc::new(move |letter| {
            sent.lock().expect("no panic").push(letter);
            std::future::ready(()).boxed()
        });
        let entry = EntryOptions { post: Some(post), ..EntryOptions::default() };
        let router = router(app.clone(), HttpOptions { entry, ..HttpOptions::default() });
        Self { app, clock, letters, router }
    }

    pub async fn close(self) {
        self.app.shut_down(Duration::from_secs(5)).await;
    }

    /// Without a key.
    pub fn ask(&self, method: &str, path: &str) -> Ask<'_> {
        Ask { face: self, request: Request::builder().method(method).uri(path), body: Body::empty() }
    }

    /// Of the API, with the key that may do everything.
    pub fn api(&self, method: &str, path: &str) -> Ask<'_> {
        self.ask(method, &format!("/api/v1{path}")).key(KEY)
    }

    pub fn channel(&self, key: &str) -> Arc<ChannelInfo> {
        self.app.directory.channels().into_iter().find(|channel| channel.key == key).expect("the channel")
    }

    pub async fn send(&self, request: Request<Body>) -> axum::response::Response {
        self.router.clone().oneshot(request).await.expect("a router never fails")
    }
}

impl<'a> Ask<'a> {
    pub fn key(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }
    pub fn json(self, body: &Value) -> Self {
        self.text("application/json", &body.to_string())
    }
    pub fn text(mut self, media_type: &str, body: &str) -> Self {
        self.body = Body::from(body.to_owned());
        self.header("content-type", media_type)
    }
    pub fn bytes(mut self, media_type: &str, body: Vec<u8>) -> Self {
        self.body = Body::from(body);
        self.header("content-type", media_type)
    }
    pub async fn answer(self) -> Answer {
        let response = self.face.send(self.request.body(self.body).expect("a request")).await;
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
            bytes: bytes.into(),
        }
    }
    /// The answer's JSON; its status must be this.
    pub async fn expect(self, status: u16) -> Value {
        let answer = self.answer().await;
        assert_eq!(answer.status, status, "{}", answer.text);
        answer.json()
    }
    /// Status and code of a refusal, which must be a whole problem document.
    pub async fn refusal(self) -> (u16, String) {
        let answer = self.answer().await;
        let status = answer.status.as_u16();
        assert!(
            answer.status.is_client_error() || answer.status.is_server_error(),
            "{status} {}",
            answer.text
        );
        assert_eq!(answer.header("content-type"), "application/problem+json", "{status} {}", answer.text);
        let problem = answer.json();
        for field in ["type", "title", "detail", "code"] {
            assert!(problem[field].as_str().is_some_and(|text| !text.is_empty()), "{field} in {problem}");
        }
        assert_eq!(problem["status"], status);
        (status, problem["code"].as_str().unwrap_or_default().to_owned())
    }
}

impl Answer {
    pub fn json(&self) -> Value {
        if self.text.is_empty() { Value::Null } else { serde_json::from_str(&self.text).expect(&self.text) }
    }
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().expect("letters")).unwrap_or_default()
    }
}

/// Declares a test for both databases.
macro_rules! on_both {
    ($($(#[$about:meta])* async fn $name:ident($face:ident) $body:block)+) => {$(
        $(#[$about])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn test(url: String) {
                let $face = crate::face::Face::open(&url).await;
                $body
                $face.close().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                test("sqlite::memory:".to_owned()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                crate::face::on_postgres(test).await;
            }
        }
    )+};
}
pub(crate) use on_both;

/// Runs a test with a database of its own, dropped when the test has ended, however it ended.
pub async fn on_postgres<Fut: Future<Output = ()> + Send + 'static>(test: impl Fn(String) -> Fut) {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let server = std::env::var("SAMOVAR_TEST_POSTGRES").expect(
        "SAMOVAR_TEST_POSTGRES must hold the address of a PostgreSQL server on which databases may be made; \
         `cargo xtask test` starts one and sets it, `cargo xtask pg` starts one and prints it",
    );
    let name = format!("http_test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    command(&server, &format!("CREATE DATABASE {name}")).await;
    let (address, _) = server.rsplit_once('/').expect("an address with a database");
    let ended = tokio::spawn(test(format!("{address}/{name}"))).await;
    command(&server, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
    if let Err(error) = ended {
        std::panic::resume_unwind(error.into_panic());
    }
}

async fn command(url: &str, sql: &str) {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("the test server answers");
    let served = tokio::spawn(connection);
    client.batch_execute(sql).await.expect(sql);
    drop(client);
    served.await.expect("served").expect("ended well");
}
