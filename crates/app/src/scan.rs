//! QR and bar codes in pictures that people take. Pure, and bounded in memory and in steps: large pictures are refused by
//! their head, before they are unpacked.

mod grey;
mod ladder;
mod readers;
#[cfg(test)]
mod tests;

pub use readers::Reader;

use grey::Grey;
use serde::{Deserialize, Serialize};

/// Most bytes of a picture.
pub const BYTES_MAX: u64 = 12 * 1024 * 1024;
/// Most codes of a picture.
pub const CODES_MAX: usize = 8;
/// Longest text of a code that anybody of ours made.
const TEXT_MAX: usize = 1_000;

/// A code in a picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// What stands in it.
    pub text: String,
    /// Of which kind it is.
    pub kind: Kind,
}

/// Kinds of codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A square.
    Qr,
    /// Stripes.
    Bar,
}

/// Why nothing can be said of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Neither JPEG, PNG nor WebP; a HEIC of a telephone, for one, which comes when a photo is sent as a file.
    #[error("neither JPEG, PNG nor WebP")]
    Foreign,
    /// More pixels than are unpacked.
    #[error("too many pixels")]
    TooLarge,
    /// It says that it is a picture, and is none.
    #[error("a damaged picture")]
    Broken,
}

/// All codes that can be read in a JPEG, PNG or WebP picture, none twice. Takes up to a second or two of a processor: not
/// for the threads that serve.
pub fn codes(picture: &[u8]) -> Result<Vec<Found>, Unreadable> {
    Grey::unpack(picture).map(|whole| ladder::climb(&whole))
}

/// The text of the first code that can be read, where a picture is of one.
pub fn code(picture: &[u8]) -> Option<String> {
    codes(picture).ok()?.into_iter().next().map(|found| found.text)
}

/// What one reader alone makes of a picture, in one look: what the ladder is measured by.
pub fn codes_by(reader: Reader, picture: &[u8]) -> Result<Vec<Found>, Unreadable> {
    Grey::unpack(picture).map(|whole| ladder::alone(&whole, reader))
}
