//! Time comes in as an argument.

use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicI64, Ordering};

/// A moment, in microseconds since 1970-01-01 UTC. In tables it is the integer, in JSON RFC 3339 in UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Instant(pub i64);

impl Instant {
    /// Milliseconds since 1970.
    pub const fn millis(self) -> i64 {
        self.0.div_euclid(1_000)
    }
    /// Whole seconds since 1970.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }
    /// From whole seconds since 1970.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }
    /// Later by so many milliseconds.
    #[must_use]
    pub const fn plus_millis(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms.saturating_mul(1_000)))
    }
    /// Later by so many seconds.
    #[must_use]
    pub const fn plus_seconds(self, s: i64) -> Self {
        Self(self.0.saturating_add(s.saturating_mul(1_000_000)))
    }
    /// Earlier by so many seconds.
    #[must_use]
    pub const fn minus_seconds(self, s: i64) -> Self {
        self.plus_seconds(-s)
    }
    /// Milliseconds from `earlier` to this; negative when it is later.
    pub const fn millis_since(self, earlier: Self) -> i64 {
        (self.0 - earlier.0).div_euclid(1_000)
    }
    /// For calendar arithmetic. Moments outside jiff's range are clamped to it.
    pub fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }
    /// In a zone, for people.
    pub fn in_zone(self, zone: &jiff::tz::TimeZone) -> jiff::Zoned {
        self.to_jiff().to_zoned(zone.clone())
    }
}

impl From<jiff::Timestamp> for Instant {
    fn from(at: jiff::Timestamp) -> Self {
        Self(at.as_microsecond())
    }
}

impl std::fmt::Display for Instant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.to_jiff())
    }
}

impl std::fmt::Debug for Instant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl Serialize for Instant {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        jiff::Timestamp::deserialize(from).map(Self::from)
    }
}

/// Where the program learns the time.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// Now.
    fn now(&self) -> Instant;
}

/// The clock on the wall. The one place that reads it.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods)]
    fn now(&self) -> Instant {
        jiff::Timestamp::now().into()
    }
}

/// A clock that stands until it is moved: tests and rehearsals.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// Standing at `at`.
    pub fn new(at: Instant) -> Self {
        Self(AtomicI64::new(at.0))
    }
    /// Standing at a moment written by RFC 3339.
    ///
    /// # Panics
    /// When the text is not such a moment.
    pub fn at_rfc3339(text: &str) -> Self {
        let at: jiff::Timestamp =
            text.parse().unwrap_or_else(|_| panic!("«{text}» is not an RFC 3339 moment"));
        Self::new(at.into())
    }
    /// Jump to `at`.
    pub fn set(&self, at: Instant) {
        self.0.store(at.0, Ordering::SeqCst);
    }
    /// Go on by so many seconds.
    pub fn advance_seconds(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Instant {
        Instant(self.0.load(Ordering::SeqCst))
    }
}
