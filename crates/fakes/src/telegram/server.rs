//! The HTTP face: `/bot<token>/<method>`, `/file/bot<token>/<path>` and `/control/…`.

use super::faults::Fate;
use super::params::Params;
use super::refusal::Refusal;
use super::{Hub, control, methods, rules, updates};
use crate::listener::{self, Cut, Reply};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::{Request, Response, StatusCode, header};
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::Arc;

/// Longest body: the largest upload with what is around it.
const MAX_BODY: usize = super::files::MAX_UPLOAD + (1 << 20);

/// Listens on 127.0.0.1 until the hub is stopped.
pub(crate) async fn start(hub: &Arc<Hub>) -> std::io::Result<SocketAddr> {
    let answering = Arc::clone(hub);
    let answer = move |request| answer(Arc::clone(&answering), request);
    listener::start(hub.config.port, hub.stop.clone(), answer).await
}

async fn answer(hub: Arc<Hub>, request: Request<Incoming>) -> Result<Reply, Cut> {
    let path = decoded(request.uri().path());
    let path = path.as_str();
    if path == "/control" || path.starts_with("/control/") {
        return Ok(control::answer(&hub, request).await);
    }
    if let Some(rest) = path.strip_prefix("/file/bot") {
        return Ok(file(&hub, rest));
    }
    let Some(rest) = path.strip_prefix("/bot") else { return Ok(refuse(&Refusal::new(404, "Not Found"))) };
    let Some((token, name)) = rest.split_once('/') else {
        return Ok(refuse(&Refusal::new(404, "Not Found")));
    };
    let name = name.strip_prefix("test/").unwrap_or(name).trim_start_matches('/').to_owned();
    let bot = match bot_of(&hub, token) {
        Ok(bot) => bot,
        Err(refusal) => return Ok(refuse(&refusal)),
    };
    match read(request).await {
        Ok(params) => call(&hub, bot, &name, &params).await,
        Err(refusal) => Ok(refuse(&refusal)),
    }
}

/// With `%3A` and the like written out; clients may encode the colon of a token.
fn decoded(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((byte, tail)) = rest.split_first() {
        let hexadecimal = tail.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        let code = hexadecimal.filter(|_| *byte == b'%').and_then(|two| u8::from_str_radix(two, 16).ok());
        bytes.push(code.unwrap_or(*byte));
        rest = if code.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Form of the token first, then whether it is known.
fn bot_of(hub: &Hub, token: &str) -> Result<usize, Refusal> {
    let well_formed = token.split_once(':').is_some_and(|(number, secret)| {
        !secret.is_empty() && token.len() <= 80 && number.parse::<u64>().is_ok_and(|number| number > 0)
    });
    if !well_formed {
        return Err(Refusal::new(404, "Not Found"));
    }
    let state = hub.lock();
    let known = state.by_token.get(token).copied().filter(|bot| !state.bots[*bot].revoked);
    known.ok_or_else(|| Refusal::new(401, "Unauthorized"))
}

pub(crate) async fn read_body(body: Incoming) -> Result<Bytes, Refusal> {
    let read = Limited::new(body, MAX_BODY).collect().await;
    read.map(http_body_util::Collected::to_bytes).map_err(|error| match error.is::<LengthLimitError>() {
        true => Refusal::new(413, "Request Entity Too Large"),
        false => Refusal::bad_request("the body ended early"),
    })
}

async fn read(request: Request<Incoming>) -> Result<Params, Refusal> {
    let (head, body) = request.into_parts();
    let content_type =
        head.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Params::read(head.uri.query(), content_type, read_body(body).await?).await
}

async fn call(hub: &Arc<Hub>, bot: usize, name: &str, params: &Params) -> Result<Reply, Cut> {
    if name.eq_ignore_ascii_case("getUpdates") {
        let checked = rules::find(name).map_or(Ok(()), |method| method.check(params));
        return Ok(match checked {
            Ok(()) => updates::poll(hub, bot, params)
                .await
                .map_or_else(|refusal| refuse(&refusal), |body| json(200, body)),
            Err(refusal) => refuse(&refusal),
        });
    }
    let fate = if methods::changes(name) { hub.lock().dice.fate() } else { Fate::Answered };
    match fate {
        Fate::Answered => Ok(done(hub, bot, name, params)),
        Fate::Refused(refusal) => Ok(refuse(&refusal)),
        Fate::AnswerLost => {
            done(hub, bot, name, params);
            Err(Cut)
        }
        Fate::Hanging { done: is_done, after } => {
            if is_done {
                done(hub, bot, name, params);
            }
            tokio::time::sleep(after).await;
            Err(Cut)
        }
    }
}

fn done(hub: &Arc<Hub>, bot: usize, name: &str, params: &Params) -> Reply {
    match methods::call(hub, bot, name, params) {
        Ok(result) => {
            let mut body = Vec::with_capacity(512);
            body.extend_from_slice(br#"{"ok":true,"result":"#);
            // Writing JSON of a `Value` into memory cannot fail.
            let _ = serde_json::to_writer(&mut body, &result);
            body.push(b'}');
            json(200, body.into())
        }
        Err(refusal) => refuse(&refusal),
    }
}

fn file(hub: &Hub, rest: &str) -> Reply {
    let Some((token, path)) = rest.split_once('/') else { return refuse(&Refusal::new(404, "Not Found")) };
    match bot_of(hub, token) {
        Err(refusal) => refuse(&refusal),
        Ok(_) => match hub.lock().files.by_path(path) {
            Some(blob) => with_type(200, "application/octet-stream", blob.bytes.clone()),
            None => refuse(&Refusal::new(404, "Not Found")),
        },
    }
}

pub(crate) fn refuse(refusal: &Refusal) -> Reply {
    let mut reply = json(refusal.code, refusal.body().to_string().into());
    if let Some(seconds) = refusal.retry_after {
        reply.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    reply
}

pub(crate) fn value(code: u16, value: &Value) -> Reply {
    json(code, value.to_string().into())
}

fn json(code: u16, body: Bytes) -> Reply {
    with_type(code, "application/json", body)
}

pub(crate) fn with_type(code: u16, content_type: &str, body: Bytes) -> Reply {
    let mut reply = Response::new(Full::new(body));
    *reply.status_mut() = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let content_type = header::HeaderValue::from_str(content_type);
    reply.headers_mut().insert(
        header::CONTENT_TYPE,
        content_type.unwrap_or_else(|_| header::HeaderValue::from_static("application/octet-stream")),
    );
    reply
}
