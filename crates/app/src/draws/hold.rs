//! Holding a draw: the randomness is brought, the winners follow, the protocol is signed, and all of it is published.

use super::freeze::{PORTION, bytes, excluded, lines, read_list};
use super::model::{Draw, DrawState, Rehearsal, SourcePlan, Winner, WinnerState};
use super::work::Tell;
use super::{load, no_promotion, rules, secret_row, spoken, store, unit_key};
use crate::access::{Actor, Right, audit};
use crate::app::App;
use crate::media::pieces::{self, Head};
use crate::problem::{Fail, Kind, Problem};
use crate::tenants;
use crate::work::enqueue;
use bytes::Bytes;
use futures::Stream;
use samovar_base::{DrawId, Instant, TenantId};
use samovar_connectors::beacon::{Said, Silence};
use samovar_draw::{Announcement, List, Protocol, QUICKNET, Randomness, Source, check_randomness, hex};
use serde_json::json;

/// The key by which this instance signs protocols.
pub use samovar_draw::Key;

/// The key by which this instance signs protocols. What everybody may know of it is published.
pub fn instance_key(app: &App) -> Key {
    let halves = [app.vault.sign("the key of draws", b"1"), app.vault.sign("the key of draws", b"2")];
    let mut secret = [0; 32];
    secret[..16].copy_from_slice(&halves[0]);
    secret[16..].copy_from_slice(&halves[1]);
    Key::new(&secret)
}

/// Holds a draw whose list is frozen. The randomness must be what was announced; a secret of the program is brought by
/// itself. Asked again with the same randomness, it is answered by the draw as it stands.
pub async fn hold(app: &App, actor: &Actor, id: DrawId, given: Option<Randomness>) -> Result<Draw, Fail> {
    actor.require(Right::Promotions)?;
    let draw = super::get(app, actor, id).await?;
    if let Some(held) = draw.held() {
        let same = given.as_ref().is_none_or(|given| *given == held.randomness);
        return if same { Ok(draw) } else { Err(rules::wrong_state(draw.state).into()) };
    }
    rules::is_in(&draw, DrawState::Frozen)?;
    let told = draw.told().ok_or_else(|| rules::wrong_state(DrawState::Freezing))?;
    let now = app.clock.now();
    not_before(&told, now, &zone(app, actor.tenant).await?)?;
    let randomness = match given {
        Some(given) => given,
        None => match told.source {
            Source::Drand { round } => said(app, &told.source, round).await.map_err(no_beacon)?,
            _ => own_secret(app, &draw).ok_or_else(wanted)?,
        },
    };
    if let Err((ru, en)) = check_randomness(&told.source, &randomness) {
        return Err(Problem::invalid("randomness", "wrong_randomness", ru, en).into());
    }
    let list = frozen_list(app, actor.tenant, &draw, &told).await?;
    let file = count(app, told, list, randomness, now).await?;
    write(app, actor, id, file, now).await
}

/// The draw as it would come out by made-up randomness: with the frozen list, or with the tickets that are there now. It
/// changes nothing and says of itself that it is no draw.
pub async fn rehearse(app: &App, actor: &Actor, id: DrawId) -> Result<Rehearsal, Fail> {
    actor.require(Right::Promotions)?;
    let draw = super::get(app, actor, id).await?;
    let now = app.clock.now();
    let (list, told) = match draw.told() {
        Some(told) => {
            let list = frozen_list(app, actor.tenant, &draw, &told).await?;
            (list, Announcement { source: Source::Test, ..told })
        }
        None => {
            let list = read_list(tickets_now(app, actor.tenant, &draw).await?).await?;
            let told = made_up(app, actor.tenant, &draw, &list, now).await?;
            (list, told)
        }
    };
    let tickets = list.len();
    let randomness = Randomness::Test { value: hex(&app.chance.bytes::<16>()) };
    let protocol = count(app, told, list, randomness, now).await?;
    let (services, actor_of_unit) = (app.clone(), actor.clone());
    app.store
        .run(actor.tenant, unit_key(id), move |tx| {
            audit(&tx, &services, &actor_of_unit, "draw.rehearse", id, &json!({ "tickets": tickets }));
            std::future::ready(Ok::<_, Fail>(()))
        })
        .await?;
    Ok(Rehearsal { tickets, protocol })
}

/// Shows the winners to everybody, and begins to tell them.
pub async fn publish(app: &App, actor: &Actor, id: DrawId) -> Result<Draw, Fail> {
    actor.require(Right::Promotions)?;
    let (services, actor_of_unit, now) = (app.clone(), actor.clone(), app.clock.now());
    app.store
        .run(actor.tenant, unit_key(id), move |tx| {
            let (app, actor) = (services.clone(), actor_of_unit.clone());
            async move {
                let mut draw = load(&tx, id).await?;
                if draw.state == DrawState::Published {
                    return Ok(draw);
                }
                rules::is_in(&draw, DrawState::Drawn)?;
                draw.state = DrawState::Published;
                draw.published_at = Some(now);
                store::save(&tx, &mut draw, now);
                enqueue(&app, &tx, &Tell { draw: id }, now, Some(&format!("{id}:publish"))).await?;
                audit(&tx, &app, &actor, "draw.publish", id, &json!({}));
                Ok(draw)
            }
        })
        .await
}

/// The frozen list as a file, piece by piece: it is public.
pub async fn list_file(
    app: &App,
    tenant: TenantId,
    id: DrawId,
) -> Result<(Head, impl Stream<Item = Result<Bytes, Fail>> + use<>), Fail> {
    let draw = super::shown_one(app, tenant, id).await?;
    if matches!(draw.state, DrawState::Planned | DrawState::Freezing) {
        return Err(rules::wrong_state(draw.state).into());
    }
    let head = pieces::head(app, tenant, draw.file).await?;
    Ok((head, pieces::stream(app, tenant, draw.file)))
}

/// Counts the draw and signs what came of it, off the threads that answer people.
async fn count(
    app: &App,
    told: Announcement,
    list: List,
    randomness: Randomness,
    now: Instant,
) -> Result<String, Fail> {
    let key = instance_key(app);
    let counted = tokio::task::spawn_blocking(move || {
        Protocol::hold(&told, &list, randomness, now.seconds(), &key).map(|protocol| protocol.sign(&key))
    });
    counted.await.ok().flatten().ok_or_else(|| {
        let (ru, en) = ("Розыгрыш не посчитан: повторите", "The draw was not counted: try again");
        Problem::refused("not_counted", ru, en).into()
    })
}

/// Keeps the protocol and who won, once.
async fn write(app: &App, actor: &Actor, id: DrawId, file: String, now: Instant) -> Result<Draw, Fail> {
    let (services, actor_of_unit) = (app.clone(), actor.clone());
    app.store
        .run(actor.tenant, unit_key(id), move |tx| {
            let (app, actor, file) = (services.clone(), actor_of_unit.clone(), file.clone());
            async move {
                let mut draw = load(&tx, id).await?;
                rules::is_in(&draw, DrawState::Frozen)?;
                draw.protocol = file;
                let held = draw.held().ok_or_else(|| rules::wrong_state(draw.state))?;
                let all: Vec<_> = held.winners.iter().chain(&held.reserve).collect();
                let number = |won: &samovar_draw::Won| i64::try_from(won.number).unwrap_or(i64::MAX);
                let numbers: Vec<i64> = all.iter().map(|won| number(won)).collect();
                let holders = store::holders(&tx, draw.promotion, &numbers).await?;
                for (won, place) in all.into_iter().zip(1_i64..) {
                    let Some(contact) = holders.get(&number(won)).copied() else { continue };
                    let winner = Winner {
                        draw: id,
                        place,
                        promotion: draw.promotion,
                        prize: i64::from(won.prize),
                        reserve: won.prize == 0,
                        instead_of: None,
                        ticket: number(won),
                        contact,
                        name: won.name.clone(),
                        state: if won.prize == 0 { WinnerState::Reserve } else { WinnerState::Drawn },
                        answer_until: None,
                        told_at: None,
                        answered_at: None,
                        sent_at: None,
                        handed_at: None,
                        ended_at: None,
                        delivery: None,
                        delivery_at: None,
                        note: String::new(),
                        revision: 1,
                    };
                    store::insert_winner(&tx, &winner);
                }
                draw.state = DrawState::Drawn;
                draw.drawn_at = Some(now);
                store::save(&tx, &mut draw, now);
                let data = json!({
                    "seed": held.seed, "randomness": held.randomness, "winners": held.winners.len(),
                    "reserve": held.reserve.len(),
                });
                audit(&tx, &app, &actor, "draw.hold", id, &data);
                Ok(draw)
            }
        })
        .await
}

/// The list that was announced, and no other.
async fn frozen_list(app: &App, tenant: TenantId, draw: &Draw, told: &Announcement) -> Result<List, Fail> {
    let list = read_list(bytes(app, tenant, draw).await?).await?;
    if list.hash() == told.list && list.len() == told.tickets {
        return Ok(list);
    }
    let ru = "Сохранённый список билетов не тот, что был объявлен: восстановите базу из копии";
    let en = "The stored list of tickets is not the one that was announced: restore the database from a copy";
    Err(Problem::refused("list_changed", ru, en).into())
}

/// The tickets of the time as they are now, for a rehearsal.
async fn tickets_now(app: &App, tenant: TenantId, draw: &Draw) -> Result<Vec<u8>, Fail> {
    let (mut all, mut after) = (String::new(), 0);
    loop {
        let asked = draw.clone();
        let tickets = app
            .store
            .read(tenant, move |tx| {
                let draw = asked.clone();
                async move { Ok::<_, Fail>(store::tickets(&tx, &draw, after, PORTION).await?) }
            })
            .await?;
        let Some(last) = tickets.last() else { return Ok(all.into_bytes()) };
        after = last.number;
        all.push_str(&lines(app, draw, &tickets));
    }
}

async fn made_up(
    app: &App,
    tenant: TenantId,
    draw: &Draw,
    list: &List,
    now: Instant,
) -> Result<Announcement, Fail> {
    if list.is_empty() {
        let ru = "Репетировать не с чем: в этом периоде ещё нет билетов";
        return Err(Problem::refused(
            "no_tickets",
            ru,
            "There is nothing to rehearse with: no tickets in this period yet",
        )
        .into());
    }
    let (services, asked) = (app.clone(), draw.clone());
    let names = app.store.read(tenant, move |tx| {
        let (app, draw) = (services.clone(), asked.clone());
        async move {
            let of = draw.promotion;
            let promotion = store::promotion(&tx, of).await?.ok_or_else(|| no_promotion(of))?;
            let company = tenants::load(&tx).await?.map(|tenant| tenant.name).unwrap_or_default();
            Ok::<_, Fail>((company, promotion.name, excluded(&app, &tx, &draw).await?))
        }
    });
    let (company, promotion, excluded) = names.await?;
    let counted = Draw { tickets: i64::try_from(list.len()).unwrap_or(i64::MAX), ..draw.clone() };
    Ok(rules::announce(&counted, (&company, &promotion), list.hash(), Source::Test, excluded, now)?)
}

/// The number of an announced moment does not exist before it.
fn not_before(told: &Announcement, now: Instant, zone: &jiff::tz::TimeZone) -> Result<(), Problem> {
    match told.source.moment() {
        Some(at) if now.seconds() < at => {
            let at = spoken(Instant::from_seconds(at), zone);
            let ru = format!("Случайное число станет известно {at}: подождите этого момента");
            Err(Problem::refused(
                "too_early",
                ru,
                format!("The randomness will be known at {at}: wait for it"),
            ))
        }
        _ => Ok(()),
    }
}

/// The secret that the program made up for this draw.
fn own_secret(app: &App, draw: &Draw) -> Option<Randomness> {
    if !matches!(draw.plan.source, SourcePlan::Reveal { .. }) {
        return None;
    }
    let opened = app.vault.open(&secret_row(draw.id), draw.secret.as_deref()?).ok()?;
    Some(Randomness::Reveal { secret: String::from_utf8(opened).ok()? })
}

/// The beacon's number, from whichever of its mirrors brings one that the League signed.
async fn said(app: &App, source: &Source, round: u64) -> Result<Randomness, Silence> {
    let as_given = |said: &Said| Randomness::Drand { round: said.round, signature: said.signature.clone() };
    let genuine = |said: &Said| check_randomness(source, &as_given(said)).is_ok();
    app.beacon.ask(QUICKNET.chain, round, genuine).await.map(|said| as_given(&said))
}

fn no_beacon(silence: Silence) -> Problem {
    let (code, ru, en) = match silence {
        Silence::Away => (
            "beacon_silent",
            "Маяк drand не ответил: повторите или впишите его число сами, адрес указан в розыгрыше",
            "The drand beacon did not answer: try again, or put its number in yourself, its address is in the draw",
        ),
        Silence::NotYet => (
            "beacon_not_yet",
            "Маяк drand ещё не назвал это число: повторите через минуту",
            "The drand beacon has not said this number yet: try again in a minute",
        ),
        Silence::Wrong => (
            "beacon_wrong",
            "Вместо числа маяка drand пришло другое: подпись не сошлась. Повторите, проверьте адреса drand в настройках \
             программы или впишите число сами, адрес указан в розыгрыше",
            "Something else than the number of the drand beacon came: its signature does not hold. Try again, look at the \
             addresses of drand in the settings of the program, or put the number in yourself, its address is in the draw",
        ),
    };
    Problem::new(Kind::Away, code, ru, en)
}

fn wanted() -> Problem {
    let ru = "Нужно случайное число из объявленного источника";
    Problem::invalid(
        "randomness",
        "randomness_wanted",
        ru,
        "The randomness of the announced source is needed",
    )
}

async fn zone(app: &App, tenant: TenantId) -> Result<jiff::tz::TimeZone, Fail> {
    let found = app.store.read(tenant, |tx| async move { tenants::load(&tx).await }).await?;
    Ok(found.map_or(jiff::tz::TimeZone::UTC, |tenant| tenant.time_zone()))
}
