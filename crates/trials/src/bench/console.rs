//! What a person at the console waits for: from an address to the first row of a list, and from a key to its letter in
//! the inbox, in a real browser on a company with very many customers.
//!
//! The database is filled here; `web/bench` opens the pages and looks at the clock of the browser.

use super::many::{self, Contacts, Talks};
use super::{LOYALTY, default_binary, scenario};
use crate::database::{Engine, Engines};
use crate::program::Program;
use anyhow::{Context, ensure};
use samovar_app::app::{App, Parts};
use samovar_base::{Chance, Clock, SystemClock, Vault};
use samovar_connectors::beacon::Beacon;
use samovar_connectors::webchat::{Hub, Webchat};
use samovar_store::{Store, StoreOptions};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

/// What the benchmark takes.
#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    engines: Engines,
    /// The program, with its console inside; beside this one when not given.
    #[arg(long, default_value_os_t = default_binary(), hide_default_value = true)]
    binary: PathBuf,
    /// Customers.
    #[arg(long, default_value_t = 1_000_000)]
    contacts: u32,
    /// Conversations; no more than customers.
    #[arg(long, default_value_t = 10_000)]
    conversations: u32,
    /// Messages in all conversations.
    #[arg(long, default_value_t = 100_000)]
    messages: u32,
    /// How often each page is opened.
    #[arg(long, default_value_t = 10)]
    rounds: u32,
    /// How many letters are typed, each time.
    #[arg(long, default_value_t = 300)]
    letters: u32,
    /// One JSON object for each figure, instead of a table.
    #[arg(long)]
    json: bool,
}

/// What the browser measured: how long one thing took, each time.
#[derive(Debug, Deserialize)]
struct Measured {
    what: String,
    budget_ms: f64,
    times_ms: Vec<f64>,
}

/// A figure.
#[derive(Debug, Serialize)]
struct Figure {
    bench: &'static str,
    engine: &'static str,
    what: String,
    times: usize,
    median_ms: f64,
    p99_ms: f64,
    worst_ms: f64,
    budget_ms: f64,
}

const OWNER: &str = "owner@samovar.example";

/// Runs and prints.
pub async fn run(options: Options) -> anyhow::Result<()> {
    ensure!(options.conversations <= options.contacts, "a conversation is with a customer: fewer of them");
    for engine in options.engines.each() {
        one(engine, &options).await?;
    }
    Ok(())
}

async fn one(engine: Engine, options: &Options) -> anyhow::Result<()> {
    let database = options.engines.fresh(engine).await?;
    let program = Program::new(&options.binary, &database)?;
    program.apply(&company(), &[(LOYALTY, &scenario())])?;
    let hook = fill(engine, &database.url, options).await?;
    let token = program.sign_in_token(OWNER)?;
    let running = program.serve(None).await?;
    let told = program.folder().join("measured.json");
    let asked = json!({
        "base": running.base, "token": token, "chat": format!("{}/chat/{hook}", running.base),
        "rounds": options.rounds, "letters": options.letters, "told": told,
    });
    look(&asked)?;
    let measured: Vec<Measured> = serde_json::from_slice(&std::fs::read(&told)?)?;
    heading(engine, options);
    for one in measured {
        show(&Figure::of(engine, one)?, options.json)?;
    }
    running.stop()?;
    program.clean();
    database.drop().await
}

/// Fills the company's tables; gives the address of its chat.
async fn fill(engine: Engine, url: &str, options: &Options) -> anyhow::Result<String> {
    let store = Store::open(StoreOptions::new(url)).await?;
    let (hub, clock) = (Hub::new(10), Arc::new(SystemClock));
    let parts = Parts {
        store: store.clone(),
        clock: Arc::<SystemClock>::clone(&clock),
        chance: Arc::new(Chance::from_seed(7)),
        vault: Arc::new(Vault::new([7; 32])),
        messengers: vec![Arc::new(Webchat::new(Arc::clone(&hub)))],
        beacon: Beacon::new(Vec::new()),
        hub,
    };
    let channels = App::open(parts).await?.directory.channels();
    let channel = channels.first().context("the company has a chat")?;
    store.close().await;
    let contacts = Contacts { engine, tenant: channel.tenant.id, contacts: options.contacts };
    let talks = Talks {
        contacts,
        channel: channel.id,
        conversations: options.conversations,
        messages: options.messages,
        until: clock.now(),
    };
    many::write(engine, url, [contacts.texts(), talks.texts()].concat()).await?;
    Ok(channel.hook.clone())
}

/// Opens the pages.
fn look(asked: &serde_json::Value) -> anyhow::Result<()> {
    let web = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web");
    let mut browser = Command::new("npx");
    browser.args(["--no-install", "playwright", "test", "--config", "bench/playwright.config.ts"]);
    browser.current_dir(web).env("SAMOVAR_BENCH", asked.to_string());
    let output = browser.output().context("npx, which comes with Node")?;
    ensure!(output.status.success(), "the browser failed:\n{}", String::from_utf8_lossy(&output.stdout));
    Ok(())
}

fn company() -> String {
    format!(
        r#"
[company]
key = "many"
name = "Много гостей"
zone = "Europe/Moscow"
locale = "ru"

[owner]
email = "{OWNER}"
name = "Владелец"

[[consents]]
purpose = "loyalty"
text = "Согласие на обработку данных"

[[scenarios]]
file = "{LOYALTY}.toml"

[[channels]]
key = "site"
messenger = "webchat"
name = "Сайт"
scenarios = ["{LOYALTY}"]
"#
    )
}

impl Figure {
    fn of(engine: Engine, measured: Measured) -> anyhow::Result<Self> {
        let Measured { what, budget_ms, times_ms: mut times } = measured;
        times.sort_by(f64::total_cmp);
        let worst_ms = *times.last().context("measured at least once")?;
        let p99_ms = times[(times.len() * 99).div_ceil(100) - 1];
        let median_ms = times[times.len() / 2];
        let times = times.len();
        Ok(Self {
            bench: "console",
            engine: engine.name(),
            what,
            times,
            median_ms,
            p99_ms,
            worst_ms,
            budget_ms,
        })
    }
}

#[allow(clippy::print_stdout)]
fn heading(engine: Engine, options: &Options) {
    if !options.json {
        let Options { contacts, conversations, messages, .. } = options;
        println!(
            "{contacts} contacts, {conversations} conversations, {messages} messages on {}",
            engine.name()
        );
        println!("  times  median ms  p99 ms  worst ms  budget ms  what");
    }
}

#[allow(clippy::print_stdout)]
fn show(figure: &Figure, json: bool) -> anyhow::Result<()> {
    if json {
        println!("{}", serde_json::to_string(figure)?);
    } else {
        let Figure { times, median_ms, p99_ms, worst_ms, budget_ms, what, .. } = figure;
        println!("  {times:>5}  {median_ms:>9.1}  {p99_ms:>6.1}  {worst_ms:>8.1}  {budget_ms:>9.0}  {what}");
    }
    Ok(())
}
