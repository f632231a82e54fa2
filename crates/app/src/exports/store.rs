//! The SQL of exports themselves. That of their tables stands in `tables`.

use super::model::{Export, ExportId};
use crate::problem::{Fail, Problem};
use samovar_store::{StoreError, Tx, params, query, table_write};

macro_rules! columns {
    () => {
        "id, what, format, options, state, progress, rows_done, rows_total, file_id, file_name, size, note, \
         created_by, created_at, finished_at, expires_at, revision"
    };
}

query! {
    static EXPORT = concat!("SELECT ", columns!(), " FROM exports_run WHERE tenant_id = $1 AND id = $2");
    static EXPORTS = concat!(
        "SELECT ", columns!(), " FROM exports_run WHERE tenant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"
    );
    static OPEN =
        "SELECT COUNT(*) FROM exports_run WHERE tenant_id = $1 AND state IN ('waiting', 'running')";
}

table_write! {
    static EXPORT_NEW = insert exports_run key(id int) set(
        what text, format text, options text, state text, progress text, rows_done int, file_id int,
        file_name text, created_by text, created_at int, revision int
    );
    static EXPORT_SAVE = update exports_run key(id int) guard(revision int) set(
        revision int, state text, progress text, rows_done int, rows_total int, size int, note text,
        finished_at int, expires_at int
    );
}

/// One export.
pub(super) async fn load(tx: &Tx, id: ExportId) -> Result<Export, Fail> {
    match tx.one(&EXPORT, params![id]).await? {
        Some(row) => Ok(Export::from_row(&row)?),
        None => Err(Problem::not_found("выгрузка", "export", id).into()),
    }
}

/// A page, the youngest first.
pub(super) async fn page(tx: &Tx, before: ExportId, limit: u32) -> Result<Vec<Export>, StoreError> {
    tx.all(&EXPORTS, params![before, limit]).await?.iter().map(Export::from_row).collect()
}

/// How many are being made.
pub(super) async fn open(tx: &Tx) -> Result<i64, StoreError> {
    tx.one(&OPEN, ()).await?.map_or(Ok(0), |row| row.int(0))
}

pub(super) fn create(tx: &Tx, export: &Export) {
    tx.put(
        &EXPORT_NEW,
        params![
            export.id,
            export.what.as_str(),
            export.format.as_str(),
            json(&export.options),
            export.state.as_str(),
            json(&export.progress),
            export.rows_done,
            export.file,
            export.file_name,
            export.created_by,
            export.created_at,
            export.revision
        ],
    );
}

/// Writes it under the next revision; the unit runs again when somebody else was faster.
pub(super) fn save(tx: &Tx, export: &mut Export) {
    let before = export.revision;
    export.revision += 1;
    tx.put(
        &EXPORT_SAVE,
        params![
            export.id,
            before,
            export.revision,
            export.state.as_str(),
            json(&export.progress),
            export.rows_done,
            export.rows_total,
            export.size,
            export.note,
            export.finished_at,
            export.expires_at
        ],
    );
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
