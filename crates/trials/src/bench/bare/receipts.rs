//! What the bare loop writes of receipts: put down, and when they were checked, their numbers and what is told.

use super::{Checked, Receipt, Work};
use rusqlite::{Transaction, params};
use tokio_postgres::{Client, Statement};

/// The tables of the product that a receipt is written to, with their indexes.
pub const TABLES: &str = concat!(
    include_str!("../../../../app/migrations/0028_promo.sql"),
    include_str!("../../../../app/migrations/0029_receipts.sql")
);
/// One promotion, in which no number was given out yet.
pub const PROMOTION: &str = "INSERT INTO promo_counter (tenant_id, promotion_id, tickets) VALUES (1, 1, 0);
    INSERT INTO receipts_asked (tenant_id, promotion_id, questions) VALUES (1, 1, 0);";
const COLUMNS: &str = "INSERT INTO receipts_receipt (tenant_id, promotion_id, id, contact_id, channel_id, cause, \
    arrived_at, source, picture, code, drive, document, sign, operation, sum, bought_at, state, holds, reason, note, \
    version, score, signs, tries, waits, outcome, check_at, ticket, judged_by, judged_at, revision) ";
const VALUES: &str = "1, 70000, '2021-03-04T15:30:00', 0, TRUE, '', '', 1, 0, '[]', 0, 0, ''";

/// The receipts of a group that come with an update.
pub fn came(group: &[Work]) -> Vec<&Receipt> {
    group
        .iter()
        .filter_map(|work| if let Work::React(turn) = work { turn.receipt.as_ref() } else { None })
        .collect()
}

/// The answers of a group.
pub fn checked(group: &[Work]) -> Vec<&Checked> {
    group.iter().filter_map(|work| if let Work::Checked(one) = work { Some(one) } else { None }).collect()
}

/// On SQLite. `next` is the last number that was given out.
pub fn sqlite(tx: &Transaction<'_>, group: &[Work], next: &mut i64, cause: &str) -> rusqlite::Result<()> {
    for one in came(group) {
        let text = format!(
            "{COLUMNS} VALUES (1, 1, ?1, ?2, 1, ?3, ?1, 0, '', ?4, ?5, ?6, ?7, {VALUES}, ?1, NULL, '', NULL, 1)"
        );
        tx.prepare_cached(&text)?.execute(params![
            one.update,
            one.chat,
            cause,
            one.code,
            one.drive,
            one.document,
            one.sign
        ])?;
    }
    let all = checked(group);
    for Checked { receipt, document, .. } in &all {
        *next += 1;
        let id = receipt.update;
        tx.prepare_cached(
            "UPDATE receipts_receipt SET state = 3, ticket = ?2, tries = 1, outcome = 'found', judged_by = 'rules', \
             judged_at = ?1, revision = 2 WHERE tenant_id = 1 AND promotion_id = 1 AND id = ?1",
        )?
        .execute(params![id, *next])?;
        tx.prepare_cached(
            "INSERT INTO promo_ticket (tenant_id, promotion_id, number, receipt_id, contact_id, arrived_at, issued_at) \
             VALUES (1, 1, ?1, ?2, ?3, ?2, ?2)",
        )?
        .execute(params![*next, id, receipt.chat])?;
        tx.prepare_cached(
            "INSERT INTO receipts_document (tenant_id, drive, document, sign, provider, body, fetched_at) \
             VALUES (1, ?1, ?2, ?3, 'proverkacheka', ?4, ?5) ON CONFLICT DO NOTHING",
        )?
        .execute(params![receipt.drive, receipt.document, receipt.sign, document, id])?;
        tx.prepare_cached(
            "INSERT INTO receipts_attempt (tenant_id, promotion_id, receipt_id, id, provider_id, asked_at, took_ms, outcome, \
             words) VALUES (1, 1, ?1, ?1, 1, ?1, 90, 'found', '')",
        )?
        .execute(params![id])?;
    }
    if !all.is_empty() {
        let more = i64::try_from(all.len()).unwrap_or_default();
        tx.prepare_cached(
            "UPDATE promo_counter SET tickets = tickets + ?1 WHERE tenant_id = 1 AND promotion_id = 1",
        )?
        .execute(params![more])?;
        tx.prepare_cached(
            "UPDATE receipts_asked SET questions = questions + ?1 WHERE tenant_id = 1 AND promotion_id = 1",
        )?
        .execute(params![more])?;
    }
    Ok(())
}

/// The statements on PostgreSQL.
pub struct Prepared {
    came: Statement,
    judged: Statement,
    ticket: Statement,
    document: Statement,
    attempt: Statement,
    counter: Statement,
    asked: Statement,
}

impl Prepared {
    pub async fn of(client: &Client) -> Result<Self, tokio_postgres::Error> {
        let came = format!(
            "{COLUMNS} SELECT 1, 1, id, contact, 1, cause, id, 0, '', code, drive, document, sign, {VALUES}, id, NULL, '', \
             NULL, 1 FROM unnest($1::int8[], $2::int8[], $3::text[], $4::text[], $5::text[], $6::int8[], $7::int8[]) \
             AS v(id, contact, cause, code, drive, document, sign)"
        );
        Ok(Self {
            came: client.prepare(&came).await?,
            judged: client
                .prepare(
                    "UPDATE receipts_receipt r SET state = 3, ticket = v.ticket, tries = 1, outcome = 'found', judged_by = 'rules', \
                     judged_at = v.id, revision = 2 FROM unnest($1::int8[], $2::int8[]) AS v(id, ticket) \
                     WHERE r.tenant_id = 1 AND r.promotion_id = 1 AND r.id = v.id",
                )
                .await?,
            ticket: client
                .prepare(
                    "INSERT INTO promo_ticket (tenant_id, promotion_id, number, receipt_id, contact_id, arrived_at, issued_at) \
                     SELECT 1, 1, number, id, contact, id, id FROM unnest($1::int8[], $2::int8[], $3::int8[]) AS v(number, id, contact)",
                )
                .await?,
            document: client
                .prepare(
                    "INSERT INTO receipts_document (tenant_id, drive, document, sign, provider, body, fetched_at) \
                     SELECT 1, drive, document, sign, 'proverkacheka', body, id \
                     FROM unnest($1::text[], $2::int8[], $3::int8[], $4::text[], $5::int8[]) AS v(drive, document, sign, body, id) \
                     ON CONFLICT DO NOTHING",
                )
                .await?,
            attempt: client
                .prepare(
                    "INSERT INTO receipts_attempt (tenant_id, promotion_id, receipt_id, id, provider_id, asked_at, took_ms, outcome, \
                     words) SELECT 1, 1, id, id, 1, id, 90, 'found', '' FROM unnest($1::int8[]) AS v(id)",
                )
                .await?,
            counter: client
                .prepare("UPDATE promo_counter SET tickets = tickets + $1 WHERE tenant_id = 1 AND promotion_id = 1")
                .await?,
            asked: client
                .prepare("UPDATE receipts_asked SET questions = questions + $1 WHERE tenant_id = 1 AND promotion_id = 1")
                .await?,
        })
    }

    /// `next` is the last number that was given out.
    pub async fn write(
        &self,
        client: &Client,
        group: &[Work],
        next: &mut i64,
        cause: &str,
    ) -> Result<(), tokio_postgres::Error> {
        let came = came(group);
        if !came.is_empty() {
            let ids: Vec<i64> = came.iter().map(|one| one.update).collect();
            let contacts: Vec<i64> = came.iter().map(|one| one.chat).collect();
            let causes = vec![cause; came.len()];
            let codes: Vec<&str> = came.iter().map(|one| one.code.as_str()).collect();
            let drives: Vec<&str> = came.iter().map(|one| one.drive.as_str()).collect();
            let documents: Vec<i64> = came.iter().map(|one| one.document).collect();
            let signs: Vec<i64> = came.iter().map(|one| one.sign).collect();
            client
                .execute(&self.came, &[&ids, &contacts, &causes, &codes, &drives, &documents, &signs])
                .await?;
        }
        let checked = checked(group);
        if checked.is_empty() {
            return Ok(());
        }
        let more = i64::try_from(checked.len()).unwrap_or_default();
        let numbers: Vec<i64> = (*next + 1..=*next + more).collect();
        *next += more;
        let of = |value: fn(&Receipt) -> i64| -> Vec<i64> {
            checked.iter().map(|one| value(&one.receipt)).collect()
        };
        let (ids, contacts) = (of(|one| one.update), of(|one| one.chat));
        let (documents, signs) = (of(|one| one.document), of(|one| one.sign));
        let drives: Vec<&str> = checked.iter().map(|one| one.receipt.drive.as_str()).collect();
        let bodies: Vec<&str> = checked.iter().map(|one| one.document.as_str()).collect();
        client.execute(&self.judged, &[&ids, &numbers]).await?;
        client.execute(&self.ticket, &[&numbers, &ids, &contacts]).await?;
        client.execute(&self.document, &[&drives, &documents, &signs, &bodies, &ids]).await?;
        client.execute(&self.attempt, &[&ids]).await?;
        client.execute(&self.counter, &[&more]).await?;
        client.execute(&self.asked, &[&more]).await?;
        Ok(())
    }
}
