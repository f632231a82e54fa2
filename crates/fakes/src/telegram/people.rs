//! People with the messenger in their hands: what they do, what they see, and waiting for it.

use super::params::Params;
use super::state::{Callback, Chat, ChatKind, Message, State, Stored};
use super::updates::{self, Queue};
use super::view::{self, ChatView, MessageView, ViewButton};
use super::{Hub, methods, text};
use bytes::Bytes;
use samovar_base::hex;
use samovar_base::vault::mac;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Why a person could not do that, or did not see what was waited for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Cannot {
    /// The bot is blocked.
    #[error("the person has blocked the bot")]
    Blocked,
    /// No such button can be seen.
    #[error("no button «{wanted}» in this chat:\n{transcript}")]
    NoButton {
        /// Label or data.
        wanted: String,
        /// The chat in words.
        transcript: String,
    },
    /// No such message can be seen.
    #[error("no message {0}")]
    NoMessage(i64),
    /// The messenger refused the file.
    #[error("{0}")]
    Refused(String),
    /// What was waited for did not come in time.
    #[error("waited in vain for {what}; the chat:\n{transcript}")]
    InVain {
        /// What was waited for.
        what: String,
        /// The chat in words.
        transcript: String,
    },
}

/// What a press led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pressed {
    /// A callback query of that id went to the bot.
    Callback(String),
    /// A message of that id was sent: the label, or the phone number.
    Message(i64),
    /// An address was opened; the bot learns nothing.
    Opened(String),
}

#[derive(Serialize)]
struct CallbackQuery<'a> {
    id: &'a str,
    from: Arc<RawValue>,
    message: Under,
    chat_instance: String,
    data: &'a str,
}

/// The message under which a pressed button stood.
#[derive(Serialize)]
#[serde(untagged)]
enum Under {
    Message(Arc<Message>),
    Vanished { chat: Arc<RawValue>, message_id: i64, date: i64 },
}

/// A bot of the fake.
#[derive(Clone)]
pub struct BotHandle {
    hub: Arc<Hub>,
    index: usize,
}

impl BotHandle {
    pub(crate) fn new(hub: &Arc<Hub>, index: usize) -> Self {
        Self { hub: Arc::clone(hub), index }
    }
    /// Its token.
    pub fn token(&self) -> String {
        self.hub.lock().bots[self.index].token.clone()
    }
    /// Its name without `@`.
    pub fn username(&self) -> String {
        self.hub.lock().bots[self.index].username.clone()
    }
    /// From now on the token is answered with 401.
    pub fn revoke(&self) {
        self.hub.lock().bots[self.index].revoked = true;
    }
    /// Its picture from now on, as its maker sets it at BotFather.
    ///
    /// # Errors
    /// [`Cannot::Refused`] when it cannot be read as one.
    pub fn wears(&self, picture: impl Into<Bytes>) -> Result<(), Cannot> {
        let mut state = self.hub.lock();
        let kept = state.files.add_photo(picture.into());
        state.bots[self.index].picture = Some(kept.map_err(|refusal| Cannot::Refused(refusal.description))?);
        Ok(())
    }
    /// A group with this bot in it; its id is negative.
    pub fn group(&self, title: &str) -> i64 {
        let mut state = self.hub.lock();
        state.last_group += 1;
        let id = -state.last_group;
        let kind = ChatKind::Group { title: title.to_owned(), upgraded_to: None, expelled: false };
        let mut chat = Chat::new(kind);
        chat.started = true;
        state.bots[self.index].chats.insert(id, chat);
        id
    }
    /// The group became a supergroup; calls with the old id are told the new one.
    pub fn upgrade_group(&self, id: i64) -> i64 {
        let new = -1_000_000_000_000 + id;
        let mut state = self.hub.lock();
        let chats = &mut state.bots[self.index].chats;
        if let Some(Chat { kind: ChatKind::Group { title, upgraded_to, .. }, .. }) = chats.get_mut(&id) {
            *upgraded_to = Some(new);
            let kind = ChatKind::Group { title: title.clone(), upgraded_to: None, expelled: false };
            chats.insert(new, Chat { started: true, ..Chat::new(kind) });
        }
        new
    }
    /// The bot is thrown out of a group.
    pub fn expel(&self, group: i64) {
        let mut state = self.hub.lock();
        if let Some(Chat { kind: ChatKind::Group { expelled, .. }, .. }) =
            state.bots[self.index].chats.get_mut(&group)
        {
            *expelled = true;
        }
    }
    /// An update of any kind, as given: kinds that this fake has no person for, and unknown ones.
    pub fn gets(&self, kind: &str, payload: Value) {
        let user = payload["from"]["id"].as_i64().unwrap_or(0);
        updates::push(&self.hub, &mut self.hub.lock(), self.index, kind, Queue::User(user), &payload);
    }
    /// Sets the webhook, as the bot itself would.
    ///
    /// # Errors
    /// [`Cannot::Refused`] when the server refuses it.
    pub fn set_webhook(&self, url: &str, secret: Option<&str>) -> Result<(), Cannot> {
        let params = Params::from_json(json!({"url": url, "secret_token": secret}));
        let set = methods::call(&self.hub, self.index, "setWebhook", &params);
        set.map(drop).map_err(|refusal| Cannot::Refused(refusal.description))
    }
    /// Updates that are not confirmed yet.
    pub fn pending(&self) -> usize {
        self.hub.lock().bots[self.index].updates.pending.len()
    }
    /// Whether updates are brought by a webhook.
    pub fn has_webhook(&self) -> bool {
        self.hub.lock().bots[self.index].webhook.is_some()
    }
    /// The commands the bot has set for a scope (`default`, `all_private_chats`, …) and language (may be empty).
    pub fn commands(&self, scope: &str, language: &str) -> Value {
        let key = (scope.to_owned(), language.to_owned());
        self.hub.lock().bots[self.index].commands.get(&key).cloned().unwrap_or_default()
    }
}

/// A person of the fake.
#[derive(Clone)]
pub struct Person {
    hub: Arc<Hub>,
    id: i64,
}

impl Person {
    pub(crate) fn new(hub: &Arc<Hub>, id: i64) -> Self {
        Self { hub: Arc::clone(hub), id }
    }
    /// The id of the person, and of every private chat with them.
    pub fn id(&self) -> i64 {
        self.id
    }
    /// The phone number the messenger knows, without `+`.
    pub fn phone(&self) -> String {
        self.hub.lock().people[&self.id].phone.clone()
    }
    /// Changes the phone number.
    #[must_use]
    pub fn with_phone(self, phone: &str) -> Self {
        self.change(|profile| profile.phone = phone.trim_start_matches('+').to_owned())
    }
    /// Gives a username.
    #[must_use]
    pub fn with_username(self, username: &str) -> Self {
        self.change(|profile| profile.username = Some(username.to_owned()))
    }
    /// Changes the language of the person's program.
    #[must_use]
    pub fn with_language(self, language: &str) -> Self {
        self.change(|profile| profile.language = Some(language.to_owned()))
    }
    /// The person deletes the account.
    pub fn leaves_telegram(&self) {
        self.clone().change(|profile| profile.deactivated = true);
    }
    /// The private chat with a bot.
    pub fn chat(&self, bot: &BotHandle) -> Conversation {
        self.in_chat(bot, self.id)
    }
    /// A group of the bot, as this person sees it.
    pub fn in_chat(&self, bot: &BotHandle, chat: i64) -> Conversation {
        Conversation { hub: Arc::clone(&self.hub), bot: bot.index, person: self.id, chat, seen: 0 }
    }
    fn change(self, how: impl FnOnce(&mut super::state::Profile)) -> Self {
        if let Some(profile) = self.hub.lock().people.get_mut(&self.id) {
            how(profile);
            profile.write_out();
        }
        self
    }
}

/// One person in one chat with one bot.
#[derive(Clone)]
pub struct Conversation {
    hub: Arc<Hub>,
    bot: usize,
    person: i64,
    chat: i64,
    seen: i64,
}

/// Launch data as Telegram makes it for a bot.
pub(crate) fn signed_launch(token: &str, user: &Value, date: i64, start: Option<&str>) -> String {
    let (user, date) = (user.to_string(), date.to_string());
    let mut fields =
        vec![("auth_date", date.as_str()), ("query_id", "AAHdF6IQAAAAAN0XohDhrOrc"), ("user", user.as_str())];
    fields.extend(start.map(|start| ("start_param", start)));
    fields.sort_unstable();
    let lines: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let key = mac(b"WebAppData", token.as_bytes());
    let hash = hex::encode(&mac(&key, lines.join("\n").as_bytes()));
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(fields).append_pair("hash", &hash).finish()
}

/// What the person does. A message gives its id.
impl Conversation {
    /// Opens the bot, perhaps by a link with a payload: sends `/start <payload>`.
    pub fn starts(&self, payload: Option<&str>) -> Result<i64, Cannot> {
        self.says(&payload.map_or_else(|| "/start".to_owned(), |payload| format!("/start {payload}")))
    }

    /// The person opened the bot some time ago: it may write to them, and learns nothing now.
    pub fn was_opened(&self) {
        self.chat_of(&mut self.hub.lock()).started = true;
    }

    /// Sends a text.
    pub fn says(&self, words: &str) -> Result<i64, Cannot> {
        let mut content = Map::from_iter([("text".to_owned(), json!(words))]);
        let entities = text::found(words);
        if !entities.is_empty() {
            content.insert("entities".into(), Value::Array(entities));
        }
        self.sends(content)
    }

    /// Sends a message with that content: any fields of the `Message` object.
    pub fn sends(&self, content: Map<String, Value>) -> Result<i64, Cannot> {
        self.post(&mut self.hub.lock(), content)
    }

    /// Presses the newest button that is seen with that label or data, inline or of the reply keyboard.
    pub fn presses(&self, wanted: &str) -> Result<Pressed, Cannot> {
        let (message, button) = self.newest_button(wanted)?;
        match (message, button.kind.as_str()) {
            (Some(message), "callback") => {
                let data = button.value.unwrap_or_default();
                self.presses_data(message, &data).map(Pressed::Callback)
            }
            (_, "contact") => self.shares_phone().map(Pressed::Message),
            (None, "text") => self.says(&button.text).map(Pressed::Message),
            _ => Ok(Pressed::Opened(button.value.unwrap_or_default())),
        }
    }

    /// Presses a button with that data under a message, whether it still stands there or not; gives the query's id.
    pub fn presses_data(&self, message_id: i64, data: &str) -> Result<String, Cannot> {
        let now = self.hub.now();
        let mut state = self.hub.lock();
        let state = &mut *state;
        let from = Arc::clone(&state.people[&self.person].user);
        let chat_object = state.chat_object(self.bot, self.chat);
        let chat = self.opened(state)?;
        let message = match chat.messages.get(&message_id) {
            Some(stored) => Under::Message(Arc::clone(&stored.message)),
            None => Under::Vanished { chat: chat_object, message_id, date: 0 },
        };
        state.last_callback += 1;
        let id = state.last_callback.to_string();
        let chat_instance = format!("-{}77", self.chat.abs());
        let query = CallbackQuery { id: &id, from, message, chat_instance, data };
        state.bots[self.bot].callbacks.insert(id.clone(), Callback { chat: self.chat, at: now });
        updates::push(&self.hub, state, self.bot, "callback_query", Queue::User(self.person), &query);
        Ok(id)
    }

    /// Opens the Mini App by the button beside the text field: its address with the launch data that Telegram hands
    /// over there, signed for the bot.
    pub fn opens_app(&self, start: Option<&str>) -> Result<String, Cannot> {
        let now = self.hub.now();
        let state = self.hub.lock();
        let bot = &state.bots[self.bot];
        let button = bot.menu_buttons.get(&self.chat).or_else(|| bot.menu_buttons.get(&0));
        let url = button.and_then(|button| button["web_app"]["url"].as_str());
        let url = url.ok_or_else(|| Cannot::Refused("the bot offers no Mini App".into()))?;
        let mut user: Value = serde_json::from_str(state.people[&self.person].user.get()).unwrap_or_default();
        user["allows_write_to_pm"] = json!(true);
        let data = signed_launch(&bot.token, &user, now.seconds(), start);
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("tgWebAppData", &data)
            .append_pair("tgWebAppVersion", "9.1")
            .append_pair("tgWebAppPlatform", "weba");
        Ok(format!("{url}#{}", query.finish()))
    }

    /// Shares the person's own phone number by the contact button.
    pub fn shares_phone(&self) -> Result<i64, Cannot> {
        let phone = self.hub.lock().people[&self.person].phone.clone();
        self.shares_contact(&phone, Some(self.person))
    }

    /// Sends a contact card of anybody: forwarded, or forged.
    pub fn shares_contact(&self, phone: &str, user_id: Option<i64>) -> Result<i64, Cannot> {
        let name = self.hub.lock().people[&self.person].first_name.clone();
        let mut contact = json!({"phone_number": phone, "first_name": name});
        if let Some(id) = user_id {
            contact["user_id"] = json!(id);
        }
        self.sends(Map::from_iter([("contact".to_owned(), contact)]))
    }

    /// Sends a picture, with a caption unless it is empty.
    pub fn sends_photo(&self, bytes: impl Into<Bytes>, caption: &str) -> Result<i64, Cannot> {
        let mut state = self.hub.lock();
        let bot = state.bots[self.bot].id;
        let blob =
            state.files.add_photo(bytes.into()).map_err(|refusal| Cannot::Refused(refusal.description))?;
        let photo = state.files.photo_sizes(bot, &blob);
        self.post(&mut state, captioned("photo", photo, caption))
    }

    /// Sends a file, with a caption unless it is empty.
    pub fn sends_document(
        &self,
        name: &str,
        media_type: &str,
        bytes: impl Into<Bytes>,
        caption: &str,
    ) -> Result<i64, Cannot> {
        let mut state = self.hub.lock();
        let bot = state.bots[self.bot].id;
        let blob = state
            .files
            .add_document(bytes.into(), Some(name.to_owned()), Some(media_type.to_owned()))
            .map_err(|refusal| Cannot::Refused(refusal.description))?;
        let document = state.files.document(bot, &blob);
        self.post(&mut state, captioned("document", document, caption))
    }

    /// Changes the text of an own message.
    pub fn edits(&self, message_id: i64, words: &str) -> Result<(), Cannot> {
        let now = self.hub.now();
        let mut state = self.hub.lock();
        let state = &mut *state;
        let chat = self.opened(state)?;
        let stored = chat.messages.get_mut(&message_id).filter(|stored| !stored.from_bot);
        let stored = stored.ok_or(Cannot::NoMessage(message_id))?;
        let mut message = Message::clone(&stored.message);
        message.content.insert("text".into(), json!(words));
        message.content.insert("edit_date".into(), json!(now.seconds()));
        let message = Arc::new(message);
        stored.message = Arc::clone(&message);
        stored.edited = true;
        chat.touch();
        updates::push(&self.hub, state, self.bot, "edited_message", Queue::Chat(self.chat), &message);
        Ok(())
    }

    /// Forbids the bot to write.
    pub fn blocks(&self) {
        self.set_blocked(true);
    }

    /// Allows it again.
    pub fn unblocks(&self) {
        self.set_blocked(false);
    }

    fn set_blocked(&self, blocked: bool) {
        let now = self.hub.now();
        let mut state = self.hub.lock();
        let state = &mut *state;
        let from = Arc::clone(&state.people[&self.person].user);
        let chat_object = state.chat_object(self.bot, self.chat);
        let bot_user = Arc::clone(&state.bots[self.bot].user);
        let chat = self.chat_of(state);
        if chat.blocked == blocked {
            return;
        }
        chat.blocked = blocked;
        chat.touch();
        let status = |is_blocked: bool| match is_blocked {
            true => json!({"user": bot_user, "status": "kicked", "until_date": 0}),
            false => json!({"user": bot_user, "status": "member"}),
        };
        let change = json!({
            "chat": chat_object, "from": from, "date": now.seconds(),
            "old_chat_member": status(!blocked), "new_chat_member": status(blocked),
        });
        updates::push(&self.hub, state, self.bot, "my_chat_member", Queue::User(self.person), &change);
    }

    fn post(&self, state: &mut State, content: Map<String, Value>) -> Result<i64, Cannot> {
        let now = self.hub.now();
        let keep = self.hub.config.messages_kept;
        let from = Arc::clone(&state.people[&self.person].user);
        let chat_object = state.chat_object(self.bot, self.chat);
        let chat = self.opened(state)?;
        chat.started = true;
        let id = chat.next_message();
        let one_time = chat.keyboard.as_ref().is_some_and(|(_, markup)| markup["one_time_keyboard"] == true);
        if one_time {
            chat.keyboard = None;
        }
        let message = Arc::new(Message { id, date: now.seconds(), from, chat: chat_object, content });
        let stored =
            Stored { message: Arc::clone(&message), from_bot: false, at: now, edited: false, fixed: true };
        chat.keep(id, stored, keep);
        updates::push(&self.hub, state, self.bot, "message", Queue::Chat(self.chat), &message);
        Ok(id)
    }

    fn chat_of<'a>(&self, state: &'a mut State) -> &'a mut Chat {
        state.bots[self.bot].chats.entry(self.chat).or_insert_with(|| Chat::new(ChatKind::Private))
    }

    fn opened<'a>(&self, state: &'a mut State) -> Result<&'a mut Chat, Cannot> {
        let chat = self.chat_of(state);
        if chat.blocked { Err(Cannot::Blocked) } else { Ok(chat) }
    }

    /// The newest button that fits, with its message when it is an inline one.
    fn newest_button(&self, wanted: &str) -> Result<(Option<i64>, ViewButton), Cannot> {
        let mut state = self.hub.lock();
        let chat = self.chat_of(&mut state);
        let below = chat
            .keyboard
            .as_ref()
            .and_then(|(id, markup)| Some((*id, view::find_in(&markup["keyboard"], wanted)?)));
        let inline = chat.messages.iter().rev().find_map(|(id, stored)| {
            let markup = stored.message.content.get("reply_markup")?;
            Some((*id, view::find_in(&markup["inline_keyboard"], wanted)?))
        });
        match (inline, below) {
            (Some((at, _)), Some((later, button))) if later > at => Ok((None, button)),
            (Some((at, button)), _) => Ok((Some(at), button)),
            (None, Some((_, button))) => Ok((None, button)),
            (None, None) => {
                let transcript = view::draw(&self.hub, chat).transcript();
                Err(Cannot::NoButton { wanted: wanted.to_owned(), transcript })
            }
        }
    }
}

/// What the person sees.
impl Conversation {
    /// The chat's id.
    pub fn chat_id(&self) -> i64 {
        self.chat
    }

    /// The chat as it looks now.
    pub fn view(&self) -> ChatView {
        let mut state = self.hub.lock();
        view::draw(&self.hub, self.chat_of(&mut state))
    }

    /// Waits for the next message of the bot, in order; each is given once.
    ///
    /// # Errors
    /// [`Cannot::InVain`] when it does not come within [`super::Config::patience`].
    pub async fn reply(&mut self) -> Result<MessageView, Cannot> {
        let seen = self.seen;
        let found = self
            .until("a reply", |chat| {
                let mut newer = chat.messages.range(seen + 1..);
                newer.find(|(_, stored)| stored.from_bot).map(|(id, stored)| view::message(*id, stored))
            })
            .await?;
        self.seen = found.message_id;
        Ok(found)
    }

    /// Waits until the chat looks so.
    ///
    /// # Errors
    /// [`Cannot::InVain`] when it does not within [`super::Config::patience`]; `what` goes into the complaint.
    pub async fn sees(&self, what: &str, so: impl Fn(&ChatView) -> bool) -> Result<ChatView, Cannot> {
        let hub = Arc::clone(&self.hub);
        self.until(what, move |chat| Some(view::draw(&hub, chat)).filter(|view| so(view))).await
    }

    /// Waits until the chat is newer than `version`, at most so long; gives it as it is then.
    pub async fn changes(&self, version: u64, wait: std::time::Duration) -> ChatView {
        let newer = self.until("a change", |chat| (chat.version > version).then_some(()));
        // An answer either way: the caller compares versions.
        let _ = tokio::time::timeout(wait, newer).await;
        self.view()
    }

    /// Messages the bot sent or edited here so far.
    pub fn posted(&self) -> u64 {
        self.chat_of(&mut self.hub.lock()).posted
    }

    /// Waits until the bot has sent or edited more than `posted` messages.
    pub async fn posts_more_than(&self, posted: u64) -> Result<(), Cannot> {
        self.until("a reply", |chat| (chat.posted > posted).then_some(())).await
    }

    async fn until<T>(&self, what: &str, found: impl Fn(&Chat) -> Option<T>) -> Result<T, Cannot> {
        let deadline = tokio::time::Instant::now() + self.hub.config.patience;
        let changed = Arc::clone(&self.chat_of(&mut self.hub.lock()).changed);
        loop {
            let mut notified = std::pin::pin!(changed.notified());
            notified.as_mut().enable();
            if let Some(result) = found(self.chat_of(&mut self.hub.lock())) {
                return Ok(result);
            }
            if tokio::time::timeout_at(deadline, notified).await.is_err() {
                return Err(Cannot::InVain { what: what.to_owned(), transcript: self.view().transcript() });
            }
        }
    }
}

fn captioned(kind: &str, file: Value, caption: &str) -> Map<String, Value> {
    let mut content = Map::from_iter([(kind.to_owned(), file)]);
    if !caption.is_empty() {
        content.insert("caption".into(), json!(caption));
    }
    content
}
