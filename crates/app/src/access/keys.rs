//! Who holds a key to the REST API.

use super::{Actor, Rights, Seen, Who};
use crate::app::App;
use crate::problem::{Fail, Kind, Problem};
use samovar_base::vault::fingerprint;
use samovar_base::{ApiKeyId, Instant, TenantId};
use samovar_store::{StoreError, Tx, params, query, table_write};
use subtle::ConstantTimeEq;

/// The topic that tells every node to look at keys anew.
pub const WAKE_ACCESS: &str = "access";

/// The last use of a key is noted no more often.
const USE_NOTED_SECONDS: i64 = 3_600;
/// What every token begins with, so that a leaked one is recognised.
pub const TOKEN_PREFIX: &str = "sv_";

query! {
    instance static KEY_BY_SECRET =
        "SELECT k.tenant_id, k.id, k.secret_hash, k.scopes, k.last_used_at, t.locale FROM api_key k \
         JOIN tenant t ON t.tenant_id = k.tenant_id WHERE k.secret_hash = $1 AND k.revoked_at IS NULL";
}

table_write! {
    static KEY_USED = update api_key key(id int) set(last_used_at int);
}

/// The holders of keys that were seen of late.
pub type Keys = Seen<Actor>;

struct Found {
    actor: Actor,
    id: ApiKeyId,
    used: Option<Instant>,
}

/// The actor who holds the key whose token is `bearer`. A revoked key opens nothing: on this node from the moment its
/// revocation is committed, on others as soon as they hear of it, a minute at the latest.
pub async fn authenticate(app: &App, bearer: &str) -> Result<Actor, Fail> {
    let now = app.clock.now();
    let hash = token_hash(bearer);
    if let Some(actor) = app.keys.known(&hash, now) {
        return Ok(actor);
    }
    let Some(found) = look_up(app, &hash).await? else { return Err(unknown_key().into()) };
    note_use(app, &found, now).await?;
    app.keys.remember(hash, found.actor.clone(), now);
    Ok(found.actor)
}

/// What is stored of a token. Tokens have 160 random bits, so no salt and no slow hash are needed.
pub fn token_hash(token: &str) -> String {
    fingerprint(token.as_bytes())
}

async fn look_up(app: &App, hash: &str) -> Result<Option<Found>, Fail> {
    let owned = hash.to_owned();
    app.store
        .read_instance(move |tx| {
            let hash = owned.clone();
            async move { find(&tx, &hash).await }
        })
        .await
}

/// Found by an index on the hash, which tells nothing of the token; compared once more in constant time.
async fn find(tx: &Tx, hash: &str) -> Result<Option<Found>, Fail> {
    let Some(row) = tx.one(&KEY_BY_SECRET, params![hash]).await? else { return Ok(None) };
    if !bool::from(row.text(2)?.as_bytes().ct_eq(hash.as_bytes())) {
        return Ok(None);
    }
    let tenant: TenantId = row.id(0)?;
    let id: ApiKeyId = row.id(1)?;
    let rights = Rights::parse(row.text(3)?).map_err(|problems| row.bad_as(3, problems[0].en.as_str()))?;
    let actor =
        Actor { tenant, who: Who::ApiKey(id), rights, channels: None, locale: row.text(5)?.to_owned() };
    Ok(Some(Found { actor, id, used: row.opt_instant(4)? }))
}

async fn note_use(app: &App, found: &Found, now: Instant) -> Result<(), Fail> {
    if found.used.is_some_and(|used| now.millis_since(used) < USE_NOTED_SECONDS * 1_000) {
        return Ok(());
    }
    let id = found.id;
    let noted: Result<(), Fail> = app
        .store
        .run(found.actor.tenant, id.0.cast_unsigned(), move |tx| async move {
            tx.put(&KEY_USED, params![id, now]);
            Ok(())
        })
        .await;
    match noted {
        // A busy database is no reason to turn away who only wants to read.
        Err(Fail::Store(StoreError::Busy)) => Ok(()),
        other => other,
    }
}

fn unknown_key() -> Problem {
    Problem::new(
        Kind::Unauthorized,
        "unknown_key",
        "Ключ неизвестен или отозван",
        "The key is unknown or revoked",
    )
}
