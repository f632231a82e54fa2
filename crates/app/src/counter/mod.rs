//! The counter: what people of the company do with a phone in one hand: find a customer, move points, answer, set up.
//!
//! The bot itself is a scenario (`examples/counter`): its steps and texts can be edited. Here are the actions and screens
//! it is made of. Each runs with the rights of whoever presses, checked anew at every press; a refusal is an outcome with
//! a sentence that says what to do. The chosen customer lives in the variable `customer` of the scenario, the key of a
//! prepared operation in `key`: a second press finds it done.

mod find;
mod many;
mod orders;
mod people;
mod receipts;
mod settings;
mod store;
mod team;
mod till;
mod titles;
mod words;

use crate::access::Actor;
use crate::capability::{Capability, Look, Outcome, Shown, Words};
use crate::pipeline::waiting;
use crate::problem::{Fail, Problem};
use crate::visit::Visit;
use futures::future::{BoxFuture, FutureExt};
use samovar_base::message::{Action, Body, Button};
use samovar_base::{ContactId, Points};
use samovar_engine::Values;
use serde_json::{Value, json};

/// Rows of a list on one page: as many as a thumb reaches.
const PAGE: u32 = 6;

/// The counter, as scenarios see it.
#[derive(Debug)]
pub struct Counter;

impl Capability for Counter {
    fn name(&self) -> &'static str {
        "counter"
    }

    fn words(&self) -> Words {
        words::words()
    }

    fn act<'a>(
        &'a self,
        action: &'a str,
        params: &'a Values,
        visit: &'a mut Visit,
    ) -> BoxFuture<'a, Result<Outcome, Fail>> {
        async move {
            let Some(actor) = visit.staff.as_ref().map(|member| member.actor.clone()) else {
                return Ok(refusal(&[not_staff()], &visit.contact.locale));
            };
            let done = match action {
                "find" => find::find(&actor, params, visit).await,
                "quote" => till::quote(&actor, params, visit).await,
                "purchase" => till::purchase(&actor, params, visit).await,
                "export" => people::export(&actor, visit).await,
                "preview_all" => many::preview(&actor, params, visit).await,
                "start_all" => many::start(&actor, params, visit).await,
                "progress_all" => many::progress(&actor, params, visit).await,
                "undo_all" => many::undo(&actor, params, visit).await,
                "reach_all" => many::reach(&actor, params, visit).await,
                "message_all" => many::cast(&actor, params, visit).await,
                "backup" => people::backup(&actor, visit).await,
                "order" => orders::order(&actor, params, visit).await,
                "close_order" => orders::close(&actor, params, visit).await,
                "prepare" => till::prepare(&actor, params, visit).await,
                "grant" => till::grant(&actor, params, visit).await,
                "deduct" => till::deduct(&actor, params, visit).await,
                "ask_code" => till::ask_code(&actor, params, visit).await,
                "ask_to_pay" => till::ask_to_pay(&actor, params, visit).await,
                "cancel_code" => till::cancel_code(&actor, params, visit).await,
                "redeem" => till::redeem(&actor, params, visit).await,
                "picture" => Ok(people::picture(params, visit)),
                "message" => people::message(&actor, params, visit).await,
                "answer" => people::answer(&actor, params, visit).await,
                "give_back" => people::give_back(&actor, params, visit).await,
                "invite" => team::invite(&actor, params, visit).await,
                "colleague" => team::colleague(&actor, params, visit).await,
                "set_role" => team::set_role(&actor, params, visit).await,
                "disable" => team::disable(&actor, params, visit, true).await,
                "enable" => team::disable(&actor, params, visit, false).await,
                "setting" => settings::look(&actor, params, visit).await,
                "try_setting" => settings::attempt(&actor, params, visit).await,
                _ => settings::save(&actor, params, visit).await,
            };
            or_refused(done, &actor)
        }
        .boxed()
    }

    fn show<'a>(
        &'a self,
        screen: &'a str,
        look: Look<'a>,
        visit: &'a mut Visit,
    ) -> BoxFuture<'a, Result<Shown, Fail>> {
        async move {
            let Some(actor) = visit.staff.as_ref().map(|member| member.actor.clone()) else {
                return Ok(Shown::Left(refusal(&[not_staff()], &visit.contact.locale)));
            };
            let shown = match screen {
                "search" => find::search(&actor, look, visit).await,
                "found" => find::found(&actor, look, visit).await,
                "lots" => find::lots(&actor, look, visit).await,
                "history" => find::history(&actor, look, visit).await,
                "orders" => orders::list(&actor, look, visit).await,
                "receipts" => receipts::list(&actor, look, visit).await,
                "waiting" => people::waiting(&actor, look, visit).await,
                "conversation" => people::conversation(&actor, look, visit).await,
                "team" => team::list(&actor, look, visit).await,
                _ => settings::list(&actor, look, visit).await,
            };
            match shown {
                Err(Fail::Problems(problems)) => Ok(Shown::Left(refusal(&problems, &actor.locale))),
                shown => shown,
            }
        }
        .boxed()
    }

    fn facts<'a>(&'a self, namespace: &'a str, visit: &'a mut Visit) -> BoxFuture<'a, Result<Value, Fail>> {
        async move {
            let Some(actor) = visit.staff.as_ref().map(|member| member.actor.clone()) else {
                return Ok(json!({}));
            };
            match namespace {
                "customer" => find::facts(&actor, visit).await,
                _ => Ok(json!({ "waiting": waiting::count_in(&visit.tx).await? })),
            }
        }
        .boxed()
    }
}

/// The customer that is meant: named by the step.
fn customer(params: &Values) -> Result<ContactId, Problem> {
    let named = params.get("customer").and_then(Value::as_str).unwrap_or_default();
    named.parse().map_err(|_| {
        Problem::invalid("customer", "no_customer", "Сначала выберите клиента", "Choose a customer first")
    })
}

/// A text that was typed, without blanks around; none when it is empty.
fn typed<'a>(params: &'a Values, name: &str) -> Option<&'a str> {
    params.get(name).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
}

fn points(params: &Values) -> Points {
    crate::loyalty::whole_points(params.get("points")).unwrap_or_default()
}

/// A view with a title, lines and a column of buttons.
fn view(title: &str, lines: &[String], rows: Vec<(String, String)>, more: bool) -> Shown {
    let mut text = title.to_owned();
    if !lines.is_empty() {
        if !text.is_empty() {
            text.push_str("\n\n");
        }
        text.push_str(&lines.join("\n"));
    }
    let button = |(label, carries)| vec![Button { label, action: Action::Press(carries) }];
    Shown::View {
        body: Body { text, buttons: rows.into_iter().map(button).collect(), ..Body::default() },
        more,
    }
}

/// What the step says above a list.
fn title(look: &Look<'_>) -> String {
    look.params.get("title").and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// What to pass over to come to a page.
fn skipped(look: &Look<'_>) -> u32 {
    look.page.max(1).saturating_sub(1).saturating_mul(PAGE)
}

/// An outcome with values.
fn outcome(name: &'static str, values: Value) -> Outcome {
    let Value::Object(values) = values else { return Outcome::named(name) };
    Outcome { name, values }
}

fn or_refused(done: Result<Outcome, Fail>, actor: &Actor) -> Result<Outcome, Fail> {
    match done {
        Err(Fail::Problems(problems)) => Ok(refusal(&problems, &actor.locale)),
        done => done,
    }
}

fn refusal(problems: &[Problem], locale: &str) -> Outcome {
    let reason = problems.iter().map(|problem| problem.text(locale)).collect::<Vec<_>>().join("; ");
    let code = problems.first().map_or("refused", |problem| problem.code);
    let end = if reason.ends_with(['.', '!', '?']) { "" } else { "." };
    outcome("refused", json!({ "reason": format!("{reason}{end}"), "code": code }))
}

fn not_staff() -> Problem {
    Problem::refused("not_staff", "Это доступно только сотрудникам", "This is for the staff only")
}
