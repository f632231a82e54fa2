//! Closed-loop customers: each does one thing, waits for the bot's reply, and does the next.

use super::people::{Cannot, Conversation};
use super::{BotHandle, Telegram};
use serde::Serialize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What a customer does; the bot has replied when it sent or edited a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Sends `/start`, with a payload unless it is empty.
    Start(String),
    /// Sends a text.
    Say(String),
    /// Presses the newest button with that label, part of a label, or data.
    Press(String),
    /// Shares the own phone number.
    SharePhone,
}

/// A run.
#[derive(Clone)]
pub struct Plan {
    /// The bots; customers are spread over them evenly.
    pub bots: Vec<BotHandle>,
    /// How many customers at once.
    pub customers: usize,
    /// What each does once, before the measuring: registration.
    pub opening: Vec<Action>,
    /// What each does over and over.
    pub round: Vec<Action>,
    /// How long the measuring lasts; it begins when all openings are over.
    pub measured: Duration,
    /// Time between the reply and the next action; zero for full load.
    pub think: Duration,
}

/// What came of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Report {
    /// Replies within the measured time.
    pub replies: u64,
    /// Replies in each whole second of it.
    pub per_second: Vec<u64>,
    /// Milliseconds from the update to the reply: half were faster.
    pub p50_ms: f64,
    /// 95 of 100 were faster.
    pub p95_ms: f64,
    /// 99 of 100 were faster.
    pub p99_ms: f64,
    /// The slowest.
    pub max_ms: f64,
    /// Actions that got no reply in time or could not be done, with the first complaint.
    pub errors: u64,
    /// The first complaint.
    pub first_error: Option<String>,
    /// How long the openings took all together, in seconds.
    pub opening_seconds: f64,
}

#[derive(Default)]
struct Tally {
    /// Second of the measured time and latency, both counted from the action.
    latencies_us: Vec<(u64, u64)>,
    errors: u64,
    first_error: Option<String>,
}

impl Tally {
    fn complain(&mut self, cannot: &Cannot) {
        self.errors += 1;
        if self.first_error.is_none() {
            self.first_error = Some(cannot.to_string());
        }
    }
    fn join(&mut self, other: Self) {
        self.latencies_us.extend(other.latencies_us);
        self.errors += other.errors;
        self.first_error = self.first_error.take().or(other.first_error);
    }
}

/// Customers whose openings are over.
pub struct Registered {
    chats: Vec<Conversation>,
    tally: Tally,
    opening_seconds: f64,
}

/// Runs a plan. The bots must be reachable already: webhook set, or polling.
pub async fn run(telegram: &Telegram, plan: Plan) -> Report {
    let registered = register(telegram, &plan).await;
    measure_only(registered, &plan).await
}

/// The first part of a run: everybody's opening.
pub async fn register(telegram: &Telegram, plan: &Plan) -> Registered {
    let plan = Arc::new(plan.clone());
    let chats: Vec<Conversation> = (0..plan.customers)
        .map(|number| {
            telegram.person(&format!("Customer {number}")).chat(&plan.bots[number % plan.bots.len()])
        })
        .collect();
    let total = Arc::new(Mutex::new(Tally::default()));
    let opened = Instant::now();
    each(&chats, |chat| open(Arc::clone(&plan), chat, Arc::clone(&total))).await;
    let tally = std::mem::take(&mut *total.lock().unwrap_or_else(PoisonError::into_inner));
    Registered { chats, tally, opening_seconds: opened.elapsed().as_secs_f64() }
}

/// The second part: the rounds.
pub async fn measure_only(registered: Registered, plan: &Plan) -> Report {
    let plan = Arc::new(plan.clone());
    let total = Arc::new(Mutex::new(registered.tally));
    let begin = Instant::now();
    each(&registered.chats, |chat| measure(Arc::clone(&plan), chat, begin, Arc::clone(&total))).await;
    let tally = std::mem::take(&mut *total.lock().unwrap_or_else(PoisonError::into_inner));
    report(tally, plan.measured, registered.opening_seconds)
}

async fn each<F>(chats: &[Conversation], what: impl Fn(Conversation) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let tasks: Vec<_> = chats.iter().map(|chat| tokio::spawn(what(chat.clone()))).collect();
    futures::future::join_all(tasks).await;
}

async fn open(plan: Arc<Plan>, chat: Conversation, total: Arc<Mutex<Tally>>) {
    for action in &plan.opening {
        if let Err(cannot) = act_when_possible(&chat, action).await {
            total.lock().unwrap_or_else(PoisonError::into_inner).complain(&cannot);
        }
    }
}

/// A button may stand under the second of two messages: it is waited for.
async fn act_when_possible(chat: &Conversation, action: &Action) -> Result<(), Cannot> {
    loop {
        let posted = chat.posted();
        match act(chat, action).await {
            Err(Cannot::NoButton { .. }) => chat.posts_more_than(posted).await?,
            other => return other,
        }
    }
}

async fn measure(plan: Arc<Plan>, chat: Conversation, begin: Instant, total: Arc<Mutex<Tally>>) {
    let mut tally = Tally::default();
    'run: loop {
        for action in &plan.round {
            let before = Instant::now();
            if before.duration_since(begin) >= plan.measured {
                break 'run;
            }
            match act(&chat, action).await {
                Ok(()) => {
                    let second = begin.elapsed().as_secs();
                    let latency = u64::try_from(before.elapsed().as_micros()).unwrap_or(u64::MAX);
                    tally.latencies_us.push((second, latency));
                }
                Err(cannot) => tally.complain(&cannot),
            }
            if !plan.think.is_zero() {
                tokio::time::sleep(plan.think).await;
            }
        }
    }
    total.lock().unwrap_or_else(PoisonError::into_inner).join(tally);
}

async fn act(chat: &Conversation, action: &Action) -> Result<(), Cannot> {
    let posted = chat.posted();
    match action {
        Action::Start(payload) => {
            chat.starts(Some(payload.as_str()).filter(|payload| !payload.is_empty())).map(drop)?
        }
        Action::Say(words) => chat.says(words).map(drop)?,
        Action::Press(wanted) => chat.presses(wanted).map(drop)?,
        Action::SharePhone => chat.shares_phone().map(drop)?,
    }
    chat.posts_more_than(posted).await
}

fn report(tally: Tally, measured: Duration, opening_seconds: f64) -> Report {
    let within = |second: u64| second < measured.as_secs().max(1);
    let mut per_second = vec![0; usize::try_from(measured.as_secs()).unwrap_or(0)];
    let mut latencies: Vec<u64> = Vec::with_capacity(tally.latencies_us.len());
    for (second, latency) in tally.latencies_us.into_iter().filter(|(second, _)| within(*second)) {
        latencies.push(latency);
        if let Some(count) = usize::try_from(second).ok().and_then(|second| per_second.get_mut(second)) {
            *count += 1;
        }
    }
    latencies.sort_unstable();
    Report {
        replies: latencies.len() as u64,
        per_second,
        p50_ms: quantile(&latencies, 500),
        p95_ms: quantile(&latencies, 950),
        p99_ms: quantile(&latencies, 990),
        max_ms: quantile(&latencies, 1_000),
        errors: tally.errors,
        first_error: tally.first_error,
        opening_seconds,
    }
}

/// In milliseconds, of sorted microseconds; zero of nothing.
#[allow(clippy::cast_precision_loss)]
fn quantile(sorted: &[u64], per_mille: usize) -> f64 {
    let at = (sorted.len() * per_mille / 1_000).min(sorted.len().saturating_sub(1));
    sorted.get(at).map_or(0.0, |latency| *latency as f64 / 1_000.0)
}
