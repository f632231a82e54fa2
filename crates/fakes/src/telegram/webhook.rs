//! Bringing updates to a webhook: one after another within a queue, queues side by side, repeated until confirmed.

use super::methods::{Answer, Reply};
use super::params::Params;
use super::refusal::Refusal;
use super::state::State;
use super::updates::{Queue, Queued};
use super::{Hub, methods};
use bytes::Bytes;
use hyper::Uri;
use samovar_base::Instant;
use serde_json::{Map, Value, json};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// A webhook keeps answering 410 for so long, and it is removed.
const GONE_SECONDS: i64 = 23 * 60 * 60;
/// Longest `Retry-After` that is honoured.
const MAX_RETRY_AFTER: u64 = 3_600;
/// Longest pause between repeats begins here and is random up to twice as much.
const MAX_PAUSE: u64 = 60;

/// A webhook of a bot.
pub(crate) struct Webhook {
    url: Uri,
    secret: Option<String>,
    max_connections: usize,
    certificate: bool,
    ip_address: Option<String>,
    /// Another webhook set later has another one; its queues are not this one's.
    generation: u64,
    permits: Arc<Semaphore>,
    /// A queue is here as long as its courier is on the way.
    queues: HashMap<Queue, VecDeque<i64>>,
    last_error: Option<(Instant, String)>,
    gone_since: Option<Instant>,
}

/// `setWebhook`; an empty address removes it.
pub(crate) fn set(hub: &Arc<Hub>, state: &mut State, bot: usize, params: &Params) -> Answer {
    let Some(address) = params.text("url") else { return remove(state, bot, params) };
    let now = hub.now();
    let too_soon = state.bots[bot].webhook_set_at.is_some_and(|at| now.millis_since(at) < 1_000);
    if too_soon && hub.config.paces.is_some() {
        return Err(Refusal::too_many(1));
    }
    state.bots[bot].webhook_set_at = Some(now);
    let url = checked_url(&address)?;
    let secret = params.text("secret_token").map(std::borrow::Cow::into_owned);
    check_secret(secret.as_deref().unwrap_or_default())?;
    let certificate = params.file("certificate");
    if let Some(part) = certificate.filter(|part| part.bytes.len() > 3 << 20) {
        let text = format!("certificate size is too big ({} bytes)", part.bytes.len());
        return Err(Refusal::bad_request(text));
    }
    let asked = params.integer("max_connections").unwrap_or(40).clamp(1, 100);
    let max_connections = hub.config.webhook_connections.unwrap_or(usize::try_from(asked).unwrap_or(40));
    let webhook = Webhook {
        url,
        secret,
        max_connections,
        certificate: certificate.is_some(),
        ip_address: params.text("ip_address").map(std::borrow::Cow::into_owned),
        generation: hub.next_generation(),
        permits: Arc::new(Semaphore::new(max_connections)),
        queues: HashMap::new(),
        last_error: None,
        gone_since: None,
    };
    let bot_state = &mut state.bots[bot];
    if params.flag("drop_pending_updates") {
        bot_state.updates.pending.clear();
    }
    bot_state.updates.allow(params);
    bot_state.webhook = Some(webhook);
    bot_state.updates.arrived.notify_waiters();
    let waiting: Vec<(i64, Queue)> =
        bot_state.updates.pending.iter().map(|(id, one)| (*id, one.queue)).collect();
    for (id, queue) in waiting {
        wake(hub, state, bot, queue, id);
    }
    Ok(Reply::TRUE)
}

/// `deleteWebhook`.
pub(crate) fn remove(state: &mut State, bot: usize, params: &Params) -> Answer {
    let bot = &mut state.bots[bot];
    if params.flag("drop_pending_updates") {
        bot.updates.pending.clear();
    }
    bot.webhook = None;
    Ok(Reply::TRUE)
}

/// `getWebhookInfo`.
pub(crate) fn info(state: &State, bot: usize) -> Value {
    let bot = &state.bots[bot];
    let pending = bot.updates.pending.len();
    let Some(webhook) = &bot.webhook else {
        return json!({"url": "", "has_custom_certificate": false, "pending_update_count": pending});
    };
    let mut info = Map::new();
    info.insert("url".into(), json!(webhook.url.to_string()));
    info.insert("has_custom_certificate".into(), json!(webhook.certificate));
    info.insert("pending_update_count".into(), json!(pending));
    info.insert("max_connections".into(), json!(webhook.max_connections));
    info.insert("ip_address".into(), json!(webhook.ip_address.as_deref().unwrap_or("127.0.0.1")));
    if let Some((at, text)) = &webhook.last_error {
        info.insert("last_error_date".into(), json!(at.seconds()));
        info.insert("last_error_message".into(), json!(text));
    }
    if let Some(allowed) = &bot.updates.allowed {
        info.insert("allowed_updates".into(), json!(allowed));
    }
    Value::Object(info)
}

/// Addresses of this machine may be plain HTTP on any port, a relaxation for tests and the demo. Everything else
/// must be what the real server asks for, and is never called.
fn checked_url(address: &str) -> Result<Uri, Refusal> {
    let bad = |why: &str| Refusal::bad_request(format!("bad webhook: {why}"));
    let url: Uri = address.parse().map_err(|_| Refusal::bad_request("invalid webhook URL specified"))?;
    if url.host().is_none() {
        return Err(Refusal::bad_request("invalid webhook URL specified"));
    }
    if is_local(&url) && url.scheme_str() == Some("http") {
        return Ok(url);
    }
    if url.scheme_str() != Some("https") {
        return Err(bad("An HTTPS URL must be provided for webhook"));
    }
    if !matches!(url.port_u16().unwrap_or(443), 80 | 88 | 443 | 8443) {
        return Err(bad("Webhook can be set up only on ports 80, 88, 443 or 8443"));
    }
    Ok(url)
}

fn is_local(url: &Uri) -> bool {
    matches!(url.host(), Some("127.0.0.1" | "localhost" | "[::1]"))
}

fn check_secret(secret: &str) -> Result<(), Refusal> {
    if secret.len() > 256 {
        return Err(Refusal::bad_request("secret token is too long"));
    }
    if !secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) {
        return Err(Refusal::bad_request("secret token contains unallowed characters"));
    }
    Ok(())
}

/// Puts an update at the end of its queue and sends a courier out, if none is on the way.
pub(crate) fn wake(hub: &Arc<Hub>, state: &mut State, bot: usize, queue: Queue, id: i64) {
    let dice = Arc::clone(&state.dice);
    let Some(webhook) = &mut state.bots[bot].webhook else { return };
    if let Some(waiting) = webhook.queues.get_mut(&queue) {
        waiting.push_back(id);
        let last = waiting.len() - 1;
        if last >= 2 && dice.strikes(dice.faults.reordered) {
            waiting.swap(last - 1, last);
        }
        return;
    }
    webhook.queues.insert(queue, VecDeque::from([id]));
    let courier = Courier { hub: Arc::clone(hub), bot, queue, generation: webhook.generation };
    tokio::spawn(courier.deliver());
}

/// Carries the updates of one queue until it is empty.
struct Courier {
    hub: Arc<Hub>,
    bot: usize,
    queue: Queue,
    generation: u64,
}

struct Parcel {
    id: i64,
    queued: Arc<Queued>,
    url: Uri,
    secret: Option<String>,
    permits: Arc<Semaphore>,
    cut: bool,
    doubled: bool,
}

/// How one attempt ended.
enum Outcome {
    Confirmed { content_type: String, body: Bytes },
    Refused { text: String, gone: bool, retry_after: u64 },
}

impl Courier {
    async fn deliver(self) {
        let mut fails = 0;
        while let Some(parcel) = self.next() {
            let outcome = {
                let Ok(_permit) = parcel.permits.acquire().await else { return };
                tokio::select! {
                    () = self.hub.stop.cancelled() => return,
                    outcome = self.attempt(&parcel) => outcome,
                }
            };
            match outcome {
                Outcome::Confirmed { content_type, body } => {
                    fails = 0;
                    self.confirm(&parcel);
                    if !body.is_empty() {
                        self.obey(&content_type, body).await;
                    }
                    if parcel.doubled {
                        let hub = Arc::clone(&self.hub);
                        tokio::spawn(async move {
                            hub.post(&parcel.url, parcel.secret.as_deref(), &parcel.queued.body).await.is_ok()
                        });
                    }
                }
                Outcome::Refused { text, gone, retry_after } => {
                    fails += 1;
                    let pause = self.pause(fails, retry_after);
                    if !self.note_failure(&parcel, text, gone, pause) {
                        fails = 0;
                        continue;
                    }
                    let pause =
                        self.hub.config.retry_second.saturating_mul(u32::try_from(pause).unwrap_or(u32::MAX));
                    tokio::select! {
                        () = self.hub.stop.cancelled() => return,
                        () = tokio::time::sleep(pause) => {}
                    }
                }
            }
        }
    }

    /// The head of the queue; the queue is taken away when nothing is left.
    fn next(&self) -> Option<Parcel> {
        let now = self.hub.now();
        let mut state = self.hub.lock();
        let state = &mut *state;
        let dice = &state.dice;
        let bot = &mut state.bots[self.bot];
        let webhook = bot.webhook.as_mut().filter(|webhook| webhook.generation == self.generation)?;
        let waiting = webhook.queues.get_mut(&self.queue)?;
        while let Some(id) = waiting.front().copied() {
            match bot.updates.pending.get(&id) {
                Some(queued) if !queued.expired(now) => {
                    return Some(Parcel {
                        id,
                        queued: Arc::clone(queued),
                        url: webhook.url.clone(),
                        secret: webhook.secret.clone(),
                        permits: Arc::clone(&webhook.permits),
                        cut: dice.strikes(dice.faults.cut_webhooks),
                        doubled: dice.strikes(dice.faults.doubled),
                    });
                }
                _ => {
                    bot.updates.pending.remove(&id);
                    waiting.pop_front();
                }
            }
        }
        webhook.queues.remove(&self.queue);
        None
    }

    async fn attempt(&self, parcel: &Parcel) -> Outcome {
        let refused = |text: &str| Outcome::Refused { text: text.to_owned(), gone: false, retry_after: 0 };
        if parcel.url.scheme_str() != Some("http") {
            return refused("SSL is not spoken here: give an http address of this machine");
        }
        let post = self.hub.post(&parcel.url, parcel.secret.as_deref(), &parcel.queued.body);
        let limit = if parcel.cut { Duration::from_millis(3) } else { self.hub.config.webhook_timeout };
        match tokio::time::timeout(limit, post).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(text)) => refused(&text),
            Err(_) if parcel.cut => refused("Webhook connection closed"),
            Err(_) => refused("Read timeout expired"),
        }
    }

    fn confirm(&self, parcel: &Parcel) {
        let mut state = self.hub.lock();
        let bot = &mut state.bots[self.bot];
        bot.updates.pending.remove(&parcel.id);
        bot.updates.late.remove(&parcel.id);
        if let Some(webhook) = bot.webhook.as_mut().filter(|webhook| webhook.generation == self.generation) {
            webhook.gone_since = None;
            if let Some(waiting) = webhook.queues.get_mut(&self.queue) {
                waiting.pop_front();
            }
        }
    }

    /// The answer may be a method call itself; its result is lost.
    async fn obey(&self, content_type: &str, body: Bytes) {
        let Ok(params) = Params::read(None, content_type, body).await else { return };
        let Some(name) = params.text("method").map(|name| name.to_ascii_lowercase()) else { return };
        let barred = matches!(name.as_str(), "setwebhook" | "deletewebhook" | "close" | "logout");
        if barred || name.starts_with("get") {
            return;
        }
        if let Err(refusal) = methods::call(&self.hub, self.bot, &name, &params) {
            tracing::debug!(method = %name, %refusal.description, "a call in the answer of a webhook was refused");
        }
    }

    /// Seconds until the next attempt: at once, then 2, 4, 8… up to a random minute or two.
    fn pause(&self, fails: u32, retry_after: u64) -> u64 {
        if retry_after > 0 {
            return retry_after.min(MAX_RETRY_AFTER);
        }
        if fails <= 1 {
            return 0;
        }
        let longest = MAX_PAUSE + self.hub.chance.below(MAX_PAUSE + 1);
        2_u64.saturating_pow(fails - 1).min(longest)
    }

    /// Whether the update is to be tried again after the pause.
    fn note_failure(&self, parcel: &Parcel, text: String, gone: bool, pause: u64) -> bool {
        let now = self.hub.now();
        let mut state = self.hub.lock();
        let bot = &mut state.bots[self.bot];
        let Some(webhook) = bot.webhook.as_mut().filter(|webhook| webhook.generation == self.generation)
        else {
            return false;
        };
        webhook.last_error = Some((now, text));
        webhook.gone_since = if gone { webhook.gone_since.or(Some(now)) } else { None };
        if webhook.gone_since.is_some_and(|since| now > since.plus_seconds(GONE_SECONDS)) {
            bot.webhook = None;
            return false;
        }
        let later = now.plus_seconds(i64::try_from(pause).unwrap_or(i64::MAX));
        if parcel.queued.expired(later) {
            bot.updates.pending.remove(&parcel.id);
            return false;
        }
        true
    }
}

impl Hub {
    /// One POST of an update.
    async fn post(&self, url: &Uri, secret: Option<&str>, body: &[u8]) -> Result<Outcome, String> {
        let authority = match (url.port(), url.host()) {
            (None, Some(host)) => format!("{host}:80"),
            _ => url.authority().map(ToString::to_string).unwrap_or_default(),
        };
        let path = url.path_and_query().map_or("/", |path| path.as_str());
        let header = secret.map(|secret| format!("x-telegram-bot-api-secret-token: {secret}\r\n"));
        let posted =
            self.connections.post(&authority, path, header.as_deref().unwrap_or_default(), body).await;
        let response = posted.map_err(|error| match error.kind() {
            std::io::ErrorKind::ConnectionRefused => "Connection refused".to_owned(),
            _ => "Webhook connection closed".to_owned(),
        })?;
        if (200..300).contains(&response.status) {
            return Ok(Outcome::Confirmed { content_type: response.content_type, body: response.body });
        }
        Ok(Outcome::Refused {
            text: format!("Wrong response from the webhook: {} {}", response.status, response.reason),
            gone: response.status == 410,
            retry_after: response.retry_after,
        })
    }
}
