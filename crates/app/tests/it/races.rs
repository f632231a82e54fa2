//! Everybody at once at one wallet: exactly what it covers is done, and what has a key is done once.

use crate::common::{Bed, both};
use futures::future::join_all;
use samovar_app::ledger::{self, Shortfall};
use samovar_app::loyalty::{self, Earning, Programme, Purchase, Refund, Refunds};
use samovar_app::{Fail, contacts};
use samovar_base::{ContactId, Points, Rate};
use std::collections::BTreeMap;

/// How many ask at a time.
const CROWD: usize = 200;

/// A person with 1 000 points in two lots.
async fn rich(bed: &Bed) -> ContactId {
    let programme = Programme { expiry_days: Some(30), ..Programme::default() };
    loyalty::set_programme(&bed.app, &bed.owner, None, programme).await.expect("a programme");
    let anna = contacts::add(&bed.app, &bed.owner, Vec::new(), Vec::new()).await.expect("a contact").id;
    for (key, points) in [("first", 600), ("second", 400)] {
        loyalty::grant_by_hand(&bed.app, &bed.owner, anna, Points(points), None, key.into())
            .await
            .expect("points");
        bed.clock.advance_seconds(86_400);
    }
    anna
}

async fn standing(bed: &Bed, contact: ContactId) -> (i64, i64, i64) {
    let now = loyalty::balance(&bed.app, &bed.owner, contact).await.expect("a balance");
    (now.balance.0, now.held.0, now.available.0)
}

async fn in_order(bed: &Bed) {
    let found = bed.app.store.read(bed.owner.tenant, |tx| async move { ledger::check(&tx).await }).await;
    assert_eq!(found.expect("books"), []);
}

/// How often each thing came of it.
fn counted<T>(came: &[Result<T, Fail>]) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for one in came {
        *counts.entry(one.as_ref().map_or_else(Fail::code, |_| "done")).or_default() += 1;
    }
    counts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_hundred_holds_at_once_exactly_the_covered_ones_succeed() {
    both(async |bed: Bed| {
        let anna = rich(&bed).await;
        let holds = (0..CROWD).map(|number| {
            loyalty::hold_points(&bed.app, &bed.owner, anna, Points(7), None, None, format!("hold-{number}"))
        });
        let came = join_all(holds).await;
        assert_eq!(counted(&came), BTreeMap::from([("done", 142), ("not_enough_points", 58)]));
        assert_eq!(standing(&bed, anna).await, (1_000, 994, 6));
        let wallet = ledger::wallet(&bed.app, &bed.owner, anna).await.expect("a wallet");
        assert_eq!(wallet.holds.len(), 142);
        in_order(&bed).await;

        // Half of them are paid with and half given back, each asked for by two at a time.
        let ends = wallet.holds.iter().enumerate().flat_map(|(number, hold)| {
            let bed = &bed;
            (0..2).map(move |who| async move {
                let key = format!("end-{number}-{who}");
                if number % 2 == 0 {
                    loyalty::capture_hold(&bed.app, &bed.owner, anna, hold.id, None, key).await
                } else {
                    loyalty::release_hold(&bed.app, &bed.owner, anna, hold.id, key).await
                }
            })
        });
        let came = join_all(ends).await;
        assert_eq!(counted(&came), BTreeMap::from([("done", 142), ("hold_not_open", 142)]));
        assert_eq!(standing(&bed, anna).await, (1_000 - 71 * 7, 0, 1_000 - 71 * 7));
        in_order(&bed).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_hundred_purchases_at_once_points_pay_for_the_covered_ones() {
    both(async |bed: Bed| {
        let anna = rich(&bed).await;
        let purchase = Purchase { pay_points: Some(Points(7)), ..Purchase::of(10_000) };
        let till = |number: usize| {
            loyalty::checkout(&bed.app, &bed.owner, anna, purchase.clone(), format!("till-{number}"))
        };
        let came = join_all((0..CROWD).map(till)).await;
        assert_eq!(counted(&came), BTreeMap::from([("done", 142), ("not_enough_points", 58)]));
        assert_eq!(standing(&bed, anna).await, (6, 0, 6));
        let again = join_all((0..CROWD).map(till)).await;
        let already = again.iter().flatten().filter(|bought| bought.already).count();
        assert_eq!((counted(&again), already), (counted(&came), 142), "keys are for ever");
        assert_eq!(standing(&bed, anna).await, (6, 0, 6));
        in_order(&bed).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_purchase_brought_by_fifty_tills_is_one_and_comes_back_once() {
    both(async |bed: Bed| {
        let anna = rich(&bed).await;
        let programme = Programme {
            earning: Earning { percent_bp: Rate(1_000), ..Earning::default() },
            refunds: Refunds { debt: Shortfall::Owe(Points(500)), ..Refunds::default() },
            ..Programme::default()
        };
        loyalty::set_programme(&bed.app, &bed.owner, None, programme).await.expect("a programme");
        let purchase = Purchase { pay_points: Some(Points(900)), ..Purchase::of(200_000) };
        let tills = (0..50)
            .map(|_| loyalty::checkout(&bed.app, &bed.owner, anna, purchase.clone(), "till".to_owned()));
        let came = join_all(tills).await;
        let bought: Vec<_> = came.into_iter().map(|bought| bought.expect("a purchase")).collect();
        assert_eq!(bought.iter().filter(|bought| !bought.already).count(), 1);
        assert!(bought.iter().all(|other| other.purchase == bought[0].purchase));
        assert_eq!(standing(&bed, anna).await, (210, 0, 210), "110 of 1 100 in money were earned");

        // Fifty bring back a tenth each, and fifty more what is left.
        let id = bought[0].purchase.id;
        let back = (0..100).map(|number| {
            let asked = Refund { sum_minor: (number < 50).then_some(20_000), note: None };
            loyalty::refund(&bed.app, &bed.owner, id, asked, format!("back-{number}"))
        });
        let came = join_all(back).await;
        let all = came.iter().flatten().map(|done| done.back.sum_minor).sum::<i64>();
        assert_eq!(all, 200_000, "the whole, and no more");
        assert!(came.iter().flatten().all(|done| !done.already));
        let after = loyalty::get_purchase(&bed.app, &bed.owner, id).await.expect("a purchase");
        assert_eq!((after.returned, after.taken), (Points(900), Points(110)));
        assert_eq!(standing(&bed, anna).await, (1_000, 0, 1_000), "as before the purchase");
        in_order(&bed).await;
    })
    .await;
}
