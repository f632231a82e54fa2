//! Limits in time: a token bucket per chat, per group and per bot.

use super::refusal::Refusal;
use samovar_base::Instant;

/// How much passes: `burst` at once, and then `per_minute` in a steady flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Tokens that come back in a minute.
    pub per_minute: i64,
    /// Tokens of a full bucket.
    pub burst: i64,
}

/// The paces of the three scopes; the real figures are not published, these are the customary ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paces {
    /// Of one private chat.
    pub chat: Pace,
    /// Of one group.
    pub group: Pace,
    /// Of one bot over all its chats.
    pub bot: Pace,
}

impl Default for Paces {
    fn default() -> Self {
        Self {
            chat: Pace { per_minute: 60, burst: 20 },
            group: Pace { per_minute: 20, burst: 20 },
            bot: Pace { per_minute: 1_800, burst: 30 },
        }
    }
}

/// One bucket. A try while it is closed keeps it closed for longer.
#[derive(Debug, Clone, Copy, Default)]
pub struct Bucket {
    /// Millionths of a token that are missing from the full bucket.
    missing: i64,
    at: Instant,
    closed_until: Instant,
}

const TOKEN: i64 = 60_000_000;
/// Each try that comes too early costs a second more.
const PENALTY_SECONDS: i64 = 1;

impl Bucket {
    /// Whether `tokens` may pass now; if not, the refusal with the seconds to wait.
    pub fn check(&mut self, pace: Pace, now: Instant, tokens: i64) -> Result<(), Refusal> {
        let passed = (now.0 - self.at.0).max(0);
        self.missing = self.missing.saturating_sub(passed.saturating_mul(pace.per_minute)).max(0);
        self.at = now;
        if now < self.closed_until {
            self.closed_until = self.closed_until.plus_seconds(PENALTY_SECONDS);
            return Err(self.refusal(now));
        }
        let over = self.missing + (tokens - pace.burst) * TOKEN;
        if over > 0 {
            let wait_us = over.div_euclid(pace.per_minute.max(1)) + 1;
            self.closed_until = Instant(now.0.saturating_add(wait_us));
            return Err(self.refusal(now));
        }
        Ok(())
    }

    /// Takes what [`Bucket::check`] let pass.
    pub fn take(&mut self, tokens: i64) {
        self.missing += tokens * TOKEN;
    }

    fn refusal(&self, now: Instant) -> Refusal {
        Refusal::too_many((self.closed_until.0 - now.0).div_euclid(1_000_000) + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACE: Pace = Pace { per_minute: 60, burst: 2 };

    fn send(bucket: &mut Bucket, now: Instant) -> Result<(), Option<i64>> {
        bucket.check(PACE, now, 1).map_err(|refusal| refusal.retry_after)?;
        bucket.take(1);
        Ok(())
    }

    #[test]
    fn a_burst_passes_and_then_one_a_second() {
        let (mut bucket, start) = (Bucket::default(), Instant::from_seconds(1_000));
        assert_eq!(send(&mut bucket, start), Ok(()));
        assert_eq!(send(&mut bucket, start), Ok(()));
        assert_eq!(send(&mut bucket, start), Err(Some(2)));
        assert_eq!(send(&mut bucket, start.plus_seconds(2)), Ok(()));
        assert_eq!(send(&mut bucket, start.plus_seconds(60)), Ok(()));
    }

    #[test]
    fn trying_too_early_lengthens_the_wait() {
        let (mut bucket, start) = (Bucket::default(), Instant::from_seconds(1_000));
        assert!(send(&mut bucket, start).is_ok() && send(&mut bucket, start).is_ok());
        assert_eq!(send(&mut bucket, start), Err(Some(2)));
        assert_eq!(send(&mut bucket, start), Err(Some(3)));
        assert_eq!(send(&mut bucket, start), Err(Some(4)));
        assert_eq!(send(&mut bucket, start.plus_seconds(4)), Ok(()));
    }
}
