//! A person who was known before they wrote to a bot, by an import for instance, finds what they had.

use super::{Contact, consents_of, rules, save, store};
use crate::access::{Actor, audit};
use crate::app::App;
use crate::deals;
use crate::draws;
use crate::imports;
use crate::ledger::{self, Act, OPEN_LOTS_MAX, Operation, POINTS, POINTS_MAX, Wallet};
use crate::loyalty;
use crate::problem::Fail;
use crate::promo;
use crate::visit::{Cause, Visit};
use samovar_base::{ConsentId, ContactId, Instant, LotId, Points};
use samovar_store::{Tx, params};
use serde_json::json;
use std::collections::BTreeMap;

/// Takes in whoever the person of the visit was before: the one other contact with their proved phone as which nobody
/// writes. Whether there was such a one now.
///
/// Only a registered person with a proved phone takes anybody in, and nobody is taken in when there are two to choose
/// from, or when theirs are points on hold or a debt. Then it is left to the staff.
///
/// Points keep their terms. The old card becomes the person's; somebody with a card keeps it, and both lead to them.
/// What the person told of themselves stays, the rest is filled up. Purchases stay where they are, in the books; the
/// old contact is emptied, and is in no list any more.
pub(crate) async fn join(visit: &mut Visit) -> Result<bool, Fail> {
    let person = &visit.contact;
    let may = person.phone_proved && person.registered_at.is_some() && !person.staff_side;
    let Some(phone) = person.phone.clone().filter(|_| may) else { return Ok(false) };
    let (tx, now, into) = (visit.tx.clone(), visit.now, person.id);
    let Some(old) = the_only_one(&tx, &phone, into).await? else { return Ok(false) };
    let Some(points) = take_points(visit, old.id).await? else { return Ok(false) };

    take_consents(visit, &old).await?;
    loyalty::pass_card(&tx, old.id, into).await?;
    deals::pass_on(&tx, old.id, into).await?;
    tx.exec(&imports::store::KEYS_PASS, params![old.id, into]).await?;
    promo::pass::pass_on(&tx, old.id, into).await?;
    draws::pass::pass_on(&tx, old.id, into).await?;
    rules::fill(&mut visit.contact, &old);
    let mut emptied = emptied(&old, now);
    save(&tx, &old, &mut emptied, now);
    tx.put(&store::CONTACT_JOINED, params![old.id, into, true]);
    let actor = Actor::system(tx.tenant());
    audit(&tx, &visit.app, &actor, "contact.join", into, &json!({ "joined": old.id, "points": points }));
    Ok(true)
}

async fn the_only_one(tx: &Tx, phone: &str, but: ContactId) -> Result<Option<Contact>, Fail> {
    match tx.all(&store::UNHEARD_WITH_PHONE, params![phone, but]).await?.as_slice() {
        [row] => Ok(Some(Contact::from_row(row, 0)?)),
        _ => Ok(None),
    }
}

/// What is left of a contact that was taken in: the row, for the books.
pub(super) fn emptied(old: &Contact, now: Instant) -> Contact {
    Contact {
        registered_at: old.registered_at,
        revision: old.revision,
        created_at: old.created_at,
        ..Contact::new(old.id, &old.locale, now)
    }
}

/// [`move_points`] to the person of the visit.
async fn take_points(visit: &mut Visit, old: ContactId) -> Result<Option<Points>, Fail> {
    let (app, tx, now, cause) = (visit.app.clone(), visit.tx.clone(), visit.now, visit.cause.clone());
    let mut theirs = ledger::load(&app, &tx, old, POINTS).await?;
    let own = ledger::of_visit(visit).await?;
    move_points(&app, &tx, &mut theirs, own, &format!("join:{old}"), &cause, now).await
}

/// Moves all free points, those that end together as one lot; how many they were. None when they cannot be moved: some
/// are on hold, there is a debt, or the lots would be too many. The operations are `prefix` and `prefix:1`, `prefix:2`, …
pub(super) async fn move_points(
    app: &App,
    tx: &Tx,
    from: &mut Wallet,
    into: &mut Wallet,
    prefix: &str,
    cause: &Cause,
    now: Instant,
) -> Result<Option<Points>, Fail> {
    let mut parts: BTreeMap<Option<Instant>, i64> = BTreeMap::new();
    for lot in from.lots.iter().filter(|lot| !lot.is_over(now)) {
        *parts.entry(lot.expires_at).or_default() += lot.free().0;
    }
    let all = from.available(now);
    let room = OPEN_LOTS_MAX.saturating_sub(into.lots.len());
    if from.held.is_positive() || from.debt.is_positive() || all.0 > POINTS_MAX || parts.len() > room {
        return Ok(None);
    }
    let operation = |key, act| Operation { key, kind: "join".into(), note: None, cause: cause.clone(), act };
    if all.is_positive() {
        let taken = operation(prefix.to_owned(), Act::Deduct { points: all });
        let given: Vec<Operation> = parts
            .into_iter()
            .zip(1..)
            .map(|((expires_at, points), number)| {
                let lot = LotId::new(&app.ids, app.clock.as_ref());
                let act = Act::Earn { lot, points: Points(points), expires_at };
                operation(format!("{prefix}:{number}"), act)
            })
            .collect();
        ledger::post(app, tx, from, taken, now).await?.entry()?;
        for operation in given {
            ledger::post(app, tx, into, operation, now).await?.entry()?;
        }
    } else {
        // Whoever gives points to the old contact at this moment has to look again.
        ledger::touch(tx, from, now).await?;
    }
    Ok(Some(all))
}

/// Consents to what the person was never asked about go on as theirs. Those of the old contact end.
async fn take_consents(visit: &mut Visit, old: &Contact) -> Result<(), Fail> {
    if old.consents.is_empty() {
        return Ok(());
    }
    let (app, tx, into) = (visit.app.clone(), visit.tx.clone(), visit.contact.id);
    let asked = consents_of(&tx, into).await?;
    let theirs = consents_of(&tx, old.id).await?;
    for one in theirs.iter().rev().filter(|one| one.revoked_at.is_none()) {
        if asked.iter().any(|other| other.purpose == one.purpose) {
            continue;
        }
        let id = ConsentId::new(&app.ids, app.clock.as_ref());
        let row = params![id, into, one.purpose, one.version, one.text_hash, one.channel, one.given_at];
        tx.add(&store::CONSENT_NEW, row).await?;
        visit.contact.consents.insert(one.purpose.clone(), one.version);
    }
    tx.exec(&store::CONSENTS_REVOKE_ALL, params![old.id, visit.now]).await?;
    Ok(())
}
