//! Messages whose time has come: taken into memory as far as they can be sent soon.
//!
//! The rest waits in the table, where it costs nothing and answers do not stand behind it. What waits behind a channel
//! that is switched off or full is not even looked at.

use super::outbound::{self, Class, NewOutbound, Ready, Recipient};
use super::store::{OUTBOUND_CHANNELS, OUTBOUND_DUE, OUTBOUND_PLACES, OUTBOUND_WAITS};
use super::{Pipeline, resume};
use crate::app::App;
use crate::directory::{ChannelInfo, ChannelState};
use crate::problem::Fail;
use samovar_base::{ChannelId, Instant};
use samovar_store::{Row, Tx, params};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// What a channel can send in so many seconds is taken into memory.
const SOON_SECONDS: usize = 10;
/// But no fewer,
const SOON_MIN: usize = 100;
/// and no more.
const SOON_MAX: usize = 1_000;
/// Rows read at once.
const AT_ONCE: usize = 500;

/// The channel as it is now, when messages may go out by it: it is neither paused nor broken.
pub fn open_channel(app: &App, id: ChannelId) -> Option<Arc<ChannelInfo>> {
    app.directory.channel(id).filter(|channel| channel.state == ChannelState::On)
}

/// Takes up due messages of these buckets: answers first, then what happened to people, then what goes to many.
pub async fn outbound(app: &App, places: &[usize]) -> Result<(), Fail> {
    if places.is_empty() {
        return Ok(());
    }
    let places = listed(places);
    let waiting = waiting_channels(app).await?;
    if waiting.is_empty() {
        return Ok(());
    }
    let now = app.clock.now();
    let mut in_hand = app.pipeline.chats.tally(|(channel, _)| *channel);
    for class in [Class::Answer, Class::Service, Class::Bulk] {
        let open: Vec<i64> =
            waiting.iter().filter(|id| room(app, **id, class, &in_hand) > 0).map(|id| id.0).collect();
        if open.is_empty() {
            continue;
        }
        for (channel, place) in due_places(app, &open, &places, class, now).await? {
            take(app, channel, place, class, now, &mut in_hand).await?;
        }
    }
    Ok(())
}

/// Buckets as the statements take them.
pub fn listed(places: &[usize]) -> String {
    serde_json::to_string(places).unwrap_or_default()
}

/// Channels with messages that wait, but for those whose messenger asked for a long silence.
async fn waiting_channels(app: &App) -> Result<Vec<ChannelId>, Fail> {
    let rows = app
        .store
        .read_instance(|tx| async move { Ok::<_, Fail>(tx.all(&OUTBOUND_CHANNELS, params![]).await?) })
        .await?;
    let mut waiting = Vec::with_capacity(rows.len());
    for row in &rows {
        let id: ChannelId = row.id(0)?;
        if !app.pipeline.lanes.is_held_up(id) {
            waiting.push(id);
        }
    }
    Ok(waiting)
}

/// How many rows of a class a channel has room for. One that is not known may have been made by another node just now,
/// or be gone: its rows tell.
fn room(app: &App, id: ChannelId, class: Class, in_hand: &HashMap<ChannelId, usize>) -> usize {
    let Some(channel) = app.directory.channel(id) else { return AT_ONCE };
    match (channel.state, class) {
        (ChannelState::Paused | ChannelState::Broken, _) => return 0,
        (ChannelState::On, Class::Answer) => return AT_ONCE,
        (ChannelState::On, Class::Service | Class::Bulk) => {}
    }
    let most = (channel.pace.bot_per_second as usize).saturating_mul(SOON_SECONDS).clamp(SOON_MIN, SOON_MAX);
    most.saturating_sub(in_hand.get(&id).copied().unwrap_or(0)).min(AT_ONCE)
}

async fn due_places(
    app: &App,
    channels: &[i64],
    places: &str,
    class: Class,
    now: Instant,
) -> Result<Vec<(ChannelId, i64)>, Fail> {
    let (channels, places) = (serde_json::to_string(channels).unwrap_or_default(), places.to_owned());
    let rows = app
        .store
        .read_instance(move |tx| {
            let (channels, places) = (channels.clone(), places.clone());
            async move {
                let given = params![channels, places, class as i64, now];
                Ok::<_, Fail>(tx.all(&OUTBOUND_PLACES, given).await?)
            }
        })
        .await?;
    rows.iter().map(|row| Ok((row.id(0)?, row.int(1)?))).collect()
}

/// Takes up what one bucket has of one channel and class, while there is room.
async fn take(
    app: &App,
    channel: ChannelId,
    place: i64,
    class: Class,
    now: Instant,
    in_hand: &mut HashMap<ChannelId, usize>,
) -> Result<(), Fail> {
    loop {
        let room = room(app, channel, class, in_hand);
        if room == 0 {
            return Ok(());
        }
        let rows = due_rows(app, channel, class, place, now, room).await?;
        let mut taken = false;
        for row in &rows {
            if let Some((tenant, message)) = resume::ready(app, row).await?
                && resume::claim(app, tenant, message).await?
            {
                taken = true;
                *in_hand.entry(channel).or_default() += 1;
            }
        }
        if rows.len() < room || !taken {
            return Ok(());
        }
    }
}

async fn due_rows(
    app: &App,
    channel: ChannelId,
    class: Class,
    place: i64,
    now: Instant,
    most: usize,
) -> Result<Vec<Row>, Fail> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    app.store
        .read_instance(move |tx| async move {
            let given = params![channel, class as i64, place, now, most];
            Ok::<_, Fail>(tx.all(&OUTBOUND_DUE, given).await?)
        })
        .await
}

/// How many messages of a class this node may send without a stop in the table, by channel: as many as are sent soon,
/// and none while others wait there, which go first. For units that write to many people at once.
pub struct Room(HashMap<ChannelId, usize>);

impl Room {
    /// As it is now.
    pub async fn of(app: &App, tx: &Tx, channels: &HashSet<ChannelId>, class: Class) -> Result<Self, Fail> {
        let in_hand = app.pipeline.chats.tally(|(channel, _)| *channel);
        let mut left = HashMap::with_capacity(channels.len());
        for id in channels {
            let waits = tx.one(&OUTBOUND_WAITS, params![*id, class as i64]).await?.is_some();
            left.insert(*id, if waits { 0 } else { room(app, *id, class, &in_hand) });
        }
        Ok(Self(left))
    }

    /// As [`write`](super::write), as far as there is room; what is beyond waits in the table.
    pub fn write(
        &mut self,
        app: &App,
        tx: &Tx,
        to: &Recipient,
        message: NewOutbound,
        now: Instant,
    ) -> Vec<Ready> {
        let left = self.0.entry(to.channel.id).or_insert(0);
        let ready = outbound::rows(app, tx, to, vec![message], *left > 0, now);
        *left = left.saturating_sub(ready.len());
        ready
    }
}

impl Pipeline {
    /// A channel was changed: what waits behind it may have to go out now.
    pub(super) fn look_soon(&self) {
        self.tick_now.notify_one();
    }
}
