//! Which conversations this node works on.
//!
//! On SQLite there is one node and it holds everything. On PostgreSQL buckets are shared out evenly among the living
//! nodes by leases; a node that stops renewing loses them, and another resumes their open work from the tables.

use super::bucket::BUCKETS;
use crate::problem::Fail;
use samovar_base::{Clock, Instant};
use samovar_store::{Engine, Store};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

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
    held_until: Vec<AtomicI64>,
}

impl Ownership {
    /// Holding nothing yet on PostgreSQL, everything on SQLite. `holder` names this process uniquely.
    pub fn new(store: Store, clock: Arc<dyn Clock>, holder: String) -> Self {
        let until = if store.engine() == Engine::Sqlite { i64::MAX } else { i64::MIN };
        Self { store, clock, holder, held_until: (0..BUCKETS).map(|_| AtomicI64::new(until)).collect() }
    }

    /// Whether this node may work on the bucket now.
    pub fn holds(&self, bucket: usize) -> bool {
        self.held_until[bucket].load(Ordering::Acquire) > self.clock.now().0
    }

    /// The buckets this node may work on now.
    pub fn held(&self) -> Vec<usize> {
        (0..BUCKETS).filter(|bucket| self.holds(*bucket)).collect()
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
        Err(samovar_store::StoreError::Unavailable("1024 nodes are running already".into()).into())
    }

    /// Renews what is held, takes its share of what is free, gives up what is over its share. Returns the buckets
    /// that were gained: their open work is to be resumed.
    pub async fn renew(&self, node_number: u16) -> Result<Vec<usize>, Fail> {
        if self.store.engine() == Engine::Sqlite {
            return Ok(Vec::new());
        }
        let now = self.clock.now();
        self.store.lease_take(&node_lease(usize::from(node_number)), &self.holder, now, LEASE_MS).await?;
        let alive = self.store.leases("node/").await?.iter().filter(|lease| lease.until > now).count().max(1);
        let share = BUCKETS.div_ceil(alive);
        let leases = self.store.leases("bucket/").await?;
        let free_or_mine = |bucket: usize| {
            let name = bucket_lease(bucket);
            leases.iter().find(|lease| lease.name == name).is_none_or(|lease| lease.holder == self.holder || lease.until <= now)
        };
        let mut kept = 0;
        let mut gained = Vec::new();
        for bucket in self.mine_first() {
            let mine = self.holds(bucket);
            if kept < share && free_or_mine(bucket) {
                if self.take(bucket, now).await? {
                    kept += 1;
                    if !mine {
                        gained.push(bucket);
                    }
                    continue;
                }
            }
            if mine {
                self.give_up(bucket).await?;
            }
        }
        Ok(gained)
    }

    /// Gives everything back, so that others go on at once.
    pub async fn release(&self, node_number: u16) -> Result<(), Fail> {
        if self.store.engine() == Engine::Sqlite {
            return Ok(());
        }
        for bucket in self.held() {
            self.give_up(bucket).await?;
        }
        self.store.lease_release(&node_lease(usize::from(node_number)), &self.holder).await?;
        Ok(())
    }

    fn mine_first(&self) -> Vec<usize> {
        let (mut mine, others): (Vec<usize>, Vec<usize>) = (0..BUCKETS).partition(|bucket| self.holds(*bucket));
        mine.extend(others);
        mine
    }

    async fn take(&self, bucket: usize, now: Instant) -> Result<bool, Fail> {
        let taken = self.store.lease_take(&bucket_lease(bucket), &self.holder, now, LEASE_MS).await?.is_some();
        let until = if taken { now.plus_millis(LEASE_MS - MARGIN_MS).0 } else { i64::MIN };
        self.held_until[bucket].store(until, Ordering::Release);
        Ok(taken)
    }

    async fn give_up(&self, bucket: usize) -> Result<(), Fail> {
        self.held_until[bucket].store(i64::MIN, Ordering::Release);
        self.store.lease_release(&bucket_lease(bucket), &self.holder).await?;
        Ok(())
    }
}

fn node_lease(number: usize) -> String {
    format!("node/{number:04}")
}

fn bucket_lease(bucket: usize) -> String {
    format!("bucket/{bucket:02}")
}
