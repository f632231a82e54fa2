//! The QR on its plate.

use super::design::Rgb;
use super::picture::Area;
use qrcode::{Color, EcLevel, QrCode};
use std::fmt::Write;

/// Blank modules on each side; fewer, and readers miss the code.
const QUIET: usize = 4;

/// The code as an SVG path in the middle of `area`, a square; modules are whole pixels, so that edges are sharp.
/// `None` when the text needs so large a code that its modules would be under 4 pixels.
pub(super) fn path(text: &str, area: Area) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let modules = code.width();
    let side = usize::try_from(area.width).ok()?;
    let step = side / (modules + 2 * QUIET);
    if step < 4 {
        return None;
    }
    let offset = (side - step * modules) / 2;
    let dark = dark(&code.to_colors(), modules, step);
    Some(format!(
        r#"<path transform="translate({} {})" shape-rendering="crispEdges" fill="{}" d="{dark}"/>"#,
        area.x + i32::try_from(offset).ok()?,
        area.y + i32::try_from(offset).ok()?,
        Rgb::PRINT,
    ))
}

/// The code without margins: modules on a side, and an SVG path in which a module is 1. `None` when no code holds the text.
pub(crate) fn plain(text: &str) -> Option<(usize, String)> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    Some((code.width(), dark(&code.to_colors(), code.width(), 1)))
}

/// One rectangle for each run of dark modules in a row.
fn dark(colours: &[Color], modules: usize, step: usize) -> String {
    let mut path = String::with_capacity(modules * modules * 8);
    for (y, row) in colours.chunks(modules).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(PartialEq::eq) {
            if run[0] == Color::Dark {
                let (left, top, width) = (x * step, y * step, run.len() * step);
                let _ = write!(path, "M{left} {top}h{width}v{step}h-{width}z");
            }
            x += run.len();
        }
    }
    path
}
