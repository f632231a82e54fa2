//! Points and words for everybody at once: counted first, then done. Points can be watched and undone.

use super::till::{new_key, prepared};
use super::{outcome, points, typed};
use crate::access::Actor;
use crate::accruals::{self, Accrual, AccrualId, NewAccrual, State, Term, Undoing};
use crate::broadcasts::{self, Content};
use crate::capability::Outcome;
use crate::ledger::Shortfall;
use crate::problem::{Fail, Problem};
use crate::segments::Audience;
use crate::visit::Visit;
use samovar_engine::Values;
use serde_json::json;

/// What a run would come to, and the key under which it is started once.
pub(super) async fn preview(actor: &Actor, params: &Values, visit: &mut Visit) -> Result<Outcome, Fail> {
    let seen = accruals::preview_in(&visit.app, &visit.tx, actor, &wanted(params), visit.now).await?;
    Ok(outcome(
        "ready",
        json!({
            "key": new_key(visit),
            "points": points(params),
            "contacts": seen.contacts,
            "total": seen.points,
            "told": seen.notice.unwrap_or_default(),
        }),
    ))
}

/// Starts the run, once for the key.
pub(super) async fn start(actor: &Actor, params: &Values, visit: &mut Visit) -> Result<Outcome, Fail> {
    let (app, tx, key) = (visit.app.clone(), visit.tx.clone(), prepared(params)?);
    let (run, ready) = accruals::start_in(&app, &tx, actor, wanted(params), key, visit.now).await?;
    visit.ready.extend(ready);
    Ok(done(&run))
}

/// How far a run came.
pub(super) async fn progress(actor: &Actor, params: &Values, visit: &mut Visit) -> Result<Outcome, Fail> {
    actor.require(crate::access::Right::PointsMany)?;
    let run = accruals::load(&visit.tx, chosen(params)?).await?;
    Ok(done(&run.ok_or_else(no_run)?))
}

/// Takes back what a run gave, as far as it is there; nobody is told.
pub(super) async fn undo(actor: &Actor, params: &Values, visit: &mut Visit) -> Result<Outcome, Fail> {
    let (app, tx) = (visit.app.clone(), visit.tx.clone());
    let how = Undoing { shortfall: Shortfall::Forgive, notify: false, comment: None };
    let (run, ready) = accruals::undo_in(&app, &tx, actor, chosen(params)?, how, visit.now).await?;
    visit.ready.extend(ready);
    Ok(done(&run))
}

/// Whom a message to everybody would reach.
pub(super) async fn reach(actor: &Actor, params: &Values, visit: &mut Visit) -> Result<Outcome, Fail> {
    let (app, tx) = (visit.app.clone(), visit.tx.clone());
    let reach = broadcasts::reach_in(&app, &tx, actor, &Audience::All, None, visit.now).await?;
    Ok(outcome(
        "ready",
        json!({
            "text": typed(params, "text").unwrap_or_default(),
            "contacts": reach.reachable(),
            "silent": reach.silent,
            "unreachable": reach.unreachable,
        }),
    ))
}

/// Says something to everybody, after the answers that people wait for.
pub(super) async fn cast(actor: &Actor, params: &Values, visit: &mut Visit) -> Result<Outcome, Fail> {
    let text = typed(params, "text").unwrap_or_default().to_owned();
    let content =
        Content { text, picture: typed(params, "picture").map(str::to_owned), ..Content::default() };
    let (app, tx) = (visit.app.clone(), visit.tx.clone());
    broadcasts::quick_in(&app, &tx, actor, Audience::All, content, visit.now).await?;
    Ok(Outcome::named("done"))
}

fn wanted(params: &Values) -> NewAccrual {
    NewAccrual {
        audience: Audience::All,
        points: points(params),
        comment: typed(params, "comment").map(str::to_owned),
        term: Term::Programme,
        notify: true,
    }
}

fn chosen(params: &Values) -> Result<AccrualId, Problem> {
    typed(params, "run").unwrap_or_default().parse().map_err(|_| no_run())
}

fn no_run() -> Problem {
    Problem::invalid("run", "no_run", "Такого начисления нет", "There is no such accrual")
}

fn done(run: &Accrual) -> Outcome {
    outcome(
        "done",
        json!({
            "run": run.id.to_string(),
            "points": run.points,
            "done": run.done,
            "contacts": run.total,
            "moved": run.moved.0.abs(),
            "undoes": run.undoes.is_some(),
            "over": run.state == State::Done,
        }),
    )
}
