//! What a broadcast may be, and how it is put into words. Pure.

use super::model::{BroadcastId, Content, Draft, Link, State};
use crate::capability;
use crate::contacts::{Contact, words::facts};
use crate::media;
use crate::problem::{Fail, Kind, Problem};
use crate::segments::Audience;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use samovar_base::message::{Action, Body, Button, FileKind, Media};
use samovar_base::{ContactId, FileId, Instant};
use serde_json::json;

/// Longest text, in letters.
pub const TEXT_MAX: usize = 4_000;
/// Most buttons.
pub const BUTTONS_MAX: usize = 8;
const NAME_MAX: usize = 100;
const LABEL_MAX: usize = 40;
/// Steps that a text of the company may take.
const FUEL: u64 = 20_000;

/// The name of the capability that its buttons belong to.
pub const BUTTONS: &str = "broadcasts";

/// Brings a draft into shape, or tells everything that is wrong with it.
pub fn tidy(mut draft: Draft) -> Result<Draft, Fail> {
    let mut problems = Vec::new();
    let content = &draft.content;
    if content.text.trim().is_empty() && content.picture.is_none() {
        problems.push(Problem::invalid(
            "content.text",
            "no_text",
            "Напишите текст или добавьте картинку",
            "Write a text or add a picture",
        ));
    }
    if content.text.chars().count() > TEXT_MAX {
        let ru = format!("Текст длиннее {TEXT_MAX} знаков");
        problems.push(Problem::invalid(
            "content.text",
            "text_too_long",
            ru,
            format!("The text is longer than {TEXT_MAX} characters"),
        ));
    }
    if let Err(error) = Words::new(content).and_then(|words| words.text(&nobody(), "")) {
        let ru = format!("Шаблон текста не читается: {error}");
        problems.push(Problem::invalid(
            "content.text",
            "bad_template",
            ru,
            format!("The template cannot be read: {error}"),
        ));
    }
    if let Some(key) = &content.picture
        && key.strip_prefix("file/").is_none_or(|id| id.parse::<FileId>().is_err())
        && media::read_sent(key).is_none()
    {
        problems.push(Problem::invalid(
            "content.picture",
            "bad_picture",
            "Картинка указывается как file/fil_…",
            "A picture is told as file/fil_…",
        ));
    }
    if content.buttons.len() > BUTTONS_MAX {
        let ru = format!("Кнопок может быть не больше {BUTTONS_MAX}");
        problems.push(Problem::invalid(
            "content.buttons",
            "too_many_buttons",
            ru,
            format!("There may be at most {BUTTONS_MAX} buttons"),
        ));
    }
    if let Some(newcomers) = draft.newcomers {
        if let Audience::One { .. } = draft.audience {
            let ru = "Новым клиентам нельзя писать поимённо: выберите всех, сегмент или условие";
            let en = "Newcomers are not known by name: choose everybody, a segment or a condition";
            problems.push(Problem::invalid("audience", "one_newcomer", ru, en));
        }
        let over = |until: Instant| draft.starts_at.is_some_and(|starts| until <= starts);
        if newcomers.until.is_some_and(over) {
            let (ru, en) = ("Конец раньше начала", "It ends before it starts");
            problems.push(Problem::invalid("newcomers.until", "ends_early", ru, en));
        }
    }
    problems.extend(content.buttons.iter().enumerate().filter_map(|(at, link)| button_problem(at, link)));
    let name = draft.name.trim();
    draft.name =
        if name.is_empty() { draft.content.text.trim() } else { name }.chars().take(NAME_MAX).collect();
    if problems.is_empty() { Ok(draft) } else { Err(Fail::Problems(problems)) }
}

fn button_problem(at: usize, link: &Link) -> Option<Problem> {
    let field = format!("content.buttons.{at}");
    let label = link.label.trim();
    if label.is_empty() || label.chars().count() > LABEL_MAX {
        let ru = format!("Надпись на кнопке — от 1 до {LABEL_MAX} знаков");
        let en = format!("A label has from 1 to {LABEL_MAX} characters");
        return Some(Problem::invalid(&field, "bad_label", ru, en));
    }
    let address = |url: &String| {
        ["https://", "http://", "tel:", "mailto:"].iter().any(|scheme| url.starts_with(scheme))
            && !url.contains(char::is_whitespace)
    };
    match (&link.url, &link.scenario) {
        (Some(url), None) if address(url) => None,
        (None, Some(key)) if !key.trim().is_empty() => None,
        _ => Some(Problem::invalid(
            &field,
            "bad_button",
            "У кнопки нужно ровно одно из двух: адрес (https://…) или сценарий",
            "A button needs exactly one of both: an address (https://…) or a scenario",
        )),
    }
}

/// Somebody of whom nothing is known: a text must bear it.
fn nobody() -> Contact {
    Contact::new(ContactId(0), "ru", Instant(0))
}

/// A broadcast's words, ready to be said to many.
pub struct Words<'c> {
    content: &'c Content,
    templates: Environment<'c>,
}

impl<'c> Words<'c> {
    /// Reads the template once.
    pub fn new(content: &'c Content) -> Result<Self, minijinja::Error> {
        let mut templates = Environment::new();
        templates.set_fuel(Some(FUEL));
        templates.set_undefined_behavior(UndefinedBehavior::Lenient);
        templates.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        templates.add_template("text", &content.text)?;
        Ok(Self { content, templates })
    }

    /// What a contact reads.
    pub fn text(&self, contact: &Contact, business: &str) -> Result<String, minijinja::Error> {
        // What is not known is absent: a `null` would be written out.
        let mut known = facts(contact, "");
        if let Some(known) = known.as_object_mut() {
            known.retain(|_, value| !value.is_null());
        }
        let names = json!({ "contact": known, "business": { "name": business } });
        let text = self.templates.get_template("text")?.render(Serde(names))?;
        Ok(text.trim().to_owned())
    }

    /// The message for a contact. A template that fails for them is said as it is written, without its variables.
    pub fn body(&self, id: BroadcastId, contact: &Contact, business: &str) -> Body {
        let text = self.text(contact, business).unwrap_or_default();
        let text = if text.is_empty() && self.content.picture.is_none() {
            self.text(&nobody(), business).unwrap_or_default()
        } else {
            text
        };
        let picture =
            self.content.picture.as_ref().map(|key| Media { kind: FileKind::Photo, key: key.clone() });
        let buttons = self.content.buttons.iter().enumerate().map(|(at, link)| {
            let action = match &link.url {
                Some(url) => Action::Open(url.clone()),
                None => Action::Press(capability::button(BUTTONS, &format!("{id}-{at}"))),
            };
            vec![Button { label: link.label.trim().to_owned(), action }]
        });
        Body { text, media: picture, buttons: buttons.collect(), ..Body::default() }
    }
}

/// What stands in a button's token: the broadcast, and which of its buttons.
pub fn pressed(data: &str) -> Option<(BroadcastId, usize)> {
    let (id, at) = data.rsplit_once('-')?;
    Some((id.parse().ok()?, at.parse().ok()?))
}

/// Refuses what cannot be done in a state.
pub fn must_be(state: State, one_of: &[State]) -> Result<(), Fail> {
    if one_of.contains(&state) {
        return Ok(());
    }
    let ru = format!("Сейчас рассылка в состоянии «{}», так с ней поступить нельзя", state.as_str());
    let en = format!("The broadcast is {} now; this cannot be done to it", state.as_str());
    Err(Problem::new(Kind::Conflict, "wrong_state", ru, en).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segments::Audience;

    fn draft(text: &str, buttons: Vec<Link>) -> Draft {
        Draft {
            name: String::new(),
            content: Content { text: text.into(), picture: None, buttons },
            audience: Audience::All,
            purpose: None,
            starts_at: None,
            newcomers: None,
        }
    }

    fn link(label: &str, url: Option<&str>, scenario: Option<&str>) -> Link {
        Link { label: label.into(), url: url.map(str::to_owned), scenario: scenario.map(str::to_owned) }
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let wrong = draft(
            "{{ contact.name",
            vec![
                link("", Some("https://x"), None),
                link("x", None, None),
                link("x", Some("javascript:1"), None),
            ],
        );
        let fail = tidy(wrong).expect_err("problems");
        let codes: Vec<&str> = fail.problems().iter().map(|problem| problem.code).collect();
        assert_eq!(codes, ["bad_template", "bad_label", "bad_button", "bad_button"]);
        assert_eq!(tidy(draft(" ", Vec::new())).expect_err("a problem").code(), "no_text");
        assert_eq!(tidy(draft("Скидки", Vec::new())).expect("good").name, "Скидки");
    }

    #[test]
    fn words_name_the_person() {
        let content = Content {
            text: "{% if contact.first_name %}{{ contact.first_name }}, {% endif %}заходите в «{{ business.name }}»!".into(),
            buttons: vec![link("Записаться", None, Some("booking"))],
            ..Content::default()
        };
        let words = Words::new(&content).expect("a template");
        let anna = Contact { name: "Анна Петрова".into(), ..nobody() };
        let id = BroadcastId(7);
        assert_eq!(words.body(id, &anna, "Уголок").text, "Анна, заходите в «Уголок»!");
        assert_eq!(words.body(id, &nobody(), "Уголок").text, "заходите в «Уголок»!");
        let Action::Press(token) = &words.body(id, &anna, "").buttons[0][0].action else { panic!("a press") };
        let data = token.strip_prefix(".broadcasts:").expect("our token");
        assert_eq!(pressed(data), Some((id, 0)));
        assert_eq!(pressed("x-1"), None);
    }
}
