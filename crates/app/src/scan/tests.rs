use super::*;
use crate::loyalty::card::{CardDesign, CardFace, CardNumber, draw};
use resvg::tiny_skia::Pixmap;

const TEXT: &str = "https://t.me/samovar_coffee_bot?start=card_223456789010";

/// The customer's card, as it stands on the telephone that is held out at the counter.
fn card() -> Pixmap {
    let face = CardFace {
        business: "Кофейня «Самовар»",
        holder: "Анна Соколова",
        number: CardNumber::from_draw(12_345_678_901),
        qr_text: TEXT,
        balance: None,
        ground: None,
    };
    Pixmap::decode_png(&draw(&CardDesign::default(), &face).expect("a drawn card")).expect("PNG")
}

/// How a photo was taken.
#[derive(Debug, Clone, Copy)]
struct Shot {
    /// Longer side of the photo.
    side: u16,
    /// Degrees by which the telephone was turned.
    turned: f32,
    /// How much the far edge is shorter than the near one, per cent.
    tilted: f32,
    /// Pixels by which the hand moved.
    moved: u8,
    /// Grains of a dark room.
    noise: u8,
    /// Light that is left of white.
    light: f32,
}

const GOOD: Shot = Shot { side: 1_280, turned: 0.0, tilted: 0.0, moved: 0, noise: 0, light: 1.0 };

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn photo(of: &Pixmap, shot: Shot) -> Vec<u8> {
    let side = usize::from(shot.side);
    let (width, height) = (side, side * 3 / 4);
    let (sin, cos) = shot.turned.to_radians().sin_cos();
    let mut chance = 0x9e37_79b9_u32;
    let mut sharp = vec![0.0_f32; width * height];
    for y in 0..height {
        for x in 0..width {
            // From the photo's middle to the card's middle: turned, and narrower towards the far edge.
            let (u, v) =
                ((x as f32 / width as f32 - 0.5) * 1.5, (y as f32 / height as f32 - 0.5) * 1.5 * 0.75);
            let (u, v) = (u * cos + v * sin, v * cos - u * sin);
            let far = 1.0 + v * shot.tilted / 100.0;
            let at = |share: f32, length: u32| ((share / far + 0.5) * length as f32) as i64;
            let (card_x, card_y) =
                (at(u, of.width()), at(v * of.width() as f32 / of.height() as f32, of.height()));
            let inside = card_x >= 0 && card_y >= 0;
            let pixel = if inside { of.pixel(card_x as u32, card_y as u32) } else { None };
            let table = 90.0 + 40.0 * ((x / 37 + y / 53) % 2) as f32;
            sharp[y * width + x] = pixel.map_or(table, |pixel| {
                (f32::from(pixel.red()) + f32::from(pixel.green()) + f32::from(pixel.blue())) / 3.0
            });
        }
    }
    let reach = usize::from(shot.moved);
    let mut pixels = Vec::with_capacity(width * height);
    for y in 0..height {
        for x in 0..width {
            let trail: Vec<f32> =
                (0..=reach).map(|step| sharp[y * width + (x + step).min(width - 1)]).collect();
            let mean = trail.iter().sum::<f32>() / trail.len() as f32;
            chance = chance.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let grain = ((chance >> 16) as u8 as f32 / 255.0 - 0.5) * 2.0 * f32::from(shot.noise);
            pixels.push((mean * shot.light + grain).clamp(0.0, 255.0) as u8);
        }
    }
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, width as u32, height as u32);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.write_header().expect("a head").write_image_data(&pixels).expect("pixels");
    out
}

#[test]
fn a_card_is_read_however_it_is_photographed() {
    let card = card();
    let shots = [
        GOOD,
        Shot { side: 2_400, ..GOOD },
        Shot { side: 800, ..GOOD },
        Shot { turned: 17.0, ..GOOD },
        Shot { turned: 90.0, ..GOOD },
        Shot { turned: 180.0, noise: 30, ..GOOD },
        Shot { tilted: 25.0, ..GOOD },
        Shot { tilted: 35.0, turned: -8.0, noise: 20, ..GOOD },
        Shot { moved: 4, noise: 15, ..GOOD },
        Shot { side: 2_400, moved: 7, turned: 5.0, ..GOOD },
        Shot { noise: 60, light: 0.5, ..GOOD },
        Shot { light: 0.3, noise: 12, turned: 30.0, tilted: 15.0, ..GOOD },
    ];
    for shot in shots {
        assert_eq!(code(&photo(&card, shot)).as_deref(), Some(TEXT), "{shot:?}");
    }
}

#[test]
fn a_drawn_card_is_read() {
    let face = CardFace {
        business: "",
        holder: "",
        number: CardNumber::from_draw(7),
        qr_text: "card-7",
        balance: None,
        ground: None,
    };
    let drawn = draw(&CardDesign::default(), &face).expect("a drawn card");
    assert_eq!(code(&drawn).as_deref(), Some("card-7"));
}

#[test]
fn what_is_no_picture_of_a_code_is_nothing() {
    let drawn = draw(
        &CardDesign::default(),
        &CardFace {
            business: "",
            holder: "",
            number: CardNumber::from_draw(7),
            qr_text: "card-7",
            balance: None,
            ground: None,
        },
    )
    .expect("a drawn card");
    let mut huge = drawn.clone();
    // The head of the PNG says 65535 by 65535 pixels.
    huge[16..24].copy_from_slice(&[0, 0, 255, 255, 0, 0, 255, 255]);
    let blank = photo(&Pixmap::new(10, 10).expect("pixels"), GOOD);
    let cut = &drawn[..drawn.len() / 2];
    for (what, bytes) in [
        ("nothing", &[][..]),
        ("text", b"not a picture"),
        ("a JPEG's beginning", b"\xff\xd8\xff\xe0\x00\x10JFIF"),
        ("a WebP's beginning", b"RIFF\x00\x00\x00\x00WEBPVP8 "),
        ("half a picture", cut),
        ("a huge picture", &huge),
        ("a table", &blank),
    ] {
        assert_eq!(code(bytes), None, "{what}");
    }
}
