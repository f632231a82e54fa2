//! One-time codes of an authenticator, by RFC 6238: SHA-1, half a minute, six digits, which every such app speaks.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use subtle::ConstantTimeEq;

/// How long a code lives, in seconds.
pub const STEP_SECONDS: i64 = 30;
/// Bytes of a shared secret.
pub const SECRET_BYTES: usize = 20;

const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The half minute to which a moment belongs.
pub fn step_at(seconds: i64) -> i64 {
    seconds.div_euclid(STEP_SECONDS)
}

/// The code of a half minute.
pub fn code(secret: &[u8], step: i64) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).expect("HMAC takes any key");
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let at = usize::from(digest[19] & 15);
    let word = u32::from_be_bytes([digest[at] & 0x7f, digest[at + 1], digest[at + 2], digest[at + 3]]);
    format!("{:06}", word % 1_000_000)
}

/// The half minute whose code was given: this one, or a neighbour for clocks that differ a little.
pub fn step_of(secret: &[u8], given: &str, seconds: i64) -> Option<i64> {
    let now = step_at(seconds);
    (now - 1..=now + 1).find(|step| bool::from(code(secret, *step).as_bytes().ct_eq(given.as_bytes())))
}

/// A secret as people type it into an app: base 32 by RFC 4648, without padding.
pub fn base32(secret: &[u8]) -> String {
    let digit = |at: usize| {
        let bit = |n: usize| secret.get(n / 8).is_some_and(|byte| byte >> (7 - n % 8) & 1 == 1);
        (0..5).fold(0, |value, offset| value << 1 | usize::from(bit(at * 5 + offset)))
    };
    (0..(secret.len() * 8).div_ceil(5)).map(|at| LETTERS[digit(at)] as char).collect()
}

/// What the QR code for an app says.
pub fn address(secret: &[u8], issuer: &str, who: &str) -> String {
    let (issuer, who) = (escaped(issuer), escaped(who));
    format!("otpauth://totp/{issuer}:{who}?secret={}&issuer={issuer}", base32(secret))
}

fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut all, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~@".contains(&byte) {
            all.push(char::from(byte));
        } else {
            all.push_str(&format!("%{byte:02X}"));
        }
        all
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors of RFC 6238, by their last six digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = b"12345678901234567890";
        for (seconds, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code(secret, step_at(seconds)), expected, "{seconds}");
        }
    }

    #[test]
    fn a_code_of_the_neighbouring_half_minute_counts_and_no_other() {
        let secret = b"12345678901234567890";
        let given = code(secret, 100);
        for (seconds, found) in
            [(2_940, None), (2_970, Some(100)), (3_000, Some(100)), (3_059, Some(100)), (3_060, None)]
        {
            assert_eq!(step_of(secret, &given, seconds), found, "{seconds}");
        }
        assert_eq!(step_of(secret, "", 3_000), None);
    }

    #[test]
    fn a_secret_is_written_as_apps_read_it() {
        assert_eq!(base32(b"foobar"), "MZXW6YTBOI");
        assert_eq!(base32(b"f"), "MY");
        assert_eq!(
            address(b"foobar", "Самовар", "a b@c.ru"),
            "otpauth://totp/%D0%A1%D0%B0%D0%BC%D0%BE%D0%B2%D0%B0%D1%80:a%20b@c.ru?secret=MZXW6YTBOI&issuer=%D0%A1%D0%B0%D0%BC%D0%BE%D0%B2%D0%B0%D1%80"
        );
    }
}
