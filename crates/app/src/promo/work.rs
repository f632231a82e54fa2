//! What is done by itself: a promotion ends, and participants are told when its end is put off.

use super::model::{Promotion, State};
use super::store;
use super::texts::Speech;
use crate::access::{Actor, audit};
use crate::app::App;
use crate::broadcasts::{self, Content};
use crate::problem::Fail;
use crate::segments::Audience;
use crate::tenants;
use crate::work::{After, Job, JobError, Retry};
use futures::future::BoxFuture;
use samovar_base::{Instant, PromotionId, TenantId};
use samovar_engine::{Condition, Operator};
use samovar_store::Tx;
use serde::{Deserialize, Serialize};
use serde_json::json;

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
