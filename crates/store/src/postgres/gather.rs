//! Held writes of many units, put together so that each table is written to once.

use crate::tx::Put;
use crate::{StoreError, Value, Write, WriteKind};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Rows of one write, sent as one statement.
pub(super) struct Group {
    pub(super) write: &'static Write,
    pub(super) puts: Vec<Put>,
}

/// Why the writes of a unit cannot go out with those gathered so far.
pub(super) enum Clash {
    /// Another unit changes one of its rows; it may follow in a later batch.
    WithAnother,
    /// It writes to one row twice, or to more than can be counted: it must run by itself, and what was gathered is
    /// of no use any more: part of it may be in.
    WithItself,
}

/// Groups of a batch. They go out by table, what makes rows before what changes and removes them, and rows by key:
/// everyone locks in the same order.
#[derive(Default)]
pub(super) struct Gathering {
    groups: BTreeMap<(&'static str, WriteKind, &'static str), Gathered>,
}

#[derive(Default)]
struct Gathered {
    puts: Vec<Put>,
    /// By key, where in `puts`.
    rows: HashMap<Vec<Value>, usize>,
}

impl Gathering {
    /// Adds the writes of a unit, all or none.
    pub(super) fn take(&mut self, puts: Vec<Put>) -> Result<(), Clash> {
        self.check(&puts)?;
        puts.into_iter().try_for_each(|put| self.add(put))
    }

    fn add(&mut self, put: Put) -> Result<(), Clash> {
        let gathered = self.groups.entry(place(put.write)).or_default();
        match gathered.rows.get(put.key()) {
            None => {
                gathered.rows.insert(put.key().to_vec(), gathered.puts.len());
                gathered.puts.push(put);
            }
            Some(at) if put.write.later_replaces() => gathered.puts[*at] = put,
            Some(at) if put.write.sums_up() => {
                gathered.puts[*at].sum_up(&put).map_err(|_| Clash::WithItself)?;
            }
            // A second add of a row adds nothing.
            Some(_) => {}
        }
        Ok(())
    }

    pub(super) fn into_groups(self) -> Vec<Group> {
        let groups = self.groups.into_values().map(|Gathered { mut puts, .. }| {
            puts.sort_unstable_by(|one, other| one.key().cmp(other.key()));
            Group { write: puts[0].write, puts }
        });
        groups.collect()
    }

    fn check(&self, puts: &[Put]) -> Result<(), Clash> {
        let mut own = HashSet::new();
        for put in puts.iter().filter(|put| !meets(put.write)) {
            if !own.insert((put.write.address(), put.key())) {
                return Err(Clash::WithItself);
            }
            let gathered = self.groups.get(&place(put.write));
            if gathered.is_some_and(|gathered| gathered.rows.contains_key(put.key())) {
                return Err(Clash::WithAnother);
            }
        }
        Ok(())
    }
}

/// Whether several such writes to one row can go out as one.
fn meets(write: &Write) -> bool {
    let guarded = !write.columns.guard.is_empty();
    write.kind == WriteKind::Add || write.sums_up() || (write.later_replaces() && !guarded)
}

fn place(write: &'static Write) -> (&'static str, WriteKind, &'static str) {
    (write.table, write.kind, write.name)
}

/// The writes of a single unit: those of a table together. In their order where it matters: when the unit writes to a
/// row in two ways or removes from a table into which it writes, or counts something up, for a sum that leaves its range
/// is found by the database.
pub(super) fn of_unit(puts: Vec<Put>) -> Vec<Group> {
    let mut gathering = Gathering::default();
    if gathering.check(&puts).is_err() || puts.iter().any(|put| put.write.sums_up()) || order_matters(&puts) {
        return in_order(puts);
    }
    for put in puts {
        // Only a sum can fail here.
        let _ = gathering.add(put);
    }
    gathering.into_groups()
}

fn order_matters(puts: &[Put]) -> bool {
    let mut rows: HashMap<(&str, &[Value]), usize> = HashMap::new();
    let mut removes: HashMap<&str, bool> = HashMap::new();
    puts.iter().any(|put| {
        let (table, write) = (put.write.table, put.write.address());
        let removal = put.write.kind == WriteKind::Delete;
        *rows.entry((table, put.key())).or_insert(write) != write
            || *removes.entry(table).or_insert(removal) != removal
    })
}

/// Neighbours of one kind together.
fn in_order(puts: Vec<Put>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut keys: HashSet<Vec<Value>> = HashSet::new();
    for put in puts {
        match groups.last_mut() {
            Some(group) if std::ptr::eq(group.write, put.write) && keys.insert(put.key().to_vec()) => {
                group.puts.push(put)
            }
            _ => {
                keys = HashSet::from([put.key().to_vec()]);
                groups.push(Group { write: put.write, puts: vec![put] });
            }
        }
    }
    groups
}

impl Group {
    /// The values of its rows, one list for each column.
    pub(super) fn columns(&self) -> Vec<Vec<&Value>> {
        columns(self.puts.iter().map(|put| put.values.get()))
    }

    /// That every row was hit.
    pub(super) fn check(&self, count: u64) -> Result<(), StoreError> {
        if self.write.kind == WriteKind::Add || count == self.puts.len() as u64 {
            Ok(())
        } else {
            Err(StoreError::Stale { statement: self.write.name })
        }
    }
}

/// Rows turned into columns.
pub(super) fn columns<'a>(rows: impl Iterator<Item = &'a [Value]> + Clone) -> Vec<Vec<&'a Value>> {
    let width = rows.clone().next().map_or(0, <[Value]>::len);
    (0..width).map(|at| rows.clone().map(|row| &row[at]).collect()).collect()
}
