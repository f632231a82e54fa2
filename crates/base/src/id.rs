//! Typed, time-ordered ids, made by the program and never by a database.
//!
//! An id is a positive `i64`: 41 bits of milliseconds since 2025-01-01, 10 bits of the node that made it, 12 bits of
//! sequence. In tables it is the integer; for people and in JSON it is a prefix and 13 characters of Crockford's
//! base 32, so that ids sort by age in both forms and cannot be taken for one another.

use crate::clock::Clock;
use std::sync::atomic::{AtomicU64, Ordering};

const EPOCH_MS: i64 = 1_735_689_600_000;
const NODE_BITS: u32 = 10;
const SEQUENCE_BITS: u32 = 12;
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Text that is not an id of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("«{text}» is not an id of the form {prefix}_…")]
pub struct NotAnId {
    /// What was given.
    pub text: String,
    /// The prefix that was expected.
    pub prefix: &'static str,
}

/// Makes ids of one node; never the same twice, and each larger than the one before.
#[derive(Debug)]
pub struct IdMaker {
    node: u64,
    last: AtomicU64,
}

impl IdMaker {
    /// `node`: the number this node holds by lease, below 1024; two living nodes never share one.
    pub fn new(node: u16) -> Self {
        Self { node: u64::from(node) & ((1 << NODE_BITS) - 1), last: AtomicU64::new(0) }
    }

    /// The next id. When more than 4096 are made in a millisecond, later milliseconds are borrowed.
    #[allow(clippy::cast_sign_loss, clippy::cast_possible_wrap)]
    pub fn next(&self, clock: &dyn Clock) -> i64 {
        let ms = (clock.now().millis() - EPOCH_MS).max(0) as u64;
        let floor = ms << SEQUENCE_BITS;
        let step = |last: u64| Some(floor.max(last + 1));
        let last = self.last.fetch_update(Ordering::Relaxed, Ordering::Relaxed, step).unwrap_or(0);
        let tick = floor.max(last + 1);
        let (ms, sequence) = (tick >> SEQUENCE_BITS, tick & ((1 << SEQUENCE_BITS) - 1));
        ((ms << (NODE_BITS + SEQUENCE_BITS)) | (self.node << SEQUENCE_BITS) | sequence) as i64
    }
}

/// 13 characters of Crockford's base 32, most significant first.
#[allow(clippy::cast_sign_loss)]
pub fn encode(value: i64) -> String {
    let value = value as u64;
    (0..13).rev().map(|at| ALPHABET[((value >> (at * 5)) & 31) as usize] as char).collect()
}

/// The reverse of [`encode`]; `None` for anything else.
#[allow(clippy::cast_possible_wrap)]
pub fn decode(text: &str) -> Option<i64> {
    if text.len() != 13 {
        return None;
    }
    let mut value: u64 = 0;
    for byte in text.bytes() {
        let digit = ALPHABET.iter().position(|known| *known == byte)? as u64;
        value = value.checked_mul(32)?.checked_add(digit)?;
    }
    i64::try_from(value).ok()
}

/// Declares an id type with its prefix.
#[macro_export]
macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub i64);

        impl $name {
            /// The prefix of its printed form.
            pub const PREFIX: &'static str = $prefix;

            /// A fresh id.
            pub fn new(ids: &$crate::IdMaker, clock: &dyn $crate::Clock) -> Self {
                Self(ids.next(clock))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!($prefix, "_{}"), $crate::id::encode(self.0))
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self, f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::id::NotAnId;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.strip_prefix(concat!($prefix, "_"))
                    .and_then($crate::id::decode)
                    .map(Self)
                    .ok_or_else(|| $crate::id::NotAnId { text: text.to_owned(), prefix: $prefix })
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(from)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

id!(/// A company on this instance.
    TenantId, "ten");
id!(/// A person who works for a tenant.
    StaffId, "stf");
id!(/// A role that a tenant made for itself.
    RoleId, "rol");
id!(/// A person who signs in to the console.
    UserId, "usr");
id!(/// A browser in which somebody is signed in.
    SessionId, "ses");
id!(/// An invitation to work for a company.
    InvitationId, "inv");
id!(/// Something odd that somebody of the staff did.
    AlertId, "alr");
id!(/// A key to the REST API.
    ApiKeyId, "key");
id!(/// A tenant's connected bot or widget.
    ChannelId, "chn");
id!(/// A person who writes to a bot.
    ContactId, "con");
id!(/// A scenario, whatever its version.
    ScenarioId, "scn");
id!(/// A row of the queue of what came in.
    InboundId, "inb");
id!(/// A row of the queue of what goes out.
    OutboundId, "out");
id!(/// A ledger account.
    AccountId, "acc");
id!(/// One movement between two ledger accounts.
    PostingId, "pst");
id!(/// Points that were earned together and expire together.
    LotId, "lot");
id!(/// Points set aside until captured or released.
    HoldId, "hld");
id!(/// A moment at which something becomes due.
    TimerId, "tmr");
id!(/// A piece of durable work.
    JobId, "job");
id!(/// One consent given by one contact.
    ConsentId, "cns");
id!(/// A line of the audit log.
    AuditId, "aud");
id!(/// A stored file.
    FileId, "fil");
id!(/// A note of the team in a conversation, or something done with it.
    LineId, "lin");
id!(/// An answer that is ready to be said.
    ReplyId, "rpl");
id!(/// A receipt promotion.
    PromotionId, "prm");
id!(/// A fiscal receipt that somebody sent to a promotion.
    ReceiptId, "rcp");
id!(/// A pool of a partner's codes.
    PoolId, "pol");
id!(/// A service that checks receipts.
    ProviderId, "prv");
id!(/// A draw of prizes: one stage of a promotion.
    DrawId, "drw");
id!(/// A prize of a draw.
    PrizeId, "prz");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ManualClock;

    #[test]
    fn ids_grow_even_when_the_clock_stands_or_goes_back() {
        let clock = ManualClock::at_rfc3339("2026-11-21T10:00:00Z");
        let ids = IdMaker::new(7);
        let first = ids.next(&clock);
        let many: Vec<i64> = (0..10_000).map(|_| ids.next(&clock)).collect();
        clock.set(clock.now().minus_seconds(60));
        let after = ids.next(&clock);
        assert!(first < many[0] && many.windows(2).all(|pair| pair[0] < pair[1]) && after > many[9_999]);
    }

    #[test]
    fn nodes_never_make_the_same_id() {
        let clock = ManualClock::at_rfc3339("2026-11-21T10:00:00Z");
        let (one, two) = (IdMaker::new(1), IdMaker::new(2));
        let mut all: Vec<i64> = (0..5_000).flat_map(|_| [one.next(&clock), two.next(&clock)]).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 10_000);
    }

    #[test]
    fn printed_ids_are_read_back_and_other_kinds_refused() {
        let id = ContactId(123_456_789_012_345);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!(id.to_string().parse::<TenantId>().is_err());
        assert!("con_".parse::<ContactId>().is_err() && "con_zzzzzzzzzzzzz".parse::<ContactId>().is_err());
    }
}
