//! What must hold when everything has settled, by statements of the trial's own.

use super::books::Books;
use super::front::Brought;
use super::people::Guest;
use super::sends;
use super::tickets;
use super::till::Movement;
use crate::program::Program;
use samovar_fakes::telegram::Sent;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

/// Examples of one kind of wrong.
const TOLD_MAX: usize = 5;
/// What the programme of the trial's company gives at the registration.
const WELCOME: i64 = 100;

/// What the trial itself knows.
pub struct Known {
    /// What came through the front door.
    pub brought: Brought,
    /// Updates that customers caused.
    pub acts: u64,
    /// Customers who are registered.
    pub guests: Vec<Guest>,
    /// Others who came, and were handed over to a person before that.
    pub handed_over: u64,
    /// Participants of the promotion who came.
    pub participants: u64,
    /// By participant and number of a receipt: how often it was sent.
    pub receipts: tickets::Sent,
    /// Movements of points that the API said are done.
    pub movements: Vec<Movement>,
    /// What the messenger accepted.
    pub sent: Vec<Sent>,
}

/// The figures of the verdict.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Figures {
    /// Different updates.
    pub updates: usize,
    /// Deliveries of them, repeated ones included.
    pub deliveries: u64,
    /// Customers who registered.
    pub customers: usize,
    /// Handed over to a person before that.
    pub handed_over: u64,
    /// Movements of points by the API.
    pub movements: usize,
    /// Requests for them.
    pub movement_requests: u64,
    /// Participants of the promotion.
    pub participants: u64,
    /// Their receipts.
    pub receipts: tickets::Figures,
    /// Messages the program decided to send, by how they ended.
    #[serde(flatten)]
    pub messages: sends::Figures,
}

/// Everything that is not as it must be; empty when the trial is passed.
#[derive(Debug, Default)]
pub struct Wrongs(Vec<String>);

impl Wrongs {
    /// Something else is wrong.
    pub fn add(&mut self, what: impl Into<String>) {
        self.0.push(what.into());
    }
    /// These are wrong; only a few are named.
    pub fn add_all<T: Display>(&mut self, what: &str, which: impl IntoIterator<Item = T>) {
        let which: Vec<String> = which.into_iter().map(|one| one.to_string()).collect();
        if !which.is_empty() {
            self.add(format!("{} {what}: {}", which.len(), which[..which.len().min(TOLD_MAX)].join(" | ")));
        }
    }
    /// As lines.
    pub fn lines(&self) -> &[String] {
        &self.0
    }
}

/// Looks at everything.
pub async fn give(books: &Books, known: &Known, wrongs: &mut Wrongs) -> anyhow::Result<Figures> {
    updates(books, known, wrongs).await?;
    effects(books, known, wrongs).await?;
    points(books, known, wrongs).await?;
    ledger(books, wrongs).await?;
    sessions(books, wrongs).await?;
    Ok(Figures {
        updates: known.brought.updates.len(),
        deliveries: known.brought.deliveries,
        customers: known.guests.len(),
        handed_over: known.handed_over,
        movements: known.movements.len(),
        movement_requests: known.movements.iter().map(|movement| movement.asked).sum(),
        participants: known.participants,
        receipts: tickets::check(books, &known.receipts, wrongs).await?,
        messages: sends::check(books, &known.sent, wrongs).await?,
    })
}

/// What the program itself says of its books; it must not be running on SQLite.
pub fn doctor(program: &Program, wrongs: &mut Wrongs) -> anyhow::Result<()> {
    let (well, said) = program.says(&["doctor"])?;
    if !well
        || !said.lines().any(|line| line.starts_with("ok") && line.contains("the books of trial are right"))
    {
        wrongs.add(format!("`samovar doctor` says:\n{said}"));
    }
    Ok(())
}

/// Every update is one row, and every row is handled.
async fn updates(books: &Books, known: &Known, wrongs: &mut Wrongs) -> anyhow::Result<()> {
    let seen = &known.brought.updates;
    if let (Some((first, _)), Some((last, _))) = (seen.first_key_value(), seen.last_key_value()) {
        wrongs
            .add_all("updates never came to the door", (*first..=*last).filter(|id| !seen.contains_key(id)));
    }
    if seen.len() as u64 != known.acts {
        wrongs.add(format!("customers caused {} updates, {} came to the door", known.acts, seen.len()));
    }
    wrongs.add_all(
        "updates were never confirmed",
        seen.iter().filter(|(_, confirmed)| !**confirmed).map(|(id, _)| id),
    );
    let rows = books.rows("SELECT dedup, state, note FROM inbound WHERE source = 'update'").await?;
    let stored: BTreeSet<i64> = rows.iter().map(|row| row.int(0)).collect();
    if stored.len() != rows.len() {
        wrongs.add(format!("{} rows of {} updates", rows.len(), stored.len()));
    }
    wrongs.add_all("updates have no row", seen.keys().filter(|id| !stored.contains(id)));
    wrongs.add_all("rows have no update", stored.iter().filter(|id| !seen.contains_key(id)));
    let open = books.rows("SELECT dedup, state, note FROM inbound WHERE state NOT IN (1, 2)").await?;
    wrongs.add_all(
        "events are not handled",
        open.iter().map(|row| format!("{} in state {} {}", row.text(0), row.text(1), row.text(2))),
    );
    let skipped = rows.iter().filter(|row| row.int(1) == 2);
    wrongs.add_all("updates were skipped", skipped.map(|row| format!("{} {}", row.text(0), row.text(2))));
    Ok(())
}

/// What an update does to a person is done once.
async fn effects(books: &Books, known: &Known, wrongs: &mut Wrongs) -> anyhow::Result<()> {
    let identities = books.rows("SELECT external_id, contact_id FROM identity").await?;
    let people: BTreeSet<i64> = identities.iter().map(|row| row.int(0)).collect();
    let contacts: BTreeSet<i64> = identities.iter().map(|row| row.int(1)).collect();
    let rows = books.number("SELECT COUNT(*) FROM contact").await?;
    if people.len() != identities.len()
        || contacts.len() != identities.len()
        || rows != i64::try_from(contacts.len())?
    {
        let (people, contacts) = (people.len(), contacts.len());
        wrongs.add(format!(
            "{} identities of {people} people and {contacts} contacts, {rows} contacts",
            identities.len()
        ));
    }
    let registered = books
        .rows(
            "SELECT i.external_id FROM identity i JOIN contact c ON c.tenant_id = i.tenant_id AND c.id = i.contact_id
             WHERE c.registered_at IS NOT NULL",
        )
        .await?;
    let registered: BTreeSet<i64> = registered.iter().map(|row| row.int(0)).collect();
    let unknown = known.guests.iter().filter(|guest| !registered.contains(&guest.id));
    wrongs.add_all("customers saw the menu and are not registered", unknown.map(|guest| guest.id));
    let came = known.guests.len() as u64 + known.handed_over + known.participants;
    if identities.len() as u64 != came {
        wrongs.add(format!("{came} people came, {} are known", identities.len()));
    }
    for (what, sql) in ONCE_EACH {
        wrongs.add_all(
            what,
            books.rows(sql).await?.iter().map(|row| format!("{} has {}", row.text(0), row.text(1))),
        );
    }
    Ok(())
}

/// Each statement names those who do not have one for each registration.
const ONCE_EACH: &[(&str, &str)] = &[
    (
        "contacts are welcomed otherwise than once for their registration",
        "SELECT c.id, COUNT(o.key) FROM contact c
         LEFT JOIN ledger_wallet w ON w.tenant_id = c.tenant_id AND w.contact_id = c.id
         LEFT JOIN ledger_operation o ON o.tenant_id = w.tenant_id AND o.account_id = w.account_id AND o.kind = 'welcome'
         GROUP BY c.id, c.registered_at HAVING COUNT(o.key) <> CASE WHEN c.registered_at IS NULL THEN 0 ELSE 1 END",
    ),
    (
        "contacts have other than one wallet for their registration",
        "SELECT c.id, COUNT(w.account_id) FROM contact c
         LEFT JOIN ledger_wallet w ON w.tenant_id = c.tenant_id AND w.contact_id = c.id
         GROUP BY c.id, c.registered_at HAVING COUNT(w.account_id) <> CASE WHEN c.registered_at IS NULL THEN 0 ELSE 1 END",
    ),
    (
        "contacts have other than one card for their registration",
        "SELECT c.id, COUNT(k.number) FROM contact c
         LEFT JOIN loyalty_card k ON k.tenant_id = c.tenant_id AND k.contact_id = c.id
         GROUP BY c.id, c.registered_at HAVING COUNT(k.number) <> CASE WHEN c.registered_at IS NULL THEN 0 ELSE 1 END",
    ),
    (
        "registered contacts have other than one consent",
        "SELECT c.id, COUNT(g.id) FROM contact c
         LEFT JOIN consent g ON g.tenant_id = c.tenant_id AND g.contact_id = c.id
         WHERE c.registered_at IS NOT NULL GROUP BY c.id HAVING COUNT(g.id) <> 1",
    ),
    (
        "contacts have other than one session",
        "SELECT c.id, COUNT(s.contact_id) FROM contact c
         LEFT JOIN session s ON s.tenant_id = c.tenant_id AND s.contact_id = c.id
         GROUP BY c.id HAVING COUNT(s.contact_id) <> 1",
    ),
];

/// Every movement is one operation, and everybody has what the trial gave them.
async fn points(books: &Books, known: &Known, wrongs: &mut Wrongs) -> anyhow::Result<()> {
    let asked: BTreeMap<String, i64> = known
        .movements
        .iter()
        .map(|movement| (format!("request:{}", movement.key), movement.points))
        .collect();
    let rows = books.rows("SELECT key, points FROM ledger_operation WHERE kind <> 'welcome'").await?;
    let posted: BTreeMap<String, i64> = rows.iter().map(|row| (row.text(0).to_owned(), row.int(1))).collect();
    if posted.len() != rows.len() {
        wrongs.add(format!("{} operations under {} keys", rows.len(), posted.len()));
    }
    wrongs.add_all(
        "movements are not posted as asked",
        asked.iter().filter(|(key, points)| posted.get(*key) != Some(points)).map(|(key, _)| key),
    );
    wrongs.add_all("operations nobody asked for", posted.keys().filter(|key| !asked.contains_key(*key)));

    let mut due: BTreeMap<i64, i64> = known.guests.iter().map(|guest| (guest.id, WELCOME)).collect();
    for movement in &known.movements {
        *due.entry(movement.guest).or_default() += movement.points;
    }
    let rows = books
        .rows(
            "SELECT i.external_id, w.balance FROM identity i
             JOIN ledger_wallet w ON w.tenant_id = i.tenant_id AND w.contact_id = i.contact_id",
        )
        .await?;
    let held: BTreeMap<i64, i64> = rows.iter().map(|row| (row.int(0), row.int(1))).collect();
    let differ = due.iter().filter(|(guest, points)| held.get(guest) != Some(points));
    wrongs.add_all(
        "customers have other points than they were given",
        differ.map(|(guest, points)| format!("{guest}: {points} and not {:?}", held.get(guest))),
    );
    Ok(())
}

/// Each statement names what does not agree.
const BOOKS: &[(&str, &str)] = &[
    (
        "wallets differ from their postings",
        "SELECT w.account_id, w.balance FROM ledger_wallet w WHERE w.balance <>
           COALESCE((SELECT SUM(p.points) FROM ledger_posting p WHERE p.tenant_id = w.tenant_id AND p.credit = w.account_id), 0) -
           COALESCE((SELECT SUM(p.points) FROM ledger_posting p WHERE p.tenant_id = w.tenant_id AND p.debit = w.account_id), 0)",
    ),
    (
        "wallets differ from their lots",
        "SELECT w.account_id, w.balance FROM ledger_wallet w WHERE w.balance <> COALESCE((SELECT SUM(l.remaining)
           FROM ledger_lot l WHERE l.tenant_id = w.tenant_id AND l.account_id = w.account_id), 0) - w.debt",
    ),
    (
        "lots differ from their postings",
        "SELECT l.id, l.remaining FROM ledger_lot l WHERE l.remaining <> COALESCE((SELECT
           SUM(CASE WHEN p.credit = l.account_id THEN p.points ELSE -p.points END)
           FROM ledger_posting p WHERE p.tenant_id = l.tenant_id AND p.lot_id = l.id), 0)",
    ),
    (
        "operations differ from their postings",
        "SELECT o.key, o.points FROM ledger_operation o WHERE o.points <> COALESCE((SELECT
           SUM(CASE WHEN p.credit = o.account_id THEN p.points ELSE -p.points END)
           FROM ledger_posting p WHERE p.tenant_id = o.tenant_id AND p.operation = o.key), 0)",
    ),
    (
        "postings belong to no operation",
        "SELECT p.id, p.points FROM ledger_posting p WHERE NOT EXISTS
           (SELECT 1 FROM ledger_operation o WHERE o.tenant_id = p.tenant_id AND o.key = p.operation)",
    ),
];

/// What is in wallets is what the company's own accounts gave, and nothing comes from nowhere.
async fn ledger(books: &Books, wrongs: &mut Wrongs) -> anyhow::Result<()> {
    for (what, sql) in BOOKS {
        wrongs.add_all(
            what,
            books.rows(sql).await?.iter().map(|row| format!("{} with {}", row.text(0), row.text(1))),
        );
    }
    let in_wallets = books.number("SELECT COALESCE(SUM(balance), 0) FROM ledger_wallet").await?;
    let given = books
        .number("SELECT COALESCE(SUM(CASE WHEN debit <= 4 THEN points ELSE 0 END - CASE WHEN credit <= 4 THEN points ELSE 0 END), 0) FROM ledger_posting")
        .await?;
    if in_wallets != given {
        wrongs
            .add(format!("the books do not sum to zero: {in_wallets} points in wallets, {given} given out"));
    }
    Ok(())
}

/// Every session can be read and has moved once for each update of its conversation that was handled.
async fn sessions(books: &Books, wrongs: &mut Wrongs) -> anyhow::Result<()> {
    let rows = books
        .rows(
            "SELECT s.contact_id, s.state, s.revision, COUNT(i.dedup) FROM session s LEFT JOIN inbound i
             ON i.tenant_id = s.tenant_id AND i.channel_id = s.channel_id AND i.contact_id = s.contact_id AND i.state = 1
             GROUP BY s.contact_id, s.state, s.revision",
        )
        .await?;
    let broken = rows.iter().filter(|row| serde_json::from_str::<serde_json::Value>(row.text(1)).is_err());
    wrongs.add_all("sessions cannot be read", broken.map(|row| row.text(0).to_owned()));
    let moved = rows.iter().filter(|row| row.int(2) != row.int(3));
    let said =
        moved.map(|row| format!("{} moved {} times by {} updates", row.text(0), row.text(2), row.text(3)));
    wrongs.add_all("sessions moved otherwise than once for each update", said);
    Ok(())
}
