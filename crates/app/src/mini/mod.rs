//! The Mini App: what a customer sees of themselves outside of the conversation, and orders there.
//!
//! Its verbs take a [`Caller`] where others take an [`Actor`](crate::access::Actor): somebody of whom a messenger vouches
//! that they write to this bot. A caller has no rights but those of a person in the chat: they see themselves alone, and
//! order for themselves. There are two ways to a caller: launch data that the messenger signed ([`enter`]), and the token
//! that was given for it ([`open`]).

mod model;
mod rules;
mod store;
#[cfg(test)]
mod tests;

pub use model::{Card, Ending, Entry, Face, Look, Offer, Order, Ordered, Qr, Session};
pub use rules::SESSION_SECONDS;

use crate::app::App;
use crate::catalogue::{self, Item, ItemFilter};
use crate::contacts::{self, Contact};
use crate::deals::{self, DealFilter, DealId, OrderState};
use crate::directory::ChannelInfo;
use crate::ledger::{self, POINTS, Wallet};
use crate::loyalty::{self, Programme, Speech, card::CardNumber};
use crate::media::{self, Content};
use crate::pipeline::Ready;
use crate::problem::{Fail, Kind, Problem};
use crate::visit::Cause;
use samovar_base::{Instant, Points};
use samovar_connectors::BadLaunch;
use samovar_store::Tx;
use std::sync::Arc;

/// Operations on one page of the history.
pub const HISTORY_PAGE: u32 = 30;
/// Items of a catalogue that are shown.
const OFFERS_MAX: u32 = 300;
/// Orders that are shown.
const ORDERS_MAX: u32 = 50;
/// Days on which points end that are shown.
const ENDINGS_MAX: usize = 12;

/// Somebody who opened the Mini App of a channel.
#[derive(Debug, Clone)]
pub struct Caller {
    channel: Arc<ChannelInfo>,
    person: String,
}

/// Lets in whom the messenger vouches for: the token of a session, for this person and this channel alone.
pub fn enter(app: &App, channel: &Arc<ChannelInfo>, launch: &str) -> Result<Session, Fail> {
    let now = app.clock.now();
    if channel.audience.is_staff() {
        return Err(refused(BadLaunch::Unsupported).into());
    }
    let launch = channel.messenger.launched(&channel.link, launch, now).map_err(|bad| {
        tracing::debug!(?channel, %bad, "launch data was refused");
        refused(bad)
    })?;
    let token = rules::token(&app.vault, channel.id, &launch.person.id, now);
    Ok(Session { token, expires_at: now.plus_seconds(SESSION_SECONDS) })
}

/// The caller of a token that is ours, of this channel and not too old.
pub fn open(app: &App, channel: &Arc<ChannelInfo>, token: &str) -> Option<Caller> {
    let person = rules::read_token(&app.vault, channel.id, token, app.clock.now())?;
    (!channel.audience.is_staff()).then(|| Caller { channel: Arc::clone(channel), person })
}

/// The first screen: the card, the balance, what ends when. Somebody who has not registered sees the way to it.
pub async fn face(app: &App, caller: &Caller) -> Result<Face, Fail> {
    let now = app.clock.now();
    let (services, asks) = (app.clone(), caller.clone());
    let seen = app.store.read(caller.channel.tenant.id, move |tx| {
        let (app, asks) = (services.clone(), asks.clone());
        async move { see(&app, &tx, &asks, now).await }
    });
    let mut seen = seen.await?;
    if let Some(person) = seen.person.as_mut().filter(|person| person.card.is_none()) {
        person.card = Some(issue(app, caller, person.contact.clone(), now).await?);
    }
    Ok(seen.face(app, caller, now))
}

/// A page of the history, the youngest first; `skip` operations are left out.
pub async fn history(app: &App, caller: &Caller, skip: u32) -> Result<(Vec<Entry>, bool), Fail> {
    let (services, asks) = (app.clone(), caller.clone());
    app.store
        .read(caller.channel.tenant.id, move |tx| {
            let (app, asks) = (services.clone(), asks.clone());
            async move {
                let contact = known(&tx, &asks).await?;
                let Some(wallet) = ledger::find(&tx, contact.id, POINTS).await? else {
                    return Ok((Vec::new(), false));
                };
                let mut entries = ledger::page(&tx, &wallet, skip, HISTORY_PAGE + 1).await?;
                let more = entries.len() > HISTORY_PAGE as usize;
                entries.truncate(HISTORY_PAGE as usize);
                let programme = loyalty::current(&app, &tx).await?;
                let zone = asks.channel.tenant.time_zone();
                let speech = Speech { units: &programme.units, locale: &contact.locale, zone: &zone };
                Ok((entries.into_iter().map(|entry| Entry::of(entry, &speech)).collect(), more))
            }
        })
        .await
}

/// What can be had for points.
pub async fn offers(app: &App, caller: &Caller) -> Result<Vec<Offer>, Fail> {
    let asks = caller.clone();
    app.store
        .read(caller.channel.tenant.id, move |tx| {
            let asks = asks.clone();
            async move {
                let contact = known(&tx, &asks).await?;
                let filter = ItemFilter { active: Some(true), category: None };
                let items = catalogue::page_in(&tx, &filter, None, OFFERS_MAX).await?;
                Ok(items.iter().filter_map(|item| Offer::of(item, &contact.locale)).collect())
            }
        })
        .await
}

/// The picture of an item that is offered.
pub async fn picture(app: &App, caller: &Caller, item: &str) -> Result<Content, Fail> {
    let key = item.to_owned();
    let asks = caller.clone();
    let picture = app.store.read(caller.channel.tenant.id, move |tx| {
        let (asks, key) = (asks.clone(), key.clone());
        async move {
            known(&tx, &asks).await?;
            let item = offered(&tx, &key).await?;
            item.fields.picture.ok_or_else(|| Fail::from(Problem::not_found("картинка", "picture", key)))
        }
    });
    media::content(app, caller.channel.tenant.id, &picture.await?).await
}

/// Orders one piece of an item, once for `once`. What the rules say no to is a problem: `not_offered`, `sold_out`,
/// `person_limit`, `not_enough_points`.
pub async fn order(app: &App, caller: &Caller, item: &str, once: &str) -> Result<Ordered, Fail> {
    rules::once(once)?;
    let now = app.clock.now();
    let asks = caller.clone();
    let found = app.store.read(caller.channel.tenant.id, move |tx| {
        let asks = asks.clone();
        async move { known(&tx, &asks).await }
    });
    let contact = found.await?;
    let (services, asks, item, once) = (app.clone(), caller.clone(), item.to_owned(), once.to_owned());
    let unit = app.store.run(caller.channel.tenant.id, contacts::unit_key(contact.id), move |tx| {
        let (app, asks, item, once) = (services.clone(), asks.clone(), item.clone(), once.clone());
        async move { order_unit(&app, &tx, &asks, &item, &once, now).await }
    });
    let (ordered, ready) = unit.await?;
    app.pipeline.send(app, ready);
    Ok(ordered)
}

/// The caller's orders, the youngest first.
pub async fn orders(app: &App, caller: &Caller) -> Result<Vec<Order>, Fail> {
    let asks = caller.clone();
    app.store
        .read(caller.channel.tenant.id, move |tx| {
            let asks = asks.clone();
            async move {
                let contact = known(&tx, &asks).await?;
                let filter = DealFilter { contact: Some(contact.id), ..DealFilter::default() };
                let deals = deals::page_in(&tx, &filter, None, DealId(i64::MAX), ORDERS_MAX).await?;
                let pipelines = deals::pipelines_in(&tx).await?;
                let orders =
                    deals.into_iter().filter_map(|deal| Order::of(deal, &pipelines, &contact.locale));
                Ok(orders.collect())
            }
        })
        .await
}

async fn order_unit(
    app: &App,
    tx: &Tx,
    caller: &Caller,
    item: &str,
    once: &str,
    now: Instant,
) -> Result<(Ordered, Vec<Ready>), Fail> {
    let contact = known(tx, caller).await?;
    let item = offered(tx, item).await?;
    let cause = Cause::new("mini", caller.channel.id.to_string());
    let (deal, ready) = deals::order_of_contact(app, tx, &contact, &item, once, cause, now).await?;
    let is_open = deal.order.as_ref().is_some_and(|order| order.state == OrderState::Open);
    Ok((Ordered { id: deal.id.to_string(), title: deal.title, points: deal.points, open: is_open }, ready))
}

/// An item that can be ordered.
async fn offered(tx: &Tx, key: &str) -> Result<Item, Fail> {
    let found = catalogue::find(tx, key).await?.filter(|item| item.fields.active);
    found.ok_or_else(|| catalogue::not_found(key))
}

/// The caller as a customer; one who is not registered is told to do that in the chat.
async fn known(tx: &Tx, caller: &Caller) -> Result<Contact, Fail> {
    let contact = store::contact(tx, caller.channel.id, &caller.person).await?;
    contact.filter(|contact| contact.registered_at.is_some()).ok_or_else(|| {
        let ru = "Вы ещё не зарегистрированы: напишите боту, и он поможет";
        let en = "You are not registered yet: write to the bot, and it will help";
        Problem::new(Kind::Conflict, "not_registered", ru, en).into()
    })
}

/// What is read for the first screen.
struct Seen {
    programme: Arc<Programme>,
    locale: String,
    person: Option<Person>,
}

struct Person {
    contact: Contact,
    card: Option<CardNumber>,
    wallet: Option<Wallet>,
}

async fn see(app: &App, tx: &Tx, caller: &Caller, now: Instant) -> Result<Seen, Fail> {
    let _ = now;
    let programme = loyalty::current(app, tx).await?;
    let contact = store::contact(tx, caller.channel.id, &caller.person).await?;
    let locale = contact.as_ref().map_or_else(|| caller.channel.locale.clone(), |one| one.locale.clone());
    let person = match contact.filter(|contact| contact.registered_at.is_some()) {
        None => None,
        Some(contact) => {
            let card = loyalty::card_in(tx, contact.id).await?;
            let wallet = ledger::find(tx, contact.id, POINTS).await?;
            Some(Person { contact, card, wallet })
        }
    };
    Ok(Seen { programme, locale, person })
}

/// Whoever is registered has a card: the first look issues it, as in the chat.
async fn issue(app: &App, caller: &Caller, contact: Contact, now: Instant) -> Result<CardNumber, Fail> {
    let services = app.clone();
    app.store
        .run(caller.channel.tenant.id, contacts::unit_key(contact.id), move |tx| {
            let (app, id) = (services.clone(), contact.id);
            async move {
                match loyalty::card_in(&tx, id).await? {
                    Some(number) => Ok(number),
                    None => Ok(loyalty::issue_card(&app, &tx, id, now).await?),
                }
            }
        })
        .await
}

impl Seen {
    fn face(self, app: &App, caller: &Caller, now: Instant) -> Face {
        let Self { programme, locale, person } = self;
        let tenant = &caller.channel.tenant;
        let russian = locale.starts_with("ru");
        let units = if russian { programme.units.ru.to_vec() } else { programme.units.en.to_vec() };
        let link = caller.channel.identity.as_ref().and_then(|identity| identity.link.clone());
        let colours = programme.card.colours.clone();
        let mut face = Face {
            business: tenant.name.clone(),
            locale: if russian { "ru" } else { "en" },
            zone: tenant.zone.clone(),
            units,
            link,
            look: Look { background: colours.background, ink: colours.ink, accent: colours.accent },
            earns_bp: i64::from(programme.earning.percent_bp.0),
            ..Face::default()
        };
        let Some(person) = person else { return face };
        face.name = Some(person.contact.first_name().to_owned());
        face.card = person.card.and_then(|number| {
            let code = loyalty::code_now(app, tenant.id, &programme, number, now);
            let (size, path) = loyalty::card::plain_qr(&code.text)?;
            Some(Card { number: number.to_string(), qr: Qr { size, path }, next_at: code.next_at })
        });
        if let Some(wallet) = &person.wallet {
            let standing = wallet.standing(now);
            face.available = standing.available;
            face.held = standing.held;
            face.debt = Points((-standing.balance.0).max(0));
            face.ending = rules::endings(&wallet.lots, now, &tenant.time_zone(), ENDINGS_MAX);
        }
        face
    }
}

fn refused(bad: BadLaunch) -> Problem {
    let (ru, en) = match bad {
        BadLaunch::Stale => (
            "Прошло слишком много времени: закройте приложение и откройте его из чата снова",
            "Too much time has passed: close the app and open it from the chat again",
        ),
        _ => (
            "Приложение открывается только из чата с ботом",
            "The app can be opened only from the chat with the bot",
        ),
    };
    Problem::new(Kind::Unauthorized, "bad_launch", ru, en)
}
