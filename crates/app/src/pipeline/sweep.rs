//! Old rows of the queues go, so that the file does not grow for ever.

use crate::app::App;
use crate::problem::Fail;
use crate::work::{After, Job, JobError, Retry, enqueue};
use futures::future::BoxFuture;
use samovar_base::TenantId;
use samovar_store::{params, query};
use serde::{Deserialize, Serialize};

/// How long handled rows are kept.
const KEEP_DAYS: i64 = 90;
/// Rows of one unit.
const AT_ONCE: i64 = 500;

query! {
    static INBOUND_OLD = "DELETE FROM inbound WHERE (tenant_id, channel_id, dedup) IN \
        (SELECT tenant_id, channel_id, dedup FROM inbound WHERE tenant_id = $1 AND state IN (1, 2) AND received_at < $2 LIMIT $3)";
    static OUTBOUND_OLD = "DELETE FROM outbound WHERE (tenant_id, id) IN \
        (SELECT tenant_id, id FROM outbound WHERE tenant_id = $1 AND state >= 2 AND created_at < $2 ORDER BY id LIMIT $3)";
}

/// Removes what was handled long ago, every day.
#[derive(Debug, Serialize, Deserialize)]
pub struct Sweep {}

impl Job for Sweep {
    const NAME: &'static str = "pipeline.sweep";
    const RETRY: Retry = Retry::PATIENT;

    fn run<'a>(&'a self, app: &'a App, tenant: TenantId) -> BoxFuture<'a, Result<After, JobError>> {
        Box::pin(async move {
            let before = app.clock.now().minus_seconds(KEEP_DAYS * 86_400);
            for query in [&INBOUND_OLD, &OUTBOUND_OLD] {
                loop {
                    let gone = app
                        .store
                        .run(tenant, tenant.0.unsigned_abs(), move |tx| async move {
                            Ok::<_, Fail>(tx.exec(query, params![before, AT_ONCE]).await?)
                        })
                        .await?;
                    if gone.cast_signed() < AT_ONCE {
                        break;
                    }
                }
            }
            Ok(After::Again(app.clock.now().plus_seconds(86_400)))
        })
    }
}

/// Sees to it that a company's rows are swept.
pub async fn ensure(app: &App, tx: &samovar_store::Tx) -> Result<(), Fail> {
    enqueue(app, tx, &Sweep {}, app.clock.now().plus_seconds(3_600), Some("daily")).await?;
    Ok(())
}
