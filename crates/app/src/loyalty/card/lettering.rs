//! Words on the card: what can be drawn, how large, and where they end.

use super::design::Rgb;
use super::logo;
use resvg::usvg::{self, fontdb};
use std::fmt::Write;
use std::sync::{Arc, LazyLock};

/// Onest, regular and semi-bold, cut down to Latin, Cyrillic and punctuation.
static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(include_bytes!("fonts/Onest-Regular.ttf").to_vec());
    fonts.load_font_data(include_bytes!("fonts/Onest-SemiBold.ttf").to_vec());
    Arc::new(fonts)
});

/// What the bundled fonts hold beside ASCII, as first and last letter.
const LETTERS: [(char, char); 29] = [
    ('\u{a1}', '\u{a3}'),
    ('\u{a5}', '\u{a5}'),
    ('\u{a7}', '\u{ab}'),
    ('\u{ae}', '\u{b4}'),
    ('\u{b6}', '\u{17f}'),
    ('\u{401}', '\u{40c}'),
    ('\u{40e}', '\u{44f}'),
    ('\u{451}', '\u{45c}'),
    ('\u{45e}', '\u{45f}'),
    ('\u{490}', '\u{49d}'),
    ('\u{4a0}', '\u{4a5}'),
    ('\u{4aa}', '\u{4ab}'),
    ('\u{4ae}', '\u{4b3}'),
    ('\u{4b6}', '\u{4bb}'),
    ('\u{4c0}', '\u{4c2}'),
    ('\u{4cf}', '\u{4d9}'),
    ('\u{4dc}', '\u{4df}'),
    ('\u{4e2}', '\u{4eb}'),
    ('\u{4ee}', '\u{4f5}'),
    ('\u{1e9e}', '\u{1e9e}'),
    ('\u{2013}', '\u{2014}'),
    ('\u{2018}', '\u{201a}'),
    ('\u{201c}', '\u{201e}'),
    ('\u{2022}', '\u{2022}'),
    ('\u{2039}', '\u{203a}'),
    ('\u{20ac}', '\u{20ac}'),
    ('\u{20bd}', '\u{20bd}'),
    ('\u{2116}', '\u{2116}'),
    ('\u{2212}', '\u{2212}'),
];
/// Longer texts are cut before they are measured.
const LETTERS_MAX: usize = 120;

/// Options of the whole picture: our fonts, no foreign files.
pub(super) fn options() -> usvg::Options<'static> {
    usvg::Options { fontdb: Arc::clone(&FONTS), font_family: "Onest".into(), ..logo::options() }
}

/// One line of words in a fixed place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    /// Left edge; with `Anchor::Middle` the middle, with `Anchor::End` the right edge.
    pub x: i32,
    /// Where the letters stand.
    pub baseline: i32,
    /// What the line may take at most.
    pub width: u16,
    /// Size in pixels.
    pub size: u16,
    /// It shrinks to this before it is cut.
    pub size_min: u16,
    pub weight: Weight,
    pub anchor: Anchor,
    pub colour: Rgb,
    /// Of 100.
    pub opacity: u8,
    /// Between letters, in hundredths of the size.
    pub spacing: i8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    Regular,
    SemiBold,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

impl Line {
    /// Plain words of one colour at the origin; the rest is said by struct update.
    pub fn of(colour: Rgb) -> Self {
        Self {
            x: 0,
            baseline: 0,
            width: 0,
            size: 24,
            size_min: 16,
            weight: Weight::Regular,
            anchor: Anchor::Start,
            colour,
            opacity: 100,
            spacing: 0,
        }
    }

    /// The SVG of `text` in this place; empty when nothing of it can be drawn. Too long, it shrinks, then ends in «…».
    pub fn element(&self, text: &str) -> String {
        let text = drawable(text);
        if text.is_empty() {
            return String::new();
        }
        let natural = self.measure(&text, self.size);
        let room = f32::from(self.width);
        if natural <= room {
            return self.at_size(&text, self.size);
        }
        let fitting = (self.size_min..self.size).rev().find(|size| {
            let estimate = natural * f32::from(*size) / f32::from(self.size);
            estimate <= room && self.measure(&text, *size) <= room
        });
        match fitting {
            Some(size) => self.at_size(&text, size),
            None => self.at_size(&self.cut(&text), self.size_min),
        }
    }

    /// The longest beginning that fits at the smallest size, with an ellipsis.
    fn cut(&self, text: &str) -> String {
        let letters: Vec<char> = text.chars().collect();
        let ending_at = |count: usize| {
            let kept: String = letters[..count].iter().collect();
            format!("{}…", kept.trim_end())
        };
        let counts: Vec<usize> = (1..letters.len()).collect();
        let fits = |count: &usize| self.measure(&ending_at(*count), self.size_min) <= f32::from(self.width);
        ending_at(counts.partition_point(fits))
    }

    /// How wide it is at that size.
    pub fn measure(&self, text: &str, size: u16) -> f32 {
        let line = Self { x: 0, baseline: 0, anchor: Anchor::Start, ..*self };
        let svg = format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="4000" height="400">{}</svg>"#,
            line.at_size(text, size)
        );
        usvg::Tree::from_str(&svg, &options()).map_or(0.0, |tree| tree.root().bounding_box().right())
    }

    pub fn at_size(&self, text: &str, size: u16) -> String {
        let weight = if self.weight == Weight::SemiBold { 600 } else { 400 };
        let anchor = match self.anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let spacing = f32::from(self.spacing) * f32::from(size) / 100.0;
        format!(
            r#"<text x="{}" y="{}" font-family="Onest" font-size="{size}" font-weight="{weight}" text-anchor="{anchor}" letter-spacing="{spacing}" fill="{}" fill-opacity="{}">{}</text>"#,
            self.x,
            self.baseline,
            self.colour,
            f32::from(self.opacity) / 100.0,
            escaped(text),
        )
    }
}

/// The first letter, as a capital; `None` when nothing can be drawn.
pub(super) fn initial(text: &str) -> Option<String> {
    drawable(text)
        .chars()
        .find(|letter| letter.is_alphanumeric())
        .map(|letter| letter.to_uppercase().collect())
}

/// `text` on one line without what the fonts do not hold: other scripts, pictograms, control characters.
pub(super) fn drawable(text: &str) -> String {
    let mut line = String::new();
    for letter in text.chars() {
        match letter {
            '\u{306}' | '\u{308}' => compose(&mut line, letter),
            letter if is_drawable(letter) => line.push(letter),
            letter if letter.is_whitespace() => line.push(' '),
            _ => {}
        }
    }
    let words: Vec<&str> = line.split(' ').filter(|word| !word.is_empty()).collect();
    words.join(" ").chars().take(LETTERS_MAX).collect()
}

/// Puts the mark of a decomposed «й» or «ё» back on its letter: telephones of one maker send them apart.
fn compose(line: &mut String, mark: char) {
    let whole = match (line.chars().next_back(), mark) {
        (Some('и'), '\u{306}') => 'й',
        (Some('И'), '\u{306}') => 'Й',
        (Some('е'), '\u{308}') => 'ё',
        (Some('Е'), '\u{308}') => 'Ё',
        _ => return,
    };
    line.pop();
    line.push(whole);
}

pub(super) fn is_drawable(letter: char) -> bool {
    letter.is_ascii_graphic() || LETTERS.iter().any(|(first, last)| (*first..=*last).contains(&letter))
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '<' | '>' | '&' | '"' | '\'' => {
                let _ = write!(out, "&#{};", u32::from(letter));
            }
            letter => out.push(letter),
        }
    }
    out
}
