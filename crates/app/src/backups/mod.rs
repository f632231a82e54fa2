//! Backups of a database on SQLite: copied while it is in use, checked by opening the copy, packed.
//!
//! A backup holds everything of the instance but its key: tokens of bots are sealed in it, and without the key they
//! stay so. It lies in a folder beside the database; the youngest are kept, as many as the [`Schedule`] says, by which
//! one is made every day. What is there is told by the files themselves. PostgreSQL is backed up with its own tools (`pg_dump`).

mod copy;
mod failure;
mod rules;
#[cfg(test)]
mod tests;
pub mod work;

pub use copy::{Made, check, make};
pub use failure::{Failure, failure};
pub use rules::{Backup, Schedule, file_name};

use crate::access::{Actor, Right, audit};
use crate::app::App;
use crate::exports::Chat;
use crate::media::Content;
use crate::pipeline::Ready;
use crate::problem::{Fail, Kind, Problem};
use crate::tenants;
use crate::work::Job;
use bytes::Bytes;
use futures::{Stream, StreamExt};
use samovar_base::Instant;
use samovar_store::{Store, StoreError, Tx};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Has a backup made; its name. A chat gets it, or is told where it lies when it is too large to be sent.
pub async fn start(app: &App, actor: &Actor, chat: Option<Chat>) -> Result<String, Fail> {
    let (services, actor_of_unit, now) = (app.clone(), actor.clone(), app.clock.now());
    let (name, ready) = app
        .store
        .run(actor.tenant, actor.tenant.0.unsigned_abs(), move |tx| {
            let (app, actor, chat) = (services.clone(), actor_of_unit.clone(), chat.clone());
            async move { start_in(&app, &tx, &actor, chat, now).await }
        })
        .await?;
    app.pipeline.send(app, ready);
    Ok(name)
}

/// The same inside a unit.
pub(crate) async fn start_in(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    chat: Option<Chat>,
    now: Instant,
) -> Result<(String, Vec<Ready>), Fail> {
    actor.require(Right::BackupsMake)?;
    folder_of(app)?;
    let name = file_name(now);
    let locale = if actor.locale.starts_with("ru") { "ru" } else { "en" }.to_owned();
    let job = work::Make { name: name.clone(), locale, chat };
    crate::work::enqueue(app, tx, &job, now, Some(&name)).await?;
    audit(tx, app, actor, "backup.start", &name, &json!({}));
    Ok((name, Vec::new()))
}

/// The backups that are there, the youngest first.
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<Backup>, Fail> {
    actor.require(Right::BackupsMake)?;
    let folder = folder_of(app)?;
    blocking(move || Ok(rules::list(&folder))).await
}

/// When backups are made by themselves, and how many are kept.
pub async fn schedule(app: &App, actor: &Actor) -> Result<Schedule, Fail> {
    actor.require(Right::BackupsMake)?;
    folder_of(app)?;
    let id = actor.tenant;
    let company = app.store.read(id, |tx| async move { tenants::load(&tx).await });
    Ok(company.await?.ok_or_else(|| tenants::not_found(id))?.settings.backups)
}

/// Settles it. Where none was made since that hour, one is made at once.
pub async fn set_schedule(app: &App, actor: &Actor, schedule: Schedule) -> Result<Schedule, Fail> {
    actor.require(Right::BackupsMake)?;
    folder_of(app)?;
    let problems = schedule.problems();
    if !problems.is_empty() {
        return Err(Fail::Problems(problems));
    }
    let (services, actor_of_unit, now) = (app.clone(), actor.clone(), app.clock.now());
    app.store
        .run(actor.tenant, tenants::unit_key(actor.tenant), move |tx| {
            let (app, actor, schedule) = (services.clone(), actor_of_unit.clone(), schedule.clone());
            async move {
                let before = tenants::load(&tx).await?.ok_or_else(|| tenants::not_found(actor.tenant))?;
                if before.settings.backups == schedule {
                    return Ok(schedule);
                }
                crate::work::enqueue(&app, &tx, &work::Daily {}, now, Some("")).await?;
                crate::work::hasten(&tx, work::Daily::NAME, now).await?;
                let mut company = before.clone();
                company.settings.backups.clone_from(&schedule);
                tenants::save(&tx, &before, &mut company);
                audit(&tx, &app, &actor, "backup.schedule", actor.tenant, &json!(schedule));
                Ok(schedule)
            }
        })
        .await
}

/// A backup, to be read piece by piece. That it was taken is noted in the audit log.
pub async fn download(
    app: &App,
    actor: &Actor,
    name: &str,
) -> Result<(Backup, impl Stream<Item = Result<Bytes, Fail>> + use<>), Fail> {
    let found = list(app, actor).await?.into_iter().find(|backup| backup.name == name && !backup.making);
    let backup = found.ok_or_else(|| rules::missing(name))?;
    let file =
        tokio::fs::File::open(folder_of(app)?.join(&backup.name)).await.map_err(|error| disk(&error))?;
    let (services, actor_of_unit, noted) = (app.clone(), actor.clone(), backup.name.clone());
    app.store
        .run(actor.tenant, actor.tenant.0.unsigned_abs(), move |tx| {
            audit(&tx, &services, &actor_of_unit, "backup.download", &noted, &json!({}));
            std::future::ready(Ok::<_, Fail>(()))
        })
        .await?;
    let bytes = tokio_util::io::ReaderStream::with_capacity(file, 256 * 1024);
    Ok((backup, bytes.map(|piece| piece.map_err(|error| disk(&error)))))
}

/// Where the backups of a database lie; none on PostgreSQL.
pub fn folder(store: &Store) -> Option<PathBuf> {
    let mut path = store.file()?.as_os_str().to_owned();
    path.push(".backups");
    Some(path.into())
}

/// The bytes of a backup that goes into a chat.
pub(crate) async fn content(app: &App, name: &str) -> Result<Content, Fail> {
    let folder = folder(&app.store).ok_or_else(|| rules::missing(name))?;
    let known = rules::is_name(name).then(|| folder.join(name)).ok_or_else(|| rules::missing(name))?;
    let bytes = tokio::fs::read(known).await.map_err(|_| rules::missing(name))?;
    Ok(Content { bytes: bytes.into(), name: name.to_owned(), media_type: "application/gzip".into() })
}

/// A backup holds all companies of the instance: where there are several, none of their owners may have it.
fn folder_of(app: &App) -> Result<PathBuf, Problem> {
    let folder = folder(&app.store).ok_or_else(rules::use_pg_dump)?;
    if app.directory.tenants().len() > 1 {
        return Err(Problem::new(
            Kind::Forbidden,
            "backup_of_many",
            "В этом экземпляре несколько компаний, и копия содержит их все: её делает хозяин сервера командой samovar backup",
            "There are several companies on this instance, and a backup holds all of them: the owner of the server makes it by samovar backup",
        ));
    }
    Ok(folder)
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Fail> + Send + 'static,
) -> Result<T, Fail> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(StoreError::Panicked(error.to_string()).into()))
}

fn disk(error: &std::io::Error) -> Fail {
    Problem::new(
        Kind::Busy,
        "disk",
        format!("Диск не даёт работать с копией: {error}. Проверьте место и права на папку"),
        format!("The disk does not let a backup be worked on: {error}. Check the room left and the rights of the folder"),
    )
    .into()
}

/// The same name in the same folder with another ending.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}
