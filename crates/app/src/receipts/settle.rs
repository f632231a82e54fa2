//! Verdicts become facts: many receipts of one promotion in one unit, which numbers the accepted ones without a gap,
//! gives out partners' codes, and writes what each person is told.
//!
//! All of it happens in the unit of the promotion, whoever decides: the rules, a person of the staff, a program. The
//! counter's row is locked by the unit that takes numbers and goes back with it, and a ticket names its receipt by a
//! unique key: there is neither a gap nor a second number, whatever dies.

use super::check::Answered;
use super::model::{Receipt, State};
use super::rules::{self, Fate, Got};
use super::{say, store};
use crate::app::App;
use crate::live::Noun;
use crate::pipeline::{self, Class, NewOutbound, Policy, Ready, Room};
use crate::problem::Fail;
use crate::promo::{self, Gift, Promotion, Reason, Verdict, Why};
use crate::visit::Cause;
use samovar_base::message::Body;
use samovar_base::{ContactId, Instant, PromotionId, TenantId};
use samovar_store::Tx;
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Who decided when nobody of the staff did.
const BY_RULES: &str = "rules";

/// A receipt with what becomes of it.
pub(crate) struct Settled {
    /// As it was read in this unit.
    pub receipt: Receipt,
    /// What becomes of it.
    pub verdict: Verdict,
    /// `rules`, or who decided.
    pub by: String,
}

/// The key of units that settle receipts of a promotion.
pub(super) fn unit_key(promotion: PromotionId) -> u64 {
    promo::unit_key(promotion)
}

/// Settles answers of one promotion.
pub(super) async fn settle(
    app: &App,
    tenant: TenantId,
    promotion: PromotionId,
    answered: Vec<Answered>,
) -> Result<(), Fail> {
    let now = app.clock.now();
    let (services, answered) = (app.clone(), Arc::new(answered));
    let (done, ready) = app
        .store
        .run(tenant, unit_key(promotion), move |tx| {
            let (app, answered) = (services.clone(), Arc::clone(&answered));
            async move { unit(&app, &tx, promotion, &answered, now).await }
        })
        .await?;
    app.pipeline.send(app, ready);
    if done > 0 {
        app.checks.moved(promotion, -i64::try_from(done).unwrap_or_default());
        app.changed(tenant, Noun::Receipts, promotion);
    }
    Ok(())
}

/// How many were decided, and what is to be sent after the commit.
async fn unit(
    app: &App,
    tx: &Tx,
    id: PromotionId,
    answered: &[Answered],
    now: Instant,
) -> Result<(usize, Vec<Ready>), Fail> {
    let Some(promotion) = promo::held(app, tx, id).await? else { return Ok((0, Vec::new())) };
    let by_id: HashMap<_, _> = answered.iter().map(|one| (one.receipt, one)).collect();
    let ids: Vec<_> = by_id.keys().copied().collect();
    let receipts = store::many(tx, id, &ids).await?;
    let contacts: HashSet<ContactId> = receipts.iter().map(|receipt| receipt.contact).collect();
    let blocked = store::blocked(tx, id, &contacts).await?;
    let scenes = promo::scene::around(tx, id, &receipts).await?;
    let zone = app.directory.tenant(tx.tenant()).map_or(jiff::tz::TimeZone::UTC, |tenant| tenant.time_zone());
    let mut settled = Vec::with_capacity(receipts.len());
    let mut questions = 0;
    for mut receipt in receipts {
        let Some(one) = by_id.get(&receipt.id) else { continue };
        // Taken by somebody else meanwhile: a lease that ended, or a person who was faster.
        if receipt.state != State::Checking || receipt.revision != one.revision {
            continue;
        }
        questions += learnt(app, tx, &mut receipt, one, now);
        let fate = rules::decide(&promotion, &receipt, &one.got, now);
        if let Some(last) = one.attempts.last() {
            receipt.outcome.clone_from(&last.outcome);
        }
        match fate {
            Fate::Waits { until, counted } => {
                let read = receipt.revision;
                receipt.revision += 1;
                receipt.state = State::Waiting;
                receipt.check_at = until;
                receipt.waits += i64::from(counted);
                store::save(tx, &receipt, read);
            }
            Fate::Judged(_) if blocked.contains(&receipt.contact) => {
                let verdict = Verdict::Refuse(Why::from(Reason::Blocked));
                settled.push(Settled { receipt, verdict, by: BY_RULES.into() });
            }
            Fate::Judged(mut verdict) => {
                let (score, signs) = scenes.score(&receipt, &zone);
                receipt.score = score;
                receipt.signs = serde_json::to_string(&signs).unwrap_or_default();
                let suspicious = receipt.score >= promotion.terms.moderation.score;
                if verdict == Verdict::Accept && suspicious {
                    verdict = Verdict::Person(Why::from(Reason::Suspicious));
                }
                settled.push(Settled { receipt, verdict, by: BY_RULES.into() });
            }
        }
    }
    store::asked_more(tx, id, questions);
    let done = settled.len();
    Ok((done, carry_out(app, tx, &promotion, settled, now).await?))
}

/// Writes down what the questions about a receipt led to; how many there were.
fn learnt(app: &App, tx: &Tx, receipt: &mut Receipt, one: &Answered, now: Instant) -> i64 {
    for attempt in &one.attempts {
        store::attempt(tx, receipt, store::attempt_id(app), attempt);
    }
    let questions = i64::try_from(one.attempts.len()).unwrap_or_default();
    receipt.tries += questions;
    if let (Got::Document { provider, body, fresh: true }, Some(key)) = (&one.got, receipt.key()) {
        store::keep_document(tx, key, provider, body, now);
    }
    // The decision still needs the outcome before this one.
    questions
}

/// Inside the unit of the promotion ([`promo::unit_key`]): receipts are accepted, refused or given to a person; the
/// accepted ones are numbered in the order in which they arrived. Everybody is told: give what is returned to
/// [`Pipeline::send`](pipeline::Pipeline::send) after the commit.
pub(crate) async fn carry_out(
    app: &App,
    tx: &Tx,
    promotion: &Promotion,
    mut settled: Vec<Settled>,
    now: Instant,
) -> Result<Vec<Ready>, Fail> {
    if settled.is_empty() {
        return Ok(Vec::new());
    }
    settled.sort_by_key(|one| (one.receipt.arrived_at, one.receipt.id));
    let contacts: HashSet<ContactId> = settled.iter().map(|one| one.receipt.contact).collect();
    let mut winners: Vec<ContactId> = Vec::new();
    let mut accepted = 0_i64;
    for one in settled.iter().filter(|one| one.verdict == Verdict::Accept) {
        accepted += 1;
        if !winners.contains(&one.receipt.contact) {
            winners.push(one.receipt.contact);
        }
    }
    let mut next = match accepted {
        0 => 0,
        _ => store::take_numbers(tx, promotion.id, accepted).await?,
    };
    let mut gifts = match accepted {
        0 => HashMap::new(),
        _ => promo::pools::give_in(app, tx, promotion, &winners, now).await?,
    };
    if accepted > 0 {
        promo::numbers::work::due(app, tx, promotion.id, now).await?;
    }
    let people = store::people(tx, &contacts).await?;
    let mut room = Room::of(app, tx, &people.channels(), Class::Service).await?;
    let mut ready = Vec::new();
    for Settled { mut receipt, verdict, by } in settled {
        let read = receipt.revision;
        receipt.revision += 1;
        receipt.version = promotion.version;
        receipt.judged_by = by;
        receipt.judged_at = Some(now);
        receipt.reason = None;
        let mut gift = None;
        match verdict {
            Verdict::Accept => {
                receipt.state = State::Accepted;
                receipt.holds = true;
                receipt.ticket = Some(next);
                store::ticket(tx, &receipt, next, now);
                gift = gifts.remove(&receipt.contact);
                next += 1;
            }
            Verdict::Refuse(why) => {
                receipt.state = State::Refused;
                receipt.holds = false;
                (receipt.reason, receipt.note) = (Some(why.reason), why.details);
            }
            Verdict::Person(why) => {
                receipt.state = State::Person;
                (receipt.reason, receipt.note) = (Some(why.reason), why.details);
                receipt.judged_at = None;
            }
        }
        store::save(tx, &receipt, read);
        if let Some(to) = people.recipient(app, receipt.contact, receipt.channel) {
            let locale = people.locale(receipt.contact);
            let text =
                say::outcome(promotion, &receipt, gift.as_ref(), locale, &to.channel.tenant.time_zone());
            if !text.is_empty() {
                // The same number twice is better than none.
                let (class, policy) = (Class::Service, Policy::Repeat);
                let message = NewOutbound { body: Body::text(text), class, policy, cause: cause(&receipt) };
                ready.append(&mut room.write(app, tx, &to, message, now));
            }
        }
        raise(app, tx, promotion, &receipt, gift.as_ref()).await?;
    }
    Ok(ready)
}

/// What was decided comes of what the person sent.
fn cause(receipt: &Receipt) -> Cause {
    serde_json::from_str(&receipt.cause).unwrap_or_else(|_| Cause::new("job", receipt.id.to_string()))
}

/// Scenarios that wait for it hear of it.
async fn raise(
    app: &App,
    tx: &Tx,
    promotion: &Promotion,
    receipt: &Receipt,
    gift: Option<&Gift>,
) -> Result<(), Fail> {
    let sum = receipt.code.as_ref().map(|code| code.sum / 100);
    let (event, values) = match receipt.state {
        State::Accepted => {
            let first = gift.is_some();
            (
                "receipts.checked",
                json!({ "promotion": promotion.key, "number": receipt.ticket, "sum": sum, "first": first }),
            )
        }
        State::Refused => {
            let reason = receipt.reason.map_or("", Reason::as_str);
            ("receipts.refused", json!({ "promotion": promotion.key, "reason": reason, "sum": sum }))
        }
        _ => return Ok(()),
    };
    let Value::Object(values) = values else { return Ok(()) };
    pipeline::raise(
        app,
        tx,
        receipt.contact,
        event,
        values,
        &format!("{event}:{}:{}", receipt.id, receipt.revision),
    )
    .await
}
