//! A connection with its prepared statements and its open transaction.

use super::connect::Address;
use super::gather::{Group, columns};
use super::values::{self, Fault};
use crate::statement::Access;
use crate::tx::{Ask, Reply, What};
use crate::{Query, Value, Write, dialect};
use futures::future::{join, join_all};
use std::collections::{HashMap, HashSet};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Statement};

/// What a connection is for.
pub(super) struct Manner {
    settings: &'static str,
    begin: &'static str,
}

/// Plans that look at a whole table are never right for the few rows of a batch, whatever the statistics of a young
/// table say. A lane that hangs would stop its units: the server ends what takes too long.
pub(super) const WRITING: Manner = Manner {
    settings: "SET jit = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_seqscan = off; \
        SET statement_timeout = '30s'; SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '60s'",
    begin: "BEGIN",
};

/// All of a unit that reads sees one moment.
pub(super) const READING: Manner = Manner {
    settings: "SET jit = off; SET statement_timeout = '60s'; SET idle_in_transaction_session_timeout = '60s'; \
        SET default_transaction_read_only = on",
    begin: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
};

const MARK: &str = "INSERT INTO store_batch (session, number) VALUES ($1, $2)";
/// Waits for an earlier session that is still committing, then stands in its way for ever.
const VOID: &str =
    "INSERT INTO store_batch (session, number, void) VALUES ($1, $2, TRUE) ON CONFLICT DO NOTHING";
const IS_VOID: &str = "SELECT void FROM store_batch WHERE session = $1 AND number = $2";
const PRUNE: &str = "DELETE FROM store_batch WHERE session = $1 AND number < $2";
/// Batches between two prunings.
const PRUNE_EVERY: i64 = 256;

pub(super) struct Session {
    client: Client,
    number: i64,
    batch: i64,
    mark: Statement,
    prune: Statement,
    /// By the address of the declaration.
    prepared: HashMap<usize, Prepared>,
    /// Reads whose gathered form was not tried yet: one that the server refuses would spoil a transaction.
    untried: Vec<&'static Query>,
    begin: &'static str,
    open: bool,
}

struct Prepared {
    single: Statement,
    gathered: Option<Statement>,
}

/// By which the outcome of a commit is told after the connection was lost.
#[derive(Debug, Clone, Copy)]
pub(super) struct Marker {
    session: i64,
    batch: i64,
}

/// Asks that go out as one statement, by position.
enum Call {
    Single(usize),
    Reads(&'static Query, Vec<usize>),
    Adds(&'static Write, Vec<usize>),
}

impl Session {
    /// A new connection.
    pub(super) async fn open(address: &Address, manner: &Manner) -> Result<Self, tokio_postgres::Error> {
        let (client, _) = address.connect().await?;
        let number: i64 = client.query_one("SELECT nextval('store_session')", &[]).await?.get(0);
        client.batch_execute(manner.settings).await?;
        client.batch_execute(&format!("SET application_name = '{}'", name(number))).await?;
        let (mark, prune) = (client.prepare(MARK).await?, client.prepare(PRUNE).await?);
        let (prepared, untried) = (HashMap::new(), Vec::new());
        Ok(Self {
            client,
            number,
            batch: 0,
            mark,
            prune,
            prepared,
            untried,
            begin: manner.begin,
            open: false,
        })
    }

    /// Ends what an earlier session may still hold on the server: its locks would block its successor.
    pub(super) async fn end_earlier(&self, number: i64) -> Result<(), tokio_postgres::Error> {
        let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                   WHERE application_name = $1 AND datname = current_database()";
        self.client.execute(sql, &[&name(number)]).await.map(drop)
    }

    /// Whether the batch of an earlier session was committed. If it was not, it never will be.
    pub(super) async fn was_committed(&self, marker: Marker) -> Result<bool, tokio_postgres::Error> {
        self.client.execute(VOID, &[&marker.session, &marker.batch]).await?;
        let is_void: bool = self.client.query_one(IS_VOID, &[&marker.session, &marker.batch]).await?.get(0);
        Ok(!is_void)
    }

    pub(super) fn number(&self) -> i64 {
        self.number
    }

    pub(super) fn marker(&self) -> Marker {
        Marker { session: self.number, batch: self.batch }
    }

    /// Between transactions: prepares gathered forms of the reads met so far.
    pub(super) async fn learn(&mut self) -> Result<(), Fault> {
        for query in std::mem::take(&mut self.untried) {
            let address = What::All(query).address();
            let Some(found) = self.prepared.get_mut(&address) else { continue };
            // Without places there is nothing to tell askers apart by.
            let Some(types) = values::place_types(&found.single).filter(|types| !types.is_empty()) else {
                continue;
            };
            match self.client.prepare(&dialect::gathered_read(dialect::postgres(query), &types)).await {
                Ok(made) => found.gathered = Some(made),
                Err(error) => match Fault::of(&error, query.name, query.name) {
                    Fault::Lost(why) => return Err(Fault::Lost(why)),
                    // Some reads have no gathered form, such as one with a limit that is given.
                    Fault::Again(_) | Fault::Refused(_) => {}
                },
            }
        }
        Ok(())
    }

    /// Answers asks, in the order given.
    pub(super) async fn replies(&mut self, asks: &[Ask]) -> Result<Vec<Reply>, Fault> {
        for ask in asks {
            self.prepare_for(ask.what).await?;
        }
        let calls = self.calls(asks);
        let begin = self.begin_if_needed();
        let (begun, answered) =
            join(begin, join_all(calls.into_iter().map(|call| self.call(call, asks)))).await;
        begun?;
        self.open = true;
        let mut replies: Vec<Option<Reply>> = asks.iter().map(|_| None).collect();
        for answers in answered {
            for (at, reply) in answers? {
                replies[at] = Some(reply);
            }
        }
        Ok(replies.into_iter().map(|reply| reply.unwrap_or(Reply::Count(0))).collect())
    }

    /// Carries out held writes in the order given, and marks the batch.
    pub(super) async fn write(&mut self, groups: &[Group]) -> Result<(), Fault> {
        for group in groups {
            self.prepare_write(group.write, group.puts.len() > 1).await?;
        }
        self.batch += 1;
        let begin = self.begin_if_needed();
        let sent = join_all(groups.iter().map(|group| self.send(group)));
        let (begun, (counts, marked)) = join(begin, join(sent, self.mark())).await;
        begun?;
        self.open = true;
        for (group, count) in groups.iter().zip(counts) {
            group.check(count?).map_err(Fault::Again)?;
        }
        marked
    }

    /// Without effect when no transaction is open.
    pub(super) async fn commit(&mut self) -> Result<(), Fault> {
        self.finish("COMMIT").await
    }

    /// Without effect when no transaction is open.
    pub(super) async fn roll_back(&mut self) -> Result<(), Fault> {
        self.finish("ROLLBACK").await
    }

    async fn finish(&mut self, sql: &'static str) -> Result<(), Fault> {
        if !std::mem::take(&mut self.open) {
            return Ok(());
        }
        self.client.batch_execute(sql).await.map_err(|error| Fault::of(&error, sql, sql))
    }

    async fn begin_if_needed(&self) -> Result<(), Fault> {
        if self.open {
            return Ok(());
        }
        self.client.batch_execute(self.begin).await.map_err(|error| Fault::of(&error, self.begin, self.begin))
    }

    async fn mark(&self) -> Result<(), Fault> {
        let marker: [&(dyn ToSql + Sync); 2] = [&self.number, &self.batch];
        let marked = self.client.execute(&self.mark, &marker);
        let pruned = async {
            if self.batch % PRUNE_EVERY == 0 {
                self.client.execute(&self.prune, &marker).await?;
            }
            Ok(())
        };
        let (marked, pruned) = join(marked, pruned).await;
        marked.map(drop).and(pruned).map_err(|error| Fault::of(&error, "store_batch", "store_batch"))
    }

    async fn prepare_for(&mut self, what: What) -> Result<(), Fault> {
        match what {
            What::Add(write) => self.prepare_write(write, true).await,
            What::Put(write) => self.prepare_write(write, false).await,
            What::Composed => Ok(()),
            What::One(query) | What::All(query) | What::Exec(query) => {
                if self.prepared.contains_key(&what.address()) {
                    return Ok(());
                }
                let single = self.prepare(dialect::postgres(query), query.name).await?;
                self.prepared.insert(what.address(), Prepared { single, gathered: None });
                if query.access == Access::Reads {
                    self.untried.push(query);
                }
                Ok(())
            }
        }
    }

    async fn prepare_write(&mut self, write: &'static Write, gathered: bool) -> Result<(), Fault> {
        let texts = write.texts();
        if !self.prepared.contains_key(&write.address()) {
            let single = self.prepare(&texts.single, write.name).await?;
            self.prepared.insert(write.address(), Prepared { single, gathered: None });
        }
        if gathered && self.prepared[&write.address()].gathered.is_none() {
            let made = self.prepare(&texts.gathered, write.name).await?;
            if let Some(found) = self.prepared.get_mut(&write.address()) {
                found.gathered = Some(made);
            }
        }
        Ok(())
    }

    async fn prepare(&self, sql: &str, name: &'static str) -> Result<Statement, Fault> {
        self.client.prepare(sql).await.map_err(|error| Fault::of(&error, name, name))
    }

    /// Puts equal reads and equal adds together.
    fn calls(&self, asks: &[Ask]) -> Vec<Call> {
        let mut calls = Vec::new();
        let mut places: HashMap<usize, usize> = HashMap::new();
        for (at, ask) in asks.iter().enumerate() {
            if matches!(ask.what, What::Put(_)) {
                calls.push(Call::Single(at));
                continue;
            }
            let address = ask.what.address();
            let can_gather = self.prepared.get(&address).is_some_and(|found| found.gathered.is_some());
            if can_gather && let Some(place) = places.get(&address) {
                match &mut calls[*place] {
                    Call::Reads(_, askers) | Call::Adds(_, askers) => askers.push(at),
                    Call::Single(_) => {}
                }
                continue;
            }
            places.insert(address, calls.len());
            calls.push(match ask.what {
                What::One(query) | What::All(query) if can_gather => Call::Reads(query, vec![at]),
                What::Add(write) => Call::Adds(write, vec![at]),
                What::One(_) | What::All(_) | What::Exec(_) | What::Put(_) | What::Composed => {
                    Call::Single(at)
                }
            });
        }
        calls
    }

    async fn call(&self, call: Call, asks: &[Ask]) -> Result<Vec<(usize, Reply)>, Fault> {
        match call {
            Call::Single(at) => Ok(vec![(at, self.single(&asks[at]).await?)]),
            Call::Reads(_, askers) | Call::Adds(_, askers) if askers.len() == 1 => {
                Ok(vec![(askers[0], self.single(&asks[askers[0]]).await?)])
            }
            Call::Reads(query, askers) => self.reads(query, askers, asks).await,
            Call::Adds(write, askers) => self.adds(write, askers, asks).await,
        }
    }

    async fn single(&self, ask: &Ask) -> Result<Reply, Fault> {
        let name = ask.what.name();
        let params = places(ask.values.get());
        let made;
        let statement = if let Some(read) = &ask.composed {
            made =
                self.client.prepare(&read.postgres).await.map_err(|error| Fault::of(&error, name, name))?;
            &made
        } else {
            &self.prepared[&ask.what.address()].single
        };
        match ask.what {
            What::One(_) | What::All(_) | What::Composed => {
                let found = self.client.query(statement, &params).await;
                let found = found.map_err(|error| Fault::of(&error, name, name))?;
                let rows = found.iter().map(|row| values::row(row, 0, name)).collect::<Result<_, _>>();
                rows.map(Reply::Rows).map_err(|error| Fault::of(&error, name, name))
            }
            What::Exec(_) => {
                let count = self.client.execute(statement, &params).await;
                count.map(Reply::Count).map_err(|error| Fault::of(&error, name, name))
            }
            What::Add(write) | What::Put(write) => {
                let count = self.client.execute(statement, &params).await;
                count.map(Reply::Count).map_err(|error| Fault::of(&error, name, write.table))
            }
        }
    }

    async fn reads(
        &self,
        query: &'static Query,
        askers: Vec<usize>,
        asks: &[Ask],
    ) -> Result<Vec<(usize, Reply)>, Fault> {
        let arrays = columns(askers.iter().map(|at| asks[*at].values.get()));
        let params: Vec<_> = arrays.iter().map(|array| array as &(dyn ToSql + Sync)).collect();
        let refused = |error: tokio_postgres::Error| Fault::of(&error, query.name, query.name);
        let found = self.client.query(self.gathered(What::All(query)), &params).await.map_err(refused)?;
        let mut rows: Vec<Vec<crate::Row>> = askers.iter().map(|_| Vec::new()).collect();
        for row in &found {
            let number: i64 = row.try_get(0).map_err(refused)?;
            if let Some(asked) = usize::try_from(number - 1).ok().and_then(|at| rows.get_mut(at)) {
                asked.push(values::row(row, 1, query.name).map_err(refused)?);
            }
        }
        Ok(askers.into_iter().zip(rows.into_iter().map(Reply::Rows)).collect())
    }

    /// Of several adds of one row in a batch the first makes it.
    async fn adds(
        &self,
        write: &'static Write,
        askers: Vec<usize>,
        asks: &[Ask],
    ) -> Result<Vec<(usize, Reply)>, Fault> {
        let key = |at: usize| &asks[at].values.get()[..write.key_len()];
        let mut keys: HashSet<&[Value]> = HashSet::with_capacity(askers.len());
        let mut firsts: Vec<usize> = askers.iter().copied().filter(|at| keys.insert(key(*at))).collect();
        firsts.sort_unstable_by(|one, other| key(*one).cmp(key(*other)));
        let arrays = columns(firsts.iter().map(|at| asks[*at].values.get()));
        let params: Vec<_> = arrays.iter().map(|array| array as &(dyn ToSql + Sync)).collect();
        let refused = |error: tokio_postgres::Error| Fault::of(&error, write.name, write.table);
        let made = self.client.query(self.gathered(What::Add(write)), &params).await.map_err(refused)?;
        let made = made.iter().map(|row| values::row(row, 0, write.name).map(|row| row.values));
        let made = made.collect::<Result<HashSet<Vec<Value>>, _>>().map_err(refused)?;
        let firsts: HashSet<usize> = firsts.into_iter().filter(|at| made.contains(key(*at))).collect();
        Ok(askers.into_iter().map(|at| (at, Reply::Count(u64::from(firsts.contains(&at))))).collect())
    }

    async fn send(&self, group: &Group) -> Result<u64, Fault> {
        let write = group.write;
        let sent = match &group.puts[..] {
            [put] => {
                let statement = &self.prepared[&write.address()].single;
                self.client.execute(statement, &places(put.values.get())).await
            }
            _ => {
                let arrays = group.columns();
                let params: Vec<_> = arrays.iter().map(|array| array as &(dyn ToSql + Sync)).collect();
                self.client.execute(self.gathered(What::Add(write)), &params).await
            }
        };
        sent.map_err(|error| Fault::of(&error, write.name, write.table))
    }

    fn gathered(&self, what: What) -> &Statement {
        let found = &self.prepared[&what.address()];
        found.gathered.as_ref().unwrap_or(&found.single)
    }
}

/// The name of a session on the server.
fn name(session: i64) -> String {
    format!("samovar/{session}")
}

fn places(values: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    values.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}
