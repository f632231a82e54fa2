//! What follows from the answer of a provider. Pure.

use super::model::Receipt;
use crate::promo::{Promotion, Reason, Unchecked, Verdict, Why, judge};
use samovar_base::{Instant, ReceiptId};
use samovar_fiscal as fiscal;

/// How long a receipt that the tax service does not know yet is put off, time after time; then a person looks.
const PATIENCE_HOURS: [i64; 5] = [1, 3, 6, 12, 24];
/// A receipt that the tax service calls wrong is asked about once more after so long: fresh ones reach it late.
const UNKNOWN_AGAIN_HOURS: i64 = 6;
/// When nobody had an answer, it is asked again after so long at first,
const AGAIN_FIRST_MS: i64 = 2_000;
/// then doubled with each question up to so long.
const AGAIN_MAX_MS: i64 = 300_000;
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

/// When a receipt of which nobody had an answer at `now`, after so many questions before, is asked about again. Receipts that failed together come apart:
/// up to a quarter later, by their ids.
pub(super) fn again(receipt: ReceiptId, tries: i64, now: Instant) -> Instant {
    let pause = (AGAIN_FIRST_MS << tries.clamp(0, 20)).min(AGAIN_MAX_MS);
    now.plus_millis(pause + pause / 4 * receipt.0.rem_euclid(100) / 100)
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

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Instant = Instant(1_790_000_000_000_000);

    #[test]
    fn an_answer_that_did_not_come_is_asked_for_soon_then_ever_more_seldom() {
        let pauses = |tries: i64| {
            let after = |id: i64| again(ReceiptId(id), tries, NOON).millis_since(NOON);
            (after(700), after(799))
        };
        assert_eq!(pauses(0), (2_000, 2_495));
        assert_eq!(pauses(1), (4_000, 4_990));
        assert_eq!(pauses(7), (256_000, 319_360));
        assert_eq!(pauses(8), (300_000, 374_250));
        assert_eq!(pauses(i64::MAX), pauses(8));
    }
}
