//! The SQL of numbers: counts read from indexes, and tallies.

use super::model::{Pool, Provider, Queue, ReasonLine, Tile};
use super::rules::{Accepted, GoodsTally, Kind, Tallies, Tally, Tickets};
use samovar_base::{ChannelId, Instant, PromotionId};
use samovar_fiscal::Receipt;
use samovar_store::{Row, StoreError, Tx, params, query, table_write};
use std::collections::{BTreeMap, HashMap};

query! {
    pub(super) static PROMOTION =
        "SELECT key, starts_at, channel_id FROM promo_promotion WHERE tenant_id = $1 AND id = $2";
    static RUNNING =
        "SELECT id, name, ends_at FROM promo_promotion WHERE tenant_id = $1 AND state = 2 ORDER BY ends_at, id LIMIT 6";
    static TICKETS = "SELECT tickets FROM promo_counter WHERE tenant_id = $1 AND promotion_id = $2";
    static PARTICIPANTS = "SELECT COUNT(*) FROM promo_participant WHERE tenant_id = $1 AND promotion_id = $2";
    static SENDERS =
        "SELECT COUNT(DISTINCT contact_id) FROM receipts_receipt WHERE tenant_id = $1 AND promotion_id = $2";
    static OF_STATE =
        "SELECT COUNT(*), MIN(arrived_at) FROM receipts_receipt
         WHERE tenant_id = $1 AND promotion_id = $2 AND state = $3";
    static REFUSED =
        "SELECT reason, COUNT(*) FROM receipts_receipt
         WHERE tenant_id = $1 AND promotion_id = $2 AND state = 4 GROUP BY reason ORDER BY 2 DESC, 1";
    static DUE =
        "SELECT COUNT(*), MIN(check_at) FROM receipts_receipt
         WHERE tenant_id = $1 AND promotion_id = $2 AND state < 2 AND check_at <= $3";
    static OPEN =
        "SELECT COUNT(*) FROM receipts_receipt WHERE tenant_id = $1 AND promotion_id = $2 AND state < 2";
    static ARRIVED_BY_MINUTE =
        "SELECT arrived_at / 60000000, COUNT(*) FROM receipts_receipt
         WHERE tenant_id = $1 AND promotion_id = $2 AND state IN (0, 1, 2, 3, 4) AND arrived_at >= $3 GROUP BY 1";
    static ARRIVED_BY_QUARTER =
        "SELECT arrived_at / 900000000, COUNT(*), CAST(SUM(CASE WHEN state = 4 THEN 1 ELSE 0 END) AS BIGINT)
         FROM receipts_receipt WHERE tenant_id = $1 AND promotion_id = $2 GROUP BY 1 ORDER BY 1";
    static ARRIVED_SINCE =
        "SELECT COUNT(*) FROM receipts_receipt
         WHERE tenant_id = $1 AND promotion_id = $2 AND state IN (0, 1, 2, 3, 4) AND arrived_at >= $3";
    static PROVIDERS =
        "SELECT id, name, kind, paused FROM receipts_provider WHERE tenant_id = $1 ORDER BY place, id LIMIT 20";
    static ANSWERED =
        "SELECT a.asked_at / 60000000, a.outcome, COUNT(*), CAST(SUM(a.took_ms) AS BIGINT),
             CAST(SUM(CASE WHEN a.promotion_id = $3 THEN 1 ELSE 0 END) AS BIGINT)
         FROM receipts_attempt a WHERE a.tenant_id = $1 AND a.provider_id = $2 AND a.asked_at >= $4 GROUP BY 1, 2";
    static LAST_ANSWER =
        "SELECT outcome, asked_at FROM receipts_attempt WHERE tenant_id = $1 AND provider_id = $2
         ORDER BY asked_at DESC LIMIT 1";
    static POOLS =
        "SELECT p.partner, p.low_at,
             (SELECT COUNT(*) FROM promo_code c WHERE c.tenant_id = $1 AND c.pool_id = p.id AND c.contact_id IS NULL),
             (SELECT COUNT(*) FROM promo_code c WHERE c.tenant_id = $1 AND c.pool_id = p.id AND c.contact_id IS NOT NULL)
         FROM promo_pool p WHERE p.tenant_id = $1 AND p.promotion_id = $2 ORDER BY p.id LIMIT 20";
    static SOURCES =
        "SELECT source, COUNT(*) FROM promo_participant WHERE tenant_id = $1 AND promotion_id = $2
         GROUP BY source ORDER BY 2 DESC, 1 LIMIT 100";
    static SCENARIOS =
        "SELECT s.id, s.name, v.source,
             NOT EXISTS (SELECT 1 FROM promo_promotion p WHERE p.tenant_id = s.tenant_id AND p.key = s.key)
             AND EXISTS (SELECT 1 FROM channel_scenario r WHERE r.tenant_id = s.tenant_id AND r.scenario_id = s.id
                 AND (r.channel_id = $2 OR $2 IS NULL))
         FROM scenario s
         JOIN scenario_version v ON v.tenant_id = s.tenant_id AND v.scenario_id = s.id AND v.version = s.published
         WHERE s.tenant_id = $1 ORDER BY s.id DESC LIMIT 200";
    static PASSED =
        "SELECT step, port, CAST(SUM(times) AS BIGINT) FROM scenario_passage
         WHERE tenant_id = $1 AND scenario_id = $2 AND day >= $3 GROUP BY step, port";
    static COUNTED =
        "SELECT number, revision FROM promo_counted WHERE tenant_id = $1 AND promotion_id = $2";
    static RECEIPT_OF =
        "SELECT receipt_id FROM promo_ticket WHERE tenant_id = $1 AND promotion_id = $2 AND number = $3";
    static ACCEPTED =
        "SELECT t.number, t.contact_id, t.arrived_at, r.sum, r.bought_at, COALESCE(p.source, ''), d.body, t.receipt_id
         FROM promo_ticket t
         JOIN receipts_receipt r ON r.tenant_id = $1 AND r.promotion_id = $2 AND r.id = t.receipt_id
         LEFT JOIN promo_participant p ON p.tenant_id = $1 AND p.promotion_id = $2 AND p.contact_id = t.contact_id
         LEFT JOIN receipts_document d ON d.tenant_id = $1 AND d.drive = r.drive AND d.document = r.document
             AND d.sign = r.sign
         WHERE t.tenant_id = $1 AND t.promotion_id = $2 AND t.number > $3 AND t.number <= $4 ORDER BY t.number";
    static TICKETS_OF =
        "SELECT e.contact_id, e.number, e.arrived_at
         FROM (SELECT DISTINCT contact_id FROM promo_ticket
             WHERE tenant_id = $1 AND promotion_id = $2 AND number > $3 AND number <= $4) c
         CROSS JOIN promo_ticket e
         WHERE e.tenant_id = $1 AND e.promotion_id = $2 AND e.contact_id = c.contact_id AND e.number <= $4
         ORDER BY e.contact_id, e.number";
    static BASKETS =
        "SELECT d.body FROM promo_ticket t
         JOIN receipts_receipt r ON r.tenant_id = $1 AND r.promotion_id = $2 AND r.id = t.receipt_id
         JOIN receipts_document d ON d.tenant_id = $1 AND d.drive = r.drive AND d.document = r.document AND d.sign = r.sign
         WHERE t.tenant_id = $1 AND t.promotion_id = $2 AND t.number > $3 ORDER BY t.number DESC LIMIT $4";
    static TALLIES =
        "SELECT kind, key, receipts, people, sum FROM promo_tally
         WHERE tenant_id = $1 AND promotion_id = $2 AND kind = $3 ORDER BY receipts DESC, key LIMIT $4";
    static TALLIES_THERE =
        "SELECT t.kind, t.key, t.receipts, t.people, t.sum FROM json_each($3) AS given
         CROSS JOIN promo_tally t ON t.tenant_id = $1 AND t.promotion_id = $2
             AND t.kind = json_extract(given.value, '$[0]') AND t.key = json_extract(given.value, '$[1]')",
        postgres =
        "SELECT t.kind, t.key, t.receipts, t.people, t.sum
         FROM jsonb_array_elements(CAST(CAST($3 AS TEXT) AS JSONB)) AS given(value)
         JOIN promo_tally t ON t.tenant_id = $1 AND t.promotion_id = $2
             AND t.kind = given.value ->> 0 AND t.key = given.value ->> 1";
    static GOODS_THERE =
        "SELECT g.goods, g.name, g.receipts, g.quantity, g.sum FROM json_each($3) AS given
         CROSS JOIN promo_goods g ON g.tenant_id = $1 AND g.promotion_id = $2 AND g.goods = given.value",
        postgres =
        "SELECT g.goods, g.name, g.receipts, g.quantity, g.sum
         FROM jsonb_array_elements_text(CAST(CAST($3 AS TEXT) AS JSONB)) AS given(value)
         JOIN promo_goods g ON g.tenant_id = $1 AND g.promotion_id = $2 AND g.goods = given.value";
    static GOODS =
        "SELECT goods, name, receipts, quantity, sum FROM promo_goods WHERE tenant_id = $1 AND promotion_id = $2
         ORDER BY sum DESC, goods LIMIT $3";
    pub(super) static FORGET_TALLIES = "DELETE FROM promo_tally WHERE tenant_id = $1 AND promotion_id = $2";
    pub(super) static FORGET_GOODS = "DELETE FROM promo_goods WHERE tenant_id = $1 AND promotion_id = $2";
    pub(super) static FORGET_COUNTED = "DELETE FROM promo_counted WHERE tenant_id = $1 AND promotion_id = $2";
}

table_write! {
    static COUNTED_NEW = add promo_counted key(promotion_id int) set(number int, revision int);
    static COUNTED_ON = update promo_counted key(promotion_id int) guard(revision int)
        set(number int, revision int);
    static TALLY_PUT = upsert promo_tally key(promotion_id int, kind text, key text)
        set(receipts int, people int, sum int);
    static GOODS_PUT = upsert promo_goods key(promotion_id int, goods text)
        set(name text, receipts int, quantity int, sum int);
}

/// Promotions that take receipts, without their numbers.
pub(super) async fn running(tx: &Tx) -> Result<Vec<Tile>, StoreError> {
    let read = |row: &Row| {
        Ok(Tile {
            id: row.id(0)?,
            name: row.text(1)?.to_owned(),
            ends_at: row.instant(2)?,
            participants: 0,
            tickets: 0,
            today: 0,
            lately: 0,
            queue: 0,
            moderation: 0,
        })
    };
    tx.all(&RUNNING, ()).await?.iter().map(read).collect()
}

async fn number(tx: &Tx, query: &'static samovar_store::Query, id: PromotionId) -> Result<i64, StoreError> {
    tx.one(query, params![id]).await?.map_or(Ok(0), |row| row.int(0))
}

pub(super) async fn tickets(tx: &Tx, id: PromotionId) -> Result<i64, StoreError> {
    number(tx, &TICKETS, id).await
}

pub(super) async fn participants(tx: &Tx, id: PromotionId) -> Result<i64, StoreError> {
    number(tx, &PARTICIPANTS, id).await
}

pub(super) async fn senders(tx: &Tx, id: PromotionId) -> Result<i64, StoreError> {
    number(tx, &SENDERS, id).await
}

/// How many receipts are in a state, and when the oldest of them arrived.
pub(super) async fn of_state(
    tx: &Tx,
    id: PromotionId,
    state: i64,
) -> Result<(i64, Option<Instant>), StoreError> {
    let row = tx.one(&OF_STATE, params![id, state]).await?;
    row.map_or(Ok((0, None)), |row| Ok((row.int(0)?, row.opt_instant(1)?)))
}

/// What waits for its check, but for the pace.
pub(super) async fn queue(tx: &Tx, id: PromotionId, now: Instant) -> Result<Queue, StoreError> {
    let row = tx.one(&DUE, params![id, now]).await?;
    let (due, due_since) = row.map_or(Ok((0, None)), |row| Ok((row.int(0)?, row.opt_instant(1)?)))?;
    let open = number(tx, &OPEN, id).await?;
    let (_, waits) = of_state(tx, id, 0).await?;
    let (asked, asks) = of_state(tx, id, 1).await?;
    // What is with a provider and overdue was lost with its node: its turn has come again.
    let asked = asked.min(open - due);
    let oldest = [waits, asks].into_iter().flatten().min();
    Ok(Queue { due, due_since, asked, later: open - due - asked, oldest, ..Queue::default() })
}

/// Receipts without a verdict.
pub(super) async fn open(tx: &Tx, id: PromotionId) -> Result<i64, StoreError> {
    number(tx, &OPEN, id).await
}

pub(super) async fn reasons(tx: &Tx, id: PromotionId) -> Result<Vec<ReasonLine>, StoreError> {
    let read = |row: &Row| Ok(ReasonLine { reason: row.text(0)?.to_owned(), receipts: row.int(1)? });
    tx.all(&REFUSED, params![id]).await?.iter().map(read).collect()
}

/// Receipts that arrived, by minutes since 1970.
pub(super) async fn arrived_by_minute(
    tx: &Tx,
    id: PromotionId,
    since: Instant,
) -> Result<HashMap<i64, i64>, StoreError> {
    let rows = tx.all(&ARRIVED_BY_MINUTE, params![id, since]).await?;
    rows.iter().map(|row| Ok((row.int(0)?, row.int(1)?))).collect()
}

/// Receipts that arrived and refused ones among them, by quarter hours since 1970.
pub(super) async fn arrived_by_quarter(tx: &Tx, id: PromotionId) -> Result<Vec<(i64, i64, i64)>, StoreError> {
    let rows = tx.all(&ARRIVED_BY_QUARTER, params![id]).await?;
    rows.iter().map(|row| Ok((row.int(0)?, row.int(1)?, row.int(2)?))).collect()
}

pub(super) async fn arrived_since(tx: &Tx, id: PromotionId, since: Instant) -> Result<i64, StoreError> {
    tx.one(&ARRIVED_SINCE, params![id, since]).await?.map_or(Ok(0), |row| row.int(0))
}

/// Providers in the last hour, and the answers to questions of this promotion by minutes since 1970.
pub(super) async fn providers(
    tx: &Tx,
    id: PromotionId,
    since: Instant,
) -> Result<(Vec<Provider>, HashMap<i64, i64>), StoreError> {
    let (mut all, mut by_minute) = (Vec::new(), HashMap::new());
    for row in tx.all(&PROVIDERS, ()).await? {
        let mut one = Provider {
            id: row.id(0)?,
            name: row.text(1)?.to_owned(),
            kind: row.text(2)?.to_owned(),
            paused: row.bool(3)?,
            asked: 0,
            found: 0,
            missing: 0,
            failed: 0,
            took_ms: 0,
            last: None,
            last_at: None,
        };
        let mut took = 0;
        for row in tx.all(&ANSWERED, params![one.id, id, since]).await? {
            let times = row.int(2)?;
            one.asked += times;
            took += row.int(3)?;
            match row.text(1)? {
                "found" => one.found += times,
                "not_yet" | "unknown" => one.missing += times,
                _ => one.failed += times,
            }
            *by_minute.entry(row.int(0)?).or_default() += row.int(4)?;
        }
        one.took_ms = took / one.asked.max(1);
        if let Some(row) = tx.one(&LAST_ANSWER, params![one.id]).await? {
            one.last = Some(row.text(0)?.to_owned());
            one.last_at = Some(row.instant(1)?);
        }
        all.push(one);
    }
    Ok((all, by_minute))
}

pub(super) async fn pools(tx: &Tx, id: PromotionId) -> Result<Vec<Pool>, StoreError> {
    let read = |row: &Row| {
        Ok(Pool {
            partner: row.text(0)?.to_owned(),
            low_at: row.int(1)?,
            left: row.int(2)?,
            given: row.int(3)?,
        })
    };
    tx.all(&POOLS, params![id]).await?.iter().map(read).collect()
}

/// Participants by where they came from.
pub(super) async fn sources(tx: &Tx, id: PromotionId) -> Result<Vec<(String, i64)>, StoreError> {
    let rows = tx.all(&SOURCES, params![id]).await?;
    rows.iter().map(|row| Ok((row.text(0)?.to_owned(), row.int(1)?))).collect()
}

/// Published scenarios: id, name, source, and whether they run where the promotion of this bot, or of any, is open, and
/// have no promotion of their own.
pub(super) async fn scenarios(
    tx: &Tx,
    channel: Option<ChannelId>,
) -> Result<Vec<(i64, String, String, bool)>, StoreError> {
    let rows = tx.all(&SCENARIOS, params![channel]).await?;
    let read = |row: &Row| Ok((row.int(0)?, row.text(1)?.to_owned(), row.text(2)?.to_owned(), row.bool(3)?));
    rows.iter().map(read).collect()
}

/// Steps of a scenario that were entered and left since a day.
pub(super) async fn passed(
    tx: &Tx,
    scenario: i64,
    day: i64,
) -> Result<Vec<(String, String, i64)>, StoreError> {
    let rows = tx.all(&PASSED, params![scenario, day]).await?;
    rows.iter().map(|row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned(), row.int(2)?))).collect()
}

/// How far tickets are in the tallies: the last number and the revision of that; none before the first.
pub(super) async fn counted(tx: &Tx, id: PromotionId) -> Result<Option<(i64, i64)>, StoreError> {
    let row = tx.one(&COUNTED, params![id]).await?;
    row.map(|row| Ok((row.int(0)?, row.int(1)?))).transpose()
}

/// Whose receipt a ticket is.
pub(super) async fn receipt_of(tx: &Tx, id: PromotionId, ticket: i64) -> Result<Option<i64>, StoreError> {
    tx.one(&RECEIPT_OF, params![id, ticket]).await?.map(|row| row.int(0)).transpose()
}

/// Tickets after a number up to another, with their receipts; and the receipt of the last one.
pub(super) async fn accepted(
    tx: &Tx,
    id: PromotionId,
    (after, last): (i64, i64),
) -> Result<(Vec<Accepted>, Option<i64>), StoreError> {
    let rows = tx.all(&ACCEPTED, params![id, after, last]).await?;
    let read = |row: &Row| {
        Ok(Accepted {
            number: row.int(0)?,
            contact: row.id(1)?,
            arrived: row.instant(2)?,
            sum: row.int(3)?,
            bought_at: row.text(4)?.to_owned(),
            source: row.text(5)?.to_owned(),
            document: row.opt_text(6)?.and_then(document),
        })
    };
    let receipt = rows.last().map(|row| row.int(7)).transpose()?;
    Ok((rows.iter().map(read).collect::<Result<_, StoreError>>()?, receipt))
}

/// A document that a later version cannot read any more is not counted, and holds up nothing.
fn document(body: &str) -> Option<Receipt> {
    serde_json::from_str(body).ok()
}

/// All tickets, up to the last one, of those who have one in the range.
pub(super) async fn tickets_of(
    tx: &Tx,
    id: PromotionId,
    (after, last): (i64, i64),
) -> Result<Tickets, StoreError> {
    let mut found = Tickets::new();
    for row in tx.all(&TICKETS_OF, params![id, after, last]).await? {
        found.entry(row.id(0)?).or_default().push((row.int(1)?, row.instant(2)?));
    }
    Ok(found)
}

/// Documents of the youngest tickets after a number.
pub(super) async fn baskets(
    tx: &Tx,
    id: PromotionId,
    after: i64,
    most: i64,
) -> Result<Vec<Receipt>, StoreError> {
    let rows = tx.all(&BASKETS, params![id, after, most]).await?;
    Ok(rows.iter().filter_map(|row| row.text(0).ok().and_then(document)).collect())
}

/// Tallies of some kinds, up to `most` of each, those of most receipts.
pub(super) async fn tallies(
    tx: &Tx,
    id: PromotionId,
    kinds: &[Kind],
    most: i64,
) -> Result<Vec<(Kind, String, Tally)>, StoreError> {
    let mut all = Vec::new();
    for kind in kinds {
        for row in tx.all(&TALLIES, params![id, kind.as_str(), most]).await? {
            all.push((*kind, row.text(1)?.to_owned(), tally(&row)?));
        }
    }
    Ok(all)
}

fn tally(row: &Row) -> Result<Tally, StoreError> {
    Ok(Tally { receipts: row.int(2)?, people: row.int(3)?, sum: row.int(4)? })
}

pub(super) async fn goods(tx: &Tx, id: PromotionId, most: i64) -> Result<Vec<GoodsTally>, StoreError> {
    tx.all(&GOODS, params![id, most]).await?.iter().map(goods_tally).collect()
}

fn goods_tally(row: &Row) -> Result<GoodsTally, StoreError> {
    Ok(GoodsTally {
        name: row.text(1)?.to_owned(),
        receipts: row.int(2)?,
        quantity: row.int(3)?,
        sum: row.int(4)?,
    })
}

/// Adds what is there already to what is to be written.
pub(super) async fn on_top(
    tx: &Tx,
    id: PromotionId,
    tallies: &mut Tallies,
    goods: &mut BTreeMap<String, GoodsTally>,
) -> Result<(), StoreError> {
    let keys: Vec<(&str, &str)> = tallies.keys().map(|(kind, key)| (kind.as_str(), key.as_str())).collect();
    let keys = serde_json::to_string(&keys).unwrap_or_default();
    for row in tx.all(&TALLIES_THERE, params![id, keys]).await? {
        let kind = Kind::named(row.text(0)?).ok_or_else(|| row.bad_as(0, "not a kind of tally"))?;
        if let Some(new) = tallies.get_mut(&(kind, row.text(1)?.to_owned())) {
            new.add(tally(&row)?);
        }
    }
    let keys = serde_json::to_string(&goods.keys().collect::<Vec<_>>()).unwrap_or_default();
    for row in tx.all(&GOODS_THERE, params![id, keys]).await? {
        if let Some(new) = goods.get_mut(row.text(0)?) {
            let there = goods_tally(&row)?;
            new.add(&there);
            new.name = there.name;
        }
    }
    Ok(())
}

/// Inside the unit that counts: the tallies as they are now, and how far they are.
pub(super) async fn write(
    tx: &Tx,
    id: PromotionId,
    (seen, number): (Option<(i64, i64)>, i64),
    tallies: &Tallies,
    goods: &BTreeMap<String, GoodsTally>,
) -> Result<(), StoreError> {
    let revision = seen.map_or(0, |(_, revision)| revision);
    if seen.is_none() {
        tx.add(&COUNTED_NEW, params![id, 0, revision]).await?;
    }
    tx.put(&COUNTED_ON, params![id, revision, number, revision + 1]);
    for ((kind, key), tally) in tallies {
        let Tally { receipts, people, sum } = *tally;
        tx.put(&TALLY_PUT, params![id, kind.as_str(), key.as_str(), receipts, people, sum]);
    }
    for (key, line) in goods {
        let GoodsTally { name, receipts, quantity, sum } = line;
        tx.put(&GOODS_PUT, params![id, key.as_str(), name.as_str(), *receipts, *quantity, *sum]);
    }
    Ok(())
}
