//! QR codes for screens.

use crate::loyalty::card::plain_qr;

/// A code to be drawn as SVG.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawn {
    /// Modules on a side, without the quiet zone of four.
    pub size: u32,
    /// The `d` of an SVG path in which a module is one wide.
    pub path: String,
}

/// The code of a text; none when it is too long for one.
pub fn drawn(text: &str) -> Option<Drawn> {
    let (modules, path) = plain_qr(text)?;
    Some(Drawn { size: u32::try_from(modules).ok()?, path })
}
