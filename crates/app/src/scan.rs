//! QR and bar codes in pictures that people take. Pure, and bounded in memory: large pictures are refused by their
//! head, before they are unpacked.

#[cfg(test)]
mod tests;

use rxing::{BarcodeFormat, BinaryBitmap, DecodeHints, Luma8LuminanceSource, MultiFormatReader, Reader};
use std::collections::HashSet;
use std::io::Cursor;
use zune_jpeg::zune_core::{colorspace::ColorSpace, options::DecoderOptions};

/// Most bytes of a picture.
pub const BYTES_MAX: u64 = 12 * 1024 * 1024;
/// Most pixels of a picture: 24 megapixels of a photo, of which only the brightness is unpacked.
const PHOTO_PIXELS_MAX: usize = 24_000_000;
/// The same of pictures that are unpacked with their colours.
const PIXELS_MAX: usize = 8_000_000;
/// Longest text of a code that anybody of ours made.
const TEXT_MAX: usize = 1_000;
/// A picture is looked at in these sizes of its longer side, until something is read: the first is right for most.
const SIDES: [usize; 4] = [1_200, 700, 1_900, 400];

/// Brightness, row by row.
#[derive(Clone)]
struct Grey {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

/// The text of the first code that can be read in a JPEG, PNG or WebP picture. Takes up to a second or two of a
/// processor: not for the threads that serve.
pub fn code(picture: &[u8]) -> Option<String> {
    let whole = Grey::unpack(picture)?;
    let longer = whole.width.max(whole.height);
    for (at, side) in SIDES.into_iter().enumerate() {
        let Some(view) = whole.scaled(side, at == 0) else { continue };
        let found = view.read().or_else(|| view.sharpened().read());
        if found.is_some() || longer <= 300 {
            return found;
        }
    }
    None
}

impl Grey {
    fn unpack(picture: &[u8]) -> Option<Self> {
        match picture {
            [0xff, 0xd8, ..] => Self::of_jpeg(picture),
            [0x89, b'P', b'N', b'G', ..] => Self::of_png(picture),
            [b'R', b'I', b'F', b'F', ..] => Self::of_webp(picture),
            _ => None,
        }
    }

    fn of_jpeg(picture: &[u8]) -> Option<Self> {
        let options =
            DecoderOptions::default().jpeg_set_out_colorspace(ColorSpace::Luma).jpeg_set_max_scans(64);
        let mut decoder = zune_jpeg::JpegDecoder::new_with_options(Cursor::new(picture), options);
        decoder.decode_headers().ok()?;
        let info = decoder.info()?;
        let (width, height) = fitting(info.width.into(), info.height.into(), PHOTO_PIXELS_MAX)?;
        let pixels = decoder.decode().ok()?;
        Self::of(width, height, &pixels)
    }

    fn of_png(picture: &[u8]) -> Option<Self> {
        let mut decoder = png::Decoder::new(Cursor::new(picture));
        decoder.set_limits(png::Limits { bytes: 4 * PIXELS_MAX });
        decoder.set_transformations(png::Transformations::normalize_to_color8());
        let mut reader = decoder.read_info().ok()?;
        let (width, height) =
            fitting(reader.info().width as usize, reader.info().height as usize, PIXELS_MAX)?;
        let mut pixels = vec![0; reader.output_buffer_size().filter(|size| *size <= 4 * PIXELS_MAX)?];
        reader.next_frame(&mut pixels).ok()?;
        Self::of(width, height, &pixels)
    }

    fn of_webp(picture: &[u8]) -> Option<Self> {
        let mut decoder = image_webp::WebPDecoder::new(Cursor::new(picture)).ok()?;
        decoder.set_memory_limit(16 * PIXELS_MAX);
        let (width, height) = decoder.dimensions();
        let (width, height) = fitting(width as usize, height as usize, PIXELS_MAX)?;
        let mut pixels = vec![0; decoder.output_buffer_size()?];
        decoder.read_image(&mut pixels).ok()?;
        Self::of(width, height, &pixels)
    }

    /// From pixels of one to four bytes; what can be seen through is white behind.
    fn of(width: usize, height: usize, bytes: &[u8]) -> Option<Self> {
        let step = bytes.len() / (width * height);
        if !(1..=4).contains(&step) || bytes.len() != width * height * step {
            return None;
        }
        let over_white =
            |light: u32, alpha: u8| (light * u32::from(alpha) + 255 * u32::from(255 - alpha)) / 255;
        let light = |red: u8, green: u8, blue: u8| {
            (299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue)) / 1_000
        };
        let grey = |pixel: &[u8]| match *pixel {
            [grey] => u32::from(grey),
            [grey, alpha] => over_white(grey.into(), alpha),
            [red, green, blue] => light(red, green, blue),
            [red, green, blue, alpha] => over_white(light(red, green, blue), alpha),
            _ => 255,
        };
        let pixels = bytes.chunks_exact(step).map(|pixel| byte(grey(pixel))).collect();
        Some(Self { width, height, pixels })
    }

    /// With the longer side of that length, each pixel the mean of those it covers. A picture that is not larger is
    /// taken as it is, if that was not done before.
    fn scaled(&self, side: usize, as_it_is: bool) -> Option<Self> {
        let longer = self.width.max(self.height);
        if longer <= side {
            return as_it_is.then(|| self.clone());
        }
        let (width, height) = ((self.width * side / longer).max(1), (self.height * side / longer).max(1));
        let mut pixels = Vec::with_capacity(width * height);
        for y in 0..height {
            let (top, bottom) = (
                y * self.height / height,
                ((y + 1) * self.height / height).max(y * self.height / height + 1),
            );
            for x in 0..width {
                let (left, right) =
                    (x * self.width / width, ((x + 1) * self.width / width).max(x * self.width / width + 1));
                let (mut sum, mut count) = (0_u32, 0_u32);
                for row in top..bottom {
                    for light in &self.pixels[row * self.width + left..row * self.width + right] {
                        sum += u32::from(*light);
                        count += 1;
                    }
                }
                pixels.push(byte(sum / count.max(1)));
            }
        }
        Some(Self { width, height, pixels })
    }

    /// Edges made harder: what moved a little is read better.
    fn sharpened(&self) -> Self {
        let mut pixels = self.pixels.clone();
        for y in 2..self.height.saturating_sub(2) {
            for x in 2..self.width.saturating_sub(2) {
                let at = y * self.width + x;
                let near = [at - 2, at + 2, at - 2 * self.width, at + 2 * self.width];
                let around: i32 = near.iter().map(|at| i32::from(self.pixels[*at])).sum();
                let light = i32::from(self.pixels[at]) * 3 - around / 2;
                pixels[at] = byte(light.clamp(0, 255).unsigned_abs());
            }
        }
        Self { pixels, ..*self }
    }

    fn read(&self) -> Option<String> {
        self.by_first_reader().or_else(|| self.by_second_reader()).filter(|text| text.len() <= TEXT_MAX)
    }

    fn by_first_reader(&self) -> Option<String> {
        let (width, height) = (u32::try_from(self.width).ok()?, u32::try_from(self.height).ok()?);
        let source = Luma8LuminanceSource::new(self.pixels.clone(), width, height).ok()?;
        let mut bitmap = BinaryBitmap::new(rxing::common::HybridBinarizer::new(source));
        let formats = [
            BarcodeFormat::QR_CODE,
            BarcodeFormat::EAN_13,
            BarcodeFormat::EAN_8,
            BarcodeFormat::CODE_128,
            BarcodeFormat::CODE_39,
        ];
        let hints = DecodeHints {
            PossibleFormats: Some(HashSet::from(formats)),
            TryHarder: Some(true),
            ..DecodeHints::default()
        };
        let found = MultiFormatReader::default().decode_with_hints(&mut bitmap, &hints).ok()?;
        Some(found.getText().to_owned())
    }

    fn by_second_reader(&self) -> Option<String> {
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(self.width, self.height, |x, y| {
            self.pixels[y * self.width + x]
        });
        image.detect_grids().iter().find_map(|grid| grid.decode().ok()).map(|(_, text)| text)
    }
}

/// The size of a picture that is not too large, and not too thin to hold anything.
fn fitting(width: usize, height: usize, pixels_max: usize) -> Option<(usize, usize)> {
    let fits =
        width.min(height) >= 16 && width.checked_mul(height).is_some_and(|pixels| pixels <= pixels_max);
    fits.then_some((width, height))
}

fn byte(light: u32) -> u8 {
    u8::try_from(light).unwrap_or(u8::MAX)
}
