//! What a service of checks can answer, and what HTTP means on the way.

use crate::client;
use bytes::Bytes;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{RequestBuilder, StatusCode};
use samovar_fiscal::{Key, Receipt, document};
use secrecy::{ExposeSecret, SecretString};

/// What came of one question. Each outcome asks something else of the caller.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// The receipt is known. Nothing is to be asked again.
    Found(Box<Found>),
    /// The tax service has not got it yet, or could not be asked: again in hours.
    NotYet(Said),
    /// There is no such receipt. Final only when said a second time hours later: fresh receipts arrive late.
    Unknown(Said),
    /// The service does not accept the account: nothing will work until a person looks at token and contract.
    Refused(Said),
    /// The account has used up what it may ask: nothing until the next day, or until it is paid for.
    Quota(Said),
    /// Asked too often, and it does not tell whether about this receipt or at all: not this one for hours, and no other when
    /// they fare alike.
    Enough(Said),
    /// Too fast: the same question after a pause, which is told where the service tells it.
    Later(Said),
    /// The service failed or answered nonsense: again later, or another service.
    Error(Said),
}

/// A receipt, found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// What stands on it. Its key is the one that was asked for; its sum and its time are not compared here.
    pub receipt: Receipt,
    /// Whether the service was asked for this receipt before, by anybody; `None` when it does not tell.
    pub asked_before: Option<bool>,
}

/// What the service said besides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// In its own words or in ours, for the staff; cut, and never with a token. May be empty.
    pub words: String,
    /// How long to wait, when it told.
    pub after_ms: Option<u64>,
}

/// Longest words of a service that are kept, in letters.
const WORDS_MAX: usize = 200;
/// A pause is never longer than a day.
const PAUSE_MS_MAX: u64 = 86_400_000;

impl Said {
    /// Only words.
    pub fn new(words: impl AsRef<str>) -> Self {
        let words: Vec<&str> = words.as_ref().split_whitespace().collect();
        Self { words: words.join(" ").chars().take(WORDS_MAX).collect(), after_ms: None }
    }

    /// With a pause.
    #[must_use]
    pub fn after(mut self, ms: Option<u64>) -> Self {
        self.after_ms = ms.map(|ms| ms.min(PAUSE_MS_MAX));
        self
    }
}

impl Answer {
    /// The name of the outcome: in tables and in the API.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Found(_) => "found",
            Self::NotYet(_) => "not_yet",
            Self::Unknown(_) => "unknown",
            Self::Refused(_) => "refused",
            Self::Quota(_) | Self::Enough(_) => "quota",
            Self::Later(_) => "later",
            Self::Error(_) => "error",
        }
    }

    /// What the service said; nothing when the receipt was found.
    pub fn said(&self) -> Option<&Said> {
        match self {
            Self::Found(_) => None,
            Self::NotYet(said)
            | Self::Unknown(said)
            | Self::Refused(said)
            | Self::Quota(said)
            | Self::Enough(said)
            | Self::Later(said)
            | Self::Error(said) => Some(said),
        }
    }

    pub(super) fn error(words: impl AsRef<str>) -> Self {
        Self::Error(Said::new(words))
    }

    /// The same without a secret, should the service have repeated it.
    pub(super) fn without(mut self, secret: &SecretString) -> Self {
        let secret = secret.expose_secret();
        let said = match &mut self {
            Self::Found(_) => return self,
            Self::NotYet(said)
            | Self::Unknown(said)
            | Self::Refused(said)
            | Self::Quota(said)
            | Self::Enough(said)
            | Self::Later(said)
            | Self::Error(said) => said,
        };
        if !secret.is_empty() && said.words.contains(secret) {
            said.words = said.words.replace(secret, "…");
        }
        self
    }

    /// The receipt of a document, if it is the one that was asked for.
    pub(super) fn of_document(document: &serde_json::Value, key: &Key, asked_before: Option<bool>) -> Self {
        match document::decode_value(document) {
            Ok(receipt) if receipt.key == *key => Self::Found(Box::new(Found { receipt, asked_before })),
            Ok(receipt) => Self::error(format!("answered with another receipt: {}", receipt.key)),
            Err(error) => Self::error(format!("the document cannot be read: {error}")),
        }
    }
}

/// Sends a request, and reads an answer of the service itself; everything else is an outcome already.
pub(super) async fn exchange(request: RequestBuilder, bytes_max: u64) -> Result<Reply, Answer> {
    let response = request.send().await.map_err(transport)?;
    let status = response.status();
    let pause = retry_after(response.headers());
    let body = client::body(response, bytes_max).await.map_err(transport)?;
    let body = body.ok_or_else(|| Answer::error("the answer is too large"))?;
    Ok(Reply { status, pause, body })
}

/// What came back over HTTP.
pub(super) struct Reply {
    pub status: StatusCode,
    pub pause: Option<u64>,
    pub body: Bytes,
}

impl Reply {
    /// What the status alone says; `None` when the body is to be read.
    pub fn by_status(&self) -> Option<Answer> {
        let words = || Said::new(format!("HTTP {}", self.status.as_u16())).after(self.pause);
        match self.status.as_u16() {
            200 => None,
            401 | 403 => Some(Answer::Refused(words())),
            402 => Some(Answer::Quota(words())),
            429 => Some(Answer::Later(words())),
            _ => Some(Answer::Error(words())),
        }
    }
}

fn transport(error: reqwest::Error) -> Answer {
    if error.is_timeout() {
        return Answer::error("no answer in time");
    }
    Answer::error(client::chain(&error.without_url()))
}

/// Seconds; a date is not read, there is no clock here.
fn retry_after(headers: &HeaderMap) -> Option<u64> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse::<u64>().ok()?.checked_mul(1_000)
}
