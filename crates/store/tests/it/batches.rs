//! How units share commits, and how one of them fails without the others.

use crate::harness::{
    CHILD_NEW, CHILDREN, Gate, NOTE, NOTE_APPEND, NOTE_NEW, NOTE_RENAME, TENANT, int, note_new, notes,
    on_both, send,
};
use samovar_store::{StoreError, StoreOptions, params};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

on_both! {
    async fn units_that_wait_share_one_commit(place) {
        let store = place.store().await;
        let before = store.stats().batches;
        let gate = Gate::hold(&store).await;
        let mut sent = Vec::new();
        for id in 1..=50 {
            sent.push(send(&store, id, move |tx| async move {
                tx.put(&NOTE_NEW, params![i64::try_from(id).unwrap(), 1_i64, "here"]);
                Ok(id)
            }).await);
        }
        gate.open_for(&store, 50).await;
        for (id, unit) in (1..=50).zip(sent) {
            assert_eq!(unit.await.unwrap(), Ok(id));
        }
        assert_eq!(store.stats().batches - before, 2, "the gate's, and one for all");
        assert_eq!(notes(&store).await.len(), 50);
        store.close().await;
    }

    async fn a_batch_holds_no_more_than_it_may(place) {
        let store = place.store_with(StoreOptions { batch_max: 10, ..place.options() }).await;
        let before = store.stats().batches;
        let gate = Gate::hold(&store).await;
        let mut sent = Vec::new();
        for key in 1..=25 {
            sent.push(send(&store, key, |_| async { Ok(()) }).await);
        }
        gate.open_for(&store, 25).await;
        for unit in sent {
            unit.await.unwrap().unwrap();
        }
        assert_eq!(store.stats().batches - before, 4);
        store.close().await;
    }

    async fn units_of_one_key_run_in_their_order_one_in_a_batch(place) {
        let store = place.store().await;
        let before = store.stats().batches;
        let gate = Gate::hold(&store).await;
        let mut sent = Vec::new();
        for number in 1..=5 {
            for key in [1, 100 + number] {
                sent.push(send(&store, key, move |tx| async move {
                    if key == 1 {
                        tx.exec(&NOTE_APPEND, params![format!("number {number}")]).await?;
                    }
                    Ok(())
                }).await);
            }
        }
        gate.open_for(&store, 10).await;
        for unit in sent {
            unit.await.unwrap().unwrap();
        }
        let expected: Vec<String> = (1..=5).map(|number| format!("{number} number {number}")).collect();
        assert_eq!(notes(&store).await, expected);
        assert_eq!(store.stats().batches - before, 6, "the gate's, and one for each of the five");
        store.close().await;
    }

    async fn a_refusing_unit_drops_its_own_writes_only(place) {
        let store = place.store().await;
        let gate = Gate::hold(&store).await;
        let mut sent = Vec::new();
        for id in 1..=9_i64 {
            sent.push(send(&store, id.unsigned_abs(), move |tx| async move {
                tx.put(&NOTE_NEW, params![id, 1_i64, "kept"]);
                if id % 3 == 0 { Err(StoreError::Unavailable("the unit says no".into())) } else { Ok(()) }
            }).await);
        }
        let batches = store.stats().batches;
        gate.open_for(&store, 9).await;
        for (id, unit) in (1..).zip(sent) {
            assert_eq!(unit.await.unwrap().is_err(), id % 3 == 0, "unit {id}");
        }
        assert_eq!(notes(&store).await, ["1 kept", "2 kept", "4 kept", "5 kept", "7 kept", "8 kept"]);
        assert_eq!((store.stats().batches - batches, store.stats().reruns), (2, 0), "nothing had to run again");
        store.close().await;
    }

    async fn a_unit_that_wrote_and_failed_is_undone_alone(place) {
        let store = place.store().await;
        let gate = Gate::hold(&store).await;
        let mut sent = Vec::new();
        for id in 1..=6_i64 {
            sent.push(send(&store, id.unsigned_abs(), move |tx| async move {
                tx.exec(&NOTE_APPEND, params![format!("of {id}")]).await?;
                match id {
                    2 => Err(StoreError::Unavailable("the unit says no".into())),
                    4 => panic!("unit {id} panics"),
                    _ => Ok(()),
                }
            }).await);
        }
        gate.open_for(&store, 6).await;
        let mut answers = Vec::new();
        for unit in sent {
            answers.push(unit.await.unwrap());
        }
        assert_eq!(answers[1], Err(StoreError::Unavailable("the unit says no".into())));
        assert_eq!(answers[3], Err(StoreError::Panicked("unit 4 panics".into())));
        assert!([0, 2, 4, 5].iter().all(|at| answers[*at] == Ok(())));
        assert_eq!(notes(&store).await, ["1 of 1", "2 of 3", "3 of 5", "4 of 6"]);
        store.close().await;
    }

    async fn of_many_units_a_few_at_fault_hold_up_little(place) {
        let store = place.store().await;
        let gate = Gate::hold(&store).await;
        let mut sent = Vec::new();
        for id in 1..=60_i64 {
            sent.push(send(&store, id.unsigned_abs(), move |tx| async move {
                tx.exec(&NOTE_APPEND, params![format!("of {id}")]).await?;
                if id % 20 == 0 { Err(StoreError::Unavailable("the unit says no".into())) } else { Ok(()) }
            }).await);
        }
        let batches = store.stats().batches;
        gate.open_for(&store, 60).await;
        for (id, unit) in (1..).zip(sent) {
            assert_eq!(unit.await.unwrap().is_err(), id % 20 == 0, "unit {id}");
        }
        assert_eq!(notes(&store).await.len(), 57);
        let commits = store.stats().batches - batches;
        assert!(commits <= 6, "{commits} commits for the gate, the good ones and three by themselves");
        store.close().await;
    }

    async fn a_refused_statement_spoils_its_unit_even_if_the_unit_goes_on(place) {
        let store = place.store().await;
        note_new(&store, 1, "there").await;
        let gate = Gate::hold(&store).await;
        let good = send(&store, 1, |tx| async move {
            tx.exec(&NOTE_RENAME, params![1_i64, "renamed"]).await
        }).await;
        let runs = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&runs);
        let bad = send(&store, 2, move |tx| {
            counted.fetch_add(1, Ordering::Relaxed);
            async move {
                tx.put(&NOTE_NEW, params![2_i64, 1_i64, "never"]);
                let refused = tx.exec(&NOTE_RENAME, params![i64::MAX, "x".repeat(5)]).await?;
                assert_eq!(refused, 0);
                // NULL where the table allows none: the database refuses it.
                let _ = tx.exec(&VERSIONLESS, params![3_i64]).await;
                Ok(())
            }
        }).await;
        gate.open_for(&store, 2).await;
        assert_eq!(good.await.unwrap(), Ok(1));
        assert!(matches!(bad.await.unwrap(), Err(StoreError::Database { statement: "VERSIONLESS", .. })));
        assert_eq!(notes(&store).await, ["1 renamed"]);
        assert!(runs.load(Ordering::Relaxed) <= 3);
        store.close().await;
    }

    async fn a_commit_that_fails_spoils_only_the_unit_at_fault(place) {
        let store = place.store().await;
        let gate = Gate::hold(&store).await;
        let orphan = send(&store, 1, |tx| async move {
            tx.put(&CHILD_NEW, params![1_i64, 404_i64]);
            Ok(())
        }).await;
        let other = send(&store, 2, |tx| async move {
            tx.put(&NOTE_NEW, params![1_i64, 1_i64, "kept"]);
            Ok(())
        }).await;
        gate.open_for(&store, 2).await;
        assert!(matches!(orphan.await.unwrap(), Err(StoreError::Database { .. })));
        assert_eq!(other.await.unwrap(), Ok(()));
        assert_eq!(notes(&store).await, ["1 kept"]);
        assert_eq!(int(&store, &CHILDREN, vec![]).await, 0);
        store.close().await;
    }

    async fn a_full_queue_refuses_at_once_and_later_takes_again(place) {
        let store = place.store_with(StoreOptions { queue_max: 3, ..place.options() }).await;
        let gate = Gate::hold(&store).await;
        let mut sent = Vec::new();
        for key in 1..=3 {
            sent.push(send(&store, key, |_| async { Ok(()) }).await);
        }
        assert_eq!(store.run(TENANT, 9, |_| async { Ok(()) }).await, Err(StoreError::Busy));
        gate.open_for(&store, 3).await;
        for unit in sent {
            assert_eq!(unit.await.unwrap(), Ok(()));
        }
        assert_eq!(store.run(TENANT, 9, |_| async { Ok::<_, StoreError>(()) }).await, Ok(()));
        store.close().await;
    }

    async fn closing_does_what_waits_and_then_refuses(place) {
        let store = place.store().await;
        let gate = Gate::hold(&store).await;
        let waiting = send(&store, 1, |tx| async move { tx.exec(&NOTE_APPEND, params!["last"]).await }).await;
        let closing = tokio::spawn(store.clone().close());
        gate.open_for(&store, 1).await;
        assert_eq!(waiting.await.unwrap(), Ok(1));
        closing.await.unwrap();
        assert_eq!(store.run(TENANT, 1, |_| async { Ok(()) }).await, Err(StoreError::Closed));
        assert_eq!(store.read(TENANT, |_| async { Ok(()) }).await, Err(StoreError::Closed));
    }

    async fn mistakes_in_the_use_of_the_store_are_told(place) {
        let store = place.store().await;
        let misused = |answer: Result<(), StoreError>, words: &str| match answer {
            Err(StoreError::Misused { what, .. }) => assert!(what.contains(words), "«{what}» says «{words}»"),
            other => panic!("{other:?} is no misuse"),
        };
        let run = |unit: fn(samovar_store::Tx) -> Boxed| store.run(TENANT, 1, unit);
        misused(run(|tx| Box::pin(async move { tx.one(&NOTE, ()).await.map(drop) })).await, "takes 1 values, was given 0");
        misused(run(|tx| Box::pin(async move { tx.exec(&NOTE, params![1_i64]).await.map(drop) })).await, "is not a write");
        misused(run(|tx| Box::pin(async move { tx.add(&NOTE_NEW, ()).await.map(drop) })).await, "is not an add");
        misused(run(|tx| Box::pin(async move { tx.put(&NOTE_NEW, params![1_i64]); Ok(()) })).await, "takes 3 values");
        misused(
            run(|tx| Box::pin(async move { tx.put(&NOTE_NEW, params!["one", 1_i64, "text"]); Ok(()) })).await,
            "column id holds Int, was given a text",
        );
        misused(
            run(|tx| Box::pin(async move { tx.put(&NOTE_NEW, params![None::<i64>, 1_i64, "text"]); Ok(()) })).await,
            "column id of the key is NULL",
        );
        misused(
            run(|tx| Box::pin(async move { tx.all(&crate::harness::NODES, ()).await.map(drop) })).await,
            "over all tenants",
        );
        misused(run(|_| Box::pin(std::future::pending())).await, "something else than its transaction");
        let of_tenant = |tx: samovar_store::Tx| async move { tx.one(&NOTE, params![1_i64]).await.map(drop) };
        misused(store.run_instance(1, of_tenant).await, "belongs to a tenant");
        let kept = store.run(TENANT, 1, |tx| async move { Ok::<_, StoreError>(tx) }).await.unwrap();
        misused(kept.one(&NOTE, params![1_i64]).await.map(drop), "after its unit had ended");
        assert!(notes(&store).await.is_empty());
        store.close().await;
    }
}

type Boxed = std::pin::Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send>>;

samovar_store::query! {
    static VERSIONLESS = "INSERT INTO note (tenant_id, id, version) VALUES ($1, $2, NULL)";
}
