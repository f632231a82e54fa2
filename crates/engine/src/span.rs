//! Lengths of time as people write them: `90s`, `15m`, `2h`, `3d`, `1h30m`.

use serde::{Deserialize, Serialize};

const UNITS: [(char, i64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];
const SECONDS_MAX: i64 = 3_660 * 86_400;

/// A length of time in whole seconds; more than nothing, at most ten years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(i64);

impl Span {
    /// From seconds, brought into the range.
    pub fn from_seconds(seconds: i64) -> Self {
        Self(seconds.clamp(1, SECONDS_MAX))
    }
    /// Seconds.
    pub const fn seconds(self) -> i64 {
        self.0
    }
}

impl std::str::FromStr for Span {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let refusal = || format!("«{text}» is not a length of time such as 90s, 15m, 2h, 3d");
        let (mut total, mut number) = (0_i64, None::<i64>);
        for letter in text.trim().chars() {
            if let Some(digit) = letter.to_digit(10) {
                let grown = number.unwrap_or(0).checked_mul(10).and_then(|n| n.checked_add(i64::from(digit)));
                number = Some(grown.ok_or_else(refusal)?);
            } else {
                let (_, seconds) = UNITS.iter().find(|(unit, _)| *unit == letter).ok_or_else(refusal)?;
                let part = number.take().and_then(|n| n.checked_mul(*seconds)).ok_or_else(refusal)?;
                total = total.checked_add(part).ok_or_else(refusal)?;
            }
        }
        let fits = number.is_none() && (1..=SECONDS_MAX).contains(&total);
        if fits { Ok(Self(total)) } else { Err(refusal()) }
    }
}

impl std::fmt::Display for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut left = self.0;
        for (unit, seconds) in UNITS {
            if left >= seconds {
                write!(f, "{}{unit}", left / seconds)?;
                left %= seconds;
            }
        }
        Ok(())
    }
}

impl Serialize for Span {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_and_printed() {
        for (text, seconds) in [("90s", 90), ("15m", 900), ("1h30m", 5_400), ("3d", 259_200)] {
            assert_eq!(text.parse::<Span>().map(Span::seconds), Ok(seconds), "{text}");
        }
        assert_eq!(Span::from_seconds(5_430).to_string(), "1h30m30s");
        for text in ["", "15", "m", "0s", "-5m", "5w", "99999999999999999999d", "9999999d"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }
}
