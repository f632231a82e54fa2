//! Promotions: receipts, numbers and participants of all of them, promotion by promotion.

use super::{Key, Rows, View};
use crate::problem::Fail;
use crate::promo::Reason;
use crate::receipts::State;
use crate::sheets::{Cell, Column, Language};
use jiff::civil::DateTime;
use samovar_base::{ContactId, Instant, PromotionId, ReceiptId};
use samovar_store::{Row, Tx, params, query};

query! {
    static RECEIPTS =
        "SELECT r.promotion_id, r.id, p.name, r.contact_id, c.name, c.phone, r.arrived_at, r.source, r.sum, r.bought_at,
             r.drive, r.document, r.sign, r.state, r.reason, r.note, r.ticket, r.score, r.judged_by, r.judged_at
         FROM receipts_receipt r
         JOIN promo_promotion p ON p.tenant_id = r.tenant_id AND p.id = r.promotion_id
         LEFT JOIN contact c ON c.tenant_id = r.tenant_id AND c.id = r.contact_id
         WHERE r.tenant_id = $1 AND (r.promotion_id, r.id) > ($2, $3) AND r.arrived_at <= $4
         ORDER BY r.promotion_id, r.id LIMIT $5";
    static RECEIPT_COUNT = "SELECT COUNT(*) FROM receipts_receipt WHERE tenant_id = $1 AND arrived_at <= $2";
    static TICKETS =
        "SELECT t.promotion_id, t.number, p.name, t.contact_id, c.name, c.phone, t.receipt_id, t.arrived_at, t.issued_at
         FROM promo_ticket t
         JOIN promo_promotion p ON p.tenant_id = t.tenant_id AND p.id = t.promotion_id
         LEFT JOIN contact c ON c.tenant_id = t.tenant_id AND c.id = t.contact_id
         WHERE t.tenant_id = $1 AND (t.promotion_id, t.number) > ($2, $3) AND t.issued_at <= $4
         ORDER BY t.promotion_id, t.number LIMIT $5";
    static TICKET_COUNT = "SELECT COUNT(*) FROM promo_ticket WHERE tenant_id = $1 AND issued_at <= $2";
    static PARTICIPANTS =
        "SELECT m.promotion_id, m.contact_id, p.name, c.name, c.phone, m.source, m.version, m.blocked, m.joined_at,
             (SELECT COUNT(*) FROM promo_ticket t
              WHERE t.tenant_id = m.tenant_id AND t.promotion_id = m.promotion_id AND t.contact_id = m.contact_id),
             d.code
         FROM promo_participant m
         JOIN promo_promotion p ON p.tenant_id = m.tenant_id AND p.id = m.promotion_id
         LEFT JOIN contact c ON c.tenant_id = m.tenant_id AND c.id = m.contact_id
         LEFT JOIN promo_code d ON d.tenant_id = m.tenant_id AND d.promotion_id = m.promotion_id
             AND d.contact_id = m.contact_id AND d.contact_id IS NOT NULL
         WHERE m.tenant_id = $1 AND (m.promotion_id, m.contact_id) > ($2, $3) AND m.joined_at <= $4
         ORDER BY m.promotion_id, m.contact_id LIMIT $5";
    static PARTICIPANT_COUNT = "SELECT COUNT(*) FROM promo_participant WHERE tenant_id = $1 AND joined_at <= $2";
}

fn titled(view: &View, all: &[(&str, &str, u16)]) -> Vec<Column> {
    all.iter().map(|(ru, en, width)| Column::new(view.language.pick(ru, en), *width)).collect()
}

async fn counted(tx: &Tx, query: &'static samovar_store::Query, until: Instant) -> Result<i64, Fail> {
    Ok(tx.one(query, params![until]).await?.map_or(Ok(0), |row| row.int(0))?)
}

pub(super) fn receipt_columns(view: &View) -> Vec<Column> {
    titled(
        view,
        &[
            ("Акция", "Promotion", 24),
            ("Чек", "Receipt", 19),
            ("Код клиента", "Contact id", 19),
            ("Имя", "Name", 28),
            ("Телефон", "Phone", 17),
            ("Прислан", "Received", 17),
            ("Как прислан", "Sent as", 14),
            ("Сумма, ₽", "Sum, ₽", 13),
            ("Куплено (по кассе)", "Bought (by the till)", 17),
            ("ФН", "FN", 18),
            ("ФД", "FD", 12),
            ("ФП", "FP", 13),
            ("Состояние", "State", 18),
            ("Причина", "Reason", 26),
            ("Комментарий", "Comment", 30),
            ("Номер", "Number", 10),
            ("Подозрительность", "Suspicion", 10),
            ("Кто решил", "Decided by", 20),
            ("Когда решено", "Decided", 17),
        ],
    )
}

pub(super) async fn receipt_count(tx: &Tx, until: Instant) -> Result<i64, Fail> {
    counted(tx, &RECEIPT_COUNT, until).await
}

pub(super) async fn receipt_rows(tx: &Tx, view: &View, after: Key, limit: u32) -> Result<Rows, Fail> {
    let rows = tx.all(&RECEIPTS, params![after.0, after.1, view.until, limit]).await?;
    rows.iter().map(|row| receipt(row, view)).collect()
}

fn receipt(row: &Row, view: &View) -> Result<(Key, Vec<Cell>), Fail> {
    let (promotion, id): (PromotionId, ReceiptId) = (row.id(0)?, row.id(1)?);
    let contact: ContactId = row.id(3)?;
    let bought = row.text(9)?.parse::<DateTime>().map_or(Cell::Empty, Cell::Moment);
    let locale = view.language.pick("ru", "en");
    let reason = row.text(14)?.parse::<Reason>().map_or("", |reason| reason.title(locale));
    let judged = row.text(18)?;
    let who = match judged {
        "rules" => view.language.pick("правила", "rules").to_owned(),
        id => view.names.get(id).cloned().unwrap_or_else(|| id.to_owned()),
    };
    let number = |value: i64| if value == 0 { Cell::Empty } else { Cell::Digits(value.to_string()) };
    let cells = vec![
        Cell::text(row.text(2)?),
        Cell::Text(id.to_string()),
        Cell::Text(contact.to_string()),
        Cell::maybe(row.opt_text(4)?),
        view.phone(row.opt_text(5)?),
        view.moment(row.instant(6)?),
        Cell::text(source(row.int(7)?, view.language)),
        Cell::Money(row.int(8)?),
        bought,
        Cell::Digits(row.text(10)?.to_owned()),
        number(row.int(11)?),
        number(row.int(12)?),
        Cell::text(state(row.int(13)?, view.language)),
        Cell::text(reason),
        Cell::text(row.text(15)?),
        row.opt_int(16)?.map_or(Cell::Empty, Cell::Whole),
        Cell::Whole(row.int(17)?),
        Cell::text(who),
        view.maybe_moment(row.opt_instant(19)?),
    ];
    Ok(((promotion.0, id.0), cells))
}

fn source(number: i64, language: Language) -> &'static str {
    match number {
        0 => language.pick("текст кода", "text of the code"),
        1 => language.pick("снимок", "picture"),
        2 => language.pick("файл", "file"),
        3 => language.pick("ссылка", "link"),
        4 => language.pick("вручную", "typed"),
        _ => language.pick("сотрудник", "staff"),
    }
}

fn state(number: i64, language: Language) -> &'static str {
    match State::from_number(number) {
        Some(State::Waiting) => language.pick("ждёт проверки", "waits for its check"),
        Some(State::Checking) => language.pick("проверяется", "being checked"),
        Some(State::Person) => language.pick("ждёт сотрудника", "waits for a person"),
        Some(State::Accepted) => language.pick("принят", "accepted"),
        Some(State::Refused) => language.pick("отклонён", "refused"),
        None => "",
    }
}

pub(super) fn ticket_columns(view: &View) -> Vec<Column> {
    titled(
        view,
        &[
            ("Акция", "Promotion", 24),
            ("Номер", "Number", 10),
            ("Код клиента", "Contact id", 19),
            ("Имя", "Name", 28),
            ("Телефон", "Phone", 17),
            ("Чек", "Receipt", 19),
            ("Чек прислан", "Receipt received", 17),
            ("Номер выдан", "Number given", 17),
        ],
    )
}

pub(super) async fn ticket_count(tx: &Tx, until: Instant) -> Result<i64, Fail> {
    counted(tx, &TICKET_COUNT, until).await
}

pub(super) async fn ticket_rows(tx: &Tx, view: &View, after: Key, limit: u32) -> Result<Rows, Fail> {
    let rows = tx.all(&TICKETS, params![after.0, after.1, view.until, limit]).await?;
    rows.iter()
        .map(|row| {
            let (promotion, number): (PromotionId, i64) = (row.id(0)?, row.int(1)?);
            let cells = vec![
                Cell::text(row.text(2)?),
                Cell::Whole(number),
                Cell::Text(row.id::<ContactId>(3)?.to_string()),
                Cell::maybe(row.opt_text(4)?),
                view.phone(row.opt_text(5)?),
                Cell::Text(row.id::<ReceiptId>(6)?.to_string()),
                view.moment(row.instant(7)?),
                view.moment(row.instant(8)?),
            ];
            Ok(((promotion.0, number), cells))
        })
        .collect()
}

pub(super) fn participant_columns(view: &View) -> Vec<Column> {
    titled(
        view,
        &[
            ("Акция", "Promotion", 24),
            ("Код клиента", "Contact id", 19),
            ("Имя", "Name", 28),
            ("Телефон", "Phone", 17),
            ("Источник", "Source", 16),
            ("Версия правил", "Version of the rules", 10),
            ("Отстранён", "Takes part no more", 24),
            ("Участвует с", "Takes part since", 17),
            ("Номеров", "Numbers", 10),
            ("Промокод", "Code", 20),
        ],
    )
}

pub(super) async fn participant_count(tx: &Tx, until: Instant) -> Result<i64, Fail> {
    counted(tx, &PARTICIPANT_COUNT, until).await
}

pub(super) async fn participant_rows(tx: &Tx, view: &View, after: Key, limit: u32) -> Result<Rows, Fail> {
    let rows = tx.all(&PARTICIPANTS, params![after.0, after.1, view.until, limit]).await?;
    rows.iter()
        .map(|row| {
            let (promotion, contact): (PromotionId, ContactId) = (row.id(0)?, row.id(1)?);
            let cells = vec![
                Cell::text(row.text(2)?),
                Cell::Text(contact.to_string()),
                Cell::maybe(row.opt_text(3)?),
                view.phone(row.opt_text(4)?),
                Cell::text(row.text(5)?),
                Cell::Whole(row.int(6)?),
                Cell::text(row.text(7)?),
                view.moment(row.instant(8)?),
                Cell::Whole(row.int(9)?),
                Cell::maybe(row.opt_text(10)?),
            ];
            Ok(((promotion.0, contact.0), cells))
        })
        .collect()
}
