//! Points for birthdays: once for each birthday, some days before it, and some days after for who told it late.

use super::warnings::Day;
use super::wording::Names;
use super::{rules, store};
use crate::app::App;
use crate::contacts::Contact;
use crate::ledger::{self, Act, Operation, POINTS, Posted};
use crate::pipeline::{self, Class};
use crate::problem::Fail;
use crate::tenants;
use crate::visit::Cause;
use crate::work::{After, Job, JobError, Retry};
use futures::future::BoxFuture;
use jiff::ToSpan;
use jiff::civil::Date;
use samovar_base::message::Body;
use samovar_base::{Instant, LotId, TenantId};
use samovar_store::Tx;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// People in one unit.
const CHUNK: u32 = 250;
/// Units in one run of the job.
const CHUNKS_MAX: usize = 60;
/// In the table of what people were told.
const KIND: &str = "birthday";

/// Gives points for birthdays; one for each company, for ever.
#[derive(Debug, Serialize, Deserialize)]
pub struct Birthdays {}

impl Job for Birthdays {
    const NAME: &'static str = "loyalty.birthday";
    const RETRY: Retry = Retry { first_ms: 5_000, max_ms: 600_000, tries: i64::MAX };

    fn run<'a>(&'a self, app: &'a App, tenant: TenantId) -> BoxFuture<'a, Result<After, JobError>> {
        Box::pin(async move {
            let now = app.clock.now();
            let services = app.clone();
            let known = app.store.read(tenant, move |tx| {
                let app = services.clone();
                async move { Day::of(&app, &tx, now, |programme| &programme.birthday.hour).await }
            });
            let day = known.await?;
            if day.is_open(now) && give(app, tenant, &day, now).await? {
                return Ok(After::Again(now));
            }
            Ok(After::Again(day.next(now)))
        })
    }
}

/// Gives what is due today. True when there is more.
async fn give(app: &App, tenant: TenantId, day: &Day, now: Instant) -> Result<bool, Fail> {
    if !day.programme.birthday.points.is_positive() {
        return Ok(false);
    }
    let mut left = CHUNKS_MAX;
    for (birthday, born) in due(day) {
        loop {
            if !day.is_open(app.clock.now()) {
                return Ok(false);
            }
            if left == 0 {
                return Ok(true);
            }
            left -= 1;
            let (services, of_day, born) = (app.clone(), day.clone(), born.clone());
            let met = app.store.run(tenant, tenants::unit_key(tenant), move |tx| {
                let (app, day, born) = (services.clone(), of_day.clone(), born.clone());
                async move { chunk(&app, &tx, &day, birthday, &born, now).await }
            });
            if met.await? < CHUNK as usize {
                break;
            }
        }
    }
    Ok(false)
}

/// The birthdays whose points are due today, with the month and day of birth: who was born on 29 February has the 28th
/// in common years.
fn due(day: &Day) -> Vec<(Date, String)> {
    let rule = &day.programme.birthday;
    let (from, to) = (-i64::from(rule.days_after), i64::from(rule.days_before));
    let mut due = Vec::new();
    for distance in from..=to {
        let Ok(date) = day.date.checked_add(distance.days()) else { continue };
        due.push((date, date.strftime("%m-%d").to_string()));
        if rules::in_year(date.year(), 2, 29) == Some(date) && date.day() == 28 {
            due.push((date, "02-29".to_owned()));
        }
    }
    due
}

/// One unit: the next people with that birthday who were not given points for it. How many they were.
async fn chunk(
    app: &App,
    tx: &Tx,
    day: &Day,
    birthday: Date,
    born: &str,
    now: Instant,
) -> Result<usize, Fail> {
    let date = birthday.to_string();
    let people = store::born_on(tx, born, &date, CHUNK).await?;
    let ids: Vec<_> = people.iter().map(|contact| contact.id).collect();
    if ids.is_empty() {
        return Ok(0);
    }
    let wallets = async { ledger::load_many(app, tx, &ids, POINTS).await.map_err(Fail::from) };
    let ways = pipeline::recipients_of_many(app, tx, &ids);
    let (wallets, ways) = futures::try_join!(wallets, ways)?;
    let points = day.programme.birthday.points;
    let ends = day.programme.ends(KIND, now, &day.zone);
    let notice = &day.programme.notices.birthday;
    let reachable =
        |contact: &Contact| ways.get(&contact.id).filter(|_| notice.on && contact.takes_messages());
    for contact in &people {
        let told = reachable(contact).is_some();
        store::mark(tx, &date, KIND, &store::Mark { contact: contact.id, points: points.0, ends, told }, now);
    }
    let asked = wallets.into_iter().map(|wallet| {
        let gift = gift(app, &day.programme, wallet.contact, birthday, ends);
        (wallet, vec![gift])
    });
    let done = ledger::post_many(app, tx, asked.collect(), now).await?;
    let by_id: HashMap<_, _> = people.iter().map(|contact| (contact.id, contact)).collect();
    let cause = Cause::new("job", Birthdays::NAME);
    for (wallet, posted) in done {
        let Some(contact) = by_id.get(&wallet.contact) else { continue };
        let [Posted::Now(entry)] = posted.as_slice() else { continue };
        let desk = day.desk((*contact).clone());
        let standing = wallet.standing(now);
        if let Some(to) = reachable(contact) {
            let names = Names {
                points: points.0,
                days: i64::from(day.date.until(birthday).map_or(0, |span| span.get_days())),
                expires_on: desk.last_day(ends),
                ..desk.names(standing)
            };
            let body = Body::text(desk.speech().render(&notice.text, &names));
            pipeline::queue(app, tx, to, &body, Class::Service, &cause.to_json(), now);
        }
        desk.earned(app, tx, KIND, points, standing, &entry.key).await?;
    }
    Ok(ids.len())
}

fn gift(
    app: &App,
    programme: &super::Programme,
    contact: samovar_base::ContactId,
    birthday: Date,
    ends: Option<Instant>,
) -> Operation {
    Operation {
        key: format!("birthday:{contact}:{}", birthday.year()),
        kind: KIND.into(),
        note: None,
        cause: Cause::new("job", Birthdays::NAME),
        act: Act::Earn {
            lot: LotId::new(&app.ids, app.clock.as_ref()),
            points: programme.birthday.points,
            expires_at: ends,
        },
    }
}
