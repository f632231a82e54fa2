//! Two years of a shop under the virtual clock, seeded: people register, buy, pay with points, bring things back, order,
//! have birthdays, get points on holidays (one of them by mistake); points end by the jobs, on days when the program is
//! not down; the rules change, and the business moves to another zone. Beside the program the books are kept by hand
//! ([`Paper`]), and at each month's end both agree to a point: every wallet, and the company as a whole.
//!
//! `SAMOVAR_SIMULATION_CUSTOMERS=10000 cargo nextest run -p samovar-app --test it two_years::on_sqlite --no-capture` is
//! the full one and tells its figures; `SAMOVAR_SEED` chooses another story.

mod by_hand;

use crate::common::{Bed, on};
use crate::paper::Paper;
use futures::StreamExt;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use samovar_app::ledger::{self, Shortfall, Standing};
use samovar_app::loyalty::{
    self, Earning, Expiry, Programme, Purchase, PurchaseId, Refund, Refunds, Spending,
};
use samovar_app::tenants::{self, Changes};
use samovar_app::{Fail, contacts, work};
use samovar_base::{Chance, Clock, ContactId, HoldId, Instant, Points, Rate};
use samovar_store::{params, query};
use samovar_testkit::Engine;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

const DAYS: i64 = 730;
const CUSTOMERS: usize = 40;
/// People come to register in the first so many days.
const OPEN_DAYS: i64 = 500;
/// Somebody does something once in so many walks through the shop; there are two a day.
const SELDOM: u64 = 60;
const HOUR: i64 = 3_600;
const AT_ONCE: usize = 64;
const DEBT_MAX: i64 = 300;
const WELCOME: i64 = 100;
const BIRTHDAY: i64 = 200;
const GIFT: i64 = 150;
/// On which the business moves, and on which purchases begin to prolong.
const MOVES: i64 = 365;
const PROLONGS: i64 = 430;
const ZONES: [&str; 2] = ["Europe/Moscow", "Europe/Berlin"];

query! {
    /// What the company's own accounts gave and took: issued, redeemed and adjusted, expired.
    static FLOWS =
        "SELECT CAST(COALESCE(SUM(CASE WHEN debit = 1 THEN points WHEN credit = 1 THEN -points ELSE 0 END), 0) AS BIGINT),
                CAST(COALESCE(SUM(CASE WHEN credit IN (2, 4) THEN points WHEN debit IN (2, 4) THEN -points ELSE 0 END), 0) AS BIGINT),
                CAST(COALESCE(SUM(CASE WHEN credit = 3 THEN points WHEN debit = 3 THEN -points ELSE 0 END), 0) AS BIGINT),
                COUNT(*)
         FROM ledger_posting WHERE tenant_id = $1";
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite() {
    on(Engine::Sqlite, async |bed: Bed| Shop::open(bed).await.live().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres() {
    on(Engine::Postgres, async |bed: Bed| Shop::open(bed).await.live().await).await;
}

/// Tells the seed when the test dies in it.
struct Banner(u64);

impl Drop for Banner {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("these two years repeat with SAMOVAR_SEED={}", self.0);
        }
    }
}

struct Shop {
    bed: Bed,
    chance: Chance,
    customers: Vec<Customer>,
    to_come: usize,
    rules: Programme,
    zone: TimeZone,
    opened: Instant,
    day: i64,
    /// Balances at the month's ends gone by.
    past: Vec<(Instant, BTreeMap<ContactId, i64>)>,
    done: BTreeMap<&'static str, usize>,
    _banner: Banner,
}

struct Customer {
    id: ContactId,
    born: Option<Date>,
    paper: Paper,
    /// Heaps that were earned by purchases: they have the common term.
    common: Vec<i64>,
    sales: Vec<Sale>,
    orders: Vec<(HoldId, i64)>,
    /// Years whose birthday was seen to.
    birthdays: BTreeSet<i16>,
    acts: usize,
}

#[derive(Debug, Clone)]
struct Sale {
    key: String,
    id: PurchaseId,
    sum: i64,
    paid: i64,
    earned: i64,
    back: i64,
    money_back: i64,
}

/// What somebody does.
#[derive(Debug, Clone)]
enum Deed {
    Buys { sum: i64, pays: Option<i64> },
    BringsBack { sale: usize, sum: Option<i64> },
    Orders { points: i64 },
    Takes { order: usize, points: Option<i64> },
    Cancels { order: usize },
    IsCorrected { points: i64 },
}

/// What came of it: how the wallet stands, and a figure of its own; or the code of a refusal.
type Came = Result<(Standing, i64), &'static str>;

impl Shop {
    async fn open(bed: Bed) -> Self {
        let number =
            |name: &str| std::env::var(name).ok().map(|text| text.parse::<usize>().expect("a number"));
        let seed = number("SAMOVAR_SEED").unwrap_or(2_026) as u64;
        let rules = Programme {
            expiry_days: Some(120),
            expiry: Expiry {
                days_of: [("grant".to_owned(), 45), ("birthday".to_owned(), 20)].into(),
                ..Expiry::default()
            },
            earning: Earning { percent_bp: Rate(500), ..Earning::default() },
            spending: Spending { max_percent_bp: Rate(3_000), ..Spending::default() },
            refunds: Refunds { debt: Shortfall::Owe(Points(DEBT_MAX)), ..Refunds::default() },
            birthday: loyalty::Birthday { points: Points(BIRTHDAY), ..loyalty::Birthday::default() },
            ..Programme::default()
        };
        loyalty::set_programme(&bed.app, &bed.owner, None, rules.clone()).await.expect("a programme");
        Self {
            opened: bed.clock.now(),
            bed,
            chance: Chance::from_seed(seed),
            customers: Vec::new(),
            to_come: number("SAMOVAR_SIMULATION_CUSTOMERS").unwrap_or(CUSTOMERS),
            rules,
            zone: TimeZone::get(ZONES[0]).expect("a zone"),
            day: 0,
            past: Vec::new(),
            done: BTreeMap::new(),
            _banner: Banner(seed),
        }
    }

    async fn live(mut self) {
        let mut month = self.today().month();
        while self.day < DAYS {
            self.day += 1;
            self.set_clock(2 * HOUR);
            self.news().await;
            let turns = self.today().month() != month;
            // The program is down now and then, but not for a week.
            if turns || self.day % 5 == 0 || self.chance.below(2) == 0 {
                self.jobs().await;
            }
            if turns {
                month = self.today().month();
                self.month_ends().await;
            }
            self.people_come().await;
            for walk in 3..5 {
                self.set_clock(walk * HOUR);
                self.walk().await;
            }
        }
        self.the_past_stays().await;
        self.saw_something();
    }

    fn set_clock(&self, seconds: i64) {
        self.bed.clock.set(self.opened.plus_seconds(self.day * 24 * HOUR + seconds));
    }

    fn now(&self) -> Instant {
        self.bed.clock.now()
    }

    fn today(&self) -> Date {
        self.now().in_zone(&self.zone).date()
    }

    fn count(&mut self, what: &'static str) {
        *self.done.entry(what).or_default() += 1;
    }

    /// The last moment of the day that is so many days after today; as the shop's book says it.
    fn end_after(&self, days: i64) -> Option<Instant> {
        let last = self.today().checked_add(days.days()).expect("a day");
        let end = last.tomorrow().expect("a day").to_zoned(self.zone.clone()).expect("a moment");
        Some(Instant::from_seconds(end.timestamp().as_second()))
    }

    /// The business moves, the rules change, a holiday is celebrated.
    async fn news(&mut self) {
        let (app, owner) = (self.bed.app.clone(), self.bed.owner.clone());
        if self.day == MOVES {
            let zone = Changes { zone: Some(ZONES[1].into()), ..Changes::default() };
            tenants::update(&app, &owner, None, zone).await.expect("the business moves");
            self.zone = TimeZone::get(ZONES[1]).expect("a zone");
        }
        if self.day == PROLONGS {
            self.rules.expiry.prolong_on_purchase = true;
            loyalty::set_programme(&app, &owner, None, self.rules.clone()).await.expect("a programme");
        }
        let today = self.today();
        if matches!((today.month(), today.day()), (12, 31) | (3, 8)) {
            self.holiday().await;
        }
    }

    /// Points for everybody.
    async fn holiday(&mut self) {
        let (now, end, today) = (self.now(), self.end_after(45), self.today());
        let (app, owner) = (&self.bed.app, &self.bed.owner);
        let gifts =
            futures::stream::iter(self.customers.iter().map(|customer| customer.id)).map(|id| async move {
                let key = format!("holiday-{today}-{id}");
                loyalty::grant_by_hand(app, owner, id, Points(GIFT), None, key).await.map(drop)
            });
        let gifts: Vec<_> = gifts.buffer_unordered(AT_ONCE).collect().await;
        gifts.into_iter().collect::<Result<Vec<_>, _>>().expect("a gift for everybody");
        for customer in &mut self.customers {
            customer.comes(&format!("holiday-{today}"), GIFT, end, now);
        }
        self.count("holiday");
    }

    /// What the program does by itself, and what the shop's book says of it.
    async fn jobs(&mut self) {
        work::look(&self.bed.app).await.expect("due jobs run");
        let (now, today, end) = (self.now(), self.today(), self.end_after(20));
        let window: Vec<Date> =
            (-7..=3).map(|days: i64| today.checked_add(days.days()).expect("a day")).collect();
        let mut birthdays = 0;
        for customer in &mut self.customers {
            let Some(born) = customer.born else { continue };
            let due = window.iter().find(|date| is_birthday(born, **date));
            if let Some(date) = due.filter(|date| customer.birthdays.insert(date.year())) {
                customer.comes(&format!("birthday-{date}"), BIRTHDAY, end, now);
                birthdays += 1;
            }
        }
        *self.done.entry("birthday").or_default() += birthdays;
    }

    async fn people_come(&mut self) {
        let by_now = self.to_come * usize::try_from(self.day.min(OPEN_DAYS)).expect("a day")
            / usize::try_from(OPEN_DAYS).expect("days");
        let (now, end) = (self.now(), self.end_after(45));
        let born: Vec<Option<Date>> =
            (self.customers.len()..by_now).map(|number| self.some_birthday(number)).collect();
        let (app, owner) = (&self.bed.app, &self.bed.owner);
        let new = futures::stream::iter(born).map(|born| async move {
            let fields =
                born.map(|born| ("birthday".to_owned(), json!(born.to_string()))).into_iter().collect();
            let id = contacts::add(app, owner, fields, Vec::new()).await?.id;
            let key = format!("welcome-{id}");
            loyalty::grant_by_hand(app, owner, id, Points(WELCOME), None, key).await?;
            Ok::<_, Fail>((id, born))
        });
        let new: Vec<_> = new.buffered(AT_ONCE).collect().await;
        for new in new {
            let (id, born) = new.expect("somebody registers");
            let mut customer = Customer {
                id,
                born,
                paper: Paper::default(),
                common: Vec::new(),
                sales: Vec::new(),
                orders: Vec::new(),
                birthdays: BTreeSet::new(),
                acts: 0,
            };
            customer.comes("welcome", WELCOME, end, now);
            self.customers.push(customer);
        }
    }

    fn some_birthday(&self, number: usize) -> Option<Date> {
        match number % 10 {
            0 => None,
            1 => Date::new(1992, 2, 29).ok(),
            _ => {
                let days = i64::try_from(self.chance.below(12_000)).expect("small");
                Date::new(1970, 1, 1).ok()?.checked_add(days.days()).ok()
            }
        }
    }

    /// Those who do something now do it all at the same time.
    async fn walk(&mut self) {
        let now = self.now();
        let mut deeds = Vec::new();
        for at in 0..self.customers.len() {
            if self.chance.below(SELDOM) == 0 {
                let customer = &mut self.customers[at];
                customer.paper.expire_all(now);
                customer.acts += 1;
                let deed = customer.some_deed(&self.chance, now);
                deeds.push((at, deed, self.chance.below(5) == 0));
            }
        }
        let shop = &*self;
        let came = futures::stream::iter(deeds).map(|(at, deed, twice)| async move {
            let customer = &shop.customers[at];
            let came = customer.does(&shop.bed, &deed).await;
            if twice && came.is_ok() {
                let again = customer.does(&shop.bed, &deed).await;
                assert_eq!(again.map(|again| again.0), came.map(|came| came.0), "a key is for ever");
            }
            (at, deed, came)
        });
        let came: Vec<_> = came.buffer_unordered(AT_ONCE).collect().await;
        for (at, deed, came) in came {
            self.write_down(at, &deed, came);
        }
    }

    /// The same by hand, and it comes to the same.
    fn write_down(&mut self, at: usize, deed: &Deed, came: Came) {
        let (now, common_end) = (self.now(), self.end_after(120));
        let prolongs = self.rules.expiry.prolong_on_purchase;
        let customer = &mut self.customers[at];
        let expected = customer.by_hand(deed, &came, common_end, prolongs, now);
        let standing = customer.standing(now);
        match (expected, came) {
            (Ok(figure), Ok(came)) => {
                assert_eq!((came.0, came.1), (standing, figure), "{deed:?} of {:?}", customer.paper);
                self.count(deed.name());
            }
            (Err(expected), Err(code)) => {
                assert_eq!(code, expected, "{deed:?} of {:?}", customer.paper);
                self.count(code);
            }
            (expected, came) => {
                panic!("{deed:?}: by hand {expected:?}, the program {came:?}: {:?}", customer.paper)
            }
        }
    }

    /// Every wallet and the company as a whole, to a point.
    async fn month_ends(&mut self) {
        let (now, tenant) = (self.now(), self.bed.owner.tenant);
        let found = self.bed.app.store.read(tenant, |tx| async move { ledger::check(&tx).await }).await;
        assert_eq!(found.expect("books"), [], "{}", self.today());
        let mut balances = BTreeMap::new();
        let mut flows = [0; 3];
        for customer in &mut self.customers {
            customer.paper.expire_all(now);
            balances.insert(customer.id, customer.paper.balance());
            for (sum, flow) in flows.iter_mut().zip(customer.paper.flows()) {
                *sum += flow;
            }
        }
        let (app, owner) = (&self.bed.app, &self.bed.owner);
        let each = futures::stream::iter(&self.customers).map(|customer| async move {
            let wallet = ledger::wallet(app, owner, customer.id).await.expect("a wallet");
            assert_eq!(wallet.standing(now), customer.standing(now), "{:?}", customer.paper);
            assert_eq!(wallet.debt.0, customer.paper.debt);
            assert!((0..=DEBT_MAX).contains(&wallet.debt.0));
        });
        each.buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
        let rows =
            app.store.read(tenant, |tx| async move { Ok::<_, Fail>(tx.all(&FLOWS, params![]).await?) }).await;
        let rows = rows.expect("postings");
        let number = |at| rows[0].int(at).expect("a sum");
        assert_eq!([number(0), number(1), number(2)], flows, "issued, redeemed, expired by {}", self.today());
        if self.to_come > CUSTOMERS {
            eprintln!(
                "{} {} customers, {} postings, issued {}, redeemed {}, expired {}, balances {}",
                self.today(),
                self.customers.len(),
                number(3),
                flows[0],
                flows[1],
                flows[2],
                balances.values().sum::<i64>()
            );
        }
        self.past.push((now, balances));
        self.count("month");
    }

    /// Asked today, the balances of all month's ends are what they were then.
    async fn the_past_stays(&self) {
        let (app, owner) = (&self.bed.app, &self.bed.owner);
        let asked = self.past.iter().flat_map(|(at, balances)| {
            let few = balances.iter().take(CUSTOMERS);
            few.map(|(contact, balance)| (*at, *contact, *balance))
        });
        let asked = futures::stream::iter(asked).map(|(at, contact, balance)| async move {
            let then = ledger::balance_on(app, owner, contact, at).await.expect("a balance");
            assert_eq!(then.0, balance, "{contact} on {at}");
        });
        asked.buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
    }

    /// Two years without one of these prove nothing.
    fn saw_something(&self) {
        let known = [
            "month",
            "holiday",
            "birthday",
            "purchase",
            "paid purchase",
            "refund",
            "order",
            "taken order",
            "cancelled order",
            "correction",
            "over_share",
            "not_enough_points",
        ];
        for what in known {
            assert!(self.done.contains_key(what), "no {what}: {:?}", self.done);
        }
        let debts = self.customers.iter().any(|customer| customer.paper.debt > 0);
        if self.to_come > CUSTOMERS {
            eprintln!("{:?}, open debts: {debts}", self.done);
        }
    }
}

impl Deed {
    const fn name(&self) -> &'static str {
        match self {
            Self::Buys { pays: None, .. } => "purchase",
            Self::Buys { pays: Some(_), .. } => "paid purchase",
            Self::BringsBack { .. } => "refund",
            Self::Orders { .. } => "order",
            Self::Takes { .. } => "taken order",
            Self::Cancels { .. } => "cancelled order",
            Self::IsCorrected { .. } => "correction",
        }
    }
}

impl Customer {
    /// Points come in as the next heap.
    fn comes(&mut self, key: &str, points: i64, end: Option<Instant>, now: Instant) -> i64 {
        self.paper.expire_all(now);
        let number = i64::try_from(self.paper.heaps.len()).expect("few") + 1;
        self.paper.earn(key, number, points, end, now).expect("points come in");
        number
    }

    fn standing(&self, now: Instant) -> Standing {
        Standing {
            balance: Points(self.paper.balance()),
            held: Points(self.paper.held()),
            available: Points(self.paper.available(now)),
        }
    }

    fn key(&self) -> String {
        format!("{}-{}", self.id, self.acts)
    }

    fn some_deed(&self, chance: &Chance, now: Instant) -> Deed {
        let below = |end: i64| {
            i64::try_from(chance.below(u64::try_from(end.max(1)).expect("not negative"))).expect("small")
        };
        let one_of = |count: usize| usize::try_from(chance.below(count.max(1) as u64)).expect("small");
        let available = self.paper.available(now);
        let sum = 10_000 + below(600_000);
        match chance.below(20) {
            0..=7 => Deed::Buys { sum, pays: None },
            8..=12 => {
                // Mostly as many as there are and may be, now and then more.
                let most = available.min(sum * 3 / 1_000).max(1);
                Deed::Buys { sum, pays: Some(if below(4) == 0 { most + 1 + below(3) } else { most }) }
            }
            13..=15 if !self.sales.is_empty() => {
                let sale = one_of(self.sales.len());
                let left = self.sales[sale].sum - self.sales[sale].back;
                let sum = (below(2) == 0 && left > 1).then(|| 1 + below(left - 1));
                Deed::BringsBack { sale, sum }
            }
            16 => Deed::Orders { points: 1 + below(available + 20) },
            17 | 18 if !self.orders.is_empty() => {
                let order = one_of(self.orders.len());
                if below(2) == 0 {
                    Deed::Cancels { order }
                } else {
                    let points = self.orders[order].1;
                    Deed::Takes { order, points: (below(2) == 0).then(|| 1 + below(points)) }
                }
            }
            19 => Deed::IsCorrected { points: 1 + below(30) },
            _ => Deed::Buys { sum, pays: None },
        }
    }

    async fn does(&self, bed: &Bed, deed: &Deed) -> Came {
        let (app, owner, id, key) = (&bed.app, &bed.owner, self.id, self.key());
        let by_hand =
            |receipt: ledger::Receipt| (receipt.standing, receipt.entry.subject.unwrap_or_default());
        let came = match deed {
            Deed::Buys { sum, pays } => {
                let purchase = Purchase { pay_points: pays.map(Points), ..Purchase::of(*sum) };
                let bought = loyalty::checkout(app, owner, id, purchase, key).await;
                bought.map(|bought| (bought.standing, bought.purchase.id.0))
            }
            Deed::BringsBack { sale, sum } => {
                let asked = Refund { sum_minor: *sum, note: None };
                let done = loyalty::refund(app, owner, self.sales[*sale].id, asked, key).await;
                done.map(|done| (done.standing, done.back.money_minor))
            }
            Deed::Orders { points } => {
                loyalty::hold_points(app, owner, id, Points(*points), None, None, key).await.map(by_hand)
            }
            Deed::Takes { order, points } => {
                let (hold, points) = (self.orders[*order].0, points.map(Points));
                loyalty::capture_hold(app, owner, id, hold, points, key).await.map(by_hand)
            }
            Deed::Cancels { order } => {
                loyalty::release_hold(app, owner, id, self.orders[*order].0, key).await.map(by_hand)
            }
            Deed::IsCorrected { points } => {
                loyalty::deduct_by_hand(app, owner, id, Points(*points), None, key).await.map(by_hand)
            }
        };
        came.map_err(|fail| fail.code())
    }
}

/// In common years who was born on 29 February has it on the 28th.
fn is_birthday(born: Date, date: Date) -> bool {
    let leaps = (born.month(), born.day()) == (2, 29) && !date.in_leap_year();
    let day = if leaps { 28 } else { born.day() };
    (date.month(), date.day()) == (born.month(), day)
}
