//! Turns a body into parts that a messenger can show.
//!
//! Choices are drawn in the best form there is: buttons, else a list, else numbered text. What cannot be a button
//! (a link where links are none, an address the messenger would refuse) becomes a line of the text.

mod form;
mod split;

use crate::messenger::{Limits, PhoneButton};
use samovar_base::message::{Body, Button, Media};
use serde::{Deserialize, Serialize};

/// Draws a body for a messenger, in the order in which the parts are to be sent. A body without text, media and
/// anything to press has no parts.
///
/// Numbered text counts the buttons with [`Action::Press`](samovar_base::message::Action::Press) from 1 in reading
/// order; links and the phone button have no number.
pub fn draw(body: &Body, limits: &Limits, locale: &str) -> Vec<Drawn> {
    let words = Words::of(locale);
    let (keys, lines) = form::fit(&body.buttons, limits, words);
    let mut text = body.text.trim().to_owned();
    for block in lines {
        if !text.is_empty() {
            text.push_str("\n\n");
        }
        text.push_str(&block);
    }
    if text.is_empty() && body.media.is_none() && !keys.is_none() {
        words.choose.clone_into(&mut text);
    }
    let mut parts = pages(&text, body.media.as_ref(), limits);
    if let Some(last) = parts.last_mut() {
        last.keys = keys;
    }
    if body.clears_keyboard && limits.phone_button == PhoneButton::Keyboard {
        hide_keyboard(&mut parts);
    }
    if limits.edits {
        replace(&mut parts, body.replaces.as_ref());
    }
    parts
}

/// `text` without what is above `max` UTF-16 units, with an ellipsis in its place.
pub fn cut(text: &str, max: usize) -> String {
    split::cut(text, max)
}

/// One message as a messenger can show it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Drawn {
    /// Words; under `media` they are the caption.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// A picture or file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media: Option<Media>,
    /// What can be pressed.
    #[serde(default, skip_serializing_if = "Keys::is_none")]
    pub keys: Keys,
    /// The vendor's id of the message this one takes the place of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
}

/// What can be pressed with a message.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "form", content = "rows", rename_all = "snake_case")]
pub enum Keys {
    /// Nothing.
    #[default]
    None,
    /// Buttons under the message.
    Buttons(Vec<Vec<Button>>),
    /// A list to choose from, one label a row.
    List(Vec<Button>),
    /// A keyboard in the place of the letters, once: it asks for the phone number, its other buttons come back as
    /// texts.
    Keyboard(Vec<Vec<Button>>),
    /// Takes such a keyboard away.
    Hide,
}

impl Keys {
    /// Nothing to press.
    pub fn is_none(&self) -> bool {
        *self == Self::None
    }
}

/// What the drawing itself says.
#[derive(Clone, Copy)]
struct Words {
    choose: &'static str,
    send_digit: &'static str,
    send_number: &'static str,
}

impl Words {
    fn of(locale: &str) -> Self {
        if locale.starts_with("ru") {
            Self {
                choose: "Выберите:",
                send_digit: "Отправьте цифру, чтобы выбрать.",
                send_number: "Отправьте номер, чтобы выбрать.",
            }
        } else {
            Self {
                choose: "Choose:",
                send_digit: "Send a digit to choose.",
                send_number: "Send a number to choose.",
            }
        }
    }
}

fn pages(text: &str, media: Option<&Media>, limits: &Limits) -> Vec<Drawn> {
    let of_text = |text: &str| Drawn { text: text.to_owned(), ..Drawn::default() };
    let Some(media) = media else { return split::pages(text, limits.text_max).map(of_text).collect() };
    let picture = Drawn { media: Some(media.clone()), ..Drawn::default() };
    if split::units(text) <= limits.caption_max {
        return vec![Drawn { text: text.to_owned(), ..picture }];
    }
    std::iter::once(picture).chain(split::pages(text, limits.text_max).map(of_text)).collect()
}

/// A message carries either buttons or the order to hide the keyboard. A keyboard that asks for a number goes away
/// by itself when it was used, so that buttons are worth more where there is only one part.
fn hide_keyboard(parts: &mut [Drawn]) {
    if let Some(part) = parts.iter_mut().find(|part| part.keys.is_none()) {
        part.keys = Keys::Hide;
    }
}

fn replace(parts: &mut [Drawn], earlier: Option<&String>) {
    let Some(first) = parts.first_mut() else { return };
    if !matches!(first.keys, Keys::Keyboard(_) | Keys::Hide) {
        first.replaces = earlier.cloned();
    }
}

#[cfg(test)]
mod tests;
