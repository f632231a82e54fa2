//! The programme, cards and points by hand, on both databases.

use crate::common::{Bed, both};
use samovar_app::access::{Actor, Role};
use samovar_app::contacts;
use samovar_app::loyalty::card::CardNumber;
use samovar_app::loyalty::{self, Programme};
use samovar_base::{ContactId, Points, StaffId, TenantId};
use samovar_testkit::{TestApp, on_both};
use serde_json::json;

async fn anna(bed: &Bed) -> ContactId {
    let name = vec![("name".to_owned(), "Анна Каренина".into())];
    contacts::add(&bed.app, &bed.owner, name, Vec::new()).await.expect("a contact can be added").id
}

async fn grant(
    bed: &Bed,
    contact: ContactId,
    points: i64,
    key: &str,
) -> Result<samovar_app::ledger::Receipt, &'static str> {
    let comment = Some(" За отзыв ".to_owned());
    let granted =
        loyalty::grant_by_hand(&bed.app, &bed.owner, contact, Points(points), comment, key.into()).await;
    granted.map_err(|fail| fail.code())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn points_by_hand_are_given_and_taken_once_for_a_key() {
    both(async |bed: Bed| {
        let contact = anna(&bed).await;
        let first = grant(&bed, contact, 100, "visit-1").await.expect("points in range");
        assert_eq!((first.already, first.standing.available), (false, Points(100)));
        let again = grant(&bed, contact, 100, "visit-1").await.expect("the same request");
        assert_eq!((again.already, again.standing.available, again.entry), (true, Points(100), first.entry));
        assert_eq!(grant(&bed, contact, 101, "visit-1").await, Err("operation_key_reused"));
        assert_eq!(grant(&bed, contact, 0, "visit-2").await, Err("points_out_of_range"));
        let deduct = |points, key: &str| {
            loyalty::deduct_by_hand(&bed.app, &bed.owner, contact, Points(points), None, key.into())
        };
        assert_eq!(deduct(101, "fix-1").await.expect_err("only 100 are there").code(), "not_enough_points");
        assert_eq!(deduct(30, "fix-2").await.expect("100 are there").entry.points, Points(-30));
        let history =
            loyalty::history(&bed.app, &bed.owner, contact, None, 10).await.expect("it can be read");
        let told: Vec<_> = history
            .iter()
            .map(|entry| (entry.kind.as_str(), entry.points.0, entry.note.as_deref()))
            .collect();
        assert_eq!(told, [("deduct", -30, None), ("grant", 100, Some("За отзыв"))]);
        let page = loyalty::history(&bed.app, &bed.owner, contact, Some(history[0].id), 10)
            .await
            .expect("it can be read");
        assert_eq!(page, history[1..]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_granted_point_lives_as_long_as_the_programme_says() {
    both(async |bed: Bed| {
        let contact = anna(&bed).await;
        let programme = Programme { expiry_days: Some(30), ..Programme::default() };
        loyalty::set_programme(&bed.app, &bed.owner, None, programme).await.expect("it is right");
        grant(&bed, contact, 100, "visit-1").await.expect("points in range");
        let balance =
            async || loyalty::balance(&bed.app, &bed.owner, contact).await.expect("it can be read").balance;
        bed.clock.set("2026-12-21T20:59:59Z".parse::<jiff::Timestamp>().expect("RFC 3339").into());
        assert_eq!(balance().await, Points(100));
        bed.clock.advance_seconds(1);
        assert_eq!(balance().await, Points(0), "midnight in Moscow after the thirtieth day");
        bed.app.pipeline.look(&bed.app).await.expect("due jobs run");
        let history =
            loyalty::history(&bed.app, &bed.owner, contact, None, 10).await.expect("it can be read");
        assert_eq!(history[0].kind, "expire");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_programme_is_changed_by_who_may_and_from_what_they_saw() {
    both(async |bed: Bed| {
        let (app, owner) = (&bed.app, &bed.owner);
        let none = loyalty::programme(app, owner).await.expect("the defaults hold");
        assert_eq!((none.revision, &none.programme), (0, &Programme::default()));
        let with = |points| Programme { welcome_points: Points(points), ..Programme::default() };
        let first = loyalty::set_programme(app, owner, Some(0), with(100)).await.expect("it is right");
        assert_eq!((first.revision, first.programme.welcome_points), (1, Points(100)));
        let same = loyalty::set_programme(app, owner, None, with(100)).await.expect("nothing to do");
        assert_eq!(same, first);
        let code = |result: Result<_, samovar_app::Fail>| result.map(drop).map_err(|fail| fail.code());
        assert_eq!(
            code(loyalty::set_programme(app, owner, Some(0), with(200)).await),
            Err("revision_conflict")
        );
        assert_eq!(code(loyalty::set_programme(app, owner, None, with(-1)).await), Err("out_of_range"));
        let cashier = Actor::staff(owner.tenant, StaffId(1), Role::Cashier, "ru");
        assert_eq!(code(loyalty::set_programme(app, &cashier, None, with(5)).await), Err("forbidden"));
        assert_eq!(loyalty::programme(app, owner).await.expect("it is there"), first);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_qr_of_a_card_leads_back_to_its_holder() {
    both(async |bed: Bed| {
        let (app, owner) = (&bed.app, &bed.owner);
        let (contact, other) = (anna(&bed).await, anna(&bed).await);
        let number = loyalty::card_of(app, owner, contact).await.expect("a card is issued");
        assert_eq!(loyalty::card_of(app, owner, contact).await.ok(), Some(number));
        assert_ne!(loyalty::card_of(app, owner, other).await.ok(), Some(number));
        let png = loyalty::card_picture(app, owner, contact).await.expect("a card is drawn");
        let holder = loyalty::resolve_card(app, owner, &scan(&png)).await.expect("the code is ours");
        assert_eq!((holder.contact, holder.number), (contact, number));
        let typed =
            loyalty::resolve_card(app, owner, &number.to_string()).await.expect("the number is known");
        assert_eq!(typed.contact, contact);
        let key = format!("card/{contact}/0123456789abcdef-{}", number.digits());
        assert!(loyalty::picture(app, owner.tenant, &key).await.is_ok());
        let foreign = format!("card/{other}/0123456789abcdef-{}", number.digits());
        for (tenant, key) in
            [(owner.tenant, &foreign), (TenantId(1), &key), (owner.tenant, &"card/x".to_owned())]
        {
            let refused = loyalty::picture(app, tenant, key).await.expect_err("not this company's card");
            assert_eq!(refused.code(), "not_found", "{key}");
        }
        let unknown = CardNumber::from_draw(1).to_string();
        let refused = loyalty::resolve_card(app, owner, &unknown).await.expect_err("never issued");
        assert_eq!(refused.code(), "not_found");
    })
    .await;
}

/// What a telephone would read from the picture.
fn scan(png: &[u8]) -> String {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(png));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().expect("a PNG");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
    let info = reader.next_frame(&mut pixels).expect("a picture");
    let step = info.color_type.samples();
    let (width, height) = (info.width as usize, info.height as usize);
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
        let at = (y * width + x) * step;
        let rgb = &pixels[at..at + step.min(3)];
        u8::try_from(
            rgb.iter().map(|byte| u32::from(*byte)).sum::<u32>() / u32::try_from(rgb.len()).unwrap_or(1),
        )
        .unwrap_or(255)
    });
    let grids = image.detect_grids();
    let (_, text) = grids.first().expect("a QR").decode().expect("a readable QR");
    text
}

on_both! {
    async fn welcome_points_come_once_and_notices_of_points_by_hand_reach_the_customer(app: TestApp) {
        let (anna, api) = (app.telegram("Анна"), app.api());
        anna.registers().await;
        let id = anna.contact_id().await;
        let welcome = loyalty::programme(&app.app(), &app.owner()).await.expect("it is set").programme.welcome_points.0;
        assert!(welcome > 0, "the coffee shop welcomes with points");
        let wallet = api.get(&format!("/contacts/{id}/wallet")).await.body;
        assert_eq!(wallet["balance"], welcome);
        assert!(wallet["card_number"].is_string(), "a card is issued with the welcome");

        let granted = api.post_as("visit-1", &format!("/contacts/{id}/wallet/grant"), &json!({"points": 1_021, "comment": "за отзыв"})).await;
        assert_eq!(granted.status, 200, "{}", granted.body);
        let told = anna.looks().await.replace('\u{a0}', " ");
        assert!(told.contains("Вам начислено 1 021 балл: за отзыв."), "{told}");
        api.post_as("visit-1", &format!("/contacts/{id}/wallet/grant"), &json!({"points": 1_021, "comment": "за отзыв"})).await;
        assert!(!anna.looks().await.contains("начислено"), "what is repeated is not told twice");

        for visit in 0..10 {
            let taken = api.post_as(&format!("fix-{visit}"), &format!("/contacts/{id}/wallet/deduct"), &json!({"points": 2})).await;
            assert_eq!(taken.status, 200, "{}", taken.body);
        }
        anna.looks().await;
        let first = anna.says("история").await;
        assert_eq!((first.matches("−2").count(), first.matches("отзыв").count()), (8, 0), "{first}");
        let second = anna.presses("Дальше →").await;
        assert_eq!((second.matches("−2").count(), second.matches("за отзыв").count()), (2, 1), "{second}");
        assert!(second.contains("За знакомство"), "{second}");
        let balance = anna.says("баланс").await.replace('\u{a0}', " ");
        let words = format!("{} балл", welcome + 1_001).replace("1101", "1 101");
        assert!(balance.contains(&words), "{balance}");
        app.finish().await;
    }

    async fn a_person_who_asked_for_silence_is_not_told(app: TestApp) {
        let (anna, api) = (app.telegram("Анна"), app.api());
        anna.registers().await;
        let id = anna.contact_id().await;
        let stopped = api.post(&format!("/contacts/{id}/stop"), &json!({})).await;
        assert_eq!(stopped.status, 200, "{}", stopped.body);
        anna.looks().await;
        api.post(&format!("/contacts/{id}/wallet/grant"), &json!({"points": 5})).await;
        assert_eq!(anna.looks().await, "");
        app.finish().await;
    }
}
