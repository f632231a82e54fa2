//! Links that are good once: to sign in without a password, and to choose a new one.

use super::letters::{self, Letter};
use super::model::{Device, Entered, User};
use super::{entry, rules, secrets, sessions, store};
use crate::access::{WAKE_ACCESS, token_hash};
use crate::app::App;
use crate::problem::{Fail, Kind, Problem};
use crate::staff;
use samovar_base::{Instant, UserId};
use samovar_store::{Tx, params};

/// A link to sign in is good for so long.
pub const SIGN_IN_MINUTES: i64 = 15;
/// A link to choose a new password.
pub const RESET_MINUTES: i64 = 60;

pub(super) const SIGN_IN: &str = "sign_in";
pub(super) const RESET: &str = "reset";
pub(super) const SECOND_STEP: &str = "second_step";
pub(super) const ADDRESS: &str = "address";

/// A token that signs the person of an address in, once. For whoever runs the instance: it asks for no second step, so
/// that who lost their phone can be helped. Whoever was only written down as staff becomes a user.
pub async fn sign_in_link(app: &App, email: &str) -> Result<String, Fail> {
    let email = staff::address(email)?;
    let Some(user) = known_or_new(app, &email).await? else {
        return Err(Problem::not_found("человек с почтой", "a person with the e-mail", &email).into());
    };
    adopt(app, &user).await?;
    issue(app, user.id, SIGN_IN, SIGN_IN_MINUTES).await
}

/// Signs in by a link.
pub async fn by_link(app: &App, token: &str, device: Device) -> Result<Entered, Fail> {
    let user = take(app, token, SIGN_IN).await?;
    let (services, token) = (app.clone(), sessions::token(app));
    app.store
        .run_instance(sessions::unit_key(user), move |tx| {
            let (app, device, token) = (services.clone(), device.clone(), token.clone());
            async move { Ok(Entered::In(sessions::open(&app, &tx, user, None, &device, &token).await?)) }
        })
        .await
}

/// Somebody forgot their password: the letter to be sent, if there is anybody of that address. `address_of` makes a
/// link out of the token.
pub async fn forgotten(
    app: &App,
    email: &str,
    address_of: impl Fn(&str) -> String,
) -> Result<Option<Letter>, Fail> {
    let Ok(email) = staff::address(email) else { return Ok(None) };
    let Some(user) = known_or_new(app, &email).await? else { return Ok(None) };
    let token = issue(app, user.id, RESET, RESET_MINUTES).await?;
    Ok(Some(letters::reset(&user, &address_of(&token))))
}

/// Chooses a new password by the link of a letter. It ends all sessions, and as the letter proves the address, the
/// companies that wrote it down are opened.
pub async fn reset(app: &App, token: &str, password: &str, device: Device) -> Result<Entered, Fail> {
    let user = look(app, token, RESET).await?;
    rules::password(password, &user.email, &user.name)?;
    let hash = secrets::hash(app, password).await?;
    let id = take(app, token, RESET).await?;
    app.store
        .run_instance(sessions::unit_key(id), move |tx| {
            let hash = hash.clone();
            async move {
                let user = load(&tx, id).await?;
                tx.exec(&store::SESSIONS_END_OTHERS, params![id, 0]).await?;
                save(&tx, &user, &User { password_hash: Some(hash), ..user.clone() });
                Ok::<_, Fail>(())
            }
        })
        .await?;
    adopt(app, &user).await?;
    entry::enter(app, &user, device).await
}

/// A fresh link of one purpose; earlier ones of it are void.
pub(super) async fn issue(
    app: &App,
    user: UserId,
    purpose: &'static str,
    minutes: i64,
) -> Result<String, Fail> {
    let (token, now) = (app.chance.token(), app.clock.now());
    let hash = token_hash(&token);
    app.store
        .run_instance(sessions::unit_key(user), move |tx| {
            let hash = hash.clone();
            async move {
                tx.exec(&store::LINKS_END, params![user, purpose, now]).await?;
                let until = now.plus_seconds(minutes * 60);
                tx.put(&store::LINK_NEW, params![hash, user, purpose, 0, until, None::<String>]);
                Ok(())
            }
        })
        .await
        .map(|()| token)
}

/// Inside a unit of the instance: whose link it is, if it is good.
pub(super) async fn owner(
    tx: &Tx,
    hash: &str,
    purpose: &str,
    now: Instant,
) -> Result<Option<(UserId, i64)>, Fail> {
    let Some(row) = tx.one(&store::LINK, params![hash]).await? else { return Ok(None) };
    let good = row.text(1)? == purpose && now < row.instant(3)?;
    Ok(if good { Some((row.id(0)?, row.int(2)?)) } else { None })
}

/// Inside a unit of the instance: the person.
pub(super) async fn load(tx: &Tx, id: UserId) -> Result<User, Fail> {
    let row = tx.one(&store::USER_BY_ID, params![id]).await?;
    let row = row.ok_or_else(|| Problem::not_found("пользователь", "user", id))?;
    Ok(User::from_row(&row)?)
}

/// Inside a unit of the instance: what became of the person.
pub(super) fn save(tx: &Tx, before: &User, after: &User) {
    let recovery = serde_json::to_string(&after.recovery).unwrap_or_default();
    let row = params![
        before.id,
        before.revision,
        before.revision + 1,
        after.name,
        after.locale,
        after.password_hash,
        after.totp_sealed,
        after.second_step_since,
        after.totp_step,
        recovery
    ];
    tx.put(&store::USER_SAVE, row);
    tx.wake(WAKE_ACCESS, &before.id.to_string());
}

async fn look(app: &App, token: &str, purpose: &'static str) -> Result<User, Fail> {
    let (hash, now) = (token_hash(token), app.clock.now());
    app.store
        .read_instance(move |tx| {
            let hash = hash.clone();
            async move {
                let (user, _) = owner(&tx, &hash, purpose, now).await?.ok_or_else(void)?;
                load(&tx, user).await
            }
        })
        .await
}

async fn take(app: &App, token: &str, purpose: &'static str) -> Result<UserId, Fail> {
    let (hash, now) = (token_hash(token), app.clock.now());
    app.store
        .run_instance(0, move |tx| {
            let hash = hash.clone();
            async move {
                let (user, _) = owner(&tx, &hash, purpose, now).await?.ok_or_else(void)?;
                match tx.exec(&store::LINK_TAKE, params![hash]).await? {
                    0 => Err(void().into()),
                    _ => Ok(user),
                }
            }
        })
        .await
}

/// The person of an address; whoever is only staff yet becomes a user without a password.
async fn known_or_new(app: &App, email: &str) -> Result<Option<User>, Fail> {
    if let Some(user) = entry::by_email(app, email).await? {
        return Ok(Some(user));
    }
    let (id, now, owned) = (UserId::new(&app.ids, app.clock.as_ref()), app.clock.now(), email.to_owned());
    let made = app
        .store
        .run_instance(0, move |tx| {
            let email = owned.clone();
            async move {
                let Some(row) = tx.one(&store::STAFF_BY_ADDRESS, params![email]).await? else {
                    return Ok(false);
                };
                let row = params![id, email, row.text(0)?, row.text(1)?, None::<String>, now];
                tx.exec(&store::USER_CREATE, row).await?;
                Ok::<_, Fail>(true)
            }
        })
        .await?;
    if made { entry::by_email(app, email).await } else { Ok(None) }
}

/// The companies that wrote down the address, which is proven to be theirs, are opened.
pub(super) async fn adopt(app: &App, user: &User) -> Result<(), Fail> {
    let (id, email) = (user.id, user.email.clone());
    app.store
        .run_instance(sessions::unit_key(id), move |tx| {
            let email = email.clone();
            async move {
                if tx.exec(&store::STAFF_ADOPT, params![id, email]).await? > 0 {
                    tx.wake(WAKE_ACCESS, &id.to_string());
                }
                Ok(())
            }
        })
        .await
}

pub(super) fn void() -> Problem {
    Problem::new(
        Kind::Refused,
        "link_void",
        "Ссылка уже использована или устарела: запросите новую",
        "The link was used or is too old: ask for a new one",
    )
}
