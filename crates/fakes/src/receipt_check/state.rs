//! What the services know and remember.

use super::Config;
use super::faults::{Dice, Fate};
use super::question::Asked;
use samovar_base::Instant;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

/// What makes a receipt this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Number {
    pub drive: u64,
    pub document: u64,
    pub sign: u64,
}

impl Number {
    pub fn new(drive: &str, document: i64, sign: i64) -> Option<Self> {
        let positive = |number: i64| u64::try_from(number).ok();
        Some(Self { drive: drive.parse().ok()?, document: positive(document)?, sign: positive(sign)? })
    }
}

/// A receipt that the tax service has, or will have.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub since: Instant,
    pub document: Arc<str>,
    /// What must be asked to get it.
    pub asked: Asked,
}

/// A question to the tax service that waits for its asker.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub asked: Asked,
    pub fate: Fate,
    pub looks: u32,
}

pub(crate) struct State {
    pub receipts: HashMap<Number, Known>,
    pub counts: HashMap<Number, u64>,
    pub asked: u64,
    pub given: u64,
    pub plan: Option<u64>,
    pub down: bool,
    pub revoked: HashSet<String>,
    pub next: VecDeque<Fate>,
    pub dice: Dice,
    pub complaints: Vec<String>,
    /// The second of which questions are counted, and how many it has.
    pub second: (i64, u64),
    /// Sessions of the tax service: token to master token and end.
    pub sessions: HashMap<String, (String, Instant)>,
    pub messages: HashMap<String, Message>,
    pub made: u64,
}

/// Complaints that are kept.
const COMPLAINTS_MAX: usize = 100;

/// What the services say of a question about a receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// There is no such receipt.
    Wrong,
    /// The document, and whether it is the first question about it.
    Found(Arc<str>, bool),
    /// The tax service has not got it yet.
    NotYet,
    /// Too many questions about this receipt.
    TooOften,
    /// The plan is used up.
    UsedUp,
    /// Too many questions in this second.
    TooFast,
}

impl State {
    pub fn new(config: &Config) -> Self {
        Self {
            receipts: HashMap::new(),
            counts: HashMap::new(),
            asked: 0,
            given: 0,
            plan: config.plan,
            down: false,
            revoked: HashSet::new(),
            next: VecDeque::new(),
            dice: Dice::new(Vec::new(), config.seed),
            complaints: Vec::new(),
            second: (0, 0),
            sessions: HashMap::new(),
            messages: HashMap::new(),
            made: 0,
        }
    }

    pub fn complain(&mut self, what: String) {
        if self.complaints.len() < COMPLAINTS_MAX {
            self.complaints.push(what);
        }
    }

    pub fn accepts(&self, config: &Config, token: &str) -> bool {
        let known = config.tokens.is_empty() || config.tokens.iter().any(|known| known == token);
        known && !self.revoked.contains(token)
    }

    pub fn fate(&mut self) -> Fate {
        self.next.pop_front().unwrap_or_else(|| self.dice.fate())
    }

    /// Counts a question and says what is known.
    pub fn judge(&mut self, config: &Config, asked: &Asked, now: Instant) -> Verdict {
        if let Some(most) = config.per_second {
            let second = now.seconds();
            if self.second.0 != second {
                self.second = (second, 0);
            }
            self.second.1 += 1;
            if self.second.1 > most {
                return Verdict::TooFast;
            }
        }
        if let Some(plan) = self.plan.as_mut() {
            match plan.checked_sub(1) {
                Some(left) => *plan = left,
                None => return Verdict::UsedUp,
            }
        }
        let count = self.counts.entry(asked.number).or_insert(0);
        *count += 1;
        let is_first = *count == 1;
        if *count > config.per_receipt {
            return Verdict::TooOften;
        }
        match (self.receipts.get(&asked.number), &config.invented) {
            (Some(known), _) if known.asked != *asked => Verdict::Wrong,
            (Some(known), _) if known.since > now => Verdict::NotYet,
            (Some(known), _) => {
                self.given += 1;
                Verdict::Found(Arc::clone(&known.document), is_first)
            }
            (None, Some(invented)) => match invented.document(asked) {
                Some(document) => {
                    self.given += 1;
                    Verdict::Found(document.into(), is_first)
                }
                None => Verdict::Wrong,
            },
            (None, None) => Verdict::Wrong,
        }
    }
}
