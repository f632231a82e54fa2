//! Words to customers, and conversations that wait for a person.

use super::{PAGE, customer, outcome, skipped, title, typed, view};
use crate::access::{Actor, Right};
use crate::backups;
use crate::capability::{Look, Outcome, Shown};
use crate::contacts;
use crate::exports;
use crate::media;
use crate::pipeline::{desk, waiting as kept};
use crate::problem::Fail;
use crate::staff;
use crate::visit::Visit;
use samovar_base::StaffId;
use samovar_engine::Values;
use serde_json::json;

/// Lines of a conversation on one page.
const LINES: u32 = 12;

/// Says something to one customer; the conversation stays with the bot.
pub(super) async fn message(actor: &Actor, params: &Values, visit: &mut Visit) -> Result<Outcome, Fail> {
    let text = typed(params, "text").unwrap_or_default().to_owned();
    let (id, picture) = (customer(params)?, typed(params, "picture").map(str::to_owned));
    let ready = desk::write_in(&visit.app, &visit.tx, actor, id, text, picture, visit.now).await?;
    visit.ready.extend(ready);
    Ok(Outcome::named("done"))
}

/// Names a photo that came into this conversation, so that it can be shown and passed on.
pub(super) fn picture(params: &Values, visit: &Visit) -> Outcome {
    let photo = typed(params, "photo").unwrap_or_default();
    outcome("done", json!({ "picture": media::key_of_sent(visit.channel.id, photo) }))
}

/// Answers a customer; the bot is silent there until the conversation is given back.
pub(super) async fn answer(actor: &Actor, params: &Values, visit: &mut Visit) -> Result<Outcome, Fail> {
    let text = typed(params, "text").unwrap_or_default().to_owned();
    desk::answer_in(&visit.app, &visit.tx, actor, customer(params)?, text, visit.now).await?;
    Ok(Outcome::named("done"))
}

/// Lets the bot go on with a customer.
pub(super) async fn give_back(actor: &Actor, params: &Values, visit: &mut Visit) -> Result<Outcome, Fail> {
    desk::give_back_in(&visit.app, &visit.tx, actor, customer(params)?, visit.now).await?;
    Ok(Outcome::named("done"))
}

/// Has a table of all customers made; the file comes into this conversation.
pub(super) async fn export(actor: &Actor, visit: &mut Visit) -> Result<Outcome, Fail> {
    let chat =
        exports::Chat { channel: visit.channel.id, chat: visit.chat.clone(), contact: visit.contact.id };
    let request = exports::Request {
        chat: Some(chat),
        ..exports::Request::new(exports::What::Contacts, exports::Format::Xlsx)
    };
    let (_, ready) = exports::start_in(&visit.app, &visit.tx, actor, request, visit.now).await?;
    visit.ready.extend(ready);
    Ok(Outcome::named("done"))
}

/// Has a backup of the database made; it comes into this conversation.
pub(super) async fn backup(actor: &Actor, visit: &mut Visit) -> Result<Outcome, Fail> {
    let chat =
        exports::Chat { channel: visit.channel.id, chat: visit.chat.clone(), contact: visit.contact.id };
    let (_, ready) = backups::start_in(&visit.app, &visit.tx, actor, Some(chat), visit.now).await?;
    visit.ready.extend(ready);
    Ok(Outcome::named("done"))
}

/// Who waits, the longest first.
pub(super) async fn waiting(actor: &Actor, look: Look<'_>, visit: &mut Visit) -> Result<Shown, Fail> {
    if let Some(pressed) = look.pressed {
        return Ok(Shown::Left(outcome("chosen", json!({ "customer": pressed }))));
    }
    let mut all = kept::waiting_in(&visit.tx, actor, skipped(&look), PAGE + 1).await?;
    let more = all.len() > PAGE as usize;
    all.truncate(PAGE as usize);
    let (zone, ru) = (visit.channel.tenant.time_zone(), actor.locale.starts_with("ru"));
    let today = visit.now.in_zone(&zone).date();
    let rows = all
        .iter()
        .map(|one| {
            let since = one.since.in_zone(&zone);
            let since = if since.date() == today { since.strftime("%H:%M") } else { since.strftime("%d.%m") };
            let name = match (one.name.as_str(), ru) {
                ("", true) => "Без имени",
                ("", false) => "No name",
                (name, _) => name,
            };
            let state = match (one.answered_at.is_some(), ru) {
                (true, true) => "отвечаем",
                (true, false) => "answered",
                (false, true) => "ждёт с",
                (false, false) => "since",
            };
            let label = if one.answered_at.is_some() {
                format!("{name} · {state}")
            } else {
                format!("{name} · {state} {since}")
            };
            (label, one.contact.to_string())
        })
        .collect::<Vec<_>>();
    let lines = match (rows.is_empty(), ru) {
        (true, true) => vec!["Сейчас никто не ждёт ответа.".to_owned()],
        (true, false) => vec!["Nobody waits for an answer now.".to_owned()],
        _ => Vec::new(),
    };
    Ok(view(&title(&look), &lines, rows, more))
}

/// What was said in a conversation since a person was wanted.
pub(super) async fn conversation(actor: &Actor, look: Look<'_>, visit: &mut Visit) -> Result<Shown, Fail> {
    actor.require(Right::ConversationsRead)?;
    let id = customer(look.params)?;
    let contact = contacts::load(&visit.tx, id).await?.ok_or_else(|| contacts::not_found(id))?;
    let said = kept::lines_in(&visit.tx, actor, id, None, LINES).await?;
    let zone = visit.channel.tenant.time_zone();
    let mut lines = Vec::with_capacity(said.len());
    for line in said.iter().rev() {
        let author = match line.author.parse::<StaffId>() {
            Ok(staff) => {
                staff::find(&visit.tx, staff).await?.map_or_else(|| line.author.clone(), |one| one.name)
            }
            Err(_) if line.author.is_empty() => super::find::name(&contact, &actor.locale),
            Err(_) => visit.channel.tenant.name.clone(),
        };
        lines.push(format!("{} {author}: {}", line.at.in_zone(&zone).strftime("%H:%M"), line.text));
    }
    if lines.is_empty() {
        let ru = actor.locale.starts_with("ru");
        lines.push(
            if ru {
                "Здесь пока ничего не написано."
            } else {
                "Nothing was written here yet."
            }
            .to_owned(),
        );
    }
    Ok(view(&title(&look), &lines, Vec::new(), false))
}
