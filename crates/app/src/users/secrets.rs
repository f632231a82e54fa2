//! Passwords: hashed by Argon2id beside the threads that serve, two at a time, so that sign-ins cannot take the machine.

use crate::app::App;
use crate::problem::{Fail, Kind, Problem};
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use std::sync::LazyLock;
use tokio::sync::Semaphore;

/// Each takes 19 MiB while it lasts.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

/// What the passwords of nobody are compared with: an unknown address costs as much time as a known one.
static NOBODY: LazyLock<String> = LazyLock::new(|| hashed("", &[7; 16]).unwrap_or_default());

/// The hash of a password under a fresh salt.
pub(super) async fn hash(app: &App, password: &str) -> Result<String, Fail> {
    let (password, salt) = (password.to_owned(), app.chance.bytes::<16>());
    aside(move || hashed(&password, &salt)).await?.ok_or_else(|| busy().into())
}

/// Whether it is the password of that hash; never without one.
pub(super) async fn fits(password: &str, hash: Option<String>) -> Result<bool, Fail> {
    let password = password.to_owned();
    aside(move || {
        let known = hash.is_some();
        let hash = hash.as_deref().unwrap_or(&NOBODY);
        let same = PasswordHash::new(hash)
            .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
        same && known
    })
    .await
}

fn hashed(password: &str, salt: &[u8]) -> Option<String> {
    let hash: PasswordHash = Argon2::default().hash_password_with_salt(password.as_bytes(), salt).ok()?;
    Some(hash.to_string())
}

async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fail> {
    let _place = AT_ONCE.acquire().await.map_err(|_| busy())?;
    tokio::task::spawn_blocking(work).await.map_err(|_| busy().into())
}

fn busy() -> Problem {
    Problem::new(
        Kind::Busy,
        "busy",
        "Сервис перегружен, повторите запрос через секунду",
        "The service is overloaded, try again in a second",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_only() {
        let hash = hashed("чайник на плите", &[1; 16]).unwrap();
        assert!(hash.starts_with("$argon2id$") && !hash.contains("чайник"));
        assert!(fits("чайник на плите", Some(hash.clone())).await.unwrap());
        assert!(!fits("чайник на плитe", Some(hash)).await.unwrap());
        assert!(!fits("", None).await.unwrap(), "nobody has no password, not even an empty one");
    }
}
