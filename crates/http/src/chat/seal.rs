//! Which files a visitor may see: keys of media leave with a signature for the chat in which they were shown, and
//! come back with it. So a visitor can neither fetch nor hand in another's file.

use crate::error::Error;
use samovar_app::App;
use samovar_app::directory::ChannelInfo;
use samovar_app::problem::{Kind, Problem};
use samovar_base::hex;
use samovar_connectors::webchat::PageMessage;
use serde_json::Value;
use subtle::ConstantTimeEq;

const PURPOSE: &str = "webchat-file";
const MARK: char = '~';

/// The key as the page of this chat gets it.
pub(super) fn seal(app: &App, channel: &ChannelInfo, chat: &str, key: &str) -> String {
    let signature = app.vault.sign(PURPOSE, bound(channel, chat, key).as_bytes());
    format!("{key}{MARK}{}", hex::encode(&signature))
}

/// The key that was sealed for this chat.
pub(super) fn open(app: &App, channel: &ChannelInfo, chat: &str, sealed: &str) -> Option<String> {
    let (key, _) = sealed.rsplit_once(MARK)?;
    let ours = seal(app, channel, chat, key);
    bool::from(ours.as_bytes().ct_eq(sealed.as_bytes())).then(|| key.to_owned())
}

/// A message with its media named as the page may ask for it.
pub(super) fn seal_message(
    app: &App,
    channel: &ChannelInfo,
    chat: &str,
    mut message: PageMessage,
) -> PageMessage {
    if let Some(media) = message.media.as_mut() {
        media.key = seal(app, channel, chat, &media.key);
    }
    message
}

/// A post with the file it hands in named as it is stored. Posts without one stay as they are.
pub(super) fn open_file(app: &App, channel: &ChannelInfo, chat: &str, post: &[u8]) -> Result<Vec<u8>, Error> {
    let Ok(mut parsed) = serde_json::from_slice::<Value>(post) else { return Ok(post.to_vec()) };
    let Some(Value::String(vendor_id)) = parsed.pointer_mut("/file/vendor_id") else {
        return Ok(post.to_vec());
    };
    let key = open(app, channel, chat, &format!("file/{vendor_id}")).ok_or_else(unknown_file)?;
    *vendor_id = key.strip_prefix("file/").unwrap_or(&key).to_owned();
    Ok(serde_json::to_vec(&parsed).unwrap_or_default())
}

/// Nobody uploaded it in this chat.
pub(super) fn unknown_file() -> Error {
    Problem::new(Kind::NotFound, "not_found", "Такого файла нет", "There is no such file").into()
}

fn bound(channel: &ChannelInfo, chat: &str, key: &str) -> String {
    format!("{}/{chat}/{key}", channel.id)
}
