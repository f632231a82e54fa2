//! The SQL of broadcasts.

use super::model::{Broadcast, BroadcastId, Counts, Message, Newcomers, Outcome};
use crate::problem::{Fail, Problem};
use samovar_base::{ContactId, Instant, OutboundId};
use samovar_store::{StoreError, Tx, params, query, table_write};

/// Broadcasts to newcomers that stand at a time; more are not heard.
const STANDING_MAX: u32 = 50;

macro_rules! columns {
    () => {
        "id, name, content, audience, purpose, starts_at, state, progress, created_by, created_at, started_at, \
         finished_at, revision, newcomers"
    };
}

// What became of a message, numbered as `Outcome`.
macro_rules! outcome {
    () => {
        "CASE WHEN o.state < 2 THEN 0 WHEN o.state = 2 THEN 1 WHEN o.state = 3 THEN 2 \
         WHEN o.note = 'stopped' THEN 5 \
         WHEN EXISTS (SELECT 1 FROM identity i WHERE i.tenant_id = o.tenant_id AND i.contact_id = o.contact_id \
              AND i.channel_id = o.channel_id AND i.blocked_at IS NOT NULL) THEN 4 ELSE 3 END"
    };
}

query! {
    static BROADCAST = concat!("SELECT ", columns!(), " FROM broadcasts_run WHERE tenant_id = $1 AND id = $2");
    static BROADCASTS = concat!(
        "SELECT ", columns!(), " FROM broadcasts_run WHERE tenant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"
    );
    static STANDING =
        "SELECT id, newcomers FROM broadcasts_run WHERE tenant_id = $1 AND newcomers IS NOT NULL AND finished_at IS NULL
         AND started_at IS NOT NULL ORDER BY id LIMIT $2";
    /// Of the last so many messages those that are still to be sent: rows go out in the order in which they came.
    static OPEN_AHEAD =
        "SELECT COUNT(*) FROM (SELECT outbound_id FROM broadcasts_message WHERE tenant_id = $1 AND broadcast_id = $2 \
         ORDER BY contact_id DESC LIMIT $3) m \
         JOIN outbound o ON o.tenant_id = $1 AND o.id = m.outbound_id WHERE o.state < 2";
    static OPEN_AT_ALL =
        "SELECT m.contact_id FROM broadcasts_message m \
         JOIN outbound o ON o.tenant_id = $1 AND o.id = m.outbound_id \
         WHERE m.tenant_id = $1 AND m.broadcast_id = $2 AND o.state < 2 LIMIT 1";
    static COUNTS = concat!(
        "SELECT ", outcome!(), " AS outcome, COUNT(*) FROM broadcasts_message m \
         JOIN outbound o ON o.tenant_id = $1 AND o.id = m.outbound_id \
         WHERE m.tenant_id = $1 AND m.broadcast_id = $2 GROUP BY 1"
    );
    static MESSAGES = concat!(
        "SELECT m.contact_id, ", outcome!(), ", o.note, o.sent_at FROM broadcasts_message m \
         JOIN outbound o ON o.tenant_id = $1 AND o.id = m.outbound_id \
         WHERE m.tenant_id = $1 AND m.broadcast_id = $2 AND m.contact_id > $3 AND ($4 < 0 OR ", outcome!(), " = $4) \
         ORDER BY m.contact_id LIMIT $5"
    );
    static GOT_IT =
        "SELECT 1 FROM broadcasts_message WHERE tenant_id = $1 AND broadcast_id = $2 AND contact_id = $3";
    /// Of the last so many: no more are ever ahead.
    static PUT_OFF =
        "UPDATE outbound SET due_at = $4 WHERE tenant_id = $1 AND state = 0 AND id IN \
         (SELECT outbound_id FROM broadcasts_message WHERE tenant_id = $1 AND broadcast_id = $2 \
          ORDER BY contact_id DESC LIMIT $3)";
    static CANCEL =
        "UPDATE outbound SET state = 4, note = 'stopped' WHERE tenant_id = $1 AND state = 0 AND id IN \
         (SELECT outbound_id FROM broadcasts_message WHERE tenant_id = $1 AND broadcast_id = $2)";
    static REPEAT = concat!(
        "UPDATE outbound SET state = 0, due_at = $3, note = NULL WHERE tenant_id = $1 AND id IN \
         (SELECT m.outbound_id FROM broadcasts_message m \
          JOIN outbound o ON o.tenant_id = $1 AND o.id = m.outbound_id \
          WHERE m.tenant_id = $1 AND m.broadcast_id = $2 AND o.state = 4 AND (o.note IS NULL OR o.note <> 'erased') \
            AND ", outcome!(), " = 3)"
    );
}

table_write! {
    static BROADCAST_NEW = insert broadcasts_run key(id int) set(
        name text, content text, audience text, purpose text, state text, starts_at int, progress text,
        created_by text, created_at int, started_at int, revision int, newcomers text
    );
    static BROADCAST_SAVE = update broadcasts_run key(id int) guard(revision int) set(
        revision int, name text, content text, audience text, purpose text, state text, starts_at int, progress text,
        started_at int, finished_at int, newcomers text
    );
    static BROADCAST_GONE = delete broadcasts_run key(id int) guard(revision int);
    static MESSAGE_NEW = insert broadcasts_message key(broadcast_id int, contact_id int) set(outbound_id int);
}

/// One broadcast.
pub(super) async fn load(tx: &Tx, id: BroadcastId) -> Result<Broadcast, Fail> {
    match tx.one(&BROADCAST, params![id]).await? {
        Some(row) => Ok(Broadcast::from_row(&row)?),
        None => Err(Problem::not_found("рассылка", "broadcast", id).into()),
    }
}

/// A page, the youngest first.
pub(super) async fn page(tx: &Tx, before: BroadcastId, limit: u32) -> Result<Vec<Broadcast>, StoreError> {
    tx.all(&BROADCASTS, params![before, limit]).await?.iter().map(Broadcast::from_row).collect()
}

pub(super) fn create(tx: &Tx, new: &Broadcast) {
    let draft = &new.draft;
    tx.put(
        &BROADCAST_NEW,
        params![
            new.id,
            draft.name.as_str(),
            json(&draft.content),
            json(&draft.audience),
            draft.purpose.as_deref(),
            new.state.as_str(),
            draft.starts_at,
            json(&new.progress),
            new.created_by.as_str(),
            new.created_at,
            new.started_at,
            new.revision,
            draft.newcomers.as_ref().map(json)
        ],
    );
}

/// Writes it back, guarded by its revision, which grows.
pub(super) fn save(tx: &Tx, broadcast: &mut Broadcast) {
    let seen = broadcast.revision;
    broadcast.revision += 1;
    let draft = &broadcast.draft;
    tx.put(
        &BROADCAST_SAVE,
        params![
            broadcast.id,
            seen,
            broadcast.revision,
            draft.name.as_str(),
            json(&draft.content),
            json(&draft.audience),
            draft.purpose.as_deref(),
            broadcast.state.as_str(),
            draft.starts_at,
            json(&broadcast.progress),
            broadcast.started_at,
            broadcast.finished_at,
            draft.newcomers.as_ref().map(json)
        ],
    );
}

/// Those that go to whoever registers at `now`.
pub(super) async fn standing(tx: &Tx, now: Instant) -> Result<Vec<BroadcastId>, StoreError> {
    let mut found = Vec::new();
    for row in tx.all(&STANDING, params![STANDING_MAX]).await? {
        let Newcomers { until } = row.json(1)?;
        if until.is_none_or(|until| now < until) {
            found.push(row.id(0)?);
        }
    }
    Ok(found)
}

pub(super) fn remove(tx: &Tx, broadcast: &Broadcast) {
    tx.put(&BROADCAST_GONE, params![broadcast.id, broadcast.revision]);
}

pub(super) fn add_message(tx: &Tx, id: BroadcastId, contact: ContactId, outbound: OutboundId) {
    tx.put(&MESSAGE_NEW, params![id, contact, outbound]);
}

pub(super) async fn open_ahead(tx: &Tx, id: BroadcastId, window: i64) -> Result<i64, StoreError> {
    tx.one(&OPEN_AHEAD, params![id, window]).await?.map_or(Ok(0), |row| row.int(0))
}

pub(super) async fn is_open(tx: &Tx, id: BroadcastId) -> Result<bool, StoreError> {
    Ok(tx.one(&OPEN_AT_ALL, params![id]).await?.is_some())
}

pub(super) async fn counts(tx: &Tx, id: BroadcastId) -> Result<Counts, StoreError> {
    let mut counts = Counts::default();
    for row in tx.all(&COUNTS, params![id]).await? {
        let count = row.int(1)?;
        match Outcome::ALL.into_iter().find(|one| Ok(one.number()) == row.int(0)) {
            Some(Outcome::Waiting) | None => counts.waiting += count,
            Some(Outcome::Sent) => counts.sent += count,
            Some(Outcome::Unsure) => counts.unsure += count,
            Some(Outcome::Failed) => counts.failed += count,
            Some(Outcome::Blocked) => counts.blocked += count,
            Some(Outcome::Stopped) => counts.stopped += count,
        }
    }
    Ok(counts)
}

pub(super) async fn messages(
    tx: &Tx,
    id: BroadcastId,
    outcome: Option<Outcome>,
    after: ContactId,
    limit: u32,
) -> Result<Vec<Message>, StoreError> {
    let wanted = outcome.map_or(-1, Outcome::number);
    let rows = tx.all(&MESSAGES, params![id, after, wanted, limit]).await?;
    let message = |row: &samovar_store::Row| {
        let number = row.int(1)?;
        Ok(Message {
            contact: row.id(0)?,
            outcome: Outcome::ALL.into_iter().find(|one| one.number() == number).unwrap_or(Outcome::Waiting),
            note: row.opt_text(2)?.map(str::to_owned),
            sent_at: row.opt_instant(3)?,
        })
    };
    rows.iter().map(message).collect()
}

pub(super) async fn got_it(tx: &Tx, id: BroadcastId, contact: ContactId) -> Result<bool, StoreError> {
    Ok(tx.one(&GOT_IT, params![id, contact]).await?.is_some())
}

pub(super) async fn put_off(tx: &Tx, id: BroadcastId, window: i64, until: Instant) -> Result<(), StoreError> {
    tx.exec(&PUT_OFF, params![id, window, until]).await?;
    Ok(())
}

pub(super) async fn cancel(tx: &Tx, id: BroadcastId) -> Result<u64, StoreError> {
    tx.exec(&CANCEL, params![id]).await
}

pub(super) async fn repeat(tx: &Tx, id: BroadcastId, now: Instant) -> Result<u64, StoreError> {
    tx.exec(&REPEAT, params![id, now]).await
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
