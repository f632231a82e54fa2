//! The parts of a code as people type them from the receipt, each with its own reader and its own complaint.

use crate::code::{Code, Key, Operation};
use jiff::civil::{Date, DateTime, Time};
use serde::Serialize;

/// A part of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// Day of the purchase.
    Date,
    /// Time of the day.
    Time,
    /// What was paid.
    Sum,
    /// ФН.
    Drive,
    /// ФД.
    Document,
    /// ФП, also ФПД.
    Sign,
    /// Sale or return.
    Operation,
}

/// What is wrong with a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Flaw {
    /// Not in any form that is known.
    Unreadable,
    /// Not as many digits as it has on receipts.
    Length,
    /// There is no such day, time or kind of operation.
    NoSuch,
    /// Before 2017, when there were no such receipts.
    TooOld,
}

/// A part, and what is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, thiserror::Error)]
#[error("{field:?} is not as on a receipt: {flaw:?}")]
pub struct Wrong {
    /// Which part.
    pub field: Field,
    /// What is wrong.
    pub flaw: Flaw,
}

impl Wrong {
    /// What is said to the person who typed it: in Russian, in English.
    pub const fn says(&self) -> [&'static str; 2] {
        match (self.field, self.flaw) {
            (Field::Date, Flaw::TooOld) => [
                "Чеки с такими кодами печатают с 2017 года. Посмотрите дату на чеке и введите её, например 17.09.2026.",
                "Receipts with such codes have been printed since 2017. Look at the date on the receipt and type it, like 17.09.2026.",
            ],
            (Field::Date, Flaw::NoSuch) => [
                "Такого дня нет. Введите дату с чека, например 17.09.2026.",
                "There is no such day. Type the date from the receipt, like 17.09.2026.",
            ],
            (Field::Date, _) => [
                "Введите дату с чека: день, месяц и год, например 17.09.2026.",
                "Type the date from the receipt: day, month and year, like 17.09.2026.",
            ],
            (Field::Time, _) => [
                "Введите время с чека: часы и минуты, например 18:01.",
                "Type the time from the receipt: hours and minutes, like 18:01.",
            ],
            (Field::Sum, _) => [
                "Введите сумму чека с копейками, например 1285.21. Она стоит в строке «ИТОГ».",
                "Type the sum of the receipt with kopecks, like 1285.21. It stands in the line “ИТОГ”.",
            ],
            (Field::Drive, Flaw::Length) => [
                "Номер ФН — ровно 16 цифр. Сверьте его с чеком и введите ещё раз.",
                "The number ФН has exactly 16 digits. Compare it with the receipt and type it again.",
            ],
            (Field::Drive, _) => [
                "Введите номер ФН: 16 цифр после букв «ФН» внизу чека.",
                "Type the number ФН: 16 digits after the letters “ФН” at the bottom of the receipt.",
            ],
            (Field::Document, _) => [
                "Введите номер ФД: до 10 цифр после букв «ФД» внизу чека.",
                "Type the number ФД: up to 10 digits after the letters “ФД” at the bottom of the receipt.",
            ],
            (Field::Sign, _) => [
                "Введите номер ФП: до 10 цифр после букв «ФП» или «ФПД» внизу чека.",
                "Type the number ФП: up to 10 digits after the letters “ФП” or “ФПД” at the bottom of the receipt.",
            ],
            (Field::Operation, _) => [
                "На чеке написано «Приход» или «Возврат прихода». Введите 1, если приход, и 2, если возврат.",
                "The receipt says “Приход” (a sale) or “Возврат прихода” (a return). Type 1 for a sale, 2 for a return.",
            ],
        }
    }
}

/// The parts of a code as they were typed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Typed<'a> {
    /// See [`date`].
    pub date: &'a str,
    /// See [`time`].
    pub time: &'a str,
    /// See [`sum`].
    pub sum: &'a str,
    /// See [`drive`].
    pub drive: &'a str,
    /// See [`document`].
    pub document: &'a str,
    /// See [`sign`].
    pub sign: &'a str,
    /// See [`operation`]; empty is a sale.
    pub operation: &'a str,
}

/// A code from its parts.
///
/// # Errors
/// The first part that is wrong.
pub fn of_fields(typed: &Typed<'_>) -> Result<Code, Wrong> {
    let wrong = |field| move |flaw| Wrong { field, flaw };
    let at = DateTime::from_parts(
        date(typed.date).map_err(wrong(Field::Date))?,
        time(typed.time).map_err(wrong(Field::Time))?,
    );
    let sum = sum(typed.sum).map_err(wrong(Field::Sum))?;
    let key = Key {
        drive: drive(typed.drive).map_err(wrong(Field::Drive))?,
        document: document(typed.document).map_err(wrong(Field::Document))?,
        sign: sign(typed.sign).map_err(wrong(Field::Sign))?,
    };
    let operation = match typed.operation.trim() {
        "" => Operation::Sale,
        told => operation(told).map_err(wrong(Field::Operation))?,
    };
    Ok(Code { key, at, sum, operation })
}

/// A typed answer is never longer.
const TYPED_MAX: usize = 100;
/// The first year with such receipts.
const FIRST_YEAR: i16 = 2017;
/// In kopecks: a thousand million rubles.
const SUM_MAX: i64 = 100_000_000_000;

/// Months by how their names begin, in Russian and in English.
const MONTHS: [&[&str]; 12] = [
    &["янв", "jan"],
    &["фев", "feb"],
    &["мар", "mar"],
    &["апр", "apr"],
    &["май", "мая", "may"],
    &["июн", "jun"],
    &["июл", "jul"],
    &["авг", "aug"],
    &["сен", "sep"],
    &["окт", "oct"],
    &["ноя", "nov"],
    &["дек", "dec"],
];

/// `17.09.2024`, `17.09.24`, `17/9/24`, `2024-09-17`, `170924`, `17092024`, `20240917`, `17 сентября 2024`.
///
/// # Errors
/// When it is not a day since 2017.
pub fn date(text: &str) -> Result<Date, Flaw> {
    let text = bounded(text)?.to_lowercase();
    let parts: Vec<&str> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).collect();
    let (year, month, day) = match parts.as_slice() {
        [one] if digits(one) && one.len() == 6 => (&one[4..], &one[2..4], &one[..2]),
        // A day of a year since 2017 never reads as day and month the other way round: there is no 17th month.
        [one] if digits(one) && one.len() == 8 && day_month_year(one).is_none() => {
            (&one[..4], &one[4..6], &one[6..])
        }
        [one] if digits(one) && one.len() == 8 => (&one[4..], &one[2..4], &one[..2]),
        [year, month, day] if year.len() == 4 => (*year, *month, *day),
        [day, month, year] | [day, month, year, "г" | "года" | "year"] => (*year, *month, *day),
        _ => return Err(Flaw::Unreadable),
    };
    let month = match MONTHS.iter().position(|names| names.iter().any(|name| month.starts_with(name))) {
        Some(place) => place + 1,
        None => number(month)?,
    };
    let year = match (year.len(), number::<i16>(year)?) {
        (2, short) => 2_000 + short,
        (4, whole) => whole,
        _ => return Err(Flaw::Unreadable),
    };
    let month = i8::try_from(month).map_err(|_| Flaw::NoSuch)?;
    since_2017(Date::new(year, month, number(day)?).map_err(|_| Flaw::NoSuch)?)
}

fn day_month_year(text: &str) -> Option<Date> {
    let year = text.get(4..)?.parse().ok().filter(|year| *year >= FIRST_YEAR)?;
    Date::new(year, text.get(2..4)?.parse().ok()?, text.get(..2)?.parse().ok()?).ok()
}

pub(crate) fn since_2017(date: Date) -> Result<Date, Flaw> {
    if date.year() < FIRST_YEAR { Err(Flaw::TooOld) } else { Ok(date) }
}

/// `18:01`, `18.01`, `18 01`, `18-01`, `1801`, `905`, `18:01:24`.
///
/// # Errors
/// When it is not a time of the day.
pub fn time(text: &str) -> Result<Time, Flaw> {
    let text = bounded(text)?;
    let parts: Vec<&str> =
        text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty()).collect();
    let (hour, minute, second) = match parts.as_slice() {
        [one] if digits(one) => match one.len() {
            3 => (&one[..1], &one[1..], "0"),
            4 => (&one[..2], &one[2..], "0"),
            6 => (&one[..2], &one[2..4], &one[4..]),
            _ => return Err(Flaw::Unreadable),
        },
        [hour, minute] => (*hour, *minute, "0"),
        [hour, minute, second] => (*hour, *minute, *second),
        _ => return Err(Flaw::Unreadable),
    };
    Time::new(number(hour)?, number(minute)?, number(second)?, 0).map_err(|_| Flaw::NoSuch)
}

/// `1285.21`, `1 285,21 ₽`, `1285 руб. 21 коп.`, `=1285.21`, `1,285.21`, `35`, `35.5`. In kopecks.
///
/// # Errors
/// When it is not a sum, or has parts of a kopeck.
pub fn sum(text: &str) -> Result<i64, Flaw> {
    let text = bounded(text)?.to_lowercase();
    let text = text.trim_start_matches(|c: char| !c.is_ascii_digit() && c != '-');
    if let Some((rubles, kopecks)) = text.split_once("руб") {
        let kopecks: String = kopecks.chars().filter(char::is_ascii_digit).collect();
        if !kopecks.is_empty() {
            let whole = rubles_of(rubles)?;
            return money(&format!("{whole}.{kopecks:0>2}"));
        }
    }
    let known = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '-') || blank(c);
    let end = text.find(|c| !known(c)).unwrap_or(text.len());
    let unit = text[end..].trim().trim_end_matches('.');
    if !matches!(unit, "" | "₽" | "р" | "руб" | "рублей" | "рубля" | "рубль" | "rub" | "rur")
    {
        return Err(Flaw::Unreadable);
    }
    money(text[..end].trim_end_matches(['.', ',', ' ', '-', '\u{a0}', '\u{202f}']))
}

fn rubles_of(text: &str) -> Result<i64, Flaw> {
    Ok(money(text.trim())? / 100)
}

/// A number with at most two digits after its last point or comma; what stands between thousands is not read.
pub(crate) fn money(text: &str) -> Result<i64, Flaw> {
    let text: String = text.chars().filter(|c| !blank(*c)).collect();
    let (whole, part) = match text.rfind(['.', ',', '-']) {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (text.as_str(), ""),
    };
    let whole: String = match (whole.find(['.', ',', '-']), part.len()) {
        (None, _) => whole.into(),
        // 1,285.21: groups of three, and a kopeck part that tells them from a decimal point.
        (Some(_), 1 | 2) if whole.split(['.', ',']).skip(1).all(|group| group.len() == 3) => {
            whole.replace(['.', ','], "")
        }
        _ => return Err(Flaw::Unreadable),
    };
    if !digits(&whole) || part.len() > 2 || !part.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Flaw::Unreadable);
    }
    let rubles: i64 = number(&whole)?;
    let kopecks: i64 = number(&format!("{part:0<2}"))?;
    let sum = rubles.checked_mul(100).and_then(|sum| sum.checked_add(kopecks));
    sum.filter(|sum| *sum <= SUM_MAX).ok_or(Flaw::Unreadable)
}

/// The number of the fiscal drive, with or without its letters: 16 digits.
///
/// # Errors
/// When it has more or fewer.
pub fn drive(text: &str) -> Result<String, Flaw> {
    let number = numeral(text, &["фн", "fn"])?;
    if number.len() == 16 { Ok(number) } else { Err(Flaw::Length) }
}

/// The number of the fiscal document, with or without its letters: up to 10 digits.
///
/// # Errors
/// When it is none, or zero.
pub fn document(text: &str) -> Result<i64, Flaw> {
    let number = up_to_ten(&numeral(text, &["фд", "fd", "i"])?)?;
    if number == 0 { Err(Flaw::NoSuch) } else { Ok(number) }
}

/// The fiscal sign, with or without its letters: up to 10 digits, zeros in front do not count.
///
/// # Errors
/// When it is none.
pub fn sign(text: &str) -> Result<i64, Flaw> {
    up_to_ten(&numeral(text, &["фпд", "фп", "fpd", "fp"])?)
}

/// `1` to `4`, or the words of the receipt: приход, возврат прихода, расход, возврат расхода.
///
/// # Errors
/// When it is none of them.
pub fn operation(text: &str) -> Result<Operation, Flaw> {
    let text = bounded(text)?.to_lowercase();
    if digits(&text) {
        return Operation::of(number(&text)?).ok_or(Flaw::NoSuch);
    }
    let back = text.contains("возвр") || text.contains("return") || text.contains("refund");
    let expense = text.contains("расход");
    let income = ["приход", "продаж", "покупк", "sale", "purchase"].iter().any(|word| text.contains(word));
    match (back, expense, income) {
        (true, true, _) => Ok(Operation::PurchaseReturn),
        (true, false, _) => Ok(Operation::SaleReturn),
        (false, true, _) => Ok(Operation::Purchase),
        (false, false, true) => Ok(Operation::Sale),
        _ => Err(Flaw::Unreadable),
    }
}

/// The digits of a number that may stand behind its letters.
fn numeral(text: &str, labels: &[&str]) -> Result<String, Flaw> {
    let text = bounded(text)?.to_lowercase();
    let text = labels.iter().find_map(|label| text.strip_prefix(label)).unwrap_or(&text);
    let text = text.trim_start_matches(|c: char| blank(c) || matches!(c, '№' | '#' | ':' | '=' | '.' | 'n'));
    let number: String = text.chars().filter(|c| !blank(*c) && *c != '-').collect();
    if digits(&number) { Ok(number) } else { Err(Flaw::Unreadable) }
}

pub(crate) fn up_to_ten(text: &str) -> Result<i64, Flaw> {
    let significant = text.trim_start_matches('0');
    match (text.is_empty(), significant.len()) {
        (true, _) => Err(Flaw::Unreadable),
        (_, 0) => Ok(0),
        (_, 1..=10) => number(significant),
        _ => Err(Flaw::Length),
    }
}

fn bounded(text: &str) -> Result<&str, Flaw> {
    let text = text.trim();
    if text.is_empty() || text.len() > TYPED_MAX { Err(Flaw::Unreadable) } else { Ok(text) }
}

pub(crate) fn blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}' | '\u{2060}' | '\u{feff}')
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T, Flaw> {
    text.parse().map_err(|_| Flaw::Unreadable)
}
