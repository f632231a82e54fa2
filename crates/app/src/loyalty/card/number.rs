//! The number of a card: eleven digits and a check digit.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A card's number. The last digit is Damm's check digit: one mistyped digit, or two neighbours in the wrong order,
/// is always noticed.
///
/// Printed `1234 5678 9012`; in tables and JSON twelve digits without blanks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CardNumber(u64);

/// Why a typed text is not a card's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotACardNumber {
    /// Neither a digit nor a blank or dash.
    #[error("«{0}» cannot stand in a card number")]
    Letter(char),
    /// Not twelve digits.
    #[error("a card number has 12 digits, not {0}")]
    Length(usize),
    /// The digits do not fit together: a slip of the finger.
    #[error("the card number has a mistyped digit")]
    CheckDigit,
}

impl CardNumber {
    /// How many numbers there are. The first digit is never zero, so a spreadsheet cannot lose it.
    pub const COUNT: u64 = 90_000_000_000;

    /// The number that a random `draw` stands for; draws that differ by less than [`Self::COUNT`] give different ones.
    pub fn from_draw(draw: u64) -> Self {
        let body = 10_000_000_000 + draw % Self::COUNT;
        Self(body * 10 + check_digit(body))
    }

    /// Twelve digits without blanks: how the number is stored and looked up.
    pub fn digits(self) -> String {
        format!("{:012}", self.0)
    }
}

impl FromStr for CardNumber {
    type Err = NotACardNumber;

    /// As people type it: blanks and dashes anywhere.
    fn from_str(typed: &str) -> Result<Self, NotACardNumber> {
        let mut digits = String::with_capacity(12);
        for letter in typed.chars() {
            match letter {
                '0'..='9' => digits.push(letter),
                '-' | '‐' | '‑' | '–' | '—' => {}
                blank if blank.is_whitespace() => {}
                other => return Err(NotACardNumber::Letter(other)),
            }
        }
        let value = match digits.parse::<u64>() {
            Ok(value) if digits.len() == 12 => value,
            _ => return Err(NotACardNumber::Length(digits.len())),
        };
        if check_digit(value / 10) == value % 10 { Ok(Self(value)) } else { Err(NotACardNumber::CheckDigit) }
    }
}

impl TryFrom<String> for CardNumber {
    type Error = NotACardNumber;
    fn try_from(text: String) -> Result<Self, NotACardNumber> {
        text.parse()
    }
}

impl From<CardNumber> for String {
    fn from(number: CardNumber) -> Self {
        number.digits()
    }
}

impl fmt::Display for CardNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.digits();
        write!(f, "{} {} {}", &digits[..4], &digits[4..8], &digits[8..])
    }
}

impl fmt::Debug for CardNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Damm's algorithm over the eleven digits of `body`, leading zeros included.
fn check_digit(body: u64) -> u64 {
    const TABLE: [[u8; 10]; 10] = [
        [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
        [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
        [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
        [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
        [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
        [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
        [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
        [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
        [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
        [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
    ];
    let digits = format!("{body:011}");
    let state = digits.bytes().fold(0, |state, digit| TABLE[usize::from(state)][usize::from(digit - b'0')]);
    u64::from(state)
}
