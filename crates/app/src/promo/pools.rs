//! Partners' codes: brought as files, given out one to a person with the first receipt that is taken.
//!
//! A person gets one code of a promotion, from the first of its pools that has any; the database itself holds to it. When
//! the pools are empty, the person is told kindly and remembered: the next file brings their code ([`super::work::Refill`]).

use super::codes::codes_of;
pub use super::codes::{ROWS_MAX, Uploaded};
use super::model::Promotion;
use super::texts::Speech;
use super::{store, unit_key, work};
use crate::access::{Actor, Right, audit};
use crate::app::App;
use crate::ledger::ids;
use crate::problem::{Fail, Kind, Problem};
use crate::tenants::changed_meanwhile;
use crate::work::enqueue;
use bytes::Bytes;
use minijinja::{Environment, UndefinedBehavior};
use samovar_base::{ContactId, Instant, PoolId, PromotionId};
use samovar_store::{Row, StoreError, Tx, params, query, table_write};
use serde_json::json;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Largest file.
pub const BYTES_MAX: usize = 10 << 20;
/// Codes that go into the table in one unit.
const PORTION: usize = 5_000;
/// Pools of a promotion.
const POOLS_MAX: i64 = 20;
/// Longest name of a partner, and longest message.
const PARTNER_MAX: usize = 100;
const MESSAGE_MAX: usize = 1_000;
const FUEL: u64 = 20_000;

macro_rules! columns {
    () => {
        "id, partner, message, low_at, total, given, alerted_at, revision, created_at"
    };
}

query! {
    static POOL = concat!(
        "SELECT ", columns!(), " FROM promo_pool WHERE tenant_id = $1 AND promotion_id = $2 AND id = $3"
    );
    static POOLS = concat!(
        "SELECT ", columns!(), " FROM promo_pool WHERE tenant_id = $1 AND promotion_id = $2 ORDER BY id LIMIT $3"
    );
    static CODES_ADD =
        "INSERT INTO promo_code (tenant_id, pool_id, code, promotion_id, place, state)
         SELECT $1, $2, given.value, $3, $4 + given.key, 0 FROM json_each($5) AS given WHERE TRUE
         ON CONFLICT DO NOTHING",
        postgres =
        "INSERT INTO promo_code (tenant_id, pool_id, code, promotion_id, place, state)
         SELECT $1, CAST($2 AS BIGINT), given.value, CAST($3 AS BIGINT), CAST($4 AS BIGINT) + given.key, 0
         FROM jsonb_array_elements_text(CAST(CAST($5 AS TEXT) AS JSONB)) WITH ORDINALITY AS given(value, key)
         WHERE TRUE ON CONFLICT DO NOTHING";
    static CODES_CLEAR = "DELETE FROM promo_code WHERE tenant_id = $1 AND pool_id = $2 AND state = 0";
    static FREE =
        "SELECT code FROM promo_code WHERE tenant_id = $1 AND pool_id = $2 AND state = 0 ORDER BY place LIMIT $3";
    static GIVEN_PAGE =
        "SELECT d.code, d.contact_id, d.given_at, c.name FROM promo_code d
         LEFT JOIN contact c ON c.tenant_id = d.tenant_id AND c.id = d.contact_id
         WHERE d.tenant_id = $1 AND d.pool_id = $2 AND d.state = 1 AND (d.given_at, d.code) < ($3, $4)
         ORDER BY d.given_at DESC, d.code DESC LIMIT $5";
    static FREE_PAGE =
        "SELECT code, place FROM promo_code WHERE tenant_id = $1 AND pool_id = $2 AND state = 0 AND place > $3
         ORDER BY place LIMIT $4";
    static SERVED =
        "SELECT d.contact_id FROM json_each($3) AS given
         CROSS JOIN promo_code d ON d.tenant_id = $1 AND d.promotion_id = $2 AND d.contact_id = given.value
             AND d.contact_id IS NOT NULL
         UNION ALL
         SELECT w.contact_id FROM json_each($3) AS given
         CROSS JOIN promo_owed w ON w.tenant_id = $1 AND w.promotion_id = $2 AND w.contact_id = given.value",
        postgres =
        "SELECT d.contact_id FROM jsonb_array_elements_text(CAST(CAST($3 AS TEXT) AS JSONB)) AS given(value)
         JOIN promo_code d ON d.tenant_id = $1 AND d.promotion_id = $2 AND d.contact_id = CAST(given.value AS BIGINT)
             AND d.contact_id IS NOT NULL
         UNION ALL
         SELECT w.contact_id FROM jsonb_array_elements_text(CAST(CAST($3 AS TEXT) AS JSONB)) AS given(value)
         JOIN promo_owed w ON w.tenant_id = $1 AND w.promotion_id = $2 AND w.contact_id = CAST(given.value AS BIGINT)";
    static OWED =
        "SELECT contact_id FROM promo_owed WHERE tenant_id = $1 AND promotion_id = $2 ORDER BY since, contact_id LIMIT $3";
    static OWED_COUNT = "SELECT COUNT(*) FROM promo_owed WHERE tenant_id = $1 AND promotion_id = $2";
}

table_write! {
    static POOL_NEW = insert promo_pool key(promotion_id int, id int) set(
        partner text, message text, low_at int, total int, given int, revision int, created_at int
    );
    static POOL_SAVE = update promo_pool key(promotion_id int, id int) guard(revision int) set(
        revision int, partner text, message text, low_at int, alerted_at int
    );
    static POOL_MORE = update promo_pool key(promotion_id int, id int) plus(total int);
    static POOL_GIVEN = update promo_pool key(promotion_id int, id int) plus(given int);
    static POOL_ALERTED = update promo_pool key(promotion_id int, id int) set(alerted_at int);
    static CODE_GIVE = update promo_code key(pool_id int, code text) guard(state int) set(
        state int, contact_id int, given_at int
    );
    static OWED_NEW = add promo_owed key(promotion_id int, contact_id int) set(since int);
    static OWED_GONE = delete promo_owed key(promotion_id int, contact_id int);
}

/// A pool of one partner's codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pool {
    /// Id.
    pub id: PoolId,
    /// Whose codes they are; may be empty.
    pub partner: String,
    /// What is said with a code: a template over `code`, `partner` and what all texts name. The promotion's text `code`
    /// when empty.
    pub message: String,
    /// When so many are left, those in charge are told; zero: never.
    pub low_at: i64,
    /// Codes in it.
    pub total: i64,
    /// Of them given out.
    pub given: i64,
    /// When those in charge were told that few are left.
    pub alerted_at: Option<Instant>,
    /// Grows with every change.
    pub revision: i64,
    /// When it was made.
    pub created_at: Instant,
}

impl Pool {
    /// Codes that can still be given.
    pub fn left(&self) -> i64 {
        self.total - self.given
    }

    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id(0)?,
            partner: row.text(1)?.to_owned(),
            message: row.text(2)?.to_owned(),
            low_at: row.int(3)?,
            total: row.int(4)?,
            given: row.int(5)?,
            alerted_at: row.opt_instant(6)?,
            revision: row.int(7)?,
            created_at: row.instant(8)?,
        })
    }
}

/// What can be set of a pool.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Draft {
    /// Whose codes they are.
    pub partner: String,
    /// What is said with a code.
    pub message: String,
    /// When so many are left, those in charge are told.
    pub low_at: i64,
}

/// What a person gets with the first receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gift {
    /// A code.
    Code {
        /// Whose.
        partner: String,
        /// What is said with it; the promotion's own text when empty.
        message: String,
        /// It.
        code: String,
    },
    /// None is left: the person gets one when there are more.
    Owed,
}

impl Gift {
    /// What the person reads.
    pub fn text(&self, speech: &Speech<'_>) -> String {
        match self {
            Self::Owed => speech.say("codes_over", &json!({})),
            Self::Code { partner, message, code } => {
                let values = json!({ "partner": partner, "code": code });
                let own = (!message.trim().is_empty()).then(|| speech.template(message, &values)).flatten();
                // A message that forgot the code would be no gift.
                own.filter(|text| text.contains(code.as_str())).unwrap_or_else(|| speech.say("code", &values))
            }
        }
    }
}

/// A code that was given out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// It.
    pub code: String,
    /// To whom.
    pub contact: ContactId,
    /// As they are called; may be empty.
    pub name: String,
    /// When.
    pub at: Instant,
}

/// The pools of a promotion in the order in which they are used, and how many people wait for a code.
pub async fn list(app: &App, actor: &Actor, promotion: PromotionId) -> Result<(Vec<Pool>, i64), Fail> {
    actor.require(Right::Promotions)?;
    app.store
        .read(actor.tenant, move |tx| async move {
            store::load(&tx, promotion).await?;
            let owed = tx.one(&OWED_COUNT, params![promotion]).await?.map_or(Ok(0), |row| row.int(0))?;
            Ok((all(&tx, promotion).await?, owed))
        })
        .await
}

/// Makes a pool.
pub async fn create(app: &App, actor: &Actor, promotion: PromotionId, draft: Draft) -> Result<Pool, Fail> {
    actor.require(Right::Promotions)?;
    let draft = tidied(draft)?;
    let (services, unit_actor, now) = (app.clone(), actor.clone(), app.clock.now());
    let id = PoolId::new(&app.ids, app.clock.as_ref());
    app.store
        .run(actor.tenant, unit_key(promotion), move |tx| {
            let (app, actor, draft) = (services.clone(), unit_actor.clone(), draft.clone());
            async move {
                store::load(&tx, promotion).await?;
                if i64::try_from(all(&tx, promotion).await?.len()).unwrap_or(i64::MAX) >= POOLS_MAX {
                    let ru = format!("Наборов кодов уже {POOLS_MAX}: больше не нужно");
                    let en = format!("There are {POOLS_MAX} pools already: no more are needed");
                    return Err(Problem::refused("too_many", ru, en).into());
                }
                let Draft { partner, message, low_at } = draft;
                let pool = Pool {
                    id,
                    partner,
                    message,
                    low_at,
                    total: 0,
                    given: 0,
                    alerted_at: None,
                    revision: 1,
                    created_at: now,
                };
                let (partner, message) = (pool.partner.as_str(), pool.message.as_str());
                tx.put(&POOL_NEW, params![promotion, id, partner, message, low_at, 0_i64, 0_i64, 1_i64, now]);
                audit(
                    &tx,
                    &app,
                    &actor,
                    "promotion.pool_create",
                    promotion,
                    &json!({ "pool": id.to_string() }),
                );
                Ok(pool)
            }
        })
        .await
}

/// Changes a pool. With a `revision`, only if it still has it.
pub async fn update(
    app: &App,
    actor: &Actor,
    promotion: PromotionId,
    id: PoolId,
    revision: Option<i64>,
    draft: Draft,
) -> Result<Pool, Fail> {
    actor.require(Right::Promotions)?;
    let draft = tidied(draft)?;
    let (services, unit_actor) = (app.clone(), actor.clone());
    app.store
        .run(actor.tenant, unit_key(promotion), move |tx| {
            let (app, actor, draft) = (services.clone(), unit_actor.clone(), draft.clone());
            async move {
                let mut pool = load(&tx, promotion, id).await?;
                if revision.is_some_and(|seen| seen != pool.revision) {
                    return Err(changed_meanwhile(pool.revision).into());
                }
                let seen = pool.revision;
                Draft { partner: pool.partner, message: pool.message, low_at: pool.low_at } = draft;
                pool.revision += 1;
                if pool.left() > pool.low_at {
                    pool.alerted_at = None;
                }
                let row = params![
                    promotion,
                    id,
                    seen,
                    pool.revision,
                    pool.partner.as_str(),
                    pool.message.as_str(),
                    pool.low_at,
                    pool.alerted_at
                ];
                tx.put(&POOL_SAVE, row);
                audit(
                    &tx,
                    &app,
                    &actor,
                    "promotion.pool_update",
                    promotion,
                    &json!({ "pool": id.to_string() }),
                );
                Ok(pool)
            }
        })
        .await
}

/// Adds the codes of a file to a pool: XLSX, CSV, or one code a line. The same file again adds nothing.
pub async fn upload(
    app: &App,
    actor: &Actor,
    promotion: PromotionId,
    id: PoolId,
    bytes: Bytes,
) -> Result<Uploaded, Fail> {
    actor.require(Right::Promotions)?;
    if bytes.len() > BYTES_MAX {
        let (ru, en) = ("Файл больше 10 МБ: разделите его", "The file is larger than 10 MB: divide it");
        return Err(Problem::new(Kind::TooLarge, "file_too_large", ru, en).into());
    }
    let read = tokio::task::spawn_blocking(move || codes_of(&bytes)).await;
    let (codes, mut uploaded) = read.map_err(|error| StoreError::Panicked(error.to_string()))??;
    let now = app.clock.now();
    let portions = codes.len().div_ceil(PORTION);
    for (at, portion) in codes.chunks(PORTION).enumerate() {
        let (services, unit_actor) = (app.clone(), actor.clone());
        let last = at + 1 == portions;
        let count = i64::try_from(portion.len()).unwrap_or(i64::MAX);
        let list: Arc<str> = serde_json::to_string(portion).unwrap_or_default().into();
        // Codes are given in the order in which they were brought.
        let from = now.0 + i64::try_from(at * PORTION).unwrap_or(0);
        let added = app
            .store
            .run(actor.tenant, unit_key(promotion), move |tx| {
                let (app, actor, list) = (services.clone(), unit_actor.clone(), Arc::clone(&list));
                async move {
                    load(&tx, promotion, id).await?;
                    let row = params![id, promotion, from, &*list];
                    let added = i64::try_from(tx.exec(&CODES_ADD, row).await?).unwrap_or(i64::MAX);
                    tx.put(&POOL_MORE, params![promotion, id, added]);
                    if last {
                        tx.put(&POOL_ALERTED, params![promotion, id, Option::<Instant>::None]);
                        enqueue(&app, &tx, &work::Refill { promotion }, now, Some(&promotion.to_string()))
                            .await?;
                        let data = json!({ "pool": id.to_string(), "lines": count });
                        audit(&tx, &app, &actor, "promotion.codes_upload", promotion, &data);
                    }
                    Ok::<_, Fail>(added)
                }
            })
            .await?;
        uploaded.added += added;
        uploaded.known += count - added;
    }
    Ok(uploaded)
}

/// Takes the codes that nobody got out of a pool; how many there were.
pub async fn clear(app: &App, actor: &Actor, promotion: PromotionId, id: PoolId) -> Result<i64, Fail> {
    actor.require(Right::Promotions)?;
    let (services, unit_actor) = (app.clone(), actor.clone());
    app.store
        .run(actor.tenant, unit_key(promotion), move |tx| {
            let (app, actor) = (services.clone(), unit_actor.clone());
            async move {
                load(&tx, promotion, id).await?;
                let gone = i64::try_from(tx.exec(&CODES_CLEAR, params![id]).await?).unwrap_or(i64::MAX);
                tx.put(&POOL_MORE, params![promotion, id, -gone]);
                let data = json!({ "pool": id.to_string(), "codes": gone });
                audit(&tx, &app, &actor, "promotion.codes_clear", promotion, &data);
                Ok(gone)
            }
        })
        .await
}

/// Up to `limit` codes that were given out, the latest first, from `after` on.
pub async fn given(
    app: &App,
    actor: &Actor,
    promotion: PromotionId,
    id: PoolId,
    after: Option<(Instant, String)>,
    limit: u32,
) -> Result<Vec<Given>, Fail> {
    actor.require(Right::Promotions)?;
    let (at, code) = after.unwrap_or((Instant(i64::MAX), String::new()));
    app.store
        .read(actor.tenant, move |tx| {
            let code = code.clone();
            async move {
                load(&tx, promotion, id).await?;
                let rows = tx.all(&GIVEN_PAGE, params![id, at, code, limit]).await?;
                let given = |row: &Row| {
                    Ok(Given {
                        code: row.text(0)?.to_owned(),
                        contact: row.id(1)?,
                        at: row.instant(2)?,
                        name: row.opt_text(3)?.unwrap_or_default().to_owned(),
                    })
                };
                rows.iter().map(given).collect::<Result<_, Fail>>()
            }
        })
        .await
}

/// Up to `limit` codes that are still free with their places, in the order in which they are given, after a place.
pub async fn free(
    app: &App,
    actor: &Actor,
    promotion: PromotionId,
    id: PoolId,
    after: Option<i64>,
    limit: u32,
) -> Result<Vec<(i64, String)>, Fail> {
    actor.require(Right::Promotions)?;
    app.store
        .read(actor.tenant, move |tx| async move {
            load(&tx, promotion, id).await?;
            let rows = tx.all(&FREE_PAGE, params![id, after.unwrap_or(i64::MIN), limit]).await?;
            rows.iter().map(|row| Ok((row.int(1)?, row.text(0)?.to_owned()))).collect::<Result<_, Fail>>()
        })
        .await
}

/// Inside the unit of the promotion ([`unit_key`]): a code to each of these people who has none yet. Who had one before
/// is not in the answer; who gets none because the pools are empty is remembered.
pub async fn give_in(
    app: &App,
    tx: &Tx,
    promotion: &Promotion,
    people: &[ContactId],
    now: Instant,
) -> Result<HashMap<ContactId, Gift>, Fail> {
    let pools = all(tx, promotion.id).await?;
    if pools.is_empty() || people.is_empty() {
        return Ok(HashMap::new());
    }
    let mut served = HashSet::new();
    for row in tx.all(&SERVED, params![promotion.id, ids(people)]).await? {
        served.insert(row.id::<ContactId>(0)?);
    }
    let fresh: Vec<ContactId> = people.iter().copied().filter(|one| served.insert(*one)).collect();
    let mut gifts = hand_out(app, tx, promotion.id, &pools, &fresh, now).await?;
    for contact in fresh {
        if let std::collections::hash_map::Entry::Vacant(place) = gifts.entry(contact) {
            place.insert(Gift::Owed);
            tx.add(&OWED_NEW, params![promotion.id, contact, now]).await?;
        }
    }
    Ok(gifts)
}

/// Inside the unit of the promotion: codes for up to `limit` of those who wait for one, with what each gets.
pub(super) async fn settle_owed(
    app: &App,
    tx: &Tx,
    promotion: PromotionId,
    limit: u32,
    now: Instant,
) -> Result<HashMap<ContactId, Gift>, Fail> {
    let mut waiting = Vec::new();
    for row in tx.all(&OWED, params![promotion, limit]).await? {
        waiting.push(row.id::<ContactId>(0)?);
    }
    let pools = all(tx, promotion).await?;
    let gifts = hand_out(app, tx, promotion, &pools, &waiting, now).await?;
    for contact in gifts.keys() {
        tx.put(&OWED_GONE, params![promotion, *contact]);
    }
    Ok(gifts)
}

/// A code to each of these, as far as the pools reach.
async fn hand_out(
    app: &App,
    tx: &Tx,
    promotion: PromotionId,
    pools: &[Pool],
    people: &[ContactId],
    now: Instant,
) -> Result<HashMap<ContactId, Gift>, Fail> {
    let mut gifts = HashMap::with_capacity(people.len());
    let mut waiting = people;
    for pool in pools {
        if waiting.is_empty() || pool.left() <= 0 {
            continue;
        }
        let wanted = u32::try_from(waiting.len()).unwrap_or(u32::MAX);
        let codes = tx.all(&FREE, params![pool.id, wanted]).await?;
        let (lucky, rest) = waiting.split_at(codes.len().min(waiting.len()));
        for (contact, row) in lucky.iter().zip(&codes) {
            let code = row.text(0)?.to_owned();
            tx.put(&CODE_GIVE, params![pool.id, code.as_str(), 0_i64, 1_i64, *contact, now]);
            let (partner, message) = (pool.partner.clone(), pool.message.clone());
            gifts.insert(*contact, Gift::Code { partner, message, code });
        }
        let given = i64::try_from(lucky.len()).unwrap_or(i64::MAX);
        if given > 0 {
            tx.put(&POOL_GIVEN, params![promotion, pool.id, given]);
        }
        if pool.alerted_at.is_none() && pool.low_at > 0 && pool.left() - given <= pool.low_at {
            tx.put(&POOL_ALERTED, params![promotion, pool.id, now]);
            let job = work::Low { promotion, pool: pool.id };
            enqueue(app, tx, &job, now, Some(&pool.id.to_string())).await?;
        }
        waiting = rest;
    }
    Ok(gifts)
}

pub(super) async fn all(tx: &Tx, promotion: PromotionId) -> Result<Vec<Pool>, StoreError> {
    tx.all(&POOLS, params![promotion, POOLS_MAX]).await?.iter().map(Pool::from_row).collect()
}

pub(super) async fn load(tx: &Tx, promotion: PromotionId, id: PoolId) -> Result<Pool, Fail> {
    match tx.one(&POOL, params![promotion, id]).await? {
        Some(row) => Ok(Pool::from_row(&row)?),
        None => Err(Problem::not_found("набор кодов", "pool of codes", id).into()),
    }
}

fn tidied(draft: Draft) -> Result<Draft, Fail> {
    let draft = Draft {
        partner: draft.partner.trim().to_owned(),
        message: draft.message.trim().to_owned(),
        low_at: draft.low_at,
    };
    let mut problems = Vec::new();
    for (field, text, most) in
        [("partner", &draft.partner, PARTNER_MAX), ("message", &draft.message, MESSAGE_MAX)]
    {
        if text.chars().count() > most {
            let ru = format!("Длиннее {most} знаков: сократите");
            let en = format!("Longer than {most} characters: make it shorter");
            problems.push(Problem::invalid(field, "text_too_long", ru, en));
        }
    }
    if !draft.message.is_empty() && !tells_the_code(&draft.message) {
        let ru = "В тексте должен стоять сам код: вставьте {{ code }}";
        let en = "The text must name the code: put {{ code }} into it";
        problems.push(Problem::invalid("message", "no_code", ru, en));
    }
    if !(0..=1_000_000).contains(&draft.low_at) {
        let (ru, en) = ("Нужно число от 0 до 1 000 000", "It takes a number from 0 to 1,000,000");
        problems.push(Problem::invalid("low_at", "out_of_range", ru, en));
    }
    if problems.is_empty() { Ok(draft) } else { Err(Fail::Problems(problems)) }
}

/// Whether a template shows what it is given as the code.
fn tells_the_code(message: &str) -> bool {
    const SAMPLE: &str = "SAMPLE-CODE-7319";
    let mut templates = Environment::new();
    templates.set_fuel(Some(FUEL));
    templates.set_undefined_behavior(UndefinedBehavior::Lenient);
    templates.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    let said = templates.render_str(message, minijinja::context! { code => SAMPLE, partner => "…" });
    said.is_ok_and(|text| text.contains(SAMPLE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_the_code() {
        let draft = |message: &str| Draft { message: message.into(), ..Draft::default() };
        assert!(tidied(draft("")).is_ok() && tidied(draft("Ваш код: {{ code }}")).is_ok());
        for bad in ["Ваш код", "{{ code", "{% if x %}{{ code }}{% endif %}"] {
            assert_eq!(tidied(draft(bad)).expect_err("a problem").code(), "no_code", "{bad}");
        }
    }
}
