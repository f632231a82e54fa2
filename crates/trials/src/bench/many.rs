//! Very many rows, written at once, as no program would: benchmarks look at what comes after.

use crate::database::Engine;
use samovar_base::{ChannelId, Instant, TenantId};
use tokio_postgres::NoTls;

/// Runs the statements, without care for a crash, and tells the database what it has got.
pub async fn write(engine: Engine, url: &str, texts: Vec<String>) -> anyhow::Result<()> {
    if engine == Engine::Sqlite {
        let path = url.trim_start_matches("sqlite:").to_owned();
        return tokio::task::spawn_blocking(move || {
            let db = rusqlite::Connection::open(path)?;
            db.execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -400000;")?;
            for text in texts {
                db.execute_batch(&text)?;
            }
            Ok(db.execute_batch("ANALYZE; PRAGMA wal_checkpoint(TRUNCATE);")?)
        })
        .await?;
    }
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    let connection = tokio::spawn(connection);
    client.batch_execute("SET synchronous_commit = off").await?;
    for text in texts {
        client.batch_execute(&text).await?;
    }
    client.batch_execute("VACUUM ANALYZE").await?;
    drop(client);
    connection.await??;
    Ok(())
}

/// The numbers from 1 to `last`, as a table `s` with the column `n`.
fn numbers(engine: Engine, last: u32) -> String {
    match engine {
        Engine::Sqlite => format!(
            "(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {last}) SELECT n FROM s) AS s"
        ),
        Engine::Postgres => format!("generate_series(CAST(1 AS BIGINT), {last}) AS s(n)"),
    }
}

/// The id of the customer number `n`: one a minute since the beginning of 2025.
fn contact_id(n: &str) -> String {
    format!("(({n}) * 60000 * 4194304)")
}

/// Customers with wallets, tags and a field of their own.
#[derive(Clone, Copy)]
pub struct Contacts {
    /// Which SQL.
    pub engine: Engine,
    /// Whose.
    pub tenant: TenantId,
    /// How many.
    pub contacts: u32,
}

const NAMES: [&str; 12] = [
    "Анна",
    "Мария",
    "Ольга",
    "Елена",
    "Тимур",
    "Дарья",
    "Игорь",
    "Руслан",
    "Полина",
    "Егор",
    "Алексей",
    "Вера",
];
const SURNAMES: [&str; 17] = [
    "Ковалева",
    "Соколова",
    "Галиев",
    "Литвинова",
    "Малышев",
    "Ким",
    "Орехова",
    "Ахметов",
    "Зуева",
    "Нестеров",
    "Петровна",
    "Титова",
    "Гусева",
    "Лебедев",
    "Быков",
    "Орлова",
    "Фомина",
];
const CITIES: [&str; 10] =
    ["Тверь", "Казань", "Москва", "Пермь", "Омск", "Уфа", "Томск", "Псков", "Тула", "Рязань"];

impl Contacts {
    /// One of a list by a number.
    fn one_of(&self, list: &[&str], number: &str, lower: bool) -> String {
        let all: Vec<String> = list
            .iter()
            .map(|word| if lower { word.to_lowercase().replace('ё', "е") } else { (*word).to_owned() })
            .map(|word| format!("'{word}'"))
            .collect();
        let (all, count) = (all.join(","), list.len());
        match self.engine {
            Engine::Sqlite => format!("json_array({all}) ->> (({number}) % {count})"),
            Engine::Postgres => format!("(ARRAY[{all}])[({number}) % {count} + 1]"),
        }
    }

    /// The statements that write them.
    pub fn texts(&self) -> Vec<String> {
        let (tenant, contacts) = (self.tenant.0, self.contacts);
        let numbers = numbers(self.engine, contacts);
        let id = contact_id("n");
        let at = "((1735689600000 + n * 60000) * 1000)";
        let name = |lower| {
            let (first, last) = (self.one_of(&NAMES, "n", lower), self.one_of(&SURNAMES, "n / 7", lower));
            format!("({first}) || ' ' || ({last})")
        };
        let city = self.one_of(&CITIES, "n", false);
        let (name, key) = (name(false), name(true));
        let two = |number: &str| format!("substr(CAST(100 + {number} AS TEXT), 2)");
        let birthday = format!(
            "CAST(1960 + n % 45 AS TEXT) || '-' || {} || '-' || {}",
            two("1 + n % 12"),
            two("1 + (n / 12) % 28")
        );
        let tags = "CASE WHEN n % 100 = 0 THEN '[\"vip\"]' WHEN n % 10 < 3 THEN '[\"spring\"]' ELSE '[]' END";
        let phone = "'+79' || substr(CAST(1000000000 + (n * 7919) % 1000000000 AS TEXT), 2)";
        vec![
            format!(
                "INSERT INTO contact (tenant_id, id, name, name_key, phone, phone_proved, birthday, locale, fields, tags, \
                 consents, source, registered_at, revision, created_at, staff_side, last_seen_at) \
                 SELECT {tenant}, {id}, {name}, {key}, {phone}, TRUE, {birthday}, 'ru', \
                 '{{\"city\":\"' || ({city}) || '\"}}', {tags}, '{{\"loyalty\":1}}', \
                 CASE WHEN n % 3 = 0 THEN 'poster' END, {at}, 1, {at}, FALSE, \
                 CASE WHEN n % 5 > 0 THEN {at} + (n * 7919) % 5000000 * 1000000 END FROM {numbers}"
            ),
            format!(
                "INSERT INTO contact_tag (tenant_id, contact_id, tag, at) SELECT {tenant}, {id}, \
                 CASE WHEN n % 100 = 0 THEN 'vip' ELSE 'spring' END, {at} FROM {numbers} WHERE n % 100 = 0 OR n % 10 < 3"
            ),
            format!(
                "INSERT INTO ledger_wallet (tenant_id, contact_id, code, account_id, balance, held, debt, revision, created_at) \
                 SELECT {tenant}, {id}, 'points', {id}, (n * 7919) % 5000, 0, 0, 1, {at} FROM {numbers} WHERE n % 10 < 7"
            ),
            format!(
                "INSERT INTO ledger_lot (tenant_id, account_id, id, points, remaining, held, expired, earned_at, expires_at) \
                 SELECT {tenant}, {id}, {id}, (n * 7919) % 5000, (n * 7919) % 5000, 0, 0, {at}, \
                 {at} + 63072000000000 FROM {numbers} WHERE n % 10 < 7"
            ),
        ]
    }
}

/// Conversations in a web chat: the youngest customers wrote, and were answered by the bot, each time in turn.
#[derive(Clone, Copy)]
pub struct Talks {
    /// With whom.
    pub contacts: Contacts,
    /// Where.
    pub channel: ChannelId,
    /// How many conversations.
    pub conversations: u32,
    /// How many messages in all of them together, half of them the customers'.
    pub messages: u32,
    /// When the last one was said; one pair a second came before it.
    pub until: Instant,
}

/// Each so many-th conversation waits for a person of the company.
const WAITS: u32 = 4;
/// Each so many-th pair of messages is of one customer, who writes a lot.
const OF_ONE: u32 = 20;

impl Talks {
    /// The statements that write them, after the customers.
    pub fn texts(&self) -> Vec<String> {
        let Contacts { engine, tenant, contacts } = self.contacts;
        let Self { conversations, messages, .. } = *self;
        let (tenant, channel, until) = (tenant.0, self.channel.0, self.until.0);
        let (talks, pairs) = (numbers(engine, conversations), numbers(engine, messages / 2));
        let talk = format!("(n % {conversations})");
        let of_pair = format!("(CASE WHEN n % {OF_ONE} = 0 THEN 0 ELSE n % {conversations} END)");
        let with = |talk: &str| contact_id(&format!("{contacts} - {talk}"));
        let chat = |talk: &str| format!("'chat-' || CAST({talk} AS TEXT)");
        let (contact, talk_chat) = (with(&talk), chat(&talk));
        let (other, pair_chat) = (with(&of_pair), chat(&of_pair));
        let last = format!("{until} - {talk} * 1000000");
        let at = format!("({until} - ({} - n) * 1000000)", messages / 2);
        let raw = format!(
            "'{{\"chat\":\"' || {pair_chat} || '\",\"name\":\"\",\"language\":\"ru\",\"post\":{{\"id\":\"m' || n || \
             '\",\"text\":\"Есть ли у вас оттенок номер ' || n || '?\"}}}}'"
        );
        let raw = match engine {
            Engine::Sqlite => format!("CAST({raw} AS BLOB)"),
            Engine::Postgres => format!("convert_to({raw}, 'UTF8')"),
        };
        let body = "'{\"text\":\"Оттенок номер ' || n || ' есть, отложим на час.\"}'";
        vec![
            format!(
                "INSERT INTO identity (tenant_id, channel_id, external_id, contact_id, chat, name, created_at) \
                 SELECT {tenant}, {channel}, {talk_chat}, {contact}, {talk_chat}, '', 1 FROM {talks}"
            ),
            format!(
                "INSERT INTO conversation (tenant_id, contact_id, channel_id, state, unread, waiting_since, last_at, last_by, \
                 last_text) SELECT {tenant}, {contact}, {channel}, CASE WHEN n % {WAITS} = 0 THEN 1 ELSE 0 END, n % 3, \
                 CASE WHEN n % {WAITS} = 0 THEN {last} END, {last}, 1, 'Оттенок номер ' || n || ' есть, отложим на час.' \
                 FROM {talks}"
            ),
            format!(
                "INSERT INTO inbound (tenant_id, channel_id, dedup, bucket, position, source, raw, state, contact_id, \
                 received_at) SELECT {tenant}, {channel}, {pair_chat} || '/m' || n, 0, n, 'update', {raw}, 1, {other}, {at} \
                 FROM {pairs}"
            ),
            format!(
                "INSERT INTO conversation_line (tenant_id, id, channel_id, contact_id, at, author, text, kind, text_key) \
                 SELECT {tenant}, n, {channel}, {other}, {at}, '', 'Есть ли у вас оттенок номер ' || n || '?', 0, \
                 'есть ли у вас оттенок номер ' || n || '?' FROM {pairs}"
            ),
            format!(
                "INSERT INTO outbound (tenant_id, id, channel_id, contact_id, chat, bucket, class, policy, body, state, due_at, \
                 attempts, vendor_message, cause, page, created_at, sent_at) SELECT {tenant}, n, {channel}, {other}, {pair_chat}, \
                 0, 0, 0, {body}, 2, {at}, 1, CAST(n AS TEXT), '{{\"by\":\"update\",\"id\":\"\"}}', TRUE, {at} + 500000, \
                 {at} + 600000 FROM {pairs}"
            ),
        ]
    }
}
