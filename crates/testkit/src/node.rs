//! One running node of the program, in a runtime of its own: so that it can die as a process dies.

use crate::company::MakeWebchat;
use samovar_app::App;
use samovar_app::app::Parts;
use samovar_base::{Chance, ManualClock, Vault};
use samovar_connectors::Messenger;
use samovar_connectors::beacon::Beacon;
use samovar_connectors::telegram::Telegram;
use samovar_connectors::webchat::Hub;
use samovar_http::HttpOptions;
use samovar_store::{Store, StoreOptions};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;
use url::Url;

/// What a node is started with.
pub struct Start {
    /// Where its database is.
    pub database: String,
    /// Its time.
    pub clock: Arc<ManualClock>,
    /// Its chance.
    pub seed: u64,
    /// Where it is called. The socket outlives the node: callers wait in it for the next one.
    pub socket: TcpListener,
    /// How long an answer of Telegram, or of the public randomness, is waited for.
    pub patience: Duration,
    /// Where the public randomness is read.
    pub drand: Url,
    /// What stands behind the web chat.
    pub webchat: MakeWebchat,
}

/// A running node.
pub struct Node {
    /// Its services.
    pub app: App,
    /// Where it is called.
    pub address: SocketAddr,
    stop: CancellationToken,
    runtime: Mutex<Option<Runtime>>,
}

impl Node {
    /// Opens the database, serves, and works.
    ///
    /// # Panics
    /// When it cannot be started.
    pub async fn start(start: Start) -> Self {
        let address = start.socket.local_addr().expect("a bound socket");
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("samovar-node")
            .enable_all()
            .build()
            .expect("a runtime");
        let stop = CancellationToken::new();
        let app = runtime.spawn(begin(start, stop.clone())).await.expect("a node that starts");
        Self { app, address, stop, runtime: Mutex::new(Some(runtime)) }
    }

    /// Stops as at a signal: what is in hand is finished first.
    pub async fn stop(&self) {
        let Some(runtime) = self.take_runtime() else { return };
        let (app, stop) = (self.app.clone(), self.stop.clone());
        let stopped = runtime.spawn(async move {
            stop.cancel();
            app.shut_down(Duration::from_secs(5)).await;
        });
        stopped.await.expect("a node that stops");
        end(runtime).await;
        self.app.store.clone().close().await;
    }

    /// Dies at once, as by `kill -9`: whatever it was doing is cut off wherever it was. What it had handed to SQLite
    /// may still be committed, and is waited for, so that the file is free.
    pub async fn crash(&self) {
        let Some(runtime) = self.take_runtime() else { return };
        end(runtime).await;
        self.app.store.clone().close().await;
    }

    fn take_runtime(&self) -> Option<Runtime> {
        self.runtime.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if let Some(runtime) = self.take_runtime() {
            runtime.shutdown_background();
        }
    }
}

async fn begin(start: Start, stop: CancellationToken) -> App {
    let store = Store::open(StoreOptions::new(start.database)).await.expect("a database that opens");
    let hub = Hub::new(100);
    let telegram = Telegram::new().expect("an HTTP client").with_patience(start.patience);
    let messengers: Vec<Arc<dyn Messenger>> = vec![Arc::new(telegram), (start.webchat)(Arc::clone(&hub))];
    let parts = Parts {
        store,
        clock: start.clock,
        chance: Arc::new(Chance::from_seed(start.seed)),
        vault: Arc::new(Vault::new([7; 32])),
        messengers,
        beacon: Beacon::new(vec![start.drand]).with_patience(start.patience),
        hub,
    };
    let app =
        App::open(parts).await.unwrap_or_else(|fail| panic!("the program cannot be put together: {fail}"));
    let address = start.socket.local_addr().expect("a bound socket");
    let public_url = format!("http://{address}").parse().expect("an address");
    start.socket.set_nonblocking(true).expect("a socket");
    let listener = tokio::net::TcpListener::from_std(start.socket).expect("a socket of this runtime");
    let router = samovar_http::router(
        app.clone(),
        HttpOptions { public_url: Some(public_url), ..HttpOptions::default() },
    );
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move {
        let served =
            axum::serve(listener, service).with_graceful_shutdown(async move { stop.cancelled().await });
        served.await.expect("a server that serves");
    });
    app.start().await.unwrap_or_else(|fail| panic!("the program cannot start: {fail}"));
    app
}

async fn end(runtime: Runtime) {
    let ended = tokio::task::spawn_blocking(move || runtime.shutdown_timeout(Duration::from_secs(10)));
    ended.await.expect("a runtime that ends");
}
