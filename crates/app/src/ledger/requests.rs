//! What staff and programs ask of the ledger: rights, units of work, the audit log.

use super::journal::{self, Line};
use super::model::{POINTS, Standing, Wallet};
use super::operation::{Act, Entry, Operation, Posted, operation, post};
use super::{store, work};
use crate::access::{Actor, Right, Who, audit};
use crate::app::App;
use crate::contacts;
use crate::guard::{self, Deed};
use crate::problem::{Fail, Problem};
use samovar_base::{ContactId, Instant, Points, PostingId};
use samovar_store::Tx;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// No note is longer, in characters.
const NOTE_MAX: usize = 500;

/// An operation as somebody asks for it.
#[derive(Debug, Clone)]
pub struct Request {
    /// Of whoever asks: the same key is the same operation, for ever.
    pub key: String,
    /// What people see it as.
    pub kind: &'static str,
    /// In the words of whoever asks.
    pub note: Option<String>,
    /// What to do.
    pub act: Act,
}

/// An operation that was done, now or before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// How it stands in the journal.
    pub entry: Entry,
    /// The wallet as it is now.
    pub standing: Standing,
    /// It was done before, and nothing changed now.
    pub already: bool,
}

/// Inside a unit: does what an actor asked for, once for its key, and leaves a line in the audit log. The right was
/// checked by the caller.
pub async fn carry_out(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    contact: ContactId,
    request: Request,
    now: Instant,
) -> Result<Receipt, Fail> {
    let kind = request.kind;
    if let Act::Hold { until: Some(_), .. } = request.act {
        work::watch(app, tx, now).await?;
    }
    let key = format!("request:{}", request.key);
    // What was done before is answered as it was, whatever the limits are now.
    let watch = match request.act.deed() {
        Some(deed) if matches!(actor.who, Who::Staff(_)) && operation(tx, &key).await?.is_none() => {
            guard::allow(tx, actor, contact, deed, now).await?
        }
        _ => None,
    };
    let mut wallet = store::load(app, tx, contact, POINTS).await?;
    let operation =
        Operation { key, kind: kind.into(), note: request.note, cause: actor.cause(), act: request.act };
    let posted = post(app, tx, &mut wallet, operation, now).await?;
    let already = matches!(posted, Posted::Already(_));
    let entry = posted.entry()?;
    if !already {
        let data = json!({ "operation": entry.id, "points": entry.points });
        audit(tx, app, actor, &format!("ledger.{kind}"), contact, &data);
        if let Some(watch) = watch {
            watch.count(app, tx, entry.id.0, now).await?;
        }
    }
    Ok(Receipt { entry, standing: wallet.standing(now), already })
}

/// The wallet of a contact as it is now; without points it is empty.
pub async fn wallet(app: &App, actor: &Actor, contact: ContactId) -> Result<Wallet, Fail> {
    actor.require(Right::PointsRead)?;
    let services = app.clone();
    app.store
        .read(actor.tenant, move |tx| {
            let app = services.clone();
            async move {
                exists(&tx, contact).await?;
                Ok(store::load(&app, &tx, contact, POINTS).await?)
            }
        })
        .await
}

/// The balance of a contact at a moment.
pub async fn balance_on(app: &App, actor: &Actor, contact: ContactId, at: Instant) -> Result<Points, Fail> {
    actor.require(Right::PointsRead)?;
    app.store
        .read(actor.tenant, move |tx| async move {
            exists(&tx, contact).await?;
            Ok(journal::balance_at(&tx, contact, POINTS, at).await?)
        })
        .await
}

/// The postings of a contact's wallet, the youngest first, from `before` on.
pub async fn postings(
    app: &App,
    actor: &Actor,
    contact: ContactId,
    before: Option<PostingId>,
    limit: u32,
) -> Result<Vec<Line>, Fail> {
    actor.require(Right::PointsRead)?;
    app.store
        .read(actor.tenant, move |tx| async move {
            exists(&tx, contact).await?;
            let Some(wallet) = store::find(&tx, contact, POINTS).await? else { return Ok(Vec::new()) };
            Ok(journal::lines(&tx, wallet.account, before, limit).await?)
        })
        .await
}

impl Act {
    /// What it does to the points of a customer, as the guard of the till counts it. What was counted when it was set
    /// aside is not counted again.
    fn deed(&self) -> Option<Deed> {
        match self {
            Self::Earn { points, .. } => Some(Deed { gives: *points, ..Deed::default() }),
            Self::Spend { points } | Self::Deduct { points } | Self::Hold { points, .. } => {
                Some(Deed { takes: *points, ..Deed::default() })
            }
            Self::Capture { .. }
            | Self::Release { .. }
            | Self::Expire { .. }
            | Self::Prolong { .. }
            | Self::Reverse { .. } => None,
        }
    }
}

/// Refuses notes that are too long, and takes away blanks and empty ones.
pub(crate) fn tidy_note(note: Option<String>, field: &str) -> Result<Option<String>, Problem> {
    let note = note.map(|note| note.trim().to_owned()).filter(|note| !note.is_empty());
    if note.as_ref().is_some_and(|note| note.chars().count() > NOTE_MAX) {
        let ru = format!("Не длиннее {NOTE_MAX} знаков");
        return Err(Problem::invalid(field, "too_long", ru, format!("At most {NOTE_MAX} characters")));
    }
    Ok(note)
}

async fn exists(tx: &Tx, contact: ContactId) -> Result<(), Fail> {
    contacts::load(tx, contact).await?.map(drop).ok_or_else(|| contacts::not_found(contact))
}
