//! What a person sees in a chat now.

use super::Hub;
use super::state::{Chat, Notice, Stored};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A chat on the person's screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatView {
    /// Grows with everything that changes what is seen.
    pub version: u64,
    /// The person has opened the bot.
    pub started: bool,
    /// The person has forbidden the bot to write.
    pub blocked: bool,
    /// `typing` and the like, for five seconds or until a message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// What was not deleted, oldest first.
    pub messages: Vec<MessageView>,
    /// The keyboard in place of the person's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keyboard: Option<Keyboard>,
    /// Answers to presses, oldest first; the last 50.
    pub notices: Vec<Notice>,
    /// Messages the bot sent or edited so far.
    pub posted: u64,
}

/// A message on the screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageView {
    /// Within the chat.
    pub message_id: i64,
    /// Of the bot, or of a person.
    pub from_bot: bool,
    /// Seconds since 1970.
    pub date: i64,
    /// It was changed after it was sent.
    pub edited: bool,
    /// Text or caption; empty when there is none.
    pub text: String,
    /// `MessageEntity` objects of the text or caption.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub entities: Vec<Value>,
    /// The picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub photo: Option<FileView>,
    /// The attached file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<FileView>,
    /// The number of a shared contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// Rows of inline buttons.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub buttons: Vec<Vec<ViewButton>>,
}

/// A picture or file; the bytes lie at `/control/files/<file>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileView {
    /// Its `file_unique_id`.
    pub file: String,
    /// The sender's name of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Bytes.
    pub size: i64,
    /// Pixels, of a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<i64>,
    /// Pixels, of a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<i64>,
}

/// A button on the screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewButton {
    /// What is written on it.
    pub text: String,
    /// `callback`, `url`, `text`, `contact`, or the name of what else it does.
    pub kind: String,
    /// `callback_data`, or the address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// A reply keyboard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keyboard {
    /// The message that brought it.
    pub message_id: i64,
    /// Its rows.
    pub rows: Vec<Vec<ViewButton>>,
    /// Hides after one press.
    pub one_time: bool,
    /// Hint in the empty input line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub placeholder: Option<String>,
}

impl ChatView {
    /// The newest message of the bot.
    pub fn last_from_bot(&self) -> Option<&MessageView> {
        self.messages.iter().rev().find(|message| message.from_bot)
    }

    /// The whole chat in words, for complaints of tests: who, what, buttons in brackets.
    pub fn transcript(&self) -> String {
        let mut lines: Vec<String> = self.messages.iter().map(MessageView::line).collect();
        if let Some(keyboard) = &self.keyboard {
            lines.push(format!("keyboard: {}", row_words(&keyboard.rows)));
        }
        lines.extend(
            self.notices
                .iter()
                .filter(|notice| !notice.text.is_empty())
                .map(|notice| format!("notice: {}", notice.text)),
        );
        lines.join("\n")
    }
}

impl MessageView {
    fn line(&self) -> String {
        let who = if self.from_bot { "bot" } else { "person" };
        let what = match (&self.photo, &self.document) {
            (Some(_), _) => "[photo] ",
            (_, Some(_)) => "[document] ",
            _ => "",
        };
        let buttons =
            if self.buttons.is_empty() { String::new() } else { format!(" {}", row_words(&self.buttons)) };
        format!("{who}: {what}{}{buttons}", self.text)
    }

    /// The inline button with that label or data.
    pub fn button(&self, wanted: &str) -> Option<&ViewButton> {
        find(&self.buttons, wanted)
    }
}

fn row_words(rows: &[Vec<ViewButton>]) -> String {
    rows.iter().flatten().map(|button| format!("[{}]", button.text)).collect::<Vec<_>>().join(" ")
}

/// The button with that label or data; a part of a label will do when nothing fits exactly.
pub(crate) fn find<'a>(rows: &'a [Vec<ViewButton>], wanted: &str) -> Option<&'a ViewButton> {
    let all = || rows.iter().flatten();
    all()
        .find(|button| button.text == wanted || button.value.as_deref() == Some(wanted))
        .or_else(|| all().find(|button| button.text.contains(wanted)))
}

/// The same among the rows of a markup; a busy fake draws only the button that is pressed.
pub(crate) fn find_in(rows: &Value, wanted: &str) -> Option<ViewButton> {
    let all = || rows.as_array().into_iter().flatten().filter_map(Value::as_array).flatten();
    let fits = |one: &&Value| label(one) == wanted || one["callback_data"] == wanted || one["url"] == wanted;
    let found = all().find(fits).or_else(|| all().find(|one| label(one).contains(wanted)));
    found.map(button)
}

/// Draws a chat.
pub(crate) fn draw(hub: &Hub, chat: &Chat) -> ChatView {
    let fresh = |at: samovar_base::Instant| hub.now() < at.plus_seconds(5);
    ChatView {
        version: chat.version,
        started: chat.started,
        blocked: chat.blocked,
        action: chat.action.as_ref().filter(|(_, at)| fresh(*at)).map(|(action, _)| action.clone()),
        messages: chat.messages.iter().map(|(id, stored)| message(*id, stored)).collect(),
        keyboard: chat.keyboard.as_ref().map(|(id, markup)| keyboard(*id, markup)),
        notices: chat.notices.iter().cloned().collect(),
        posted: chat.posted,
    }
}

pub(crate) fn message(id: i64, stored: &Stored) -> MessageView {
    let message = &stored.message.content;
    let (text, entities) = match message.get("text") {
        Some(text) => (Some(text), message.get("entities")),
        None => (message.get("caption"), message.get("caption_entities")),
    };
    MessageView {
        message_id: id,
        from_bot: stored.from_bot,
        date: stored.at.seconds(),
        edited: stored.edited,
        text: text.and_then(Value::as_str).unwrap_or_default().to_owned(),
        entities: entities.and_then(Value::as_array).cloned().unwrap_or_default(),
        photo: message.get("photo").and_then(Value::as_array).and_then(|sizes| sizes.last()).map(file),
        document: message.get("document").map(file),
        contact: message.get("contact").and_then(|contact| text_of(contact, "phone_number")),
        buttons: message
            .get("reply_markup")
            .map(|markup| rows(&markup["inline_keyboard"]))
            .unwrap_or_default(),
    }
}

fn file(value: &Value) -> FileView {
    FileView {
        file: text_of(value, "file_unique_id").unwrap_or_default(),
        name: text_of(value, "file_name"),
        size: value["file_size"].as_i64().unwrap_or(0),
        width: value["width"].as_i64(),
        height: value["height"].as_i64(),
    }
}

pub(crate) fn keyboard(message_id: i64, markup: &Value) -> Keyboard {
    Keyboard {
        message_id,
        rows: rows(&markup["keyboard"]),
        one_time: markup["one_time_keyboard"] == true,
        placeholder: text_of(markup, "input_field_placeholder"),
    }
}

pub(crate) fn rows(rows: &Value) -> Vec<Vec<ViewButton>> {
    let row = |row: &Value| row.as_array().into_iter().flatten().map(button).collect();
    rows.as_array().into_iter().flatten().map(row).collect()
}

fn label(button: &Value) -> &str {
    button.as_str().or_else(|| button["text"].as_str()).unwrap_or_default()
}

fn button(value: &Value) -> ViewButton {
    let empty = Map::new();
    let object = value.as_object().unwrap_or(&empty);
    let text = label(value).to_owned();
    let asked = |name: &&String| !matches!(name.as_str(), "text" | "style" | "icon_custom_emoji_id");
    let named = object.keys().filter(asked).find(|name| object[name.as_str()] != Value::Bool(false));
    let (kind, value) = match named.map(String::as_str) {
        None => ("text", None),
        Some("callback_data") => ("callback", text_of(value, "callback_data")),
        Some("url") => ("url", text_of(value, "url")),
        Some("web_app") => ("web_app", text_of(&value["web_app"], "url")),
        Some("copy_text") => ("copy_text", text_of(&value["copy_text"], "text")),
        Some("request_contact") => ("contact", None),
        Some("request_location") => ("location", None),
        Some(other) => (other, None),
    };
    ViewButton { text, kind: kind.to_owned(), value }
}

fn text_of(value: &Value, name: &str) -> Option<String> {
    value.get(name).and_then(Value::as_str).map(ToOwned::to_owned)
}
