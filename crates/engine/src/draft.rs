//! A scenario as people write it.

use crate::{Condition, Span};
use samovar_base::message::FileKind;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// A scenario before it is compiled: the readable file, the builder's document. May be incomplete or wrong.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Draft {
    /// Its name among the scenarios of the company; part of every button's token, so it stays when texts change.
    pub key: String,
    /// For staff.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Language of the texts that are not stated here: `ru`, `en`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub locale: String,
    /// The step to which those who got lost are led.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// So many misunderstood answers in a row lead to help; 3 unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tries: Option<u32>,
    /// A person who does more than this is asked to slow down and not heard until then; 120 unless told, 0 for no guard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inputs_per_minute: Option<u32>,
    /// What starts it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub triggers: Vec<Trigger>,
    /// Where it goes: from `step` or `step.port` to a step.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub edges: BTreeMap<String, String>,
    /// Own wording of the system's sentences; the names are those of [`crate::SystemText`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub texts: BTreeMap<String, String>,
    /// What is said, asked and done.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub steps: BTreeMap<String, Step>,
    /// Where the builder draws the steps. Means nothing here.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub layout: Value,
}

/// What starts a scenario, and at which step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trigger {
    /// What.
    #[serde(flatten)]
    pub on: TriggerOn,
    /// The first step.
    pub goto: String,
    /// It is heard before the step at which the person is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub interrupts: bool,
}

/// What starts a scenario.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "on", rename_all = "snake_case")]
pub enum TriggerOn {
    /// The bot was opened; also by a link that no trigger knows.
    Start,
    /// The bot was opened by a link with a payload.
    Link(Link),
    /// A text, compared without case, «ё», punctuation and blanks at the ends.
    Phrase {
        /// Any of these.
        phrases: Vec<String>,
    },
    /// A button that stays under the input line: its label comes as a text.
    Button {
        /// What is written on it.
        label: String,
    },
    /// The person has been silent at a question that has no such rule of its own.
    Silence {
        /// For so long.
        after: Span,
    },
    /// An event of the catalogue.
    Event {
        /// Its name.
        event: String,
        /// What it must have brought: `{ tag = "vip" }`. Of several triggers that fit, the one that asks for most.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        values: BTreeMap<String, Value>,
    },
    /// A date of the person comes round, once a year.
    Date {
        /// Which: `contact.birthday`, or a field of the company that holds a date.
        field: String,
        /// So many days before it; negative ones are after it.
        #[serde(default, skip_serializing_if = "is_zero")]
        days_before: i16,
        /// At this time of the business's day, `HH:MM`.
        #[serde(default = "morning")]
        at: String,
    },
}

#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_zero(days: &i16) -> bool {
    *days == 0
}

fn morning() -> String {
    "10:00".into()
}

/// A deep link: exactly one of `payload` and `prefix`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Link {
    /// The whole payload.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<String>,
    /// How the payload begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// Where the person came from; the payload itself unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// A step. Ports are the names by which it is left; `next` is meant where an edge names only the step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Step {
    /// Says something and goes on. Port: `next`.
    Say(Say),
    /// Asks for a value. Ports: `next`, `skip`, `refused`, `failed`.
    Ask(Ask),
    /// Offers choices. Ports: the keys of the choices, `lost`.
    Choose(Choose),
    /// Goes by conditions. Ports: those of the cases, `else`.
    Branch(Branch),
    /// Writes values and tags. Port: `next`.
    Set(Set),
    /// Has something done. Ports: the outcomes of the action.
    Act(Act),
    /// Shows a view of the app. Ports: the keys of its choices, the outcomes of the screen, `next`, `lost`.
    Show(Show),
    /// Waits. Port: `next`.
    Wait(Wait),
    /// Calls a person; the bot is silent until that person gives the conversation back. Port: `next`.
    HandOff(HandOff),
    /// Goes to another scenario, or to a step of this one.
    Goto(Goto),
    /// Ends the session.
    End(End),
}

/// Says something.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Say {
    /// Template.
    #[serde(default)]
    pub text: String,
    /// A picture or file above the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media: Option<Picture>,
    /// Buttons that open addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<UrlButton>,
    /// When it is not known whether the messenger took it, it is not sent again: for what speaks of money.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub once: bool,
}

/// A button that opens an address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UrlButton {
    /// Template.
    pub label: String,
    /// Template; must come out as `https://…`, `http://…`, `tel:…` or `mailto:…`.
    pub url: String,
}

/// A picture or file that goes with a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// How it is shown.
    #[serde(default = "photo", skip_serializing_if = "is_photo")]
    pub kind: FileKind,
    /// Template of the name of the content, as in `Media::key`.
    pub key: String,
}

fn photo() -> FileKind {
    FileKind::Photo
}

#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_photo(kind: &FileKind) -> bool {
    *kind == FileKind::Photo
}

/// Asks for a value.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Ask {
    /// Template.
    #[serde(default)]
    pub text: String,
    /// What counts as an answer.
    #[serde(default)]
    pub expects: Expects,
    /// Where the answer goes: a writable fact (`contact.name`) or a variable (`vars.colour`).
    pub into: String,
    /// Smallest number, earliest date (`YYYY-MM-DD` or `today`), fewest letters of a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Value>,
    /// Largest number, latest date (`YYYY-MM-DD` or `today`), most letters of a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Value>,
    /// Said after an answer that does not count; a sentence by the kind of answer unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<String>,
    /// So many wrong answers lead to `failed`; as in the scenario unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retries: Option<u32>,
    /// Label of the button that shares the phone number, where the channel has such a button.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share_phone: Option<String>,
    /// A typed number counts even where the number can be shared by a button, which proves that it is one's own.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub typed: bool,
    /// Template of an answer that is offered as a button; not offered when it would not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggest: Option<String>,
    /// Label of the button that leaves without an answer, by `skip`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skip: Option<String>,
    /// What becomes of silence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silence: Option<Silence>,
}

/// What counts as an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expects {
    /// Any words.
    #[default]
    Text,
    /// A person's name.
    Name,
    /// A phone number; kept in E.164.
    Phone,
    /// An e-mail address.
    Email,
    /// A number.
    Number,
    /// A sum of money; kept in hundredths: kopecks, cents. So are its bounds.
    Money,
    /// A date; kept as `YYYY-MM-DD`.
    Date,
    /// A picture.
    Photo,
    /// A file; a picture counts too.
    Document,
}

/// What becomes of silence at a question. One hint is given; the next only after the person said something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silence {
    /// For so long.
    pub after: Span,
    /// Where it leads.
    pub goto: String,
}

/// Offers choices.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Choose {
    /// Template.
    #[serde(default)]
    pub text: String,
    /// A picture above the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media: Option<Picture>,
    /// In order.
    #[serde(default)]
    pub choices: Vec<Choice>,
    /// So many buttons in a row; 1 unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<u8>,
    /// Its buttons work later too, wherever the person is by then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub anytime: bool,
    /// Said after an answer that is none of the choices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<String>,
    /// What becomes of silence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silence: Option<Silence>,
}

/// One choice.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Choice {
    /// The port; part of the button's token.
    pub key: String,
    /// Template.
    #[serde(default)]
    pub label: String,
    /// What is written when it is chosen, as in [`Set::values`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<String, Value>,
}

/// Goes by conditions.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Branch {
    /// The first that holds decides; `else` when none does.
    #[serde(default)]
    pub cases: Vec<Case>,
}

/// One way of a branch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// When.
    pub when: Condition,
    /// Where.
    pub port: String,
}

/// Writes values and tags.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Set {
    /// By writable fact (`contact.city`) or variable (`vars.count`); texts are templates.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, Value>,
    /// Tags the contact gets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub add_tags: Vec<String>,
    /// Tags the contact loses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove_tags: Vec<String>,
}

/// Has something done.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Act {
    /// An action of the catalogue.
    pub action: String,
    /// Its parameters; texts are templates.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<String, Value>,
}

/// Shows a view of the app.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Show {
    /// A screen of the catalogue.
    pub screen: String,
    /// Its parameters; texts are templates.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<String, Value>,
    /// Buttons below those of the screen. With choices, or without a way on, the person stays here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Choice>,
    /// So many buttons in a row; 1 unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<u8>,
    /// Its buttons work later too, wherever the person is by then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub anytime: bool,
    /// What becomes of silence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silence: Option<Silence>,
}

/// Waits; exactly one of both.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Wait {
    /// For so long.
    #[serde(default, rename = "for", skip_serializing_if = "Option::is_none")]
    pub length: Option<Span>,
    /// Template: `HH:MM` (the next time it is so late) or `YYYY-MM-DD HH:MM`, in the zone of the business.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// Calls a person.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct HandOff {
    /// For the person who is called.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// Template of what the customer is told; the system's sentence unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// Goes elsewhere; exactly one of both.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Goto {
    /// The key of another scenario; it begins at its beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// A step of this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
}

/// Ends the session.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct End {}
