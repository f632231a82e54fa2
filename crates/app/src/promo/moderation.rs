//! Receipts that wait for a person, and what the person decides.
//!
//! A decision is the matter of one: whoever is second is told that it is decided already. An accepted receipt gets its
//! number the same way as all others, in the unit of the promotion.

use super::suspicion::Found;
use super::{Promotion, Reason, Verdict, Why, current, held, store, unit_key};
use crate::access::{Actor, Right, audit};
use crate::app::App;
use crate::live::Noun;
use crate::pipeline::Ready;
use crate::problem::{Fail, Kind, Problem};
use crate::receipts::{self, ListedReceipt, OneReceipt, Receipt, Settled, State};
use samovar_base::{Instant, PromotionId, ReceiptId};
use samovar_store::{Row, StoreError, Tx, params, query};
use serde_json::json;
use std::sync::Arc;

/// Longest note to a decision, in letters.
const NOTE_MAX: usize = 300;
/// Other receipts that are shown beside one.
const BESIDE: u32 = 20;
/// Documents of the same till that lie so near are shown beside.
const NEAR: i64 = 50;
/// Receipts that can be passed over in the bot for the staff.
const PASSED_MAX: u32 = 200;
/// Waiting receipts that are counted.
const COUNTED_MAX: i64 = 10_000;
/// Promotions whose queues the bot for the staff looks through.
const LOOKED_AT: u32 = 50;

query! {
    static WAITING = concat!(
        "SELECT ", receipts::receipt_columns!(), ", c.name FROM receipts_receipt r
         LEFT JOIN contact c ON c.tenant_id = r.tenant_id AND c.id = r.contact_id
         WHERE r.tenant_id = $1 AND r.promotion_id = $2 AND r.state = 2 AND (r.arrived_at, r.id) > ($3, $4)
         ORDER BY r.arrived_at, r.id LIMIT $5"
    );
    static OF_PERSON = concat!(
        "SELECT ", receipts::receipt_columns!(), ", c.name FROM receipts_receipt r
         LEFT JOIN contact c ON c.tenant_id = r.tenant_id AND c.id = r.contact_id
         WHERE r.tenant_id = $1 AND r.promotion_id = $2 AND r.contact_id = $3 AND r.id <> $4
         ORDER BY r.arrived_at DESC, r.id DESC LIMIT $5"
    );
    static OF_TILL = concat!(
        "SELECT ", receipts::receipt_columns!(), ", c.name FROM receipts_receipt r
         LEFT JOIN contact c ON c.tenant_id = r.tenant_id AND c.id = r.contact_id
         WHERE r.tenant_id = $1 AND r.promotion_id = $2 AND r.holds AND r.drive = $3
           AND r.document BETWEEN $4 AND $5 AND r.id <> $6 ORDER BY r.document LIMIT $7"
    );
    static COUNT =
        "SELECT COUNT(*) FROM (SELECT 1 FROM promo_promotion p
             JOIN receipts_receipt r ON r.tenant_id = p.tenant_id AND r.promotion_id = p.id AND r.state = 2
             WHERE p.tenant_id = $1 AND p.state IN (1, 2, 3) LIMIT $2) AS waiting";
    static WITH_QUEUES =
        "SELECT p.id FROM promo_promotion p WHERE p.tenant_id = $1 AND p.state IN (1, 2, 3) AND EXISTS
             (SELECT 1 FROM receipts_receipt r WHERE r.tenant_id = $1 AND r.promotion_id = p.id AND r.state = 2)
         ORDER BY p.id LIMIT $2";
}

/// Everything by which a person decides.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// The receipt with its document and the questions that were asked.
    pub one: OneReceipt,
    /// What looks like cheating.
    pub signs: Vec<Found>,
    /// Others of the same person, the youngest first.
    pub of_person: Vec<ListedReceipt>,
    /// Others of the same till whose numbers lie near.
    pub of_till: Vec<ListedReceipt>,
}

/// What a person decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It gets its number.
    Accept,
    /// It gets none.
    Refuse {
        /// Why; [`Reason::ByPerson`] when no other fits.
        reason: Reason,
        /// What the participant reads of it besides; may be empty.
        note: String,
    },
}

/// How many receipts of all promotions wait for a person, counted up to 10,000.
pub async fn count(app: &App, actor: &Actor) -> Result<i64, Fail> {
    actor.require(Right::Moderation)?;
    let counted =
        |tx: Tx| async move { tx.one(&COUNT, params![COUNTED_MAX]).await?.map_or(Ok(0), |row| row.int(0)) };
    app.store.read(actor.tenant, move |tx| async move { Ok(counted(tx).await?) }).await
}

/// Up to `limit` receipts that wait for a person, who waits longest first, from `after` on.
pub async fn queue(
    app: &App,
    actor: &Actor,
    promotion: PromotionId,
    after: Option<(Instant, ReceiptId)>,
    limit: u32,
) -> Result<Vec<ListedReceipt>, Fail> {
    actor.require(Right::Moderation)?;
    app.store
        .read(actor.tenant, move |tx| async move {
            store::load(&tx, promotion).await?;
            queue_in(&tx, promotion, after, limit).await
        })
        .await
}

async fn queue_in(
    tx: &Tx,
    promotion: PromotionId,
    after: Option<(Instant, ReceiptId)>,
    limit: u32,
) -> Result<Vec<ListedReceipt>, Fail> {
    let (at, id) = after.unwrap_or((Instant(i64::MIN), ReceiptId(i64::MIN)));
    let rows = tx.all(&WAITING, params![promotion, at, id, limit]).await?;
    Ok(rows.iter().map(listed).collect::<Result<_, _>>()?)
}

fn listed(row: &Row) -> Result<ListedReceipt, StoreError> {
    Ok(ListedReceipt {
        receipt: Receipt::from_row(row, 0)?,
        name: row.opt_text(Receipt::COLUMNS)?.unwrap_or_default().to_owned(),
    })
}

/// One receipt with everything by which a person decides.
pub async fn case(app: &App, actor: &Actor, promotion: PromotionId, id: ReceiptId) -> Result<Case, Fail> {
    actor.require(Right::Moderation)?;
    let one = receipts::receipt(app, actor, promotion, id).await?;
    let signs = serde_json::from_str(&one.receipt.signs).unwrap_or_default();
    let (contact, key) = (one.receipt.contact, one.receipt.key().cloned());
    let (of_person, of_till) = app
        .store
        .read(actor.tenant, move |tx| {
            let key = key.clone();
            async move {
                let person = tx.all(&OF_PERSON, params![promotion, contact, id, BESIDE]).await?;
                let till = match key {
                    None => Vec::new(),
                    Some(key) => {
                        let (from, to) = (key.document - NEAR, key.document + NEAR);
                        tx.all(&OF_TILL, params![promotion, key.drive, from, to, id, BESIDE]).await?
                    }
                };
                let read = |rows: &[Row]| rows.iter().map(listed).collect::<Result<Vec<_>, _>>();
                Ok::<_, Fail>((read(&person)?, read(&till)?))
            }
        })
        .await?;
    Ok(Case { one, signs, of_person, of_till })
}

/// Decides over a receipt. With a `revision`, only if it still has it. The person is told at once.
pub async fn decide(
    app: &App,
    actor: &Actor,
    promotion: PromotionId,
    id: ReceiptId,
    revision: Option<i64>,
    decision: Decision,
) -> Result<OneReceipt, Fail> {
    actor.require(Right::Moderation)?;
    let (services, unit_actor, now) = (app.clone(), actor.clone(), app.clock.now());
    let (waited, ready) = app
        .store
        .run(actor.tenant, unit_key(promotion), move |tx| {
            let (app, actor, decision) = (services.clone(), unit_actor.clone(), decision.clone());
            async move { decide_in(&app, &tx, &actor, promotion, id, revision, decision, now).await }
        })
        .await?;
    app.pipeline.send(app, ready);
    if waited {
        app.checks.moved(promotion, -1);
    }
    app.changed(actor.tenant, Noun::Receipts, promotion);
    receipts::receipt(app, actor, promotion, id).await
}

/// The same inside a unit; whether it waited for its check, and what is to be sent after the commit.
#[allow(clippy::too_many_arguments, reason = "a verb inside a unit")]
pub(crate) async fn decide_in(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    promotion: PromotionId,
    id: ReceiptId,
    revision: Option<i64>,
    decision: Decision,
    now: Instant,
) -> Result<(bool, Vec<Ready>), Fail> {
    actor.require(Right::Moderation)?;
    let Some(of) = held(app, tx, promotion).await? else { return Err(store::not_found(promotion)) };
    let found = receipts::store::one(tx, promotion, id).await?;
    let receipt = found.ok_or_else(|| Problem::not_found("чек", "receipt", id))?;
    let verdict = verdict(tx, &of, &receipt, decision, revision).await?;
    let waited = receipt.state == State::Waiting;
    let told = match &verdict {
        Verdict::Refuse(why) => json!({ "accepted": false, "reason": why.reason, "promotion": promotion }),
        _ => json!({ "accepted": true, "promotion": promotion }),
    };
    let settled = Settled { receipt, verdict, by: actor.who.to_string() };
    let ready = receipts::carry_out(app, tx, &of, vec![settled], now).await?;
    audit(tx, app, actor, "receipt.decide", id, &told);
    Ok((waited, ready))
}

/// What is decided, if it can be.
async fn verdict(
    tx: &Tx,
    promotion: &Promotion,
    receipt: &Receipt,
    decision: Decision,
    revision: Option<i64>,
) -> Result<Verdict, Fail> {
    let decided = matches!(receipt.state, State::Accepted | State::Checking)
        || (receipt.state == State::Refused && decision != Decision::Accept);
    if decided || revision.is_some_and(|seen| seen != receipt.revision) {
        return Err(decided_already(receipt).into());
    }
    match decision {
        Decision::Accept => {
            if let (State::Refused, Some(key)) = (receipt.state, receipt.key())
                && receipts::store::holder(tx, promotion.id, key).await?.is_some()
            {
                let ru = "Такой же чек уже принят или ждёт проверки: один чек участвует один раз";
                let en = "The same receipt is taken or waits already: a receipt takes part once";
                return Err(Problem::new(Kind::Conflict, "same_receipt", ru, en).into());
            }
            Ok(Verdict::Accept)
        }
        Decision::Refuse { reason, note } => {
            if reason.waits() {
                let ru = "С этой причиной чек ждёт, а не отклоняется: выберите другую";
                let en = "By this reason a receipt waits and is not refused: choose another";
                return Err(Problem::invalid("reason", "waits", ru, en).into());
            }
            let details = note.trim().chars().take(NOTE_MAX).collect();
            Ok(Verdict::Refuse(Why { reason, details }))
        }
    }
}

fn decided_already(receipt: &Receipt) -> Problem {
    let (ru, en) = match receipt.state {
        State::Checking => (
            "Чек как раз проверяется: подождите минуту",
            "The receipt is being checked just now: wait a minute",
        ),
        State::Accepted => {
            ("Чек уже принят: откройте следующий", "The receipt is taken already: open the next one")
        }
        State::Refused => {
            ("Чек уже отклонён: откройте следующий", "The receipt is refused already: open the next one")
        }
        State::Waiting | State::Person => (
            "Чек изменился, пока вы смотрели: откройте его снова",
            "The receipt changed while you looked: open it again",
        ),
    };
    Problem::new(Kind::Conflict, "decided_already", ru, en).at("revision")
}

/// Inside a unit, for the bot of the staff: the receipt that waits longest, with its promotion, after so many that are
/// passed over; and whether another waits after it.
pub(crate) async fn next_in(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    passed: u32,
) -> Result<Option<(Arc<Promotion>, ListedReceipt, bool)>, Fail> {
    actor.require(Right::Moderation)?;
    let wanted = passed.min(PASSED_MAX) as usize + 1;
    let mut found = Vec::new();
    for row in tx.all(&WITH_QUEUES, params![LOOKED_AT]).await? {
        if found.len() > wanted {
            break;
        }
        let Some(promotion) = current(app, tx, row.id(0)?).await? else { continue };
        let most = u32::try_from(wanted + 1 - found.len()).unwrap_or(1);
        for one in queue_in(tx, promotion.id, None, most).await? {
            found.push((Arc::clone(&promotion), one));
        }
    }
    let more = found.len() > wanted;
    Ok(found.into_iter().nth(wanted - 1).map(|(promotion, one)| (promotion, one, more)))
}
