//! Confirmation codes: the customer agrees to an operation by telling a code from their chat, or by one press.
//!
//! A code is made for one operation of one contact and cannot be used for another. What it is made for is stored with
//! it and done in the unit in which it is used, so that it is done once. Wrong guesses are counted under the code's
//! revision: however many come at a time, no more than the allowed number are compared. Of the digits only a signature
//! is kept.
//!
//! Who calls a verb that needs a confirmation without one gets `code_required`: see `demand`.

mod model;
mod rules;
mod store;
#[cfg(test)]
mod tests;
pub mod words;

pub use model::{
    Code, CodeId, CodeRules, CodeState, CodeTexts, Operation, OperationKind, Performed, Required,
    StoredRules, Tried,
};
pub(crate) use rules::wrong;

use crate::access::{Actor, Right, Who, audit};
use crate::app::App;
use crate::capability;
use crate::contacts::{self, Contact};
use crate::ledger;
use crate::loyalty::{self, Speech};
use crate::pipeline::{self, Class, NewOutbound, Policy, Ready};
use crate::problem::{Fail, Problem};
use crate::tenants::{self, Tenant};
use model::CodeNames;
use samovar_base::message::{Action, Body, Button};
use samovar_base::{ContactId, Instant, Points};
use samovar_store::{StoreError, Tx};
use serde_json::json;

const HOUR_SECONDS: i64 = 3_600;
/// More codes of one contact are not looked at: the rules allow fewer in an hour.
const LOOKED_AT_MAX: u32 = 100;

/// The company's rules of codes.
pub async fn rules(app: &App, actor: &Actor) -> Result<StoredRules, Fail> {
    let actor_of_unit = actor.clone();
    app.store
        .read(actor.tenant, move |tx| {
            let actor = actor_of_unit.clone();
            async move { rules_in(&tx, &actor).await }
        })
        .await
}

/// [`rules()`] inside a unit.
pub(crate) async fn rules_in(tx: &Tx, actor: &Actor) -> Result<StoredRules, Fail> {
    actor.require(Right::SettingsRead)?;
    Ok(store::rules(tx).await?)
}

/// Puts `rules` in the place of the company's. With a `revision`, only if they still have it. The same rules again
/// change nothing.
pub async fn set_rules(
    app: &App,
    actor: &Actor,
    revision: Option<i64>,
    rules: CodeRules,
) -> Result<StoredRules, Fail> {
    actor.require(Right::SettingsManage)?;
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
    rules: CodeRules,
    now: Instant,
) -> Result<StoredRules, Fail> {
    actor.require(Right::SettingsManage)?;
    let problems = rules.problems(&loyalty::current(app, tx).await?.units);
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
    let after = StoredRules { rules, revision: before.revision + 1 };
    if !store::save_rules(tx, &after.rules, after.revision, now).await? {
        return Err(tenants::changed_meanwhile(after.revision).into());
    }
    audit(
        tx,
        app,
        actor,
        "codes.rules",
        actor.tenant,
        &json!({ "before": before.rules, "after": after.rules }),
    );
    Ok(after)
}

/// Sends the customer a code for `operation`, which will be done once for `key`. A code that was open for an operation
/// of the same kind is worth nothing from now on.
pub async fn ask(
    app: &App,
    actor: &Actor,
    contact: ContactId,
    operation: Operation,
    key: String,
) -> Result<Code, Fail> {
    actor.require(Right::PointsWrite)?;
    let now = app.clock.now();
    let (services, actor_of_unit) = (app.clone(), actor.clone());
    let (code, ready) = app
        .store
        .run(actor.tenant, contacts::unit_key(contact), move |tx| {
            let (app, actor) = (services.clone(), actor_of_unit.clone());
            let (operation, key) = (operation.clone(), key.clone());
            async move { ask_in(&app, &tx, &actor, contact, operation, key, now).await }
        })
        .await?;
    app.pipeline.send(app, ready);
    Ok(code)
}

/// [`ask`] inside a unit. What it refuses it refuses before it writes anything.
pub(crate) async fn ask_in(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    contact: ContactId,
    mut operation: Operation,
    key: String,
    now: Instant,
) -> Result<(Code, Vec<Ready>), Fail> {
    actor.require(Right::PointsWrite)?;
    match &mut operation {
        Operation::Deduct { comment, .. } => *comment = ledger::tidy_note(comment.take(), "comment")?,
        Operation::Purchase { purchase } => purchase.note = ledger::tidy_note(purchase.note.take(), "note")?,
    }
    let StoredRules { rules, .. } = store::rules(tx).await?;
    let person = contacts::load(tx, contact).await?.ok_or_else(|| contacts::not_found(contact))?;
    let recent = store::since(tx, contact, now.minus_seconds(HOUR_SECONDS), LOOKED_AT_MAX).await?;
    if let Some(same) = recent.iter().find(|code| code.key == key) {
        return if same.operation == operation {
            Ok((same.clone(), Vec::new()))
        } else {
            Err(reused().into())
        };
    }
    if recent.len() >= rules.per_hour as usize {
        return Err(rules::too_often(rules.per_hour).into());
    }
    let to = pipeline::recipient(app, tx, contact).await?.filter(|_| person.erased_at.is_none());
    let to = to.ok_or_else(rules::unreachable)?;
    may_be_done(app, tx, actor, &person, &operation, now).await?;
    store::alone(tx, contact).await?;
    for older in recent.into_iter().filter(|code| code.operation.kind() == operation.kind()) {
        if older.state == CodeState::Open {
            store::save(tx, &Code { state: CodeState::Cancelled, ..older });
        }
    }
    let id = CodeId::new(&app.ids, app.clock.as_ref());
    let digits = rules::draw(&app.chance, rules.digits);
    let code = Code {
        id,
        contact,
        operation,
        key,
        state: CodeState::Open,
        tries: 0,
        asked_by: actor.who.to_string(),
        asked_at: now,
        expires_at: now.plus_seconds(i64::from(rules.minutes) * 60),
        revision: 1,
        hash: rules::hash(&app.vault, actor.tenant, id, &digits).to_vec(),
    };
    store::insert(tx, &code);
    let tenant = company(tx, actor).await?;
    let (zone, units) = (tenant.time_zone(), loyalty::current(app, tx).await?.units.clone());
    let speech = Speech { units: &units, locale: &person.locale, zone: &zone };
    let names = CodeNames { code: digits, ..names(tenant.name.clone(), &person, &rules, &code) };
    let label = speech.render(&rules.texts.confirm, &names);
    let action = Action::Press(capability::button(words::NAME, &id.to_string()));
    let body = Body {
        text: speech.render(&rules.texts.asked, &names),
        buttons: vec![vec![Button { label, action }]],
        ..Body::default()
    };
    let message = NewOutbound { body, class: Class::Answer, policy: Policy::Keep, cause: actor.cause() };
    let ready = pipeline::write(app, tx, &to, vec![message], now);
    let data = json!({ "code": id, "operation": code.operation.kind(), "points": code.operation.points() });
    audit(tx, app, actor, "codes.ask", contact, &data);
    Ok((code, ready))
}

/// A code as it stands.
pub async fn get(app: &App, actor: &Actor, id: CodeId) -> Result<Code, Fail> {
    actor.require(Right::PointsRead)?;
    app.store
        .read(actor.tenant, move |tx| async move { store::load(&tx, id).await?.ok_or_else(|| not_found(id)) })
        .await
}

/// Enters the code that the customer told, and does the operation in the same unit. Entered again, it is answered by
/// what was done; so is a code that the customer confirmed meanwhile. With `points`, only if the code was sent for them.
pub async fn redeem(
    app: &App,
    actor: &Actor,
    id: CodeId,
    entered: &str,
    points: Option<Points>,
) -> Result<Performed, Fail> {
    actor.require(Right::PointsWrite)?;
    let contact = get(app, actor, id).await?.contact;
    let now = app.clock.now();
    let (services, actor_of_unit, entered) = (app.clone(), actor.clone(), entered.to_owned());
    let (tried, ready) = app
        .store
        .run(actor.tenant, contacts::unit_key(contact), move |tx| {
            let (app, actor, entered) = (services.clone(), actor_of_unit.clone(), entered.clone());
            async move { redeem_in(&app, &tx, &actor, id, &entered, points, now).await }
        })
        .await?;
    app.pipeline.send(app, ready);
    match tried {
        Tried::Done(performed) => Ok(performed),
        Tried::Wrong { left } => Err(wrong(left).into()),
    }
}

/// [`redeem`] inside a unit. A wrong code is an outcome and no failure, so that it is counted.
pub(crate) async fn redeem_in(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    id: CodeId,
    entered: &str,
    points: Option<Points>,
    now: Instant,
) -> Result<(Tried, Vec<Ready>), Fail> {
    actor.require(Right::PointsWrite)?;
    let mut code = store::load(tx, id).await?.ok_or_else(|| not_found(id))?;
    if points.is_some_and(|points| points != code.operation.points()) {
        return Err(rules::other_sum().into());
    }
    if code.state == CodeState::Confirmed {
        return perform(app, tx, actor, &code, now).await;
    }
    if !code.is_open(now) && code.state != CodeState::Used {
        return Err(rules::over().into());
    }
    if rules::fits(&app.vault, actor.tenant, id, entered, &code.hash) {
        let done = perform(app, tx, actor, &code, now).await?;
        if code.state == CodeState::Open {
            code.state = CodeState::Used;
            store::save(tx, &code);
            audit(tx, app, actor, "codes.redeem", code.contact, &json!({ "code": id }));
        }
        return Ok(done);
    }
    if code.state == CodeState::Used {
        return Err(rules::over().into());
    }
    let allowed = i64::from(store::rules(tx).await?.rules.tries);
    code.tries += 1;
    let left = (allowed - code.tries).max(0);
    if left == 0 {
        code.state = CodeState::Exhausted;
    }
    store::save(tx, &code);
    audit(tx, app, actor, "codes.wrong", code.contact, &json!({ "code": id, "left": left }));
    Ok((Tried::Wrong { left }, Vec::new()))
}

/// Gives an open code up. One that is over stays as it is.
pub async fn cancel(app: &App, actor: &Actor, id: CodeId) -> Result<Code, Fail> {
    actor.require(Right::PointsWrite)?;
    let (services, actor_of_unit) = (app.clone(), actor.clone());
    app.store
        .run(actor.tenant, id.0.cast_unsigned(), move |tx| {
            let (app, actor) = (services.clone(), actor_of_unit.clone());
            async move { cancel_in(&app, &tx, &actor, id).await }
        })
        .await
}

/// [`cancel`] inside a unit.
pub(crate) async fn cancel_in(app: &App, tx: &Tx, actor: &Actor, id: CodeId) -> Result<Code, Fail> {
    actor.require(Right::PointsWrite)?;
    let mut code = store::load(tx, id).await?.ok_or_else(|| not_found(id))?;
    if code.state == CodeState::Open {
        code.state = CodeState::Cancelled;
        store::save(tx, &code);
        audit(tx, app, actor, "codes.cancel", code.contact, &json!({ "code": id }));
    }
    Ok(code)
}

/// Inside a unit: refuses an operation that needs a confirmation and has none. The set-up and the program itself need
/// none. A repeated request must be answered as the first: ask only when it is not done yet.
pub(crate) async fn demand(tx: &Tx, actor: &Actor, kind: OperationKind, points: Points) -> Result<(), Fail> {
    if matches!(actor.who, Who::Setup | Who::System) {
        return Ok(());
    }
    let from = store::rules(tx).await?.rules.required_from(kind);
    if from.is_some_and(|from| points >= from) { Err(rules::required().into()) } else { Ok(()) }
}

/// Inside a unit: removes a contact's codes, because the contact is erased.
pub(crate) async fn forget(tx: &Tx, contact: ContactId) -> Result<(), StoreError> {
    store::remove(tx, contact).await
}

/// Does what the code was made for, once for its key.
async fn perform(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    code: &Code,
    now: Instant,
) -> Result<(Tried, Vec<Ready>), Fail> {
    let (contact, key) = (code.contact, code.key.clone());
    let (performed, ready) = match &code.operation {
        Operation::Deduct { points, comment } => {
            let comment = comment.clone();
            let (receipt, ready) =
                loyalty::deduct_confirmed_in(app, tx, actor, contact, *points, comment, key, now).await?;
            (Performed::Moved(Box::new(receipt)), ready)
        }
        Operation::Purchase { purchase } => {
            let purchase = purchase.clone();
            let (bought, ready) =
                loyalty::checkout_confirmed_in(app, tx, actor, contact, purchase, key, now).await?;
            (Performed::Bought(Box::new(bought)), ready)
        }
    };
    Ok((Tried::Done(performed), ready))
}

/// Refuses at once what could not be done anyway: nobody is to be bothered by a code for it.
async fn may_be_done(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    person: &Contact,
    operation: &Operation,
    now: Instant,
) -> Result<(), Fail> {
    match operation {
        Operation::Deduct { points, .. } => {
            let wallet = ledger::load(app, tx, person.id, ledger::POINTS).await?;
            wallet.deduct(*points, now).map(drop).map_err(Problem::from)?;
        }
        Operation::Purchase { purchase } => {
            loyalty::quote_in(app, tx, actor, person.id, purchase, now).await?;
        }
    }
    Ok(())
}

/// What the texts of a code name.
fn names(business: String, person: &Contact, rules: &CodeRules, code: &Code) -> CodeNames {
    CodeNames {
        points: code.operation.points().0,
        comment: code.operation.comment().to_owned(),
        minutes: rules.minutes,
        name: person.first_name().to_owned(),
        business,
        ..CodeNames::default()
    }
}

async fn company(tx: &Tx, actor: &Actor) -> Result<Tenant, Fail> {
    let found = tenants::load(tx).await?;
    found.ok_or_else(|| Problem::not_found("компания", "company", actor.tenant).into())
}

fn reused() -> Problem {
    Problem::new(
        crate::problem::Kind::Conflict,
        "operation_key_reused",
        "Под этим ключом код уже отправлен для другой операции",
        "A code was already sent under this key for another operation",
    )
}

fn not_found(id: CodeId) -> Fail {
    Problem::not_found("код", "code", id).into()
}
