//! `samovar apply FILE`.

use crate::config::Config;
use crate::node;
use anyhow::Context;
use samovar_app::setup::{self, CompanyFile};
use samovar_app::{App, Fail, channels};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What the command takes.
#[derive(clap::Args)]
pub struct Options {
    /// The company file (TOML); see docs/en/company-file.md.
    file: PathBuf,
    /// Do not tell the messengers: `serve` will, at its start.
    #[arg(long)]
    offline: bool,
}

/// Applies the file and prints what changed.
pub async fn run(config: &Config, options: Options) -> anyhow::Result<ExitCode> {
    let text = std::fs::read_to_string(&options.file)
        .with_context(|| format!("cannot read {}", options.file.display()))?;
    let public_url = config.public_url()?;
    node::with(config, async |app| Ok(apply(app, &options, &text, public_url.as_ref()).await)).await
}

#[allow(clippy::print_stdout)]
async fn apply(app: &App, options: &Options, text: &str, public_url: Option<&url::Url>) -> ExitCode {
    let folder = options.file.parent().unwrap_or(Path::new("."));
    let applied = match CompanyFile::parse(text) {
        Ok(file) => setup::apply(app, &file, folder).await,
        Err(fail) => Err(fail),
    };
    let applied = match applied {
        Ok(applied) => applied,
        Err(fail) => {
            complain(&fail);
            return ExitCode::FAILURE;
        }
    };
    for change in &applied.changes {
        println!("{:<8} {}", format!("{:?}", change.put).to_lowercase(), change.what);
    }
    let mut code = ExitCode::SUCCESS;
    if !options.offline {
        for id in applied.connect {
            if !connect(app, id, public_url).await {
                code = ExitCode::FAILURE;
            }
        }
    }
    println!("{}: {}", applied.tenant.name, applied.tenant.id);
    code
}

/// Tells every problem, in the language of the terminal.
pub fn complain(fail: &Fail) {
    let locale = if std::env::var("LANG").is_ok_and(|lang| lang.starts_with("ru")) { "ru" } else { "en" };
    if fail.problems().is_empty() {
        eprintln!("samovar: {fail}");
    }
    for problem in fail.problems() {
        let field = problem.field.as_ref().map(|field| format!("{field}: ")).unwrap_or_default();
        eprintln!("samovar: {field}{}", problem.text(locale));
    }
}

#[allow(clippy::print_stdout)]
async fn connect(app: &App, id: samovar_base::ChannelId, public_url: Option<&url::Url>) -> bool {
    match channels::connect(app, id, public_url).await {
        Ok(connected) => {
            let link = connected.identity.link.unwrap_or_default();
            if !connected.identity.name.is_empty() {
                println!("connected {} {link}", connected.identity.name);
            }
            true
        }
        Err(fail) => {
            complain(&fail);
            false
        }
    }
}
