//! Connected bots and web chats.

mod care;

use super::word_of;
use crate::PublicUrl;
use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Change, Json, Path};
use crate::page::{Page, PageQuery, Paging};
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use samovar_app::App;
use samovar_app::access::Right;
use samovar_app::channels::{self, ChannelRow, ChannelSettings, Put, Side, Wanted, WidgetSettings};
use samovar_app::directory::{Audience, ChannelState, ReceiveBy};
use samovar_base::{ChannelId, Instant};
use samovar_connectors::{BotIdentity, Kind, Pace, Setup};
use serde::{Deserialize, Serialize};
use url::Url;
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of this noun.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_channels, put_channel))
        .routes(routes!(get_channel, change_channel, remove_channel))
        .routes(routes!(pause_channel))
        .routes(routes!(resume_channel))
        .routes(routes!(connect_channel))
        .merge(care::routes())
}

/// A connected bot or web chat. The token never leaves.
#[derive(Serialize, ToSchema)]
#[schema(as = Channel)]
pub struct ChannelView {
    /// Its id.
    #[schema(value_type = String, example = "chn_01k3v5m9q2r7t")]
    id: ChannelId,
    /// Short name, unique in the company.
    #[schema(example = "main-bot")]
    key: String,
    /// The protocol.
    #[schema(schema_with = messengers)]
    messenger: Kind,
    /// For people.
    #[schema(example = "Кофейня на Садовой")]
    name: String,
    /// Whether a token is stored.
    has_token: bool,
    /// `on` works; `paused` stores what comes in and answers nothing; `broken` has a token the messenger refuses.
    #[schema(schema_with = states)]
    state: ChannelState,
    /// Why it is broken.
    #[serde(skip_serializing_if = "Option::is_none")]
    state_reason: Option<String>,
    /// How deliveries come.
    #[schema(schema_with = ways)]
    receive: ReceiveBy,
    /// Where the messenger's API is.
    #[schema(value_type = String, example = "https://api.telegram.org")]
    api_base: Url,
    /// The proxy on the way there, its password left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "socks5://proxy.example:1080")]
    proxy: Option<Url>,
    /// How fast it may write, when that is set for this channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pace: Option<PaceView>,
    /// Language of the system's own sentences, when that is set for this channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "ru")]
    locale: Option<String>,
    /// Who writes to it: `customers`, or the `staff` who were invited.
    #[schema(schema_with = audiences)]
    audience: Audience,
    /// Keys of the scenarios it runs, in the order in which they are asked.
    #[schema(example = json!(["coffee-loyalty"]))]
    scenarios: Vec<String>,
    /// The widget of a web chat on the company's sites.
    widget: WidgetView,
    /// The bot offers the Mini App by a button beside the text field.
    mini_app: bool,
    /// The path of the Mini App.
    #[schema(example = "/mini/chn_01k3v5m9q2r7t")]
    app: String,
    /// Of a web chat: the path of its page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "/chat/site-k3m9q2")]
    page: Option<String>,
    /// The path of its bot's picture, where it had one when it was connected last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "/api/v1/channels/chn_01k3v5m9q2r7t/picture?v=9f86d081")]
    picture: Option<String>,
    /// When it was connected.
    #[schema(value_type = String, format = DateTime, example = "2026-11-21T10:00:00Z")]
    created_at: Instant,
}

/// How fast a bot may write.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Pace)]
pub struct PaceView {
    /// Messages a second, over all chats.
    #[schema(example = 30, minimum = 1)]
    bot_per_second: u32,
    /// Messages a second in one chat, in the long run.
    #[schema(example = 1, minimum = 1)]
    chat_per_second: u32,
    /// Messages at once in one chat after a silence.
    #[schema(example = 3)]
    chat_burst: u32,
    /// Messages a minute in a group.
    #[schema(example = 20)]
    group_per_minute: u32,
}

/// The widget of a web chat.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChannelWidget)]
pub struct WidgetView {
    /// Above the conversation, up to 60 characters; the company's name when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Кофейня на Садовой")]
    title: Option<String>,
    /// Said before the visitor begins, up to 300 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Здравствуйте! Поможем с заказом.")]
    greeting: Option<String>,
    /// The colour of the button and of the visitor's own words; white must be readable on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "#2f50b2")]
    colour: Option<String>,
    /// In which corner.
    #[serde(default)]
    #[schema(schema_with = sides)]
    side: Side,
    /// Sites on which it may stand; on any when there are none.
    #[serde(default)]
    #[schema(example = json!(["https://shop.example"]))]
    sites: Vec<String>,
}

/// A channel as it shall be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChannelWanted {
    /// Short name, by which it is found again: small letters, digits, dashes.
    #[schema(example = "main-bot")]
    key: String,
    /// The protocol; it never changes.
    #[schema(schema_with = messengers)]
    messenger: Kind,
    /// For people.
    #[schema(example = "Кофейня на Садовой")]
    name: String,
    /// The messenger's key to the bot; the stored one stays when absent.
    #[schema(example = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw")]
    token: Option<String>,
    /// How deliveries come; polling when absent.
    #[schema(schema_with = ways)]
    receive: Option<ReceiveBy>,
    /// Another API server than the vendor's.
    #[schema(value_type = Option<String>, example = "https://bot-api.example")]
    api_base: Option<Url>,
    /// `http`, `https`, `socks5` or `socks5h`, with user and password when needed.
    #[schema(value_type = Option<String>, example = "socks5://user:secret@proxy.example:1080")]
    proxy: Option<Url>,
    /// How fast it may write; the messenger's own limits when absent.
    pace: Option<PaceView>,
    /// Language of the system's own sentences; the company's when absent.
    #[schema(example = "ru")]
    locale: Option<String>,
    /// Who writes to it: `customers` when absent, or the `staff` who were invited. It never changes.
    #[serde(default)]
    #[schema(schema_with = audiences)]
    audience: Audience,
    /// The widget of a web chat.
    widget: Option<WidgetView>,
    /// Whether the bot offers the Mini App by a button beside the text field.
    #[serde(default)]
    mini_app: bool,
    /// Keys of the scenarios it runs, in the order in which they are asked.
    #[serde(default)]
    #[schema(example = json!(["coffee-loyalty"]))]
    scenarios: Vec<String>,
}

/// What to change of a channel. What is absent stays, `null` empties.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChannelChange {
    /// For people.
    #[schema(example = "Кофейня на Садовой")]
    name: Option<String>,
    /// A new token.
    token: Option<String>,
    /// How deliveries come.
    #[serde(default)]
    #[schema(schema_with = ways)]
    receive: Change<ReceiveBy>,
    /// Another API server than the vendor's.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    api_base: Change<Url>,
    /// The proxy on the way there.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    proxy: Change<Url>,
    /// How fast it may write.
    #[serde(default)]
    #[schema(value_type = Option<PaceView>)]
    pace: Change<PaceView>,
    /// Language of the system's own sentences.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    locale: Change<String>,
    /// The widget of a web chat, as a whole.
    #[serde(default)]
    #[schema(value_type = Option<WidgetView>)]
    widget: Change<WidgetView>,
    /// Whether the bot offers the Mini App. Takes effect when the channel is connected.
    mini_app: Option<bool>,
    /// Keys of the scenarios it runs.
    scenarios: Option<Vec<String>>,
}

/// What the messenger said.
#[derive(Serialize, ToSchema)]
#[schema(as = ChannelConnected)]
pub struct ConnectedView {
    /// The messenger's id of the bot.
    #[schema(example = "110201543")]
    id: String,
    /// Its name for people.
    #[schema(example = "Кофейня на Садовой")]
    name: String,
    /// Its public handle.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "sadovaya_coffee_bot")]
    handle: Option<String>,
    /// A link that opens it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "https://t.me/sadovaya_coffee_bot")]
    link: Option<String>,
    /// Something had to be changed at the messenger.
    changed: bool,
}

/// List channels
///
/// Oldest first. Needs the scope `channels_read`.
#[utoipa::path(get, path = "/channels", tag = "channels", params(PageQuery), responses((status = 200, body = Page<ChannelView>)))]
async fn list_channels(
    State(app): State<App>,
    Signed(actor): Signed,
    paging: Paging,
) -> Result<Json<Page<ChannelView>>, Error> {
    let rows = channels::list(&app, &actor, paging.after()?, paging.to_read().into()).await?;
    Ok(Json(Page::cut(rows, paging.limit, |row| row.id).map(|row| view(&app, row))))
}

/// Connect a channel
///
/// Makes the channel with this key be as described: 201 when it is new, 200 when it was there. Twice the same changes
/// nothing. Needs the scope `channels_manage`.
#[utoipa::path(post, path = "/channels", tag = "channels", request_body = ChannelWanted, responses(
    (status = 201, description = "It is new", body = ChannelView), (status = 200, description = "It was there", body = ChannelView)))]
async fn put_channel(
    State(app): State<App>,
    Signed(actor): Signed,
    Json(asked): Json<ChannelWanted>,
) -> Result<(StatusCode, Json<ChannelView>), Error> {
    let (id, put) = channels::put(&app, &actor, asked.into()).await?;
    let status = if put == Put::Created { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(view(&app, channels::get(&app, &actor, id).await?))))
}

/// Get a channel
///
/// Needs the scope `channels_read`.
#[utoipa::path(get, path = "/channels/{id}", tag = "channels", params(("id" = String, Path, example = "chn_01k3v5m9q2r7t")),
    responses((status = 200, body = ChannelView)))]
async fn get_channel(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ChannelId>,
) -> Result<Json<ChannelView>, Error> {
    Ok(Json(view(&app, channels::get(&app, &actor, id).await?)))
}

/// Change a channel
///
/// What is absent stays. Needs the scope `channels_manage`.
#[utoipa::path(patch, path = "/channels/{id}", tag = "channels", params(("id" = String, Path, example = "chn_01k3v5m9q2r7t")),
    request_body = ChannelChange, responses((status = 200, body = ChannelView)))]
async fn change_channel(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ChannelId>,
    Json(change): Json<ChannelChange>,
) -> Result<Json<ChannelView>, Error> {
    actor.require(Right::ChannelsManage)?;
    let row = channels::get(&app, &actor, id).await?;
    channels::put(&app, &actor, change.of(row)).await?;
    Ok(Json(view(&app, channels::get(&app, &actor, id).await?)))
}

/// Disconnect a channel
///
/// What was said is kept; people are no longer answered there. Needs the scope `channels_manage`.
#[utoipa::path(delete, path = "/channels/{id}", tag = "channels", params(("id" = String, Path, example = "chn_01k3v5m9q2r7t")),
    responses((status = 204, description = "It is gone")))]
async fn remove_channel(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ChannelId>,
) -> Result<StatusCode, Error> {
    channels::remove(&app, &actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Pause a channel
///
/// What comes in is stored and not answered. Needs the scope `channels_manage`.
#[utoipa::path(post, path = "/channels/{id}/pause", tag = "channels", params(("id" = String, Path, example = "chn_01k3v5m9q2r7t")),
    responses((status = 200, body = ChannelView)))]
async fn pause_channel(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ChannelId>,
) -> Result<Json<ChannelView>, Error> {
    channels::set_state(&app, &actor, id, false).await?;
    Ok(Json(view(&app, channels::get(&app, &actor, id).await?)))
}

/// Let a channel work again
///
/// Also one that was broken, once its token is mended. Needs the scope `channels_manage`.
#[utoipa::path(post, path = "/channels/{id}/resume", tag = "channels", params(("id" = String, Path, example = "chn_01k3v5m9q2r7t")),
    responses((status = 200, body = ChannelView)))]
async fn resume_channel(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ChannelId>,
) -> Result<Json<ChannelView>, Error> {
    channels::set_state(&app, &actor, id, true).await?;
    Ok(Json(view(&app, channels::get(&app, &actor, id).await?)))
}

/// Tell the messenger about a channel
///
/// Proves the token, sets how deliveries come, and describes the bot's commands. Looks first and changes only what
/// differs. Needs the scope `channels_manage`.
#[utoipa::path(post, path = "/channels/{id}/connect", tag = "channels", params(("id" = String, Path, example = "chn_01k3v5m9q2r7t")),
    responses((status = 200, body = ConnectedView)))]
async fn connect_channel(
    State(app): State<App>,
    Extension(PublicUrl(public_url)): Extension<PublicUrl>,
    Signed(actor): Signed,
    Path(id): Path<ChannelId>,
) -> Result<Json<ConnectedView>, Error> {
    actor.require(Right::ChannelsManage)?;
    channels::get(&app, &actor, id).await?;
    // The change that was made a moment ago may not have reached this node's memory yet.
    app.directory.load_tenant(&app, actor.tenant).await?;
    let connected = channels::connect(&app, id, public_url.as_ref()).await?;
    let BotIdentity { id, name, handle, link } = connected.identity;
    let changed = [connected.receive, connected.commands].contains(&Setup::Changed);
    Ok(Json(ConnectedView { id, name, handle, link, changed }))
}

impl From<ChannelWanted> for Wanted {
    fn from(asked: ChannelWanted) -> Self {
        let ChannelWanted {
            key,
            messenger,
            name,
            token,
            receive,
            api_base,
            proxy,
            pace,
            locale,
            audience,
            widget,
            mini_app,
            scenarios,
        } = asked;
        let settings = ChannelSettings {
            api_base,
            proxy,
            receive,
            pace: pace.map(Pace::from),
            locale,
            audience,
            widget: widget.map(WidgetSettings::from).unwrap_or_default(),
            mini_app,
        };
        Self { key, kind: messenger, name, token: token.map(Into::into), settings, scenarios }
    }
}

impl ChannelChange {
    fn of(self, row: ChannelRow) -> Wanted {
        let mut settings = row.settings;
        set(&mut settings.receive, self.receive);
        set(&mut settings.api_base, self.api_base);
        set(&mut settings.proxy, self.proxy);
        set(&mut settings.locale, self.locale);
        if let Some(pace) = self.pace.into_option() {
            settings.pace = pace.map(Pace::from);
        }
        if let Some(widget) = self.widget.into_option() {
            settings.widget = widget.map(WidgetSettings::from).unwrap_or_default();
        }
        settings.mini_app = self.mini_app.unwrap_or(settings.mini_app);
        Wanted {
            key: row.key,
            kind: row.kind,
            name: self.name.unwrap_or(row.name),
            token: self.token.map(Into::into),
            settings,
            scenarios: self.scenarios.unwrap_or(row.scenarios),
        }
    }
}

fn set<T>(field: &mut Option<T>, change: Change<T>) {
    if let Some(value) = change.into_option() {
        *field = value;
    }
}

impl From<WidgetView> for WidgetSettings {
    fn from(asked: WidgetView) -> Self {
        let WidgetView { title, greeting, colour, side, sites } = asked;
        Self { title, greeting, colour, side, sites }
    }
}

impl From<WidgetSettings> for WidgetView {
    fn from(settings: WidgetSettings) -> Self {
        let WidgetSettings { title, greeting, colour, side, sites } = settings;
        Self { title, greeting, colour, side, sites }
    }
}

impl From<PaceView> for Pace {
    fn from(asked: PaceView) -> Self {
        let PaceView { bot_per_second, chat_per_second, chat_burst, group_per_minute } = asked;
        Self { bot_per_second, chat_per_second, chat_burst, group_per_minute }
    }
}

fn view(app: &App, row: ChannelRow) -> ChannelView {
    let settings = row.settings;
    ChannelView {
        messenger: row.kind,
        receive: settings.receive_by(row.kind),
        api_base: settings.api_base(app.messengers.get(row.kind).as_ref()),
        proxy: settings.proxy.map(without_password),
        pace: settings.pace.map(|Pace { bot_per_second, chat_per_second, chat_burst, group_per_minute }| {
            PaceView { bot_per_second, chat_per_second, chat_burst, group_per_minute }
        }),
        locale: settings.locale,
        audience: settings.audience,
        widget: settings.widget.into(),
        mini_app: settings.mini_app,
        app: channels::app_path(row.id),
        page: (row.kind == Kind::Webchat).then(|| format!("/chat/{}", row.hook)),
        picture: row.picture.map(|tag| format!("/api/v1/channels/{}/picture?v={}", row.id, &tag[..8])),
        id: row.id,
        key: row.key,
        name: row.name,
        has_token: row.has_token,
        state: row.state,
        state_reason: row.state_reason,
        scenarios: row.scenarios,
        created_at: row.created_at,
    }
}

fn without_password(mut proxy: Url) -> Url {
    if proxy.password().is_some() {
        // Fails only for addresses without a host, which have no password.
        let _ = proxy.set_password(None);
    }
    proxy
}

fn messengers() -> Object {
    word_of(&["telegram", "webchat"])
}

fn states() -> Object {
    word_of(&["on", "paused", "broken"])
}

fn sides() -> Object {
    word_of(&["right", "left"])
}

fn audiences() -> Object {
    word_of(&["customers", "staff"])
}

fn ways() -> Object {
    word_of(&["polling", "webhook", "page"])
}
