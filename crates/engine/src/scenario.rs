//! A scenario that can run.

use crate::{Catalogue, Draft, Entry, Problem, Session, Values};
use samovar_base::message::Event;

/// A compiled scenario: immutable, shared by all sessions on its version.
#[derive(Debug)]
pub struct Scenario {
    key: String,
}

/// A trigger that fits what happened.
#[derive(Debug, Clone, PartialEq)]
pub struct TriggerMatch {
    /// For [`Entry::Trigger`].
    pub index: usize,
    /// Between scenarios the highest wins: an exact link over a prefix over a start; a phrase over a button.
    pub priority: u8,
    /// It is heard before the step at which the person is.
    pub interrupts: bool,
    /// For [`crate::Input::Enter`]: `payload` and `source` of a link.
    pub values: Values,
}

/// What a button's token means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The step under whose question the button stands.
    pub step: String,
    /// The button works wherever the person is.
    pub anytime: bool,
}

/// A phrase that people may be shown as a command of the bot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// As it is typed.
    pub phrase: String,
}

impl Scenario {
    /// From a draft: a scenario when there are no errors, and all that is wrong.
    pub fn compile(draft: &Draft, _catalogue: &Catalogue) -> (Option<Self>, Vec<Problem>) {
        (Some(Self { key: draft.key.clone() }), Vec::new())
    }
    /// Its key.
    pub fn key(&self) -> &str {
        &self.key
    }
    /// The trigger that fits what the person did, if one does.
    pub fn matches(&self, _event: &Event) -> Option<TriggerMatch> {
        None
    }
    /// The trigger on an event of the catalogue, if there is one.
    pub fn listens(&self, _event: &str) -> Option<TriggerMatch> {
        None
    }
    /// What a button's token means here; `None` when it is not of this scenario.
    pub fn resolve(&self, _token: &str) -> Option<Target> {
        None
    }
    /// Whether the step at which the session rests takes this as an answer.
    pub fn answers(&self, _session: &Session, _event: &Event) -> bool {
        false
    }
    /// Namespaces that entering there will ask for at once: the app may load them beforehand.
    pub fn needs(&self, _entry: Entry<'_>) -> &[String] {
        &[]
    }
}
