//! Units waiting for a lane.

use crate::StoreError;
use crate::unit::{Job, Key};
use std::collections::{HashSet, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// A bounded queue that a thread or a task can wait at.
pub(crate) struct Queue {
    room: usize,
    state: Mutex<State>,
    for_thread: Condvar,
    for_task: Notify,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Job>,
    closed: bool,
}

impl Queue {
    pub(crate) fn new(room: usize) -> Self {
        Self { room, state: Mutex::default(), for_thread: Condvar::new(), for_task: Notify::new() }
    }

    pub(crate) fn push(&self, job: Job) -> Result<(), StoreError> {
        {
            let mut state = self.state();
            if state.closed {
                return Err(StoreError::Closed);
            }
            if state.waiting.len() >= self.room {
                return Err(StoreError::Busy);
            }
            state.waiting.push_back(job);
        }
        self.wake();
        Ok(())
    }

    /// Puts units back before all others, in their order; room or not, they were accepted.
    pub(crate) fn give_back(&self, jobs: Vec<Job>) {
        let mut state = self.state();
        for job in jobs.into_iter().rev() {
            state.waiting.push_front(job);
        }
    }

    /// Waits on this thread for a batch: see [`Queue::batch`]. `None` when closed and empty.
    pub(crate) fn wait_blocking(&self, most: usize) -> Option<Vec<Job>> {
        let mut state = self.state();
        loop {
            if let Some(batch) = state.take(most) {
                return batch;
            }
            state = self.for_thread.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits in this task for a batch: what waits now, at most `most`, and one unit of each key. `None` when closed
    /// and empty.
    pub(crate) async fn batch(&self, most: usize) -> Option<Vec<Job>> {
        loop {
            let told = self.for_task.notified();
            let taken = self.state().take(most);
            if let Some(batch) = taken {
                // Several tasks may wait here, and one notice may have stood for several units.
                if self.len() > 0 || batch.is_none() {
                    self.for_task.notify_one();
                }
                return batch;
            }
            told.await;
        }
    }

    /// Takes out the units for which `expired` holds.
    pub(crate) fn expire(&self, expired: impl Fn(&Job) -> bool) -> Vec<Job> {
        let mut state = self.state();
        let (out, kept) = state.waiting.drain(..).partition::<Vec<_>, _>(expired);
        state.waiting = kept.into();
        out
    }

    pub(crate) fn len(&self) -> usize {
        self.state().waiting.len()
    }

    /// Lets no more in. What waits is still done.
    pub(crate) fn close(&self) {
        self.state().closed = true;
        self.for_thread.notify_all();
        self.wake();
    }

    fn wake(&self) {
        self.for_thread.notify_one();
        self.for_task.notify_one();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// `None`: nothing waits. `Some(None)`: nothing ever will.
    #[allow(clippy::option_option)]
    fn take(&mut self, most: usize) -> Option<Option<Vec<Job>>> {
        if self.waiting.is_empty() {
            return self.closed.then_some(None);
        }
        let mut keys: HashSet<Key> = HashSet::with_capacity(most.min(self.waiting.len()));
        let (mut taken, mut passed_over) = (Vec::new(), Vec::new());
        while taken.len() < most
            && let Some(job) = self.waiting.pop_front()
        {
            if keys.insert(job.key) { taken.push(job) } else { passed_over.push(job) }
        }
        for job in passed_over.into_iter().rev() {
            self.waiting.push_front(job);
        }
        Some(Some(taken))
    }
}
