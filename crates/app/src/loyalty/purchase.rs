//! Purchases: what one earns, with how many points it can be paid, what comes back when it is brought back. Pure.

use super::model::{Base, Programme};
use crate::guard::Deed;
use crate::ledger::POINTS_MAX;
use crate::problem::Problem;
use samovar_base::{ContactId, Instant, Points, Rate, Rounding};
use samovar_store::{FromInt, ToValue, Value};
use serde::{Deserialize, Serialize};

samovar_base::id!(/// A purchase.
    PurchaseId, "pur");
samovar_base::id!(/// A purchase brought back, all or a part of it.
    RefundId, "rfd");

impl ToValue for PurchaseId {
    fn to_value(&self) -> Value {
        Value::Int(self.0)
    }
}

impl FromInt for PurchaseId {
    fn from_int(value: i64) -> Self {
        Self(value)
    }
}

impl ToValue for RefundId {
    fn to_value(&self) -> Value {
        Value::Int(self.0)
    }
}

impl FromInt for RefundId {
    fn from_int(value: i64) -> Self {
        Self(value)
    }
}

/// No purchase is larger, in the smallest units of money.
pub const SUM_MAX: i64 = 1_000_000_000_000;
/// Lines of one purchase.
pub const ITEMS_MAX: usize = 200;
/// The largest share an item may earn: ten times its price.
pub const WEIGHT_MAX: u32 = 100_000;
/// Most points that one unit of an item may earn.
pub const WEIGHT_POINTS_MAX: i64 = 1_000_000;
const QUANTITY_MAX: u32 = 10_000;
const TEXT_MAX: usize = 100;
const WHOLE: i128 = 10_000;

/// What was bought.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Purchase {
    /// The whole sum, that which is paid with points included; in the smallest units of money.
    pub sum_minor: i64,
    /// What earns otherwise than the programme says; together not more than the sum. The rest earns as it says.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Item>,
    /// How many points pay a part of it; none is nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pay_points: Option<Points>,
    /// The number on the receipt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
    /// In the words of whoever sold it: the customer sees it in the history.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A line of a purchase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Of the service or product.
    pub key: String,
    /// How many.
    #[serde(default = "one")]
    pub quantity: u32,
    /// What they cost together.
    pub sum_minor: i64,
    /// What they earn; as the programme says when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<Weight>,
}

/// What a service or product earns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// A share of its price, in basis points; zero is nothing.
    PercentBp(Rate),
    /// So many points for each.
    Points(Points),
}

/// What a purchase comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    /// The whole.
    pub sum_minor: i64,
    /// Paid with points.
    pub pays: Points,
    /// What they are worth.
    pub pays_minor: i64,
    /// What is left to be paid with money.
    pub to_pay_minor: i64,
    /// Earned.
    pub earns: Points,
    /// With at most so many points it could be paid now.
    pub most: Points,
}

impl Sums {
    /// What it does to the points of a customer, as the guard of the till counts it.
    pub(crate) fn deed(&self) -> Deed {
        let share = i128::from(self.pays_minor) * 100;
        let whole = i128::from(self.sum_minor.max(1));
        let discount_percent = i64::try_from((share + whole - 1) / whole).unwrap_or(100);
        Deed { gives: self.earns, takes: self.pays, discount_percent }
    }
}

/// A purchase as it was booked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booked {
    /// The whole sum.
    pub sum_minor: i64,
    /// Paid with points.
    pub paid: Points,
    /// What a point was worth.
    pub point_minor: i64,
    /// Earned.
    pub earned: Points,
    /// Of the sum, brought back by now.
    pub refunded_minor: i64,
    /// Of the money, given back by now.
    pub money_back_minor: i64,
}

/// What bringing back a part of a purchase comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Back {
    /// Of the sum.
    pub sum_minor: i64,
    /// Spent points that return.
    pub returns: Points,
    /// Earned points to be taken back.
    pub takes: Points,
    /// Money to be given back.
    pub money_minor: i64,
}

fn one() -> u32 {
    1
}

impl Programme {
    /// What `purchase` comes to for somebody who has `available` points. A checkout does exactly this.
    pub fn quote(&self, purchase: &Purchase, available: Points) -> Result<Sums, Problem> {
        purchase.check()?;
        let most = self.most(purchase.sum_minor, available);
        let pays = purchase.pay_points.unwrap_or_default();
        if purchase.pay_points.is_some() {
            self.may_pay(purchase.sum_minor, pays, available)?;
        }
        let pays_minor = pays.0 * self.point_minor;
        let to_pay_minor = purchase.sum_minor - pays_minor;
        let earns = self.earns(purchase, to_pay_minor);
        Ok(Sums { sum_minor: purchase.sum_minor, pays, pays_minor, to_pay_minor, earns, most })
    }

    /// With how many points a purchase could be paid at most.
    fn most(&self, sum_minor: i64, available: Points) -> Points {
        let spending = &self.spending;
        if !spending.on || sum_minor < spending.minimum_minor {
            return Points::ZERO;
        }
        let most = self.cap(sum_minor).min(available.0.max(0));
        match spending.fixed {
            Some(fixed) if most < fixed.0 => Points::ZERO,
            Some(fixed) => fixed,
            None => Points(most),
        }
    }

    /// By the share that the programme lets points pay.
    fn cap(&self, sum_minor: i64) -> i64 {
        let share = self.spending.max_percent_bp.of(sum_minor, Rounding::Down).unwrap_or(0).min(sum_minor);
        share / self.point_minor.max(1)
    }

    fn may_pay(&self, sum_minor: i64, pays: Points, available: Points) -> Result<(), Problem> {
        let spending = &self.spending;
        let refused = |code, ru: String, en: String| Err(Problem::refused(code, ru, en).at("pay_points"));
        if !pays.is_positive() {
            let (ru, en) = ("Баллов должно быть больше нуля", "Points must be more than zero");
            return Err(Problem::invalid("pay_points", "points_out_of_range", ru, en));
        }
        if !spending.on {
            return refused(
                "spending_off",
                "Оплата баллами выключена в программе".into(),
                "The programme does not let points pay for purchases".into(),
            );
        }
        if sum_minor < spending.minimum_minor {
            let least = money(spending.minimum_minor);
            return refused(
                "purchase_too_small",
                format!("Баллами можно платить за покупку от {least}"),
                format!("Points pay for purchases from {least} on"),
            );
        }
        if let Some(fixed) = spending.fixed.filter(|fixed| *fixed != pays) {
            return refused(
                "points_not_fixed",
                format!("За один раз списывается ровно {fixed}"),
                format!("Exactly {fixed} points are taken at a time"),
            );
        }
        let cap = self.cap(sum_minor);
        if pays.0 > cap {
            return refused(
                "over_share",
                format!("За эту покупку можно списать не больше {cap}"),
                format!("At most {cap} points can pay for this purchase"),
            );
        }
        if pays > available {
            return Err(Problem::from(crate::ledger::Refusal::NotEnough {
                missing: Points(pays.0 - available.0),
            })
            .at("pay_points"));
        }
        Ok(())
    }

    fn earns(&self, purchase: &Purchase, to_pay_minor: i64) -> Points {
        let earning = &self.earning;
        let base = match earning.of {
            Base::Paid => to_pay_minor,
            Base::Whole => purchase.sum_minor,
        };
        if purchase.sum_minor < earning.minimum_minor || base <= 0 {
            return Points::ZERO;
        }
        let (sum, base, worth) =
            (i128::from(purchase.sum_minor), i128::from(base), i128::from(self.point_minor.max(1)));
        // All in one fraction, so that it is rounded once: over 10 000 * worth * sum.
        let mut rest = sum;
        let mut numerator = 0_i128;
        for item in &purchase.items {
            let price = i128::from(item.sum_minor);
            rest -= price;
            numerator += match item.weight {
                Some(Weight::Points(points)) => {
                    i128::from(points.0) * i128::from(item.quantity) * WHOLE * worth
                }
                Some(Weight::PercentBp(share)) => price * i128::from(share.0),
                None => price * i128::from(earning.percent_bp.0),
            };
        }
        numerator += rest * i128::from(earning.percent_bp.0);
        let points = divided(numerator * base, WHOLE * worth * sum, earning.rounding);
        let points = points.saturating_add(earning.fixed.0);
        let most = earning.maximum.map_or(POINTS_MAX, |most| most.0.min(POINTS_MAX));
        Points(points.min(most))
    }
}

impl Purchase {
    /// Nothing but a sum.
    pub fn of(sum_minor: i64) -> Self {
        Self { sum_minor, ..Self::default() }
    }

    fn check(&self) -> Result<(), Problem> {
        if !(1..=SUM_MAX).contains(&self.sum_minor) {
            return Err(out_of_range("sum_minor", 1, SUM_MAX));
        }
        if self.items.len() > ITEMS_MAX {
            let (ru, en) = (format!("Не больше {ITEMS_MAX} позиций"), format!("At most {ITEMS_MAX} items"));
            return Err(Problem::invalid("items", "too_many", ru, en));
        }
        if self.receipt.as_ref().is_some_and(|text| text.chars().count() > TEXT_MAX) {
            return Err(too_long("receipt"));
        }
        let mut left = self.sum_minor;
        for (at, item) in self.items.iter().enumerate() {
            item.check(&format!("items.{at}"))?;
            left -= item.sum_minor;
        }
        if left < 0 {
            let ru = "Позиции вместе стоят больше, чем вся покупка";
            return Err(Problem::invalid("items", "over_sum", ru, "The items cost more than the purchase"));
        }
        Ok(())
    }
}

impl Item {
    fn check(&self, field: &str) -> Result<(), Problem> {
        if self.key.is_empty() || self.key.chars().count() > TEXT_MAX {
            return Err(too_long(&format!("{field}.key")));
        }
        if !(1..=QUANTITY_MAX).contains(&self.quantity) {
            return Err(out_of_range(&format!("{field}.quantity"), 1, i64::from(QUANTITY_MAX)));
        }
        if !(0..=SUM_MAX).contains(&self.sum_minor) {
            return Err(out_of_range(&format!("{field}.sum_minor"), 0, SUM_MAX));
        }
        match self.weight {
            Some(Weight::PercentBp(share)) if share.0 > WEIGHT_MAX => {
                Err(out_of_range(&format!("{field}.weight.percent_bp"), 0, i64::from(WEIGHT_MAX)))
            }
            Some(Weight::Points(points)) if !(0..=WEIGHT_POINTS_MAX).contains(&points.0) => {
                Err(out_of_range(&format!("{field}.weight.points"), 0, WEIGHT_POINTS_MAX))
            }
            _ => Ok(()),
        }
    }
}

impl Booked {
    /// What bringing back `sum_minor` more of it comes to; none is all that is left. However it is cut, the parts
    /// together never come to more than the whole, and the last one completes it.
    pub fn back(&self, sum_minor: Option<i64>, rounding: Rounding) -> Result<Back, Problem> {
        let left = self.sum_minor - self.refunded_minor;
        if left <= 0 {
            let (ru, en) = ("Эта покупка уже возвращена целиком", "This purchase was brought back already");
            return Err(Problem::refused("refunded_already", ru, en));
        }
        let sum = sum_minor.unwrap_or(left);
        if !(1..=left).contains(&sum) {
            return Err(out_of_range("sum_minor", 1, left));
        }
        let (from, to) = (self.refunded_minor, self.refunded_minor + sum);
        let returns = self.returned_at(to) - self.returned_at(from);
        let takes = self.taken_at(to, rounding) - self.taken_at(from, rounding);
        let money = self.money_at(to).max(self.money_back_minor) - self.money_back_minor;
        Ok(Back { sum_minor: sum, returns: Points(returns), takes: Points(takes), money_minor: money })
    }

    /// Spent points that have returned when so much of the sum is brought back.
    fn returned_at(&self, refunded_minor: i64) -> i64 {
        self.share(self.paid, refunded_minor, Rounding::Down)
    }

    fn taken_at(&self, refunded_minor: i64, rounding: Rounding) -> i64 {
        self.share(self.earned, refunded_minor, rounding)
    }

    /// What is brought back less what returned as points, and never more than was paid with money.
    fn money_at(&self, refunded_minor: i64) -> i64 {
        let paid = self.sum_minor - self.paid.0 * self.point_minor;
        (refunded_minor - self.returned_at(refunded_minor) * self.point_minor).clamp(0, paid)
    }

    fn share(&self, points: Points, refunded_minor: i64, rounding: Rounding) -> i64 {
        divided(
            i128::from(points.0) * i128::from(refunded_minor),
            i128::from(self.sum_minor.max(1)),
            rounding,
        )
    }
}

/// A purchase brought back, as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Refund {
    /// How much of its sum; none is all that is left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sum_minor: Option<i64>,
    /// Why, in the words of whoever does it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A purchase as it stands in the books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PurchaseRecord {
    /// Id.
    pub id: PurchaseId,
    /// The caller's key.
    pub key: String,
    /// Whose.
    pub contact: ContactId,
    /// Sums.
    pub booked: Booked,
    /// Spent points that returned by now.
    pub returned: Points,
    /// Earned points that were taken back by now.
    pub taken: Points,
    /// The number on the receipt.
    pub receipt: Option<String>,
    /// In the words of whoever sold it.
    pub note: Option<String>,
    /// Lines.
    pub items: Vec<Item>,
    /// When.
    pub at: Instant,
}

/// A sum as people write it: «1 590», «1 590,50».
pub fn money(minor: i64) -> String {
    let (whole, part) = (minor / 100, minor % 100);
    let whole = super::wording::grouped(whole);
    if part == 0 { whole } else { format!("{whole},{:02}", part.abs()) }
}

/// `numerator / denominator` of two that are not negative.
fn divided(numerator: i128, denominator: i128, rounding: Rounding) -> i64 {
    let points = match rounding {
        Rounding::Down => numerator / denominator,
        Rounding::HalfUp => (2 * numerator + denominator) / (2 * denominator),
        Rounding::Up => (numerator + denominator - 1) / denominator,
    };
    i64::try_from(points).unwrap_or(i64::MAX)
}

fn out_of_range(field: &str, least: i64, most: i64) -> Problem {
    super::rules::out_of_range(field, least, most)
}

fn too_long(field: &str) -> Problem {
    let (ru, en) = (format!("От 1 до {TEXT_MAX} знаков"), format!("From 1 to {TEXT_MAX} characters"));
    Problem::invalid(field, "bad_length", ru, en)
}
