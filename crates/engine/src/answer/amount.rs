//! Sums and numbers of points as people type them with one hand.

use serde_json::Value;

/// Larger sums are typing errors.
const MINOR_MAX: i128 = 1_000_000_000_000_000;
/// More digits than any sum has.
const DIGITS_MAX: usize = 18;

/// A number with up to two decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Amount {
    /// In hundredths: kopecks of a sum of roubles. May be negative.
    pub minor: i64,
}

impl Amount {
    /// The whole number, when it is one: points have no hundredths.
    pub const fn whole(self) -> Option<i64> {
        if self.minor % 100 == 0 { Some(self.minor / 100) } else { None }
    }

    /// Whole where it can be.
    #[allow(clippy::cast_precision_loss)]
    pub(crate) fn number(self) -> Option<Value> {
        match self.whole() {
            Some(whole) => Some(whole.into()),
            None => serde_json::Number::from_f64(self.minor as f64 / 100.0).map(Value::Number),
        }
    }
}

/// What people mean by `1 500`, `1 500,50`, `1.5к`, `1,5 тыс`, `2k`, `500р`, `500 ₽`, `+300`. Three digits after a comma or
/// point are thousands, not decimals; what could mean two things, or is no number at all, is refused.
///
/// ```
/// let typed = ["1 500", "1,5 тыс.", "500р", "пятьсот"].map(|text| samovar_engine::amount(text).map(|sum| sum.minor));
/// assert_eq!(typed, [Some(150_000), Some(150_000), Some(50_000), None]);
/// ```
pub fn amount(text: &str) -> Option<Amount> {
    let text = text.trim().to_lowercase();
    let text = text.trim_end_matches('!').trim_end();
    let (negative, text) = match text.strip_prefix(['-', '−', '–']) {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let text = text.trim_start().trim_start_matches('₽').trim_start();
    let end = text.find(|letter: char| !is_of_number(letter)).unwrap_or(text.len());
    let (digits, words) = text.split_at(end);
    let thousands = scale(words)?;
    let (whole, fraction) = parts(digits.trim_end_matches(is_blank))?;
    let places = u32::try_from(fraction.len()).ok()?;
    let number: i128 = format!("{whole}{fraction}").parse().ok()?;
    let scaled = number.checked_mul(if thousands { 100_000 } else { 100 })?;
    let divisor = 10_i128.checked_pow(places)?;
    if scaled % divisor != 0 || scaled / divisor > MINOR_MAX {
        return None;
    }
    let minor = i64::try_from(scaled / divisor).ok()?;
    Some(Amount { minor: if negative { -minor } else { minor } })
}

fn is_blank(letter: char) -> bool {
    matches!(letter, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '_' | '\'' | '’')
}

fn is_of_number(letter: char) -> bool {
    letter.is_ascii_digit() || letter == '.' || letter == ',' || is_blank(letter)
}

/// Whether the words behind the digits mean thousands; `None` when they mean something else.
fn scale(words: &str) -> Option<bool> {
    const THOUSANDS: [&str; 8] = ["тысячи", "тысяча", "тысяч", "тыс", "тр", "т", "к", "k"];
    const UNITS: [&str; 16] = [
        "рублей",
        "рубля",
        "рубль",
        "руб",
        "р",
        "₽",
        "rub",
        "rur",
        "баллов",
        "балла",
        "балл",
        "бал",
        "б",
        "points",
        "point",
        "pts",
    ];
    let words: Vec<&str> = words.split([' ', '\u{a0}', '.']).filter(|word| !word.is_empty()).collect();
    match words[..] {
        [] => Some(false),
        [word] if THOUSANDS.contains(&word) => Some(true),
        [word] if UNITS.contains(&word) => Some(false),
        [thousands, unit] if THOUSANDS.contains(&thousands) && UNITS.contains(&unit) => Some(true),
        _ => None,
    }
}

/// Digits before and after the decimal mark.
fn parts(text: &str) -> Option<(String, String)> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if digits.is_empty()
        || digits.len() > DIGITS_MAX
        || !text.starts_with(|letter: char| letter.is_ascii_digit())
    {
        return None;
    }
    let last = text.rfind(['.', ',']);
    let decimals = last.map(|at| &text[at + 1..]).filter(|after| after.len() <= 2);
    let (whole, fraction) = match (last, decimals) {
        (Some(at), Some(after)) => (&text[..at], after),
        _ => (text, ""),
    };
    // A mark at the very end, blanks among decimals, or the decimal mark used twice mean nothing we know.
    let mark = last.filter(|_| decimals.is_some()).map(|at| &text[at..=at]);
    let broken = (mark.is_some() && fraction.is_empty())
        || !fraction.bytes().all(|byte| byte.is_ascii_digit())
        || mark.is_some_and(|mark| whole.contains(mark));
    (!broken && grouped(whole)).then(|| {
        let whole = whole.chars().filter(char::is_ascii_digit).collect();
        (whole, fraction.to_owned())
    })
}

/// Thousands set apart by blanks, commas or points; all in threes but the first.
fn grouped(whole: &str) -> bool {
    let groups: Vec<&str> = whole.split(|letter: char| !letter.is_ascii_digit()).collect();
    match groups[..] {
        [_] => true,
        [first, ref rest @ ..] => {
            (1..=3).contains(&first.len())
                && !first.starts_with('0')
                && rest.iter().all(|group| group.len() == 3)
        }
        [] => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_as_people_type_them() {
        for (typed, minor) in [
            ("0", 0),
            ("7", 700),
            ("1500", 150_000),
            ("1 500", 150_000),
            ("1\u{a0}500", 150_000),
            ("1500,50", 150_050),
            ("1 500,50", 150_050),
            ("1 500.5", 150_050),
            ("0,5", 50),
            ("1,500", 150_000),
            ("1.500", 150_000),
            ("1,234,567", 123_456_700),
            ("1.234.567,89", 123_456_789),
            ("1,234.5", 123_450),
            ("1.5к", 150_000),
            ("1,5 тыс", 150_000),
            ("1,5 тыс. руб.", 150_000),
            ("1,25к", 125_000),
            ("2k", 200_000),
            ("2К", 200_000),
            ("3 тысячи", 300_000),
            ("10 т.р.", 1_000_000),
            ("500р", 50_000),
            ("500 р.", 50_000),
            ("500 ₽", 50_000),
            ("₽500", 50_000),
            ("500 руб", 50_000),
            ("500 баллов", 50_000),
            ("+300", 30_000),
            ("+ 300", 30_000),
            ("−50", -5_000),
            ("1'500", 150_000),
        ] {
            assert_eq!(amount(typed).map(|sum| sum.minor), Some(minor), "{typed}");
        }
    }

    #[test]
    fn what_is_no_sum_is_refused() {
        for typed in [
            "",
            " ",
            "р",
            "к",
            "пятьсот",
            "1,2,3",
            "1 50",
            "12 34 567",
            "15 00",
            "1..5",
            "1,",
            ",5",
            "1.5.5",
            "5-6",
            "1e3",
            "500 рыб",
            "500к к",
            "0,500",
            "1,234,5",
            "1,2345",
            "99999999999999999999",
            "1000000000000000",
            "+7 916 123-45-67",
            "1,5,5",
            "--5",
            "1 500 2",
        ] {
            assert_eq!(amount(typed), None, "{typed}");
        }
    }

    #[test]
    fn points_are_whole() {
        assert_eq!(amount("1 500").and_then(Amount::whole), Some(1_500));
        assert_eq!(amount("1,5").and_then(Amount::whole), None);
        assert_eq!(amount("1,5к").and_then(Amount::whole), Some(1_500));
    }
}
