//! What goes wrong on purpose.

use samovar_base::Chance;
use std::time::Duration;

/// What happens to one question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It is answered as it should be.
    Answered,
    /// 200 with a page of somebody else.
    Garbage,
    /// The body ends in the middle, with a length that says so.
    Truncated,
    /// The document is a text that holds JSON, where an object belongs.
    Packed,
    /// A text where the document belongs.
    Words,
    /// The document of another receipt.
    Another,
    /// The document without its numbers.
    Hollow,
    /// More bytes than anybody wants.
    Huge,
    /// A code that nobody knows.
    Strange,
    /// "Not there yet", with a number of seconds in an object.
    NotYet,
    /// "Other".
    Other,
    /// "Wait before you ask again", with a number of seconds in an object.
    Wait(u64),
    /// "The plan is used up".
    Quota,
    /// 429 with `Retry-After` in seconds.
    TooMany(u64),
    /// An HTTP status without sense in the body.
    Status(u16),
    /// No answer for so long, then the connection is cut.
    Hang(Duration),
    /// The connection is cut at once; the question was counted.
    Cut,
}

/// Fates with how many of a thousand questions meet them.
pub(crate) struct Dice {
    rates: Vec<(Fate, u64)>,
    pub chance: Chance,
}

impl Dice {
    pub fn new(rates: Vec<(Fate, u64)>, seed: u64) -> Self {
        Self { rates, chance: Chance::from_seed(seed) }
    }

    pub fn fate(&self) -> Fate {
        if self.rates.is_empty() {
            return Fate::Answered;
        }
        let mut drawn = self.chance.below(1_000);
        for (fate, rate) in &self.rates {
            match drawn.checked_sub(*rate) {
                Some(rest) => drawn = rest,
                None => return fate.clone(),
            }
        }
        Fate::Answered
    }
}
