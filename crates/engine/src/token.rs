//! Buttons carry short tokens, never data: 13 letters and digits that tell scenario, step and choice, and for
//! screens a suffix. They do not depend on the version, so that an old message's button is understood after a publish.

use samovar_base::id::encode;

/// Longest text that a screen's own button may carry back.
pub(crate) const CARRIED_MAX: usize = 44;

/// The token of a slot of a step: a choice, or one of the engine's own buttons.
pub(crate) fn of(scenario: &str, step: &str, slot: &str) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in [scenario, "\0", step, "\0", slot].iter().flat_map(|part| part.bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    // FNV leaves the high bits of short texts poor; this spreads them.
    hash = (hash ^ (hash >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    hash ^= hash >> 32;
    encode(i64::try_from(hash >> 1).unwrap_or_default())
}

/// Slot of a screen: paging and what its own buttons carry.
pub(crate) const SCREEN: &str = "\u{1}screen";
/// Slot of the button that leaves a question without an answer.
pub(crate) const SKIP: &str = "\u{1}skip";
/// Slot of the suggested answer.
pub(crate) const SUGGEST: &str = "\u{1}suggest";

/// What stands behind the colon of a screen's token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Suffix<'t> {
    Page(u32),
    Carried(&'t str),
}

/// The token of a page of a screen.
pub(crate) fn page(screen: &str, page: u32) -> String {
    format!("{screen}:p{page}")
}

/// The token of a screen's own button; `None` when it carries too much or letters that do not survive everywhere.
pub(crate) fn carried(screen: &str, carries: &str) -> Option<String> {
    let fits = carries.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte));
    (fits && !carries.is_empty() && carries.len() <= CARRIED_MAX).then(|| format!("{screen}:i{carries}"))
}

/// The reverse of both: the screen's token and what stands behind it.
pub(crate) fn split(token: &str) -> (&str, Option<Suffix<'_>>) {
    let Some((screen, rest)) = token.split_once(':') else { return (token, None) };
    let suffix = match rest.split_at_checked(1) {
        Some(("p", digits)) => {
            digits.parse().ok().filter(|page| (1..=9_999_999).contains(page)).map(Suffix::Page)
        }
        Some(("i", carries)) if !carries.is_empty() => Some(Suffix::Carried(carries)),
        _ => None,
    };
    match suffix {
        Some(suffix) => (screen, Some(suffix)),
        None => (token, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_short_and_told_apart() {
        let one = of("coffee", "menu", "balance");
        assert_eq!(one, of("coffee", "menu", "balance"));
        for other in
            [of("coffee", "menu", "card"), of("coffee", "menub", "alance"), of("tea", "menu", "balance")]
        {
            assert_ne!(one, other);
        }
        assert!(page(&one, 9_999_999).len() <= 24);
        assert!(carried(&one, &"x".repeat(CARRIED_MAX)).is_some_and(|token| token.len() <= 64));
    }

    #[test]
    fn suffixes_are_read_back() {
        let screen = of("coffee", "history", SCREEN);
        assert_eq!(split(&page(&screen, 3)), (screen.as_str(), Some(Suffix::Page(3))));
        let token = carried(&screen, "row-7").unwrap_or_default();
        assert_eq!(split(&token), (screen.as_str(), Some(Suffix::Carried("row-7"))));
        assert_eq!(carried(&screen, "a:b"), None);
        for token in ["x", "x:", "x:p", "x:p0", "x:pz", "x:p99999999999", "x:i", "x:ж"] {
            assert_eq!(split(token), (token, None));
        }
    }
}
