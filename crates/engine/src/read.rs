//! Drafts from and to files.

use crate::{Draft, Problem};
use serde_json::Value;

impl Draft {
    /// From a readable file. What is not understood is left out and told.
    pub fn from_toml(_text: &str) -> (Self, Vec<Problem>) {
        (Self::default(), Vec::new())
    }
    /// From a document. What is not understood is left out and told.
    pub fn from_json(_document: Value) -> (Self, Vec<Problem>) {
        (Self::default(), Vec::new())
    }
    /// As a readable file; [`Draft::from_toml`] gives the same draft back.
    pub fn to_toml(&self) -> String {
        String::new()
    }
}
