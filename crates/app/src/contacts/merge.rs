//! Two contacts that are one person: one goes on, the other is taken in; and the way back.
//!
//! What each was before is kept beside, and what was moved is listed, so that a merge is undone exactly: as long as
//! nobody changed the contact that went on, nor spent what came with the other. Messages and purchases stay in the books
//! under the contact with whom they were; the story of the one who went on tells them, too.

use super::join::move_points;
use super::{Consent, Contact, consents_of, load_living, not_found, rules, save, store, unit_key};
use crate::access::{Actor, Right, audit};
use crate::app::App;
use crate::deals;
use crate::draws;
use crate::imports;
use crate::ledger::{self, Act, Operation, POINTS, Shortfall};
use crate::loyalty;
use crate::problem::{Fail, Kind, Problem};
use crate::promo;
use samovar_base::{ChannelId, ConsentId, ContactId, Instant, Points};
use samovar_store::{FromInt, Row, StoreError, ToValue, Tx, Value, params, query, table_write};
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};
use std::collections::{BTreeMap, BTreeSet};

samovar_base::id!(/// A merge of two contacts.
    MergeId, "mrg");

impl ToValue for MergeId {
    fn to_value(&self) -> Value {
        Value::Int(self.0)
    }
}

impl FromInt for MergeId {
    fn from_int(value: i64) -> Self {
        Self(value)
    }
}

/// Deals and keys of other programs that move in one merge.
const MOVED_MAX: i64 = 2_000;

query! {
    static MERGE =
        "SELECT id, kept, gone, document, made_by, made_at, undone_at FROM contact_merge WHERE tenant_id = $1 AND id = $2";
    static MERGES =
        "SELECT id, kept, gone, document, made_by, made_at, undone_at FROM contact_merge
         WHERE tenant_id = $1 AND kept = $2 ORDER BY id DESC LIMIT 50";
    static HIDDEN = concat!("SELECT ", super::contact_columns!(), " FROM contact c WHERE c.tenant_id = $1 AND c.id = $2");
    static IDENTITIES = "SELECT channel_id, external_id FROM identity WHERE tenant_id = $1 AND contact_id = $2";
    static IDENTITY_MOVE =
        "UPDATE identity SET contact_id = $4 WHERE tenant_id = $1 AND channel_id = $2 AND external_id = $3";
    static SESSIONS =
        "SELECT s.channel_id FROM session s WHERE s.tenant_id = $1 AND s.contact_id = $2 AND s.channel_id = $4 AND NOT EXISTS
             (SELECT 1 FROM session o WHERE o.tenant_id = $1 AND o.channel_id = s.channel_id AND o.contact_id = $3)";
    static SESSION_MOVE = "UPDATE session SET contact_id = $4 WHERE tenant_id = $1 AND channel_id = $2 AND contact_id = $3";
    static TIMERS_MOVE =
        "UPDATE timer SET contact_id = $4 WHERE tenant_id = $1 AND channel_id = $2 AND contact_id = $3 AND NOT EXISTS
             (SELECT 1 FROM timer o WHERE o.tenant_id = $1 AND o.channel_id = $2 AND o.contact_id = $4 AND o.key = timer.key)";
    static CONVERSATION_MOVE =
        "UPDATE conversation SET contact_id = $4, revision = revision + 1
         WHERE tenant_id = $1 AND channel_id = $2 AND contact_id = $3 AND NOT EXISTS
             (SELECT 1 FROM conversation o WHERE o.tenant_id = $1 AND o.channel_id = $2 AND o.contact_id = $4)";
    static LINES_MOVE =
        "UPDATE conversation_line SET contact_id = $4 WHERE tenant_id = $1 AND channel_id = $2 AND contact_id = $3";
    static DEALS = "SELECT id FROM deals_deal WHERE tenant_id = $1 AND contact_id = $2 ORDER BY id LIMIT $3";
    static DEAL_BACK = "UPDATE deals_deal SET contact_id = $4 WHERE tenant_id = $1 AND id = $2 AND contact_id = $3";
    static KEYS = "SELECT key FROM imports_key WHERE tenant_id = $1 AND contact_id = $2 ORDER BY key LIMIT $3";
    static KEY_BACK = "UPDATE imports_key SET contact_id = $4 WHERE tenant_id = $1 AND key = $2 AND contact_id = $3";
    static CARD_BACK = "UPDATE loyalty_card SET contact_id = $4 WHERE tenant_id = $1 AND number = $2 AND contact_id = $3";
    static CONSENT_END = "UPDATE consent SET revoked_at = $3 WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL";
    static CONSENT_BACK = "UPDATE consent SET revoked_at = NULL WHERE tenant_id = $1 AND id = $2";
    static TAGS = "SELECT tag, at FROM contact_tag WHERE tenant_id = $1 AND contact_id = $2";
    static UNDONE = "UPDATE contact_merge SET undone_at = $3 WHERE tenant_id = $1 AND id = $2 AND undone_at IS NULL";
    static OPERATIONS = "SELECT key FROM ledger_operation WHERE tenant_id = $1 AND key >= $2 AND key < $3 ORDER BY key LIMIT 1000";
}

query! {
    /// What a merge kept of a person whose data is erased.
    pub(super) static MERGES_BLANK =
        "UPDATE contact_merge SET document = '{}' WHERE tenant_id = $1 AND (kept = $2 OR gone = $2)";
}

table_write! {
    static MERGE_NEW = insert contact_merge key(id int)
        set(kept int, gone int, document text, made_by text, made_at int);
    static LEFT = update contact key(id int) set(joined_into int, staff_side bool);
    static TAG_AGAIN = upsert contact_tag key(contact_id int, tag text) set(at int);
}

/// What a contact was.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Was {
    name: String,
    phone: Option<String>,
    phone_proved: bool,
    birthday: Option<jiff::civil::Date>,
    locale: String,
    fields: Map<String, serde_json::Value>,
    tags: BTreeMap<String, i64>,
    consents: BTreeMap<String, i64>,
    source: Option<String>,
    registered_at: Option<i64>,
    stopped_at: Option<i64>,
}

/// What both were before, and what was moved.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Before {
    kept: Was,
    gone: Was,
    /// Revisions after the merge: nobody changed either since, while they are the same.
    revisions: (i64, i64),
    identities: Vec<(ChannelId, String)>,
    sessions: Vec<ChannelId>,
    /// Where what waits for a person of the company, and what was said with one, went on.
    conversations: Vec<ChannelId>,
    deals: Vec<i64>,
    keys: Vec<String>,
    card: Option<String>,
    promotions: Vec<promo::pass::Passed>,
    prizes: draws::pass::Passed,
    consents_given: Vec<ConsentId>,
    consents_ended: Vec<ConsentId>,
    points: i64,
}

/// A merge.
#[derive(Debug, Clone, PartialEq)]
pub struct Merge {
    /// Id.
    pub id: MergeId,
    /// Who goes on.
    pub kept: ContactId,
    /// Who was taken in.
    pub gone: ContactId,
    /// What they were called.
    pub gone_name: String,
    /// Points that came with them.
    pub points: Points,
    /// Who made it, as in the audit log.
    pub made_by: String,
    /// When.
    pub made_at: Instant,
    /// When it was undone.
    pub undone_at: Option<Instant>,
}

/// What a merge would make.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// The contact that would go on, as it would be.
    pub contact: Contact,
    /// Points that would come with the other.
    pub points: Points,
    /// Deals that would come.
    pub deals: usize,
    /// Chats that would come.
    pub identities: usize,
    /// What stands in the way.
    pub problems: Vec<Problem>,
}

impl Merge {
    fn from_row(row: &Row) -> Result<(Self, Before), StoreError> {
        let before: Before = row.json(3)?;
        let merge = Self {
            id: row.id(0)?,
            kept: row.id(1)?,
            gone: row.id(2)?,
            gone_name: before.gone.name.clone(),
            points: Points(before.points),
            made_by: row.text(4)?.to_owned(),
            made_at: row.instant(5)?,
            undone_at: row.opt_instant(6)?,
        };
        Ok((merge, before))
    }
}

/// What a merge would make, without making it.
pub async fn preview(app: &App, actor: &Actor, kept: ContactId, gone: ContactId) -> Result<Preview, Fail> {
    actor.require(Right::ContactsWrite)?;
    let (services, now) = (app.clone(), app.clock.now());
    app.store
        .read(actor.tenant, move |tx| {
            let app = services.clone();
            async move {
                let (mut contact, other) = both(&tx, kept, gone).await?;
                let wallet = ledger::load(&app, &tx, gone, POINTS).await?;
                let mut problems = Vec::new();
                if wallet.held.is_positive() || wallet.debt.is_positive() {
                    problems.push(points_bound());
                }
                take_in(&mut contact, &other);
                Ok(Preview {
                    contact,
                    points: wallet.available(now),
                    deals: tx.all(&DEALS, params![gone, MOVED_MAX]).await?.len(),
                    identities: tx.all(&IDENTITIES, params![gone]).await?.len(),
                    problems,
                })
            }
        })
        .await
}

/// Makes two contacts one: `gone` is taken in by `kept`, and is in no list any more.
pub async fn merge(app: &App, actor: &Actor, kept: ContactId, gone: ContactId) -> Result<Merge, Fail> {
    actor.require(Right::ContactsWrite)?;
    actor.require(Right::PointsWrite)?;
    let (id, now) = (MergeId::new(&app.ids, app.clock.as_ref()), app.clock.now());
    let (services, actor_of_unit) = (app.clone(), actor.clone());
    app.store
        .run(actor.tenant, unit_key(kept), move |tx| {
            let (app, actor) = (services.clone(), actor_of_unit.clone());
            async move { merge_in(&app, &tx, &actor, id, (kept, gone), now).await }
        })
        .await
}

async fn merge_in(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    id: MergeId,
    (kept, gone): (ContactId, ContactId),
    now: Instant,
) -> Result<Merge, Fail> {
    let (kept_before, gone_before) = both(tx, kept, gone).await?;
    let mut person = kept_before.clone();
    let mut before = Before {
        kept: was(tx, &kept_before).await?,
        gone: was(tx, &gone_before).await?,
        ..Before::default()
    };
    let mut into = ledger::load(app, tx, kept, POINTS).await?;
    let mut from = ledger::load(app, tx, gone, POINTS).await?;
    let prefix = format!("merge:{id}");
    let moved = move_points(app, tx, &mut from, &mut into, &prefix, &actor.cause(), now).await?;
    before.points = moved.ok_or_else(points_bound)?.0;

    consents(app, tx, &mut person, &gone_before, &mut before, now).await?;
    move_chats(tx, kept, gone, &mut before).await?;
    before.card = match loyalty::card_in(tx, kept).await? {
        Some(_) => None,
        None => loyalty::card_in(tx, gone).await?.map(|card| card.digits()),
    };
    loyalty::pass_card(tx, gone, kept).await?;
    for row in tx.all(&DEALS, params![gone, MOVED_MAX]).await? {
        before.deals.push(row.int(0)?);
    }
    deals::pass_on(tx, gone, kept).await?;
    for row in tx.all(&KEYS, params![gone, MOVED_MAX]).await? {
        before.keys.push(row.text(0)?.to_owned());
    }
    tx.exec(&imports::store::KEYS_PASS, params![gone, kept]).await?;
    before.promotions = promo::pass::pass_on(tx, gone, kept).await?;
    before.prizes = draws::pass::pass_on(tx, gone, kept).await?;

    take_in(&mut person, &gone_before);
    // Even where nothing is learnt the revision grows: undoing sees by it whether anybody was here since.
    person.revision = kept_before.revision + 1;
    save(tx, &kept_before, &mut person, now);
    let mut emptied = super::join::emptied(&gone_before, now);
    save(tx, &gone_before, &mut emptied, now);
    before.revisions = (person.revision, gone_before.revision + 1);
    tx.put(&LEFT, params![gone, kept, true]);
    let document = serde_json::to_string(&before).unwrap_or_default();
    tx.put(&MERGE_NEW, params![id, kept, gone, document, actor.who.to_string(), now]);
    audit(
        tx,
        app,
        actor,
        "contact.merge",
        kept,
        &json!({ "merge": id, "gone": gone, "points": before.points }),
    );
    Ok(Merge {
        id,
        kept,
        gone,
        gone_name: gone_before.name,
        points: Points(before.points),
        made_by: actor.who.to_string(),
        made_at: now,
        undone_at: None,
    })
}

/// Makes them two again. Refused when the contact was changed since, or what came with the other was spent.
pub async fn undo(app: &App, actor: &Actor, id: MergeId) -> Result<Merge, Fail> {
    actor.require(Right::ContactsWrite)?;
    actor.require(Right::PointsWrite)?;
    let now = app.clock.now();
    let kept = app
        .store
        .read(actor.tenant, move |tx| async move { Ok::<_, Fail>(load(&tx, id).await?.0.kept) })
        .await?;
    let (services, actor_of_unit) = (app.clone(), actor.clone());
    app.store
        .run(actor.tenant, unit_key(kept), move |tx| {
            let (app, actor) = (services.clone(), actor_of_unit.clone());
            async move { undo_in(&app, &tx, &actor, id, now).await }
        })
        .await
}

async fn undo_in(app: &App, tx: &Tx, actor: &Actor, id: MergeId, now: Instant) -> Result<Merge, Fail> {
    let (merge, before) = load(tx, id).await?;
    if merge.undone_at.is_some() {
        return Ok(merge);
    }
    let (kept, gone) = (merge.kept, merge.gone);
    let person = load_living(tx, kept).await?;
    let hidden = tx.one(&HIDDEN, params![gone]).await?.ok_or_else(|| not_found(gone))?;
    let hidden = Contact::from_row(&hidden, 0)?;
    if before.revisions != (person.revision, hidden.revision) {
        return Err(changed_since().into());
    }
    points_back(app, tx, actor, &merge, now).await?;
    for consent in &before.consents_given {
        tx.exec(&CONSENT_END, params![*consent, now]).await?;
    }
    for consent in &before.consents_ended {
        tx.exec(&CONSENT_BACK, params![*consent]).await?;
    }
    for (channel, external) in &before.identities {
        tx.exec(&IDENTITY_MOVE, params![*channel, external.as_str(), gone]).await?;
    }
    for channel in &before.sessions {
        tx.exec(&SESSION_MOVE, params![*channel, kept, gone]).await?;
        tx.exec(&TIMERS_MOVE, params![*channel, kept, gone]).await?;
    }
    for channel in &before.conversations {
        tx.exec(&CONVERSATION_MOVE, params![*channel, kept, gone]).await?;
        tx.exec(&LINES_MOVE, params![*channel, kept, gone]).await?;
    }
    for deal in &before.deals {
        tx.exec(&DEAL_BACK, params![*deal, kept, gone]).await?;
    }
    for key in &before.keys {
        tx.exec(&KEY_BACK, params![key.as_str(), kept, gone]).await?;
    }
    if let Some(card) = &before.card {
        tx.exec(&CARD_BACK, params![card.as_str(), kept, gone]).await?;
    }
    promo::pass::pass_back(tx, &before.promotions, kept, gone).await?;
    draws::pass::pass(tx, &before.prizes, kept, gone).await?;
    again(tx, &person, &before.kept, now);
    again(tx, &hidden, &before.gone, now);
    tx.put(&LEFT, params![gone, None::<i64>, false]);
    tx.exec(&UNDONE, params![id, now]).await?;
    audit(tx, app, actor, "contact.unmerge", kept, &json!({ "merge": id, "gone": gone }));
    Ok(Merge { undone_at: Some(now), ..merge })
}

/// The merges in which a contact took another in, the youngest first, at most 50.
pub async fn list(app: &App, actor: &Actor, kept: ContactId) -> Result<Vec<Merge>, Fail> {
    actor.require(Right::ContactsRead)?;
    app.store
        .read(actor.tenant, move |tx| async move {
            super::load(&tx, kept).await?.ok_or_else(|| not_found(kept))?;
            let rows = tx.all(&MERGES, params![kept]).await?;
            Ok(rows
                .iter()
                .map(|row| Merge::from_row(row).map(|(merge, _)| merge))
                .collect::<Result<_, _>>()?)
        })
        .await
}

async fn load(tx: &Tx, id: MergeId) -> Result<(Merge, Before), Fail> {
    match tx.one(&MERGE, params![id]).await? {
        Some(row) => Ok(Merge::from_row(&row)?),
        None => Err(Problem::not_found("объединение", "merge", id).into()),
    }
}

async fn both(tx: &Tx, kept: ContactId, gone: ContactId) -> Result<(Contact, Contact), Fail> {
    if kept == gone {
        let (ru, en) = ("Выберите двух разных клиентов", "Choose two different contacts");
        return Err(Problem::invalid("gone", "same", ru, en).into());
    }
    Ok((load_living(tx, kept).await?, load_living(tx, gone).await?))
}

/// What the contact that goes on learns of the other.
fn take_in(person: &mut Contact, other: &Contact) {
    if person.phone.is_none() {
        person.phone.clone_from(&other.phone);
        person.phone_proved = other.phone_proved;
    }
    person.registered_at = person.registered_at.or(other.registered_at);
    rules::fill(person, other);
}

async fn was(tx: &Tx, contact: &Contact) -> Result<Was, Fail> {
    let mut tags = BTreeMap::new();
    for row in tx.all(&TAGS, params![contact.id]).await? {
        tags.insert(row.text(0)?.to_owned(), row.int(1)?);
    }
    Ok(Was {
        name: contact.name.clone(),
        phone: contact.phone.clone(),
        phone_proved: contact.phone_proved,
        birthday: contact.birthday,
        locale: contact.locale.clone(),
        fields: contact.fields.clone(),
        tags,
        consents: contact.consents.clone(),
        source: contact.source.clone(),
        registered_at: contact.registered_at.map(|at| at.0),
        stopped_at: contact.stopped_at.map(|at| at.0),
    })
}

/// Writes a contact as it was.
fn again(tx: &Tx, now_is: &Contact, was: &Was, now: Instant) {
    let mut contact = Contact {
        name: was.name.clone(),
        phone: was.phone.clone(),
        phone_proved: was.phone_proved,
        birthday: was.birthday,
        locale: was.locale.clone(),
        fields: was.fields.clone(),
        tags: was.tags.keys().cloned().collect(),
        consents: was.consents.clone(),
        source: was.source.clone(),
        registered_at: was.registered_at.map(Instant),
        stopped_at: was.stopped_at.map(Instant),
        ..now_is.clone()
    };
    // Tags are given again below with their times, so that `save` has none to add.
    let lost: BTreeSet<String> = contact.tags.difference(&now_is.tags).cloned().collect();
    let from = Contact { tags: &now_is.tags | &lost, ..now_is.clone() };
    contact.revision = from.revision + 1;
    save(tx, &from, &mut contact, now);
    for tag in lost {
        tx.put(&TAG_AGAIN, params![now_is.id, tag.as_str(), was.tags.get(&tag).copied().unwrap_or(now.0)]);
    }
}

/// Consents to what the person was never asked about go on as theirs; those of the other end.
async fn consents(
    app: &App,
    tx: &Tx,
    person: &mut Contact,
    gone: &Contact,
    before: &mut Before,
    now: Instant,
) -> Result<(), Fail> {
    let asked = consents_of(tx, person.id).await?;
    let theirs: Vec<Consent> =
        consents_of(tx, gone.id).await?.into_iter().filter(|one| one.revoked_at.is_none()).collect();
    for one in theirs.iter().rev() {
        before.consents_ended.push(one.id);
        if asked.iter().any(|other| other.purpose == one.purpose) {
            continue;
        }
        let id = ConsentId::new(&app.ids, app.clock.as_ref());
        let row = params![id, person.id, one.purpose, one.version, one.text_hash, one.channel, one.given_at];
        tx.add(&store::CONSENT_NEW, row).await?;
        before.consents_given.push(id);
        person.consents.insert(one.purpose.clone(), one.version);
    }
    tx.exec(&store::CONSENTS_REVOKE_ALL, params![gone.id, now]).await?;
    Ok(())
}

/// The chats of the other lead to the person from now on; where the person talks in the same channel already, that
/// conversation goes on.
async fn move_chats(tx: &Tx, kept: ContactId, gone: ContactId, before: &mut Before) -> Result<(), Fail> {
    for row in tx.all(&IDENTITIES, params![gone]).await? {
        before.identities.push((row.id(0)?, row.text(1)?.to_owned()));
    }
    let channels: BTreeSet<ChannelId> = before.identities.iter().map(|(channel, _)| *channel).collect();
    for channel in channels {
        if tx.one(&SESSIONS, params![gone, kept, channel]).await?.is_some() {
            tx.exec(&SESSION_MOVE, params![channel, gone, kept]).await?;
            tx.exec(&TIMERS_MOVE, params![channel, gone, kept]).await?;
            before.sessions.push(channel);
        }
        if tx.exec(&CONVERSATION_MOVE, params![channel, gone, kept]).await? > 0 {
            tx.exec(&LINES_MOVE, params![channel, gone, kept]).await?;
            before.conversations.push(channel);
        }
    }
    for (channel, external) in &before.identities {
        tx.exec(&IDENTITY_MOVE, params![*channel, external.as_str(), kept]).await?;
    }
    Ok(())
}

/// What came is taken back, lot by lot, and what was taken is given back.
async fn points_back(app: &App, tx: &Tx, actor: &Actor, merge: &Merge, now: Instant) -> Result<(), Fail> {
    if !merge.points.is_positive() {
        return Ok(());
    }
    let prefix = format!("merge:{}", merge.id);
    let reverse = |key: &str| Operation {
        key: format!("un{key}"),
        kind: "unmerge".into(),
        note: None,
        cause: actor.cause(),
        act: Act::Reverse { key: key.to_owned(), at_most: None, shortfall: Shortfall::Refuse },
    };
    let rows = tx.all(&OPERATIONS, params![format!("{prefix}:"), format!("{prefix};")]).await?;
    let mut into = ledger::load(app, tx, merge.kept, POINTS).await?;
    for row in &rows {
        let posted = ledger::post(app, tx, &mut into, reverse(row.text(0)?), now).await?;
        posted.entry().map_err(|_| spent_since())?;
    }
    let mut from = ledger::load(app, tx, merge.gone, POINTS).await?;
    ledger::post(app, tx, &mut from, reverse(&prefix), now).await?.entry()?;
    Ok(())
}

fn points_bound() -> Problem {
    Problem::refused(
        "points_bound",
        "У второго клиента есть баллы в резерве, долг или слишком много партий: сначала закройте их",
        "The other contact has points on hold, a debt or too many lots: settle these first",
    )
}

fn changed_since() -> Problem {
    Problem::new(
        Kind::Conflict,
        "changed_since",
        "Карточку меняли после объединения, поэтому отменить его точно уже нельзя",
        "The contact was changed after the merge, so it cannot be undone exactly any more",
    )
}

fn spent_since() -> Problem {
    Problem::new(
        Kind::Conflict,
        "spent_since",
        "Баллы второго клиента уже потрачены, поэтому отменить объединение точно нельзя",
        "Points of the other contact were spent already, so the merge cannot be undone exactly",
    )
}
