//! Where what the bot says meets the open event streams of this node.

use super::page::PageEvent;
use samovar_base::ChannelId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::broadcast::{self, error::RecvError};

/// Events that a slow stream may fall behind; then it is told to read the history.
const BACKLOG: usize = 32;

/// The open streams. Bounded; keeps nothing for chats without a stream.
#[derive(Debug)]
pub struct Hub {
    open: Mutex<Open>,
    listeners_max: usize,
}

#[derive(Debug, Default)]
struct Open {
    chats: HashMap<(ChannelId, String), broadcast::Sender<Arc<str>>>,
    listeners: usize,
    closed: bool,
}

/// No more streams can be opened here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many open chats, or the program is stopping")]
pub struct HubFull;

impl Hub {
    /// With room for so many open streams.
    pub fn new(listeners_max: usize) -> Arc<Self> {
        Arc::new(Self { open: Mutex::default(), listeners_max })
    }

    /// Opens a stream of what is said in a chat from now on.
    pub fn listen(self: &Arc<Self>, channel: ChannelId, chat: &str) -> Result<Listener, HubFull> {
        let mut open = self.open();
        if open.closed || open.listeners >= self.listeners_max {
            return Err(HubFull);
        }
        open.listeners += 1;
        let chat = (channel, chat.to_owned());
        let events =
            open.chats.entry(chat.clone()).or_insert_with(|| broadcast::channel(BACKLOG).0).subscribe();
        Ok(Listener { hub: self.clone(), chat, events })
    }

    /// Tells the open streams of a chat.
    pub fn publish(&self, channel: ChannelId, chat: &str, event: &PageEvent) {
        let open = self.open();
        if open.chats.is_empty() {
            return;
        }
        if let Some(sender) = open.chats.get(&(channel, chat.to_owned())) {
            // An error means that the last stream is just closing.
            let _ = sender.send(json(event));
        }
    }

    /// Ends all streams and opens no more: the program is stopping.
    pub fn close(&self) {
        let mut open = self.open();
        open.closed = true;
        open.chats.clear();
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One open stream.
#[derive(Debug)]
pub struct Listener {
    hub: Arc<Hub>,
    chat: (ChannelId, String),
    events: broadcast::Receiver<Arc<str>>,
}

impl Listener {
    /// The next [`PageEvent`], as JSON; `None` when the hub was closed. Nothing is lost when the future is dropped.
    pub async fn next(&mut self) -> Option<Arc<str>> {
        match self.events.recv().await {
            Ok(event) => Some(event),
            Err(RecvError::Lagged(_)) => {
                // What is still waiting will be in the history.
                self.events = self.events.resubscribe();
                Some(json(&PageEvent::Reread))
            }
            Err(RecvError::Closed) => None,
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut open = self.hub.open();
        open.listeners = open.listeners.saturating_sub(1);
        let last = open.chats.get(&self.chat).is_some_and(|sender| sender.receiver_count() <= 1);
        if last {
            open.chats.remove(&self.chat);
        }
    }
}

fn json(event: &PageEvent) -> Arc<str> {
    serde_json::to_string(event).unwrap_or_default().into()
}
