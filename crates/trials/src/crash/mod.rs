//! What is left after `kill -9`.
//!
//! Customers, clerks and participants of a promotion keep the program busy, the messenger loses, delays, doubles and
//! reorders, the service of checks is slow and fails, and the program is killed at seeded moments and started again. When all has settled, [`verdict`] looks whether anything was lost or
//! done twice.

mod books;
mod front;
pub mod nodes;
mod participants;
mod people;
mod sends;
mod stage;
mod tickets;
mod till;
mod verdict;

use crate::bench::default_binary;
use crate::database::{Engine, Server};
use crate::program::Running;
use samovar_base::Chance;
use serde::Serialize;
use stage::{Many, Stage};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// The program lives at least so long after it was ready.
const LIFE_MIN_MS: u64 = 20;
/// And at most so long.
const LIFE_MAX_MS: u64 = 400;
/// One of so many kills hits the program while it starts.
const UNBORN_EVERY: u64 = 8;
/// How long it may take to come to that.
const BIRTH_MS: u64 = 60;
/// Load and faults go on for so long after the last start: what is stuck must not be freed by the next start.
const LAST_LIFE: Duration = Duration::from_secs(3);

/// What the trial takes.
#[derive(clap::Args)]
pub struct Options {
    /// Only this engine; both in turn when not given.
    #[arg(long)]
    engine: Option<Engine>,
    /// How often the program is killed.
    #[arg(long, default_value_t = 200)]
    kills: u64,
    /// Stop killing after so many seconds, however often it was.
    #[arg(long)]
    seconds_max: Option<u64>,
    #[command(flatten)]
    common: Common,
}

/// What every trial with kills takes.
#[derive(clap::Args)]
pub struct Common {
    /// What happens when; any when not given.
    #[arg(long)]
    seed: Option<u64>,
    #[command(flatten)]
    many: Many,
    /// One JSON object for each trial, instead of a table.
    #[arg(long)]
    json: bool,
    /// The program; beside this one when not given.
    #[arg(long, default_value_os_t = default_binary(), hide_default_value = true)]
    binary: PathBuf,
    #[command(flatten)]
    server: Server,
}

impl Common {
    fn seed(&self) -> u64 {
        self.seed.unwrap_or_else(|| Chance::from_system().below(1_000_000))
    }
}

/// What came of a trial.
#[derive(Debug, Serialize)]
struct Report {
    trial: &'static str,
    engine: &'static str,
    seed: u64,
    kills: u64,
    seconds: f64,
    /// From the start of the process to ready, after a kill; or from a kill until the other node had everything.
    back_p50_ms: f64,
    back_max_ms: f64,
    settled_in_seconds: f64,
    #[serde(flatten)]
    figures: verdict::Figures,
    wrong: Vec<String>,
}

/// Runs and prints; fails when anything was lost or done twice.
pub async fn run(options: Options) -> anyhow::Result<()> {
    for engine in Engine::or_both(options.engine) {
        one(engine, &options).await?;
    }
    Ok(())
}

async fn one(engine: Engine, options: &Options) -> anyhow::Result<()> {
    let common = &options.common;
    let seed = common.seed();
    eprintln!("crash on {}: seed {seed}", engine.name());
    let stage = Stage::set(&common.binary, common.server.fresh(engine).await?, seed).await?;
    let chance = Chance::from_seed(seed);
    let mut running = stage.program.serve(None).await?;
    stage.front.lead_to(vec![running.base.clone()]);
    stage.open().await?;
    let load = stage.load(common.many)?;

    let begun = Instant::now();
    let until = options.seconds_max.map_or(Duration::MAX, Duration::from_secs);
    let (mut kills, mut starts) = (0, Vec::new());
    while kills < options.kills && begun.elapsed() < until {
        pause(LIFE_MIN_MS + chance.below(LIFE_MAX_MS - LIFE_MIN_MS)).await;
        let unborn = chance.below(UNBORN_EVERY) == 0 && kills + 1 < options.kills;
        running = reborn(&stage, running, unborn.then(|| chance.below(BIRTH_MS))).await?;
        kills += 1 + u64::from(unborn);
        starts.push(running.started_in.as_secs_f64() * 1_000.0);
    }
    let seconds = begun.elapsed().as_secs_f64();
    tokio::time::sleep(LAST_LIFE).await;
    let mut ended = stage.settle(load).await?;
    running.stop()?;
    verdict::doctor(&stage.program, &mut ended.wrongs)?;
    let figures = verdict::give(&stage.books, &ended.known, &mut ended.wrongs).await?;
    let report = Report {
        trial: "crash",
        engine: engine.name(),
        seed,
        kills,
        seconds,
        back_p50_ms: middle(&mut starts),
        back_max_ms: starts.last().copied().unwrap_or_default(),
        settled_in_seconds: ended.settled_in.as_secs_f64(),
        figures,
        wrong: ended.wrongs.lines().to_vec(),
    };
    end(stage, &report, common.json).await
}

/// Kills the running one and starts another on the same port; when told, that one is killed too, after so many
/// milliseconds, and a third is started.
async fn reborn(stage: &Stage, running: Running, unborn_for_ms: Option<u64>) -> anyhow::Result<Running> {
    let port: u16 = running.base.rsplit(':').next().unwrap_or_default().parse()?;
    running.kill()?;
    if let Some(ms) = unborn_for_ms {
        stage.books.end_leases().await?;
        let unborn = stage.program.spawn(Some(port))?;
        pause(ms).await;
        unborn.kill()?;
    }
    stage.books.end_leases().await?;
    stage.program.serve(Some(port)).await
}

async fn pause(ms: u64) {
    tokio::time::sleep(Duration::from_millis(ms)).await;
}

/// The middle one; sorts.
fn middle(figures: &mut [f64]) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}

/// Prints the report. What was wrong keeps its database and its log, to be looked at.
async fn end(stage: Stage, report: &Report, json: bool) -> anyhow::Result<()> {
    show(report, json)?;
    if report.wrong.is_empty() {
        return stage.clear().await;
    }
    anyhow::bail!("{} things are wrong; seed {}; see {}", report.wrong.len(), report.seed, stage.remains())
}

#[allow(clippy::print_stdout)]
fn show(report: &Report, json: bool) -> anyhow::Result<()> {
    if json {
        println!("{}", serde_json::to_string(report)?);
        return Ok(());
    }
    let (figures, messages) = (&report.figures, &report.figures.messages);
    println!("{} on {}, seed {}", report.trial, report.engine, report.seed);
    println!("  kills               {:>9} in {:.0} s", report.kills, report.seconds);
    println!(
        "  back after a kill   {:>9.0} ms in the middle, {:.0} ms at most",
        report.back_p50_ms, report.back_max_ms
    );
    println!("  settled             {:>9.1} s after the load ended", report.settled_in_seconds);
    println!("  updates             {:>9} brought {} times", figures.updates, figures.deliveries);
    println!(
        "  customers           {:>9} registered, {} handed over to a person before",
        figures.customers, figures.handed_over
    );
    println!(
        "  points moved        {:>9} times by {} requests",
        figures.movements, figures.movement_requests
    );
    let receipts = &figures.receipts;
    println!(
        "  receipts            {:>9} sent by {} participants, {} different, {} of other sellers",
        receipts.receipts, figures.participants, receipts.different, receipts.foreign
    );
    println!(
        "  numbers             {:>9}; {} codes given, {} people wait for one",
        receipts.numbers, receipts.codes, receipts.owed
    );
    println!(
        "  messages            {:>9}: {} sent, {} unsure ({} of them arrived)",
        messages.messages, messages.sent, messages.unsure, messages.unsure_arrived
    );
    println!(
        "  accepted sends      {:>9}, {} of them a message once more",
        messages.accepted, messages.repeated
    );
    println!("  without a message   {:>9} updates, of customers handed over to a person", messages.silent);
    println!("  lost or doubled     {:>9}", if report.wrong.is_empty() { "nothing" } else { "SOMETHING" });
    for line in &report.wrong {
        println!("  WRONG {line}");
    }
    Ok(())
}
