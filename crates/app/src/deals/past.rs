//! Deals of the past: they stand where they came to, what success gave is in the books, and nobody is told.

use super::model::{Change, ChangeId, Deal, DealId, MAIN, Source, StageKind};
use super::store;
use crate::app::App;
use crate::ledger::{self, Act, Operation, Wallet};
use crate::problem::Fail;
use crate::visit::Cause;
use samovar_base::{ContactId, Instant, LotId, Points, StaffId};
use samovar_store::Tx;

/// A deal of the past.
#[derive(Debug, Clone)]
pub struct PastDeal {
    /// With whom.
    pub contact: ContactId,
    /// A short name; the main pipeline when absent.
    pub pipeline: Option<String>,
    /// A short name.
    pub stage: String,
    /// For people.
    pub title: String,
    /// In kopecks.
    pub sum: Option<i64>,
    /// Short names of what it is about, in the catalogue.
    pub items: Vec<String>,
    /// Who cared for it.
    pub responsible: Option<StaffId>,
    /// When it was made.
    pub created_at: Instant,
}

/// Inside a unit: writes it down, its way from the first stage, and what success gave.
pub(crate) async fn write_past(
    app: &App,
    tx: &Tx,
    wallet: &mut Wallet,
    past: &PastDeal,
    cause: &Cause,
    at: Instant,
    ends: Option<Instant>,
) -> Result<(), Fail> {
    let key = past.pipeline.as_deref().unwrap_or(MAIN);
    let pipeline = store::pipeline_by_key(tx, key).await?.ok_or_else(|| super::no_pipeline(key))?;
    let stage = pipeline.stage(&past.stage).ok_or_else(|| super::no_pipeline(&past.stage))?.clone();
    let wanted: Vec<(String, u32)> = past.items.iter().map(|key| (key.clone(), 1)).collect();
    let mut deal = Deal {
        id: DealId::new(&app.ids, app.clock.as_ref()),
        key: String::new(),
        contact: past.contact,
        pipeline: pipeline.id,
        stage: stage.key.clone(),
        kind: stage.kind,
        title: past.title.clone(),
        sum: past.sum,
        items: super::moves::items(tx, &wanted, "ru").await?,
        source: Source::Staff,
        responsible: past.responsible,
        points: Points::ZERO,
        order: None,
        accrued: Points::ZERO,
        rounds: 0,
        revision: 1,
        created_at: past.created_at,
        changed_at: at,
    };
    deal.key = format!("past:{}", deal.id);
    let reward = pipeline.fields.reward(&deal);
    if deal.kind == StageKind::Success && reward.is_positive() {
        let lot = LotId::new(&app.ids, app.clock.as_ref());
        let operation = Operation {
            key: super::moves::success_key(&deal),
            kind: "deal".into(),
            note: Some(deal.title.clone()),
            cause: cause.clone(),
            act: Act::Earn { lot, points: reward, expires_at: ends },
        };
        ledger::post(app, tx, wallet, operation, at).await?.entry()?;
        deal.accrued = reward;
    }
    store::insert(tx, &deal);
    let actor = past.responsible.map_or_else(|| "setup".to_owned(), |who| who.to_string());
    let first = pipeline.first(StageKind::Open).map_or_else(|| stage.key.clone(), |first| first.key.clone());
    let mut way = vec![(past.created_at, None, first.clone())];
    if first != stage.key {
        way.push((at, Some(first), stage.key.clone()));
    }
    for (at, was, stage) in way {
        let id = ChangeId::new(&app.ids, app.clock.as_ref());
        store::insert_change(tx, deal.id, &Change { id, at, was, stage, actor: actor.clone(), note: None });
    }
    Ok(())
}
