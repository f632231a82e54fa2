//! Points, money and rates: integers of the smallest unit, checked arithmetic, named rounding.

use serde::{Deserialize, Serialize};

/// A sum left the range that can be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the sum is too large to be counted")]
pub struct OutOfRange;

/// Loyalty points, whole ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Points(pub i64);

impl Points {
    /// None.
    pub const ZERO: Self = Self(0);
    /// The sum of two.
    pub fn plus(self, other: Self) -> Result<Self, OutOfRange> {
        self.0.checked_add(other.0).map(Self).ok_or(OutOfRange)
    }
    /// The difference of two; may be negative.
    pub fn minus(self, other: Self) -> Result<Self, OutOfRange> {
        self.0.checked_sub(other.0).map(Self).ok_or(OutOfRange)
    }
    /// More than none.
    pub fn is_positive(self) -> bool {
        self.0 > 0
    }
}

impl std::fmt::Display for Points {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A sum of money in minor units (kopecks) of an ISO 4217 currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Minor units.
    pub minor: i64,
    /// Three capital letters.
    pub currency: Currency,
}

/// An ISO 4217 code.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

impl Currency {
    /// The Russian rouble.
    pub const RUB: Self = Self(*b"RUB");
}

impl TryFrom<String> for Currency {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        match text.as_bytes() {
            [a, b, c] if text.bytes().all(|byte| byte.is_ascii_uppercase()) => Ok(Self([*a, *b, *c])),
            _ => Err(format!("«{text}» is not a currency code of three capital letters")),
        }
    }
}

impl From<Currency> for String {
    fn from(code: Currency) -> Self {
        code.0.iter().map(|byte| *byte as char).collect()
    }
}

impl std::fmt::Debug for Currency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&String::from(*self))
    }
}

/// What becomes of the part below one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// Dropped: in favour of the business.
    #[default]
    Down,
    /// Half and more goes up.
    HalfUp,
    /// Any part goes up: in favour of the customer.
    Up,
}

/// A share in basis points: 10 000 is the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rate(pub u32);

impl Rate {
    /// This share of a non-negative `sum` in whole units.
    pub fn of(self, sum: i64, rounding: Rounding) -> Result<i64, OutOfRange> {
        let product = i128::from(sum.max(0)) * i128::from(self.0);
        let up = match rounding {
            Rounding::Down => 0,
            Rounding::HalfUp => 5_000,
            Rounding::Up => 9_999,
        };
        i64::try_from((product + up) / 10_000).map_err(|_| OutOfRange)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_does_what_its_name_says() {
        let five_percent = Rate(500);
        assert_eq!(five_percent.of(1_590, Rounding::Down), Ok(79));
        assert_eq!(five_percent.of(1_590, Rounding::HalfUp), Ok(80));
        assert_eq!(five_percent.of(1_581, Rounding::Up), Ok(80));
        assert_eq!(Rate(10_000).of(i64::MAX, Rounding::Down), Ok(i64::MAX));
        assert_eq!(Rate(20_000).of(i64::MAX, Rounding::Down), Err(OutOfRange));
    }
}
