//! Two nodes on one database: when one is killed, the other has everything as soon as the leases have ended.

use super::stage::Stage;
use super::{Common, Report, end, middle, pause, verdict};
use crate::database::Engine;
use crate::program::Running;
use anyhow::{Context, ensure};
use samovar_base::Chance;
use std::time::{Duration, Instant};

/// How long both work side by side before one is killed.
const TOGETHER_MIN_MS: u64 = 300;
const TOGETHER_MAX_MS: u64 = 2_500;
/// A lease of nine seconds, the three between two renewals, and room for a slow machine.
const TAKEN_OVER_WITHIN: Duration = Duration::from_secs(20);
const SHARED_WITHIN: Duration = Duration::from_secs(20);
/// Load and faults go on for so long after the last change.
const LAST_LIFE: Duration = Duration::from_secs(3);

/// What the trial takes.
#[derive(clap::Args)]
pub struct Options {
    /// How often one of the two is killed.
    #[arg(long, default_value_t = 20)]
    kills: u64,
    #[command(flatten)]
    common: Common,
}

/// Runs and prints; fails when anything was lost or done twice, or not taken over.
pub async fn run(options: Options) -> anyhow::Result<()> {
    let common = &options.common;
    let seed = common.seed();
    eprintln!("nodes on postgres: seed {seed}");
    let stage = Stage::set(&common.binary, common.server.fresh(Engine::Postgres).await?, seed).await?;
    let chance = Chance::from_seed(seed);
    let mut nodes = vec![stage.program.serve(None).await?, stage.program.serve(None).await?];
    stage.front.lead_to(nodes.iter().map(|node| node.base.clone()).collect());
    stage.open().await?;
    let load = stage.load(common.many)?;

    let begun = Instant::now();
    let mut taken_over = Vec::new();
    until_shared(&stage).await?;
    for _ in 0..options.kills {
        pause(TOGETHER_MIN_MS + chance.below(TOGETHER_MAX_MS - TOGETHER_MIN_MS)).await;
        let victim = usize::try_from(chance.below(2))?;
        taken_over.push(without(&stage, &mut nodes, victim).await?.as_secs_f64() * 1_000.0);
        until_shared(&stage).await?;
    }
    let seconds = begun.elapsed().as_secs_f64();
    tokio::time::sleep(LAST_LIFE).await;
    let mut ended = stage.settle(load).await?;
    for node in nodes {
        node.stop()?;
    }
    verdict::doctor(&stage.program, &mut ended.wrongs)?;
    let figures = verdict::give(&stage.books, &ended.known, &mut ended.wrongs).await?;
    let report = Report {
        trial: "nodes",
        engine: Engine::Postgres.name(),
        seed,
        kills: options.kills,
        seconds,
        back_p50_ms: middle(&mut taken_over),
        back_max_ms: taken_over.last().copied().unwrap_or_default(),
        settled_in_seconds: ended.settled_in.as_secs_f64(),
        figures,
        wrong: ended.wrongs.lines().to_vec(),
    };
    end(stage, &report, common.json).await
}

/// Kills one, waits until the other has all conversations, and starts it again; tells how long the waiting was.
async fn without(stage: &Stage, nodes: &mut Vec<Running>, victim: usize) -> anyhow::Result<Duration> {
    nodes.remove(victim).kill()?;
    let killed = Instant::now();
    let all = |shares: &[i64]| shares.len() == 1;
    await_shares(stage, TAKEN_OVER_WITHIN, all).await.context("the other node did not take over")?;
    let took = killed.elapsed();
    nodes.push(stage.program.serve(None).await?);
    stage.front.lead_to(nodes.iter().map(|node| node.base.clone()).collect());
    Ok(took)
}

async fn until_shared(stage: &Stage) -> anyhow::Result<()> {
    let even = |shares: &[i64]| shares.len() == 2 && shares[0] == shares[1];
    await_shares(stage, SHARED_WITHIN, even).await.context("the nodes did not share the conversations")
}

/// How many buckets each living holder has; those whose lease has ended count for nobody.
async fn await_shares(stage: &Stage, within: Duration, so: impl Fn(&[i64]) -> bool) -> anyhow::Result<()> {
    let begun = Instant::now();
    let mut shares = Vec::new();
    while begun.elapsed() < within {
        let rows = stage
            .books
            .rows(
                "SELECT holder, COUNT(*) FROM store_lease WHERE name LIKE 'bucket/%' AND holder <> ''
                 AND until > EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 GROUP BY holder",
            )
            .await?;
        shares = rows.iter().map(|row| row.int(1)).collect();
        if shares.iter().sum::<i64>() == 32 && so(&shares) {
            return Ok(());
        }
        pause(20).await;
    }
    ensure!(false, "the shares are {shares:?} after {within:?}");
    Ok(())
}
