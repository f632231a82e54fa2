//! Conversations in which a person of the company is wanted or talks: who waits, and what was said meanwhile.
//!
//! What is said is kept here only while it is so: a conversation with the bot alone costs nothing.

use crate::access::{Actor, Right};
use crate::app::App;
use crate::problem::Fail;
use samovar_base::message::Event;
use samovar_base::{ChannelId, ContactId, Instant};
use samovar_store::{Row, StoreError, Tx, params, query, table_write};

/// Longest line that is kept, in characters.
const LINE_MAX: usize = 4_096;

query! {
    static WAITING =
        "SELECT w.contact_id, c.name, w.channel_id, w.since, w.reason, w.answered_at FROM conversation_waiting w
         JOIN contact c ON c.tenant_id = w.tenant_id AND c.id = w.contact_id
         WHERE w.tenant_id = $1 ORDER BY w.since, w.contact_id LIMIT $2 OFFSET $3";
    static COUNT = "SELECT COUNT(*) FROM conversation_waiting WHERE tenant_id = $1 AND answered_at IS NULL";
    static LINES =
        "SELECT id, at, author, text FROM conversation_line
         WHERE tenant_id = $1 AND contact_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4";
    static ANSWERED =
        "INSERT INTO conversation_waiting (tenant_id, channel_id, contact_id, since, reason, answered_at)
         VALUES ($1, $2, $3, $4, '', $5)
         ON CONFLICT (tenant_id, channel_id, contact_id) DO UPDATE SET answered_at = excluded.answered_at";
    static OVER = "DELETE FROM conversation_waiting WHERE tenant_id = $1 AND channel_id = $2 AND contact_id = $3";
}

table_write! {
    static CALLED = upsert conversation_waiting key(channel_id int, contact_id int)
        set(since int, reason text, answered_at int);
    static LINE_NEW = insert conversation_line key(id int)
        set(channel_id int, contact_id int, at int, author text, text text);
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

/// Inside a unit: how many were not answered yet.
pub(crate) async fn count_in(tx: &Tx) -> Result<i64, StoreError> {
    tx.one(&COUNT, ()).await?.map_or(Ok(0), |row| row.int(0))
}

/// Up to `limit` lines of a conversation, the youngest first, from `before` on: what was said while a person of the
/// company was wanted or talked.
pub async fn lines(
    app: &App,
    actor: &Actor,
    contact: ContactId,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<Line>, Fail> {
    let actor_of_unit = actor.clone();
    app.store
        .read(actor.tenant, move |tx| {
            let actor = actor_of_unit.clone();
            async move { lines_in(&tx, &actor, contact, before, limit).await }
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
    Ok(rows.iter().map(Line::from_row).collect::<Result<_, _>>()?)
}

/// Inside a unit: somebody is wanted.
pub(super) fn called(tx: &Tx, channel: ChannelId, contact: ContactId, reason: &str, now: Instant) {
    tx.put(&CALLED, params![channel, contact, now, reason, None::<i64>]);
}

/// Inside a unit: somebody answered.
pub(super) async fn answered(
    tx: &Tx,
    channel: ChannelId,
    contact: ContactId,
    now: Instant,
) -> Result<(), StoreError> {
    tx.exec(&ANSWERED, params![channel, contact, now, now]).await.map(drop)
}

/// Inside a unit: the bot goes on.
pub(super) async fn over(tx: &Tx, channel: ChannelId, contact: ContactId) -> Result<(), StoreError> {
    tx.exec(&OVER, params![channel, contact]).await.map(drop)
}

/// Inside a unit: something was said, by the customer when `author` is empty.
pub(super) fn said(
    app: &App,
    tx: &Tx,
    (channel, contact): (ChannelId, ContactId),
    author: &str,
    text: &str,
    now: Instant,
) {
    let text: String = text.trim().chars().take(LINE_MAX).collect();
    if !text.is_empty() {
        let id = app.ids.next(app.clock.as_ref());
        tx.put(&LINE_NEW, params![id, channel, contact, now, author, text]);
    }
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
