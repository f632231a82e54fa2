//! What handlers take out of a request; what does not fit is a problem with its field.

use crate::error::{Error, bare};
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::{HeaderMap, StatusCode, header, request::Parts};
use axum::response::{IntoResponse, Response};
use samovar_app::problem::{Kind, Problem};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The character 0 in an address. No text may hold it: PostgreSQL keeps none that does.
const ZERO: &str = "%00";

/// A JSON body, of the request or of the answer.
#[derive(Debug, Clone, Copy, Default)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Error;
    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        if !is_json(request.headers()) {
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            return Err(Error::with_status(status, bare(status)));
        }
        parse(&body(request, state).await?).map(Self)
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// The parameters behind the question mark.
#[derive(Debug, Clone, Copy, Default)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        if parts.uri.query().is_some_and(|query| query.contains(ZERO)) {
            return Err(wrong_query("%00"));
        }
        let read = axum::extract::Query::<T>::try_from_uri(&parts.uri);
        read.map(|query| Self(query.0)).map_err(|refused| wrong_query(&refused.body_text()))
    }
}

/// The variable parts of the address. An id of another kind names nothing: 404.
#[derive(Debug, Clone, Copy, Default)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let zero = parts.uri.path().contains(ZERO);
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(path) if !zero => Ok(Self(path.0)),
            _ => Err(Problem::new(
                Kind::NotFound,
                "not_found",
                "Не найдено: в адресе неверный идентификатор",
                "Not found: the address holds a malformed id",
            )
            .into()),
        }
    }
}

/// What a PATCH says of a field: absent is not null.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Change<T> {
    /// Not mentioned: stays as it is.
    #[default]
    Keep,
    /// `null`: emptied.
    Clear,
    /// A new value.
    Set(T),
}

impl<T> Change<T> {
    /// `None` keeps, `Some(None)` clears, `Some(Some(value))` sets.
    pub fn into_option(self) -> Option<Option<T>> {
        match self {
            Self::Keep => None,
            Self::Clear => Some(None),
            Self::Set(value) => Some(Some(value)),
        }
    }
}

/// The field needs `#[serde(default)]`: without it an absent one is refused.
impl<'de, T: Deserialize<'de>> Deserialize<'de> for Change<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(from)?.map_or(Self::Clear, Self::Set))
    }
}

/// For the description of the API, which tells what an absent field counts as.
impl<T: Serialize> Serialize for Change<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Keep | Self::Clear => to.serialize_none(),
            Self::Set(value) => to.serialize_some(value),
        }
    }
}

/// The whole body, within the limit of the route.
pub(crate) async fn body<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Error> {
    Bytes::from_request(request, state).await.map_err(|refused: BytesRejection| {
        let status = refused.status();
        Error::with_status(status, bare(status))
    })
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let parsed = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let field = error.path().to_string();
        wrong_json(&field, error.inner())
    })?;
    reader.end().map_err(|error| wrong_json(".", &error))?;
    if holds_zero(bytes) {
        let ru = "В тексте есть знак с кодом 0: уберите его";
        let en = "A text holds the character 0: take it out";
        return Err(Problem::new(Kind::Invalid, "wrong_value", ru, en).into());
    }
    Ok(parsed)
}

/// Whether a text of this JSON holds the character 0, which JSON can only write by its number.
fn holds_zero(json: &[u8]) -> bool {
    let mut rest = json;
    while let Some(at) = rest.iter().position(|byte| *byte == b'\\') {
        if rest[at..].starts_with(b"\\u0000") {
            return true;
        }
        rest = rest.get(at + 2..).unwrap_or_default();
    }
    false
}

fn wrong_json(field: &str, error: &serde_json::Error) -> Error {
    if error.is_data() {
        let problem = Problem::new(
            Kind::Invalid,
            "wrong_value",
            format!("Значение не подходит: {error}"),
            format!("The value does not fit: {error}"),
        );
        return if field == "." { problem } else { problem.at(field) }.into();
    }
    let (line, column) = (error.line(), error.column());
    Error::with_status(
        StatusCode::BAD_REQUEST,
        Problem::new(
            Kind::Invalid,
            "malformed_json",
            format!("Это не JSON: ошибка в строке {line}, столбце {column}"),
            format!("This is not JSON: the error is at line {line}, column {column}"),
        ),
    )
}

fn wrong_query(what: &str) -> Error {
    Error::with_status(
        StatusCode::BAD_REQUEST,
        Problem::new(
            Kind::Invalid,
            "wrong_query",
            format!("Параметры адреса не подходят: {what}"),
            format!("The address has wrong parameters: {what}"),
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Sample {
        #[serde(default)]
        name: Change<String>,
        #[serde(default)]
        inner: Vec<Inner>,
    }

    impl Sample {
        fn counts(&self) -> Vec<u32> {
            self.inner.iter().map(|inner| inner.count).collect()
        }
    }

    #[derive(Debug, Deserialize)]
    struct Inner {
        count: u32,
    }

    #[test]
    fn absent_is_not_null() {
        let read = |text: &str| parse::<Sample>(text.as_bytes()).unwrap().name;
        assert_eq!(parse::<Sample>(br#"{"inner":[{"count":1}]}"#).unwrap().counts(), [1]);
        assert_eq!(read("{}"), Change::Keep);
        assert_eq!(read(r#"{"name":null}"#), Change::Clear);
        assert_eq!(read(r#"{"name":"Анна"}"#), Change::Set("Анна".into()));
    }

    #[test]
    fn a_text_with_the_character_0_is_refused_and_one_that_speaks_of_it_is_not() {
        for text in [r#"{"name":"a\u0000"}"#, r#"{"name":"\\\u0000"}"#] {
            let document = parse::<Sample>(text.as_bytes()).unwrap_err().document("en", "1");
            assert_eq!((document.status, document.code.as_str()), (422, "wrong_value"), "{text}");
        }
        for text in [r#"{"name":"\\u0000"}"#, r#"{"name":"\u0041\n"}"#] {
            assert!(parse::<Sample>(text.as_bytes()).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_wrong_value_is_located_and_broken_json_has_a_place() {
        let error = parse::<Sample>(br#"{"inner":[{"count":1},{"count":"two"}]}"#).unwrap_err();
        let document = error.document("en", "1");
        assert_eq!((document.status, document.code.as_str()), (422, "wrong_value"));
        assert_eq!(document.errors[0].field, "inner[1].count");
        for broken in ["{", "{}x", "", "{\"inner\":[}"] {
            let document = parse::<Sample>(broken.as_bytes()).unwrap_err().document("ru", "1");
            assert_eq!((document.status, document.code.as_str()), (400, "malformed_json"), "{broken}");
        }
        assert_eq!(
            parse::<Sample>(br#"{"inner":5}"#).unwrap_err().document("ru", "1").errors[0].field,
            "inner"
        );
    }
}
