//! Browsers in which somebody is signed in: a random token in a cookie, of which only the hash is kept.

use super::model::{Device, Opened, SignedIn, Workplace};
use super::{rules, store};
use crate::access::{WAKE_ACCESS, token_hash};
use crate::app::App;
use crate::problem::{Fail, Kind, Problem};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use samovar_base::{Instant, SessionId, TenantId, UserId};
use samovar_store::{StoreError, Tx, params};
use std::sync::Arc;

/// A session that nobody uses ends after so long.
pub const IDLE_DAYS: i64 = 14;
/// Every session ends after so long.
pub const ABSOLUTE_DAYS: i64 = 90;
/// The use of a session is noted no more often.
const USE_NOTED_SECONDS: i64 = 600;
const DAY: i64 = 86_400;

/// Who is signed in in the browser whose cookie holds `token`. A session that was ended opens nothing: on this node
/// from that moment, on others as soon as they hear of it, a minute at the latest.
pub async fn authenticate(app: &App, token: &str) -> Result<Arc<SignedIn>, Fail> {
    let now = app.clock.now();
    let hash = token_hash(token);
    if let Some(known) = app.sessions.known(&hash, now) {
        return Ok(known);
    }
    let owned = hash.clone();
    let found = app
        .store
        .read_instance(move |tx| {
            let hash = owned.clone();
            async move { find(&tx, &hash, now).await }
        })
        .await?;
    let Some((signed, used_at)) = found else { return Err(ended().into()) };
    if now.millis_since(used_at) >= USE_NOTED_SECONDS * 1_000 {
        note_use(app, signed.user, signed.session, now).await?;
    }
    let signed = Arc::new(signed);
    app.sessions.remember(hash, Arc::clone(&signed), now);
    Ok(signed)
}

/// Ends the session that asks.
pub async fn sign_out(app: &App, signed: &SignedIn) -> Result<(), Fail> {
    let (user, session) = (signed.user, signed.session);
    app.store
        .run_instance(unit_key(user), move |tx| async move {
            tx.exec(&store::SESSION_END, params![user, session]).await?;
            tx.wake(WAKE_ACCESS, &session.to_string());
            Ok(())
        })
        .await
}

/// A fresh token: 256 random bits.
pub(super) fn token(app: &App) -> String {
    URL_SAFE_NO_PAD.encode(app.chance.bytes::<32>())
}

/// Inside a unit of the instance: opens a session; outdated ones of the person go.
pub(super) async fn open(
    app: &App,
    tx: &Tx,
    user: UserId,
    company: Option<TenantId>,
    device: &Device,
    token: &str,
) -> Result<Opened, Fail> {
    let now = app.clock.now();
    let (idle, absolute) = oldest(now);
    tx.exec(&store::SESSIONS_END_OLD, params![user, idle, absolute]).await?;
    let id = SessionId::new(&app.ids, app.clock.as_ref());
    let name = rules::device(&device.agent);
    let address: String = device.address.chars().take(64).collect();
    tx.put(&store::SESSION_NEW, params![id, user, token_hash(token), company, name, address, now, now]);
    Ok(Opened { token: token.to_owned() })
}

/// Units of one person come one after another.
pub(super) fn unit_key(user: UserId) -> u64 {
    user.0.cast_unsigned()
}

/// Inside a unit of the instance: where somebody works.
pub(super) async fn workplaces(tx: &Tx, user: UserId) -> Result<Vec<Workplace>, Fail> {
    let rows = tx.all(&store::WORKPLACES, params![user]).await?;
    Ok(rows.iter().map(Workplace::from_row).collect::<Result<_, _>>()?)
}

/// The place that is looked at: as chosen, else the first.
pub(super) fn chosen(places: &[Workplace], company: Option<TenantId>) -> Option<&Workplace> {
    places.iter().find(|place| Some(place.tenant) == company).or_else(|| places.first())
}

async fn find(tx: &Tx, hash: &str, now: Instant) -> Result<Option<(SignedIn, Instant)>, Fail> {
    let Some(row) = tx.one(&store::SESSION_BY_TOKEN, params![hash]).await? else { return Ok(None) };
    let (created_at, used_at) = (row.instant(3)?, row.instant(4)?);
    let (idle, absolute) = oldest(now);
    if used_at < idle || created_at < absolute {
        return Ok(None);
    }
    let (user, locale) = (row.id(1)?, row.text(5)?.to_owned());
    let places = workplaces(tx, user).await?;
    let actor = chosen(&places, row.opt_id(2)?).map(|place| place.actor(&locale));
    Ok(Some((SignedIn { user, session: row.id(0)?, locale, actor }, used_at)))
}

fn oldest(now: Instant) -> (Instant, Instant) {
    (now.minus_seconds(IDLE_DAYS * DAY), now.minus_seconds(ABSOLUTE_DAYS * DAY))
}

async fn note_use(app: &App, user: UserId, session: SessionId, now: Instant) -> Result<(), Fail> {
    let noted: Result<(), Fail> = app
        .store
        .run_instance(unit_key(user), move |tx| async move {
            Ok(tx.exec(&store::SESSION_USED, params![session, now]).await.map(drop)?)
        })
        .await;
    match noted {
        // A busy database is no reason to turn away who only wants to read.
        Err(Fail::Store(StoreError::Busy)) => Ok(()),
        other => other,
    }
}

fn ended() -> Problem {
    Problem::new(
        Kind::Unauthorized,
        "session_ended",
        "Сеанс закончился: войдите снова",
        "The session has ended: sign in again",
    )
}
