//! The SQL of receipts.

use super::model::{Attempt, Receipt, State, receipt_columns};
use crate::pipeline::Recipient;
use crate::problem::Fail;
use samovar_base::{ChannelId, ContactId, Instant, PromotionId, ReceiptId};
use samovar_fiscal::Key;
use samovar_store::{Row, StoreError, Tx, params, query, table_write};
use serde_json::json;
use std::collections::{HashMap, HashSet};

/// Most receipts of one person that are counted: more are not taken anywhere.
const COUNTED_MAX: i64 = 10_000;
/// Most waiting receipts that are counted before one: the place in the queue of a screen.
const PLACES_MAX: i64 = 100_000;

query! {
    static RECEIPT = concat!("SELECT ", receipt_columns!(),
        " FROM receipts_receipt r WHERE r.tenant_id = $1 AND r.promotion_id = $2 AND r.id = $3");
    static RECEIPTS_OF = concat!("SELECT ", receipt_columns!(), " FROM json_each($3) AS given \
        CROSS JOIN receipts_receipt r ON r.tenant_id = $1 AND r.promotion_id = $2 AND r.id = given.value"),
        postgres = concat!("SELECT ", receipt_columns!(),
        " FROM jsonb_array_elements_text(CAST(CAST($3 AS TEXT) AS JSONB)) AS given(value) \
        JOIN receipts_receipt r ON r.tenant_id = $1 AND r.promotion_id = $2 AND r.id = CAST(given.value AS BIGINT)");
    static DUE = concat!("SELECT ", receipt_columns!(),
        " FROM receipts_receipt r WHERE r.tenant_id = $1 AND r.promotion_id = $2 AND r.state < 2 AND r.check_at <= $3 \
        ORDER BY r.check_at, r.id LIMIT $4");
    static SAME = "SELECT contact_id FROM receipts_receipt \
        WHERE tenant_id = $1 AND promotion_id = $2 AND drive = $3 AND document = $4 AND sign = $5 AND holds";
    static WAITING = "SELECT COUNT(*) FROM (SELECT 1 FROM receipts_receipt \
        WHERE tenant_id = $1 AND promotion_id = $2 AND state < 2 LIMIT 1000000) AS waiting";
    static PICTURES_WAITING = "SELECT COUNT(*) FROM (SELECT 1 FROM receipts_picture \
        WHERE tenant_id = $1 AND promotion_id = $2 AND state < 2 LIMIT 1000000) AS waiting";
    static PLACE = "SELECT COUNT(*) FROM (SELECT 1 FROM receipts_receipt WHERE tenant_id = $1 AND promotion_id = $2 \
        AND state < 2 AND (check_at < $3 OR check_at = $3 AND id < $4) LIMIT $5) AS before_it";
    static OWN = concat!("SELECT ", receipt_columns!(),
        " FROM receipts_receipt r WHERE r.tenant_id = $1 AND r.promotion_id = $2 AND r.contact_id = $3 \
        ORDER BY r.arrived_at DESC, r.id DESC LIMIT $4 OFFSET $5");
    static DOCUMENT = "SELECT provider, body, fetched_at FROM receipts_document \
        WHERE tenant_id = $1 AND drive = $2 AND document = $3 AND sign = $4";
    static DOCUMENTS_OF = "SELECT d.drive, d.document, d.sign, d.body FROM json_each($2) AS given \
        CROSS JOIN receipts_document d ON d.tenant_id = $1 AND d.drive = json_extract(given.value, '$[0]') \
        AND d.document = json_extract(given.value, '$[1]') AND d.sign = json_extract(given.value, '$[2]')",
        postgres = "SELECT d.drive, d.document, d.sign, d.body \
        FROM jsonb_array_elements(CAST(CAST($2 AS TEXT) AS JSONB)) AS given(value) \
        JOIN receipts_document d ON d.tenant_id = $1 AND d.drive = given.value ->> 0 \
        AND d.document = CAST(given.value ->> 1 AS BIGINT) AND d.sign = CAST(given.value ->> 2 AS BIGINT)";
    static ATTEMPTS = "SELECT provider_id, asked_at, took_ms, outcome, words FROM receipts_attempt \
        WHERE tenant_id = $1 AND promotion_id = $2 AND receipt_id = $3 ORDER BY id LIMIT 100";
    static TICKETS_TAKEN = "UPDATE promo_counter SET tickets = tickets + $3 WHERE tenant_id = $1 AND promotion_id = $2";
    static TICKETS = "SELECT tickets FROM promo_counter WHERE tenant_id = $1 AND promotion_id = $2";
    static ASKED = "SELECT questions FROM receipts_asked WHERE tenant_id = $1 AND promotion_id = $2";
    static REACHED_BY = "SELECT i.contact_id, i.channel_id, i.chat FROM json_each($2) AS given \
        CROSS JOIN identity i ON i.tenant_id = $1 AND i.contact_id = given.value AND i.blocked_at IS NULL \
        ORDER BY i.contact_id, i.created_at DESC",
        postgres = "SELECT i.contact_id, i.channel_id, i.chat \
        FROM jsonb_array_elements_text(CAST(CAST($2 AS TEXT) AS JSONB)) AS given(value) \
        CROSS JOIN LATERAL (SELECT x.* FROM identity x WHERE x.tenant_id = $1 \
            AND x.contact_id = CAST(given.value AS BIGINT) AND x.blocked_at IS NULL OFFSET 0) i \
        ORDER BY i.contact_id, i.created_at DESC";
    static LOCALES = "SELECT c.id, c.locale FROM json_each($2) AS given \
        CROSS JOIN contact c ON c.tenant_id = $1 AND c.id = given.value",
        postgres = "SELECT c.id, c.locale FROM jsonb_array_elements_text(CAST(CAST($2 AS TEXT) AS JSONB)) AS given(value) \
        JOIN contact c ON c.tenant_id = $1 AND c.id = CAST(given.value AS BIGINT)";
    static BLOCKED = "SELECT m.contact_id FROM json_each($3) AS given \
        CROSS JOIN promo_participant m ON m.tenant_id = $1 AND m.promotion_id = $2 AND m.contact_id = given.value \
        WHERE m.blocked <> ''",
        postgres = "SELECT m.contact_id FROM jsonb_array_elements_text(CAST(CAST($3 AS TEXT) AS JSONB)) AS given(value) \
        JOIN promo_participant m ON m.tenant_id = $1 AND m.promotion_id = $2 AND m.contact_id = CAST(given.value AS BIGINT) \
        WHERE m.blocked <> ''";
    static COUNTS_OF = "SELECT (SELECT COUNT(*) FROM promo_ticket t \
            WHERE t.tenant_id = $1 AND t.promotion_id = $2 AND t.contact_id = $3), \
        (SELECT COUNT(*) FROM receipts_receipt r \
            WHERE r.tenant_id = $1 AND r.promotion_id = $2 AND r.contact_id = $3 AND r.state < 3), \
        (SELECT COUNT(*) FROM receipts_picture p \
            WHERE p.tenant_id = $1 AND p.promotion_id = $2 AND p.contact_id = $3 AND p.state < 2)";
    static HERE = "SELECT key FROM promo_promotion WHERE tenant_id = $1 AND state IN (1, 2, 3) \
        AND (channel_id IS NULL OR channel_id = $2) ORDER BY state = 3, id DESC LIMIT 1";
    static STANDING = "SELECT p.id, p.revision, m.version, m.blocked, \
            (SELECT COUNT(*) FROM (SELECT 1 FROM receipts_receipt r WHERE r.tenant_id = $1 AND r.promotion_id = p.id \
                AND r.contact_id = $3 AND r.state <> 4 LIMIT $5) AS taken), \
            (SELECT COUNT(*) FROM (SELECT 1 FROM receipts_receipt r WHERE r.tenant_id = $1 AND r.promotion_id = p.id \
                AND r.contact_id = $3 AND r.arrived_at >= $4 AND r.state <> 4 LIMIT $5) AS today) \
        FROM promo_promotion p LEFT JOIN promo_participant m \
            ON m.tenant_id = p.tenant_id AND m.promotion_id = p.id AND m.contact_id = $3 \
        WHERE p.tenant_id = $1 AND p.key = $2";
}

table_write! {
    static RECEIPT_NEW = add receipts_receipt key(promotion_id int, id int) set(
        contact_id int, channel_id int, cause text, arrived_at int, source int, picture text, code text, drive text,
        document int, sign int, operation int, sum int, bought_at text, state int, holds bool, reason text, note text,
        version int, score int, signs text, tries int, waits int, outcome text, check_at int, ticket int,
        judged_by text, judged_at int, revision int);
    static RECEIPT_CLAIM = update receipts_receipt key(promotion_id int, id int) guard(revision int)
        set(revision int, state int, check_at int);
    static RECEIPT_JUDGED = update receipts_receipt key(promotion_id int, id int) guard(revision int) set(
        revision int, state int, holds bool, reason text, note text, version int, score int, signs text, tries int,
        waits int, outcome text, check_at int, ticket int, judged_by text, judged_at int);
    static TICKET_NEW = insert promo_ticket key(promotion_id int, number int) set(
        receipt_id int, contact_id int, arrived_at int, issued_at int);
    static COUNTER_NEW = add promo_counter key(promotion_id int) set(tickets int);
    static DOCUMENT_NEW = add receipts_document key(drive text, document int, sign int) set(
        provider text, body text, fetched_at int);
    static ATTEMPT_NEW = insert receipts_attempt key(promotion_id int, receipt_id int, id int) set(
        provider_id int, asked_at int, took_ms int, outcome text, words text);
    static ASKED_MORE = upsert receipts_asked key(promotion_id int) plus(questions int);
}

/// What is known of a person and a promotion when a receipt comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    /// The promotion, and which revision of it.
    pub promotion: PromotionId,
    pub revision: i64,
    /// The version of the terms that the person accepted; none: takes no part.
    pub joined: Option<i64>,
    /// Why the person takes part no more; empty: takes part.
    pub blocked: String,
    /// Receipts of theirs that are taken or wait.
    pub taken: i64,
    /// Those of them that arrived today.
    pub today: i64,
}

/// One query for all of it; none when the company has no such promotion.
pub(super) async fn standing(
    tx: &Tx,
    key: &str,
    contact: ContactId,
    day: Instant,
) -> Result<Option<Standing>, StoreError> {
    let Some(row) = tx.one(&STANDING, params![key, contact, day, COUNTED_MAX]).await? else {
        return Ok(None);
    };
    Ok(Some(Standing {
        promotion: row.id(0)?,
        revision: row.int(1)?,
        joined: row.opt_int(2)?,
        blocked: row.opt_text(3)?.unwrap_or_default().to_owned(),
        taken: row.int(4)?,
        today: row.int(5)?,
    }))
}

/// The key of the promotion that takes place in a channel: of several the youngest that is open.
pub(super) async fn here(tx: &Tx, channel: ChannelId) -> Result<Option<String>, StoreError> {
    tx.one(&HERE, params![channel]).await?.map(|row| row.text(0).map(str::to_owned)).transpose()
}

/// Puts a receipt down; false when another holds its place.
pub(crate) async fn add(tx: &Tx, receipt: &Receipt) -> Result<bool, StoreError> {
    let (drive, document, sign, operation, sum, bought) = match &receipt.code {
        Some(code) => (
            code.key.drive.as_str(),
            code.key.document,
            code.key.sign,
            code.operation.number(),
            code.sum,
            code.at.to_string(),
        ),
        None => ("", 0, 0, 0, 0, String::new()),
    };
    let row = params![
        receipt.promotion,
        receipt.id,
        receipt.contact,
        receipt.channel,
        receipt.cause.as_str(),
        receipt.arrived_at,
        receipt.source as i64,
        receipt.picture.as_str(),
        receipt.text.as_str(),
        drive,
        document,
        sign,
        operation,
        sum,
        bought,
        receipt.state.number(),
        receipt.holds,
        reason(receipt),
        receipt.note.as_str(),
        receipt.version,
        receipt.score,
        receipt.signs.as_str(),
        receipt.tries,
        receipt.waits,
        receipt.outcome.as_str(),
        receipt.check_at,
        receipt.ticket,
        receipt.judged_by.as_str(),
        receipt.judged_at,
        receipt.revision
    ];
    tx.add(&RECEIPT_NEW, row).await
}

fn reason(receipt: &Receipt) -> &'static str {
    receipt.reason.map_or("", crate::promo::Reason::as_str)
}

/// Writes where a receipt stands now. `read` is the revision that was read; of two units that read the same one is
/// run again.
pub(super) fn save(tx: &Tx, receipt: &Receipt, read: i64) {
    tx.put(
        &RECEIPT_JUDGED,
        params![
            receipt.promotion,
            receipt.id,
            read,
            receipt.revision,
            receipt.state.number(),
            receipt.holds,
            reason(receipt),
            receipt.note.as_str(),
            receipt.version,
            receipt.score,
            receipt.signs.as_str(),
            receipt.tries,
            receipt.waits,
            receipt.outcome.as_str(),
            receipt.check_at,
            receipt.ticket,
            receipt.judged_by.as_str(),
            receipt.judged_at
        ],
    );
}

/// Takes a due receipt into this node's hands, or puts it back.
pub(super) fn claim(tx: &Tx, receipt: &Receipt, state: State, until: Instant) {
    let (read, next) = (receipt.revision, receipt.revision + 1);
    tx.put(&RECEIPT_CLAIM, params![receipt.promotion, receipt.id, read, next, state.number(), until]);
}

pub(crate) async fn one(
    tx: &Tx,
    promotion: PromotionId,
    id: ReceiptId,
) -> Result<Option<Receipt>, StoreError> {
    tx.one(&RECEIPT, params![promotion, id]).await?.map(|row| Receipt::from_row(&row, 0)).transpose()
}

pub(super) async fn many(
    tx: &Tx,
    promotion: PromotionId,
    ids: &[ReceiptId],
) -> Result<Vec<Receipt>, StoreError> {
    receipts(&tx.all(&RECEIPTS_OF, params![promotion, listed(ids.iter().map(|id| id.0))]).await?)
}

/// What is due to be checked, the oldest first.
pub(super) async fn due(
    tx: &Tx,
    promotion: PromotionId,
    now: Instant,
    most: usize,
) -> Result<Vec<Receipt>, StoreError> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    receipts(&tx.all(&DUE, params![promotion, now, most]).await?)
}

fn receipts(rows: &[Row]) -> Result<Vec<Receipt>, StoreError> {
    rows.iter().map(|row| Receipt::from_row(row, 0)).collect()
}

fn listed(ids: impl Iterator<Item = i64>) -> String {
    serde_json::to_string(&ids.collect::<Vec<_>>()).unwrap_or_default()
}

/// Who holds the place of a receipt.
pub(crate) async fn holder(
    tx: &Tx,
    promotion: PromotionId,
    key: &Key,
) -> Result<Option<ContactId>, StoreError> {
    let row = tx.one(&SAME, params![promotion, key.drive.as_str(), key.document, key.sign]).await?;
    row.map(|row| row.id(0)).transpose()
}

/// How many receipts and pictures wait, counted.
pub(super) async fn waiting(tx: &Tx, promotion: PromotionId) -> Result<(i64, i64), StoreError> {
    let count = |row: Option<Row>| row.map_or(Ok(0), |row| row.int(0));
    let receipts = count(tx.one(&WAITING, params![promotion]).await?)?;
    Ok((receipts, count(tx.one(&PICTURES_WAITING, params![promotion]).await?)?))
}

/// The place of a waiting receipt in the queue, from 1.
pub(super) async fn place(tx: &Tx, receipt: &Receipt) -> Result<i64, StoreError> {
    let given = params![receipt.promotion, receipt.check_at, receipt.id, PLACES_MAX];
    Ok(tx.one(&PLACE, given).await?.map_or(Ok(0), |row| row.int(0))? + 1)
}

/// A person's receipts, the youngest first.
pub(super) async fn own(
    tx: &Tx,
    promotion: PromotionId,
    contact: ContactId,
    skip: u32,
    most: u32,
) -> Result<Vec<Receipt>, StoreError> {
    receipts(&tx.all(&OWN, params![promotion, contact, most, skip]).await?)
}

/// A person's numbers, and what of theirs still waits.
pub(super) async fn counts(
    tx: &Tx,
    promotion: PromotionId,
    contact: ContactId,
) -> Result<(i64, i64), StoreError> {
    let Some(row) = tx.one(&COUNTS_OF, params![promotion, contact]).await? else { return Ok((0, 0)) };
    Ok((row.int(0)?, row.int(1)? + row.int(2)?))
}

/// What is kept of a receipt: who gave it, the document, when.
pub(crate) async fn document(
    tx: &Tx,
    key: &Key,
) -> Result<Option<(String, samovar_fiscal::Receipt, Instant)>, StoreError> {
    let row = tx.one(&DOCUMENT, params![key.drive.as_str(), key.document, key.sign]).await?;
    row.map(|row| Ok((row.text(0)?.to_owned(), row.json(1)?, row.instant(2)?))).transpose()
}

/// What is kept of many.
pub(super) async fn documents(
    tx: &Tx,
    keys: &[&Key],
) -> Result<HashMap<Key, samovar_fiscal::Receipt>, StoreError> {
    let given: Vec<_> = keys.iter().map(|key| json!([key.drive, key.document, key.sign])).collect();
    let rows = tx.all(&DOCUMENTS_OF, params![json!(given).to_string()]).await?;
    let mut found = HashMap::with_capacity(rows.len());
    for row in &rows {
        let key = Key { drive: row.text(0)?.to_owned(), document: row.int(1)?, sign: row.int(2)? };
        found.insert(key, row.json(3)?);
    }
    Ok(found)
}

/// Keeps what a provider knows of a receipt, for ever.
pub(crate) fn keep_document(
    tx: &Tx,
    key: &Key,
    provider: &str,
    body: &samovar_fiscal::Receipt,
    now: Instant,
) {
    let body = serde_json::to_string(body).unwrap_or_default();
    tx.put(&DOCUMENT_NEW, params![key.drive.as_str(), key.document, key.sign, provider, body, now]);
}

pub(super) fn attempt(tx: &Tx, receipt: &Receipt, id: i64, attempt: &Attempt) {
    tx.put(
        &ATTEMPT_NEW,
        params![
            receipt.promotion,
            receipt.id,
            id,
            attempt.provider,
            attempt.asked_at,
            attempt.took_ms,
            attempt.outcome.as_str(),
            attempt.words.as_str()
        ],
    );
}

pub(super) async fn attempts(
    tx: &Tx,
    promotion: PromotionId,
    receipt: ReceiptId,
) -> Result<Vec<Attempt>, StoreError> {
    let rows = tx.all(&ATTEMPTS, params![promotion, receipt]).await?;
    rows.iter()
        .map(|row| {
            Ok(Attempt {
                provider: row.id(0)?,
                asked_at: row.instant(1)?,
                took_ms: row.int(2)?,
                outcome: row.text(3)?.to_owned(),
                words: row.text(4)?.to_owned(),
            })
        })
        .collect()
}

/// Counts questions that were asked for a promotion.
pub(super) fn asked_more(tx: &Tx, promotion: PromotionId, questions: i64) {
    if questions > 0 {
        tx.put(&ASKED_MORE, params![promotion, questions]);
    }
}

/// Questions asked for a promotion so far.
pub(super) async fn asked(tx: &Tx, promotion: PromotionId) -> Result<i64, StoreError> {
    tx.one(&ASKED, params![promotion]).await?.map_or(Ok(0), |row| row.int(0))
}

/// Takes the next `many` numbers of a promotion and gives the first of them. The counter's row is locked until the
/// unit ends, and given back with everything else when it fails: numbers have no gaps.
pub(crate) async fn take_numbers(tx: &Tx, promotion: PromotionId, many: i64) -> Result<i64, StoreError> {
    if tx.exec(&TICKETS_TAKEN, params![promotion, many]).await? == 0 {
        tx.add(&COUNTER_NEW, params![promotion, 0_i64]).await?;
        tx.exec(&TICKETS_TAKEN, params![promotion, many]).await?;
    }
    let last = tx.one(&TICKETS, params![promotion]).await?.map_or(Ok(many), |row| row.int(0))?;
    Ok(last - many + 1)
}

/// Writes a number down.
pub(crate) fn ticket(tx: &Tx, receipt: &Receipt, number: i64, now: Instant) {
    let row = params![receipt.promotion, number, receipt.id, receipt.contact, receipt.arrived_at, now];
    tx.put(&TICKET_NEW, row);
}

/// Of these people, those who take part no more.
pub(super) async fn blocked(
    tx: &Tx,
    promotion: PromotionId,
    contacts: &HashSet<ContactId>,
) -> Result<HashSet<ContactId>, StoreError> {
    let rows = tx.all(&BLOCKED, params![promotion, listed(contacts.iter().map(|id| id.0))]).await?;
    rows.iter().map(|row| row.id(0)).collect()
}

/// Where people can be written to, by channel; and the language of each.
pub(super) struct People {
    chats: HashMap<ContactId, Vec<(ChannelId, String)>>,
    locales: HashMap<ContactId, String>,
}

/// Of many at once.
pub(super) async fn people(tx: &Tx, contacts: &HashSet<ContactId>) -> Result<People, StoreError> {
    let given = listed(contacts.iter().map(|id| id.0));
    let mut chats: HashMap<ContactId, Vec<(ChannelId, String)>> = HashMap::with_capacity(contacts.len());
    for row in tx.all(&REACHED_BY, params![given.as_str()]).await? {
        chats.entry(row.id(0)?).or_default().push((row.id(1)?, row.text(2)?.to_owned()));
    }
    let rows = tx.all(&LOCALES, params![given]).await?;
    let locales = rows
        .iter()
        .map(|row| Ok((row.id(0)?, row.text(1)?.to_owned())))
        .collect::<Result<_, StoreError>>()?;
    Ok(People { chats, locales })
}

impl People {
    /// Where to write to a person about something that came by a channel: there, or where they were met last.
    pub(super) fn recipient(
        &self,
        app: &crate::app::App,
        contact: ContactId,
        channel: ChannelId,
    ) -> Option<Recipient> {
        let all = self.chats.get(&contact)?;
        let (channel, chat) = all.iter().find(|(known, _)| *known == channel).or_else(|| all.first())?;
        let channel = app.directory.channel(*channel)?;
        Some(Recipient { channel, chat: chat.as_str().into(), contact })
    }
    /// The channels by which any of them can be written to.
    pub(super) fn channels(&self) -> HashSet<ChannelId> {
        self.chats.values().flatten().map(|(channel, _)| *channel).collect()
    }
    /// The language of a person.
    pub(super) fn locale(&self, contact: ContactId) -> &str {
        self.locales.get(&contact).map_or("ru", String::as_str)
    }
}

/// An id of its own for each question.
pub(super) fn attempt_id(app: &crate::app::App) -> i64 {
    app.ids.next(app.clock.as_ref())
}

/// What a person is told when there is no such thing.
pub(super) fn not_found(id: ReceiptId) -> Fail {
    crate::problem::Problem::not_found("чек", "receipt", id).into()
}
