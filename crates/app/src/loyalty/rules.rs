//! Pure decisions of the programme: when points end, what a programme may say, what a card's code says.

use super::card::CardNumber;
use super::model::{Programme, Units, Wording};
use super::wording::Speech;
use crate::problem::{Kind, Problem};
use jiff::ToSpan;
use jiff::tz::TimeZone;
use samovar_base::{Instant, Points, TenantId, Vault};
use serde::Serialize;
use subtle::ConstantTimeEq;

/// More are not given for registering.
pub const WELCOME_MAX: i64 = 1_000_000;
/// Ten years and the leap days.
pub const EXPIRY_DAYS_MAX: u32 = 3_653;
const TEXT_MAX: usize = 1_000;
const UNIT_MAX: usize = 30;
const QR_PREFIX: &str = "SV1";
/// 80 bits: nobody guesses them at a till.
const SIGNATURE_LETTERS: usize = 16;
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

impl Programme {
    /// When points earned at `now` end: with the last moment of the day that is so many days after the day of earning,
    /// in the zone of the business. So they can be spent for at least the whole number of days.
    pub fn expires_at(&self, now: Instant, zone: &TimeZone) -> Option<Instant> {
        let days = i64::from(self.expiry_days?);
        let end = now.in_zone(zone).date().checked_add((days + 1).days()).ok()?;
        Some(end.to_zoned(zone.clone()).ok()?.timestamp().into())
    }

    /// Everything that is wrong with it, by field.
    pub fn problems(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        if !(0..=WELCOME_MAX).contains(&self.welcome_points.0) {
            found.push(out_of_range("welcome_points", 0, WELCOME_MAX));
        }
        if self.expiry_days.is_some_and(|days| !(1..=EXPIRY_DAYS_MAX).contains(&days)) {
            found.push(out_of_range("expiry_days", 1, i64::from(EXPIRY_DAYS_MAX)));
        }
        for (field, form) in self.units.all() {
            if form.trim().is_empty() || form.chars().count() > UNIT_MAX {
                let (ru, en) = (
                    format!("Слово от 1 до {UNIT_MAX} знаков"),
                    format!("A word of 1 to {UNIT_MAX} characters"),
                );
                found.push(Problem::invalid(&field, "bad_length", ru, en));
            }
        }
        for (field, wording) in self.wordings() {
            found.extend(self.wrong_wording(field, wording));
        }
        found.extend(
            self.card.problems().into_iter().map(|problem| wrong_design(problem.field, problem.code)),
        );
        found
    }

    fn wordings(&self) -> impl Iterator<Item = (&'static str, &Wording)> {
        let own = [
            ("screens.balance", self.screens.balance.as_ref()),
            ("screens.card", self.screens.card.as_ref()),
            ("screens.history", self.screens.history.as_ref()),
            ("screens.history_empty", self.screens.history_empty.as_ref()),
        ];
        let notices = [
            ("notices.accrual.text", &self.notices.accrual.text),
            ("notices.write_off.text", &self.notices.write_off.text),
        ];
        notices.into_iter().chain(own.into_iter().filter_map(|(field, wording)| Some((field, wording?))))
    }

    fn wrong_wording(&self, field: &str, wording: &Wording) -> Vec<Problem> {
        let texts = [("ru", &wording.ru), ("en", &wording.en)];
        texts
            .into_iter()
            .filter_map(|(locale, text)| self.wrong_text(&format!("{field}.{locale}"), locale, text))
            .collect()
    }

    fn wrong_text(&self, field: &str, locale: &str, text: &str) -> Option<Problem> {
        if text.trim().is_empty() || text.chars().count() > TEXT_MAX {
            let (ru, en) =
                (format!("Текст от 1 до {TEXT_MAX} знаков"), format!("A text of 1 to {TEXT_MAX} characters"));
            return Some(Problem::invalid(field, "bad_length", ru, en));
        }
        let speech = Speech { units: &self.units, locale, zone: &TimeZone::UTC };
        let why = speech.try_text(text).err()?;
        Some(bad_template(field, &why))
    }
}

/// What is wrong with a text of another capability that customers read, by field. `names` is a sample of what it may
/// name.
pub(crate) fn wrong_wording(
    units: &Units,
    field: &str,
    wording: &Wording,
    names: &impl Serialize,
) -> Vec<Problem> {
    let wrong = |locale: &str, text: &str| {
        let field = format!("{field}.{locale}");
        if text.trim().is_empty() || text.chars().count() > TEXT_MAX {
            let (ru, en) =
                (format!("Текст от 1 до {TEXT_MAX} знаков"), format!("A text of 1 to {TEXT_MAX} characters"));
            return Some(Problem::invalid(&field, "bad_length", ru, en));
        }
        let speech = Speech { units, locale, zone: &TimeZone::UTC };
        speech.try_with(text, names).err().map(|why| bad_template(&field, &why))
    };
    [wrong("ru", &wording.ru), wrong("en", &wording.en)].into_iter().flatten().collect()
}

fn bad_template(field: &str, why: &str) -> Problem {
    Problem::invalid(
        field,
        "bad_template",
        format!("Ошибка в подстановках: {why}"),
        format!("The text cannot be filled in: {why}"),
    )
}

impl Units {
    fn all(&self) -> impl Iterator<Item = (String, &String)> {
        let ru = self.ru.iter().enumerate().map(|(at, form)| (format!("units.ru.{at}"), form));
        ru.chain(self.en.iter().enumerate().map(|(at, form)| (format!("units.en.{at}"), form)))
    }
}

/// What the QR of a card says: capital letters and digits, which make the smallest code. Signed, so that a card cannot
/// be made up, and for one company, so that it is worth nothing at another's till.
pub fn card_code(vault: &Vault, tenant: TenantId, number: CardNumber) -> String {
    format!("{QR_PREFIX}.{}.{}", number.digits(), signature(vault, tenant, number))
}

/// The number that a scanned code or a typed text stands for. A typed number is taken as it is; a code must be ours.
pub fn read_card(vault: &Vault, tenant: TenantId, text: &str) -> Result<CardNumber, Problem> {
    let text = text.trim();
    let Some(signed) = text.strip_prefix(QR_PREFIX).and_then(|rest| rest.strip_prefix('.')) else {
        return text.parse().map_err(|_| unreadable());
    };
    let (digits, signed) = signed.split_once('.').ok_or_else(unreadable)?;
    let number: CardNumber = digits.parse().map_err(|_| unreadable())?;
    let expected = signature(vault, tenant, number);
    if bool::from(signed.as_bytes().ct_eq(expected.as_bytes())) { Ok(number) } else { Err(forged()) }
}

fn out_of_range(field: &str, least: i64, most: i64) -> Problem {
    Problem::invalid(
        field,
        "out_of_range",
        format!("От {least} до {most}"),
        format!("From {least} to {most}"),
    )
}

/// Points as a scenario gives them: a whole number, perhaps as a text.
pub fn whole_points(value: Option<&serde_json::Value>) -> Option<Points> {
    match value? {
        serde_json::Value::Number(number) => number.as_i64().map(Points),
        serde_json::Value::String(text) => text.trim().parse().ok().map(Points),
        _ => None,
    }
}

fn signature(vault: &Vault, tenant: TenantId, number: CardNumber) -> String {
    let signed = vault.sign("loyalty card", format!("{tenant}/{}", number.digits()).as_bytes());
    let bits = u128::from_be_bytes(signed);
    (0..SIGNATURE_LETTERS)
        .map(|at| ALPHABET[usize::try_from((bits >> (123 - at * 5)) & 31).unwrap_or(0)] as char)
        .collect()
}

fn unreadable() -> Problem {
    Problem::invalid(
        "text",
        "not_a_card",
        "Это не номер карты: в номере 12 цифр, проверьте, нет ли опечатки",
        "This is not a card number: it has 12 digits, please check for a slip",
    )
}

fn forged() -> Problem {
    Problem::new(
        Kind::Refused,
        "card_not_ours",
        "Эта карта выпущена не нашей программой",
        "This card was not issued by this programme",
    )
    .at("text")
}

fn wrong_design(field: &str, code: &'static str) -> Problem {
    let (ru, en) = match code {
        "not_a_colour" => ("Цвет пишется как #1c1512", "A colour is written #1c1512"),
        "low_contrast" => {
            ("Этот цвет плохо виден на фоне карты", "This colour can hardly be seen on the card's background")
        }
        "too_long" => ("Слишком длинный текст", "The text is too long"),
        "too_large" => ("Слишком большое значение", "The value is too large"),
        "not_svg" => ("Логотип должен быть документом SVG", "The logo must be an SVG document"),
        "element_refused" => (
            "В логотипе могут быть только простые фигуры: без текста, картинок, фильтров и ссылок",
            "A logo may hold plain shapes only: no texts, pictures, filters or links",
        ),
        "too_complex" => ("Логотип слишком сложный", "The logo is too complex"),
        _ => ("С этим карту не нарисовать", "The card cannot be drawn with this"),
    };
    Problem::invalid(&format!("card.{field}"), code, ru, en)
}
