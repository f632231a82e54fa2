//! The thread that writes.
//!
//! A batch is first run plainly, in one transaction and without savepoints: a savepoint costs a copy of every page
//! that a unit touches. Only when a unit that has written already must be undone is the whole batch undone and run
//! carefully, with a savepoint for each unit.

use super::session::Session;
use crate::stats::Counters;
use crate::unit::{Ending, Job, Live};
use crate::wake::Wakes;
use crate::{RERUNS_MAX, StoreError, Wake};
use std::sync::Arc;
use std::time::Instant;

pub(super) struct Writer<'c> {
    session: Session<'c>,
    wakes: Arc<Wakes>,
    counters: Arc<Counters>,
}

/// Units that ran, in a transaction that is still open.
#[derive(Default)]
struct Ran {
    lives: Vec<Live>,
    wakes: Vec<Wake>,
}

/// What became of one unit in its savepoint.
enum Careful {
    Kept(Live, Vec<Wake>),
    Undone(Live),
    /// The transaction is gone, and with it what earlier units of it did.
    Lost(Live, StoreError),
}

impl Ran {
    fn jobs(self) -> impl Iterator<Item = Job> {
        self.lives.into_iter().map(|live| live.job)
    }
}

impl<'c> Writer<'c> {
    pub(super) fn new(session: Session<'c>, wakes: Arc<Wakes>, counters: Arc<Counters>) -> Self {
        Self { session, wakes, counters }
    }

    /// Runs, commits and answers.
    pub(super) fn batch(&mut self, jobs: Vec<Job>) {
        let begun = Instant::now();
        if let Err(error) = self.session.control("BEGIN IMMEDIATE") {
            jobs.into_iter().for_each(|job| job.refuse(error.clone()));
            return;
        }
        let ran = self.run_plainly(jobs).and_then(|ran| self.commit(ran, begun).map_err(|(jobs, _)| jobs));
        if let Err(jobs) = ran {
            self.roll_back();
            self.counters.reruns(jobs.len());
            self.carefully(jobs);
        }
    }

    fn run_plainly(&mut self, jobs: Vec<Job>) -> Result<Ran, Vec<Job>> {
        let mut ran = Ran::default();
        let mut jobs = jobs.into_iter();
        while let Some(job) = jobs.next() {
            let mut live = job.start();
            let ending = self.session.drive(&mut live);
            let fits = if ending.good { self.put(&ending).is_ok() } else { !ending.touched };
            ran.lives.push(live);
            if !fits {
                return Err(ran.jobs().chain(jobs).collect());
            }
            if ending.good {
                ran.wakes.extend(ending.wakes);
            }
        }
        Ok(ran)
    }

    /// Each unit in a savepoint of one transaction; if that fails too, each in a transaction of its own.
    fn carefully(&mut self, jobs: Vec<Job>) {
        let begun = Instant::now();
        if let Err(error) = self.session.control("BEGIN IMMEDIATE") {
            jobs.into_iter().for_each(|job| job.refuse(error.clone()));
            return;
        }
        let ran = self.run_carefully(jobs).and_then(|ran| self.commit(ran, begun));
        let Err((mut jobs, error)) = ran else { return };
        self.roll_back();
        if jobs.len() > 1 {
            self.counters.reruns(jobs.len());
            jobs.into_iter().for_each(|job| self.carefully(vec![job]));
        } else if let Some(job) = jobs.pop() {
            job.refuse(error);
        }
    }

    fn run_carefully(&mut self, jobs: Vec<Job>) -> Result<Ran, (Vec<Job>, StoreError)> {
        let mut ran = Ran::default();
        let mut jobs = jobs.into_iter();
        while let Some(job) = jobs.next() {
            match self.run_in_savepoint(job) {
                Careful::Kept(live, wakes) => {
                    ran.lives.push(live);
                    ran.wakes.extend(wakes);
                }
                Careful::Undone(live) => ran.lives.push(live),
                Careful::Lost(live, error) => {
                    ran.lives.push(live);
                    return Err((ran.jobs().chain(jobs).collect(), error));
                }
            }
        }
        Ok(ran)
    }

    fn run_in_savepoint(&mut self, mut job: Job) -> Careful {
        for run in 1.. {
            let mut live = job.start();
            if let Err(error) = self.session.control("SAVEPOINT unit") {
                return Careful::Lost(live, error);
            }
            let ending = self.session.drive(&mut live);
            let put = if ending.good { self.put(&ending) } else { Ok(()) };
            let end =
                if ending.good && put.is_ok() { "RELEASE unit" } else { "ROLLBACK TO unit; RELEASE unit" };
            if let Err(error) = self.session.control(end) {
                return Careful::Lost(live, put.err().unwrap_or(error));
            }
            match put {
                Ok(()) if ending.good => return Careful::Kept(live, ending.wakes),
                Ok(()) => return Careful::Undone(live),
                Err(StoreError::Stale { .. }) if run < RERUNS_MAX => {
                    self.counters.reruns(1);
                    job = live.job;
                }
                Err(error) => {
                    live.fail(error);
                    return Careful::Undone(live);
                }
            }
        }
        unreachable!("the last run returns")
    }

    fn put(&mut self, ending: &Ending) -> Result<(), StoreError> {
        ending.puts.iter().try_for_each(|put| self.session.put(put))
    }

    fn commit(&mut self, ran: Ran, begun: Instant) -> Result<(), (Vec<Job>, StoreError)> {
        if let Err(error) = self.session.control("COMMIT") {
            return Err((ran.jobs().collect(), error));
        }
        self.counters.batch(ran.lives.len(), begun.elapsed());
        self.wakes.spread(ran.wakes);
        ran.lives.into_iter().for_each(Live::answer);
        Ok(())
    }

    fn roll_back(&self) {
        // After some failures SQLite has rolled back by itself.
        if !self.session.connection.is_autocommit()
            && let Err(error) = self.session.control("ROLLBACK")
        {
            tracing::error!(%error, "a transaction could not be rolled back");
        }
    }
}
