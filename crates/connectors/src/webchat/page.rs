//! What the page is told: the `data:` of its event stream and the rows of its history.

use crate::draw::{Drawn, Keys};
use samovar_base::message::{Button, Media};
use serde::{Deserialize, Serialize};

/// One event of the stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum PageEvent {
    /// The bot said something, or changed what it had said.
    Message(PageMessage),
    /// Events were missed: read the history again.
    Reread,
}

/// A message of the bot. One with an id that is shown already takes its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageMessage {
    /// Its id, as in [`Delivery::message`](crate::Delivery::message).
    pub id: String,
    /// Words; under `media` they are the caption.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// A picture or file, to be fetched by its key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media: Option<Media>,
    /// Rows of buttons.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Vec<Button>>,
}

impl PageMessage {
    /// As the page shows it; `id` is the delivery's.
    pub fn of(id: &str, drawn: &Drawn) -> Self {
        let buttons = match &drawn.keys {
            Keys::None | Keys::Hide => vec![],
            Keys::Buttons(rows) | Keys::Keyboard(rows) => rows.clone(),
            Keys::List(choices) => choices.iter().map(|choice| vec![choice.clone()]).collect(),
        };
        Self { id: id.to_owned(), text: drawn.text.clone(), media: drawn.media.clone(), buttons }
    }
}
