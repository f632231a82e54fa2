//! Dates of people that come round: birthdays, and dates in the company's own fields.

use super::event::{Happening, happened};
use crate::app::App;
use crate::contacts;
use crate::problem::Fail;
use crate::work::{After, Job, JobError, Retry, enqueue};
use futures::future::BoxFuture;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{ToSpan, Zoned};
use samovar_base::{ContactId, Instant, TenantId};
use samovar_engine::Values;
use samovar_store::{Tx, params, query};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// People of one page.
const PAGE: u32 = 500;
/// The day is looked at this often at least: what was published meanwhile is heard, and what a stopped program missed.
const EVERY_SECONDS: i64 = 3_600;
/// What was published is known to every node by then.
const FIRST_SECONDS: i64 = 5;
const BIRTHDAY: &str = "contact.birthday";
const FIELDS: &str = "contact.fields.";

// $3 and $4 are the days of the year, $5 the day itself: a date that is yet to come first does not come round.
query! {
    static BORN =
        "SELECT c.id FROM contact c WHERE c.tenant_id = $1 AND c.birthday IS NOT NULL AND c.id > $2 \
           AND substr(c.birthday, 6, 5) IN ($3, $4) AND c.birthday <= $5 \
           AND c.stopped_at IS NULL AND c.erased_at IS NULL AND c.staff_side = FALSE \
         ORDER BY c.id LIMIT $6";
    static DATED =
        "SELECT c.id FROM contact c WHERE c.tenant_id = $1 AND c.id > $2 AND c.fields <> '{}' \
           AND substr(json_extract(c.fields, '$.\"' || $7 || '\"'), 6, 5) IN ($3, $4) \
           AND json_extract(c.fields, '$.\"' || $7 || '\"') <= $5 \
           AND c.stopped_at IS NULL AND c.erased_at IS NULL AND c.staff_side = FALSE \
         ORDER BY c.id LIMIT $6",
        postgres =
        "SELECT c.id FROM contact c WHERE c.tenant_id = $1 AND c.id > $2 AND c.fields <> '{}' \
           AND substr(CAST(c.fields AS JSONB) ->> CAST($7 AS TEXT), 6, 5) IN ($3, $4) \
           AND CAST(c.fields AS JSONB) ->> CAST($7 AS TEXT) <= $5 \
           AND c.stopped_at IS NULL AND c.erased_at IS NULL AND c.staff_side = FALSE \
         ORDER BY c.id LIMIT $6";
}

/// Looks at the business's day, again and again; one for each company whose scenarios wait for a date.
#[derive(Debug, Serialize, Deserialize)]
pub struct Dates {}

impl Job for Dates {
    const NAME: &'static str = "pipeline.dates";
    const RETRY: Retry = Retry { first_ms: 5_000, max_ms: 600_000, tries: i64::MAX };

    fn run<'a>(&'a self, app: &'a App, tenant: TenantId) -> BoxFuture<'a, Result<After, JobError>> {
        Box::pin(async move {
            let now = app.clock.now();
            let Some(company) = app.directory.tenant(tenant) else { return Ok(After::Done) };
            let here = now.in_zone(&company.time_zone());
            let waited = waited(app, tenant);
            for one in waited.values().filter(|one| one.at <= here.time()) {
                one.come_round(app, tenant, &here).await?;
            }
            let next = waited.values().filter_map(|one| next(&here, one.at)).min();
            let soon = now.plus_seconds(EVERY_SECONDS);
            Ok(After::Again(next.map_or(soon, |next| next.min(soon))))
        })
    }
}

/// Inside a unit: the company has this job.
pub(crate) async fn watch(app: &App, tx: &Tx, now: Instant) -> Result<(), Fail> {
    enqueue(app, tx, &Dates {}, now.plus_seconds(FIRST_SECONDS), Some("")).await?;
    Ok(())
}

/// What a company's scenarios wait for, each once.
fn waited(app: &App, tenant: TenantId) -> BTreeMap<String, Waited> {
    let channels = app.directory.channels();
    let scenarios =
        channels.iter().filter(|channel| channel.tenant.id == tenant).flat_map(|channel| &channel.scenarios);
    let waited = scenarios.flat_map(|published| published.scenario.dates()).map(|date| {
        let waited = Waited {
            event: date.event.clone(),
            field: date.field.to_owned(),
            days_before: date.days_before,
            at: date.at,
        };
        (date.event, waited)
    });
    waited.collect()
}

/// The next moment at which it is that time of the day.
fn next(here: &Zoned, at: Time) -> Option<Instant> {
    let zone: TimeZone = here.time_zone().clone();
    let day = if here.time() < at { here.date() } else { here.date().tomorrow().ok()? };
    day.to_datetime(at).to_zoned(zone).ok().map(|moment| Instant::from(moment.timestamp()))
}

/// The days of the year that fall on a date: in years without it the 29th of February falls on the 28th.
fn days_of_year(date: Date) -> [String; 2] {
    let own = date.strftime("%m-%d").to_string();
    let also = if own == "02-28" && !date.in_leap_year() { "02-29".into() } else { own.clone() };
    [own, also]
}

/// A date that a scenario waits for.
struct Waited {
    event: String,
    field: String,
    days_before: i16,
    at: Time,
}

impl Waited {
    /// Tells everybody whose date it is, page by page; told again, it finds everything told.
    async fn come_round(&self, app: &App, tenant: TenantId, here: &Zoned) -> Result<(), Fail> {
        let Ok(date) = here.date().checked_add(i64::from(self.days_before).days()) else { return Ok(()) };
        let Ok(end) = here.end_of_day() else { return Ok(()) };
        let until = Instant::from(end.timestamp());
        let mut after = ContactId(0);
        loop {
            let people = self.people(app, tenant, date, after).await?;
            for contact in &people {
                self.tell(app, tenant, *contact, date, until).await?;
            }
            match people.last() {
                Some(last) if people.len() == PAGE as usize => after = *last,
                _ => return Ok(()),
            }
        }
    }

    async fn people(
        &self,
        app: &App,
        tenant: TenantId,
        date: Date,
        after: ContactId,
    ) -> Result<Vec<ContactId>, Fail> {
        let [own, also] = days_of_year(date);
        let field = self.field.strip_prefix(FIELDS).map(str::to_owned);
        if field.is_none() && self.field != BIRTHDAY {
            return Ok(Vec::new());
        }
        app.store
            .read(tenant, move |tx| {
                let (own, also, day, field) = (own.clone(), also.clone(), date.to_string(), field.clone());
                async move {
                    let rows = match field {
                        None => tx.all(&BORN, params![after, own, also, day, PAGE]).await?,
                        Some(name) => tx.all(&DATED, params![after, own, also, day, PAGE, name]).await?,
                    };
                    Ok(rows.iter().map(|row| row.id(0)).collect::<Result<_, _>>()?)
                }
            })
            .await
    }

    async fn tell(
        &self,
        app: &App,
        tenant: TenantId,
        contact: ContactId,
        date: Date,
        until: Instant,
    ) -> Result<(), Fail> {
        let (services, event) = (app.clone(), self.event.clone());
        app.store
            .run(tenant, contacts::unit_key(contact), move |tx| {
                let (app, event) = (services.clone(), event.clone());
                async move {
                    let values: Values = [("date".to_owned(), date.to_string().into())].into_iter().collect();
                    let once = format!("{event}:{contact}:{date}");
                    let happening = Happening { event: &event, values, depth: 0, until: Some(until) };
                    happened(&app, &tx, contact, happening, &once).await
                }
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_day_that_a_year_has_not_falls_on_the_day_before() {
        assert_eq!(days_of_year(date(2027, 2, 28)), ["02-28", "02-29"]);
        assert_eq!(days_of_year(date(2028, 2, 28)), ["02-28", "02-28"]);
        assert_eq!(days_of_year(date(2028, 2, 29)), ["02-29", "02-29"]);
        assert_eq!(days_of_year(date(2027, 3, 1)), ["03-01", "03-01"]);
    }
}
