//! Taking up what the tables hold: after a start, and when another node's lease has ended.

use super::accept::InboundRow;
use super::item::{Item, Own, What};
use super::outbound::{Class, Policy, Ready, Recipient};
use super::store::{
    INBOUND_ENDED, INBOUND_OPEN, OUTBOUND_BACK, OUTBOUND_CLAIM, OUTBOUND_ENDED, OUTBOUND_OPEN, STATE_FAILED,
    STATE_NEW, STATE_SENDING, STATE_SKIPPED, STATE_UNSURE, STATE_WAITING,
};
use super::{Gained, WAKE_INBOUND, WAKE_OUTBOUND, bucket, due};
use crate::app::App;
use crate::directory::ChannelInfo;
use crate::problem::Fail;
use crate::receipts;
use bytes::Bytes;
use samovar_base::{ChannelId, Instant, OutboundId, TenantId};
use samovar_connectors::Drawn;
use samovar_store::{Query, Row, StoreError, Tx, params};
use std::sync::Arc;

/// Makes gained buckets held and takes up everything open in them. First what a node that died had in its hands:
/// until a bucket is held nobody works on it, so that all of that is in doubt.
pub async fn take_over(app: &App, gained: &[Gained]) -> Result<(), Fail> {
    let (mut events, mut messages) = (0, 0);
    let places: Vec<usize> = gained.iter().map(|one| one.bucket).collect();
    if !places.is_empty() {
        messages += outbound_in_doubt(app, &places).await?;
        receipts::take_over(app, &places).await?;
    }
    for one in gained {
        app.pipeline.ownership.hold(*one);
    }
    for place in &places {
        events += inbound(app, *place).await?;
    }
    due::outbound(app, &places).await?;
    if events + messages > 0 {
        tracing::info!(events, messages, "took up what was left open");
    }
    Ok(())
}

/// Takes up the stored events of a bucket that nobody has handled.
pub async fn inbound(app: &App, place: usize) -> Result<usize, Fail> {
    let mut from = Instant(i64::MIN);
    let mut taken = 0;
    loop {
        let rows = open_rows(app, &INBOUND_OPEN, place, from.0).await?;
        let mut last = from;
        for row in &rows {
            last = row.instant(6)?;
            take_up_inbound(app, row).await?;
        }
        taken += rows.len();
        // The next page begins at the last moment seen, not after it: rows of one moment may lie on both pages, and
        // an item that is in hand already is not taken twice. A page that is all one moment ends the search; what is
        // left of it is found by the next look.
        if rows.len() < 500 || last == from {
            return Ok(taken);
        }
        from = last;
    }
}

/// Messages that a node had in its hands when it died: to be sent once more, or shown as unsure. Those that this
/// node itself still has in hand, from a time when it held the bucket before, are in no doubt.
async fn outbound_in_doubt(app: &App, places: &[usize]) -> Result<usize, Fail> {
    in_doubt(app, places, |_| true).await
}

/// The same for one conversation, after a commit of which it was never known whether it took place.
pub(super) async fn of_chat(app: &App, place: usize, chat: &str) -> Result<(), Fail> {
    in_doubt(app, &[place], |message| *message.to.chat == *chat).await.map(drop)
}

async fn in_doubt(app: &App, places: &[usize], wanted: impl Fn(&Ready) -> bool) -> Result<usize, Fail> {
    let places = due::listed(places);
    let mut after = i64::MIN;
    let mut taken = 0;
    loop {
        let of = places.clone();
        let rows = app
            .store
            .read_instance(move |tx| {
                let of = of.clone();
                async move { Ok::<_, Fail>(tx.all(&OUTBOUND_OPEN, params![of, after]).await?) }
            })
            .await?;
        for row in &rows {
            after = row.int(1)?;
            match ready(app, row).await? {
                Some((_, message)) if app.pipeline.has_in_hand(&message) || !wanted(&message) => {}
                Some((tenant, message)) if message.policy == Policy::Keep && message.claimed > 0 => {
                    give_up(app, tenant, &message).await?
                }
                Some((tenant, message)) => put_back(app, tenant, &message, message.attempts).await?,
                None => {}
            }
        }
        taken += rows.len();
        if rows.len() < 500 {
            return Ok(taken);
        }
    }
}

/// A message that was not sent waits again for whoever holds its conversation. `attempts`: how often it was handed over.
pub async fn put_back(app: &App, tenant: TenantId, message: &Ready, attempts: i64) -> Result<(), Fail> {
    let (id, claimed, now) = (message.id, message.claimed, app.clock.now());
    let place = bucket::of(message.to.channel.id, &message.to.chat);
    let back = app
        .store
        .run(tenant, bucket::conversation(message.to.channel.id, &message.to.chat), move |tx| {
            tx.put(&OUTBOUND_BACK, params![id, STATE_SENDING, claimed, STATE_WAITING, now, attempts]);
            tx.wake(WAKE_OUTBOUND, &place.to_string());
            std::future::ready(Ok::<_, Fail>(()))
        })
        .await;
    unless_stale(back)
}

/// Stores something of our own as an event of a conversation and hands it on. `beside` writes what belongs to it, in
/// the same unit.
pub async fn enter(
    app: &App,
    channel: &Arc<ChannelInfo>,
    chat: Arc<str>,
    dedup: Arc<str>,
    own: Own,
    beside: impl Fn(&Tx) + Clone + Send + Sync + 'static,
) -> Result<(), Fail> {
    let place = bucket::of(channel.id, &chat);
    let ours = app.pipeline.ownership.holds(place);
    let now = app.clock.now();
    let row = own_row(channel.id, &chat, Arc::clone(&dedup), &own, now);
    let fresh = app
        .store
        .run(channel.tenant.id, bucket::conversation(channel.id, &chat), move |tx| {
            let (row, beside) = (row.clone(), beside.clone());
            async move {
                if !ours {
                    tx.wake(WAKE_INBOUND, &place.to_string());
                }
                beside(&tx);
                row.add(&tx).await
            }
        })
        .await?;
    if fresh && ours {
        app.pipeline.take_up(
            app,
            Item {
                channel: Arc::clone(channel),
                chat,
                dedup,
                position: OWN_POSITION,
                what: What::Own(own),
                accepted_at: now,
            },
        );
    }
    Ok(())
}

/// Stores something of our own as an event of a conversation, in a unit of another matter; whoever holds the
/// conversation hears of it after the commit. False when it was stored before.
pub async fn enter_in(
    tx: &Tx,
    channel: ChannelId,
    chat: &str,
    dedup: Arc<str>,
    own: &Own,
    now: Instant,
) -> Result<bool, Fail> {
    let row = own_row(channel, chat, dedup, own, now);
    tx.wake(WAKE_INBOUND, &row.bucket.to_string());
    row.add(tx).await
}

fn own_row(channel: ChannelId, chat: &str, dedup: Arc<str>, own: &Own, now: Instant) -> InboundRow {
    InboundRow {
        channel,
        dedup,
        bucket: bucket::of(channel, chat),
        position: OWN_POSITION,
        source: own.source(),
        raw: Bytes::from(
            serde_json::to_vec(&OwnRow { chat: chat.to_owned(), own: own.clone() }).unwrap_or_default(),
        ),
        state: STATE_NEW,
        note: None,
        received: now,
    }
}

/// What comes from our side goes before updates that wait: it was decided before they were seen.
const OWN_POSITION: i64 = i64::MIN;

/// The raw bytes of a row of our own.
#[derive(serde::Serialize, serde::Deserialize)]
pub(super) struct OwnRow {
    chat: String,
    #[serde(flatten)]
    pub(super) own: Own,
}

async fn open_rows(app: &App, query: &'static Query, place: usize, from: i64) -> Result<Vec<Row>, Fail> {
    app.store
        .read_instance(move |tx| async move {
            Ok::<_, Fail>(tx.all(query, params![bucket::number(place), from]).await?)
        })
        .await
}

async fn take_up_inbound(app: &App, row: &Row) -> Result<(), Fail> {
    let (tenant, id): (TenantId, ChannelId) = (row.id(0)?, row.id(1)?);
    let dedup: Arc<str> = row.text(2)?.into();
    let Some(channel) = channel(app, tenant, id).await? else {
        return skip(app, tenant, id, dedup, "the channel is gone").await;
    };
    let accepted_at = row.instant(6)?;
    let (chat, what) = if row.text(4)? == "update" {
        let accepted = channel.messenger.accept(row.bytes(5)?, accepted_at);
        (accepted.events.first().map(|event| event.chat.clone()), What::Said(accepted.events))
    } else {
        match serde_json::from_slice::<OwnRow>(row.bytes(5)?) {
            Ok(own) => (Some(own.chat), What::Own(own.own)),
            Err(_) => (None, What::Said(Vec::new())),
        }
    };
    let Some(chat) = chat else {
        return skip(app, tenant, id, dedup, "it cannot be read").await;
    };
    app.pipeline
        .take_up(app, Item { channel, chat: chat.into(), dedup, position: row.int(3)?, what, accepted_at });
    Ok(())
}

async fn skip(
    app: &App,
    tenant: TenantId,
    channel: ChannelId,
    dedup: Arc<str>,
    why: &'static str,
) -> Result<(), Fail> {
    let skipped = app
        .store
        .run(tenant, bucket::conversation(channel, &dedup), move |tx| {
            tx.put(&INBOUND_ENDED, params![channel, &*dedup, STATE_NEW, STATE_SKIPPED, None::<i64>, why]);
            std::future::ready(Ok::<_, Fail>(()))
        })
        .await;
    unless_stale(skipped)
}

/// A channel that another node has just made may not be known here yet.
async fn channel(app: &App, tenant: TenantId, id: ChannelId) -> Result<Option<Arc<ChannelInfo>>, Fail> {
    if let Some(known) = app.directory.channel(id) {
        return Ok(Some(known));
    }
    app.directory.load_tenant(app, tenant).await?;
    Ok(app.directory.channel(id))
}

/// What a row says is to be sent; a message whose channel is gone is given up.
pub(super) async fn ready(app: &App, row: &Row) -> Result<Option<(TenantId, Ready)>, Fail> {
    let tenant: TenantId = row.id(0)?;
    let Some(channel) = channel(app, tenant, row.id(2)?).await? else {
        end(app, tenant, row.id(1)?, row.int(9)?, STATE_FAILED, "the channel is gone").await?;
        return Ok(None);
    };
    let drawn: Drawn = row.json(7)?;
    let class = [Class::Answer, Class::Service, Class::Bulk]
        .into_iter()
        .find(|class| *class as i64 == row.int(5).unwrap_or(0));
    Ok(Some((
        tenant,
        Ready {
            id: row.id(1)?,
            to: Recipient { channel, chat: row.text(4)?.into(), contact: row.id(3)? },
            drawn,
            class: class.unwrap_or(Class::Answer),
            policy: if row.int(6)? == Policy::Keep as i64 { Policy::Keep } else { Policy::Repeat },
            attempts: row.int(9)?,
            claimed: row.int(9)?,
            created: row.instant(10)?,
            asked_at: None,
        },
    )))
}

/// Takes a row into this node's hands; if another was faster, leaves it: false.
pub(super) async fn claim(app: &App, tenant: TenantId, mut message: Ready) -> Result<bool, Fail> {
    let begun = message.attempts + message.policy.begun_by_claim();
    let ours = step(app, tenant, &message, STATE_WAITING, begun).await?;
    if ours {
        message.attempts += 1;
        message.claimed = begun;
        app.pipeline.send(app, vec![message]);
    }
    Ok(ours)
}

/// Counts the attempt of a message that must not come twice, right before it is handed over: from now on it is in doubt
/// until its outcome is stored. False when the message is in other hands.
pub async fn begin(app: &App, message: &mut Ready) -> Result<bool, Fail> {
    let begun = step(app, message.to.channel.tenant.id, message, STATE_SENDING, message.attempts).await?;
    message.claimed = message.attempts;
    Ok(begun)
}

/// The row is being sent, for the so-manieth time; false when another hand has changed it meanwhile.
async fn step(app: &App, tenant: TenantId, message: &Ready, from: i64, attempts: i64) -> Result<bool, Fail> {
    let (id, claimed) = (message.id, message.claimed);
    let stepped = app
        .store
        .run(tenant, bucket::conversation(message.to.channel.id, &message.to.chat), move |tx| {
            tx.put(&OUTBOUND_CLAIM, params![id, from, claimed, STATE_SENDING, attempts]);
            std::future::ready(Ok::<_, Fail>(()))
        })
        .await;
    let ours = stepped.is_ok();
    unless_stale(stepped).map(|()| ours)
}

/// Whether it arrived will never be known.
async fn give_up(app: &App, tenant: TenantId, message: &Ready) -> Result<(), Fail> {
    let why = "the program stopped while it was being sent";
    end(app, tenant, message.id, message.attempts, STATE_UNSURE, why).await
}

async fn end(
    app: &App,
    tenant: TenantId,
    id: OutboundId,
    attempts: i64,
    state: i64,
    why: &'static str,
) -> Result<(), Fail> {
    app.store
        .run(tenant, id.0.unsigned_abs(), move |tx| {
            tx.put(&OUTBOUND_ENDED, params![id, state, why, attempts]);
            std::future::ready(Ok::<_, Fail>(()))
        })
        .await
}

/// A row that another hand has changed meanwhile is no failure.
fn unless_stale(result: Result<(), Fail>) -> Result<(), Fail> {
    match result {
        Err(Fail::Store(StoreError::Stale { .. })) => Ok(()),
        other => other,
    }
}
