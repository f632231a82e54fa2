//! What can go wrong, in words for the reader, with a stable code for programs.

use samovar_store::StoreError;
use serde::Serialize;

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum Fail {
    /// The database did not do it; nothing was changed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The request cannot or may not be done; nothing was changed.
    #[error("{}", .0[0].en)]
    Problems(Vec<Problem>),
}

impl Fail {
    /// The problems, when it is the request that is at fault.
    pub fn problems(&self) -> &[Problem] {
        match self {
            Self::Store(_) => &[],
            Self::Problems(all) => all,
        }
    }
    /// The first problem's code, or `store`.
    pub fn code(&self) -> &'static str {
        self.problems().first().map_or("store", |problem| problem.code)
    }
}

impl From<Problem> for Fail {
    fn from(problem: Problem) -> Self {
        Self::Problems(vec![problem])
    }
}

/// The sentence in English.
impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.en)
    }
}

/// The family of a problem; the HTTP face turns it into a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The input does not have the form or range it must have.
    Invalid,
    /// Nobody is signed in, or with a wrong key.
    Unauthorized,
    /// The one who asks may not.
    Forbidden,
    /// There is no such thing, or it is another company's.
    NotFound,
    /// It was already done otherwise, or somebody was faster.
    Conflict,
    /// The rules of the business say no: not enough points, a limit.
    Refused,
    /// Too large.
    TooLarge,
    /// So many are allowed at a time or within a time: wait.
    TooMany,
    /// Another service, a messenger say, does not answer.
    Away,
    /// We cannot do it now. Try again later.
    Busy,
}

/// One thing that is wrong: what, where, and what to do, in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Family.
    pub kind: Kind,
    /// Stable, snake case: `not_enough_points`.
    pub code: &'static str,
    /// The input field, as a dotted path, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The sentence in Russian.
    pub ru: String,
    /// The sentence in English.
    pub en: String,
}

impl Problem {
    /// A problem without a field.
    pub fn new(kind: Kind, code: &'static str, ru: impl Into<String>, en: impl Into<String>) -> Self {
        Self { kind, code, field: None, ru: ru.into(), en: en.into() }
    }
    /// An input that has not the form it must have.
    pub fn invalid(field: &str, code: &'static str, ru: impl Into<String>, en: impl Into<String>) -> Self {
        Self::new(Kind::Invalid, code, ru, en).at(field)
    }
    /// The rules of the business say no.
    pub fn refused(code: &'static str, ru: impl Into<String>, en: impl Into<String>) -> Self {
        Self::new(Kind::Refused, code, ru, en)
    }
    /// There is no such thing in this company.
    pub fn not_found(what_ru: &str, what_en: &str, id: impl std::fmt::Display) -> Self {
        Self::new(
            Kind::NotFound,
            "not_found",
            format!("Не найдено: {what_ru} {id}"),
            format!("Not found: {what_en} {id}"),
        )
    }
    /// The same problem, said of an input field.
    #[must_use]
    pub fn at(mut self, field: &str) -> Self {
        self.field = Some(field.to_owned());
        self
    }
    /// The sentence in the reader's language; English for any language but Russian.
    pub fn text(&self, locale: &str) -> &str {
        if locale.starts_with("ru") { &self.ru } else { &self.en }
    }
}
