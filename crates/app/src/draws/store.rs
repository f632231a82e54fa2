//! The SQL of draws.

use super::model::{Draw, Rules, StoredRules, Succession, TaxLine, Winner, WinnerState};
use samovar_base::{ContactId, DrawId, Instant, PromotionId};
use samovar_draw::{PIECES_MAX, RESERVE_MAX};
use samovar_store::{Row, StoreError, Tx, params, query, table_write};

macro_rules! draw_columns {
    () => {
        "id, promotion_id, name, state, plan, from_at, until_at, planned_at, secret, file_id, cursor, pieces, size, \
         tickets, note, announcement, announced, protocol, frozen_at, drawn_at, published_at, revision, created_at"
    };
}
macro_rules! winner_columns {
    () => {
        "w.draw_id, w.place, w.promotion_id, w.prize, w.reserve, w.instead_of, w.ticket, w.contact_id, w.name, w.state, \
         w.answer_until, w.told_at, w.answered_at, w.sent_at, w.handed_at, w.ended_at, w.delivery, w.delivery_at, w.note, \
         w.revision"
    };
}
macro_rules! tax_columns {
    () => {
        "t.id, t.year, t.contact_id, c.name, t.promotion_id, t.draw_id, t.place, t.prize, t.worth, t.before, t.taxable, \
         t.tax, t.rule, t.handed_at"
    };
}

query! {
    static PROMOTION = "SELECT key, name, state FROM promo_promotion WHERE tenant_id = $1 AND id = $2";
    static DRAW = concat!("SELECT ", draw_columns!(), " FROM draws_draw WHERE tenant_id = $1 AND id = $2");
    static DRAWS = concat!(
        "SELECT ", draw_columns!(), " FROM draws_draw WHERE tenant_id = $1 AND promotion_id = $2 AND id > $3
         ORDER BY id LIMIT $4"
    );
    static DRAW_GONE =
        "DELETE FROM draws_draw WHERE tenant_id = $1 AND id = $2 AND state = 'planned' AND revision = $3";
    static WAITING =
        "SELECT COUNT(*) FROM receipts_receipt WHERE tenant_id = $1 AND promotion_id = $2 AND state = $3
         AND arrived_at >= $4 AND arrived_at < $5";
    // Messages of that time that nobody has looked at yet: a receipt may be among them.
    static UNHEARD =
        "SELECT COUNT(*) FROM inbound WHERE tenant_id = $1 AND state = 0 AND source = 'update' AND received_at >= $2
         AND received_at < $3";
    static WAITING_IDS =
        "SELECT id FROM receipts_receipt WHERE tenant_id = $1 AND promotion_id = $2 AND state < 3
         AND arrived_at >= $3 AND arrived_at < $4 ORDER BY id LIMIT $5";
    static TICKET_COUNT =
        "SELECT COUNT(*) FROM promo_ticket WHERE tenant_id = $1 AND promotion_id = $2 AND arrived_at >= $3
         AND arrived_at < $4";
    static TICKETS =
        "SELECT t.number, t.arrived_at, t.contact_id, c.name, c.phone
         FROM (SELECT number, arrived_at, contact_id FROM promo_ticket WHERE tenant_id = $1 AND promotion_id = $2
             AND number > $3 AND arrived_at >= $4 AND arrived_at < $5 ORDER BY number LIMIT $6) t
         LEFT JOIN contact c ON c.tenant_id = $1 AND c.id = t.contact_id ORDER BY t.number";
    static HOLDERS =
        "SELECT t.number, t.contact_id FROM json_each($3) AS given
         CROSS JOIN promo_ticket t ON t.tenant_id = $1 AND t.promotion_id = $2 AND t.number = given.value",
        postgres =
        "SELECT t.number, t.contact_id FROM jsonb_array_elements_text(CAST(CAST($3 AS TEXT) AS JSONB)) AS given(value)
         JOIN promo_ticket t ON t.tenant_id = $1 AND t.promotion_id = $2 AND t.number = CAST(given.value AS BIGINT)";
    // The same account writes to the bot for the staff and to another bot of the same messenger.
    static STAFF_CONTACTS =
        "SELECT DISTINCT other.contact_id FROM staff_chat s
         JOIN identity own ON own.tenant_id = s.tenant_id AND own.contact_id = s.contact_id
         JOIN channel at ON at.tenant_id = own.tenant_id AND at.id = own.channel_id
         JOIN channel beside ON beside.tenant_id = at.tenant_id AND beside.messenger = at.messenger AND beside.id <> at.id
         JOIN identity other ON other.tenant_id = beside.tenant_id AND other.channel_id = beside.id
             AND other.external_id = own.external_id
         WHERE s.tenant_id = $1 ORDER BY other.contact_id LIMIT $2";
    static BLOCKED_CONTACTS =
        "SELECT contact_id FROM promo_participant WHERE tenant_id = $1 AND promotion_id = $2 AND blocked <> ''
         ORDER BY contact_id LIMIT $3";
    static EARLIER_WINNERS =
        "SELECT DISTINCT contact_id FROM draws_winner WHERE tenant_id = $1 AND promotion_id = $2 AND draw_id <> $3
         AND prize > 0 ORDER BY contact_id LIMIT $4";
    static WINNER = concat!(
        "SELECT ", winner_columns!(), " FROM draws_winner w WHERE w.tenant_id = $1 AND w.draw_id = $2 AND w.place = $3"
    );
    static WINNERS = concat!(
        "SELECT ", winner_columns!(), ", c.name FROM draws_winner w
         LEFT JOIN contact c ON c.tenant_id = w.tenant_id AND c.id = w.contact_id
         WHERE w.tenant_id = $1 AND w.draw_id = $2 AND w.place > $3 ORDER BY w.place LIMIT $4"
    );
    static WINNERS_OF_ALL = concat!(
        "SELECT ", winner_columns!(), ", c.name FROM draws_winner w
         LEFT JOIN contact c ON c.tenant_id = w.tenant_id AND c.id = w.contact_id
         WHERE w.tenant_id = $1 AND w.promotion_id = $2 AND (w.draw_id, w.place) > ($3, $4)
         ORDER BY w.draw_id, w.place LIMIT $5"
    );
    static WINNERS_OF_COMPANY = concat!(
        "SELECT ", winner_columns!(), ", c.name FROM draws_winner w
         LEFT JOIN contact c ON c.tenant_id = w.tenant_id AND c.id = w.contact_id
         WHERE w.tenant_id = $1 AND (w.draw_id, w.place) > ($2, $3) ORDER BY w.draw_id, w.place LIMIT $4"
    );
    static WINNER_COUNT = "SELECT COUNT(*) FROM draws_winner WHERE tenant_id = $1";
    static TAX_COUNT = "SELECT COUNT(*) FROM draws_tax WHERE tenant_id = $1";
    static WINNERS_OF_CONTACT = concat!(
        "SELECT ", winner_columns!(), " FROM draws_winner w WHERE w.tenant_id = $1 AND w.contact_id = $2
         ORDER BY w.draw_id, w.place LIMIT $3"
    );
    static TO_TELL = concat!(
        "SELECT ", winner_columns!(), " FROM draws_winner w WHERE w.tenant_id = $1 AND w.draw_id = $2
         AND w.state = 'drawn' AND w.answer_until IS NULL ORDER BY w.place LIMIT $3"
    );
    static LATE = concat!(
        "SELECT ", winner_columns!(), " FROM draws_winner w WHERE w.tenant_id = $1 AND w.draw_id = $2
         AND w.state IN ('drawn', 'told') AND w.answer_until <= $3 ORDER BY w.place LIMIT $4"
    );
    static NEXT_LATE =
        "SELECT MIN(answer_until) FROM draws_winner WHERE tenant_id = $1 AND draw_id = $2
         AND state IN ('drawn', 'told')";
    static RESERVE = concat!(
        "SELECT ", winner_columns!(), " FROM draws_winner w WHERE w.tenant_id = $1 AND w.draw_id = $2
         AND w.state = 'reserve' ORDER BY w.place LIMIT $3"
    );
    static SUCCESSIONS =
        "SELECT place, prize, instead_of, state FROM draws_winner WHERE tenant_id = $1 AND draw_id = $2
         AND (instead_of IS NOT NULL OR state IN ('refused', 'silent')) ORDER BY place LIMIT $3";
    static DELIVERIES_GONE =
        "UPDATE draws_winner SET delivery = NULL WHERE tenant_id = $1 AND contact_id = $2 AND delivery IS NOT NULL";
    static RULES = "SELECT document, revision FROM draws_rules WHERE tenant_id = $1";
    static RULES_SAVE =
        "INSERT INTO draws_rules (tenant_id, document, revision, updated_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (tenant_id) DO UPDATE SET document = excluded.document, revision = excluded.revision,
             updated_at = excluded.updated_at
         WHERE draws_rules.revision = $3 - 1";
    static YEAR = "SELECT worth, tax, revision FROM draws_year WHERE tenant_id = $1 AND contact_id = $2 AND year = $3";
    static TAX_LINES = concat!(
        "SELECT ", tax_columns!(), " FROM draws_tax t
         LEFT JOIN contact c ON c.tenant_id = t.tenant_id AND c.id = t.contact_id
         WHERE t.tenant_id = $1 AND t.year = $2 AND t.id > $3 ORDER BY t.id LIMIT $4"
    );
    static TAX_LINES_OF_ALL = concat!(
        "SELECT ", tax_columns!(), " FROM draws_tax t
         LEFT JOIN contact c ON c.tenant_id = t.tenant_id AND c.id = t.contact_id
         WHERE t.tenant_id = $1 AND t.id > $2 ORDER BY t.id LIMIT $3"
    );
    static TAX_SUMS =
        "SELECT COUNT(*), COUNT(DISTINCT contact_id), COALESCE(SUM(worth), 0), COALESCE(SUM(taxable), 0),
             COALESCE(SUM(tax), 0)
         FROM draws_tax WHERE tenant_id = $1 AND year = $2",
        postgres =
        "SELECT COUNT(*), COUNT(DISTINCT contact_id), CAST(COALESCE(SUM(worth), 0) AS BIGINT),
             CAST(COALESCE(SUM(taxable), 0) AS BIGINT), CAST(COALESCE(SUM(tax), 0) AS BIGINT)
         FROM draws_tax WHERE tenant_id = $1 AND year = $2";
}

table_write! {
    static DRAW_NEW = insert draws_draw key(id int) set(
        promotion_id int, created_at int, name text, state text, plan text, from_at int, until_at int, planned_at int,
        secret bytes, file_id int, cursor int, pieces int, size int, tickets int, note text, announcement text,
        announced text, protocol text, frozen_at int, drawn_at int, published_at int, revision int, updated_at int
    );
    static DRAW_SAVE = update draws_draw key(id int) guard(revision int) set(
        name text, state text, plan text, from_at int, until_at int, planned_at int, secret bytes, file_id int,
        cursor int, pieces int, size int, tickets int, note text, announcement text, announced text, protocol text,
        frozen_at int, drawn_at int, published_at int, revision int, updated_at int
    );
    static WINNER_NEW = insert draws_winner key(draw_id int, place int) set(
        promotion_id int, prize int, reserve bool, ticket int, contact_id int, name text, state text, note text,
        revision int
    );
    static WINNER_SAVE = update draws_winner key(draw_id int, place int) guard(revision int) set(
        prize int, instead_of int, state text, answer_until int, told_at int, answered_at int, sent_at int,
        handed_at int, ended_at int, delivery bytes, delivery_at int, note text, revision int
    );
    static YEAR_NEW = add draws_year key(contact_id int, year int) set(worth int, tax int, revision int);
    static YEAR_SAVE =
        update draws_year key(contact_id int, year int) guard(revision int) set(worth int, tax int, revision int);
    static TAX_NEW = insert draws_tax key(id int) set(
        year int, contact_id int, promotion_id int, draw_id int, place int, prize text, worth int, before int,
        taxable int, tax int, rule text, handed_at int
    );
}

/// What draws want to know of their promotion.
pub(super) struct Promotion {
    /// Its short name.
    pub key: String,
    pub name: String,
    /// It runs or is over: tickets are no trial.
    pub earnest: bool,
}

pub(super) async fn promotion(tx: &Tx, id: PromotionId) -> Result<Option<Promotion>, StoreError> {
    let Some(row) = tx.one(&PROMOTION, params![id]).await? else { return Ok(None) };
    let (key, name) = (row.text(0)?.to_owned(), row.text(1)?.to_owned());
    Ok(Some(Promotion { key, name, earnest: row.int(2)? >= 2 }))
}

pub(super) async fn draw(tx: &Tx, id: DrawId) -> Result<Option<Draw>, StoreError> {
    tx.one(&DRAW, params![id]).await?.map(|row| Draw::from_row(&row)).transpose()
}

pub(super) async fn draws(
    tx: &Tx,
    of: PromotionId,
    after: DrawId,
    limit: u32,
) -> Result<Vec<Draw>, StoreError> {
    tx.all(&DRAWS, params![of, after, limit]).await?.iter().map(Draw::from_row).collect()
}

pub(super) async fn remove(tx: &Tx, draw: &Draw) -> Result<bool, StoreError> {
    Ok(tx.exec(&DRAW_GONE, params![draw.id, draw.revision]).await? == 1)
}

/// The values of a write: some of its own, then those that both writes of a draw have in common.
macro_rules! draw_values {
    ([$($own:expr),*], $draw:expr, $now:expr) => {
        params![
            $($own,)*
            $draw.name,
            $draw.state.as_str(),
            serde_json::to_string(&$draw.plan).unwrap_or_default(),
            $draw.from,
            $draw.until,
            $draw.planned_at,
            $draw.secret,
            $draw.file,
            $draw.cursor,
            $draw.pieces,
            $draw.size,
            $draw.tickets,
            $draw.note,
            $draw.announcement,
            $draw.announced,
            $draw.protocol,
            $draw.frozen_at,
            $draw.drawn_at,
            $draw.published_at,
            $draw.revision,
            $now
        ]
    };
}

pub(super) fn insert(tx: &Tx, draw: &Draw, now: Instant) {
    tx.put(&DRAW_NEW, draw_values!([draw.id, draw.promotion, draw.created_at], draw, now));
}

/// Writes a draw as it stands now. Of two units that loaded the same revision one is run again.
pub(super) fn save(tx: &Tx, draw: &mut Draw, now: Instant) {
    let before = draw.revision;
    draw.revision += 1;
    tx.put(&DRAW_SAVE, draw_values!([draw.id, before], draw, now));
}

/// Receipts of the draw's time: how many wait for their check, and how many for a person.
pub(super) async fn waiting(tx: &Tx, draw: &Draw) -> Result<(i64, i64), StoreError> {
    let mut counts = [0; 3];
    for (state, count) in (0_i64..).zip(&mut counts) {
        let row = tx.one(&WAITING, params![draw.promotion, state, draw.from, draw.until]).await?;
        *count = row.map_or(Ok(0), |row| row.int(0))?;
    }
    let unheard = tx.one(&UNHEARD, params![draw.from, draw.until]).await?.map_or(Ok(0), |row| row.int(0))?;
    Ok((counts[0] + counts[1] + unheard, counts[2]))
}

pub(super) async fn waiting_ids(tx: &Tx, draw: &Draw, limit: u32) -> Result<Vec<i64>, StoreError> {
    let rows = tx.all(&WAITING_IDS, params![draw.promotion, draw.from, draw.until, limit]).await?;
    rows.iter().map(|row| row.int(0)).collect()
}

pub(super) async fn ticket_count(tx: &Tx, draw: &Draw) -> Result<i64, StoreError> {
    let row = tx.one(&TICKET_COUNT, params![draw.promotion, draw.from, draw.until]).await?;
    row.map_or(Ok(0), |row| row.int(0))
}

/// A ticket of the list to be.
pub(super) struct Ticket {
    pub number: i64,
    pub arrived: Instant,
    pub contact: ContactId,
    pub name: String,
    pub phone: Option<String>,
}

pub(super) async fn tickets(tx: &Tx, draw: &Draw, after: i64, limit: u32) -> Result<Vec<Ticket>, StoreError> {
    let rows = tx.all(&TICKETS, params![draw.promotion, after, draw.from, draw.until, limit]).await?;
    let one = |row: &Row| {
        Ok(Ticket {
            number: row.int(0)?,
            arrived: row.instant(1)?,
            contact: row.id(2)?,
            name: row.opt_text(3)?.unwrap_or_default().to_owned(),
            phone: row.opt_text(4)?.map(str::to_owned),
        })
    };
    rows.iter().map(one).collect()
}

/// Whose tickets of those numbers are.
pub(super) async fn holders(
    tx: &Tx,
    of: PromotionId,
    numbers: &[i64],
) -> Result<std::collections::HashMap<i64, ContactId>, StoreError> {
    let list = serde_json::to_string(numbers).unwrap_or_default();
    tx.all(&HOLDERS, params![of, list]).await?.iter().map(|row| Ok((row.int(0)?, row.id(1)?))).collect()
}

async fn contacts(rows: Vec<Row>) -> Result<Vec<ContactId>, StoreError> {
    rows.iter().map(|row| row.id(0)).collect()
}

pub(super) async fn staff_contacts(tx: &Tx, limit: u32) -> Result<Vec<ContactId>, StoreError> {
    contacts(tx.all(&STAFF_CONTACTS, params![limit]).await?).await
}

pub(super) async fn blocked_contacts(
    tx: &Tx,
    of: PromotionId,
    limit: u32,
) -> Result<Vec<ContactId>, StoreError> {
    contacts(tx.all(&BLOCKED_CONTACTS, params![of, limit]).await?).await
}

pub(super) async fn earlier_winners(tx: &Tx, draw: &Draw, limit: u32) -> Result<Vec<ContactId>, StoreError> {
    contacts(tx.all(&EARLIER_WINNERS, params![draw.promotion, draw.id, limit]).await?).await
}

pub(super) fn insert_winner(tx: &Tx, winner: &Winner) {
    tx.put(
        &WINNER_NEW,
        params![
            winner.draw,
            winner.place,
            winner.promotion,
            winner.prize,
            winner.reserve,
            winner.ticket,
            winner.contact,
            winner.name.as_str(),
            winner.state.as_str(),
            winner.note.as_str(),
            winner.revision
        ],
    );
}

/// Writes a winner as they stand now. Of two units that loaded the same revision one is run again.
pub(super) fn save_winner(tx: &Tx, winner: &mut Winner) {
    let before = winner.revision;
    winner.revision += 1;
    tx.put(
        &WINNER_SAVE,
        params![
            winner.draw,
            winner.place,
            before,
            winner.prize,
            winner.instead_of,
            winner.state.as_str(),
            winner.answer_until,
            winner.told_at,
            winner.answered_at,
            winner.sent_at,
            winner.handed_at,
            winner.ended_at,
            winner.delivery.clone(),
            winner.delivery_at,
            winner.note.as_str(),
            winner.revision
        ],
    );
}

pub(super) async fn winner(tx: &Tx, draw: DrawId, place: i64) -> Result<Option<Winner>, StoreError> {
    tx.one(&WINNER, params![draw, place]).await?.map(|row| Winner::from_row(&row)).transpose()
}

fn named(row: &Row) -> Result<(Winner, String), StoreError> {
    Ok((Winner::from_row(row)?, row.opt_text(20)?.unwrap_or_default().to_owned()))
}

/// Winners of a draw with the names of their contacts, in the order of the draw.
pub(super) async fn winners(
    tx: &Tx,
    draw: DrawId,
    after: i64,
    limit: u32,
) -> Result<Vec<(Winner, String)>, StoreError> {
    tx.all(&WINNERS, params![draw, after, limit]).await?.iter().map(named).collect()
}

/// Winners of all draws of a promotion.
pub(super) async fn winners_of_all(
    tx: &Tx,
    of: PromotionId,
    (draw, place): (i64, i64),
    limit: u32,
) -> Result<Vec<(Winner, String)>, StoreError> {
    tx.all(&WINNERS_OF_ALL, params![of, draw, place, limit]).await?.iter().map(named).collect()
}

/// Winners of all draws of the company.
pub(super) async fn winners_of_company(
    tx: &Tx,
    (draw, place): (i64, i64),
    limit: u32,
) -> Result<Vec<(Winner, String)>, StoreError> {
    tx.all(&WINNERS_OF_COMPANY, params![draw, place, limit]).await?.iter().map(named).collect()
}

/// How many winners the company had, the reserve among them.
pub(crate) async fn winner_count(tx: &Tx) -> Result<i64, StoreError> {
    tx.one(&WINNER_COUNT, params![]).await?.map_or(Ok(0), |row| row.int(0))
}

/// How many lines the journal of the tax has.
pub(crate) async fn tax_count(tx: &Tx) -> Result<i64, StoreError> {
    tx.one(&TAX_COUNT, params![]).await?.map_or(Ok(0), |row| row.int(0))
}

/// What a person won, and where they are in reserve.
pub(super) async fn winners_of_contact(
    tx: &Tx,
    who: ContactId,
    limit: u32,
) -> Result<Vec<Winner>, StoreError> {
    tx.all(&WINNERS_OF_CONTACT, params![who, limit]).await?.iter().map(Winner::from_row).collect()
}

pub(super) async fn to_tell(tx: &Tx, draw: DrawId, limit: u32) -> Result<Vec<Winner>, StoreError> {
    tx.all(&TO_TELL, params![draw, limit]).await?.iter().map(Winner::from_row).collect()
}

pub(super) async fn late(tx: &Tx, draw: DrawId, now: Instant, limit: u32) -> Result<Vec<Winner>, StoreError> {
    tx.all(&LATE, params![draw, now, limit]).await?.iter().map(Winner::from_row).collect()
}

pub(super) async fn next_late(tx: &Tx, draw: DrawId) -> Result<Option<Instant>, StoreError> {
    tx.one(&NEXT_LATE, params![draw]).await?.map_or(Ok(None), |row| row.opt_instant(0))
}

/// Whose turn comes in the reserve.
pub(super) async fn reserve(tx: &Tx, draw: DrawId, limit: u32) -> Result<Vec<Winner>, StoreError> {
    let found = tx.all(&RESERVE, params![draw, limit]).await?;
    let found = found.iter().map(Winner::from_row).collect::<Result<Vec<_>, _>>()?;
    debug_assert!(found.iter().all(|one| one.state == WinnerState::Reserve));
    Ok(found)
}

/// What became of prizes that did not stay where they were drawn to, in the order of the draw.
pub(super) async fn successions(tx: &Tx, draw: DrawId) -> Result<Vec<Succession>, StoreError> {
    let most = PIECES_MAX + RESERVE_MAX;
    let one = |row: &Row| {
        let state =
            WinnerState::from_name(row.text(3)?).ok_or_else(|| row.bad_as(3, "no state of a winner"))?;
        Ok(Succession {
            draw,
            place: row.int(0)?,
            prize: row.int(1)?,
            instead_of: row.opt_int(2)?,
            holds: state.holds(),
        })
    };
    tx.all(&SUCCESSIONS, params![draw, most]).await?.iter().map(one).collect()
}

pub(super) async fn forget(tx: &Tx, who: ContactId) -> Result<(), StoreError> {
    tx.exec(&DELIVERIES_GONE, params![who]).await.map(drop)
}

/// The company's rules; the defaults when it has none.
pub(super) async fn rules(tx: &Tx) -> Result<StoredRules, StoreError> {
    let Some(row) = tx.one(&RULES, ()).await? else { return Ok(StoredRules::default()) };
    Ok(StoredRules { rules: row.json(0)?, revision: row.int(1)? })
}

/// Writes the rules as `revision`; false when that is not the one after what is there.
pub(super) async fn save_rules(
    tx: &Tx,
    rules: &Rules,
    revision: i64,
    now: Instant,
) -> Result<bool, StoreError> {
    let document = serde_json::to_string(rules).unwrap_or_default();
    Ok(tx.exec(&RULES_SAVE, params![document, revision, now]).await? == 1)
}

/// What a person got in a year so far.
pub(super) struct Year {
    pub worth: i64,
    pub tax: i64,
    revision: Option<i64>,
}

pub(super) async fn year(tx: &Tx, who: ContactId, year: i64) -> Result<Year, StoreError> {
    match tx.one(&YEAR, params![who, year]).await? {
        None => Ok(Year { worth: 0, tax: 0, revision: None }),
        Some(row) => Ok(Year { worth: row.int(0)?, tax: row.int(1)?, revision: Some(row.int(2)?) }),
    }
}

/// Writes a line of the journal, and what the person got in its year with it. Of two units that read the same year one is
/// run again.
pub(super) async fn insert_tax(tx: &Tx, before: &Year, line: &TaxLine) -> Result<(), StoreError> {
    let (worth, tax) = (before.worth + line.worth, before.tax + line.tax);
    match before.revision {
        Some(seen) => tx.put(&YEAR_SAVE, params![line.contact, line.year, seen, worth, tax, seen + 1]),
        None if tx.add(&YEAR_NEW, params![line.contact, line.year, worth, tax, 1_i64]).await? => {}
        None => return Err(StoreError::Stale { statement: "YEAR_NEW" }),
    }
    tx.put(
        &TAX_NEW,
        params![
            line.id,
            line.year,
            line.contact,
            line.promotion,
            line.draw,
            line.place,
            line.prize.as_str(),
            line.worth,
            line.before,
            line.taxable,
            line.tax,
            serde_json::to_string(&line.rule).unwrap_or_default(),
            line.handed_at
        ],
    );
    Ok(())
}

pub(super) async fn tax_lines(
    tx: &Tx,
    year: i64,
    after: i64,
    limit: u32,
) -> Result<Vec<TaxLine>, StoreError> {
    tx.all(&TAX_LINES, params![year, after, limit]).await?.iter().map(TaxLine::from_row).collect()
}

pub(super) async fn tax_lines_of_all(tx: &Tx, after: i64, limit: u32) -> Result<Vec<TaxLine>, StoreError> {
    tx.all(&TAX_LINES_OF_ALL, params![after, limit]).await?.iter().map(TaxLine::from_row).collect()
}

/// Lines, people, worth, taxable, tax.
pub(super) async fn tax_sums(tx: &Tx, year: i64) -> Result<[i64; 5], StoreError> {
    let Some(row) = tx.one(&TAX_SUMS, params![year]).await? else { return Ok([0; 5]) };
    Ok([row.int(0)?, row.int(1)?, row.int(2)?, row.int(3)?, row.int(4)?])
}
