//! Which steps people go through: counted in memory, written down every few seconds, so that a conversation pays
//! nothing for it. What a node had not yet written when it died is not counted.

use super::{load, store};
use crate::access::{Actor, Right};
use crate::app::App;
use crate::directory::Published;
use crate::problem::Fail;
use crate::tenants::unit_key;
use samovar_base::{Instant, ScenarioId, TenantId};
use samovar_store::{Row, params};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

/// Most different counts in memory; more than any instance comes to in the few seconds between two writings.
const COUNTS_MAX: usize = 200_000;
/// Counts that are written in one unit.
const AT_ONCE: usize = 500;
/// Days that can be asked for at once.
pub const DAYS_MAX: i64 = 731;
const DAY_SECONDS: i64 = 86_400;

/// Something of a scenario that a person went through.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Passage {
    /// Which scenario.
    pub scenario: ScenarioId,
    /// In which version.
    pub version: i64,
    /// Which step; empty for the beginning.
    pub step: String,
    /// How it was left; empty when it was entered. Of the beginning the number of the trigger, from 0.
    pub port: String,
}

impl Passage {
    /// A scenario was begun; without a trigger where another led to it.
    pub(crate) fn entry(scenario: &Published, trigger: Option<usize>) -> Self {
        let port = trigger.map(|index| index.to_string()).unwrap_or_default();
        Self { scenario: scenario.id, version: scenario.version, step: String::new(), port }
    }
    /// A step was entered or left.
    pub(crate) fn of(scenario: &Published, visit: samovar_engine::Visit) -> Self {
        let port = visit.port.unwrap_or_default();
        Self { scenario: scenario.id, version: scenario.version, step: visit.step, port }
    }
}

type Counts = HashMap<(TenantId, i64, Passage), i64>;

/// What people went through since it was written down last.
#[derive(Default)]
pub struct Passages(Mutex<Counts>);

impl Passages {
    /// Counts what one event led to.
    pub(crate) fn count(&self, app: &App, tenant: TenantId, passed: Vec<Passage>) {
        if passed.is_empty() {
            return;
        }
        let day = today(app, tenant);
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for passage in passed {
            if counts.len() < COUNTS_MAX {
                *counts.entry((tenant, day, passage)).or_default() += 1;
            }
        }
    }

    /// Adds what was counted to the tables. What could not be written is kept for the next time.
    pub async fn write_down(&self, app: &App) -> Result<(), Fail> {
        let counted = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let mut by_tenant: BTreeMap<TenantId, Vec<(i64, Passage, i64)>> = BTreeMap::new();
        for ((tenant, day, passage), times) in counted {
            by_tenant.entry(tenant).or_default().push((day, passage, times));
        }
        let mut failed = Ok(());
        for (tenant, mut rows) in by_tenant {
            // In one order everywhere: nodes that write the same counts do not wait for each other in a circle.
            rows.sort_unstable();
            for some in rows.chunks(AT_ONCE) {
                if let Err(fail) = add(app, tenant, some.to_vec()).await {
                    self.keep(tenant, some);
                    failed = Err(fail);
                }
            }
        }
        failed
    }

    fn keep(&self, tenant: TenantId, rows: &[(i64, Passage, i64)]) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (day, passage, times) in rows {
            *counts.entry((tenant, *day, passage.clone())).or_default() += times;
        }
    }
}

async fn add(app: &App, tenant: TenantId, rows: Vec<(i64, Passage, i64)>) -> Result<(), Fail> {
    app.store
        .run(tenant, unit_key(tenant), move |tx| {
            let rows = rows.clone();
            async move {
                for (day, passage, times) in rows {
                    let Passage { scenario, version, step, port } = passage;
                    tx.exec(&store::PASSAGE_ADD, params![scenario, day, step, port, version, times]).await?;
                }
                Ok::<_, Fail>(())
            }
        })
        .await
}

/// The day of a company, counted from 1970.
fn today(app: &App, tenant: TenantId) -> i64 {
    let zone = app.directory.tenant(tenant).map(|tenant| tenant.time_zone());
    day(app.clock.now(), &zone.unwrap_or(jiff::tz::TimeZone::UTC))
}

fn day(at: Instant, zone: &jiff::tz::TimeZone) -> i64 {
    let offset = i64::from(zone.to_offset(at.to_jiff()).seconds());
    (at.seconds() + offset).div_euclid(DAY_SECONDS)
}

/// How often a step was entered, or left by a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Times {
    /// Which step; empty for the beginning.
    pub step: String,
    /// By which port it was left; empty when it was entered.
    pub port: String,
    /// How often.
    pub times: i64,
}

impl Times {
    fn from_row(row: &Row) -> Result<Self, samovar_store::StoreError> {
        Ok(Self { step: row.text(0)?.to_owned(), port: row.text(1)?.to_owned(), times: row.int(2)? })
    }
}

/// How often each step of a scenario was gone through in the last `days` days, today included; of one version or of all.
pub async fn statistics(
    app: &App,
    actor: &Actor,
    key: &str,
    days: i64,
    version: Option<i64>,
) -> Result<Vec<Times>, Fail> {
    actor.require(Right::ScenariosRead)?;
    app.passages.write_down(app).await?;
    let from = today(app, actor.tenant) - days.clamp(1, DAYS_MAX) + 1;
    let (owned, (low, high)) = (key.to_owned(), version.map_or((0, i64::MAX), |one| (one, one)));
    app.store
        .read(actor.tenant, move |tx| {
            let key = owned.clone();
            async move {
                let scenario = load(&tx, &key).await?;
                let rows = tx.all(&store::PASSAGES, params![scenario.id, from, low, high]).await?;
                Ok(rows.iter().map(Times::from_row).collect::<Result<_, _>>()?)
            }
        })
        .await
}

/// How often each scenario was begun in the last `days` days.
pub async fn begun(app: &App, actor: &Actor, days: i64) -> Result<HashMap<ScenarioId, i64>, Fail> {
    actor.require(Right::ScenariosRead)?;
    app.passages.write_down(app).await?;
    let from = today(app, actor.tenant) - days.clamp(1, DAYS_MAX) + 1;
    app.store
        .read(actor.tenant, move |tx| async move {
            let rows = tx.all(&store::BEGUN, params![from]).await?;
            rows.iter().map(|row| Ok((row.id(0)?, row.int(1)?))).collect::<Result<_, Fail>>()
        })
        .await
}
