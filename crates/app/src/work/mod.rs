//! Durable jobs: enqueued in the same unit as the change that needs them, run by whichever node is free.

mod store;

use crate::app::App;
use crate::problem::Fail;
use futures::future::BoxFuture;
use samovar_base::{Instant, JobId, TenantId};
use samovar_store::{StoreError, Tx, params};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use store::{
    JOB_ADD, JOB_CLAIM, JOB_DUE, JOB_ENDED, JOB_HASTEN, JOB_LATER, STATE_DEAD, STATE_DONE, STATE_RUNNING,
    STATE_WAITING,
};
use tokio::task::JoinSet;
use tokio_util::task::task_tracker::TaskTrackerToken;

/// A node that stopped renewing loses its jobs after this time.
const HOLD_MS: i64 = 120_000;
/// Jobs of one node at a time.
const AT_ONCE: usize = 8;

/// A piece of work that survives a crash. It may run more than once: what it does must bear that.
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Its name in the table, for ever.
    const NAME: &'static str;
    /// How it is tried again.
    const RETRY: Retry;
    /// Does it. `tenant` is whose it is.
    fn run<'a>(&'a self, app: &'a App, tenant: TenantId) -> BoxFuture<'a, Result<After, JobError>>;
}

/// What becomes of a job that was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// It is over.
    Done,
    /// It comes again then.
    Again(Instant),
}

/// Why a job did not do its work.
#[derive(Debug)]
pub enum JobError {
    /// It may work later.
    Retry(String),
    /// It will never work.
    GiveUp(String),
}

impl From<Fail> for JobError {
    fn from(fail: Fail) -> Self {
        match &fail {
            Fail::Store(_) => Self::Retry(fail.to_string()),
            Fail::Problems(_) => Self::GiveUp(fail.to_string()),
        }
    }
}

/// How a job is tried again: after `first_ms`, then doubled up to `max_ms`, at most `tries` times.
#[derive(Debug, Clone, Copy)]
pub struct Retry {
    /// Before the second try.
    pub first_ms: i64,
    /// The longest pause.
    pub max_ms: i64,
    /// Then it is dead, and shown.
    pub tries: i64,
}

impl Retry {
    /// Patient: for hours.
    pub const PATIENT: Self = Self { first_ms: 5_000, max_ms: 600_000, tries: 60 };

    fn pause(self, attempts: i64) -> i64 {
        let doubled = self.first_ms.saturating_mul(1_i64 << attempts.clamp(0, 30));
        doubled.min(self.max_ms)
    }
}

/// Enqueues a job in the unit of `tx`. While a job of the same name with the same `once` is open, a second is not.
pub async fn enqueue<J: Job>(
    app: &App,
    tx: &Tx,
    job: &J,
    due: Instant,
    once: Option<&str>,
) -> Result<bool, Fail> {
    let id = JobId::new(&app.ids, app.clock.as_ref());
    let payload = serde_json::to_string(job)
        .map_err(|error| StoreError::Misused { statement: J::NAME, what: error.to_string() })?;
    let added = tx.exec(&JOB_ADD, params![id, J::NAME, once, payload, due, app.clock.now()]).await?;
    Ok(added == 1)
}

/// Lets the waiting jobs of a name come at `now` instead of later.
pub async fn hasten(tx: &Tx, name: &str, now: Instant) -> Result<(), Fail> {
    tx.exec(&JOB_HASTEN, params![name, now]).await?;
    Ok(())
}

/// Runs a job of one name from its payload.
type Runner = for<'a> fn(&'a App, TenantId, &'a str) -> BoxFuture<'a, Result<After, JobError>>;

struct Known {
    name: &'static str,
    retry: Retry,
    run: Runner,
}

fn known<J: Job>() -> Known {
    Known {
        name: J::NAME,
        retry: J::RETRY,
        run: |app, tenant, payload| {
            Box::pin(async move {
                let job: J =
                    serde_json::from_str(payload).map_err(|error| JobError::GiveUp(error.to_string()))?;
                job.run(app, tenant).await
            })
        },
    }
}

/// The jobs of this program.
fn all() -> Vec<Known> {
    vec![
        known::<crate::ledger::work::ExpireLots>(),
        known::<crate::loyalty::Warn>(),
        known::<crate::loyalty::Birthdays>(),
        known::<crate::accruals::work::CarryOn>(),
        known::<crate::pipeline::held::LetGo>(),
        known::<crate::pipeline::sweep::Sweep>(),
        known::<crate::pipeline::read::Read>(),
        known::<crate::pipeline::dates::Dates>(),
        known::<crate::broadcasts::work::Walk>(),
        known::<crate::broadcasts::work::Greet>(),
        known::<crate::contacts::work::Scrub>(),
        known::<crate::contacts::bulk::CarryOn>(),
        known::<crate::exports::work::Make>(),
        known::<crate::media::work::Remove>(),
        known::<crate::deals::work::ExpireOrder>(),
        known::<crate::guard::work::Tell>(),
        known::<crate::imports::work::Take>(),
        known::<crate::backups::work::Make>(),
        known::<crate::backups::work::Daily>(),
        known::<crate::imports::work::Forget>(),
        known::<crate::draws::work::Freeze>(),
        known::<crate::draws::work::Tell>(),
        known::<crate::draws::work::Late>(),
        known::<crate::receipts::Forget>(),
        known::<crate::promo::work::End>(),
        known::<crate::promo::work::Low>(),
        known::<crate::promo::work::Refill>(),
        known::<crate::promo::numbers::work::Count>(),
    ]
}

/// A claimed job.
struct Claimed {
    tenant: TenantId,
    id: JobId,
    name: String,
    payload: String,
    attempts: i64,
    _in_hand: TaskTrackerToken,
}

/// Claims as many due jobs as there is room for beside those that run, and starts them.
pub async fn start(app: &App, running: &mut JoinSet<()>) -> Result<(), Fail> {
    let room = AT_ONCE.saturating_sub(running.len());
    for job in claim(app, room).await? {
        let app = app.clone();
        running.spawn(async move { run(&app, job).await });
    }
    Ok(())
}

/// Claims due jobs and runs them to their end.
pub async fn look(app: &App) -> Result<(), Fail> {
    loop {
        let claimed = claim(app, AT_ONCE).await?;
        if claimed.is_empty() {
            return Ok(());
        }
        futures::future::join_all(claimed.into_iter().map(|job| run(app, job))).await;
    }
}

async fn claim(app: &App, room: usize) -> Result<Vec<Claimed>, Fail> {
    if room == 0 {
        return Ok(Vec::new());
    }
    let in_hand = app.pipeline.jobs.token();
    let now = app.clock.now();
    let rows = app
        .store
        .read_instance(move |tx| async move { Ok::<_, Fail>(tx.all(&JOB_DUE, params![now]).await?) })
        .await?;
    let mut claimed = Vec::new();
    for row in rows.iter().take(room) {
        let job = Claimed {
            tenant: row.id(0)?,
            id: row.id(1)?,
            name: row.text(2)?.to_owned(),
            payload: row.text(3)?.to_owned(),
            attempts: row.int(4)? + 1,
            _in_hand: in_hand.clone(),
        };
        let (id, attempts) = (job.id, job.attempts);
        let won = app
            .store
            .run(job.tenant, id.0.unsigned_abs(), move |tx| async move {
                let until = now.plus_millis(HOLD_MS);
                Ok::<_, Fail>(
                    tx.exec(&JOB_CLAIM, params![id, attempts - 1, STATE_RUNNING, attempts, until]).await?
                        == 1,
                )
            })
            .await?;
        if won {
            claimed.push(job);
        }
    }
    Ok(claimed)
}

async fn run(app: &App, job: Claimed) {
    let Some(known) = all().into_iter().find(|known| known.name == job.name) else {
        return end(app, &job, STATE_DEAD, None, Some("this program knows no such job")).await;
    };
    let job = Arc::new(job);
    let outcome = (known.run)(app, job.tenant, &job.payload).await;
    metrics::counter!("samovar_jobs_total", "name" => known.name, "outcome" => if outcome.is_ok() { "done" } else { "failed" }).increment(1);
    match outcome {
        Ok(After::Done) => end(app, &job, STATE_DONE, None, None).await,
        Ok(After::Again(due)) => end(app, &job, STATE_WAITING, Some((due, 0)), None).await,
        Err(JobError::Retry(why)) if job.attempts < known.retry.tries => {
            let due = app.clock.now().plus_millis(known.retry.pause(job.attempts));
            end(app, &job, STATE_WAITING, Some((due, job.attempts)), Some(&why)).await;
        }
        Err(JobError::Retry(why) | JobError::GiveUp(why)) => {
            tracing::error!(job = %job.id, name = job.name, why, "a job is dead");
            end(app, &job, STATE_DEAD, None, Some(&why)).await;
        }
    }
}

async fn end(app: &App, job: &Claimed, state: i64, again: Option<(Instant, i64)>, note: Option<&str>) {
    let (id, note) = (job.id, note.map(str::to_owned));
    let written = app
        .store
        .run(job.tenant, id.0.unsigned_abs(), move |tx| {
            match again {
                Some((due, attempts)) => {
                    tx.put(&JOB_LATER, params![id, state, due, 0_i64, attempts, note.as_deref()])
                }
                None => tx.put(&JOB_ENDED, params![id, state, note.as_deref()]),
            }
            std::future::ready(Ok::<_, Fail>(()))
        })
        .await;
    if let Err(error) = written {
        tracing::error!(job = %job.id, %error, "the end of a job could not be stored; it runs again");
    }
}
