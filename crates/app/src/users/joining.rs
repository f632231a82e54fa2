//! Joining a company by the link of an invitation.

use super::links::load;
use super::model::{Device, Entered, SignedIn};
use super::{entry, rules, secrets, sessions, store};
use crate::app::App;
use crate::problem::{Fail, Problem};
use crate::staff;
use samovar_base::{TenantId, UserId};
use samovar_store::params;

/// Joins as somebody new, or as somebody known who gives their password; signed in afterwards.
pub async fn join(
    app: &App,
    payload: &str,
    name: &str,
    email: &str,
    password: &str,
    device: Device,
) -> Result<Entered, Fail> {
    let invited = staff::invited(app, payload).await?;
    let email = staff::address(email)?;
    let user = match entry::by_email(app, &email).await? {
        Some(user) => {
            if !secrets::fits(password, user.password_hash.clone()).await? {
                return Err(known_by_another().into());
            }
            if user.second_step_since.is_some() {
                return Err(sign_in_first().into());
            }
            user.id
        }
        None => made(app, name, &email, password, &invited.locale).await?,
    };
    let (tenant, _) = staff::join(app, payload, user, &email).await?;
    let (services, token) = (app.clone(), sessions::token(app));
    app.store
        .run_instance(sessions::unit_key(user), move |tx| {
            let (app, device, token) = (services.clone(), device.clone(), token.clone());
            async move { Ok(Entered::In(sessions::open(&app, &tx, user, Some(tenant), &device, &token).await?)) }
        })
        .await
}

/// Joins as whoever is signed in; the session looks at that company from now on.
pub async fn join_as(app: &App, signed: &SignedIn, payload: &str) -> Result<TenantId, Fail> {
    let id = signed.user;
    let user = app.store.read_instance(move |tx| async move { load(&tx, id).await }).await?;
    let (tenant, _) = staff::join(app, payload, id, &user.email).await?;
    super::switch(app, signed, tenant).await?;
    Ok(tenant)
}

async fn made(app: &App, name: &str, email: &str, password: &str, locale: &str) -> Result<UserId, Fail> {
    let name = staff::person_name(name)?;
    rules::password(password, email, &name)?;
    let (id, now) = (UserId::new(&app.ids, app.clock.as_ref()), app.clock.now());
    let hash = secrets::hash(app, password).await?;
    let (email, locale) = (email.to_owned(), locale.to_owned());
    app.store
        .run_instance(sessions::unit_key(id), move |tx| {
            let row = params![id, email, name, locale, hash, now];
            async move {
                match tx.exec(&store::USER_CREATE, row).await? {
                    0 => Err(known_by_another().into()),
                    _ => Ok(id),
                }
            }
        })
        .await
}

fn known_by_another() -> Problem {
    Problem::refused(
        "email_taken",
        "С этой почтой уже входят: введите пароль от неё или восстановите его",
        "Somebody signs in with this e-mail already: give its password or reset it",
    )
    .at("email")
}

fn sign_in_first() -> Problem {
    Problem::refused(
        "sign_in_first",
        "Сначала войдите, потом откройте ссылку ещё раз",
        "Sign in first, then open the link again",
    )
}
