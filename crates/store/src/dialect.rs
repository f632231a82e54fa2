//! SQL texts: those made from declarations, and the few points in which the two databases differ.

use crate::write::{Column, Write};
use crate::{ColumnType, Engine, Query, Scope, WriteKind};

/// `text` in small letters as [`str::to_lowercase`] makes them, in all alphabets. SQLite has a function of ours for it,
/// PostgreSQL the rules of ICU.
pub fn lowercase(engine: Engine, text: &str) -> String {
    match engine {
        Engine::Sqlite => format!("lowercase({text})"),
        Engine::Postgres => format!("lower({text} COLLATE \"und-x-icu\")"),
    }
}

/// Where `part` stands in `text`, from 1; 0 when it does not.
pub fn position(engine: Engine, text: &str, part: &str) -> String {
    match engine {
        Engine::Sqlite => format!("instr({text}, {part})"),
        Engine::Postgres => format!("strpos({text}, {part})"),
    }
}

/// `text` to be ordered by its bytes, as strings are in the program.
pub fn by_bytes(engine: Engine, text: &str) -> String {
    match engine {
        Engine::Sqlite => format!("({text} COLLATE BINARY)"),
        Engine::Postgres => format!("({text} COLLATE \"C\")"),
    }
}

/// Whether `text` is a date that exists, in the form YYYY-MM-DD.
pub fn is_date(engine: Engine, text: &str) -> String {
    const POSTGRES: &str = "^(\\d{4}-((0[13578]|1[02])-(0[1-9]|[12]\\d|3[01])|(0[469]|11)-(0[1-9]|[12]\\d|30)|02-(0[1-9]|1\\d|2[0-8]))\
         |(\\d\\d(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)$";
    match engine {
        Engine::Sqlite => format!("(length({text}) = 10 AND date({text}) = {text})"),
        Engine::Postgres => format!("({text} ~ '{POSTGRES}')"),
    }
}

/// What kind of JSON stands under the name `key` in the object `document`: `text`, `number`, `flag`; something else or
/// NULL when there is none of these. `key` is a value of the statement.
pub fn json_kind(engine: Engine, document: &str, key: &str) -> String {
    match engine {
        Engine::Sqlite => format!(
            "(SELECT CASE j.type WHEN 'text' THEN 'text' WHEN 'integer' THEN 'number' WHEN 'real' THEN 'number' \
             WHEN 'true' THEN 'flag' WHEN 'false' THEN 'flag' END FROM json_each({document}) j WHERE j.key = {key})"
        ),
        Engine::Postgres => format!(
            "(CASE jsonb_typeof(CAST({document} AS JSONB) -> {key}) WHEN 'string' THEN 'text' WHEN 'number' THEN 'number' \
             WHEN 'boolean' THEN 'flag' END)"
        ),
    }
}

/// The text under the name `key`; of a number or a flag something that can be compared only after asking for its kind.
pub fn json_text(engine: Engine, document: &str, key: &str) -> String {
    match engine {
        Engine::Sqlite => format!("(SELECT j.value FROM json_each({document}) j WHERE j.key = {key})"),
        Engine::Postgres => format!("(CAST({document} AS JSONB) ->> {key})"),
    }
}

/// The number under the name `key`, NULL when it is none.
pub fn json_number(engine: Engine, document: &str, key: &str) -> String {
    match engine {
        Engine::Sqlite => format!(
            "(SELECT j.value FROM json_each({document}) j WHERE j.key = {key} AND j.type IN ('integer', 'real'))"
        ),
        Engine::Postgres => format!(
            "(CASE WHEN jsonb_typeof(CAST({document} AS JSONB) -> {key}) = 'number' \
             THEN CAST(CAST({document} AS JSONB) ->> {key} AS NUMERIC) END)"
        ),
    }
}

/// A number that is given as a text, because it may have a fraction.
pub fn number(text: &str) -> String {
    format!("CAST({text} AS NUMERIC)")
}

/// Whether `flag` stands under the name `key`.
pub fn json_is_flag(engine: Engine, document: &str, key: &str, flag: bool) -> String {
    match engine {
        Engine::Sqlite => format!(
            "EXISTS (SELECT 1 FROM json_each({document}) j WHERE j.key = {key} AND j.type = '{flag}')"
        ),
        Engine::Postgres => format!("(CAST({document} AS JSONB) -> {key} = CAST('{flag}' AS JSONB))"),
    }
}

/// Whether the object `document` has something under the name `key`.
pub fn json_has(engine: Engine, document: &str, key: &str) -> String {
    match engine {
        Engine::Sqlite => format!("EXISTS (SELECT 1 FROM json_each({document}) j WHERE j.key = {key})"),
        Engine::Postgres => format!("jsonb_exists(CAST({document} AS JSONB), {key})"),
    }
}

/// The texts of a structured write.
#[derive(Debug)]
pub(crate) struct WriteTexts {
    /// One row; places in the order of the values. For both databases.
    pub(crate) single: String,
    /// Many rows, one array for each column. PostgreSQL only.
    pub(crate) gathered: String,
}

/// The text of a statement for SQLite: places numbered in its own way, no row locks.
pub(crate) fn sqlite(sql: &str) -> String {
    let mut out = replace_places(sql, |number, out| {
        out.push('?');
        out.push_str(number);
    });
    for lock in
        [" FOR UPDATE SKIP LOCKED", " FOR NO KEY UPDATE SKIP LOCKED", " FOR NO KEY UPDATE", " FOR UPDATE"]
    {
        if let Some(at) = out.find(lock) {
            out.replace_range(at..at + lock.len(), "");
        }
    }
    out
}

/// The text of a statement for PostgreSQL.
pub(crate) fn postgres(query: &Query) -> &'static str {
    query.postgres.unwrap_or(query.sql)
}

/// One statement that answers many askers of the same read: each row begins with the number of its asker, from 1.
pub(crate) fn gathered_read(sql: &str, types: &[&str]) -> String {
    let inner = replace_places(sql, |number, out| {
        out.push_str("asker.a");
        out.push_str(number);
    });
    let arrays = list(types.iter().enumerate().map(|(at, of)| format!("${}::{of}[]", at + 1)));
    let names = list((1..=types.len()).map(|at| format!("a{at}")));
    format!(
        "SELECT asker.number, found.* FROM unnest({arrays}) WITH ORDINALITY AS asker({names}, number) \
         CROSS JOIN LATERAL ({inner}) AS found"
    )
}

impl WriteTexts {
    pub(crate) fn of(write: &Write) -> Self {
        let parts = Parts::of(write);
        Self { single: parts.single(write), gathered: parts.gathered(write) }
    }
}

/// Names of columns by the part they play, and the numbers of their values.
struct Parts {
    key: Vec<(String, usize)>,
    guard: Vec<(String, usize)>,
    set: Vec<(String, usize)>,
    plus: Vec<(String, usize)>,
    types: Vec<ColumnType>,
}

impl Parts {
    fn of(write: &Write) -> Self {
        const TENANT: &[Column] = &[Column { name: "tenant_id", holds: ColumnType::Int }];
        let tenant: &[Column] = if write.scope == Scope::Tenant { TENANT } else { &[] };
        let mut types = Vec::new();
        let mut number = |columns: &mut dyn Iterator<Item = &Column>| -> Vec<(String, usize)> {
            columns
                .map(|column| {
                    types.push(column.holds);
                    (column.name.to_owned(), types.len())
                })
                .collect()
        };
        let columns = &write.columns;
        let key = number(&mut tenant.iter().chain(columns.key));
        let guard = number(&mut columns.guard.iter());
        let set = number(&mut columns.set.iter());
        let plus = number(&mut columns.plus.iter());
        Self { key, guard, set, plus, types }
    }

    fn single(&self, write: &Write) -> String {
        let table = write.table;
        let value = |at: usize| format!("${at}");
        match write.kind {
            WriteKind::Insert | WriteKind::Add | WriteKind::Upsert => {
                let values = list((1..=self.types.len()).map(value));
                format!("INSERT INTO {table} ({}) VALUES ({values}){}", self.names(), self.on_conflict(write))
            }
            WriteKind::Update => {
                let hit = self.hits("", value);
                format!("UPDATE {table} SET {} WHERE {hit}", self.changes("", value))
            }
            WriteKind::Delete => format!("DELETE FROM {table} WHERE {}", self.hits("", value)),
        }
    }

    fn gathered(&self, write: &Write) -> String {
        let table = write.table;
        let value = |at: usize| format!("given.c{at}");
        let arrays =
            list(self.types.iter().enumerate().map(|(at, of)| format!("${}::{}[]", at + 1, of.postgres())));
        let names = list((1..=self.types.len()).map(|at| format!("c{at}")));
        let given = format!("unnest({arrays}) AS given({names})");
        let own = format!("{table}.");
        match write.kind {
            WriteKind::Insert | WriteKind::Add | WriteKind::Upsert => {
                let made = if write.kind == WriteKind::Add {
                    format!(" RETURNING {}", list(self.key.iter().map(|(name, _)| name.clone())))
                } else {
                    String::new()
                };
                let conflict = self.on_conflict(write);
                format!("INSERT INTO {table} ({}) SELECT {names} FROM {given}{conflict}{made}", self.names())
            }
            WriteKind::Update => {
                let changes = self.changes(&own, value);
                format!("UPDATE {table} SET {changes} FROM {given} WHERE {}", self.hits(&own, value))
            }
            WriteKind::Delete => {
                format!("DELETE FROM {table} USING {given} WHERE {}", self.hits(&own, value))
            }
        }
    }

    fn names(&self) -> String {
        list(
            self.key
                .iter()
                .chain(&self.guard)
                .chain(&self.set)
                .chain(&self.plus)
                .map(|(name, _)| name.clone()),
        )
    }

    fn on_conflict(&self, write: &Write) -> String {
        match write.kind {
            WriteKind::Add => " ON CONFLICT DO NOTHING".to_owned(),
            WriteKind::Upsert => {
                let key = list(self.key.iter().map(|(name, _)| name.clone()));
                let set = self.set.iter().map(|(name, _)| format!("{name} = excluded.{name}"));
                let table = write.table;
                let plus =
                    self.plus.iter().map(|(name, _)| format!("{name} = {table}.{name} + excluded.{name}"));
                format!(" ON CONFLICT ({key}) DO UPDATE SET {}", list(set.chain(plus)))
            }
            WriteKind::Insert | WriteKind::Update | WriteKind::Delete => String::new(),
        }
    }

    fn changes(&self, own: &str, value: impl Fn(usize) -> String) -> String {
        let set = self.set.iter().map(|(name, at)| format!("{name} = {}", value(*at)));
        let plus = self.plus.iter().map(|(name, at)| format!("{name} = {own}{name} + {}", value(*at)));
        list(set.chain(plus))
    }

    fn hits(&self, own: &str, value: impl Fn(usize) -> String) -> String {
        let key = self.key.iter().map(|(name, at)| format!("{own}{name} = {}", value(*at)));
        let guard =
            self.guard.iter().map(|(name, at)| format!("{own}{name} IS NOT DISTINCT FROM {}", value(*at)));
        key.chain(guard).collect::<Vec<_>>().join(" AND ")
    }
}

fn list(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}

/// Rewrites each `$n` outside of quotes.
fn replace_places(sql: &str, put: impl Fn(&str, &mut String)) -> String {
    let mut out = String::with_capacity(sql.len() + 16);
    let (mut rest, mut quoted) = (sql, false);
    while let Some(at) = rest.find(['\'', '$']) {
        out.push_str(&rest[..at]);
        let (mark, after) = rest[at..].split_at(1);
        let digits = after.len() - after.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
        if mark == "$" && !quoted && digits > 0 {
            put(&after[..digits], &mut out);
            rest = &after[digits..];
        } else {
            quoted ^= mark == "'";
            out.push_str(mark);
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    crate::table_write! {
        static MOVE = update account key(id int) guard(version int) set(version int) plus(balance int);
        static COUNT = upsert tally key(name text) plus(times int);
        static SEEN = add seen key(what text) set(at int);
        static GONE = delete hold key(id int) guard(version int);
    }
    crate::table_write! {
        instance static LEASE = insert lease key(name text) set(until int);
    }

    #[test]
    fn one_declaration_gives_both_texts() {
        assert_eq!(
            MOVE.texts().single,
            "UPDATE account SET version = $4, balance = balance + $5 \
             WHERE tenant_id = $1 AND id = $2 AND version IS NOT DISTINCT FROM $3"
        );
        assert_eq!(
            MOVE.texts().gathered,
            "UPDATE account SET version = given.c4, balance = account.balance + given.c5 FROM \
             unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[], $5::int8[]) AS given(c1, c2, c3, c4, c5) WHERE \
             account.tenant_id = given.c1 AND account.id = given.c2 AND account.version IS NOT DISTINCT FROM given.c3"
        );
        assert_eq!(
            COUNT.texts().single,
            "INSERT INTO tally (tenant_id, name, times) VALUES ($1, $2, $3) \
             ON CONFLICT (tenant_id, name) DO UPDATE SET times = tally.times + excluded.times"
        );
        assert_eq!(
            SEEN.texts().gathered,
            "INSERT INTO seen (tenant_id, what, at) SELECT c1, c2, c3 FROM \
             unnest($1::int8[], $2::text[], $3::int8[]) AS given(c1, c2, c3) \
             ON CONFLICT DO NOTHING RETURNING tenant_id, what"
        );
        assert_eq!(
            GONE.texts().single,
            "DELETE FROM hold WHERE tenant_id = $1 AND id = $2 AND version IS NOT DISTINCT FROM $3"
        );
        assert_eq!(LEASE.texts().single, "INSERT INTO lease (name, until) VALUES ($1, $2)");
    }

    #[test]
    fn places_are_numbered_for_sqlite_and_locks_left_out() {
        assert_eq!(
            sqlite("SELECT '$1', a FROM t WHERE b = $2 AND c = $11 LIMIT 1 FOR UPDATE SKIP LOCKED"),
            "SELECT '$1', a FROM t WHERE b = ?2 AND c = ?11 LIMIT 1"
        );
    }

    #[test]
    fn a_gathered_read_numbers_its_askers() {
        assert_eq!(
            gathered_read("SELECT a FROM t WHERE tenant_id = $1 AND b = $2", &["int8", "text"]),
            "SELECT asker.number, found.* FROM unnest($1::int8[], $2::text[]) WITH ORDINALITY AS \
             asker(a1, a2, number) CROSS JOIN LATERAL (SELECT a FROM t WHERE tenant_id = asker.a1 AND b = asker.a2) AS found"
        );
    }
}
