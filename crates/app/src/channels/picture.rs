//! The picture beside a bot's name, kept as its messenger had it when the channel was connected last.

use super::get;
use super::store::{PICTURE_GONE, PICTURE_OF, PICTURE_PUT, PICTURE_TAG};
use crate::access::Actor;
use crate::app::App;
use crate::media;
use crate::problem::{Fail, Problem};
use bytes::Bytes;
use samovar_base::message::FileKind;
use samovar_base::vault::fingerprint;
use samovar_base::{ChannelId, TenantId};
use samovar_connectors::{BotIdentity, Channel, FetchError, Messenger};
use samovar_store::params;

/// Of the picture beside a name: what messengers show there has a twentieth of it.
const BYTES_MAX: u64 = 256 << 10;

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The content.
    pub bytes: Bytes,
    /// Told by the bytes, never by the messenger: `image/jpeg`, `image/png`, `image/gif` or `image/webp`.
    pub media_type: String,
    /// Another picture has another tag.
    pub tag: String,
}

/// The picture that the channel's bot had when it was connected last.
pub async fn picture(app: &App, actor: &Actor, id: ChannelId) -> Result<Picture, Fail> {
    get(app, actor, id).await?;
    app.store
        .read(actor.tenant, move |tx| async move {
            let row = tx.one(&PICTURE_OF, params![id]).await?;
            let row =
                row.ok_or_else(|| Problem::not_found("картинка канала", "picture of the channel", id))?;
            Ok(Picture {
                media_type: row.text(0)?.to_owned(),
                tag: row.text(1)?.to_owned(),
                bytes: Bytes::copy_from_slice(row.bytes(2)?),
            })
        })
        .await
}

/// The picture as the messenger has it now; what is no picture that a page can show is none.
pub(super) async fn look(
    messenger: &dyn Messenger,
    link: &Channel,
    bot: &BotIdentity,
) -> Result<Option<Picture>, FetchError> {
    let found = match messenger.picture(link, bot, BYTES_MAX).await {
        Err(FetchError::TooLarge | FetchError::Gone) => None,
        found => found?,
    };
    Ok(found.and_then(|found| match media::kind_of(&found.bytes) {
        (FileKind::Photo, media_type) => Some(Picture {
            tag: fingerprint(&found.bytes),
            media_type: media_type.to_owned(),
            bytes: found.bytes,
        }),
        _ => None,
    }))
}

/// Makes what is kept be what was found.
pub(super) async fn remember(
    app: &App,
    tenant: TenantId,
    id: ChannelId,
    found: Option<Picture>,
) -> Result<(), Fail> {
    app.store
        .run(tenant, tenant.0.unsigned_abs(), move |tx| {
            let found = found.clone();
            async move {
                let known = tx.one(&PICTURE_TAG, params![id]).await?;
                let known = known.map(|row| row.text(0).map(str::to_owned)).transpose()?;
                match found {
                    Some(picture) if known.as_ref() != Some(&picture.tag) => tx.put(
                        &PICTURE_PUT,
                        params![
                            id,
                            picture.media_type.as_str(),
                            picture.tag.as_str(),
                            picture.bytes.to_vec()
                        ],
                    ),
                    None => {
                        tx.exec(&PICTURE_GONE, params![id]).await?;
                    }
                    Some(_) => {}
                }
                Ok(())
            }
        })
        .await
}
