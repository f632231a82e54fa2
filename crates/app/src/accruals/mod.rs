//! Mass accruals: points for all or for a segment at once, as a visible run that can be stopped and undone.
//!
//! A run goes through its audience in chunks. Each chunk is one unit of work: the postings, the messages and how far
//! the run came, so that after a crash it goes on where it stood, and gives to nobody twice (the ledger's key is the run
//! and the contact) and misses nobody. Undoing is a run too: it reverses each operation of the first one.

mod model;
mod rules;
mod store;
pub mod work;

pub use model::{Accrual, AccrualId, NewAccrual, Preview, State, Term, Undoing};
pub use rules::POINTS_MAX;

use crate::access::{Actor, Right, audit};
use crate::app::App;
use crate::ledger::{self, Shortfall};
use crate::loyalty::{self, Names, Speech};
use crate::pipeline::Ready;
use crate::problem::{Fail, Kind, Problem};
use crate::segments::audience;
use crate::tenants;
use samovar_base::{Instant, Points};
use samovar_store::{StoreError, Tx, params};
use serde_json::json;

/// People shown in a preview.
const SAMPLE: u32 = 5;

/// What a run would do, without doing it.
pub async fn preview(app: &App, actor: &Actor, new: &NewAccrual) -> Result<Preview, Fail> {
    actor.require(Right::PointsMany)?;
    let (services, actor_of_unit, new, now) = (app.clone(), actor.clone(), new.clone(), app.clock.now());
    app.store
        .read(actor.tenant, move |tx| {
            let (app, actor, new) = (services.clone(), actor_of_unit.clone(), new.clone());
            async move { preview_in(&app, &tx, &actor, &new, now).await }
        })
        .await
}

/// [`preview`] inside a unit.
pub async fn preview_in(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    new: &NewAccrual,
    now: Instant,
) -> Result<Preview, Fail> {
    actor.require(Right::PointsMany)?;
    rules::check(new)?;
    let tenant = tenants::load(tx).await?.ok_or_else(|| no_company(actor))?;
    let programme = loyalty::current(app, tx).await?;
    let zone = tenant.time_zone();
    let expires_at = rules::expires_at(new.term, &programme, now, &zone)?;
    let audience = audience::freeze(tx, new.audience.clone(), now).await?;
    let contacts = audience::count(tx, &audience, now).await?;
    let sample = audience::page(tx, &audience, now, None, SAMPLE).await?;
    let mut notice = None;
    if let Some(first) = sample.first().filter(|_| new.notify && programme.notices.accrual.on) {
        let had = ledger::find(tx, first.id, ledger::POINTS).await?;
        let had = had.map_or(Points::ZERO, |wallet| wallet.standing(now).available);
        let names = Names {
            points: new.points.0,
            balance: had.0 + new.points.0,
            comment: new.comment.clone().unwrap_or_default(),
            name: first.first_name().to_owned(),
            business: tenant.name.clone(),
            ..Names::default()
        };
        let speech = Speech { units: &programme.units, locale: &first.locale, zone: &zone };
        notice = Some(speech.render(&programme.notices.accrual.text, &names));
    }
    let points = Points(contacts.saturating_mul(new.points.0));
    Ok(Preview { contacts, points, expires_at, sample, notice })
}

/// Starts a run, once for `key`: the same key again is answered by the run as it stands.
pub async fn start(app: &App, actor: &Actor, new: NewAccrual, key: String) -> Result<Accrual, Fail> {
    actor.require(Right::PointsMany)?;
    let (services, actor_of_unit, now) = (app.clone(), actor.clone(), app.clock.now());
    let (run, ready) = app
        .store
        .run(actor.tenant, tenants::unit_key(actor.tenant), move |tx| {
            let (app, actor, new, key) = (services.clone(), actor_of_unit.clone(), new.clone(), key.clone());
            async move { start_in(&app, &tx, &actor, new, key, now).await }
        })
        .await?;
    app.pipeline.send(app, ready);
    Ok(run)
}

/// [`start`] inside a unit.
pub async fn start_in(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    new: NewAccrual,
    key: String,
    now: Instant,
) -> Result<(Accrual, Vec<Ready>), Fail> {
    actor.require(Right::PointsMany)?;
    rules::check(&new)?;
    let comment = ledger::tidy_note(new.comment, "comment")?;
    if let Some(run) = by_key(tx, &key).await? {
        let same = run.undoes.is_none() && run.points == new.points && run.comment == comment;
        return if same { Ok((run, Vec::new())) } else { Err(reused(&key).into()) };
    }
    let tenant = tenants::load(tx).await?.ok_or_else(|| no_company(actor))?;
    let programme = loyalty::current(app, tx).await?;
    let expires_at = rules::expires_at(new.term, &programme, now, &tenant.time_zone())?;
    let audience = audience::freeze(tx, new.audience, now).await?;
    let run = Accrual {
        id: AccrualId::new(&app.ids, app.clock.as_ref()),
        key,
        total: audience::count(tx, &audience, now).await?,
        audience,
        points: new.points,
        comment,
        expires_at,
        notify: new.notify,
        undoes: None,
        shortfall: Shortfall::Forgive,
        state: State::Running,
        cursor: None,
        done: 0,
        refused: 0,
        moved: Points::ZERO,
        notified: 0,
        cause: actor.cause(),
        created_at: now,
        finished_at: None,
        revision: 1,
    };
    begin(app, tx, actor, &run, "accrual.start", now).await?;
    Ok((run, Vec::new()))
}

/// Undoes a run that is over by counter-postings; once for each run: asked again it is answered by the
/// undoing as it stands.
pub async fn undo(app: &App, actor: &Actor, id: AccrualId, how: Undoing) -> Result<Accrual, Fail> {
    actor.require(Right::PointsMany)?;
    let (services, actor_of_unit, now) = (app.clone(), actor.clone(), app.clock.now());
    let (run, ready) = app
        .store
        .run(actor.tenant, unit_key(id), move |tx| {
            let (app, actor, how) = (services.clone(), actor_of_unit.clone(), how.clone());
            async move { undo_in(&app, &tx, &actor, id, how, now).await }
        })
        .await?;
    app.pipeline.send(app, ready);
    Ok(run)
}

/// [`undo`] inside a unit.
pub async fn undo_in(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    id: AccrualId,
    how: Undoing,
    now: Instant,
) -> Result<(Accrual, Vec<Ready>), Fail> {
    actor.require(Right::PointsMany)?;
    let first = load(tx, id).await?.ok_or_else(|| not_found(id))?;
    if let Some(row) = tx.one(&store::UNDOING, params![id]).await? {
        return Ok((Accrual::from_row(&row)?, Vec::new()));
    }
    if first.undoes.is_some() {
        return Err(cannot_undo("Отмену отменить нельзя", "An undoing cannot be undone").into());
    }
    if !first.state.is_over() {
        let ru = "Начисление ещё идёт: сначала остановите его совсем";
        return Err(cannot_undo(ru, "The accrual is not over: cancel it first").into());
    }
    let Undoing { shortfall, notify, comment } = how;
    let comment = ledger::tidy_note(comment, "comment")?;
    if let Shortfall::Owe(limit) = shortfall
        && !(0..=ledger::POINTS_MAX).contains(&limit.0)
    {
        let (ru, en) = ("Предел долга не может быть таким", "The limit of the debt cannot be this");
        return Err(Problem::invalid("shortfall.owe", "out_of_range", ru, en).into());
    }
    let run = Accrual {
        id: AccrualId::new(&app.ids, app.clock.as_ref()),
        key: format!("undo:{id}"),
        total: ledger::count_under(tx, &first.prefix()).await?.0,
        comment,
        expires_at: None,
        notify,
        undoes: Some(id),
        shortfall,
        state: State::Running,
        cursor: None,
        done: 0,
        refused: 0,
        moved: Points::ZERO,
        notified: 0,
        cause: actor.cause(),
        created_at: now,
        finished_at: None,
        revision: 1,
        ..first
    };
    begin(app, tx, actor, &run, "accrual.undo", now).await?;
    Ok((run, Vec::new()))
}

/// Stops a run for a while.
pub async fn pause(app: &App, actor: &Actor, id: AccrualId) -> Result<Accrual, Fail> {
    actor.require(Right::PointsMany)?;
    turn(app, actor, id, State::Paused, "accrual.pause").await
}

/// Lets a paused run go on where it stood.
pub async fn resume(app: &App, actor: &Actor, id: AccrualId) -> Result<Accrual, Fail> {
    actor.require(Right::PointsMany)?;
    turn(app, actor, id, State::Running, "accrual.resume").await
}

/// Stops a run for ever. What was given stays given until it is undone.
pub async fn cancel(app: &App, actor: &Actor, id: AccrualId) -> Result<Accrual, Fail> {
    actor.require(Right::PointsMany)?;
    turn(app, actor, id, State::Cancelled, "accrual.cancel").await
}

/// One run.
pub async fn get(app: &App, actor: &Actor, id: AccrualId) -> Result<Accrual, Fail> {
    actor.require(Right::PointsRead)?;
    app.store
        .read(actor.tenant, move |tx| async move { load(&tx, id).await?.ok_or_else(|| not_found(id)) })
        .await
}

/// Up to `limit` runs, the youngest first, from `before` on.
pub async fn list(
    app: &App,
    actor: &Actor,
    before: Option<AccrualId>,
    limit: u32,
) -> Result<Vec<Accrual>, Fail> {
    actor.require(Right::PointsRead)?;
    let before = before.unwrap_or(AccrualId(i64::MAX));
    app.store
        .read(actor.tenant, move |tx| async move {
            let rows = tx.all(&store::ACCRUALS, params![before, limit]).await?;
            Ok(rows.iter().map(Accrual::from_row).collect::<Result<_, _>>()?)
        })
        .await
}

/// Inside a unit: one run.
pub async fn load(tx: &Tx, id: AccrualId) -> Result<Option<Accrual>, StoreError> {
    tx.one(&store::ACCRUAL, params![id]).await?.map(|row| Accrual::from_row(&row)).transpose()
}

/// The key of units that change a run: one at a time.
fn unit_key(id: AccrualId) -> u64 {
    id.0.cast_unsigned()
}

async fn by_key(tx: &Tx, key: &str) -> Result<Option<Accrual>, StoreError> {
    tx.one(&store::ACCRUAL_BY_KEY, params![key]).await?.map(|row| Accrual::from_row(&row)).transpose()
}

async fn begin(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    run: &Accrual,
    action: &str,
    now: Instant,
) -> Result<(), Fail> {
    if run.expires_at.is_some() {
        ledger::work::watch(app, tx, now).await?;
    }
    work::enqueue_run(app, tx, run, now).await?;
    tx.put(
        &store::ACCRUAL_NEW,
        params![
            run.id,
            run.key,
            serde_json::to_string(&run.audience).unwrap_or_default(),
            run.points,
            run.comment.as_deref(),
            run.expires_at,
            run.notify,
            run.undoes,
            serde_json::to_string(&run.shortfall).unwrap_or_default(),
            run.state.name(),
            run.cursor,
            run.total,
            run.done,
            run.refused,
            run.moved,
            run.notified,
            run.cause.to_json(),
            run.created_at,
            run.finished_at,
            run.revision
        ],
    );
    let data = json!({
        "audience": run.audience, "points": run.points, "total": run.total, "undoes": run.undoes,
    });
    audit(tx, app, actor, action, run.id, &data);
    Ok(())
}

async fn turn(
    app: &App,
    actor: &Actor,
    id: AccrualId,
    to: State,
    action: &'static str,
) -> Result<Accrual, Fail> {
    let (services, actor_of_unit, now) = (app.clone(), actor.clone(), app.clock.now());
    app.store
        .run(actor.tenant, unit_key(id), move |tx| {
            let (app, actor) = (services.clone(), actor_of_unit.clone());
            async move {
                let before = load(&tx, id).await?.ok_or_else(|| not_found(id))?;
                if !rules::turn(before.state, to)? {
                    return Ok(before);
                }
                let finished_at = to.is_over().then_some(now);
                let after =
                    Accrual { state: to, finished_at, revision: before.revision + 1, ..before.clone() };
                if to == State::Running {
                    work::enqueue_run(&app, &tx, &after, now).await?;
                }
                save(&tx, before.revision, &after);
                audit(&tx, &app, &actor, action, id, &json!({ "done": after.done, "total": after.total }));
                Ok(after)
            }
        })
        .await
}

/// Inside a unit: writes how far a run came.
fn save(tx: &Tx, revision: i64, run: &Accrual) {
    tx.put(
        &store::ACCRUAL_STEP,
        params![
            run.id,
            revision,
            run.revision,
            run.state.name(),
            run.cursor,
            run.done,
            run.refused,
            run.moved,
            run.notified,
            run.finished_at
        ],
    );
}

fn not_found(id: AccrualId) -> Fail {
    Problem::not_found("начисление", "accrual", id).into()
}

fn no_company(actor: &Actor) -> Fail {
    Problem::not_found("компания", "company", actor.tenant).into()
}

fn cannot_undo(ru: &str, en: &str) -> Problem {
    Problem::new(Kind::Conflict, "cannot_undo", ru, en)
}

fn reused(key: &str) -> Problem {
    Problem::new(
        Kind::Conflict,
        "operation_key_reused",
        format!("Под ключом «{key}» уже начато другое начисление"),
        format!("Another accrual was already started under the key “{key}”"),
    )
}
