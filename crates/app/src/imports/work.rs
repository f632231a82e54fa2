//! The jobs of imports.

use super::apply::{self, Seen};
use super::model::{Import, ImportId, State};
use super::store;
use crate::access::{Actor, audit};
use crate::app::App;
use crate::ledger;
use crate::problem::Fail;
use crate::work::{After, Job, JobError, Retry};
use futures::future::BoxFuture;
use samovar_base::TenantId;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Portions in one run of the job: between runs others have their turn.
const PORTIONS: usize = 10;

/// Takes the rows of an import, portion by portion.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Take {
    /// Which.
    pub import: ImportId,
}

impl Job for Take {
    const NAME: &'static str = "imports.take";
    const RETRY: Retry = Retry::PATIENT;

    fn run<'a>(&'a self, app: &'a App, tenant: TenantId) -> BoxFuture<'a, Result<After, JobError>> {
        Box::pin(async move {
            for _ in 0..PORTIONS {
                if step(app, tenant, self.import).await?.state != State::Running {
                    return Ok(After::Done);
                }
            }
            Ok(After::Again(app.clock.now()))
        })
    }
}

/// Takes one portion of rows, all in one unit with how far the import is. One that is over stays as it is.
pub async fn step(app: &App, tenant: TenantId, id: ImportId) -> Result<Import, Fail> {
    let (services, now) = (app.clone(), app.clock.now());
    app.store
        .run(tenant, id.0.unsigned_abs(), move |tx| {
            let app = services.clone();
            async move {
                let mut import = store::load(&tx, id).await?;
                if import.state != State::Running {
                    return Ok(import);
                }
                let terms = apply::terms(&app, &tx, now).await?;
                let mut place = 0;
                for line in store::chunk(&tx, id, import.chunk).await? {
                    let done = apply::row(&app, &tx, &import, &terms, &line, &mut Seen::Table).await?;
                    import.counts.add(done.counts());
                    for bad in &done.bad {
                        store::put_bad(&tx, id, place, bad);
                        place += 1;
                    }
                }
                if import.counts.points > 0 {
                    ledger::work::watch(&app, &tx, now).await?;
                }
                import.chunk += 1;
                if import.chunk >= import.chunks {
                    import.state = State::Done;
                    import.finished_at = Some(now);
                    let counts = serde_json::to_value(import.counts).unwrap_or_default();
                    let data = json!({ "rows": counts });
                    audit(&tx, &app, &Actor::system(tenant), "import.done", id, &data);
                }
                store::save(&tx, &mut import);
                Ok::<_, Fail>(import)
            }
        })
        .await
}

/// Removes what an import keeps of its file when its term is over. That it was, and its counts, stay.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Forget {
    /// Which.
    pub import: ImportId,
}

impl Job for Forget {
    const NAME: &'static str = "imports.forget";
    const RETRY: Retry = Retry::PATIENT;

    fn run<'a>(&'a self, app: &'a App, tenant: TenantId) -> BoxFuture<'a, Result<After, JobError>> {
        let id = self.import;
        Box::pin(async move {
            loop {
                let more = app
                    .store
                    .run(tenant, id.0.unsigned_abs(), move |tx| async move {
                        Ok::<_, Fail>(store::forget(&tx, id).await?)
                    })
                    .await?;
                if !more {
                    return Ok(After::Done);
                }
            }
        })
    }
}
