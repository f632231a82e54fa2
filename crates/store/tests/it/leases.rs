//! Leases.

use crate::harness::{clock, on_both};
use samovar_base::{Clock, Instant};
use samovar_store::{Lease, LeaseRow};

on_both! {
    async fn a_lease_is_taken_renewed_and_taken_over_when_it_ends(place) {
        let store = place.store().await;
        let start = clock().now();
        let take = |holder: &'static str, at: Instant| {
            let store = store.clone();
            async move { store.lease_take("lane/1", holder, at, 10_000).await.unwrap() }
        };
        assert_eq!(take("one", start).await, Some(Lease { epoch: 1 }));
        assert_eq!(take("two", start.plus_seconds(9)).await, None, "held");
        assert_eq!(take("one", start.plus_seconds(9)).await, Some(Lease { epoch: 1 }), "renewed");
        assert_eq!(take("two", start.plus_seconds(18)).await, None, "the renewal counts");
        assert_eq!(take("two", start.plus_seconds(19)).await, Some(Lease { epoch: 2 }), "ended");
        assert_eq!(take("one", start.plus_seconds(20)).await, None);
        store.close().await;
    }

    async fn a_released_lease_is_free_and_remembers_its_epoch(place) {
        let store = place.store().await;
        let now = clock().now();
        store.lease_take("bot/1", "one", now, 10_000).await.unwrap().unwrap();
        store.lease_take("bot/2", "one", now, 10_000).await.unwrap().unwrap();
        store.lease_take("node_1", "two", now, 10_000).await.unwrap().unwrap();
        store.lease_release("bot/1", "two").await.unwrap();
        assert_eq!(store.lease_take("bot/1", "two", now, 10_000).await, Ok(None), "only its holder can release it");
        store.lease_release("bot/1", "one").await.unwrap();
        let row = |name: &str, holder: &str, epoch: i64, until: Instant| LeaseRow {
            name: name.into(), holder: holder.into(), epoch, until,
        };
        assert_eq!(store.leases("bot/").await.unwrap(), [
            row("bot/1", "", 1, Instant(0)),
            row("bot/2", "one", 1, now.plus_seconds(10)),
        ]);
        assert_eq!(store.lease_take("bot/1", "two", now, 10_000).await, Ok(Some(Lease { epoch: 2 })));
        store.close().await;
    }

    async fn of_many_who_reach_for_a_lease_one_gets_it(place) {
        let store = place.store().await;
        let now = clock().now();
        let reaches = (0..20).map(|number| {
            let store = store.clone();
            tokio::spawn(async move { store.lease_take("one", &format!("holder {number}"), now, 1_000).await.unwrap() })
        });
        let mut taken = 0;
        for reach in reaches.collect::<Vec<_>>() {
            taken += u32::from(reach.await.unwrap().is_some());
        }
        assert_eq!(taken, 1);
        store.close().await;
    }
}
