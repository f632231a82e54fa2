//! Wake-ups after commits.

use crate::harness::{Gate, NOTE_APPEND, TENANT, on_both, on_postgres, send};
use samovar_store::{StoreError, Wake, params};
use std::time::Duration;
use tokio::sync::broadcast::Receiver;

async fn next(heard: &mut Receiver<Wake>) -> Wake {
    tokio::time::timeout(Duration::from_secs(20), heard.recv()).await.expect("in time").expect("a wake-up")
}

fn wake(topic: &str, payload: &str) -> Wake {
    Wake { topic: topic.into(), payload: payload.into() }
}

on_both! {
    async fn committed_units_wake_and_failed_ones_do_not(place) {
        let store = place.store().await;
        let mut heard = store.subscribe();
        let gate = Gate::hold(&store).await;
        let failing = send(&store, 1, |tx| async move {
            tx.wake("inbound", "never");
            Err::<(), _>(StoreError::Unavailable("the unit says no".into()))
        }).await;
        let mut sent = Vec::new();
        for key in 2..=6 {
            sent.push(send(&store, key, move |tx| async move {
                tx.wake("inbound", "chn_1");
                tx.wake("outbound", if key == 6 { "chn_2" } else { "chn_1" });
                Ok(())
            }).await);
        }
        gate.open_for(&store, 6).await;
        assert!(failing.await.unwrap().is_err());
        for unit in sent {
            unit.await.unwrap().unwrap();
        }
        let expected = [wake("inbound", "chn_1"), wake("outbound", "chn_1"), wake("outbound", "chn_2")];
        for one in expected {
            assert_eq!(next(&mut heard).await, one);
        }
        assert!(heard.try_recv().is_err(), "equal ones of a batch go out once");
        store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_of_one_server_wake_each_other() {
    on_postgres(|place| async move {
        let (one, other) = (place.store().await, place.store().await);
        let (mut here, mut there) = (one.subscribe(), other.subscribe());
        for number in 1..=3 {
            let done = one.run(TENANT, 1, move |tx| async move {
                tx.exec(&NOTE_APPEND, params!["note"]).await?;
                tx.wake("inbound", &format!("number {number}"));
                Ok::<_, StoreError>(())
            });
            done.await.unwrap();
            let expected = wake("inbound", &format!("number {number}"));
            assert_eq!(next(&mut there).await, expected);
            assert_eq!(next(&mut here).await, expected);
        }
        let done = other.run(TENANT, 1, |tx| async move {
            tx.wake("reply", "");
            Ok::<_, StoreError>(())
        });
        done.await.unwrap();
        assert_eq!(next(&mut here).await, wake("reply", ""), "and nothing of its own came back before it");
        one.close().await;
        other.close().await;
    })
    .await;
}
