//! The HTTP face: hooks, REST API, web chat, health and metrics.
//!
//! A handler takes its input apart by [`extract`], asks a verb of `samovar_app`, and gives out its answer; it decides
//! nothing. Rights are checked by the verbs, problems get their words in [`watch`], and the description of the API is
//! collected from the handlers themselves ([`openapi`]).

pub mod api;
pub mod auth;
pub mod chat;
pub mod error;
pub mod extract;
pub mod health;
pub mod hooks;
pub mod idempotency;
pub mod limit;
pub mod mini;
pub mod openapi;
pub mod page;
pub mod public;
pub mod watch;

use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, any};
use axum::{Extension, Router};
use futures::future::BoxFuture;
use limit::BehindProxy;
use metrics_exporter_prometheus::PrometheusHandle;
use samovar_app::App;
use samovar_app::users::{Letter, SignUpPolicy};
use std::sync::Arc;
use std::time::Duration;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;
use url::Url;

/// Largest body of a request that carries no file.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;
/// Largest body of a request that carries a file.
pub const FILE_BYTES_MAX: usize = 25 * 1024 * 1024;
/// How long a handler may take until its answer begins; reading the body is part of it.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

/// The program's address outside, for handlers.
#[derive(Debug, Clone)]
pub(crate) struct PublicUrl(pub Option<Url>);

/// Sends a letter; what cannot be sent goes to the log.
pub type Post = Arc<dyn Fn(Letter) -> BoxFuture<'static, ()> + Send + Sync>;

/// How people come in.
#[derive(Clone, Default)]
pub struct EntryOptions {
    /// Who may make a company.
    pub sign_up: SignUpPolicy,
    /// Sends letters; without it nobody can reset a password by one.
    pub post: Option<Post>,
}

/// What the face needs beside the services.
#[derive(Default)]
pub struct HttpOptions {
    /// Where this program is reached from outside; messengers that call us are told it.
    pub public_url: Option<Url>,
    /// Where the metrics are collected; without it there is no `/metrics`.
    pub metrics: Option<PrometheusHandle>,
    /// A proxy of ours stands before the program: the visitor's address is the last one in `X-Forwarded-For`.
    pub behind_proxy: bool,
    /// How people come in.
    pub entry: EntryOptions,
    /// Pages of the program itself (chat, demo), served inside the same bounds.
    pub pages: Router<App>,
    /// Rules of a style sheet that bring the letters of the pages for strangers; without them they are the visitor's own.
    pub font: String,
    /// What answers where nothing else does: the console. Without it, not found.
    pub elsewhere: Option<MethodRouter<App>>,
}

/// Everything that is served. To limit visitors by their address, serve it with
/// `into_make_service_with_connect_info::<SocketAddr>()`.
pub fn router(app: App, options: HttpOptions) -> Router {
    let api = openapi::router().layer(from_fn_with_state(app.clone(), idempotency::once));
    let bounded = Router::new()
        .merge(api)
        .merge(chat::routes(app.clone()))
        .merge(mini::routes(app.clone()))
        .merge(public::routes(app.clone(), &options.font))
        .merge(health::routes(options.metrics))
        .merge(options.pages)
        .fallback(options.elsewhere.unwrap_or_else(|| any(async || StatusCode::NOT_FOUND)))
        .layer(Extension(PublicUrl(options.public_url)))
        .layer(Extension(options.entry))
        .layer(Extension(BehindProxy(options.behind_proxy)))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(CatchPanicLayer::custom(watch::panicked))
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, ANSWER_WITHIN))
        .layer(from_fn_with_state(app.clone(), watch::watch));
    // Messengers' deliveries come in thousands a second and are read by programs: they pass by the layers.
    hooks::routes().merge(bounded).with_state(app)
}
