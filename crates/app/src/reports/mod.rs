//! Reports on points: what is owed to customers, what was never used, what moved by day, who came back.
//!
//! Every figure is taken from the ledger and equals it to the point; days and months are those of the business. Sums
//! are made by the database or by a walk in pages, so that a report needs no more memory than it has lines.

mod model;
mod rules;
mod store;
mod tables;
#[cfg(test)]
mod tests;

pub use model::{
    Breakage, Cohort, DayLine, Flow, Group, Liability, Month, PERIOD_DAYS_MAX, Period, RETURN_DAYS_MAX,
    Returning,
};
pub(crate) use tables::made;
pub use tables::{Sheet, Tabular, file, sheet};

use crate::access::{Actor, Right};
use crate::app::App;
use crate::problem::{Fail, Problem};
use crate::tenants;
use jiff::tz::TimeZone;
use rules::Days;
use samovar_store::Tx;

/// What is owed to customers now, by the month in which it expires.
pub async fn liability(app: &App, actor: &Actor) -> Result<Liability, Fail> {
    actor.require(Right::ExportsMake)?;
    let now = app.clock.now();
    app.store
        .read(actor.tenant, move |tx| async move {
            let zone = zone(&tx).await?;
            let lots = store::lots_by_end(&tx, now).await?;
            Ok(rules::liability(&lots, store::debt(&tx).await?, now, &zone))
        })
        .await
}

/// Of the points earned in each month: what expired unused, what was used, what is left.
pub async fn breakage(app: &App, actor: &Actor) -> Result<Breakage, Fail> {
    actor.require(Right::ExportsMake)?;
    app.store
        .read(actor.tenant, |tx| async move {
            let zone = zone(&tx).await?;
            Ok(rules::breakage(&store::lots_by_birth(&tx).await?, &zone))
        })
        .await
}

/// What came and went by day, kind of operation, and who did it.
pub async fn flow(app: &App, actor: &Actor, period: Period) -> Result<Flow, Fail> {
    actor.require(Right::ExportsMake)?;
    period.check()?;
    let zone = app.store.read(actor.tenant, |tx| async move { zone(&tx).await }).await?;
    let (mut days, bounds) = (Days::new(zone.clone()), period.moments(&zone));
    let mut after = (bounds.0.0 - 1, i64::MAX);
    loop {
        let page = app
            .store
            .read(actor.tenant, move |tx| async move {
                Ok::<_, Fail>(store::operations(&tx, after, bounds.1).await?)
            })
            .await?;
        let Some(last) = page.last() else { break };
        after = last.key;
        let full = page.len() == store::PAGE;
        page.iter().for_each(|operation| days.add(operation));
        if !full {
            break;
        }
    }
    let names = app.store.read(actor.tenant, |tx| async move { crate::exports::names(&tx).await }).await?;
    Ok(days.into_flow(&names))
}

/// Of those whose points were about to expire in a period: how many came back within so many days, of those who were
/// warned and of those who could not be.
pub async fn returning(
    app: &App,
    actor: &Actor,
    period: Period,
    within_days: u32,
) -> Result<Returning, Fail> {
    actor.require(Right::ExportsMake)?;
    period.check()?;
    if !(1..=RETURN_DAYS_MAX).contains(&within_days) {
        return Err(Problem::invalid(
            "within_days",
            "out_of_range",
            format!("От 1 до {RETURN_DAYS_MAX} дней"),
            format!("From 1 to {RETURN_DAYS_MAX} days"),
        )
        .into());
    }
    app.store
        .read(actor.tenant, move |tx| async move { Ok(store::returning(&tx, period, within_days).await?) })
        .await
}

async fn zone(tx: &Tx) -> Result<TimeZone, Fail> {
    Ok(tenants::load(tx).await?.map_or(TimeZone::UTC, |tenant| tenant.time_zone()))
}
