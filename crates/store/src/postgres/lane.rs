//! A connection that writes.
//!
//! The units of a batch run side by side in one transaction, and their held writes go out together at the end. If the
//! batch cannot be committed as a whole it is rolled back, and each unit runs in a transaction of its own.

use super::Server;
use super::link::Link;
use super::plan::{Plan, rounds};
use super::session::{Marker, Session, WRITING};
use super::values::Fault;
use crate::queue::Queue;
use crate::stats::Counters;
use crate::unit::{Job, Live};
use crate::wake::{Wake, Wakes};
use crate::{RERUNS_MAX, StoreError};
use std::sync::Arc;
use std::time::Instant;

pub(super) struct Lane {
    link: Link,
    wakes: Arc<Wakes>,
    counters: Arc<Counters>,
}

/// What became of a batch.
enum Outcome {
    /// Committed, or with nothing to commit; these units are still to run.
    Done(Vec<Live>, Vec<Wake>, Vec<Job>),
    /// Rolled back, for the reason given.
    Undone(Vec<Job>, Fault),
    /// The connection was lost before the commit.
    Lost(Vec<Job>, String),
    /// The connection was lost during the commit.
    Unknown(Vec<Live>, Vec<Wake>, Vec<Job>, Marker),
}

impl Lane {
    pub(super) fn new(server: Server, queue: Arc<Queue>, wakes: Arc<Wakes>, counters: Arc<Counters>) -> Self {
        Self { link: Link::new(server, queue, &WRITING), wakes, counters }
    }

    pub(super) async fn run(mut self, batch_max: usize) {
        while let Some(jobs) = self.link.next(batch_max).await {
            if let Some((jobs, _)) = self.attempt(jobs).await {
                self.counters.reruns(jobs.len());
                self.one_by_one(jobs).await;
            }
        }
    }

    async fn one_by_one(&mut self, jobs: Vec<Job>) {
        let mut jobs = jobs.into_iter();
        while let Some(job) = jobs.next() {
            self.by_itself(job).await;
            if self.link.session().is_none() {
                self.link.give_back(jobs.collect());
                return;
            }
        }
    }

    async fn by_itself(&mut self, job: Job) {
        let mut jobs = vec![job];
        for run in 1.. {
            let Some((undone, fault)) = self.attempt(jobs).await else { return };
            let (most, error) = match fault {
                Fault::Again(error) => (RERUNS_MAX, error),
                // It may be with a row that came meanwhile: the unit looks once more.
                Fault::Refused(error @ StoreError::Conflict { .. }) => (2, error),
                Fault::Refused(error) => (1, error),
                Fault::Lost(why) => (1, StoreError::Unavailable(why)),
            };
            if run >= most {
                undone.into_iter().for_each(|job| job.refuse(error.clone()));
                return;
            }
            self.counters.reruns(1);
            jobs = undone;
        }
    }

    /// Runs units in one transaction and sees to its outcome. Gives them back when they were rolled back.
    async fn attempt(&mut self, jobs: Vec<Job>) -> Option<(Vec<Job>, Fault)> {
        let begun = Instant::now();
        let outcome = match self.link.session() {
            Some(session) => transact(session, jobs).await,
            None => Outcome::Lost(jobs, "not connected".to_owned()),
        };
        match outcome {
            Outcome::Done(lives, wakes, left) => self.done(lives, wakes, left, begun),
            Outcome::Undone(jobs, fault) => return Some((jobs, fault)),
            Outcome::Lost(jobs, why) => self.link.lose(jobs, &why),
            Outcome::Unknown(lives, wakes, left, marker) => {
                self.link.lose(left, "during a commit");
                match self.link.was_committed(marker).await {
                    Some(true) => self.done(lives, wakes, Vec::new(), begun),
                    Some(false) => self.link.give_back(lives.into_iter().map(|live| live.job).collect()),
                    None => lives.into_iter().for_each(|live| live.job.refuse(StoreError::OutcomeUnknown)),
                }
            }
        }
        None
    }

    fn done(&mut self, lives: Vec<Live>, wakes: Vec<Wake>, left: Vec<Job>, begun: Instant) {
        self.link.succeeded();
        self.counters.batch(lives.len(), begun.elapsed());
        self.wakes.spread(wakes);
        lives.into_iter().for_each(Live::answer);
        self.counters.reruns(left.len());
        self.link.give_back(left);
    }
}

async fn transact(session: &mut Session, jobs: Vec<Job>) -> Outcome {
    if let Err(Fault::Lost(why)) = session.learn().await {
        return Outcome::Lost(jobs, why);
    }
    let mut lives: Vec<Live> = jobs.into_iter().map(Job::start).collect();
    let mut endings = match rounds(session, &mut lives).await {
        Ok(endings) => endings,
        Err(fault) => return undo(session, jobs_of(lives), fault).await,
    };
    let plan = match (lives.len(), endings.pop()) {
        (1, Some(ending)) if !ending.good => return refused(session, lives).await,
        (1, Some(ending)) => Plan::of_one(lives, ending),
        (_, last) => {
            endings.extend(last);
            match Plan::of_many(lives, endings) {
                Ok(plan) => plan,
                Err(lives) => {
                    let reason =
                        StoreError::Database { statement: "batch", message: "cannot be kept whole".into() };
                    return undo(session, jobs_of(lives), Fault::Again(reason)).await;
                }
            }
        }
    };
    commit(session, plan).await
}

async fn commit(session: &mut Session, plan: Plan) -> Outcome {
    if plan.writes
        && let Err(fault) = session.write(&plan.groups).await
    {
        return undo(session, plan.into_jobs(), fault).await;
    }
    match session.commit().await {
        Ok(()) => Outcome::Done(plan.lives, plan.wakes, plan.left),
        Err(Fault::Lost(_)) if plan.writes => {
            Outcome::Unknown(plan.lives, plan.wakes, plan.left, session.marker())
        }
        Err(fault) => undo(session, plan.into_jobs(), fault).await,
    }
}

/// The one unit of a transaction does not want it.
async fn refused(session: &mut Session, lives: Vec<Live>) -> Outcome {
    match session.roll_back().await {
        // The next batch will find the connection lost; this unit has its answer.
        Ok(()) | Err(_) => Outcome::Done(lives, Vec::new(), Vec::new()),
    }
}

async fn undo(session: &mut Session, jobs: Vec<Job>, fault: Fault) -> Outcome {
    if let Fault::Lost(why) = fault {
        return Outcome::Lost(jobs, why);
    }
    match session.roll_back().await {
        Err(Fault::Lost(why)) => Outcome::Lost(jobs, why),
        Ok(()) | Err(_) => Outcome::Undone(jobs, fault),
    }
}

fn jobs_of(lives: Vec<Live>) -> Vec<Job> {
    lives.into_iter().map(|live| live.job).collect()
}
