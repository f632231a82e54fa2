//! Transfers in any interleaving, against a model.

use crate::harness::{
    ACCOUNT, ACCOUNT_GIVE, ACCOUNT_MOVE, ACCOUNT_NEW, ACCOUNT_SET, ACCOUNT_TAKE, ACCOUNTS, Place, SEEN,
    on_postgres,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use samovar_base::TenantId;
use samovar_store::{Store, StoreError, StoreOptions, Tx, params};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

const ACCOUNTS_MAX: i64 = 5;
const START: i64 = 30;

/// How a transfer is written.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// Both accounts are read and set under their versions.
    Guarded,
    /// Taken by a write whose count decides, given at once.
    Counted,
    /// Numbers are added, whatever the balance.
    Added,
}

#[derive(Debug, Clone, Copy)]
struct Transfer {
    key: u64,
    from: i64,
    to: i64,
    amount: i64,
    way: Way,
    /// Told to be done twice with one dedup key.
    doubled: bool,
    /// Says no at its very end.
    fails: bool,
}

fn transfer() -> impl Strategy<Value = Transfer> {
    let way = prop_oneof![Just(Way::Guarded), Just(Way::Counted), Just(Way::Added)];
    (
        0..6_u64,
        0..ACCOUNTS_MAX,
        1..ACCOUNTS_MAX,
        1..20_i64,
        way,
        prop::bool::weighted(0.2),
        prop::bool::weighted(0.15),
    )
        .prop_map(|(key, from, step, amount, way, doubled, fails)| {
            let to = (from + step) % ACCOUNTS_MAX;
            Transfer { key, from, to, amount, way, doubled, fails }
        })
}

#[derive(Debug, PartialEq)]
enum Said {
    Done,
    Poor,
    Known,
}

async fn carry_out(tx: Tx, number: i64, wish: Transfer) -> Result<Said, StoreError> {
    if !tx.add(&SEEN, params![1_i64, format!("transfer {number}"), wish.from]).await? {
        return Ok(Said::Known);
    }
    match wish.way {
        Way::Guarded => {
            let from = tx.one(&ACCOUNT, params![wish.from]).await?.ok_or(StoreError::Busy)?;
            let to = tx.one(&ACCOUNT, params![wish.to]).await?.ok_or(StoreError::Busy)?;
            if from.int(1)? < wish.amount {
                return Ok(Said::Poor);
            }
            for (id, row, amount) in [(wish.from, &from, -wish.amount), (wish.to, &to, wish.amount)] {
                tx.put(&ACCOUNT_SET, params![id, row.int(0)?, row.int(0)? + 1, row.int(1)? + amount]);
            }
        }
        Way::Counted => {
            if tx.exec(&ACCOUNT_TAKE, params![wish.from, wish.amount]).await? == 0 {
                return Ok(Said::Poor);
            }
            tx.exec(&ACCOUNT_GIVE, params![wish.to, wish.amount]).await?;
        }
        Way::Added => {
            tx.put(&ACCOUNT_MOVE, params![wish.from, 1_i64, -wish.amount]);
            tx.put(&ACCOUNT_MOVE, params![wish.to, 1_i64, wish.amount]);
        }
    }
    if wish.fails { Err(StoreError::Unavailable("the unit says no".into())) } else { Ok(Said::Done) }
}

async fn check(store: &Store, tenant: TenantId, wishes: Vec<Transfer>) {
    let made = store.run(tenant, 0, |tx| async move {
        (0..ACCOUNTS_MAX).for_each(|id| tx.put(&ACCOUNT_NEW, params![id, 1_i64, START]));
        Ok::<_, StoreError>(())
    });
    made.await.unwrap();
    let mut expected = vec![START; usize::try_from(ACCOUNTS_MAX).unwrap()];
    let mut sent = Vec::new();
    for (number, wish) in (0..).zip(&wishes) {
        let copies = if wish.doubled { 2 } else { 1 };
        let copies: Vec<_> = (0..copies)
            .map(|copy| {
                let (store, wish) = (store.clone(), *wish);
                let unit = move |tx| carry_out(tx, number, wish);
                tokio::spawn(async move { store.run(tenant, wish.key + copy, unit).await })
            })
            .collect();
        sent.push((*wish, copies));
    }
    for (wish, copies) in sent {
        let mut done = 0;
        for copy in copies {
            match copy.await.unwrap() {
                Ok(Said::Done) => done += 1,
                Ok(Said::Poor | Said::Known) => {}
                Err(error) => assert!(wish.fails, "{wish:?}: {error}"),
            }
        }
        assert!(done <= 1, "{wish:?} was done twice");
        expected[usize::try_from(wish.from).unwrap()] -= done * wish.amount;
        expected[usize::try_from(wish.to).unwrap()] += done * wish.amount;
    }
    let rows = store.read(tenant, |tx| async move { tx.all(&ACCOUNTS, ()).await }).await.unwrap();
    let balances: Vec<i64> = rows.iter().map(|row| row.int(1).unwrap()).collect();
    assert_eq!(balances.iter().sum::<i64>(), START * ACCOUNTS_MAX);
    assert_eq!(balances, expected);
}

async fn any_interleaving(place: Place) {
    let store = place.store_with(StoreOptions { lanes: 2, batch_max: 8, ..place.options() }).await;
    let (runtime, shared) = (tokio::runtime::Handle::current(), store.clone());
    let cases = tokio::task::spawn_blocking(move || {
        let tenants = Arc::new(AtomicI64::new(1_000));
        let mut runner =
            TestRunner::new(Config { cases: 24, failure_persistence: None, ..Config::default() });
        runner.run(&prop::collection::vec(transfer(), 1..40), |wishes| {
            let tenant = TenantId(tenants.fetch_add(1, Ordering::Relaxed));
            runtime.block_on(check(&shared, tenant, wishes));
            Ok(())
        })
    });
    cases.await.unwrap().unwrap();
    store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transfers_agree_with_the_model_on_sqlite() {
    any_interleaving(Place { url: "sqlite::memory:".to_owned() }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transfers_agree_with_the_model_on_postgres() {
    on_postgres(any_interleaving).await;
}
