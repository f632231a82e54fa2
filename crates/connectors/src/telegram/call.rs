//! One call of a Bot API method, and what its refusals mean.

use crate::client::{self, Clients};
use crate::messenger::{Channel, Scope, SendError};
use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{RequestBuilder, StatusCode};
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Answers are small but for 100 updates at once.
const ANSWER_BYTES_MAX: u64 = 16 << 20;
/// A pause up to this concerns one chat; Telegram stops a whole bot for longer.
const CHAT_PAUSE_MS_MAX: u64 = 10_000;
/// The first pause after an error of the server; the caller makes later ones longer.
const BUSY_PAUSE_MS: u64 = 1_000;

/// Why a call gave no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum CallError {
    /// Nothing was written.
    NotSent(String),
    /// The request went out; its answer did not come or made no sense.
    Lost(String),
    /// The server, or a gateway that is busy, says no.
    Refused(Refusal),
    /// Somebody between us and the server, or in its place, says no with this HTTP status: it tells nothing of the
    /// person or the token.
    Stranger(u16),
}

/// The server's no.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Refusal {
    /// `error_code`, which is also the HTTP status.
    pub code: i64,
    /// `description`; `HTTP <status>` of a gateway.
    pub text: String,
    /// How long to wait.
    pub retry_after_ms: Option<u64>,
    /// Where the chat is now.
    pub moved_to: Option<i64>,
}

impl Refusal {
    /// Whether the description says this, after its `Bad Request: ` and the like.
    pub fn says(&self, beginning: &str) -> bool {
        let said = self.text.split_once(": ").map_or(self.text.as_str(), |(_, said)| said);
        let starts =
            |text: &str| text.get(..beginning.len()).is_some_and(|head| head.eq_ignore_ascii_case(beginning));
        starts(said) || starts(&self.text)
    }
}

/// Calls a method with a JSON body.
pub(super) async fn call<T: DeserializeOwned>(
    clients: &Clients,
    channel: &Channel,
    method: &str,
    body: &impl Serialize,
    timeout: Duration,
) -> Result<T, CallError> {
    let json = serde_json::to_vec(body).map_err(|error| CallError::NotSent(error.to_string()))?;
    let request = post(clients, channel, method)?.header(CONTENT_TYPE, "application/json").body(json);
    finish(request, timeout).await
}

/// Calls a method with a form that carries files.
pub(super) async fn upload<T: DeserializeOwned>(
    clients: &Clients,
    channel: &Channel,
    method: &str,
    form: reqwest::multipart::Form,
    timeout: Duration,
) -> Result<T, CallError> {
    finish(post(clients, channel, method)?.multipart(form), timeout).await
}

/// The address of a path below the base that holds the token; `None` when the token would break out of it.
pub(super) fn address(channel: &Channel, before: &str, after: &str) -> Option<String> {
    let token = channel.token.expose_secret();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'_' | b'-');
    if token.is_empty() || !token.bytes().all(plain) {
        return None;
    }
    let base = channel.api_base.as_str().trim_end_matches('/');
    Some([base, before, token, "/", after].concat())
}

/// A token that cannot be one, told as the server would tell it.
pub(super) fn malformed_token() -> CallError {
    CallError::Refused(Refusal { code: 404, text: "Not Found".into(), ..Refusal::default() })
}

/// What an error of reqwest means for a request that must not be made twice.
pub(super) fn transport(error: reqwest::Error) -> CallError {
    let written = !(error.is_connect() || error.is_builder());
    let text = client::chain(&error.without_url());
    if written { CallError::Lost(text) } else { CallError::NotSent(text) }
}

/// For calls that may do harm when made twice.
pub(super) fn once(error: CallError, chat: &str) -> SendError {
    match error {
        CallError::NotSent(text) => SendError::NotSent(text),
        CallError::Lost(text) => SendError::Unsure(text),
        CallError::Refused(refusal) => refused(refusal, chat),
        CallError::Stranger(status) => refused_by_stranger(status),
    }
}

/// For calls that change nothing when made again.
pub(super) fn repeatable(error: CallError, chat: &str) -> SendError {
    match error {
        CallError::NotSent(text) | CallError::Lost(text) => SendError::NotSent(text),
        CallError::Refused(refusal) => refused(refusal, chat),
        CallError::Stranger(status) => refused_by_stranger(status),
    }
}

/// For the log and the console.
pub(super) fn stranger(status: u16) -> String {
    format!("HTTP {status} from somebody who is not the Bot API: are address and proxy right?")
}

fn refused_by_stranger(status: u16) -> SendError {
    match status {
        413 => SendError::Rejected { code: 413, text: "too large for the server".into() },
        _ => SendError::NotSent(stranger(status)),
    }
}

/// What a refusal means (held by the table in `tests/it/errors.rs`).
fn refused(refusal: Refusal, chat: &str) -> SendError {
    if let Some(chat) = refusal.moved_to {
        return SendError::Moved { chat: chat.to_string() };
    }
    match refusal.code {
        401 => SendError::Unauthorized(refusal.text),
        404 if refusal.text.eq_ignore_ascii_case("Not Found") => SendError::Unauthorized(refusal.text),
        403 => SendError::Blocked(refusal.text),
        429 => {
            let after_ms = refusal.retry_after_ms.unwrap_or(BUSY_PAUSE_MS);
            let group = chat.starts_with('-');
            let scope = if group || after_ms <= CHAT_PAUSE_MS_MAX { Scope::Chat } else { Scope::Bot };
            SendError::Later { after_ms, scope }
        }
        408 | 500..=599 => {
            SendError::Later { after_ms: refusal.retry_after_ms.unwrap_or(BUSY_PAUSE_MS), scope: Scope::Chat }
        }
        400 if refusal.says("wrong file") || refusal.says("wrong remote file") => SendError::FileUnknown,
        code => SendError::Rejected { code, text: refusal.text },
    }
}

fn post(clients: &Clients, channel: &Channel, method: &str) -> Result<RequestBuilder, CallError> {
    let url = address(channel, "/bot", method).ok_or_else(malformed_token)?;
    let client = clients.of(channel.proxy.as_ref()).map_err(|error| CallError::NotSent(error.to_string()))?;
    Ok(client.post(url))
}

async fn finish<T: DeserializeOwned>(request: RequestBuilder, timeout: Duration) -> Result<T, CallError> {
    let response = request.timeout(timeout).send().await.map_err(transport)?;
    let status = response.status();
    let pause = retry_after(response.headers());
    let body = client::body(response, ANSWER_BYTES_MAX).await.map_err(transport)?.unwrap_or_default();
    answer(status, pause, &body)
}

fn retry_after(headers: &HeaderMap) -> Option<u64> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.parse::<u64>().ok()?.checked_mul(1_000)
}

/// Reads the envelope.
fn answer<T: DeserializeOwned>(status: StatusCode, pause: Option<u64>, body: &Bytes) -> Result<T, CallError> {
    if status.is_success()
        && let Ok(done) = serde_json::from_slice::<Done<T>>(body)
        && done.ok
    {
        return Ok(done.result);
    }
    match serde_json::from_slice::<Failed>(body) {
        Ok(failed) if !failed.ok => Err(CallError::Refused(Refusal {
            code: failed.error_code,
            text: failed.description,
            retry_after_ms: failed.parameters.retry_after.and_then(|s| s.checked_mul(1_000)).or(pause),
            moved_to: failed.parameters.migrate_to_chat_id,
        })),
        _ if status.is_success() => Err(CallError::Lost("the answer is not one of the Bot API".into())),
        _ if matches!(status.as_u16(), 408 | 429) || status.is_server_error() => {
            Err(CallError::Refused(Refusal {
                code: status.as_u16().into(),
                text: format!("HTTP {}", status.as_u16()),
                retry_after_ms: pause,
                moved_to: None,
            }))
        }
        _ => Err(CallError::Stranger(status.as_u16())),
    }
}

#[derive(Deserialize)]
struct Done<T> {
    ok: bool,
    result: T,
}

#[derive(Deserialize)]
struct Failed {
    ok: bool,
    error_code: i64,
    #[serde(default)]
    description: String,
    #[serde(default)]
    parameters: Parameters,
}

#[derive(Deserialize, Default)]
struct Parameters {
    retry_after: Option<u64>,
    migrate_to_chat_id: Option<i64>,
}
