//! How the file, the start after a crash and the speed grow with the number of contacts.

use super::{Scene, default_binary};
use crate::database::{Engine, Engines};
use crate::machine;
use samovar_fakes::telegram::load;
use serde::Serialize;
use std::path::PathBuf;
use std::time::Duration;

/// What the benchmark takes.
#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    engines: Engines,
    /// Contacts at the end.
    #[arg(long, default_value_t = 100_000)]
    contacts: usize,
    /// Events of each contact: four of them register it, the rest start and look.
    #[arg(long, default_value_t = 10)]
    events: usize,
    /// Points of the curve.
    #[arg(long, default_value_t = 5)]
    points: usize,
    /// Customers at once.
    #[arg(long, default_value_t = 256)]
    clients: usize,
    /// How long the speed is measured at each point.
    #[arg(long, default_value_t = 4)]
    seconds: u64,
    /// One JSON object for each point, instead of a table.
    #[arg(long)]
    json: bool,
    /// The program; beside this one when not given.
    #[arg(long, default_value_os_t = default_binary(), hide_default_value = true)]
    binary: PathBuf,
}

/// One point of the curve.
#[derive(Debug, Serialize)]
struct Point {
    bench: &'static str,
    engine: &'static str,
    contacts: usize,
    database_mb: f64,
    /// From `kill -9` under load to the first good answer of `/health/ready`.
    start_ms: f64,
    per_second: f64,
    program_cpu_us: f64,
    p99_ms: f64,
    peak_rss_mb: f64,
}

/// Runs and prints.
pub async fn run(options: Options) -> anyhow::Result<()> {
    for engine in options.engines.each() {
        curve(engine, &options).await?;
    }
    Ok(())
}

async fn curve(engine: Engine, options: &Options) -> anyhow::Result<()> {
    let mut scene = Scene::set(&options.binary, options.engines.fresh(engine).await?).await?;
    let step = (options.contacts / options.points.max(1)).max(options.clients);
    let mut contacts = 0;
    heading(engine, options.json);
    while contacts < options.contacts {
        let until = contacts + step;
        while contacts < until {
            let customers = options.clients.min(until - contacts);
            people(&scene, customers, options.events).await?;
            contacts += customers;
        }
        let point = point(&mut scene, engine, contacts, options).await?;
        show(&point, options.json)?;
    }
    scene.clear().await
}

/// New people who do so many things each.
async fn people(scene: &Scene, customers: usize, events: usize) -> anyhow::Result<()> {
    let mut plan = scene.plan(customers, Duration::ZERO, Duration::ZERO);
    let round = plan.round.clone();
    plan.opening.extend(round.into_iter().cycle().take(events.saturating_sub(4)));
    let report = load::run(&scene.telegram, plan).await;
    anyhow::ensure!(
        report.errors == 0,
        "a customer complained: {:?}\n{}",
        report.first_error,
        scene.program.log()
    );
    scene.telegram.forget_people();
    Ok(())
}

#[allow(clippy::cast_precision_loss)]
async fn point(
    scene: &mut Scene,
    engine: Engine,
    contacts: usize,
    options: &Options,
) -> anyhow::Result<Point> {
    let plan = scene.plan(options.clients, Duration::from_secs(options.seconds), Duration::ZERO);
    let registered = load::register(&scene.telegram, &plan).await;
    let before = scene.running.cpu_us()?;
    let report = load::measure_only(registered, &plan).await;
    let used = scene.running.cpu_us()? - before;
    let peak_rss_mb = machine::peak_mb(scene.running.pid())?;
    let fresh = scene.program.serve_instead(&mut scene.running).await?;
    Ok(Point {
        bench: "growth",
        engine: engine.name(),
        contacts,
        database_mb: scene.database.bytes().await? as f64 / 1_048_576.0,
        start_ms: fresh.as_secs_f64() * 1_000.0,
        per_second: report.replies as f64 / options.seconds.max(1) as f64,
        program_cpu_us: used as f64 / report.replies.max(1) as f64,
        p99_ms: report.p99_ms,
        peak_rss_mb,
    })
}

#[allow(clippy::print_stdout)]
fn heading(engine: Engine, json: bool) {
    if !json {
        println!("growth on {}", engine.name());
        println!("  contacts  database MB  start ms  per second  CPU us  p99 ms  peak MB");
    }
}

#[allow(clippy::print_stdout)]
fn show(point: &Point, json: bool) -> anyhow::Result<()> {
    if json {
        println!("{}", serde_json::to_string(point)?);
    } else {
        println!(
            "  {:>8}  {:>11.0}  {:>8.0}  {:>10.0}  {:>6.0}  {:>6.1}  {:>7.0}",
            point.contacts,
            point.database_mb,
            point.start_ms,
            point.per_second,
            point.program_cpu_us,
            point.p99_ms,
            point.peak_rss_mb
        );
    }
    Ok(())
}
