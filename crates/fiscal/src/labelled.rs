//! A code told in the words of the receipt: what people copy from an electronic receipt, or type in one go.

use crate::code::{Code, Key, Operation};
use crate::fields::{self, Field, Flaw, Wrong};
use crate::not_a_code::NotACode;
use jiff::civil::{Date, DateTime, Time};

/// Signs between a word and its number: `ФН № 7281…`, `ИТОГ: =1285.21`.
const BETWEEN_MAX: usize = 6;

/// The code in `ФН 7281440500751551 ФД 30526 ФП 1168453787 17.09.24 18:01 ИТОГ 1285.21`; `None` where the three numbers
/// are not named.
pub(crate) fn read(text: &str) -> Option<Result<Code, NotACode>> {
    let text = text.to_lowercase();
    let drive = after(&text, &["фн"])?;
    let document = after(&text, &["фд"])?;
    let sign = after(&text, &["фпд", "фп"])?;
    let (date, time) = (dated(&text), timed(&text));
    let sum = after(&text, &["итог", "итого", "сумма", "всего", "к оплате"]);
    let mut missing = Vec::new();
    for (is_there, field) in
        [(date.is_some(), Field::Date), (time.is_some(), Field::Time), (sum.is_some(), Field::Sum)]
    {
        if !is_there {
            missing.push(field);
        }
    }
    let (Some(date), Some(time), Some(sum)) = (date, time, sum) else {
        return Some(Err(NotACode::Incomplete(missing)));
    };
    let build = || {
        let wrong = |field| move |flaw| Wrong { field, flaw };
        let at = DateTime::from_parts(date.map_err(wrong(Field::Date))?, time.map_err(wrong(Field::Time))?);
        let key = Key {
            drive: fields::drive(number(&drive)).map_err(wrong(Field::Drive))?,
            document: fields::document(number(&document)).map_err(wrong(Field::Document))?,
            sign: fields::sign(number(&sign)).map_err(wrong(Field::Sign))?,
        };
        let sum = fields::money(&first_sum(&sum)).map_err(wrong(Field::Sum))?;
        Ok(Code { key, at, sum, operation: operation(&text) })
    };
    Some(build().map_err(NotACode::Wrong))
}

fn operation(text: &str) -> Operation {
    match (text.contains("возврат"), text.contains("расход")) {
        (true, true) => Operation::PurchaseReturn,
        (true, false) => Operation::SaleReturn,
        (false, true) => Operation::Purchase,
        (false, false) => Operation::Sale,
    }
}

/// What stands behind the first of these words: digits with points, commas and blanks between them.
fn after(text: &str, words: &[&str]) -> Option<String> {
    let is_letter = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
    words.iter().find_map(|word| {
        text.match_indices(word).find_map(|(at, word)| {
            let rest = &text[at + word.len()..];
            if is_letter(text[..at].chars().next_back())
                || rest.chars().next().is_some_and(char::is_alphabetic)
            {
                return None;
            }
            let skipped = rest.chars().take(BETWEEN_MAX).take_while(|sign| !sign.is_alphanumeric());
            let rest = &rest[skipped.map(char::len_utf8).sum::<usize>()..];
            let end =
                rest.find(|sign: char| !sign.is_ascii_digit() && !matches!(sign, '.' | ',' | ' ' | '\u{a0}'));
            let number = rest[..end.unwrap_or(rest.len())].trim();
            number.starts_with(|sign: char| sign.is_ascii_digit()).then(|| number.to_owned())
        })
    })
}

/// Only the first number, where others follow it.
fn number(text: &str) -> &str {
    text.split(|sign: char| !sign.is_ascii_digit()).next().unwrap_or_default()
}

/// Only the first sum: behind a blank only three digits belong to it, behind its point only two.
fn first_sum(text: &str) -> String {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let mut sum = text[..digits(text)].to_owned();
    let mut rest = &text[sum.len()..];
    while let Some(group) = rest.strip_prefix([' ', '\u{a0}'])
        && digits(group) == 3
        && sum.len() <= 9
    {
        sum.push_str(&group[..3]);
        rest = &group[3..];
    }
    if let Some(kopecks) = rest.strip_prefix(['.', ','])
        && digits(kopecks) > 0
    {
        sum.push('.');
        sum.push_str(&kopecks[..digits(kopecks)]);
    }
    sum
}

fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let ends = |sign: char| sign.is_whitespace() || matches!(sign, ';' | '(' | ')' | '«' | '»');
    text.split(ends).map(|piece| piece.trim_matches([',', '.', 't', 'т'])).filter(|piece| piece.len() <= 20)
}

fn dated(text: &str) -> Option<Result<Date, Flaw>> {
    let is_like = |piece: &&str| {
        let signs = piece.chars().filter(|sign| matches!(sign, '.' | '-' | '/')).count();
        let digits = piece.chars().filter(char::is_ascii_digit).count();
        signs == 2 && matches!(digits, 6 | 8) && signs + digits == piece.len()
    };
    pieces(text).find(is_like).map(fields::date)
}

fn timed(text: &str) -> Option<Result<Time, Flaw>> {
    let is_like = |piece: &&str| {
        let signs = piece.chars().filter(|sign| *sign == ':').count();
        let digits = piece.chars().filter(char::is_ascii_digit).count();
        matches!((signs, digits), (1, 3 | 4) | (2, 5 | 6)) && signs + digits == piece.len()
    };
    pieces(text).find(is_like).map(fields::time)
}
