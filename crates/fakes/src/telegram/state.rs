//! What the fake remembers: bots, people, chats, messages.

use super::faults::{Dice, Faults};
use super::files::{Blob, FileStore};
use super::limits::Bucket;
use super::refusal::Refusal;
use super::updates::Updates;
use super::webhook::Webhook;
use samovar_base::Instant;
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use tokio::sync::Notify;

/// Everything, behind one lock that is held for microseconds.
pub(crate) struct State {
    pub bots: Vec<Bot>,
    pub by_token: HashMap<String, usize>,
    pub people: HashMap<i64, Profile>,
    pub files: FileStore,
    pub sent: SentLog,
    pub dice: Arc<Dice>,
    pub unknown: BTreeSet<String>,
    pub last_person: i64,
    pub last_group: i64,
    pub last_callback: i64,
}

impl State {
    pub fn new(log: bool) -> Self {
        Self {
            bots: Vec::new(),
            by_token: HashMap::new(),
            people: HashMap::new(),
            files: FileStore::default(),
            sent: SentLog { on: log, ..SentLog::default() },
            dice: Arc::new(Dice::new(Faults::default())),
            unknown: BTreeSet::new(),
            last_person: 700_000_000,
            last_group: 4_000_000,
            last_callback: 4_611_686_018_427_000_000,
        }
    }
}

impl State {
    /// The `Chat` object of a chat of a bot.
    pub fn chat_object(&self, bot: usize, id: i64) -> Arc<RawValue> {
        match self.bots[bot].chats.get(&id).map(|chat| &chat.kind) {
            Some(ChatKind::Group { title, .. }) => sealed(
                &json!({"id": id, "type": "group", "title": title, "all_members_are_administrators": false}),
            ),
            _ => self.people.get(&id).map_or_else(
                || sealed(&json!({"id": id, "type": "private"})),
                |person| Arc::clone(&person.chat),
            ),
        }
    }
}

/// A person with the messenger's program in hand.
#[derive(Debug, Clone)]
pub(crate) struct Profile {
    pub id: i64,
    pub first_name: String,
    pub last_name: Option<String>,
    pub username: Option<String>,
    pub language: Option<String>,
    pub phone: String,
    pub deactivated: bool,
    /// The `User` object, written out: it goes into every message.
    pub user: Arc<RawValue>,
    /// The `Chat` object of the private chat, written out.
    pub chat: Arc<RawValue>,
}

/// JSON written out once, to be put into many messages.
pub(crate) fn sealed(value: &Value) -> Arc<RawValue> {
    Arc::from(to_raw_value(value).expect("a Value is JSON"))
}

impl Profile {
    pub fn new(id: i64, first_name: &str, last_name: Option<&str>) -> Self {
        let empty = sealed(&Value::Null);
        let mut person = Self {
            id,
            first_name: first_name.to_owned(),
            last_name: last_name.map(ToOwned::to_owned),
            username: None,
            language: Some("ru".to_owned()),
            phone: format!("79{:09}", id % 1_000_000_000),
            deactivated: false,
            user: Arc::clone(&empty),
            chat: empty,
        };
        person.write_out();
        person
    }

    /// To be called after every change.
    pub fn write_out(&mut self) {
        self.user = sealed(&self.user_object());
        self.chat = sealed(&self.chat_object());
    }

    fn user_object(&self) -> Value {
        let mut user = json!({"id": self.id, "is_bot": false, "first_name": self.first_name});
        put_some(&mut user, "last_name", self.last_name.as_ref());
        put_some(&mut user, "username", self.username.as_ref());
        put_some(&mut user, "language_code", self.language.as_ref());
        user
    }

    fn chat_object(&self) -> Value {
        let mut chat = json!({"id": self.id, "type": "private", "first_name": self.first_name});
        put_some(&mut chat, "last_name", self.last_name.as_ref());
        put_some(&mut chat, "username", self.username.as_ref());
        chat
    }
}

fn put_some(object: &mut Value, name: &str, value: Option<&String>) {
    if let Some(value) = value {
        object[name] = json!(value);
    }
}

/// A bot, its settings, its chats and what waits for it.
pub(crate) struct Bot {
    pub id: i64,
    pub token: String,
    pub username: String,
    pub name: String,
    /// The `User` object, written out.
    pub user: Arc<RawValue>,
    pub revoked: bool,
    pub chats: HashMap<i64, Chat>,
    pub updates: Updates,
    pub webhook: Option<Webhook>,
    pub webhook_set_at: Option<Instant>,
    pub callbacks: HashMap<String, Callback>,
    pub bucket: Bucket,
    /// Commands by scope and language.
    pub commands: BTreeMap<(String, String), Value>,
    /// Descriptions and names by method family and language.
    pub texts: BTreeMap<(&'static str, String), String>,
    /// Menu buttons by chat; 0 is the default one.
    pub menu_buttons: BTreeMap<i64, Value>,
    /// What people see beside its name.
    pub picture: Option<Blob>,
}

/// A press that waits for its answer.
#[derive(Debug, Clone)]
pub(crate) struct Callback {
    pub chat: i64,
    pub at: Instant,
}

/// Private or group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ChatKind {
    Private,
    Group { title: String, upgraded_to: Option<i64>, expelled: bool },
}

/// A chat as one bot knows it.
#[derive(Debug)]
pub(crate) struct Chat {
    pub kind: ChatKind,
    pub started: bool,
    pub blocked: bool,
    pub messages: BTreeMap<i64, Stored>,
    pub last_message: i64,
    /// The reply keyboard the person has, with the message that brought it.
    pub keyboard: Option<(i64, Value)>,
    pub action: Option<(String, Instant)>,
    pub notices: VecDeque<Notice>,
    pub notice_count: u64,
    pub version: u64,
    /// Messages the bot sent or edited.
    pub posted: u64,
    pub changed: Arc<Notify>,
    pub bucket: Bucket,
}

/// A message that can still be seen.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub message: Arc<Message>,
    pub from_bot: bool,
    pub at: Instant,
    pub edited: bool,
    /// Sent with a reply keyboard or the like: cannot be edited.
    pub fixed: bool,
}

/// A `Message` object. Shared between the chat and what is on its way to the bot.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub id: i64,
    pub date: i64,
    pub from: Arc<RawValue>,
    pub chat: Arc<RawValue>,
    /// All other fields.
    pub content: Map<String, Value>,
}

impl Serialize for Message {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(4 + self.content.len()))?;
        map.serialize_entry("message_id", &self.id)?;
        map.serialize_entry("from", &self.from)?;
        map.serialize_entry("chat", &self.chat)?;
        map.serialize_entry("date", &self.date)?;
        for (name, value) in &self.content {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// What an answered press shows on top of the chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Grows by one within the chat.
    pub number: u64,
    /// The text; empty when the press was only confirmed.
    pub text: String,
    /// A window to be closed rather than a passing line.
    pub alert: bool,
    /// The address it opens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl Chat {
    pub fn new(kind: ChatKind) -> Self {
        Self {
            kind,
            started: false,
            blocked: false,
            messages: BTreeMap::new(),
            last_message: 0,
            keyboard: None,
            action: None,
            notices: VecDeque::new(),
            notice_count: 0,
            version: 0,
            posted: 0,
            changed: Arc::new(Notify::new()),
            bucket: Bucket::default(),
        }
    }

    /// Something the person can see is different now.
    pub fn touch(&mut self) {
        self.version += 1;
        self.changed.notify_waiters();
    }

    pub fn next_message(&mut self) -> i64 {
        self.last_message += 1;
        self.last_message
    }

    /// Keeps a message, and forgets the oldest beyond `limit`.
    pub fn keep(&mut self, id: i64, stored: Stored, limit: usize) {
        self.messages.insert(id, stored);
        while self.messages.len() > limit {
            self.messages.pop_first();
        }
        self.action = None;
        self.touch();
    }

    pub fn notice(&mut self, text: String, alert: bool, url: Option<String>) {
        self.notice_count += 1;
        self.notices.push_back(Notice { number: self.notice_count, text, alert, url });
        if self.notices.len() > 50 {
            self.notices.pop_front();
        }
        self.touch();
    }

    pub fn is_private(&self) -> bool {
        self.kind == ChatKind::Private
    }

    /// Whether the bot may write here now.
    pub fn check_writable(&self, person: Option<&Profile>) -> Result<(), Refusal> {
        match &self.kind {
            ChatKind::Private if person.is_some_and(|person| person.deactivated) => {
                Err(Refusal::forbidden("user is deactivated"))
            }
            ChatKind::Private if self.blocked => Err(Refusal::forbidden("bot was blocked by the user")),
            ChatKind::Private if !self.started => {
                Err(Refusal::forbidden("bot can't initiate conversation with a user"))
            }
            ChatKind::Group { upgraded_to: Some(to), .. } => {
                let refusal = Refusal::bad_request("group chat was upgraded to a supergroup chat");
                Err(Refusal { migrate_to: Some(*to), ..refusal })
            }
            ChatKind::Group { expelled: true, .. } => {
                Err(Refusal::forbidden("bot was kicked from the group chat"))
            }
            _ => Ok(()),
        }
    }
}

/// One accepted send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// Grows by one over the whole fake.
    pub number: u64,
    /// The bot's username.
    pub bot: String,
    /// `sendMessage`, `sendPhoto`…
    pub method: String,
    /// Where to.
    pub chat: i64,
    /// The id the message got.
    pub message_id: i64,
    /// Its text or caption.
    pub text: String,
    /// When, in microseconds since 1970.
    pub at_us: i64,
}

/// Every accepted send, in order.
#[derive(Debug, Default)]
pub(crate) struct SentLog {
    pub on: bool,
    pub count: u64,
    pub list: Vec<Sent>,
}

impl SentLog {
    pub fn add(&mut self, bot: &str, method: &str, chat: i64, message_id: i64, text: &str, at: Instant) {
        self.count += 1;
        if self.on {
            self.list.push(Sent {
                number: self.count,
                bot: bot.to_owned(),
                method: method.to_owned(),
                chat,
                message_id,
                text: text.to_owned(),
                at_us: at.0,
            });
        }
    }
}
