//! From an inbound row to its effects, in one unit of work.

use super::accept::is_new;
use super::item::{Item, Own, What};
use super::outbound::{Ready, Recipient, write};
use super::store::{INBOUND_ENDED, STATE_DEAD, STATE_DONE, STATE_LATER, STATE_NEW};
use super::talk::Talk;
use super::tick::log;
use super::{WAKE_INBOUND, backstage, bucket, held, resume, standing, tell};
use crate::app::App;
use crate::contacts;
use crate::directory::ChannelState;
use crate::live::Noun;
use crate::problem::Fail;
use crate::scenarios::Passage;
use samovar_base::message::Event;
use samovar_base::{ContactId, Instant};
use samovar_store::{StoreError, Tx, params};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Why a row led to nothing more.
pub(super) const PAUSED: &str = "the channel is paused";

/// A row that fails so often for a reason of its own is set aside.
const TRIES_MAX: u32 = 3;
/// While the database is away: first this, then doubled up to the second.
const RETRY_FIRST: Duration = Duration::from_millis(50);
const RETRY_MAX: Duration = Duration::from_secs(5);

/// Handles one row to its end: effects written and messages handed on, or the row set aside as dead. While the
/// database is away it is tried again; when the conversation goes to another node it is left to that node.
pub async fn react(app: App, item: Item) {
    let item = Arc::new(item);
    let mut tries = 0;
    let mut pause = RETRY_FIRST;
    let mut doubtful = false;
    loop {
        let place = bucket::of(item.channel.id, &item.chat);
        if !app.pipeline.ownership.holds(place) {
            return tell(&app, WAKE_INBOUND, &place.to_string()).await; // whoever holds it now has to look again
        }
        if app.pipeline.is_stopping() {
            return;
        }
        match react_once(&app, &item).await {
            Ok(Done { ready, passed, .. }) => {
                app.passages.count(&app, item.channel.tenant.id, passed);
                app.pipeline.send(&app, ready);
                if doubtful {
                    // The try of unknown outcome may have written answers that nobody has in hand.
                    log(
                        resume::of_chat(&app, place, &item.chat).await,
                        "answers in doubt could not be taken up",
                    );
                }
                return;
            }
            Err(Fail::Store(
                error @ (StoreError::Busy | StoreError::Unavailable(_) | StoreError::OutcomeUnknown),
            )) => {
                doubtful |= matches!(error, StoreError::OutcomeUnknown);
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(RETRY_MAX);
            }
            Err(fail) => {
                tries += 1;
                tracing::error!(channel = ?item.channel, dedup = %item.dedup, %fail, tries, "an event could not be handled");
                if tries >= TRIES_MAX {
                    return set_aside(&app, &item, &fail.to_string()).await;
                }
            }
        }
    }
}

/// What a unit of work led to.
#[derive(Default)]
struct Done {
    ready: Vec<Ready>,
    /// Who was concerned.
    contact: Option<ContactId>,
    passed: Vec<Passage>,
}

async fn react_once(app: &App, item: &Arc<Item>) -> Result<Done, Fail> {
    let now = app.clock.now();
    let runs = Arc::new(AtomicU32::new(0));
    let (services, row) = (app.clone(), Arc::clone(item));
    let key = bucket::conversation(item.channel.id, &item.chat);
    let mut done = app
        .store
        .run(item.channel.tenant.id, key, move |tx| {
            let first = runs.fetch_add(1, Ordering::Relaxed) == 0;
            unit(services.clone(), Arc::clone(&row), tx, now, first)
        })
        .await?;
    for message in done.ready.iter_mut().filter(|message| message.to.chat == item.chat) {
        message.asked_at = Some(item.accepted_at);
    }
    if let Some(contact) = done.contact {
        app.changed(item.channel.tenant.id, Noun::Conversations, contact);
    }
    Ok(done)
}

/// The unit of work. A second run looks first whether the row is still new: it may have been handled elsewhere.
async fn unit(app: App, item: Arc<Item>, tx: Tx, now: Instant, first: bool) -> Result<Done, Fail> {
    if !first && !is_new(&tx, item.channel.id, &item.dedup).await? {
        return Ok(Done::default());
    }
    let mut ended = Ended::default();
    let ready = match &item.what {
        What::Own(own) if item.channel.state == ChannelState::Paused => {
            if let Own::Timer { contact, key, since } = own {
                held::hold(&tx, &item, *contact, key, since.unwrap_or(now));
            }
            ended.note = Some(PAUSED.into());
            Vec::new()
        }
        What::Own(Own::Timer { since, .. }) if !held::is_worth(*since, now) => {
            ended.note = Some(held::TOO_LATE.into());
            Vec::new()
        }
        What::Said(events) => {
            let mut ready = Vec::new();
            for event in events {
                ready.extend(said(&app, &item, &tx, now, event, &mut ended).await?);
            }
            ready
        }
        What::Own(own) => on_own(&app, &item, &tx, now, own, &mut ended).await?,
    };
    let state = if ended.later { STATE_LATER } else { STATE_DONE };
    tx.put(
        &INBOUND_ENDED,
        params![item.channel.id, &*item.dedup, STATE_NEW, state, ended.contact, ended.note],
    );
    Ok(Done { ready, contact: ended.contact, passed: ended.passed })
}

/// What is noted on the row.
#[derive(Default)]
pub(super) struct Ended {
    contact: Option<ContactId>,
    /// Why it led to nothing, or to less.
    pub note: Option<String>,
    /// It is put off.
    pub later: bool,
    /// Which steps were gone through.
    pub passed: Vec<Passage>,
}

pub(super) async fn said(
    app: &App,
    item: &Item,
    tx: &Tx,
    now: Instant,
    incoming: &samovar_base::message::Incoming,
    ended: &mut Ended,
) -> Result<Vec<Ready>, Fail> {
    let found = standing::of_person(tx, item.channel.id, &incoming.person.id).await?;
    let standing = match found {
        Some(standing) => standing,
        None => standing::meet(app, tx, &item.channel, incoming, now),
    };
    ended.contact = Some(standing.contact.id);
    match &incoming.event {
        Event::Blocked => contacts::block(tx, item.channel.id, &incoming.person.id, now).await?,
        Event::Unblocked => contacts::unblock(tx, item.channel.id, &incoming.person.id).await?,
        Event::Unknown { what } => ended.note = Some(what.clone()),
        Event::Edited { .. } => {}
        event => {
            if standing.blocked {
                contacts::unblock(tx, item.channel.id, &incoming.person.id).await?;
            }
            contacts::seen(tx, &standing.contact, now);
            if item.channel.audience.is_staff() {
                if item.channel.state == ChannelState::Paused {
                    ended.note = Some(PAUSED.into());
                    return Ok(Vec::new());
                }
                return backstage::said(app, item, tx, standing, incoming, now, ended).await;
            }
            let mut talk = Talk::new(app, item, tx, standing, incoming.person.clone(), now);
            talk.hear(event).await?;
            return talk.end(ended).await;
        }
    }
    Ok(Vec::new())
}

pub(super) async fn on_own(
    app: &App,
    item: &Item,
    tx: &Tx,
    now: Instant,
    own: &Own,
    ended: &mut Ended,
) -> Result<Vec<Ready>, Fail> {
    let contact = own.contact();
    let Some(standing) = standing::of_contact(tx, item.channel.id, contact, &item.chat).await? else {
        ended.note = Some("the contact is gone".into());
        return Ok(Vec::new());
    };
    ended.contact = Some(contact);
    let member = backstage::member(item, tx, contact).await?;
    if item.channel.audience.is_staff() && member.is_none() {
        ended.note = Some("they do not work here any more".into());
        return Ok(Vec::new());
    }
    let mut talk = Talk::new(app, item, tx, standing, samovar_base::message::Person::default(), now);
    if let Some(member) = member {
        talk.of_staff(member);
    }
    match own {
        Own::Timer { key, .. } => talk.due(key).await?,
        Own::Taken { text, media, buttons, cause, .. } => {
            talk.taken(text, media, buttons, cause.clone()).await?
        }
        Own::GivenBack { .. } => talk.given_back().await?,
        Own::Closed { .. } => talk.closed(),
        Own::Begun { scenario, .. } => talk.begun(scenario).await?,
        Own::Read { step, reading, .. } => talk.read(step, reading).await?,
        Own::Event { event, values, until, .. } => {
            ended.later = talk.event(event, values, *until).await?;
        }
    }
    talk.end(ended).await
}

async fn set_aside(app: &App, item: &Arc<Item>, why: &str) {
    metrics::counter!("samovar_inbound_dead_total").increment(1);
    let (channel, dedup, why) = (item.channel.id, Arc::clone(&item.dedup), why.to_owned());
    let key = bucket::conversation(item.channel.id, &item.chat);
    let set = app
        .store
        .run(item.channel.tenant.id, key, move |tx| {
            tx.put(
                &INBOUND_ENDED,
                params![channel, &*dedup, STATE_NEW, STATE_DEAD, None::<i64>, why.as_str()],
            );
            std::future::ready(Ok::<_, Fail>(()))
        })
        .await;
    if let Err(error) = set {
        tracing::error!(%error, "a dead event could not be set aside; it is taken up again at the next start");
    }
}

/// What a conversation says, written and ready.
pub(super) fn written(
    app: &App,
    tx: &Tx,
    item: &Item,
    contact: ContactId,
    messages: Vec<super::NewOutbound>,
    now: Instant,
) -> Vec<Ready> {
    let to = Recipient { channel: Arc::clone(&item.channel), chat: Arc::clone(&item.chat), contact };
    write(app, tx, &to, messages, now)
}
