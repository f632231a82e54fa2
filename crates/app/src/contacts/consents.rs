//! Consents: who agreed to which text, when and where; and the texts themselves.

use super::{Consent, ConsentText, Contact, load, load_living, not_found, save, store, unit_key};
use crate::access::{Actor, Right, audit};
use crate::app::App;
use crate::problem::{Fail, Problem};
use crate::tenants::{self, word};
use samovar_base::{ChannelId, ConsentId, ContactId, Instant};
use samovar_store::{Tx, params};
use serde_json::json;

/// Longest text of a consent, in letters.
const TEXT_MAX: usize = 100_000;

/// How giving a consent ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given {
    /// It is in force now.
    Now,
    /// It was in force before, to the same text.
    Before,
}

/// Inside a unit: the contact agrees to the current text of a purpose. One to an older text ends. The contact is
/// saved by the caller.
pub async fn give_consent(
    tx: &Tx,
    contact: &mut Contact,
    purpose: &str,
    channel: Option<ChannelId>,
    id: ConsentId,
    now: Instant,
) -> Result<Given, Fail> {
    let text = current_text(tx, purpose).await?;
    let (version, hash) = text.map_or((0, String::new()), |text| (text.version, text.text_hash));
    match contact.consents.get(purpose) {
        Some(agreed) if *agreed == version => return Ok(Given::Before),
        Some(_) => drop(tx.exec(&store::CONSENT_REVOKE, params![contact.id, purpose, now]).await?),
        None => {}
    }
    tx.add(&store::CONSENT_NEW, params![id, contact.id, purpose, version, hash, channel, now]).await?;
    contact.consents.insert(purpose.to_owned(), version);
    Ok(Given::Now)
}

/// Inside a unit: the contact takes a consent back; `false` when there was none. The contact is saved by the caller.
pub async fn revoke_consent(
    tx: &Tx,
    contact: &mut Contact,
    purpose: &str,
    now: Instant,
) -> Result<bool, Fail> {
    if contact.consents.remove(purpose).is_none() {
        return Ok(false);
    }
    tx.exec(&store::CONSENT_REVOKE, params![contact.id, purpose, now]).await?;
    Ok(true)
}

/// Whether the contact agrees to a purpose now.
pub fn consent_given(contact: &Contact, purpose: &str) -> bool {
    contact.consents.contains_key(purpose)
}

/// Staff or a program records a consent that was given elsewhere, on paper for instance.
pub async fn record_consent(app: &App, actor: &Actor, id: ContactId, purpose: &str) -> Result<Contact, Fail> {
    actor.require(Right::ContactsWrite)?;
    let (now, consent) = (app.clock.now(), ConsentId::new(&app.ids, app.clock.as_ref()));
    let (unit_app, unit_actor, purpose) = (app.clone(), actor.clone(), word("purpose", purpose)?);
    app.store
        .run(actor.tenant, unit_key(id), move |tx| {
            let (app, actor, purpose) = (unit_app.clone(), unit_actor.clone(), purpose.clone());
            async move {
                let before = load_living(&tx, id).await?;
                let mut contact = before.clone();
                if give_consent(&tx, &mut contact, &purpose, None, consent, now).await? == Given::Now {
                    save(&tx, &before, &mut contact, now);
                    audit(&tx, &app, &actor, "consent.give", id, &json!({ "purpose": purpose }));
                }
                Ok(contact)
            }
        })
        .await
}

/// Staff or a program records that a consent was taken back.
pub async fn withdraw_consent(
    app: &App,
    actor: &Actor,
    id: ContactId,
    purpose: &str,
) -> Result<Contact, Fail> {
    actor.require(Right::ContactsWrite)?;
    let now = app.clock.now();
    let (unit_app, unit_actor, purpose) = (app.clone(), actor.clone(), purpose.to_owned());
    app.store
        .run(actor.tenant, unit_key(id), move |tx| {
            let (app, actor, purpose) = (unit_app.clone(), unit_actor.clone(), purpose.clone());
            async move {
                let before = load_living(&tx, id).await?;
                let mut contact = before.clone();
                if revoke_consent(&tx, &mut contact, &purpose, now).await? {
                    save(&tx, &before, &mut contact, now);
                    audit(&tx, &app, &actor, "consent.revoke", id, &json!({ "purpose": purpose }));
                }
                Ok(contact)
            }
        })
        .await
}

/// All consents of a contact, ended ones too, the youngest first.
pub async fn consents(app: &App, actor: &Actor, id: ContactId) -> Result<Vec<Consent>, Fail> {
    actor.require(Right::ContactsRead)?;
    app.store
        .read(actor.tenant, move |tx| async move {
            load(&tx, id).await?.ok_or_else(|| not_found(id))?;
            consents_of(&tx, id).await
        })
        .await
}

/// Inside a unit: all consents of a contact, ended ones too, the youngest first.
pub async fn consents_of(tx: &Tx, id: ContactId) -> Result<Vec<Consent>, Fail> {
    let rows = tx.all(&store::CONSENTS_OF, params![id]).await?;
    Ok(rows.iter().map(Consent::from_row).collect::<Result<_, _>>()?)
}

/// The texts people agree to: the latest 1000 versions, newest first within a purpose.
pub async fn consent_texts(app: &App, actor: &Actor) -> Result<Vec<ConsentText>, Fail> {
    actor.require(Right::SettingsRead)?;
    app.store
        .read(actor.tenant, |tx| async move {
            let rows = tx.all(&store::CONSENT_TEXTS, ()).await?;
            Ok(rows.iter().map(ConsentText::from_row).collect::<Result<_, _>>()?)
        })
        .await
}

/// Puts a text in force. The same text as the current one makes no new version. Consents to older versions stay in
/// force until the person is asked again.
pub async fn put_consent_text(
    app: &App,
    actor: &Actor,
    purpose: &str,
    text: &str,
) -> Result<ConsentText, Fail> {
    actor.require(Right::SettingsManage)?;
    let now = app.clock.now();
    let text = ConsentText {
        purpose: word("purpose", purpose)?,
        version: 0,
        text: checked_text(text)?,
        text_hash: samovar_base::vault::fingerprint(text.trim().as_bytes()),
        created_at: now,
    };
    let (unit_app, unit_actor) = (app.clone(), actor.clone());
    app.store
        .run(actor.tenant, tenants::unit_key(actor.tenant), move |tx| {
            let (app, actor, text) = (unit_app.clone(), unit_actor.clone(), text.clone());
            async move {
                let (text, is_new) = put_text(&tx, text).await?;
                if is_new {
                    let data = json!({ "version": text.version, "text_hash": text.text_hash });
                    audit(&tx, &app, &actor, "consent_text.put", &text.purpose, &data);
                }
                Ok(text)
            }
        })
        .await
}

/// Inside a unit: puts a text in force that belongs to something else, such as the rules of a promotion. `text` has from
/// 1 to 100,000 letters.
pub async fn put_consent_text_in(
    tx: &Tx,
    purpose: &str,
    text: &str,
    now: Instant,
) -> Result<ConsentText, Fail> {
    let text = ConsentText {
        purpose: word("purpose", purpose)?,
        version: 0,
        text: checked_text(text)?,
        text_hash: samovar_base::vault::fingerprint(text.trim().as_bytes()),
        created_at: now,
    };
    Ok(put_text(tx, text).await?.0)
}

/// The text as it is in force now, and whether this put it there.
async fn put_text(tx: &Tx, mut text: ConsentText) -> Result<(ConsentText, bool), Fail> {
    let current = current_text(tx, &text.purpose).await?;
    if let Some(same) = current.as_ref().filter(|current| current.text_hash == text.text_hash) {
        return Ok((same.clone(), false));
    }
    text.version = current.map_or(1, |current| current.version + 1);
    let row = params![text.purpose, text.version, text.text, text.text_hash, text.created_at];
    tx.put(&store::CONSENT_TEXT_NEW, row);
    Ok((text, true))
}

async fn current_text(tx: &Tx, purpose: &str) -> Result<Option<ConsentText>, Fail> {
    let row = tx.one(&store::CONSENT_TEXT_CURRENT, params![purpose]).await?;
    Ok(row.map(|row| ConsentText::from_row(&row)).transpose()?)
}

fn checked_text(text: &str) -> Result<String, Problem> {
    let text = text.trim();
    if (1..=TEXT_MAX).contains(&text.chars().count()) {
        return Ok(text.to_owned());
    }
    Err(Problem::invalid(
        "text",
        "bad_length",
        format!("Текст нужен от 1 до {TEXT_MAX} знаков"),
        format!("A text has 1 to {TEXT_MAX} characters"),
    ))
}
