//! The SQL of promotions.

use super::model::{Participant, Promotion, State, Terms, Ticket};
use crate::app::App;
use crate::ledger::ids;
use crate::problem::{Fail, Problem};
use samovar_base::{ChannelId, ContactId, Instant, PromotionId, ReceiptId, TenantId};
use samovar_store::{Row, StoreError, Tx, params, query, table_write};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Promotions of all companies held in memory.
const KEPT_MAX: usize = 2_000;
/// Promotions of a company that take receipts at a time; more are not heard.
const OPEN_MAX: u32 = 50;
/// Versions of the terms that are listed.
const VERSIONS_MAX: u32 = 200;

macro_rules! columns {
    () => {
        "id, key, name, state, starts_at, ends_at, terms, version, channel_id, revision, created_at, updated_at"
    };
}

query! {
    static PROMOTION = concat!("SELECT ", columns!(), " FROM promo_promotion WHERE tenant_id = $1 AND id = $2");
    static PROMOTION_SEEN = "SELECT revision, updated_at FROM promo_promotion WHERE tenant_id = $1 AND id = $2";
    static PROMOTION_BY_KEY = "SELECT id FROM promo_promotion WHERE tenant_id = $1 AND key = $2";
    static PROMOTIONS = concat!(
        "SELECT ", columns!(), " FROM promo_promotion WHERE tenant_id = $1 AND id < $2 AND ($3 OR state < 4) \
         ORDER BY id DESC LIMIT $4"
    );
    static OPEN = "SELECT id FROM promo_promotion WHERE tenant_id = $1 AND state IN (1, 2) ORDER BY id DESC LIMIT $2";
    static VERSIONS =
        "SELECT version, terms, actor, created_at FROM promo_version WHERE tenant_id = $1 AND promotion_id = $2 \
         ORDER BY version DESC LIMIT $3";
    static COUNTS =
        "SELECT (SELECT COUNT(*) FROM promo_participant p WHERE p.tenant_id = $1 AND p.promotion_id = $2),
                COALESCE((SELECT c.tickets FROM promo_counter c WHERE c.tenant_id = $1 AND c.promotion_id = $2), 0),
                (SELECT COUNT(*) FROM receipts_receipt r WHERE r.tenant_id = $1 AND r.promotion_id = $2 AND r.state < 2),
                (SELECT COUNT(*) FROM receipts_receipt r WHERE r.tenant_id = $1 AND r.promotion_id = $2 AND r.state = 2)";
    static WAITING =
        "SELECT id FROM receipts_receipt WHERE tenant_id = $1 AND promotion_id = $2 AND state IN (0, 1, 2) LIMIT 1";
    static PARTICIPANT =
        "SELECT contact_id, channel_id, source, version, blocked, joined_at FROM promo_participant \
         WHERE tenant_id = $1 AND promotion_id = $2 AND contact_id = $3";
    static PARTICIPANTS =
        "SELECT p.contact_id, p.channel_id, p.source, p.version, p.blocked, p.joined_at, c.name,
             (SELECT COUNT(*) FROM promo_ticket t
              WHERE t.tenant_id = p.tenant_id AND t.promotion_id = p.promotion_id AND t.contact_id = p.contact_id),
             (SELECT COUNT(*) FROM receipts_receipt r
              WHERE r.tenant_id = p.tenant_id AND r.promotion_id = p.promotion_id AND r.contact_id = p.contact_id)
         FROM promo_participant p
         LEFT JOIN contact c ON c.tenant_id = p.tenant_id AND c.id = p.contact_id
         WHERE p.tenant_id = $1 AND p.promotion_id = $2 AND (p.joined_at, p.contact_id) < ($3, $4)
         ORDER BY p.joined_at DESC, p.contact_id DESC LIMIT $5";
    static TICKETS =
        "SELECT t.number, t.receipt_id, t.contact_id, t.arrived_at, t.issued_at, c.name FROM promo_ticket t
         LEFT JOIN contact c ON c.tenant_id = t.tenant_id AND c.id = t.contact_id
         WHERE t.tenant_id = $1 AND t.promotion_id = $2 AND t.number < $3 ORDER BY t.number DESC LIMIT $4";
    static TICKETS_OF =
        "SELECT t.number, t.receipt_id, t.contact_id, t.arrived_at, t.issued_at, c.name FROM promo_ticket t
         LEFT JOIN contact c ON c.tenant_id = t.tenant_id AND c.id = t.contact_id
         WHERE t.tenant_id = $1 AND t.promotion_id = $2 AND t.contact_id = $5 AND t.number < $3
         ORDER BY t.number DESC LIMIT $4";
    static LOCALES =
        "SELECT c.id, c.locale FROM json_each($2) AS given
         CROSS JOIN contact c ON c.tenant_id = $1 AND c.id = given.value",
        postgres =
        "SELECT c.id, c.locale FROM jsonb_array_elements_text(CAST(CAST($2 AS TEXT) AS JSONB)) AS given(value)
         JOIN contact c ON c.tenant_id = $1 AND c.id = CAST(given.value AS BIGINT)";
    static TRIED = "UPDATE promo_promotion SET revision = revision WHERE tenant_id = $1 AND id = $2 AND state = 1";
    static TRIED_TICKETS = "DELETE FROM promo_ticket WHERE tenant_id = $1 AND promotion_id = $2";
    static TRIED_PEOPLE = "DELETE FROM promo_participant WHERE tenant_id = $1 AND promotion_id = $2";
    static TRIED_OWED = "DELETE FROM promo_owed WHERE tenant_id = $1 AND promotion_id = $2";
    static TRIED_CODES =
        "UPDATE promo_code SET state = 0, contact_id = NULL, given_at = NULL \
         WHERE tenant_id = $1 AND promotion_id = $2 AND state = 1";
    static TRIED_POOLS = "UPDATE promo_pool SET given = 0 WHERE tenant_id = $1 AND promotion_id = $2";
}

table_write! {
    static PROMOTION_NEW = insert promo_promotion key(id int) set(
        key text, name text, state int, starts_at int, ends_at int, terms text, version int, channel_id int,
        revision int, created_at int, updated_at int
    );
    static PROMOTION_SAVE = update promo_promotion key(id int) guard(revision int) set(
        revision int, name text, state int, starts_at int, ends_at int, terms text, version int, channel_id int,
        updated_at int
    );
    static PROMOTION_HELD = update promo_promotion key(id int) guard(revision int) set(revision int);
    static VERSION_NEW =
        insert promo_version key(promotion_id int, version int) set(terms text, actor text, created_at int);
    static COUNTER_NEW = insert promo_counter key(promotion_id int) set(tickets int);
    static COUNTER_BACK = update promo_counter key(promotion_id int) set(tickets int);
    static PARTICIPANT_NEW = add promo_participant key(promotion_id int, contact_id int) set(
        channel_id int, source text, version int, blocked text, joined_at int
    );
    static PARTICIPANT_BLOCK = update promo_participant key(promotion_id int, contact_id int) set(blocked text);
}

/// Promotions that were read of late: their terms are parsed once for each revision.
#[derive(Debug, Default)]
pub struct Promotions(Mutex<HashMap<(TenantId, PromotionId), Arc<Promotion>>>);

impl Promotions {
    fn of(&self, tenant: TenantId, id: PromotionId) -> Option<Arc<Promotion>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&(tenant, id)).cloned()
    }

    fn keep(&self, tenant: TenantId, promotion: Promotion) -> Arc<Promotion> {
        let promotion = Arc::new(promotion);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        kept.insert((tenant, promotion.id), Arc::clone(&promotion));
        promotion
    }
}

/// A promotion as it is now, for units on the hot path: its terms come from memory while nobody changed them.
pub async fn current(app: &App, tx: &Tx, id: PromotionId) -> Result<Option<Arc<Promotion>>, StoreError> {
    let known = app.promotions.of(tx.tenant(), id);
    if let Some(known) = known
        && let Some(row) = tx.one(&PROMOTION_SEEN, params![id]).await?
        && (row.int(0)?, row.instant(1)?) == (known.revision, known.updated_at)
    {
        return Ok(Some(known));
    }
    let Some(row) = tx.one(&PROMOTION, params![id]).await? else { return Ok(None) };
    Ok(Some(app.promotions.keep(tx.tenant(), Promotion::from_row(&row)?)))
}

/// A promotion as it is now, for units that write what belongs to it. One that is tried begins before such a unit or after
/// it: whatever comes of trying is there to be wiped, or does not come any more.
pub async fn held(app: &App, tx: &Tx, id: PromotionId) -> Result<Option<Arc<Promotion>>, StoreError> {
    let seen = current(app, tx, id).await?;
    let began = match &seen {
        Some(promotion) if promotion.state == State::Test => !hold(tx, promotion).await?,
        _ => false,
    };
    if began { current(app, tx, id).await } else { Ok(seen) }
}

/// Locks a promotion that is tried until the unit ends; false when it is tried no more. Other batches wait for the row,
/// and of two units of one batch that write to it one goes into the next.
async fn hold(tx: &Tx, tried: &Promotion) -> Result<bool, StoreError> {
    let held = tx.exec(&TRIED, params![tried.id]).await? > 0;
    if held {
        tx.put(&PROMOTION_HELD, params![tried.id, tried.revision, tried.revision]);
    }
    Ok(held)
}

/// One promotion, to be changed.
pub(super) async fn load(tx: &Tx, id: PromotionId) -> Result<Promotion, Fail> {
    match tx.one(&PROMOTION, params![id]).await? {
        Some(row) => Ok(Promotion::from_row(&row)?),
        None => Err(not_found(id)),
    }
}

pub(super) fn not_found(id: impl std::fmt::Display) -> Fail {
    Problem::not_found("акция", "promotion", id).into()
}

/// The promotion of a short name.
pub async fn of_key(tx: &Tx, key: &str) -> Result<Option<PromotionId>, StoreError> {
    tx.one(&PROMOTION_BY_KEY, params![key]).await?.map(|row| row.id(0)).transpose()
}

/// Those that take receipts, the youngest first.
pub async fn open(app: &App, tx: &Tx) -> Result<Vec<Arc<Promotion>>, StoreError> {
    let mut found = Vec::new();
    for row in tx.all(&OPEN, params![OPEN_MAX]).await? {
        found.extend(current(app, tx, row.id(0)?).await?);
    }
    Ok(found)
}

pub(super) async fn page(
    tx: &Tx,
    before: PromotionId,
    archived: bool,
    limit: u32,
) -> Result<Vec<Promotion>, StoreError> {
    tx.all(&PROMOTIONS, params![before, archived, limit]).await?.iter().map(Promotion::from_row).collect()
}

pub(super) fn create(tx: &Tx, new: &Promotion, actor: &str) {
    tx.put(
        &PROMOTION_NEW,
        params![
            new.id,
            new.key.as_str(),
            new.name.as_str(),
            new.state.number(),
            new.starts_at,
            new.ends_at,
            json(&new.terms),
            new.version,
            new.channel,
            new.revision,
            new.created_at,
            new.updated_at
        ],
    );
    tx.put(&COUNTER_NEW, params![new.id, 0_i64]);
    keep_version(tx, new, actor);
}

/// Keeps the terms as they are now under their version.
pub(super) fn keep_version(tx: &Tx, promotion: &Promotion, actor: &str) {
    let Promotion { id, version, updated_at, .. } = promotion;
    tx.put(&VERSION_NEW, params![*id, *version, json(&promotion.terms), actor, *updated_at]);
}

/// Writes it back, guarded by its revision, which grows.
pub(super) fn save(tx: &Tx, promotion: &mut Promotion, now: Instant) {
    let seen = promotion.revision;
    promotion.revision += 1;
    promotion.updated_at = now;
    tx.put(
        &PROMOTION_SAVE,
        params![
            promotion.id,
            seen,
            promotion.revision,
            promotion.name.as_str(),
            promotion.state.number(),
            promotion.starts_at,
            promotion.ends_at,
            json(&promotion.terms),
            promotion.version,
            promotion.channel,
            now
        ],
    );
}

/// The terms as they once were.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// From 1.
    pub version: i64,
    /// What they said.
    pub terms: Terms,
    /// Who made them so.
    pub actor: String,
    /// When.
    pub created_at: Instant,
}

pub(super) async fn versions(tx: &Tx, id: PromotionId) -> Result<Vec<Version>, StoreError> {
    let version = |row: &Row| {
        Ok(Version {
            version: row.int(0)?,
            terms: row.json(1)?,
            actor: row.text(2)?.to_owned(),
            created_at: row.instant(3)?,
        })
    };
    tx.all(&VERSIONS, params![id, VERSIONS_MAX]).await?.iter().map(version).collect()
}

/// How much there is in a promotion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// People who accepted the rules.
    pub participants: i64,
    /// Numbers given out.
    pub tickets: i64,
    /// Receipts that wait for their check.
    pub waiting: i64,
    /// Receipts that wait for a person.
    pub moderation: i64,
}

pub(super) async fn counts(tx: &Tx, id: PromotionId) -> Result<Counts, StoreError> {
    let Some(row) = tx.one(&COUNTS, params![id]).await? else { return Ok(Counts::default()) };
    Ok(Counts {
        participants: row.int(0)?,
        tickets: row.int(1)?,
        waiting: row.int(2)?,
        moderation: row.int(3)?,
    })
}

/// Whether any receipt is not decided yet.
pub(super) async fn is_waited_for(tx: &Tx, id: PromotionId) -> Result<bool, StoreError> {
    Ok(tx.one(&WAITING, params![id]).await?.is_some())
}

/// Forgets what came of trying: receipts, numbers, participants; codes go back to their pools.
pub(super) async fn wipe(tx: &Tx, tried: &Promotion) -> Result<(), StoreError> {
    hold(tx, tried).await?;
    crate::receipts::wipe(tx, tried.id).await?;
    for gone in [&TRIED_TICKETS, &TRIED_PEOPLE, &TRIED_OWED, &TRIED_CODES, &TRIED_POOLS] {
        tx.exec(gone, params![tried.id]).await?;
    }
    tx.put(&COUNTER_BACK, params![tried.id, 0_i64]);
    Ok(())
}

/// The participation of a person, if there is one.
pub async fn participant(
    tx: &Tx,
    promotion: PromotionId,
    contact: ContactId,
) -> Result<Option<Participant>, StoreError> {
    let row = tx.one(&PARTICIPANT, params![promotion, contact]).await?;
    row.map(|row| participant_of(&row, promotion)).transpose()
}

fn participant_of(row: &Row, promotion: PromotionId) -> Result<Participant, StoreError> {
    Ok(Participant {
        promotion,
        contact: row.id(0)?,
        channel: row.id::<ChannelId>(1)?,
        source: row.text(2)?.to_owned(),
        version: row.int(3)?,
        blocked: row.text(4)?.to_owned(),
        joined_at: row.instant(5)?,
    })
}

/// Makes a participant, unless the person is one; whether this made them one.
pub async fn join(tx: &Tx, new: &Participant) -> Result<bool, StoreError> {
    let row = params![
        new.promotion,
        new.contact,
        new.channel,
        new.source.as_str(),
        new.version,
        new.blocked.as_str(),
        new.joined_at
    ];
    tx.add(&PARTICIPANT_NEW, row).await
}

pub(super) fn block(tx: &Tx, promotion: PromotionId, contact: ContactId, why: &str) {
    tx.put(&PARTICIPANT_BLOCK, params![promotion, contact, why]);
}

/// A participant in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedParticipant {
    /// Who.
    pub participant: Participant,
    /// As they are called; empty when nobody knows.
    pub name: String,
    /// Their numbers.
    pub tickets: i64,
    /// Their receipts, whatever became of them.
    pub receipts: i64,
}

pub(super) async fn participants(
    tx: &Tx,
    promotion: PromotionId,
    before: (Instant, ContactId),
    limit: u32,
) -> Result<Vec<ListedParticipant>, StoreError> {
    let rows = tx.all(&PARTICIPANTS, params![promotion, before.0, before.1, limit]).await?;
    let listed = |row: &Row| {
        Ok(ListedParticipant {
            participant: participant_of(row, promotion)?,
            name: row.opt_text(6)?.unwrap_or_default().to_owned(),
            tickets: row.int(7)?,
            receipts: row.int(8)?,
        })
    };
    rows.iter().map(listed).collect()
}

/// A number in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedTicket {
    /// It.
    pub ticket: Ticket,
    /// As its owner is called; empty when nobody knows.
    pub name: String,
}

/// Numbers below one, the highest first; of a person or of all.
pub async fn tickets(
    tx: &Tx,
    promotion: PromotionId,
    contact: Option<ContactId>,
    below: i64,
    limit: u32,
) -> Result<Vec<ListedTicket>, StoreError> {
    let rows = match contact {
        Some(contact) => tx.all(&TICKETS_OF, params![promotion, below, limit, contact]).await?,
        None => tx.all(&TICKETS, params![promotion, below, limit]).await?,
    };
    let listed = |row: &Row| {
        let ticket = Ticket {
            number: row.int(0)?,
            receipt: row.id::<ReceiptId>(1)?,
            contact: row.id(2)?,
            arrived_at: row.instant(3)?,
            issued_at: row.instant(4)?,
        };
        Ok(ListedTicket { ticket, name: row.opt_text(5)?.unwrap_or_default().to_owned() })
    };
    rows.iter().map(listed).collect()
}

/// The languages of people.
pub(super) async fn locales(tx: &Tx, people: &[ContactId]) -> Result<HashMap<ContactId, String>, StoreError> {
    let rows = tx.all(&LOCALES, params![ids(people)]).await?;
    rows.iter().map(|row| Ok((row.id(0)?, row.text(1)?.to_owned()))).collect()
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::model::State;

    #[test]
    fn states_are_numbered_as_the_queries_tell_them() {
        assert!(
            State::ALL.iter().enumerate().all(|(at, one)| one.number() == i64::try_from(at).unwrap_or(-1))
        );
    }
}
