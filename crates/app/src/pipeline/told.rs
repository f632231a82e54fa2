//! What the engine is told of a conversation, with what it borrows kept alive.

use crate::capability::Outcome;
use crate::directory::Published;
use samovar_base::message::{Body, Event};
use samovar_engine::{Entry, Input, Reading, Values};

/// What the engine is told next.
pub(super) enum Told<'e> {
    Enter { entry: OwnedEntry, values: Values },
    Said(&'e Event),
    Due(&'e str),
    Read { step: &'e str, reading: &'e Reading },
    TakenOver,
    GivenBack,
    Facts,
    Outcome(Outcome),
    Shown { body: Body, more: bool },
    Misheard { body: Body },
}

/// Where a session begins.
pub(super) enum OwnedEntry {
    Trigger(usize),
    Beginning,
    /// Only in rehearsals.
    Step(String),
}

impl OwnedEntry {
    /// The trigger by which it begins.
    pub(super) fn trigger(&self) -> Option<usize> {
        match self {
            Self::Trigger(index) => Some(*index),
            Self::Beginning | Self::Step(_) => None,
        }
    }
}

impl Told<'_> {
    pub(super) fn as_input(&mut self) -> Input<'_> {
        match self {
            Self::Enter { entry, values } => Input::Enter {
                entry: match entry {
                    OwnedEntry::Trigger(index) => Entry::Trigger(*index),
                    OwnedEntry::Beginning => Entry::Beginning,
                    OwnedEntry::Step(step) => Entry::Step(step),
                },
                values: std::mem::take(values),
            },
            Self::Said(event) => Input::Said(event),
            Self::Due(key) => Input::Due { key },
            Self::Read { step, reading } => Input::Read { step, reading },
            Self::TakenOver => Input::TakenOver,
            Self::GivenBack => Input::GivenBack,
            Self::Facts => Input::Facts,
            Self::Outcome(outcome) => {
                Input::Outcome { name: outcome.name.to_owned(), values: std::mem::take(&mut outcome.values) }
            }
            Self::Shown { body, more } => Input::Shown { body: std::mem::take(body), more: *more },
            Self::Misheard { body } => Input::Misheard { body: std::mem::take(body) },
        }
    }
}

/// A step as causes name it.
pub(super) fn place(scenario: &Published, step: &str) -> String {
    format!("{}@{}/{step}", scenario.scenario.key(), scenario.version)
}
