//! The run itself: chunk after chunk, each one unit of work.

use super::model::{Accrual, AccrualId, State, prefix};
use super::{load, save, store, unit_key};
use crate::app::App;
use crate::contacts::Contact;
use crate::ledger::{self, Act, Operation, POINTS, Posted, Wallet};
use crate::loyalty::{self, Names, ToMany};
use crate::pipeline::{self, Class};
use crate::problem::Fail;
use crate::segments::audience;
use crate::tenants;
use crate::work::{After, Job, JobError, Retry, enqueue};
use futures::future::BoxFuture;
use samovar_base::message::Body;
use samovar_base::{ContactId, Instant, LotId, TenantId};
use samovar_store::{StoreError, Tx, params};
use serde::{Deserialize, Serialize};

/// Contacts of one unit.
pub const CHUNK: u32 = 1_000;
/// After a lost race a chunk is a quarter of the one before, not smaller than this.
const CHUNK_MIN: u32 = 10;
/// Chunks of one turn of the job; then others have theirs.
const CHUNKS: u32 = 50;

/// Carries a run on until it is over or stopped.
#[derive(Debug, Serialize, Deserialize)]
pub struct CarryOn {
    run: AccrualId,
}

impl Job for CarryOn {
    const NAME: &'static str = "accruals.run";
    const RETRY: Retry = Retry { first_ms: 1_000, max_ms: 600_000, tries: i64::MAX };

    fn run<'a>(&'a self, app: &'a App, tenant: TenantId) -> BoxFuture<'a, Result<After, JobError>> {
        Box::pin(async move {
            let mut size = CHUNK;
            for _ in 0..CHUNKS {
                match step(app, tenant, self.run, size).await {
                    Ok(true) => {}
                    Ok(false) => return Ok(After::Done),
                    // Somebody paid meanwhile, again and again: smaller chunks are done before anybody comes.
                    Err(Fail::Store(StoreError::Stale { .. } | StoreError::Conflict { .. }))
                        if size > CHUNK_MIN =>
                    {
                        size = (size / 4).max(CHUNK_MIN);
                    }
                    Err(fail) => return Err(fail.into()),
                }
            }
            Ok(After::Again(app.clock.now()))
        })
    }
}

/// Inside a unit: the run goes on as soon as a node is free. Each start and each resuming has a job of its own: one
/// that is just coming to its end is not relied on.
pub(super) async fn enqueue_run(app: &App, tx: &Tx, run: &Accrual, now: Instant) -> Result<(), Fail> {
    let once = format!("{}:{}", run.id, run.revision);
    enqueue(app, tx, &CarryOn { run: run.id }, now, Some(&once)).await.map(drop)
}

/// One chunk of up to `size` contacts; whether there is more to do. Done again after a crash it finds the cursor where
/// the last whole chunk left it.
pub async fn step(app: &App, tenant: TenantId, id: AccrualId, size: u32) -> Result<bool, Fail> {
    let (services, now) = (app.clone(), app.clock.now());
    app.store
        .run(tenant, unit_key(id), move |tx| {
            let app = services.clone();
            async move { chunk(&app, &tx, id, size, now).await }
        })
        .await
}

async fn chunk(app: &App, tx: &Tx, id: AccrualId, size: u32, now: Instant) -> Result<bool, Fail> {
    let Some(mut run) = load(tx, id).await?.filter(|run| run.state == State::Running) else {
        return Ok(false);
    };
    let people = people(tx, &run, size).await?;
    let ids: Vec<ContactId> = people.iter().map(|one| one.id).collect();
    let wallets = ledger::load_many(app, tx, &ids, POINTS).await?;
    let asked = wallets.into_iter().map(|wallet| {
        let operation = operation(app, &run, wallet.contact);
        (wallet, vec![operation])
    });
    let posted = ledger::post_many(app, tx, asked.collect(), now).await?;
    let mut told = Vec::new();
    for ((wallet, posted), contact) in posted.iter().zip(&people) {
        match posted.first() {
            Some(Posted::Now(entry)) => {
                run.done += 1;
                run.moved.0 += entry.points.0;
                if run.notify && contact.takes_messages() {
                    told.push((wallet, contact, entry.points.0.abs()));
                }
            }
            Some(Posted::Already(_)) => run.done += 1,
            Some(Posted::Refused(_)) | None => run.refused += 1,
        }
    }
    run.notified += tell(app, tx, &run, &told, now).await?;
    let revision = run.revision;
    run.revision += 1;
    run.cursor = ids.last().copied().or(run.cursor);
    let more = ids.len() >= size as usize;
    if !more {
        run.state = State::Done;
        run.finished_at = Some(now);
    }
    save(tx, revision, &run);
    Ok(more)
}

/// The next of the run's audience; of an undoing, the next to whom the first run gave something.
async fn people(tx: &Tx, run: &Accrual, size: u32) -> Result<Vec<Contact>, Fail> {
    let Some(first) = run.undoes else {
        return audience::page(tx, &run.audience, run.created_at, run.cursor, size).await;
    };
    let after = run.cursor.unwrap_or(ContactId(0));
    let ids = ledger::contacts_under(tx, &prefix(first), after, size).await?;
    let rows = tx.all(&store::PEOPLE, params![ledger::ids(&ids)]).await?;
    let mut people = rows.iter().map(|row| Contact::from_row(row, 0)).collect::<Result<Vec<_>, _>>()?;
    people.sort_unstable_by_key(|one| one.id);
    Ok(people)
}

fn operation(app: &App, run: &Accrual, contact: ContactId) -> Operation {
    let act = match run.undoes {
        None => Act::Earn {
            lot: LotId::new(&app.ids, app.clock.as_ref()),
            points: run.points,
            expires_at: run.expires_at,
        },
        Some(first) => Act::Reverse {
            key: format!("{}{contact}", prefix(first)),
            at_most: None,
            shortfall: run.shortfall,
        },
    };
    Operation {
        key: format!("{}{contact}", run.prefix()),
        kind: if run.undoes.is_none() { "grant" } else { "reverse" }.into(),
        note: run.comment.clone(),
        cause: run.cause.clone(),
        act,
    }
}

/// Queues the messages of a chunk; how many people they go to.
async fn tell(
    app: &App,
    tx: &Tx,
    run: &Accrual,
    told: &[(&Wallet, &Contact, i64)],
    now: Instant,
) -> Result<i64, Fail> {
    if told.is_empty() {
        return Ok(0);
    }
    let Some(tenant) = tenants::load(tx).await? else { return Ok(0) };
    let programme = loyalty::current(app, tx).await?;
    let notices = &programme.notices;
    let notice = if run.undoes.is_none() { &notices.accrual } else { &notices.write_off };
    if !notice.on {
        return Ok(0);
    }
    let zone = tenant.time_zone();
    let texts = ToMany::new(&notice.text, &programme.units, &zone);
    let ids: Vec<ContactId> = told.iter().map(|(_, contact, _)| contact.id).collect();
    let recipients = pipeline::recipients_of_many(app, tx, &ids).await?;
    let (cause, mut queued) = (run.cause.to_json(), 0);
    for (wallet, contact, points) in told {
        if let Some(to) = recipients.get(&contact.id) {
            let names = Names {
                points: *points,
                comment: run.comment.clone().unwrap_or_default(),
                ..Names::of(contact.first_name(), &tenant.name, wallet.standing(now))
            };
            let body = Body::text(texts.of(&contact.locale).say(&names));
            pipeline::queue(app, tx, to, &body, Class::Bulk, &cause, now);
            queued += 1;
        }
    }
    Ok(queued)
}
