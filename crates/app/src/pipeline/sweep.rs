//! Old rows of the queues go, so that the file does not grow for ever.

use crate::app::App;
use crate::problem::Fail;
use crate::work::{After, Job, JobError, Retry, enqueue};
use futures::future::BoxFuture;
use samovar_base::TenantId;
use samovar_store::{params, query};
use serde::{Deserialize, Serialize};

/// How long handled rows are kept: those in which nobody says anything to anybody;
const KEEP_DAYS: i64 = 90;
/// and what contacts said and were told, but for messages to many, which people read as their conversation.
const KEEP_WORDS_DAYS: i64 = 730;
/// Rows of one unit.
const AT_ONCE: i64 = 500;

query! {
    static INBOUND_OLD = "DELETE FROM inbound WHERE (tenant_id, channel_id, dedup) IN \
        (SELECT tenant_id, channel_id, dedup FROM inbound WHERE tenant_id = $1 AND state IN (1, 2) AND received_at < $2 \
         AND (received_at < $4 OR source <> 'update' OR contact_id IS NULL) LIMIT $3)";
    static OUTBOUND_OLD = "DELETE FROM outbound WHERE (tenant_id, id) IN \
        (SELECT tenant_id, id FROM outbound WHERE tenant_id = $1 AND state >= 2 AND created_at < $2 \
         AND (created_at < $4 OR class = 2) ORDER BY id LIMIT $3)";
}

/// Removes what was handled long ago, every day.
#[derive(Debug, Serialize, Deserialize)]
pub struct Sweep {}

impl Job for Sweep {
    const NAME: &'static str = "pipeline.sweep";
    const RETRY: Retry = Retry::PATIENT;

    fn run<'a>(&'a self, app: &'a App, tenant: TenantId) -> BoxFuture<'a, Result<After, JobError>> {
        Box::pin(async move {
            let days_ago = |days: i64| app.clock.now().minus_seconds(days * 86_400);
            let (before, words) = (days_ago(KEEP_DAYS), days_ago(KEEP_WORDS_DAYS));
            for query in [&INBOUND_OLD, &OUTBOUND_OLD] {
                loop {
                    let gone = app
                        .store
                        .run(tenant, tenant.0.unsigned_abs(), move |tx| async move {
                            Ok::<_, Fail>(tx.exec(query, params![before, AT_ONCE, words]).await?)
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
