//! The rows of the bare loop, on both engines.

use super::{Work, receipts};
use rusqlite::{Connection, params};
use tokio_postgres::{Client, NoTls, Statement};

/// The tables of the product that an interaction writes to, with their indexes.
const TABLES: &str = include_str!("../../../../app/migrations/0004_pipeline.sql");
/// As long as a session of the product.
const SESSION: &str = r#"{"scenario":"scn_0000000000000","version":1,"step":"menu","mark":12,"flood":{"level":1000,"at":1790000000000},"unanswered":1}"#;
/// As long as a drawn reply of the product.
const BODY_BYTES: usize = 800;
const CAUSE: &str = r#"{"by":"update","id":"123456789","step":"coffee-loyalty@1/menu"}"#;

/// An open database.
pub enum Rows {
    /// A file, the body of a reply, and the last number of a receipt.
    Sqlite(Connection, String, i64),
    /// A connection and what is prepared on it.
    Postgres(Box<Prepared>),
}

/// The statements of the bare loop on PostgreSQL.
pub struct Prepared {
    client: Client,
    accept: Statement,
    session: Statement,
    reply: Statement,
    done: Statement,
    sent: Statement,
    body: String,
    receipts: receipts::Prepared,
    number: i64,
    written: usize,
    /// How many were written when the server last made statistics.
    analyzed: usize,
}

impl Rows {
    /// Opens an empty database and makes the tables.
    pub async fn open(url: &str) -> anyhow::Result<Self> {
        let body = "x".repeat(BODY_BYTES);
        let Some(path) = url.strip_prefix("sqlite:") else { return postgres(url, body).await };
        let db = Connection::open(path)?;
        db.set_prepared_statement_cache_capacity(64);
        db.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
        db.execute_batch(TABLES)?;
        db.execute_batch(receipts::TABLES)?;
        db.execute_batch(receipts::PROMOTION)?;
        Ok(Self::Sqlite(db, body, 0))
    }

    /// Writes a group and commits it.
    pub async fn write(&mut self, group: &[Work]) -> anyhow::Result<()> {
        match self {
            Self::Sqlite(db, body, number) => sqlite(db, body, number, group),
            Self::Postgres(prepared) => prepared.write(group).await,
        }
    }
}

fn sqlite(db: &mut Connection, body: &str, number: &mut i64, group: &[Work]) -> anyhow::Result<()> {
    let tx = db.transaction()?;
    let reply = |id: i64, chat: i64| {
        tx.prepare_cached(
            "INSERT INTO outbound (tenant_id, id, channel_id, contact_id, chat, bucket, class, policy, body, state, due_at, attempts, cause, page, created_at) \
             VALUES (1, ?1, 1, ?2, ?3, ?4, 0, 0, ?5, 1, ?1, 1, ?6, FALSE, ?1)",
        )?
        .execute(params![id, chat, chat.to_string(), chat % 32, body, CAUSE])
    };
    receipts::sqlite(&tx, group, number, CAUSE)?;
    for work in group {
        match work {
            Work::Accept(turn, _) => {
                tx.prepare_cached(
                    "INSERT INTO inbound (tenant_id, channel_id, dedup, bucket, position, source, raw, state, note, received_at) \
                     VALUES (1, 1, ?1, ?2, ?3, 'update', ?4, 0, NULL, ?3) ON CONFLICT DO NOTHING",
                )?
                .execute(params![turn.update.to_string(), turn.chat % 32, turn.update, &*turn.raw])?;
            }
            Work::React(turn) => {
                tx.prepare_cached(
                    "INSERT INTO session (tenant_id, channel_id, contact_id, state, revision, updated_at) VALUES (1, 1, ?1, ?2, 1, ?3) \
                     ON CONFLICT (tenant_id, channel_id, contact_id) DO UPDATE SET state = ?2, revision = session.revision + 1, updated_at = ?3",
                )?
                .execute(params![turn.chat, SESSION, turn.update])?;
                reply(turn.update, turn.chat)?;
                tx.prepare_cached(
                    "UPDATE inbound SET state = 1, contact_id = ?2, note = NULL WHERE tenant_id = 1 AND channel_id = 1 AND dedup = ?1 AND state = 0",
                )?
                .execute(params![turn.update.to_string(), turn.chat])?;
            }
            Work::Checked(checked) => {
                reply(checked.told(), checked.receipt.chat)?;
            }
            Work::Sent(id) => {
                tx.prepare_cached(
                    "UPDATE outbound SET state = 2, vendor_message = ?2, attempts = 1, sent_at = ?1 WHERE tenant_id = 1 AND id = ?1",
                )?
                .execute(params![id, id.to_string()])?;
            }
        }
    }
    tx.commit()?;
    Ok(())
}

async fn postgres(url: &str, body: String) -> anyhow::Result<Rows> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    client.batch_execute(TABLES).await?;
    client.batch_execute(receipts::TABLES).await?;
    client.batch_execute(receipts::PROMOTION).await?;
    let receipts = receipts::Prepared::of(&client).await?;
    let accept = client
        .prepare(
            "INSERT INTO inbound (tenant_id, channel_id, dedup, bucket, position, source, raw, state, note, received_at) \
             SELECT 1, 1, dedup, bucket, id, 'update', raw, 0, NULL, id FROM unnest($1::text[], $2::int8[], $3::int8[], $4::bytea[]) AS v(dedup, bucket, id, raw) \
             ON CONFLICT DO NOTHING",
        )
        .await?;
    let session = client
        .prepare(
            "INSERT INTO session (tenant_id, channel_id, contact_id, state, revision, updated_at) \
             SELECT 1, 1, contact, state, 1, at FROM unnest($1::int8[], $2::text[], $3::int8[]) AS v(contact, state, at) \
             ON CONFLICT (tenant_id, channel_id, contact_id) DO UPDATE SET state = excluded.state, revision = session.revision + 1, updated_at = excluded.updated_at",
        )
        .await?;
    let reply = client
        .prepare(
            "INSERT INTO outbound (tenant_id, id, channel_id, contact_id, chat, bucket, class, policy, body, state, due_at, attempts, cause, page, created_at) \
             SELECT 1, id, 1, contact, contact::text, bucket, 0, 0, body, 1, id, 1, cause, FALSE, id \
             FROM unnest($1::int8[], $2::int8[], $3::int8[], $4::text[], $5::text[]) AS v(id, contact, bucket, body, cause)",
        )
        .await?;
    let done = client
        .prepare(
            "UPDATE inbound SET state = 1, contact_id = v.contact, note = NULL FROM unnest($1::text[], $2::int8[]) AS v(dedup, contact) \
             WHERE tenant_id = 1 AND channel_id = 1 AND inbound.dedup = v.dedup AND inbound.state = 0",
        )
        .await?;
    let sent = client
        .prepare(
            "UPDATE outbound SET state = 2, vendor_message = v.message, attempts = 1, sent_at = v.id FROM unnest($1::int8[], $2::text[]) AS v(id, message) \
             WHERE tenant_id = 1 AND outbound.id = v.id",
        )
        .await?;
    Ok(Rows::Postgres(Box::new(Prepared {
        client,
        accept,
        session,
        reply,
        done,
        sent,
        body,
        receipts,
        number: 0,
        written: 0,
        analyzed: 100,
    })))
}

impl Prepared {
    async fn write(&mut self, group: &[Work]) -> anyhow::Result<()> {
        self.client.batch_execute("BEGIN").await?;
        self.accept(group).await?;
        self.react(group).await?;
        self.receipts.write(&self.client, group, &mut self.number, CAUSE).await?;
        let told = receipts::checked(group);
        self.reply(told.iter().map(|one| (one.told(), one.receipt.chat)).collect()).await?;
        let sent: Vec<i64> = group
            .iter()
            .filter_map(|work| if let Work::Sent(id) = work { Some(*id) } else { None })
            .collect();
        if !sent.is_empty() {
            let messages: Vec<String> = sent.iter().map(i64::to_string).collect();
            self.client.execute(&self.sent, &[&sent, &messages]).await?;
        }
        self.client.batch_execute("COMMIT").await?;
        self.written += group.len();
        if self.written > 2 * self.analyzed {
            // The program has this done as well.
            self.client.batch_execute("ANALYZE").await?;
            self.analyzed = self.written;
        }
        Ok(())
    }

    async fn accept(&self, group: &[Work]) -> anyhow::Result<()> {
        let turns: Vec<_> = group
            .iter()
            .filter_map(|work| if let Work::Accept(turn, _) = work { Some(turn) } else { None })
            .collect();
        if turns.is_empty() {
            return Ok(());
        }
        let dedups: Vec<String> = turns.iter().map(|turn| turn.update.to_string()).collect();
        let buckets: Vec<i64> = turns.iter().map(|turn| turn.chat % 32).collect();
        let ids: Vec<i64> = turns.iter().map(|turn| turn.update).collect();
        let raws: Vec<&[u8]> = turns.iter().map(|turn| &*turn.raw).collect();
        self.client.execute(&self.accept, &[&dedups, &buckets, &ids, &raws]).await?;
        Ok(())
    }

    async fn react(&self, group: &[Work]) -> anyhow::Result<()> {
        let turns: Vec<_> = group
            .iter()
            .filter_map(|work| if let Work::React(turn) = work { Some(turn) } else { None })
            .collect();
        if turns.is_empty() {
            return Ok(());
        }
        let contacts: Vec<i64> = turns.iter().map(|turn| turn.chat).collect();
        let ids: Vec<i64> = turns.iter().map(|turn| turn.update).collect();
        let dedups: Vec<String> = ids.iter().map(i64::to_string).collect();
        let states = vec![SESSION; turns.len()];
        self.client.execute(&self.session, &[&contacts, &states, &ids]).await?;
        self.reply(turns.iter().map(|turn| (turn.update, turn.chat)).collect()).await?;
        self.client.execute(&self.done, &[&dedups, &contacts]).await?;
        Ok(())
    }

    async fn reply(&self, to: Vec<(i64, i64)>) -> anyhow::Result<()> {
        if to.is_empty() {
            return Ok(());
        }
        let (ids, contacts): (Vec<i64>, Vec<i64>) = to.into_iter().unzip();
        let buckets: Vec<i64> = contacts.iter().map(|chat| chat % 32).collect();
        let bodies = vec![self.body.as_str(); ids.len()];
        let causes = vec![CAUSE; ids.len()];
        self.client.execute(&self.reply, &[&ids, &contacts, &buckets, &bodies, &causes]).await?;
        Ok(())
    }
}
