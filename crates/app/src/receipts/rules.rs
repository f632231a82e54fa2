//! What follows from the answer of a provider. Pure.

use super::model::Receipt;
use crate::promo::{Promotion, Reason, Unchecked, Verdict, Why, judge};
use samovar_base::Instant;
use samovar_fiscal as fiscal;

/// How long a receipt that the tax service does not know yet is put off, time after time; then a person looks.
const PATIENCE_HOURS: [i64; 5] = [1, 3, 6, 12, 24];
/// A receipt that the tax service calls wrong is asked about once more after so long: fresh ones reach it late.
const UNKNOWN_AGAIN_HOURS: i64 = 6;
/// The outcome of a question that says so.
pub(super) const UNKNOWN: &str = "unknown";

/// What was learnt of a receipt.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Got {
    /// The document, and which provider gave it; `fresh` when it was not kept before.
    Document {
        /// A name of a provider's kind.
        provider: String,
        /// What the tax service keeps.
        body: Box<fiscal::Receipt>,
        /// It is to be kept now.
        fresh: bool,
    },
    /// The tax service does not know it yet; the pause that was asked for, in milliseconds.
    NotYet(Option<i64>),
    /// The tax service says that there is no such receipt.
    Unknown,
    /// There is nobody to be asked.
    Nobody,
    /// No more questions may be paid.
    NoBudget,
    /// Nobody had an answer just now.
    Later(Instant),
}

/// What becomes of a receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    /// A verdict, for good.
    Judged(Verdict),
    /// It is asked about again then.
    Waits {
        /// When.
        until: Instant,
        /// Because the tax service does not know it: one of the times that are counted.
        counted: bool,
    },
}

/// Decides.
pub(super) fn decide(promotion: &Promotion, receipt: &Receipt, got: &Got, now: Instant) -> Fate {
    let person = |reason: Reason| Fate::Judged(Verdict::Person(Why::from(reason)));
    match got {
        Got::Document { body, .. } => match &receipt.code {
            Some(code) => Fate::Judged(judge(&promotion.terms, code, body)),
            None => person(Reason::ByPicture),
        },
        Got::NotYet(pause) => match usize::try_from(receipt.waits).ok().and_then(|at| PATIENCE_HOURS.get(at))
        {
            Some(hours) => {
                let pause = pause.unwrap_or(0).max(hours * 3_600_000);
                Fate::Waits { until: now.plus_millis(pause), counted: true }
            }
            None => person(Reason::NoAnswer),
        },
        Got::Unknown if receipt.outcome == UNKNOWN => {
            Fate::Judged(Verdict::Refuse(Why::from(Reason::Unknown)))
        }
        Got::Unknown => Fate::Waits { until: now.plus_seconds(UNKNOWN_AGAIN_HOURS * 3_600), counted: true },
        Got::Nobody => match promotion.terms.moderation.unchecked {
            Unchecked::Accept => Fate::Judged(Verdict::Accept),
            Unchecked::Person => person(Reason::NoProvider),
        },
        Got::NoBudget => person(Reason::NoBudget),
        Got::Later(until) => Fate::Waits { until: *until, counted: false },
    }
}
