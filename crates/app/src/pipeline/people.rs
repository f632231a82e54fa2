//! People of the company in a conversation: they are called, talk, and give it back to the bot.

use super::item::What;
use super::outbound::{Class, NewOutbound, Policy};
use super::talk::Talk;
use super::told::{OwnedEntry, Told};
use super::waiting::{self, Place};
use crate::access::{Right, Role};
use crate::conversations::Preview;
use crate::problem::Fail;
use crate::staff;
use crate::visit::{Cause, Visit};
use samovar_base::StaffId;
use samovar_base::message::{Body, Button, Event, Media};
use samovar_engine::{Awaits, Values};
use std::sync::Arc;

impl Talk<'_> {
    /// A customer did something: their words are kept. Where a person of the company is wanted or talks, the bot is
    /// silent until it is opened anew.
    pub(super) async fn listened(&mut self, event: &Event) -> Result<(), Fail> {
        let opened = matches!(event, Event::Start { .. });
        if opened && self.wants_person() {
            waiting::over(&self.visit.tx, self.place()).await?;
        }
        if let (true, Some(session)) = (opened, &mut self.session) {
            session.operator = false;
        }
        self.noted(event);
        Ok(())
    }

    /// What was said is kept to be read and searched.
    pub(super) fn noted(&mut self, event: &Event) {
        if !self.visit.channel.audience.is_staff() {
            let Visit { app, tx, now, .. } = &self.visit;
            waiting::said(app, tx, self.place(), "", waiting::searched(event), *now);
            self.heard = waiting::preview(event);
        }
    }

    /// A person of the company is called: the conversation stands in the list of those who wait, with what led to it, and
    /// those who may answer are told.
    pub(super) async fn call(&mut self, reason: &str) -> Result<(), Fail> {
        let Visit { app, tx, channel, contact, now, cause, .. } = &self.visit;
        if channel.audience.is_staff() {
            return Ok(());
        }
        waiting::called(tx, self.place(), reason, *now).await?;
        let last = match &self.item.what {
            What::Said(events) => events.last().map(|incoming| waiting::words(&incoming.event)),
            What::Own(_) => None,
        };
        let last = last.unwrap_or_default();
        let ru = channel.tenant.locale.starts_with("ru");
        let name = match (contact.name.as_str(), ru) {
            ("", true) => "Клиент без имени",
            ("", false) => "A customer without a name",
            (name, _) => name,
        };
        let mut text = if ru {
            format!("{name} ждёт ответа.")
        } else {
            format!("{name} waits for an answer.")
        };
        let last = match (last.as_str(), ru) {
            ("", _) => String::new(),
            (last, true) => format!("«{last}»"),
            (last, false) => format!("“{last}”"),
        };
        for more in [reason, last.as_str()].into_iter().filter(|more| !more.is_empty()) {
            text.push('\n');
            text.push_str(more);
        }
        let told = staff::tell(app, tx, &answering(), &Body::text(text), cause).await?;
        self.visit.ready.extend(told);
        Ok(())
    }

    /// A person of the company takes the conversation, and says something or nothing; the bot is silent from now on.
    pub(super) async fn taken(
        &mut self,
        text: &str,
        media: &[Media],
        buttons: &[Vec<Button>],
        cause: Cause,
    ) -> Result<(), Fail> {
        if let Some(scenario) = self.current().await? {
            self.go_on(scenario, Told::TakenOver).await?;
        }
        let says = !text.is_empty() || !media.is_empty();
        let Visit { app, tx, now, .. } = &self.visit;
        let who = (cause.by == "staff").then(|| cause.id.parse::<StaffId>().ok()).flatten();
        waiting::taken(tx, self.place(), who, says, *now).await?;
        if !says {
            return Ok(());
        }
        waiting::said(app, tx, self.place(), &cause.id, text, *now);
        // The words stand under the first picture, the buttons under the last.
        let parts = media.len().max(1);
        for part in 0..parts {
            let body = Body {
                text: if part == 0 { text.to_owned() } else { String::new() },
                media: media.get(part).cloned(),
                buttons: if part + 1 == parts { buttons.to_vec() } else { vec![] },
                ..Body::default()
            };
            let cause = cause.clone();
            self.visit.outbox.push(NewOutbound { body, class: Class::Answer, policy: Policy::Keep, cause });
        }
        Ok(())
    }

    /// The bot goes on.
    pub(super) async fn given_back(&mut self) -> Result<(), Fail> {
        waiting::over(&self.visit.tx, self.place()).await?;
        match self.current().await? {
            Some(scenario) => self.go_on(scenario, Told::GivenBack).await,
            None => Ok(()),
        }
    }

    /// The bot hears again, and says nothing now. A step that called a person is left.
    pub(super) fn closed(&mut self) {
        let Some(session) = &mut self.session else { return };
        session.operator = false;
        if session.awaits() == Awaits::Operator {
            let (scenario, version) = (session.scenario, session.version);
            self.session = self.session.take().map(|session| session.moved_to(scenario, version));
        }
        self.session_changed = true;
    }

    /// A scenario begins, whatever was before.
    pub(super) async fn begun(&mut self, key: &str) -> Result<(), Fail> {
        let channel = Arc::clone(&self.item.channel);
        let Some(scenario) = channel.scenarios.iter().find(|known| known.scenario.key() == key) else {
            self.notes.push(format!("the channel does not run the scenario «{key}»"));
            return Ok(());
        };
        self.closed();
        waiting::over(&self.visit.tx, self.place()).await?;
        self.move_to(scenario);
        let entry = OwnedEntry::Beginning;
        self.go_on(Arc::clone(scenario), Told::Enter { entry, values: Values::new() }).await
    }

    /// At the end: what was said last stands in the list of conversations. Where no scenario answers, a person is wanted.
    pub(super) async fn seen(&mut self) -> Result<(), Fail> {
        if self.visit.channel.audience.is_staff() {
            return Ok(());
        }
        let said = self.visit.outbox.iter().rev().find_map(Preview::of_ours);
        let heard = self.heard.is_some();
        let Some(last) = said.or_else(|| self.heard.take()) else { return Ok(()) };
        let wanted = self.wants_person();
        waiting::talked(&self.visit.tx, self.place(), &last, heard, wanted, self.visit.now).await?;
        Ok(())
    }

    fn wants_person(&self) -> bool {
        match &self.session {
            Some(session) => session.awaits() == Awaits::Operator,
            None => self.item.channel.scenarios.is_empty(),
        }
    }

    fn place(&self) -> Place {
        Place { contact: self.visit.contact.id, channel: self.visit.channel.id }
    }
}

/// The roles that may answer customers.
fn answering() -> Vec<Role> {
    Role::ALL.iter().copied().filter(|role| role.rights().has(Right::ConversationsWrite)).collect()
}
