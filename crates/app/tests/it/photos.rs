//! Codes in photos of receipts: a small part of what `cargo xtask bench codes` measures, kept from getting worse.

use samovar_app::scan::{Reader, codes, codes_by};
use samovar_testkit::photos::{FLAWS, Flaw, Photo, photo};

fn photos() -> Vec<Photo> {
    FLAWS.iter().flat_map(|flaw| [photo(*flaw, 3, 900), photo(*flaw, 4, 900)]).collect()
}

fn right(photo: &Photo, texts: &[String]) -> usize {
    photo.texts.iter().filter(|text| texts.contains(text)).count()
}

#[test]
fn receipts_are_read_however_they_are_photographed() {
    let (mut wanted, mut read, mut alone) = (0, 0, [0; 4]);
    for photo in photos() {
        let file = photo.png();
        let found: Vec<String> =
            codes(&file).expect("a picture").into_iter().map(|found| found.text).collect();
        let strange: Vec<_> = found.iter().filter(|text| !photo.texts.contains(text)).collect();
        assert!(strange.is_empty(), "{:?}: read what is not there: {strange:?}", photo.flaw);
        wanted += photo.texts.len();
        read += right(&photo, &found);
        if matches!(photo.flaw, Flaw::None | Flaw::Turned | Flaw::Small | Flaw::Two | Flaw::Squeezed) {
            assert_eq!(found.len(), photo.texts.len(), "{:?}: all of it is read", photo.flaw);
        }
        let readers = [Reader::Local, Reader::Global, Reader::Quirc, Reader::Rqrr];
        for (reader, right_ones) in readers.into_iter().zip(&mut alone) {
            let texts: Vec<String> =
                codes_by(reader, &file).expect("a picture").into_iter().map(|found| found.text).collect();
            *right_ones += right(&photo, &texts);
        }
    }
    let best = alone.into_iter().max().unwrap_or_default();
    assert!(read > best, "the ladder reads {read} of {wanted}, one reader alone {best}");
    assert!(read * 100 >= wanted * 80, "{read} of {wanted}");
}

#[test]
fn a_heic_is_named_as_foreign_and_not_as_without_a_code() {
    let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic and what follows";
    assert_eq!(codes(heic), Err(samovar_app::scan::Unreadable::Foreign));
}
