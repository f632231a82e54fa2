//! The second step: a one-time code of an authenticator, or one of the recovery codes.

use super::links::{self, SECOND_STEP, load, owner, save};
use super::model::{Device, Entered, SignedIn, User};
use super::{own, sessions, store};
use crate::access::token_hash;
use crate::app::App;
use crate::problem::{Fail, Kind, Problem};
use samovar_base::{UserId, totp};
use samovar_store::params;

/// So long somebody may look for their authenticator.
const TICKET_MINUTES: i64 = 10;
/// After so many wrong codes a ticket is void.
const TRIES_MAX: i64 = 5;
/// Recovery codes handed out at once.
const RECOVERY_CODES: usize = 10;
/// Letters of each.
const RECOVERY_LETTERS: usize = 10;
const ISSUER: &str = "Samovar";

/// A second step that is being set up.
#[derive(Clone)]
pub struct Enrolment {
    /// The shared secret as people type it into an app.
    pub secret: String,
    /// What the QR code for the app says.
    pub address: String,
}

impl std::fmt::Debug for Enrolment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Enrolment")
    }
}

/// Passes the second step with a code of the authenticator or a recovery code.
pub async fn pass(app: &App, ticket: &str, code: &str, device: Device) -> Result<Entered, Fail> {
    let (hash, now, token) = (token_hash(ticket), app.clock.now(), sessions::token(app));
    let given = plain(code);
    let services = app.clone();
    // Keyed by nobody: whose ticket it is, is not known before.
    let passed = app
        .store
        .run_instance(0, move |tx| {
            let (app, hash, given) = (services.clone(), hash.clone(), given.clone());
            let (device, token) = (device.clone(), token.clone());
            async move {
                let found = owner(&tx, &hash, SECOND_STEP, now).await?;
                let (id, _) = found.filter(|(_, tries)| *tries < TRIES_MAX).ok_or_else(void)?;
                let user = load(&tx, id).await?;
                let Some(after) = spent(&app, &user, &given) else {
                    tx.exec(&store::LINK_TRIED, params![hash]).await?;
                    return Ok(None);
                };
                tx.exec(&store::LINK_TAKE, params![hash]).await?;
                save(&tx, &user, &after);
                let opened = sessions::open(&app, &tx, id, None, &device, &token).await?;
                Ok::<_, Fail>(Some(Entered::In(opened)))
            }
        })
        .await?;
    passed.ok_or_else(|| wrong_code().into())
}

/// Begins to set the second step up: it is asked for from [`confirm`] on.
pub async fn begin(app: &App, signed: &SignedIn, password: &str) -> Result<Enrolment, Fail> {
    let user = own::proven(app, signed, password).await?;
    if user.second_step_since.is_some() {
        return Err(on_already().into());
    }
    let secret = app.chance.bytes::<{ totp::SECRET_BYTES }>();
    let sealed = app.vault.seal(&app.chance, &User::totp_row(user.id), &secret);
    let enrolment =
        Enrolment { secret: totp::base32(&secret), address: totp::address(&secret, ISSUER, &user.email) };
    own::change(app, user.id, move |_, user| {
        user.totp_sealed = Some(sealed.clone());
        user.totp_step = 0;
        Ok(())
    })
    .await?;
    Ok(enrolment)
}

/// Confirms by a code that the authenticator knows the secret. The recovery codes are shown only now. Other sessions
/// end.
pub async fn confirm(app: &App, signed: &SignedIn, code: &str) -> Result<Vec<String>, Fail> {
    let (services, now, given) = (app.clone(), app.clock.now(), plain(code));
    let codes: Vec<String> =
        (0..RECOVERY_CODES).map(|_| app.chance.token().chars().take(RECOVERY_LETTERS).collect()).collect();
    let hashes: Vec<String> = codes.iter().map(|code| token_hash(code)).collect();
    own::change(app, signed.user, move |_, user| {
        if user.second_step_since.is_some() {
            return Err(on_already().into());
        }
        user.totp_step = used_step(&services, user, &given).ok_or_else(wrong_code)?;
        user.second_step_since = Some(now);
        user.recovery.clone_from(&hashes);
        Ok(())
    })
    .await?;
    own::end_others(app, signed).await?;
    Ok(codes.iter().map(|code| format!("{}-{}", &code[..5], &code[5..])).collect())
}

/// Switches the second step off. Needs the password.
pub async fn switch_off(app: &App, signed: &SignedIn, password: &str) -> Result<(), Fail> {
    let user = own::proven(app, signed, password).await?;
    own::change(app, user.id, |_, user| {
        (user.totp_sealed, user.second_step_since) = (None, None);
        user.recovery.clear();
        Ok(())
    })
    .await
    .map(drop)
}

/// What is asked for next.
pub(super) async fn ticket(app: &App, user: UserId) -> Result<String, Fail> {
    links::issue(app, user, SECOND_STEP, TICKET_MINUTES).await
}

/// The person after the code was used up; none when it is wrong.
fn spent(app: &App, user: &User, given: &str) -> Option<User> {
    if let Some(step) = used_step(app, user, given) {
        return Some(User { totp_step: step, ..user.clone() });
    }
    let hash = token_hash(given);
    let left: Vec<String> = user.recovery.iter().filter(|code| **code != hash).cloned().collect();
    (left.len() < user.recovery.len()).then(|| User { recovery: left, ..user.clone() })
}

/// The half minute of a right code that was not used before.
fn used_step(app: &App, user: &User, given: &str) -> Option<i64> {
    let secret = app.vault.open(&User::totp_row(user.id), user.totp_sealed.as_deref()?).ok()?;
    totp::step_of(&secret, given, app.clock.now().millis() / 1_000).filter(|step| *step > user.totp_step)
}

/// As people type it: in groups, in capitals.
fn plain(code: &str) -> String {
    code.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase()
}

fn wrong_code() -> Problem {
    Problem::invalid(
        "code",
        "wrong_code",
        "Код не подходит. Возьмите новый из приложения или введите запасной",
        "The code is wrong. Take a new one from the app or use a recovery code",
    )
}

fn void() -> Problem {
    Problem::new(
        Kind::Refused,
        "link_void",
        "Время для кода вышло: войдите заново",
        "The time for the code is over: sign in again",
    )
}

fn on_already() -> Problem {
    Problem::new(Kind::Conflict, "second_step_on", "Второй шаг уже включён", "The second step is on already")
}
