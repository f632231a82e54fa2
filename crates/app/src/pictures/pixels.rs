//! Pictures unpacked into pixels. Pure, and bounded in memory: what is too large is refused by its head.

use std::io::Cursor;
use zune_jpeg::zune_core::{colorspace::ColorSpace, options::DecoderOptions};

/// Most bytes of a picture.
pub const BYTES_MAX: usize = 2 << 20;
/// The longest side of a picture.
pub const SIDE_MAX: u32 = 4_096;
/// The shortest side.
pub const SIDE_MIN: u32 = 64;
/// Most pixels: of each four bytes are held.
const PIXELS_MAX: u64 = 12_000_000;

/// Red, green and blue, row by row. What can be seen through is white behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pixels {
    /// Of a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    rgb: Vec<u8>,
}

/// Told by the bytes, not by a name.
pub(super) fn media_type(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

pub(super) fn extension(media_type: &str) -> &'static str {
    match media_type {
        "image/jpeg" => "jpg",
        "image/png" => "png",
        _ => "webp",
    }
}

impl Pixels {
    /// From JPEG, PNG or WebP. Takes up to a tenth of a second of a processor: not for the threads that serve.
    pub fn unpack(bytes: &[u8]) -> Option<Self> {
        match media_type(bytes)? {
            "image/jpeg" => Self::of_jpeg(bytes),
            "image/png" => Self::of_png(bytes),
            _ => Self::of_webp(bytes),
        }
    }

    /// Of one colour.
    pub fn plain(width: u32, height: u32, colour: [u8; 3]) -> Self {
        let count = usize::try_from(u64::from(width) * u64::from(height)).unwrap_or(0);
        Self { width, height, rgb: colour.repeat(count) }
    }

    /// The colour of a place.
    pub fn at(&self, x: u32, y: u32) -> [u8; 3] {
        let at = 3 * (y as usize * self.width as usize + x as usize);
        match self.rgb.get(at..at + 3) {
            Some(&[red, green, blue]) => [red, green, blue],
            _ => [0; 3],
        }
    }

    /// The middle of the picture as large as the given size asks, each pixel the mean of those it covers.
    #[must_use]
    pub fn covering(&self, width: u32, height: u32) -> Self {
        let (width, height) = (width.max(1), height.max(1));
        // The part of this picture that has the proportions of the other one.
        let by_width = u64::from(self.width) * u64::from(height) <= u64::from(self.height) * u64::from(width);
        let (part_width, part_height) = if by_width {
            (self.width, portion(self.width, height, width).clamp(1, self.height))
        } else {
            (portion(self.height, width, height).clamp(1, self.width), self.height)
        };
        let (left, top) = ((self.width - part_width) / 2, (self.height - part_height) / 2);
        let span = |at: u32, of: u32, part: u32| {
            let from = portion(at, part, of);
            from..portion(at + 1, part, of).max(from + 1).min(part)
        };
        let columns: Vec<_> = (0..width).map(|x| span(x, width, part_width)).collect();
        let mut rgb = Vec::with_capacity(3 * width as usize * height as usize);
        for y in 0..height {
            let rows = span(y, height, part_height);
            for columns in &columns {
                let (mut sums, mut count) = ([0_u32; 3], 0_u32);
                for row in rows.clone() {
                    for column in columns.clone() {
                        let colour = self.at(left + column, top + row);
                        for (sum, part) in sums.iter_mut().zip(colour) {
                            *sum += u32::from(part);
                        }
                        count += 1;
                    }
                }
                rgb.extend(sums.map(|sum| byte(sum / count.max(1))));
            }
        }
        Self { width, height, rgb }
    }

    fn of_jpeg(bytes: &[u8]) -> Option<Self> {
        let options =
            DecoderOptions::default().jpeg_set_out_colorspace(ColorSpace::RGB).jpeg_set_max_scans(64);
        let mut decoder = zune_jpeg::JpegDecoder::new_with_options(Cursor::new(bytes), options);
        decoder.decode_headers().ok()?;
        let info = decoder.info()?;
        let (width, height) = fitting(info.width.into(), info.height.into())?;
        Self::of(width, height, &decoder.decode().ok()?)
    }

    fn of_png(bytes: &[u8]) -> Option<Self> {
        let most = usize::try_from(4 * PIXELS_MAX).unwrap_or(usize::MAX);
        let mut decoder = png::Decoder::new(Cursor::new(bytes));
        decoder.set_limits(png::Limits { bytes: most });
        decoder.set_transformations(png::Transformations::normalize_to_color8());
        let mut reader = decoder.read_info().ok()?;
        let (width, height) = fitting(reader.info().width, reader.info().height)?;
        let mut pixels = vec![0; reader.output_buffer_size().filter(|size| *size <= most)?];
        reader.next_frame(&mut pixels).ok()?;
        Self::of(width, height, &pixels)
    }

    fn of_webp(bytes: &[u8]) -> Option<Self> {
        let mut decoder = image_webp::WebPDecoder::new(Cursor::new(bytes)).ok()?;
        decoder.set_memory_limit(usize::try_from(16 * PIXELS_MAX).unwrap_or(usize::MAX));
        let (width, height) = decoder.dimensions();
        let (width, height) = fitting(width, height)?;
        let mut pixels = vec![0; decoder.output_buffer_size()?];
        decoder.read_image(&mut pixels).ok()?;
        Self::of(width, height, &pixels)
    }

    /// From pixels of one to four bytes.
    fn of(width: u32, height: u32, bytes: &[u8]) -> Option<Self> {
        let count = usize::try_from(u64::from(width) * u64::from(height)).ok()?;
        let step = bytes.len() / count;
        if !(1..=4).contains(&step) || bytes.len() != count * step {
            return None;
        }
        let over_white = |part: u8, alpha: u8| {
            let (part, alpha) = (u32::from(part), u32::from(alpha));
            byte((part * alpha + 255 * (255 - alpha)) / 255)
        };
        let colour = |pixel: &[u8]| match *pixel {
            [grey] => [grey; 3],
            [grey, alpha] => [over_white(grey, alpha); 3],
            [red, green, blue] => [red, green, blue],
            [red, green, blue, alpha] => [red, green, blue].map(|part| over_white(part, alpha)),
            _ => [255; 3],
        };
        Some(Self { width, height, rgb: bytes.chunks_exact(step).flat_map(colour).collect() })
    }
}

/// `number * part / whole`.
fn portion(number: u32, part: u32, whole: u32) -> u32 {
    u32::try_from(u64::from(number) * u64::from(part) / u64::from(whole.max(1))).unwrap_or(u32::MAX)
}

fn fitting(width: u32, height: u32) -> Option<(u32, u32)> {
    let fits = width.min(height) >= SIDE_MIN
        && width.max(height) <= SIDE_MAX
        && u64::from(width) * u64::from(height) <= PIXELS_MAX;
    fits.then_some((width, height))
}

fn byte(number: u32) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}
