//! A draw that anyone can check. The list of tickets is frozen and its hash published; randomness that nobody could
//! know by then decides; the formula is fixed; the protocol lets a stranger count it all again. Pure: no clock, no
//! chance, no database, so that what checks a draw is what drew it and nothing else.
//!
//! Three texts make up a draw, each described byte by byte in `docs/en/draws.md`:
//!
//! 1. the [`list`] of tickets, a line for each;
//! 2. the [`Announcement`], which names the list by its hash, the prizes, who is left out and where the randomness will
//!    come from; its own hash is published before the randomness exists;
//! 3. the [`Protocol`], which adds the randomness, the seed and who won, and is signed.
//!
//! [`verify()`] counts all of it again and says of each step whether it holds.

mod announcement;
mod formula;
pub mod list;
mod mask;
mod protocol;
mod source;
mod verify;
mod words;

pub use announcement::{Announcement, Excluded, Prize};
pub use formula::{Drawn, Seed, Won, draw, seed};
pub use list::{List, Person, Ticket, write_line};
pub use mask::mask;
pub use protocol::{Key, Protocol, Signed};
pub use source::{QUICKNET, Quicknet, Randomness, Source, commitment};
pub use verify::{Check, Outcome, Report, check_randomness, verify};

use sha2::{Digest, Sha256};

/// The version of the formula and of the texts; the first line of an announcement.
pub const FORMAT: &str = "samovar-draw/1";
/// Pieces of all prizes of a draw together.
pub const PIECES_MAX: u32 = 10_000;
/// Prizes of a draw.
pub const PRIZES_MAX: usize = 200;
/// Tickets in reserve.
pub const RESERVE_MAX: u32 = 1_000;
/// People who are left out of a draw.
pub const EXCLUDED_MAX: usize = 20_000;

/// A text is not of the form it must have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct Malformed {
    /// From 1.
    pub line: u64,
    /// What was expected there.
    pub what: &'static str,
}

/// SHA-256 as 64 small hexadecimal digits.
pub fn hash(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Small hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The reverse of [`hex`]; capital digits are not taken.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| Some(digit(pair[0])? << 4 | digit(*pair.get(1)?)?)).collect()
}

/// `2026-11-21T09:00:00Z` of seconds since 1970; years 1970 to 9999.
pub fn moment(seconds: i64) -> String {
    // The civil calendar counted in eras of 400 years that begin in March.
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// The reverse of [`moment`]: only that form, only real days.
pub fn seconds(moment_text: &str) -> Option<i64> {
    let bytes = moment_text.as_bytes();
    let shape = bytes.len() == 20
        && bytes.iter().zip(b"0000-00-00T00:00:00Z").all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            mark => byte == mark,
        });
    if !shape {
        return None;
    }
    let number = |from: usize, to: usize| moment_text[from..to].parse::<i64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let shifted_year = year - i64::from(month <= 2);
    let (era, of_era) = (shifted_year.div_euclid(400), shifted_year.rem_euclid(400));
    let march_month = if month > 2 { month - 3 } else { month + 9 };
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + (153 * march_month + 2) / 5 + day
        - 1
        - 719_468;
    let found = days * 86_400 + hour * 3_600 + minute * 60 + second;
    // Whatever does not come back as it was is no real day or hour.
    (moment(found) == moment_text).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_and_read_back() {
        assert_eq!(moment(0), "1970-01-01T00:00:00Z");
        assert_eq!(moment(1_795_251_600), "2026-11-21T09:00:00Z");
        assert_eq!(moment(951_782_399), "2000-02-28T23:59:59Z");
        for at in [0, 951_782_400, 951_868_800, 1_709_164_800, 4_102_444_799, 1_795_251_601] {
            assert_eq!(seconds(&moment(at)), Some(at), "{}", moment(at));
        }
        for wrong in [
            "2026-02-29T00:00:00Z",
            "2026-11-21T24:00:00Z",
            "2026-11-21 09:00:00Z",
            "2026-11-21T09:00:00",
            "",
        ] {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn hexadecimal_is_small_and_even() {
        assert_eq!(hex(&[0, 171, 255]), "00abff");
        assert_eq!(unhex("00abff"), Some(vec![0, 171, 255]));
        for wrong in ["0", "00AB", "0g", "0é"] {
            assert_eq!(unhex(wrong), None, "{wrong}");
        }
    }
}
