//! Files in pieces: written as they are made, read as they are sent, never in memory as a whole.

use super::{missing, row};
use crate::app::App;
use crate::problem::{Fail, Problem};
use bytes::Bytes;
use futures::Stream;
use samovar_base::{FileId, Instant, TenantId};
use samovar_store::{Tx, params, query, table_write};
use std::sync::Arc;

/// The largest file in pieces that is ever put together in memory: what messengers take.
pub const WHOLE_MAX: i64 = 64 << 20;
/// Pieces removed in one unit.
const PORTION: i64 = 64;

query! {
    static PIECE_AFTER =
        "SELECT number, bytes FROM file_piece WHERE tenant_id = $1 AND file_id = $2 AND number > $3
         ORDER BY number LIMIT 1";
    static PIECES_GONE =
        "DELETE FROM file_piece WHERE tenant_id = $1 AND file_id = $2 AND number IN (
             SELECT number FROM file_piece WHERE tenant_id = $1 AND file_id = $2 ORDER BY number LIMIT $3)";
    static HEAD_GONE = "DELETE FROM file WHERE tenant_id = $1 AND id = $2 AND size IS NOT NULL";
}
table_write! {
    static PIECE_PUT = upsert file_piece key(file_id int, number int) set(bytes bytes);
    static HEAD_PUT = insert file key(id int)
        set(name text, media_type text, sha256 text, bytes bytes, created_at int, size int, expires_at int);
}

/// What is known of a file in pieces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// File name with extension.
    pub name: String,
    /// Media type.
    pub media_type: String,
    /// Bytes of all pieces.
    pub size: i64,
}

/// Inside a unit: writes a piece. The file is all pieces in the order of their numbers, from zero; gaps are allowed.
pub fn put(tx: &Tx, file: FileId, number: i64, bytes: &Arc<[u8]>) {
    tx.put(&PIECE_PUT, params![file, number, Arc::clone(bytes)]);
}

/// Inside a unit: the pieces are complete and are a file from now on, until `expires_at`.
pub fn finish(tx: &Tx, file: FileId, head: &Head, now: Instant, expires_at: Option<Instant>) {
    let nothing = Vec::<u8>::new();
    tx.put(&HEAD_PUT, params![file, head.name, head.media_type, "", nothing, now, head.size, expires_at]);
}

/// Reads piece by piece. Ends early, with an error, when the file is removed meanwhile.
pub fn stream(app: &App, tenant: TenantId, file: FileId) -> impl Stream<Item = Result<Bytes, Fail>> + use<> {
    let app = app.clone();
    futures::stream::try_unfold(-1_i64, move |after| {
        let app = app.clone();
        async move { Ok(next(&app, tenant, file, after).await?.map(|(number, bytes)| (bytes, number))) }
    })
}

/// All of it, if it is small enough to be held in memory.
pub(super) async fn whole(app: &App, tenant: TenantId, file: FileId) -> Result<Bytes, Fail> {
    let (mut all, mut after) = (Vec::new(), -1);
    while let Some((number, bytes)) = next(app, tenant, file, after).await? {
        after = number;
        all.extend_from_slice(&bytes);
        if all.len() as u64 > WHOLE_MAX.unsigned_abs() {
            let (ru, en) = ("Файл слишком велик для отправки", "The file is too large to be sent");
            return Err(Problem::refused("file_too_large", ru, en).into());
        }
    }
    Ok(all.into())
}

/// What is known of it; a file that was removed, or not finished, is not found.
pub async fn head(app: &App, tenant: TenantId, file: FileId) -> Result<Head, Fail> {
    let (content, size) = row(app, tenant, file).await?;
    let size = size.ok_or_else(|| missing(&file.to_string()))?;
    Ok(Head { name: content.name, media_type: content.media_type, size })
}

/// Removes a file and its pieces, whether or not it was finished. The pieces go first: what is interrupted is gone on
/// with when it is asked again.
pub async fn remove(app: &App, tenant: TenantId, file: FileId) -> Result<(), Fail> {
    let key = file.0.unsigned_abs();
    loop {
        let gone = app
            .store
            .run(tenant, key, move |tx| async move {
                Ok::<_, Fail>(tx.exec(&PIECES_GONE, params![file, PORTION]).await?)
            })
            .await?;
        if gone == 0 {
            break;
        }
    }
    app.store
        .run(tenant, key, move |tx| async move {
            tx.exec(&HEAD_GONE, params![file]).await?;
            Ok(())
        })
        .await
}

async fn next(app: &App, tenant: TenantId, file: FileId, after: i64) -> Result<Option<(i64, Bytes)>, Fail> {
    app.store
        .read(tenant, move |tx| async move {
            let Some(row) = tx.one(&PIECE_AFTER, params![file, after]).await? else { return Ok(None) };
            Ok(Some((row.int(0)?, Bytes::copy_from_slice(row.bytes(1)?))))
        })
        .await
}
