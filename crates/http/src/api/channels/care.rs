//! How a channel is doing, tokens before they are connected, and links that tell where people came from.

use super::{ChannelView, PaceView, view};
use crate::PublicUrl;
use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Json, Path, Query};
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use samovar_app::App;
use samovar_app::channels::{self, EntryLink, QrForm};
use samovar_app::problem::Problem;
use samovar_base::{ChannelId, ContactId, Instant};
use samovar_connectors::{BotIdentity, Kind, Pace};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(check_token))
        .routes(routes!(get_health))
        .routes(routes!(try_channel))
        .routes(routes!(list_links, put_link))
        .routes(routes!(remove_link))
        .routes(routes!(get_qr))
        .routes(routes!(get_channel_picture))
}

/// A token to be looked at.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenToCheck {
    /// The protocol.
    #[schema(schema_with = super::messengers)]
    messenger: Kind,
    /// The messenger's key to the bot.
    #[schema(example = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw")]
    token: String,
}

/// A bot, as its messenger knows it.
#[derive(Serialize, ToSchema)]
#[schema(as = ChannelBot)]
pub struct BotView {
    /// The messenger's id of the bot.
    #[schema(example = "110201543")]
    id: String,
    /// Its name for people.
    #[schema(example = "Лак и кисть")]
    name: String,
    /// Its public handle.
    #[schema(example = "lak_i_kist_bot")]
    handle: Option<String>,
    /// A link that opens it.
    #[schema(example = "https://t.me/lak_i_kist_bot")]
    link: Option<String>,
}

/// The picture beside a bot's name.
#[derive(Serialize, ToSchema)]
pub struct BotPicture {
    /// What it is.
    #[schema(example = "image/jpeg")]
    media_type: String,
    /// The picture in Base64, of 256 KB at most.
    #[schema(example = "/9j/4AAQSkZJRgABAQAAAQABAAD/2Q==")]
    base64: String,
}

/// A token that was looked at.
#[derive(Serialize, ToSchema)]
pub struct TokenChecked {
    /// The bot behind it.
    bot: BotView,
    /// Its picture, if it has one.
    picture: Option<BotPicture>,
    /// A channel of the company that this bot is connected to already.
    #[schema(value_type = Option<String>, example = "chn_01k3v5m9q2r7t")]
    channel: Option<ChannelId>,
}

/// Why messages were given up.
#[derive(Serialize, ToSchema)]
pub struct FailureReason {
    /// In the words of the messenger or the program.
    #[schema(example = "refused (400): message is too long")]
    reason: String,
    /// How many.
    count: i64,
}

/// How a channel is doing.
#[derive(Serialize, ToSchema)]
pub struct ChannelHealth {
    /// The channel.
    channel: ChannelView,
    /// The bot, as its messenger knew it when it was connected last.
    bot: Option<BotView>,
    /// A link that opens it.
    #[schema(example = "https://t.me/lak_i_kist_bot")]
    link: Option<String>,
    /// When somebody last wrote to it.
    #[schema(value_type = Option<String>, format = DateTime)]
    received_at: Option<Instant>,
    /// When it last wrote to somebody.
    #[schema(value_type = Option<String>, format = DateTime)]
    sent_at: Option<Instant>,
    /// Messages that were not sent yet, 10,000 at most.
    waiting: i64,
    /// Messages of the last day of which nobody knows whether they arrived.
    unsure: i64,
    /// Messages of the last day that were given up.
    failed: i64,
    /// Why they were, most often first.
    reasons: Vec<FailureReason>,
    /// How fast it may write.
    pace: Option<PaceView>,
    /// What is wrong and what to do, in the reader's language; absent when all is well.
    advice: Option<String>,
    /// When this was looked at.
    #[schema(value_type = String, format = DateTime)]
    at: Instant,
}

/// A link that opens a channel and tells where people came from.
#[derive(Serialize, ToSchema)]
pub struct ChannelLink {
    /// What people who come by it have as source.
    #[schema(example = "window")]
    tag: String,
    /// Where it stands, for staff.
    #[schema(example = "Витрина на Садовой")]
    title: String,
    /// The address; absent while the bot was not connected.
    #[schema(example = "https://t.me/lak_i_kist_bot?start=window")]
    link: Option<String>,
    /// Contacts who came by it.
    came: i64,
    /// Of them registered.
    registered: i64,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Instant,
}

/// A link to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChannelLinkWanted {
    /// 1 to 64 Latin letters, digits, dashes and underscores; unique in the company.
    #[schema(example = "window")]
    tag: String,
    /// Where it stands, for staff.
    #[schema(example = "Витрина на Садовой")]
    title: String,
}

/// To whom a test goes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChannelTest {
    /// Somebody who wrote to the channel; your own chat when absent.
    #[schema(value_type = Option<String>, example = "con_00fs4w8m5xv1g")]
    contact_id: Option<ContactId>,
}

/// A test that is on its way.
#[derive(Serialize, ToSchema)]
pub struct ChannelTested {
    /// To whom.
    #[schema(value_type = String, example = "con_00fs4w8m5xv1g")]
    contact_id: ContactId,
}

/// Which QR.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct QrQuery {
    /// The tag of the link; the bare link when absent.
    pub tag: Option<String>,
    /// `svg` or `png`; `svg` when absent.
    pub format: Option<String>,
}

/// Check a token
///
/// Asks the messenger whose token it is; nothing is stored. Needs the scope `channels_manage`.
#[utoipa::path(post, path = "/channels/check-token", tag = "channels", request_body = TokenToCheck,
    responses((status = 200, description = "The bot behind it", body = TokenChecked)))]
async fn check_token(
    State(app): State<App>,
    Signed(actor): Signed,
    Json(asked): Json<TokenToCheck>,
) -> Result<Json<TokenChecked>, Error> {
    let checked = channels::check_token(&app, &actor, asked.messenger, asked.token.trim().into()).await?;
    let picture = checked.picture.map(|picture| BotPicture {
        media_type: picture.media_type,
        base64: STANDARD.encode(&picture.bytes),
    });
    Ok(Json(TokenChecked { bot: checked.identity.into(), picture, channel: checked.channel }))
}

/// Tell how a channel is doing
///
/// Needs the scope `channels_read`.
#[utoipa::path(get, path = "/channels/{id}/health", tag = "channels", params(("id" = String, Path, example = "chn_01k3v5m9q2r7t")),
    responses((status = 200, description = "How it is doing", body = ChannelHealth)))]
async fn get_health(
    State(app): State<App>,
    Extension(PublicUrl(public_url)): Extension<PublicUrl>,
    Signed(actor): Signed,
    Path(id): Path<ChannelId>,
) -> Result<Json<ChannelHealth>, Error> {
    let health = channels::health(&app, &actor, id).await?;
    let russian = actor.locale.starts_with("ru");
    let advice = health.advice().map(|(ru, en)| if russian { ru } else { en }.to_owned());
    let pace = |Pace { bot_per_second, chat_per_second, chat_burst, group_per_minute }| PaceView {
        bot_per_second,
        chat_per_second,
        chat_burst,
        group_per_minute,
    };
    Ok(Json(ChannelHealth {
        link: channels::link(&app, &health.channel, None, public_url.as_ref()),
        channel: view(&app, health.channel),
        bot: health.identity.map(BotView::from),
        received_at: health.received_at,
        sent_at: health.sent_at,
        waiting: health.waiting,
        unsure: health.unsure,
        failed: health.failed,
        reasons: health.reasons.into_iter().map(|(reason, count)| FailureReason { reason, count }).collect(),
        pace: health.pace.map(pace),
        advice,
        at: health.at,
    }))
}

/// Send a test message
///
/// One sentence by the channel, to a contact or to your own chat, where the channel knows it from the bot for the staff.
/// Whether it arrives is told by the channel's health. Needs the scope `channels_manage`.
#[utoipa::path(post, path = "/channels/{id}/test", tag = "channels", params(("id" = String, Path, example = "chn_01k3v5m9q2r7t")),
    request_body = ChannelTest, responses((status = 202, description = "It is on its way", body = ChannelTested)))]
async fn try_channel(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ChannelId>,
    Json(asked): Json<ChannelTest>,
) -> Result<(StatusCode, Json<ChannelTested>), Error> {
    let contact_id = channels::try_out(&app, &actor, id, asked.contact_id).await?;
    Ok((StatusCode::ACCEPTED, Json(ChannelTested { contact_id })))
}

/// List links with tags
///
/// The oldest first, 200 at most, with how many came by each. Needs the scope `channels_read`.
#[utoipa::path(get, path = "/channels/{id}/links", tag = "channels", params(("id" = String, Path, example = "chn_01k3v5m9q2r7t")),
    responses((status = 200, description = "The links", body = Vec<ChannelLink>)))]
async fn list_links(
    State(app): State<App>,
    Extension(PublicUrl(public_url)): Extension<PublicUrl>,
    Signed(actor): Signed,
    Path(id): Path<ChannelId>,
) -> Result<Json<Vec<ChannelLink>>, Error> {
    let links = channels::entries(&app, &actor, id, public_url.as_ref()).await?;
    Ok(Json(links.into_iter().map(ChannelLink::from).collect()))
}

/// Make a link with a tag
///
/// Again with another title words it anew. Needs the scope `channels_manage`.
#[utoipa::path(post, path = "/channels/{id}/links", tag = "channels", params(("id" = String, Path, example = "chn_01k3v5m9q2r7t")),
    request_body = ChannelLinkWanted, responses((status = 204, description = "It is there")))]
async fn put_link(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ChannelId>,
    Json(asked): Json<ChannelLinkWanted>,
) -> Result<StatusCode, Error> {
    channels::put_entry(&app, &actor, id, &asked.tag, &asked.title).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Remove a link with a tag
///
/// Who came by it keeps the source. Needs the scope `channels_manage`.
#[utoipa::path(delete, path = "/channels/{id}/links/{tag}", tag = "channels",
    params(("id" = String, Path, example = "chn_01k3v5m9q2r7t"), ("tag" = String, Path, example = "window")),
    responses((status = 204, description = "It is gone")))]
async fn remove_link(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((id, tag)): Path<(ChannelId, String)>,
) -> Result<StatusCode, Error> {
    channels::remove_entry(&app, &actor, id, &tag).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Draw the QR of a link
///
/// Of the link that opens the channel, with a tag or without. Needs the scope `channels_read`.
#[utoipa::path(get, path = "/channels/{id}/qr", tag = "channels", params(("id" = String, Path, example = "chn_01k3v5m9q2r7t"), QrQuery),
    responses((status = 200, description = "The picture", content((Vec<u8> = "image/svg+xml"), (Vec<u8> = "image/png")))))]
async fn get_qr(
    State(app): State<App>,
    Extension(PublicUrl(public_url)): Extension<PublicUrl>,
    Signed(actor): Signed,
    Path(id): Path<ChannelId>,
    Query(asked): Query<QrQuery>,
) -> Result<Response, Error> {
    let (form, kind) = match asked.format.as_deref() {
        None | Some("svg") => (QrForm::Svg, "image/svg+xml"),
        Some("png") => (QrForm::Png, "image/png"),
        Some(_) => {
            let (ru, en) = ("Формат — svg или png", "The format is svg or png");
            return Err(Problem::invalid("format", "unknown_format", ru, en).into());
        }
    };
    let bytes = channels::qr(&app, &actor, id, asked.tag.as_deref(), form, public_url.as_ref()).await?;
    Ok(([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "private, no-cache")], bytes).into_response())
}

/// Show the bot's picture
///
/// As its messenger had it when the channel was connected last. Whoever shows its `ETag` as `If-None-Match` is answered
/// 304 while it is the same. Needs the scope `channels_read`.
#[utoipa::path(get, path = "/channels/{id}/picture", tag = "channels", params(("id" = String, Path, example = "chn_01k3v5m9q2r7t")),
    responses((status = 200, description = "The picture", body = Vec<u8>, content_type = "image/*"), (status = 304, description = "It is the same")))]
async fn get_channel_picture(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ChannelId>,
    asked: HeaderMap,
) -> Result<Response, Error> {
    let picture = channels::picture(&app, &actor, id).await?;
    let tag = format!("\"{}\"", picture.tag);
    let known = asked.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let keep = [(header::ETAG, tag.as_str()), (header::CACHE_CONTROL, "private, max-age=3600")];
    if known {
        return Ok((StatusCode::NOT_MODIFIED, keep).into_response());
    }
    Ok((keep, [(header::CONTENT_TYPE, picture.media_type.as_str())], picture.bytes).into_response())
}

impl From<BotIdentity> for BotView {
    fn from(bot: BotIdentity) -> Self {
        let BotIdentity { id, name, handle, link } = bot;
        Self { id, name, handle, link }
    }
}

impl From<EntryLink> for ChannelLink {
    fn from(entry: EntryLink) -> Self {
        let EntryLink { tag, title, link, came, registered, created_at } = entry;
        Self { tag, title, link, came, registered, created_at }
    }
}
