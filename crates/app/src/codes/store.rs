//! The SQL of codes.

use super::model::{Code, CodeId, CodeRules, CodeState, OperationKind, StoredRules};
use samovar_base::{ContactId, Instant};
use samovar_store::{Row, StoreError, Tx, params, query, table_write};

macro_rules! code_columns {
    () => {
        "id, contact_id, operation, key, hash, state, tries, asked_by, asked_at, expires_at, revision"
    };
}

query! {
    static RULES = "SELECT document, revision FROM codes_rules WHERE tenant_id = $1";
    static RULES_SAVE =
        "INSERT INTO codes_rules (tenant_id, document, revision, updated_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (tenant_id) DO UPDATE SET document = excluded.document, revision = excluded.revision,
             updated_at = excluded.updated_at
         WHERE codes_rules.revision = $3 - 1";
    static CODE = concat!("SELECT ", code_columns!(), " FROM codes_code WHERE tenant_id = $1 AND id = $2");
    static CODES_SINCE = concat!(
        "SELECT ", code_columns!(), " FROM codes_code WHERE tenant_id = $1 AND contact_id = $2 AND asked_at > $3
         ORDER BY asked_at DESC LIMIT $4"
    );
    static CODES_GONE = "DELETE FROM codes_code WHERE tenant_id = $1 AND contact_id = $2";
    static ASKED = "SELECT asked FROM codes_contact WHERE tenant_id = $1 AND contact_id = $2";
}

table_write! {
    static CODE_NEW = insert codes_code key(id int) set(
        contact_id int, kind text, operation text, key text, hash bytes, state text, tries int, asked_by text,
        asked_at int, expires_at int, revision int
    );
    static CODE_SAVE = update codes_code key(id int) guard(revision int) set(revision int, state text, tries int);
    static CONTACT_NEW = add codes_contact key(contact_id int) set(asked int);
    static CONTACT_ASKED = update codes_contact key(contact_id int) guard(asked int) set(asked int);
}

/// The company's rules; the defaults when it has none.
pub(super) async fn rules(tx: &Tx) -> Result<StoredRules, StoreError> {
    let Some(row) = tx.one(&RULES, ()).await? else { return Ok(StoredRules::default()) };
    Ok(StoredRules { rules: row.json(0)?, revision: row.int(1)? })
}

/// Writes the rules as `revision`; false when that is not the one after what is there.
pub(super) async fn save_rules(
    tx: &Tx,
    rules: &CodeRules,
    revision: i64,
    now: Instant,
) -> Result<bool, StoreError> {
    let document = serde_json::to_string(rules).unwrap_or_default();
    Ok(tx.exec(&RULES_SAVE, params![document, revision, now]).await? == 1)
}

pub(super) async fn load(tx: &Tx, id: CodeId) -> Result<Option<Code>, StoreError> {
    tx.one(&CODE, params![id]).await?.map(|row| code(&row)).transpose()
}

/// The contact's codes that were asked for after `since`, the youngest first.
pub(super) async fn since(
    tx: &Tx,
    contact: ContactId,
    since: Instant,
    limit: u32,
) -> Result<Vec<Code>, StoreError> {
    tx.all(&CODES_SINCE, params![contact, since, limit]).await?.iter().map(code).collect()
}

/// Makes the units that send codes to one contact wait for one another: of two that met, one is run again.
pub(super) async fn alone(tx: &Tx, contact: ContactId) -> Result<(), StoreError> {
    match tx.one(&ASKED, params![contact]).await? {
        Some(row) => {
            let asked = row.int(0)?;
            tx.put(&CONTACT_ASKED, params![contact, asked, asked + 1]);
            Ok(())
        }
        None if tx.add(&CONTACT_NEW, params![contact, 1_i64]).await? => Ok(()),
        None => Err(StoreError::Stale { statement: "CONTACT_NEW" }),
    }
}

pub(super) fn insert(tx: &Tx, code: &Code) {
    let kind: OperationKind = code.operation.kind();
    tx.put(
        &CODE_NEW,
        params![
            code.id,
            code.contact,
            kind.name(),
            serde_json::to_string(&code.operation).unwrap_or_default(),
            code.key.as_str(),
            code.hash.as_slice(),
            code.state.name(),
            code.tries,
            code.asked_by.as_str(),
            code.asked_at,
            code.expires_at,
            code.revision
        ],
    );
}

/// Writes where a code stands. Of two units that loaded the same revision one is run again.
pub(super) fn save(tx: &Tx, code: &Code) {
    tx.put(&CODE_SAVE, params![code.id, code.revision, code.revision + 1, code.state.name(), code.tries]);
}

/// Removes a contact's codes.
pub(super) async fn remove(tx: &Tx, contact: ContactId) -> Result<(), StoreError> {
    tx.exec(&CODES_GONE, params![contact]).await.map(drop)
}

fn code(row: &Row) -> Result<Code, StoreError> {
    Ok(Code {
        id: row.id(0)?,
        contact: row.id(1)?,
        operation: row.json(2)?,
        key: row.text(3)?.to_owned(),
        hash: row.bytes(4)?.to_vec(),
        state: CodeState::from_name(row.text(5)?).ok_or_else(|| row.bad_as(5, "no state of a code"))?,
        tries: row.int(6)?,
        asked_by: row.text(7)?.to_owned(),
        asked_at: row.instant(8)?,
        expires_at: row.instant(9)?,
        revision: row.int(10)?,
    })
}
