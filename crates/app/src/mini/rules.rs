//! Pure decisions of the Mini App: its tokens, and what ends when.

use super::model::Ending;
use crate::ledger::Lot;
use crate::loyalty;
use crate::problem::Problem;
use jiff::tz::TimeZone;
use samovar_base::{ChannelId, Instant, Points, Vault, hex};
use std::collections::BTreeMap;

/// For how long somebody is let in.
pub const SESSION_SECONDS: i64 = 12 * 3_600;
/// Clocks of two nodes may differ by so much.
const SKEW_SECONDS_MAX: i64 = 300;
const PURPOSE: &str = "mini-session";
const ONCE_MAX: usize = 64;

/// `<person>.<seconds>.<signature>`.
pub(super) fn token(vault: &Vault, channel: ChannelId, person: &str, now: Instant) -> String {
    let signed = format!("{person}.{}", now.seconds());
    let signature = vault.sign(PURPOSE, bound(channel, &signed).as_bytes());
    format!("{signed}.{}", hex::encode(&signature))
}

/// The person of a token that is ours, of this channel and not too old.
pub(super) fn read_token(vault: &Vault, channel: ChannelId, token: &str, now: Instant) -> Option<String> {
    let (signed, signature) = token.rsplit_once('.')?;
    if !vault.verify(PURPOSE, bound(channel, signed).as_bytes(), &hex::decode(signature)?) {
        return None;
    }
    let (person, seconds) = signed.rsplit_once('.')?;
    let age = now.seconds().checked_sub(seconds.parse().ok()?)?;
    (-SKEW_SECONDS_MAX..SESSION_SECONDS).contains(&age).then(|| person.to_owned())
}

fn bound(channel: ChannelId, signed: &str) -> String {
    format!("{channel}/{signed}")
}

/// Free points by their last day, the soonest first, at most `most` days. Points without an end are not among them.
pub(super) fn endings(lots: &[Lot], now: Instant, zone: &TimeZone, most: usize) -> Vec<Ending> {
    let mut days: BTreeMap<jiff::civil::Date, i64> = BTreeMap::new();
    for lot in lots.iter().filter(|lot| !lot.is_over(now) && lot.free().is_positive()) {
        if let Some(end) = lot.expires_at {
            *days.entry(loyalty::last_day(end, zone)).or_default() += lot.free().0;
        }
    }
    let endings =
        days.into_iter().map(|(day, points)| Ending { points: Points(points), on: day.to_string() });
    endings.take(most).collect()
}

/// The key under which an order counts once.
pub(super) fn once(key: &str) -> Result<(), Problem> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if (1..=ONCE_MAX).contains(&key.len()) && key.bytes().all(plain) {
        return Ok(());
    }
    let (ru, en) =
        ("once — от 1 до 64 латинских букв, цифр и дефисов", "once is 1 to 64 letters, digits and dashes");
    Err(Problem::invalid("once", "bad_once", ru, en))
}
