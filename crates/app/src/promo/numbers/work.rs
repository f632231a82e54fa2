//! Tickets put into tallies: apart from the way on which receipts are accepted, some at a time, so that a rush is not
//! held up by its own statistics.

use super::rules;
use super::store;
use crate::app::App;
use crate::problem::Fail;
use crate::tenants;
use crate::work::{self, After, Job, JobError, Retry};
use futures::future::BoxFuture;
use jiff::tz::TimeZone;
use samovar_base::{Instant, PromotionId, TenantId};
use samovar_store::Tx;
use serde::{Deserialize, Serialize};

/// Tickets in one unit.
const PORTION: i64 = 250;
/// Portions in one run of the job: between runs others have their turn.
const PORTIONS: usize = 20;
/// Tickets that whoever reads numbers counts at once; more is left to the job.
const AT_ONCE: i64 = 1_000;
/// After a ticket was given out, others are waited for.
const AFTER_MS: i64 = 20_000;

/// Counts the tickets of a promotion that are not counted yet.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Count {
    /// Of which.
    pub promotion: PromotionId,
}

impl Job for Count {
    const NAME: &'static str = "promo.count";
    const RETRY: Retry = Retry::PATIENT;

    fn run<'a>(&'a self, app: &'a App, tenant: TenantId) -> BoxFuture<'a, Result<After, JobError>> {
        Box::pin(async move {
            for _ in 0..PORTIONS {
                if !portion(app, tenant, self.promotion).await? {
                    return Ok(After::Done);
                }
            }
            Ok(After::Again(app.clock.now()))
        })
    }
}

/// Inside the unit that gives out tickets: they will be counted soon.
pub(crate) async fn due(app: &App, tx: &Tx, promotion: PromotionId, now: Instant) -> Result<(), Fail> {
    let once = promotion.to_string();
    work::enqueue(app, tx, &Count { promotion }, now.plus_millis(AFTER_MS), Some(&once)).await?;
    Ok(())
}

/// Counts what is not counted yet, if it is little; else leaves it to the job.
pub(super) async fn catch_up(app: &App, tenant: TenantId, promotion: PromotionId) -> Result<(), Fail> {
    let behind = app
        .store
        .read(tenant, move |tx| async move {
            let counted = store::counted(&tx, promotion).await?.map_or(0, |(number, _)| number);
            Ok::<_, Fail>(store::tickets(&tx, promotion).await? - counted)
        })
        .await?;
    if behind <= AT_ONCE {
        while portion(app, tenant, promotion).await? {}
        return Ok(());
    }
    let (services, now) = (app.clone(), app.clock.now());
    app.store
        .run(tenant, promotion.0.unsigned_abs(), move |tx| {
            let app = services.clone();
            async move {
                let once = promotion.to_string();
                work::enqueue(&app, &tx, &Count { promotion }, now, Some(&once)).await?;
                Ok(())
            }
        })
        .await
}

/// Counts some tickets; whether there may be more. Two who count the same ones count them once.
async fn portion(app: &App, tenant: TenantId, promotion: PromotionId) -> Result<bool, Fail> {
    let read = app
        .store
        .read(tenant, move |tx| async move {
            let seen = store::counted(&tx, promotion).await?;
            let after = seen.map_or(0, |(number, _)| number);
            let last = store::tickets(&tx, promotion).await?.min(after + PORTION);
            if last <= after {
                return Ok::<_, Fail>(None);
            }
            let zone = tenants::load(&tx).await?.map_or(TimeZone::UTC, |tenant| tenant.time_zone());
            let (accepted, receipt) = store::accepted(&tx, promotion, (after, last)).await?;
            let tickets = store::tickets_of(&tx, promotion, (after, last)).await?;
            let Some(last) = accepted.last().map(|one| one.number) else { return Ok(None) };
            let (mut tallies, mut goods) = rules::counted(&accepted, &tickets, &zone);
            store::on_top(&tx, promotion, &mut tallies, &mut goods).await?;
            Ok(Some((seen, last, receipt, tallies, goods)))
        })
        .await?;
    let Some((seen, last, receipt, tallies, goods)) = read else { return Ok(false) };
    let services = app.clone();
    app.store
        .run(tenant, promotion.0.unsigned_abs() ^ 1, move |tx| {
            let (app, tallies, goods) = (services.clone(), tallies.clone(), goods.clone());
            async move {
                crate::promo::held(&app, &tx, promotion).await?;
                // Somebody else counted them, or the start of the promotion wiped them: another look is taken.
                if store::counted(&tx, promotion).await? == seen
                    && store::receipt_of(&tx, promotion, last).await? == receipt
                {
                    store::write(&tx, promotion, (seen, last), &tallies, &goods).await?;
                }
                Ok(true)
            }
        })
        .await
}
