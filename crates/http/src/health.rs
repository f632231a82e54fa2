//! Whether the program lives, whether it can work, and what it measured.
#![allow(missing_docs)]
pub fn routes(_: Option<metrics_exporter_prometheus::PrometheusHandle>) -> axum::Router<samovar_app::App> {
    axum::Router::new()
}
