//! Another address to sign in by. It counts once a link in a letter to it was opened; the present one is told at once,
//! and another password makes the link void.

use super::letters::{self, Letter};
use super::model::{SignedIn, User};
use super::{entry, links, own, sessions, store};
use crate::access::{WAKE_ACCESS, Who, token_hash};
use crate::app::App;
use crate::problem::{Fail, Problem};
use crate::staff;
use samovar_base::{AuditId, UserId};
use samovar_store::{Tx, params};

/// A link that proves an address is good for so long.
pub const ADDRESS_HOURS: i64 = 24;

/// Letters to the new address and to the present one. `link_of` makes a link out of the token.
pub async fn change_email(
    app: &App,
    signed: &SignedIn,
    password: &str,
    email: &str,
    link_of: impl Fn(&str) -> String,
) -> Result<[Letter; 2], Fail> {
    let user = own::proven(app, signed, password).await?;
    let email = staff::address(email)?;
    if email == user.email {
        let (ru, en) = ("С этой почтой вы уже входите", "You sign in with this e-mail already");
        return Err(Problem::invalid("email", "same_email", ru, en).into());
    }
    let (token, now) = (app.chance.token(), app.clock.now());
    let (id, hash, wanted) = (user.id, token_hash(&token), email.clone());
    app.store
        .run_instance(sessions::unit_key(id), move |tx| {
            let (hash, email) = (hash.clone(), wanted.clone());
            async move {
                free(&tx, id, &email).await?;
                tx.exec(&store::LINKS_END, params![id, links::ADDRESS, now]).await?;
                let until = now.plus_seconds(ADDRESS_HOURS * 3600);
                tx.put(&store::LINK_NEW, params![hash, id, links::ADDRESS, 0, until, email]);
                Ok::<_, Fail>(())
            }
        })
        .await?;
    Ok([letters::proof(&user, &email, &link_of(&token)), letters::leaving(&user, &email)])
}

/// Signs in by the new address from now on: the link was opened. All other links are void, as they went to the old one.
pub async fn confirm_email(app: &App, token: &str) -> Result<User, Fail> {
    let (services, hash, now) = (app.clone(), token_hash(token), app.clock.now());
    // One after another: only one can take an address.
    let user = app
        .store
        .run_instance(0, move |tx| {
            let (app, hash) = (services.clone(), hash.clone());
            async move {
                let (id, _) = links::owner(&tx, &hash, links::ADDRESS, now).await?.ok_or_else(links::void)?;
                let row = tx.one(&store::LINK_ADDRESS, params![hash]).await?.ok_or_else(links::void)?;
                let email = row.text(0)?.to_owned();
                free(&tx, id, &email).await?;
                tx.exec(&store::LINKS_END_ALL, params![id]).await?;
                let before = links::load(&tx, id).await?;
                tx.exec(&store::USER_ADDRESS, params![id, email]).await?;
                tx.exec(&store::STAFF_ADDRESS, params![id, email, before.email]).await?;
                note(&app, &tx, id).await?;
                tx.wake(WAKE_ACCESS, &id.to_string());
                Ok::<_, Fail>(User { email, ..before })
            }
        })
        .await?;
    links::adopt(app, &user).await?;
    Ok(user)
}

/// Nobody else signs in by the address, or stands under it where this person works.
async fn free(tx: &Tx, id: UserId, email: &str) -> Result<(), Fail> {
    let other = tx.one(&store::ADDRESS_HELD, params![id, email]).await?;
    other.map_or(Ok(()), |_| Err(entry::taken().into()))
}

/// Every company in which they work learns of it.
async fn note(app: &App, tx: &Tx, id: UserId) -> Result<(), Fail> {
    for place in sessions::workplaces(tx, id).await? {
        let (line, who) = (AuditId::new(&app.ids, app.clock.as_ref()), Who::Staff(place.staff).to_string());
        let row = params![place.tenant, line, app.clock.now(), who, place.staff.to_string()];
        tx.exec(&store::ADDRESS_NOTED, row).await?;
    }
    Ok(())
}
