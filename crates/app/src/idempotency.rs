//! A request that is sent again because its answer was lost is answered again and not done again.
//!
//! The caller names its request by a key. The first request with the key claims it; its answer, when it was a good
//! one, is kept for a day. A refused request changed nothing, so its key is free again. A claim whose request never
//! came to an end (the node was killed) can be taken over after a minute; verbs that count money or points do not
//! rely on it: they take the key as the id of their operation, which is exact for ever.

use crate::app::App;
use crate::problem::{Fail, Kind, Problem};
use samovar_base::vault::fingerprint;
use samovar_base::{Instant, TenantId};
use samovar_store::{Row, StoreError, Tx, params};

/// How long a kept answer is given out again.
pub const KEPT_SECONDS: i64 = 24 * 3600;
/// How long a request may be worked on before another may claim its key.
pub const CLAIM_SECONDS: i64 = 60;
/// Outdated answers removed with each new claim.
const SWEEP_MAX: i64 = 50;

samovar_store::query! {
    static IDEMPOTENCY_BY_KEY =
        "SELECT request_hash, status, body_sealed, claimed_at FROM http_idempotency WHERE tenant_id = $1 AND key = $2";
    static IDEMPOTENCY_CLAIM =
        "INSERT INTO http_idempotency (tenant_id, key, request_hash, status, body_sealed, claimed_at)
         VALUES ($1, $2, $3, NULL, NULL, $4) ON CONFLICT (tenant_id, key) DO NOTHING";
    static IDEMPOTENCY_TAKE_OVER =
        "UPDATE http_idempotency SET request_hash = $3, status = NULL, body_sealed = NULL, claimed_at = $4
         WHERE tenant_id = $1 AND key = $2 AND claimed_at = $5";
    static IDEMPOTENCY_FINISH =
        "UPDATE http_idempotency SET status = $4, body_sealed = $5
         WHERE tenant_id = $1 AND key = $2 AND claimed_at = $3 AND status IS NULL";
    static IDEMPOTENCY_RELEASE =
        "DELETE FROM http_idempotency WHERE tenant_id = $1 AND key = $2 AND claimed_at = $3 AND status IS NULL";
    static IDEMPOTENCY_SWEEP =
        "DELETE FROM http_idempotency WHERE tenant_id = $1 AND key IN (
             SELECT key FROM http_idempotency WHERE tenant_id = $1 AND claimed_at < $2 ORDER BY claimed_at LIMIT $3)";
}

/// A key that a request of ours holds until it is finished or released.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    tenant: TenantId,
    key: String,
    claimed_at: Instant,
}

/// What became of an attempt to claim a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// The request is new: do it, then [`finish`] or [`release`].
    Fresh(Claim),
    /// It was done: give this answer.
    Answered {
        /// Its status.
        status: u16,
        /// Its body.
        body: Vec<u8>,
    },
}

/// Claims `key` for the request whose content has the hash `request`. The key of another request is a conflict
/// (`idempotency_key_reused`), and so is one that is being worked on (`in_progress`).
pub async fn claim(app: &App, tenant: TenantId, key: &str, request: &str) -> Result<Claimed, Fail> {
    let now = app.clock.now();
    let (owned, request) = (key.to_owned(), request.to_owned());
    let found = app
        .store
        .run(tenant, lane(key), move |tx| {
            let (key, request) = (owned.clone(), request.clone());
            async move { look_and_claim(&tx, &key, &request, now).await }
        })
        .await?;
    match found {
        Found::Claimed => Ok(Claimed::Fresh(Claim { tenant, key: key.to_owned(), claimed_at: now })),
        Found::Answered { status, sealed } => {
            let body = app.vault.open(&row_name(tenant, key), &sealed).map_err(|_| other_key())?;
            Ok(Claimed::Answered { status, body })
        }
    }
}

/// Keeps the answer to a claimed request.
pub async fn finish(app: &App, claim: &Claim, status: u16, body: &[u8]) -> Result<(), Fail> {
    let sealed = app.vault.seal(&app.chance, &row_name(claim.tenant, &claim.key), body);
    let held = claim.clone();
    app.store
        .run(claim.tenant, lane(&claim.key), move |tx| {
            let (held, sealed) = (held.clone(), sealed.clone());
            async move {
                Ok(tx
                    .exec(&IDEMPOTENCY_FINISH, params![held.key, held.claimed_at, status, sealed])
                    .await
                    .map(drop)?)
            }
        })
        .await
}

/// Gives back the key of a request that changed nothing.
pub async fn release(app: &App, claim: &Claim) -> Result<(), Fail> {
    let held = claim.clone();
    app.store
        .run(claim.tenant, lane(&claim.key), move |tx| {
            let held = held.clone();
            async move { Ok(tx.exec(&IDEMPOTENCY_RELEASE, params![held.key, held.claimed_at]).await.map(drop)?) }
        })
        .await
}

enum Found {
    Claimed,
    Answered { status: u16, sealed: Vec<u8> },
}

async fn look_and_claim(tx: &Tx, key: &str, request: &str, now: Instant) -> Result<Found, Fail> {
    if let Some(row) = tx.one(&IDEMPOTENCY_BY_KEY, params![key]).await? {
        return meet(tx, &row, key, request, now).await;
    }
    tx.exec(&IDEMPOTENCY_SWEEP, params![now.minus_seconds(KEPT_SECONDS), SWEEP_MAX]).await?;
    match tx.exec(&IDEMPOTENCY_CLAIM, params![key, request, now]).await? {
        0 => Err(in_progress().into()),
        _ => Ok(Found::Claimed),
    }
}

/// There is a row of this key already.
async fn meet(tx: &Tx, row: &Row, key: &str, request: &str, now: Instant) -> Result<Found, Fail> {
    let (status, claimed_at) = (row.opt_int(1)?, Instant(row.int(3)?));
    let age_seconds = now.millis_since(claimed_at) / 1000;
    let forgotten = age_seconds >= if status.is_some() { KEPT_SECONDS } else { CLAIM_SECONDS };
    if forgotten {
        return match tx.exec(&IDEMPOTENCY_TAKE_OVER, params![key, request, now, claimed_at]).await? {
            0 => Err(in_progress().into()),
            _ => Ok(Found::Claimed),
        };
    }
    if row.text(0)? != request {
        return Err(reused().into());
    }
    match status {
        None => Err(in_progress().into()),
        Some(status) => Ok(Found::Answered {
            status: u16::try_from(status).unwrap_or(200),
            sealed: row.bytes(2)?.to_vec(),
        }),
    }
}

/// Requests with one key come one after another.
fn lane(key: &str) -> u64 {
    u64::from_str_radix(&fingerprint(key.as_bytes())[..16], 16).unwrap_or_default()
}

fn row_name(tenant: TenantId, key: &str) -> String {
    format!("http_idempotency/{tenant}/{key}")
}

fn reused() -> Problem {
    Problem::new(
        Kind::Conflict,
        "idempotency_key_reused",
        "С этим Idempotency-Key уже был выполнен другой запрос",
        "Another request was already made with this Idempotency-Key",
    )
}

fn in_progress() -> Problem {
    Problem::new(
        Kind::Conflict,
        "in_progress",
        "Запрос с этим Idempotency-Key ещё выполняется, повторите его чуть позже",
        "The request with this Idempotency-Key is still being worked on, repeat it a little later",
    )
}

fn other_key() -> Fail {
    StoreError::Database {
        statement: "IDEMPOTENCY_BY_KEY",
        message: "a kept answer cannot be opened with this key".into(),
    }
    .into()
}
