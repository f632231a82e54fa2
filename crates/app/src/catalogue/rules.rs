//! Pure decisions: what an item and the texts may be.

use super::model::{CatalogueTexts, ItemFields, ItemNames};
use crate::ledger::POINTS_MAX;
use crate::loyalty::{Units, Wording, wrong_wording};
use crate::problem::Problem;
use samovar_base::Points;

const NAME_MAX: usize = 60;
const DESCRIPTION_MAX: usize = 600;
const LABEL_MAX: usize = 40;
/// No price and no stock is larger.
pub const NUMBER_MAX: i64 = POINTS_MAX;

impl ItemFields {
    /// Everything that is wrong with them, by field.
    pub fn problems(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        found.extend(lengths("item.name", &self.name, 1, NAME_MAX));
        if let Some(description) = &self.description {
            found.extend(lengths("item.description", description, 0, DESCRIPTION_MAX));
        }
        let numbers = [
            ("item.points", self.points.map(|points| points.0), 1),
            ("item.money", self.money, 0),
            ("item.weight", Some(self.weight.0), 0),
            ("item.per_person.count", self.per_person.map(|limit| i64::from(limit.count)), 1),
            ("item.per_person.days", self.per_person.and_then(|limit| limit.days).map(i64::from), 1),
        ];
        for (field, value, least) in numbers {
            found.extend(value.and_then(|value| number(field, value, least)));
        }
        if self.picture.as_ref().is_some_and(|key| !is_file(key)) {
            let (ru, en) = ("Картинка указывается так: file/fil_…", "A picture is given as file/fil_…");
            found.push(Problem::invalid("item.picture", "bad_picture", ru, en));
        }
        if let Some(category) = &self.category
            && let Err(problem) = crate::tenants::word("item.category", category)
        {
            found.push(problem);
        }
        found
    }
}

impl CatalogueTexts {
    /// Everything that is wrong with them, by field.
    pub fn problems(&self, units: &Units) -> Vec<Problem> {
        let sample = ItemNames {
            name: "Кофе".into(),
            description: "Чашка".into(),
            price: 50,
            money: "150 ₽".into(),
            weight: 5,
            stock: Some(3),
            balance: 80,
            left: 30,
            missing: 5,
            count: 1,
            days: 30,
            business: "Кофейня".into(),
        };
        let texts = self.all();
        let mut found: Vec<Problem> =
            texts.iter().flat_map(|(field, text, _)| wrong_wording(units, field, text, &sample)).collect();
        for (field, text, is_button) in texts {
            if is_button {
                found.extend(lengths(field, text, 1, LABEL_MAX));
            }
        }
        found
    }

    fn all(&self) -> [(&'static str, &Wording, bool); 12] {
        [
            ("texts.list", &self.list, false),
            ("texts.empty", &self.empty, false),
            ("texts.label", &self.label, false),
            ("texts.item", &self.item, false),
            ("texts.confirm", &self.confirm, false),
            ("texts.order", &self.order, true),
            ("texts.yes", &self.yes, true),
            ("texts.back", &self.back, true),
            ("texts.poor", &self.poor, false),
            ("texts.sold_out", &self.sold_out, false),
            ("texts.limit", &self.limit, false),
            ("texts.gone", &self.gone, false),
        ]
    }
}

/// A label that every messenger shows whole.
pub fn label(text: &str) -> String {
    if text.chars().count() <= LABEL_MAX {
        return text.to_owned();
    }
    let cut: String = text.chars().take(LABEL_MAX - 1).collect();
    format!("{}…", cut.trim_end())
}

/// Kopecks as people read roubles: «1 500 ₽», «99,90 ₽».
pub fn roubles(minor: i64) -> String {
    let (whole, part) = (minor / 100, (minor % 100).abs());
    let digits = whole.abs().to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('\u{a0}');
        }
        out.push(digit);
    }
    if part > 0 { format!("{out},{part:02}\u{a0}₽") } else { format!("{out}\u{a0}₽") }
}

/// Wrong pieces in stock.
pub fn wrong_stock(stock: i64) -> Option<Problem> {
    number("stock", stock, 0)
}

/// The sum of the weights of so many pieces each; the largest possible when it cannot be counted.
pub fn weight_of(pieces: impl IntoIterator<Item = (Points, u32)>) -> Points {
    let sum: i128 = pieces.into_iter().map(|(weight, count)| i128::from(weight.0) * i128::from(count)).sum();
    Points(i64::try_from(sum).unwrap_or(POINTS_MAX).min(POINTS_MAX))
}

fn is_file(key: &str) -> bool {
    key.strip_prefix("file/").is_some_and(|id| id.parse::<samovar_base::FileId>().is_ok())
}

fn number(field: &str, value: i64, least: i64) -> Option<Problem> {
    (!(least..=NUMBER_MAX).contains(&value)).then(|| {
        let (ru, en) = (format!("От {least} до {NUMBER_MAX}"), format!("From {least} to {NUMBER_MAX}"));
        Problem::invalid(field, "out_of_range", ru, en)
    })
}

fn lengths(field: &str, wording: &Wording, least: usize, most: usize) -> Vec<Problem> {
    let wrong = |locale: &str, text: &str| {
        let length = text.trim().chars().count();
        (!(least..=most).contains(&length)).then(|| {
            let (ru, en) =
                (format!("От {least} до {most} знаков"), format!("From {least} to {most} characters"));
            Problem::invalid(&format!("{field}.{locale}"), "bad_length", ru, en)
        })
    };
    [wrong("ru", &wording.ru), wrong("en", &wording.en)].into_iter().flatten().collect()
}
