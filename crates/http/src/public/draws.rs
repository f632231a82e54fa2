//! Draws of a promotion as strangers see them: the announcement before, who won after, and everything to count it again.

use super::check::{CheckPage, ReportView, WinnerView};
use super::words::Words;
use super::{Desk, Fault, Guest, Head, drawn};
use askama::Template;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::BytesMut;
use futures::TryStreamExt;
use samovar_app::App;
use samovar_app::draws::{self, Draw, DrawState, SourcePlan};
use samovar_app::promo::{self, Shown};
use samovar_base::{DrawId, Instant};
use samovar_draw::{QUICKNET, Randomness, Source, verify};
use serde::Deserialize;
use std::sync::Arc;

/// Draws of a promotion that are shown.
const DRAWS_SHOWN: u32 = 60;
/// Winners of a page.
const WINNERS_SHOWN: usize = 200;
/// Winners of a draw on the page of all draws.
const WINNERS_OF_EACH: usize = 30;
/// The largest list that is counted again here; a larger one is downloaded and checked by the command.
const LIST_BYTES_MAX: i64 = super::check::BROUGHT_BYTES_MAX as i64;

/// A draw in short.
pub(super) struct Card {
    pub href: String,
    pub name: String,
    /// The class of its chip: `wait`, `done`.
    pub chip: &'static str,
    pub state: &'static str,
    pub when: String,
    pub prizes: Vec<PrizeView>,
}

pub(super) struct PrizeView {
    pub name: String,
    pub count: String,
}

#[derive(Template)]
#[template(path = "public/draw.html")]
struct DrawPage {
    head: Head,
    home: String,
    promotion: String,
    card: Card,
    /// The hash of the announcement; empty before it is published.
    announced: String,
    announcement: String,
    list_hash: String,
    facts: Vec<Fact>,
    source: String,
    source_link: String,
    held: Option<Held>,
    list: String,
    protocol: String,
    check: String,
    find: Option<Find>,
}

struct Fact {
    name: &'static str,
    text: String,
}

/// What came of it.
struct Held {
    value: String,
    seed: String,
    groups: Vec<Group>,
    reserve: Vec<WinnerView>,
    previous: String,
    next: String,
}

/// Winners of a prize.
struct Group {
    prize: String,
    winners: Vec<WinnerView>,
}

/// Somebody looked for their ticket.
struct Find {
    number: String,
    text: String,
    won: bool,
}

#[derive(Template)]
#[template(path = "public/winners.html")]
struct WinnersPage {
    head: Head,
    home: String,
    draws: Vec<(Card, Vec<Group>)>,
}

/// What an address of a draw page may ask.
#[derive(Deserialize)]
pub struct Asked {
    page: Option<usize>,
    ticket: Option<String>,
}

/// The draws of a promotion, for its page.
pub(super) async fn cards(app: &App, t: &'static Words, shown: &Shown) -> Result<Vec<Card>, Fault> {
    let all = draws::shown(app, shown.tenant.id, shown.promotion.id, None, DRAWS_SHOWN).await?;
    Ok(all.iter().map(|draw| Card::new(t, shown, draw)).collect())
}

impl Card {
    fn new(t: &'static Words, shown: &Shown, draw: &Draw) -> Self {
        let zone = shown.tenant.time_zone();
        let (chip, state) = match draw.state {
            DrawState::Planned | DrawState::Freezing => ("wait", t.draw_planned),
            DrawState::Frozen | DrawState::Drawn => ("wait", t.draw_frozen),
            DrawState::Published => ("done", t.draw_published),
        };
        let prize = |prize: &draws::Prize| PrizeView {
            name: prize.name.clone(),
            count: if prize.count == 1 {
                String::new()
            } else {
                format!("×\u{a0}{}", t.number(prize.count.into()))
            },
        };
        Self {
            href: format!("{}/draws/{}", home(shown), draw.id),
            name: draw.name.clone(),
            chip,
            state,
            when: t.moment(draw.drawn_at.unwrap_or(draw.planned_at), &zone),
            prizes: draw.plan.prizes.iter().map(prize).collect(),
        }
    }
}

fn home(shown: &Shown) -> String {
    format!("/p/{}/{}", shown.tenant.key, shown.promotion.key)
}

async fn promotion(app: &App, guest: &Guest, company: &str, key: &str) -> Result<Shown, Fault> {
    promo::shown(app, company, key, guest.public.as_ref()).await?.ok_or(Fault::Missing)
}

/// A draw of that very promotion.
async fn one(app: &App, shown: &Shown, id: &str) -> Result<Draw, Fault> {
    let id: DrawId = id.parse().map_err(|_| Fault::Missing)?;
    let draw = draws::shown_one(app, shown.tenant.id, id).await?;
    if draw.promotion == shown.promotion.id { Ok(draw) } else { Err(Fault::Missing) }
}

/// `GET /p/{company}/{promotion}/winners`
pub async fn winners(
    State(app): State<App>,
    Path((company, key)): Path<(String, String)>,
    guest: Guest,
) -> Response {
    let page = async {
        let shown = promotion(&app, &guest, &company, &key).await?;
        let all = draws::shown(&app, shown.tenant.id, shown.promotion.id, None, DRAWS_SHOWN).await?;
        let held = all.iter().rev().filter(|draw| draw.state == DrawState::Published);
        let mut head = Head::new(
            &guest,
            format!("{}/winners", home(&shown)),
            format!("{}: {}", guest.t.winners, shown.promotion.name),
        );
        head.company.clone_from(&shown.tenant.name);
        Ok::<_, Fault>(WinnersPage {
            head,
            home: home(&shown),
            draws: held
                .map(|draw| (Card::new(guest.t, &shown, draw), groups(draw, 0, WINNERS_OF_EACH)))
                .collect(),
        })
    };
    match page.await {
        Ok(page) => drawn(&page),
        Err(fault) => fault.page(guest.t),
    }
}

/// `GET /p/{company}/{promotion}/draws/{draw}`
pub async fn draw(
    State(app): State<App>,
    Path((company, key, id)): Path<(String, String, String)>,
    Query(asked): Query<Asked>,
    guest: Guest,
) -> Response {
    let page = async {
        let shown = promotion(&app, &guest, &company, &key).await?;
        let draw = one(&app, &shown, &id).await?;
        Ok::<_, Fault>(DrawPage::new(&guest, &shown, &draw, &asked))
    };
    match page.await {
        Ok(page) => drawn(&page),
        Err(fault) => fault.page(guest.t),
    }
}

/// `GET /p/{company}/{promotion}/draws/{draw}/protocol`
pub async fn protocol(
    State(app): State<App>,
    Path((company, key, id)): Path<(String, String, String)>,
    guest: Guest,
) -> Response {
    let found = async {
        let shown = promotion(&app, &guest, &company, &key).await?;
        let draw = one(&app, &shown, &id).await?;
        if draw.state == DrawState::Published { Ok(draw) } else { Err(Fault::Missing) }
    };
    match found.await {
        Ok(draw) => file(format!("draw-{}.json", draw.id), "application/json", draw.protocol.into()),
        Err(fault) => fault.page(guest.t),
    }
}

/// `GET /p/{company}/{promotion}/draws/{draw}/announcement`
pub async fn announcement(
    State(app): State<App>,
    Path((company, key, id)): Path<(String, String, String)>,
    guest: Guest,
) -> Response {
    let found = async {
        let shown = promotion(&app, &guest, &company, &key).await?;
        let draw = one(&app, &shown, &id).await?;
        if draw.announcement.is_empty() { Err(Fault::Missing) } else { Ok(draw) }
    };
    match found.await {
        Ok(draw) => {
            file(format!("draw-{}.txt", draw.id), "text/plain; charset=utf-8", draw.announcement.into())
        }
        Err(fault) => fault.page(guest.t),
    }
}

/// `GET /p/{company}/{promotion}/draws/{draw}/list`
pub async fn list(
    State(app): State<App>,
    Path((company, key, id)): Path<(String, String, String)>,
    guest: Guest,
) -> Response {
    let found = async {
        let shown = promotion(&app, &guest, &company, &key).await?;
        let draw = one(&app, &shown, &id).await?;
        if draw.announcement.is_empty() {
            return Err(Fault::Missing);
        }
        Ok((draw.id, draws::list_file(&app, shown.tenant.id, draw.id).await?.1))
    };
    match found.await {
        Ok((id, pieces)) => {
            let pieces = pieces.map_err(|fail| std::io::Error::other(format!("{fail:?}")));
            file(
                format!("draw-{id}.tsv"),
                "text/tab-separated-values; charset=utf-8",
                Body::from_stream(pieces),
            )
        }
        Err(fault) => fault.page(guest.t),
    }
}

fn file(name: String, media_type: &'static str, body: Body) -> Response {
    let named = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (header::CONTENT_DISPOSITION, named.unwrap_or(HeaderValue::from_static("attachment"))),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")),
    ];
    (headers, body).into_response()
}

/// `GET /p/{company}/{promotion}/draws/{draw}/check`: the published files, counted again here and now.
pub async fn check(
    State(app): State<App>,
    State(desk): State<Arc<Desk>>,
    Path((company, key, id)): Path<(String, String, String)>,
    guest: Guest,
) -> Response {
    let page = async {
        let shown = promotion(&app, &guest, &company, &key).await?;
        let draw = one(&app, &shown, &id).await?;
        if draw.state != DrawState::Published {
            return Err(Fault::Missing);
        }
        desk.checks.take(&guest.origin, app.clock.now()).map_err(|_| Fault::Busy)?;
        // Whoever comes meanwhile waits for a moment rather than being sent away.
        let alone = Arc::clone(&desk.counted).acquire_owned().await.map_err(|_| Fault::Busy)?;
        let list = if draw.size <= LIST_BYTES_MAX {
            let (_, pieces) = draws::list_file(&app, shown.tenant.id, draw.id).await?;
            let whole = pieces.try_fold(BytesMut::new(), |mut whole, piece| async move {
                whole.extend_from_slice(&piece);
                Ok(whole)
            });
            Some(whole.await?.to_vec())
        } else {
            None
        };
        let key = draws::instance_key(&app).public();
        let (protocol, announced) = (draw.protocol.clone(), draw.announced.clone());
        let counted = tokio::task::spawn_blocking(move || {
            let _alone = alone;
            verify(&protocol, list, Some(&key), Some(&announced))
        });
        let report = counted.await.map_err(|_| Fault::Failed)?;
        let mut head = Head::new(
            &guest,
            format!("{}/draws/{}/check", home(&shown), draw.id),
            format!("{}: {}", guest.t.check_title, draw.name),
        );
        head.company.clone_from(&shown.tenant.name);
        head.indexed = false;
        Ok(CheckPage {
            head,
            report: Some(ReportView::new(guest.t, &report)),
            of: format!("{} · {}", shown.promotion.name, draw.name),
            back: format!("{}/draws/{}", home(&shown), draw.id),
        })
    };
    match page.await {
        Ok(page) => drawn(&page),
        Err(fault) => fault.page(guest.t),
    }
}

impl DrawPage {
    fn new(guest: &Guest, shown: &Shown, draw: &Draw, asked: &Asked) -> Self {
        let (t, zone) = (guest.t, shown.tenant.time_zone());
        let card = Card::new(t, shown, draw);
        let published = draw.state == DrawState::Published;
        let told = draw.told();
        let mut head =
            Head::new(guest, card.href.clone(), format!("{}: {}", shown.promotion.name, draw.name));
        head.company.clone_from(&shown.tenant.name);
        head.description = format!("{} · {}", card.state, card.when);
        let mut facts = vec![Fact {
            name: if draw.drawn_at.is_some() && published { t.drawn_at } else { t.held_at },
            text: card.when.clone(),
        }];
        facts.push(Fact { name: t.tickets_of, text: t.period(draw.from, draw.until, &zone) });
        if let (Some(at), Some(_)) = (draw.frozen_at, &told) {
            facts.push(Fact { name: t.tickets, text: t.number(draw.tickets) });
            facts.push(Fact { name: t.frozen_at, text: t.moment(at, &zone) });
        }
        let (source, source_link) = source(t, draw, told.as_ref().map(|told| &told.source), &zone);
        let page = asked.page.unwrap_or(1).max(1);
        let held = published.then(|| Held::new(draw, page, &card.href)).flatten();
        let files = |what: &str, there: bool| {
            if there { format!("{}/{what}", card.href) } else { String::new() }
        };
        Self {
            head,
            home: home(shown),
            promotion: shown.promotion.name.clone(),
            announced: draw.announced.clone(),
            announcement: files("announcement", told.is_some()),
            list_hash: told.as_ref().map(|told| told.list.clone()).unwrap_or_default(),
            facts,
            source,
            source_link,
            held,
            list: files("list", told.is_some()),
            protocol: files("protocol", published),
            check: files("check", published),
            find: if published {
                asked.ticket.as_deref().and_then(|number| Find::new(t, draw, number))
            } else {
                None
            },
            card,
        }
    }
}

/// In words, and where it can be read.
fn source(
    t: &'static Words,
    draw: &Draw,
    told: Option<&Source>,
    zone: &jiff::tz::TimeZone,
) -> (String, String) {
    let figure = |what: &str, at: Instant| format!("{what}, {}", t.moment(at, zone));
    match (told, &draw.plan.source) {
        (Some(Source::Drand { round }), _) => (
            format!("{} {round}", t.source_drand),
            format!("https://api.drand.sh/{}/public/{round}", QUICKNET.chain),
        ),
        (None, SourcePlan::Drand) => (t.source_drand_planned.to_owned(), String::new()),
        (Some(Source::Block { network, height }), _) | (None, SourcePlan::Block { network, height }) => {
            (format!("{} {network}, № {height}", t.source_block), String::new())
        }
        (Some(Source::Figure { what, moment }), _) => {
            (figure(what, Instant::from_seconds(*moment)), String::new())
        }
        (None, SourcePlan::Figure { what, at }) => (figure(what, *at), String::new()),
        (Some(Source::Reveal { .. }), _) | (None, SourcePlan::Reveal { .. }) => {
            (t.source_reveal.to_owned(), String::new())
        }
        (Some(Source::Test), _) => (t.source_test.to_owned(), String::new()),
    }
}

/// Winners from that one on, by prizes.
fn groups(draw: &Draw, from: usize, limit: usize) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let winners = draw.held().map(|held| held.winners).unwrap_or_default();
    for won in winners.into_iter().skip(from).take(limit) {
        let prize = draw.prize(won.prize.into()).map(|prize| prize.name.clone()).unwrap_or_default();
        let winner = WinnerView { prize: String::new(), number: won.number, name: won.name };
        match groups.last_mut().filter(|group| group.prize == prize) {
            Some(group) => group.winners.push(winner),
            None => groups.push(Group { prize, winners: vec![winner] }),
        }
    }
    groups
}

impl Held {
    fn new(draw: &Draw, page: usize, href: &str) -> Option<Self> {
        let held = draw.held()?;
        let value = match held.randomness {
            Randomness::Drand { signature, .. } => signature,
            Randomness::Block { hash } => hash,
            Randomness::Figure { value } | Randomness::Test { value } => value,
            Randomness::Reveal { secret } => secret,
        };
        let from = (page - 1).saturating_mul(WINNERS_SHOWN);
        let more = held.winners.len() > from.saturating_add(WINNERS_SHOWN);
        let reserve = if more { Vec::new() } else { held.reserve };
        Some(Self {
            value,
            seed: held.seed,
            groups: groups(draw, from, WINNERS_SHOWN),
            reserve: reserve
                .into_iter()
                .map(|won| WinnerView { prize: String::new(), number: won.number, name: won.name })
                .collect(),
            previous: if page > 1 { format!("{href}?page={}", page - 1) } else { String::new() },
            next: if more { format!("{href}?page={}", page + 1) } else { String::new() },
        })
    }
}

impl Find {
    fn new(t: &'static Words, draw: &Draw, asked: &str) -> Option<Self> {
        let digits: String = asked.chars().filter(char::is_ascii_digit).take(12).collect();
        let number: u64 = digits.parse().ok()?;
        let held = draw.held()?;
        let won = held.winners.iter().find(|won| won.number == number);
        let text = match won {
            Some(won) => {
                let prize = draw.prize(won.prize.into()).map(|prize| prize.name.as_str());
                t.won(number, prize.unwrap_or_default())
            }
            None if held.reserve.iter().any(|won| won.number == number) => t.in_reserve(number),
            None => t.did_not_win(number),
        };
        Some(Self { number: digits, won: won.is_some(), text })
    }
}
