//! The methods that are emulated. Checks come in the order of the server: form of the call, chat, limits.

mod editing;
mod sending;
mod setup;

use super::params::Params;
use super::refusal::Refusal;
use super::state::{Chat, Message, State};
use super::{Hub, rules, text, webhook};
use serde::Serialize;
use serde_json::Value;
use std::sync::Arc;

/// What a method answers.
pub(crate) type Answer = Result<Reply, Refusal>;

/// The `result` of an answer.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Reply {
    Value(Value),
    Message(Arc<Message>),
    Messages(Vec<Arc<Message>>),
}

impl Reply {
    pub const TRUE: Self = Self::Value(Value::Bool(true));
}

/// One call of one bot, already past its token.
pub(crate) struct Call<'a> {
    pub hub: &'a Arc<Hub>,
    pub state: &'a mut State,
    pub bot: usize,
    pub method: &'static str,
    pub params: &'a Params,
}

/// Does what a call asks for. `getUpdates` is not here: it waits.
pub(crate) fn call(hub: &Arc<Hub>, bot: usize, name: &str, params: &Params) -> Answer {
    let method = rules::find(name).ok_or_else(Refusal::no_method)?;
    let mut state = hub.lock();
    for unknown in method.unknown(params) {
        state.unknown.insert(format!("{}: {unknown}", method.name));
    }
    method.check(params)?;
    Call { hub, state: &mut state, bot, method: method.name, params }.run()
}

/// Whether a method changes what a person sees: such calls are hit by faults.
pub(crate) fn changes(name: &str) -> bool {
    let starts =
        |prefix: &str| name.len() >= prefix.len() && name[..prefix.len()].eq_ignore_ascii_case(prefix);
    ["send", "edit", "answer"].iter().any(|prefix| starts(prefix)) || starts("deletemessage")
}

impl Call<'_> {
    fn run(mut self) -> Answer {
        match self.method {
            "getMe" => Ok(Reply::Value(self.me())),
            "setWebhook" => webhook::set(self.hub, self.state, self.bot, self.params),
            "deleteWebhook" => webhook::remove(self.state, self.bot, self.params),
            "getWebhookInfo" => Ok(Reply::Value(webhook::info(self.state, self.bot))),
            "logOut" | "close" => Ok(Reply::TRUE),
            "sendMessage" => self.send_message(),
            "sendPhoto" => self.send_photo(),
            "sendDocument" => self.send_document(),
            "sendMediaGroup" => self.send_media_group(),
            "sendContact" => self.send_contact(),
            "sendChatAction" => self.send_chat_action(),
            "editMessageText" => self.edit_text(),
            "editMessageCaption" => self.edit_caption(),
            "editMessageReplyMarkup" => self.edit_markup(),
            "editMessageMedia" => self.edit_media(),
            "deleteMessage" => self.delete_message(),
            "deleteMessages" => self.delete_messages(),
            "answerCallbackQuery" => self.answer_callback(),
            "getFile" => {
                let bot = self.state.bots[self.bot].id;
                self.state
                    .files
                    .describe(bot, &self.params.text("file_id").unwrap_or_default())
                    .map(Reply::Value)
            }
            "setMyCommands" => self.set_commands(),
            "getMyCommands" => Ok(Reply::Value(self.commands())),
            "deleteMyCommands" => self.delete_commands(),
            "setMyDescription" | "setMyShortDescription" | "setMyName" => self.set_own_text(),
            "getMyDescription" | "getMyShortDescription" | "getMyName" => Ok(Reply::Value(self.own_text())),
            "setChatMenuButton" => self.set_menu_button(),
            "getChatMenuButton" => self.menu_button().map(Reply::Value),
            "getChat" => self.chat_info().map(Reply::Value),
            "getUserProfilePhotos" => self.profile_photos().map(Reply::Value),
            _ => Err(Refusal::bad_request("method is not emulated here")),
        }
    }

    fn me(&self) -> Value {
        let mut me = serde_json::to_value(&self.state.bots[self.bot].user).unwrap_or_default();
        for (name, value) in [
            ("can_join_groups", true),
            ("can_read_all_group_messages", false),
            ("supports_inline_queries", false),
            ("can_connect_to_business", false),
            ("has_main_web_app", false),
        ] {
            me[name] = Value::Bool(value);
        }
        me
    }

    /// The chat named by `chat_id`, if this bot knows it.
    fn chat_id(&self) -> Result<i64, Refusal> {
        let not_found = || Refusal::bad_request("chat not found");
        let id = self.params.integer("chat_id").ok_or_else(not_found)?;
        if self.state.bots[self.bot].chats.contains_key(&id) { Ok(id) } else { Err(not_found()) }
    }

    fn chat(&mut self, id: i64) -> &mut Chat {
        self.state.bots[self.bot].chats.get_mut(&id).expect("the id was looked up under the same lock")
    }

    fn is_private(&self, id: i64) -> bool {
        self.state.bots[self.bot].chats.get(&id).is_some_and(Chat::is_private)
    }

    /// The chat named by `chat_id`, if the bot may write there, and passes the limits, `tokens` messages at once.
    fn writable(&mut self, tokens: i64) -> Result<i64, Refusal> {
        let id = self.chat_id()?;
        let person = self.state.people.get(&id);
        let bot = &mut self.state.bots[self.bot];
        let chat = bot.chats.get_mut(&id).expect("the id was looked up under the same lock");
        chat.check_writable(person)?;
        let Some(paces) = self.hub.config.paces.filter(|_| tokens > 0) else { return Ok(id) };
        let now = self.hub.now();
        let pace = if chat.is_private() { paces.chat } else { paces.group };
        chat.bucket.check(pace, now, tokens)?;
        bot.bucket.check(paces.bot, now, tokens)?;
        chat.bucket.take(tokens);
        bot.bucket.take(tokens);
        Ok(id)
    }

    fn answer_callback(&mut self) -> Answer {
        let too_old =
            || Refusal::bad_request("query is too old and response timeout expired or query ID is invalid");
        let id = self.params.text("callback_query_id").unwrap_or_default();
        let words = self.params.text("text").unwrap_or_default().into_owned();
        if text::units(&words) > 200 {
            return Err(Refusal::bad_request("MESSAGE_TOO_LONG"));
        }
        let now = self.hub.now();
        let callback = self.state.bots[self.bot].callbacks.remove(id.as_ref()).ok_or_else(too_old)?;
        if now > callback.at.plus_seconds(super::CALLBACK_SECONDS) {
            return Err(too_old());
        }
        let alert = self.params.flag("show_alert");
        let url = self.params.text("url").map(std::borrow::Cow::into_owned);
        self.chat(callback.chat).notice(words, alert, url);
        Ok(Reply::TRUE)
    }
}
