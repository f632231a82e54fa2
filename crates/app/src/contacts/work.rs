//! Jobs of contacts.

use super::{store, unit_key};
use crate::app::App;
use crate::problem::Fail;
use crate::work::{After, Job, JobError, Retry};
use futures::future::{BoxFuture, FutureExt};
use samovar_base::{ChannelId, ContactId, OutboundId, TenantId};
use samovar_store::params;
use serde::{Deserialize, Serialize};

/// Rows made blank in one unit.
const PORTION: usize = 500;

/// Makes blank what an erased person wrote and was told. The rows stay: they are the log of the flow.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Scrub {
    /// Whose.
    pub contact: ContactId,
}

impl Job for Scrub {
    const NAME: &'static str = "contacts.scrub";
    const RETRY: Retry = Retry::PATIENT;

    fn run<'a>(&'a self, app: &'a App, tenant: TenantId) -> BoxFuture<'a, Result<After, JobError>> {
        async move {
            while scrub_inbound(app, tenant, self.contact).await? {}
            while scrub_outbound(app, tenant, self.contact).await? {}
            Ok(After::Done)
        }
        .boxed()
    }
}

/// One portion; whether there may be more. Rows are looked for beside the writer lane: it is a long way through the
/// table.
async fn scrub_inbound(app: &App, tenant: TenantId, contact: ContactId) -> Result<bool, Fail> {
    let rows: Vec<(ChannelId, String)> = app
        .store
        .read(tenant, move |tx| async move {
            let found =
                tx.all(&store::INBOUND_OF, params![contact, Vec::<u8>::new(), PORTION as i64]).await?;
            found.iter().map(|row| Ok::<_, Fail>((row.id(0)?, row.text(1)?.to_owned()))).collect()
        })
        .await?;
    let more = rows.len() == PORTION;
    app.store
        .run(tenant, unit_key(contact), move |tx| {
            for (channel, dedup) in &rows {
                tx.put(&store::INBOUND_BLANK, params![channel, dedup, Vec::<u8>::new()]);
            }
            std::future::ready(Ok::<_, Fail>(()))
        })
        .await?;
    Ok(more)
}

async fn scrub_outbound(app: &App, tenant: TenantId, contact: ContactId) -> Result<bool, Fail> {
    let rows: Vec<OutboundId> = app
        .store
        .read(tenant, move |tx| async move {
            let found = tx.all(&store::OUTBOUND_OF, params![contact, BLANK, PORTION as i64]).await?;
            found.iter().map(|row| Ok::<_, Fail>(row.id(0)?)).collect()
        })
        .await?;
    let more = rows.len() == PORTION;
    app.store
        .run(tenant, unit_key(contact), move |tx| {
            for id in &rows {
                tx.put(&store::OUTBOUND_BLANK, params![id, BLANK, false]);
            }
            std::future::ready(Ok::<_, Fail>(()))
        })
        .await?;
    Ok(more)
}

/// The body of a message that nobody is to read any more.
const BLANK: &str = "{}";
