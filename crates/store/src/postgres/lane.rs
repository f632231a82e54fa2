//! A connection that writes.
//!
//! The units of a batch run side by side in one transaction, and their held writes go out together at the end. If the
//! batch cannot be committed as a whole it is rolled back, and its units run in smaller parts.

use super::Server;
use super::link::Link;
use super::plan::{Plan, Spoiled, rounds};
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
    Undone(Undone),
    /// The connection was lost before the commit.
    Lost(Vec<Job>, String),
    /// The connection was lost during the commit.
    Unknown(Vec<Live>, Vec<Wake>, Vec<Job>, Marker),
}

/// Units that were rolled back.
struct Undone {
    jobs: Vec<Job>,
    /// How many of them, from the first on, may fare better without the rest.
    innocent: usize,
    fault: Fault,
}

impl Lane {
    pub(super) fn new(server: Server, queue: Arc<Queue>, wakes: Arc<Wakes>, counters: Arc<Counters>) -> Self {
        Self { link: Link::new(server, queue, &WRITING), wakes, counters }
    }

    pub(super) async fn run(mut self, batch_max: usize) {
        while let Some(jobs) = self.link.next(batch_max).await {
            self.batch(jobs).await;
        }
    }

    /// What cannot be committed as a whole is tried in parts, down to single units: of many units few are at fault.
    async fn batch(&mut self, jobs: Vec<Job>) {
        let mut parts = vec![jobs];
        while let Some(part) = parts.pop() {
            let Some(Undone { mut jobs, innocent, .. }) = self.attempt(part).await else { continue };
            self.counters.reruns(jobs.len());
            if jobs.len() == 1 {
                self.by_itself(jobs).await;
            } else {
                parts.push(jobs.split_off(innocent));
                parts.push(jobs);
            }
        }
    }

    async fn by_itself(&mut self, mut jobs: Vec<Job>) {
        for run in 1.. {
            let Some(undone) = self.attempt(jobs).await else { return };
            let (most, error) = match undone.fault {
                Fault::Again(error) => (RERUNS_MAX, error),
                // It may be with a row that came meanwhile: the unit looks once more.
                Fault::Refused(error @ StoreError::Conflict { .. }) => (2, error),
                Fault::Refused(error) => (1, error),
                Fault::Lost(why) => (1, StoreError::Unavailable(why)),
            };
            if run >= most {
                undone.jobs.into_iter().for_each(|job| job.refuse(error.clone()));
                return;
            }
            self.counters.reruns(1);
            jobs = undone.jobs;
        }
    }

    /// Runs units in one transaction and sees to its outcome. Gives them back when they were rolled back.
    async fn attempt(&mut self, jobs: Vec<Job>) -> Option<Undone> {
        let begun = Instant::now();
        let outcome = match self.link.session() {
            Some(session) => transact(session, jobs).await,
            None => Outcome::Lost(jobs, "not connected".to_owned()),
        };
        match outcome {
            Outcome::Done(lives, wakes, left) => self.done(lives, wakes, left, begun),
            Outcome::Undone(undone) => return Some(undone),
            Outcome::Lost(jobs, why) => self.link.lose(jobs, &why),
            Outcome::Unknown(lives, wakes, left, marker) => {
                self.link.lose(left, "during a commit");
                match self.link.was_committed(marker).await {
                    Some(true) => self.done(lives, wakes, Vec::new(), begun),
                    Some(false) => self.link.give_back(jobs_of(lives)),
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
                Err(spoiled) => return set_apart(session, spoiled).await,
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

/// Nobody knows who was at fault.
async fn undo(session: &mut Session, jobs: Vec<Job>, fault: Fault) -> Outcome {
    let innocent = jobs.len() / 2;
    roll_back(session, Undone { jobs, innocent, fault }).await
}

/// Those at fault are known.
async fn set_apart(session: &mut Session, spoiled: Spoiled) -> Outcome {
    let reason = StoreError::Database { statement: "batch", message: "cannot be kept whole".to_owned() };
    // When all are at fault, parts are as good as any.
    let innocent =
        if spoiled.innocent.is_empty() { spoiled.guilty.len() / 2 } else { spoiled.innocent.len() };
    let jobs = spoiled.innocent.into_iter().chain(spoiled.guilty).collect();
    roll_back(session, Undone { jobs, innocent, fault: Fault::Again(reason) }).await
}

async fn roll_back(session: &mut Session, undone: Undone) -> Outcome {
    if let Fault::Lost(why) = undone.fault {
        return Outcome::Lost(undone.jobs, why);
    }
    match session.roll_back().await {
        Err(Fault::Lost(why)) => Outcome::Lost(undone.jobs, why),
        Ok(()) | Err(_) => Outcome::Undone(undone),
    }
}

fn jobs_of(lives: Vec<Live>) -> Vec<Job> {
    lives.into_iter().map(|live| live.job).collect()
}
