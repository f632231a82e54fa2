//! The content behind a media key, made or read when it is sent; and files that are too large for memory.
//!
//! A small file is one row. A large one lies in pieces ([`pieces`]) that are written one by one, each in the unit of
//! whatever makes it, and becomes a file when its head is written.

pub mod pieces;
pub mod work;

use crate::app::App;
use crate::loyalty;
use crate::problem::{Fail, Problem};
use bytes::Bytes;
use samovar_base::message::{FileKind, FileRef};
use samovar_base::{ChannelId, ContactId, FileId, TenantId};
use samovar_store::{params, query, table_write};

/// The largest picture that is fetched to be passed on.
const PICTURE_MAX: u64 = 10 << 20;

query! {
    static FILE = "SELECT name, media_type, bytes, size FROM file WHERE tenant_id = $1 AND id = $2";
}
table_write! {
    static FILE_ADD = insert file key(id int) set(contact_id int, name text, media_type text, sha256 text, bytes bytes, created_at int);
}

/// What is sent as a picture or file.
#[derive(Debug, Clone)]
pub struct Content {
    /// The bytes.
    pub bytes: Bytes,
    /// File name with extension.
    pub name: String,
    /// Media type.
    pub media_type: String,
}

/// The content of a key: `file/fil_…` is a stored file, `card/…` is drawn, `backup/…` lies on the disk, `sent/chn_…/…`
/// lies with the messenger to which somebody of the staff sent it.
pub async fn content(app: &App, tenant: TenantId, key: &str) -> Result<Content, Fail> {
    match key.split_once('/') {
        Some(("file", id)) => match id.parse() {
            Ok(id) => stored(app, tenant, id).await,
            Err(_) => Err(missing(key)),
        },
        Some(("card", _)) => Ok(Content {
            bytes: loyalty::picture(app, tenant, key).await?.into(),
            name: "card.png".into(),
            media_type: "image/png".into(),
        }),
        Some(("sent", _)) => sent(app, tenant, key).await,
        Some(("backup", name)) => crate::backups::content(app, name).await,
        _ => Err(missing(key)),
    }
}

/// The key of a picture that somebody of the staff sent to a bot of the company.
pub fn key_of_sent(channel: ChannelId, vendor_id: &str) -> String {
    format!("sent/{channel}/{vendor_id}")
}

/// The bot and the messenger's name of the file in [`key_of_sent`].
pub fn read_sent(key: &str) -> Option<(ChannelId, &str)> {
    let (channel, vendor_id) = key.strip_prefix("sent/")?.split_once('/')?;
    Some((channel.parse().ok()?, vendor_id)).filter(|(_, vendor_id)| !vendor_id.is_empty())
}

/// Fetched where it lies: only by a bot of the same company.
async fn sent(app: &App, tenant: TenantId, key: &str) -> Result<Content, Fail> {
    let (channel, vendor_id) = read_sent(key).ok_or_else(|| missing(key))?;
    let channel = app.directory.channel(channel).filter(|channel| channel.tenant.id == tenant);
    let channel = channel.ok_or_else(|| missing(key))?;
    let file = FileRef {
        vendor_id: vendor_id.to_owned(),
        kind: FileKind::Photo,
        name: None,
        media_type: None,
        size: None,
    };
    let most = channel.messenger.limits().fetch_bytes_max.min(PICTURE_MAX);
    let fetched = channel.messenger.fetch(&channel.link, &file, most).await.map_err(|error| {
        tracing::warn!(channel = %channel.id, %error, "a picture of the staff could not be fetched");
        missing(key)
    })?;
    let media_type = fetched.media_type.unwrap_or_else(|| "image/jpeg".to_owned());
    let ending = if media_type == "image/png" { "png" } else { "jpg" };
    Ok(Content { bytes: fetched.bytes, name: format!("picture.{ending}"), media_type })
}

/// Keeps a file and gives its key.
pub async fn keep(
    app: &App,
    tenant: TenantId,
    contact: Option<ContactId>,
    content: Content,
) -> Result<FileId, Fail> {
    let id = FileId::new(&app.ids, app.clock.as_ref());
    let now = app.clock.now();
    let hash = samovar_base::vault::fingerprint(&content.bytes);
    app.store
        .run(tenant, id.0.unsigned_abs(), move |tx| {
            tx.put(
                &FILE_ADD,
                params![
                    id,
                    contact,
                    content.name.as_str(),
                    content.media_type.as_str(),
                    hash.as_str(),
                    content.bytes.to_vec(),
                    now
                ],
            );
            std::future::ready(Ok::<_, Fail>(()))
        })
        .await?;
    Ok(id)
}

/// A file that is one row; large ones, which are made for those who take data out, are not given.
pub async fn small(app: &App, tenant: TenantId, id: FileId) -> Result<Content, Fail> {
    match row(app, tenant, id).await? {
        (content, None) => Ok(content),
        (_, Some(_)) => Err(missing(&id.to_string())),
    }
}

/// Told by the bytes themselves: how a file is shown, and what a browser may be shown inside a page.
pub fn kind_of(bytes: &[u8]) -> (FileKind, &'static str) {
    let riff = bytes.get(..4) == Some(b"RIFF") && bytes.get(8..12) == Some(b"WEBP");
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => (FileKind::Photo, "image/png"),
        [0xff, 0xd8, 0xff, ..] => (FileKind::Photo, "image/jpeg"),
        [b'G', b'I', b'F', b'8', ..] => (FileKind::Photo, "image/gif"),
        _ if riff => (FileKind::Photo, "image/webp"),
        [b'%', b'P', b'D', b'F', b'-', ..] => (FileKind::Document, "application/pdf"),
        _ => (FileKind::Document, "application/octet-stream"),
    }
}

/// The content of a stored file.
pub(crate) async fn stored(app: &App, tenant: TenantId, id: FileId) -> Result<Content, Fail> {
    let (content, size) = row(app, tenant, id).await?;
    match size {
        None => Ok(content),
        Some(_) => Ok(Content { bytes: pieces::whole(app, tenant, id).await?, ..content }),
    }
}

async fn row(app: &App, tenant: TenantId, id: FileId) -> Result<(Content, Option<i64>), Fail> {
    let found = app
        .store
        .read(tenant, move |tx| async move {
            let Some(row) = tx.one(&FILE, params![id]).await? else { return Ok::<_, Fail>(None) };
            let content = Content {
                name: row.text(0)?.to_owned(),
                media_type: row.text(1)?.to_owned(),
                bytes: Bytes::copy_from_slice(row.bytes(2)?),
            };
            Ok(Some((content, row.opt_int(3)?)))
        })
        .await?;
    found.ok_or_else(|| missing(&id.to_string()))
}

fn missing(key: &str) -> Fail {
    Problem::not_found("файл", "file", key).into()
}
