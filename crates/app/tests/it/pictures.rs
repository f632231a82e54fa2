//! Pictures of the company, on cards and in previews, on both databases.

use crate::common::{Bed, both};
use samovar_app::access::{Actor, Role};
use samovar_app::contacts;
use samovar_app::loyalty::card::{Background, CardDesign};
use samovar_app::loyalty::{self, Programme};
use samovar_app::{media, pictures};
use samovar_base::StaffId;

fn picture(width: u32, height: u32, colour: [u8; 3]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    let pixels = colour.repeat((width * height) as usize);
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
    bytes
}

/// The colour of the middle of the upper edge, where neither rim nor words are.
fn edge(card: &[u8]) -> [u8; 3] {
    let mut reader = png::Decoder::new(std::io::Cursor::new(card)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    let at = info.color_type.samples() * (5 * info.width as usize + info.width as usize / 2);
    [pixels[at], pixels[at + 1], pixels[at + 2]]
}

fn with(file: String, shade: u8) -> CardDesign {
    let ornament = loyalty::card::Ornament::None;
    CardDesign { picture: Some(Background { file, shade }), ornament, ..CardDesign::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_picture_lies_under_the_card_and_its_veil_over_it() {
    both(async |bed: Bed| {
        let brought =
            pictures::bring(&bed.app, &bed.owner, picture(300, 200, [0, 120, 255]).into()).await.unwrap();
        let clear = loyalty::preview_card(&bed.app, &bed.owner, with(brought.key(), 0), None).await.unwrap();
        assert_eq!(edge(&clear), [0, 120, 255]);
        let veiled =
            loyalty::preview_card(&bed.app, &bed.owner, with(brought.key(), 90), None).await.unwrap();
        assert!(edge(&veiled)[2] < 90, "{:?}", edge(&veiled));
        let card = with(brought.key(), 0);
        let programme = Programme { card, ..Programme::default() };
        loyalty::set_programme(&bed.app, &bed.owner, None, programme).await.unwrap();
        let name = vec![("name".to_owned(), "Анна".into())];
        let anna = contacts::add(&bed.app, &bed.owner, name, Vec::new()).await.unwrap().id;
        let card = loyalty::card_picture(&bed.app, &bed.owner, anna).await.unwrap();
        assert_eq!(edge(&card), [0, 120, 255]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_pictures_of_the_company_are_shown() {
    both(async |bed: Bed| {
        let photo = media::Content {
            bytes: picture(100, 100, [1, 2, 3]).into(),
            name: "photo.png".into(),
            media_type: "image/png".into(),
        };
        let sent = media::keep(&bed.app, bed.owner.tenant, None, photo).await.unwrap();
        assert_eq!(pictures::content(&bed.app, &bed.owner, sent).await.unwrap_err().code(), "not_found");
        let stolen = with(format!("file/{sent}"), 50);
        let refused = loyalty::preview_card(&bed.app, &bed.owner, stolen.clone(), None).await;
        assert_eq!(refused.unwrap_err().code(), "not_a_picture");
        let programme = Programme { card: stolen, ..Programme::default() };
        let refused = loyalty::set_programme(&bed.app, &bed.owner, None, programme).await;
        assert_eq!(refused.unwrap_err().code(), "not_a_picture");
        for bytes in [b"<svg/>".to_vec(), picture(10, 10, [0; 3]), vec![0xff; 3 << 20]] {
            assert!(pictures::bring(&bed.app, &bed.owner, bytes.into()).await.is_err());
        }
        let cashier = Actor::staff(bed.owner.tenant, StaffId(1), Role::Cashier, "ru");
        let refused = pictures::bring(&bed.app, &cashier, picture(100, 100, [0; 3]).into()).await;
        assert_eq!(refused.unwrap_err().code(), "forbidden");
    })
    .await;
}
