//! Points given, taken and set aside: the welcome, by hand, by programs.

use super::model::Programme;
use super::notices::Notice;
use super::wording::Names;
use super::{rules, store};
use crate::access::{Actor, Right};
use crate::app::App;
use crate::codes;
use crate::contacts::{self, Contact};
use crate::ledger::{self, Act, Entry, Operation, OperationId, POINTS, Posted, Receipt, Request, Standing};
use crate::pipeline::{self, Ready};
use crate::problem::{Fail, Problem};
use crate::tenants;
use crate::visit::{Cause, Visit};
use jiff::tz::TimeZone;
use samovar_base::{ContactId, HoldId, Instant, LotId, Points};
use samovar_engine::Values;
use samovar_store::Tx;
use serde_json::json;
use std::borrow::Cow;
use std::sync::Arc;

/// What a unit needs to know of a contact and the company to move points and tell of it.
pub(super) struct Desk {
    pub(super) contact: Contact,
    pub(super) programme: Arc<Programme>,
    pub(super) zone: TimeZone,
    pub(super) business: String,
}

impl Desk {
    /// Reads it; a contact that is not there is a problem.
    pub(super) async fn of(app: &App, tx: &Tx, contact: ContactId) -> Result<Self, Fail> {
        let person = async { contacts::load(tx, contact).await };
        let rules = async { Ok(store::programme(app, tx).await?) };
        // Asked together: on PostgreSQL that is one round trip.
        let (person, tenant, current) = futures::try_join!(person, tenants::load(tx), rules)?;
        let tenant = tenant.ok_or_else(|| Problem::not_found("компания", "company", tx.tenant()))?;
        Ok(Self {
            contact: person.ok_or_else(|| contacts::not_found(contact))?,
            programme: current.programme,
            zone: tenant.time_zone(),
            business: tenant.name,
        })
    }

    /// What every text may name.
    pub(super) fn names(&self, standing: Standing) -> Names {
        Names::of(self.contact.first_name(), &self.business, standing)
    }

    /// Lets the company's scenarios know that points came from outside of a conversation, once for the operation's key.
    pub(super) async fn earned(
        &self,
        app: &App,
        tx: &Tx,
        kind: &str,
        points: Points,
        standing: Standing,
        key: &str,
    ) -> Result<(), Fail> {
        self.happened(app, tx, "loyalty.earned", kind, points, standing, key).await
    }

    /// The same of points that went.
    pub(super) async fn spent(
        &self,
        app: &App,
        tx: &Tx,
        kind: &str,
        points: Points,
        standing: Standing,
        key: &str,
    ) -> Result<(), Fail> {
        self.happened(app, tx, "loyalty.spent", kind, points, standing, key).await
    }

    #[allow(clippy::too_many_arguments, reason = "what an event tells")]
    async fn happened(
        &self,
        app: &App,
        tx: &Tx,
        event: &str,
        kind: &str,
        points: Points,
        standing: Standing,
        key: &str,
    ) -> Result<(), Fail> {
        let mut values = Values::new();
        values.insert("points".into(), json!(points));
        values.insert("kind".into(), json!(kind));
        values.insert("balance".into(), json!(standing.available));
        pipeline::raise(app, tx, self.contact.id, event, values, &format!("{event}:{key}")).await
    }

    /// The last day of points that end then, as the customer reads it; empty when they do not end.
    pub(super) fn last_day(&self, ends: Option<Instant>) -> String {
        let speech = self.speech();
        ends.map(|end| speech.date(rules::last_day(end, &self.zone))).unwrap_or_default()
    }
}

/// What became of a welcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Welcome {
    /// What was given, now or before.
    pub points: Points,
    /// The person had been welcomed before.
    pub already: bool,
}

/// Welcomes the person of a visit with the programme's points, once for ever, and issues their card.
pub async fn welcome(visit: &mut Visit) -> Result<Welcome, Fail> {
    let programme = store::programme(&visit.app, &visit.tx).await?.programme;
    if !programme.welcome_points.is_positive() {
        return Ok(Welcome { points: Points::ZERO, already: false });
    }
    let operation = Operation {
        key: format!("welcome:{}", visit.contact.id),
        kind: "welcome".into(),
        note: None,
        cause: visit.cause.clone(),
        act: Act::Earn {
            lot: LotId::new(&visit.app.ids, visit.app.clock.as_ref()),
            points: programme.welcome_points,
            expires_at: programme.ends("welcome", visit.now, &visit.channel.tenant.time_zone()),
        },
    };
    match welcomed(visit, operation).await? {
        Posted::Now(entry) => {
            store::issue_card(&visit.app, &visit.tx, visit.contact.id, visit.now).await?;
            Ok(Welcome { points: entry.points, already: false })
        }
        Posted::Already(entry) => Ok(Welcome { points: entry.points, already: true }),
        Posted::Refused(refusal) => Err(Problem::from(refusal).into()),
    }
}

/// Gives a contact points by hand, once for `key`, and tells them. `comment` says to the customer what for.
pub async fn grant_by_hand(
    app: &App,
    actor: &Actor,
    contact: ContactId,
    points: Points,
    comment: Option<String>,
    key: String,
) -> Result<Receipt, Fail> {
    by_hand(app, actor, contact, Hand { what: What::Grant(points), comment, key }).await
}

/// [`grant_by_hand`] inside a unit of somebody else's.
#[allow(clippy::too_many_arguments, reason = "what the verb takes, and the unit")]
pub async fn grant_in(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    contact: ContactId,
    points: Points,
    comment: Option<String>,
    key: String,
    now: Instant,
) -> Result<(Receipt, Vec<Ready>), Fail> {
    carry_out(app, tx, actor, contact, Hand { what: What::Grant(points), comment, key }, now).await
}

/// Takes points from a contact by hand, once for `key`, and tells them. `comment` says to the customer what for.
pub async fn deduct_by_hand(
    app: &App,
    actor: &Actor,
    contact: ContactId,
    points: Points,
    comment: Option<String>,
    key: String,
) -> Result<Receipt, Fail> {
    by_hand(app, actor, contact, Hand { what: What::Deduct(points), comment, key }).await
}

/// [`deduct_by_hand`] inside a unit of somebody else's.
#[allow(clippy::too_many_arguments, reason = "what the verb takes, and the unit")]
pub async fn deduct_in(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    contact: ContactId,
    points: Points,
    comment: Option<String>,
    key: String,
    now: Instant,
) -> Result<(Receipt, Vec<Ready>), Fail> {
    carry_out(app, tx, actor, contact, Hand { what: What::Deduct(points), comment, key }, now).await
}

/// [`deduct_in`] as the customer has confirmed.
#[allow(clippy::too_many_arguments, reason = "what the verb takes, and the unit")]
pub(crate) async fn deduct_confirmed_in(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    contact: ContactId,
    points: Points,
    comment: Option<String>,
    key: String,
    now: Instant,
) -> Result<(Receipt, Vec<Ready>), Fail> {
    carry_out(app, tx, actor, contact, Hand { what: What::DeductConfirmed(points), comment, key }, now).await
}

/// Sets points of a contact aside, until `until` at the latest, and tells them if the programme says so.
pub async fn hold_points(
    app: &App,
    actor: &Actor,
    contact: ContactId,
    points: Points,
    until: Option<Instant>,
    comment: Option<String>,
    key: String,
) -> Result<Receipt, Fail> {
    let hold = HoldId::new(&app.ids, app.clock.as_ref());
    by_hand(app, actor, contact, Hand { what: What::Hold(hold, points, until), comment, key }).await
}

/// [`hold_points`] inside a unit of somebody else's; the id of the hold is the caller's.
#[allow(clippy::too_many_arguments, reason = "what the verb takes, and the unit")]
pub async fn hold_in(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    contact: ContactId,
    (hold, points, until): (HoldId, Points, Option<Instant>),
    comment: Option<String>,
    key: String,
    now: Instant,
) -> Result<(Receipt, Vec<Ready>), Fail> {
    carry_out(app, tx, actor, contact, Hand { what: What::Hold(hold, points, until), comment, key }, now)
        .await
}

/// Pays with held points, `points` of them or all, and tells the customer if the programme says so.
pub async fn capture_hold(
    app: &App,
    actor: &Actor,
    contact: ContactId,
    hold: HoldId,
    points: Option<Points>,
    key: String,
) -> Result<Receipt, Fail> {
    by_hand(app, actor, contact, Hand { what: What::Capture(hold, points), comment: None, key }).await
}

/// [`capture_hold`] inside a unit of somebody else's. `comment` says to the customer what for.
#[allow(clippy::too_many_arguments, reason = "what the verb takes, and the unit")]
pub async fn capture_in(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    contact: ContactId,
    (hold, points): (HoldId, Option<Points>),
    comment: Option<String>,
    key: String,
    now: Instant,
) -> Result<(Receipt, Vec<Ready>), Fail> {
    carry_out(app, tx, actor, contact, Hand { what: What::Capture(hold, points), comment, key }, now).await
}

/// Gives held points back, and tells the customer if the programme says so.
pub async fn release_hold(
    app: &App,
    actor: &Actor,
    contact: ContactId,
    hold: HoldId,
    key: String,
) -> Result<Receipt, Fail> {
    by_hand(app, actor, contact, Hand { what: What::Release(hold), comment: None, key }).await
}

/// [`release_hold`] inside a unit of somebody else's.
pub async fn release_in(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    contact: ContactId,
    hold: HoldId,
    key: String,
    now: Instant,
) -> Result<(Receipt, Vec<Ready>), Fail> {
    carry_out(app, tx, actor, contact, Hand { what: What::Release(hold), comment: None, key }, now).await
}

/// Points that the program gives by itself.
#[derive(Debug, Clone)]
pub struct Award {
    /// What people see it as: `birthday`. Tells their term too.
    pub kind: Cow<'static, str>,
    /// How many.
    pub points: Points,
    /// What for, in words for the customer.
    pub comment: Option<String>,
    /// The operation's key for ever.
    pub key: String,
    /// Why.
    pub cause: Cause,
}

/// Inside a unit: gives a contact points with the term of their kind, once for the key, and tells them.
pub async fn award_in(
    app: &App,
    tx: &Tx,
    contact: ContactId,
    award: Award,
    now: Instant,
) -> Result<(Posted, Vec<Ready>), Fail> {
    let desk = Desk::of(app, tx, contact).await?;
    let notice = desk.programme.notices.accrual.clone();
    desk.award(app, tx, award, &notice, Names::default(), now).await
}

impl Desk {
    /// [`award_in`] with a notice of its own; what `more` has is named beside the rest.
    pub(super) async fn award(
        &self,
        app: &App,
        tx: &Tx,
        award: Award,
        notice: &Notice,
        more: Names,
        now: Instant,
    ) -> Result<(Posted, Vec<Ready>), Fail> {
        let ends = self.programme.ends(&award.kind, now, &self.zone);
        let mut wallet = ledger::load(app, tx, self.contact.id, POINTS).await?;
        let operation = Operation {
            key: award.key,
            kind: award.kind,
            note: award.comment.clone(),
            cause: award.cause.clone(),
            act: Act::Earn {
                lot: LotId::new(&app.ids, app.clock.as_ref()),
                points: award.points,
                expires_at: ends,
            },
        };
        let posted = ledger::post(app, tx, &mut wallet, operation, now).await?;
        if !matches!(posted, Posted::Now(_)) {
            return Ok((posted, Vec::new()));
        }
        let own = self.names(wallet.standing(now));
        let names = Names {
            points: award.points.0,
            comment: award.comment.unwrap_or_default(),
            expires_on: self.last_day(ends),
            balance: own.balance,
            held: own.held,
            name: own.name,
            business: own.business,
            ..more
        };
        let ready = self.tell(app, tx, award.cause, notice, &names).await?;
        if let Posted::Now(entry) = &posted {
            self.earned(app, tx, &entry.kind, award.points, wallet.standing(now), &entry.key).await?;
        }
        Ok((posted, ready))
    }
}

/// What a contact has.
pub async fn balance(app: &App, actor: &Actor, contact: ContactId) -> Result<Standing, Fail> {
    Ok(ledger::wallet(app, actor, contact).await?.standing(app.clock.now()))
}

/// What changed a contact's balance, the youngest first, from `before` on.
pub async fn history(
    app: &App,
    actor: &Actor,
    contact: ContactId,
    before: Option<OperationId>,
    limit: u32,
) -> Result<Vec<Entry>, Fail> {
    actor.require(Right::PointsRead)?;
    app.store
        .read(actor.tenant, move |tx| async move {
            contacts::load(&tx, contact).await?.ok_or_else(|| contacts::not_found(contact))?;
            Ok(ledger::history(&tx, contact, POINTS, before, limit).await?)
        })
        .await
}

/// A movement by hand, as it was asked for.
#[derive(Debug, Clone)]
struct Hand {
    what: What,
    comment: Option<String>,
    key: String,
}

#[derive(Debug, Clone, Copy)]
enum What {
    Grant(Points),
    Deduct(Points),
    /// The customer agreed to it by a code or a button.
    DeductConfirmed(Points),
    Hold(HoldId, Points, Option<Instant>),
    Capture(HoldId, Option<Points>),
    Release(HoldId),
}

impl What {
    /// What people see it as.
    const fn kind(self) -> &'static str {
        match self {
            Self::Grant(_) => "grant",
            Self::Deduct(_) | Self::DeductConfirmed(_) => "deduct",
            Self::Hold(..) => "hold",
            Self::Capture(..) => "capture",
            Self::Release(_) => "release",
        }
    }

    fn act(self, app: &App, desk: &Desk, now: Instant) -> Act {
        match self {
            Self::Grant(points) => Act::Earn {
                lot: LotId::new(&app.ids, app.clock.as_ref()),
                points,
                expires_at: desk.programme.ends("grant", now, &desk.zone),
            },
            Self::Deduct(points) | Self::DeductConfirmed(points) => Act::Deduct { points },
            Self::Hold(hold, points, until) => Act::Hold { hold, points, until },
            Self::Capture(hold, points) => Act::Capture { hold, points },
            Self::Release(hold) => Act::Release { hold },
        }
    }

    fn notice(self, programme: &Programme) -> &Notice {
        let notices = &programme.notices;
        match self {
            Self::Grant(_) => &notices.accrual,
            Self::Deduct(_) | Self::DeductConfirmed(_) => &notices.write_off,
            Self::Hold(..) => &notices.hold,
            Self::Capture(..) => &notices.spend,
            Self::Release(_) => &notices.released,
        }
    }
}

/// A programme may have changed between two welcomes: the second asks for other points under the same key, and must
/// still be told what the first one gave.
async fn welcomed(visit: &mut Visit, operation: Operation) -> Result<Posted, Fail> {
    let key = operation.key.clone();
    match ledger::post_for(visit, operation).await {
        Err(fail) if fail.code() == "operation_key_reused" => {
            let earlier = ledger::operation(&visit.tx, &key).await?;
            earlier.map(Posted::Already).ok_or(fail)
        }
        posted => posted,
    }
}

async fn by_hand(app: &App, actor: &Actor, contact: ContactId, hand: Hand) -> Result<Receipt, Fail> {
    let now = app.clock.now();
    let (services, actor_of_unit) = (app.clone(), actor.clone());
    let (receipt, ready) = app
        .store
        .run(actor.tenant, contacts::unit_key(contact), move |tx| {
            let (app, actor, hand) = (services.clone(), actor_of_unit.clone(), hand.clone());
            async move { carry_out(&app, &tx, &actor, contact, hand, now).await }
        })
        .await?;
    app.pipeline.send(app, ready);
    Ok(receipt)
}

async fn carry_out(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    contact: ContactId,
    hand: Hand,
    now: Instant,
) -> Result<(Receipt, Vec<Ready>), Fail> {
    actor.require(Right::PointsWrite)?;
    let comment = ledger::tidy_note(hand.comment, "comment")?;
    let desk = Desk::of(app, tx, contact).await?;
    if let What::Deduct(points) = hand.what {
        let key = format!("request:{}", hand.key);
        if ledger::operation(tx, &key).await?.is_none() {
            codes::demand(tx, actor, codes::OperationKind::Deduct, points).await?;
        }
    }
    let before = match hand.what {
        What::Capture(..) | What::Release(_) => ledger::find(tx, contact, POINTS).await?,
        _ => None,
    };
    let request = Request {
        key: hand.key,
        kind: hand.what.kind(),
        note: comment.clone(),
        act: hand.what.act(app, &desk, now),
    };
    let receipt = ledger::carry_out(app, tx, actor, contact, request, now).await?;
    if receipt.already {
        return Ok((receipt, Vec::new()));
    }
    let points = match hand.what {
        What::Grant(points)
        | What::Deduct(points)
        | What::DeductConfirmed(points)
        | What::Hold(_, points, _)
        | What::Capture(_, Some(points)) => points,
        What::Capture(hold, None) | What::Release(hold) => {
            let kept = before.and_then(|wallet| wallet.holds.into_iter().find(|kept| kept.id == hold));
            kept.map(|kept| kept.points).unwrap_or_default()
        }
    };
    let names =
        Names { points: points.0, comment: comment.unwrap_or_default(), ..desk.names(receipt.standing) };
    let notice = hand.what.notice(&desk.programme);
    let ready = desk.tell(app, tx, actor.cause(), notice, &names).await?;
    let Receipt { entry, standing, .. } = &receipt;
    match hand.what {
        What::Grant(_) => desk.earned(app, tx, &entry.kind, points, *standing, &entry.key).await?,
        What::Deduct(_) | What::DeductConfirmed(_) | What::Capture(..) => {
            desk.spent(app, tx, &entry.kind, points, *standing, &entry.key).await?;
        }
        What::Hold(..) | What::Release(_) => {}
    }
    Ok((receipt, ready))
}
