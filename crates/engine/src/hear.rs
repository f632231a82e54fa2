//! What the step at which a person is makes of what the person does.

use crate::answer::{self, Answer, Refused};
use crate::draw;
use crate::scenario::{AskPlan, Node, Slot, Work};
use crate::session::{Doing, Said, Shown};
use crate::token::Suffix;
use crate::{Expects, Facts, Scenario, Session, SystemText, normalise};
use jiff::civil::Date;
use samovar_base::message::{Event, FileRef};
use std::borrow::Cow;

/// What an event means to a session.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Heard {
    /// A choice of that step, wherever the person is.
    Chosen { at: usize, choice: usize },
    /// An answer to the question.
    Answered { at: usize, answer: Answer },
    /// The question is left without an answer.
    Skipped { at: usize },
    /// Another page of a screen, or one of its own buttons.
    Turned { at: usize, page: u32, pressed: Option<String>, message: Option<String> },
    /// A screen that hears was told something.
    Told { at: usize, said: Said },
    /// A screen that hears was shown a picture.
    Shown { at: usize, file: FileRef },
    /// A phone number that is not the sender's own.
    Forged { at: usize },
    /// Not an answer.
    Misunderstood { at: usize, because: SystemText },
    /// A button that no longer means anything.
    Stale,
    /// The bot was opened again: the question once more.
    Reopened,
    /// Nothing was asked.
    Unasked,
    /// Nothing to react to.
    Nothing,
}

/// What it means.
pub(crate) fn hear(scenario: &Scenario, session: &Session, event: &Event, facts: &Facts) -> Heard {
    let rests_at = resting(scenario, session);
    match (event, rests_at) {
        (Event::Edited { .. } | Event::Blocked | Event::Unblocked | Event::Unknown { .. }, _) => {
            Heard::Nothing
        }
        (Event::Press { token, message }, _) => {
            pressed(scenario, session, rests_at, token, message.as_deref(), facts)
        }
        (Event::Start { .. }, Some(_)) => Heard::Reopened,
        (_, None) => match event {
            Event::Text { text } => typed_token(scenario, session, text, facts).unwrap_or(Heard::Unasked),
            _ => Heard::Unasked,
        },
        (_, Some(at)) => said(scenario, session, at, event, facts),
    }
}

/// The step at which the person's answer is waited for.
pub(crate) fn resting(scenario: &Scenario, session: &Session) -> Option<usize> {
    session.step.as_deref().filter(|_| session.doing == Doing::Rests).and_then(|step| scenario.node(step))
}

/// Whether the step at which the session rests takes it.
pub(crate) fn answers(scenario: &Scenario, session: &Session, event: &Event) -> bool {
    let heard = hear(scenario, session, event, &Facts::default());
    matches!(
        heard,
        Heard::Chosen { .. }
            | Heard::Answered { .. }
            | Heard::Skipped { .. }
            | Heard::Turned { .. }
            | Heard::Told { .. }
            | Heard::Shown { .. }
            | Heard::Forged { .. }
    )
}

fn pressed(
    scenario: &Scenario,
    session: &Session,
    rests_at: Option<usize>,
    token: &str,
    message: Option<&str>,
    facts: &Facts,
) -> Heard {
    let Some((at, slot, suffix)) = scenario.slot(token) else { return Heard::Stale };
    let node = &scenario.nodes[at];
    if rests_at != Some(at) && !node.anytime() {
        return Heard::Stale;
    }
    match (slot, &node.work, suffix) {
        (Slot::Choice(choice), _, _) => Heard::Chosen { at, choice },
        (Slot::Skip, _, _) => Heard::Skipped { at },
        (Slot::Suggest, Work::Ask(ask), _) => suggested(ask, session, at, today(facts)),
        (Slot::Screen, Work::Show(_), Some(suffix)) => {
            let (page, pressed) = match suffix {
                Suffix::Page(page) => (page, None),
                Suffix::Carried(carries) => (1, Some(carries.to_owned())),
            };
            Heard::Turned { at, page, pressed, message: message.map(str::to_owned) }
        }
        _ => Heard::Stale,
    }
}

fn suggested(ask: &AskPlan, session: &Session, at: usize, today: Date) -> Heard {
    let token = ask.suggest.as_ref().map(|(_, token)| token);
    let shown = session.shown.iter().find(|button| Some(&button.token) == token);
    match shown.map(|button| answer::of_text(ask, &button.label, today)) {
        Some(Ok(answer)) => Heard::Answered { at, answer },
        _ => Heard::Stale,
    }
}

fn said(scenario: &Scenario, session: &Session, at: usize, event: &Event, facts: &Facts) -> Heard {
    let node = &scenario.nodes[at];
    if let Event::Text { text } = event {
        if let Some(token) = by_button(node, session, text) {
            return pressed(scenario, session, Some(at), &token, None, facts);
        }
        if let Some(heard) = typed_token(scenario, session, text, facts) {
            return heard;
        }
    }
    if let Work::Show(plan) = &node.work
        && plan.hears
    {
        match event {
            Event::Text { text } => return Heard::Told { at, said: Said::Text(text.trim().to_owned()) },
            Event::Phone { number, .. } => return Heard::Told { at, said: Said::Text(number.clone()) },
            Event::File { file, .. } if plan.takes => {
                return Heard::Told { at, said: Said::File(file.clone()) };
            }
            Event::File { file, .. } if answer::is_picture(file) => {
                return Heard::Shown { at, file: file.clone() };
            }
            _ => {}
        }
    }
    let Work::Ask(ask) = &node.work else {
        return Heard::Misunderstood { at, because: SystemText::NotUnderstood };
    };
    match answer::read(ask, event, session.keyboard_up, today(facts)) {
        Ok(answer) => Heard::Answered { at, answer },
        Err(Refused::Forged) => Heard::Forged { at },
        Err(Refused::Because(because)) => Heard::Misunderstood { at, because },
    }
}

/// A token sent as a text counts as its button.
fn typed_token(scenario: &Scenario, session: &Session, text: &str, facts: &Facts) -> Option<Heard> {
    let rests_at = resting(scenario, session);
    let token = text.trim();
    scenario.slot(token)?;
    Some(pressed(scenario, session, rests_at, token, None, facts))
}

/// The button that a text names by its label, or by its number among the buttons.
fn by_button(node: &Node, session: &Session, text: &str) -> Option<String> {
    let buttons: Cow<'_, [Shown]> = if session.shown.is_empty() {
        Cow::Owned(draw::plain_buttons(node))
    } else {
        Cow::Borrowed(&session.shown)
    };
    if buttons.is_empty() {
        return None;
    }
    let typed = normalise(text);
    if let Some(button) = buttons.iter().find(|button| normalise(&button.label) == typed) {
        return Some(button.token.clone());
    }
    // A question for words or a number takes digits as its answer, and so does a screen that hears.
    let digits_answer = match &node.work {
        Work::Ask(ask) => matches!(ask.expects, Expects::Text | Expects::Number | Expects::Money),
        Work::Show(plan) => plan.hears,
        _ => false,
    };
    let number = typed.parse::<usize>().ok().filter(|_| !digits_answer)?;
    buttons.get(number.checked_sub(1)?).map(|button| button.token.clone())
}

fn today(facts: &Facts) -> Date {
    facts.now.in_zone(&facts.zone()).date()
}
