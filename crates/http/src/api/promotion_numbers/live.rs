//! What goes on in a promotion right now, as the API tells it.

use super::each;
use samovar_app::promo::Reason;
use samovar_app::promo::numbers;
use samovar_base::Instant;
use serde::Serialize;
use utoipa::ToSchema;

/// What goes on in a promotion right now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PromotionLive)]
pub struct LiveView {
    /// When it was counted.
    #[schema(value_type = String, format = DateTime)]
    at: Instant,
    /// The zone of the business.
    #[schema(example = "Europe/Moscow")]
    zone: String,
    /// Who accepted the rules.
    #[schema(example = 10420)]
    participants: i64,
    /// The last number given out.
    #[schema(example = 21940)]
    tickets: i64,
    /// Receipts that were refused.
    #[schema(example = 1310)]
    refused: i64,
    /// Receipts that wait for a person's decision.
    #[schema(example = 37)]
    moderation: i64,
    /// Since when the oldest of them does.
    #[schema(value_type = Option<String>, format = DateTime)]
    moderation_since: Option<Instant>,
    /// Receipts that wait for their check.
    queue: QueueView,
    /// Minute by minute, the last hour, the youngest last.
    minutes: Vec<MinuteView>,
    /// Why receipts were refused, most first.
    reasons: Vec<ReasonView>,
    /// Where receipts are checked, in the order of the ladder, and what came of it in the last hour.
    providers: Vec<ProviderView>,
    /// Partners' codes.
    pools: Vec<PoolView>,
}

/// Receipts on their way to a verdict.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PromotionQueue)]
pub struct QueueView {
    /// All without a verdict.
    #[schema(example = 412)]
    all: i64,
    /// Their turn has come, and nobody has asked yet.
    #[schema(example = 380)]
    due: i64,
    /// Since when the first of them waits for its turn.
    #[schema(value_type = Option<String>, format = DateTime)]
    due_since: Option<Instant>,
    /// With a provider right now.
    #[schema(example = 8)]
    asked: i64,
    /// Not known to the tax service yet, or put off by a provider: asked again by the clock.
    #[schema(example = 24)]
    later: i64,
    /// When the oldest receipt without a verdict arrived.
    #[schema(value_type = Option<String>, format = DateTime)]
    oldest: Option<Instant>,
    /// Questions of this promotion answered in the last ten minutes.
    #[schema(example = 600)]
    answered: i64,
    /// Seconds until everything that is due will have been asked at this pace; none while nothing moves.
    #[schema(example = 388)]
    drained_in: Option<i64>,
}

/// A minute.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PromotionMinute)]
pub struct MinuteView {
    /// Its beginning.
    #[schema(value_type = String, format = DateTime)]
    at: Instant,
    /// Receipts that arrived.
    arrived: i64,
    /// Questions that providers answered.
    answered: i64,
}

/// Refused receipts with one reason.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PromotionReason)]
pub struct ReasonView {
    /// Its name.
    #[schema(example = "small_sum")]
    reason: String,
    /// As people read it, in Russian.
    title_ru: String,
    /// In English.
    title_en: String,
    /// How many.
    #[schema(example = 214)]
    receipts: i64,
}

/// A provider in the last hour.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PromotionProvider)]
pub struct ProviderView {
    /// Id.
    #[schema(example = "prv_00fs4w8m5xv1g")]
    id: String,
    /// For people.
    name: String,
    /// Its kind.
    #[schema(example = "proverkacheka")]
    kind: String,
    /// It is not asked.
    paused: bool,
    /// Questions of the last hour, of all promotions.
    asked: i64,
    /// Of them found the receipt.
    found: i64,
    /// Of them told that it is not there, or not yet.
    missing: i64,
    /// Of them failed: out of order, refused, or the quota was used up.
    failed: i64,
    /// How long an answer took, on average, in milliseconds.
    took_ms: i64,
    /// How the last question ended: `found`, `not_yet`, `unknown`, `refused`, `quota`, `later`, `error`.
    last: Option<String>,
    /// When it was asked.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_at: Option<Instant>,
}

/// A pool of partners' codes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PromotionCodes)]
pub struct PoolView {
    /// Whose.
    partner: String,
    /// Codes that nobody has yet.
    left: i64,
    /// Codes that were given.
    given: i64,
    /// From here on it is low.
    low_at: i64,
}

impl From<numbers::Live> for LiveView {
    fn from(all: numbers::Live) -> Self {
        let numbers::Live { at, zone, participants, tickets, refused, moderation, moderation_since, .. } =
            all;
        Self {
            at,
            zone,
            participants,
            tickets,
            refused,
            moderation,
            moderation_since,
            queue: QueueView {
                all: all.queue.all(),
                due: all.queue.due,
                due_since: all.queue.due_since,
                asked: all.queue.asked,
                later: all.queue.later,
                oldest: all.queue.oldest,
                answered: all.queue.answered,
                drained_in: all.queue.drained_in,
            },
            minutes: each(all.minutes, |numbers::Minute { at, arrived, answered }| MinuteView {
                at,
                arrived,
                answered,
            }),
            reasons: each(all.reasons, |line| {
                let title = |locale| {
                    Reason::from_name(&line.reason)
                        .map_or(line.reason.as_str(), |one| one.title(locale))
                        .to_owned()
                };
                ReasonView {
                    title_ru: title("ru"),
                    title_en: title("en"),
                    receipts: line.receipts,
                    reason: line.reason.clone(),
                }
            }),
            providers: each(all.providers, |one| ProviderView {
                id: one.id.to_string(),
                name: one.name,
                kind: one.kind,
                paused: one.paused,
                asked: one.asked,
                found: one.found,
                missing: one.missing,
                failed: one.failed,
                took_ms: one.took_ms,
                last: one.last,
                last_at: one.last_at,
            }),
            pools: each(all.pools, |numbers::Pool { partner, left, given, low_at }| PoolView {
                partner,
                left,
                given,
                low_at,
            }),
        }
    }
}
