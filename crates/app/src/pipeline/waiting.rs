//! Conversations as people of the company see them: kept up to date by what is said, in the unit in which it is said.
//!
//! A conversation with the bot alone costs one held write; one in which a person is wanted is written at once, because
//! what it becomes depends on what it was. What contacts write in words is kept to be searched.

use crate::access::{Actor, Right};
use crate::app::App;
use crate::contacts;
use crate::contacts::search_key;
use crate::conversations::Preview;
use crate::problem::Fail;
use samovar_base::message::{Event, FileKind};
use samovar_base::{ChannelId, ContactId, Instant, StaffId};
use samovar_store::{Row, StoreError, Tx, params, query, table_write};

/// Longest line that is kept, in characters.
const LINE_MAX: usize = 4_096;

query! {
    static WAITING =
        "SELECT v.contact_id, c.name, v.channel_id, COALESCE(v.waiting_since, v.answered_at, v.last_at), v.reason, v.answered_at
         FROM conversation v JOIN contact c ON c.tenant_id = v.tenant_id AND c.id = v.contact_id
         WHERE v.tenant_id = $1 AND v.state IN (1, 2)
         ORDER BY COALESCE(v.waiting_since, v.answered_at, v.last_at), v.contact_id LIMIT $2 OFFSET $3";
    static COUNT =
        "SELECT COUNT(*) FROM conversation WHERE tenant_id = $1 AND state IN (1, 2) AND waiting_since IS NOT NULL";
    static LINES =
        "SELECT id, at, author, text FROM conversation_line
         WHERE tenant_id = $1 AND contact_id = $2 AND id < $3 AND kind = 0 ORDER BY id DESC LIMIT $4";
    static CALLED =
        "INSERT INTO conversation (tenant_id, contact_id, channel_id, state, waiting_since, reason, last_at)
         VALUES ($1, $2, $3, 1, $4, $5, $4)
         ON CONFLICT (tenant_id, contact_id, channel_id) DO UPDATE SET
             state = CASE WHEN conversation.state = 2 THEN 2 ELSE 1 END, waiting_since = excluded.waiting_since,
             answered_at = NULL, reason = excluded.reason, snoozed_until = NULL";
    static ANSWERED =
        "INSERT INTO conversation (tenant_id, contact_id, channel_id, state, assignee, answered_at, last_at)
         VALUES ($1, $2, $3, $6, $4, $5, $5)
         ON CONFLICT (tenant_id, contact_id, channel_id) DO UPDATE SET
             state = CASE WHEN conversation.state = 2 THEN 2 ELSE excluded.state END,
             assignee = COALESCE(conversation.assignee, excluded.assignee), answered_at = excluded.answered_at,
             waiting_since = NULL, unread = 0, snoozed_until = NULL";
    static TAKEN =
        "INSERT INTO conversation (tenant_id, contact_id, channel_id, state, assignee, last_at)
         VALUES ($1, $2, $3, $6, $4, $5)
         ON CONFLICT (tenant_id, contact_id, channel_id) DO UPDATE SET
             state = CASE WHEN conversation.state = 2 THEN 2 ELSE excluded.state END,
             assignee = COALESCE(conversation.assignee, excluded.assignee)";
    static OVER =
        "UPDATE conversation SET state = 0, assignee = NULL, unread = 0, waiting_since = NULL, answered_at = NULL,
             reason = '', snoozed_until = NULL, revision = revision + 1
         WHERE tenant_id = $1 AND contact_id = $2 AND channel_id = $3 AND state <> 0 AND state <> 3";
    // While a person is wanted: new words of the contact are unread, and wake what was put off.
    static HEARD =
        "INSERT INTO conversation
             (tenant_id, contact_id, channel_id, state, unread, waiting_since, last_at, last_by, last_media, last_text)
         VALUES ($1, $2, $3, 1, $8, $9, $4, $5, $6, $7)
         ON CONFLICT (tenant_id, contact_id, channel_id) DO UPDATE SET
             state = CASE WHEN conversation.state = 2 THEN 2 ELSE 1 END, unread = conversation.unread + excluded.unread,
             waiting_since = COALESCE(conversation.waiting_since, excluded.waiting_since),
             snoozed_until = CASE WHEN excluded.unread > 0 THEN NULL ELSE conversation.snoozed_until END,
             last_at = excluded.last_at, last_by = excluded.last_by, last_media = excluded.last_media,
             last_text = excluded.last_text";
}

table_write! {
    static TALKED = upsert conversation key(contact_id int, channel_id int)
        set(state int, last_at int, last_by int, last_media int, last_text text);
    static LINE_NEW = insert conversation_line key(id int)
        set(channel_id int, contact_id int, at int, author text, text text, text_key text, kind int);
}

/// A conversation in which a person of the company is wanted, or talks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Who waits.
    pub contact: ContactId,
    /// Their name; may be empty.
    pub name: String,
    /// Where.
    pub channel: ChannelId,
    /// Since when.
    pub since: Instant,
    /// What for, in the words of the scenario; empty when somebody of the company began.
    pub reason: String,
    /// When somebody answered last.
    pub answered_at: Option<Instant>,
}

/// Something that was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number: lines are read on from it.
    pub id: i64,
    /// When.
    pub at: Instant,
    /// Who of the company said it, as in the audit log; empty for the customer.
    pub author: String,
    /// The words.
    pub text: String,
}

/// A conversation: with whom and by which channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place {
    /// With whom.
    pub contact: ContactId,
    /// By which channel.
    pub channel: ChannelId,
}

/// Up to `limit` of them after the first `skip`, those who wait longest first.
pub async fn waiting(app: &App, actor: &Actor, skip: u32, limit: u32) -> Result<Vec<Waiting>, Fail> {
    let actor_of_unit = actor.clone();
    app.store
        .read(actor.tenant, move |tx| {
            let actor = actor_of_unit.clone();
            async move { waiting_in(&tx, &actor, skip, limit).await }
        })
        .await
}

/// [`waiting`] inside a unit.
pub(crate) async fn waiting_in(tx: &Tx, actor: &Actor, skip: u32, limit: u32) -> Result<Vec<Waiting>, Fail> {
    actor.require(Right::ConversationsRead)?;
    let rows = tx.all(&WAITING, params![limit, skip]).await?;
    Ok(rows.iter().map(Waiting::from_row).collect::<Result<_, _>>()?)
}

/// Inside a unit: how many wait for an answer.
pub(crate) async fn count_in(tx: &Tx) -> Result<i64, StoreError> {
    tx.one(&COUNT, ()).await?.map_or(Ok(0), |row| row.int(0))
}

/// Up to `limit` lines of a conversation, the youngest first, from `before` on: what the contact wrote and people of the
/// company answered.
pub async fn lines(
    app: &App,
    actor: &Actor,
    contact: ContactId,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<Line>, Fail> {
    actor.require(Right::ConversationsRead)?;
    let actor_of_unit = actor.clone();
    app.store
        .read(actor.tenant, move |tx| {
            let actor = actor_of_unit.clone();
            async move {
                contacts::load(&tx, contact).await?.ok_or_else(|| contacts::not_found(contact))?;
                lines_in(&tx, &actor, contact, before, limit).await
            }
        })
        .await
}

/// [`lines`] inside a unit.
pub(crate) async fn lines_in(
    tx: &Tx,
    actor: &Actor,
    contact: ContactId,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<Line>, Fail> {
    actor.require(Right::ConversationsRead)?;
    let rows = tx.all(&LINES, params![contact, before.unwrap_or(i64::MAX), limit]).await?;
    let mut lines = rows.iter().map(Line::from_row).collect::<Result<Vec<_>, _>>()?;
    lines.iter_mut().for_each(|line| line.text = actor.sees_words(std::mem::take(&mut line.text)));
    Ok(lines)
}

/// Inside a unit: somebody is wanted.
pub(super) async fn called(tx: &Tx, place: Place, reason: &str, now: Instant) -> Result<(), StoreError> {
    tx.exec(&CALLED, params![place.contact, place.channel, now, reason]).await.map(drop)
}

/// Inside a unit: somebody took the conversation; `said` when they answered, too. Who answers has it, unless it is
/// somebody's already; a program has none.
pub(super) async fn taken(
    tx: &Tx,
    place: Place,
    who: Option<StaffId>,
    said: bool,
    now: Instant,
) -> Result<(), StoreError> {
    let query = if said { &ANSWERED } else { &TAKEN };
    let state = if who.is_some() { 2 } else { 1 };
    tx.exec(query, params![place.contact, place.channel, who, now, state]).await.map(drop)
}

/// Inside a unit: the bot goes on.
pub(super) async fn over(tx: &Tx, place: Place) -> Result<(), StoreError> {
    tx.exec(&OVER, params![place.contact, place.channel]).await.map(drop)
}

/// Inside a unit, once at its end: what was said last. `heard`: the contact said something; `wanted`: a person talks or is
/// wanted there.
pub(super) async fn talked(
    tx: &Tx,
    place: Place,
    last: &Preview,
    heard: bool,
    wanted: bool,
    now: Instant,
) -> Result<(), StoreError> {
    let Place { contact, channel } = place;
    let (by, media) = (last.by as i64, last.media as i64);
    if !wanted {
        tx.put(&TALKED, params![contact, channel, 0_i64, now, by, media, last.text.as_str()]);
        return Ok(());
    }
    let since = heard.then_some(now);
    tx.exec(&HEARD, params![contact, channel, now, by, media, last.text.as_str(), i64::from(heard), since])
        .await
        .map(drop)
}

/// Inside a unit: something was said, by the customer when `author` is empty.
pub(super) fn said(app: &App, tx: &Tx, place: Place, author: &str, text: &str, now: Instant) {
    write(app, tx, place, author, text, Kept::Said, now);
}

/// What a kept line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    /// Said in the conversation.
    Said = 0,
    /// Said among the team.
    Note = 1,
    /// Done with the conversation.
    Done = 2,
}

/// Inside a unit: keeps a line; its id. Nothing is kept of an empty one.
pub(crate) fn write(
    app: &App,
    tx: &Tx,
    place: Place,
    author: &str,
    text: &str,
    kept: Kept,
    now: Instant,
) -> Option<i64> {
    let text: String = text.trim().chars().take(LINE_MAX).collect();
    if text.is_empty() {
        return None;
    }
    let key = if kept == Kept::Done { String::new() } else { search_key(&text) };
    let id = app.ids.next(app.clock.as_ref());
    tx.put(&LINE_NEW, params![id, place.channel, place.contact, now, author, text, key, kept as i64]);
    Some(id)
}

/// What a person did, in words.
pub(super) fn words(event: &Event) -> String {
    match event {
        Event::Text { text } => text.clone(),
        Event::File { caption, .. } if caption.is_empty() => "📎".into(),
        Event::File { caption, .. } => format!("📎 {caption}"),
        Event::Phone { number, .. } => number.clone(),
        _ => String::new(),
    }
}

/// The same as it stands in the list; none of what has no words.
pub(super) fn preview(event: &Event) -> Option<Preview> {
    match event {
        Event::Text { text } => Some(Preview::of_contact(text, None)),
        Event::File { caption, file } => Some(Preview::of_contact(caption, Some(file.kind))),
        Event::Phone { number, .. } => Some(Preview::of_contact(number, None)),
        _ => None,
    }
}

/// The words of an event that are kept to be searched.
pub(super) fn searched(event: &Event) -> &str {
    match event {
        Event::Text { text } => text,
        Event::File { caption, file } if file.kind == FileKind::Photo || !caption.is_empty() => caption,
        Event::File { file, .. } => file.name.as_deref().unwrap_or_default(),
        _ => "",
    }
}

impl Waiting {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            contact: row.id(0)?,
            name: row.text(1)?.to_owned(),
            channel: row.id(2)?,
            since: row.instant(3)?,
            reason: row.text(4)?.to_owned(),
            answered_at: row.opt_instant(5)?,
        })
    }
}

impl Line {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.int(0)?,
            at: row.instant(1)?,
            author: row.text(2)?.to_owned(),
            text: row.text(3)?.to_owned(),
        })
    }
}
