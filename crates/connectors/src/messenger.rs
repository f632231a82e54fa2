//! What every messenger is asked to do, and in which words it answers.

use crate::draw::Drawn;
use bytes::Bytes;
use futures::future::BoxFuture;
use reqwest::header::HeaderMap;
use samovar_base::message::{FileRef, Incoming, Person};
use samovar_base::{ChannelId, Instant, OutboundId};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use url::Url;

/// A protocol in which people and bots write to each other.
///
/// Implementations keep nothing between calls but connections: a channel comes in with each call.
pub trait Messenger: Send + Sync {
    /// Which protocol.
    fn kind(&self) -> Kind;

    /// What it can do.
    fn limits(&self) -> &Limits;

    /// Where its API is when a channel names no other place.
    fn api_base(&self) -> Url;

    /// Whether a delivery to our hook was sent by the messenger for this channel. Secrets are compared in constant
    /// time; a channel without a secret refuses everything.
    fn verify(&self, channel: &Channel, headers: &HeaderMap) -> Result<(), Refused>;

    /// Decodes one delivery. Pure, and never fails: what cannot be understood has no events and a `problem`.
    /// `received` stands where the messenger tells no time.
    fn accept(&self, raw: &[u8], received: Instant) -> Accepted;

    /// Sends one part, or puts it in the place of an earlier message ([`Drawn::replaces`]). When that message can no
    /// longer be changed the part is sent anew. Tries once: repeating is the caller's decision, by the error.
    fn send<'a>(
        &'a self,
        channel: &'a Channel,
        message: &'a Outgoing,
    ) -> BoxFuture<'a, Result<Delivery, SendError>>;

    /// Tells the messenger that a press was noticed ([`Accepted::acknowledge`]). A press too old to be answered is
    /// no error.
    fn acknowledge<'a>(
        &'a self,
        channel: &'a Channel,
        press: &'a str,
    ) -> BoxFuture<'a, Result<(), SendError>>;

    /// Waits up to `wait_seconds` for deliveries from `cursor` on, and confirms to the messenger all below `cursor`:
    /// the next cursor is the last order plus one, told only after the deliveries were stored. 0 begins.
    fn poll<'a>(
        &'a self,
        channel: &'a Channel,
        cursor: i64,
        wait_seconds: u32,
    ) -> BoxFuture<'a, Result<Vec<Polled>, PollError>>;

    /// Reads a file that a person sent, if it has at most `bytes_max` bytes.
    fn fetch<'a>(
        &'a self,
        channel: &'a Channel,
        file: &'a FileRef,
        bytes_max: u64,
    ) -> BoxFuture<'a, Result<Fetched, FetchError>>;

    /// Who the channel's bot is. The cheapest proof that token, address and proxy are right.
    fn identify<'a>(&'a self, channel: &'a Channel) -> BoxFuture<'a, Result<BotIdentity, SendError>>;

    /// The picture that people see beside the bot's name, if it has one: a small one where there are several, of at most
    /// `bytes_max` bytes.
    fn picture<'a>(
        &'a self,
        _: &'a Channel,
        _: &'a BotIdentity,
        _bytes_max: u64,
    ) -> BoxFuture<'a, Result<Option<Fetched>, FetchError>> {
        Box::pin(std::future::ready(Ok(None)))
    }

    /// Makes the messenger deliver this way. Looks first and changes only what differs.
    fn receive_by<'a>(
        &'a self,
        channel: &'a Channel,
        receive: &'a Receive,
    ) -> BoxFuture<'a, Result<Setup, SendError>>;

    /// Makes the list of commands that the messenger shows beside the text field. Looks first.
    fn describe_commands<'a>(
        &'a self,
        channel: &'a Channel,
        commands: &'a [Command],
    ) -> BoxFuture<'a, Result<Setup, SendError>>;

    /// Makes the button that opens the company's Mini App stand beside the text field, or takes away one that led to
    /// `app`'s address or below it when none is wanted any more. Looks first; leaves a button alone that leads elsewhere.
    fn offer_app<'a>(
        &'a self,
        _: &'a Channel,
        _: &'a AppButton,
        _: bool,
    ) -> BoxFuture<'a, Result<Setup, SendError>> {
        Box::pin(std::future::ready(Ok(Setup::Kept)))
    }

    /// Who opened a Mini App, by the data with which the messenger opened it: made by the messenger for this channel's
    /// bot, and not long ago. Pure; signatures are compared in constant time.
    fn launched(&self, _: &Channel, _: &str, _: Instant) -> Result<Launch, BadLaunch> {
        Err(BadLaunch::Unsupported)
    }

    /// A link that opens the bot and comes back as a start with `payload`; `None` when the messenger has no such
    /// links or cannot carry this payload.
    fn entry_link(&self, identity: &BotIdentity, payload: &str) -> Option<String>;
}

/// A protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Telegram Bot API.
    Telegram,
    /// Our own chat on a web page.
    Webchat,
}

impl Kind {
    /// The name in tables, addresses and files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Telegram => "telegram",
            Self::Webchat => "webchat",
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Kind {
    type Err = UnknownKind;
    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        [Self::Telegram, Self::Webchat]
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| UnknownKind(text.to_owned()))
    }
}

/// Text that names no messenger we speak.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("«{0}» is not a messenger this program speaks: telegram, webchat")]
pub struct UnknownKind(pub String);

/// What a messenger can do. Lengths of texts are in UTF-16 units, as messengers count them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Longest text of one message.
    pub text_max: usize,
    /// Longest text under a picture or file.
    pub caption_max: usize,
    /// Buttons under a message.
    pub buttons: Option<Buttons>,
    /// A list to choose from, opened by one button.
    pub list: Option<List>,
    /// A button that shares the person's phone number.
    pub phone_button: PhoneButton,
    /// A sent message can be changed.
    pub edits: bool,
    /// Files are uploaded to it; otherwise it shows them from our own store and `upload` stays empty.
    pub uploads: bool,
    /// Largest picture that can be sent, in bytes.
    pub photo_bytes_max: u64,
    /// Largest other file that can be sent, in bytes.
    pub document_bytes_max: u64,
    /// Largest file that can be fetched, in bytes.
    pub fetch_bytes_max: u64,
    /// How fast it may be written to, when the channel is not told otherwise.
    pub pace: Pace,
}

impl Limits {
    /// Whether a person can share a phone number by a button.
    pub fn shares_phone(&self) -> bool {
        self.phone_button != PhoneButton::None
    }
}

/// What buttons under a message may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Buttons {
    /// Most rows.
    pub rows: usize,
    /// Most buttons in a row.
    pub per_row: usize,
    /// Most buttons at all.
    pub total: usize,
    /// Longest label; longer ones are cut.
    pub label_max: usize,
    /// Longest token, in bytes.
    pub token_bytes: usize,
    /// Most buttons in a row that holds a link or a request for the phone number; 0 where links are no buttons.
    pub links_per_row: usize,
}

/// What a list of choices may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct List {
    /// Most rows.
    pub rows: usize,
    /// Longest label; longer ones are cut.
    pub label_max: usize,
    /// Longest token, in bytes.
    pub token_bytes: usize,
}

/// Where the button that shares a phone number can stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhoneButton {
    /// There is none: the number is typed.
    None,
    /// Among the buttons under a message.
    Inline,
    /// Only on a keyboard of its own, whose other buttons come back as texts.
    Keyboard,
}

/// Messages allowed in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pace {
    /// A second, over all chats of a bot.
    pub bot_per_second: u32,
    /// A second in one chat, in the long run.
    pub chat_per_second: u32,
    /// At once in one chat after a silence.
    pub chat_burst: u32,
    /// A minute in a group.
    pub group_per_minute: u32,
}

/// What a connector has to know of a tenant's bot to speak for it.
#[derive(Debug, Clone)]
pub struct Channel {
    /// Ours.
    pub id: ChannelId,
    /// The protocol.
    pub kind: Kind,
    /// The messenger's key to the bot.
    pub token: SecretString,
    /// Where its API is, without a trailing slash; own servers and emulators are possible.
    pub api_base: Url,
    /// `http`, `https`, `socks5` or `socks5h`, with user and password when needed.
    pub proxy: Option<Url>,
    /// What the messenger shows with each delivery to our hook.
    pub secret: Option<SecretString>,
    /// IETF language tag of the bot's own words.
    pub locale: String,
}

/// A delivery was not made by the messenger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// No secret came with it.
    #[error("the delivery carries no secret")]
    NoSecret,
    /// Not the secret of this channel.
    #[error("the delivery carries a wrong secret")]
    WrongSecret,
    /// This channel takes no deliveries by hook.
    #[error("this channel does not receive by a hook")]
    NotByHook,
}

/// A decoded delivery.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Accepted {
    /// What happened. An event whose `chat` is empty has nobody to answer and makes no contact.
    pub events: Vec<Incoming>,
    /// Unique within the channel; the same delivery twice carries the same. `sha256:…` of the bytes when the
    /// messenger's own key cannot be read.
    pub dedup: String,
    /// As [`Incoming::order`].
    pub order: i64,
    /// JSON with which the hook should answer the messenger: cheaper than a call of [`Messenger::acknowledge`].
    pub reply: Option<Vec<u8>>,
    /// What to [`Messenger::acknowledge`] when the delivery was polled and there is no answer to put `reply` in.
    pub acknowledge: Option<String>,
    /// Why it could not be understood, for the log and the console.
    pub problem: Option<String>,
}

/// One part of a message on its way out.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// Ours; the idempotency key where the messenger takes one.
    pub id: OutboundId,
    /// The conversation, in the messenger's terms.
    pub chat: String,
    /// What to show.
    pub drawn: Drawn,
    /// The content of `drawn.media`; must be there when a messenger that uploads is to show media.
    pub upload: Option<Upload>,
}

/// The content of a picture or file.
#[derive(Debug, Clone)]
pub enum Upload {
    /// To be uploaded.
    New {
        /// The content.
        bytes: Bytes,
        /// File name with extension.
        name: String,
        /// Media type.
        media_type: String,
    },
    /// Already there, under this id of the vendor ([`Delivery::file`] of an earlier send by the same channel).
    Known(String),
}

/// A message has arrived at the messenger.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Delivery {
    /// The vendor's id of the message; `None` when the answer did not tell.
    pub message: Option<String>,
    /// The vendor's id of the uploaded file, for sending it again.
    pub file: Option<String>,
}

/// Whom a pause concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// This conversation.
    Chat,
    /// Everything the bot sends.
    Bot,
}

/// Why a call did not do what it should. Texts never hold tokens or addresses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Refused for now; nothing was done, or doing it again changes nothing.
    #[error("the messenger asks to wait {after_ms} ms")]
    Later {
        /// Not before so many milliseconds.
        after_ms: u64,
        /// Whom else it concerns.
        scope: Scope,
    },
    /// The person does not let the bot write.
    #[error("the person cannot be written to: {0}")]
    Blocked(String),
    /// Will be refused however often it is tried.
    #[error("refused ({code}): {text}")]
    Rejected {
        /// The vendor's code.
        code: i64,
        /// The vendor's words.
        text: String,
    },
    /// The token is not, or no longer, good: the channel must stop.
    #[error("the messenger does not accept the token: {0}")]
    Unauthorized(String),
    /// The conversation has another id now: remember it and send there.
    #[error("the conversation moved to {chat}")]
    Moved {
        /// The new id.
        chat: String,
    },
    /// The vendor no longer has the file of [`Upload::Known`]: upload it anew.
    #[error("the messenger no longer has the file")]
    FileUnknown,
    /// The request went out and its answer was lost: the message may or may not be there.
    #[error("it is unknown whether the message arrived: {0}")]
    Unsure(String),
    /// Surely not delivered, or repeating it changes nothing: may be repeated.
    #[error("not sent: {0}")]
    NotSent(String),
}

/// A polled delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Polled {
    /// As [`Incoming::order`].
    pub order: i64,
    /// What [`Messenger::accept`] takes.
    pub raw: Vec<u8>,
}

/// Why polling did not work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PollError {
    /// Busy, or not reachable for the moment: again after so many milliseconds.
    #[error("polling must wait {0} ms")]
    Later(u64),
    /// Somebody else receives for this bot: another program or a hook.
    #[error("somebody else receives for this bot: {0}")]
    Conflict(String),
    /// The token is not good.
    #[error("the messenger does not accept the token")]
    Unauthorized,
    /// Anything else.
    #[error("polling failed: {0}")]
    Failed(String),
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The content.
    pub bytes: Bytes,
    /// Media type: by the content where it is evident, else as claimed.
    pub media_type: Option<String>,
}

/// Why a file was not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// More bytes than allowed, by us or by the messenger.
    #[error("the file is too large")]
    TooLarge,
    /// The messenger does not have it, or no longer.
    #[error("the messenger does not have the file")]
    Gone,
    /// May work after so many milliseconds.
    #[error("fetching must wait {0} ms")]
    Later(u64),
    /// The token is not good.
    #[error("the messenger does not accept the token")]
    Unauthorized,
    /// Anything else.
    #[error("fetching failed: {0}")]
    Failed(String),
}

/// A bot as the messenger knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BotIdentity {
    /// The messenger's id.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Its public handle without `@`.
    pub handle: Option<String>,
    /// A link that opens it.
    pub link: Option<String>,
}

/// How deliveries come.
#[derive(Debug, Clone)]
pub enum Receive {
    /// The messenger calls us.
    Webhook {
        /// Our address for this channel. When the secret changes, change the address too: the messenger shows
        /// only the address, so that another secret behind the same one is noticed only after it was refused.
        url: Url,
        /// What it shows with each call.
        secret: SecretString,
        /// Most calls at a time.
        connections: u32,
    },
    /// We ask.
    Polling,
}

/// What a set-up call found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setup {
    /// It was so already.
    Kept,
    /// It was changed.
    Changed,
}

/// The button that opens a Mini App.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppButton {
    /// What is written on it.
    pub label: String,
    /// Where the app is.
    pub url: Url,
}

/// A Mini App was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launch {
    /// By whom.
    pub person: Person,
    /// When.
    pub at: Instant,
    /// What the link carried by which it was opened.
    pub start: Option<String>,
}

/// Why launch data is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadLaunch {
    /// Not in the messenger's form.
    #[error("this is no launch data")]
    Malformed,
    /// Not signed for this bot, or changed on the way.
    #[error("the launch data is not signed for this bot")]
    Forged,
    /// Signed too long ago, or in the future.
    #[error("the launch data is out of date")]
    Stale,
    /// This messenger opens no Mini Apps.
    #[error("this messenger opens no Mini Apps")]
    Unsupported,
}

/// A command the messenger offers beside the text field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// Without the slash: 1 to 32 of `[a-z0-9_]`.
    pub name: String,
    /// For people.
    pub description: String,
}
