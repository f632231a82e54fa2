//! Cards: whose they are, and their pictures.

use super::card::{self, CardDesign, CardFace, CardNumber, Ground};
use super::rules::Turning;
use super::{rules, store};
use crate::access::{Actor, Right};
use crate::app::App;
use crate::contacts::{self, Contact};
use crate::pictures;
use crate::problem::{Fail, Problem};
use crate::tenants;
use samovar_base::vault::fingerprint;
use samovar_base::{ContactId, Instant, TenantId};
use samovar_store::{StoreError, Tx};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Pictures behind cards kept in memory, two and a half megabytes each.
const GROUNDS_MAX: usize = 12;

/// A card and whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CardHolder {
    /// Whose.
    pub contact: ContactId,
    /// The card's number.
    pub number: CardNumber,
}

/// The contact's card; a first one is issued.
pub async fn card_of(app: &App, actor: &Actor, contact: ContactId) -> Result<CardNumber, Fail> {
    actor.require(Right::PointsRead)?;
    let (now, services) = (app.clock.now(), app.clone());
    app.store
        .run(actor.tenant, contacts::unit_key(contact), move |tx| {
            let app = services.clone();
            async move {
                contacts::load(&tx, contact).await?.ok_or_else(|| contacts::not_found(contact))?;
                match store::card_of(&tx, contact).await? {
                    Some(number) => Ok(number),
                    None => Ok(store::issue_card(&app, &tx, contact, now).await?),
                }
            }
        })
        .await
}

/// The contact's card, if one was issued.
pub async fn find_card(app: &App, actor: &Actor, contact: ContactId) -> Result<Option<CardNumber>, Fail> {
    actor.require(Right::PointsRead)?;
    app.store.read(actor.tenant, move |tx| async move { Ok(store::card_of(&tx, contact).await?) }).await
}

/// Who stands at the till: by what a scanner read from a card, or by a typed number.
pub async fn resolve_card(app: &App, actor: &Actor, text: &str) -> Result<CardHolder, Fail> {
    let (services, actor_of_unit, text, now) = (app.clone(), actor.clone(), text.to_owned(), app.clock.now());
    app.store
        .read(actor.tenant, move |tx| {
            let (app, actor, text) = (services.clone(), actor_of_unit.clone(), text.clone());
            async move { resolve(&app, &tx, &actor, &text, now).await }
        })
        .await
}

async fn resolve(app: &App, tx: &Tx, actor: &Actor, text: &str, now: Instant) -> Result<CardHolder, Fail> {
    actor.require(Right::ContactsRead)?;
    let number = read(app, tx, actor, text, now).await??;
    match store::holder_of(tx, number).await? {
        Some(contact) => Ok(CardHolder { contact, number }),
        None => Err(Problem::not_found("карта", "card", number).into()),
    }
}

/// Inside a unit: [`resolve_card`] without a failure for a number that nobody has; none where the text is no card at
/// all, or one whose code is out of date.
pub(crate) async fn holder_in(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    text: &str,
    now: Instant,
) -> Result<Option<ContactId>, Fail> {
    actor.require(Right::ContactsRead)?;
    match read(app, tx, actor, text, now).await? {
        Ok(number) => Ok(store::holder_of(tx, number).await?),
        Err(_) => Ok(None),
    }
}

/// The number that a text stands for by the programme's rules.
async fn read(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    text: &str,
    now: Instant,
) -> Result<Result<CardNumber, Problem>, Fail> {
    let turning = Turning::of(&store::programme(app, tx).await?.programme);
    Ok(rules::read_turning(&app.vault, actor.tenant, text, turning, now))
}

/// Inside a unit: the number of the contact's card as it stands on it, if one was issued.
pub(crate) async fn card_in(tx: &Tx, contact: ContactId) -> Result<Option<CardNumber>, Fail> {
    Ok(store::card_of(tx, contact).await?)
}

/// What the QR of a card says now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Code {
    pub text: String,
    /// When there is another one to be shown; none where cards do not turn.
    pub next_at: Option<Instant>,
}

/// What a scanner reads from a card at this moment.
pub(crate) fn code_now(
    app: &App,
    tenant: TenantId,
    programme: &super::Programme,
    number: CardNumber,
    now: Instant,
) -> Code {
    match Turning::of(programme) {
        None => Code { text: rules::card_code(&app.vault, tenant, number), next_at: None },
        Some(turning) => {
            let window = turning.window(now);
            let text = rules::turning_code(&app.vault, tenant, number, window);
            // A code is taken in the window after its own too.
            Code { text, next_at: Some(turning.good_until(window - 1)) }
        }
    }
}

/// The picture of the contact's card as it is now, PNG.
pub async fn card_picture(app: &App, actor: &Actor, contact: ContactId) -> Result<Vec<u8>, Fail> {
    let number = card_of(app, actor, contact).await?;
    paint(app, actor.tenant, CardHolder { contact, number }, None).await
}

/// The picture behind a media key, PNG; drawn now, outside of any unit.
pub async fn picture(app: &App, tenant: TenantId, key: &str) -> Result<Vec<u8>, Fail> {
    let (holder, window) = read_key(key).ok_or_else(|| missing(key))?;
    paint(app, tenant, holder, window).await
}

/// The name of a card's picture: the same name is the same picture, so a changed design or name is another one, and
/// so is the next window of a card that turns.
pub(super) fn media_key(
    programme: &super::Programme,
    business: &str,
    contact: &Contact,
    number: CardNumber,
    window: Option<i64>,
) -> String {
    let face = format!("{}\n{business}\n{}", programme.card.fingerprint(), contact.name);
    let print = &fingerprint(face.as_bytes())[..16];
    let window = window.map(|window| format!("-{window}")).unwrap_or_default();
    format!("card/{}/{print}-{}{window}", contact.id, number.digits())
}

fn read_key(key: &str) -> Option<(CardHolder, Option<i64>)> {
    let (contact, print) = key.strip_prefix("card/")?.split_once('/')?;
    let (_, number) = print.split_once('-')?;
    let (number, window) = match number.split_once('-') {
        Some((number, window)) => (number, Some(window.parse().ok()?)),
        None => (number, None),
    };
    Some((CardHolder { contact: contact.parse().ok()?, number: number.parse().ok()? }, window))
}

fn missing(key: &str) -> Problem {
    Problem::not_found("карта", "card", key)
}

/// With `window` as the card looked then; a window that has not come is not drawn.
async fn paint(
    app: &App,
    tenant: TenantId,
    holder: CardHolder,
    window: Option<i64>,
) -> Result<Vec<u8>, Fail> {
    let services = app.clone();
    let (programme, contact, business) = app
        .store
        .read(tenant, move |tx| {
            let app = services.clone();
            async move { known(&app, &tx, holder).await }
        })
        .await?;
    let qr_text = match Turning::of(&programme) {
        None => rules::card_code(&app.vault, tenant, holder.number),
        Some(turning) => {
            let present = turning.window(app.clock.now());
            let window = window.unwrap_or(present).min(present);
            rules::turning_code(&app.vault, tenant, holder.number, window)
        }
    };
    let ground = ground(app, tenant, &programme.card).await?;
    let drawn = tokio::task::spawn_blocking(move || {
        let face = CardFace {
            business: &business,
            holder: &contact.name,
            number: holder.number,
            qr_text: &qr_text,
            balance: None,
            ground: ground.as_deref(),
        };
        card::draw(&programme.card, &face)
    });
    let drawn = drawn.await.map_err(|error| StoreError::Panicked(error.to_string()))?;
    drawn.map_err(|error| {
        tracing::error!(%error, %tenant, "a card could not be drawn");
        not_drawn().into()
    })
}

pub(super) fn not_drawn() -> Problem {
    Problem::refused("card_not_drawn", "Карту не удалось нарисовать", "The card could not be drawn")
}

/// The picture behind cards of a design, fitted once and kept in memory. None where the design has none, or where it is
/// gone: then the card is drawn on plain lacquer, for the customer waits at the till.
pub(super) async fn ground(
    app: &App,
    tenant: TenantId,
    design: &CardDesign,
) -> Result<Option<Arc<Ground>>, Fail> {
    let Some(picture) = &design.picture else { return Ok(None) };
    let key = (tenant, picture.file.clone());
    if let Some(ground) = app.grounds.of(&key) {
        return Ok(Some(ground));
    }
    let found = pictures::content_of(app, tenant, &picture.file).await?;
    let Some(content) = found else { return Ok(None) };
    let read = tokio::task::spawn_blocking(move || Ground::read(&content.bytes));
    let read = read.await.map_err(|error| StoreError::Panicked(error.to_string()))?;
    Ok(read.map(|ground| app.grounds.keep(key, ground)))
}

/// Pictures behind cards that were drawn of late.
#[derive(Debug, Default)]
pub struct Grounds(Mutex<HashMap<(TenantId, String), Arc<Ground>>>);

impl Grounds {
    fn of(&self, key: &(TenantId, String)) -> Option<Arc<Ground>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    fn keep(&self, key: (TenantId, String), ground: Ground) -> Arc<Ground> {
        let ground = Arc::new(ground);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= GROUNDS_MAX {
            kept.clear();
        }
        kept.insert(key, Arc::clone(&ground));
        ground
    }
}

/// What stands on a card that was issued.
async fn known(
    app: &App,
    tx: &Tx,
    holder: CardHolder,
) -> Result<(Arc<super::Programme>, Contact, String), Fail> {
    if store::holder_of(tx, holder.number).await? != Some(holder.contact) {
        return Err(missing(&holder.number.to_string()).into());
    }
    let programme = store::programme(app, tx).await?.programme;
    let contact =
        contacts::load(tx, holder.contact).await?.ok_or_else(|| contacts::not_found(holder.contact))?;
    let business = tenants::load(tx).await?.map(|tenant| tenant.name).unwrap_or_default();
    Ok((programme, contact, business))
}
