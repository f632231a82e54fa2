//! How a capability plugs into scenarios: it tells its words once, and does what they mean inside a unit of work.
//!
//! The engine knows only the [`Catalogue`]; the builder's palette, the help and the validation are drawn from it.
//! A new capability is a folder and one line in [`all`].

use crate::problem::Fail;
use crate::visit::Visit;
use futures::future::BoxFuture;
use samovar_base::message::{Body, FileRef};
use samovar_engine::{ActionSpec, Catalogue, EventSpec, FactSpec, Reading, ScreenSpec, Values};
use serde_json::Value;
use std::collections::BTreeMap;

/// The words a capability adds to scenarios. Names are `capability.verb`: `loyalty.welcome`.
#[derive(Debug, Default)]
pub struct Words {
    /// What may start a scenario.
    pub events: Vec<EventSpec>,
    /// What a scenario may do.
    pub actions: Vec<ActionSpec>,
    /// What a scenario may show.
    pub screens: Vec<ScreenSpec>,
    /// What texts and conditions may ask about.
    pub facts: Vec<FactSpec>,
}

/// How an action ended; re-enters the engine as an input. A refusal is an outcome like any other.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// One of the outcomes named in the catalogue: `done`, `refused`.
    pub name: &'static str,
    /// Values the following texts may use, as `outcome.…`.
    pub values: Values,
}

impl Outcome {
    /// An outcome without values.
    pub fn named(name: &'static str) -> Self {
        Self { name, ..Self::default() }
    }
}

/// What is asked of a screen.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    /// Its parameters, of the catalogue's kinds.
    pub params: &'a Values,
    /// From 1.
    pub page: u32,
    /// What the pressed button of the screen carried.
    pub pressed: Option<&'a str>,
    /// What it heard; only of screens that [hear](ScreenSpec::hears).
    pub said: Option<Said<'a>>,
}

/// What a screen that hears was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said<'a> {
    /// Typed words without blanks at their ends, or the number of a shared contact.
    Text(&'a str),
    /// A picture that was sent, and what stands in its codes. Of an album each comes by itself.
    Read(&'a Reading),
    /// A file, to a screen that [takes](ScreenSpec::takes) them.
    File(&'a FileRef),
}

/// What a screen answers.
#[derive(Debug, Clone)]
pub enum Shown {
    /// This; buttons of paging and of the step are added by the engine.
    View {
        /// Text, picture and the screen's own buttons.
        body: Body,
        /// There is a page after this one.
        more: bool,
    },
    /// The screen made nothing of what it heard, and says so. After as many times as the scenario bears, the person
    /// is led to help.
    Misheard(Body),
    /// The pressed button led out of the screen, by one of its outcomes.
    Left(Outcome),
}

/// What follows from the press of a button that a capability put under a message outside of scenarios.
#[derive(Debug, Clone, Default)]
pub struct Pressed {
    /// Takes the place of the message under which the button stood; a message of its own where that cannot be done.
    pub edit: Option<Body>,
    /// The key of a scenario into which the person goes from here, if the channel runs it.
    pub enter: Option<String>,
}

/// The first letter of a capability's own tokens. Tokens of the engine begin with a letter or a digit.
const OWN_BUTTON: char = '.';
/// Longest data of a button together with the capability's name, in bytes: every messenger carries it.
pub const BUTTON_MAX: usize = 62;

/// The token of a button under a message outside of scenarios: its press comes to [`Capability::press`] wherever the
/// person is by then, and leaves the conversation where it stands. `data` is of `[A-Za-z0-9_.-]` and, with the
/// capability's name, at most [`BUTTON_MAX`] bytes. Anybody can send any token: what is pressed is checked like
/// typed words.
///
/// ```
/// assert_eq!(samovar_app::capability::button("code", "yes-17"), ".code:yes-17");
/// ```
pub fn button(capability: &str, data: &str) -> String {
    debug_assert!(capability.len() + data.len() <= BUTTON_MAX, "too long for a button: {data}");
    debug_assert!(data.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte)), "{data}");
    format!("{OWN_BUTTON}{capability}:{data}")
}

/// A capability as scenarios see it. The folder's other verbs are called by their names.
pub trait Capability: Send + Sync {
    /// Its name: the first part of its words.
    fn name(&self) -> &'static str;
    /// Its words.
    fn words(&self) -> Words;
    /// Does `action` (without the capability's name) inside the unit of work of `visit`. The namespaces the catalogue
    /// says it changes are loaded anew afterwards.
    fn act<'a>(
        &'a self,
        action: &'a str,
        params: &'a Values,
        visit: &'a mut Visit,
    ) -> BoxFuture<'a, Result<Outcome, Fail>>;
    /// Draws `screen` (without the capability's name).
    fn show<'a>(
        &'a self,
        screen: &'a str,
        look: Look<'a>,
        visit: &'a mut Visit,
    ) -> BoxFuture<'a, Result<Shown, Fail>>;
    /// A button of its own was pressed, under a message outside of scenarios ([`button`]). What is said to the person
    /// goes into the outbox of the visit, what is said to others into its `ready`.
    fn press<'a>(&'a self, data: &'a str, visit: &'a mut Visit) -> BoxFuture<'a, Result<Pressed, Fail>> {
        let _ = (data, visit);
        Box::pin(std::future::ready(Ok(Pressed::default())))
    }
    /// The facts of one of its namespaces, as an object.
    fn facts<'a>(&'a self, namespace: &'a str, visit: &'a mut Visit) -> BoxFuture<'a, Result<Value, Fail>>;
}

/// All capabilities of this program, found by name.
pub struct Capabilities {
    by_name: BTreeMap<&'static str, Box<dyn Capability>>,
    namespaces: BTreeMap<String, &'static str>,
    catalogue: Catalogue,
}

impl Capabilities {
    /// Collects the words of `all`. Facts belong to the capability that declares their namespace.
    pub fn new(all: Vec<Box<dyn Capability>>) -> Self {
        let mut catalogue = Catalogue::default();
        let mut namespaces = BTreeMap::new();
        let mut by_name = BTreeMap::new();
        for capability in all {
            let words = capability.words();
            for fact in &words.facts {
                let namespace = fact.path.split('.').next().unwrap_or_default();
                namespaces.insert(namespace.to_owned(), capability.name());
            }
            catalogue.events.extend(words.events);
            catalogue.actions.extend(words.actions);
            catalogue.screens.extend(words.screens);
            catalogue.facts.extend(words.facts);
            by_name.insert(capability.name(), capability);
        }
        Self { by_name, namespaces, catalogue }
    }

    /// Everything scenarios may say.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }
    /// The capability of a full word and the rest of the word: `loyalty.welcome` gives loyalty and `welcome`.
    pub fn find<'a>(&self, word: &'a str) -> Option<(&dyn Capability, &'a str)> {
        let (name, rest) = word.split_once('.')?;
        self.by_name.get(name).map(|capability| (capability.as_ref(), rest))
    }
    /// The capability behind a token made by [`button`], and what the button carries.
    pub fn of_button<'a>(&self, token: &'a str) -> Option<(&dyn Capability, &'a str)> {
        let (name, data) = token.trim().strip_prefix(OWN_BUTTON)?.split_once(':')?;
        self.by_name.get(name).map(|capability| (capability.as_ref(), data))
    }
    /// The capability that knows the facts of a namespace.
    pub fn of_facts(&self, namespace: &str) -> Option<&dyn Capability> {
        self.by_name.get(self.namespaces.get(namespace)?).map(AsRef::as_ref)
    }
}

/// The capabilities of this program.
pub fn all() -> Vec<Box<dyn Capability>> {
    vec![
        Box::new(crate::tenants::words::Business),
        Box::new(crate::contacts::words::Contacts),
        Box::new(crate::contacts::words::Consents),
        Box::new(crate::loyalty::words::Loyalty),
        Box::new(crate::codes::words::Codes),
        Box::new(crate::draws::words::Draws),
        Box::new(crate::catalogue::words::Catalogue),
        Box::new(crate::deals::words::Deals),
        Box::new(crate::broadcasts::words::Broadcasts),
        Box::new(crate::promo::words::Promo),
        Box::new(crate::receipts::words::Receipts),
        Box::new(crate::staff::words::Colleague),
        Box::new(crate::counter::Counter),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buttons_of_capabilities_are_told_from_those_of_scenarios() {
        let known = Capabilities::new(all());
        let found = |token: &str| known.of_button(token).map(|(of, data)| (of.name(), data.to_owned()));
        let token = button("loyalty", &"x".repeat(BUTTON_MAX - "loyalty".len()));
        assert_eq!(token.len(), 64);
        assert_eq!(found(&token).map(|(name, data)| (name, data.len())), Some(("loyalty", 55)));
        assert_eq!(found(" .loyalty:yes-17 "), Some(("loyalty", "yes-17".into())));
        for token in
            ["", ".", ".loyalty", "loyalty:x", "0aj3k5m7n9p1q", "0aj3k5m7n9p1q:iloyalty", ".nobody:x"]
        {
            assert_eq!(found(token), None, "{token}");
        }
    }
}
