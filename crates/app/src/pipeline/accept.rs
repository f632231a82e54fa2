//! The first door: what comes in is made durable before its sender is answered.

use super::bucket;
use super::item::{Item, What};
use super::store::{INBOUND_ADD, INBOUND_STATE, STATE_NEW, STATE_SKIPPED};
use crate::app::App;
use crate::directory::ChannelInfo;
use crate::problem::Fail;
use bytes::Bytes;
use samovar_base::ChannelId;
use samovar_base::message::Event;
use samovar_store::{Tx, params};
use std::sync::Arc;

/// What to tell the messenger now that its delivery is safe.
#[derive(Debug, Default)]
pub struct Answer {
    /// The body of the answer to a hook.
    pub reply: Option<Vec<u8>>,
    /// What to acknowledge by a call when there is no hook to answer.
    pub acknowledge: Option<String>,
}

/// Stores a delivery as it came and hands its events on. Returns only after the commit; the same delivery twice is
/// stored and handled once. What cannot be understood is kept raw and skipped.
///
/// The caller may go away between the commit and the handing on, when the messenger hangs up; then the messenger brings
/// the delivery again, and what is stored and still new is handed on then.
///
/// Fails only when the delivery is not stored: then the messenger must not be told that it was.
pub async fn accept(app: &App, channel: &Arc<ChannelInfo>, raw: Bytes) -> Result<Answer, Fail> {
    let now = app.clock.now();
    let accepted = channel.messenger.accept(&raw, now);
    let answer = Answer { reply: accepted.reply, acknowledge: accepted.acknowledge };
    let chat: Arc<str> = accepted.events.first().map_or("", |event| event.chat.as_str()).into();
    let bucket = bucket::of(channel.id, &chat);
    let ours = app.pipeline.ownership.holds(bucket);
    let dedup: Arc<str> = accepted.dedup.into();
    let understood = !chat.is_empty();
    let unknown = accepted.events.iter().find_map(|event| match &event.event {
        Event::Unknown { what } => Some(what.clone()),
        _ => None,
    });
    let row = InboundRow {
        channel: channel.id,
        dedup: Arc::clone(&dedup),
        bucket,
        position: accepted.order,
        source: "update",
        raw,
        state: if understood { STATE_NEW } else { STATE_SKIPPED },
        note: accepted.problem.or(unknown),
        received: now,
    };
    let key = bucket::conversation(channel.id, &dedup);
    let (fresh, open) = app
        .store
        .run(channel.tenant.id, key, move |tx| {
            let row = row.clone();
            async move {
                if understood && !ours {
                    tx.wake(super::WAKE_INBOUND, &row.bucket.to_string());
                }
                let (channel, dedup) = (row.channel, Arc::clone(&row.dedup));
                let fresh = row.add(&tx).await?;
                Ok::<_, Fail>((fresh, fresh || is_new(&tx, channel, &dedup).await?))
            }
        })
        .await?;
    metrics::counter!("samovar_inbound_total", "fresh" => if fresh { "yes" } else { "no" }).increment(1);
    if open && understood && ours {
        app.pipeline.take_up(
            app,
            Item {
                channel: Arc::clone(channel),
                chat,
                dedup,
                position: accepted.order,
                what: What::Said(accepted.events),
                accepted_at: now,
            },
        );
    }
    Ok(answer)
}

/// Whether a stored event waits to be handled.
pub(super) async fn is_new(tx: &Tx, channel: ChannelId, dedup: &str) -> Result<bool, Fail> {
    let row = tx.one(&INBOUND_STATE, params![channel, dedup]).await?;
    Ok(row.is_some_and(|row| row.int(0).is_ok_and(|state| state == STATE_NEW)))
}

/// A row of the table of what came in.
#[derive(Clone)]
pub(super) struct InboundRow {
    pub channel: ChannelId,
    pub dedup: Arc<str>,
    pub bucket: usize,
    pub position: i64,
    pub source: &'static str,
    pub raw: Bytes,
    pub state: i64,
    pub note: Option<String>,
    pub received: samovar_base::Instant,
}

impl InboundRow {
    /// Whether it was new.
    pub async fn add(self, tx: &Tx) -> Result<bool, Fail> {
        Ok(tx
            .add(
                &INBOUND_ADD,
                params![
                    self.channel,
                    &*self.dedup,
                    bucket::number(self.bucket),
                    self.position,
                    self.source,
                    self.raw.to_vec(),
                    self.state,
                    self.note,
                    self.received
                ],
            )
            .await?)
    }
}
