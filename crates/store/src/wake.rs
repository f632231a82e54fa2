//! Wake-ups: hints that something was committed. The tables remain the log; a lost hint loses nothing.

use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;

/// A hint that something of a topic was committed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Wake {
    /// What kind of thing. [`Wake::EVERYTHING`] when hints were lost and every topic should be looked at.
    pub topic: String,
    /// Which one.
    pub payload: String,
}

impl Wake {
    /// The topic of a wake-up that stands for all others.
    pub const EVERYTHING: &'static str = "*";
}

/// Spreads wake-ups on this node and, on PostgreSQL, to the others.
pub(crate) struct Wakes {
    here: broadcast::Sender<Wake>,
    elsewhere: Option<tokio::sync::mpsc::Sender<Vec<Wake>>>,
}

impl Wakes {
    const ROOM: usize = 4096;

    pub(crate) fn of_one_node() -> Self {
        Self { here: broadcast::Sender::new(Self::ROOM), elsewhere: None }
    }

    pub(crate) fn of_many_nodes(elsewhere: tokio::sync::mpsc::Sender<Vec<Wake>>) -> Self {
        Self { here: broadcast::Sender::new(Self::ROOM), elsewhere: Some(elsewhere) }
    }

    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Wake> {
        self.here.subscribe()
    }

    /// Those of one batch, after its commit; equal ones go out once.
    pub(crate) fn spread(&self, mut wakes: Vec<Wake>) {
        if wakes.is_empty() {
            return;
        }
        wakes.sort_unstable();
        wakes.dedup();
        for wake in &wakes {
            self.here(wake.clone());
        }
        if let Some(elsewhere) = &self.elsewhere {
            // Full only while the server is away; the bell then wakes everyone for everything when it is back.
            let _ = elsewhere.try_send(wakes);
        }
    }

    /// To the subscribers of this node.
    pub(crate) fn here(&self, wake: Wake) {
        // Nobody may be listening.
        let _ = self.here.send(wake);
    }
}
