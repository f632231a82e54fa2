//! An import, what its columns are, and what became of its rows.

use crate::problem::Problem;
use samovar_base::Instant;
use samovar_store::{FromInt, Row, StoreError, ToValue, Value};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

samovar_base::id!(/// An import.
    ImportId, "imp");

impl ToValue for ImportId {
    fn to_value(&self) -> Value {
        Value::Int(self.0)
    }
}

impl FromInt for ImportId {
    fn from_int(value: i64) -> Self {
        Self(value)
    }
}

/// What a column is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// Not taken.
    Skip,
    /// `con_…`, as exports have it.
    ContactId,
    /// What another program calls the person.
    ExternalId,
    /// The whole name, or the first one.
    Name,
    /// The family name: stands after the first.
    Surname,
    /// The patronymic: stands between them.
    Patronymic,
    /// A phone as people type it.
    Phone,
    /// The number of a card of ours.
    Card,
    /// A day.
    Birthday,
    /// Points the person begins with.
    Points,
    /// The last day on which they can be spent; the programme's term when empty.
    ExpiresOn,
    /// Tags, separated by commas or semicolons.
    Tags,
    /// Purposes agreed to, separated by commas.
    Consents,
    /// Yes or no to one purpose.
    Consent(String),
    /// Where the person came from.
    Source,
    /// `ru` or `en`.
    Locale,
    /// A field of the company's own.
    Own(String),
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Skip => "skip",
            Self::ContactId => "contact_id",
            Self::ExternalId => "external_id",
            Self::Name => "name",
            Self::Surname => "surname",
            Self::Patronymic => "patronymic",
            Self::Phone => "phone",
            Self::Card => "card",
            Self::Birthday => "birthday",
            Self::Points => "points",
            Self::ExpiresOn => "expires_on",
            Self::Tags => "tags",
            Self::Consents => "consents",
            Self::Source => "source",
            Self::Locale => "locale",
            Self::Consent(purpose) => return write!(f, "consent.{purpose}"),
            Self::Own(name) => return write!(f, "fields.{name}"),
        })
    }
}

impl FromStr for Field {
    type Err = Problem;
    fn from_str(text: &str) -> Result<Self, Problem> {
        if let Some(purpose) = text.strip_prefix("consent.") {
            return Ok(Self::Consent(crate::tenants::word("mapping", purpose)?));
        }
        if let Some(name) = text.strip_prefix("fields.") {
            return Ok(Self::Own(crate::tenants::word("mapping", name)?));
        }
        Self::PLAIN.iter().find(|field| field.to_string() == text).cloned().ok_or_else(|| {
            let known = Self::PLAIN.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            Problem::invalid(
                "mapping",
                "unknown_field",
                format!("Колонка не может быть «{text}»; можно: {known}, consent.<цель>, fields.<имя>"),
                format!("A column cannot be “{text}”; there are {known}, consent.<purpose>, fields.<name>"),
            )
        })
    }
}

impl Field {
    /// Those that need no further word.
    pub const PLAIN: &[Self] = &[
        Self::Skip,
        Self::ContactId,
        Self::ExternalId,
        Self::Name,
        Self::Surname,
        Self::Patronymic,
        Self::Phone,
        Self::Card,
        Self::Birthday,
        Self::Points,
        Self::ExpiresOn,
        Self::Tags,
        Self::Consents,
        Self::Source,
        Self::Locale,
    ];
}

impl Serialize for Field {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Where an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The file was read; the columns can be named.
    Draft,
    /// Rows are being taken.
    Running,
    /// All rows were gone through.
    Done,
    /// Somebody stopped it; what was taken stays.
    Cancelled,
}

impl State {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Draft, Self::Running, Self::Done, Self::Cancelled];
    /// As stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Running => "running",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
        }
    }
}

impl FromStr for State {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .iter()
            .copied()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| format!("«{text}» is no state of an import"))
    }
}

/// How many rows became what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Contacts that were not there before.
    pub created: i64,
    /// Contacts of whom something was written, or who got points.
    pub changed: i64,
    /// Contacts who were so already.
    pub unchanged: i64,
    /// Rows that were not taken.
    pub bad: i64,
    /// Points posted.
    pub points: i64,
}

impl Counts {
    /// Rows gone through.
    pub fn rows(&self) -> i64 {
        self.created + self.changed + self.unchanged + self.bad
    }
    pub(super) fn add(&mut self, other: Self) {
        self.created += other.created;
        self.changed += other.changed;
        self.unchanged += other.unchanged;
        self.bad += other.bad;
        self.points += other.points;
    }
}

/// An import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// Id.
    pub id: ImportId,
    /// The name of the file.
    pub file_name: String,
    /// SHA-256 of it: the same file again posts nothing twice.
    pub file_hash: String,
    /// Titles of its columns.
    pub titles: Vec<String>,
    /// What each of them is.
    pub mapping: Vec<Field>,
    /// Where it is.
    pub state: State,
    /// Rows of the file.
    pub rows_total: i64,
    /// What became of those gone through.
    pub counts: Counts,
    /// Who brought it: as in the audit log.
    pub created_by: String,
    /// When.
    pub created_at: Instant,
    /// When it came to its end.
    pub finished_at: Option<Instant>,
    /// Then its rows are removed.
    pub expires_at: Instant,
    pub(super) chunks: i64,
    pub(super) chunk: i64,
    pub(super) revision: i64,
}

impl Import {
    pub(super) fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id(0)?,
            file_name: row.text(1)?.to_owned(),
            file_hash: row.text(2)?.to_owned(),
            titles: row.json(3)?,
            mapping: row.json(4)?,
            state: row.parse(5)?,
            rows_total: row.int(6)?,
            chunks: row.int(7)?,
            chunk: row.int(8)?,
            counts: Counts {
                created: row.int(9)?,
                changed: row.int(10)?,
                unchanged: row.int(11)?,
                bad: row.int(12)?,
                points: row.int(13)?,
            },
            created_by: row.text(14)?.to_owned(),
            created_at: row.instant(15)?,
            finished_at: row.opt_instant(16)?,
            expires_at: row.instant(17)?,
            revision: row.int(18)?,
        })
    }
}

/// A row of the file: its number, from 1, and its cells.
pub(super) type Line = (u32, Vec<String>);

/// Why a row was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bad {
    /// The row of the file, from 1.
    pub line: i64,
    /// The title of the column.
    pub title: String,
    /// What stands there.
    pub value: String,
    /// What is wrong.
    pub code: String,
    /// In Russian.
    pub ru: String,
    /// In English.
    pub en: String,
}

impl Bad {
    /// In the reader's language; English for any but Russian.
    pub fn text(&self, locale: &str) -> &str {
        if locale.starts_with("ru") { &self.ru } else { &self.en }
    }
}

/// What a row would become, or became.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// A new contact.
    Created,
    /// A contact is changed.
    Changed,
    /// Nothing changes.
    Unchanged,
    /// It is not taken.
    Bad,
}

/// A row as it would become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The row of the file, from 1.
    pub line: i64,
    /// What would become of it.
    pub fate: Fate,
    /// The name it would have.
    pub name: String,
    /// The phone, as the reader may see it.
    pub phone: Option<String>,
    /// Points that would be posted.
    pub points: i64,
    /// What is wrong with it.
    pub bad: Vec<Bad>,
}

/// What an import would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// Of all rows.
    pub counts: Counts,
    /// The first rows.
    pub rows: Vec<Shown>,
    /// The first rows that would not be taken, wherever they stand.
    pub bad: Vec<Bad>,
}
