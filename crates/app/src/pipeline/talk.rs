//! One conversation inside a unit of work: the engine decides, capabilities do, and all is written at the end.

use super::item::{Item, Own};
use super::outbound::{Class, NewOutbound, Policy, Ready};
use super::standing::{Standing, save_session};
use super::store::{TIMER_CANCEL, TIMER_SET};
use super::{bucket, react, route};
use crate::app::App;
use crate::capability::{Look, Outcome, Shown};
use crate::contacts::{self, Contact};
use crate::directory::Published;
use crate::problem::Fail;
use crate::visit::{Cause, Visit};
use samovar_base::Instant;
use samovar_base::message::{Body, Event, Person};
use samovar_engine::{Effect, Entry, Facts, Input, Next, Session, Turn, Values, advance};
use samovar_store::{Tx, params};
use std::sync::Arc;

/// Moves of the engine for one event; far above any real scenario, whose own limit of steps is lower.
const MOVES_MAX: usize = 200;

/// A conversation in progress.
pub struct Talk<'a> {
    item: &'a Item,
    visit: Visit,
    before: Contact,
    session: Option<Session>,
    revision: Option<i64>,
    session_changed: bool,
    facts: Facts,
    notes: Vec<String>,
}

/// What the engine is told next, with what it borrows kept alive.
enum Told<'e> {
    Enter { entry: OwnedEntry, values: Values },
    Said(&'e Event),
    Due(&'e str),
    TakenOver,
    GivenBack,
    Facts,
    Outcome(Outcome),
    Shown { body: Body, more: bool },
}

enum OwnedEntry {
    Trigger(usize),
    Beginning,
}

impl<'a> Talk<'a> {
    /// As it stands.
    pub fn new(app: &App, item: &'a Item, tx: &Tx, standing: Standing, person: Person, now: Instant) -> Self {
        let by = match &item.what {
            super::item::What::Said(_) => "update",
            super::item::What::Own(Own::Timer { .. }) => "timer",
            super::item::What::Own(_) => "operator",
        };
        Self {
            item,
            before: standing.contact.clone(),
            visit: Visit {
                app: app.clone(),
                tx: tx.clone(),
                now,
                channel: Arc::clone(&item.channel),
                chat: item.chat.to_string(),
                person,
                contact: standing.contact,
                wallet: None,
                cause: Cause::new(by, &*item.dedup),
                outbox: Vec::new(),
            },
            session: standing.session,
            revision: standing.revision,
            session_changed: false,
            facts: Facts::at(now),
            notes: Vec::new(),
        }
    }

    /// A person did something.
    pub async fn hear(&mut self, event: &Event) -> Result<(), Fail> {
        let current = self.current().await?;
        if let (Event::Start { .. }, Some(session)) = (event, &mut self.session) {
            session.operator = false;
        }
        match route::route(&self.item.channel.scenarios, current.as_ref(), self.session.as_ref(), event) {
            route::Route::Current(scenario) => self.go_on(scenario, Told::Said(event)).await,
            route::Route::Press(scenario) => {
                self.move_to(&scenario);
                self.go_on(scenario, Told::Said(event)).await
            }
            route::Route::Enter { scenario, trigger, values } => {
                self.move_to(&scenario);
                self.go_on(scenario, Told::Enter { entry: OwnedEntry::Trigger(trigger), values }).await
            }
            route::Route::Begin(scenario) => {
                self.move_to(&scenario);
                self.go_on(scenario, Told::Enter { entry: OwnedEntry::Beginning, values: Values::new() })
                    .await
            }
            route::Route::Nowhere => {
                self.notes.push("the channel runs no scenario".into());
                Ok(())
            }
        }
    }

    /// A timer is due.
    pub async fn due(&mut self, key: &str) -> Result<(), Fail> {
        match self.current().await? {
            Some(scenario) => self.go_on(scenario, Told::Due(key)).await,
            None => Ok(()),
        }
    }

    /// A person of the company answers; the bot is silent from now on.
    pub async fn taken(&mut self, text: &str, cause: Cause) -> Result<(), Fail> {
        if let Some(scenario) = self.current().await? {
            self.go_on(scenario, Told::TakenOver).await?;
        }
        self.visit.outbox.push(NewOutbound {
            body: Body::text(text),
            class: Class::Answer,
            policy: Policy::Keep,
            cause,
        });
        Ok(())
    }

    /// The bot goes on.
    pub async fn given_back(&mut self) -> Result<(), Fail> {
        match self.current().await? {
            Some(scenario) => self.go_on(scenario, Told::GivenBack).await,
            None => Ok(()),
        }
    }

    /// Writes everything that was changed. What is returned is to be sent after the commit.
    pub async fn end(mut self, note: &mut Option<String>) -> Result<Vec<Ready>, Fail> {
        let tx = self.visit.tx.clone();
        contacts::save(&tx, &self.before, &mut self.visit.contact, self.visit.now);
        if let Some(session) = self.session.as_ref().filter(|_| self.session_changed) {
            save_session(
                &tx,
                self.item.channel.id,
                self.visit.contact.id,
                session,
                self.revision,
                self.visit.now,
            );
        }
        if !self.notes.is_empty() {
            *note = Some(self.notes.join("; "));
        }
        let outbox = std::mem::take(&mut self.visit.outbox);
        Ok(react::written(&self.visit.app, &tx, self.item, self.visit.contact.id, outbox, self.visit.now))
    }

    /// The scenario at whose version the person stays.
    async fn current(&self) -> Result<Option<Arc<Published>>, Fail> {
        match &self.session {
            None => Ok(None),
            Some(session) => {
                let app = &self.visit.app;
                app.directory.version(app, &self.visit.tx, session.scenario, session.version).await
            }
        }
    }

    fn move_to(&mut self, scenario: &Published) {
        let moved = match self.session.take() {
            Some(session) => session.moved_to(scenario.id, scenario.version),
            None => Session::new(scenario.id, scenario.version),
        };
        self.session = Some(moved);
    }

    async fn go_on(&mut self, mut scenario: Arc<Published>, first: Told<'_>) -> Result<(), Fail> {
        let mut told = first;
        self.session_changed = true;
        for _ in 0..MOVES_MAX {
            let session = self.session.take().unwrap_or_else(|| Session::new(scenario.id, scenario.version));
            let turn = advance(&scenario.scenario, session, told.as_input(), &self.facts);
            let Turn { session, effects, next, .. } = turn;
            self.session = Some(session);
            for effect in effects {
                self.apply(&scenario, effect).await?;
            }
            told = match next {
                Next::Rest | Next::Ended => return Ok(()),
                Next::NeedFacts(namespaces) => {
                    self.load(namespaces).await?;
                    Told::Facts
                }
                Next::Act { step, action, params } => {
                    Told::Outcome(self.act(&scenario, &step, &action, &params).await?)
                }
                Next::Show { step, screen, params, page, pressed, .. } => {
                    let look = Look { params: &params, page, pressed: pressed.as_deref() };
                    match self.show(&scenario, &step, &screen, look).await? {
                        Shown::View { body, more } => Told::Shown { body, more },
                        Shown::Left(outcome) => Told::Outcome(outcome),
                    }
                }
                Next::Goto { scenario: key } => {
                    match self.item.channel.scenarios.iter().find(|other| other.scenario.key() == key) {
                        Some(other) => {
                            scenario = Arc::clone(other);
                            self.move_to(&scenario);
                            Told::Enter { entry: OwnedEntry::Beginning, values: Values::new() }
                        }
                        None => {
                            self.notes.push(format!("the channel does not run the scenario «{key}»"));
                            return Ok(());
                        }
                    }
                }
            };
        }
        self.notes.push("too many moves for one event".into());
        Ok(())
    }

    async fn load(&mut self, namespaces: Vec<String>) -> Result<(), Fail> {
        for namespace in namespaces {
            let app = self.visit.app.clone();
            let values = match app.capabilities.of_facts(&namespace) {
                Some(capability) => capability.facts(&namespace, &mut self.visit).await?,
                None => serde_json::Value::Object(Values::new()),
            };
            self.facts.namespaces.insert(namespace, values);
        }
        Ok(())
    }

    async fn act(
        &mut self,
        scenario: &Published,
        step: &str,
        action: &str,
        params: &Values,
    ) -> Result<Outcome, Fail> {
        let app = self.visit.app.clone();
        self.visit.cause.step = Some(place(scenario, step));
        let Some((capability, verb)) = app.capabilities.find(action) else {
            self.notes.push(format!("there is no action «{action}»"));
            return Ok(Outcome::named("failed"));
        };
        let outcome = capability.act(verb, params, &mut self.visit).await?;
        if let Some(spec) = app.capabilities.catalogue().action(action) {
            for changed in &spec.changes {
                self.facts.namespaces.remove(changed);
            }
        }
        Ok(outcome)
    }

    async fn show(
        &mut self,
        scenario: &Published,
        step: &str,
        screen: &str,
        look: Look<'_>,
    ) -> Result<Shown, Fail> {
        let app = self.visit.app.clone();
        self.visit.cause.step = Some(place(scenario, step));
        match app.capabilities.find(screen) {
            Some((capability, name)) => capability.show(name, look, &mut self.visit).await,
            None => {
                self.notes.push(format!("there is no screen «{screen}»"));
                Ok(Shown::View { body: Body::default(), more: false })
            }
        }
    }

    async fn apply(&mut self, scenario: &Published, effect: Effect) -> Result<(), Fail> {
        match effect {
            Effect::Send { body, step, policy } => {
                let mut cause = self.visit.cause.clone();
                cause.step = Some(place(scenario, step.as_deref().unwrap_or("-")));
                let policy = match policy {
                    samovar_engine::Policy::Repeat => Policy::Repeat,
                    samovar_engine::Policy::Keep => Policy::Keep,
                };
                self.visit.outbox.push(NewOutbound { body, class: Class::Answer, policy, cause });
            }
            Effect::SetField { name, value, proven } => {
                if let Err(problem) = contacts::set_field(&mut self.visit.contact, &name, &value, proven) {
                    self.notes.push(format!("{name}: {}", problem.en));
                }
            }
            Effect::AddTag(tag) => {
                if let Err(problem) = contacts::add_tag(&mut self.visit.contact, &tag) {
                    self.notes.push(format!("tag {tag}: {}", problem.en));
                }
            }
            Effect::RemoveTag(tag) => {
                contacts::remove_tag(&mut self.visit.contact, &tag);
            }
            Effect::Source(source) => contacts::came_from(&mut self.visit.contact, &source),
            Effect::Timer { key, due } => self.visit.tx.put(
                &TIMER_SET,
                params![
                    self.item.channel.id,
                    self.visit.contact.id,
                    key,
                    bucket::number(bucket::of(self.item.channel.id, &self.item.chat)),
                    &*self.item.chat,
                    due
                ],
            ),
            Effect::CancelTimer { key } => {
                self.visit
                    .tx
                    .exec(&TIMER_CANCEL, params![self.item.channel.id, self.visit.contact.id, key])
                    .await?;
            }
            Effect::HandOff { reason } => {
                metrics::counter!("samovar_hand_off_total").increment(1);
                self.notes.push(format!("handed to a person: {reason}"));
            }
            Effect::Note { code, detail } => self.notes.push(format!("{code}: {detail}")),
        }
        Ok(())
    }
}

impl Told<'_> {
    fn as_input(&mut self) -> Input<'_> {
        match self {
            Self::Enter { entry, values } => Input::Enter {
                entry: match entry {
                    OwnedEntry::Trigger(index) => Entry::Trigger(*index),
                    OwnedEntry::Beginning => Entry::Beginning,
                },
                values: std::mem::take(values),
            },
            Self::Said(event) => Input::Said(event),
            Self::Due(key) => Input::Due { key },
            Self::TakenOver => Input::TakenOver,
            Self::GivenBack => Input::GivenBack,
            Self::Facts => Input::Facts,
            Self::Outcome(outcome) => {
                Input::Outcome { name: outcome.name.to_owned(), values: std::mem::take(&mut outcome.values) }
            }
            Self::Shown { body, more } => Input::Shown { body: std::mem::take(body), more: *more },
        }
    }
}

fn place(scenario: &Published, step: &str) -> String {
    format!("{}@{}/{step}", scenario.scenario.key(), scenario.version)
}
