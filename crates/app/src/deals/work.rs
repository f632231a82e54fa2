//! What happens to orders by themselves.

use super::model::{DealId, OrderState, StageKind};
use super::moves::{self, By};
use super::store;
use crate::app::App;
use crate::contacts;
use crate::pipeline::Ready;
use crate::problem::Fail;
use crate::visit::Cause;
use crate::work::{After, Job, JobError, Retry};
use futures::future::BoxFuture;
use samovar_base::{Instant, TenantId};
use samovar_store::Tx;
use serde::{Deserialize, Serialize};

/// Refuses an order that nobody cared for in time; one that is closed by then is left alone.
#[derive(Debug, Serialize, Deserialize)]
pub struct ExpireOrder {
    /// Which.
    pub deal: DealId,
}

impl Job for ExpireOrder {
    const NAME: &'static str = "deals.expire";
    const RETRY: Retry = Retry::PATIENT;

    fn run<'a>(&'a self, app: &'a App, tenant: TenantId) -> BoxFuture<'a, Result<After, JobError>> {
        Box::pin(async move {
            let (id, now) = (self.deal, app.clock.now());
            let found =
                app.store.read(tenant, move |tx| async move { Ok::<_, Fail>(store::load(&tx, id).await?) });
            let Some(deal) = found.await? else { return Ok(After::Done) };
            let services = app.clone();
            let expired = app.store.run(tenant, contacts::unit_key(deal.contact), move |tx| {
                let app = services.clone();
                async move { expire(&app, &tx, id, now).await }
            });
            let ready = expired.await?;
            app.pipeline.send(app, ready);
            Ok(After::Done)
        })
    }
}

async fn expire(app: &App, tx: &Tx, id: DealId, now: Instant) -> Result<Vec<Ready>, Fail> {
    let Some(deal) = store::load(tx, id).await? else { return Ok(Vec::new()) };
    let due = |order: super::model::Order| {
        order.state == OrderState::Open && order.until.is_some_and(|until| until <= now)
    };
    if !deal.order.is_some_and(due) {
        return Ok(Vec::new());
    }
    let Some(pipeline) = store::pipeline_by_id(tx, deal.pipeline).await? else { return Ok(Vec::new()) };
    let Some(stage) = pipeline.first(StageKind::Failure) else { return Ok(Vec::new()) };
    let by =
        By { who: "system".into(), cause: Cause::new("job", ExpireOrder::NAME), note: None, expired: true };
    let moved = moves::carry(app, tx, &by, deal, &stage.key, now).await?;
    Ok(moved.raise(app, tx).await?.1)
}
