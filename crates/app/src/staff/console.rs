//! How people of the company come into the console: by the link of an invitation.

use super::invitations::{Invitation, open_invitation, use_up};
use super::joining::accept;
use super::{Staff, insert, store};
use crate::access::{self, audit, token_hash};
use crate::app::App;
use crate::problem::{Fail, Problem};
use crate::tenants::unit_key;
use samovar_base::{TenantId, UserId};
use samovar_store::params;
use serde_json::json;

/// An open invitation as whoever holds its link sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invited {
    /// The company.
    pub tenant: TenantId,
    /// Its name.
    pub company: String,
    /// Its language.
    pub locale: String,
    /// The invitation.
    pub invitation: Invitation,
}

/// The open invitation of a link.
pub async fn invited(app: &App, payload: &str) -> Result<Invited, Fail> {
    let tenant = tenant_of(app, payload).await?;
    let (now, owned) = (app.clock.now(), payload.to_owned());
    let found = app
        .store
        .read(tenant, move |tx| {
            let payload = owned.clone();
            async move { open_invitation(&tx, &payload, now).await }
        })
        .await?;
    let invitation = found.ok_or_else(void)?;
    let company = app.directory.tenant(tenant).ok_or_else(void)?;
    Ok(Invited { tenant, company: company.name.clone(), locale: company.locale.clone(), invitation })
}

/// Makes a person who signs in somebody of the company that invited them. Good once.
pub async fn join(app: &App, payload: &str, user: UserId, email: &str) -> Result<(TenantId, Staff), Fail> {
    let tenant = tenant_of(app, payload).await?;
    let (services, payload, email, now) =
        (app.clone(), payload.to_owned(), email.to_owned(), app.clock.now());
    let staff = app
        .store
        .run(tenant, unit_key(tenant), move |tx| {
            let (app, payload, email) = (services.clone(), payload.clone(), email.clone());
            async move {
                let invitation = open_invitation(&tx, &payload, now).await?.ok_or_else(void)?;
                if tx.one(&store::STAFF_OF_USER, params![user]).await?.is_some() {
                    return Err(already().into());
                }
                let staff = accept(&app, &tx, &invitation, now).await?.ok_or_else(void)?;
                let mut staff = staff;
                if invitation.staff.is_none() {
                    let taken = tx.one(&store::STAFF_BY_EMAIL, params![email]).await?.is_some();
                    staff.email = if taken { String::new() } else { email };
                    insert(&tx, &staff, Some(user));
                } else if tx.exec(&store::STAFF_SIGNS_IN, params![staff.id, user]).await? == 0 {
                    return Err(void().into());
                }
                use_up(&tx, invitation.id, staff.id);
                tx.wake(access::WAKE_ACCESS, &user.to_string());
                let data = json!({ "role": staff.role, "invited_by": invitation.created_by });
                audit(&tx, &app, &staff.actor(tenant, "ru"), "staff.join", staff.id, &data);
                Ok::<_, Fail>(staff)
            }
        })
        .await?;
    Ok((tenant, staff))
}

async fn tenant_of(app: &App, payload: &str) -> Result<TenantId, Fail> {
    let hash = token_hash(payload);
    app.store
        .read_instance(move |tx| {
            let hash = hash.clone();
            async move {
                let row = tx.one(&store::INVITATION_TENANT, params![hash]).await?.ok_or_else(void)?;
                Ok(row.id(0)?)
            }
        })
        .await
}

fn void() -> Problem {
    Problem::refused(
        "invitation_void",
        "Приглашение уже использовано, отозвано или устарело: попросите новое",
        "The invitation was used, revoked or is too old: ask for a new one",
    )
}

fn already() -> Problem {
    Problem::refused("works_here", "Вы уже работаете в этой компании", "You work for this company already")
}
