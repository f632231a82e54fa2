//! Secrets at rest and signed tokens.

use crate::hex;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretBox, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The key of the instance; seals what must not be readable in a stolen database and signs what leaves and returns.
pub struct Vault(SecretBox<[u8; 32]>);

/// A sealed value did not open: another key, another row, or a changed byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a stored secret cannot be opened with this key")]
pub struct Sealed;

impl Vault {
    /// From 32 bytes of key.
    pub fn new(key: [u8; 32]) -> Self {
        Self(SecretBox::new(Box::new(key)))
    }

    /// From a passphrase-like text of at least 32 characters: its SHA-256 is the key.
    pub fn from_text(text: &SecretString) -> Self {
        Self::new(Sha256::digest(text.expose_secret().as_bytes()).into())
    }

    /// Nonce and cipher text. `row` (table and id) is bound in, so a sealed value cannot be moved to another row.
    pub fn seal(&self, chance: &crate::Chance, row: &str, secret: &[u8]) -> Vec<u8> {
        let nonce = chance.bytes::<24>();
        let sealed = self
            .cipher()
            .encrypt(&XNonce::from(nonce), Payload { msg: secret, aad: row.as_bytes() })
            .unwrap_or_default();
        [&nonce[..], &sealed].concat()
    }

    /// The reverse of [`Vault::seal`], for the same row.
    pub fn open(&self, row: &str, sealed: &[u8]) -> Result<Vec<u8>, Sealed> {
        let (nonce, body) = sealed.split_first_chunk::<24>().ok_or(Sealed)?;
        self.cipher()
            .decrypt(&XNonce::from(*nonce), Payload { msg: body, aad: row.as_bytes() })
            .map_err(|_| Sealed)
    }

    /// A signature of `data` for one `purpose`; 16 bytes.
    pub fn sign(&self, purpose: &str, data: &[u8]) -> [u8; 16] {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.expose_secret()).expect("HMAC takes any key");
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(data);
        let mut out = [0; 16];
        out.copy_from_slice(&mac.finalize().into_bytes()[..16]);
        out
    }

    /// Whether `signature` is ours, in constant time.
    pub fn verify(&self, purpose: &str, data: &[u8], signature: &[u8]) -> bool {
        self.sign(purpose, data).ct_eq(signature).into()
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&Key::from(*self.0.expose_secret()))
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault")
    }
}

/// HMAC-SHA256, by which vendors sign what they hand out.
pub fn mac(key: &[u8], data: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes any key");
    mac.update(data);
    mac.finalize().into_bytes().into()
}

/// SHA-256 in hexadecimal: what is stored of tokens and texts.
pub fn fingerprint(data: &[u8]) -> String {
    hex::encode(&Sha256::digest(data))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Chance;

    #[test]
    fn a_sealed_value_opens_only_in_its_row_and_unchanged() {
        let (vault, chance) = (Vault::new([7; 32]), Chance::from_seed(1));
        let sealed = vault.seal(&chance, "channel/1", b"token");
        assert_eq!(vault.open("channel/1", &sealed), Ok(b"token".to_vec()));
        assert_eq!(vault.open("channel/2", &sealed), Err(Sealed));
        assert_eq!(Vault::new([8; 32]).open("channel/1", &sealed), Err(Sealed));
        let mut changed = sealed.clone();
        changed[30] ^= 1;
        assert_eq!(vault.open("channel/1", &changed), Err(Sealed));
        assert_eq!(vault.open("channel/1", &sealed[..10]), Err(Sealed));
    }

    #[test]
    fn a_signature_serves_one_purpose() {
        let vault = Vault::new([7; 32]);
        let signature = vault.sign("card", b"42");
        assert!(vault.verify("card", b"42", &signature));
        assert!(!vault.verify("chat", b"42", &signature) && !vault.verify("card", b"43", &signature));
        assert!(!vault.verify("card", b"42", &signature[..8]));
    }
}
