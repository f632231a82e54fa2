//! Accepted receipts put into tallies, and tallies put into what people read. Pure.

use super::model::{Band, Cohort, Counted, Day, Days, GoodsLine, Hour, Pair, Path, People, Purchases, Queue};
use super::model::{Region, Shop, Source, Stuck};
use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use samovar_base::{ContactId, Instant};
use samovar_engine::Draft;
use samovar_fiscal::Receipt;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Receipts of one person that are told apart; who has more is among these.
pub(super) const NTH_MAX: usize = 50;
/// Persons by their number of receipts: 1, 2, … and "so many and more".
const BY_RECEIPTS: usize = 10;
/// Goods among which pairs are looked for: the most frequent ones.
const PAIRED_GOODS: usize = 150;
/// Pairs that are told.
const PAIRS: usize = 15;
/// A pair stands for nothing before it was seen so often.
const PAIR_LEAST: i64 = 3;
/// Goods of one receipt that are looked at for pairs.
const BASKET_MAX: usize = 60;
/// Cohorts that are told, and their weeks.
const COHORTS: usize = 12;
/// Minutes of which the pace of providers is taken.
pub(super) const PACE_MINUTES: i64 = 10;
const TEXT_MAX: usize = 160;

/// What is counted of a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    /// By the day of arrival.
    Day,
    /// First receipts of people by the day of arrival.
    Fresh,
    /// By weekday and hour of the till.
    Hour,
    /// By sum.
    Band,
    /// By region of the sale.
    Region,
    /// By shop.
    Shop,
    /// By where the participant came from.
    Source,
    /// Which receipt of its sender it is.
    Nth,
    /// By the week of the sender's first receipt and the weeks since then.
    Cohort,
}

impl Kind {
    const ALL: [Self; 9] = [
        Self::Day,
        Self::Fresh,
        Self::Hour,
        Self::Band,
        Self::Region,
        Self::Shop,
        Self::Source,
        Self::Nth,
        Self::Cohort,
    ];

    /// In the table.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Fresh => "fresh",
            Self::Hour => "hour",
            Self::Band => "band",
            Self::Region => "region",
            Self::Shop => "shop",
            Self::Source => "source",
            Self::Nth => "nth",
            Self::Cohort => "cohort",
        }
    }
    /// From the table.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == name)
    }
}

/// What came together under one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Tally {
    pub(super) receipts: i64,
    pub(super) people: i64,
    pub(super) sum: i64,
}

impl Tally {
    pub(super) fn add(&mut self, other: Self) {
        self.receipts += other.receipts;
        self.people += other.people;
        self.sum += other.sum;
    }
}

/// What came together of one kind of goods.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct GoodsTally {
    pub(super) name: String,
    pub(super) receipts: i64,
    pub(super) quantity: i64,
    pub(super) sum: i64,
}

impl GoodsTally {
    pub(super) fn add(&mut self, other: &Self) {
        self.receipts += other.receipts;
        self.quantity = self.quantity.saturating_add(other.quantity);
        self.sum += other.sum;
    }
}

/// A ticket with its receipt.
#[derive(Debug, Clone)]
pub(super) struct Accepted {
    pub(super) number: i64,
    pub(super) contact: ContactId,
    pub(super) arrived: Instant,
    pub(super) sum: i64,
    /// By the till, as it is stored.
    pub(super) bought_at: String,
    pub(super) source: String,
    /// What a provider knows of it; nothing where it was not checked.
    pub(super) document: Option<Receipt>,
}

/// Numbers and arrivals of somebody's tickets, by number.
pub(super) type Tickets = HashMap<ContactId, Vec<(i64, Instant)>>;
/// Sums by what they are of.
pub(super) type Tallies = BTreeMap<(Kind, String), Tally>;

/// Puts accepted receipts into tallies. `tickets` are all tickets of their senders up to the last of them.
pub(super) fn counted(
    accepted: &[Accepted],
    tickets: &Tickets,
    zone: &TimeZone,
) -> (Tallies, BTreeMap<String, GoodsTally>) {
    let (mut tallies, mut goods) = (Tallies::new(), BTreeMap::new());
    for one in accepted {
        count(one, tickets.get(&one.contact).map_or(&[], Vec::as_slice), zone, &mut tallies);
        for (key, line) in goods_of(one.document.as_ref()) {
            goods
                .entry(key)
                .or_insert_with(|| GoodsTally { name: line.name.clone(), ..GoodsTally::default() })
                .add(&line);
        }
    }
    (tallies, goods)
}

fn count(one: &Accepted, tickets: &[(i64, Instant)], zone: &TimeZone, tallies: &mut Tallies) {
    let day_of = |at: Instant| at.in_zone(zone).date();
    let earlier: Vec<Date> =
        tickets.iter().filter(|(number, _)| *number < one.number).map(|(_, at)| day_of(*at)).collect();
    let day = day_of(one.arrived);
    let first = earlier.is_empty();
    let mut add = |kind, key: String, tally: Tally| tallies.entry((kind, key)).or_default().add(tally);
    let whole = Tally { receipts: 1, people: i64::from(first), sum: one.sum };
    let someone = Tally { people: 1, ..Tally::default() };
    add(Kind::Day, day.to_string(), Tally { people: i64::from(!earlier.contains(&day)), ..whole });
    if first {
        add(Kind::Fresh, day.to_string(), someone);
    }
    if let Ok(at) = one.bought_at.parse::<DateTime>() {
        let weekday = at.weekday().to_monday_one_offset();
        add(Kind::Hour, format!("{weekday}-{:02}", at.hour()), whole);
    }
    add(Kind::Band, format!("{:09}", band(one.sum)), whole);
    add(Kind::Source, cut(&one.source, TEXT_MAX), whole);
    if earlier.len() < NTH_MAX {
        add(Kind::Nth, format!("{:02}", earlier.len() + 1), someone);
    }
    let week = monday(day);
    if !earlier.iter().any(|day| monday(*day) == week) {
        let began = monday(earlier.iter().copied().min().unwrap_or(day).min(day));
        let weeks = began.until(week).map_or(0, |span| span.get_days() / 7);
        add(Kind::Cohort, format!("{began}/{weeks:03}"), someone);
    }
    let Some(document) = &one.document else { return };
    add(Kind::Region, document.region.as_deref().map(region).unwrap_or_default(), whole);
    let seller = &document.seller;
    let name = if seller.place.trim().is_empty() { &seller.name } else { &seller.place };
    let parts = [&seller.inn, name, &seller.address].map(|part| cut(&part.replace('|', "/"), TEXT_MAX));
    if parts.iter().any(|part| !part.is_empty()) {
        add(Kind::Shop, parts.join("|"), whole);
    }
}

/// Lines of a receipt by what the goods are: the same goods in two lines stand in one receipt.
fn goods_of(document: Option<&Receipt>) -> BTreeMap<String, GoodsTally> {
    let mut goods: BTreeMap<String, GoodsTally> = BTreeMap::new();
    for item in document.into_iter().flat_map(|document| &document.items) {
        let key = cut(&samovar_fiscal::name::normal(&item.name), TEXT_MAX);
        if key.is_empty() {
            continue;
        }
        let line = goods.entry(key).or_insert_with(|| GoodsTally {
            name: cut(&item.name, TEXT_MAX),
            receipts: 1,
            ..GoodsTally::default()
        });
        line.quantity = line.quantity.saturating_add(item.quantity);
        line.sum += item.sum;
    }
    goods
}

fn monday(day: Date) -> Date {
    day.checked_sub(i64::from(day.weekday().to_monday_zero_offset()).days()).unwrap_or(day)
}

/// Two digits; a code of one digit lost its zero somewhere.
fn region(code: &str) -> String {
    let code = code.trim();
    match code.len() {
        1 if code.as_bytes()[0].is_ascii_digit() => format!("0{code}"),
        2 if code.bytes().all(|byte| byte.is_ascii_digit()) => code.to_owned(),
        _ => String::new(),
    }
}

fn cut(text: &str, letters: usize) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(letters).collect()
}

/// Where bands of sums begin, in kopecks.
const BANDS: [i64; 12] =
    [0, 10_000, 20_000, 30_000, 50_000, 70_000, 100_000, 150_000, 200_000, 300_000, 500_000, 1_000_000];

fn band(sum: i64) -> i64 {
    BANDS.into_iter().rev().find(|from| *from <= sum).unwrap_or(0)
}

/// Days from the first with anything to the last. `arrived` are receipts and refused ones by quarter hours.
pub(super) fn days(
    tallies: &[(Kind, String, Tally)],
    arrived: &[(i64, i64, i64)],
    counted: Counted,
    zone: &TimeZone,
) -> Days {
    let mut by_day: BTreeMap<Date, Day> = BTreeMap::new();
    let empty = |day| Day { day, arrived: 0, refused: 0, accepted: 0, sum: 0, people: 0, fresh: 0 };
    for (quarter, all, refused) in arrived {
        let day = Instant(quarter * QUARTER).in_zone(zone).date();
        let line = by_day.entry(day).or_insert_with(|| empty(day));
        line.arrived += all;
        line.refused += refused;
    }
    for (kind, key, tally) in tallies {
        let Ok(day) = key.parse::<Date>() else { continue };
        let line = by_day.entry(day).or_insert_with(|| empty(day));
        match kind {
            Kind::Day => {
                (line.accepted, line.sum, line.people) = (tally.receipts, tally.sum, tally.people);
            }
            Kind::Fresh => line.fresh = tally.people,
            _ => {}
        }
    }
    let ends = by_day.keys().next().copied().zip(by_day.keys().next_back().copied());
    let days = ends
        .into_iter()
        .flat_map(|(first, last)| first.series(1.day()).take_while(move |day| *day <= last).take(DAYS_MAX));
    Days { days: days.map(|day| by_day.get(&day).copied().unwrap_or_else(|| empty(day))).collect(), counted }
}

/// Microseconds of a quarter hour: no time zone differs by less.
pub(super) const QUARTER: i64 = 900_000_000;
/// Days that are told.
const DAYS_MAX: usize = 1_000;

/// When, where and for how much.
pub(super) fn purchases(tallies: &[(Kind, String, Tally)], counted: Counted) -> Purchases {
    let mut told = Purchases {
        receipts: 0,
        sum: 0,
        bands: BANDS
            .into_iter()
            .enumerate()
            .map(|(at, from)| Band { from, to: BANDS.get(at + 1).copied(), receipts: 0 })
            .collect(),
        hours: Vec::new(),
        regions: Vec::new(),
        shops: Vec::new(),
        counted,
    };
    for (kind, key, tally) in tallies {
        let Tally { receipts, sum, .. } = *tally;
        match kind {
            Kind::Band => {
                told.receipts += receipts;
                told.sum += sum;
                let from = key.parse().unwrap_or(0);
                if let Some(band) = told.bands.iter_mut().find(|band| band.from == from) {
                    band.receipts += receipts;
                }
            }
            Kind::Hour => {
                let parsed =
                    key.split_once('-').and_then(|(day, hour)| Some((day.parse().ok()?, hour.parse().ok()?)));
                let Some((weekday, hour)) = parsed else { continue };
                told.hours.push(Hour { weekday, hour, receipts });
            }
            Kind::Region => told.regions.push(Region { code: key.clone(), receipts, sum }),
            Kind::Shop => {
                let mut parts = key.split('|').map(str::to_owned);
                let mut part = || parts.next().unwrap_or_default();
                told.shops.push(Shop { inn: part(), name: part(), address: part(), receipts, sum });
            }
            _ => {}
        }
    }
    told.regions.sort_by(|a, b| b.receipts.cmp(&a.receipts).then_with(|| a.code.cmp(&b.code)));
    told.shops.sort_by(|a, b| b.receipts.cmp(&a.receipts).then_with(|| a.name.cmp(&b.name)));
    told
}

/// How often people take part, without what the customer base knows of them.
pub(super) fn people(tallies: &[(Kind, String, Tally)], counted: Counted) -> People {
    let mut nth = vec![0_i64; NTH_MAX + 1];
    let mut cohorts: BTreeMap<Date, Vec<i64>> = BTreeMap::new();
    for (kind, key, tally) in tallies {
        match kind {
            Kind::Nth => {
                if let Some(place) = key.parse::<usize>().ok().and_then(|at| nth.get_mut(at.max(1) - 1)) {
                    *place += tally.people;
                }
            }
            Kind::Cohort => {
                let parsed = key
                    .split_once('/')
                    .and_then(|(week, at)| Some((week.parse::<Date>().ok()?, at.parse::<usize>().ok()?)));
                let Some((week, at)) = parsed else { continue };
                let active = cohorts.entry(week).or_default();
                if at < COHORTS {
                    active.resize(active.len().max(at + 1), 0);
                    active[at] += tally.people;
                }
            }
            _ => {}
        }
    }
    let people = nth[0];
    let mut by_receipts: Vec<i64> = (0..BY_RECEIPTS).map(|at| nth[at] - nth[at + 1]).collect();
    by_receipts[BY_RECEIPTS - 1] = nth[BY_RECEIPTS - 1];
    let left_out = cohorts.len().saturating_sub(COHORTS);
    People {
        people,
        again: nth[1],
        each: if people == 0 { 0 } else { counted.counted * 100 / people },
        by_receipts,
        cohorts: cohorts.into_iter().skip(left_out).map(|(week, active)| Cohort { week, active }).collect(),
        portrait: super::model::Portrait::default(),
        counted,
    }
}

/// Tickets of a person: one or more, two or more, three or more, five or more.
pub(super) fn path_of(tallies: &[(Kind, String, Tally)]) -> [i64; 4] {
    let nth = |wanted: &str| {
        tallies
            .iter()
            .filter(|(kind, key, _)| *kind == Kind::Nth && key == wanted)
            .map(|(_, _, tally)| tally.people)
            .sum()
    };
    [nth("01"), nth("02"), nth("03"), nth("05")]
}

/// Sources of participants with what came of them.
pub(super) fn sources(joined: &[(String, i64)], tallies: &[(Kind, String, Tally)]) -> Vec<Source> {
    let mut all: BTreeMap<&str, Source> = BTreeMap::new();
    let at =
        |source: &str| -> Source { Source { source: source.to_owned(), people: 0, receipts: 0, sum: 0 } };
    for (source, people) in joined {
        all.entry(source).or_insert_with(|| at(source)).people += people;
    }
    for (kind, key, tally) in tallies {
        if *kind == Kind::Source {
            let line = all.entry(key).or_insert_with(|| at(key));
            line.receipts += tally.receipts;
            line.sum += tally.sum;
        }
    }
    let mut all: Vec<Source> = all.into_values().collect();
    all.sort_by(|a, b| b.people.cmp(&a.people).then_with(|| a.source.cmp(&b.source)));
    all
}

/// What is bought together more often than by chance.
pub(super) fn pairs(baskets: &[Receipt]) -> Vec<Pair> {
    let mut names: HashMap<String, String> = HashMap::new();
    let mut times: HashMap<String, i64> = HashMap::new();
    let baskets: Vec<BTreeSet<String>> = baskets
        .iter()
        .map(|receipt| {
            goods_of(Some(receipt))
                .into_iter()
                .take(BASKET_MAX)
                .map(|(key, line)| {
                    *times.entry(key.clone()).or_default() += 1;
                    names.entry(key.clone()).or_insert(line.name);
                    key
                })
                .collect()
        })
        .collect();
    let mut often: Vec<(&String, i64)> = times.iter().map(|(key, times)| (key, *times)).collect();
    often.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    let kept: BTreeSet<&String> = often.into_iter().take(PAIRED_GOODS).map(|(key, _)| key).collect();
    let mut together: HashMap<(&String, &String), i64> = HashMap::new();
    for basket in &baskets {
        let goods: Vec<&String> = basket.iter().filter(|key| kept.contains(key)).collect();
        for (at, first) in goods.iter().enumerate() {
            for second in &goods[at + 1..] {
                *together.entry((first, second)).or_default() += 1;
            }
        }
    }
    let all = i64::try_from(baskets.len()).unwrap_or(i64::MAX);
    let mut found: Vec<(i64, Pair)> = together
        .into_iter()
        .filter(|(_, both)| *both >= PAIR_LEAST)
        .filter_map(|((first, second), both)| {
            let chance = times[first] * times[second];
            // By how many receipts there are more of both than by chance: rare oddities do not come first.
            let more = both * all - chance;
            let name = |key: &String| names.get(key).cloned().unwrap_or_default();
            let lift = both * all * 100 / chance.max(1);
            (more > 0)
                .then(|| (more, Pair { first: name(first), second: name(second), receipts: both, lift }))
        })
        .collect();
    found.sort_by(|a, b| {
        b.0.cmp(&a.0).then_with(|| (&a.1.first, &a.1.second).cmp(&(&b.1.first, &b.1.second)))
    });
    found.into_iter().take(PAIRS).map(|(_, pair)| pair).collect()
}

/// The day of a moment, counted from 1970.
pub(super) fn day_number(at: Instant, zone: &TimeZone) -> i64 {
    let offset = i64::from(zone.to_offset(at.to_jiff()).seconds());
    (at.seconds() + offset).div_euclid(86_400)
}

/// Whether a published scenario is about a promotion: it names it, has its key, or speaks of the one that is open where it
/// runs, and that is this one (`here`).
pub(super) fn belongs(draft: &Draft, key: &str, here: bool) -> bool {
    let mut speaks = false;
    for step in draft.steps.values().filter_map(|step| serde_json::to_value(step).ok()) {
        if !["promo.", "receipts."].iter().any(|of| word_of(&step).starts_with(of)) {
            continue;
        }
        match step["params"]["promotion"].as_str().filter(|named| !named.is_empty()) {
            Some(named) if named == key => return true,
            Some(_) => {}
            None => speaks = true,
        }
    }
    speaks && (draft.key == key || here)
}

/// What a step does or shows.
fn word_of(step: &serde_json::Value) -> &str {
    step["action"].as_str().or_else(|| step["screen"].as_str()).unwrap_or_default()
}

/// How often the rules were put before somebody: of the steps from which one joins, the one that was entered most. The
/// others are on the way from it and back.
pub(super) fn asked(draft: &Draft, times: &[(String, String, i64)]) -> i64 {
    let joins = |step: &str| {
        let step = draft.steps.get(step).and_then(|step| serde_json::to_value(step).ok());
        step.is_some_and(|step| word_of(&step) == "promo.join")
    };
    let before = draft.edges.iter().filter(|(_, to)| joins(to)).map(|(from, _)| from.split('.').next());
    let entered = |step: &str| -> i64 {
        times.iter().filter(|(at, port, _)| at == step && port.is_empty()).map(|(.., times)| times).sum()
    };
    before.flatten().map(entered).max().unwrap_or(0)
}

/// How often a scenario was begun, and the steps at which people fell silent.
pub(super) fn passed(draft: &Draft, times: &[(String, String, i64)], name: &str) -> (i64, Vec<Stuck>) {
    let begun = times.iter().filter(|(step, ..)| step.is_empty()).map(|(.., times)| times).sum();
    let mut steps: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for (step, port, times) in times.iter().filter(|(step, ..)| !step.is_empty()) {
        let (entered, left) = steps.entry(step).or_default();
        *if port.is_empty() { entered } else { left } += times;
    }
    let stuck = steps.into_iter().filter_map(|(step, (entered, left))| {
        let kind = serde_json::to_value(draft.steps.get(step)?).ok()?;
        let kind = kind.get("kind")?.as_str()?.to_owned();
        let waits = matches!(kind.as_str(), "ask" | "choose" | "show");
        (waits && entered > left).then(|| Stuck {
            scenario: draft.key.clone(),
            name: name.to_owned(),
            step: step.to_owned(),
            kind,
            entered,
            left,
        })
    });
    (begun, stuck.collect())
}

/// The steps at which most people stayed.
pub(super) fn worst(path: &mut Path, most: usize) {
    path.stuck.sort_by(|a, b| b.silent().cmp(&a.silent()).then_with(|| a.step.cmp(&b.step)));
    path.stuck.truncate(most);
}

/// How long it takes until everything due was asked, at the pace of the last minutes.
pub(super) fn drained(queue: &mut Queue) {
    let due = queue.due + queue.asked;
    queue.drained_in = match (due, queue.answered) {
        (0, _) => Some(0),
        (_, 0) => None,
        (due, answered) => Some((due * PACE_MINUTES * 60 + answered - 1) / answered),
    };
}

/// Goods for people.
pub(super) fn goods_line(tally: GoodsTally) -> GoodsLine {
    let GoodsTally { name, receipts, quantity, sum } = tally;
    GoodsLine { name, receipts, quantity, sum }
}
