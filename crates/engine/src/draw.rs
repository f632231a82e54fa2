//! Bodies of messages: rendered texts, rows of buttons with their tokens.

use crate::answer;
use crate::scenario::{AskPlan, ChoicePlan, ChoosePlan, Node, PicturePlan, SayPlan, ShowPlan, Work};
use crate::scope::Scope;
use crate::session::Shown;
use crate::template::Text;
use crate::{Lookup, Scenario, SystemText, check, token};
use samovar_base::message::{Action, Body, Button, Media};
use serde_json::Value;

/// Draws for one session; keeps what failed on the way.
pub(crate) struct Pen<'a> {
    pub scenario: &'a Scenario,
    pub scope: Scope<'a>,
    pub failed: Vec<String>,
}

/// A body, and the buttons that a typed answer may name when they cannot be told from the scenario alone.
pub(crate) struct Drawn {
    pub body: Body,
    pub shown: Vec<Shown>,
}

/// The buttons of a step whose labels have no variables.
pub(crate) fn plain_buttons(node: &Node) -> Vec<Shown> {
    let shown = |label: &Text, token: &str| {
        label.plain().map(|label| Shown { label: label.to_owned(), token: token.to_owned() })
    };
    match &node.work {
        Work::Choose(plan) => {
            plan.choices.iter().filter_map(|choice| shown(&choice.label, &choice.token)).collect()
        }
        Work::Ask(plan) => plan.skip.iter().filter_map(|(label, token)| shown(label, token)).collect(),
        _ => Vec::new(),
    }
}

impl Pen<'_> {
    /// A text with its variables filled in.
    pub fn words(&mut self, text: &Text) -> String {
        let rendered = self.scenario.templates.render(text, &self.scope);
        self.failed.extend(rendered.failed);
        rendered.text
    }

    /// A sentence of the system.
    pub fn sentence(&mut self, sentence: SystemText) -> String {
        let scenario = self.scenario;
        scenario.texts.get(&sentence).map(|(text, _)| self.words(text)).unwrap_or_default()
    }

    /// What a say says.
    pub fn say(&mut self, plan: &SayPlan) -> Body {
        let mut buttons = Vec::new();
        for (label, url) in &plan.buttons {
            let (label, url) = (self.words(label), self.words(url));
            if check::is_address(&url) {
                buttons.push(vec![Button { label, action: Action::Open(url) }]);
            } else {
                self.failed.push(format!("{url} is not an address"));
            }
        }
        Body {
            text: self.words(&plan.text),
            media: self.media(plan.media.as_ref()),
            buttons,
            ..Body::default()
        }
    }

    /// The buttons of a question, under the words that are said this time.
    pub fn ask(&mut self, plan: &AskPlan, text: String) -> Drawn {
        let (mut buttons, mut shown) = (Vec::new(), Vec::new());
        let shares = self.scope.value("channel.shares_phone").and_then(Value::as_bool).unwrap_or(false);
        if let Some(label) = plan.share_phone.as_ref().filter(|_| shares) {
            buttons.push(vec![Button { label: self.words(label), action: Action::SharePhone }]);
        }
        if let Some((text, token)) = &plan.suggest {
            let label = self.words(text);
            let today = self.scope.now().in_zone(&self.scope.zone()).date();
            if answer::of_text(plan, &label, today).is_ok() {
                shown.push(Shown { label, token: token.clone() });
            }
        }
        if let Some((text, token)) = &plan.skip {
            shown.push(Shown { label: self.words(text), token: token.clone() });
        }
        buttons.extend(shown.iter().map(|shown| vec![press(shown)]));
        let plain =
            plan.suggest.is_none() && plan.skip.as_ref().is_none_or(|(label, _)| label.plain().is_some());
        Drawn {
            body: Body { text, buttons, ..Body::default() },
            shown: if plain { Vec::new() } else { shown },
        }
    }

    /// The choices, under the words that are said this time.
    pub fn choose(&mut self, plan: &ChoosePlan, text: String) -> Drawn {
        let (buttons, shown) = self.choices(&plan.choices, plan.columns);
        let plain = plan.choices.iter().all(|choice| choice.label.plain().is_some());
        Drawn {
            body: Body { text, buttons, ..Body::default() },
            shown: if plain { Vec::new() } else { shown },
        }
    }

    /// A screen as the app drew it, with buttons of paging and of the step below its own.
    pub fn show(&mut self, plan: &ShowPlan, mut body: Body, page: u32, more: bool) -> Drawn {
        let mut shown = Vec::new();
        let mut failed = Vec::new();
        for row in &mut body.buttons {
            row.retain_mut(|button| wrap(button, &plan.token, &mut shown, &mut failed));
        }
        self.failed.append(&mut failed);
        body.buttons.retain(|row| !row.is_empty());
        let pages = [
            (page > 1, page.saturating_sub(1), SystemText::PagePrevious),
            (more, page + 1, SystemText::PageNext),
        ];
        let mut paging = Vec::new();
        for (_, page, sentence) in pages.into_iter().filter(|(offered, ..)| *offered) {
            let button = Shown { label: self.sentence(sentence), token: token::page(&plan.token, page) };
            paging.push(press(&button));
            shown.push(button);
        }
        if !paging.is_empty() {
            body.buttons.push(paging);
        }
        let (buttons, choices) = self.choices(&plan.choices, plan.columns);
        body.buttons.extend(buttons);
        shown.extend(choices);
        Drawn { body, shown }
    }

    /// What a question shows above its words.
    pub fn media(&mut self, plan: Option<&PicturePlan>) -> Option<Media> {
        let plan = plan?;
        let key = self.words(&plan.key);
        (!key.trim().is_empty()).then_some(Media { kind: plan.kind, key })
    }

    fn choices(&mut self, choices: &[ChoicePlan], columns: usize) -> (Vec<Vec<Button>>, Vec<Shown>) {
        let mut shown = Vec::with_capacity(choices.len());
        for choice in choices {
            let label = self.words(&choice.label);
            let label = if label.trim().is_empty() { choice.key.clone() } else { label };
            shown.push(Shown { label, token: choice.token.clone() });
        }
        (shown.chunks(columns.max(1)).map(|row| row.iter().map(press).collect()).collect(), shown)
    }
}

fn press(shown: &Shown) -> Button {
    Button { label: shown.label.clone(), action: Action::Press(shown.token.clone()) }
}

/// Gives a screen's own button the engine's token; a button that cannot have one is dropped.
fn wrap(button: &mut Button, screen: &str, shown: &mut Vec<Shown>, failed: &mut Vec<String>) -> bool {
    let Action::Press(carries) = &button.action else { return true };
    let Some(token) = token::carried(screen, carries) else {
        failed.push(format!("a screen's button cannot carry «{carries}»"));
        return false;
    };
    shown.push(Shown { label: button.label.clone(), token: token.clone() });
    button.action = Action::Press(token);
    true
}
