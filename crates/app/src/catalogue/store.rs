//! The SQL of the catalogue.

use super::model::{CatalogueTexts, Item, ItemFilter, ItemId, ItemPlace, StoredTexts};
use samovar_base::Instant;
use samovar_store::{Row, StoreError, Tx, params, query, table_write};

macro_rules! item_columns {
    () => {
        "id, key, document, stock, revision, created_at"
    };
}

query! {
    static ITEM = concat!("SELECT ", item_columns!(), " FROM catalogue_item WHERE tenant_id = $1 AND id = $2");
    static ITEM_BY_KEY = concat!("SELECT ", item_columns!(), " FROM catalogue_item WHERE tenant_id = $1 AND key = $2");
    static ITEMS = concat!(
        "SELECT ", item_columns!(), ", position, active FROM catalogue_item
         WHERE tenant_id = $1 AND (position, id) > ($2, $3) AND (CAST($4 AS BIGINT) < 0 OR active = (CAST($4 AS BIGINT) = 1))
         ORDER BY position, id LIMIT $5"
    );
    static STOCK_TAKE =
        "UPDATE catalogue_item SET stock = stock - $3
         WHERE tenant_id = $1 AND id = $2 AND active AND (stock IS NULL OR stock >= $3)";
    static STOCK_GIVE =
        "UPDATE catalogue_item SET stock = stock + $3 WHERE tenant_id = $1 AND id = $2 AND stock + $3 >= 0";
    static STOCK_SET = "UPDATE catalogue_item SET stock = $3 WHERE tenant_id = $1 AND id = $2";
    static TEXTS = "SELECT document, revision FROM catalogue_texts WHERE tenant_id = $1";
    static TEXTS_SAVE =
        "INSERT INTO catalogue_texts (tenant_id, document, revision, updated_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (tenant_id) DO UPDATE SET document = excluded.document, revision = excluded.revision,
             updated_at = excluded.updated_at
         WHERE catalogue_texts.revision = $3 - 1";
}

table_write! {
    static ITEM_NEW = insert catalogue_item key(id int)
        set(key text, document text, active bool, position int, stock int, revision int, created_at int);
    static ITEM_SAVE = update catalogue_item key(id int) guard(revision int)
        set(revision int, document text, active bool, position int);
}

pub(super) async fn load(tx: &Tx, id: ItemId) -> Result<Option<Item>, StoreError> {
    tx.one(&ITEM, params![id]).await?.map(|row| item(&row)).transpose()
}

pub(super) async fn find(tx: &Tx, key: &str) -> Result<Option<Item>, StoreError> {
    tx.one(&ITEM_BY_KEY, params![key]).await?.map(|row| item(&row)).transpose()
}

/// Up to `limit` items in their order, after `after`. Categories are sifted here: a catalogue has few items.
pub(crate) async fn page(
    tx: &Tx,
    filter: &ItemFilter,
    after: Option<ItemPlace>,
    limit: u32,
) -> Result<Vec<Item>, StoreError> {
    let active = filter.active.map_or(-1_i64, i64::from);
    let mut found = Vec::new();
    let mut place = after.unwrap_or(ItemPlace { position: i64::MIN, id: ItemId(0) });
    loop {
        let rows = tx.all(&ITEMS, params![place.position, place.id, active, limit]).await?;
        let items = rows.iter().map(item).collect::<Result<Vec<_>, _>>()?;
        let Some(last) = items.last() else { return Ok(found) };
        place = last.place();
        let fits = |item: &Item| filter.category.is_none() || item.fields.category == filter.category;
        found.extend(items.into_iter().filter(fits));
        if found.len() >= limit as usize || rows.len() < limit as usize {
            found.truncate(limit as usize);
            return Ok(found);
        }
    }
}

pub(super) fn insert(tx: &Tx, item: &Item) {
    tx.put(
        &ITEM_NEW,
        params![
            item.id,
            item.key.as_str(),
            serde_json::to_string(&item.fields).unwrap_or_default(),
            item.fields.active,
            item.fields.position,
            item.stock,
            item.revision,
            item.created_at
        ],
    );
}

/// Writes the fields of an item that was loaded with `revision`.
pub(super) fn save(tx: &Tx, item: &Item, revision: i64) {
    let document = serde_json::to_string(&item.fields).unwrap_or_default();
    tx.put(
        &ITEM_SAVE,
        params![item.id, revision, item.revision, document, item.fields.active, item.fields.position],
    );
}

pub(super) async fn set_stock(tx: &Tx, id: ItemId, stock: Option<i64>) -> Result<(), StoreError> {
    tx.exec(&STOCK_SET, params![id, stock]).await.map(drop)
}

/// Takes pieces out of the stock; false when there are not so many. The row is held until the unit is committed, so
/// that of many who want the last piece exactly one gets it.
pub(super) async fn take(tx: &Tx, id: ItemId, pieces: i64) -> Result<bool, StoreError> {
    Ok(tx.exec(&STOCK_TAKE, params![id, pieces]).await? == 1)
}

/// Puts pieces back; nothing where the stock is without end. False when there would be less than none.
pub(super) async fn give(tx: &Tx, id: ItemId, pieces: i64) -> Result<bool, StoreError> {
    Ok(tx.exec(&STOCK_GIVE, params![id, pieces]).await? == 1)
}

/// What the screens say; the defaults when the company says nothing.
pub(super) async fn texts(tx: &Tx) -> Result<StoredTexts, StoreError> {
    let Some(row) = tx.one(&TEXTS, ()).await? else { return Ok(StoredTexts::default()) };
    Ok(StoredTexts { texts: row.json(0)?, revision: row.int(1)? })
}

/// Writes the texts as `revision`; false when that is not the one after what is there.
pub(super) async fn save_texts(
    tx: &Tx,
    texts: &CatalogueTexts,
    revision: i64,
    now: Instant,
) -> Result<bool, StoreError> {
    let document = serde_json::to_string(texts).unwrap_or_default();
    Ok(tx.exec(&TEXTS_SAVE, params![document, revision, now]).await? == 1)
}

fn item(row: &Row) -> Result<Item, StoreError> {
    Ok(Item {
        id: row.id(0)?,
        key: row.text(1)?.to_owned(),
        fields: row.json(2)?,
        stock: row.opt_int(3)?,
        revision: row.int(4)?,
        created_at: row.instant(5)?,
    })
}
