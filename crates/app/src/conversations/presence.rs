//! Who of the team is in a conversation at this moment. Held in memory, told to the other nodes, forgotten in seconds.

use super::store;
use crate::access::{Actor, Right};
use crate::app::App;
use crate::live::Noun;
use crate::pipeline::waiting::Place;
use crate::problem::Fail;
use samovar_base::{Instant, StaffId, TenantId};
use samovar_store::Engine;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Said to all nodes: `<company>/<contact>/<channel>/<staff>/<until>/<writes>`.
pub(crate) const WAKE_PRESENCE: &str = "presence";

/// Who says nothing for so long is gone.
const STAYS_SECONDS: i64 = 25;
/// Most people remembered; beyond that nobody new is.
const PEOPLE_MAX: usize = 10_000;

/// Who is where.
#[derive(Default)]
pub struct Presence(Mutex<HashMap<(TenantId, Place), HashMap<StaffId, Here>>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Here {
    until: Instant,
    writes: bool,
}

/// Somebody who is in a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Present {
    /// Who.
    pub staff: StaffId,
    /// As colleagues call them.
    pub name: String,
    /// They write an answer.
    pub writes: bool,
}

/// The actor looks at a conversation, and perhaps writes; `None` when they leave it. To be said again within 20 seconds.
pub async fn enter(app: &App, actor: &Actor, place: Place, writes: Option<bool>) -> Result<(), Fail> {
    actor.require(Right::ConversationsRead)?;
    super::get(app, actor, place).await?;
    let Some(me) = super::list::who(actor) else { return Ok(()) };
    let now = app.clock.now();
    let here = Here {
        until: if writes.is_some() { now.plus_seconds(STAYS_SECONDS) } else { now },
        writes: writes.unwrap_or_default(),
    };
    if app.presence.note(actor.tenant, place, me, here, now) {
        app.changed(actor.tenant, Noun::Presence, place.contact);
    }
    if app.store.engine() != Engine::Sqlite {
        let payload = format!(
            "{}/{}/{}/{me}/{}/{}",
            actor.tenant,
            place.contact,
            place.channel,
            here.until.0,
            u8::from(here.writes)
        );
        let told = app.store.run_instance(0, move |tx| {
            tx.wake(WAKE_PRESENCE, &payload);
            std::future::ready(Ok::<_, Fail>(()))
        });
        told.await?;
    }
    Ok(())
}

/// Who else is in a conversation.
pub async fn present(app: &App, actor: &Actor, place: Place) -> Result<Vec<Present>, Fail> {
    actor.require(Right::ConversationsRead)?;
    super::seen(actor, place)?;
    let me = super::list::who(actor);
    let all = app.presence.of(actor.tenant, place, app.clock.now());
    let others: Vec<_> = all.into_iter().filter(|(staff, _)| Some(*staff) != me).collect();
    if others.is_empty() {
        return Ok(Vec::new());
    }
    app.store
        .read(actor.tenant, move |tx| {
            let others = others.clone();
            async move {
                let mut present = Vec::new();
                for row in tx.all(&store::PEOPLE, ()).await? {
                    let staff: StaffId = row.id(0)?;
                    if let Some((_, here)) = others.iter().find(|(other, _)| *other == staff) {
                        let name = row.text(1)?.to_owned();
                        present.push(Present { staff, name, writes: here.writes });
                    }
                }
                Ok(present)
            }
        })
        .await
}

impl Presence {
    /// A wake-up of any node.
    pub(crate) fn heard(&self, payload: &str, now: Instant) {
        let parts: Vec<&str> = payload.split('/').collect();
        let [tenant, contact, channel, staff, until, writes] = parts.as_slice() else { return };
        if let (Ok(tenant), Ok(contact), Ok(channel), Ok(staff), Ok(until)) =
            (tenant.parse(), contact.parse(), channel.parse(), staff.parse(), until.parse())
        {
            let here = Here { until: Instant(until), writes: *writes == "1" };
            self.note(tenant, Place { contact, channel }, staff, here, now);
        }
    }

    /// Whether anything is different now.
    fn note(&self, tenant: TenantId, place: Place, staff: StaffId, here: Here, now: Instant) -> bool {
        let mut all = self.all();
        if all.len() >= PEOPLE_MAX {
            all.retain(|_, people| people.values().any(|one| one.until > now));
        }
        if all.len() >= PEOPLE_MAX {
            return false;
        }
        let people = all.entry((tenant, place)).or_default();
        people.retain(|_, one| one.until > now);
        let before = people.get(&staff).map(|one| one.writes);
        let after = (here.until > now).then_some(here.writes);
        match after {
            Some(_) => drop(people.insert(staff, here)),
            None => drop(people.remove(&staff)),
        }
        if people.is_empty() {
            all.remove(&(tenant, place));
        }
        before != after
    }

    fn of(&self, tenant: TenantId, place: Place, now: Instant) -> Vec<(StaffId, Here)> {
        let all = self.all();
        let people = all.get(&(tenant, place)).into_iter().flatten();
        people.filter(|(_, here)| here.until > now).map(|(staff, here)| (*staff, *here)).collect()
    }

    fn all(&self) -> MutexGuard<'_, HashMap<(TenantId, Place), HashMap<StaffId, Here>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use samovar_base::{ChannelId, ContactId};

    #[test]
    fn who_says_nothing_is_gone() {
        let presence = Presence::default();
        let (tenant, place) = (TenantId(1), Place { contact: ContactId(2), channel: ChannelId(3) });
        let here = |until: i64, writes| Here { until: Instant(until), writes };
        assert!(presence.note(tenant, place, StaffId(4), here(10, false), Instant(0)));
        assert!(!presence.note(tenant, place, StaffId(4), here(12, false), Instant(0)));
        presence
            .heard(&format!("{tenant}/{}/{}/{}/20/1", place.contact, place.channel, StaffId(5)), Instant(0));
        assert_eq!(presence.of(tenant, place, Instant(11)).len(), 2);
        assert_eq!(presence.of(tenant, place, Instant(15)), [(StaffId(5), here(20, true))]);
        assert!(presence.note(tenant, place, StaffId(5), here(16, false), Instant(16)));
        assert!(presence.of(tenant, place, Instant(16)).is_empty());
    }
}
