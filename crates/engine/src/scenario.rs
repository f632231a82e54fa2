//! A scenario that can run.

use crate::check;
use crate::hear;
use crate::template::{Templates, Text};
use crate::{
    Catalogue, Condition, Draft, Entry, Expects, Kind, Locale, Policy, Problem, Session, Span, SystemText,
    Values, normalise, token,
};
use jiff::civil::{Date, Time};
use samovar_base::message::{Event, FileKind};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap};

/// A compiled scenario: immutable, shared by all sessions on its version.
#[derive(Debug)]
pub struct Scenario {
    pub(crate) key: String,
    pub(crate) nodes: Vec<Node>,
    pub(crate) names: HashMap<String, usize>,
    pub(crate) triggers: Vec<Gate>,
    pub(crate) phrases: HashMap<String, usize>,
    pub(crate) tokens: HashMap<String, (usize, Slot)>,
    pub(crate) texts: BTreeMap<SystemText, (Text, Vec<String>)>,
    pub(crate) templates: Templates,
    pub(crate) locale: Locale,
    pub(crate) help: Option<usize>,
    pub(crate) silence: Option<(Span, usize)>,
    pub(crate) tries: u32,
    pub(crate) inputs_per_minute: u32,
    pub(crate) commands: Vec<Command>,
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
    /// The button works wherever the person is: [`crate::advance()`] takes its press in any session of this scenario.
    pub anytime: bool,
    /// The choice behind the button.
    pub choice: Option<String>,
    /// The page behind the button.
    pub page: Option<u32>,
}

/// A phrase that messengers may offer as a command of the bot: a trigger's phrase that begins with `/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Without the `/`: 1-32 of `[a-z0-9_]`.
    pub name: String,
    /// For people: the trigger's first phrase without a `/`, or the name.
    pub title: String,
}

/// A date of a person that starts a scenario when it comes round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DateTrigger<'s> {
    /// The event to enter it by: what [`Scenario::listens`] knows it by.
    pub event: String,
    /// The fact that holds the date.
    pub field: &'s str,
    /// So many days before the date; negative ones are after it.
    pub days_before: i16,
    /// At this time of the business's day.
    pub at: Time,
}

/// A compiled trigger.
#[derive(Debug, Clone)]
pub(crate) struct Gate {
    pub on: crate::TriggerOn,
    pub goto: usize,
    pub interrupts: bool,
}

/// A compiled step.
#[derive(Debug)]
pub(crate) struct Node {
    pub name: String,
    pub work: Work,
    /// Namespaces that must be loaded before it is entered.
    pub needs: Vec<String>,
    /// Wired ports.
    pub ports: Vec<(String, usize)>,
    pub silence: Option<(Span, usize)>,
}

#[derive(Debug)]
pub(crate) enum Work {
    Say(SayPlan),
    Ask(Box<AskPlan>),
    Choose(ChoosePlan),
    Branch(Vec<(Condition, String)>),
    Set(SetPlan),
    Act(ActPlan),
    Show(ShowPlan),
    Wait(Pause),
    HandOff { reason: String, text: Option<Text> },
    Jump(usize),
    Goto(String),
    End,
}

#[derive(Debug)]
pub(crate) struct SayPlan {
    pub text: Text,
    pub media: Option<PicturePlan>,
    pub buttons: Vec<(Text, Text)>,
    pub policy: Policy,
}

#[derive(Debug)]
pub(crate) struct PicturePlan {
    pub kind: FileKind,
    pub key: Text,
}

#[derive(Debug)]
pub(crate) struct AskPlan {
    pub text: Text,
    pub expects: Expects,
    pub into: Destination,
    pub min: Option<Bound>,
    pub max: Option<Bound>,
    pub again: Option<Text>,
    pub retries: u32,
    pub share_phone: Option<Text>,
    pub typed: bool,
    pub suggest: Option<(Text, String)>,
    pub skip: Option<(Text, String)>,
}

#[cfg(test)]
impl AskPlan {
    /// A bare question of a kind.
    pub fn of(expects: Expects) -> Self {
        Self {
            text: Text::default(),
            expects,
            into: Destination::Var("answer".into()),
            min: None,
            max: None,
            again: None,
            retries: 3,
            share_phone: None,
            typed: false,
            suggest: None,
            skip: None,
        }
    }
}

/// Where a value is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Destination {
    Fact(String),
    Var(String),
}

/// A limit of an answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Bound {
    Number(f64),
    Date(Date),
    Today,
    Letters(usize),
}

#[derive(Debug)]
pub(crate) struct ChoosePlan {
    pub text: Text,
    pub media: Option<PicturePlan>,
    pub choices: Vec<ChoicePlan>,
    pub columns: usize,
    pub anytime: bool,
    pub again: Option<Text>,
}

#[derive(Debug)]
pub(crate) struct ChoicePlan {
    pub key: String,
    pub label: Text,
    pub token: String,
    pub set: Vec<Assignment>,
    /// Namespaces for what is written.
    pub needs: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct Assignment {
    pub into: Destination,
    pub value: Param,
}

/// A value whose texts are templates.
#[derive(Debug)]
pub(crate) enum Param {
    Literal(Value),
    Text(Text, Option<Kind>),
    List(Vec<Param>),
    Map(Vec<(String, Param)>),
}

#[derive(Debug)]
pub(crate) struct SetPlan {
    pub values: Vec<Assignment>,
    pub add_tags: Vec<String>,
    pub remove_tags: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct ActPlan {
    pub action: String,
    pub params: Vec<(String, Param)>,
    pub changes: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct ShowPlan {
    pub screen: String,
    pub params: Vec<(String, Param)>,
    pub choices: Vec<ChoicePlan>,
    pub columns: usize,
    pub anytime: bool,
    pub token: String,
    /// The person stays here after it was drawn.
    pub rests: bool,
    /// Words and pictures go to the screen.
    pub hears: bool,
    /// Files go to the screen as they are.
    pub takes: bool,
}

#[derive(Debug)]
pub(crate) enum Pause {
    For(Span),
    Until(Text),
}

/// What a token points at within its step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slot {
    Choice(usize),
    Skip,
    Suggest,
    Screen,
}

impl Scenario {
    /// From a draft: a scenario when there are no errors, and all that is wrong.
    pub fn compile(draft: &Draft, catalogue: &Catalogue) -> (Option<Self>, Vec<Problem>) {
        crate::compile::compile(draft, catalogue)
    }

    /// Its key.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The language of the system's sentences in it.
    pub fn locale(&self) -> Locale {
        self.locale
    }

    /// The trigger that fits what the person did, if one does.
    pub fn matches(&self, event: &Event) -> Option<TriggerMatch> {
        match event {
            Event::Start { payload: Some(payload) } if !payload.is_empty() => {
                self.linked(payload).or_else(|| self.started(Some(payload)))
            }
            Event::Start { .. } => self.started(None),
            Event::Text { text } => {
                let index = *self.phrases.get(&normalise(text))?;
                let priority =
                    if matches!(self.triggers[index].on, crate::TriggerOn::Phrase { .. }) { 2 } else { 1 };
                Some(self.matched(index, priority, Map::new()))
            }
            _ => None,
        }
    }

    /// The trigger on an event of the catalogue that brought these values, if there is one; of several that fit, the
    /// one that asks for most.
    pub fn listens(&self, event: &str, values: &Values) -> Option<TriggerMatch> {
        let fit = |gate: &Gate| match &gate.on {
            crate::TriggerOn::Event { event: name, values: asked } if name == event => {
                let fits = asked.iter().all(|(name, value)| values.get(name) == Some(value));
                fits.then_some(asked.len())
            }
            crate::TriggerOn::Date { field, days_before, at } => {
                (check::date_event(field, *days_before, at) == event).then_some(0)
            }
            _ => None,
        };
        let fits = self.triggers.iter().enumerate().filter_map(|(index, gate)| Some((fit(gate)?, index)));
        let (asked, index) = fits.max_by_key(|(asked, index)| (*asked, usize::MAX - index))?;
        let priority = u8::try_from(asked).unwrap_or(u8::MAX).saturating_add(1);
        Some(self.matched(index, priority, Map::new()))
    }

    /// Whether a trigger waits for an event of that name, whatever it brings.
    pub fn waits_for(&self, event: &str) -> bool {
        self.triggers.iter().any(|gate| match &gate.on {
            crate::TriggerOn::Event { event: name, .. } => name == event,
            _ => false,
        })
    }

    /// Dates of people that start this scenario when they come round.
    pub fn dates(&self) -> impl Iterator<Item = DateTrigger<'_>> {
        self.triggers.iter().filter_map(|gate| match &gate.on {
            crate::TriggerOn::Date { field, days_before, at } => Some(DateTrigger {
                event: check::date_event(field, *days_before, at),
                field,
                days_before: *days_before,
                at: at.parse().ok()?,
            }),
            _ => None,
        })
    }

    /// Whether nothing is lost when an event takes the session elsewhere: it has ended, or it rests at a menu or a
    /// view that waits for no words. Questions, pauses and people of the business are not interrupted.
    pub fn is_free(&self, session: &Session) -> bool {
        match session.awaits() {
            crate::Awaits::Nothing => true,
            crate::Awaits::Person => {
                let node = session.step.as_deref().and_then(|step| self.node(step));
                node.is_none_or(|at| self.nodes[at].is_free())
            }
            crate::Awaits::Timer | crate::Awaits::App | crate::Awaits::Operator => false,
        }
    }

    /// What a button's token means here; `None` when it is not of this scenario.
    pub fn resolve(&self, token: &str) -> Option<Target> {
        let (step, slot, suffix) = self.slot(token)?;
        let node = &self.nodes[step];
        let choice = match slot {
            Slot::Choice(at) => node.choices().get(at).map(|choice| choice.key.clone()),
            _ => None,
        };
        let page = match suffix {
            Some(token::Suffix::Page(page)) => Some(page),
            _ => None,
        };
        Some(Target { step: node.name.clone(), anytime: node.anytime(), choice, page })
    }

    /// The token of a choice, for tests and for links into a conversation.
    pub fn token(&self, step: &str, choice: &str) -> Option<&str> {
        let node = self.node(step)?;
        let found = self.nodes[node].choices().iter().find(|known| known.key == choice)?;
        Some(&found.token)
    }

    /// Whether the step at which the session rests takes this as an answer. The app asks before it offers the event
    /// to triggers that do not interrupt.
    pub fn answers(&self, session: &Session, event: &Event) -> bool {
        hear::answers(self, session, event)
    }

    /// Namespaces that entering there asks for at once: the app may load them beforehand.
    pub fn needs(&self, entry: Entry<'_>) -> &[String] {
        self.entry(entry).map_or(&[], |node| &self.nodes[node].needs)
    }

    /// What messengers may offer as commands of the bot.
    pub fn commands(&self) -> &[Command] {
        &self.commands
    }

    pub(crate) fn entry(&self, entry: Entry<'_>) -> Option<usize> {
        match entry {
            Entry::Trigger(index) => self.triggers.get(index).map(|gate| gate.goto),
            Entry::Step(name) => self.node(name),
            Entry::Beginning => {
                let start = self.triggers.iter().find(|gate| matches!(gate.on, crate::TriggerOn::Start));
                start.or(self.triggers.first()).map(|gate| gate.goto)
            }
        }
    }

    pub(crate) fn node(&self, name: &str) -> Option<usize> {
        self.names.get(name).copied()
    }

    pub(crate) fn slot<'t>(&self, token: &'t str) -> Option<(usize, Slot, Option<token::Suffix<'t>>)> {
        let (base, suffix) = token::split(token);
        let (step, slot) = *self.tokens.get(base)?;
        ((slot == Slot::Screen) == suffix.is_some()).then_some((step, slot, suffix))
    }

    fn linked(&self, payload: &str) -> Option<TriggerMatch> {
        let fit = |gate: &Gate| match &gate.on {
            crate::TriggerOn::Link(link) if link.payload.as_deref() == Some(payload) => Some(usize::MAX),
            crate::TriggerOn::Link(link) => {
                link.prefix.as_deref().filter(|prefix| payload.starts_with(prefix)).map(str::len)
            }
            _ => None,
        };
        let fits = self.triggers.iter().enumerate().filter_map(|(index, gate)| Some((fit(gate)?, index)));
        let (length, index) = fits.max_by_key(|(length, index)| (*length, usize::MAX - index))?;
        let crate::TriggerOn::Link(link) = &self.triggers[index].on else { return None };
        let source = link.source.as_deref().unwrap_or(payload);
        let priority = if length == usize::MAX { 5 } else { 4 };
        Some(self.matched(index, priority, link_values(payload, source)))
    }

    fn started(&self, payload: Option<&str>) -> Option<TriggerMatch> {
        let index = self.triggers.iter().position(|gate| matches!(gate.on, crate::TriggerOn::Start))?;
        Some(self.matched(index, 3, payload.map_or_else(Map::new, |payload| link_values(payload, payload))))
    }

    fn matched(&self, index: usize, priority: u8, values: Values) -> TriggerMatch {
        TriggerMatch { index, priority, interrupts: self.triggers[index].interrupts, values }
    }
}

fn link_values(payload: &str, source: &str) -> Values {
    [("payload", payload), ("source", source)]
        .map(|(name, value)| (name.to_owned(), Value::from(value)))
        .into_iter()
        .collect()
}

impl Gate {
    /// It is pulled by the person, not by the business.
    pub fn is_persons(&self) -> bool {
        use crate::TriggerOn::{Date, Event, Silence};
        !matches!(self.on, Event { .. } | Date { .. } | Silence { .. })
    }
}

impl Node {
    pub fn choices(&self) -> &[ChoicePlan] {
        match &self.work {
            Work::Choose(plan) => &plan.choices,
            Work::Show(plan) => &plan.choices,
            _ => &[],
        }
    }
    /// Who is here waits for nothing that would be lost by going elsewhere.
    pub fn is_free(&self) -> bool {
        self.anytime() || matches!(&self.work, Work::Show(plan) if !plan.hears)
    }
    pub fn anytime(&self) -> bool {
        match &self.work {
            Work::Choose(plan) => plan.anytime,
            Work::Show(plan) => plan.anytime,
            _ => false,
        }
    }
    /// Where that very port leads.
    pub fn wired(&self, port: &str) -> Option<usize> {
        self.ports.iter().find(|(name, _)| name == port).map(|(_, target)| *target)
    }
    /// Where that port leads, or `next` when it is not wired itself.
    pub fn exit(&self, port: &str) -> Option<usize> {
        self.wired(port).or_else(|| self.wired("next"))
    }
}
