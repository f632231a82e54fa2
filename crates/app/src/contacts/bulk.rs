//! One thing done to many customers at once: a tag given or taken, as a visible run that can be stopped and undone.
//!
//! A run goes through its audience in chunks. Each chunk is one unit of work: the contacts, whom of them it changed, and
//! how far it came. An undoing changes back those whom the run changed, and nobody else.

use super::rules::tag_name;
use super::{Contact, add_tag, changes, remove_tag, save};
use crate::access::{Actor, Right, audit};
use crate::app::App;
use crate::pipeline;
use crate::problem::{Fail, Kind, Problem};
use crate::segments::audience::{self, Audience};
use crate::work::{After, Job, JobError, Retry, enqueue};
use futures::future::BoxFuture;
use samovar_base::{ContactId, Instant, TenantId};
use samovar_store::{FromInt, Row, StoreError, ToValue, Tx, Value, params, query, table_write};
use serde::{Deserialize, Serialize};
use serde_json::json;

samovar_base::id!(/// A run over many contacts.
    BulkId, "blk");

impl ToValue for BulkId {
    fn to_value(&self) -> Value {
        Value::Int(self.0)
    }
}

impl FromInt for BulkId {
    fn from_int(value: i64) -> Self {
        Self(value)
    }
}

/// Contacts of one unit.
const CHUNK: u32 = 200;
/// Chunks of one turn of the job; then others have theirs.
const CHUNKS: u32 = 25;

macro_rules! columns {
    () => {
        "id, action, tag, audience, state, cursor, total, seen, changed, undoes, created_by, created_at, finished_at, revision"
    };
}

query! {
    static BULK = concat!("SELECT ", columns!(), " FROM contact_bulk WHERE tenant_id = $1 AND id = $2");
    static BULKS = concat!("SELECT ", columns!(), " FROM contact_bulk WHERE tenant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3");
    static UNDOING = concat!("SELECT ", columns!(), " FROM contact_bulk WHERE tenant_id = $1 AND undoes = $2");
    static CHANGED =
        "SELECT contact_id FROM contact_bulk_changed WHERE tenant_id = $1 AND bulk_id = $2 AND contact_id > $3
         ORDER BY contact_id LIMIT $4";
}

table_write! {
    static BULK_NEW = insert contact_bulk key(id int)
        set(action text, tag text, audience text, state text, cursor int, total int, seen int, changed int, undoes int,
            created_by text, created_at int, finished_at int, revision int);
    static BULK_STEP = update contact_bulk key(id int) guard(revision int)
        set(revision int, state text, cursor int, seen int, changed int, finished_at int);
    static CHANGED_NEW = insert contact_bulk_changed key(bulk_id int, contact_id int);
}

/// What is done to each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Gives the tag.
    Tag,
    /// Takes the tag.
    Untag,
}

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Goes on.
    Running,
    /// Came to its end.
    Done,
    /// Somebody stopped it.
    Cancelled,
}

impl Action {
    const fn name(self) -> &'static str {
        match self {
            Self::Tag => "tag",
            Self::Untag => "untag",
        }
    }
    const fn back(self) -> Self {
        match self {
            Self::Tag => Self::Untag,
            Self::Untag => Self::Tag,
        }
    }
}

impl State {
    /// As stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A run over an audience.
#[derive(Debug, Clone, PartialEq)]
pub struct Bulk {
    /// Id.
    pub id: BulkId,
    /// What is done.
    pub action: Action,
    /// With which tag.
    pub tag: String,
    /// To whom, with the condition as it was at the start.
    pub audience: Audience,
    /// Where it stands.
    pub state: State,
    cursor: Option<ContactId>,
    /// How many they were at the start.
    pub total: i64,
    /// Seen to so far.
    pub seen: i64,
    /// Changed so far: the others were so already, or cannot have more tags.
    pub changed: i64,
    /// The run that this one undoes.
    pub undoes: Option<BulkId>,
    /// Who began it, as in the audit log.
    pub created_by: String,
    /// When.
    pub created_at: Instant,
    /// When it was over.
    pub finished_at: Option<Instant>,
    revision: i64,
}

impl Bulk {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        let action = match row.text(1)? {
            "tag" => Action::Tag,
            "untag" => Action::Untag,
            _ => return Err(row.bad_as(1, "no action")),
        };
        let state = [State::Running, State::Done, State::Cancelled]
            .into_iter()
            .find(|state| row.text(4).is_ok_and(|text| text == state.name()))
            .ok_or_else(|| row.bad_as(4, "no state of a run"))?;
        Ok(Self {
            id: row.id(0)?,
            action,
            tag: row.text(2)?.to_owned(),
            audience: row.json(3)?,
            state,
            cursor: row.opt_id(5)?,
            total: row.int(6)?,
            seen: row.int(7)?,
            changed: row.int(8)?,
            undoes: row.opt_id(9)?,
            created_by: row.text(10)?.to_owned(),
            created_at: row.instant(11)?,
            finished_at: row.opt_instant(12)?,
            revision: row.int(13)?,
        })
    }
}

/// Begins to give or take a tag; goes on by itself.
pub async fn start(
    app: &App,
    actor: &Actor,
    action: Action,
    tag: &str,
    audience: Audience,
) -> Result<Bulk, Fail> {
    actor.require(Right::ContactsWrite)?;
    let (tag, id, now) = (tag_name(tag)?, BulkId::new(&app.ids, app.clock.as_ref()), app.clock.now());
    let (services, actor_of_unit) = (app.clone(), actor.clone());
    app.store
        .run(actor.tenant, unit_key(id), move |tx| {
            let (app, actor) = (services.clone(), actor_of_unit.clone());
            let (tag, audience) = (tag.clone(), audience.clone());
            async move {
                let audience = audience::freeze(&tx, audience, now).await?;
                let bulk = Bulk {
                    id,
                    action,
                    tag,
                    total: audience::count(&tx, &audience, now).await?,
                    audience,
                    state: State::Running,
                    cursor: None,
                    seen: 0,
                    changed: 0,
                    undoes: None,
                    created_by: actor.who.to_string(),
                    created_at: now,
                    finished_at: None,
                    revision: 1,
                };
                begin(&app, &tx, &actor, &bulk, "contact_bulk.start", now).await?;
                Ok(bulk)
            }
        })
        .await
}

/// Changes back whom a run that is over changed; asked again it is answered by the undoing as it stands.
pub async fn undo(app: &App, actor: &Actor, id: BulkId) -> Result<Bulk, Fail> {
    actor.require(Right::ContactsWrite)?;
    let (undoing, now) = (BulkId::new(&app.ids, app.clock.as_ref()), app.clock.now());
    let (services, actor_of_unit) = (app.clone(), actor.clone());
    app.store
        .run(actor.tenant, unit_key(id), move |tx| {
            let (app, actor) = (services.clone(), actor_of_unit.clone());
            async move {
                let first = load(&tx, id).await?;
                if let Some(row) = tx.one(&UNDOING, params![id]).await? {
                    return Ok(Bulk::from_row(&row)?);
                }
                if first.undoes.is_some() || first.state == State::Running {
                    return Err(cannot_undo().into());
                }
                let bulk = Bulk {
                    id: undoing,
                    action: first.action.back(),
                    total: first.changed,
                    state: State::Running,
                    cursor: None,
                    seen: 0,
                    changed: 0,
                    undoes: Some(id),
                    created_by: actor.who.to_string(),
                    created_at: now,
                    finished_at: None,
                    revision: 1,
                    ..first
                };
                begin(&app, &tx, &actor, &bulk, "contact_bulk.undo", now).await?;
                Ok(bulk)
            }
        })
        .await
}

/// Stops a run for ever; whom it changed stays changed until it is undone.
pub async fn cancel(app: &App, actor: &Actor, id: BulkId) -> Result<Bulk, Fail> {
    actor.require(Right::ContactsWrite)?;
    let (services, actor_of_unit, now) = (app.clone(), actor.clone(), app.clock.now());
    app.store
        .run(actor.tenant, unit_key(id), move |tx| {
            let (app, actor) = (services.clone(), actor_of_unit.clone());
            async move {
                let mut bulk = load(&tx, id).await?;
                if bulk.state == State::Running {
                    bulk.state = State::Cancelled;
                    bulk.finished_at = Some(now);
                    step(&tx, &mut bulk);
                    audit(&tx, &app, &actor, "contact_bulk.cancel", id, &json!({ "seen": bulk.seen }));
                }
                Ok(bulk)
            }
        })
        .await
}

/// One run.
pub async fn get(app: &App, actor: &Actor, id: BulkId) -> Result<Bulk, Fail> {
    actor.require(Right::ContactsRead)?;
    app.store.read(actor.tenant, move |tx| async move { load(&tx, id).await }).await
}

/// Up to `limit` runs, the youngest first, from `before` on.
pub async fn list(app: &App, actor: &Actor, before: Option<BulkId>, limit: u32) -> Result<Vec<Bulk>, Fail> {
    actor.require(Right::ContactsRead)?;
    let before = before.unwrap_or(BulkId(i64::MAX));
    app.store
        .read(actor.tenant, move |tx| async move {
            let rows = tx.all(&BULKS, params![before, limit]).await?;
            Ok(rows.iter().map(Bulk::from_row).collect::<Result<_, _>>()?)
        })
        .await
}

/// Carries a run on until it is over or stopped.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CarryOn {
    bulk: BulkId,
}

impl Job for CarryOn {
    const NAME: &'static str = "contacts.bulk";
    const RETRY: Retry = Retry::PATIENT;

    fn run<'a>(&'a self, app: &'a App, tenant: TenantId) -> BoxFuture<'a, Result<After, JobError>> {
        Box::pin(async move {
            for _ in 0..CHUNKS {
                if !chunk(app, tenant, self.bulk).await? {
                    return Ok(After::Done);
                }
            }
            Ok(After::Again(app.clock.now()))
        })
    }
}

/// One chunk; whether there is more to do. Done again after a crash it begins where the last whole one ended.
async fn chunk(app: &App, tenant: TenantId, id: BulkId) -> Result<bool, Fail> {
    let (services, now) = (app.clone(), app.clock.now());
    app.store
        .run(tenant, unit_key(id), move |tx| {
            let app = services.clone();
            async move {
                let mut bulk = load(&tx, id).await?;
                if bulk.state != State::Running {
                    return Ok(false);
                }
                let (people, last, seen) = people(&tx, &bulk).await?;
                for before in people {
                    change(&app, &tx, &mut bulk, before, now).await?;
                }
                bulk.seen += i64::from(seen);
                bulk.cursor = last.or(bulk.cursor);
                let more = seen == CHUNK;
                if !more {
                    bulk.state = State::Done;
                    bulk.finished_at = Some(now);
                }
                step(&tx, &mut bulk);
                Ok(more)
            }
        })
        .await
}

/// The next people, the last of them, and how many were looked at.
async fn people(tx: &Tx, bulk: &Bulk) -> Result<(Vec<Contact>, Option<ContactId>, u32), Fail> {
    let Some(first) = bulk.undoes else {
        let people = audience::page(tx, &bulk.audience, bulk.created_at, bulk.cursor, CHUNK).await?;
        let (last, seen) = (people.last().map(|one| one.id), people.len());
        return Ok((people, last, u32::try_from(seen).unwrap_or(CHUNK)));
    };
    let after = bulk.cursor.unwrap_or(ContactId(0));
    let rows = tx.all(&CHANGED, params![first, after, CHUNK]).await?;
    let ids = rows.iter().map(|row| row.id(0)).collect::<Result<Vec<ContactId>, _>>()?;
    let (last, seen) = (ids.last().copied(), u32::try_from(ids.len()).unwrap_or(CHUNK));
    let those = Audience::These { contacts: ids };
    Ok((audience::page(tx, &those, bulk.created_at, None, CHUNK).await?, last, seen))
}

async fn change(app: &App, tx: &Tx, bulk: &mut Bulk, before: Contact, now: Instant) -> Result<(), Fail> {
    let mut contact = before.clone();
    let done = match bulk.action {
        // Who has as many tags as there may be is passed over.
        Action::Tag => add_tag(&mut contact, &bulk.tag).unwrap_or(false),
        Action::Untag => remove_tag(&mut contact, &bulk.tag),
    };
    if !done {
        return Ok(());
    }
    save(tx, &before, &mut contact, now);
    for (event, values, once) in changes(&before, &contact) {
        pipeline::raise(app, tx, contact.id, event, values, &once).await?;
    }
    tx.put(&CHANGED_NEW, params![bulk.id, contact.id]);
    bulk.changed += 1;
    Ok(())
}

async fn load(tx: &Tx, id: BulkId) -> Result<Bulk, Fail> {
    match tx.one(&BULK, params![id]).await? {
        Some(row) => Ok(Bulk::from_row(&row)?),
        None => Err(Problem::not_found("действие", "run", id).into()),
    }
}

fn unit_key(id: BulkId) -> u64 {
    id.0.cast_unsigned()
}

async fn begin(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    bulk: &Bulk,
    action: &str,
    now: Instant,
) -> Result<(), Fail> {
    enqueue(app, tx, &CarryOn { bulk: bulk.id }, now, Some(&bulk.id.to_string())).await?;
    tx.put(
        &BULK_NEW,
        params![
            bulk.id,
            bulk.action.name(),
            bulk.tag,
            serde_json::to_string(&bulk.audience).unwrap_or_default(),
            bulk.state.name(),
            bulk.cursor,
            bulk.total,
            bulk.seen,
            bulk.changed,
            bulk.undoes,
            bulk.created_by,
            bulk.created_at,
            bulk.finished_at,
            bulk.revision
        ],
    );
    let data = json!({ "action": bulk.action, "tag": bulk.tag, "total": bulk.total, "undoes": bulk.undoes });
    audit(tx, app, actor, action, bulk.id, &data);
    Ok(())
}

fn step(tx: &Tx, bulk: &mut Bulk) {
    let read = bulk.revision;
    bulk.revision += 1;
    tx.put(
        &BULK_STEP,
        params![
            bulk.id,
            read,
            bulk.revision,
            bulk.state.name(),
            bulk.cursor,
            bulk.seen,
            bulk.changed,
            bulk.finished_at
        ],
    );
}

fn cannot_undo() -> Problem {
    let ru = "Отменить можно только законченное действие, и только один раз";
    Problem::new(Kind::Conflict, "cannot_undo", ru, "Only a run that is over can be undone, and only once")
}
