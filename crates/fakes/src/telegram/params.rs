//! Parameters of a call, from wherever they came: query, form, multipart or JSON.

use super::refusal::Refusal;
use bytes::Bytes;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::HashMap;

/// An uploaded file.
#[derive(Debug, Clone)]
pub struct Part {
    /// The sender's name of it.
    pub name: Option<String>,
    /// Media type, as claimed.
    pub media_type: Option<String>,
    /// The content.
    pub bytes: Bytes,
}

/// Parameters of one call. An empty text counts as absent, as on the real server.
#[derive(Debug, Default)]
pub struct Params {
    values: Map<String, Value>,
    files: HashMap<String, Part>,
}

impl Params {
    /// From a JSON object; anything else is no parameters at all.
    pub fn from_json(body: Value) -> Self {
        let values = match body {
            Value::Object(values) => values,
            _ => Map::new(),
        };
        Self { values, files: HashMap::new() }
    }

    /// The parameters of a request.
    pub async fn read(query: Option<&str>, content_type: &str, body: Bytes) -> Result<Self, Refusal> {
        let mut params = Self::default();
        if let Some(query) = query {
            params.add_form(query.as_bytes());
        }
        let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match kind.as_str() {
            "application/json" if !body.is_empty() => params.add_json(&body)?,
            "application/x-www-form-urlencoded" => params.add_form(&body),
            "multipart/form-data" => params.add_multipart(content_type, body).await?,
            _ => {}
        }
        Ok(params)
    }

    fn add_form(&mut self, text: &[u8]) {
        for (name, value) in url::form_urlencoded::parse(text) {
            self.values.insert(name.into_owned(), Value::String(value.into_owned()));
        }
    }

    fn add_json(&mut self, body: &[u8]) -> Result<(), Refusal> {
        let unreadable = || Refusal::bad_request("can't parse JSON object");
        match serde_json::from_slice(body).map_err(|_| unreadable())? {
            Value::Object(values) if self.values.is_empty() => self.values = values,
            Value::Object(values) => self.values.extend(values),
            _ => return Err(unreadable()),
        }
        Ok(())
    }

    async fn add_multipart(&mut self, content_type: &str, body: Bytes) -> Result<(), Refusal> {
        let unreadable = |_| Refusal::bad_request("can't parse multipart form data");
        let boundary = multer::parse_boundary(content_type).map_err(unreadable)?;
        let stream = futures::stream::iter([Ok::<_, std::io::Error>(body)]);
        let mut form = multer::Multipart::new(stream, boundary);
        while let Some(field) = form.next_field().await.map_err(unreadable)? {
            let Some(name) = field.name().map(ToOwned::to_owned) else { continue };
            let file_name = field.file_name().map(ToOwned::to_owned);
            let media_type = field.content_type().map(ToString::to_string);
            if file_name.is_some() {
                let bytes = field.bytes().await.map_err(unreadable)?;
                self.files.insert(name, Part { name: file_name, media_type, bytes });
            } else {
                self.values.insert(name, Value::String(field.text().await.map_err(unreadable)?));
            }
        }
        Ok(())
    }

    /// Names of everything given.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    /// As it was given; `None` when absent, null or an empty text.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.values.get(name).filter(|value| !value.is_null() && value.as_str() != Some(""))
    }

    /// Whether a part of that name was uploaded.
    pub fn has_file(&self, name: &str) -> bool {
        self.files.contains_key(name)
    }

    /// The uploaded part of that name.
    pub fn file(&self, name: &str) -> Option<&Part> {
        self.files.get(name)
    }

    /// A text; numbers are written out.
    pub fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        match self.value(name)? {
            Value::String(text) => Some(Cow::Borrowed(text)),
            other => Some(Cow::Owned(other.to_string())),
        }
    }

    /// An integer, also one written as text.
    pub fn integer(&self, name: &str) -> Option<i64> {
        match self.value(name)? {
            Value::String(text) => text.trim().parse().ok(),
            other => other.as_i64(),
        }
    }

    /// Whether a flag is set.
    pub fn flag(&self, name: &str) -> bool {
        match self.value(name) {
            Some(Value::Bool(set)) => *set,
            Some(Value::String(word)) => {
                ["true", "yes", "1"].iter().any(|yes| word.eq_ignore_ascii_case(yes))
            }
            Some(Value::Number(number)) => number.as_i64() == Some(1),
            _ => false,
        }
    }

    /// An object or array, also one written as text. The method's table has made sure that it can be read.
    pub fn json(&self, name: &str) -> Option<Cow<'_, Value>> {
        match self.value(name)? {
            Value::String(text) => serde_json::from_str(text).ok().map(Cow::Owned),
            other => Some(Cow::Borrowed(other)),
        }
    }
}
