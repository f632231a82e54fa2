//! Personal data inside of words that people wrote.

use crate::phone;

/// Digits that are a number of somebody or something, however they are grouped.
const DIGITS_MAX: usize = 10;

/// The text with the phone numbers and e-mail addresses in it masked: `+7 *** ***-45-67`, `***@***`. Long numbers that
/// are no phone are masked too: a digit typed too much does not give the rest away.
pub fn masked(text: &str) -> String {
    let mut seen = String::with_capacity(text.len());
    for piece in text.split_inclusive(ends_word) {
        let word = piece.trim_end_matches(ends_word);
        let address = word.split_once('@').is_some_and(|(who, host)| !who.is_empty() && host.contains('.'));
        seen.push_str(if address { "***@***" } else { word });
        seen.push_str(&piece[word.len()..]);
    }
    numbers_masked(&seen)
}

fn ends_word(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '<' | '>' | '(' | ')' | ',' | ';' | '"' | '«' | '»')
}

fn numbers_masked(text: &str) -> String {
    let mut seen = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|letter: char| letter.is_ascii_digit() || letter == '+') {
        let run = &rest[start..];
        let end = run.find(|letter| !of_number(letter)).unwrap_or(run.len());
        let number = run[..end].trim_end_matches(|letter: char| !letter.is_ascii_digit());
        let (number, next) = if number.is_empty() { run.split_at(1) } else { run.split_at(number.len()) };
        seen.push_str(&rest[..start]);
        match phone::normalise(number) {
            Some(e164) => seen.push_str(&phone::masked(&e164)),
            None if number.bytes().filter(u8::is_ascii_digit).count() > DIGITS_MAX => seen.push_str("***"),
            None => seen.push_str(number),
        }
        rest = next;
    }
    seen + rest
}

fn of_number(letter: char) -> bool {
    letter.is_ascii_digit()
        || matches!(letter, '+' | ' ' | '\u{a0}' | '\u{202f}' | '(' | ')' | '-' | '–' | '—' | '.')
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn phones_and_addresses_are_found_in_words() {
        for (written, seen) in [
            ("Мой телефон 8 (916) 123-45-67, жду", "Мой телефон +7 *** ***-45-67, жду"),
            ("+79161234567", "+7 *** ***-45-67"),
            ("звоните 9161234567.", "звоните +7 *** ***-45-67."),
            ("на anna.ivanova@example.org, спасибо", "на ***@***, спасибо"),
            ("<anna@example.org>", "<***@***>"),
            ("2 89161234567", "***"),
            ("+375 29 123-45-67 и ещё", "+3 *** ***-45-67 и ещё"),
        ] {
            assert_eq!(masked(written), seen, "{written}");
        }
    }

    #[test]
    fn other_words_stay() {
        for written in [
            "",
            "Приду 21.11.2026 в 18:00, 2 человека",
            "1 500 баллов + подарок",
            "пишите @anna или на почту",
            "a+b",
            "+",
            "дом 5, кв. 12",
        ] {
            assert_eq!(masked(written), written);
        }
    }
}
