//! Chance comes in as an argument.

use rand::{Rng, RngExt, SeedableRng, rngs::StdRng};
use std::sync::{Mutex, PoisonError};

/// A source of random numbers: from the system for life, from a seed for tests.
pub struct Chance(Mutex<StdRng>);

impl Chance {
    /// Unpredictable; fit for tokens and keys.
    ///
    /// # Panics
    /// When the system has no source of randomness.
    pub fn from_system() -> Self {
        Self(Mutex::new(
            StdRng::try_from_rng(&mut rand::rngs::SysRng).expect("the system has a source of randomness"),
        ))
    }
    /// The same numbers for the same seed.
    pub fn from_seed(seed: u64) -> Self {
        Self(Mutex::new(StdRng::seed_from_u64(seed)))
    }
    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut out = [0; N];
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut out);
        out
    }
    /// A number from zero to `end`, `end` itself excluded; zero when `end` is zero.
    pub fn below(&self, end: u64) -> u64 {
        if end == 0 {
            return 0;
        }
        self.0.lock().unwrap_or_else(PoisonError::into_inner).random_range(0..end)
    }
    /// A secret of 160 bits, in 32 letters and digits that survive links and headers.
    pub fn token(&self) -> String {
        const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
        self.bytes::<32>().iter().map(|byte| LETTERS[usize::from(byte & 31)] as char).collect()
    }
}

impl std::fmt::Debug for Chance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Chance")
    }
}
