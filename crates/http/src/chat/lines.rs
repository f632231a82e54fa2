//! The conversation as the page shows it when it opens.

use super::visitor::Guest;
use super::{Desk, seal};
use crate::error::Error;
use crate::extract::Json;
use axum::extract::State;
use samovar_app::App;
use samovar_app::channels::{Line, history};
use samovar_base::Instant;
use samovar_base::message::{Action, Button, Event, Media};
use samovar_connectors::webchat::Session;
use serde::Serialize;
use std::collections::HashMap;
use std::sync::Arc;

/// Lines from each side.
const LINES_MAX: i64 = 100;

#[derive(Serialize)]
pub(super) struct History {
    items: Vec<Shown>,
    /// A fresh token of the same chat, when the one given begins to age.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

/// A message of either side.
#[derive(Debug, Serialize, PartialEq)]
struct Shown {
    id: String,
    at: Instant,
    /// The visitor's.
    mine: bool,
    #[serde(skip_serializing_if = "String::is_empty")]
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    media: Option<Media>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    buttons: Vec<Vec<Button>>,
}

/// The last lines, oldest first.
pub(super) async fn read(
    State(app): State<App>,
    State(desk): State<Arc<Desk>>,
    Guest { channel, session }: Guest,
) -> Result<Json<History>, Error> {
    let now = app.clock.now();
    desk.reads.take(&session.chat, now)?;
    let lines = history(&app, &channel, &session.chat, LINES_MAX).await?;
    let mut items = shown(lines);
    for media in items.iter_mut().filter_map(|item| item.media.as_mut()) {
        media.key = seal::seal(&app, &channel, &session.chat, &media.key);
    }
    let fresh = || Session { chat: session.chat.clone(), issued: now }.token(&app.vault, channel.id);
    Ok(Json(History { items, token: session.is_ageing(now).then(fresh) }))
}

/// A message that took the place of an earlier one is shown there. A press is shown by its button's label; what has
/// no words (the start, a button nobody remembers) is not shown.
fn shown(lines: Vec<Line>) -> Vec<Shown> {
    let mut items: Vec<Shown> = Vec::with_capacity(lines.len());
    let mut places = HashMap::new();
    let labels = labels(&lines);
    for line in lines {
        match line {
            Line::Bot { at, message } => {
                let place = *places.entry(message.id.clone()).or_insert(items.len());
                let at = items.get(place).map_or(at, |earlier| earlier.at);
                let item = Shown {
                    id: message.id,
                    at,
                    mine: false,
                    text: message.text,
                    media: message.media,
                    buttons: message.buttons,
                };
                if place < items.len() { items[place] = item } else { items.push(item) }
            }
            Line::Person { at, did } => {
                let id = format!("mine-{}", at.0);
                let Some((text, media)) = words(did, &labels) else { continue };
                items.push(Shown { id, at, mine: true, text, media, buttons: vec![] });
            }
        }
    }
    items
}

/// What is written on the buttons, by their tokens.
fn labels(lines: &[Line]) -> HashMap<String, String> {
    let buttons = lines.iter().filter_map(|line| match line {
        Line::Bot { message, .. } => Some(message.buttons.iter().flatten()),
        Line::Person { .. } => None,
    });
    let labelled = buttons.flatten().filter_map(|button| match &button.action {
        Action::Press(token) => Some((token.clone(), button.label.clone())),
        _ => None,
    });
    labelled.collect()
}

fn words(did: Event, labels: &HashMap<String, String>) -> Option<(String, Option<Media>)> {
    match did {
        Event::Text { text } => Some((text, None)),
        Event::Press { token, .. } => labels.get(&token).map(|label| (label.clone(), None)),
        Event::Phone { number, .. } => Some((number, None)),
        Event::File { file, caption } => {
            Some((caption, Some(Media { kind: file.kind, key: format!("file/{}", file.vendor_id) })))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use samovar_connectors::webchat::PageMessage;

    fn bot(at: i64, id: &str, text: &str, button: &str) -> Line {
        let action = Action::Press("t1".into());
        let buttons =
            if button.is_empty() { vec![] } else { vec![vec![Button { label: button.into(), action }]] };
        let message = PageMessage { id: id.into(), text: text.into(), media: None, buttons };
        Line::Bot { at: Instant(at), message }
    }

    fn person(at: i64, did: Event) -> Line {
        Line::Person { at: Instant(at), did }
    }

    #[test]
    fn the_page_shows_words_and_labels_and_each_message_once() {
        let press = |token: &str| Event::Press { token: token.into(), message: None };
        let items = shown(vec![
            person(1, Event::Start { payload: None }),
            bot(2, "out_1", "Согласны?", "Да"),
            person(3, press("t1")),
            person(4, press("forgotten")),
            bot(5, "out_1", "Спасибо", ""),
            person(6, Event::Text { text: "Анна".into() }),
        ]);
        let told: Vec<_> = items.iter().map(|item| (item.at.0, item.mine, item.text.as_str())).collect();
        assert_eq!(told, [(2, false, "Спасибо"), (3, true, "Да"), (6, true, "Анна")]);
    }
}
