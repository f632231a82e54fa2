//! The bare loop: by hand, only the row writes of one interaction, in groups of 256 and three commits: the update in,
//! the reply decided, the reply sent. No HTTP, no engine, no reading. What the product costs is told as a ratio to it.

use crate::machine;
use anyhow::Context;
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};
use std::time::{Duration, Instant};
use tokio_postgres::NoTls;

/// What it takes.
#[derive(clap::Args)]
pub struct Options {
    /// `sqlite:<file>` or `postgres://…`, empty.
    #[arg(long)]
    url: String,
    /// How long.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
}

/// What it used.
#[derive(Debug, Serialize, Deserialize)]
pub struct Figures {
    /// Interactions a second.
    pub per_second: f64,
    /// Of this process, for one interaction.
    pub cpu_us: f64,
    /// Of the database's server, for one interaction.
    pub database_cpu_us: f64,
}

/// As many units as the product puts into one commit.
const GROUP: i64 = 256;
/// Conversations that take turns.
const CHATS: i64 = 100_000;

/// The tables of the product that an interaction writes to, with their indexes.
const TABLES: &str = include_str!("../../../app/migrations/0004_pipeline.sql");

/// Runs and prints one JSON object.
#[allow(clippy::print_stdout)]
pub async fn run(options: Options) -> anyhow::Result<()> {
    let time = Duration::from_secs(options.seconds);
    let figures = match options.url.strip_prefix("sqlite:") {
        Some(path) => sqlite(path, time)?,
        None => postgres(&options.url, time).await?,
    };
    println!("{}", serde_json::to_string(&figures)?);
    Ok(())
}

/// As long as a real update and a real reply.
fn texts() -> (Vec<u8>, String, String) {
    let update = r#"{"update_id":100000001,"message":{"message_id":1,"from":{"id":100000001,"is_bot":false,"first_name":"Customer","language_code":"ru"},"chat":{"id":100000001,"first_name":"Customer","type":"private"},"date":1790000000,"text":"/start","entities":[{"offset":0,"length":6,"type":"bot_command"}]}}"#;
    let session = r#"{"scenario":"scn_0000000000000","version":1,"step":"menu","outcome":{},"mark":12,"flood":{"level":1000,"at":1790000000000},"unanswered":1}"#;
    let body = "x".repeat(900);
    (update.as_bytes().to_vec(), session.to_owned(), body)
}

#[allow(clippy::cast_precision_loss)]
fn figures(done: i64, begun: Instant, cpu_before: u64, database_us: u64) -> anyhow::Result<Figures> {
    let cpu = machine::cpu_us(std::process::id())? - cpu_before;
    let done = done.max(1) as f64;
    Ok(Figures {
        per_second: done / begun.elapsed().as_secs_f64(),
        cpu_us: cpu as f64 / done,
        database_cpu_us: database_us as f64 / done,
    })
}

fn sqlite(path: &str, time: Duration) -> anyhow::Result<Figures> {
    let mut db = Connection::open(path)?;
    db.set_prepared_statement_cache_capacity(64);
    db.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
    db.execute_batch(TABLES)?;
    let (update, session, body) = texts();
    {
        let tx = db.transaction()?;
        for chat in 0..CHATS {
            tx.prepare_cached("INSERT INTO session VALUES (1, 1, ?1, ?2, 1, 0)")?.execute(params![chat, session])?;
        }
        tx.commit()?;
    }
    let (begun, cpu_before) = (Instant::now(), machine::cpu_us(std::process::id())?);
    let mut next = 0_i64;
    while begun.elapsed() < time {
        let group = next..next + GROUP;
        next += GROUP;
        let tx = db.transaction()?;
        for id in group.clone() {
            tx.prepare_cached(
                "INSERT INTO inbound (tenant_id, channel_id, dedup, bucket, position, source, raw, state, note, received_at) \
                 VALUES (1, 1, ?1, ?2, ?3, 'update', ?4, 0, NULL, ?3) ON CONFLICT DO NOTHING",
            )?
            .execute(params![(100_000_000 + id).to_string(), id % 32, id, update])?;
        }
        tx.commit()?;
        let tx = db.transaction()?;
        for id in group.clone() {
            tx.prepare_cached("UPDATE session SET state = ?2, revision = revision + 1, updated_at = ?3 WHERE tenant_id = 1 AND channel_id = 1 AND contact_id = ?1")?
                .execute(params![id % CHATS, session, id])?;
            tx.prepare_cached(
                "INSERT INTO outbound (tenant_id, id, channel_id, contact_id, chat, bucket, class, policy, body, state, due_at, attempts, cause, page, created_at) \
                 VALUES (1, ?1, 1, ?2, ?3, ?4, 0, 0, ?5, 1, ?1, 1, '{}', FALSE, ?1)",
            )?
            .execute(params![id, id % CHATS, (id % CHATS).to_string(), id % 32, body])?;
            tx.prepare_cached("UPDATE inbound SET state = 1, contact_id = ?2 WHERE tenant_id = 1 AND channel_id = 1 AND dedup = ?1 AND state = 0")?
                .execute(params![(100_000_000 + id).to_string(), id % CHATS])?;
        }
        tx.commit()?;
        let tx = db.transaction()?;
        for id in group {
            tx.prepare_cached("UPDATE outbound SET state = 2, vendor_message = ?2, attempts = 1, sent_at = ?1 WHERE tenant_id = 1 AND id = ?1")?
                .execute(params![id, id.to_string()])?;
        }
        tx.commit()?;
    }
    figures(next, begun, cpu_before, 0)
}

async fn postgres(url: &str, time: Duration) -> anyhow::Result<Figures> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    client.batch_execute(TABLES).await?;
    let (update, session, body) = texts();
    client
        .execute("INSERT INTO session SELECT 1, 1, g, $1, 1, 0 FROM generate_series(0::int8, $2::int8 - 1) g", &[&session, &CHATS])
        .await?;
    let backend: i32 = client.query_one("SELECT pg_backend_pid()", &[]).await?.get(0);
    let server = u32::try_from(backend).ok().and_then(machine::parent_of).context("no server")?;
    let accept = client
        .prepare(
            "INSERT INTO inbound (tenant_id, channel_id, dedup, bucket, position, source, raw, state, note, received_at) \
             SELECT 1, 1, dedup, bucket, id, 'update', raw, 0, NULL, id FROM unnest($1::text[], $2::int8[], $3::int8[], $4::bytea[]) AS v(dedup, bucket, id, raw) \
             ON CONFLICT DO NOTHING",
        )
        .await?;
    let sessions = client
        .prepare(
            "UPDATE session SET state = v.state, revision = revision + 1, updated_at = v.at FROM unnest($1::int8[], $2::text[], $3::int8[]) AS v(contact, state, at) \
             WHERE tenant_id = 1 AND channel_id = 1 AND contact_id = v.contact",
        )
        .await?;
    let replies = client
        .prepare(
            "INSERT INTO outbound (tenant_id, id, channel_id, contact_id, chat, bucket, class, policy, body, state, due_at, attempts, cause, page, created_at) \
             SELECT 1, id, 1, contact, contact::text, bucket, 0, 0, body, 1, id, 1, '{}', FALSE, id FROM unnest($1::int8[], $2::int8[], $3::int8[], $4::text[]) AS v(id, contact, bucket, body)",
        )
        .await?;
    let handled = client
        .prepare(
            "UPDATE inbound SET state = 1, contact_id = v.contact FROM unnest($1::text[], $2::int8[]) AS v(dedup, contact) \
             WHERE tenant_id = 1 AND channel_id = 1 AND inbound.dedup = v.dedup AND inbound.state = 0",
        )
        .await?;
    let sent = client
        .prepare(
            "UPDATE outbound SET state = 2, vendor_message = v.message, attempts = 1, sent_at = v.id FROM unnest($1::int8[], $2::text[]) AS v(id, message) \
             WHERE tenant_id = 1 AND outbound.id = v.id",
        )
        .await?;
    let (begun, cpu_before, server_before) = (Instant::now(), machine::cpu_us(std::process::id())?, machine::family_cpu_us(server));
    let mut next = 0_i64;
    while begun.elapsed() < time {
        let ids: Vec<i64> = (next..next + GROUP).collect();
        next += GROUP;
        let dedups: Vec<String> = ids.iter().map(|id| (100_000_000 + id).to_string()).collect();
        let buckets: Vec<i64> = ids.iter().map(|id| id % 32).collect();
        let contacts: Vec<i64> = ids.iter().map(|id| id % CHATS).collect();
        let raws: Vec<&[u8]> = ids.iter().map(|_| update.as_slice()).collect();
        let states: Vec<&str> = ids.iter().map(|_| session.as_str()).collect();
        let bodies: Vec<&str> = ids.iter().map(|_| body.as_str()).collect();
        let messages: Vec<String> = ids.iter().map(i64::to_string).collect();
        client.execute(&accept, &[&dedups, &buckets, &ids, &raws]).await?;
        client.batch_execute("BEGIN").await?;
        client.execute(&sessions, &[&contacts, &states, &ids]).await?;
        client.execute(&replies, &[&ids, &contacts, &buckets, &bodies]).await?;
        client.execute(&handled, &[&dedups, &contacts]).await?;
        client.batch_execute("COMMIT").await?;
        client.execute(&sent, &[&ids, &messages]).await?;
    }
    figures(next, begun, cpu_before, machine::family_cpu_us(server) - server_before)
}
