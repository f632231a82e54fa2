//! Telegram Bot API.

mod call;
mod files;
mod launch;
mod receive;
mod send;
mod update;

use crate::client::{ClientError, Clients};
use crate::messenger::{
    Accepted, AppButton, BadLaunch, BotIdentity, Buttons, Channel, Command, Delivery, FetchError, Fetched,
    Kind, Launch, Limits, Messenger, Outgoing, Pace, PhoneButton, PollError, Polled, Receive, Refused,
    SendError, Setup,
};
use futures::future::BoxFuture;
use reqwest::header::HeaderMap;
use samovar_base::Instant;
use samovar_base::message::FileRef;
use secrecy::ExposeSecret;
use subtle::ConstantTimeEq;
use url::Url;

/// The address of Telegram's own server.
pub const API_BASE: &str = "https://api.telegram.org";

/// The header in which Telegram shows the secret of a hook.
pub const SECRET_HEADER: &str = "x-telegram-bot-api-secret-token";

const MIB: u64 = 1 << 20;

const LIMITS: Limits = Limits {
    text_max: 4096,
    caption_max: 1024,
    // Telegram publishes only the 64 bytes of the token; the other figures are those beyond which clients or the
    // server are known to refuse.
    buttons: Some(Buttons {
        rows: 100,
        per_row: 8,
        total: 100,
        label_max: 64,
        token_bytes: 64,
        links_per_row: 8,
    }),
    list: None,
    phone_button: PhoneButton::Keyboard,
    edits: true,
    uploads: true,
    photo_bytes_max: 10 * MIB,
    document_bytes_max: 50 * MIB,
    fetch_bytes_max: 20 * MIB,
    pace: Pace { bot_per_second: 28, chat_per_second: 1, chat_burst: 3, group_per_minute: 18 },
};

/// The connector. One serves all channels of the program; it keeps only connections.
pub struct Telegram {
    clients: Clients,
    api_base: Url,
}

impl Telegram {
    /// With no connection yet.
    pub fn new() -> Result<Self, ClientError> {
        Ok(Self { clients: Clients::new()?, api_base: Url::parse(API_BASE).expect("an address") })
    }

    /// Calls this server for channels that name none, instead of Telegram's own.
    #[must_use]
    pub fn with_api_base(mut self, base: Url) -> Self {
        self.api_base = base;
        self
    }

    /// Waits so long for an answer instead of [`CALL_TIMEOUT`](crate::client::CALL_TIMEOUT). A file has six times as long.
    #[must_use]
    pub fn with_patience(mut self, patience: std::time::Duration) -> Self {
        self.clients.patience = patience;
        self
    }
}

impl Messenger for Telegram {
    fn kind(&self) -> Kind {
        Kind::Telegram
    }

    fn limits(&self) -> &Limits {
        &LIMITS
    }

    fn api_base(&self) -> Url {
        self.api_base.clone()
    }

    fn verify(&self, channel: &Channel, headers: &HeaderMap) -> Result<(), Refused> {
        let shown = headers.get(SECRET_HEADER).ok_or(Refused::NoSecret)?;
        let secret = channel.secret.as_ref().ok_or(Refused::NotByHook)?.expose_secret();
        let same: bool = secret.as_bytes().ct_eq(shown.as_bytes()).into();
        if same && !secret.is_empty() { Ok(()) } else { Err(Refused::WrongSecret) }
    }

    fn accept(&self, raw: &[u8], received: Instant) -> Accepted {
        update::accept(raw, received)
    }

    fn send<'a>(
        &'a self,
        channel: &'a Channel,
        message: &'a Outgoing,
    ) -> BoxFuture<'a, Result<Delivery, SendError>> {
        Box::pin(send::send(&self.clients, channel, message))
    }

    fn acknowledge<'a>(
        &'a self,
        channel: &'a Channel,
        press: &'a str,
    ) -> BoxFuture<'a, Result<(), SendError>> {
        Box::pin(send::answer_press(&self.clients, channel, press))
    }

    fn poll<'a>(
        &'a self,
        channel: &'a Channel,
        cursor: i64,
        wait_seconds: u32,
    ) -> BoxFuture<'a, Result<Vec<Polled>, PollError>> {
        Box::pin(receive::poll(&self.clients, channel, cursor, wait_seconds))
    }

    fn fetch<'a>(
        &'a self,
        channel: &'a Channel,
        file: &'a FileRef,
        bytes_max: u64,
    ) -> BoxFuture<'a, Result<Fetched, FetchError>> {
        Box::pin(files::fetch(&self.clients, channel, file, bytes_max.min(LIMITS.fetch_bytes_max)))
    }

    fn identify<'a>(&'a self, channel: &'a Channel) -> BoxFuture<'a, Result<BotIdentity, SendError>> {
        Box::pin(receive::identify(&self.clients, channel))
    }

    fn picture<'a>(
        &'a self,
        channel: &'a Channel,
        bot: &'a BotIdentity,
        bytes_max: u64,
    ) -> BoxFuture<'a, Result<Option<Fetched>, FetchError>> {
        Box::pin(files::picture(&self.clients, channel, bot, bytes_max.min(LIMITS.fetch_bytes_max)))
    }

    fn receive_by<'a>(
        &'a self,
        channel: &'a Channel,
        receive: &'a Receive,
    ) -> BoxFuture<'a, Result<Setup, SendError>> {
        Box::pin(receive::receive_by(&self.clients, channel, receive))
    }

    fn describe_commands<'a>(
        &'a self,
        channel: &'a Channel,
        commands: &'a [Command],
    ) -> BoxFuture<'a, Result<Setup, SendError>> {
        Box::pin(receive::describe_commands(&self.clients, channel, commands))
    }

    fn offer_app<'a>(
        &'a self,
        channel: &'a Channel,
        app: &'a AppButton,
        wanted: bool,
    ) -> BoxFuture<'a, Result<Setup, SendError>> {
        Box::pin(receive::offer_app(&self.clients, channel, app, wanted))
    }

    fn launched(&self, channel: &Channel, data: &str, now: Instant) -> Result<Launch, BadLaunch> {
        launch::read(channel.token.expose_secret(), data, now)
    }

    fn entry_link(&self, identity: &BotIdentity, payload: &str) -> Option<String> {
        let carried = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        let fits = (1..=64).contains(&payload.len()) && payload.bytes().all(carried);
        identity.link.as_ref().filter(|_| fits).map(|link| format!("{link}?start={payload}"))
    }
}

#[cfg(test)]
mod tests;
