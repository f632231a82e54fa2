//! What a unit of work sees of the database.
//!
//! A unit does not touch a connection. It lays what it asks for on its desk and waits; whoever drives the unit, the
//! thread of SQLite or a lane of PostgreSQL, takes the asks, answers them and lets the unit go on. So one driver can
//! answer the same ask of many units with one statement, and a unit is the same on both databases.

use crate::statement::Access;
use crate::{Composed, Params, Query, Row, Scope, StoreError, Value, Wake, Write};
use samovar_base::TenantId;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// Statements that one unit may wait for; a loop without end must not stop its lane.
const ASKS_MAX: u32 = 100_000;

/// The target of logs under which, at the level `trace`, each [`Tx::find`] tells how the database goes about it.
pub const PLANS: &str = "samovar_store::plans";

/// The database in the hands of one unit of work.
///
/// It must not outlive the unit: afterwards every call is refused.
#[derive(Clone)]
pub struct Tx(Arc<Inner>);

struct Inner {
    tenant: Option<TenantId>,
    access: Access,
    desk: Mutex<Desk>,
}

/// What lies between a unit and its driver.
#[derive(Default)]
pub(crate) struct Desk {
    pub(crate) asks: Vec<Ask>,
    answers: Vec<(u32, Result<Reply, StoreError>)>,
    last_ticket: u32,
    /// Parts of the unit that wait for answers; the driver polls the whole unit, its parts may want to be told.
    waiting: Vec<Waker>,
    pub(crate) puts: Vec<Put>,
    pub(crate) wakes: Vec<Wake>,
    /// Set once a call failed: the unit cannot succeed any more, whatever it returns.
    pub(crate) failure: Option<StoreError>,
    /// Whether a statement of the unit changed anything yet.
    pub(crate) touched: bool,
    over: bool,
}

/// Something a unit waits for.
#[derive(Debug)]
pub(crate) struct Ask {
    ticket: u32,
    pub(crate) what: What,
    /// Of [`What::Composed`].
    pub(crate) composed: Option<Composed>,
    pub(crate) values: Bound,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum What {
    One(&'static Query),
    All(&'static Query),
    Exec(&'static Query),
    Add(&'static Write),
    /// A held write before the end of its unit.
    Put(&'static Write),
    Composed,
}

#[derive(Debug)]
pub(crate) enum Reply {
    Rows(Vec<Row>),
    Count(u64),
}

/// The values of a statement with the tenant set.
#[derive(Debug, Clone)]
pub(crate) struct Bound {
    values: Vec<Value>,
    from: usize,
}

/// A write held to the end of its unit.
#[derive(Debug, Clone)]
pub(crate) struct Put {
    pub(crate) write: &'static Write,
    pub(crate) values: Bound,
}

impl Tx {
    /// Whose unit this is; in a unit of the whole instance zero, which no row carries.
    pub fn tenant(&self) -> TenantId {
        self.0.tenant.unwrap_or(TenantId(0))
    }

    /// The first row found, if any.
    pub async fn one(
        &self,
        query: &'static Query,
        params: impl Into<Params>,
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.rows(What::One(query), query, params.into()).await?.into_iter().next())
    }

    /// All rows found.
    pub async fn all(
        &self,
        query: &'static Query,
        params: impl Into<Params>,
    ) -> Result<Vec<Row>, StoreError> {
        self.rows(What::All(query), query, params.into()).await
    }

    /// All rows found by a read that was put together when the program ran. Its values are given from `$2` on.
    ///
    /// [`PLANS`] tells how the database goes about it.
    pub async fn find(&self, read: &Composed, params: impl Into<Params>) -> Result<Vec<Row>, StoreError> {
        let params = params.into();
        read.check(params.given()).map_err(|error| self.fail(error))?;
        let values = self.bind(Composed::NAME, Scope::Tenant, params)?;
        if tracing::enabled!(target: PLANS, tracing::Level::TRACE) {
            let rows = self.ask_with(What::Composed, Some(read.explained()), values.clone()).await?.rows();
            tracing::trace!(target: PLANS, "{}", plan(&rows));
        }
        self.ask_with(What::Composed, Some(read.clone()), values).await.map(Reply::rows)
    }

    /// Carries out a write at once; how many rows it changed.
    ///
    /// For writes whose count decides what the unit does. Others are cheaper as [`Tx::put`].
    pub async fn exec(&self, query: &'static Query, params: impl Into<Params>) -> Result<u64, StoreError> {
        if query.access == Access::Reads {
            return Err(self.fail(StoreError::misused(query.name, "is not a write")));
        }
        let values = self.bind_query(query, params.into())?;
        self.ask(What::Exec(query), values).await.map(Reply::count)
    }

    /// Makes a row unless it is there; whether this call made it.
    ///
    /// `write` is one of kind `add`. On PostgreSQL those of a whole batch go out together.
    pub async fn add(&self, write: &'static Write, params: impl Into<Params>) -> Result<bool, StoreError> {
        if write.kind != crate::WriteKind::Add {
            return Err(self.fail(StoreError::misused(write.name, "is not an add")));
        }
        let values = self.bind_write(write, params.into())?;
        Ok(self.ask(What::Add(write), values).await?.count() == 1)
    }

    /// Holds a write to the end of the unit. A read of this unit does not see it.
    ///
    /// An update or a delete that then misses its row makes the unit stale: it is undone and run again. Of several
    /// upserts, or updates without `plus`, to one row the last is carried out.
    pub fn put(&self, write: &'static Write, params: impl Into<Params>) {
        if let Ok(values) = self.bind_write(write, params.into()) {
            self.desk().puts.push(Put { write, values });
        }
    }

    /// Carries out the writes held so far, so that the following reads of this unit see them.
    ///
    /// For units that play through what several would do one after another, and are undone in the end; others are
    /// cheaper without.
    pub async fn settle(&self) -> Result<(), StoreError> {
        let mut puts = std::mem::take(&mut self.desk().puts);
        coalesce(&mut puts);
        for Put { write, values } in puts {
            let count = self.ask(What::Put(write), values).await?.count();
            if count != 1 && write.kind != crate::WriteKind::Add {
                return Err(self.fail(StoreError::Stale { statement: write.name }));
            }
        }
        Ok(())
    }

    /// Wakes whoever waits for `topic`, on every node, once the unit is committed.
    pub fn wake(&self, topic: &str, payload: &str) {
        self.desk().wakes.push(Wake { topic: topic.to_owned(), payload: payload.to_owned() });
    }

    async fn rows(&self, what: What, query: &'static Query, params: Params) -> Result<Vec<Row>, StoreError> {
        let values = self.bind_query(query, params)?;
        self.ask(what, values).await.map(Reply::rows)
    }

    fn bind_query(&self, query: &'static Query, params: Params) -> Result<Bound, StoreError> {
        if query.access == Access::Writes && self.0.access == Access::Reads {
            return Err(self.fail(StoreError::misused(query.name, "is a write, and this is a read")));
        }
        query.check_count(params.given()).map_err(|error| self.fail(error))?;
        self.bind(query.name, query.scope, params)
    }

    fn bind_write(&self, write: &'static Write, params: Params) -> Result<Bound, StoreError> {
        if self.0.access == Access::Reads {
            return Err(self.fail(StoreError::misused(write.name, "is a write, and this is a read")));
        }
        write.check(&params.0[1..]).map_err(|error| self.fail(error))?;
        self.bind(write.name, write.scope, params)
    }

    fn bind(&self, name: &'static str, scope: Scope, params: Params) -> Result<Bound, StoreError> {
        let mut values = params.0;
        match (scope, self.0.tenant) {
            (Scope::Tenant, Some(tenant)) => {
                values[0] = Value::Int(tenant.0);
                Ok(Bound { values, from: 0 })
            }
            (Scope::Instance, None) => Ok(Bound { values, from: 1 }),
            (Scope::Tenant, None) => {
                Err(self.fail(StoreError::misused(name, "belongs to a tenant, and this unit has none")))
            }
            (Scope::Instance, Some(_)) => {
                Err(self.fail(StoreError::misused(name, "goes over all tenants, and this unit is of one")))
            }
        }
    }

    fn fail(&self, error: StoreError) -> StoreError {
        self.desk().failure.get_or_insert(error).clone()
    }

    async fn ask(&self, what: What, values: Bound) -> Result<Reply, StoreError> {
        self.ask_with(what, None, values).await
    }

    async fn ask_with(
        &self,
        what: What,
        composed: Option<Composed>,
        values: Bound,
    ) -> Result<Reply, StoreError> {
        let ticket = {
            let mut desk = self.desk();
            if let Some(failure) = &desk.failure {
                return Err(failure.clone());
            }
            if desk.over {
                return Err(StoreError::misused("Tx", "was used after its unit had ended"));
            }
            if desk.last_ticket == ASKS_MAX {
                return Err(desk
                    .failure
                    .insert(StoreError::misused(what.name(), "is asked without end"))
                    .clone());
            }
            desk.last_ticket += 1;
            let ticket = desk.last_ticket;
            desk.asks.push(Ask { ticket, what, composed, values });
            ticket
        };
        Waiting { tx: self, ticket }.await
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.0.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the database says of a statement: a line of each row, in its last column.
fn plan(rows: &[Row]) -> String {
    let line = |row: &Row| row.last_text().unwrap_or_default().to_owned();
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The driver's side.
impl Tx {
    pub(crate) fn of_write(tenant: Option<TenantId>) -> Self {
        Self::with_access(tenant, Access::Writes)
    }

    pub(crate) fn of_read(tenant: Option<TenantId>) -> Self {
        Self::with_access(tenant, Access::Reads)
    }

    fn with_access(tenant: Option<TenantId>, access: Access) -> Self {
        Self(Arc::new(Inner { tenant, access, desk: Mutex::default() }))
    }

    pub(crate) fn has_asks(&self) -> bool {
        !self.desk().asks.is_empty()
    }

    pub(crate) fn take_asks(&self) -> Vec<Ask> {
        std::mem::take(&mut self.desk().asks)
    }

    /// Lays an answer on the desk. An error there is also the end of the unit's hopes.
    pub(crate) fn answer(&self, ask: &Ask, reply: Result<Reply, StoreError>) {
        let mut desk = self.desk();
        match &reply {
            Ok(reply) => desk.touched |= ask.changes(reply),
            Err(error) => {
                desk.failure.get_or_insert_with(|| error.clone());
            }
        }
        desk.answers.push((ask.ticket, reply));
        desk.waiting.drain(..).for_each(Waker::wake);
    }

    /// Ends the unit: what it leaves behind. Later calls are refused.
    pub(crate) fn end(&self) -> Desk {
        std::mem::replace(&mut *self.desk(), Desk { over: true, ..Desk::default() })
    }
}

impl Ask {
    fn changes(&self, reply: &Reply) -> bool {
        let writes = match self.what {
            What::One(query) | What::All(query) => query.access == Access::Writes,
            What::Exec(_) | What::Add(_) | What::Put(_) => true,
            What::Composed => false,
        };
        let hits = match reply {
            Reply::Rows(rows) => !rows.is_empty(),
            Reply::Count(count) => *count > 0,
        };
        writes && hits
    }
}

impl What {
    /// Where the declaration lives: what prepared statements are found by.
    pub(crate) fn address(self) -> usize {
        match self {
            Self::One(query) | Self::All(query) | Self::Exec(query) => std::ptr::from_ref(query).addr(),
            Self::Add(write) | Self::Put(write) => write.address(),
            // Never prepared for later.
            Self::Composed => 0,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::One(query) | Self::All(query) | Self::Exec(query) => query.name,
            Self::Add(write) | Self::Put(write) => write.name,
            Self::Composed => Composed::NAME,
        }
    }
}

impl Write {
    pub(crate) fn address(&'static self) -> usize {
        std::ptr::from_ref(self).addr()
    }
}

impl Bound {
    pub(crate) fn get(&self) -> &[Value] {
        &self.values[self.from..]
    }

    pub(crate) fn get_mut(&mut self) -> &mut [Value] {
        &mut self.values[self.from..]
    }
}

impl Put {
    /// The values that tell its row.
    pub(crate) fn key(&self) -> &[Value] {
        &self.values.get()[..self.write.key_len()]
    }

    /// Adds another write of numbers to the same row.
    pub(crate) fn sum_up(&mut self, other: &Self) -> Result<(), StoreError> {
        let from = self.write.key_len();
        for (sum, more) in self.values.get_mut()[from..].iter_mut().zip(&other.values.get()[from..]) {
            if let (Value::Int(sum), Value::Int(more)) = (sum, more) {
                *sum = sum.checked_add(*more).ok_or_else(|| {
                    StoreError::misused(self.write.name, "adds up to more than can be counted")
                })?;
            }
        }
        Ok(())
    }
}

/// Of several replacing writes to one row keeps the last, in the place of the first.
pub(crate) fn coalesce(puts: &mut Vec<Put>) {
    if puts.len() < 2 || !has_repeated_writes(puts) {
        return;
    }
    let hashing = RandomState::new();
    let mut seen: HashMap<u64, usize> = HashMap::with_capacity(puts.len());
    let mut kept: Vec<Put> = Vec::with_capacity(puts.len());
    for put in puts.drain(..) {
        if put.write.later_replaces() {
            let hash = hashing.hash_one((put.write.address(), put.key()));
            let at = *seen.entry(hash).or_insert(kept.len());
            if let Some(earlier) = kept.get_mut(at)
                && std::ptr::eq(earlier.write, put.write)
                && earlier.key() == put.key()
            {
                *earlier = put;
                continue;
            }
        }
        kept.push(put);
    }
    *puts = kept;
}

/// Most units write to each table once; then there is nothing to look for.
fn has_repeated_writes(puts: &[Put]) -> bool {
    const FEW: usize = 16;
    puts.len() > FEW
        || puts
            .iter()
            .enumerate()
            .any(|(at, put)| puts[..at].iter().any(|other| std::ptr::eq(other.write, put.write)))
}

impl Reply {
    fn rows(self) -> Vec<Row> {
        match self {
            Self::Rows(rows) => rows,
            Self::Count(_) => Vec::new(),
        }
    }

    fn count(self) -> u64 {
        match self {
            Self::Count(count) => count,
            Self::Rows(_) => 0,
        }
    }
}

/// A unit waiting for one answer.
struct Waiting<'a> {
    tx: &'a Tx,
    ticket: u32,
}

impl Future for Waiting<'_> {
    type Output = Result<Reply, StoreError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut desk = self.tx.desk();
        match desk.answers.iter().position(|(ticket, _)| *ticket == self.ticket) {
            Some(at) => Poll::Ready(desk.answers.swap_remove(at).1),
            None if desk.over => {
                Poll::Ready(Err(StoreError::misused("Tx", "was used after its unit had ended")))
            }
            None => {
                desk.waiting.push(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl std::fmt::Debug for Tx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tx").field("tenant", &self.0.tenant).finish_non_exhaustive()
    }
}
