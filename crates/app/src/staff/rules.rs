//! What staff and keys may be called. Pure.

use crate::problem::Problem;

/// Longest name, in letters.
pub const NAME_MAX: usize = 200;
/// Shortest token that is brought along instead of being made here, in bytes.
pub const TOKEN_MIN: usize = 20;

/// An address of e-mail as it is kept: lower case, without blanks around.
pub fn email(text: &str) -> Result<String, Problem> {
    let text = text.trim().to_lowercase();
    let plain = !text
        .chars()
        .any(|c| c.is_whitespace() || c.is_control() || c == '@' && text.matches('@').count() > 1);
    let shape = text.split_once('@').is_some_and(|(who, host)| {
        !who.is_empty() && host.contains('.') && !host.starts_with('.') && !host.ends_with('.')
    });
    if plain && shape && text.len() <= 254 {
        return Ok(text);
    }
    Err(Problem::invalid(
        "email",
        "bad_email",
        "Это не похоже на адрес почты. Пример: anna@example.org",
        "This is not an e-mail address. Example: anna@example.org",
    ))
}

/// A name as it is kept: without blanks around, and not empty.
pub fn name(text: &str) -> Result<String, Problem> {
    let text = text.trim();
    if (1..=NAME_MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control) {
        return Ok(text.to_owned());
    }
    Err(Problem::invalid(
        "name",
        "bad_length",
        format!("Имя нужно от 1 до {NAME_MAX} знаков"),
        format!("A name has 1 to {NAME_MAX} characters"),
    ))
}

/// A token that was made elsewhere must be as hard to guess as ours.
pub fn token(text: &str) -> Result<(), Problem> {
    let distinct = text.bytes().collect::<std::collections::BTreeSet<_>>().len();
    if (TOKEN_MIN..=512).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic()) && distinct >= 8
    {
        return Ok(());
    }
    Err(Problem::invalid(
        "token",
        "weak_token",
        format!("Ключ нужен случайный, от {TOKEN_MIN} знаков латиницы и цифр без пробелов"),
        format!("A key must be random, at least {TOKEN_MIN} visible ASCII characters"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_kept_in_one_form() {
        assert_eq!(email(" Anna@Example.ORG "), Ok("anna@example.org".into()));
        assert_eq!(email("владелец@кофе.рф"), Ok("владелец@кофе.рф".into()));
        for bad in [
            "",
            "anna",
            "anna@",
            "@example.org",
            "anna@example",
            "a@b@c.d",
            "an na@example.org",
            "a@.org",
            "a@b.",
        ] {
            assert_eq!(email(bad).map_err(|problem| problem.code), Err("bad_email"), "{bad}");
        }
    }

    #[test]
    fn weak_tokens_are_refused() {
        assert_eq!(token("k7d2mmsjq94hhx3vvn5twa8bcpzzr6ye"), Ok(()));
        for bad in ["short", &"a".repeat(40), "k7d2mmsjq94hhx3vvn5t a8bcpzzr6ye", &"k7d2mmsj".repeat(100)] {
            assert_eq!(token(bad).map_err(|problem| problem.code), Err("weak_token"), "{bad}");
        }
    }
}
