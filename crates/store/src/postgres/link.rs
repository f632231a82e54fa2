//! A connection that comes back, and what becomes of units while it is away.

use super::Server;
use super::session::{Manner, Marker, Session};
use super::values;
use crate::StoreError;
use crate::queue::Queue;
use crate::unit::Job;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};

const RETRY_FIRST: Duration = Duration::from_millis(20);
const RETRY_MAX: Duration = Duration::from_secs(1);

pub(super) struct Link {
    server: Server,
    queue: Arc<Queue>,
    manner: &'static Manner,
    session: Option<Session>,
    /// A session that was lost and may still hold locks on the server.
    lost: Option<i64>,
    /// Since when nothing succeeded.
    away_since: Option<Instant>,
}

impl Link {
    pub(super) fn new(server: Server, queue: Arc<Queue>, manner: &'static Manner) -> Self {
        Self { server, queue, manner, session: None, lost: None, away_since: None }
    }

    /// The next units, with a session to run them in. `None` when the queue is closed and empty.
    pub(super) async fn next(&mut self, most: usize) -> Option<Vec<Job>> {
        loop {
            let jobs = self.queue.batch(most).await?;
            if let Some(jobs) = self.connected(jobs).await {
                return Some(jobs);
            }
        }
    }

    pub(super) fn session(&mut self) -> Option<&mut Session> {
        self.session.as_mut()
    }

    pub(super) fn succeeded(&mut self) {
        self.away_since = None;
    }

    /// Puts units back to the front of their queue.
    pub(super) fn give_back(&self, jobs: Vec<Job>) {
        self.queue.give_back(jobs);
    }

    /// Takes note that the session is gone; its units wait for the next, if they may still wait.
    pub(super) fn lose(&mut self, jobs: Vec<Job>, why: &str) {
        tracing::warn!(why, units = jobs.len(), "a connection to the database was lost");
        if let Some(session) = self.session.take() {
            self.lost = Some(session.number());
        }
        self.away_since.get_or_insert_with(Instant::now);
        let jobs = self.expire(jobs, why);
        self.give_back(jobs);
    }

    /// Whether a batch whose commit was cut off took place; `None` when the database stays away.
    pub(super) async fn was_committed(&mut self, marker: Marker) -> Option<bool> {
        let since = Instant::now();
        let mut pause = RETRY_FIRST;
        while since.elapsed() < self.server.away_max {
            if let Ok(session) = self.connect().await
                && let Ok(found) = session.was_committed(marker).await
            {
                self.session = Some(session);
                return Some(found);
            }
            sleep(pause).await;
            pause = RETRY_MAX.min(pause * 2);
        }
        None
    }

    async fn connected(&mut self, mut jobs: Vec<Job>) -> Option<Vec<Job>> {
        let mut pause = RETRY_FIRST;
        while self.session.is_none() {
            match self.connect().await {
                Ok(session) => self.session = Some(session),
                Err(error) => {
                    self.away_since.get_or_insert_with(Instant::now);
                    jobs = self.expire(jobs, &values::message(&error));
                    if jobs.is_empty() {
                        return None;
                    }
                    sleep(pause).await;
                    pause = RETRY_MAX.min(pause * 2);
                }
            }
        }
        Some(jobs)
    }

    async fn connect(&mut self) -> Result<Session, tokio_postgres::Error> {
        let session = Session::open(&self.server.address, self.manner).await?;
        if let Some(number) = self.lost {
            session.end_earlier(number).await?;
            self.lost = None;
        }
        Ok(session)
    }

    /// Refuses units that have waited long enough, here and in the queue.
    fn expire(&self, jobs: Vec<Job>, why: &str) -> Vec<Job> {
        let since = self.away_since.unwrap_or_else(Instant::now);
        let expired = |job: &Job| job.queued_at.max(since).elapsed() >= self.server.away_max;
        let (out, kept): (Vec<Job>, Vec<Job>) = jobs.into_iter().partition(expired);
        for job in out.into_iter().chain(self.queue.expire(expired)) {
            job.refuse(StoreError::Unavailable(why.to_owned()));
        }
        kept
    }
}
