//! What the capabilities of the business offer to scenarios: events, actions, screens and facts. Plain data: the app
//! fills it, the compiler checks drafts against it, the builder's palette and the help are drawn from it.

use crate::Locale;
use serde::{Deserialize, Serialize};

/// Everything a scenario may name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Catalogue {
    /// What may start a scenario, besides what a person does in the conversation.
    pub events: Vec<EventSpec>,
    /// What a scenario may have done.
    pub actions: Vec<ActionSpec>,
    /// Views that the app draws.
    pub screens: Vec<ScreenSpec>,
    /// What texts and conditions may read, and asks and sets may write.
    pub facts: Vec<FactSpec>,
}

impl Catalogue {
    /// The event of that name.
    pub fn event(&self, name: &str) -> Option<&EventSpec> {
        self.events.iter().find(|event| event.name == name)
    }
    /// The action of that name.
    pub fn action(&self, name: &str) -> Option<&ActionSpec> {
        self.actions.iter().find(|action| action.name == name)
    }
    /// The screen of that name.
    pub fn screen(&self, name: &str) -> Option<&ScreenSpec> {
        self.screens.iter().find(|screen| screen.name == name)
    }
    /// The fact of that path.
    pub fn fact(&self, path: &str) -> Option<&FactSpec> {
        self.facts.iter().find(|fact| fact.path == path)
    }
}

/// A name for people, in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Title {
    /// Russian.
    pub ru: String,
    /// English.
    pub en: String,
}

impl Title {
    /// From both.
    pub fn new(ru: impl Into<String>, en: impl Into<String>) -> Self {
        Self { ru: ru.into(), en: en.into() }
    }
    /// In a language.
    pub fn text(&self, locale: Locale) -> &str {
        match locale {
            Locale::Ru => &self.ru,
            Locale::En => &self.en,
        }
    }
}

/// The kind of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Words.
    Text,
    /// A number, whole or not.
    Number,
    /// Whole loyalty points.
    Points,
    /// Yes or no.
    Flag,
    /// A calendar date, `YYYY-MM-DD`.
    Date,
    /// A moment, RFC 3339.
    Moment,
    /// An E.164 phone number.
    Phone,
    /// A list of texts.
    List,
    /// A file that lies at the messenger: `FileRef` of the message vocabulary.
    File,
}

/// A fact: `namespace.name`. A namespace is loaded as a whole, and only when a step needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactSpec {
    /// `loyalty.balance`.
    pub path: String,
    /// What it holds when it holds something; every fact may be absent.
    pub kind: Kind,
    /// A scenario may write it.
    #[serde(default)]
    pub writable: bool,
    /// For people.
    pub title: Title,
}

/// Something that happens in the business and may start a scenario.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventSpec {
    /// `loyalty.earned`.
    pub name: String,
    /// What it brings, read as `event.<path>`.
    #[serde(default)]
    pub values: Vec<FactSpec>,
    /// For people.
    pub title: Title,
}

/// Something a scenario may have done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionSpec {
    /// `loyalty.welcome`.
    pub name: String,
    /// What must or may be said with it.
    #[serde(default)]
    pub params: Vec<ParamSpec>,
    /// How it may end; each is a port of the step. At least one.
    pub outcomes: Vec<OutcomeSpec>,
    /// Namespaces of facts that are outdated afterwards: the app loads them anew when they are asked for.
    #[serde(default)]
    pub changes: Vec<String>,
    /// For people.
    pub title: Title,
}

/// One way in which an action ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutcomeSpec {
    /// `done`, `refused`.
    pub name: String,
    /// What it brings, read as `outcome.<path>`.
    #[serde(default)]
    pub values: Vec<FactSpec>,
    /// For people.
    pub title: Title,
}

/// A parameter of an action or a screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParamSpec {
    /// `purpose`.
    pub name: String,
    /// What it takes; a text may be a template and is converted after rendering.
    pub kind: Kind,
    /// A step without it does not compile.
    #[serde(default)]
    pub required: bool,
    /// For people.
    pub title: Title,
}

/// A view that the app draws: the balance, the card, a list with pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScreenSpec {
    /// `loyalty.history`.
    pub name: String,
    /// What must or may be said with it.
    #[serde(default)]
    pub params: Vec<ParamSpec>,
    /// How the person may leave it by pressing something on it; each is a port of the step.
    #[serde(default)]
    pub outcomes: Vec<OutcomeSpec>,
    /// While the person is at it, it hears what they type, the number of a contact they share, and what can be read
    /// from a picture they send.
    #[serde(default)]
    pub hears: bool,
    /// Files come to it as they are, at once, instead of what can be read in pictures: it keeps them itself.
    #[serde(default)]
    pub takes: bool,
    /// For people.
    pub title: Title,
}
