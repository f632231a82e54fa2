//! What a company may be called and set to. Pure.

use super::model::{Settings, Tenant};
use crate::problem::Problem;

/// Longest name of a company, in letters.
pub const NAME_MAX: usize = 200;
/// Longest short name of anything, in bytes.
pub const WORD_MAX: usize = 40;

/// Everything that is wrong with a company.
pub fn check(tenant: &Tenant) -> Vec<Problem> {
    let mut problems = Vec::new();
    problems.extend(word("key", &tenant.key).err());
    problems.extend(check_name(&tenant.name).err());
    problems.extend(check_zone(&tenant.zone).err());
    if !matches!(tenant.locale.as_str(), "ru" | "en") {
        problems.push(unknown_locale("locale"));
    }
    problems.extend(check_settings(&tenant.settings).err());
    problems
}

/// A short name of a company, scenario, field or purpose: Latin letters, digits, `_` and `-`, a letter first.
pub fn word(field: &str, text: &str) -> Result<String, Problem> {
    let shape = |text: &str| text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'));
    if (1..=WORD_MAX).contains(&text.len()) && shape(text) && text.as_bytes()[0].is_ascii_lowercase() {
        return Ok(text.to_owned());
    }
    Err(Problem::invalid(
        field,
        "bad_name",
        format!(
            "Имя «{text}» не подходит: нужны строчные латинские буквы, цифры, «_» и «-», до {WORD_MAX} знаков, первой — буква"
        ),
        format!(
            "“{text}” is not a name: use lower-case Latin letters, digits, “_” and “-”, at most {WORD_MAX}, a letter first"
        ),
    ))
}

/// The language is none of those the program speaks.
pub fn unknown_locale(field: &str) -> Problem {
    Problem::invalid(field, "unknown_locale", "Язык бывает ru или en", "The language is ru or en")
}

fn check_name(name: &str) -> Result<(), Problem> {
    let fits =
        !name.trim().is_empty() && name.chars().count() <= NAME_MAX && !name.chars().any(char::is_control);
    if fits {
        return Ok(());
    }
    Err(Problem::invalid(
        "name",
        "bad_length",
        format!("Название нужно от 1 до {NAME_MAX} знаков"),
        format!("A name has 1 to {NAME_MAX} characters"),
    ))
}

fn check_zone(zone: &str) -> Result<(), Problem> {
    if jiff::tz::TimeZone::get(zone).is_ok() {
        return Ok(());
    }
    Err(Problem::invalid(
        "zone",
        "unknown_zone",
        format!("Часового пояса «{zone}» нет. Пример: Europe/Moscow"),
        format!("There is no time zone “{zone}”. Example: Europe/Moscow"),
    ))
}

fn check_settings(settings: &Settings) -> Result<(), Problem> {
    match settings.policy_url.as_deref() {
        Some(url) if !is_web_address(url) => Err(Problem::invalid(
            "settings.policy_url",
            "bad_url",
            "Нужен адрес страницы, который начинается с https:// или http://",
            "An address of a page is needed that begins with https:// or http://",
        )),
        _ => Ok(()),
    }
}

fn is_web_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let plain = |text: &str| !text.chars().any(|c| c.is_whitespace() || c.is_control());
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/') && plain(rest)) && text.len() <= 2_000
}

#[cfg(test)]
mod tests {
    use super::*;
    use samovar_base::{Instant, TenantId};

    fn company() -> Tenant {
        Tenant {
            id: TenantId(1),
            key: "coffee".into(),
            name: "Кофейня".into(),
            zone: "Europe/Moscow".into(),
            locale: "ru".into(),
            settings: Settings {
                policy_url: Some("https://example.org/privacy".into()),
                ..Settings::default()
            },
            revision: 1,
            created_at: Instant(0),
        }
    }

    #[test]
    fn every_wrong_field_is_told_at_once() {
        assert_eq!(check(&company()), []);
        let wrong = Tenant {
            key: "Кофейня".into(),
            name: " ".into(),
            zone: "Moscow".into(),
            locale: "fr".into(),
            settings: Settings { policy_url: Some("javascript:alert(1)".into()), ..Settings::default() },
            ..company()
        };
        let codes: Vec<_> = check(&wrong).into_iter().map(|problem| problem.code).collect();
        assert_eq!(codes, ["bad_name", "bad_length", "unknown_zone", "unknown_locale", "bad_url"]);
    }

    #[test]
    fn addresses_are_web_pages() {
        for good in ["https://a.ru", "http://127.0.0.1:8080/x?y=1"] {
            assert!(is_web_address(good), "{good}");
        }
        for bad in ["", "https://", "https:///x", "ftp://a.ru", "https://a b", "//a.ru"] {
            assert!(!is_web_address(bad), "{bad}");
        }
    }
}
