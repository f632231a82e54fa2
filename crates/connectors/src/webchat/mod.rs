//! Our own chat on a web page.
//!
//! A visitor gets a signed [`session`] and posts JSON ([`post`]); what the bot says is published to a [`hub`] from
//! which the page's event stream reads. The page also reads its history from the server, so that an event missed
//! (no stream open, stream on another node) is not a message lost.
//!
//! The endpoints themselves are not here: this folder opens no sockets.

pub mod hub;
pub mod page;
pub mod post;
pub mod session;

pub use hub::{Hub, HubFull, Listener};
pub use page::{PageEvent, PageMessage};
pub use post::{BadPost, Visitor, envelope};
pub use session::Session;

use crate::messenger::{
    Accepted, BotIdentity, Buttons, Channel, Command, Delivery, FetchError, Fetched, Kind, Limits, Messenger,
    Outgoing, Pace, PhoneButton, PollError, Polled, Receive, Refused, SendError, Setup,
};
use futures::future::{BoxFuture, ready};
use reqwest::header::HeaderMap;
use samovar_base::Instant;
use samovar_base::message::FileRef;
use std::sync::Arc;
use url::Url;

const MIB: u64 = 1 << 20;

const LIMITS: Limits = Limits {
    text_max: post::TEXT_MAX,
    caption_max: post::TEXT_MAX,
    buttons: Some(Buttons {
        rows: 50,
        per_row: 4,
        total: 100,
        label_max: 64,
        token_bytes: 64,
        links_per_row: 4,
    }),
    list: None,
    phone_button: PhoneButton::None,
    edits: true,
    uploads: false,
    photo_bytes_max: 10 * MIB,
    document_bytes_max: 20 * MIB,
    fetch_bytes_max: 0,
    pace: Pace { bot_per_second: 1_000, chat_per_second: 10, chat_burst: 30, group_per_minute: 600 },
};

/// The connector.
pub struct Webchat {
    hub: Arc<Hub>,
}

impl Webchat {
    /// Publishing to `hub`.
    pub fn new(hub: Arc<Hub>) -> Self {
        Self { hub }
    }
}

impl Messenger for Webchat {
    fn kind(&self) -> Kind {
        Kind::Webchat
    }

    fn limits(&self) -> &Limits {
        &LIMITS
    }

    /// Nothing is called there.
    fn api_base(&self) -> Url {
        Url::parse("http://localhost").expect("an address")
    }

    /// Always refuses: visitors come in by their session.
    fn verify(&self, _: &Channel, _: &HeaderMap) -> Result<(), Refused> {
        Err(Refused::NotByHook)
    }

    /// Takes what [`envelope`] made.
    fn accept(&self, raw: &[u8], received: Instant) -> Accepted {
        post::accept(raw, received)
    }

    /// Publishes. It counts as delivered when nobody listens: the page reads its history when it opens.
    fn send<'a>(
        &'a self,
        channel: &'a Channel,
        message: &'a Outgoing,
    ) -> BoxFuture<'a, Result<Delivery, SendError>> {
        let id = message.drawn.replaces.clone().unwrap_or_else(|| message.id.to_string());
        let event = PageEvent::Message(PageMessage::of(&id, &message.drawn));
        self.hub.publish(channel.id, &message.chat, &event);
        Box::pin(ready(Ok(Delivery { message: Some(id), file: None })))
    }

    fn acknowledge<'a>(&'a self, _: &'a Channel, _: &'a str) -> BoxFuture<'a, Result<(), SendError>> {
        Box::pin(ready(Ok(())))
    }

    fn poll<'a>(&'a self, _: &'a Channel, _: i64, _: u32) -> BoxFuture<'a, Result<Vec<Polled>, PollError>> {
        Box::pin(ready(Err(PollError::Failed("a web chat is not polled: its visitors post".into()))))
    }

    /// Never works: what visitors send lies in our own store already.
    fn fetch<'a>(
        &'a self,
        _: &'a Channel,
        _: &'a FileRef,
        _: u64,
    ) -> BoxFuture<'a, Result<Fetched, FetchError>> {
        Box::pin(ready(Err(FetchError::Failed("files of a web chat lie in the program's own store".into()))))
    }

    fn identify<'a>(&'a self, channel: &'a Channel) -> BoxFuture<'a, Result<BotIdentity, SendError>> {
        let identity =
            BotIdentity { id: channel.id.to_string(), name: String::new(), handle: None, link: None };
        Box::pin(ready(Ok(identity)))
    }

    fn receive_by<'a>(&'a self, _: &'a Channel, _: &'a Receive) -> BoxFuture<'a, Result<Setup, SendError>> {
        Box::pin(ready(Ok(Setup::Kept)))
    }

    fn describe_commands<'a>(
        &'a self,
        _: &'a Channel,
        _: &'a [Command],
    ) -> BoxFuture<'a, Result<Setup, SendError>> {
        Box::pin(ready(Ok(Setup::Kept)))
    }

    /// To the page whose address the caller put into `identity.link`.
    fn entry_link(&self, identity: &BotIdentity, payload: &str) -> Option<String> {
        let mut link = Url::parse(identity.link.as_ref()?).ok()?;
        let fits = (1..=post::PAYLOAD_BYTES_MAX).contains(&payload.len());
        link.query_pairs_mut().append_pair("start", payload);
        fits.then(|| link.into())
    }
}

#[cfg(test)]
mod tests;
