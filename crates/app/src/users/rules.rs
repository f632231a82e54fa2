//! What a password must be like, what a browser is called, and which short name a company gets. Pure.

use crate::problem::Problem;
use crate::tenants::WORD_MAX;

/// Shortest password, in letters.
pub const PASSWORD_MIN: usize = 10;
/// Longest, in letters: hashing takes time by length.
pub const PASSWORD_MAX: usize = 200;

/// Words that the first tries of a guesser are made of.
const COMMON: &[&str] = &["password", "qwerty", "пароль", "йцукен", "samovar", "самовар", "admin"];

/// A password must be long, and not what a guesser tries first.
pub fn password(text: &str, email: &str, name: &str) -> Result<(), Problem> {
    let long = (PASSWORD_MIN..=PASSWORD_MAX).contains(&text.chars().count());
    if !long {
        return Err(Problem::invalid(
            "password",
            "short_password",
            format!(
                "Пароль нужен от {PASSWORD_MIN} до {PASSWORD_MAX} знаков: подойдут несколько слов подряд"
            ),
            format!(
                "A password has {PASSWORD_MIN} to {PASSWORD_MAX} characters: a few words in a row will do"
            ),
        ));
    }
    if is_guessed_first(&text.to_lowercase(), email, name) {
        return Err(Problem::invalid(
            "password",
            "weak_password",
            "Такой пароль подбирают первым: добавьте несколько слов, которые знаете только вы",
            "Such a password is guessed first: add a few words that only you know",
        ));
    }
    Ok(())
}

fn is_guessed_first(text: &str, email: &str, name: &str) -> bool {
    let kinds: std::collections::BTreeSet<char> = text.chars().collect();
    let own = [email, email.split('@').next().unwrap_or_default(), name]; // the whole before its part
    let own = own.into_iter().chain(name.split_whitespace());
    let known = own.map(|own| own.trim().to_lowercase()).chain(COMMON.iter().map(ToString::to_string));
    let rest = known
        .filter(|word| word.chars().count() > 2)
        .fold(text.to_owned(), |rest, word| rest.replace(&word, ""));
    let left = rest.chars().filter(|c| !c.is_ascii_digit() && !c.is_ascii_punctuation()).count();
    let digits_only = text.chars().all(|c| c.is_ascii_digit());
    let changed = rest.chars().count() != text.chars().count();
    kinds.len() < 5 || (digits_only && is_a_row(text)) || (changed && left < 4)
}

fn is_a_row(text: &str) -> bool {
    let steps: std::collections::BTreeSet<i16> = text
        .as_bytes()
        .windows(2)
        .map(|pair| (i16::from(pair[1]) - i16::from(pair[0])).rem_euclid(10))
        .collect();
    steps.len() <= 1
}

/// Browser and system out of a `User-Agent`, as people call them.
pub fn device(agent: &str) -> String {
    let first = |table: &[(&str, &'static str)]| {
        table.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name)
    };
    let browser = first(&[
        ("YaBrowser", "Яндекс Браузер"),
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = first(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser}, {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => String::new(),
    }
}

/// A short name for a company of that name: what is left of it in Latin letters.
pub fn key_of(name: &str) -> String {
    let mut key = String::new();
    for letter in name.to_lowercase().chars() {
        match latin(letter) {
            Some(text) => key.push_str(text),
            None if letter.is_ascii_alphanumeric() => key.push(letter),
            None if !key.ends_with('-') => key.push('-'),
            None => {}
        }
    }
    let key = key.trim_matches(|c: char| c == '-' || c.is_ascii_digit());
    // Room for what tells it from others of the name.
    let key: String = key.chars().take(WORD_MAX - 6).collect();
    let key = key.trim_end_matches('-');
    if key.is_empty() { "company".to_owned() } else { key.to_owned() }
}

fn latin(letter: char) -> Option<&'static str> {
    const TABLE: &[(char, &str)] = &[
        ('а', "a"),
        ('б', "b"),
        ('в', "v"),
        ('г', "g"),
        ('д', "d"),
        ('е', "e"),
        ('ё', "e"),
        ('ж', "zh"),
        ('з', "z"),
        ('и', "i"),
        ('й', "i"),
        ('к', "k"),
        ('л', "l"),
        ('м', "m"),
        ('н', "n"),
        ('о', "o"),
        ('п', "p"),
        ('р', "r"),
        ('с', "s"),
        ('т', "t"),
        ('у', "u"),
        ('ф', "f"),
        ('х', "h"),
        ('ц', "c"),
        ('ч', "ch"),
        ('ш', "sh"),
        ('щ', "sch"),
        ('ъ', ""),
        ('ы', "y"),
        ('ь', ""),
        ('э', "e"),
        ('ю', "yu"),
        ('я', "ya"),
    ];
    TABLE.iter().find(|(one, _)| *one == letter).map(|(_, text)| *text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenants::word;

    #[test]
    fn what_is_guessed_first_is_refused() {
        let said =
            |text: &str| password(text, "anna@nails.ru", "Анна Кошкина").err().map(|problem| problem.code);
        for good in ["чайник на плите", "correct horse battery", "7Fq!9mZr2k", "839104756201"] {
            assert_eq!(said(good), None, "{good}");
        }
        assert_eq!(said("короткий"), Some("short_password"));
        assert_eq!(said(&"ы".repeat(201)), Some("short_password"));
        for weak in [
            "aaaaaaaaaa",
            "1234567890",
            "password12",
            "Пароль2026!!",
            "anna@nails.ru",
            "АннаКошкина1",
            "анна кошкина 90",
        ] {
            assert!(said(weak).is_some(), "{weak}");
        }
    }

    #[test]
    fn browsers_are_called_as_people_call_them() {
        for (agent, name) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 YaBrowser/25.8 Safari/537.36",
                "Яндекс Браузер, Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Safari/604.1",
                "Safari, iPhone",
            ),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
            ("curl/8.5", ""),
        ] {
            assert_eq!(device(agent), name);
        }
    }

    #[test]
    fn a_company_gets_a_short_name_that_is_one() {
        for (name, key) in [
            ("Кофейня «Самовар»", "kofeinya-samovar"),
            ("7 ногтей", "nogtei"),
            ("Bob's Café & Co.", "bob-s-caf-co"),
            ("株式会社", "company"),
            ("", "company"),
        ] {
            assert_eq!(key_of(name), key);
            assert!(word("key", &key_of(name)).is_ok());
        }
        assert!(key_of(&"щ".repeat(100)).len() <= WORD_MAX - 6);
    }
}
