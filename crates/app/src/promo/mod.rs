//! Receipt promotions: whoever buys what the terms say and sends the receipt gets a number in a draw.
//!
//! A promotion goes one way: a draft is tried with real receipts ([`test()`]), started ([`start`], which wipes what was
//! tried), and is over at its end, which can be put off ([`extend`]). Its terms may be changed at any time; each version is
//! kept, and every decision over a receipt names the one it was made by.
//!
//! What becomes of a receipt is decided by pure functions: [`rules`] gives the verdict, [`suspicion`] tells what looks
//! like cheating, [`texts`] what people read of it. Receipts themselves are the matter of `receipts`.

mod codes;
mod goods;
pub mod launch;
mod model;
pub mod moderation;
pub mod numbers;
pub(crate) mod pass;
pub mod past;
pub mod pools;
pub mod poster;
mod reason;
pub mod rules;
pub(crate) mod scene;
mod shown;
mod store;
pub mod suspicion;
mod terms;
#[cfg(test)]
mod tests;
pub mod texts;
pub mod trial;
pub(crate) mod words;
pub mod work;

pub use goods::{Are, Tried};
pub use model::{
    Banned, Checks, Doubt, Effect, Entry, ExciseWords, Extension, Goods, Limits, Minimum, MinimumOf,
    Moderation, Needed, Participant, Promotion, Rules, Shop, Stage, State, Terms, Ticket, Unchecked, Verdict,
    Why, Wording,
};
pub use pools::{Gift, Pool};
pub use reason::Reason;
pub use rules::judge;
pub use shown::{Entrance, Shown, shown};
pub use store::{
    Counts, ListedParticipant, ListedTicket, Promotions, Version, current, held, join, of_key, open,
    participant, tickets,
};

use crate::access::{Actor, Right, audit};
use crate::app::App;
use crate::contacts;
use crate::problem::{Fail, Kind, Problem};
use crate::tenants;
use crate::work::enqueue;
use samovar_base::{ChannelId, ContactId, Instant, PromotionId};
use samovar_store::Tx;
use serde_json::{Value, json};
use std::sync::Arc;

/// Who runs promotions, and who decides over their receipts, may see promotions and receipts.
pub(crate) const SEEN_BY: [Right; 2] = [Right::Promotions, Right::Moderation];
/// Longest reason for which somebody takes part no more.
const BLOCK_MAX: usize = 200;

/// A promotion to be made.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// Short name in links and addresses; never changes.
    pub key: String,
    /// As people read it.
    pub name: String,
    /// From this moment receipts are taken.
    pub starts_at: Instant,
    /// The first moment that is too late.
    pub ends_at: Instant,
    /// All settings.
    pub terms: Terms,
    /// The bot in which it takes place; none: every bot that runs its scenario.
    pub channel: Option<ChannelId>,
}

/// What to change; `None` leaves as it is.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Changes {
    /// Name.
    pub name: Option<String>,
    /// Start; not of one that runs.
    pub starts_at: Option<Instant>,
    /// End; one that runs is [extended](extend).
    pub ends_at: Option<Instant>,
    /// All settings, as a whole.
    pub terms: Option<Terms>,
    /// The bot; `Some(None)`: every bot.
    pub channel: Option<Option<ChannelId>>,
}

/// The words by which alcohol and tobacco are told, unless the terms have their own.
pub fn excise_words() -> &'static samovar_fiscal::goods::Words {
    samovar_fiscal::goods::Words::excise()
}

/// The key of units that change a promotion or give out its numbers: one at a time.
pub fn unit_key(id: PromotionId) -> u64 {
    id.0.cast_unsigned()
}

/// Up to `limit` promotions with what is in them, the youngest first, from `after` on; those put away only on demand.
pub async fn list(
    app: &App,
    actor: &Actor,
    archived: bool,
    after: Option<PromotionId>,
    limit: u32,
) -> Result<Vec<(Promotion, Counts)>, Fail> {
    actor.require_any(SEEN_BY)?;
    let before = after.unwrap_or(PromotionId(i64::MAX));
    app.store
        .read(actor.tenant, move |tx| async move {
            let mut all = Vec::new();
            for promotion in store::page(&tx, before, archived, limit).await? {
                let counts = store::counts(&tx, promotion.id).await?;
                all.push((promotion, counts));
            }
            Ok(all)
        })
        .await
}

/// One promotion with what is in it.
pub async fn get(app: &App, actor: &Actor, id: PromotionId) -> Result<(Promotion, Counts), Fail> {
    actor.require_any(SEEN_BY)?;
    app.store
        .read(actor.tenant, move |tx| async move {
            Ok((store::load(&tx, id).await?, store::counts(&tx, id).await?))
        })
        .await
}

/// The latest versions of the terms, the youngest first.
pub async fn versions(app: &App, actor: &Actor, id: PromotionId) -> Result<Vec<Version>, Fail> {
    actor.require(Right::Promotions)?;
    app.store
        .read(actor.tenant, move |tx| async move {
            store::load(&tx, id).await?;
            Ok(store::versions(&tx, id).await?)
        })
        .await
}

/// Makes a promotion; nobody can take part yet.
pub async fn create(app: &App, actor: &Actor, draft: Draft) -> Result<Promotion, Fail> {
    actor.require(Right::Promotions)?;
    let now = app.clock.now();
    let Draft { key, name, starts_at, ends_at, terms, channel } = draft;
    let promotion = tidied(Promotion {
        id: PromotionId::new(&app.ids, app.clock.as_ref()),
        key,
        name,
        state: State::Draft,
        starts_at,
        ends_at,
        terms,
        version: 1,
        channel,
        revision: 1,
        created_at: now,
        updated_at: now,
    })?;
    let (services, unit_actor) = (app.clone(), actor.clone());
    app.store
        .run(actor.tenant, tenants::unit_key(actor.tenant), move |tx| {
            let (app, actor, promotion) = (services.clone(), unit_actor.clone(), promotion.clone());
            async move {
                if of_key(&tx, &promotion.key).await?.is_some() {
                    return Err(key_taken(&promotion.key).into());
                }
                store::create(&tx, &promotion, &actor.who.to_string());
                keep_rules(&tx, &promotion, now).await?;
                let data = json!({ "name": promotion.name, "key": promotion.key });
                audit(&tx, &app, &actor, "promotion.create", promotion.id, &data);
                Ok(promotion)
            }
        })
        .await
}

/// Changes a promotion. With a `revision`, only if it still has it. Receipts are judged by the terms of the moment at
/// which they are judged.
pub async fn update(
    app: &App,
    actor: &Actor,
    id: PromotionId,
    revision: Option<i64>,
    changes: Changes,
) -> Result<Promotion, Fail> {
    let changes = Arc::new(changes);
    change(app, actor, id, "promotion.update", revision, move |_, promotion, _| {
        let Changes { name, starts_at, ends_at, terms, channel } = Changes::clone(&changes);
        terms::must_be(promotion.state, &[State::Draft, State::Test, State::Running, State::Over])?;
        let moved = |new: Option<Instant>, old: Instant| new.is_some_and(|new| new != old);
        let runs = !matches!(promotion.state, State::Draft | State::Test);
        if runs && (moved(starts_at, promotion.starts_at) || moved(ends_at, promotion.ends_at)) {
            return Err(period_fixed().into());
        }
        promotion.name = name.unwrap_or_else(|| promotion.name.clone());
        promotion.starts_at = starts_at.unwrap_or(promotion.starts_at);
        promotion.ends_at = ends_at.unwrap_or(promotion.ends_at);
        promotion.channel = channel.unwrap_or(promotion.channel);
        if let Some(terms) = terms {
            // What the program writes there itself is not the caller's to change.
            let extension = promotion.terms.extension.take();
            promotion.terms = Terms { extension, ..terms };
        }
        *promotion = tidied(promotion.clone())?;
        Ok(Then::Nothing)
    })
    .await
}

/// Adds the seller of a receipt to the shops of a promotion: what is learnt from a first receipt.
pub async fn learn(app: &App, actor: &Actor, id: PromotionId, shop: Shop) -> Result<Promotion, Fail> {
    change(app, actor, id, "promotion.learn", None, move |_, promotion, _| {
        let shops = &mut promotion.terms.shops;
        let same = |one: &Shop| (&one.inn, &one.name, &one.address) == (&shop.inn, &shop.name, &shop.address);
        if !shops.iter().any(same) {
            shops.push(shop.clone());
        }
        *promotion = tidied(promotion.clone())?;
        Ok(Then::Nothing)
    })
    .await
}

/// Lets a draft be tried with real receipts, also with those of before its start.
pub async fn test(app: &App, actor: &Actor, id: PromotionId) -> Result<Promotion, Fail> {
    change(app, actor, id, "promotion.test", None, |_, promotion, now| {
        terms::must_be(promotion.state, &[State::Draft])?;
        refuse(terms::not_ready(promotion, now))?;
        promotion.state = State::Test;
        Ok(Then::Nothing)
    })
    .await
}

/// Begins in earnest: what came of trying is wiped, codes that were given out go back to their pools.
pub async fn start(app: &App, actor: &Actor, id: PromotionId) -> Result<Promotion, Fail> {
    change(app, actor, id, "promotion.start", None, |_, promotion, now| {
        terms::must_be(promotion.state, &[State::Draft, State::Test])?;
        refuse(terms::not_ready(promotion, now))?;
        promotion.state = State::Running;
        Ok(Then::Begin)
    })
    .await
}

/// Ends it now: what arrived until now is still checked.
pub async fn finish(app: &App, actor: &Actor, id: PromotionId) -> Result<Promotion, Fail> {
    change(app, actor, id, "promotion.finish", None, |_, promotion, now| {
        terms::must_be(promotion.state, &[State::Running])?;
        promotion.state = State::Over;
        if now > promotion.starts_at {
            promotion.ends_at = promotion.ends_at.min(now);
        }
        Ok(Then::Nothing)
    })
    .await
}

/// Puts the end off. One that is over goes on. Participants are told when `note` is given.
pub async fn extend(
    app: &App,
    actor: &Actor,
    id: PromotionId,
    ends_at: Instant,
    note: Option<Wording>,
) -> Result<Promotion, Fail> {
    change(app, actor, id, "promotion.extend", None, move |_, promotion, now| {
        terms::must_be(promotion.state, &[State::Running, State::Over])?;
        if ends_at <= promotion.ends_at || ends_at <= now {
            let ru = "Новый конец должен быть позже прежнего и ещё не наступить";
            let en = "The new end must be later than the old one, and still to come";
            return Err(Problem::invalid("ends_at", "ends_early", ru, en).into());
        }
        let extension =
            Extension { before: promotion.ends_at, note: note.clone().unwrap_or_default(), at: now };
        promotion.ends_at = ends_at;
        promotion.state = State::Running;
        promotion.terms.extension = Some(extension);
        *promotion = tidied(promotion.clone())?;
        Ok(if note.is_some() { Then::Tell } else { Then::Watch })
    })
    .await
}

/// Puts away a draft, or one that is over once nothing of it waits.
pub async fn archive(app: &App, actor: &Actor, id: PromotionId) -> Result<Promotion, Fail> {
    change(app, actor, id, "promotion.archive", None, |waits, promotion, _| {
        terms::must_be(promotion.state, &[State::Draft, State::Test, State::Over])?;
        if waits && promotion.state == State::Over {
            let ru = "Ещё не все чеки проверены: дождитесь проверки или решите их вручную";
            let en = "Some receipts still wait: let them be checked, or decide over them";
            return Err(Problem::new(Kind::Conflict, "receipts_wait", ru, en).into());
        }
        promotion.state = State::Archived;
        Ok(Then::Nothing)
    })
    .await
}

/// A text as a participant would read it, with sample values: in words that are tried, or as it is in force.
pub async fn preview_text(
    app: &App,
    actor: &Actor,
    id: PromotionId,
    key: &str,
    text: Option<&str>,
    extension: Option<(Instant, Wording)>,
    locale: &str,
) -> Result<String, Fail> {
    actor.require(Right::Promotions)?;
    if let Some(problem) = texts::problem_of(key, "text", text.unwrap_or_default()) {
        return Err(problem.into());
    }
    let (mut promotion, company) = app
        .store
        .read(actor.tenant, move |tx| async move {
            Ok::<_, Fail>((store::load(&tx, id).await?, tenants::load(&tx).await?))
        })
        .await?;
    let zone = company.map_or(jiff::tz::TimeZone::UTC, |company| company.time_zone());
    if let Some(text) = text {
        promotion.terms.texts.insert(key.to_owned(), Wording::new(text, text));
    }
    let now = app.clock.now();
    if let Some((ends_at, note)) = extension {
        let before = std::mem::replace(&mut promotion.ends_at, ends_at);
        promotion.terms.extension = Some(Extension { before, note, at: now });
    }
    Ok(texts::Speech::new(&promotion, locale, &zone).sample(key, now))
}

/// Up to `limit` participants, who joined last first, from `after` on.
pub async fn participants(
    app: &App,
    actor: &Actor,
    id: PromotionId,
    after: Option<(Instant, ContactId)>,
    limit: u32,
) -> Result<Vec<ListedParticipant>, Fail> {
    actor.require(Right::Promotions)?;
    let before = after.unwrap_or((Instant(i64::MAX), ContactId(i64::MAX)));
    app.store
        .read(actor.tenant, move |tx| async move {
            store::load(&tx, id).await?;
            Ok(store::participants(&tx, id, before, limit).await?)
        })
        .await
}

/// Up to `limit` numbers, the highest first, below `after`; of one person or of all.
pub async fn ticket_list(
    app: &App,
    actor: &Actor,
    id: PromotionId,
    contact: Option<ContactId>,
    after: Option<i64>,
    limit: u32,
) -> Result<Vec<ListedTicket>, Fail> {
    actor.require(Right::Promotions)?;
    let below = after.unwrap_or(i64::MAX);
    app.store
        .read(actor.tenant, move |tx| async move {
            store::load(&tx, id).await?;
            Ok(tickets(&tx, id, contact, below, limit).await?)
        })
        .await
}

/// Lets a person take part no more, or again when `why` is empty. Numbers that were given stay.
pub async fn block(
    app: &App,
    actor: &Actor,
    id: PromotionId,
    contact: ContactId,
    why: &str,
) -> Result<Participant, Fail> {
    actor.require(Right::Promotions)?;
    let why: String = why.trim().chars().take(BLOCK_MAX).collect();
    let (services, unit_actor) = (app.clone(), actor.clone());
    app.store
        .run(actor.tenant, contacts::unit_key(contact), move |tx| {
            let (app, actor, why) = (services.clone(), unit_actor.clone(), why.clone());
            async move {
                let found = participant(&tx, id, contact).await?;
                let Some(mut one) = found else {
                    return Err(Problem::not_found("участник", "participant", contact).into());
                };
                store::block(&tx, id, contact, &why);
                let data = json!({ "contact": contact.to_string(), "why": why });
                let action = if why.is_empty() { "promotion.unblock" } else { "promotion.block" };
                audit(&tx, &app, &actor, action, id, &data);
                one.blocked = why;
                Ok(one)
            }
        })
        .await
}

/// What belongs to a change of a promotion, in the same unit.
enum Then {
    Nothing,
    /// It begins: what was tried goes, its end is watched.
    Begin,
    /// Its end is watched.
    Watch,
    /// The same, and participants are told of it.
    Tell,
}

/// Changes a promotion: `apply` is told whether receipts of it wait, and what time it is.
async fn change(
    app: &App,
    actor: &Actor,
    id: PromotionId,
    action: &'static str,
    revision: Option<i64>,
    apply: impl Fn(bool, &mut Promotion, Instant) -> Result<Then, Fail> + Send + Sync + 'static,
) -> Result<Promotion, Fail> {
    actor.require(Right::Promotions)?;
    let (services, unit_actor, now) = (app.clone(), actor.clone(), app.clock.now());
    let apply = Arc::new(apply);
    app.store
        .run(actor.tenant, unit_key(id), move |tx| {
            let (app, actor, apply) = (services.clone(), unit_actor.clone(), Arc::clone(&apply));
            async move {
                let before = store::load(&tx, id).await?;
                if revision.is_some_and(|seen| seen != before.revision) {
                    return Err(tenants::changed_meanwhile(before.revision).into());
                }
                let waits = store::is_waited_for(&tx, id).await?;
                let mut promotion = before.clone();
                let then = apply(waits, &mut promotion, now)?;
                if matches!(then, Then::Begin) {
                    store::wipe(&tx, &before).await?;
                    numbers::forget(&tx, id).await?;
                }
                if !matches!(then, Then::Nothing) {
                    let once = id.to_string();
                    enqueue(&app, &tx, &work::End { promotion: id }, promotion.ends_at, Some(&once)).await?;
                }
                if promotion.terms.rules != before.terms.rules {
                    keep_rules(&tx, &promotion, now).await?;
                }
                if promotion.terms != before.terms {
                    promotion.version += 1;
                    promotion.updated_at = now;
                    store::keep_version(&tx, &promotion, &actor.who.to_string());
                }
                if matches!(then, Then::Tell) {
                    work::tell(&app, &tx, &actor, &promotion, now).await?;
                }
                store::save(&tx, &mut promotion, now);
                audit(&tx, &app, &actor, action, id, &told(&before, &promotion));
                Ok(promotion)
            }
        })
        .await
}

/// Puts the rules in force as the text of their consent: who accepts them accepts this version and fingerprint.
async fn keep_rules(tx: &Tx, promotion: &Promotion, now: Instant) -> Result<(), Fail> {
    let rules = &promotion.terms.rules;
    let text = rules_text(rules);
    if text.is_empty() {
        return Ok(());
    }
    contacts::put_consent_text_in(tx, &promotion.purpose(), &text, now).await.map(drop)
}

/// The rules as they are agreed to: both languages, and where else they stand.
fn rules_text(rules: &Rules) -> String {
    let parts = [rules.text.ru.trim(), rules.text.en.trim(), rules.url.as_deref().unwrap_or_default()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
}

impl Promotion {
    /// Under which purpose agreement to the rules is kept.
    pub fn purpose(&self) -> String {
        let own = self.terms.rules.purpose.trim();
        if own.is_empty() { format!("promo-{}", self.key) } else { own.to_owned() }
    }
}

fn tidied(mut promotion: Promotion) -> Result<Promotion, Fail> {
    promotion.name = promotion.name.trim().to_owned();
    let text = rules_text(&promotion.terms.rules);
    promotion.terms.rules.hash =
        if text.is_empty() { String::new() } else { samovar_base::vault::fingerprint(text.as_bytes()) };
    refuse(terms::problems(&promotion))?;
    Ok(promotion)
}

fn told(before: &Promotion, after: &Promotion) -> Value {
    let say = |one: &Promotion| {
        json!({
            "name": one.name, "state": one.state, "starts_at": one.starts_at, "ends_at": one.ends_at,
            "version": one.version
        })
    };
    json!({ "before": say(before), "after": say(after) })
}

fn refuse(problems: Vec<Problem>) -> Result<(), Fail> {
    if problems.is_empty() { Ok(()) } else { Err(Fail::Problems(problems)) }
}

fn key_taken(key: &str) -> Problem {
    let ru = format!("Короткое имя «{key}» уже занято: возьмите другое");
    Problem::new(Kind::Conflict, "key_taken", ru, format!("The short name “{key}” is taken: choose another"))
        .at("key")
}

fn period_fixed() -> Problem {
    let ru = "Акция уже идёт: начало не меняется, а конец переносится действием «Продлить»";
    let en = "The promotion runs: its start stays, and its end is put off by extending it";
    Problem::new(Kind::Conflict, "period_fixed", ru, en).at("ends_at")
}
