//! The protocol: a file that holds the announcement, the randomness and who won, and is signed.

use crate::{Announcement, Drawn, List, Malformed, Randomness, Won, draw, hash, hex, moment, seed, unhex};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use serde::{Deserialize, Serialize};

/// The largest protocol that is read.
const BYTES_MAX: usize = 16 << 20;
const SIGNATURE: &str = ",\"signature\":\"";

/// A key by which protocols are signed: Ed25519.
pub struct Key(Ed25519KeyPair);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({})", self.public())
    }
}

impl Key {
    /// From 32 secret bytes.
    pub fn new(secret: &[u8; 32]) -> Self {
        Self(Ed25519KeyPair::from_seed_unchecked(secret).expect("any 32 bytes are a key of Ed25519"))
    }
    /// What everybody may know of it: 64 hexadecimal digits.
    pub fn public(&self) -> String {
        hex(self.0.public_key().as_ref())
    }
}

/// What came of a draw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Protocol {
    /// `samovar-draw-protocol/1`.
    pub format: String,
    /// The text of the announcement.
    pub announcement: String,
    /// Its hash, as it was published before.
    pub announced: String,
    /// The randomness.
    pub randomness: Randomness,
    /// When it was taken into the draw: `2026-11-21T09:00:00Z`.
    pub drawn: String,
    /// The seed, 64 hexadecimal digits.
    pub seed: String,
    /// Who won, in the order in which they were drawn.
    pub winners: Vec<Won>,
    /// Whose turn comes when a prize is refused, in order.
    pub reserve: Vec<Won>,
    /// The key by which this is signed, 64 hexadecimal digits.
    pub key: String,
}

/// A protocol as a file.
///
/// One JSON object without blanks between its parts, its members in the order of [`Protocol`], the last one `signature`
/// with 128 hexadecimal digits, and a line feed. Signed are all bytes before `,"signature":`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// What was signed.
    pub protocol: Protocol,
    /// Whether the signature is that of the key in the protocol.
    pub genuine: bool,
}

impl Protocol {
    /// The value that names the format.
    pub const FORMAT: &str = "samovar-draw-protocol/1";

    /// Holds a draw: counts who wins and writes it down. `None` when the randomness is not what was announced.
    pub fn hold(
        told: &Announcement,
        list: &List,
        randomness: Randomness,
        now: i64,
        key: &Key,
    ) -> Option<Self> {
        let value = randomness.value(&told.source).ok()?;
        let announcement = told.text();
        let announced = hash(announcement.as_bytes());
        let seed = seed(&announced, &value);
        let Drawn { winners, reserve } = draw(told, list, &seed);
        Some(Self {
            format: Self::FORMAT.into(),
            announcement,
            announced,
            randomness,
            drawn: moment(now),
            seed: hex(&seed),
            winners,
            reserve,
            key: key.public(),
        })
    }

    /// The file.
    pub fn sign(&self, key: &Key) -> String {
        let json = serde_json::to_string(self).expect("texts and numbers can be written");
        let body = json.strip_suffix('}').unwrap_or(&json);
        let signature = hex(key.0.sign(body.as_bytes()).as_ref());
        format!("{body}{SIGNATURE}{signature}\"}}\n")
    }

    /// Reads a file that [`Protocol::sign`] wrote. Whether the signature holds is told apart: see [`Signed::genuine`].
    pub fn read(file: &str) -> Result<Signed, Malformed> {
        let wrong = |what| Malformed { line: 1, what };
        if file.len() > BYTES_MAX {
            return Err(wrong("the protocol is larger than 16 MB"));
        }
        let (body, rest) = file.rsplit_once(SIGNATURE).ok_or_else(|| wrong("there is no signature"))?;
        let signature = rest.strip_suffix("\"}\n").filter(|digits| digits.len() == 128).and_then(unhex);
        let signature =
            signature.ok_or_else(|| wrong("the file must end with its signature and a line feed"))?;
        let json = format!("{body}}}");
        let protocol: Self =
            serde_json::from_str(&json).map_err(|_| wrong("this is no protocol of a draw"))?;
        if protocol.format != Self::FORMAT {
            return Err(wrong("this is a protocol of another version"));
        }
        let genuine = unhex(&protocol.key).is_some_and(|key| {
            UnparsedPublicKey::new(&ED25519, key).verify(body.as_bytes(), &signature).is_ok()
        });
        Ok(Signed { protocol, genuine })
    }
}
