//! PostgreSQL: lanes that write, connections that read, and a bell between nodes.

mod bell;
mod connect;
mod gather;
mod lane;
mod link;
mod plan;
mod reader;
mod session;
mod statistics;
mod values;

use crate::migrate::{self, Migration};
use crate::options::StoreOptions;
use crate::queue::Queue;
use crate::stats::Counters;
use crate::wake::{Wake, Wakes};
use crate::{Registered, StoreError, dialect};
use bell::Bell;
use connect::Address;
use lane::Lane;
use reader::Reader;
use samovar_base::Instant;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio_postgres::Client;

/// Any number will do, so long as no other program takes the same on one database.
const SCHEMA_LOCK: i64 = 0x5341_4d4f_5641_5221;

/// Outcomes of commits: a batch that writes leaves a row, by which an unknown outcome is told later. Sessions that
/// ended leave their last rows behind; those of yesterday are of no use to anyone.
const BATCH_TABLE: &str = "
    CREATE SEQUENCE IF NOT EXISTS store_session;
    CREATE TABLE IF NOT EXISTS store_batch (
        session BIGINT NOT NULL,
        number BIGINT NOT NULL,
        void BOOLEAN NOT NULL DEFAULT FALSE,
        made_at TIMESTAMPTZ NOT NULL DEFAULT now(),
        PRIMARY KEY (session, number)
    );
    DELETE FROM store_batch WHERE made_at < now() - INTERVAL '1 day';";

/// The server, and how to reach it.
#[derive(Clone)]
pub(crate) struct Server {
    address: Arc<Address>,
    away_max: Duration,
}

/// What the tasks of a store share.
pub(crate) struct Tasks {
    pub(crate) lanes: Vec<Arc<Queue>>,
    pub(crate) reads: Arc<Queue>,
    pub(crate) wakes: Arc<Wakes>,
    pub(crate) rung: mpsc::Receiver<Vec<Wake>>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) stop: tokio_util::sync::CancellationToken,
}

impl Server {
    pub(crate) fn at(options: &StoreOptions) -> Result<Self, StoreError> {
        Ok(Self { address: Arc::new(Address::parse(&options.url)?), away_max: options.away_max })
    }

    /// Makes the store's own tables and starts the tasks; each receiver resolves when its task has ended.
    pub(crate) async fn start(
        &self,
        tasks: Tasks,
        options: &StoreOptions,
    ) -> Result<Vec<oneshot::Receiver<()>>, StoreError> {
        let client = self.locked().await?;
        let made = client.batch_execute(&format!("{}{BATCH_TABLE}", migrate::SYSTEM_TABLES)).await;
        made.map_err(|error| StoreError::Unavailable(values::message(&error)))?;
        drop(client);
        let mut ended = Vec::new();
        for queue in tasks.lanes {
            let (wakes, counters) = (Arc::clone(&tasks.wakes), Arc::clone(&tasks.counters));
            let lane = Lane::new(self.clone(), queue, wakes, counters);
            ended.push(spawn(lane.run(options.batch_max)));
        }
        for _ in 0..options.readers {
            ended.push(spawn(Reader::new(self.clone(), Arc::clone(&tasks.reads)).run()));
        }
        ended.push(spawn(statistics::run(Arc::clone(&self.address), tasks.stop.clone())));
        let bell = Bell::new(Arc::clone(&self.address), tasks.wakes);
        let ready = bell.connect().await?;
        ended.push(spawn(bell.run(ready, tasks.rung, tasks.stop)));
        Ok(ended)
    }

    /// Applies what is missing, one node at a time.
    pub(crate) async fn migrate(&self, list: &[Migration], now: Instant) -> Result<Vec<String>, StoreError> {
        let mut client = self.locked().await?;
        let mut applied = Vec::new();
        for migration in list {
            let failed = |error: tokio_postgres::Error| migration.failed(values::message(&error));
            let step = client.transaction().await.map_err(failed)?;
            let number = i64::from(migration.number);
            let recorded = step
                .query_opt("SELECT name, hash FROM store_migration WHERE number = $1", &[&number])
                .await
                .map_err(failed)?
                .map(|row| (row.get(0), row.get(1)));
            let text = migration.text_for_postgres();
            let hash = migration.hash(text);
            if migration.is_applied(recorded, &hash)? {
                continue;
            }
            step.batch_execute(text).await.map_err(failed)?;
            step.execute(
                "INSERT INTO store_migration (number, name, hash, applied_at) VALUES ($1, $2, $3, $4)",
                &[&number, &migration.name, &hash, &now.0],
            )
            .await
            .map_err(failed)?;
            step.commit().await.map_err(failed)?;
            applied.push(migration.name.to_owned());
        }
        Ok(applied)
    }

    /// Prepares registered statements in every form in which they may be sent. What is wrong with them.
    pub(crate) async fn prepare(&self, list: &[Registered]) -> Result<Vec<(Registered, String)>, StoreError> {
        let client = self.plain().await?;
        let mut problems = Vec::new();
        for statement in list {
            let texts = match statement {
                Registered::Query(query) => vec![dialect::postgres(query)],
                Registered::Write(write) => {
                    vec![write.texts().single.as_str(), write.texts().gathered.as_str()]
                }
            };
            for text in texts {
                match client.prepare(text).await {
                    Ok(made) => problems.extend(values::strangers(&made).map(|what| (*statement, what))),
                    Err(error) => problems.push((*statement, values::message(&error))),
                }
            }
        }
        Ok(problems)
    }

    /// A connection that holds the lock under which the schema is changed; the lock goes with the connection.
    async fn locked(&self) -> Result<Client, StoreError> {
        let client = self.plain().await?;
        let locked = client.execute("SELECT pg_advisory_lock($1)", &[&SCHEMA_LOCK]).await;
        locked.map_err(|error| StoreError::Unavailable(values::message(&error)))?;
        Ok(client)
    }

    async fn plain(&self) -> Result<Client, StoreError> {
        let (client, _) =
            self.address.connect().await.map_err(|error| StoreError::Unavailable(values::message(&error)))?;
        Ok(client)
    }
}

fn spawn(work: impl Future<Output = ()> + Send + 'static) -> oneshot::Receiver<()> {
    let (end, ended) = oneshot::channel();
    tokio::spawn(async move {
        work.await;
        // Nobody waits when the store was dropped without being closed.
        let _ = end.send(());
    });
    ended
}
