//! Freezing: the tickets of a draw become a list that cannot be changed, and the draw is announced.

use super::model::{Draw, DrawState, Readiness, SourcePlan};
use super::work::Freeze;
use super::{load, no_promotion, person, rules, store, unit_key};
use crate::access::{Actor, Right, audit};
use crate::app::App;
use crate::media::pieces::{self, Head};
use crate::media::work::remove_at;
use crate::problem::{Fail, Problem};
use crate::tenants;
use crate::work::enqueue;
use futures::TryStreamExt;
use samovar_base::{ContactId, DrawId, FileId, TenantId};
use samovar_draw::{EXCLUDED_MAX, Excluded, List, mask, write_line};
use samovar_store::Tx;
use serde_json::json;
use std::sync::Arc;

/// Tickets of one piece of the list.
pub(super) const PORTION: u32 = 10_000;
/// The largest list, in bytes: about four million tickets.
const LIST_MAX: usize = 256 << 20;
/// Receipts that are named in the audit log when a list is frozen without them.
const NAMED_MAX: u32 = 500;

/// What must be so before the list can be frozen.
pub async fn readiness(app: &App, actor: &Actor, id: DrawId) -> Result<Readiness, Fail> {
    actor.require(Right::Promotions)?;
    let services = app.clone();
    app.store
        .read(actor.tenant, move |tx| {
            let app = services.clone();
            async move {
                let draw = load(&tx, id).await?;
                ready(&app, &tx, &draw).await
            }
        })
        .await
}

async fn ready(app: &App, tx: &Tx, draw: &Draw) -> Result<Readiness, Fail> {
    let now = app.clock.now();
    let (unchecked, undecided) = store::waiting(tx, draw).await?;
    Ok(Readiness {
        period_over: now >= draw.until,
        unchecked,
        undecided,
        tickets: store::ticket_count(tx, draw).await?,
        source_ahead: rules::is_ahead(&draw.plan.source, now),
    })
}

/// Begins to freeze the list; the rest goes on by itself. Refused while receipts of the time wait, unless it is told
/// expressly that the list goes without them: they are named in the audit log then. Asked again it is answered by the draw
/// as it stands.
pub async fn freeze(app: &App, actor: &Actor, id: DrawId, without_waiting: bool) -> Result<Draw, Fail> {
    actor.require(Right::Promotions)?;
    let found = readiness(app, actor, id).await?;
    let file = FileId::new(&app.ids, app.clock.as_ref());
    let (services, actor_of_unit, now) = (app.clone(), actor.clone(), app.clock.now());
    app.store
        .run(actor.tenant, unit_key(id), move |tx| {
            let (app, actor) = (services.clone(), actor_of_unit.clone());
            async move {
                let mut draw = load(&tx, id).await?;
                if draw.state == DrawState::Freezing {
                    return Ok(draw);
                }
                rules::is_in(&draw, DrawState::Planned)?;
                let promotion = store::promotion(&tx, draw.promotion).await?;
                if !promotion.ok_or_else(|| no_promotion(draw.promotion))?.earnest {
                    let ru =
                        "Акция ещё не началась: её пробные билеты не разыгрывают, можно только репетировать";
                    let en = "The promotion has not begun: its trial tickets are not drawn, only rehearsed";
                    return Err(Problem::refused("promotion_not_begun", ru, en).into());
                }
                // Counted again where others cannot come between; the tickets are many and only their being matters.
                let (unchecked, undecided) = store::waiting(&tx, &draw).await?;
                let ready = Readiness { unchecked, undecided, ..found };
                rules::may_freeze(ready, without_waiting)?;
                let left_out = store::waiting_ids(&tx, &draw, NAMED_MAX).await?;
                draw.state = DrawState::Freezing;
                draw.file = file;
                (draw.cursor, draw.pieces, draw.size, draw.tickets) = (0, 0, 0, 0);
                draw.note = String::new();
                store::save(&tx, &mut draw, now);
                let once = format!("{id}:{}", draw.revision);
                enqueue(&app, &tx, &Freeze { draw: id }, now, Some(&once)).await?;
                let left_out: Vec<String> =
                    left_out.iter().map(|id| samovar_base::ReceiptId(*id).to_string()).collect();
                let data = json!({ "unchecked": unchecked, "undecided": undecided, "without": left_out });
                audit(&tx, &app, &actor, "draw.freeze", id, &data);
                Ok(draw)
            }
        })
        .await
}

/// Writes the next piece of the list; whether there is more to do. Done again after a crash it goes on where the last
/// whole piece ended.
pub(super) async fn step(app: &App, tenant: TenantId, id: DrawId) -> Result<bool, Fail> {
    let read = app.store.read(tenant, move |tx| async move {
        let draw = load(&tx, id).await?;
        if draw.state != DrawState::Freezing {
            return Ok::<_, Fail>(None);
        }
        let tickets = store::tickets(&tx, &draw, draw.cursor, PORTION).await?;
        Ok(Some((draw, tickets)))
    });
    let Some((draw, tickets)) = read.await? else { return Ok(false) };
    let Some(last) = tickets.last().map(|ticket| ticket.number) else {
        finish(app, tenant, draw).await?;
        return Ok(false);
    };
    let lines = lines(app, &draw, &tickets);
    let count = i64::try_from(tickets.len()).unwrap_or(i64::MAX);
    let (seen, now) = (draw.revision, app.clock.now());
    let bytes: Arc<[u8]> = lines.into_bytes().into();
    app.store
        .run(tenant, unit_key(id), move |tx| {
            let (mut draw, bytes) = (draw.clone(), Arc::clone(&bytes));
            async move {
                // Somebody else wrote this piece: what was read is old.
                if load(&tx, id).await?.revision != seen {
                    return Ok(true);
                }
                pieces::put(&tx, draw.file, draw.pieces, &bytes);
                draw.cursor = last;
                draw.pieces += 1;
                draw.tickets += count;
                draw.size += i64::try_from(bytes.len()).unwrap_or(i64::MAX);
                store::save(&tx, &mut draw, now);
                Ok(true)
            }
        })
        .await
}

/// Tickets as lines of the list.
pub(super) fn lines(app: &App, draw: &Draw, tickets: &[store::Ticket]) -> String {
    let mut text = String::with_capacity(tickets.len() * 72);
    for ticket in tickets {
        let name = mask(&ticket.name, ticket.phone.as_deref());
        let line = samovar_draw::Ticket {
            number: ticket.number.unsigned_abs(),
            arrived: ticket.arrived.seconds(),
            person: person(app, draw.promotion, ticket.contact),
            name: &name,
        };
        write_line(&mut text, &line);
    }
    text
}

/// The list of a draw, as it was written.
pub(super) async fn bytes(app: &App, tenant: TenantId, draw: &Draw) -> Result<Vec<u8>, Fail> {
    let mut all = Vec::with_capacity(usize::try_from(draw.size).unwrap_or(0).min(LIST_MAX));
    let mut stream = std::pin::pin!(pieces::stream(app, tenant, draw.file));
    while let Some(piece) = stream.try_next().await? {
        all.extend_from_slice(&piece);
        if all.len() > LIST_MAX {
            let (ru, en) = ("Список билетов слишком велик", "The list of tickets is too large");
            return Err(Problem::refused("list_too_large", ru, en).into());
        }
    }
    Ok(all)
}

/// A list that was read, off the threads that answer people.
pub(super) async fn read_list(bytes: Vec<u8>) -> Result<List, Fail> {
    let read = tokio::task::spawn_blocking(move || List::read(bytes)).await;
    match read {
        Ok(Ok(list)) => Ok(list),
        Ok(Err(malformed)) => Err(spoilt(&malformed.to_string())),
        Err(gone) => Err(spoilt(&gone.to_string())),
    }
}

fn spoilt(what: &str) -> Fail {
    let ru = format!("Список билетов не читается: {what}");
    Problem::refused("list_spoilt", ru, format!("The list of tickets cannot be read: {what}")).into()
}

/// All pieces are written: the draw is announced. When its randomness could be known by now, it is planned again.
async fn finish(app: &App, tenant: TenantId, draw: Draw) -> Result<(), Fail> {
    let list = read_list(bytes(app, tenant, &draw).await?).await?;
    let (hash, count) = (list.hash().to_owned(), list.len());
    drop(list);
    let (services, id, seen) = (app.clone(), draw.id, draw.revision);
    app.store
        .run(tenant, unit_key(id), move |tx| {
            let (app, hash) = (services.clone(), hash.clone());
            async move {
                let mut draw = load(&tx, id).await?;
                if draw.state != DrawState::Freezing || draw.revision != seen {
                    return Ok(());
                }
                let actor = Actor::system(tx.tenant());
                match announce(&app, &tx, &mut draw, &hash, count).await {
                    Ok(()) => {
                        let data =
                            json!({ "announced": draw.announced, "list": hash, "tickets": draw.tickets });
                        audit(&tx, &app, &actor, "draw.frozen", id, &data);
                    }
                    Err(Fail::Problems(problems)) => {
                        let locale =
                            tenants::load(&tx).await?.map_or_else(|| "ru".to_owned(), |tenant| tenant.locale);
                        draw.note = problems
                            .iter()
                            .map(|problem| problem.text(&locale))
                            .collect::<Vec<_>>()
                            .join("; ");
                        draw.state = DrawState::Planned;
                        remove_at(&app, &tx, draw.file, app.clock.now()).await?;
                        audit(&tx, &app, &actor, "draw.not_frozen", id, &json!({ "note": draw.note }));
                    }
                    Err(fail) => return Err(fail),
                }
                store::save(&tx, &mut draw, app.clock.now());
                Ok(())
            }
        })
        .await
}

async fn announce(app: &App, tx: &Tx, draw: &mut Draw, hash: &str, count: u64) -> Result<(), Fail> {
    let now = app.clock.now();
    if !rules::is_ahead(&draw.plan.source, now) {
        let ru =
            "Пока список замораживался, случайное число могло стать известно: перенесите его момент вперёд";
        let en = "The randomness may have become known while the list was frozen: move its moment forward";
        return Err(Problem::refused("source_not_ahead", ru, en).into());
    }
    let promotion =
        store::promotion(tx, draw.promotion).await?.ok_or_else(|| no_promotion(draw.promotion))?;
    let company = tenants::load(tx).await?.map(|tenant| tenant.name).unwrap_or_default();
    let excluded = excluded(app, tx, draw).await?;
    if excluded.len() > EXCLUDED_MAX {
        let ru = format!("Исключено больше {EXCLUDED_MAX} человек: столько объявление не вмещает");
        let en =
            format!("More than {EXCLUDED_MAX} people are left out: an announcement does not hold so many");
        return Err(Problem::refused("too_many_excluded", ru, en).into());
    }
    let source = rules::source(&draw.plan.source, draw.planned_at, now);
    let source = source.filter(|_| !matches!(&draw.plan.source, SourcePlan::Reveal { commitment: None }));
    let source = source.ok_or_else(|| {
        let (ru, en) = ("Источник случайного числа не задан", "There is no source of the randomness");
        Problem::refused("bad_source", ru, en)
    })?;
    draw.tickets = i64::try_from(count).unwrap_or(i64::MAX);
    let told = rules::announce(draw, (&company, &promotion.name), hash, source, excluded, now)?;
    draw.announcement = told.text();
    draw.announced = told.hash();
    draw.state = DrawState::Frozen;
    draw.frozen_at = Some(now);
    let name = format!("tickets-{}.tsv", draw.id);
    let head = Head { name, media_type: "text/tab-separated-values; charset=utf-8".into(), size: draw.size };
    pieces::finish(tx, draw.file, &head, now, None);
    Ok(())
}

/// Who wins nothing, each once, with the first reason that fits.
pub(super) async fn excluded(app: &App, tx: &Tx, draw: &Draw) -> Result<Vec<Excluded>, Fail> {
    let most = u32::try_from(EXCLUDED_MAX).unwrap_or(u32::MAX).saturating_add(1);
    let mut all: Vec<Excluded> = Vec::new();
    let mut add = |contacts: Vec<ContactId>, why: &str| {
        let one = |contact| Excluded { person: person(app, draw.promotion, contact), why: why.to_owned() };
        all.extend(contacts.into_iter().map(one));
    };
    if draw.plan.without_staff {
        add(store::staff_contacts(tx, most).await?, "staff");
    }
    if draw.plan.without_winners {
        add(store::earlier_winners(tx, draw, most).await?, "won before");
    }
    add(store::blocked_contacts(tx, draw.promotion, most).await?, "takes part no more");
    add(draw.plan.without.clone(), "left out by the organiser");
    all.sort_by_key(|one| one.person);
    all.dedup_by_key(|one| one.person);
    Ok(all)
}
