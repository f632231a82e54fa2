//! `samovar import`.

use crate::apply::complain;
use crate::config::Config;
use crate::export::{company, progress};
use crate::node;
use anyhow::{Context, bail};
use samovar_app::access::Actor;
use samovar_app::imports::{self, Field, Import, State};
use samovar_app::sheets::Language;
use samovar_app::{App, Fail};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What the command takes.
#[derive(clap::Args)]
pub struct Options {
    /// What the file holds.
    #[arg(value_parser = ["contacts"])]
    what: String,
    /// The file: XLSX or CSV, a line of titles and customers under it.
    file: PathBuf,
    /// The company's short name; may be left out when there is only one.
    #[arg(long, value_name = "KEY")]
    company: Option<String>,
    /// What the columns are: lines like `"Моб. телефон" = "phone"`; the others are skipped. Guessed by their titles
    /// when not given.
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// Only say what would become of the rows.
    #[arg(long)]
    dry_run: bool,
    /// Write rows that are not taken to this CSV file.
    #[arg(long, value_name = "FILE")]
    bad: Option<PathBuf>,
}

/// Imports the file and tells what became of its rows.
pub async fn run(config: &Config, options: Options) -> anyhow::Result<ExitCode> {
    let bytes =
        std::fs::read(&options.file).with_context(|| format!("cannot read {}", options.file.display()))?;
    match node::with(config, async |app| take(app, &options, bytes).await).await? {
        Ok(code) => Ok(code),
        Err(fail) => {
            complain(&fail);
            Ok(ExitCode::FAILURE)
        }
    }
}

#[allow(clippy::print_stdout)]
async fn take(app: &App, options: &Options, bytes: Vec<u8>) -> anyhow::Result<Result<ExitCode, Fail>> {
    let (tenant, locale) = company(app, options.company.as_deref())?;
    let actor = Actor::setup(tenant);
    let name = options.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut import = match imports::bring(app, &actor, &name, bytes.into()).await {
        Ok(import) => import,
        Err(fail) => return Ok(Err(fail)),
    };
    if let Some(path) = &options.mapping {
        let mapping = match mapping(path, &import)? {
            Ok(mapping) => mapping,
            Err(fail) => return Ok(Err(fail)),
        };
        import = match imports::map(app, &actor, import.id, mapping).await {
            Ok(import) => import,
            Err(fail) => return Ok(Err(fail)),
        };
    }
    for (title, field) in import.titles.iter().zip(&import.mapping) {
        println!("{title:<32} {field}");
    }
    if options.dry_run {
        let preview = match imports::preview(app, &actor, import.id).await {
            Ok(preview) => preview,
            Err(fail) => return Ok(Err(fail)),
        };
        for bad in &preview.bad {
            println!("row {}, {}: {}: {}", bad.line, bad.title, bad.value, bad.text(&locale));
        }
        tell("would be", preview.counts);
        return Ok(imports::cancel(app, &actor, import.id).await.map(|_| ExitCode::SUCCESS));
    }
    import = match imports::start(app, &actor, import.id).await {
        Ok(import) => import,
        Err(fail) => return Ok(Err(fail)),
    };
    while import.state == State::Running {
        import = match imports::work::step(app, tenant, import.id).await {
            Ok(import) => import,
            Err(fail) => return Ok(Err(fail)),
        };
        progress(import.counts.rows(), Some(import.rows_total));
    }
    tell("are", import.counts);
    if let Some(path) = options.bad.as_ref().filter(|_| import.counts.bad > 0) {
        let list = match imports::bad(app, &actor, import.id, Language::of(&locale), false).await {
            Ok(list) => list,
            Err(fail) => return Ok(Err(fail)),
        };
        std::fs::write(path, list).with_context(|| format!("cannot write {}", path.display()))?;
        println!("{}: the rows that were not taken", path.display());
    }
    Ok(Ok(if import.counts.bad == 0 { ExitCode::SUCCESS } else { ExitCode::from(2) }))
}

#[allow(clippy::print_stdout)]
fn tell(are: &str, counts: imports::Counts) {
    println!(
        "{} {are} new, {} changed, {} as they were, {} not taken; {} points posted",
        counts.created, counts.changed, counts.unchanged, counts.bad, counts.points
    );
}

/// Titles and what they are; every title must be one of the file.
fn mapping(path: &Path, import: &Import) -> anyhow::Result<Result<Vec<Field>, Fail>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let table: toml::Table = text.parse().with_context(|| format!("{} is not TOML", path.display()))?;
    let mut fields = vec![Field::Skip; import.titles.len()];
    for (title, field) in table {
        let Some(place) = import.titles.iter().position(|known| *known == title) else {
            bail!("the file has no column «{title}»; it has {}", import.titles.join(", "));
        };
        let Some(word) = field.as_str() else { bail!("«{title}»: a word is needed, such as \"phone\"") };
        fields[place] = match word.parse() {
            Ok(field) => field,
            Err(problem) => return Ok(Err(Fail::from(problem))),
        };
    }
    Ok(Ok(fields))
}
