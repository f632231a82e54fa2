//! How a company is doing: the figures of a period beside those of the one before, by day.
//!
//! Everything is counted by the database from indexes, by quarter hours, and put into the days of the business here: no
//! time zone differs by less.

mod model;
mod rules;
mod store;
#[cfg(test)]
mod tests;

pub use model::{Dashboard, Day, Ending, Funnel, Reach, SourceLine, Sums, Waiting};
pub use rules::PERIOD_DAYS_MAX;

use crate::access::{Actor, Right};
use crate::app::App;
use crate::problem::Fail;
use crate::promo::numbers;
use crate::reports::Period;
use crate::tenants;
use jiff::tz::TimeZone;

/// How far ahead points that expire are told of.
const AHEAD_DAYS: i64 = 30;

/// The company's figures of a period; the last thirty days when none is given.
pub async fn dashboard(app: &App, actor: &Actor, period: Option<Period>) -> Result<Dashboard, Fail> {
    actor.require(Right::SettingsRead)?;
    let now = app.clock.now();
    let promotes = actor.may(Right::Promotions);
    app.store
        .read(actor.tenant, move |tx| async move {
            let zone = tenants::load(&tx).await?.map_or(TimeZone::UTC, |tenant| tenant.time_zone());
            let period = period.unwrap_or_else(|| rules::last_days(now, &zone));
            rules::check(period)?;
            let before = rules::before(period);
            let ((from, until), (earlier, _)) = (period.moments(&zone), before.moments(&zone));
            let mut days = rules::Days::new(before.from, period.to, zone.clone());
            days.came(&store::came(&tx, earlier, until).await?);
            days.moved(&store::moved(&tx, earlier, until).await?);
            days.bought(&store::bought(&tx, earlier, until).await?);
            let (all, mut sums) = days.parted(period.from);
            sums.0.active = store::active(&tx, from, until).await?;
            sums.1.active = store::active(&tx, earlier, from).await?;
            let ahead = now.plus_seconds(AHEAD_DAYS * 86_400);
            Ok(Dashboard {
                period,
                days: all,
                now: sums.0,
                before: sums.1,
                funnel: store::funnel(&tx, from, until).await?,
                sources: store::sources(&tx, from, until).await?,
                ending: rules::ending(&store::ending(&tx, now, ahead).await?, now, &zone),
                waiting: store::waiting(&tx).await?,
                reach: store::reach(&tx).await?,
                promotions: if promotes { numbers::tiles(&tx, now, &zone).await? } else { Vec::new() },
                zone: zone.iana_name().unwrap_or("UTC").to_owned(),
                at: now,
            })
        })
        .await
}
