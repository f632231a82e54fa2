//! Pure decisions of the programme: when points end, what a programme may say, what a card's code says.

use super::card::CardNumber;
use super::model::{Programme, Units, Wording};
use super::purchase::SUM_MAX;
use super::wording::Speech;
use crate::ledger::{POINTS_MAX, Shortfall};
use crate::problem::{Kind, Problem};
use jiff::ToSpan;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use samovar_base::{Instant, Points, TenantId, Vault};
use serde::Serialize;
use subtle::ConstantTimeEq;

/// More are not given for registering.
pub const WELCOME_MAX: i64 = 1_000_000;
/// Ten years and the leap days.
pub const EXPIRY_DAYS_MAX: u32 = 3_653;
/// No point is worth more, in the smallest units of money.
pub const POINT_MINOR_MAX: i64 = 1_000_000;
/// The most days between a birthday and its points.
pub const BIRTHDAY_DAYS_MAX: i64 = 60;
/// The earliest warning, in days before the last one.
pub const WARNING_DAYS_MAX: u32 = 90;
const WARNINGS_MAX: usize = 5;
const KINDS_MAX: usize = 20;
const TEXT_MAX: usize = 1_000;
const UNIT_MAX: usize = 30;
const QR_PREFIX: &str = "SV1";
const TURNING_PREFIX: &str = "SV2";
/// 80 bits: nobody guesses them at a till.
const SIGNATURE_LETTERS: usize = 16;
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

impl Programme {
    /// When points earned at `now` by an operation of `kind` end: with the last moment of a day in the zone of the
    /// business. So they can be spent for at least the whole number of days. The moment is fixed then; when the
    /// business moves to another zone, what was promised stays.
    pub fn ends(&self, kind: &str, now: Instant, zone: &TimeZone) -> Option<Instant> {
        match self.expiry.days_of.get(kind) {
            Some(0) => None,
            Some(days) => after_days(now, *days, zone),
            None => self.expires_at(now, zone),
        }
    }

    /// When points of the common term end that are earned at `now`.
    pub fn expires_at(&self, now: Instant, zone: &TimeZone) -> Option<Instant> {
        match &self.expiry.yearly {
            Some(day) => after_day_of_year(now, day, zone),
            None => after_days(now, self.expiry_days?, zone),
        }
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
        self.check_expiry(&mut found);
        self.check_sums(&mut found);
        self.check_hours(&mut found);
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

    fn check_expiry(&self, found: &mut Vec<Problem>) {
        if let Some(day) = &self.expiry.yearly {
            if month_day(day).is_none() {
                let (ru, en) = ("День года пишется как 12-31", "A day of the year is written 12-31");
                found.push(Problem::invalid("expiry.yearly", "bad_day", ru, en));
            }
            if self.expiry_days.is_some() {
                let ru = "Выберите одно: expiry_days или expiry.yearly";
                let en = "Choose one of expiry_days and expiry.yearly";
                found.push(Problem::invalid("expiry.yearly", "either_or", ru, en));
            }
        }
        if self.expiry.days_of.len() > KINDS_MAX {
            found.push(too_many("expiry.days_of", KINDS_MAX));
        }
        for (kind, days) in &self.expiry.days_of {
            if *days > EXPIRY_DAYS_MAX {
                found.push(out_of_range(&format!("expiry.days_of.{kind}"), 0, i64::from(EXPIRY_DAYS_MAX)));
            }
        }
    }

    fn check_sums(&self, found: &mut Vec<Problem>) {
        let mut within = |field: &str, value: i64, least: i64, most: i64| {
            if !(least..=most).contains(&value) {
                found.push(out_of_range(field, least, most));
            }
        };
        within("point_minor", self.point_minor, 1, POINT_MINOR_MAX);
        within("earning.percent_bp", i64::from(self.earning.percent_bp.0), 0, 10_000);
        within("earning.fixed", self.earning.fixed.0, 0, WELCOME_MAX);
        within("earning.minimum_minor", self.earning.minimum_minor, 0, SUM_MAX);
        if let Some(most) = self.earning.maximum {
            within("earning.maximum", most.0, 1, POINTS_MAX);
        }
        within("spending.max_percent_bp", i64::from(self.spending.max_percent_bp.0), 0, 10_000);
        within("spending.minimum_minor", self.spending.minimum_minor, 0, SUM_MAX);
        if let Some(fixed) = self.spending.fixed {
            within("spending.fixed", fixed.0, 1, POINTS_MAX);
        }
        if let Shortfall::Owe(most) = self.refunds.debt {
            within("refunds.debt", most.0, 0, POINTS_MAX);
        }
        within("birthday.points", self.birthday.points.0, 0, WELCOME_MAX);
        within("birthday.days_before", i64::from(self.birthday.days_before), 0, BIRTHDAY_DAYS_MAX);
        within("birthday.days_after", i64::from(self.birthday.days_after), 0, BIRTHDAY_DAYS_MAX);
    }

    fn check_hours(&self, found: &mut Vec<Problem>) {
        let warnings = &self.warnings;
        let hours = [
            ("warnings.hour", &warnings.hour),
            ("warnings.until", &warnings.until),
            ("birthday.hour", &self.birthday.hour),
        ];
        for (field, text) in hours {
            if hour(text).is_none() {
                let (ru, en) = ("Время пишется как 10:00", "A time is written 10:00");
                found.push(Problem::invalid(field, "bad_hour", ru, en));
            }
        }
        if hour(&warnings.hour).zip(hour(&warnings.until)).is_some_and(|(from, until)| from >= until) {
            let (ru, en) = ("Должно быть позже, чем warnings.hour", "Must be later than warnings.hour");
            found.push(Problem::invalid("warnings.until", "not_after", ru, en));
        }
        if hour(&self.birthday.hour).zip(hour(&warnings.until)).is_some_and(|(from, until)| from >= until) {
            let (ru, en) = ("Должно быть раньше, чем warnings.until", "Must be earlier than warnings.until");
            found.push(Problem::invalid("birthday.hour", "not_before", ru, en));
        }
        if warnings.days.len() > WARNINGS_MAX {
            found.push(too_many("warnings.days", WARNINGS_MAX));
        }
        if warnings.days.iter().any(|days| *days > WARNING_DAYS_MAX) {
            found.push(out_of_range("warnings.days", 0, i64::from(WARNING_DAYS_MAX)));
        }
    }

    fn wordings(&self) -> impl Iterator<Item = (&'static str, &Wording)> {
        let own = [
            ("screens.balance", self.screens.balance.as_ref()),
            ("screens.card", self.screens.card.as_ref()),
            ("screens.history", self.screens.history.as_ref()),
            ("screens.history_empty", self.screens.history_empty.as_ref()),
        ];
        let own = own.into_iter().filter_map(|(field, wording)| Some((field, wording?)));
        self.notices.texts().into_iter().chain(own)
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

/// How the QR of a card turns: in windows of so many seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Turning {
    seconds: i64,
}

impl Turning {
    /// As the programme says; `None` where cards do not turn.
    pub(super) fn of(programme: &Programme) -> Option<Self> {
        programme.card.rotating_seconds.map(|seconds| Self { seconds: i64::from(seconds.max(1)) })
    }

    /// The window of a moment.
    pub(super) fn window(self, now: Instant) -> i64 {
        now.seconds().div_euclid(self.seconds)
    }

    /// Until when a code of this window is taken: the next one still takes it.
    pub(super) fn good_until(self, window: i64) -> Instant {
        Instant::from_seconds((window + 2) * self.seconds)
    }
}

/// What the QR of a card says in one window: as [`card_code`], and worth nothing two windows later.
pub(super) fn turning_code(vault: &Vault, tenant: TenantId, number: CardNumber, window: i64) -> String {
    format!("{TURNING_PREFIX}.{}.{}", number.digits(), turning_signature(vault, tenant, number, window))
}

/// [`read_card`] where cards turn: a code of this window or of the one before. A code that does not turn is a picture
/// of long ago, and refused; a typed number is taken as it is.
pub(super) fn read_turning(
    vault: &Vault,
    tenant: TenantId,
    text: &str,
    turning: Option<Turning>,
    now: Instant,
) -> Result<CardNumber, Problem> {
    let of = |prefix: &str| text.trim().strip_prefix(prefix).and_then(|rest| rest.strip_prefix('.'));
    let signed = match (of(TURNING_PREFIX), turning) {
        (None, None) => return read_card(vault, tenant, text),
        (None, Some(_)) => {
            let number = read_card(vault, tenant, text)?;
            return if of(QR_PREFIX).is_some() { Err(stale()) } else { Ok(number) };
        }
        (Some(_), None) => return Err(stale()),
        (Some(signed), Some(turning)) => (signed, turning.window(now)),
    };
    let ((digits, signed), window) = (signed.0.split_once('.').ok_or_else(unreadable)?, signed.1);
    let number: CardNumber = digits.parse().map_err(|_| unreadable())?;
    let fits = |window| {
        let expected = turning_signature(vault, tenant, number, window);
        bool::from(signed.as_bytes().ct_eq(expected.as_bytes()))
    };
    if fits(window) || fits(window - 1) { Ok(number) } else { Err(stale()) }
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

pub(super) fn out_of_range(field: &str, least: i64, most: i64) -> Problem {
    Problem::invalid(
        field,
        "out_of_range",
        format!("От {least} до {most}"),
        format!("From {least} to {most}"),
    )
}

fn too_many(field: &str, most: usize) -> Problem {
    Problem::invalid(field, "too_many", format!("Не больше {most}"), format!("At most {most}"))
}

/// With the last moment of the day that is so many days after today.
fn after_days(now: Instant, days: u32, zone: &TimeZone) -> Option<Instant> {
    let end = now.in_zone(zone).date().checked_add((i64::from(days) + 1).days()).ok()?;
    start_of(end, zone)
}

/// With the last moment of the next such day of the year, today's included. In common years 29 February is the 28th.
fn after_day_of_year(now: Instant, day: &str, zone: &TimeZone) -> Option<Instant> {
    let (month, day) = month_day(day)?;
    let today = now.in_zone(zone).date();
    let this = in_year(today.year(), month, day)?;
    let last = if this < today { in_year(today.year() + 1, month, day)? } else { this };
    start_of(last.tomorrow().ok()?, zone)
}

/// The last day on which points with that end can be spent from morning to midnight. It is the day that was promised,
/// also where the business has moved to another zone since and the end falls into the next day.
pub(crate) fn last_day(ends: Instant, zone: &TimeZone) -> Date {
    let day = ends.in_zone(zone).date();
    day.yesterday().unwrap_or(day)
}

/// The first moment of a day.
pub(super) fn start_of(day: Date, zone: &TimeZone) -> Option<Instant> {
    Some(day.to_zoned(zone.clone()).ok()?.timestamp().into())
}

/// A day of a year; 29 February is the 28th in common years.
pub(super) fn in_year(year: i16, month: i8, day: i8) -> Option<Date> {
    let day = if (month, day) == (2, 29) && !Date::new(year, 1, 1).ok()?.in_leap_year() { 28 } else { day };
    Date::new(year, month, day).ok()
}

fn month_day(text: &str) -> Option<(i8, i8)> {
    let (month, day) = text.split_once('-')?;
    let (month, day) = (two_digits(month)?, two_digits(day)?);
    // A leap year has every day that any year has.
    Date::new(2024, month, day).ok().map(|_| (month, day))
}

/// A time of day as settings have it: `10:00`.
pub(super) fn hour(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    Time::new(two_digits(hour)?, two_digits(minute)?, 0, 0).ok()
}

fn two_digits(text: &str) -> Option<i8> {
    (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok()).flatten()
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
    letters(vault.sign("loyalty card", format!("{tenant}/{}", number.digits()).as_bytes()))
}

fn turning_signature(vault: &Vault, tenant: TenantId, number: CardNumber, window: i64) -> String {
    letters(vault.sign("loyalty turning card", format!("{tenant}/{}/{window}", number.digits()).as_bytes()))
}

fn letters(signed: [u8; 16]) -> String {
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

fn stale() -> Problem {
    Problem::new(
        Kind::Refused,
        "card_stale",
        "Код устарел: попросите клиента открыть карту заново или наберите её номер",
        "The code is out of date: ask the customer to open the card again, or type its number",
    )
    .at("text")
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

pub(super) fn wrong_design(field: &str, code: &'static str) -> Problem {
    let (ru, en) = match code {
        "not_a_colour" => ("Цвет пишется как #1c1512", "A colour is written #1c1512"),
        "low_contrast" => {
            ("Этот цвет плохо виден на фоне карты", "This colour can hardly be seen on the card's background")
        }
        "too_long" => ("Слишком длинный текст", "The text is too long"),
        "out_of_range" => ("От 30 до 600 секунд", "From 30 to 600 seconds"),
        "too_large" => ("Слишком большое значение", "The value is too large"),
        "not_a_picture" => ("Картинка не найдена: загрузите её ещё раз", "No such picture: upload it again"),
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
