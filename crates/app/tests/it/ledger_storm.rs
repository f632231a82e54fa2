//! The ledger under a seeded storm: eight actors at once earn, spend, hold, capture, release, prolong, take back, undo
//! and give to everybody, each key sent twice, while time moves and points expire. Whatever the interleaving, the journal
//! tells one story, and the books kept by hand from that story agree with the program's to a point.
//!
//! `SAMOVAR_SEED=… cargo test -p samovar-app --test it ledger_storm` repeats one storm, three times as long.

use crate::common::{Bed, both};
use crate::paper::{Missing, Paper};
use futures::future::{join, join_all};
use samovar_app::access::Actor;
use samovar_app::ledger::{self, Act, Entry, Operation, POINTS, Posted, Shortfall, Wallet};
use samovar_app::visit::Cause;
use samovar_app::{App, Fail, contacts};
use samovar_base::{Chance, Clock, ContactId, HoldId, Instant, LotId, ManualClock, Points};
use samovar_store::{Row, StoreError, Tx, params, query};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

const SEEDS: [u64; 2] = [1, 2];
const ROUNDS: u64 = 20;
const ACTORS: u64 = 8;
const STEPS: u64 = 4;
/// Few, so that the actors meet.
const PEOPLE: usize = 3;
const DEBT_MAX: i64 = 60;
const HOUR: i64 = 3_600;
/// A unit that lost so many races would be stuck.
const RACES_MAX: usize = 200;

query! {
    static JOURNAL =
        "SELECT o.key, o.kind, o.points, o.balance, o.subject, o.at FROM ledger_operation o
         JOIN ledger_wallet w ON w.tenant_id = o.tenant_id AND w.account_id = o.account_id
         WHERE o.tenant_id = $1 AND w.contact_id = $2 ORDER BY o.id";
    static POSTINGS = "SELECT debit, credit, points, lot_id FROM ledger_posting WHERE tenant_id = $1 ORDER BY id";
    static LOTS =
        "SELECT l.id, l.remaining, l.held, l.expired, l.expires_at FROM ledger_lot l
         JOIN ledger_wallet w ON w.tenant_id = l.tenant_id AND w.account_id = l.account_id
         WHERE l.tenant_id = $1 AND w.contact_id = $2";
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_interleaving_of_eight_actors_keeps_the_books() {
    let given = std::env::var("SAMOVAR_SEED").ok().map(|seed| seed.parse().expect("a number"));
    let (seeds, rounds) = given.map_or((SEEDS.to_vec(), ROUNDS), |seed| (vec![seed], 3 * ROUNDS));
    both(async |bed: Bed| {
        for seed in &seeds {
            Storm::begin(&bed, *seed).await.rage(rounds).await;
        }
    })
    .await;
}

/// Tells the seed when the test dies in it.
struct Banner(u64);

impl Drop for Banner {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the storm repeats with SAMOVAR_SEED={}", self.0);
        }
    }
}

struct Storm {
    sky: Arc<Sky>,
    _banner: Banner,
}

/// What all actors see.
struct Sky {
    app: App,
    owner: Actor,
    clock: Arc<ManualClock>,
    seed: u64,
    people: Vec<ContactId>,
    /// By key: whose it is, what was asked, what came of it each time.
    asked: Mutex<BTreeMap<String, Asked>>,
}

#[derive(Clone)]
struct Asked {
    whose: ContactId,
    act: Act,
    came: Vec<Posted>,
}

impl Storm {
    async fn begin(bed: &Bed, seed: u64) -> Self {
        let mut people = Vec::new();
        for _ in 0..PEOPLE {
            let added = contacts::add(&bed.app, &bed.owner, Vec::new(), Vec::new()).await;
            people.push(added.expect("a contact").id);
        }
        let sky = Sky {
            app: bed.app.clone(),
            owner: bed.owner.clone(),
            clock: Arc::clone(&bed.clock),
            seed,
            people,
            asked: Mutex::default(),
        };
        Self { sky: Arc::new(sky), _banner: Banner(seed) }
    }

    async fn rage(self, rounds: u64) {
        self.sky.owes_and_pays().await;
        for round in 0..rounds {
            let actors = (0..ACTORS).map(|number| {
                let sky = Arc::clone(&self.sky);
                tokio::spawn(async move { sky.actor(round, number).await })
            });
            for actor in join_all(actors).await {
                actor.expect("an actor comes to an end");
            }
            self.sky.clock.advance_seconds(i64::try_from(round % 4).expect("small") * 24 * HOUR);
        }
        self.sky.judge().await;
        self.sky.clock.advance_seconds(100 * 24 * HOUR);
        self.sky.settle_due().await;
        self.sky.judge().await;
        self.sky.sums_to_nothing().await;
        self.sky.was_a_storm();
    }
}

impl Sky {
    /// Whatever the interleaving, there is a debt in the books, and one that was paid.
    async fn owes_and_pays(&self) {
        let (whose, points) = (self.people[0], Points(DEBT_MAX / 2));
        let key = |step: &str| format!("{}/debt/{step}", self.seed);
        let earn = || Act::Earn { lot: LotId(self.id()), points, expires_at: None };
        let shortfall = Shortfall::Owe(Points(DEBT_MAX));
        let back = Act::Reverse { key: key("earn"), at_most: None, shortfall };
        for (step, act) in
            [("earn", earn()), ("spend", Act::Spend { points }), ("back", back), ("paid", earn())]
        {
            self.note(&key(step), whose, &act);
            let came = self.post(contacts::unit_key(whose), whose, &key(step), act).await;
            self.came(&key(step), vec![came]);
        }
    }

    async fn actor(&self, round: u64, number: u64) {
        let chance = Chance::from_seed(self.seed * 1_000_000 + round * 100 + number);
        for step in 0..STEPS {
            let key = format!("{}/{round}/{number}/{step}", self.seed);
            match chance.below(16) {
                0 => self.settle_due().await,
                1 => self.clock.advance_seconds(HOUR),
                2 => self.everybody(&chance, &key).await,
                3 => self.undo_everybody(&chance, &key).await,
                _ => {
                    let whose = *one_of(&chance, &self.people).expect("there are some");
                    let act = self.any_act(&chance, whose).await;
                    self.twice(&chance, whose, &key, act).await;
                }
            }
            let whose = *one_of(&chance, &self.people).expect("there are some");
            self.glance(whose).await;
        }
    }

    async fn any_act(&self, chance: &Chance, whose: ContactId) -> Act {
        let wallet = self.wallet(whose).await;
        let points = below(chance, 60) + 1;
        let days = below(chance, 12) + 1;
        let until = (days < 10).then(|| self.clock.now().plus_seconds(days * 24 * HOUR));
        let hold = one_of(chance, &wallet.holds).map_or(HoldId(1), |hold| hold.id);
        match chance.below(20) {
            0..=3 => Act::Earn { lot: LotId(self.id()), points: Points(points), expires_at: until },
            4 => Act::Spend { points: Points(points) },
            // So that what was earned is missing when it is taken back.
            5 | 6 => Act::Spend { points: wallet.available(self.clock.now()) },
            7 => Act::Deduct { points: Points(points) },
            8 | 9 => Act::Hold { hold: HoldId(self.id()), points: Points(points), until },
            10 => Act::Capture { hold, points: None },
            11 => Act::Capture { hold, points: Some(Points(points / 3)) },
            12 => Act::Release { hold },
            13 => Act::Prolong { lots: wallet.lots.iter().map(|lot| lot.id).collect(), until },
            _ => {
                let shortfall = [Shortfall::Refuse, Shortfall::Forgive, Shortfall::Owe(Points(DEBT_MAX))];
                let shortfall = *one_of(chance, &shortfall).expect("three");
                let at_most = (days % 3 == 0).then_some(Points(points));
                Act::Reverse { key: self.earlier(chance, whose), at_most, shortfall }
            }
        }
    }

    /// The key of something that was asked of that person, done or not.
    fn earlier(&self, chance: &Chance, whose: ContactId) -> String {
        let asked = self.asked.lock().expect("no actor died");
        let keys: Vec<_> = asked.iter().filter(|(_, asked)| asked.whose == whose).collect();
        // Mostly what can be undone.
        let worthy = |act: &Act| matches!(act, Act::Earn { .. } | Act::Spend { .. } | Act::Capture { .. });
        let best: Vec<_> = keys.iter().filter(|(_, asked)| worthy(&asked.act)).map(|(key, _)| *key).collect();
        one_of(chance, &best).map_or_else(String::new, |key| (*key).clone())
    }

    /// Asks under one key twice, at the same time or one after the other.
    async fn twice(&self, chance: &Chance, whose: ContactId, key: &str, act: Act) {
        self.note(key, whose, &act);
        let (own, other) = (contacts::unit_key(whose), chance.below(1_000));
        let again = self.anew(&act);
        let came = if chance.below(2) == 0 {
            let (first, second) =
                join(self.post(own, whose, key, act), self.post(other, whose, key, again)).await;
            vec![first, second]
        } else {
            let first = self.post(own, whose, key, act).await;
            vec![first, self.post(other, whose, key, again).await]
        };
        self.came(key, came);
    }

    /// The same as whoever asks again would make it: with ids of its own.
    fn anew(&self, act: &Act) -> Act {
        match act.clone() {
            Act::Earn { points, expires_at, .. } => Act::Earn { lot: LotId(self.id()), points, expires_at },
            Act::Hold { points, until, .. } => Act::Hold { hold: HoldId(self.id()), points, until },
            other => other,
        }
    }

    /// Points for everybody in one unit, sent twice at the same time.
    async fn everybody(&self, chance: &Chance, key: &str) {
        let (points, days) = (Points(below(chance, 20) + 1), below(chance, 8) + 1);
        let expires_at = Some(self.clock.now().plus_seconds(days * 24 * HOUR));
        let earn = || Act::Earn { lot: LotId(self.id()), points, expires_at };
        self.together(key, earn, earn).await;
    }

    /// What everybody got is taken back from everybody.
    async fn undo_everybody(&self, chance: &Chance, key: &str) {
        let run = {
            let asked = self.asked.lock().expect("no actor died");
            let runs: Vec<_> = asked.keys().filter_map(|key| key.strip_prefix("all:")).collect();
            let Some(run) = one_of(chance, &runs) else { return };
            run.rsplit_once(':').map(|(run, _)| run.to_owned())
        };
        let Some(run) = run else { return };
        for person in &self.people {
            let of = format!("all:{run}:{person}");
            let act = Act::Reverse { key: of, at_most: None, shortfall: Shortfall::Forgive };
            self.note(&format!("undo:{key}:{person}"), *person, &act);
        }
        let people = self.people.clone();
        let unit = |person: ContactId| {
            let of = format!("all:{run}:{person}");
            let act = Act::Reverse { key: of, at_most: None, shortfall: Shortfall::Forgive };
            (person, operation(format!("undo:{key}:{person}"), act))
        };
        let asked: Vec<_> = people.iter().map(|person| unit(*person)).collect();
        let (first, second) = join(self.post_all(1, asked.clone()), self.post_all(2, asked)).await;
        for (person, came) in people.iter().zip(first.into_iter().zip(second)) {
            self.came(&format!("undo:{key}:{person}"), vec![came.0, came.1]);
        }
    }

    async fn together(&self, key: &str, first: impl Fn() -> Act, second: impl Fn() -> Act) {
        let name = |person: &ContactId| format!("all:{key}:{person}");
        let unit = |make: &dyn Fn() -> Act| -> Vec<_> {
            self.people.iter().map(|person| (*person, operation(name(person), make()))).collect()
        };
        let (first, second) = (unit(&first), unit(&second));
        for (person, operation) in &first {
            self.note(&operation.key, *person, &operation.act);
        }
        let (first, second) = join(self.post_all(1, first), self.post_all(2, second)).await;
        for (person, came) in self.people.iter().zip(first.into_iter().zip(second)) {
            self.came(&name(person), vec![came.0, came.1]);
        }
    }

    async fn post(&self, lane: u64, whose: ContactId, key: &str, act: Act) -> Posted {
        let operation = operation(key.to_owned(), act);
        let posted = self
            .run(lane, move |app, tx, now| {
                let operation = operation.clone();
                async move {
                    let mut wallet = ledger::load(&app, &tx, whose, POINTS).await?;
                    ledger::post(&app, &tx, &mut wallet, operation, now).await
                }
            })
            .await;
        posted.unwrap_or_else(|fail| panic!("{key}: {fail}"))
    }

    async fn post_all(&self, lane: u64, asked: Vec<(ContactId, Operation)>) -> Vec<Posted> {
        let posted = self
            .run(lane, move |app, tx, now| {
                let asked = asked.clone();
                async move {
                    let people: Vec<ContactId> = asked.iter().map(|(person, _)| *person).collect();
                    let wallets = ledger::load_many(&app, &tx, &people, POINTS).await?;
                    let asked = asked.into_iter().map(|(_, operation)| vec![operation]);
                    ledger::post_many(&app, &tx, wallets.into_iter().zip(asked).collect(), now).await
                }
            })
            .await;
        let posted = posted.expect("a unit of everybody");
        posted.into_iter().flat_map(|(_, posted)| posted).collect()
    }

    /// A unit, until it wins its races.
    async fn run<T, F, U>(&self, lane: u64, unit: F) -> Result<T, Fail>
    where
        T: Send + 'static,
        F: Fn(App, Tx, Instant) -> U + Clone + Send + Sync + 'static,
        U: Future<Output = Result<T, Fail>> + Send + 'static,
    {
        for _ in 0..RACES_MAX {
            let (app, unit, now) = (self.app.clone(), unit.clone(), self.clock.now());
            let ran = self.app.store.run(self.owner.tenant, lane, move |tx| unit(app.clone(), tx, now)).await;
            match ran {
                Err(Fail::Store(StoreError::Stale { .. })) => tokio::task::yield_now().await,
                ran => return ran,
            }
        }
        panic!("a unit lost {RACES_MAX} races");
    }

    async fn settle_due(&self) {
        for _ in 0..RACES_MAX {
            match ledger::work::expire_due(&self.app, self.owner.tenant, self.clock.now(), 100).await {
                Ok(settled) if !settled.more => return,
                Ok(_) | Err(Fail::Store(StoreError::Stale { .. })) => {}
                Err(fail) => panic!("what is due: {fail}"),
            }
        }
        panic!("what is due is never settled");
    }

    /// Whoever looks in the middle of it sees books that agree.
    async fn glance(&self, whose: ContactId) {
        let wallet = self.wallet(whose).await;
        let (left, held): (i64, i64) =
            wallet.lots.iter().fold((0, 0), |sum, lot| (sum.0 + lot.remaining.0, sum.1 + lot.held.0));
        assert_eq!((wallet.balance.0, wallet.held.0), (left - wallet.debt.0, held), "{wallet:?}");
        assert!((0..=DEBT_MAX).contains(&wallet.debt.0), "{wallet:?}");
    }

    async fn wallet(&self, whose: ContactId) -> Wallet {
        ledger::wallet(&self.app, &self.owner, whose).await.expect("a wallet")
    }

    fn id(&self) -> i64 {
        self.app.ids.next(self.clock.as_ref())
    }

    fn note(&self, key: &str, whose: ContactId, act: &Act) {
        let asked = Asked { whose, act: act.clone(), came: Vec::new() };
        let before = self.asked.lock().expect("no actor died").insert(key.to_owned(), asked);
        assert!(before.is_none(), "{key} is used once");
    }

    fn came(&self, key: &str, came: Vec<Posted>) {
        self.asked.lock().expect("no actor died").get_mut(key).expect("it was asked").came = came;
    }

    /// The journal is one story: each line follows from the one before by the rules, under a key that somebody was told
    /// of, and at its end stands what the program has in its tables.
    async fn judge(&self) {
        let found =
            self.app.store.read(self.owner.tenant, |tx| async move { ledger::check(&tx).await }).await;
        assert_eq!(found.expect("books"), []);
        let asked = self.asked.lock().expect("no actor died").clone();
        let mut told = BTreeSet::new();
        for (key, asked) in &asked {
            if let Some(entry) = only_effect(key, &asked.came) {
                told.insert((asked.whose, key.clone(), entry.points.0, entry.balance.0));
            }
        }
        let mut written = BTreeSet::new();
        for whose in &self.people {
            let mut paper = Paper::default();
            for line in self.journal(*whose).await {
                paper.follow(&line, asked.get(&line.key).map(|asked| &asked.act));
                if asked.contains_key(&line.key) {
                    written.insert((*whose, line.key, line.points, line.balance));
                }
            }
            self.compare(*whose, &paper).await;
        }
        assert_eq!(written, told, "what was told is written, and nothing else");
    }

    async fn compare(&self, whose: ContactId, paper: &Paper) {
        let wallet = self.wallet(whose).await;
        let sums = (wallet.balance.0, wallet.held.0, wallet.debt.0);
        assert_eq!(sums, (paper.balance(), paper.held(), paper.debt));
        assert_eq!(wallet.available(self.clock.now()).0, paper.available(self.clock.now()));
        let holds: BTreeMap<i64, Vec<(i64, i64)>> = wallet
            .holds
            .iter()
            .map(|hold| (hold.id.0, hold.parts.iter().map(|part| (part.lot.0, part.points.0)).collect()))
            .collect();
        assert_eq!(holds, paper.holds);
        let lots: BTreeMap<_, _> = self
            .rows(move |tx| async move { Ok(tx.all(&LOTS, params![whose]).await?) })
            .await
            .iter()
            .map(|row| {
                let number = |at| row.int(at).expect("a number");
                (number(0), (number(1), number(2), number(3), row.opt_int(4).expect("an end")))
            })
            .collect();
        let heaps = paper.heaps.iter();
        let heaps = heaps
            .map(|(number, heap)| (*number, (heap.left, heap.held, heap.expired, heap.end.map(|end| end.0))));
        assert_eq!(lots, heaps.collect::<BTreeMap<_, _>>(), "closed ones too");
    }

    /// What the company's own accounts gave and took is what all wallets have; each lot is what was posted to it.
    async fn sums_to_nothing(&self) {
        let mut accounts: BTreeMap<i64, i64> = BTreeMap::new();
        let mut lots: BTreeMap<i64, i64> = BTreeMap::new();
        let mut of_debt = 0;
        for row in self.rows(|tx| async move { Ok(tx.all(&POSTINGS, params![]).await?) }).await {
            let number = |at| row.int(at).expect("a number");
            let (debit, credit, points) = (number(0), number(1), number(2));
            *accounts.entry(debit).or_default() -= points;
            *accounts.entry(credit).or_default() += points;
            match row.opt_int(3).expect("a lot") {
                Some(lot) => *lots.entry(lot).or_default() += if credit > 4 { points } else { -points },
                None => of_debt += 1,
            }
        }
        assert!(of_debt > 1, "there were debts, and they were paid");
        assert_eq!(accounts.values().sum::<i64>(), 0);
        for whose in &self.people {
            let wallet = self.wallet(*whose).await;
            assert_eq!(accounts.get(&wallet.account.0).copied().unwrap_or_default(), wallet.balance.0);
            for lot in &wallet.lots {
                assert_eq!(lots[&lot.id.0], lot.remaining.0);
            }
        }
    }

    /// Every kind of act took effect, and who asked for it again was told so.
    fn was_a_storm(&self) {
        let asked = self.asked.lock().expect("no actor died");
        let mut seen: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for asked in asked.values() {
            for came in &asked.came {
                *seen.entry((act(&asked.act), outcome(came))).or_default() += 1;
            }
        }
        for act in ["earn", "spend", "deduct", "hold", "capture", "release", "prolong", "reverse"] {
            for outcome in ["now", "already"] {
                assert!(seen.contains_key(&(act, outcome)), "{act} {outcome}: {seen:?}");
            }
        }
    }

    async fn journal(&self, whose: ContactId) -> Vec<Line> {
        let rows = self.rows(move |tx| async move { Ok(tx.all(&JOURNAL, params![whose]).await?) }).await;
        let line = |row: &Row| {
            Ok::<_, StoreError>(Line {
                key: row.text(0)?.to_owned(),
                kind: row.text(1)?.to_owned(),
                points: row.int(2)?,
                balance: row.int(3)?,
                subject: row.opt_int(4)?.unwrap_or_default(),
                at: row.instant(5)?,
            })
        };
        rows.iter().map(line).collect::<Result<_, _>>().expect("a journal")
    }

    async fn rows<F, U>(&self, read: F) -> Vec<Row>
    where
        F: Fn(Tx) -> U + Send + Sync + 'static,
        U: Future<Output = Result<Vec<Row>, Fail>> + Send + 'static,
    {
        self.app.store.read(self.owner.tenant, read).await.expect("rows")
    }
}

/// A line of the journal.
#[derive(Debug)]
struct Line {
    key: String,
    kind: String,
    points: i64,
    balance: i64,
    /// The lot or hold that it made or closed.
    subject: i64,
    at: Instant,
}

impl Paper {
    /// Does on paper what the line says was done, and comes to the same.
    fn follow(&mut self, line: &Line, asked: Option<&Act>) {
        let before = self.balance();
        let (key, now) = (line.key.as_str(), line.at);
        let done = match asked {
            Some(Act::Earn { points, expires_at, .. }) => {
                self.earn(key, line.subject, points.0, *expires_at, now)
            }
            Some(Act::Spend { points } | Act::Deduct { points }) => self.take(key, points.0, now),
            Some(Act::Hold { points, .. }) => self.hold(line.subject, points.0, now),
            Some(Act::Capture { hold, points }) => self.capture(key, hold.0, points.map(|it| it.0), now),
            Some(Act::Release { hold }) => self.release(hold.0, now),
            Some(Act::Prolong { lots, until }) => {
                self.prolong(&lots.iter().map(|lot| lot.0).collect::<Vec<_>>(), *until, now)
            }
            Some(Act::Reverse { key, at_most, shortfall }) => {
                let missing = match shortfall {
                    Shortfall::Refuse => Missing::Refuse,
                    Shortfall::Forgive => Missing::Forgive,
                    Shortfall::Owe(most) => Missing::Owe(most.0),
                };
                self.undo(key, at_most.map(|points| points.0), missing, now)
                    .filter(|done| *done > 0)
                    .map(drop)
            }
            Some(Act::Expire { .. }) | None => match line.kind.as_str() {
                "expire" => self.expire(line.subject, now),
                "release" => self.release(line.subject, now),
                other => panic!("nobody asked for {other} under {key}"),
            },
        };
        assert!(done.is_some(), "by the rules this could not be done: {line:?}, {asked:?}, {self:?}");
        let came = (self.balance() - before, self.balance());
        assert_eq!((line.points, line.balance), came, "{line:?}, {asked:?}, {self:?}");
        assert!((0..=DEBT_MAX).contains(&self.debt), "{line:?} left a debt of {}", self.debt);
    }
}

/// Of all who asked under a key at most one had the effect, and all the others who were not refused were told of it.
fn only_effect(key: &str, came: &[Posted]) -> Option<Entry> {
    let now: Vec<_> = came.iter().filter(|posted| matches!(posted, Posted::Now(_))).collect();
    assert!(now.len() <= 1, "{key} took effect twice: {came:?}");
    let Some(Posted::Now(entry)) = now.first() else {
        assert!(came.iter().all(|posted| matches!(posted, Posted::Refused(_))), "{key}: {came:?}");
        return None;
    };
    for posted in came {
        assert!(!matches!(posted, Posted::Already(told) if told != entry), "{key}: {came:?}");
    }
    Some(entry.clone())
}

const fn act(act: &Act) -> &'static str {
    match act {
        Act::Earn { .. } => "earn",
        Act::Spend { .. } => "spend",
        Act::Deduct { .. } => "deduct",
        Act::Hold { .. } => "hold",
        Act::Capture { .. } => "capture",
        Act::Release { .. } => "release",
        Act::Expire { .. } => "expire",
        Act::Prolong { .. } => "prolong",
        Act::Reverse { .. } => "reverse",
    }
}

const fn outcome(came: &Posted) -> &'static str {
    match came {
        Posted::Now(_) => "now",
        Posted::Already(_) => "already",
        Posted::Refused(_) => "refused",
    }
}

fn operation(key: String, act: Act) -> Operation {
    Operation { key, kind: "storm".into(), note: None, cause: Cause::new("job", "test"), act }
}

fn one_of<'a, T>(chance: &Chance, all: &'a [T]) -> Option<&'a T> {
    all.get(usize::try_from(chance.below((all.len() as u64).max(1))).ok()?)
}

fn below(chance: &Chance, end: u64) -> i64 {
    i64::try_from(chance.below(end)).expect("small")
}
