//! People and faults by HTTP, for the demo page and for drivers in other processes. JSON in, JSON out.
//!
//! | call | body | answer |
//! | --- | --- | --- |
//! | `GET /control/bots` | | `[{token, username, name, pending, commands}]` |
//! | `POST /control/bots` | `{token, username, name?}` | `{username}` |
//! | `GET /control/people` | | `[{id, name, phone}]` |
//! | `POST /control/people` | `{name, phone?, username?, language?}` | `{id, phone}` |
//! | `GET /control/chats/<bot>/<person>?after=<version>&wait=<seconds>` | | the chat, see [`super::ChatView`]; waits up to 60 s until it is newer than `after` |
//! | `POST /control/chats/<bot>/<person>/start` | `{payload?}` | `{message_id}` |
//! | `POST …/say` | `{text}` | `{message_id}` |
//! | `POST …/press` | `{button}` (label or data), or `{message_id, data}` | `{callback}`, `{message_id}` or `{opened}` |
//! | `POST …/phone` | `{}`: own number; `{phone, user_id?}`: any card | `{message_id}` |
//! | `POST …/photo?caption=` | the bytes of the picture | `{message_id}` |
//! | `POST …/document?name=&type=&caption=` | the bytes of the file | `{message_id}` |
//! | `POST …/edit` | `{message_id, text}` | `{}` |
//! | `POST …/app` | `{start?}` | `{url}`: the Mini App of the button beside the text field, with its launch data |
//! | `POST …/block`, `POST …/unblock` | | `{}` |
//! | `GET /control/files/<file>` | | the bytes of a picture or file of a chat |
//! | `PUT /control/faults` | [`super::Faults`], absent rates are zero | `{}` |
//! | `GET /control/sent?after=<number>` | | accepted sends, see [`super::Sent`] |
//! | `GET /control/unknown` | | parameters that bots gave and the methods do not have |
//!
//! `<bot>` is a username, `<person>` an id. What cannot be done is 400 with `{error}`, what does not exist is 404.

use super::people::{BotHandle, Cannot, Conversation, Person, Pressed};
use super::refusal::Refusal;
use super::server::{read_body, value, with_type};
use super::{Faults, Hub};
use crate::listener::Reply;
use bytes::Bytes;
use hyper::body::Incoming;
use hyper::{Method, Request};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

const MAX_WAIT_SECONDS: u64 = 60;

/// Why a call of this face was not done.
enum Failure {
    NotFound,
    Cannot(String),
}

impl From<Cannot> for Failure {
    fn from(cannot: Cannot) -> Self {
        Self::Cannot(cannot.to_string())
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Cannot(refusal.description)
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Cannot(error.to_string())
    }
}

type Outcome = Result<Value, Failure>;

struct Ask {
    method: Method,
    path: Vec<String>,
    query: HashMap<String, String>,
    body: Bytes,
}

impl Ask {
    fn json(&self) -> Result<Value, Failure> {
        if self.body.is_empty() { Ok(json!({})) } else { Ok(serde_json::from_slice(&self.body)?) }
    }
    fn query(&self, name: &str) -> &str {
        self.query.get(name).map_or("", String::as_str)
    }
}

pub(crate) async fn answer(hub: &Arc<Hub>, request: Request<Incoming>) -> Reply {
    match read(request).await {
        Ok(ask) => route(hub, ask).await,
        Err(refusal) => value(400, &json!({"error": refusal.description})),
    }
}

async fn read(request: Request<Incoming>) -> Result<Ask, Refusal> {
    let (head, body) = request.into_parts();
    let decode =
        |text: &str| url::form_urlencoded::parse(text.as_bytes()).into_owned().collect::<HashMap<_, _>>();
    Ok(Ask {
        method: head.method,
        path: head.uri.path().split('/').skip(2).map(ToOwned::to_owned).collect(),
        query: decode(head.uri.query().unwrap_or_default()),
        body: read_body(body).await?,
    })
}

async fn route(hub: &Arc<Hub>, ask: Ask) -> Reply {
    let path: Vec<&str> = ask.path.iter().map(String::as_str).collect();
    if let (&Method::GET, ["files", file]) = (&ask.method, path.as_slice()) {
        return match hub.lock().files.by_unique(file) {
            Some(blob) => with_type(200, &blob.media_type, blob.bytes.clone()),
            None => value(404, &json!({"error": "no such file"})),
        };
    }
    let outcome = match (&ask.method, path.as_slice()) {
        (&Method::GET, ["bots"]) => Ok(bots(hub)),
        (&Method::POST, ["bots"]) => add_bot(hub, &ask),
        (&Method::GET, ["people"]) => Ok(people(hub)),
        (&Method::POST, ["people"]) => add_person(hub, &ask),
        (&Method::GET, ["chats", bot, person]) => view(hub, bot, person, &ask).await,
        (&Method::POST, ["chats", bot, person, what]) => act(hub, bot, person, what, &ask),
        (&Method::PUT, ["faults"]) => set_faults(hub, &ask),
        (&Method::GET, ["sent"]) => Ok(sent(hub, ask.query("after").parse().unwrap_or(0))),
        (&Method::GET, ["unknown"]) => Ok(json!(hub.lock().unknown)),
        _ => Err(Failure::NotFound),
    };
    match outcome {
        Ok(answer) => value(200, &answer),
        Err(Failure::NotFound) => value(404, &json!({"error": "no such bot, person or call"})),
        Err(Failure::Cannot(why)) => value(400, &json!({"error": why})),
    }
}

fn bots(hub: &Hub) -> Value {
    let state = hub.lock();
    let one = |bot: &super::state::Bot| {
        let commands = bot.commands.values().next().cloned().unwrap_or_else(|| json!([]));
        json!({
            "token": bot.token, "username": bot.username, "name": bot.name,
            "pending": bot.updates.pending.len(), "commands": commands,
        })
    };
    state.bots.iter().map(one).collect()
}

fn add_bot(hub: &Hub, ask: &Ask) -> Outcome {
    let body = ask.json()?;
    let field =
        |name: &str| body[name].as_str().ok_or_else(|| Failure::Cannot(format!("{name} is required")));
    let username = field("username")?;
    hub.add_bot(field("token")?, username, body["name"].as_str().unwrap_or(username));
    Ok(json!({"username": username}))
}

fn people(hub: &Hub) -> Value {
    let state = hub.lock();
    let mut people: Vec<_> = state.people.values().collect();
    people.sort_by_key(|person| person.id);
    let one = |person: &&super::state::Profile| json!({"id": person.id, "name": person.first_name, "phone": person.phone});
    people.iter().map(one).collect()
}

fn add_person(hub: &Arc<Hub>, ask: &Ask) -> Outcome {
    let body = ask.json()?;
    let name = body["name"].as_str().ok_or_else(|| Failure::Cannot("name is required".into()))?;
    let mut person = Person::new(hub, hub.add_person(name));
    if let Some(phone) = body["phone"].as_str() {
        person = person.with_phone(phone);
    }
    if let Some(username) = body["username"].as_str() {
        person = person.with_username(username);
    }
    if let Some(language) = body["language"].as_str() {
        person = person.with_language(language);
    }
    Ok(json!({"id": person.id(), "phone": person.phone()}))
}

fn conversation(hub: &Arc<Hub>, bot: &str, person: &str) -> Result<Conversation, Failure> {
    let person: i64 = person.parse().map_err(|_| Failure::NotFound)?;
    let state = hub.lock();
    let index = state.bots.iter().position(|known| known.username == bot).ok_or(Failure::NotFound)?;
    if !state.people.contains_key(&person) {
        return Err(Failure::NotFound);
    }
    drop(state);
    Ok(Person::new(hub, person).chat(&BotHandle::new(hub, index)))
}

async fn view(hub: &Arc<Hub>, bot: &str, person: &str, ask: &Ask) -> Outcome {
    let chat = conversation(hub, bot, person)?;
    let wait = ask.query("wait").parse().unwrap_or(0_u64).min(MAX_WAIT_SECONDS);
    let view = match ask.query("after").parse() {
        Ok(after) if wait > 0 => chat.changes(after, Duration::from_secs(wait)).await,
        _ => chat.view(),
    };
    Ok(serde_json::to_value(view)?)
}

fn act(hub: &Arc<Hub>, bot: &str, person: &str, what: &str, ask: &Ask) -> Outcome {
    let chat = conversation(hub, bot, person)?;
    let sent = |id: i64| json!({"message_id": id});
    match what {
        "photo" => return Ok(sent(chat.sends_photo(ask.body.clone(), ask.query("caption"))?)),
        "document" => {
            let media_type =
                Some(ask.query("type")).filter(|text| !text.is_empty()).unwrap_or("application/octet-stream");
            let name = Some(ask.query("name")).filter(|text| !text.is_empty()).unwrap_or("file");
            return Ok(sent(chat.sends_document(
                name,
                media_type,
                ask.body.clone(),
                ask.query("caption"),
            )?));
        }
        _ => {}
    }
    let body = ask.json()?;
    let text = |name: &str| body[name].as_str().ok_or_else(|| Failure::Cannot(format!("{name} is required")));
    match what {
        "start" => Ok(sent(chat.starts(body["payload"].as_str())?)),
        "say" => Ok(sent(chat.says(text("text")?)?)),
        "press" => press(&chat, &body),
        "phone" => match body["phone"].as_str() {
            Some(phone) => Ok(sent(chat.shares_contact(phone, body["user_id"].as_i64())?)),
            None => Ok(sent(chat.shares_phone()?)),
        },
        "app" => Ok(json!({ "url": chat.opens_app(body["start"].as_str())? })),
        "edit" => {
            chat.edits(body["message_id"].as_i64().unwrap_or(0), text("text")?)?;
            Ok(json!({}))
        }
        "block" => {
            chat.blocks();
            Ok(json!({}))
        }
        "unblock" => {
            chat.unblocks();
            Ok(json!({}))
        }
        _ => Err(Failure::NotFound),
    }
}

fn press(chat: &Conversation, body: &Value) -> Outcome {
    if let (Some(message), Some(data)) = (body["message_id"].as_i64(), body["data"].as_str()) {
        return Ok(json!({"callback": chat.presses_data(message, data)?}));
    }
    let wanted = body["button"].as_str().ok_or_else(|| Failure::Cannot("button is required".into()))?;
    Ok(match chat.presses(wanted)? {
        Pressed::Callback(id) => json!({"callback": id}),
        Pressed::Message(id) => json!({"message_id": id}),
        Pressed::Opened(address) => json!({"opened": address}),
    })
}

fn set_faults(hub: &Hub, ask: &Ask) -> Outcome {
    let faults: Faults = serde_json::from_value(ask.json()?)?;
    hub.lock().dice = Arc::new(super::Dice::new(faults));
    Ok(json!({}))
}

fn sent(hub: &Hub, after: u64) -> Value {
    let state = hub.lock();
    let from = state.sent.list.partition_point(|sent| sent.number <= after);
    json!(state.sent.list[from..])
}
