//! Decodes updates. Texts are borrowed from the bytes where they can be, for speed; unknown fields are passed over.

use crate::messenger::Accepted;
use samovar_base::Instant;
use samovar_base::message::{Event, FileKind, FileRef, Incoming, Person};
use serde::Deserialize;
use serde::de::{self, Deserializer, IgnoredAny, MapAccess, Visitor};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// See [`Messenger::accept`](crate::Messenger::accept).
pub(super) fn accept(raw: &[u8], received: Instant) -> Accepted {
    match serde_json::from_slice::<Update<'_>>(raw) {
        Ok(update) => decode(update, raw, received),
        Err(error) => undecodable(raw, &error),
    }
}

fn decode(update: Update<'_>, raw: &[u8], received: Instant) -> Accepted {
    let dedup = update.id.to_string();
    let mut accepted = Accepted { dedup: dedup.clone(), order: update.id, ..Accepted::default() };
    let happened = match update.content {
        Content::Message(message) => of_message(message, raw),
        Content::Edited(message) => of_edit(message),
        Content::Callback(query) => {
            accepted.reply =
                serde_json::to_vec(&Answer { method: "answerCallbackQuery", callback_query_id: &query.id.0 })
                    .ok();
            accepted.acknowledge = Some(query.id.0.clone().into_owned());
            of_press(query, received)
        }
        Content::Membership(change) => of_membership(change),
        Content::Unknown(what) => Happened::unknown(&what),
        Content::Nothing => Happened::unknown("an update without content"),
    };
    let Happened { chat, person, at, event } = happened;
    let at = at.unwrap_or(received);
    accepted.events.push(Incoming { dedup, order: update.id, chat, person, at, event });
    accepted
}

/// Its number at least, so that a repeated delivery is known.
fn undecodable(raw: &[u8], error: &serde_json::Error) -> Accepted {
    #[derive(Deserialize)]
    struct Numbered {
        update_id: i64,
    }
    let order = serde_json::from_slice::<Numbered>(raw).ok().map(|update| update.update_id);
    // The words of the error may quote what the person wrote.
    let problem =
        format!("not an update ({:?}) at line {} column {}", error.classify(), error.line(), error.column());
    Accepted {
        dedup: order.map_or_else(|| fingerprint(raw), |id| id.to_string()),
        order: order.unwrap_or(0),
        problem: Some(problem),
        ..Accepted::default()
    }
}

fn fingerprint(raw: &[u8]) -> String {
    format!("sha256:{}", samovar_base::vault::fingerprint(raw))
}

struct Happened {
    chat: String,
    person: Person,
    at: Option<Instant>,
    event: Event,
}

impl Happened {
    fn unknown(what: &str) -> Self {
        Self {
            chat: String::new(),
            person: Person::default(),
            at: None,
            event: Event::Unknown { what: what.to_owned() },
        }
    }
}

fn of_message(message: Message<'_>, raw: &[u8]) -> Happened {
    let (chat, from) = match sender(&message.chat, message.from.as_ref()) {
        Ok(known) => known,
        Err(what) => return Happened::unknown(what),
    };
    let (chat, person, at) = (chat.to_string(), person(from), Some(Instant::from_seconds(message.date)));
    let event = if let Some(text) = message.text {
        of_text(text.0)
    } else if let Some(photo) = largest(message.photo) {
        Event::File { file: photo, caption: owned(message.caption) }
    } else if let Some(document) = message.document {
        Event::File { file: document.into_file(), caption: owned(message.caption) }
    } else if let Some(contact) = message.contact {
        of_contact(contact, from.id)
    } else {
        Event::Unknown { what: content_name(raw) }
    };
    Happened { chat, person, at, event }
}

fn of_text(text: Cow<'_, str>) -> Event {
    let Some(rest) = text.strip_prefix("/start") else { return Event::Text { text: text.into_owned() } };
    // `/start@the_bot` comes from a tap on the command where several bots are.
    let rest = match rest.strip_prefix('@') {
        Some(name) => name.trim_start_matches(|letter: char| letter.is_ascii_alphanumeric() || letter == '_'),
        None => rest,
    };
    if !rest.is_empty() && !rest.starts_with(char::is_whitespace) {
        return Event::Text { text: text.into_owned() };
    }
    let payload = rest.trim();
    Event::Start { payload: (!payload.is_empty()).then(|| payload.to_owned()) }
}

fn of_contact(contact: Contact<'_>, sender: i64) -> Event {
    let own = contact.user_id == Some(sender);
    let number = contact.phone_number.0;
    // Telegram writes a person's own number in full, but without the plus that says so.
    let in_full = own && number.bytes().all(|byte| byte.is_ascii_digit());
    Event::Phone { number: if in_full { format!("+{number}") } else { number.into_owned() }, own }
}

fn of_edit(message: Message<'_>) -> Happened {
    let (chat, from) = match sender(&message.chat, message.from.as_ref()) {
        Ok(known) => known,
        Err(what) => return Happened::unknown(what),
    };
    let event = match message.text.or(message.caption) {
        Some(text) => Event::Edited { message: message.message_id.to_string(), text: text.0.into_owned() },
        None => Event::Unknown { what: "an edit without text".into() },
    };
    let at = Instant::from_seconds(message.edit_date.unwrap_or(message.date));
    Happened { chat: chat.to_string(), person: person(from), at: Some(at), event }
}

fn of_press(query: Callback<'_>, received: Instant) -> Happened {
    let Some(message) = query.message else { return Happened::unknown("a press outside a chat") };
    let (chat, from) = match sender(&message.chat, Some(&query.from)) {
        Ok(known) => known,
        Err(what) => return Happened::unknown(what),
    };
    let event = match query.data {
        Some(token) => {
            Event::Press { token: token.0.into_owned(), message: Some(message.message_id.to_string()) }
        }
        None => Event::Unknown { what: "a press without data".into() },
    };
    Happened { chat: chat.to_string(), person: person(from), at: Some(received), event }
}

fn of_membership(change: Membership<'_>) -> Happened {
    let (chat, from) = match sender(&change.chat, Some(&change.from)) {
        Ok(known) => known,
        Err(what) => return Happened::unknown(what),
    };
    let event = match &*change.new_chat_member.status.0 {
        "kicked" => Event::Blocked,
        "member" => Event::Unblocked,
        other => Event::Unknown { what: format!("membership {other}") },
    };
    Happened {
        chat: chat.to_string(),
        person: person(from),
        at: Some(Instant::from_seconds(change.date)),
        event,
    }
}

/// The conversation and the person, when it is a private one with a person; otherwise why not.
fn sender<'a, 'b>(chat: &Chat<'_>, from: Option<&'b User<'a>>) -> Result<(i64, &'b User<'a>), &'static str> {
    match (&*chat.kind.0, from) {
        ("private", Some(user)) if !user.is_bot => Ok((chat.id, user)),
        ("private", Some(_)) => Err("from a bot"),
        ("private", None) => Err("without a sender"),
        ("group" | "supergroup", _) => Err("in a group"),
        ("channel", _) => Err("in a channel"),
        _ => Err("in a chat of an unknown kind"),
    }
}

fn person(user: &User<'_>) -> Person {
    let first = user.first_name.0.trim();
    let name = match user.last_name.as_ref().map(|last| last.0.trim()) {
        Some(last) if !last.is_empty() => format!("{first} {last}").trim().to_owned(),
        _ => first.to_owned(),
    };
    let some = |text: &Option<Str<'_>>| text.as_ref().map(|text| text.0.clone().into_owned());
    Person {
        id: user.id.to_string(),
        name,
        handle: some(&user.username),
        language: some(&user.language_code),
    }
}

fn largest(sizes: Option<Vec<PhotoSize<'_>>>) -> Option<FileRef> {
    let photo = sizes?.into_iter().max_by_key(|size| size.width.saturating_mul(size.height))?;
    Some(FileRef {
        vendor_id: photo.file_id.0.into_owned(),
        kind: FileKind::Photo,
        name: None,
        media_type: Some("image/jpeg".into()),
        size: photo.file_size,
    })
}

fn owned(text: Option<Str<'_>>) -> String {
    text.map_or_else(String::new, |text| text.0.into_owned())
}

/// The vendor's name of a content we do not decode: a second look, taken only then.
fn content_name(raw: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Outer<'a> {
        #[serde(borrow)]
        message: BTreeMap<Str<'a>, IgnoredAny>,
    }
    const ABOUT: [&str; 11] = [
        "message_id",
        "date",
        "chat",
        "from",
        "entities",
        "caption",
        "caption_entities",
        "reply_to_message",
        "media_group_id",
        "reply_markup",
        "via_bot",
    ];
    const ABOUT_PREFIXES: [&str; 7] =
        ["forward_", "has_", "is_", "sender_", "edit_", "message_thread", "show_"];
    let Ok(outer) = serde_json::from_slice::<Outer<'_>>(raw) else { return "a message".into() };
    let names = || outer.message.keys().map(|name| &*name.0);
    let about =
        |name: &str| ABOUT.contains(&name) || ABOUT_PREFIXES.iter().any(|prefix| name.starts_with(prefix));
    names().find(|name| !about(name)).map_or_else(|| "a message without content".into(), str::to_owned)
}

/// A text, borrowed when it holds no escapes.
#[derive(Deserialize, PartialEq, Eq, PartialOrd, Ord)]
struct Str<'a>(#[serde(borrow)] Cow<'a, str>);

struct Update<'a> {
    id: i64,
    content: Content<'a>,
}

enum Content<'a> {
    Message(Message<'a>),
    Edited(Message<'a>),
    Callback(Callback<'a>),
    Membership(Membership<'a>),
    Unknown(String),
    Nothing,
}

impl<'de: 'a, 'a> Deserialize<'de> for Update<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(UpdateVisitor)
    }
}

/// By hand, because the name of an unknown content is wanted without a second pass.
struct UpdateVisitor;

impl<'de> Visitor<'de> for UpdateVisitor {
    type Value = Update<'de>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an update")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Update<'de>, A::Error> {
        let (mut id, mut content) = (None, Content::Nothing);
        while let Some(name) = map.next_key::<Str<'de>>()? {
            match &*name.0 {
                "update_id" => id = Some(map.next_value()?),
                "message" => content = Content::Message(map.next_value()?),
                "edited_message" => content = Content::Edited(map.next_value()?),
                "callback_query" => content = Content::Callback(map.next_value()?),
                "my_chat_member" => content = Content::Membership(map.next_value()?),
                other => {
                    if matches!(content, Content::Nothing) {
                        content = Content::Unknown(other.to_owned());
                    }
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(Update { id: id.ok_or_else(|| de::Error::missing_field("update_id"))?, content })
    }
}

#[derive(Deserialize)]
struct Message<'a> {
    message_id: i64,
    #[serde(default)]
    date: i64,
    edit_date: Option<i64>,
    #[serde(borrow)]
    chat: Chat<'a>,
    #[serde(borrow)]
    from: Option<User<'a>>,
    #[serde(borrow)]
    text: Option<Str<'a>>,
    #[serde(borrow)]
    caption: Option<Str<'a>>,
    #[serde(borrow)]
    photo: Option<Vec<PhotoSize<'a>>>,
    #[serde(borrow)]
    document: Option<Document<'a>>,
    #[serde(borrow)]
    contact: Option<Contact<'a>>,
}

#[derive(Deserialize)]
struct Chat<'a> {
    id: i64,
    #[serde(borrow, rename = "type")]
    kind: Str<'a>,
}

#[derive(Deserialize)]
struct User<'a> {
    id: i64,
    #[serde(default)]
    is_bot: bool,
    #[serde(borrow)]
    first_name: Str<'a>,
    #[serde(borrow)]
    last_name: Option<Str<'a>>,
    #[serde(borrow)]
    username: Option<Str<'a>>,
    #[serde(borrow)]
    language_code: Option<Str<'a>>,
}

#[derive(Deserialize)]
struct PhotoSize<'a> {
    #[serde(borrow)]
    file_id: Str<'a>,
    #[serde(default)]
    width: i64,
    #[serde(default)]
    height: i64,
    file_size: Option<i64>,
}

#[derive(Deserialize)]
struct Document<'a> {
    #[serde(borrow)]
    file_id: Str<'a>,
    #[serde(borrow)]
    file_name: Option<Str<'a>>,
    #[serde(borrow)]
    mime_type: Option<Str<'a>>,
    file_size: Option<i64>,
}

impl Document<'_> {
    fn into_file(self) -> FileRef {
        let some = |text: Option<Str<'_>>| text.map(|text| text.0.into_owned());
        FileRef {
            vendor_id: self.file_id.0.into_owned(),
            kind: FileKind::Document,
            name: some(self.file_name),
            media_type: some(self.mime_type),
            size: self.file_size,
        }
    }
}

#[derive(Deserialize)]
struct Contact<'a> {
    #[serde(borrow)]
    phone_number: Str<'a>,
    user_id: Option<i64>,
}

#[derive(Deserialize)]
struct Callback<'a> {
    #[serde(borrow)]
    id: Str<'a>,
    #[serde(borrow)]
    from: User<'a>,
    #[serde(borrow)]
    message: Option<Place<'a>>,
    #[serde(borrow)]
    data: Option<Str<'a>>,
}

/// A message of ours; when it is too old only these two are told.
#[derive(Deserialize)]
struct Place<'a> {
    message_id: i64,
    #[serde(borrow)]
    chat: Chat<'a>,
}

#[derive(Deserialize)]
struct Membership<'a> {
    #[serde(borrow)]
    chat: Chat<'a>,
    #[serde(borrow)]
    from: User<'a>,
    date: i64,
    #[serde(borrow)]
    new_chat_member: Member<'a>,
}

#[derive(Deserialize)]
struct Member<'a> {
    #[serde(borrow)]
    status: Str<'a>,
}

#[derive(serde::Serialize)]
struct Answer<'a> {
    method: &'static str,
    callback_query_id: &'a str,
}
