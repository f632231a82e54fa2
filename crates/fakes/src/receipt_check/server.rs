//! The HTTP face of both services.

use super::{Hub, kkt, proverkacheka};
use crate::listener::{self, Cut, Reply};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::{HeaderMap, Method, Request, Response, StatusCode, header};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// Longest question; pictures are not read.
const BODY_MAX: usize = 256 << 10;
/// More than any client should read.
const HUGE: usize = 6 << 20;

/// A question as it came.
pub(crate) struct Asking {
    pub headers: HeaderMap,
    pub body: Bytes,
}

pub(crate) async fn start(hub: &Arc<Hub>) -> std::io::Result<SocketAddr> {
    let answering = Arc::clone(hub);
    let answer = move |request| answer(Arc::clone(&answering), request);
    listener::start(hub.config.port, hub.stop.clone(), answer).await
}

async fn answer(hub: Arc<Hub>, request: Request<Incoming>) -> Result<Reply, Cut> {
    if hub.lock().down {
        return Err(Cut);
    }
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, BODY_MAX).collect().await else {
        return Ok(plain(413, "Request Entity Too Large"));
    };
    let asking = Asking { headers: head.headers, body: body.to_bytes() };
    let path = head.uri.path();
    if !matches!(path, proverkacheka::PATH | kkt::AUTH_PATH | kkt::KKT_PATH) {
        return Ok(plain(404, "Not Found"));
    }
    if head.method != Method::POST {
        return Ok(plain(405, "Method Not Allowed"));
    }
    wait(&hub).await;
    match path {
        proverkacheka::PATH => proverkacheka::answer(&hub, &asking).await,
        kkt::AUTH_PATH => kkt::session(&hub, &asking),
        _ => kkt::answer(&hub, &asking).await,
    }
}

async fn wait(hub: &Hub) {
    let (least, spread) = (hub.config.latency, hub.config.latency_spread);
    if least.is_zero() && spread.is_zero() {
        return;
    }
    let most = u64::try_from(spread.as_micros()).unwrap_or(u64::MAX);
    let more = hub.lock().dice.chance.below(most);
    tokio::time::sleep(least + Duration::from_micros(more)).await;
}

pub(crate) async fn hang(time: Duration) -> Cut {
    tokio::time::sleep(time).await;
    Cut
}

pub(crate) fn json(body: String) -> Reply {
    with_type(200, "application/json; charset=utf-8", body.into())
}

pub(crate) fn xml(code: u16, body: String) -> Reply {
    with_type(code, "text/xml; charset=utf-8", body.into())
}

pub(crate) fn plain(code: u16, body: &str) -> Reply {
    with_type(code, "text/html; charset=utf-8", format!("<html>{body}</html>").into())
}

pub(crate) fn too_many(seconds: u64) -> Reply {
    let mut reply = plain(429, "Too Many Requests");
    reply.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    reply
}

pub(crate) fn huge() -> Reply {
    with_type(200, "application/json; charset=utf-8", vec![b' '; HUGE].into())
}

/// The first half of an answer as if it were all of it.
pub(crate) fn half(reply: String) -> Bytes {
    let bytes = reply.into_bytes();
    let half = bytes.len() / 2;
    Bytes::from(bytes).slice(..half)
}

pub(crate) fn with_type(code: u16, content_type: &'static str, body: Bytes) -> Reply {
    let mut reply = Response::new(Full::new(body));
    *reply.status_mut() = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    reply.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(content_type));
    reply
}
