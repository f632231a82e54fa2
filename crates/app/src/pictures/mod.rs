//! Pictures of the company: brought by its people, shown in the catalogue and behind cards.
//!
//! The bytes lie in `file`, as all files do; a row here says that it is a picture of the company, so that nobody reads
//! what customers sent by way of pictures. A picture is unpacked once when it is brought: what cannot be drawn is refused
//! then, not when a customer waits for it.

mod pixels;
mod store;
#[cfg(test)]
mod tests;

pub use pixels::{BYTES_MAX, Pixels, SIDE_MAX, SIDE_MIN};

use crate::access::{Actor, Right, audit};
use crate::app::App;
use crate::media::{self, Content};
use crate::problem::{Fail, Kind, Problem};
use crate::tenants;
use bytes::Bytes;
use samovar_base::{FileId, TenantId};
use samovar_store::{StoreError, Tx};
use serde_json::json;

/// Pictures of a company.
pub const PICTURES_MAX: i64 = 5_000;

/// A picture of the company.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Picture {
    /// Its file.
    pub file: FileId,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
}

impl Picture {
    /// The name by which settings and items speak of it: `file/fil_…`.
    pub fn key(&self) -> String {
        format!("file/{}", self.file)
    }
}

/// Keeps a picture: JPEG, PNG or WebP, at most 2 MB, 64 to 4096 pixels a side.
pub async fn bring(app: &App, actor: &Actor, bytes: Bytes) -> Result<Picture, Fail> {
    actor.require(Right::SettingsManage)?;
    if bytes.len() > BYTES_MAX {
        return Err(too_large().into());
    }
    let media_type = pixels::media_type(&bytes).ok_or_else(not_a_picture)?;
    let looked = bytes.clone();
    let read =
        tokio::task::spawn_blocking(move || Pixels::unpack(&looked).map(|read| (read.width, read.height)));
    let read = read.await.map_err(|error| StoreError::Panicked(error.to_string()))?;
    let (width, height) = read.ok_or_else(not_a_picture)?;
    let number =
        app.store.read(actor.tenant, |tx| async move { Ok::<_, Fail>(store::count(&tx).await?) }).await?;
    if number >= PICTURES_MAX {
        let (ru, en) =
            ("Картинок уже 5000: больше не хранится", "There are 5000 pictures already: no more are kept");
        return Err(Problem::refused("too_many", ru, en).into());
    }
    let name = format!("picture.{}", pixels::extension(media_type));
    let file =
        media::keep(app, actor.tenant, None, Content { bytes, name, media_type: media_type.into() }).await?;
    let picture = Picture { file, width, height };
    let (services, actor_of_unit, now) = (app.clone(), actor.clone(), app.clock.now());
    app.store
        .run(actor.tenant, tenants::unit_key(actor.tenant), move |tx| {
            let (app, actor) = (services.clone(), actor_of_unit.clone());
            async move {
                store::insert(&tx, picture, now);
                audit(&tx, &app, &actor, "picture.bring", file, &json!({ "width": width, "height": height }));
                Ok::<_, Fail>(())
            }
        })
        .await?;
    Ok(picture)
}

/// The bytes of a picture of the company.
pub async fn content(app: &App, actor: &Actor, file: FileId) -> Result<Content, Fail> {
    actor.require(Right::PointsRead)?;
    let found = content_of(app, actor.tenant, &format!("file/{file}")).await?;
    found.ok_or_else(|| Problem::not_found("картинка", "picture", file).into())
}

/// The bytes behind a key; none when it names no picture of the company.
pub(crate) async fn content_of(app: &App, tenant: TenantId, key: &str) -> Result<Option<Content>, Fail> {
    let Some(file) = file_of(key) else { return Ok(None) };
    let known =
        app.store.read(tenant, move |tx| async move { Ok::<_, Fail>(store::has(&tx, file).await?) }).await?;
    if known { media::stored(app, tenant, file).await.map(Some) } else { Ok(None) }
}

/// Inside a unit: whether a key names a picture of the company.
pub(crate) async fn is_known(tx: &Tx, key: &str) -> Result<bool, StoreError> {
    match file_of(key) {
        Some(file) => store::has(tx, file).await,
        None => Ok(false),
    }
}

/// The file that a key names.
pub(crate) fn file_of(key: &str) -> Option<FileId> {
    key.strip_prefix("file/")?.parse().ok()
}

fn too_large() -> Problem {
    let (ru, en) = ("Картинка больше 2 МБ: уменьшите её", "The picture is larger than 2 MB: make it smaller");
    Problem::new(Kind::TooLarge, "picture_too_large", ru, en)
}

fn not_a_picture() -> Problem {
    Problem::refused(
        "not_a_picture",
        "Это не картинка, которую можно показать: нужен JPEG, PNG или WebP, от 64 до 4096 точек по стороне",
        "This picture cannot be shown: it takes a JPEG, PNG or WebP of 64 to 4096 pixels a side",
    )
}
