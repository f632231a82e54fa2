//! The page of a promotion.

use super::draws::{self, Card};
use super::words::Words;
use super::{Fault, Guest, Head, drawn};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use samovar_app::App;
use samovar_app::promo::{self, MinimumOf, Shown, State as Standing, Terms};
use samovar_app::qr;
use samovar_base::Instant;

/// Shops that are named; of more only their number is.
const SHOPS_NAMED: usize = 12;

#[derive(Template)]
#[template(path = "public/promotion.html")]
struct PromotionPage {
    head: Head,
    name: String,
    about: String,
    /// The promotion is over.
    over: bool,
    period: String,
    /// What is left, or when it ended.
    left: String,
    extended: String,
    steps: Vec<String>,
    ways: Vec<WayView>,
    code: Option<Code>,
    phrases: Vec<String>,
    draws: Vec<Card>,
    /// Where all winners are; empty before there are any.
    winners: String,
    prizes: String,
    dates: Vec<Date>,
    conditions: Vec<Condition>,
    rules: String,
    rules_url: String,
    policy_url: String,
}

struct WayView {
    title: String,
    name: String,
    link: String,
}

/// A QR code as an SVG path, with its quiet zone.
struct Code {
    path: String,
    side: u32,
}

struct Date {
    when: String,
    name: String,
    past: bool,
}

struct Condition {
    name: &'static str,
    text: String,
}

/// `GET /p/{company}/{promotion}`
pub async fn page(
    State(app): State<App>,
    Path((company, key)): Path<(String, String)>,
    guest: Guest,
) -> Response {
    let page = async {
        let found = promo::shown(&app, &company, &key, guest.public.as_ref()).await?;
        let shown = found.ok_or(Fault::Missing)?;
        let cards = draws::cards(&app, guest.t, &shown).await?;
        Ok::<_, Fault>(PromotionPage::new(&guest, &shown, cards, app.clock.now()))
    };
    match page.await {
        Ok(page) => drawn(&page),
        Err(fault) => fault.page(guest.t),
    }
}

impl PromotionPage {
    fn new(guest: &Guest, shown: &Shown, draws: Vec<Card>, now: Instant) -> Self {
        let (t, promotion, tenant) = (guest.t, &shown.promotion, &shown.tenant);
        let (zone, terms) = (tenant.time_zone(), &promotion.terms);
        let about = terms.about.text(t.lang).trim().to_owned();
        let over = promotion.state == Standing::Over || promotion.ends_at <= now;
        let mut head =
            Head::of(guest, shown, format!("/p/{}/{}", tenant.key, promotion.key), promotion.name.clone());
        head.description = if about.is_empty() { t.promotion_of(&tenant.name) } else { shortened(&about) };
        let link = shown.ways.first().map(|way| way.link.as_str());
        Self {
            head,
            name: promotion.name.clone(),
            about,
            over,
            period: t.period(promotion.starts_at, promotion.ends_at, &zone),
            left: if over { String::new() } else { t.left(now, promotion.starts_at, promotion.ends_at) },
            extended: terms
                .extension
                .as_ref()
                .map(|extension| t.extended(extension.before, promotion.ends_at, &zone))
                .unwrap_or_default(),
            steps: steps(t, terms),
            ways: shown
                .ways
                .iter()
                .map(|way| WayView {
                    title: t.take_part_in(way.messenger),
                    name: way.name.clone(),
                    link: way.link.clone(),
                })
                .collect(),
            code: if over { None } else { link.and_then(code) },
            phrases: if over {
                Vec::new()
            } else {
                let said = |entry: &promo::Entry| entry.phrase.trim().to_owned();
                terms.entries.iter().map(said).filter(|phrase| !phrase.is_empty()).take(1).collect()
            },
            winners: if draws.iter().any(|draw| draw.chip == "done") {
                format!("/p/{}/{}/winners", tenant.key, promotion.key)
            } else {
                String::new()
            },
            draws,
            prizes: terms.prizes.text(t.lang).trim().to_owned(),
            dates: terms
                .stages
                .iter()
                .map(|stage| Date {
                    when: t.moment(stage.at, &zone),
                    name: stage.name.text(t.lang).to_owned(),
                    past: stage.at <= now,
                })
                .collect(),
            conditions: conditions(t, terms),
            rules: terms.rules.text.text(t.lang).trim().to_owned(),
            rules_url: terms.rules.url.clone().unwrap_or_default(),
            policy_url: tenant.settings.policy_url.clone().unwrap_or_default(),
        }
    }
}

/// How to take part, as this promotion wants it.
fn steps(t: &'static Words, terms: &Terms) -> Vec<String> {
    let buy = match (terms.minimum.sum, terms.minimum.of) {
        (0, _) => t.step_buy.to_owned(),
        (sum, MinimumOf::Receipt) => t.buy_for(sum),
        (sum, MinimumOf::NeededGoods) => t.buy_goods_for(sum),
    };
    vec![buy, t.step_open.to_owned(), t.step_send.to_owned(), t.step_ticket.to_owned()]
}

fn conditions(t: &'static Words, terms: &Terms) -> Vec<Condition> {
    let mut all = Vec::new();
    let mut shops: Vec<String> = Vec::new();
    for shop in &terms.shops {
        let name = shop.name.replace('*', " ");
        let said = [name.trim(), shop.address.trim_matches('*').trim()].join(" ");
        let said = said.trim();
        if !said.is_empty() && !shops.iter().any(|known| known == said) {
            shops.push(said.to_owned());
        }
    }
    if terms.shops.is_empty() {
        all.push(Condition { name: t.shops, text: t.any_shop.to_owned() });
    } else if shops.is_empty() || shops.len() > SHOPS_NAMED {
        all.push(Condition { name: t.shops, text: t.shops_in_rules.to_owned() });
    } else {
        all.push(Condition { name: t.shops, text: shops.join(" · ") });
    }
    if terms.minimum.sum > 0 {
        all.push(Condition { name: t.minimum, text: t.roubles(terms.minimum.sum) });
    }
    all.push(Condition { name: t.limit, text: t.limit_of(terms.limits.person, terms.limits.day) });
    if terms.banned.excise {
        all.push(Condition { name: t.banned, text: t.no_excise.to_owned() });
    }
    all
}

fn code(link: &str) -> Option<Code> {
    let drawn = qr::drawn(link)?;
    Some(Code { path: drawn.path, side: drawn.size + 8 })
}

/// For searchers and for links in messengers.
fn shortened(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(180) {
        Some((at, _)) => format!("{}…", line[..at].trim_end_matches(|c: char| !c.is_alphanumeric())),
        None => line,
    }
}
