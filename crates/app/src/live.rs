//! What changed, told to open pages as it happens: never the data, only where to look again.
//!
//! A change is said after its commit, by [`App::changed`] or by the line it leaves in the audit log. What is said within a
//! quarter of a second is told once. Nothing is written for it: a page that missed something reads again when it is back.

use crate::access::{Actor, Right};
use crate::app::App;
use crate::problem::{Fail, Kind, Problem};
use samovar_base::TenantId;
use samovar_store::{Engine, Store};
use serde::Serialize;
use std::collections::{BTreeSet, HashMap};
use std::fmt::Display;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Notify, broadcast};
use tokio_util::sync::CancellationToken;

/// Said to all nodes: something changed. `<node>/<company>/<noun>/<id>`.
pub(crate) const WAKE_LIVE: &str = "live";

/// Changes are told no more often.
const EVERY: Duration = Duration::from_millis(250);
/// Ids of one noun told one by one; when more changed, only the noun is told.
const IDS_MAX: usize = 40;
/// Open streams of one node, and of one company there.
const LISTENERS_MAX: usize = 2_000;
const LISTENERS_OF_ONE_MAX: usize = 300;
/// Tellings that a slow stream may fall behind; then it is told everything.
const BACKLOG: usize = 16;

macro_rules! nouns {
    ($($(#[$doc:meta])* $name:ident $text:literal $right:expr;)*) => {
        /// What can change. Named as its addresses in the API begin.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
        pub enum Noun { $($(#[$doc])* #[serde(rename = $text)] $name,)* }

        impl Noun {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The name in answers.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
            /// Who is told of it; everybody of the company when there is none.
            const fn right(self) -> Option<Right> {
                match self { $(Self::$name => $right,)* }
            }
        }
    };
}

nouns! {
    /// Conversations with contacts; the id is the contact's.
    Conversations "conversations" Some(Right::ConversationsRead);
    /// Who writes in which conversation; the id is the contact's.
    Presence "presence" Some(Right::ConversationsRead);
    /// Messages that did not arrive.
    Messages "messages" Some(Right::ConversationsRead);
    /// Contacts, their points included.
    Contacts "contacts" Some(Right::ContactsRead);
    /// Texts of consents.
    ConsentTexts "consent-texts" None;
    /// Saved segments.
    Segments "segments" None;
    /// Operations at the desk, the programme, the card.
    Loyalty "loyalty" None;
    /// Points for many.
    Accruals "accruals" None;
    /// Services and goods for points.
    Catalogue "catalogue" None;
    /// Deals and their stages.
    Deals "deals" None;
    /// Pipelines.
    Pipelines "pipelines" None;
    /// Broadcasts.
    Broadcasts "broadcasts" None;
    /// Scenarios.
    Scenarios "scenarios" Some(Right::ScenariosRead);
    /// Connected bots.
    Channels "channels" Some(Right::ChannelsRead);
    /// People who work here, and invitations.
    Staff "staff" None;
    /// Keys of programs.
    ApiKeys "api-keys" Some(Right::StaffManage);
    /// What looked odd.
    Guard "guard" None;
    /// Codes asked of customers.
    Codes "codes" None;
    /// Files taken out.
    Exports "exports" Some(Right::ExportsMake);
    /// Files brought in.
    Imports "imports" Some(Right::ImportsMake);
    /// Backups.
    Backups "backups" Some(Right::BackupsMake);
    /// Promotions, and what is in them: participants, receipts, tickets, codes, draws; the id is the promotion's.
    Promotions "promotions" None;
    /// Receipts of a promotion; the id is the promotion's.
    Receipts "receipts" None;
    /// Draws, their winners and the journal of the tax on prizes; the id is the draw's.
    Draws "draws" Some(Right::Promotions);
    /// Where receipts are checked.
    ReceiptProviders "receipt-providers" None;
    /// Events that could not be handled.
    Events "events" Some(Right::WorkManage);
    /// The company's settings.
    Tenant "tenant" None;
}

impl Noun {
    fn named(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|noun| noun.as_str() == text)
    }

    /// What an action of the audit log changes.
    fn of_action(action: &str) -> &'static [Self] {
        match action.split_once('.').map_or(action, |(noun, _)| noun) {
            "conversation" => &[Self::Conversations],
            "message" => &[Self::Messages, Self::Conversations],
            "contact" | "consent" => &[Self::Contacts],
            "consent_text" => &[Self::ConsentTexts],
            "segment" => &[Self::Segments],
            "loyalty" => &[Self::Loyalty, Self::Contacts],
            "ledger" => &[Self::Contacts],
            "accrual" | "accruals" => &[Self::Accruals],
            "catalogue" => &[Self::Catalogue],
            "deal" => &[Self::Deals],
            "pipeline" => &[Self::Pipelines],
            "broadcast" => &[Self::Broadcasts],
            "scenario" => &[Self::Scenarios],
            "channel" => &[Self::Channels],
            "staff" | "invitation" | "role" => &[Self::Staff],
            "api_key" | "key" => &[Self::ApiKeys],
            "guard" => &[Self::Guard],
            "codes" => &[Self::Codes],
            "export" => &[Self::Exports],
            "import" => &[Self::Imports],
            "backup" => &[Self::Backups],
            "promotion" => &[Self::Promotions],
            "receipt" => &[Self::Receipts],
            "draw" => &[Self::Draws],
            "receipt_provider" => &[Self::ReceiptProviders],
            "event" => &[Self::Events],
            "tenant" => &[Self::Tenant],
            _ => &[],
        }
    }
}

/// Something that changed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Change {
    /// What.
    pub noun: Noun,
    /// Which one; none when many did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// Where changes meet the open streams of this node, and go to the other nodes.
pub struct Live {
    /// Other nodes may have listeners.
    shared: bool,
    /// Somebody may want to know.
    wanted: AtomicBool,
    inner: Mutex<Inner>,
    said: Notify,
}

#[derive(Default)]
struct Inner {
    tenants: HashMap<TenantId, broadcast::Sender<Arc<[Change]>>>,
    listeners: usize,
    closed: bool,
    here: Said,
    away: Said,
}

type Said = HashMap<(TenantId, Noun), Which>;

/// Which of a noun changed.
enum Which {
    Some(BTreeSet<String>),
    Many,
}

/// One open stream.
pub struct Listener {
    app: App,
    tenant: TenantId,
    told: broadcast::Receiver<Arc<[Change]>>,
    actor: Actor,
}

/// Opens a stream of what changes in the actor's company from now on, as far as the actor may know.
pub fn listen(app: &App, actor: &Actor) -> Result<Listener, Fail> {
    let mut inner = app.live.inner();
    let of_one = inner.tenants.get(&actor.tenant).map_or(0, broadcast::Sender::receiver_count);
    let too_many = of_one >= LISTENERS_OF_ONE_MAX;
    if inner.closed || inner.listeners >= LISTENERS_MAX || too_many {
        let kind = if too_many { Kind::TooMany } else { Kind::Busy };
        let ru = "Открыто слишком много страниц: закройте лишние или подождите";
        let en = "Too many pages are open: close some, or wait";
        return Err(Problem::new(kind, "too_many_listeners", ru, en).into());
    }
    inner.listeners += 1;
    app.live.wanted.store(true, Ordering::Release);
    let told = inner.tenants.entry(actor.tenant).or_insert_with(|| broadcast::channel(BACKLOG).0).subscribe();
    drop(inner);
    Ok(Listener { app: app.clone(), tenant: actor.tenant, told, actor: actor.clone() })
}

impl App {
    /// Says after its commit that something changed. Costs next to nothing, least of all when nobody listens.
    pub fn changed(&self, tenant: TenantId, noun: Noun, id: impl Display) {
        if self.live.wanted.load(Ordering::Acquire) {
            self.live.say(tenant, noun, &id.to_string(), true);
        }
    }
}

impl Live {
    /// Nobody listens yet.
    pub fn new(store: &Store) -> Self {
        let shared = store.engine() != Engine::Sqlite;
        Self { shared, wanted: AtomicBool::new(shared), inner: Mutex::default(), said: Notify::new() }
    }

    /// Ends all streams and opens no more: the program is stopping.
    pub fn close(&self) {
        let mut inner = self.inner();
        inner.closed = true;
        inner.tenants.clear();
    }

    fn say(&self, tenant: TenantId, noun: Noun, id: &str, to_others: bool) {
        let mut inner = self.inner();
        let quiet = inner.here.is_empty() && inner.away.is_empty();
        if inner.tenants.contains_key(&tenant) {
            note(&mut inner.here, tenant, noun, id);
        }
        if self.shared && to_others {
            note(&mut inner.away, tenant, noun, id);
        }
        if quiet {
            self.said.notify_one();
        }
    }

    /// A wake-up of a node; `own` is this node's number.
    pub(crate) fn heard(&self, payload: &str, own: u16) {
        let mut parts = payload.splitn(4, '/');
        let mut part = || parts.next().unwrap_or_default();
        let (from, tenant, noun, id) = (part(), part(), part(), part());
        if from == own.to_string() {
            return;
        }
        if let (Ok(tenant), Some(noun)) = (tenant.parse(), Noun::named(noun)) {
            self.say(tenant, noun, id, false);
        }
    }

    /// Hints of other nodes were lost: everybody looks at everything.
    pub(crate) fn missed(&self) {
        let tenants: Vec<TenantId> = self.inner().tenants.keys().copied().collect();
        for tenant in tenants {
            Noun::ALL.iter().for_each(|noun| self.say(tenant, *noun, "", false));
        }
    }

    /// Tells the streams of this node; what is for the others is given back.
    fn tell(&self) -> Said {
        let mut inner = self.inner();
        let mut told: HashMap<TenantId, Vec<Change>> = HashMap::new();
        for ((tenant, noun), which) in std::mem::take(&mut inner.here) {
            let changes = told.entry(tenant).or_default();
            match which {
                Which::Some(ids) => {
                    changes.extend(ids.into_iter().map(|id| Change { noun, id: Some(id) }));
                }
                Which::Many => changes.push(Change { noun, id: None }),
            }
        }
        for (tenant, mut changes) in told {
            changes.sort_unstable();
            if let Some(stream) = inner.tenants.get(&tenant) {
                // An error means that the last stream is just closing.
                let _ = stream.send(changes.into());
            }
        }
        std::mem::take(&mut inner.away)
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listener {
    /// What changed, as far as this listener may know; `None` when the program stops. Nothing is lost when the future is
    /// dropped.
    pub async fn next(&mut self) -> Option<Vec<Change>> {
        loop {
            let all: Vec<Change> = match self.told.recv().await {
                Ok(changes) => changes.to_vec(),
                Err(RecvError::Lagged(_)) => {
                    Noun::ALL.iter().map(|noun| Change { noun: *noun, id: None }).collect()
                }
                Err(RecvError::Closed) => return None,
            };
            let may = |change: &Change| change.noun.right().is_none_or(|right| self.actor.may(right));
            let told: Vec<Change> = all.into_iter().filter(may).collect();
            if !told.is_empty() {
                return Some(told);
            }
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let live = &self.app.live;
        let mut inner = live.inner();
        inner.listeners = inner.listeners.saturating_sub(1);
        if inner.tenants.get(&self.tenant).is_some_and(|stream| stream.receiver_count() <= 1) {
            inner.tenants.remove(&self.tenant);
        }
        if inner.listeners == 0 && !live.shared {
            live.wanted.store(false, Ordering::Release);
        }
    }
}

/// Inside a unit: what an action of the audit log changed is told once the unit is committed.
pub(crate) fn acted(tx: &samovar_store::Tx, action: &str, object: &str) {
    for noun in Noun::of_action(action) {
        tx.wake(WAKE_LIVE, &format!("-/{}/{}/{object}", tx.tenant(), noun.as_str()));
    }
}

/// Tells what was said, until stopped: at once after a silence, and then no more often than every quarter of a second.
pub(crate) async fn tell_all(app: App, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = app.live.said.notified() => {}
        }
        let away = app.live.tell();
        if !away.is_empty() {
            spread(&app, away).await;
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// To the other nodes, by wake-ups of a unit that changes nothing.
async fn spread(app: &App, away: Said) {
    let node = app.pipeline.node_number();
    let mut payloads = Vec::new();
    for ((tenant, noun), which) in away {
        let head = format!("{node}/{tenant}/{}/", noun.as_str());
        match which {
            Which::Some(ids) => payloads.extend(ids.iter().map(|id| format!("{head}{id}"))),
            Which::Many => payloads.push(head),
        }
    }
    let told = app.store.run_instance(0, move |tx| {
        payloads.iter().for_each(|payload| tx.wake(WAKE_LIVE, payload));
        std::future::ready(Ok::<_, Fail>(()))
    });
    if let Err(error) = told.await {
        tracing::debug!(%error, "the other nodes could not be told what changed");
    }
}

fn note(said: &mut Said, tenant: TenantId, noun: Noun, id: &str) {
    let which = said.entry((tenant, noun)).or_insert_with(|| Which::Some(BTreeSet::new()));
    let room = match which {
        Which::Some(ids) if !id.is_empty() && ids.len() < IDS_MAX => ids,
        Which::Some(ids) if ids.contains(id) => return,
        Which::Some(_) => return *which = Which::Many,
        Which::Many => return,
    };
    if !room.contains(id) {
        room.insert(id.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changed_often_is_told_once_and_many_as_one() {
        let mut said = Said::new();
        let of = (TenantId(1), Noun::Contacts);
        for _ in 0..3 {
            note(&mut said, of.0, of.1, "con_1");
        }
        assert!(matches!(&said[&of], Which::Some(ids) if ids.len() == 1));
        (0..=IDS_MAX).for_each(|number| note(&mut said, of.0, of.1, &number.to_string()));
        assert!(matches!(&said[&of], Which::Many));
        note(&mut said, of.0, Noun::Deals, "");
        assert!(matches!(&said[&(of.0, Noun::Deals)], Which::Many));
    }

    #[test]
    fn every_action_of_the_log_finds_its_noun_and_names_are_read_back() {
        assert_eq!(Noun::of_action("contact.update"), [Noun::Contacts]);
        assert!(Noun::of_action("unheard_of").is_empty());
        assert!(Noun::ALL.iter().all(|noun| Noun::named(noun.as_str()) == Some(*noun)));
    }
}
