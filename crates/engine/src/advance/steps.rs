//! What each kind of step does when it is entered.

use super::{Go, Run};
use crate::scenario::{ActPlan, Assignment, Destination, Pause, SetPlan, ShowPlan, Work};
use crate::scope::Scope;
use crate::session::{Doing, Manner};
use crate::template::Text;
use crate::{Effect, Lookup, Next, Policy, SystemText, check};
use samovar_base::Instant;
use samovar_base::message::Body;
use serde_json::Value;

impl Run<'_> {
    pub(super) fn question(&mut self, at: usize, manner: &Manner) -> Go {
        let work = &self.scenario.nodes[at].work;
        let drawn = self.draw(|pen| {
            let (text, again, media) = match work {
                Work::Ask(plan) => (&plan.text, plan.again.as_ref(), None),
                Work::Choose(plan) => (&plan.text, plan.again.as_ref(), plan.media.as_ref()),
                _ => return None,
            };
            let words = match (manner, again) {
                (Manner::Again(because), Some(again)) if !because.is_about_phone() => pen.words(again),
                (Manner::Again(because), _) => pen.sentence(*because),
                (Manner::Stale, _) => {
                    format!("{}\n\n{}", pen.sentence(SystemText::StaleButton), pen.words(text))
                }
                _ => pen.words(text),
            };
            let mut drawn = match work {
                Work::Ask(plan) => pen.ask(plan, words),
                Work::Choose(plan) => pen.choose(plan, words),
                _ => return None,
            };
            if matches!(manner, Manner::Fresh | Manner::Repeat) {
                drawn.body.media = pen.media(media);
            }
            Some(drawn)
        });
        if let Some(drawn) = drawn {
            self.session.shown = drawn.shown;
            self.send(at, drawn.body, Policy::Repeat);
        }
        self.rest(at)
    }

    pub(super) fn set(&mut self, at: usize, plan: &SetPlan) -> Go {
        self.assign(&plan.values);
        for tag in &plan.add_tags {
            self.tag(tag, true);
        }
        for tag in &plan.remove_tags {
            self.tag(tag, false);
        }
        Go::Leave(at, "next".to_owned())
    }

    pub(super) fn tag(&mut self, tag: &str, add: bool) {
        let scope = Scope { session: &self.session, facts: self.facts };
        let held = scope.value("contact.tags").and_then(Value::as_array).cloned().unwrap_or_default();
        let mut tags: Vec<Value> = held.into_iter().filter(|held| held.as_str() != Some(tag)).collect();
        if add {
            tags.push(tag.into());
        }
        self.session.written.insert("contact.tags".to_owned(), Value::Array(tags));
        let tag = tag.to_owned();
        self.effects.push(if add { Effect::AddTag(tag) } else { Effect::RemoveTag(tag) });
    }

    pub(super) fn assign(&mut self, assignments: &[Assignment]) {
        for assignment in assignments {
            let value = self.value(&assignment.value);
            self.write(&assignment.into, value, false);
        }
    }

    pub(super) fn write(&mut self, into: &Destination, value: Value, proven: bool) {
        match into {
            Destination::Var(name) => {
                self.session.vars.insert(name.clone(), value);
            }
            Destination::Fact(path) => {
                self.session.written.insert(path.clone(), value.clone());
                self.effects.push(Effect::SetField { name: path.clone(), value, proven });
            }
        }
    }

    pub(super) fn act(&mut self, at: usize, plan: &ActPlan) -> Go {
        self.session.doing = Doing::Acts;
        let params = self.values(&plan.params);
        Go::Stop(Next::Act {
            step: self.scenario.nodes[at].name.clone(),
            action: plan.action.clone(),
            params,
        })
    }

    pub(super) fn show(&mut self, at: usize, plan: &ShowPlan, manner: Manner) -> Go {
        let (mut page, mut pressed, mut message, mut said) = (1, None, None, None);
        match manner {
            Manner::Turn { page: turned, pressed: button, message: under } => {
                (page, pressed, message) = (turned, button, under);
            }
            Manner::Told(heard) => said = Some(heard),
            Manner::Again(because) => return self.show_again(at, plan, because),
            Manner::Stale => {
                let body = self.draw(|pen| Body::text(pen.sentence(SystemText::StaleButton)));
                self.send(at, body, Policy::Repeat);
            }
            Manner::Fresh | Manner::Repeat => {}
        }
        let params = self.values(&plan.params);
        let replaces = message.is_some();
        self.session.doing = Doing::Shows { page, replaces: message };
        let step = self.scenario.nodes[at].name.clone();
        Go::Stop(Next::Show { step, screen: plan.screen.clone(), params, page, pressed, said, replaces })
    }

    /// Only the step's own buttons again: the screen stands above.
    pub(super) fn show_again(&mut self, at: usize, plan: &ShowPlan, because: SystemText) -> Go {
        let drawn = self.draw(|pen| {
            let text = pen.sentence(because);
            pen.show(plan, Body::text(text), 1, false)
        });
        self.session.shown = drawn.shown;
        self.send(at, drawn.body, Policy::Repeat);
        self.rest(at)
    }

    pub(super) fn wait(&mut self, at: usize, pause: &Pause) -> Go {
        let due = match pause {
            Pause::For(length) => Some(self.facts.now.plus_seconds(length.seconds())),
            Pause::Until(text) => {
                let text = self.draw(|pen| pen.words(text));
                self.moment(&text)
            }
        };
        let Some(due) = due else {
            self.note("template", format!("{}: not a time", self.scenario.nodes[at].name));
            return Go::Leave(at, "next".to_owned());
        };
        self.set_timer("wait", due);
        self.session.doing = Doing::Waits { late: false };
        Go::Stop(Next::Rest)
    }

    /// A time of day is the next such time; what has passed is now.
    pub(super) fn moment(&self, text: &str) -> Option<Instant> {
        let (date, time) = check::moment(text)?;
        let zone = self.facts.zone();
        let now = self.facts.now.in_zone(&zone);
        let day = date.unwrap_or(now.date());
        let at = |day: jiff::civil::Date| day.to_datetime(time).to_zoned(zone.clone()).ok();
        let first = at(day)?;
        let moment = if date.is_none() && first <= now { at(day.tomorrow().ok()?)? } else { first };
        Some(Instant::from(moment.timestamp()).max(self.facts.now))
    }

    pub(super) fn hand_off(&mut self, at: usize, reason: &str, text: Option<&Text>) -> Go {
        let body = self.draw(|pen| match text {
            Some(text) => Body::text(pen.words(text)),
            None => Body::text(pen.sentence(SystemText::HandedOff)),
        });
        self.send(at, body, Policy::Repeat);
        self.effects.push(Effect::HandOff { reason: reason.to_owned() });
        self.session.operator = true;
        self.session.doing = Doing::HandedOff;
        Go::Stop(Next::Rest)
    }
}
