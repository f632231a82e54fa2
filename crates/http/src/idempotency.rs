//! `Idempotency-Key`: a changing request that is repeated is answered again and not done again.
//!
//! The layer [`once`] does it for every POST that carries the header. A handler that must have a key (because the
//! key becomes the id of a ledger operation) takes [`IdempotencyKey`].

use crate::FILE_BYTES_MAX;
use crate::auth::Signed;
use crate::error::Error;
use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::{FromRequestParts, OptionalFromRequestParts, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::stream::{self, Stream, StreamExt};
use http_body_util::BodyExt;
use samovar_app::App;
use samovar_app::idempotency::{self, Claim, Claimed};
use samovar_app::problem::{Kind, Problem};
use samovar_base::hex;
use sha2::{Digest, Sha256};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, ready};

static HEADER: HeaderName = HeaderName::from_static("idempotency-key");
static REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// Largest answer that is kept; the API has no larger one to a POST.
const ANSWER_BYTES_MAX: usize = 256 * 1024;

/// The key of a request that must have one: 1 to 128 visible ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(pub String);

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        read(&parts.headers)?.ok_or_else(missing)
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for IdempotencyKey {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Error> {
        read(&parts.headers)
    }
}

/// The layer. Requests without the header, and those that change nothing, pass.
pub async fn once(State(app): State<App>, request: Request, next: Next) -> Response {
    // Whoever is only coming in has no company yet whose keys these could be.
    let coming_in = request.uri().path().starts_with("/api/v1/entry/");
    if request.method() != Method::POST || coming_in || !request.headers().contains_key(&HEADER) {
        return next.run(request).await;
    }
    match keyed(&app, request, next).await {
        Ok(response) => response,
        Err(error) => error.into_response(),
    }
}

async fn keyed(app: &App, request: Request, next: Next) -> Result<Response, Error> {
    let IdempotencyKey(key) = read(request.headers())?.ok_or_else(missing)?;
    let (mut parts, content) = request.into_parts();
    let Signed(actor) = Signed::from_request_parts(&mut parts, app).await?;
    let head = head(&actor.who.to_string(), &parts);
    let received = Received::new(content, head.clone());
    match idempotency::claim(app, actor.tenant, &key, &printed(head)).await? {
        Claimed::Answered { request, status, body } => {
            if received.hash().await == request {
                Ok(replay(status, body))
            } else {
                Err(idempotency::reused().into())
            }
        }
        Claimed::Fresh(claim) => {
            let request = Request::from_parts(parts, received.body());
            // In a task of its own: it comes to its end even when the caller hangs up, which is what keys are for.
            let done = tokio::spawn(run(app.clone(), claim, received, request, next)).await;
            Ok(done.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response()))
        }
    }
}

async fn run(app: App, claim: Claim, received: Received, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let kept = if response.status().is_success() {
        keep(&app, &claim, received, response).await
    } else {
        free(&app, &claim, response).await
    };
    kept.unwrap_or_else(IntoResponse::into_response)
}

async fn keep(app: &App, claim: &Claim, received: Received, response: Response) -> Result<Response, Error> {
    let (parts, content) = response.into_parts();
    let content = match content.collect().await {
        Ok(content) => content.to_bytes(),
        Err(_) => return Ok(StatusCode::INTERNAL_SERVER_ERROR.into_response()),
    };
    let fits = content.len() <= ANSWER_BYTES_MAX;
    let (request, status) = (received.hash().await, parts.status.as_u16());
    if fits && let Err(error) = idempotency::finish(app, claim, &request, status, &content).await {
        // The change is made; the caller must hear so. The claim runs out by itself.
        tracing::warn!(%error, "an answer could not be kept for its idempotency key");
    }
    Ok(Response::from_parts(parts, Body::from(content)))
}

/// A refusal changed nothing; of a failure of ours the outcome is open, and the claim stays until it runs out.
async fn free(app: &App, claim: &Claim, response: Response) -> Result<Response, Error> {
    if response.status().is_client_error() || response.status() == StatusCode::SERVICE_UNAVAILABLE {
        idempotency::release(app, claim).await?;
    }
    Ok(response)
}

fn replay(status: u16, body: Vec<u8>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(REPLAYED.clone(), HeaderValue::from_static("true"));
    response
}

fn read(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, Error> {
    let mut given = headers.get_all(&HEADER).iter();
    let Some(first) = given.next() else { return Ok(None) };
    let text = first.as_bytes();
    let fits =
        (1..=128).contains(&text.len()) && text.iter().all(u8::is_ascii_graphic) && given.next().is_none();
    if !fits {
        return Err(malformed());
    }
    Ok(Some(IdempotencyKey(text.iter().map(|byte| char::from(*byte)).collect())))
}

/// A body on its way to the handler, as large as the handler allows. What passes is hashed and not kept.
#[derive(Clone)]
struct Received(Arc<Mutex<Passing>>);

struct Passing {
    rest: BodyDataStream,
    hash: Sha256,
    bytes: usize,
}

impl Received {
    /// `head`: the hash of what came before the body.
    fn new(body: Body, head: Sha256) -> Self {
        Self(Arc::new(Mutex::new(Passing { rest: body.into_data_stream(), hash: head, bytes: 0 })))
    }

    fn body(&self) -> Body {
        Body::from_stream(self.clone().pieces())
    }

    fn pieces(self) -> impl Stream<Item = Result<Bytes, axum::Error>> + Send + 'static {
        stream::poll_fn(move |cx| {
            let mut passing = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let piece = ready!(passing.rest.poll_next_unpin(cx));
            if let Some(Ok(bytes)) = &piece {
                passing.hash.update(bytes);
                passing.bytes += bytes.len();
            }
            Poll::Ready(piece)
        })
    }

    /// Of the whole request. What the handler had no use for is read now; nothing that is taken is longer than
    /// [`FILE_BYTES_MAX`].
    async fn hash(self) -> String {
        let passed = |one: &Self| one.0.lock().unwrap_or_else(PoisonError::into_inner).bytes;
        let mut pieces = std::pin::pin!(self.clone().pieces());
        while passed(&self) <= FILE_BYTES_MAX && pieces.next().await.is_some_and(|piece| piece.is_ok()) {}
        let passing = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        printed(passing.hash.clone())
    }
}

/// Who asks belongs to it: one key's answer is not given to another.
fn head(who: &str, parts: &Parts) -> Sha256 {
    let mut hash = Sha256::new();
    for part in [who, parts.method.as_str(), parts.uri.path(), parts.uri.query().unwrap_or_default()] {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    hash
}

fn printed(hash: Sha256) -> String {
    hex::encode(&hash.finalize())
}

fn missing() -> Error {
    Error::with_status(
        StatusCode::BAD_REQUEST,
        Problem::new(
            Kind::Invalid,
            "idempotency_key_required",
            "Этот запрос нужно посылать с заголовком Idempotency-Key",
            "This request must be sent with the header Idempotency-Key",
        ),
    )
}

fn malformed() -> Error {
    Error::with_status(
        StatusCode::BAD_REQUEST,
        Problem::new(
            Kind::Invalid,
            "bad_idempotency_key",
            "Idempotency-Key — один заголовок от 1 до 128 видимых символов ASCII",
            "Idempotency-Key is one header of 1 to 128 visible ASCII characters",
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(keys: &[&str]) -> HeaderMap {
        keys.iter().map(|key| (HEADER.clone(), HeaderValue::from_str(key).unwrap())).collect()
    }

    #[test]
    fn a_key_is_one_short_visible_word() {
        assert_eq!(read(&HeaderMap::new()).unwrap(), None);
        assert_eq!(read(&headers(&["a-1"])).unwrap(), Some(IdempotencyKey("a-1".into())));
        for bad in [&["a b"][..], &[""], &["a", "a"], &[&"k".repeat(129)]] {
            assert!(read(&headers(bad)).is_err(), "{bad:?}");
        }
    }

    #[tokio::test]
    async fn a_request_is_told_by_who_asks_what_where() {
        let parts = |address: &str| Request::post(address).body(()).unwrap().into_parts().0;
        let hash = async |who: &str, address: &str, body: &'static str| {
            Received::new(Body::from(body), head(who, &parts(address))).hash().await
        };
        let first = hash("key_1", "/a?b=c", "{}").await;
        assert_eq!(first, hash("key_1", "/a?b=c", "{}").await);
        for (who, address, body) in
            [("key_2", "/a?b=c", "{}"), ("key_1", "/a", "{}"), ("key_1", "/a?b=c", "{ }")]
        {
            assert_ne!(first, hash(who, address, body).await);
        }
    }

    #[tokio::test]
    async fn what_the_handler_reads_and_what_it_leaves_counts_alike() {
        let parts = Request::post("/a").body(()).unwrap().into_parts().0;
        let pieces = || {
            let pieces = ["one", "two", "three"].map(|piece| Ok::<_, axum::Error>(Bytes::from(piece)));
            Received::new(Body::from_stream(stream::iter(pieces)), head("key_1", &parts))
        };
        let (read, half, unread) = (pieces(), pieces(), pieces());
        assert_eq!(read.body().collect().await.unwrap().to_bytes(), "onetwothree");
        let mut begun = half.body().into_data_stream();
        assert_eq!(begun.next().await.unwrap().unwrap(), "one");
        let whole = read.hash().await;
        assert_eq!((half.hash().await, unread.hash().await), (whole.clone(), whole));
    }
}
