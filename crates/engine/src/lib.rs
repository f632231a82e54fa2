//! The scenario interpreter: (scenario, session, input) gives effects. Pure.
//!
//! A [`Draft`] is what people write: a readable file or the builder's document. [`Scenario::compile`] turns it into
//! a [`Scenario`] and a list of [`Problem`]s, knowing of the business only what the [`Catalogue`] tells. [`advance()`]
//! moves one [`Session`] by one [`Input`] and answers with a [`Turn`]: effects to apply, and what must happen next.
//!
//! What is deliberately absent: clock, chance, network, database, async. The time comes in with [`Facts`], what the
//! business knows comes in as facts and outcomes, and everything the person sees leaves as [`Effect::Send`].
//! The same arguments give the same turn, which is why a unit of work may run again and a conversation may be rehearsed.

mod advance;
mod answer;
mod catalogue;
mod check;
mod compile;
mod condition;
mod draft;
mod draw;
mod hear;
mod problem;
mod read;
mod scenario;
mod scope;
mod session;
mod span;
mod template;
mod token;
mod words;

pub use advance::advance;
pub use answer::{Amount, amount};
pub use catalogue::{
    ActionSpec, Catalogue, EventSpec, FactSpec, Kind, OutcomeSpec, ParamSpec, ScreenSpec, Title,
};
pub use condition::{Condition, Lookup, Operator, eval};
pub use draft::{
    Act, Ask, Branch, Case, Choice, Choose, Draft, End, Expects, Goto, HandOff, Link, Picture, Say, Set,
    Show, Silence, Step, Trigger, TriggerOn, Wait,
};
pub use problem::{Place, Problem, Severity};
pub use scenario::{Command, DateTrigger, Scenario, Target, TriggerMatch};
pub use session::{
    Awaits, Effect, Entry, Facts, Input, Next, Policy, Reading, Said, Session, Turn, Unseen, Values, Visit,
};
pub use span::Span;
pub use words::{Locale, SystemText, normalise};
