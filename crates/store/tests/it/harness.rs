//! A database for one test, the schema of all tests, and gates that hold up a lane.

use samovar_base::{ManualClock, TenantId};
use samovar_store::{Migration, Row, Store, StoreError, StoreOptions, Tx, Value, params, query, table_write};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::time::Duration;
use tokio_postgres::NoTls;

pub const TENANT: TenantId = TenantId(7);

pub const SCHEMA: &[Migration] = &[
    Migration {
        number: 1,
        name: "notes",
        sql: "
        CREATE TABLE note (tenant_id BIGINT NOT NULL, id BIGINT NOT NULL, version BIGINT NOT NULL, text TEXT,
            PRIMARY KEY (tenant_id, id));
        CREATE TABLE account (tenant_id BIGINT NOT NULL, id BIGINT NOT NULL, version BIGINT NOT NULL,
            balance BIGINT NOT NULL, PRIMARY KEY (tenant_id, id));
        CREATE TABLE seen (tenant_id BIGINT NOT NULL, channel BIGINT NOT NULL, dedup TEXT NOT NULL, who BIGINT NOT NULL,
            PRIMARY KEY (tenant_id, channel, dedup));
        CREATE TABLE tally (tenant_id BIGINT NOT NULL, name TEXT NOT NULL, times BIGINT NOT NULL,
            PRIMARY KEY (tenant_id, name));",
        postgres: None,
    },
    Migration {
        number: 2,
        name: "kinds of values",
        sql: "
        CREATE TABLE sample (tenant_id BIGINT NOT NULL, id BIGINT NOT NULL, number BIGINT, letters TEXT, raw BLOB,
            flag BOOLEAN, PRIMARY KEY (tenant_id, id));
        CREATE TABLE parent (tenant_id BIGINT NOT NULL, id BIGINT NOT NULL, PRIMARY KEY (tenant_id, id));
        CREATE TABLE child (tenant_id BIGINT NOT NULL, id BIGINT NOT NULL, parent BIGINT NOT NULL,
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id, parent) REFERENCES parent (tenant_id, id) DEFERRABLE INITIALLY DEFERRED);
        CREATE TABLE node (name TEXT NOT NULL PRIMARY KEY, beats BIGINT NOT NULL);",
        postgres: Some(
            "
        CREATE TABLE sample (tenant_id BIGINT NOT NULL, id BIGINT NOT NULL, number BIGINT, letters TEXT, raw BYTEA,
            flag BOOLEAN, PRIMARY KEY (tenant_id, id));
        CREATE TABLE parent (tenant_id BIGINT NOT NULL, id BIGINT NOT NULL, PRIMARY KEY (tenant_id, id));
        CREATE TABLE child (tenant_id BIGINT NOT NULL, id BIGINT NOT NULL, parent BIGINT NOT NULL,
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id, parent) REFERENCES parent (tenant_id, id) DEFERRABLE INITIALLY DEFERRED);
        CREATE TABLE node (name TEXT NOT NULL PRIMARY KEY, beats BIGINT NOT NULL);",
        ),
    },
];

query! {
    pub static NOTE = "SELECT text, version FROM note WHERE tenant_id = $1 AND id = $2";
    pub static NOTES = "SELECT id, text FROM note WHERE tenant_id = $1 ORDER BY id";
    pub static NOTES_FROM = "SELECT id FROM note WHERE tenant_id = $1 AND id >= $2 ORDER BY id DESC LIMIT 3";
    pub static NOTE_COUNT = "SELECT count(*) FROM note WHERE tenant_id = $1";
    pub static NOTE_APPEND = "INSERT INTO note (tenant_id, id, version, text)
        SELECT $1, coalesce(max(id), 0) + 1, 1, $2 FROM note WHERE tenant_id = $1";
    pub static NOTE_RENAME = "UPDATE note SET text = $3 WHERE tenant_id = $1 AND id = $2";
    pub static ACCOUNT = "SELECT version, balance FROM account WHERE tenant_id = $1 AND id = $2";
    pub static ACCOUNTS = "SELECT id, balance FROM account WHERE tenant_id = $1 ORDER BY id";
    pub static ACCOUNT_TAKE = "UPDATE account SET balance = balance - $3, version = version + 1
        WHERE tenant_id = $1 AND id = $2 AND balance >= $3";
    pub static ACCOUNT_GIVE = "UPDATE account SET balance = balance + $3, version = version + 1
        WHERE tenant_id = $1 AND id = $2";
    pub static SEEN_COUNT = "SELECT count(*) FROM seen WHERE tenant_id = $1";
    pub static TALLY = "SELECT times FROM tally WHERE tenant_id = $1 AND name = $2";
    pub static SAMPLE = "SELECT number, letters, raw, flag FROM sample WHERE tenant_id = $1 AND id = $2";
    pub static SAMPLE_WHERE = "SELECT id FROM sample WHERE tenant_id = $1 AND letters = $2 AND flag = $3 AND raw = $4";
    pub static CHILDREN = "SELECT count(*) FROM child WHERE tenant_id = $1";
    pub static LOCKED = "SELECT text FROM note WHERE tenant_id = $1 AND id = $2 FOR UPDATE SKIP LOCKED";
    pub static LIMITED = "SELECT id FROM note WHERE tenant_id = $1 ORDER BY id LIMIT $2";
}

query! {
    instance pub static NODES = "SELECT name, beats FROM node ORDER BY name";
}

table_write! {
    pub static NOTE_NEW = insert note key(id int) set(version int, text text);
    pub static NOTE_SET = update note key(id int) guard(version int) set(version int, text text);
    pub static NOTE_PUT = upsert note key(id int) set(version int, text text);
    pub static NOTE_GONE = delete note key(id int) guard(version int);
    pub static ACCOUNT_NEW = insert account key(id int) set(version int, balance int);
    pub static ACCOUNT_SET = update account key(id int) guard(version int) set(version int, balance int);
    pub static ACCOUNT_MOVE = update account key(id int) plus(version int, balance int);
    pub static SEEN = add seen key(channel int, dedup text) set(who int);
    pub static TALLY_UP = upsert tally key(name text) plus(times int);
    pub static SAMPLE_NEW = insert sample key(id int) set(number int, letters text, raw bytes, flag bool);
    pub static SAMPLE_PUT = upsert sample key(id int) set(number int, letters text, raw bytes, flag bool);
    pub static CHILD_NEW = insert child key(id int) set(parent int);
}

table_write! {
    instance pub static NODE_BEAT = upsert node key(name text) plus(beats int);
}

/// A database of one test; on PostgreSQL it is dropped when the test has ended, however it ended.
#[derive(Clone)]
pub struct Place {
    pub url: String,
}

impl Place {
    pub fn options(&self) -> StoreOptions {
        StoreOptions { lanes: 1, ..StoreOptions::new(self.url.clone()) }
    }

    /// With the schema of the tests; one lane, so that what waits shares a batch.
    pub async fn store(&self) -> Store {
        self.store_with(self.options()).await
    }

    pub async fn store_with(&self, options: StoreOptions) -> Store {
        let store = Store::open(options).await.expect("the store opens");
        store.migrate(SCHEMA, &clock()).await.expect("the schema is made");
        store
    }
}

pub fn clock() -> ManualClock {
    ManualClock::at_rfc3339("2026-11-21T10:00:00Z")
}

/// Declares a test for both databases.
macro_rules! on_both {
    ($($(#[$about:meta])* async fn $name:ident($place:ident) $body:block)+) => {$(
        $(#[$about])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn test($place: crate::harness::Place) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                test(crate::harness::Place { url: "sqlite::memory:".to_owned() }).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                crate::harness::on_postgres(test).await;
            }
        }
    )+};
}
pub(crate) use on_both;

pub async fn on_postgres<Fut: Future<Output = ()> + Send + 'static>(test: impl Fn(Place) -> Fut) {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let server = std::env::var("SAMOVAR_TEST_POSTGRES").expect(
        "SAMOVAR_TEST_POSTGRES must hold the address of a PostgreSQL server on which databases may be made, such as \
         postgres://postgres@127.0.0.1:5432/postgres; `cargo xtask test` starts one and sets it",
    );
    let name = format!("store_test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    command(&server, &format!("CREATE DATABASE {name}")).await;
    let place = Place { url: with_database(&server, &name) };
    let ended = tokio::spawn(test(place)).await;
    command(&server, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
    if let Err(error) = ended {
        std::panic::resume_unwind(error.into_panic());
    }
}

/// Carries out one statement on a connection of its own.
pub async fn command(url: &str, sql: &str) {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("the test server answers");
    let served = tokio::spawn(connection);
    client.batch_execute(sql).await.expect(sql);
    drop(client);
    served.await.expect("served").expect("ended well");
}

fn with_database(url: &str, name: &str) -> String {
    let (address, options) =
        url.split_once('?').map_or((url, String::new()), |(at, rest)| (at, format!("?{rest}")));
    let (server, _) = address.rsplit_once('/').expect("an address with a database");
    format!("{server}/{name}{options}")
}

/// Holds up the lane of a store with one lane: what is sent meanwhile waits, and then goes in one batch.
pub struct Gate {
    open: mpsc::Sender<()>,
    held: tokio::task::JoinHandle<Result<(), StoreError>>,
}

impl Gate {
    pub async fn hold(store: &Store) -> Self {
        let (open, opened) = mpsc::channel::<()>();
        let (begin, begun) = tokio::sync::oneshot::channel();
        let hold = std::sync::Mutex::new(Some((opened, begin)));
        let store = store.clone();
        let held = tokio::spawn(async move {
            let blocking = move |_tx: Tx| {
                let hold = hold.lock().expect("not poisoned").take();
                async move {
                    let (opened, begin) = hold.expect("run once");
                    begin.send(()).expect("the test waits");
                    let wait = || opened.recv_timeout(Duration::from_secs(30)).expect("the gate is opened");
                    tokio::task::block_in_place(wait);
                    Ok::<(), StoreError>(())
                }
            };
            store.run(TENANT, u64::MAX, blocking).await
        });
        begun.await.expect("the gate is reached");
        Self { open, held }
    }

    /// Waits until so many units wait, then lets them through.
    pub async fn open_for(self, store: &Store, waiting: u64) {
        let arrived = async {
            while store.stats().queued < waiting {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), arrived).await.expect("the units arrive");
        self.open.send(()).expect("the gate is held");
        self.held.await.expect("no panic").expect("the gate opens");
    }
}

/// Sends units one after another, so that they wait in that order.
pub async fn send<T, F, Fut>(
    store: &Store,
    key: u64,
    unit: F,
) -> tokio::task::JoinHandle<Result<T, StoreError>>
where
    T: Send + 'static,
    F: Fn(Tx) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<T, StoreError>> + Send + 'static,
{
    let waiting = store.stats().queued;
    let sender = store.clone();
    let sent = tokio::spawn(async move { sender.run(TENANT, key, unit).await });
    while store.stats().queued <= waiting && !sent.is_finished() {
        tokio::task::yield_now().await;
    }
    sent
}

pub async fn note_new(store: &Store, id: i64, text: &str) {
    let text = text.to_owned();
    let made = store.run(TENANT, 0, move |tx| {
        let text = text.clone();
        async move {
            tx.put(&NOTE_NEW, params![id, 1_i64, text]);
            Ok::<_, StoreError>(())
        }
    });
    made.await.expect("the note is made");
}

/// All notes, as `id text`.
pub async fn notes(store: &Store) -> Vec<String> {
    let rows =
        store.read(TENANT, |tx| async move { tx.all(&NOTES, ()).await }).await.expect("notes are read");
    rows.iter()
        .map(|row: &Row| format!("{} {}", row.int(0).expect("id"), row.text(1).expect("text")))
        .collect()
}

pub async fn int(store: &Store, query: &'static samovar_store::Query, values: Vec<Value>) -> i64 {
    let found = store.read(TENANT, move |tx| {
        let params = samovar_store::Params::from_values(values.clone());
        async move { tx.one(query, params).await }
    });
    found.await.expect("is read").expect("there is a row").int(0).expect("a number")
}
