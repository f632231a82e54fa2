//! The web console inside the program: files that never change under their names, and one page for every address.
//!
//! The page is served with a policy that lets nothing inline run but what carries the nonce of this very answer.

mod asset;
mod faces;
mod font;

use asset::Asset;
use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
pub use faces::routes as faces;
pub use font::font;
use samovar_base::Chance;
use std::sync::LazyLock;

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// What the page may do; `{}` is the nonce. Styles carry it because Mantine writes its variables into a style of its own.
const POLICY: &str = "default-src 'none'; script-src 'self' 'nonce-{}'; style-src 'self' 'nonce-{}'; style-src-attr 'none'; \
img-src 'self' blob:; frame-src 'self'; font-src 'self'; connect-src 'self'; media-src 'self' blob:; manifest-src 'self'; base-uri 'none'; \
form-action 'self'; frame-ancestors 'none'";
/// Where the built page says the nonce.
const NONCE: &str = "__NONCE__";
/// First parts of addresses that are never a page of the console: a mistake in them is told as a mistake.
const NOT_PAGES: &[&str] = &[
    "api", "assets", "chat", "faces", "health", "hooks", "media", "metrics", "mini", "p", "pages", "problems",
];

/// Says that the program was built without the console.
const WITHOUT: &str = include_str!("without.html");

/// Files of the console.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/assets/{*name}", get(immutable))
        .route("/logo.svg", get(async |headers: HeaderMap| public(&headers, "logo.svg")))
        .route("/net.svg", get(async |headers: HeaderMap| public(&headers, "net.svg")))
}

/// The page of the console for every address that nothing else serves: its own router takes it from there.
pub async fn page(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let first = uri.path().trim_start_matches('/').split('/').next().unwrap_or_default();
    let wanted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if method != Method::GET || NOT_PAGES.contains(&first) || !wanted.contains("text/html") {
        return StatusCode::NOT_FOUND.into_response();
    }
    let nonce = nonce();
    let body = match asset::find("console/index.html") {
        Some(page) => String::from_utf8_lossy(page.plain).replace(NONCE, &nonce),
        None => WITHOUT.to_owned(),
    };
    let policy = HeaderValue::from_str(&POLICY.replace("{}", &nonce));
    let mut response = (asset::bounds("text/html; charset=utf-8", "no-store"), body).into_response();
    if let Ok(policy) = policy {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
        .headers_mut()
        .insert(HeaderName::from_static("permissions-policy"), HeaderValue::from_static("camera=(self)"));
    response
}

/// Names carry the hash of the content: a file never changes under its name.
async fn immutable(Path(name): Path<String>, headers: HeaderMap) -> Response {
    match asset::find(&format!("console/assets/{name}")) {
        Some(found) => found.serve(&headers, "public, max-age=31536000, immutable"),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn public(headers: &HeaderMap, name: &str) -> Response {
    match asset::find(&format!("console/{name}")) {
        Some(found) => found.serve(headers, "public, max-age=3600"),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Nobody can guess it.
fn nonce() -> String {
    static CHANCE: LazyLock<Chance> = LazyLock::new(Chance::from_system);
    CHANCE.token()
}

#[cfg(test)]
mod tests;
