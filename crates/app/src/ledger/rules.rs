//! What each operation does to a wallet. Pure: the time and the ids come in.

use super::model::{
    Account, Change, Hold, HoldState, Lot, NextExpiry, OPEN_HOLDS_MAX, OPEN_LOTS_MAX, Original, POINTS_MAX,
    Part, Posting, PostingKind, Refusal, Shortfall, Standing, Wallet,
};
use samovar_base::{AccountId, ContactId, HoldId, Instant, LotId, Points, PostingId};
use std::collections::BTreeSet;

impl Wallet {
    /// Without points and not yet stored.
    pub fn empty(contact: ContactId, code: &str, account: AccountId) -> Self {
        Self {
            contact,
            code: code.to_owned(),
            account,
            balance: Points::ZERO,
            held: Points::ZERO,
            debt: Points::ZERO,
            revision: None,
            lots: Vec::new(),
            holds: Vec::new(),
        }
    }

    /// As people see it at `now`: free points whose time is over are gone, whether or not that is posted yet.
    pub fn standing(&self, now: Instant) -> Standing {
        let over: i64 = self.lots.iter().filter(|lot| lot.is_over(now)).map(|lot| lot.free().0).sum();
        Standing { balance: Points(self.balance.0 - over), held: self.held, available: self.available(now) }
    }

    /// What may be spent at `now`.
    pub fn available(&self, now: Instant) -> Points {
        Points(self.lots.iter().filter(|lot| !lot.is_over(now)).map(|lot| lot.free().0).sum())
    }

    /// The free points that expire next after `now`, all those of that moment.
    pub fn next_expiry(&self, now: Instant) -> Option<NextExpiry> {
        let waiting = |lot: &&Lot| !lot.is_over(now) && lot.free().is_positive();
        let at = self.lots.iter().filter(waiting).filter_map(|lot| lot.expires_at).min()?;
        let points = self
            .lots
            .iter()
            .filter(waiting)
            .filter(|lot| lot.expires_at == Some(at))
            .map(|lot| lot.free().0)
            .sum();
        Some(NextExpiry { points: Points(points), at })
    }

    /// Lots whose expiry is due at `now`.
    pub fn due(&self, now: Instant) -> Vec<Lot> {
        self.lots.iter().filter(|lot| lot.is_over(now) && lot.free().is_positive()).cloned().collect()
    }

    /// Points come in as a new lot; a debt is paid first.
    pub fn earn(
        &self,
        lot: LotId,
        points: Points,
        expires_at: Option<Instant>,
        now: Instant,
    ) -> Result<Change, Refusal> {
        in_range(points)?;
        if expires_at.is_some_and(|end| end <= now) {
            return Err(Refusal::ExpiryPassed);
        }
        if self.lots.len() >= OPEN_LOTS_MAX {
            return Err(Refusal::TooMany);
        }
        let mut work = Work::on(self, now);
        let fresh = Lot {
            id: lot,
            points,
            remaining: points,
            held: Points::ZERO,
            expired: Points::ZERO,
            earned_at: now,
            expires_at,
        };
        let place = work.after.lots.partition_point(|other| other.order() < fresh.order());
        work.after.lots.insert(place, fresh);
        work.touch_lot(lot);
        work.post(PostingKind::Earn, Account::Issued, work.wallet(), points, Some(lot), None);
        work.repay();
        Ok(work.finish())
    }

    /// Points pay for something, soonest-expiring first.
    pub fn spend(&self, points: Points, now: Instant) -> Result<Change, Refusal> {
        self.take(PostingKind::Spend, Account::Redeemed, points, now)
    }

    /// Points are taken away as a correction, soonest-expiring first.
    pub fn deduct(&self, points: Points, now: Instant) -> Result<Change, Refusal> {
        self.take(PostingKind::Deduct, Account::Adjusted, points, now)
    }

    /// Sets points aside, soonest-expiring first, until `until` at the latest.
    pub fn hold(
        &self,
        hold: HoldId,
        points: Points,
        until: Option<Instant>,
        now: Instant,
    ) -> Result<Change, Refusal> {
        self.has(points, now)?;
        if until.is_some_and(|end| end <= now) {
            return Err(Refusal::ExpiryPassed);
        }
        if self.holds.len() >= OPEN_HOLDS_MAX {
            return Err(Refusal::TooMany);
        }
        let mut work = Work::on(self, now);
        let parts = work.pick(points);
        for part in &parts {
            work.lot(part.lot).held.0 += part.points.0;
        }
        work.after.held.0 += points.0;
        work.after.holds.push(Hold {
            id: hold,
            points,
            parts,
            state: HoldState::Open,
            made_at: now,
            expires_at: until,
        });
        work.holds.insert(hold);
        Ok(work.finish())
    }

    /// Held points pay for something: `points` of them, or all. What is not needed goes back as by a release.
    pub fn capture(&self, hold: HoldId, points: Option<Points>, now: Instant) -> Result<Change, Refusal> {
        let mut work = Work::on(self, now);
        let kept = work.close(hold, HoldState::Captured)?;
        let wanted = points.unwrap_or(kept.points);
        in_range(wanted)?;
        if wanted > kept.points {
            return Err(Refusal::MoreThanHeld { held: kept.points });
        }
        let mut left = wanted.0;
        for part in kept.parts {
            let paid = left.min(part.points.0);
            left -= paid;
            work.debit(
                PostingKind::Capture,
                Account::Redeemed,
                Part { lot: part.lot, points: Points(paid) },
                None,
            );
            work.drop_when_over(Part { lot: part.lot, points: Points(part.points.0 - paid) });
        }
        work.repay();
        Ok(work.finish())
    }

    /// Held points go back to their lots; those of lots whose time is over expire now.
    pub fn release(&self, hold: HoldId, now: Instant) -> Result<Change, Refusal> {
        let mut work = Work::on(self, now);
        for part in work.close(hold, HoldState::Released)?.parts {
            work.drop_when_over(part);
        }
        work.repay();
        Ok(work.finish())
    }

    /// The free points of a lot whose time is over are gone, as of the lot's own moment.
    pub fn expire(&self, lot: LotId, now: Instant) -> Result<Change, Refusal> {
        let due = self
            .lots
            .iter()
            .find(|known| known.id == lot && known.is_over(now) && known.free().is_positive());
        let due = due.ok_or(Refusal::NothingDue)?;
        let mut work = Work::on(self, now);
        work.now = due.expires_at.unwrap_or(now);
        work.let_expire(Part { lot, points: due.free() });
        Ok(work.finish())
    }

    /// Those of `lots` that are open and end before `until` end then instead. No points move, and no end comes nearer.
    pub fn prolong(&self, lots: &[LotId], until: Option<Instant>, now: Instant) -> Result<Change, Refusal> {
        let sooner = |lot: &&Lot| match (lot.expires_at, until) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(end), Some(until)) => end < until,
        };
        let found: Vec<LotId> = self
            .lots
            .iter()
            .filter(|lot| lots.contains(&lot.id) && lot.remaining.is_positive() && !lot.is_over(now))
            .filter(sooner)
            .map(|lot| lot.id)
            .collect();
        if found.is_empty() {
            return Err(Refusal::NothingToProlong);
        }
        let mut work = Work::on(self, now);
        for lot in found {
            work.lot(lot).expires_at = until;
        }
        work.after.lots.sort_unstable_by_key(Lot::order);
        Ok(work.finish())
    }

    /// Undoes an earlier operation: all of what is left of it, or `at_most` so many points, the last posting first.
    ///
    /// Spent points return to their lots, and expire at once when the lot's time is over. Earned points are taken
    /// back from their own lot, then from others, soonest-expiring first; what is missing then is a matter of
    /// `shortfall`. Points of that lot that expired are not taken a second time. Every lot that `originals` name
    /// must be in the wallet, closed ones too: [`Wallet::recall`].
    pub fn reverse(
        &self,
        originals: &[Original],
        at_most: Option<Points>,
        shortfall: Shortfall,
        now: Instant,
    ) -> Result<Change, Refusal> {
        if let Some(points) = at_most {
            in_range(points)?;
        }
        let mut work = Work::on(self, now);
        let mut left = at_most.map_or(i64::MAX, |points| points.0);
        for original in originals.iter().rev() {
            left -= work.undo(original, left, shortfall)?;
        }
        work.repay();
        if work.postings.is_empty() { Err(Refusal::NothingToReverse) } else { Ok(work.finish()) }
    }

    /// Brings closed lots back into memory, for [`Wallet::reverse`].
    pub fn recall(&mut self, lots: Vec<Lot>) {
        for lot in lots {
            if self.lots.iter().all(|known| known.id != lot.id) {
                let place = self.lots.partition_point(|other| other.order() < lot.order());
                self.lots.insert(place, lot);
            }
        }
    }

    fn has(&self, points: Points, now: Instant) -> Result<(), Refusal> {
        in_range(points)?;
        let missing = points.0 - self.available(now).0;
        if missing > 0 { Err(Refusal::NotEnough { missing: Points(missing) }) } else { Ok(()) }
    }

    fn take(&self, kind: PostingKind, to: Account, points: Points, now: Instant) -> Result<Change, Refusal> {
        self.has(points, now)?;
        let mut work = Work::on(self, now);
        for part in work.pick(points) {
            work.debit(kind, to, part, None);
        }
        Ok(work.finish())
    }
}

fn in_range(points: Points) -> Result<(), Refusal> {
    if (1..=POINTS_MAX).contains(&points.0) { Ok(()) } else { Err(Refusal::PointsOutOfRange) }
}

/// A change in the making.
struct Work {
    after: Wallet,
    now: Instant,
    postings: Vec<Posting>,
    lots: BTreeSet<LotId>,
    holds: BTreeSet<HoldId>,
}

impl Work {
    fn on(wallet: &Wallet, now: Instant) -> Self {
        Self {
            after: wallet.clone(),
            now,
            postings: Vec::new(),
            lots: BTreeSet::new(),
            holds: BTreeSet::new(),
        }
    }

    fn wallet(&self) -> Account {
        Account::Wallet(self.after.account)
    }

    fn touch_lot(&mut self, lot: LotId) {
        self.lots.insert(lot);
    }

    /// A lot that is known to be there, about to be changed.
    fn lot(&mut self, id: LotId) -> &mut Lot {
        self.touch_lot(id);
        let at = self.after.lots.iter().position(|lot| lot.id == id);
        &mut self.after.lots[at.expect("a wallet holds every lot that its holds and originals name")]
    }

    /// Free points whose time is not over, soonest-expiring first: `points` of them or as many as there are.
    fn pick(&self, points: Points) -> Vec<Part> {
        let mut left = points.0;
        let mut parts = Vec::new();
        for lot in self.after.lots.iter().filter(|lot| !lot.is_over(self.now) && lot.free().is_positive()) {
            if left == 0 {
                break;
            }
            let part = left.min(lot.free().0);
            left -= part;
            parts.push(Part { lot: lot.id, points: Points(part) });
        }
        parts
    }

    fn post(
        &mut self,
        kind: PostingKind,
        debit: Account,
        credit: Account,
        points: Points,
        lot: Option<LotId>,
        reverses: Option<PostingId>,
    ) {
        let wallet = self.wallet();
        self.after.balance.0 += if credit == wallet { points.0 } else { -points.0 };
        self.postings.push(Posting { kind, debit, credit, points, lot, reverses, at: self.now });
    }

    /// Points leave a lot for `to`.
    fn debit(&mut self, kind: PostingKind, to: Account, part: Part, reverses: Option<PostingId>) {
        if part.points.is_positive() {
            self.lot(part.lot).remaining.0 -= part.points.0;
            self.post(kind, self.wallet(), to, part.points, Some(part.lot), reverses);
        }
    }

    fn let_expire(&mut self, part: Part) {
        if part.points.is_positive() {
            self.lot(part.lot).expired.0 += part.points.0;
            self.debit(PostingKind::Expire, Account::Expired, part, None);
        }
    }

    /// Points that just came back to a lot expire now when the lot's time is over.
    fn drop_when_over(&mut self, part: Part) {
        let now = self.now;
        if self.lot(part.lot).is_over(now) {
            self.let_expire(part);
        }
    }

    /// The hold is over and its points are free again.
    fn close(&mut self, id: HoldId, state: HoldState) -> Result<Hold, Refusal> {
        let found = self.after.holds.iter_mut().find(|hold| hold.id == id && hold.state == HoldState::Open);
        let hold = found.ok_or(Refusal::HoldNotOpen)?;
        hold.state = state;
        let hold = hold.clone();
        self.holds.insert(id);
        self.after.held.0 -= hold.points.0;
        for part in &hold.parts {
            self.lot(part.lot).held.0 -= part.points.0;
        }
        Ok(hold)
    }

    /// Free points pay the debt, so that points never expire beside it.
    fn repay(&mut self) {
        let parts = if self.after.debt.is_positive() { self.pick(self.after.debt) } else { Vec::new() };
        for part in parts {
            self.debit(PostingKind::Repay, Account::Adjusted, part, None);
            self.after.debt.0 -= part.points.0;
            self.post(PostingKind::Repay, Account::Adjusted, self.wallet(), part.points, None, None);
        }
    }

    /// Undoes at most `limit` points of one posting; tells how many it did.
    fn undo(&mut self, original: &Original, limit: i64, shortfall: Shortfall) -> Result<i64, Refusal> {
        let Some(lot) = original.lot else { return Ok(0) };
        let points = |all: i64| Points((all - original.reversed.0).clamp(0, limit.max(0)));
        let done = match original.kind {
            PostingKind::Earn => {
                let now = self.now;
                let own = self.lot(lot);
                // Expired or about to be: the same however late the expiry is posted.
                let gone = own.expired.0 + if own.is_over(now) { own.free().0 } else { 0 };
                let alive = points(original.points.0 - gone);
                self.claw_back(original.id, lot, alive, shortfall)?
            }
            PostingKind::Spend | PostingKind::Capture => {
                self.give_back(original.id, Account::Redeemed, lot, points(original.points.0))
            }
            PostingKind::Deduct => {
                self.give_back(original.id, Account::Adjusted, lot, points(original.points.0))
            }
            PostingKind::Expire | PostingKind::Reverse | PostingKind::Repay => 0,
        };
        Ok(done)
    }

    /// Spent points come back to their lot.
    fn give_back(&mut self, original: PostingId, from: Account, lot: LotId, points: Points) -> i64 {
        if !points.is_positive() {
            return 0;
        }
        self.lot(lot).remaining.0 += points.0;
        self.post(PostingKind::Reverse, from, self.wallet(), points, Some(lot), Some(original));
        self.drop_when_over(Part { lot, points });
        points.0
    }

    /// Earned points go back where they came from; tells how many did.
    fn claw_back(
        &mut self,
        original: PostingId,
        lot: LotId,
        points: Points,
        shortfall: Shortfall,
    ) -> Result<i64, Refusal> {
        let now = self.now;
        let own = self.lot(lot);
        let from_own = if own.is_over(now) { 0 } else { own.free().0.min(points.0) };
        self.debit(
            PostingKind::Reverse,
            Account::Issued,
            Part { lot, points: Points(from_own) },
            Some(original),
        );
        let mut missing = points.0 - from_own;
        for part in self.pick(Points(missing)) {
            missing -= part.points.0;
            self.debit(PostingKind::Reverse, Account::Issued, part, Some(original));
        }
        let owed = match shortfall {
            Shortfall::Refuse if missing > 0 => return Err(Refusal::NotEnough { missing: Points(missing) }),
            Shortfall::Refuse | Shortfall::Forgive => 0,
            Shortfall::Owe(limit) if self.after.debt.0 + missing > limit.0 => {
                return Err(Refusal::NotEnough { missing: Points(self.after.debt.0 + missing - limit.0) });
            }
            Shortfall::Owe(_) => missing,
        };
        if owed > 0 {
            self.after.debt.0 += owed;
            self.post(
                PostingKind::Reverse,
                self.wallet(),
                Account::Issued,
                Points(owed),
                None,
                Some(original),
            );
        }
        Ok(points.0 - missing + owed)
    }

    fn finish(mut self) -> Change {
        let lots = self.after.lots.iter().filter(|lot| self.lots.contains(&lot.id)).cloned().collect();
        let holds = self.after.holds.iter().filter(|hold| self.holds.contains(&hold.id)).cloned().collect();
        self.after.lots.retain(|lot| lot.remaining.is_positive());
        self.after.holds.retain(|hold| hold.state == HoldState::Open);
        Change { after: self.after, postings: self.postings, lots, holds }
    }
}
