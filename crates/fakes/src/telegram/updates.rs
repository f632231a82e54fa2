//! What waits for a bot: numbered, filtered, brought by long polling or by webhook.

use super::Hub;
use super::params::Params;
use super::refusal::Refusal;
use super::state::State;
use super::webhook;
use bytes::Bytes;
use samovar_base::Instant;
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// Updates of one queue go one after another; different queues go side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Queue {
    /// Messages of a chat.
    Chat(i64),
    /// Presses and the rest, of a user.
    User(i64),
}

/// An update on its way.
#[derive(Debug)]
pub(crate) struct Queued {
    pub queue: Queue,
    pub at: Instant,
    pub lifetime_seconds: i64,
    /// The whole `Update` object.
    pub body: Bytes,
}

impl Queued {
    pub fn expired(&self, now: Instant) -> bool {
        now > self.at.plus_seconds(self.lifetime_seconds)
    }
}

/// The queue of a bot.
pub(crate) struct Updates {
    pub next_id: i64,
    pub pending: BTreeMap<i64, Arc<Queued>>,
    /// Confirmed already, and by a fault brought once more.
    pub again: BTreeMap<i64, Arc<Queued>>,
    /// Held back by a fault and not given out yet: a higher offset does not confirm them, or they would be lost.
    pub late: BTreeSet<i64>,
    /// `allowed_updates`; `None`: everything but the kinds left out by default.
    pub allowed: Option<BTreeSet<String>>,
    pub poll: u64,
    pub arrived: Arc<Notify>,
    last_poll: Option<(i64, tokio::time::Instant)>,
}

impl Updates {
    pub fn new(first_id: i64) -> Self {
        Self {
            next_id: first_id,
            pending: BTreeMap::new(),
            again: BTreeMap::new(),
            late: BTreeSet::new(),
            allowed: None,
            poll: 0,
            arrived: Arc::new(Notify::new()),
            last_poll: None,
        }
    }

    fn wants(&self, kind: &str) -> bool {
        match &self.allowed {
            Some(allowed) => allowed.contains(kind),
            None => !matches!(kind, "chat_member" | "message_reaction" | "message_reaction_count"),
        }
    }

    /// Remembers `allowed_updates` of a call, if it has them; an empty list means the default.
    pub fn allow(&mut self, params: &Params) {
        if let Some(list) = params.json("allowed_updates") {
            let kinds: BTreeSet<String> = list
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(ToOwned::to_owned)
                .collect();
            self.allowed = (!kinds.is_empty()).then_some(kinds);
        }
    }
}

fn lifetime_seconds(kind: &str) -> i64 {
    match kind {
        "callback_query" | "shipping_query" | "pre_checkout_query" => 150,
        "inline_query" => 30,
        _ => 24 * 60 * 60,
    }
}

/// Makes an update of `kind` for a bot. Not made at all when the bot does not want the kind.
pub(crate) fn push(
    hub: &Arc<Hub>,
    state: &mut State,
    bot: usize,
    kind: &str,
    queue: Queue,
    payload: &impl Serialize,
) {
    let updates = &mut state.bots[bot].updates;
    if !updates.wants(kind) {
        return;
    }
    let id = updates.next_id;
    updates.next_id += 1;
    let mut body = format!("{{\"update_id\":{id},\"{kind}\":").into_bytes();
    // Writing JSON into memory cannot fail.
    let _ = serde_json::to_writer(&mut body, payload);
    body.push(b'}');
    let body = body.into();
    let queued = Queued { queue, at: hub.now(), lifetime_seconds: lifetime_seconds(kind), body };
    match state.dice.delay() {
        None => place(hub, state, bot, id, queued),
        Some(delay) => {
            let hub = Arc::clone(hub);
            tokio::spawn(async move {
                tokio::time::sleep(delay).await;
                let mut state = hub.lock();
                state.bots[bot].updates.late.insert(id);
                place(&hub, &mut state, bot, id, queued);
            });
        }
    }
}

fn place(hub: &Arc<Hub>, state: &mut State, bot: usize, id: i64, queued: Queued) {
    let queue = queued.queue;
    let updates = &mut state.bots[bot].updates;
    updates.pending.insert(id, Arc::new(queued));
    updates.arrived.notify_waiters();
    webhook::wake(hub, state, bot, queue, id);
}

/// `getUpdates`: the whole answer, ready to be written.
pub(crate) async fn poll(hub: &Arc<Hub>, bot: usize, params: &Params) -> Result<Bytes, Refusal> {
    let limit = usize::try_from(params.integer("limit").unwrap_or(100).clamp(1, 100)).unwrap_or(100);
    let timeout = u64::try_from(params.integer("timeout").unwrap_or(0).clamp(0, 50)).unwrap_or(0);
    let (ticket, wait) = begin(hub, bot, params, Duration::from_secs(timeout))?;
    let deadline = tokio::time::Instant::now() + wait;
    loop {
        let arrived = Arc::clone(&hub.lock().bots[bot].updates.arrived);
        let mut notified = std::pin::pin!(arrived.notified());
        notified.as_mut().enable();
        if let Some(answer) = take(hub, bot, ticket, limit)? {
            return Ok(answer);
        }
        tokio::select! {
            () = notified => {}
            () = hub.stop.cancelled() => return Err(Refusal::new(500, "Internal Server Error: request aborted")),
            () = tokio::time::sleep_until(deadline) => return Ok(Bytes::from_static(br#"{"ok":true,"result":[]}"#)),
        }
    }
}

/// Confirms by the offset and turns an earlier poll out.
fn begin(hub: &Hub, bot: usize, params: &Params, timeout: Duration) -> Result<(u64, Duration), Refusal> {
    let mut state = hub.lock();
    let state = &mut *state;
    if state.bots[bot].webhook.is_some() {
        return Err(Refusal::conflict(
            "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
        ));
    }
    let dice = Arc::clone(&state.dice);
    let updates = &mut state.bots[bot].updates;
    updates.allow(params);
    let offset = params.integer("offset").unwrap_or(0);
    confirm(updates, offset, |_| dice.strikes(dice.faults.doubled));
    let now = tokio::time::Instant::now();
    let slow = 3 * hub.config.retry_second;
    let hurried = updates.last_poll.is_some_and(|(last, at)| last == offset && now.duration_since(at) < slow);
    updates.last_poll = Some((offset, now));
    updates.poll += 1;
    updates.arrived.notify_waiters();
    Ok((updates.poll, if hurried { timeout.max(slow) } else { timeout }))
}

fn confirm(updates: &mut Updates, offset: i64, doubled: impl Fn(i64) -> bool) {
    let keep_from = match offset {
        0 => return,
        offset if offset > 0 => offset,
        last => {
            let keep = usize::try_from(last.unsigned_abs()).unwrap_or(usize::MAX);
            let skip = updates.pending.len().saturating_sub(keep);
            updates.pending.keys().nth(skip).copied().unwrap_or(updates.next_id)
        }
    };
    let kept = updates.pending.split_off(&keep_from);
    let mut confirmed = std::mem::replace(&mut updates.pending, kept);
    for id in updates.late.range(..keep_from) {
        updates.pending.extend(confirmed.remove_entry(id));
    }
    updates.again.extend(confirmed.into_iter().filter(|(id, _)| doubled(*id)));
}

fn take(hub: &Hub, bot: usize, ticket: u64, limit: usize) -> Result<Option<Bytes>, Refusal> {
    let now = hub.now();
    let mut state = hub.lock();
    let state = &mut *state;
    let dice = Arc::clone(&state.dice);
    let bot = &mut state.bots[bot];
    if bot.webhook.is_some() {
        return Err(Refusal::conflict("terminated by setWebhook request"));
    }
    let updates = &mut bot.updates;
    if updates.poll != ticket {
        return Err(Refusal::conflict(
            "terminated by other getUpdates request; make sure that only one bot instance is running",
        ));
    }
    updates.pending.retain(|_, queued| !queued.expired(now));
    let again = std::mem::take(&mut updates.again);
    let given = again.iter().chain(&updates.pending).take(limit);
    let mut bodies: Vec<&Bytes> =
        given.map(|(id, queued)| (updates.late.remove(id), &queued.body).1).collect();
    if bodies.is_empty() {
        return Ok(None);
    }
    if dice.strikes(dice.faults.reordered) {
        bodies.reverse();
    }
    let mut answer = Vec::with_capacity(32 + bodies.iter().map(|body| body.len() + 1).sum::<usize>());
    answer.extend_from_slice(br#"{"ok":true,"result":["#);
    for (at, body) in bodies.into_iter().enumerate() {
        if at > 0 {
            answer.push(b',');
        }
        answer.extend_from_slice(body);
    }
    answer.extend_from_slice(b"]}");
    Ok(Some(answer.into()))
}
