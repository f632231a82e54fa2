//! What the server says when it does not do what it was asked.

use serde_json::{Value, json};

/// An error of the Bot API; becomes the body, the HTTP status and, for 429, the header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status and `error_code`.
    pub code: u16,
    /// The whole text, its prefix included.
    pub description: String,
    /// Seconds to wait, for 429.
    pub retry_after: Option<i64>,
    /// Where a group has moved to.
    pub migrate_to: Option<i64>,
}

impl Refusal {
    /// Any other code; the description is taken as it is.
    pub fn new(code: u16, description: impl Into<String>) -> Self {
        Self { code, description: description.into(), retry_after: None, migrate_to: None }
    }
    /// 400; the prefix is put before `text`.
    pub fn bad_request(text: impl AsRef<str>) -> Self {
        Self::new(400, format!("Bad Request: {}", text.as_ref()))
    }
    /// 403; the prefix is put before `text`.
    pub fn forbidden(text: &str) -> Self {
        Self::new(403, format!("Forbidden: {text}"))
    }
    /// 404 for a method the Bot API does not have.
    pub fn no_method() -> Self {
        Self::new(404, "Not Found: method not found")
    }
    /// 409; the prefix is put before `text`.
    pub fn conflict(text: &str) -> Self {
        Self::new(409, format!("Conflict: {text}"))
    }
    /// 429 for so many seconds.
    pub fn too_many(seconds: i64) -> Self {
        let text = format!("Too Many Requests: retry after {seconds}");
        Self { retry_after: Some(seconds), ..Self::new(429, text) }
    }
    /// The JSON of the answer.
    pub fn body(&self) -> Value {
        let mut body = json!({"ok": false, "error_code": self.code, "description": self.description});
        if let Some(seconds) = self.retry_after {
            body["parameters"] = json!({"retry_after": seconds});
        }
        if let Some(chat) = self.migrate_to {
            body["parameters"] = json!({"migrate_to_chat_id": chat});
        }
        body
    }
}
