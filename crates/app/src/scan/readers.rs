//! Three programs that read codes, each with its own eyes: what one passes over another sees.

use super::grey::{Area, Grey};
use super::{CODES_MAX, Found, Kind, TEXT_MAX};
use rxing::common::{GlobalHistogramBinarizer, HybridBinarizer};
use rxing::{
    BarcodeFormat, Binarizer, BinaryBitmap, DecodeHints, Luma8LuminanceSource, MultiFormatReader, Reader as _,
};
use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Who reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// `rxing` with black and white decided place by place; bar codes too.
    Local,
    /// `rxing` with black and white decided once for the whole picture: for what is out of focus.
    Global,
    /// `quircs`.
    Quirc,
    /// `rqrr`.
    Rqrr,
}

/// Whether bar codes are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bars {
    Wanted,
    Unwanted,
}

/// What a look at a picture gives.
#[derive(Default)]
pub(super) struct Seen {
    /// What was read, and where it stands.
    pub read: Vec<(Found, Option<Area>)>,
    /// Middles of squares that look like codes and could not be read.
    pub unread: Vec<Area>,
}

impl Reader {
    /// One look, for bar codes too where they are `wanted`: their check digit is weak, and in a view that was worked over
    /// they are seen where none are. A reader that panics over a picture has seen nothing in it.
    pub(super) fn look(self, view: &Grey, wanted: Bars) -> Seen {
        let look = || match self {
            Self::Local => rxing_look(view, true, wanted),
            Self::Global => rxing_look(view, false, wanted),
            Self::Quirc => quirc_look(view),
            Self::Rqrr => rqrr_look(view),
        };
        let mut seen = catch_unwind(AssertUnwindSafe(look)).unwrap_or_default();
        seen.read.retain(|(found, _)| !found.text.is_empty() && found.text.len() <= TEXT_MAX);
        seen.read.truncate(CODES_MAX);
        seen.unread.truncate(CODES_MAX);
        seen
    }
}

fn rxing_look(view: &Grey, local: bool, wanted: Bars) -> Seen {
    let sizes = (u32::try_from(view.width), u32::try_from(view.height));
    let (Ok(width), Ok(height)) = sizes else { return Seen::default() };
    let Ok(source) = Luma8LuminanceSource::new(view.pixels.clone(), width, height) else {
        return Seen::default();
    };
    let read = if local {
        decode(HybridBinarizer::new(source), view, wanted)
    } else {
        decode(GlobalHistogramBinarizer::new(source), view, wanted)
    };
    Seen { read: read.into_iter().collect(), unread: Vec::new() }
}

fn decode<B: Binarizer>(binarizer: B, view: &Grey, wanted: Bars) -> Option<(Found, Option<Area>)> {
    let formats = [
        BarcodeFormat::QR_CODE,
        BarcodeFormat::EAN_13,
        BarcodeFormat::EAN_8,
        BarcodeFormat::CODE_128,
        BarcodeFormat::CODE_39,
    ];
    let hints = DecodeHints {
        PossibleFormats: Some(match wanted {
            Bars::Wanted => HashSet::from(formats),
            Bars::Unwanted => HashSet::from([BarcodeFormat::QR_CODE]),
        }),
        TryHarder: Some(true),
        ..DecodeHints::default()
    };
    let result =
        MultiFormatReader::default().decode_with_hints(&mut BinaryBitmap::new(binarizer), &hints).ok()?;
    let square = *result.getBarcodeFormat() == BarcodeFormat::QR_CODE;
    let area = match result.getPoints() {
        // Middles of the three large squares, from the lower left one round.
        [lower, corner, upper, ..] if square => {
            let fourth = (lower.x + upper.x - corner.x, lower.y + upper.y - corner.y);
            let corners = [(lower.x, lower.y), (corner.x, corner.y), (upper.x, upper.y), fourth];
            Some(Area::of(corners, 1.45, view))
        }
        _ => None,
    };
    let kind = if square { Kind::Qr } else { Kind::Bar };
    Some((Found { text: result.getText().to_owned(), kind }, area))
}

fn quirc_look(view: &Grey) -> Seen {
    let mut seen = Seen::default();
    let mut reader = quircs::Quirc::default();
    for code in reader.identify(view.width, view.height, &view.pixels).take(4 * CODES_MAX).flatten() {
        let area = Area::of(code.corners.map(|corner| (short(corner.x), short(corner.y))), 1.15, view);
        let text = code.decode().ok().and_then(|data| String::from_utf8(data.payload).ok());
        match text {
            Some(text) => seen.read.push((Found { text, kind: Kind::Qr }, Some(area))),
            None => seen.unread.push(area),
        }
    }
    seen
}

fn rqrr_look(view: &Grey) -> Seen {
    let mut seen = Seen::default();
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(view.width, view.height, |x, y| {
        view.pixels[y * view.width + x]
    });
    for grid in image.detect_grids().into_iter().take(4 * CODES_MAX) {
        let area = Area::of(grid.bounds.map(|corner| (short(corner.x), short(corner.y))), 1.15, view);
        match grid.decode() {
            Ok((_, text)) => seen.read.push((Found { text, kind: Kind::Qr }, Some(area))),
            Err(_) => seen.unread.push(area),
        }
    }
    seen
}

/// Sides of pictures are far below what the type holds exactly.
#[allow(clippy::cast_precision_loss)]
fn short(length: i32) -> f32 {
    length as f32
}
