//! What a person has in promotions when two contacts turn out to be one person: it goes on to the one who stays, and comes
//! back when that is undone.
//!
//! Where both took part one participation remains, and the limits count the receipts of both. Of a partner a person has one
//! code at most: where both have one, the second stays in the books under whom it was given to.

use super::{Participant, join, participant, store};
use crate::ledger::ids;
use samovar_base::{ChannelId, ContactId, Instant, PromotionId};
use samovar_store::{Row, StoreError, Tx, params, query, table_write};
use serde::{Deserialize, Serialize};

/// Promotions of a person that are passed on.
const PROMOTIONS_MAX: i64 = 500;
/// Receipts and pictures of a person in a promotion: more are not taken anywhere.
const PASSED_MAX: i64 = 10_000;

macro_rules! of_these {
    ($change:literal, $key:literal) => {
        concat!(
            "UPDATE ",
            $change,
            " WHERE tenant_id = $1 AND promotion_id = $2 AND contact_id = $3 AND ",
            $key,
            " IN (SELECT given.value FROM json_each($5) AS given)"
        )
    };
    ($change:literal, $key:literal, postgres) => {
        concat!(
            "UPDATE ",
            $change,
            " WHERE tenant_id = $1 AND promotion_id = $2 AND contact_id = $3 AND ",
            $key,
            " IN (SELECT CAST(given.value AS BIGINT) \
            FROM jsonb_array_elements_text(CAST(CAST($5 AS TEXT) AS JSONB)) AS given(value))"
        )
    };
}

query! {
    static PROMOTIONS =
        "SELECT promotion_id FROM promo_participant WHERE tenant_id = $1 AND contact_id = $2
         ORDER BY promotion_id LIMIT $3";
    static PARTICIPANT_MOVE =
        "UPDATE promo_participant SET contact_id = $4 WHERE tenant_id = $1 AND promotion_id = $2 AND contact_id = $3";
    static PARTICIPANT_GONE =
        "DELETE FROM promo_participant WHERE tenant_id = $1 AND promotion_id = $2 AND contact_id = $3";
    static RECEIPTS =
        "SELECT id FROM receipts_receipt WHERE tenant_id = $1 AND promotion_id = $2 AND contact_id = $3
         ORDER BY arrived_at, id LIMIT $4";
    static PICTURES =
        "SELECT id FROM receipts_picture WHERE tenant_id = $1 AND promotion_id = $2 AND contact_id = $3
         ORDER BY arrived_at, id LIMIT $4";
    // Whoever has one of them in hand looks at it again.
    static RECEIPTS_MOVE = of_these!("receipts_receipt SET contact_id = $4, revision = revision + 1", "id"),
        postgres = of_these!("receipts_receipt SET contact_id = $4, revision = revision + 1", "id", postgres);
    static PICTURES_MOVE = of_these!("receipts_picture SET contact_id = $4, revision = revision + 1", "id"),
        postgres = of_these!("receipts_picture SET contact_id = $4, revision = revision + 1", "id", postgres);
    static TICKETS_MOVE = of_these!("promo_ticket SET contact_id = $4", "receipt_id"),
        postgres = of_these!("promo_ticket SET contact_id = $4", "receipt_id", postgres);
    static FORM_MOVE =
        "UPDATE receipts_form SET contact_id = $4 WHERE tenant_id = $1 AND promotion_id = $2 AND contact_id = $3
         AND NOT EXISTS (SELECT 1 FROM receipts_form o
             WHERE o.tenant_id = $1 AND o.promotion_id = $2 AND o.contact_id = $4)";
    static CODE_MOVE =
        "UPDATE promo_code SET contact_id = $4 WHERE tenant_id = $1 AND promotion_id = $2 AND contact_id = $3
         AND NOT EXISTS (SELECT 1 FROM promo_code o
             WHERE o.tenant_id = $1 AND o.promotion_id = $2 AND o.contact_id = $4)";
    static OWED = "SELECT since FROM promo_owed WHERE tenant_id = $1 AND promotion_id = $2 AND contact_id = $3";
    static OWED_GONE = "DELETE FROM promo_owed WHERE tenant_id = $1 AND promotion_id = $2 AND contact_id = $3";
    static CODE = "SELECT place FROM promo_code WHERE tenant_id = $1 AND promotion_id = $2 AND contact_id = $3";
}

table_write! {
    static OWED_NEW = add promo_owed key(promotion_id int, contact_id int) set(since int);
}

/// What went on in one promotion: enough to bring it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Passed {
    promotion: i64,
    /// The participation that ended, where both took part; none: it went on.
    ended: Option<Ended>,
    receipts: Vec<i64>,
    pictures: Vec<i64>,
    form: bool,
    code: bool,
    /// Since when a code was owed to the one who went, and to the one who stays.
    owed: (Option<Instant>, Option<Instant>),
}

/// A participation that ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Ended {
    channel: i64,
    source: String,
    version: i64,
    blocked: String,
    joined_at: Instant,
    /// For what the participation that remains was blocked by itself.
    other_blocked: String,
}

/// Inside a unit: all that one contact has in promotions goes on to another.
pub(crate) async fn pass_on(tx: &Tx, from: ContactId, to: ContactId) -> Result<Vec<Passed>, StoreError> {
    let mut all = Vec::new();
    for row in tx.all(&PROMOTIONS, params![from, PROMOTIONS_MAX]).await? {
        let promotion: PromotionId = row.id(0)?;
        let Some(joined) = participant(tx, promotion, from).await? else { continue };
        let between = || params![promotion, from, to];
        let ended = match participant(tx, promotion, to).await? {
            None => {
                tx.exec(&PARTICIPANT_MOVE, between()).await?;
                None
            }
            Some(other) => {
                tx.exec(&PARTICIPANT_GONE, params![promotion, from]).await?;
                // Who takes part no more does not come back by another account.
                if other.blocked.is_empty() && !joined.blocked.is_empty() {
                    store::block(tx, promotion, to, &joined.blocked);
                }
                Some(Ended::of(joined, other))
            }
        };
        let receipts = listed(tx.all(&RECEIPTS, params![promotion, from, PASSED_MAX]).await?)?;
        let pictures = listed(tx.all(&PICTURES, params![promotion, from, PASSED_MAX]).await?)?;
        moved(tx, promotion, &receipts, &pictures, from, to).await?;
        let owed = (since(tx, promotion, from).await?, since(tx, promotion, to).await?);
        let code = tx.exec(&CODE_MOVE, between()).await? > 0;
        for who in [from, to] {
            tx.exec(&OWED_GONE, params![promotion, who]).await?;
        }
        if let Some(since) = [owed.0, owed.1].into_iter().flatten().min() {
            owe(tx, promotion, to, since).await?;
        }
        let form = tx.exec(&FORM_MOVE, between()).await? > 0;
        all.push(Passed { promotion: promotion.0, ended, receipts, pictures, form, code, owed });
    }
    Ok(all)
}

/// Inside a unit: what went on from `to` to `from` comes back, unless the promotion forgot it meanwhile.
pub(crate) async fn pass_back(
    tx: &Tx,
    passed: &[Passed],
    from: ContactId,
    to: ContactId,
) -> Result<(), StoreError> {
    for one in passed {
        let promotion = PromotionId(one.promotion);
        let Some(remains) = participant(tx, promotion, from).await? else { continue };
        let between = || params![promotion, from, to];
        match &one.ended {
            None => drop(tx.exec(&PARTICIPANT_MOVE, between()).await?),
            Some(ended) => {
                join(tx, &ended.again(promotion, to)).await?;
                if remains.blocked == ended.blocked && remains.blocked != ended.other_blocked {
                    store::block(tx, promotion, from, &ended.other_blocked);
                }
            }
        }
        moved(tx, promotion, &one.receipts, &one.pictures, from, to).await?;
        if one.code {
            tx.exec(&CODE_MOVE, between()).await?;
        }
        tx.exec(&OWED_GONE, params![promotion, from]).await?;
        for (who, since) in [(to, one.owed.0), (from, one.owed.1)] {
            if let Some(since) = since {
                owe(tx, promotion, who, since).await?;
            }
        }
        if one.form {
            tx.exec(&FORM_MOVE, between()).await?;
        }
    }
    Ok(())
}

/// Receipts with their numbers, and pictures, change hands.
async fn moved(
    tx: &Tx,
    promotion: PromotionId,
    receipts: &[i64],
    pictures: &[i64],
    from: ContactId,
    to: ContactId,
) -> Result<(), StoreError> {
    if !receipts.is_empty() {
        tx.exec(&RECEIPTS_MOVE, params![promotion, from, to, ids(receipts)]).await?;
        tx.exec(&TICKETS_MOVE, params![promotion, from, to, ids(receipts)]).await?;
    }
    if !pictures.is_empty() {
        tx.exec(&PICTURES_MOVE, params![promotion, from, to, ids(pictures)]).await?;
    }
    Ok(())
}

fn listed(rows: Vec<Row>) -> Result<Vec<i64>, StoreError> {
    rows.iter().map(|row| row.int(0)).collect()
}

async fn since(tx: &Tx, promotion: PromotionId, who: ContactId) -> Result<Option<Instant>, StoreError> {
    tx.one(&OWED, params![promotion, who]).await?.map(|row| row.instant(0)).transpose()
}

/// A code is owed to a person who has none.
async fn owe(tx: &Tx, promotion: PromotionId, who: ContactId, since: Instant) -> Result<(), StoreError> {
    if tx.one(&CODE, params![promotion, who]).await?.is_none() {
        tx.add(&OWED_NEW, params![promotion, who, since]).await?;
    }
    Ok(())
}

impl Ended {
    fn of(joined: Participant, other: Participant) -> Self {
        let Participant { channel, source, version, blocked, joined_at, .. } = joined;
        Self { channel: channel.0, source, version, blocked, joined_at, other_blocked: other.blocked }
    }

    fn again(&self, promotion: PromotionId, contact: ContactId) -> Participant {
        Participant {
            promotion,
            contact,
            channel: ChannelId(self.channel),
            source: self.source.clone(),
            version: self.version,
            blocked: self.blocked.clone(),
            joined_at: self.joined_at,
        }
    }
}
