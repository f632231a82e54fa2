//! The numbers of a promotion: what goes on right now, and what is learnt from accepted receipts.
//!
//! What changes by the second (queue, minutes, reasons) is counted from indexes when it is asked for. What needs the
//! receipts themselves (goods, hours, regions, who came again) is kept as tallies: a job counts tickets into them, in
//! the order of their numbers, each exactly once. They have no gap, so the last number counted says how far it is.

mod model;
mod portrait;
pub mod regions;
mod rules;
mod store;
mod tables;
#[cfg(test)]
mod tests;
pub mod work;

pub use model::{
    Band, Cohort, Counted, Day, Days, Goods, GoodsLine, Hour, Live, Minute, Pair, Path, People, Pool,
    Portrait, Provider, Purchases, Queue, ReasonLine, Region, Share, Shop, Source, Stuck, Tile,
};
pub use tables::{Hours, Reasons, Regions, Shops};

use crate::access::{Actor, Right};
use crate::app::App;
use crate::problem::{Fail, Problem};
use crate::tenants;
use jiff::tz::TimeZone;
use rules::Kind;
use samovar_base::{ChannelId, Instant, PromotionId};
use samovar_engine::Draft;
use samovar_store::{Tx, params};

/// Minutes that are told one by one.
const MINUTES: i64 = 60;
const MINUTE: i64 = 60_000_000;
/// Steps at which people fell silent that are told.
const STUCK: usize = 8;
/// Goods in an answer, and in a file.
pub const GOODS_SHOWN: i64 = 100;
/// Goods in a file.
pub const GOODS_MAX: i64 = 50_000;
/// Receipts in which pairs are looked for: the youngest ones.
const BASKETS: i64 = 3_000;
/// Tallies of one kind that are told.
const TALLIES: i64 = 5_000;
/// Shops that are told.
const SHOPS: usize = 200;

/// What goes on in a promotion right now.
pub async fn live(app: &App, actor: &Actor, id: PromotionId) -> Result<Live, Fail> {
    actor.require(Right::Promotions)?;
    let now = app.clock.now();
    app.store
        .read(actor.tenant, move |tx| async move {
            promotion(&tx, id).await?;
            let first = now.0.div_euclid(MINUTE) - MINUTES + 1;
            let since = Instant(first * MINUTE);
            let arrived = store::arrived_by_minute(&tx, id, since).await?;
            let (providers, answered) = store::providers(&tx, id, since).await?;
            let minutes: Vec<Minute> = (first..first + MINUTES)
                .map(|minute| Minute {
                    at: Instant(minute * MINUTE),
                    arrived: arrived.get(&minute).copied().unwrap_or_default(),
                    answered: answered.get(&minute).copied().unwrap_or_default(),
                })
                .collect();
            let mut queue = store::queue(&tx, id, now).await?;
            let lately = usize::try_from(rules::PACE_MINUTES).unwrap_or(usize::MAX);
            queue.answered = minutes.iter().rev().take(lately).map(|minute| minute.answered).sum();
            rules::drained(&mut queue);
            let reasons = store::reasons(&tx, id).await?;
            let (moderation, moderation_since) = store::of_state(&tx, id, 2).await?;
            Ok(Live {
                at: now,
                zone: zone(&tx).await?.iana_name().unwrap_or("UTC").to_owned(),
                participants: store::participants(&tx, id).await?,
                tickets: store::tickets(&tx, id).await?,
                refused: reasons.iter().map(|line| line.receipts).sum(),
                moderation,
                moderation_since,
                queue,
                minutes,
                reasons,
                providers,
                pools: store::pools(&tx, id).await?,
            })
        })
        .await
}

/// How far people come, and where they stop.
pub async fn path(app: &App, actor: &Actor, id: PromotionId) -> Result<Path, Fail> {
    actor.require(Right::Promotions)?;
    work::catch_up(app, actor.tenant, id).await?;
    app.passages.write_down(app).await?;
    app.store
        .read(actor.tenant, move |tx| async move {
            let known = promotion(&tx, id).await?;
            let tallies = store::tallies(&tx, id, &[Kind::Nth, Kind::Source], TALLIES).await?;
            let mut path = Path {
                opened: None,
                asked: None,
                joined: store::participants(&tx, id).await?,
                sent: store::senders(&tx, id).await?,
                tickets: rules::path_of(&tallies),
                stuck: Vec::new(),
                sources: rules::sources(&store::sources(&tx, id).await?, &tallies),
            };
            let day = rules::day_number(known.since, &zone(&tx).await?);
            for (scenario, name, source, here) in store::scenarios(&tx, known.channel).await? {
                let draft: Draft = serde_json::from_str(&source).unwrap_or_default();
                if !rules::belongs(&draft, &known.key, here) {
                    continue;
                }
                let times = store::passed(&tx, scenario, day).await?;
                let (begun, stuck) = rules::passed(&draft, &times, &name);
                path.opened = Some(path.opened.unwrap_or_default() + begun);
                path.asked = Some(path.asked.unwrap_or_default() + rules::asked(&draft, &times));
                path.stuck.extend(stuck);
            }
            rules::worst(&mut path, STUCK);
            Ok(path)
        })
        .await
}

/// Why receipts were refused, as a table.
pub async fn reasons(app: &App, actor: &Actor, id: PromotionId) -> Result<Reasons, Fail> {
    actor.require(Right::Promotions)?;
    app.store
        .read(actor.tenant, move |tx| async move {
            promotion(&tx, id).await?;
            Ok(Reasons(store::reasons(&tx, id).await?))
        })
        .await
}

/// Day by day.
pub async fn days(app: &App, actor: &Actor, id: PromotionId) -> Result<Days, Fail> {
    actor.require(Right::Promotions)?;
    work::catch_up(app, actor.tenant, id).await?;
    app.store
        .read(actor.tenant, move |tx| async move {
            promotion(&tx, id).await?;
            let tallies = store::tallies(&tx, id, &[Kind::Day, Kind::Fresh], TALLIES).await?;
            let arrived = store::arrived_by_quarter(&tx, id).await?;
            Ok(rules::days(&tallies, &arrived, counted(&tx, id).await?, &zone(&tx).await?))
        })
        .await
}

/// What is bought: up to `most` goods, and what goes together.
pub async fn goods(app: &App, actor: &Actor, id: PromotionId, most: i64) -> Result<Goods, Fail> {
    actor.require(Right::Promotions)?;
    work::catch_up(app, actor.tenant, id).await?;
    app.store
        .read(actor.tenant, move |tx| async move {
            promotion(&tx, id).await?;
            let counted = counted(&tx, id).await?;
            let goods = store::goods(&tx, id, most.clamp(1, GOODS_MAX)).await?;
            let baskets = store::baskets(&tx, id, counted.tickets - BASKETS, BASKETS).await?;
            Ok(Goods {
                goods: goods.into_iter().map(rules::goods_line).collect(),
                pairs: rules::pairs(&baskets),
                looked: i64::try_from(baskets.len()).unwrap_or(i64::MAX),
                counted,
            })
        })
        .await
}

/// When, where and for how much people buy.
pub async fn purchases(app: &App, actor: &Actor, id: PromotionId) -> Result<Purchases, Fail> {
    actor.require(Right::Promotions)?;
    work::catch_up(app, actor.tenant, id).await?;
    app.store
        .read(actor.tenant, move |tx| async move {
            promotion(&tx, id).await?;
            let kinds = [Kind::Band, Kind::Hour, Kind::Region, Kind::Shop];
            let tallies = store::tallies(&tx, id, &kinds, TALLIES).await?;
            let mut told = rules::purchases(&tallies, counted(&tx, id).await?);
            told.shops.truncate(SHOPS);
            Ok(told)
        })
        .await
}

/// Who takes part, how often, and what the customer base knows of them.
pub async fn people(app: &App, actor: &Actor, id: PromotionId) -> Result<People, Fail> {
    actor.require(Right::Promotions)?;
    work::catch_up(app, actor.tenant, id).await?;
    let now = app.clock.now();
    app.store
        .read(actor.tenant, move |tx| async move {
            promotion(&tx, id).await?;
            let tallies = store::tallies(&tx, id, &[Kind::Nth, Kind::Cohort], TALLIES).await?;
            let mut told = rules::people(&tallies, counted(&tx, id).await?);
            told.portrait = portrait::portrait(&tx, id, now).await?;
            Ok(told)
        })
        .await
}

/// Promotions that take receipts, for the dashboard of the company.
pub(crate) async fn tiles(tx: &Tx, now: Instant, zone: &TimeZone) -> Result<Vec<Tile>, Fail> {
    let today = now.in_zone(zone).date();
    let midnight = today.to_zoned(zone.clone()).map_or(now, |at| at.timestamp().into());
    let mut tiles = store::running(tx).await?;
    for tile in &mut tiles {
        let id = tile.id;
        tile.participants = store::participants(tx, id).await?;
        tile.tickets = store::tickets(tx, id).await?;
        tile.today = store::arrived_since(tx, id, midnight).await?;
        tile.lately = store::arrived_since(tx, id, now.plus_seconds(-60 * rules::PACE_MINUTES)).await?;
        tile.queue = store::open(tx, id).await?;
        tile.moderation = store::of_state(tx, id, 2).await?.0;
    }
    Ok(tiles)
}

/// Inside the unit that wipes what a test left: nothing is counted of it.
pub async fn forget(tx: &Tx, id: PromotionId) -> Result<(), Fail> {
    tx.exec(&store::FORGET_TALLIES, params![id]).await?;
    tx.exec(&store::FORGET_GOODS, params![id]).await?;
    tx.exec(&store::FORGET_COUNTED, params![id]).await?;
    Ok(())
}

/// What numbers want to know of their promotion.
struct Known {
    key: String,
    since: Instant,
    /// Its own bot, if it has one.
    channel: Option<ChannelId>,
}

async fn promotion(tx: &Tx, id: PromotionId) -> Result<Known, Fail> {
    let row = tx.one(&store::PROMOTION, params![id]).await?;
    let row = row.ok_or_else(|| Problem::not_found("акция", "promotion", id))?;
    Ok(Known { key: row.text(0)?.to_owned(), since: row.instant(1)?, channel: row.opt_id(2)? })
}

async fn zone(tx: &Tx) -> Result<TimeZone, Fail> {
    Ok(tenants::load(tx).await?.map_or(TimeZone::UTC, |tenant| tenant.time_zone()))
}

async fn counted(tx: &Tx, id: PromotionId) -> Result<Counted, Fail> {
    let counted = store::counted(tx, id).await?.map_or(0, |(number, _)| number);
    Ok(Counted { counted, tickets: store::tickets(tx, id).await? })
}
