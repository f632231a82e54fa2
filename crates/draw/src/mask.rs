//! A person, as strangers may see them.

/// Letters of a name that are shown at most.
const NAME_MAX: usize = 16;

/// `Анна К. ··34`: the first name, the first letter of the next, the last two digits of the phone. One word that does
/// not look like a name (a nickname with digits) is cut to its first three letters. Never empty, never with a tab, a
/// line end or signs that turn the direction of writing.
pub fn mask(name: &str, phone: Option<&str>) -> String {
    let clean: String = name.chars().map(|sign| if shown(sign) { sign } else { ' ' }).collect();
    let mut words = clean.split_whitespace();
    let mut text = match words.next() {
        None => "—".to_owned(),
        Some(first) if first.chars().all(|sign| sign.is_alphabetic() || sign == '-') => {
            first.chars().take(NAME_MAX).collect()
        }
        Some(first) => first.chars().take(3).chain(['…']).collect(),
    };
    if let Some(initial) = words.find_map(|word| word.chars().find(|sign| sign.is_alphabetic())) {
        text.push(' ');
        text.extend(initial.to_uppercase());
        text.push('.');
    }
    let digits: Vec<char> = phone.unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
    if let [.., tens, ones] = digits[..] {
        text.push_str(" ··");
        text.push(tens);
        text.push(ones);
    }
    text
}

fn shown(sign: char) -> bool {
    sign.is_alphanumeric() || matches!(sign, '-' | '_' | '.' | '\'' | '@')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_masked() {
        for (name, phone, seen) in [
            ("Анна Каренина", Some("+79161234534"), "Анна К. ··34"),
            ("Анна", None, "Анна"),
            ("анна-мария каренина", None, "анна-мария К."),
            ("ivanov1987", Some("+79160000000"), "iva… ··00"),
            ("", Some("+79160000001"), "— ··01"),
            ("\u{202e}\tзлой\nчеловек 👻", None, "злой Ч."),
            ("👻", None, "—"),
            ("Абвгдежзийклмнопрстуф", None, "Абвгдежзийклмноп"),
        ] {
            assert_eq!(mask(name, phone), seen);
        }
    }
}
