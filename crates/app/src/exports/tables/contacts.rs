//! Contacts with their balances, and their lots of points.

use super::{Key, Rows, View};
use crate::access;
use crate::contacts::{Contact, contact_columns};
use crate::ledger::ids;
use crate::problem::Fail;
use crate::segments::audience::{self, Audience};
use crate::sheets::{Cell, Column};
use samovar_base::{ContactId, Instant, LotId};
use samovar_store::{Row, Tx, params, query};
use serde_json::Value;
use std::collections::BTreeSet;

/// Most columns of the company's own fields; what is beyond stands together in one more.
const FIELDS_MAX: usize = 60;

/// What is read of each contact `c` with its wallet `w` and card `k`; free points are over that end up to `$4`.
macro_rules! exported {
    ($from:literal, $rest:literal) => {
        concat!(
            "SELECT ", contact_columns!(), ", k.number, COALESCE(w.balance, 0), COALESCE(w.held, 0), COALESCE(w.debt, 0),
             COALESCE((SELECT CAST(SUM(l.remaining - l.held) AS BIGINT) FROM ledger_lot l
                       WHERE l.tenant_id = c.tenant_id AND l.account_id = w.account_id AND +l.expires_at <= $4), 0),
             (SELECT MIN(+l.expires_at) FROM ledger_lot l
              WHERE l.tenant_id = c.tenant_id AND l.account_id = w.account_id AND +l.expires_at > $4
                AND l.remaining > l.held),
             COALESCE((SELECT CAST(SUM(l.remaining - l.held) AS BIGINT) FROM ledger_lot l
                       WHERE l.tenant_id = c.tenant_id AND l.account_id = w.account_id AND +l.expires_at = (
                           SELECT MIN(+n.expires_at) FROM ledger_lot n
                           WHERE n.tenant_id = c.tenant_id AND n.account_id = w.account_id AND +n.expires_at > $4
                             AND n.remaining > n.held)), 0)
             FROM ", $from,
            " LEFT JOIN ledger_wallet w ON w.tenant_id = c.tenant_id AND w.contact_id = c.id AND w.code = 'points'
             LEFT JOIN loyalty_card k ON k.tenant_id = c.tenant_id AND k.contact_id = c.id
             WHERE c.tenant_id = $1 AND c.staff_side = FALSE AND ", $rest
        )
    };
}

query! {
    /// Free points whose time is over are gone, whether or not that is posted yet: as `Wallet::standing` has it.
    /// A plus keeps the planner from the index of all lots by their ends: walked for each contact, it would cost the
    /// square of their number.
    static CONTACTS = exported!("contact c", "c.id > $2 ORDER BY c.id LIMIT $3");
    static THOSE = exported!(
            "json_each($2) AS given CROSS JOIN contact c ON c.tenant_id = $1 AND c.id = given.value",
            "$3 = $3 ORDER BY c.id"
        ),
        postgres = exported!(
            "jsonb_array_elements_text(CAST(CAST($2 AS TEXT) AS JSONB)) AS given(value) \
             JOIN contact c ON c.tenant_id = $1 AND c.id = CAST(given.value AS BIGINT)",
            "CAST($3 AS BIGINT) = $3 ORDER BY c.id"
        );
    static CONTACT_COUNT = "SELECT COUNT(*) FROM contact WHERE tenant_id = $1 AND staff_side = FALSE";
    static FIELDS =
        "SELECT id, fields FROM contact WHERE tenant_id = $1 AND id > $2 AND fields <> '{}' ORDER BY id LIMIT $3";
    static LOTS =
        "SELECT l.account_id, l.id, c.id, c.name, l.points, l.remaining, l.held, l.earned_at, l.expires_at
         FROM ledger_lot l
         JOIN ledger_wallet w ON w.tenant_id = l.tenant_id AND w.account_id = l.account_id
         JOIN contact c ON c.tenant_id = w.tenant_id AND c.id = w.contact_id
         WHERE l.tenant_id = $1 AND (l.account_id, l.id) > ($2, $3) AND l.remaining > 0
         ORDER BY l.account_id, l.id LIMIT $4";
    static LOT_COUNT = "SELECT COUNT(*) FROM ledger_lot WHERE tenant_id = $1 AND remaining > 0";
}

pub(super) fn columns(view: &View) -> Vec<Column> {
    let fixed: [(&str, &str, u16); 20] = [
        ("Код клиента", "Contact id", 19),
        ("Имя", "Name", 28),
        ("Телефон", "Phone", 17),
        ("Телефон подтверждён", "Phone proved", 12),
        ("День рождения", "Birthday", 13),
        ("Карта", "Card", 16),
        ("Баллы", "Points", 11),
        ("Доступно", "Available", 11),
        ("В резерве", "On hold", 11),
        ("Долг", "Debt", 9),
        ("Ближайшее сгорание", "Next expiry", 17),
        ("Сгорит баллов", "Points to expire", 13),
        ("Метки", "Tags", 24),
        ("Согласия", "Consents", 20),
        ("Источник", "Source", 14),
        ("Язык", "Language", 8),
        ("Зарегистрирован", "Registered", 17),
        ("Первое обращение", "First seen", 17),
        ("Просил не писать", "Asked for silence", 17),
        ("Данные стёрты", "Data erased", 17),
    ];
    let mut all: Vec<Column> =
        fixed.iter().map(|(ru, en, width)| Column::new(view.language.pick(ru, en), *width)).collect();
    all.extend(view.fields.iter().map(|field| Column::new(field.as_str(), 18)));
    if view.fields.len() == FIELDS_MAX {
        all.push(Column::new(view.language.pick("Другие поля", "Other fields"), 30));
    }
    all
}

pub(super) async fn count(tx: &Tx, view: &View) -> Result<i64, Fail> {
    if let Some(audience) = &view.audience {
        return audience::count(tx, audience, view.until).await;
    }
    Ok(tx.one(&CONTACT_COUNT, ()).await?.map_or(Ok(0), |row| row.int(0))?)
}

pub(super) async fn rows(tx: &Tx, view: &View, after: Key, limit: u32) -> Result<Rows, Fail> {
    if let Some(audience) = &view.audience {
        let those = those(tx, audience, view.until, after, limit).await?;
        let rows = tx.all(&THOSE, params![ids(&those), limit, view.until]).await?;
        return rows.iter().map(|row| one(row, view)).collect();
    }
    let rows = tx.all(&CONTACTS, params![after.0, limit, view.until]).await?;
    rows.iter().map(|row| one(row, view)).collect()
}

/// The next `limit` of an audience.
async fn those(
    tx: &Tx,
    audience: &Audience,
    now: Instant,
    after: Key,
    limit: u32,
) -> Result<Vec<ContactId>, Fail> {
    let (mut found, mut last) = (Vec::new(), Some(ContactId(after.0)));
    while found.len() < limit as usize {
        let wanted = (limit - u32::try_from(found.len()).unwrap_or(limit)).min(audience::PAGE_MAX);
        let page = audience::page(tx, audience, now, last, wanted).await?;
        found.extend(page.iter().map(|contact| contact.id));
        last = found.last().copied();
        if page.len() < wanted as usize {
            break;
        }
    }
    Ok(found)
}

fn one(row: &Row, view: &View) -> Result<(Key, Vec<Cell>), Fail> {
    let contact = Contact::from_row(row, 0)?;
    let at = Contact::COLUMN_COUNT;
    let (balance, held, debt, over) =
        (row.int(at + 1)?, row.int(at + 2)?, row.int(at + 3)?, row.int(at + 4)?);
    let expiry = row.opt_instant(at + 5)?;
    let birthday = if view.personal { contact.birthday } else { None };
    let consents = contact.consents.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
    let mut cells = vec![
        Cell::Text(contact.id.to_string()),
        Cell::text(contact.name.as_str()),
        view.phone(contact.phone.as_deref()),
        if contact.phone.is_some() { Cell::Flag(contact.phone_proved) } else { Cell::Empty },
        birthday.map_or(Cell::Empty, Cell::Day),
        row.opt_text(at)?.map_or(Cell::Empty, |number| Cell::Digits(number.to_owned())),
        Cell::Whole(balance - over),
        Cell::Whole((balance + debt - held - over).max(0)),
        Cell::Whole(held),
        Cell::Whole(debt),
        view.maybe_moment(expiry),
        if expiry.is_some() { Cell::Whole(row.int(at + 6)?) } else { Cell::Empty },
        Cell::text(contact.tags.iter().map(String::as_str).collect::<Vec<_>>().join(", ")),
        Cell::text(consents),
        Cell::maybe(contact.source.as_deref()),
        Cell::text(contact.locale.as_str()),
        view.maybe_moment(contact.registered_at),
        view.moment(contact.created_at),
        view.maybe_moment(contact.stopped_at),
        view.maybe_moment(contact.erased_at),
    ];
    let fields = if view.personal { contact.fields } else { access::hidden(contact.fields) };
    cells.extend(view.fields.iter().map(|field| fields.get(field).map_or(Cell::Empty, own)));
    if view.fields.len() == FIELDS_MAX {
        let others = fields.iter().filter(|(name, _)| !view.fields.contains(name));
        let others: Vec<String> = others.map(|(name, value)| format!("{name}={}", plain(value))).collect();
        cells.push(Cell::text(others.join("; ")));
    }
    Ok(((contact.id.0, 0), cells))
}

fn own(value: &Value) -> Cell {
    match value {
        Value::Bool(yes) => Cell::Flag(*yes),
        Value::Number(number) => number.as_i64().map_or_else(|| Cell::text(number.to_string()), Cell::Whole),
        value => Cell::text(plain(value)),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Names of own fields of up to `limit` contacts after one, put to those known; the last contact looked at, or none
/// when these were all.
pub(in crate::exports) async fn fields(
    tx: &Tx,
    known: &mut Vec<String>,
    after: i64,
    limit: u32,
) -> Result<Option<i64>, Fail> {
    let rows = tx.all(&FIELDS, params![after, limit]).await?;
    let mut names: BTreeSet<String> = known.drain(..).collect();
    for row in &rows {
        let own: serde_json::Map<String, Value> = row.json(1)?;
        for name in own.into_iter().map(|(name, _)| name) {
            if names.len() < FIELDS_MAX {
                names.insert(name);
            }
        }
    }
    known.extend(names);
    let full = rows.len() == limit as usize;
    Ok(rows.last().filter(|_| full).map(|row| row.int(0)).transpose()?)
}

pub(super) fn lot_columns(view: &View) -> Vec<Column> {
    let all: [(&str, &str, u16); 8] = [
        ("Код клиента", "Contact id", 19),
        ("Имя", "Name", 28),
        ("Партия", "Lot", 19),
        ("Начислено", "Earned", 12),
        ("Осталось", "Left", 12),
        ("В резерве", "On hold", 12),
        ("Когда начислено", "Earned at", 17),
        ("Сгорит", "Expires at", 17),
    ];
    all.iter().map(|(ru, en, width)| Column::new(view.language.pick(ru, en), *width)).collect()
}

pub(super) async fn lot_count(tx: &Tx) -> Result<i64, Fail> {
    Ok(tx.one(&LOT_COUNT, ()).await?.map_or(Ok(0), |row| row.int(0))?)
}

pub(super) async fn lot_rows(tx: &Tx, view: &View, after: Key, limit: u32) -> Result<Rows, Fail> {
    let rows = tx.all(&LOTS, params![after.0, after.1, limit]).await?;
    rows.iter()
        .map(|row| {
            let (contact, lot): (ContactId, LotId) = (row.id(2)?, row.id(1)?);
            let expires: Option<Instant> = row.opt_instant(8)?;
            let cells = vec![
                Cell::Text(contact.to_string()),
                Cell::text(row.text(3)?),
                Cell::Text(lot.to_string()),
                Cell::Whole(row.int(4)?),
                Cell::Whole(row.int(5)?),
                Cell::Whole(row.int(6)?),
                view.moment(row.instant(7)?),
                view.maybe_moment(expires),
            ];
            Ok(((row.int(0)?, row.int(1)?), cells))
        })
        .collect()
}
