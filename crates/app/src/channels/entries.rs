//! Links that open a bot and tell where people came from: on a receipt, in a window, in a post. The tag of a link becomes
//! the source of whoever comes by it.

use super::store::{ENTRIES, ENTRIES_COUNT, ENTRY_GONE, ENTRY_PUT};
use super::{ChannelRow, get};
use crate::access::{Actor, Right, audit};
use crate::app::App;
use crate::directory::ChannelInfo;
use crate::problem::{Fail, Problem};
use crate::tenants;
use qrcode::{Color, EcLevel, QrCode};
use resvg::tiny_skia::Pixmap;
use samovar_base::{ChannelId, Instant};
use samovar_store::params;
use serde_json::json;
use std::fmt::Write;
use url::Url;

/// Longest tag: messengers carry 64 letters.
const TAG_MAX: usize = 64;
/// Longest title, in letters.
const TITLE_MAX: usize = 100;
/// Links of one channel.
pub const ENTRIES_MAX: i64 = 200;
/// Blank modules on each side of a QR: fewer, and readers miss it.
const QUIET: usize = 4;
/// The side of a picture to be printed, in pixels.
const PRINTED: usize = 1_200;

/// A link with a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryLink {
    /// What people who come by it have as source.
    pub tag: String,
    /// Where it stands, for staff.
    pub title: String,
    /// The address; none while the bot was not connected.
    pub link: Option<String>,
    /// Contacts who came by it.
    pub came: i64,
    /// Of them registered.
    pub registered: i64,
    /// When it was made.
    pub created_at: Instant,
}

/// The links of a channel, the oldest first.
pub async fn entries(
    app: &App,
    actor: &Actor,
    channel: ChannelId,
    public: Option<&Url>,
) -> Result<Vec<EntryLink>, Fail> {
    let row = get(app, actor, channel).await?;
    let rows = app
        .store
        .read(actor.tenant, move |tx| async move {
            Ok::<_, Fail>(tx.all(&ENTRIES, params![channel, ENTRIES_MAX]).await?)
        })
        .await?;
    let read = |line: &samovar_store::Row| {
        let tag = line.text(0)?.to_owned();
        Ok::<_, Fail>(EntryLink {
            link: link(app, &row, Some(&tag), public),
            title: line.text(1)?.to_owned(),
            created_at: line.instant(2)?,
            came: line.int(3)?,
            registered: line.int(4)?,
            tag,
        })
    };
    rows.iter().map(read).collect()
}

/// Makes a link, or words its title anew. A tag belongs to one channel.
pub async fn put_entry(
    app: &App,
    actor: &Actor,
    channel: ChannelId,
    tag: &str,
    title: &str,
) -> Result<(), Fail> {
    actor.require(Right::ChannelsManage)?;
    get(app, actor, channel).await?;
    let (tag, title) = (checked(tag)?, worded(title)?);
    let (now, services, unit_actor) = (app.clock.now(), app.clone(), actor.clone());
    app.store
        .run(actor.tenant, tenants::unit_key(actor.tenant), move |tx| {
            let (app, actor, tag, title) = (services.clone(), unit_actor.clone(), tag.clone(), title.clone());
            async move {
                let count = tx.one(&ENTRIES_COUNT, params![channel]).await?;
                if count.map_or(Ok(0), |row| row.int(0))? >= ENTRIES_MAX {
                    let (ru, en) = (
                        "У канала уже 200 ссылок: удалите ненужные",
                        "The channel has 200 links already: remove some",
                    );
                    return Err(Problem::refused("too_many", ru, en).into());
                }
                if tx.exec(&ENTRY_PUT, params![tag, channel, title, now]).await? == 0 {
                    let ru = "Такая метка уже есть у другого канала";
                    return Err(Problem::invalid(
                        "tag",
                        "tag_taken",
                        ru,
                        "Another channel has this tag already",
                    )
                    .into());
                }
                audit(&tx, &app, &actor, "channel.link", channel, &json!({ "tag": tag }));
                Ok(())
            }
        })
        .await
}

/// Forgets a link. Who came by it keeps the source; the address goes on to open the bot.
pub async fn remove_entry(app: &App, actor: &Actor, channel: ChannelId, tag: &str) -> Result<(), Fail> {
    actor.require(Right::ChannelsManage)?;
    let (services, unit_actor, tag) = (app.clone(), actor.clone(), tag.to_owned());
    app.store
        .run(actor.tenant, tenants::unit_key(actor.tenant), move |tx| {
            let (app, actor, tag) = (services.clone(), unit_actor.clone(), tag.clone());
            async move {
                if tx.exec(&ENTRY_GONE, params![tag, channel]).await? == 0 {
                    return Err(Problem::not_found("ссылка", "link", tag.escape_debug()).into());
                }
                audit(&tx, &app, &actor, "channel.unlink", channel, &json!({ "tag": tag }));
                Ok(())
            }
        })
        .await
}

/// The form of a QR.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QrForm {
    /// For screens and printers alike.
    Svg,
    /// A picture for documents.
    Png,
}

/// The QR of the link that opens a channel, with a tag or without.
pub async fn qr(
    app: &App,
    actor: &Actor,
    channel: ChannelId,
    tag: Option<&str>,
    form: QrForm,
    public: Option<&Url>,
) -> Result<Vec<u8>, Fail> {
    let row = get(app, actor, channel).await?;
    let tag = tag.filter(|tag| !tag.is_empty()).map(checked).transpose()?;
    let Some(address) = link(app, &row, tag.as_deref(), public) else {
        let ru = "Ссылки пока нет: подключите бота к мессенджеру";
        return Err(Problem::refused(
            "no_link",
            ru,
            "There is no link yet: connect the bot to its messenger",
        )
        .into());
    };
    let code = QrCode::with_error_correction_level(&address, EcLevel::M).map_err(|_| too_long())?;
    match form {
        QrForm::Svg => Ok(svg(&code).into_bytes()),
        QrForm::Png => picture(&code).ok_or_else(|| too_long().into()),
    }
}

/// The address that opens a channel.
pub fn link(app: &App, row: &ChannelRow, tag: Option<&str>, public: Option<&Url>) -> Option<String> {
    let start = tag.map(|tag| format!("?start={tag}")).unwrap_or_default();
    let known = app.directory.channel(row.id);
    if let Some(page) = known.as_ref().filter(|channel| channel.page) {
        let base = public?.as_str().trim_end_matches('/');
        return Some(format!("{base}/chat/{}{start}", page.hook));
    }
    let of_bot = |channel: &ChannelInfo| channel.identity.as_ref()?.link.clone();
    known.and_then(|channel| of_bot(&channel)).map(|link| format!("{link}{start}"))
}

fn checked(tag: &str) -> Result<String, Problem> {
    let tag = tag.trim();
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if (1..=TAG_MAX).contains(&tag.len()) && tag.bytes().all(fits) {
        return Ok(tag.to_owned());
    }
    let ru = "Метка — от 1 до 64 латинских букв, цифр, дефисов и подчёркиваний";
    Err(Problem::invalid(
        "tag",
        "bad_tag",
        ru,
        "A tag is 1 to 64 Latin letters, digits, dashes and underscores",
    ))
}

fn worded(title: &str) -> Result<String, Problem> {
    let title = title.trim();
    if (1..=TITLE_MAX).contains(&title.chars().count()) {
        return Ok(title.to_owned());
    }
    let ru = format!("Название от 1 до {TITLE_MAX} знаков");
    Err(Problem::invalid("title", "bad_length", ru, format!("A title of 1 to {TITLE_MAX} characters")))
}

fn too_long() -> Problem {
    Problem::refused("no_qr", "Ссылка слишком длинная для QR", "The link is too long for a QR")
}

fn svg(code: &QrCode) -> String {
    let (width, colours) = (code.width(), code.to_colors());
    let side = width + 2 * QUIET;
    let mut path = String::with_capacity(width * width * 6);
    for (y, row) in colours.chunks(width).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(PartialEq::eq) {
            if run[0] == Color::Dark {
                let _ = write!(path, "M{} {}h{}v1h-{}z", x + QUIET, y + QUIET, run.len(), run.len());
            }
            x += run.len();
        }
    }
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges"><rect width="{side}" height="{side}" fill="#fff"/><path fill="#000" d="{path}"/></svg>"##
    )
}

fn picture(code: &QrCode) -> Option<Vec<u8>> {
    let (width, colours) = (code.width(), code.to_colors());
    let modules = width + 2 * QUIET;
    let step = (PRINTED / modules).max(1);
    let side = modules * step;
    let pixels = u32::try_from(side).ok()?;
    let mut pixmap = Pixmap::new(pixels, pixels)?;
    for (at, pixel) in pixmap.data_mut().chunks_exact_mut(4).enumerate() {
        let (x, y) = ((at % side) / step, (at / side) / step);
        let inside = (QUIET..QUIET + width).contains(&x) && (QUIET..QUIET + width).contains(&y);
        let dark = inside && colours[(y - QUIET) * width + (x - QUIET)] == Color::Dark;
        pixel.copy_from_slice(if dark { &[0, 0, 0, 255] } else { &[255, 255, 255, 255] });
    }
    pixmap.encode_png().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_what_every_messenger_carries() {
        assert_eq!(checked(" window-2_A ").ok().as_deref(), Some("window-2_A"));
        for bad in ["", "a b", "витрина", &"x".repeat(65)] {
            assert!(checked(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_printed_code_is_read_back() {
        let address = "https://t.me/lak_i_kist_bot?start=window";
        let code = QrCode::with_error_correction_level(address, EcLevel::M).expect("a code");
        let read = crate::scan::code(&picture(&code).expect("a picture"));
        assert_eq!(read.as_deref(), Some(address));
        assert!(svg(&code).starts_with("<svg"));
    }
}
