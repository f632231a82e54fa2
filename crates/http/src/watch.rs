//! The outermost layer: gives each request an id, writes problem documents in the reader's language, sets the
//! headers every answer has, and leaves one line in the log and one observation in the metrics.
//!
//! The line holds method, route template, status, milliseconds and id; never an address with its query, a header
//! or a body.

use crate::error::{Error, bare};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use samovar_app::App;
use samovar_base::id::encode;
use std::any::Any;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

/// Who reads the answer: known in part before, in part only when the request is signed.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    asked: Option<&'static str>,
    signed: Arc<OnceLock<String>>,
}

impl Reader {
    /// From the request's `Accept-Language`: the first of the two languages we speak.
    pub fn of(headers: &HeaderMap) -> Self {
        let asked =
            headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).and_then(preferred);
        Self { asked, signed: Arc::default() }
    }
    /// The language of the one who signed the request; holds when the request itself asks for none.
    pub fn signed_by(&self, locale: &str) {
        let _ = self.signed.set(locale.to_owned());
    }
    /// The language of the answer.
    pub fn locale(&self) -> &str {
        self.asked.or_else(|| self.signed.get().map(String::as_str)).unwrap_or("ru")
    }
}

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The layer.
pub async fn watch(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id = request_id(&app, request.headers());
    let reader = Reader::of(request.headers());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    request.extensions_mut().insert(reader.clone());

    let mut response = spoken(next.run(request).await, &reader, &id);
    add_headers(response.headers_mut(), &id);

    let route = route.as_ref().map_or("unknown", MatchedPath::as_str);
    let (status, took) = (response.status().as_u16(), began.elapsed());
    metrics::counter!("samovar_http_requests_total", "method" => method.to_string(), "route" => route.to_owned(), "status" => status.to_string())
        .increment(1);
    metrics::histogram!("samovar_http_request_seconds", "route" => route.to_owned()).record(took);
    tracing::info!(target: "samovar_http::request", %method, route, status, ms = %took.as_millis(), request_id = %id, "request");
    response
}

/// What a handler's panic is answered with.
pub fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let what = panic.downcast_ref::<&str>().map(ToString::to_string);
    let what = what.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    tracing::error!(what, "a handler panicked");
    let status = axum::http::StatusCode::INTERNAL_SERVER_ERROR;
    axum::response::IntoResponse::into_response(Error::with_status(status, bare(status)))
}

/// Turns what says no into a problem document, unless it is one already, or a page for people.
fn spoken(mut response: Response, reader: &Reader, id: &str) -> Response {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let error = match response.extensions_mut().remove::<Error>() {
        Some(error) => error,
        None if is_written(response.headers()) => return response,
        None => Error::with_status(status, bare(status)),
    };
    let mut written = error.written(reader.locale(), id);
    // Without the latter two a page of another site cannot read why it was refused.
    for kept in [header::ALLOW, header::ACCESS_CONTROL_ALLOW_ORIGIN, header::VARY] {
        if let Some(value) = response.headers_mut().remove(&kept) {
            written.headers_mut().insert(kept, value);
        }
    }
    written
}

fn is_written(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    kind == b"application/problem+json" || kind.starts_with(b"text/html")
}

fn add_headers(headers: &mut HeaderMap, id: &str) {
    // A page that states its own policy says there who may frame it.
    let has_policy = headers.contains_key(header::CONTENT_SECURITY_POLICY);
    if !has_policy {
        headers.entry(header::X_FRAME_OPTIONS).or_insert(HeaderValue::from_static("DENY"));
    }
    let common = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    ];
    for (name, value) in common {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID.clone(), id);
    }
}

/// The caller's id of the request, when it is one that does no harm in a log; else a fresh one.
fn request_id(app: &App, headers: &HeaderMap) -> String {
    let given = headers.get(&REQUEST_ID).and_then(|value| value.to_str().ok());
    given.filter(|text| is_harmless(text)).map_or_else(|| encode(app.ids.next(&*app.clock)), str::to_owned)
}

fn is_harmless(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// The first of `ru` and `en` by weight in an `Accept-Language` header.
fn preferred(header: &str) -> Option<&'static str> {
    let mut best: Option<(&'static str, f32)> = None;
    for entry in header.split(',').take(32) {
        let (tag, rest) = entry.split_once(';').unwrap_or((entry, ""));
        let weight =
            rest.trim().strip_prefix("q=").map_or(Some(1.0), |text| text.parse().ok()).unwrap_or(0.0);
        let language = match tag.trim().get(..2).map(str::to_ascii_lowercase).as_deref() {
            Some("ru") => "ru",
            Some("en") => "en",
            _ => continue,
        };
        if weight > best.map_or(0.0, |(_, weight)| weight) {
            best = Some((language, weight));
        }
    }
    best.map(|(language, _)| language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readers_language_is_the_heaviest_of_those_we_speak() {
        assert_eq!(preferred("ru-RU,ru;q=0.9,en;q=0.8"), Some("ru"));
        assert_eq!(preferred("de, en;q=0.7, ru;q=0.3"), Some("en"));
        assert_eq!(preferred("en;q=0, ru;q=0.1"), Some("ru"));
        assert_eq!(preferred("de"), None);
        assert_eq!(preferred(""), None);
        assert_eq!(preferred("en;q=x"), None);
    }

    #[test]
    fn a_reader_who_asks_for_no_language_is_answered_in_the_signers() {
        let reader = Reader::default();
        assert_eq!(reader.locale(), "ru");
        reader.signed_by("en");
        assert_eq!(reader.locale(), "en");
    }

    #[test]
    fn a_callers_id_must_be_harmless_in_a_log() {
        assert!(is_harmless("7f3a-91_b"));
        assert!(
            !is_harmless("") && !is_harmless("a b") && !is_harmless("a\nb") && !is_harmless(&"a".repeat(65))
        );
    }
}
