//! How often somebody may do something: so many at once after a silence, then one in so many milliseconds.

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::{HeaderMap, StatusCode, request::Parts};
use samovar_base::Instant;
use std::collections::HashMap;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, PoisonError};

use crate::error::{Error, bare};

/// Those who are remembered at a time; the idle are forgotten first.
const REMEMBERED_MAX: usize = 20_000;

/// A limit, kept for each key on its own.
#[derive(Debug)]
pub struct Limiter {
    burst: i64,
    every_micros: i64,
    /// When the last taken place would have come round at the steady pace.
    taken_until: Mutex<HashMap<String, i64>>,
}

impl Limiter {
    /// `burst` at once, then one every `every_ms`.
    pub fn new(burst: u32, every_ms: u32) -> Self {
        Self {
            burst: i64::from(burst),
            every_micros: i64::from(every_ms) * 1000,
            taken_until: Mutex::default(),
        }
    }

    /// Takes a place for `key`, or tells by 429 when there will be one.
    pub fn take(&self, key: &str, now: Instant) -> Result<(), Error> {
        let mut all = self.taken_until.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= REMEMBERED_MAX && !all.contains_key(key) {
            all.retain(|_, until| *until > now.0);
            if all.len() >= REMEMBERED_MAX {
                return Err(too_many(1));
            }
        }
        let until = all.get(key).copied().unwrap_or_default().max(now.0) + self.every_micros;
        let wait = until - now.0 - self.burst * self.every_micros;
        if wait > 0 {
            return Err(too_many((wait + 999_999) / 1_000_000));
        }
        all.insert(key.to_owned(), until);
        Ok(())
    }
}

/// Where a request comes from, as far as limits care: an IPv4 address, or the /64 of an IPv6 address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(pub String);

/// Whether a proxy of ours stands before the program; laid into each request as an extension.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BehindProxy(pub bool);

impl<S: Send + Sync> FromRequestParts<S> for Origin {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
        let behind = parts.extensions.get::<BehindProxy>().is_some_and(|behind| behind.0);
        let told = if behind { forwarded(&parts.headers) } else { None };
        Ok(Self(told.or(peer).map_or_else(|| "unknown".to_owned(), group)))
    }
}

/// The last address is the one our own proxy saw; those before it are the visitor's word.
fn forwarded(headers: &HeaderMap) -> Option<IpAddr> {
    headers
        .get_all("x-forwarded-for")
        .iter()
        .next_back()?
        .to_str()
        .ok()?
        .rsplit(',')
        .next()?
        .trim()
        .parse()
        .ok()
}

fn group(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

fn too_many(seconds: i64) -> Error {
    let seconds = u32::try_from(seconds).unwrap_or(u32::MAX);
    Error::with_status(StatusCode::TOO_MANY_REQUESTS, bare(StatusCode::TOO_MANY_REQUESTS))
        .retry_after(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_then_the_steady_pace() {
        let limiter = Limiter::new(3, 2_000);
        let now = Instant::from_seconds(1_000);
        let taken = |key: &str, at: Instant| (0..10).filter(|_| limiter.take(key, at).is_ok()).count();
        assert_eq!(taken("a", now), 3);
        assert_eq!(taken("b", now), 3);
        assert_eq!(taken("a", now.plus_millis(1_999)), 0);
        assert_eq!(taken("a", now.plus_seconds(2)), 1);
        assert_eq!(taken("a", now.plus_seconds(3_600)), 3);
    }

    #[test]
    fn memory_is_bounded_and_the_idle_make_room() {
        let limiter = Limiter::new(1, 1_000);
        let now = Instant::from_seconds(1_000);
        for one in 0..REMEMBERED_MAX {
            limiter.take(&one.to_string(), now).unwrap();
        }
        assert!(limiter.take("new", now).is_err());
        assert!(limiter.take("new", now.plus_seconds(2)).is_ok());
        assert_eq!(limiter.taken_until.lock().unwrap().len(), 1);
    }

    #[test]
    fn addresses_of_one_household_are_one_origin() {
        let of = |text: &str| group(text.parse().unwrap());
        assert_eq!(of("203.0.113.7"), "203.0.113.7");
        assert_eq!(of("::ffff:203.0.113.7"), "203.0.113.7");
        assert_eq!(of("2001:db8:1:2:aaaa::1"), of("2001:db8:1:2:bbbb::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
    }

    #[test]
    fn only_the_last_forwarded_address_is_believed() {
        let headers =
            |text: &str| HeaderMap::from_iter([("x-forwarded-for".parse().unwrap(), text.parse().unwrap())]);
        assert_eq!(forwarded(&headers("1.1.1.1, 203.0.113.7")), "203.0.113.7".parse().ok());
        assert_eq!(forwarded(&headers("nonsense")), None);
        assert_eq!(forwarded(&HeaderMap::new()), None);
    }
}
