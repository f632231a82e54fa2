//! `samovar demo`: a company, its bot, its customers on a make-believe Telegram, and a page on which the reader is
//! one of them. Nothing leaves this machine.

mod companies;
mod draws;
mod names;
mod past;
mod promotion;
mod shop;
mod town;

use self::companies::{FIRM, SHOP, STAFF_BOT, STAFF_TOKEN};
use crate::config::Config;
use crate::{node, pages, serve};
use anyhow::Context;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures::FutureExt;
use samovar_app::App;
use samovar_app::access::{Actor, Role};
use samovar_app::channels;
use samovar_app::directory::{ChannelInfo, ReceiveBy};
use samovar_app::staff::{self, Whom};
use samovar_app::users::{self, Letter, SignUpPolicy};
use samovar_base::TenantId;
use samovar_fakes::telegram::{Config as FakeConfig, Telegram};
use samovar_http::{EntryOptions, HttpOptions};
use secrecy::SecretString;
use serde::Serialize;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use url::Url;

/// Largest body passed on to the make-believe Telegram: a photo.
const BODY_BYTES_MAX: usize = 20 << 20;

/// What people see beside the names of the bots.
const SHOP_PICTURE: &[u8] = include_bytes!("demo/shop.png");
const FIRM_PICTURE: &[u8] = include_bytes!("demo/firm.png");

/// What the command takes.
#[derive(clap::Args)]
pub struct Options {
    /// Leave everything in this file, which is made new; a temporary one when not given.
    #[arg(long, value_name = "FILE")]
    database: Option<PathBuf>,
    /// Where to listen on this machine.
    #[arg(long, default_value_t = 8480)]
    port: u16,
    /// The language of the company: ru or en.
    #[arg(long, default_value = "ru", value_parser = ["ru", "en"])]
    lang: String,
    /// How many customers both companies have together.
    #[arg(long, default_value_t = 3_000, value_name = "N")]
    customers: usize,
    /// Begin without a company: sign up, and connect the bot whose token is printed.
    #[arg(long)]
    empty: bool,
}

/// What the page has to know.
#[derive(Clone, Serialize)]
struct Scene {
    bot: String,
    staff_bot: String,
    staff_title: String,
    title: String,
    chat: String,
    guests: Vec<i64>,
}

#[derive(Clone)]
struct Stage {
    scene: Arc<Scene>,
    telegram: String,
    client: reqwest::Client,
}

/// Starts everything and prints where to look.
#[allow(clippy::print_stdout)]
pub async fn run(mut config: Config, options: Options) -> anyhow::Result<ExitCode> {
    if config.log.filter == "info" {
        config.log.filter = "warn".into(); // the demo speaks by its page
    }
    node::start_logs(&config)?;
    let temporary = options.database.is_none();
    let database = match &options.database {
        Some(path) => path.display().to_string(),
        None => temporary_file()?,
    };
    config.store.url = SecretString::from(format!("sqlite:{database}"));
    config.secrets.key =
        SecretString::from("the demo keeps no secrets: everything in it is made up".to_owned());
    let listener = listen(options.port).await?;
    let address = listener.local_addr()?;
    let base = Url::parse(&format!("http://{address}"))?;
    let telegram = Telegram::start(FakeConfig { test_servers: true, ..FakeConfig::default() })
        .await
        .context("the make-believe Telegram cannot start")?;
    for (company, picture) in [(&SHOP, SHOP_PICTURE), (&FIRM, FIRM_PICTURE)] {
        telegram.bot(company.token, company.bot).wears(picture).context("the picture of a bot")?;
    }
    telegram.bot(STAFF_TOKEN, STAFF_BOT);
    config.telegram.api_base = Url::parse(&telegram.base_url())?;
    let node = node::open(&config).await?;
    let (shop, firm) = if options.empty {
        (None, None)
    } else {
        anyhow::ensure!(node.app.directory.channels().is_empty(), taken(&options.lang, &database));
        let (shop, firm) = past::settle(&node.app, &options.lang, &telegram, options.customers).await?;
        (Some(shop), Some(firm))
    };
    let guests = if options.empty { vec![] } else { town::guests(&telegram, &options.lang) };
    let stop = CancellationToken::new();
    let title = shop.as_ref().map_or(SHOP.bot, |shop| &shop.tenant.name);
    let shown = shop.as_ref().map(|shop| shop.tenant.id);
    let stage = stage(&node.app, shown, title, &telegram, &guests)?;
    let pages = pages::demo()
        .merge(samovar_console::faces())
        .merge(routes(stage, &options.lang))
        .merge(samovar_console::routes());
    let metrics = serve::start_metrics()?;
    let entry =
        EntryOptions { sign_up: SignUpPolicy::Open, post: Some(Arc::new(|letter| show(&letter).boxed())) };
    let http = HttpOptions {
        metrics: Some(metrics),
        behind_proxy: false,
        pages,
        public_url: Some(base.clone()),
        font: samovar_console::font(),
        elsewhere: Some(get(samovar_console::page)),
        entry,
    };
    let server = serve::serve(&node.app, listener, http, stop.clone());
    node.app.start().await?;
    for channel in node.app.directory.channels() {
        if channel.receive != ReceiveBy::Page {
            channels::connect(&node.app, channel.id, Some(&base))
                .await
                .map_err(|fail| anyhow::anyhow!("{fail}"))?;
        }
    }
    // It checks receipts as long as the demo lives.
    let _checks = match &shop {
        Some(shop) => promotion::make(&node.app, shop.tenant.id, &options.lang)
            .await
            .map_err(|fail| anyhow::anyhow!("{fail}"))?,
        None => None,
    };
    match &shop {
        Some(shop) => {
            let till = invitation(&node.app, shop.tenant.id).await?;
            let enter = way_in(&node.app, shop.tenant.id).await?;
            println!("{}", greeting(&options.lang, &base, &enter, &till, &database));
        }
        None => println!("{}", empty_greeting(&options.lang, &base, &database)),
    }
    let living = tokio::spawn(town::live(
        telegram.clone(),
        SHOP.bot.to_owned(),
        guests,
        options.lang.clone(),
        stop.clone(),
    ));
    for (company, settled) in [(&SHOP, shop), (&FIRM, firm)] {
        if let (Some(settled), Some(bot)) = (settled, telegram.bot_named(company.bot)) {
            let crowd = town::Crowd {
                app: node.app.clone(),
                tenant: settled.tenant.id,
                people: settled.lately,
                bot,
                lang: options.lang.clone(),
                shop: company.bot == SHOP.bot,
            };
            tokio::spawn(crowd.live(stop.clone()));
        }
    }
    serve::told_to_stop().await?;
    stop.cancel();
    let _ = living.await;
    node.app.shut_down(Duration::from_secs(config.shutdown.patience_seconds)).await;
    let _ = tokio::time::timeout(Duration::from_secs(5), server).await;
    node.app.store.clone().close().await;
    if temporary {
        for ending in ["", "-wal", "-shm", ".lock"] {
            std::fs::remove_file(format!("{database}{ending}")).ok();
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Its people lived on a messenger that is gone: their years cannot be written a second time.
fn taken(lang: &str, database: &str) -> String {
    if lang == "ru" {
        format!("в файле {database} уже есть компании: назовите другой файл или удалите этот")
    } else {
        format!("the file {database} already holds companies: name another file, or delete this one")
    }
}

/// The demo sends no letters: it shows them.
#[allow(clippy::print_stdout)]
fn show(letter: &Letter) -> std::future::Ready<()> {
    println!("\n{} → {}\n{}", letter.subject, letter.to, letter.text);
    std::future::ready(())
}

/// The token of a link by which the owner comes into the console, once.
async fn way_in(app: &App, tenant: TenantId) -> anyhow::Result<String> {
    let enter = async || {
        let all = staff::list(app, &Actor::setup(tenant)).await?;
        let owner = all.iter().find(|one| one.is_active_owner()).map(|owner| owner.email.clone());
        users::sign_in_link(app, &owner.unwrap_or_default()).await
    };
    enter().await.map_err(|fail| anyhow::anyhow!("{fail}"))
}

/// The way into the bot for the staff, as its owner.
async fn invitation(app: &App, tenant: TenantId) -> anyhow::Result<String> {
    let actor = Actor::setup(tenant);
    let invite = async || {
        let all = staff::list(app, &actor).await?;
        let owner = all.iter().find(|one| one.is_active_owner()).map(|owner| Whom::Known(owner.id));
        let owner = owner.unwrap_or_else(|| Whom::New {
            name: "Demo".into(),
            role: Role::Owner.into(),
            channels: None,
        });
        staff::invite(app, &actor, owner).await
    };
    invite().await.map(|made| made.payload).map_err(|fail| anyhow::anyhow!("{fail}"))
}

/// The wanted port, or any free one when it is taken.
async fn listen(port: u16) -> anyhow::Result<TcpListener> {
    let wanted = SocketAddr::from(([127, 0, 0, 1], port));
    match TcpListener::bind(wanted).await {
        Ok(listener) => Ok(listener),
        Err(_) => TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0)))
            .await
            .context("cannot listen on 127.0.0.1"),
    }
}

fn temporary_file() -> anyhow::Result<String> {
    let path = std::env::temp_dir().join(format!("samovar-demo-{}.sqlite", std::process::id()));
    path.to_str().map(str::to_owned).context("the folder for temporary files has an odd name")
}

fn stage(
    app: &App,
    tenant: Option<TenantId>,
    title: &str,
    telegram: &Telegram,
    guests: &[samovar_fakes::telegram::Person],
) -> anyhow::Result<Stage> {
    let of_shop = |channel: &ChannelInfo| Some(channel.tenant.id) == tenant;
    let channels: Vec<_> = app.directory.channels().into_iter().filter(|one| of_shop(one)).collect();
    let page = channels.iter().find(|channel| channel.page);
    let staff = channels.iter().find(|channel| channel.audience.is_staff());
    let scene = Scene {
        bot: SHOP.bot.into(),
        staff_bot: STAFF_BOT.into(),
        staff_title: staff.map(|channel| channel.name.clone()).unwrap_or_default(),
        title: title.to_owned(),
        chat: page.map(|channel| format!("/chat/{}", channel.hook)).unwrap_or_default(),
        guests: guests.iter().map(samovar_fakes::telegram::Person::id).collect(),
    };
    Ok(Stage {
        scene: Arc::new(scene),
        telegram: telegram.base_url(),
        client: samovar_connectors::client(None)?,
    })
}

fn routes(stage: Stage, lang: &str) -> Router<App> {
    let scene = Arc::clone(&stage.scene);
    let site = match scene.chat.strip_prefix("/chat/") {
        Some(channel) => shop::routes(lang, &scene.title, channel),
        None => Router::new(),
    };
    Router::new()
        .merge(site)
        .route("/demo/config.json", get(move || async move { axum::Json((*scene).clone()) }))
        .route("/demo/api/{*call}", axum::routing::any(pass_on).with_state(stage))
}

/// Passes a call of the page on to the make-believe Telegram; only what a customer can do.
async fn pass_on(State(stage): State<Stage>, Path(call): Path<String>, request: Request) -> Response {
    let allowed = match *request.method() {
        Method::GET => call == "people" || call.starts_with("chats/") || call.starts_with("files/"),
        Method::POST => call == "people" || call.starts_with("chats/"),
        _ => false,
    };
    if !allowed || call.contains("..") {
        return StatusCode::NOT_FOUND.into_response();
    }
    let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    let address = format!("{}/control/{call}{query}", stage.telegram);
    let method = request.method().clone();
    let Ok(body) = axum::body::to_bytes(request.into_body(), BODY_BYTES_MAX).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let answer =
        stage.client.request(method, address).timeout(Duration::from_secs(70)).body(body).send().await;
    let Ok(answer) = answer else { return StatusCode::BAD_GATEWAY.into_response() };
    let mut response = Response::builder().status(answer.status());
    if let Some(kind) = answer.headers().get("content-type") {
        response = response.header("content-type", kind);
    }
    match answer.bytes().await {
        Ok(bytes) => {
            response.body(Body::from(bytes)).unwrap_or_else(|_| StatusCode::BAD_GATEWAY.into_response())
        }
        Err(_) => StatusCode::BAD_GATEWAY.into_response(),
    }
}

fn empty_greeting(lang: &str, base: &Url, database: &str) -> String {
    let token = SHOP.token;
    let base = base.as_str().trim_end_matches('/');
    if lang == "ru" {
        format!(
            "\nСамовар кипит, компании ещё нет:  {base}\n\
             Токен бота:  {token}\nПоговорить с ним:  {base}/demo\n\
             Данные:      {database}\nОстановить: Ctrl-C\n"
        )
    } else {
        format!(
            "\nThe samovar is on the boil, there is no company yet:  {base}\n\
             Token of the bot:  {token}\nTalk to it:  {base}/demo?lang=en\n\
             Data:  {database}\nStop: Ctrl-C\n"
        )
    }
}

fn greeting(lang: &str, base: &Url, enter: &str, till: &str, database: &str) -> String {
    let base = base.as_str().trim_end_matches('/');
    if lang == "ru" {
        format!(
            "\nСамовар кипит. Поговорите с ботом:  {base}/demo\n\
             Сайт:      {base}/demo/shop   (магазин с чатом в углу)\n\
             Консоль:   {base}/enter/{enter}   (ссылка на один вход, 15 минут)\n\
             Касса:     {base}/demo?bot={STAFF_BOT}&start={till}\n\
             REST API:  {base}/api/v1/openapi.json   (Authorization: Bearer sv_demo_key_for_this_machine_only)\n\
             Данные:    {database}\nОстановить: Ctrl-C\n"
        )
    } else {
        format!(
            "\nThe samovar is on the boil. Talk to the bot:  {base}/demo?lang=en\n\
             The site:  {base}/demo/shop   (the shop with the chat in its corner)\n\
             Console:   {base}/enter/{enter}   (good once, for 15 minutes)\n\
             The till:  {base}/demo?lang=en&bot={STAFF_BOT}&start={till}\n\
             REST API:  {base}/api/v1/openapi.json   (Authorization: Bearer sv_demo_key_for_this_machine_only)\n\
             Data:      {database}\nStop: Ctrl-C\n"
        )
    }
}
