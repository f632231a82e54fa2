//! The ledger on both databases: one effect for one key, exact under contention, provable afterwards.

use crate::common::{Bed, both};
use futures::future::{join_all, try_join_all};
use samovar_app::Fail;
use samovar_app::access::Actor;
use samovar_app::contacts;
use samovar_app::ledger::work::Settled;
use samovar_app::ledger::{self, Act, HoldState, Operation, POINTS, Posted, Refusal, Shortfall, Standing};
use samovar_app::loyalty;
use samovar_app::visit::Cause;
use samovar_base::{Clock, ContactId, HoldId, Instant, LotId, Points, TenantId};
use samovar_store::{Store, StoreError, params, query};

query! {
    static SPOIL_BALANCE = "UPDATE ledger_wallet SET balance = balance + 1 WHERE tenant_id = $1";
    static SPOIL_LOT = "UPDATE ledger_lot SET held = 1 WHERE tenant_id = $1";
    static SPOIL_POSTING = "UPDATE ledger_posting SET operation = 'nothing' WHERE tenant_id = $1";
}

impl Bed {
    async fn contact(&self) -> ContactId {
        contacts::add(&self.app, &self.owner, Vec::new(), Vec::new())
            .await
            .expect("a contact can be added")
            .id
    }

    fn tenant(&self) -> TenantId {
        self.owner.tenant
    }

    fn id(&self) -> i64 {
        self.app.ids.next(self.app.clock.as_ref())
    }

    fn earn(&self, points: i64, days: Option<i64>) -> Act {
        let expires_at = days.map(|days| self.clock.now().plus_seconds(days * 86_400));
        Act::Earn { lot: LotId(self.id()), points: Points(points), expires_at }
    }

    fn spend(points: i64) -> Act {
        Act::Spend { points: Points(points) }
    }

    async fn post(&self, contact: ContactId, key: &str, act: Act) -> Result<Posted, Fail> {
        self.post_in_lane(contacts::unit_key(contact), contact, key, act).await
    }

    /// As [`Bed::post`], but not one at a time with the other units of the contact.
    async fn post_in_lane(&self, lane: u64, contact: ContactId, key: &str, act: Act) -> Result<Posted, Fail> {
        let (app, key, now) = (self.app.clone(), key.to_owned(), self.clock.now());
        self.app
            .store
            .run(self.tenant(), lane, move |tx| {
                let (app, key, act) = (app.clone(), key.clone(), act.clone());
                async move {
                    let mut wallet = ledger::load(&app, &tx, contact, POINTS).await?;
                    let operation = Operation {
                        key,
                        kind: "test".into(),
                        note: None,
                        cause: Cause::new("job", "test"),
                        act,
                    };
                    ledger::post(&app, &tx, &mut wallet, operation, now).await
                }
            })
            .await
    }

    async fn done(&self, contact: ContactId, key: &str, act: Act) -> ledger::Entry {
        match self.post(contact, key, act).await {
            Ok(Posted::Now(entry)) => entry,
            other => panic!("{key}: {other:?}"),
        }
    }

    async fn standing(&self, contact: ContactId) -> (i64, i64, i64) {
        let Standing { balance, held, available } =
            loyalty::balance(&self.app, &self.owner, contact).await.expect("a balance can be read");
        (balance.0, held.0, available.0)
    }

    async fn balance_on(&self, contact: ContactId, at: Instant) -> i64 {
        ledger::balance_on(&self.app, &self.owner, contact, at).await.expect("a balance can be read").0
    }

    async fn settle_due(&self, limit: u32) -> Settled {
        let due = ledger::work::expire_due(&self.app, self.tenant(), self.clock.now(), limit);
        due.await.expect("what is due can be settled")
    }

    async fn discrepancies(&self) -> Vec<String> {
        let read = async |store: &Store| {
            store.read(self.tenant(), |tx| async move { ledger::check(&tx).await }).await
        };
        read(&self.app.store).await.expect("books can be read").iter().map(ToString::to_string).collect()
    }

    async fn books_are_right(&self) {
        assert_eq!(self.discrepancies().await, Vec::<String>::new());
    }

    fn pass_days(&self, days: i64) {
        self.clock.advance_seconds(days * 86_400);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_operation_fifty_times_at_once_has_one_effect() {
    both(async |bed: Bed| {
        let contact = bed.contact().await;
        let lanes = (0..50).map(|lane| bed.post_in_lane(lane, contact, "gift", bed.earn(70, None)));
        let all = try_join_all(lanes).await.expect("a repetition is no error");
        assert_eq!(all.iter().filter(|posted| matches!(posted, Posted::Now(_))).count(), 1);
        let mut entries: Vec<_> = all.into_iter().map(|posted| posted.entry().expect("posted").id).collect();
        entries.dedup();
        assert_eq!(entries.len(), 1, "everybody is told of the same entry");
        assert_eq!(bed.standing(contact).await, (70, 0, 70));
        let other = bed.post(contact, "gift", bed.earn(71, None)).await.expect_err("another content");
        assert_eq!(other.code(), "operation_key_reused");
        let stranger = bed.contact().await;
        let other = bed.post(stranger, "gift", bed.earn(70, None)).await.expect_err("another wallet");
        assert_eq!(other.code(), "operation_key_reused");
        bed.books_are_right().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_hundred_spends_at_once_exactly_the_covered_ones_succeed() {
    both(async |bed: Bed| {
        let contact = bed.contact().await;
        for (key, points) in [("a", 600), ("b", 400)] {
            bed.done(contact, key, bed.earn(points, Some(30))).await;
        }
        let spends = (0..200).map(|number| {
            let bed = &bed;
            async move { bed.post(contact, &format!("spend:{number}"), Bed::spend(7)).await }
        });
        let all = try_join_all(spends).await.expect("a refusal is no error");
        assert_eq!(all.iter().filter(|posted| matches!(posted, Posted::Now(_))).count(), 142);
        let refused = Posted::Refused(Refusal::NotEnough { missing: Points(1) });
        assert_eq!(all.iter().filter(|posted| **posted == refused).count(), 58);
        assert_eq!(bed.standing(contact).await, (6, 0, 6));
        let again = bed.post(contact, "spend:0", Bed::spend(7)).await.expect("a repetition is no error");
        assert_eq!(
            matches!(again, Posted::Already(_)),
            matches!(all[0], Posted::Now(_)),
            "not refused for want of points"
        );
        bed.books_are_right().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn units_that_meet_on_a_wallet_run_again() {
    both(async |bed: Bed| {
        let contact = bed.contact().await;
        for round in 0..10 {
            let lanes = (0..4_u64).map(|lane| {
                let (bed, key) = (&bed, format!("{round}:{lane}"));
                async move {
                    loop {
                        match bed.post_in_lane(lane, contact, &key, bed.earn(1, None)).await {
                            Err(Fail::Store(StoreError::Stale { .. })) => {}
                            posted => return posted.expect("no other error"),
                        }
                    }
                }
            });
            join_all(lanes).await;
        }
        assert_eq!(bed.standing(contact).await, (40, 0, 40));
        bed.books_are_right().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_unit_that_fails_leaves_nothing_and_frees_its_key() {
    both(async |bed: Bed| {
        let contact = bed.contact().await;
        let (app, now, act) = (bed.app.clone(), bed.clock.now(), bed.earn(10, None));
        let failed = bed
            .app
            .store
            .run(bed.tenant(), 1, move |tx| {
                let (app, act) = (app.clone(), act.clone());
                async move {
                    let mut wallet = ledger::load(&app, &tx, contact, POINTS).await?;
                    let operation = Operation {
                        key: "gift".into(),
                        kind: "test".into(),
                        note: None,
                        cause: Cause::new("job", "test"),
                        act,
                    };
                    ledger::post(&app, &tx, &mut wallet, operation, now).await?;
                    Err::<(), Fail>(contacts::not_found(contact))
                }
            })
            .await;
        assert!(failed.is_err());
        assert_eq!(bed.standing(contact).await, (0, 0, 0));
        bed.done(contact, "gift", bed.earn(10, None)).await;
        bed.books_are_right().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_operations_in_one_unit_are_written_once() {
    both(async |bed: Bed| {
        let contact = bed.contact().await;
        let (app, now) = (bed.app.clone(), bed.clock.now());
        let hold = HoldId(bed.id());
        let acts = vec![
            bed.earn(100, Some(10)),
            bed.earn(50, None),
            Bed::spend(30),
            Act::Hold { hold, points: Points(80), until: None },
            Act::Capture { hold, points: Some(Points(60)) },
        ];
        bed.app
            .store
            .run(bed.tenant(), contacts::unit_key(contact), move |tx| {
                let (app, acts) = (app.clone(), acts.clone());
                async move {
                    let mut wallet = ledger::load(&app, &tx, contact, POINTS).await?;
                    for (number, act) in acts.into_iter().enumerate() {
                        let operation = Operation {
                            key: format!("step:{number}"),
                            kind: "test".into(),
                            note: None,
                            cause: Cause::new("job", "test"),
                            act,
                        };
                        let posted = ledger::post(&app, &tx, &mut wallet, operation, now).await?;
                        assert!(matches!(posted, Posted::Now(_)), "{posted:?}");
                    }
                    Ok::<_, Fail>(())
                }
            })
            .await
            .expect("a unit of five operations");
        assert_eq!(bed.standing(contact).await, (60, 0, 60));
        bed.books_are_right().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn holds_are_kept_captured_and_released_by_request() {
    both(async |bed: Bed| {
        let contact = bed.contact().await;
        let (app, owner) = (&bed.app, &bed.owner);
        bed.done(contact, "gift", bed.earn(100, None)).await;
        let hold = |key: &str| loyalty::hold_points(app, owner, contact, Points(40), None, None, key.into());
        let (first, again) =
            (hold("order-1").await.expect("100 are free"), hold("order-1").await.expect("the same"));
        assert_eq!((first.already, again.already), (false, true));
        assert_eq!(first.entry, again.entry);
        assert_eq!(bed.standing(contact).await, (100, 40, 60));
        let id = HoldId(first.entry.subject.expect("a hold has an id"));
        let taken = loyalty::capture_hold(app, owner, contact, id, Some(Points(25)), "done-1".into())
            .await
            .expect("40 are held");
        assert_eq!((taken.entry.points, taken.standing.balance), (Points(-25), Points(75)));
        let late =
            loyalty::release_hold(app, owner, contact, id, "late-1".into()).await.expect_err("it is over");
        assert_eq!(late.code(), "hold_not_open");
        let second =
            HoldId(hold("order-2").await.expect("75 are free").entry.subject.expect("a hold has an id"));
        loyalty::release_hold(app, owner, contact, second, "off-2".into()).await.expect("it is open");
        assert_eq!(bed.standing(contact).await, (75, 0, 75));
        assert_eq!(
            hold("order-1").await.map(|receipt| receipt.already).ok(),
            Some(true),
            "keys are for ever"
        );
        bed.books_are_right().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_due_expires_once_and_the_past_stays_as_it_was() {
    both(async |bed: Bed| {
        let (app, owner) = (&bed.app, &bed.owner);
        let contact = bed.contact().await;
        let start = bed.clock.now();
        bed.done(contact, "short", bed.earn(100, Some(10))).await;
        bed.done(contact, "long", bed.earn(30, Some(60))).await;
        bed.pass_days(5);
        bed.done(contact, "coffee", Bed::spend(20)).await;
        let until = bed.clock.now().plus_seconds(20 * 86_400);
        loyalty::hold_points(app, owner, contact, Points(15), Some(until), None, "order".into())
            .await
            .expect("110 are free");
        bed.pass_days(10);
        let on = async |day: i64| bed.balance_on(contact, start.plus_seconds(day * 86_400)).await;
        let past = [on(0).await, on(4).await, on(5).await, on(9).await, on(10).await, on(15).await];
        assert_eq!(
            past,
            [130, 130, 110, 110, 45, 45],
            "65 of the first lot were free when its time was over"
        );
        assert_eq!(bed.standing(contact).await, (45, 15, 30));

        assert_eq!(bed.settle_due(100).await, Settled { wallets: 1, more: false });
        assert_eq!(bed.settle_due(100).await, Settled { wallets: 0, more: false });
        assert_eq!([on(0).await, on(4).await, on(5).await, on(9).await, on(10).await, on(15).await], past);
        bed.books_are_right().await;

        bed.pass_days(10);
        bed.settle_due(100).await;
        assert_eq!(bed.standing(contact).await, (30, 0, 30), "the hold came back too late for its lot");
        let wallet = ledger::wallet(app, owner, contact).await.expect("it can be read");
        assert!(wallet.holds.iter().all(|hold| hold.state != HoldState::Open));
        bed.books_are_right().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_due_is_settled_in_bounded_steps() {
    both(async |bed: Bed| {
        for number in 0..5 {
            let contact = bed.contact().await;
            bed.done(contact, &format!("a:{number}"), bed.earn(10, Some(1))).await;
            bed.done(contact, &format!("b:{number}"), bed.earn(10, Some(2))).await;
        }
        bed.pass_days(2);
        let mut steps = 0;
        while bed.settle_due(3).await.more {
            steps += 1;
            assert!(steps < 10, "each step settles something");
        }
        assert_eq!(bed.settle_due(3).await, Settled { wallets: 0, more: false });
        bed.books_are_right().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operation_is_undone_in_parts_and_never_twice() {
    both(async |bed: Bed| {
        let contact = bed.contact().await;
        bed.done(contact, "a", bed.earn(50, Some(10))).await;
        bed.done(contact, "b", bed.earn(50, None)).await;
        bed.done(contact, "coffee", Bed::spend(80)).await;
        let undo = |at_most: Option<i64>, of: &str, shortfall| Act::Reverse {
            key: of.into(),
            at_most: at_most.map(Points),
            shortfall,
        };
        bed.done(contact, "refund 1", undo(Some(40), "coffee", Shortfall::Refuse)).await;
        assert_eq!(bed.standing(contact).await, (60, 0, 60));
        let twice = (0..8).map(|number| {
            let bed = &bed;
            async move {
                let act = Act::Reverse { key: "coffee".into(), at_most: None, shortfall: Shortfall::Refuse };
                bed.post(contact, &format!("refund all {number}"), act).await.expect("a refusal is no error")
            }
        });
        let all = join_all(twice).await;
        assert_eq!(all.iter().filter(|posted| matches!(posted, Posted::Now(_))).count(), 1);
        assert_eq!(bed.standing(contact).await, (100, 0, 100));

        bed.done(contact, "cake", Bed::spend(90)).await;
        let refused =
            bed.post(contact, "claw 1", undo(None, "a", Shortfall::Refuse)).await.expect("no error");
        assert_eq!(refused, Posted::Refused(Refusal::NotEnough { missing: Points(40) }));
        bed.done(contact, "claw 2", undo(None, "a", Shortfall::Owe(Points(100)))).await;
        assert_eq!(bed.standing(contact).await, (-40, 0, 0));
        bed.done(contact, "c", bed.earn(55, None)).await;
        assert_eq!(bed.standing(contact).await, (15, 0, 15));
        bed.books_are_right().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_proof_finds_what_was_tampered_with() {
    both(async |bed: Bed| {
        let contact = bed.contact().await;
        bed.done(contact, "gift", bed.earn(10, None)).await;
        bed.books_are_right().await;
        for (statement, told) in
            [(&SPOIL_BALANCE, "balance 11"), (&SPOIL_LOT, "held in lots 1"), (&SPOIL_POSTING, "stands alone")]
        {
            let spoil = bed
                .app
                .store
                .run(bed.tenant(), 1, move |tx| async move { tx.exec(statement, params![]).await });
            assert_eq!(spoil.await, Ok(1));
            let found = bed.discrepancies().await;
            assert!(found.iter().any(|line| line.contains(told)), "{told}: {found:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_company_sees_and_changes_nothing() {
    both(async |bed: Bed| {
        let contact = bed.contact().await;
        bed.done(contact, "gift", bed.earn(10, None)).await;
        let stranger = Actor::setup(TenantId(bed.id()));
        let app = &bed.app;
        let refusals = [
            ledger::wallet(app, &stranger, contact).await.map(drop),
            ledger::balance_on(app, &stranger, contact, bed.clock.now()).await.map(drop),
            ledger::postings(app, &stranger, contact, None, 10).await.map(drop),
            loyalty::hold_points(app, &stranger, contact, Points(1), None, None, "k".into()).await.map(drop),
            loyalty::capture_hold(app, &stranger, contact, HoldId(1), None, "k".into()).await.map(drop),
            loyalty::release_hold(app, &stranger, contact, HoldId(1), "k".into()).await.map(drop),
        ];
        for refusal in refusals {
            assert_eq!(refusal.map_err(|fail| fail.code()), Err("not_found"));
        }
        assert_eq!(bed.standing(contact).await, (10, 0, 10));
    })
    .await;
}
