//! Phone numbers as people type them.

/// The E.164 form (`+79161234567`) of a typed number, or `None` when it cannot be one.
///
/// Ten digits that begin with 9, and eleven that begin with 8 or 7, are Russian. Other countries must be typed
/// with `+` or `00`. Blanks, brackets, dots and dashes are passed over; letters are not.
pub fn normalise(typed: &str) -> Option<String> {
    let typed = typed.trim();
    let plus = typed.starts_with('+');
    let mut digits = String::with_capacity(15);
    for letter in typed.chars().skip(usize::from(plus)) {
        match letter {
            '0'..='9' => digits.push(letter),
            ' ' | '\u{a0}' | '\u{202f}' | '(' | ')' | '-' | '–' | '—' | '.' | '/' => {}
            _ => return None,
        }
    }
    let international = if plus {
        digits
    } else if let Some(rest) = digits.strip_prefix("00") {
        rest.to_owned()
    } else {
        match (digits.len(), digits.as_bytes().first()) {
            (10, Some(b'9')) => format!("7{digits}"),
            (11, Some(b'8' | b'7')) => format!("7{}", &digits[1..]),
            _ => return None,
        }
    };
    let russian = international.strip_prefix('7').map(str::len);
    let fits = match russian {
        Some(rest) => rest == 10,
        None => (8..=15).contains(&international.len()) && !international.starts_with('0'),
    };
    fits.then(|| format!("+{international}"))
}

/// For people without the right to see it: `+7 *** ***-45-67`.
pub fn masked(e164: &str) -> String {
    let tail: Vec<char> = e164.chars().rev().take(4).collect();
    let tail: String = tail.into_iter().rev().collect();
    let head: String = e164.chars().take(2).collect();
    if e164.chars().count() < 8 {
        "***".into()
    } else {
        format!("{head} *** ***-{}-{}", &tail[..2], &tail[2..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_people_type_them() {
        for typed in [
            "8 (916) 123-45-67",
            "+7 916 123 45 67",
            "9161234567",
            "7 916 1234567",
            "8.916.123.45.67",
            "+79161234567",
        ] {
            assert_eq!(normalise(typed).as_deref(), Some("+79161234567"), "{typed}");
        }
        assert_eq!(normalise("8 800 555-35-35").as_deref(), Some("+78005553535"));
        assert_eq!(normalise("+375 29 123-45-67").as_deref(), Some("+375291234567"));
        assert_eq!(normalise("00 49 30 901820").as_deref(), Some("+4930901820"));
        for typed in ["", "12", "привет", "8916123456", "+7916", "916123456789012345", "8916123456a"] {
            assert_eq!(normalise(typed), None, "{typed}");
        }
    }

    #[test]
    fn a_masked_number_keeps_its_ends() {
        assert_eq!(masked("+79161234567"), "+7 *** ***-45-67");
        assert_eq!(masked("+7"), "***");
    }
}
