//! What scenarios may say of promotions: joining, numbers, rules, prizes, and the promotion's own texts.

use super::texts::Speech;
use super::{Participant, Promotion, State, store};
use crate::capability::{Capability, Look, Outcome, Shown, Words};
use crate::contacts;
use crate::problem::Fail;
use crate::receipts::words::{hear, meant, promotion_param, say_key};
use crate::receipts::{self};
use crate::visit::Visit;
use futures::future::{BoxFuture, FutureExt};
use samovar_base::ConsentId;
use samovar_base::message::Body;
use samovar_engine::{ActionSpec, FactSpec, Kind, OutcomeSpec, ParamSpec, ScreenSpec, Title, Values};
use serde_json::{Value, json};

/// Receipts on one page of a person's list.
const PAGE: u32 = 8;
/// Letters of the rules on one page.
const LETTERS: usize = 2_500;
/// Longest name of a source, in letters.
const SOURCE_MAX: usize = 64;

/// Promotions, as scenarios see them.
#[derive(Debug)]
pub struct Promo;

/// Texts of the promotion that a step may say: the fact, the key of the text, what it is.
const TEXTS: [(&str, &str, &str, &str); 8] = [
    ("welcome", "welcome", "приветствие", "greeting"),
    ("rules_ask", "rules_ask", "просьба принять правила", "asking to accept the rules"),
    ("declined", "rules_declined", "правила не приняты", "the rules were not accepted"),
    ("joined_text", "joined", "правила приняты", "the rules were accepted"),
    ("send_hint", "send_hint", "подсказка, если чека долго нет", "a hint when no receipt comes"),
    ("menu", "menu", "слова над меню", "words above the menu"),
    ("help", "help", "помощь", "help"),
    ("closed", "closed", "акция не принимает чеки", "the promotion takes no receipts"),
];

const FACTS: [(&str, Kind, &str, &str); 9] = [
    ("name", Kind::Text, "название", "name"),
    ("open", Kind::Flag, "принимает чеки", "takes receipts"),
    ("joined", Kind::Flag, "человек участвует", "the person takes part"),
    ("starts", Kind::Moment, "начало", "start"),
    ("ends", Kind::Moment, "конец", "end"),
    ("tickets", Kind::Number, "номеров у человека", "the person's numbers"),
    ("waiting", Kind::Number, "чеков человека ждут", "receipts of the person that wait"),
    ("rules", Kind::Text, "правила", "rules"),
    ("rules_url", Kind::Text, "адрес правил", "address of the rules"),
];

impl Capability for Promo {
    fn name(&self) -> &'static str {
        "promo"
    }

    fn words(&self) -> Words {
        let out = |name: &str, ru: &str, en: &str| OutcomeSpec {
            name: name.into(),
            values: Vec::new(),
            title: Title::new(ru, en),
        };
        let screen = |name: &str, ru: &str, en: &str| ScreenSpec {
            name: name.into(),
            params: vec![promotion_param()],
            outcomes: vec![out("closed", "акции нет", "there is no promotion")],
            hears: true,
            takes: true,
            title: Title::new(ru, en),
        };
        let fact = |path: &str, kind, ru: &str, en: &str| FactSpec {
            path: format!("promo.{path}"),
            kind,
            writable: false,
            title: Title::new(ru, en),
        };
        let source = ParamSpec {
            name: "source".into(),
            kind: Kind::Text,
            required: false,
            title: Title::new("откуда пришёл", "where from"),
        };
        let join = ActionSpec {
            name: "promo.join".into(),
            params: vec![promotion_param(), source],
            outcomes: vec![
                out("joined", "участвует", "takes part now"),
                out("already", "уже участвовал", "took part before"),
                out("closed", "акция не принимает", "the promotion is closed"),
            ],
            changes: vec!["promo".into(), "contact".into()],
            title: Title::new("принять правила и участвовать", "accept the rules and take part"),
        };
        let facts = FACTS.iter().map(|(path, kind, ru, en)| fact(path, *kind, ru, en));
        let texts = TEXTS.iter().map(|(path, _, ru, en)| fact(path, Kind::Text, ru, en));
        Words {
            actions: vec![join],
            screens: vec![
                screen("promo.tickets", "мои номера и чеки", "my numbers and receipts"),
                screen("promo.rules", "правила", "rules"),
                screen("promo.prizes", "призы", "prizes"),
            ],
            facts: facts.chain(texts).collect(),
            ..Words::default()
        }
    }

    fn act<'a>(
        &'a self,
        _: &'a str,
        params: &'a Values,
        visit: &'a mut Visit,
    ) -> BoxFuture<'a, Result<Outcome, Fail>> {
        join(params, visit).boxed()
    }

    fn show<'a>(
        &'a self,
        screen: &'a str,
        look: Look<'a>,
        visit: &'a mut Visit,
    ) -> BoxFuture<'a, Result<Shown, Fail>> {
        async move {
            let Some((promotion, mut standing)) = meant(visit, look.params).await? else {
                return Ok(Shown::Left(Outcome::named("closed")));
            };
            // A receipt that is sent from here is a receipt, too.
            if let (Some(said), true) = (look.said, standing.joined.is_some()) {
                return hear(visit, &promotion, &mut standing, said).await;
            }
            let (text, more) = match screen {
                "tickets" => tickets(visit, &promotion, look.page).await?,
                "rules" => rules(visit, &promotion, look.page),
                _ => (say_key(visit, &promotion, "prizes"), false),
            };
            Ok(Shown::View { body: Body::text(text), more })
        }
        .boxed()
    }

    fn facts<'a>(&'a self, _: &'a str, visit: &'a mut Visit) -> BoxFuture<'a, Result<Value, Fail>> {
        facts(visit).boxed()
    }
}

/// The rules are accepted: the person takes part, and the consent is kept with the version and fingerprint of the text.
async fn join(params: &Values, visit: &mut Visit) -> Result<Outcome, Fail> {
    let Some((promotion, standing)) = meant(visit, params).await? else {
        return Ok(Outcome::named("closed"));
    };
    if standing.joined.is_some() {
        return Ok(Outcome::named("already"));
    }
    if !promotion.is_open() || visit.arrived_at >= promotion.ends_at {
        return Ok(Outcome::named("closed"));
    }
    let id = ConsentId::new(&visit.app.ids, visit.app.clock.as_ref());
    let (tx, channel, now) = (visit.tx.clone(), visit.channel.id, visit.now);
    contacts::give_consent(&tx, &mut visit.contact, &promotion.purpose(), Some(channel), id, now).await?;
    let source = params.get("source").and_then(Value::as_str).filter(|source| !source.is_empty());
    let source = source.or(visit.contact.source.as_deref()).unwrap_or_default();
    let participant = Participant {
        promotion: promotion.id,
        contact: visit.contact.id,
        channel,
        source: source.chars().take(SOURCE_MAX).collect(),
        version: promotion.version,
        blocked: String::new(),
        joined_at: visit.arrived_at,
    };
    let fresh = store::join(&tx, &participant).await?;
    Ok(Outcome::named(if fresh { "joined" } else { "already" }))
}

/// A person's receipts with what became of each, the youngest first.
async fn tickets(visit: &Visit, promotion: &Promotion, page: u32) -> Result<(String, bool), Fail> {
    let skip = page.saturating_sub(1).saturating_mul(PAGE);
    let mine = receipts::mine(visit, promotion.id, skip, PAGE + 1).await?;
    if mine.lines.is_empty() && mine.waiting == 0 {
        return Ok((say_key(visit, promotion, "tickets_empty"), false));
    }
    let ru = visit.contact.locale.starts_with("ru");
    let head = match (mine.waiting, ru) {
        (0, true) => format!("Ваших номеров: {}.", mine.numbers),
        (0, false) => format!("Your numbers: {}.", mine.numbers),
        (waiting, true) => format!("Ваших номеров: {}. Ждут проверки: {waiting}.", mine.numbers),
        (waiting, false) => format!("Your numbers: {}. Waiting for their check: {waiting}.", mine.numbers),
    };
    let more = mine.lines.len() > PAGE as usize;
    let lines: Vec<&str> = mine.lines.iter().take(PAGE as usize).map(String::as_str).collect();
    Ok((format!("{head}\n\n{}", lines.join("\n")).trim_end().to_owned(), more))
}

/// The rules, page by page.
fn rules(visit: &Visit, promotion: &Promotion, page: u32) -> (String, bool) {
    let rules = &promotion.terms.rules;
    let text = rules.text.text(&visit.contact.locale).trim();
    let url = rules.url.as_deref().unwrap_or_default();
    if text.is_empty() {
        return (if url.is_empty() { say_key(visit, promotion, "welcome") } else { url.to_owned() }, false);
    }
    let pages = pages(text);
    let at = usize::try_from(page.max(1) - 1).unwrap_or_default().min(pages.len() - 1);
    let last = at + 1 == pages.len();
    let link = if last && !url.is_empty() { format!("\n\n{url}") } else { String::new() };
    (format!("{}{link}", pages[at]), !last)
}

/// Cut at the ends of lines or words.
fn pages(text: &str) -> Vec<&str> {
    let mut pages = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let Some((end, _)) = rest.char_indices().nth(LETTERS) else {
            pages.push(rest);
            break;
        };
        let head = &rest[..end];
        let cut = head.rfind('\n').or_else(|| head.rfind(' ')).filter(|at| *at > 0).unwrap_or(end);
        pages.push(rest[..cut].trim_end());
        rest = rest[cut..].trim_start();
    }
    pages
}

async fn facts(visit: &mut Visit) -> Result<Value, Fail> {
    let Some((promotion, standing)) = meant(visit, &Values::new()).await? else {
        let closed = if visit.contact.locale.starts_with("ru") {
            "Акции сейчас нет. Загляните позже."
        } else {
            "There is no promotion now. Come back later."
        };
        return Ok(json!({ "open": false, "joined": false, "closed": closed }));
    };
    let (numbers, waiting) = receipts::counts(visit, promotion.id).await?;
    let zone = visit.channel.tenant.time_zone();
    let locale = visit.contact.locale.as_str();
    let speech = Speech::new(&promotion, locale, &zone);
    let over = promotion.state == State::Over || visit.arrived_at >= promotion.ends_at;
    let closed = json!({ "over": over, "not_started": !over && !promotion.is_open() });
    let mut facts = json!({
        "name": promotion.name,
        "open": promotion.is_open() && !over,
        "joined": standing.joined.is_some(),
        "starts": promotion.starts_at,
        "ends": promotion.ends_at,
        "tickets": numbers,
        "waiting": waiting,
        "rules": promotion.terms.rules.text.text(locale),
        "rules_url": promotion.terms.rules.url,
    });
    for (fact, key, ..) in TEXTS {
        facts[fact] = json!(speech.say(key, &closed));
    }
    Ok(facts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_rules_are_cut_between_words_and_nothing_is_lost() {
        let text = "слово ".repeat(2_000);
        let pages = pages(&text);
        assert!(pages.len() > 3 && pages.iter().all(|page| page.chars().count() <= LETTERS));
        assert_eq!(pages.join(" "), text.trim());
        assert!(super::pages("  ").is_empty());
    }
}
