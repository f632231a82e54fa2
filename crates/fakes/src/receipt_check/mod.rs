//! Strict stand-ins of two services that know receipts: proverkacheka.com, and the tax service's open API.
//!
//! One server has both faces and one knowledge: which receipts there are, since when the tax service has them, how
//! often each was asked for, and how much of the plan is left. Questions that the real services would not
//! understand are refused as they refuse them, and remembered: [`Checks::complaints`] must be empty after a test.
//!
//! Milder than the real ones: pictures are not read, links are not fetched, and answers of the tax service wait for
//! their asker as long as the fake lives.

mod faults;
mod invented;
mod kkt;
mod proverkacheka;
mod question;
mod server;
mod state;

pub use faults::Fate;
pub use invented::{Invented, Shop};

use faults::Dice;
use samovar_base::{Clock, Instant, SystemClock};
use serde_json::Value;
use state::{Known, Number, State};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio_util::sync::{CancellationToken, DropGuard};

/// How the services behave.
#[derive(Debug, Clone)]
pub struct Config {
    /// 0 takes any free port; always on 127.0.0.1.
    pub port: u16,
    /// The time by which receipts arrive, sessions end and paces are kept.
    pub clock: Arc<dyn Clock>,
    /// The only tokens that are accepted; empty: every token of the right form.
    pub tokens: Vec<String>,
    /// Receipts that nobody brought are made up by this, instead of being unknown.
    pub invented: Option<Invented>,
    /// How long an answer takes, at least.
    pub latency: Duration,
    /// And up to so much longer.
    pub latency_spread: Duration,
    /// Questions of a second beyond this are told to wait.
    pub per_second: Option<u64>,
    /// Questions that are paid for.
    pub plan: Option<u64>,
    /// Questions about one receipt.
    pub per_receipt: u64,
    /// How often the tax service says that it is still looking, for each question.
    pub looks: u32,
    /// The seed of what goes wrong and of latencies.
    pub seed: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            port: 0,
            clock: Arc::new(SystemClock),
            tokens: Vec::new(),
            invented: None,
            latency: Duration::ZERO,
            latency_spread: Duration::ZERO,
            per_second: None,
            plan: None,
            per_receipt: 20,
            looks: 1,
            seed: 1,
        }
    }
}

/// What all parts share.
pub(crate) struct Hub {
    pub config: Config,
    pub stop: CancellationToken,
    state: Mutex<State>,
}

impl Hub {
    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn now(&self) -> Instant {
        self.config.clock.now()
    }
}

/// The running services. They stop when the last clone is dropped.
#[derive(Clone)]
pub struct Checks {
    hub: Arc<Hub>,
    address: SocketAddr,
    _guard: Arc<DropGuard>,
}

impl Checks {
    /// Starts the server on 127.0.0.1.
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn start(config: Config) -> std::io::Result<Self> {
        let stop = CancellationToken::new();
        let state = Mutex::new(State::new(&config));
        let hub = Arc::new(Hub { config, stop: stop.clone(), state });
        let address = server::start(&hub).await?;
        Ok(Self { hub, address, _guard: Arc::new(stop.drop_guard()) })
    }

    /// What a client takes as the address of either service.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The tax service has this receipt: its code, and the document (the bare receipt).
    ///
    /// # Panics
    /// When the code is none.
    pub fn knows(&self, code: &str, document: &Value) {
        self.knows_from(code, document, Instant(i64::MIN));
    }

    /// As [`Checks::knows`], from a moment on: until then it is "not there yet".
    ///
    /// # Panics
    /// When the code is none.
    pub fn knows_from(&self, code: &str, document: &Value, since: Instant) {
        let asked = question::Asked::of_code(code).unwrap_or_else(|why| panic!("{code}: {why}"));
        let known = Known { since, document: document.to_string().into(), asked: asked.clone() };
        self.hub.lock().receipts.insert(asked.number, known);
    }

    /// From now on each of these happens to so many of a thousand questions; the dice begin anew from the seed.
    pub fn set_faults(&self, rates: &[(Fate, u64)]) {
        self.hub.lock().dice = Dice::new(rates.to_vec(), self.hub.config.seed);
    }

    /// These happen to the next questions, one after the other, before any other fault.
    pub fn next(&self, fates: &[Fate]) {
        self.hub.lock().next.extend(fates.iter().cloned());
    }

    /// Nobody answers: connections are cut.
    pub fn set_down(&self, down: bool) {
        self.hub.lock().down = down;
    }

    /// So many questions are paid for from now on; `None`: any number.
    pub fn set_plan(&self, plan: Option<u64>) {
        self.hub.lock().plan = plan;
    }

    /// The token is accepted no more.
    pub fn revoke(&self, token: &str) {
        self.hub.lock().revoked.insert(token.to_owned());
    }

    /// The tax service forgets its sessions.
    pub fn forget_sessions(&self) {
        self.hub.lock().sessions.clear();
    }

    /// Questions so far, whatever came of them; looks for answers of the tax service are not questions.
    pub fn asked(&self) -> u64 {
        self.hub.lock().asked
    }

    /// Questions about one receipt so far.
    pub fn asked_about(&self, drive: &str, document: i64, sign: i64) -> u64 {
        let number = Number::new(drive, document, sign);
        number.and_then(|number| self.hub.lock().counts.get(&number).copied()).unwrap_or(0)
    }

    /// Receipts that were given out so far, each time counted.
    pub fn given(&self) -> u64 {
        self.hub.lock().given
    }

    /// What was wrong with questions, as `qrraw: …`.
    pub fn complaints(&self) -> Vec<String> {
        self.hub.lock().complaints.clone()
    }
}
