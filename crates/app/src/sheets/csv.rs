//! CSV as Excel opens it by a double click.
//!
//! UTF-8 with a byte order mark, lines ended by CR LF. Russian files are separated by semicolons and have dates like
//! 21.11.2026, English ones by commas with dates like 2026-11-21: Excel of that language then reads dates as dates and
//! numbers as numbers. What must stay a text is written so that it looks like no number: `8 916 123-45-67`,
//! `4821-1365-0977`. A text that a spreadsheet would run as a formula gets an apostrophe before it.

use super::{Cell, Column, Language};
use jiff::civil::{Date, DateTime};
use std::fmt::Write as _;

/// The writer; it keeps nothing between rows.
#[derive(Debug, Clone, Copy)]
pub struct Csv(Language);

impl Csv {
    /// In that language.
    pub const fn new(language: Language) -> Self {
        Self(language)
    }

    /// The mark of the encoding and the line of titles.
    pub fn head(self, columns: &[Column]) -> Vec<u8> {
        let mut out = String::from("\u{feff}");
        let titles: Vec<Cell> = columns.iter().map(|column| Cell::text(column.title.as_str())).collect();
        self.line(&titles, &mut out);
        out.into_bytes()
    }

    /// Rows.
    pub fn rows(self, rows: &[Vec<Cell>]) -> Vec<u8> {
        let mut out = String::with_capacity(rows.len() * 160);
        for row in rows {
            self.line(row, &mut out);
        }
        out.into_bytes()
    }

    fn line(self, cells: &[Cell], out: &mut String) {
        let separator = match self.0 {
            Language::Ru => ';',
            Language::En => ',',
        };
        for (at, cell) in cells.iter().enumerate() {
            if at > 0 {
                out.push(separator);
            }
            self.cell(cell, separator, out);
        }
        out.push_str("\r\n");
    }

    fn cell(self, cell: &Cell, separator: char, out: &mut String) {
        match cell {
            Cell::Empty => {}
            Cell::Text(text) => quoted(&guarded(text), separator, out),
            Cell::Phone(phone) => quoted(&guarded(&spoken(phone)), separator, out),
            Cell::Digits(digits) => quoted(&guarded(&in_fours(digits)), separator, out),
            Cell::Whole(number) => {
                let _ = write!(out, "{number}");
            }
            Cell::Day(day) => out.push_str(&self.day(*day)),
            Cell::Moment(moment) => out.push_str(&self.moment(*moment)),
            Cell::Flag(yes) => out.push_str(self.0.flag(*yes)),
            Cell::Share(points) => quoted(&format!("{}%", self.hundredths(*points)), separator, out),
            Cell::Money(kopecks) => quoted(&self.hundredths(*kopecks), separator, out),
        }
    }

    fn day(self, day: Date) -> String {
        match self.0 {
            Language::Ru => format!("{:02}.{:02}.{:04}", day.day(), day.month(), day.year()),
            Language::En => day.to_string(),
        }
    }

    fn moment(self, moment: DateTime) -> String {
        let (hour, minute, second) = (moment.hour(), moment.minute(), moment.second());
        format!("{} {hour:02}:{minute:02}:{second:02}", self.day(moment.date()))
    }

    /// `12,05` of 1205, with the mark of the language.
    fn hundredths(self, number: i64) -> String {
        let sign = if number < 0 { "-" } else { "" };
        let (whole, rest) = (number.unsigned_abs() / 100, number.unsigned_abs() % 100);
        let mark = self.0.pick(",", ".");
        format!("{sign}{whole}{mark}{rest:02}")
    }
}

/// With an apostrophe before what a spreadsheet would take for a formula.
fn guarded(text: &str) -> String {
    let starts = text.chars().next();
    let is_formula =
        matches!(starts, Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠'));
    if is_formula { format!("'{text}") } else { text.to_owned() }
}

/// A phone as people write it down: what Excel takes for no number.
fn spoken(phone: &str) -> String {
    if let Some(hidden) = phone.strip_prefix("+7 ") {
        return format!("8 {hidden}");
    }
    match phone.strip_prefix("+7") {
        Some(digits) if digits.len() == 10 && digits.is_ascii() => {
            format!("8 {} {}-{}-{}", &digits[..3], &digits[3..6], &digits[6..8], &digits[8..])
        }
        _ => phone.to_owned(),
    }
}

/// `482113650977` as `4821-1365-0977`.
fn in_fours(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() + 4);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && at % 4 == 0 {
            out.push('-');
        }
        out.push(digit);
    }
    out
}

fn quoted(text: &str, separator: char, out: &mut String) {
    let needed = text.chars().any(|letter| letter == separator || matches!(letter, '"' | '\r' | '\n'))
        || text.starts_with(' ')
        || text.ends_with(' ');
    if !needed {
        out.extend(text.chars().filter(|letter| *letter != '\0'));
        return;
    }
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\"\""),
            '\0' => {}
            letter => out.push(letter),
        }
    }
    out.push('"');
}
