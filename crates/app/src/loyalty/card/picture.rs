//! The card is laid out as SVG and drawn to PNG.

use super::design::{CardDesign, DesignProblem, Logo, Ornament, QrPlace, Rgb};
use super::lettering::{self, Anchor, Line, Weight};
use super::{CardNumber, Ground, logo, qr};
use resvg::tiny_skia::{Pixmap, PixmapPaint, Transform};
use resvg::usvg::Tree;

/// Width of the picture in pixels: a bank card at 300 dots to the inch.
pub const WIDTH: u16 = 1012;
/// Height of the picture in pixels.
pub const HEIGHT: u16 = 638;
/// The longest text of a QR: its modules keep 6 pixels, so that it is read from a picture shown at three fifths of the size.
pub(super) const QR_BYTES_MAX: usize = 120;

pub(super) const MARGIN: i32 = 56;
/// The right edge of what is written.
const RIGHT: i32 = 1012 - MARGIN;
const PLATE_SIDE: i32 = 336;
pub(super) const LOGO_SIDE: u16 = 96;

/// What is written on one person's card.
#[derive(Debug, Clone, Copy)]
pub struct CardFace<'a> {
    /// The name of the business.
    pub business: &'a str,
    /// The holder's name; may be empty.
    pub holder: &'a str,
    /// The card's number.
    pub number: CardNumber,
    /// What a scanner reads; at most 120 bytes.
    pub qr_text: &'a str,
    /// Shown only where the picture is made anew for each change.
    pub balance: Option<Balance<'a>>,
    /// The picture of the design, where it has one and it was found.
    pub ground: Option<&'a Ground>,
}

/// The balance as it is to be read.
#[derive(Debug, Clone, Copy)]
pub struct Balance<'a> {
    /// «1 250».
    pub amount: &'a str,
    /// «баллов».
    pub unit: &'a str,
}

/// Why a card was not drawn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CardError {
    /// The design has problems.
    #[error("the card's design has {} problems", .0.len())]
    Design(Vec<DesignProblem>),
    /// The text of the QR is empty or longer than 120 bytes.
    #[error("the text of the QR has {0} bytes; 1 to 120 are allowed")]
    QrText(usize),
    /// The drawing library refused our own picture: a fault of the program.
    #[error("the card could not be drawn: {0}")]
    Drawing(String),
}

/// The card as PNG of [`WIDTH`] x [`HEIGHT`]. Takes tens of milliseconds of one processor: not for an async thread.
pub fn draw(design: &CardDesign, face: &CardFace<'_>) -> Result<Vec<u8>, CardError> {
    let problems = design.problems();
    if !problems.is_empty() {
        return Err(CardError::Design(problems));
    }
    if face.qr_text.is_empty() || face.qr_text.len() > QR_BYTES_MAX {
        return Err(CardError::QrText(face.qr_text.len()));
    }
    let palette = Palette::of(design).ok_or_else(|| CardError::Drawing("colours".into()))?;
    let svg = Plan::of(design.qr, &palette)
        .svg(design, face, &palette)
        .ok_or_else(|| CardError::Drawing("code".into()))?;
    rasterise(&svg, design, face.ground).map_err(CardError::Drawing)
}

fn rasterise(svg: &str, design: &CardDesign, ground: Option<&Ground>) -> Result<Vec<u8>, String> {
    let tree = Tree::from_str(svg, &lettering::options()).map_err(|error| error.to_string())?;
    let mut pixmap = match ground {
        Some(ground) => ground.canvas(design.corner),
        None => Pixmap::new(u32::from(WIDTH), u32::from(HEIGHT)),
    }
    .ok_or("no memory for the picture")?;
    resvg::render(&tree, Transform::identity(), &mut pixmap.as_mut());
    if let Logo::Svg(text) = &design.logo {
        let drawn = logo::draw(text, LOGO_SIDE).ok_or("the logo cannot be drawn")?;
        pixmap.draw_pixmap(
            MARGIN,
            MARGIN,
            drawn.as_ref(),
            &PixmapPaint::default(),
            Transform::identity(),
            None,
        );
    }
    pixmap.encode_png().map_err(|error| error.to_string())
}

/// A rectangle in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Area {
    pub x: i32,
    pub y: i32,
    pub width: i32,
    pub height: i32,
}

/// Colours parsed, and those made from them.
pub(super) struct Palette {
    pub ground: Rgb,
    pub light: Rgb,
    pub deep: Rgb,
    pub ink: Rgb,
    pub accent: Rgb,
    pub mark: Rgb,
}

impl Palette {
    pub fn of(design: &CardDesign) -> Option<Self> {
        let colours = &design.colours;
        let (ground, accent) = (Rgb::parse(&colours.background)?, Rgb::parse(&colours.accent)?);
        Some(Self {
            ground,
            light: if ground.is_light() { ground.toward(Rgb::WHITE, 60) } else { ground.toward(accent, 9) },
            deep: ground.toward(Rgb::BLACK, if ground.is_light() { 7 } else { 32 }),
            ink: Rgb::parse(&colours.ink)?,
            accent,
            mark: Rgb::parse(&colours.mark)?,
        })
    }
}

/// Where things stand for one place of the QR.
struct Plan {
    /// White, under the code.
    plate: Area,
    /// The plate is the whole foot of the card.
    is_foot: bool,
    code: Area,
    amount: Line,
    unit: Line,
    holder: Line,
    number: Line,
    tagline: Line,
}

impl Plan {
    fn of(place: QrPlace, palette: &Palette) -> Self {
        match place {
            QrPlace::Right => Self::beside(palette, RIGHT - PLATE_SIDE, MARGIN),
            QrPlace::Left => Self::beside(palette, MARGIN, MARGIN + PLATE_SIDE + 52),
            QrPlace::Bottom => Self::foot(palette),
        }
    }

    /// The code on one side, the words on the other.
    fn beside(palette: &Palette, plate_x: i32, x: i32) -> Self {
        let plate = Area { x: plate_x, y: 638 - MARGIN - PLATE_SIDE, width: PLATE_SIDE, height: PLATE_SIDE };
        let words = Line { x, width: 512, ..Line::of(palette.ink) };
        Self {
            plate,
            is_foot: false,
            code: plate,
            amount: amount(palette, words, 322),
            unit: unit(palette, words, 366),
            holder: Line { baseline: 470, size: 34, size_min: 22, opacity: 92, ..words },
            number: number(words, 530),
            tagline: tagline(words, 580),
        }
    }

    /// A white foot with the code in the middle, the holder on its left and the number on its right.
    fn foot(palette: &Palette) -> Self {
        let left = Line { x: MARGIN, width: 286, ..Line::of(Rgb::PRINT) };
        let right = Line { x: RIGHT, anchor: Anchor::End, ..left };
        let (lacquer_left, lacquer_right) = (Line { width: 540, ..left }, Line { width: 420, ..right });
        Self {
            plate: Area { x: 0, y: 308, width: 1012, height: 330 },
            is_foot: true,
            code: Area { x: 341, y: 308, width: 330, height: 330 },
            amount: amount(palette, lacquer_right, 224),
            unit: unit(palette, lacquer_right, 266),
            holder: Line { baseline: 486, size: 34, size_min: 22, opacity: 92, ..left },
            number: number(right, 486),
            tagline: tagline(Line { colour: palette.ink, ..lacquer_left }, 266),
        }
    }

    fn svg(&self, design: &CardDesign, face: &CardFace<'_>, palette: &Palette) -> Option<String> {
        let parts = [
            lacquer(design, face, palette, self),
            self.plate(),
            qr::path(face.qr_text, self.code)?,
            header(design, face, palette),
            self.words(design, face),
        ];
        Some(format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}">{}<g clip-path="url(#card)">{}</g></svg>"#,
            definitions(design, palette),
            parts.concat(),
        ))
    }

    fn plate(&self) -> String {
        let Area { x, y, width, height } = self.plate;
        let radius = if self.is_foot { 0 } else { 26 };
        format!(r##"<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="{radius}" fill="#ffffff"/>"##)
    }

    fn words(&self, design: &CardDesign, face: &CardFace<'_>) -> String {
        let balance = face
            .balance
            .map(|balance| [self.amount.element(balance.amount), self.unit.element(balance.unit)].concat());
        [
            balance.unwrap_or_default(),
            self.holder.element(face.holder),
            self.number.element(&face.number.to_string()),
            self.tagline.element(&design.tagline),
        ]
        .concat()
    }
}

fn amount(palette: &Palette, words: Line, baseline: i32) -> Line {
    let weight = Weight::SemiBold;
    Line { baseline, size: 104, size_min: 40, weight, colour: palette.accent, spacing: -2, ..words }
}

fn unit(palette: &Palette, words: Line, baseline: i32) -> Line {
    Line { baseline, size: 28, size_min: 20, colour: palette.ink, opacity: 78, ..words }
}

fn number(words: Line, baseline: i32) -> Line {
    Line { baseline, size: 48, size_min: 22, weight: Weight::SemiBold, spacing: 2, ..words }
}

fn tagline(words: Line, baseline: i32) -> Line {
    Line { baseline, size: 23, size_min: 16, opacity: 66, ..words }
}

/// Gradients, the tile of the ornament and the outline of the card.
fn definitions(design: &CardDesign, palette: &Palette) -> String {
    let Palette { ground, light, deep, .. } = palette;
    let (corner, tile) = (design.corner, tile(design, palette));
    format!(
        r##"<defs><clipPath id="card"><rect width="{WIDTH}" height="{HEIGHT}" rx="{corner}"/></clipPath>
<linearGradient id="lacquer" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="{light}"/><stop offset=".45" stop-color="{ground}"/><stop offset="1" stop-color="{deep}"/></linearGradient>
<radialGradient id="fade" gradientUnits="userSpaceOnUse" cx="1012" cy="40" r="660"><stop offset="0" stop-color="#fff"/><stop offset=".35" stop-color="#fff" stop-opacity=".8"/><stop offset="1" stop-color="#fff" stop-opacity="0"/></radialGradient>
<mask id="veil" maskUnits="userSpaceOnUse" x="0" y="0" width="{WIDTH}" height="{HEIGHT}"><rect width="{WIDTH}" height="{HEIGHT}" fill="url(#fade)"/></mask>
<pattern id="tile" width="36" height="36" patternUnits="userSpaceOnUse" patternTransform="translate(4 2)">{tile}</pattern></defs>"##
    )
}

/// What the ornament repeats, 36 pixels square.
pub(super) fn tile(design: &CardDesign, palette: &Palette) -> String {
    let Palette { ink, accent, .. } = palette;
    match design.ornament {
        Ornament::None => String::new(),
        Ornament::Lattice => format!(
            r#"<path d="M0 0L36 36M36 0L0 36" stroke="{ink}" stroke-opacity=".17" stroke-width="1.2"/><g fill="{accent}" fill-opacity=".62"><circle cx="18" cy="18" r="2.3"/><circle r="2.3"/><circle cx="36" r="2.3"/><circle cy="36" r="2.3"/><circle cx="36" cy="36" r="2.3"/></g>"#
        ),
        Ornament::Dots => format!(
            r#"<g fill="{accent}" fill-opacity=".5"><circle cx="9" cy="9" r="2.6"/><circle cx="27" cy="27" r="2.6"/></g>"#
        ),
    }
}

/// The ground, its ornament and the rim of the tray.
fn lacquer(design: &CardDesign, face: &CardFace<'_>, palette: &Palette, plan: &Plan) -> String {
    let accent = palette.accent;
    // Over a picture the lacquer is a veil.
    let shade = match (&design.picture, face.ground) {
        (Some(picture), Some(_)) => f32::from(picture.shade) / 100.0,
        _ => 1.0,
    };
    let ground =
        format!(r#"<rect width="{WIDTH}" height="{HEIGHT}" fill="url(#lacquer)" fill-opacity="{shade}"/>"#);
    let ornament = match design.ornament {
        Ornament::None => String::new(),
        _ => {
            format!(r#"<g mask="url(#veil)"><rect width="{WIDTH}" height="{HEIGHT}" fill="url(#tile)"/></g>"#)
        }
    };
    let rim = if plan.is_foot {
        format!(r#"<rect y="{}" width="{WIDTH}" height="4" fill="{accent}"/>"#, plan.plate.y - 4)
    } else {
        let radius = i32::from(design.corner).max(42) - 18;
        format!(
            r#"<rect x="19" y="19" width="974" height="600" rx="{radius}" fill="none" stroke="{accent}" stroke-opacity=".42" stroke-width="2"/>"#
        )
    };
    [ground, ornament, rim].concat()
}

/// Logo, name of the business, title.
fn header(design: &CardDesign, face: &CardFace<'_>, palette: &Palette) -> String {
    let (x, width) = match design.logo {
        Logo::None => (MARGIN, 900),
        _ => (MARGIN + i32::from(LOGO_SIDE) + 26, 778),
    };
    let medallion =
        if design.logo == Logo::Monogram { medallion(face.business, palette) } else { String::new() };
    let has_title = !lettering::drawable(&design.title).is_empty();
    let words = Line { x, width, ..Line::of(palette.ink) };
    let baseline = if has_title { 100 } else { 120 };
    let name = Line { baseline, size: 46, size_min: 28, weight: Weight::SemiBold, spacing: -1, ..words };
    let title = Line { baseline: 142, size: 26, size_min: 20, colour: palette.accent, spacing: 1, ..words };
    [medallion, name.element(face.business), title.element(&design.title)].concat()
}

/// The first letter of the name in a ring.
pub(super) fn medallion(business: &str, palette: &Palette) -> String {
    let (half, mark, accent) = (i32::from(LOGO_SIDE) / 2, palette.mark, palette.accent);
    let middle = MARGIN + half;
    let letter = Line {
        x: middle,
        baseline: middle + 17,
        width: LOGO_SIDE - 32,
        size: 48,
        weight: Weight::SemiBold,
        anchor: Anchor::Middle,
        ..Line::of(mark.legible())
    };
    format!(
        r#"<circle cx="{middle}" cy="{middle}" r="{}" fill="none" stroke="{accent}" stroke-width="3"/><circle cx="{middle}" cy="{middle}" r="{}" fill="{mark}"/>{}"#,
        half - 2,
        half - 8,
        letter.element(&lettering::initial(business).unwrap_or_default()),
    )
}
