//! How much a provider may be asked: its pace, its day, and whether it is in a state to answer. Pure; the time comes in.

use super::model::ProviderSettings;
use samovar_base::{Instant, ProviderId};
use std::collections::HashMap;

/// Failures in a row after which a provider is left alone,
const FAILURES_MAX: u32 = 5;
/// at first for so long,
const REST_FIRST_MS: i64 = 30_000;
/// then doubled up to so long.
const REST_MAX_MS: i64 = 600_000;
/// A token that was refused is tried again after so long, should it have been mended at the provider's.
const REFUSED_MS: i64 = 600_000;
/// Most questions that begin together.
const AT_ONCE_MAX: i64 = 256;

/// How a question ended, as far as the pace is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// It was answered.
    Well,
    /// It was not.
    Badly,
    /// Not before then.
    Closed(Instant),
    /// The token is not good.
    Refused,
}

/// What this node knows of one provider.
#[derive(Debug, Clone, PartialEq)]
struct Lane {
    /// Allowance in thousandths of a question.
    allowance: i64,
    counted_at: Instant,
    in_flight: i64,
    /// Questions on this day of the business.
    today: i64,
    day_ends: Instant,
    failures: u32,
    closed_until: Instant,
}

/// All lanes of this node.
#[derive(Debug, Default)]
pub(super) struct Ladder {
    lanes: HashMap<ProviderId, Lane>,
}

impl Ladder {
    /// Whether a provider is known here; if not, [`Ladder::know`] it first.
    pub(super) fn knows(&self, provider: ProviderId) -> bool {
        self.lanes.contains_key(&provider)
    }

    /// Begins with a provider of which so many questions were asked today.
    pub(super) fn know(
        &mut self,
        provider: ProviderId,
        settings: &ProviderSettings,
        today: i64,
        now: Instant,
        day_ends: Instant,
    ) {
        let lane = Lane {
            allowance: burst(settings) * 1_000,
            counted_at: now,
            in_flight: 0,
            today,
            day_ends,
            failures: 0,
            closed_until: Instant(i64::MIN),
        };
        self.lanes.entry(provider).or_insert(lane);
    }

    /// Forgets what was wrong with a provider: its settings were changed.
    pub(super) fn forget(&mut self, provider: ProviderId) {
        self.lanes.remove(&provider);
    }

    /// How many questions a provider may be asked now.
    pub(super) fn room(
        &mut self,
        provider: ProviderId,
        settings: &ProviderSettings,
        now: Instant,
        day_ends: Instant,
    ) -> i64 {
        let Some(lane) = self.lanes.get_mut(&provider) else { return 0 };
        lane.refill(settings, now, day_ends);
        if now < lane.closed_until {
            return 0;
        }
        // After a rest one question tries how it is.
        let at_once = if lane.failures >= FAILURES_MAX { 1 } else { settings.at_once.clamp(1, AT_ONCE_MAX) };
        let of_day = settings.per_day.map_or(i64::MAX, |most| most - lane.today);
        (at_once - lane.in_flight).min(lane.allowance / 1_000).min(of_day).max(0)
    }

    /// Takes a question out of the allowance; false when there is no room for it.
    pub(super) fn begin(
        &mut self,
        provider: ProviderId,
        settings: &ProviderSettings,
        now: Instant,
        day_ends: Instant,
    ) -> bool {
        if self.room(provider, settings, now, day_ends) == 0 {
            return false;
        }
        if let Some(lane) = self.lanes.get_mut(&provider) {
            lane.allowance -= 1_000;
            lane.in_flight += 1;
            lane.today += 1;
        }
        true
    }

    /// Puts a question back that was not asked.
    pub(super) fn give_back(&mut self, provider: ProviderId) {
        if let Some(lane) = self.lanes.get_mut(&provider) {
            lane.allowance += 1_000;
            lane.in_flight -= 1;
            lane.today -= 1;
        }
    }

    /// A question ended.
    pub(super) fn end(&mut self, provider: ProviderId, ended: Ended, now: Instant) {
        let Some(lane) = self.lanes.get_mut(&provider) else { return };
        lane.in_flight = (lane.in_flight - 1).max(0);
        match ended {
            Ended::Well => {
                lane.failures = 0;
                lane.closed_until = Instant(i64::MIN);
            }
            Ended::Badly => {
                lane.failures = lane.failures.saturating_add(1);
                if lane.failures >= FAILURES_MAX {
                    let doubled = REST_FIRST_MS << (lane.failures - FAILURES_MAX).min(10);
                    lane.closed_until = now.plus_millis(doubled.min(REST_MAX_MS));
                }
            }
            Ended::Closed(until) => lane.closed_until = lane.closed_until.max(until),
            Ended::Refused => lane.closed_until = now.plus_millis(REFUSED_MS),
        }
    }
}

/// Questions that may begin together after a pause.
fn burst(settings: &ProviderSettings) -> i64 {
    settings.at_once.min(settings.per_minute).clamp(1, AT_ONCE_MAX)
}

impl Lane {
    fn refill(&mut self, settings: &ProviderSettings, now: Instant, day_ends: Instant) {
        let passed = now.millis_since(self.counted_at).clamp(0, 60_000);
        // A minute is 60 000 ms, an allowance is in thousandths: per_minute / 60 of them in a millisecond.
        let gained = passed.saturating_mul(settings.per_minute.max(1)) / 60;
        if gained > 0 {
            self.allowance = (self.allowance + gained).min(burst(settings) * 1_000);
            self.counted_at = now;
        }
        if now >= self.day_ends {
            (self.today, self.day_ends) = (self.in_flight, day_ends);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Instant = Instant(1_790_000_000_000_000);
    const MIDNIGHT: Instant = Instant(1_790_040_000_000_000);

    fn of(settings: &ProviderSettings) -> (Ladder, ProviderId) {
        let (mut ladder, id) = (Ladder::default(), ProviderId(1));
        ladder.know(id, settings, 0, NOON, MIDNIGHT);
        (ladder, id)
    }

    fn asked(ladder: &mut Ladder, id: ProviderId, settings: &ProviderSettings, now: Instant) -> i64 {
        let mut asked = 0;
        while ladder.begin(id, settings, now, MIDNIGHT) {
            asked += 1;
        }
        asked
    }

    #[test]
    fn no_more_than_the_pace_in_any_minute() {
        let settings = ProviderSettings { per_minute: 60, at_once: 10, ..ProviderSettings::default() };
        let (mut ladder, id) = of(&settings);
        let mut all = 0;
        for second in 0..60 {
            let now = NOON.plus_seconds(second);
            let asked = asked(&mut ladder, id, &settings, now);
            (0..asked).for_each(|_| ladder.end(id, Ended::Well, now));
            all += asked;
        }
        assert_eq!(all, 10 + 59, "what begins together after a pause, and then one a second");
    }

    #[test]
    fn a_day_has_its_number_and_begins_anew_at_midnight() {
        let settings = ProviderSettings {
            per_minute: 6_000,
            at_once: 100,
            per_day: Some(7),
            ..ProviderSettings::default()
        };
        let (mut ladder, id) = of(&settings);
        assert_eq!(asked(&mut ladder, id, &settings, NOON), 7);
        (0..7).for_each(|_| ladder.end(id, Ended::Well, NOON));
        assert_eq!(asked(&mut ladder, id, &settings, NOON.plus_seconds(3_600)), 0);
        let next = Instant(MIDNIGHT.0 + 86_400_000_000);
        assert!(ladder.begin(id, &settings, MIDNIGHT, next));
    }

    #[test]
    fn who_fails_again_and_again_is_left_alone_and_then_tried_by_one_question() {
        let settings = ProviderSettings { per_minute: 6_000, at_once: 10, ..ProviderSettings::default() };
        let (mut ladder, id) = of(&settings);
        for _ in 0..5 {
            assert!(ladder.begin(id, &settings, NOON, MIDNIGHT));
            ladder.end(id, Ended::Badly, NOON);
        }
        assert_eq!(asked(&mut ladder, id, &settings, NOON.plus_seconds(29)), 0);
        assert_eq!(asked(&mut ladder, id, &settings, NOON.plus_seconds(30)), 1);
        ladder.end(id, Ended::Badly, NOON.plus_seconds(30));
        assert_eq!(asked(&mut ladder, id, &settings, NOON.plus_seconds(89)), 0);
        assert_eq!(asked(&mut ladder, id, &settings, NOON.plus_seconds(90)), 1);
        ladder.end(id, Ended::Well, NOON.plus_seconds(90));
        assert_eq!(asked(&mut ladder, id, &settings, NOON.plus_seconds(91)), 10);
    }

    #[test]
    fn a_quota_closes_until_it_is_told() {
        let settings = ProviderSettings { per_minute: 6_000, at_once: 10, ..ProviderSettings::default() };
        let (mut ladder, id) = of(&settings);
        assert!(ladder.begin(id, &settings, NOON, MIDNIGHT));
        ladder.end(id, Ended::Closed(NOON.plus_seconds(600)), NOON);
        assert_eq!(asked(&mut ladder, id, &settings, NOON.plus_seconds(599)), 0);
        assert_eq!(asked(&mut ladder, id, &settings, NOON.plus_seconds(600)), 10);
    }
}
