//! Who works here: invited, given another role, shut out.

use super::{PAGE, outcome, skipped, title, typed, view};
use crate::access::Actor;
use crate::capability::{Look, Outcome, Shown};
use crate::problem::{Fail, Problem};
use crate::staff::{self, Changes, INVITATION_DAYS, RoleRef, Staff, Whom};
use crate::visit::Visit;
use samovar_base::StaffId;
use samovar_engine::Values;
use serde_json::json;

/// Everybody, to be chosen.
pub(super) async fn list(actor: &Actor, look: Look<'_>, visit: &mut Visit) -> Result<Shown, Fail> {
    if let Some(pressed) = look.pressed {
        return Ok(Shown::Left(outcome("chosen", json!({ "staff": pressed }))));
    }
    let all = staff::list_in(&visit.tx, actor).await?;
    let skip = skipped(&look) as usize;
    let more = all.len() > skip + PAGE as usize;
    let ru = actor.locale.starts_with("ru");
    let rows = all
        .iter()
        .skip(skip)
        .take(PAGE as usize)
        .map(|one| {
            let off = match (one.is_active(), ru) {
                (true, _) => "",
                (false, true) => " · отключён",
                (false, false) => " · disabled",
            };
            (format!("{} · {}{off}", one.name, one.role_title(&actor.locale)), one.id.to_string())
        })
        .collect();
    Ok(view(&title(&look), &[], rows, more))
}

/// One of them.
pub(super) async fn colleague(actor: &Actor, params: &Values, visit: &mut Visit) -> Result<Outcome, Fail> {
    let id = chosen(params)?;
    let all = staff::list_in(&visit.tx, actor).await?;
    let found = all.into_iter().find(|one| one.id == id);
    let found = found.ok_or_else(|| Problem::not_found("сотрудник", "staff member", id))?;
    Ok(done(actor, &found))
}

/// A link to forward to somebody new.
pub(super) async fn invite(actor: &Actor, params: &Values, visit: &mut Visit) -> Result<Outcome, Fail> {
    let name = typed(params, "name").unwrap_or_default().to_owned();
    let role: RoleRef = typed(params, "role").unwrap_or_default().parse()?;
    let made =
        staff::invite_in(&visit.app, &visit.tx, actor, Whom::New { name, role, channels: None }, visit.now)
            .await?;
    let link = made.link.unwrap_or_else(|| format!("/start {}", made.payload));
    let invitation = made.invitation;
    Ok(outcome(
        "done",
        json!({
            "link": link,
            "name": invitation.name,
            "role_title": invitation.role_title(&actor.locale),
            "days": INVITATION_DAYS,
        }),
    ))
}

/// Gives another role.
pub(super) async fn set_role(actor: &Actor, params: &Values, visit: &mut Visit) -> Result<Outcome, Fail> {
    let role: RoleRef = typed(params, "role").unwrap_or_default().parse()?;
    change(actor, params, visit, Changes { role: Some(role), ..Changes::default() }).await
}

/// Shuts somebody out, or lets them in again.
pub(super) async fn disable(
    actor: &Actor,
    params: &Values,
    visit: &mut Visit,
    disabled: bool,
) -> Result<Outcome, Fail> {
    change(actor, params, visit, Changes { disabled: Some(disabled), ..Changes::default() }).await
}

async fn change(
    actor: &Actor,
    params: &Values,
    visit: &mut Visit,
    changes: Changes,
) -> Result<Outcome, Fail> {
    let id = chosen(params)?;
    let after = staff::update_in(&visit.app, &visit.tx, actor, id, None, changes, visit.now).await?;
    Ok(done(actor, &after))
}

fn chosen(params: &Values) -> Result<StaffId, Problem> {
    typed(params, "staff").unwrap_or_default().parse().map_err(|_| {
        let ru = "Сначала выберите сотрудника";
        Problem::invalid("staff", "no_colleague", ru, "Choose a staff member first")
    })
}

fn done(actor: &Actor, staff: &Staff) -> Outcome {
    let values = json!({
        "name": staff.name,
        "role": staff.role,
        "role_title": staff.role_title(&actor.locale),
        "disabled": !staff.is_active(),
    });
    outcome("done", values)
}
