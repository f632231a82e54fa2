//! What lens, light, sensor and messenger make of it.

use super::Dice;
use std::array::from_fn;

/// How a photo comes out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Light {
    /// Of white paper, of 255.
    pub white: f32,
    /// What is left of white under the ink.
    pub ink: f32,
    /// Pixels by which a point is spread.
    pub unsharp: f32,
    /// Pixels by which the hand moved, in the direction of `angle`.
    pub moved: f32,
    /// Steps of grey.
    pub noise: f32,
    /// How much a lamp adds in its middle.
    pub glare: f32,
    /// How much light a hand takes away.
    pub shadow: f32,
    /// Of the hand, the shadow's edge.
    pub angle: f32,
    /// Of the lamp, as shares of the photo's sides from its middle.
    pub spot: (f32, f32),
    /// Of a JPEG, from 1 to 100.
    pub quality: Option<u32>,
}

impl Light {
    pub(super) fn good() -> Self {
        Self {
            white: 250.0,
            ink: 0.12,
            unsharp: 0.6,
            moved: 0.0,
            noise: 2.0,
            glare: 0.0,
            shadow: 0.0,
            angle: 0.0,
            spot: (0.0, 0.0),
            quality: None,
        }
    }

    /// From shares of white to pixels.
    pub(super) fn developed(self, light: Vec<f32>, width: usize, height: usize, dice: &mut Dice) -> Vec<u8> {
        let mut light = spread(light, width, height, self.unsharp);
        if self.moved >= 1.0 {
            light = trailed(&light, width, height, self.moved, self.angle);
        }
        let (sin, cos) = self.angle.sin_cos();
        for y in 0..height {
            for x in 0..width {
                let (u, v) = (x as f32 / width as f32 - 0.5, y as f32 / height as f32 - 0.5);
                let pixel = &mut light[y * width + x];
                let edge = ((u * cos + v * sin) * 14.0).clamp(-1.0, 1.0);
                *pixel *= 1.0 - self.shadow * (edge + 1.0) / 2.0;
                let away = (u - self.spot.0).powi(2) + (v - self.spot.1).powi(2);
                *pixel += self.glare * (-away * 45.0).exp();
                let grain = dice.between(-1.0, 1.0) + dice.between(-1.0, 1.0);
                *pixel = (*pixel * self.white + grain * self.noise).clamp(0.0, 255.0);
            }
        }
        if let Some(quality) = self.quality {
            squeezed(&mut light, width, height, quality);
        }
        light.into_iter().map(|light| light.clamp(0.0, 255.0) as u8).collect()
    }
}

/// A soft lens: three means one after another are nearly a bell.
fn spread(light: Vec<f32>, width: usize, height: usize, sigma: f32) -> Vec<f32> {
    let reach = ((sigma * sigma * 4.0 + 1.0).sqrt() / 2.0 - 0.5).max(0.0);
    let mut light = light;
    for _ in 0..3 {
        light = mean_of_rows(&light, width, height, reach);
        light = turned(&light, width, height);
        light = mean_of_rows(&light, height, width, reach);
        light = turned(&light, height, width);
    }
    light
}

/// Each pixel the mean of those within a reach, the outermost by their part.
fn mean_of_rows(light: &[f32], width: usize, height: usize, reach: f32) -> Vec<f32> {
    let whole = reach as usize;
    let part = reach - whole as f32;
    let weight = 1.0 + 2.0 * reach;
    let mut out = Vec::with_capacity(light.len());
    for row in light.chunks_exact(width).take(height) {
        let at = |x: isize| row[x.clamp(0, width as isize - 1) as usize];
        for x in 0..width as isize {
            let near: f32 = (x - whole as isize..=x + whole as isize).map(at).sum();
            let outer = at(x - whole as isize - 1) + at(x + whole as isize + 1);
            out.push((near + part * outer) / weight);
        }
    }
    out
}

/// Rows become columns.
fn turned(light: &[f32], width: usize, height: usize) -> Vec<f32> {
    let mut out = Vec::with_capacity(light.len());
    for x in 0..width {
        out.extend((0..height).map(|y| light[y * width + x]));
    }
    out
}

fn trailed(light: &[f32], width: usize, height: usize, moved: f32, angle: f32) -> Vec<f32> {
    let (sin, cos) = angle.sin_cos();
    let steps = moved.ceil() as usize;
    let mut out = Vec::with_capacity(light.len());
    for y in 0..height {
        for x in 0..width {
            let mut sum = 0.0;
            for step in 0..=steps {
                let along = moved * (step as f32 / steps as f32 - 0.5);
                let column = (x as f32 + cos * along).clamp(0.0, width as f32 - 1.0) as usize;
                let row = (y as f32 + sin * along).clamp(0.0, height as f32 - 1.0) as usize;
                sum += light[row * width + column];
            }
            out.push(sum / (steps + 1) as f32);
        }
    }
    out
}

/// What a JPEG of that quality keeps of brightness: blocks of eight, cosines, the customary table.
fn squeezed(light: &mut [f32], width: usize, height: usize, quality: u32) {
    const TABLE: [u8; 64] = [
        16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14,
        17, 22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49,
        64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
    ];
    let quality = quality.clamp(1, 100) as f32;
    let scale = if quality < 50.0 { 50.0 / quality } else { 2.0 - quality / 50.0 };
    let cosines: Block = from_fn(|frequency| {
        let norm = if frequency == 0 { 0.125_f32.sqrt() } else { 0.5 };
        from_fn(|at| norm * ((2 * at + 1) as f32 * frequency as f32 * std::f32::consts::PI / 16.0).cos())
    });
    for top in (0..height / 8 * 8).step_by(8) {
        for left in (0..width / 8 * 8).step_by(8) {
            let at = |x: usize, y: usize| (top + y) * width + left + x;
            let block: Block = from_fn(|y| from_fn(|x| light[at(x, y)] - 128.0));
            let rows: Block = from_fn(|y| from_fn(|across| sum(|x| block[y][x] * cosines[across][x])));
            let kept: Block = from_fn(|along| {
                from_fn(|across| {
                    let exact = sum(|y| rows[y][across] * cosines[along][y]);
                    let step = (f32::from(TABLE[along * 8 + across]) * scale).max(1.0);
                    (exact / step).round() * step
                })
            });
            let rows: Block =
                from_fn(|y| from_fn(|across| sum(|along| kept[along][across] * cosines[along][y])));
            for y in 0..8 {
                for x in 0..8 {
                    light[at(x, y)] = 128.0 + sum(|across| rows[y][across] * cosines[across][x]);
                }
            }
        }
    }
}

type Block = [[f32; 8]; 8];

fn sum(each: impl Fn(usize) -> f32) -> f32 {
    (0..8).map(each).sum()
}
