//! A receipt on a table.

use qrcode::{Color, EcLevel, QrCode};

/// Millimetres of a line, of a sign, of the margin.
const LINE: f32 = 3.6;
const SIGN: f32 = 1.7;
const MARGIN: f32 = 5.0;

/// A printed receipt.
pub(super) struct Paper {
    /// In millimetres.
    pub width: f32,
    /// In millimetres.
    pub height: f32,
    lines: usize,
    /// Side of the code.
    code: f32,
    modules: usize,
    dark: Vec<bool>,
    /// What is left of white under the ink.
    ink: f32,
    seed: u64,
}

impl Paper {
    pub(super) fn new(text: &str, lines: usize, code: f32, ink: f32, seed: u64) -> Self {
        let level = if seed.is_multiple_of(3) { EcLevel::M } else { EcLevel::L };
        let drawn = QrCode::with_error_correction_level(text, level).expect("a short text");
        let modules = drawn.width();
        let dark = drawn.to_colors().into_iter().map(|color| color == Color::Dark).collect();
        let height = MARGIN * 3.0 + (lines + 2) as f32 * LINE + code;
        Self { width: 80.0, height, lines, code, modules, dark, ink, seed }
    }

    pub(super) fn code_middle(&self) -> (f32, f32) {
        (self.width / 2.0, self.code_top() + self.code / 2.0)
    }

    fn code_top(&self) -> f32 {
        MARGIN * 2.0 + self.lines as f32 * LINE
    }

    /// At a point in millimetres from the upper left corner; nothing beside the paper.
    pub(super) fn light(&self, u: f32, v: f32) -> Option<f32> {
        if u < 0.0 || v < 0.0 || u >= self.width || v >= self.height {
            return None;
        }
        let grain = (mixed(self.seed ^ ((u * 3.0) as u64) << 20 ^ (v * 3.0) as u64) & 15) as f32 / 400.0;
        let printed = self.in_code(u, v).unwrap_or_else(|| self.in_line(u, v));
        Some(0.94 - grain - if printed { 0.94 - self.ink } else { 0.0 })
    }

    fn in_code(&self, u: f32, v: f32) -> Option<bool> {
        let module = self.code / self.modules as f32;
        let (x, y) = (u - (self.width - self.code) / 2.0, v - self.code_top());
        let quiet = module * 3.0;
        if x < -quiet || y < -quiet || x >= self.code + quiet || y >= self.code + quiet {
            return None;
        }
        let inside = x >= 0.0 && y >= 0.0 && x < self.code && y < self.code;
        let (column, row) = ((x / module) as usize, (y / module) as usize);
        Some(inside && self.dark.get(row * self.modules + column).copied().unwrap_or_default())
    }

    /// Signs that nobody can read, of five by seven dots.
    fn in_line(&self, u: f32, v: f32) -> bool {
        let (x, y) = (u - MARGIN, v - MARGIN);
        if x < 0.0 || y < 0.0 || x >= self.width - 2.0 * MARGIN {
            return false;
        }
        let (line, column) = ((y / LINE) as u64, (x / SIGN) as u64);
        if line >= self.lines as u64 && v < self.code_top() + self.code + MARGIN / 2.0 {
            return false;
        }
        let sign = mixed(self.seed ^ line << 32 ^ column);
        let ends = 18 + mixed(self.seed ^ line << 40) % 24;
        if sign.is_multiple_of(6) || (column > ends && column + 7 < 41) {
            return false;
        }
        let (dot_x, dot_y) = ((x % SIGN / SIGN * 6.0) as u64, (y % LINE / LINE * 10.0) as u64);
        dot_x < 5 && dot_y < 7 && sign >> (8 + dot_y * 5 + dot_x) & 1 == 1
    }
}

/// A wooden table, dark enough to be told from paper.
pub(super) fn table(u: f32, v: f32) -> f32 {
    let grain = (u * 0.9 + (v * 0.05).sin() * 4.0).sin() * 0.06 + (u * 3.7 + v * 0.2).sin() * 0.03;
    0.36 + grain
}

/// A number that follows from another and looks like chance.
pub(super) fn mixed(seed: u64) -> u64 {
    let mut mixed = seed;
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ mixed >> 31
}
