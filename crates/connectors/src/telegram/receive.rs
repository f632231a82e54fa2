//! How deliveries come, and who the bot is.

use super::call::{self, CallError};
use crate::client::Clients;
use crate::draw::cut;
use crate::messenger::{
    AppButton, BotIdentity, Channel, Command, PollError, Polled, Receive, SendError, Setup,
};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::time::Duration;

/// The kinds of updates we decode. Always stated: the server remembers the last list, whoever gave it.
const ALLOWED_UPDATES: [&str; 4] = ["message", "edited_message", "callback_query", "my_chat_member"];
/// Longer waits are shortened by the server.
const WAIT_SECONDS_MAX: u32 = 50;
const UPDATES_AT_ONCE: u32 = 100;
/// When polling failed for no lasting reason.
const POLL_PAUSE_MS: u64 = 1_000;
const COMMANDS_MAX: usize = 100;
const DESCRIPTION_MAX: usize = 256;
const LABEL_MAX: usize = 64;

/// See [`Messenger::poll`](crate::Messenger::poll).
pub(super) async fn poll(
    clients: &Clients,
    channel: &Channel,
    cursor: i64,
    wait_seconds: u32,
) -> Result<Vec<Polled>, PollError> {
    #[derive(Serialize)]
    struct GetUpdates {
        offset: i64,
        limit: u32,
        timeout: u32,
        allowed_updates: [&'static str; 4],
    }
    #[derive(Deserialize)]
    struct Numbered {
        update_id: i64,
    }
    let wait = wait_seconds.min(WAIT_SECONDS_MAX);
    let body = GetUpdates {
        offset: cursor,
        limit: UPDATES_AT_ONCE,
        timeout: wait,
        allowed_updates: ALLOWED_UPDATES,
    };
    let timeout = clients.patience + Duration::from_secs(wait.into());
    let updates: Vec<Box<RawValue>> =
        call::call(clients, channel, "getUpdates", &body, timeout).await.map_err(not_polled)?;
    updates
        .into_iter()
        .map(|update| {
            let order = serde_json::from_str::<Numbered>(update.get())
                .map_err(|_| PollError::Failed("an update came without a number".into()))?
                .update_id;
            Ok(Polled { order, raw: Box::<str>::from(update).into_string().into_bytes() })
        })
        .collect()
}

/// See [`Messenger::identify`](crate::Messenger::identify).
pub(super) async fn identify(clients: &Clients, channel: &Channel) -> Result<BotIdentity, SendError> {
    #[derive(Deserialize)]
    struct Me {
        id: i64,
        first_name: String,
        username: Option<String>,
    }
    let me: Me = ask(clients, channel, "getMe", &Nothing {}).await?;
    let link = me.username.as_ref().map(|handle| format!("https://t.me/{handle}"));
    Ok(BotIdentity { id: me.id.to_string(), name: me.first_name, handle: me.username, link })
}

/// See [`Messenger::receive_by`](crate::Messenger::receive_by).
pub(super) async fn receive_by(
    clients: &Clients,
    channel: &Channel,
    receive: &Receive,
) -> Result<Setup, SendError> {
    #[derive(Serialize)]
    struct SetWebhook<'a> {
        url: &'a str,
        secret_token: &'a str,
        max_connections: u32,
        allowed_updates: [&'static str; 4],
    }
    let now: WebhookInfo = ask(clients, channel, "getWebhookInfo", &Nothing {}).await?;
    match receive {
        Receive::Polling if now.url.is_empty() => Ok(Setup::Kept),
        Receive::Polling => {
            let _: bool = ask(clients, channel, "deleteWebhook", &Nothing {}).await?;
            Ok(Setup::Changed)
        }
        Receive::Webhook { url, secret, connections } => {
            let max_connections = (*connections).clamp(1, 100);
            if now.is(url.as_str(), max_connections) {
                return Ok(Setup::Kept);
            }
            let body = SetWebhook {
                url: url.as_str(),
                secret_token: secret.expose_secret(),
                max_connections,
                allowed_updates: ALLOWED_UPDATES,
            };
            let _: bool = ask(clients, channel, "setWebhook", &body).await?;
            Ok(Setup::Changed)
        }
    }
}

/// See [`Messenger::describe_commands`](crate::Messenger::describe_commands).
pub(super) async fn describe_commands(
    clients: &Clients,
    channel: &Channel,
    commands: &[Command],
) -> Result<Setup, SendError> {
    #[derive(Serialize, Deserialize, PartialEq)]
    struct BotCommand {
        command: String,
        description: String,
    }
    #[derive(Serialize)]
    struct SetMyCommands {
        commands: Vec<BotCommand>,
    }
    let wanted: Vec<BotCommand> = commands
        .iter()
        .take(COMMANDS_MAX)
        .map(|command| BotCommand {
            command: command.name.clone(),
            description: cut(&command.description, DESCRIPTION_MAX),
        })
        .collect();
    let now: Vec<BotCommand> = ask(clients, channel, "getMyCommands", &Nothing {}).await?;
    if now == wanted {
        return Ok(Setup::Kept);
    }
    let _: bool = ask(clients, channel, "setMyCommands", &SetMyCommands { commands: wanted }).await?;
    Ok(Setup::Changed)
}

/// See [`Messenger::offer_app`](crate::Messenger::offer_app).
pub(super) async fn offer_app(
    clients: &Clients,
    channel: &Channel,
    app: &AppButton,
    wanted: bool,
) -> Result<Setup, SendError> {
    #[derive(Serialize, Deserialize, PartialEq)]
    struct WebApp {
        url: String,
    }
    #[derive(Serialize, Deserialize, PartialEq)]
    struct MenuButton {
        r#type: String,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        text: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        web_app: Option<WebApp>,
    }
    #[derive(Serialize)]
    struct SetChatMenuButton {
        menu_button: MenuButton,
    }
    let now: MenuButton = ask(clients, channel, "getChatMenuButton", &Nothing {}).await?;
    let ours = now.web_app.as_ref().is_some_and(|known| known.url.starts_with(app.url.as_str()));
    let menu_button = if wanted {
        MenuButton {
            r#type: "web_app".into(),
            text: cut(&app.label, LABEL_MAX),
            web_app: Some(WebApp { url: app.url.to_string() }),
        }
    } else {
        MenuButton { r#type: "default".into(), text: String::new(), web_app: None }
    };
    if now == menu_button || (!wanted && !ours) {
        return Ok(Setup::Kept);
    }
    let _: bool = ask(clients, channel, "setChatMenuButton", &SetChatMenuButton { menu_button }).await?;
    Ok(Setup::Changed)
}

#[derive(Serialize)]
struct Nothing {}

#[derive(Deserialize)]
struct WebhookInfo {
    url: String,
    max_connections: Option<u32>,
    #[serde(default)]
    allowed_updates: Vec<String>,
    #[serde(default)]
    last_error_message: String,
}

impl WebhookInfo {
    fn is(&self, url: &str, max_connections: u32) -> bool {
        let same_kinds = self.allowed_updates.len() == ALLOWED_UPDATES.len()
            && ALLOWED_UPDATES.iter().all(|kind| self.allowed_updates.iter().any(|allowed| allowed == kind));
        // The server does not show the secret. That we refused its deliveries is the sign of an old one.
        let secret_refused = ["401", "403"].iter().any(|code| self.last_error_message.contains(code));
        self.url == url
            && self.max_connections.unwrap_or(40) == max_connections
            && same_kinds
            && !secret_refused
    }
}

async fn ask<T: serde::de::DeserializeOwned>(
    clients: &Clients,
    channel: &Channel,
    method: &str,
    body: &impl Serialize,
) -> Result<T, SendError> {
    call::call(clients, channel, method, body, clients.patience)
        .await
        .map_err(|error| call::repeatable(error, ""))
}

fn not_polled(error: CallError) -> PollError {
    match error {
        CallError::NotSent(text) | CallError::Lost(text) => {
            tracing::debug!(%text, "polling was interrupted");
            PollError::Later(POLL_PAUSE_MS)
        }
        CallError::Stranger(status) => PollError::Failed(call::stranger(status)),
        CallError::Refused(refusal) => match refusal.code {
            401 | 404 => PollError::Unauthorized,
            409 => PollError::Conflict(refusal.text),
            408 | 429 | 500..=599 => PollError::Later(refusal.retry_after_ms.unwrap_or(POLL_PAUSE_MS)),
            code => PollError::Failed(format!("{code}: {}", refusal.text)),
        },
    }
}
