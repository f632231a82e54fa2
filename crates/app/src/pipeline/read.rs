//! Looking for a code in a picture that somebody sent to a screen that hears: outside of any unit, and never more than
//! one picture at a time.

use super::item::Own;
use super::resume;
use crate::app::App;
use crate::scan;
use crate::work::{After, Job, JobError, Retry};
use futures::future::BoxFuture;
use samovar_base::message::FileRef;
use samovar_base::{ChannelId, ContactId, Instant, TenantId};
use samovar_connectors::FetchError;
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

/// Who waits at the counter waits no longer than this for a picture that the messenger does not give.
pub(super) const PATIENCE_MS: i64 = 20_000;

static ONE_AT_A_TIME: Semaphore = Semaphore::const_new(1);

/// Fetches a picture, looks for a code in it, and tells the conversation.
#[derive(Debug, Serialize, Deserialize)]
pub struct Read {
    /// By which channel it came.
    pub channel: ChannelId,
    /// In which conversation.
    pub chat: String,
    /// From whom.
    pub contact: ContactId,
    /// The step whose screen wants to know.
    pub step: String,
    /// The picture.
    pub file: FileRef,
    /// Names the event it came with.
    pub once: String,
    /// After that moment it counts as unreadable.
    pub until: Instant,
}

impl Job for Read {
    const NAME: &'static str = "pipeline.read";
    const RETRY: Retry = Retry { first_ms: 1_000, max_ms: 5_000, tries: 30 };

    fn run<'a>(&'a self, app: &'a App, _: TenantId) -> BoxFuture<'a, Result<After, JobError>> {
        Box::pin(async move {
            let Some(channel) = app.directory.channel(self.channel) else { return Ok(After::Done) };
            let bytes_max = scan::BYTES_MAX.min(channel.messenger.limits().fetch_bytes_max);
            let text = match channel.messenger.fetch(&channel.link, &self.file, bytes_max).await {
                Ok(fetched) => {
                    let _alone = ONE_AT_A_TIME.acquire().await;
                    // A reader that panics over a picture must not take the job with it.
                    tokio::task::spawn_blocking(move || scan::code(&fetched.bytes)).await.unwrap_or_default()
                }
                Err(error @ FetchError::Later(_)) if app.clock.now() < self.until => {
                    return Err(JobError::Retry(error.to_string()));
                }
                Err(error) => {
                    tracing::debug!(channel = %self.channel, %error, "a picture could not be fetched");
                    None
                }
            };
            let own = Own::Read { contact: self.contact, step: self.step.clone(), text };
            let dedup = format!("read:{}", self.once);
            resume::enter(app, &channel, self.chat.as_str().into(), dedup.into(), own, |_| ()).await?;
            Ok(After::Done)
        })
    }
}
