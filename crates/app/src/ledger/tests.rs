//! The rules of a wallet: examples, and properties over any sequence of operations.

use super::model::{
    Account, Change, Hold, HoldState, Lot, Original, Posting, PostingKind, Refusal, Shortfall, Standing,
    Wallet,
};
use proptest::prelude::*;
use samovar_base::{AccountId, ContactId, HoldId, Instant, LotId, Points, PostingId};
use std::collections::BTreeMap;

const DAY: i64 = 86_400;
const ACCOUNT: Account = Account::Wallet(AccountId(1_000));
const DEBT_MAX: Points = Points(70);

fn day(number: i64) -> Instant {
    Instant::from_seconds(1_767_225_600 + number * DAY)
}

/// The signed sum of the postings that a test picks.
type Sum<'a> = dyn Fn(&dyn Fn(&Posting) -> bool) -> i64 + 'a;

/// A wallet with everything that was ever written of it, as the tables would hold it.
struct Books {
    wallet: Wallet,
    now: Instant,
    next_id: i64,
    journal: Vec<(PostingId, usize, Posting)>,
    operations: usize,
    lots: BTreeMap<LotId, Lot>,
    holds: BTreeMap<HoldId, Hold>,
}

impl Books {
    fn new() -> Self {
        Self {
            wallet: Wallet::empty(ContactId(1), super::model::POINTS, AccountId(1_000)),
            now: day(0),
            next_id: 10_000,
            journal: Vec::new(),
            operations: 0,
            lots: BTreeMap::new(),
            holds: BTreeMap::new(),
        }
    }

    fn id(&mut self) -> i64 {
        self.next_id += 1;
        self.next_id
    }

    fn write(&mut self, change: Change) {
        assert_eq!(change.net().0, change.after.balance.0 - self.wallet.balance.0);
        for posting in change.postings {
            let id = PostingId(self.id());
            self.journal.push((id, self.operations, posting));
        }
        self.operations += 1;
        self.lots.extend(change.lots.into_iter().map(|lot| (lot.id, lot)));
        self.holds.extend(change.holds.into_iter().map(|hold| (hold.id, hold)));
        self.wallet = change.after;
    }

    fn earn(&mut self, points: i64, days: Option<i64>) -> LotId {
        let lot = LotId(self.id());
        let end = days.map(|days| self.now.plus_seconds(days * DAY));
        let change = self.wallet.earn(lot, Points(points), end, self.now).expect("points in range");
        self.write(change);
        lot
    }

    fn spend(&mut self, points: i64) -> Result<(), Refusal> {
        let change = self.wallet.spend(Points(points), self.now)?;
        self.write(change);
        Ok(())
    }

    fn hold(&mut self, points: i64) -> Result<HoldId, Refusal> {
        let hold = HoldId(self.id());
        let change = self.wallet.hold(hold, Points(points), None, self.now)?;
        self.write(change);
        Ok(hold)
    }

    fn expire(&mut self) {
        for lot in self.wallet.due(self.now) {
            let change = self.wallet.expire(lot.id, self.now).expect("it is due");
            self.write(change);
        }
    }

    fn originals(&self, operation: usize) -> Vec<Original> {
        let of_operation = self.journal.iter().filter(|(_, number, _)| *number == operation);
        of_operation
            .map(|(id, _, posting)| Original {
                id: *id,
                kind: posting.kind,
                points: posting.points,
                reversed: Points(self.undone(*id)),
                lot: posting.lot,
            })
            .collect()
    }

    fn undone(&self, id: PostingId) -> i64 {
        self.journal
            .iter()
            .filter(|(_, _, posting)| posting.reverses == Some(id))
            .map(|(_, _, posting)| posting.points.0)
            .sum()
    }

    fn reverse(
        &mut self,
        operation: usize,
        at_most: Option<i64>,
        shortfall: Shortfall,
    ) -> Result<(), Refusal> {
        let originals = self.originals(operation);
        let mut wallet = self.wallet.clone();
        wallet.recall(
            originals.iter().filter_map(|original| original.lot).map(|lot| self.lots[&lot].clone()).collect(),
        );
        let change = wallet.reverse(&originals, at_most.map(Points), shortfall, self.now)?;
        self.write(change);
        Ok(())
    }

    fn standing(&self) -> (i64, i64, i64) {
        let Standing { balance, held, available } = self.wallet.standing(self.now);
        (balance.0, held.0, available.0)
    }

    /// Everything that must be true of a wallet at any time.
    fn check(&self) {
        let signed =
            |posting: &Posting| if posting.credit == ACCOUNT { posting.points.0 } else { -posting.points.0 };
        let sum = |wanted: &dyn Fn(&Posting) -> bool| -> i64 {
            self.journal
                .iter()
                .filter(|(_, _, posting)| wanted(posting))
                .map(|(_, _, posting)| signed(posting))
                .sum()
        };
        let wallet = &self.wallet;
        assert_eq!(wallet.balance.0, sum(&|_| true), "balance is the sum of the postings");
        assert_eq!(
            wallet.balance.0,
            self.lots.values().map(|lot| lot.remaining.0).sum::<i64>() - wallet.debt.0
        );
        assert_eq!(
            -wallet.debt.0,
            sum(&|posting| posting.lot.is_none()),
            "postings without a lot are the debt"
        );
        for (_, _, posting) in &self.journal {
            assert!(
                posting.points.is_positive() && (posting.debit == ACCOUNT) != (posting.credit == ACCOUNT)
            );
        }
        self.check_lots(&sum);
        assert!(wallet.debt.0 >= 0 && wallet.debt <= DEBT_MAX, "debt {} within its limit", wallet.debt);
        assert!(wallet.debt.0 == 0 || wallet.available(self.now).0 == 0, "free points pay the debt");
        for (id, _, posting) in &self.journal {
            assert!(self.undone(*id) <= posting.points.0, "nothing is undone twice");
        }
        for (_, _, at) in &self.journal {
            assert!(
                sum(&|posting| posting.at <= at.at) >= -DEBT_MAX.0,
                "no past balance is below the allowed debt"
            );
        }
    }

    fn check_lots(&self, sum: &Sum<'_>) {
        let wallet = &self.wallet;
        let open = || self.holds.values().filter(|hold| hold.state == HoldState::Open);
        assert_eq!(wallet.held.0, open().map(|hold| hold.points.0).sum::<i64>());
        for lot in self.lots.values() {
            assert_eq!(
                lot.remaining.0,
                sum(&|posting| posting.lot == Some(lot.id)),
                "a lot is the sum of its postings"
            );
            let parts = open().flat_map(|hold| &hold.parts).filter(|part| part.lot == lot.id);
            assert_eq!(lot.held.0, parts.map(|part| part.points.0).sum::<i64>());
            assert!(0 <= lot.held.0 && lot.held <= lot.remaining && lot.remaining <= lot.points);
        }
        let mut alive: Vec<Lot> =
            self.lots.values().filter(|lot| lot.remaining.is_positive()).cloned().collect();
        alive.sort_by_key(Lot::order);
        assert_eq!(wallet.lots, alive, "memory and tables agree");
        assert_eq!(wallet.holds, open().cloned().collect::<Vec<_>>());
    }
}

#[test]
fn points_are_spent_soonest_expiring_first_then_oldest() {
    let mut books = Books::new();
    let (never, late, soon) = (books.earn(10, None), books.earn(10, Some(60)), books.earn(10, Some(30)));
    books.now = day(1);
    let later_but_never = books.earn(10, None);
    books.spend(15).expect("there are 40");
    assert_eq!(books.lots[&soon].remaining, Points(0));
    assert_eq!(books.lots[&late].remaining, Points(5));
    books.spend(10).expect("there are 25");
    assert_eq!(
        (books.lots[&never].remaining, books.lots[&later_but_never].remaining),
        (Points(5), Points(10))
    );
    assert_eq!(books.spend(16), Err(Refusal::NotEnough { missing: Points(1) }));
    assert_eq!(books.spend(0), Err(Refusal::PointsOutOfRange));
    books.check();
}

#[test]
fn points_whose_time_is_over_are_gone_before_the_work_is_done() {
    let mut books = Books::new();
    books.earn(100, Some(30));
    books.earn(7, None);
    books.now = day(30);
    assert_eq!(books.standing(), (7, 0, 7));
    assert_eq!(books.spend(8), Err(Refusal::NotEnough { missing: Points(1) }));
    books.now = day(45);
    books.expire();
    assert_eq!(
        books.journal.last().map(|(_, _, posting)| posting.at),
        Some(day(30)),
        "as of the lot's own moment"
    );
    assert_eq!(books.standing(), (7, 0, 7));
    books.expire();
    assert_eq!(books.operations, 3);
    books.check();
}

#[test]
fn held_points_outlive_their_lot_until_they_come_back() {
    let mut books = Books::new();
    books.earn(100, Some(30));
    let hold = books.hold(60).expect("there are 100");
    assert_eq!(books.standing(), (100, 60, 40));
    books.now = day(31);
    assert_eq!(books.standing(), (60, 60, 0));
    books.expire();
    let change = books.wallet.capture(hold, Some(Points(50)), books.now).expect("60 are held");
    books.write(change);
    assert_eq!(books.standing(), (0, 0, 0));
    assert_eq!(books.wallet.release(hold, books.now), Err(Refusal::HoldNotOpen));
    assert_eq!(books.lots.values().map(|lot| lot.expired.0).sum::<i64>(), 50);
    books.check();
}

#[test]
fn a_capture_takes_no_more_than_is_held() {
    let mut books = Books::new();
    books.earn(100, None);
    let hold = books.hold(60).expect("there are 100");
    let capture = |points| books.wallet.capture(hold, Some(Points(points)), books.now);
    assert_eq!(capture(61), Err(Refusal::MoreThanHeld { held: Points(60) }));
    assert_eq!(capture(0), Err(Refusal::PointsOutOfRange));
    let change = capture(60).expect("60 are held");
    books.write(change);
    assert_eq!(books.standing(), (40, 0, 40));
    books.check();
}

#[test]
fn spent_points_that_are_given_back_keep_their_term() {
    let mut books = Books::new();
    let (lot, _) = (books.earn(50, Some(30)), books.earn(50, None));
    books.spend(60).expect("there are 100");
    books.reverse(2, Some(20), Shortfall::Refuse).expect("60 were spent");
    assert_eq!(books.lots[&lot].remaining, Points(10));
    books.now = day(30);
    books.reverse(2, None, Shortfall::Refuse).expect("40 are left to undo");
    assert_eq!(books.standing(), (50, 0, 50), "the other 40 came back too late");
    assert_eq!(books.reverse(2, None, Shortfall::Refuse), Err(Refusal::NothingToReverse));
    books.check();
}

#[test]
fn a_claw_back_of_spent_points_follows_the_debt_rule() {
    let spent = || {
        let mut books = Books::new();
        books.earn(100, None);
        books.earn(20, None);
        books.spend(110).expect("there are 120");
        books
    };
    let mut refused = spent();
    assert_eq!(refused.reverse(0, None, Shortfall::Refuse), Err(Refusal::NotEnough { missing: Points(90) }));
    let mut forgiven = spent();
    forgiven.reverse(0, None, Shortfall::Forgive).expect("takes what is there");
    assert_eq!(forgiven.standing(), (0, 0, 0));
    let mut owing = spent();
    assert_eq!(
        owing.reverse(0, None, Shortfall::Owe(DEBT_MAX)),
        Err(Refusal::NotEnough { missing: Points(20) })
    );
    owing.reverse(0, Some(70), Shortfall::Owe(DEBT_MAX)).expect("60 may be owed");
    assert_eq!(owing.standing(), (-60, 0, 0));
    owing.earn(25, Some(10));
    assert_eq!(owing.standing(), (-35, 0, 0));
    owing.earn(50, None);
    assert_eq!(owing.standing(), (15, 0, 15));
    for books in [refused, forgiven, owing] {
        books.check();
    }
}

#[test]
fn what_expired_is_not_taken_a_second_time() {
    let mut books = Books::new();
    books.earn(100, Some(10));
    books.spend(30).expect("there are 100");
    books.now = day(10);
    books.expire();
    books.earn(50, None);
    books.reverse(0, None, Shortfall::Refuse).expect("30 are to be taken, 50 are there");
    assert_eq!(books.standing(), (20, 0, 20));
    books.check();
}

#[test]
fn a_claw_back_comes_to_the_same_however_late_the_expiry_is_posted() {
    let clawed = |posted_in_time: bool| {
        let mut books = Books::new();
        books.earn(100, Some(10));
        books.spend(40).expect("there are 100");
        books.earn(50, None);
        books.now = day(10);
        if posted_in_time {
            books.expire();
        }
        books.reverse(0, Some(50), Shortfall::Refuse).expect("40 were spent and 50 are there");
        assert_eq!(books.standing(), (10, 0, 10));
        books.expire();
        books.check();
        let flow = |account: Account| -> i64 {
            let points = books.journal.iter().filter(|(_, _, posting)| posting.credit == account);
            points.map(|(_, _, posting)| posting.points.0).sum()
        };
        (books.standing(), flow(Account::Issued), flow(Account::Expired))
    };
    assert_eq!(clawed(true), clawed(false));
}

#[test]
fn next_expiry_counts_all_free_points_of_that_moment() {
    let mut books = Books::new();
    books.earn(10, Some(30));
    books.earn(5, Some(30));
    books.earn(7, Some(40));
    books.hold(4).expect("there are 22");
    let next = books.wallet.next_expiry(books.now).expect("two lots end on day 30");
    assert_eq!((next.points, next.at), (Points(11), day(30)));
    assert_eq!(books.wallet.next_expiry(day(40)), None);
}

#[derive(Debug, Clone)]
enum Step {
    Earn(i64, Option<i64>),
    Spend(i64),
    Deduct(i64),
    Hold(i64),
    Capture(usize, Option<i64>),
    Release(usize),
    Expire,
    Reverse(usize, Option<i64>, Shortfall),
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let shortfall =
        prop_oneof![Just(Shortfall::Refuse), Just(Shortfall::Forgive), Just(Shortfall::Owe(DEBT_MAX))];
    prop_oneof![
        4 => (1..100_i64, proptest::option::of(1..40_i64)).prop_map(|(points, days)| Step::Earn(points, days)),
        3 => (0..120_i64).prop_map(Step::Spend),
        1 => (0..120_i64).prop_map(Step::Deduct),
        3 => (0..80_i64).prop_map(Step::Hold),
        2 => (0..8_usize, proptest::option::of(0..80_i64)).prop_map(|(hold, points)| Step::Capture(hold, points)),
        2 => (0..8_usize).prop_map(Step::Release),
        2 => Just(Step::Expire),
        4 => (0..60_usize, proptest::option::of(1..80_i64), shortfall).prop_map(|(op, most, rule)| Step::Reverse(op, most, rule)),
        3 => (0..20_i64).prop_map(Step::Wait),
    ]
}

fn walk(books: &mut Books, step: &Step) -> Result<(), Refusal> {
    let nth = |books: &Books, at: usize| books.holds.keys().nth(at).copied().unwrap_or(HoldId(0));
    let now = books.now;
    let change = match step {
        Step::Earn(points, days) => {
            books.earn(*points, *days);
            return Ok(());
        }
        Step::Spend(points) => {
            soonest_first(books, *points);
            books.wallet.spend(Points(*points), now)?
        }
        Step::Deduct(points) => books.wallet.deduct(Points(*points), now)?,
        Step::Hold(points) => return books.hold(*points).map(|_| ()),
        Step::Capture(at, points) => books.wallet.capture(nth(books, *at), points.map(Points), now)?,
        Step::Release(at) => books.wallet.release(nth(books, *at), now)?,
        Step::Expire => {
            books.expire();
            return Ok(());
        }
        Step::Reverse(operation, at_most, shortfall) => {
            return books.reverse(*operation, *at_most, *shortfall);
        }
        Step::Wait(days) => {
            books.now = now.plus_seconds(days * DAY);
            return Ok(());
        }
    };
    books.write(change);
    Ok(())
}

/// A spend succeeds exactly when it is covered, and never passes over a lot that ends sooner.
fn soonest_first(books: &Books, points: i64) {
    let spent = books.wallet.spend(Points(points), books.now);
    let covered = points > 0 && points <= books.wallet.available(books.now).0;
    assert_eq!(spent.is_ok(), covered);
    let Ok(change) = spent else { return };
    let last = change.postings.last().and_then(|posting| posting.lot).map(|lot| books.lots[&lot].order());
    for lot in &change.after.lots {
        let passed_over = !lot.is_over(books.now) && lot.free().is_positive() && Some(lot.order()) < last;
        assert!(!passed_over, "{lot:?} should have been spent before");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]
    #[test]
    fn any_sequence_keeps_the_books(steps in proptest::collection::vec(step(), 1..60)) {
        let mut books = Books::new();
        for step in &steps {
            let before = books.wallet.clone();
            if walk(&mut books, step).is_err() {
                prop_assert_eq!(&before, &books.wallet, "a refusal changes nothing");
            }
            books.check();
        }
        books.now = books.now.plus_seconds(100 * DAY);
        books.expire();
        books.check();
        let fates = [Account::Redeemed, Account::Adjusted, Account::Expired, Account::Issued];
        let flow = |account: Account| -> i64 {
            books.journal.iter().map(|(_, _, p)| p.points.0 * (i64::from(p.credit == account) - i64::from(p.debit == account))).sum()
        };
        prop_assert_eq!(fates.into_iter().map(flow).sum::<i64>() + books.wallet.balance.0, 0, "all accounts sum to zero");
        prop_assert!(books.journal.iter().all(|(_, _, p)| PostingKind::from_name(p.kind.name()) == Some(p.kind)));
    }
}
