//! Photos of receipts as people take them, made up: paper with printed lines and a code, lying askew, in bad light, out of
//! focus, squeezed by a messenger. Pure: the same photos from the same seed.

// Pictures are counted in fractions of pixels; their sides are far below what the types hold exactly.
#![allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::cast_sign_loss)]

mod optics;
mod paper;

use optics::Light;
use paper::Paper;
use std::f32::consts::TAU;

/// A photo, and what stands in its codes.
#[derive(Debug, Clone)]
pub struct Photo {
    /// What is bad about it.
    pub flaw: Flaw,
    /// In pixels.
    pub width: usize,
    /// In pixels.
    pub height: usize,
    /// Brightness, row by row.
    pub pixels: Vec<u8>,
    /// What a good reader reads.
    pub texts: Vec<String>,
}

/// What is bad about a photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Flaw {
    /// Nothing.
    None,
    /// Turned by any angle.
    Turned,
    /// Taken from the side.
    Tilted,
    /// Out of focus.
    Unsharp,
    /// The hand moved.
    Moved,
    /// Grains of a dark room.
    Dark,
    /// Old thermal paper.
    Faded,
    /// A lamp is mirrored beside the code.
    Glare,
    /// A hand's shadow over half of it.
    Shadow,
    /// Taken out of a pocket.
    Crumpled,
    /// Squeezed hard by a messenger.
    Squeezed,
    /// The whole long receipt: the code is small beside sixty lines.
    Small,
    /// Two receipts side by side.
    Two,
    /// Several of these at once.
    Hard,
}

/// All of them, in the order of reports.
pub const FLAWS: [Flaw; 14] = [
    Flaw::None,
    Flaw::Turned,
    Flaw::Tilted,
    Flaw::Unsharp,
    Flaw::Moved,
    Flaw::Dark,
    Flaw::Faded,
    Flaw::Glare,
    Flaw::Shadow,
    Flaw::Crumpled,
    Flaw::Squeezed,
    Flaw::Small,
    Flaw::Two,
    Flaw::Hard,
];

/// How a photo is taken.
#[derive(Debug, Clone, Copy)]
struct Shot {
    /// Printed lines over the code.
    lines: usize,
    /// Side of the code, in millimetres.
    code: f32,
    /// Share of the shorter side of the photo that the code takes; of the whole paper's height when it is 0.
    share: f32,
    /// In turns.
    turned: f32,
    /// How much nearer one edge is than the other, across and along.
    tilted: (f32, f32),
    /// Of the paper, in millimetres.
    crumpled: f32,
    light: Light,
}

/// The photo of that seed with that flaw; `longer` is its longer side.
pub fn photo(flaw: Flaw, seed: u64, longer: usize) -> Photo {
    let mut dice = Dice::new(seed ^ (flaw as u64) << 32);
    let shot = Shot::with(flaw, &mut dice);
    let number = if flaw == Flaw::Two { 2 } else { 1 };
    let texts = (0..number).map(|_| text(&mut dice)).collect();
    developed(flaw, texts, &shot, longer, dice)
}

/// A good photo, of that seed, of the receipt with that code.
pub fn photo_of(text: &str, seed: u64, longer: usize) -> Photo {
    let mut dice = Dice::new(seed);
    let shot = Shot::with(Flaw::None, &mut dice);
    developed(Flaw::None, vec![text.to_owned()], &shot, longer, dice)
}

fn developed(flaw: Flaw, texts: Vec<String>, shot: &Shot, longer: usize, mut dice: Dice) -> Photo {
    let (width, height) = (longer * 3 / 4, longer);
    let papers: Vec<Paper> = texts
        .iter()
        .map(|text| Paper::new(text, shot.lines, shot.code, shot.light.ink, dice.next()))
        .collect();
    let pixels = taken(&papers, shot, width, height, &mut dice);
    Photo { flaw, width, height, pixels, texts }
}

/// Of a hundred: about what messengers make of a photo.
const JPEG_QUALITY: u8 = 80;

impl Photo {
    /// As messengers bring it.
    pub fn jpeg(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let encoder = jpeg_encoder::Encoder::new(&mut out, JPEG_QUALITY);
        let (width, height) = (self.width as u16, self.height as u16);
        let written = encoder.encode(&self.pixels, width, height, jpeg_encoder::ColorType::Luma);
        assert!(written.is_ok(), "a picture in memory: {written:?}");
        out
    }

    /// As a file that loses nothing.
    pub fn png(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let mut encoder = png::Encoder::new(&mut out, self.width as u32, self.height as u32);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_compression(png::Compression::Fast);
        let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&self.pixels));
        assert!(written.is_ok(), "a picture in memory: {written:?}");
        out
    }
}

impl Shot {
    fn with(flaw: Flaw, dice: &mut Dice) -> Self {
        let mut shot = Self {
            lines: 6 + dice.below(14),
            code: dice.between(24.0, 34.0),
            share: dice.between(0.28, 0.5),
            turned: dice.between(-0.02, 0.02),
            tilted: (dice.between(-0.04, 0.04), dice.between(-0.04, 0.04)),
            crumpled: 0.0,
            light: Light::good(),
        };
        shot.light.angle = dice.between(0.0, TAU);
        shot.light.spot = (dice.between(-0.35, 0.35), dice.between(-0.35, 0.35));
        shot.spoil(flaw, dice, 1.0);
        shot
    }

    fn spoil(&mut self, flaw: Flaw, dice: &mut Dice, how_much: f32) {
        let mut between = |low: f32, high: f32| dice.between(low, high) * how_much;
        match flaw {
            Flaw::None | Flaw::Two => {}
            Flaw::Turned => self.turned = between(-0.5, 0.5),
            Flaw::Tilted => self.tilted = (between(-0.35, 0.35), between(-0.35, 0.35)),
            Flaw::Unsharp => self.light.unsharp = between(1.4, 3.6),
            Flaw::Moved => self.light.moved = between(5.0, 15.0),
            Flaw::Dark => {
                self.light.white = 255.0 * (1.0 - between(0.55, 0.82));
                self.light.noise = between(8.0, 24.0);
            }
            Flaw::Faded => {
                self.light.ink = 1.0 - between(0.17, 0.4).min(0.9);
                self.light.noise = between(2.0, 7.0);
            }
            Flaw::Glare => self.light.glare = between(0.7, 1.6),
            Flaw::Shadow => self.light.shadow = between(0.45, 0.75),
            Flaw::Crumpled => self.crumpled = between(0.35, 1.3),
            Flaw::Squeezed => {
                self.light.quality = Some((30.0 - between(8.0, 24.0)) as u32);
                self.share = dice.between(0.2, 0.3);
            }
            Flaw::Small => {
                self.lines = 60;
                self.code = dice.between(22.0, 30.0);
                self.share = 0.0;
                self.light.quality = Some(70);
            }
            Flaw::Hard => {
                for _ in 0..3 {
                    let another = FLAWS[1 + dice.below(FLAWS.len() - 4)];
                    self.spoil(another, dice, 0.62);
                }
                self.light.quality = self.light.quality.or(Some(60));
            }
        }
    }
}

/// A code of a receipt.
fn text(dice: &mut Dice) -> String {
    let (day, hour, minute) = (1 + dice.below(28), 8 + dice.below(14), dice.below(60));
    let (rubles, kopecks) = (50 + dice.below(4_950), dice.below(100));
    let drive = 7_280_440_500_000_000 + dice.next() % 1_000_000_000;
    let (document, sign) = (1 + dice.below(99_999), dice.next() % 4_000_000_000);
    format!(
        "t=202611{day:02}T{hour:02}{minute:02}&s={rubles}.{kopecks:02}&fn={drive}&i={document}&fp={sign}&n=1"
    )
}

fn taken(papers: &[Paper], shot: &Shot, width: usize, height: usize, dice: &mut Dice) -> Vec<u8> {
    let shorter = width.min(height) as f32;
    // Pixels of a millimetre, and the point of the first paper that the camera is aimed at.
    let wide = papers.len() as f32;
    let (scale, aim) = match shot.share {
        0.0 => (0.97 * height as f32 / papers[0].height, (papers[0].width / 2.0, papers[0].height / 2.0)),
        share if papers.len() == 1 => (share * shorter / shot.code, papers[0].code_middle()),
        _ => (
            0.96 * width as f32 / (papers[0].width * wide + 8.0 * (wide - 1.0)),
            ((papers[0].width * wide + 8.0 * (wide - 1.0)) / 2.0, papers[0].code_middle().1),
        ),
    };
    let off = if shot.share == 0.0 || papers.len() > 1 {
        (0.0, 0.0)
    } else {
        (dice.between(-0.12, 0.12) * shorter, dice.between(-0.12, 0.12) * shorter)
    };
    let (sin, cos) = (shot.turned * TAU).sin_cos();
    let waves: Vec<Wave> = (0..5).map(|_| Wave::new(dice, shot.crumpled)).collect();
    let look = |x: f32, y: f32| {
        let (x, y) = (x - width as f32 / 2.0 - off.0, y - height as f32 / 2.0 - off.1);
        let far = 1.0 + shot.tilted.0 * x / shorter * 2.0 + shot.tilted.1 * y / shorter * 2.0;
        let (x, y) = (x / far / scale, y / far / scale);
        let (mut u, mut v) = (x * cos + y * sin + aim.0, y * cos - x * sin + aim.1);
        let mut slope = 0.0;
        for wave in &waves {
            let (across, along, lean) = wave.at(u, v);
            (u, v, slope) = (u + across, v + along, slope + lean);
        }
        let mut left = 0.0;
        for paper in papers {
            if let Some(light) = paper.light(u - left, v) {
                return light * (1.0 - slope.clamp(-0.45, 0.45));
            }
            left += paper.width + 8.0;
        }
        paper::table(u, v)
    };
    let mut light = Vec::with_capacity(width * height);
    for y in 0..height {
        for x in 0..width {
            let (x, y) = (x as f32, y as f32);
            let four = look(x + 0.25, y + 0.25)
                + look(x + 0.75, y + 0.25)
                + look(x + 0.25, y + 0.75)
                + look(x + 0.75, y + 0.75);
            light.push(four / 4.0);
        }
    }
    shot.light.developed(light, width, height, dice)
}

/// A fold of crumpled paper.
struct Wave {
    direction: (f32, f32),
    length: f32,
    phase: f32,
    height: f32,
}

impl Wave {
    fn new(dice: &mut Dice, height: f32) -> Self {
        let angle = dice.between(0.0, TAU);
        Self {
            direction: (angle.cos(), angle.sin()),
            length: dice.between(14.0, 45.0),
            phase: dice.between(0.0, TAU),
            height: height * dice.between(0.2, 0.6),
        }
    }

    /// By how much it moves a point of the paper, and how much darker it makes it.
    fn at(&self, u: f32, v: f32) -> (f32, f32, f32) {
        if self.height == 0.0 {
            return (0.0, 0.0, 0.0);
        }
        let (sin, cos) =
            ((u * self.direction.0 + v * self.direction.1) / self.length * TAU + self.phase).sin_cos();
        (sin * self.height * self.direction.0, sin * self.height * self.direction.1, 0.16 * cos * self.height)
    }
}

/// Chance that repeats itself.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        paper::mixed(self.0)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    pub(crate) fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * (self.next() >> 40) as f32 / 16_777_216.0
    }
}
