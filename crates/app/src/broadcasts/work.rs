//! The jobs of broadcasts: one walks an audience, the other writes to a newcomer.

use super::model::{Broadcast, BroadcastId, Newcomers, State};
use super::rules::Words;
use super::store;
use crate::app::App;
use crate::contacts::Contact;
use crate::pipeline::{self, Class};
use crate::problem::Fail;
use crate::segments::audience;
use crate::visit::Cause;
use crate::work::{After, Job, JobError, Retry};
use futures::future::BoxFuture;
use samovar_base::{ContactId, Instant, TenantId};
use samovar_store::Tx;
use serde::{Deserialize, Serialize};

/// People in one unit.
const PEOPLE: u32 = 200;
/// Units in one run of the job: between runs others have their turn.
const STEPS: usize = 10;
/// So many messages may wait at a time: a pause holds them, and the table stays small however many people there are.
pub(super) const AHEAD_MAX: i64 = 2_000;
/// How long a full or held queue is left alone.
const PAUSE_MS: i64 = 1_000;
/// How long a newcomer waits while a broadcast is held before it is looked at again.
const HELD_MS: i64 = 60_000;
/// After its end a broadcast to newcomers waits so long for those who registered just before.
const GRACE_MS: i64 = 60_000;

/// Writes a broadcast's messages, some at a time, until everybody was looked at and everything has its outcome.
#[derive(Debug, Serialize, Deserialize)]
pub struct Walk {
    /// Which.
    pub broadcast: BroadcastId,
}

/// Writes a broadcast's message to somebody who has registered.
#[derive(Debug, Serialize, Deserialize)]
pub struct Greet {
    /// Which.
    pub broadcast: BroadcastId,
    /// To whom.
    pub contact: ContactId,
}

impl Job for Greet {
    const NAME: &'static str = "broadcasts.greet";
    const RETRY: Retry = Retry::PATIENT;

    fn run<'a>(&'a self, app: &'a App, tenant: TenantId) -> BoxFuture<'a, Result<After, JobError>> {
        Box::pin(async move {
            let (services, id, contact, now) = (app.clone(), self.broadcast, self.contact, app.clock.now());
            let step = app.store.run(tenant, super::unit_key(id), move |tx| {
                let app = services.clone();
                async move { greet(&app, &tx, id, contact, now).await }
            });
            Ok(match step.await? {
                Step::Wait(ms) => After::Again(now.plus_millis(ms)),
                Step::More | Step::Over => After::Done,
            })
        })
    }
}

/// What a unit came to.
enum Step {
    /// There are more people.
    More,
    /// Look again later.
    Wait(i64),
    /// It is over.
    Over,
}

impl Job for Walk {
    const NAME: &'static str = "broadcasts.walk";
    const RETRY: Retry = Retry { first_ms: 1_000, max_ms: 60_000, tries: i64::MAX };

    fn run<'a>(&'a self, app: &'a App, tenant: TenantId) -> BoxFuture<'a, Result<After, JobError>> {
        Box::pin(async move {
            for _ in 0..STEPS {
                let (services, id) = (app.clone(), self.broadcast);
                let now = app.clock.now();
                let step = app.store.run(tenant, super::unit_key(id), move |tx| {
                    let app = services.clone();
                    async move { step(&app, &tx, id, now).await }
                });
                match step.await? {
                    Step::More => {}
                    Step::Wait(ms) => return Ok(After::Again(app.clock.now().plus_millis(ms))),
                    Step::Over => return Ok(After::Done),
                }
            }
            Ok(After::Again(app.clock.now()))
        })
    }
}

async fn step(app: &App, tx: &Tx, id: BroadcastId, now: Instant) -> Result<Step, Fail> {
    let mut broadcast = store::load(tx, id).await?;
    match broadcast.state {
        State::Draft | State::Done | State::Stopped => return Ok(Step::Over),
        State::Paused => return Ok(Step::Wait(15 * PAUSE_MS)),
        State::Planned => {
            if let Some(left) =
                broadcast.draft.starts_at.map(|at| at.millis_since(now)).filter(|left| *left > 0)
            {
                return Ok(Step::Wait(left));
            }
            broadcast.state = State::Running;
        }
        State::Running => {}
    }
    if let Some(newcomers) = broadcast.draft.newcomers {
        return stand(tx, &mut broadcast, newcomers, now).await;
    }
    if broadcast.started_at.is_none() {
        broadcast.started_at = Some(now);
        broadcast.progress.total = audience::count(tx, &broadcast.draft.audience, now).await?;
    }
    if broadcast.progress.walked {
        return end(tx, &mut broadcast, now).await;
    }
    if store::open_ahead(tx, id, AHEAD_MAX).await? > AHEAD_MAX - i64::from(PEOPLE) {
        return Ok(Step::Wait(PAUSE_MS));
    }
    write_some(app, tx, &mut broadcast, now).await?;
    store::save(tx, &mut broadcast);
    Ok(Step::More)
}

/// Everybody was looked at: it is over when nothing of it waits.
async fn end(tx: &Tx, broadcast: &mut Broadcast, now: Instant) -> Result<Step, Fail> {
    if store::is_open(tx, broadcast.id).await? {
        return Ok(Step::Wait(PAUSE_MS));
    }
    broadcast.state = State::Done;
    broadcast.finished_at = Some(now);
    store::save(tx, broadcast);
    Ok(Step::Over)
}

/// One that goes to newcomers only begins and ends here. Without an end nothing is left to be done.
async fn stand(tx: &Tx, broadcast: &mut Broadcast, newcomers: Newcomers, now: Instant) -> Result<Step, Fail> {
    let over = newcomers.until.map(|until| until.plus_millis(GRACE_MS).millis_since(now));
    if over.is_some_and(|left| left <= 0) {
        return end(tx, broadcast, now).await;
    }
    if broadcast.started_at.is_none() {
        broadcast.started_at = Some(now);
        store::save(tx, broadcast);
    }
    Ok(over.map_or(Step::Over, Step::Wait))
}

/// The message of one newcomer, once.
async fn greet(app: &App, tx: &Tx, id: BroadcastId, contact: ContactId, now: Instant) -> Result<Step, Fail> {
    let mut broadcast = store::load(tx, id).await?;
    match broadcast.state {
        State::Paused => return Ok(Step::Wait(HELD_MS)),
        State::Stopped => return Ok(Step::Over),
        _ => {}
    }
    if store::got_it(tx, id, contact).await? {
        return Ok(Step::Over);
    }
    let found = audience::one_of(tx, &broadcast.draft.audience, now, contact).await?;
    let Some(person) = found else { return Ok(Step::Over) };
    broadcast.progress.total += 1;
    write_to(app, tx, &mut broadcast, std::slice::from_ref(&person), now).await?;
    store::save(tx, &mut broadcast);
    Ok(Step::Over)
}

/// The messages of the next people, and the place from which to go on: of one unit.
async fn write_some(app: &App, tx: &Tx, broadcast: &mut Broadcast, now: Instant) -> Result<(), Fail> {
    let Broadcast { draft, progress, .. } = broadcast;
    let began = broadcast.started_at.unwrap_or(now);
    let people = audience::page(tx, &draft.audience, began, progress.after, PEOPLE).await?;
    progress.walked = people.len() < PEOPLE as usize;
    progress.after = people.last().map(|contact| contact.id).or(progress.after);
    write_to(app, tx, broadcast, &people, now).await
}

/// A message to each of these people who may get one, and the count of all.
async fn write_to(
    app: &App,
    tx: &Tx,
    broadcast: &mut Broadcast,
    people: &[Contact],
    now: Instant,
) -> Result<(), Fail> {
    let Broadcast { draft, progress, .. } = broadcast;
    let ids: Vec<_> = people.iter().map(|contact| contact.id).collect();
    let places = pipeline::recipients_of_many(app, tx, &ids).await?;
    let business = app.directory.tenant(tx.tenant()).map(|tenant| tenant.name.clone()).unwrap_or_default();
    let words = Words::new(&draft.content).ok();
    let cause = Cause::new("broadcast", broadcast.id.to_string()).to_json();
    for contact in people {
        if !contact.takes_messages() {
            progress.silent += 1;
        } else if draft.purpose.as_ref().is_some_and(|purpose| !contact.consents.contains_key(purpose)) {
            progress.without_consent += 1;
        } else if let (Some(to), Some(words)) = (places.get(&contact.id), &words) {
            let body = words.body(broadcast.id, contact, &business);
            let parts = pipeline::queue(app, tx, to, &body, Class::Bulk, &cause, now);
            if let Some(last) = parts.last() {
                store::add_message(tx, broadcast.id, contact.id, *last);
                progress.queued += 1;
            }
        } else {
            progress.unreachable += 1;
        }
    }
    Ok(())
}
