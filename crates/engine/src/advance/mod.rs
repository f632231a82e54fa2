//! Moves a session by one input.

mod steps;
mod tools;

use crate::hear::{self, Heard};
use crate::scenario::Work;
use crate::scope::Scope;
use crate::session::{Doing, Flood, Manner, Reading, Said};
use crate::{
    Effect, Entry, Facts, Input, Next, Policy, Scenario, Session, SystemText, Turn, Values, Visit, answer,
    eval,
};
use samovar_base::message::{Body, Event};
use serde_json::{Map, Value};

/// Steps that one input from outside may lead through.
const HOPS_MAX: u32 = 64;
/// Messages that are sent without the person doing anything.
const UNANSWERED_MAX: u32 = 100;
/// What the flood guard allows at once, in milliseconds of allowance.
const ALLOWANCE_MS: i64 = 60_000;

/// What follows from the input. Never fails and never panics; what cannot be done is told by an [`Effect::Note`].
///
/// Effects come before [`Turn::next`]. After [`Next::NeedFacts`], [`Next::Act`] and [`Next::Show`] the app comes back
/// with the matching input in the same unit of work; the effects of all these turns belong to one input from outside,
/// which leads through at most 64 steps.
pub fn advance(scenario: &Scenario, session: Session, input: Input<'_>, facts: &Facts) -> Turn {
    let mut run = Run { scenario, facts, session, effects: Vec::new(), visited: Vec::new() };
    let mut go = run.take(input);
    loop {
        go = match go {
            Go::Arrive(at, manner) => run.arrive(at, manner),
            Go::Leave(at, port) => run.leave(at, port),
            Go::Tell(sentence) => run.tell(sentence),
            Go::Stop(next) => {
                return Turn { session: run.session, effects: run.effects, visited: run.visited, next };
            }
        };
    }
}

struct Run<'a> {
    scenario: &'a Scenario,
    facts: &'a Facts,
    session: Session,
    effects: Vec<Effect>,
    visited: Vec<Visit>,
}

/// What to do next within a turn.
enum Go {
    Arrive(usize, Manner),
    Leave(usize, String),
    /// Say a sentence of the system and stay.
    Tell(SystemText),
    Stop(Next),
}

// What comes in.
impl<'a> Run<'a> {
    fn take(&mut self, input: Input<'_>) -> Go {
        if !matches!(
            input,
            Input::Facts | Input::Outcome { .. } | Input::Shown { .. } | Input::Misheard { .. }
        ) {
            self.session.hops = 0;
            self.session.written = Map::new();
        }
        match input {
            Input::Enter { entry, values } => self.enter(entry, values),
            Input::Said(event) => self.said(event),
            Input::Facts => self.resume(),
            Input::Outcome { name, values } => self.outcome(name, values),
            Input::Shown { body, more } => self.shown(body, more),
            Input::Misheard { body } => self.misheard(body),
            Input::Due { key } => self.due(key),
            Input::Read { step, reading } => self.read(step, reading),
            Input::TakenOver => {
                self.session.operator = true;
                Go::Stop(Next::Rest)
            }
            Input::GivenBack => self.given_back(),
        }
    }

    fn enter(&mut self, entry: Entry<'_>, values: Values) -> Go {
        if self.session.operator {
            self.note("operator", "a trigger was passed over");
            return Go::Stop(Next::Rest);
        }
        let by_person = match entry {
            Entry::Trigger(index) => self.scenario.triggers.get(index).is_some_and(|gate| gate.is_persons()),
            Entry::Beginning | Entry::Step(_) => false,
        };
        if by_person && let Some(refused) = self.guard() {
            return refused;
        }
        let Some(at) = self.scenario.entry(entry) else {
            self.note("unexpected_input", format!("{entry:?}"));
            return self.idle();
        };
        let source =
            values.get("source").and_then(Value::as_str).filter(|source| by_person && !source.is_empty());
        if let Some(source) = source {
            self.effects.push(Effect::Source(source.to_owned()));
        }
        self.session.event = values;
        self.session.outcome = Map::new();
        self.session.tries = 0;
        Go::Arrive(at, Manner::Fresh)
    }

    fn said(&mut self, event: &Event) -> Go {
        if self.session.operator {
            return Go::Stop(Next::Rest);
        }
        let heard = hear::hear(self.scenario, &self.session, event, self.facts);
        if heard == Heard::Nothing {
            return self.idle();
        }
        if let Some(refused) = self.guard() {
            return refused;
        }
        if matches!(
            self.session.doing,
            Doing::Acts
                | Doing::Shows { .. }
                | Doing::Arrives { .. }
                | Doing::Leaves { .. }
                | Doing::Tells { .. }
        ) {
            self.note("unexpected_input", "said while the app is at work");
            return Go::Stop(Next::Rest);
        }
        match heard {
            Heard::Chosen { at, choice } => self.choose(at, choice),
            Heard::Answered { at, answer } => self.answered(at, answer),
            Heard::Skipped { at } => self.understood(at, "skip"),
            Heard::Turned { at, page, pressed, message } => {
                self.session.tries = 0;
                Go::Arrive(at, Manner::Turn { page, pressed, message })
            }
            // How often it is not understood is counted on until the screen makes something of it.
            Heard::Told { at, said } => Go::Arrive(at, Manner::Told(said)),
            Heard::Shown { at, file } => {
                self.session.tries = 0;
                let step = self.scenario.nodes[at].name.clone();
                self.effects.push(Effect::Read { step, file });
                self.idle()
            }
            Heard::Forged { at } if self.scenario.nodes[at].wired("refused").is_some() => {
                self.understood(at, "refused")
            }
            Heard::Forged { at } => self.misunderstood(at, SystemText::PhoneNotOwn),
            Heard::Misunderstood { at, because } => self.misunderstood(at, because),
            Heard::Stale => match self.resting() {
                Some(at) => Go::Arrive(at, Manner::Stale),
                None => Go::Tell(SystemText::StaleButton),
            },
            Heard::Reopened => match self.resting() {
                Some(at) => Go::Arrive(at, Manner::Repeat),
                None => self.idle(),
            },
            Heard::Unasked => self.unasked(),
            Heard::Nothing => self.idle(),
        }
    }

    /// Facts were loaded: goes on where it stood.
    fn resume(&mut self) -> Go {
        match (std::mem::take(&mut self.session.doing), self.here()) {
            (Doing::Arrives { manner }, Some(at)) => Go::Arrive(at, manner),
            (Doing::Leaves { port }, Some(at)) => Go::Leave(at, port),
            (Doing::Tells { sentence, waits }, _) => {
                self.session.doing = if waits { Doing::Waits { late: false } } else { Doing::Rests };
                Go::Tell(sentence)
            }
            (doing, _) => self.unexpected(doing, "facts"),
        }
    }

    fn outcome(&mut self, name: String, values: Values) -> Go {
        let doing = std::mem::take(&mut self.session.doing);
        let (true, Some(at)) = (matches!(doing, Doing::Acts | Doing::Shows { .. }), self.here()) else {
            return self.unexpected(doing, "outcome");
        };
        let node = &self.scenario.nodes[at];
        if let Work::Act(plan) = &node.work {
            let outdated =
                |path: &str| plan.changes.iter().any(|space| path.split('.').next() == Some(space));
            self.session.written.retain(|path, _| !outdated(path));
        }
        self.session.outcome = values;
        if node.exit(&name).is_none() {
            self.note("unknown_outcome", format!("{}: {name}", node.name));
            return self.broken("unknown_outcome");
        }
        Go::Leave(at, name)
    }

    fn shown(&mut self, body: Body, more: bool) -> Go {
        let doing = std::mem::take(&mut self.session.doing);
        let (Doing::Shows { page, replaces }, Some(at)) = (&doing, self.here()) else {
            return self.unexpected(doing, "shown");
        };
        let Work::Show(plan) = &self.scenario.nodes[at].work else { return self.unexpected(doing, "shown") };
        let mut drawn = self.draw(|pen| pen.show(plan, body, *page, more));
        drawn.body.replaces.clone_from(replaces);
        self.session.tries = 0;
        self.session.shown = drawn.shown;
        self.send(at, drawn.body, Policy::Repeat);
        if plan.rests { self.rest(at) } else { Go::Leave(at, "next".to_owned()) }
    }

    fn due(&mut self, key: &str) -> Go {
        if self.session.timer.as_deref() != Some(key) {
            self.note("old_timer", key);
            return self.idle();
        }
        self.session.timer = None;
        let Some(at) = self.here() else { return self.idle() };
        match (&mut self.session.doing, self.session.operator) {
            (Doing::Waits { late }, true) => {
                *late = true;
                Go::Stop(Next::Rest)
            }
            (Doing::Waits { .. }, false) => Go::Leave(at, "next".to_owned()),
            (Doing::Rests, false) => {
                let target = self.silence(at).map(|(_, target)| target);
                self.session.hinted = true;
                self.visit(at, Some("silence"));
                target.map_or_else(|| self.idle(), |target| Go::Arrive(target, Manner::Fresh))
            }
            _ => self.idle(),
        }
    }

    /// A picture was looked at; the person may have gone on meanwhile.
    fn read(&mut self, step: &str, reading: &Reading) -> Go {
        let hears = |at: &usize| {
            let node = &self.scenario.nodes[*at];
            node.name == step && matches!(&node.work, Work::Show(plan) if plan.hears)
        };
        match self.resting().filter(hears) {
            Some(at) if !self.session.operator => Go::Arrive(at, Manner::Told(Said::Read(reading.clone()))),
            _ => {
                self.note("late_reading", step);
                self.idle()
            }
        }
    }

    fn given_back(&mut self) -> Go {
        if !std::mem::take(&mut self.session.operator) {
            return self.idle();
        }
        match (&self.session.doing, self.here()) {
            (Doing::HandedOff | Doing::Waits { late: true }, Some(at)) => Go::Leave(at, "next".to_owned()),
            (Doing::Rests, Some(at)) => Go::Arrive(at, Manner::Repeat),
            _ => self.idle(),
        }
    }
}

// What becomes of an answer.
impl Run<'_> {
    fn choose(&mut self, at: usize, choice: usize) -> Go {
        let port = self.scenario.nodes[at].choices()[choice].key.clone();
        self.understood(at, &port)
    }

    fn understood(&mut self, at: usize, port: &str) -> Go {
        self.session.tries = 0;
        Go::Leave(at, port.to_owned())
    }

    fn answered(&mut self, at: usize, answer: answer::Answer) -> Go {
        let Work::Ask(ask) = &self.scenario.nodes[at].work else { return self.idle() };
        self.write(&ask.into, answer.value, answer.proven);
        self.understood(at, "next")
    }

    /// The screen stays, with its buttons under what it says; or it was too often, and help comes.
    fn misheard(&mut self, body: Body) -> Go {
        let doing = std::mem::take(&mut self.session.doing);
        let (Doing::Shows { .. }, Some(at)) = (&doing, self.here()) else {
            return self.unexpected(doing, "misheard");
        };
        let Work::Show(plan) = &self.scenario.nodes[at].work else {
            return self.unexpected(doing, "misheard");
        };
        if self.session.tries + 1 >= self.scenario.tries {
            return self.misunderstood(at, SystemText::NotUnderstood);
        }
        self.session.tries += 1;
        let drawn = self.draw(|pen| pen.show(plan, body, 1, false));
        self.session.shown = drawn.shown;
        self.send(at, drawn.body, Policy::Repeat);
        self.rest(at)
    }

    fn misunderstood(&mut self, at: usize, because: SystemText) -> Go {
        let node = &self.scenario.nodes[at];
        let (limit, port) = match &node.work {
            Work::Ask(ask) => (ask.retries, "failed"),
            _ => (self.scenario.tries, "lost"),
        };
        self.session.tries += 1;
        if self.session.tries < limit {
            return Go::Arrive(at, Manner::Again(because));
        }
        self.session.tries = 0;
        match (node.wired(port), self.scenario.help) {
            (Some(_), _) => Go::Leave(at, port.to_owned()),
            (None, Some(help)) if help != at => {
                self.visit(at, Some(port));
                Go::Arrive(help, Manner::Fresh)
            }
            _ => Go::Arrive(at, Manner::Again(because)),
        }
    }

    fn unasked(&mut self) -> Go {
        self.session.tries += 1;
        match self.scenario.help {
            Some(help) if self.session.tries >= self.scenario.tries && self.session.step.is_none() => {
                self.session.tries = 0;
                Go::Arrive(help, Manner::Fresh)
            }
            _ => Go::Tell(SystemText::NothingAsked),
        }
    }

    /// Counts what the person does; refuses when it is too much for too long.
    fn guard(&mut self) -> Option<Go> {
        self.session.hinted = false;
        self.session.unanswered = 0;
        let cost = ALLOWANCE_MS.checked_div(i64::from(self.scenario.inputs_per_minute))?;
        let now = self.facts.now.millis();
        let flood = &mut self.session.flood;
        let passed = now.saturating_sub(flood.at).max(0);
        let level = flood.level.saturating_sub(passed).max(0);
        let told = flood.told && level > ALLOWANCE_MS / 2;
        if level + cost <= ALLOWANCE_MS {
            *flood = Flood { level: level + cost, at: now, told };
            return None;
        }
        *flood = Flood { level, at: now, told: true };
        self.note("flood", format!("more than {} a minute", self.scenario.inputs_per_minute));
        Some(if told { self.idle() } else { Go::Tell(SystemText::TooFast) })
    }
}

// Moving about.
impl Run<'_> {
    fn arrive(&mut self, at: usize, manner: Manner) -> Go {
        let node = &self.scenario.nodes[at];
        let fresh = manner == Manner::Fresh;
        if self.session.hops >= HOPS_MAX {
            self.note("hop_limit", &node.name);
            return self.broken("hop_limit");
        }
        if self.session.unanswered >= UNANSWERED_MAX {
            self.note("unanswered", &node.name);
            return self.end();
        }
        self.session.step = Some(node.name.clone());
        let missing = self.missing(node, &manner);
        if !missing.is_empty() {
            self.session.doing = Doing::Arrives { manner };
            return Go::Stop(Next::NeedFacts(missing));
        }
        self.session.hops += 1;
        self.session.mark = self.session.mark.wrapping_add(1);
        self.session.doing = Doing::Rests;
        self.drop_timer();
        if fresh {
            self.session.shown = Vec::new();
            self.session.tries = 0;
            self.visit(at, None);
        }
        self.work(at, manner)
    }

    fn work(&mut self, at: usize, manner: Manner) -> Go {
        let scenario = self.scenario;
        match &scenario.nodes[at].work {
            Work::Say(plan) => {
                let body = self.draw(|pen| pen.say(plan));
                self.send(at, body, plan.policy);
                Go::Leave(at, "next".to_owned())
            }
            Work::Ask(_) | Work::Choose(_) => self.question(at, &manner),
            Work::Branch(cases) => {
                let scope = Scope { session: &self.session, facts: self.facts };
                let port = cases.iter().find(|(when, _)| eval(when, &scope)).map_or("else", |(_, port)| port);
                Go::Leave(at, port.to_owned())
            }
            Work::Set(plan) => self.set(at, plan),
            Work::Act(plan) => self.act(at, plan),
            Work::Show(plan) => self.show(at, plan, manner),
            Work::Wait(pause) => self.wait(at, pause),
            Work::HandOff { reason, text } => self.hand_off(at, reason, text.as_ref()),
            Work::Jump(target) => Go::Arrive(*target, Manner::Fresh),
            Work::Goto(key) => {
                let scenario = key.clone();
                let _ended = self.end();
                Go::Stop(Next::Goto { scenario })
            }
            Work::End => self.end(),
        }
    }

    fn leave(&mut self, at: usize, port: String) -> Go {
        let node = &self.scenario.nodes[at];
        self.session.step = Some(node.name.clone());
        if let Some(choice) = node.choices().iter().find(|choice| choice.key == port) {
            let missing = self.unloaded(&choice.needs);
            if !missing.is_empty() {
                self.session.doing = Doing::Leaves { port };
                return Go::Stop(Next::NeedFacts(missing));
            }
            self.assign(&choice.set);
        }
        self.session.doing = Doing::Rests;
        self.drop_timer();
        self.visit(at, Some(&port));
        match node.exit(&port) {
            Some(target) => Go::Arrive(target, Manner::Fresh),
            None => self.end(),
        }
    }

    fn end(&mut self) -> Go {
        self.drop_timer();
        let session = &mut self.session;
        (session.step, session.doing, session.tries) = (None, Doing::Rests, 0);
        (session.vars, session.event, session.outcome) = (Map::new(), Map::new(), Map::new());
        session.shown = Vec::new();
        Go::Stop(Next::Ended)
    }

    /// The scenario cannot go on: an apology, and a person is called.
    fn broken(&mut self, reason: &str) -> Go {
        let body = self.draw(|pen| Body::text(pen.sentence(SystemText::Broken)));
        self.send_from(self.session.step.clone(), body, Policy::Repeat);
        self.effects.push(Effect::HandOff { reason: reason.to_owned() });
        self.session.operator = true;
        let _ended = self.end();
        Go::Stop(Next::Rest)
    }

    fn tell(&mut self, sentence: SystemText) -> Go {
        let needs = self.scenario.texts.get(&sentence).map_or(&[][..], |(_, needs)| needs);
        let missing = self.unloaded(needs);
        if !missing.is_empty() {
            let waits = matches!(self.session.doing, Doing::Waits { .. });
            self.session.doing = Doing::Tells { sentence, waits };
            return Go::Stop(Next::NeedFacts(missing));
        }
        let body = self.draw(|pen| Body::text(pen.sentence(sentence)));
        self.send_from(None, body, Policy::Repeat);
        self.idle()
    }

    fn rest(&mut self, at: usize) -> Go {
        self.session.doing = Doing::Rests;
        if let Some((after, _)) = self.silence(at).filter(|_| !self.session.hinted) {
            self.set_timer("silence", self.facts.now.plus_seconds(after.seconds()));
        }
        Go::Stop(Next::Rest)
    }

    /// Nothing follows.
    fn idle(&self) -> Go {
        let ended = self.session.step.is_none() && !self.session.operator;
        Go::Stop(if ended { Next::Ended } else { Next::Rest })
    }

    fn unexpected(&mut self, doing: Doing, input: &str) -> Go {
        self.note("unexpected_input", input);
        self.session.doing = doing;
        self.idle()
    }
}
