//! The tables that are exported: their columns, and their rows read in portions by key.

mod contacts;
mod deals;
mod draws;
mod ledger;
mod promo;

use crate::problem::Fail;
use crate::segments::Audience;
use crate::sheets::{Cell, Column, Language};
use crate::visit::Cause;
use jiff::tz::TimeZone;
use samovar_base::{Instant, Vault};
use samovar_store::{Tx, params, query};
use std::collections::HashMap;
use std::sync::Arc;

pub(super) use contacts::fields;
pub(crate) use ledger::spoken;

query! {
    static STAFF_NAMES = "SELECT id, name FROM staff WHERE tenant_id = $1 ORDER BY id LIMIT 1000";
    static KEY_NAMES = "SELECT id, name FROM api_key WHERE tenant_id = $1 ORDER BY id DESC LIMIT 1000";
}

/// A table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Table {
    /// Contacts with their balances.
    Contacts,
    /// Lots with points in them.
    Lots,
    /// Operations of the ledger.
    Operations,
    /// Postings of the ledger.
    Postings,
    /// Deals and orders.
    Deals,
    /// Receipts of promotions.
    Receipts,
    /// Numbers in their draws.
    Tickets,
    /// Who takes part in them.
    Participants,
    /// Winners of draws.
    Winners,
    /// The journal of the tax on prizes.
    PrizeTax,
}

/// Through whose eyes a table is read.
#[derive(Debug, Clone)]
pub(super) struct View {
    /// The language of titles and words.
    pub language: Language,
    /// The zone of the business: days and hours are its own.
    pub zone: TimeZone,
    /// Phones and birthdays in full.
    pub personal: bool,
    /// What was posted later is not read.
    pub until: Instant,
    /// Only these contacts.
    pub audience: Option<Audience>,
    /// The company's own fields, each a column.
    pub fields: Vec<String>,
    /// Names of people and keys, by their ids as texts.
    pub names: HashMap<String, String>,
    /// Opens what is sealed.
    pub vault: Arc<Vault>,
}

/// The key of a row: rows are read in its order.
pub(super) type Key = (i64, i64);

/// Before the first row.
pub(super) const FIRST: Key = (i64::MIN, i64::MIN);

/// Rows with the key of each.
pub(super) type Rows = Vec<(Key, Vec<Cell>)>;

impl Table {
    /// The name of the sheet.
    pub fn title(self, language: Language) -> &'static str {
        match self {
            Self::Contacts => language.pick("Клиенты", "Contacts"),
            Self::Lots => language.pick("Партии баллов", "Lots"),
            Self::Operations => language.pick("Операции", "Operations"),
            Self::Postings => language.pick("Проводки", "Postings"),
            Self::Deals => language.pick("Сделки", "Deals"),
            Self::Receipts => language.pick("Чеки", "Receipts"),
            Self::Tickets => language.pick("Номера", "Numbers"),
            Self::Participants => language.pick("Участники", "Participants"),
            Self::Winners => language.pick("Победители", "Winners"),
            Self::PrizeTax => language.pick("Налог с призов", "Tax on prizes"),
        }
    }

    /// What stands above.
    pub fn columns(self, view: &View) -> Vec<Column> {
        match self {
            Self::Contacts => contacts::columns(view),
            Self::Lots => contacts::lot_columns(view),
            Self::Operations => ledger::columns(view),
            Self::Postings => ledger::posting_columns(view),
            Self::Deals => deals::columns(view),
            Self::Receipts => promo::receipt_columns(view),
            Self::Tickets => promo::ticket_columns(view),
            Self::Participants => promo::participant_columns(view),
            Self::Winners => draws::columns(view),
            Self::PrizeTax => draws::tax_columns(view),
        }
    }

    /// How many rows there are about now.
    pub async fn count(self, tx: &Tx, view: &View) -> Result<i64, Fail> {
        match self {
            Self::Contacts => contacts::count(tx, view).await,
            Self::Lots => contacts::lot_count(tx).await,
            Self::Operations => ledger::count(tx, view.until).await,
            Self::Postings => ledger::posting_count(tx, view.until).await,
            Self::Deals => deals::count(tx, view.until).await,
            Self::Receipts => promo::receipt_count(tx, view.until).await,
            Self::Tickets => promo::ticket_count(tx, view.until).await,
            Self::Participants => promo::participant_count(tx, view.until).await,
            Self::Winners => Ok(crate::draws::winner_count(tx).await?),
            Self::PrizeTax => Ok(crate::draws::tax_count(tx).await?),
        }
    }

    /// Up to `limit` rows after a key; fewer are the last.
    pub async fn read(self, tx: &Tx, view: &View, after: Key, limit: u32) -> Result<Rows, Fail> {
        match self {
            Self::Contacts => contacts::rows(tx, view, after, limit).await,
            Self::Lots => contacts::lot_rows(tx, view, after, limit).await,
            Self::Operations => ledger::rows(tx, view, after, limit).await,
            Self::Postings => ledger::posting_rows(tx, view, after, limit).await,
            Self::Deals => deals::rows(tx, view, after, limit).await,
            Self::Receipts => promo::receipt_rows(tx, view, after, limit).await,
            Self::Tickets => promo::ticket_rows(tx, view, after, limit).await,
            Self::Participants => promo::participant_rows(tx, view, after, limit).await,
            Self::Winners => draws::rows(tx, view, after, limit).await,
            Self::PrizeTax => draws::tax_rows(tx, view, after, limit).await,
        }
    }
}

impl View {
    /// A moment as the business saw it.
    fn moment(&self, at: Instant) -> Cell {
        Cell::Moment(at.in_zone(&self.zone).datetime())
    }
    fn maybe_moment(&self, at: Option<Instant>) -> Cell {
        at.map_or(Cell::Empty, |at| self.moment(at))
    }
    fn phone(&self, phone: Option<&str>) -> Cell {
        match phone {
            None => Cell::Empty,
            Some(phone) if self.personal => Cell::Phone(phone.to_owned()),
            Some(phone) => Cell::Phone(samovar_base::phone::masked(phone)),
        }
    }
    /// Who caused a change, by name where there is one.
    fn who(&self, cause: &Cause) -> Cell {
        let name = self.names.get(&cause.id).cloned();
        let word = match cause.by.as_str() {
            "staff" => self.language.pick("сотрудник", "staff"),
            "api" => "API",
            "setup" => self.language.pick("файл компании", "company file"),
            "update" | "timer" => self.language.pick("бот", "bot"),
            _ => self.language.pick("программа", "program"),
        };
        Cell::Text(name.unwrap_or_else(|| word.to_owned()))
    }
}

/// Names of people and keys.
pub(crate) async fn names(tx: &Tx) -> Result<HashMap<String, String>, Fail> {
    let mut names = HashMap::new();
    for row in tx.all(&STAFF_NAMES, params![]).await? {
        names.insert(row.id::<samovar_base::StaffId>(0)?.to_string(), row.text(1)?.to_owned());
    }
    for row in tx.all(&KEY_NAMES, params![]).await? {
        names.insert(row.id::<samovar_base::ApiKeyId>(0)?.to_string(), row.text(1)?.to_owned());
    }
    Ok(names)
}
