//! Statistics of tables that grow fast.

use crate::harness::{NOTE_NEW, TENANT, on_postgres};
use samovar_store::{StoreError, params};
use std::time::{Duration, Instant};
use tokio_postgres::NoTls;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_is_told_soon_how_large_a_young_table_has_become() {
    on_postgres(|place| async move {
        let store = place.store().await;
        let written = store.run(TENANT, 1, |tx| async move {
            (1..=1_000_i64).for_each(|id| tx.put(&NOTE_NEW, params![id, 1_i64, "a note"]));
            Ok::<_, StoreError>(())
        });
        written.await.expect("notes");
        let (client, connection) = tokio_postgres::connect(&place.url, NoTls).await.expect("the server");
        tokio::spawn(connection);
        let deadline = Instant::now() + Duration::from_secs(40);
        let known = "SELECT CAST(reltuples AS BIGINT) FROM pg_class WHERE relname = 'note'";
        while client.query_one(known, &[]).await.expect("a row").get::<_, i64>(0) < 1_000 {
            assert!(Instant::now() < deadline, "the server does not know of the notes");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        store.close().await;
    })
    .await;
}
