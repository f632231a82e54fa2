//! Who a visitor is: a chat id, signed, so that nobody can read or write another's chat.

use samovar_base::{Chance, ChannelId, Instant, Vault, hex};

const PURPOSE: &str = "webchat-session";
/// A session unused for longer than this begins anew.
const AGE_SECONDS_MAX: i64 = 180 * 24 * 3600;
/// Clocks of two nodes may differ by so much.
const SKEW_SECONDS_MAX: i64 = 300;

/// A visitor's chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The chat's id.
    pub chat: String,
    /// When its token was issued.
    pub issued: Instant,
}

impl Session {
    /// Of a visitor who has none yet.
    pub fn new(chance: &Chance, now: Instant) -> Self {
        Self { chat: chance.token(), issued: now }
    }

    /// The token by which it is opened. Good for this channel only.
    pub fn token(&self, vault: &Vault, channel: ChannelId) -> String {
        let signed = format!("{}.{}", self.chat, self.issued.seconds());
        let signature = vault.sign(PURPOSE, bound(channel, &signed).as_bytes());
        format!("{signed}.{}", hex::encode(&signature))
    }

    /// The session of a token, when it is ours, of this channel and not too old.
    pub fn open(vault: &Vault, channel: ChannelId, token: &str, now: Instant) -> Option<Self> {
        let (signed, signature) = token.rsplit_once('.')?;
        if !vault.verify(PURPOSE, bound(channel, signed).as_bytes(), &hex::decode(signature)?) {
            return None;
        }
        let (chat, seconds) = signed.split_once('.')?;
        let issued = Instant::from_seconds(seconds.parse().ok()?);
        let age = now.seconds() - issued.seconds();
        (-SKEW_SECONDS_MAX..=AGE_SECONDS_MAX).contains(&age).then(|| Self { chat: chat.to_owned(), issued })
    }

    /// Whether it is time to give the visitor a fresh token of the same chat.
    pub fn is_ageing(&self, now: Instant) -> bool {
        now.seconds() - self.issued.seconds() > AGE_SECONDS_MAX / 2
    }
}

fn bound(channel: ChannelId, signed: &str) -> String {
    format!("{channel}/{signed}")
}
