//! How people of the company come into the staff's bot, and who of them somebody is.

use super::invitations::{INVITATION_PREFIX, Invitation, open_invitation, use_up};
use super::{Staff, find, insert, store};
use crate::access::{Actor, Role, audit};
use crate::app::App;
use crate::contacts::Contact;
use crate::pipeline::{self, Class, NewOutbound, Policy, Ready};
use crate::problem::Fail;
use crate::visit::Cause;
use samovar_base::message::{Body, Event};
use samovar_base::{ContactId, Instant, StaffId, TenantId};
use samovar_store::{Tx, params};
use serde_json::json;

/// Somebody of the staff in a conversation with the staff's bot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Who, with the rights of the role as it is now.
    pub actor: Actor,
    /// Who.
    pub id: StaffId,
    /// As colleagues call them.
    pub name: String,
    /// What they are; with a role of the company's own, the one it is based on.
    pub role: Role,
    /// The name of their role as people read it.
    pub role_title: String,
}

/// What becomes of somebody who writes to the staff's bot.
#[derive(Debug)]
pub(crate) enum Entered {
    /// They belong here.
    In {
        /// Who it is.
        member: Member,
        /// They came by an invitation a moment ago: the bot begins from its beginning.
        joined: bool,
    },
    /// They do not, and are told so; once.
    Out(Option<&'static str>),
}

/// Inside a unit: who of the staff a contact is; nobody whose rights were taken away.
pub(crate) async fn member(
    tx: &Tx,
    tenant: TenantId,
    contact: ContactId,
    locale: &str,
) -> Result<Option<Member>, Fail> {
    let row = tx.one(&store::STAFF_OF_CHAT, params![contact]).await?;
    Ok(row.map(|row| Staff::from_row(&row)).transpose()?.map(|staff| Member::of(tenant, &staff, locale)))
}

/// Inside a unit: lets people of the company in, those with an open invitation too. A stranger is told once, politely and
/// without hints, and not answered from then on: that they were told is kept as their silence.
pub(crate) async fn enter(
    app: &App,
    tx: &Tx,
    tenant: TenantId,
    contact: &mut Contact,
    event: &Event,
    locale: &str,
    now: Instant,
) -> Result<Entered, Fail> {
    if let Some(member) = member(tx, tenant, contact.id, locale).await? {
        return Ok(Entered::In { member, joined: false });
    }
    let invited = match event {
        Event::Start { payload: Some(payload) } => {
            payload.strip_prefix(INVITATION_PREFIX).map(|_| payload.as_str())
        }
        Event::Text { text } => text.trim().strip_prefix("/start ").map(str::trim),
        _ => None,
    };
    if let Some(payload) = invited.filter(|payload| payload.starts_with(INVITATION_PREFIX)) {
        return match join(app, tx, tenant, contact, payload, locale, now).await? {
            Some(member) => Ok(Entered::In { member, joined: true }),
            None => Ok(Entered::Out(Some(not_good(locale)))),
        };
    }
    let told = contact.stopped_at.is_some();
    contact.stopped_at.get_or_insert(now);
    Ok(Entered::Out((!told).then(|| closed(locale))))
}

/// Inside a unit: says something in the staff's bot to those who have one of these roles. Give what is returned to
/// [`crate::pipeline::Pipeline::send`] after the commit.
pub(crate) async fn tell(
    app: &App,
    tx: &Tx,
    roles: &[Role],
    body: &Body,
    cause: &Cause,
) -> Result<Vec<Ready>, Fail> {
    let mut ready = Vec::new();
    for row in tx.all(&store::CHATS_OF_STAFF, ()).await? {
        if roles.iter().any(|role| row.text(1).is_ok_and(|name| name == role.as_str())) {
            ready.extend(say(app, tx, row.id(0)?, body, cause).await?);
        }
    }
    Ok(ready)
}

/// [`tell`] for one of them, wherever they use the bot.
pub(crate) async fn tell_one(
    app: &App,
    tx: &Tx,
    staff: StaffId,
    body: &Body,
    cause: &Cause,
) -> Result<Vec<Ready>, Fail> {
    let mut ready = Vec::new();
    for row in tx.all(&store::CHATS_OF_ONE, params![staff]).await? {
        ready.extend(say(app, tx, row.id(0)?, body, cause).await?);
    }
    Ok(ready)
}

async fn say(app: &App, tx: &Tx, contact: ContactId, body: &Body, cause: &Cause) -> Result<Vec<Ready>, Fail> {
    let Some(to) = pipeline::recipient(app, tx, contact).await? else { return Ok(Vec::new()) };
    let (body, cause) = (body.clone(), cause.clone());
    let message = NewOutbound { body, class: Class::Service, policy: Policy::Keep, cause };
    Ok(pipeline::write(app, tx, &to, vec![message], app.clock.now()))
}

async fn join(
    app: &App,
    tx: &Tx,
    tenant: TenantId,
    contact: &mut Contact,
    payload: &str,
    locale: &str,
    now: Instant,
) -> Result<Option<Member>, Fail> {
    let Some(invitation) = open_invitation(tx, payload, now).await? else { return Ok(None) };
    let Some(staff) = accept(app, tx, &invitation, now).await? else { return Ok(None) };
    if invitation.staff.is_none() {
        insert(tx, &staff, None);
    }
    use_up(tx, invitation.id, staff.id);
    tx.put(&store::CHAT_PUT, params![contact.id, staff.id, now]);
    contact.stopped_at = None;
    contact.name.clone_from(&staff.name);
    let member = Member::of(tenant, &staff, locale);
    let data = json!({ "role": staff.role, "invited_by": invitation.created_by });
    audit(tx, app, &member.actor, "staff.join", staff.id, &data);
    Ok(Some(member))
}

/// Inside a unit: who somebody becomes by an invitation. The caller uses it up, and inserts whoever is new.
pub(super) async fn accept(
    app: &App,
    tx: &Tx,
    invitation: &Invitation,
    now: Instant,
) -> Result<Option<Staff>, Fail> {
    if let Some(id) = invitation.staff {
        return Ok(find(tx, id).await?.filter(Staff::is_active));
    }
    Ok(Some(Staff {
        id: StaffId::new(&app.ids, app.clock.as_ref()),
        email: String::new(),
        name: invitation.name.clone(),
        role: invitation.role,
        own_role: invitation.own_role.clone(),
        channels: invitation.channels.clone(),
        signs_in: false,
        disabled_at: None,
        revision: 1,
        created_at: now,
    }))
}

impl Member {
    fn of(tenant: TenantId, staff: &Staff, locale: &str) -> Self {
        Self {
            actor: staff.actor(tenant, locale),
            id: staff.id,
            name: staff.name.clone(),
            role: staff.role,
            role_title: staff.role_title(locale),
        }
    }
}

fn closed(locale: &str) -> &'static str {
    if locale.starts_with("ru") {
        "Это служебный бот, посторонним он не отвечает. Если вы здесь случайно, просто закройте чат."
    } else {
        "This bot is for internal use and does not answer others. If you came here by chance, just close the chat."
    }
}

fn not_good(locale: &str) -> &'static str {
    if locale.starts_with("ru") {
        "Приглашение не действует: оно уже использовано, отозвано или устарело. Попросите новое у того, кто вас пригласил."
    } else {
        "This invitation is not valid: it was used, revoked or is too old. Ask whoever invited you for a new one."
    }
}
