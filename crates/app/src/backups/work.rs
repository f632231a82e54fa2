//! The jobs that make a backup, and have one made every day.

use super::{blocking, disk, failure, file_name, folder, folder_of, make, rules};
use crate::app::App;
use crate::exports::Chat;
use crate::pipeline::{self, Class, NewOutbound, Policy, Recipient};
use crate::problem::Fail;
use crate::tenants;
use crate::visit::Cause;
use crate::work::{After, Job, JobError, Retry};
use futures::future::BoxFuture;
use samovar_base::TenantId;
use samovar_base::message::{Body, FileKind, Media};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tokio::sync::Mutex;

/// One at a time in this process: it is a long read of the whole file.
static ALONE: Mutex<()> = Mutex::const_new(());
/// When another is under way.
const LATER_SECONDS: i64 = 30;
/// Larger files are not sent into chats: they are held in memory for it.
const SENT_MAX: u64 = 64 << 20;

/// Makes a backup under a name, if it is not there yet.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Make {
    /// The name of its file.
    pub name: String,
    /// The language of whoever asked.
    pub locale: String,
    /// Who gets it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chat: Option<Chat>,
}

impl Job for Make {
    const NAME: &'static str = "backups.make";
    const RETRY: Retry = Retry { first_ms: 30_000, max_ms: 600_000, tries: 5 };

    fn run<'a>(&'a self, app: &'a App, tenant: TenantId) -> BoxFuture<'a, Result<After, JobError>> {
        Box::pin(async move {
            let Ok(_alone) = ALONE.try_lock() else {
                return Ok(After::Again(app.clock.now().plus_seconds(LATER_SECONDS)));
            };
            match self.done(app, tenant).await {
                Ok(size) => {
                    failure::made(app, tenant).await?;
                    self.tell(app, tenant, size).await?;
                }
                Err(Fail::Problems(problems)) => {
                    tracing::error!(name = self.name, why = ?problems, "a backup was not made");
                    let why = problems.first().cloned().unwrap_or_else(rules::no_copy);
                    failure::failed(app, tenant, &why).await?;
                    let text = rules::apology(&self.locale, &why);
                    self.say(app, tenant, |_| Body::text(text.clone())).await?;
                }
                Err(fail) => {
                    failure::failed(app, tenant, &rules::no_copy()).await?;
                    return Err(fail.into());
                }
            }
            Ok(After::Done)
        })
    }
}

impl Make {
    /// The size of the file, made now or before; older ones go.
    async fn done(&self, app: &App, tenant: TenantId) -> Result<u64, Fail> {
        let Some(folder) = folder(&app.store) else { return Err(rules::use_pg_dump().into()) };
        let path = folder.join(&self.name);
        let size = match tokio::fs::metadata(&path).await {
            Ok(there) => there.len(),
            Err(_) => make(&app.store, &path).await?.size,
        };
        let company = app.store.read(tenant, |tx| async move { tenants::load(&tx).await }).await?;
        let keep = company.map(|company| company.settings.backups).unwrap_or_default().keep;
        blocking(move || {
            for old in rules::too_old(&rules::list(&folder), keep) {
                std::fs::remove_file(folder.join(&old.name)).map_err(|error| disk(&error))?;
            }
            Ok(())
        })
        .await?;
        Ok(size)
    }

    async fn tell(&self, app: &App, tenant: TenantId, size: u64) -> Result<(), Fail> {
        self.say(app, tenant, |limit| {
            if size > limit.min(SENT_MAX) {
                return Body::text(rules::told(&self.locale, &self.name, size, false));
            }
            let media = Media { kind: FileKind::Document, key: format!("backup/{}", self.name) };
            let text = rules::told(&self.locale, &self.name, size, true);
            Body { text, media: Some(media), ..Body::default() }
        })
        .await
    }

    /// To the chat, if there is one; `body` is told the largest file that can be sent there.
    async fn say(&self, app: &App, tenant: TenantId, body: impl Fn(u64) -> Body) -> Result<(), Fail> {
        let Some(chat) = &self.chat else { return Ok(()) };
        let Some(channel) = app.directory.channel(chat.channel) else { return Ok(()) };
        let body = body(channel.messenger.limits().document_bytes_max);
        let to = Recipient { channel, chat: chat.chat.as_str().into(), contact: chat.contact };
        let (services, name, now) = (app.clone(), self.name.clone(), app.clock.now());
        let ready = app
            .store
            .run(tenant, chat.contact.0.unsigned_abs(), move |tx| {
                let message = NewOutbound {
                    body: body.clone(),
                    class: Class::Answer,
                    policy: Policy::Repeat,
                    cause: Cause::new("job", name.clone()),
                };
                let ready = pipeline::write(&services, &tx, &to, vec![message], now);
                std::future::ready(Ok::<_, Fail>(ready))
            })
            .await?;
        app.pipeline.send(app, ready);
        Ok(())
    }
}

/// Has a backup made every day, where the company's schedule says so; one for each company, for ever.
#[derive(Debug, Serialize, Deserialize)]
pub struct Daily {}

const DAY_SECONDS: i64 = 86_400;

impl Job for Daily {
    const NAME: &'static str = "backups.daily";
    const RETRY: Retry = Retry { first_ms: 30_000, max_ms: 600_000, tries: i64::MAX };

    fn run<'a>(&'a self, app: &'a App, tenant: TenantId) -> BoxFuture<'a, Result<After, JobError>> {
        Box::pin(async move {
            let now = app.clock.now();
            let tomorrow = After::Again(now.plus_seconds(DAY_SECONDS));
            let company = app.store.read(tenant, |tx| async move { tenants::load(&tx).await }).await?;
            let Some(company) = company else { return Ok(After::Done) };
            let Some(hour) = company.settings.backups.hour else { return Ok(tomorrow) };
            let Some((last, next)) = rules::around(hour, now, &company.time_zone()) else {
                return Ok(tomorrow);
            };
            let folder = match folder_of(app) {
                Ok(folder) => folder,
                Err(why) => {
                    tracing::error!(%why, "the daily backup cannot be made");
                    failure::ended(app, tenant, &why).await?;
                    return Ok(tomorrow);
                }
            };
            let youngest = file_name(last);
            let found = blocking(move || Ok(rules::list(&folder))).await?;
            if !found.iter().any(|backup| backup.name >= youngest) {
                let make = Make { name: file_name(now), locale: company.locale, chat: None };
                let (services, make) = (app.clone(), Arc::new(make));
                let asked = app.store.run(tenant, tenants::unit_key(tenant), move |tx| {
                    let (app, make) = (services.clone(), Arc::clone(&make));
                    async move { crate::work::enqueue(&app, &tx, &*make, now, Some(&make.name)).await }
                });
                asked.await?;
            }
            Ok(After::Again(next))
        })
    }
}
