//! Points given and taken: the welcome, and by hand.

use super::model::{Notice, Stored};
use super::store;
use super::wording::{Names, Speech};
use crate::access::{Actor, Right};
use crate::app::App;
use crate::codes;
use crate::contacts::{self, Contact};
use crate::ledger::{self, Act, Entry, Operation, OperationId, POINTS, Posted, Receipt, Request, Standing};
use crate::pipeline::{self, Ready};
use crate::problem::{Fail, Problem};
use crate::tenants;
use crate::visit::Visit;
use samovar_base::message::Body;
use samovar_base::{ContactId, Instant, LotId, Points};
use samovar_store::Tx;

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
    let programme = store::programme(&visit.tx).await?.programme;
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
            expires_at: programme.expires_at(visit.now, &visit.channel.tenant.time_zone()),
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
    by_hand(app, actor, contact, Hand { kind: "grant", points, comment, key, confirmed: false }).await
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
    by_hand(app, actor, contact, Hand { kind: "deduct", points, comment, key, confirmed: false }).await
}

/// Takes points inside a unit, as the customer has confirmed; otherwise as [`deduct_by_hand`].
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
    actor.require(Right::PointsWrite)?;
    let hand = Hand { kind: "deduct", points, comment, key, confirmed: true };
    move_points(app, tx, actor, contact, hand, now).await
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
    kind: &'static str,
    points: Points,
    comment: Option<String>,
    key: String,
    /// The customer agreed to it by a code or a button.
    confirmed: bool,
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

async fn by_hand(app: &App, actor: &Actor, contact: ContactId, mut hand: Hand) -> Result<Receipt, Fail> {
    actor.require(Right::PointsWrite)?;
    hand.comment = ledger::tidy_note(hand.comment, "comment")?;
    let now = app.clock.now();
    let (services, actor_of_unit) = (app.clone(), actor.clone());
    let (receipt, ready) = app
        .store
        .run(actor.tenant, contacts::unit_key(contact), move |tx| {
            let (app, actor, hand) = (services.clone(), actor_of_unit.clone(), hand.clone());
            async move { move_points(&app, &tx, &actor, contact, hand, now).await }
        })
        .await?;
    app.pipeline.send(app, ready);
    Ok(receipt)
}

async fn move_points(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    contact: ContactId,
    hand: Hand,
    now: Instant,
) -> Result<(Receipt, Vec<Ready>), Fail> {
    let contact = contacts::load(tx, contact).await?.ok_or_else(|| contacts::not_found(contact))?;
    let Some(tenant) = tenants::load(tx).await? else {
        return Err(Problem::not_found("компания", "company", actor.tenant).into());
    };
    let Stored { programme, .. } = store::programme(tx).await?;
    let zone = tenant.time_zone();
    let points = hand.points;
    if hand.kind == "deduct" && !hand.confirmed {
        let key = format!("request:{}", hand.key);
        codes::demand(tx, actor, codes::OperationKind::Deduct, points, &key).await?;
    }
    let act = match hand.kind {
        "grant" => Act::Earn {
            lot: LotId::new(&app.ids, app.clock.as_ref()),
            points,
            expires_at: programme.expires_at(now, &zone),
        },
        _ => Act::Deduct { points },
    };
    let request = Request { key: hand.key, kind: hand.kind, note: hand.comment.clone(), act };
    let receipt = ledger::carry_out(app, tx, actor, contact.id, request, now).await?;
    if receipt.already {
        return Ok((receipt, Vec::new()));
    }
    let notice = if hand.kind == "grant" { &programme.notices.accrual } else { &programme.notices.write_off };
    let names = Names {
        points: points.0,
        balance: receipt.standing.available.0,
        held: receipt.standing.held.0,
        comment: hand.comment.unwrap_or_default(),
        name: contact.first_name().to_owned(),
        business: tenant.name,
        ..Names::default()
    };
    let speech = Speech { units: &programme.units, locale: &contact.locale, zone: &zone };
    let ready = tell(app, tx, actor, &contact, notice, &speech, &names).await?;
    Ok((receipt, ready))
}

/// Tells the customer, if the programme wants it and they can be reached.
async fn tell(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    contact: &Contact,
    notice: &Notice,
    speech: &Speech<'_>,
    names: &Names,
) -> Result<Vec<Ready>, Fail> {
    if !notice.on {
        return Ok(Vec::new());
    }
    pipeline::notify(app, tx, contact, Body::text(speech.render(&notice.text, names)), actor.cause()).await
}
