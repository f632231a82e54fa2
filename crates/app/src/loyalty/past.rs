//! Purchases and cards of the past: booked by the programme's rules, and nobody is told.

use super::checkout::operation_key;
use super::model::Programme;
use super::purchase::{Booked, Purchase, PurchaseId, PurchaseRecord};
use super::store;
use crate::app::App;
use crate::ledger::{self, Act, Operation, Wallet};
use crate::problem::Fail;
use crate::visit::Cause;
use jiff::tz::TimeZone;
use samovar_base::{ContactId, Instant, LotId, Points};
use samovar_store::Tx;

/// A purchase of the past.
pub(crate) struct PastPurchase {
    /// The whole sum.
    pub(crate) sum_minor: i64,
    /// Paid with as many points as the rules let.
    pub(crate) with_points: bool,
    /// What the customer reads in the history.
    pub(crate) note: Option<String>,
    /// Why.
    pub(crate) cause: Cause,
    /// When.
    pub(crate) at: Instant,
}

/// Inside a unit: writes it down, and what it spends and earns.
pub(crate) async fn book_past(
    app: &App,
    tx: &Tx,
    wallet: &mut Wallet,
    programme: &Programme,
    zone: &TimeZone,
    past: PastPurchase,
) -> Result<(), Fail> {
    let PastPurchase { sum_minor, with_points, note, cause, at } = past;
    let available = wallet.available(at);
    let mut sums = programme.quote(&Purchase { sum_minor, ..Purchase::default() }, available)?;
    if with_points && sums.most.is_positive() {
        let pay_points = Some(sums.most);
        sums = programme.quote(&Purchase { sum_minor, pay_points, ..Purchase::default() }, available)?;
    }
    let id = PurchaseId::new(&app.ids, app.clock.as_ref());
    let record = PurchaseRecord {
        key: format!("past:{id}"),
        id,
        contact: wallet.contact,
        booked: Booked {
            sum_minor,
            paid: sums.pays,
            point_minor: programme.point_minor,
            earned: sums.earns,
            refunded_minor: 0,
            money_back_minor: 0,
        },
        returned: Points::ZERO,
        taken: Points::ZERO,
        receipt: None,
        note,
        items: Vec::new(),
        at,
    };
    let new = store::NewPurchase { digest: String::new(), cause, record };
    store::add_purchase(tx, &new).await?;
    let operation = |kind: &'static str, act| Operation {
        key: operation_key(&new.record.key, kind),
        kind: kind.into(),
        note: new.record.note.clone(),
        cause: new.cause.clone(),
        act,
    };
    if sums.pays.is_positive() {
        let spend = operation("spend", Act::Spend { points: sums.pays });
        ledger::post(app, tx, wallet, spend, at).await?.entry()?;
    }
    if sums.earns.is_positive() {
        let lot = LotId::new(&app.ids, app.clock.as_ref());
        let expires_at = programme.ends("purchase", at, zone);
        let earn = operation("purchase", Act::Earn { lot, points: sums.earns, expires_at });
        ledger::post(app, tx, wallet, earn, at).await?.entry()?;
    }
    Ok(())
}

/// Inside a unit: the card of somebody who registered then.
pub(crate) async fn issue_past_card(app: &App, tx: &Tx, contact: ContactId, at: Instant) -> Result<(), Fail> {
    store::issue_card(app, tx, contact, at).await?;
    Ok(())
}
