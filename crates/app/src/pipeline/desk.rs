//! What people of the company do in the flow: answer a contact, give the conversation back to the bot, and decide what
//! becomes of messages and events that came to no good end.

use super::item::Own;
use super::store::{STATE_DEAD, STATE_FAILED, STATE_NEW, STATE_UNSURE, STATE_WAITING};
use super::{
    Class, NewOutbound, Policy, Ready, Recipient, WAKE_INBOUND, WAKE_OUTBOUND, recipient, resume, waiting,
    write,
};
use crate::access::{Actor, Right, audit};
use crate::app::App;
use crate::contacts;
use crate::directory::ChannelState;
use crate::problem::{Fail, Kind, Problem};
use crate::visit::Cause;
use samovar_base::message::{Body, FileKind, Media};
use samovar_base::{ChannelId, ContactId, Instant, OutboundId};
use samovar_connectors::Drawn;
use samovar_store::{Row, StoreError, Tx, params, query, table_write};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Longest answer, in characters; what its messenger cannot show at once is sent in parts.
pub const ANSWER_MAX: usize = 4_096;

macro_rules! message_columns {
    () => {
        "id, channel_id, contact_id, class, body, state, note, attempts, due_at, cause, created_at"
    };
}

// What stands beside a parameter in the conditions lets both databases find the partial indexes.
query! {
    static MESSAGES = concat!(
        "SELECT ", message_columns!(), " FROM outbound \
         WHERE tenant_id = $1 AND state = $2 AND state <> 1 AND state <> 2 AND id < $3 ORDER BY id DESC LIMIT $4"
    );
    static MESSAGE = concat!("SELECT ", message_columns!(), ", bucket FROM outbound WHERE tenant_id = $1 AND id = $2");
    static DEAD_EVENTS =
        "SELECT channel_id, dedup, source, received_at, note FROM inbound \
         WHERE tenant_id = $1 AND state = 3 AND (received_at, channel_id, dedup) < ($2, $3, $4) \
         ORDER BY received_at DESC, channel_id DESC, dedup DESC LIMIT $5";
    static EVENT = "SELECT state, bucket FROM inbound WHERE tenant_id = $1 AND channel_id = $2 AND dedup = $3";
}

query! {
    instance static TROUBLE =
        "SELECT (SELECT COUNT(*) FROM outbound WHERE state = 3 AND state <> 1 AND state <> 2 AND created_at >= $1), \
         (SELECT COUNT(*) FROM outbound WHERE state = 4 AND state <> 1 AND state <> 2 AND created_at >= $1), \
         (SELECT COUNT(*) FROM inbound WHERE state = 3)";
}

table_write! {
    static MESSAGE_REPEAT = update outbound key(id int) guard(state int, attempts int) set(state int, due_at int);
    static EVENT_REPEAT = update inbound key(channel_id int, dedup text) guard(state int) set(state int, note text);
}

/// A message that is not at its messenger, or perhaps not.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Id.
    pub id: OutboundId,
    /// By which channel.
    pub channel: ChannelId,
    /// To whom.
    pub contact: ContactId,
    /// `answer`, `service` or `bulk`.
    pub class: &'static str,
    /// What it says; empty when it is only a picture, and when the person was erased.
    pub text: String,
    /// The picture or file in it.
    pub media: Option<String>,
    /// What became of it.
    pub state: MessageState,
    /// Why.
    pub note: Option<String>,
    /// How often it was handed to the messenger.
    pub attempts: i64,
    /// When it may be sent; only of those that wait.
    pub due_at: Option<Instant>,
    /// What it comes from.
    pub cause: Cause,
    /// When it was decided.
    pub created_at: Instant,
}

/// What became of a message that was not simply sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageState {
    /// Its time has not come.
    Waiting,
    /// Perhaps it is at the messenger.
    Unsure,
    /// It is not, and was given up.
    Failed,
}

impl MessageState {
    /// The name in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Unsure => "unsure",
            Self::Failed => "failed",
        }
    }
    const fn number(self) -> i64 {
        match self {
            Self::Waiting => STATE_WAITING,
            Self::Unsure => STATE_UNSURE,
            Self::Failed => STATE_FAILED,
        }
    }
    fn of(number: i64) -> Option<Self> {
        [Self::Waiting, Self::Unsure, Self::Failed].into_iter().find(|state| state.number() == number)
    }
}

/// An event that could not be handled however often it was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadEvent {
    /// Its place in the list and, but for the moment, its key.
    pub place: EventPlace,
    /// `update`, `timer` or `operator`.
    pub source: String,
    /// Why it could not be handled.
    pub note: Option<String>,
}

/// The key of an event, after the moment at which it was stored. Printed as `<microseconds>/<channel>/<dedup>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventPlace {
    /// When it was stored.
    pub received_at: Instant,
    /// By which channel it came.
    pub channel: ChannelId,
    /// Unique within the channel.
    pub dedup: String,
}

/// How much there is to look at, of all companies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trouble {
    /// Messages that perhaps arrived.
    pub unsure: i64,
    /// Messages that were given up.
    pub failed: i64,
    /// Events that could not be handled.
    pub dead: i64,
}

/// Answers a contact in the words of a person of the company; the bot is silent there until [`give_back`] or until
/// the person opens it anew. The channel that takes the answer; it is sent right after.
pub async fn answer(app: &App, actor: &Actor, contact: ContactId, text: String) -> Result<ChannelId, Fail> {
    actor.require(Right::ConversationsWrite)?;
    let text = fit_to_say(text)?;
    let own = Own::Taken { contact, text, media: vec![], buttons: vec![], cause: actor.cause() };
    enter(app, actor, contact, "conversation.answer", own).await
}

/// Lets the bot go on with a contact: after the step that called a person, or with the question that stood open.
/// Without effect where the bot is not silent. The channel of the conversation.
pub async fn give_back(app: &App, actor: &Actor, contact: ContactId) -> Result<ChannelId, Fail> {
    actor.require(Right::ConversationsWrite)?;
    enter(app, actor, contact, "conversation.give_back", Own::GivenBack { contact }).await
}

/// [`answer`] inside a unit of another conversation.
pub(crate) async fn answer_in(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    contact: ContactId,
    text: String,
    now: Instant,
) -> Result<(), Fail> {
    actor.require(Right::ConversationsWrite)?;
    let text = fit_to_say(text)?;
    let own = Own::Taken { contact, text, media: vec![], buttons: vec![], cause: actor.cause() };
    enter_in(app, tx, actor, contact, "conversation.answer", own, now).await.map(drop)
}

/// [`give_back`] inside a unit of another conversation.
pub(crate) async fn give_back_in(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    contact: ContactId,
    now: Instant,
) -> Result<(), Fail> {
    actor.require(Right::ConversationsWrite)?;
    let own = Own::GivenBack { contact };
    let channel = enter_in(app, tx, actor, contact, "conversation.give_back", own, now).await?;
    // The bot hears of it a moment later; whoever gave it back sees at once that nobody waits.
    Ok(waiting::over(tx, waiting::Place { contact, channel }).await?)
}

/// Inside a unit: says something to one contact, perhaps with a picture by its key, without taking the conversation from
/// the bot. Give what is returned to
/// [`super::Pipeline::send`] after the commit.
pub(crate) async fn write_in(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    contact: ContactId,
    text: String,
    picture: Option<String>,
    now: Instant,
) -> Result<Vec<Ready>, Fail> {
    actor.require(Right::ConversationsWrite)?;
    let text = fit_to_say(text)?;
    let person = contacts::load(tx, contact).await?.ok_or_else(|| contacts::not_found(contact))?;
    let to =
        recipient(app, tx, contact).await?.filter(|_| person.takes_messages()).ok_or_else(unreachable)?;
    unless_paused(&to)?;
    audit(tx, app, actor, "conversation.write", contact, &json!({ "channel_id": to.channel.id }));
    let message = NewOutbound {
        body: Body { media: picture.map(|key| Media { kind: FileKind::Photo, key }), ..Body::text(text) },
        class: Class::Service,
        policy: Policy::Keep,
        cause: actor.cause(),
    };
    Ok(write(app, tx, &to, vec![message], now))
}

pub(crate) fn fit_to_say(text: String) -> Result<String, Problem> {
    if text.trim().is_empty() || text.chars().count() > ANSWER_MAX {
        let ru = format!("В ответе должно быть от 1 до {ANSWER_MAX} знаков");
        let en = format!("An answer has from 1 to {ANSWER_MAX} characters");
        return Err(Problem::invalid("text", "bad_text", ru, en));
    }
    Ok(text)
}

async fn enter_in(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    contact: ContactId,
    action: &'static str,
    own: Own,
    now: Instant,
) -> Result<ChannelId, Fail> {
    contacts::load(tx, contact).await?.ok_or_else(|| contacts::not_found(contact))?;
    let to = recipient(app, tx, contact).await?.ok_or_else(unreachable)?;
    unless_paused(&to)?;
    let channel = to.channel.id;
    let once = format!("operator:{}", app.ids.next(app.clock.as_ref()));
    audit(tx, app, actor, action, contact, &json!({ "channel_id": channel }));
    resume::enter_in(tx, channel, &to.chat, once.into(), &own, now).await?;
    Ok(channel)
}

/// Up to `limit` messages in a state, the youngest first, from `after` on.
pub async fn messages(
    app: &App,
    actor: &Actor,
    state: MessageState,
    after: Option<OutboundId>,
    limit: u32,
) -> Result<Vec<Message>, Fail> {
    actor.require(Right::ConversationsRead)?;
    let before = after.unwrap_or(OutboundId(i64::MAX));
    let read = app.store.read(actor.tenant, move |tx| async move {
        let rows = tx.all(&MESSAGES, params![state.number(), before, limit]).await?;
        Ok::<_, Fail>(rows.iter().map(Message::from_row).collect::<Result<Vec<_>, _>>()?)
    });
    let mut found = read.await?;
    found.iter_mut().for_each(|one| one.text = actor.sees_words(std::mem::take(&mut one.text)));
    Ok(found)
}

/// Sends an unsure or failed message once more: somebody decided that it should arrive, even twice. One that is older
/// than a day is not tried again when the messenger is away.
pub async fn repeat_message(app: &App, actor: &Actor, id: OutboundId) -> Result<Message, Fail> {
    actor.require(Right::ConversationsWrite)?;
    let now = app.clock.now();
    let (unit_app, unit_actor) = (app.clone(), actor.clone());
    app.store
        .run(actor.tenant, id.0.cast_unsigned(), move |tx| {
            let (app, actor) = (unit_app.clone(), unit_actor.clone());
            async move { repeat_message_unit(&app, &tx, &actor, id, now).await }
        })
        .await
}

/// Up to `limit` events that could not be handled, the youngest first, from `after` on.
pub async fn dead_events(
    app: &App,
    actor: &Actor,
    after: Option<EventPlace>,
    limit: u32,
) -> Result<Vec<DeadEvent>, Fail> {
    actor.require(Right::WorkManage)?;
    let before = after.unwrap_or_else(EventPlace::end);
    app.store
        .read(actor.tenant, move |tx| {
            let EventPlace { received_at, channel, dedup } = before.clone();
            async move {
                let rows = tx.all(&DEAD_EVENTS, params![received_at, channel, dedup, limit]).await?;
                Ok(rows.iter().map(DeadEvent::from_row).collect::<Result<_, _>>()?)
            }
        })
        .await
}

/// Handles an event once more that could not be handled: what stood in its way is gone.
pub async fn repeat_event(app: &App, actor: &Actor, channel: ChannelId, dedup: &str) -> Result<(), Fail> {
    actor.require(Right::WorkManage)?;
    let unknown = || Problem::not_found("событие", "event", dedup.escape_debug());
    // No key has it, and PostgreSQL has no texts with it.
    if dedup.contains('\0') {
        return Err(unknown().into());
    }
    let (unit_app, unit_actor, key) = (app.clone(), actor.clone(), dedup.to_owned());
    let repeated = app.store.run(actor.tenant, super::bucket::conversation(channel, dedup), move |tx| {
        let (app, actor, dedup) = (unit_app.clone(), unit_actor.clone(), key.clone());
        async move { repeat_event_unit(&app, &tx, &actor, channel, &dedup).await }
    });
    if repeated.await? { Ok(()) } else { Err(unknown().into()) }
}

/// Counts what may need a person: messages decided `since` then, and all dead events.
pub async fn trouble(app: &App, since: Instant) -> Result<Trouble, Fail> {
    app.store
        .read_instance(move |tx| async move {
            let Some(row) = tx.one(&TROUBLE, params![since]).await? else {
                return Ok(Trouble { unsure: 0, failed: 0, dead: 0 });
            };
            Ok(Trouble { unsure: row.int(0)?, failed: row.int(1)?, dead: row.int(2)? })
        })
        .await
}

/// Puts something of our own into a contact's conversation, by the door by which updates come.
async fn enter(
    app: &App,
    actor: &Actor,
    contact: ContactId,
    action: &'static str,
    own: Own,
) -> Result<ChannelId, Fail> {
    let to = way_to(app, actor, contact).await?;
    let channel = to.channel.id;
    let once = format!("operator:{}", app.ids.next(app.clock.as_ref()));
    let (unit_app, unit_actor) = (app.clone(), actor.clone());
    resume::enter(app, &to.channel, to.chat, once.into(), own, move |tx| {
        audit(tx, &unit_app, &unit_actor, action, contact, &json!({ "channel_id": channel }));
    })
    .await?;
    Ok(channel)
}

/// The conversation in which a contact can be answered.
async fn way_to(app: &App, actor: &Actor, contact: ContactId) -> Result<Recipient, Fail> {
    let services = app.clone();
    let to = app.store.read(actor.tenant, move |tx| {
        let app = services.clone();
        async move {
            contacts::load(&tx, contact).await?.ok_or_else(|| contacts::not_found(contact))?;
            recipient(&app, &tx, contact).await
        }
    });
    let to = to.await?.ok_or_else(unreachable)?;
    unless_paused(&to)?;
    Ok(to)
}

/// What enters a paused channel is stored and not answered: the words would be lost.
pub(crate) fn unless_paused(to: &Recipient) -> Result<(), Problem> {
    if to.channel.state == ChannelState::Paused {
        let ru = format!("Канал «{}» на паузе: включите его, чтобы писать клиентам", to.channel.name);
        let en = format!("The channel “{}” is paused: resume it to write to contacts", to.channel.name);
        return Err(Problem::refused("channel_paused", ru, en));
    }
    Ok(())
}

async fn repeat_message_unit(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    id: OutboundId,
    now: Instant,
) -> Result<Message, Fail> {
    let Some(row) = tx.one(&MESSAGE, params![id]).await? else {
        return Err(Problem::not_found("сообщение", "message", id).into());
    };
    let was = MessageState::of(row.int(5)?).filter(|state| *state != MessageState::Waiting);
    let was = was.ok_or_else(not_repeatable)?;
    let mut message = Message::from_row(&row)?;
    if message.text.is_empty() && message.media.is_none() {
        return Err(erased().into());
    }
    if app.directory.channel(message.channel).is_none() {
        return Err(unreachable().into());
    }
    tx.put(&MESSAGE_REPEAT, params![id, was.number(), message.attempts, STATE_WAITING, now]);
    tx.wake(WAKE_OUTBOUND, &row.int(11)?.to_string());
    audit(tx, app, actor, "message.repeat", id, &json!({ "was": was }));
    (message.state, message.due_at) = (MessageState::Waiting, Some(now));
    Ok(message)
}

/// False when there is no such event.
async fn repeat_event_unit(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    channel: ChannelId,
    dedup: &str,
) -> Result<bool, Fail> {
    let Some(row) = tx.one(&EVENT, params![channel, dedup]).await? else { return Ok(false) };
    if row.int(0)? != STATE_DEAD {
        let (ru, en) = ("Это событие уже обработано или ждёт", "This event is handled already, or waits");
        return Err(Problem::new(Kind::Conflict, "event_not_dead", ru, en).into());
    }
    tx.put(&EVENT_REPEAT, params![channel, dedup, STATE_DEAD, STATE_NEW, None::<&str>]);
    tx.wake(WAKE_INBOUND, &row.int(1)?.to_string());
    audit(tx, app, actor, "event.repeat", channel, &json!({ "dedup": dedup }));
    Ok(true)
}

pub(crate) fn unreachable() -> Problem {
    Problem::refused(
        "unreachable",
        "Клиенту некуда написать: он не писал ботам компании, запретил им писать или его канал отключён",
        "There is no way to write to this contact: they never wrote to a bot, forbade it to write, or its channel is gone",
    )
}

fn not_repeatable() -> Problem {
    Problem::new(
        Kind::Conflict,
        "message_not_repeatable",
        "Повторить можно только неясное или неотправленное сообщение",
        "Only an unsure or failed message can be repeated",
    )
}

fn erased() -> Problem {
    Problem::refused(
        "message_erased",
        "Текст сообщения стёрт вместе с данными клиента",
        "The text of the message was erased with the person's data",
    )
}

impl Message {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        let drawn: Drawn = row.json(4)?;
        let state = MessageState::of(row.int(5)?).ok_or_else(|| row.bad_as(5, "not a state of the desk"))?;
        Ok(Self {
            id: row.id(0)?,
            channel: row.id(1)?,
            contact: row.id(2)?,
            class: class_name(row.int(3)?),
            text: drawn.text,
            media: drawn.media.map(|media| media.key),
            state,
            note: row.opt_text(6)?.map(str::to_owned),
            attempts: row.int(7)?,
            due_at: (state == MessageState::Waiting).then(|| row.instant(8)).transpose()?,
            cause: row.json(9)?,
            created_at: row.instant(10)?,
        })
    }
}

fn class_name(class: i64) -> &'static str {
    if class == Class::Bulk as i64 {
        "bulk"
    } else if class == Class::Service as i64 {
        "service"
    } else {
        "answer"
    }
}

impl DeadEvent {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            place: EventPlace {
                received_at: row.instant(3)?,
                channel: row.id(0)?,
                dedup: row.text(1)?.to_owned(),
            },
            source: row.text(2)?.to_owned(),
            note: row.opt_text(4)?.map(str::to_owned),
        })
    }
}

impl EventPlace {
    /// Before all events of the list.
    fn end() -> Self {
        Self { received_at: Instant(i64::MAX), channel: ChannelId(i64::MAX), dedup: String::new() }
    }
}

impl std::fmt::Display for EventPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}/{}", self.received_at.0, self.channel, self.dedup)
    }
}

impl std::str::FromStr for EventPlace {
    type Err = NotAPlace;
    fn from_str(text: &str) -> Result<Self, NotAPlace> {
        let mut parts = text.splitn(3, '/');
        let mut part = || parts.next().ok_or(NotAPlace);
        let received_at = Instant(part()?.parse().map_err(|_| NotAPlace)?);
        let channel = part()?.parse().map_err(|_| NotAPlace)?;
        let dedup = part()?.to_owned();
        if dedup.contains('\0') { Err(NotAPlace) } else { Ok(Self { received_at, channel, dedup }) }
    }
}

/// Text that is not the place of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not the place of an event")]
pub struct NotAPlace;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_an_event_is_read_as_it_is_printed() {
        for dedup in ["17", "timer:5:menu:6", "a/b/c", ""] {
            let place =
                EventPlace { received_at: Instant(-5), channel: ChannelId(7), dedup: dedup.to_owned() };
            assert_eq!(place.to_string().parse(), Ok(place));
        }
        let channel = ChannelId(7);
        for text in
            ["", "5", "x/y/z", &format!("5/{channel}"), "5/con_0000000000007/a", &format!("5/{channel}/\0")]
        {
            assert_eq!(text.parse::<EventPlace>(), Err(NotAPlace), "{text:?}");
        }
    }

    #[test]
    fn states_are_numbered_as_in_the_table() {
        for (number, name) in
            [(0, Some("waiting")), (1, None), (2, None), (3, Some("unsure")), (4, Some("failed"))]
        {
            assert_eq!(MessageState::of(number).map(MessageState::as_str), name);
        }
    }
}
