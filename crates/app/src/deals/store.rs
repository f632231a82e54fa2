//! The SQL of deals.

use super::model::{
    Change, ChangeId, Deal, DealFilter, DealId, Order, OrderState, Pipeline, PipelineId, Source, StageKind,
    StageTotal,
};
use crate::catalogue::ItemId;
use samovar_base::{ContactId, HoldId, Instant, StaffId};
use samovar_store::{Row, StoreError, Tx, params, query, table_write};
use std::collections::HashMap;

macro_rules! deal_columns {
    () => {
        "id, key, contact_id, pipeline_id, stage, kind, title, sum, items, source, responsible, points, order_state, \
         order_item, order_until, hold_id, accrued, rounds, revision, created_at, changed_at"
    };
}

query! {
    static PIPELINES =
        "SELECT id, key, document, revision FROM deals_pipeline WHERE tenant_id = $1 ORDER BY id LIMIT 200";
    static PIPELINE_BY_KEY =
        "SELECT id, key, document, revision FROM deals_pipeline WHERE tenant_id = $1 AND key = $2";
    static PIPELINE =
        "SELECT id, key, document, revision FROM deals_pipeline WHERE tenant_id = $1 AND id = $2";
    static PIPELINE_NEW =
        "INSERT INTO deals_pipeline (tenant_id, id, key, document, revision, created_at)
         VALUES ($1, $2, $3, $4, 1, $5) ON CONFLICT (tenant_id, key) DO NOTHING";
    static DEAL = concat!("SELECT ", deal_columns!(), " FROM deals_deal WHERE tenant_id = $1 AND id = $2");
    static DEAL_BY_KEY = concat!("SELECT ", deal_columns!(), " FROM deals_deal WHERE tenant_id = $1 AND key = $2");
    static DEALS = concat!(
        "SELECT ", deal_columns!(), " FROM deals_deal
         WHERE tenant_id = $1 AND id < $2 AND (pipeline_id = $3 OR CAST($3 AS BIGINT) = 0) AND (stage = $4 OR CAST($4 AS TEXT) = '')
           AND (kind = $5 OR CAST($5 AS TEXT) = '') AND (contact_id = $6 OR CAST($6 AS BIGINT) = 0)
           AND (responsible = $7 OR CAST($7 AS BIGINT) = 0)
         ORDER BY id DESC LIMIT $8"
    );
    /// A column of the board: read from the index of stages, however many deals stand elsewhere.
    static DEALS_AT = concat!(
        "SELECT ", deal_columns!(), " FROM deals_deal
         WHERE tenant_id = $1 AND pipeline_id = $2 AND stage = $3 AND id < $4
           AND (responsible = $5 OR CAST($5 AS BIGINT) = 0)
         ORDER BY id DESC LIMIT $6"
    );
    static TOTALS =
        "SELECT stage, COUNT(*), CAST(COALESCE(SUM(sum), 0) AS BIGINT) FROM deals_deal
         WHERE tenant_id = $1 AND pipeline_id = $2 AND (responsible = $3 OR CAST($3 AS BIGINT) = 0)
         GROUP BY stage";
    static NAMES =
        "SELECT c.id, c.name FROM json_each($2) AS given
         CROSS JOIN contact c ON c.tenant_id = $1 AND c.id = given.value",
        postgres =
        "SELECT c.id, c.name FROM jsonb_array_elements_text(CAST(CAST($2 AS TEXT) AS JSONB)) AS given(value)
         JOIN contact c ON c.tenant_id = $1 AND c.id = CAST(given.value AS BIGINT)";
    static DEALS_OF = concat!(
        "SELECT ", deal_columns!(), " FROM deals_deal WHERE tenant_id = $1 AND contact_id = $2 AND id < $3
         ORDER BY id DESC LIMIT $4"
    );
    static WAITING = concat!(
        "SELECT ", deal_columns!(), " FROM deals_deal WHERE tenant_id = $1 AND pipeline_id = $2 AND stage = $3
         ORDER BY id LIMIT $4"
    );
    static ORDERED =
        "SELECT items FROM deals_deal
         WHERE tenant_id = $1 AND contact_id = $2 AND order_item = $3 AND created_at > $4
           AND order_state IN ('open', 'done') LIMIT $5";
    static CHANGES =
        "SELECT id, at, was, stage, actor, note FROM deals_change
         WHERE tenant_id = $1 AND deal_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4";
    static PASS_ON = "UPDATE deals_deal SET contact_id = $3 WHERE tenant_id = $1 AND contact_id = $2";
    static TITLES_BLANK = "UPDATE deals_deal SET title = '—' WHERE tenant_id = $1 AND contact_id = $2";
    static NOTES_BLANK =
        "UPDATE deals_change SET note = NULL WHERE tenant_id = $1 AND deal_id IN (
             SELECT id FROM deals_deal WHERE tenant_id = $1 AND contact_id = $2)";
    static BUYER = "SELECT orders FROM deals_buyer WHERE tenant_id = $1 AND contact_id = $2";
}

table_write! {
    static PIPELINE_SAVE = update deals_pipeline key(id int) guard(revision int) set(revision int, document text);
    static DEAL_NEW = insert deals_deal key(id int) set(
        key text, contact_id int, pipeline_id int, stage text, kind text, title text, sum int, items text,
        source text, responsible int, points int, order_state text, order_item int, order_until int, hold_id int,
        accrued int, rounds int, revision int, created_at int, changed_at int
    );
    static DEAL_SAVE = update deals_deal key(id int) guard(revision int) set(
        revision int, stage text, kind text, title text, sum int, responsible int, order_state text, accrued int,
        rounds int, changed_at int
    );
    static CHANGE_NEW = insert deals_change key(deal_id int, id int) set(at int, was text, stage text, actor text, note text);
    static BUYER_NEW = add deals_buyer key(contact_id int) set(orders int);
    static BUYER_SAVE = update deals_buyer key(contact_id int) guard(orders int) set(orders int);
}

/// All pipelines.
pub(crate) async fn pipelines(tx: &Tx) -> Result<Vec<Pipeline>, StoreError> {
    tx.all(&PIPELINES, ()).await?.iter().map(pipeline).collect()
}

pub(super) async fn pipeline_by_key(tx: &Tx, key: &str) -> Result<Option<Pipeline>, StoreError> {
    tx.one(&PIPELINE_BY_KEY, params![key]).await?.map(|row| pipeline(&row)).transpose()
}

pub(super) async fn pipeline_by_id(tx: &Tx, id: PipelineId) -> Result<Option<Pipeline>, StoreError> {
    tx.one(&PIPELINE, params![id]).await?.map(|row| pipeline(&row)).transpose()
}

/// Makes a pipeline; false when there is one of this name.
pub(super) async fn add_pipeline(tx: &Tx, pipeline: &Pipeline, now: Instant) -> Result<bool, StoreError> {
    let document = serde_json::to_string(&pipeline.fields).unwrap_or_default();
    Ok(tx.exec(&PIPELINE_NEW, params![pipeline.id, pipeline.key.as_str(), document, now]).await? == 1)
}

/// Writes a pipeline that was loaded with `revision`.
pub(super) fn save_pipeline(tx: &Tx, pipeline: &Pipeline, revision: i64) {
    let document = serde_json::to_string(&pipeline.fields).unwrap_or_default();
    tx.put(&PIPELINE_SAVE, params![pipeline.id, revision, pipeline.revision, document]);
}

pub(super) async fn load(tx: &Tx, id: DealId) -> Result<Option<Deal>, StoreError> {
    tx.one(&DEAL, params![id]).await?.map(|row| deal(&row)).transpose()
}

pub(super) async fn find(tx: &Tx, key: &str) -> Result<Option<Deal>, StoreError> {
    tx.one(&DEAL_BY_KEY, params![key]).await?.map(|row| deal(&row)).transpose()
}

/// Up to `limit` deals, the youngest first, from `before` on.
pub(crate) async fn page(
    tx: &Tx,
    filter: &DealFilter,
    pipeline: Option<PipelineId>,
    before: DealId,
    limit: u32,
) -> Result<Vec<Deal>, StoreError> {
    let rows = match filter {
        DealFilter { pipeline: None, stage: None, kind: None, contact: Some(contact), responsible: None } => {
            tx.all(&DEALS_OF, params![contact, before, limit]).await?
        }
        DealFilter { stage: Some(stage), kind: None, contact: None, responsible, .. }
            if let Some(pipeline) = pipeline =>
        {
            let responsible = responsible.unwrap_or(StaffId(0));
            tx.all(&DEALS_AT, params![pipeline, stage.as_str(), before, responsible, limit]).await?
        }
        filter => {
            let values = params![
                before,
                pipeline.unwrap_or(PipelineId(0)),
                filter.stage.as_deref().unwrap_or_default(),
                filter.kind.map_or("", StageKind::name),
                filter.contact.unwrap_or(ContactId(0)),
                filter.responsible.unwrap_or(StaffId(0)),
                limit
            ];
            tx.all(&DEALS, values).await?
        }
    };
    rows.iter().map(deal).collect()
}

/// How many deals stand at each stage of a pipeline, and what they are worth.
pub(super) async fn totals(
    tx: &Tx,
    pipeline: PipelineId,
    responsible: Option<StaffId>,
) -> Result<Vec<StageTotal>, StoreError> {
    let total =
        |row: &Row| Ok(StageTotal { stage: row.text(0)?.to_owned(), deals: row.int(1)?, sum: row.int(2)? });
    tx.all(&TOTALS, params![pipeline, responsible.unwrap_or(StaffId(0))]).await?.iter().map(total).collect()
}

/// What these contacts are called.
pub(super) async fn names(tx: &Tx, contacts: &[ContactId]) -> Result<HashMap<ContactId, String>, StoreError> {
    let given =
        serde_json::to_string(&contacts.iter().map(|id| id.0).collect::<Vec<_>>()).unwrap_or_default();
    let name = |row: &Row| Ok((row.id(0)?, row.text(1)?.to_owned()));
    tx.all(&NAMES, params![given]).await?.iter().map(name).collect()
}

/// Up to `limit` deals at a stage, the oldest first.
pub(super) async fn waiting(
    tx: &Tx,
    pipeline: PipelineId,
    stage: &str,
    limit: u32,
) -> Result<Vec<Deal>, StoreError> {
    tx.all(&WAITING, params![pipeline, stage, limit]).await?.iter().map(deal).collect()
}

/// Pieces of an item that a contact ordered after `since` and did not give back.
pub(super) async fn ordered(
    tx: &Tx,
    contact: ContactId,
    item: ItemId,
    since: Instant,
    limit: u32,
) -> Result<u32, StoreError> {
    let mut pieces = 0_u32;
    for row in tx.all(&ORDERED, params![contact, item, since, limit]).await? {
        let items: Vec<super::model::DealItem> = row.json(0)?;
        pieces = items.iter().fold(pieces, |sum, item| sum.saturating_add(item.quantity));
    }
    Ok(pieces)
}

/// Makes the orders of one contact wait for one another: of two units that met, one is run again.
pub(super) async fn alone(tx: &Tx, contact: ContactId) -> Result<(), StoreError> {
    match tx.one(&BUYER, params![contact]).await? {
        Some(row) => {
            let orders = row.int(0)?;
            tx.put(&BUYER_SAVE, params![contact, orders, orders + 1]);
            Ok(())
        }
        None if tx.add(&BUYER_NEW, params![contact, 1_i64]).await? => Ok(()),
        None => Err(StoreError::Stale { statement: "BUYER_NEW" }),
    }
}

pub(super) fn insert(tx: &Tx, deal: &Deal) {
    let order = deal.order;
    tx.put(
        &DEAL_NEW,
        params![
            deal.id,
            deal.key.as_str(),
            deal.contact,
            deal.pipeline,
            deal.stage.as_str(),
            deal.kind.name(),
            deal.title.as_str(),
            deal.sum,
            serde_json::to_string(&deal.items).unwrap_or_default(),
            deal.source.name(),
            deal.responsible,
            deal.points,
            order.map(|order| order.state.name()),
            order.map(|order| order.item),
            order.and_then(|order| order.until),
            order.and_then(|order| order.hold),
            deal.accrued,
            deal.rounds,
            deal.revision,
            deal.created_at,
            deal.changed_at
        ],
    );
}

/// Writes a deal that was loaded with `revision`.
pub(super) fn save(tx: &Tx, deal: &Deal, revision: i64) {
    tx.put(
        &DEAL_SAVE,
        params![
            deal.id,
            revision,
            deal.revision,
            deal.stage.as_str(),
            deal.kind.name(),
            deal.title.as_str(),
            deal.sum,
            deal.responsible,
            deal.order.map(|order| order.state.name()),
            deal.accrued,
            deal.rounds,
            deal.changed_at
        ],
    );
}

pub(super) fn insert_change(tx: &Tx, deal: DealId, change: &Change) {
    tx.put(
        &CHANGE_NEW,
        params![
            deal,
            change.id,
            change.at,
            change.was.as_deref(),
            change.stage.as_str(),
            change.actor.as_str(),
            change.note.as_deref()
        ],
    );
}

/// Up to `limit` moves of a deal, the youngest first, from `before` on.
pub(super) async fn changes(
    tx: &Tx,
    deal: DealId,
    before: ChangeId,
    limit: u32,
) -> Result<Vec<Change>, StoreError> {
    let change = |row: &Row| {
        Ok(Change {
            id: row.id(0)?,
            at: row.instant(1)?,
            was: row.opt_text(2)?.map(str::to_owned),
            stage: row.text(3)?.to_owned(),
            actor: row.text(4)?.to_owned(),
            note: row.opt_text(5)?.map(str::to_owned),
        })
    };
    tx.all(&CHANGES, params![deal, before, limit]).await?.iter().map(change).collect()
}

/// Takes the words out of a contact's deals: they may tell who it was.
pub(super) async fn blank(tx: &Tx, contact: ContactId) -> Result<(), StoreError> {
    tx.exec(&NOTES_BLANK, params![contact]).await?;
    tx.exec(&TITLES_BLANK, params![contact]).await.map(drop)
}

pub(super) async fn pass_on(tx: &Tx, from: ContactId, to: ContactId) -> Result<(), StoreError> {
    tx.exec(&PASS_ON, params![from, to]).await.map(drop)
}

fn pipeline(row: &Row) -> Result<Pipeline, StoreError> {
    Ok(Pipeline { id: row.id(0)?, key: row.text(1)?.to_owned(), fields: row.json(2)?, revision: row.int(3)? })
}

fn deal(row: &Row) -> Result<Deal, StoreError> {
    let bad = |at: usize, what: &str| row.bad_as(at, what);
    let order = match row.opt_text(12)? {
        None => None,
        Some(state) => Some(Order {
            state: OrderState::from_name(state).ok_or_else(|| bad(12, "no state of an order"))?,
            item: row.id(13)?,
            until: row.opt_instant(14)?,
            hold: row.opt_id::<HoldId>(15)?,
        }),
    };
    Ok(Deal {
        id: row.id(0)?,
        key: row.text(1)?.to_owned(),
        contact: row.id(2)?,
        pipeline: row.id(3)?,
        stage: row.text(4)?.to_owned(),
        kind: StageKind::from_name(row.text(5)?).ok_or_else(|| bad(5, "no kind of a stage"))?,
        title: row.text(6)?.to_owned(),
        sum: row.opt_int(7)?,
        items: row.json(8)?,
        source: Source::from_name(row.text(9)?).ok_or_else(|| bad(9, "no source of a deal"))?,
        responsible: row.opt_id(10)?,
        points: row.id(11)?,
        order,
        accrued: row.id(16)?,
        rounds: row.int(17)?,
        revision: row.int(18)?,
        created_at: row.instant(19)?,
        changed_at: row.instant(20)?,
    })
}
