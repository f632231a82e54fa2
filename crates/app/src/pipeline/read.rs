//! Looking for codes in a picture that somebody sent to a screen that hears: outside of any unit, and never more than a few
//! pictures at a time.

use super::item::Own;
use super::resume;
use crate::app::App;
use crate::directory::ChannelInfo;
use crate::scan;
use crate::work::{After, Job, JobError, Retry};
use bytes::Bytes;
use futures::future::BoxFuture;
use samovar_base::message::FileRef;
use samovar_base::{ChannelId, ContactId, Instant, TenantId};
use samovar_connectors::FetchError;
use samovar_engine::{Reading, Unseen};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use tokio::sync::Semaphore;

/// Who waits at the counter waits no longer than this for a picture that the messenger does not give.
pub(super) const PATIENCE_MS: i64 = 20_000;
/// Pictures that lie in memory at a time, most of them on their way from the messenger.
static FETCHED: Semaphore = Semaphore::const_new(16);
/// Pictures that are looked at at a time: half of the processors at most, the others serve.
static LOOKED_AT: LazyLock<Semaphore> = LazyLock::new(|| {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    Semaphore::new((processors / 2).clamp(1, 4))
});

/// Fetches a picture, looks for codes in it, and tells the conversation.
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
    /// When that event was stored.
    pub sent_at: Instant,
    /// After that moment it counts as unreadable.
    pub until: Instant,
}

impl Job for Read {
    const NAME: &'static str = "pipeline.read";
    const RETRY: Retry = Retry { first_ms: 1_000, max_ms: 5_000, tries: 30 };

    fn run<'a>(&'a self, app: &'a App, _: TenantId) -> BoxFuture<'a, Result<After, JobError>> {
        Box::pin(async move {
            let Some(channel) = app.directory.channel(self.channel) else { return Ok(After::Done) };
            let (codes, unseen) = match self.look(&channel).await {
                Ok(codes) => (codes, None),
                Err(Blind::Later(error)) if app.clock.now() < self.until => {
                    return Err(JobError::Retry(error.to_string()));
                }
                Err(Blind::Later(_)) => (Vec::new(), Some(Unseen::Gone)),
                Err(Blind::Unseen(unseen)) => (Vec::new(), Some(unseen)),
            };
            let reading = Reading {
                codes,
                unseen,
                file: self.file.clone(),
                once: self.once.clone(),
                sent_at: self.sent_at,
            };
            let own = Own::Read { contact: self.contact, step: self.step.clone(), reading };
            let dedup = format!("read:{}", self.once);
            resume::enter(app, &channel, self.chat.as_str().into(), dedup.into(), own, |_| ()).await?;
            Ok(After::Done)
        })
    }
}

/// Why nothing can be said of a picture.
enum Blind {
    Later(FetchError),
    Unseen(Unseen),
}

impl Read {
    async fn look(&self, channel: &ChannelInfo) -> Result<Vec<String>, Blind> {
        let bytes_max = scan::BYTES_MAX.min(channel.messenger.limits().fetch_bytes_max);
        let _in_memory = FETCHED.acquire().await;
        let fetched = match channel.messenger.fetch(&channel.link, &self.file, bytes_max).await {
            Ok(fetched) => fetched.bytes,
            Err(error @ FetchError::Later(_)) => return Err(Blind::Later(error)),
            Err(error) => {
                tracing::debug!(channel = %self.channel, %error, "a picture could not be fetched");
                let large = matches!(error, FetchError::TooLarge);
                return Err(Blind::Unseen(if large { Unseen::TooLarge } else { Unseen::Gone }));
            }
        };
        match codes(fetched).await {
            Ok(codes) => Ok(codes),
            Err(scan::Unreadable::Broken) => Ok(Vec::new()),
            Err(scan::Unreadable::Foreign) => Err(Blind::Unseen(Unseen::Foreign)),
            Err(scan::Unreadable::TooLarge) => Err(Blind::Unseen(Unseen::TooLarge)),
        }
    }
}

/// The texts of the codes in a picture, looked for beside the traffic.
pub(crate) async fn codes(picture: Bytes) -> Result<Vec<String>, scan::Unreadable> {
    let _looked_at = LOOKED_AT.acquire().await;
    // A reader that panics over a picture must not take anything with it.
    let looked = tokio::task::spawn_blocking(move || scan::codes(&picture)).await;
    Ok(looked.unwrap_or(Ok(Vec::new()))?.into_iter().map(|found| found.text).collect())
}
