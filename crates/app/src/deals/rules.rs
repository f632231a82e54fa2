//! Pure decisions: what a pipeline may be, and what success gives.

use super::model::{Deal, PipelineFields, StageKind};
use crate::catalogue::weight_of;
use crate::ledger::POINTS_MAX;
use crate::loyalty::{Units, wrong_wording};
use crate::problem::{Kind, Problem};
use crate::tenants;
use samovar_base::{Points, Rounding};
use serde::Serialize;
use std::collections::BTreeSet;

const STAGES_MAX: usize = 30;
const NAME_MAX: usize = 60;
const TITLE_MAX: usize = 120;
/// Kinds of items in one deal.
pub const ITEMS_MAX: usize = 50;
/// Pieces of one item.
pub const QUANTITY_MAX: u32 = 1_000;
const NOTE_MAX: usize = 500;

/// What the texts of stages may name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub(super) struct StageNames {
    pub title: String,
    pub stage: String,
    pub points: i64,
    pub earned: i64,
    pub name: String,
    pub business: String,
    pub expired: bool,
}

impl PipelineFields {
    /// Everything that is wrong with them, by field.
    pub fn problems(&self, units: &Units) -> Vec<Problem> {
        let mut found = Vec::new();
        found.extend(name("pipeline.name.ru", &self.name.ru));
        found.extend(name("pipeline.name.en", &self.name.en));
        let has = |kind| self.stages.iter().any(|stage| stage.kind == kind);
        let whole = has(StageKind::Open) && has(StageKind::Success) && has(StageKind::Failure);
        if !whole || self.stages.len() > STAGES_MAX {
            let ru = format!(
                "Нужна хотя бы одна стадия каждого вида: open, success, failure; всего до {STAGES_MAX}"
            );
            let en = format!(
                "There must be a stage of each kind, open, success, failure; at most {STAGES_MAX} in all"
            );
            found.push(Problem::invalid("pipeline.stages", "bad_stages", ru, en));
        }
        let mut keys = BTreeSet::new();
        let sample = StageNames {
            title: "Кофе".into(),
            stage: "Готов".into(),
            points: 50,
            earned: 5,
            name: "Анна".into(),
            business: "Кофейня".into(),
            expired: true,
        };
        for (at, stage) in self.stages.iter().enumerate() {
            let field = |name: &str| format!("pipeline.stages.{at}.{name}");
            found.extend(tenants::word(&field("key"), &stage.key).err());
            if !keys.insert(&stage.key) {
                let (ru, en) = ("Такая стадия уже есть", "There is such a stage already");
                found.push(Problem::invalid(&field("key"), "doubled", ru, en));
            }
            found.extend(name(&field("name.ru"), &stage.name.ru));
            found.extend(name(&field("name.en"), &stage.name.en));
            if let Some(tells) = &stage.tells {
                found.extend(wrong_wording(units, &field("tells"), tells, &sample));
            }
        }
        if let Some(tells) = &self.tells_staff {
            found.extend(wrong_wording(units, "pipeline.tells_staff", tells, &sample));
        }
        let numbers = [
            ("pipeline.accrual.fixed", self.accrual.fixed.0, 0, POINTS_MAX),
            ("pipeline.accrual.percent_bp", i64::from(self.accrual.percent_bp.0), 0, 10_000),
            ("pipeline.order_days", i64::from(self.order_days.unwrap_or(1)), 1, 365),
        ];
        for (field, value, least, most) in numbers {
            if !(least..=most).contains(&value) {
                let (ru, en) = (format!("От {least} до {most}"), format!("From {least} to {most}"));
                found.push(Problem::invalid(field, "out_of_range", ru, en));
            }
        }
        found
    }

    /// What success gives.
    pub fn reward(&self, deal: &Deal) -> Points {
        let weights = if self.accrual.weights {
            weight_of(deal.items.iter().map(|item| (item.weight, item.quantity)))
        } else {
            Points::ZERO
        };
        let roubles = deal.sum.unwrap_or(0) / 100;
        let share = self.accrual.percent_bp.of(roubles, Rounding::Down).unwrap_or(0);
        let sum = i128::from(weights.0) + i128::from(self.accrual.fixed.0) + i128::from(share);
        Points(i64::try_from(sum).unwrap_or(POINTS_MAX).min(POINTS_MAX))
    }
}

/// A title without blanks around.
pub fn title(text: &str) -> Result<String, Problem> {
    let text = text.trim();
    if (1..=TITLE_MAX).contains(&text.chars().count()) {
        return Ok(text.to_owned());
    }
    let (ru, en) =
        (format!("Название от 1 до {TITLE_MAX} знаков"), format!("A title of 1 to {TITLE_MAX} characters"));
    Err(Problem::invalid("title", "bad_length", ru, en))
}

/// A title that came out of a template or a name is cut to size rather than refused.
pub fn cut_title(text: &str) -> String {
    let cut: String = text.trim().chars().take(TITLE_MAX).collect();
    if cut.is_empty() { "—".into() } else { cut }
}

/// Refuses notes that are too long; empty ones are none.
pub fn note(text: Option<String>) -> Result<Option<String>, Problem> {
    let text = text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    if text.as_ref().is_some_and(|text| text.chars().count() > NOTE_MAX) {
        let (ru, en) = (format!("Не длиннее {NOTE_MAX} знаков"), format!("At most {NOTE_MAX} characters"));
        return Err(Problem::invalid("note", "too_long", ru, en));
    }
    Ok(text)
}

/// Refuses a sum that is none.
pub fn sum(sum: Option<i64>) -> Result<(), Problem> {
    if sum.is_none_or(|sum| (0..=POINTS_MAX).contains(&sum)) {
        return Ok(());
    }
    let (ru, en) = (format!("От 0 до {POINTS_MAX}"), format!("From 0 to {POINTS_MAX}"));
    Err(Problem::invalid("sum", "out_of_range", ru, en))
}

/// Refuses numbers of pieces that are none.
pub fn quantity(pieces: u32) -> Result<(), Problem> {
    if (1..=QUANTITY_MAX).contains(&pieces) {
        return Ok(());
    }
    let (ru, en) = (format!("От 1 до {QUANTITY_MAX}"), format!("From 1 to {QUANTITY_MAX}"));
    Err(Problem::invalid("quantity", "out_of_range", ru, en))
}

pub fn order_over() -> Problem {
    Problem::new(
        Kind::Conflict,
        "order_over",
        "Этот заказ закрыт: баллы и товар по нему вернулись. Оформите новый",
        "This order is closed: its points and goods went back. Make a new one",
    )
    .at("stage")
}

pub fn no_stage(key: &str) -> Problem {
    Problem::invalid(
        "stage",
        "unknown_stage",
        format!("В этой воронке нет стадии «{}»", key.escape_debug()),
        format!("This pipeline has no stage “{}”", key.escape_debug()),
    )
}

pub fn key_reused() -> Problem {
    Problem::new(
        Kind::Conflict,
        "deal_key_reused",
        "Под этим ключом уже создана другая сделка",
        "Another deal was already made under this key",
    )
}

fn name(field: &str, text: &str) -> Option<Problem> {
    let length = text.trim().chars().count();
    (!(1..=NAME_MAX).contains(&length)).then(|| {
        let (ru, en) = (format!("От 1 до {NAME_MAX} знаков"), format!("From 1 to {NAME_MAX} characters"));
        Problem::invalid(field, "bad_length", ru, en)
    })
}
