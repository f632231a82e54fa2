//! The SQL of pictures.

use super::Picture;
use samovar_base::{FileId, Instant};
use samovar_store::{StoreError, Tx, params, query, table_write};

query! {
    static HAS = "SELECT 1 FROM pictures_picture WHERE tenant_id = $1 AND file_id = $2";
    static COUNT = "SELECT COUNT(*) FROM pictures_picture WHERE tenant_id = $1";
}
table_write! {
    static PICTURE_NEW = insert pictures_picture key(file_id int) set(width int, height int, created_at int);
}

pub(super) async fn has(tx: &Tx, file: FileId) -> Result<bool, StoreError> {
    Ok(tx.one(&HAS, params![file]).await?.is_some())
}

pub(super) async fn count(tx: &Tx) -> Result<i64, StoreError> {
    tx.one(&COUNT, ()).await?.map_or(Ok(0), |row| row.int(0))
}

pub(super) fn insert(tx: &Tx, picture: Picture, now: Instant) {
    let (width, height) = (i64::from(picture.width), i64::from(picture.height));
    tx.put(&PICTURE_NEW, params![picture.file, width, height, now]);
}
