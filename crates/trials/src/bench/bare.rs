//! The bare loop: a bot by hand that only does the same row writes in groups.
//!
//! It takes the same updates over HTTP, writes the same rows of the product's own tables in groups of up to 256 and one
//! commit for whatever waits, answers the messenger after the update is durable, sends the same reply over HTTP and
//! notes that it was sent. It reads nothing, decides nothing, checks nothing and retries nothing. What the product costs
//! is told as a ratio to it.

mod rows;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rows::Rows;
use serde::Deserialize;
use std::convert::Infallible;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};

/// What it takes.
#[derive(clap::Args)]
pub struct Options {
    /// `sqlite:<file>` or `postgres://…`, empty.
    #[arg(long)]
    url: String,
    /// The Bot API with the token: `http://127.0.0.1:1234/bot<token>`.
    #[arg(long)]
    api: String,
    /// Where to listen on this machine.
    #[arg(long)]
    port: u16,
}

/// As many units as the product puts into one commit.
const GROUP: usize = 256;
/// The reply of the product, as long and with the same buttons.
const TEXT: &str = "Вера, у вас 100 баллов.\\n21 ноября 2027 сгорит 100 баллов.\\n\\nЧто показать?";
const BUTTONS: &str = r#"[[{"text":"Баланс","callback_data":"0123456789ab:balance"},{"text":"Моя карта","callback_data":"0123456789ab:card"}],[{"text":"История","callback_data":"0123456789ab:history"},{"text":"День рождения","callback_data":"0123456789ab:birthday"}],[{"text":"Помощь","callback_data":"0123456789ab:help"},{"text":"Отписаться","callback_data":"0123456789ab:stop"}]]"#;

/// One update on its way.
pub struct Turn {
    /// As it came.
    pub raw: Bytes,
    /// The messenger's number of it.
    pub update: i64,
    /// Where the answer goes.
    pub chat: i64,
}

/// What waits for the next commit.
pub enum Work {
    /// An update to be stored.
    Accept(Turn, oneshot::Sender<()>),
    /// A stored update to be answered: session, reply, update done.
    React(Turn),
    /// A reply that was sent.
    Sent(i64),
}

/// The fields of an update that are looked at.
#[derive(Deserialize)]
struct Update {
    update_id: i64,
    message: Option<Message>,
    callback_query: Option<Callback>,
}

#[derive(Deserialize)]
struct Message {
    chat: Chat,
}

#[derive(Deserialize)]
struct Callback {
    message: Message,
}

#[derive(Deserialize)]
struct Chat {
    id: i64,
}

/// What is shared by all connections.
struct Bot {
    works: mpsc::UnboundedSender<Work>,
    client: Client<HttpConnector, Full<Bytes>>,
    send: String,
}

/// Serves until it is killed.
pub async fn run(options: Options) -> anyhow::Result<()> {
    let (works, mut waiting) = mpsc::unbounded_channel();
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(1_024).build(connector);
    let bot = Arc::new(Bot { works, client, send: format!("{}/sendMessage", options.api) });
    let mut rows = Rows::open(&options.url).await?;
    let listener = TcpListener::bind(("127.0.0.1", options.port)).await?;
    tokio::spawn(listen(listener, Arc::clone(&bot)));
    let mut group = Vec::with_capacity(GROUP);
    while waiting.recv_many(&mut group, GROUP).await > 0 {
        rows.write(&group).await?;
        for work in group.drain(..) {
            go_on(&bot, work);
        }
    }
    Ok(())
}

/// What follows from a commit.
fn go_on(bot: &Arc<Bot>, work: Work) {
    match work {
        Work::Accept(turn, answer) => {
            let _ = answer.send(());
            let _ = bot.works.send(Work::React(turn));
        }
        Work::React(turn) => {
            tokio::spawn(reply(Arc::clone(bot), turn));
        }
        Work::Sent(_) => {}
    }
}

async fn reply(bot: Arc<Bot>, turn: Turn) {
    let body = format!(
        r#"{{"chat_id":{},"text":"{TEXT}","reply_markup":{{"inline_keyboard":{BUTTONS}}}}}"#,
        turn.chat
    );
    let request = Request::post(&bot.send).header("content-type", "application/json").body(Full::from(body));
    let Ok(request) = request else { return };
    if let Ok(answer) = bot.client.request(request).await {
        let _ = answer.into_body().collect().await;
        let _ = bot.works.send(Work::Sent(turn.update));
    }
}

async fn listen(listener: TcpListener, bot: Arc<Bot>) {
    while let Ok((stream, _)) = listener.accept().await {
        let bot = Arc::clone(&bot);
        tokio::spawn(async move {
            stream.set_nodelay(true).ok();
            let service = service_fn(move |request| take(Arc::clone(&bot), request));
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn take(bot: Arc<Bot>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let raw =
        request.into_body().collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let (stored, answer) = oneshot::channel();
    let update: Option<Update> = serde_json::from_slice(&raw).ok();
    let chat = update.as_ref().and_then(|update| {
        let message = update.message.as_ref().or(update.callback_query.as_ref().map(|query| &query.message));
        message.map(|message| message.chat.id)
    });
    if let (Some(update), Some(chat)) = (update, chat) {
        let _ = bot.works.send(Work::Accept(Turn { raw, update: update.update_id, chat }, stored));
        let _ = answer.await;
    }
    Ok(Response::new(Full::default()))
}
