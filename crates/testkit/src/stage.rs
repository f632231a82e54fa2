//! The stage of a test: a database, a company, a fake Telegram and the nodes that serve them.

use crate::company::{BOT_TOKEN, STAFF_TOKEN, Setting, examples};
use crate::database::Database;
use crate::node::{Node, Start};
use crate::open::{self, Open};
use crate::{Api, Guest, Visitor};
use samovar_app::access::{Actor, Role};
use samovar_app::directory::ChannelInfo;
use samovar_app::{App, channels, setup, staff};
use samovar_base::{Clock, ManualClock, TenantId};
use samovar_fakes::drand::Drand;
use samovar_fakes::telegram::{BotHandle, Config, Telegram};
use samovar_store::Engine;
use secrecy::ExposeSecret;
use std::net::TcpListener;
use std::ops::Deref;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant as Steady;
use url::Url;

/// Longer than this nothing takes that is not stuck.
const PATIENCE: Duration = Duration::from_secs(30);
/// Leases are renewed before so much virtual time has gone by.
const RENEW_AFTER_MS: i64 = 3_000;

/// The program in a test. Clones are handles to the same stage.
#[derive(Clone)]
pub struct TestApp(Arc<Stage>);

/// What a [`TestApp`] stands on.
pub struct Stage {
    /// Time; stands until it is moved.
    pub clock: Arc<ManualClock>,
    /// The messenger.
    pub telegram: Telegram,
    /// The public randomness.
    pub drand: Drand,
    /// The company's bot there.
    pub bot: BotHandle,
    /// The bot for its staff; nobody writes to it unless the setting says so.
    pub staff_bot: BotHandle,
    /// The company.
    pub tenant: TenantId,
    setting: Setting,
    client: reqwest::Client,
    nodes: Mutex<Vec<Arc<Node>>>,
    socket: TcpListener,
    renewed_at: Mutex<i64>,
    starts: AtomicU64,
    // Dropped last: it cuts off whoever still uses it.
    database: Database,
}

impl Deref for TestApp {
    type Target = Stage;
    fn deref(&self) -> &Stage {
        &self.0
    }
}

/// What a test declared by [`on_both!`](crate::on_both) takes.
#[allow(async_fn_in_trait)]
pub trait Staged {
    /// On that engine.
    async fn on(engine: Engine) -> Self;
}

impl Staged for Engine {
    async fn on(engine: Engine) -> Self {
        engine
    }
}

impl Staged for TestApp {
    async fn on(engine: Engine) -> Self {
        Self::start(engine).await
    }
}

impl TestApp {
    /// The Russian coffee shop on one node.
    pub async fn start(engine: Engine) -> Self {
        Self::set(Setting::new(engine)).await
    }

    /// A company as set.
    ///
    /// # Panics
    /// When anything of it does not work.
    pub async fn set(setting: Setting) -> Self {
        watch();
        let clock = Arc::new(ManualClock::at_rfc3339(setting.begins));
        let config =
            Config { clock: Arc::<ManualClock>::clone(&clock), seed: setting.seed, ..Config::for_tests() };
        let telegram = Telegram::start(config).await.expect("a fake Telegram");
        let bot = telegram.bot(BOT_TOKEN, "coffee_bot");
        let staff_bot = telegram.bot(STAFF_TOKEN, "coffee_staff_bot");
        let drand = Drand::start(Arc::<ManualClock>::clone(&clock)).await.expect("a fake beacon");
        let database = Database::fresh(setting.engine).await;
        let socket = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let first = Node::start(start(&setting, &database, (&clock, &drand), &socket, 0)).await;
        let company = setting.company_file(&telegram.base_url());
        let applied = setup::apply(&first.app, &company, &examples())
            .await
            .unwrap_or_else(|fail| panic!("setup: {fail}"));
        let public_url = address(&socket);
        for id in applied.connect {
            channels::connect(&first.app, id, Some(&public_url))
                .await
                .unwrap_or_else(|fail| panic!("connect: {fail}"));
        }
        Self(Arc::new(Stage {
            renewed_at: Mutex::new(clock.now().0),
            clock,
            telegram,
            drand,
            bot,
            staff_bot,
            tenant: applied.tenant.id,
            setting,
            client: samovar_connectors::client(None).expect("an HTTP client"),
            nodes: Mutex::new(vec![Arc::new(first)]),
            socket,
            starts: AtomicU64::new(1),
            database,
        }))
    }

    /// A person with Telegram in their hands, new to the bot.
    pub fn telegram(&self, name: &str) -> Guest {
        Guest::new(self, self.0.telegram.person(name), name)
    }

    /// A person who writes to the bot for the staff; a stranger to it until they come by an invitation.
    pub fn colleague(&self, name: &str) -> Guest {
        Guest::at_staff_bot(self, self.0.telegram.person(name), name)
    }

    /// Somebody of the staff with that role, at the menu of the bot.
    ///
    /// # Panics
    /// When they cannot be invited.
    pub async fn member(&self, name: &str, role: Role) -> Guest {
        let whom = staff::Whom::New { name: name.to_owned(), role: role.into(), channels: None };
        let invited = staff::invite(&self.app(), &self.owner(), whom).await;
        let invited = invited.unwrap_or_else(|fail| panic!("an invitation: {fail}"));
        let colleague = self.colleague(name);
        colleague.starts(Some(&invited.payload)).await;
        colleague
    }

    /// A person on the company's web page.
    pub async fn visitor(&self, name: &str) -> Visitor {
        Visitor::new(self, name).await
    }

    /// A program with a key that may do everything.
    pub fn api(&self) -> Api {
        Api::new(&self.url())
    }

    /// Waits until every update has been brought, every event handled and every message sent that can be now.
    ///
    /// # Panics
    /// When that does not come to pass.
    pub async fn settle(&self) {
        let deadline = Steady::now() + PATIENCE;
        loop {
            while self.pending() > 0 {
                self.still_hope(deadline).await;
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            for node in self.nodes() {
                if tokio::time::timeout_at(deadline, node.app.pipeline.idle()).await.is_err() {
                    self.still_hope(deadline).await;
                }
            }
            if self.pending() == 0 && self.open().await.is_quiet() {
                return;
            }
            self.still_hope(deadline).await;
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Hands a delivery to the Telegram channel's hook, as Telegram would; gives the HTTP status.
    pub async fn delivers(&self, update: impl Into<Vec<u8>>) -> u16 {
        let channel = self.channel("telegram");
        let secret = channel.link.secret.as_ref().expect("a secret").expose_secret().to_owned();
        self.delivers_with(&channel.hook, Some(&secret), update).await
    }

    /// Hands anything to any hook, with any secret or none; gives the HTTP status.
    pub async fn delivers_with(&self, hook: &str, secret: Option<&str>, body: impl Into<Vec<u8>>) -> u16 {
        let mut request = self.client.post(format!("{}hooks/{hook}", self.url())).body(body.into());
        if let Some(secret) = secret {
            request = request.header("X-Telegram-Bot-Api-Secret-Token", secret);
        }
        request.send().await.expect("an answer of the hook").status().as_u16()
    }

    /// Waits until something that comes to pass by itself has come to pass.
    ///
    /// # Panics
    /// When it does not.
    pub async fn until(&self, what: &str, mut so: impl AsyncFnMut() -> bool) {
        let deadline = Steady::now() + PATIENCE;
        while !so().await {
            assert!(Steady::now() < deadline, "waited in vain: {what}");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Moves time, keeps the nodes alive over it, and does what has become due.
    pub async fn advance(&self, time: Duration) {
        self.pass(time).await;
        self.do_what_is_due().await;
    }

    /// Moves time and keeps the nodes alive over it; nothing is looked at.
    pub async fn pass(&self, time: Duration) {
        self.clock.advance_seconds(i64::try_from(time.as_secs()).expect("a sane time"));
        let now = self.clock.now();
        let renewed =
            std::mem::replace(&mut *self.renewed_at.lock().unwrap_or_else(PoisonError::into_inner), now.0);
        if now.millis_since(samovar_base::Instant(renewed)) < RENEW_AFTER_MS {
            *self.renewed_at.lock().unwrap_or_else(PoisonError::into_inner) = renewed;
            return;
        }
        for node in self.nodes() {
            node.app.pipeline.renew(&node.app).await.expect("leases");
        }
    }

    async fn do_what_is_due(&self) {
        for _ in 0..10 {
            for node in self.nodes() {
                node.app.pipeline.look(&node.app).await.expect("a look");
            }
            self.jobs_end().await;
            self.settle().await;
            if !self.has_jobs_in_hand() && self.open().await.is_nothing() {
                return;
            }
        }
        panic!("there is always something due: {:?}", self.open().await);
    }

    /// Waits for the jobs that the nodes took up by themselves: what they have to say is not yet in any table.
    async fn jobs_end(&self) {
        let deadline = Steady::now() + PATIENCE;
        while self.has_jobs_in_hand() {
            self.still_hope(deadline).await;
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    fn has_jobs_in_hand(&self) -> bool {
        self.nodes().iter().any(|node| node.app.pipeline.has_jobs_in_hand())
    }

    /// Ends the test: nothing may be left undone, nothing given up, and the books must agree.
    ///
    /// # Panics
    /// When something is.
    pub async fn finish(&self) {
        self.do_what_is_due().await;
        let dead = open::dead(&self.app()).await;
        assert!(dead.is_empty(), "given up: {dead:#?}");
        self.books().await;
        let unknown = self.telegram.unknown_parameters();
        assert!(unknown.is_empty(), "Telegram knows no such parameters: {unknown:?}");
        let wrong = self.drand.complaints();
        assert!(wrong.is_empty(), "the beacon knows no such questions: {wrong:?}");
        let nodes = std::mem::take(&mut *self.lock());
        for node in nodes {
            node.stop().await;
        }
    }

    /// Sees to it that the books agree.
    ///
    /// # Panics
    /// When they do not.
    pub async fn books(&self) {
        let found = open::discrepancies(&self.app(), self.tenant).await;
        assert!(found.is_empty(), "the books do not agree: {found:#?}");
    }
}

impl Stage {
    /// The services of the first living node.
    pub fn app(&self) -> App {
        self.nodes().first().expect("a living node").app.clone()
    }
    /// The nodes that live.
    pub fn nodes(&self) -> Vec<Arc<Node>> {
        self.lock().clone()
    }
    /// Where the program is called.
    pub fn url(&self) -> Url {
        address(&self.socket)
    }
    /// The owner, as far as rights go.
    pub fn owner(&self) -> Actor {
        Actor::setup(self.tenant)
    }
    /// A channel by its key, as the first node knows it.
    pub fn channel(&self, key: &str) -> Arc<ChannelInfo> {
        let found = self.app().directory.channels().into_iter().find(|channel| channel.key == key);
        found.unwrap_or_else(|| panic!("no channel «{key}»"))
    }
    /// What could be done now and is not.
    pub async fn open(&self) -> Open {
        Open::read(&self.app()).await
    }

    /// One more node beside the others, called at an address of its own. PostgreSQL only.
    pub async fn join(&self) -> Arc<Node> {
        let socket = TcpListener::bind("127.0.0.1:0").expect("a free port");
        self.begin(&socket).await
    }

    /// Kills a node: the first is number 0. Nobody serves its socket until [`Stage::revive`].
    pub async fn crash(&self, number: usize) {
        let node = self.lock().remove(number);
        node.crash().await;
    }

    /// Forgets a node that was stopped.
    pub fn leave(&self, number: usize) {
        self.lock().remove(number);
    }

    /// Starts a node at the stage's own address, where a killed one was called.
    pub async fn revive(&self) -> Arc<Node> {
        let socket = self.socket.try_clone().expect("a socket");
        self.begin(&socket).await
    }

    async fn begin(&self, socket: &TcpListener) -> Arc<Node> {
        let number = self.starts.fetch_add(1, Ordering::Relaxed);
        let node = Arc::new(
            Node::start(start(&self.setting, &self.database, (&self.clock, &self.drand), socket, number))
                .await,
        );
        self.lock().push(Arc::clone(&node));
        node
    }

    /// Updates that the messenger has not brought yet.
    fn pending(&self) -> usize {
        self.bot.pending() + self.staff_bot.pending()
    }

    async fn still_hope(&self, deadline: Steady) {
        if Steady::now() < deadline {
            return;
        }
        let open = if self.nodes().is_empty() { None } else { Some(self.open().await) };
        panic!("the program does not come to rest: {} updates to be brought, open {open:?}", self.pending());
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Arc<Node>>> {
        self.nodes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn start(
    setting: &Setting,
    database: &Database,
    (clock, drand): (&Arc<ManualClock>, &Drand),
    socket: &TcpListener,
    number: u64,
) -> Start {
    Start {
        database: database.url().to_owned(),
        clock: Arc::clone(clock),
        seed: setting.seed.wrapping_mul(1_000).wrapping_add(number),
        socket: socket.try_clone().expect("a socket"),
        patience: setting.patience,
        drand: drand.base_url().parse().expect("an address"),
        webchat: setting.webchat,
    }
}

fn address(socket: &TcpListener) -> Url {
    let address = socket.local_addr().expect("a bound socket");
    Url::parse(&format!("http://{address}")).expect("an address")
}

/// Logs of the program, when `RUST_LOG` asks for them.
fn watch() {
    if std::env::var_os("RUST_LOG").is_some() {
        let logs =
            tracing_subscriber::fmt().with_env_filter(tracing_subscriber::EnvFilter::from_default_env());
        // The second test of a process finds it done.
        let _ = logs.with_writer(std::io::stderr).try_init();
    }
}
