//! Draws of a promotion as strangers see them: the announcement before, who won after, and everything to count it again.

use super::check::{CheckPage, ReportView};
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
use samovar_app::draws::{self, Draw, DrawState, SourcePlan, Succession};
use samovar_app::promo::{self, Shown};
use samovar_base::{DrawId, Instant};
use samovar_draw::{Protocol, QUICKNET, Randomness, Source, Won, verify};
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
    /// Those who were not called.
    reserve: Vec<PlaceView>,
    previous: String,
    next: String,
}

/// Winners of a prize, each followed by whoever got it after them.
struct Group {
    prize: String,
    winners: Vec<PlaceView>,
}

/// A ticket that was drawn.
struct PlaceView {
    number: u64,
    name: String,
    /// Where the prize went, or whence it came; may be empty.
    note: String,
    /// The prize is theirs no more.
    passed: bool,
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
        let moved = draws::winners::successions(&app, shown.tenant.id, &all).await?;
        let held = all.iter().rev().filter_map(|draw| Some((draw, Outcome::new(draw, &moved)?)));
        let mut head = Head::of(
            &guest,
            &shown,
            format!("{}/winners", home(&shown)),
            format!("{}: {}", guest.t.winners, shown.promotion.name),
        );
        head.description = guest.t.winners_of(&shown.promotion.name, &shown.tenant.name);
        Ok::<_, Fault>(WinnersPage {
            head,
            home: home(&shown),
            draws: held
                .map(|(draw, came)| {
                    (Card::new(guest.t, &shown, draw), came.groups(guest.t, 0, WINNERS_OF_EACH))
                })
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
        let moved = draws::winners::successions(&app, shown.tenant.id, std::slice::from_ref(&draw)).await?;
        let outcome = Outcome::new(&draw, &moved);
        Ok::<_, Fault>(DrawPage::new(&guest, &shown, &draw, outcome.as_ref(), &asked))
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
        let mut head = Head::of(
            &guest,
            &shown,
            format!("{}/draws/{}/check", home(&shown), draw.id),
            format!("{}: {}", guest.t.check_title, draw.name),
        );
        head.description = guest.t.check_about.to_owned();
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
    fn new(guest: &Guest, shown: &Shown, draw: &Draw, outcome: Option<&Outcome<'_>>, asked: &Asked) -> Self {
        let (t, zone) = (guest.t, shown.tenant.time_zone());
        let card = Card::new(t, shown, draw);
        let published = draw.state == DrawState::Published;
        let told = draw.told();
        let mut head =
            Head::of(guest, shown, card.href.clone(), format!("{}: {}", shown.promotion.name, draw.name));
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
        let held = outcome.map(|outcome| Held::new(t, outcome, page, &card.href));
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
            find: outcome.zip(asked.ticket.as_deref()).and_then(|(came, number)| Find::new(t, came, number)),
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

/// What came of a draw, and where its prizes are now.
struct Outcome<'a> {
    draw: &'a Draw,
    held: Protocol,
    moved: Vec<Succession>,
}

impl<'a> Outcome<'a> {
    /// None before the draw is published.
    fn new(draw: &'a Draw, moved: &[Succession]) -> Option<Self> {
        let held = draw.held().filter(|_| draw.state == DrawState::Published)?;
        Some(Self { draw, held, moved: moved.iter().filter(|one| one.draw == draw.id).copied().collect() })
    }

    /// The tickets in the order of the draw, with their places; the reserve behind.
    fn places(&self) -> impl Iterator<Item = (i64, &Won)> {
        (1..).zip(self.held.winners.iter().chain(&self.held.reserve))
    }

    fn ticket(&self, place: i64) -> Option<&Won> {
        let at = usize::try_from(place).ok()?.checked_sub(1)?;
        let Protocol { winners, reserve, .. } = &self.held;
        winners.get(at).or_else(|| reserve.get(at.checked_sub(winners.len())?))
    }

    fn moved(&self, place: i64) -> Option<&Succession> {
        self.moved.iter().find(|one| one.place == place)
    }

    /// Who got the prize of a place that lost it.
    fn heir(&self, place: i64) -> Option<&Succession> {
        self.moved.iter().find(|one| one.instead_of == Some(place))
    }

    fn prize(&self, number: i64) -> &str {
        self.draw.prize(number).map(|prize| prize.name.as_str()).unwrap_or_default()
    }

    /// What became of the prize of a place that lost it; nothing while it is theirs.
    fn lost(&self, t: &'static Words, place: i64) -> Option<String> {
        self.moved(place).filter(|one| !one.holds)?;
        let heir = self.heir(place).and_then(|heir| self.ticket(heir.place));
        Some(heir.map_or_else(|| t.left_over.to_owned(), |heir| t.passed_to(heir.number)))
    }

    /// A ticket that won, and whoever of the reserve got its prize after it.
    fn line(&self, t: &'static Words, place: i64, won: &Won) -> Vec<PlaceView> {
        let lost = self.lost(t, place);
        let mut views = vec![PlaceView::new(won, lost.is_some(), lost.unwrap_or_default())];
        let (mut place, mut number) = (place, won.number);
        while let Some(heir) = self.heir(place)
            && let Some(won) = self.ticket(heir.place)
        {
            let lost = self.lost(t, heir.place);
            views.push(PlaceView::new(won, lost.is_some(), lost.unwrap_or_else(|| t.instead_of(number))));
            (place, number) = (heir.place, won.number);
        }
        views
    }

    /// Winners from that one on, by prizes.
    fn groups(&self, t: &'static Words, from: usize, limit: usize) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        for (place, won) in self.places().take(self.held.winners.len()).skip(from).take(limit) {
            let prize = self.prize(won.prize.into());
            let line = self.line(t, place, won);
            match groups.last_mut().filter(|group| group.prize == prize) {
                Some(group) => group.winners.extend(line),
                None => groups.push(Group { prize: prize.to_owned(), winners: line }),
            }
        }
        groups
    }

    /// Those of the reserve who were not called.
    fn reserve(&self) -> Vec<PlaceView> {
        let behind = self.places().skip(self.held.winners.len());
        let free = behind.filter(|(place, _)| self.moved(*place).is_none());
        free.map(|(_, won)| PlaceView::new(won, false, String::new())).collect()
    }
}

impl PlaceView {
    fn new(won: &Won, passed: bool, note: String) -> Self {
        Self { number: won.number, name: won.name.clone(), passed, note }
    }
}

impl Held {
    fn new(t: &'static Words, outcome: &Outcome<'_>, page: usize, href: &str) -> Self {
        let value = match &outcome.held.randomness {
            Randomness::Drand { signature, .. } => signature,
            Randomness::Block { hash } => hash,
            Randomness::Figure { value } | Randomness::Test { value } => value,
            Randomness::Reveal { secret } => secret,
        };
        let from = (page - 1).saturating_mul(WINNERS_SHOWN);
        let more = outcome.held.winners.len() > from.saturating_add(WINNERS_SHOWN);
        Self {
            value: value.clone(),
            seed: outcome.held.seed.clone(),
            groups: outcome.groups(t, from, WINNERS_SHOWN),
            reserve: if more { Vec::new() } else { outcome.reserve() },
            previous: if page > 1 { format!("{href}?page={}", page - 1) } else { String::new() },
            next: if more { format!("{href}?page={}", page + 1) } else { String::new() },
        }
    }
}

impl Find {
    fn new(t: &'static Words, outcome: &Outcome<'_>, asked: &str) -> Option<Self> {
        let digits: String = asked.chars().filter(char::is_ascii_digit).take(12).collect();
        let number: u64 = digits.parse().ok()?;
        let drawn = outcome.places().find(|(_, won)| won.number == number);
        let prize = drawn.and_then(|(place, won)| match won.prize {
            0 => outcome.moved(place).map(|one| outcome.prize(one.prize)),
            prize => Some(outcome.prize(prize.into())),
        });
        let lost = drawn.and_then(|(place, _)| outcome.lost(t, place));
        let (won, text) = match (drawn, prize, lost) {
            (_, Some(prize), Some(lost)) => (false, t.won_and_lost(number, prize, &lost)),
            (_, Some(prize), None) => (true, t.won(number, prize)),
            (Some(_), None, _) => (false, t.in_reserve(number)),
            (None, ..) => (false, t.did_not_win(number)),
        };
        Some(Self { number: digits, won, text })
    }
}
