//! The one flow: accept, react, apply, deliver.
//!
//! ```text
//! update -> accept --commit 1--> inbound row          the messenger is answered only now
//! inbound -> react: engine, capabilities --commit 2--> effects and outbound rows
//! outbound -> deliver: Messenger::send --commit 3--> sent | later | unsure | failed
//! ```
//! After each commit the node goes on from memory; the tables are the log from which work is resumed after a crash,
//! or taken over when a lease ends. Timers and operators' answers enter by the same door.

pub mod accept;
mod backstage;
pub mod bucket;
pub(crate) mod dates;
mod deliver;
pub mod desk;
mod due;
mod event;
pub mod held;
pub mod item;
mod many;
mod outbound;
mod ownership;
mod pace;
mod people;
mod poll;
mod react;
pub(crate) mod read;
pub(crate) mod rehearse;
mod resume;
mod route;
mod serial;
mod standing;
mod store;
pub mod sweep;
mod talk;
mod tick;
mod told;
pub mod waiting;

pub use accept::{Answer, accept};
pub use deliver::acknowledge;
pub use due::Room;
pub use event::{DEPTH_MAX, is_awaited, raise};
pub(crate) use item::Own;
pub use many::{queue, recipients_of_many};
pub use outbound::{Class, NewOutbound, Policy, Ready, Recipient, write};
pub use ownership::{Gained, LEASE_MS, Ownership, RENEW_MS, Renewed};
pub use rehearse::{Played, Scene, Told};
pub(crate) use resume::enter_in;

use crate::app::App;
use crate::contacts::Contact;
use crate::problem::Fail;
use crate::visit::Cause;
use item::Item;
use samovar_base::message::Body;
use samovar_base::{ChannelId, Clock, ContactId};
use samovar_store::{Store, Tx};
use serial::Serial;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Said to all nodes: a bucket's inbound table has something its holder has not seen.
pub(crate) const WAKE_INBOUND: &str = "inbound";
/// The same of the outbound table.
pub(crate) const WAKE_OUTBOUND: &str = "outbound";
/// Said to all nodes: leases were given back, and are to be taken.
pub(crate) const WAKE_LEASES: &str = "leases";
/// Said to all nodes: a company's channels, scenarios or settings changed.
pub const WAKE_DIRECTORY: &str = "directory";

/// Said to all nodes: a page shows a conversation that has something new. `<channel>/<chat>`.
pub(crate) const WAKE_PAGE: &str = "page";

/// A conversation: channel and chat.
type Key = (ChannelId, Arc<str>);

/// The flow's state in memory.
pub struct Pipeline {
    /// Which conversations this node works on.
    pub ownership: Ownership,
    conversations: Arc<Serial<Key, Item>>,
    chats: Arc<Serial<Key, Ready>>,
    lanes: deliver::Lanes,
    stopping: AtomicBool,
    stop: CancellationToken,
    tasks: TaskTracker,
    /// One token for each job in hand.
    pub(crate) jobs: TaskTracker,
    tick_now: Notify,
    renewing: tokio::sync::Mutex<()>,
    node_number: u16,
}

impl Pipeline {
    /// Not yet started. `holder` names this process uniquely; `node_number` is held by lease.
    pub fn new(store: Store, clock: Arc<dyn Clock>, holder: String, node_number: u16) -> Self {
        Self {
            ownership: Ownership::new(store, clock, holder),
            conversations: Serial::new(),
            chats: Serial::new(),
            lanes: deliver::Lanes::default(),
            stopping: AtomicBool::new(false),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
            jobs: TaskTracker::new(),
            tick_now: Notify::new(),
            renewing: tokio::sync::Mutex::new(()),
            node_number,
        }
    }

    /// Takes its share of conversations, resumes what is open, and keeps going: leases, timers, polling, wake-ups.
    pub async fn start(&self, app: &App) -> Result<(), Fail> {
        // Heard from before the first look on: what is said during it must not be missed.
        self.tasks.spawn(tick::wakes(app.clone(), app.store.subscribe(), self.stop.clone()));
        self.renew(app).await.map(drop)?;
        self.tasks.spawn(tick::leases(app.clone(), self.stop.clone()));
        self.tasks.spawn(tick::moments(app.clone(), self.stop.clone()));
        self.tasks.spawn(tick::jobs(app.clone(), self.stop.clone()));
        self.tasks.spawn(crate::live::tell_all(app.clone(), self.stop.clone()));
        self.tasks.spawn(tick::passages(app.clone(), self.stop.clone()));
        self.tasks.spawn(crate::receipts::work(app.clone(), self.stop.clone()));
        self.tasks.spawn(poll::all(app.clone(), self.stop.clone()));
        Ok(())
    }

    /// Stops taking up work, finishes what is in hand for up to `patience`, gives leases back. What is left stays in
    /// the tables.
    pub async fn shut_down(&self, patience: std::time::Duration) {
        self.stop.cancel();
        self.tasks.close();
        let finished = tokio::time::timeout(patience, async {
            self.tasks.wait().await;
            self.conversations.idle().await;
            self.chats.idle().await;
        });
        if finished.await.is_err() {
            tracing::warn!("stopped with work in hand; it is resumed at the next start");
        }
        self.stopping.store(true, Ordering::Release);
        if let Err(error) = self.ownership.release(self.node_number).await {
            tracing::warn!(%error, "leases could not be given back; they end by themselves");
        }
    }

    /// Resolves when nothing is in hand: every stored event is handled, every due message has its outcome. What
    /// waits for a moment is not in hand.
    pub async fn idle(&self) {
        loop {
            self.conversations.idle().await;
            self.chats.idle().await;
            if self.conversations.open() == 0 && self.chats.open() == 0 {
                return;
            }
        }
    }

    /// Renews the leases and takes up the open work of what was gained, now rather than at the next tick. True when
    /// it should soon be done again: something is on its way to another node.
    pub async fn renew(&self, app: &App) -> Result<bool, Fail> {
        let _alone = self.renewing.lock().await;
        let renewed = self.ownership.renew(self.node_number, |bucket| self.is_busy(bucket)).await?;
        resume::take_over(app, &renewed.gained).await?;
        Ok(renewed.leaving)
    }

    /// Keeps the place among the nodes without taking up any work.
    pub async fn keep_place(&self) -> Result<(), Fail> {
        self.ownership.keep_place(self.node_number).await
    }

    /// Looks for due timers, messages and jobs now rather than at the next tick.
    pub async fn look(&self, app: &App) -> Result<(), Fail> {
        tick::look(app).await?;
        crate::work::look(app).await?;
        crate::receipts::work_off(app).await
    }

    /// This node among the living ones.
    pub(crate) fn node_number(&self) -> u16 {
        self.node_number
    }

    /// Whether this node runs jobs, or is claiming some. In the tables these are held, and look like those of a node
    /// that died.
    pub fn has_jobs_in_hand(&self) -> bool {
        !self.jobs.is_empty()
    }

    /// Events and messages that are open in the tables, of all companies.
    pub async fn open_rows(&self, app: &App) -> Result<(i64, i64), Fail> {
        let row = app
            .store
            .read_instance(|tx| async move { Ok::<_, Fail>(tx.one(&store::OPEN_COUNTS, ()).await?) })
            .await?;
        row.map_or(Ok((0, 0)), |row| Ok((row.int(0)?, row.int(1)?)))
    }

    /// Forgets how much a channel has sent: its pace was changed.
    pub fn forget_pace(&self, channel: ChannelId) {
        self.lanes.forget(channel);
    }

    /// Whether an event or message of the bucket is in hand.
    fn is_busy(&self, bucket: usize) -> bool {
        let of_bucket = |(channel, chat): &Key| bucket::of(*channel, chat) == bucket;
        self.conversations.any(of_bucket) || self.chats.any(of_bucket)
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    /// Puts a stored event in its conversation's queue.
    fn take_up(&self, app: &App, item: Item) {
        let app = app.clone();
        let key = (item.channel.id, Arc::clone(&item.chat));
        self.conversations.push(key, item, move |_, item| react::react(app.clone(), item));
    }
}

/// Says something to a contact that they did not ask for, inside the unit of the change it tells of: "points came".
/// Goes by the channel in which the person was met last and that they did not forbid; says nothing to a person who
/// asked for silence. Give what is returned to [`Pipeline::send`] after the commit.
pub async fn notify(
    app: &App,
    tx: &Tx,
    contact: &Contact,
    body: Body,
    cause: Cause,
) -> Result<Vec<Ready>, Fail> {
    if !contact.takes_messages() {
        return Ok(Vec::new());
    }
    let Some(to) = recipient(app, tx, contact.id).await? else { return Ok(Vec::new()) };
    let message = NewOutbound { body, class: Class::Service, policy: Policy::Keep, cause };
    Ok(write(app, tx, &to, vec![message], app.clock.now()))
}

/// Where a contact can be written to: the channel by which they were met last.
pub async fn recipient(app: &App, tx: &Tx, contact: ContactId) -> Result<Option<Recipient>, Fail> {
    Ok(recipients(app, tx, contact).await?.into_iter().next())
}

/// Everywhere a contact can be written to, where they were met last first.
pub async fn recipients(app: &App, tx: &Tx, contact: ContactId) -> Result<Vec<Recipient>, Fail> {
    let identities = crate::contacts::identities_of(tx, contact).await?;
    let reachable = identities.into_iter().rev().filter(|identity| identity.blocked_at.is_none());
    Ok(reachable
        .filter_map(|identity| {
            let channel = app.directory.channel(identity.channel)?;
            Some(Recipient { channel, chat: identity.chat.into(), contact })
        })
        .collect())
}

/// Says something to all nodes. They look by themselves when it cannot be said.
async fn tell(app: &App, topic: &'static str, what: &str) {
    let what = what.to_owned();
    let told = app.store.run_instance(0, move |tx| {
        tx.wake(topic, &what);
        std::future::ready(Ok::<_, Fail>(()))
    });
    if let Err(error) = told.await {
        tracing::debug!(topic, %error, "the other nodes could not be told");
    }
}
