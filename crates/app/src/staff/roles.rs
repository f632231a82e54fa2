//! Roles that a company makes for itself: a title and a list of rights.
//!
//! Wherever rules go by role (limits at the till, who is told what in the staff's bot) the role it is based on stands
//! for it; what its people may do is told by its own rights alone.

use super::{rules, store};
use crate::access::{self, Actor, Right, Rights, Role, audit};
use crate::app::App;
use crate::problem::{Fail, Kind, Problem};
use crate::tenants::{changed_meanwhile, unit_key};
use samovar_base::{Instant, RoleId};
use samovar_store::{Row, StoreError, Tx, params};
use serde_json::json;
use std::fmt;
use std::str::FromStr;

/// Most roles of a company.
const ROLES_MAX: i64 = 100;

/// A role of a company's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnRole {
    /// Id.
    pub id: RoleId,
    /// As people read it.
    pub title: String,
    /// The role that stands for it wherever rules go by role.
    pub base: Role,
    /// What its people may do.
    pub rights: Rights,
    /// Grows with every change.
    pub revision: i64,
    /// When it was made.
    pub created_at: Instant,
    /// How many people have it.
    pub people: i64,
}

/// A role by its name or id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoleRef {
    /// One of those that every company has.
    BuiltIn(Role),
    /// One of the company's own.
    Own(RoleId),
}

/// A role to be made, or what one is to become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleDraft {
    /// As people read it.
    pub title: String,
    /// The role that stands for it wherever rules go by role; not the owner.
    pub base: Role,
    /// What its people may do.
    pub rights: Rights,
}

/// The company's own roles.
pub async fn roles(app: &App, actor: &Actor) -> Result<Vec<OwnRole>, Fail> {
    app.store
        .read(actor.tenant, |tx| async move {
            let rows = tx.all(&store::ROLES, ()).await?;
            Ok(rows.iter().map(OwnRole::from_row).collect::<Result<_, _>>()?)
        })
        .await
}

/// Makes a role. Nobody gives it rights they do not have.
pub async fn make_role(app: &App, actor: &Actor, draft: RoleDraft) -> Result<OwnRole, Fail> {
    actor.require(Right::StaffManage)?;
    let title = checked(actor, &draft)?;
    let role = OwnRole {
        id: RoleId::new(&app.ids, app.clock.as_ref()),
        title,
        base: draft.base,
        rights: draft.rights,
        revision: 1,
        created_at: app.clock.now(),
        people: 0,
    };
    let (services, actor_of_unit) = (app.clone(), actor.clone());
    app.store
        .run(actor.tenant, unit_key(actor.tenant), move |tx| {
            let (app, actor, role) = (services.clone(), actor_of_unit.clone(), role.clone());
            async move {
                let count = tx.all(&store::ROLES, ()).await?.len();
                if i64::try_from(count).unwrap_or(ROLES_MAX) >= ROLES_MAX {
                    return Err(too_many().into());
                }
                let (base, rights) = (role.base.as_str(), role.rights.to_string());
                tx.put(&store::ROLE_NEW, params![role.id, role.title, base, rights, 1, role.created_at]);
                audit(&tx, &app, &actor, "role.create", role.id, &told(&role));
                Ok(role)
            }
        })
        .await
}

/// Changes a role, for everybody who has it. With a `revision`, only if it still has it.
pub async fn change_role(
    app: &App,
    actor: &Actor,
    id: RoleId,
    revision: Option<i64>,
    draft: RoleDraft,
) -> Result<OwnRole, Fail> {
    actor.require(Right::StaffManage)?;
    let title = checked(actor, &draft)?;
    let (services, actor_of_unit) = (app.clone(), actor.clone());
    app.store
        .run(actor.tenant, unit_key(actor.tenant), move |tx| {
            let (app, actor, title) = (services.clone(), actor_of_unit.clone(), title.clone());
            async move {
                let before = load(&tx, id).await?;
                if revision.is_some_and(|seen| seen != before.revision) {
                    return Err(changed_meanwhile(before.revision).into());
                }
                actor.require_all(before.rights)?;
                let after = OwnRole {
                    title,
                    base: draft.base,
                    rights: draft.rights,
                    revision: before.revision + 1,
                    ..before.clone()
                };
                let (base, rights) = (after.base.as_str(), after.rights.to_string());
                tx.put(
                    &store::ROLE_SAVE,
                    params![id, before.revision, after.revision, after.title, base, rights],
                );
                // Older nodes know people by the base alone.
                tx.exec(&store::ROLE_BASE, params![id, base]).await?;
                tx.wake(access::WAKE_ACCESS, &id.to_string());
                audit(&tx, &app, &actor, "role.update", id, &told(&after));
                Ok(after)
            }
        })
        .await
}

/// Removes a role that nobody has.
pub async fn remove_role(app: &App, actor: &Actor, id: RoleId) -> Result<(), Fail> {
    actor.require(Right::StaffManage)?;
    let (services, actor_of_unit) = (app.clone(), actor.clone());
    app.store
        .run(actor.tenant, unit_key(actor.tenant), move |tx| {
            let (app, actor) = (services.clone(), actor_of_unit.clone());
            async move {
                let role = load(&tx, id).await?;
                actor.require_all(role.rights)?;
                if role.people > 0 {
                    return Err(in_use(role.people).into());
                }
                tx.put(&store::ROLE_GONE, params![id, role.revision]);
                audit(&tx, &app, &actor, "role.remove", id, &json!({ "title": role.title }));
                Ok(())
            }
        })
        .await
}

/// Inside a unit: what somebody becomes by a role: the built-in one, and the company's own if it is one.
pub(super) async fn resolve(tx: &Tx, role: RoleRef) -> Result<(Role, Option<OwnRole>), Fail> {
    match role {
        RoleRef::BuiltIn(role) => Ok((role, None)),
        RoleRef::Own(id) => {
            let own = load(tx, id).await?;
            Ok((own.base, Some(own)))
        }
    }
}

async fn load(tx: &Tx, id: RoleId) -> Result<OwnRole, Fail> {
    let row = tx.one(&store::ROLE, params![id]).await?;
    let row = row.ok_or_else(|| Problem::not_found("роль", "role", id))?;
    Ok(OwnRole::from_row(&row)?)
}

fn checked(actor: &Actor, draft: &RoleDraft) -> Result<String, Fail> {
    actor.require_all(draft.rights)?;
    if draft.base == Role::Owner {
        let (ru, en) = ("На владельце роль не основывают", "No role is based on the owner");
        return Err(Problem::invalid("base", "bad_base", ru, en).into());
    }
    Ok(rules::name(&draft.title).map_err(|problem| problem.at("title"))?)
}

fn told(role: &OwnRole) -> serde_json::Value {
    json!({ "title": role.title, "base": role.base, "rights": role.rights.to_string() })
}

impl OwnRole {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        let rights =
            Rights::parse(row.text(3)?).map_err(|problems| row.bad_as(3, problems[0].en.as_str()))?;
        Ok(Self {
            id: row.id(0)?,
            title: row.text(1)?.to_owned(),
            base: row.text(2)?.parse().map_err(|problem: Problem| row.bad_as(2, problem.en))?,
            rights,
            revision: row.int(4)?,
            created_at: row.instant(5)?,
            people: row.int(6)?,
        })
    }
}

impl From<Role> for RoleRef {
    fn from(role: Role) -> Self {
        Self::BuiltIn(role)
    }
}

impl fmt::Display for RoleRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn(role) => role.fmt(f),
            Self::Own(id) => id.fmt(f),
        }
    }
}

impl FromStr for RoleRef {
    type Err = Problem;
    fn from_str(text: &str) -> Result<Self, Problem> {
        text.parse().map_or_else(|_| text.parse().map(Self::BuiltIn), |id| Ok(Self::Own(id)))
    }
}

fn too_many() -> Problem {
    Problem::refused(
        "too_many_roles",
        format!("Своих ролей может быть не больше {ROLES_MAX}: удалите ненужные"),
        format!("There can be {ROLES_MAX} roles of your own at most: remove those nobody needs"),
    )
}

fn in_use(people: i64) -> Problem {
    Problem::new(
        Kind::Conflict,
        "role_in_use",
        format!("Эту роль носят сотрудники ({people}): сначала дайте им другую"),
        format!("People have this role ({people}): give them another one first"),
    )
}
