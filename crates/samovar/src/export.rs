//! `samovar export`.

use crate::apply::complain;
use crate::config::Config;
use crate::node;
use anyhow::{Context, bail};
use futures::StreamExt;
use samovar_app::access::Actor;
use samovar_app::exports::{self, Export, Format, Request, State, What};
use samovar_app::{App, Fail};
use samovar_base::TenantId;
use std::io::{BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What the command takes.
#[derive(clap::Args)]
pub struct Options {
    /// contacts, lots, ledger, postings, deals, winners or prize_tax.
    what: String,
    /// The company's short name; may be left out when there is only one.
    #[arg(long, value_name = "KEY")]
    company: Option<String>,
    /// xlsx or csv; by the name of the file when not given.
    #[arg(long)]
    format: Option<String>,
    /// The file to write; it must not be there yet.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The language of titles and dates: ru or en; the company's when not given.
    #[arg(long)]
    lang: Option<String>,
}

/// Makes the export and writes its file.
#[allow(clippy::print_stdout)]
pub async fn run(config: &Config, options: Options) -> anyhow::Result<ExitCode> {
    if options.out.exists() {
        bail!("{} is already there", options.out.display());
    }
    match node::with(config, async |app| make(app, &options).await).await? {
        Ok(export) => {
            println!("{}: {} rows", options.out.display(), export.rows_done);
            Ok(ExitCode::SUCCESS)
        }
        Err(fail) => {
            complain(&fail);
            Ok(ExitCode::FAILURE)
        }
    }
}

/// The company of that short name, or the only one.
pub fn company(app: &App, key: Option<&str>) -> anyhow::Result<(TenantId, String)> {
    let all = app.directory.tenants();
    let keys = || all.iter().map(|tenant| tenant.key.as_str()).collect::<Vec<_>>().join(", ");
    let found = match key {
        Some(key) => all.iter().find(|tenant| tenant.key == key),
        None if all.len() > 1 => bail!("say with --company whose: {}", keys()),
        None => all.first(),
    };
    match found {
        Some(tenant) => Ok((tenant.id, tenant.locale.clone())),
        None if all.is_empty() => {
            bail!("there is no company yet: describe one in a file and run `samovar apply FILE`")
        }
        None => bail!("there is no such company; there are: {}", keys()),
    }
}

async fn make(app: &App, options: &Options) -> anyhow::Result<Result<Export, Fail>> {
    let (tenant, locale) = company(app, options.company.as_deref())?;
    let actor = Actor::setup(tenant);
    let request = match request(options, locale) {
        Ok(request) => request,
        Err(fail) => return Ok(Err(fail)),
    };
    let mut export = match exports::start(app, &actor, request).await {
        Ok(export) => export,
        Err(fail) => return Ok(Err(fail)),
    };
    while export.state.is_open() {
        export = match exports::work::step(app, tenant, export.id).await {
            Ok(export) => export,
            Err(fail) => return Ok(Err(fail)),
        };
        progress(export.rows_done, export.rows_total);
    }
    if export.state != State::Done {
        bail!("the export came to nothing: {}", export.note.unwrap_or_default());
    }
    match save(app, &actor, &export, &options.out).await? {
        Ok(()) => {}
        Err(fail) => return Ok(Err(fail)),
    }
    // The copy in the database has done its service.
    Ok(exports::cancel(app, &actor, export.id).await)
}

fn request(options: &Options, locale: String) -> Result<Request, Fail> {
    let ending = options.out.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let format: Format = options.format.as_deref().unwrap_or(ending).parse()?;
    let what: What = options.what.parse()?;
    let locale = Some(options.lang.clone().unwrap_or(locale));
    Ok(Request { locale, keep_days: Some(1), ..Request::new(what, format) })
}

async fn save(app: &App, actor: &Actor, export: &Export, path: &Path) -> anyhow::Result<Result<(), Fail>> {
    let (_, bytes) = match exports::download(app, actor, export.id).await {
        Ok(file) => file,
        Err(fail) => return Ok(Err(fail)),
    };
    let file = std::fs::File::create_new(path).with_context(|| format!("cannot write {}", path.display()))?;
    let mut file = BufWriter::new(file);
    let mut bytes = std::pin::pin!(bytes);
    while let Some(piece) = bytes.next().await {
        match piece {
            Ok(piece) => file.write_all(&piece)?,
            Err(fail) => return Ok(Err(fail)),
        }
    }
    file.into_inner()?.sync_all()?;
    Ok(Ok(()))
}

/// A line that is written over, where somebody watches.
pub fn progress(done: i64, total: Option<i64>) {
    let mut terminal = std::io::stderr();
    if !terminal.is_terminal() {
        return;
    }
    let _ = match total {
        Some(total) => write!(terminal, "\r{done} of {total} rows"),
        None => write!(terminal, "\r{done} rows"),
    };
    let _ = terminal.write_all(if total.is_some_and(|total| done >= total) { b"\n" } else { b"" });
    let _ = terminal.flush();
}
