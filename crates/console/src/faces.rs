//! What customers see in a browser: the widget, the chat's own page, the Mini App.

use crate::{WITHOUT, asset};
use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

/// Any site may show the chat in a frame of its own: the page holds no rights of the site's visitor.
const CHAT: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; \
base-uri 'none'; form-action 'none'; frame-ancestors *";
/// Telegram shows Mini Apps in windows of its own; in a browser, in frames of its web client.
const MINI: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; \
base-uri 'none'; form-action 'none'; frame-ancestors 'self' https://web.telegram.org https://*.telegram.org";

/// The routes.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/widget.js", get(widget))
        .route("/faces/{*name}", get(immutable))
        .route("/chat/{channel}", get(async || page("faces/widget/page.html", CHAT)))
        .route("/mini/{channel}", get(async || page("faces/mini/index.html", MINI)))
}

/// Sites name it by an address that never changes, so it is asked for anew before long.
async fn widget(headers: HeaderMap) -> Response {
    let Some(found) = asset::find("widget/widget.js") else { return StatusCode::NOT_FOUND.into_response() };
    let mut response = found.serve(&headers, "public, max-age=600");
    let anywhere = HeaderValue::from_static("cross-origin");
    response.headers_mut().insert(HeaderName::from_static("cross-origin-resource-policy"), anywhere);
    response
}

async fn immutable(Path(name): Path<String>, headers: HeaderMap) -> Response {
    match asset::find(&format!("faces/{name}")).filter(|_| name.starts_with("assets/")) {
        Some(found) => found.serve(&headers, "public, max-age=31536000, immutable"),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn page(name: &str, policy: &'static str) -> Response {
    let body = asset::find(name).map_or(WITHOUT.as_bytes(), |page| page.plain);
    let mut response = (asset::bounds("text/html; charset=utf-8", "no-cache"), body).into_response();
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
