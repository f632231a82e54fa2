//! Reads: inside units, gathered over a batch, and beside the lanes.

use crate::harness::{
    Gate, LIMITED, LOCKED, NOTE, NOTE_APPEND, NOTE_COUNT, NOTE_NEW, NOTES_FROM, TENANT, note_new, on_both,
    send,
};
use samovar_base::TenantId;
use samovar_store::{StoreError, StoreOptions, params};
use std::sync::{Mutex, mpsc};
use std::time::Duration;

on_both! {
    async fn each_unit_of_a_batch_gets_the_rows_it_asked_for(place) {
        let store = place.store().await;
        for id in 1..=20 {
            note_new(&store, id, &format!("note {id}")).await;
        }
        // The second round finds statements that the lane has met before.
        for _ in 0..2 {
            let gate = Gate::hold(&store).await;
            let mut sent = Vec::new();
            for id in 1..=25_i64 {
                sent.push(send(&store, id.unsigned_abs(), move |tx| async move {
                    let one = tx.one(&NOTE, params![id]).await?;
                    let many = tx.all(&NOTES_FROM, params![id]).await?;
                    let limited = tx.all(&LIMITED, params![id % 3]).await?;
                    let locked = tx.one(&LOCKED, params![id]).await?;
                    assert_eq!(locked.is_some(), one.is_some());
                    let many: Result<Vec<i64>, _> = many.iter().map(|row| row.int(0)).collect();
                    Ok((one.map(|row| row.text(0).unwrap().to_owned()), many?, limited.len()))
                }).await);
            }
            gate.open_for(&store, 25).await;
            for (id, unit) in (1..=25_i64).zip(sent) {
                let (one, many, limited) = unit.await.unwrap().unwrap();
                assert_eq!(one, (id <= 20).then(|| format!("note {id}")));
                let last = [20, 19, 18].into_iter().filter(|known| *known >= id).collect::<Vec<i64>>();
                assert_eq!(many, last);
                assert_eq!(i64::try_from(limited).unwrap(), id % 3);
            }
        }
        store.close().await;
    }

    async fn a_unit_may_wait_for_several_things_at_once(place) {
        let store = place.store().await;
        for id in 1..=40 {
            note_new(&store, id, &format!("note {id}")).await;
        }
        let found = store.run(TENANT, 1, |tx| async move {
            let asks = (1..=40_i64).map(|id| {
                let tx = tx.clone();
                async move { tx.one(&NOTE, params![id]).await }
            });
            let rows = futures::future::try_join_all(asks).await?;
            rows.into_iter().map(|row| Ok(row.expect("a note").text(0)?.to_owned())).collect::<Result<Vec<_>, StoreError>>()
        });
        let expected: Vec<String> = (1..=40).map(|id| format!("note {id}")).collect();
        assert_eq!(found.await, Ok(expected));
        store.close().await;
    }

    async fn what_is_committed_is_seen_beside_the_lane(place) {
        let store = place.store().await;
        for count in 1..=20_i64 {
            note_new(&store, count, "there").await;
            let found = store.read(TENANT, |tx| async move { tx.one(&NOTE_COUNT, ()).await }).await;
            assert_eq!(found.unwrap().unwrap().int(0), Ok(count));
        }
        let other = store.read(TenantId(8), |tx| async move { tx.one(&NOTE_COUNT, ()).await }).await;
        assert_eq!(other.unwrap().unwrap().int(0), Ok(0), "rows of another tenant are not seen");
        store.close().await;
    }

    async fn a_read_sees_one_moment(place) {
        let store = place.store().await;
        note_new(&store, 1, "there").await;
        let (go_on, told) = mpsc::channel::<()>();
        let (reach, reached) = tokio::sync::oneshot::channel();
        let pause = Mutex::new(Some((reach, told)));
        let reader = store.clone();
        let read = tokio::spawn(async move {
            reader.read(TENANT, move |tx| {
                let pause = pause.lock().unwrap().take();
                async move {
                    let before = tx.one(&NOTE_COUNT, ()).await?;
                    let (reach, told) = pause.expect("run once");
                    reach.send(()).unwrap();
                    tokio::task::block_in_place(|| told.recv_timeout(Duration::from_secs(30)).unwrap());
                    Ok::<_, StoreError>((before, tx.one(&NOTE_COUNT, ()).await?))
                }
            }).await
        });
        reached.await.unwrap();
        let appended = store.clone();
        let writing = tokio::spawn(async move {
            appended.run(TENANT, 1, |tx| async move { tx.exec(&NOTE_APPEND, params!["meanwhile"]).await }).await
        });
        assert_eq!(writing.await.unwrap(), Ok(1), "a read does not hold up the lane");
        go_on.send(()).unwrap();
        let (before, after) = read.await.unwrap().unwrap();
        assert_eq!(before, after);
        store.close().await;
    }

    async fn a_read_does_not_write(place) {
        let store = place.store().await;
        let exec = store.read(TENANT, |tx| async move { tx.exec(&NOTE_APPEND, params!["no"]).await }).await;
        assert!(matches!(exec, Err(StoreError::Misused { statement: "NOTE_APPEND", .. })));
        let put = store.read(TENANT, |tx| async move {
            tx.put(&NOTE_NEW, params![1_i64, 1_i64, "no"]);
            Ok(())
        });
        assert!(matches!(put.await, Err(StoreError::Misused { statement: "NOTE_NEW", .. })));
        let locks = store.read(TENANT, |tx| async move { tx.one(&LOCKED, params![1_i64]).await }).await;
        assert!(matches!(locks, Err(StoreError::Misused { statement: "LOCKED", .. })));
        let panics = store.read(TENANT, |_| async move { panic!("a read panics") });
        assert_eq!(panics.await, Err::<(), _>(StoreError::Panicked("a read panics".into())));
        let found = store.read(TENANT, |tx| async move { tx.one(&NOTE_COUNT, ()).await }).await;
        assert_eq!(found.unwrap().unwrap().int(0), Ok(0));
        store.close().await;
    }

    async fn many_reads_at_once_are_all_answered(place) {
        let store = place.store_with(StoreOptions { readers: 3, ..place.options() }).await;
        for id in 1..=10 {
            note_new(&store, id, &format!("note {id}")).await;
        }
        let reads = (0..200).map(|number| {
            let (store, id) = (store.clone(), number % 10 + 1);
            tokio::spawn(async move {
                let found = store.read(TENANT, move |tx| async move { tx.one(&NOTE, params![id]).await }).await;
                assert_eq!(found.unwrap().unwrap().text(0).unwrap(), format!("note {id}"));
            })
        });
        for read in reads.collect::<Vec<_>>() {
            read.await.unwrap();
        }
        store.close().await;
    }
}
