//! Numbers of a promotion, on both databases: what is counted ticket by ticket equals what the tables say, whoever
//! counts, and however often.

use crate::common::{Bed, both};
use samovar_app::access::{Actor, Role};
use samovar_app::promo::numbers;
use samovar_app::{Fail, contacts, insights};
use samovar_base::{ContactId, Instant, PromotionId, ReceiptId, StaffId};
use samovar_fiscal::{Item, Receipt, Seller};
use samovar_store::{params, query, table_write};

query! {
    static WIPE_TICKETS = "DELETE FROM promo_ticket WHERE tenant_id = $1 AND promotion_id = $2";
    static SET_COUNTER = "UPDATE promo_counter SET tickets = $3 WHERE tenant_id = $1 AND promotion_id = $2";
}

table_write! {
    static PROMOTION = insert promo_promotion key(id int) set(key text, name text, state int, starts_at int,
        ends_at int, terms text, version int, revision int, created_at int, updated_at int);
    static COUNTER = insert promo_counter key(promotion_id int) set(tickets int);
    static PARTICIPANT = add promo_participant key(promotion_id int, contact_id int)
        set(channel_id int, source text, version int, blocked text, joined_at int);
    static TICKET = insert promo_ticket key(promotion_id int, number int)
        set(receipt_id int, contact_id int, arrived_at int, issued_at int);
    static RECEIPT = insert receipts_receipt key(promotion_id int, id int)
        set(contact_id int, channel_id int, cause text, arrived_at int, source int, picture text, code text,
            drive text, document int, sign int, operation int, sum int, bought_at text, state int, holds bool,
            reason text, note text, version int, score int, signs text, tries int, waits int, outcome text, check_at int, judged_by text,
            revision int);
    static DOCUMENT = insert receipts_document key(drive text, document int, sign int)
        set(provider text, body text, fetched_at int);
}

const ID: PromotionId = PromotionId(77);
const DAY: i64 = 86_400;

/// A running promotion without anything in it.
async fn begun(bed: &Bed) -> Vec<ContactId> {
    let now = bed.app.clock.now();
    let mut people = Vec::new();
    for at in 0..7 {
        let name = vec![("name".to_owned(), format!("К{at}").into())];
        people.push(
            contacts::add(&bed.app, &bed.owner, name, vec![format!("t{}", at % 2)]).await.expect("added").id,
        );
    }
    let all = people.clone();
    bed.app
        .store
        .run(bed.owner.tenant, 1, move |tx| {
            let all = all.clone();
            async move {
                let (from, to) = (now.plus_seconds(-30 * DAY), now.plus_seconds(DAY));
                tx.put(&PROMOTION, params![ID, "tea", "Чай", 2, from, to, "{}", 1, 1, from, from]);
                tx.put(&COUNTER, params![ID, 0]);
                for contact in all {
                    tx.put(&PARTICIPANT, params![ID, contact, 1, "shelf", 1, "", now]);
                }
                Ok::<_, Fail>(())
            }
        })
        .await
        .expect("a promotion");
    people
}

fn document(number: i64) -> String {
    let item = |name: &str, sum| Item { name: name.into(), quantity: 1_000, sum, ..Item::default() };
    let receipt = Receipt {
        total: 100 * number,
        seller: Seller {
            inn: "5406777888".into(),
            place: format!("Лавка {}", number % 3),
            ..Seller::default()
        },
        region: Some(if number % 2 == 0 { "54" } else { "77" }.into()),
        items: vec![item("Чай", 100), item(if number % 5 == 0 { "Лимон" } else { "Сахар" }, 50)],
        ..Receipt::default()
    };
    serde_json::to_string(&receipt).expect("JSON")
}

/// Accepted receipts with the tickets from `first` to `last`.
async fn accept(bed: &Bed, people: &[ContactId], first: i64, last: i64) {
    let (now, people) = (bed.app.clock.now(), people.to_vec());
    bed.app
        .store
        .run(bed.owner.tenant, 1, move |tx| {
            let people = people.clone();
            async move {
                for number in first..=last {
                    let contact = people[usize::try_from(number * number).unwrap_or_default() % people.len()];
                    let arrived = now.plus_seconds(-(number % 20) * DAY);
                    receipt(&tx, 1_000 + number, contact, arrived, (3, "", number));
                    tx.put(&DOCUMENT, params!["7", number, number, "fake", document(number), arrived]);
                    tx.put(&TICKET, params![ID, number, ReceiptId(1_000 + number), contact, arrived, now]);
                }
                tx.exec(&SET_COUNTER, params![ID, last]).await?;
                Ok::<_, Fail>(())
            }
        })
        .await
        .expect("tickets");
}

fn receipt(
    tx: &samovar_store::Tx,
    id: i64,
    contact: ContactId,
    arrived: Instant,
    (state, reason, number): (i64, &str, i64),
) {
    tx.put(
        &RECEIPT,
        params![
            ID,
            id,
            contact,
            1,
            "",
            arrived,
            0,
            "",
            "c",
            "7",
            number,
            number,
            1,
            100 * number,
            "2026-11-20T18:05:00",
            state,
            state != 4,
            reason,
            "",
            1,
            0,
            "[]",
            0,
            0,
            "",
            arrived,
            "rules",
            1
        ],
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tallies_equal_the_tickets_whoever_counts_them() {
    both(async |bed: Bed| {
        let (app, owner) = (&bed.app, &bed.owner);
        let people = begun(&bed).await;
        accept(&bed, &people, 1, 400).await;
        // Everybody looks at once.
        let looks = (0..8).map(|_| numbers::purchases(app, owner, ID));
        for told in futures::future::join_all(looks).await {
            let told = told.expect("numbers");
            assert!(told.counted.counted <= told.counted.tickets);
        }
        accept(&bed, &people, 401, 640).await;
        let told = numbers::purchases(app, owner, ID).await.expect("numbers");
        assert_eq!((told.counted.counted, told.counted.tickets), (640, 640));
        assert_eq!((told.receipts, told.sum), (640, 100 * 640 * 641 / 2));
        assert_eq!(told.regions.iter().map(|one| one.receipts).collect::<Vec<_>>(), [320, 320]);
        assert_eq!(told.shops.len(), 3);
        let goods = numbers::goods(app, owner, ID, 10).await.expect("goods");
        let lines: Vec<_> = goods.goods.iter().map(|one| (one.name.as_str(), one.receipts)).collect();
        assert_eq!(lines, [("Чай", 640), ("Сахар", 512), ("Лимон", 128)]);
        assert_eq!(goods.looked, 640);
        let days = numbers::days(app, owner, ID).await.expect("days");
        assert_eq!(days.days.iter().map(|day| day.accepted).sum::<i64>(), 640);
        assert_eq!(days.days.iter().map(|day| day.arrived).sum::<i64>(), 640);
        let who = numbers::people(app, owner, ID).await.expect("people");
        let path = numbers::path(app, owner, ID).await.expect("a path");
        assert_eq!(days.days.iter().map(|day| day.fresh).sum::<i64>(), who.people);
        assert_eq!((path.joined, path.sent, path.tickets[0]), (7, who.people, who.people));
        assert_eq!(who.portrait.of, 7);
        assert_eq!(who.portrait.tags.iter().map(|tag| tag.people).sum::<i64>(), 7);
        assert_eq!(path.sources[0].receipts, 640);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_than_a_few_are_counted_by_the_job() {
    both(async |bed: Bed| {
        let people = begun(&bed).await;
        accept(&bed, &people, 1, 1_300).await;
        let told = numbers::purchases(&bed.app, &bed.owner, ID).await.expect("numbers");
        assert_eq!((told.counted.counted, told.counted.tickets), (0, 1_300), "it is left to the job");
        samovar_app::work::look(&bed.app).await.expect("jobs");
        let told = numbers::purchases(&bed.app, &bed.owner, ID).await.expect("numbers");
        assert_eq!((told.counted.counted, told.receipts), (1_300, 1_300));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_queue_and_the_refusals_are_told_as_they_are_now() {
    both(async |bed: Bed| {
        let (app, owner, now) = (&bed.app, &bed.owner, bed.app.clock.now());
        let people = begun(&bed).await;
        let who = people[0];
        app.store
            .run(owner.tenant, 1, move |tx| async move {
                for at in 0..9 {
                    let reason = if at < 6 { "small_sum" } else { "late" };
                    receipt(&tx, 1 + at, who, now.plus_seconds(-at * 60), (4, reason, 1 + at));
                }
                for at in 0..4 {
                    receipt(&tx, 100 + at, who, now.plus_seconds(-30), (0, "", 100 + at));
                }
                receipt(&tx, 200, who, now.plus_seconds(-7_200), (2, "suspicious", 200));
                Ok::<_, Fail>(())
            })
            .await
            .expect("receipts");
        let live = numbers::live(app, owner, ID).await.expect("numbers");
        assert_eq!((live.queue.all(), live.queue.due, live.queue.drained_in), (4, 4, None));
        assert_eq!(live.queue.oldest, Some(now.plus_seconds(-30)));
        assert_eq!((live.refused, live.moderation), (9, 1));
        let reasons: Vec<_> = live.reasons.iter().map(|one| (one.reason.as_str(), one.receipts)).collect();
        assert_eq!(reasons, [("small_sum", 6), ("late", 3)]);
        assert_eq!(live.minutes.len(), 60);
        assert_eq!(live.minutes.iter().map(|one| one.arrived).sum::<i64>(), 13);
        let board = insights::dashboard(app, owner, None).await.expect("a dashboard");
        let tile = board.promotions.first().expect("a tile");
        assert_eq!((tile.queue, tile.moderation, tile.today, tile.participants), (4, 1, 14, 7));
        let cashier = Actor::staff(owner.tenant, StaffId(1), Role::Cashier, "ru");
        assert!(numbers::live(app, &cashier, ID).await.is_err(), "the till sees none of it");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_tried_before_the_start_is_in_no_number() {
    both(async |bed: Bed| {
        let (app, owner) = (&bed.app, &bed.owner);
        let people = begun(&bed).await;
        accept(&bed, &people, 1, 10).await;
        assert_eq!(numbers::purchases(app, owner, ID).await.expect("numbers").receipts, 10);
        app.store
            .run(owner.tenant, 1, |tx| async move {
                tx.exec(&WIPE_TICKETS, params![ID]).await?;
                numbers::forget(&tx, ID).await?;
                tx.exec(&SET_COUNTER, params![ID, 0]).await?;
                Ok::<_, Fail>(())
            })
            .await
            .expect("wiped");
        let told = numbers::purchases(app, owner, ID).await.expect("numbers");
        assert_eq!((told.receipts, told.counted.tickets), (0, 0));
    })
    .await;
}
