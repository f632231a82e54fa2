//! The guard at the till: what each role may move by hand, and what the owners are told of.
//!
//! Only people of the staff are guarded; programs with keys have their own limits. What they do is counted in the unit
//! that does it, by a row for each person and day, so that parallel presses cannot pass a limit together.

mod model;
mod rules;
mod store;
pub mod work;

pub use model::{Alert, Alerts, Deed, Limits, Reason, Rules, Stored};

use crate::access::{Actor, Right, Who, audit};
use crate::app::App;
use crate::problem::{Fail, Kind, Problem};
use crate::staff::{self, Staff};
use crate::tenants;
use crate::work as jobs;
use rules::Day;
use samovar_base::{AlertId, ContactId, Instant, StaffId};
use samovar_store::Tx;
use serde_json::json;

/// The company's rules.
pub async fn rules(app: &App, actor: &Actor) -> Result<Stored, Fail> {
    let actor_of_unit = actor.clone();
    app.store
        .read(actor.tenant, move |tx| {
            let actor = actor_of_unit.clone();
            async move { rules_in(&tx, &actor).await }
        })
        .await
}

/// [`rules()`] inside a unit.
pub(crate) async fn rules_in(tx: &Tx, actor: &Actor) -> Result<Stored, Fail> {
    actor.require(Right::SettingsRead)?;
    Ok(store::rules(tx).await?)
}

/// Puts `rules` in the place of the company's. With a `revision`, only if they still have it. The same rules again
/// change nothing.
pub async fn set_rules(
    app: &App,
    actor: &Actor,
    revision: Option<i64>,
    rules: Rules,
) -> Result<Stored, Fail> {
    let now = app.clock.now();
    let (services, actor_of_unit) = (app.clone(), actor.clone());
    app.store
        .run(actor.tenant, tenants::unit_key(actor.tenant), move |tx| {
            let (app, actor, rules) = (services.clone(), actor_of_unit.clone(), rules.clone());
            async move { set_rules_in(&app, &tx, &actor, revision, rules, now).await }
        })
        .await
}

/// [`set_rules`] inside a unit.
pub(crate) async fn set_rules_in(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    revision: Option<i64>,
    rules: Rules,
    now: Instant,
) -> Result<Stored, Fail> {
    actor.require(Right::SettingsManage)?;
    let problems = rules.problems();
    if !problems.is_empty() {
        return Err(Fail::Problems(problems));
    }
    let before = store::rules(tx).await?;
    if revision.is_some_and(|seen| seen != before.revision) {
        return Err(tenants::changed_meanwhile(before.revision).into());
    }
    if before.revision > 0 && before.rules == rules {
        return Ok(before);
    }
    let after = Stored { rules, revision: before.revision + 1 };
    if !store::save_rules(tx, &after, now).await? {
        return Err(tenants::changed_meanwhile(after.revision).into());
    }
    audit(
        tx,
        app,
        actor,
        "guard.rules",
        actor.tenant,
        &json!({ "before": before.rules, "after": after.rules }),
    );
    Ok(after)
}

/// Up to `limit` alerts, the youngest first, from `after` on.
pub async fn alerts(
    app: &App,
    actor: &Actor,
    after: Option<AlertId>,
    limit: u32,
) -> Result<Vec<Alert>, Fail> {
    actor.require(Right::AuditRead)?;
    let before = after.unwrap_or(AlertId(i64::MAX));
    app.store.read(actor.tenant, move |tx| async move { Ok(store::alerts(&tx, before, limit).await?) }).await
}

/// A deed of somebody of the staff that is allowed: it is counted when it is done.
#[derive(Debug)]
pub(crate) struct Watch {
    staff: StaffId,
    contact: ContactId,
    deed: Deed,
    date: String,
    hour: u8,
    day: Day,
    revision: i64,
    alerts: Alerts,
}

/// Inside a unit, before anything is written: refuses what goes beyond the limits of the actor's role. Nobody but people
/// of the staff is guarded.
pub(crate) async fn allow(
    tx: &Tx,
    actor: &Actor,
    contact: ContactId,
    deed: Deed,
    now: Instant,
) -> Result<Option<Watch>, Fail> {
    let Who::Staff(staff) = actor.who else { return Ok(None) };
    let found = staff::find(tx, staff).await?.filter(Staff::is_active);
    let Some(person) = found else { return Err(not_here().into()) };
    let Some(tenant) = tenants::load(tx).await? else {
        return Err(Problem::not_found("компания", "company", actor.tenant).into());
    };
    let Stored { rules, .. } = store::rules(tx).await?;
    let local = now.in_zone(&tenant.time_zone());
    let date = local.date().to_string();
    let (day, revision) = store::day(tx, staff, &date).await?;
    if let Some(limits) = rules.limits.get(&person.role) {
        rules::allow(limits, day, &deed)?;
    }
    let hour = u8::try_from(local.hour()).unwrap_or_default();
    Ok(Some(Watch { staff, contact, deed, date, hour, day, revision, alerts: rules.alerts }))
}

impl Watch {
    /// Inside the unit that did it: counts it, and has the owners told when it looks odd.
    pub(crate) async fn count(self, app: &App, tx: &Tx, operation: i64, now: Instant) -> Result<(), Fail> {
        let Self { staff, contact, deed, date, hour, day, revision, alerts } = self;
        let after = Day { points: day.points.saturating_add(deed.points()), operations: day.operations + 1 };
        store::save_day(tx, staff, &date, revision, after);
        if !deed.gives.is_positive() {
            return Ok(());
        }
        let count = store::one_more(tx, staff, contact, &date).await?;
        let own = alerts.own_card && store::is_own_card(tx, staff, contact).await?;
        for reason in rules::odd(&alerts, deed.gives, count, own, hour) {
            let id = AlertId::new(&app.ids, app.clock.as_ref());
            let points = deed.gives;
            let alert = Alert { id, at: now, staff, contact, reason, points, operation, count, told: false };
            store::insert(tx, &alert);
            jobs::enqueue(app, tx, &work::Tell { alert: id }, now, None).await?;
        }
        Ok(())
    }
}

fn not_here() -> Problem {
    Problem::new(
        Kind::Forbidden,
        "forbidden",
        "Этот сотрудник больше не работает здесь",
        "This staff member does not work here any more",
    )
}
