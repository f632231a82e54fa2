//! The SQL of imports.

use super::model::{Bad, Import, ImportId, Line};
use crate::problem::{Fail, Problem};
use samovar_base::ContactId;
use samovar_store::{StoreError, Tx, params, query, table_write};

macro_rules! columns {
    () => {
        "id, file_name, file_hash, header, mapping, state, rows_total, chunks, chunk, created, changed, unchanged, bad, \
         points, created_by, created_at, finished_at, expires_at, revision"
    };
}

query! {
    static IMPORT = concat!("SELECT ", columns!(), " FROM imports_run WHERE tenant_id = $1 AND id = $2");
    static IMPORTS = concat!(
        "SELECT ", columns!(), " FROM imports_run WHERE tenant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"
    );
    static CHUNK = "SELECT rows FROM imports_chunk WHERE tenant_id = $1 AND import_id = $2 AND number = $3";
    static BAD_PAGE =
        "SELECT line, place, title, value, code, ru, en FROM imports_bad
         WHERE tenant_id = $1 AND import_id = $2 AND (line, place) > ($3, $4) ORDER BY line, place LIMIT $5";
    static CONTACT_OF_KEY = "SELECT contact_id FROM imports_key WHERE tenant_id = $1 AND key = $2";
    static CHUNKS_GONE =
        "DELETE FROM imports_chunk WHERE tenant_id = $1 AND import_id = $2 AND number IN (
             SELECT number FROM imports_chunk WHERE tenant_id = $1 AND import_id = $2 LIMIT 100)";
    static SEEN_GONE =
        "DELETE FROM imports_seen WHERE tenant_id = $1 AND import_id = $2 AND who IN (
             SELECT who FROM imports_seen WHERE tenant_id = $1 AND import_id = $2 LIMIT 5000)";
    static BAD_GONE =
        "DELETE FROM imports_bad WHERE tenant_id = $1 AND import_id = $2 AND line IN (
             SELECT line FROM imports_bad WHERE tenant_id = $1 AND import_id = $2 LIMIT 2000)";
    /// For those who are taken in by another contact.
    pub(crate) static KEYS_PASS = "UPDATE imports_key SET contact_id = $3 WHERE tenant_id = $1 AND contact_id = $2";
    /// For those whose data is erased.
    pub(crate) static KEYS_OF_CONTACT_GONE = "DELETE FROM imports_key WHERE tenant_id = $1 AND contact_id = $2";
}

table_write! {
    static IMPORT_NEW = insert imports_run key(id int) set(
        file_name text, file_hash text, header text, mapping text, state text, rows_total int, chunks int, chunk int,
        created int, changed int, unchanged int, bad int, points int, created_by text, created_at int, expires_at int,
        revision int
    );
    static IMPORT_SAVE = update imports_run key(id int) guard(revision int) set(
        revision int, mapping text, state text, chunk int, created int, changed int, unchanged int, bad int, points int,
        finished_at int
    );
    static CHUNK_PUT = upsert imports_chunk key(import_id int, number int) set(rows text);
    static SEEN_ADD = add imports_seen key(import_id int, who text) set(line int);
    static BAD_PUT = upsert imports_bad key(import_id int, line int, place int)
        set(title text, value text, code text, ru text, en text);
    static KEY_ADD = add imports_key key(key text) set(contact_id int);
}

pub(super) async fn load(tx: &Tx, id: ImportId) -> Result<Import, Fail> {
    match tx.one(&IMPORT, params![id]).await? {
        Some(row) => Ok(Import::from_row(&row)?),
        None => Err(Problem::not_found("загрузка", "import", id).into()),
    }
}

pub(super) async fn page(tx: &Tx, before: ImportId, limit: u32) -> Result<Vec<Import>, StoreError> {
    tx.all(&IMPORTS, params![before, limit]).await?.iter().map(Import::from_row).collect()
}

pub(super) fn create(tx: &Tx, import: &Import) {
    let counts = import.counts;
    tx.put(
        &IMPORT_NEW,
        params![
            import.id,
            import.file_name,
            import.file_hash,
            json(&import.titles),
            json(&import.mapping),
            import.state.as_str(),
            import.rows_total,
            import.chunks,
            import.chunk,
            counts.created,
            counts.changed,
            counts.unchanged,
            counts.bad,
            counts.points,
            import.created_by,
            import.created_at,
            import.expires_at,
            import.revision
        ],
    );
}

pub(super) fn save(tx: &Tx, import: &mut Import) {
    let (before, counts) = (import.revision, import.counts);
    import.revision += 1;
    tx.put(
        &IMPORT_SAVE,
        params![
            import.id,
            before,
            import.revision,
            json(&import.mapping),
            import.state.as_str(),
            import.chunk,
            counts.created,
            counts.changed,
            counts.unchanged,
            counts.bad,
            counts.points,
            import.finished_at
        ],
    );
}

pub(super) fn put_chunk(tx: &Tx, id: ImportId, number: i64, rows: &str) {
    tx.put(&CHUNK_PUT, params![id, number, rows]);
}

/// The rows of a portion; none when they were removed.
pub(super) async fn chunk(tx: &Tx, id: ImportId, number: i64) -> Result<Vec<Line>, StoreError> {
    tx.one(&CHUNK, params![id, number]).await?.map_or_else(|| Ok(Vec::new()), |row| row.json(0))
}

/// Whether this is the first row of that person in the import.
pub(super) async fn first_of(tx: &Tx, id: ImportId, who: &str, line: u32) -> Result<bool, StoreError> {
    tx.add(&SEEN_ADD, params![id, who, line]).await
}

pub(super) fn put_bad(tx: &Tx, id: ImportId, place: i64, bad: &Bad) {
    tx.put(&BAD_PUT, params![id, bad.line, place, bad.title, bad.value, bad.code, bad.ru, bad.en]);
}

/// Rows that were not taken, after one of them.
pub(super) async fn bad(
    tx: &Tx,
    id: ImportId,
    after: (i64, i64),
    limit: u32,
) -> Result<Vec<((i64, i64), Bad)>, StoreError> {
    let rows = tx.all(&BAD_PAGE, params![id, after.0, after.1, limit]).await?;
    rows.iter()
        .map(|row| {
            let bad = Bad {
                line: row.int(0)?,
                title: row.text(2)?.to_owned(),
                value: row.text(3)?.to_owned(),
                code: row.text(4)?.to_owned(),
                ru: row.text(5)?.to_owned(),
                en: row.text(6)?.to_owned(),
            };
            Ok(((row.int(0)?, row.int(1)?), bad))
        })
        .collect()
}

pub(super) async fn contact_of_key(tx: &Tx, key: &str) -> Result<Option<ContactId>, StoreError> {
    tx.one(&CONTACT_OF_KEY, params![key]).await?.map(|row| row.id(0)).transpose()
}

pub(super) async fn add_key(tx: &Tx, key: &str, contact: ContactId) -> Result<(), StoreError> {
    tx.add(&KEY_ADD, params![key, contact]).await.map(drop)
}

/// Removes a bounded part of what an import keeps of its file; whether there is more.
pub(super) async fn forget(tx: &Tx, id: ImportId) -> Result<bool, StoreError> {
    let mut gone = 0;
    for query in [&CHUNKS_GONE, &SEEN_GONE, &BAD_GONE] {
        gone += tx.exec(query, params![id]).await?;
    }
    Ok(gone > 0)
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
