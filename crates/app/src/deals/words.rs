//! What scenarios may say of deals, and have done.

use super::model::{Deal, DealFilter, DealId, NewDeal, Source};
use super::{moves, rules, store};
use crate::capability::{Capability, Look, Outcome, Shown, Words};
use crate::problem::Fail;
use crate::visit::Visit;
use futures::future::{BoxFuture, FutureExt};
use samovar_base::id::encode;
use samovar_base::message::Body;
use samovar_engine::{
    ActionSpec, EventSpec, FactSpec, Kind, OutcomeSpec, ParamSpec, ScreenSpec, Title, Values,
};
use serde_json::{Value, json};

/// Deals on one page.
const PAGE: u32 = 8;
/// Deals of one person that are looked through.
const SHOWN_MAX: u32 = 200;

/// Deals, as scenarios see them.
#[derive(Debug)]
pub struct Deals;

impl Capability for Deals {
    fn name(&self) -> &'static str {
        "deal"
    }

    fn words(&self) -> Words {
        let create = ActionSpec {
            name: "deal.create".into(),
            params: vec![
                param("title", Kind::Text, true, "название", "title"),
                param("pipeline", Kind::Text, false, "воронка", "pipeline"),
                param("sum", Kind::Number, false, "сумма в рублях", "sum in roubles"),
                param("item", Kind::Text, false, "позиция каталога", "item of the catalogue"),
            ],
            outcomes: vec![outcome("done", "создана", "made"), outcome("refused", "не создана", "not made")],
            changes: Vec::new(),
            title: Title::new("создать сделку", "make a deal"),
        };
        let list = ScreenSpec {
            name: "deal.list".into(),
            params: vec![
                param("title", Kind::Text, false, "заголовок", "heading"),
                param("empty", Kind::Text, false, "если пусто", "when there are none"),
            ],
            outcomes: Vec::new(),
            hears: false,
            takes: false,
            title: Title::new("мои заказы и сделки", "my orders and deals"),
        };
        let stage = EventSpec {
            name: "deal.stage".into(),
            values: vec![
                value("pipeline", "воронка", "pipeline"),
                value("stage", "стадия", "stage"),
                value(
                    "kind",
                    "вид стадии: open, success, failure",
                    "kind of the stage: open, success, failure",
                ),
                value("title", "название сделки", "title of the deal"),
            ],
            title: Title::new("сделка на стадии", "a deal came to a stage"),
        };
        Words { events: vec![stage], actions: vec![create], screens: vec![list], ..Words::default() }
    }

    fn act<'a>(
        &'a self,
        _: &'a str,
        params: &'a Values,
        visit: &'a mut Visit,
    ) -> BoxFuture<'a, Result<Outcome, Fail>> {
        create(params, visit).boxed()
    }

    fn show<'a>(
        &'a self,
        _: &'a str,
        look: Look<'a>,
        visit: &'a mut Visit,
    ) -> BoxFuture<'a, Result<Shown, Fail>> {
        list(look, visit).boxed()
    }

    fn facts<'a>(&'a self, _: &'a str, _: &'a mut Visit) -> BoxFuture<'a, Result<Value, Fail>> {
        async { Ok(json!({})) }.boxed()
    }
}

/// What cannot be made is an outcome: it is refused before anything is written.
async fn create(params: &Values, visit: &mut Visit) -> Result<Outcome, Fail> {
    let text = |name: &str| {
        params
            .get(name)
            .and_then(Value::as_str)
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    // The event that a visit handles is marked as handled in the same commit, so a fresh key is enough.
    let key = format!("scenario:{}", encode(visit.app.ids.next(visit.app.clock.as_ref())));
    let new = NewDeal {
        contact: visit.contact.id,
        pipeline: text("pipeline"),
        stage: None,
        title: rules::cut_title(&text("title").unwrap_or_default()),
        sum: params.get("sum").and_then(kopecks),
        items: text("item").map(|item| (item, 1)).into_iter().collect(),
        source: Source::Scenario,
        responsible: None,
        key,
    };
    match moves::create_of_visit(visit, new).await {
        Ok(_) => Ok(Outcome::named("done")),
        Err(Fail::Problems(problems)) => {
            let why = problems.first().map(|problem| problem.code).unwrap_or_default();
            tracing::warn!(contact = %visit.contact.id, why, "a scenario's deal was refused");
            Ok(Outcome::named("refused"))
        }
        Err(fail) => Err(fail),
    }
}

async fn list(look: Look<'_>, visit: &mut Visit) -> Result<Shown, Fail> {
    let (tx, locale) = (&visit.tx, visit.contact.locale.as_str());
    let russian = locale.starts_with("ru");
    let said = |name: &str, ru: &str, en: &str| match look.params.get(name).and_then(Value::as_str) {
        Some(text) if !text.is_empty() => text.to_owned(),
        _ if russian => ru.to_owned(),
        _ => en.to_owned(),
    };
    let filter = DealFilter { contact: Some(visit.contact.id), ..DealFilter::default() };
    let deals = store::page(tx, &filter, None, DealId(i64::MAX), SHOWN_MAX).await?;
    if deals.is_empty() {
        let text = said("empty", "Заказов пока не было.", "No orders yet.");
        return Ok(Shown::View { body: Body::text(text), more: false });
    }
    let pipelines = store::pipelines(tx).await?;
    let zone = visit.channel.tenant.time_zone();
    let line = |deal: &Deal| {
        let stage = pipelines
            .iter()
            .find(|pipeline| pipeline.id == deal.pipeline)
            .and_then(|pipeline| pipeline.stage(&deal.stage))
            .map_or(deal.stage.as_str(), |stage| stage.name.text(locale));
        let day = deal.created_at.in_zone(&zone).date();
        let day = if russian { day.strftime("%d.%m.%Y") } else { day.strftime("%-d %b %Y") };
        format!("{day}  {} — {}", deal.title, stage)
    };
    let skip = look.page.max(1).saturating_sub(1).saturating_mul(PAGE) as usize;
    let lines: Vec<String> = deals.iter().skip(skip).take(PAGE as usize).map(line).collect();
    let heading = said("title", "Ваши заказы", "Your orders");
    let body = Body::text(format!("{heading}\n\n{}", lines.join("\n")));
    Ok(Shown::View { body, more: deals.len() > skip + lines.len() })
}

#[allow(clippy::cast_possible_truncation, reason = "rounded and bounded before")]
fn kopecks(roubles: &Value) -> Option<i64> {
    let minor = (roubles.as_f64()? * 100.0).round();
    (0.0..1e14).contains(&minor).then_some(minor as i64)
}

fn param(name: &str, kind: Kind, required: bool, ru: &str, en: &str) -> ParamSpec {
    ParamSpec { name: name.into(), kind, required, title: Title::new(ru, en) }
}

fn outcome(name: &str, ru: &str, en: &str) -> OutcomeSpec {
    OutcomeSpec { name: name.into(), values: Vec::new(), title: Title::new(ru, en) }
}

fn value(path: &str, ru: &str, en: &str) -> FactSpec {
    FactSpec { path: path.into(), kind: Kind::Text, writable: false, title: Title::new(ru, en) }
}
