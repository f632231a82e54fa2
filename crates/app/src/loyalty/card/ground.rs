//! The picture behind a card, fitted once and kept.

use super::picture::{HEIGHT, WIDTH};
use crate::pictures::Pixels;
use resvg::tiny_skia::{FillRule, Mask, PathBuilder, Pixmap, PremultipliedColorU8, Rect, Transform};

/// A picture that fills a card.
#[derive(Debug, Clone)]
pub struct Ground(Pixmap);

impl Ground {
    /// From the bytes of a picture; none when they are no picture. Takes up to a fifth of a second of a processor.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        Self::of(&Pixels::unpack(bytes)?)
    }

    /// The middle of the picture, as large as a card.
    pub fn of(picture: &Pixels) -> Option<Self> {
        let fitted = picture.covering(u32::from(WIDTH), u32::from(HEIGHT));
        let mut pixmap = Pixmap::new(fitted.width, fitted.height)?;
        for (at, pixel) in pixmap.pixels_mut().iter_mut().enumerate() {
            let at = u32::try_from(at).ok()?;
            let [red, green, blue] = fitted.at(at % fitted.width, at / fitted.width);
            *pixel = PremultipliedColorU8::from_rgba(red, green, blue, 255)?;
        }
        Some(Self(pixmap))
    }

    /// A card to be drawn on, its corners round.
    pub(super) fn canvas(&self, corner: u8) -> Option<Pixmap> {
        let mut canvas = self.0.clone();
        if corner > 0 {
            let mut mask = Mask::new(canvas.width(), canvas.height())?;
            mask.fill_path(&outline(f32::from(corner))?, FillRule::Winding, true, Transform::identity());
            canvas.apply_mask(&mask);
        }
        Some(canvas)
    }
}

/// The card's outline with corners of that radius.
fn outline(radius: f32) -> Option<resvg::tiny_skia::Path> {
    let area = Rect::from_xywh(0.0, 0.0, f32::from(WIDTH), f32::from(HEIGHT))?;
    let (right, bottom) = (area.right(), area.bottom());
    // The handles of a cubic curve that goes as a quarter of a circle.
    let handle = radius * (1.0 - 0.552_285);
    let mut path = PathBuilder::new();
    path.move_to(radius, 0.0);
    path.line_to(right - radius, 0.0);
    path.cubic_to(right - handle, 0.0, right, handle, right, radius);
    path.line_to(right, bottom - radius);
    path.cubic_to(right, bottom - handle, right - handle, bottom, right - radius, bottom);
    path.line_to(radius, bottom);
    path.cubic_to(handle, bottom, 0.0, bottom - handle, 0.0, bottom - radius);
    path.line_to(0.0, radius);
    path.cubic_to(0.0, handle, handle, 0.0, radius, 0.0);
    path.close();
    path.finish()
}
