//! How a channel is doing, and whether a token is good before it is connected.

use super::store::{CHAT_OF, LAST_RECEIVED, LAST_SENT, OPEN_MESSAGES, OWN_CHAT};
use super::{ChannelRow, Picture, get, picture};
use crate::access::{Actor, Right, Who, audit};
use crate::app::App;
use crate::directory::{ChannelInfo, ChannelState};
use crate::pipeline::{self, Class, NewOutbound, Policy, Ready, Recipient};
use crate::problem::{Fail, Kind as ProblemKind, Problem};
use samovar_base::message::Body;
use samovar_base::{ChannelId, ContactId, Instant};
use samovar_connectors::{BotIdentity, Channel, Kind, Pace, SendError};
use samovar_store::{Tx, params};
use secrecy::SecretString;
use serde_json::json;
use std::sync::Arc;

/// Failures are told of that are not older.
const LOOK_BACK_SECONDS: i64 = 86_400;
/// Messages that are counted at most.
const COUNTED_MAX: i64 = 10_000;

/// How a channel is doing.
#[derive(Debug, Clone)]
pub struct Health {
    /// The channel.
    pub channel: ChannelRow,
    /// The bot, as its messenger knew it when it was connected last.
    pub identity: Option<BotIdentity>,
    /// When somebody last wrote to it.
    pub received_at: Option<Instant>,
    /// When it last wrote to somebody.
    pub sent_at: Option<Instant>,
    /// Messages whose time has come or not, and which were not sent yet; 10,000 at most.
    pub waiting: i64,
    /// Messages of the last day of which nobody knows whether they arrived.
    pub unsure: i64,
    /// Messages of the last day that were given up.
    pub failed: i64,
    /// Why they were, most often first.
    pub reasons: Vec<(String, i64)>,
    /// How fast it may write.
    pub pace: Option<Pace>,
    /// Now.
    pub at: Instant,
}

/// How a channel is doing.
pub async fn health(app: &App, actor: &Actor, id: ChannelId) -> Result<Health, Fail> {
    let channel = get(app, actor, id).await?;
    let now = app.clock.now();
    let known = app.directory.channel(id);
    let mut health = Health {
        channel,
        identity: known.as_ref().and_then(|known| known.identity.clone()),
        received_at: None,
        sent_at: None,
        waiting: 0,
        unsure: 0,
        failed: 0,
        reasons: Vec::new(),
        pace: known.map(|known| known.pace),
        at: now,
    };
    let (received, sent, open) = app
        .store
        .read(actor.tenant, move |tx| async move {
            let since = now.minus_seconds(LOOK_BACK_SECONDS);
            let received = tx.one(&LAST_RECEIVED, params![id]).await?;
            let sent = tx.one(&LAST_SENT, params![id]).await?;
            let open = tx.all(&OPEN_MESSAGES, params![id, since, COUNTED_MAX]).await?;
            Ok::<_, Fail>((received, sent, open))
        })
        .await?;
    health.received_at = received.map_or(Ok(None), |row| row.opt_instant(0))?;
    health.sent_at = sent.map_or(Ok(None), |row| row.opt_instant(0))?;
    for row in &open {
        let count = row.int(2)?;
        match row.int(0)? {
            0 => health.waiting += count,
            3 => health.unsure += count,
            _ => {
                health.failed += count;
                health.reasons.push((row.opt_text(1)?.unwrap_or_default().to_owned(), count));
            }
        }
    }
    health.reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    health.reasons.truncate(5);
    Ok(health)
}

impl Health {
    /// What is wrong, in words, and what to do about it.
    pub fn advice(&self) -> Option<(&'static str, &'static str)> {
        match self.channel.state {
            ChannelState::Broken => Some((
                "Мессенджер не принимает токен. Возьмите новый у @BotFather (команда /token) и впишите его здесь.",
                "The messenger does not accept the token. Get a new one from @BotFather (the command /token) and put it in here.",
            )),
            ChannelState::Paused => Some((
                "Канал на паузе: сообщения гостей сохраняются, но бот не отвечает.",
                "The channel is paused: what guests write is kept, and the bot does not answer.",
            )),
            ChannelState::On if self.identity.is_none() && self.channel.has_token => Some((
                "Бот ещё не подключён к мессенджеру. Нажмите «Проверить связь».",
                "The bot is not connected to its messenger yet. Press “Check the connection”.",
            )),
            ChannelState::On if self.failed > 0 => Some((
                "Часть сообщений не дошла. Причины ниже; повторить их можно в разделе «Сбои».",
                "Some messages did not arrive. The reasons stand below; they can be sent again under “Failures”.",
            )),
            ChannelState::On if self.unsure > 0 => Some((
                "О части сообщений неизвестно, дошли ли они: ответ мессенджера потерялся.",
                "Of some messages it is not known whether they arrived: the messenger’s answer was lost.",
            )),
            ChannelState::On => None,
        }
    }
}

/// A token that was looked at.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The bot behind it.
    pub identity: BotIdentity,
    /// The picture beside its name.
    pub picture: Option<Picture>,
    /// A channel of the company that this bot is connected to already.
    pub channel: Option<ChannelId>,
}

/// Asks the messenger whose token it is. Nothing is stored.
pub async fn check_token(app: &App, actor: &Actor, kind: Kind, token: SecretString) -> Result<Checked, Fail> {
    actor.require(Right::ChannelsManage)?;
    let messenger = app.messengers.get(kind);
    if kind == Kind::Webchat {
        let (ru, en) = ("Чату на сайте токен не нужен", "A web chat needs no token");
        return Err(Problem::invalid("messenger", "no_token_needed", ru, en).into());
    }
    let link = Channel {
        id: ChannelId(0),
        kind,
        token,
        api_base: messenger.api_base(),
        proxy: None,
        secret: None,
        locale: actor.locale.clone(),
    };
    let identity = messenger.identify(&link).await.map_err(not_taken)?;
    let same = |of: &ChannelInfo| {
        of.tenant.id == actor.tenant
            && of.messenger.kind() == kind
            && of.identity.as_ref().is_some_and(|known| known.id == identity.id)
    };
    let channel = app.directory.channels().iter().find(|one| same(one)).map(|one| one.id);
    // Without it the token is as good.
    let picture = picture::look(messenger.as_ref(), &link, &identity).await.unwrap_or_default();
    Ok(Checked { identity, picture, channel })
}

/// Says by a channel that it works: to a contact who wrote to it, or to whoever asks, when they are known there. To
/// whom it was said; whether it arrives is seen by the channel's [`health`].
pub async fn try_out(
    app: &App,
    actor: &Actor,
    id: ChannelId,
    contact: Option<ContactId>,
) -> Result<ContactId, Fail> {
    actor.require(Right::ChannelsManage)?;
    get(app, actor, id).await?;
    let channel = app.directory.channel(id).ok_or_else(|| Problem::not_found("канал", "channel", id))?;
    let (services, actor_of_unit, now) = (app.clone(), actor.clone(), app.clock.now());
    let (to, ready) = app
        .store
        .run(actor.tenant, id.0.unsigned_abs(), move |tx| {
            let (app, actor, channel) = (services.clone(), actor_of_unit.clone(), Arc::clone(&channel));
            async move { try_out_in(&app, &tx, &actor, channel, contact, now).await }
        })
        .await?;
    app.pipeline.send(app, ready);
    Ok(to)
}

async fn try_out_in(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    channel: Arc<ChannelInfo>,
    contact: Option<ContactId>,
    now: Instant,
) -> Result<(ContactId, Vec<Ready>), Fail> {
    let found = match (contact, &actor.who) {
        (Some(contact), _) => tx.one(&CHAT_OF, params![channel.id, contact]).await?,
        (None, Who::Staff(me)) => tx.one(&OWN_CHAT, params![channel.id, *me]).await?,
        (None, _) => None,
    };
    let row = found.ok_or_else(|| nobody_there(contact.is_some()))?;
    let (contact, chat): (ContactId, &str) = (row.id(0)?, row.text(1)?);
    let name = &channel.tenant.name;
    let text = if channel.locale.starts_with("ru") {
        format!("Проверка связи: это сообщение из консоли «{name}». Отвечать на него не нужно.")
    } else {
        format!("A test of the connection, from the console of “{name}”. It needs no answer.")
    };
    audit(tx, app, actor, "channel.try", channel.id, &json!({ "contact_id": contact }));
    let to = Recipient { chat: chat.into(), channel, contact };
    pipeline::desk::unless_paused(&to)?;
    let message = NewOutbound {
        body: Body::text(text),
        class: Class::Answer,
        policy: Policy::Repeat,
        cause: actor.cause(),
    };
    Ok((contact, pipeline::write(app, tx, &to, vec![message], now)))
}

fn nobody_there(chosen: bool) -> Problem {
    let (ru, en) = if chosen {
        (
            "Этот контакт не писал в канал или запретил ему писать: выберите другого",
            "This contact never wrote to the channel, or forbade it to write: choose another",
        )
    } else {
        (
            "Канал не знает вашего чата: напишите боту сами и войдите в бот для сотрудников — или выберите контакт",
            "The channel does not know your chat: write to the bot and come into the bot for the staff, or choose a contact",
        )
    };
    Problem::refused("nobody_there", ru, en)
}

fn not_taken(error: SendError) -> Fail {
    match error {
        SendError::Unauthorized(_) | SendError::Rejected { .. } => Problem::invalid(
            "token",
            "token_refused",
            "Мессенджер не знает такого токена. Скопируйте его из @BotFather целиком, вместе с цифрами до двоеточия.",
            "The messenger does not know this token. Copy all of it from @BotFather, with the digits before the colon.",
        )
        .into(),
        other => Problem::new(
            ProblemKind::Away,
            "messenger_away",
            format!("Мессенджер сейчас не отвечает ({other}). Повторите через минуту."),
            format!("The messenger does not answer now ({other}). Try again in a minute."),
        )
        .into(),
    }
}
