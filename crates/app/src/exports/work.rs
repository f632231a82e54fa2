//! The job that makes an export.

use super::model::{Export, ExportId, Format, Progress, State};
use super::tables::{self, FIRST, Key, Table, View};
use super::{PORTION, rules, store};
use crate::app::App;
use crate::media::pieces::{self, Head};
use crate::media::work::remove_at;
use crate::pipeline::{self, Class, NewOutbound, Policy, Ready, Recipient};
use crate::problem::{Fail, Problem};
use crate::sheets::{Cell, Csv, Language};
use crate::tenants;
use crate::visit::Cause;
use crate::work::{After, Job, JobError, Retry};
use futures::future::BoxFuture;
use samovar_base::message::{Body, FileKind, Media};
use samovar_base::{Instant, TenantId, Vault};
use samovar_store::Tx;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Portions in one run of the job: between runs others have their turn.
const PORTIONS: usize = 10;
/// Contacts looked at for their own fields in one portion.
const FIELDS_PORTION: u32 = 20_000;
const MEGABYTE: i64 = 1 << 20;

/// Makes an export, portion by portion.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Make {
    /// Which.
    pub export: ExportId,
}

impl Job for Make {
    const NAME: &'static str = "exports.make";
    const RETRY: Retry = Retry::PATIENT;

    fn run<'a>(&'a self, app: &'a App, tenant: TenantId) -> BoxFuture<'a, Result<After, JobError>> {
        Box::pin(async move {
            for _ in 0..PORTIONS {
                match step(app, tenant, self.export).await {
                    Ok(export) if export.state.is_open() => {}
                    Ok(_) => return Ok(After::Done),
                    Err(Fail::Problems(problems)) => {
                        give_up(app, tenant, self.export, &problems).await?;
                        return Ok(After::Done);
                    }
                    Err(fail) => return Err(fail.into()),
                }
            }
            Ok(After::Again(app.clock.now()))
        })
    }
}

/// Does one portion of an export and gives it as it is then. One that is over stays as it is.
pub async fn step(app: &App, tenant: TenantId, id: ExportId) -> Result<Export, Fail> {
    let vault = Arc::clone(&app.vault);
    let (mut export, mut view, staged) = app
        .store
        .read(tenant, move |tx| {
            let vault = Arc::clone(&vault);
            async move {
                let export = store::load(&tx, id).await?;
                let view = view(&tx, &export, vault).await?;
                let staged =
                    if export.state.is_open() { staged(&tx, &export, &view).await? } else { Staged::Over };
                Ok::<_, Fail>((export, view, staged))
            }
        })
        .await?;
    let seen = export.revision;
    let mut out = Vec::new();
    match staged {
        Staged::Over => return Ok(export),
        Staged::Counted { total, fields_after } => {
            export.state = State::Running;
            export.rows_total = Some(total);
            export.progress.fields_after = fields_after;
        }
        Staged::Fields { known, after } => {
            export.progress.fields = known;
            export.progress.fields_after = after;
        }
        Staged::Rows(rows) => {
            view.fields.clone_from(&export.progress.fields);
            add(&mut export, &view, rows, &mut out)?;
        }
    }
    let pieces: Vec<(i64, Arc<[u8]>)> =
        out.into_iter().map(|(number, bytes)| (number, Arc::from(bytes))).collect();
    let services = app.clone();
    let now = app.clock.now();
    let (export, ready) = app
        .store
        .run(tenant, id.0.unsigned_abs(), move |tx| {
            let (app, mut export, pieces) = (services.clone(), export.clone(), pieces.clone());
            async move {
                let there = store::load(&tx, id).await?;
                if there.revision != seen {
                    return Ok((there, Vec::new()));
                }
                for (number, bytes) in &pieces {
                    pieces::put(&tx, export.file, *number, bytes);
                }
                let ready = if export.state == State::Done {
                    finish(&app, &tx, &mut export, now).await?
                } else {
                    Vec::new()
                };
                store::save(&tx, &mut export);
                Ok::<_, Fail>((export, ready))
            }
        })
        .await?;
    app.pipeline.send(app, ready);
    Ok(export)
}

/// What was read for a portion.
#[derive(Debug)]
enum Staged {
    Over,
    Counted { total: i64, fields_after: Option<i64> },
    Fields { known: Vec<String>, after: Option<i64> },
    Rows(tables::Rows),
}

async fn staged(tx: &Tx, export: &Export, view: &View) -> Result<Staged, Fail> {
    let tables = tables_of(export);
    if export.state == State::Waiting {
        let mut total = 0;
        for table in tables {
            total += table.count(tx, view).await?;
        }
        let fields_after = tables.contains(&Table::Contacts).then_some(i64::MIN);
        return Ok(Staged::Counted { total, fields_after });
    }
    if let Some(after) = export.progress.fields_after {
        let mut known = export.progress.fields.clone();
        let after = tables::fields(tx, &mut known, after, FIELDS_PORTION).await?;
        return Ok(Staged::Fields { known, after });
    }
    let Some(table) = tables.get(export.progress.table) else { return Ok(Staged::Over) };
    let after = export.progress.after.unwrap_or(FIRST);
    Ok(Staged::Rows(table.read(tx, view, after, PORTION).await?))
}

/// Of some contacts only they themselves are written.
fn tables_of(export: &Export) -> &'static [Table] {
    let format = if export.options.audience.is_some() { Format::Csv } else { export.format };
    export.what.tables(format)
}

async fn view(tx: &Tx, export: &Export, vault: Arc<Vault>) -> Result<View, Fail> {
    let zone = tenants::load(tx).await?.map_or(jiff::tz::TimeZone::UTC, |tenant| tenant.time_zone());
    Ok(View {
        language: Language::of(&export.options.locale),
        zone,
        personal: export.options.personal,
        until: export.created_at,
        audience: export.options.audience.clone(),
        fields: export.progress.fields.clone(),
        names: tables::names(tx).await?,
        vault,
    })
}

/// Writes rows to the file, and goes on to the next table, or to the end, when they were the last.
fn add(
    export: &mut Export,
    view: &View,
    rows: tables::Rows,
    out: &mut Vec<(i64, Vec<u8>)>,
) -> Result<(), Problem> {
    let tables = tables_of(export);
    let Some(table) = tables.get(export.progress.table) else { return Ok(()) };
    let last = rows.len() < PORTION as usize;
    let (keys, cells): (Vec<Key>, Vec<Vec<Cell>>) = rows.into_iter().unzip();
    export.rows_done += i64::try_from(cells.len()).unwrap_or(i64::MAX);
    match export.format {
        Format::Csv => csv(&mut export.progress, *table, view, &cells, out),
        Format::Xlsx => xlsx(&mut export.progress, *table, view, &cells, out),
    }
    export.progress.after = Some(keys.last().copied().or(export.progress.after).unwrap_or(FIRST));
    if last {
        export.progress.table += 1;
        export.progress.after = None;
        if export.progress.table == tables.len() {
            if export.format == Format::Xlsx && !export.progress.book.finish(out) {
                return Err(Problem::refused(
                    "file_too_large",
                    "Столько строк не помещается в одну книгу Excel; выгрузите CSV",
                    "So many rows do not fit into one workbook; export CSV",
                ));
            }
            export.state = State::Done;
        }
    }
    let written: usize = out.iter().map(|(_, bytes)| bytes.len()).sum();
    export.progress.size += i64::try_from(written).unwrap_or(i64::MAX);
    Ok(())
}

fn csv(
    progress: &mut Progress,
    table: Table,
    view: &View,
    cells: &[Vec<Cell>],
    out: &mut Vec<(i64, Vec<u8>)>,
) {
    let csv = Csv::new(view.language);
    let mut bytes = if progress.after.is_none() { csv.head(&table.columns(view)) } else { Vec::new() };
    bytes.extend(csv.rows(cells));
    out.push((progress.piece, bytes));
    progress.piece += 1;
}

/// A table longer than a sheet may be goes on in the next one.
fn xlsx(
    progress: &mut Progress,
    table: Table,
    view: &View,
    cells: &[Vec<Cell>],
    out: &mut Vec<(i64, Vec<u8>)>,
) {
    let title = table.title(view.language);
    if progress.after.is_none() {
        progress.book.begin(title, &table.columns(view), out);
    }
    let mut rest = cells;
    while !rest.is_empty() {
        let room = usize::try_from(progress.book.room()).unwrap_or(usize::MAX);
        let (now, later) = rest.split_at(room.min(rest.len()));
        progress.book.rows(now, view.language, out);
        rest = later;
        if !rest.is_empty() {
            progress.book.begin(title, &table.columns(view), out);
        }
    }
}

/// Inside the last unit: there is a file from now on, until its term, and whoever asked in a chat gets it.
async fn finish(app: &App, tx: &Tx, export: &mut Export, now: Instant) -> Result<Vec<Ready>, Fail> {
    let until = now.plus_seconds(i64::from(export.options.keep_days) * 86_400);
    let media_type = export.format.media_type().to_owned();
    let head = Head { name: export.file_name.clone(), media_type, size: export.progress.size };
    pieces::finish(tx, export.file, &head, now, Some(until));
    remove_at(app, tx, export.file, until).await?;
    export.size = Some(export.progress.size);
    export.finished_at = Some(now);
    export.expires_at = Some(until);
    let zone = tenants::load(tx).await?.map_or(jiff::tz::TimeZone::UTC, |tenant| tenant.time_zone());
    let day = until.in_zone(&zone).date();
    let day = if export.options.locale == "ru" {
        format!("{:02}.{:02}.{}", day.day(), day.month(), day.year())
    } else {
        day.to_string()
    };
    Ok(say(app, tx, export, now, |limit| {
        if head.size <= limit.min(pieces::WHOLE_MAX) {
            let media = Media { kind: FileKind::Document, key: format!("file/{}", export.file) };
            Body { text: rules::caption(export, &day), media: Some(media), ..Body::default() }
        } else {
            Body::text(rules::too_large(export, (head.size + MEGABYTE - 1) / MEGABYTE))
        }
    }))
}

/// To the chat in which it was asked for, if it was; `body` is told the largest file that can be sent there.
fn say(app: &App, tx: &Tx, export: &Export, now: Instant, body: impl FnOnce(i64) -> Body) -> Vec<Ready> {
    let Some(chat) = &export.options.chat else { return Vec::new() };
    let Some(channel) = app.directory.channel(chat.channel) else { return Vec::new() };
    let limit = i64::try_from(channel.messenger.limits().document_bytes_max).unwrap_or(i64::MAX);
    let message = NewOutbound {
        body: body(limit),
        class: Class::Answer,
        policy: Policy::Repeat,
        cause: Cause::new("job", export.id.to_string()),
    };
    let to = Recipient { channel, chat: chat.chat.as_str().into(), contact: chat.contact };
    pipeline::write(app, tx, &to, vec![message], now)
}

/// It cannot be made: says so, and removes what was written.
async fn give_up(app: &App, tenant: TenantId, id: ExportId, problems: &[Problem]) -> Result<(), Fail> {
    let note = problems.iter().map(|problem| problem.en.as_str()).collect::<Vec<_>>().join("; ");
    tracing::error!(export = %id, note, "an export could not be made");
    let (services, now) = (app.clone(), app.clock.now());
    let ready = app
        .store
        .run(tenant, id.0.unsigned_abs(), move |tx| {
            let (app, note) = (services.clone(), note.clone());
            async move {
                let mut export = store::load(&tx, id).await?;
                if !export.state.is_open() {
                    return Ok(Vec::new());
                }
                export.state = State::Failed;
                export.note = Some(note);
                export.finished_at = Some(now);
                remove_at(&app, &tx, export.file, now).await?;
                store::save(&tx, &mut export);
                let text = rules::apology(&export);
                Ok::<_, Fail>(say(&app, &tx, &export, now, |_| Body::text(text)))
            }
        })
        .await?;
    app.pipeline.send(app, ready);
    Ok(())
}
