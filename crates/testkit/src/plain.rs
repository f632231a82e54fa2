//! A channel that shows neither buttons nor lists: choices become numbered text. Otherwise it is the web chat.

use futures::future::BoxFuture;
use samovar_base::Instant;
use samovar_base::message::FileRef;
use samovar_connectors::webchat::{Hub, Webchat};
use samovar_connectors::{
    Accepted, BotIdentity, Channel, Command, Delivery, FetchError, Fetched, HeaderMap, Kind, Limits,
    Messenger, Outgoing, PollError, Polled, Receive, Refused, SendError, Setup,
};
use std::sync::Arc;
use url::Url;

/// The double.
pub struct Plain {
    webchat: Webchat,
    limits: Limits,
}

impl Plain {
    /// Publishing to `hub`, as the web chat does.
    pub fn new(hub: Arc<Hub>) -> Self {
        let webchat = Webchat::new(hub);
        let limits = Limits { buttons: None, list: None, edits: false, ..webchat.limits().clone() };
        Self { webchat, limits }
    }
}

impl Messenger for Plain {
    fn kind(&self) -> Kind {
        self.webchat.kind()
    }
    fn limits(&self) -> &Limits {
        &self.limits
    }
    fn api_base(&self) -> Url {
        self.webchat.api_base()
    }
    fn verify(&self, channel: &Channel, headers: &HeaderMap) -> Result<(), Refused> {
        self.webchat.verify(channel, headers)
    }
    fn accept(&self, raw: &[u8], received: Instant) -> Accepted {
        self.webchat.accept(raw, received)
    }
    fn send<'a>(
        &'a self,
        channel: &'a Channel,
        message: &'a Outgoing,
    ) -> BoxFuture<'a, Result<Delivery, SendError>> {
        self.webchat.send(channel, message)
    }
    fn acknowledge<'a>(
        &'a self,
        channel: &'a Channel,
        press: &'a str,
    ) -> BoxFuture<'a, Result<(), SendError>> {
        self.webchat.acknowledge(channel, press)
    }
    fn poll<'a>(
        &'a self,
        channel: &'a Channel,
        cursor: i64,
        wait: u32,
    ) -> BoxFuture<'a, Result<Vec<Polled>, PollError>> {
        self.webchat.poll(channel, cursor, wait)
    }
    fn fetch<'a>(
        &'a self,
        channel: &'a Channel,
        file: &'a FileRef,
        max: u64,
    ) -> BoxFuture<'a, Result<Fetched, FetchError>> {
        self.webchat.fetch(channel, file, max)
    }
    fn identify<'a>(&'a self, channel: &'a Channel) -> BoxFuture<'a, Result<BotIdentity, SendError>> {
        self.webchat.identify(channel)
    }
    fn receive_by<'a>(
        &'a self,
        channel: &'a Channel,
        receive: &'a Receive,
    ) -> BoxFuture<'a, Result<Setup, SendError>> {
        self.webchat.receive_by(channel, receive)
    }
    fn describe_commands<'a>(
        &'a self,
        channel: &'a Channel,
        commands: &'a [Command],
    ) -> BoxFuture<'a, Result<Setup, SendError>> {
        self.webchat.describe_commands(channel, commands)
    }
    fn entry_link(&self, identity: &BotIdentity, payload: &str) -> Option<String> {
        self.webchat.entry_link(identity, payload)
    }
}
