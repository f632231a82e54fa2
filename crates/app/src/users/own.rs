//! What somebody who is signed in does with what is their own: name, password, sessions, the company they look at.

use super::links::{load, save};
use super::model::{Session, SignedIn, User, Workplace};
use super::{rules, secrets, sessions, store};
use crate::access::WAKE_ACCESS;
use crate::app::App;
use crate::problem::{Fail, Problem};
use crate::{staff, tenants};
use samovar_base::{SessionId, TenantId, UserId};
use samovar_store::{Tx, params};

/// What to change; `None` leaves as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Profile {
    /// Name.
    pub name: Option<String>,
    /// Language of the console.
    pub locale: Option<String>,
}

/// The person, and where they work.
pub async fn own(app: &App, signed: &SignedIn) -> Result<(User, Vec<Workplace>), Fail> {
    let id = signed.user;
    app.store
        .read_instance(
            move |tx| async move { Ok((load(&tx, id).await?, sessions::workplaces(&tx, id).await?)) },
        )
        .await
}

/// Changes name or language.
pub async fn update(app: &App, signed: &SignedIn, profile: Profile) -> Result<User, Fail> {
    let name = profile.name.as_deref().map(staff::person_name).transpose()?;
    if profile.locale.as_deref().is_some_and(|locale| !matches!(locale, "ru" | "en")) {
        return Err(tenants::unknown_locale("locale").into());
    }
    change(app, signed.user, move |_, user| {
        user.name = name.clone().unwrap_or_else(|| user.name.clone());
        user.locale = profile.locale.clone().unwrap_or_else(|| user.locale.clone());
        Ok(())
    })
    .await
}

/// Chooses another password; needs the present one, where there is one. All other sessions end.
pub async fn change_password(app: &App, signed: &SignedIn, present: &str, new: &str) -> Result<(), Fail> {
    let user = proven(app, signed, present).await?;
    rules::password(new, &user.email, &user.name)?;
    let hash = secrets::hash(app, new).await?;
    let session = signed.session;
    change(app, user.id, move |_, user| {
        user.password_hash = Some(hash.clone());
        Ok(())
    })
    .await?;
    end_links(app, user.id).await?;
    end_all_but(app, user.id, session).await
}

/// The browsers in which they are signed in, the youngest first.
pub async fn list_sessions(app: &App, signed: &SignedIn) -> Result<Vec<Session>, Fail> {
    let (user, current) = (signed.user, signed.session);
    app.store
        .read_instance(move |tx| async move {
            let rows = tx.all(&store::SESSIONS, params![user]).await?;
            let one = |row: &samovar_store::Row| {
                let id: SessionId = row.id(0)?;
                Ok::<_, samovar_store::StoreError>(Session {
                    id,
                    device: row.text(1)?.to_owned(),
                    address: row.text(2)?.to_owned(),
                    created_at: row.instant(3)?,
                    used_at: row.instant(4)?,
                    current: id == current,
                })
            };
            Ok(rows.iter().map(one).collect::<Result<_, _>>()?)
        })
        .await
}

/// Ends one of them. Doing it again is no error.
pub async fn end_session(app: &App, signed: &SignedIn, id: SessionId) -> Result<(), Fail> {
    let user = signed.user;
    app.store
        .run_instance(sessions::unit_key(user), move |tx| async move {
            tx.exec(&store::SESSION_END, params![user, id]).await?;
            tx.wake(WAKE_ACCESS, &id.to_string());
            Ok(())
        })
        .await
}

/// Ends all but the one that asks.
pub async fn end_others(app: &App, signed: &SignedIn) -> Result<(), Fail> {
    end_all_but(app, signed.user, signed.session).await
}

/// Looks at another company from now on.
pub async fn switch(app: &App, signed: &SignedIn, company: TenantId) -> Result<(), Fail> {
    let (user, session) = (signed.user, signed.session);
    app.store
        .run_instance(sessions::unit_key(user), move |tx| async move {
            let places = sessions::workplaces(&tx, user).await?;
            if !places.iter().any(|place| place.tenant == company) {
                return Err(Problem::not_found("компания", "company", company).into());
            }
            tx.exec(&store::SESSION_COMPANY, params![session, company]).await?;
            tx.wake(WAKE_ACCESS, &session.to_string());
            Ok(())
        })
        .await
}

/// The person, who proves by the password that it is them. Whoever has none yet is believed by the session.
pub(super) async fn proven(app: &App, signed: &SignedIn, password: &str) -> Result<User, Fail> {
    let id = signed.user;
    let user = app.store.read_instance(move |tx| async move { load(&tx, id).await }).await?;
    if user.has_password() && !secrets::fits(password, user.password_hash.clone()).await? {
        return Err(wrong_password().into());
    }
    Ok(user)
}

/// Changes the person in a unit.
pub(super) async fn change(
    app: &App,
    id: UserId,
    how: impl Fn(&Tx, &mut User) -> Result<(), Fail> + Send + Sync + Clone + 'static,
) -> Result<User, Fail> {
    app.store
        .run_instance(sessions::unit_key(id), move |tx| {
            let how = how.clone();
            async move {
                let before = load(&tx, id).await?;
                let mut after = before.clone();
                how(&tx, &mut after)?;
                save(&tx, &before, &after);
                Ok(after)
            }
        })
        .await
}

/// Whoever knew the password before may have asked for them.
async fn end_links(app: &App, user: UserId) -> Result<(), Fail> {
    app.store
        .run_instance(sessions::unit_key(user), move |tx| async move {
            tx.exec(&store::LINKS_END_ALL, params![user]).await?;
            Ok(())
        })
        .await
}

async fn end_all_but(app: &App, user: UserId, session: SessionId) -> Result<(), Fail> {
    app.store
        .run_instance(sessions::unit_key(user), move |tx| async move {
            tx.exec(&store::SESSIONS_END_OTHERS, params![user, session]).await?;
            tx.wake(WAKE_ACCESS, &user.to_string());
            Ok(())
        })
        .await
}

fn wrong_password() -> Problem {
    Problem::invalid("password", "wrong_password", "Пароль не подходит", "The password is wrong")
}
