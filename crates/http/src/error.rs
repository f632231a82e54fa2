//! What an answer that says no looks like: a problem document by RFC 9457, in the reader's language.
//!
//! A handler returns an [`Error`]; it becomes a response without a body that carries the problems. The outermost
//! layer ([`crate::watch`]) knows the reader's language and the request's id and writes the document, also for the
//! bare refusals of routing and limits. So there is one place where a problem gets its words.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use samovar_app::problem::{Fail, Kind, Problem};
use samovar_store::StoreError;
use serde::Serialize;
use utoipa::ToSchema;

/// What handlers return when they do not do what was asked.
#[derive(Debug, Clone)]
pub struct Error {
    status: StatusCode,
    problems: Vec<Problem>,
    retry_after_seconds: Option<u32>,
}

impl Error {
    /// One problem with a status of its own, where the family of the problem does not tell it.
    pub fn with_status(status: StatusCode, problem: Problem) -> Self {
        Self { status, problems: vec![problem], retry_after_seconds: None }
    }

    /// The same, and when to come back.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }

    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Writes the document for a reader of `locale`.
    pub(crate) fn document(&self, locale: &str, request_id: &str) -> ProblemDocument {
        let first = self.problems.first().cloned().unwrap_or_else(|| bare(self.status));
        let errors = self.problems.iter().filter_map(|problem| {
            let field = problem.field.clone()?;
            Some(FieldProblem {
                field,
                code: problem.code.to_owned(),
                detail: problem.text(locale).to_owned(),
            })
        });
        ProblemDocument {
            r#type: format!("/problems/{}", first.code),
            title: title(self.status, locale).to_owned(),
            status: self.status.as_u16(),
            detail: first.text(locale).to_owned(),
            code: first.code.to_owned(),
            errors: errors.collect(),
            request_id: request_id.to_owned(),
        }
    }

    /// The whole answer, for callers outside of the layer that writes documents.
    pub(crate) fn written(&self, locale: &str, request_id: &str) -> Response {
        let document = self.document(locale, request_id);
        let body = serde_json::to_vec(&document).unwrap_or_default();
        let mut response = (self.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language(locale)));
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Fail> for Error {
    fn from(fail: Fail) -> Self {
        match fail {
            Fail::Store(error) => error.into(),
            Fail::Problems(problems) => {
                let kind = problems.first().map_or(Kind::Invalid, |problem| problem.kind);
                let retry_after_seconds = (kind == Kind::Busy).then_some(1);
                Self { status: status(kind), problems, retry_after_seconds }
            }
        }
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Fail::from(problem).into()
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        if passes(&error) {
            return Self::with_status(StatusCode::SERVICE_UNAVAILABLE, busy()).retry_after(1);
        }
        if let StoreError::Conflict { .. } = error {
            return Self::with_status(StatusCode::CONFLICT, exists());
        }
        tracing::error!(%error, "the store failed");
        Self::with_status(StatusCode::INTERNAL_SERVER_ERROR, bare(StatusCode::INTERNAL_SERVER_ERROR))
    }
}

/// A problem by RFC 9457. Programs go by `code`; `detail` is for people.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Problem, example = json!({
    "type": "/problems/not_enough_points", "title": "The rules do not allow this", "status": 409,
    "detail": "Not enough points: 120 asked, 80 available", "code": "not_enough_points", "request_id": "01k3v5m9q2r7t"
}))]
pub struct ProblemDocument {
    /// A stable address of the kind of problem: `/problems/` and the code.
    pub r#type: String,
    /// The family of the problem, in the reader's language.
    pub title: String,
    /// The status of the answer.
    pub status: u16,
    /// What is wrong and what to do, in the reader's language.
    pub detail: String,
    /// Stable, snake case.
    pub code: String,
    /// What is wrong with single fields of the request.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldProblem>,
    /// Tell it when you ask for help: the log line of the request carries it.
    pub request_id: String,
}

/// What is wrong with one field.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({"field": "birthday", "code": "bad_date", "detail": "A date is written YYYY-MM-DD"}))]
pub struct FieldProblem {
    /// A dotted path: `steps.welcome.text`.
    pub field: String,
    /// Stable, snake case.
    pub code: String,
    /// What is wrong, in the reader's language.
    pub detail: String,
}

/// What a status of routing, limits and time-outs says, when nothing more is known.
pub(crate) fn bare(status: StatusCode) -> Problem {
    let (kind, code, ru, en) = match status {
        StatusCode::UNAUTHORIZED => (
            Kind::Unauthorized,
            "unauthorized",
            "Войдите в консоль или пришлите ключ доступа: Authorization: Bearer …",
            "Sign in to the console or send a key: Authorization: Bearer …",
        ),
        StatusCode::NOT_FOUND => {
            (Kind::NotFound, "no_such_address", "Такого адреса нет", "There is no such address")
        }
        StatusCode::METHOD_NOT_ALLOWED => (
            Kind::Invalid,
            "method_not_allowed",
            "Этот адрес не принимает такой метод",
            "This address does not take this method",
        ),
        StatusCode::GATEWAY_TIMEOUT => {
            (Kind::Busy, "timeout", "Запрос выполнялся слишком долго", "The request took too long")
        }
        StatusCode::PAYLOAD_TOO_LARGE => {
            (Kind::TooLarge, "too_large", "Запрос слишком большой", "The request is too large")
        }
        StatusCode::UNSUPPORTED_MEDIA_TYPE => (
            Kind::Invalid,
            "unsupported_media_type",
            "Тело запроса должно быть JSON с заголовком Content-Type: application/json",
            "The body must be JSON with the header Content-Type: application/json",
        ),
        StatusCode::TOO_MANY_REQUESTS => (
            Kind::TooMany,
            "too_many_requests",
            "Слишком много запросов, попробуйте чуть позже",
            "Too many requests, try a little later",
        ),
        status if status.is_client_error() => {
            (Kind::Invalid, "bad_request", "Запрос не удалось понять", "The request could not be understood")
        }
        _ => (
            Kind::Busy,
            "internal",
            "На нашей стороне произошла ошибка. Назовите request_id, если обратитесь за помощью",
            "Something failed on our side. Tell the request_id when you ask for help",
        ),
    };
    Problem::new(kind, code, ru, en)
}

/// The whole program is short of something that will pass.
pub(crate) fn busy() -> Problem {
    Problem::new(
        Kind::Busy,
        "busy",
        "Сервис перегружен, повторите запрос через секунду",
        "The service is overloaded, try again in a second",
    )
}

/// Two requests made the same thing at once.
fn exists() -> Problem {
    Problem::new(Kind::Conflict, "exists", "Такая запись уже есть", "Such a record exists already")
}

/// The language in which a reader of `locale` is answered.
pub(crate) fn language(locale: &str) -> &'static str {
    if locale.starts_with("ru") { "ru" } else { "en" }
}

fn status(kind: Kind) -> StatusCode {
    match kind {
        Kind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::Unauthorized => StatusCode::UNAUTHORIZED,
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::Conflict | Kind::Refused => StatusCode::CONFLICT,
        Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Kind::TooMany => StatusCode::TOO_MANY_REQUESTS,
        Kind::Away => StatusCode::FAILED_DEPENDENCY,
        Kind::Busy => StatusCode::SERVICE_UNAVAILABLE,
    }
}

fn title(status: StatusCode, locale: &str) -> &'static str {
    let (ru, en) = match status {
        StatusCode::UNAUTHORIZED => ("Нужно представиться", "Sign-in is needed"),
        StatusCode::FORBIDDEN => ("Недостаточно прав", "The rights do not suffice"),
        StatusCode::NOT_FOUND => ("Не найдено", "Not found"),
        StatusCode::CONFLICT => ("Правила этого не позволяют", "The rules do not allow this"),
        StatusCode::PAYLOAD_TOO_LARGE => ("Слишком большой запрос", "The request is too large"),
        StatusCode::TOO_MANY_REQUESTS => ("Слишком много запросов", "Too many requests"),
        StatusCode::FAILED_DEPENDENCY => ("Другой сервис не отвечает", "Another service does not answer"),
        StatusCode::SERVICE_UNAVAILABLE => ("Сервис занят", "The service is busy"),
        status if status.is_server_error() => ("Ошибка сервиса", "The service failed"),
        _ => ("Ошибка в запросе", "The request is wrong"),
    };
    if language(locale) == "ru" { ru } else { en }
}

/// The store is short of something that will pass, and nothing was changed.
fn passes(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::Busy | StoreError::Closed | StoreError::Unavailable(_) | StoreError::Stale { .. }
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_cause_is_no_failure_of_ours() {
        for kind in [Kind::Invalid, Kind::Conflict, Kind::Refused, Kind::TooLarge, Kind::TooMany, Kind::Away]
        {
            let error = Error::from(Problem::new(kind, "a_code", "Нет", "No"));
            assert!(error.status().is_client_error(), "{kind:?} is {}", error.status());
        }
    }
}
