//! What happens by itself: leases, due moments, wake-ups from other nodes.

use super::item::Own;
use super::ownership::RENEW_MS;
use super::store::{INBOUND_LOST, TIMER_DUE};
use super::{WAKE_DIRECTORY, WAKE_INBOUND, WAKE_LEASES, WAKE_OUTBOUND, WAKE_PAGE, due, resume};
use crate::app::App;
use crate::conversations::WAKE_PRESENCE;
use crate::live::WAKE_LIVE;
use crate::problem::Fail;
use crate::work;
use samovar_base::{ChannelId, ContactId, Instant};
use samovar_connectors::webchat::PageEvent;
use samovar_store::{Query, Wake, params, query, table_write};
use std::time::Duration;
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How often due moments are looked for.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How often leases are renewed.
const RENEW_EVERY: Duration = Duration::from_millis(RENEW_MS.unsigned_abs());
/// The same while something is on its way to another node.
const LEAVE_EVERY: Duration = Duration::from_millis(100);
/// How often counts of steps are written down.
const COUNT_EVERY: Duration = Duration::from_secs(5);
/// An event that nobody has in hand after so long was missed.
const LOST_AFTER_MS: i64 = 5_000;

query! {
    instance static RINGING = "SELECT DISTINCT bucket FROM timer WHERE due_at <= $1";
}

table_write! {
    static TIMER_RANG = delete timer key(channel_id int, contact_id int, key text) guard(due_at int);
}

/// Renews leases and takes up what was gained, until stopped.
pub async fn leases(app: App, stop: CancellationToken) {
    let mut pause = RENEW_EVERY;
    while sleep(&stop, pause).await {
        let renewed = app.pipeline.renew(&app).await;
        pause = if matches!(renewed, Ok(true)) { LEAVE_EVERY } else { RENEW_EVERY };
        log(renewed.map(drop), "leases could not be renewed, or work of another node not be taken up");
    }
}

/// Looks for due timers and messages, until stopped.
pub async fn moments(app: App, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
            () = app.pipeline.tick_now.notified() => {}
        }
        log(look(&app).await, "due moments could not be looked for");
    }
}

/// Runs due jobs, until stopped. Jobs may be long: they hold up neither timers nor each other.
pub async fn jobs(app: App, stop: CancellationToken) {
    let mut running = JoinSet::new();
    while !stop.is_cancelled() {
        let started = work::start(&app, &mut running).await;
        log(started.map(drop), "due jobs could not be looked for");
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
            // One that comes again at once goes on without a pause.
            Some(_) = running.join_next() => {}
        }
    }
    while running.join_next().await.is_some() {}
}

/// Writes down every few seconds which steps people went through, and once more at the end.
pub async fn passages(app: App, stop: CancellationToken) {
    while sleep(&stop, COUNT_EVERY).await {
        log(app.passages.write_down(&app).await, "steps that people went through could not be counted");
    }
    log(app.passages.write_down(&app).await, "steps that people went through could not be counted");
}

/// One look for due timers and messages, and for events of which no hint was heard.
pub async fn look(app: &App) -> Result<(), Fail> {
    let now = app.clock.now();
    due::outbound(app, &app.pipeline.ownership.held()).await?;
    for place in held_of(app, &RINGING, now).await? {
        while timers(app, place).await? == 500 {}
    }
    if app.pipeline.conversations.open() == 0 {
        for place in held_of(app, &INBOUND_LOST, now.plus_millis(-LOST_AFTER_MS)).await? {
            resume::inbound(app, place).await?;
        }
    }
    Ok(())
}

/// The buckets a query finds, as far as this node holds them.
async fn held_of(app: &App, query: &'static Query, until: Instant) -> Result<Vec<usize>, Fail> {
    let rows = app
        .store
        .read_instance(move |tx| async move { Ok::<_, Fail>(tx.all(query, params![until]).await?) })
        .await?;
    let mut held = Vec::with_capacity(rows.len());
    for row in &rows {
        let place = usize::try_from(row.int(0)?).unwrap_or(usize::MAX);
        if place < super::bucket::BUCKETS && app.pipeline.ownership.holds(place) {
            held.push(place);
        }
    }
    Ok(held)
}

/// Hears what other nodes say, until stopped.
pub async fn wakes(app: App, mut heard: Receiver<Wake>, stop: CancellationToken) {
    loop {
        let wake = tokio::select! {
            () = stop.cancelled() => return,
            wake = heard.recv() => wake,
        };
        match wake {
            Ok(wake) => log(obey(&app, &wake.topic, &wake.payload).await, "a wake-up could not be obeyed"),
            Err(RecvError::Lagged(_)) => {
                log(catch_up(&app).await, "missed wake-ups could not be made up for")
            }
            Err(RecvError::Closed) => return,
        }
    }
}

async fn obey(app: &App, topic: &str, payload: &str) -> Result<(), Fail> {
    let bucket = || {
        payload
            .parse()
            .ok()
            .filter(|place| *place < super::bucket::BUCKETS && app.pipeline.ownership.holds(*place))
    };
    match topic {
        Wake::EVERYTHING => catch_up(app).await?,
        WAKE_INBOUND => {
            if let Some(place) = bucket() {
                resume::inbound(app, place).await?;
            }
        }
        WAKE_OUTBOUND => {
            if let Some(place) = bucket() {
                due::outbound(app, &[place]).await?;
            }
        }
        WAKE_PRESENCE => app.presence.heard(payload, app.clock.now()),
        WAKE_LIVE => app.live.heard(payload, app.pipeline.node_number()),
        WAKE_LEASES => {
            app.pipeline.renew(app).await?;
        }
        WAKE_PAGE => {
            if let Some((Ok(channel), chat)) =
                payload.split_once('/').map(|(channel, chat)| (channel.parse(), chat))
            {
                let place = super::bucket::of(channel, chat);
                if !app.pipeline.ownership.holds(place) {
                    app.hub.publish(channel, chat, &PageEvent::Reread);
                }
            }
        }
        WAKE_DIRECTORY => {
            if let Ok(tenant) = payload.parse() {
                app.directory.load_tenant(app, tenant).await?;
                app.pipeline.look_soon();
            }
        }
        _ => {}
    }
    Ok(())
}

async fn catch_up(app: &App) -> Result<(), Fail> {
    app.live.missed();
    app.directory.load(app).await?;
    for place in app.pipeline.ownership.held() {
        resume::inbound(app, place).await?;
    }
    app.pipeline.tick_now.notify_one();
    Ok(())
}

/// A due timer becomes an event of its conversation; the timer goes after the event is stored, so that it rings
/// at least once, and the event's key lets it ring at most once.
async fn timers(app: &App, place: usize) -> Result<usize, Fail> {
    let now = app.clock.now();
    let rows = app
        .store
        .read_instance(move |tx| async move {
            Ok::<_, Fail>(tx.all(&TIMER_DUE, params![super::bucket::number(place), now]).await?)
        })
        .await?;
    for row in &rows {
        let (tenant, channel_id, contact): (samovar_base::TenantId, ChannelId, ContactId) =
            (row.id(0)?, row.id(1)?, row.id(2)?);
        let (key, chat, due) = (row.text(3)?.to_owned(), row.text(4)?.to_owned(), row.instant(5)?);
        if let Some(channel) = app.directory.channel(channel_id) {
            let dedup = format!("timer:{}:{key}:{}", contact.0, due.0);
            let own = Own::Timer { contact, key: key.clone(), since: row.opt_instant(6)? };
            resume::enter(app, &channel, chat.into(), dedup.into(), own, |_| ()).await?;
        }
        let rang = app
            .store
            .run(tenant, contact.0.unsigned_abs(), move |tx| {
                tx.put(&TIMER_RANG, params![channel_id, contact, key.as_str(), due]);
                std::future::ready(Ok::<_, Fail>(()))
            })
            .await;
        if let Err(error) = rang {
            tracing::debug!(%error, "a timer was set anew while it rang");
        }
    }
    Ok(rows.len())
}

async fn sleep(stop: &CancellationToken, time: Duration) -> bool {
    tokio::select! {
        () = stop.cancelled() => false,
        () = tokio::time::sleep(time) => true,
    }
}

pub(super) fn log(result: Result<(), Fail>, what: &str) {
    if let Err(error) = result {
        tracing::warn!(%error, what);
    }
}
