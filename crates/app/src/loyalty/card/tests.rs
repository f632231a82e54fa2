use super::design::Rgb;
use super::lettering::{Anchor, Line, Weight, drawable, is_drawable};
use super::picture::{Area, QR_BYTES_MAX};
use super::*;
use proptest::prelude::*;
use resvg::tiny_skia::{Pixmap, Transform};

const LONGEST_LINK: &str = "https://t.me/abcdefghijklmnopqrstuvwxyz012345?start=ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

fn face<'a>(business: &'a str, holder: &'a str) -> CardFace<'a> {
    let qr_text = "https://t.me/samovar_coffee_bot?start=card_223456789010";
    CardFace {
        business,
        holder,
        number: CardNumber::from_draw(12_345_678_901),
        qr_text,
        balance: None,
        ground: None,
    }
}

fn pixels(design: &CardDesign, face: &CardFace<'_>) -> Pixmap {
    Pixmap::decode_png(&draw(design, face).expect("a drawn card")).expect("PNG")
}

/// What a telephone would read from the picture shown at `percent` of its size: each pixel the mean of those it covers.
fn read_at(picture: &Pixmap, percent: usize) -> Vec<String> {
    let (width, height) = (usize::from(WIDTH), usize::from(HEIGHT));
    let grey: Vec<usize> = picture
        .pixels()
        .iter()
        .map(|pixel| [pixel.red(), pixel.green(), pixel.blue()].map(usize::from).iter().sum::<usize>() / 3)
        .collect();
    let mean = |x: usize, y: usize| {
        let span = |at: usize, end: usize| (at * 100 / percent)..((at + 1) * 100 / percent).min(end);
        let (rows, columns) = (span(y, height), span(x, width));
        let covered = rows.len() * columns.len();
        let sum: usize = rows.flat_map(|row| &grey[row * width..][columns.clone()]).sum();
        u8::try_from(sum / covered).unwrap_or(u8::MAX)
    };
    let (width, height) = (width * percent / 100, height * percent / 100);
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, mean);
    image.detect_grids().iter().filter_map(|grid| grid.decode().ok()).map(|(_, text)| text).collect()
}

/// The reader of this test gives up under three pixels to a module, sooner than telephones do: the longest text is shown
/// to it at three fifths of the size.
#[test]
fn the_code_is_read_at_full_size_and_shrunk() {
    let card = face("Кофейня «Самовар»", "Анна Соколова");
    let balance = Some(Balance { amount: "1 250", unit: "баллов" });
    for ornament in [Ornament::None, Ornament::Lattice, Ornament::Dots] {
        for qr in [QrPlace::Right, QrPlace::Left, QrPlace::Bottom] {
            let design = CardDesign { ornament, qr, ..CardDesign::default() };
            for (qr_text, shrunk) in [(card.qr_text, 40), (LONGEST_LINK, 60)] {
                let picture = pixels(&design, &CardFace { qr_text, balance, ..card });
                assert_eq!((picture.width(), picture.height()), (u32::from(WIDTH), u32::from(HEIGHT)));
                for percent in [100, shrunk] {
                    assert_eq!(read_at(&picture, percent), [qr_text], "{ornament:?} {qr:?} at {percent} %");
                }
            }
        }
    }
}

#[test]
fn the_text_of_the_code_is_bounded() {
    let long = "x".repeat(QR_BYTES_MAX + 1);
    let design = CardDesign::default();
    let with = |qr_text| CardFace { qr_text, ..face("", "") };
    assert_eq!(draw(&design, &with(&long)), Err(CardError::QrText(QR_BYTES_MAX + 1)));
    assert_eq!(draw(&design, &with("")), Err(CardError::QrText(0)));
    assert!(LONGEST_LINK.len() <= QR_BYTES_MAX);
}

#[test]
fn the_same_card_is_the_same_bytes() {
    let design = CardDesign::default();
    assert_eq!(draw(&design, &face("Самовар", "Анна")), draw(&design, &face("Самовар", "Анна")));
}

/// The pixels in which two pictures differ, outside of `allowed`.
fn differences_outside(one: &Pixmap, other: &Pixmap, allowed: &[Area]) -> usize {
    let inside = |x: i32, y: i32| {
        allowed.iter().any(|area| {
            (area.x..area.x + area.width).contains(&x) && (area.y..area.y + area.height).contains(&y)
        })
    };
    let coordinates = (0..i32::from(HEIGHT)).flat_map(|y| (0..i32::from(WIDTH)).map(move |x| (x, y)));
    let pairs = one.pixels().iter().zip(other.pixels()).zip(coordinates);
    pairs.filter(|((one, other), (x, y))| one != other && !inside(*x, *y)).count()
}

fn assert_words_stay_in_their_places(qr: QrPlace, business: &str, holder: &str) {
    let design = CardDesign { qr, title: "Карта".into(), logo: Logo::None, ..CardDesign::default() };
    let empty = pixels(&design, &face("", ""));
    let written = pixels(&design, &face(business, holder));
    let name = Area { x: 50, y: 44, width: 912, height: 72 };
    let holder = match qr {
        QrPlace::Right => Area { x: 50, y: 430, width: 520, height: 54 },
        QrPlace::Left => Area { x: 438, y: 430, width: 520, height: 54 },
        QrPlace::Bottom => Area { x: 50, y: 446, width: 296, height: 54 },
    };
    assert_eq!(differences_outside(&empty, &written, &[name, holder]), 0, "{qr:?}");
}

#[test]
fn long_and_hostile_names_stay_in_their_places() {
    let long = "Константин Константинович Задунайский-Константинопольский ".repeat(20);
    let wide = "Ш".repeat(500);
    let hostile = r#"</text><script>&amp;<rect width="9999" height="9999"/> ]]> <!-- {{ "#;
    for qr in [QrPlace::Right, QrPlace::Left, QrPlace::Bottom] {
        for name in [long.as_str(), wide.as_str(), hostile] {
            assert_words_stay_in_their_places(qr, name, name);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn any_names_are_drawn_in_their_places(business in any::<String>(), holder in "\\PC{0,200}") {
        assert_words_stay_in_their_places(QrPlace::Right, &business, &holder);
    }
}

proptest! {
    #[test]
    fn any_text_becomes_one_line_of_known_letters(text in any::<String>()) {
        let line = drawable(&text);
        prop_assert!(line.chars().all(|letter| letter == ' ' || is_drawable(letter)));
        prop_assert!(!line.starts_with(' ') && !line.ends_with(' ') && !line.contains("  "));
        prop_assert_eq!(drawable(&line), line);
    }

    #[test]
    fn a_number_survives_printing_and_every_slip_is_noticed(draw in any::<u64>(), at in 0_usize..12, by in 1_u8..10) {
        let number = CardNumber::from_draw(draw);
        prop_assert_eq!(number.to_string().parse(), Ok(number));
        let digits = number.digits().into_bytes();
        prop_assert_ne!(digits[0], b'0');
        let mut slipped = digits.clone();
        slipped[at] = b'0' + (digits[at] - b'0' + by) % 10;
        prop_assert_eq!(String::from_utf8_lossy(&slipped).parse::<CardNumber>(), Err(NotACardNumber::CheckDigit));
        if at > 0 && digits[at] != digits[at - 1] {
            let mut swapped = digits;
            swapped.swap(at, at - 1);
            prop_assert_eq!(String::from_utf8_lossy(&swapped).parse::<CardNumber>(), Err(NotACardNumber::CheckDigit));
        }
    }
}

#[test]
fn numbers_are_read_as_people_type_them() {
    let number = CardNumber::from_draw(12_345_678_901);
    let (digits, printed) = (number.digits(), number.to_string());
    assert_eq!(printed, "2234 5678 9010");
    for typed in [digits.clone(), printed, "2234-5678-9010".into(), " 2234\u{a0}5678 – 9010 ".into()] {
        assert_eq!(typed.parse(), Ok(number), "{typed}");
    }
    assert_eq!("22345678901".parse::<CardNumber>(), Err(NotACardNumber::Length(11)));
    assert_eq!("".parse::<CardNumber>(), Err(NotACardNumber::Length(0)));
    assert_eq!("2".repeat(100).parse::<CardNumber>(), Err(NotACardNumber::Length(100)));
    assert_eq!("2234 5678 901О".parse::<CardNumber>(), Err(NotACardNumber::Letter('О')));
    assert_eq!(serde_json::to_string(&number).expect("JSON"), format!("\"{digits}\""));
    assert!(serde_json::from_str::<CardNumber>("\"223456789011\"").is_err());
}

/// The fonts hold every letter that is let through: none of them is drawn as the box of a missing one.
#[test]
fn every_known_letter_has_a_shape() {
    let missing = '\u{e000}';
    assert!(!is_drawable(missing));
    for weight in [Weight::Regular, Weight::SemiBold] {
        let shape = |letter: char| {
            let line = Line {
                baseline: 40,
                width: 100,
                size: 32,
                weight,
                anchor: Anchor::Start,
                ..Line::of(Rgb::PRINT)
            };
            let svg = format!(
                r#"<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64">{}</svg>"#,
                line.at_size(&letter.to_string(), 32)
            );
            let tree = resvg::usvg::Tree::from_str(&svg, &lettering::options()).expect("SVG");
            let mut pixmap = Pixmap::new(64, 64).expect("a picture");
            resvg::render(&tree, Transform::identity(), &mut pixmap.as_mut());
            pixmap.take()
        };
        let (blank, box_of_missing) = (vec![0; 64 * 64 * 4], shape(missing));
        for letter in ('!'..='\u{2fff}').filter(|letter| is_drawable(*letter)) {
            let drawn = shape(letter);
            assert!(drawn != blank && drawn != box_of_missing, "«{letter}» U+{:04X}", u32::from(letter));
        }
    }
}

#[test]
fn what_cannot_be_drawn_is_left_out() {
    assert_eq!(drawable("Анна 🌸 Соколова\u{0}\n"), "Анна Соколова");
    assert_eq!(drawable("Андреи\u{306} Королёв и Але\u{308}на"), "Андрей Королёв и Алёна");
    assert_eq!(drawable("王小明"), "");
    draw(&CardDesign::default(), &face("王小明 🌸", "🌸")).expect("a card without names");
}

fn codes(design: &CardDesign) -> Vec<(&'static str, &'static str)> {
    design.problems().iter().map(|problem| (problem.field, problem.code)).collect()
}

#[test]
fn a_design_names_all_its_problems() {
    assert_eq!(codes(&CardDesign::default()), []);
    let colours = Colours {
        background: "#101010".into(),
        ink: "#222222".into(),
        accent: "red".into(),
        mark: "#12345".into(),
    };
    let design = CardDesign {
        colours,
        title: "т".repeat(41),
        tagline: "т".repeat(61),
        corner: 81,
        logo: Logo::Svg("<html/>".into()),
        ..CardDesign::default()
    };
    let expected = [
        ("colours.ink", "low_contrast"),
        ("colours.accent", "not_a_colour"),
        ("colours.mark", "not_a_colour"),
        ("title", "too_long"),
        ("tagline", "too_long"),
        ("corner", "too_large"),
        ("logo", "not_svg"),
    ];
    assert_eq!(codes(&design), expected);
    assert!(matches!(draw(&design, &face("", "")), Err(CardError::Design(found)) if found.len() == 7));
    for colour in ["#+12345", "#12345é", "#fff", "url(#x)", "#1234567", ""] {
        let colours = Colours { mark: colour.into(), ..Colours::default() };
        assert_eq!(
            codes(&CardDesign { colours, ..CardDesign::default() }),
            [("colours.mark", "not_a_colour")]
        );
    }
}

#[test]
fn a_design_is_read_from_a_file_with_defaults() {
    let design: CardDesign = toml::from_str(
        "title = \"Карта гостя\"\nqr = \"left\"\nlogo = \"none\"\n[colours]\nmark = \"#2f50b2\"",
    )
    .expect("a design");
    assert_eq!((design.qr, &design.logo, design.ornament), (QrPlace::Left, &Logo::None, Ornament::Lattice));
    assert_eq!(design.colours.background, Colours::default().background);
    assert!(toml::from_str::<CardDesign>("titel = \"x\"").is_err());
    assert_ne!(design.fingerprint(), CardDesign::default().fingerprint());
    assert_eq!(design.fingerprint(), design.clone().fingerprint());
    assert_eq!(design.fingerprint().len(), 16);
}

fn logo_code(body: &str) -> Vec<(&'static str, &'static str)> {
    let text = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 10 10">{body}</svg>"#
    );
    codes(&CardDesign { logo: Logo::Svg(text), ..CardDesign::default() })
}

#[test]
fn a_logo_is_plain_shapes() {
    assert_eq!(logo_code(r#"<g style="fill:red"><path d="M0 0h9v9z"/></g>"#), []);
    let refused = [
        r#"<image href="/etc/passwd"/>"#,
        r##"<use href="#a"/>"##,
        r##"<linearGradient id="a" xlink:href="#b"/>"##,
        "<text>x</text>",
        "<style>*{fill:red}</style>",
        r#"<path d="M0 0h9" stroke-dasharray=".0001"/>"#,
        r#"<g style="filter:blur(99px)"/>"#,
        "<script/>",
    ];
    for body in refused {
        assert_eq!(logo_code(body), [("logo", "element_refused")], "{body}");
    }
    assert_eq!(
        logo_code(&"<g>".repeat(40).replace("<g>", "<g><path d='M0 0h1'/></g>").repeat(30)),
        [("logo", "too_complex")]
    );
    assert_eq!(logo_code(&format!("{}{}", "<g>".repeat(40), "</g>".repeat(40))), [("logo", "too_complex")]);
    assert_eq!(logo_code(&" ".repeat(70_000)), [("logo", "too_large")]);
    let entities = r#"<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><title>&a;</title></svg>"#;
    assert_eq!(
        codes(&CardDesign { logo: Logo::Svg(entities.into()), ..CardDesign::default() }),
        [("logo", "not_svg")]
    );
}

#[test]
fn a_logo_stays_in_its_square() {
    let huge = r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 10" overflow="visible"><path fill="red" d="M-999-999h9999v9999h-9999z"/></svg>"#;
    let tiny = r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 10"/>"#;
    let with = |text: &str| {
        pixels(
            &CardDesign { logo: Logo::Svg(text.into()), ..CardDesign::default() },
            &face("Самовар", "Анна"),
        )
    };
    let square = Area { x: 56, y: 56, width: 96, height: 96 };
    let (huge, tiny) = (with(huge), with(tiny));
    assert_eq!(differences_outside(&huge, &tiny, &[square]), 0);
    assert_ne!(huge.data(), tiny.data());
}

#[test]
fn a_round_corner_is_transparent_and_a_square_one_is_not() {
    let corner = |corner| {
        let design = CardDesign { corner, ..CardDesign::default() };
        pixels(&design, &face("Самовар", "Анна")).pixel(0, 0).map(|pixel| pixel.alpha())
    };
    assert_eq!((corner(0), corner(40)), (Some(255), Some(0)));
}
