//! Files as the messenger keeps them: one content under many ids, each id good for one bot.

use super::refusal::Refusal;
use bytes::Bytes;
use serde_json::{Value, json};
use std::collections::HashMap;

/// Largest photo a bot may upload.
pub const MAX_PHOTO: usize = 10 * 1024 * 1024;
/// Largest other file a bot may upload.
pub const MAX_UPLOAD: usize = 50 * 1024 * 1024;
/// Largest file a bot may download.
pub const MAX_DOWNLOAD: usize = 20 * 1024 * 1024;

/// Stored content.
#[derive(Debug, Clone)]
pub struct Blob {
    /// The same for every bot; `file_unique_id`.
    pub unique: String,
    /// What was uploaded.
    pub bytes: Bytes,
    /// The sender's name of it.
    pub name: Option<String>,
    /// Media type.
    pub media_type: String,
    /// Width and height, of a picture sent as one.
    pub picture: Option<(u32, u32)>,
}

/// All files of the fake.
#[derive(Debug, Default)]
pub struct FileStore {
    blobs: HashMap<String, Blob>,
    ids: HashMap<String, (i64, String)>,
    paths: HashMap<String, String>,
}

impl FileStore {
    /// Keeps a picture; refuses what the server cannot read as one.
    pub fn add_photo(&mut self, bytes: Bytes) -> Result<Blob, Refusal> {
        if bytes.is_empty() {
            return Err(Refusal::bad_request("file must be non-empty"));
        }
        if bytes.len() > MAX_PHOTO {
            return Err(Refusal::bad_request("file is too big"));
        }
        let (media_type, width, height) =
            measure(&bytes).ok_or_else(|| Refusal::bad_request("IMAGE_PROCESS_FAILED"))?;
        let (long, short) = (width.max(height), width.min(height));
        if short == 0 || width + height > 10_000 || long > short * 20 {
            return Err(Refusal::bad_request("PHOTO_INVALID_DIMENSIONS"));
        }
        Ok(self.keep("AgPic", bytes, None, media_type.to_owned(), Some((width, height))))
    }

    /// Keeps any other file.
    pub fn add_document(
        &mut self,
        bytes: Bytes,
        name: Option<String>,
        media_type: Option<String>,
    ) -> Result<Blob, Refusal> {
        if bytes.is_empty() {
            return Err(Refusal::bad_request("file must be non-empty"));
        }
        if bytes.len() > MAX_UPLOAD {
            return Err(Refusal::new(413, "Request Entity Too Large"));
        }
        let media_type = media_type.unwrap_or_else(|| "application/octet-stream".to_owned());
        Ok(self.keep("BqDoc", bytes, name, media_type, None))
    }

    fn keep(
        &mut self,
        prefix: &str,
        bytes: Bytes,
        name: Option<String>,
        media_type: String,
        picture: Option<(u32, u32)>,
    ) -> Blob {
        let number = self.blobs.len() + 1;
        let unique = format!("{prefix}{number:06}");
        let folder = if picture.is_some() { "photos" } else { "documents" };
        let ending = ending(name.as_deref(), &media_type);
        self.paths.insert(format!("{folder}/file_{number}{ending}"), unique.clone());
        let blob = Blob { unique: unique.clone(), bytes, name, media_type, picture };
        self.blobs.insert(unique, blob.clone());
        blob
    }

    /// The id under which `bot` may use a content.
    pub fn id_for(&mut self, bot: i64, blob: &Blob) -> String {
        let id = format!("{}_for_{bot}_{}", blob.unique, "AAIBAgADeQADNgQ");
        self.ids.entry(id.clone()).or_insert_with(|| (bot, blob.unique.clone()));
        id
    }

    /// What lies behind an id, if it is this bot's.
    pub fn by_id(&self, bot: i64, id: &str) -> Option<&Blob> {
        let (owner, unique) = self.ids.get(id)?;
        (*owner == bot).then(|| self.blobs.get(unique)).flatten()
    }

    /// What lies behind a `file_unique_id`.
    pub fn by_unique(&self, unique: &str) -> Option<&Blob> {
        self.blobs.get(unique)
    }

    /// What lies behind a `file_path`.
    pub fn by_path(&self, path: &str) -> Option<&Blob> {
        self.blobs.get(self.paths.get(path)?)
    }

    /// The answer of `getFile`.
    pub fn describe(&self, bot: i64, id: &str) -> Result<Value, Refusal> {
        let blob = self
            .by_id(bot, id)
            .ok_or_else(|| Refusal::bad_request("wrong file_id or the file is temporarily unavailable"))?;
        if blob.bytes.len() > MAX_DOWNLOAD {
            return Err(Refusal::bad_request("file is too big"));
        }
        let path = self.paths.iter().find(|(_, unique)| **unique == blob.unique).map(|(path, _)| path);
        Ok(json!({
            "file_id": id, "file_unique_id": blob.unique, "file_size": blob.bytes.len(), "file_path": path,
        }))
    }

    /// The `photo` field of a message: a small size and the whole; both lead to the same bytes.
    pub fn photo_sizes(&mut self, bot: i64, blob: &Blob) -> Value {
        let id = self.id_for(bot, blob);
        let (width, height) = blob.picture.unwrap_or((1, 1));
        let size = |width: u32, height: u32| {
            json!({
                "file_id": id, "file_unique_id": blob.unique, "file_size": blob.bytes.len(),
                "width": width, "height": height,
            })
        };
        let long = width.max(height);
        if long <= 320 {
            return json!([size(width, height)]);
        }
        let scaled = |side: u32| (side * 320 / long).max(1);
        json!([size(scaled(width), scaled(height)), size(width, height)])
    }

    /// The `document` field of a message.
    pub fn document(&mut self, bot: i64, blob: &Blob) -> Value {
        let mut document = json!({
            "file_id": self.id_for(bot, blob), "file_unique_id": blob.unique,
            "file_size": blob.bytes.len(), "mime_type": blob.media_type,
        });
        if let Some(name) = &blob.name {
            document["file_name"] = json!(name);
        }
        document
    }
}

fn ending(name: Option<&str>, media_type: &str) -> String {
    let own = name.and_then(|name| name.rsplit_once('.')).map(|(_, ending)| ending);
    let plain =
        own.filter(|ending| ending.len() <= 8 && ending.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let known = match media_type {
        "image/jpeg" => Some("jpg"),
        "image/png" => Some("png"),
        "image/gif" => Some("gif"),
        "image/webp" => Some("webp"),
        _ => None,
    };
    plain.or(known).map(|ending| format!(".{ending}")).unwrap_or_default()
}

/// Media type, width and height of a picture, from its head.
pub fn measure(bytes: &[u8]) -> Option<(&'static str, u32, u32)> {
    let big = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let little = |at: usize| Some(u32::from(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?)));
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Some(("image/png", big(16)?, big(20)?));
    }
    if bytes.starts_with(b"GIF8") {
        return Some(("image/gif", little(6)?, little(8)?));
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        return webp(bytes).map(|(width, height)| ("image/webp", width, height));
    }
    if bytes.starts_with(b"\xff\xd8") {
        return jpeg(bytes).map(|(width, height)| ("image/jpeg", width, height));
    }
    None
}

fn webp(bytes: &[u8]) -> Option<(u32, u32)> {
    let at = |index: usize| bytes.get(index).copied().map(u32::from);
    match bytes.get(12..16)? {
        b"VP8X" => {
            let side = |from: usize| Some(1 + at(from)? + (at(from + 1)? << 8) + (at(from + 2)? << 16));
            Some((side(24)?, side(27)?))
        }
        b"VP8L" => {
            let bits = at(21)? | (at(22)? << 8) | (at(23)? << 16) | (at(24)? << 24);
            Some(((bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1))
        }
        _ => Some(((at(26)? | (at(27)? << 8)) & 0x3fff, (at(28)? | (at(29)? << 8)) & 0x3fff)),
    }
}

fn jpeg(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut at = 2;
    loop {
        let (mark, kind) = (*bytes.get(at)?, *bytes.get(at + 1)?);
        if mark != 0xff {
            return None;
        }
        let number = |from: usize| Some(u16::from_be_bytes([*bytes.get(from)?, *bytes.get(from + 1)?]));
        let frame = matches!(kind, 0xc0..=0xcf) && !matches!(kind, 0xc4 | 0xc8 | 0xcc);
        if frame {
            return Some((u32::from(number(at + 7)?), u32::from(number(at + 5)?)));
        }
        at += 2 + usize::from(number(at + 2)?);
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The head of a PNG of that size: enough for the fake, which looks no further.
    pub(crate) fn png(width: u32, height: u32) -> Bytes {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes.into()
    }

    #[test]
    fn pictures_are_measured_and_wrong_ones_refused() {
        let mut files = FileStore::default();
        let mut why = |bytes: Bytes| files.add_photo(bytes).map(|_| ()).unwrap_err().description;
        assert_eq!(why(Bytes::new()), "Bad Request: file must be non-empty");
        assert_eq!(why(Bytes::from_static(b"text")), "Bad Request: IMAGE_PROCESS_FAILED");
        assert_eq!(why(png(9_000, 1_001)), "Bad Request: PHOTO_INVALID_DIMENSIONS");
        assert_eq!(why(png(2_100, 100)), "Bad Request: PHOTO_INVALID_DIMENSIONS");
        assert_eq!(why(Bytes::from(vec![0; MAX_PHOTO + 1])), "Bad Request: file is too big");
        assert!(files.add_photo(png(2_000, 100)).is_ok());
    }

    #[test]
    fn an_id_is_good_for_one_bot() {
        let mut files = FileStore::default();
        let blob = files.add_document(Bytes::from_static(b"%PDF"), Some("rules.pdf".into()), None).unwrap();
        let id = files.id_for(1, &blob);
        assert_eq!(files.describe(1, &id).unwrap()["file_path"], "documents/file_1.pdf");
        let refused = files.describe(2, &id).unwrap_err().description;
        assert_eq!(refused, "Bad Request: wrong file_id or the file is temporarily unavailable");
        assert_eq!(files.by_path("documents/file_1.pdf").unwrap().bytes, "%PDF");
    }

    #[test]
    fn a_large_picture_comes_in_two_sizes_the_last_the_largest() {
        let mut files = FileStore::default();
        let blob = files.add_photo(png(1_280, 640)).unwrap();
        let sizes = files.photo_sizes(1, &blob);
        assert_eq!((&sizes[0]["width"], &sizes[0]["height"]), (&json!(320), &json!(160)));
        assert_eq!(sizes[1]["width"], 1_280);
    }
}
