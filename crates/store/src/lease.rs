//! Leases: who does a thing that only one node may do, and until when.

use crate::{Row, Store, StoreError, params};
use samovar_base::Instant;
use std::hash::{DefaultHasher, Hash, Hasher};

/// A lease that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// Grows whenever the lease passes to another holder: what a late writer of an earlier epoch is told by.
    pub epoch: i64,
}

/// A lease as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseRow {
    /// What is leased.
    pub name: String,
    /// By whom; empty once released.
    pub holder: String,
    /// See [`Lease::epoch`].
    pub epoch: i64,
    /// Until when, if it is not renewed.
    pub until: Instant,
}

crate::query! {
    instance static LEASE_TAKE = "
        INSERT INTO store_lease (name, holder, epoch, until) VALUES ($1, $2, 1, $3)
        ON CONFLICT (name) DO UPDATE SET
            holder = excluded.holder,
            until = excluded.until,
            epoch = store_lease.epoch + CASE WHEN store_lease.holder = excluded.holder THEN 0 ELSE 1 END
        WHERE store_lease.holder = excluded.holder OR store_lease.until <= $4
        RETURNING epoch";
    instance static LEASE_RELEASE = "UPDATE store_lease SET holder = '', until = 0 WHERE name = $1 AND holder = $2";
    instance static LEASES = "
        SELECT name, holder, epoch, until FROM store_lease
        WHERE substr(name, 1, length(CAST($1 AS TEXT))) = CAST($1 AS TEXT) ORDER BY name";
}

pub(crate) async fn take(
    store: &Store,
    name: &str,
    holder: &str,
    now: Instant,
    ttl_ms: i64,
) -> Result<Option<Lease>, StoreError> {
    let (key, name, holder) = (key(name), name.to_owned(), holder.to_owned());
    store
        .run_instance(key, move |tx| {
            let params = params![name, holder, now.plus_millis(ttl_ms), now];
            async move {
                let taken = tx.one(&LEASE_TAKE, params).await?;
                taken.map(|row| Ok(Lease { epoch: row.int(0)? })).transpose()
            }
        })
        .await
}

pub(crate) async fn release(store: &Store, name: &str, holder: &str) -> Result<(), StoreError> {
    let (key, name, holder) = (key(name), name.to_owned(), holder.to_owned());
    store
        .run_instance(key, move |tx| {
            let params = params![name, holder];
            async move { tx.exec(&LEASE_RELEASE, params).await.map(drop) }
        })
        .await
}

pub(crate) async fn list(store: &Store, prefix: &str) -> Result<Vec<LeaseRow>, StoreError> {
    let prefix = prefix.to_owned();
    store
        .read_instance(move |tx| {
            let params = params![prefix];
            async move { tx.all(&LEASES, params).await?.iter().map(row).collect() }
        })
        .await
}

fn row(row: &Row) -> Result<LeaseRow, StoreError> {
    Ok(LeaseRow {
        name: row.text(0)?.to_owned(),
        holder: row.text(1)?.to_owned(),
        epoch: row.int(2)?,
        until: row.instant(3)?,
    })
}

fn key(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    ("lease", name).hash(&mut hasher);
    hasher.finish()
}
