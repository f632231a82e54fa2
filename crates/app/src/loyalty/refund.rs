//! A purchase is brought back: spent points return, earned points go.

use super::checkout::{operation_key, reused, unknown};
use super::desk::Desk;
use super::purchase::{Back, PurchaseId, PurchaseRecord, Refund, RefundId, money};
use super::store;
use super::wording::Names;
use crate::access::{Actor, Right, audit};
use crate::app::App;
use crate::contacts;
use crate::ledger::{self, Act, Entry, Operation, POINTS, Posted, Refusal, Shortfall, Standing, Wallet};
use crate::pipeline::Ready;
use crate::problem::{Fail, Problem};
use crate::visit::Cause;
use samovar_base::vault::fingerprint;
use samovar_base::{Instant, Points};
use samovar_store::{StoreError, Tx};
use serde_json::json;

/// A purchase that was brought back, now or before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refunded {
    /// Id of the refund.
    pub id: RefundId,
    /// The purchase as it stands now.
    pub purchase: PurchaseRecord,
    /// What it came to: of the points, those that really moved.
    pub back: Back,
    /// The wallet as it is now.
    pub standing: Standing,
    /// It was done before, and nothing changed now.
    pub already: bool,
    /// When it was done.
    pub at: Instant,
}

/// Brings a purchase back, all that is left of it or a part, once for `key`: points that paid for it return, points that
/// it earned are taken back by the programme's rule of debt, and the customer is told.
pub async fn refund(
    app: &App,
    actor: &Actor,
    id: PurchaseId,
    refund: Refund,
    key: String,
) -> Result<Refunded, Fail> {
    actor.require(Right::PointsWrite)?;
    let contact = super::get_purchase(app, actor, id).await?.contact;
    let now = app.clock.now();
    let (services, actor_of_unit) = (app.clone(), actor.clone());
    let (refunded, ready) = app
        .store
        .run(actor.tenant, contacts::unit_key(contact), move |tx| {
            let (app, actor) = (services.clone(), actor_of_unit.clone());
            let (refund, key) = (refund.clone(), key.clone());
            async move { refund_in(&app, &tx, &actor, id, refund, key, now).await }
        })
        .await?;
    app.pipeline.send(app, ready);
    Ok(refunded)
}

/// [`refund`] inside a unit of somebody else's. The wallet of the contact must not be loaded in that unit beside.
pub async fn refund_in(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    id: PurchaseId,
    asked: Refund,
    key: String,
    now: Instant,
) -> Result<(Refunded, Vec<Ready>), Fail> {
    actor.require(Right::PointsWrite)?;
    let note = ledger::tidy_note(asked.note, "note")?;
    let asked = Refund { note, ..asked };
    let digest = digest(id, &asked);
    let mut purchase = store::purchase(tx, id).await?.ok_or_else(|| unknown(id))?;
    let desk = Desk::of(app, tx, purchase.contact).await?;
    let mut wallet = ledger::load(app, tx, purchase.contact, POINTS).await?;
    if let Some(earlier) = store::refund_by_key(tx, &key).await? {
        if earlier.purchase != id || earlier.digest != digest {
            return Err(reused(&key).into());
        }
        let standing = wallet.standing(now);
        let (id, back, at) = (earlier.id, earlier.back, earlier.at);
        return Ok((Refunded { id, purchase, back, standing, already: true, at }, Vec::new()));
    }
    let rules = &desk.programme.refunds;
    let planned = purchase.booked.back(asked.sum_minor, rules.rounding)?;
    let (cause, note) = (actor.cause(), asked.note.clone());
    let mut counter = Counter {
        app,
        tx,
        wallet: &mut wallet,
        purchase: &purchase,
        key: &key,
        note: &note,
        cause: &cause,
        now,
    };
    let back = counter.settle(planned, rules.debt).await?;
    let new = store::NewRefund {
        id: RefundId::new(&app.ids, app.clock.as_ref()),
        key,
        back,
        note,
        cause,
        digest,
        at: now,
    };
    if !store::add_refund(tx, &purchase, &new).await? {
        return Err(StoreError::Stale { statement: "REFUND_ADD" }.into());
    }
    let data = json!({
        "purchase": id, "refund": new.id, "sum_minor": back.sum_minor, "returned": back.returns, "taken": back.takes
    });
    audit(tx, app, actor, "loyalty.refund", purchase.contact, &data);
    purchase.booked.refunded_minor += back.sum_minor;
    purchase.booked.money_back_minor += back.money_minor;
    purchase.returned.0 += back.returns.0;
    purchase.taken.0 += back.takes.0;
    let standing = wallet.standing(now);
    let names = Names {
        points: back.returns.0,
        sum: money(back.sum_minor),
        returned: back.returns.0,
        taken: back.takes.0,
        debt: wallet.debt.0,
        comment: new.note.clone().unwrap_or_default(),
        ..desk.names(standing)
    };
    let moved = back.returns.is_positive() || back.takes.is_positive();
    let ready = if moved {
        desk.tell(app, tx, new.cause, &desk.programme.notices.refund, &names).await?
    } else {
        Vec::new()
    };
    Ok((Refunded { id: new.id, purchase, back, standing, already: false, at: now }, ready))
}

/// A refund being done.
struct Counter<'a> {
    app: &'a App,
    tx: &'a Tx,
    wallet: &'a mut Wallet,
    purchase: &'a PurchaseRecord,
    key: &'a str,
    note: &'a Option<String>,
    cause: &'a Cause,
    now: Instant,
}

impl Counter<'_> {
    /// First the spent points return, so that they can pay for those that go.
    async fn settle(&mut self, planned: Back, debt: Shortfall) -> Result<Back, Fail> {
        let mut back = Back { returns: Points::ZERO, takes: Points::ZERO, ..planned };
        if planned.returns.is_positive() {
            let entry = self.undo("spend", "return", planned.returns, Shortfall::Refuse).await?;
            back.returns = entry.map(|_| planned.returns).unwrap_or_default();
        }
        if planned.takes.is_positive() {
            let entry = self.undo("purchase", "refund", planned.takes, debt).await?;
            // Paying a debt on the way takes from a lot what it gives to the debt: it does not count here.
            back.takes = entry.map(|entry| Points(-entry.points.0)).unwrap_or_default();
        }
        Ok(back)
    }

    /// Undoes so many points of what the purchase posted as `of`; `None` when nothing of it is left.
    async fn undo(
        &mut self,
        of: &str,
        kind: &'static str,
        points: Points,
        shortfall: Shortfall,
    ) -> Result<Option<Entry>, Fail> {
        let operation = Operation {
            key: format!("refund:{kind}:{}", self.key),
            kind: kind.into(),
            note: self.note.clone(),
            cause: self.cause.clone(),
            act: Act::Reverse {
                key: operation_key(&self.purchase.key, of),
                at_most: Some(points),
                shortfall,
            },
        };
        match ledger::post(self.app, self.tx, self.wallet, operation, self.now).await? {
            Posted::Now(entry) | Posted::Already(entry) => Ok(Some(entry)),
            Posted::Refused(Refusal::NothingToReverse) => Ok(None),
            Posted::Refused(Refusal::NotEnough { missing }) => Err(spent_already(missing, shortfall).into()),
            Posted::Refused(refusal) => Err(Problem::from(refusal).into()),
        }
    }
}

fn spent_already(missing: Points, shortfall: Shortfall) -> Problem {
    let (ru, en) = match shortfall {
        Shortfall::Owe(most) => (
            format!(
                "Начисленные за покупку баллы уже потрачены, а долг больше {most} программа не разрешает: не хватает {missing}. \
                 Оформите возврат на меньшую сумму или измените правило долга в программе"
            ),
            format!(
                "The points this purchase earned are spent, and the programme lets nobody owe more than {most}: \
                 {missing} are missing. Bring back a smaller sum, or change the programme's rule of debt"
            ),
        ),
        _ => (
            format!(
                "Начисленные за покупку баллы уже потрачены: не хватает {missing}. \
                 Программа не разрешает возврат без них: измените в ней правило долга"
            ),
            format!(
                "The points this purchase earned are spent: {missing} are missing. \
                 The programme lets nothing be brought back without them: change its rule of debt"
            ),
        ),
    };
    Problem::refused("points_spent_already", ru, en)
}

/// What must be the same when the key is.
fn digest(id: PurchaseId, refund: &Refund) -> String {
    fingerprint(format!("{id}\n{}", serde_json::to_string(refund).unwrap_or_default()).as_bytes())
}
