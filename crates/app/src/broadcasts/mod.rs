//! Broadcasts: one message to many.
//!
//! A draft is looked at ([`preview`]) and started; a durable job walks its audience and writes the messages, some at a
//! time, each person once, with the place from which to go on in the same unit. Messages are bulk: they take what
//! people's answers leave of a channel's pace. A pause holds what waits; what is stopped stays unsent.
//!
//! One that goes to newcomers walks nobody: it stands until its end, and each registration has a job of its own that
//! writes its message, in the same unit as the record that it was written.

mod model;
mod rules;
mod store;
pub mod words;
pub mod work;

pub use model::{
    Broadcast, BroadcastId, Content, Counts, Draft, Link, Message, Newcomers, Outcome, Progress, Reach, State,
};

use crate::access::{Actor, Right, audit};
use crate::app::App;
use crate::contacts;
use crate::directory::ChannelState;
use crate::pipeline;
use crate::problem::{Fail, Problem};
use crate::segments::{Audience, audience};
use crate::visit::Visit;
use crate::work::enqueue;
use samovar_base::{ChannelId, ContactId, Instant};
use samovar_store::Tx;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// People that a preview looks at.
const LOOKED_AT_MAX: i64 = 10_000;
/// What bulk may take of a channel's pace, per cent.
const BULK_PERCENT: i64 = 60;
/// Held messages wait for this moment, unless somebody lets them go on.
const NEVER: Instant = Instant(253_402_300_799_000_000);

/// What a draft would be for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// Whom it would reach.
    pub reach: Reach,
    /// What that contact would read.
    pub sample: Option<String>,
    /// About how long it would take.
    pub seconds: i64,
}

/// Up to `limit` broadcasts, the youngest first, from `after` on.
pub async fn list(
    app: &App,
    actor: &Actor,
    after: Option<BroadcastId>,
    limit: u32,
) -> Result<Vec<Broadcast>, Fail> {
    actor.require(Right::BroadcastsSend)?;
    let before = after.unwrap_or(BroadcastId(i64::MAX));
    app.store.read(actor.tenant, move |tx| async move { Ok(store::page(&tx, before, limit).await?) }).await
}

/// One broadcast.
pub async fn get(app: &App, actor: &Actor, id: BroadcastId) -> Result<Broadcast, Fail> {
    actor.require(Right::BroadcastsSend)?;
    app.store.read(actor.tenant, move |tx| async move { store::load(&tx, id).await }).await
}

/// What became of its messages so far.
pub async fn counts(app: &App, actor: &Actor, id: BroadcastId) -> Result<Counts, Fail> {
    actor.require(Right::BroadcastsSend)?;
    app.store.read(actor.tenant, move |tx| async move { Ok(store::counts(&tx, id).await?) }).await
}

/// Up to `limit` of its messages in the order of contacts, from `after` on; of one outcome or of all.
pub async fn messages(
    app: &App,
    actor: &Actor,
    id: BroadcastId,
    outcome: Option<Outcome>,
    after: Option<ContactId>,
    limit: u32,
) -> Result<Vec<Message>, Fail> {
    actor.require(Right::BroadcastsSend)?;
    let after = after.unwrap_or(ContactId(0));
    app.store
        .read(actor.tenant, move |tx| async move {
            store::load(&tx, id).await?;
            Ok(store::messages(&tx, id, outcome, after, limit).await?)
        })
        .await
}

/// Keeps a draft; nobody gets it yet.
pub async fn create(app: &App, actor: &Actor, draft: Draft) -> Result<Broadcast, Fail> {
    let (services, actor_of_unit, now) = (app.clone(), actor.clone(), app.clock.now());
    let key = crate::tenants::unit_key(actor.tenant);
    app.store
        .run(actor.tenant, key, move |tx| {
            let (app, actor, draft) = (services.clone(), actor_of_unit.clone(), draft.clone());
            async move { create_in(&app, &tx, &actor, draft, now) }
        })
        .await
}

/// The same inside a unit.
pub(crate) fn create_in(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    draft: Draft,
    now: Instant,
) -> Result<Broadcast, Fail> {
    actor.require(Right::BroadcastsSend)?;
    let broadcast = Broadcast {
        id: BroadcastId::new(&app.ids, app.clock.as_ref()),
        draft: rules::tidy(draft)?,
        state: State::Draft,
        progress: Progress::default(),
        created_by: actor.who.to_string(),
        created_at: now,
        started_at: None,
        finished_at: None,
        revision: 1,
    };
    store::create(tx, &broadcast);
    audit(tx, app, actor, "broadcast.create", broadcast.id, &json!({ "name": broadcast.draft.name }));
    Ok(broadcast)
}

/// Changes a draft. With a `revision`, only if it still has it.
pub async fn update(
    app: &App,
    actor: &Actor,
    id: BroadcastId,
    revision: Option<i64>,
    draft: Draft,
) -> Result<Broadcast, Fail> {
    change(app, actor, id, "broadcast.update", move |broadcast| {
        rules::must_be(broadcast.state, &[State::Draft])?;
        if revision.is_some_and(|seen| seen != broadcast.revision) {
            return Err(crate::tenants::changed_meanwhile(broadcast.revision).into());
        }
        broadcast.draft = rules::tidy(draft.clone())?;
        Ok(Then::Nothing)
    })
    .await
}

/// Removes a draft.
pub async fn remove(app: &App, actor: &Actor, id: BroadcastId) -> Result<(), Fail> {
    actor.require(Right::BroadcastsSend)?;
    let (services, actor_of_unit) = (app.clone(), actor.clone());
    app.store
        .run(actor.tenant, unit_key(id), move |tx| {
            let (app, actor) = (services.clone(), actor_of_unit.clone());
            async move {
                let broadcast = store::load(&tx, id).await?;
                rules::must_be(broadcast.state, &[State::Draft])?;
                store::remove(&tx, &broadcast);
                audit(&tx, &app, &actor, "broadcast.remove", id, &json!({}));
                Ok(())
            }
        })
        .await
}

/// Whom a broadcast would reach, what a contact would read, and how long it would take.
pub async fn preview(
    app: &App,
    actor: &Actor,
    id: BroadcastId,
    contact: Option<ContactId>,
) -> Result<Preview, Fail> {
    let broadcast = get(app, actor, id).await?;
    let (services, actor) = (app.clone(), actor.clone());
    let now = app.clock.now();
    app.store
        .read(actor.tenant, move |tx| {
            let (app, actor, broadcast) = (services.clone(), actor.clone(), broadcast.clone());
            async move {
                let Draft { audience, purpose, content, .. } = &broadcast.draft;
                let reach = match broadcast.draft.newcomers {
                    // Nobody has registered from now on.
                    Some(_) => Reach::default(),
                    None => reach_in(&app, &tx, &actor, audience, purpose.as_deref(), now).await?,
                };
                let sample = match contact {
                    Some(id) => Some(sample(&app, &tx, content, id).await?),
                    None => None,
                };
                Ok(Preview { seconds: seconds(&app, &reach), reach, sample })
            }
        })
        .await
}

/// Inside a unit: whom a message to an audience would reach. Of very many only the first are looked at.
pub(crate) async fn reach_in(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    to: &Audience,
    purpose: Option<&str>,
    now: Instant,
) -> Result<Reach, Fail> {
    actor.require(Right::BroadcastsSend)?;
    let mut reach = Reach { total: audience::count(tx, to, now).await?, ..Reach::default() };
    let mut by_channel: BTreeMap<ChannelId, i64> = BTreeMap::new();
    let mut after = None;
    while reach.looked_at < LOOKED_AT_MAX {
        let people = audience::page(tx, to, now, after, audience::PAGE_MAX).await?;
        let ids: Vec<ContactId> = people.iter().map(|contact| contact.id).collect();
        let places = pipeline::recipients_of_many(app, tx, &ids).await?;
        for contact in &people {
            if !contact.takes_messages() {
                reach.silent += 1;
            } else if purpose.is_some_and(|purpose| !contact.consents.contains_key(purpose)) {
                reach.without_consent += 1;
            } else if let Some(place) = places.get(&contact.id) {
                *by_channel.entry(place.channel.id).or_default() += 1;
            } else {
                reach.unreachable += 1;
            }
        }
        reach.looked_at += i64::try_from(people.len()).unwrap_or(i64::MAX);
        after = ids.last().copied();
        if ids.len() < audience::PAGE_MAX as usize {
            break;
        }
    }
    reach.by_channel = by_channel.into_iter().collect();
    Ok(reach)
}

/// Lets a draft go: at its time, or now. A segment is taken as it is defined now.
pub async fn start(app: &App, actor: &Actor, id: BroadcastId) -> Result<Broadcast, Fail> {
    let now = app.clock.now();
    change(app, actor, id, "broadcast.start", move |broadcast| {
        rules::must_be(broadcast.state, &[State::Draft])?;
        begin(broadcast, now);
        Ok(Then::Walk)
    })
    .await
}

/// Inside a unit: something to an audience, at once. Its messages follow the commit.
pub async fn quick_in(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    audience: Audience,
    content: Content,
    now: Instant,
) -> Result<Broadcast, Fail> {
    actor.require(Right::BroadcastsSend)?;
    let audience = audience::freeze(tx, audience, now).await?;
    let draft =
        Draft { name: String::new(), content, audience, purpose: None, starts_at: None, newcomers: None };
    let draft = rules::tidy(draft)?;
    let mut broadcast = Broadcast {
        id: BroadcastId::new(&app.ids, app.clock.as_ref()),
        draft,
        state: State::Draft,
        progress: Progress::default(),
        created_by: actor.who.to_string(),
        created_at: now,
        started_at: None,
        finished_at: None,
        revision: 1,
    };
    begin(&mut broadcast, now);
    store::create(tx, &broadcast);
    walk(app, tx, broadcast.id, now).await?;
    audit(tx, app, actor, "broadcast.start", broadcast.id, &json!({ "name": broadcast.draft.name }));
    Ok(broadcast)
}

/// Holds a broadcast; what is in a messenger's hands already goes out.
pub async fn pause(app: &App, actor: &Actor, id: BroadcastId) -> Result<Broadcast, Fail> {
    change(app, actor, id, "broadcast.pause", |broadcast| {
        rules::must_be(broadcast.state, &[State::Planned, State::Running])?;
        broadcast.state = State::Paused;
        Ok(Then::PutOff(NEVER))
    })
    .await
}

/// Lets a held broadcast go on where it stopped.
pub async fn resume(app: &App, actor: &Actor, id: BroadcastId) -> Result<Broadcast, Fail> {
    let now = app.clock.now();
    change(app, actor, id, "broadcast.resume", move |broadcast| {
        rules::must_be(broadcast.state, &[State::Paused])?;
        begin(broadcast, now);
        Ok(Then::PutOff(now))
    })
    .await
}

/// Ends a broadcast: whose turn has not come gets nothing.
pub async fn stop(app: &App, actor: &Actor, id: BroadcastId) -> Result<Broadcast, Fail> {
    let now = app.clock.now();
    change(app, actor, id, "broadcast.stop", move |broadcast| {
        rules::must_be(broadcast.state, &[State::Planned, State::Running, State::Paused])?;
        broadcast.state = State::Stopped;
        broadcast.finished_at = Some(now);
        Ok(Then::Cancel)
    })
    .await
}

/// Sends once more what surely did not arrive, and to nobody else.
pub async fn repeat_failed(app: &App, actor: &Actor, id: BroadcastId) -> Result<Broadcast, Fail> {
    change(app, actor, id, "broadcast.repeat", |broadcast| {
        rules::must_be(broadcast.state, &[State::Done])?;
        broadcast.state = State::Running;
        broadcast.finished_at = None;
        Ok(Then::Repeat)
    })
    .await
}

/// The key of units that change a broadcast: one at a time.
fn unit_key(id: BroadcastId) -> u64 {
    id.0.cast_unsigned()
}

fn begin(broadcast: &mut Broadcast, now: Instant) {
    let later = broadcast.started_at.is_none() && broadcast.draft.starts_at.is_some_and(|at| at > now);
    broadcast.state = if later { State::Planned } else { State::Running };
    if broadcast.draft.newcomers.is_some() && !later {
        // From this unit on whoever registers gets it.
        broadcast.started_at.get_or_insert(now);
    }
}

/// Inside the unit in which the person of a visit registers: the broadcasts to newcomers come to them too.
pub(crate) async fn at_registration(visit: &Visit) -> Result<(), Fail> {
    let contact = visit.contact.id;
    for broadcast in store::standing(&visit.tx, visit.now).await? {
        let once = format!("{broadcast}-{contact}");
        enqueue(&visit.app, &visit.tx, &work::Greet { broadcast, contact }, visit.now, Some(&once)).await?;
    }
    Ok(())
}

async fn walk(app: &App, tx: &Tx, id: BroadcastId, now: Instant) -> Result<(), Fail> {
    enqueue(app, tx, &work::Walk { broadcast: id }, now, Some(&id.to_string())).await?;
    Ok(())
}

/// What belongs to a change of a broadcast, in the same unit.
enum Then {
    Nothing,
    Walk,
    PutOff(Instant),
    Cancel,
    Repeat,
}

async fn change(
    app: &App,
    actor: &Actor,
    id: BroadcastId,
    action: &'static str,
    apply: impl Fn(&mut Broadcast) -> Result<Then, Fail> + Send + Sync + 'static,
) -> Result<Broadcast, Fail> {
    actor.require(Right::BroadcastsSend)?;
    let (services, actor_of_unit, now) = (app.clone(), actor.clone(), app.clock.now());
    let apply = Arc::new(apply);
    app.store
        .run(actor.tenant, unit_key(id), move |tx| {
            let (app, actor, apply) = (services.clone(), actor_of_unit.clone(), Arc::clone(&apply));
            async move {
                let mut broadcast = store::load(&tx, id).await?;
                match apply(&mut broadcast)? {
                    Then::Nothing => {}
                    Then::Walk => {
                        let audience = broadcast.draft.audience.clone();
                        broadcast.draft.audience = audience::freeze(&tx, audience, now).await?;
                        walk(&app, &tx, id, now).await?;
                    }
                    Then::PutOff(until) => {
                        store::put_off(&tx, id, work::AHEAD_MAX, until).await?;
                        walk(&app, &tx, id, now).await?;
                    }
                    Then::Cancel => drop(store::cancel(&tx, id).await?),
                    Then::Repeat => {
                        store::repeat(&tx, id, now).await?;
                        walk(&app, &tx, id, now).await?;
                    }
                }
                store::save(&tx, &mut broadcast);
                audit(&tx, &app, &actor, action, id, &json!({}));
                Ok(broadcast)
            }
        })
        .await
}

async fn sample(app: &App, tx: &Tx, content: &Content, id: ContactId) -> Result<String, Fail> {
    let contact = contacts::load(tx, id).await?.ok_or_else(|| contacts::not_found(id))?;
    let business = app.directory.tenant(tx.tenant()).map(|tenant| tenant.name.clone()).unwrap_or_default();
    let text = rules::Words::new(content).and_then(|words| words.text(&contact, &business));
    text.map_err(|error| {
        let ru = format!("Для этого клиента текст не складывается: {error}");
        Problem::refused("bad_template", ru, format!("The text does not work for this contact: {error}"))
            .into()
    })
}

/// Channels send side by side; the slowest has the last word.
fn seconds(app: &App, reach: &Reach) -> i64 {
    let looked_at = reach.looked_at.max(1);
    let of_channel = |(id, count): &(ChannelId, i64)| {
        let channel = app.directory.channel(*id).filter(|channel| channel.state == ChannelState::On)?;
        let a_minute = i64::from(channel.pace.bot_per_second) * 60 * BULK_PERCENT / 100;
        let all = count.saturating_mul(reach.total.max(looked_at)) / looked_at;
        Some((all * 60 + a_minute.max(1) - 1) / a_minute.max(1))
    };
    reach.by_channel.iter().filter_map(of_channel).max().unwrap_or(0)
}
