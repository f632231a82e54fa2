//! Wake-ups between nodes, by NOTIFY on a connection of its own: a NOTIFY inside a lane's transaction would make
//! commits wait for each other.

use super::connect::{Address, Heard};
use super::values;
use crate::StoreError;
use crate::wake::{Wake, Wakes};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_postgres::Client;
use tokio_util::sync::CancellationToken;

/// The server refuses payloads of 8000 bytes.
const PAYLOAD_MAX: usize = 7_900;
const RETRY: Duration = Duration::from_millis(500);

pub(super) struct Bell {
    address: Arc<Address>,
    wakes: Arc<Wakes>,
}

/// A connection that listens.
pub(super) struct Ready {
    client: Client,
    heard: Heard,
    /// Which node this is, so that it does not hear itself.
    number: i64,
}

#[derive(Serialize, Deserialize)]
struct Message {
    from: i64,
    wakes: Vec<Wake>,
}

impl Bell {
    pub(super) fn new(address: Arc<Address>, wakes: Arc<Wakes>) -> Self {
        Self { address, wakes }
    }

    pub(super) async fn connect(&self) -> Result<Ready, StoreError> {
        self.try_connect().await.map_err(|error| StoreError::Unavailable(values::message(&error)))
    }

    pub(super) async fn run(
        self,
        ready: Ready,
        mut rung: mpsc::Receiver<Vec<Wake>>,
        stop: CancellationToken,
    ) {
        let mut ready = Some(ready);
        while !stop.is_cancelled() {
            let now = match ready.take() {
                Some(now) => Some(now),
                None => self.reconnect(&stop).await,
            };
            if let Some(now) = now {
                self.serve(now, &mut rung, &stop).await;
            }
        }
    }

    /// Until the connection is lost or the store closes.
    async fn serve(&self, mut ready: Ready, rung: &mut mpsc::Receiver<Vec<Wake>>, stop: &CancellationToken) {
        loop {
            tokio::select! {
                said = ready.heard.recv() => match said {
                    Some(said) => self.hear(said.payload(), ready.number),
                    None => return,
                },
                first = rung.recv() => {
                    let Some(first) = first else { return stop.cancelled().await };
                    if !ring(&ready, gather(first, rung)).await {
                        return;
                    }
                }
                () = stop.cancelled() => {
                    while let Ok(first) = rung.try_recv() {
                        if !ring(&ready, gather(first, rung)).await {
                            return;
                        }
                    }
                    return;
                }
            }
        }
    }

    fn hear(&self, payload: &str, own: i64) {
        match serde_json::from_str::<Message>(payload) {
            Ok(message) if message.from == own => {}
            Ok(message) => message.wakes.into_iter().for_each(|wake| self.wakes.here(wake)),
            Err(error) => tracing::warn!(%error, "a wake-up of another node could not be read"),
        }
    }

    /// What was said meanwhile is lost, so everyone looks at everything.
    async fn reconnect(&self, stop: &CancellationToken) -> Option<Ready> {
        match self.try_connect().await {
            Ok(ready) => {
                let everything = Wake { topic: Wake::EVERYTHING.to_owned(), payload: String::new() };
                ring(&ready, vec![everything.clone()]).await;
                self.wakes.here(everything);
                Some(ready)
            }
            Err(error) => {
                tracing::debug!(%error, "wake-ups of other nodes are not heard");
                tokio::select! {
                    () = tokio::time::sleep(RETRY) => {}
                    () = stop.cancelled() => {}
                }
                None
            }
        }
    }

    async fn try_connect(&self) -> Result<Ready, tokio_postgres::Error> {
        let (client, heard) = self.address.connect().await?;
        let number = client.query_one("SELECT nextval('store_session')", &[]).await?.get(0);
        client.batch_execute("LISTEN samovar_wake").await?;
        Ok(Ready { client, heard, number })
    }
}

/// What several batches have to say goes out once.
fn gather(first: Vec<Wake>, rung: &mut mpsc::Receiver<Vec<Wake>>) -> Vec<Wake> {
    let mut wakes = first;
    while let Ok(more) = rung.try_recv() {
        wakes.extend(more);
    }
    wakes.sort_unstable();
    wakes.dedup();
    wakes
}

/// Whether the connection still stands.
async fn ring(ready: &Ready, wakes: Vec<Wake>) -> bool {
    for payload in payloads(ready.number, wakes) {
        if let Err(error) = ready.client.execute("SELECT pg_notify('samovar_wake', $1)", &[&payload]).await {
            tracing::debug!(%error, "a wake-up could not be sent to other nodes");
            return false;
        }
    }
    true
}

/// As few messages as the bound on their length allows.
fn payloads(from: i64, wakes: Vec<Wake>) -> Vec<String> {
    let encode =
        |wakes: &[Wake]| serde_json::to_string(&Message { from, wakes: wakes.to_vec() }).unwrap_or_default();
    let mut out = Vec::new();
    let mut rest = vec![wakes];
    while let Some(mut part) = rest.pop() {
        let text = encode(&part);
        if text.len() <= PAYLOAD_MAX {
            out.push(text);
        } else if part.len() > 1 {
            rest.push(part.split_off(part.len() / 2));
            rest.push(part);
        } else {
            // Too long for the server: those who wait for the topic look for themselves.
            part[0].payload.clear();
            out.push(encode(&part));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_wakes_are_split_and_too_long_ones_keep_their_topic() {
        let mut wakes: Vec<Wake> =
            (0..1_000).map(|at| Wake { topic: "inbound".into(), payload: format!("con_{at:013}") }).collect();
        wakes.push(Wake { topic: "long".into(), payload: "x".repeat(10_000) });
        let texts = payloads(7, wakes);
        assert!(texts.iter().all(|text| text.len() <= PAYLOAD_MAX));
        let heard: Vec<Wake> = texts
            .iter()
            .flat_map(|text| serde_json::from_str::<Message>(text).expect("a message").wakes)
            .collect();
        assert_eq!(heard.len(), 1_001);
        assert_eq!(heard[1_000], Wake { topic: "long".into(), payload: String::new() });
    }
}
