//! Pictures and files of conversations. What the team sends lies with us, and so does what visitors of a web page send;
//! what contacts send by a messenger lies there and is fetched when somebody looks.

use super::store;
use crate::access::{Actor, Right};
use crate::app::App;
use crate::media::{self, Content};
use crate::problem::{Fail, Kind, Problem};
use bytes::Bytes;
use samovar_base::message::{Event, FileKind, FileRef};
use samovar_base::{ChannelId, FileId, Instant, hex};
use samovar_connectors::FetchError;
use samovar_store::params;

/// The largest file of a messenger that is fetched to be shown.
pub const SHOWN_MAX: u64 = 20 << 20;
/// The largest file that the team sends.
pub const SENT_MAX: usize = 20 << 20;
/// The longest name of a file.
const NAME_MAX: usize = 120;

/// The id of the file that came with a delivery.
pub(super) fn of_delivery(channel: ChannelId, dedup: &str) -> String {
    format!("{channel}.{}", hex::encode(dedup.as_bytes()))
}

/// The id of the content behind a key of ours.
pub(super) fn of_media(key: &str) -> String {
    key.strip_prefix("file/").map_or_else(|| key.replace('/', "~"), str::to_owned)
}

/// A file of a conversation by its id.
pub async fn read(app: &App, actor: &Actor, id: &str) -> Result<Content, Fail> {
    actor.require(Right::ConversationsRead)?;
    let unknown = || Fail::from(Problem::not_found("файл", "file", id.escape_debug()));
    if let Ok(file) = id.parse::<FileId>() {
        return media::small(app, actor.tenant, file).await;
    }
    if let Some(card) = id.strip_prefix("card~") {
        return media::content(app, actor.tenant, &format!("card/{}", card.replace('~', "/"))).await;
    }
    let (channel, digits) = id.split_once('.').ok_or_else(unknown)?;
    let channel: ChannelId = channel.parse().map_err(|_| unknown())?;
    let dedup = dedup_of(digits).ok_or_else(unknown)?;
    let info = app
        .directory
        .channel(channel)
        .filter(|found| found.tenant.id == actor.tenant && actor.sees(found.id));
    let info = info.ok_or_else(unknown)?;
    let row = app.store.read(actor.tenant, move |tx| {
        let dedup = dedup.clone();
        async move { Ok::<_, Fail>(tx.one(&store::PICTURE_OF, params![channel, dedup]).await?) }
    });
    let row = row.await?.ok_or_else(unknown)?;
    let accepted = info.messenger.accept(row.bytes(0)?, Instant(0));
    let file: Option<FileRef> = accepted.events.into_iter().find_map(|incoming| match incoming.event {
        Event::File { file, .. } => Some(file),
        _ => None,
    });
    let file = file.ok_or_else(unknown)?;
    let bytes_max = SHOWN_MAX.min(info.messenger.limits().fetch_bytes_max);
    let fetched = info.messenger.fetch(&info.link, &file, bytes_max).await.map_err(not_fetched)?;
    let (kind, known) = media::kind_of(&fetched.bytes);
    let media_type =
        if kind == FileKind::Photo { known.to_owned() } else { "application/octet-stream".into() };
    let name =
        file.name.unwrap_or_else(|| if kind == FileKind::Photo { "photo".into() } else { "file".into() });
    Ok(Content { bytes: fetched.bytes, name, media_type })
}

/// Keeps a file that is going to be sent; its id and how it will be shown.
pub async fn keep(app: &App, actor: &Actor, name: &str, bytes: Bytes) -> Result<(FileId, FileKind), Fail> {
    actor.require(Right::ConversationsWrite)?;
    if bytes.is_empty() || bytes.len() > SENT_MAX {
        let ru = "Файл должен быть не пустым и не больше 20 МБ";
        return Err(Problem::invalid("file", "bad_file", ru, "A file has from 1 byte to 20 MB").into());
    }
    let (kind, media_type) = media::kind_of(&bytes);
    let content = Content { bytes, name: harmless(name), media_type: media_type.to_owned() };
    Ok((media::keep(app, actor.tenant, None, content).await?, kind))
}

/// The last part of a path, without letters that do harm in headers and on disks.
fn harmless(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let fits = |letter: &char| !letter.is_control() && !"\"<>|:*?;".contains(*letter);
    let kept: String = last.chars().filter(fits).take(NAME_MAX).collect();
    let kept = kept.trim().trim_start_matches('.');
    if kept.is_empty() { "file".into() } else { kept.to_owned() }
}

fn dedup_of(digits: &str) -> Option<String> {
    if digits.len() > 1_024 {
        return None;
    }
    let text = String::from_utf8(hex::decode(digits)?).ok()?;
    (!text.contains('\0')).then_some(text)
}

fn not_fetched(error: FetchError) -> Fail {
    let (kind, code, ru, en) = match error {
        FetchError::Gone => (
            Kind::NotFound,
            "file_gone",
            "Мессенджер больше не хранит этот файл",
            "The messenger keeps this file no more",
        ),
        FetchError::TooLarge => (
            Kind::TooLarge,
            "file_too_large",
            "Файл слишком велик: откройте его в мессенджере",
            "The file is too large: open it in the messenger",
        ),
        FetchError::Later(_) => (
            Kind::Away,
            "file_later",
            "Мессенджер пока не отдаёт файл: попробуйте через минуту",
            "The messenger does not give the file now: try again in a minute",
        ),
        _ => (
            Kind::Refused,
            "file_refused",
            "Мессенджер не отдаёт этот файл",
            "The messenger does not give this file",
        ),
    };
    Problem::new(kind, code, ru, en).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_is_found_by_the_id_of_its_file() {
        let id = of_delivery(ChannelId(7), "чат/17");
        let (channel, hex) = id.split_once('.').expect("two parts");
        assert_eq!((channel.parse(), dedup_of(hex).as_deref()), (Ok(ChannelId(7)), Some("чат/17")));
        assert!(["0", "zz", "00", "ff"].iter().all(|hex| dedup_of(hex).is_none()));
    }
}
