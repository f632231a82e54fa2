//! What is done by itself: a promotion ends, and participants are told when its end is put off.

use super::model::{Promotion, State};
use super::texts::Speech;
use super::{pools, store};
use crate::access::{Actor, Role, audit};
use crate::app::App;
use crate::broadcasts::{self, Content};
use crate::pipeline::{self, Class};
use crate::problem::Fail;
use crate::segments::Audience;
use crate::visit::Cause;
use crate::work::{After, Job, JobError, Retry};
use crate::{staff, tenants};
use futures::future::BoxFuture;
use samovar_base::message::Body;
use samovar_base::{ContactId, Instant, PoolId, PromotionId, TenantId};
use samovar_engine::{Condition, Operator};
use samovar_store::Tx;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// People who get the code they wait for in one unit.
const PEOPLE: u32 = 200;
/// Units in one run of the job: between runs others have their turn.
const STEPS: usize = 10;

/// Ends a promotion at its end.
#[derive(Debug, Serialize, Deserialize)]
pub struct End {
    /// Which.
    pub promotion: PromotionId,
}

impl Job for End {
    const NAME: &'static str = "promo.end";
    const RETRY: Retry = Retry::PATIENT;

    fn run<'a>(&'a self, app: &'a App, tenant: TenantId) -> BoxFuture<'a, Result<After, JobError>> {
        Box::pin(async move {
            let (services, id, now) = (app.clone(), self.promotion, app.clock.now());
            let again = app.store.run(tenant, super::unit_key(id), move |tx| {
                let app = services.clone();
                async move { end(&app, &tx, id, now).await }
            });
            Ok(again.await?.map_or(After::Done, After::Again))
        })
    }
}

/// Ends it, or tells when to look again.
async fn end(app: &App, tx: &Tx, id: PromotionId, now: Instant) -> Result<Option<Instant>, Fail> {
    let mut promotion = store::load(tx, id).await?;
    if promotion.state != State::Running {
        return Ok(None);
    }
    if now < promotion.ends_at {
        return Ok(Some(promotion.ends_at));
    }
    promotion.state = State::Over;
    store::save(tx, &mut promotion, now);
    audit(tx, app, &Actor::system(tx.tenant()), "promotion.over", id, &json!({}));
    Ok(None)
}

/// Inside the unit that puts the end off: a broadcast to the participants, which can be watched and stopped like any.
pub(super) async fn tell(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    promotion: &Promotion,
    now: Instant,
) -> Result<(), Fail> {
    let zone = tenants::load(tx).await?.map_or(jiff::tz::TimeZone::UTC, |tenant| tenant.time_zone());
    let note = promotion.terms.extension.as_ref().map(|extension| extension.note.clone()).unwrap_or_default();
    let said = |locale: &str| {
        Speech::new(promotion, locale, &zone).say("extended", &json!({ "note": note.text(locale) }))
    };
    let text = format!(
        "{{% if contact.locale == 'en' %}}{{% raw %}}{}{{% endraw %}}{{% else %}}{{% raw %}}{}{{% endraw %}}{{% endif %}}",
        said("en"),
        said("ru")
    );
    let takes_part = Condition::Is {
        field: "contact.promotions".into(),
        op: Operator::Contains,
        value: json!(promotion.key),
    };
    let audience = Audience::Condition { condition: takes_part };
    let content = Content { text, ..Content::default() };
    // Whoever may put the end off may have it told: the right to any other broadcast is not asked for.
    let sender = Actor { rights: crate::access::Rights::ALL, ..actor.clone() };
    broadcasts::quick_in(app, tx, &sender, audience, content, now).await.map(drop)
}

/// Gives codes to those who earned one when there was none.
#[derive(Debug, Serialize, Deserialize)]
pub struct Refill {
    /// Of which promotion.
    pub promotion: PromotionId,
}

impl Job for Refill {
    const NAME: &'static str = "promo.refill";
    const RETRY: Retry = Retry::PATIENT;

    fn run<'a>(&'a self, app: &'a App, tenant: TenantId) -> BoxFuture<'a, Result<After, JobError>> {
        Box::pin(async move {
            for _ in 0..STEPS {
                let (services, id, now) = (app.clone(), self.promotion, app.clock.now());
                let step = app.store.run(tenant, super::unit_key(id), move |tx| {
                    let app = services.clone();
                    async move { refill(&app, &tx, id, now).await }
                });
                if step.await? < PEOPLE as usize {
                    return Ok(After::Done);
                }
            }
            Ok(After::Again(app.clock.now()))
        })
    }
}

/// How many got theirs.
async fn refill(app: &App, tx: &Tx, id: PromotionId, now: Instant) -> Result<usize, Fail> {
    let promotion = store::load(tx, id).await?;
    let gifts = pools::settle_owed(app, tx, id, PEOPLE, now).await?;
    let people: Vec<ContactId> = gifts.keys().copied().collect();
    let places = pipeline::recipients_of_many(app, tx, &people).await?;
    let locales = store::locales(tx, &people).await?;
    let cause = Cause::new("job", id.to_string()).to_json();
    for (contact, gift) in &gifts {
        let Some(to) = places.get(contact) else { continue };
        let locale = locales.get(contact).map_or(to.channel.locale.as_str(), String::as_str);
        let zone = to.channel.tenant.time_zone();
        let text = gift.text(&Speech::new(&promotion, locale, &zone));
        pipeline::queue(app, tx, to, &Body::text(text), Class::Service, &cause, now);
    }
    Ok(gifts.len())
}

/// Tells those in charge that a partner's codes run out.
#[derive(Debug, Serialize, Deserialize)]
pub struct Low {
    /// Of which promotion.
    pub promotion: PromotionId,
    /// Of which pool.
    pub pool: PoolId,
}

impl Job for Low {
    const NAME: &'static str = "promo.low";
    const RETRY: Retry = Retry::PATIENT;

    fn run<'a>(&'a self, app: &'a App, tenant: TenantId) -> BoxFuture<'a, Result<After, JobError>> {
        Box::pin(async move {
            let (services, id, pool) = (app.clone(), self.promotion, self.pool);
            let ready = app.store.run(tenant, super::unit_key(id), move |tx| {
                let app = services.clone();
                async move { low(&app, &tx, id, pool).await }
            });
            app.pipeline.send(app, ready.await?);
            Ok(After::Done)
        })
    }
}

async fn low(app: &App, tx: &Tx, id: PromotionId, pool: PoolId) -> Result<Vec<pipeline::Ready>, Fail> {
    let promotion = store::load(tx, id).await?;
    let pool = pools::load(tx, id, pool).await?;
    let Some(company) = tenants::load(tx).await? else { return Ok(Vec::new()) };
    let (name, left) = (&promotion.name, pool.left().max(0));
    let text = if company.locale.starts_with("ru") {
        let partner =
            if pool.partner.is_empty() { String::new() } else { format!(" («{}»)", pool.partner) };
        format!(
            "Акция «{name}»: промокодов партнёра{partner} осталось {left}. Загрузите новые в разделе «Акции», «Промокоды»."
        )
    } else {
        let partner =
            if pool.partner.is_empty() { String::new() } else { format!(" (“{}”)", pool.partner) };
        format!(
            "“{name}”: {left} of the partner's codes{partner} are left. Bring new ones under “Promotions”, “Codes”."
        )
    };
    let cause = Actor::system(tx.tenant()).cause();
    staff::tell(app, tx, &[Role::Owner, Role::Administrator, Role::Marketer], &Body::text(text), &cause).await
}
