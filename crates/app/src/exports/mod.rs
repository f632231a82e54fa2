//! Exports: tables of the company's data as files of Excel and CSV.
//!
//! An export is made by a durable job in portions of [`PORTION`] rows: each portion is read by key beside the writer
//! lanes, written as pieces of the file, and remembered in the same unit. So a million rows never sit in memory, and
//! after a crash the next portion follows the last. The file is there until its term and goes by itself.
//!
//! Operations, postings and deals are those up to the moment of asking. Contacts, lots and the stages of deals are read
//! while people go on earning and spending: each row is right as it was read, and the sum of a column may differ from
//! that of one moment.

mod model;
mod rules;
mod store;
mod tables;
pub mod work;

pub use model::{Chat, Export, ExportId, Format, Options, Request, State, What};
pub(crate) use tables::{names, spoken};

use crate::access::{Actor, Right, audit};
use crate::app::App;
use crate::media::pieces::{self, Head};
use crate::media::work::remove_at;
use crate::pipeline::Ready;
use crate::problem::{Fail, Kind, Problem};
use crate::work::enqueue;
use bytes::Bytes;
use futures::Stream;
use model::Progress;
use samovar_base::{FileId, Instant};
use samovar_store::Tx;
use serde_json::json;

/// Rows of one portion.
pub const PORTION: u32 = 2_000;
/// For how many days a file is kept when nothing else is said.
pub const KEEP_DAYS: u32 = 7;
/// The longest term of a file.
pub const KEEP_DAYS_MAX: u32 = 30;
/// Exports of one company that are made at a time.
pub const OPEN_MAX: i64 = 8;

/// Begins an export.
pub async fn start(app: &App, actor: &Actor, request: Request) -> Result<Export, Fail> {
    let (services, actor_of_unit, now) = (app.clone(), actor.clone(), app.clock.now());
    let (export, ready) = app
        .store
        .run(actor.tenant, rules::unit_key(actor.tenant), move |tx| {
            let (app, actor, request) = (services.clone(), actor_of_unit.clone(), request.clone());
            async move { start_in(&app, &tx, &actor, request, now).await }
        })
        .await?;
    app.pipeline.send(app, ready);
    Ok(export)
}

/// The same inside a unit.
pub(crate) async fn start_in(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    request: Request,
    now: Instant,
) -> Result<(Export, Vec<Ready>), Fail> {
    actor.require(Right::ExportsMake)?;
    actor.require(Right::ContactsRead)?;
    actor.require(Right::PointsRead)?;
    let mut options = rules::options(actor, &request)?;
    if let Some(audience) = options.audience.take() {
        options.audience = Some(crate::segments::audience::freeze(tx, audience, now).await?);
    }
    if store::open(tx).await? >= OPEN_MAX {
        let ru = format!("Уже делаются {OPEN_MAX} выгрузок; дождитесь их или отмените лишние");
        let en = format!("{OPEN_MAX} exports are being made already; wait for them or cancel some");
        return Err(Problem::new(Kind::TooMany, "too_many_exports", ru, en).into());
    }
    let export = Export {
        id: ExportId::new(&app.ids, app.clock.as_ref()),
        what: request.what,
        format: request.format,
        file_name: rules::file_name(request.what, request.format, now),
        options,
        state: State::Waiting,
        rows_done: 0,
        rows_total: None,
        file: FileId::new(&app.ids, app.clock.as_ref()),
        size: None,
        note: None,
        created_by: actor.who.to_string(),
        created_at: now,
        finished_at: None,
        expires_at: None,
        revision: 1,
        progress: Progress::default(),
    };
    store::create(tx, &export);
    enqueue(app, tx, &work::Make { export: export.id }, now, Some(&export.id.to_string())).await?;
    let data = json!({
        "what": export.what, "format": export.format, "personal_data": export.options.personal,
        "into_chat": export.options.chat.is_some(),
    });
    audit(tx, app, actor, "export.start", export.id, &data);
    Ok((export, Vec::new()))
}

/// One export.
pub async fn get(app: &App, actor: &Actor, id: ExportId) -> Result<Export, Fail> {
    actor.require(Right::ExportsMake)?;
    app.store.read(actor.tenant, move |tx| async move { store::load(&tx, id).await }).await
}

/// Up to `limit` exports, the youngest first, from `after` on.
pub async fn list(
    app: &App,
    actor: &Actor,
    after: Option<ExportId>,
    limit: u32,
) -> Result<Vec<Export>, Fail> {
    actor.require(Right::ExportsMake)?;
    let before = after.unwrap_or(ExportId(i64::MAX));
    app.store.read(actor.tenant, move |tx| async move { Ok(store::page(&tx, before, limit).await?) }).await
}

/// Stops an export that is being made, or removes the file of one that is done. Doing it again is no error.
pub async fn cancel(app: &App, actor: &Actor, id: ExportId) -> Result<Export, Fail> {
    actor.require(Right::ExportsMake)?;
    let (services, actor_of_unit, now) = (app.clone(), actor.clone(), app.clock.now());
    app.store
        .run(actor.tenant, id.0.unsigned_abs(), move |tx| {
            let (app, actor) = (services.clone(), actor_of_unit.clone());
            async move {
                let mut export = store::load(&tx, id).await?;
                if matches!(export.state, State::Failed | State::Cancelled) {
                    return Ok(export);
                }
                remove_at(&app, &tx, export.file, now).await?;
                export.state = State::Cancelled;
                export.finished_at.get_or_insert(now);
                export.expires_at = Some(now);
                store::save(&tx, &mut export);
                audit(&tx, &app, &actor, "export.cancel", id, &json!({}));
                Ok(export)
            }
        })
        .await
}

/// The file, to be read piece by piece. That it was taken is noted in the audit log; what holds personal data in full
/// is given only to those who may see it.
pub async fn download(
    app: &App,
    actor: &Actor,
    id: ExportId,
) -> Result<(Head, impl Stream<Item = Result<Bytes, Fail>> + use<>), Fail> {
    let export = get(app, actor, id).await?;
    if export.options.personal {
        actor.require(Right::PersonalDataSee)?;
    }
    rules::there(&export, app.clock.now())?;
    let (services, actor_of_unit) = (app.clone(), actor.clone());
    app.store
        .run(actor.tenant, id.0.unsigned_abs(), move |tx| {
            audit(&tx, &services, &actor_of_unit, "export.download", id, &json!({}));
            std::future::ready(Ok::<_, Fail>(()))
        })
        .await?;
    let head = pieces::head(app, actor.tenant, export.file).await?;
    Ok((head, pieces::stream(app, actor.tenant, export.file)))
}
