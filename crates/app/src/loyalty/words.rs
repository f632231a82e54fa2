//! What scenarios may say of loyalty, and have done.

use super::cards::media_key;
use super::model::Programme;
use super::rules::{Turning, whole_points};
use super::wording::{Names, Speech};
use super::{desk, store};
use crate::capability::{Capability, Look, Outcome, Shown, Words};
use crate::ledger::{self, Act, NextExpiry, Operation, OperationId, POINTS, Posted, Refusal, Standing};
use crate::problem::Fail;
use crate::visit::Visit;
use futures::future::{BoxFuture, FutureExt};
use samovar_base::message::{Body, FileKind, Media};
use samovar_base::{LotId, Points};
use samovar_engine::{
    ActionSpec, EventSpec, FactSpec, Kind, OutcomeSpec, ParamSpec, ScreenSpec, Title, Values,
};
use serde_json::{Value, json};

/// Operations on one page of the history.
const PAGE: u32 = 8;

/// Loyalty, as scenarios see it.
#[derive(Debug)]
pub struct Loyalty;

impl Capability for Loyalty {
    fn name(&self) -> &'static str {
        "loyalty"
    }

    fn words(&self) -> Words {
        Words { events: events(), actions: actions(), screens: screens(), facts: facts() }
    }

    fn act<'a>(
        &'a self,
        action: &'a str,
        params: &'a Values,
        visit: &'a mut Visit,
    ) -> BoxFuture<'a, Result<Outcome, Fail>> {
        async move {
            match action {
                "welcome" => welcome(visit).await,
                "grant" => grant(params, visit).await,
                _ => spend(params, visit).await,
            }
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
            let programme = store::programme(&visit.app, &visit.tx).await?.programme;
            match screen {
                "balance" => show_balance(&programme, visit).await,
                "card" => show_card(&programme, visit).await,
                _ => show_history(&programme, look.page, visit).await,
            }
        }
        .boxed()
    }

    fn facts<'a>(&'a self, namespace: &'a str, visit: &'a mut Visit) -> BoxFuture<'a, Result<Value, Fail>> {
        async move {
            match namespace {
                "purchases" => facts_of_purchases(visit).await,
                _ => facts_of(visit).await,
            }
        }
        .boxed()
    }
}

async fn welcome(visit: &mut Visit) -> Result<Outcome, Fail> {
    let given = desk::welcome(visit).await?;
    let standing = standing(visit).await?;
    let name = if given.already { "already" } else { "done" };
    Ok(Outcome { name, values: values(given.points, standing) })
}

async fn grant(params: &Values, visit: &mut Visit) -> Result<Outcome, Fail> {
    let programme = store::programme(&visit.app, &visit.tx).await?.programme;
    let act = Act::Earn {
        lot: LotId::new(&visit.app.ids, visit.app.clock.as_ref()),
        points: whole_points(params.get("points")).unwrap_or_default(),
        expires_at: programme.ends("grant", visit.now, &visit.channel.tenant.time_zone()),
    };
    move_points("grant", act, params, visit).await
}

async fn spend(params: &Values, visit: &mut Visit) -> Result<Outcome, Fail> {
    let points = whole_points(params.get("points")).unwrap_or_default();
    move_points("spend", Act::Spend { points }, params, visit).await
}

async fn move_points(
    kind: &'static str,
    act: Act,
    params: &Values,
    visit: &mut Visit,
) -> Result<Outcome, Fail> {
    // The event that a visit handles is marked as handled in the same commit, so a fresh key is enough.
    let key = format!("scenario:{}", OperationId::new(&visit.app.ids, visit.app.clock.as_ref()));
    let note = params
        .get("comment")
        .and_then(Value::as_str)
        .map(|note| note.trim().chars().take(500).collect::<String>());
    let note = note.filter(|note| !note.is_empty());
    let operation = Operation { key, kind: kind.into(), note, cause: visit.cause.clone(), act };
    let posted = ledger::post_for(visit, operation).await?;
    let standing = standing(visit).await?;
    Ok(match posted {
        Posted::Now(entry) | Posted::Already(entry) => {
            Outcome { name: "done", values: values(Points(entry.points.0.abs()), standing) }
        }
        Posted::Refused(refusal) => {
            let missing = if let Refusal::NotEnough { missing } = refusal { missing } else { Points::ZERO };
            let mut values = values(Points::ZERO, standing);
            values.insert("missing".into(), json!(missing));
            Outcome { name: "refused", values }
        }
    })
}

async fn show_balance(programme: &Programme, visit: &mut Visit) -> Result<Shown, Fail> {
    let zone = visit.channel.tenant.time_zone();
    let (now, locale) = (visit.now, visit.contact.locale.clone());
    let wallet = ledger::of_visit(visit).await?;
    let (standing, next) = (wallet.standing(now), wallet.next_expiry(now));
    let speech = Speech { units: &programme.units, locale: &locale, zone: &zone };
    let text = match &programme.screens.balance {
        Some(wording) => speech.render(wording, &names(visit, &speech, standing, next)),
        None => speech.balance(standing, next),
    };
    Ok(view(Body::text(text), false))
}

async fn show_card(programme: &Programme, visit: &mut Visit) -> Result<Shown, Fail> {
    let number = match store::card_of(&visit.tx, visit.contact.id).await? {
        Some(number) => number,
        None => store::issue_card(&visit.app, &visit.tx, visit.contact.id, visit.now).await?,
    };
    let zone = visit.channel.tenant.time_zone();
    let turning = Turning::of(programme).map(|turning| (turning, turning.window(visit.now)));
    let until = turning
        .map(|(turning, window)| turning.good_until(window).in_zone(&zone).strftime("%H:%M:%S").to_string());
    let text = match &programme.screens.card {
        Some(wording) => {
            let (now, locale) = (visit.now, visit.contact.locale.clone());
            let wallet = ledger::of_visit(visit).await?;
            let (standing, next) = (wallet.standing(now), wallet.next_expiry(now));
            let speech = Speech { units: &programme.units, locale: &locale, zone: &zone };
            let good_until = until.unwrap_or_default();
            let names =
                Names { number: number.to_string(), good_until, ..names(visit, &speech, standing, next) };
            speech.render(wording, &names)
        }
        None => match (until, visit.contact.locale.starts_with("ru")) {
            (None, true) => {
                format!("Карта {number}\nПокажите её на кассе: код отсканируют или наберут номер.")
            }
            (None, false) => {
                format!("Card {number}\nShow it at the till: they will scan the code or type the number.")
            }
            (Some(until), true) => {
                format!(
                    "Карта {number}\nПокажите её на кассе. Код действует до {until}, потом откройте карту снова."
                )
            }
            (Some(until), false) => {
                format!(
                    "Card {number}\nShow it at the till. The code is good until {until}; then open the card again."
                )
            }
        },
    };
    let window = turning.map(|(_, window)| window);
    let key = media_key(programme, &visit.channel.tenant.name, &visit.contact, number, window);
    Ok(view(Body { text, media: Some(Media { kind: FileKind::Photo, key }), ..Body::default() }, false))
}

async fn show_history(programme: &Programme, page: u32, visit: &mut Visit) -> Result<Shown, Fail> {
    let zone = visit.channel.tenant.time_zone();
    let now = visit.now;
    ledger::of_visit(visit).await?;
    let skip = page.max(1).saturating_sub(1).saturating_mul(PAGE);
    let locale = visit.contact.locale.clone();
    let Some(wallet) = &visit.wallet else { unreachable!("loaded above") };
    let mut entries = ledger::page(&visit.tx, wallet, skip, PAGE + 1).await?;
    let more = entries.len() > PAGE as usize;
    entries.truncate(PAGE as usize);
    let speech = Speech { units: &programme.units, locale: &locale, zone: &zone };
    let names = names(visit, &speech, wallet.standing(now), wallet.next_expiry(now));
    let say = |own: &Option<super::Wording>, ru: &str, en: &str| match own {
        Some(wording) => speech.render(wording, &names),
        None if locale.starts_with("ru") => ru.to_owned(),
        None => en.to_owned(),
    };
    let text = if entries.is_empty() {
        say(
            &programme.screens.history_empty,
            "Здесь будут видны начисления и списания. Пока их не было.",
            "What you earn and spend will be shown here. Nothing yet.",
        )
    } else {
        let title = say(&programme.screens.history, "История", "History");
        speech.history(&title, &entries)
    };
    Ok(view(Body::text(text), more))
}

async fn facts_of(visit: &mut Visit) -> Result<Value, Fail> {
    let (app, tx, contact, now) = (visit.app.clone(), visit.tx.clone(), visit.contact.id, visit.now);
    let known = visit.wallet.take();
    let wallet = async {
        match known {
            Some(wallet) => Ok(wallet),
            None => ledger::load(&app, &tx, contact, POINTS).await,
        }
    };
    // Asked together, answered together: on PostgreSQL that is one round trip.
    let (stored, card, wallet) =
        futures::try_join!(store::programme(&app, &tx), store::card_of(&tx, contact), wallet)?;
    let (standing, next) = (wallet.standing(now), wallet.next_expiry(now));
    visit.wallet = Some(wallet);
    let programme = stored.programme;
    let mut facts = json!({
        "balance": standing.balance,
        "available": standing.available,
        "held": standing.held,
        "welcome_points": programme.welcome_points,
    });
    if let Some(number) = card {
        facts["card_number"] = json!(number.to_string());
    }
    if let Some(next) = next {
        let zone = visit.channel.tenant.time_zone();
        let speech = Speech { units: &programme.units, locale: "en", zone: &zone };
        facts["next_expiry_points"] = json!(next.points);
        facts["next_expiry_date"] = json!(speech.last_day(&next).to_string());
    }
    Ok(facts)
}

async fn facts_of_purchases(visit: &mut Visit) -> Result<Value, Fail> {
    let found = store::totals(&visit.tx, visit.contact.id).await?;
    let mut facts = json!({
        "count": found.count,
        "sum": found.sum_minor / 100,
        "earned_total": found.earned,
    });
    if let Some(last) = found.last_at {
        let zone = visit.channel.tenant.time_zone();
        facts["last_date"] = json!(last.in_zone(&zone).date().to_string());
    }
    Ok(facts)
}

async fn standing(visit: &mut Visit) -> Result<Standing, Fail> {
    let now = visit.now;
    Ok(ledger::of_visit(visit).await?.standing(now))
}

fn names(visit: &Visit, speech: &Speech<'_>, standing: Standing, next: Option<NextExpiry>) -> Names {
    Names {
        balance: standing.available.0,
        held: standing.held.0,
        name: visit.contact.first_name().to_owned(),
        business: visit.channel.tenant.name.clone(),
        expiring: next.map_or(0, |next| next.points.0),
        expires_on: next.map(|next| speech.date(speech.last_day(&next))).unwrap_or_default(),
        ..Names::default()
    }
}

fn values(points: Points, standing: Standing) -> Values {
    let mut values = Values::new();
    values.insert("points".into(), json!(points));
    values.insert("balance".into(), json!(standing.available));
    values
}

fn view(body: Body, more: bool) -> Shown {
    Shown::View { body, more }
}

fn actions() -> Vec<ActionSpec> {
    let points = || param("points", Kind::Points, true, "сколько баллов", "how many points");
    let comment =
        || param("comment", Kind::Text, false, "за что, увидит клиент", "what for, shown to the customer");
    let action =
        |name: &str, ru: &str, en: &str, params: Vec<ParamSpec>, outcomes: Vec<OutcomeSpec>| ActionSpec {
            name: name.into(),
            params,
            outcomes,
            changes: vec!["loyalty".into()],
            title: Title::new(ru, en),
        };
    vec![
        action(
            "loyalty.welcome",
            "начислить приветственные баллы",
            "give welcome points",
            Vec::new(),
            vec![done(), outcome("already", "уже были начислены", "were given before")],
        ),
        action(
            "loyalty.grant",
            "начислить баллы",
            "give points",
            vec![points(), comment()],
            vec![done(), refused()],
        ),
        action(
            "loyalty.spend",
            "списать баллы",
            "spend points",
            vec![points(), comment()],
            vec![done(), refused()],
        ),
    ]
}

fn events() -> Vec<EventSpec> {
    let points = || fact("points", Kind::Points, "сколько баллов", "how many points");
    let kind = || {
        fact("kind", Kind::Text, "за что: grant, purchase, birthday…", "what for: grant, purchase, birthday…")
    };
    let balance = || fact("balance", Kind::Points, "баланс после этого", "balance afterwards");
    let date = || fact("date", Kind::Date, "последний день", "the last day");
    let days = || fact("days", Kind::Number, "сколько дней осталось", "how many days are left");
    let event = |name: &str, ru: &str, en: &str, values: Vec<FactSpec>| EventSpec {
        name: name.into(),
        values,
        title: Title::new(ru, en),
    };
    vec![
        event("loyalty.earned", "баллы начислены", "points came", vec![points(), kind(), balance()]),
        event(
            "loyalty.spent",
            "баллы потрачены или списаны",
            "points went",
            vec![points(), kind(), balance()],
        ),
        event("loyalty.expiring", "баллы скоро сгорят", "points end soon", vec![points(), date(), days()]),
        event("loyalty.expired", "баллы сгорели", "points ended", vec![points(), date(), days()]),
    ]
}

fn screens() -> Vec<ScreenSpec> {
    let screen = |name: &str, ru: &str, en: &str| ScreenSpec {
        name: name.into(),
        params: Vec::new(),
        outcomes: Vec::new(),
        hears: false,
        takes: false,
        title: Title::new(ru, en),
    };
    vec![
        screen("loyalty.balance", "баланс", "balance"),
        screen("loyalty.card", "карта с кодом", "card with a code"),
        screen("loyalty.history", "история баллов", "history of points"),
    ]
}

fn facts() -> Vec<FactSpec> {
    vec![
        fact("loyalty.balance", Kind::Points, "баланс вместе с резервом", "balance, held points included"),
        fact("loyalty.available", Kind::Points, "можно потратить", "may be spent"),
        fact("loyalty.held", Kind::Points, "в резерве", "on hold"),
        fact("loyalty.card_number", Kind::Text, "номер карты", "card number"),
        fact("loyalty.welcome_points", Kind::Points, "приветственные баллы", "welcome points"),
        fact("loyalty.next_expiry_points", Kind::Points, "сгорят следующими", "expire next"),
        fact(
            "loyalty.next_expiry_date",
            Kind::Date,
            "последний день, когда их можно потратить",
            "last day to spend them",
        ),
        fact("purchases.count", Kind::Number, "сколько было покупок", "how many purchases there were"),
        fact(
            "purchases.sum",
            Kind::Number,
            "на какую сумму, за вычетом возвратов",
            "for how much, less what came back",
        ),
        fact("purchases.last_date", Kind::Date, "день последней покупки", "day of the last purchase"),
        fact("purchases.earned_total", Kind::Points, "сколько начислено за всё время", "earned in all"),
    ]
}

fn done() -> OutcomeSpec {
    outcome("done", "сделано", "done")
}

fn refused() -> OutcomeSpec {
    let mut refused = outcome("refused", "отказано", "refused");
    refused.values.push(fact("missing", Kind::Points, "сколько не хватает", "how many are missing"));
    refused
}

fn outcome(name: &str, ru: &str, en: &str) -> OutcomeSpec {
    let values = vec![
        fact("points", Kind::Points, "баллы", "points"),
        fact("balance", Kind::Points, "баланс после этого", "balance afterwards"),
    ];
    OutcomeSpec { name: name.into(), values, title: Title::new(ru, en) }
}

fn param(name: &str, kind: Kind, required: bool, ru: &str, en: &str) -> ParamSpec {
    ParamSpec { name: name.into(), kind, required, title: Title::new(ru, en) }
}

fn fact(path: &str, kind: Kind, ru: &str, en: &str) -> FactSpec {
    FactSpec { path: path.into(), kind, writable: false, title: Title::new(ru, en) }
}
