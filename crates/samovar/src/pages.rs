//! The pages of the demo.

use axum::Router;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::IntoResponse;
use axum::routing::get;
use samovar_app::App;

/// Nothing is loaded from elsewhere, nothing runs inline. The Mini App stands in a frame.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

macro_rules! page {
    ($name:literal, $media_type:literal) => {
        get(|| async { served(include_str!(concat!("../pages/", $name)), $media_type) })
    };
}

/// The page on which the reader of the demo is a customer, and what the others load.
pub fn demo() -> Router<App> {
    Router::new()
        .route("/demo", page!("demo.html", "text/html; charset=utf-8"))
        .route("/pages/demo.js", page!("demo.js", "text/javascript; charset=utf-8"))
        .route("/pages/demo.css", page!("demo.css", "text/css; charset=utf-8"))
        .route("/pages/shop.css", page!("shop.css", "text/css; charset=utf-8"))
        .route("/pages/logo.svg", page!("logo.svg", "image/svg+xml"))
        .route("/pages/talk.js", page!("talk.js", "text/javascript; charset=utf-8"))
        .route("/pages/talk.css", page!("talk.css", "text/css; charset=utf-8"))
}

/// An answer with a page of the demo, or a part of one.
pub fn served(body: impl IntoResponse, media_type: &'static str) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (HeaderName::from_static("x-content-type-options"), HeaderValue::from_static("nosniff")),
    ];
    (headers, body)
}
