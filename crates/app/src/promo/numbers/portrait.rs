//! What the customer base knows of participants: asked of the youngest ones, so that it takes the same time in a
//! promotion of any size.

use super::model::{Portrait, Share};
use crate::problem::Fail;
use crate::segments;
use samovar_base::{Instant, PromotionId};
use samovar_store::{Row, StoreError, Tx, params, query};

/// Of so many participants.
const OF: i64 = 20_000;
/// Tags that are told.
const TAGS: i64 = 12;
/// Saved segments that are looked through, the youngest; and told.
const SEGMENTS: u32 = 12;

query! {
    static KNOWN =
        "SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN c.created_at < p.joined_at - 3600000000 THEN 1 ELSE 0 END), 0) AS BIGINT),
             CAST(COALESCE(SUM(CASE WHEN c.registered_at IS NULL THEN 0 ELSE 1 END), 0) AS BIGINT),
             CAST(COALESCE(SUM(CASE WHEN EXISTS (SELECT 1 FROM loyalty_purchase b
                 WHERE b.tenant_id = $1 AND b.contact_id = c.id) THEN 1 ELSE 0 END), 0) AS BIGINT),
             CAST(COALESCE(SUM(CASE WHEN c.phone IS NULL THEN 0 ELSE 1 END), 0) AS BIGINT),
             CAST(COALESCE(SUM(CASE WHEN COALESCE(w.balance, 0) <= 0 THEN 1 ELSE 0 END), 0) AS BIGINT),
             CAST(COALESCE(SUM(CASE WHEN w.balance > 0 AND w.balance < 100 THEN 1 ELSE 0 END), 0) AS BIGINT),
             CAST(COALESCE(SUM(CASE WHEN w.balance >= 100 AND w.balance < 500 THEN 1 ELSE 0 END), 0) AS BIGINT),
             CAST(COALESCE(SUM(CASE WHEN w.balance >= 500 AND w.balance < 1000 THEN 1 ELSE 0 END), 0) AS BIGINT),
             CAST(COALESCE(SUM(CASE WHEN w.balance >= 1000 THEN 1 ELSE 0 END), 0) AS BIGINT)
         FROM (SELECT contact_id, joined_at FROM promo_participant WHERE tenant_id = $1 AND promotion_id = $2
             ORDER BY joined_at DESC, contact_id DESC LIMIT $3) p
         JOIN contact c ON c.tenant_id = $1 AND c.id = p.contact_id
         LEFT JOIN ledger_wallet w ON w.tenant_id = $1 AND w.contact_id = c.id AND w.code = 'points'";
    static TAGGED =
        "SELECT t.tag, COUNT(*) FROM (SELECT contact_id FROM promo_participant
             WHERE tenant_id = $1 AND promotion_id = $2 ORDER BY joined_at DESC, contact_id DESC LIMIT $3) p
         JOIN contact_tag t ON t.tenant_id = $1 AND t.contact_id = p.contact_id
         GROUP BY t.tag ORDER BY 2 DESC, 1 LIMIT $4";
}

pub(super) async fn portrait(tx: &Tx, id: PromotionId, now: Instant) -> Result<Portrait, Fail> {
    let Some(row) = tx.one(&KNOWN, params![id, OF]).await? else { return Ok(Portrait::default()) };
    let tag = |row: &Row| Ok::<_, StoreError>(Share { name: row.text(0)?.to_owned(), people: row.int(1)? });
    let tags = tx.all(&TAGGED, params![id, OF, TAGS]).await?.iter().map(tag).collect::<Result<_, _>>()?;
    const THESE: &str = "SELECT contact_id AS id FROM promo_participant WHERE tenant_id = $1 AND promotion_id = $2 \
                         ORDER BY joined_at DESC, contact_id DESC LIMIT $3";
    let mut shares = segments::among(tx, THESE, &[id.0, OF], SEGMENTS, now).await?;
    shares.retain(|(_, people)| *people > 0);
    shares.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    Ok(Portrait {
        of: row.int(0)?,
        known: row.int(1)?,
        members: row.int(2)?,
        buyers: row.int(3)?,
        phones: row.int(4)?,
        balances: [row.int(5)?, row.int(6)?, row.int(7)?, row.int(8)?, row.int(9)?],
        tags,
        segments: shares.into_iter().map(|(name, people)| Share { name, people }).collect(),
    })
}
