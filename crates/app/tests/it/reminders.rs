//! What the loyalty programme tells people by itself: that points end, and that it is their birthday.

use crate::common::{Bed, both};
use samovar_app::contacts;
use samovar_app::ledger::{self, Standing};
use samovar_app::loyalty::{self, Programme};
use samovar_app::tenants::{self, Changes};
use samovar_base::{Clock, ContactId, Points};
use samovar_store::{params, query};
use samovar_testkit::{Guest, TestApp, on_both};
use std::time::Duration;

query! {
    static TOLD = "SELECT day, kind, points, told FROM loyalty_warning WHERE tenant_id = $1 AND contact_id = $2 ORDER BY day, kind";
}

async fn with(app: &TestApp, change: impl FnOnce(&mut Programme)) {
    let (services, owner) = (app.app(), app.owner());
    let mut programme = loyalty::programme(&services, &owner).await.expect("a programme").programme;
    change(&mut programme);
    loyalty::set_programme(&services, &owner, None, programme).await.expect("it is right");
}

/// Lets time pass up to a moment and does what is due then.
async fn at(app: &TestApp, moment: &str) {
    let then = moment.parse::<jiff::Timestamp>().expect("RFC 3339").as_second();
    let now = app.clock.now().seconds();
    app.advance(Duration::from_secs(u64::try_from(then - now).expect("time goes on"))).await;
}

/// A job that met another one in the database comes again within seconds.
async fn hears(app: &TestApp, guest: &Guest, words: &str) {
    for _ in 0..5 {
        if guest.looks().await.contains(words) {
            return;
        }
        app.advance(Duration::from_secs(5)).await;
    }
    panic!("«{words}» was not said: {}", guest.transcript().await);
}

async fn written_down(app: &TestApp, contact: ContactId) -> Vec<String> {
    let services = app.app();
    let rows = services.store.read(app.tenant, move |tx| async move {
        Ok::<_, samovar_app::Fail>(tx.all(&TOLD, params![contact]).await?)
    });
    let line = |row: &samovar_store::Row| {
        let (day, kind) = (row.text(0).expect("a day"), row.text(1).expect("a kind"));
        format!("{day} {kind} {} {}", row.int(2).expect("points"), row.bool(3).expect("told"))
    };
    rows.await.expect("rows").iter().map(line).collect()
}

on_both! {
    async fn points_end_after_two_warnings_and_a_move_of_the_business(app: TestApp) {
        with(&app, |programme| programme.notices.expired.on = true).await;
        let anna = app.telegram("Анна");
        anna.registers().await;
        let id = anna.contact_id().await;
        at(&app, "2027-05-01T09:00:00Z").await;
        let zone = Changes { zone: Some("Asia/Vladivostok".into()), ..Changes::default() };
        tenants::update(&app.app(), &app.owner(), None, zone).await.expect("the business moves");
        let (services, owner) = (app.app(), app.owner());
        let gift = loyalty::grant_by_hand(&services, &owner, id, Points(30), Some("за отзыв".into()), "review".into());
        gift.await.expect("30 points");
        anna.looks().await;
        // 9:59 in Vladivostok, four days before the last day that was promised in Moscow.
        at(&app, "2027-11-16T23:59:00Z").await;
        assert_eq!(anna.looks().await, "");
        at(&app, "2027-11-17T00:00:00Z").await;
        hears(&app, &anna, "до 21.11.2027").await;
        at(&app, "2027-11-17T05:00:00Z").await;
        at(&app, "2027-11-19T05:00:00Z").await;
        assert_eq!(anna.looks().await, "", "one message for each number of days");
        at(&app, "2027-11-20T00:00:00Z").await;
        hears(&app, &anna, "до 21.11.2027").await;
        // Midnight in Vladivostok, where it is the end of that day: nothing is taken before it ends in Moscow too.
        at(&app, "2027-11-21T20:59:59Z").await;
        let balance = async || loyalty::balance(&app.app(), &app.owner(), id).await.expect("a balance").balance;
        assert_eq!(balance().await, Points(130));
        at(&app, "2027-11-21T21:00:00Z").await;
        assert_eq!(balance().await, Points(30));
        assert_eq!(anna.looks().await, "", "not at seven in the morning");
        at(&app, "2027-11-22T00:00:00Z").await;
        hears(&app, &anna, "Срок прошёл").await;
        anna.says("баланс").await;
        insta::assert_snapshot!("warnings_and_end", anna.transcript().await);
        assert_eq!(written_down(&app, id).await, [
            "2027-11-17 expiring 100 true", "2027-11-20 expiring 100 true", "2027-11-22 expired 100 true"
        ]);
        app.finish().await;
    }

    async fn a_late_start_warns_by_day_and_never_of_what_is_gone(app: TestApp) {
        with(&app, |programme| {
            programme.expiry_days = None;
            programme.expiry.days_of = [("welcome".to_owned(), 2), ("grant".to_owned(), 30)].into();
            programme.warnings.days = vec![10];
        }).await;
        let anna = app.telegram("Анна");
        anna.registers().await;
        let id = anna.contact_id().await;
        loyalty::grant_by_hand(&app.app(), &app.owner(), id, Points(50), None, "gift".into()).await.expect("50 points");
        app.settle().await;
        anna.looks().await;
        // The program was down from the first evening on, and comes back late on the day of the warning.
        at(&app, "2026-12-11T18:30:00Z").await;
        assert_eq!(anna.looks().await, "", "half past nine in the evening");
        at(&app, "2026-12-12T07:00:00Z").await;
        let told = anna.looks().await.replace('\u{a0}', " ");
        assert!(told.contains("50 баллов можно потратить до 21.12.2026 включительно."), "{told}");
        assert!(!told.contains("100 балл"), "the welcome ended unwarned: {told}");
        app.finish().await;
    }

    async fn a_birthday_brings_points_before_it(app: TestApp) {
        with(&app, |programme| {
            programme.birthday.points = Points(200);
            programme.expiry.days_of = [("birthday".to_owned(), 14)].into();
        }).await;
        let anna = app.telegram("Анна");
        anna.registers().await;
        anna.presses("День рождения").await;
        anna.says("29.02.1992").await;
        anna.says("меню").await;
        at(&app, "2027-02-25T06:59:00Z").await;
        assert_eq!(anna.looks().await, "");
        at(&app, "2027-02-25T07:00:00Z").await;
        anna.looks().await;
        at(&app, "2027-02-28T07:00:00Z").await;
        assert_eq!(anna.looks().await, "", "once");
        anna.says("баланс").await;
        insta::assert_snapshot!("birthday", anna.transcript().await);
        let id = anna.contact_id().await;
        assert_eq!(written_down(&app, id).await[0], "2027-02-28 birthday 200 true", "the 28th in a common year");
        app.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_birthday_is_given_once_a_year_and_late_to_who_tells_it_late() {
    both(async |bed: Bed| {
        let mut programme = Programme::default();
        programme.birthday.points = Points(200);
        loyalty::set_programme(&bed.app, &bed.owner, None, programme).await.expect("it is right");
        let born = async |birthday: &str| {
            let fields = vec![("birthday".to_owned(), birthday.into())];
            contacts::add(&bed.app, &bed.owner, fields, Vec::new()).await.expect("a contact").id
        };
        let set = |moment: &str| {
            bed.clock.set(moment.parse::<jiff::Timestamp>().expect("RFC 3339").into());
        };
        let look = async || bed.app.pipeline.look(&bed.app).await.expect("due jobs run");
        let has = async |contact| {
            let Standing { balance, .. } =
                loyalty::balance(&bed.app, &bed.owner, contact).await.expect("a balance");
            balance.0
        };
        let leap = born("1992-02-29").await;
        let (soon, far, past) =
            (born("1980-02-27").await, born("1980-03-20").await, born("1980-02-10").await);
        set("2028-02-26T07:00:00Z");
        look().await;
        assert_eq!((has(leap).await, has(soon).await, has(far).await, has(past).await), (200, 200, 0, 0));
        let late = born("1980-02-21").await;
        set("2028-02-26T09:00:00Z");
        look().await;
        assert_eq!(has(late).await, 200, "five days late");
        for day in ["2028-02-27", "2028-02-28", "2028-02-29", "2028-03-03"] {
            set(&format!("{day}T08:00:00Z"));
            look().await;
        }
        assert_eq!((has(leap).await, has(soon).await, has(late).await), (200, 200, 200), "once");
        set("2029-02-25T08:00:00Z");
        look().await;
        assert_eq!((has(leap).await, has(soon).await), (400, 400), "and the next year again");
        let found = bed.app.store.read(bed.owner.tenant, |tx| async move { ledger::check(&tx).await }).await;
        assert_eq!(found.expect("books"), []);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_people_are_met_once_each_however_the_walk_is_cut() {
    both(async |bed: Bed| {
        let programme = Programme { expiry_days: Some(4), ..Programme::default() };
        loyalty::set_programme(&bed.app, &bed.owner, None, programme).await.expect("it is right");
        let mut all = Vec::new();
        for at in 0..520 {
            let contact =
                contacts::add(&bed.app, &bed.owner, Vec::new(), Vec::new()).await.expect("a contact").id;
            let key = format!("gift-{at}");
            loyalty::grant_by_hand(&bed.app, &bed.owner, contact, Points(10), None, key)
                .await
                .expect("10 points");
            all.push(contact);
        }
        bed.clock.advance_seconds(3_600);
        for _ in 0..3 {
            bed.app.pipeline.look(&bed.app).await.expect("due jobs run");
        }
        let rows = bed.app.store.read(bed.owner.tenant, |tx| async move {
            Ok::<_, samovar_app::Fail>(tx.all(&EVERYBODY_TOLD, ()).await?)
        });
        let met: Vec<ContactId> =
            rows.await.expect("rows").iter().map(|row| row.id(0).expect("an id")).collect();
        all.sort_unstable();
        assert_eq!(met, all, "everybody once, and nobody could be written to");
        bed.clock.advance_seconds(6 * 86_400);
        bed.app.pipeline.look(&bed.app).await.expect("due jobs run");
        for contact in all {
            let balance = loyalty::balance(&bed.app, &bed.owner, contact).await.expect("a balance").balance;
            assert_eq!(balance, Points(0));
        }
        let found = bed.app.store.read(bed.owner.tenant, |tx| async move { ledger::check(&tx).await }).await;
        assert_eq!(found.expect("books"), []);
    })
    .await;
}

query! {
    static EVERYBODY_TOLD = "SELECT contact_id FROM loyalty_warning WHERE tenant_id = $1 AND kind = 'expiring' ORDER BY contact_id";
}
