//! Clerks who give and take points by the API, each movement under a key of its own, repeated until it is answered.

use super::people::{Guest, People};
use crate::api::KEY;
use anyhow::{Context, bail};
use reqwest::StatusCode;
use samovar_base::Chance;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Of one request.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// Of one movement: a key whose first request was killed is free again after a minute.
const MOVE_WITHIN: Duration = Duration::from_secs(150);
const PAUSE: Duration = Duration::from_millis(30);
/// While another request with the same key counts as being worked on.
const LONG_PAUSE: Duration = Duration::from_millis(500);

/// The till.
pub struct Till {
    front: String,
    client: reqwest::Client,
    numbers: AtomicU64,
    contacts: Mutex<BTreeMap<i64, String>>,
    done: Mutex<Vec<Movement>>,
}

/// Points given or taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    /// The idempotency key.
    pub key: String,
    /// Whose: the messenger's id.
    pub guest: i64,
    /// Given; taken when negative.
    pub points: i64,
    /// How often it was asked for.
    pub asked: u64,
}

impl Till {
    /// At the front door.
    pub fn new(front: &str) -> anyhow::Result<Self> {
        Ok(Self {
            front: front.to_owned(),
            client: samovar_connectors::client(None)?,
            numbers: AtomicU64::new(0),
            contacts: Mutex::default(),
            done: Mutex::default(),
        })
    }

    /// Movements that were answered as done.
    pub fn done(&self) -> Vec<Movement> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn next(&self, guest: &Guest, chance: &Chance) -> Movement {
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        let points =
            if chance.below(5) == 0 { -1 } else { 1 + i64::try_from(chance.below(20)).unwrap_or_default() };
        Movement { key: format!("trial-{number}"), guest: guest.id, points, asked: 0 }
    }

    async fn contact(&self, guest: &Guest) -> anyhow::Result<String> {
        if let Some(known) = self.contacts.lock().unwrap_or_else(PoisonError::into_inner).get(&guest.id) {
            return Ok(known.clone());
        }
        let address = format!("{}/api/v1/contacts?q=%2B{}", self.front, guest.phone);
        let begun = Instant::now();
        while begun.elapsed() < MOVE_WITHIN {
            let asked = self.client.get(&address).bearer_auth(KEY).timeout(ANSWER_WITHIN).send().await;
            if let Ok(answer) = asked
                && answer.status().is_success()
                && let Ok(page) = answer.json::<Value>().await
                && let Some(id) = page["items"][0]["id"].as_str()
            {
                self.contacts.lock().unwrap_or_else(PoisonError::into_inner).insert(guest.id, id.to_owned());
                return Ok(id.to_owned());
            }
            tokio::time::sleep(PAUSE).await;
        }
        bail!("the API does not find the customer with the phone +{}", guest.phone)
    }

    async fn ask(&self, contact: &str, movement: &Movement) -> anyhow::Result<Asked> {
        let verb = if movement.points > 0 { "grant" } else { "deduct" };
        let request = self
            .client
            .post(format!("{}/api/v1/contacts/{contact}/wallet/{verb}", self.front))
            .bearer_auth(KEY)
            .header("Idempotency-Key", &movement.key)
            .timeout(ANSWER_WITHIN)
            .json(&json!({ "points": movement.points.abs(), "comment": movement.key }));
        let Ok(answer) = request.send().await else { return Ok(Asked::Again) };
        let status = answer.status();
        match (status, answer.text().await) {
            (StatusCode::CONFLICT, Ok(text)) if text.contains("in_progress") => Ok(Asked::Busy),
            (status, Ok(_)) if status.is_success() => Ok(Asked::Done),
            (status, Ok(text)) if status.is_client_error() => bail!("{}: {status} {text}", movement.key),
            _ => Ok(Asked::Again),
        }
    }

    async fn carry_out(
        self: Arc<Self>,
        guest: Guest,
        mut movement: Movement,
        patience: Patience,
    ) -> anyhow::Result<Option<Movement>> {
        let contact = self.contact(&guest).await?;
        let begun = Instant::now();
        while begun.elapsed() < MOVE_WITHIN {
            movement.asked += 1;
            match self.ask(&contact, &movement).await.context("the API refused a movement")? {
                Asked::Done => {
                    self.done.lock().unwrap_or_else(PoisonError::into_inner).push(movement);
                    return Ok(None);
                }
                Asked::Busy if matches!(patience, Patience::Short) => return Ok(Some(movement)),
                Asked::Busy => tokio::time::sleep(LONG_PAUSE).await,
                Asked::Again => tokio::time::sleep(PAUSE).await,
            }
        }
        bail!("{} was asked for {} times in {MOVE_WITHIN:?} and never answered", movement.key, movement.asked)
    }
}

enum Asked {
    Done,
    Busy,
    Again,
}

/// A clerk turns to the next customer when a key is being worked on, and lets somebody wait for it.
enum Patience {
    Short,
    Long,
}

/// Works until closing time and until every movement that was begun is done.
pub async fn clerk(till: Arc<Till>, people: Arc<People>, chance: Chance) -> anyhow::Result<()> {
    let mut left = Vec::new();
    while !people.is_closing() {
        if let Some(guest) = people.any(&chance) {
            let movement = till.next(&guest, &chance);
            if let Some(busy) = Arc::clone(&till).carry_out(guest.clone(), movement, Patience::Short).await? {
                left.push(tokio::spawn(Arc::clone(&till).carry_out(guest, busy, Patience::Long)));
            }
        }
        tokio::time::sleep(Duration::from_millis(5 + chance.below(40))).await;
    }
    for waiting in left {
        waiting.await??;
    }
    Ok(())
}
