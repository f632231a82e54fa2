//! Where one person is in one scenario, what can happen to it, and what follows.

use samovar_base::message::{Body, Event, FileRef};
use samovar_base::{Instant, ScenarioId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Named values.
pub type Values = Map<String, Value>;

/// One person in one scenario. Small, and kept as JSON between inputs; a session stays on the version it started.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// Which scenario.
    pub scenario: ScenarioId,
    /// Which version of it.
    pub version: i64,
    /// Where the person is; `None` when the scenario has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// What is going on there.
    #[serde(default, skip_serializing_if = "Doing::is_rest")]
    pub(crate) doing: Doing,
    /// Variables of the scenario, read as `vars.<name>`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub vars: Values,
    /// What the trigger brought, read as `event.<name>`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub event: Values,
    /// What the last action brought, read as `outcome.<name>`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub outcome: Values,
    /// Facts written since the last input, by path: they are newer than those loaded.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(crate) written: Values,
    /// The buttons under the question, where they cannot be told from the scenario alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) shown: Vec<Shown>,
    /// Misunderstood answers in a row.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub tries: u32,
    /// Steps since the last input from outside.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub hops: u32,
    /// Grows with every move; timers carry it, so that an old one is known.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub mark: u32,
    /// The timer that is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) timer: Option<String>,
    /// A hint was given since the person last said something.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) hinted: bool,
    /// A keyboard that asks for the phone number stands under the input line.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub keyboard_up: bool,
    /// A person of the business is talking: the bot is silent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub operator: bool,
    /// What the person did of late: in milliseconds of allowance used up.
    #[serde(default, skip_serializing_if = "Flood::is_calm")]
    pub(crate) flood: Flood,
    /// Messages sent since the person last did something.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unanswered: u32,
    /// Names of what the app puts off until nothing would be lost by it ([`crate::Scenario::is_free`]). Only kept here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub later: Vec<String>,
}

impl Session {
    /// At the very beginning of a version of a scenario.
    pub fn new(scenario: ScenarioId, version: i64) -> Self {
        Self {
            scenario,
            version,
            step: None,
            doing: Doing::Rests,
            vars: Map::new(),
            event: Map::new(),
            outcome: Map::new(),
            written: Map::new(),
            shown: Vec::new(),
            tries: 0,
            hops: 0,
            mark: 0,
            timer: None,
            hinted: false,
            keyboard_up: false,
            operator: false,
            flood: Flood::default(),
            unanswered: 0,
            later: Vec::new(),
        }
    }

    /// The same conversation at the beginning of another scenario or version: variables are forgotten, what is known
    /// of the conversation (keyboard, operator, guards, marks of timers) is kept.
    #[must_use]
    pub fn moved_to(self, scenario: ScenarioId, version: i64) -> Self {
        Self {
            tries: 0,
            mark: self.mark,
            timer: self.timer,
            keyboard_up: self.keyboard_up,
            operator: self.operator,
            flood: self.flood,
            unanswered: self.unanswered,
            hops: self.hops,
            later: self.later,
            ..Self::new(scenario, version)
        }
    }

    /// What the session waits for.
    pub fn awaits(&self) -> Awaits {
        match (&self.doing, self.operator) {
            (
                Doing::Arrives { .. }
                | Doing::Leaves { .. }
                | Doing::Tells { .. }
                | Doing::Acts
                | Doing::Shows { .. },
                _,
            ) => Awaits::App,
            (_, true) => Awaits::Operator,
            (Doing::Waits { .. }, false) => Awaits::Timer,
            (Doing::HandedOff, false) => Awaits::Operator,
            (Doing::Rests, false) if self.step.is_some() => Awaits::Person,
            (Doing::Rests, false) => Awaits::Nothing,
        }
    }
}

/// What a session waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Awaits {
    /// It has ended.
    Nothing,
    /// An answer.
    Person,
    /// A moment.
    Timer,
    /// Facts, an outcome or a drawn screen.
    App,
    /// A person of the business is talking, or was called.
    Operator,
}

/// What is going on at the step.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Doing {
    /// Nothing: the person's turn, or the end.
    #[default]
    Rests,
    /// It is about to be entered, when its facts are there.
    Arrives { manner: Manner },
    /// It is about to be left, when the facts for what is written on the way are there.
    Leaves { port: String },
    /// A sentence of the system is about to be said; afterwards it rests or waits as before.
    Tells { sentence: crate::SystemText, waits: bool },
    /// The app runs an action.
    Acts,
    /// The app draws a screen.
    Shows { page: u32, replaces: Option<String> },
    /// A moment is waited for; `late` when it came while a person of the business was talking.
    Waits { late: bool },
    /// A person of the business was called.
    HandedOff,
}

impl Doing {
    fn is_rest(&self) -> bool {
        *self == Self::Rests
    }
}

/// How a step is entered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Manner {
    /// By an edge or a trigger.
    Fresh,
    /// Once more, as it was.
    Repeat,
    /// Once more, after an answer that was not understood.
    Again(crate::SystemText),
    /// Once more, after an old button was pressed.
    Stale,
    /// A screen, at another page or after one of its own buttons was pressed under that message.
    Turn { page: u32, pressed: Option<String>, message: Option<String> },
    /// A screen, after it heard something.
    Told(Said),
}

/// What a screen that hears was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// Typed words, or the number of a shared contact.
    Text(String),
    /// A picture, and what stands in its codes.
    Read(Reading),
    /// A file, to a screen that takes them.
    File(FileRef),
}

/// What became of a picture that a person sent to a screen that hears.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// What stands in its QR and bar codes, none twice; empty when there is none to be read.
    pub codes: Vec<String>,
    /// Why nobody could look at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unseen: Option<Unseen>,
    /// The picture, for who wants to keep it.
    pub file: FileRef,
    /// Names the event it came with.
    pub once: String,
    /// When that event was stored: later than this nobody did anything.
    pub sent_at: Instant,
}

/// Why a picture could not be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unseen {
    /// Not a JPEG, PNG or WebP: a HEIC of a telephone, say, sent as a file.
    Foreign,
    /// Too many bytes or pixels.
    TooLarge,
    /// The messenger did not give it.
    Gone,
}

/// A button as it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Shown {
    #[serde(rename = "l")]
    pub label: String,
    #[serde(rename = "t")]
    pub token: String,
}

/// A bucket that fills with what the person does and drains with time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Flood {
    /// Milliseconds until it is empty, as of `at`.
    pub level: i64,
    /// When it was looked at last, milliseconds since 1970.
    pub at: i64,
    /// The person was asked to slow down.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub told: bool,
}

impl Flood {
    fn is_calm(&self) -> bool {
        *self == Self::default()
    }
}

#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// What the business knows, as far as it is loaded.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Facts {
    /// The moment of the input. Drives the flood guard, dates in conditions, timers.
    pub now: Instant,
    /// By namespace, an object each: `contact`, `loyalty`, `business`, `channel`. `event`, `outcome` and `vars` are
    /// the session's own and never asked for.
    pub namespaces: BTreeMap<String, Value>,
}

impl Facts {
    /// Nothing loaded yet.
    pub fn at(now: Instant) -> Self {
        Self { now, namespaces: BTreeMap::new() }
    }
    /// With a namespace loaded.
    #[must_use]
    pub fn with(mut self, namespace: &str, values: Value) -> Self {
        self.namespaces.insert(namespace.to_owned(), values);
        self
    }
    /// The zone of the business from `business.zone`; UTC when it is not loaded or not known.
    pub fn zone(&self) -> jiff::tz::TimeZone {
        self.namespaces
            .get("business")
            .and_then(|business| business.get("zone"))
            .and_then(Value::as_str)
            .and_then(|name| jiff::tz::TimeZone::get(name).ok())
            .unwrap_or(jiff::tz::TimeZone::UTC)
    }
}

/// What happens to a session.
#[derive(Debug, Clone, PartialEq)]
pub enum Input<'a> {
    /// It is begun, or taken elsewhere.
    Enter {
        /// Where.
        entry: Entry<'a>,
        /// What is read as `event.<name>` from now on.
        values: Values,
    },
    /// The person did something.
    Said(&'a Event),
    /// Facts that were asked for are there: goes on where it stood.
    Facts,
    /// The action ended, or the person left a screen by one of its outcomes.
    Outcome {
        /// Which of its outcomes.
        name: String,
        /// What is read as `outcome.<name>` from now on.
        values: Values,
    },
    /// The screen was drawn. Its own buttons carry, as the token of a press, whatever the screen wants to hear back:
    /// at most 44 of `[A-Za-z0-9_.-]`; the engine wraps it.
    Shown {
        /// Text, picture and the screen's own buttons; buttons of paging and of the step are added here.
        body: Body,
        /// There is a page after this one.
        more: bool,
    },
    /// The screen made nothing of what it heard. After as many times as the scenario bears, the person is led to help.
    Misheard {
        /// What the screen says to it.
        body: Body,
    },
    /// A picture was looked at ([`Effect::Read`]).
    Read {
        /// The step whose screen wants to know.
        step: &'a str,
        /// What became of it.
        reading: &'a Reading,
    },
    /// A timer rang.
    Due {
        /// The key it was set with.
        key: &'a str,
    },
    /// A person of the business began to talk: the bot is silent.
    TakenOver,
    /// That person is done: the bot goes on.
    GivenBack,
}

/// Where a session begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry<'a> {
    /// By the trigger of that index: [`crate::TriggerMatch::index`].
    Trigger(usize),
    /// Where opening the bot leads; the first trigger when there is none for that. What `goto {scenario}` means.
    Beginning,
    /// At a step.
    Step(&'a str),
}

/// What follows from an input.
#[derive(Debug, Clone, PartialEq)]
pub struct Turn {
    /// As it is now.
    pub session: Session,
    /// In order. They are applied before `next` is obeyed: an action sees the fields that were set before it.
    pub effects: Vec<Effect>,
    /// The steps that were entered or left, in order; for statistics and the why-log.
    pub visited: Vec<Visit>,
    /// What must happen now.
    pub next: Next,
}

/// A step that was entered, and how it was left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// Which.
    pub step: String,
    /// By which port it was left; `None` when it was entered.
    pub port: Option<String>,
}

/// What must happen after a turn.
#[derive(Debug, Clone, PartialEq)]
pub enum Next {
    /// Nothing, until the person, a timer or an operator does something.
    Rest,
    /// Load these namespaces and come back with [`Input::Facts`].
    NeedFacts(Vec<String>),
    /// Run this and come back with [`Input::Outcome`].
    Act {
        /// For causes and idempotency: the step.
        step: String,
        /// Its name in the catalogue.
        action: String,
        /// Its parameters, rendered and of the catalogue's kinds.
        params: Values,
    },
    /// Draw this and come back with [`Input::Shown`], or [`Input::Outcome`] when `pressed` leads out of the screen.
    Show {
        /// The step.
        step: String,
        /// Its name in the catalogue.
        screen: String,
        /// Its parameters, rendered and of the catalogue's kinds.
        params: Values,
        /// From 1.
        page: u32,
        /// What the pressed button of the screen carried.
        pressed: Option<String>,
        /// What it heard; only of screens that do.
        said: Option<Said>,
        /// It takes the place of the message whose button was pressed.
        replaces: bool,
    },
    /// Go on in another scenario: [`Session::moved_to`], then [`Entry::Beginning`].
    Goto {
        /// Its key.
        scenario: String,
    },
    /// The session has ended.
    Ended,
}

/// What the app does for a scenario.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Send this.
    Send {
        /// What.
        body: Body,
        /// The step that says it; `None` for the system's sentences outside of any step.
        step: Option<String>,
        /// What to do when it is not known whether it was taken.
        policy: Policy,
    },
    /// Write a fact.
    SetField {
        /// Its path: `contact.name`.
        name: String,
        /// What; `null` clears it.
        value: Value,
        /// The messenger vouches for it: a phone number shared as one's own.
        proven: bool,
    },
    /// Give the contact a tag.
    AddTag(String),
    /// Take a tag from the contact.
    RemoveTag(String),
    /// Where the person came from: the source of a link.
    Source(String),
    /// Come back with [`Input::Due`] at that moment.
    Timer {
        /// Unique within the session.
        key: String,
        /// When.
        due: Instant,
    },
    /// That timer is no longer needed.
    CancelTimer {
        /// The key it was set with.
        key: String,
    },
    /// Call a person; the bot is silent until [`Input::GivenBack`].
    HandOff {
        /// For that person.
        reason: String,
    },
    /// Look for a code in a picture and come back with [`Input::Read`].
    Read {
        /// The step whose screen wants to know.
        step: String,
        /// The picture.
        file: FileRef,
    },
    /// For the why-log: something was passed over.
    Note {
        /// `hop_limit`, `template`, `empty`, `unexpected_input`, `unknown_outcome`, `flood`, `unanswered`, `old_timer`,
        /// `operator`, `late_reading`.
        code: &'static str,
        /// At which step, with what.
        detail: String,
    },
}

/// What to do with a message when it is not known whether the messenger took it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// Send it again: twice is better than never.
    #[default]
    Repeat,
    /// Keep it as uncertain: it speaks of money.
    Keep,
}
