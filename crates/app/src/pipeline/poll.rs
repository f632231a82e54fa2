//! Asking messengers for updates, for the channels that are not called by them.

use super::{accept, acknowledge, bucket};
use crate::app::App;
use crate::channels;
use crate::directory::{ChannelInfo, ChannelState, ReceiveBy};
use bytes::Bytes;
use samovar_base::ChannelId;
use samovar_connectors::{PollError, Polled};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How long a messenger may hold a question open, in seconds.
const WAIT_SECONDS: u32 = 25;
/// How often the list of channels is looked through.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// After a conflict or failure.
const PAUSE: Duration = Duration::from_secs(3);

/// Keeps one poller running for each channel that polls and that this node holds, until stopped.
pub async fn all(app: App, stop: CancellationToken) {
    let mut pollers: HashMap<ChannelId, (Arc<ChannelInfo>, CancellationToken)> = HashMap::new();
    loop {
        let wanted = wanted(&app);
        pollers.retain(|id, (channel, stop)| {
            let kept = !stop.is_cancelled() && wanted.get(id).is_some_and(|now| Arc::ptr_eq(now, channel));
            if !kept {
                stop.cancel();
            }
            kept
        });
        for (id, channel) in wanted {
            pollers.entry(id).or_insert_with(|| {
                let stop = stop.child_token();
                app.pipeline.tasks.spawn(one(app.clone(), Arc::clone(&channel), stop.clone()));
                (channel, stop)
            });
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

fn wanted(app: &App) -> HashMap<ChannelId, Arc<ChannelInfo>> {
    let mut channels = app.directory.channels();
    channels.retain(|channel| {
        let polls = channel.receive == ReceiveBy::Polling && channel.state != ChannelState::Broken;
        polls && app.pipeline.ownership.holds(bucket::of(channel.id, ""))
    });
    channels.into_iter().map(|channel| (channel.id, channel)).collect()
}

async fn one(app: App, channel: Arc<ChannelInfo>, stop: CancellationToken) {
    let mut cursor = 0;
    while !stop.is_cancelled() {
        let polled = tokio::select! {
            () = stop.cancelled() => return,
            polled = channel.messenger.poll(&channel.link, cursor, WAIT_SECONDS) => polled,
        };
        let pause = match polled {
            Ok(updates) => match store_all(&app, &channel, updates).await {
                Ok(next) => {
                    cursor = next.unwrap_or(cursor);
                    continue;
                }
                Err(()) => Duration::from_millis(200),
            },
            Err(PollError::Later(ms)) => Duration::from_millis(ms),
            Err(PollError::Unauthorized) => {
                channels::broken(&app, &channel, "the messenger does not accept the token").await;
                stop.cancel();
                return;
            }
            Err(error @ (PollError::Conflict(_) | PollError::Failed(_))) => {
                tracing::warn!(channel = ?channel, %error, "polling failed");
                PAUSE
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// The next cursor, once all are stored. When one is not, none is confirmed: what was stored is known by its key.
async fn store_all(app: &App, channel: &Arc<ChannelInfo>, updates: Vec<Polled>) -> Result<Option<i64>, ()> {
    let next = updates.iter().map(|update| update.order + 1).max();
    let stored = updates.into_iter().map(|update| accept(app, channel, Bytes::from(update.raw)));
    for answer in futures::future::join_all(stored).await {
        match answer {
            Ok(answer) => {
                if let Some(press) = answer.acknowledge {
                    tokio::spawn(acknowledge(Arc::clone(channel), press));
                }
            }
            Err(error) => {
                tracing::warn!(channel = ?channel, %error, "a polled update could not be stored and is asked for again");
                return Err(());
            }
        }
    }
    Ok(next)
}
