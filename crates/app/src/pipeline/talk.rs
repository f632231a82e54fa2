//! One conversation inside a unit of work: the engine decides, capabilities do, and all is written at the end.

use super::item::{Item, Own};
use super::outbound::{Class, NewOutbound, Policy, Ready};
use super::react::{self, Ended, PAUSED};
use super::read::{PATIENCE_MS, Read};
use super::standing::{Standing, save_session};
use super::store::{INBOUND_AGAIN, TIMER_CANCEL, TIMER_SET};
use super::told::{OwnedEntry, Told, place};
use super::{WAKE_INBOUND, bucket, route};
use crate::app::App;
use crate::capability::{Look, Outcome, Pressed, Said, Shown};
use crate::contacts::{self, Contact};
use crate::conversations::Preview;
use crate::directory::{ChannelState, Published};
use crate::problem::Fail;
use crate::receipts;
use crate::scenarios::Passage;
use crate::staff::Member;
use crate::visit::{Cause, Visit};
use crate::work;
use samovar_base::Instant;
use samovar_base::message::{Body, Event, Person};
use samovar_engine::{Awaits, Effect, Facts, Next, Reading, Session, Turn, Values, advance};
use samovar_store::{Tx, params};
use std::sync::Arc;

/// Moves of the engine for one event; far above any real scenario, whose own limit of steps is lower.
const MOVES_MAX: usize = 200;

/// Events that wait for one person to be done with something.
const LATER_MAX: usize = 50;

/// A conversation in progress.
pub struct Talk<'a> {
    pub(super) item: &'a Item,
    pub(super) visit: Visit,
    before: Contact,
    pub(super) session: Option<Session>,
    revision: Option<i64>,
    pub(super) session_changed: bool,
    facts: Facts,
    pub(super) notes: Vec<String>,
    passed: Vec<Passage>,
    /// What the person said last in this visit, as it stands in the list of conversations.
    pub(super) heard: Option<Preview>,
}

impl<'a> Talk<'a> {
    /// As it stands.
    pub fn new(app: &App, item: &'a Item, tx: &Tx, standing: Standing, person: Person, now: Instant) -> Self {
        let by = match &item.what {
            super::item::What::Said(_) => "update",
            super::item::What::Own(own) => own.source(),
        };
        let depth = match &item.what {
            super::item::What::Own(Own::Event { depth, .. }) => depth + 1,
            _ => 0,
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
                staff: None,
                vars: Values::new(),
                cause: Cause::new(by, &*item.dedup),
                outbox: Vec::new(),
                ready: Vec::new(),
                depth,
                arrived_at: item.accepted_at,
                scenario: None,
            },
            session: standing.session,
            revision: standing.revision,
            session_changed: false,
            facts: Facts::at(now),
            notes: Vec::new(),
            passed: Vec::new(),
            heard: None,
        }
    }

    /// The person works here: what the visit does, it does with their rights.
    pub fn of_staff(&mut self, member: Member) {
        self.visit.staff = Some(member);
    }

    /// What the contact was when it was read, where it was changed before the talk began.
    pub fn began_with(&mut self, before: Contact) {
        self.before = before;
    }

    /// A person did something. While the channel is paused it is kept and shown to the team, and the bot is silent.
    pub async fn hear(&mut self, event: &Event) -> Result<(), Fail> {
        if self.item.channel.state == ChannelState::Paused {
            self.notes.push(PAUSED.into());
            self.noted(event);
            return Ok(());
        }
        let app = self.visit.app.clone();
        let (token, message) = match event {
            Event::Press { token, message } => (token.as_str(), message.as_deref()),
            // Where there are no buttons their tokens are typed.
            Event::Text { text } => (text.as_str(), None),
            _ => ("", None),
        };
        if let Some((capability, data)) = app.capabilities.of_button(token) {
            let pressed = capability.press(data, &mut self.visit).await?;
            return self.pressed(pressed, message).await;
        }
        let current = self.current().await?;
        self.listened(event).await?;
        if let Some((scenario, trigger, values)) = self.offered(current.as_deref(), event) {
            return self.take_offer(scenario, trigger, values, event).await;
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

    /// A receipt that is sent where nobody asks for one goes to the scenario that takes receipts, if the channel runs one.
    fn offered(&self, current: Option<&Published>, event: &Event) -> Option<(Arc<Published>, usize, Values)> {
        let values = receipts::offer(event)?;
        let (scenario, found) = route::listener(&self.item.channel.scenarios, receipts::OFFERED, &values)?;
        if let (Some(current), Some(session)) = (current, &self.session) {
            let talking = session.awaits() == Awaits::Operator;
            let own = current.id == scenario.id;
            let picture = matches!(event, Event::File { .. });
            if talking || (own || picture) && current.scenario.answers(session, event) {
                return None;
            }
        }
        Some((scenario, found.index, values))
    }

    /// The person is led to where receipts are taken; if they take part, it is heard there at once.
    async fn take_offer(
        &mut self,
        scenario: Arc<Published>,
        trigger: usize,
        values: Values,
        event: &Event,
    ) -> Result<(), Fail> {
        let said = self.visit.outbox.len();
        self.move_to(&scenario);
        let entry = OwnedEntry::Trigger(trigger);
        self.go_on(Arc::clone(&scenario), Told::Enter { entry, values }).await?;
        let hears = self.session.as_ref().is_some_and(|session| scenario.scenario.answers(session, event));
        if !hears {
            return Ok(());
        }
        // It asked for what is there already.
        self.visit.outbox.truncate(said);
        self.go_on(scenario, Told::Said(event)).await
    }

    /// What follows from a capability's own button.
    async fn pressed(&mut self, pressed: Pressed, message: Option<&str>) -> Result<(), Fail> {
        if let Some(body) = pressed.edit {
            let body = Body { replaces: message.map(str::to_owned), ..body };
            let cause = self.visit.cause.clone();
            let edit = NewOutbound { body, class: Class::Answer, policy: Policy::Repeat, cause };
            self.visit.outbox.insert(0, edit);
        }
        let Some(key) = pressed.enter else { return Ok(()) };
        let channel = Arc::clone(&self.item.channel);
        match channel.scenarios.iter().find(|known| known.scenario.key() == key) {
            Some(scenario) => {
                self.move_to(scenario);
                let told = Told::Enter { entry: OwnedEntry::Beginning, values: Values::new() };
                self.go_on(Arc::clone(scenario), told).await
            }
            None => {
                self.notes.push(format!("the channel does not run the scenario «{key}»"));
                Ok(())
            }
        }
    }

    /// A rehearsal begins at a step.
    pub async fn begin_at(&mut self, scenario: &Arc<Published>, step: &str) -> Result<(), Fail> {
        self.move_to(scenario);
        let told = Told::Enter { entry: OwnedEntry::Step(step.to_owned()), values: Values::new() };
        self.go_on(Arc::clone(scenario), told).await
    }

    /// What is known of the person in these namespaces.
    pub async fn known(mut self, namespaces: Vec<String>) -> Result<Facts, Fail> {
        self.load(namespaces).await?;
        Ok(self.facts)
    }

    /// A timer is due.
    pub async fn due(&mut self, key: &str) -> Result<(), Fail> {
        match self.current().await? {
            Some(scenario) => self.go_on(scenario, Told::Due(key)).await,
            None => Ok(()),
        }
    }

    /// A picture was looked at for the screen of a step.
    pub async fn read(&mut self, step: &str, reading: &Reading) -> Result<(), Fail> {
        match self.current().await? {
            Some(scenario) => self.go_on(scenario, Told::Read { step, reading }).await,
            None => Ok(()),
        }
    }

    /// Something happened in the business. True when it is put off: the person is in the midst of something.
    pub async fn event(
        &mut self,
        event: &str,
        values: &Values,
        until: Option<Instant>,
    ) -> Result<bool, Fail> {
        if until.is_some_and(|until| self.visit.now > until) {
            self.notes.push("it is too late for it".into());
            return Ok(false);
        }
        if !self.visit.contact.takes_messages() {
            self.notes.push("the person asked for silence".into());
            return Ok(false);
        }
        let Some((scenario, found)) = route::listener(&self.item.channel.scenarios, event, values) else {
            self.notes.push("no scenario of the channel waits for it any more".into());
            return Ok(false);
        };
        let current = self.current().await?;
        let name = self.item.dedup.to_string();
        if let (Some(current), Some(session)) = (&current, &mut self.session) {
            let talking = session.awaits() == Awaits::Operator;
            if talking || !(found.interrupts || current.scenario.is_free(session)) {
                if session.later.len() >= LATER_MAX {
                    self.notes.push("too many events wait for this person".into());
                    return Ok(false);
                }
                session.later.push(name);
                self.session_changed = true;
                return Ok(true);
            }
        }
        self.move_to(&scenario);
        let entry = OwnedEntry::Trigger(found.index);
        self.go_on(scenario, Told::Enter { entry, values: values.clone() }).await?;
        Ok(false)
    }

    /// The oldest event that was put off is handled next, once nothing would be lost by it.
    async fn take_up_later(&mut self) -> Result<(), Fail> {
        let Some(session) = self.session.as_ref().filter(|session| !session.later.is_empty()) else {
            return Ok(());
        };
        let operator = session.awaits() == Awaits::Operator;
        let free = match self.current().await? {
            Some(scenario) => self.session.as_ref().is_some_and(|session| scenario.scenario.is_free(session)),
            None => !operator,
        };
        let Some(session) = self.session.as_mut().filter(|_| free) else { return Ok(()) };
        let next = session.later.remove(0);
        self.session_changed = true;
        let tx = &self.visit.tx;
        tx.exec(&INBOUND_AGAIN, params![self.item.channel.id, next]).await?;
        tx.wake(WAKE_INBOUND, &bucket::of(self.item.channel.id, &self.item.chat).to_string());
        Ok(())
    }

    /// Writes everything that was changed. What is returned is to be sent after the commit.
    pub async fn end(mut self, ended: &mut Ended) -> Result<Vec<Ready>, Fail> {
        let tx = self.visit.tx.clone();
        if !ended.later {
            self.take_up_later().await?;
        }
        contacts::save(&tx, &self.before, &mut self.visit.contact, self.visit.now);
        for (event, values, once) in contacts::changes(&self.before, &self.visit.contact) {
            self.visit.raise(event, values, &once).await?;
        }
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
            ended.note = Some(self.notes.join("; "));
        }
        self.seen().await?;
        ended.passed.append(&mut self.passed);
        let outbox = std::mem::take(&mut self.visit.outbox);
        let mut ready =
            react::written(&self.visit.app, &tx, self.item, self.visit.contact.id, outbox, self.visit.now);
        ready.append(&mut self.visit.ready);
        Ok(ready)
    }

    /// The scenario at whose version the person stays.
    pub(super) async fn current(&self) -> Result<Option<Arc<Published>>, Fail> {
        match &self.session {
            None => Ok(None),
            Some(session) => {
                // What the channel runs is at hand, and in a rehearsal nowhere else.
                let at = (session.scenario, session.version);
                let mut live = self.item.channel.scenarios.iter();
                if let Some(found) = live.find(|known| (known.id, known.version) == at) {
                    return Ok(Some(Arc::clone(found)));
                }
                let app = &self.visit.app;
                app.directory.version(app, &self.visit.tx, session.scenario, session.version).await
            }
        }
    }

    pub(super) fn move_to(&mut self, scenario: &Published) {
        let moved = match self.session.take() {
            Some(session) => session.moved_to(scenario.id, scenario.version),
            None => Session::new(scenario.id, scenario.version),
        };
        self.session = Some(moved);
    }

    pub(super) async fn go_on(&mut self, mut scenario: Arc<Published>, first: Told<'_>) -> Result<(), Fail> {
        let mut told = first;
        self.session_changed = true;
        for _ in 0..MOVES_MAX {
            let session = self.session.take().unwrap_or_else(|| Session::new(scenario.id, scenario.version));
            self.visit.scenario = Some(Arc::clone(&scenario));
            if let Told::Enter { entry, .. } = &told {
                self.passed.push(Passage::entry(&scenario, entry.trigger()));
            }
            let turn = advance(&scenario.scenario, session, told.as_input(), &self.facts);
            let Turn { session, effects, visited, next } = turn;
            self.passed.extend(visited.into_iter().map(|visit| Passage::of(&scenario, visit)));
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
                Next::Show { step, screen, params, page, pressed, said, .. } => {
                    let said = said.as_ref().map(|said| match said {
                        samovar_engine::Said::Text(text) => Said::Text(text),
                        samovar_engine::Said::Read(reading) => Said::Read(reading),
                        samovar_engine::Said::File(file) => Said::File(file),
                    });
                    let look = Look { params: &params, page, pressed: pressed.as_deref(), said };
                    match self.show(&scenario, &step, &screen, look).await? {
                        Shown::View { body, more } => Told::Shown { body, more },
                        Shown::Misheard(body) => Told::Misheard { body },
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

    /// In the staff's bot capabilities know the variables of the scenario: which customer was chosen.
    fn lend_variables(&mut self) {
        if let (Some(_), Some(session)) = (&self.visit.staff, &self.session) {
            self.visit.vars.clone_from(&session.vars);
        }
    }

    async fn load(&mut self, namespaces: Vec<String>) -> Result<(), Fail> {
        self.lend_variables();
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
                } else if proven && contacts::join(&mut self.visit).await? {
                    for changed in ["contact", "loyalty"] {
                        self.facts.namespaces.remove(changed);
                    }
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
                    due,
                    None::<Instant>
                ],
            ),
            Effect::CancelTimer { key } => {
                self.visit
                    .tx
                    .exec(&TIMER_CANCEL, params![self.item.channel.id, self.visit.contact.id, key])
                    .await?;
            }
            Effect::Read { step, file } => {
                let job = Read {
                    channel: self.item.channel.id,
                    chat: self.item.chat.to_string(),
                    contact: self.visit.contact.id,
                    step,
                    once: format!("{}:{}", self.item.dedup, file.vendor_id),
                    file,
                    sent_at: self.item.accepted_at,
                    until: self.visit.now.plus_millis(PATIENCE_MS),
                };
                work::enqueue(&self.visit.app, &self.visit.tx, &job, self.visit.now, None).await?;
            }
            Effect::HandOff { reason } => {
                metrics::counter!("samovar_hand_off_total").increment(1);
                self.notes.push(format!("handed to a person: {reason}"));
                self.call(&reason).await?;
            }
            Effect::Note { code, detail } => self.notes.push(format!("{code}: {detail}")),
        }
        Ok(())
    }
}
