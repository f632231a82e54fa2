//! A shop with a running promotion, people who send receipts, and a provider that checks them.

use crate::api::Api;
use crate::bench::{TOKEN, await_webhook, company};
use crate::database::Database;
use crate::program::{Program, Running};
use crate::promotion::{
    self, ASKED, JOIN, JOINED, LATE, PHOTO_RECEIVED, Promotion, RECEIVED, check_by, code, generous,
};
use anyhow::{bail, ensure};
use futures::StreamExt;
use samovar_fakes::receipt_check::{Checks, Config as ChecksConfig, Fate, Invented};
use samovar_fakes::telegram::{BotHandle, Cannot, ChatView, Config, Conversation, Telegram};
use samovar_testkit::photos::photo_of;
use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The longer side of a photo as messengers send it.
const PHOTO_SIDE: usize = 1_280;
/// People who join at once.
const JOINING: usize = 128;
/// How often it is asked whether everything is checked: seldom, for the answer is counted.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Longest wait for an acknowledgement.
const PATIENCE: Duration = Duration::from_secs(120);

/// Everything that is running.
pub struct Town {
    pub database: Database,
    pub telegram: Telegram,
    pub running: Running,
    /// Receipts sent so far.
    pub sent: u64,
    /// Acknowledgements that said that it was too late.
    pub late: u64,
    bot: BotHandle,
    program: Program,
    _checks: Checks,
    promotion: Promotion,
    chats: Arc<Vec<Conversation>>,
}

/// What came of receipts that were sent together.
pub struct Wave {
    pub sent: u64,
    pub acknowledged: u64,
    /// Sorted.
    pub latencies_us: Vec<u64>,
    pub took: Duration,
    pub longest_queue: i64,
}

impl Town {
    /// A program of its own on that database, with a promotion that takes every receipt.
    pub async fn set(
        binary: &Path,
        database: Database,
        pace: u64,
        latency: u64,
        errors: u64,
    ) -> anyhow::Result<Self> {
        let telegram = Telegram::start(Config::for_load()).await?;
        let bot = telegram.bot(TOKEN, "samovar_promotion_bot");
        let program = Program::new(binary, &database)?;
        program.apply(
            &company(&telegram.base_url(), &[promotion::KEY]),
            &[(promotion::KEY, promotion::SCENARIO)],
        )?;
        let running = program.serve(None).await?;
        await_webhook(&bot).await?;
        let checks = checks(latency).await?;
        checks.set_faults(&[(Fate::Status(502), errors / 2), (Fate::Garbage, errors - errors / 2)]);
        // As many at once as its pace takes with that latency, and twice that for its slow answers.
        let at_once = (pace * latency * 3 / 1_000).clamp(4, 256);
        let api = Api::new(&running.base)?;
        check_by(&api, &checks, (pace * 60).min(60_000), at_once).await?;
        let promotion = Promotion::start(api, generous(&[])).await?;
        Ok(Self {
            database,
            telegram,
            running,
            sent: 0,
            late: 0,
            bot,
            program,
            _checks: checks,
            promotion,
            chats: Arc::default(),
        })
    }

    /// So many people accept the rules.
    pub async fn join(&mut self, people: usize) -> anyhow::Result<()> {
        let chats: Vec<Conversation> = (0..people)
            .map(|number| self.telegram.person(&format!("Guest {number}")).chat(&self.bot))
            .collect();
        let mut joining = futures::stream::iter(chats.clone()).map(join).buffer_unordered(JOINING);
        while let Some(joined) = joining.next().await {
            joined?;
        }
        drop(joining);
        self.chats = Arc::new(chats);
        Ok(())
    }

    /// So many receipts, by so many people at once, each as soon as the one before was acknowledged.
    pub async fn closed(&mut self, receipts: usize, at_once: usize) -> anyhow::Result<Wave> {
        let begun = Instant::now();
        let numbers = self.next(receipts);
        let sends = sends(&self.chats, numbers, HashMap::new());
        let told = futures::stream::iter(sends).buffer_unordered(at_once).collect().await;
        self.wave(told, begun, 0)
    }

    /// So many receipts, of a thousand so many as photos, so many in a second, whatever comes of them.
    #[allow(clippy::cast_precision_loss)]
    pub async fn open(&mut self, receipts: usize, per_second: f64, photos: u64) -> anyhow::Result<Wave> {
        let numbers = self.next(receipts);
        let photos = taken(numbers.clone(), photos).await?;
        let begun = Instant::now();
        let mut tasks = Vec::with_capacity(receipts);
        let mut longest = 0;
        let mut looked = Instant::now();
        for (number, send) in sends(&self.chats, numbers, photos).into_iter().enumerate() {
            let due = begun + Duration::from_secs_f64(number as f64 / per_second.max(1.0));
            tokio::time::sleep_until(due.into()).await;
            tasks.push(tokio::spawn(send));
            if looked.elapsed() > Duration::from_secs(1) {
                looked = Instant::now();
                longest = longest.max(self.queue().await?);
            }
        }
        let mut told = Vec::with_capacity(tasks.len());
        for task in tasks {
            told.push(task.await?);
        }
        longest = longest.max(self.queue().await?);
        self.wave(told, begun, longest)
    }

    fn next(&mut self, receipts: usize) -> Range<u64> {
        let first = self.sent;
        self.sent += receipts as u64;
        first + 1..self.sent + 1
    }

    fn wave(
        &mut self,
        told: Vec<anyhow::Result<(u64, bool)>>,
        begun: Instant,
        longest_queue: i64,
    ) -> anyhow::Result<Wave> {
        let took = begun.elapsed();
        let sent = told.len() as u64;
        let mut latencies_us = Vec::with_capacity(told.len());
        for one in told {
            let (latency, late) = one?;
            latencies_us.push(latency);
            self.late += u64::from(late);
        }
        latencies_us.sort_unstable();
        Ok(Wave { sent, acknowledged: latencies_us.len() as u64, latencies_us, took, longest_queue })
    }

    /// Waits until nothing waits.
    pub async fn drain(&self, patience: Duration) -> anyhow::Result<()> {
        let begun = Instant::now();
        while self.queue().await? > 0 {
            ensure!(begun.elapsed() < patience, "the queue does not drain:\n{}", self.program.log());
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Ok(())
    }

    /// Receipts that wait.
    async fn queue(&self) -> anyhow::Result<i64> {
        self.promotion.queue().await
    }

    /// Numbers given out, by the promotion's own count.
    pub async fn numbers(&self) -> anyhow::Result<i64> {
        self.promotion.tickets().await
    }

    /// Stops and removes everything.
    pub async fn clear(self) -> anyhow::Result<()> {
        self.running.stop()?;
        self.program.clean();
        self.database.drop().await
    }
}

/// Receipts of these numbers, by one person after another; as photos where there are such.
pub fn sends(
    chats: &Arc<Vec<Conversation>>,
    numbers: Range<u64>,
    mut photos: HashMap<u64, Vec<u8>>,
) -> Vec<impl Future<Output = anyhow::Result<(u64, bool)>> + Send + use<>> {
    let send = |number: u64| {
        let chat = chats[usize::try_from(number).unwrap_or_default() % chats.len()].clone();
        send(chat, number, photos.remove(&number))
    };
    numbers.map(send).collect()
}

/// Photos of so many of a thousand receipts, by their numbers.
async fn taken(numbers: Range<u64>, of_thousand: u64) -> anyhow::Result<HashMap<u64, Vec<u8>>> {
    let take = |number| (number, photo_of(&code(number), number, PHOTO_SIDE).jpeg());
    let photographers = std::thread::available_parallelism()?.get();
    let pictured = numbers.filter(|number| number * of_thousand % 1_000 < of_thousand).collect::<Vec<_>>();
    let shares = pictured.chunks(pictured.len().div_ceil(photographers).max(1)).map(<[u64]>::to_vec);
    let taking =
        shares.map(|share| tokio::task::spawn_blocking(move || share.into_iter().map(take).collect()));
    let taken: Vec<Vec<_>> = futures::future::try_join_all(taking).await?;
    Ok(taken.into_iter().flatten().collect())
}

/// A service that checks whatever it is asked, with that latency.
pub async fn checks(latency: u64) -> anyhow::Result<Checks> {
    let latency = Duration::from_millis(latency);
    let config = ChecksConfig {
        invented: Some(Invented::default()),
        latency,
        latency_spread: latency,
        ..ChecksConfig::default()
    };
    Ok(Checks::start(config).await?)
}

async fn join(chat: Conversation) -> anyhow::Result<()> {
    let says = |view: &ChatView, words: &str| {
        view.messages.iter().any(|one| one.from_bot && one.text.contains(words))
    };
    chat.starts(None).map_err(cannot)?;
    chat.sees("the rules", |view| says(view, ASKED)).await.map_err(cannot)?;
    chat.presses(JOIN).map_err(cannot)?;
    chat.sees("that they take part", |view| says(view, JOINED)).await.map_err(cannot)?;
    Ok(())
}

fn cannot(cannot: Cannot) -> anyhow::Error {
    anyhow::anyhow!("{cannot}")
}

/// Sends the receipt of that number and waits for what is said to it: microseconds, and whether it was called late.
async fn send(chat: Conversation, number: u64, photo: Option<Vec<u8>>) -> anyhow::Result<(u64, bool)> {
    let mut posted = chat.posted();
    let begun = Instant::now();
    match photo {
        Some(photo) => chat.sends_photo(photo, ""),
        None => chat.says(&code(number)),
    }
    .map_err(cannot)?;
    while begun.elapsed() < PATIENCE {
        chat.posts_more_than(posted).await.map_err(cannot)?;
        let latency = u64::try_from(begun.elapsed().as_micros())?;
        let now = chat.posted();
        let view = chat.view();
        let posts = usize::try_from(now.saturating_sub(posted).max(1))?;
        let fresh = view.messages.iter().rev().filter(|one| one.from_bot).take(posts);
        for message in fresh {
            if message.text.contains(RECEIVED) || message.text.contains(PHOTO_RECEIVED) {
                return Ok((latency, false));
            }
            if message.text.contains(LATE) {
                return Ok((latency, true));
            }
        }
        posted = now;
    }
    bail!("receipt {number} was not acknowledged")
}
