//! The store as its callers see it.

use crate::lease;
use crate::migrate::Migration;
use crate::options::Place;
use crate::postgres::{Server, Tasks};
use crate::queue::Queue;
use crate::sqlite::{File, Threads};
use crate::stats::{Counters, Stats};
use crate::unit::Job;
use crate::wake::Wakes;
use crate::{Engine, Lease, LeaseRow, Registered, Scope, StoreError, StoreOptions, Tx, Wake, registry};
use samovar_base::{Clock, Instant, TenantId};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{broadcast, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

/// A database, and the lanes in which units of work reach it. Clones share it.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    home: Home,
    lanes: Vec<Arc<Queue>>,
    reads: Arc<Queue>,
    /// Gives reads keys of their own: they need no order.
    read_number: AtomicU64,
    wakes: Arc<Wakes>,
    counters: Arc<Counters>,
    stop: CancellationToken,
    ended: Mutex<Vec<oneshot::Receiver<()>>>,
}

enum Home {
    File(File),
    Server(Server),
}

/// A registered statement that the database at hand does not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Its name.
    pub statement: &'static str,
    /// What is wrong.
    pub what: String,
}

impl Store {
    /// Opens the database and starts its lanes. The tables of the program come with [`Store::migrate`].
    pub async fn open(options: StoreOptions) -> Result<Self, StoreError> {
        let options = options.at_least_one();
        match options.place()? {
            Place::Server => Self::open_server(&options).await,
            place => Self::open_file(File::at(place), &options).await,
        }
    }

    /// Which database it is.
    pub fn engine(&self) -> Engine {
        match self.0.home {
            Home::File(_) => Engine::Sqlite,
            Home::Server(_) => Engine::Postgres,
        }
    }

    /// Where the database lies; none on PostgreSQL.
    pub fn file(&self) -> Option<&Path> {
        match &self.0.home {
            Home::File(file) => Some(file.path()),
            Home::Server(_) => None,
        }
    }

    /// Applies the migrations that are missing, each in a transaction of its own; their names.
    ///
    /// Refuses when one that was applied has another name or text now.
    pub async fn migrate(&self, list: &[Migration], clock: &dyn Clock) -> Result<Vec<String>, StoreError> {
        let now = clock.now();
        match &self.0.home {
            Home::Server(server) => server.migrate(list, now).await,
            Home::File(file) => {
                let (file, list) = (file.clone(), list.to_vec());
                blocking(move || file.migrate(&list, now)).await
            }
        }
    }

    /// Does a unit of work of one tenant, in a transaction that it may share with others.
    ///
    /// The unit owns its inputs, waits for nothing but `tx`, and may be run again from its beginning: whenever the
    /// transaction could not be kept, or a row it was to change was changed by others. Units of one key run one
    /// after another, in the order in which they came. It is answered after the commit; then everything it did is
    /// durable, and on an error nothing of it is, [`StoreError::OutcomeUnknown`] excepted.
    pub async fn run<T, E, F, Fut>(&self, tenant: TenantId, key: u64, unit: F) -> Result<T, E>
    where
        F: Fn(Tx) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (job, answer) = Job::new(Some(tenant), key, false, unit);
        submit(self.lane(&job), job, answer).await
    }

    /// Does a unit of work of the whole instance: with statements declared `instance`, and only those.
    pub async fn run_instance<T, E, F, Fut>(&self, key: u64, unit: F) -> Result<T, E>
    where
        F: Fn(Tx) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (job, answer) = Job::new(None, key, false, unit);
        submit(self.lane(&job), job, answer).await
    }

    /// Reads of one tenant, on connections beside the lanes. All reads of the unit see one moment, with everything
    /// committed before it was begun; writes are refused.
    pub async fn read<T, E, F, Fut>(&self, tenant: TenantId, unit: F) -> Result<T, E>
    where
        F: Fn(Tx) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (job, answer) = Job::new(Some(tenant), self.read_number(), true, unit);
        submit(&self.0.reads, job, answer).await
    }

    /// Reads of the whole instance, likewise.
    pub async fn read_instance<T, E, F, Fut>(&self, unit: F) -> Result<T, E>
    where
        F: Fn(Tx) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (job, answer) = Job::new(None, self.read_number(), true, unit);
        submit(&self.0.reads, job, answer).await
    }

    /// Takes a lease that is free, expired, or held by `holder` already, until `ttl_ms` after `now`; `None` when
    /// another holds it.
    pub async fn lease_take(
        &self,
        name: &str,
        holder: &str,
        now: Instant,
        ttl_ms: i64,
    ) -> Result<Option<Lease>, StoreError> {
        lease::take(self, name, holder, now, ttl_ms).await
    }

    /// Gives up a lease, if `holder` has it.
    pub async fn lease_release(&self, name: &str, holder: &str) -> Result<(), StoreError> {
        lease::release(self, name, holder).await
    }

    /// The leases whose names begin with `prefix`, expired ones among them.
    pub async fn leases(&self, prefix: &str) -> Result<Vec<LeaseRow>, StoreError> {
        lease::list(self, prefix).await
    }

    /// Wake-ups of committed units, of this node and of the others, from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Wake> {
        self.0.wakes.subscribe()
    }

    /// Copies the database to a new file as it is at one moment, while it is in use. SQLite only.
    pub async fn backup_to(&self, path: &Path) -> Result<(), StoreError> {
        match &self.0.home {
            Home::Server(_) => Err(StoreError::misused("backup", "PostgreSQL is backed up with pg_dump")),
            Home::File(file) => {
                let (file, path) = (file.clone(), path.to_owned());
                blocking(move || file.back_up(&path)).await
            }
        }
    }

    /// Counts of what the lanes did.
    pub fn stats(&self) -> Stats {
        self.0.counters.read(self.0.lanes.iter().map(|lane| lane.len()).sum())
    }

    /// Lets no more work in, does what waits, and puts the database to rest.
    pub async fn close(self) {
        self.0.close();
        let ended = std::mem::take(&mut *self.0.ended.lock().unwrap_or_else(PoisonError::into_inner));
        for one in ended {
            // An error means that it ended as well.
            let _ = one.await;
        }
    }

    async fn open_file(file: File, options: &StoreOptions) -> Result<Self, StoreError> {
        let writes = Arc::new(Queue::new(options.queue_max));
        let reads = Arc::new(Queue::new(options.queue_max));
        let (wakes, counters) = (Arc::new(Wakes::of_one_node()), Arc::default());
        let threads = Threads {
            writes: Arc::clone(&writes),
            reads: Arc::clone(&reads),
            wakes: Arc::clone(&wakes),
            counters: Arc::clone(&counters),
        };
        let (home, options) = (file.clone(), options.clone());
        let ended = blocking(move || file.start(&threads, &options)).await?;
        Ok(Self::new(Home::File(home), vec![writes], reads, wakes, counters, CancellationToken::new(), ended))
    }

    async fn open_server(options: &StoreOptions) -> Result<Self, StoreError> {
        let server = Server::at(options)?;
        let lanes: Vec<_> = (0..options.lanes).map(|_| Arc::new(Queue::new(options.queue_max))).collect();
        let reads = Arc::new(Queue::new(options.queue_max));
        let (ring, rung) = mpsc::channel(1024);
        let (wakes, counters) = (Arc::new(Wakes::of_many_nodes(ring)), Arc::default());
        let stop = CancellationToken::new();
        let tasks = Tasks {
            lanes: lanes.clone(),
            reads: Arc::clone(&reads),
            wakes: Arc::clone(&wakes),
            rung,
            counters: Arc::clone(&counters),
            stop: stop.clone(),
        };
        let ended = server.start(tasks, options).await?;
        Ok(Self::new(Home::Server(server), lanes, reads, wakes, counters, stop, ended))
    }

    fn new(
        home: Home,
        lanes: Vec<Arc<Queue>>,
        reads: Arc<Queue>,
        wakes: Arc<Wakes>,
        counters: Arc<Counters>,
        stop: CancellationToken,
        ended: Vec<oneshot::Receiver<()>>,
    ) -> Self {
        let (read_number, ended) = (AtomicU64::new(0), Mutex::new(ended));
        Self(Arc::new(Inner { home, lanes, reads, read_number, wakes, counters, stop, ended }))
    }

    fn lane(&self, job: &Job) -> &Queue {
        let lanes = &self.0.lanes;
        let mut hasher = DefaultHasher::new();
        job.key.hash(&mut hasher);
        &lanes[usize::try_from(hasher.finish() % lanes.len() as u64).unwrap_or(0)]
    }

    fn read_number(&self) -> u64 {
        self.0.read_number.fetch_add(1, Ordering::Relaxed)
    }
}

/// Prepares every registered statement on the database at hand, in every form in which it may be sent, and checks
/// that a tenant's statements name `tenant_id`. To be called after the migrations.
pub async fn check_registry(store: &Store) -> Result<Vec<Problem>, StoreError> {
    let list: Vec<Registered> = registry().collect();
    let without_tenant = list.iter().filter_map(|statement| match statement {
        Registered::Query(query) if query.scope == Scope::Tenant && !query.sql.contains("tenant_id") => {
            Some(Problem { statement: query.name, what: "does not name tenant_id".to_owned() })
        }
        _ => None,
    });
    let mut problems: Vec<Problem> = without_tenant.collect();
    let refused = match &store.0.home {
        Home::Server(server) => server.prepare(&list).await?,
        Home::File(file) => {
            let (file, list) = (file.clone(), list.clone());
            blocking(move || file.prepare(&list)).await?
        }
    };
    problems
        .extend(refused.into_iter().map(|(statement, what)| Problem { statement: statement.name(), what }));
    Ok(problems)
}

impl Inner {
    fn close(&self) {
        self.lanes.iter().for_each(|lane| lane.close());
        self.reads.close();
        self.stop.cancel();
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
        if let Home::File(file) = &self.home {
            file.let_go();
        }
    }
}

async fn submit<T, E: From<StoreError>>(
    queue: &Queue,
    job: Job,
    answer: oneshot::Receiver<Result<T, E>>,
) -> Result<T, E> {
    queue.push(job)?;
    answer.await.unwrap_or_else(|_| Err(StoreError::Closed.into()))
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(StoreError::Panicked(error.to_string())))
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("engine", &self.engine()).finish_non_exhaustive()
    }
}
