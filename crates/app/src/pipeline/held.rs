//! Timers that fall due while their channel is paused: they are held, and ring once when the channel is on again.

use super::bucket;
use super::item::Item;
use super::store::{TIMER_RELEASE, TIMER_SET, TIMERS_HELD};
use crate::app::App;
use crate::problem::Fail;
use crate::work::{After, Job, JobError, Retry, enqueue};
use futures::future::{BoxFuture, FutureExt};
use samovar_base::{ChannelId, ContactId, Instant, TenantId};
use samovar_store::{Tx, params};
use serde::{Deserialize, Serialize};

/// What is overdue for longer does not ring any more: a reminder of two weeks ago only puzzles people.
const WORTH_SECONDS: i64 = 7 * 86_400;
/// What is noted of it.
pub(super) const TOO_LATE: &str = "the channel was paused for more than a week";
/// The moment of a timer that is held: it comes by no clock.
const NEVER: Instant = Instant(i64::MAX);
/// By then every node has heard that a channel is on again, and units that began before have ended.
const HEARD_SECONDS: i64 = 60;
/// Timers that are let go in one unit.
const PORTION: u32 = 500;

/// Whether a timer still rings that was held since then.
pub(super) fn is_worth(since: Option<Instant>, now: Instant) -> bool {
    since.is_none_or(|since| since.plus_seconds(WORTH_SECONDS) >= now)
}

/// Inside a unit: keeps a timer that rang until its channel is on again.
pub(super) fn hold(tx: &Tx, item: &Item, contact: ContactId, key: &str, since: Instant) {
    let place = bucket::number(bucket::of(item.channel.id, &item.chat));
    tx.put(&TIMER_SET, params![item.channel.id, contact, key, place, &*item.chat, NEVER, since]);
}

/// Inside a unit: the channel is on again, and what is held rings soon. Each time has jobs of its own: one that is just
/// coming to its end is not relied on. The second finds what another node held before it heard of the change.
pub async fn let_go(app: &App, tx: &Tx, channel: ChannelId) -> Result<(), Fail> {
    for wait in [0, HEARD_SECONDS] {
        enqueue(app, tx, &LetGo { channel }, app.clock.now().plus_seconds(wait), None).await?;
    }
    Ok(())
}

/// Lets held timers of a channel ring.
#[derive(Debug, Serialize, Deserialize)]
pub struct LetGo {
    channel: ChannelId,
}

impl Job for LetGo {
    const NAME: &'static str = "pipeline.let_go";
    const RETRY: Retry = Retry::PATIENT;

    fn run<'a>(&'a self, app: &'a App, tenant: TenantId) -> BoxFuture<'a, Result<After, JobError>> {
        async move {
            while portion(app, tenant, self.channel).await? {}
            app.pipeline.look_soon();
            Ok(After::Done)
        }
        .boxed()
    }
}

/// The next portion; whether there may be more.
async fn portion(app: &App, tenant: TenantId, channel: ChannelId) -> Result<bool, Fail> {
    let now = app.clock.now();
    app.store
        .run(tenant, channel.0.unsigned_abs(), move |tx| async move {
            let held = tx.all(&TIMERS_HELD, params![channel, PORTION]).await?;
            for row in &held {
                let contact: ContactId = row.id(0)?;
                tx.put(&TIMER_RELEASE, params![channel, contact, row.text(1)?, NEVER, now]);
            }
            Ok(held.len() >= PORTION as usize)
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_is_worth_it() {
        let now = Instant::from_seconds(10 * 86_400);
        assert!(is_worth(None, now));
        assert!(is_worth(Some(now.minus_seconds(WORTH_SECONDS)), now));
        assert!(!is_worth(Some(now.minus_seconds(WORTH_SECONDS + 1)), now));
    }
}
