//! A strict stand-in of the public HTTP API of drand, of its chain quicknet alone.
//!
//! It knows numbers that the League of Entropy really signed, because nobody else can sign any. A question that the API
//! does not know is refused and remembered: [`Drand::complaints`] must be empty after a test.

use crate::listener::{self, Cut, Reply};
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::{Method, Request, Response, StatusCode, header};
use samovar_base::Clock;
use serde_json::json;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio_util::sync::{CancellationToken, DropGuard};

/// By which the chain is known.
const CHAIN: &str = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971";
/// When its first number was said: seconds since 1970.
const GENESIS: i64 = 1_692_803_367;
/// Seconds between two.
const PERIOD: i64 = 3;
/// More than any client should read.
const HUGE: usize = 6 << 20;

/// A number as the League said it.
struct Number {
    round: u64,
    randomness: &'static str,
    signature: &'static str,
}

const SAID: [Number; 2] = [
    Number {
        round: 1_000,
        randomness: "fe290beca10872ef2fb164d2aa4442de4566183ec51c56ff3cd603d930e54fdd",
        signature: "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39",
    },
    Number {
        round: 657_413,
        randomness: "fc1873a13f3545aeade8401532ef5519920652eee6b0d2b19ca12643b87b3587",
        signature: "b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be41076862b98fad56e91a6b85b89cd97b",
    },
];

/// What happens to one question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// The relay lags behind: the number is not there yet, as older relays say it.
    NotYet,
    /// The same, as newer relays say it.
    TooEarly,
    /// Another number, with its own signature.
    AnotherRound,
    /// The number asked for with the signature of another one.
    Forged,
    /// The signature in a form that is none.
    Malformed,
    /// A page for people, with status 200.
    Page,
    /// More bytes than anybody wants.
    Huge,
    /// "It is elsewhere".
    Elsewhere,
    /// A status without sense in the body.
    Status(u16),
    /// No answer for so long, then the connection is cut.
    Hang(Duration),
    /// The connection is cut at once.
    Cut,
}

#[derive(Default)]
struct State {
    next: VecDeque<Fate>,
    asked: u64,
    complaints: Vec<String>,
}

struct Hub {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

impl Hub {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The running beacon. It stops when the last clone is dropped.
#[derive(Clone)]
pub struct Drand {
    hub: Arc<Hub>,
    address: SocketAddr,
    _guard: Arc<DropGuard>,
}

impl Drand {
    /// Starts a relay on 127.0.0.1. A number is there once the clock has come to its moment.
    ///
    /// # Errors
    /// When there is no free port.
    pub async fn start(clock: Arc<dyn Clock>) -> std::io::Result<Self> {
        let stop = CancellationToken::new();
        let hub = Arc::new(Hub { clock, state: Mutex::default() });
        let answering = Arc::clone(&hub);
        let answer = move |request| answer(Arc::clone(&answering), request);
        let address = listener::start(0, stop.clone(), answer).await?;
        Ok(Self { hub, address, _guard: Arc::new(stop.drop_guard()) })
    }

    /// What a client takes as the address of the beacon.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// These happen to the next questions, one after the other.
    pub fn next(&self, fates: &[Fate]) {
        self.hub.lock().next.extend(fates);
    }

    /// Questions so far.
    pub fn asked(&self) -> u64 {
        self.hub.lock().asked
    }

    /// What was wrong with questions.
    pub fn complaints(&self) -> Vec<String> {
        self.hub.lock().complaints.clone()
    }
}

async fn answer(hub: Arc<Hub>, request: Request<Incoming>) -> Result<Reply, Cut> {
    let fate = {
        let mut state = hub.lock();
        state.asked += 1;
        state.next.pop_front()
    };
    let path = request.uri().path();
    let asked = path.strip_prefix('/').and_then(|path| path.strip_prefix(CHAIN));
    let round = asked.and_then(|rest| rest.strip_prefix("/public/")).and_then(|round| round.parse().ok());
    let Some(round) = round.filter(|_| request.method() == Method::GET && request.uri().query().is_none())
    else {
        hub.lock().complaints.push(format!("{} {}", request.method(), request.uri()));
        return Ok(plain(404, "404 page not found\n"));
    };
    match fate {
        None => Ok(said(&hub, round)),
        Some(Fate::NotYet) => Ok(plain(404, "")),
        Some(Fate::TooEarly) => Ok(plain(425, "Requested future beacon\n")),
        Some(Fate::AnotherRound) => {
            Ok(other(round).map_or_else(missing, |number| number.reply(number.round)))
        }
        Some(Fate::Forged) => Ok(other(round).map_or_else(missing, |number| number.reply(round))),
        Some(Fate::Malformed) => {
            Ok(json_of(json!({ "round": round, "randomness": "", "signature": "b7xx" })))
        }
        Some(Fate::Page) => Ok(with_type(200, "text/html", "<html>Sign in to the free Wi-Fi</html>".into())),
        Some(Fate::Huge) => Ok(with_type(200, "application/json", vec![b' '; HUGE].into())),
        Some(Fate::Elsewhere) => {
            let mut reply = plain(302, "");
            reply.headers_mut().insert(header::LOCATION, header::HeaderValue::from_static("/elsewhere"));
            Ok(reply)
        }
        Some(Fate::Status(code)) => Ok(plain(code, "")),
        Some(Fate::Hang(time)) => {
            tokio::time::sleep(time).await;
            Err(Cut)
        }
        Some(Fate::Cut) => Err(Cut),
    }
}

fn said(hub: &Hub, round: u64) -> Reply {
    let at =
        i64::try_from(round).ok().and_then(|round| (round - 1).checked_mul(PERIOD)?.checked_add(GENESIS));
    if at.is_none_or(|at| hub.clock.now().seconds() < at) {
        return plain(404, "");
    }
    match SAID.iter().find(|number| number.round == round) {
        Some(number) => number.reply(round),
        None => {
            hub.lock().complaints.push(format!("the fake has no signature of round {round}"));
            missing()
        }
    }
}

fn other(round: u64) -> Option<&'static Number> {
    SAID.iter().find(|number| number.round != round)
}

impl Number {
    fn reply(&self, round: u64) -> Reply {
        let Self { randomness, signature, .. } = self;
        json_of(json!({ "round": round, "randomness": randomness, "signature": signature }))
    }
}

fn missing() -> Reply {
    plain(500, "")
}

fn json_of(body: serde_json::Value) -> Reply {
    with_type(200, "application/json", body.to_string().into())
}

fn plain(code: u16, body: &'static str) -> Reply {
    with_type(code, "text/plain; charset=utf-8", body.into())
}

fn with_type(code: u16, content_type: &'static str, body: Bytes) -> Reply {
    let mut reply = Response::new(Full::new(body));
    *reply.status_mut() = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    reply.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(content_type));
    reply
}
