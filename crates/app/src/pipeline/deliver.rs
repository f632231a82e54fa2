//! The last door: the only place that sends.

use super::outbound::{Class, Policy, Ready};
use super::pace::Budget;
use super::store::{
    IDENTITY_BLOCK, MEDIA_FORGET, MEDIA_KEEP, MEDIA_KNOWN, OUTBOUND_ENDED, OUTBOUND_LATER, OUTBOUND_SENT,
    STATE_FAILED, STATE_SENT, STATE_UNSURE, STATE_WAITING,
};
use super::{Pipeline, WAKE_PAGE, bucket, due, resume};
use crate::app::App;
use crate::channels;
use crate::directory::ChannelInfo;
use crate::live::Noun;
use crate::media;
use crate::problem::Fail;
use samovar_connectors::{Delivery, Outgoing, Scope, SendError, Upload};
use samovar_store::{StoreError, params};
use secrecy::ExposeSecret;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::Instant as Steady;

/// Longer waits are spent in the table, not in memory.
const WAIT_IN_MEMORY_US: i64 = 30_000_000;
/// Who waits looks up so often whether the conversation is still this node's.
const LOOK_UP: Duration = Duration::from_millis(500);
/// After a failure without a time of its own: first this, then doubled.
const BACKOFF_FIRST_MS: i64 = 500;
/// The longest of such waits.
const BACKOFF_MAX_MS: i64 = 60_000;
/// A message that could not be sent for so long is given up.
const GIVE_UP_MS: i64 = 24 * 3_600_000;
/// Sends of one channel under way at once.
const IN_FLIGHT_MAX: usize = 256;
/// A message whose answer is lost is repeated so often, when its policy allows it at all.
const REPEATS_MAX: i64 = 1;

/// Budgets and places of all channels this node sends for.
#[derive(Default)]
pub struct Lanes(Mutex<HashMap<samovar_base::ChannelId, Arc<Lane>>>);

struct Lane {
    budget: Mutex<Budget>,
    places: Semaphore,
    started: Steady,
}

impl Lanes {
    fn of(&self, channel: &ChannelInfo) -> Arc<Lane> {
        let mut lanes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(lanes.entry(channel.id).or_insert_with(|| {
            Arc::new(Lane {
                budget: Mutex::new(Budget::new(channel.pace)),
                places: Semaphore::new(IN_FLIGHT_MAX),
                started: Steady::now(),
            })
        }))
    }

    /// Whether the messenger asked the whole bot for a silence too long to be spent in memory.
    pub(super) fn is_held_up(&self, channel: samovar_base::ChannelId) -> bool {
        let lane = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&channel).cloned();
        lane.is_some_and(|lane| lane.budget().bot_pause(lane.now()) > WAIT_IN_MEMORY_US)
    }

    /// Forgets a channel's budget: its pace was changed.
    pub fn forget(&self, channel: samovar_base::ChannelId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&channel);
    }
}

impl Lane {
    fn now(&self) -> i64 {
        i64::try_from(self.started.elapsed().as_micros()).unwrap_or(i64::MAX)
    }
    fn budget(&self) -> std::sync::MutexGuard<'_, Budget> {
        self.budget.lock().unwrap_or_else(PoisonError::into_inner)
    }
    fn pause(&self, scope: Scope, chat: &str, wait_us: i64) {
        let until = self.now() + wait_us;
        match scope {
            Scope::Chat => self.budget().pause_chat(chat, until),
            Scope::Bot => self.budget().pause_bot(until),
        }
    }
}

/// What to do next with a message.
enum Next {
    Done,
    Again,
}

/// Brings one message to its end: sent, put off, unsure or failed. Each of them is in the table when this returns.
pub async fn deliver(app: App, mut message: Ready) {
    let lane = app.pipeline.lanes.of(&message.to.channel);
    let mut trouble = 0;
    loop {
        if !wait_for_budget(&app, &lane, &mut message).await {
            return;
        }
        let outcome = {
            let _place = lane.places.acquire().await;
            match begin(&app, &mut message).await {
                Ok(true) => send_once(&app, &message).await,
                Ok(false) => return,
                Err(error) => Err(error),
            }
        };
        match settle(&app, &lane, &mut message, outcome, &mut trouble).await {
            Next::Done => return,
            Next::Again => {}
        }
    }
}

/// Tells the messenger that a press was noticed. Lost ones are not repeated: the person sees the answer itself.
pub async fn acknowledge(channel: Arc<ChannelInfo>, press: String) {
    if let Err(error) = channel.messenger.acknowledge(&channel.link, &press).await {
        tracing::debug!(channel = %channel.id, %error, "a press was not acknowledged");
    }
}

/// False when the message was put off to the table instead: for long, for another node, or until somebody mends or
/// resumes the channel. The channel is from now on as it is now.
async fn wait_for_budget(app: &App, lane: &Lane, message: &mut Ready) -> bool {
    let place = bucket::of(message.to.channel.id, &message.to.chat);
    loop {
        let channel = due::open_channel(app, message.to.channel.id);
        let Some(channel) = channel.filter(|_| app.pipeline.ownership.holds(place)) else {
            let tenant = message.to.channel.tenant.id;
            if let Err(error) = resume::put_back(app, tenant, message, message.attempts - 1).await {
                tracing::warn!(message = %message.id, %error, "a message could not be put back; its next holder is in doubt of it");
            }
            return false;
        };
        message.to.channel = channel;
        // What stands in the way of an answer to the same person goes at the pace of the answer.
        let bulk = message.class == Class::Bulk && !app.pipeline.is_urged(message);
        let asked = lane.budget().take(lane.now(), &message.to.chat, bulk);
        match asked {
            Ok(()) => return true,
            Err(wait_us) if wait_us > WAIT_IN_MEMORY_US => {
                put_off(app, message, wait_us / 1_000, "the messenger asked to wait").await;
                return false;
            }
            Err(wait_us) => {
                tokio::time::sleep(Duration::from_micros(wait_us.unsigned_abs()).min(LOOK_UP)).await
            }
        }
    }
}

/// False when the message is in other hands by now. Only what must not come twice is worth a look.
async fn begin(app: &App, message: &mut Ready) -> Result<bool, SendError> {
    if message.claimed == message.attempts {
        return Ok(true);
    }
    match message.policy {
        Policy::Repeat => Ok(true),
        Policy::Keep => {
            resume::begin(app, message).await.map_err(|error| SendError::NotSent(error.to_string()))
        }
    }
}

async fn send_once(app: &App, message: &Ready) -> Result<Delivery, SendError> {
    let channel = &message.to.channel;
    let upload = match &message.drawn.media {
        Some(media) if channel.messenger.limits().uploads => Some(upload(app, channel, &media.key).await?),
        _ => None,
    };
    let outgoing =
        Outgoing { id: message.id, chat: message.to.chat.to_string(), drawn: message.drawn.clone(), upload };
    channel.messenger.send(&channel.link, &outgoing).await
}

/// The vendor's id of what was uploaded before, or the content.
async fn upload(app: &App, channel: &ChannelInfo, key: &str) -> Result<Upload, SendError> {
    let not_sent = |fail: Fail| match fail {
        Fail::Store(error) => SendError::NotSent(error.to_string()),
        Fail::Problems(_) => {
            SendError::Rejected { code: 0, text: format!("there is no content «{key}»: {fail}") }
        }
    };
    let (id, wanted) = (channel.id, key.to_owned());
    let known = app
        .store
        .read(channel.tenant.id, move |tx| {
            let wanted = wanted.clone();
            async move {
                Ok::<_, Fail>(
                    tx.one(&MEDIA_KNOWN, params![id, wanted])
                        .await?
                        .map(|row| row.text(0).map(str::to_owned))
                        .transpose()?,
                )
            }
        })
        .await
        .map_err(not_sent)?;
    if let Some(known) = known {
        return Ok(Upload::Known(known));
    }
    let content = media::content(app, channel.tenant.id, key).await.map_err(not_sent)?;
    Ok(Upload::New { bytes: content.bytes, name: content.name, media_type: content.media_type })
}

async fn settle(
    app: &App,
    lane: &Lane,
    message: &mut Ready,
    outcome: Result<Delivery, SendError>,
    trouble: &mut u32,
) -> Next {
    match outcome {
        Ok(delivery) => {
            sent(app, message, delivery).await;
            Next::Done
        }
        Err(SendError::Later { after_ms, scope }) => {
            let wait_ms = i64::try_from(after_ms).unwrap_or(BACKOFF_MAX_MS);
            lane.pause(scope, &message.to.chat, wait_ms * 1_000);
            message.attempts += 1;
            unless_too_old(app, message, "the messenger kept asking to wait").await
        }
        Err(SendError::NotSent(why)) => {
            let wait_ms = (BACKOFF_FIRST_MS << (*trouble).min(10)).min(BACKOFF_MAX_MS);
            *trouble += 1;
            lane.pause(Scope::Chat, &message.to.chat, wait_ms * 1_000);
            message.attempts += 1;
            unless_too_old(app, message, &why).await
        }
        Err(SendError::Unsure(why)) => {
            if message.policy == Policy::Repeat && message.attempts <= REPEATS_MAX {
                message.attempts += 1;
                return Next::Again;
            }
            end(app, message, STATE_UNSURE, &why).await;
            Next::Done
        }
        Err(SendError::FileUnknown) if *trouble == 0 => {
            *trouble += 1;
            forget_upload(app, message).await;
            Next::Again
        }
        Err(SendError::Moved { chat }) if *trouble < 3 => {
            *trouble += 1;
            message.to.chat = chat.into();
            Next::Again
        }
        Err(SendError::Blocked(why)) => {
            block(app, message, &why).await;
            Next::Done
        }
        Err(SendError::Unauthorized(why)) => {
            // It waits until the channel is mended; a token that is not the channel's any more says nothing of it.
            let tried = &message.to.channel;
            let now = due::open_channel(app, tried.id);
            if now.is_some_and(|now| now.link.token.expose_secret() == tried.link.token.expose_secret()) {
                channels::broken(app, tried, &why).await;
            }
            put_off(app, message, 0, &why).await;
            Next::Done
        }
        Err(error @ (SendError::Rejected { .. } | SendError::FileUnknown | SendError::Moved { .. })) => {
            end(app, message, STATE_FAILED, &error.to_string()).await;
            Next::Done
        }
    }
}

async fn unless_too_old(app: &App, message: &Ready, why: &str) -> Next {
    if app.clock.now().millis_since(message.created) < GIVE_UP_MS {
        return Next::Again;
    }
    end(app, message, STATE_FAILED, why).await;
    Next::Done
}

async fn sent(app: &App, message: &Ready, delivery: Delivery) {
    let now = app.clock.now();
    if let Some(asked) = message.asked_at {
        #[allow(clippy::cast_precision_loss)]
        metrics::histogram!("samovar_answer_seconds").record((now.0 - asked.0) as f64 / 1e6);
    }
    let (id, attempts, channel) = (message.id, message.attempts, message.to.channel.id);
    let page = message.to.channel.page.then(|| format!("{}/{}", channel, message.to.chat));
    let uploaded = message.drawn.media.as_ref().map(|media| media.key.clone()).zip(delivery.file);
    write(app, message, "sent", move |tx| {
        tx.put(&OUTBOUND_SENT, params![id, STATE_SENT, delivery.message.clone(), attempts, now]);
        if let Some((key, file)) = &uploaded {
            tx.put(&MEDIA_KEEP, params![channel, key.as_str(), file.as_str(), now]);
        }
        if let Some(page) = &page {
            tx.wake(WAKE_PAGE, page);
        }
    })
    .await;
}

async fn end(app: &App, message: &Ready, state: i64, why: &str) {
    tracing::warn!(message = %message.id, channel = %message.to.channel.id, state, why, "a message was not sent");
    let (id, attempts, why) = (message.id, message.attempts, why.to_owned());
    let outcome = if state == STATE_UNSURE { "unsure" } else { "failed" };
    write(app, message, outcome, move |tx| {
        tx.put(&OUTBOUND_ENDED, params![id, state, why.as_str(), attempts])
    })
    .await;
}

/// This time it was not taken: it does not count.
async fn put_off(app: &App, message: &Ready, wait_ms: i64, why: &str) {
    let due = app.clock.now().plus_millis(wait_ms);
    let (id, attempts, why) = (message.id, message.attempts - 1, why.to_owned());
    write(app, message, "later", move |tx| {
        tx.put(&OUTBOUND_LATER, params![id, STATE_WAITING, due, why.as_str(), attempts])
    })
    .await;
}

async fn block(app: &App, message: &Ready, why: &str) {
    let now = app.clock.now();
    let (id, attempts, why, channel) = (message.id, message.attempts, why.to_owned(), message.to.channel.id);
    let contact = message.to.contact;
    write(app, message, "blocked", move |tx| {
        tx.put(&OUTBOUND_ENDED, params![id, STATE_FAILED, why.as_str(), attempts]);
    })
    .await;
    let blocked = app
        .store
        .run(message.to.channel.tenant.id, crate::contacts::unit_key(contact), move |tx| async move {
            Ok::<_, Fail>(tx.exec(&IDENTITY_BLOCK, params![channel, contact, now]).await?)
        })
        .await;
    if let Err(error) = blocked {
        tracing::error!(%contact, %error, "that a person forbids messages could not be stored");
    }
}

async fn forget_upload(app: &App, message: &Ready) {
    let channel = message.to.channel.id;
    let key = message.drawn.media.as_ref().map(|media| media.key.clone()).unwrap_or_default();
    let forgotten = app
        .store
        .run(message.to.channel.tenant.id, bucket::conversation(channel, &key), move |tx| {
            let key = key.clone();
            async move { Ok::<_, Fail>(tx.exec(&MEDIA_FORGET, params![channel, key]).await?) }
        })
        .await;
    if let Err(error) = forgotten {
        tracing::warn!(%error, "an old upload could not be forgotten");
    }
}

/// Writes an outcome, for as long as the database is away and the program runs. If it stops before, the row stays "being
/// sent" and is taken up again by its policy.
async fn write(
    app: &App,
    message: &Ready,
    outcome: &'static str,
    puts: impl Fn(&samovar_store::Tx) + Clone + Send + Sync + 'static,
) {
    metrics::counter!("samovar_outbound_total", "outcome" => outcome).increment(1);
    let key = bucket::conversation(message.to.channel.id, &message.to.chat);
    let mut wait_ms = BACKOFF_FIRST_MS;
    loop {
        let puts = puts.clone();
        let written = app
            .store
            .run(message.to.channel.tenant.id, key, move |tx| {
                puts(&tx);
                std::future::ready(Ok::<_, Fail>(()))
            })
            .await;
        match written {
            Ok(()) => {
                return app.changed(message.to.channel.tenant.id, Noun::Conversations, message.to.contact);
            }
            Err(Fail::Store(StoreError::Busy | StoreError::Unavailable(_)))
                if !app.pipeline.is_stopping() =>
            {
                tokio::time::sleep(Duration::from_millis(wait_ms.unsigned_abs())).await;
                wait_ms = (wait_ms * 2).min(BACKOFF_MAX_MS);
            }
            Err(error) => {
                return tracing::error!(message = %message.id, %error, outcome, "the outcome of a message could not be stored");
            }
        }
    }
}

impl Pipeline {
    /// Whether a message waits or is being sent here.
    pub(super) fn has_in_hand(&self, message: &Ready) -> bool {
        self.chats.has(&(message.to.channel.id, Arc::clone(&message.to.chat)), &message.id)
    }

    fn is_urged(&self, message: &Ready) -> bool {
        self.chats.is_urged(&(message.to.channel.id, Arc::clone(&message.to.chat)), message.class as i64)
    }

    /// Hands messages to their conversations' queues; call it only after the commit that wrote them.
    pub fn send(&self, app: &App, messages: Vec<Ready>) {
        for message in messages {
            let app = app.clone();
            let key = (message.to.channel.id, Arc::clone(&message.to.chat));
            self.chats.push(key, message, move |_, message| deliver(app.clone(), message));
        }
    }
}
