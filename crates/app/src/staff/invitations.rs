//! Invitations to work here: a link that is good once and not for long.

use super::roles::{OwnRole, RoleRef, resolve};
use super::{Staff, find, known_channels, rules, store};
use crate::access::{Actor, Right, Rights, Role, audit, token_hash};
use crate::app::App;
use crate::directory::ChannelInfo;
use crate::problem::{Fail, Problem};
use crate::tenants::unit_key;
use samovar_base::{ChannelId, Instant, InvitationId, RoleId, StaffId};
use samovar_store::{Row, StoreError, Tx, params};
use serde::Serialize;
use serde_json::json;
use std::sync::Arc;

/// An invitation is good for so long.
pub const INVITATION_DAYS: i64 = 7;
/// What the payload of an invitation's link begins with.
pub const INVITATION_PREFIX: &str = "inv_";

/// Who is invited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whom {
    /// Somebody new.
    New {
        /// As colleagues call the person.
        name: String,
        /// What they will be.
        role: RoleRef,
        /// The only channels they will see; none: all that whoever invites sees.
        channels: Option<Vec<ChannelId>>,
    },
    /// Somebody who works here already and shall have the bot.
    Known(StaffId),
}

/// An invitation, without its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Id.
    pub id: InvitationId,
    /// Of whoever is invited.
    pub name: String,
    /// What they will be; with a role of the company's own, the one it is based on.
    pub role: Role,
    /// The company's own role: its id, title and rights.
    pub own_role: Option<(RoleId, String, Rights)>,
    /// The only channels they will see; none: all.
    pub channels: Option<Vec<ChannelId>>,
    /// Somebody who works here already; of a used one whoever came by it.
    pub staff: Option<StaffId>,
    /// Who invited, as in the audit log.
    pub created_by: String,
    /// When.
    pub created_at: Instant,
    /// From then on it is good for nothing.
    pub expires_at: Instant,
    /// What became of it.
    pub state: InvitationState,
}

/// What became of an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum InvitationState {
    /// It waits.
    Open,
    /// Somebody came by it.
    Used,
    /// It was taken back.
    Revoked,
    /// Nobody came in time.
    Expired,
}

/// An invitation as it is seen once.
#[derive(Clone)]
pub struct NewInvitation {
    /// The invitation.
    pub invitation: Invitation,
    /// What the bot is opened with: `inv_…`.
    pub payload: String,
    /// The link into the staff's bot; none where there is no such bot, its messenger has no such links, or it was never
    /// connected. Then the person writes `/start` and the payload. Into the console it is `/join/` and the payload.
    pub link: Option<String>,
}

impl std::fmt::Debug for NewInvitation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewInvitation").field("invitation", &self.invitation).finish_non_exhaustive()
    }
}

/// Invites somebody to the staff's bot. Nobody gives a role with rights they do not have.
pub async fn invite(app: &App, actor: &Actor, whom: Whom) -> Result<NewInvitation, Fail> {
    actor.require(Right::StaffManage)?;
    let now = app.clock.now();
    let (services, actor_of_unit) = (app.clone(), actor.clone());
    app.store
        .run(actor.tenant, unit_key(actor.tenant), move |tx| {
            let (app, actor, whom) = (services.clone(), actor_of_unit.clone(), whom.clone());
            async move { invite_in(&app, &tx, &actor, whom, now).await }
        })
        .await
}

/// [`invite`] inside a unit.
pub(crate) async fn invite_in(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    whom: Whom,
    now: Instant,
) -> Result<NewInvitation, Fail> {
    actor.require(Right::StaffManage)?;
    let (name, (role, own), channels, staff) = match whom {
        Whom::New { name, role, channels } => {
            let channels = channels.or_else(|| actor.channels.as_deref().map(<[ChannelId]>::to_vec));
            (rules::name(&name)?, resolve(tx, role).await?, known_channels(app, actor, channels)?, None)
        }
        Whom::Known(id) => {
            let known = find(tx, id).await?.filter(Staff::is_active);
            let known = known.ok_or_else(|| Problem::not_found("сотрудник", "staff member", id))?;
            let role = resolve(tx, known.role_ref()).await?;
            (known.name, role, known.channels, Some(id))
        }
    };
    let own_role = own.map(|OwnRole { id, title, rights, .. }| (id, title, rights));
    let invitation = Invitation {
        id: InvitationId::new(&app.ids, app.clock.as_ref()),
        name,
        role,
        own_role,
        channels,
        staff,
        created_by: actor.who.to_string(),
        created_at: now,
        expires_at: now.plus_seconds(INVITATION_DAYS * 86_400),
        state: InvitationState::Open,
    };
    actor.require_all(invitation.rights())?;
    let payload = format!("{INVITATION_PREFIX}{}", app.chance.token());
    let Invitation { id, name, created_by, created_at, expires_at, .. } = &invitation;
    let hash = token_hash(&payload);
    let own = invitation.own_role.as_ref().map(|(id, _, _)| *id);
    let only = invitation.channels.as_ref().and_then(|only| serde_json::to_string(only).ok());
    let role_name = role.as_str();
    let row =
        params![id, hash, name, role_name, staff, created_by, created_at, expires_at, STATE_OPEN, own, only];
    tx.put(&store::INVITATION_NEW, row);
    audit(tx, app, actor, "staff.invite", invitation.id, &json!({ "role": role, "staff": staff }));
    let link = staff_channel(app, actor).and_then(|channel| {
        channel.identity.as_ref().and_then(|identity| channel.messenger.entry_link(identity, &payload))
    });
    Ok(NewInvitation { invitation, payload, link })
}

/// Up to `limit` invitations, the youngest first, from `after` on.
pub async fn invitations(
    app: &App,
    actor: &Actor,
    after: Option<InvitationId>,
    limit: u32,
) -> Result<Vec<Invitation>, Fail> {
    actor.require(Right::StaffManage)?;
    let (now, actor_of_unit) = (app.clock.now(), actor.clone());
    app.store
        .read(actor.tenant, move |tx| {
            let actor = actor_of_unit.clone();
            async move { invitations_in(&tx, &actor, after, limit, now).await }
        })
        .await
}

/// [`invitations`] inside a unit.
pub(crate) async fn invitations_in(
    tx: &Tx,
    actor: &Actor,
    after: Option<InvitationId>,
    limit: u32,
    now: Instant,
) -> Result<Vec<Invitation>, Fail> {
    actor.require(Right::StaffManage)?;
    let before = after.unwrap_or(InvitationId(i64::MAX));
    let rows = tx.all(&store::INVITATIONS, params![before, limit]).await?;
    Ok(rows.iter().map(|row| Invitation::from_row(row, now)).collect::<Result<_, _>>()?)
}

/// Takes an invitation back. One that is used, taken back or too old stays as it is.
pub async fn revoke_invitation(app: &App, actor: &Actor, id: InvitationId) -> Result<Invitation, Fail> {
    actor.require(Right::StaffManage)?;
    let now = app.clock.now();
    let (services, actor_of_unit) = (app.clone(), actor.clone());
    app.store
        .run(actor.tenant, unit_key(actor.tenant), move |tx| {
            let (app, actor) = (services.clone(), actor_of_unit.clone());
            async move { revoke_invitation_in(&app, &tx, &actor, id, now).await }
        })
        .await
}

/// [`revoke_invitation`] inside a unit.
pub(crate) async fn revoke_invitation_in(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    id: InvitationId,
    now: Instant,
) -> Result<Invitation, Fail> {
    actor.require(Right::StaffManage)?;
    let row = tx.one(&store::INVITATION_BY_ID, params![id]).await?;
    let row = row.ok_or_else(|| Problem::not_found("приглашение", "invitation", id))?;
    let mut invitation = Invitation::from_row(&row, now)?;
    if invitation.state == InvitationState::Open {
        invitation.state = InvitationState::Revoked;
        tx.put(&store::INVITATION_END, params![id, STATE_OPEN, STATE_REVOKED, invitation.staff]);
        audit(tx, app, actor, "staff.uninvite", id, &json!({}));
    }
    Ok(invitation)
}

/// Inside a unit: the open invitation of a payload, if whoever made it could still make it.
pub(super) async fn open_invitation(
    tx: &Tx,
    payload: &str,
    now: Instant,
) -> Result<Option<Invitation>, Fail> {
    let Some(row) = tx.one(&store::INVITATION_BY_SECRET, params![token_hash(payload)]).await? else {
        return Ok(None);
    };
    let invitation = Invitation::from_row(&row, now)?;
    if invitation.state != InvitationState::Open {
        return Ok(None);
    }
    if let Ok(id) = invitation.created_by.parse::<StaffId>() {
        let host = find(tx, id).await?.filter(Staff::is_active).map(|host| host.rights());
        let may = |host: Rights| {
            host.has(Right::StaffManage) && invitation.rights().iter().all(|right| host.has(right))
        };
        if !host.is_some_and(may) {
            return Ok(None);
        }
    }
    Ok(Some(invitation))
}

/// Inside a unit: nobody comes by it any more.
pub(super) fn use_up(tx: &Tx, id: InvitationId, staff: StaffId) {
    tx.put(&store::INVITATION_END, params![id, STATE_OPEN, STATE_USED, staff]);
}

const STATE_OPEN: i64 = 0;
const STATE_USED: i64 = 1;
const STATE_REVOKED: i64 = 2;

impl Invitation {
    /// What they will be allowed.
    pub fn rights(&self) -> Rights {
        self.own_role.as_ref().map_or_else(|| self.role.rights(), |(_, _, rights)| *rights)
    }
    /// Their role by name or id.
    pub fn role_ref(&self) -> RoleRef {
        self.own_role.as_ref().map_or(RoleRef::BuiltIn(self.role), |(id, _, _)| RoleRef::Own(*id))
    }
    /// The name of their role as people read it.
    pub fn role_title(&self, locale: &str) -> String {
        self.own_role
            .as_ref()
            .map_or_else(|| self.role.title(locale).to_owned(), |(_, title, _)| title.clone())
    }

    fn from_row(row: &Row, now: Instant) -> Result<Self, StoreError> {
        let expires_at = row.instant(6)?;
        Ok(Self {
            id: row.id(0)?,
            name: row.text(1)?.to_owned(),
            role: row.text(2)?.parse().map_err(|problem: Problem| row.bad_as(2, problem.en))?,
            own_role: super::model::own_role(row)?,
            channels: row.opt_json(11)?,
            staff: row.opt_id(3)?,
            created_by: row.text(4)?.to_owned(),
            created_at: row.instant(5)?,
            expires_at,
            state: match row.int(7)? {
                STATE_USED => InvitationState::Used,
                STATE_REVOKED => InvitationState::Revoked,
                _ if expires_at <= now => InvitationState::Expired,
                _ => InvitationState::Open,
            },
        })
    }
}

/// The company's bot for its staff: the oldest, when there are several.
fn staff_channel(app: &App, actor: &Actor) -> Option<Arc<ChannelInfo>> {
    let of_staff =
        |channel: &Arc<ChannelInfo>| channel.tenant.id == actor.tenant && channel.audience.is_staff();
    app.directory.channels().into_iter().filter(of_staff).min_by_key(|channel| channel.id)
}
