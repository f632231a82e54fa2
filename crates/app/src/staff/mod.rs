//! People who work for a company, and the keys of its programs.

mod invitations;
mod joining;
mod keys;
mod model;
mod rules;
mod store;
pub mod words;

pub(crate) use invitations::invite_in;
pub use invitations::{
    INVITATION_DAYS, INVITATION_PREFIX, Invitation, InvitationState, NewInvitation, Whom, invitations,
    invite, revoke_invitation,
};
pub use joining::Member;
pub(crate) use joining::{Entered, enter, member, tell, tell_one};
pub use keys::{NewKey, create_key, keys, put_key, revoke_key};
pub use model::{ApiKey, Staff};
pub use rules::{email as address, name as person_name};

use crate::access::{self, Actor, Right, Role, audit};
use crate::app::App;
use crate::problem::{Fail, Kind, Problem};
use crate::tenants::{changed_meanwhile, unit_key};
use samovar_base::{Instant, StaffId};
use samovar_store::{Tx, params};
use serde_json::json;

/// What to change; `None` leaves as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    /// Name.
    pub name: Option<String>,
    /// Role.
    pub role: Option<Role>,
    /// Whether they may do anything at all.
    pub disabled: Option<bool>,
}

/// Everybody who works here, disabled ones too.
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<Staff>, Fail> {
    actor.require(Right::StaffManage)?;
    let actor_of_unit = actor.clone();
    app.store
        .read(actor.tenant, move |tx| {
            let actor = actor_of_unit.clone();
            async move { list_in(&tx, &actor).await }
        })
        .await
}

/// [`list`] inside a unit.
pub(crate) async fn list_in(tx: &Tx, actor: &Actor) -> Result<Vec<Staff>, Fail> {
    actor.require(Right::StaffManage)?;
    let rows = tx.all(&store::STAFF_ALL, ()).await?;
    Ok(rows.iter().map(Staff::from_row).collect::<Result<_, _>>()?)
}

/// Inside a unit: one of them, whoever asks.
pub(crate) async fn find(tx: &Tx, id: StaffId) -> Result<Option<Staff>, Fail> {
    let row = tx.one(&store::STAFF_BY_ID, params![id]).await?;
    Ok(row.map(|row| Staff::from_row(&row)).transpose()?)
}

/// One of them.
pub async fn get(app: &App, actor: &Actor, id: StaffId) -> Result<Staff, Fail> {
    actor.require(Right::StaffManage)?;
    app.store.read(actor.tenant, move |tx| async move { load(&tx, id).await }).await
}

/// Adds somebody. Nobody gives a role with rights they do not have.
pub async fn add(app: &App, actor: &Actor, email: &str, name: &str, role: Role) -> Result<Staff, Fail> {
    let staff = checked(app, actor, email, name, role)?;
    let (unit_app, unit_actor) = (app.clone(), actor.clone());
    app.store
        .run(actor.tenant, unit_key(actor.tenant), move |tx| {
            let (app, actor, staff) = (unit_app.clone(), unit_actor.clone(), staff.clone());
            async move {
                if by_email(&tx, &staff.email).await?.is_some() {
                    return Err(email_taken().into());
                }
                insert(&tx, &staff);
                audit(&tx, &app, &actor, "staff.add", staff.id, &json!({ "role": staff.role }));
                Ok(staff)
            }
        })
        .await
}

/// Sees to it that somebody with this address works here with this name and role; whether anything was changed.
pub async fn put(
    app: &App,
    actor: &Actor,
    email: &str,
    name: &str,
    role: Role,
) -> Result<(Staff, bool), Fail> {
    let staff = checked(app, actor, email, name, role)?;
    let (unit_app, unit_actor) = (app.clone(), actor.clone());
    app.store
        .run(actor.tenant, unit_key(actor.tenant), move |tx| {
            let (app, actor, staff) = (unit_app.clone(), unit_actor.clone(), staff.clone());
            async move {
                let Some(before) = by_email(&tx, &staff.email).await? else {
                    insert(&tx, &staff);
                    audit(&tx, &app, &actor, "staff.add", staff.id, &json!({ "role": staff.role }));
                    return Ok((staff, true));
                };
                let mut after =
                    Staff { name: staff.name, role: staff.role, disabled_at: None, ..before.clone() };
                let changed = after != before;
                if changed {
                    save(&tx, &app, &actor, &before, &mut after).await?;
                }
                Ok((after, changed))
            }
        })
        .await
}

/// Changes somebody. With a `revision`, only if they still have it. The last owner stays an owner.
pub async fn update(
    app: &App,
    actor: &Actor,
    id: StaffId,
    revision: Option<i64>,
    changes: Changes,
) -> Result<Staff, Fail> {
    actor.require(Right::StaffManage)?;
    let now = app.clock.now();
    let (unit_app, unit_actor) = (app.clone(), actor.clone());
    app.store
        .run(actor.tenant, unit_key(actor.tenant), move |tx| {
            let (app, actor, changes) = (unit_app.clone(), unit_actor.clone(), changes.clone());
            async move { update_in(&app, &tx, &actor, id, revision, changes, now).await }
        })
        .await
}

/// [`update`] inside a unit.
pub(crate) async fn update_in(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    id: StaffId,
    revision: Option<i64>,
    changes: Changes,
    now: Instant,
) -> Result<Staff, Fail> {
    actor.require(Right::StaffManage)?;
    if let Some(role) = changes.role {
        actor.require_all(role.rights())?;
    }
    let name = changes.name.as_deref().map(rules::name).transpose()?;
    let before = load(tx, id).await?;
    if revision.is_some_and(|seen| seen != before.revision) {
        return Err(changed_meanwhile(before.revision).into());
    }
    let mut staff = before.clone();
    Changes { name, ..changes }.apply(&mut staff, now);
    if staff != before {
        save(tx, app, actor, &before, &mut staff).await?;
    }
    Ok(staff)
}

impl Changes {
    fn apply(self, staff: &mut Staff, now: Instant) {
        if let Some(name) = self.name {
            staff.name = name;
        }
        if let Some(role) = self.role {
            staff.role = role;
        }
        match self.disabled {
            Some(true) => drop(staff.disabled_at.get_or_insert(now)),
            Some(false) => staff.disabled_at = None,
            None => {}
        }
    }
}

fn checked(app: &App, actor: &Actor, email: &str, name: &str, role: Role) -> Result<Staff, Fail> {
    actor.require(Right::StaffManage)?;
    actor.require_all(role.rights())?;
    Ok(Staff {
        id: StaffId::new(&app.ids, app.clock.as_ref()),
        email: rules::email(email)?,
        name: rules::name(name)?,
        role,
        has_password: false,
        disabled_at: None,
        revision: 1,
        created_at: app.clock.now(),
    })
}

async fn load(tx: &Tx, id: StaffId) -> Result<Staff, Fail> {
    let row = tx.one(&store::STAFF_BY_ID, params![id]).await?;
    let row = row.ok_or_else(|| Problem::not_found("сотрудник", "staff member", id))?;
    Ok(Staff::from_row(&row)?)
}

async fn by_email(tx: &Tx, email: &str) -> Result<Option<Staff>, Fail> {
    let row = tx.one(&store::STAFF_BY_EMAIL, params![email]).await?;
    Ok(row.map(|row| Staff::from_row(&row)).transpose()?)
}

fn insert(tx: &Tx, staff: &Staff) {
    let (role, made) = (staff.role.as_str(), staff.created_at);
    tx.put(&store::STAFF_NEW, params![staff.id, staff.email, staff.name, role, staff.disabled_at, 1, made]);
}

/// Whoever has rights the actor lacks is not the actor's to change.
async fn save(tx: &Tx, app: &App, actor: &Actor, before: &Staff, staff: &mut Staff) -> Result<(), Fail> {
    actor.require_all(before.role.rights())?;
    if before.is_active_owner() && !staff.is_active_owner() {
        let others = tx.one(&store::OTHER_OWNERS, params![staff.id]).await?;
        if others.map(|row| row.int(0)).transpose()?.unwrap_or_default() == 0 {
            return Err(last_owner().into());
        }
    }
    staff.revision = before.revision + 1;
    let row = params![
        staff.id,
        before.revision,
        staff.revision,
        staff.name,
        staff.role.as_str(),
        staff.disabled_at
    ];
    tx.put(&store::STAFF_SAVE, row);
    tx.wake(access::WAKE_ACCESS, &staff.id.to_string());
    let data = json!({ "role": [before.role, staff.role], "disabled": staff.disabled_at.is_some() });
    audit(tx, app, actor, "staff.update", staff.id, &data);
    Ok(())
}

fn email_taken() -> Problem {
    Problem::new(
        Kind::Conflict,
        "email_taken",
        "Сотрудник с таким адресом уже есть",
        "Somebody with this address works here already",
    )
    .at("email")
}

fn last_owner() -> Problem {
    Problem::refused(
        "last_owner",
        "Это последний владелец: сначала назначьте другого",
        "This is the last owner: make somebody else an owner first",
    )
}
