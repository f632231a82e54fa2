//! Changing and removing messages.

use super::{Answer, Call, Reply};
use crate::telegram::keyboard;
use crate::telegram::refusal::Refusal;
use crate::telegram::state::{Message, Stored};
use crate::telegram::text;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// A message can be deleted for so long.
const DELETABLE_SECONDS: i64 = 48 * 60 * 60;
const NOT_MODIFIED: &str = "message is not modified: specified new message content and reply markup are exactly the \
                            same as a current content and reply markup of the message";
const TEXT: [&str; 2] = ["text", "entities"];
const CAPTION: [&str; 2] = ["caption", "caption_entities"];
const MEDIA: [&str; 6] = ["text", "entities", "photo", "document", "caption", "caption_entities"];

impl Call<'_> {
    pub(super) fn edit_text(&mut self) -> Answer {
        let formatted = text::message_text(self.params)?;
        let (chat, id) = self.editable()?;
        if !self.chat(chat).messages[&id].message.content.contains_key("text") {
            return Err(Refusal::bad_request("there is no text in the message to edit"));
        }
        let mut content = Map::new();
        text::put(&mut content, ("text", "entities"), formatted);
        self.replace(chat, id, &TEXT, content)
    }

    pub(super) fn edit_caption(&mut self) -> Answer {
        let caption = text::caption(self.params)?;
        let (chat, id) = self.editable()?;
        if self.chat(chat).messages[&id].message.content.contains_key("text") {
            return Err(Refusal::bad_request("there is no caption in the message to edit"));
        }
        let mut content = Map::new();
        text::put(&mut content, ("caption", "caption_entities"), caption);
        self.replace(chat, id, &CAPTION, content)
    }

    pub(super) fn edit_markup(&mut self) -> Answer {
        let (chat, id) = self.editable()?;
        self.replace(chat, id, &[], Map::new())
    }

    pub(super) fn edit_media(&mut self) -> Answer {
        let item = self.params.json("media").map(std::borrow::Cow::into_owned).unwrap_or_default();
        let content = self.media(&item, false)?;
        let (chat, id) = self.editable()?;
        self.replace(chat, id, &MEDIA, content)
    }

    pub(super) fn delete_message(&mut self) -> Answer {
        let id = self.params.integer("message_id").unwrap_or(0);
        let chat = self.writable(0)?;
        let now = self.hub.now();
        let chat = self.chat(chat);
        let stored =
            chat.messages.get(&id).ok_or_else(|| Refusal::bad_request("message to delete not found"))?;
        if now > stored.at.plus_seconds(DELETABLE_SECONDS) {
            return Err(Refusal::bad_request("message can't be deleted"));
        }
        chat.messages.remove(&id);
        chat.touch();
        Ok(Reply::TRUE)
    }

    pub(super) fn delete_messages(&mut self) -> Answer {
        let list = self.params.json("message_ids").map(std::borrow::Cow::into_owned).unwrap_or_default();
        let ids: Vec<i64> = list.as_array().into_iter().flatten().filter_map(Value::as_i64).collect();
        if ids.is_empty() {
            return Err(Refusal::bad_request("message identifiers are not specified"));
        }
        if ids.len() > 100 {
            return Err(Refusal::bad_request("too many message identifiers specified"));
        }
        let chat = self.writable(0)?;
        let oldest = self.hub.now().minus_seconds(DELETABLE_SECONDS);
        let chat = self.chat(chat);
        chat.messages.retain(|id, stored| !ids.contains(id) || stored.at < oldest);
        chat.touch();
        Ok(Reply::TRUE)
    }

    /// The message a call wants to edit, if this bot may.
    fn editable(&mut self) -> Result<(i64, i64), Refusal> {
        if self.params.value("inline_message_id").is_some() {
            return Err(Refusal::bad_request("MESSAGE_ID_INVALID"));
        }
        if self.params.value("chat_id").is_none() {
            return Err(Refusal::bad_request("message identifier is not specified"));
        }
        let id = self.params.integer("message_id").unwrap_or(0);
        let chat = self.chat_id()?;
        let stored = self.chat(chat).messages.get(&id);
        let stored = stored.ok_or_else(|| Refusal::bad_request("message to edit not found"))?;
        if !stored.from_bot || stored.fixed {
            return Err(Refusal::bad_request("message can't be edited"));
        }
        Ok((chat, id))
    }

    /// Puts `content` in place of the fields `names`, and the given keyboard, or none, in place of the old one.
    fn replace(&mut self, chat: i64, id: i64, names: &[&str], content: Map<String, Value>) -> Answer {
        let markup = keyboard::read_inline_only(self.params, self.is_private(chat))?;
        let now = self.hub.now();
        let before = Arc::clone(&self.chat(chat).messages[&id].message);
        let mut message = Message::clone(&before);
        let fields = &mut message.content;
        for name in names {
            fields.remove(*name);
        }
        fields.extend(content);
        match markup {
            Some(keyboard) => fields.insert("reply_markup".into(), keyboard),
            None => fields.remove("reply_markup"),
        };
        if *fields == before.content {
            return Err(Refusal::bad_request(NOT_MODIFIED));
        }
        fields.insert("edit_date".into(), json!(now.seconds()));
        self.writable(1)?;
        let message = Arc::new(message);
        let chat = self.chat(chat);
        if let Some(stored) = chat.messages.get_mut(&id) {
            *stored = Stored { message: Arc::clone(&message), edited: true, ..stored.clone() };
        }
        chat.posted += 1;
        chat.touch();
        Ok(Reply::Message(message))
    }
}
