//! A tenant's connected bots and widgets.

mod entries;
mod health;
mod history;
mod model;
mod picture;
mod store;
mod widget;

pub use entries::{ENTRIES_MAX, EntryLink, QrForm, entries, link, put_entry, qr, remove_entry};
pub use health::{Checked, Health, check_token, health, try_out};
pub use history::{Line, history};
pub use model::{ChannelSettings, Put, Wanted};
pub use picture::{Picture, picture};
pub use widget::{Side, WidgetSettings};

use crate::access::{Actor, Right, audit};
use crate::app::App;
use crate::directory::{ChannelInfo, ChannelState, ReceiveBy};
use crate::pipeline::{self, WAKE_DIRECTORY};
use crate::problem::{Fail, Kind as ProblemKind, Problem};
use samovar_base::{ChannelId, Instant, ScenarioId, TenantId};
use samovar_connectors::{AppButton, BotIdentity, Command, Kind, Receive, SendError, Setup};
use samovar_store::{Row, Tx, params};
use secrecy::ExposeSecret;
use std::sync::Arc;
use store::{
    CHANNEL_ADD, CHANNEL_BREAK, CHANNEL_BY_ID, CHANNEL_BY_KEY, CHANNEL_GONE, CHANNEL_KNOWN, CHANNEL_LIST,
    CHANNEL_SAVE, PICTURE_GONE, PICTURE_TAG, RUNS_ADD, RUNS_CLEAR, RUNS_OF, SCENARIO_BY_KEY,
};
use url::Url;

/// Calls of a messenger to one hook at a time.
const HOOK_CONNECTIONS: u32 = 40;

/// A channel as people see it. The token never leaves.
#[derive(Debug, Clone)]
pub struct ChannelRow {
    /// Ours.
    pub id: ChannelId,
    /// Short name.
    pub key: String,
    /// The protocol.
    pub kind: Kind,
    /// For people.
    pub name: String,
    /// A token is stored.
    pub has_token: bool,
    /// The rest.
    pub settings: ChannelSettings,
    /// Whether it works.
    pub state: ChannelState,
    /// Why it does not.
    pub state_reason: Option<String>,
    /// The last part of the hook's address.
    pub hook: String,
    /// The tag of its bot's [`picture()`], if it has one.
    pub picture: Option<String>,
    /// Keys of the scenarios it runs.
    pub scenarios: Vec<String>,
    /// When it was connected.
    pub created_at: Instant,
    revision: i64,
    token_sealed: Option<Vec<u8>>,
    secret_sealed: Vec<u8>,
}

/// Makes a channel be as wanted, found by its key. Twice the same changes nothing.
pub async fn put(app: &App, actor: &Actor, wanted: Wanted) -> Result<(ChannelId, Put), Fail> {
    actor.require(Right::ChannelsManage)?;
    let problems = wanted.problems();
    if !problems.is_empty() {
        return Err(Fail::Problems(problems));
    }
    let (services, actor) = (app.clone(), actor.clone());
    let wanted = Arc::new(wanted);
    let now = app.clock.now();
    app.store
        .run(actor.tenant, actor.tenant.0.unsigned_abs(), move |tx| {
            let (app, actor, wanted) = (services.clone(), actor.clone(), Arc::clone(&wanted));
            async move { put_in(&app, &tx, &actor, &wanted, now).await }
        })
        .await
}

/// Channels that are gone through for somebody who sees some of them only.
const LIMITED_LOOK: i64 = 1_000;

/// A page of channels, after an id, oldest first.
pub async fn list(
    app: &App,
    actor: &Actor,
    after: Option<ChannelId>,
    limit: i64,
) -> Result<Vec<ChannelRow>, Fail> {
    actor.require(Right::ChannelsRead)?;
    let actor_of_unit = actor.clone();
    app.store
        .read(actor.tenant, move |tx| {
            let actor = actor_of_unit.clone();
            async move {
                let mut all = Vec::new();
                // Whoever sees some of them only gets a page of those.
                let look = if actor.channels.is_some() { LIMITED_LOOK } else { limit };
                for row in tx.all(&CHANNEL_LIST, params![after.unwrap_or(ChannelId(0)), look]).await? {
                    let channel = read(&tx, &row).await?;
                    if actor.sees(channel.id) {
                        all.push(channel);
                    }
                }
                all.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
                Ok(all)
            }
        })
        .await
}

/// One channel.
pub async fn get(app: &App, actor: &Actor, id: ChannelId) -> Result<ChannelRow, Fail> {
    actor.require(Right::ChannelsRead)?;
    if !actor.sees(id) {
        return Err(Problem::not_found("канал", "channel", id).into());
    }
    app.store.read(actor.tenant, move |tx| async move { by_id(&tx, id).await }).await
}

/// Switches a channel on or off.
pub async fn set_state(app: &App, actor: &Actor, id: ChannelId, on: bool) -> Result<(), Fail> {
    actor.require(Right::ChannelsManage)?;
    let actor = actor.clone();
    let services = app.clone();
    app.store
        .run(actor.tenant, actor.tenant.0.unsigned_abs(), move |tx| {
            let (app, actor) = (services.clone(), actor.clone());
            async move {
                let mut row = by_id(&tx, id).await?;
                row.state = if on { ChannelState::On } else { ChannelState::Paused };
                row.state_reason = None;
                save(&tx, &row);
                if on {
                    pipeline::held::let_go(&app, &tx, id).await?;
                }
                changed(&app, &tx, &actor, if on { "channel.on" } else { "channel.pause" }, &row);
                Ok(())
            }
        })
        .await
}

/// Disconnects a channel. What was said stays in the tables; people are no longer answered there.
pub async fn remove(app: &App, actor: &Actor, id: ChannelId) -> Result<(), Fail> {
    actor.require(Right::ChannelsManage)?;
    let actor = actor.clone();
    let services = app.clone();
    app.store
        .run(actor.tenant, actor.tenant.0.unsigned_abs(), move |tx| {
            let (app, actor) = (services.clone(), actor.clone());
            async move {
                let row = by_id(&tx, id).await?;
                tx.exec(&RUNS_CLEAR, params![id]).await?;
                tx.put(&CHANNEL_GONE, params![id]);
                tx.exec(&PICTURE_GONE, params![id]).await?;
                changed(&app, &tx, &actor, "channel.remove", &row);
                Ok(())
            }
        })
        .await
}

/// What the messenger said when a channel was connected.
#[derive(Debug, Clone)]
pub struct Connected {
    /// The bot, as the messenger knows it.
    pub identity: BotIdentity,
    /// Whether the way of receiving had to be changed.
    pub receive: Setup,
    /// Whether the commands had to be changed.
    pub commands: Setup,
}

/// Proves the token, tells the messenger how to deliver, and describes the bot's commands. `public_url` is where this
/// program is reached from outside; a channel that is called by hook needs it.
pub async fn connect(app: &App, id: ChannelId, public_url: Option<&Url>) -> Result<Connected, Fail> {
    let channel = app.directory.channel(id).ok_or_else(|| Problem::not_found("канал", "channel", id))?;
    let identity = channel.messenger.identify(&channel.link).await.map_err(said_no)?;
    let receive = match channel.receive {
        ReceiveBy::Page => Setup::Kept,
        ReceiveBy::Polling => {
            channel.messenger.receive_by(&channel.link, &Receive::Polling).await.map_err(said_no)?
        }
        ReceiveBy::Webhook => {
            let wish = Receive::Webhook {
                url: hook_url(&channel, public_url)?,
                secret: channel.link.secret.clone().unwrap_or_default(),
                connections: HOOK_CONNECTIONS,
            };
            channel.messenger.receive_by(&channel.link, &wish).await.map_err(said_no)?
        }
    };
    let commands =
        channel.messenger.describe_commands(&channel.link, &commands(&channel)).await.map_err(said_no)?;
    offer_app(&channel, public_url).await;
    if channel.identity.as_ref() != Some(&identity) {
        remember(app, &channel, &identity).await?;
    }
    keep_picture(app, &channel, &identity).await?;
    Ok(Connected { identity, receive, commands })
}

/// The path of the Mini App of a channel.
pub fn app_path(id: ChannelId) -> String {
    format!("/mini/{id}")
}

/// A button that cannot be set keeps nobody from writing to the bot.
async fn offer_app(channel: &ChannelInfo, public_url: Option<&Url>) {
    let Some(url) = public_url.and_then(|base| base.join(&app_path(channel.id)).ok()) else { return };
    let label = if channel.locale.starts_with("ru") { "Карта" } else { "Card" };
    let app = AppButton { label: label.into(), url };
    if let Err(error) = channel.messenger.offer_app(&channel.link, &app, channel.mini_app).await {
        tracing::warn!(?channel, %error, "the messenger did not take the button of the Mini App");
    }
}

/// A picture that cannot be had now is no reason to forget the one that is known.
async fn keep_picture(app: &App, channel: &ChannelInfo, identity: &BotIdentity) -> Result<(), Fail> {
    match picture::look(channel.messenger.as_ref(), &channel.link, identity).await {
        Ok(found) => picture::remember(app, channel.tenant.id, channel.id, found).await,
        Err(error) => {
            tracing::warn!(?channel, %error, "the messenger did not give the bot's picture");
            Ok(())
        }
    }
}

/// Links that open the bot are made from what is remembered of it.
async fn remember(app: &App, channel: &ChannelInfo, identity: &BotIdentity) -> Result<(), Fail> {
    let (id, tenant) = (channel.id, channel.tenant.id);
    let identity = serde_json::to_string(identity).unwrap_or_default();
    app.store
        .run(tenant, tenant.0.unsigned_abs(), move |tx| {
            tx.put(&CHANNEL_KNOWN, params![id, identity.as_str()]);
            tx.wake(WAKE_DIRECTORY, &tenant.to_string());
            std::future::ready(Ok::<_, Fail>(()))
        })
        .await?;
    app.directory.load_tenant(app, tenant).await
}

/// The messenger does not accept a channel's token: nothing is sent by it until somebody mends it.
pub async fn broken(app: &App, channel: &ChannelInfo, why: &str) {
    tracing::error!(channel = ?channel, why, "the channel is switched off: its messenger does not accept the token");
    let (id, tenant, why) = (channel.id, channel.tenant.id, why.to_owned());
    let set = app
        .store
        .run(tenant, tenant.0.unsigned_abs(), move |tx| {
            let why = why.clone();
            async move {
                tx.exec(&CHANNEL_BREAK, params![id, why]).await?;
                tx.wake(WAKE_DIRECTORY, &tenant.to_string());
                Ok::<_, Fail>(())
            }
        })
        .await;
    // At once here: the next message is not to be tried by that token.
    let known = match set {
        Ok(()) => app.directory.load_tenant(app, tenant).await,
        Err(error) => Err(error),
    };
    if let Err(error) = known {
        tracing::error!(%error, "that could not be stored");
    }
}

/// The row a channel's token is sealed for.
pub(crate) fn token_row(id: ChannelId) -> String {
    format!("channel/{}/token", id.0)
}

/// The row a channel's webhook secret is sealed for.
pub(crate) fn secret_row(id: ChannelId) -> String {
    format!("channel/{}/secret", id.0)
}

async fn put_in(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    wanted: &Wanted,
    now: Instant,
) -> Result<(ChannelId, Put), Fail> {
    let runs = scenario_ids(tx, &wanted.scenarios).await?;
    let Some(row) = tx.one(&CHANNEL_BY_KEY, params![wanted.key.as_str()]).await? else {
        return create(app, tx, actor, wanted, &runs, now);
    };
    let mut row = read(tx, &row).await?;
    if row.kind != wanted.kind {
        let ru = format!("Канал «{}» уже подключён к другому мессенджеру: {}", wanted.key, row.kind);
        let en =
            format!("The channel “{}” is already connected to another messenger: {}", wanted.key, row.kind);
        return Err(Problem::new(ProblemKind::Conflict, "messenger_is_fixed", ru, en).at("messenger").into());
    }
    if row.settings.audience != wanted.settings.audience {
        let ru = format!(
            "Для кого канал «{}», решается при подключении и не меняется: подключите другого бота",
            wanted.key
        );
        let en = format!(
            "Whom the channel “{}” is for is settled when it is connected: connect another bot",
            wanted.key
        );
        return Err(Problem::new(ProblemKind::Conflict, "audience_is_fixed", ru, en).at("audience").into());
    }
    let old_token =
        row.token_sealed.as_deref().and_then(|sealed| app.vault.open(&token_row(row.id), sealed).ok());
    let new_token = wanted.token.as_ref().map(|token| token.expose_secret().as_bytes().to_vec());
    let token_differs = new_token.is_some() && new_token != old_token;
    let same = row.name == wanted.name
        && row.settings == wanted.settings
        && row.scenarios == wanted.scenarios
        && !token_differs;
    let opens = app.vault.open(&secret_row(row.id), &row.secret_sealed).is_ok();
    if same && opens && row.state != ChannelState::Broken {
        return Ok((row.id, Put::Kept));
    }
    if let Some(token) = new_token.filter(|_| token_differs) {
        row.token_sealed = Some(app.vault.seal(&app.chance, &token_row(row.id), &token));
    }
    if !opens {
        // The instance's key was changed: a new secret needs a new address, or the messenger would keep the old one.
        row.secret_sealed = app.vault.seal(&app.chance, &secret_row(row.id), app.chance.token().as_bytes());
        row.hook = new_hook(app, row.kind, &row.key);
    }
    if row.state == ChannelState::Broken {
        row.state = ChannelState::On;
        row.state_reason = None;
    }
    row.name.clone_from(&wanted.name);
    row.settings = wanted.settings.clone();
    save(tx, &row);
    tx.exec(&RUNS_CLEAR, params![row.id]).await?;
    bind(tx, row.id, &runs);
    app.pipeline.forget_pace(row.id);
    changed(app, tx, actor, "channel.change", &row);
    Ok((row.id, Put::Changed))
}

fn create(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    wanted: &Wanted,
    runs: &[ScenarioId],
    now: Instant,
) -> Result<(ChannelId, Put), Fail> {
    if wanted.kind == Kind::Telegram && wanted.token.is_none() {
        return Err(Problem::invalid(
            "token",
            "token_needed",
            "Нужен токен бота",
            "The bot's token is needed",
        )
        .into());
    }
    let id = ChannelId::new(&app.ids, app.clock.as_ref());
    let token = wanted
        .token
        .as_ref()
        .map(|token| app.vault.seal(&app.chance, &token_row(id), token.expose_secret().as_bytes()));
    let secret = app.vault.seal(&app.chance, &secret_row(id), app.chance.token().as_bytes());
    let hook = new_hook(app, wanted.kind, &wanted.key);
    let settings = serde_json::to_string(&wanted.settings).unwrap_or_default();
    tx.put(
        &CHANNEL_ADD,
        params![
            id,
            wanted.key.as_str(),
            wanted.kind.as_str(),
            wanted.name.as_str(),
            hook.as_str(),
            token,
            secret,
            settings,
            ChannelState::On.as_str(),
            1_i64,
            now
        ],
    );
    bind(tx, id, runs);
    audit(
        tx,
        app,
        actor,
        "channel.create",
        id,
        &serde_json::json!({"key": wanted.key, "messenger": wanted.kind}),
    );
    tx.wake(WAKE_DIRECTORY, &actor.tenant.to_string());
    Ok((id, Put::Created))
}

/// Unguessable for messengers; for a page it only has to be unique, and people read it.
fn new_hook(app: &App, kind: Kind, key: &str) -> String {
    let chance = app.chance.token();
    if kind == Kind::Webchat { format!("{key}-{}", &chance[..6]) } else { chance }
}

fn bind(tx: &Tx, channel: ChannelId, runs: &[ScenarioId]) {
    for (position, scenario) in (0_i64..).zip(runs) {
        tx.put(&RUNS_ADD, params![channel, scenario, position]);
    }
}

fn save(tx: &Tx, row: &ChannelRow) {
    let settings = serde_json::to_string(&row.settings).unwrap_or_default();
    tx.put(
        &CHANNEL_SAVE,
        params![
            row.id,
            row.revision,
            row.name.as_str(),
            row.hook.as_str(),
            row.token_sealed.clone(),
            row.secret_sealed.clone(),
            settings,
            row.state.as_str(),
            row.state_reason.as_deref(),
            row.revision + 1
        ],
    );
}

fn changed(app: &App, tx: &Tx, actor: &Actor, action: &str, row: &ChannelRow) {
    audit(tx, app, actor, action, row.id, &serde_json::json!({"key": row.key}));
    tx.wake(WAKE_DIRECTORY, &actor.tenant.to_string());
}

async fn scenario_ids(tx: &Tx, keys: &[String]) -> Result<Vec<ScenarioId>, Fail> {
    let mut ids = Vec::with_capacity(keys.len());
    for key in keys {
        let row = tx.one(&SCENARIO_BY_KEY, params![key.as_str()]).await?;
        ids.push(row.ok_or_else(|| Problem::not_found("сценарий", "scenario", key).at("scenarios"))?.id(0)?);
    }
    Ok(ids)
}

async fn by_id(tx: &Tx, id: ChannelId) -> Result<ChannelRow, Fail> {
    match tx.one(&CHANNEL_BY_ID, params![id]).await? {
        Some(row) => read(tx, &row).await,
        None => Err(Problem::not_found("канал", "channel", id).into()),
    }
}

async fn read(tx: &Tx, row: &Row) -> Result<ChannelRow, Fail> {
    let id: ChannelId = row.id(0)?;
    let runs = tx.all(&RUNS_OF, params![id]).await?;
    let picture = tx.one(&PICTURE_TAG, params![id]).await?;
    Ok(ChannelRow {
        id,
        kind: row.parse(1)?,
        name: row.text(2)?.to_owned(),
        has_token: row.opt_bytes(3)?.is_some(),
        token_sealed: row.opt_bytes(3)?.map(<[u8]>::to_vec),
        settings: row.json(4)?,
        state: row.parse(5)?,
        state_reason: row.opt_text(6)?.map(str::to_owned),
        revision: row.int(7)?,
        created_at: row.instant(8)?,
        hook: row.text(9)?.to_owned(),
        picture: picture.map(|row| row.text(0).map(str::to_owned)).transpose()?,
        key: row.text(10)?.to_owned(),
        secret_sealed: row.bytes(11)?.to_vec(),
        scenarios: runs.iter().map(|run| Ok(run.text(1)?.to_owned())).collect::<Result<_, Fail>>()?,
    })
}

fn hook_url(channel: &ChannelInfo, public_url: Option<&Url>) -> Result<Url, Fail> {
    let base = public_url.ok_or_else(|| {
        let ru = "Канал принимает сообщения по вебхуку, но публичный адрес программы не задан: укажите [http] public_url";
        let en = "The channel receives by webhook, but the program's public address is not set: give [http] public_url";
        Problem::new(ProblemKind::Invalid, "public_url_needed", ru, en)
    })?;
    let address = format!("{}/hooks/{}", base.as_str().trim_end_matches('/'), channel.hook);
    Url::parse(&address).map_err(|error| {
        Problem::invalid("public_url", "bad_address", error.to_string(), error.to_string()).into()
    })
}

/// The commands beside the text field: the start, and the phrases of the scenarios that look like commands.
fn commands(channel: &ChannelInfo) -> Vec<Command> {
    let russian = channel.locale.starts_with("ru");
    let start =
        Command { name: "start".into(), description: if russian { "Начать" } else { "Start" }.into() };
    let mut all = vec![start];
    for published in &channel.scenarios {
        for command in published.scenario.commands() {
            if all.iter().all(|known| known.name != command.name) {
                all.push(Command { name: command.name.clone(), description: command.title.clone() });
            }
        }
    }
    all
}

fn said_no(error: SendError) -> Fail {
    let ru = format!("Мессенджер не принял настройки канала: {error}");
    Problem::new(
        ProblemKind::Refused,
        "messenger_refused",
        ru,
        format!("The messenger did not take the channel's set-up: {error}"),
    )
    .into()
}

/// The tenant of a channel, for those who have only the channel.
pub fn tenant_of(app: &App, id: ChannelId) -> Option<TenantId> {
    app.directory.channel(id).map(|channel| channel.tenant.id)
}
