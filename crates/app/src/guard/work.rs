//! Tells the owners of what looks odd.

use super::model::{Alert, Reason};
use super::store;
use crate::access::{Actor, Role};
use crate::app::App;
use crate::contacts;
use crate::ledger;
use crate::loyalty::Speech;
use crate::problem::Fail;
use crate::work::{After, Job, JobError, Retry};
use crate::{loyalty, staff, tenants};
use futures::future::{BoxFuture, FutureExt};
use samovar_base::message::Body;
use samovar_base::{AlertId, TenantId};
use samovar_store::Tx;
use serde::{Deserialize, Serialize};

/// Writes to the owners, in the staff's bot.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Tell {
    /// Of what.
    pub alert: AlertId,
}

impl Job for Tell {
    const NAME: &'static str = "guard.tell";
    const RETRY: Retry = Retry::PATIENT;

    fn run<'a>(&'a self, app: &'a App, tenant: TenantId) -> BoxFuture<'a, Result<After, JobError>> {
        let (services, alert) = (app.clone(), self.alert);
        async move {
            let ready = app
                .store
                .run(tenant, alert.0.cast_unsigned(), move |tx| {
                    let app = services.clone();
                    async move { tell(&app, &tx, tenant, alert).await }
                })
                .await?;
            app.pipeline.send(app, ready);
            Ok(After::Done)
        }
        .boxed()
    }
}

async fn tell(
    app: &App,
    tx: &Tx,
    tenant: TenantId,
    id: AlertId,
) -> Result<Vec<crate::pipeline::Ready>, Fail> {
    let Some(alert) = store::alert(tx, id).await?.filter(|alert| !alert.told) else { return Ok(Vec::new()) };
    store::told(tx, id);
    let Some(company) = tenants::load(tx).await? else { return Ok(Vec::new()) };
    let who = staff::find(tx, alert.staff).await?.map(|staff| staff.name).unwrap_or_default();
    let whom = contacts::load(tx, alert.contact).await?.map(|contact| contact.name).unwrap_or_default();
    let entries = ledger::history(tx, alert.contact, ledger::POINTS, None, 1).await?;
    let balance = entries.first().map(|entry| entry.balance).unwrap_or_default();
    let (units, zone) = (loyalty::current(app, tx).await?.units.clone(), company.time_zone());
    let speech = Speech { units: &units, locale: &company.locale, zone: &zone };
    let body = Body::text(words(&alert, &speech, &who, &whom, &speech.points(balance)));
    staff::tell(app, tx, &[Role::Owner], &body, &Actor::system(tenant).cause()).await
}

/// What the owners read.
fn words(alert: &Alert, speech: &Speech<'_>, who: &str, whom: &str, balance: &str) -> String {
    let (points, count) = (speech.points(alert.points), alert.count);
    let local = alert.at.in_zone(speech.zone);
    let time = local.strftime("%H:%M").to_string();
    if speech.locale.starts_with("ru") {
        let why = match alert.reason {
            Reason::OwnCard => "начисление на собственную карту".to_owned(),
            Reason::SameCustomer => format!("{count}-е начисление одному клиенту за день"),
            Reason::RoundSum => "крупная круглая сумма".to_owned(),
            Reason::AfterHours => "начисление в нерабочее время".to_owned(),
        };
        let whom = if whom.is_empty() { "клиент без имени" } else { whom };
        format!(
            "Проверьте: {why}.\nКто: {who}, в {time}. Сколько: {points}.\nКлиент: {whom}, теперь на счёте {balance}."
        )
    } else {
        let why = match alert.reason {
            Reason::OwnCard => "an accrual to one's own card".to_owned(),
            Reason::SameCustomer => format!("{count} accruals to one customer in a day"),
            Reason::RoundSum => "a large round sum".to_owned(),
            Reason::AfterHours => "an accrual out of hours".to_owned(),
        };
        let whom = if whom.is_empty() { "a customer without a name" } else { whom };
        format!("Please check: {why}.\n{who} accrued {points} at {time}.\nCustomer: {whom}, now {balance}.")
    }
}
