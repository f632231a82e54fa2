//! What a shop decides about its card.

use super::logo;
use serde::{Deserialize, Serialize};

/// Raised when the same design is drawn otherwise than before, so that kept pictures are made anew.
const DRAWING: u32 = 1;
/// The dimmest ink on a background that can be read on a telephone in the sun.
const CONTRAST_MIN: f32 = 3.0;

/// The look of a card. Drafts may hold anything; a design without [`problems`](Self::problems) can be drawn.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CardDesign {
    /// Of everything but the QR, which is always dark on white.
    pub colours: Colours,
    /// Under the name of the business: «Карта гостя». At most 40 letters; may be empty.
    pub title: String,
    /// The smallest line, at the foot. At most 60 letters; may be empty.
    pub tagline: String,
    /// A picture of the company in place of the plain lacquer; absent is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture: Option<Background>,
    /// Behind the upper right part.
    pub ornament: Ornament,
    /// Before the name of the business.
    pub logo: Logo,
    /// Where the QR stands.
    pub qr: QrPlace,
    /// The QR says something else every so many seconds, 30 to 600, so that a picture of the card is soon worth nothing;
    /// absent is never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rotating_seconds: Option<u32>,
    /// Radius of the card's corners, 0 to 80 of 1012 pixels. What lies outside is transparent; messengers that turn
    /// pictures into JPEG paint it black or white, and round the corners themselves: leave it 0 for them.
    pub corner: u8,
}

/// Colours in the form `#rrggbb`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Colours {
    /// The lacquer.
    pub background: String,
    /// Names and number.
    pub ink: String,
    /// Balance, title, rim and ornament.
    pub accent: String,
    /// The medallion and the small rule: used sparingly.
    pub mark: String,
}

impl Default for Colours {
    fn default() -> Self {
        Self {
            background: "#1c1512".into(),
            ink: "#f7efe6".into(),
            accent: "#e3b565".into(),
            mark: "#d26a36".into(),
        }
    }
}

/// A picture behind everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Background {
    /// The key of a picture of the company: `file/fil_…`. The card is filled with its middle.
    pub file: String,
    /// How much of the background's colour lies over it, so that words are read: 0 to 95 percent.
    #[serde(default = "shade")]
    pub shade: u8,
}

fn shade() -> u8 {
    55
}

/// The pattern of the lacquer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ornament {
    /// Plain.
    None,
    /// Crossing threads with a bead on each crossing.
    #[default]
    Lattice,
    /// Beads alone.
    Dots,
}

/// What stands before the name of the business.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Logo {
    /// Nothing.
    None,
    /// The first letter of the name in a medallion.
    #[default]
    Monogram,
    /// An SVG document of plain shapes, at most 64 KiB; texts, pictures, filters and links are refused.
    Svg(String),
}

/// Where the QR stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QrPlace {
    /// On the right, the words on the left.
    #[default]
    Right,
    /// On the left, the words on the right.
    Left,
    /// In the middle of a white foot.
    Bottom,
}

/// What hinders a design from being drawn: the field and what is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DesignProblem {
    /// The path of the field: `colours.ink`.
    pub field: &'static str,
    /// `not_a_colour`, `low_contrast`, `too_long`, `too_large`, `out_of_range`, `not_a_picture`, `not_svg`,
    /// `element_refused`, `too_complex`.
    pub code: &'static str,
}

impl CardDesign {
    /// Everything that is wrong, not only the first thing.
    pub fn problems(&self) -> Vec<DesignProblem> {
        let mut found = self.colours.problems();
        let mut check = |holds: bool, field, code| {
            if !holds {
                found.push(DesignProblem { field, code });
            }
        };
        check(self.title.chars().count() <= 40, "title", "too_long");
        check(self.tagline.chars().count() <= 60, "tagline", "too_long");
        check(self.corner <= 80, "corner", "too_large");
        let turns = self.rotating_seconds.is_none_or(|seconds| (30..=600).contains(&seconds));
        check(turns, "rotating_seconds", "out_of_range");
        if let Some(picture) = &self.picture {
            check(crate::pictures::file_of(&picture.file).is_some(), "picture.file", "not_a_picture");
            check(picture.shade <= 95, "picture.shade", "too_large");
        }
        if let Logo::Svg(text) = &self.logo
            && let Err(code) = logo::check(text)
        {
            check(false, "logo", code);
        }
        found
    }

    /// 16 letters that are the same only for the same design drawn in the same way: the name under which pictures
    /// are kept.
    pub fn fingerprint(&self) -> String {
        let text = serde_json::to_string(&(DRAWING, self)).unwrap_or_default();
        let mut print = samovar_base::vault::fingerprint(text.as_bytes());
        print.truncate(16);
        print
    }
}

impl Colours {
    fn problems(&self) -> Vec<DesignProblem> {
        let fields = [
            ("colours.background", &self.background),
            ("colours.ink", &self.ink),
            ("colours.accent", &self.accent),
            ("colours.mark", &self.mark),
        ];
        let background = Rgb::parse(&self.background);
        let mut found = Vec::new();
        for (field, text) in fields {
            match (Rgb::parse(text), background) {
                (None, _) => found.push(DesignProblem { field, code: "not_a_colour" }),
                (Some(ink), Some(ground))
                    if is_written_with(field) && contrast(ink, ground) < CONTRAST_MIN =>
                {
                    found.push(DesignProblem { field, code: "low_contrast" });
                }
                _ => {}
            }
        }
        found
    }
}

fn is_written_with(field: &str) -> bool {
    matches!(field, "colours.ink" | "colours.accent")
}

/// A parsed colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rgb(pub [u8; 3]);

impl Rgb {
    pub const WHITE: Self = Self([255; 3]);
    pub const BLACK: Self = Self([0; 3]);
    /// Of the QR and of words on white.
    pub const PRINT: Self = Self([0x1c, 0x15, 0x12]);

    pub fn parse(text: &str) -> Option<Self> {
        let digits = text
            .strip_prefix('#')
            .filter(|rest| rest.len() == 6 && rest.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).ok();
        Some(Self([byte(0)?, byte(2)?, byte(4)?]))
    }

    /// `percent` of the way to `other`.
    pub fn toward(self, other: Self, percent: u16) -> Self {
        let mix = |at: usize| {
            let (from, to) = (u16::from(self.0[at]), u16::from(other.0[at]));
            u8::try_from((from * (100 - percent) + to * percent) / 100).unwrap_or(u8::MAX)
        };
        Self([mix(0), mix(1), mix(2)])
    }

    /// Dark ink reads better on it than white.
    pub fn is_light(self) -> bool {
        contrast(self, Self::WHITE) < CONTRAST_MIN
    }

    /// Dark or white, whichever is read better on this colour.
    pub fn legible(self) -> Self {
        if self.is_light() { Self::PRINT } else { Self::WHITE }
    }
}

impl std::fmt::Display for Rgb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

/// WCAG's ratio of contrast, 1 to 21.
fn contrast(one: Rgb, other: Rgb) -> f32 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn luminance(colour: Rgb) -> f32 {
    let linear = colour.0.map(|part| {
        let part = f32::from(part) / 255.0;
        if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
}
