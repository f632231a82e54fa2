//! SQL texts: those made from declarations, and the few points in which the two databases differ.

use crate::write::{Column, Write};
use crate::{ColumnType, Query, Scope, WriteKind};

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
