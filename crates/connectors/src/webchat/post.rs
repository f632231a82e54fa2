//! What a visitor posts.
//!
//! `{"id": "<made by the page, once for each post>", …}` and exactly one of
//! `"text": "…"`, `"press": "<token>"` (with `"message"`, the id of the message under which the button stood),
//! `"phone": "…"`, `"start": {"payload": "…"}`, `"file": {"vendor_id": "fil_…", "kind": "photo"}` (with `"caption"`).

use crate::messenger::Accepted;
use samovar_base::Instant;
use samovar_base::message::{Event, FileRef, Incoming, Person};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// Longest text, in characters.
pub const TEXT_MAX: usize = 4096;
/// Longest payload of a start, in bytes.
pub const PAYLOAD_BYTES_MAX: usize = 256;
/// Longest post, in bytes: a text of which every letter is escaped.
pub const POST_BYTES_MAX: usize = 64 << 10;

const SHORT_BYTES_MAX: usize = 128;

/// The visitor, as the open session and the request tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visitor<'a> {
    /// The chat of the session.
    pub chat: &'a str,
    /// A name given on the page; empty when there is none.
    pub name: &'a str,
    /// IETF tag of the page's language.
    pub language: Option<&'a str>,
}

/// Why a post is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadPost {
    /// Too many bytes.
    #[error("the post has more than {POST_BYTES_MAX} bytes")]
    TooLarge,
    /// Not JSON of the known fields.
    #[error("the post is not JSON with the known fields")]
    NotAPost,
    /// The id is empty, too long or has odd letters.
    #[error("the id must be 1 to 64 letters, digits and dashes")]
    Id,
    /// None, or more than one.
    #[error("exactly one of text, press, phone, start, file must be there")]
    NotOneThing,
    /// Empty or too long.
    #[error("a field is empty or too long")]
    Length,
}

/// Checks a post and puts it, with who posted it, into the bytes that are stored and then given to
/// [`Messenger::accept`](crate::Messenger::accept).
pub fn envelope(visitor: Visitor<'_>, post: &[u8]) -> Result<Vec<u8>, BadPost> {
    if post.len() > POST_BYTES_MAX {
        return Err(BadPost::TooLarge);
    }
    let raw: &RawValue = serde_json::from_slice(post).map_err(|_| BadPost::NotAPost)?;
    let parsed: Post = serde_json::from_str(raw.get()).map_err(|_| BadPost::NotAPost)?;
    parsed.check()?;
    let enveloped =
        Outer { chat: visitor.chat, name: visitor.name.trim(), language: visitor.language, post: raw };
    serde_json::to_vec(&enveloped).map_err(|_| BadPost::NotAPost)
}

/// See [`Messenger::accept`](crate::Messenger::accept).
pub(super) fn accept(raw: &[u8], received: Instant) -> Accepted {
    let Ok(posted) = serde_json::from_slice::<Inner>(raw) else { return problem(raw, "not a post") };
    let dedup = format!("{}/{}", posted.chat, posted.post.id);
    let Some(event) = posted.post.event() else { return problem(raw, "a post without content") };
    let person =
        Person { id: posted.chat.clone(), name: posted.name, handle: None, language: posted.language };
    let event = Incoming { dedup: dedup.clone(), order: 0, chat: posted.chat, person, at: received, event };
    Accepted { events: vec![event], dedup, ..Accepted::default() }
}

fn problem(raw: &[u8], what: &str) -> Accepted {
    let dedup = format!("sha256:{}", samovar_base::vault::fingerprint(raw));
    Accepted { dedup, problem: Some(what.to_owned()), ..Accepted::default() }
}

#[derive(Serialize)]
struct Outer<'a> {
    chat: &'a str,
    name: &'a str,
    language: Option<&'a str>,
    post: &'a RawValue,
}

#[derive(Deserialize)]
struct Inner {
    chat: String,
    #[serde(default)]
    name: String,
    language: Option<String>,
    post: Post,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Post {
    id: String,
    text: Option<String>,
    press: Option<String>,
    message: Option<String>,
    phone: Option<String>,
    start: Option<Start>,
    file: Option<FileRef>,
    #[serde(default)]
    caption: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Start {
    payload: Option<String>,
}

impl Post {
    fn check(&self) -> Result<(), BadPost> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if !(1..=64).contains(&self.id.len()) || !self.id.bytes().all(plain) {
            return Err(BadPost::Id);
        }
        let things = [
            self.text.is_some(),
            self.press.is_some(),
            self.phone.is_some(),
            self.start.is_some(),
            self.file.is_some(),
        ];
        if things.iter().filter(|there| **there).count() != 1 {
            return Err(BadPost::NotOneThing);
        }
        let filled = |text: &Option<String>, fits: &dyn Fn(&str) -> bool| {
            text.as_ref().is_none_or(|text| !text.trim().is_empty() && fits(text))
        };
        let is_text = |text: &str| text.chars().count() <= TEXT_MAX;
        let is_short = |text: &str| text.len() <= SHORT_BYTES_MAX;
        let is_payload = |text: &str| text.len() <= PAYLOAD_BYTES_MAX;
        let payload = self.start.as_ref().and_then(|start| start.payload.clone());
        let fits = filled(&self.text, &is_text)
            && is_text(&self.caption)
            && [&self.press, &self.message, &self.phone].iter().all(|text| filled(text, &is_short))
            && filled(&payload, &is_payload)
            && self.file.as_ref().is_none_or(|file| is_short(&file.vendor_id));
        if fits { Ok(()) } else { Err(BadPost::Length) }
    }

    fn event(self) -> Option<Event> {
        if let Some(text) = self.text {
            return Some(Event::Text { text });
        }
        if let Some(token) = self.press {
            return Some(Event::Press { token, message: self.message });
        }
        if let Some(number) = self.phone {
            // Nobody vouches for a typed number.
            return Some(Event::Phone { number, own: false });
        }
        if let Some(start) = self.start {
            return Some(Event::Start { payload: start.payload });
        }
        self.file.map(|file| Event::File { file, caption: self.caption })
    }
}
