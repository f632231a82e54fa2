//! Rows that only one may make.

use crate::harness::{Gate, SEEN, SEEN_COUNT, TENANT, int, on_both, send};
use samovar_store::{StoreError, Tx, params};

async fn see(tx: Tx, dedup: &'static str, who: i64) -> Result<bool, StoreError> {
    tx.add(&SEEN, params![1_i64, dedup, who]).await
}

on_both! {
    async fn of_many_adds_of_one_row_exactly_one_makes_it(place) {
        let store = place.store().await;
        let gate = Gate::hold(&store).await;
        let mut sent = Vec::new();
        for who in 1..=12_i64 {
            let dedup = if who % 2 == 0 { "even" } else { "odd" };
            sent.push(send(&store, who.unsigned_abs(), move |tx| see(tx, dedup, who)).await);
        }
        gate.open_for(&store, 12).await;
        let mut made = Vec::new();
        for unit in sent {
            made.push(unit.await.unwrap().unwrap());
        }
        assert_eq!(made.iter().filter(|made| **made).count(), 2);
        assert_eq!(int(&store, &SEEN_COUNT, vec![]).await, 2);
        assert_eq!(store.stats().reruns, 0);
        let again = store.run(TENANT, 99, |tx| see(tx, "odd", 99)).await;
        assert_eq!(again, Ok(false), "in a later batch as well");
        store.close().await;
    }

    async fn known_and_new_rows_in_one_batch_are_told_apart(place) {
        let store = place.store().await;
        assert_eq!(store.run(TENANT, 1, |tx| see(tx, "old", 1)).await, Ok(true));
        let gate = Gate::hold(&store).await;
        let old = send(&store, 1, |tx| see(tx, "old", 2)).await;
        let new = send(&store, 2, |tx| see(tx, "new", 2)).await;
        let both = send(&store, 3, |tx| async move {
            let (old, new) = (see(tx.clone(), "old", 3).await?, see(tx, "third", 3).await?);
            Ok((old, new))
        }).await;
        gate.open_for(&store, 3).await;
        assert_eq!(old.await.unwrap(), Ok(false));
        assert_eq!(new.await.unwrap(), Ok(true));
        assert_eq!(both.await.unwrap(), Ok((false, true)));
        store.close().await;
    }

    async fn the_row_of_a_failed_unit_can_be_made_by_the_next(place) {
        let store = place.store().await;
        let gate = Gate::hold(&store).await;
        let first = send(&store, 1, |tx| async move {
            see(tx, "one", 1).await?;
            Err::<bool, _>(StoreError::Unavailable("the unit says no".into()))
        }).await;
        let second = send(&store, 2, |tx| see(tx, "one", 2)).await;
        gate.open_for(&store, 2).await;
        assert!(first.await.unwrap().is_err());
        assert_eq!(second.await.unwrap(), Ok(true));
        store.close().await;
    }
}
