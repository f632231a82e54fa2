//! A request that is sent again because its answer was lost is answered again and not done again.
//!
//! The caller names its request by a key. The first request with the key claims it; its answer, when it was a good
//! one, is kept for a day. A refused request changed nothing, so its key is free again. A claim whose request never
//! came to an end can be taken over as soon as the node that worked on it is gone, and in any case after a minute; verbs
//! that count money or points do not rely on it: they take the key as the id of their operation, which is exact for ever.
//!
//! A request is told from others by two hashes: that of who asks what where is known at once, that of the whole request
//! only when its body has been read. Bodies are not kept.

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
        "SELECT request_hash, status, body_sealed, claimed_at, holder FROM http_idempotency WHERE tenant_id = $1 AND key = $2";
    static IDEMPOTENCY_CLAIM =
        "INSERT INTO http_idempotency (tenant_id, key, request_hash, status, body_sealed, claimed_at, holder)
         VALUES ($1, $2, $3, NULL, NULL, $4, $5) ON CONFLICT (tenant_id, key) DO NOTHING";
    static IDEMPOTENCY_TAKE_OVER =
        "UPDATE http_idempotency
         SET request_hash = $3, status = NULL, body_sealed = NULL, claimed_at = $4, holder = $5
         WHERE tenant_id = $1 AND key = $2 AND claimed_at = $6";
    static IDEMPOTENCY_FINISH =
        "UPDATE http_idempotency SET status = $4, body_sealed = $5, request_hash = $6
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
    /// It was done: give this answer, if the whole request is the same.
    Answered {
        /// Hash of the whole request.
        request: String,
        /// Its status.
        status: u16,
        /// Its body.
        body: Vec<u8>,
    },
}

/// Claims `key` for a request; `head` is the hash of what is known before its body is read. The key of another request is
/// a conflict (`idempotency_key_reused`), and so is one that is being worked on (`in_progress`).
pub async fn claim(app: &App, tenant: TenantId, key: &str, head: &str) -> Result<Claimed, Fail> {
    let claim = Claim { tenant, key: key.to_owned(), claimed_at: app.clock.now() };
    let mut found = attempt(app, &claim, head, None).await?;
    if let Found::Held { holder } = &found {
        if !app.pipeline.ownership.is_gone(holder).await? {
            return Err(in_progress().into());
        }
        found = attempt(app, &claim, head, Some(holder.clone())).await?;
    }
    match found {
        Found::Claimed => Ok(Claimed::Fresh(claim)),
        Found::Held { .. } => Err(in_progress().into()),
        Found::Answered { request, status, sealed } => {
            let body = app.vault.open(&row_name(tenant, key), &sealed).map_err(|_| other_key())?;
            Ok(Claimed::Answered { request, status, body })
        }
    }
}

/// What becomes of a claim; one that `gone` holds is in nobody's way.
async fn attempt(app: &App, claim: &Claim, head: &str, gone: Option<String>) -> Result<Found, Fail> {
    let wanted = Wanted {
        key: claim.key.clone(),
        head: head.to_owned(),
        at: claim.claimed_at,
        holder: app.pipeline.ownership.holder().to_owned(),
        gone,
    };
    app.store
        .run(claim.tenant, lane(&claim.key), move |tx| {
            let wanted = wanted.clone();
            async move { look_and_claim(&tx, &wanted).await }
        })
        .await
}

/// Keeps the answer to a claimed request; `request` is the hash of all of it.
pub async fn finish(app: &App, claim: &Claim, request: &str, status: u16, body: &[u8]) -> Result<(), Fail> {
    let sealed = app.vault.seal(&app.chance, &row_name(claim.tenant, &claim.key), body);
    let (held, request) = (claim.clone(), request.to_owned());
    app.store
        .run(claim.tenant, lane(&claim.key), move |tx| {
            let (held, sealed, request) = (held.clone(), sealed.clone(), request.clone());
            async move {
                Ok(tx
                    .exec(&IDEMPOTENCY_FINISH, params![held.key, held.claimed_at, status, sealed, request])
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

/// A claim that is wanted.
#[derive(Clone)]
struct Wanted {
    key: String,
    head: String,
    at: Instant,
    holder: String,
    gone: Option<String>,
}

enum Found {
    Claimed,
    Held { holder: String },
    Answered { request: String, status: u16, sealed: Vec<u8> },
}

async fn look_and_claim(tx: &Tx, wanted: &Wanted) -> Result<Found, Fail> {
    let Wanted { key, head, at, holder, .. } = wanted;
    if let Some(row) = tx.one(&IDEMPOTENCY_BY_KEY, params![key]).await? {
        return meet(tx, &row, wanted).await;
    }
    tx.exec(&IDEMPOTENCY_SWEEP, params![at.minus_seconds(KEPT_SECONDS), SWEEP_MAX]).await?;
    match tx.exec(&IDEMPOTENCY_CLAIM, params![key, head, *at, holder]).await? {
        0 => Err(in_progress().into()),
        _ => Ok(Found::Claimed),
    }
}

/// There is a row of this key already.
async fn meet(tx: &Tx, row: &Row, wanted: &Wanted) -> Result<Found, Fail> {
    let Wanted { key, head, at, holder, gone } = wanted;
    let (status, claimed_at) = (row.opt_int(1)?, Instant(row.int(3)?));
    let age_seconds = at.millis_since(claimed_at) / 1000;
    let forgotten = match status {
        Some(_) => age_seconds >= KEPT_SECONDS,
        None => age_seconds >= CLAIM_SECONDS || gone.as_deref() == Some(row.text(4)?),
    };
    if forgotten {
        return match tx.exec(&IDEMPOTENCY_TAKE_OVER, params![key, head, *at, holder, claimed_at]).await? {
            0 => Err(in_progress().into()),
            _ => Ok(Found::Claimed),
        };
    }
    let request = row.text(0)?;
    match status {
        None if request == head => Ok(Found::Held { holder: row.text(4)?.to_owned() }),
        None => Err(reused().into()),
        Some(status) => Ok(Found::Answered {
            request: request.to_owned(),
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

/// The key is that of another request.
pub fn reused() -> Problem {
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
