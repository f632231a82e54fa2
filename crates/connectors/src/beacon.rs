//! drand, the public beacon of randomness: reading one of its numbers. Whether it is genuine is told by its signature, not
//! by who brought it: any mirror will do.

use crate::client::{body, client};
use reqwest::{Client, StatusCode};
use serde::Deserialize;
use std::time::Duration;
use url::Url;

/// Where the League of Entropy and its mirrors answer.
pub const MIRRORS: [&str; 4] = [
    "https://api.drand.sh",
    "https://api2.drand.sh",
    "https://api3.drand.sh",
    "https://drand.cloudflare.com",
];
/// A number is a few hundred bytes.
const BYTES_MAX: u64 = 16 << 10;
/// A mirror that does not answer in this time is passed over.
const PATIENCE: Duration = Duration::from_secs(8);

/// What a beacon said.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Said {
    /// Which number.
    pub round: u64,
    /// Small hexadecimal digits.
    pub signature: String,
}

/// Why no number came; of several mirrors, the one that says most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Silence {
    /// Nobody answered.
    Away,
    /// The number is not there yet.
    NotYet,
    /// The answer was something else than this number, or it was not genuine.
    Wrong,
}

/// The beacon, by its mirrors.
#[derive(Debug, Clone)]
pub struct Beacon {
    mirrors: Vec<Url>,
    patience: Duration,
}

impl Beacon {
    /// The beacon that these mirrors bring; they are asked in this order.
    pub fn new(mirrors: Vec<Url>) -> Self {
        Self { mirrors, patience: PATIENCE }
    }

    /// Waits so long for each mirror.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// The first genuine number of a round of a chain that one of the mirrors brings.
    pub async fn ask(
        &self,
        chain: &str,
        round: u64,
        genuine: impl Fn(&Said) -> bool,
    ) -> Result<Said, Silence> {
        let client = client(None).map_err(|_| Silence::Away)?;
        let mut worst = Silence::Away;
        for mirror in &self.mirrors {
            let asked = tokio::time::timeout(self.patience, ask(&client, mirror, chain, round)).await;
            match asked.unwrap_or(Err(Silence::Away)) {
                Ok(said) if said.round == round && genuine(&said) => return Ok(said),
                other => {
                    let silence = other.err().unwrap_or(Silence::Wrong);
                    tracing::warn!(%mirror, round, ?silence, "a mirror of the beacon did not bring the number");
                    worst = worst.max(silence);
                }
            }
        }
        Err(worst)
    }
}

async fn ask(client: &Client, mirror: &Url, chain: &str, round: u64) -> Result<Said, Silence> {
    let address = format!("{}/{chain}/public/{round}", mirror.as_str().trim_end_matches('/'));
    let answer = client.get(address).send().await.map_err(|_| Silence::Away)?;
    match answer.status() {
        StatusCode::OK => {}
        StatusCode::NOT_FOUND | StatusCode::TOO_EARLY => return Err(Silence::NotYet),
        status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
            return Err(Silence::Away);
        }
        _ => return Err(Silence::Wrong),
    }
    let body = body(answer, BYTES_MAX).await.map_err(|_| Silence::Away)?.ok_or(Silence::Wrong)?;
    serde_json::from_slice(&body).map_err(|_| Silence::Wrong)
}
