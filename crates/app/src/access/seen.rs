//! Who was seen of late, by the hash of the token: known without a query until somebody's access changes.

use super::WAKE_ACCESS;
use samovar_base::Instant;
use samovar_store::{Store, Wake};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::TryRecvError;

/// Somebody is looked up again after so long, even when nobody told of a change.
const KNOWN_SECONDS: i64 = 60;
/// Most in memory; when there are more, all are forgotten.
const KNOWN_MAX: usize = 10_000;

/// Those who were seen of late.
pub struct Seen<T> {
    known: Mutex<HashMap<String, Known<T>>>,
    changes: Mutex<Receiver<Wake>>,
}

struct Known<T> {
    who: T,
    until: Instant,
}

impl<T: Clone> Seen<T> {
    /// Knows nobody yet; hears of changes through `store`.
    pub fn new(store: &Store) -> Self {
        Self { known: Mutex::default(), changes: Mutex::new(store.subscribe()) }
    }

    pub(crate) fn known(&self, hash: &str, now: Instant) -> Option<T> {
        let changed = self.heard_of_change();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if changed {
            known.clear();
        }
        known.get(hash).filter(|known| now < known.until).map(|known| known.who.clone())
    }

    pub(crate) fn remember(&self, hash: String, who: T, now: Instant) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KNOWN_MAX {
            known.clear();
        }
        known.insert(hash, Known { who, until: now.plus_seconds(KNOWN_SECONDS) });
    }

    fn heard_of_change(&self) -> bool {
        let mut changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        let mut changed = false;
        loop {
            match changes.try_recv() {
                Ok(wake) => changed |= wake.topic == WAKE_ACCESS || wake.topic == Wake::EVERYTHING,
                Err(TryRecvError::Lagged(_)) => changed = true,
                Err(TryRecvError::Empty | TryRecvError::Closed) => return changed,
            }
        }
    }
}

impl<T> std::fmt::Debug for Seen<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seen")
    }
}
