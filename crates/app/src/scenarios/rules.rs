//! What may be published. Pure.

use crate::problem::{Kind, Problem};
use samovar_base::vault::fingerprint;
use samovar_engine::{Draft, Locale, Place, Severity};
use serde_json::Value;

/// Largest draft, in bytes of its JSON.
pub const DRAFT_BYTES_MAX: usize = 1024 * 1024;
/// Most problems that are told at once.
const TOLD_MAX: usize = 200;

/// As stored.
pub fn to_json(draft: &Draft) -> Result<String, Problem> {
    let json = serde_json::to_string(draft).unwrap_or_default();
    if json.len() <= DRAFT_BYTES_MAX { Ok(json) } else { Err(too_large()) }
}

/// The same for two drafts that say and do the same, wherever the builder draws their steps.
pub fn source_hash(draft: &Draft) -> String {
    let meant = Draft { layout: Value::Null, ..draft.clone() };
    fingerprint(serde_json::to_string(&meant).unwrap_or_default().as_bytes())
}

/// Whether any of them forbids publication.
pub fn has_errors(problems: &[samovar_engine::Problem]) -> bool {
    problems.iter().any(|problem| problem.severity == Severity::Error)
}

/// The refusal of a draft that cannot be published: a summary, then every error at its place.
pub fn refusal(problems: &[samovar_engine::Problem]) -> Vec<Problem> {
    let errors: Vec<_> = problems.iter().filter(|problem| problem.severity == Severity::Error).collect();
    let summary = Problem::new(
        Kind::Invalid,
        "draft_not_ready",
        format!("Сценарий нельзя опубликовать, ошибок: {}", errors.len()),
        format!("The scenario cannot be published, errors: {}", errors.len()),
    );
    std::iter::once(summary).chain(errors.into_iter().take(TOLD_MAX).map(located)).collect()
}

/// A file that cannot be read at all, or names no scenario.
pub fn unreadable(problems: &[samovar_engine::Problem]) -> Option<Vec<Problem>> {
    let syntax: Vec<Problem> =
        problems.iter().filter(|problem| problem.code == "syntax").map(located).collect();
    (!syntax.is_empty()).then_some(syntax)
}

/// Where a problem is, as a dotted path into the draft.
pub fn path(place: &Place) -> String {
    let below =
        |parent: String, field: &str| if field.is_empty() { parent } else { format!("{parent}.{field}") };
    match place {
        Place::Scenario { field } => field.clone(),
        Place::Trigger { index, field } => below(format!("triggers.{index}"), field),
        Place::Step { step, field } => below(format!("steps.{step}"), field),
        Place::Edge { edge } => format!("edges.{edge}"),
        Place::Text { name } => format!("texts.{name}"),
    }
}

fn located(problem: &samovar_engine::Problem) -> Problem {
    Problem::invalid(&path(&problem.at), problem.code, problem.text(Locale::Ru), problem.text(Locale::En))
}

fn too_large() -> Problem {
    Problem::new(
        Kind::TooLarge,
        "draft_too_large",
        format!("Сценарий больше {} КБ", DRAFT_BYTES_MAX / 1024),
        format!("The scenario is larger than {} KB", DRAFT_BYTES_MAX / 1024),
    )
}
