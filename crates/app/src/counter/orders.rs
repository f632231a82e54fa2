//! Orders and other deals that wait: seen, completed, refused.

use super::{PAGE, find, outcome, skipped, title, typed, view};
use crate::access::{Actor, Right};
use crate::capability::{Look, Outcome, Shown};
use crate::contacts;
use crate::deals::{self, Deal, DealId, Pipeline, StageKind};
use crate::problem::{Fail, Problem};
use crate::visit::Visit;
use samovar_engine::Values;
use serde_json::{Value, json};

/// What waits, to be chosen.
pub(super) async fn list(actor: &Actor, look: Look<'_>, visit: &mut Visit) -> Result<Shown, Fail> {
    if let Some(pressed) = look.pressed {
        return Ok(Shown::Left(outcome("chosen", json!({ "order": pressed }))));
    }
    let mut all = deals::open_in(&visit.tx, actor, skipped(&look), PAGE + 1).await?;
    let more = all.len() > PAGE as usize;
    all.truncate(PAGE as usize);
    let zone = visit.channel.tenant.time_zone();
    let mut rows = Vec::with_capacity(all.len());
    for deal in &all {
        let day = deal.created_at.in_zone(&zone).strftime("%d.%m");
        let who = who(actor, visit, deal).await?;
        rows.push((format!("{day} · {} · {who}", deal.title), deal.id.to_string()));
    }
    let lines = match (rows.is_empty(), actor.locale.starts_with("ru")) {
        (true, true) => vec!["Сейчас ничего не ждёт.".to_owned()],
        (true, false) => vec!["Nothing waits now.".to_owned()],
        _ => Vec::new(),
    };
    Ok(view(&title(&look), &lines, rows, more))
}

/// One of them.
pub(super) async fn order(actor: &Actor, params: &Values, visit: &mut Visit) -> Result<Outcome, Fail> {
    let (deal, pipeline) = deals::look_in(&visit.tx, actor, chosen(params)?).await?;
    let name = if deal.kind == StageKind::Open { "open" } else { "over" };
    Ok(outcome(name, described(actor, visit, &deal, &pipeline).await?))
}

/// Completes or refuses an order as it was seen. One that is closed already is shown as it is.
pub(super) async fn close(actor: &Actor, params: &Values, visit: &mut Visit) -> Result<Outcome, Fail> {
    actor.require(Right::ContactsWrite)?;
    let id = chosen(params)?;
    let (before, pipeline) = deals::look_in(&visit.tx, actor, id).await?;
    if before.kind != StageKind::Open {
        return Ok(outcome("over", described(actor, visit, &before, &pipeline).await?));
    }
    let kind = match typed(params, "kind") {
        Some("success") => StageKind::Success,
        Some("failure") => StageKind::Failure,
        _ => return Err(no_kind().into()),
    };
    let seen = params.get("revision").and_then(Value::as_f64).map(|number| format!("{number:.0}"));
    let seen = seen.and_then(|text| text.parse::<i64>().ok()).unwrap_or_default();
    let reason = typed(params, "reason").map(str::to_owned);
    let (app, tx) = (visit.app.clone(), visit.tx.clone());
    let (after, ready) = deals::close_in(&app, &tx, actor, id, seen, kind, reason, visit.now).await?;
    visit.ready.extend(ready);
    Ok(outcome("done", described(actor, visit, &after, &pipeline).await?))
}

async fn described(actor: &Actor, visit: &Visit, deal: &Deal, pipeline: &Pipeline) -> Result<Value, Fail> {
    let contact = contacts::load(&visit.tx, deal.contact).await?;
    let phone = contact.and_then(|contact| contact.phone).map(|phone| actor.sees_phone(&phone));
    let items = deal.items.iter().map(|item| match item.quantity {
        1 => item.name.clone(),
        quantity => format!("{} × {quantity}", item.name),
    });
    let zone = visit.channel.tenant.time_zone();
    let stage =
        pipeline.stage(&deal.stage).map_or(deal.stage.as_str(), |stage| stage.name.text(&actor.locale));
    Ok(json!({
        "order": deal.id.to_string(),
        "revision": deal.revision,
        "title": deal.title,
        "customer": deal.contact.to_string(),
        "name": who(actor, visit, deal).await?,
        "phone": phone.unwrap_or_default(),
        "items": items.collect::<Vec<_>>().join(", "),
        "points": deal.points,
        "stage": stage,
        "since": deal.created_at.in_zone(&zone).strftime("%d.%m.%Y %H:%M").to_string(),
    }))
}

async fn who(actor: &Actor, visit: &Visit, deal: &Deal) -> Result<String, Fail> {
    let contact = contacts::load(&visit.tx, deal.contact).await?;
    Ok(contact.map_or_else(|| "—".to_owned(), |contact| find::name(&contact, &actor.locale)))
}

fn chosen(params: &Values) -> Result<DealId, Problem> {
    typed(params, "order").unwrap_or_default().parse().map_err(|_| {
        let ru = "Сначала выберите заказ";
        Problem::invalid("order", "no_order", ru, "Choose an order first")
    })
}

fn no_kind() -> Problem {
    Problem::invalid("kind", "no_kind", "Укажите success или failure", "Say success or failure")
}
