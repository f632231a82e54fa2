//! Whether what a person answered counts, and what it is worth.

mod amount;

pub use amount::{Amount, amount};

use crate::scenario::{AskPlan, Bound};
use crate::words::{Locale, months};
use crate::{Expects, Kind, SystemText};
use jiff::civil::Date;
use samovar_base::message::{Event, FileKind, FileRef};
use samovar_base::phone;
use serde_json::Value;

const TEXT_LETTERS_MAX: usize = 2_000;
const NAME_LETTERS_MAX: usize = 80;
const EMAIL_MAX: usize = 254;

/// An answer that counts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    pub value: Value,
    /// The messenger vouches for it.
    pub proven: bool,
}

/// Why an answer does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Say this and ask again.
    Because(SystemText),
    /// A contact that is not the sender's own.
    Forged,
}

/// What the question makes of an event. `button_up`: the button that shares the number was offered.
pub(crate) fn read(ask: &AskPlan, event: &Event, button_up: bool, today: Date) -> Result<Answer, Refused> {
    match (ask.expects, event) {
        (Expects::Photo | Expects::Document, Event::File { file, .. }) => of_file(ask.expects, file),
        (Expects::Photo, _) => Err(Refused::Because(SystemText::NotPhoto)),
        (Expects::Document, _) => Err(Refused::Because(SystemText::NotDocument)),
        (Expects::Phone, Event::Phone { number, own: true }) => of_shared_phone(number),
        (Expects::Phone, Event::Phone { own: false, .. }) => Err(Refused::Forged),
        (Expects::Phone, Event::Text { .. }) if button_up && !ask.typed => {
            Err(Refused::Because(SystemText::PhoneByButton))
        }
        (_, Event::Text { text }) => of_text(ask, text, today),
        _ => Err(Refused::Because(SystemText::NotText)),
    }
}

/// What the question makes of words.
pub(crate) fn of_text(ask: &AskPlan, text: &str, today: Date) -> Result<Answer, Refused> {
    let value = match ask.expects {
        Expects::Text => words(ask, text),
        Expects::Name => name(text).ok_or(SystemText::NotName),
        Expects::Phone => phone::normalise(text).map(Value::from).ok_or(SystemText::NotPhone),
        Expects::Email => email(text).ok_or(SystemText::NotEmail),
        Expects::Number => number(ask, text),
        Expects::Money => money(ask, text),
        Expects::Date => date(ask, text, today),
        Expects::Photo => Err(SystemText::NotPhoto),
        Expects::Document => Err(SystemText::NotDocument),
    };
    value.map(|value| Answer { value, proven: false }).map_err(Refused::Because)
}

/// A text brought to the kind that is wanted; as it is when it cannot be.
pub(crate) fn coerce(kind: Option<Kind>, text: &str) -> Value {
    let trimmed = text.trim();
    let converted = match kind {
        Some(Kind::Points) => trimmed.parse::<i64>().ok().map(Value::from),
        Some(Kind::Number) => number_of(trimmed),
        Some(Kind::Flag) => trimmed.parse::<bool>().ok().map(Value::from),
        _ => None,
    };
    converted.unwrap_or_else(|| Value::from(text))
}

/// A photo, or a file that says it is a picture.
pub(crate) fn is_picture(file: &FileRef) -> bool {
    file.kind == FileKind::Photo
        || file.media_type.as_deref().is_some_and(|media_type| media_type.starts_with("image/"))
}

fn of_file(expects: Expects, file: &FileRef) -> Result<Answer, Refused> {
    if expects == Expects::Photo && !is_picture(file) {
        return Err(Refused::Because(SystemText::NotPhoto));
    }
    Ok(Answer { value: serde_json::to_value(file).unwrap_or_default(), proven: false })
}

/// Messengers share numbers in international form, often without the plus.
fn of_shared_phone(number: &str) -> Result<Answer, Refused> {
    let number = number.trim();
    let russian = number.starts_with("89") && number.len() == 11;
    let international =
        if number.starts_with('+') || russian { number.to_owned() } else { format!("+{number}") };
    let value = phone::normalise(&international).or_else(|| phone::normalise(number));
    value
        .map(|value| Answer { value: value.into(), proven: true })
        .ok_or(Refused::Because(SystemText::NotPhone))
}

fn words(ask: &AskPlan, text: &str) -> Result<Value, SystemText> {
    let text = text.trim();
    let letters = text.chars().count();
    let bound = |bound: Option<Bound>, otherwise| match bound {
        Some(Bound::Letters(letters)) => letters,
        _ => otherwise,
    };
    let fits =
        (bound(ask.min, 1)..=bound(ask.max, TEXT_LETTERS_MAX).min(TEXT_LETTERS_MAX)).contains(&letters);
    if fits { Ok(text.into()) } else { Err(SystemText::BadLength) }
}

fn name(text: &str) -> Option<Value> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let fits = |letter: char| letter.is_alphabetic() || " -'’.".contains(letter);
    let good = text.chars().all(fits)
        && text.chars().any(char::is_alphabetic)
        && text.chars().count() <= NAME_LETTERS_MAX
        && !text.starts_with(['-', '.', '\'', '’']);
    good.then(|| text.into())
}

fn email(text: &str) -> Option<Value> {
    let (local, domain) = text.trim().rsplit_once('@')?;
    let local_fits = |letter: char| letter.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(letter);
    let label_fits = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.chars().all(|letter| letter.is_alphanumeric() || letter == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let good = !local.is_empty()
        && local.len() <= 64
        && local.chars().all(local_fits)
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && domain.contains('.')
        && domain.split('.').all(label_fits)
        && local.len() + domain.len() < EMAIL_MAX;
    good.then(|| format!("{local}@{}", domain.to_lowercase()).into())
}

fn number(ask: &AskPlan, text: &str) -> Result<Value, SystemText> {
    let value = number_of(text).or_else(|| amount(text)?.number()).ok_or(SystemText::NotNumber)?;
    within(ask, value)
}

fn money(ask: &AskPlan, text: &str) -> Result<Value, SystemText> {
    within(ask, amount(text).ok_or(SystemText::NotMoney)?.minor.into())
}

fn within(ask: &AskPlan, value: Value) -> Result<Value, SystemText> {
    let size = value.as_f64().unwrap_or_default();
    let below = matches!(ask.min, Some(Bound::Number(min)) if size < min);
    let above = matches!(ask.max, Some(Bound::Number(max)) if size > max);
    if below || above { Err(SystemText::NumberOutside) } else { Ok(value) }
}

/// Digits with blanks between thousands, a decimal comma or point, any minus. Whole numbers stay whole.
fn number_of(text: &str) -> Option<Value> {
    let mut plain = String::with_capacity(text.len());
    for letter in text.trim().chars() {
        match letter {
            '0'..='9' => plain.push(letter),
            ',' | '.' => plain.push('.'),
            '-' | '−' | '–' => plain.push('-'),
            ' ' | '\u{a0}' | '\u{202f}' | '_' => {}
            _ => return None,
        }
    }
    if plain.len() > 18 || !plain.ends_with(|letter: char| letter.is_ascii_digit()) {
        return None;
    }
    if let Ok(whole) = plain.parse::<i64>() {
        return Some(whole.into());
    }
    plain.parse::<f64>().ok().and_then(serde_json::Number::from_f64).map(Value::Number)
}

fn date(ask: &AskPlan, text: &str, today: Date) -> Result<Value, SystemText> {
    let date = date_of(text).ok_or(SystemText::NotDate)?;
    let limit = |bound| match bound {
        Some(Bound::Date(date)) => Some(date),
        Some(Bound::Today) => Some(today),
        _ => None,
    };
    let outside =
        limit(ask.min).is_some_and(|min| date < min) || limit(ask.max).is_some_and(|max| date > max);
    if outside { Err(SystemText::DateOutside) } else { Ok(date.to_string().into()) }
}

/// `17.05.1990`, `17/5/1990`, `1990-05-17`, `17 мая 1990`, `17 May 1990`; the year in four digits.
fn date_of(text: &str) -> Option<Date> {
    let lower = text.trim().to_lowercase();
    let lower = lower.trim_end_matches(" года").trim_end_matches(" г.").trim_end_matches('.');
    let parts: Vec<&str> = lower.split(['.', '/', '-', ' ', ',']).filter(|part| !part.is_empty()).collect();
    let [first, second, third] = parts[..] else { return None };
    let (day, month, year) = if first.len() == 4 { (third, second, first) } else { (first, second, third) };
    let year = (year.len() == 4).then(|| year.parse::<i16>().ok())??;
    let month = month.parse::<i8>().ok().or_else(|| month_of(month))?;
    Date::new(year, month, day.parse().ok()?).ok().filter(|_| year >= 1_000)
}

fn month_of(word: &str) -> Option<i8> {
    let starts = |name: &str| {
        let name = name.to_lowercase();
        let stem: String = name.chars().take(3).collect();
        name == word || (stem == word && word.chars().count() == 3)
    };
    let place = [Locale::Ru, Locale::En]
        .iter()
        .find_map(|locale| months(*locale).iter().position(|name| starts(name)))?;
    i8::try_from(place + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date as day;

    fn reads(expects: Expects, text: &str) -> Result<Value, SystemText> {
        reads_within(expects, text, None, None)
    }

    fn reads_within(
        expects: Expects,
        text: &str,
        min: Option<Bound>,
        max: Option<Bound>,
    ) -> Result<Value, SystemText> {
        let ask = AskPlan { min, max, ..AskPlan::of(expects) };
        match of_text(&ask, text, day(2026, 11, 21)) {
            Ok(answer) => Ok(answer.value),
            Err(Refused::Because(text)) => Err(text),
            Err(Refused::Forged) => unreachable!("words are never forged"),
        }
    }

    #[test]
    fn answers_that_count() {
        for (expects, text, value) in [
            (Expects::Text, "  да ", Value::from("да")),
            (Expects::Name, "Анна-Мария  О’Нил", "Анна-Мария О’Нил".into()),
            (Expects::Phone, "8 (916) 123-45-67", "+79161234567".into()),
            (Expects::Email, " Anna.K@Example.COM ", "Anna.K@example.com".into()),
            (Expects::Email, "anna@пример.рф", "anna@пример.рф".into()),
            (Expects::Number, "1 500", 1500.into()),
            (Expects::Number, "−2,5", serde_json::json!(-2.5)),
            (Expects::Number, "1,5 тыс.", 1500.into()),
            (Expects::Number, "+300", 300.into()),
            (Expects::Money, "1 500,50 ₽", 150_050.into()),
            (Expects::Date, "17.05.1990", "1990-05-17".into()),
            (Expects::Date, "1990-05-17", "1990-05-17".into()),
            (Expects::Date, "17/5/1990", "1990-05-17".into()),
            (Expects::Date, "17 мая 1990 года", "1990-05-17".into()),
            (Expects::Date, "7 дек 2001 г.", "2001-12-07".into()),
            (Expects::Date, "3 March 1985", "1985-03-03".into()),
        ] {
            assert_eq!(reads(expects, text), Ok(value), "{text}");
        }
    }

    #[test]
    fn answers_that_do_not_count() {
        for (expects, texts, because) in [
            (Expects::Text, &["", "  "][..], SystemText::BadLength),
            (Expects::Name, &["", "12", "Анна2", "http://x.ru", "😀", "-Анна"], SystemText::NotName),
            (Expects::Phone, &["", "123", "нет"], SystemText::NotPhone),
            (
                Expects::Email,
                &["", "a@b", "@b.ru", "a b@c.ru", "a..b@c.ru", "a@-b.ru", "a@b..ru"],
                SystemText::NotEmail,
            ),
            (
                Expects::Number,
                &["", "-", "1-2", "1.2.3", "пять", "1.", "999999999999999999999"],
                SystemText::NotNumber,
            ),
            (
                Expects::Date,
                &["", "17.05", "31.02.1990", "17.05.90", "17 мартобря 1990", "1.2.3.4"],
                SystemText::NotDate,
            ),
        ] {
            for text in texts {
                assert_eq!(reads(expects, text), Err(because), "{text}");
            }
        }
    }

    #[test]
    fn bounds_are_kept() {
        let number =
            |text| reads_within(Expects::Number, text, Some(Bound::Number(1.0)), Some(Bound::Number(10.0)));
        assert!(number("1").is_ok() && number("10").is_ok());
        assert_eq!(
            (number("0"), number("10,5")),
            (Err(SystemText::NumberOutside), Err(SystemText::NumberOutside))
        );
        let born =
            |text| reads_within(Expects::Date, text, Some(Bound::Date(day(1900, 1, 1))), Some(Bound::Today));
        assert!(born("21.11.2026").is_ok());
        assert_eq!(
            (born("22.11.2026"), born("31.12.1899")),
            (Err(SystemText::DateOutside), Err(SystemText::DateOutside))
        );
        let text = |text| reads_within(Expects::Text, text, Some(Bound::Letters(2)), Some(Bound::Letters(3)));
        assert!(text("да").is_ok() && text("нет").is_ok());
        assert_eq!((text("я"), text("могу")), (Err(SystemText::BadLength), Err(SystemText::BadLength)));
    }

    #[test]
    fn shared_numbers_are_international() {
        for (number, e164) in [
            ("79161234567", "+79161234567"),
            ("+79161234567", "+79161234567"),
            ("89161234567", "+79161234567"),
            ("81312345678", "+81312345678"),
            ("375291234567", "+375291234567"),
        ] {
            assert_eq!(of_shared_phone(number), Ok(Answer { value: e164.into(), proven: true }));
        }
        assert_eq!(of_shared_phone("12"), Err(Refused::Because(SystemText::NotPhone)));
    }
}
