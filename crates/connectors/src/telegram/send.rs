//! What goes out: messages, pictures and files, changes of them, answers to presses.

use super::call::{self, CallError, Refusal};
use crate::client::Clients;
use crate::draw::{Drawn, Keys};
use crate::messenger::{Channel, Delivery, Outgoing, SendError, Upload};
use bytes::Bytes;
use reqwest::multipart::{Form, Part};
use samovar_base::message::{Action, Button, FileKind};
use serde::{Deserialize, Serialize, Serializer};

/// Sends, or changes an earlier message; see [`Messenger::send`](crate::Messenger::send).
pub(super) async fn send(
    clients: &Clients,
    channel: &Channel,
    message: &Outgoing,
) -> Result<Delivery, SendError> {
    let out = Out { clients, channel, chat: &message.chat };
    let content = content(&message.drawn, message.upload.as_ref())?;
    let earlier = message.drawn.replaces.as_deref().and_then(|id| id.parse::<i64>().ok());
    let keyboard = matches!(message.drawn.keys, Keys::Keyboard(_) | Keys::Hide);
    if let Some(id) = earlier.filter(|_| !keyboard)
        && let Some(delivery) = out.change(id, &content, markup(&message.drawn.keys)).await?
    {
        return Ok(delivery);
    }
    out.send(&content, markup(&message.drawn.keys)).await
}

/// Stops the waiting circle on a pressed button.
pub(super) async fn answer_press(clients: &Clients, channel: &Channel, press: &str) -> Result<(), SendError> {
    #[derive(Serialize)]
    struct AnswerCallbackQuery<'a> {
        callback_query_id: &'a str,
    }
    let body = AnswerCallbackQuery { callback_query_id: press };
    match call::call::<bool>(clients, channel, "answerCallbackQuery", &body, clients.patience).await {
        Ok(_) => Ok(()),
        Err(CallError::Refused(refusal)) if refusal.says("query is too old") => Ok(()),
        Err(error) => Err(call::repeatable(error, "")),
    }
}

/// What is shown, apart from the keys.
enum Content<'a> {
    Text(&'a str),
    Media { kind: FileKind, caption: &'a str, file: File<'a> },
}

enum File<'a> {
    Known(&'a str),
    New { bytes: &'a Bytes, name: &'a str, media_type: &'a str },
}

fn content<'a>(drawn: &'a Drawn, upload: Option<&'a Upload>) -> Result<Content<'a>, SendError> {
    let Some(media) = &drawn.media else { return Ok(Content::Text(&drawn.text)) };
    let file = match upload {
        Some(Upload::Known(id)) => File::Known(id),
        Some(Upload::New { bytes, name, media_type }) => File::New { bytes, name, media_type },
        None => {
            return Err(SendError::Rejected { code: 0, text: format!("no content came for {}", media.key) });
        }
    };
    Ok(Content::Media { kind: media.kind, caption: &drawn.text, file })
}

struct Out<'a> {
    clients: &'a Clients,
    channel: &'a Channel,
    chat: &'a str,
}

impl Out<'_> {
    async fn send(
        &self,
        content: &Content<'_>,
        reply_markup: Option<Markup<'_>>,
    ) -> Result<Delivery, SendError> {
        let sent: Result<Sent, CallError> = match content {
            Content::Text(text) => {
                let body = Message {
                    chat_id: ChatId(self.chat),
                    message_id: None,
                    text,
                    link_preview_options: NO_PREVIEW,
                    reply_markup,
                };
                self.call("sendMessage", &body).await
            }
            Content::Media { kind, caption, file: File::Known(id) } => {
                let (photo, document) = match kind {
                    FileKind::Photo => (Some(*id), None),
                    FileKind::Document => (None, Some(*id)),
                };
                let body = KnownFile { chat_id: ChatId(self.chat), photo, document, caption, reply_markup };
                self.call(send_method(*kind), &body).await
            }
            Content::Media { kind, caption, file: File::New { bytes, name, media_type } } => {
                let part = part(bytes, name, media_type)?;
                let form = self.form(reply_markup)?.part(kind_name(*kind), part);
                let form =
                    if caption.is_empty() { form } else { form.text("caption", (*caption).to_owned()) };
                self.upload(send_method(*kind), form).await
            }
        };
        sent.map(Sent::delivery).map_err(|error| call::once(error, self.chat))
    }

    /// `None` when the earlier message cannot be changed, so that the content has to be sent anew.
    async fn change(
        &self,
        id: i64,
        content: &Content<'_>,
        reply_markup: Option<Markup<'_>>,
    ) -> Result<Option<Delivery>, SendError> {
        let changed = match content {
            Content::Text(text) => self.change_text(id, text, reply_markup).await,
            Content::Media { kind, caption, file } => {
                self.change_media(id, *kind, caption, file, reply_markup).await?
            }
        };
        match changed {
            Ok(sent) => Ok(Some(Delivery { message: Some(id.to_string()), ..sent.delivery() })),
            Err(CallError::Refused(refusal)) if refusal.says("message is not modified") => {
                Ok(Some(Delivery { message: Some(id.to_string()), file: None }))
            }
            Err(CallError::Refused(refusal)) if cannot_be_changed(&refusal) => Ok(None),
            Err(error) => Err(call::repeatable(error, self.chat)),
        }
    }

    /// A text that replaces a picture becomes its caption: the message keeps its place and loses its old buttons.
    async fn change_text(
        &self,
        id: i64,
        text: &str,
        reply_markup: Option<Markup<'_>>,
    ) -> Result<Sent, CallError> {
        let chat_id = ChatId(self.chat);
        let body = Message {
            chat_id,
            message_id: Some(id),
            text,
            link_preview_options: NO_PREVIEW,
            reply_markup: reply_markup.clone(),
        };
        match self.call("editMessageText", &body).await {
            Err(CallError::Refused(refusal)) if refusal.says("there is no text in the message to edit") => {
                let body = Caption { chat_id, message_id: id, caption: text, reply_markup };
                self.call("editMessageCaption", &body).await
            }
            other => other,
        }
    }

    async fn change_media(
        &self,
        id: i64,
        kind: FileKind,
        caption: &str,
        file: &File<'_>,
        reply_markup: Option<Markup<'_>>,
    ) -> Result<Result<Sent, CallError>, SendError> {
        let media = |media| InputMedia { kind: kind_name(kind), media, caption };
        match file {
            File::Known(known) => {
                let chat_id = ChatId(self.chat);
                let body = EditMedia { chat_id, message_id: id, media: media(known), reply_markup };
                Ok(self.call("editMessageMedia", &body).await)
            }
            File::New { bytes, name, media_type } => {
                let form = self
                    .form(reply_markup)?
                    .text("message_id", id.to_string())
                    .text("media", json(&media("attach://content"))?)
                    .part("content", part(bytes, name, media_type)?);
                Ok(self.upload("editMessageMedia", form).await)
            }
        }
    }

    async fn call(&self, method: &str, body: &impl Serialize) -> Result<Sent, CallError> {
        call::call(self.clients, self.channel, method, body, self.clients.patience).await
    }

    async fn upload(&self, method: &str, form: Form) -> Result<Sent, CallError> {
        call::upload(self.clients, self.channel, method, form, self.clients.file_patience()).await
    }

    fn form(&self, reply_markup: Option<Markup<'_>>) -> Result<Form, SendError> {
        // The server reads only the plain `filename`, not the encoded `filename*`.
        let form = Form::new().percent_encode_noop().text("chat_id", self.chat.to_owned());
        Ok(match reply_markup {
            Some(markup) => form.text("reply_markup", json(&markup)?),
            None => form,
        })
    }
}

fn cannot_be_changed(refusal: &Refusal) -> bool {
    let beginnings = [
        "message to edit not found",
        "message can't be edited",
        "message_id_invalid",
        "there is no text in the message to edit",
        "there is no media in the message to edit",
        "there is no caption in the message to edit",
        // The new text is too long for a caption.
        "message caption is too long",
    ];
    refusal.code == 400 && beginnings.iter().any(|beginning| refusal.says(beginning))
}

fn send_method(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Photo => "sendPhoto",
        FileKind::Document => "sendDocument",
    }
}

fn kind_name(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Photo => "photo",
        FileKind::Document => "document",
    }
}

fn part(bytes: &Bytes, name: &str, media_type: &str) -> Result<Part, SendError> {
    let plain = |letter: char| !letter.is_control() && !matches!(letter, '"' | '\\' | '/');
    let name: String = name.chars().map(|letter| if plain(letter) { letter } else { '_' }).collect();
    Part::stream_with_length(bytes.clone(), bytes.len() as u64)
        .file_name(name)
        .mime_str(media_type)
        .map_err(|_| SendError::Rejected { code: 0, text: format!("«{media_type}» is not a media type") })
}

fn json(value: &impl Serialize) -> Result<String, SendError> {
    serde_json::to_string(value).map_err(|error| SendError::Rejected { code: 0, text: error.to_string() })
}

/// Ids are numbers, public names texts.
#[derive(Clone, Copy)]
struct ChatId<'a>(&'a str);

impl Serialize for ChatId<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.0.parse::<i64>() {
            Ok(id) => to.serialize_i64(id),
            Err(_) => to.serialize_str(self.0),
        }
    }
}

/// A consent text with links must not end in a picture of somebody's page.
const NO_PREVIEW: LinkPreview = LinkPreview { is_disabled: true };

#[derive(Serialize)]
struct LinkPreview {
    is_disabled: bool,
}

/// `sendMessage` and, with the id, `editMessageText`.
#[derive(Serialize)]
struct Message<'a> {
    chat_id: ChatId<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_id: Option<i64>,
    text: &'a str,
    link_preview_options: LinkPreview,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_markup: Option<Markup<'a>>,
}

/// `sendPhoto` and `sendDocument` of a file that is there.
#[derive(Serialize)]
struct KnownFile<'a> {
    chat_id: ChatId<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    photo: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<&'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    caption: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_markup: Option<Markup<'a>>,
}

#[derive(Serialize)]
struct Caption<'a> {
    chat_id: ChatId<'a>,
    message_id: i64,
    caption: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_markup: Option<Markup<'a>>,
}

#[derive(Serialize)]
struct EditMedia<'a> {
    chat_id: ChatId<'a>,
    message_id: i64,
    media: InputMedia<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_markup: Option<Markup<'a>>,
}

#[derive(Serialize)]
struct InputMedia<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    media: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    caption: &'a str,
}

#[derive(Serialize, Clone)]
#[serde(untagged)]
enum Markup<'a> {
    Inline { inline_keyboard: Vec<Vec<InlineButton<'a>>> },
    Keyboard { keyboard: Vec<Vec<KeyboardButton<'a>>>, resize_keyboard: bool, one_time_keyboard: bool },
    Remove { remove_keyboard: bool },
}

#[derive(Serialize, Clone)]
struct InlineButton<'a> {
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    callback_data: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
}

#[derive(Serialize, Clone)]
struct KeyboardButton<'a> {
    text: &'a str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    request_contact: bool,
}

fn markup(keys: &Keys) -> Option<Markup<'_>> {
    match keys {
        Keys::None => None,
        Keys::Hide => Some(Markup::Remove { remove_keyboard: true }),
        Keys::Buttons(rows) => Some(inline(rows.iter().map(Vec::as_slice))),
        Keys::List(choices) => Some(inline(choices.chunks(1))),
        Keys::Keyboard(rows) => {
            let keyboard = rows.iter().map(|row| row.iter().map(key).collect()).collect();
            Some(Markup::Keyboard { keyboard, resize_keyboard: true, one_time_keyboard: true })
        }
    }
}

fn key(button: &Button) -> KeyboardButton<'_> {
    KeyboardButton { text: &button.label, request_contact: button.action == Action::SharePhone }
}

fn inline<'a>(rows: impl Iterator<Item = &'a [Button]>) -> Markup<'a> {
    let key = |button: &'a Button| {
        let (callback_data, url) = match &button.action {
            Action::Press(token) => (Some(token.as_str()), None),
            Action::Open(address) => (None, Some(address.as_str())),
            // Never drawn here: the phone button has a keyboard of its own.
            Action::SharePhone => return None,
        };
        Some(InlineButton { text: &button.label, callback_data, url })
    };
    Markup::Inline { inline_keyboard: rows.map(|row| row.iter().filter_map(key).collect()).collect() }
}

/// What we read of the message that comes back.
#[derive(Deserialize)]
struct Sent {
    message_id: i64,
    #[serde(default)]
    photo: Vec<Stored>,
    document: Option<Stored>,
}

#[derive(Deserialize)]
struct Stored {
    file_id: String,
}

impl Sent {
    fn delivery(mut self) -> Delivery {
        // Of the sizes of a picture the last is the largest.
        let file = self.photo.pop().or(self.document).map(|stored| stored.file_id);
        Delivery { message: Some(self.message_id.to_string()), file }
    }
}
