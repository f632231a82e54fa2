//! Jobs of files.

use super::pieces;
use crate::app::App;
use crate::problem::Fail;
use crate::work::{After, Job, JobError, Retry, enqueue};
use futures::future::BoxFuture;
use samovar_base::{FileId, Instant, TenantId};
use samovar_store::Tx;
use serde::{Deserialize, Serialize};

/// Removes a file in pieces whose time is over, or that is not wanted any more.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Remove {
    /// Which.
    pub file: FileId,
}

impl Job for Remove {
    const NAME: &'static str = "files.remove";
    const RETRY: Retry = Retry::PATIENT;

    fn run<'a>(&'a self, app: &'a App, tenant: TenantId) -> BoxFuture<'a, Result<After, JobError>> {
        Box::pin(async move {
            pieces::remove(app, tenant, self.file).await?;
            Ok(After::Done)
        })
    }
}

/// Inside a unit: the file goes at that moment.
pub async fn remove_at(app: &App, tx: &Tx, file: FileId, at: Instant) -> Result<(), Fail> {
    enqueue(app, tx, &Remove { file }, at, None).await.map(drop)
}
