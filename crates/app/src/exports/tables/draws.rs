//! Winners of draws with what became of their prizes, and the journal of the tax on them.

use super::{Key, Rows, View};
use crate::draws::{self, Delivery, Draw, Seen, TaxLine, WinnerState};
use crate::problem::Fail;
use crate::sheets::{Cell, Column, Language};
use samovar_store::Tx;

pub(super) fn columns(view: &View) -> Vec<Column> {
    let all: [(&str, &str, u16); 19] = [
        ("Розыгрыш", "Draw", 24),
        ("Код розыгрыша", "Draw id", 19),
        ("Место", "Place", 8),
        ("Резерв", "Reserve", 9),
        ("Вместо места", "Instead of", 10),
        ("Билет", "Ticket", 10),
        ("Код клиента", "Contact id", 19),
        ("Имя", "Name", 28),
        ("Приз", "Prize", 28),
        ("Стоимость, ₽", "Worth, ₽", 13),
        ("Состояние", "State", 18),
        ("Ответить до", "Answer by", 17),
        ("Ответил", "Answered", 17),
        ("Кому", "To whom", 32),
        ("Телефон", "Phone", 18),
        ("Куда", "Where to", 44),
        ("Отправлен", "Sent", 17),
        ("Вручён", "Handed over", 17),
        ("Примечание", "Note", 30),
    ];
    all.iter().map(|(ru, en, width)| Column::new(view.language.pick(ru, en), *width)).collect()
}

pub(super) async fn rows(tx: &Tx, view: &View, after: Key, limit: u32) -> Result<Rows, Fail> {
    let found = draws::winners_in(tx, &view.vault, view.personal, after, limit).await?;
    Ok(found.into_iter().map(|(seen, draw)| one(view, seen, draw.as_ref())).collect())
}

fn one(view: &View, seen: Seen, draw: Option<&Draw>) -> (Key, Vec<Cell>) {
    let Seen { winner, prize, contact_name, delivery } = seen;
    let Delivery { name, phone, address } = delivery.unwrap_or_default();
    let shown = |text: String| if text.is_empty() { Cell::Empty } else { Cell::Text(text) };
    let contact_name = if view.personal { contact_name } else { winner.name.clone() };
    let cells = vec![
        draw.map_or(Cell::Empty, |draw| Cell::text(&draw.name)),
        Cell::Text(winner.draw.to_string()),
        Cell::Whole(winner.place),
        if winner.reserve { Cell::text(view.language.pick("да", "yes")) } else { Cell::Empty },
        winner.instead_of.map_or(Cell::Empty, Cell::Whole),
        Cell::Whole(winner.ticket),
        Cell::Text(winner.contact.to_string()),
        shown(contact_name),
        prize.as_ref().map_or(Cell::Empty, |prize| Cell::text(&prize.name)),
        prize.as_ref().map_or(Cell::Empty, |prize| Cell::Money(prize.value)),
        Cell::text(state(winner.state, view.language)),
        view.maybe_moment(winner.answer_until),
        view.maybe_moment(winner.answered_at),
        shown(name),
        shown(phone),
        shown(address),
        view.maybe_moment(winner.sent_at),
        view.maybe_moment(winner.handed_at),
        shown(winner.note),
    ];
    ((winner.draw.0, winner.place), cells)
}

fn state(state: WinnerState, language: Language) -> &'static str {
    match state {
        WinnerState::Reserve => language.pick("в резерве", "in reserve"),
        WinnerState::Drawn => language.pick("не извещён", "not told"),
        WinnerState::Told => language.pick("извещён", "told"),
        WinnerState::Accepted => language.pick("берёт приз", "takes it"),
        WinnerState::Sent => language.pick("отправлен", "sent"),
        WinnerState::Handed => language.pick("вручён", "handed over"),
        WinnerState::Refused => language.pick("отказ", "refused"),
        WinnerState::Silent => language.pick("не ответил", "no answer"),
    }
}

pub(super) fn tax_columns(view: &View) -> Vec<Column> {
    let all: [(&str, &str, u16); 13] = [
        ("Год", "Year", 7),
        ("Вручён", "Handed over", 17),
        ("Код клиента", "Contact id", 19),
        ("Имя", "Name", 32),
        ("Приз", "Prize", 30),
        ("Стоимость, ₽", "Worth, ₽", 13),
        ("Получено раньше в году, ₽", "Before in the year, ₽", 16),
        ("Облагается, ₽", "Taxable, ₽", 14),
        ("Налог, ₽", "Tax, ₽", 12),
        ("Не облагается в год, ₽", "Free in a year, ₽", 16),
        ("Ставка, %", "Rate, %", 10),
        ("Код розыгрыша", "Draw id", 19),
        ("Место", "Place", 8),
    ];
    all.iter().map(|(ru, en, width)| Column::new(view.language.pick(ru, en), *width)).collect()
}

pub(super) async fn tax_rows(tx: &Tx, view: &View, after: Key, limit: u32) -> Result<Rows, Fail> {
    let lines = draws::tax_lines_in(tx, view.personal, after.0, limit).await?;
    Ok(lines.into_iter().map(|line| tax_row(view, line)).collect())
}

fn tax_row(view: &View, line: TaxLine) -> (Key, Vec<Cell>) {
    let cells = vec![
        Cell::Whole(line.year),
        view.moment(line.handed_at),
        Cell::Text(line.contact.to_string()),
        Cell::Text(line.name),
        Cell::Text(line.prize),
        Cell::Money(line.worth),
        Cell::Money(line.before),
        Cell::Money(line.taxable),
        Cell::Money(line.tax),
        Cell::Money(line.rule.free),
        Cell::Text(format!("{}.{:02}", line.rule.rate / 100, line.rule.rate % 100)),
        Cell::Text(line.draw.to_string()),
        Cell::Whole(line.place),
    ];
    ((line.id.0, 0), cells)
}
