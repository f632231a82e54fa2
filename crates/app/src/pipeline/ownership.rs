//! Which conversations this node works on.
//!
//! On SQLite there is one node and it holds everything. On PostgreSQL buckets are shared out evenly among the living
//! nodes by leases; a node that stops renewing loses them, and another resumes their open work from the tables.
//!
//! A bucket is *gained* when its lease is taken, and *held* once what a node that died had in its hands there is
//! settled: before that nothing of it is handled here, so that whatever the tables call "being sent" is in doubt. A
//! bucket that is to go to another node is *leaving*: nothing new of it is taken up, and its lease is given back when
//! nothing of it is in hand.
//!
//! Every process has a *place* (`node/…`), by which its ids are its own. Only those that work are counted when buckets are
//! shared out (`worker/…`): a command of the terminal has a place and takes no conversations from those who serve.

use super::WAKE_LEASES;
use super::bucket::BUCKETS;
use crate::problem::Fail;
use samovar_base::{Clock, Instant};
use samovar_store::{Engine, Store, StoreError};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

/// How long a lease lasts without renewal, in milliseconds.
pub const LEASE_MS: i64 = 9_000;
/// How often leases are renewed, in milliseconds.
pub const RENEW_MS: i64 = 3_000;
/// A node stops working on a bucket so long before its lease ends: clocks of nodes differ.
const MARGIN_MS: i64 = 2_000;
const NODES_MAX: usize = 1_024;

/// What this node holds.
pub struct Ownership {
    store: Store,
    clock: Arc<dyn Clock>,
    holder: String,
    places: Vec<Place>,
}

#[derive(Default)]
struct Place {
    held_until: AtomicI64,
    leaving: AtomicBool,
}

/// What a renewal changed.
#[derive(Debug, Default)]
pub struct Renewed {
    /// Leases that were taken: to be held.
    pub gained: Vec<Gained>,
    /// Buckets are leaving and something of them is still in hand.
    pub leaving: bool,
}

/// A bucket whose lease was taken and that is not held yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gained {
    /// Which.
    pub bucket: usize,
    until: i64,
}

impl Ownership {
    /// Holding nothing yet. `holder` names this process uniquely.
    pub fn new(store: Store, clock: Arc<dyn Clock>, holder: String) -> Self {
        Self { store, clock, holder, places: (0..BUCKETS).map(|_| Place::default()).collect() }
    }

    /// Whether this node may take up work of the bucket now.
    pub fn holds(&self, bucket: usize) -> bool {
        self.has(bucket) && !self.places[bucket].leaving.load(Ordering::Acquire)
    }

    /// The buckets this node may take up work of now.
    pub fn held(&self) -> Vec<usize> {
        (0..BUCKETS).filter(|bucket| self.holds(*bucket)).collect()
    }

    /// From now on a gained bucket is held.
    pub fn hold(&self, gained: Gained) {
        let place = &self.places[gained.bucket];
        place.leaving.store(false, Ordering::Release);
        place.held_until.store(gained.until, Ordering::Release);
    }

    /// Takes a number below 1024 that no living node has, for making ids.
    pub async fn take_node_number(store: &Store, clock: &dyn Clock, holder: &str) -> Result<u16, Fail> {
        if store.engine() == Engine::Sqlite {
            return Ok(0);
        }
        for number in 0..NODES_MAX {
            let taken = store.lease_take(&node_lease(number), holder, clock.now(), LEASE_MS).await?;
            if taken.is_some() {
                return Ok(u16::try_from(number).unwrap_or_default());
            }
        }
        Err(StoreError::Unavailable("1024 nodes are running already".into()).into())
    }

    /// Keeps the number that was taken, for as long again.
    pub async fn keep_place(&self, node_number: u16) -> Result<(), Fail> {
        if self.store.engine() == Engine::Postgres {
            let name = node_lease(usize::from(node_number));
            self.store.lease_take(&name, &self.holder, self.clock.now(), LEASE_MS).await?;
        }
        Ok(())
    }

    /// This process among all there were.
    pub fn holder(&self) -> &str {
        &self.holder
    }

    /// Whether a process works no more: another one on SQLite, on PostgreSQL one whose place among the nodes ran out.
    pub async fn is_gone(&self, holder: &str) -> Result<bool, Fail> {
        if holder == self.holder || self.store.engine() == Engine::Sqlite {
            return Ok(holder != self.holder);
        }
        let now = self.clock.now();
        let nodes = self.store.leases("node/").await?;
        Ok(nodes.iter().all(|node| node.holder != holder || node.until <= now))
    }

    /// Renews what is held, takes its share of what is free, and lets go of what is over its share as soon as nothing
    /// of it is `busy`.
    pub async fn renew(&self, node_number: u16, busy: impl Fn(usize) -> bool) -> Result<Renewed, Fail> {
        let mut renewed = Renewed::default();
        if self.store.engine() == Engine::Sqlite {
            let fresh = (0..BUCKETS).filter(|bucket| !self.has(*bucket));
            renewed.gained.extend(fresh.map(|bucket| Gained { bucket, until: i64::MAX }));
            return Ok(renewed);
        }
        let now = self.clock.now();
        self.keep_place(node_number).await?;
        self.store.lease_take(&worker_lease(node_number), &self.holder, now, LEASE_MS).await?;
        let working = self.store.leases("worker/").await?;
        let alive = working.iter().filter(|lease| lease.until > now).count().max(1);
        let share = BUCKETS.div_ceil(alive);
        let leases = self.store.leases("bucket/").await?;
        let free_or_mine = |bucket: usize| {
            let name = bucket_lease(bucket);
            leases
                .iter()
                .find(|lease| lease.name == name)
                .is_none_or(|lease| lease.holder == self.holder || lease.until <= now)
        };
        let (mut kept, mut released) = (0, false);
        for bucket in self.mine_first() {
            let (mine, staying) = (self.has(bucket), self.holds(bucket));
            if kept < share && free_or_mine(bucket) && (staying || !mine) {
                if let Some(until) = self.take(bucket, now).await? {
                    kept += 1;
                    if staying {
                        self.places[bucket].held_until.store(until, Ordering::Release);
                    } else {
                        renewed.gained.push(Gained { bucket, until });
                    }
                }
            } else if mine {
                self.places[bucket].leaving.store(true, Ordering::Release);
                if busy(bucket) {
                    self.keep_leaving(bucket, now).await?;
                    renewed.leaving = true;
                } else {
                    self.give_up(bucket).await?;
                    released = true;
                }
            }
        }
        if released {
            self.tell_others().await;
        }
        Ok(renewed)
    }

    /// Gives everything back, so that others go on at once.
    pub async fn release(&self, node_number: u16) -> Result<(), Fail> {
        if self.store.engine() == Engine::Sqlite {
            return Ok(());
        }
        for bucket in 0..BUCKETS {
            if self.has(bucket) {
                self.give_up(bucket).await?;
            }
        }
        self.store.lease_release(&worker_lease(node_number), &self.holder).await?;
        self.store.lease_release(&node_lease(usize::from(node_number)), &self.holder).await?;
        self.tell_others().await;
        Ok(())
    }

    fn has(&self, bucket: usize) -> bool {
        self.places[bucket].held_until.load(Ordering::Acquire) > self.clock.now().0
    }

    fn mine_first(&self) -> Vec<usize> {
        let (mut mine, others): (Vec<usize>, Vec<usize>) =
            (0..BUCKETS).partition(|bucket| self.holds(*bucket));
        mine.extend(others);
        mine
    }

    /// Until when this node may work on the bucket; `None` when another has it, and then this node has not.
    async fn take(&self, bucket: usize, now: Instant) -> Result<Option<i64>, Fail> {
        if self.store.lease_take(&bucket_lease(bucket), &self.holder, now, LEASE_MS).await?.is_none() {
            self.forget(bucket);
            return Ok(None);
        }
        Ok(Some(now.plus_millis(LEASE_MS - MARGIN_MS).0))
    }

    async fn keep_leaving(&self, bucket: usize, now: Instant) -> Result<(), Fail> {
        if let Some(until) = self.take(bucket, now).await? {
            self.places[bucket].held_until.store(until, Ordering::Release);
        }
        Ok(())
    }

    async fn give_up(&self, bucket: usize) -> Result<(), Fail> {
        self.forget(bucket);
        self.store.lease_release(&bucket_lease(bucket), &self.holder).await?;
        Ok(())
    }

    /// Others need not wait for their next round to take what was given back.
    async fn tell_others(&self) {
        let told = self.store.run_instance(0, |tx| {
            tx.wake(WAKE_LEASES, "");
            std::future::ready(Ok::<_, StoreError>(()))
        });
        if let Err(error) = told.await {
            tracing::debug!(%error, "the other nodes could not be told of free leases");
        }
    }

    fn forget(&self, bucket: usize) {
        self.places[bucket].held_until.store(0, Ordering::Release);
    }
}

fn node_lease(number: usize) -> String {
    format!("node/{number:04}")
}

fn worker_lease(number: u16) -> String {
    format!("worker/{number:04}")
}

fn bucket_lease(bucket: usize) -> String {
    format!("bucket/{bucket:02}")
}
