use super::pixels::{Pixels, SIDE_MAX, media_type};

/// A PNG whose left half is red and whose right half is blue.
pub(crate) fn halves(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    let row = |x: u32| if x < width / 2 { [200, 0, 0] } else { [0, 0, 200] };
    let pixels: Vec<u8> = (0..height).flat_map(|_| (0..width).flat_map(row)).collect();
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
    bytes
}

#[test]
fn a_picture_covers_the_size_that_is_asked_for_by_its_middle() {
    let picture = Pixels::unpack(&halves(400, 100)).unwrap();
    for (width, height) in [(200, 100), (100, 200), (1_012, 638)] {
        let covering = picture.covering(width, height);
        assert_eq!((covering.width, covering.height), (width, height));
        assert_eq!(covering.at(0, 0), [200, 0, 0]);
        assert_eq!(covering.at(width - 1, height - 1), [0, 0, 200]);
    }
    assert_eq!(Pixels::plain(64, 64, [1, 2, 3]).covering(5, 9).at(4, 8), [1, 2, 3]);
}

#[test]
fn what_is_no_picture_or_too_large_is_refused() {
    assert!(Pixels::unpack(b"<svg/>").is_none() && media_type(b"GIF89a").is_none());
    assert!(Pixels::unpack(&halves(63, 200)).is_none());
    assert!(Pixels::unpack(&halves(SIDE_MAX + 1, 64)).is_none());
    let whole = halves(64, 64);
    for end in 0..whole.len().min(60) {
        assert!(Pixels::unpack(&whole[..end]).is_none(), "{end}");
    }
}
