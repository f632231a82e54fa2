//! Values on their way back.

use crate::{FromInt, StoreError, Value};
use samovar_base::Instant;

/// One row that a statement found. Columns are asked for by position, from zero; what does not fit is
/// [`StoreError::BadData`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub(crate) statement: &'static str,
    pub(crate) values: Vec<Value>,
}

impl Row {
    /// An integer.
    pub fn int(&self, column: usize) -> Result<i64, StoreError> {
        self.opt_int(column)?.ok_or_else(|| self.bad(column, "an integer"))
    }

    /// An integer or NULL.
    pub fn opt_int(&self, column: usize) -> Result<Option<i64>, StoreError> {
        match self.values.get(column) {
            Some(Value::Int(value)) => Ok(Some(*value)),
            Some(Value::Null) => Ok(None),
            _ => Err(self.bad(column, "an integer")),
        }
    }

    /// A text.
    pub fn text(&self, column: usize) -> Result<&str, StoreError> {
        self.opt_text(column)?.ok_or_else(|| self.bad(column, "a text"))
    }

    /// The text in the last column, if it is one.
    pub(crate) fn last_text(&self) -> Option<&str> {
        match self.values.last() {
            Some(Value::Text(value)) => Some(value),
            _ => None,
        }
    }

    /// A text or NULL.
    pub fn opt_text(&self, column: usize) -> Result<Option<&str>, StoreError> {
        match self.values.get(column) {
            Some(Value::Text(value)) => Ok(Some(value)),
            Some(Value::Null) => Ok(None),
            _ => Err(self.bad(column, "a text")),
        }
    }

    /// Raw bytes.
    pub fn bytes(&self, column: usize) -> Result<&[u8], StoreError> {
        self.opt_bytes(column)?.ok_or_else(|| self.bad(column, "bytes"))
    }

    /// Raw bytes or NULL.
    pub fn opt_bytes(&self, column: usize) -> Result<Option<&[u8]>, StoreError> {
        match self.values.get(column) {
            Some(Value::Bytes(value)) => Ok(Some(value)),
            Some(Value::Null) => Ok(None),
            _ => Err(self.bad(column, "bytes")),
        }
    }

    /// A boolean.
    pub fn bool(&self, column: usize) -> Result<bool, StoreError> {
        self.opt_bool(column)?.ok_or_else(|| self.bad(column, "a boolean"))
    }

    /// A boolean or NULL.
    pub fn opt_bool(&self, column: usize) -> Result<Option<bool>, StoreError> {
        match self.values.get(column) {
            Some(Value::Bool(value)) => Ok(Some(*value)),
            Some(Value::Int(value @ (0 | 1))) => Ok(Some(*value == 1)),
            Some(Value::Null) => Ok(None),
            _ => Err(self.bad(column, "a boolean")),
        }
    }

    /// An id, or another integer with a name such as points.
    pub fn id<T: FromInt>(&self, column: usize) -> Result<T, StoreError> {
        self.int(column).map(T::from_int)
    }

    /// An id or NULL.
    pub fn opt_id<T: FromInt>(&self, column: usize) -> Result<Option<T>, StoreError> {
        Ok(self.opt_int(column)?.map(T::from_int))
    }

    /// A moment.
    pub fn instant(&self, column: usize) -> Result<Instant, StoreError> {
        self.int(column).map(Instant)
    }

    /// A moment or NULL.
    pub fn opt_instant(&self, column: usize) -> Result<Option<Instant>, StoreError> {
        Ok(self.opt_int(column)?.map(Instant))
    }

    /// A stored document, read from its JSON text.
    pub fn json<T: serde::de::DeserializeOwned>(&self, column: usize) -> Result<T, StoreError> {
        let text = self.text(column)?;
        serde_json::from_str(text).map_err(|error| self.bad_as(column, error.to_string()))
    }

    /// A stored document or NULL.
    pub fn opt_json<T: serde::de::DeserializeOwned>(&self, column: usize) -> Result<Option<T>, StoreError> {
        if self.opt_text(column)?.is_none() { Ok(None) } else { self.json(column).map(Some) }
    }

    /// A text read by its own rules, such as a name of a state.
    pub fn parse<T: std::str::FromStr<Err: std::fmt::Display>>(
        &self,
        column: usize,
    ) -> Result<T, StoreError> {
        self.text(column)?.parse().map_err(|error: T::Err| self.bad_as(column, error.to_string()))
    }

    /// The error to give when a value reads well but means nothing.
    pub fn bad_as(&self, column: usize, what: impl Into<String>) -> StoreError {
        StoreError::BadData { statement: self.statement, column, what: what.into() }
    }

    fn bad(&self, column: usize, wanted: &str) -> StoreError {
        let found = self.values.get(column).map_or("no such column", Value::kind);
        self.bad_as(column, format!("expected {wanted}, found {found}"))
    }
}
