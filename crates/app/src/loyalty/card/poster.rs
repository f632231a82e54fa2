//! A promotion as a picture for links in messengers: whose it is, what it is called and when, in the colours of the card.

use super::CardError;
use super::design::{CardDesign, Ornament, Rgb};
use super::lettering::{self, Line, Weight};
use super::picture::{LOGO_SIDE, MARGIN, Palette, medallion, tile};
use crate::pictures::Pixels;
use resvg::tiny_skia::{Pixmap, PixmapPaint, PremultipliedColorU8, Transform};
use resvg::usvg::Tree;

/// Width in pixels, as messengers and social networks want it.
pub const POSTER_WIDTH: u16 = 1200;
/// Height in pixels.
pub const POSTER_HEIGHT: u16 = 630;
/// The room of the words: between the margins.
const WORDS_WIDTH: u16 = 1088;
/// Sizes of the title, the largest that fits is taken, and how far its lines stand from each other.
const TITLE_SIZES: [(u16, i32); 4] = [(88, 96), (72, 80), (60, 68), (50, 58)];
const TITLE_LINES_MAX: usize = 3;
/// Where the middle of the title is.
const TITLE_MIDDLE: i32 = 346;
/// Around the logo within its plate.
const LOGO_EDGE: u32 = 8;

/// What stands on it.
#[derive(Debug, Clone, Copy)]
pub struct PosterFace<'a> {
    /// The name of the business.
    pub business: &'a str,
    /// The promotion.
    pub title: &'a str,
    /// Under it: when.
    pub foot: &'a str,
    /// The logo of the business; without one, its first letter.
    pub logo: Option<&'a Pixels>,
}

/// The picture as PNG of [`POSTER_WIDTH`] x [`POSTER_HEIGHT`]. Takes tens of milliseconds of one processor: not for an async
/// thread.
pub fn poster(design: &CardDesign, face: &PosterFace<'_>) -> Result<Vec<u8>, CardError> {
    let palette = Palette::of(design).ok_or_else(|| CardError::Drawing("colours".into()))?;
    let tree = Tree::from_str(&svg(design, face, &palette), &lettering::options())
        .map_err(|error| CardError::Drawing(error.to_string()))?;
    let mut pixmap = Pixmap::new(u32::from(POSTER_WIDTH), u32::from(POSTER_HEIGHT))
        .ok_or_else(|| CardError::Drawing("no memory for the picture".into()))?;
    resvg::render(&tree, Transform::identity(), &mut pixmap.as_mut());
    if let Some(logo) = face.logo {
        put(&mut pixmap, logo).ok_or_else(|| CardError::Drawing("the logo".into()))?;
    }
    pixmap.encode_png().map_err(|error| CardError::Drawing(error.to_string()))
}

fn svg(design: &CardDesign, face: &PosterFace<'_>, palette: &Palette) -> String {
    let Palette { ground, light, deep, accent, ink, .. } = palette;
    let ornament = match design.ornament {
        Ornament::None => String::new(),
        _ => r#"<rect width="1200" height="630" fill="url(#tile)" mask="url(#veil)"/>"#.to_owned(),
    };
    let mark = match face.logo {
        Some(_) => format!(
            r##"<rect x="{MARGIN}" y="{MARGIN}" width="{LOGO_SIDE}" height="{LOGO_SIDE}" rx="22" fill="#ffffff"/>"##
        ),
        None => medallion(face.business, palette),
    };
    let business = Line {
        x: MARGIN + i32::from(LOGO_SIDE) + 26,
        baseline: 118,
        width: WORDS_WIDTH - LOGO_SIDE - 26,
        size: 42,
        size_min: 28,
        weight: Weight::SemiBold,
        spacing: -1,
        ..Line::of(*ink)
    };
    let foot = Line {
        x: MARGIN,
        baseline: 566,
        width: WORDS_WIDTH,
        size: 34,
        size_min: 22,
        weight: Weight::SemiBold,
        ..Line::of(*accent)
    };
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="630"><defs>
<linearGradient id="lacquer" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="{light}"/><stop offset=".45" stop-color="{ground}"/><stop offset="1" stop-color="{deep}"/></linearGradient>
<radialGradient id="fade" gradientUnits="userSpaceOnUse" cx="1200" cy="40" r="760"><stop offset="0" stop-color="#fff"/><stop offset="1" stop-color="#fff" stop-opacity="0"/></radialGradient>
<mask id="veil" maskUnits="userSpaceOnUse" x="0" y="0" width="1200" height="630"><rect width="1200" height="630" fill="url(#fade)"/></mask>
<pattern id="tile" width="36" height="36" patternUnits="userSpaceOnUse" patternTransform="translate(4 2)">{}</pattern></defs>
<rect width="1200" height="630" fill="url(#lacquer)"/>{ornament}
<rect x="18" y="18" width="1164" height="594" rx="28" fill="none" stroke="{accent}" stroke-opacity=".42" stroke-width="2"/>
{mark}{}{}{}</svg>"##,
        tile(design, palette),
        business.element(face.business),
        title(face.title, *ink),
        foot.element(face.foot),
    )
}

/// The title in as many lines as it needs, around the middle; what does not fit in three ends in «…».
fn title(text: &str, ink: Rgb) -> String {
    let line = Line { x: MARGIN, width: WORDS_WIDTH, weight: Weight::SemiBold, spacing: -2, ..Line::of(ink) };
    let text = lettering::drawable(text);
    let mut fitting = TITLE_SIZES.iter().map(|(size, step)| (*size, *step, wrapped(&line, &text, *size)));
    let chosen =
        fitting.clone().find(|(.., lines)| lines.len() <= TITLE_LINES_MAX).or_else(|| fitting.next_back());
    let Some((size, step, mut lines)) = chosen else { return String::new() };
    if lines.len() > TITLE_LINES_MAX {
        let rest = lines.split_off(TITLE_LINES_MAX - 1).join(" ");
        lines.push(rest);
    }
    let height = step * i32::try_from(lines.len()).unwrap_or(0);
    let first = TITLE_MIDDLE - height / 2 + i32::from(size);
    let placed = (0..).zip(&lines).map(|(at, words)| {
        Line { baseline: first + step * at, size, size_min: size.min(TITLE_SIZES[3].0), ..line }
            .element(words)
    });
    placed.collect()
}

/// Words in lines that are full at that size. A word that is longer than a line has one of its own.
fn wrapped(line: &Line, text: &str, size: u16) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        let longer = lines.last().map(|last| format!("{last} {word}"));
        match (longer, lines.last_mut()) {
            (Some(longer), Some(last)) if line.measure(&longer, size) <= f32::from(line.width) => {
                *last = longer
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// The whole logo in the middle of its plate.
fn put(pixmap: &mut Pixmap, logo: &Pixels) -> Option<()> {
    let room = u32::from(LOGO_SIDE) - 2 * LOGO_EDGE;
    let longer = logo.width.max(logo.height).max(1);
    let (width, height) = ((logo.width * room / longer).max(1), (logo.height * room / longer).max(1));
    let fitted = logo.covering(width, height);
    let mut drawn = Pixmap::new(fitted.width, fitted.height)?;
    for (at, pixel) in drawn.pixels_mut().iter_mut().enumerate() {
        let at = u32::try_from(at).ok()?;
        let [red, green, blue] = fitted.at(at % fitted.width, at / fitted.width);
        *pixel = PremultipliedColorU8::from_rgba(red, green, blue, 255)?;
    }
    let middle = |side: u32| MARGIN + (i32::from(LOGO_SIDE) - i32::try_from(side).unwrap_or(0)) / 2;
    let (x, y) = (middle(fitted.width), middle(fitted.height));
    pixmap.draw_pixmap(x, y, drawn.as_ref(), &PixmapPaint::default(), Transform::identity(), None);
    Some(())
}
