//! The bare loop in the place of the program: the same receipts, checked by the same service at the same pace.

use super::town::{checks, sends};
use super::{AT_ONCE, Cpu, Options, rush};
use crate::bench::bare::Loop;
use crate::database::Engine;
use crate::machine;
use anyhow::ensure;
use futures::{StreamExt, TryStreamExt};
use samovar_fakes::telegram::{Conversation, Telegram};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// People at most: the bare loop knows nobody.
const PEOPLE_MAX: usize = 1_000;
/// Longest wait until everything is checked.
const PATIENCE: Duration = Duration::from_secs(3_600);

/// As many receipts as the program is measured with, as fast as they are answered.
pub(super) async fn measure(telegram: &Telegram, engine: Engine, options: &Options) -> anyhow::Result<Cpu> {
    let checks = checks(options.latency).await?;
    let (address, pace) = (checks.base_url(), options.pace.to_string());
    let told_to = ["--checks", &address, "--pace", &pace];
    let bare = Loop::start(telegram, options.engines.fresh(engine).await?, &told_to).await?;
    let people = options.participants.min(PEOPLE_MAX);
    let chats: Arc<Vec<Conversation>> = Arc::new(
        (0..people).map(|number| telegram.person(&format!("Guest {number}")).chat(&bare.bot)).collect(),
    );
    let (pid, server) = (bare.pid(), bare.database.server);
    let rush = rush(options);
    let receipts = rush as u64;
    let ((), told) = machine::cost(pid, server, tell(&chats, receipts)).await?;
    let ((), checked) = machine::cost(pid, server, finish(&chats, 2 * receipts)).await?;
    bare.clear().await?;
    Ok(Cpu::of(rush, told, checked))
}

async fn tell(chats: &Arc<Vec<Conversation>>, receipts: u64) -> anyhow::Result<()> {
    let sends = sends(chats, 1..receipts + 1, HashMap::new());
    let told = futures::stream::iter(sends).buffer_unordered(AT_ONCE);
    told.try_for_each(|_| std::future::ready(Ok(()))).await
}

/// Waits until so many messages came.
async fn finish(chats: &[Conversation], messages: u64) -> anyhow::Result<()> {
    let begun = Instant::now();
    while chats.iter().map(Conversation::posted).sum::<u64>() < messages {
        ensure!(begun.elapsed() < PATIENCE, "the bare loop does not come to an end");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    Ok(())
}
