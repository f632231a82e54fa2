//! What happened to a company before it came here, written down at once: years of customers, purchases and deals, many
//! in a unit. The books are kept by the ledger as always; nobody is told of anything, and no scenario starts.
//!
//! The demo and benchmarks stand on it. Who calls gives an [`App`] whose clock stands at the end of what is written, so
//! that ids grow as time does, and writes in the order of time.

use crate::access::{Actor, Right};
use crate::app::App;
use crate::contacts::{self, Contact};
use crate::deals;
use crate::ledger::{self, Act, Operation, POINTS, WALLETS_MAX, Wallet};
use crate::loyalty;
use crate::problem::{Fail, Problem};
use crate::tenants;
use crate::visit::Cause;
use jiff::tz::TimeZone;
use samovar_base::message::Person;
use samovar_base::{ChannelId, ConsentId, ContactId, Instant, LotId, Points};
use samovar_store::Tx;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

pub use crate::deals::PastDeal;

/// Deeds of one unit.
pub const DEEDS_MAX: usize = 2_000;

/// Something that happened.
#[derive(Debug, Clone)]
pub struct Happened {
    /// When.
    pub at: Instant,
    /// Why, and by whom.
    pub cause: Cause,
    /// What.
    pub deed: Deed,
}

/// What happened.
#[derive(Debug, Clone)]
pub enum Deed {
    /// Somebody new came.
    Comes(Box<Newcomer>),
    /// A purchase, booked by the programme's rules of today.
    Buys {
        /// Who.
        contact: ContactId,
        /// The whole sum.
        sum_minor: i64,
        /// Paid with as many points as the rules let.
        with_points: bool,
        /// What the customer reads in the history.
        note: Option<String>,
    },
    /// Points were given: `birthday`, `grant`.
    Given {
        /// To whom.
        contact: ContactId,
        /// Kind of operation.
        kind: &'static str,
        /// How many.
        points: Points,
        /// What for.
        note: Option<String>,
    },
    /// A deal came to where it stands.
    Deal(Box<PastDeal>),
}

/// Somebody who came.
#[derive(Debug, Clone)]
pub struct Newcomer {
    /// What is known of them; the programme's welcome is given when they registered.
    pub contact: Contact,
    /// Where they can be written to.
    pub identity: Option<(ChannelId, Person)>,
    /// They forbade the bot to write.
    pub blocked: bool,
    /// To what they agreed.
    pub consent: Option<String>,
}

impl Deed {
    /// Whom it happened to.
    pub fn contact(&self) -> ContactId {
        match self {
            Self::Comes(newcomer) => newcomer.contact.id,
            Self::Buys { contact, .. } | Self::Given { contact, .. } => *contact,
            Self::Deal(deal) => deal.contact,
        }
    }
}

/// Writes down what happened, in its order: [`DEEDS_MAX`] at most, to [`WALLETS_MAX`] people. It leaves no line in the
/// audit log: none of it is done now.
pub async fn write(app: &App, actor: &Actor, happened: Vec<Happened>) -> Result<(), Fail> {
    actor.require(Right::ImportsMake)?;
    let people: BTreeSet<ContactId> = happened.iter().map(|one| one.deed.contact()).collect();
    if happened.len() > DEEDS_MAX || people.len() > WALLETS_MAX {
        let (ru, en) = ("Слишком много событий за один раз", "Too many events at once");
        return Err(Problem::invalid("events", "too_many", ru, en).into());
    }
    let Some(first) = people.first().copied() else { return Ok(()) };
    let gone: Vec<(ChannelId, String, Instant)> = happened.iter().filter_map(Happened::blocked).collect();
    let services = app.clone();
    app.store
        .run(actor.tenant, contacts::unit_key(first), move |tx| {
            let (app, happened, people) = (services.clone(), happened.clone(), people.clone());
            async move {
                let people: Vec<ContactId> = people.into_iter().collect();
                let wallets = ledger::load_many(&app, &tx, &people, POINTS).await?;
                let tenant = tenants::load(&tx).await?;
                let zone = tenant.map_or(TimeZone::UTC, |tenant| tenant.time_zone());
                let mut pen = Pen {
                    wallets: wallets.into_iter().map(|wallet| (wallet.contact, wallet)).collect(),
                    programme: loyalty::current(&app, &tx).await?,
                    app: &app,
                    tx: &tx,
                    zone,
                };
                for one in &happened {
                    pen.write(one).await?;
                }
                Ok::<_, Fail>(())
            }
        })
        .await?;
    app.store
        .run(actor.tenant, contacts::unit_key(first), move |tx| {
            let gone = gone.clone();
            async move {
                for (channel, person, at) in &gone {
                    contacts::block(&tx, *channel, person, *at).await?;
                }
                Ok(())
            }
        })
        .await
}

impl Happened {
    /// Where a newcomer cannot be written to any more.
    fn blocked(&self) -> Option<(ChannelId, String, Instant)> {
        let Deed::Comes(newcomer) = &self.deed else { return None };
        let (channel, person) = newcomer.identity.as_ref().filter(|_| newcomer.blocked)?;
        Some((*channel, person.id.clone(), self.at))
    }
}

/// What a unit writes with.
struct Pen<'a> {
    app: &'a App,
    tx: &'a Tx,
    wallets: HashMap<ContactId, Wallet>,
    programme: Arc<loyalty::Programme>,
    zone: TimeZone,
}

impl Pen<'_> {
    async fn write(&mut self, happened: &Happened) -> Result<(), Fail> {
        match &happened.deed {
            Deed::Comes(newcomer) => self.comes(newcomer, happened).await,
            Deed::Buys { contact, sum_minor, with_points, note } => {
                let Self { app, tx, wallets, programme, zone } = self;
                let Some(wallet) = wallets.get_mut(contact) else { return Ok(()) };
                let purchase = loyalty::PastPurchase {
                    sum_minor: *sum_minor,
                    with_points: *with_points,
                    note: note.clone(),
                    cause: happened.cause.clone(),
                    at: happened.at,
                };
                loyalty::book_past(app, tx, wallet, programme, zone, purchase).await
            }
            Deed::Given { contact, kind, points, note } => {
                let ends = self.programme.ends(kind, happened.at, &self.zone);
                let operation = Operation {
                    key: format!("{kind}:{contact}:{}", happened.at.seconds()),
                    kind: (*kind).into(),
                    note: note.clone(),
                    cause: happened.cause.clone(),
                    act: self.earn(*points, ends),
                };
                self.post(*contact, operation, happened.at).await
            }
            Deed::Deal(deal) => {
                let Self { app, tx, wallets, programme, zone } = self;
                let Some(wallet) = wallets.get_mut(&deal.contact) else { return Ok(()) };
                let ends = programme.expires_at(happened.at, zone);
                deals::write_past(app, tx, wallet, deal, &happened.cause, happened.at, ends).await
            }
        }
    }

    async fn comes(&mut self, newcomer: &Newcomer, happened: &Happened) -> Result<(), Fail> {
        let (mut contact, at) = (newcomer.contact.clone(), happened.at);
        let channel = newcomer.identity.as_ref().map(|(channel, _)| *channel);
        if let Some(purpose) = &newcomer.consent {
            let id = ConsentId::new(&self.app.ids, self.app.clock.as_ref());
            contacts::give_consent(self.tx, &mut contact, purpose, channel, id, at).await?;
        }
        contacts::create(self.tx, &contact);
        if let Some((channel, person)) = &newcomer.identity {
            contacts::add_identity(self.tx, *channel, contact.id, &person.id, person, at);
        }
        let welcome = self.programme.welcome_points;
        if contact.registered_at.is_none() || !welcome.is_positive() {
            return Ok(());
        }
        loyalty::issue_past_card(self.app, self.tx, contact.id, at).await?;
        let operation = Operation {
            key: format!("welcome:{}", contact.id),
            kind: "welcome".into(),
            note: None,
            cause: happened.cause.clone(),
            act: self.earn(welcome, self.programme.ends("welcome", at, &self.zone)),
        };
        self.post(contact.id, operation, at).await
    }

    fn earn(&self, points: Points, expires_at: Option<Instant>) -> Act {
        Act::Earn { lot: LotId::new(&self.app.ids, self.app.clock.as_ref()), points, expires_at }
    }

    async fn post(&mut self, contact: ContactId, operation: Operation, at: Instant) -> Result<(), Fail> {
        let Some(wallet) = self.wallets.get_mut(&contact) else { return Ok(()) };
        ledger::post(self.app, self.tx, wallet, operation, at).await?.entry()?;
        Ok(())
    }
}
