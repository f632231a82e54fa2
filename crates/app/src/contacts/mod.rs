//! Contacts: people who write to bots, what is known of them, and what they agreed to.
//!
//! Inside a unit of work: [`load`] once, change in memory by the verbs of `rules`, [`save`] once at the end. The verbs
//! that take an [`Actor`] are for staff and programs: each is a unit of its own, checks the right and leaves a line in
//! the audit log.

pub mod bulk;
mod consents;
mod erase;
pub mod fields;
mod join;
pub mod merge;
mod model;
mod rules;
mod store;
#[cfg(test)]
mod tests;
pub mod timeline;
pub mod words;
pub mod work;

pub use consents::{
    Given, consent_given, consent_texts, consents, consents_of, give_consent, put_consent_text,
    put_consent_text_in, record_consent, revoke_consent, withdraw_consent,
};
pub use erase::{MESSAGES_MAX, PersonalData, erase, export};
pub(crate) use join::join;
pub use model::{Consent, ConsentText, Contact, Identity};
pub(crate) use model::{contact_columns, first_name};
pub use rules::{add_tag, came_from, changes, phone, register, remove_tag, resume, set_field, stop};
pub(crate) use rules::{containing, search_key};

use crate::access::{Actor, Right, audit};
use crate::app::App;
use crate::pipeline;
use crate::problem::{Fail, Kind, Problem};
use crate::tenants::changed_meanwhile;
use samovar_base::message::Person;
use samovar_base::{ChannelId, ContactId, Instant};
use samovar_store::{Params, Query, ToValue, Tx, params};
use serde_json::{Value, json};

/// A quarter of an hour: days begin at quarters in every zone there is.
const QUARTER: i64 = 900_000_000;

/// Which contacts are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Filter {
    /// All.
    #[default]
    All,
    /// Those with this phone, or with these words in their name: told by what it looks like.
    Query(String),
    /// Those with this tag.
    Tag(String),
}

/// One contact.
pub async fn get(app: &App, actor: &Actor, id: ContactId) -> Result<Contact, Fail> {
    actor.require(Right::ContactsRead)?;
    app.store
        .read(actor.tenant, move |tx| async move { load(&tx, id).await?.ok_or_else(|| not_found(id)) })
        .await
}

/// Up to `limit` contacts, the youngest first, from `after` on.
pub async fn list(
    app: &App,
    actor: &Actor,
    filter: &Filter,
    after: Option<ContactId>,
    limit: u32,
) -> Result<Vec<Contact>, Fail> {
    actor.require(Right::ContactsRead)?;
    let (query, params) = selection(filter, after.unwrap_or(ContactId(i64::MAX)), limit);
    app.store
        .read(actor.tenant, move |tx| {
            let params = params.clone();
            async move {
                let rows = tx.all(query, params).await?;
                Ok(rows.iter().map(|row| Contact::from_row(row, 0)).collect::<Result<_, _>>()?)
            }
        })
        .await
}

/// Somebody whom staff or a program knows before they write to a bot.
pub async fn add(
    app: &App,
    actor: &Actor,
    fields: Vec<(String, Value)>,
    tags: Vec<String>,
) -> Result<Contact, Fail> {
    actor.require(Right::ContactsWrite)?;
    let now = app.clock.now();
    let mut contact = Contact::new(ContactId::new(&app.ids, app.clock.as_ref()), &actor.locale, now);
    if !matches!(contact.locale.as_str(), "ru" | "en") {
        contact.locale = "en".into();
    }
    write_fields(&mut contact, &fields).map_err(Fail::Problems)?;
    for tag in &tags {
        add_tag(&mut contact, tag)?;
    }
    let (unit_app, unit_actor) = (app.clone(), actor.clone());
    app.store
        .run(actor.tenant, unit_key(contact.id), move |tx| {
            let (app, actor, contact) = (unit_app.clone(), unit_actor.clone(), contact.clone());
            async move {
                create(&tx, &contact);
                audit(&tx, &app, &actor, "contact.create", contact.id, &json!({}));
                Ok(contact)
            }
        })
        .await
}

/// Writes fields; all or none. With a `revision`, only if the contact still has it.
pub async fn update(
    app: &App,
    actor: &Actor,
    id: ContactId,
    revision: Option<i64>,
    fields: Vec<(String, Value)>,
) -> Result<Contact, Fail> {
    let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
    let data = json!({ "fields": names });
    change(app, actor, id, "contact.update", data, move |contact, _| {
        if revision.is_some_and(|seen| seen != contact.revision) {
            return Err(vec![changed_meanwhile(contact.revision)]);
        }
        write_fields(contact, &fields)
    })
    .await
}

/// Gives a contact tags.
pub async fn tag(app: &App, actor: &Actor, id: ContactId, tags: Vec<String>) -> Result<Contact, Fail> {
    change(app, actor, id, "contact.tag", json!({ "tags": tags.clone() }), move |contact, _| {
        tags.iter().try_for_each(|tag| add_tag(contact, tag).map(drop)).map_err(|problem| vec![problem])
    })
    .await
}

/// Takes a tag from a contact.
pub async fn untag(app: &App, actor: &Actor, id: ContactId, tag: String) -> Result<Contact, Fail> {
    change(app, actor, id, "contact.untag", json!({ "tag": tag.clone() }), move |contact, _| {
        remove_tag(contact, &tag);
        Ok(())
    })
    .await
}

/// Silences a contact at their request.
pub async fn silence(app: &App, actor: &Actor, id: ContactId) -> Result<Contact, Fail> {
    change(app, actor, id, "contact.stop", json!({}), |contact, now| {
        stop(contact, now);
        Ok(())
    })
    .await
}

/// Lets messages through again.
pub async fn unsilence(app: &App, actor: &Actor, id: ContactId) -> Result<Contact, Fail> {
    change(app, actor, id, "contact.resume", json!({}), |contact, _| {
        resume(contact);
        Ok(())
    })
    .await
}

/// Where a contact can be reached.
pub async fn identities(app: &App, actor: &Actor, id: ContactId) -> Result<Vec<Identity>, Fail> {
    actor.require(Right::ContactsRead)?;
    app.store
        .read(actor.tenant, move |tx| async move {
            load(&tx, id).await?.ok_or_else(|| not_found(id))?;
            identities_of(&tx, id).await
        })
        .await
}

/// Inside a unit: one contact.
pub async fn load(tx: &Tx, id: ContactId) -> Result<Option<Contact>, Fail> {
    let row = tx.one(&store::CONTACT_BY_ID, params![id]).await?;
    Ok(row.map(|row| Contact::from_row(&row, 0)).transpose()?)
}

/// Inside a unit: up to `limit` contacts with this phone, the youngest first.
pub async fn with_phone(tx: &Tx, e164: &str, limit: u32) -> Result<Vec<Contact>, Fail> {
    let rows = tx.all(&store::CONTACTS_BY_PHONE, params![ContactId(i64::MAX), limit, e164]).await?;
    Ok(rows.iter().map(|row| Contact::from_row(row, 0)).collect::<Result<_, _>>()?)
}

/// Inside a unit: makes the row of a new contact, and of its tags. What changes later in the same unit is saved by
/// [`save`] as always.
pub fn create(tx: &Tx, contact: &Contact) {
    tx.put(
        &store::CONTACT_NEW,
        columns(
            contact,
            &[contact.revision],
            &[contact.created_at.to_value(), contact.staff_side.to_value(), contact.last_seen_at.to_value()],
        ),
    );
    for tag in &contact.tags {
        tx.put(&store::TAG_PUT, params![contact.id, tag, contact.created_at]);
    }
}

/// Inside a unit: writes what differs from `before`, the contact as it was loaded. Makes the unit run again when
/// somebody else changed the contact meanwhile.
pub fn save(tx: &Tx, before: &Contact, contact: &mut Contact, now: Instant) {
    if before == contact {
        return;
    }
    contact.revision = before.revision + 1;
    tx.put(&store::CONTACT_SAVE, columns(contact, &[before.revision, contact.revision], &[]));
    for tag in contact.tags.difference(&before.tags) {
        tx.put(&store::TAG_PUT, params![contact.id, tag, now]);
    }
    for tag in before.tags.difference(&contact.tags) {
        tx.put(&store::TAG_GONE, params![contact.id, tag]);
    }
}

/// Inside a unit: the person did something in a chat. Nothing is written twice in a quarter of an hour.
pub fn seen(tx: &Tx, contact: &Contact, now: Instant) {
    let quarter = |at: Instant| at.0.div_euclid(QUARTER);
    if contact.last_seen_at.is_none_or(|last| quarter(last) < quarter(now)) {
        tx.put(&store::CONTACT_SEEN, params![contact.id, now]);
    }
}

/// Inside a unit: writes what a messenger calls a contact.
pub fn add_identity(
    tx: &Tx,
    channel: ChannelId,
    contact: ContactId,
    chat: &str,
    person: &Person,
    now: Instant,
) {
    let row = params![channel, person.id, contact, chat, person.name, person.handle, person.language, now];
    tx.put(&store::IDENTITY_NEW, row);
}

/// Inside a unit: the person forbade this channel's bot to write.
pub async fn block(tx: &Tx, channel: ChannelId, external_id: &str, now: Instant) -> Result<(), Fail> {
    tx.exec(&store::IDENTITY_BLOCK, params![channel, external_id, now]).await?;
    Ok(())
}

/// Inside a unit: the person lets this channel's bot write again.
pub async fn unblock(tx: &Tx, channel: ChannelId, external_id: &str) -> Result<(), Fail> {
    tx.exec(&store::IDENTITY_UNBLOCK, params![channel, external_id]).await?;
    Ok(())
}

/// Inside a unit: where a contact can be reached, the oldest first.
pub async fn identities_of(tx: &Tx, id: ContactId) -> Result<Vec<Identity>, Fail> {
    let rows = tx.all(&store::IDENTITIES_OF, params![id]).await?;
    Ok(rows.iter().map(|row| Identity::from_row(row, 0)).collect::<Result<_, _>>()?)
}

/// The key of units that change a contact: one at a time.
pub fn unit_key(id: ContactId) -> u64 {
    id.0.cast_unsigned()
}

/// There is no such contact in this company.
pub fn not_found(id: ContactId) -> Fail {
    Problem::not_found("клиент", "contact", id).into()
}

/// One change of one contact by an actor, as a unit of its own.
async fn change<F>(
    app: &App,
    actor: &Actor,
    id: ContactId,
    action: &'static str,
    data: Value,
    apply: F,
) -> Result<Contact, Fail>
where
    F: Fn(&mut Contact, Instant) -> Result<(), Vec<Problem>> + Clone + Send + 'static,
{
    actor.require(Right::ContactsWrite)?;
    let now = app.clock.now();
    let (unit_app, unit_actor) = (app.clone(), actor.clone());
    app.store
        .run(actor.tenant, unit_key(id), move |tx| {
            let (app, actor, data, apply) =
                (unit_app.clone(), unit_actor.clone(), data.clone(), apply.clone());
            async move {
                let before = load_living(&tx, id).await?;
                let mut contact = before.clone();
                apply(&mut contact, now).map_err(Fail::Problems)?;
                if contact != before {
                    save(&tx, &before, &mut contact, now);
                    for (event, values, once) in changes(&before, &contact) {
                        pipeline::raise(&app, &tx, id, event, values, &once).await?;
                    }
                    audit(&tx, &app, &actor, action, id, &data);
                }
                Ok(contact)
            }
        })
        .await
}

/// A contact that may be changed: it is there, and its data was not removed.
async fn load_living(tx: &Tx, id: ContactId) -> Result<Contact, Fail> {
    let contact = load(tx, id).await?.ok_or_else(|| not_found(id))?;
    if contact.erased_at.is_none() {
        return Ok(contact);
    }
    let ru = "Данные этого клиента стёрты по его просьбе";
    Err(Problem::new(Kind::Conflict, "erased", ru, "The data of this contact was removed on request").into())
}

fn write_fields(contact: &mut Contact, fields: &[(String, Value)]) -> Result<(), Vec<Problem>> {
    let wrong: Vec<Problem> =
        fields.iter().filter_map(|(path, value)| set_field(contact, path, value, false).err()).collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

fn selection(filter: &Filter, before: ContactId, limit: u32) -> (&'static Query, Params) {
    match filter {
        Filter::All => (&store::CONTACTS, params![before, limit]),
        Filter::Tag(tag) => (&store::CONTACTS_BY_TAG, params![before, limit, tag.trim()]),
        Filter::Query(words) => match samovar_base::phone::normalise(words) {
            Some(phone) => (&store::CONTACTS_BY_PHONE, params![before, limit, phone]),
            None => (&store::CONTACTS_BY_NAME, params![before, limit, containing(words)]),
        },
    }
}

/// Values of the columns of the row after the id, in the order of the writes: `revisions`, the row, `rest`.
fn columns(contact: &Contact, revisions: &[i64], rest: &[samovar_store::Value]) -> Params {
    let mut values: Vec<samovar_store::Value> = vec![contact.id.to_value()];
    values.extend(revisions.iter().map(ToValue::to_value));
    values.extend([
        contact.name.to_value(),
        search_key(&contact.name).to_value(),
        contact.phone.to_value(),
        contact.phone_proved.to_value(),
        contact.birthday.map(|date| date.to_string()).to_value(),
        contact.locale.to_value(),
        document(&contact.fields),
        document(&contact.tags),
        document(&contact.consents),
        contact.source.to_value(),
        contact.registered_at.to_value(),
        contact.stopped_at.to_value(),
        contact.erased_at.to_value(),
    ]);
    values.extend_from_slice(rest);
    Params::from_values(values)
}

fn document(value: &impl serde::Serialize) -> samovar_store::Value {
    serde_json::to_string(value).unwrap_or_default().to_value()
}
