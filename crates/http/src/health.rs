//! Whether the program lives, whether it can work, and what it measured.

use crate::extract::Json;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;
use samovar_app::App;
use samovar_store::StoreError;
use serde::Serialize;
use std::time::Duration;

/// A database that does not answer within this is not reachable.
const STORE_WITHIN: Duration = Duration::from_secs(3);

/// The routes; `/metrics` is there when metrics are collected.
pub fn routes(metrics: Option<PrometheusHandle>) -> Router<App> {
    let routes = Router::new().route("/health/live", get(live)).route("/health/ready", get(ready));
    match metrics {
        Some(handle) => routes.route("/metrics", get(move || std::future::ready(measured(&handle)))),
        None => routes,
    }
}

#[derive(Serialize)]
struct Live {
    status: &'static str,
    version: &'static str,
}

/// The process answers; restarting it would not help.
async fn live() -> Json<Live> {
    Json(Live { status: "live", version: env!("CARGO_PKG_VERSION") })
}

#[derive(Serialize)]
struct Ready {
    status: &'static str,
    /// The database answers, and its tables are those of this program.
    store: bool,
    /// Parts of the conversations this node works on; none while others hold them all.
    leases: usize,
}

/// Whether traffic should come here. A node without leases is ready: it accepts for those who hold them.
async fn ready(State(app): State<App>) -> Response {
    let leases = tokio::time::timeout(STORE_WITHIN, own_leases(&app)).await;
    let (status, ready) = match leases {
        Ok(Ok(leases)) => (StatusCode::OK, Ready { status: "ready", store: true, leases }),
        _ => (StatusCode::SERVICE_UNAVAILABLE, Ready { status: "not ready", store: false, leases: 0 }),
    };
    (status, Json(ready)).into_response()
}

async fn own_leases(app: &App) -> Result<usize, StoreError> {
    app.store.leases("node/").await?;
    Ok(app.pipeline.ownership.held().len())
}

fn measured(handle: &PrometheusHandle) -> Response {
    let text = handle.render();
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}
