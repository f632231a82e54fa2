//! Operations of the ledger, and their postings.

use super::{Key, Rows, View};
use crate::ledger::{Account, OperationId, PostingKind};
use crate::loyalty::{Speech, Units};
use crate::problem::Fail;
use crate::sheets::{Cell, Column, Language};
use crate::visit::Cause;
use samovar_base::{ContactId, Instant, LotId, PostingId};
use samovar_store::{Row, StoreError, Tx, params, query};

query! {
    static OPERATIONS =
        "SELECT o.at, o.id, w.contact_id, c.name, o.kind, o.points, o.balance, o.note, o.cause, o.key
         FROM ledger_operation o
         LEFT JOIN ledger_wallet w ON w.tenant_id = o.tenant_id AND w.account_id = o.account_id
         LEFT JOIN contact c ON c.tenant_id = w.tenant_id AND c.id = w.contact_id
         WHERE o.tenant_id = $1 AND (o.at, o.id) > ($2, $3) AND o.at <= $4
         ORDER BY o.at, o.id LIMIT $5";
    static OPERATION_COUNT = "SELECT COUNT(*) FROM ledger_operation WHERE tenant_id = $1 AND at <= $2";
    static POSTINGS =
        "SELECT p.id, p.at, p.operation, p.kind, p.debit, p.credit, d.contact_id, c.contact_id, p.points, p.lot_id,
             p.reverses
         FROM ledger_posting p
         LEFT JOIN ledger_wallet d ON d.tenant_id = p.tenant_id AND d.account_id = p.debit
         LEFT JOIN ledger_wallet c ON c.tenant_id = p.tenant_id AND c.account_id = p.credit
         WHERE p.tenant_id = $1 AND p.id > $2 AND p.at <= $3 ORDER BY p.id LIMIT $4";
    static POSTING_COUNT = "SELECT COUNT(*) FROM ledger_posting WHERE tenant_id = $1 AND at <= $2";
}

pub(super) fn columns(view: &View) -> Vec<Column> {
    let all: [(&str, &str, u16); 10] = [
        ("Когда", "When", 17),
        ("Код клиента", "Contact id", 19),
        ("Имя", "Name", 28),
        ("Операция", "Operation", 18),
        ("Вид", "Kind", 12),
        ("Баллы", "Points", 11),
        ("Остаток", "Balance", 11),
        ("Комментарий", "Comment", 36),
        ("Кто", "Who", 20),
        ("Ключ операции", "Operation key", 40),
    ];
    all.iter().map(|(ru, en, width)| Column::new(view.language.pick(ru, en), *width)).collect()
}

pub(super) async fn count(tx: &Tx, until: Instant) -> Result<i64, Fail> {
    Ok(tx.one(&OPERATION_COUNT, params![until]).await?.map_or(Ok(0), |row| row.int(0))?)
}

pub(super) async fn rows(tx: &Tx, view: &View, after: Key, limit: u32) -> Result<Rows, Fail> {
    let rows = tx.all(&OPERATIONS, params![after.0, after.1, view.until, limit]).await?;
    rows.iter()
        .map(|row| {
            let (id, contact): (OperationId, Option<ContactId>) = (row.id(1)?, row.opt_id(2)?);
            let cause: Cause = row.json(8)?;
            let kind = row.text(4)?;
            let cells = vec![
                view.moment(row.instant(0)?),
                Cell::text(contact.map(|id| id.to_string()).unwrap_or_default()),
                Cell::maybe(row.opt_text(3)?),
                Cell::text(spoken(kind, view.language)),
                Cell::text(kind),
                Cell::Whole(row.int(5)?),
                Cell::Whole(row.int(6)?),
                Cell::maybe(row.opt_text(7)?),
                view.who(&cause),
                Cell::text(row.text(9)?),
            ];
            Ok(((row.int(0)?, id.0), cells))
        })
        .collect()
}

/// The operation as customers read it.
pub(crate) fn spoken(kind: &str, language: Language) -> &'static str {
    let units = Units::default();
    let locale = language.pick("ru", "en");
    Speech { units: &units, locale, zone: &jiff::tz::TimeZone::UTC }.what_for(kind)
}

pub(super) fn posting_columns(view: &View) -> Vec<Column> {
    let all: [(&str, &str, u16); 9] = [
        ("Проводка", "Posting", 19),
        ("Когда", "When", 17),
        ("Ключ операции", "Operation key", 40),
        ("Вид", "Kind", 14),
        ("Со счёта", "From", 22),
        ("На счёт", "To", 22),
        ("Баллы", "Points", 11),
        ("Партия", "Lot", 19),
        ("Отменяет проводку", "Undoes posting", 19),
    ];
    all.iter().map(|(ru, en, width)| Column::new(view.language.pick(ru, en), *width)).collect()
}

pub(super) async fn posting_count(tx: &Tx, until: Instant) -> Result<i64, Fail> {
    Ok(tx.one(&POSTING_COUNT, params![until]).await?.map_or(Ok(0), |row| row.int(0))?)
}

pub(super) async fn posting_rows(tx: &Tx, view: &View, after: Key, limit: u32) -> Result<Rows, Fail> {
    let rows = tx.all(&POSTINGS, params![after.0, view.until, limit]).await?;
    rows.iter()
        .map(|row| {
            let id: PostingId = row.id(0)?;
            let (lot, reverses): (Option<LotId>, Option<PostingId>) = (row.opt_id(9)?, row.opt_id(10)?);
            let cells = vec![
                Cell::Text(id.to_string()),
                view.moment(row.instant(1)?),
                Cell::text(row.text(2)?),
                kind(row.text(3)?, view.language),
                account(row, 4, 6, view.language)?,
                account(row, 5, 7, view.language)?,
                Cell::Whole(row.int(8)?),
                Cell::text(lot.map(|id| id.to_string()).unwrap_or_default()),
                Cell::text(reverses.map(|id| id.to_string()).unwrap_or_default()),
            ];
            Ok(((id.0, 0), cells))
        })
        .collect()
}

fn kind(name: &str, language: Language) -> Cell {
    Cell::text(match PostingKind::from_name(name) {
        Some(PostingKind::Earn) => language.pick("начисление", "earned"),
        Some(PostingKind::Spend) => language.pick("оплата", "spent"),
        Some(PostingKind::Deduct) => language.pick("списание", "deducted"),
        Some(PostingKind::Capture) => language.pick("оплата из резерва", "captured"),
        Some(PostingKind::Expire) => language.pick("сгорание", "expired"),
        Some(PostingKind::Reverse) => language.pick("отмена", "undone"),
        Some(PostingKind::Repay) => language.pick("погашение долга", "debt repaid"),
        None => name,
    })
}

/// A customer's account by the customer, one of the system by its name.
fn account(row: &Row, number: usize, contact: usize, language: Language) -> Result<Cell, StoreError> {
    if let Some(contact) = row.opt_id::<ContactId>(contact)? {
        return Ok(Cell::Text(contact.to_string()));
    }
    Ok(Cell::text(match Account::from_number(row.int(number)?) {
        Account::Issued => language.pick("выпуск", "issued").to_owned(),
        Account::Redeemed => language.pick("погашено", "redeemed").to_owned(),
        Account::Expired => language.pick("сгорело", "expired").to_owned(),
        Account::Adjusted => language.pick("корректировки", "adjusted").to_owned(),
        Account::Wallet(id) => id.to_string(),
    }))
}
