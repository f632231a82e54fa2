//! What processes have used, from `/proc`.

use anyhow::Context;
use serde::Serialize;
use std::fs;
use std::time::Instant;

/// Clock ticks of the kernel's accounts in a second; 100 on every Linux this runs on.
const TICKS: u64 = 100;

/// Processor time of a process so far, in microseconds: its own and that of its children that have ended.
pub fn cpu_us(pid: u32) -> anyhow::Result<u64> {
    let stat =
        fs::read_to_string(format!("/proc/{pid}/stat")).with_context(|| format!("process {pid} is gone"))?;
    let fields = after_name(&stat);
    let ticks: u64 = (11..=14).filter_map(|at| fields.get(at)?.parse::<u64>().ok()).sum();
    Ok(ticks * 1_000_000 / TICKS)
}

/// What something took, in seconds.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Cost {
    /// Of time.
    pub seconds: f64,
    /// Of the processor, by the process that did it,
    pub program_s: f64,
    /// and by the server of its database.
    pub database_s: f64,
}

impl std::ops::Add for Cost {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            seconds: self.seconds + other.seconds,
            program_s: self.program_s + other.program_s,
            database_s: self.database_s + other.database_s,
        }
    }
}

impl Cost {
    /// Of the processor, by both.
    pub fn processor_s(&self) -> f64 {
        self.program_s + self.database_s
    }
}

/// What some work gives, and what it took of a process, whose children count when they have ended, and of a server with
/// its children.
pub async fn cost<T>(
    pid: u32,
    server: Option<u32>,
    work: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<(T, Cost)> {
    let cpu = || Ok::<_, anyhow::Error>((cpu_us(pid)?, server.map_or(0, family_cpu_us)));
    let (before, begun) = (cpu()?, Instant::now());
    let given = work.await?;
    let (seconds, after) = (begun.elapsed().as_secs_f64(), cpu()?);
    #[allow(clippy::cast_precision_loss)]
    let spent = |after: u64, before: u64| after.saturating_sub(before) as f64 / 1e6;
    Ok((given, Cost { seconds, program_s: spent(after.0, before.0), database_s: spent(after.1, before.1) }))
}

/// The most memory a process has held so far, in MiB.
#[allow(clippy::cast_precision_loss)]
pub fn peak_mb(pid: u32) -> anyhow::Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).context("no VmHWM")?;
    let kib: u64 = line.split_whitespace().nth(1).context("no number")?.parse()?;
    Ok(kib as f64 / 1024.0)
}

/// Forgets the peak of a process so far: the next one counts from what it holds now.
pub fn forget_peak(pid: u32) -> anyhow::Result<()> {
    fs::write(format!("/proc/{pid}/clear_refs"), "5").context("the peak of memory cannot be reset")
}

/// Processor time of a server and all its children, in microseconds.
pub fn family_cpu_us(parent: u32) -> u64 {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let family = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    family
        .filter(|pid| *pid == parent || parent_of(*pid) == Some(parent))
        .filter_map(|pid| cpu_us(pid).ok())
        .sum()
}

/// The parent of a process.
pub fn parent_of(pid: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    after_name(&stat).get(1)?.parse().ok()
}

/// The fields after the name in brackets, which may hold blanks.
fn after_name(stat: &str) -> Vec<&str> {
    stat.rsplit_once(')').map(|(_, rest)| rest.split_whitespace().collect()).unwrap_or_default()
}
