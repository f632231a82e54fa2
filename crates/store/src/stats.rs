//! Counts of what the lanes did.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What the writers of a store did since it was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stats {
    /// Commits.
    pub batches: u64,
    /// Units answered.
    pub units: u64,
    /// Runs of a unit beyond its first.
    pub reruns: u64,
    /// Units waiting now.
    pub queued: u64,
}

impl Stats {
    /// Units per commit.
    #[allow(clippy::cast_precision_loss)]
    pub fn mean_batch(&self) -> f64 {
        if self.batches == 0 { 0.0 } else { self.units as f64 / self.batches as f64 }
    }
}

#[derive(Default)]
pub(crate) struct Counters {
    batches: AtomicU64,
    units: AtomicU64,
    reruns: AtomicU64,
}

impl Counters {
    #[allow(clippy::cast_precision_loss)]
    pub(crate) fn batch(&self, units: usize, took: Duration) {
        self.batches.fetch_add(1, Ordering::Relaxed);
        self.units.fetch_add(units as u64, Ordering::Relaxed);
        metrics::counter!("samovar_store_batches_total").increment(1);
        metrics::counter!("samovar_store_units_total").increment(units as u64);
        metrics::histogram!("samovar_store_batch_units").record(units as f64);
        metrics::histogram!("samovar_store_batch_seconds").record(took.as_secs_f64());
    }

    pub(crate) fn reruns(&self, units: usize) {
        self.reruns.fetch_add(units as u64, Ordering::Relaxed);
        metrics::counter!("samovar_store_reruns_total").increment(units as u64);
    }

    pub(crate) fn read(&self, queued: usize) -> Stats {
        Stats {
            batches: self.batches.load(Ordering::Relaxed),
            units: self.units.load(Ordering::Relaxed),
            reruns: self.reruns.load(Ordering::Relaxed),
            queued: queued as u64,
        }
    }
}
