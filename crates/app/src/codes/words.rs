//! The button below a code: confirming without telling.

use super::model::{Code, CodeId, CodeNames, CodeState, CodeTexts, Performed, Tried};
use super::{names, perform, store};
use crate::access::{Actor, Right, Rights, Who, audit};
use crate::capability::{Capability, Look, Outcome, Pressed, Shown, Words};
use crate::loyalty::{self, Speech, Wording};
use crate::pipeline::Ready;
use crate::problem::Fail;
use crate::staff;
use crate::visit::Visit;
use futures::future::{BoxFuture, FutureExt};
use samovar_base::message::Body;
use samovar_base::{Points, StaffId, TenantId};
use samovar_engine::Values;
use serde_json::{Value, json};

/// The capability's name in its buttons.
pub(super) const NAME: &str = "codes";

/// Codes, as conversations see them: no words, one button.
#[derive(Debug)]
pub struct Codes;

impl Capability for Codes {
    fn name(&self) -> &'static str {
        NAME
    }

    fn words(&self) -> Words {
        Words::default()
    }

    fn act<'a>(
        &'a self,
        _: &'a str,
        _: &'a Values,
        _: &'a mut Visit,
    ) -> BoxFuture<'a, Result<Outcome, Fail>> {
        async { Ok(Outcome::named("failed")) }.boxed()
    }

    fn show<'a>(&'a self, _: &'a str, _: Look<'a>, _: &'a mut Visit) -> BoxFuture<'a, Result<Shown, Fail>> {
        async { Ok(Shown::Left(Outcome::named("failed"))) }.boxed()
    }

    fn facts<'a>(&'a self, _: &'a str, _: &'a mut Visit) -> BoxFuture<'a, Result<Value, Fail>> {
        async { Ok(json!({})) }.boxed()
    }

    fn press<'a>(&'a self, data: &'a str, visit: &'a mut Visit) -> BoxFuture<'a, Result<Pressed, Fail>> {
        async move {
            let Ok(id) = data.parse::<CodeId>() else { return Ok(Pressed::default()) };
            match store::load(&visit.tx, id).await? {
                // Anybody can send any token.
                Some(code) if code.contact == visit.contact.id => confirm(code, visit).await,
                _ => Ok(Pressed::default()),
            }
        }
        .boxed()
    }
}

/// Does the operation in the name of whoever asked for the code. A refusal leaves the code as it is.
async fn confirm(mut code: Code, visit: &mut Visit) -> Result<Pressed, Fail> {
    if code.state.is_done() {
        return answer(&code, visit, |texts| &texts.confirmed, String::new()).await;
    }
    if !code.is_open(visit.now) {
        return answer(&code, visit, |texts| &texts.over, String::new()).await;
    }
    let (app, tx, actor) = (visit.app.clone(), visit.tx.clone(), asker(&code, visit.tx.tenant()));
    match perform(&app, &tx, &actor, &code, visit.now).await {
        Ok((tried, ready)) => {
            visit.ready.extend(ready);
            let told = tell_asker(&code, &tried, visit).await?;
            visit.ready.extend(told);
        }
        Err(Fail::Problems(problems)) => {
            let reason = problems.first().map(|problem| problem.text(&visit.contact.locale).to_owned());
            return answer(&code, visit, |texts| &texts.refused, reason.unwrap_or_default()).await;
        }
        Err(fail) => return Err(fail),
    }
    code.state = CodeState::Confirmed;
    store::save(&tx, &code);
    audit(&tx, &app, &actor, "codes.confirm", code.contact, &json!({ "code": code.id }));
    answer(&code, visit, |texts| &texts.confirmed, String::new()).await
}

/// Whoever asked waits at the till for it: they are told in their chat with the staff's bot.
async fn tell_asker(code: &Code, tried: &Tried, visit: &Visit) -> Result<Vec<Ready>, Fail> {
    let (Tried::Done(performed), Ok(staff)) = (tried, code.asked_by.parse::<StaffId>()) else {
        return Ok(Vec::new());
    };
    let tenant = &visit.channel.tenant;
    let (units, zone) = (loyalty::current(&visit.app, &visit.tx).await?.units.clone(), tenant.time_zone());
    let speech = Speech { units: &units, locale: &tenant.locale, zone: &zone };
    let text = told(performed, &visit.contact.name, &speech);
    staff::tell_one(&visit.app, &visit.tx, staff, &Body::text(text), &visit.cause).await
}

/// What was done with the customer's consent, for whoever asked for it.
fn told(performed: &Performed, name: &str, speech: &Speech<'_>) -> String {
    let ru = speech.locale.starts_with("ru");
    let name = match (name, ru) {
        ("", true) => "Клиент без имени",
        ("", false) => "A customer without a name",
        (name, _) => name,
    };
    match performed {
        Performed::Moved(receipt) => {
            let points = speech.points(Points(receipt.entry.points.0.abs()));
            let balance = speech.points(receipt.standing.available);
            if ru {
                format!("{name}: списание подтверждено в чате. Списано {points}, на счёте {balance}.")
            } else {
                format!("{name} confirmed in the chat: {points} written off, {balance} to spend.")
            }
        }
        Performed::Bought(bought) => {
            let booked = &bought.purchase.booked;
            let (sum, to_pay) = (loyalty::money(booked.sum_minor), loyalty::money(bought.to_pay_minor));
            let (paid, earned) = (speech.points(booked.paid), speech.points(booked.earned));
            let balance = speech.points(bought.standing.available);
            if ru {
                format!(
                    "{name}: покупка на {sum} подтверждена в чате. Списано {paid}, деньгами {to_pay}. \
                     Начислено {earned}, на счёте {balance}."
                )
            } else {
                format!(
                    "{name} confirmed a purchase of {sum} in the chat: {paid} paid, {to_pay} in money. \
                     Earned {earned}, {balance} to spend."
                )
            }
        }
    }
}

/// Takes the place of the message with the code.
async fn answer(
    code: &Code,
    visit: &Visit,
    pick: fn(&CodeTexts) -> &Wording,
    reason: String,
) -> Result<Pressed, Fail> {
    let rules = store::rules(&visit.tx).await?.rules;
    let units = loyalty::current(&visit.app, &visit.tx).await?.units.clone();
    let zone = visit.channel.tenant.time_zone();
    let speech = Speech { units: &units, locale: &visit.contact.locale, zone: &zone };
    let business = visit.channel.tenant.name.clone();
    let names = CodeNames { reason, ..names(business, &visit.contact, &rules, code) };
    let body = Body::text(speech.render(pick(&rules.texts), &names));
    Ok(Pressed { edit: Some(body), ..Pressed::default() })
}

/// Whoever asked for a code, as far as they may do what they asked for.
fn asker(code: &Code, tenant: TenantId) -> Actor {
    let who = match code.asked_by.as_str() {
        "setup" => Who::Setup,
        "system" => Who::System,
        id => id.parse().map(Who::Staff).or_else(|_| id.parse().map(Who::ApiKey)).unwrap_or(Who::System),
    };
    Actor { tenant, who, rights: Rights::of(&[Right::PointsWrite]), channels: None, locale: "en".into() }
}
