//! The books of one person kept by hand: plain sums, as the operator's book tells the rules, without a line of the
//! program's own. What the program does is done here too, and both must agree to a point.

use samovar_base::Instant;
use std::collections::BTreeMap;

/// What becomes of earned points that are to be taken back and are spent already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// Nothing is taken back at all.
    Refuse,
    /// They are forgotten.
    Forgive,
    /// They are owed, if the whole debt stays within this.
    Owe(i64),
}

/// One person's books.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Paper {
    /// By number.
    pub heaps: BTreeMap<i64, Heap>,
    /// Open ones, by number: how many points of which heap.
    pub holds: BTreeMap<i64, Vec<(i64, i64)>>,
    /// Owed.
    pub debt: i64,
    /// What each operation did, for those who undo it.
    done: BTreeMap<String, Vec<Line>>,
}

/// Points that were earned together and end together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heap {
    /// When.
    pub earned_at: Instant,
    /// From then on they cannot be spent.
    pub end: Option<Instant>,
    /// How many are still there, held ones among them.
    pub left: i64,
    /// Of these set aside.
    pub held: i64,
    /// Gone because their time was over.
    pub expired: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Line {
    came: bool,
    heap: i64,
    points: i64,
    undone: i64,
}

impl Heap {
    fn free(self) -> i64 {
        self.left - self.held
    }
    fn is_over(self, now: Instant) -> bool {
        self.end.is_some_and(|end| end <= now)
    }
    /// Its time was over for so many of them, crossed out or not.
    fn gone(self, now: Instant) -> i64 {
        self.expired + if self.is_over(now) { self.free() } else { 0 }
    }
}

impl Paper {
    /// Everything there, less the debt; what is over counts until it is crossed out.
    pub fn balance(&self) -> i64 {
        self.heaps.values().map(|heap| heap.left).sum::<i64>() - self.debt
    }

    /// Set aside.
    pub fn held(&self) -> i64 {
        self.holds.values().flatten().map(|(_, points)| points).sum()
    }

    /// May be spent.
    pub fn available(&self, now: Instant) -> i64 {
        self.heaps.values().filter(|heap| !heap.is_over(now)).map(|heap| heap.free()).sum()
    }

    /// Points come in as a heap of that number; a debt is paid first.
    pub fn earn(
        &mut self,
        key: &str,
        number: i64,
        points: i64,
        end: Option<Instant>,
        now: Instant,
    ) -> Option<()> {
        if points < 1 || end.is_some_and(|end| end <= now) {
            return None;
        }
        self.heaps.insert(number, Heap { earned_at: now, end, left: points, held: 0, expired: 0 });
        self.note(key, true, number, points);
        self.pay_debt(now);
        Some(())
    }

    /// Points leave, for goods or as a correction.
    pub fn take(&mut self, key: &str, points: i64, now: Instant) -> Option<()> {
        if points < 1 || points > self.available(now) {
            return None;
        }
        for (number, part) in self.soonest(points, now) {
            self.heap(number).left -= part;
            self.note(key, false, number, part);
        }
        Some(())
    }

    /// Points are set aside.
    pub fn hold(&mut self, hold: i64, points: i64, now: Instant) -> Option<()> {
        if points < 1 || points > self.available(now) {
            return None;
        }
        let parts = self.soonest(points, now);
        for (number, part) in &parts {
            self.heap(*number).held += part;
        }
        self.holds.insert(hold, parts);
        Some(())
    }

    /// Points set aside leave, `points` of them or all; the rest comes back.
    pub fn capture(&mut self, key: &str, hold: i64, points: Option<i64>, now: Instant) -> Option<()> {
        let kept: i64 = self.holds.get(&hold)?.iter().map(|(_, part)| part).sum();
        let mut wanted = points.unwrap_or(kept);
        if wanted < 1 || wanted > kept {
            return None;
        }
        for (number, part) in self.holds.remove(&hold)? {
            let paid = part.min(wanted);
            wanted -= paid;
            let heap = self.heap(number);
            heap.held -= part;
            heap.left -= paid;
            if paid > 0 {
                self.note(key, false, number, paid);
            }
            self.cross_out_when_over(number, part - paid, now);
        }
        self.pay_debt(now);
        Some(())
    }

    /// Points set aside come back.
    pub fn release(&mut self, hold: i64, now: Instant) -> Option<()> {
        for (number, part) in self.holds.remove(&hold)? {
            self.heap(number).held -= part;
            self.cross_out_when_over(number, part, now);
        }
        self.pay_debt(now);
        Some(())
    }

    /// The free points of a heap whose time is over are crossed out.
    pub fn expire(&mut self, number: i64, now: Instant) -> Option<()> {
        let heap = *self.heaps.get(&number)?;
        if !heap.is_over(now) || heap.free() < 1 {
            return None;
        }
        self.cross_out_when_over(number, heap.free(), now);
        Some(())
    }

    /// All heaps whose time is over.
    pub fn expire_all(&mut self, now: Instant) {
        for number in self.heaps.keys().copied().collect::<Vec<_>>() {
            self.expire(number, now);
        }
    }

    /// What came and stayed, what went and stayed away, and what was crossed out: the first less the others is the
    /// balance.
    pub fn flows(&self) -> [i64; 3] {
        let lines = |came: bool| {
            let lines = self.done.values().flatten().filter(move |line| line.came == came);
            lines.map(|line| line.points - line.undone).sum::<i64>()
        };
        [lines(true), lines(false), self.heaps.values().map(|heap| heap.expired).sum()]
    }

    /// Those of the heaps that are open and end sooner end then.
    pub fn prolong(&mut self, numbers: &[i64], until: Option<Instant>, now: Instant) -> Option<()> {
        let mut found = None;
        for number in numbers {
            let Some(heap) = self.heaps.get_mut(number) else { continue };
            let sooner = heap.end.is_some_and(|end| until.is_none_or(|until| end < until));
            if heap.left > 0 && !heap.is_over(now) && sooner {
                heap.end = until;
                found = Some(());
            }
        }
        found
    }

    /// Undoes an operation, `at_most` so many points of it, the last line first; tells how many. Zero when nothing of
    /// it is left.
    pub fn undo(&mut self, key: &str, at_most: Option<i64>, missing: Missing, now: Instant) -> Option<i64> {
        let before = self.clone();
        let done = self.undo_lines(key, at_most.unwrap_or(i64::MAX), missing, now);
        match done {
            None | Some(0) => *self = before,
            Some(_) => self.pay_debt(now),
        }
        done
    }

    fn undo_lines(&mut self, key: &str, at_most: i64, missing: Missing, now: Instant) -> Option<i64> {
        let mut lines = self.done.get(key).cloned().unwrap_or_default();
        let mut done = 0;
        for line in lines.iter_mut().rev() {
            let gone = if line.came { self.heaps[&line.heap].gone(now) } else { 0 };
            let points = (line.points - gone - line.undone).clamp(0, at_most - done);
            let undone = if line.came { self.take_back(line.heap, points, missing, now)? } else { points };
            if !line.came && points > 0 {
                self.heap(line.heap).left += points;
                self.cross_out_when_over(line.heap, points, now);
            }
            line.undone += undone;
            done += undone;
        }
        self.done.insert(key.to_owned(), lines);
        Some(done)
    }

    /// Earned points go: from their own heap, then from any, then as a debt.
    fn take_back(&mut self, number: i64, points: i64, missing: Missing, now: Instant) -> Option<i64> {
        let heap = self.heaps[&number];
        let own = if heap.is_over(now) { 0 } else { heap.free().min(points) };
        self.heap(number).left -= own;
        let mut lacking = points - own;
        for (other, part) in self.soonest(lacking, now) {
            self.heap(other).left -= part;
            lacking -= part;
        }
        match missing {
            Missing::Refuse if lacking > 0 => None,
            Missing::Owe(most) if self.debt + lacking > most => None,
            Missing::Owe(_) => {
                self.debt += lacking;
                Some(points)
            }
            Missing::Refuse | Missing::Forgive => Some(points - lacking),
        }
    }

    fn pay_debt(&mut self, now: Instant) {
        for (number, part) in self.soonest(self.debt, now) {
            self.heap(number).left -= part;
            self.debt -= part;
        }
    }

    /// Of which heaps so many free points are, or as many as there are: what ends soonest goes first, then the oldest.
    fn soonest(&self, points: i64, now: Instant) -> Vec<(i64, i64)> {
        let open = self.heaps.iter().filter(|(_, heap)| !heap.is_over(now) && heap.free() > 0);
        let mut open: Vec<_> = open.map(|(number, heap)| (*number, *heap)).collect();
        open.sort_by_key(|(number, heap)| {
            (heap.end.is_none(), heap.end.map(|end| end.0), heap.earned_at.0, *number)
        });
        let mut lacking = points;
        let mut parts = Vec::new();
        for (number, heap) in open {
            let part = heap.free().min(lacking);
            lacking -= part;
            if part > 0 {
                parts.push((number, part));
            }
        }
        parts
    }

    fn cross_out_when_over(&mut self, number: i64, points: i64, now: Instant) {
        let heap = self.heap(number);
        if heap.is_over(now) {
            heap.left -= points;
            heap.expired += points;
        }
    }

    fn heap(&mut self, number: i64) -> &mut Heap {
        self.heaps.get_mut(&number).expect("a heap that is on the paper")
    }

    fn note(&mut self, key: &str, came: bool, heap: i64, points: i64) {
        self.done.entry(key.to_owned()).or_default().push(Line { came, heap, points, undone: 0 });
    }
}
