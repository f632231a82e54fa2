//! What is exported, and how far an export is.

use super::tables::Table;
use crate::problem::Problem;
use crate::segments::Audience;
use crate::sheets::{Book, Language};
use samovar_base::{ChannelId, ContactId, FileId, Instant};
use samovar_store::{FromInt, Row, StoreError, ToValue, Value};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

samovar_base::id!(/// An export.
    ExportId, "exp");

impl ToValue for ExportId {
    fn to_value(&self) -> Value {
        Value::Int(self.0)
    }
}

impl FromInt for ExportId {
    fn from_int(value: i64) -> Self {
        Self(value)
    }
}

/// Declares words that are stored and spoken by name.
macro_rules! words {
    ($(#[$doc:meta])* $kind:ident $field:literal { $($(#[$about:meta])* $name:ident $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $kind { $($(#[$about])* $name,)* }

        impl $kind {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];
            /// The name in tables and answers.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }

        impl fmt::Display for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $kind {
            type Err = Problem;
            fn from_str(text: &str) -> Result<Self, Problem> {
                Self::ALL.iter().copied().find(|one| one.as_str() == text).ok_or_else(|| {
                    let known = Self::ALL.iter().map(|one| one.as_str()).collect::<Vec<_>>().join(", ");
                    Problem::invalid(
                        $field,
                        concat!("unknown_", $field),
                        format!("Здесь не может стоять «{text}»; можно: {known}"),
                        format!("This cannot be “{text}”; there are {known}"),
                    )
                })
            }
        }
    };
}

words! {
    /// What is exported.
    What "what" {
        /// Contacts with their balances; as XLSX their lots of points beside them.
        Contacts "contacts",
        /// Lots with points in them.
        Lots "lots",
        /// Operations of the ledger; as XLSX their postings beside them.
        Ledger "ledger",
        /// Postings of the ledger.
        Postings "postings",
        /// Deals and orders.
        Deals "deals",
        /// Receipts of promotions.
        Receipts "receipts",
        /// Numbers in their draws.
        Tickets "tickets",
        /// Who takes part in them.
        Participants "participants",
        /// Winners of draws, with what became of their prizes.
        Winners "winners",
        /// The journal of the tax on prizes.
        PrizeTax "prize_tax",
    }
}

words! {
    /// The form of the file.
    Format "format" {
        /// A workbook of Excel, with a sheet for each table.
        Xlsx "xlsx",
        /// One table as text.
        Csv "csv",
    }
}

words! {
    /// Where an export is.
    State "state" {
        /// Nothing is done yet.
        Waiting "waiting",
        /// Rows are being written.
        Running "running",
        /// The file is there until its term.
        Done "done",
        /// It could not be made.
        Failed "failed",
        /// Somebody did not want it any more.
        Cancelled "cancelled",
    }
}

impl State {
    /// Whether anything is still to be done.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Waiting | Self::Running)
    }
}

impl What {
    /// The tables of a file: a workbook has several sheets, a text file one table.
    pub(super) fn tables(self, format: Format) -> &'static [Table] {
        match (self, format) {
            (Self::Contacts, Format::Xlsx) => &[Table::Contacts, Table::Lots],
            (Self::Contacts, Format::Csv) => &[Table::Contacts],
            (Self::Lots, _) => &[Table::Lots],
            (Self::Ledger, Format::Xlsx) => &[Table::Operations, Table::Postings],
            (Self::Ledger, Format::Csv) => &[Table::Operations],
            (Self::Postings, _) => &[Table::Postings],
            (Self::Deals, _) => &[Table::Deals],
            (Self::Receipts, _) => &[Table::Receipts],
            (Self::Tickets, _) => &[Table::Tickets],
            (Self::Participants, _) => &[Table::Participants],
            (Self::Winners, _) => &[Table::Winners],
            (Self::PrizeTax, _) => &[Table::PrizeTax],
        }
    }
    /// As people call it.
    pub fn title(self, locale: &str) -> &'static str {
        let language = Language::of(locale);
        match self {
            Self::Contacts => language.pick("Клиенты", "Contacts"),
            Self::Lots => language.pick("Партии баллов", "Lots of points"),
            Self::Ledger => language.pick("Операции с баллами", "Operations of points"),
            Self::Postings => language.pick("Проводки", "Postings"),
            Self::Deals => language.pick("Сделки", "Deals"),
            Self::Receipts => language.pick("Чеки акций", "Receipts of promotions"),
            Self::Tickets => language.pick("Номера в розыгрышах", "Numbers in draws"),
            Self::Participants => language.pick("Участники акций", "Participants of promotions"),
            Self::Winners => language.pick("Победители розыгрышей", "Winners of draws"),
            Self::PrizeTax => language.pick("Налог с призов", "Tax on prizes"),
        }
    }
}

impl Format {
    /// Of its file.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }
}

/// What somebody wants.
#[derive(Debug, Clone)]
pub struct Request {
    /// What.
    pub what: What,
    /// In which form.
    pub format: Format,
    /// In which language, `ru` or `en`; the actor's when not told.
    pub locale: Option<String>,
    /// For how many days the file is kept; [`super::KEEP_DAYS`] when not told.
    pub keep_days: Option<u32>,
    /// A conversation that gets the file when it is ready.
    pub chat: Option<Chat>,
    /// Only these contacts; of contacts and their lots alone.
    pub audience: Option<Audience>,
}

impl Request {
    /// A file to be downloaded.
    pub fn new(what: What, format: Format) -> Self {
        Self { what, format, locale: None, keep_days: None, chat: None, audience: None }
    }
}

/// A conversation with somebody of the staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chat {
    /// Where.
    pub channel: ChannelId,
    /// The conversation in the messenger's terms.
    pub chat: String,
    /// With whom.
    pub contact: ContactId,
}

/// How an export is made, as it was decided when it was asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Options {
    /// The language of the file.
    pub locale: String,
    /// Phones and birthdays are in it in full.
    pub personal: bool,
    /// For how many days the file is kept.
    pub keep_days: u32,
    /// Who gets it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chat: Option<Chat>,
    /// Only these contacts, with the condition as it was then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<Audience>,
}

/// An export.
#[derive(Debug, Clone, PartialEq)]
pub struct Export {
    /// Id.
    pub id: ExportId,
    /// What.
    pub what: What,
    /// In which form.
    pub format: Format,
    /// How.
    pub options: Options,
    /// Where it is.
    pub state: State,
    /// Rows written.
    pub rows_done: i64,
    /// Of so many; not known until they are counted.
    pub rows_total: Option<i64>,
    /// The file; there is one when it is done.
    pub file: FileId,
    /// Its name.
    pub file_name: String,
    /// Its bytes.
    pub size: Option<i64>,
    /// Why it failed.
    pub note: Option<String>,
    /// Who asked: as in the audit log.
    pub created_by: String,
    /// When. Operations after this moment are not in it.
    pub created_at: Instant,
    /// When it came to its end.
    pub finished_at: Option<Instant>,
    /// Until when the file is kept.
    pub expires_at: Option<Instant>,
    pub(super) revision: i64,
    pub(super) progress: Progress,
}

/// Where the work stands, as stored between portions.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Progress {
    /// The company's own fields of contacts, each a column.
    pub fields: Vec<String>,
    /// The last contact whose fields were looked at; none when all were.
    pub fields_after: Option<i64>,
    /// Which of the tables.
    pub table: usize,
    /// The key of the last row written of it; none: not begun.
    pub after: Option<(i64, i64)>,
    /// The workbook.
    pub book: Book,
    /// The next piece of a text file.
    pub piece: i64,
    /// Bytes written so far.
    pub size: i64,
}

impl Export {
    /// The columns that [`Export::from_row`] reads.
    pub(super) fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id(0)?,
            what: row.parse(1)?,
            format: row.parse(2)?,
            options: row.json(3)?,
            state: row.parse(4)?,
            progress: row.json(5)?,
            rows_done: row.int(6)?,
            rows_total: row.opt_int(7)?,
            file: row.id(8)?,
            file_name: row.text(9)?.to_owned(),
            size: row.opt_int(10)?,
            note: row.opt_text(11)?.map(str::to_owned),
            created_by: row.text(12)?.to_owned(),
            created_at: row.instant(13)?,
            finished_at: row.opt_instant(14)?,
            expires_at: row.opt_instant(15)?,
            revision: row.int(16)?,
        })
    }
}
