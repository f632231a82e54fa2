//! The bare loop: a bot by hand that only does the same row writes in groups.
//!
//! It takes the same updates over HTTP, writes the same rows of the product's own tables in groups of up to 256 and one
//! commit for whatever waits, answers the messenger after the update is durable, sends the same reply over HTTP and
//! notes that it was sent. With a service of receipt checks it writes receipts down, asks about each over HTTP at a pace,
//! reads the answer, writes the rows of a numbered receipt in the same groups and sends a second message. It decides
//! nothing and retries nothing. What the product costs is told as a ratio to it.

mod process;
mod receipts;
mod rows;

pub use process::Loop;

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
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::time::MissedTickBehavior;

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
    /// The service of receipt checks, when updates bring receipts.
    #[arg(long)]
    checks: Option<String>,
    /// Questions to it in a second.
    #[arg(long, default_value_t = 100)]
    pace: u64,
}

/// As many units as the product puts into one commit.
const GROUP: usize = 256;
/// The reply of the product, as long and with the same buttons.
const TEXT: &str = "Вера, у вас 100 баллов.\\n21 ноября 2027 сгорит 100 баллов.\\n\\nЧто показать?";
/// The same about a receipt that came,
const RECEIVED: &str = "Чек на 700 ₽ получен 22.11.2026 в 23:59:58. Номер в очереди на проверку: 17.";
/// and about one that was checked.
const NUMBERED: &str = "Чек на 700 ₽ от 04.03.2021 принят. Ваш номер в розыгрыше: 17.";
const BUTTONS: &str = r#"[[{"text":"Баланс","callback_data":"0123456789ab:balance"},{"text":"Моя карта","callback_data":"0123456789ab:card"}],[{"text":"История","callback_data":"0123456789ab:history"},{"text":"День рождения","callback_data":"0123456789ab:birthday"}],[{"text":"Помощь","callback_data":"0123456789ab:help"},{"text":"Отписаться","callback_data":"0123456789ab:stop"}]]"#;

/// One update on its way.
pub struct Turn {
    /// As it came.
    pub raw: Bytes,
    /// The messenger's number of it.
    pub update: i64,
    /// Where the answer goes.
    pub chat: i64,
    /// What it brings, when receipts are checked.
    pub receipt: Option<Receipt>,
}

/// A receipt that waits for its check.
#[derive(Clone)]
pub struct Receipt {
    /// Of the update that brought it.
    pub update: i64,
    /// Who is told.
    pub chat: i64,
    /// As it was sent.
    pub code: String,
    /// Its three numbers.
    pub drive: String,
    pub document: i64,
    pub sign: i64,
}

impl Receipt {
    fn read(update: i64, chat: i64, text: &str) -> Option<Self> {
        let field = |name: &str| text.split('&').find_map(|part| part.strip_prefix(name)?.strip_prefix('='));
        Some(Self {
            update,
            chat,
            code: text.to_owned(),
            drive: field("fn")?.to_owned(),
            document: field("i")?.parse().ok()?,
            sign: field("fp")?.parse().ok()?,
        })
    }
}

/// A receipt that the service knows.
pub struct Checked {
    /// Which.
    pub receipt: Receipt,
    /// What stands on it.
    pub document: String,
}

impl Checked {
    /// The id of the message that tells of it.
    pub fn told(&self) -> i64 {
        -self.receipt.update
    }
}

/// What waits for the next commit.
pub enum Work {
    /// An update to be stored.
    Accept(Turn, oneshot::Sender<()>),
    /// A stored update to be answered: session, reply, update done.
    React(Turn),
    /// A reply that was sent.
    Sent(i64),
    /// A receipt that was checked: its number, its document, its message.
    Checked(Checked),
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
    #[serde(default)]
    text: String,
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
    /// Receipts to be asked about.
    questions: Option<mpsc::UnboundedSender<Receipt>>,
}

/// Serves until it is killed.
pub async fn run(options: Options) -> anyhow::Result<()> {
    let (works, mut waiting) = mpsc::unbounded_channel();
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(1_024).build(connector);
    let send = format!("{}/sendMessage", options.api);
    let (questions, asked) = mpsc::unbounded_channel();
    let questions = options.checks.is_some().then_some(questions);
    let bot = Arc::new(Bot { works, client, send, questions });
    if let Some(checks) = options.checks {
        tokio::spawn(ask_all(Arc::clone(&bot), asked, format!("{checks}/api/v1/check/get"), options.pace));
    }
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
            let text = if turn.receipt.is_some() { RECEIVED } else { TEXT };
            if let (Some(questions), Some(receipt)) = (&bot.questions, turn.receipt) {
                let _ = questions.send(receipt);
            }
            tokio::spawn(reply(Arc::clone(bot), turn.chat, turn.update, text));
        }
        Work::Checked(checked) => {
            tokio::spawn(reply(Arc::clone(bot), checked.receipt.chat, checked.told(), NUMBERED));
        }
        Work::Sent(_) => {}
    }
}

/// Asks about receipts, one after another at a pace.
async fn ask_all(bot: Arc<Bot>, mut asked: mpsc::UnboundedReceiver<Receipt>, address: String, pace: u64) {
    let address: Arc<str> = address.into();
    let mut beats = tokio::time::interval(Duration::from_secs(1) / u32::try_from(pace).unwrap_or(1));
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while let Some(receipt) = asked.recv().await {
        beats.tick().await;
        tokio::spawn(ask(Arc::clone(&bot), Arc::clone(&address), receipt));
    }
}

async fn ask(bot: Arc<Bot>, address: Arc<str>, receipt: Receipt) {
    let code = receipt.code.replace('=', "%3D").replace('&', "%26");
    let request = Request::post(&*address).header("content-type", "application/x-www-form-urlencoded");
    let Ok(request) = request.body(Full::from(format!("token=10001.trial&qrraw={code}"))) else { return };
    let Ok(answer) = bot.client.request(request).await else { return };
    let Ok(answer) = answer.into_body().collect().await else { return };
    let answer: serde_json::Value = serde_json::from_slice(&answer.to_bytes()).unwrap_or_default();
    let document = answer["data"]["json"].to_string();
    let _ = bot.works.send(Work::Checked(Checked { receipt, document }));
}

async fn reply(bot: Arc<Bot>, chat: i64, id: i64, text: &str) {
    let body =
        format!(r#"{{"chat_id":{chat},"text":"{text}","reply_markup":{{"inline_keyboard":{BUTTONS}}}}}"#);
    let request = Request::post(&bot.send).header("content-type", "application/json").body(Full::from(body));
    let Ok(request) = request else { return };
    if let Ok(answer) = bot.client.request(request).await {
        let _ = answer.into_body().collect().await;
        let _ = bot.works.send(Work::Sent(id));
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
    if let Some(update) = update
        && let Some(message) = update.message.or(update.callback_query.map(|query| query.message))
    {
        let (update, chat) = (update.update_id, message.chat.id);
        let receipt = bot.questions.as_ref().and_then(|_| Receipt::read(update, chat, &message.text));
        let _ = bot.works.send(Work::Accept(Turn { raw, update, chat, receipt }, stored));
        let _ = answer.await;
    }
    Ok(Response::new(Full::default()))
}
