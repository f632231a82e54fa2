//! drand, the public beacon of randomness: reading one of its numbers. Whether it is genuine is told by its signature, not
//! by who brought it: any mirror will do.

use crate::client::body;
use reqwest::Client;
use serde::Deserialize;
use std::time::Duration;
use url::Url;

/// Where the League of Entropy and its mirrors answer.
const MIRRORS: [&str; 4] = [
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

/// Asks the mirrors one after another for a number of a chain; `None` when none of them answers with it.
pub async fn ask(client: &Client, chain: &str, round: u64) -> Option<Said> {
    for mirror in MIRRORS {
        match tokio::time::timeout(PATIENCE, ask_one(client, mirror, chain, round)).await {
            Ok(Some(said)) => return Some(said),
            Ok(None) | Err(_) => tracing::warn!(mirror, round, "a mirror of the beacon did not answer"),
        }
    }
    None
}

/// Asks one of them.
pub async fn ask_one(client: &Client, mirror: &str, chain: &str, round: u64) -> Option<Said> {
    let address: Url = format!("{}/{chain}/public/{round}", mirror.trim_end_matches('/')).parse().ok()?;
    let answer = client.get(address).send().await.ok()?;
    if !answer.status().is_success() {
        return None;
    }
    let body = body(answer, BYTES_MAX).await.ok()??;
    let said: Said = serde_json::from_slice(&body).ok()?;
    (said.round == round).then_some(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read() {
        let body = r#"{"round":1000,"randomness":"fe29","signature":"b446"}"#;
        assert_eq!(
            serde_json::from_str::<Said>(body).unwrap(),
            Said { round: 1_000, signature: "b446".into() }
        );
    }
}
