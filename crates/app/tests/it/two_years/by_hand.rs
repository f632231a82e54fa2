//! What a customer does, written down by hand as the shop's book tells it.

use super::{Came, Customer, DEBT_MAX, Deed, Sale};
use crate::paper::Missing;
use samovar_app::loyalty::PurchaseId;
use samovar_base::{HoldId, Instant};

impl Customer {
    /// By the shop's book: the figure that the program should come to, or why it should refuse.
    pub(super) fn by_hand(
        &mut self,
        deed: &Deed,
        came: &Came,
        common_end: Option<Instant>,
        prolongs: bool,
        now: Instant,
    ) -> Result<i64, &'static str> {
        let key = self.key();
        let made = came.as_ref().map_or(0, |came| came.1);
        match deed {
            Deed::Buys { sum, pays } => {
                let paid = pays.unwrap_or(0);
                if paid > sum * 3 / 1_000 {
                    return Err("over_share");
                }
                if paid > 0 {
                    self.paper.take(&format!("spend-{key}"), paid, now).ok_or("not_enough_points")?;
                }
                if prolongs {
                    self.paper.prolong(&self.common, common_end, now);
                }
                // Five percent of what is paid with money, a rouble a point.
                let earned = (sum - paid * 100) / 2_000;
                if earned > 0 {
                    let heap = self.comes(&format!("purchase-{key}"), earned, common_end, now);
                    self.common.push(heap);
                }
                self.sales.push(Sale {
                    key,
                    id: PurchaseId(made),
                    sum: *sum,
                    paid,
                    earned,
                    back: 0,
                    money_back: 0,
                });
                Ok(made)
            }
            Deed::BringsBack { sale, sum } => self.brings_back(*sale, *sum, now),
            Deed::Orders { points } => {
                self.paper.hold(made, *points, now).ok_or("not_enough_points")?;
                self.orders.push((HoldId(made), *points));
                Ok(made)
            }
            Deed::Takes { order, points } => {
                let (hold, _) = self.orders.remove(*order);
                self.paper.capture(&key, hold.0, *points, now).ok_or("hold_not_open")?;
                Ok(hold.0)
            }
            Deed::Cancels { order } => {
                let (hold, _) = self.orders.remove(*order);
                self.paper.release(hold.0, now).ok_or("hold_not_open")?;
                Ok(hold.0)
            }
            Deed::IsCorrected { points } => {
                self.paper.take(&key, *points, now).ok_or("not_enough_points")?;
                Ok(0)
            }
        }
    }

    /// Points that paid for it return first, then those that it earned go; the money is what is left of it.
    fn brings_back(&mut self, sale: usize, sum: Option<i64>, now: Instant) -> Result<i64, &'static str> {
        let Sale { key, sum: whole, paid, earned, back, money_back, .. } = self.sales[sale].clone();
        if back == whole {
            return Err("refunded_already");
        }
        let upto = sum.map_or(whole, |sum| back + sum);
        let share = |points: i64, of: i64| points * of / whole;
        let returns = share(paid, upto) - share(paid, back);
        let takes = share(earned, upto) - share(earned, back);
        let before = self.paper.clone();
        if returns > 0 {
            self.paper.undo(&format!("spend-{key}"), Some(returns), Missing::Refuse, now);
        }
        if takes > 0 {
            let owe = Missing::Owe(DEBT_MAX);
            if self.paper.undo(&format!("purchase-{key}"), Some(takes), owe, now).is_none() {
                self.paper = before;
                return Err("points_spent_already");
            }
        }
        // Where a part would come to less money than was given back before, nothing is asked back.
        let money = (upto - share(paid, upto) * 100).clamp(0, whole - paid * 100).max(money_back);
        self.sales[sale].back = upto;
        self.sales[sale].money_back = money;
        Ok(money - money_back)
    }
}
