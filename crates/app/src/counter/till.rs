//! Points moved by hand at the till: prepared, shown, and done once.

use super::find::Counted;
use super::{customer, outcome, points, typed};
use crate::access::{Actor, Right};
use crate::capability::Outcome;
use crate::codes;
use crate::contacts::{self, Contact};
use crate::guard::{self, Deed};
use crate::ledger::Receipt;
use crate::loyalty::{self, Bought, Names, Purchase};
use crate::pipeline;
use crate::problem::{Fail, Problem};
use crate::visit::Visit;
use samovar_base::Points;
use samovar_base::id::encode;
use samovar_engine::Values;
use serde_json::{Value, json};

/// What would happen, and the key under which it will happen once. Refused at once what would be refused later.
pub(super) async fn prepare(actor: &Actor, params: &Values, visit: &mut Visit) -> Result<Outcome, Fail> {
    actor.require(Right::PointsWrite)?;
    let (id, points) = (customer(params)?, points(params));
    let gives = typed(params, "kind") != Some("deduct");
    let counted = Counted::of(actor, visit, id).await?;
    let before = counted.wallet.standing(visit.now);
    let deed = if gives {
        Deed { gives: points, ..Deed::default() }
    } else {
        Deed { takes: points, ..Deed::default() }
    };
    let after = if gives {
        counted.wallet.clone().earn(samovar_base::LotId(0), points, None, visit.now)
    } else {
        counted.wallet.clone().deduct(points, visit.now)
    };
    let after = after.map_err(Problem::from)?.after.standing(visit.now);
    guard::allow(&visit.tx, actor, id, deed, visit.now).await?;
    let contact = contacts::load(&visit.tx, id).await?.ok_or_else(|| contacts::not_found(id))?;
    let programme = loyalty::current(&visit.app, &visit.tx).await?;
    let notice = if gives { &programme.notices.accrual } else { &programme.notices.write_off };
    let told = (notice.on && reached(visit, &contact).await?).then(|| {
        let names = Names {
            points: points.0,
            balance: after.available.0,
            held: after.held.0,
            comment: typed(params, "comment").unwrap_or_default().to_owned(),
            name: contact.first_name().to_owned(),
            business: visit.channel.tenant.name.clone(),
            ..Names::default()
        };
        counted.speech(&contact.locale).render(&notice.text, &names)
    });
    let key = new_key(visit);
    Ok(outcome(
        "ready",
        json!({
            "key": key,
            "points": points,
            "balance": before.available,
            "after": after.available,
            "told": told.unwrap_or_default(),
        }),
    ))
}

/// Gives the points, once for the key.
pub(super) async fn grant(actor: &Actor, params: &Values, visit: &mut Visit) -> Result<Outcome, Fail> {
    let (id, key) = (customer(params)?, prepared(params)?);
    let comment = typed(params, "comment").map(str::to_owned);
    let (app, tx) = (visit.app.clone(), visit.tx.clone());
    let (receipt, ready) =
        loyalty::grant_in(&app, &tx, actor, id, points(params), comment, key, visit.now).await?;
    visit.ready.extend(ready);
    Ok(done(&receipt))
}

/// Takes the points, once for the key.
pub(super) async fn deduct(actor: &Actor, params: &Values, visit: &mut Visit) -> Result<Outcome, Fail> {
    let (id, key) = (customer(params)?, prepared(params)?);
    let comment = typed(params, "comment").map(str::to_owned);
    let (app, tx) = (visit.app.clone(), visit.tx.clone());
    let deducted = loyalty::deduct_in(&app, &tx, actor, id, points(params), comment, key, visit.now).await;
    match deducted {
        Ok((receipt, ready)) => {
            visit.ready.extend(ready);
            Ok(done(&receipt))
        }
        Err(fail) if fail.code() == "code_required" => Ok(Outcome::named("code")),
        Err(fail) => Err(fail),
    }
}

/// Sends the customer a code for the prepared write-off.
pub(super) async fn ask_code(actor: &Actor, params: &Values, visit: &mut Visit) -> Result<Outcome, Fail> {
    let comment = typed(params, "comment").map(str::to_owned);
    ask(actor, params, codes::Operation::Deduct { points: points(params), comment }, visit).await
}

/// Sends the customer a code for the prepared purchase.
pub(super) async fn ask_to_pay(actor: &Actor, params: &Values, visit: &mut Visit) -> Result<Outcome, Fail> {
    ask(actor, params, codes::Operation::Purchase { purchase: bought(params) }, visit).await
}

async fn ask(
    actor: &Actor,
    params: &Values,
    operation: codes::Operation,
    visit: &mut Visit,
) -> Result<Outcome, Fail> {
    let (id, key, points) = (customer(params)?, prepared(params)?, operation.points());
    let (app, tx) = (visit.app.clone(), visit.tx.clone());
    let (code, ready) = codes::ask_in(&app, &tx, actor, id, operation, key, visit.now).await?;
    visit.ready.extend(ready);
    Ok(outcome("done", json!({ "code": code.id.to_string(), "points": points })))
}

/// Enters the code that the customer told, and does what it is for; also when the customer pressed the button meanwhile.
pub(super) async fn redeem(actor: &Actor, params: &Values, visit: &mut Visit) -> Result<Outcome, Fail> {
    let digits = typed(params, "digits").unwrap_or_default().to_owned();
    let (app, tx, id) = (visit.app.clone(), visit.tx.clone(), code(params)?);
    let (tried, ready) =
        codes::redeem_in(&app, &tx, actor, id, &digits, Some(points(params)), visit.now).await?;
    visit.ready.extend(ready);
    Ok(match tried {
        codes::Tried::Done(codes::Performed::Moved(receipt)) => done(&receipt),
        codes::Tried::Done(codes::Performed::Bought(record)) => outcome("bought", booked(&record)),
        codes::Tried::Wrong { left: 0 } => {
            let words = codes::wrong(0);
            outcome("exhausted", json!({ "reason": format!("{}.", words.text(&actor.locale)) }))
        }
        codes::Tried::Wrong { left } => outcome("wrong", json!({ "left": left })),
    })
}

/// Gives the code up, so that nothing is done by it any more; `already` when the customer was faster.
pub(super) async fn cancel_code(actor: &Actor, params: &Values, visit: &mut Visit) -> Result<Outcome, Fail> {
    let code = codes::cancel_in(&visit.app, &visit.tx, actor, code(params)?).await?;
    Ok(Outcome::named(if code.state.is_done() { "already" } else { "done" }))
}

fn code(params: &Values) -> Result<codes::CodeId, Problem> {
    typed(params, "code").unwrap_or_default().parse().map_err(|_| not_prepared())
}

/// What a purchase would come to, and the key under which it will be booked once.
pub(super) async fn quote(actor: &Actor, params: &Values, visit: &mut Visit) -> Result<Outcome, Fail> {
    actor.require(Right::PointsWrite)?;
    let (id, purchase) = (customer(params)?, bought(params));
    let counted = Counted::of(actor, visit, id).await?;
    let quote = loyalty::quote_in(&visit.app, &visit.tx, actor, id, &purchase, visit.now).await?;
    let sums = quote.sums;
    guard::allow(&visit.tx, actor, id, sums.deed(), visit.now).await?;
    let contact = contacts::load(&visit.tx, id).await?.ok_or_else(|| contacts::not_found(id))?;
    let programme = loyalty::current(&visit.app, &visit.tx).await?;
    let notice = &programme.notices.purchase;
    let moves = sums.pays.is_positive() || sums.earns.is_positive();
    let told = (moves && notice.on && reached(visit, &contact).await?).then(|| {
        let names = Names {
            points: sums.earns.0,
            sum: loyalty::money(sums.sum_minor),
            spent: sums.pays.0,
            earned: sums.earns.0,
            balance: quote.after.available.0,
            held: quote.after.held.0,
            name: contact.first_name().to_owned(),
            business: visit.channel.tenant.name.clone(),
            ..Names::default()
        };
        counted.speech(&contact.locale).render(&notice.text, &names)
    });
    Ok(outcome(
        "ready",
        json!({
            "key": new_key(visit),
            "sum": loyalty::money(sums.sum_minor),
            "most": sums.most,
            "pays": sums.pays,
            "to_pay": loyalty::money(sums.to_pay_minor),
            "earns": sums.earns,
            "balance": quote.before.available,
            "after": quote.after.available,
            "told": told.unwrap_or_default(),
        }),
    ))
}

/// Books the purchase, once for the key.
pub(super) async fn purchase(actor: &Actor, params: &Values, visit: &mut Visit) -> Result<Outcome, Fail> {
    let (id, key, purchase) = (customer(params)?, prepared(params)?, bought(params));
    let (app, tx) = (visit.app.clone(), visit.tx.clone());
    match loyalty::checkout_in(&app, &tx, actor, id, purchase, key, visit.now).await {
        Ok((record, ready)) => {
            visit.ready.extend(ready);
            Ok(outcome(if record.already { "already" } else { "done" }, booked(&record)))
        }
        Err(fail) if fail.code() == "code_required" => Ok(Outcome::named("code")),
        Err(fail) => Err(fail),
    }
}

/// A purchase as it stands in the books.
fn booked(record: &Bought) -> Value {
    json!({
        "sum": loyalty::money(record.purchase.booked.sum_minor),
        "pays": record.purchase.booked.paid,
        "to_pay": loyalty::money(record.to_pay_minor),
        "earns": record.purchase.booked.earned,
        "balance": record.standing.available,
    })
}

fn bought(params: &Values) -> Purchase {
    let whole = |name: &str| params.get(name).and_then(Value::as_f64).map(|number| format!("{number:.0}"));
    let whole = |name: &str| whole(name).and_then(|text| text.parse::<i64>().ok());
    Purchase {
        sum_minor: whole("sum").unwrap_or_default(),
        pay_points: whole("pay").filter(|points| *points > 0).map(Points),
        ..Purchase::default()
    }
}

/// Whether words of the company reach a customer.
async fn reached(visit: &Visit, contact: &Contact) -> Result<bool, Fail> {
    Ok(contact.takes_messages() && pipeline::recipient(&visit.app, &visit.tx, contact.id).await?.is_some())
}

pub(super) fn new_key(visit: &Visit) -> String {
    format!("till-{}", encode(visit.app.ids.next(visit.app.clock.as_ref())))
}

/// The key of the prepared operation.
pub(super) fn prepared(params: &Values) -> Result<String, Problem> {
    let key = params.get("key").and_then(Value::as_str).unwrap_or_default();
    if key.starts_with("till-") {
        return Ok(key.to_owned());
    }
    Err(not_prepared())
}

fn not_prepared() -> Problem {
    let ru = "Эта операция не подготовлена: начните её заново";
    Problem::invalid("key", "not_prepared", ru, "This operation is not prepared: begin it anew")
}

fn done(receipt: &Receipt) -> Outcome {
    let points = receipt.entry.points.0.abs();
    let name = if receipt.already { "already" } else { "done" };
    outcome(name, json!({ "points": points, "balance": receipt.standing.available }))
}
