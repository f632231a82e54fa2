//! The front door: stands before the nodes as a load balancer does, passes requests to a living one, and remembers
//! which updates were brought and which were confirmed.

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::{Request, Response, StatusCode, Uri, header};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

const BODY_MAX: usize = 1 << 20;
const CONNECT_WITHIN: Duration = Duration::from_secs(2);

type Reply = Response<Full<Bytes>>;

/// A running front door; it closes when dropped.
pub struct Front {
    /// Its address: `http://127.0.0.1:<port>`.
    pub base: String,
    inner: Arc<Inner>,
    task: JoinHandle<()>,
}

/// What was brought so far.
#[derive(Debug, Clone, Default)]
pub struct Brought {
    /// By the id of the update: whether one of its deliveries was confirmed.
    pub updates: BTreeMap<i64, bool>,
    /// Deliveries of updates, repeated ones included.
    pub deliveries: u64,
}

struct Inner {
    client: Client<HttpConnector, Full<Bytes>>,
    nodes: Mutex<Vec<String>>,
    turn: AtomicUsize,
    brought: Mutex<Brought>,
}

impl Front {
    /// Open on a free port, with nobody behind it.
    pub async fn open() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let base = format!("http://{}", listener.local_addr()?);
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(CONNECT_WITHIN));
        let inner = Arc::new(Inner {
            client: Client::builder(TokioExecutor::new()).build(connector),
            nodes: Mutex::default(),
            turn: AtomicUsize::new(0),
            brought: Mutex::default(),
        });
        let task = tokio::spawn(listen(listener, Arc::clone(&inner)));
        Ok(Self { base, inner, task })
    }

    /// From now on requests go to these in turn; to the next one when a node does not listen.
    pub fn lead_to(&self, nodes: Vec<String>) {
        *lock(&self.inner.nodes) = nodes;
    }

    /// What was brought so far.
    pub fn brought(&self) -> Brought {
        lock(&self.inner.brought).clone()
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn listen(listener: TcpListener, inner: Arc<Inner>) {
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, Arc::clone(&inner)));
        }
    }
}

async fn serve(stream: TcpStream, inner: Arc<Inner>) {
    // Without it small answers are only slower.
    let _ = stream.set_nodelay(true);
    let service = hyper::service::service_fn(move |request| {
        let inner = Arc::clone(&inner);
        async move { Ok::<_, Infallible>(inner.pass(request).await) }
    });
    // A connection that ends early is what this trial is about.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

impl Inner {
    async fn pass(&self, request: Request<Incoming>) -> Reply {
        let (head, body) = request.into_parts();
        let Ok(body) = Limited::new(body, BODY_MAX).collect().await else { return refusal() };
        let body = body.to_bytes();
        let update = head.uri.path().starts_with("/hooks/").then(|| update_id(&body)).flatten();
        if let Some(id) = update {
            let mut brought = lock(&self.brought);
            brought.deliveries += 1;
            brought.updates.entry(id).or_insert(false);
        }
        let reply = self.ask_in_turn(&head, body).await.unwrap_or_else(refusal);
        if let Some(id) = update.filter(|_| reply.status().is_success()) {
            lock(&self.brought).updates.insert(id, true);
        }
        reply
    }

    /// None when no node took the request, or the one that did gave no answer.
    async fn ask_in_turn(&self, head: &hyper::http::request::Parts, body: Bytes) -> Option<Reply> {
        let nodes = lock(&self.nodes).clone();
        let first = self.turn.fetch_add(1, Ordering::Relaxed);
        for step in 0..nodes.len() {
            let node = &nodes[(first + step) % nodes.len()];
            let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
            let address: Uri = format!("{node}{path}").parse().ok()?;
            let mut request = Request::new(Full::new(body.clone()));
            *request.method_mut() = head.method.clone();
            *request.uri_mut() = address;
            *request.headers_mut() = head.headers.clone();
            request.headers_mut().remove(header::HOST);
            match self.client.request(request).await {
                Ok(response) => return whole(response).await,
                Err(error) if error.is_connect() => {}
                Err(_) => return None,
            }
        }
        None
    }
}

async fn whole(response: Response<Incoming>) -> Option<Reply> {
    let (mut head, body) = response.into_parts();
    let body = body.collect().await.ok()?.to_bytes();
    head.headers.remove(header::TRANSFER_ENCODING);
    head.headers.remove(header::CONNECTION);
    Some(Response::from_parts(head, Full::new(body)))
}

fn refusal() -> Reply {
    let mut reply = Response::new(Full::default());
    *reply.status_mut() = StatusCode::BAD_GATEWAY;
    reply
}

fn update_id(body: &[u8]) -> Option<i64> {
    serde_json::from_slice::<serde_json::Value>(body).ok()?.get("update_id")?.as_i64()
}
