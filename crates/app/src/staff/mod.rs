//! People who work for a company, and the keys of its programs.

mod console;
mod invitations;
mod joining;
mod keys;
mod model;
mod roles;
mod rules;
mod store;
pub mod words;

pub use console::{Invited, invited, join};
pub(crate) use invitations::invite_in;
pub use invitations::{
    INVITATION_DAYS, INVITATION_PREFIX, Invitation, InvitationState, NewInvitation, Whom, invitations,
    invite, revoke_invitation,
};
pub use joining::Member;
pub(crate) use joining::{Entered, enter, member, tell, tell_one};
pub use keys::{NewKey, create_key, keys, put_key, revoke_key};
pub use model::{ApiKey, Staff};
pub use roles::{OwnRole, RoleDraft, RoleRef, change_role, make_role, remove_role, roles};
pub use rules::{email as address, name as person_name};

use crate::access::{self, Actor, Right, Role, audit};
use crate::app::App;
use crate::problem::{Fail, Kind, Problem};
use crate::tenants::{changed_meanwhile, unit_key};
use samovar_base::{ChannelId, Instant, RoleId, StaffId, UserId};
use samovar_store::{Tx, params};
use serde_json::json;
use std::collections::HashMap;

/// What to change; `None` leaves as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    /// Name.
    pub name: Option<String>,
    /// Role.
    pub role: Option<RoleRef>,
    /// The only channels they see; `Some(None)`: all.
    pub channels: Option<Option<Vec<ChannelId>>>,
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

/// What people and programs of the company are called, by their ids as in the audit log.
pub async fn names(app: &App, actor: &Actor) -> Result<HashMap<String, String>, Fail> {
    actor.require(Right::AuditRead)?;
    app.store
        .read(actor.tenant, |tx| async move {
            let mut names = HashMap::new();
            for row in tx.all(&store::STAFF_ALL, ()).await? {
                let staff = Staff::from_row(&row)?;
                names.insert(staff.id.to_string(), staff.name);
            }
            for row in tx.all(&store::KEYS_ALL, ()).await? {
                let key = ApiKey::from_row(&row)?;
                names.insert(key.id.to_string(), key.name);
            }
            Ok(names)
        })
        .await
}

/// One of them.
pub async fn get(app: &App, actor: &Actor, id: StaffId) -> Result<Staff, Fail> {
    actor.require(Right::StaffManage)?;
    app.store.read(actor.tenant, move |tx| async move { load(&tx, id).await }).await
}

/// Adds somebody. Nobody gives a role with rights they do not have.
pub async fn add(
    app: &App,
    actor: &Actor,
    email: &str,
    name: &str,
    role: impl Into<RoleRef>,
) -> Result<Staff, Fail> {
    let role = role.into();
    let staff = checked(app, actor, email, name, role)?;
    let (unit_app, unit_actor) = (app.clone(), actor.clone());
    app.store
        .run(actor.tenant, unit_key(actor.tenant), move |tx| {
            let (app, actor, staff) = (unit_app.clone(), unit_actor.clone(), staff.clone());
            async move {
                if by_email(&tx, &staff.email).await?.is_some() {
                    return Err(email_taken().into());
                }
                let mut staff = staff;
                become_(&tx, &actor, &mut staff, role).await?;
                insert(&tx, &staff, None);
                audit(
                    &tx,
                    &app,
                    &actor,
                    "staff.add",
                    staff.id,
                    &json!({ "role": staff.role_ref().to_string() }),
                );
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
    let staff = checked(app, actor, email, name, role.into())?;
    let (unit_app, unit_actor) = (app.clone(), actor.clone());
    app.store
        .run(actor.tenant, unit_key(actor.tenant), move |tx| {
            let (app, actor, staff) = (unit_app.clone(), unit_actor.clone(), staff.clone());
            async move {
                let Some(before) = by_email(&tx, &staff.email).await? else {
                    insert(&tx, &staff, None);
                    audit(&tx, &app, &actor, "staff.add", staff.id, &json!({ "role": staff.role }));
                    return Ok((staff, true));
                };
                let mut after = Staff {
                    name: staff.name,
                    role: staff.role,
                    own_role: None,
                    disabled_at: None,
                    ..before.clone()
                };
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
    let name = changes.name.as_deref().map(rules::name).transpose()?;
    let before = load(tx, id).await?;
    if revision.is_some_and(|seen| seen != before.revision) {
        return Err(changed_meanwhile(before.revision).into());
    }
    let mut staff = before.clone();
    if let Some(role) = changes.role {
        become_(tx, actor, &mut staff, role).await?;
    }
    if let Some(channels) = &changes.channels {
        staff.channels.clone_from(&known_channels(app, actor, channels.clone())?);
    }
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
        match self.disabled {
            Some(true) => drop(staff.disabled_at.get_or_insert(now)),
            Some(false) => staff.disabled_at = None,
            None => {}
        }
    }
}

/// Inside a unit: gives a role, of which nobody gives more rights than they have.
pub(super) async fn become_(tx: &Tx, actor: &Actor, staff: &mut Staff, role: RoleRef) -> Result<(), Fail> {
    let (base, own) = roles::resolve(tx, role).await?;
    staff.role = base;
    staff.own_role = own.map(|own| (own.id, own.title, own.rights));
    actor.require_all(staff.rights())
}

/// Channels somebody is limited to: of this company, and seen by whoever limits.
pub(super) fn known_channels(
    app: &App,
    actor: &Actor,
    only: Option<Vec<ChannelId>>,
) -> Result<Option<Vec<ChannelId>>, Fail> {
    let Some(only) = only else {
        return if actor.channels.is_none() { Ok(None) } else { Err(wider().into()) };
    };
    for id in &only {
        let known = app.directory.channel(*id).is_some_and(|channel| channel.tenant.id == actor.tenant);
        if !known || !actor.sees(*id) {
            return Err(Problem::not_found("канал", "channel", id).into());
        }
    }
    Ok(Some(only))
}

fn wider() -> Problem {
    Problem::new(
        Kind::Forbidden,
        "forbidden",
        "Вы видите не все каналы и открыть их другим не можете",
        "You do not see all channels and cannot open them for others",
    )
}

fn checked(app: &App, actor: &Actor, email: &str, name: &str, role: RoleRef) -> Result<Staff, Fail> {
    actor.require(Right::StaffManage)?;
    let role = match role {
        RoleRef::BuiltIn(role) => role,
        // Read in the unit.
        RoleRef::Own(_) => Role::Cashier,
    };
    actor.require_all(role.rights())?;
    Ok(Staff {
        id: StaffId::new(&app.ids, app.clock.as_ref()),
        email: rules::email(email)?,
        name: rules::name(name)?,
        role,
        own_role: None,
        channels: actor.channels.as_deref().map(<[ChannelId]>::to_vec),
        signs_in: false,
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

/// Inside a unit: somebody new, who may sign in as a user.
fn insert(tx: &Tx, staff: &Staff, user: Option<UserId>) {
    let (role, made, (own, channels)) = (staff.role.as_str(), staff.created_at, limits(staff));
    let row =
        params![staff.id, staff.email, staff.name, role, staff.disabled_at, 1, made, own, channels, user];
    tx.put(&store::STAFF_NEW, row);
}

/// Whoever has rights the actor lacks is not the actor's to change.
async fn save(tx: &Tx, app: &App, actor: &Actor, before: &Staff, staff: &mut Staff) -> Result<(), Fail> {
    actor.require_all(before.rights())?;
    if before.is_active_owner() && !staff.is_active_owner() {
        let others = tx.one(&store::OTHER_OWNERS, params![staff.id]).await?;
        if others.map(|row| row.int(0)).transpose()?.unwrap_or_default() == 0 {
            return Err(last_owner().into());
        }
    }
    staff.revision = before.revision + 1;
    let (own, channels) = limits(staff);
    let row = params![
        staff.id,
        before.revision,
        staff.revision,
        staff.name,
        staff.role.as_str(),
        staff.disabled_at,
        own,
        channels
    ];
    tx.put(&store::STAFF_SAVE, row);
    tx.wake(access::WAKE_ACCESS, &staff.id.to_string());
    let data = json!({
        "role": [before.role_ref().to_string(), staff.role_ref().to_string()],
        "disabled": staff.disabled_at.is_some(),
        "channels": staff.channels,
    });
    audit(tx, app, actor, "staff.update", staff.id, &data);
    Ok(())
}

/// The id of the company's own role, and the channels as JSON.
fn limits(staff: &Staff) -> (Option<RoleId>, Option<String>) {
    let channels = staff.channels.as_ref().and_then(|only| serde_json::to_string(only).ok());
    (staff.own_role.as_ref().map(|(id, _, _)| *id), channels)
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
