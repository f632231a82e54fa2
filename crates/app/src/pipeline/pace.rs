//! How fast a bot may write: budgets for the bot and for each chat, pauses asked for by the messenger, and people's
//! answers before bulk. Pure: time comes in as microseconds of any steady clock.

use samovar_connectors::Pace;
use std::collections::HashMap;

/// Bulk may only take what is left above this share of the bot's bucket: a person's answer always finds a place.
const BULK_RESERVE_PERCENT: i64 = 40;

/// The budget of one channel.
#[derive(Debug)]
pub struct Budget {
    pace: Pace,
    bot: Bucket,
    bot_pause_until: i64,
    chats: HashMap<String, Chat>,
    sweep_at: i64,
}

#[derive(Debug)]
struct Chat {
    bucket: Bucket,
    pause_until: i64,
}

/// A leaky bucket told by the moment at which it is full again (generic cell rate algorithm).
#[derive(Debug, Clone, Copy)]
struct Bucket {
    interval_us: i64,
    burst_us: i64,
    full_at: i64,
}

impl Bucket {
    fn new(interval_us: i64, burst: i64) -> Self {
        Self { interval_us, burst_us: interval_us * burst.max(1), full_at: i64::MIN / 2 }
    }
    fn wait(&self, now: i64, keep_us: i64) -> i64 {
        (self.full_at.max(now) + self.interval_us - (self.burst_us - keep_us).max(self.interval_us) - now)
            .max(0)
    }
    fn take(&mut self, now: i64) {
        self.full_at = self.full_at.max(now) + self.interval_us;
    }
}

impl Budget {
    /// A full budget.
    pub fn new(pace: Pace) -> Self {
        let per_second = i64::from(pace.bot_per_second.max(1));
        let bot = Bucket::new(1_000_000 / per_second.min(1_000_000), per_second);
        Self { pace, bot, bot_pause_until: i64::MIN, chats: HashMap::new(), sweep_at: 0 }
    }

    /// Takes one message for `chat`, or tells in how many microseconds to ask again.
    pub fn take(&mut self, now: i64, chat: &str, bulk: bool) -> Result<(), i64> {
        self.sweep(now);
        let keep = if bulk { self.bot.burst_us * BULK_RESERVE_PERCENT / 100 } else { 0 };
        let wait_bot = self.bot.wait(now, keep).max(self.bot_pause_until.saturating_sub(now));
        let fresh = Self::fresh_chat(&self.pace, chat);
        let known = self.chats.get(chat).unwrap_or(&fresh);
        let wait = wait_bot.max(known.bucket.wait(now, 0)).max(known.pause_until.saturating_sub(now));
        if wait > 0 {
            return Err(wait);
        }
        self.bot.take(now);
        self.chats.entry(chat.to_owned()).or_insert(fresh).bucket.take(now);
        Ok(())
    }

    /// The messenger asked for a pause of the whole bot.
    pub fn pause_bot(&mut self, until: i64) {
        self.bot_pause_until = self.bot_pause_until.max(until);
    }

    /// For how long the whole bot is to be silent.
    pub fn bot_pause(&self, now: i64) -> i64 {
        self.bot_pause_until.saturating_sub(now).max(0)
    }

    /// The messenger asked for a pause of one chat.
    pub fn pause_chat(&mut self, chat: &str, until: i64) {
        let fresh = Self::fresh_chat(&self.pace, chat);
        let known = self.chats.entry(chat.to_owned()).or_insert(fresh);
        known.pause_until = known.pause_until.max(until);
    }

    fn fresh_chat(pace: &Pace, chat: &str) -> Chat {
        // Telegram's groups have negative ids; other messengers' chats are never groups here.
        let bucket = if chat.starts_with('-') {
            Bucket::new(
                60_000_000 / i64::from(pace.group_per_minute.max(1)),
                i64::from(pace.group_per_minute),
            )
        } else {
            Bucket::new(1_000_000 / i64::from(pace.chat_per_second.max(1)), i64::from(pace.chat_burst))
        };
        Chat { bucket, pause_until: i64::MIN }
    }

    /// Chats whose bucket is full again are as good as unknown ones.
    fn sweep(&mut self, now: i64) {
        if now < self.sweep_at {
            return;
        }
        self.sweep_at = now + 10_000_000;
        self.chats.retain(|_, chat| chat.bucket.full_at > now || chat.pause_until > now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000;

    fn telegram() -> Budget {
        Budget::new(Pace { bot_per_second: 30, chat_per_second: 1, chat_burst: 3, group_per_minute: 20 })
    }

    /// How many of endless askers get through in `seconds`.
    fn through(budget: &mut Budget, seconds: i64, bulk: bool, chat: impl Fn(i64) -> String) -> i64 {
        (0..seconds * 1_000).filter(|ms| budget.take(ms * 1_000, &chat(*ms), bulk).is_ok()).count() as i64
    }

    #[test]
    fn a_bot_keeps_its_rate_over_many_chats() {
        let sent = through(&mut telegram(), 10, false, |ms| ms.to_string());
        assert!((300..=331).contains(&sent), "{sent}");
    }

    #[test]
    fn a_chat_has_a_burst_and_then_its_rate() {
        assert_eq!(through(&mut telegram(), 10, false, |_| "7".into()), 12);
        let group = through(&mut telegram(), 120, false, |_| "-7".into());
        assert!((58..=60).contains(&group), "{group}");
    }

    #[test]
    fn an_answer_finds_a_place_while_bulk_waits() {
        let mut budget = telegram();
        let bulk = (0..100).filter(|chat| budget.take(0, &chat.to_string(), true).is_ok()).count();
        assert!((17..=18).contains(&bulk), "{bulk}");
        assert!(budget.take(0, "200", true).is_err());
        assert_eq!(budget.take(0, "201", false), Ok(()));
    }

    #[test]
    fn pauses_are_obeyed_and_named() {
        let mut budget = telegram();
        budget.pause_chat("7", 5 * SECOND);
        assert_eq!(budget.take(0, "7", false), Err(5 * SECOND));
        assert_eq!(budget.take(0, "8", false), Ok(()));
        budget.pause_bot(9 * SECOND);
        assert_eq!(budget.take(SECOND, "8", false), Err(8 * SECOND));
        assert_eq!(budget.take(9 * SECOND, "7", false), Ok(()));
    }
}
