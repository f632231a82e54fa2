//! Operations on many wallets in one unit: the wallets come by one read, what is asked goes out together.
//!
//! Each wallet is decided by the same rules and written by the same statements as by [`post`]; only the waiting is
//! shared. On PostgreSQL the asks of all wallets are one statement for each kind, and so are the writes.

use super::model::{Lot, Wallet};
use super::operation::{Operation, Posted, post};
use super::store;
use crate::app::App;
use crate::problem::Fail;
use futures::future::try_join_all;
use samovar_base::{AccountId, ContactId, Instant};
use samovar_store::{StoreError, ToValue, Tx, Value, params, query};
use std::collections::{HashMap, HashSet};

/// Wallets of one unit. More would keep a lane too long from the people who wait for an answer.
pub const WALLETS_MAX: usize = 1_000;

query! {
    /// Wallets and their open lots; of a contact without a wallet there is no row. `OFFSET 0` makes PostgreSQL look each
    /// of those given up by its key: of tables that have just grown it knows nothing, and would walk the whole company.
    static WALLETS =
        "SELECT w.account_id, w.balance, w.held, w.debt, w.revision,
                l.id, l.points, l.remaining, l.held, l.expired, l.earned_at, l.expires_at, w.contact_id
         FROM json_each($2) AS given
         CROSS JOIN ledger_wallet w ON w.tenant_id = $1 AND w.contact_id = given.value AND w.code = $3
         LEFT JOIN ledger_lot l ON l.tenant_id = w.tenant_id AND l.account_id = w.account_id AND l.remaining > 0",
        postgres =
        "SELECT w.account_id, w.balance, w.held, w.debt, w.revision,
                l.id, l.points, l.remaining, l.held, l.expired, l.earned_at, l.expires_at, w.contact_id
         FROM jsonb_array_elements_text(CAST(CAST($2 AS TEXT) AS JSONB)) AS given(value)
         CROSS JOIN LATERAL (SELECT x.* FROM ledger_wallet x
             WHERE x.tenant_id = $1 AND x.contact_id = CAST(given.value AS BIGINT) AND x.code = $3 OFFSET 0) w
         LEFT JOIN LATERAL (SELECT x.* FROM ledger_lot x
             WHERE x.tenant_id = $1 AND x.account_id = w.account_id AND x.remaining > 0 OFFSET 0) l ON TRUE";
    static HOLDS_OF_MANY =
        "SELECT h.id, h.points, h.parts, h.state, h.made_at, h.expires_at, h.account_id
         FROM json_each($2) AS given
         CROSS JOIN ledger_hold h ON h.tenant_id = $1 AND h.account_id = given.value AND h.state = 'open'
         ORDER BY h.id",
        postgres =
        "SELECT h.id, h.points, h.parts, h.state, h.made_at, h.expires_at, h.account_id
         FROM jsonb_array_elements_text(CAST(CAST($2 AS TEXT) AS JSONB)) AS given(value)
         CROSS JOIN LATERAL (SELECT x.* FROM ledger_hold x
             WHERE x.tenant_id = $1 AND x.account_id = CAST(given.value AS BIGINT) AND x.state = 'open' OFFSET 0) h
         ORDER BY h.id";
    /// The contacts that have an operation whose key lies in a range, in the order of the keys.
    static CONTACTS_UNDER =
        "SELECT w.contact_id FROM ledger_operation o
         JOIN ledger_wallet w ON w.tenant_id = o.tenant_id AND w.account_id = o.account_id
         WHERE o.tenant_id = $1 AND o.key > $2 AND o.key <= $3 ORDER BY o.key LIMIT $4";
    static COUNT_UNDER =
        "SELECT COUNT(*), CAST(COALESCE(SUM(points), 0) AS BIGINT) FROM ledger_operation
         WHERE tenant_id = $1 AND key > $2 AND key <= $3";
}

/// The wallets of `contacts` in their order, with open lots and holds; one that has no row yet is empty. Each contact
/// at most once in a unit, and [`WALLETS_MAX`] at most.
pub async fn load_many(
    app: &App,
    tx: &Tx,
    contacts: &[ContactId],
    code: &str,
) -> Result<Vec<Wallet>, StoreError> {
    if contacts.len() > WALLETS_MAX || contacts.iter().collect::<HashSet<_>>().len() < contacts.len() {
        let what = format!("takes {WALLETS_MAX} different contacts at most");
        return Err(StoreError::Misused { statement: "WALLETS", what });
    }
    let mut found: HashMap<ContactId, Wallet> = HashMap::with_capacity(contacts.len());
    for row in tx.all(&WALLETS, params![ids(contacts), code]).await? {
        let contact: ContactId = row.id(12)?;
        if let std::collections::hash_map::Entry::Vacant(room) = found.entry(contact) {
            room.insert(store::wallet(&row, contact, code)?);
        }
        if let (Some(wallet), Some(_)) = (found.get_mut(&contact), row.opt_int(5)?) {
            wallet.lots.push(store::lot(&row, 5)?);
        }
    }
    let empty = |contact| Wallet::empty(contact, code, AccountId::new(&app.ids, app.clock.as_ref()));
    let mut wallets: Vec<Wallet> =
        contacts.iter().map(|contact| found.remove(contact).unwrap_or_else(|| empty(*contact))).collect();
    for wallet in &mut wallets {
        wallet.lots.sort_unstable_by_key(Lot::order);
    }
    load_holds(tx, &mut wallets).await?;
    Ok(wallets)
}

/// Posts to each wallet its operations, in their order; what [`post`] would do one after another. The wallets are of
/// [`load_many`], in this unit.
pub async fn post_many(
    app: &App,
    tx: &Tx,
    asked: Vec<(Wallet, Vec<Operation>)>,
    now: Instant,
) -> Result<Vec<(Wallet, Vec<Posted>)>, Fail> {
    let each = asked.into_iter().map(async |(mut wallet, operations)| {
        let mut done = Vec::with_capacity(operations.len());
        for operation in operations {
            done.push(post(app, tx, &mut wallet, operation, now).await?);
        }
        Ok::<_, Fail>((wallet, done))
    });
    try_join_all(each).await
}

/// The contacts to whom operations were posted under keys of the form `prefix` and the contact's id, from `after` on.
pub async fn contacts_under(
    tx: &Tx,
    prefix: &str,
    after: ContactId,
    limit: u32,
) -> Result<Vec<ContactId>, StoreError> {
    let (from, to) = (format!("{prefix}{after}"), format!("{prefix}{}", ContactId(i64::MAX)));
    let rows = tx.all(&CONTACTS_UNDER, params![from, to, limit]).await?;
    rows.iter().map(|row| row.id(0)).collect()
}

/// How many such operations there are, and what they moved together.
pub async fn count_under(tx: &Tx, prefix: &str) -> Result<(i64, i64), StoreError> {
    let (from, to) = (format!("{prefix}{}", ContactId(0)), format!("{prefix}{}", ContactId(i64::MAX)));
    let row = tx.one(&COUNT_UNDER, params![from, to]).await?;
    row.map_or(Ok((0, 0)), |row| Ok((row.int(0)?, row.int(1)?)))
}

async fn load_holds(tx: &Tx, wallets: &mut [Wallet]) -> Result<(), StoreError> {
    let holders: HashMap<AccountId, usize> = wallets
        .iter()
        .enumerate()
        .filter(|(_, wallet)| wallet.held.is_positive())
        .map(|(at, wallet)| (wallet.account, at))
        .collect();
    if holders.is_empty() {
        return Ok(());
    }
    let accounts: Vec<AccountId> = holders.keys().copied().collect();
    for row in tx.all(&HOLDS_OF_MANY, params![ids(&accounts)]).await? {
        if let Some(at) = holders.get(&row.id(6)?) {
            wallets[*at].holds.push(store::hold(&row)?);
        }
    }
    Ok(())
}

/// A list of ids as one value of a statement: a JSON array of numbers.
pub(crate) fn ids<T: ToValue>(list: &[T]) -> String {
    let mut out = String::with_capacity(list.len() * 20 + 2);
    out.push('[');
    for (at, id) in list.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        if let Value::Int(id) = id.to_value() {
            out.push_str(&id.to_string());
        }
    }
    out.push(']');
    out
}
