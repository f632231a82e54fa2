//! The one way by which balances change: an operation is posted, once for its key.

use super::model::{Change, Refusal, Shortfall, Wallet};
use super::store;
use crate::app::App;
use crate::problem::{Fail, Kind, Problem};
use crate::visit::Cause;
use samovar_base::vault::fingerprint;
use samovar_base::{AccountId, HoldId, Instant, LotId, Points};
use samovar_store::{FromInt, Row, StoreError, ToValue, Tx, Value, params, query, table_write};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

samovar_base::id!(/// An operation of the ledger.
    OperationId, "opn");

impl ToValue for OperationId {
    fn to_value(&self) -> Value {
        Value::Int(self.0)
    }
}

impl FromInt for OperationId {
    fn from_int(value: i64) -> Self {
        Self(value)
    }
}

/// What is asked of the ledger.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Made by the caller: whatever is posted under the same key again has no second effect. Unique in a company for
    /// ever, so it begins with what it is for: `welcome:con_…`.
    pub key: String,
    /// What people see it as: `welcome`, `grant`, `spend`, `expire`.
    pub kind: Cow<'static, str>,
    /// In the words of whoever asked.
    pub note: Option<String>,
    /// Why.
    pub cause: Cause,
    /// What to do.
    pub act: Act,
}

/// What an operation does. Ids of new lots and holds are made by the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// [`Wallet::earn`].
    Earn {
        /// The new lot.
        lot: LotId,
        /// How many.
        points: Points,
        /// Until when they can be spent.
        expires_at: Option<Instant>,
    },
    /// [`Wallet::spend`].
    Spend {
        /// How many.
        points: Points,
    },
    /// [`Wallet::deduct`].
    Deduct {
        /// How many.
        points: Points,
    },
    /// [`Wallet::hold`].
    Hold {
        /// The new hold.
        hold: HoldId,
        /// How many.
        points: Points,
        /// When it is released by itself.
        until: Option<Instant>,
    },
    /// [`Wallet::capture`].
    Capture {
        /// Which.
        hold: HoldId,
        /// How many of it; `None` is all.
        points: Option<Points>,
    },
    /// [`Wallet::release`].
    Release {
        /// Which.
        hold: HoldId,
    },
    /// [`Wallet::expire`].
    Expire {
        /// Which.
        lot: LotId,
    },
    /// [`Wallet::prolong`].
    Prolong {
        /// Which.
        lots: Vec<LotId>,
        /// Until when; `None` is for ever.
        until: Option<Instant>,
    },
    /// [`Wallet::reverse`].
    Reverse {
        /// The key of the operation to undo; of the same wallet.
        key: String,
        /// How many points of it at most; `None` is all.
        at_most: Option<Points>,
        /// What to do when they are not there.
        shortfall: Shortfall,
    },
}

/// What became of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Posted {
    /// It took effect now.
    Now(Entry),
    /// It took effect before; nothing changed.
    Already(Entry),
    /// The books say no; nothing changed, and the unit may go on.
    Refused(Refusal),
}

impl Posted {
    /// The entry, or the refusal as a problem.
    pub fn entry(self) -> Result<Entry, Problem> {
        match self {
            Self::Now(entry) | Self::Already(entry) => Ok(entry),
            Self::Refused(refusal) => Err(refusal.into()),
        }
    }
}

/// An operation as it stands in the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Grows with the order of posting.
    pub id: OperationId,
    /// The caller's key.
    pub key: String,
    /// `welcome`, `grant`, `spend`, …
    pub kind: String,
    /// By how much the balance changed.
    pub points: Points,
    /// The balance afterwards.
    pub balance: Points,
    /// The number of the lot or hold that it made or closed.
    pub subject: Option<i64>,
    /// In the words of whoever asked.
    pub note: Option<String>,
    /// Why.
    pub cause: Cause,
    /// When.
    pub at: Instant,
}

impl Entry {
    /// The hold that it made or closed.
    pub fn hold(&self) -> Option<HoldId> {
        let of_hold = matches!(self.kind.as_str(), "hold" | "capture" | "release");
        self.subject.filter(|_| of_hold).map(HoldId)
    }
}

query! {
    static OPERATION =
        "SELECT id, key, kind, points, balance, subject, note, cause, at, digest FROM ledger_operation
         WHERE tenant_id = $1 AND key = $2";
}

table_write! {
    static OPERATION_ADD = add ledger_operation key(key text)
        set(id int, account_id int, kind text, points int, balance int, subject int, note text, cause text, digest text, at int);
}

/// Does `operation` once for its key. The only thing that changes a balance.
///
/// `wallet` is the one loaded in this unit, and is afterwards as the unit will leave it. The same key with another
/// content is the problem `operation_key_reused`.
pub async fn post(
    app: &App,
    tx: &Tx,
    wallet: &mut Wallet,
    operation: Operation,
    now: Instant,
) -> Result<Posted, Fail> {
    let digest = operation.digest(wallet);
    let change = match decide(tx, wallet, &operation.act, now).await? {
        Ok(change) => change,
        Err(refusal) => {
            let earlier = earlier(tx, &operation.key, &digest).await?;
            return Ok(earlier.map_or(Posted::Refused(refusal), Posted::Already));
        }
    };
    let entry = operation.entry(app, &change, now);
    if !add(tx, wallet.account, &entry, &digest).await? {
        let earlier = earlier(tx, &entry.key, &digest).await?;
        return earlier
            .map(Posted::Already)
            .ok_or_else(|| StoreError::Stale { statement: "OPERATION_ADD" }.into());
    }
    store::save(app, tx, wallet, change, &entry).await?;
    Ok(Posted::Now(entry))
}

/// The operation of that key, if it was posted.
pub async fn operation(tx: &Tx, key: &str) -> Result<Option<Entry>, StoreError> {
    tx.one(&OPERATION, params![key]).await?.map(|row| entry(&row)).transpose()
}

/// An entry whose columns stand in the order of the statement above.
pub(super) fn entry(row: &Row) -> Result<Entry, StoreError> {
    Ok(Entry {
        id: row.id(0)?,
        key: row.text(1)?.to_owned(),
        kind: row.text(2)?.to_owned(),
        points: row.id(3)?,
        balance: row.id(4)?,
        subject: row.opt_int(5)?,
        note: row.opt_text(6)?.map(str::to_owned),
        cause: row.json(7)?,
        at: row.instant(8)?,
    })
}

async fn decide(
    tx: &Tx,
    wallet: &mut Wallet,
    act: &Act,
    now: Instant,
) -> Result<Result<Change, Refusal>, StoreError> {
    Ok(match act {
        Act::Earn { lot, points, expires_at } => wallet.earn(*lot, *points, *expires_at, now),
        Act::Spend { points } => wallet.spend(*points, now),
        Act::Deduct { points } => wallet.deduct(*points, now),
        Act::Hold { hold, points, until } => wallet.hold(*hold, *points, *until, now),
        Act::Capture { hold, points } => wallet.capture(*hold, *points, now),
        Act::Release { hold } => wallet.release(*hold, now),
        Act::Expire { lot } => wallet.expire(*lot, now),
        Act::Prolong { lots, until } => wallet.prolong(lots, *until, now),
        Act::Reverse { key, at_most, shortfall } => {
            let originals = store::recall(tx, wallet, key).await?;
            wallet.reverse(&originals, *at_most, *shortfall, now)
        }
    })
}

async fn earlier(tx: &Tx, key: &str, digest: &str) -> Result<Option<Entry>, Fail> {
    let Some(row) = tx.one(&OPERATION, params![key]).await? else { return Ok(None) };
    if row.text(9)? == digest { Ok(Some(entry(&row)?)) } else { Err(reused(key).into()) }
}

async fn add(tx: &Tx, account: AccountId, entry: &Entry, digest: &str) -> Result<bool, StoreError> {
    let content = params![
        entry.key.as_str(),
        entry.id,
        account,
        entry.kind.as_str(),
        entry.points,
        entry.balance,
        entry.subject,
        entry.note.as_deref(),
        entry.cause.to_json(),
        digest,
        entry.at
    ];
    tx.add(&OPERATION_ADD, content).await
}

fn reused(key: &str) -> Problem {
    Problem::new(
        Kind::Conflict,
        "operation_key_reused",
        format!("Под ключом «{key}» уже проведена другая операция"),
        format!("Another operation was already posted under the key “{key}”"),
    )
}

impl Operation {
    fn entry(self, app: &App, change: &Change, now: Instant) -> Entry {
        Entry {
            id: OperationId::new(&app.ids, app.clock.as_ref()),
            points: change.net(),
            balance: change.after.balance,
            subject: self.act.subject(),
            key: self.key,
            kind: self.kind.into_owned(),
            note: self.note,
            cause: self.cause,
            at: now,
        }
    }

    /// What must be the same when the key is. Made ids and terms are left out: a retry makes new ones.
    fn digest(&self, wallet: &Wallet) -> String {
        let points = |points: Option<Points>| points.map_or(-1, |points| points.0);
        let act = match &self.act {
            Act::Earn { points, .. } => format!("earn {points}"),
            Act::Spend { points } => format!("spend {points}"),
            Act::Deduct { points } => format!("deduct {points}"),
            Act::Hold { points, .. } => format!("hold {points}"),
            Act::Capture { hold, points: taken } => format!("capture {hold} {}", points(*taken)),
            Act::Release { hold } => format!("release {hold}"),
            Act::Expire { lot } => format!("expire {lot}"),
            Act::Prolong { .. } => "prolong".to_owned(),
            Act::Reverse { key, at_most, .. } => format!("reverse {} {key}", points(*at_most)),
        };
        let note = self.note.as_deref().unwrap_or_default();
        fingerprint(format!("{}\n{}\n{}\n{act}\n{note}", wallet.contact, wallet.code, self.kind).as_bytes())
    }
}

impl Act {
    fn subject(&self) -> Option<i64> {
        match self {
            Self::Earn { lot, .. } | Self::Expire { lot } => Some(lot.0),
            Self::Hold { hold, .. } | Self::Capture { hold, .. } | Self::Release { hold } => Some(hold.0),
            Self::Spend { .. } | Self::Deduct { .. } | Self::Prolong { .. } | Self::Reverse { .. } => None,
        }
    }
}
