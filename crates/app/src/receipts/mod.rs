//! Receipts: what people send to promotions, from the message to the number.
//!
//! ```text
//! message -> words: read, refused or put down -> "received at 23:59:58, number in the queue 7"   the conversation's unit
//! picture -> look: fetched, read outside of units -> the same
//! check: due receipts are taken by a guarded change, providers are asked by their pace            outside of units
//! settle: verdicts, numbers, codes, messages, for many receipts at once                           the promotion's unit
//! ```
//! When a message was stored decides whether it is in time, never when it was checked. A receipt waits as long as nobody
//! can check it; nothing but its row is needed to go on.

mod check;
mod form;
mod ladder;
mod list;
mod look;
mod model;
mod providers;
mod receive;
mod rules;
mod say;
mod settle;
pub(crate) mod store;
mod wipe;
pub(crate) mod words;

pub(crate) use check::take_over;
pub use check::{Checks, work, work_off};
pub use list::{Filter, ListedReceipt, OneReceipt, queue, receipt, receipt_picture, receipts};
pub use look::Forget;
pub(crate) use model::receipt_columns;
pub use model::{Attempt, Provider, ProviderSettings, Receipt, Source, State};
pub use providers::{
    Health, Listed, NewProvider, ProviderChange, add_provider, change_provider, providers, remove_provider,
};
pub(crate) use settle::{Settled, carry_out};
pub(crate) use wipe::wipe;
pub(crate) use words::{OFFERED, offer};

use crate::app::App;
use crate::problem::Fail;
use crate::promo::Promotion;
use crate::visit::Visit;
use samovar_base::{PromotionId, TenantId};
use std::sync::Arc;

/// A promotion as it is now.
async fn promotion(app: &App, tenant: TenantId, id: PromotionId) -> Result<Option<Arc<Promotion>>, Fail> {
    let services = app.clone();
    app.store
        .read(tenant, move |tx| {
            let app = services.clone();
            async move { Ok(crate::promo::current(&app, &tx, id).await?) }
        })
        .await
}

/// What a person has in a promotion.
pub(crate) struct Mine {
    /// Numbers.
    pub numbers: i64,
    /// Receipts and pictures that wait.
    pub waiting: i64,
    /// Receipts in words, the youngest first.
    pub lines: Vec<String>,
}

/// A page of what the person of a visit has.
pub(crate) async fn mine(visit: &Visit, promotion: PromotionId, skip: u32, most: u32) -> Result<Mine, Fail> {
    let (tx, contact) = (&visit.tx, visit.contact.id);
    let (numbers, waiting) = store::counts(tx, promotion, contact).await?;
    let zone = visit.channel.tenant.time_zone();
    let mut lines = Vec::new();
    for receipt in store::own(tx, promotion, contact, skip, most).await? {
        let place = match receipt.state {
            State::Waiting if receipt.waits == 0 => Some(store::place(tx, &receipt).await?),
            _ => None,
        };
        lines.push(say::line(&receipt, place, &visit.contact.locale, &zone));
    }
    Ok(Mine { numbers, waiting, lines })
}

/// How many numbers the person of a visit has, and how many receipts of theirs wait.
pub(crate) async fn counts(visit: &Visit, promotion: PromotionId) -> Result<(i64, i64), Fail> {
    Ok(store::counts(&visit.tx, promotion, visit.contact.id).await?)
}

/// Counts the queue of a promotion anew.
async fn count(app: &App, tenant: TenantId, id: PromotionId) -> Result<i64, Fail> {
    let waiting =
        app.store.read(tenant, move |tx| async move { Ok::<_, Fail>(store::waiting(&tx, id).await?) });
    let (receipts, pictures) = waiting.await?;
    app.checks.counted(id, receipts + pictures, app.clock.now());
    Ok(receipts + pictures)
}
