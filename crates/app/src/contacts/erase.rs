//! What a person may ask of the company: a copy of their data, and its removal.

use super::work::Scrub;
use super::{
    Consent, Contact, Identity, consents_of, identities_of, load, not_found, rules, save, store, unit_key,
};
use crate::access::{Actor, Right, audit};
use crate::app::App;
use crate::codes;
use crate::deals;
use crate::problem::Fail;
use crate::work;
use samovar_base::{ContactId, Instant};
use samovar_store::{Row, StoreError, Tx, params};
use serde_json::{Value, json};

/// Everything of a person that contacts know. Balances are the ledger's.
#[derive(Debug, Clone, PartialEq)]
pub struct PersonalData {
    /// The contact.
    pub contact: Contact,
    /// Where they can be reached.
    pub identities: Vec<Identity>,
    /// What they agreed to, ended consents too.
    pub consents: Vec<Consent>,
    /// When they got their tags.
    pub tags: Vec<(String, Instant)>,
    /// What they wrote, as their messengers delivered it, the latest [`MESSAGES_MAX`].
    pub received: Vec<(Instant, Value)>,
    /// What they were told, the latest [`MESSAGES_MAX`].
    pub sent: Vec<(Instant, Value)>,
}

/// Most messages of each direction in a copy.
pub const MESSAGES_MAX: i64 = 10_000;

/// A copy of a person's data, for that person; that it was taken is noted in the audit log.
pub async fn export(app: &App, actor: &Actor, id: ContactId) -> Result<PersonalData, Fail> {
    actor.require(Right::ContactsRead)?;
    actor.require(Right::PersonalDataSee)?;
    let data = app.store.read(actor.tenant, move |tx| async move { copy(&tx, id).await }).await?;
    let (unit_app, unit_actor) = (app.clone(), actor.clone());
    app.store
        .run(actor.tenant, unit_key(id), move |tx| {
            audit(&tx, &unit_app, &unit_actor, "contact.export", id, &json!({}));
            std::future::ready(Ok::<_, Fail>(()))
        })
        .await?;
    Ok(data)
}

/// Removes a person's data for ever. The row of the contact stays, empty, and so do the books; the person who writes
/// again is a new contact. What they wrote and were told is removed by a job right after. Doing it again is no error.
pub async fn erase(app: &App, actor: &Actor, id: ContactId) -> Result<(), Fail> {
    actor.require(Right::ContactsErase)?;
    let now = app.clock.now();
    let (unit_app, unit_actor) = (app.clone(), actor.clone());
    app.store
        .run(actor.tenant, unit_key(id), move |tx| {
            let (app, actor) = (unit_app.clone(), unit_actor.clone());
            async move {
                let before = load(&tx, id).await?.ok_or_else(|| not_found(id))?;
                if before.erased_at.is_some() {
                    return Ok(());
                }
                let mut contact = before.clone();
                rules::erase(&mut contact, now);
                save(&tx, &before, &mut contact, now);
                forget(&tx, id, now).await?;
                audit(&tx, &app, &actor, "contact.erase", id, &json!({}));
                let once = id.to_string();
                work::enqueue(&app, &tx, &Scrub { contact: id }, now, Some(&once)).await?;
                Ok(())
            }
        })
        .await
}

/// What is found by the contact and goes at once. Consents stay as proof of what was allowed, and end.
async fn forget(tx: &Tx, id: ContactId, now: Instant) -> Result<(), Fail> {
    tx.exec(&store::CONSENTS_REVOKE_ALL, params![id, now]).await?;
    tx.exec(&store::OUTBOUND_CANCEL, params![id]).await?;
    codes::forget(tx, id).await?;
    deals::forget(tx, id).await?;
    crate::draws::forget(tx, id).await?;
    for gone in [
        &store::LINES_GONE,
        &store::CONVERSATIONS_GONE,
        &store::IDENTITIES_GONE,
        &store::SESSIONS_GONE,
        &store::TIMERS_GONE,
        &store::FILES_GONE,
    ] {
        tx.exec(gone, params![id]).await?;
    }
    tx.exec(&super::merge::MERGES_BLANK, params![id]).await?;
    tx.exec(&crate::imports::store::KEYS_OF_CONTACT_GONE, params![id]).await?;
    Ok(())
}

async fn copy(tx: &Tx, id: ContactId) -> Result<PersonalData, Fail> {
    let contact = load(tx, id).await?.ok_or_else(|| not_found(id))?;
    let received = tx.all(&store::RECEIVED_FROM, params![id, MESSAGES_MAX]).await?;
    let sent = tx.all(&store::SENT_TO, params![id, MESSAGES_MAX]).await?;
    Ok(PersonalData {
        contact,
        identities: identities_of(tx, id).await?,
        consents: consents_of(tx, id).await?,
        tags: tags_of(tx, id).await?,
        received: received
            .iter()
            .filter_map(|row| said(row, row.bytes(1)).transpose())
            .collect::<Result<_, Fail>>()?,
        sent: sent
            .iter()
            .filter_map(|row| said(row, row.text(1).map(str::as_bytes)).transpose())
            .collect::<Result<_, Fail>>()?,
    })
}

/// A message and its time; none when its words were erased.
fn said(row: &Row, bytes: Result<&[u8], StoreError>) -> Result<Option<(Instant, Value)>, Fail> {
    let (at, bytes) = (row.instant(0)?, bytes?);
    Ok((!bytes.is_empty()).then(|| (at, document(bytes))))
}

/// What is no JSON is given as it reads.
fn document(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or_else(|_| String::from_utf8_lossy(bytes).into_owned().into())
}

async fn tags_of(tx: &Tx, id: ContactId) -> Result<Vec<(String, Instant)>, Fail> {
    let rows = tx.all(&store::TAGS_OF, params![id]).await?;
    rows.iter().map(|row| Ok((row.text(0)?.to_owned(), row.instant(1)?))).collect()
}
