//! A strict, stateful stand-in of the Telegram Bot API: one server, any number of bots and people.
//!
//! It refuses what the real server refuses, with the same codes and texts, keeps chats, messages and files, and
//! brings updates by long polling and by webhook as the real one does. People are moved by [`Conversation`] from
//! inside the process, or by the HTTP face described in [`control`].
//!
//! Where it is stricter than the real server: parameters of a wrong type are refused instead of read as zero; a
//! markup with both keyboards, and an inline button with two actions, are refused. Where it is milder: a webhook of
//! this machine may be plain HTTP on any port, and links to this machine may stand on buttons. Pictures are not
//! decoded: both sizes of a photo lead to the bytes that were uploaded. Files are not fetched by address.

pub mod control;
mod faults;
mod files;
mod keyboard;
mod limits;
pub mod load;
mod markup;
mod methods;
mod params;
mod people;
mod refusal;
mod rules;
mod server;
mod state;
mod text;
mod updates;
mod view;
mod webhook;
mod wire;

pub use faults::Faults;
pub use limits::{Pace, Paces};
pub use people::{BotHandle, Cannot, Conversation, Person, Pressed};
pub use state::{Notice, Sent};
pub use view::{ChatView, FileView, Keyboard, MessageView, ViewButton};

use faults::Dice;
use samovar_base::{Chance, Clock, Instant, SystemClock};
use state::{Bot, Profile, State};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio_util::sync::{CancellationToken, DropGuard};

/// A press is answered within so many seconds, or not at all.
const CALLBACK_SECONDS: i64 = 150;

/// How a fake behaves.
#[derive(Debug, Clone)]
pub struct Config {
    /// 0 takes any free port; always on 127.0.0.1.
    pub port: u16,
    /// The time that dates, limits and lifetimes go by.
    pub clock: Arc<dyn Clock>,
    /// Limits in time; `None` switches them off.
    pub paces: Option<Paces>,
    /// How long a second lasts in which a webhook waits to be tried again: shorter in tests.
    pub retry_second: Duration,
    /// How long the answer of a webhook is waited for.
    pub webhook_timeout: Duration,
    /// Simultaneous connections to a webhook, whatever `setWebhook` asked for.
    pub webhook_connections: Option<usize>,
    /// Messages of a chat beyond this are forgotten.
    pub messages_kept: usize,
    /// Whether every accepted send is remembered.
    pub log_sent: bool,
    /// How long [`Conversation::reply`] and the like wait.
    pub patience: Duration,
    /// The seed of ids and pauses.
    pub seed: u64,
    /// As Telegram's test servers: Mini Apps may be at plain http.
    pub test_servers: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            port: 0,
            clock: Arc::new(SystemClock),
            paces: Some(Paces::default()),
            retry_second: Duration::from_secs(1),
            webhook_timeout: Duration::from_secs(55),
            webhook_connections: None,
            messages_kept: 1_000,
            log_sent: true,
            patience: Duration::from_secs(10),
            seed: 1,
            test_servers: false,
        }
    }
}

impl Config {
    /// For tests: no limits in time, and a webhook is tried again within milliseconds.
    pub fn for_tests() -> Self {
        Self { paces: None, retry_second: Duration::from_millis(10), test_servers: true, ..Self::default() }
    }

    /// For load: no limits, short memory, no log.
    pub fn for_load() -> Self {
        Self { messages_kept: 8, log_sent: false, patience: Duration::from_secs(30), ..Self::for_tests() }
    }
}

/// What all parts share.
pub(crate) struct Hub {
    pub config: Config,
    pub chance: Chance,
    pub stop: CancellationToken,
    connections: wire::Connections,
    state: Mutex<State>,
    generation: AtomicU64,
}

impl Hub {
    fn new(config: Config) -> Self {
        Self {
            chance: Chance::from_seed(config.seed),
            stop: CancellationToken::new(),
            connections: wire::Connections::default(),
            state: Mutex::new(State::new(config.log_sent)),
            generation: AtomicU64::new(0),
            config,
        }
    }

    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn now(&self) -> Instant {
        self.config.clock.now()
    }

    pub fn next_generation(&self) -> u64 {
        self.generation.fetch_add(1, Ordering::Relaxed) + 1
    }

    fn add_bot(&self, token: &str, username: &str, name: &str) -> usize {
        let mut state = self.lock();
        if let Some(index) = state.by_token.get(token) {
            return *index;
        }
        let index = state.bots.len();
        let number: i64 = token.split(':').next().and_then(|number| number.parse().ok()).unwrap_or(1);
        let first_update = 100_000_000 + i64::try_from(self.chance.below(900_000_000)).unwrap_or(0);
        state.bots.push(Bot {
            id: number,
            token: token.to_owned(),
            username: username.to_owned(),
            name: name.to_owned(),
            user: state::sealed(&serde_json::json!({
                "id": number, "is_bot": true, "first_name": name, "username": username,
            })),
            revoked: false,
            chats: Default::default(),
            updates: updates::Updates::new(first_update),
            webhook: None,
            webhook_set_at: None,
            callbacks: Default::default(),
            bucket: Default::default(),
            commands: Default::default(),
            texts: Default::default(),
            menu_buttons: Default::default(),
            picture: None,
        });
        state.by_token.insert(token.to_owned(), index);
        index
    }

    fn add_person(&self, name: &str) -> i64 {
        let mut state = self.lock();
        state.last_person += 1;
        let id = state.last_person;
        let (first, last) = name.split_once(' ').map_or((name, None), |(first, last)| (first, Some(last)));
        state.people.insert(id, Profile::new(id, first, last));
        id
    }
}

/// A running fake. It stops when the last clone is dropped.
#[derive(Clone)]
pub struct Telegram {
    hub: Arc<Hub>,
    address: SocketAddr,
    _guard: Arc<DropGuard>,
}

impl Telegram {
    /// Starts the server on 127.0.0.1.
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn start(config: Config) -> std::io::Result<Self> {
        let hub = Arc::new(Hub::new(config));
        let address = server::start(&hub).await?;
        let guard = Arc::new(hub.stop.clone().drop_guard());
        Ok(Self { hub, address, _guard: guard })
    }

    /// What a client takes as the base of the API: `http://127.0.0.1:<port>`.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// A bot of that token, made if there is none. The number before the colon is the bot's id.
    pub fn bot(&self, token: &str, username: &str) -> BotHandle {
        BotHandle::new(&self.hub, self.hub.add_bot(token, username, username))
    }

    /// The bot of that username.
    pub fn bot_named(&self, username: &str) -> Option<BotHandle> {
        let index = self.hub.lock().bots.iter().position(|bot| bot.username == username)?;
        Some(BotHandle::new(&self.hub, index))
    }

    /// A new person, with a phone number of their own and Russian as language.
    pub fn person(&self, name: &str) -> Person {
        Person::new(&self.hub, self.hub.add_person(name))
    }

    /// The person of that id.
    pub fn person_by_id(&self, id: i64) -> Option<Person> {
        let known = self.hub.lock().people.contains_key(&id);
        known.then(|| Person::new(&self.hub, id))
    }

    /// Forgets everybody and what was said to them, for long runs.
    pub fn forget_people(&self) {
        let mut state = self.hub.lock();
        state.people.clear();
        for bot in &mut state.bots {
            bot.chats.clear();
            bot.callbacks.clear();
        }
    }

    /// From now on this goes wrong; the dice begin anew from the seed.
    pub fn set_faults(&self, faults: Faults) {
        self.hub.lock().dice = Arc::new(Dice::new(faults));
    }

    /// Every accepted send after the given number (0: all), in order. Empty when the log is off.
    pub fn sent_after(&self, number: u64) -> Vec<Sent> {
        let state = self.hub.lock();
        let from = state.sent.list.partition_point(|sent| sent.number <= number);
        state.sent.list[from..].to_vec()
    }

    /// How many sends were accepted, whether the log is on or off.
    pub fn sent_count(&self) -> u64 {
        self.hub.lock().sent.count
    }

    /// Parameters that bots gave and the methods do not have, as `sendMessage: texts`.
    pub fn unknown_parameters(&self) -> Vec<String> {
        self.hub.lock().unknown.iter().cloned().collect()
    }
}
