//! What scenarios may say of receipts: a screen that takes them, one that asks for their numbers field by field, and
//! the events that follow.

use super::receive::{self, Arrival, Taken};
use super::store::{self, Standing};
use super::{form, look, model::Source, say};
use crate::capability::{Capability, Look, Outcome, Said, Shown, Words};
use crate::problem::Fail;
use crate::promo::texts::{Speech, is_known};
use crate::promo::{Promotion, Reason};
use crate::visit::Visit;
use futures::future::{BoxFuture, FutureExt};
use samovar_base::message::{Body, Event, FileRef};
use samovar_engine::{EventSpec, FactSpec, Kind, OutcomeSpec, ParamSpec, ScreenSpec, Title, Values};
use samovar_fiscal::{NotACode, read_all};
use serde_json::{Value, json};
use std::sync::Arc;

/// Receipts, as scenarios see them.
#[derive(Debug)]
pub struct Receipts;

impl Capability for Receipts {
    fn name(&self) -> &'static str {
        "receipts"
    }

    fn words(&self) -> Words {
        let screen = |name: &str, params, ru: &str, en: &str, outcomes| ScreenSpec {
            name: name.into(),
            params,
            outcomes,
            hears: true,
            takes: true,
            title: Title::new(ru, en),
        };
        let word = |name: &str, ru: &str, en: &str| ParamSpec {
            name: name.into(),
            kind: Kind::Text,
            required: false,
            title: Title::new(ru, en),
        };
        let first_words = vec![
            promotion_param(),
            word("title", "что сказать вначале", "what to say first"),
            // A key and no template: what is heard here costs no facts.
            word("text", "или ключ текста акции", "or the key of a text of the promotion"),
        ];
        let out = |name: &str, ru: &str, en: &str| OutcomeSpec {
            name: name.into(),
            values: Vec::new(),
            title: Title::new(ru, en),
        };
        let stranger = || out("stranger", "не участвует", "takes no part");
        let value = |path: &str, kind, ru: &str, en: &str| FactSpec {
            path: path.into(),
            kind,
            writable: false,
            title: Title::new(ru, en),
        };
        let promotion = || value("promotion", Kind::Text, "акция", "promotion");
        let sum = || value("sum", Kind::Number, "сумма в рублях", "sum in rubles");
        let event = |name: &str, ru: &str, en: &str, values| EventSpec {
            name: name.into(),
            values,
            title: Title::new(ru, en),
        };
        Words {
            screens: vec![
                screen("receipts.send", first_words, "приём чеков", "taking receipts", vec![stranger()]),
                screen(
                    "receipts.typed",
                    vec![promotion_param()],
                    "чек по полям",
                    "a receipt field by field",
                    vec![
                        OutcomeSpec {
                            values: vec![value("text", Kind::Text, "что сказать", "what to say")],
                            ..out("done", "чек собран", "the receipt is complete")
                        },
                        out("cancelled", "передумал", "changed their mind"),
                        stranger(),
                    ],
                ),
            ],
            events: vec![
                event(
                    "receipts.checked",
                    "чек принят",
                    "a receipt was taken",
                    vec![
                        promotion(),
                        value("number", Kind::Number, "номер", "number"),
                        sum(),
                        value("first", Kind::Flag, "первый, с подарком", "the first, with a gift"),
                    ],
                ),
                event(
                    "receipts.refused",
                    "чек не принят",
                    "a receipt was refused",
                    vec![promotion(), value("reason", Kind::Text, "причина", "reason"), sum()],
                ),
                event(
                    "receipts.unreadable",
                    "снимок чека не прочитался",
                    "a picture of a receipt could not be read",
                    vec![promotion(), value("again", Kind::Flag, "уже не первый", "not the first")],
                ),
                event(
                    OFFERED,
                    "прислал чек не на шаге приёма",
                    "sent a receipt elsewhere",
                    vec![value("picture", Kind::Flag, "снимок, а не код", "a picture, not a code")],
                ),
            ],
            ..Words::default()
        }
    }

    fn act<'a>(
        &'a self,
        _: &'a str,
        _: &'a Values,
        _: &'a mut Visit,
    ) -> BoxFuture<'a, Result<Outcome, Fail>> {
        async { Ok(Outcome::named("failed")) }.boxed()
    }

    fn show<'a>(
        &'a self,
        screen: &'a str,
        look: Look<'a>,
        visit: &'a mut Visit,
    ) -> BoxFuture<'a, Result<Shown, Fail>> {
        async move {
            let Some((promotion, mut standing)) = meant(visit, look.params).await? else {
                return Ok(Shown::Left(Outcome::named("stranger")));
            };
            if standing.joined.is_none() {
                return Ok(Shown::Left(Outcome::named("stranger")));
            }
            match screen {
                "typed" => form::show(visit, &promotion, &mut standing, look).await,
                _ => match look.said {
                    Some(said) => hear(visit, &promotion, &mut standing, said).await,
                    None => Ok(view(first_words(visit, &promotion, look.params))),
                },
            }
        }
        .boxed()
    }

    fn facts<'a>(&'a self, _: &'a str, _: &'a mut Visit) -> BoxFuture<'a, Result<Value, Fail>> {
        async { Ok(json!({})) }.boxed()
    }
}

/// The event of a receipt that was sent where nobody asked for one.
pub(crate) const OFFERED: &str = "receipts.offered";
/// No code of a receipt is shorter, in bytes.
const CODE_MIN: usize = 40;

/// What is offered, if what a person did looks like sending a receipt.
pub(crate) fn offer(event: &Event) -> Option<Values> {
    let picture = match event {
        Event::File { file, .. } if look::may_be_picture(file) => true,
        Event::Text { text }
            if text.len() >= CODE_MIN && text.contains('=') && read_all(text).iter().any(Result::is_ok) =>
        {
            false
        }
        _ => return None,
    };
    Some([("picture".to_owned(), picture.into())].into_iter().collect())
}

/// Which promotion a word is about, when it is not that of its scenario.
pub(crate) fn promotion_param() -> ParamSpec {
    ParamSpec {
        name: "promotion".into(),
        kind: Kind::Text,
        required: false,
        title: Title::new("акция, если не своя", "promotion, if not its own"),
    }
}

/// The promotion that is meant, and how the person stands to it: the one named, else the one with the scenario's key,
/// else the company's own that is open here.
pub(crate) async fn meant(
    visit: &Visit,
    params: &Values,
) -> Result<Option<(Arc<Promotion>, Standing)>, Fail> {
    let day = visit.now.in_zone(&visit.channel.tenant.time_zone()).start_of_day();
    let day = day.map_or(visit.now, |day| samovar_base::Instant::from(day.timestamp()));
    let named = params.get("promotion").and_then(Value::as_str).filter(|key| !key.is_empty());
    let of_scenario = visit.scenario.as_ref().map_or("", |published| published.scenario.key());
    let key = named.unwrap_or(of_scenario).to_owned();
    let mut standing = store::standing(&visit.tx, &key, visit.contact.id, day).await?;
    if standing.is_none()
        && named.is_none()
        && let Some(key) = store::here(&visit.tx, visit.channel.id).await?
    {
        standing = store::standing(&visit.tx, &key, visit.contact.id, day).await?;
    }
    let Some(standing) = standing else { return Ok(None) };
    let promotion = crate::promo::held(&visit.app, &visit.tx, standing.promotion).await?;
    let Some(promotion) = promotion else { return Ok(None) };
    // Began while it was waited for: who took part in its trial does not take part in it.
    let standing = if promotion.revision == standing.revision {
        Some(standing)
    } else {
        store::standing(&visit.tx, &promotion.key, visit.contact.id, day).await?
    };
    Ok(standing.map(|standing| (promotion, standing)))
}

/// A text of the promotion in the language of the person.
pub(crate) fn say_key(visit: &Visit, promotion: &Promotion, key: &str) -> String {
    let zone = visit.channel.tenant.time_zone();
    Speech::new(promotion, &visit.contact.locale, &zone).say(key, &json!({}))
}

/// What a screen that takes receipts says before anything is sent.
fn first_words(visit: &Visit, promotion: &Promotion, params: &Values) -> String {
    let given = |name: &str| params.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    match given("title") {
        Some(title) => title.to_owned(),
        None => say_key(visit, promotion, given("text").filter(|key| is_known(key)).unwrap_or("send")),
    }
}

pub(crate) fn view(text: String) -> Shown {
    Shown::View { body: Body::text(text), more: false }
}

/// Whatever a participant sent to a screen that takes receipts.
pub(crate) async fn hear(
    visit: &mut Visit,
    promotion: &Promotion,
    standing: &mut Standing,
    said: Said<'_>,
) -> Result<Shown, Fail> {
    match said {
        Said::File(file) => picture(visit, promotion, standing, file).await,
        Said::Text(text) => words(visit, promotion, standing, text).await,
        Said::Read(reading) => words(visit, promotion, standing, &reading.codes.join("\n")).await,
    }
}

pub(super) fn of_reason(visit: &Visit, promotion: &Promotion, reason: Reason) -> String {
    say::reason(promotion, reason, "", &visit.contact.locale, &visit.channel.tenant.time_zone())
}

/// The text of a code, or of several.
async fn words(
    visit: &mut Visit,
    promotion: &Promotion,
    standing: &mut Standing,
    text: &str,
) -> Result<Shown, Fail> {
    let found = read_all(text);
    let link = text.trim_start().get(..4).is_some_and(|start| start.eq_ignore_ascii_case("http"));
    let arrival = arrival(visit, if link { Source::Link } else { Source::Words });
    let mut taken = Vec::with_capacity(found.len());
    for one in found {
        taken.push(match one {
            Ok(code) => receive::take(&visit.app, &visit.tx, promotion, standing, &arrival, &code).await?,
            Err(not) => Taken::NotACode(not),
        });
    }
    if taken.is_empty() {
        taken.push(Taken::NotACode(NotACode::Nothing));
    }
    let zone = visit.channel.tenant.time_zone();
    let said = say::taken(promotion, &taken, visit.arrived_at, &visit.contact.locale, &zone);
    if taken.iter().all(|one| matches!(one, Taken::NotACode(_))) {
        return Ok(Shown::Misheard(Body::text(said)));
    }
    Ok(view(said))
}

/// How what this visit brings has come.
pub(super) fn arrival(visit: &Visit, source: Source) -> Arrival {
    Arrival {
        contact: visit.contact.id,
        channel: visit.channel.id,
        cause: visit.cause.to_json(),
        at: visit.arrived_at,
        source,
        picture: String::new(),
    }
}

/// A picture or file: put down to be looked at, and acknowledged.
async fn picture(
    visit: &mut Visit,
    promotion: &Promotion,
    standing: &Standing,
    file: &FileRef,
) -> Result<Shown, Fail> {
    if !look::may_be_picture(file) {
        return Ok(Shown::Misheard(Body::text(look::not_a_picture(&visit.contact.locale))));
    }
    let zone = visit.channel.tenant.time_zone();
    let period = crate::promo::rules::Period::of(promotion, zone.clone());
    let late = crate::promo::rules::in_time(&period, visit.arrived_at).err();
    let refused = if standing.blocked.is_empty() { late } else { Some(Reason::Blocked) };
    if let Some(reason) = refused {
        return Ok(view(of_reason(visit, promotion, reason)));
    }
    look::put_down(visit, promotion, file).await?;
    let place = receive::place(&visit.app, &visit.tx, promotion).await?;
    Ok(view(say::picture(promotion, place, visit.arrived_at, &visit.contact.locale, &zone)))
}
