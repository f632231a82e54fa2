//! Tables as files that people open: CSV and XLSX, read whole and written piece by piece.
//!
//! A table of a million rows is made by a durable job in portions, and a crash in between must cost nothing. So both
//! writers keep no more between portions than a few numbers that go into the job's row, and give out finished bytes
//! after each portion. Pure: no database, no clock.

mod csv;
mod read;
#[cfg(test)]
mod tests;
mod xlsx;
mod zip;

pub use csv::Csv;
pub use read::{COLUMNS_MAX, Read, Unreadable, read};
pub use xlsx::{Book, ROWS_MAX, member_title};

use jiff::civil::{Date, DateTime};

/// What stands in one place of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Words. Whatever they begin with, no program takes them for a formula.
    Text(String),
    /// A phone in E.164, or masked: never taken for a number.
    Phone(String),
    /// Digits that are a name and not a quantity: the number of a card.
    Digits(String),
    /// A whole number.
    Whole(i64),
    /// A day.
    Day(Date),
    /// A moment, in the zone of the business.
    Moment(DateTime),
    /// Yes or no.
    Flag(bool),
    /// A share in basis points: 10 000 is all.
    Share(i64),
    /// A sum in kopecks, shown in roubles.
    Money(i64),
}

impl Cell {
    /// Words, or nothing when there are none.
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::Empty } else { Self::Text(text) }
    }
    /// The same of words that may be missing.
    pub fn maybe(text: Option<&str>) -> Self {
        text.map_or(Self::Empty, Self::text)
    }
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// What stands above it.
    pub title: String,
    /// How wide it is shown, in letters.
    pub width: u16,
}

impl Column {
    /// A column.
    pub fn new(title: impl Into<String>, width: u16) -> Self {
        Self { title: title.into(), width }
    }
}

/// The language of a file: separators, the form of dates, yes and no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Russian.
    Ru,
    /// English.
    En,
}

impl Language {
    /// Of a locale; English for any but Russian.
    pub fn of(locale: &str) -> Self {
        if locale.starts_with("ru") { Self::Ru } else { Self::En }
    }
    /// The one of two words that is in this language.
    pub fn pick<'a>(self, ru: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Ru => ru,
            Self::En => en,
        }
    }
    pub(super) fn flag(self, yes: bool) -> &'static str {
        match (self, yes) {
            (Self::Ru, true) => "да",
            (Self::Ru, false) => "нет",
            (Self::En, true) => "yes",
            (Self::En, false) => "no",
        }
    }
}
