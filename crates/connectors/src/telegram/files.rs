//! Files that people sent, and the picture of the bot.

use super::call::{self, CallError};
use crate::client::{self, Clients};
use crate::messenger::{BotIdentity, Channel, FetchError, Fetched};
use reqwest::StatusCode;
use samovar_base::message::{FileKind, FileRef};
use serde::{Deserialize, Serialize};

const PAUSE_MS: u64 = 1_000;
/// A picture beside a name is shown no wider, on a screen of two pixels for each point.
const PICTURE_SIDE: u32 = 160;

/// See [`Messenger::fetch`](crate::Messenger::fetch).
pub(super) async fn fetch(
    clients: &Clients,
    channel: &Channel,
    file: &FileRef,
    bytes_max: u64,
) -> Result<Fetched, FetchError> {
    #[derive(Serialize)]
    struct GetFile<'a> {
        file_id: &'a str,
    }
    #[derive(Deserialize)]
    struct File {
        file_path: Option<String>,
        file_size: Option<u64>,
    }
    let body = GetFile { file_id: &file.vendor_id };
    let found: File =
        call::call(clients, channel, "getFile", &body, clients.patience).await.map_err(not_fetched)?;
    if found.file_size.is_some_and(|size| size > bytes_max) {
        return Err(FetchError::TooLarge);
    }
    let path = found.file_path.ok_or(FetchError::Gone)?;
    // An own server in local mode names a path on its own disk, which cannot be asked for.
    if path.starts_with('/') || path.contains("..") || path.contains(['?', '#', '\\']) {
        return Err(FetchError::Failed("the server keeps its files on its own disk".into()));
    }
    download(clients, channel, &path, file, bytes_max).await
}

/// See [`Messenger::picture`](crate::Messenger::picture).
pub(super) async fn picture(
    clients: &Clients,
    channel: &Channel,
    bot: &BotIdentity,
    bytes_max: u64,
) -> Result<Option<Fetched>, FetchError> {
    #[derive(Serialize)]
    struct GetUserProfilePhotos {
        user_id: i64,
        limit: u32,
    }
    #[derive(Deserialize)]
    struct Photos {
        photos: Vec<Vec<Size>>,
    }
    #[derive(Deserialize)]
    struct Size {
        file_id: String,
        width: u32,
    }
    let Ok(user_id) = bot.id.parse() else { return Ok(None) };
    let body = GetUserProfilePhotos { user_id, limit: 1 };
    let found: Photos = call::call(clients, channel, "getUserProfilePhotos", &body, clients.patience)
        .await
        .map_err(not_fetched)?;
    // Of those that are wide enough the smallest; of smaller ones the largest.
    let best = found.photos.into_iter().next().unwrap_or_default().into_iter().min_by_key(|size| {
        let short = size.width < PICTURE_SIDE;
        (short, if short { u32::MAX - size.width } else { size.width })
    });
    let Some(size) = best else { return Ok(None) };
    let file =
        FileRef { vendor_id: size.file_id, kind: FileKind::Photo, name: None, media_type: None, size: None };
    fetch(clients, channel, &file, bytes_max).await.map(Some)
}

async fn download(
    clients: &Clients,
    channel: &Channel,
    path: &str,
    file: &FileRef,
    bytes_max: u64,
) -> Result<Fetched, FetchError> {
    let url = call::address(channel, "/file/bot", path).ok_or(FetchError::Unauthorized)?;
    let client = clients.of(channel.proxy.as_ref()).map_err(|error| FetchError::Failed(error.to_string()))?;
    let later = |_| FetchError::Later(PAUSE_MS);
    let response = client.get(url).timeout(clients.file_patience()).send().await.map_err(later)?;
    match response.status() {
        status if status.is_success() => {}
        StatusCode::NOT_FOUND | StatusCode::GONE => return Err(FetchError::Gone),
        StatusCode::UNAUTHORIZED => return Err(FetchError::Unauthorized),
        StatusCode::TOO_MANY_REQUESTS => return Err(FetchError::Later(PAUSE_MS)),
        status if status.is_server_error() => return Err(FetchError::Later(PAUSE_MS)),
        status => return Err(FetchError::Failed(format!("HTTP {}", status.as_u16()))),
    }
    let bytes = client::body(response, bytes_max).await.map_err(later)?.ok_or(FetchError::TooLarge)?;
    let media_type = evident_type(&bytes).map(str::to_owned).or_else(|| file.media_type.clone());
    Ok(Fetched { bytes, media_type })
}

/// The type that the first bytes show.
fn evident_type(bytes: &[u8]) -> Option<&'static str> {
    let known: [(&[u8], &str); 5] = [
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"GIF8", "image/gif"),
        (b"%PDF-", "application/pdf"),
        (b"PK\x03\x04", "application/zip"),
    ];
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        return Some("image/webp");
    }
    known.iter().find(|(head, _)| bytes.starts_with(head)).map(|(_, media_type)| *media_type)
}

fn not_fetched(error: CallError) -> FetchError {
    match error {
        CallError::NotSent(_) | CallError::Lost(_) => FetchError::Later(PAUSE_MS),
        CallError::Stranger(status) => FetchError::Failed(call::stranger(status)),
        CallError::Refused(refusal) if refusal.says("file is too big") => FetchError::TooLarge,
        CallError::Refused(refusal) if refusal.says("file is temporarily unavailable") => {
            FetchError::Later(PAUSE_MS)
        }
        CallError::Refused(refusal) => match refusal.code {
            400 if refusal.says("wrong file") || refusal.says("invalid file") => FetchError::Gone,
            401 | 404 => FetchError::Unauthorized,
            408 | 429 | 500..=599 => FetchError::Later(refusal.retry_after_ms.unwrap_or(PAUSE_MS)),
            code => FetchError::Failed(format!("{code}: {}", refusal.text)),
        },
    }
}
