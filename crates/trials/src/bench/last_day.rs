//! The last day of a receipt promotion: receipts arrive at one, three and ten times the pace at which the provider can
//! check them. What is measured is how fast people are told that theirs arrived, what it costs, and how long the queue
//! takes to drain; what must hold is that nothing is lost, nobody is late, and the numbers have no gap.

mod bare;
mod town;

use super::default_binary;
use crate::database::{Engine, Engines};
use crate::machine::{self, Cost};
use serde::Serialize;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use town::{Town, Wave};

/// What the benchmark takes.
#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    engines: Engines,
    /// People who take part.
    #[arg(long, default_value_t = 10_000)]
    participants: usize,
    /// Receipts of all waves together; a fifth more is sent to find the maximum rate.
    #[arg(long, default_value_t = 100_000)]
    receipts: usize,
    /// Receipts that the provider checks in a second.
    #[arg(long, default_value_t = 100)]
    pace: u64,
    /// How long the provider takes for an answer, in milliseconds.
    #[arg(long, default_value_t = 60)]
    latency: u64,
    /// Of a thousand questions, those that end in an error.
    #[arg(long, default_value_t = 20)]
    errors: u64,
    /// Of a thousand receipts of the waves, those that come as photos.
    #[arg(long, default_value_t = 20)]
    photos: u64,
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
    participants: usize,
    /// Acknowledgements a second while everybody sends as fast as they are answered.
    most_per_second: f64,
    program: Cpu,
    /// Of the bare loop, which does the same by hand and decides nothing.
    bare: Cpu,
    /// Program and database to the bare loop and its own, until told,
    told_ratio: f64,
    /// and all of it.
    cpu_ratio: f64,
    /// At 80 % of the most.
    eighty_p50_ms: f64,
    eighty_p99_ms: f64,
    waves: Vec<Waved>,
    sent: u64,
    accepted: i64,
    /// Sent, and neither accepted nor waiting.
    lost: i64,
    late: u64,
}

/// Processor time for one receipt, in microseconds.
#[derive(Debug, Clone, Copy, Serialize)]
struct Cpu {
    /// Until everybody was told that theirs arrived,
    told_us: f64,
    /// and of the server of the database; nothing for SQLite, which works inside the program.
    told_database_us: f64,
    /// Until all were checked and everybody was told what came of it,
    all_us: f64,
    /// and of the server.
    all_database_us: f64,
}

impl Cpu {
    /// Of so many receipts: what it took until they were told, and then until they were checked.
    #[allow(clippy::cast_precision_loss)]
    fn of(receipts: usize, told: Cost, checked: Cost) -> Self {
        let each = |seconds: f64| seconds * 1e6 / receipts as f64;
        Self {
            told_us: each(told.program_s),
            told_database_us: each(told.database_s),
            all_us: each(told.program_s + checked.program_s),
            all_database_us: each(told.database_s + checked.database_s),
        }
    }
    fn told(&self) -> f64 {
        self.told_us + self.told_database_us
    }
    fn all(&self) -> f64 {
        self.all_us + self.all_database_us
    }
}

impl std::fmt::Display for Cpu {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { told_us, told_database_us, all_us, all_database_us } = self;
        write!(f, "{all_us:>9.0} us CPU each, its database {all_database_us:.0}; ")?;
        write!(f, "{told_us:.0} and {told_database_us:.0} until it is told that it arrived")
    }
}

/// One wave.
#[derive(Debug, Serialize)]
struct Waved {
    times: u64,
    receipts: u64,
    acknowledged_per_second: f64,
    p50_ms: f64,
    p99_ms: f64,
    /// From the last receipt until the queue was empty.
    drained_in_s: f64,
    longest_queue: i64,
    /// The most memory that the program held meanwhile: it does not grow with the queue.
    peak_rss_mb: f64,
}

/// People who send at once to find the maximum rate.
const AT_ONCE: usize = 256;

/// Receipts by which it is found.
fn rush(options: &Options) -> usize {
    (options.receipts / 10).max(1)
}

/// Runs and prints.
pub async fn run(options: Options) -> anyhow::Result<()> {
    for engine in options.engines.each() {
        let figures = measure(engine, &options).await?;
        show(&figures, options.json)?;
    }
    Ok(())
}

#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
async fn measure(engine: Engine, options: &Options) -> anyhow::Result<Figures> {
    let database = options.engines.fresh(engine).await?;
    let mut town =
        Town::set(&options.binary, database, options.pace, options.latency, options.errors).await?;
    let begun = Instant::now();
    let tell = |what: &str| eprintln!("{:>5.0} s  {}: {what}", begun.elapsed().as_secs_f64(), engine.name());
    tell("people join");
    town.join(options.participants).await?;
    tell("receipts come as fast as they are answered, and are checked");
    // Everybody at once, as fast as they are answered.
    let pid = town.running.pid();
    let server = town.database.server;
    let rush = rush(options);
    let (most, told) = machine::cost(pid, server, town.closed(rush, AT_ONCE)).await?;
    let ((), checked) = machine::cost(pid, server, town.drain(Duration::from_secs(3_600))).await?;
    let program = Cpu::of(rush, told, checked);
    let most_per_second = most.per_second();
    tell("receipts come at 80 % of that");
    let eighty = town.open(rush, most_per_second * 0.8, 0).await?;
    town.drain(Duration::from_secs(3_600)).await?;
    let mut waves = Vec::new();
    for times in [1, 3, 10] {
        tell(&format!("receipts come at {times} x the pace"));
        machine::forget_peak(pid)?;
        let wave = town.open(options.receipts / 3, (options.pace * times) as f64, options.photos).await?;
        let ended = Instant::now();
        town.drain(Duration::from_secs(36_000)).await?;
        waves.push(Waved {
            times,
            receipts: wave.sent,
            acknowledged_per_second: wave.per_second(),
            p50_ms: wave.quantile(500),
            p99_ms: wave.quantile(990),
            drained_in_s: ended.elapsed().as_secs_f64(),
            longest_queue: wave.longest_queue,
            peak_rss_mb: machine::peak_mb(pid)?,
        });
    }
    tell("the bare loop does the same");
    let bare = bare::measure(&town.telegram, engine, options).await?;
    let (accepted, sent, late) = (town.numbers().await?, town.sent, town.late);
    let figures = Figures {
        bench: "last-day",
        engine: engine.name(),
        participants: options.participants,
        most_per_second,
        program,
        bare,
        told_ratio: program.told() / bare.told(),
        cpu_ratio: program.all() / bare.all(),
        eighty_p50_ms: eighty.quantile(500),
        eighty_p99_ms: eighty.quantile(990),
        waves,
        sent,
        accepted,
        lost: i64::try_from(sent)? - accepted,
        late,
    };
    town.clear().await?;
    Ok(figures)
}

impl Wave {
    /// Acknowledgements in a second.
    #[allow(clippy::cast_precision_loss)]
    fn per_second(&self) -> f64 {
        self.acknowledged as f64 / self.took.as_secs_f64().max(0.001)
    }
    /// In milliseconds, from the message to its acknowledgement.
    #[allow(clippy::cast_precision_loss)]
    fn quantile(&self, per_mille: usize) -> f64 {
        let at = (self.latencies_us.len() * per_mille / 1_000).min(self.latencies_us.len().saturating_sub(1));
        self.latencies_us.get(at).map_or(0.0, |latency| *latency as f64 / 1_000.0)
    }
}

#[allow(clippy::print_stdout)]
fn show(figures: &Figures, json: bool) -> anyhow::Result<()> {
    if json {
        println!("{}", serde_json::to_string(figures)?);
        return Ok(());
    }
    println!("last day on {}, {} participants", figures.engine, figures.participants);
    println!("  acknowledgements    {:>9.0} /s at most", figures.most_per_second);
    println!("  program             {}", figures.program);
    println!("  bare loop           {}", figures.bare);
    println!("  program / bare      {:>9.2}; {:.2} until then", figures.cpu_ratio, figures.told_ratio);
    println!(
        "  at 80 % of it       p50 {:.1} ms, p99 {:.1} ms",
        figures.eighty_p50_ms, figures.eighty_p99_ms
    );
    for wave in &figures.waves {
        println!(
            "  at {:>2} x the pace    {} receipts, {:.0} /s acknowledged, p50 {:.1} ms, p99 {:.1} ms; longest queue {}, \
             drained in {:.1} s; {:.0} MB",
            wave.times,
            wave.receipts,
            wave.acknowledged_per_second,
            wave.p50_ms,
            wave.p99_ms,
            wave.longest_queue,
            wave.drained_in_s,
            wave.peak_rss_mb
        );
    }
    println!(
        "  sent {}, accepted {}, lost {}, late {}",
        figures.sent, figures.accepted, figures.lost, figures.late
    );
    anyhow::ensure!(figures.lost == 0, "receipts were lost");
    anyhow::ensure!(figures.late == 0, "somebody was told to be late");
    Ok(())
}
