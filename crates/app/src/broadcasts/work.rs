//! The job that walks the audience of a broadcast.

use super::model::{Broadcast, BroadcastId, State};
use super::rules::Words;
use super::store;
use crate::app::App;
use crate::pipeline::{self, Class};
use crate::problem::Fail;
use crate::segments::audience;
use crate::visit::Cause;
use crate::work::{After, Job, JobError, Retry};
use futures::future::BoxFuture;
use samovar_base::TenantId;
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

/// Writes a broadcast's messages, some at a time, until everybody was looked at and everything has its outcome.
#[derive(Debug, Serialize, Deserialize)]
pub struct Walk {
    /// Which.
    pub broadcast: BroadcastId,
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

async fn step(app: &App, tx: &Tx, id: BroadcastId, now: samovar_base::Instant) -> Result<Step, Fail> {
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
    if broadcast.started_at.is_none() {
        broadcast.started_at = Some(now);
        broadcast.progress.total = audience::count(tx, &broadcast.draft.audience, now).await?;
    }
    if broadcast.progress.walked {
        if store::is_open(tx, id).await? {
            return Ok(Step::Wait(PAUSE_MS));
        }
        broadcast.state = State::Done;
        broadcast.finished_at = Some(now);
        store::save(tx, &mut broadcast);
        return Ok(Step::Over);
    }
    if store::open_ahead(tx, id, AHEAD_MAX).await? > AHEAD_MAX - i64::from(PEOPLE) {
        return Ok(Step::Wait(PAUSE_MS));
    }
    write_some(app, tx, &mut broadcast, now).await?;
    store::save(tx, &mut broadcast);
    Ok(Step::More)
}

/// The messages of the next people, and the place from which to go on: of one unit.
async fn write_some(
    app: &App,
    tx: &Tx,
    broadcast: &mut Broadcast,
    now: samovar_base::Instant,
) -> Result<(), Fail> {
    let Broadcast { draft, progress, .. } = broadcast;
    let began = broadcast.started_at.unwrap_or(now);
    let people = audience::page(tx, &draft.audience, began, progress.after, PEOPLE).await?;
    progress.walked = people.len() < PEOPLE as usize;
    progress.after = people.last().map(|contact| contact.id).or(progress.after);
    let ids: Vec<_> = people.iter().map(|contact| contact.id).collect();
    let places = pipeline::recipients_of_many(app, tx, &ids).await?;
    let business = app.directory.tenant(tx.tenant()).map(|tenant| tenant.name.clone()).unwrap_or_default();
    let words = Words::new(&draft.content).ok();
    let cause = Cause::new("broadcast", broadcast.id.to_string()).to_json();
    for contact in &people {
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
