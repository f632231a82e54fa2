//! Messages of bots.

use super::{Answer, Call, Reply};
use crate::telegram::files::Blob;
use crate::telegram::keyboard::{self, Markup};
use crate::telegram::params::Params;
use crate::telegram::refusal::Refusal;
use crate::telegram::state::{Message, Stored};
use crate::telegram::text;
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::sync::Arc;

const ACTIONS: [&str; 11] = [
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
];

impl Call<'_> {
    pub(super) fn send_message(&mut self) -> Answer {
        let formatted = text::message_text(self.params)?;
        let mut content = Map::new();
        text::put(&mut content, ("text", "entities"), formatted);
        if let Some(options) = self.params.json("link_preview_options") {
            content.insert("link_preview_options".into(), options.into_owned());
        }
        self.send(content)
    }

    pub(super) fn send_photo(&mut self) -> Answer {
        let caption = text::caption(self.params)?;
        let blob = self.photo("photo")?;
        let mut content = Map::new();
        content.insert("photo".into(), self.photo_field(&blob));
        text::put(&mut content, ("caption", "caption_entities"), caption);
        self.send(content)
    }

    pub(super) fn send_document(&mut self) -> Answer {
        let caption = text::caption(self.params)?;
        let blob = self.document("document")?;
        let mut content = Map::new();
        content.insert("document".into(), self.document_field(&blob));
        text::put(&mut content, ("caption", "caption_entities"), caption);
        self.send(content)
    }

    pub(super) fn send_contact(&mut self) -> Answer {
        let mut contact = Map::new();
        for name in ["phone_number", "first_name", "last_name", "vcard"] {
            if let Some(value) = self.params.text(name) {
                contact.insert(name.into(), json!(value));
            }
        }
        self.send(Map::from_iter([("contact".to_owned(), Value::Object(contact))]))
    }

    pub(super) fn send_media_group(&mut self) -> Answer {
        let media = self.params.json("media").map(Cow::into_owned).unwrap_or_default();
        let items = media.as_array().cloned().unwrap_or_default();
        if !(2..=10).contains(&items.len()) {
            return Err(Refusal::bad_request("group send failed: an album takes 2-10 items"));
        }
        let mut contents = Vec::new();
        for item in &items {
            contents.push(self.media(item, true)?);
        }
        let count = i64::try_from(contents.len()).unwrap_or(10);
        let chat = self.writable(count)?;
        let reply = self.reply_to(chat)?;
        let group = format!("{}", 13_000_000_000_000_i64 + self.chat(chat).last_message);
        let mut sent = Vec::new();
        for mut content in contents {
            content.insert("media_group_id".into(), json!(group));
            if let Some(reply) = &reply {
                content.insert("reply_to_message".into(), reply.clone());
            }
            sent.push(self.post(chat, content, Markup::None));
        }
        Ok(Reply::Messages(sent))
    }

    pub(super) fn send_chat_action(&mut self) -> Answer {
        let action = self.params.text("action").unwrap_or_default().into_owned();
        if !ACTIONS.contains(&action.as_str()) {
            return Err(Refusal::bad_request("wrong parameter action in request"));
        }
        let (chat, now) = (self.writable(0)?, self.hub.now());
        let chat = self.chat(chat);
        chat.action = Some((action, now));
        chat.touch();
        Ok(Reply::TRUE)
    }

    /// The content of one `InputMedia`.
    pub(super) fn media(&mut self, item: &Value, for_album: bool) -> Result<Map<String, Value>, Refusal> {
        let unreadable = |why: String| Refusal::bad_request(format!("can't parse InputMedia: {why}"));
        let Value::Object(object) = item else { return Err(unreadable("expected an Object".into())) };
        let params = Params::from_json(Value::Object(object.clone()));
        let caption = text::caption(&params)?;
        let reference =
            params.text("media").ok_or_else(|| unreadable("media not found".into()))?.into_owned();
        let mut content = Map::new();
        match params.text("type").as_deref() {
            Some("photo") => {
                let blob = self.referred(&reference, true, "media not found")?;
                content.insert("photo".into(), self.photo_field(&blob));
            }
            Some("document") => {
                let blob = self.referred(&reference, false, "media not found")?;
                content.insert("document".into(), self.document_field(&blob));
            }
            Some("animation") if for_album => {
                return Err(unreadable("type \"animation\" can't be used in sendMediaGroup".into()));
            }
            other => {
                return Err(unreadable(format!("type \"{}\" is unsupported", other.unwrap_or_default())));
            }
        }
        text::put(&mut content, ("caption", "caption_entities"), caption);
        Ok(content)
    }

    fn photo(&mut self, name: &str) -> Result<Blob, Refusal> {
        if let Some(part) = self.params.file(name) {
            return self.state.files.add_photo(part.bytes.clone());
        }
        let reference = self.params.text(name).unwrap_or_default().into_owned();
        self.referred(&reference, true, "there is no photo in the request")
    }

    fn document(&mut self, name: &str) -> Result<Blob, Refusal> {
        if let Some(part) = self.params.file(name) {
            return self.state.files.add_document(
                part.bytes.clone(),
                part.name.clone(),
                part.media_type.clone(),
            );
        }
        let reference = self.params.text(name).unwrap_or_default().into_owned();
        self.referred(&reference, false, "there is no document in the request")
    }

    /// A file named by `attach://`, by address or by id.
    fn referred(&mut self, reference: &str, picture: bool, absent: &str) -> Result<Blob, Refusal> {
        if let Some(name) = reference.strip_prefix("attach://") {
            let part = self.params.file(name).ok_or_else(|| Refusal::bad_request(absent))?;
            let files = &mut self.state.files;
            return match picture {
                true => files.add_photo(part.bytes.clone()),
                false => files.add_document(part.bytes.clone(), part.name.clone(), part.media_type.clone()),
            };
        }
        if reference.starts_with("http://") || reference.starts_with("https://") {
            return Err(Refusal::bad_request("failed to get HTTP URL content"));
        }
        let bot = self.state.bots[self.bot].id;
        let blob = self.state.files.by_id(bot, reference);
        let blob = blob.ok_or_else(|| Refusal::bad_request("wrong file identifier/HTTP URL specified"))?;
        match (picture, blob.picture.is_some()) {
            (true, false) => Err(Refusal::bad_request("can't use file of type Document as Photo")),
            (false, true) => Err(Refusal::bad_request("can't use file of type Photo as Document")),
            _ => Ok(blob.clone()),
        }
    }

    fn photo_field(&mut self, blob: &Blob) -> Value {
        let bot = self.state.bots[self.bot].id;
        self.state.files.photo_sizes(bot, blob)
    }

    fn document_field(&mut self, blob: &Blob) -> Value {
        let bot = self.state.bots[self.bot].id;
        self.state.files.document(bot, blob)
    }

    fn send(&mut self, mut content: Map<String, Value>) -> Answer {
        let private = self.params.integer("chat_id").is_none_or(|id| id > 0);
        let markup = keyboard::read(self.params, private)?;
        let chat = self.chat_id()?;
        if let Some(reply) = self.reply_to(chat)? {
            content.insert("reply_to_message".into(), reply);
        }
        let chat = self.writable(1)?;
        Ok(Reply::Message(self.post(chat, content, markup)))
    }

    fn reply_to(&mut self, chat: i64) -> Result<Option<Value>, Refusal> {
        let Some(reply) = self.params.json("reply_parameters") else { return Ok(None) };
        let id = Params::from_json(reply.clone().into_owned()).integer("message_id").unwrap_or(0);
        match self.chat(chat).messages.get(&id) {
            Some(stored) => {
                let mut message = Message::clone(&stored.message);
                message.content.remove("reply_to_message");
                Ok(serde_json::to_value(message).ok())
            }
            None if reply["allow_sending_without_reply"] == true => Ok(None),
            None => Err(Refusal::bad_request("message to be replied not found")),
        }
    }

    /// Puts a message into the chat; nothing can refuse it any more.
    fn post(&mut self, chat_id: i64, mut content: Map<String, Value>, markup: Markup) -> Arc<Message> {
        let now = self.hub.now();
        let from = Arc::clone(&self.state.bots[self.bot].user);
        let keep = self.hub.config.messages_kept;
        let chat_object = self.state.chat_object(self.bot, chat_id);
        let protected = self.params.flag("protect_content");
        let chat = self.chat(chat_id);
        let id = chat.next_message();
        if protected {
            content.insert("has_protected_content".into(), json!(true));
        }
        let fixed = matches!(markup, Markup::Reply(_) | Markup::Remove | Markup::ForceReply);
        match markup {
            Markup::Inline(keyboard) => {
                content.insert("reply_markup".into(), keyboard);
            }
            Markup::Reply(keyboard) => chat.keyboard = Some((id, keyboard)),
            Markup::Remove => chat.keyboard = None,
            Markup::ForceReply | Markup::None => {}
        }
        let message = Arc::new(Message { id, date: now.seconds(), from, chat: chat_object, content });
        chat.posted += 1;
        let stored = Stored { message: Arc::clone(&message), from_bot: true, at: now, edited: false, fixed };
        chat.keep(id, stored, keep);
        let words = message.content.get("text").or_else(|| message.content.get("caption"));
        let words = words.and_then(Value::as_str).unwrap_or_default();
        let name = &self.state.bots[self.bot].username;
        self.state.sent.add(name, self.method, chat_id, id, words, now);
        message
    }
}
