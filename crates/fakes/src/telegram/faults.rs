//! What goes wrong on purpose, from a seed.

use super::refusal::Refusal;
use samovar_base::Chance;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How often what goes wrong: each rate is in thousandths of the calls or updates it concerns.
///
/// The rates of answers concern calls that send, edit, delete or answer; those of updates concern what is brought
/// to bots.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// The call is done, the connection is cut before the answer.
    pub lost_answers: u64,
    /// 502 without doing anything.
    pub bad_gateway: u64,
    /// 500 without doing anything.
    pub internal_errors: u64,
    /// 429 with `retry_after` 1, without doing anything.
    pub too_many: u64,
    /// No answer for `hang_ms`, then the connection is cut; every second one was done.
    pub hanging: u64,
    /// How long a hanging call hangs.
    pub hang_ms: u64,
    /// An update is held back for up to `delay_ms`, and others overtake it.
    pub delayed: u64,
    /// Longest delay of an update.
    pub delay_ms: u64,
    /// An update is brought once more after it was confirmed.
    pub doubled: u64,
    /// An update goes before the one that waits in front of it in its queue.
    pub reordered: u64,
    /// A webhook connection is cut before its answer is read; the update is brought again.
    pub cut_webhooks: u64,
    /// The seed of all that.
    pub seed: u64,
}

/// What happens to one call.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Answered,
    Refused(Refusal),
    AnswerLost,
    Hanging { done: bool, after: Duration },
}

/// The faults together with their chance.
#[derive(Debug)]
pub(crate) struct Dice {
    pub faults: Faults,
    chance: Chance,
}

impl Dice {
    pub fn new(faults: Faults) -> Self {
        let chance = Chance::from_seed(faults.seed);
        Self { faults, chance }
    }

    /// Whether that happens, at `rate` thousandths. Nothing is drawn for a rate of zero.
    pub fn strikes(&self, rate: u64) -> bool {
        rate > 0 && self.chance.below(1_000) < rate
    }

    /// What happens to a call that changes something.
    pub fn fate(&self) -> Fate {
        let faults = &self.faults;
        if self.strikes(faults.bad_gateway) {
            Fate::Refused(Refusal::new(502, "Bad Gateway"))
        } else if self.strikes(faults.internal_errors) {
            Fate::Refused(Refusal::new(500, "Internal Server Error"))
        } else if self.strikes(faults.too_many) {
            Fate::Refused(Refusal::too_many(1))
        } else if self.strikes(faults.lost_answers) {
            Fate::AnswerLost
        } else if self.strikes(faults.hanging) {
            let after = Duration::from_millis(faults.hang_ms);
            Fate::Hanging { done: self.chance.below(2) == 0, after }
        } else {
            Fate::Answered
        }
    }

    /// How long an update is held back, if it is.
    pub fn delay(&self) -> Option<Duration> {
        let faults = &self.faults;
        self.strikes(faults.delayed).then(|| Duration::from_millis(1 + self.chance.below(faults.delay_ms)))
    }
}
