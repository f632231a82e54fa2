//! Purchases, on both databases: what is quoted is what is booked, once for a key, and what is brought back is never
//! more than the whole.

use crate::common::{Bed, both};
use samovar_app::contacts;
use samovar_app::ledger::{self, Shortfall};
use samovar_app::loyalty::{
    self, Base, Earning, Expiry, Item, Programme, Purchase, Refund, Refunded, Refunds, Spending, Weight,
};
use samovar_base::{Chance, ContactId, Points, Rate, Rounding};
use samovar_testkit::{Guest, TestApp, on_both};
use serde_json::{Value, json};

impl Bed {
    async fn buyer(&self) -> ContactId {
        contacts::add(&self.app, &self.owner, Vec::new(), Vec::new()).await.expect("a contact").id
    }

    async fn rules(&self, programme: Programme) {
        loyalty::set_programme(&self.app, &self.owner, None, programme).await.expect("it is right");
    }

    async fn buys(
        &self,
        contact: ContactId,
        purchase: Purchase,
        key: &str,
    ) -> Result<loyalty::Bought, &'static str> {
        let bought = loyalty::checkout(&self.app, &self.owner, contact, purchase, key.into()).await;
        bought.map_err(|fail| fail.code())
    }

    async fn brings_back(
        &self,
        bought: &loyalty::Bought,
        sum_minor: Option<i64>,
        key: &str,
    ) -> Result<Refunded, &'static str> {
        let asked = Refund { sum_minor, note: None };
        let done = loyalty::refund(&self.app, &self.owner, bought.purchase.id, asked, key.into()).await;
        done.map_err(|fail| fail.code())
    }

    async fn gives(&self, contact: ContactId, points: i64) {
        let key = format!("gift-{}", self.app.ids.next(self.app.clock.as_ref()));
        loyalty::grant_by_hand(&self.app, &self.owner, contact, Points(points), None, key)
            .await
            .expect("points");
    }

    async fn owns(&self, contact: ContactId) -> i64 {
        loyalty::balance(&self.app, &self.owner, contact).await.expect("a balance").balance.0
    }

    async fn in_order(&self) {
        let tenant = self.owner.tenant;
        let found = self.app.store.read(tenant, |tx| async move { ledger::check(&tx).await }).await;
        assert_eq!(found.expect("books"), []);
    }
}

fn five_percent() -> Programme {
    Programme {
        earning: Earning { percent_bp: Rate(500), ..Earning::default() },
        spending: Spending { max_percent_bp: Rate(3_000), ..Spending::default() },
        ..Programme::default()
    }
}

fn paying(sum_minor: i64, points: i64) -> Purchase {
    Purchase { pay_points: Some(Points(points)), ..Purchase::of(sum_minor) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_purchase_is_booked_once_for_its_key() {
    both(async |bed: Bed| {
        bed.rules(five_percent()).await;
        let anna = bed.buyer().await;
        bed.gives(anna, 300).await;
        let first = bed.buys(anna, paying(100_000, 300), "till-1").await.expect("30 percent may be paid");
        assert_eq!((first.to_pay_minor, first.purchase.booked.earned), (70_000, Points(35)));
        assert_eq!((first.already, first.standing.available), (false, Points(35)));
        let again = bed.buys(anna, paying(100_000, 300), "till-1").await.expect("the same purchase");
        assert!(again.already);
        assert_eq!((again.purchase, again.standing), (first.purchase, first.standing));
        assert_eq!(bed.buys(anna, Purchase::of(100_001), "till-1").await, Err("operation_key_reused"));
        assert_eq!(bed.buys(anna, paying(10_000, 31), "till-2").await, Err("over_share"));
        assert_eq!(bed.buys(anna, paying(100_000, 36), "till-2").await, Err("not_enough_points"));
        assert_eq!(bed.buys(anna, paying(100_000, 0), "till-2").await, Err("points_out_of_range"));
        assert_eq!(bed.buys(anna, Purchase::of(0), "till-2").await, Err("out_of_range"));
        let listed = loyalty::list_purchases(&bed.app, &bed.owner, anna, None, 10).await.expect("a list");
        assert_eq!(listed.len(), 1);
        let found = loyalty::find_purchase(&bed.app, &bed.owner, "till-1").await.expect("a look");
        assert_eq!(found.as_ref(), listed.first());
        bed.in_order().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_the_programme_a_checkout_does_what_was_quoted() {
    both(async |bed: Bed| {
        let chance = Chance::from_seed(11);
        let below = |most: u64| i64::try_from(chance.below(most)).expect("small");
        for round in 0..60 {
            let programme = some_programme(&chance);
            bed.rules(programme.clone()).await;
            let anna = bed.buyer().await;
            bed.gives(anna, 1 + below(2_000)).await;
            let sum_minor = 1 + below(500_000);
            let purchase = Purchase { items: some_items(&chance, sum_minor), ..Purchase::of(sum_minor) };
            let most = quote(&bed, anna, &purchase).await.expect("nothing is paid with points").sums.most;
            let pay = [None, Some(most), Some(Points(most.0 / 2)), Some(Points(most.0 + 1))]
                [usize::try_from(below(4)).expect("small")];
            let purchase = Purchase { pay_points: pay, ..purchase };
            let quoted = quote(&bed, anna, &purchase).await;
            let booked = bed.buys(anna, purchase.clone(), &format!("round-{round}")).await;
            let told = format!("{programme:?}\n{purchase:?}\n{quoted:?}\n{booked:?}");
            match (quoted, booked) {
                (Ok(quoted), Ok(bought)) => {
                    let booked = &bought.purchase.booked;
                    assert_eq!((booked.paid, booked.earned), (quoted.sums.pays, quoted.sums.earns), "{told}");
                    assert_eq!(bought.to_pay_minor, quoted.sums.to_pay_minor, "{told}");
                    assert_eq!(bought.standing, quoted.after, "{told}");
                }
                (Err(quoted), Err(booked)) => assert_eq!(quoted, booked, "{told}"),
                _ => panic!("{told}"),
            }
        }
        bed.in_order().await;
    })
    .await;
}

async fn quote(bed: &Bed, contact: ContactId, purchase: &Purchase) -> Result<loyalty::Quote, &'static str> {
    loyalty::quote(&bed.app, &bed.owner, contact, purchase.clone()).await.map_err(|fail| fail.code())
}

fn some_programme(chance: &Chance) -> Programme {
    let below = |most: u64| i64::try_from(chance.below(most)).expect("small");
    let rate = |most: u64| Rate(u32::try_from(chance.below(most)).expect("small"));
    let one_in = |of: u64| chance.below(of) == 0;
    Programme {
        point_minor: [1, 50, 100, 1_000][usize::try_from(below(4)).expect("small")],
        earning: Earning {
            percent_bp: rate(2_000),
            fixed: Points(if one_in(3) { below(50) } else { 0 }),
            of: if one_in(2) { Base::Paid } else { Base::Whole },
            rounding: [Rounding::Down, Rounding::HalfUp, Rounding::Up]
                [usize::try_from(below(3)).expect("small")],
            minimum_minor: if one_in(3) { below(300_000) } else { 0 },
            maximum: one_in(4).then(|| Points(1 + below(100))),
        },
        spending: Spending {
            on: !one_in(8),
            max_percent_bp: rate(10_001),
            minimum_minor: if one_in(4) { below(300_000) } else { 0 },
            fixed: one_in(6).then(|| Points(1 + below(300))),
        },
        ..Programme::default()
    }
}

fn some_items(chance: &Chance, sum_minor: i64) -> Vec<Item> {
    let mut left = sum_minor;
    (0..chance.below(4))
        .map(|at| {
            let price =
                i64::try_from(chance.below(u64::try_from(left).expect("not negative") + 1)).expect("small");
            left -= price;
            let weight = match chance.below(3) {
                0 => None,
                1 => Some(Weight::PercentBp(Rate(u32::try_from(chance.below(5_000)).expect("small")))),
                _ => Some(Weight::Points(Points(i64::try_from(chance.below(40)).expect("small")))),
            };
            Item { key: format!("item-{at}"), quantity: 1, sum_minor: price, weight }
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_purchase_comes_back_in_parts_and_never_more_than_the_whole() {
    both(async |bed: Bed| {
        bed.rules(five_percent()).await;
        let anna = bed.buyer().await;
        bed.gives(anna, 300).await;
        let bought = bed.buys(anna, paying(100_000, 300), "till-1").await.expect("a purchase");
        let first = bed.brings_back(&bought, Some(33_333), "back-1").await.expect("a third");
        assert_eq!((first.back.returns, first.back.takes), (Points(99), Points(11)));
        assert_eq!(first.back.money_minor, 33_333 - 9_900);
        let again = bed.brings_back(&bought, Some(33_333), "back-1").await.expect("the same refund");
        assert_eq!((again.already, again.back, again.purchase), (true, first.back, first.purchase));
        assert_eq!(bed.brings_back(&bought, Some(33_334), "back-1").await, Err("operation_key_reused"));
        assert_eq!(bed.brings_back(&bought, Some(66_668), "back-2").await, Err("out_of_range"));
        let rest = bed.brings_back(&bought, None, "back-2").await.expect("the rest");
        assert_eq!(
            (rest.back.sum_minor, rest.purchase.returned, rest.purchase.taken),
            (66_667, Points(300), Points(35))
        );
        assert_eq!(rest.purchase.booked.money_back_minor, 70_000);
        assert_eq!(bed.brings_back(&bought, None, "back-3").await, Err("refunded_already"));
        assert_eq!(bed.owns(anna).await, 300, "as before the purchase");
        bed.in_order().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn earned_points_that_are_spent_follow_the_rule_of_debt() {
    both(async |bed: Bed| {
        for (rule, outcome, left) in [
            (Shortfall::Refuse, Err("points_spent_already"), 10),
            (Shortfall::Forgive, Ok(10), 0),
            (Shortfall::Owe(Points(40)), Ok(50), -40),
            (Shortfall::Owe(Points(39)), Err("points_spent_already"), 10),
        ] {
            let refunds = Refunds { debt: rule, ..Refunds::default() };
            bed.rules(Programme { refunds, ..five_percent() }).await;
            let anna = bed.buyer().await;
            let key = |what: &str| format!("{what}-{anna}");
            let bought = bed.buys(anna, Purchase::of(100_000), &key("till")).await.expect("50 points");
            loyalty::deduct_by_hand(&bed.app, &bed.owner, anna, Points(40), None, key("use"))
                .await
                .expect("40 are used");
            let done = bed.brings_back(&bought, None, &key("back")).await;
            assert_eq!(done.map(|done| done.back.takes.0), outcome, "{rule:?}");
            assert_eq!(bed.owns(anna).await, left, "{rule:?}");
        }
        bed.in_order().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_purchase_puts_off_the_end_of_points_of_the_common_term_only() {
    both(async |bed: Bed| {
        let expiry = Expiry {
            prolong_on_purchase: true,
            days_of: [("grant".to_owned(), 5)].into(),
            ..Expiry::default()
        };
        bed.rules(Programme { expiry_days: Some(30), expiry, ..five_percent() }).await;
        let anna = bed.buyer().await;
        bed.buys(anna, Purchase::of(100_000), "till-1").await.expect("50 points");
        bed.gives(anna, 7).await;
        bed.clock.advance_seconds(86_400);
        bed.buys(anna, Purchase::of(20_000), "till-2").await.expect("10 points");
        let wallet = ledger::wallet(&bed.app, &bed.owner, anna).await.expect("a wallet");
        let ends: Vec<_> = wallet
            .lots
            .iter()
            .map(|lot| (lot.points.0, lot.expires_at.expect("an end").to_string()))
            .collect();
        assert_eq!(
            ends,
            [
                (7, "2026-11-26T21:00:00Z".to_owned()),
                (50, "2026-12-22T21:00:00Z".to_owned()),
                (10, "2026-12-22T21:00:00Z".to_owned())
            ]
        );
        bed.in_order().await;
    })
    .await;
}

/// Asks the API for something that must be done.
async fn post(app: &TestApp, path: &str, body: Value) -> Value {
    let reply = app.api().post(path, &body).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    app.settle().await;
    reply.body
}

async fn at_the_till(app: &TestApp, guest: &Guest, body: Value) -> Value {
    post(app, &format!("/contacts/{}/purchases", guest.contact_id().await), body).await
}

async fn with(app: &TestApp, change: impl FnOnce(&mut Programme)) {
    let (services, owner) = (app.app(), app.owner());
    let mut programme = loyalty::programme(&services, &owner).await.expect("a programme").programme;
    change(&mut programme);
    loyalty::set_programme(&services, &owner, None, programme).await.expect("it is right");
}

on_both! {
    async fn a_purchase_earns_and_the_next_is_paid_with_points(app: TestApp) {
        with(&app, |programme| {
            programme.earning.percent_bp = Rate(500);
            programme.spending.max_percent_bp = Rate(3_000);
        })
        .await;
        let anna = app.telegram("Анна");
        anna.registers().await;
        at_the_till(&app, &anna, json!({"sum_minor": 540_000})).await;
        anna.looks().await;
        let quote = post(&app, &format!("/contacts/{}/purchases/quote", anna.contact_id().await), json!({"sum_minor": 120_000})).await;
        assert_eq!((&quote["most"], &quote["earns"]), (&json!(360), &json!(60)));
        let bought = at_the_till(&app, &anna, json!({"sum_minor": 120_000, "pay_points": 300, "receipt": "1207"})).await;
        assert_eq!(bought["purchase"]["to_pay_minor"], 90_000);
        anna.looks().await;
        anna.says("история").await;
        insta::assert_snapshot!("purchase_then_points", anna.transcript().await);
        app.finish().await;
    }

    async fn a_refund_after_the_points_are_spent(app: TestApp) {
        with(&app, |programme| {
            programme.welcome_points = Points::ZERO;
            programme.earning.percent_bp = Rate(1_000);
            programme.refunds.debt = Shortfall::Owe(Points(500));
        })
        .await;
        let anna = app.telegram("Анна");
        anna.registers().await;
        let coat = at_the_till(&app, &anna, json!({"sum_minor": 500_000, "note": "Пальто"})).await;
        at_the_till(&app, &anna, json!({"sum_minor": 100_000, "pay_points": 400, "note": "Шарф"})).await;
        let id = coat["purchase"]["id"].as_str().expect("an id");
        post(&app, &format!("/purchases/{id}/refunds"), json!({})).await;
        anna.looks().await;
        anna.says("баланс").await;
        at_the_till(&app, &anna, json!({"sum_minor": 400_000, "note": "Сапоги"})).await;
        anna.looks().await;
        anna.says("история").await;
        insta::assert_snapshot!("refund_after_spending", anna.transcript().await);
        app.finish().await;
    }
}
