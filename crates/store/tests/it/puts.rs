//! Writes held to the end of their unit.

use crate::harness::{
    ACCOUNT, ACCOUNT_MOVE, ACCOUNT_NEW, ACCOUNT_SET, Gate, NODE_BEAT, NODES, NOTE, NOTE_GONE, NOTE_NEW,
    NOTE_PUT, NOTE_SET, TALLY, TALLY_UP, TENANT, int, note_new, notes, on_both, send,
};
use samovar_store::{StoreError, Tx, Value, params};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

async fn add_to_account(tx: Tx, amount: i64) -> Result<i64, StoreError> {
    let account = tx.one(&ACCOUNT, params![1_i64]).await?.ok_or(StoreError::Busy)?;
    let (version, balance) = (account.int(0)?, account.int(1)?);
    tx.put(&ACCOUNT_SET, params![1_i64, version, version + 1, balance + amount]);
    Ok(balance + amount)
}

on_both! {
    async fn a_stale_unit_runs_again_and_succeeds(place) {
        let store = place.store().await;
        note_new(&store, 1, "first").await;
        let runs = Arc::new(AtomicI64::new(0));
        let counted = Arc::clone(&runs);
        let done = store.run(TENANT, 1, move |tx| {
            // The version that others left behind is known from the third run on.
            let guess = counted.fetch_add(1, Ordering::Relaxed) - 1;
            async move {
                tx.put(&NOTE_SET, params![1_i64, guess, 5_i64, "second"]);
                Ok::<_, StoreError>(guess)
            }
        });
        assert_eq!(done.await, Ok(1));
        assert_eq!(runs.load(Ordering::Relaxed), 3);
        assert_eq!(store.stats().reruns, 2);
        assert_eq!(notes(&store).await, ["1 second"]);
        store.close().await;
    }

    async fn a_unit_that_stays_stale_is_given_up_and_leaves_nothing(place) {
        let store = place.store().await;
        let runs = Arc::new(AtomicI64::new(0));
        let counted = Arc::clone(&runs);
        let done = store.run(TENANT, 1, move |tx| {
            counted.fetch_add(1, Ordering::Relaxed);
            async move {
                tx.put(&NOTE_NEW, params![2_i64, 1_i64, "never"]);
                tx.put(&NOTE_SET, params![404_i64, 1_i64, 2_i64, "nothing"]);
                Ok::<_, StoreError>(())
            }
        });
        assert_eq!(done.await, Err(StoreError::Stale { statement: "NOTE_SET" }));
        assert_eq!(runs.load(Ordering::Relaxed), 9, "once with its batch, eight times by itself");
        assert!(notes(&store).await.is_empty());
        store.close().await;
    }

    async fn units_that_meet_on_a_row_each_see_what_the_other_did(place) {
        let store = place.store().await;
        let made = store.run(TENANT, 1, |tx| async move {
            tx.put(&ACCOUNT_NEW, params![1_i64, 1_i64, 100_i64]);
            Ok::<_, StoreError>(())
        });
        made.await.unwrap();
        let gate = Gate::hold(&store).await;
        let mut sent = Vec::new();
        for key in 1..=10 {
            sent.push(send(&store, key, |tx| add_to_account(tx, 1)).await);
        }
        gate.open_for(&store, 10).await;
        let mut seen = Vec::new();
        for unit in sent {
            seen.push(unit.await.unwrap().unwrap());
        }
        seen.sort_unstable();
        assert_eq!(seen, (101..=110).collect::<Vec<i64>>());
        store.close().await;
    }

    async fn sums_of_many_units_on_one_row_are_one_write(place) {
        let store = place.store().await;
        let made = store.run(TENANT, 1, |tx| async move {
            tx.put(&ACCOUNT_NEW, params![1_i64, 1_i64, 0_i64]);
            Ok::<_, StoreError>(())
        });
        made.await.unwrap();
        let gate = Gate::hold(&store).await;
        let mut sent = Vec::new();
        for key in 1..=40 {
            sent.push(send(&store, key, |tx| async move {
                tx.put(&ACCOUNT_MOVE, params![1_i64, 1_i64, 2_i64]);
                tx.put(&ACCOUNT_MOVE, params![1_i64, 1_i64, 1_i64]);
                tx.put(&TALLY_UP, params!["moves", 1_i64]);
                Ok(())
            }).await);
        }
        let batches = store.stats().batches;
        gate.open_for(&store, 40).await;
        for unit in sent {
            unit.await.unwrap().unwrap();
        }
        let balance = store.read(TENANT, |tx| async move { tx.one(&ACCOUNT, params![1_i64]).await }).await;
        assert_eq!(balance.unwrap().unwrap().int(1), Ok(120));
        assert_eq!(int(&store, &TALLY, vec![Value::Text("moves".into())]).await, 40);
        assert_eq!((store.stats().batches - batches, store.stats().reruns), (2, 0));
        store.close().await;
    }

    async fn of_several_puts_to_one_row_the_last_is_kept(place) {
        let store = place.store().await;
        note_new(&store, 1, "first").await;
        let done = store.run(TENANT, 1, |tx| async move {
            tx.put(&NOTE_PUT, params![2_i64, 1_i64, "early"]);
            tx.put(&NOTE_SET, params![1_i64, 1_i64, 2_i64, "second"]);
            tx.put(&NOTE_PUT, params![2_i64, 1_i64, "late"]);
            tx.put(&NOTE_SET, params![1_i64, 1_i64, 2_i64, "third"]);
            Ok::<_, StoreError>(())
        });
        done.await.unwrap();
        assert_eq!(notes(&store).await, ["1 third", "2 late"]);
        assert_eq!(store.stats().reruns, 0);
        store.close().await;
    }

    async fn upserts_of_several_units_keep_the_last(place) {
        let store = place.store().await;
        let gate = Gate::hold(&store).await;
        let mut sent = Vec::new();
        for key in 1..=8 {
            sent.push(send(&store, key, move |tx| async move {
                tx.put(&NOTE_PUT, params![1_i64, 1_i64, format!("of {key}")]);
                Ok(())
            }).await);
        }
        gate.open_for(&store, 8).await;
        for unit in sent {
            unit.await.unwrap().unwrap();
        }
        assert_eq!(notes(&store).await, ["1 of 8"]);
        store.close().await;
    }

    async fn a_row_that_exists_is_a_conflict_for_its_unit_only(place) {
        let store = place.store().await;
        note_new(&store, 1, "first").await;
        let gate = Gate::hold(&store).await;
        let make = |id: i64| move |tx: Tx| async move {
            tx.put(&NOTE_NEW, params![id, 1_i64, "new"]);
            Ok(())
        };
        let (taken, free) = (send(&store, 1, make(1)).await, send(&store, 2, make(2)).await);
        let (one, other) = (send(&store, 3, make(3)).await, send(&store, 4, make(3)).await);
        let twice = send(&store, 5, |tx| async move {
            tx.put(&NOTE_NEW, params![5_i64, 1_i64, "new"]);
            tx.put(&NOTE_NEW, params![5_i64, 1_i64, "again"]);
            Ok(())
        }).await;
        gate.open_for(&store, 5).await;
        let conflict = Err(StoreError::Conflict { table: "note" });
        assert_eq!(taken.await.unwrap(), conflict);
        assert_eq!(free.await.unwrap(), Ok(()));
        assert_eq!((one.await.unwrap(), other.await.unwrap()), (Ok(()), conflict.clone()));
        assert_eq!(twice.await.unwrap(), conflict);
        assert_eq!(notes(&store).await, ["1 first", "2 new", "3 new"]);
        store.close().await;
    }

    async fn puts_of_a_unit_take_effect_in_their_order(place) {
        let store = place.store().await;
        note_new(&store, 1, "first").await;
        for _ in 0..2 {
            let done = store.run(TENANT, 1, |tx| async move {
                tx.put(&NOTE_GONE, params![1_i64, 1_i64]);
                tx.put(&NOTE_NEW, params![1_i64, 1_i64, "reborn"]);
                Ok::<_, StoreError>(())
            });
            done.await.unwrap();
        }
        assert_eq!(notes(&store).await, ["1 reborn"]);
        store.close().await;
    }

    async fn a_guarded_delete_misses_a_changed_row(place) {
        let store = place.store().await;
        note_new(&store, 1, "first").await;
        let gate = Gate::hold(&store).await;
        let wrong = send(&store, 1, |tx| async move {
            let found = tx.one(&NOTE, params![1_i64]).await?;
            tx.put(&NOTE_GONE, params![1_i64, 9_i64]);
            Ok(found.is_some())
        }).await;
        let other = send(&store, 2, |tx| async move {
            tx.put(&NOTE_NEW, params![2_i64, 1_i64, "kept"]);
            Ok(true)
        }).await;
        gate.open_for(&store, 2).await;
        assert_eq!(wrong.await.unwrap(), Err(StoreError::Stale { statement: "NOTE_GONE" }));
        assert_eq!(other.await.unwrap(), Ok(true));
        assert_eq!(notes(&store).await, ["1 first", "2 kept"]);
        store.close().await;
    }

    async fn the_instance_has_units_of_its_own(place) {
        let store = place.store().await;
        for _ in 0..3 {
            let beat = store.run_instance(1, |tx| async move {
                tx.put(&NODE_BEAT, params!["node-1", 1_i64]);
                Ok::<_, StoreError>(())
            });
            beat.await.unwrap();
        }
        let nodes = store.read_instance(|tx| async move { tx.all(&NODES, ()).await }).await.unwrap();
        assert_eq!((nodes.len(), nodes[0].text(0), nodes[0].int(1)), (1, Ok("node-1"), Ok(3)));
        store.close().await;
    }
}
