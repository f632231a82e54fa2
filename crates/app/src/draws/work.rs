//! The jobs of draws: freezing a list, telling winners, and passing prizes on that nobody answered for.

use super::{freeze, unit_key, winners};
use crate::app::App;
use crate::problem::Fail;
use crate::work::{After, Job, JobError, Retry};
use futures::future::{BoxFuture, FutureExt};
use samovar_base::{DrawId, TenantId};
use samovar_store::Tx;
use serde::{Deserialize, Serialize};

/// Pieces of a list that one turn of the job writes; then others have theirs.
const PIECES: u32 = 50;
/// Winners of one unit.
const PORTION: u32 = 100;

/// Writes the list of a draw piece by piece, and announces it.
#[derive(Debug, Serialize, Deserialize)]
pub struct Freeze {
    /// Which.
    pub draw: DrawId,
}

impl Job for Freeze {
    const NAME: &'static str = "draws.freeze";
    const RETRY: Retry = Retry { first_ms: 1_000, max_ms: 600_000, tries: i64::MAX };

    fn run<'a>(&'a self, app: &'a App, tenant: TenantId) -> BoxFuture<'a, Result<After, JobError>> {
        Box::pin(async move {
            for _ in 0..PIECES {
                if !freeze::step(app, tenant, self.draw).await? {
                    return Ok(After::Done);
                }
            }
            Ok(After::Again(app.clock.now()))
        })
    }
}

/// Tells those who won and were not told yet.
#[derive(Debug, Serialize, Deserialize)]
pub struct Tell {
    /// Winners of which draw.
    pub draw: DrawId,
}

impl Job for Tell {
    const NAME: &'static str = "draws.tell";
    const RETRY: Retry = Retry { first_ms: 1_000, max_ms: 600_000, tries: i64::MAX };

    fn run<'a>(&'a self, app: &'a App, tenant: TenantId) -> BoxFuture<'a, Result<After, JobError>> {
        let (id, now) = (self.draw, app.clock.now());
        let unit = move |app: App, tx: Tx| async move { winners::tell(&app, &tx, id, PORTION, now).await };
        portion(app, tenant, id, unit).boxed()
    }
}

/// Passes prizes on whose winners did not answer in time.
#[derive(Debug, Serialize, Deserialize)]
pub struct Late {
    /// Winners of which draw.
    pub draw: DrawId,
}

impl Job for Late {
    const NAME: &'static str = "draws.late";
    const RETRY: Retry = Retry { first_ms: 1_000, max_ms: 600_000, tries: i64::MAX };

    fn run<'a>(&'a self, app: &'a App, tenant: TenantId) -> BoxFuture<'a, Result<After, JobError>> {
        let (id, now) = (self.draw, app.clock.now());
        let unit =
            move |app: App, tx: Tx| async move { winners::pass_late(&app, &tx, id, PORTION, now).await };
        portion(app, tenant, id, unit).boxed()
    }
}

/// One portion of winners in a unit of its own, which says how many they were; after a whole one there may be more.
async fn portion<F>(
    app: &App,
    tenant: TenantId,
    draw: DrawId,
    unit: impl Fn(App, Tx) -> F + Send + Sync + 'static,
) -> Result<After, JobError>
where
    F: Future<Output = Result<usize, Fail>> + Send + 'static,
{
    let services = app.clone();
    let done = app.store.run(tenant, unit_key(draw), move |tx| unit(services.clone(), tx)).await?;
    Ok(if done < PORTION as usize { After::Done } else { After::Again(app.clock.now()) })
}
