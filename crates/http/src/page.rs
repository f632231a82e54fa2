//! Lists come in pages, by key: a page stays right while rows are added before it.

use crate::error::Error;
use crate::extract::Query;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use samovar_app::problem::Problem;
use serde::{Deserialize, Serialize};
use std::str::FromStr;
use utoipa::{IntoParams, ToSchema};

/// Items of a page when the caller does not say.
pub const LIMIT_DEFAULT: u32 = 50;
/// Most items of a page.
pub const LIMIT_MAX: u32 = 200;

/// A page of a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Page<T> {
    /// At most `limit` of them.
    pub items: Vec<T>,
    /// Give it as `after` to read on; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// Cuts what was read with `limit + 1` down to a page; `key` is what the next page begins after.
    pub fn cut<K: std::fmt::Display>(mut items: Vec<T>, limit: u32, key: impl Fn(&T) -> K) -> Self {
        let limit = limit as usize;
        let more = items.len() > limit;
        items.truncate(limit);
        let next =
            if more { items.last().map(|last| URL_SAFE_NO_PAD.encode(key(last).to_string())) } else { None };
        Self { items, next }
    }

    /// The same page of other items.
    pub fn map<U>(self, each: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(each).collect(), next: self.next }
    }
}

/// Which page: `?after=…&limit=…`.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// The `next` of the page before.
    pub after: Option<String>,
    /// From 1 to 200; 50 when absent.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

/// [`PageQuery`], checked.
#[derive(Debug, Clone)]
pub struct Paging {
    /// Most items of the page, from 1 to [`LIMIT_MAX`].
    pub limit: u32,
    after: Option<String>,
}

impl Paging {
    /// The key after which the page begins; one that was not made by [`Page::cut`] of this list is a problem.
    pub fn after<K: FromStr>(&self) -> Result<Option<K>, Error> {
        let key = self.after.as_deref().map(|text| text.parse().map_err(|_| bad_cursor()));
        key.transpose()
    }

    /// How many to read: one more than a page, to know whether there is a next one.
    pub fn to_read(&self) -> u32 {
        self.limit + 1
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Paging {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let Query(asked) = Query::<PageQuery>::from_request_parts(parts, state).await?;
        Self::try_from(asked)
    }
}

impl TryFrom<PageQuery> for Paging {
    type Error = Error;
    fn try_from(asked: PageQuery) -> Result<Self, Error> {
        let limit = asked.limit.unwrap_or(LIMIT_DEFAULT);
        if !(1..=LIMIT_MAX).contains(&limit) {
            let (ru, en) =
                ("На странице может быть от 1 до 200 записей", "A page may have from 1 to 200 items");
            return Err(Problem::invalid("limit", "out_of_range", ru, en).into());
        }
        Ok(Self { limit, after: asked.after.as_deref().map(open).transpose()? })
    }
}

fn open(cursor: &str) -> Result<String, Error> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| bad_cursor())?;
    String::from_utf8(bytes).map_err(|_| bad_cursor())
}

fn bad_cursor() -> Error {
    let (ru, en) =
        ("after — это значение next предыдущей страницы", "after is the value next of the page before");
    Problem::invalid("after", "bad_cursor", ru, en).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use samovar_base::{ContactId, ScenarioId};

    fn paging(after: Option<String>, limit: Option<u32>) -> Result<Paging, Error> {
        Paging::try_from(PageQuery { after, limit })
    }

    #[test]
    fn a_page_leads_to_the_next_and_the_last_to_none() {
        let page = Page::cut((1..=4).map(ContactId).collect(), 3, |id| *id);
        assert_eq!(page.items.len(), 3);
        let next = paging(page.next, Some(3)).unwrap();
        assert_eq!(next.after::<ContactId>().unwrap(), Some(ContactId(3)));
        assert!(Page::cut(vec![ContactId(4)], 3, |id| *id).next.is_none());
    }

    #[test]
    fn what_is_no_cursor_of_this_list_is_a_problem() {
        let other = Page::cut(vec![ContactId(1), ContactId(2)], 1, |id| *id).next;
        assert!(paging(other, None).unwrap().after::<ScenarioId>().is_err());
        assert!(paging(Some("!".into()), None).is_err() && paging(Some("_w".into()), None).is_err());
        for limit in [0, 201, u32::MAX] {
            assert!(paging(None, Some(limit)).is_err(), "{limit}");
        }
    }
}
