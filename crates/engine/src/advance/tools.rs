//! What the others need: facts, drawing, effects.

use super::Run;
use crate::draw::Pen;
use crate::scenario::{Node, Param};
use crate::scope::Scope;
use crate::session::Manner;
use crate::{Effect, Policy, SystemText, Values, Visit, answer, hear};
use samovar_base::Instant;
use samovar_base::message::{Action, Body};
use serde_json::Value;

impl Run<'_> {
    pub(super) fn here(&self) -> Option<usize> {
        self.session.step.as_deref().and_then(|step| self.scenario.node(step))
    }

    /// Where the person's answer is waited for.
    pub(super) fn resting(&self) -> Option<usize> {
        hear::resting(self.scenario, &self.session)
    }

    pub(super) fn silence(&self, at: usize) -> Option<(crate::Span, usize)> {
        self.scenario.nodes[at].silence.or(self.scenario.silence)
    }

    pub(super) fn missing(&self, node: &Node, manner: &Manner) -> Vec<String> {
        let sentence = match manner {
            Manner::Again(because) => Some(*because),
            Manner::Stale => Some(SystemText::StaleButton),
            _ => None,
        };
        let words = sentence
            .and_then(|sentence| self.scenario.texts.get(&sentence))
            .map_or(&[][..], |(_, needs)| needs);
        self.unloaded(node.needs.iter().chain(words))
    }

    pub(super) fn unloaded<'n>(&self, needs: impl IntoIterator<Item = &'n String>) -> Vec<String> {
        let mut missing: Vec<String> = Vec::new();
        for space in needs.into_iter().filter(|space| !self.facts.namespaces.contains_key(*space)) {
            if !missing.contains(space) {
                missing.push(space.clone());
            }
        }
        missing
    }

    pub(super) fn draw<T>(&mut self, with: impl FnOnce(&mut Pen<'_>) -> T) -> T {
        let scope = Scope { session: &self.session, facts: self.facts };
        let mut pen = Pen { scenario: self.scenario, scope, failed: Vec::new() };
        let drawn = with(&mut pen);
        for failed in pen.failed {
            let detail = format!("{}: {failed}", self.session.step.as_deref().unwrap_or_default());
            self.effects.push(Effect::Note { code: "template", detail });
        }
        drawn
    }

    pub(super) fn values(&mut self, params: &[(String, Param)]) -> Values {
        params.iter().map(|(name, param)| (name.clone(), self.value(param))).collect()
    }

    pub(super) fn value(&mut self, param: &Param) -> Value {
        match param {
            Param::Literal(value) => value.clone(),
            Param::Text(text, kind) => {
                let text = self.draw(|pen| pen.words(text));
                answer::coerce(*kind, &text)
            }
            Param::List(items) => Value::Array(items.iter().map(|item| self.value(item)).collect()),
            Param::Map(items) => {
                Value::Object(items.iter().map(|(name, item)| (name.clone(), self.value(item))).collect())
            }
        }
    }

    pub(super) fn send(&mut self, at: usize, body: Body, policy: Policy) {
        self.send_from(Some(self.scenario.nodes[at].name.clone()), body, policy);
    }

    pub(super) fn send_from(&mut self, step: Option<String>, mut body: Body, policy: Policy) {
        if body.text.trim().is_empty() && body.media.is_none() {
            self.note("empty", step.unwrap_or_default());
            return;
        }
        let asks_phone = body.buttons.iter().flatten().any(|button| button.action == Action::SharePhone);
        if asks_phone {
            self.session.keyboard_up = true;
        } else if self.session.keyboard_up && body.buttons.is_empty() {
            self.session.keyboard_up = false;
            body.clears_keyboard = true;
        }
        self.session.unanswered = self.session.unanswered.saturating_add(1);
        self.effects.push(Effect::Send { body, step, policy });
    }

    pub(super) fn set_timer(&mut self, what: &str, due: Instant) {
        let key = format!("{what}:{}", self.session.mark);
        self.session.timer = Some(key.clone());
        self.effects.push(Effect::Timer { key, due });
    }

    pub(super) fn drop_timer(&mut self) {
        if let Some(key) = self.session.timer.take() {
            self.effects.push(Effect::CancelTimer { key });
        }
    }

    pub(super) fn visit(&mut self, at: usize, port: Option<&str>) {
        let step = self.scenario.nodes[at].name.clone();
        self.visited.push(Visit { step, port: port.map(str::to_owned) });
    }

    pub(super) fn note(&mut self, code: &'static str, detail: impl Into<String>) {
        self.effects.push(Effect::Note { code, detail: detail.into() });
    }
}
