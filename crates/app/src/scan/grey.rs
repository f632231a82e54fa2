//! Brightness of a picture, and the views of it in which codes are looked for. Pure.

use super::Unreadable;
use std::io::Cursor;
use zune_jpeg::zune_core::{colorspace::ColorSpace, options::DecoderOptions};

/// Most pixels of a picture: 24 megapixels of a photo, of which only the brightness is unpacked.
const PHOTO_PIXELS_MAX: usize = 24_000_000;
/// The same of pictures that are unpacked with their colours.
const PIXELS_MAX: usize = 8_000_000;
/// Most pixels of a view that is larger than its picture.
const ENLARGED_PIXELS_MAX: usize = 5_000_000;

/// Brightness, row by row.
#[derive(Clone)]
pub(super) struct Grey {
    pub width: usize,
    pub height: usize,
    pub pixels: Vec<u8>,
}

impl Grey {
    /// Of a JPEG, PNG or WebP picture that is not too large.
    pub fn unpack(picture: &[u8]) -> Result<Self, Unreadable> {
        match picture {
            [0xff, 0xd8, ..] => Self::of_jpeg(picture),
            [0x89, b'P', b'N', b'G', ..] => Self::of_png(picture),
            [b'R', b'I', b'F', b'F', ..] => Self::of_webp(picture),
            _ => Err(Unreadable::Foreign),
        }
    }

    fn of_jpeg(picture: &[u8]) -> Result<Self, Unreadable> {
        let options =
            DecoderOptions::default().jpeg_set_out_colorspace(ColorSpace::Luma).jpeg_set_max_scans(64);
        let mut decoder = zune_jpeg::JpegDecoder::new_with_options(Cursor::new(picture), options);
        decoder.decode_headers().map_err(broken)?;
        let info = decoder.info().ok_or(Unreadable::Broken)?;
        let (width, height) = fitting(info.width.into(), info.height.into(), PHOTO_PIXELS_MAX)?;
        let pixels = decoder.decode().map_err(broken)?;
        Self::of(width, height, &pixels)
    }

    fn of_png(picture: &[u8]) -> Result<Self, Unreadable> {
        let mut decoder = png::Decoder::new(Cursor::new(picture));
        decoder.set_limits(png::Limits { bytes: 4 * PIXELS_MAX });
        decoder.set_transformations(png::Transformations::normalize_to_color8());
        let mut reader = decoder.read_info().map_err(broken)?;
        let (width, height) =
            fitting(reader.info().width as usize, reader.info().height as usize, PIXELS_MAX)?;
        let size = reader.output_buffer_size().filter(|size| *size <= 4 * PIXELS_MAX);
        let mut pixels = vec![0; size.ok_or(Unreadable::TooLarge)?];
        reader.next_frame(&mut pixels).map_err(broken)?;
        Self::of(width, height, &pixels)
    }

    fn of_webp(picture: &[u8]) -> Result<Self, Unreadable> {
        let mut decoder = image_webp::WebPDecoder::new(Cursor::new(picture)).map_err(broken)?;
        decoder.set_memory_limit(16 * PIXELS_MAX);
        let (width, height) = decoder.dimensions();
        let (width, height) = fitting(width as usize, height as usize, PIXELS_MAX)?;
        let mut pixels = vec![0; decoder.output_buffer_size().ok_or(Unreadable::TooLarge)?];
        decoder.read_image(&mut pixels).map_err(broken)?;
        Self::of(width, height, &pixels)
    }

    /// From pixels of one to four bytes; what can be seen through is white behind.
    fn of(width: usize, height: usize, bytes: &[u8]) -> Result<Self, Unreadable> {
        let step = bytes.len() / (width * height);
        if !(1..=4).contains(&step) || bytes.len() != width * height * step {
            return Err(Unreadable::Broken);
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
        Ok(Self { width, height, pixels })
    }

    /// With the longer side of that length, each pixel the mean of those it covers. A picture that is not larger is
    /// taken as it is.
    pub fn scaled(&self, side: usize) -> Self {
        let longer = self.width.max(self.height);
        if longer <= side {
            return self.clone();
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
        Self { width, height, pixels }
    }

    /// Edges made harder: what moved a little is read better.
    pub fn sharpened(&self) -> Self {
        let mut pixels = self.pixels.clone();
        for y in 2..self.height.saturating_sub(2) {
            for x in 2..self.width.saturating_sub(2) {
                let at = y * self.width + x;
                let near = [at - 2, at + 2, at - 2 * self.width, at + 2 * self.width];
                let around: i32 = near.iter().map(|at| i32::from(self.pixels[*at])).sum();
                let light = i32::from(self.pixels[at]) * 3 - around / 2;
                pixels[at] = clamped(light);
            }
        }
        Self { pixels, ..*self }
    }

    /// Each pixel the mean of the nine around it: grains of a dark room become grey.
    pub fn smoothed(&self) -> Self {
        let mut pixels = self.pixels.clone();
        for y in 1..self.height.saturating_sub(1) {
            for x in 1..self.width.saturating_sub(1) {
                let at = y * self.width + x;
                let rows = [at - self.width, at, at + self.width];
                let sum: u32 = rows
                    .iter()
                    .flat_map(|row| &self.pixels[row - 1..=row + 1])
                    .map(|light| u32::from(*light))
                    .sum();
                pixels[at] = byte(sum / 9);
            }
        }
        Self { pixels, ..*self }
    }

    /// Light made even: each pixel by how it differs from the mean of its surroundings. Shadows, glare at the edge and
    /// faded ink lose their weight.
    pub fn levelled(&self) -> Self {
        let reach = (self.width.max(self.height) / 24).clamp(8, 80);
        let sums = Sums::of(self);
        let mut pixels = Vec::with_capacity(self.pixels.len());
        for y in 0..self.height {
            for x in 0..self.width {
                let (mean, spread) = sums.around(x, y, reach);
                let differs = i32::from(self.pixels[y * self.width + x]) - mean;
                // What hardly differs is paper.
                pixels.push(clamped(if spread < 4 { 200 } else { 128 + differs * 64 / spread.max(6) }));
            }
        }
        Self { pixels, ..*self }
    }

    /// Twice as large, with the light between two pixels between theirs.
    pub fn doubled(&self) -> Option<Self> {
        let (width, height) = (self.width * 2, self.height * 2);
        if width * height > ENLARGED_PIXELS_MAX {
            return None;
        }
        let mut pixels = Vec::with_capacity(width * height);
        for y in 0..height {
            let (upper, lower) = neighbours(y, self.height);
            for x in 0..width {
                let (left, right) = neighbours(x, self.width);
                let light = |column: usize, row: usize| u32::from(self.pixels[row * self.width + column]);
                // Three parts of the nearer, one of the farther.
                let sum = 9 * light(left, upper)
                    + 3 * light(right, upper)
                    + 3 * light(left, lower)
                    + light(right, lower);
                pixels.push(byte(sum / 16));
            }
        }
        Some(Self { width, height, pixels })
    }

    /// Turned by an eighth of a circle: readers look along rows, and squares on their tips are the hardest for them.
    pub fn turned(&self) -> Self {
        const HALF_ROOT: i64 = 46_341; // of a half, in 65536ths
        let side = self.width.max(self.height);
        let half = |length: usize| i64::try_from(length / 2).unwrap_or_default();
        let mut pixels = vec![255; side * side];
        for y in 0..side {
            for x in 0..side {
                let (u, v) = (half(2 * x) - half(side), half(2 * y) - half(side));
                let column = (((u + v) * HALF_ROOT) >> 16) + half(self.width);
                let row = (((v - u) * HALF_ROOT) >> 16) + half(self.height);
                let inside = usize::try_from(column)
                    .ok()
                    .zip(usize::try_from(row).ok())
                    .filter(|(column, row)| *column < self.width && *row < self.height);
                if let Some((column, row)) = inside {
                    pixels[y * side + x] = self.pixels[row * self.width + column];
                }
            }
        }
        Self { width: side, height: side, pixels }
    }

    /// White where something was read already.
    pub fn hidden(&self, areas: &[Area]) -> Self {
        let mut seen = self.clone();
        for area in areas {
            let corners = area.on(self.width, self.height);
            let bounds = |at: fn(&(f32, f32)) -> f32, most: usize| {
                let (low, high) = corners
                    .iter()
                    .map(at)
                    .fold((f32::MAX, f32::MIN), |(low, high), one| (low.min(one), high.max(one)));
                pixel(low).min(most)..pixel(high + 1.0).min(most)
            };
            for y in bounds(|corner| corner.1, self.height) {
                for x in bounds(|corner| corner.0, self.width) {
                    if inside(&corners, real(x), real(y)) {
                        seen.pixels[y * self.width + x] = 255;
                    }
                }
            }
        }
        seen
    }
}

/// Where a code stands: its corners in order, as shares of the picture's sides.
#[derive(Debug, Clone, Copy)]
pub(super) struct Area([(f32, f32); 4]);

impl Area {
    /// Of corners in pixels of a view, a little larger than they say.
    pub fn of(corners: [(f32, f32); 4], larger: f32, view: &Grey) -> Self {
        let middle =
            corners.iter().fold((0.0, 0.0), |sum, corner| (sum.0 + corner.0 / 4.0, sum.1 + corner.1 / 4.0));
        let (width, height) = (real(view.width), real(view.height));
        let corner = |(x, y): (f32, f32)| {
            ((middle.0 + (x - middle.0) * larger) / width, (middle.1 + (y - middle.1) * larger) / height)
        };
        Self(corners.map(corner))
    }

    /// Whether that point of the picture, in shares of its sides, lies in it.
    pub fn holds(&self, x: f32, y: f32) -> bool {
        inside(&self.0, x, y)
    }

    /// Its middle, in shares of the picture's sides.
    pub fn middle(&self) -> (f32, f32) {
        self.0.iter().fold((0.0, 0.0), |sum, corner| (sum.0 + corner.0 / 4.0, sum.1 + corner.1 / 4.0))
    }

    fn on(&self, width: usize, height: usize) -> [(f32, f32); 4] {
        self.0.map(|(x, y)| (x * real(width), y * real(height)))
    }
}

/// On the same side of all edges.
fn inside(corners: &[(f32, f32); 4], x: f32, y: f32) -> bool {
    let side = |at: usize| {
        let ((ax, ay), (bx, by)) = (corners[at], corners[(at + 1) % 4]);
        (bx - ax) * (y - ay) - (by - ay) * (x - ax)
    };
    let sides = [side(0), side(1), side(2), side(3)];
    sides.iter().all(|side| *side >= 0.0) || sides.iter().all(|side| *side <= 0.0)
}

/// Sums of light and of its squares over every rectangle from the first pixel, by which a mean costs four reads.
struct Sums {
    width: usize,
    height: usize,
    light: Vec<u32>,
    squares: Vec<u64>,
}

impl Sums {
    fn of(grey: &Grey) -> Self {
        let (width, height) = (grey.width, grey.height);
        let mut light = vec![0_u32; (width + 1) * (height + 1)];
        let mut squares = vec![0_u64; (width + 1) * (height + 1)];
        for y in 0..height {
            let (mut row, mut row_squares) = (0_u32, 0_u64);
            for x in 0..width {
                let pixel = u32::from(grey.pixels[y * width + x]);
                row += pixel;
                row_squares += u64::from(pixel * pixel);
                let at = (y + 1) * (width + 1) + x + 1;
                light[at] = light[at - width - 1] + row;
                squares[at] = squares[at - width - 1] + row_squares;
            }
        }
        Self { width, height, light, squares }
    }

    /// Mean light around a pixel, and how much it spreads.
    fn around(&self, x: usize, y: usize, reach: usize) -> (i32, i32) {
        let (left, right) = (x.saturating_sub(reach), (x + reach + 1).min(self.width));
        let (top, bottom) = (y.saturating_sub(reach), (y + reach + 1).min(self.height));
        let at = |column: usize, row: usize| row * (self.width + 1) + column;
        let number = u64::try_from((right - left) * (bottom - top)).unwrap_or(1).max(1);
        let light = |corner: usize| u64::from(self.light[corner]);
        let sum =
            light(at(right, bottom)) + light(at(left, top)) - light(at(right, top)) - light(at(left, bottom));
        let squares = |corner: usize| self.squares[corner];
        let sum_squares = squares(at(right, bottom)) + squares(at(left, top))
            - squares(at(right, top))
            - squares(at(left, bottom));
        let mean = sum / number;
        let spread = (sum_squares / number).saturating_sub(mean * mean).isqrt();
        (i32::try_from(mean).unwrap_or(255), i32::try_from(spread).unwrap_or(255))
    }
}

/// The nearer and the farther pixel from which one of a doubled picture is made.
fn neighbours(at: usize, length: usize) -> (usize, usize) {
    let nearer = at / 2;
    let farther = if at.is_multiple_of(2) { nearer.saturating_sub(1) } else { (nearer + 1).min(length - 1) };
    (nearer, farther)
}

/// The size of a picture that is not too large, and not too thin to hold anything.
fn fitting(width: usize, height: usize, pixels_max: usize) -> Result<(usize, usize), Unreadable> {
    if width.min(height) < 16 {
        return Err(Unreadable::Broken);
    }
    match width.checked_mul(height) {
        Some(pixels) if pixels <= pixels_max => Ok((width, height)),
        _ => Err(Unreadable::TooLarge),
    }
}

fn broken<E>(_: E) -> Unreadable {
    Unreadable::Broken
}

fn byte(light: u32) -> u8 {
    u8::try_from(light).unwrap_or(u8::MAX)
}

fn clamped(light: i32) -> u8 {
    byte(light.clamp(0, 255).unsigned_abs())
}

/// Sides of pictures are far below what the type holds exactly.
#[allow(clippy::cast_precision_loss)]
fn real(length: usize) -> f32 {
    length as f32
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn pixel(length: f32) -> usize {
    length.max(0.0) as usize
}
