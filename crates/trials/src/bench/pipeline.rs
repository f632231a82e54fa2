//! Closed-loop customers against the program, in turn with the bare loop.

use super::{Scene, default_binary};
use crate::bench::bare::Loop;
use crate::database::{Engine, Engines};
use crate::machine;
use samovar_fakes::telegram::Telegram;
use samovar_fakes::telegram::load::{self, Report};
use serde::Serialize;
use std::path::PathBuf;
use std::time::Duration;

/// What the benchmark takes.
#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    engines: Engines,
    /// How long each of the rounds is measured.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Customers at once.
    #[arg(long, default_value_t = 256)]
    clients: usize,
    /// Rounds of program and bare loop, in turn; the middle one counts.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// One JSON object for each engine, instead of a table.
    #[arg(long)]
    json: bool,
    /// The program; beside this one when not given.
    #[arg(long, default_value_os_t = default_binary(), hide_default_value = true)]
    binary: PathBuf,
}

/// The figures of one engine.
#[derive(Debug, Serialize)]
struct Figures {
    bench: &'static str,
    engine: &'static str,
    clients: usize,
    /// Interactions a second: an update in, a reply out.
    per_second: f64,
    /// Of the program, for one interaction.
    program_cpu_us: f64,
    /// Of the server of the database, for one interaction; zero for SQLite, which works inside the program.
    database_cpu_us: f64,
    /// Of the bare loop, for the row writes of one interaction; its server's apart.
    bare_cpu_us: f64,
    bare_database_cpu_us: f64,
    bare_per_second: f64,
    /// `program_cpu_us / bare_cpu_us`.
    cpu_ratio: f64,
    /// From the update to the reply, at full load.
    p50_ms: f64,
    p95_ms: f64,
    p99_ms: f64,
    /// At half of the full load.
    half_per_second: f64,
    half_p50_ms: f64,
    half_p99_ms: f64,
    peak_rss_mb: f64,
    errors: u64,
}

/// One round of the program.
struct Round {
    per_second: f64,
    program_us: f64,
    database_us: f64,
    report: Report,
}

/// Runs and prints.
pub async fn run(options: Options) -> anyhow::Result<()> {
    for engine in options.engines.each() {
        let figures = measure(engine, &options).await?;
        show(&figures, options.json)?;
    }
    Ok(())
}

async fn measure(engine: Engine, options: &Options) -> anyhow::Result<Figures> {
    let scene = Scene::set(&options.binary, options.engines.fresh(engine).await?).await?;
    let mut rounds = Vec::new();
    let mut bares = Vec::new();
    let mut errors = 0;
    for _ in 0..options.rounds.max(1) {
        let round = one_round(&scene, options.clients, options.seconds).await?;
        errors += round.report.errors;
        rounds.push(round);
        bares.push(bare_round(&scene, engine, options).await?);
    }
    rounds.sort_by(|a, b| a.program_us.total_cmp(&b.program_us));
    bares.sort_by(|a, b| a.program_us.total_cmp(&b.program_us));
    let (middle, bare) = (&rounds[rounds.len() / 2], &bares[bares.len() / 2]);
    let half = half_load(&scene, options, middle).await;
    errors += half.report.errors;
    if let Some(complaint) =
        rounds.iter().find_map(|round| round.report.first_error.clone()).or(half.report.first_error.clone())
    {
        eprintln!("a customer complained: {complaint}\n{}", scene.program.log());
    }
    let figures = Figures {
        bench: "pipeline",
        engine: engine.name(),
        clients: options.clients,
        per_second: middle.per_second,
        program_cpu_us: middle.program_us,
        database_cpu_us: middle.database_us,
        bare_cpu_us: bare.program_us,
        bare_database_cpu_us: bare.database_us,
        bare_per_second: bare.per_second,
        cpu_ratio: middle.program_us / bare.program_us,
        p50_ms: middle.report.p50_ms,
        p95_ms: middle.report.p95_ms,
        p99_ms: middle.report.p99_ms,
        half_per_second: half.per_second,
        half_p50_ms: half.report.p50_ms,
        half_p99_ms: half.report.p99_ms,
        peak_rss_mb: machine::peak_mb(scene.running.pid())?,
        errors,
    };
    scene.clear().await?;
    Ok(figures)
}

async fn one_round(scene: &Scene, clients: usize, seconds: u64) -> anyhow::Result<Round> {
    let plan = scene.plan(clients, Duration::from_secs(seconds), Duration::ZERO);
    measured(&scene.telegram, scene.running.pid(), scene.database.server, plan, seconds).await
}

/// Half of the full load: customers take their time between two actions.
async fn half_load(scene: &Scene, options: &Options, full: &Round) -> Round {
    #[allow(clippy::cast_precision_loss)]
    let think = Duration::from_secs_f64(options.clients as f64 / (full.per_second / 2.0).max(1.0));
    let plan = scene.plan(options.clients, Duration::from_secs(options.seconds), think);
    measured(&scene.telegram, scene.running.pid(), scene.database.server, plan, options.seconds)
        .await
        .unwrap_or(Round {
            per_second: 0.0,
            program_us: 0.0,
            database_us: 0.0,
            report: Report { errors: 1, ..Report::default() },
        })
}

#[allow(clippy::cast_precision_loss)]
async fn measured(
    telegram: &Telegram,
    pid: u32,
    server: Option<u32>,
    plan: load::Plan,
    seconds: u64,
) -> anyhow::Result<Round> {
    let database = || server.map_or(0, machine::family_cpu_us);
    // Registration is not measured: the accounts are opened when it is over.
    let registered = load::register(telegram, &plan).await;
    let (program_before, database_before) = (machine::cpu_us(pid)?, database());
    let report = load::measure_only(registered, &plan).await;
    let (program_after, database_after) = (machine::cpu_us(pid)?, database());
    let replies = report.replies.max(1) as f64;
    Ok(Round {
        per_second: replies / seconds as f64,
        program_us: (program_after - program_before) as f64 / replies,
        database_us: database_after.saturating_sub(database_before) as f64 / replies,
        report,
    })
}

/// The bare loop in the place of the program: the same customers, the same make-believe Telegram, a bot of its own.
async fn bare_round(scene: &Scene, engine: Engine, options: &Options) -> anyhow::Result<Round> {
    let mut plan = scene.plan(options.clients, Duration::from_secs(options.seconds), Duration::ZERO);
    let bare = Loop::start(&scene.telegram, options.engines.fresh(engine).await?, &[]).await?;
    plan.bots = vec![bare.bot.clone()];
    plan.opening.truncate(1);
    let round = measured(&scene.telegram, bare.pid(), bare.database.server, plan, options.seconds).await?;
    bare.clear().await?;
    Ok(round)
}

#[allow(clippy::print_stdout)]
fn show(figures: &Figures, json: bool) -> anyhow::Result<()> {
    if json {
        println!("{}", serde_json::to_string(figures)?);
        return Ok(());
    }
    println!("pipeline on {}, {} customers", figures.engine, figures.clients);
    println!("  interactions        {:>9.0} /s", figures.per_second);
    println!("  program             {:>9.0} us CPU each", figures.program_cpu_us);
    println!("  database            {:>9.0} us CPU each", figures.database_cpu_us);
    println!(
        "  bare loop           {:>9.0} us CPU each, its database {:.0} us, {:.0} /s",
        figures.bare_cpu_us, figures.bare_database_cpu_us, figures.bare_per_second
    );
    println!("  program / bare      {:>9.2}", figures.cpu_ratio);
    println!(
        "  at full load        p50 {:.1} ms, p95 {:.1} ms, p99 {:.1} ms",
        figures.p50_ms, figures.p95_ms, figures.p99_ms
    );
    println!(
        "  at half of it       {:.0} /s, p50 {:.1} ms, p99 {:.1} ms",
        figures.half_per_second, figures.half_p50_ms, figures.half_p99_ms
    );
    println!("  peak memory         {:>9.0} MB", figures.peak_rss_mb);
    println!("  errors              {:>9}", figures.errors);
    Ok(())
}
