//! Units of work a second, closed loop: `throughput [sqlite:PATH | postgres://…] [seconds] [clients]`.
//!
//! Nine statements a unit: two reads, an add, two inserts, two upserts, two guarded updates.

#![allow(clippy::print_stdout)]

use samovar_base::{SystemClock, TenantId};
use samovar_store::{Migration, Store, StoreError, StoreOptions, Tx, params, query, table_write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, Instant};

const PEOPLE: i64 = 20_000;

const SCHEMA: &[Migration] = &[Migration {
    number: 1,
    name: "throughput",
    sql: "
    CREATE TABLE tp_session (tenant_id BIGINT NOT NULL, id BIGINT NOT NULL, version BIGINT NOT NULL, state TEXT NOT NULL,
        PRIMARY KEY (tenant_id, id));
    CREATE TABLE tp_wallet (tenant_id BIGINT NOT NULL, id BIGINT NOT NULL, version BIGINT NOT NULL, balance BIGINT NOT NULL,
        PRIMARY KEY (tenant_id, id));
    CREATE TABLE tp_inbound (tenant_id BIGINT NOT NULL, dedup TEXT NOT NULL, raw TEXT NOT NULL, PRIMARY KEY (tenant_id, dedup));
    CREATE TABLE tp_posting (tenant_id BIGINT NOT NULL, id BIGINT NOT NULL, wallet BIGINT NOT NULL, amount BIGINT NOT NULL,
        PRIMARY KEY (tenant_id, id));
    CREATE TABLE tp_outbound (tenant_id BIGINT NOT NULL, id BIGINT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (tenant_id, id));
    CREATE TABLE tp_seen (tenant_id BIGINT NOT NULL, id BIGINT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (tenant_id, id));
    CREATE TABLE tp_tally (tenant_id BIGINT NOT NULL, name TEXT NOT NULL, times BIGINT NOT NULL, PRIMARY KEY (tenant_id, name));",
    postgres: None,
}];

query! {
    static SESSION = "SELECT version, state FROM tp_session WHERE tenant_id = $1 AND id = $2";
    static WALLET = "SELECT version, balance FROM tp_wallet WHERE tenant_id = $1 AND id = $2";
}

table_write! {
    static SESSION_NEW = insert tp_session key(id int) set(version int, state text);
    static WALLET_NEW = insert tp_wallet key(id int) set(version int, balance int);
    static SESSION_SET = update tp_session key(id int) guard(version int) set(version int, state text);
    static WALLET_SET = update tp_wallet key(id int) guard(version int) set(version int, balance int);
    static INBOUND = add tp_inbound key(dedup text) set(raw text);
    static POSTING = insert tp_posting key(id int) set(wallet int, amount int);
    static OUTBOUND = insert tp_outbound key(id int) set(body text);
    static SEEN = upsert tp_seen key(id int) set(at int);
    static TALLY = upsert tp_tally key(name text) plus(times int);
}

#[tokio::main]
async fn main() -> Result<(), StoreError> {
    let mut words = std::env::args().skip(1);
    let url = words.next().unwrap_or_else(|| "sqlite:throughput.db".to_owned());
    let seconds: u64 = words.next().and_then(|word| word.parse().ok()).unwrap_or(10);
    let clients: i64 = words.next().and_then(|word| word.parse().ok()).unwrap_or(512);
    let store = Store::open(StoreOptions::new(url)).await?;
    store.migrate(SCHEMA, &SystemClock).await?;
    for id in 0..PEOPLE / 1_000 {
        let from = id * 1_000;
        store.run(TenantId(1), 0, move |tx| async move { people(&tx, from) }).await?;
    }
    let (before, cpu_before) = (store.stats(), cpu());
    let (next, stop) = (Arc::new(AtomicI64::new(1)), Arc::new(AtomicBool::new(false)));
    let begun = Instant::now();
    let tasks: Vec<_> = (0..clients)
        .map(|client| {
            let (store, next, stop) = (store.clone(), Arc::clone(&next), Arc::clone(&stop));
            tokio::spawn(async move {
                let mut slowest = Duration::ZERO;
                let mut who = client;
                while !stop.load(Ordering::Relaxed) {
                    let (number, sent) = (next.fetch_add(1, Ordering::Relaxed), Instant::now());
                    who = (who + clients) % PEOPLE;
                    let person = who;
                    store
                        .run(TenantId(1), person.unsigned_abs(), move |tx| async move {
                            work(&tx, person, number).await
                        })
                        .await?;
                    slowest = slowest.max(sent.elapsed());
                }
                Ok::<_, StoreError>(slowest)
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    stop.store(true, Ordering::Relaxed);
    let mut slowest = Duration::ZERO;
    for task in tasks {
        slowest = slowest.max(task.await.expect("a client does not panic")?);
    }
    let (after, took) = (store.stats(), begun.elapsed().as_secs_f64());
    #[allow(clippy::cast_precision_loss)]
    let units = (after.units - before.units) as f64;
    #[allow(clippy::cast_precision_loss)]
    let batches = (after.batches - before.batches) as f64;
    println!(
        "{:?}: {:.0} units/s, {:.1} µs of CPU each in this process, {:.0} units a batch, slowest {:.0} ms, {} reruns",
        store.engine(),
        units / took,
        (cpu() - cpu_before) * 1e6 / units,
        units / batches,
        slowest.as_secs_f64() * 1e3,
        after.reruns - before.reruns,
    );
    store.close().await;
    Ok(())
}

fn people(tx: &Tx, from: i64) -> Result<(), StoreError> {
    for id in from..from + 1_000 {
        tx.put(&SESSION_NEW, params![id, 1_i64, "{}"]);
        tx.put(&WALLET_NEW, params![id, 1_i64, 0_i64]);
    }
    Ok(())
}

async fn work(tx: &Tx, person: i64, number: i64) -> Result<(), StoreError> {
    let missing = || StoreError::Options("use a fresh database".to_owned());
    tx.add(&INBOUND, params![format!("update {number}"), "{\"message\":{\"text\":\"balance, please\"}}"])
        .await?;
    let session = tx.one(&SESSION, params![person]).await?.ok_or_else(missing)?;
    let wallet = tx.one(&WALLET, params![person]).await?.ok_or_else(missing)?;
    let version = session.int(0)?;
    tx.put(&SESSION_SET, params![person, version, version + 1, format!("{{\"step\":{number}}}")]);
    let (version, balance) = (wallet.int(0)?, wallet.int(1)?);
    tx.put(&WALLET_SET, params![person, version, version + 1, balance + 5]);
    tx.put(&POSTING, params![number, person, 5_i64]);
    tx.put(&OUTBOUND, params![number, format!("You have {} points", balance + 5)]);
    tx.put(&SEEN, params![person, number]);
    tx.put(&TALLY, params!["messages", 1_i64]);
    Ok(())
}

/// Seconds of CPU this process has used.
fn cpu() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = text.rsplit(')').next().unwrap_or_default();
    let ticks = |at: usize| {
        after_name.split_whitespace().nth(at).and_then(|word| word.parse::<f64>().ok()).unwrap_or(0.0)
    };
    (ticks(11) + ticks(12)) / 100.0
}
