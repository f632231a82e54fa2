//! A server that goes away: between commits, during them, and for good.

use crate::harness::{NOTE_APPEND, NOTE_NEW, Place, TENANT, command, note_new, notes, on_postgres};
use samovar_store::{Store, StoreError, StoreOptions, params};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// When the wire between a store and its server is cut.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(u8)]
enum Cut {
    Never,
    /// The server does not get the COMMIT.
    BeforeCommit,
    /// The server gets it, answers, and the answer is lost.
    AfterCommit,
    /// Both ways at once when the COMMIT has gone out.
    WithCommit,
    /// As after the commit, and no connection is let through any more.
    ForGood,
}

/// A wire to the server that can be cut.
#[derive(Clone)]
struct Wire {
    url: String,
    cut: Arc<AtomicU8>,
    /// New connections are closed at once.
    down: Arc<AtomicBool>,
}

impl Wire {
    async fn to(place: &Place) -> Self {
        let (head, tail) = place.url.split_once('@').expect("an address with a user");
        let (server, tail) = tail.split_once('/').expect("an address with a database");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("{head}@{}/{tail}", listener.local_addr().unwrap());
        let wire = Self { url, cut: Arc::new(AtomicU8::new(0)), down: Arc::default() };
        let (ends, server) = (wire.clone(), server.to_owned());
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                if !ends.down.load(Ordering::SeqCst) {
                    let far = TcpStream::connect(&server).await.unwrap();
                    tokio::spawn(ends.clone().carry(near, far));
                }
            }
        });
        wire
    }

    fn cut(&self, cut: Cut) {
        self.cut.store(cut as u8, Ordering::SeqCst);
    }

    /// Carries bytes both ways until either end closes or the wire is cut.
    async fn carry(self, mut near: TcpStream, mut far: TcpStream) {
        let (mut from_near, mut from_far) = (vec![0; 1 << 16], vec![0; 1 << 16]);
        loop {
            tokio::select! {
                read = near.read(&mut from_near) => {
                    let Ok(length @ 1..) = read else { return };
                    let sent = &from_near[..length];
                    let commits = sent.windows(7).any(|part| part == b"COMMIT\0");
                    let cut = if commits { self.cut.swap(Cut::Never as u8, Ordering::SeqCst) } else { 0 };
                    if cut == Cut::BeforeCommit as u8 {
                        return;
                    }
                    if far.write_all(sent).await.is_err() || cut == Cut::WithCommit as u8 {
                        return;
                    }
                    if cut == Cut::AfterCommit as u8 || cut == Cut::ForGood as u8 {
                        self.down.store(cut == Cut::ForGood as u8, Ordering::SeqCst);
                        let answered = far.read(&mut from_far).await.unwrap();
                        assert!(answered > 0, "the server answers the commit");
                        return;
                    }
                }
                read = far.read(&mut from_far) => {
                    let Ok(length @ 1..) = read else { return };
                    if near.write_all(&from_far[..length]).await.is_err() {
                        return;
                    }
                }
            }
            if self.down.load(Ordering::SeqCst) {
                return;
            }
        }
    }

    async fn store(&self, place: &Place, away_max: Duration) -> Store {
        place.store_with(StoreOptions { url: self.url.clone(), away_max, ..place.options() }).await
    }
}

/// Sends five units of a batch while the wire is cut; how often units ran.
async fn commit_through(place: Place, cut: Cut) -> u32 {
    let wire = Wire::to(&place).await;
    let store = wire.store(&place, Duration::from_secs(10)).await;
    note_new(&store, 100, "before").await;
    let runs = Arc::new(AtomicU32::new(0));
    wire.cut(cut);
    let gate = crate::harness::Gate::hold(&store).await;
    let mut sent = Vec::new();
    for id in 1..=5_i64 {
        let runs = Arc::clone(&runs);
        let unit = move |tx: samovar_store::Tx| {
            runs.fetch_add(1, Ordering::SeqCst);
            async move {
                tx.put(&NOTE_NEW, params![id, 1_i64, "note"]);
                Ok(id)
            }
        };
        sent.push(crate::harness::send(&store, id.unsigned_abs(), unit).await);
    }
    gate.open_for(&store, 5).await;
    for (id, unit) in (1..).zip(sent) {
        assert_eq!(unit.await.unwrap(), Ok(id), "{cut:?}");
    }
    assert_eq!(notes(&store).await, ["1 note", "2 note", "3 note", "4 note", "5 note", "100 before"]);
    note_new(&store, 101, "after").await;
    store.close().await;
    runs.load(Ordering::SeqCst)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_did_not_arrive_is_done_again() {
    on_postgres(|place| async move { assert_eq!(commit_through(place, Cut::BeforeCommit).await, 10) }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_answer_was_lost_is_not_done_again() {
    on_postgres(|place| async move { assert_eq!(commit_through(place, Cut::AfterCommit).await, 5) }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_raced_with_the_cut_is_done_once() {
    on_postgres(|place| async move {
        let runs = commit_through(place, Cut::WithCommit).await;
        assert!(runs == 5 || runs == 10, "{runs}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_the_server_ends_are_made_anew() {
    on_postgres(|place| async move {
        let store = place.store().await;
        for number in 1..=3 {
            note_new(&store, number, "note").await;
            let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                       WHERE datname = current_database() AND pid <> pg_backend_pid()";
            command(&place.url, end).await;
            let expected: Vec<String> = (1..=number).map(|id| format!("{id} note")).collect();
            assert_eq!(notes(&store).await, expected);
        }
        let mut heard = store.subscribe();
        let done = store.run(TENANT, 1, |tx| async move {
            tx.exec(&NOTE_APPEND, params!["note"]).await?;
            tx.wake("again", "");
            Ok::<_, StoreError>(())
        });
        done.await.unwrap();
        while heard.recv().await.unwrap().topic != "again" {}
        store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_migration_under_a_running_node_does_not_stop_it() {
    on_postgres(|place| async move {
        let store = place.store().await;
        note_new(&store, 1, "note").await;
        assert_eq!(notes(&store).await, ["1 note"]);
        command(&place.url, "ALTER TABLE note ALTER COLUMN text TYPE VARCHAR(100)").await;
        assert_eq!(notes(&store).await, ["1 note"]);
        note_new(&store, 2, "note").await;
        assert_eq!(notes(&store).await, ["1 note", "2 note"]);
        store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn units_wait_for_a_server_only_so_long() {
    on_postgres(|place| async move {
        let wire = Wire::to(&place).await;
        let store = wire.store(&place, Duration::from_millis(200)).await;
        note_new(&store, 1, "before").await;
        wire.down.store(true, Ordering::SeqCst);
        for _ in 0..2 {
            let refused =
                store.run(TENANT, 1, |tx| async move { tx.exec(&NOTE_APPEND, params!["lost"]).await }).await;
            assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
        }
        let refused =
            store.read(TENANT, |tx| async move { tx.one(&crate::harness::NOTE, params![1_i64]).await }).await;
        assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
        wire.down.store(false, Ordering::SeqCst);
        note_new(&store, 2, "after").await;
        assert_eq!(notes(&store).await, ["1 before", "2 after"]);
        store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outcome_that_cannot_be_found_out_is_called_unknown() {
    on_postgres(|place| async move {
        let wire = Wire::to(&place).await;
        let store = wire.store(&place, Duration::from_millis(200)).await;
        note_new(&store, 1, "before").await;
        wire.cut(Cut::ForGood);
        let done = store.run(TENANT, 1, |tx| async move {
            tx.put(&NOTE_NEW, params![2_i64, 1_i64, "who knows"]);
            Ok::<_, StoreError>(())
        });
        assert_eq!(done.await, Err(StoreError::OutcomeUnknown));
        wire.down.store(false, Ordering::SeqCst);
        note_new(&store, 3, "after").await;
        assert_eq!(notes(&store).await, ["1 before", "2 who knows", "3 after"]);
        store.close().await;
    })
    .await;
}
