//! One at a time for each key, different keys side by side.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

const SHARDS: usize = 32;

/// What can be handled in turn.
pub trait Item: Send + 'static {
    /// What an item is known by.
    type Name: PartialEq + Send;
    /// Smaller goes first among those that wait.
    fn rank(&self) -> i64;
    /// Two items of the same name are one: the second is dropped while the first waits or is handled.
    fn name(&self) -> Self::Name;
}

/// Queues by key. A queue exists while something waits in it or is handled.
pub struct Serial<K, T: Item> {
    shards: Vec<Mutex<HashMap<K, Queue<T>>>>,
    hasher: RandomState,
    open: AtomicUsize,
    idle: Notify,
}

struct Queue<T: Item> {
    waiting: BTreeMap<(i64, u64), T>,
    current: T::Name,
    arrivals: u64,
}

impl<K: Hash + Eq + Clone + Send + Sync + 'static, T: Item> Serial<K, T> {
    /// Empty queues.
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            hasher: RandomState::new(),
            open: AtomicUsize::new(0),
            idle: Notify::new(),
        })
    }

    /// How many items wait or are handled.
    pub fn open(&self) -> usize {
        self.open.load(Ordering::Acquire)
    }

    /// Resolves when nothing waits and nothing is handled.
    pub async fn idle(&self) {
        loop {
            let idle = self.idle.notified();
            if self.open() == 0 {
                return;
            }
            idle.await;
        }
    }

    /// Whether anything waits or is handled under a key that fits.
    pub fn any(&self, fits: impl Fn(&K) -> bool) -> bool {
        self.shards.iter().any(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner).keys().any(&fits))
    }

    /// Whether an item of a smaller rank waits behind the one that is handled.
    pub fn is_urged(&self, key: &K, rank: i64) -> bool {
        let shard = self.shard(key);
        let first = shard.get(key).and_then(|queue| queue.waiting.keys().next().copied());
        first.is_some_and(|(waiting, _)| waiting < rank)
    }

    /// How many items wait or are handled, by what a key tells.
    pub fn tally<G: Hash + Eq>(&self, of: impl Fn(&K) -> G) -> HashMap<G, usize> {
        let mut tally = HashMap::new();
        for shard in &self.shards {
            for (key, queue) in &*shard.lock().unwrap_or_else(PoisonError::into_inner) {
                *tally.entry(of(key)).or_insert(0) += queue.waiting.len() + 1;
            }
        }
        tally
    }

    /// Whether this item waits or is handled.
    pub fn has(&self, key: &K, name: &T::Name) -> bool {
        let shard = self.shard(key);
        shard.get(key).is_some_and(|queue| {
            queue.current == *name || queue.waiting.values().any(|other| other.name() == *name)
        })
    }

    /// Puts an item in its place. `handle` is called for this and all later items of the key, in a task of its own
    /// that ends with the queue.
    pub fn push<F, Fut>(self: &Arc<Self>, key: K, item: T, handle: F)
    where
        F: Fn(K, T) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.open.fetch_add(1, Ordering::AcqRel);
        let mut shard = self.shard(&key);
        match shard.get_mut(&key) {
            Some(queue) => {
                let known = queue.current == item.name()
                    || queue.waiting.values().any(|other| other.name() == item.name());
                if known {
                    drop(shard);
                    self.close_one();
                } else {
                    queue.arrivals += 1;
                    queue.waiting.insert((item.rank(), queue.arrivals), item);
                }
            }
            None => {
                shard.insert(
                    key.clone(),
                    Queue { waiting: BTreeMap::new(), current: item.name(), arrivals: 0 },
                );
                drop(shard);
                tokio::spawn(Arc::clone(self).drive(key, item, handle));
            }
        }
    }

    async fn drive<F, Fut>(self: Arc<Self>, key: K, first: T, handle: F)
    where
        F: Fn(K, T) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let mut next = Some(first);
        while let Some(item) = next {
            // The guard goes on with the queue even if the handler panics: one bad event must not stop a conversation.
            let handled =
                futures::FutureExt::catch_unwind(std::panic::AssertUnwindSafe(handle(key.clone(), item)))
                    .await;
            if handled.is_err() {
                tracing::error!("a handler panicked; its queue goes on");
            }
            next = self.take_next(&key);
            self.close_one();
        }
    }

    fn take_next(&self, key: &K) -> Option<T> {
        let mut shard = self.shard(key);
        let queue = shard.get_mut(key)?;
        match queue.waiting.pop_first() {
            Some((_, item)) => {
                queue.current = item.name();
                Some(item)
            }
            None => {
                shard.remove(key);
                None
            }
        }
    }

    fn close_one(&self) {
        if self.open.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.idle.notify_waiters();
        }
    }

    #[allow(clippy::cast_possible_truncation)]
    fn shard(&self, key: &K) -> std::sync::MutexGuard<'_, HashMap<K, Queue<T>>> {
        let at = self.hasher.hash_one(key) as usize % SHARDS;
        self.shards[at].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Numbered(i64);

    impl Item for Numbered {
        type Name = i64;
        fn rank(&self) -> i64 {
            self.0
        }
        fn name(&self) -> i64 {
            self.0
        }
    }

    #[tokio::test]
    async fn one_key_goes_in_rank_order_one_at_a_time_and_a_double_is_dropped() {
        let serial = Serial::new();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let gate = Arc::new(tokio::sync::Semaphore::new(0));
        for rank in [5, 3, 9, 3, 1] {
            let (seen, gate) = (Arc::clone(&seen), Arc::clone(&gate));
            serial.push("ann", Numbered(rank), move |_, item| {
                let (seen, gate) = (Arc::clone(&seen), Arc::clone(&gate));
                async move {
                    gate.acquire().await.expect("open").forget();
                    seen.lock().expect("seen").push(item.0);
                }
            });
        }
        gate.add_permits(10);
        serial.idle().await;
        assert_eq!(*seen.lock().expect("seen"), [5, 1, 3, 9]);
    }

    #[tokio::test]
    async fn a_panic_does_not_stop_the_queue() {
        let serial = Serial::new();
        let done = Arc::new(AtomicUsize::new(0));
        for rank in 0..3 {
            let done = Arc::clone(&done);
            serial.push(1, Numbered(rank), move |_, item| {
                let done = Arc::clone(&done);
                async move {
                    assert!(item.0 != 0, "the first one panics");
                    done.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        serial.idle().await;
        assert_eq!(done.load(Ordering::SeqCst), 2);
    }
}
