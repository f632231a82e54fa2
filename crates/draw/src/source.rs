//! Where the randomness comes from: told before, and as it came to be.

use crate::list::whole;
use crate::{hash, hex, moment, seconds, unhex};
use drand_verify::{G2PubkeyRfc, Pubkey};
use serde::{Deserialize, Serialize};

/// Characters of a figure and of what it is.
const WORDS_MAX: usize = 200;
/// Shortest secret of an organiser: what is short is guessed from its commitment.
const SECRET_MIN: usize = 32;

/// A public beacon of the League of Entropy: every three seconds it says a number that nobody could know before, signed
/// by the majority of independent organisations.
#[derive(Debug, Clone, Copy)]
pub struct Quicknet {
    /// By which it is known in its API.
    pub chain: &'static str,
    /// The key of the League, compressed.
    pub key: &'static str,
    /// When its first number was said: seconds since 1970.
    pub genesis: i64,
    /// Seconds between two.
    pub period: i64,
}

/// The beacon `quicknet`.
pub const QUICKNET: Quicknet = Quicknet {
    chain: "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971",
    key: "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d1064510d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a",
    genesis: 1_692_803_367,
    period: 3,
};

impl Quicknet {
    /// When a number is said: seconds since 1970.
    pub fn moment_of(&self, round: u64) -> Option<i64> {
        let after = i64::try_from(round).ok()?.checked_sub(1).filter(|after| *after >= 0)?;
        self.genesis.checked_add(after.checked_mul(self.period)?)
    }
    /// The first number that is said at that moment or later.
    pub fn round_at(&self, seconds: i64) -> u64 {
        let after = (seconds - self.genesis).max(0);
        (after.div_euclid(self.period) + i64::from(after.rem_euclid(self.period) != 0) + 1).unsigned_abs()
    }
    /// Whether the League signed this as the number of the round. Needs nobody but the key above.
    fn signed(&self, round: u64, signature: &[u8]) -> bool {
        let key = unhex(self.key).and_then(|key| G2PubkeyRfc::from_variable(&key).ok());
        key.is_some_and(|key| key.verify(round, b"", signature).unwrap_or(false))
    }
}

/// Where the randomness will come from, as it is announced before it exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Source {
    /// A number of the beacon [`QUICKNET`].
    Drand {
        /// Which.
        round: u64,
    },
    /// The hash of a block that nobody has found yet.
    Block {
        /// Of which chain: `bitcoin`.
        network: String,
        /// Its height.
        height: u64,
    },
    /// A figure that an exchange or a bank will publish.
    Figure {
        /// Which, so exactly that two people find the same.
        what: String,
        /// When it will be known: seconds since 1970.
        moment: i64,
    },
    /// A secret of the organiser, of which only the hash is told before.
    Reveal {
        /// See [`commitment`].
        commitment: String,
    },
    /// Made up. Only for rehearsals.
    Test,
}

/// The randomness, as it came to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Randomness {
    /// What the beacon said.
    Drand {
        /// Which number.
        round: u64,
        /// 96 small hexadecimal digits.
        signature: String,
    },
    /// The block.
    Block {
        /// Its hash, 64 small hexadecimal digits.
        hash: String,
    },
    /// The figure.
    Figure {
        /// As it was published.
        value: String,
    },
    /// The secret.
    Reveal {
        /// Word for word.
        secret: String,
    },
    /// Made up. Only for rehearsals.
    Test {
        /// Anything.
        value: String,
    },
}

/// What is published of a secret: the SHA-256 of `samovar-draw/1 secret`, a line feed and the secret, as 64 digits.
pub fn commitment(secret: &str) -> String {
    hash(format!("{} secret\n{secret}", crate::FORMAT).as_bytes())
}

impl Source {
    /// Its line of the announcement, without the name.
    pub fn line(&self) -> String {
        match self {
            Self::Drand { round } => format!("drand quicknet {round}"),
            Self::Block { network, height } => format!("block {network} {height}"),
            Self::Figure { what, moment: at } => format!("figure {} {what}", moment(*at)),
            Self::Reveal { commitment } => format!("reveal {commitment}"),
            Self::Test => "test".into(),
        }
    }

    /// The reverse of [`Source::line`].
    pub fn read(line: &str) -> Option<Self> {
        let (kind, rest) = line.split_once(' ').unwrap_or((line, ""));
        let found = match kind {
            "drand" => Self::Drand { round: whole(rest.strip_prefix("quicknet ")?)? },
            "block" => {
                let (network, height) = rest.split_once(' ')?;
                Self::Block { network: network.to_owned(), height: whole(height)? }
            }
            "figure" => {
                let (at, what) = rest.split_once(' ')?;
                Self::Figure { what: what.to_owned(), moment: seconds(at)? }
            }
            "reveal" => Self::Reveal { commitment: rest.to_owned() },
            "test" if line == "test" => Self::Test,
            _ => return None,
        };
        found.is_sound().then_some(found)
    }

    /// Whether it can be announced.
    pub fn is_sound(&self) -> bool {
        match self {
            Self::Drand { round } => *round > 0 && QUICKNET.moment_of(*round).is_some(),
            Self::Block { network, .. } => {
                let word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
                (1..=30).contains(&network.len()) && network.bytes().all(word)
            }
            Self::Figure { what, .. } => is_words(what),
            Self::Reveal { commitment } => is_digits(commitment, 64),
            Self::Test => true,
        }
    }

    /// When the randomness comes to be, where that is known before: seconds since 1970.
    pub fn moment(&self) -> Option<i64> {
        match self {
            Self::Drand { round } => QUICKNET.moment_of(*round),
            Self::Figure { moment, .. } => Some(*moment),
            Self::Block { .. } | Self::Reveal { .. } | Self::Test => None,
        }
    }
}

/// Why a randomness is not that which was announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// Another kind, or another round.
    Other,
    /// Not of the form it must have.
    Form,
    /// The League did not sign this.
    Signature,
    /// The commitment was made for another secret.
    Commitment,
}

impl Randomness {
    /// What goes into the seed, when it is what was announced.
    pub(crate) fn value(&self, source: &Source) -> Result<String, Unfit> {
        match (source, self) {
            (Source::Drand { round: told }, Self::Drand { round, signature }) => {
                if told != round {
                    return Err(Unfit::Other);
                }
                let bytes = unhex(signature).filter(|bytes| bytes.len() == 48).ok_or(Unfit::Form)?;
                if !QUICKNET.signed(*round, &bytes) {
                    return Err(Unfit::Signature);
                }
                Ok(hex(&drand_verify::derive_randomness(&bytes)))
            }
            (Source::Block { .. }, Self::Block { hash }) => {
                if is_digits(hash, 64) {
                    Ok(hash.clone())
                } else {
                    Err(Unfit::Form)
                }
            }
            (Source::Figure { .. }, Self::Figure { value }) | (Source::Test, Self::Test { value }) => {
                if is_words(value) {
                    Ok(value.clone())
                } else {
                    Err(Unfit::Form)
                }
            }
            (Source::Reveal { commitment: told }, Self::Reveal { secret }) => {
                if !is_secret(secret) {
                    return Err(Unfit::Form);
                }
                if commitment(secret) == *told { Ok(secret.clone()) } else { Err(Unfit::Commitment) }
            }
            _ => Err(Unfit::Other),
        }
    }
}

fn is_digits(text: &str, count: usize) -> bool {
    text.len() == count && unhex(text).is_some()
}

/// One line without blanks at its ends.
pub(crate) fn is_words(text: &str) -> bool {
    !text.is_empty()
        && text.chars().count() <= WORDS_MAX
        && text.trim() == text
        && !text.chars().any(char::is_control)
}

fn is_secret(text: &str) -> bool {
    is_words(text) && text.len() >= SECRET_MIN
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the beacon really said.
    const SAID: [(u64, &str, &str); 2] = [
        (
            1_000,
            "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39",
            "fe290beca10872ef2fb164d2aa4442de4566183ec51c56ff3cd603d930e54fdd",
        ),
        (
            657_413,
            "b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be41076862b98fad56e91a6b85b89cd97b",
            "fc1873a13f3545aeade8401532ef5519920652eee6b0d2b19ca12643b87b3587",
        ),
    ];

    #[test]
    fn only_what_the_league_signed_is_taken() {
        for (round, signature, value) in SAID {
            let source = Source::Drand { round };
            let said = |round, signature: &str| Randomness::Drand { round, signature: signature.to_owned() };
            assert_eq!(said(round, signature).value(&source), Ok(value.to_owned()));
            assert_eq!(said(round + 1, signature).value(&source), Err(Unfit::Other));
            let next = Source::Drand { round: round + 1 };
            assert_eq!(said(round + 1, signature).value(&next), Err(Unfit::Signature));
            let changed = signature.replacen("b", "a", 2);
            assert_eq!(said(round, &changed).value(&source), Err(Unfit::Signature));
            assert_eq!(said(round, &signature[2..]).value(&source), Err(Unfit::Form));
        }
    }

    #[test]
    fn a_round_has_its_moment() {
        assert_eq!(QUICKNET.moment_of(1), Some(QUICKNET.genesis));
        assert_eq!(QUICKNET.moment_of(0), None);
        for round in [1, 2, 1_000, 657_413, 40_000_000] {
            let at = QUICKNET.moment_of(round).unwrap();
            assert_eq!(QUICKNET.round_at(at), round);
            assert_eq!(QUICKNET.round_at(at - 1), round.max(1));
            assert_eq!(QUICKNET.round_at(at + 1), round + 1);
        }
    }

    #[test]
    fn sources_are_written_and_read_back() {
        let all = [
            Source::Drand { round: 12 },
            Source::Block { network: "bitcoin".into(), height: 900_000 },
            Source::Figure {
                what: "Мосбиржа, IMOEX, закрытие".into(), moment: 1_795_251_600
            },
            Source::Reveal {
                commitment: commitment("тридцать два знака или больше, не меньше")
            },
            Source::Test,
        ];
        for source in all {
            assert_eq!(Source::read(&source.line()), Some(source));
        }
        for wrong in [
            "",
            "drand 12",
            "drand quicknet 012",
            "drand quicknet 0",
            "block BTC 1",
            "figure now x",
            "reveal ab",
            "test 1",
        ] {
            assert_eq!(Source::read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_secret_fits_its_commitment_alone() {
        let secret = "тридцать два знака или больше, не меньше".to_owned();
        let source = Source::Reveal { commitment: commitment(&secret) };
        assert_eq!(Randomness::Reveal { secret: secret.clone() }.value(&source), Ok(secret.clone()));
        assert_eq!(Randomness::Reveal { secret: secret + "." }.value(&source), Err(Unfit::Commitment));
        assert_eq!(Randomness::Reveal { secret: "мало".into() }.value(&source), Err(Unfit::Form));
    }
}
